// lang/cli/trace_tiers.c
// Goes down the tree of tasks without recursion: nesting may be as deep as memory.
// Layer: command.
#include "lang/cli/trace_tiers.h"

#include <stdlib.h>

#include "vm/scope.h"

// `block` or the next of its owner's blocks that has children; 0: none.
static uint32_t with_children(const TgTimeline *timeline, uint32_t block) {
    while (block && !timeline->blocks[block].first_child) block = timeline->blocks[block].next;
    return block;
}

uint32_t tg_lane_next(const TgTimeline *timeline, uint32_t task, uint32_t block) {
    uint32_t inner = with_children(timeline, timeline->lanes[task].blocks);
    while (!inner) {
        if (timeline->lanes[task].next) return timeline->lanes[task].next;
        uint32_t around = timeline->lanes[task].block;
        if (around == block || !timeline->blocks[around].owner) return 0;
        task = timeline->blocks[around].owner;
        inner = with_children(timeline, timeline->blocks[around].next);
    }
    return timeline->blocks[inner].first_child;
}

static uint32_t add(TgTiers *tiers, TgTier tier) {
    tiers->items = tg_room_for_one(tiers->items, tiers->count, &tiers->capacity, sizeof tier);
    tiers->items[tiers->count] = tier;
    return tiers->count++;
}

static void add_folded(const TgTimeline *timeline, TgTiers *tiers, uint32_t block, uint32_t tier) {
    for (uint32_t task = timeline->blocks[block].first_child; task; task = tg_lane_next(timeline, task, block)) tiers->of_lane[task] = tier;
}

typedef struct {
    const TgTimeline *timeline;
    TgTiers *tiers;
    uint32_t *tier_of; // by block
    uint32_t depth;
} Walk;

// The lines of `block` and of those after it, up to one whose children are shown: the first of these, or 0.
static uint32_t open_blocks(Walk *walk, uint32_t block) {
    for (block = with_children(walk->timeline, block); block; block = with_children(walk->timeline, walk->timeline->blocks[block].next)) {
        bool is_folded = walk->timeline->blocks[block].child_count > walk->tiers->fold;
        uint32_t tier = add(walk->tiers, (TgTier){true, is_folded, block, walk->depth + 1, 0});
        walk->tier_of[block] = tier;
        walk->tiers->items[tier].end = tier + 1;
        if (is_folded) {
            add_folded(walk->timeline, walk->tiers, block, tier);
            continue;
        }
        walk->depth += 2;
        return walk->timeline->blocks[block].first_child;
    }
    return 0;
}

static uint32_t go_on(Walk *walk, uint32_t task) {
    const TgTimeline *timeline = walk->timeline;
    uint32_t inner = open_blocks(walk, timeline->lanes[task].blocks);
    while (!inner) {
        if (timeline->lanes[task].next) return timeline->lanes[task].next;
        uint32_t around = timeline->lanes[task].block;
        if (!timeline->blocks[around].owner) return 0;
        walk->depth -= 2;
        walk->tiers->items[walk->tier_of[around]].end = walk->tiers->count;
        task = timeline->blocks[around].owner;
        inner = open_blocks(walk, timeline->blocks[around].next);
    }
    return inner;
}

static void fill(const TgTimeline *timeline, TgTiers *tiers) {
    Walk walk = {timeline, tiers, calloc(timeline->block_count + 1, sizeof(uint32_t)), 0};
    if (!walk.tier_of) abort(); // a tool's own bookkeeping
    tiers->count = 0;
    for (uint32_t task = timeline->block_count ? timeline->blocks[1].first_child : 0; task; task = go_on(&walk, task))
        tiers->of_lane[task] = add(tiers, (TgTier){false, false, task, walk.depth, 0});
    free(walk.tier_of);
}

TgTiers tg_tiers_of(const TgTimeline *timeline, uint32_t most) {
    static const uint32_t folds[] = {50, 12, 3, 0};
    TgTiers tiers = {.of_lane = calloc(timeline->lane_count + 1, sizeof(uint32_t))};
    if (!tiers.of_lane) abort(); // a tool's own bookkeeping
    for (size_t i = 0; i < sizeof folds / sizeof *folds; i++) {
        tiers.fold = folds[i];
        fill(timeline, &tiers);
        if (tiers.count <= most) break;
    }
    return tiers;
}

void tg_tiers_free(TgTiers *tiers) {
    free(tiers->items);
    free(tiers->of_lane);
}
