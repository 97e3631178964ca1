// lang/cli/line_plain.c
// Lines as the terminal gives them, for builds without readline (make READLINE=no).
// Layer: command.
#include "lang/cli/line.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static char *typed; // read and not yet given out
static size_t typed_length;

void tg_line_open(const char *history, const TgLineHelp *help) {
    (void)history;
    (void)help;
}

static const char *shown_prompt = ""; // of the line that is being typed; "": none is
static bool is_hidden;

void tg_line_begin(const char *prompt) {
    shown_prompt = prompt;
    is_hidden = false;
    fputs(prompt, stdout);
    fflush(stdout);
}

static char *cut_line(size_t length, size_t used) {
    shown_prompt = "";
    char *line = strndup(typed, length);
    typed_length -= used;
    memmove(typed, typed + used, typed_length);
    return line;
}

static TgLineEvent at_end(void) {
    shown_prompt = "";
    putchar('\n');
    fflush(stdout);
    return LINE_END;
}

TgLineEvent tg_line_take(char **line) {
    char *newline = typed_length ? memchr(typed, '\n', typed_length) : NULL;
    if (!newline) {
        char part[4096];
        ssize_t length = read(0, part, sizeof part);
        if (length < 0) return errno == EINTR || errno == EAGAIN ? LINE_NONE : at_end();
        if (length == 0) {
            if (!typed_length) return at_end();
            *line = cut_line(typed_length, typed_length);
            return *line ? LINE_READY : LINE_END;
        }
        char *more = realloc(typed, typed_length + (size_t)length);
        if (!more) return LINE_END;
        typed = more;
        memcpy(typed + typed_length, part, (size_t)length);
        typed_length += (size_t)length;
        newline = memchr(typed, '\n', typed_length);
        if (!newline) return LINE_NONE;
    }
    size_t length = (size_t)(newline - typed);
    *line = cut_line(length, length + 1);
    return *line ? LINE_READY : LINE_END;
}

// What is typed the terminal shows by itself, and nobody can show it again: output comes below it, then the prompt.
void tg_line_hide(void) {
    if (!*shown_prompt || is_hidden) return;
    is_hidden = true;
    putchar('\n');
    fflush(stdout);
}

void tg_line_show(void) {
    if (!is_hidden) return;
    is_hidden = false;
    fputs(shown_prompt, stdout);
    fflush(stdout);
}

void tg_line_suspend(void) {}
void tg_line_resume(void) {}
void tg_line_resize(void) {}
bool tg_line_is_whole(void) { return false; }

bool tg_line_cancel(void) {
    bool was_typed = typed_length > 0;
    typed_length = 0;
    shown_prompt = "";
    fputs("\n", stdout); // the terminal has shown ^C
    fflush(stdout);
    return was_typed;
}

void tg_line_remember(const char *statement) { (void)statement; }

void tg_line_close(void) {
    free(typed);
    typed = NULL;
    typed_length = 0;
}
