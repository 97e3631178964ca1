// lang/source.h
// A text with a name: where its lines begin, and where an offset is in line and column.
// Layer: front end, bottom.
#ifndef TG_LANG_SOURCE_H
#define TG_LANG_SOURCE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef struct {
    char *name;       // as shown in messages: "a.tg", "<stdin>", "<-e>"
    const char *text; // NUL terminated copy, without a byte order mark
    struct TgSourceText *shared; // its owner, which knows its lines: the code that is made of it keeps it
    uint32_t length;
    int first_line;   // number of the first line (1; the REPL counts on)
} TgSource;

// Takes copies of both. A text over 2 GB is refused (false).
bool tg_source_init(TgSource *source, const char *name, const char *text, size_t length);
// Gives up its own hold of the text.
void tg_source_free(TgSource *source);

// Line (from `first_line`) and column (in code points, from 1) of a byte offset.
void tg_source_place(const TgSource *source, uint32_t offset, int *line, int *column);
// The line's text without its newline; gives its length. NULL where there is no such line.
const char *tg_source_line(const TgSource *source, int line, uint32_t *length);
// Whether every byte of a text is a character of its own.
bool tg_text_is_ascii(const char *text, size_t length);

#endif
