// tests/screen.c
// The screen of a terminal as data.
// Layer: tests.
#include "tests/screen.h"

#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>

enum { PLAIN, ESCAPED, CONTROL, TITLE }; // of the reader

static Cell *cell_at(const Screen *screen, int row, int column) { return &screen->cells[row * screen->columns + column]; }

static Cell blank(void) { return (Cell){.color = ' '}; }

static void erase(Screen *screen, int row, int from, int to) {
    for (int column = from; column < to; column++) *cell_at(screen, row, column) = blank();
    if (to == screen->columns) screen->joined[row] = false;
}

void screen_open(Screen *screen, int rows, int columns) {
    *screen = (Screen){.rows = rows, .columns = columns, .color = ' '};
    screen->cells = calloc((size_t)(rows * columns), sizeof *screen->cells);
    screen->joined = calloc((size_t)rows, sizeof *screen->joined);
    for (int row = 0; row < rows; row++) erase(screen, row, 0, columns);
}

void screen_free(Screen *screen) {
    free(screen->cells);
    free(screen->joined);
}

// ---- writing -------------------------------------------------------------------------------------

static void scroll(Screen *screen) {
    size_t row = (size_t)screen->columns;
    memmove(screen->cells, screen->cells + row, (size_t)(screen->rows - 1) * row * sizeof *screen->cells);
    memmove(screen->joined, screen->joined + 1, (size_t)(screen->rows - 1) * sizeof *screen->joined);
    erase(screen, screen->rows - 1, 0, screen->columns);
}

static void line_feed(Screen *screen) {
    if (screen->row < screen->rows - 1) screen->row++;
    else scroll(screen);
}

static int width_of(const char *text, int length) {
    uint32_t code = (unsigned char)text[0];
    if (length == 3) code = (code & 15) << 12 | (text[1] & 63u) << 6 | (text[2] & 63u);
    if (length == 4) code = 0x1F300;
    if (length == 2 && (unsigned char)text[0] == 0xCC) return 0; // combining accents
    return (code >= 0x1100 && code < 0x1160) || (code >= 0x2E80 && code < 0xD7B0) || code >= 0x1F300 ? 2 : 1;
}

static void put(Screen *screen, const char *text, int length) {
    int width = width_of(text, length);
    if (width == 0) {
        int column = screen->column - (screen->wraps ? 0 : 1);
        if (column >= 0) strncat(cell_at(screen, screen->row, column)->text, text, (size_t)length);
        return;
    }
    if (screen->wraps || screen->column + width > screen->columns) {
        screen->joined[screen->row] = true;
        line_feed(screen);
        screen->column = 0;
        screen->wraps = false;
    }
    Cell *cell = cell_at(screen, screen->row, screen->column);
    *cell = (Cell){.color = screen->color};
    memcpy(cell->text, text, (size_t)length);
    if (width == 2) cell[1] = (Cell){.is_tail = true, .color = screen->color};
    screen->column += width;
    if (screen->column < screen->columns) return;
    screen->column = screen->columns - 1;
    screen->wraps = true;
}

// ---- control sequences ---------------------------------------------------------------------------

static int limit(int value, int least, int most) { return value < least ? least : value > most ? most : value; }

static void move_to(Screen *screen, int row, int column) {
    screen->row = limit(row, 0, screen->rows - 1);
    screen->column = limit(column, 0, screen->columns - 1);
    screen->wraps = false;
}

static void erase_screen(Screen *screen, int how) {
    for (int row = 0; row < screen->rows; row++) {
        bool is_whole = how == 2 || (how == 0 ? row > screen->row : row < screen->row);
        if (is_whole) erase(screen, row, 0, screen->columns);
    }
    if (how == 0) erase(screen, screen->row, screen->column, screen->columns);
    if (how == 1) erase(screen, screen->row, 0, screen->column + 1);
}

// Moves the characters from the cursor on by `count` columns, to the left where it is negative.
static void shift(Screen *screen, int count) {
    Cell *row = cell_at(screen, screen->row, 0), old[1024];
    memcpy(old, row, (size_t)screen->columns * sizeof *row);
    for (int column = screen->column; column < screen->columns; column++) {
        int from = column - count;
        bool is_new = count > 0 ? from < screen->column : from >= screen->columns;
        row[column] = is_new ? blank() : old[from];
    }
}

static void set_color(Screen *screen, int code) {
    static const char colors[] = "Krgybmcw";
    if (code == 0) screen->color = ' ';
    else if (code == 2) screen->color = 'd';
    else if (code == 4 || code == 7) screen->color = '_';
    else if (code >= 30 && code <= 37) screen->color = colors[code - 30];
    else if (code == 39 || code == 22 || code == 24 || code == 27) screen->color = ' ';
}

static void control(Screen *screen, char end) {
    int values[8] = {0}, count = 0;
    bool is_private = screen->sequence[0] == '?';
    for (const char *at = screen->sequence + is_private; at && *at && count < 8; at = strchr(at, ';')) {
        at += *at == ';';
        values[count++] = atoi(at);
    }
    int one = values[0] ? values[0] : 1, row = screen->row, column = screen->column;
    switch (end) {
    case 'A': move_to(screen, row - one, column); break;
    case 'B': move_to(screen, row + one, column); break;
    case 'C': move_to(screen, row, column + one); break;
    case 'D': move_to(screen, row, column - one); break;
    case 'G': move_to(screen, row, one - 1); break;
    case 'H': move_to(screen, one - 1, values[1] ? values[1] - 1 : 0); break;
    case 'J': erase_screen(screen, values[0]); break;
    case 'K': erase(screen, row, values[0] ? 0 : column, values[0] == 1 ? column + 1 : screen->columns); break;
    case '@': shift(screen, one); break;
    case 'P': shift(screen, -one); break;
    case 'X': erase(screen, row, column, limit(column + one, 0, screen->columns)); break;
    case 'm':
        for (int i = 0; i < (count ? count : 1); i++) set_color(screen, values[i]);
        break;
    case 'h':
    case 'l':
        if (is_private && values[0] == 2004) screen->pastes = end == 'h';
        break;
    default: break;
    }
}

// ---- bytes ---------------------------------------------------------------------------------------

static void take_plain(Screen *screen, char c) {
    switch (c) {
    case '\x1b': screen->state = ESCAPED; return;
    case '\r': move_to(screen, screen->row, 0); return;
    case '\b': move_to(screen, screen->row, screen->column - 1); return;
    case '\n':
        screen->wraps = false;
        line_feed(screen);
        return;
    case '\t': move_to(screen, screen->row, screen->column / 8 * 8 + 8); return;
    case '\a': return;
    default: break;
    }
    unsigned char byte = (unsigned char)c;
    if (byte >= 0xC0) screen->partial_length = 0;
    screen->partial[screen->partial_length++] = c;
    unsigned char first = (unsigned char)screen->partial[0];
    int length = first < 0xC0 ? 1 : first < 0xE0 ? 2 : first < 0xF0 ? 3 : 4;
    if (screen->partial_length < length) return;
    put(screen, screen->partial, length);
    screen->partial_length = 0;
}

static void take(Screen *screen, char c) {
    switch (screen->state) {
    case PLAIN: take_plain(screen, c); return;
    case ESCAPED:
        screen->length = 0;
        screen->state = c == '[' ? CONTROL : c == ']' ? TITLE : PLAIN;
        return;
    case TITLE:
        if (c == '\a') screen->state = PLAIN;
        if (c == '\x1b') screen->state = ESCAPED;
        return;
    default:
        if (c >= '@' && c <= '~') {
            screen->sequence[screen->length] = '\0';
            screen->state = PLAIN;
            control(screen, c);
        } else if (screen->length < sizeof screen->sequence - 1) {
            screen->sequence[screen->length++] = c;
        }
    }
}

void screen_feed(Screen *screen, const char *bytes, size_t length) {
    for (size_t i = 0; i < length; i++) take(screen, bytes[i]);
}

// ---- another size --------------------------------------------------------------------------------

static int used_columns(const Screen *screen, int row) {
    int column = screen->columns;
    while (column > 0 && !cell_at(screen, row, column - 1)->text[0] && !cell_at(screen, row, column - 1)->is_tail) column--;
    return column;
}

// The old characters are written anew, line by line; where the cursor was it is again.
void screen_resize(Screen *screen, int rows, int columns) {
    Screen new;
    screen_open(&new, rows, columns);
    int last = screen->rows - 1, cursor_row = 0, cursor_column = 0, scrolled = 0;
    while (last > screen->row && used_columns(screen, last) == 0) last--;
    for (int row = 0; row <= last; row++) {
        int used = screen->joined[row] ? screen->columns : used_columns(screen, row);
        for (int column = 0; column <= used; column++) {
            if (row == screen->row && column == screen->column) {
                cursor_row = new.row + (new.wraps ? 1 : 0);
                cursor_column = new.wraps ? 0 : new.column;
                scrolled = 0;
            }
            if (column == used || cell_at(screen, row, column)->is_tail) continue;
            Cell *cell = cell_at(screen, row, column);
            bool was_last = new.row == rows - 1 && new.wraps;
            new.color = cell->color;
            put(&new, cell->text[0] ? cell->text : " ", cell->text[0] ? (int)strlen(cell->text) : 1);
            scrolled += was_last;
        }
        if (row == screen->row && screen->column > used) {
            cursor_row = new.row;
            cursor_column = limit(screen->column, 0, columns - 1);
            scrolled = 0;
        }
        if (row == last || screen->joined[row]) continue;
        scrolled += new.row == rows - 1;
        line_feed(&new);
        new.column = 0;
        new.wraps = false;
    }
    new.color = screen->color;
    new.pastes = screen->pastes;
    move_to(&new, cursor_row - scrolled, cursor_column);
    screen_free(screen);
    *screen = new;
}

// ---- what is seen --------------------------------------------------------------------------------

static void add_row(const Screen *screen, int row, bool with_cursor, Bytes *out) {
    int used = used_columns(screen, row);
    bool is_here = with_cursor && row == screen->row;
    if (is_here && used <= screen->column) used = screen->column + 1;
    for (int column = 0; column < used; column++) {
        const Cell *cell = cell_at(screen, row, column);
        if (is_here && column == screen->column) bytes_add(out, "_", 1);
        else if (!cell->is_tail) bytes_add(out, cell->text[0] ? cell->text : " ", cell->text[0] ? strlen(cell->text) : 1);
    }
    size_t length = out->length;
    while (length && out->data[length - 1] == ' ') length--;
    out->length = length;
    bytes_add(out, "", 0);
}

static char *text_from(const Screen *screen, int from, bool with_cursor) {
    int last = screen->rows - 1;
    while (last >= 0 && used_columns(screen, last) == 0 && !(with_cursor && last == screen->row)) last--;
    Bytes out = {0};
    bytes_add(&out, "", 0);
    for (int row = from; row <= last; row++) {
        if (row > from) bytes_add(&out, "\n", 1);
        add_row(screen, row, with_cursor, &out);
    }
    return out.data;
}

char *screen_text(const Screen *screen) { return text_from(screen, 0, false); }

char *screen_colors(const Screen *screen, int row) {
    Bytes out = {0};
    bytes_add(&out, "", 0);
    for (int column = 0; column < used_columns(screen, row); column++) bytes_add(&out, &cell_at(screen, row, column)->color, 1);
    while (out.length && out.data[out.length - 1] == ' ') out.data[--out.length] = '\0';
    return out.data;
}

// ---- a program before it -------------------------------------------------------------------------

Seat seat_open(int rows, int columns, void (*child)(void *data), void *data) {
    Seat seat = {.terminal = terminal_open_as("xterm-256color", rows, columns, child, data)};
    screen_open(&seat.screen, rows, columns);
    return seat;
}

void seat_type(Seat *seat, const char *keys) { terminal_type(&seat->terminal, keys); }

static bool look(Seat *seat, double until) {
    bool more = terminal_take(&seat->terminal, until);
    screen_feed(&seat->screen, seat->terminal.seen.data + seat->fed, seat->terminal.seen.length - seat->fed);
    seat->fed = seat->terminal.seen.length;
    return more;
}

typedef enum { ALL, PART, END } Wanted;

static bool is_there(const char *text, const char *wanted, Wanted how) {
    size_t length = strlen(text), end = strlen(wanted);
    if (how == PART) return strstr(text, wanted) != NULL;
    if (how == END) return length >= end && strcmp(text + length - end, wanted) == 0;
    return strcmp(text, wanted) == 0;
}

static void wait_for(Seat *seat, int from, const char *wanted, Wanted how) {
    static const char *const words[] = {"", " somewhere", " at the end"};
    bool with_cursor = how != PART && strchr(wanted, '_');
    double until = seconds_now() + test_timeout();
    for (;;) {
        char *text = text_from(&seat->screen, from, with_cursor);
        bool is_seen = is_there(text, wanted, how);
        bool more = is_seen || look(seat, until);
        cr_assert(more, "this was expected%s:\n%s\n---- this is on the screen:\n%s\n----", words[how], wanted, text);
        free(text);
        if (is_seen) return;
    }
}

void seat_expect(Seat *seat, int from, const char *text) { wait_for(seat, from, text, ALL); }
void seat_expect_part(Seat *seat, const char *text) { wait_for(seat, 0, text, PART); }
void seat_expect_end(Seat *seat, const char *text) { wait_for(seat, 0, text, END); }

void seat_expect_paste(Seat *seat) {
    double until = seconds_now() + test_timeout();
    while (!seat->screen.pastes) cr_assert(look(seat, until), "no paste in brackets is asked for");
}

void seat_resize(Seat *seat, int rows, int columns) {
    struct winsize size = {.ws_row = (unsigned short)rows, .ws_col = (unsigned short)columns};
    screen_resize(&seat->screen, rows, columns);
    cr_assert(ioctl(seat->terminal.fd, TIOCSWINSZ, &size) == 0);
}

int seat_end(Seat *seat) {
    int status = terminal_end(&seat->terminal);
    screen_feed(&seat->screen, seat->terminal.seen.data + seat->fed, seat->terminal.seen.length - seat->fed);
    seat->fed = seat->terminal.seen.length;
    return status;
}

void seat_free(Seat *seat) {
    terminal_free(&seat->terminal);
    screen_free(&seat->screen);
}
