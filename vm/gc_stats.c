// vm/gc_stats.c
// How long the collector held the program up: for --gc-stats.
//
// Processor time is counted, so that what other programs take is not the collector's. Pauses are kept in a histogram whose
// steps grow by an eighth: a percentile is true to that, the longest and the total are exact.
//
// Layer: data.
#include <stdlib.h>
#include <time.h>

#include "vm/gc_impl.h"
#include "vm/vm.h"

enum { STEPS = 8, OCTAVES = 32, BUCKETS = STEPS * OCTAVES }; // of microseconds / 8

struct TgGCStats {
    uint64_t buckets[BUCKETS];
    uint64_t count, cycles;
    double total, longest; // milliseconds
    double began;
    size_t peak, live; // bytes: the most in use, the most that a cycle left
};

static double milliseconds(void) {
    struct timespec now;
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
    return (double)now.tv_sec * 1e3 + (double)now.tv_nsec / 1e6;
}

bool tg_gc_stats_on(TgVM *vm) {
    if (!vm->gc->stats) vm->gc->stats = calloc(1, sizeof *vm->gc->stats);
    return vm->gc->stats;
}

void tg_gc_stats_begin(TgGC *gc) {
    TgGCStats *stats = gc->stats;
    if (!stats) return;
    if (tg_gc_in_use(gc) > stats->peak) stats->peak = tg_gc_in_use(gc);
    stats->began = milliseconds();
}

// Bucket b holds pauses of up to 2^(b / STEPS) eighths of a microsecond, the part between two powers in equal steps.
static uint32_t bucket_of(double pause) {
    uint64_t eighths = (uint64_t)(pause * 8e3) + STEPS;
    uint32_t octave = 63 - (uint32_t)__builtin_clzll(eighths);
    uint32_t bucket = (octave - 3) * STEPS + (uint32_t)(eighths >> (octave - 3)) % STEPS;
    return bucket < BUCKETS ? bucket : BUCKETS - 1;
}

static double bucket_end(uint32_t bucket) {
    uint64_t eighths = (uint64_t)(STEPS + bucket % STEPS + 1) << bucket / STEPS;
    return (double)(eighths - STEPS) / 8e3;
}

void tg_gc_stats_end(TgGC *gc) {
    TgGCStats *stats = gc->stats;
    if (!stats) return;
    double pause = milliseconds() - stats->began;
    stats->buckets[bucket_of(pause)]++;
    stats->count++;
    stats->total += pause;
    if (pause > stats->longest) stats->longest = pause;
}

void tg_gc_stats_cycle(TgGC *gc) {
    TgGCStats *stats = gc->stats;
    if (!stats) return;
    stats->cycles++;
    if (tg_gc_in_use(gc) > stats->live) stats->live = tg_gc_in_use(gc);
}

static double percentile(const TgGCStats *stats, double part) {
    uint64_t wanted = (uint64_t)((double)stats->count * part), seen = 0;
    for (uint32_t i = 0; i < BUCKETS; i++) {
        seen += stats->buckets[i];
        if (seen > wanted) return bucket_end(i) < stats->longest ? bucket_end(i) : stats->longest;
    }
    return stats->longest;
}

void tg_gc_report(const TgVM *vm, FILE *out) {
    const TgGCStats *stats = vm->gc->stats;
    if (!stats) return;
    size_t peak = stats->peak > tg_gc_in_use(vm->gc) ? stats->peak : tg_gc_in_use(vm->gc);
    double megabyte = 1024 * 1024;
    fprintf(out, "gc: %llu cycles in %llu pauses, %.1f ms in all; the longest %.2f ms, 99.9 %% under %.2f ms, half under %.2f ms\n",
            (unsigned long long)stats->cycles, (unsigned long long)stats->count, stats->total, stats->longest,
            percentile(stats, 0.999), percentile(stats, 0.5));
    fprintf(out, "gc: %.1f MB in use at most, %.1f MB alive at most after a cycle\n", (double)peak / megabyte,
            (double)stats->live / megabyte);
}
