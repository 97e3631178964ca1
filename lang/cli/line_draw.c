// lang/cli/line_draw.c
// Rows are laid out first, compared with those on the screen, and drawn from the first that differs on.
//
// A row that is full goes on in the next one by the terminal's own wrapping, so that the terminal knows that the two are one
// line (when it is resized, or text is copied from it). No row ends at the very edge with nothing behind it: there the
// cursor's place would be in doubt.
// Layer: command, bottom.
#include "lang/cli/line_draw.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <wchar.h>

#include "lang/cli/style.h"
#include "vm/string.h"

enum { TAB_COLUMNS = 4 };

typedef struct {
    size_t start, end; // of its bytes
    int width;
    bool joined;       // the next row is the same line
} Row;

typedef struct {
    TgBuffer bytes;
    Row *rows;
    int count, capacity;
    int cursor_row, cursor_column;
} Layout;

static Layout shown;  // what is on the screen
static bool is_shown;
static int first, last; // rows of the layout on the screen: of one that is higher than the screen a part is shown
static int at_row;    // of the layout: where the terminal's cursor is

int tg_char_columns(unsigned code) {
    if (code < 0x7F) return code >= ' ';
    int width = wcwidth((wchar_t)code);
    return width < 0 ? 1 : width;
}

// ---- layout --------------------------------------------------------------------------------------

typedef struct {
    Layout *layout;
    int columns, column;
    TgStyle style;
} Pen;

static void set_style(Pen *pen, TgStyle style) {
    if (pen->style == style) return;
    if (pen->style) tg_buffer_text(&pen->layout->bytes, STYLE_END);
    tg_buffer_text(&pen->layout->bytes, tg_style_begin(style));
    pen->style = style;
}

static void begin_row(Layout *layout) {
    if (layout->count == layout->capacity) {
        int capacity = layout->capacity ? layout->capacity * 2 : 8;
        Row *rows = realloc(layout->rows, (size_t)capacity * sizeof *rows);
        if (!rows) abort(); // some dozen bytes
        layout->rows = rows;
        layout->capacity = capacity;
    }
    layout->rows[layout->count++] = (Row){.start = layout->bytes.length};
}

static void end_row(Pen *pen, bool joined) {
    set_style(pen, STYLE_PLAIN);
    Row *row = &pen->layout->rows[pen->layout->count - 1];
    row->end = pen->layout->bytes.length;
    row->width = pen->column;
    row->joined = joined;
}

static void next_row(Pen *pen, bool joined) {
    end_row(pen, joined);
    begin_row(pen->layout);
    pen->column = 0;
}

static void put(Pen *pen, const char *bytes, int length, int width, TgStyle style) {
    if (pen->column + width > pen->columns) next_row(pen, true);
    set_style(pen, style);
    tg_buffer_add(&pen->layout->bytes, bytes, (size_t)length);
    pen->column += width;
}

// Room for one column more: the cursor, or whatever comes.
static void make_room(Pen *pen) {
    if (pen->column >= pen->columns) next_row(pen, true);
}

// One character of the text; its length in bytes.
static int put_char(Pen *pen, const char *at, const char *end, TgStyle style) {
    unsigned char c = (unsigned char)*at;
    if (c == '\t') {
        int width = TAB_COLUMNS - pen->column % TAB_COLUMNS;
        for (int i = 0; i < width; i++) put(pen, " ", 1, 1, style);
        return 1;
    }
    if (c < ' ' || c == 0x7F) {
        char shown_as[2] = {'^', (char)(c ^ 0x40)};
        put(pen, shown_as, 2, 2, style);
        return 1;
    }
    int length = 1;
    while (at + length < end && ((unsigned char)at[length] & 0xC0) == 0x80 && length < 4) length++;
    if (!tg_utf8_valid(at, (size_t)length)) {
        put(pen, "?", 1, 1, style);
        return 1;
    }
    unsigned code = tg_utf8_decode(at, &length);
    put(pen, at, length, tg_char_columns(code), style);
    return length;
}

static void put_prompt(Pen *pen, const char *prompt, TgStyle style) {
    const char *end = prompt + strlen(prompt);
    for (const char *at = prompt; at < end;) at += put_char(pen, at, end, style);
}

static void mark_cursor(Pen *pen, int width) {
    if (pen->column + width > pen->columns) next_row(pen, true);
    pen->layout->cursor_row = pen->layout->count - 1;
    pen->layout->cursor_column = pen->column;
}

static int width_at(const char *at, const char *end) {
    int length = 1;
    while (at + length < end && ((unsigned char)at[length] & 0xC0) == 0x80 && length < 4) length++;
    if ((unsigned char)*at < 0x80 || !tg_utf8_valid(at, (size_t)length)) return 1;
    int width = tg_char_columns(tg_utf8_decode(at, &length));
    return width ? width : 1;
}

static void lay_out(Layout *layout, const TgPicture *picture) {
    bool colors = picture->styles != NULL;
    Pen pen = {.layout = layout, .columns = picture->columns};
    const char *at = picture->text, *end = at + picture->length;
    begin_row(layout);
    put_prompt(&pen, picture->prompt, colors ? STYLE_PROMPT : STYLE_PLAIN);
    while (at < end) {
        size_t offset = (size_t)(at - picture->text);
        if (offset == picture->cursor) mark_cursor(&pen, width_at(at, end));
        if (*at == '\n') {
            next_row(&pen, false);
            put_prompt(&pen, picture->more, colors ? STYLE_FAINT : STYLE_PLAIN);
            at++;
        } else {
            at += put_char(&pen, at, end, colors ? (TgStyle)picture->styles[offset] : STYLE_PLAIN);
        }
    }
    if (picture->cursor >= picture->length) mark_cursor(&pen, 1);
    make_room(&pen);
    end_row(&pen, false);
}

static void layout_free(Layout *layout) {
    tg_buffer_free(&layout->bytes);
    free(layout->rows);
    *layout = (Layout){0};
}

// ---- drawing -------------------------------------------------------------------------------------

static void move(TgBuffer *out, int rows_down) {
    tg_buffer_text(out, "\r");
    if (rows_down < 0) tg_buffer_format(out, "\x1b[%dA", -rows_down);
    if (rows_down > 0) tg_buffer_format(out, "\x1b[%dB", rows_down);
}

static void emit(TgBuffer *out) {
    fwrite(out->data, 1, out->length, stdout);
    fflush(stdout);
    tg_buffer_free(out);
}

static bool is_same_row(const Layout *a, const Layout *b, int row) {
    const Row *x = &a->rows[row], *y = &b->rows[row];
    size_t length = x->end - x->start;
    return length == y->end - y->start && x->joined == y->joined &&
           memcmp(a->bytes.data + x->start, b->bytes.data + y->start, length) == 0;
}

// Where to begin: the first row that differs, or rather the line that it belongs to.
static int first_change(const Layout *next, int top, int bottom) {
    int row = top;
    while (row < bottom - 1 && row < shown.count - 1 && is_same_row(&shown, next, row)) row++;
    while (row > top && next->rows[row - 1].joined) row--;
    return row;
}

static void draw_rows(TgBuffer *out, const Layout *layout, int from, int bottom, int columns) {
    for (int i = from; i < bottom; i++) {
        const Row *row = &layout->rows[i];
        tg_buffer_add(out, layout->bytes.data + row->start, row->end - row->start);
        bool wraps = i + 1 < bottom && row->joined && row->width == columns && layout->rows[i + 1].width > 0;
        if (row->width < columns) tg_buffer_text(out, "\x1b[K"); // at the very edge it would take the last character
        if (i + 1 < bottom && !wraps) tg_buffer_text(out, "\r\n");
    }
}

void tg_draw(const TgPicture *picture) {
    Layout next = {0};
    lay_out(&next, picture);
    int height = picture->rows > 1 ? picture->rows : 24, top = first;
    if (next.cursor_row < top) top = next.cursor_row;
    if (next.cursor_row >= top + height) top = next.cursor_row - height + 1;
    if (top > next.count - height) top = next.count > height ? next.count - height : 0;
    int bottom = next.count < top + height ? next.count : top + height;
    TgBuffer out = {0};
    int from = top;
    if (is_shown && top == first) from = first_change(&next, top, bottom);
    if (is_shown) move(&out, top == first ? from - at_row : first - at_row);
    draw_rows(&out, &next, from, bottom, picture->columns);
    if (is_shown) tg_buffer_text(&out, "\x1b[J");
    move(&out, next.cursor_row - (bottom - 1));
    if (next.cursor_column) tg_buffer_format(&out, "\x1b[%dC", next.cursor_column);
    emit(&out);
    layout_free(&shown);
    shown = next;
    first = top;
    last = bottom - 1;
    at_row = next.cursor_row;
    is_shown = true;
}

void tg_draw_hide(void) {
    if (!is_shown) return;
    TgBuffer out = {0};
    move(&out, first - at_row);
    tg_buffer_text(&out, "\x1b[J");
    emit(&out);
    tg_draw_forget();
}

void tg_draw_leave(void) {
    if (!is_shown) return;
    TgBuffer out = {0};
    move(&out, last - at_row);
    // Behind a full row the cursor has a line of its own already.
    bool is_fresh = last > first && shown.rows[last].width == 0 && shown.rows[last - 1].joined;
    if (!is_fresh) tg_buffer_text(&out, "\n");
    emit(&out);
    tg_draw_forget();
}

void tg_draw_forget(void) {
    layout_free(&shown);
    is_shown = false;
    first = last = at_row = 0;
}

void tg_draw_rewrapped(int columns) {
    if (!is_shown || columns < 1) return;
    int above = 0, offset = 0; // rows of whole lines; columns of the cursor's line before its row
    for (int i = first; i < at_row; i++) {
        offset += shown.rows[i].width;
        if (shown.rows[i].joined) continue;
        above += offset > 0 ? (offset - 1) / columns + 1 : 1;
        offset = 0;
    }
    int column = offset + shown.cursor_column;
    at_row = first + above + column / columns;
    tg_draw_hide();
}

void tg_draw_clear(void) {
    fputs("\x1b[H\x1b[2J", stdout);
    tg_draw_forget();
}

// A mark and as many blanks as fill a line: where the line was empty the cursor is back at its beginning, where it was not
// it is on the next one, and the mark shows that the output had no newline at its end.
void tg_draw_begin(int columns, bool color) {
    TgBuffer out = {0};
    if (color) tg_buffer_text(&out, tg_style_begin(STYLE_FAINT));
    tg_buffer_text(&out, "\xE2\x8F\x8E");
    if (color) tg_buffer_text(&out, STYLE_END);
    tg_buffer_fill(&out, " ", 1, (size_t)(columns - 1));
    tg_buffer_text(&out, "\r\x1b[K");
    emit(&out);
    tg_draw_forget();
}

static int columns_of(const char *text) {
    int columns = 0, length;
    for (; *text; text += length) columns += tg_char_columns(tg_utf8_decode(text, &length));
    return columns;
}

void tg_draw_list(const char *const *words, int count, int columns, int rows) {
    int widest = 0;
    for (int i = 0; i < count; i++)
        if (columns_of(words[i]) > widest) widest = columns_of(words[i]);
    int across = columns / (widest + 2);
    if (across < 1) across = 1;
    int most = across * (rows * 2 / 3 + 1), listed = count < most ? count : most;
    int down = (listed + across - 1) / across;
    for (int row = 0; row < down; row++) {
        for (int i = row; i < listed; i += down)
            printf("%s%*s", words[i], i + down < listed ? widest + 2 - columns_of(words[i]) : 0, "");
        putchar('\n');
    }
    if (listed < count) printf("... and %d more; type some letters to see fewer\n", count - listed);
    fflush(stdout);
}
