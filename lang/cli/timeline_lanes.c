// lang/cli/timeline_lanes.c
// From rows to what a picture is drawn of: stretches, which go from one row of a task to its next, and arrows.
// Layer: command.
#include <stdlib.h>

#include "lang/cli/timeline.h"
#include "vm/scope.h"

// ---- Stretches

// What a row makes of its task; -1: nothing new.
static int state_after(const TgRow *row) {
    switch (row->kind) {
    case SEEN_SPAWN:
    case SEEN_YIELD:
    case SEEN_WAKE: return STRETCH_READY;
    case SEEN_RUN: return STRETCH_RUN;
    case SEEN_BLOCK: return STRETCH_BLOCK;
    default: return -1;
    }
}

static bool has_lane(const TgTimeline *timeline, uint32_t task) {
    return task && task <= timeline->lane_count && timeline->lanes[task].block;
}

// Room for the stretches of each lane, one behind the other.
static void count_stretches(TgTimeline *timeline) {
    uint32_t total = 0;
    for (uint32_t i = 0; i < timeline->count; i++)
        if (has_lane(timeline, timeline->rows[i].task) && state_after(&timeline->rows[i]) >= 0) timeline->lanes[timeline->rows[i].task].count++;
    for (uint32_t id = 1; id <= timeline->lane_count; id++) {
        timeline->lanes[id].first = total;
        total += timeline->lanes[id].count;
        timeline->lanes[id].count = 0;
    }
    timeline->stretches = calloc(total + 1, sizeof *timeline->stretches);
    if (!timeline->stretches) abort(); // a tool's own bookkeeping
}

static void add_stretch(TgTimeline *timeline, TgLane *lane, uint32_t row, int state) {
    TgStretch *stretch = &timeline->stretches[lane->first + lane->count++];
    *stretch = (TgStretch){row, timeline->last, (uint8_t)state, timeline->rows[row].text, timeline->rows[row].place};
    if (state == STRETCH_READY) stretch->text = stretch->place = 0;
    if (lane->count > 1) stretch[-1].to = row;
}

static void make_stretches(TgTimeline *timeline) {
    count_stretches(timeline);
    for (uint32_t i = 0; i < timeline->count; i++) {
        const TgRow *row = &timeline->rows[i];
        if (!has_lane(timeline, row->task)) continue;
        TgLane *lane = &timeline->lanes[row->task];
        int state = state_after(row);
        if (state >= 0) add_stretch(timeline, lane, i, state);
        else if (row->kind == SEEN_END && lane->count > 0) timeline->stretches[lane->first + lane->count - 1].to = i;
    }
}

// ---- Arrows

static void add_arrow(TgTimeline *timeline, TgArrow arrow) {
    if (arrow.from == arrow.to || !has_lane(timeline, arrow.from) || !has_lane(timeline, arrow.to)) return;
    timeline->arrows = tg_room_for_one(timeline->arrows, timeline->arrow_count, &timeline->arrow_capacity, sizeof arrow);
    timeline->arrows[timeline->arrow_count++] = arrow;
}

static uint64_t key_of_message(const TgRow *row) { return (uint64_t)row->thing << 32 | row->number; }

static bool is_channel_wait(uint8_t kind) { return kind == WAIT_SEND || kind == WAIT_RECEIVE || kind == WAIT_NEXT; }

// The task whose failure, or call, or end of a block it was that cancelled; else whose block it is.
static uint32_t canceller(const TgRow *row) { return row->by ? row->by : row->task; }

// Whether the cancellation that this row tells of is one of `task`.
static bool is_around(const TgTimeline *timeline, const TgRow *cancel, uint32_t task) {
    while (task) {
        uint32_t block = timeline->lanes[task].block;
        if (cancel->thing ? block == cancel->thing : task == cancel->task) return true;
        task = timeline->blocks[block].owner;
    }
    return false;
}

// A task that was cancelled while it was ready, or before it began, was told of it by nobody: it found out by itself.
static void add_late_cancel(TgTimeline *timeline, uint32_t end) {
    enum { MOST_BACK = 2000 };
    uint32_t task = timeline->rows[end].task;
    if (!has_lane(timeline, task)) return;
    for (uint32_t i = end; i > 0 && end - i < MOST_BACK; i--) {
        const TgRow *row = &timeline->rows[i - 1];
        if (row->task == task && row->kind == SEEN_WAKE && row->ended == WOKEN_CANCEL) return;
        if (row->kind != SEEN_CANCEL || !is_around(timeline, row, task)) continue;
        add_arrow(timeline, (TgArrow){ARROW_CANCEL, canceller(row), i - 1, task, end, row->text});
        return;
    }
}

static void make_arrows(TgTimeline *timeline) {
    TgNumbers sent = {0};
    const TgRow *cancel = NULL;
    for (uint32_t i = 0; i < timeline->count; i++) {
        const TgRow *row = &timeline->rows[i];
        if (row->kind == SEEN_USE && row->how == USE_SENT) {
            *tg_numbers_at(&sent, key_of_message(row)) = i + 1;
        } else if (row->kind == SEEN_USE && row->how == USE_RECEIVED) {
            uint32_t from = *tg_numbers_at(&sent, key_of_message(row));
            if (from) add_arrow(timeline, (TgArrow){ARROW_MESSAGE, timeline->rows[from - 1].task, from - 1, row->task, i, row->text});
        } else if (row->kind == SEEN_FAIL) {
            add_arrow(timeline, (TgArrow){ARROW_FAIL, row->by, i, row->task, i, row->text});
        } else if (row->kind == SEEN_CANCEL) {
            cancel = row;
            if (!row->thing) add_arrow(timeline, (TgArrow){ARROW_CANCEL, row->by, i, row->task, i, row->text});
        } else if (row->kind == SEEN_WAKE && row->ended == WOKEN_CANCEL && cancel) {
            add_arrow(timeline, (TgArrow){ARROW_CANCEL, canceller(cancel), i, row->task, i, cancel->text});
        } else if (row->kind == SEEN_END && row->how == TASK_CANCELLED) {
            add_late_cancel(timeline, i);
        } else if (row->kind == SEEN_WAKE && row->ended <= WOKEN_ERROR && !is_channel_wait(row->how)) {
            add_arrow(timeline, (TgArrow){ARROW_WAKE, row->by, i, row->task, i, 0});
        }
    }
    tg_numbers_free(&sent);
}

void tg_timeline_lanes(TgTimeline *timeline) {
    timeline->last = timeline->count;
    make_stretches(timeline);
    make_arrows(timeline);
}
