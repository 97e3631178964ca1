// stdlib/pages.h
// How a page of help is set: plain text, wrapped at 80 columns.
// Layer: library, private to help.c and its rooms.
#ifndef TG_STDLIB_PAGES_H
#define TG_STDLIB_PAGES_H

#include "stdlib/entries.h"
#include "vm/string.h"

enum { TG_PAGE_WIDTH = 80, TG_PAGE_INDENT = 2, TG_PAGE_COLUMN = 26 };

// How many columns a text takes, a code point each.
size_t tg_page_columns(TgHelpSpan text);
// Appends the words of a text, wrapped. The line that `out` ends in has `column` columns so far;
// further lines begin at `indent`. A newline ends it.
void tg_page_wrap(TgBuffer *out, TgHelpSpan text, size_t column, size_t indent);
// "  name(x)        What it does.", the texts below one another; only the first sentence of the
// text.
void tg_page_row(TgBuffer *out, const char *name, TgHelpSpan text);
// A heading above rows, with an empty line before it.
void tg_page_heading(TgBuffer *out, const char *heading);
// The first sentence of a text.
TgHelpSpan tg_page_sentence(TgHelpSpan text);
static inline TgHelpSpan tg_page_span(const char *text) {
    return (TgHelpSpan){text, strlen(text)};
}

// The pages of what a script has made (help_own.c): functions, classes, modules.
void tg_help_own_function(TgVM *vm, const TgFunction *function, TgBuffer *out);
void tg_help_own_class(TgVM *vm, const TgClass *class_, TgBuffer *out);
void tg_help_own_module(TgVM *vm, const TgModule *module, TgBuffer *out);

#endif
