// vm/channel.c
// Channels. An operation that can go on is done at once; else the task waits in line, and who
// makes room hands over directly: the one woken has what it waited for, nobody can come between.
// Layer: runtime.
#include "vm/channel.h"

#include "vm/channel_quick.h"
#include "vm/monitor.h"
#include "vm/observe.h"

static void see_use(TgVM *vm, TgTask *task, TgChannel *channel, TgUse use, uint64_t number, TgValue value) {
    if (vm->is_outside && task == vm->current) task = NULL;
    TG_SEE(vm, .kind = SEEN_USE, .how = (uint8_t)use, .task = task, .object = &channel->obj, .number = number, .value = value);
}

TgChannel *tg_channel_new(TgVM *vm, uint32_t capacity) {
    TgChannel *channel = (TgChannel *)tg_gc_alloc(vm, sizeof *channel, OBJ_CHANNEL);
    channel->capacity = capacity;
    if (vm->monitor) tg_monitor_watch(vm, &channel->obj);
    see_use(vm, vm->current, channel, USE_MADE, 0, TG_NIL);
    return channel;
}

// ---- The ring

static __attribute__((noinline)) bool ring_grow(TgVM *vm, TgChannel *channel) {
    uint32_t room = channel->room ? channel->room * 2 : 4;
    if (!tg_gc_can_take(vm, room * sizeof(TgValue))) return false;
    TgValue *items = tg_gc_realloc(vm, NULL, 0, room * sizeof(TgValue));
    for (uint32_t i = 0; i < channel->count; i++)
        items[i] = channel->items[(channel->head + i) & (channel->room - 1)];
    if (channel->items) tg_gc_realloc(vm, channel->items, channel->room * sizeof(TgValue), 0);
    channel->items = items;
    channel->room = room;
    channel->head = 0;
    return true;
}

static inline bool ring_push(TgVM *vm, TgChannel *channel, TgValue value) {
    if (channel->count == channel->room && !ring_grow(vm, channel)) return false;
    channel->items[(channel->head + channel->count++) & (channel->room - 1)] = value;
    tg_barrier(vm, channel, value);
    return true;
}

// ---- Sending and receiving

TgValue tg_channel_take(TgVM *vm, TgChannel *channel) {
    TgWait *sender = channel->senders.first;
    TgValue value = TG_UNDEF;
    uint64_t number = channel->sent + 1 - channel->count; // of the oldest
    if (channel->count > 0) {
        value = tg_ring_pop(channel);
        if (sender) ring_push(vm, channel, sender->value); // the place that got free is the first waiting sender's
    } else if (sender) {
        value = sender->value;
    }
    if (sender) {
        channel->sent++;
        see_use(vm, sender->task, channel, USE_SENT, channel->sent, sender->value);
    }
    if (!tg_is_undef(value)) {
        channel->received++;
        see_use(vm, vm->current, channel, USE_RECEIVED, number, value);
    }
    if (sender) tg_hand_to_first(vm, &channel->senders, TG_NIL);
    return value;
}

bool tg_channel_give(TgVM *vm, TgChannel *channel, TgValue value) {
    TgWait *receiver = channel->receivers.first;
    if (receiver) {
        channel->sent++;
        see_use(vm, vm->current, channel, USE_SENT, channel->sent, value);
        see_use(vm, receiver->task, channel, USE_RECEIVED, channel->sent, value);
        // One that waits in receive() or `for` has it when it goes on (tg_channel_resumed).
        if (receiver != &receiver->task->wait) channel->received++;
        tg_hand_to_first(vm, &channel->receivers, value);
        return true;
    }
    if (channel->count >= channel->capacity) return false;
    if (!ring_push(vm, channel, value)) {
        tg_error_memory(vm);
        return false;
    }
    channel->sent++;
    see_use(vm, vm->current, channel, USE_SENT, channel->sent, value);
    return true;
}

TgValue tg_channel_send_any(TgVM *vm, TgChannel *channel, TgValue value) {
    if (tg_channel_give(vm, channel, value)) return TG_NIL;
    vm->raised = TG_UNDEF; // memory is short: the native tries again, and says so
    return TG_UNDEF;
}

// tg_channel_send and tg_channel_receive without their short cuts, which nobody sees.
static TgValue send_seen(TgVM *vm, TgChannel *channel, TgValue value) {
    if (channel->closed) return TG_UNDEF;
    if (channel->receivers.first || channel->count < channel->capacity) return tg_channel_send_any(vm, channel, value);
    vm->current->wait.value = value;
    return tg_wait_in(vm, &channel->senders, WAIT_SEND, channel);
}

TgValue tg_channel_receive_seen(TgVM *vm, TgChannel *channel, TgWaitKind kind) {
    if (channel->senders.first || channel->count > 0) return tg_channel_take(vm, channel);
    return channel->closed ? TG_UNDEF : tg_wait_in(vm, &channel->receivers, kind, channel);
}

static TgValue send_value(TgVM *vm, TgChannel *channel, TgValue value) {
    return vm->observer ? send_seen(vm, channel, value) : tg_channel_send(vm, channel, value);
}

static TgValue receive_value(TgVM *vm, TgChannel *channel, TgWaitKind kind) {
    return vm->observer ? tg_channel_receive_seen(vm, channel, kind) : tg_channel_receive(vm, channel, kind);
}

TgValue tg_quick_send(TgVM *vm, const TgValue *args, uint32_t argc) {
    (void)argc;
    return send_value(vm, (TgChannel *)tg_as_obj(args[0]), args[1]);
}

TgValue tg_quick_receive(TgVM *vm, const TgValue *args, uint32_t argc) {
    (void)argc;
    return receive_value(vm, (TgChannel *)tg_as_obj(args[0]), WAIT_RECEIVE);
}

void tg_channel_resumed(TgTask *task) {
    if (task->wait_kind != WAIT_RECEIVE && task->wait_kind != WAIT_NEXT) return;
    if (!tg_is_undef(task->stack[task->dest])) ((TgChannel *)task->wait_object)->received++;
}

// ---- Natives

static TgResult raise_closed(TgCall *call) { return tg_raise(call, TG_ERR_Closed, "the channel is closed"); }

static TgChannel *receiver_of(TgCall *call) { return (TgChannel *)tg_as_obj(call->args[0]); }

static TgResult channel_send(TgCall *call) {
    TgValue given = tg_quick_send(call->vm, call->args, 2);
    if (!tg_is_undef(given)) return tg_quick_end(call, given);
    return receiver_of(call)->closed ? raise_closed(call) : tg_raise_memory(call);
}

static TgResult channel_receive(TgCall *call) {
    TgValue given = tg_quick_receive(call->vm, call->args, 1);
    return tg_is_undef(given) ? raise_closed(call) : tg_quick_end(call, given);
}

static TgValue quick_try_send(TgVM *vm, const TgValue *args, uint32_t argc) {
    (void)argc;
    TgChannel *channel = (TgChannel *)tg_as_obj(args[0]);
    if (channel->closed) return TG_UNDEF;
    if (!channel->receivers.first && channel->count >= channel->capacity) return TG_FALSE;
    return tg_is_nil(send_value(vm, channel, args[1])) ? TG_TRUE : TG_UNDEF; // it does not wait
}

static TgResult channel_try_send(TgCall *call) {
    TgValue given = quick_try_send(call->vm, call->args, 2);
    if (!tg_is_undef(given)) return tg_return(call, given);
    return receiver_of(call)->closed ? raise_closed(call) : tg_raise_memory(call);
}

static TgValue quick_try_receive(TgVM *vm, const TgValue *args, uint32_t argc) {
    TgChannel *channel = (TgChannel *)tg_as_obj(args[0]);
    if (channel->count > 0 || channel->senders.first) return receive_value(vm, channel, WAIT_NONE); // nor this
    if (channel->closed) return TG_UNDEF;
    return argc > 1 ? args[1] : TG_NIL;
}

static TgResult channel_try_receive(TgCall *call) {
    TgValue given = quick_try_receive(call->vm, call->args, tg_given(call, 1) ? 2 : 1);
    return tg_is_undef(given) ? raise_closed(call) : tg_return(call, given);
}

static TgValue closed_error(TgVM *vm) {
    return tg_obj(tg_error_new(vm, vm->errors[TG_ERR_Closed], tg_string_c(vm, "the channel was closed")));
}

void tg_channel_close(TgVM *vm, TgChannel *channel) {
    if (!channel->closed) see_use(vm, vm->current, channel, USE_CLOSED, 0, TG_NIL);
    channel->closed = true;
    while (channel->senders.first) tg_sched_wake_raise(vm, channel->senders.first->task, closed_error(vm));
    while (channel->receivers.first) {
        TgTask *task = channel->receivers.first->task;
        if (task->wait_kind == WAIT_NEXT)
            tg_sched_wake(vm, task, TG_UNDEF); // a `for` ends there
        else
            tg_sched_wake_raise(vm, task, closed_error(vm));
    }
}

static TgResult channel_close(TgCall *call) {
    tg_channel_close(call->vm, receiver_of(call));
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

// ---- The collector's

uint32_t tg_channel_count(const TgObj *channel) { return ((const TgChannel *)channel)->count; }

size_t tg_channel_mark(TgVM *vm, TgObj *object, uint32_t begin, uint32_t end) {
    TgChannel *channel = (TgChannel *)object;
    for (uint32_t i = begin; i < end; i++) tg_gc_mark(vm, channel->items[(channel->head + i) & (channel->room - 1)]);
    return sizeof *channel + (end - begin) * sizeof(TgValue);
}

void tg_channel_release(TgVM *vm, TgObj *object) {
    TgChannel *channel = (TgChannel *)object;
    if (channel->items) tg_gc_realloc(vm, channel->items, channel->room * sizeof(TgValue), 0);
}

// ---- Registering

static const TgNativeDef builtins[] = {
    {"channel(capacity = 0)", channel_make, "A new Channel that holds up to `capacity` values."},
    {0},
};

static const TgNativeDef channel_methods[] = {
    {"send(value)", channel_send, "Gives a value; waits for room or a receiver. Closed where the channel is closed."},
    {"receive()", channel_receive,
     "Takes the next value; waits for one. Closed once the channel is closed and empty."},
    {"try_send(value)", channel_try_send, "Sends if that can be done at once; gives whether it did."},
    {"try_receive(default = nil)", channel_try_receive, "Takes a value if one is there, else gives the default."},
    {"close()", channel_close, "Ends the sending; receivers still get what is there. May be called twice."},
    {"exit()", channel_close, "As close(), for `with`."},
    {0},
};

void tg_channel_register(TgVM *vm) {
    tg_register_builtins(vm, builtins, false);
    TgClass *class_ = vm->classes[OBJ_CHANNEL];
    tg_register_methods(vm, class_, channel_methods);
    tg_register_quick(vm, class_, "send", tg_quick_send);
    tg_register_quick(vm, class_, "receive", tg_quick_receive);
    tg_register_quick(vm, class_, "try_send", quick_try_send);
    tg_register_quick(vm, class_, "try_receive", quick_try_receive);
    tg_class_finish(vm, class_);
}
