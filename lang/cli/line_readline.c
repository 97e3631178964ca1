// lang/cli/line_readline.c
// Lines by GNU readline's callback interface. The only file with readline's headers.
//
// Readline keeps its state in globals, so ours is static too: there is one terminal.
// Layer: command.
#include "lang/cli/line.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <readline/history.h>
#include <readline/readline.h>

enum { HISTORY_LIMIT = 2000 };

static char *finished; // the line that was ended by Enter
static bool is_over, is_active;

static void on_line(char *line) {
    rl_callback_handler_remove(); // no second prompt; the terminal is as the script expects it
    is_active = false;
    finished = line;
    is_over = true;
}

void tg_line_open(const char *history) {
    // Signals are the scheduler's: readline is told what happened, it does not listen itself.
    rl_catch_signals = 0;
    rl_catch_sigwinch = 0;
    rl_readline_name = "tg";
    rl_initialize(); // before anything else of readline's is asked
    rl_bind_key('\t', rl_insert); // completion comes later; names of files are none
    history_comment_char = '#';   // with time stamps entries may have several lines
    history_write_timestamps = 1;
    history_multiline_entries = 1;
    using_history();
    stifle_history(HISTORY_LIMIT);
    if (history) read_history(history);
}

void tg_line_begin(const char *prompt) {
    is_over = false;
    is_active = true;
    rl_callback_handler_install(prompt, on_line);
    rl_reset_screen_size(); // nobody tells readline of a new size meanwhile
}

TgLineEvent tg_line_take(char **line) {
    rl_callback_read_char();
    if (!is_over) return LINE_NONE;
    *line = finished;
    finished = NULL;
    return *line ? LINE_READY : LINE_END;
}

void tg_line_hide(void) {
    if (!is_active) return;
    rl_clear_visible_line();
    fflush(rl_outstream);
}

void tg_line_show(void) {
    if (!is_active) return;
    rl_on_new_line();
    rl_redisplay();
}

bool tg_line_cancel(void) {
    bool was_typed = rl_end > 0;
    fputs("^C\n", stdout); // before readline leaves the line by a carriage return
    fflush(stdout);
    rl_free_line_state();
    rl_callback_sigcleanup(); // also out of a search or a numeric argument
    rl_replace_line("", 0);
    rl_callback_handler_remove();
    is_active = false;
    return was_typed;
}

void tg_line_remember(const char *statement) {
    HIST_ENTRY *last = history_length ? history_get(history_base + history_length - 1) : NULL;
    if (last && strcmp(last->line, statement) == 0) return;
    add_history(statement);
}

void tg_line_close(const char *history) {
    if (is_active) rl_callback_handler_remove();
    is_active = false;
    if (history) write_history(history);
    clear_history();
}
