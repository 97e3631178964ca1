// vm/session.c
// The session's root scope, and the scheduler without a main task.
// Layer: runtime, top.
#include "vm/session.h"

#include "vm/api.h"
#include "vm/interrupt.h"
#include "vm/sched.h"

void tg_session_open(TgVM *vm) {
    vm->sched->failed = tg_list(vm, 0);
    vm->sched->session = tg_scope_open(vm, NULL, SCOPE_ROOT, 0);
}

void tg_session_run(TgVM *vm, bool (*over)(void *data), void *data) {
    vm->stack_base = __builtin_frame_address(0);
    while (!over(data)) tg_sched_turn(vm);
}

uint32_t tg_session_count(const TgVM *vm) { return vm->sched->session->child_count; }

TgTask *tg_session_failed(TgVM *vm) {
    TgList *failed = vm->sched->failed;
    if (failed->count == 0) return NULL;
    TgTask *task = (TgTask *)tg_as_obj(failed->items[0]);
    tg_list_remove_at(failed, 0);
    return task;
}

void tg_session_interrupt(TgVM *vm) {
    TgSched *sched = vm->sched;
    sched->root = sched->session;
    tg_interrupt_press(vm);
    sched->root = NULL;
}

typedef struct {
    uint32_t id;
    TgTask *task;
} Search;

static void look_at(TgVM *vm, TgTask *task, void *data) {
    (void)vm;
    Search *search = data;
    if (task->id == search->id) search->task = task;
}

TgTask *tg_session_find(TgVM *vm, uint32_t id) {
    Search search = {id, NULL};
    tg_scope_each(vm, vm->sched->session, look_at, &search);
    return search.task;
}

static bool is_empty(void *data) { return tg_session_count(data) == 0; }

void tg_session_close(TgVM *vm, int signal) {
    TgSched *sched = vm->sched;
    sched->root = sched->session;
    sched->presses = 0;
    sched->terms = signal ? 1 : 0; // the next one is the second
    sched->end_signal = signal;
    sched->closing = true;
    sched->noticed = false;
    sched->press_time = tg_now(vm); // from here on cleanup takes its time
    tg_scope_cancel(vm, sched->session, signal ? CAUSE_SIGNAL : CAUSE_EXIT);
    tg_session_run(vm, is_empty, vm);
    sched->closing = false;
    sched->root = NULL;
    tg_out_flush(vm, 1);
}
