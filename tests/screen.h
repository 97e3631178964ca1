// tests/screen.h
// A model of a terminal's screen: what a program writes to it becomes rows of characters with colours. It knows what an
// ANSI terminal does with cursor moves, erasing, inserting and deleting, wrapping (lines that were wrapped are wrapped anew when
// the width changes, as most terminals do), UTF-8 and wide characters; what it does not know it ignores.
//
// Layer: tests.
#ifndef TG_TESTS_SCREEN_H
#define TG_TESTS_SCREEN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "tests/terminal.h"

typedef struct {
    char text[8]; // of one character, with what combines with it; "" is a blank, or the second half of a wide one
    bool is_tail; // that half
    char color;   // ' ' none, else the first letter of its colour; 'd' faint, '_' underlined
} Cell;

typedef struct {
    int rows, columns, row, column;
    bool wraps;    // the last column was written: the next character goes to the next row
    Cell *cells;   // rows * columns
    bool *joined;  // of each row: the next one is the same line
    char color;
    bool pastes;   // bracketed paste is asked for
    int state;     // of the reader of control sequences
    char sequence[64];
    size_t length; // of it
    char partial[4];
    int partial_length;
} Screen;

void screen_open(Screen *screen, int rows, int columns);
void screen_free(Screen *screen);
void screen_feed(Screen *screen, const char *bytes, size_t length);
void screen_resize(Screen *screen, int rows, int columns);
// The rows without blanks at their ends and without empty rows at the end, a newline between two. malloc'ed.
char *screen_text(const Screen *screen);
// The colours of a row's characters, as text of the same length without blanks at its end. malloc'ed.
char *screen_colors(const Screen *screen, int row);

// A program at a terminal with a screen.
typedef struct {
    Terminal terminal;
    Screen screen;
    size_t fed;
} Seat;

Seat seat_open(int rows, int columns, void (*child)(void *data), void *data); // TERM=xterm-256color
void seat_type(Seat *seat, const char *keys);
// Waits until the whole screen is this, from row `from` on; with `_` at the cursor's place where the text has one.
void seat_expect(Seat *seat, int from, const char *text);
void seat_expect_part(Seat *seat, const char *text); // somewhere
void seat_expect_end(Seat *seat, const char *text);  // of the screen, the cursor as in seat_expect
void seat_expect_paste(Seat *seat); // until bracketed paste is asked for
void seat_resize(Seat *seat, int rows, int columns);
int seat_end(Seat *seat); // as terminal_end
void seat_free(Seat *seat);

#endif
