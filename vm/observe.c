// vm/observe.c
// The line of those who look on.
// Layer: runtime.
#include "vm/observe.h"

#include <assert.h>

void tg_observe(TgVM *vm, TgObserver *observer) {
    assert(vm->options.observed);
    TgObserver **at = &vm->observer;
    while (*at) at = &(*at)->next;
    observer->next = NULL;
    *at = observer;
    vm->is_watched = true;
}

void tg_observe_end(TgVM *vm, TgObserver *observer) {
    TgObserver **at = &vm->observer;
    while (*at && *at != observer) at = &(*at)->next;
    if (*at) *at = observer->next;
    vm->is_watched = vm->observer || vm->monitor;
}

void tg_seen(TgVM *vm, TgSeen seen) {
    seen.by = vm->is_outside ? NULL : vm->current;
    for (TgObserver *observer = vm->observer, *next; observer; observer = next) {
        next = observer->next;
        observer->see(observer, vm, &seen);
    }
}

void tg_seen_forget(TgVM *vm, const TgObj *object) {
    for (TgObserver *observer = vm->observer; observer; observer = observer->next)
        if (observer->forget) observer->forget(observer, object);
}
