// stdlib/registry.h
// The standard library as the rest sees it: what a VM gets before anything runs in it.
// Layer: library, top.
#ifndef TG_STDLIB_REGISTRY_H
#define TG_STDLIB_REGISTRY_H

#include "vm/vm.h"

// Registers the built-in functions and types, the methods and the exceptions' init, then compiles
// and runs the library's tg half (prelude.tg) and sets vm->helpers. Needs
// vm->options.hooks.compile. False: the reason stands on stderr (an error of the library's, never
// of a program's).
bool tg_stdlib_register(TgVM *vm);

// A new module of that name with its members, or NULL where there is none. For
// vm->options.hooks.module.
TgModule *tg_stdlib_module(TgVM *vm, const char *name);
// The code of the module's tg half, which was compiled to see what is in it already, or NULL where it has none; and what makes
// methods of its Class__name functions and hides its `_` names, once it has run. Also for the hooks.
TgCode *tg_stdlib_half(TgVM *vm, TgModule *module);
void tg_stdlib_half_done(TgVM *vm, TgModule *module);
// Whether this file name, as handed to the compile hook, is the library's tg half (by identity: a
// user's prelude.tg is none): it sees the hidden built-ins, and traces fold it.
bool tg_stdlib_is_file(const char *file);
// The modules' names, NULL at the end: for "did you mean" and for help.
const char *const *tg_stdlib_module_names(void);

// Calls `row` for each row of each table: `room` is "" for built-ins, a class's or a module's name.
typedef struct TgNativeDef TgNativeDef;
void tg_stdlib_rows(void (*row)(void *data, const char *room, const TgNativeDef *def), void *data);

#endif
