// vm/run.c
// A run: a root scope, a main task in it, the scheduler, and the outcome.
// Layer: runtime, top.
#include "vm/run.h"

#include <math.h>
#include <stdlib.h>

#include "vm/api.h"
#include "vm/host_signal.h"
#include "vm/import.h"
#include "vm/interrupt.h"
#include "vm/life.h"
#include "vm/outside.h"
#include "vm/sched.h"
#include "vm/unwind.h"
#include "vm/world.h"

// Seconds that a program which dies of a signal gives a reader who does not read.
#define LAST_WORDS 0.3

static void begin_run(TgVM *vm) {
    TgSched *sched = vm->sched;
    sched->presses = sched->terms = 0;
    sched->boundaries = 0;
    sched->struck_code = NULL;
    sched->end_signal = 0;
    sched->clock = tg_now(vm);
    sched->exit_called = false;
    vm->raised = TG_UNDEF;
    tg_limits_begin(vm);
    sched->root = tg_scope_open(vm, NULL, SCOPE_ROOT, 0);
}

static TgOutcome outcome_of(TgVM *vm) {
    TgSched *sched = vm->sched;
    TgTask *task = sched->main;
    TgOutcome outcome = {.end = RUN_OK, .value = TG_NIL, .error = TG_UNDEF};
    if (task->state == TASK_DONE) outcome.value = task->result;
    if (task->state == TASK_FAILED) outcome.error = task->result;
    // A press that came too late to strike anybody is not lost either.
    bool pressed = task->interrupt != 0;
    uint32_t late[TG_WORLD_SIGNALS];
    tg_world_signals(vm, WORLD_SIGNALS, sched->used, late);
    if (late[1]) pressed = true;
    if (late[2]) sched->end_signal = TG_SIGTERM;
    if (late[3]) sched->end_signal = TG_SIGHUP;
    if (sched->end_signal) {
        outcome.end = RUN_SIGNAL;
        outcome.signal = sched->end_signal;
    } else if (sched->exit_called) {
        outcome.end = RUN_EXIT;
        outcome.status = sched->exit_status;
    } else if (pressed || (!tg_is_undef(outcome.error) && tg_group_has_interrupt(vm, outcome.error))) {
        outcome.end = RUN_SIGNAL;
        outcome.signal = TG_SIGINT;
    } else if (!tg_is_undef(outcome.error)) {
        outcome.end = tg_limit_of(vm, outcome.error) ? RUN_LIMIT : RUN_ERROR;
    }
    if (vm->limits.is_ending && outcome.end != RUN_SIGNAL) outcome.end = RUN_LIMIT;
    return outcome;
}

TgOutcome tg_run_function(TgVM *vm, TgValue function, const TgValue *args, uint32_t count) {
    TgSched *sched = vm->sched;
    vm->stack_base = __builtin_frame_address(0);
    begin_run(vm);
    sched->main = tg_life_begin(vm, sched->root, NULL, function, args, count);
    if (!sched->main) {
        TgOutcome outcome = {.end = RUN_ERROR, .value = TG_NIL, .error = vm->raised};
        vm->raised = TG_UNDEF;
        return outcome;
    }
    sched->main->seen = true;
    sched->main->name = tg_string_c(vm, "main");
    tg_sched_run(vm);
    tg_outside_settle(vm);
    TgOutcome outcome = outcome_of(vm);
    tg_out_flush(vm, outcome.end == RUN_SIGNAL ? LAST_WORDS : INFINITY);
    vm->last_value = outcome.value;
    vm->last_error = outcome.error;
    sched->main = NULL;
    sched->root = NULL;
    return outcome;
}

TgOutcome tg_run(TgVM *vm, TgCode *code) {
    return tg_run_function(vm, tg_obj(tg_closure_new(vm, code, 0)), NULL, 0);
}

bool tg_vm_run_module(TgVM *vm, TgModule *module, TgCode *code) {
    bool stepping = vm->options.stepping;
    vm->options.stepping = false; // the library's boundaries are nobody's
    TgOutcome outcome = tg_run(vm, code);
    vm->options.stepping = stepping;
    vm->sched->next_id = 1; // its task was nobody's either
    module->state = MODULE_READY;
    if (outcome.end == RUN_OK) return true;
    if (!tg_is_undef(outcome.error)) tg_report(vm, outcome.error, stderr);
    return false;
}

void tg_run_import(TgVM *vm, const char *name) {
    TgValue args[2];
    if (!tg_import_begin(vm, name, NULL, args)) return;
    bool stepping = vm->options.stepping;
    vm->options.stepping = false;
    tg_run_function(vm, vm->helpers[TG_HELPER_IMPORT], args, 2);
    vm->options.stepping = stepping;
}

char *tg_value_text(TgVM *vm, TgValue value) {
    TgOutcome outcome = tg_run_function(vm, vm->helpers[TG_HELPER_REPR], &value, 1);
    const char *text = "<a value whose str() failed>";
    if (outcome.end == RUN_OK && tg_is_kind(outcome.value, OBJ_STRING))
        text = ((TgString *)tg_as_obj(outcome.value))->data;
    return strdup(text);
}
