// vm/block.c
// The ends of blocks that need care.
// Layer: runtime.
#include "vm/block.h"

#include <math.h>

#include "vm/api.h"
#include "vm/observe.h"
#include "vm/sched.h"
#include "vm/unwind.h"
#include "vm/why.h"

static const TgBlockEnd next = {BLOCK_NEXT, LEAVE_NONE, TG_NIL};

static TgBlockEnd leave(TgLeaveKind kind, TgValue value) {
    if (kind == LEAVE_NONE) return next;
    return (TgBlockEnd){BLOCK_LEAVE, kind, value};
}

static TgBlockEnd raise_error(TgTask *task, TgVM *vm, TgValue error) {
    // What a nursery hands on of a Ctrl-C is still that Ctrl-C, not settled before somebody takes it.
    if (vm->sched->press && tg_group_has_interrupt(vm, error)) task->struck = true;
    return leave(LEAVE_RAISE, error);
}

// ---- Nurseries

static TgBlockEnd end_nursery(TgVM *vm, TgTask *task, TgScope *nursery, TgValue *state) {
    TgLeaveKind kind = (TgLeaveKind)tg_as_int(state[1]);
    if (!nursery->ending) {
        nursery->ending = true;
        if (kind == LEAVE_RAISE) {
            state[1] = tg_int(LEAVE_NONE);
            task->struck = false; // the nursery has it now
            tg_scope_join(vm, nursery, state[2]);
        } else if (kind == LEAVE_CANCEL && (nursery->cause == CAUSE_NONE || task->exiting)) {
            tg_scope_cancel(vm, nursery, task->exiting ? CAUSE_EXIT : CAUSE_SIGNAL);
        }
    }
    if (nursery->child_count > 0) {
        task->wait_kind = WAIT_NURSERY;
        task->wait_object = &nursery->obj;
        if (task->interrupt && tg_scope_verdict(vm, task, 1, true) == VERDICT_INTERRUPT)
            tg_scope_interrupt_end(vm, task);
        tg_sched_park(vm, task, WAIT_NURSERY, nursery, 0);
        return (TgBlockEnd){BLOCK_PARK, LEAVE_NONE, TG_NIL};
    }
    task->wait_kind = WAIT_NONE;
    task->wait_object = NULL;
    bool was_cancelled = nursery->cause != CAUSE_NONE && nursery->cause != CAUSE_SIGNAL && nursery->cause != CAUSE_EXIT;
    tg_scope_close(vm, task, nursery);
    tg_sched_look_again(vm, task);
    if (nursery->errors) return raise_error(task, vm, tg_group_of(vm, nursery->errors));
    kind = (TgLeaveKind)tg_as_int(state[1]);
    // A cancellation ends here if it was this nursery's own; one from further out goes on.
    if (task->attention && tg_scope_verdict(vm, task, 1, true) == VERDICT_CANCEL) return leave(LEAVE_CANCEL, TG_NIL);
    if (kind == LEAVE_CANCEL && was_cancelled && !task->exiting) return next;
    return leave(kind, state[2]);
}

// ---- Timeouts and shields

static TgValue timeout_error(TgVM *vm, const TgScope *scope) {
    TgBuffer message = {0};
    tg_buffer_text(&message, "not done after ");
    tg_why_seconds(&message, scope->seconds);
    TgString *text = tg_string_c(vm, message.data ? message.data : "");
    tg_buffer_free(&message);
    return tg_obj(tg_error_new(vm, vm->errors[TG_ERR_Timeout], text));
}

static TgBlockEnd end_timeout(TgVM *vm, TgTask *task, TgScope *scope, const TgValue *state, bool has_else) {
    TgLeaveKind kind = (TgLeaveKind)tg_as_int(state[1]);
    tg_scope_close(vm, task, scope);
    tg_sched_look_again(vm, task);
    if (scope->cause != CAUSE_TIMEOUT || (kind != LEAVE_CANCEL && kind != LEAVE_RAISE)) return leave(kind, state[2]);
    // Where several are up at once the outermost counts.
    bool goes_on = task->exiting || tg_scope_cancelled(vm, task, 1);
    if (kind == LEAVE_CANCEL) {
        if (goes_on) return leave(kind, state[2]);
        if (has_else) return (TgBlockEnd){BLOCK_ELSE, LEAVE_NONE, TG_NIL};
        return leave(LEAVE_RAISE, timeout_error(vm, scope));
    }
    if (goes_on) return leave(kind, state[2]);
    TgValue timeout = timeout_error(vm, scope);
    tg_unwind_mark_raise(vm, task, tg_task_frame(task).at, timeout);
    return leave(LEAVE_RAISE, tg_group_join(vm, state[2], timeout));
}

static TgBlockEnd with_held(TgVM *vm, TgTask *task, const TgValue *leaving) {
    TgLeaveKind kind = (TgLeaveKind)tg_as_int(leaving[0]);
    TgValue value = leaving[1];
    tg_sched_look_again(vm, task);
    tg_unwind_with_held(vm, task, 1, &kind, &value);
    return leave(kind, value);
}

bool tg_block_open_timed(TgVM *vm, TgTask *task, TgScopeKind kind, uint32_t reg, TgValue seconds) {
    double length = INFINITY;
    if (!tg_is_undef(seconds)) {
        if (!tg_is_number(seconds)) {
            tg_error_raise(vm, TG_ERR_TypeError, "%s needs a number of seconds, not %s",
                           kind == SCOPE_TIMEOUT ? "timeout" : "shield", TG_SHOW(vm, seconds));
            return false;
        }
        if (!tg_to_double(vm, seconds, &length)) return false;
        if (length != length) {
            tg_error_raise(vm, TG_ERR_ValueError, "nan is no number of seconds");
            return false;
        }
    }
    if (!tg_sched_can_sleep(vm)) return false;
    TgScope *scope = tg_scope_open(vm, task, kind, reg);
    scope->seconds = length;
    TG_SEE(vm, .kind = SEEN_OPEN, .task = task, .scope = scope);
    task->base[reg] = tg_obj(scope);
    if (length == INFINITY) return true;
    if (length <= 0 && kind == SCOPE_SHIELD) {
        scope->shielding = false;
        tg_sched_look_again(vm, task);
    } else {
        tg_timers_add(&vm->sched->timers, &scope->timer, tg_now(vm) + (length > 0 ? length : 0));
    }
    // A time that is up already counts from the first boundary on, whoever is busy.
    if (length <= 0 && kind == SCOPE_TIMEOUT) tg_scope_cancel(vm, scope, CAUSE_TIMEOUT);
    return true;
}

TgBlockEnd tg_block_end_scope(TgVM *vm, TgTask *task, TgValue *state, bool has_else) {
    TgScope *scope = (TgScope *)tg_as_obj(state[0]);
    if (scope->kind == SCOPE_NURSERY) return end_nursery(vm, task, scope, state);
    if (scope->kind == SCOPE_TIMEOUT) return end_timeout(vm, task, scope, state, has_else);
    tg_scope_close(vm, task, scope);
    return with_held(vm, task, state + 1);
}

// ---- finally and try

TgBlockEnd tg_block_end_finally(TgVM *vm, TgTask *task, TgValue *state) {
    return with_held(vm, task, state);
}

// Nearly always: an exception that is no group, and one class to match it with.
static bool is_lone_and_one(const TgVM *vm, TgValue exception, TgValue classes) {
    if (!tg_is_kind(classes, OBJ_CLASS) || !(tg_as_obj(classes)->flags & OBJ_EXCEPTION)) return false;
    return !tg_class_is(((TgInstance *)tg_as_obj(exception))->class_, vm->errors[TG_ERR_ErrorGroup]);
}

bool tg_block_match(TgVM *vm, TgTask *task, TgValue *state, TgValue classes, bool *found) {
    *found = false;
    state[1] = TG_NIL;
    tg_sched_look_again(vm, task); // the clause before may have held off a nursery's failure
    if (tg_is_nil(state[0])) return true;
    TgValue taken = state[0], rest = TG_NIL;
    if (is_lone_and_one(vm, state[0], classes)) {
        const TgInstance *lone = (const TgInstance *)tg_as_obj(state[0]);
        if (!tg_class_is(lone->class_, (TgClass *)tg_as_obj(classes))) return true;
    } else {
        if (!tg_group_split(vm, state[0], classes, &taken, &rest)) return false;
        if (tg_is_nil(taken)) return true;
    }
    *found = true;
    state[0] = rest;
    state[1] = taken;
    if (task->struck && tg_group_has_interrupt(vm, taken)) task->struck = false;
    return true;
}

TgBlockEnd tg_block_end_try(TgVM *vm, TgTask *task, TgValue *state) {
    tg_sched_look_again(vm, task); // a handler may have held off a nursery's failure
    if (tg_is_nil(state[0]) && tg_is_nil(state[2]) && tg_is_nil(state[3])) return next;
    TgValue left = tg_group_join(vm, state[0], state[2]);
    if (!tg_is_nil(left)) return leave(LEAVE_RAISE, left);
    if (tg_is_nil(state[3])) return next;
    return leave((TgLeaveKind)tg_as_int(state[3]), state[4]);
}
