// vm/dpor_clock.h
// Vector clocks: of each process, how many of its steps come before something, or are it. Looked at as far as `width`, a multiple
// of the block: most programs have few processes, and nine tenths of the work would be with zeros.
// Layer: runtime, bottom.
#ifndef TG_VM_DPOR_CLOCK_H
#define TG_VM_DPOR_CLOCK_H

#include <string.h>

#include "vm/dpor.h"

enum { TG_DPOR_BLOCK = 16 }; // a loop of so many the compiler does at once

typedef struct {
    uint16_t of[TG_DPOR_PROCESSES];
} TgDporClock;

static inline void tg_dpor_clock_join(uint32_t width, TgDporClock *into, const TgDporClock *other) {
    for (uint32_t at = 0; at < width; at += TG_DPOR_BLOCK)
        for (uint32_t i = at; i < at + TG_DPOR_BLOCK; i++) into->of[i] = other->of[i] > into->of[i] ? other->of[i] : into->of[i];
}
static inline void tg_dpor_clock_copy(uint32_t width, TgDporClock *into, const TgDporClock *from) {
    memcpy(into, from, width * sizeof into->of[0]);
}
static inline void tg_dpor_clock_clear(uint32_t width, TgDporClock *clock) { memset(clock, 0, width * sizeof clock->of[0]); }
static inline void tg_dpor_clock_widen(uint32_t from, uint32_t to, TgDporClock *clock) {
    memset(clock->of + from, 0, (to - from) * sizeof clock->of[0]);
}

#endif
