// vm/timers.c
// A binary heap of pointers to timers that lie in their owners.
// Layer: runtime, bottom.
#include "vm/timers.h"

#include <stdlib.h>

static bool comes_before(const TgTimer *a, const TgTimer *b) {
    return a->when < b->when || (a->when == b->when && a->order < b->order);
}

static void place(TgTimers *timers, uint32_t at, TgTimer *timer) {
    timers->items[at] = timer;
    timer->at = at + 1;
}

static void sift_up(TgTimers *timers, uint32_t at, TgTimer *timer) {
    while (at > 0) {
        uint32_t parent = (at - 1) / 2;
        if (!comes_before(timer, timers->items[parent])) break;
        place(timers, at, timers->items[parent]);
        at = parent;
    }
    place(timers, at, timer);
}

static void sift_down(TgTimers *timers, uint32_t at, TgTimer *timer) {
    for (;;) {
        uint32_t child = 2 * at + 1;
        if (child >= timers->count) break;
        if (child + 1 < timers->count && comes_before(timers->items[child + 1], timers->items[child]))
            child++;
        if (!comes_before(timers->items[child], timer)) break;
        place(timers, at, timers->items[child]);
        at = child;
    }
    place(timers, at, timer);
}

bool tg_timers_add(TgTimers *timers, TgTimer *timer, double when) {
    if (timers->count == timers->capacity) {
        uint32_t capacity = timers->capacity ? timers->capacity * 2 : 16;
        TgTimer **items = realloc(timers->items, capacity * sizeof *items);
        if (!items) return false;
        timers->items = items;
        timers->capacity = capacity;
    }
    timer->when = when;
    timer->order = timers->next_order++;
    sift_up(timers, timers->count++, timer);
    return true;
}

void tg_timers_remove(TgTimers *timers, TgTimer *timer) {
    if (!timer->at) return;
    uint32_t at = timer->at - 1;
    timer->at = 0;
    TgTimer *last = timers->items[--timers->count];
    if (last == timer) return;
    if (at > 0 && comes_before(last, timers->items[(at - 1) / 2]))
        sift_up(timers, at, last);
    else
        sift_down(timers, at, last);
}

TgTimer *tg_timers_first(const TgTimers *timers) {
    return timers->count ? timers->items[0] : NULL;
}

void tg_timers_free(TgTimers *timers) {
    free(timers->items);
    *timers = (TgTimers){0};
}
