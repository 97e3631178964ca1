// vm/trace.c
// Traces of exceptions, and the list of tasks that a Ctrl-C struck.
// Layer: runtime.
#include "vm/trace.h"

#include "vm/api.h"
#include "vm/sched.h"
#include "vm/text.h"
#include "vm/tree.h"

TgTrace *tg_trace_new(TgVM *vm, const TgTask *task, const TgTraceFrame *frames, uint32_t count, uint32_t left_out_or_order) {
    TgTrace *trace = (TgTrace *)tg_gc_alloc(vm, sizeof *trace + count * sizeof(TgTraceFrame), OBJ_TRACE);
    memcpy(trace->frames, frames, count * sizeof *frames);
    trace->count = count;
    trace->left_out = left_out_or_order;
    trace->task_name = task->name;
    trace->task_id = task->id;
    trace->spawn_code = task->spawn_code;
    trace->spawn_pc = task->spawn_pc;
    trace->outer = NULL;
    return trace;
}

TgTrace *tg_trace_here(TgVM *vm, const TgTask *task) {
    TgTraceFrame here;
    TgFrame frame = tg_task_frame(task);
    bool found;
    do {
        here = (TgTraceFrame){frame.code, frame.at};
        found = frame.code->file && !frame.code->is_hidden;
    } while (!found && tg_frame_outer(task, &frame));
    return tg_trace_new(vm, task, &here, found, vm->sched->cancels);
}

// ---- Further out than the task

enum { FRAMES_AROUND = 8 }; // kept around a nursery; what lies further out is not even counted

static TgTrace *trace_around(TgVM *vm, const TgScope *scope) {
    TgTraceFrame kept[FRAMES_AROUND];
    uint32_t count = 0;
    TgFrame frame = tg_scope_frame(scope);
    bool more = true;
    for (; more && count < FRAMES_AROUND; more = tg_frame_outer(scope->owner, &frame))
        if (frame.code->file) kept[count++] = (TgTraceFrame){frame.code, frame.at};
    while (more && !frame.code->file) more = tg_frame_outer(scope->owner, &frame);
    return tg_trace_new(vm, scope->owner, kept, count, more ? TG_TRACE_UNCOUNTED : 0);
}

// From the inside outwards, and only as far as nobody has been: however many errors there are, and however deep the
// tree is, each scope is looked at once.
TgTrace *tg_trace_opened(TgVM *vm, TgScope *scope) {
    TgTrace *inner = NULL;
    for (TgScope *at = scope; at && at->owner; at = at->owner->nursery) {
        bool is_known = at->opened != NULL;
        if (!is_known) {
            at->opened = trace_around(vm, at);
            tg_barrier(vm, at, tg_obj(at->opened));
        }
        if (inner) {
            inner->outer = at->opened;
            tg_barrier(vm, inner, tg_obj(at->opened));
        }
        if (is_known) break;
        inner = at->opened;
    }
    return scope->opened;
}

void tg_trace_leaves(TgVM *vm, const TgTask *task, TgValue exception) {
    TgTrace *trace = ((TgException *)tg_as_obj(exception))->trace;
    if (!trace || trace->outer || trace->task_id != task->id || !task->nursery->owner) return;
    trace->outer = tg_trace_opened(vm, task->nursery);
    tg_barrier(vm, trace, tg_obj(trace->outer));
}

void tg_trace_mark(TgVM *vm, TgObj *object) {
    TgTrace *trace = (TgTrace *)object;
    for (uint32_t i = 0; i < trace->count; i++) tg_gc_mark_obj(vm, trace->frames[i].code);
    tg_gc_mark_obj(vm, trace->task_name);
    tg_gc_mark_obj(vm, trace->spawn_code);
    tg_gc_mark_obj(vm, trace->outer);
}

static void put(TgVM *vm, TgMap *map, const char *key, TgValue value) {
    tg_map_set(vm, map, tg_obj(tg_string_c(vm, key)), value);
}

TgValue tg_trace_list(TgVM *vm, const TgTrace *trace) {
    TgList *list = tg_list(vm, 0);
    TgString *task = trace && trace->task_name
                         ? tg_string_format(vm, "%s#%u", trace->task_name->data, trace->task_id)
                         : NULL;
    for (uint32_t i = 0; trace && i < trace->count; i++) {
        const TgTraceFrame *frame = &trace->frames[i];
        if (frame->code->is_hidden) continue;
        TgMap *map = tg_map(vm);
        put(vm, map, "function", tg_obj(frame->code->name));
        put(vm, map, "file", tg_obj(frame->code->file));
        put(vm, map, "line", tg_int(tg_code_place(frame->code, frame->at).line));
        put(vm, map, "task", task ? tg_obj(task) : TG_NIL);
        tg_list_push(vm, list, tg_obj(map));
    }
    return tg_obj(list);
}

static size_t struck_size(uint32_t capacity) { return sizeof(TgStruckList) + capacity * sizeof(TgStruck); }

static void push_struck(TgVM *vm, TgException *interrupt, TgStruck struck) {
    TgStruckList *list = interrupt->struck;
    if (!list || list->count == list->capacity) {
        uint32_t count = list ? list->count : 0, capacity = count ? count * 2 : 4;
        list = tg_gc_realloc(vm, list, list ? struck_size(count) : 0, struck_size(capacity));
        list->count = count;
        list->capacity = capacity;
        interrupt->struck = list;
    }
    list->items[list->count++] = struck;
    if (struck.name) tg_barrier(vm, interrupt, tg_obj(struck.name));
    if (struck.code) tg_barrier(vm, interrupt, tg_obj(struck.code));
}

void tg_struck_add(TgVM *vm, TgException *interrupt, const TgTask *task) {
    TgStruck struck = {.name = task->name, .id = task->id, .wait_kind = task->wait_kind};
    tg_task_spot(task, &struck.code, &struck.at);
    push_struck(vm, interrupt, struck);
}

void tg_struck_merge(TgVM *vm, TgException *into, const TgException *from) {
    for (uint32_t i = 0; i < tg_struck_count(from); i++) push_struck(vm, into, from->struck->items[i]);
}

TgValue tg_struck_list(TgVM *vm, const TgException *interrupt) {
    TgList *list = tg_list(vm, tg_struck_count(interrupt));
    for (uint32_t i = 0; i < tg_struck_count(interrupt); i++) {
        const TgStruck *struck = &interrupt->struck->items[i];
        TgMap *map = tg_map(vm);
        TgString *name = tg_string_format(vm, "%s#%u", struck->name ? struck->name->data : "task", struck->id);
        put(vm, map, "task", tg_obj(name));
        put(vm, map, "file", struck->code ? tg_obj(struck->code->file) : TG_NIL);
        put(vm, map, "line", tg_int(struck->code ? tg_code_place(struck->code, struck->at).line : 0));
        const char *waiting = tg_wait_kind_name(struck->wait_kind);
        put(vm, map, "waiting", waiting ? tg_obj(tg_string_c(vm, waiting)) : TG_NIL);
        tg_list_push(vm, list, tg_obj(map));
    }
    return tg_obj(list);
}

void tg_exception_mark(TgVM *vm, TgException *exception) {
    tg_gc_mark_obj(vm, exception->trace);
    for (uint32_t i = 0; i < tg_struck_count(exception); i++) {
        tg_gc_mark_obj(vm, exception->struck->items[i].name);
        tg_gc_mark_obj(vm, exception->struck->items[i].code);
    }
}

void tg_exception_release(TgVM *vm, TgException *exception) {
    if (exception->struck) tg_gc_realloc(vm, exception->struck, struck_size(exception->struck->capacity), 0);
    exception->struck = NULL;
}

// ---- Tasks and places in messages

enum { LONGEST_NAME = 60 }; // bytes

void tg_say_name(TgBuffer *out, const TgString *name) {
    size_t length = name->length;
    if (length > LONGEST_NAME) length = LONGEST_NAME;
    while (length < name->length && ((unsigned char)name->data[length] & 0xC0) == 0x80) length--;
    tg_text_tame(out, name->data, length);
    if (length < name->length) tg_buffer_text(out, "…");
}

void tg_say_task(TgBuffer *out, const TgString *name, uint32_t id) {
    tg_say_name(out, name);
    tg_buffer_format(out, "#%u", id);
}

void tg_say_spot(TgBuffer *out, const TgCode *code, uint32_t at) {
    tg_text_tame(out, code->file->data, code->file->length);
    tg_buffer_format(out, ":%u", tg_code_place(code, at).line);
}
