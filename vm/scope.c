// vm/scope.c
// The scope tree, and the one function that says what a task has to do at a boundary.
// Layer: runtime.
#include "vm/scope.h"

#include <assert.h>
#include <stdlib.h>

#include "vm/gc.h"
#include "vm/list.h"
#include "vm/sched.h"
#include "vm/trace.h"
#include "vm/unwind.h"

enum { REACHED_FAILED = 1, REACHED = 2 };

// ---- The verdict

// What has been met on the way from the innermost place outwards.
typedef struct {
    TgVM *vm;
    bool waiting;
    bool shielded;     // nothing from further out gets through
    bool spares_fails; // inside a handler that has taken an Interrupt
    bool target;       // there is a cancelled scope, or task, that counts
    bool inside_enter;
} Walk;

static void meet_cancelled(Walk *walk, TgCause cause) {
    if (walk->shielded || cause == CAUSE_NONE) return;
    if (cause == CAUSE_FAILED && walk->spares_fails) return;
    walk->target = true;
}

static void meet_scope(Walk *walk, const TgScope *scope) {
    meet_cancelled(walk, (TgCause)scope->cause);
    if (scope->shielding) walk->shielded = true; // what reached it stays outside
    if (scope->reached & REACHED_FAILED) meet_cancelled(walk, CAUSE_FAILED);
    if (scope->reached & REACHED) meet_cancelled(walk, CAUSE_CANCEL);
}

static void meet_row(Walk *walk, const TgHandler *row, const TgValue *base) {
    switch (row->kind) {
    case HANDLER_FINALLY: walk->shielded = true; break;
    case HANDLER_ENTER:
        if (!walk->waiting) walk->inside_enter = true;
        break;
    case HANDLER_CLAUSE:
        if (tg_group_has_interrupt(walk->vm, base[row->reg + 1])) walk->spares_fails = true;
        break;
    case HANDLER_SCOPE: {
        TgScope *scope = (TgScope *)tg_as_obj(base[row->reg]);
        meet_scope(walk, scope);
        break;
    }
    default: break;
    }
}

// Rows around `at` in one frame, inner first, without the first `skip` of them.
static void meet_frame(Walk *walk, const TgFrame *frame, uint32_t skip) {
    const TgCode *code = frame->code;
    for (uint32_t i = 0; i < code->handler_count; i++) {
        const TgHandler *row = &code->handlers[i];
        if (frame->at < row->start || frame->at >= row->end) continue;
        if (row->kind == HANDLER_TRY || row->kind == HANDLER_CLEANUP) continue;
        if (skip) {
            skip--;
            continue;
        }
        meet_row(walk, row, frame->base);
        if (walk->shielded) return;
    }
}

// The rest of the frame in which `scope` was opened: the rows outside of the scope's own.
static void meet_outside(Walk *walk, const TgScope *scope, const TgFrame *frame) {
    bool outside = false;
    for (uint32_t i = 0; i < frame->code->handler_count; i++) {
        const TgHandler *row = &frame->code->handlers[i];
        if (scope->pc < row->start || scope->pc >= row->end) continue;
        if (outside) meet_row(walk, row, frame->base);
        if (walk->shielded) return;
        if (row->kind == HANDLER_SCOPE && row->reg == scope->reg && row->start == scope->pc) outside = true;
    }
}

static void walk_frames(Walk *walk, const TgTask *task, TgFrame *frame, bool all) {
    // Past a cancelled scope there is nothing to learn, but for an `enter` around it.
    bool ends = !all && task->entering == 0;
    while (!walk->shielded && !walk->inside_enter && !(ends && walk->target) && tg_frame_outer(task, frame))
        meet_frame(walk, frame, 0);
}

// `all`: to the first shield or the root; else a cancelled scope ends the walk.
static Walk walk_outwards(TgVM *vm, TgTask *task, uint32_t skip, bool waiting, bool all) {
    Walk walk = {.vm = vm, .waiting = waiting};
    TgTask *at = task;
    TgFrame frame = tg_task_frame(task);
    meet_frame(&walk, &frame, skip);
    for (;;) {
        walk_frames(&walk, at, &frame, all);
        if (walk.inside_enter || walk.shielded) break;
        if (at->cancelled) meet_cancelled(&walk, CAUSE_CANCEL);
        TgScope *nursery = at->nursery;
        if (!nursery) break;
        meet_scope(&walk, nursery);
        if (walk.target && !all) break;
        at = nursery->owner;
        if (!at) break; // the root
        // Go on in the parent, around the nursery. Enter rows concern the parent's own boundaries only.
        walk.waiting = true;
        frame.base = at->stack + nursery->frame;
        frame.code = tg_frame_code(frame.base);
        frame.at = nursery->pc;
        meet_outside(&walk, nursery, &frame);
    }
    return walk;
}

// What ends the whole run goes through shields and cleanup too.
static bool is_pierced(const TgVM *vm, const TgTask *task) {
    return task->pierced && vm->sched->root && vm->sched->root->cause != CAUSE_NONE;
}

TgVerdict tg_scope_verdict(TgVM *vm, TgTask *task, uint32_t skip, bool waiting) {
    Walk walk = walk_outwards(vm, task, skip, waiting, task->interrupt == 1);
    if (walk.inside_enter) return VERDICT_NONE;
    if (task->interrupt == 2 || (task->interrupt == 1 && !walk.shielded)) return VERDICT_INTERRUPT;
    if (walk.target) return VERDICT_CANCEL;
    if (is_pierced(vm, task)) return VERDICT_CANCEL;
    return VERDICT_NONE;
}

bool tg_scope_cancelled(TgVM *vm, TgTask *task, uint32_t skip) {
    return walk_outwards(vm, task, skip, true, false).target || is_pierced(vm, task);
}

// ---- Opening and closing

TgScope *tg_scope_open(TgVM *vm, TgTask *task, TgScopeKind kind, uint32_t reg) {
    TgScope *scope = (TgScope *)tg_gc_alloc(vm, sizeof *scope, OBJ_SCOPE);
    scope->kind = (uint8_t)kind;
    scope->timer.kind = TIMER_SCOPE;
    scope->shielding = kind == SCOPE_SHIELD;
    scope->owner = task;
    scope->opened_order = vm->sched->cancels;
    if (task) {
        scope->outer = task->scope;
        scope->frame = (uint32_t)(task->base - task->stack);
        scope->pc = tg_pc_index(tg_frame_code(task->base), task->pc);
        scope->reg = reg;
        task->scope = scope;
        if (kind == SCOPE_NURSERY) task->seen = true; // the nursery is a value too, and knows its owner
    }
    return scope;
}

TgFrame tg_scope_frame(const TgScope *scope) {
    TgValue *base = scope->owner->stack + scope->frame;
    return (TgFrame){base, tg_frame_code(base), scope->pc > 0 ? scope->pc - 1 : 0};
}

void tg_scope_close(TgVM *vm, TgTask *task, TgScope *scope) {
    assert(task->scope == scope && scope->child_count == 0);
    tg_timers_remove(&vm->sched->timers, &scope->timer);
    scope->closed = true;
    scope->shielding = false;
    task->scope = scope->outer;
}

void tg_scope_mark(TgVM *vm, TgObj *object) {
    TgScope *scope = (TgScope *)object;
    tg_gc_mark_obj(vm, scope->owner);
    tg_gc_mark_obj(vm, scope->outer);
    tg_gc_mark_obj(vm, scope->errors);
    tg_gc_mark_obj(vm, scope->opened);
    tg_gc_mark_obj(vm, scope->why);
    tg_gc_mark_obj(vm, scope->children); // which marks the next one
}

void tg_scope_release(TgVM *vm, TgObj *object) {
    (void)vm;
    (void)object;
}

// ---- Cancelling

void tg_scope_notify(TgVM *vm, TgTask *task) {
    if (task->state >= TASK_DONE) return;
    task->attention = true;
    if (task == vm->current) {
        tg_sched_look_again(vm, task);
        return;
    }
    if (task->state != TASK_BLOCKED) return; // asked when it runs
    if (task->wait_kind == WAIT_NURSERY) {
        // When cancelled it goes on waiting for its children, who are cancelled as well.
        if (task->interrupt && tg_scope_verdict(vm, task, 1, true) == VERDICT_INTERRUPT) tg_scope_interrupt_end(vm, task);
        return;
    }
    TgVerdict verdict = tg_scope_verdict(vm, task, 0, true);
    if (verdict != VERDICT_NONE) tg_sched_abort(vm, task, verdict);
}

// Going over a tree of tasks without recursion: nesting may be as deep as memory. Nurseries wait in line; of each the children in
// order, so that what is told to all is told level by level.
typedef struct {
    TgScope *nursery;
    bool open; // no shield between what is told and its children
} Stop;

typedef struct {
    Stop *items;
    size_t count, capacity;
} Line;

static void push_nursery(Line *line, TgScope *nursery, bool open) {
    if (!nursery->children) return;
    if (line->count == line->capacity) {
        size_t capacity = line->capacity ? line->capacity * 2 : 64;
        Stop *items = realloc(line->items, capacity * sizeof *items);
        if (!items) abort(); // cannot be reported from here; two pointers a nursery at most
        line->items = items;
        line->capacity = capacity;
    }
    line->items[line->count++] = (Stop){nursery, open};
}

void tg_scope_each(TgVM *vm, TgScope *scope, void (*visit)(TgVM *, TgTask *, void *), void *data) {
    Line line = {0};
    push_nursery(&line, scope, true);
    for (size_t i = 0; i < line.count; i++) {
        for (TgTask *task = line.items[i].nursery->children; task; task = task->sibling_next) {
            tg_task_fetch(task->sibling_next);
            visit(vm, task, data);
            for (TgScope *inner = task->scope; inner; inner = inner->outer) push_nursery(&line, inner, true);
        }
    }
    free(line.items);
}

// ---- Telling a whole tree

// What is told: that a scope around was cancelled, or that a Ctrl-C has come (all of them have it to come already). Each task's
// frames are looked at once, for shields, whatever the depth; a verdict for each would go outwards from each.
typedef struct {
    TgVM *vm;
    bool interrupts;
    bool spares; // the cause is a failure: handlers of an Interrupt hold it off
    Line line;
} News;

static bool row_shields(const News *news, const TgHandler *row, const TgValue *base) {
    if (row->kind == HANDLER_FINALLY) return true;
    if (row->kind == HANDLER_SCOPE) return ((TgScope *)tg_as_obj(base[row->reg]))->shielding;
    return row->kind == HANDLER_CLAUSE && news->spares && tg_group_has_interrupt(news->vm, base[row->reg + 1]);
}

// Goes outwards over the task's own frames, as far as its scope `until` (NULL: all of them). Whether its innermost place is behind a
// shield; *to is the outermost of its scopes that is (NULL: none). A task that waits at the end of a nursery is outside of that one.
static bool find_shield(const News *news, const TgTask *task, const TgScope *until, const TgScope **to) {
    TgFrame frame = tg_task_frame(task);
    bool is_hidden = false, skips = task->state == TASK_BLOCKED && task->wait_kind == WAIT_NURSERY;
    const TgScope *met = NULL;
    *to = NULL;
    do {
        for (uint32_t i = 0; i < frame.code->handler_count; i++) {
            const TgHandler *row = &frame.code->handlers[i];
            if (frame.at < row->start || frame.at >= row->end) continue;
            if (row->kind == HANDLER_TRY || row->kind == HANDLER_CLEANUP) continue;
            const TgScope *scope = row->kind == HANDLER_SCOPE ? (const TgScope *)tg_as_obj(frame.base[row->reg]) : NULL;
            if (scope && scope == until) return is_hidden;
            if (!skips && row_shields(news, row, frame.base)) {
                is_hidden = true;
                *to = met;
            }
            skips = false;
            if (scope) met = scope;
        }
    } while (tg_frame_outer(task, &frame));
    return is_hidden;
}

static void tell_waiting(News *news, TgTask *task) {
    if (task->wait_kind != WAIT_NURSERY)
        tg_sched_abort(news->vm, task, news->interrupts ? VERDICT_INTERRUPT : VERDICT_CANCEL);
    else if (news->interrupts)
        tg_scope_interrupt_end(news->vm, task);
}

static void mark_reached(const News *news, TgScope *scope) {
    if (!news->interrupts) scope->reached |= news->spares ? REACHED_FAILED : REACHED;
}

static void tell_task(News *news, TgTask *task, bool open) {
    TgScope *scope = task->scope;
    const TgScope *hidden = NULL;
    task->attention = true;
    bool waits = open && task->state == TASK_BLOCKED;
    if (task == news->vm->current) tg_sched_look_again(news->vm, task);
    if (waits || (scope && open)) {
        bool is_hidden = find_shield(news, task, NULL, &hidden);
        if (waits && !is_hidden) tell_waiting(news, task);
    }
    for (; scope; scope = scope->outer) {
        if (open && !hidden) mark_reached(news, scope);
        push_nursery(&news->line, scope, open && !hidden);
        if (scope == hidden) hidden = NULL;
    }
}

static void tell_children(News *news, TgScope *nursery, bool open) {
    news->line.count = 0;
    push_nursery(&news->line, nursery, open);
    for (size_t i = 0; i < news->line.count; i++) {
        Stop stop = news->line.items[i];
        for (TgTask *task = stop.nursery->children; task; task = task->sibling_next) {
            tg_task_fetch(task->sibling_next);
            tell_task(news, task, stop.open);
        }
    }
}

// The scopes of `task` inside of `until` (NULL: all of them).
static void tell_inner(News *news, TgTask *task, const TgScope *until) {
    if (!task->scope || task->scope == until) return;
    const TgScope *hidden = NULL;
    find_shield(news, task, until, &hidden);
    for (TgScope *scope = task->scope; scope && scope != until; scope = scope->outer) {
        if (!hidden) mark_reached(news, scope);
        tell_children(news, scope, !hidden);
        if (scope == hidden) hidden = NULL;
    }
}

void tg_scope_cancel(TgVM *vm, TgScope *scope, TgCause cause) {
    if (scope->closed) return;
    // A failure may be followed by a cause that stops handlers too.
    if (scope->cause != CAUSE_NONE && (scope->cause != CAUSE_FAILED || cause == CAUSE_FAILED)) return;
    if (scope->cause == CAUSE_NONE) scope->cancelled_order = ++vm->sched->cancels;
    scope->cause = (uint8_t)cause;
    // Whoever was in it can ask when it is long over (why.h); nobody else can where it has nothing open inside.
    if (cause == CAUSE_TIMEOUT && scope->owner->scope != scope) tg_trace_opened(vm, scope);
    if (vm->sched->striking) return; // everybody is about to be told of the Ctrl-C that did this
    News news = {.vm = vm, .spares = cause == CAUSE_FAILED};
    if (scope->owner) tell_inner(&news, scope->owner, scope);
    tell_children(&news, scope, true);
    if (scope->owner) tg_scope_notify(vm, scope->owner);
    free(news.line.items);
}

void tg_scope_strike(TgVM *vm, TgScope *root) {
    News news = {.vm = vm, .interrupts = true};
    vm->sched->striking = true;
    tell_children(&news, root, true);
    vm->sched->striking = false;
    free(news.line.items);
}

static void notify_visitor(TgVM *vm, TgTask *task, void *data) {
    (void)data;
    tg_scope_notify(vm, task);
}

void tg_scope_unshield(TgVM *vm, TgScope *scope) {
    scope->shielding = false;
    for (TgScope *inner = scope->owner->scope; inner && inner != scope; inner = inner->outer)
        tg_scope_each(vm, inner, notify_visitor, NULL);
    tg_scope_notify(vm, scope->owner);
}

bool tg_scope_concerns(const TgTask *task) {
    if (task->interrupt || task->pierced) return true;
    for (const TgTask *at = task; at; at = at->nursery->owner) {
        if (at->cancelled) return true;
        for (const TgScope *scope = at->scope; scope; scope = scope->outer)
            if (scope->cause != CAUSE_NONE || scope->reached) return true;
        if (!at->nursery) return false;
        if (at->nursery->cause != CAUSE_NONE || at->nursery->reached) return true;
    }
    return false;
}

void tg_task_cancel(TgVM *vm, TgTask *task) {
    if (task->state >= TASK_DONE || task->cancelled) return;
    task->cancelled = true;
    News news = {.vm = vm};
    tell_inner(&news, task, NULL);
    tg_scope_notify(vm, task);
    free(news.line.items);
}

// ---- Children

void tg_scope_interrupt_end(TgVM *vm, TgTask *task) {
    TgScope *nursery = (TgScope *)task->wait_object;
    TgValue interrupt = tg_sched_take_interrupt(vm, task);
    task->struck = false; // the nursery has it now
    tg_unwind_mark_raise(vm, task, tg_task_frame(task).at, interrupt);
    tg_scope_join(vm, nursery, interrupt);
}

void tg_scope_join(TgVM *vm, TgScope *nursery, TgValue exception) {
    if (!nursery->errors) {
        nursery->errors = tg_list(vm, 1);
        tg_barrier(vm, nursery, tg_obj(nursery->errors));
    }
    bool known = false; // the same object counts once
    for (uint32_t i = 0; i < nursery->errors->count && !known; i++)
        known = nursery->errors->items[i] == exception;
    if (!known && !tg_list_push(vm, nursery->errors, exception)) vm->raised = TG_UNDEF;
    if (tg_group_has_interrupt(vm, exception)) nursery->interrupted = true;
    tg_scope_cancel(vm, nursery, CAUSE_FAILED);
}
