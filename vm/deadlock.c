// vm/deadlock.c
// The task tree as text, and the error for a program in which nothing can go on.
// Layer: runtime.
#include "vm/deadlock.h"

#include <stdlib.h>

#include "vm/api.h"
#include "vm/sched.h"
#include "vm/sync.h"

const char *tg_wait_kind_name(uint8_t kind) {
    static const char *const names[] = {
        [WAIT_SLEEP] = "sleep",     [WAIT_TASK] = "task.wait()",    [WAIT_NURSERY] = "the end of a nursery",
        [WAIT_START] = "started()", [WAIT_SEND] = "channel.send()", [WAIT_RECEIVE] = "channel.receive()",
        [WAIT_NEXT] = "the next item of a channel",
        [WAIT_LOCK] = "lock.acquire()",      [WAIT_SEMAPHORE] = "semaphore.acquire()", [WAIT_EVENT] = "event.wait()",
        [WAIT_CONDITION] = "condition.wait()", [WAIT_BARRIER] = "barrier.wait()", [WAIT_SELECT] = "select",
           [WAIT_IMPORT] = "an import",    [WAIT_INPUT] = "input",
        [WAIT_OUTPUT] = "print (nobody reads)",
    };
    return names[kind];
}

void tg_wait_text(TgVM *vm, const TgTask *task, TgBuffer *out) {
    (void)vm;
    const char *name = tg_wait_kind_name(task->wait_kind);
    if (!name) return;
    tg_buffer_text(out, name);
    if (task->wait_kind == WAIT_TASK || task->wait_kind == WAIT_START) {
        const TgTask *other = (const TgTask *)task->wait_object;
        tg_buffer_format(out, " of %s#%u", other->name ? other->name->data : "task", other->id);
    } else if (task->wait_kind == WAIT_LOCK) {
        const TgTask *holder = ((const TgLock *)task->wait_object)->holder;
        if (holder) tg_buffer_format(out, ", held by %s#%u", holder->name->data, holder->id);
    } else if (task->wait_kind == WAIT_NURSERY) {
        const TgScope *nursery = (const TgScope *)task->wait_object;
        tg_buffer_format(out, " (%u task%s)", nursery->child_count, nursery->child_count == 1 ? "" : "s");
    }
}

static void describe(TgVM *vm, const TgTask *task, TgBuffer *out) {
    TgCode *code;
    TgPlace place = tg_task_place(task, &code);
    tg_buffer_format(out, "%s#%u", task->name ? task->name->data : "task", task->id);
    if (task->state == TASK_BLOCKED) {
        tg_buffer_text(out, " blocked, waits for ");
        tg_wait_text(vm, task, out);
    } else {
        tg_buffer_format(out, " %s", tg_task_state_name(task));
    }
    if (code) tg_buffer_format(out, ", %s:%u", code->file->data, place.line);
}

// ---- The tree

typedef struct {
    const TgTask *task;
    int depth;
} Entry;

typedef struct {
    Entry *items;
    size_t count, capacity;
} Entries;

static void push_children(Entries *entries, const TgScope *scope, int depth) {
    for (TgTask *child = scope->last_child; child; child = child->sibling_prev) {
        if (entries->count == entries->capacity) {
            entries->capacity = entries->capacity ? entries->capacity * 2 : 64;
            entries->items = realloc(entries->items, entries->capacity * sizeof *entries->items);
        }
        entries->items[entries->count++] = (Entry){child, depth};
    }
}

static void describe_state(TgVM *vm, const TgTask *task, TgBuffer *out) {
    describe(vm, task, out);
    double deadline = 0;
    for (const TgScope *scope = task->scope; scope; scope = scope->outer)
        if (scope->kind == SCOPE_TIMEOUT && scope->timer.at && (!deadline || scope->timer.when < deadline))
            deadline = scope->timer.when;
    if (deadline) tg_buffer_format(out, ", deadline in %.3g s", deadline - tg_now(vm));
    bool cancelled = task->cancelled || task->nursery->cause != CAUSE_NONE;
    for (const TgScope *scope = task->scope; scope; scope = scope->outer) cancelled |= scope->cause != CAUSE_NONE;
    if (cancelled) tg_buffer_text(out, ", cancelled");
    if (task->interrupt || task->struck) tg_buffer_text(out, ", interrupted");
    tg_buffer_text(out, "\n");
}

void tg_sched_tree(TgVM *vm, TgBuffer *out) {
    Entries stack = {0};
    tg_buffer_text(out, "tasks:\n");
    if (vm->sched->root) push_children(&stack, vm->sched->root, 1);
    if (vm->sched->session && vm->sched->session != vm->sched->root) push_children(&stack, vm->sched->session, 1);
    while (stack.count > 0) {
        Entry entry = stack.items[--stack.count];
        tg_buffer_format(out, "%*s", entry.depth * 2, "");
        describe_state(vm, entry.task, out);
        for (const TgScope *scope = entry.task->scope; scope; scope = scope->outer)
            push_children(&stack, scope, entry.depth + 1);
    }
    free(stack.items);
}

// ---- Deadlock

enum { NAMED_TASKS = 20 };

typedef struct {
    TgBuffer text;
    uint32_t count;
} Names;

static void name_task(TgVM *vm, TgTask *task, void *data) {
    Names *names = data;
    if (names->count++ >= NAMED_TASKS) return;
    tg_buffer_text(&names->text, "\n  ");
    describe(vm, task, &names->text);
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
    tg_buffer_format(text, "\n  in a circle: %s#%u", task->name->data, task->id);
    do {
        at = waits_for(at);
        tg_buffer_format(text, " -> %s#%u", at->name->data, at->id);
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
    raise_in(vm, vm->sched->main, tg_obj(tg_error_new(vm, vm->errors[TG_ERR_Deadlock], message)));
}
