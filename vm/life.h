// vm/life.h
// How a task comes to be, and how it ends.
//
// A task is one cell of the collector's: header and first registers. One that has ended and that nobody can ask for (it was spawned
// by a statement; `seen` in task.h) is the next one's: its cell is in the cache, and the collector hears nothing of either.
//
// Layer: runtime.
#ifndef TG_VM_LIFE_H
#define TG_VM_LIFE_H

#include "vm/call.h"
#include "vm/scope.h"

// A new task for `callee`, child of `nursery`, ready. Arguments are copied. `spawner` (it runs; may be NULL) is where it comes from.
// It is unseen: who hands it out takes tg_task_value(). NULL: raised.
TgTask *tg_life_begin(TgVM *vm, TgScope *nursery, const TgTask *spawner, TgValue callee, const TgValue *args, uint32_t argc);
// The same for the call at `site` of the running task; the caller tells who looks on (tg_life_see_spawn): here that would cost each spawn
// three times as much.
TgTask *tg_life_spawn(TgVM *vm, const TgTask *task, TgScope *nursery, const TgCallSite *site);
void tg_life_see_spawn(TgVM *vm, TgTask *task); // where vm->observer is set (observe.h)
// The call that begins a task (TASKENTRY), `argc` slots of arguments; where it goes on is for the caller to say.
TgCallSite tg_life_entry(const TgTask *task, uint32_t argc);
// The task has ended: gives its result to those who wait, to its nursery, and is out of the tree. Unseen, it is no more.
void tg_life_end(TgVM *vm, TgTask *task, TgLeaveKind kind, TgValue value);

#endif
