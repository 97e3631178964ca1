// lang/source.c
// A text with a name, and the way from byte offsets to lines and columns.
// The text itself is counted by reference: what is compiled shows lines of it later on.
// Layer: front end, bottom.
#include "lang/source.h"

#include <stdlib.h>
#include <string.h>

#include "vm/code.h"

// Offsets are kept in 32 bits everywhere; half of them leaves room for sums.
static const size_t LARGEST_TEXT = 0x7fffffff;

static bool find_lines(TgSourceText *text) {
    uint32_t count = 1;
    const char *end = text->text + text->length;
    for (const char *at = text->text; (at = memchr(at, '\n', (size_t)(end - at))); at++) count++;
    text->lines = malloc(count * sizeof *text->lines);
    if (!text->lines) return false;
    text->lines[0] = 0;
    uint32_t line = 1;
    for (const char *at = text->text; (at = memchr(at, '\n', (size_t)(end - at))); at++) {
        text->lines[line++] = (uint32_t)(at + 1 - text->text);
    }
    text->line_count = count;
    return true;
}

bool tg_text_is_ascii(const char *text, size_t length) {
    uint64_t bits = 0;
    for (uint64_t word; length >= sizeof word; text += sizeof word, length -= sizeof word) {
        memcpy(&word, text, sizeof word);
        bits |= word;
    }
    while (length > 0) bits |= (unsigned char)text[--length];
    return !(bits & 0x8080808080808080u);
}

static TgSourceText *share(const char *text, size_t length) {
    TgSourceText *shared = malloc(sizeof *shared + length + 1);
    if (!shared) return NULL;
    *shared = (TgSourceText){.references = 1, .length = (uint32_t)length};
    if (length) memcpy(shared->text, text, length);
    shared->text[length] = '\0';
    return shared;
}

bool tg_source_init(TgSource *source, const char *name, const char *text, size_t length) {
    *source = (TgSource){.first_line = 1};
    if (length > LARGEST_TEXT) return false;
    if (length >= 3 && memcmp(text, "\xEF\xBB\xBF", 3) == 0) {
        text += 3;
        length -= 3;
    }
    source->name = malloc(strlen(name) + 1);
    source->shared = share(text, length);
    source->length = (uint32_t)length;
    if (source->name && source->shared) {
        strcpy(source->name, name);
        source->text = source->shared->text;
        source->shared->is_ascii = tg_text_is_ascii(text, length);
        if (find_lines(source->shared)) return true;
    }
    tg_source_free(source);
    return false;
}

void tg_source_free(TgSource *source) {
    free(source->name);
    if (source->shared) tg_text_drop(source->shared);
    *source = (TgSource){.first_line = 1};
}

void tg_source_place(const TgSource *source, uint32_t offset, int *line, int *column) {
    if (offset > source->length) offset = source->length;
    *line = source->first_line + (int)tg_text_line(source->shared, offset);
    *column = (int)tg_text_column(source->shared, offset);
}

const char *tg_source_line(const TgSource *source, int line, uint32_t *length) {
    *length = 0;
    int64_t index = (int64_t)line - source->first_line;
    const TgSourceText *text = source->shared;
    if (index < 0 || index >= text->line_count) return NULL;
    uint32_t start = text->lines[index];
    bool is_last = (uint32_t)index + 1 == text->line_count;
    uint32_t end = is_last ? source->length : text->lines[index + 1] - 1;
    if (end > start && source->text[end - 1] == '\r') end--;
    *length = end - start;
    return source->text + start;
}
