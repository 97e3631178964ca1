// lang/cli/timeline.h
// What happened between the tasks of a run, written down as it happens, and read as lanes afterwards.
//
// A row is one thing that happened; texts and places are numbers into tables, so that a row is small and a million of them are
// no burden. Beyond the limit rows are counted and no longer kept. The lanes are the rows seen from the tasks: of each its stretches of
// running, being ready and waiting; of each block its beginning and end; and the arrows from causes to effects.
//
// Layer: command.
#ifndef TG_LANG_CLI_TIMELINE_H
#define TG_LANG_CLI_TIMELINE_H

#include "lang/cli/texts.h"
#include "vm/observe.h"

typedef struct {
    double at;       // seconds since the run began
    uint8_t kind;    // TgSeenKind
    uint8_t how;     // as in TgSeen; END: TgTaskState; BLOCK, WAKE: TgWaitKind
    uint8_t ended;   // WAKE: TgWoken
    uint32_t task;   // id, 0: none
    uint32_t by;     // id, 0: none
    uint32_t thing;  // SPAWN, OPEN, CLOSE, FAIL, CANCEL: block; USE: object; 0: none
    uint32_t number; // USE of a message: which of the channel's
    uint32_t text;   // in texts
    uint32_t place;  // in places; 0: none
} TgRow;

typedef struct {
    uint32_t file, line, function, source; // all but the line are texts
} TgTimelinePlace;

enum { STRETCH_READY, STRETCH_RUN, STRETCH_BLOCK };
typedef struct {
    uint32_t from, to; // rows
    uint8_t state;     // STRETCH_…
    uint32_t text, place;
} TgStretch;

#define NO_ROW UINT32_MAX
typedef struct {
    uint32_t name;        // text; without #id
    uint32_t block;       // whose child it is
    uint32_t from, to;    // rows; NO_ROW: it had not ended
    uint8_t state;        // TgTaskState at the end; DONE, FAILED, CANCELLED, or what it was last
    uint32_t text, place; // how it ended
    uint32_t spawned;     // place
    uint32_t first, count; // stretches
    uint32_t next;        // id of the next child of the block, 0: none
    uint32_t blocks;      // first block that it opened, 0: none
} TgLane;

typedef struct {
    uint8_t kind, cause;      // TgScopeKind, TgCause
    uint32_t owner;           // task id; 0: the root
    uint32_t from, to;        // rows; NO_ROW: still open
    uint32_t text, place;
    uint32_t first_child, last_child, child_count; // task ids
    uint32_t next, last;      // of its owner's blocks, in order; last: only of the first one
} TgLaneBlock;

typedef enum { ARROW_MESSAGE, ARROW_WAKE, ARROW_FAIL, ARROW_CANCEL } TgArrowKind;
typedef struct {
    TgArrowKind kind;
    uint32_t from, from_row, to, to_row; // task ids, rows
    uint32_t text;
} TgArrow;

typedef struct {
    TgRow *rows;
    uint32_t count, capacity, limit;
    uint64_t dropped;
    uint32_t last;        // rows in all when it was closed
    TgTexts texts;
    TgTimelinePlace *places; // from 1
    uint32_t place_count, place_capacity;
    // The lanes
    TgLane *lanes;        // by task id; 0 is unused
    uint32_t lane_count, lane_capacity;
    TgLaneBlock *blocks;  // from 1
    uint32_t block_count, block_capacity;
    TgStretch *stretches;
    TgArrow *arrows;
    uint32_t arrow_count, arrow_capacity;
} TgTimeline;

typedef struct TgRecorder TgRecorder;

// Begins to write down what happens in `vm` (made with options.observed), at most `limit` rows.
TgRecorder *tg_recorder_new(TgVM *vm, uint32_t limit);
// The run is over: what was written down, with its lanes. The recorder's, until tg_recorder_free.
TgTimeline *tg_recorder_finish(TgRecorder *recorder);
void tg_recorder_free(TgRecorder *recorder);
// Goes from rows to lanes: stretches and arrows (timeline_lanes.c). For tg_recorder_finish.
void tg_timeline_lanes(TgTimeline *timeline);

static inline const char *tg_timeline_text(const TgTimeline *timeline, uint32_t text) { return tg_texts_get(&timeline->texts, text); }
// Appends "a.tg:4"; nothing for place 0.
void tg_timeline_place(const TgTimeline *timeline, uint32_t place, TgBuffer *out);
// Appends "worker#2".
void tg_timeline_task(const TgTimeline *timeline, uint32_t task, TgBuffer *out);
// What one row says, as a sentence about its task without its name: "waits in lock.acquire() at a.tg:4".
void tg_timeline_say(const TgTimeline *timeline, const TgRow *row, TgBuffer *out);

#endif
