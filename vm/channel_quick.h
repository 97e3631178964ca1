// vm/channel_quick.h
// What sending and receiving is most of the time, for channel.c and, without the look for a method (a tenth of a message), for
// the loop.
//
// Of an operation that may wait its quick half (TgQuickFn) is all but its errors. What happens often is written out, the rest left
// to tg_channel_give and tg_channel_take as their last act: so a quick half has no registers to save (7 % of a message).
// Layer: runtime.
#ifndef TG_VM_CHANNEL_QUICK_H
#define TG_VM_CHANNEL_QUICK_H

#include "vm/channel.h"
#include "vm/handover.h"

static inline TgValue tg_ring_pop(TgChannel *channel) {
    TgValue value = channel->items[channel->head];
    channel->head = (channel->head + 1) & (channel->room - 1);
    channel->count--;
    return value;
}

static inline bool tg_channel_is_black(const TgChannel *channel) { return channel->obj.mark == TG_MARK_BLACK; } // a store needs the barrier

// TG_NIL, TG_WAITS, or TG_UNDEF: the native says what is wrong.
static inline TgValue tg_channel_send(TgVM *vm, TgChannel *channel, TgValue value) {
    TgWait *receiver = channel->receivers.first;
    if (channel->closed) return TG_UNDEF;
    if (receiver) {
        if (!tg_wait_is_plain(receiver)) return tg_channel_send_any(vm, channel, value);
        channel->sent++;
        tg_wake_plain(vm, &channel->receivers, receiver, value);
        return TG_NIL;
    }
    if (channel->count < channel->capacity) {
        if (channel->count == channel->room || tg_channel_is_black(channel)) return tg_channel_send_any(vm, channel, value);
        channel->items[(channel->head + channel->count++) & (channel->room - 1)] = value;
        channel->sent++;
        return TG_NIL;
    }
    vm->current->wait.value = value; // it runs: the collector looks at it again
    return tg_wait_in(vm, &channel->senders, WAIT_SEND, channel);
}

// The value, TG_WAITS (a wait of that kind), or TG_UNDEF: the channel is closed and empty.
static inline TgValue tg_channel_receive(TgVM *vm, TgChannel *channel, TgWaitKind kind) {
    TgWait *sender = channel->senders.first;
    if (!sender) {
        if (channel->count > 0) {
            channel->received++;
            return tg_ring_pop(channel);
        }
        return channel->closed ? TG_UNDEF : tg_wait_in(vm, &channel->receivers, kind, channel);
    }
    if (!tg_wait_is_plain(sender) || tg_channel_is_black(channel)) return tg_channel_take(vm, channel);
    TgValue value = sender->value;
    if (channel->count > 0) {
        TgValue oldest = tg_ring_pop(channel);
        channel->items[(channel->head + channel->count++) & (channel->room - 1)] = value;
        value = oldest;
    }
    sender->value = TG_NIL;
    channel->sent++;
    channel->received++;
    tg_wake_plain(vm, &channel->senders, sender, TG_NIL);
    return value;
}

// The next item of a `for`.
static inline TgValue tg_channel_next(TgVM *vm, TgChannel *channel) {
    if (__builtin_expect(vm->observer != NULL, 0)) return tg_channel_receive_seen(vm, channel, WAIT_NEXT);
    return tg_channel_receive(vm, channel, WAIT_NEXT);
}

#endif
