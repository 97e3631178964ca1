// vm/channel.c
// Channels and locks. An operation that can go on is done at once; else the task waits in line, and who
// makes room hands over directly: the one woken has what it waited for, nobody can come between.
// Layer: runtime.
#include "vm/channel.h"

#include "vm/api.h"
#include "vm/sched.h"

TgChannel *tg_channel_new(TgVM *vm, uint32_t capacity) {
    TgChannel *channel = (TgChannel *)tg_gc_alloc(vm, sizeof *channel, OBJ_CHANNEL);
    channel->capacity = capacity;
    return channel;
}

// ---- The ring

static bool ring_push(TgVM *vm, TgChannel *channel, TgValue value) {
    if (channel->count == channel->room) {
        uint32_t room = channel->room ? channel->room * 2 : 4;
        if (!tg_gc_can_take(vm, room * sizeof(TgValue))) return false;
        TgValue *items = tg_gc_realloc(vm, NULL, 0, room * sizeof(TgValue));
        for (uint32_t i = 0; i < channel->count; i++)
            items[i] = channel->items[(channel->head + i) & (channel->room - 1)];
        if (channel->items) tg_gc_realloc(vm, channel->items, channel->room * sizeof(TgValue), 0);
        channel->items = items;
        channel->room = room;
        channel->head = 0;
    }
    channel->items[(channel->head + channel->count++) & (channel->room - 1)] = value;
    tg_barrier(vm, channel, value);
    return true;
}

static TgValue ring_pop(TgChannel *channel) {
    TgValue value = channel->items[channel->head];
    channel->head = (channel->head + 1) & (channel->room - 1);
    channel->count--;
    return value;
}

// ---- Sending and receiving

// Takes what is there: TG_UNDEF where nothing is.
static TgValue take_now(TgVM *vm, TgChannel *channel) {
    TgTask *sender = tg_wait_first(&channel->senders);
    if (channel->count > 0) {
        TgValue value = ring_pop(channel);
        if (sender) { // the place that got free is the first waiting sender's
            ring_push(vm, channel, sender->wait_value);
            sender->wait_value = TG_NIL;
            tg_sched_wake(vm, sender, TG_NIL);
        }
        return value;
    }
    if (!sender) return TG_UNDEF;
    TgValue value = sender->wait_value;
    sender->wait_value = TG_NIL;
    tg_sched_wake(vm, sender, TG_NIL);
    return value;
}

// Gives to who waits, or to the buffer. False: there is no room.
static bool give_now(TgVM *vm, TgChannel *channel, TgValue value) {
    TgTask *receiver = tg_wait_first(&channel->receivers);
    if (receiver) {
        tg_sched_wake(vm, receiver, value);
        return true;
    }
    return channel->count < channel->capacity && ring_push(vm, channel, value);
}

static TgResult raise_closed(TgCall *call) { return tg_raise(call, TG_ERR_Closed, "the channel is closed"); }

static TgChannel *receiver_of(TgCall *call) { return (TgChannel *)tg_as_obj(call->args[0]); }

static TgResult channel_send(TgCall *call) {
    TgChannel *channel = receiver_of(call);
    if (channel->closed) return raise_closed(call);
    if (give_now(call->vm, channel, call->args[1])) return tg_return(call, TG_NIL);
    call->task->wait_value = call->args[1];
    tg_barrier(call->vm, call->task, call->args[1]);
    tg_wait_push(&channel->senders, call->task);
    return tg_park(call, WAIT_SEND, channel, 0);
}

static TgResult channel_receive(TgCall *call) {
    TgChannel *channel = receiver_of(call);
    TgValue value = take_now(call->vm, channel);
    if (!tg_is_undef(value)) return tg_return(call, value);
    if (channel->closed) return raise_closed(call);
    tg_wait_push(&channel->receivers, call->task);
    return tg_park(call, WAIT_RECEIVE, channel, 0);
}

bool tg_channel_next(TgVM *vm, TgChannel *channel, TgValue *out) {
    *out = take_now(vm, channel);
    if (!tg_is_undef(*out) || channel->closed) return true;
    tg_wait_push(&channel->receivers, vm->current);
    tg_sched_park(vm, vm->current, WAIT_NEXT, channel, 0);
    return false;
}

static TgResult channel_try_send(TgCall *call) {
    TgChannel *channel = receiver_of(call);
    if (channel->closed) return raise_closed(call);
    return tg_return(call, tg_bool(give_now(call->vm, channel, call->args[1])));
}

static TgResult channel_try_receive(TgCall *call) {
    TgChannel *channel = receiver_of(call);
    TgValue value = take_now(call->vm, channel);
    if (!tg_is_undef(value)) return tg_return(call, value);
    if (channel->closed) return raise_closed(call);
    return tg_return(call, tg_given(call, 1) ? call->args[1] : TG_NIL);
}

static TgValue closed_error(TgVM *vm) {
    return tg_obj(tg_error_new(vm, vm->errors[TG_ERR_Closed], tg_string_c(vm, "the channel was closed")));
}

static TgResult channel_close(TgCall *call) {
    TgChannel *channel = receiver_of(call);
    TgVM *vm = call->vm;
    channel->closed = true;
    TgTask *task;
    while ((task = tg_wait_first(&channel->senders)) != NULL) tg_sched_wake_raise(vm, task, closed_error(vm));
    while ((task = tg_wait_first(&channel->receivers)) != NULL) {
        if (task->wait_kind == WAIT_NEXT)
            tg_sched_wake(vm, task, TG_UNDEF); // a `for` ends there
        else
            tg_sched_wake_raise(vm, task, closed_error(vm));
    }
    return tg_return(call, TG_NIL);
}

static TgResult channel_make(TgCall *call) {
    int64_t capacity = 0;
    if (tg_given(call, 0) && !tg_arg_int(call, 0, &capacity)) return TG_RAISED;
    if (capacity < 0 || capacity > UINT32_MAX / 2)
        return tg_raise(call, TG_ERR_ValueError, "channel(): the capacity is 0 or more, not %lld", (long long)capacity);
    return tg_return(call, tg_obj(tg_channel_new(call->vm, (uint32_t)capacity)));
}

int64_t tg_channel_length(TgValue channel) { return ((TgChannel *)tg_as_obj(channel))->count; }

// ---- Locks

static TgLock *lock_of(TgCall *call) { return (TgLock *)tg_as_obj(call->args[0]); }

static TgResult lock_acquire(TgCall *call) {
    TgLock *lock = lock_of(call);
    if (!lock->holder) {
        lock->holder = call->task;
        tg_barrier(call->vm, lock, tg_obj(call->task));
        return tg_return(call, TG_NIL);
    }
    if (lock->holder == call->task)
        return tg_raise(call, TG_ERR_Deadlock, "%s#%u waits for a lock that it holds itself: locks are not reentrant",
                        call->task->name->data, call->task->id);
    tg_wait_push(&lock->waiters, call->task);
    return tg_park(call, WAIT_LOCK, lock, 0);
}

static TgResult lock_release(TgCall *call) {
    TgLock *lock = lock_of(call);
    if (!lock->holder) return tg_raise(call, TG_ERR_ValueError, "release(): nobody holds this lock");
    if (lock->holder != call->task)
        return tg_raise(call, TG_ERR_ValueError, "release(): this lock is held by %s#%u, not by this task",
                        lock->holder->name->data, lock->holder->id);
    lock->holder = tg_wait_first(&lock->waiters); // handed over: it has it when it wakes
    if (lock->holder) {
        tg_barrier(call->vm, lock, tg_obj(lock->holder));
        tg_sched_wake(call->vm, lock->holder, TG_NIL);
    }
    return tg_return(call, TG_NIL);
}

static TgResult lock_make(TgCall *call) {
    return tg_return(call, tg_obj(tg_gc_alloc(call->vm, sizeof(TgLock), OBJ_LOCK)));
}

// ---- The collector's

void tg_sync_mark(TgVM *vm, TgObj *object) {
    if (object->kind == OBJ_LOCK) {
        tg_gc_mark_obj(vm, ((TgLock *)object)->holder);
    } else if (object->kind == OBJ_CHANNEL) {
        TgChannel *channel = (TgChannel *)object;
        for (uint32_t i = 0; i < channel->count; i++)
            tg_gc_mark(vm, channel->items[(channel->head + i) & (channel->room - 1)]);
    }
}

void tg_sync_release(TgVM *vm, TgObj *object) {
    if (object->kind != OBJ_CHANNEL) return;
    TgChannel *channel = (TgChannel *)object;
    if (channel->items) tg_gc_realloc(vm, channel->items, channel->room * sizeof(TgValue), 0);
}

// ---- Registering

static const TgNativeDef builtins[] = {
    {"channel(capacity = 0)", channel_make, "A new channel; capacity 0 hands over directly."},
    {"lock()", lock_make, "A new lock, free; used as: with m { … }."},
    {0},
};

static const TgNativeDef channel_methods[] = {
    {"send(value)", channel_send, "Gives a value; waits for room or a receiver. Raises Closed."},
    {"receive()", channel_receive, "Takes the next value; waits for one. Raises Closed once closed and empty."},
    {"try_send(value)", channel_try_send, "Sends if that can be done at once, and tells whether it did."},
    {"try_receive(default = nil)", channel_try_receive, "Takes a value if one is there, else gives the default."},
    {"close()", channel_close, "No more sends; receivers drain what is there. May be called twice."},
    {"exit()", channel_close, "As close(); for `with`."},
    {0},
};

static const TgNativeDef lock_methods[] = {
    {"acquire()", lock_acquire, "Takes the lock; waits in line for it."},
    {"release()", lock_release, "Gives the lock to the first who waits."},
    {"enter()", lock_acquire, "As acquire(); for `with`."},
    {"exit()", lock_release, "As release(); for `with`."},
    {0},
};

void tg_channel_register(TgVM *vm) {
    tg_register_builtins(vm, builtins, false);
    tg_register_methods(vm, vm->classes[OBJ_CHANNEL], channel_methods);
    tg_register_methods(vm, vm->classes[OBJ_LOCK], lock_methods);
}
