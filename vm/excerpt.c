// vm/excerpt.c
// A line of source with the place in it that is meant.
// Layer: runtime.
#include "vm/excerpt.h"

#include <string.h>

enum { BEFORE = 60, AFTER = 40, TAB = 4 }; // columns kept on each side of the place, and of a tab

typedef struct {
    const char *at;
    size_t length;
} Text;

static Text line_of(const TgSourceText *source, uint32_t number) {
    const char *at = source->text, *end = at + source->length;
    uint32_t first = source->first_line ? source->first_line : 1;
    for (uint32_t line = first; line < number && at < end; line++) {
        const char *newline = memchr(at, '\n', (size_t)(end - at));
        at = newline ? newline + 1 : end;
    }
    const char *stop = memchr(at, '\n', (size_t)(end - at));
    size_t length = (size_t)((stop ? stop : end) - at);
    if (length > 0 && at[length - 1] == '\r') length--;
    return (Text){at, length};
}

// Columns on a terminal: 2 for the East Asian wide blocks and emoji, none for marks that sit on the one before.
static int columns_of(uint32_t code) {
    static const struct {
        uint32_t first, last;
        int columns;
    } ranges[] = {
        {0x300, 0x36F, 0},     {0x1100, 0x115F, 2},   {0x200B, 0x200F, 0}, {0x20D0, 0x20FF, 0},
        {0x2E80, 0xA4CF, 2},   {0xAC00, 0xD7A3, 2},   {0xF900, 0xFAFF, 2}, {0xFE00, 0xFE0F, 0},
        {0xFE30, 0xFE6F, 2},   {0xFF00, 0xFF60, 2},   {0xFFE0, 0xFFE6, 2}, {0x1F300, 0x1FAFF, 2},
        {0x20000, 0x3FFFD, 2},
    };
    for (size_t i = 0; i < sizeof ranges / sizeof *ranges; i++)
        if (code >= ranges[i].first && code <= ranges[i].last) return ranges[i].columns;
    return 1;
}

// One character: its bytes, and the columns it takes. `out` NULL: it is measured only.
static size_t put_char(const char *at, int *columns, TgBuffer *out) {
    int length;
    uint32_t code = tg_utf8_decode(at, &length);
    if (code == '\t') {
        *columns = TAB;
        if (out) tg_buffer_fill(out, " ", 1, TAB);
    } else if (code < 0x20 || (code >= 0x7F && code < 0xA0)) {
        *columns = 1;
        if (out) tg_buffer_text(out, "?");
    } else {
        *columns = columns_of(code);
        if (out) tg_buffer_add(out, at, (size_t)length);
    }
    return (size_t)length;
}

// Columns of the text before its `count`-th character.
static int columns_before(Text text, uint32_t count) {
    int sum = 0, columns;
    for (size_t i = 0; i < text.length && count > 0; count--, sum += columns) i += put_char(text.at + i, &columns, NULL);
    return sum;
}

size_t tg_excerpt_name(const TgCode *code, TgPlace place, const char *word, const char **name) {
    if (!code->source || place.line == 0 || place.column == 0) return 0;
    Text text = line_of(code->source, place.line);
    size_t at = 0, size = strlen(word);
    for (uint32_t i = 1; i < place.column && at < text.length; i++) at += put_char(text.at + at, &(int){0}, NULL);
    if (at + size >= text.length || memcmp(text.at + at, word, size) != 0) return 0;
    at += size;
    size_t blanks = strspn(text.at + at, " \t");
    *name = text.at + at + blanks;
    size_t length = strcspn(*name, " \t\r\n{#");
    return blanks > 0 && (*name)[length] != '\0' ? length : 0;
}

bool tg_excerpt(const TgCode *code, TgPlace place, const char *dots, TgBuffer *line, TgBuffer *under) {
    if (!code->source || place.line == 0) return false;
    Text text = line_of(code->source, place.line);
    if (text.length == 0) return false;
    int dots_columns = dots[0] == '.' ? 3 : 1;
    int caret = columns_before(text, place.column > 0 ? place.column - 1 : 0);
    int whole = columns_before(text, UINT32_MAX);
    int from = whole > BEFORE + AFTER && caret > BEFORE ? caret - BEFORE : 0;
    int to = whole - from > BEFORE + AFTER ? (from > 0 ? caret + AFTER : BEFORE + AFTER) : whole;
    int skipped = 0, column = 0, columns;
    if (from > 0) tg_buffer_text(line, dots);
    for (size_t i = 0; i < text.length; column += columns) {
        bool is_shown = column >= from && column < to;
        i += put_char(text.at + i, &columns, is_shown ? line : NULL);
        if (column < from) skipped = column + columns;
    }
    if (to < whole) tg_buffer_text(line, dots);
    tg_buffer_fill(under, " ", 1, (size_t)(caret - skipped + (from > 0 ? dots_columns : 0)));
    return true;
}
