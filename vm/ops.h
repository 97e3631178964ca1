// vm/ops.h
// The slow paths of instructions, for loop.c alone. Where one gives bool, false means that it raised.
// Layer: runtime.
#ifndef TG_VM_OPS_H
#define TG_VM_OPS_H

#include "vm/field.h"

// NameError for the variable of the Cell in constant `constant` (is_cell), or of the name there.
void tg_op_raise_unset(TgVM *vm, const TgCode *code, uint32_t constant, bool is_cell);
// Order of two values: -1 0 1, 2 for unordered, -2 where it raised.
int tg_op_order(TgVM *vm, TgValue a, TgValue b);
// The text of a value for CONCAT. INDEX_CALLS: an instance with str is in it.
TgIndexEnd tg_op_text(TgVM *vm, TgValue value, TgValue *out);
bool tg_op_concat(TgVM *vm, const TgValue *parts, uint32_t count, TgValue *out);
void tg_op_closure(TgVM *vm, const TgValue *base, TgCode *code, TgValue *out);
// The class that the instruction CLASS at `at` of this code makes; it remembers where that is.
bool tg_op_class(TgVM *vm, TgCode *code, const uint32_t *at, TgValue super, TgValue *out);
bool tg_op_range(TgVM *vm, TgValue from, TgValue to, TgValue *out);
bool tg_op_extend(TgVM *vm, TgList *list, TgValue more);
// What can be raised: an instance of Exception, or such a class (*is_class), which makes one.
bool tg_op_check_raise(TgVM *vm, TgValue value, bool *is_class);
void tg_op_is_refused(TgVM *vm, TgValue class_); // TypeError: the right side of `is` is no class

#endif
