// vm/deadlock.h
// When nothing can go on: the error that says who waits for what.
// Layer: runtime.
#ifndef TG_VM_DEADLOCK_H
#define TG_VM_DEADLOCK_H

#include "vm/vm.h"

// Every task is blocked and nothing can wake one: raises Deadlock in the main task, or, where it waits at the
// end of a nursery that has one already, in the tasks that it waits for.
void tg_deadlock(TgVM *vm);

#endif
