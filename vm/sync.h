// vm/sync.h
// Locks, semaphores, events, conditions, barriers. First come, first served; who gives something up hands
// it over: the one that is woken has it.
// Layer: runtime.
#ifndef TG_VM_SYNC_H
#define TG_VM_SYNC_H

#include "vm/task.h"

typedef struct TgLock {
    TgObj obj;
    TgTask *holder; // NULL: free
    TgWaitQueue waiters;
    TgList *lost;   // tasks that a condition's wait came back to without it: their `with` has nothing to release
} TgLock;

typedef struct TgSemaphore {
    TgObj obj;
    int64_t value;
    TgWaitQueue waiters;
} TgSemaphore;

typedef struct TgEvent {
    TgObj obj;
    bool is_set;
    TgWaitQueue waiters;
} TgEvent;

typedef struct TgCondition {
    TgObj obj;
    TgLock *lock;
    TgWaitQueue waiters;
} TgCondition;

typedef struct TgBarrier {
    TgObj obj;
    uint32_t parties;
    TgWaitQueue waiters;
} TgBarrier;

// Takes the lock if it is free.
bool tg_lock_take(TgVM *vm, TgLock *lock, TgTask *task);
// Properties: m.locked, m.holder, s.value, e.is_set. False: no such one.
bool tg_sync_property(TgValue value, const char *name, TgValue *out);
void tg_sync_register(TgVM *vm);

#endif
