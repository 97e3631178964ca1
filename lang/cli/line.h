// lang/cli/line.h
// One line at a time from a terminal, in small steps: the caller waits for stdin in its own way (so
// that signals, and later tasks, go on meanwhile) and hands over when there is something to read.
//
// line_readline.c (editing, history; the only file with readline's headers) or line_plain.c.
// Layer: command.
#ifndef TG_LANG_CLI_LINE_H
#define TG_LANG_CLI_LINE_H

#include <stdbool.h>

typedef enum { LINE_NONE, LINE_READY, LINE_END } TgLineEvent;

// Once, first. `history` is the file to read old lines from, or NULL.
void tg_line_open(const char *history);
// Shows the prompt and begins a line.
void tg_line_begin(const char *prompt);
// stdin can be read: takes what is there. READY: *line is the line without its newline (malloc'ed) and editing is
// over until the next begin. END: nothing more will come.
TgLineEvent tg_line_take(char **line);
// Ctrl-C: what was typed is dropped, the cursor is on a new line; editing is over until the next begin. Whether there was
// anything.
bool tg_line_cancel(void);
// Between these two others may write whole lines, which then stand above the line that is being typed.
void tg_line_hide(void);
void tg_line_show(void);
// A statement, possibly of several lines, for the arrow keys.
void tg_line_remember(const char *statement);
// At the end, also before dying of a signal: the terminal as it was, history written to `history` (or NULL).
void tg_line_close(const char *history);

#endif
