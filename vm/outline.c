// vm/outline.c
// Lines of text as a tree.
// Layer: data.
#include "vm/outline.h"

static void put_prefix(TgOutline *outline) { tg_buffer_add(outline->out, outline->prefix.data, outline->prefix.length); }

size_t tg_outline_branch(TgOutline *outline, bool is_last) {
    size_t mark = outline->prefix.length;
    put_prefix(outline);
    if (outline->utf8)
        tg_buffer_text(outline->out, is_last ? "└─ " : "├─ ");
    else
        tg_buffer_text(outline->out, is_last ? "`- " : "|- ");
    tg_buffer_text(&outline->prefix, is_last ? "   " : outline->utf8 ? "│  " : "|  ");
    return mark;
}

void tg_outline_end(TgOutline *outline, size_t mark) {
    if (outline->prefix.length > mark) outline->prefix.length = mark;
}

void tg_outline_line(TgOutline *outline) { put_prefix(outline); }

const char *tg_outline_times(const TgOutline *outline) { return outline->utf8 ? "×" : "x"; }

const char *tg_outline_dots(const TgOutline *outline) { return outline->utf8 ? "…" : "..."; }
