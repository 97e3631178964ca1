// vm/timers.c
// A heap of four places below each, of timers that lie in their owners.
// Layer: runtime, bottom.
#include "vm/timers.h"

#include <stdlib.h>

enum { BELOW = 4 };

static bool comes_before(TgTimerPlace a, TgTimerPlace b) {
    if (a.when != b.when) return a.when < b.when;
    return (int32_t)(a.timer->order - b.timer->order) < 0; // the numbers begin anew after four thousand million
}

static void put(TgTimers *timers, uint32_t at, TgTimerPlace place) {
    timers->items[at] = place;
    place.timer->at = (at + 1) & INT32_MAX;
}

static void sift_up(TgTimers *timers, uint32_t at, TgTimerPlace place) {
    while (at > 0) {
        uint32_t above = (at - 1) / BELOW;
        if (!comes_before(place, timers->items[above])) break;
        put(timers, at, timers->items[above]);
        at = above;
    }
    put(timers, at, place);
}

// Of those below `at`, the one that comes first; timers->count where there are none.
static uint32_t first_below(const TgTimers *timers, uint32_t at) {
    uint64_t begin = (uint64_t)at * BELOW + 1;
    if (begin >= timers->count) return timers->count;
    uint32_t best = (uint32_t)begin;
    for (uint32_t i = best + 1; i < timers->count && i < begin + BELOW; i++)
        if (comes_before(timers->items[i], timers->items[best])) best = i;
    return best;
}

static void sift_down(TgTimers *timers, uint32_t at, TgTimerPlace place) {
    for (;;) {
        uint32_t below = first_below(timers, at);
        if (below == timers->count || !comes_before(timers->items[below], place)) break;
        put(timers, at, timers->items[below]);
        at = below;
    }
    put(timers, at, place);
}

bool tg_timers_reserve(TgTimers *timers) {
    if (timers->count < timers->capacity) return true;
    uint32_t capacity = timers->capacity ? timers->capacity * 2 : 16;
    TgTimerPlace *items = realloc(timers->items, capacity * sizeof *items);
    if (!items) return false;
    timers->items = items;
    timers->capacity = capacity;
    return true;
}

bool tg_timers_add(TgTimers *timers, TgTimer *timer, double when) {
    if (!tg_timers_reserve(timers)) return false;
    timer->when = when;
    timer->order = timers->next_order++;
    sift_up(timers, timers->count++, (TgTimerPlace){when, timer});
    return true;
}

void tg_timers_remove(TgTimers *timers, TgTimer *timer) {
    if (!timer->at) return;
    uint32_t at = timer->at - 1;
    timer->at = 0;
    TgTimerPlace last = timers->items[--timers->count];
    if (last.timer == timer) return;
    if (at > 0 && comes_before(last, timers->items[(at - 1) / BELOW]))
        sift_up(timers, at, last);
    else
        sift_down(timers, at, last);
}

TgTimer *tg_timers_first(const TgTimers *timers) {
    return timers->count ? timers->items[0].timer : NULL;
}

void tg_timers_free(TgTimers *timers) {
    free(timers->items);
    *timers = (TgTimers){0};
}
