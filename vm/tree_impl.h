// vm/tree_impl.h
// What tree.c (one task) and picture.c (all of them) share. For these two files only. Layer: runtime.
#ifndef TG_VM_TREE_IMPL_H
#define TG_VM_TREE_IMPL_H

#include "vm/tree.h"

// " at a.tg:4 in worker".
void tg_tree_place(const TgCode *code, uint32_t at, TgBuffer *out);
// How long a blocked task waits yet (true: left), or has waited (false).
bool tg_tree_time(TgVM *vm, const TgTask *task, double *seconds);
// ", for 1 s to 2.3 s" or ", 0.5 s left".
void tg_tree_say_time(bool is_left, double least, double most, TgBuffer *out);

#endif
