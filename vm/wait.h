// vm/wait.h
// Queues of tasks that wait, first come, first served.
// Layer: data.
#ifndef TG_VM_WAIT_H
#define TG_VM_WAIT_H

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

void tg_wait_push(TgWaitQueue *queue, TgWait *wait);
void tg_wait_remove(TgWait *wait); // from whatever queue it is in, if any

#endif
