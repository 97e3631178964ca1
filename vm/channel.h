// vm/channel.h
// Channels: values handed from task to task. First come, first served.
// Layer: runtime.
#ifndef TG_VM_CHANNEL_H
#define TG_VM_CHANNEL_H

#include "vm/task.h"

typedef struct TgChannel {
    TgObj obj;
    bool closed;
    uint32_t capacity;      // 0: a rendezvous
    uint32_t count, head, room; // a ring of `room` slots
    TgValue *items;
    uint64_t sent, received; // operations that were completed; tg check compares them at the end
    TgWaitQueue senders, receivers;
} TgChannel;

TgChannel *tg_channel_new(TgVM *vm, uint32_t capacity);
// Takes what is there at once: TG_UNDEF where nothing is.
TgValue tg_channel_take(TgVM *vm, TgChannel *channel);
// Gives to who waits, or to the buffer. False: there is no room, or no memory (vm->raised is set then).
bool tg_channel_give(TgVM *vm, TgChannel *channel, TgValue value);
void tg_channel_close(TgVM *vm, TgChannel *channel); // idempotent; wakes all who wait
// As tg_channel_give; TG_NIL where it gave, else TG_UNDEF and nothing is raised.
TgValue tg_channel_send_any(TgVM *vm, TgChannel *channel, TgValue value);
// The quick halves of send() and receive() (channel_quick.h).
TgValue tg_quick_send(TgVM *vm, const TgValue *args, uint32_t argc);
TgValue tg_quick_receive(TgVM *vm, const TgValue *args, uint32_t argc);

// As tg_channel_receive (channel_quick.h), where somebody looks on (observe.h).
TgValue tg_channel_receive_seen(TgVM *vm, TgChannel *channel, TgWaitKind kind);

// A task that waited to receive goes on, with what it was given.
void tg_channel_resumed(TgTask *task);

void tg_channel_release(TgVM *vm, TgObj *channel);
void tg_channel_register(TgVM *vm); // natives: channel() and its methods

#endif
