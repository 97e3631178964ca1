// vm/why.c
// By what a task was cancelled, in words.
// Layer: runtime.
#include "vm/why.h"

#include <string.h>

#include "vm/api.h"
#include "vm/host_signal.h"
#include "vm/sched.h"
#include "vm/trace.h"
#include "vm/unwind.h"

// ---- Finding it

typedef struct {
    uint32_t newest, oldest; // orders that count: above `oldest`, up to `newest`
    uint32_t order;          // of what was found
    TgScope *scope;          // a scope, or
    const TgTask *task;      // a task that t.cancel() was called on
} Search;

static bool found(const Search *search) { return search->scope || search->task; }

static void consider(Search *search, uint32_t order, TgScope *scope, const TgTask *task) {
    if (order > search->newest || order <= search->oldest) return;
    if (found(search) && order >= search->order) return;
    search->order = order;
    search->scope = scope;
    search->task = task;
}

static void consider_scope(Search *search, TgScope *scope) {
    if (scope->cause == CAUSE_NONE) return;
    // A nursery that ends because its body is cancelled from further out is no reason.
    bool hands_on = scope->kind != SCOPE_ROOT && scope->cause >= CAUSE_EXIT;
    if (!hands_on) consider(search, scope->cancelled_order, scope, NULL);
}

static const TgTrace *canceller(const TgTask *task) {
    return task->cancelled && task->rare ? task->rare->cancelled_by : NULL;
}

static void search_outwards(Search *search, const TgTask *task) {
    TgScope *scope = task->scope;
    for (const TgTask *at = task; at;) {
        for (; scope; scope = scope->outer) {
            if (!(at == task && scope->ending)) consider_scope(search, scope); // its body is over: not who waits for it
            if (scope->kind == SCOPE_SHIELD && found(search)) return;
        }
        if (at->cancelled) consider(search, canceller(at) ? canceller(at)->order : search->newest, NULL, at);
        scope = at->nursery;
        if (!scope) return;
        consider_scope(search, scope);
        at = scope->owner;
        scope = scope->outer;
    }
}

static Search search_reason(const TgVM *vm, const TgTask *task) {
    Search search = {.newest = vm->sched->cancels};
    if (task->state == TASK_CANCELLED) search.newest = (uint32_t)tg_as_int(task->result);
    const TgScope *innermost = task->scope ? task->scope : task->nursery;
    search.oldest = innermost ? innermost->opened_order : 0;
    search_outwards(&search, task);
    if (found(&search)) return search;
    search.oldest = 0; // it cleans up, say, in a nursery of its own
    search_outwards(&search, task);
    return search;
}

// ---- Saying it

// "ValueError: bad", the first line of the message only.
static void say_error(TgVM *vm, const TgException *exception, TgBuffer *out) {
    const TgString *message = tg_error_message(vm, exception);
    tg_buffer_text(out, exception->instance.class_->name->data);
    size_t length = strcspn(message->data, "\n");
    if (length > 0) tg_buffer_format(out, ": %.*s", (int)length, message->data);
}

void tg_why_seconds(TgBuffer *out, double seconds) {
    size_t start = out->length;
    tg_float_text(out, seconds);
    if (out->length > start + 2 && memcmp(out->data + out->length - 2, ".0", 2) == 0) out->length -= 2;
    tg_buffer_text(out, "s");
}

// " at a.tg:9", of a trace's innermost frame of the user's own.
static void say_place(const TgTrace *trace, TgBuffer *out) {
    for (uint32_t i = 0; trace && i < trace->count; i++) {
        const TgTraceFrame *frame = &trace->frames[i];
        if (frame->code->is_hidden) continue;
        tg_buffer_text(out, " at ");
        tg_say_spot(out, frame->code, frame->at);
        return;
    }
}

// "race() at a.tg:4" of a nursery that a function of the library has open; false: it is the user's own.
static bool say_library(const TgScope *nursery, TgBuffer *out) {
    const TgTrace *opened = nursery->opened;
    const TgCode *library = NULL;
    for (uint32_t i = 0; opened && i < opened->count && opened->frames[i].code->is_hidden; i++)
        library = opened->frames[i].code;
    if (!library) return false;
    tg_buffer_format(out, "%s()", library->name->data);
    say_place(opened, out);
    return true;
}

static void say_nursery(const TgTask *task, const TgScope *nursery, TgBuffer *out) {
    if (say_library(nursery, out)) return;
    tg_buffer_text(out, nursery == task->nursery ? "its nursery" : "the nursery");
    if (nursery == task->nursery) return;
    say_place(nursery->opened, out);
    tg_buffer_text(out, " around it");
}

static void say_failure(TgVM *vm, const TgTask *task, const TgScope *nursery, TgBuffer *out) {
    const TgException *error = (TgException *)tg_as_obj(nursery->errors->items[0]);
    if (tg_group_has_interrupt(vm, nursery->errors->items[0])) {
        tg_buffer_text(out, "by Ctrl-C");
        return;
    }
    tg_buffer_text(out, "because ");
    say_nursery(task, nursery, out);
    tg_buffer_text(out, " failed with ");
    say_error(vm, error, out);
    if (!error->trace) return;
    tg_buffer_text(out, ", raised in ");
    tg_say_task(out, error->trace->task_name, error->trace->task_id);
    say_place(error->trace, out);
}

static void say_by(const TgTrace *by, TgBuffer *out) {
    if (!by) return;
    say_place(by, out);
    tg_buffer_text(out, " in ");
    tg_say_task(out, by->task_name, by->task_id);
}

static void say_cancel(const TgScope *nursery, TgBuffer *out) {
    size_t start = out->length;
    tg_buffer_text(out, "because ");
    if (say_library(nursery, out)) {
        tg_buffer_text(out, " had its result");
        return;
    }
    out->length = start;
    tg_buffer_text(out, "by n.cancel()");
    say_by(nursery->why, out);
}

static void say_scope(TgVM *vm, const TgTask *task, const TgScope *scope, TgBuffer *out) {
    const TgSched *sched = vm->sched;
    switch ((TgCause)scope->cause) {
    case CAUSE_NONE: break;
    case CAUSE_FAILED:
        if (scope->errors && scope->errors->count > 0) say_failure(vm, task, scope, out);
        break;
    case CAUSE_CANCEL: say_cancel(scope, out); break;
    case CAUSE_TIMEOUT:
        tg_buffer_text(out, "by the timeout of ");
        tg_why_seconds(out, scope->seconds);
        say_place(scope->opened, out);
        break;
    case CAUSE_EXIT:
        if (!scope->why) {
            tg_buffer_text(out, "by the end of the session");
            break;
        }
        tg_buffer_format(out, "by exit(%d)", sched->exit_status);
        say_by(scope->why, out);
        break;
    case CAUSE_SIGNAL: tg_buffer_text(out, sched->end_signal == TG_SIGHUP ? "by SIGHUP" : "by SIGTERM"); break;
    }
}

bool tg_why_text(TgVM *vm, const TgTask *task, TgBuffer *out) {
    Search search = search_reason(vm, task);
    if (search.task && canceller(search.task)) {
        tg_buffer_text(out, search.task == task ? "by t.cancel()" : "because a task around it was, by t.cancel()");
        say_by(canceller(search.task), out);
    } else if (search.scope) {
        say_scope(vm, task, search.scope, out);
    }
    return found(&search);
}

TgValue tg_why_error(TgVM *vm, const TgTask *task) {
    TgBuffer why = {0};
    tg_why_text(vm, task, &why);
    TgString *message = tg_string_format(vm, "%s#%u was cancelled%s%s", task->name->data, task->id, why.length ? " " : "",
                                         why.length ? why.data : "");
    tg_buffer_free(&why);
    return tg_obj(tg_error_new(vm, vm->errors[TG_ERR_TaskCancelled], message));
}

// ---- Cancelling

void tg_why_cancel_task(TgVM *vm, TgTask *task, const TgTask *by) {
    if (task->state >= TASK_DONE || task->cancelled) return;
    vm->sched->cancels++;
    TgTrace *trace = tg_trace_here(vm, by);
    tg_task_rare(vm, task)->cancelled_by = trace;
    tg_barrier(vm, task, tg_obj(trace));
    tg_task_cancel(vm, task);
}

void tg_why_cancel_scope(TgVM *vm, TgScope *scope, TgCause cause, const TgTask *by) {
    if (!scope->closed && !scope->why) {
        scope->why = tg_trace_here(vm, by);
        tg_barrier(vm, scope, tg_obj(scope->why));
        tg_trace_opened(vm, scope);
    }
    tg_scope_cancel(vm, scope, cause);
}
