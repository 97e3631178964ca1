// lang/cli/reach.h
// What a task can get hold of: all that its variables, the functions that it is in and the names that these use lead to.
// Layer: command.
#ifndef TG_LANG_CLI_REACH_H
#define TG_LANG_CLI_REACH_H

#include "lang/cli/texts.h"
#include "vm/task.h"

// Zero-initialise.
typedef struct {
    TgNumbers met;   // by address
    TgObj **open;    // met, but not yet looked into
    uint32_t open_count, open_capacity;
    uint32_t looked; // objects so far
    bool gave_up;    // there are too many: what is not met may be within reach all the same
} TgReach;

// Adds what `task` reaches. Only reads the heap.
void tg_reach_add(TgReach *reach, TgVM *vm, const TgTask *task);
bool tg_reach_has(TgReach *reach, const void *object);
void tg_reach_free(TgReach *reach);

#endif
