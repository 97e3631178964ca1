// vm/explore.h
// Running a script by one schedule after another: `tg check --schedules`. Only there when somebody explores (vm->explorer).
//
// The scheduler asks here which task goes next (tg_explore_next), and at boundaries whether to switch; the loop, a second one
// that looks at each instruction before it runs (loop_observed.c), says what is touched (explore_touch.c); dpor.c decides. Output is
// kept in vm->out and not written. A run is undone by forgetting it: tasks, timers and variables.
//
// Layer: runtime.
#ifndef TG_VM_EXPLORE_H
#define TG_VM_EXPLORE_H

#include "vm/dpor.h"
#include "vm/run.h"
#include "vm/string.h"
#include "vm/task.h"

typedef struct TgExplorer TgExplorer;

// How a run came to its end.
typedef enum {
    EXPLORED,            // by itself
    EXPLORED_REDUNDANT,  // broken off: the rest was tried elsewhere
    EXPLORED_ENDLESS,    // more boundaries than are allowed
    EXPLORED_DIVERGED,   // the script does not do the same by the same schedule
    EXPLORED_TOO_MANY,   // more tasks or steps than can be kept account of
} TgExplored;

// What a run did otherwise than first come, first served, no task ever left that could go on.
typedef struct {
    char kind;     // 'b': left at that boundary; 'w': at that wait; 'p': that pick of a `select random`
    uint32_t at;   // number of the boundary, wait or pick in the run
    uint32_t what; // the task's id; from EXPLORE_TIMER on a timeout's place among those that are due; of a pick its number
} TgDeviation;
enum { EXPLORE_TIMER = 1 << 16 };

typedef struct {
    TgDeviation *items;
    uint32_t count, room;
} TgDeviations;

// Sets vm->explorer. `outputs`: the order in which tasks print matters. `brute`: no reduction (for tests). False: no memory.
bool tg_explorer_new(TgVM *vm, TgModule *script, bool outputs, bool brute);
void tg_explorer_free(TgVM *vm);
TgDpor *tg_explorer_dpor(TgExplorer *explorer);

// Runs the script by the search's next schedule or, where `guide` is not NULL, by that one. *outcome counts where this gives EXPLORED;
// what was printed is in vm->out till the next run. At most so many boundaries.
TgExplored tg_explore_run(TgVM *vm, TgCode *code, const TgDeviations *guide, uint64_t boundaries, TgOutcome *outcome);
// The last run as deviations; valid till the next.
const TgDeviations *tg_explore_deviations(const TgExplorer *explorer);
// In the next runs what is touched is kept for telling; and then told: what was in races, in order, as a text.
void tg_explore_tell(TgExplorer *explorer, bool on);
void tg_explore_story(TgVM *vm, TgBuffer *out);

// ---- Called by the runtime where vm->explorer is set

// A file's module and code from an earlier run, as they were before they ran; NULL: it is to be compiled, and kept then.
TgCode *tg_explore_imported(TgVM *vm, const TgString *path, TgModule **module);
void tg_explore_keep_import(TgVM *vm, TgModule *module, TgCode *code);

TgTask *tg_explore_next(TgVM *vm);                   // the next task, out of the ready ones; NULL: none can go on
bool tg_explore_boundary(TgVM *vm, TgTask *task);    // whether the running task is left here
bool tg_explore_is_over(const TgVM *vm);
uint32_t tg_explore_trap(TgVM *vm, uint32_t trap);   // the bits of the trap word that are to be answered in a run
void tg_explore_yielded(TgVM *vm, const TgTask *task);
void tg_explore_cancelled(TgVM *vm, const TgTask *task); // t.cancel()
void tg_explore_unqueued(TgVM *vm, TgTask *task);    // its wait ends, and perhaps not by what it waited for
void tg_explore_opened(TgVM *vm, const TgScope *scope);
void tg_explore_joined(TgVM *vm, TgScope *scope);    // cancelled, or an exception joins it
void tg_explore_ended(TgVM *vm, const TgTask *task);
void tg_explore_printed(TgVM *vm);
uint32_t tg_explore_pick(TgVM *vm, uint32_t count);
// The running task is about to execute the instruction at `pc` (explore_touch.c).
void tg_explore_look(TgVM *vm, const TgValue *R, const uint32_t *pc);
void tg_loop_observed(TgVM *vm);

#endif
