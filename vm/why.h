// vm/why.h
// By what a task was cancelled, in words.
//
// Nothing is written down for this when tasks are cancelled, but an order: every cancellation of a scope or task
// gets the next number, a scope knows the last number before it was opened, a cancelled task the last one before
// it ended (its `result`). The reason is then the earliest cancellation around the task that was after its innermost
// scope was opened (what came before was held off there) and before its end.
//
// Layer: runtime.
#ifndef TG_VM_WHY_H
#define TG_VM_WHY_H

#include "vm/scope.h"
#include "vm/string.h"

// Appends "by t.cancel() at a.tg:9 in main#1", "because its nursery failed with …"; nothing where no reason is known.
// False: the task is not cancelled, nor is anything around it.
bool tg_why_text(TgVM *vm, const TgTask *task, TgBuffer *out);
// The TaskCancelled for those who wait for a task that was cancelled.
TgValue tg_why_error(TgVM *vm, const TgTask *task);
// Cancels for the task that called: notes who it was.
void tg_why_cancel_task(TgVM *vm, TgTask *task, const TgTask *by);
void tg_why_cancel_scope(TgVM *vm, TgScope *scope, TgCause cause, const TgTask *by);
// Appends a length of time as a script writes it: "2s", "0.25s".
void tg_why_seconds(TgBuffer *out, double seconds);

#endif
