// vm/inbox.c
// The channels that take signals. The newest open block that names a signal gets it; the resource itself
// (enter, exit) is in the library's tg half.
// Layer: runtime.
#include "vm/inbox.h"

#include <stdlib.h>

#include "vm/api.h"
#include "vm/channel.h"
#include "vm/host_signal.h"
#include "vm/sched.h"

typedef struct TgInbox {
    struct TgInbox *older;
    TgChannel *channel;
    uint32_t signals; // a bit each, by number
} TgInbox;

static const struct {
    const char *name;
    int number;
} known[] = {{"INT", TG_SIGINT}, {"TERM", TG_SIGTERM}, {"HUP", TG_SIGHUP}, {"QUIT", TG_SIGQUIT}};

enum { KNOWN = sizeof known / sizeof *known };

static int number_of(const TgString *name) {
    for (int i = 0; i < KNOWN; i++)
        if (strcmp(known[i].name, name->data) == 0) return known[i].number;
    return 0;
}

bool tg_inbox_give(TgVM *vm, int signal) {
    for (TgInbox *inbox = vm->sched->inboxes; inbox; inbox = inbox->older) {
        if (!(inbox->signals & 1u << signal)) continue;
        for (int i = 0; i < KNOWN; i++) {
            if (known[i].number != signal) continue;
            if (!tg_channel_give(vm, inbox->channel, tg_obj(tg_string_c(vm, known[i].name)))) vm->raised = TG_UNDEF;
        }
        return true;
    }
    return false;
}

void tg_inbox_mark(TgVM *vm) {
    for (TgInbox *inbox = vm->sched->inboxes; inbox; inbox = inbox->older) tg_gc_mark_obj(vm, inbox->channel);
}

void tg_inbox_free(TgVM *vm) {
    while (vm->sched && vm->sched->inboxes) {
        TgInbox *inbox = vm->sched->inboxes;
        vm->sched->inboxes = inbox->older;
        free(inbox);
    }
}

// ---- Natives

static TgResult signals_check(TgCall *call) {
    TgList *names = (TgList *)tg_as_obj(call->args[0]);
    if (names->count == 0) return tg_raise(call, TG_ERR_TypeError, "signals() needs names, such as \"INT\" and \"TERM\"");
    for (uint32_t i = 0; i < names->count; i++) {
        if (!tg_is_kind(names->items[i], OBJ_STRING))
            return tg_raise(call, TG_ERR_TypeError, "signals() takes names as Strings, not %s",
                            TG_SHOW(call->vm, names->items[i]));
        TgString *name = (TgString *)tg_as_obj(names->items[i]);
        if (!number_of(name))
            return tg_raise(call, TG_ERR_ValueError, "signals() knows \"INT\", \"TERM\", \"HUP\" and \"QUIT\", not \"%s\"",
                            name->data);
    }
    return tg_return(call, TG_NIL);
}

static TgResult signals_open(TgCall *call) {
    TgList *names = (TgList *)tg_as_obj(call->args[0]);
    TgInbox *inbox = calloc(1, sizeof *inbox);
    if (!inbox) return tg_raise_memory(call);
    for (uint32_t i = 0; i < names->count; i++) inbox->signals |= 1u << number_of((TgString *)tg_as_obj(names->items[i]));
    inbox->channel = tg_channel_new(call->vm, UINT32_MAX / 2);
    inbox->older = call->vm->sched->inboxes;
    call->vm->sched->inboxes = inbox;
    return tg_return(call, tg_obj(inbox->channel));
}

static TgResult signals_close(TgCall *call) {
    for (TgInbox **at = &call->vm->sched->inboxes; *at; at = &(*at)->older) {
        TgInbox *inbox = *at;
        if (tg_obj(inbox->channel) != call->args[0]) continue;
        *at = inbox->older;
        tg_channel_close(call->vm, inbox->channel);
        free(inbox);
        break;
    }
    return tg_return(call, TG_NIL);
}

static const TgNativeDef hidden[] = {
    {"_signals_check(names)", signals_check, "Raises where a name is none of a signal."},
    {"_signals_open(names)", signals_open, "A channel that takes these signals."},
    {"_signals_close(inbox)", signals_close, "The channel takes no more signals."},
    {0},
};

void tg_inbox_register(TgVM *vm) { tg_register_builtins(vm, hidden, true); }
