// vm/deadlock.c
// The error for a program in which nothing can go on.
// Layer: runtime.
#include "vm/deadlock.h"

#include "vm/api.h"
#include "vm/observe.h"
#include "vm/sched.h"
#include "vm/sync.h"
#include "vm/trace.h"
#include "vm/tree.h"

enum { NAMED_TASKS = 20 };

typedef struct {
    TgBuffer text;
    uint32_t count;
} Names;

static void name_task(TgVM *vm, TgTask *task, void *data) {
    Names *names = data;
    if (names->count++ >= NAMED_TASKS) return;
    tg_buffer_text(&names->text, "\n  ");
    tg_tree_describe(vm, task, &names->text);
}

// Whom a task waits for, where that is one other task.
static const TgTask *waits_for(const TgTask *task) {
    if (task->state != TASK_BLOCKED) return NULL;
    if (task->wait_kind == WAIT_LOCK) return ((const TgLock *)task->wait_object)->holder;
    if (task->wait_kind == WAIT_TASK || task->wait_kind == WAIT_START) return (const TgTask *)task->wait_object;
    return NULL;
}

// The circle that `task` is in, if it is in one: "a#1 -> b#2 -> a#1".
static void name_circle(TgVM *vm, TgTask *task, void *data) {
    (void)vm;
    TgBuffer *text = data;
    if (text->length > 0) return; // one is enough
    const TgTask *at = task;
    for (int i = 0; i < 1000 && (at = waits_for(at)) != NULL && at != task; i++) {}
    if (at != task) return;
    tg_buffer_text(text, "\n  in a circle: ");
    tg_say_task(text, task->name, task->id);
    do {
        at = waits_for(at);
        tg_buffer_text(text, " -> ");
        tg_say_task(text, at->name, at->id);
    } while (at != task);
}

static void raise_in(TgVM *vm, TgTask *task, TgValue error) {
    if (task->state != TASK_BLOCKED) return;
    if (task->wait_kind != WAIT_NURSERY) {
        tg_sched_wake_raise(vm, task, error);
        return;
    }
    TgScope *nursery = (TgScope *)task->wait_object;
    if (!nursery->deadlocked) {
        nursery->deadlocked = true;
        tg_scope_join(vm, nursery, error);
        if (vm->sched->first) return;
    }
    // It has one already, or nobody in it could be cancelled: in the tasks that it waits for.
    for (TgTask *child = nursery->children, *after; child; child = after) {
        after = child->sibling_next;
        raise_in(vm, child, error);
    }
}

void tg_deadlock(TgVM *vm) {
    Names names = {0};
    tg_scope_each(vm, vm->sched->root, name_task, &names);
    if (names.count > NAMED_TASKS) tg_buffer_format(&names.text, "\n  and %u more", names.count - NAMED_TASKS);
    TgBuffer circle = {0};
    tg_scope_each(vm, vm->sched->root, name_circle, &circle);
    TgString *message = tg_string_format(vm, "all tasks wait, and nothing can wake one:%.*s%.*s", (int)names.text.length,
                                         names.text.data ? names.text.data : "", (int)circle.length,
                                         circle.data ? circle.data : "");
    tg_buffer_free(&circle);
    tg_buffer_free(&names.text);
    TgValue error = tg_obj(tg_error_new(vm, vm->errors[TG_ERR_Deadlock], message));
    TG_SEE(vm, .kind = SEEN_DEADLOCK, .value = error);
    raise_in(vm, vm->sched->main, error);
}
