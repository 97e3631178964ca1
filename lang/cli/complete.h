// lang/cli/complete.h
// What may stand at the cursor: names, keywords, members, arguments' names, modules, files, commands.
//
// It reads the text before the cursor and looks into the session's values; no code of the user's ever runs for it (a
// member of a value is looked up, never computed). It knows nothing of terminals or of readline.
// Layer: command.
#ifndef TG_LANG_CLI_COMPLETE_H
#define TG_LANG_CLI_COMPLETE_H

#include <stddef.h>

#include "vm/vm.h"

typedef struct {
    char **items;      // each stands for the text from `start` to the cursor; sorted, each once; malloc'ed
    size_t count, capacity;
    size_t start;      // byte of the text where the word begins
    const char *after; // what follows the word once it is whole: "", ": ", " "; static
} TgCompletion;

// What a session has.
typedef struct {
    TgVM *vm;
    TgModule *module;
    const char *const *commands; // names without ':', NULL at the end
} TgCompleteIn;

// Candidates for the word that ends at `cursor`. None where nothing is known, or where the word is empty and might be anything.
void tg_complete(const TgCompleteIn *in, const char *text, size_t cursor, TgCompletion *found);
void tg_completion_free(TgCompletion *found);
// The length of the longest beginning that all candidates share.
size_t tg_completion_common(const TgCompletion *found);

// The value of a name or of names with dots ("m.f"), looked up without running anything. TG_UNDEF: none.
TgValue tg_complete_value(const TgCompleteIn *in, const char *path, size_t length);

#endif
