// vm/world_run.c
// What comes by itself while a program runs (signals, the ticks of its clock), and where.
//
// A recording says at which place: a replay has no slice of boundaries go beyond the next one (tg_world_distance), and finds it there.
// What comes while all wait has its place in the order of things.
//
// Layer: runtime.
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "vm/host_signal.h"
#include "vm/sched.h"
#include "vm/world_impl.h"

// ---- Places

static uint64_t place_of(const TgLogEntry *entry) {
    TgLogEntry copy = *entry;
    uint64_t place;
    return tg_entry_number(&copy, &place) ? place : UINT64_MAX;
}

// The first place that is not recorded any more.
static uint64_t end_of(const TgWorld *world) { return tg_log_is_whole(world->log) ? UINT64_MAX : tg_log_place(world->log) + 1; }

uint64_t tg_world_distance(const TgVM *vm, uint64_t place) {
    TgWorld *world = vm->world;
    if (!world || !world->replays || world->is_over) return UINT64_MAX;
    while (world->strike_count && world->strikes->offset < world->head_offset) world->strikes++, world->strike_count--;
    uint64_t next = world->strike_count ? world->strikes->place : UINT64_MAX;
    if (end_of(world) < next && (!world->is_behind || world->head.kind == WORLD_COUNT)) next = end_of(world);
    if (world->stop_at && world->stop_at < next) next = world->stop_at;
    if (next == UINT64_MAX) return UINT64_MAX;
    return next > place ? next - place : 1;
}

bool tg_world_came(const TgVM *vm, TgWorldAsk what, uint64_t place) {
    const TgWorld *world = vm->world;
    return world && world->replays && tg_world_is_next(world, what) && place_of(&world->head) == place;
}

void tg_world_boundary(TgVM *vm, uint64_t place) {
    TgWorld *world = vm->world;
    if (!world || !world->replays || world->is_over) return;
    if (world->stop_at && place >= world->stop_at) {
        world->stop_at = 0;
        world->is_shown = true;
        vm->stop(vm);
        world->is_shown = false;
    }
    world->is_behind = place >= end_of(world); // places are as of a task's last call: there may be something left
    if (world->is_behind && world->head.kind == WORLD_COUNT) tg_world_broken_off(world);
}

// An entry that is a place and so many bytes.
static void put_at(TgWorld *world, TgWorldAsk what, uint64_t place, const void *data, size_t size) {
    uint8_t bytes[64];
    size_t length = 0;
    for (; place >= 0x80; place >>= 7) bytes[length++] = (uint8_t)(place | 0x80);
    bytes[length++] = (uint8_t)place;
    if (size) memcpy(bytes + length, data, size);
    tg_world_put(world, what, bytes, length + size);
}

// ---- Looking around

static bool has_nothing(const TgWorld *world) { return !world || !(world->records || world->replays) || world->is_over; }

bool tg_world_poll(TgVM *vm, double first, TgWorldAsk what, uint64_t place) {
    TgWorld *world = vm->world;
    if (has_nothing(world)) {
        vm->reactor->poll(vm->reactor);
        return true;
    }
    if (world->replays) {
        if (!tg_world_came(vm, what, place)) return false;
        tg_world_take(world, what);
        vm->reactor->poll(vm->reactor);
        return true;
    }
    world->poll = what;
    world->poll_place = place;
    world->has_come = false;
    vm->reactor->poll(vm->reactor);
    if (!world->has_come && first <= world->inner->now(world->inner)) tg_world_come(world);
    world->poll = WORLD_COUNT;
    if (world->has_come) tg_world_put(world, WORLD_TURN, NULL, 0);
    else tg_log_reach(world->log, place);
    return world->has_come;
}

void tg_world_come(TgWorld *world) {
    world->has_come = true;
    if (world->poll == WORLD_COUNT) return;
    TgWorldAsk what = world->poll;
    world->poll = WORLD_COUNT;
    put_at(world, what, world->poll_place, NULL, 0);
}

double tg_world_glance(TgVM *vm) {
    TgWorld *world = vm->world;
    if (!world || !(world->records || world->replays)) return vm->reactor->now(vm->reactor);
    return world->replays ? world->time : world->inner->now(world->inner);
}

// ---- Signals

static const int asked_for[TG_WORLD_SIGNALS] = {TG_SIGQUIT, TG_SIGINT, TG_SIGTERM, TG_SIGHUP};

static void give_signals(TgVM *vm, TgWorldAsk what, uint64_t place, uint32_t counts[TG_WORLD_SIGNALS]) {
    memset(counts, 0, TG_WORLD_SIGNALS * sizeof *counts);
    if (!tg_world_came(vm, what, place)) return;
    TgLogEntry entry = tg_world_take(vm->world, what);
    uint64_t ignored;
    if (!tg_entry_number(&entry, &ignored) || !tg_entry_bytes(&entry, counts, TG_WORLD_SIGNALS * sizeof *counts))
        tg_world_astray(vm->world, "something of another size");
}

void tg_world_signals(TgVM *vm, TgWorldAsk what, uint64_t place, uint32_t counts[TG_WORLD_SIGNALS]) {
    if (tg_world_replays(vm)) {
        give_signals(vm, what, place, counts);
        return;
    }
    uint32_t all = 0;
    for (int i = 0; i < TG_WORLD_SIGNALS; i++) all |= counts[i] = vm->sched->signals ? tg_signals_take(vm->sched->signals, asked_for[i]) : 0;
    if (all && vm->world) put_at(vm->world, what, place, counts, TG_WORLD_SIGNALS * sizeof *counts);
}

bool tg_world_holds(const TgVM *vm, uint32_t bits) {
    TgWorld *world = vm->world;
    bool holds = atomic_load_explicit(&vm->trap, memory_order_relaxed) & bits;
    if (has_nothing(world)) return holds;
    world->asks++;
    if (!world->replays) {
        if (holds) put_at(world, WORLD_STOPPED, world->asks, NULL, 0);
        return holds;
    }
    if (!tg_world_came(vm, WORLD_STOPPED, world->asks)) return false;
    tg_world_take(world, WORLD_STOPPED);
    return true;
}

// ---- Output, sources

bool tg_world_is_full(TgVM *vm, uint64_t place, bool is_full) {
    TgWorld *world = vm->world;
    if (has_nothing(world)) return is_full;
    if (!world->replays) {
        if (is_full) put_at(world, WORLD_FULL, place, NULL, 0);
        return is_full;
    }
    if (is_full) tg_out_flush(vm, INFINITY); // whoever reads now is another one
    if (!tg_world_came(vm, WORLD_FULL, place)) return false;
    tg_world_take(world, WORLD_FULL);
    return true;
}

void tg_world_source(TgVM *vm, const char *path, const char *text, size_t length) {
    TgWorld *world = vm->world;
    if (has_nothing(world)) return;
    uint64_t hash = tg_world_hash(text, length);
    if (!world->replays) {
        TgBuffer out = {0};
        tg_buffer_add(&out, (const char *)&hash, sizeof hash);
        tg_buffer_text(&out, path);
        tg_world_put(world, WORLD_SOURCE, out.data, out.length);
        tg_buffer_free(&out);
        return;
    }
    TgLogEntry entry = tg_world_take(world, WORLD_SOURCE);
    uint64_t recorded;
    if (!tg_entry_bytes(&entry, &recorded, sizeof recorded) || recorded != hash) tg_world_astray(world, "importing a file that has changed");
}
