// vm/disasm.h
// Code as text (--dump=bytecode) and code checked (debug builds verify all that is compiled).
// Layer: data.
#ifndef TG_VM_DISASM_H
#define TG_VM_DISASM_H

#include <stddef.h>

#include "vm/code.h"

// Prints `code` and the codes among its constants.
void tg_disasm(const TgCode *code, void (*out)(void *, const char *, size_t), void *data);
// NULL where every register, constant, capture, jump and handler of `code` (and of codes among its
// constants) is in bounds and every jump hits an instruction's start; else what is wrong (malloc'ed).
char *tg_verify(const TgCode *code);

#endif
