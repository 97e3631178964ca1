// vm/select.h
// `select`: the first of several operations that can go on, exactly one.
// Layer: runtime.
#ifndef TG_VM_SELECT_H
#define TG_VM_SELECT_H

#include "vm/vm.h"

void tg_select_register(TgVM *vm);

#endif
