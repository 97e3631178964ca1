// vm/explore_run.c
// A run from its start to its end, and everything back to where it was for the next one.
// Layer: runtime.
#include <stdlib.h>
#include <string.h>

#include "vm/explore_impl.h"
#include "vm/gc.h"
#include "vm/list.h"
#include "vm/map.h"
#include "vm/monitor.h"
#include "vm/reactor.h"
#include "vm/sched.h"

enum { MEMORY_MAX = 1 << 29 }; // of what a run may take: nothing is collected in it

// ---- Birth and death

static void keep_cells(TgExplorer *explorer, TgModule *script) {
    uint32_t position = 0;
    explorer->cells = calloc(script->members->count + 1, sizeof *explorer->cells);
    for (TgMapEntry *entry; explorer->cells && (entry = tg_map_next(script->members, &position));) {
        TgCell *cell = (TgCell *)tg_as_obj(entry->value);
        explorer->cells[explorer->cell_count++] = (TgKeptCell){cell, cell->value};
    }
}

bool tg_explorer_new(TgVM *vm, TgModule *script, bool outputs, bool brute) {
    TgExplorer *explorer = calloc(1, sizeof *explorer);
    if (!explorer || !(explorer->dpor = tg_dpor_new(brute))) {
        free(explorer);
        return false;
    }
    explorer->outputs = outputs;
    explorer->script = script;
    keep_cells(explorer, script);
    memcpy(explorer->random, vm->random, sizeof vm->random);
    vm->explorer = explorer;
    return true;
}

static void forget_told(TgExplorer *explorer) {
    for (uint32_t i = 0; i < explorer->told_count; i++) {
        free(explorer->told[i].text);
        free(explorer->told[i].who);
        free(explorer->told[i].file);
    }
    explorer->told_count = 0;
}

void tg_explorer_free(TgVM *vm) {
    TgExplorer *explorer = vm->explorer;
    if (!explorer) return;
    forget_told(explorer);
    tg_dpor_free(explorer->dpor);
    free(explorer->told);
    free(explorer->cells);
    free(explorer->made.items);
    free(explorer);
    vm->explorer = NULL;
}

TgDpor *tg_explorer_dpor(TgExplorer *explorer) { return explorer->dpor; }
const TgDeviations *tg_explore_deviations(const TgExplorer *explorer) { return &explorer->made; }
void tg_explore_tell(TgExplorer *explorer, bool on) { explorer->telling = on; }
bool tg_explore_is_over(const TgVM *vm) { return vm->explorer->is_over; }

// ---- A run

// Files that were imported run anew in each run, and so does what was being imported when a run was broken off.
static void forget_files(TgVM *vm) {
    uint32_t position = 0;
    for (TgMapEntry *entry; (entry = tg_map_next(vm->modules, &position));) {
        const TgModule *module = (TgModule *)tg_as_obj(entry->value);
        if (module == vm->explorer->script || (!module->path && module->state == MODULE_READY)) continue;
        tg_map_remove(vm, vm->modules, entry->key);
    }
}

// They are compiled once: their code and variables are the same things in every run. vm->keep[1] is a List: module, code, …
TgCode *tg_explore_imported(TgVM *vm, const TgString *path, TgModule **module) {
    const TgList *kept = tg_is_kind(vm->keep[1], OBJ_LIST) ? (TgList *)tg_as_obj(vm->keep[1]) : NULL;
    for (uint32_t i = 0; kept && i < kept->count; i += 2) {
        *module = (TgModule *)tg_as_obj(kept->items[i]);
        if (!tg_string_equal((*module)->path, path)) continue;
        uint32_t position = 0;
        for (TgMapEntry *entry; (entry = tg_map_next((*module)->members, &position));)
            ((TgCell *)tg_as_obj(entry->value))->value = TG_UNDEF;
        return (TgCode *)tg_as_obj(kept->items[i + 1]);
    }
    return NULL;
}

void tg_explore_keep_import(TgVM *vm, TgModule *module, TgCode *code) {
    if (!tg_is_kind(vm->keep[1], OBJ_LIST)) vm->keep[1] = tg_obj(tg_list(vm, 4));
    TgList *kept = (TgList *)tg_as_obj(vm->keep[1]);
    for (uint32_t i = 0; i < kept->count; i += 2)
        if (kept->items[i] == tg_obj(module)) return;
    if (tg_list_push(vm, kept, tg_obj(module))) tg_list_push(vm, kept, tg_obj(code));
}

static void forget_run(TgVM *vm) {
    TgSched *sched = vm->sched;
    TgExplorer *explorer = vm->explorer;
    sched->first = NULL;
    for (TgTimer *timer; (timer = tg_timers_first(&sched->timers));) tg_timers_remove(&sched->timers, timer);
    sched->importers = (TgWaitQueue){0};
    sched->press = NULL;
    sched->next_id = 1;
    sched->cancels = 0;
    sched->since_poll = 0;
    sched->idle_from = sched->used;
    vm->last_value = vm->last_error = vm->raised = TG_UNDEF;
    vm->out_length = 0;
    for (uint32_t i = 0; i < explorer->cell_count; i++) explorer->cells[i].cell->value = explorer->cells[i].value;
    memcpy(vm->random, explorer->random, sizeof vm->random);
    forget_files(vm);
    tg_monitor_free(vm);
    tg_monitor_new(vm, false);
    tg_reactor_virtual_rewind(vm->reactor);
    // Within a run nothing is collected: an address is one thing from its start to its end.
    if (explorer->collects || atomic_load_explicit(&vm->trap, memory_order_relaxed) & (TRAP_GC | TRAP_MEMORY)) tg_gc_full(vm);
    explorer->collects = false;
    atomic_store_explicit(&vm->trap, 0, memory_order_relaxed);
}


uint32_t tg_explore_trap(TgVM *vm, uint32_t trap) {
    if (tg_gc_used(vm) > MEMORY_MAX) tg_explore_end(vm, EXPLORED_TOO_MANY);
    if (trap & (TRAP_GC | TRAP_MEMORY)) vm->explorer->collects = true;
    atomic_fetch_and_explicit(&vm->trap, ~(uint32_t)(TRAP_GC | TRAP_MEMORY), memory_order_relaxed);
    return trap & ~(uint32_t)(TRAP_GC | TRAP_MEMORY);
}

TgExplored tg_explore_run(TgVM *vm, TgCode *code, const TgDeviations *guide, uint64_t boundaries, TgOutcome *outcome) {
    TgExplorer *explorer = vm->explorer;
    forget_run(vm);
    forget_told(explorer);
    tg_dpor_begin_run(explorer->dpor);
    explorer->end = EXPLORED;
    explorer->is_over = false;
    explorer->most_boundaries = boundaries;
    explorer->decided = EXPLORE_UNDECIDED;
    explorer->ready = (TgDporSet){{0}};
    memset(explorer->owed, 0, sizeof explorer->owed);
    explorer->strict = (TgDporSet){{0}};
    explorer->scope_count = explorer->waits = explorer->picks = explorer->made.count = 0;
    explorer->guide = guide;
    explorer->pc = NULL;
    *outcome = tg_run(vm, code);
    tg_dpor_end_step(explorer->dpor);
    return explorer->end;
}
