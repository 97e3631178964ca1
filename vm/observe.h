// vm/observe.h
// Looking on while a program runs: pictures, the doctor, a debugger.
//
// An observer is told of each thing that happens between tasks, as it happens, and changes nothing. Where nobody looks on
// (vm->observer is NULL) that is one test of a pointer, and none on the quickest ways: a VM that is to be observed is made so
// (options.observed) and has no quick halves of natives, so whatever happens goes through the rooms that tell of it, and the state
// of the task that runs is saved then (tg_task_spot gives its place).
//
// Layer: runtime.
#ifndef TG_VM_OBSERVE_H
#define TG_VM_OBSERVE_H

#include "vm/scope.h"
#include "vm/vm.h"

typedef enum {
    SEEN_SPAWN,  // `task` was born, ready, in `scope`
    SEEN_RUN,    // `task` begins, or goes on
    SEEN_YIELD,  // it stands behind the others: its slice is used up, or it called checkpoint()
    SEEN_BLOCK,  // it waits (task->wait_kind, wait_object)
    SEEN_WAKE,   // its wait is over: `how` says how (TgWoken)
    SEEN_END,    // it is over (task->state, result); it may be freed after this
    SEEN_OPEN,   // `task` opened `scope`
    SEEN_CLOSE,  // and left it
    SEEN_USE,    // `task` did something with `object`: `how` (TgUse); of messages `number` is which one of the channel's
    SEEN_FAIL,   // `value`, an exception, joined the nursery `scope`
    SEEN_CANCEL, // `scope`, or where that is NULL `task`, was cancelled: `how` (TgCause)
    SEEN_PRESS,  // a Ctrl-C came; `how`: 1 the first, 2 the second, 3 the one that ends the process now
    SEEN_STRIKE, // its Interrupt is raised in `task`
    SEEN_DEADLOCK, // `value` is about to be raised in the main task
    SEEN_IDLE,   // nobody is ready: time passes
    SEEN_COLLECTED, // a cycle of the collector has ended
} TgSeenKind;

typedef enum { WOKEN_VALUE, WOKEN_ERROR, WOKEN_INTERRUPT, WOKEN_CANCEL } TgWoken;

typedef enum {
    USE_MADE,
    USE_SENT,
    USE_RECEIVED,
    USE_CLOSED,
    USE_TAKEN,    // a lock or a place of a semaphore
    USE_GIVEN,    // back
    USE_SET,      // an event
    USE_NOTIFIED, // a condition
} TgUse;

typedef struct {
    TgSeenKind kind;
    uint8_t how;
    TgTask *task;  // or NULL: nobody of the program
    TgScope *scope;
    TgObj *object;
    uint64_t number;
    TgValue value;
    TgTask *by;    // filled in here: whose doing it is, or NULL (time, a signal, the world outside)
} TgSeen;

// Part of a larger struct of the observer's own.
typedef struct TgObserver {
    struct TgObserver *next;
    // May read all of the VM. Neither runs, wakes nor allocates anything on its heap.
    void (*see)(struct TgObserver *observer, TgVM *vm, const TgSeen *seen);
    void (*forget)(struct TgObserver *observer, const TgObj *object); // a channel, lock … is about to be freed; or NULL
} TgObserver;

// From now on `observer` is told, after those that were there. The VM was made with options.observed.
void tg_observe(TgVM *vm, TgObserver *observer);
// No longer.
void tg_observe_end(TgVM *vm, TgObserver *observer);

// For the runtime, where vm->observer is set.
void tg_seen(TgVM *vm, TgSeen seen);
void tg_seen_forget(TgVM *vm, const TgObj *object);
#define TG_SEE(vm, ...)                                                                            \
    do {                                                                                           \
        if (__builtin_expect((vm)->observer != NULL, 0)) tg_seen((vm), (TgSeen){__VA_ARGS__});      \
    } while (0)

// What is seen between these is nobody's doing, though a task may be running.
static inline void tg_see_outside(TgVM *vm, bool begins) { vm->is_outside = begins; }

#endif
