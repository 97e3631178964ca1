// vm/dpor.h
// The search over schedules: which task goes next at each place where that can matter, until nothing new is left.
//
// Dynamic partial-order reduction with source sets and sleep sets. It knows processes (numbers), steps and what each step
// touched; of tasks and scripts it knows nothing. A run is a sequence of steps; each begins with a choice. Two steps of
// different processes that touch the same thing, one of them writing, and that nothing else keeps in order, are a race: the
// other order is tried too, from the place where it is still open. What commutes is tried in one order only.
//
// What was never in a race so far needs no choice at all (tg_dpor_is_visible). A race that proves this wrong begins the
// search anew with what was learnt; so locked data costs nothing.
//
// Layer: runtime, bottom.
#ifndef TG_VM_DPOR_H
#define TG_VM_DPOR_H

#include <stdbool.h>
#include <stdint.h>

typedef struct TgDpor TgDpor;

// ADDs commute with each other (a nursery's children, say), not with READs and WRITEs. GIVEs keep their order, so do TAKEs, but the
// two commute (sending and receiving, release and acquire: who comes first waits or not, what comes of it is the same).
typedef enum { TG_DPOR_READ, TG_DPOR_ADD, TG_DPOR_GIVE, TG_DPOR_TAKE, TG_DPOR_WRITE, TG_DPOR_MODES } TgDporMode;

enum { TG_DPOR_PROCESSES = 256 };
typedef struct {
    uint64_t bits[TG_DPOR_PROCESSES / 64];
} TgDporSet;

static inline bool tg_dpor_has(const TgDporSet *set, uint32_t i) { return set->bits[i / 64] >> (i % 64) & 1; }
static inline bool tg_dpor_is_empty(const TgDporSet *set) {
    uint64_t all = 0;
    for (int i = 0; i < TG_DPOR_PROCESSES / 64; i++) all |= set->bits[i];
    return !all;
}
static inline void tg_dpor_add(TgDporSet *set, uint32_t i) { set->bits[i / 64] |= UINT64_C(1) << (i % 64); }

// Why a run is not gone on with.
typedef enum {
    TG_DPOR_GOES_ON,
    TG_DPOR_REDUNDANT, // whatever comes next was tried elsewhere
    TG_DPOR_DIVERGED,  // the same choices led to something else than before
    TG_DPOR_TOO_MANY,  // more steps, processes or things than are kept account of
} TgDporStop;

// `brute`: every choice at every place, without any reduction. NULL: no memory.
TgDpor *tg_dpor_new(bool brute);
void tg_dpor_free(TgDpor *dpor);

// A new pass: schedules with at most so many preemptions (a process that could have gone on is left for another).
void tg_dpor_begin_pass(TgDpor *dpor, uint32_t preemptions);
void tg_dpor_begin_run(TgDpor *dpor);
// After a run: prepares the next one. False: the pass is over.
bool tg_dpor_next(TgDpor *dpor);
// Whether this pass left out something because of its bound: if not, all is tried.
bool tg_dpor_was_bounded(const TgDpor *dpor);
// What part of the pass is done, from 0 to 1, as far as is known.
double tg_dpor_progress(const TgDpor *dpor);

// The next step's process, of `enabled`; `order` (`count` of them) says which ones to prefer. `running`: the process that could go
// on without a switch, or -1; `afresh`: those whose next step is not what it was when it was tried elsewhere. -1: this run ends here (tg_dpor_stop).
int tg_dpor_choose(TgDpor *dpor, const TgDporSet *enabled, int running, const TgDporSet *afresh, const uint8_t *order, uint32_t count);
// One of 0 … count-1, each in turn.
uint32_t tg_dpor_pick(TgDpor *dpor, uint32_t count);
TgDporStop tg_dpor_stop(const TgDpor *dpor);

// Steps. A step begins after its choice.
void tg_dpor_begin_step(TgDpor *dpor, uint32_t process);
void tg_dpor_end_step(TgDpor *dpor);
bool tg_dpor_in_step(const TgDpor *dpor);
// The number in this run of the thing with that key (an address, say); `site`: what is the same in every run (where it was first met).
uint32_t tg_dpor_object(TgDpor *dpor, uint64_t key, uint64_t site);
// The step in progress touches a part of it (0: all of it).
void tg_dpor_touch(TgDpor *dpor, uint32_t object, uint32_t part, TgDporMode mode);
// Whether it touched anything that is ever in a race: then there is a choice at its end.
bool tg_dpor_is_visible(const TgDpor *dpor);
// The step in progress comes after all touches of this thing of that mode so far, or after the `nth` (from 1; nothing if there
// is none yet), and there is no choice in it.
void tg_dpor_join(TgDpor *dpor, uint32_t object, TgDporMode mode);
void tg_dpor_join_nth(TgDpor *dpor, uint32_t object, TgDporMode mode, uint32_t nth);
// How many touches of that mode there were.
uint32_t tg_dpor_count(const TgDpor *dpor, uint32_t object, TgDporMode mode);
// The step in progress (or the last one) made that process able to go on, or made it.
void tg_dpor_wake(TgDpor *dpor, uint32_t process);
// All steps from here on come after all so far (the clock has moved).
void tg_dpor_fence(TgDpor *dpor);

// For telling: whether that step is among those of this run that are in races about the thing, from the first to the last.
bool tg_dpor_is_raced(const TgDpor *dpor, uint32_t object, uint32_t step);
// Steps of this run.
uint32_t tg_dpor_steps(const TgDpor *dpor);

#endif
