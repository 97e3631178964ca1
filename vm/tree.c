// vm/tree.c
// One line about a task: what it does, where, since when, and what hangs over it.
// Layer: runtime.
#include "vm/tree.h"

#include <stdio.h>
#include <string.h>

#include "vm/api.h"
#include "vm/channel.h"
#include "vm/outside.h"
#include "vm/sched.h"
#include "vm/select.h"
#include "vm/sync.h"
#include "vm/trace.h"
#include "vm/tree_impl.h"
#include "vm/why.h"

const char *tg_wait_kind_name(uint8_t kind) {
    static const char *const names[] = {
        [WAIT_SLEEP] = "sleep",
        [WAIT_TASK] = "task.wait()",
        [WAIT_NURSERY] = "the end of a nursery",
        [WAIT_START] = "started()",
        [WAIT_SEND] = "channel.send()",
        [WAIT_RECEIVE] = "channel.receive()",
        [WAIT_NEXT] = "the next item of a channel",
        [WAIT_LOCK] = "lock.acquire()",
        [WAIT_SEMAPHORE] = "semaphore.acquire()",
        [WAIT_EVENT] = "event.wait()",
        [WAIT_CONDITION] = "condition.wait()",
        [WAIT_BARRIER] = "barrier.wait()",
        [WAIT_SELECT] = "select",
        [WAIT_IMPORT] = "an import",
        [WAIT_OUTPUT] = "print (nobody reads)",
        [WAIT_OUTSIDE] = "input or output",
    };
    return names[kind];
}

// ---- What it does

static void say_name(const TgTask *task, TgBuffer *out) { tg_say_task(out, task->name, task->id); }

static void say_wait(const TgTask *task, TgBuffer *out) {
    switch (task->wait_kind) {
    case WAIT_SLEEP: tg_buffer_text(out, "sleeping"); return;
    case WAIT_TASK:
        tg_buffer_text(out, "waiting for ");
        say_name((const TgTask *)task->wait_object, out);
        return;
    case WAIT_START:
        tg_buffer_text(out, "waiting for started() in ");
        say_name((const TgTask *)task->wait_object, out);
        return;
    case WAIT_NURSERY: tg_buffer_text(out, "waiting for its nursery to end"); return;
    case WAIT_NEXT:
    case WAIT_IMPORT: tg_buffer_format(out, "waiting for %s", tg_wait_kind_name(task->wait_kind)); return;
    case WAIT_OUTSIDE: tg_outside_text(task, out); return;
    case WAIT_NONE: tg_buffer_text(out, "waiting"); return;
    case WAIT_SELECT:
        tg_buffer_text(out, "waiting in select for ");
        tg_select_text(task, out);
        return;
    default: tg_buffer_format(out, "waiting in %s", tg_wait_kind_name(task->wait_kind));
    }
}

void tg_tree_state(const TgTask *task, TgBuffer *out) {
    if (task->state == TASK_BLOCKED)
        say_wait(task, out);
    else if (task->state == TASK_READY && !task->began)
        tg_buffer_text(out, "not yet begun");
    else
        tg_buffer_text(out, tg_task_state_name(task));
}

void tg_tree_place(const TgCode *code, uint32_t at, TgBuffer *out) {
    tg_buffer_text(out, " at ");
    tg_say_spot(out, code, at);
    const char *function = tg_code_function(code);
    if (*function) tg_buffer_format(out, " in %s", function);
}

static void say_seconds(double seconds, TgBuffer *out) {
    char text[40];
    if (seconds < 0) seconds = 0;
    if (seconds < 0.0995) {
        snprintf(text, sizeof text, "%.0f ms", seconds * 1e3);
    } else if (seconds < 9.95) {
        snprintf(text, sizeof text, "%.1f", seconds);
        char *end = text + strlen(text);
        if (!strcmp(end - 2, ".0")) end -= 2;
        strcpy(end, " s");
    } else if (seconds < 120) {
        snprintf(text, sizeof text, "%.0f s", seconds);
    } else if (seconds < 7200) {
        snprintf(text, sizeof text, "%.0f min", seconds / 60);
    } else {
        snprintf(text, sizeof text, "%.1f h", seconds / 3600);
    }
    tg_buffer_text(out, text);
}

bool tg_tree_time(TgVM *vm, const TgTask *task, double *seconds) {
    *seconds = 0;
    if (task->state != TASK_BLOCKED) return false;
    bool is_left = task->timer.at != 0;
    *seconds = is_left ? task->timer.when - tg_now(vm) : tg_now(vm) - task->timer.when;
    return is_left;
}

void tg_tree_say_time(bool is_left, double least, double most, TgBuffer *out) {
    if (!is_left && most < 0.001) return; // just now
    tg_buffer_text(out, is_left ? ", " : ", for ");
    say_seconds(least, out);
    if (most - least >= 0.1) {
        tg_buffer_text(out, " to ");
        say_seconds(most, out);
    }
    if (is_left) tg_buffer_text(out, " left");
}

// ---- What hangs over it

TgCode *tg_tree_scope_spot(const TgScope *scope, uint32_t *at, const TgCode **library) {
    *library = NULL;
    TgFrame frame = tg_scope_frame(scope);
    do {
        *at = frame.at;
        if (!frame.code->file) continue;
        if (!frame.code->is_hidden) return frame.code;
        *library = frame.code;
    } while (tg_frame_outer(scope->owner, &frame));
    return NULL;
}

static void say_scope_place(const TgScope *scope, TgBuffer *out) {
    uint32_t at;
    const TgCode *library;
    const TgCode *code = tg_tree_scope_spot(scope, &at, &library);
    if (!code) return;
    tg_buffer_text(out, " at ");
    tg_say_spot(out, code, at);
}

static void note_scope(TgVM *vm, const TgScope *scope, TgBuffer *out) {
    if (scope->kind != SCOPE_TIMEOUT && !scope->shielding) return;
    tg_buffer_text(out, scope->kind == SCOPE_TIMEOUT ? "; in the timeout of " : "; in the shield");
    if (scope->kind == SCOPE_TIMEOUT) tg_why_seconds(out, scope->seconds);
    say_scope_place(scope, out);
    if (scope->timer.at) {
        tg_buffer_text(out, ", ");
        say_seconds(scope->timer.when - tg_now(vm), out);
        tg_buffer_text(out, " left");
    } else if (scope->cause == CAUSE_TIMEOUT) {
        tg_buffer_text(out, ", which is over");
    }
}

enum { FRAMES_SEEN = 200 }; // of a task, for its cleanup; more are nobody's to read

// The finally or exit that it is in, the innermost one of the user's own code.
static bool find_cleanup(const TgTask *task, TgFrame *frame, const TgHandler **found) {
    if (!task->stack || !task->began) return false;
    *frame = tg_task_frame(task);
    int seen = 0;
    do {
        if (frame->code->is_hidden || !frame->code->file) continue;
        for (uint32_t i = 0; i < frame->code->handler_count; i++) {
            const TgHandler *row = &frame->code->handlers[i];
            if (row->kind != HANDLER_FINALLY || frame->at < row->start || frame->at >= row->end) continue;
            *found = row;
            return true;
        }
    } while (seen++ < FRAMES_SEEN && tg_frame_outer(task, frame));
    return false;
}

static void note_cleanup(const TgTask *task, TgBuffer *out) {
    TgFrame frame;
    const TgHandler *row;
    if (!find_cleanup(task, &frame, &row)) return;
    tg_buffer_text(out, "; cleaning up at ");
    tg_say_spot(out, frame.code, frame.at);
}

static void note_holder(const TgLock *lock, const char *whose, TgBuffer *out) {
    if (!lock->holder) return;
    tg_buffer_format(out, "; %sheld by ", whose);
    say_name(lock->holder, out);
}

// Who has what it waits for, as far as that is one task's or can be counted.
static void note_object(const TgTask *task, TgBuffer *out) {
    const TgObj *object = task->wait_object;
    if (task->wait_kind == WAIT_LOCK) note_holder((const TgLock *)object, "", out);
    if (task->wait_kind == WAIT_CONDITION) note_holder(((const TgCondition *)object)->lock, "its lock is ", out);
    if (task->wait_kind == WAIT_SEND && ((const TgChannel *)object)->capacity > 0)
        tg_buffer_format(out, "; it is full with %u", ((const TgChannel *)object)->capacity);
    if (task->wait_kind == WAIT_BARRIER) tg_buffer_format(out, "; it is for %u", ((const TgBarrier *)object)->parties);
    for (uint32_t i = 0; task->wait_kind == WAIT_SELECT && i < ((const TgList *)object)->count; i += 3) {
        TgValue value = ((const TgList *)object)->items[i + 1];
        if (tg_is_kind(value, OBJ_LOCK)) note_holder((const TgLock *)tg_as_obj(value), "the lock is ", out);
    }
}

static void note_wait(const TgTask *task, TgBuffer *out) {
    if (task->state != TASK_BLOCKED) return;
    note_object(task, out);
    uint32_t others = 0;
    const TgWaitQueue *queue = task->wait.queue;
    for (const TgWait *wait = queue ? queue->first : NULL; wait && others < 1000; wait = wait->next)
        others += wait->task != task;
    if (others == 0) return;
    tg_buffer_format(out, "; %u%s other%s there", others, others == 1000 ? " or more" : "", others == 1 ? "" : "s");
}

static void note_cancelled(TgVM *vm, const TgTask *task, TgBuffer *out) {
    size_t before = out->length;
    tg_buffer_text(out, "; cancelled ");
    if (!tg_why_text(vm, task, out)) out->length = before;
}

void tg_tree_notes(TgVM *vm, const TgTask *task, TgBuffer *out) {
    note_wait(task, out);
    for (const TgScope *scope = task->scope; scope; scope = scope->outer) note_scope(vm, scope, out);
    note_cleanup(task, out);
}

void tg_tree_stops(TgVM *vm, const TgTask *task, TgBuffer *out) {
    note_cancelled(vm, task, out);
    if (task->interrupt || task->struck) tg_buffer_text(out, "; interrupted");
}

bool tg_tree_deadline(TgVM *vm, const TgTask *task, double *left) {
    double when = 0;
    for (const TgScope *scope = task->scope; scope; scope = scope->outer)
        if (scope->kind == SCOPE_TIMEOUT && scope->timer.at && (!when || scope->timer.when < when))
            when = scope->timer.when;
    if (when) *left = when - tg_now(vm);
    return when != 0;
}

bool tg_tree_shielded(const TgTask *task) {
    TgFrame frame;
    const TgHandler *row;
    for (const TgScope *scope = task->scope; scope; scope = scope->outer)
        if (scope->shielding) return true;
    return find_cleanup(task, &frame, &row);
}

void tg_tree_doing(TgVM *vm, const TgTask *task, TgBuffer *out) {
    TgCode *code;
    uint32_t at;
    double seconds;
    say_name(task, out);
    tg_buffer_text(out, " ");
    tg_tree_state(task, out);
    if (tg_task_spot(task, &code, &at)) tg_tree_place(code, at, out);
    bool is_left = tg_tree_time(vm, task, &seconds);
    tg_tree_say_time(is_left, seconds, seconds, out);
    tg_tree_notes(vm, task, out);
}

void tg_tree_describe(TgVM *vm, const TgTask *task, TgBuffer *out) {
    tg_tree_doing(vm, task, out);
    tg_tree_stops(vm, task, out);
}
