// vm/explore_impl.h
// What explore.c, explore_run.c, explore_touch.c and story.c share.
// Layer: runtime.
#ifndef TG_VM_EXPLORE_IMPL_H
#define TG_VM_EXPLORE_IMPL_H

#include "vm/explore.h"

enum { EXPLORE_TASKS = 224, EXPLORE_SCOPES = TG_DPOR_PROCESSES - EXPLORE_TASKS }; // processes: tasks by id, then timeouts

// Parts of a task or scope: whether it is cancelled; its end; its children.
enum { PART_REACHED = 1, PART_END = 2, PART_CHILDREN = 3 };
// Things that are none of the heap's: keys and sites.
enum { THING_OUTPUT = 1, THING_RANDOM = 3, THING_WORLD = 5, THING_IMPORTS = 7 };

// What is told of a touch: "read counter"; made only where somebody tells.
typedef struct {
    const char *verb;      // "read", "wrote", "called"
    const TgString *name;  // of a variable, field or method; or NULL
    TgValue owner;         // of the field or method, or what is touched; TG_UNDEF: a variable
    const char *text;      // instead of all that
} TgSaying;

typedef struct {
    uint32_t object, task, step;
    uint8_t mode;
    char *text, *who, *file;
    uint32_t line;
} TgTold;

typedef struct {
    TgCell *cell;
    TgValue value;
} TgKeptCell;

struct TgExplorer {
    TgDpor *dpor;
    bool outputs, telling, collects;
    TgExplored end;
    bool is_over;
    uint64_t most_boundaries;
    // How things are when a run begins
    TgModule *script;
    TgKeptCell *cells;
    uint32_t cell_count;
    uint64_t random[4];
    // This run
    int decided;       // at a boundary: who goes next; -1: to be asked
    TgDporSet ready;   // at the last choice
    const TgTask *tail; // of the ready ones when the step began
    TgDporSet owed[EXPLORE_TASKS]; // who yielded, and may have gone on before these,
    TgDporSet strict;              // and did so once
    TgDporSet freed;               // of these: who may go on when the step in progress has ended
    TgScope *scopes[EXPLORE_SCOPES];
    uint32_t scope_count;
    uint32_t waits, picks;
    const TgDeviations *guide;
    TgDeviations made;
    // For observing
    uint32_t frame;     // slot of R[0] in the running task's stack
    const uint32_t *pc; // the instruction; NULL: none yet
    // For telling
    TgTold *told;
    uint32_t told_count, told_room;
};

enum { EXPLORE_UNDECIDED = -1 };
// The run is over here, for that reason.
void tg_explore_end(TgVM *vm, TgExplored why);
static inline uint32_t tg_explore_process(const TgTask *task) { return task->id - 1; }
// The step in progress touches this; `say` may be NULL.
void tg_explore_touch(TgVM *vm, uint32_t object, uint32_t part, TgDporMode mode, const TgSaying *say);
// The number of a task.
uint32_t tg_explore_task(TgExplorer *explorer, const TgTask *task);
// Of any other object that is met here for the first time, or was before.
uint32_t tg_explore_object(TgExplorer *explorer, const void *object);

#endif
