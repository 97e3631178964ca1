// vm/world_reactor.c
// Two reactors: one that keeps what the real one tells, one that tells it again.
//
// What is waited for and what is worked at has a number, in the order of the asking; "ready" and "done" name it. When replaying no work is
// done: what it had found is read off the recording.
//
// Layer: runtime.
#include <assert.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "vm/world_impl.h"

struct TgWatch {
    TgWatch *next, *prev;
    struct WorldReactor *reactor;
    void (*ready)(void *data);
    void *data;
    TgWatch *inner; // the real one's
    uint64_t number;
};

typedef struct WorldReactor {
    TgReactor base; // first: a TgReactor is cast to it
    TgWorld *world;
    TgReactor *inner; // NULL when replaying
    TgWatch *watches; // newest first
    TgWork *works;
    uint64_t numbers;
} WorldReactor;

static WorldReactor *own(TgReactor *base) { return (WorldReactor *)base; }

static bool keeps(const WorldReactor *reactor) { return reactor->world->records && !reactor->world->is_over; }

// ---- Lists

static TgWatch *watch_new(WorldReactor *reactor, void (*ready)(void *), void *data) {
    TgWatch *watch = calloc(1, sizeof *watch);
    if (!watch) return NULL;
    *watch = (TgWatch){.next = reactor->watches, .reactor = reactor, .ready = ready, .data = data, .number = ++reactor->numbers};
    if (watch->next) watch->next->prev = watch;
    reactor->watches = watch;
    return watch;
}

static void watch_free(TgWatch *watch) {
    if (watch->prev) watch->prev->next = watch->next;
    else watch->reactor->watches = watch->next;
    if (watch->next) watch->next->prev = watch->prev;
    free(watch);
}

static void work_add(WorldReactor *reactor, TgWork *work) {
    work->next_kept = reactor->works;
    reactor->works = work;
    work->number = ++reactor->numbers;
    work->keeper = reactor;
}

static void work_remove(WorldReactor *reactor, TgWork *work) {
    TgWork **link = &reactor->works;
    while (*link != work) link = &(*link)->next_kept;
    *link = work->next_kept;
}

// ---- The time and seeds

static double keep_number(WorldReactor *reactor, TgWorldAsk what, double number) {
    tg_world_put(reactor->world, what, &number, sizeof number);
    return number;
}

static double kept_now(TgReactor *base) { return keep_number(own(base), WORLD_CLOCK, own(base)->inner->now(own(base)->inner)); }
static double kept_wall(TgReactor *base) { return keep_number(own(base), WORLD_CALENDAR, own(base)->inner->wall(own(base)->inner)); }

static uint64_t kept_entropy(TgReactor *base) {
    uint64_t bits = own(base)->inner->entropy(own(base)->inner);
    tg_world_put(own(base)->world, WORLD_ENTROPY, &bits, sizeof bits);
    return bits;
}

static void take_bytes(WorldReactor *reactor, TgWorldAsk what, void *data, size_t size) {
    memset(data, 0, size);
    if (reactor->world->is_over) return;
    TgLogEntry entry = tg_world_take(reactor->world, what);
    if (!tg_entry_bytes(&entry, data, size)) tg_world_astray(reactor->world, "something of another size");
}

static double told_now(TgReactor *base) {
    double time;
    if (own(base)->world->is_over || own(base)->world->is_shown) return own(base)->world->time;
    take_bytes(own(base), WORLD_CLOCK, &time, sizeof time);
    return own(base)->world->time = time;
}

static double told_wall(TgReactor *base) {
    double time;
    take_bytes(own(base), WORLD_CALENDAR, &time, sizeof time);
    return time;
}

static uint64_t told_entropy(TgReactor *base) {
    uint64_t bits;
    take_bytes(own(base), WORLD_ENTROPY, &bits, sizeof bits);
    return bits;
}

// ---- Recording

static void kept_ready(void *data) {
    TgWatch *watch = data;
    WorldReactor *reactor = watch->reactor;
    void (*ready)(void *) = watch->ready;
    void *of = watch->data;
    if (keeps(reactor)) {
        tg_world_come(reactor->world);
        tg_world_put(reactor->world, WORLD_READY, &watch->number, sizeof watch->number);
    }
    watch_free(watch);
    ready(of);
}

static void tape_work(TgTape *tape, TgWork *work, bool *is_wanted) {
    int64_t number = (int64_t)work->number;
    tg_tape_int(tape, &number);
    tg_tape_flag(tape, is_wanted);
    if (work->tape) work->tape(work, tape);
}

static void kept_done(TgWork *work, bool is_wanted) {
    WorldReactor *reactor = work->keeper;
    work_remove(reactor, work);
    if (keeps(reactor)) {
        TgTape tape = {.world = reactor->world, .what = WORLD_DONE, .writes = true};
        tg_world_come(reactor->world);
        tape_work(&tape, work, &is_wanted);
        tg_world_ends(&tape);
    }
    work->done = work->done_kept;
    work->done(work, is_wanted);
}

static void kept_wait(TgReactor *base, double until) {
    tg_world_put(own(base)->world, WORLD_WAIT, NULL, 0);
    own(base)->inner->wait(own(base)->inner, until);
    tg_world_put(own(base)->world, WORLD_TURN, NULL, 0);
}

static void kept_poll(TgReactor *base) { own(base)->inner->poll(own(base)->inner); } // between the entries of tg_world_poll
static void kept_wake(TgReactor *base) { own(base)->inner->wake(own(base)->inner); }

static bool kept_watch(TgReactor *base, int fd, bool write, void (*ready)(void *), void *data, TgWatch **out) {
    WorldReactor *reactor = own(base);
    TgWatch *watch = watch_new(reactor, ready, data);
    bool good = watch && reactor->inner->watch(reactor->inner, fd, write, kept_ready, watch, &watch->inner);
    uint8_t byte = good;
    tg_world_put(reactor->world, WORLD_WATCH, &byte, 1);
    if (good) *out = watch;
    else if (watch) watch_free(watch);
    return good;
}

static void kept_unwatch(TgReactor *base, TgWatch *watch) {
    own(base)->inner->unwatch(own(base)->inner, watch->inner);
    watch_free(watch);
}

static bool kept_submit(TgReactor *base, TgWork *work) {
    WorldReactor *reactor = own(base);
    work_add(reactor, work);
    work->done_kept = work->done;
    work->done = kept_done;
    if (reactor->inner->submit(reactor->inner, work)) return true;
    work_remove(reactor, work);
    work->done = work->done_kept;
    return false;
}

static void kept_abandon(TgReactor *base, TgWork *work) { own(base)->inner->abandon(own(base)->inner, work); }

static void kept_settle(TgReactor *base) {
    tg_world_put(own(base)->world, WORLD_WAIT, NULL, 0);
    own(base)->inner->settle(own(base)->inner);
    tg_world_put(own(base)->world, WORLD_TURN, NULL, 0);
}

static bool kept_each_holder(TgReactor *base, void (*say)(void *, const TgWork *), void *data) {
    return own(base)->inner->each_holder(own(base)->inner, say, data);
}

static bool kept_has_external(TgReactor *base) { return own(base)->inner->has_external(own(base)->inner); }
static void kept_live(TgReactor *base, int by) { own(base)->inner->live(own(base)->inner, by); }

static void kept_free(TgReactor *base) {
    own(base)->inner->free(own(base)->inner);
    while (own(base)->watches) watch_free(own(base)->watches);
    free(base);
}

// ---- Replaying

static void tell_ready(WorldReactor *reactor, TgLogEntry entry) {
    uint64_t number;
    TgWatch *watch = reactor->watches;
    if (!tg_entry_bytes(&entry, &number, sizeof number)) number = 0;
    while (watch && watch->number != number) watch = watch->next;
    if (!watch) {
        tg_world_astray(reactor->world, "nobody waits for that descriptor");
        return; // for checkers that do not see that it never comes back
    }
    void (*ready)(void *) = watch->ready;
    void *data = watch->data;
    watch_free(watch);
    ready(data);
}

static void tell_done(WorldReactor *reactor, TgLogEntry entry) {
    uint64_t number;
    TgLogEntry rest = entry;
    TgWork *work = reactor->works;
    if (!tg_entry_number(&rest, &number)) number = 0;
    while (work && work->number != number >> 1) work = work->next_kept; // tg_tape_int's numbers have a sign
    if (!work) {
        tg_world_astray(reactor->world, "nobody has that job done");
        return;
    }
    bool is_wanted;
    TgTape tape = {.world = reactor->world, .what = WORLD_DONE, .at = entry.data, .end = entry.data + entry.length};
    tape_work(&tape, work, &is_wanted);
    work_remove(reactor, work);
    work->done(work, is_wanted && work->is_wanted);
}

// All that came, up to the end of the turn.
static void tell_all(WorldReactor *reactor) {
    TgWorld *world = reactor->world;
    TgLogEntry entry;
    for (;;) {
        if (tg_world_take_if(world, WORLD_READY, &entry)) tell_ready(reactor, entry);
        else if (tg_world_take_if(world, WORLD_DONE, &entry)) tell_done(reactor, entry);
        else break;
    }
    tg_world_take(world, WORLD_TURN);
}

static void told_wait(TgReactor *base, double until) {
    TgLogEntry entry;
    (void)until;
    if (own(base)->world->is_over) return;
    // When it was recorded there may have been garbage to clear away, and a look around in between.
    if (!tg_world_take_if(own(base)->world, WORLD_POLL, &entry)) tg_world_take(own(base)->world, WORLD_WAIT);
    tell_all(own(base));
}

static void told_poll(TgReactor *base) {
    if (!own(base)->world->is_over) tell_all(own(base));
}

static void told_wake(TgReactor *base) { (void)base; }

static bool told_watch(TgReactor *base, int fd, bool write, void (*ready)(void *), void *data, TgWatch **out) {
    (void)fd, (void)write;
    uint8_t good;
    TgWatch *watch = watch_new(own(base), ready, data);
    take_bytes(own(base), WORLD_WATCH, &good, 1);
    if (watch && good) return *out = watch, true;
    if (watch) watch_free(watch);
    return false;
}

static void told_unwatch(TgReactor *base, TgWatch *watch) {
    (void)base;
    watch_free(watch);
}

static bool told_submit(TgReactor *base, TgWork *work) {
    work->is_wanted = true;
    work_add(own(base), work);
    return true;
}

static void told_abandon(TgReactor *base, TgWork *work) {
    (void)base;
    work->is_wanted = false;
}

static void told_settle(TgReactor *base) { told_wait(base, 0); }

static bool told_each_holder(TgReactor *base, void (*say)(void *, const TgWork *), void *data) {
    (void)base, (void)say, (void)data;
    return false;
}

static bool told_has_external(TgReactor *base) {
    const TgWork *work = own(base)->works;
    while (work && !work->is_wanted && !work->is_awaited) work = work->next_kept;
    return own(base)->watches || work;
}

static void told_live(TgReactor *base, int by) { (void)base, (void)by; }

static void told_free(TgReactor *base) {
    for (TgWork *work; (work = own(base)->works);) {
        work_remove(own(base), work);
        work->done(work, false);
    }
    while (own(base)->watches) watch_free(own(base)->watches);
    free(base);
}

// ---- Birth

static const TgReactor recording = {kept_now, kept_wall, kept_wait, kept_poll, kept_wake, kept_watch, kept_unwatch, kept_submit,
                                    kept_abandon, kept_settle, kept_each_holder, kept_has_external, kept_live, kept_entropy, kept_free};
static const TgReactor replaying = {told_now, told_wall, told_wait, told_poll, told_wake, told_watch, told_unwatch, told_submit,
                                    told_abandon, told_settle, told_each_holder, told_has_external, told_live, told_entropy, told_free};

TgReactor *tg_world_reactor(TgWorld *world, TgReactor *inner) {
    if (!world->records && !world->replays) return inner;
    WorldReactor *reactor = calloc(1, sizeof *reactor);
    if (world->replays && inner) inner->free(inner), inner = NULL;
    if (!reactor) return NULL;
    reactor->base = world->records ? recording : replaying;
    reactor->world = world;
    reactor->inner = world->inner = inner;
    return &reactor->base;
}
