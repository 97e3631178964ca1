// vm/scope.h
// Scopes: who may stop whom, and when.
//
// A scope is a stretch of one task's execution that can be cancelled as a whole. Nurseries, timeouts and
// shields are all scopes; they form a tree (a scope lies in the scope around it, a task in its nursery). The
// rules for what a task has to do at its next boundary are tg_scope_verdict() and nothing else: it reads the
// tree and the handler tables of the frames from the innermost place outwards.
//
// Layer: runtime. Uses task.h and below. Knows nothing of libuv or signals.
#ifndef TG_VM_SCOPE_H
#define TG_VM_SCOPE_H

#include "vm/error.h"
#include "vm/gc.h"
#include "vm/task.h"

typedef enum { SCOPE_NURSERY, SCOPE_TIMEOUT, SCOPE_SHIELD, SCOPE_ROOT } TgScopeKind;

// Why a scope was cancelled. FAILED alone spares a handler that has taken an Interrupt.
typedef enum { CAUSE_NONE, CAUSE_FAILED, CAUSE_CANCEL, CAUSE_TIMEOUT, CAUSE_EXIT, CAUSE_SIGNAL } TgCause;

struct TgScope {
    TgObj obj;
    uint8_t kind;        // TgScopeKind
    uint8_t cause;       // TgCause: not NONE is cancelled
    bool closed;         // its block is over
    bool ending;         // a nursery whose body is over: the owner waits
    bool shielding;      // a shield that still holds
    bool interrupted;    // a nursery that an Interrupt has joined
    bool deadlocked;     // a nursery that a Deadlock has joined
    uint8_t reached;     // what a cancellation from further out that gets through to here said in passing: 1 a failure, 2 another
                         // cause. Who asks for a verdict inside need not go further: deep trees unwind in linear time
    TgTask *owner;       // the task whose block it is; NULL for a root
    TgScope *outer;      // the owner's scope around it, or NULL: the owner's nursery is next
    uint32_t frame;      // slot of R[0] of the frame it was opened in
    uint32_t pc;         // first pc inside its row
    uint32_t reg;
    uint32_t opened_order;    // vm->sched->cancels when it was opened: what was cancelled before does not reach into it
    double seconds;      // TIMEOUT, SHIELD: as given; for the message
    TgTimer timer;
    TgTask *children;    // NURSERY, ROOT: first child
    TgTask *last_child;
    uint32_t child_count;
    uint32_t cancelled_order; // vm->sched->cancels when it was cancelled
    TgList *errors;      // what has joined, in order; NULL while none
    struct TgTrace *opened; // where it was opened, once somebody needed it (trace.h)
    struct TgTrace *why;    // CAUSE_CANCEL, CAUSE_EXIT: who called that, and where; NULL: nobody
};

typedef enum { VERDICT_NONE, VERDICT_INTERRUPT, VERDICT_CANCEL } TgVerdict;

// What `task` must do at this boundary: a pending interrupt first, then the outermost cancelled scope that no
// shield hides. `skip`: handler rows at the innermost place that do not count (an ENDFINALLY or ENDSCOPE is
// outside of its own row: 1). `waiting`: the boundary is an operation that waits (else nothing happens inside enter).
TgVerdict tg_scope_verdict(TgVM *vm, TgTask *task, uint32_t skip, bool waiting);
// Whether a scope around this place (`skip` as above) is cancelled and no shield hides it: what unwinds goes on to that.
bool tg_scope_cancelled(TgVM *vm, TgTask *task, uint32_t skip);

// Opens a scope in the running task's innermost frame (state saved), at register `reg`.
TgScope *tg_scope_open(TgVM *vm, TgTask *task, TgScopeKind kind, uint32_t reg);
// The frame that an open scope (not a root) was opened in, at the instruction that opened it.
TgFrame tg_scope_frame(const TgScope *scope);
void tg_scope_close(TgVM *vm, TgTask *task, TgScope *scope); // the innermost one of the task
// Cancels `scope` and wakes every task in it that is blocked. Idempotent, never blocks, never collects.
// Tasks behind a shield find out when they leave it.
void tg_scope_cancel(TgVM *vm, TgScope *scope, TgCause cause);
void tg_task_cancel(TgVM *vm, TgTask *task);
// Something may concern `task` now: at its next boundary, or at once where it waits and the verdict says so.
void tg_scope_notify(TgVM *vm, TgTask *task);
// A Ctrl-C has come, and every task of `root`'s tree has it to come: each that waits and is behind no shield is told.
void tg_scope_strike(TgVM *vm, TgScope *root);
// A shield's time is up: it holds nothing off any more.
void tg_scope_unshield(TgVM *vm, TgScope *scope);
// Whether anything (an interrupt, a cancellation) hangs over the task, held off or not.
bool tg_scope_concerns(const TgTask *task);
// Calls `visit` for every task in `scope`, level by level: its children, theirs, and so on; the owner not. It may wake tasks, but end
// none.
void tg_scope_each(TgVM *vm, TgScope *scope, void (*visit)(TgVM *, TgTask *, void *), void *data);

// Children
// What follows `before` (NULL: the first one). The collector goes from one to the next.
static inline void tg_scope_link(TgVM *vm, TgScope *nursery, TgTask *before, TgTask *next) {
    if (before) before->sibling_next = next;
    else nursery->children = next;
    if (next && before) tg_barrier(vm, before, tg_obj(next));
    if (next && !before) tg_barrier(vm, nursery, tg_obj(next));
}
static inline void tg_scope_adopt(TgVM *vm, TgScope *nursery, TgTask *child) {
    child->nursery = nursery;
    child->sibling_prev = nursery->last_child;
    tg_scope_link(vm, nursery, nursery->last_child, child);
    nursery->last_child = child;
    nursery->child_count++;
    // Whether it is cancelled before it begins is asked at its first boundary.
    child->attention = nursery->cause != CAUSE_NONE || (nursery->owner && nursery->owner->attention);
}
// The pending Interrupt of a task that waits at the end of a nursery joins that nursery.
void tg_scope_interrupt_end(TgVM *vm, TgTask *task);
// An exception out of the body or a child: remembered, and all the others are cancelled.
void tg_scope_join(TgVM *vm, TgScope *nursery, TgValue exception);

#endif
