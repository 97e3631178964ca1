// tests/session.c
// Sessions of the REPL.
// Layer: tests.
#include "tests/session.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

// ---- the folder ----------------------------------------------------------------------------------

void write_file(const char *name, const char *text) {
    FILE *file = fopen(path_of(name), "w");
    cr_assert(file && fputs(text, file) >= 0);
    fclose(file);
}

void remove_file(const char *name) { cr_assert(unlink(path_of(name)) == 0); }

static void become_repl(void *setting) {
    setenv("TG_HISTORY", "history", 1);
    setenv("INPUTRC", "/dev/null", 1);
    unsetenv("NO_COLOR");
    if (setting) putenv(setting);
    become_tg(folder, (const char *const[]){"tg", NULL});
}

// ---- at a plain terminal -------------------------------------------------------------------------

Terminal begin_with(const char *setting) {
    Terminal terminal = terminal_open(100, become_repl, (void *)setting);
    terminal_expect(&terminal, "Ctrl-D leaves.");
    terminal_expect(&terminal, "> ");
    return terminal;
}

Terminal begin(void) { return begin_with(NULL); }

void try_line(Terminal *terminal, const char *line, const char *output) {
    terminal_type(terminal, line);
    terminal_type(terminal, ENTER);
    terminal_expect(terminal, line);
    if (output) terminal_expect(terminal, output);
    terminal_expect(terminal, PROMPT);
}

void type_part(Terminal *terminal, const char *line) {
    terminal_type(terminal, line);
    terminal_type(terminal, ENTER);
    terminal_expect(terminal, "\n. ");
}

void try_lines(const Line *lines) {
    Terminal terminal = begin();
    for (; lines->line; lines++) try_line(&terminal, lines->line, lines->output);
    leave(&terminal);
}

static bool is_exit(int status, int code) { return WIFEXITED(status) && WEXITSTATUS(status) == code; }

void expect_exit(Terminal *terminal, int code) {
    int status = terminal_end(terminal);
    terminal_free(terminal);
    cr_expect(is_exit(status, code), "wait status %x, not exit status %d", status, code);
}

void expect_death(Terminal *terminal, int signal) {
    int status = terminal_end(terminal);
    terminal_free(terminal);
    cr_expect(WIFSIGNALED(status) && WTERMSIG(status) == signal, "wait status %x, not signal %d", status, signal);
}

void leave(Terminal *terminal) {
    terminal_type(terminal, CTRL_D);
    expect_exit(terminal, 0);
}

void ask_to_leave(Terminal *terminal) {
    terminal_type(terminal, CTRL_D);
    terminal_expect(terminal, "1 task is still running");
    terminal_expect(terminal, PROMPT);
}

// ---- at a screen ---------------------------------------------------------------------------------

Seat sit_down_with(int rows, int columns, const char *setting) {
    Seat seat = seat_open(rows, columns, become_repl, (void *)setting);
    seat_expect(&seat, columns < 40 ? BANNER + 1 : BANNER, "> _"); // it may wrap
    return seat;
}

Seat sit_down(int rows, int columns) { return sit_down_with(rows, columns, NULL); }

void stand_up(Seat *seat) {
    seat_expect_end(seat, PROMPT "_"); // a Ctrl-D before it would not be the prompt's
    seat_type(seat, CTRL_D);
    int status = seat_end(seat);
    seat_free(seat);
    cr_expect(is_exit(status, 0), "wait status %x", status);
}
