// vm/dpor_table.h
// A set of 64-bit keys that numbers them from 0 in the order in which they came; emptied in no time, for a new run.
// Layer: runtime, bottom.
#ifndef TG_VM_DPOR_TABLE_H
#define TG_VM_DPOR_TABLE_H

#include <stdbool.h>
#include <stdint.h>

typedef struct {
    uint64_t key;
    uint32_t number, run; // of the table's run: else it is free
} TgDporSlot;

typedef struct {
    TgDporSlot *slots;
    uint32_t room, count, run;
} TgDporTable;

// Puts the key in, if it is not there. True: it is new. *number is its own.
bool tg_dpor_table_add(TgDporTable *table, uint64_t key, uint32_t *number);
// Whether it is there.
bool tg_dpor_table_has(const TgDporTable *table, uint64_t key, uint32_t *number);
void tg_dpor_table_clear(TgDporTable *table);
void tg_dpor_table_free(TgDporTable *table);

#endif
