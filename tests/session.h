// tests/session.h
// A REPL session at a terminal, in a folder of its own: how it begins, what is typed and shown, how it ends. Either at a plain
// terminal (tests/terminal.h) or at one with a screen (tests/screen.h).
//
// Layer: tests.
#ifndef TG_TESTS_SESSION_H
#define TG_TESTS_SESSION_H

#include "tests/folder.h"
#include "tests/screen.h"

// ---- the folder ----------------------------------------------------------------------------------

// A session runs in the test's folder; its history is a file there, which the test's next session finds.
void write_file(const char *name, const char *text); // in it
void remove_file(const char *name);

// ---- at a plain terminal -------------------------------------------------------------------------

#define PROMPT "\n> "

// Starts a session and waits for its first prompt.
Terminal begin(void);
Terminal begin_with(const char *setting); // "NAME=value" for its environment
// Types a line at the prompt, waits for its echo, a piece of output (NULL: any) and the next prompt.
void try_line(Terminal *terminal, const char *line, const char *output);
// Types a line of a statement that goes on, waits for the prompt of the next one.
void type_part(Terminal *terminal, const char *line);
// Leaves at the prompt with Ctrl-D: the session ends well.
void leave(Terminal *terminal);
// Ctrl-D while one task is running: that is told, and the prompt comes back.
void ask_to_leave(Terminal *terminal);
// Waits for the end, which is this exit status or this signal, and frees the terminal.
void expect_exit(Terminal *terminal, int code);
void expect_death(Terminal *terminal, int signal);

typedef struct {
    const char *line, *output;
} Line;

// A whole session of lines, each as in try_line: TRY_LINES({"let x = 1", NULL}, {"x + 1", "2"});
#define TRY_LINES(...) try_lines((const Line[]){__VA_ARGS__, {NULL, NULL}})
void try_lines(const Line *lines); // up to one without a line

// ---- at a screen ---------------------------------------------------------------------------------

enum { BANNER = 1 }; // rows of it where there are 40 columns: the session is below

// Starts a session and waits for its first prompt.
Seat sit_down(int rows, int columns);
Seat sit_down_with(int rows, int columns, const char *setting);
// Waits for the prompt and leaves with Ctrl-D: the session ends well. Frees the seat.
void stand_up(Seat *seat);

#endif
