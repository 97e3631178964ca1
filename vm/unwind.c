// vm/unwind.c
// The unwinder: reads the handler rows outwards until one takes what is leaving.
// Layer: runtime.
#include "vm/unwind.h"

#include <assert.h>

#include "vm/api.h"
#include "vm/monitor.h"
#include "vm/sched.h"
#include "vm/trace.h"

// What is on its way.
typedef struct {
    TgLeaveKind kind;
    TgValue value;
} Leaving;

// Two leavings that meet (what a finally was entered with, and what comes out of it): exceptions are kept
// together and win over all others; a cancellation comes again by itself (it is a state of a scope).
static Leaving combine(TgVM *vm, Leaving held, Leaving now) {
    if (held.kind == LEAVE_RAISE && now.kind == LEAVE_RAISE)
        return (Leaving){LEAVE_RAISE, tg_group_join(vm, held.value, now.value)};
    if (held.kind == LEAVE_RAISE) return held;
    if (now.kind == LEAVE_RAISE) return now;
    if (held.kind == LEAVE_CANCEL || now.kind == LEAVE_NONE) return held;
    return now;
}

static TgValue cause_of(TgVM *vm, TgValue exception) {
    return tg_instance_get(vm, (TgInstance *)tg_as_obj(exception), vm->name_cause);
}

// Of the frames that no trace has room for so many are counted: else handlers of handlers would take the square of their depth.
enum { CAUSES_SEEN = 100, COUNTED = 1000 };

// An exception raised while another is handled carries that as its cause.
static void set_cause(TgVM *vm, TgValue exception, TgValue handled) {
    if (tg_is_kind(handled, OBJ_LIST)) {
        TgList *taken = (TgList *)tg_as_obj(handled);
        if (taken->count == 0) return;
        // All that the clause took: one exception stands for itself, more for a group.
        for (uint32_t i = 0; i < taken->count; i++)
            if (taken->items[i] == exception) return;
        handled = taken->items[0];
    }
    if (!tg_is_exception(handled) || handled == exception) return;
    TgInstance *instance = (TgInstance *)tg_as_obj(exception);
    TgValue cause = cause_of(vm, exception);
    if (!tg_is_undef(cause) && !tg_is_nil(cause)) return;
    // No circles: an exception that is raised again inside the handling of its own consequence. Only so far back as
    // anybody reads; a circle that a script builds all the same (e.cause = f) does no harm.
    TgValue link = handled;
    for (int i = 0; i < CAUSES_SEEN && tg_is_exception(link); i++, link = cause_of(vm, link))
        if (link == exception) return;
    tg_instance_set(vm, instance, vm->name_cause, handled);
}

// What the clause handles in which a frame is; nil where it is in none.
static TgValue handled_in(const TgCode *code, const TgValue *base, uint32_t at) {
    for (const TgHandler *row = code->handlers, *end = row + code->handler_count; row < end; row++) {
        if (row->kind != HANDLER_CLAUSE || at < row->start || at >= row->end) continue;
        if (!tg_is_nil(base[row->reg + 1])) return base[row->reg + 1];
    }
    return TG_NIL;
}

void tg_unwind_mark_raise(TgVM *vm, TgTask *task, uint32_t at, TgValue value) {
    TgException *exception = (TgException *)tg_as_obj(value);
    if (exception->trace) return; // raised again: keeps its first trace
    TgTraceFrame kept[TG_TRACE_MAX];
    uint32_t count = 0, left_out = 0;
    TgValue handled = TG_NIL; // by the innermost clause around
    TgFrame frame = {task->base, tg_frame_code(task->base), at};
    do {
        if (count == TG_TRACE_MAX) {
            left_out += frame.code->file != NULL;
            if (left_out < COUNTED) continue;
            left_out = TG_TRACE_UNCOUNTED;
            break;
        }
        kept[count] = (TgTraceFrame){frame.code, frame.at};
        count += frame.code->file != NULL; // else a native or a stub of the VM's
        if (frame.code->handler_count > 0 && tg_is_nil(handled)) handled = handled_in(frame.code, frame.base, frame.at);
    } while (tg_frame_outer(task, &frame));
    exception->trace = tg_trace_new(vm, task, kept, count, left_out);
    tg_barrier(vm, exception, tg_obj(exception->trace));
    bool is_press = value == (vm->sched->press ? tg_obj(vm->sched->press) : TG_NIL);
    if (!is_press && !tg_is_nil(handled)) set_cause(vm, value, handled);
}

void tg_unwind_with_held(TgVM *vm, TgTask *task, uint32_t skip, TgLeaveKind *kind, TgValue *value) {
    // A cancellation that is on its way goes on; only an Interrupt would come before it.
    if (!task->attention || (*kind == LEAVE_CANCEL && !task->interrupt)) return;
    TgVerdict verdict = tg_scope_verdict(vm, task, skip, false);
    if (verdict == VERDICT_INTERRUPT) {
        TgValue interrupt = tg_sched_take_interrupt(vm, task);
        tg_unwind_mark_raise(vm, task, tg_task_frame(task).at, interrupt);
        *value = *kind == LEAVE_RAISE ? tg_group_join(vm, *value, interrupt) : interrupt;
        *kind = LEAVE_RAISE;
    } else if (verdict == VERDICT_CANCEL && *kind != LEAVE_RAISE) {
        *kind = LEAVE_CANCEL;
        *value = TG_NIL;
    }
}

static void go_to(TgTask *task, const TgFrame *frame, uint32_t target) {
    task->base = frame->base;
    task->pc = frame->code->words + target;
}

// What a clause's body left with: later clauses still get their part, then ENDTRY settles it.
static void leave_clause(TgVM *vm, TgValue *state, Leaving leaving) {
    if (leaving.kind == LEAVE_RAISE) {
        set_cause(vm, leaving.value, state[1]);
        state[2] = tg_group_join(vm, state[2], leaving.value);
    } else {
        state[3] = tg_int(leaving.kind);
        state[4] = leaving.value;
    }
    state[1] = TG_NIL;
}

static bool jumps_inside(Leaving leaving, const TgHandler *row) {
    if (leaving.kind != LEAVE_JUMP) return false;
    uint32_t to = (uint32_t)tg_as_int(leaving.value);
    // Behind the last instruction of a block stands what its normal end does; only the block comes there.
    uint32_t end = row->end + 1;
    if (row->kind == HANDLER_SCOPE) end = row->target;
    if (row->kind == HANDLER_FINALLY || row->kind == HANDLER_ENTER) end = row->end;
    return to >= row->start && to < end;
}

// Whether a row took it (the task is set to go on); `leaving` may be changed by a finally that it leaves.
static bool row_takes(TgVM *vm, TgTask *task, const TgFrame *frame, const TgHandler *row, uint32_t skip,
                      Leaving *leaving) {
    TgValue *state = frame->base + row->reg;
    if (jumps_inside(*leaving, row)) {
        go_to(task, frame, (uint32_t)tg_as_int(leaving->value));
        return true;
    }
    switch (row->kind) {
    case HANDLER_TRY:
        if (leaving->kind != LEAVE_RAISE) return false;
        state[0] = leaving->value;
        state[1] = state[2] = state[3] = state[4] = TG_NIL;
        break;
    case HANDLER_CLAUSE: leave_clause(vm, state, *leaving); break;
    case HANDLER_CLEANUP:
        if (vm->monitor) tg_monitor_cleanup(vm, task, frame->base, row->target);
        state[0] = tg_int(leaving->kind);
        state[1] = leaving->value;
        break;
    case HANDLER_SCOPE:
        if (frame->at >= row->target) return false; // comes out of the ENDSCOPE itself
        state[1] = tg_int(leaving->kind);
        state[2] = leaving->value;
        break;
    case HANDLER_FINALLY: {
        Leaving held = {(TgLeaveKind)tg_as_int(state[0]), state[1]};
        *leaving = combine(vm, held, *leaving);
        go_to(task, frame, frame->at);
        tg_unwind_with_held(vm, task, skip, &leaving->kind, &leaving->value);
        return false;
    }
    case HANDLER_ENTER: task->entering--; return false;
    default: return false;
    }
    go_to(task, frame, row->target);
    return true;
}

static bool leave_frame(TgVM *vm, TgTask *task, const TgFrame *frame, Leaving *leaving) {
    const TgCode *code = frame->code;
    uint32_t left = 0; // rows that the verdict knows of and that are behind
    for (uint32_t i = 0; i < code->handler_count; i++) {
        const TgHandler *row = &code->handlers[i];
        if (frame->at < row->start || frame->at >= row->end) continue;
        if (row->kind != HANDLER_TRY && row->kind != HANDLER_CLEANUP) left++;
        if (row_takes(vm, task, frame, row, left, leaving)) return true;
    }
    if (leaving->kind == LEAVE_JUMP) {
        go_to(task, frame, (uint32_t)tg_as_int(leaving->value));
        return true;
    }
    if (leaving->kind == LEAVE_RETURN) {
        TgValue link = frame->base[-1];
        assert(!tg_frame_is_bottom(task, frame->base));
        task->base = frame->base - tg_link_window(link) - 2;
        task->base[tg_link_dest(link)] = leaving->value;
        task->pc = tg_link_pc(link);
        return true;
    }
    return false;
}

bool tg_unwind(TgVM *vm, TgTask *task, uint32_t at, TgLeaveKind *kind, TgValue *value) {
    Leaving leaving = {*kind, *value};
    if (leaving.kind == LEAVE_RAISE) tg_unwind_mark_raise(vm, task, at, leaving.value);
    TgFrame frame = {task->base, tg_frame_code(task->base), at};
    do {
        bool passes = frame.code->handler_count == 0 && (leaving.kind == LEAVE_RAISE || leaving.kind == LEAVE_CANCEL);
        if (!passes && leave_frame(vm, task, &frame, &leaving)) return true;
    } while (tg_frame_outer(task, &frame));
    *kind = leaving.kind;
    *value = leaving.value;
    return false;
}
