// vm/select.h
// `select`: the first of several operations that can go on, exactly one.
// Layer: runtime.
#ifndef TG_VM_SELECT_H
#define TG_VM_SELECT_H

#include "vm/string.h"
#include "vm/task.h"
#include "vm/vm.h"

enum { TG_SELECT_ELSE = 1, TG_SELECT_RANDOM = 2 }; // as SELECT's C

// The cases are the `count` × 3 values, or those in the List values[0] where `count` is 0. Gives what the one that was taken gave,
// and *number which it was (-1: the else, nil); or TG_WAITS: the running task is parked, its `won` will say; or TG_UNDEF: raised.
TgValue tg_select_case(TgVM *vm, const TgValue *values, uint32_t count, uint32_t flags, int *number);
// Appends what the cases of a task in a select wait for: "receive(), sleep() or acquire()".
void tg_select_text(const TgTask *task, TgBuffer *out);

#endif
