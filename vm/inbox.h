// vm/inbox.h
// signals(): signals as messages on a channel, as long as a block is open.
// Layer: runtime.
#ifndef TG_VM_INBOX_H
#define TG_VM_INBOX_H

#include "vm/vm.h"

// Gives the signal to the innermost open block that asks for it. False: none does.
bool tg_inbox_give(TgVM *vm, int signal);
void tg_inbox_mark(TgVM *vm);
void tg_inbox_free(TgVM *vm);
void tg_inbox_register(TgVM *vm);

#endif
