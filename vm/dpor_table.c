// vm/dpor_table.c
// Open addressing; a slot counts only in the run in which it was filled.
// Layer: runtime, bottom.
#include "vm/dpor_table.h"

#include <stdlib.h>

static TgDporSlot *find(const TgDporTable *table, uint64_t key) {
    uint64_t hash = key * UINT64_C(0x9E3779B97F4A7C15);
    for (uint32_t at = (uint32_t)(hash >> 32) & (table->room - 1);; at = (at + 1) & (table->room - 1)) {
        TgDporSlot *slot = &table->slots[at];
        if (slot->run != table->run || slot->key == key) return slot;
    }
}

static void widen(TgDporTable *table) {
    TgDporTable wider = {.room = table->room ? table->room * 2 : 256, .count = table->count, .run = 1};
    wider.slots = calloc(wider.room, sizeof *wider.slots);
    if (!wider.slots) abort(); // a tool's own bookkeeping
    for (uint32_t i = 0; i < table->room; i++) {
        if (table->slots[i].run != table->run) continue;
        TgDporSlot *slot = find(&wider, table->slots[i].key);
        *slot = (TgDporSlot){table->slots[i].key, table->slots[i].number, 1};
    }
    free(table->slots);
    *table = wider;
}

bool tg_dpor_table_has(const TgDporTable *table, uint64_t key, uint32_t *number) {
    if (!table->room) return false;
    const TgDporSlot *slot = find(table, key);
    *number = slot->number;
    return slot->run == table->run;
}

bool tg_dpor_table_add(TgDporTable *table, uint64_t key, uint32_t *number) {
    if (table->count * 2 >= table->room) widen(table);
    TgDporSlot *slot = find(table, key);
    bool is_new = slot->run != table->run;
    if (is_new) *slot = (TgDporSlot){key, table->count++, table->run};
    *number = slot->number;
    return is_new;
}

void tg_dpor_table_clear(TgDporTable *table) {
    table->count = 0;
    table->run++; // zero is never a run: a table that has slots began with 1
}

void tg_dpor_table_free(TgDporTable *table) {
    free(table->slots);
    *table = (TgDporTable){0};
}
