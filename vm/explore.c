// vm/explore.c
// Who can go on, who does, and what a step is.
//
// A task that sleeps and whose time has come counts as ready; a timeout or shield whose time has come is a process of its own,
// whose one step is to end it. The clock moves only when nobody is ready: all that comes then is later than all before.
// Layer: runtime.
#include "vm/explore.h"

#include <stdlib.h>

#include "vm/explore_impl.h"
#include "vm/sched.h"

enum { SWITCH_OR_NOT = EXPLORE_UNDECIDED };

void tg_explore_end(TgVM *vm, TgExplored why) {
    if (vm->explorer->is_over) return;
    vm->explorer->is_over = true;
    vm->explorer->end = why;
}

// ---- Deviations

static void note(TgExplorer *explorer, char kind, uint32_t at, uint32_t what) {
    TgDeviations *made = &explorer->made;
    if (made->count == made->room) {
        made->room = made->room ? made->room * 2 : 32;
        made->items = realloc(made->items, made->room * sizeof *made->items);
        if (!made->items) abort();
    }
    made->items[made->count++] = (TgDeviation){kind, at, what};
}

static bool guided(const TgExplorer *explorer, char kind, uint32_t at, uint32_t *what) {
    for (uint32_t i = 0; i < explorer->guide->count; i++) {
        const TgDeviation *item = &explorer->guide->items[i];
        if (item->kind == kind && item->at == at) return *what = item->what, true;
    }
    return false;
}

uint32_t tg_explore_pick(TgVM *vm, uint32_t count) {
    TgExplorer *explorer = vm->explorer;
    uint32_t at = ++explorer->picks, pick = 0;
    if (!explorer->guide) pick = tg_dpor_pick(explorer->dpor, count);
    else if (!guided(explorer, 'p', at, &pick) || pick >= count) pick = 0;
    if (pick) note(explorer, 'p', at, pick);
    return pick;
}

// ---- Who can go on

// In the order in which they would be taken.
typedef struct {
    TgDporSet set;
    uint8_t order[TG_DPOR_PROCESSES];
    uint32_t count;
} Candidates;

static void add_candidate(Candidates *candidates, uint32_t process) {
    if (tg_dpor_has(&candidates->set, process)) return;
    tg_dpor_add(&candidates->set, process);
    candidates->order[candidates->count++] = (uint8_t)process;
}

static uint32_t scope_process(TgVM *vm, TgScope *scope) {
    TgExplorer *explorer = vm->explorer;
    for (uint32_t i = 0; i < explorer->scope_count; i++)
        if (explorer->scopes[i] == scope) return EXPLORE_TASKS + i;
    if (explorer->scope_count == EXPLORE_SCOPES) {
        tg_explore_end(vm, EXPLORED_TOO_MANY);
        return EXPLORE_TASKS;
    }
    explorer->scopes[explorer->scope_count] = scope;
    return EXPLORE_TASKS + explorer->scope_count++;
}

static TgTask *task_of(TgTimer *timer) { return (TgTask *)((char *)timer - offsetof(TgTask, timer)); }
static TgScope *scope_of(TgTimer *timer) { return (TgScope *)((char *)timer - offsetof(TgScope, timer)); }

static bool is_sooner(const TgTimer *a, const TgTimer *b) {
    return a->when < b->when || (a->when == b->when && a->order < b->order);
}

// The timers whose time has come, first one first.
static void add_due(TgVM *vm, Candidates *candidates) {
    const TgTimers *timers = &vm->sched->timers;
    const TgTimer *last = NULL;
    for (;;) {
        TgTimer *next = NULL;
        for (uint32_t i = 0; i < timers->count; i++) {
            TgTimer *timer = timers->items[i].timer;
            if (timer->when > vm->sched->clock || (last && !is_sooner(last, timer))) continue;
            if (!next || is_sooner(timer, next)) next = timer;
        }
        if (!next) return;
        add_candidate(candidates, next->kind == TIMER_TASK ? tg_explore_process(task_of(next)) : scope_process(vm, scope_of(next)));
        last = next;
    }
}

// One that let the others run may be the next all the same, but not twice: then it waits till each that was ready has had its
// turn, or is ready no more. So `while not done { checkpoint() }` has an end in every schedule.
static void keep_promises(TgExplorer *explorer, Candidates *candidates) {
    Candidates all = *candidates;
    *candidates = (Candidates){0};
    for (uint32_t i = 0; i < all.count; i++) {
        uint32_t process = all.order[i];
        bool owes = false;
        for (size_t k = 0; process < EXPLORE_TASKS && k < sizeof all.set.bits / sizeof *all.set.bits; k++)
            owes |= (explorer->owed[process].bits[k] &= all.set.bits[k]) != 0;
        if (!owes || !tg_dpor_has(&explorer->strict, process)) add_candidate(candidates, process);
    }
    if (!candidates->count) *candidates = all;
}

static Candidates find_candidates(TgVM *vm, const TgTask *running) {
    Candidates candidates = {0};
    if (running) add_candidate(&candidates, tg_explore_process(running));
    for (const TgTask *task = vm->sched->first; task; task = task->next) add_candidate(&candidates, tg_explore_process(task));
    add_due(vm, &candidates);
    keep_promises(vm->explorer, &candidates);
    return candidates;
}

// ---- Steps

// Processes have numbers up to a bound: beyond it the run is over, before anybody uses one.
static bool has_too_many(TgVM *vm) {
    if (vm->sched->next_id <= EXPLORE_TASKS) return false;
    tg_explore_end(vm, EXPLORED_TOO_MANY);
    return true;
}

// Whoever is ready now and was not before was made or woken by the step that ends.
static void end_step(TgVM *vm, const TgTask *running) {
    TgExplorer *explorer = vm->explorer;
    TgDporSet ready = {{0}};
    if (has_too_many(vm)) return;
    for (TgTask *task = vm->sched->first; task; task = task->next) {
        bool is_new = !task->began && task->state == TASK_READY && !tg_dpor_has(&explorer->ready, tg_explore_process(task));
        if (is_new) tg_explore_touch(vm, tg_explore_object(explorer, task->nursery), PART_CHILDREN, TG_DPOR_ADD, NULL);
    }
    for (TgTask *task = vm->sched->first; task; task = task->next) {
        uint32_t process = tg_explore_process(task);
        tg_explore_task(explorer, task);
        if (!tg_dpor_has(&explorer->ready, process) || tg_dpor_has(&explorer->freed, process)) tg_dpor_wake(explorer->dpor, process);
        tg_dpor_add(&ready, process);
    }
    if (running) tg_dpor_add(&ready, tg_explore_process(running));
    // One that sleeps and whose time has come needs nobody to wake it.
    for (uint32_t i = 0; i < vm->sched->timers.count; i++) {
        TgTimer *timer = vm->sched->timers.items[i].timer;
        if (timer->kind == TIMER_TASK && timer->when <= vm->sched->clock) tg_dpor_add(&ready, tg_explore_process(task_of(timer)));
    }
    explorer->ready = ready;
    tg_dpor_end_step(explorer->dpor);
}

static void begin_step(TgVM *vm, uint32_t process) {
    TgExplorer *explorer = vm->explorer;
    explorer->freed = (TgDporSet){{0}};
    for (uint32_t i = 0; i < EXPLORE_TASKS && i < vm->sched->next_id; i++) {
        if (!tg_dpor_has(&explorer->owed[i], process)) continue;
        explorer->owed[i].bits[process / 64] &= ~(UINT64_C(1) << process % 64);
        if (tg_dpor_has(&explorer->strict, i)) tg_dpor_add(&explorer->freed, i);
    }
    explorer->tail = vm->sched->first ? vm->sched->last : NULL;
    tg_dpor_begin_step(explorer->dpor, process);
}

// A step that has made or woken somebody ends at the next boundary: what comes then is not before what those do.
// The same where somebody waited for it to have its turn.
static bool has_woken(const TgVM *vm) {
    const TgExplorer *explorer = vm->explorer;
    if (!tg_dpor_is_empty(&explorer->freed)) return true;
    return (vm->sched->first ? vm->sched->last : NULL) != explorer->tail;
}

// A task looks at each boundary whether somebody cancelled it, or a scope around it: from `scope`, one of its own, outwards. What
// cancelling a scope does depends on that as well.
static void look_outwards(TgVM *vm, const TgTask *task, const TgScope *scope) {
    TgExplorer *explorer = vm->explorer;
    for (; task; task = scope ? scope->owner : NULL) {
        tg_explore_touch(vm, tg_explore_task(explorer, task), PART_REACHED, TG_DPOR_READ, NULL);
        for (; scope; scope = scope->outer) tg_explore_touch(vm, tg_explore_object(explorer, scope), PART_REACHED, TG_DPOR_READ, NULL);
        scope = task->nursery;
        if (scope) tg_explore_touch(vm, tg_explore_object(explorer, scope), PART_REACHED, TG_DPOR_READ, NULL);
    }
}

static void begin_task_step(TgVM *vm, const TgTask *task) {
    begin_step(vm, tg_explore_process(task));
    look_outwards(vm, task, task->scope);
}

void tg_explore_yielded(TgVM *vm, const TgTask *task) {
    TgExplorer *explorer = vm->explorer;
    uint32_t process = tg_explore_process(task);
    TgDporSet *owed = &explorer->owed[process], ready = {{0}};
    bool owes = false;
    if (has_too_many(vm)) return;
    for (const TgTask *other = vm->sched->first; other; other = other->next) tg_dpor_add(&ready, tg_explore_process(other));
    for (size_t i = 0; i < sizeof ready.bits / sizeof *ready.bits; i++) owes |= (owed->bits[i] & ready.bits[i]) != 0;
    explorer->strict.bits[process / 64] &= ~(UINT64_C(1) << process % 64);
    if (owes) tg_dpor_add(&explorer->strict, process);
    else *owed = ready;
}

// ---- Choices

// What a guide, or a person, calls it.
static uint32_t public_name(const TgExplorer *explorer, const Candidates *candidates, uint32_t process) {
    uint32_t timeouts = 0;
    (void)explorer;
    if (process < EXPLORE_TASKS) return process + 1;
    for (uint32_t i = 0; i < candidates->count && candidates->order[i] != process; i++) timeouts += candidates->order[i] >= EXPLORE_TASKS;
    return EXPLORE_TIMER + timeouts;
}

static int process_named(const TgExplorer *explorer, const Candidates *candidates, uint32_t what) {
    for (uint32_t i = 0; i < candidates->count; i++)
        if (public_name(explorer, candidates, candidates->order[i]) == what) return candidates->order[i];
    return SWITCH_OR_NOT;
}

// Those for whose turn somebody waits: their next step ends at its first boundary.
static TgDporSet due_turns(const TgVM *vm) {
    const TgExplorer *explorer = vm->explorer;
    TgDporSet due = {{0}};
    for (uint32_t i = 0; i < EXPLORE_TASKS && i < vm->sched->next_id; i++)
        for (size_t k = 0; tg_dpor_has(&explorer->strict, i) && k < sizeof due.bits / sizeof *due.bits; k++)
            due.bits[k] |= explorer->owed[i].bits[k];
    return due;
}

static int choose(TgVM *vm, const Candidates *candidates, int running) {
    static const TgExplored ends[] = {EXPLORED, EXPLORED_REDUNDANT, EXPLORED_DIVERGED, EXPLORED_TOO_MANY};
    TgDpor *dpor = vm->explorer->dpor;
    TgDporSet afresh = due_turns(vm);
    int chosen = tg_dpor_choose(dpor, &candidates->set, running, &afresh, candidates->order, candidates->count);
    if (chosen < 0) tg_explore_end(vm, ends[tg_dpor_stop(dpor)]);
    return chosen;
}

// At a wait: somebody has to be taken.
static int choose_after(TgVM *vm, const Candidates *candidates) {
    TgExplorer *explorer = vm->explorer;
    uint32_t at = ++explorer->waits, what;
    int chosen;
    if (!explorer->guide) {
        chosen = choose(vm, candidates, -1);
    } else {
        chosen = guided(explorer, 'w', at, &what) ? process_named(explorer, candidates, what) : SWITCH_OR_NOT;
        if (chosen < 0) chosen = candidates->order[0];
    }
    if (chosen >= 0 && chosen != candidates->order[0])
        note(explorer, 'w', at, public_name(explorer, candidates, (uint32_t)chosen));
    return chosen;
}

bool tg_explore_boundary(TgVM *vm, TgTask *task) {
    TgExplorer *explorer = vm->explorer;
    uint32_t at = (uint32_t)vm->sched->boundaries, what = 0;
    if (explorer->is_over) return true;
    if (vm->sched->boundaries >= explorer->most_boundaries) {
        tg_explore_end(vm, EXPLORED_ENDLESS);
        return true;
    }
    if (task->entering) return false;
    if (explorer->guide ? !guided(explorer, 'b', at, &what) : !tg_dpor_is_visible(explorer->dpor) && !has_woken(vm)) return false;
    end_step(vm, task);
    if (explorer->is_over) return true;
    Candidates candidates = find_candidates(vm, task);
    int running = (int)tg_explore_process(task);
    int chosen = explorer->guide ? process_named(explorer, &candidates, what) : choose(vm, &candidates, running);
    if (explorer->guide && chosen < 0) chosen = running;
    if (chosen == running) {
        begin_task_step(vm, task);
        return false;
    }
    if (chosen >= 0) note(explorer, 'b', at, public_name(explorer, &candidates, (uint32_t)chosen));
    explorer->decided = chosen;
    return true;
}

// ---- The next task

static TgTask *unqueue(TgSched *sched, uint32_t process) {
    TgTask *before = NULL;
    for (TgTask *task = sched->first; task; before = task, task = task->next) {
        if (tg_explore_process(task) != process) continue;
        if (before) before->next = task->next;
        else sched->first = task->next;
        if (sched->last == task) sched->last = before;
        return task;
    }
    return NULL;
}

static TgTask *wake_sleeper(TgVM *vm, uint32_t process) {
    TgTimers *timers = &vm->sched->timers;
    for (uint32_t i = 0; i < timers->count; i++) {
        TgTimer *timer = timers->items[i].timer;
        if (timer->kind != TIMER_TASK || timer->when > vm->sched->clock || tg_explore_process(task_of(timer)) != process) continue;
        tg_timers_remove(timers, timer);
        tg_sched_wake(vm, task_of(timer), TG_NIL);
        return unqueue(vm->sched, process);
    }
    return NULL;
}

static void end_scope_time(TgVM *vm, uint32_t process) {
    TgExplorer *explorer = vm->explorer;
    TgScope *scope = explorer->scopes[process - EXPLORE_TASKS];
    begin_step(vm, process);
    tg_timers_remove(&vm->sched->timers, &scope->timer);
    static const TgSaying in_time = {.verb = "", .text = "the time of a timeout was up", .owner = TG_UNDEF};
    tg_explore_touch(vm, tg_explore_object(explorer, scope), 0, TG_DPOR_WRITE, &in_time);
    if (scope->kind == SCOPE_SHIELD) tg_scope_unshield(vm, scope);
    else tg_scope_cancel(vm, scope, CAUSE_TIMEOUT);
}

TgTask *tg_explore_next(TgVM *vm) {
    TgExplorer *explorer = vm->explorer;
    for (;;) {
        int chosen = explorer->decided;
        explorer->decided = SWITCH_OR_NOT;
        if (explorer->is_over) return NULL;
        if (chosen == SWITCH_OR_NOT) {
            end_step(vm, NULL);
            if (explorer->is_over) return NULL;
            Candidates candidates = find_candidates(vm, NULL);
            if (!candidates.count) {
                tg_dpor_fence(explorer->dpor);
                return NULL;
            }
            chosen = choose_after(vm, &candidates);
            if (chosen < 0 || explorer->is_over) return NULL;
        }
        if (chosen >= EXPLORE_TASKS) {
            end_scope_time(vm, (uint32_t)chosen);
            continue;
        }
        TgTask *task = unqueue(vm->sched, (uint32_t)chosen);
        if (task) {
            begin_task_step(vm, task);
            return task;
        }
        begin_step(vm, (uint32_t)chosen);
        task = wake_sleeper(vm, (uint32_t)chosen);
        if (task) look_outwards(vm, task, task->scope);
        return task;
    }
}

// ---- What the runtime does by itself

void tg_explore_cancelled(TgVM *vm, const TgTask *task) {
    static const TgSaying say = {.verb = "cancelled", .owner = TG_UNDEF, .text = "cancelled a task"};
    tg_explore_touch(vm, tg_explore_task(vm->explorer, task), PART_REACHED, TG_DPOR_WRITE, &say);
    if (task->nursery) look_outwards(vm, task->nursery->owner, task->nursery);
}

static void unqueue_from(TgVM *vm, TgValue object) {
    if (!tg_is_obj(object)) return;
    if (tg_is_kind(object, OBJ_TASK)) return;
    static const TgSaying ended = {.verb = "ended", .owner = TG_UNDEF, .text = "ended the wait of another task"};
    static const TgSaying in_time = {.verb = "", .owner = TG_UNDEF, .text = "the time of a wait was up"};
    tg_explore_touch(vm, tg_explore_object(vm->explorer, tg_as_obj(object)), 0, TG_DPOR_WRITE, vm->current ? &ended : &in_time);
}

void tg_explore_unqueued(TgVM *vm, TgTask *task) {
    if (task->state != TASK_BLOCKED || !task->wait_object) return;
    if (task->wait_kind == WAIT_SELECT) {
        const TgList *cases = (const TgList *)task->wait_object;
        for (uint32_t i = 1; i < cases->count; i += 3) unqueue_from(vm, cases->items[i]);
    } else if (task->wait_kind >= WAIT_SEND && task->wait_kind <= WAIT_BARRIER) {
        unqueue_from(vm, tg_obj(task->wait_object));
    }
}

void tg_explore_joined(TgVM *vm, TgScope *scope) {
    static const TgSaying say = {.verb = "stopped", .owner = TG_UNDEF, .text = "stopped what runs in a block"};
    tg_explore_touch(vm, tg_explore_object(vm->explorer, scope), 0, TG_DPOR_WRITE, &say);
    if (scope->owner) look_outwards(vm, scope->owner, scope->outer);
}

void tg_explore_opened(TgVM *vm, const TgScope *scope) { tg_explore_object(vm->explorer, scope); }

void tg_explore_ended(TgVM *vm, const TgTask *task) {
    TgExplorer *explorer = vm->explorer;
    tg_explore_touch(vm, tg_explore_task(explorer, task), PART_END, TG_DPOR_WRITE, NULL);
    tg_explore_touch(vm, tg_explore_object(explorer, task->nursery), PART_CHILDREN, TG_DPOR_ADD, NULL);
}

void tg_explore_printed(TgVM *vm) {
    static const TgSaying say = {.verb = "printed", .owner = TG_UNDEF, .text = "printed"};
    if (!vm->explorer->outputs) return;
    tg_explore_touch(vm, tg_dpor_object(vm->explorer->dpor, THING_OUTPUT, THING_OUTPUT), 0, TG_DPOR_WRITE, &say);
}
