// vm/limits.c
// Counts what a run uses and answers what is over a limit.
// Layer: runtime.
#include "vm/limits.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "vm/api.h"
#include "vm/interrupt.h"
#include "vm/sched.h"

enum {
    PATIENCE = 100,     // refusals of a wall that a script may take
    MORE_PATIENCE = 10, // and then until each further answer
    LEAST_STEPS = 1000, // of the room for cleanup
    MOST_STEPS = 1000000,
};
enum { RAISED = 1, CANCELLED, PIERCED };

static const char *const advice[TG_LIMITS] = {
    [LIMIT_STEPS] = "boundaries) is reached; raise it, or do less",
    [LIMIT_TIME] = "s) is reached; raise it, or be done sooner",
    [LIMIT_MEMORY] = "bytes) is reached; raise it, or keep less",
    [LIMIT_TASKS] = "alive at once) is reached; raise it, or wait for some before more are spawned",
    [LIMIT_OUTPUT] = "bytes) is reached; raise it, or print less",
};

static void describe(const TgVM *vm, TgLimit limit, char *text, size_t room) {
    static const char *const names[TG_LIMITS] = {"steps", "time", "memory", "tasks", "output"};
    const TgOptions *options = &vm->options;
    const uint64_t values[TG_LIMITS] = {options->max_steps, 0, options->max_memory, options->max_tasks, options->max_output};
    char value[32];
    if (limit == LIMIT_TIME) snprintf(value, sizeof value, "%g", options->max_time);
    else snprintf(value, sizeof value, "%llu", (unsigned long long)values[limit]);
    snprintf(text, room, "the limit of --max-%s (%s %s", names[limit], value, advice[limit]);
}

static void raise_it(TgVM *vm, TgLimit limit) {
    char text[160];
    describe(vm, limit, text, sizeof text);
    tg_error_raise(vm, TG_ERR_LimitReached, "%s", text);
}

void tg_limits_say(const TgVM *vm, char *text, size_t room) {
    *text = '\0';
    if (vm->limits.is_ending) describe(vm, vm->limits.which, text, room);
}

void tg_limits_begin(TgVM *vm) {
    TgLimits *limits = &vm->limits;
    const TgOptions *options = &vm->options;
    memset(limits->refused, 0, sizeof limits->refused);
    memset(limits->answers, 0, sizeof limits->answers);
    limits->is_due = limits->is_ending = limits->is_output_refused = false;
    limits->next_steps = options->max_steps ? vm->sched->used + options->max_steps : UINT64_MAX;
    limits->next_time = options->max_time > 0 ? vm->sched->clock + options->max_time : INFINITY;
    limits->output_left = options->max_output ? options->max_output : UINT64_MAX;
}

// ---- What is due

static void set_due(TgVM *vm) {
    vm->limits.is_due = true;
    atomic_fetch_or_explicit(&vm->trap, TRAP_POLL, memory_order_relaxed);
}

void tg_limits_note_time(TgVM *vm) {
    if (vm->sched->root) set_due(vm);
}

double tg_limits_room(const TgVM *vm) { return fmin(fmax(vm->options.max_time / 4, 0.05), 1.0); }

// The room until the next answer.
static void give_room(TgVM *vm, TgLimit limit) {
    TgLimits *limits = &vm->limits;
    if (limit == LIMIT_STEPS) {
        uint64_t steps = vm->options.max_steps / 4;
        steps = steps < LEAST_STEPS ? LEAST_STEPS : steps > MOST_STEPS ? MOST_STEPS : steps;
        limits->next_steps = vm->sched->used + steps;
    }
    if (limit == LIMIT_TIME) limits->next_time = vm->sched->clock + tg_limits_room(vm);
}

static bool find_due(const TgVM *vm, TgLimit *limit) {
    const TgLimits *limits = &vm->limits;
    for (*limit = 0; *limit < TG_LIMITS; ++*limit) {
        if (*limit == LIMIT_STEPS && vm->sched->used >= limits->next_steps) return true;
        if (*limit == LIMIT_TIME && vm->sched->clock >= limits->next_time) return true;
        uint32_t patience = PATIENCE + MORE_PATIENCE * (uint32_t)limits->answers[*limit];
        if (limits->refused[*limit] >= patience) return true;
    }
    return false;
}

// ---- The answers

static bool raise_somewhere(TgVM *vm, TgLimit limit) {
    raise_it(vm, limit);
    if (vm->current) return true;
    TgValue error = vm->raised;
    vm->raised = TG_UNDEF;
    TgTask *task = vm->sched->main;
    if (task->state != TASK_BLOCKED) return false;
    if (task->wait_kind == WAIT_NURSERY) tg_scope_join(vm, (TgScope *)task->wait_object, error);
    else tg_sched_wake_raise(vm, task, error);
    return false;
}

static bool answer(TgVM *vm, TgLimit limit) {
    TgLimits *limits = &vm->limits;
    bool is_wall = limit >= LIMIT_MEMORY; // has been raised each time
    uint8_t now = ++limits->answers[limit];
    if (is_wall) now++;
    give_room(vm, limit);
    if (now == RAISED) return raise_somewhere(vm, limit);
    if (!limits->is_ending) limits->which = limit;
    limits->is_ending = true;
    if (now == CANCELLED) tg_scope_cancel(vm, vm->sched->root, CAUSE_SIGNAL);
    else if (now == PIERCED || !limits->end) tg_interrupt_pierce(vm);
    else limits->end(vm);
    return false;
}

bool tg_limits_look(TgVM *vm) {
    TgLimit limit;
    vm->limits.is_due = false;
    if (!vm->sched->root || !vm->sched->main || !find_due(vm, &limit)) return false;
    // Somebody else may be ready to run, and takes it at its first boundary.
    if (!vm->current && vm->sched->first) return set_due(vm), false;
    return answer(vm, limit);
}

// ---- Walls

void tg_limits_refuse(TgVM *vm, TgLimit limit) {
    raise_it(vm, limit);
    vm->limits.refused[limit]++;
    set_due(vm);
}

bool tg_limits_add_task(TgVM *vm) {
    if (vm->limits.tasks >= vm->options.max_tasks) return tg_limits_refuse(vm, LIMIT_TASKS), false;
    vm->limits.tasks++;
    return true;
}

void tg_limits_drop_task(TgVM *vm) { vm->limits.tasks--; }

bool tg_limits_take_output(TgVM *vm, size_t length) {
    TgLimits *limits = &vm->limits;
    if (length > limits->output_left) limits->is_output_refused = true;
    if (limits->is_output_refused) return false;
    if (vm->options.max_output) limits->output_left -= length;
    return true;
}

bool tg_limits_output_end(TgVM *vm) {
    if (!vm->limits.is_output_refused) return true;
    vm->limits.is_output_refused = false;
    tg_limits_refuse(vm, LIMIT_OUTPUT);
    return false;
}
