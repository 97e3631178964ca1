// stdlib/help.h
// What help(x) and the REPL's :doc know: of each built-in, method, module and keyword its
// signature, a sentence and an example that runs; of the user's own functions and classes what
// their source says. Layer: library.
#ifndef TG_STDLIB_HELP_H
#define TG_STDLIB_HELP_H

#include "vm/string.h"

// Appends what is known of a name as people write it: "print", "List", "List.push", "math.sqrt",
// "nursery". False: nothing is; a sentence that says so, with the nearest name, is appended all the
// same. Neither blocks nor collects.
bool tg_help_name(TgVM *vm, const char *name, TgBuffer *out);
// Appends what is known of a value: of a function its own page, of a class or module its members,
// of any other value its class.
void tg_help_value(TgVM *vm, TgValue value, TgBuffer *out);

#endif
