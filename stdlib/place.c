// stdlib/place.c
// Places in texts, for messages. Layer: library.
#include "stdlib/place.h"

#include <string.h>

enum { BEFORE = 50, AFTER = 20 }; // characters shown on both sides at most

static bool is_continuation(char c) {
    return ((unsigned char)c & 0xC0) == 0x80;
}

void tg_place_of(const char *text, size_t at, uint64_t *line, uint64_t *column) {
    *line = *column = 1;
    for (size_t i = 0; i < at; i++) {
        if (text[i] == '\n') {
            ++*line;
            *column = 1;
        } else if (!is_continuation(text[i])) {
            ++*column;
        }
    }
}

static bool ends_line(char c) {
    return c == '\n' || c == '\r';
}

// `count` characters back from `at`, no further than the line's beginning.
static size_t begin_of_cut(const char *text, size_t at, int count) {
    while (at > 0 && count > 0 && !ends_line(text[at - 1]))
        if (!is_continuation(text[--at])) count--;
    return at;
}

static size_t end_of_cut(const char *text, size_t length, size_t at, int count) {
    while (at < length && !ends_line(text[at]) && (count > 0 || is_continuation(text[at])))
        if (!is_continuation(text[at++])) count--;
    return at;
}

void tg_place_show(TgBuffer *out, const char *text, size_t length, size_t at) {
    size_t from = begin_of_cut(text, at, BEFORE), to = end_of_cut(text, length, at, AFTER);
    bool is_cut = from > 0 && !ends_line(text[from - 1]);
    tg_buffer_text(out, is_cut ? "\n    …" : "\n    ");
    size_t caret = is_cut;
    for (size_t i = from; i < to; i++) {
        bool is_control = (unsigned char)text[i] < ' ' || text[i] == 0x7F; // tabs too: the caret stays below
        tg_buffer_add(out, is_control ? " " : text + i, 1);
        caret += i < at && !is_continuation(text[i]);
    }
    if (to < length && !ends_line(text[to])) tg_buffer_text(out, "…");
    tg_buffer_text(out, "\n    ");
    tg_buffer_fill(out, " ", 1, caret);
    tg_buffer_text(out, "^");
}

TgResult tg_place_raise(TgCall *call, const char *text, size_t length, size_t at, uint64_t lines_before, const char *message) {
    TgBuffer shown = {0};
    uint64_t line, column;
    tg_place_of(text, at, &line, &column);
    tg_place_show(&shown, text, length, at);
    tg_raise(call, TG_ERR_ValueError, "%s at line %llu, column %llu:%s", message,
             (unsigned long long)(lines_before + line),
             (unsigned long long)column, shown.data ? shown.data : "");
    tg_buffer_free(&shown);
    return TG_RAISED;
}
