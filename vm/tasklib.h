// vm/tasklib.h
// The built-ins that are the scheduler's own: tasks, nurseries, time, exit, input.
// Layer: runtime, top.
#ifndef TG_VM_TASKLIB_H
#define TG_VM_TASKLIB_H

#include "vm/vm.h"

void tg_tasklib_register(TgVM *vm);

#endif
