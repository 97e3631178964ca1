// vm/select.h
// `select`: the first of several operations that can go on, exactly one.
// Layer: runtime.
#ifndef TG_VM_SELECT_H
#define TG_VM_SELECT_H

#include "vm/string.h"
#include "vm/task.h"
#include "vm/vm.h"

void tg_select_register(TgVM *vm);
// Appends what the cases of a task in a select wait for: "receive(), sleep() or acquire()".
void tg_select_text(const TgTask *task, TgBuffer *out);

#endif
