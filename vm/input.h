// vm/input.h
// The built-in input().
// Layer: runtime, top.
#ifndef TG_VM_INPUT_H
#define TG_VM_INPUT_H

#include "vm/vm.h"

void tg_input_register(TgVM *vm);
void tg_input_free(TgVM *vm);

#endif
