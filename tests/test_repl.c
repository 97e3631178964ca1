// tests/test_repl.c
// The REPL at a real terminal (a pty): what is typed, what is seen, what Ctrl-C does.
#include <criterion/criterion.h>
#include <poll.h>
#include <pty.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "tests/support.h"

static const char CTRL_C[] = "\x03", CTRL_D[] = "\x04";
static char history[] = "/tmp/tg-history-XXXXXX";

typedef struct {
    int fd;
    pid_t pid;
    Bytes seen;
    size_t used; // what expect has matched
} Terminal;

static double seconds_now(void) {
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return (double)time.tv_sec + (double)time.tv_nsec * 1e-9;
}

static Terminal terminal_open(void) {
    Terminal terminal = {0};
    struct winsize size = {.ws_row = 25, .ws_col = 100};
    bytes_add(&terminal.seen, "", 0);
    tested_binary();
    terminal.pid = forkpty(&terminal.fd, NULL, NULL, &size);
    cr_assert(terminal.pid >= 0);
    if (terminal.pid == 0) {
        setenv("TERM", "dumb", 1);
        setenv("TG_HISTORY", history, 1);
        setenv("INPUTRC", "/dev/null", 1);
        become_tg(NULL, (const char *const[]){"tg", NULL});
    }
    return terminal;
}

static void type(Terminal *terminal, const char *keys) {
    cr_assert(write(terminal->fd, keys, strlen(keys)) == (ssize_t)strlen(keys));
}

static bool take_some(Terminal *terminal, double until) {
    struct pollfd slot = {terminal->fd, POLLIN, 0};
    double left = until - seconds_now();
    if (left <= 0 || poll(&slot, 1, (int)(left * 1000) + 1) <= 0) return false;
    char part[4096];
    ssize_t length = read(terminal->fd, part, sizeof part);
    if (length <= 0) return false;
    bytes_add(&terminal->seen, part, (size_t)length);
    return true;
}

// Waits until `text` is seen behind what was seen before.
static void expect(Terminal *terminal, const char *text) {
    double until = seconds_now() + test_timeout();
    for (;;) {
        char *found = strstr(terminal->seen.data + terminal->used, text);
        if (found) {
            terminal->used = (size_t)(found - terminal->seen.data) + strlen(text);
            return;
        }
        cr_assert(take_some(terminal, until), "no \"%s\" in what came behind [%zu]:\n%s", text,
                  terminal->used, terminal->seen.data);
    }
}

static const char PROMPT[] = "\n> ";

// Types a line at the prompt, waits for its echo, a piece of output and the next prompt.
static void try_line(Terminal *terminal, const char *line, const char *output) {
    type(terminal, line);
    type(terminal, "\r");
    expect(terminal, line);
    if (output) expect(terminal, output);
    expect(terminal, PROMPT);
}

// How it ended, as waitpid says.
static int terminal_end(Terminal *terminal) {
    double until = seconds_now() + test_timeout();
    int status = -1;
    while (take_some(terminal, until)) {}
    while (waitpid(terminal->pid, &status, WNOHANG) == 0) {
        if (seconds_now() > until) {
            kill(terminal->pid, SIGKILL);
            cr_assert_fail("it did not end:\n%s", terminal->seen.data);
        }
        usleep(1000);
    }
    cr_expect(!strstr(terminal->seen.data, "Sanitizer"), "%s", terminal->seen.data);
    close(terminal->fd);
    bytes_free(&terminal->seen);
    return status;
}

static void leave(Terminal *terminal) {
    type(terminal, CTRL_D);
    int status = terminal_end(terminal);
    cr_expect(WIFEXITED(status) && WEXITSTATUS(status) == 0, "wait status %x", status);
}

static Terminal begin(void) {
    Terminal terminal = terminal_open();
    expect(&terminal, "Ctrl-D leaves.");
    expect(&terminal, "> ");
    return terminal;
}

static void make_history(void) { close(mkstemp(history)); }
static void drop_history(void) { unlink(history); }

TestSuite(repl, .init = make_history, .fini = drop_history);

Test(repl, shows_values_of_expressions) {
    Terminal t = begin();
    try_line(&t, "1 + 1", "2");
    try_line(&t, "\"a\" + 'b'", "\"ab\"");
    try_line(&t, "let x = 20", NULL);
    try_line(&t, "x * 2 + 2", "42");
    try_line(&t, "nil", NULL);
    try_line(&t, "[x, {a: 1}]", "[20, {\"a\": 1}]");
    try_line(&t, "print(\"printed\")", "printed");
    leave(&t);
}

Test(repl, statements_of_several_lines) {
    Terminal t = begin();
    type(&t, "fn add(a, b) {\r");
    expect(&t, "\n. ");
    type(&t, "return a + b\r");
    expect(&t, "\n. ");
    type(&t, "}\r");
    expect(&t, PROMPT);
    try_line(&t, "add(40, 2)", "42");
    type(&t, "[1,\r");
    expect(&t, "\n. ");
    try_line(&t, "2]", "[1, 2]");
    leave(&t);
}

Test(repl, errors_do_not_end_it) {
    Terminal t = begin();
    try_line(&t, "1 / 0", "ZeroDivisionError");
    try_line(&t, "let = 3", "<repl>:2:5");
    try_line(&t, "unknown", "unknown");
    try_line(&t, "raise ValueError(\"mine\")", "mine");
    try_line(&t, "6 * 7", "42");
    leave(&t);
}

Test(repl, names_may_be_declared_anew) {
    Terminal t = begin();
    try_line(&t, "let a = 1", NULL);
    try_line(&t, "let a = \"two\"", NULL);
    try_line(&t, "a", "\"two\"");
    try_line(&t, "fn f() => a", NULL);
    try_line(&t, "a = 3", NULL);
    try_line(&t, "f()", "3");
    leave(&t);
}

Test(repl, ctrl_c_clears_what_was_typed) {
    Terminal t = begin();
    type(&t, "print(\"never\"");
    expect(&t, "never");
    type(&t, CTRL_C);
    expect(&t, PROMPT);
    try_line(&t, "40 + 2", "42");
    type(&t, "fn f() {\r");
    expect(&t, "\n. ");
    type(&t, CTRL_C);
    expect(&t, PROMPT);
    try_line(&t, "41 + 2", "43");
    type(&t, CTRL_C); // at an empty prompt
    expect(&t, PROMPT);
    type(&t, CTRL_C);
    expect(&t, PROMPT);
    leave(&t);
}

Test(repl, ctrl_c_interrupts_a_sleep) {
    Terminal t = begin();
    type(&t, "print(\"now\"); sleep(100)\r");
    expect(&t, "\nnow");
    type(&t, CTRL_C);
    expect(&t, "Interrupted");
    expect(&t, PROMPT);
    try_line(&t, "1 + 1", "2");
    leave(&t);
}

Test(repl, ctrl_c_interrupts_a_busy_loop) {
    Terminal t = begin();
    type(&t, "print(\"now\"); while true {}\r");
    expect(&t, "\nnow");
    usleep(50000);
    type(&t, CTRL_C);
    expect(&t, "Interrupted");
    expect(&t, PROMPT);
    leave(&t);
}

Test(repl, ctrl_c_may_be_caught) {
    Terminal t = begin();
    type(&t, "try { print(\"now\"); sleep(100) } except Interrupt { print(\"caught it\") }\r");
    expect(&t, "\nnow");
    type(&t, CTRL_C);
    expect(&t, "caught it");
    expect(&t, PROMPT);
    try_line(&t, "2 + 2", "4");
    leave(&t);
}

Test(repl, exit_has_its_code) {
    Terminal t = begin();
    type(&t, "exit(3)\r");
    int status = terminal_end(&t);
    cr_expect(WIFEXITED(status) && WEXITSTATUS(status) == 3, "wait status %x", status);
}

Test(repl, dies_of_sigterm) {
    Terminal t = begin();
    kill(t.pid, SIGTERM);
    int status = terminal_end(&t);
    cr_expect(WIFSIGNALED(status) && WTERMSIG(status) == SIGTERM, "wait status %x", status);
}

Test(repl, input_reads_the_terminal) {
    Terminal t = begin();
    type(&t, "let name = input(\"who? \")\r");
    expect(&t, "who? ");
    usleep(20000);
    type(&t, "Ada\n");
    expect(&t, PROMPT);
    try_line(&t, "name", "\"Ada\"");
    leave(&t);
}

#ifndef TG_NO_READLINE
Test(repl, history_outlives_the_session) {
    Terminal t = begin();
    try_line(&t, "100 + 23", "123");
    type(&t, "[7,\r");
    expect(&t, "\n. ");
    try_line(&t, "8]", "[7, 8]");
    leave(&t);
    t = begin();
    static const char UP[] = "\x1b[A";
    type(&t, UP);
    expect(&t, "8]");
    type(&t, "\r");
    expect(&t, "\n[7, 8]");
    expect(&t, PROMPT);
    type(&t, UP);
    type(&t, UP);
    expect(&t, "100 + 23");
    type(&t, "\r");
    expect(&t, "\n123");
    expect(&t, PROMPT); // a Ctrl-D before it would not be the prompt's
    leave(&t);
}
#endif
