// lang/diag.h
// Diagnostics: what is wrong with a text, where, and what to do. Collected here, printed by the command.
//
// Every kind is a row of diags.def with a stable code (TG0012) and a message with %s places.
// Layer: front end, bottom.
#ifndef TG_LANG_DIAG_H
#define TG_LANG_DIAG_H

#include <stdbool.h>
#include <stdint.h>

#include "lang/arena.h"
#include "lang/source.h"

typedef enum {
#define DIAG(id, code, message, hint) DIAG_##id,
#include "lang/diags.def"
#undef DIAG
    DIAG_COUNT
} TgDiagKind;

typedef struct {
    TgDiagKind kind;
    uint32_t start, end; // bytes of the text; the caret stands under start, the tildes to end
    char *message;       // filled in
    char *hint;          // or NULL
} TgDiag;

typedef struct {
    TgArena *arena;
    const TgSource *source;
    TgDiag *items;
    uint32_t count;
    bool unfinished; // the text ended inside something: a REPL asks for more
} TgDiags;

enum { TG_DIAG_LIMIT = 20 }; // more are counted but not kept

void tg_diags_init(TgDiags *diags, TgArena *arena, const TgSource *source);
// Adds one; the arguments fill the %s of message, then those of hint. Two at the same place: the first stays.
void tg_diag_add(TgDiags *diags, TgDiagKind kind, uint32_t start, uint32_t end, ...);
// As the above with a hint made at run time (NULL: the row's).
void tg_diag_add_hint(TgDiags *diags, TgDiagKind kind, uint32_t start, uint32_t end, const char *hint, ...);
// Whether one begins at `start` or behind it.
bool tg_diags_any_from(const TgDiags *diags, uint32_t start);
// Takes back those that begin from `start` to before `end`: they were about a text that is something else.
void tg_diags_drop(TgDiags *diags, uint32_t start, uint32_t end);
// All of them as text, in order of place: "a.tg:3:5: error TG0012: …", the line, a caret, the hint.
// The caller frees it. `color`: with terminal colours.
char *tg_diags_text(const TgDiags *diags, bool color);

// The stable code of a kind, "TG0012".
const char *tg_diag_code(TgDiagKind kind);
// What to write in tg where other languages use this word ("def": "functions are declared with fn …");
// NULL for a word that is no known habit.
const char *tg_diag_habit(const char *word, size_t length);

#endif
