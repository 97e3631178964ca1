// vm/interrupt.c
// Signals as the scheduler takes them.
// Layer: runtime.
#include "vm/interrupt.h"

#include <stdio.h>

#include "vm/api.h"
#include "vm/host_signal.h"
#include "vm/inbox.h"
#include "vm/observe.h"
#include "vm/sched.h"
#include "vm/tree.h"
#include "vm/world.h"

static void say_tree(TgVM *vm) {
    TgBuffer text = {0};
    tg_sched_tree(vm, &text);
    tg_out_try(vm);
    fwrite(text.data, 1, text.length, stderr);
    tg_buffer_free(&text);
}

// ---- Ctrl-C

static bool task_unsettled(const TgTask *task) {
    if (task->interrupt || task->struck) return true;
    for (const TgScope *scope = task->scope; scope; scope = scope->outer)
        if (scope->interrupted && !scope->closed) return true;
    return false;
}

static void find_unsettled(TgVM *vm, TgTask *task, void *data) {
    (void)vm;
    if (task_unsettled(task)) *(bool *)data = true;
}

bool tg_interrupt_unsettled(TgVM *vm) {
    bool found = false;
    tg_scope_each(vm, vm->sched->root, find_unsettled, &found);
    return found;
}

static void mark_struck(TgVM *vm, TgTask *task, void *data) {
    (void)vm;
    task->interrupt = *(uint8_t *)data;
}

static void notify(TgVM *vm, TgTask *task, void *data) {
    (void)data;
    tg_scope_notify(vm, task);
}

// All first have it to come, then each is told: what telling one does to another finds it as it is.
static void strike_all(TgVM *vm, uint8_t level) {
    tg_scope_each(vm, vm->sched->root, mark_struck, &level);
    if (level == 1) tg_scope_strike(vm, vm->sched->root);
    else tg_scope_each(vm, vm->sched->root, notify, NULL);
}

static void say_one(TgVM *vm, TgTask *task, void *data) {
    TgBuffer *text = data;
    tg_buffer_text(text, "  ");
    tg_tree_doing(vm, task, text);
    tg_buffer_text(text, "\n");
}

static void say_unsettled(TgVM *vm, TgTask *task, void *data) {
    if (task_unsettled(task)) say_one(vm, task, data);
}

// Below `head`, a line for each task that `say` finds worth one.
static void say_who(TgVM *vm, const char *head, void (*say)(TgVM *vm, TgTask *task, void *data)) {
    TgBuffer text = {0};
    tg_buffer_text(&text, head);
    tg_scope_each(vm, vm->sched->root, say, &text);
    tg_out_try(vm);
    fwrite(text.data, 1, text.length, stderr);
    tg_buffer_free(&text);
}

static void second_press(TgVM *vm) {
    say_who(vm, "tg: interrupted again; these were still cleaning up or unwinding and are broken off:\n", say_unsettled);
    strike_all(vm, 2);
}

static void first_press(TgVM *vm) {
    TgSched *sched = vm->sched;
    sched->press_time = tg_now(vm);
    sched->noticed = false;
    sched->press = tg_error_new(vm, vm->errors[TG_ERR_Interrupt], tg_string_c(vm, "interrupted by Ctrl-C"));
    strike_all(vm, 1);
}

void tg_interrupt_press(TgVM *vm) {
    TgSched *sched = vm->sched;
    if (sched->presses > 0 && !tg_interrupt_unsettled(vm)) sched->presses = 0;
    sched->presses++;
    TG_SEE(vm, .kind = SEEN_PRESS, .how = (uint8_t)(sched->presses < 3 ? sched->presses : 3));
    if (sched->presses == 1) {
        first_press(vm);
    } else if (sched->presses == 2) {
        second_press(vm);
    } else {
        fputs("tg: interrupted a third time: ended at once\n", stderr);
        say_tree(vm);
        tg_die_of(TG_SIGINT);
    }
}

bool tg_interrupt_watches(const TgVM *vm) {
    const TgSched *sched = vm->sched;
    bool is_cleaning = sched->presses == 1 || (sched->presses == 0 && sched->closing);
    return sched->root && is_cleaning && !sched->noticed && vm->options.is_terminal;
}

void tg_interrupt_notice(TgVM *vm) {
    TgSched *sched = vm->sched;
    if (!tg_interrupt_watches(vm) || tg_world_glance(vm) < sched->press_time + 1.0) return;
    sched->noticed = true;
    if (sched->presses == 0)
        say_who(vm, "tg: these are still cleaning up (Ctrl-C twice abandons it):\n", say_one);
    else if (tg_interrupt_unsettled(vm))
        say_who(vm, "tg: cleaning up (Ctrl-C again abandons it):\n", say_unsettled);
}

// ---- SIGTERM, SIGHUP

static void pierce(TgVM *vm, TgTask *task, void *data) {
    (void)data;
    task->pierced = true;
    tg_scope_notify(vm, task);
}

void tg_interrupt_pierce(TgVM *vm) { tg_scope_each(vm, vm->sched->root, pierce, NULL); }

void tg_interrupt_break_off(TgVM *vm) {
    say_who(vm, "tg: these wait in their cleanup for what never comes and are broken off:\n", say_one);
    tg_interrupt_pierce(vm);
}

void tg_interrupt_terminate(TgVM *vm, int signal) {
    TgSched *sched = vm->sched;
    sched->terms++;
    sched->end_signal = signal;
    if (sched->terms == 1) {
        tg_scope_cancel(vm, sched->root, CAUSE_SIGNAL);
    } else if (sched->terms == 2) {
        tg_interrupt_pierce(vm);
    } else {
        tg_out_try(vm);
        tg_die_of(signal);
    }
}

void tg_interrupt_take(TgVM *vm, bool at_boundary) {
    TgSched *sched = vm->sched;
    uint32_t counts[TG_WORLD_SIGNALS];
    static const int ending[] = {TG_SIGTERM, TG_SIGHUP};
    if (!sched->signals || !sched->root) return; // at a prompt they are the prompt's
    tg_see_outside(vm, true);
    tg_world_signals(vm, at_boundary ? WORLD_STRIKE : WORLD_SIGNALS, at_boundary ? sched->stopped_at : sched->used, counts);
    for (uint32_t n = counts[0]; n > 0; n--)
        if (!tg_inbox_give(vm, TG_SIGQUIT)) say_tree(vm);
    for (uint32_t n = counts[1]; n > 0; n--)
        if (!tg_inbox_give(vm, TG_SIGINT)) tg_interrupt_press(vm);
    for (int i = 0; i < 2; i++)
        for (uint32_t n = counts[2 + i]; n > 0; n--)
            if (!tg_inbox_give(vm, ending[i])) tg_interrupt_terminate(vm, ending[i]);
    tg_see_outside(vm, false);
}
