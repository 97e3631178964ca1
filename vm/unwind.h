// vm/unwind.h
// Leaving blocks: exceptions, cancellation, return, break and continue go through here where there is
// anything on the way that needs care (try, except, finally, with, nursery, timeout, shield).
//
// The handler rows of the frames are read from the innermost place outwards; the first row that takes the
// leaving gets it in its registers and the task goes on there. No setjmp, no C stack, nothing is executed
// to enter a block.
//
// Layer: runtime.
#ifndef TG_VM_UNWIND_H
#define TG_VM_UNWIND_H

#include "vm/task.h"

// From the innermost frame (task->base) at pc index `at` of its code. True: task->base and task->pc say where
// to go on. False: the task is over with *kind, *value.
bool tg_unwind(TgVM *vm, TgTask *task, uint32_t at, TgLeaveKind *kind, TgValue *value);
// Makes an exception ready to be thrown from the innermost frame at `at`: trace and cause, where it has none.
void tg_unwind_mark_raise(TgVM *vm, TgTask *task, uint32_t at, TgValue exception);

// A shield, finally or exit is over, with *kind, *value on the way: what it held off (an Interrupt, a cancellation) comes
// now, together with that. Seen from the innermost frame, without its first `skip` rows (tg_scope_verdict).
void tg_unwind_with_held(TgVM *vm, TgTask *task, uint32_t skip, TgLeaveKind *kind, TgValue *value);

// Exception groups
// Two exceptions that are on their way together: flat, an Interrupt first, the same one once. nil is none.
TgValue tg_group_join(TgVM *vm, TgValue a, TgValue b);
// One exception for a List of them.
TgValue tg_group_of(TgVM *vm, const TgList *errors);
bool tg_group_has_interrupt(TgVM *vm, TgValue exception);
// Splits `exception` by `classes` (a class or a List of classes) into *taken (a lone exception, a List of members of a group,
// or nil) and *rest (an exception or nil). ErrorGroup takes one group. False: a TypeError was raised.
bool tg_group_split(TgVM *vm, TgValue exception, TgValue classes, TgValue *taken, TgValue *rest);

#endif
