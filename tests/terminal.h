// tests/terminal.h
// A program at a real terminal (a pty): what is typed, what is seen, how it ends. All waits are for
// something that is seen, test_timeout() seconds at most; what does not come fails the test.
//
// Layer: tests.
#ifndef TG_TESTS_TERMINAL_H
#define TG_TESTS_TERMINAL_H

#include <sys/types.h>

#include "tests/support.h"

#define CTRL_C "\x03"
#define CTRL_D "\x04"
#define CTRL_L "\x0c"
#define CTRL_R "\x12"
#define CTRL_Z "\x1a"
#define ENTER "\r"
#define TAB "\t"
#define UP "\x1b[A"
#define DOWN "\x1b[B"
#define LEFT "\x1b[D"
#define PASTE(text) "\x1b[200~" text "\x1b[201~"

typedef struct {
    int fd;
    pid_t pid;
    Bytes seen;
    size_t used; // what terminal_expect has matched
} Terminal;

// Forks; `child` runs in the child at the terminal (`columns` wide, TERM=dumb) and does not return.
Terminal terminal_open(int columns, void (*child)(void *data), void *data);
// The same at a terminal of another kind and size.
Terminal terminal_open_as(const char *term, int rows, int columns, void (*child)(void *data), void *data);
void terminal_type(Terminal *terminal, const char *keys);
// Takes what comes until then; false where nothing came.
bool terminal_take(Terminal *terminal, double until);
// Waits until `text` is seen behind what was seen before.
void terminal_expect(Terminal *terminal, const char *text);
// Takes what still comes and waits for the end; `seen` stays. The status as waitpid says.
int terminal_end(Terminal *terminal);
void terminal_free(Terminal *terminal);

#endif
