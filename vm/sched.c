// vm/sched.c
// Ready tasks, waits and their ends, the answer to a trap, and the run from start to end.
// Layer: runtime.
#include "vm/sched.h"

#include <assert.h>
#include <math.h>
#include <stdlib.h>

#include "vm/api.h"
#include "vm/channel.h"
#include "vm/deadlock.h"
#include "vm/explore.h"
#include "vm/host_signal.h"
#include "vm/interrupt.h"
#include "vm/loop.h"
#include "vm/monitor.h"
#include "vm/observe.h"
#include "vm/outside.h"
#include "vm/trace.h"
#include "vm/unwind.h"
#include "vm/why.h"
#include "vm/world.h"

#define UNLIKELY(x) __builtin_expect(!!(x), 0)

enum {
    VIRTUAL_PATIENCE = 1000000 // boundaries that virtual time stands still for while all are busy
};

// ---- Ready

// The chooser's: it is brought to the front.
static void choose(TgVM *vm) {
    TgSched *sched = vm->sched;
    uint32_t count = 0;
    for (const TgTask *task = sched->first; task && count < sched->chooser->most; task = task == sched->last ? NULL : task->next) count++;
    uint32_t number = count > 1 ? sched->chooser->next(vm, sched->chooser, count) : 0;
    if (!number) return;
    TgTask *before = sched->first;
    while (--number) before = before->next;
    TgTask *chosen = before->next;
    before->next = chosen->next;
    if (sched->last == chosen) sched->last = before;
    chosen->next = sched->first;
    sched->first = chosen;
}

static TgTask *take_ready(TgSched *sched) {
    TgTask *task = sched->first;
    if (!task) return NULL;
    sched->first = task->next;
    tg_task_fetch(sched->first); // what runs after it
    return task;
}

// The one place where the next task is chosen (tg_sched_pass goes on with the first, where nobody chooses).
static TgTask *choose_ready(TgVM *vm) {
    if (vm->explorer) return tg_explore_next(vm);
    if (vm->sched->chooser && vm->sched->first) choose(vm);
    return take_ready(vm->sched);
}

// ---- Waiting

void tg_sched_sleep_until(TgVM *vm, TgTask *task, double when) {
    if (when != INFINITY) tg_timers_add(&vm->sched->timers, &task->timer, when);
}

static void end_wait(TgVM *vm, TgTask *task) {
    if (vm->explorer && task->wait_kind == WAIT_SELECT) tg_explore_unqueued(vm, task);
    tg_wait_end(vm, task);
    tg_timers_remove(&vm->sched->timers, &task->timer);
    if (task->wait_kind >= WAIT_OUTPUT) tg_outside_end(vm, task);
}

static void wake(TgVM *vm, TgTask *task, TgValue value) {
    end_wait(vm, task);
    if (!tg_wait_reruns(task->wait_kind)) {
        task->stack[task->dest] = value;
        tg_task_ran(vm, task);
    }
    tg_sched_ready(vm, task);
}

void tg_sched_wake(TgVM *vm, TgTask *task, TgValue value) {
    TG_SEE(vm, .kind = SEEN_WAKE, .how = WOKEN_VALUE, .task = task);
    wake(vm, task, value);
}

void tg_sched_wake_by(TgVM *vm, TgWait *wait, TgValue value) {
    TgTask *task = wait->task;
    // Said before the places are given back, and left alone by the queue of ready tasks.
    if (wait != &task->wait) task->won = (uint32_t)(wait - task->choices);
    tg_sched_wake(vm, task, value);
}

void tg_sched_wake_raise(TgVM *vm, TgTask *task, TgValue exception) {
    TG_SEE(vm, .kind = SEEN_WAKE, .how = WOKEN_ERROR, .task = task, .value = exception);
    end_wait(vm, task);
    task->result = exception;
    tg_barrier(vm, task, exception);
    task->raise_pending = true;
    tg_sched_ready(vm, task);
}

void tg_sched_abort(TgVM *vm, TgTask *task, TgVerdict verdict) {
    if (vm->explorer && task->wait_kind != WAIT_SELECT) tg_explore_unqueued(vm, task);
    TG_SEE(vm, .kind = SEEN_WAKE, .how = verdict == VERDICT_INTERRUPT ? WOKEN_INTERRUPT : WOKEN_CANCEL, .task = task);
    end_wait(vm, task);
    if (task->wait_kind == WAIT_OUTSIDE && task->wait_object && task->wait_object->kind == OBJ_RESOURCE) {
        TgResource *resource = (TgResource *)task->wait_object;
        if (resource->type->left) resource->type->left(vm, resource, task);
    }
    if (task->wait_kind == WAIT_START) {
        // Nobody waits for started() any more: what was begun is not wanted.
        TgTask *child = (TgTask *)task->wait_object;
        if (tg_task_starter(child) == task) {
            child->rare->starter = NULL;
            tg_task_cancel(vm, child);
        }
    }
    task->aborted = (uint8_t)verdict;
    tg_sched_ready(vm, task);
}

// ---- Going on

TgValue tg_sched_take_interrupt(TgVM *vm, TgTask *task) {
    task->interrupt = 0;
    if (!task->struck) tg_struck_add(vm, vm->sched->press, task); // a second press finds it listed
    task->struck = true;
    TG_SEE(vm, .kind = SEEN_STRIKE, .task = task);
    return tg_obj(vm->sched->press);
}

// A task whose wait ended in an interrupt, a cancellation or an error. False: it is over.
static bool resume_broken(TgVM *vm, TgTask *task) {
    bool raises = task->raise_pending;
    TgVerdict verdict = raises ? VERDICT_NONE : (TgVerdict)task->aborted;
    // What was found then still holds, but a Ctrl-C that came since goes first.
    if (verdict == VERDICT_CANCEL && task->interrupt) verdict = tg_scope_verdict(vm, task, 0, true);
    uint32_t at = tg_task_frame(task).at;
    if (verdict == VERDICT_INTERRUPT) {
        TgValue interrupt = tg_sched_take_interrupt(vm, task);
        task->aborted = VERDICT_NONE;
        task->wait_kind = WAIT_NONE;
        return tg_loop_unwind(vm, task, at, LEAVE_RAISE, interrupt);
    }
    TgValue error = task->result;
    task->aborted = VERDICT_NONE;
    task->raise_pending = false;
    task->wait_kind = WAIT_NONE;
    task->result = TG_NIL;
    if (raises) return tg_loop_unwind(vm, task, at, LEAVE_RAISE, error);
    task->pierced = false;
    return tg_loop_unwind(vm, task, at, LEAVE_CANCEL, TG_NIL);
}

static void poll_world(TgVM *vm, TgWorldAsk what, uint64_t place);

static bool steps(const TgVM *vm) { return vm->options.gc_stress || vm->options.stepping; }

// Boundaries until --max-steps has its next answer; very many where there is no limit, or (at a prompt) nothing that it could end.
static inline uint64_t steps_left(const TgVM *vm) {
    uint64_t used = vm->sched->used, next = vm->limits.next_steps;
    if (!vm->sched->root) return UINT64_MAX;
    return used < next ? next - used : 0;
}

static uint64_t place_in_slice(const TgVM *vm) {
    const TgSched *sched = vm->sched;
    if (!vm->current) return 0;
    if (steps(vm)) return sched->granted - (uint64_t)sched->slice_left;
    return sched->granted - sched->withheld - (uint64_t)vm->budget;
}

uint64_t tg_sched_place(const TgVM *vm) { return vm->sched->used + place_in_slice(vm); }

// Replaying: the slice goes no further than to where something came by itself. The rest is given back there. Where each boundary is
// stopped at anyway something may have come as its instruction ran after that.
static void withhold(TgVM *vm) {
    if (steps(vm)) {
        uint64_t place = tg_sched_place(vm);
        bool came = tg_world_came(vm, WORLD_STRIKE, place) || tg_world_came(vm, WORLD_TICK, place);
        if (came) atomic_fetch_or_explicit(&vm->trap, TRAP_POLL, memory_order_relaxed);
        return;
    }
    uint64_t left = tg_world_distance(vm, tg_sched_place(vm)) - 1;
    if (left >= (uint64_t)vm->budget) return;
    vm->sched->withheld = (uint64_t)vm->budget - left;
    vm->budget = (int64_t)left;
}

static void give_back(TgVM *vm) {
    vm->budget += (int64_t)vm->sched->withheld;
    vm->sched->withheld = 0;
}

// Each step is somebody's, who wants to see or decide it.
static bool is_led(const TgVM *vm) {
    return vm->monitor || vm->explorer || vm->observer || vm->sched->chooser || steps(vm) || tg_world_replays(vm);
}

// A new slice. Where every boundary is to be stopped at, none is granted but the one that was stopped at already.
static void grant(TgVM *vm, TgTask *task) {
    TgSched *sched = vm->sched;
    uint64_t left = steps_left(vm), slice = sched->chooser ? sched->chooser->slice(vm, sched->chooser) : vm->options.slice;
    sched->granted = left < slice ? left : slice;
    sched->withheld = 0;
    // Tasks that pass on to each other come back only when the next look outside is due.
    bool is_far = left > vm->options.slice + 2 * sched->poll_every;
    sched->passes = is_far && sched->root && sched->main && !is_led(vm);
    sched->slice_left = (int64_t)sched->granted;
    vm->budget = steps(vm) ? task->counted : (int64_t)sched->granted;
    task->counted = false;
    if (vm->world) withhold(vm);
}

// A boundary has been reached (or all wait): what was ordered for it happens.
static void count_boundary(TgVM *vm) {
    uint64_t at = ++vm->sched->boundaries;
    if (at == vm->options.stop_at) vm->stop(vm);
    bool ordered = at == vm->options.press[0] || at == vm->options.cancel_at;
    if (ordered && vm->sched->main) {
        TgTask *task = vm->current ? vm->current : vm->sched->main;
        vm->sched->struck_line = tg_task_place(task, &vm->sched->struck_code).line;
    }
    if (at == vm->options.press[0]) tg_interrupt_press(vm);
    if (at == vm->options.press[1]) tg_interrupt_press(vm);
    if (at == vm->options.cancel_at) tg_interrupt_terminate(vm, TG_SIGTERM);
}

static void run_task(TgVM *vm, TgTask *task) {
    vm->current = task;
    TG_SEE(vm, .kind = SEEN_RUN, .task = task);
    tg_task_ran(vm, task); // the collector has to look at its stack again
    bool waits_at_end = task->wait_kind == WAIT_NURSERY;
    if ((task->aborted || task->raise_pending) && !waits_at_end) {
        task->state = TASK_RUNNING;
        if (!resume_broken(vm, task)) {
            vm->current = NULL;
            return;
        }
    }
    else if (vm->monitor && task->wait_object) {
        tg_channel_resumed(task);
    }
    // The end of a nursery runs again and sees for itself; it still waits for the eyes of others until then.
    task->aborted = VERDICT_NONE;
    task->state = TASK_RUNNING;
    if (!waits_at_end) task->wait_kind = WAIT_NONE;
    atomic_fetch_and_explicit(&vm->trap, ~(uint32_t)TRAP_TASK, memory_order_relaxed);
    tg_sched_look_again(vm, task);
    grant(vm, task);
    if (vm->explorer) tg_loop_observed(vm);
    else tg_loop(vm);
    vm->current = NULL;
}

// What the task that runs no more has used of its slice.
static void account(TgVM *vm) {
    TgSched *sched = vm->sched;
    give_back(vm);
    int64_t left = steps(vm) ? sched->slice_left : vm->budget;
    uint64_t used = sched->granted - (uint64_t)(left > 0 ? left : 0);
    sched->since_poll += used + SWITCH_COST;
    sched->used += used + 1;
}

// The next task that is ready, where nothing but running it is to be done: no boundary, signal, time or end of the run is due.
static TgTask *plain_next(const TgVM *vm) {
    const TgSched *sched = vm->sched;
    TgTask *next = sched->first;
    if (!next || sched->since_poll >= sched->poll_every || !sched->passes) return NULL;
    if (atomic_load_explicit(&vm->trap, memory_order_relaxed)) return NULL;
    if (next->aborted | next->raise_pending | next->attention) return NULL;
    return sched->main->state < TASK_DONE ? next : NULL;
}

static void see_turn(TgVM *vm, TgTask *task, TgTurnEnd end) {
    bool waits = end == TURN_PARKED && !task->yields && task->state == TASK_BLOCKED;
    tg_seen(vm, (TgSeen){.kind = waits ? SEEN_BLOCK : SEEN_YIELD, .task = task});
}

bool tg_sched_pass(TgVM *vm, TgTurnEnd end) {
    TgTask *task = vm->current;
    account(vm);
    if (vm->observer && end != TURN_ENDED) see_turn(vm, task, end);
    vm->current = NULL;
    if (end == TURN_YIELDED) {
        tg_sched_ready(vm, task);
    } else if (end == TURN_PARKED && task->yields) {
        task->yields = false;
        if (vm->explorer) tg_explore_yielded(vm, task);
        wake(vm, task, TG_NIL);
    } else if (end == TURN_PARKED && task->attention && task->state == TASK_BLOCKED) {
        tg_scope_notify(vm, task); // to wait is a boundary: what is due already does not wait for it
    }
    TgTask *next = plain_next(vm);
    if (!next) return false;
    take_ready(vm->sched);
    vm->current = next;
    tg_task_ran(vm, next);
    next->state = TASK_RUNNING;
    if (next->wait_kind != WAIT_NURSERY) next->wait_kind = WAIT_NONE;
    vm->budget = (int64_t)vm->options.slice;
    return true;
}

// All that was granted is used up.
static void use_slice(TgVM *vm) {
    vm->sched->since_poll += vm->sched->granted;
    vm->sched->used += vm->sched->granted;
}

// With this slice --max-steps is used up.
static TgTrapAnswer limit_steps(TgVM *vm, TgTask *task) {
    use_slice(vm);
    vm->sched->granted = 0; // the place is told by what is used
    vm->budget = 0;
    bool raises = tg_limits_look(vm);
    task->counted = !raises;
    grant(vm, task);
    return raises ? TRAP_RAISE : TRAP_GO_ON;
}

// What came by itself, or had come here when this was recorded.
static void take_what_came(TgVM *vm, uint32_t trap) {
    uint64_t place = vm->sched->stopped_at;
    if ((trap & TRAP_SIGNAL) || tg_world_came(vm, WORLD_STRIKE, place)) tg_interrupt_take(vm, true);
    if ((trap & TRAP_POLL) || tg_world_came(vm, WORLD_TICK, place)) poll_world(vm, WORLD_TICK, place);
}

static TgTrapAnswer answer_trap(TgVM *vm, TgTask *task) {
    TgSched *sched = vm->sched;
    if (vm->options.stepping && vm->budget < 0) {
        count_boundary(vm);
        if (vm->monitor && !vm->explorer) tg_monitor_boundary(vm, task);
    }
    give_back(vm);
    if (vm->world) {
        sched->stopped_at = tg_sched_place(vm) + (steps(vm) && vm->budget < 0);
        tg_world_boundary(vm, sched->stopped_at);
    }
    uint32_t trap = atomic_fetch_and_explicit(&vm->trap, (uint32_t)(TRAP_MEMORY | TRAP_GC), memory_order_relaxed);
    if (vm->explorer && trap) trap = tg_explore_trap(vm, trap);
    take_what_came(vm, trap);
    atomic_fetch_and_explicit(&vm->trap, ~(uint32_t)TRAP_TASK, memory_order_relaxed);
    if (task->attention) {
        TgVerdict verdict = tg_scope_verdict(vm, task, 0, false);
        if (verdict == VERDICT_INTERRUPT) return TRAP_UNWIND_INTERRUPT;
        if (verdict == VERDICT_CANCEL) return TRAP_UNWIND_CANCEL;
        if (!tg_scope_concerns(task)) task->attention = false;
    }
    if (UNLIKELY(vm->limits.is_due) && tg_limits_look(vm)) return TRAP_RAISE;
    if (vm->options.gc_stress == 1)
        tg_gc_full(vm);
    else if (vm->options.gc_stress)
        tg_gc_nibble(vm);
    else if ((trap & (TRAP_GC | TRAP_MEMORY)) == TRAP_GC)
        tg_gc_step(vm);
    if (trap & TRAP_MEMORY) {
        tg_gc_full(vm);
        atomic_fetch_and_explicit(&vm->trap, ~(uint32_t)TRAP_MEMORY, memory_order_relaxed);
        if (tg_gc_is_short(vm)) {
            tg_error_memory(vm);
            tg_gc_spare(vm);
            return TRAP_RAISE;
        }
    }
    if (vm->budget >= 0) {
        vm->budget++; // the instruction runs again and takes its boundary's share again
        return TRAP_GO_ON;
    }
    if (vm->explorer) {
        vm->budget = 1;
        task->counted = tg_explore_boundary(vm, task);
        return task->counted ? TRAP_SWITCH : TRAP_GO_ON;
    }
    if (steps(vm) && --sched->slice_left > 0) {
        vm->budget = 1;
        return TRAP_GO_ON;
    }
    if (UNLIKELY(steps_left(vm) <= sched->granted)) return limit_steps(vm, task);
    bool at_prompt = !sched->root; // whoever runs the session looks up after each slice
    if ((sched->first || at_prompt) && !task->entering) {
        task->counted = true;
        return TRAP_SWITCH;
    }
    use_slice(vm);
    task->counted = true; // the task goes on
    grant(vm, task);
    if (sched->since_poll >= sched->poll_every) {
        tg_sched_poll(vm);
        // What came may be for others, or for this one.
        if (sched->first && !task->entering) {
            task->counted = steps(vm);
            return TRAP_SWITCH;
        }
    }
    return TRAP_GO_ON;
}

TgTrapAnswer tg_sched_trap(TgVM *vm, TgTask *task) {
    TgTrapAnswer answer = answer_trap(vm, task);
    if (vm->world && answer != TRAP_SWITCH) withhold(vm);
    return answer;
}

// ---- Time and the outside world

static void fire_timers(TgVM *vm) {
    TgSched *sched = vm->sched;
    sched->clock = tg_now(vm);
    if (vm->explorer) return; // which of those that are due comes first is a choice
    TgTimer *timer;
    while ((timer = tg_timers_first(&sched->timers)) != NULL && timer->when <= sched->clock) {
        tg_timers_remove(&sched->timers, timer);
        if (timer->kind == TIMER_TASK) {
            tg_sched_wake(vm, (TgTask *)((char *)timer - offsetof(TgTask, timer)), TG_NIL);
            continue;
        }
        TgScope *scope = (TgScope *)((char *)timer - offsetof(TgScope, timer));
        if (scope->kind == SCOPE_SHIELD)
            tg_scope_unshield(vm, scope);
        else
            tg_scope_cancel(vm, scope, CAUSE_TIMEOUT);
    }
}

static void look_at_signals(TgVM *vm) {
    uint32_t trap = atomic_fetch_and_explicit(&vm->trap, ~(uint32_t)TRAP_SIGNAL, memory_order_relaxed);
    if ((trap & TRAP_SIGNAL) || tg_world_replays(vm)) tg_interrupt_take(vm, false);
}

// The next timer, or the end of --max-time.
static double next_time(const TgVM *vm) {
    const TgTimer *first = tg_timers_first(&vm->sched->timers);
    double limit = vm->sched->root ? vm->limits.next_time : INFINITY; // at a prompt nothing runs that it could end
    return first && first->when < limit ? first->when : limit;
}

// What there is outside. False: nothing has come, as if nobody had looked (where that is kept).
static bool look_outside(TgVM *vm, TgWorldAsk what, uint64_t place) {
    TgSched *sched = vm->sched;
    double next = next_time(vm);
    if (!vm->options.virtual_time || sched->used - sched->idle_from <= VIRTUAL_PATIENCE) return tg_world_poll(vm, next, what, place);
    // All are busy for long: let virtual time pass, or a timeout around a busy loop would never come.
    if (next != INFINITY) vm->reactor->wait(vm->reactor, next);
    sched->idle_from = sched->used;
    return true;
}

static void poll_world(TgVM *vm, TgWorldAsk what, uint64_t place) {
    TgSched *sched = vm->sched;
    uint64_t since = sched->since_poll;
    sched->since_poll = 0;
    tg_see_outside(vm, true);
    tg_gc_shrinks(vm);
    if (look_outside(vm, what, place)) {
        fire_timers(vm);
        if (UNLIKELY(sched->clock >= vm->limits.next_time)) tg_limits_note_time(vm);
        tg_interrupt_notice(vm);
    } else if (what == WORLD_TICK) {
        sched->since_poll = since;
    }
    if (vm->out_length > 0) {
        double now = tg_world_glance(vm);
        if (now >= sched->next_flush || vm->options.virtual_time) {
            tg_out_try(vm);
            sched->next_flush = now + 0.1;
        }
    }
    tg_see_outside(vm, false);
}

void tg_sched_poll(TgVM *vm) { poll_world(vm, WORLD_POLL, vm->sched->used); }

// Nobody is ready: wait for what comes next. A deadlock is raised where nothing can come.
static void wait_for_something(TgVM *vm) {
    TgSched *sched = vm->sched;
    bool all_out = tg_out_try(vm);
    look_at_signals(vm);
    if (vm->options.stepping) count_boundary(vm);
    if (sched->first) return;
    sched->idle_from = sched->used;
    sched->since_poll = 0;
    // Time to tidy up, in small steps: what comes meanwhile is not kept waiting.
    if (tg_gc_shrinks(vm) && !steps(vm)) {
        tg_gc_step(vm);
        tg_sched_poll(vm);
        return;
    }
    TG_SEE(vm, .kind = SEEN_IDLE);
    TgTimer *first = tg_timers_first(&sched->timers);
    bool signals_come = sched->inboxes && !vm->options.virtual_time;
    if (!first && !vm->reactor->has_external(vm->reactor) && !signals_come) {
        if (sched->main)
            tg_deadlock(vm);
        else
            tg_interrupt_break_off(vm); // a session that ends, and cleanup that hangs
        return;
    }
    double until = next_time(vm);
    if (tg_interrupt_watches(vm) && sched->press_time + 1.0 < until) until = sched->press_time + 1.0;
    if (!all_out && !vm->options.virtual_time) {
        double soon = tg_world_glance(vm) + 0.02; // whoever reads slowly is asked again
        if (soon < until) until = soon;
    }
    vm->reactor->wait(vm->reactor, until);
    look_at_signals(vm);
    fire_timers(vm);
    if (UNLIKELY(sched->clock >= vm->limits.next_time)) tg_limits_note_time(vm);
    if (vm->limits.is_due && !sched->first) tg_limits_look(vm);
    tg_interrupt_notice(vm);
}

void tg_sched_turn(TgVM *vm) {
    TgTask *task = choose_ready(vm);
    if (vm->explorer && tg_explore_is_over(vm)) return;
    if (!task) {
        wait_for_something(vm);
        return;
    }
    run_task(vm, task);
    if (vm->sched->since_poll >= vm->sched->poll_every) tg_sched_poll(vm);
}

void tg_sched_run(TgVM *vm) {
    TgSched *sched = vm->sched;
    while (sched->main->state < TASK_DONE && !(vm->explorer && tg_explore_is_over(vm))) tg_sched_turn(vm);
    if (vm->monitor && !vm->explorer && sched->root->child_count > 0) tg_monitor_outlived(vm, sched->root->children);
}

// ---- The scheduler itself

bool tg_sched_init(TgVM *vm) {
    vm->sched = calloc(1, sizeof *vm->sched);
    if (!vm->sched) return false;
    vm->sched->next_id = 1;
    vm->sched->poll_every = POLL_EVERY;
    vm->sched->chooser = vm->options.shuffle ? tg_shuffle_new(vm->options.shuffle) : NULL;
    return true;
}

void tg_sched_free(TgVM *vm) {
    if (!vm->sched) return;
    tg_timers_free(&vm->sched->timers);
    free(vm->sched->chooser);
    free(vm->sched);
    vm->sched = NULL;
}
