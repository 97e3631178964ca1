// vm/wait.h
// Queues of tasks that wait, first come, first served.
// Layer: data.
#ifndef TG_VM_WAIT_H
#define TG_VM_WAIT_H

#include <assert.h>
#include <stddef.h>

#include "vm/value.h"

typedef struct TgTask TgTask;

// A task's place in a queue of waiters. One lies in the task; a `select` has an array of them, one for each
// case that queues, and the first to be woken takes the others out.
typedef struct TgWait {
    struct TgWait *next, *prev;
    struct TgWaitQueue *queue; // NULL: in none
    TgTask *task;
    TgValue value;             // what it wants to send
} TgWait;

typedef struct TgWaitQueue {
    TgWait *first, *last;
} TgWaitQueue;

static inline void tg_wait_push(TgWaitQueue *queue, TgWait *wait) {
    assert(!wait->queue);
    wait->queue = queue;
    wait->next = NULL;
    wait->prev = queue->last;
    if (queue->last)
        queue->last->next = wait;
    else
        queue->first = wait;
    queue->last = wait;
}
void tg_wait_remove(TgWait *wait); // from whatever queue it is in, if any

#endif
