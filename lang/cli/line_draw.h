// lang/cli/line_draw.h
// The picture of the line that is being typed: a prompt and a text of any number of lines, in colours, wrapped at the
// terminal's edge, drawn again where it has changed. Needs a terminal that can move its cursor (ANSI); one at a time.
// Layer: command, bottom. Knows nothing of keys or of readline.
#ifndef TG_LANG_CLI_LINE_DRAW_H
#define TG_LANG_CLI_LINE_DRAW_H

#include <stdbool.h>
#include <stddef.h>

typedef struct {
    const char *prompt;  // of the first line
    const char *more;    // of the others
    const char *text;
    size_t length, cursor;
    const unsigned char *styles; // TgStyle of each byte
    int columns, rows;   // of the terminal
} TgPicture;

// The cursor is put at the beginning of a line of its own, whatever was printed before.
void tg_draw_begin(int columns, bool color);
// Draws, or draws again.
void tg_draw(const TgPicture *picture);
// Takes the picture away: the cursor is where it began.
void tg_draw_hide(void);
// Leaves the picture behind: the cursor is on the line below it.
void tg_draw_leave(void);
// What is on the screen is not ours any more: the next picture begins where the cursor is.
void tg_draw_forget(void);
// The terminal's width has changed, and its lines were wrapped anew: takes the picture away.
void tg_draw_rewrapped(int columns);
// Clears the whole screen.
void tg_draw_clear(void);

// Prints words in columns, downwards as ls does; of more than two thirds of a screen the first, and how many there are.
void tg_draw_list(const char *const *words, int count, int columns, int rows);

// Columns that a character takes, 0 to 2.
int tg_char_columns(unsigned code);

#endif
