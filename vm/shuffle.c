// vm/shuffle.c
// tg --seed: which of the ready tasks runs next, and for how long, is drawn. The generator is the scheduler's own: what a script draws of
// `random` does not depend on it.
// Layer: runtime.
#include <stdlib.h>

#include "vm/sched.h"

enum { AMONG = 16, SHORT = 16 };

typedef struct {
    TgChooser base; // first: a TgChooser is cast to it
    uint64_t state;
} Shuffle;

// splitmix64
static uint64_t draw(TgChooser *chooser) {
    uint64_t bits = ((Shuffle *)chooser)->state += 0x9E3779B97F4A7C15u;
    bits = (bits ^ (bits >> 30)) * 0xBF58476D1CE4E5B9u;
    bits = (bits ^ (bits >> 27)) * 0x94D049BB133111EBu;
    return bits ^ (bits >> 31);
}

static uint32_t draw_next(TgVM *vm, TgChooser *chooser, uint32_t count) {
    (void)vm;
    return (uint32_t)(draw(chooser) % count);
}

// Every other slice is short: what goes wrong between two lines is found there. The others get a program on.
static uint64_t draw_slice(TgVM *vm, TgChooser *chooser) {
    uint64_t bits = draw(chooser), most = vm->options.slice;
    if (bits & 1 && most > SHORT) most = SHORT;
    return 1 + (bits >> 1) % most;
}

TgChooser *tg_shuffle_new(uint64_t seed) {
    Shuffle *shuffle = calloc(1, sizeof *shuffle);
    if (!shuffle) return NULL;
    *shuffle = (Shuffle){{draw_next, draw_slice, AMONG}, ~seed};
    return &shuffle->base;
}
