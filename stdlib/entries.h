// stdlib/entries.h
// What there is to help with: one entry for each thing that a script can name, and the examples.
//
// An entry of a native is its row, one of a function of prelude.tg the comment above it; what has
// neither (classes, fields, constants, the language's own words) stands in the tables of topics.c.
// They are gone over in the VM itself, so that nothing can be left out, and only when somebody
// asks. Examples stand in examples.tg, a block for one or several entries; its chapters group the
// entries.
//
// Layer: library.
#ifndef TG_STDLIB_ENTRIES_H
#define TG_STDLIB_ENTRIES_H

#include <string.h>

#include "vm/object.h"

typedef enum { // of what
    TG_HELP_FUNCTION,
    TG_HELP_VALUE, // a built-in that is no function: args
    TG_HELP_CLASS,
    TG_HELP_MODULE,
    TG_HELP_TOPIC,
    TG_HELP_METHOD, // of a class, as all below but the last two
    TG_HELP_STATIC, // called on the class itself: String.from_bytes
    TG_HELP_FIELD,
    TG_HELP_MEMBER, // a function of a module
    TG_HELP_CONSTANT,
} TgHelpKind;

typedef struct {
    TgHelpKind kind;
    const char *room; // the class or module that it is of, or ""
    const char *name; // "push"; of a topic all of its names, with blanks between: "if else"
    const char
        *signature;   // "push(value)"; of what is not called its name; of a topic how it is written
    const char *text; // one or several sentences; "" where there are none
    const void *key;  // the native's row, the function's code, the class, or NULL
} TgHelpEntry;

// Calls `visit` for each entry, classes and modules before what is in them, until it gives false.
// What the entry points to lives until the next boundary. Does not collect.
typedef bool (*TgHelpVisit)(void *data, const TgHelpEntry *entry);
void tg_help_walk(TgVM *vm, TgHelpVisit visit, void *data);

// The tables of topics.c; a NULL name ends them.
typedef struct {
    const char *room, *name, *text;
} TgHelpRow;
typedef struct {
    const char *names, *form, *text;
} TgHelpTopic;
extern const TgHelpRow tg_help_rows[];
extern const TgHelpTopic tg_help_topics[];

// A stretch of text.
typedef struct {
    const char *at;
    size_t length;
} TgHelpSpan;

// A block of examples.tg, which is lines of:
//   #= CHAPTER              begins a chapter
//   #: List.push List.pop   begins a block, the example of these entries
//   #| text                 more about them than their sentences say (first in the block)
typedef struct {
    TgHelpSpan chapter, names, prose, code; // prose with the `#| `
} TgHelpBlock;

// The next block; *at is NULL at first. False: there is none.
bool tg_help_block(const char **at, TgHelpBlock *block);
// The block with this name ("print", "List.push", "math.pi", "nursery"). False: there is none.
bool tg_help_block_of(const char *name, TgHelpBlock *block);
// The next line of a span, without its newline. False at its end.
bool tg_help_line(TgHelpSpan *rest, TgHelpSpan *line);
// The next of words with blanks between. False at the end.
bool tg_help_word(TgHelpSpan *rest, TgHelpSpan *word);
static inline bool tg_help_is(TgHelpSpan span, const char *text) {
    return strlen(text) == span.length && !memcmp(span.at, text, span.length);
}

// The comment lines directly above a line of a text, as they stand there; empty where there are
// none.
typedef struct TgSourceText TgSourceText;
TgHelpSpan tg_help_comment(const TgSourceText *source, uint32_t line);

#endif
