// vm/loop.h
// The loop: runs one task's instructions until the task waits, has used its slice, or is over.
// Layer: runtime, top.
#ifndef TG_VM_LOOP_H
#define TG_VM_LOOP_H

#include "vm/task.h"

typedef enum { LOOP_PARKED, LOOP_YIELDED, LOOP_ENDED } TgLoopEnd;

// Runs vm->current (its pc and base saved) and gives why it came back. Never re-entered.
TgLoopEnd tg_loop(TgVM *vm);
// Unwinds `task` from pc index `at` of its innermost frame, and ends it where nothing takes the leaving (false).
bool tg_loop_unwind(TgVM *vm, TgTask *task, uint32_t at, TgLeaveKind kind, TgValue value);

#endif
