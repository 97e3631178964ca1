// lang/cli/trace_tiers.h
// The lines of a picture from top to bottom: a task, below it each nursery that it opened, below that its children. A nursery of many
// children is folded: one line stands for all that ran in it.
// Layer: command.
#ifndef TG_LANG_CLI_TRACE_TIERS_H
#define TG_LANG_CLI_TRACE_TIERS_H

#include "lang/cli/timeline.h"

typedef struct {
    bool is_block, is_folded;
    uint32_t of;     // task id or block
    uint32_t depth;
    uint32_t end;    // of a block: the tier behind its last one
} TgTier;

typedef struct {
    TgTier *items;
    uint32_t count, capacity;
    uint32_t fold;        // blocks of more children than this are folded
    uint32_t *of_lane;    // by task id: the tier that shows it, its own or that of a folded block
} TgTiers;

// At most `most` of them, as far as folding can do that.
TgTiers tg_tiers_of(const TgTimeline *timeline, uint32_t most);
void tg_tiers_free(TgTiers *tiers);

// The task after `task` as one goes down the tree, within `block`; 0: there is none.
uint32_t tg_lane_next(const TgTimeline *timeline, uint32_t task, uint32_t block);

#endif
