// vm/sync.c
// The natives of locks, semaphores, events, conditions and barriers. The part of condition.wait() that has
// to be shielded (getting the lock again) is in the library's tg half: a `finally`.
// Layer: runtime.
#include "vm/sync.h"

#include "vm/channel.h"
#include "vm/handover.h"
#include "vm/monitor.h"
#include "vm/observe.h"

static void *self_of(TgCall *call) { return tg_as_obj(call->args[0]); }

// As self_of, for quick halves. Of an operation that may wait these are all but its errors.
static void *first_of(const TgValue *args) { return tg_as_obj(args[0]); }

static TgResult wait_in(TgCall *call, TgWaitQueue *queue, TgWaitKind kind, void *object) {
    return tg_quick_end(call, tg_wait_in(call->vm, queue, kind, object));
}

static void see_use(TgVM *vm, TgTask *task, void *object, TgUse use) {
    TG_SEE(vm, .kind = SEEN_USE, .how = (uint8_t)use, .task = task, .object = object);
}

// ---- Locks

static inline void set_holder(TgVM *vm, TgLock *lock, TgTask *task) {
    TgValue value = tg_task_value(task); // it may end and still hold it
    lock->holder = task;
    see_use(vm, task, lock, USE_TAKEN);
    tg_barrier(vm, lock, value);
}

bool tg_lock_take(TgVM *vm, TgLock *lock, TgTask *task) {
    if (lock->holder) return false;
    set_holder(vm, lock, task);
    return true;
}

static inline TgValue take_or_wait(TgVM *vm, TgLock *lock) {
    if (tg_lock_take(vm, lock, vm->current)) return TG_NIL;
    if (lock->holder == vm->current) return TG_UNDEF;
    return tg_wait_in(vm, &lock->waiters, WAIT_LOCK, lock);
}

static TgValue quick_acquire(TgVM *vm, const TgValue *args, uint32_t argc) {
    (void)argc;
    return take_or_wait(vm, first_of(args));
}

static TgResult acquire(TgCall *call, TgLock *lock) {
    TgValue given = take_or_wait(call->vm, lock);
    if (tg_is_undef(given))
        return tg_raise(call, TG_ERR_Deadlock, "%s#%u waits for a lock that it holds itself: locks are not reentrant",
                        call->task->name->data, call->task->id);
    return tg_quick_end(call, given);
}

static inline void hand_over(TgVM *vm, TgLock *lock) {
    TgWait *first = lock->waiters.first;
    see_use(vm, vm->current, lock, USE_GIVEN);
    if (!first) {
        lock->holder = NULL;
        return;
    }
    set_holder(vm, lock, first->task);
    tg_hand_to_first(vm, &lock->waiters, TG_NIL);
}

static TgValue quick_release(TgVM *vm, const TgValue *args, uint32_t argc) {
    (void)argc;
    TgLock *lock = first_of(args);
    if (lock->holder != vm->current) return TG_UNDEF;
    hand_over(vm, lock);
    return TG_NIL;
}

static bool check_holder(TgCall *call, const TgLock *lock, const char *what) {
    if (lock->holder == call->task) return true;
    if (!lock->holder)
        tg_error_raise(call->vm, TG_ERR_ValueError, "%s: nobody holds the lock", what);
    else
        tg_error_raise(call->vm, TG_ERR_ValueError, "%s: the lock is held by %s#%u, not by this task", what,
                       lock->holder->name->data, lock->holder->id);
    return false;
}

static TgResult lock_make(TgCall *call) {
    TgLock *lock = (TgLock *)tg_gc_alloc(call->vm, sizeof *lock, OBJ_LOCK);
    if (call->vm->monitor) tg_monitor_watch(call->vm, &lock->obj);
    see_use(call->vm, call->task, lock, USE_MADE);
    return tg_return(call, tg_obj(lock));
}

static TgResult lock_acquire(TgCall *call) { return acquire(call, self_of(call)); }

static TgResult lock_release(TgCall *call) {
    TgLock *lock = self_of(call);
    if (!check_holder(call, lock, "release()")) return TG_RAISED;
    hand_over(call->vm, lock);
    return tg_return(call, TG_NIL);
}

static TgResult lock_exit(TgCall *call) {
    TgLock *lock = self_of(call);
    for (uint32_t i = 0; lock->lost && lock->holder != call->task && i < lock->lost->count; i++) {
        if (lock->lost->items[i] != tg_obj(call->task)) continue;
        tg_list_remove_at(lock->lost, i);
        return tg_return(call, TG_NIL);
    }
    return lock_release(call);
}

// ---- Semaphores

static TgResult semaphore_make(TgCall *call) {
    int64_t value;
    if (!tg_arg_int(call, 0, &value)) return TG_RAISED;
    if (value < 0) return tg_raise(call, TG_ERR_ValueError, "semaphore(): the value is 0 or more, not %lld", (long long)value);
    TgSemaphore *semaphore = (TgSemaphore *)tg_gc_alloc(call->vm, sizeof *semaphore, OBJ_SEMAPHORE);
    semaphore->value = value;
    if (call->vm->monitor) tg_monitor_watch(call->vm, &semaphore->obj);
    see_use(call->vm, call->task, semaphore, USE_MADE);
    return tg_return(call, tg_obj(semaphore));
}

static TgValue quick_semaphore_acquire(TgVM *vm, const TgValue *args, uint32_t argc) {
    (void)argc;
    TgSemaphore *semaphore = first_of(args);
    if (semaphore->value == 0) return tg_wait_in(vm, &semaphore->waiters, WAIT_SEMAPHORE, semaphore);
    semaphore->value--;
    see_use(vm, vm->current, semaphore, USE_TAKEN);
    return TG_NIL;
}

static TgResult semaphore_acquire(TgCall *call) {
    return tg_quick_end(call, quick_semaphore_acquire(call->vm, call->args, 1));
}

static TgValue quick_semaphore_release(TgVM *vm, const TgValue *args, uint32_t argc) {
    (void)argc;
    TgSemaphore *semaphore = first_of(args);
    see_use(vm, vm->current, semaphore, USE_GIVEN);
    if (semaphore->waiters.first) see_use(vm, semaphore->waiters.first->task, semaphore, USE_TAKEN);
    if (semaphore->waiters.first)
        tg_hand_to_first(vm, &semaphore->waiters, TG_NIL);
    else
        semaphore->value++;
    return TG_NIL;
}

static TgResult semaphore_release(TgCall *call) {
    return tg_return(call, quick_semaphore_release(call->vm, call->args, 1));
}

// ---- Events

static TgResult event_make(TgCall *call) {
    TgObj *event = tg_gc_alloc(call->vm, sizeof(TgEvent), OBJ_EVENT);
    see_use(call->vm, call->task, event, USE_MADE);
    return tg_return(call, tg_obj(event));
}

static TgResult event_set(TgCall *call) {
    TgEvent *event = self_of(call);
    event->is_set = true;
    see_use(call->vm, call->task, event, USE_SET);
    while (event->waiters.first) tg_hand_to_first(call->vm, &event->waiters, TG_NIL);
    return tg_return(call, TG_NIL);
}

static TgValue quick_event_wait(TgVM *vm, const TgValue *args, uint32_t argc) {
    (void)argc;
    TgEvent *event = first_of(args);
    return event->is_set ? TG_NIL : tg_wait_in(vm, &event->waiters, WAIT_EVENT, event);
}

static TgResult event_wait(TgCall *call) {
    return tg_quick_end(call, quick_event_wait(call->vm, call->args, 1));
}

// ---- Conditions

static TgResult condition_make(TgCall *call) {
    if (!tg_is_kind(call->args[0], OBJ_LOCK))
        return tg_raise(call, TG_ERR_TypeError, "condition() needs a lock, not %s", TG_SHOW(call->vm, call->args[0]));
    TgCondition *condition = (TgCondition *)tg_gc_alloc(call->vm, sizeof *condition, OBJ_CONDITION);
    condition->lock = (TgLock *)tg_as_obj(call->args[0]);
    see_use(call->vm, call->task, condition, USE_MADE);
    return tg_return(call, tg_obj(condition));
}

// Gives the lock up and waits, in one: nobody can notify in between.
static TgResult condition_park(TgCall *call) {
    TgCondition *condition = self_of(call);
    if (!check_holder(call, condition->lock, "condition.wait()")) return TG_RAISED;
    hand_over(call->vm, condition->lock);
    return wait_in(call, &condition->waiters, WAIT_CONDITION, condition);
}

static TgResult condition_again(TgCall *call) {
    TgLock *lock = ((TgCondition *)self_of(call))->lock;
    if (lock->holder == call->task) return tg_return(call, TG_NIL);
    return acquire(call, lock);
}

static TgResult condition_lost(TgCall *call) {
    TgLock *lock = ((TgCondition *)self_of(call))->lock;
    if (!lock->lost) {
        lock->lost = tg_list(call->vm, 1);
        tg_barrier(call->vm, lock, tg_obj(lock->lost));
    }
    if (!tg_list_push(call->vm, lock->lost, tg_task_value(call->task))) return tg_raise_memory(call);
    return tg_return(call, TG_NIL);
}

static TgResult condition_check(TgCall *call) {
    if (!tg_is_kind(call->args[0], OBJ_CONDITION))
        return tg_raise(call, TG_ERR_TypeError, "wait() needs a condition");
    TgCondition *condition = self_of(call);
    return check_holder(call, condition->lock, "condition.wait()") ? tg_return(call, TG_NIL) : TG_RAISED;
}

static TgResult notify(TgCall *call, int64_t count) {
    TgCondition *condition = self_of(call);
    if (!check_holder(call, condition->lock, "notify()")) return TG_RAISED;
    see_use(call->vm, call->task, condition, USE_NOTIFIED);
    for (; count > 0 && condition->waiters.first; count--) tg_hand_to_first(call->vm, &condition->waiters, TG_NIL);
    return tg_return(call, TG_NIL);
}

static TgResult condition_notify(TgCall *call) {
    int64_t count = 1;
    if (tg_given(call, 1) && !tg_arg_int(call, 1, &count)) return TG_RAISED;
    if (count < 0) return tg_raise(call, TG_ERR_ValueError, "notify(): n is 0 or more, not %lld", (long long)count);
    return notify(call, count);
}

static TgResult condition_notify_all(TgCall *call) { return notify(call, INT64_MAX); }

// ---- Barriers

static TgResult barrier_make(TgCall *call) {
    int64_t parties;
    if (!tg_arg_int(call, 0, &parties)) return TG_RAISED;
    if (parties < 1 || parties > UINT32_MAX / 2)
        return tg_raise(call, TG_ERR_ValueError, "barrier(): n is 1 or more, not %lld", (long long)parties);
    TgBarrier *barrier = (TgBarrier *)tg_gc_alloc(call->vm, sizeof *barrier, OBJ_BARRIER);
    barrier->parties = (uint32_t)parties;
    see_use(call->vm, call->task, barrier, USE_MADE);
    return tg_return(call, tg_obj(barrier));
}

static TgResult barrier_wait(TgCall *call) {
    TgBarrier *barrier = self_of(call);
    // One that was interrupted or cancelled has left the line: who waits is who is in it.
    uint32_t waiting = 1;
    for (TgWait *wait = barrier->waiters.first; wait; wait = wait->next) waiting++;
    if (waiting < barrier->parties) return wait_in(call, &barrier->waiters, WAIT_BARRIER, barrier);
    while (barrier->waiters.first) tg_hand_to_first(call->vm, &barrier->waiters, TG_NIL);
    return tg_return(call, TG_NIL);
}

// ---- Properties, the collector's

bool tg_sync_property(TgValue value, const char *name, TgValue *out) {
    TgObj *obj = tg_as_obj(value);
    if (obj->kind == OBJ_LOCK) {
        TgLock *lock = (TgLock *)obj;
        if (strcmp(name, "locked") == 0) return *out = tg_bool(lock->holder), true;
        if (strcmp(name, "holder") == 0) return *out = lock->holder ? tg_obj(lock->holder) : TG_NIL, true;
    } else if (obj->kind == OBJ_SEMAPHORE && strcmp(name, "value") == 0) {
        return *out = tg_int(((TgSemaphore *)obj)->value), true;
    } else if (obj->kind == OBJ_EVENT && strcmp(name, "is_set") == 0) {
        return *out = tg_bool(((TgEvent *)obj)->is_set), true;
    }
    return false;
}

void tg_sync_mark(TgVM *vm, TgObj *object) {
    if (object->kind == OBJ_LOCK) {
        tg_gc_mark_obj(vm, ((TgLock *)object)->holder);
        tg_gc_mark_obj(vm, ((TgLock *)object)->lost);
    } else if (object->kind == OBJ_CONDITION) {
        tg_gc_mark_obj(vm, ((TgCondition *)object)->lock);
    }
}

void tg_sync_release(TgVM *vm, TgObj *object) {
    if (vm->observer) tg_seen_forget(vm, object);
    if (object->kind == OBJ_CHANNEL) tg_channel_release(vm, object);
}

// ---- Registering

static const TgNativeDef builtins[] = {
    {"lock()", lock_make, "A new Lock, free; used as with m { … }."},
    {"semaphore(n)", semaphore_make, "A new Semaphore that lets n tasks in; 0 too."},
    {"event()", event_make, "A new Event, not set: tasks wait() until somebody calls set()."},
    {"condition(lock)", condition_make,
     "A new Condition of this Lock, for waiting until others have changed something."},
    {"barrier(n)", barrier_make, "A new Barrier: wait() waits until n tasks wait."},
    {0},
};

static const TgNativeDef hidden[] = {
    {"_condition_check(condition)", condition_check, "Raises where the task does not hold the lock."},
    {"_condition_park(condition)", condition_park, "Gives the lock up and waits to be notified."},
    {"_condition_again(condition)", condition_again, "Takes the lock again."},
    {"_condition_lost(condition)", condition_lost, "The lock could not be taken again."},
    {0},
};

static const TgNativeDef lock_methods[] = {
    {"acquire()", lock_acquire, "Takes the lock; waits in line for it."},
    {"release()", lock_release, "Gives the lock to the first task that waits; only its holder may."},
    {"enter()", lock_acquire, "As acquire(), for `with`."},
    {"exit()", lock_exit, "As release(), for `with`."},
    {0},
};

static const TgNativeDef semaphore_methods[] = {
    {"acquire()", semaphore_acquire, "Takes one of its places; waits in line while there is none."},
    {"release()", semaphore_release, "Gives a place back, to the first task that waits."},
    {"enter()", semaphore_acquire, "As acquire(), for `with`."},
    {"exit()", semaphore_release, "As release(), for `with`."},
    {0},
};

static const TgNativeDef event_methods[] = {
    {"set()", event_set, "Sets the event for good and wakes all tasks that wait."},
    {"wait()", event_wait, "Waits until the event is set."},
    {0},
};

static const TgNativeDef condition_methods[] = {
    {"notify(n = 1)", condition_notify, "Wakes the first n tasks that wait; needs the lock."},
    {"notify_all()", condition_notify_all, "Wakes all tasks that wait; needs the lock."},
    {0},
};

static const TgNativeDef barrier_methods[] = {
    {"wait()", barrier_wait, "Waits until as many tasks wait as the barrier is for, then all go on."},
    {0},
};

static void register_quick(TgVM *vm) {
    TgClass *lock = vm->classes[OBJ_LOCK], *semaphore = vm->classes[OBJ_SEMAPHORE];
    const char *const takes[] = {"acquire", "enter"}, *const gives[] = {"release", "exit"};
    for (int i = 0; i < 2; i++) {
        tg_register_quick(vm, lock, takes[i], quick_acquire);
        tg_register_quick(vm, lock, gives[i], quick_release);
        tg_register_quick(vm, semaphore, takes[i], quick_semaphore_acquire);
        tg_register_quick(vm, semaphore, gives[i], quick_semaphore_release);
    }
    tg_register_quick(vm, vm->classes[OBJ_EVENT], "wait", quick_event_wait);
}

void tg_sync_register(TgVM *vm) {
    tg_register_builtins(vm, builtins, false);
    tg_register_builtins(vm, hidden, true);
    tg_register_methods(vm, vm->classes[OBJ_LOCK], lock_methods);
    tg_register_methods(vm, vm->classes[OBJ_SEMAPHORE], semaphore_methods);
    tg_register_methods(vm, vm->classes[OBJ_EVENT], event_methods);
    tg_register_methods(vm, vm->classes[OBJ_CONDITION], condition_methods);
    tg_register_methods(vm, vm->classes[OBJ_BARRIER], barrier_methods);
    register_quick(vm);
    for (int kind = OBJ_LOCK; kind <= OBJ_BARRIER; kind++) tg_class_finish(vm, vm->classes[kind]);
}
