// lang/cli/pretty.h
// Values for people: as wide as the terminal, broken over lines where they are longer, shortened where they are endless.
// Layer: command. Runs no code of the user's: what a class's own `str` says is handed in.
#ifndef TG_LANG_CLI_PRETTY_H
#define TG_LANG_CLI_PRETTY_H

#include "vm/string.h"
#include "vm/vm.h"

typedef struct {
    int columns;
    bool color;
    TgValue known; // a Map from instance to String for those whose class has `str`; TG_NIL: none known
    TgList *asked; // takes those that are met and not known, each once; or NULL
} TgPrettyHow;

// Appends the value, without a last newline. False: not all of it is shown.
bool tg_pretty(TgVM *vm, TgBuffer *out, TgValue value, const TgPrettyHow *how);

#endif
