// vm/life.c
// Births and ends of tasks. What every task goes through is written straight on, without calls: a spawn and its end are
// some 250 instructions together, in calls of small functions they were 500.
// Layer: runtime.
#include "vm/life.h"

#include <assert.h>

#include "vm/api.h"
#include "vm/explore.h"
#include "vm/gc.h"
#include "vm/monitor.h"
#include "vm/observe.h"
#include "vm/sched.h"
#include "vm/trace.h"
#include "vm/why.h"

#define QUICK static inline __attribute__((always_inline))
#define LIKELY(x) __builtin_expect(!!(x), 1)
#define UNLIKELY(x) __builtin_expect(!!(x), 0)

enum {
    FIRST_ROOM = 2,    // slots above the registers of a task's first frame, for a native that it calls
    MORE_ROOM = 24,    // above those of a frame that no cell takes
    SMALL_CELL = 288,  // most tasks do with so much,
    LARGE_CELL = 512,  // others get the collector's largest
    MOST_SPARE = 1024, // ended tasks that are kept for the next ones
};

static inline uint32_t slots_in(size_t cell) { return (uint32_t)((cell - sizeof(TgTask)) / sizeof(TgValue)); }

void tg_life_see_spawn(TgVM *vm, TgTask *task) { tg_seen(vm, (TgSeen){.kind = SEEN_SPAWN, .task = task, .scope = task->nursery}); }

// ---- Cells

// The cell of one that has ended. Cleared by so many bytes at a time that the compiler makes no call of it.
QUICK TgTask *take_spare(TgSched *sched) {
    typedef uint64_t Pair __attribute__((vector_size(16), may_alias, aligned(8)));
    TgTask *task = sched->spare;
    sched->spare = task->next;
    sched->spare_count--;
    TgObj head = {.kind = OBJ_TASK, .mark = task->obj.mark};
    Pair *at = (Pair *)task, *end = at + SMALL_CELL / sizeof(Pair);
    for (; at < end; at += 6) {
        at[0] = at[1] = at[2] = at[3] = at[4] = at[5] = (Pair){0, 0};
        __asm__("" : "+r"(at));
    }
    task->obj = head;
    return task;
}

// A cell and how many slots it has.
static __attribute__((noinline)) TgTask *new_cell(TgVM *vm, uint32_t needed, uint32_t *slots) {
    static const uint16_t cells[] = {SMALL_CELL, 320, 384, 448, LARGE_CELL};
    for (size_t i = 0; i < sizeof cells / sizeof *cells; i++)
        if (needed <= (*slots = slots_in(cells[i]))) break;
    if (needed > *slots) *slots = needed + MORE_ROOM;
    size_t size = sizeof(TgTask) + *slots * sizeof(TgValue);
    if (size > LARGE_CELL && !tg_gc_can_take(vm, size)) {
        tg_error_memory(vm);
        return NULL;
    }
    if (vm->options.max_tasks && !tg_limits_add_task(vm)) return NULL;
    TgTask *task = (TgTask *)tg_gc_alloc(vm, size, OBJ_TASK);
    // So that each end comes by tell(), and no cell is spare: births and ends of tasks that are not counted pay nothing.
    if (vm->options.max_tasks) tg_task_rare(vm, task);
    return task;
}

// Where it is unseen its cell is free at once. While a collection runs the collector may hold it, and finds it by itself.
QUICK void task_over(TgVM *vm, TgTask *task) {
    TgSched *sched = vm->sched;
    bool is_small = task->limit == task->inline_slots + slots_in(SMALL_CELL);
    if (UNLIKELY(task->seen) || UNLIKELY(vm->monitor) || UNLIKELY(!is_small) || UNLIKELY(task->rare)) {
        tg_task_over(vm, task);
    } else if (LIKELY(sched->spare_count < MOST_SPARE) && LIKELY(tg_gc_is_idle(vm))) {
        task->next = sched->spare;
        sched->spare = task;
        sched->spare_count++;
    } else {
        tg_gc_give_back(vm, task, SMALL_CELL);
    }
}

// ---- Birth

// READY but in no queue, in no nursery, with room for a call of so many arguments of a function with this code (or NULL).
QUICK TgTask *new_task(TgVM *vm, uint32_t argc, const TgCode *code) {
    TgSched *sched = vm->sched;
    uint32_t needed = TG_TASK_WINDOW + FIRST_ROOM + (code && code->registers > argc ? code->registers : argc);
    if (code && code->task_slots > needed) needed = code->task_slots;
    uint32_t slots = slots_in(SMALL_CELL);
    TgTask *task;
    if (LIKELY(needed <= slots) && LIKELY(sched->spare != NULL)) task = take_spare(sched);
    else task = new_cell(vm, needed, &slots);
    if (UNLIKELY(!task)) return NULL;
    task->stack = task->inline_slots;
    task->limit = task->stack + slots;
    // The slots are zero, a Float: as good as nil for the collector, and nobody else reads one before it is set.
    task->base = task->stack + 2;
    task->state = TASK_READY;
    task->argc = argc;
    task->cell = slots <= slots_in(LARGE_CELL) ? (uint8_t)((sizeof(TgTask) + slots * sizeof(TgValue)) / 16) : 0;
    task->id = sched->next_id++;
    task->result = task->wait.value = TG_NIL;
    task->wait.task = task;
    task->obj.small = TG_TASK_RAN;
    return task;
}

// The user's own code that spawns, with its place.
QUICK void note_spawner(TgTask *task, const TgTask *spawner) {
    TgFrame frame = {spawner->base, tg_frame_code(spawner->base), 0}; // it runs: pc stands on the instruction
    frame.at = tg_pc_index(frame.code, spawner->pc);
    do {
        if (UNLIKELY(!frame.code->file)) continue;
        task->spawn_code = frame.code;
        task->spawn_pc = frame.at;
        return;
    } while (tg_frame_outer(spawner, &frame));
}

// The name of a task that calls something else than a function of tg; that function's code where it leads to one.
static const TgCode *other_callee(TgVM *vm, TgValue callee, TgString **name) {
    TgValue function = callee;
    *name = vm->sched->task_name;
    if (tg_is_kind(callee, OBJ_BOUND)) function = ((TgBound *)tg_as_obj(callee))->function;
    if (tg_is_kind(function, OBJ_NATIVE)) *name = ((TgNative *)tg_as_obj(function))->name;
    if (tg_is_kind(function, OBJ_CLASS)) *name = ((TgClass *)tg_as_obj(function))->name;
    return tg_is_kind(function, OBJ_CLOSURE) ? ((TgFunction *)tg_as_obj(function))->code : NULL;
}

QUICK TgTask *begin(TgVM *vm, TgScope *nursery, const TgTask *spawner, TgValue callee, const TgValue *args, uint32_t argc) {
    TgSched *sched = vm->sched;
    TgString *name = sched->task_name;
    const TgCode *code;
    if (LIKELY(tg_is_kind(callee, OBJ_CLOSURE))) code = ((TgFunction *)tg_as_obj(callee))->code;
    else code = other_callee(vm, callee, &name);
    if (code && code->name->length) name = code->name;
    TgTask *task = new_task(vm, argc, code);
    if (UNLIKELY(!task)) return NULL;
    task->base[-2] = tg_obj(sched->entry);
    task->base[0] = callee;
    for (uint32_t i = 0; i < argc; i++) task->base[2 + i] = args[i];
    task->pc = sched->entry->code->words;
    task->name = name;
    if (spawner) note_spawner(task, spawner);
    tg_scope_adopt(vm, nursery, task);
    tg_sched_append(sched, task);
    return task;
}

TgTask *tg_life_begin(TgVM *vm, TgScope *nursery, const TgTask *spawner, TgValue callee, const TgValue *args, uint32_t argc) {
    TgTask *task = begin(vm, nursery, spawner, callee, args, argc);
    if (UNLIKELY(vm->observer) && task) tg_life_see_spawn(vm, task);
    return task;
}

static inline uint32_t named_count(TgValue names) { return tg_is_nil(names) ? 0 : ((TgList *)tg_as_obj(names))->count; }

TgTask *tg_life_spawn(TgVM *vm, const TgTask *task, TgScope *nursery, const TgCallSite *site) {
    const TgValue *window = task->base + site->window;
    TgTask *child = begin(vm, nursery, task, window[0], window + 2, site->argc + named_count(site->names));
    if (LIKELY(!site->flags && tg_is_nil(site->names)) || !child) return child;
    tg_task_rare(vm, child)->call_flags = site->flags;
    child->rare->call_names = site->names;
    return child;
}

TgCallSite tg_life_entry(const TgTask *task, uint32_t argc) {
    TgCallSite site = {.argc = argc, .names = TG_NIL};
    if (!task->rare) return site;
    site.flags = task->rare->call_flags;
    site.names = task->rare->call_names;
    site.argc -= named_count(site.names);
    return site;
}

// ---- The end

static void tell_waiters(TgVM *vm, TgTask *task) {
    TgWait *waiter;
    while ((waiter = task->rare->waiters.first) != NULL) {
        if (task->state == TASK_DONE) {
            tg_sched_wake_by(vm, waiter, task->result);
        } else if (task->state == TASK_FAILED) {
            tg_sched_wake_raise(vm, waiter->task, task->result);
        } else {
            tg_sched_wake_raise(vm, waiter->task, tg_why_error(vm, task));
        }
    }
}

// The one that waits in n.start() gets what would have gone to the nursery.
static void tell_starter(TgVM *vm, TgTask *task) {
    TgTask *starter = task->rare->starter;
    task->rare->starter = NULL;
    if (task->state == TASK_FAILED) {
        tg_sched_wake_raise(vm, starter, task->result);
        return;
    }
    TgString *message = tg_string_format(vm, "%s#%u ended before it called started()", task->name->data, task->id);
    tg_sched_wake_raise(vm, starter, tg_obj(tg_error_new(vm, vm->errors[TG_ERR_ValueError], message)));
}

// Out of its nursery, whose owner goes on at the last one.
QUICK void leave_nursery(TgVM *vm, TgTask *task) {
    TgScope *nursery = task->nursery;
    tg_scope_link(vm, nursery, task->sibling_prev, task->sibling_next);
    if (task->sibling_next) task->sibling_next->sibling_prev = task->sibling_prev;
    else nursery->last_child = task->sibling_prev;
    task->sibling_next = task->sibling_prev = NULL;
    if (--nursery->child_count > 0 || !nursery->ending) return;
    TgTask *owner = nursery->owner;
    if (owner && owner->state == TASK_BLOCKED && owner->wait_kind == WAIT_NURSERY && owner->wait_object == &nursery->obj)
        tg_sched_wake(vm, owner, TG_UNDEF);
}

// An end that somebody has to be told of.
static __attribute__((noinline)) void tell(TgVM *vm, TgTask *task, TgValue value) {
    TG_SEE(vm, .kind = SEEN_END, .task = task, .value = value);
    if (vm->monitor && !vm->explorer) tg_monitor_end(vm, task);
    if (vm->options.max_tasks) tg_limits_drop_task(vm);
    bool has_failed = task->state == TASK_FAILED;
    if (has_failed) tg_trace_leaves(vm, task, value);
    bool started_by = tg_task_starter(task) != NULL;
    if (started_by) tell_starter(vm, task);
    if (task->rare) tell_waiters(vm, task);
    if (vm->explorer) tg_explore_ended(vm, task);
    if (!has_failed || started_by) return;
    if (task->nursery->kind != SCOPE_ROOT) tg_scope_join(vm, task->nursery, value);
    else if (task->nursery == vm->sched->session) tg_list_push(vm, vm->sched->failed, tg_task_value(task));
}

void tg_life_end(TgVM *vm, TgTask *task, TgLeaveKind kind, TgValue value) {
    task->state = TASK_DONE;
    if (UNLIKELY(kind == LEAVE_RAISE)) task->state = TASK_FAILED;
    if (UNLIKELY(kind == LEAVE_CANCEL)) {
        task->state = TASK_CANCELLED;
        value = tg_int(vm->sched->cancels); // see why.h
    }
    task->result = value;
    tg_barrier(vm, task, value);
    task->struck = false;
    task->scope = NULL;
    if (UNLIKELY(kind == LEAVE_RAISE) || UNLIKELY(task->rare) || UNLIKELY(vm->is_watched)) tell(vm, task, value);
    leave_nursery(vm, task);
    task_over(vm, task);
}
