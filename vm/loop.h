// vm/loop.h
// The loop: runs tasks' instructions; from one that waits, has used its slice or is over it goes straight to the next.
// Layer: runtime, top.
#ifndef TG_VM_LOOP_H
#define TG_VM_LOOP_H

#include "vm/task.h"

// Runs vm->current (its pc and base saved) and those that are ready after it, until something else is due than to run tasks.
// vm->current is nobody then. Never re-entered.
void tg_loop(TgVM *vm);
// Unwinds `task` from pc index `at` of its innermost frame, and ends it where nothing takes the leaving (false).
bool tg_loop_unwind(TgVM *vm, TgTask *task, uint32_t at, TgLeaveKind kind, TgValue value);

#endif
