// tests/terminal.c
// Programs at a pty.
// Layer: tests.
#include "tests/terminal.h"

#include <criterion/criterion.h>
#include <poll.h>
#include <pty.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

Terminal terminal_open(int columns, void (*child)(void *data), void *data) {
    return terminal_open_as("dumb", 25, columns, child, data);
}

Terminal terminal_open_as(const char *term, int rows, int columns, void (*child)(void *data), void *data) {
    Terminal terminal = {0};
    struct winsize size = {.ws_row = (unsigned short)rows, .ws_col = (unsigned short)columns};
    bytes_add(&terminal.seen, "", 0);
    tested_binary(); // fails here rather than in the child
    terminal.pid = forkpty(&terminal.fd, NULL, NULL, &size);
    cr_assert(terminal.pid >= 0);
    if (terminal.pid == 0) {
        setenv("TERM", term, 1);
        child(data);
        _exit(127);
    }
    return terminal;
}

void terminal_type(Terminal *terminal, const char *keys) {
    cr_assert(write(terminal->fd, keys, strlen(keys)) == (ssize_t)strlen(keys));
}

bool terminal_take(Terminal *terminal, double until) {
    struct pollfd slot = {terminal->fd, POLLIN, 0};
    double left = until - seconds_now();
    if (left <= 0 || poll(&slot, 1, (int)(left * 1000) + 1) <= 0) return false;
    char part[65536];
    ssize_t length = read(terminal->fd, part, sizeof part);
    if (length <= 0) return false;
    bytes_add(&terminal->seen, part, (size_t)length);
    return true;
}

void terminal_expect(Terminal *terminal, const char *text) {
    double until = seconds_now() + test_timeout();
    for (;;) {
        char *found = strstr(terminal->seen.data + terminal->used, text);
        if (found) {
            terminal->used = (size_t)(found - terminal->seen.data) + strlen(text);
            return;
        }
        cr_assert(terminal_take(terminal, until), "no \"%s\" in what came behind [%zu]:\n%s", text,
                  terminal->used, terminal->seen.data);
    }
}

int terminal_end(Terminal *terminal) {
    double until = seconds_now() + test_timeout();
    int status = -1;
    while (terminal_take(terminal, until)) {}
    while (waitpid(terminal->pid, &status, WNOHANG) == 0) {
        if (seconds_now() > until) {
            kill(terminal->pid, SIGKILL);
            cr_assert_fail("it did not end:\n%s", terminal->seen.data);
        }
        usleep(1000);
    }
    cr_expect(!strstr(terminal->seen.data, "Sanitizer"), "%s", terminal->seen.data);
    return status;
}

void terminal_free(Terminal *terminal) {
    close(terminal->fd);
    bytes_free(&terminal->seen);
}
