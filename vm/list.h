// vm/list.h
// Lists: growable arrays of values.
// Layer: data.
#ifndef TG_VM_LIST_H
#define TG_VM_LIST_H

#include "vm/object.h"

TgList *tg_list(TgVM *vm, uint32_t capacity);                      // empty
TgList *tg_list_of(TgVM *vm, const TgValue *values, uint32_t count); // copies
// The following return false where memory does not reach (the caller raises MemoryError); the List is unchanged then.
bool tg_list_reserve(TgVM *vm, TgList *list, uint32_t capacity); // room for that many in all
bool tg_list_push(TgVM *vm, TgList *list, TgValue value);
bool tg_list_insert(TgVM *vm, TgList *list, uint32_t at, TgValue value); // at <= count
bool tg_list_extend(TgVM *vm, TgList *list, const TgValue *values, uint32_t count); // may be the list's own
TgValue tg_list_remove_at(TgList *list, uint32_t at);              // at < count; cheap at both ends
void tg_list_set(TgVM *vm, TgList *list, uint32_t at, TgValue value);
// Whether its items are apart: those of one that was made small lie behind the struct.
static inline bool tg_list_owns_items(const TgList *list) {
    return list->items && list->items - list->head != (const TgValue *)(list + 1);
}
void tg_list_release(TgVM *vm, TgList *list); // for gc_sweep.c: frees what it owns
void tg_list_clear(TgVM *vm, TgList *list);
// A range of the language: integer members.
TgRange *tg_range(TgVM *vm, int64_t start, int64_t stop, int64_t step);
int64_t tg_range_length(const TgRange *range);
// The member at place `at` (< length). Without sign: `at` times the step need not fit where the sum does.
static inline int64_t tg_range_at(const TgRange *range, int64_t at) {
    return (int64_t)((uint64_t)range->start + (uint64_t)at * (uint64_t)range->step);
}

#endif
