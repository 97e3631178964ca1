// vm/channel.h
// Channels and locks: what tasks wait for between themselves. First come, first served.
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
    TgWaitQueue senders, receivers;
} TgChannel;

typedef struct TgLock {
    TgObj obj;
    TgTask *holder; // NULL: free
    TgWaitQueue waiters;
} TgLock;

TgChannel *tg_channel_new(TgVM *vm, uint32_t capacity);
// For `for`: true with the next item, or TG_UNDEF where it is closed and empty. False: the task is parked.
bool tg_channel_next(TgVM *vm, TgChannel *channel, TgValue *out);

void tg_channel_register(TgVM *vm); // natives: channel(), lock() and their methods

#endif
