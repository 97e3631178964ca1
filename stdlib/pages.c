// stdlib/pages.c
// Setting text: words wrapped, names and sentences in two columns.
// Layer: library.
#include "stdlib/pages.h"

size_t tg_page_columns(TgHelpSpan text) {
    size_t count = 0;
    for (size_t i = 0; i < text.length; i++) count += ((unsigned char)text.at[i] & 0xC0) != 0x80;
    return count;
}

void tg_page_wrap(TgBuffer *out, TgHelpSpan text, size_t column, size_t indent) {
    TgHelpSpan word;
    bool is_first = true;
    while (tg_help_word(&text, &word)) {
        size_t width = tg_page_columns(word);
        if (!is_first && column + 1 + width > TG_PAGE_WIDTH) {
            tg_buffer_text(out, "\n");
            tg_buffer_fill(out, " ", 1, indent);
            column = indent;
        } else if (!is_first) {
            tg_buffer_text(out, " ");
            column++;
        }
        tg_buffer_add(out, word.at, word.length);
        column += width;
        is_first = false;
    }
    tg_buffer_text(out, "\n");
}

TgHelpSpan tg_page_sentence(TgHelpSpan text) {
    for (size_t i = 0; i + 1 < text.length; i++)
        if (text.at[i] == '.' && text.at[i + 1] == ' ') return (TgHelpSpan){text.at, i + 1};
    return text;
}

void tg_page_row(TgBuffer *out, const char *name, TgHelpSpan text) {
    TgHelpSpan left = tg_page_span(name);
    size_t column = TG_PAGE_INDENT + tg_page_columns(left);
    tg_buffer_fill(out, " ", 1, TG_PAGE_INDENT);
    if (text.length && column + 2 <= TG_PAGE_COLUMN) {
        tg_buffer_text(out, name);
        tg_buffer_fill(out, " ", 1, TG_PAGE_COLUMN - column);
    } else { // too long for its column
        tg_page_wrap(out, left, TG_PAGE_INDENT, 2 * TG_PAGE_INDENT);
        if (text.length) tg_buffer_fill(out, " ", 1, TG_PAGE_COLUMN);
    }
    if (text.length) tg_page_wrap(out, tg_page_sentence(text), TG_PAGE_COLUMN, TG_PAGE_COLUMN);
}

void tg_page_heading(TgBuffer *out, const char *heading) {
    tg_buffer_format(out, "\n%s\n", heading);
}
