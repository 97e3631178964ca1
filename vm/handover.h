// vm/handover.h
// The quick half of the scheduler, for what tasks that meet do all the time: one gets in line, another hands it what it
// waits for, and the loop goes on with the next that is ready without coming back to the scheduler.
//
// What is out of the ordinary (a select, an interrupt on its way, a look at the outside world that is due) is left to
// sched.c. All of this is inline: a switch is some forty instructions, by way of the scheduler it was over a hundred.
//
// Layer: runtime.
#ifndef TG_VM_HANDOVER_H
#define TG_VM_HANDOVER_H

#include <assert.h>

#include "vm/api.h"
#include "vm/sched.h"

// What a quick half (TgQuickFn) of the runtime's own gives where it has parked the running task, or put it behind all that
// are ready: the loop goes on with another one. What the task is woken with is the call's result.
#define TG_WAITS (TG_UNDEF + 1)
// Whether it gave a value; else it is TG_UNDEF or TG_WAITS.
static inline bool tg_quick_gave(TgValue given) { return given - TG_UNDEF > TG_WAITS - TG_UNDEF; }

// The same for the native itself, whose quick half did not give TG_UNDEF.
static inline TgResult tg_quick_end(TgCall *call, TgValue given) {
    call->next_step = 0;
    return given == TG_WAITS ? TG_PARKED : tg_return(call, given);
}

// The running task waits in this queue; the caller gives TG_WAITS.
static inline TgValue tg_wait_in(TgVM *vm, TgWaitQueue *queue, TgWaitKind kind, void *object) {
    TgTask *task = vm->current;
    assert(!task->timer.at);
    tg_wait_push(queue, &task->wait);
    task->timer.when = vm->sched->clock;
    task->state = TASK_BLOCKED;
    task->wait_kind = (uint8_t)kind;
    task->wait_object = object;
    return TG_WAITS;
}

// Whether waking the task of this place is nothing but to take it out of its line, put down what it gets, and make it ready: the
// place is the task's own (so it has no other, and no timer), and no collection has to be told that its stack changes.
static inline bool tg_wait_is_plain(const TgWait *wait) {
    return wait == &wait->task->wait && (wait->task->obj.small & TG_TASK_RAN);
}

// tg_sched_wake_by for such a one, which is the first of `queue`: 15 instructions for 80.
static inline void tg_wake_plain(TgVM *vm, TgWaitQueue *queue, TgWait *wait, TgValue value) {
    TgTask *task = wait->task;
    assert(tg_wait_is_plain(wait) && wait == queue->first && !task->timer.at);
    queue->first = wait->next;
    if (wait->next)
        wait->next->prev = NULL;
    else
        queue->last = NULL;
    wait->queue = NULL;
    task->stack[task->dest] = value;
    tg_sched_ready(vm, task);
}

// Wakes the first of `queue` with `value`.
static inline void tg_hand_to_first(TgVM *vm, TgWaitQueue *queue, TgValue value) {
    if (tg_wait_is_plain(queue->first))
        tg_wake_plain(vm, queue, queue->first, value);
    else
        tg_sched_wake_by(vm, queue->first, value);
}

// tg_sched_pass where the running task waits or stands behind the others, its state saved, with `budget` left of its slice, and
// there is nothing to it but going on with the next one. False: ask tg_sched_pass.
static inline bool tg_sched_pass_quick(TgVM *vm, int64_t budget) {
    TgSched *sched = vm->sched;
    const TgTask *from = vm->current;
    TgTask *to = sched->first;
    if (!to || !sched->passes || from->attention || from->yields) return false;
    if (to->attention || to->aborted || to->raise_pending || to->wait_kind == WAIT_NURSERY) return false;
    uint64_t used = vm->options.slice - (uint64_t)budget;
    if (sched->since_poll + used + SWITCH_COST >= sched->poll_every) return false;
    sched->since_poll += used + SWITCH_COST;
    sched->passed += used + 1;
    sched->first = to->next;
    to->state = TASK_RUNNING;
    to->wait_kind = WAIT_NONE;
    if (!(to->obj.small & TG_TASK_RAN)) tg_task_ran(vm, to);
    vm->current = to;
    return true;
}

#endif
