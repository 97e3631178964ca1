// vm/outline.h
// Lines of text as a tree: "├─", "└─" and "│" before them, or "|-", "`-" and "|" where UTF-8 is not understood.
// Layer: data.
#ifndef TG_VM_OUTLINE_H
#define TG_VM_OUTLINE_H

#include "vm/string.h"

typedef struct {
    TgBuffer *out;
    bool utf8;
    TgBuffer prefix; // of the lines at this depth; free it with tg_buffer_free
} TgOutline;

// Begins the first line of a branch; lines after it belong to the branch until tg_outline_end with what this gave.
size_t tg_outline_branch(TgOutline *outline, bool is_last);
void tg_outline_end(TgOutline *outline, size_t mark);
// Begins a further line of the present branch.
void tg_outline_line(TgOutline *outline);

// Signs that plain ASCII has too.
const char *tg_outline_times(const TgOutline *outline); // "×" or "x"
const char *tg_outline_dots(const TgOutline *outline);  // "…" or "..."

#endif
