// lang/cli/line.h
// One line at a time from a terminal, in small steps: the caller waits for stdin in its own way (so
// that signals and tasks go on meanwhile) and hands over when there is something to read.
//
// line_readline.c (editing, history; the only file with readline's headers) or line_plain.c. On a terminal that can move its
// cursor readline gives a statement of several lines as a whole, edited as one text; elsewhere lines come one by one.
// Layer: command.
#ifndef TG_LANG_CLI_LINE_H
#define TG_LANG_CLI_LINE_H

#include <stdbool.h>

#include "lang/cli/complete.h"

typedef enum { LINE_NONE, LINE_READY, LINE_END } TgLineEvent;

// What the editor asks of the session. All must live until tg_line_close.
typedef struct {
    void *data;
    bool (*unfinished)(void *data, const char *text); // Enter: whether the statement goes on
    bool (*in_string)(void *data, const char *text, size_t length); // whether the text ends inside a String: blanks count there
    void (*complete)(void *data, const char *text, size_t cursor, TgCompletion *found); // TAB
    // TgStyle of each byte of the text, for a cursor there; `styles` is zeroed. NULL: no colours.
    void (*paint)(void *data, const char *text, size_t length, size_t cursor, unsigned char *styles);
} TgLineHelp;

// Once, first. `history` is the file to read old lines from and to add new ones to, or NULL.
void tg_line_open(const char *history, const TgLineHelp *help);
// Shows the prompt and begins a line.
void tg_line_begin(const char *prompt);
// stdin can be read: takes what is there. READY: *line is the line without its newline (malloc'ed) and editing is
// over until the next begin. END: nothing more will come; the cursor is on a new line.
TgLineEvent tg_line_take(char **line);
// Whether what take gives is all that was meant, also where it is no whole statement.
bool tg_line_is_whole(void);
// Ctrl-C: what was typed is dropped, the cursor is on a new line; editing is over until the next begin. Whether there was
// anything.
bool tg_line_cancel(void);
// Between these two others may write whole lines, which then stand above the line that is being typed.
void tg_line_hide(void);
void tg_line_show(void);
// Before the process stops (Ctrl-Z): the terminal as others expect it; and after it: the line is there again.
void tg_line_suspend(void);
void tg_line_resume(void);
// The terminal has another size.
void tg_line_resize(void);
// A statement, possibly of several lines, for the arrow keys.
void tg_line_remember(const char *statement);
// At the end, also before dying of a signal: the terminal as it was.
void tg_line_close(void);

#endif
