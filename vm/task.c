// vm/task.c
// Birth of tasks, growth of their stacks, walking their frames.
// Layer: runtime.
#include "vm/task.h"

#include <assert.h>

#include "vm/api.h"
#include "vm/gc.h"
#include "vm/sched.h"

enum {
    // What call.c asks for before it runs a function or a native, above the window of the call: whoever calls one function
    // after another from its first frame never grows.
    CALL_ROOM = 24,
    LARGEST_CELL = 512, // of the collector's small ones
};

TgTaskRare *tg_task_rare(TgVM *vm, TgTask *task) {
    if (!task->rare) {
        task->rare = tg_gc_realloc(vm, NULL, 0, sizeof *task->rare);
        *task->rare = (TgTaskRare){.call_names = TG_NIL};
    }
    return task->rare;
}

// A task that had to leave its cell: the next ones of its function begin with more. Halves the cost of those that call functions.
static void remember_need(const TgTask *task, size_t slots) {
    TgValue callee = task->stack[2];
    if (tg_is_kind(callee, OBJ_CLOSURE) && slots <= (LARGEST_CELL - sizeof *task) / sizeof(TgValue)) ((TgFunction *)tg_as_obj(callee))->code->task_slots = (uint8_t)slots;
}

bool tg_task_grow(TgVM *vm, TgTask *task, TgValue *up_to) {
    size_t needed = (size_t)(up_to - task->stack);
    size_t had = (size_t)(task->limit - task->stack);
    if (needed <= had) return true;
    size_t most = vm->options.max_stack;
    // The last stretch is kept for handlers of the StackOverflow itself.
    if (needed > most) {
        tg_error_raise(vm, TG_ERR_StackOverflow,
                       "the calls are nested too deep (%zu slots of stack); is there a recursion without an end?",
                       most);
        return false;
    }
    bool was_inline = task->stack == task->inline_slots;
    if (was_inline) remember_need(task, needed);
    size_t slots = was_inline ? needed + CALL_ROOM : had * 2;
    if (slots < needed) slots = needed;
    if (slots > most) slots = most;
    if (slots > 100000 && !tg_gc_can_take(vm, slots * sizeof(TgValue))) {
        tg_error_memory(vm);
        return false;
    }
    size_t base = (size_t)(task->base - task->stack);
    TgValue *stack = tg_gc_realloc(vm, was_inline ? NULL : task->stack,
                                   was_inline ? 0 : had * sizeof(TgValue), slots * sizeof(TgValue));
    if (was_inline) memcpy(stack, task->inline_slots, had * sizeof(TgValue));
    for (size_t i = had; i < slots; i++) stack[i] = TG_NIL;
    task->stack = stack;
    task->limit = stack + slots;
    task->base = stack + base;
    return true;
}

// The places of a select that has ended, or never will.
static void give_choices_back(TgVM *vm, TgTask *task) {
    if (task->state != TASK_BLOCKED || task->wait_kind != WAIT_SELECT || !task->choices) return;
    tg_gc_realloc(vm, task->choices, task->choice_count * sizeof(TgWait), 0);
    task->choices = NULL;
    task->choice_count = 0;
}

static void release_stack(TgVM *vm, TgTask *task) {
    if (task->stack && task->stack != task->inline_slots)
        tg_gc_realloc(vm, task->stack, (size_t)(task->limit - task->stack) * sizeof(TgValue), 0);
    task->stack = task->limit = NULL;
}

void tg_task_release(TgVM *vm, TgTask *task) {
    give_choices_back(vm, task);
    release_stack(vm, task);
    if (task->rare) tg_gc_realloc(vm, task->rare, sizeof *task->rare, 0);
    task->rare = NULL;
}

void tg_task_over(TgVM *vm, TgTask *task) {
    uint8_t cell = task->cell;
    if (task->seen || !cell || vm->monitor) {
        release_stack(vm, task);
        return;
    }
    if (task->stack != task->inline_slots || task->rare) tg_task_release(vm, task);
    tg_gc_give_back(vm, task, cell * 16u);
}

// First slot above the innermost frame. What lies higher is not alive.
static TgValue *frame_top(const TgTask *task) {
    TgValue *base = task->base;
    TgFunction *function = tg_frame_function(base);
    if (function->obj.kind == OBJ_NATIVE) return base + ((TgNative *)function)->slots + 3;
    TgValue *top = base + function->code->registers;
    if (tg_frame_is_bottom(task, base)) top = base + 2 + (task->began ? 0 : task->argc) + 1;
    return top + 3; // a window of the VM's own: callee, link and result
}

static size_t size_of(const TgTask *task) {
    return sizeof *task + (size_t)(task->limit - task->stack) * sizeof(TgValue);
}

void tg_task_ran(TgVM *vm, TgTask *task) {
    if (!(task->obj.small & TG_TASK_RAN)) tg_gc_task_ran(vm, &task->obj, size_of(task));
}

size_t tg_task_mark(TgVM *vm, TgTask *task) {
    bool ran = task->obj.small & TG_TASK_RAN;
    // The one that runs goes on writing to its stack: what it stores before it parks is to be seen too.
    if (task != vm->current) task->obj.small = 0;
    tg_gc_mark_obj(vm, task->wait_object);
    tg_gc_mark(vm, task->wait.value);
    bool selects = task->state == TASK_BLOCKED && task->wait_kind == WAIT_SELECT && task->choices;
    for (uint32_t i = 0; selects && i < task->choice_count; i++) tg_gc_mark(vm, task->choices[i].value);
    tg_gc_mark(vm, task->result);
    tg_gc_mark_obj(vm, task->nursery);
    for (TgScope *scope = task->scope; scope; scope = scope->outer) tg_gc_mark_obj(vm, scope);
    tg_gc_mark_obj(vm, task->sibling_next); // the children of a nursery one by one, not all at once
    if (task->rare) {
        tg_gc_mark_obj(vm, task->rare->starter);
        tg_gc_mark_obj(vm, task->rare->cancelled_by);
        tg_gc_mark(vm, task->rare->call_names);
    }
    tg_gc_mark_obj(vm, task->name);
    tg_gc_mark_obj(vm, task->spawn_code);
    if (!task->stack) return sizeof *task;
    TgValue *top = task->state <= TASK_BLOCKED ? frame_top(task) : task->stack;
    if (top > task->limit) top = task->limit;
    tg_gc_mark_values(vm, task->stack, (size_t)(top - task->stack));
    // Stale references above the top would outlive what they refer to. There are none where nothing ran since they were cleared.
    if (ran && task->began)
        for (TgValue *slot = top; slot < task->limit; slot++) *slot = TG_NIL;
    return size_of(task);
}

TgFrame tg_task_frame(const TgTask *task) {
    TgFrame frame = {task->base, tg_frame_code(task->base), 0};
    frame.at = tg_pc_index(frame.code, task->pc);
    // A task that waits goes on behind the instruction that it waits in.
    bool waits = task->state == TASK_BLOCKED || task->aborted || task->raise_pending;
    if (waits && !tg_wait_reruns(task->wait_kind) && frame.at > 0) frame.at--;
    return frame;
}

bool tg_task_spot(const TgTask *task, TgCode **code, uint32_t *at) {
    *code = NULL;
    if (!task->stack || task->state >= TASK_DONE) return false;
    TgFrame frame = tg_task_frame(task);
    do {
        if (!task->began || !frame.code->file || frame.code->is_hidden) continue;
        *code = frame.code;
        *at = frame.at;
        return true;
    } while (tg_frame_outer(task, &frame));
    if (!task->spawn_code || task->spawn_code->is_hidden) return false;
    *code = task->spawn_code;
    *at = task->spawn_pc;
    return true;
}

TgPlace tg_task_place(const TgTask *task, TgCode **code) {
    uint32_t at;
    return tg_task_spot(task, code, &at) ? tg_code_place(*code, at) : (TgPlace){0, 0, 0};
}

const char *tg_task_state_name(const TgTask *task) {
    static const char *const names[] = {"ready", "running", "blocked", "done", "failed", "cancelled"};
    return names[task->state];
}

void tg_wait_remove(TgWait *wait) {
    if (!wait->queue) return;
    if (wait->prev)
        wait->prev->next = wait->next;
    else
        wait->queue->first = wait->next;
    if (wait->next)
        wait->next->prev = wait->prev;
    else
        wait->queue->last = wait->prev;
    wait->next = wait->prev = NULL;
    wait->queue = NULL;
}

void tg_wait_end(TgVM *vm, TgTask *task) {
    tg_wait_remove(&task->wait);
    task->wait.value = TG_NIL;
    if (task->wait_kind == WAIT_SELECT && task->state == TASK_BLOCKED && task->choices) {
        for (uint32_t i = 0; i < task->choice_count; i++) tg_wait_remove(&task->choices[i]);
        give_choices_back(vm, task);
    }
}
