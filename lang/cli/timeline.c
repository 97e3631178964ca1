// lang/cli/timeline.c
// The observer that writes down.
// Layer: command.
#include "lang/cli/timeline.h"

#include <stdlib.h>
#include <string.h>

#include "vm/api.h"
#include "vm/code.h"
#include "vm/sched.h"
#include "vm/sync.h"
#include "vm/trace.h"
#include "vm/tree.h"
#include "vm/unwind.h"
#include "vm/why.h"
#include "vm/world.h"

struct TgRecorder {
    TgObserver observer; // first: it is cast
    TgVM *vm;
    TgTimeline timeline;
    TgNumbers known;  // address of an open block or an object -> its number
    TgNumbers places; // file, line and function -> number in places
    uint32_t objects;
    double began;
};

// ---- Places

static uint32_t source_of(TgRecorder *recorder, const TgCode *code, uint32_t at) {
    const TgSourceText *source = code->source;
    if (!source || code->place_count == 0) return 0;
    uint32_t first = source->first_line ? source->first_line : 1, line = tg_code_place(code, at).line;
    if (line < first || line - first >= source->line_count) return 0;
    uint32_t from = source->lines[line - first];
    const char *text = source->text + from;
    size_t length = strcspn(text, "\r\n");
    if (from + length > source->length) length = source->length - from;
    while (length > 0 && (*text == ' ' || *text == '\t')) text++, length--;
    TgBuffer line_text = {0};
    tg_text_tame(&line_text, text, length > 120 ? 120 : length);
    uint32_t number = tg_texts_add(&recorder->timeline.texts, line_text.data ? line_text.data : "", line_text.length);
    tg_buffer_free(&line_text);
    return number;
}

static uint32_t text_of(TgRecorder *recorder, TgBuffer *buffer) {
    uint32_t number = buffer->length ? tg_texts_add(&recorder->timeline.texts, buffer->data, buffer->length) : 0;
    tg_buffer_free(buffer);
    return number;
}

static uint32_t place_of(TgRecorder *recorder, const TgCode *code, uint32_t at) {
    if (!code || !code->file) return 0;
    TgTimeline *timeline = &recorder->timeline;
    TgBuffer file = {0};
    tg_text_tame(&file, code->file->data, code->file->length);
    TgTimelinePlace place = {.file = text_of(recorder, &file), .line = tg_code_place(code, at).line};
    const char *function = tg_code_function(code);
    place.function = tg_texts_add(&timeline->texts, function, strlen(function));
    uint64_t key = (uint64_t)place.file << 48 ^ (uint64_t)place.function << 24 ^ place.line ^ 1ull << 63;
    uint32_t *known = tg_numbers_at(&recorder->places, key), number = *known;
    if (number > 0) return number;
    number = *known = ++timeline->place_count;
    place.source = source_of(recorder, code, at);
    timeline->places = tg_room_for_one(timeline->places, number, &timeline->place_capacity, sizeof place);
    timeline->places[number] = place;
    return number;
}

static uint32_t place_of_task(TgRecorder *recorder, const TgTask *task) {
    TgCode *code;
    uint32_t at = 0;
    return task && tg_task_spot(task, &code, &at) ? place_of(recorder, code, at) : 0;
}

static uint32_t place_of_trace(TgRecorder *recorder, const TgTrace *trace) {
    for (uint32_t i = 0; trace && i < trace->count; i++)
        if (!trace->frames[i].code->is_hidden) return place_of(recorder, trace->frames[i].code, trace->frames[i].at);
    return 0;
}

// ---- Texts

static uint32_t text_of_error(TgRecorder *recorder, TgValue error, uint32_t *place) {
    if (!tg_is_exception(error)) return 0;
    const TgException *exception = (TgException *)tg_as_obj(error);
    const TgString *message = tg_error_message(recorder->vm, exception);
    size_t length = strcspn(message->data, "\n");
    if (length > 0 && message->data[length] == '\n' && message->data[length - 1] == ':') length--; // a list follows
    TgBuffer text = {0};
    tg_buffer_text(&text, exception->instance.class_->name->data);
    if (length > 0) tg_buffer_text(&text, ": ");
    tg_text_tame(&text, message->data, length > 200 ? 200 : length);
    // One Interrupt strikes many tasks: its trace is that of the first.
    bool is_own = !tg_group_has_interrupt(recorder->vm, error);
    *place = is_own ? place_of_trace(recorder, exception->trace) : 0;
    return text_of(recorder, &text);
}

static uint32_t text_of_wait(TgRecorder *recorder, const TgTask *task) {
    TgBuffer text = {0};
    tg_tree_state(task, &text);
    if (task->wait_kind == WAIT_LOCK && ((const TgLock *)task->wait_object)->holder) {
        const TgTask *holder = ((const TgLock *)task->wait_object)->holder;
        tg_buffer_text(&text, ", held by ");
        tg_say_task(&text, holder->name, holder->id);
    }
    return text_of(recorder, &text);
}

static uint32_t text_of_cancel(TgRecorder *recorder, const TgSeen *seen) {
    const TgSched *sched = recorder->vm->sched;
    TgBuffer text = {0};
    switch ((TgCause)seen->how) {
    case CAUSE_NONE: break;
    case CAUSE_FAILED: tg_buffer_text(&text, "because it failed"); break;
    case CAUSE_CANCEL: tg_buffer_text(&text, seen->scope ? "by n.cancel()" : "by t.cancel()"); break;
    case CAUSE_TIMEOUT: tg_buffer_text(&text, "because its time is up"); break;
    case CAUSE_EXIT: tg_buffer_format(&text, "by exit(%d)", sched->exit_status); break;
    case CAUSE_SIGNAL: tg_buffer_text(&text, sched->end_signal ? "by a signal" : "from further out"); break;
    }
    return text_of(recorder, &text);
}

static uint32_t text_of_end(TgRecorder *recorder, const TgSeen *seen, uint32_t *place) {
    if (seen->task->state == TASK_FAILED) return text_of_error(recorder, seen->value, place);
    if (seen->task->state != TASK_CANCELLED) return 0;
    TgBuffer text = {0};
    tg_why_text(recorder->vm, seen->task, &text);
    return text_of(recorder, &text);
}

static uint32_t text_of_use(TgRecorder *recorder, const TgSeen *seen) {
    TgBuffer text = {0};
    if (seen->how == USE_SENT || seen->how == USE_RECEIVED)
        tg_text_short(recorder->vm, &text, seen->value, 40);
    else
        tg_buffer_text(&text, recorder->vm->classes[seen->object->kind]->name->data);
    return text_of(recorder, &text);
}

// ---- Tasks and blocks

static TgLane *lane_of(TgTimeline *timeline, uint32_t id) {
    while (id >= timeline->lane_capacity) {
        uint32_t old = timeline->lane_capacity;
        timeline->lanes = tg_room_for_one(timeline->lanes, old, &timeline->lane_capacity, sizeof *timeline->lanes);
        memset(timeline->lanes + old, 0, (timeline->lane_capacity - old) * sizeof *timeline->lanes);
    }
    if (id > timeline->lane_count) timeline->lane_count = id;
    return &timeline->lanes[id];
}

static void name_lane(TgRecorder *recorder, const TgTask *task) {
    TgBuffer name = {0};
    tg_say_name(&name, task->name);
    lane_of(&recorder->timeline, task->id)->name = text_of(recorder, &name);
}

static uint64_t key_of(const void *address) { return (uint64_t)(uintptr_t)address; }

static void add_lane(TgRecorder *recorder, const TgSeen *seen, uint32_t block, uint32_t place) {
    TgTimeline *timeline = &recorder->timeline;
    TgLane *lane = lane_of(timeline, seen->task->id);
    *lane = (TgLane){.block = block, .from = timeline->count, .to = NO_ROW, .state = TASK_READY, .spawned = place};
    TgLaneBlock *parent = &timeline->blocks[block];
    if (!parent->first_child) parent->first_child = seen->task->id;
    else timeline->lanes[parent->last_child].next = seen->task->id;
    parent->last_child = seen->task->id;
    parent->child_count++;
}

static uint32_t add_block(TgRecorder *recorder, const TgSeen *seen, uint32_t text, uint32_t place) {
    TgTimeline *timeline = &recorder->timeline;
    uint32_t number = ++timeline->block_count;
    timeline->blocks = tg_room_for_one(timeline->blocks, number, &timeline->block_capacity, sizeof(TgLaneBlock));
    TgLaneBlock *block = &timeline->blocks[number];
    *block = (TgLaneBlock){.kind = seen->scope->kind, .from = timeline->count, .to = NO_ROW, .text = text, .place = place};
    *tg_numbers_at(&recorder->known, key_of(seen->scope)) = number;
    if (!seen->task) return number;
    block->owner = seen->task->id;
    TgLane *owner = lane_of(timeline, block->owner);
    if (!owner->blocks) owner->blocks = number;
    else timeline->blocks[timeline->blocks[owner->blocks].last].next = number;
    timeline->blocks[owner->blocks].last = number;
    return number;
}

// An address may have been another one's before: its making begins a new one.
static uint32_t object_of(TgRecorder *recorder, const TgSeen *seen) {
    uint32_t *number = tg_numbers_at(&recorder->known, key_of(seen->object));
    if (!*number || seen->how == USE_MADE) *number = ++recorder->objects;
    return *number;
}

// ---- Writing down

static void describe_block(TgRecorder *recorder, const TgSeen *seen, TgRow *row) {
    TgBuffer text = {0};
    uint32_t at;
    const TgCode *library;
    tg_tree_scope_name(seen->scope, &text);
    row->text = text_of(recorder, &text);
    if (!seen->task) return;
    const TgCode *code = tg_tree_scope_spot(seen->scope, &at, &library);
    row->place = place_of(recorder, code, at);
}

static void describe(TgRecorder *recorder, const TgSeen *seen, TgRow *row) {
    switch (seen->kind) {
    case SEEN_SPAWN:
        if (seen->task->spawn_code && !seen->task->spawn_code->is_hidden)
            row->place = place_of(recorder, seen->task->spawn_code, seen->task->spawn_pc);
        else
            row->place = place_of_task(recorder, seen->by);
        break;
    case SEEN_BLOCK:
        row->how = seen->task->wait_kind;
        row->text = text_of_wait(recorder, seen->task);
        row->place = place_of_task(recorder, seen->task);
        break;
    case SEEN_WAKE:
        row->ended = seen->how;
        row->how = seen->task->wait_kind;
        if (seen->how == WOKEN_ERROR) row->text = text_of_error(recorder, seen->value, &row->place);
        break;
    case SEEN_END:
        row->how = seen->task->state;
        row->text = text_of_end(recorder, seen, &row->place);
        break;
    case SEEN_OPEN: describe_block(recorder, seen, row); break;
    case SEEN_USE:
        row->thing = object_of(recorder, seen);
        row->number = (uint32_t)seen->number;
        row->text = text_of_use(recorder, seen);
        row->place = place_of_task(recorder, seen->task);
        break;
    case SEEN_CANCEL:
        row->text = text_of_cancel(recorder, seen);
        if (seen->how == CAUSE_CANCEL || seen->how == CAUSE_EXIT) row->place = place_of_task(recorder, seen->by);
        break;
    case SEEN_FAIL:
    case SEEN_DEADLOCK: row->text = text_of_error(recorder, seen->value, &row->place); break;
    case SEEN_CLOSE:
    case SEEN_PRESS:
    case SEEN_COLLECTED:
    case SEEN_IDLE: break;
    default: row->place = place_of_task(recorder, seen->task); break;
    }
}

// What the lanes are told at once; all else they have of the rows.
static void note(TgRecorder *recorder, const TgSeen *seen, TgRow *row) {
    TgTimeline *timeline = &recorder->timeline;
    if (seen->kind == SEEN_OPEN) row->thing = add_block(recorder, seen, row->text, row->place);
    if (seen->kind == SEEN_SPAWN && row->thing) add_lane(recorder, seen, row->thing, row->place);
    if (seen->kind == SEEN_CLOSE && row->thing) timeline->blocks[row->thing].to = timeline->count;
    if (seen->kind == SEEN_CANCEL && row->thing) timeline->blocks[row->thing].cause = seen->how;
    if (seen->kind != SEEN_END) return;
    TgLane *lane = lane_of(timeline, row->task);
    lane->to = timeline->count;
    lane->state = row->how;
    lane->text = row->text;
    lane->place = row->place;
}

static void see(TgObserver *observer, TgVM *vm, const TgSeen *seen) {
    TgRecorder *recorder = (TgRecorder *)observer;
    TgTimeline *timeline = &recorder->timeline;
    if (seen->kind == SEEN_IDLE || seen->kind == SEEN_COLLECTED) return;
    // A name may be given after the birth.
    bool names = seen->kind == SEEN_RUN || seen->kind == SEEN_END;
    if (names && !lane_of(timeline, seen->task->id)->name) name_lane(recorder, seen->task);
    if (timeline->count >= timeline->limit) {
        timeline->dropped++;
        return;
    }
    if (timeline->count == 0) recorder->began = tg_world_glance(vm);
    TgRow row = {.at = tg_world_glance(vm) - recorder->began, .kind = (uint8_t)seen->kind, .how = seen->how};
    if (seen->task) row.task = seen->task->id;
    if (seen->by) row.by = seen->by->id;
    if (seen->scope && seen->kind != SEEN_OPEN) row.thing = *tg_numbers_at(&recorder->known, key_of(seen->scope));
    describe(recorder, seen, &row);
    note(recorder, seen, &row);
    timeline->rows = tg_room_for_one(timeline->rows, timeline->count, &timeline->capacity, sizeof row);
    timeline->rows[timeline->count++] = row;
}

TgRecorder *tg_recorder_new(TgVM *vm, uint32_t limit) {
    TgRecorder *recorder = calloc(1, sizeof *recorder);
    if (!recorder) return NULL;
    recorder->observer.see = see;
    recorder->vm = vm;
    recorder->timeline.limit = limit;
    recorder->timeline.blocks = tg_room_for_one(NULL, 0, &recorder->timeline.block_capacity, sizeof(TgLaneBlock));
    recorder->timeline.blocks[0] = (TgLaneBlock){0};
    recorder->timeline.places = tg_room_for_one(NULL, 0, &recorder->timeline.place_capacity, sizeof(TgTimelinePlace));
    recorder->timeline.places[0] = (TgTimelinePlace){0};
    lane_of(&recorder->timeline, 0);
    tg_observe(vm, &recorder->observer);
    return recorder;
}

TgTimeline *tg_recorder_finish(TgRecorder *recorder) {
    tg_observe_end(recorder->vm, &recorder->observer);
    tg_timeline_lanes(&recorder->timeline);
    return &recorder->timeline;
}

void tg_recorder_free(TgRecorder *recorder) {
    TgTimeline *timeline = &recorder->timeline;
    tg_numbers_free(&recorder->known);
    tg_numbers_free(&recorder->places);
    tg_texts_free(&timeline->texts);
    free(timeline->rows);
    free(timeline->places);
    free(timeline->lanes);
    free(timeline->blocks);
    free(timeline->stretches);
    free(timeline->arrows);
    free(recorder);
}
