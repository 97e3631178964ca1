// vm/tasktree.h
// tasks(): the live tasks as a value, which prints as the picture that Ctrl-\ gives.
// Layer: runtime, top.
#ifndef TG_VM_TASKTREE_H
#define TG_VM_TASKTREE_H

#include "vm/vm.h"

// The built-in tasks() and the class of what it gives, which the library names TaskTree.
void tg_tasktree_register(TgVM *vm);

#endif
