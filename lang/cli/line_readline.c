// lang/cli/line_readline.c
// Lines by GNU readline's callback interface. The only file with readline's headers.
//
// Keys, history, undo, search and pastes are readline's; what is seen is drawn by line_draw.c where the terminal can
// move its cursor ("rich"), because a statement of several lines, colours and output above the line are more than readline's own
// drawing is made for. Enter ends the line only where the statement is whole, so that it is edited, and comes out of the
// history, as one text. Keys that the user's inputrc has given to something else are left to it.
//
// Readline keeps its state in globals, so ours is static too: there is one terminal.
// Layer: command.
#include "lang/cli/line.h"

#include <ctype.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <readline/history.h>
#include <readline/readline.h>

#include "lang/cli/line_draw.h"

enum { HISTORY_LIMIT = 5000, INDENT = 4 };

static const TgLineHelp *help;
static const char *history_file;
static char *finished; // the line that was ended by Enter
static bool is_over, is_active, is_rich, is_prepared;
static bool is_hidden; // between hide and show
static bool is_last_drawing; // without what helps to edit

// ---- drawing -------------------------------------------------------------------------------------

static void size_of_terminal(int *columns, int *rows) {
    struct winsize size = {0};
    ioctl(1, TIOCGWINSZ, &size);
    *columns = size.ws_col > 3 ? size.ws_col : 80;
    *rows = size.ws_row > 1 ? size.ws_row : 24;
}

static void begin_drawing(void) {
    int columns, rows;
    size_of_terminal(&columns, &rows);
    rl_reset_screen_size(); // nobody told readline of a new size meanwhile
    if (is_rich) tg_draw_begin(columns, help->paint != NULL);
}

static void redisplay(void) {
    if (is_hidden) return;
    size_t length = (size_t)rl_end, cursor = (size_t)rl_point;
    unsigned char *styles = help->paint ? calloc(length + 1, 1) : NULL;
    if (styles) help->paint(help->data, rl_line_buffer, length, is_last_drawing ? length + 1 : cursor, styles);
    TgPicture picture = {.prompt = rl_display_prompt ? rl_display_prompt : "",
                         .more = ". ",
                         .text = rl_line_buffer,
                         .length = length,
                         .cursor = cursor,
                         .styles = styles};
    size_of_terminal(&picture.columns, &picture.rows);
    tg_draw(&picture);
    free(styles);
}

void tg_line_hide(void) {
    if (!is_active || is_hidden) return;
    is_hidden = true;
    if (is_rich) {
        tg_draw_hide();
        return;
    }
    rl_clear_visible_line();
    fflush(rl_outstream);
}

void tg_line_show(void) {
    if (!is_active || !is_hidden) return;
    is_hidden = false;
    if (!is_rich) rl_on_new_line();
    (*rl_redisplay_function)();
}

// ---- Enter and the keys of a text of several lines -----------------------------------------------

static int line_start(int at) {
    while (at > 0 && rl_line_buffer[at - 1] != '\n') at--;
    return at;
}

static int line_end(int at) {
    while (at < rl_end && rl_line_buffer[at] != '\n') at++;
    return at;
}

static bool is_blank(int from, int to) {
    for (; from < to; from++)
        if (!isspace((unsigned char)rl_line_buffer[from])) return false;
    return true;
}

// More is there already: a paste without brackets, or somebody who types ahead. What comes is taken as it is.
static bool is_input_waiting(void) {
    struct pollfd fd = {.fd = 0, .events = POLLIN};
    return poll(&fd, 1, 0) > 0;
}

static void insert_blanks(int count) {
    char blanks[256];
    if (count > (int)sizeof blanks - 1) count = sizeof blanks - 1;
    memset(blanks, ' ', (size_t)count);
    blanks[count] = '\0';
    rl_insert_text(blanks);
}

static int indented_at = -1; // where the blanks begin that insert_newline has put into the last line
static int indented_by;

// A new line, as far in as this one, or further behind an opening bracket.
static void insert_newline(void) {
    int start = line_start(rl_point), indent = 0, at = rl_point;
    while (start + indent < rl_point && rl_line_buffer[start + indent] == ' ') indent++;
    while (at > start && rl_line_buffer[at - 1] == ' ') at--;
    if (at > start && strchr("{([", rl_line_buffer[at - 1])) indent += INDENT;
    if (at == start && rl_point == rl_end) { // nothing was put behind the blanks
        rl_delete_text(start, rl_point);
        rl_point = start;
    }
    rl_insert_text("\n");
    if (is_input_waiting() || help->in_string(help->data, rl_line_buffer, (size_t)rl_point)) return;
    indented_at = rl_point;
    indented_by = indent;
    insert_blanks(indent);
}

// Two empty lines at the end: whoever is stuck wants to get out. In a String, or in what is pasted, they mean themselves.
static bool ends_in_blank_lines(void) {
    int start = line_start(rl_end);
    if (start == 0 || !is_blank(start, rl_end) || is_input_waiting()) return false;
    if (help->in_string(help->data, rl_line_buffer, (size_t)rl_end)) return false;
    int before = line_start(start - 1);
    return before > 0 && is_blank(before, start);
}

static void accept(void) {
    rl_point = rl_end;
    is_last_drawing = true;
    redisplay();
    is_last_drawing = false;
    tg_draw_leave();
    rl_done = 1;
}

static int key_enter(int count, int key) {
    if (!is_rich) return rl_newline(count, key);
    bool is_whole = is_blank(0, rl_end) || ends_in_blank_lines();
    if (is_whole || !help->unfinished(help->data, rl_line_buffer)) accept();
    else insert_newline();
    return 0;
}

// Alt-Enter
static int key_newline(int count, int key) {
    (void)count, (void)key;
    insert_newline();
    return 0;
}

// A closing brace that is the first of its line goes as far out as the line that it closes.
static int key_close(int count, int key) {
    int start = line_start(rl_point);
    bool is_ours = start == indented_at && rl_point == start + indented_by && is_blank(start, rl_point);
    if (is_ours && indented_by >= INDENT) {
        rl_delete_text(rl_point - INDENT, rl_point);
        rl_point -= INDENT;
    }
    return rl_insert(count, key);
}

// The same column in the line that holds `at`.
static int column_in(int at, int column) {
    int start = line_start(at), end = line_end(at);
    int there = start + column < end ? start + column : end;
    while (there > start && ((unsigned char)rl_line_buffer[there] & 0xC0) == 0x80) there--;
    return there;
}

static int key_up(int count, int key);
static int key_down(int count, int key);
static char *prefix; // what was typed before the arrows: entries that begin so are gone through; NULL: all

static void begin_search(void) {
    if (rl_last_func == key_up || rl_last_func == key_down) return;
    free(prefix);
    prefix = rl_point > 0 && line_end(0) == rl_end ? strndup(rl_line_buffer, (size_t)rl_point) : NULL;
}

// To the next entry in this direction that begins so; where there is none, back.
static void search(rl_command_func_t *step, rl_command_func_t *back, int key) {
    begin_search();
    for (int steps = 0;; steps++) {
        int before = where_history();
        step(1, key);
        if (where_history() == before) {
            while (steps-- > 0) back(1, key);
            return;
        }
        if (!prefix || strncmp(rl_line_buffer, prefix, strlen(prefix)) == 0) return;
    }
}

static int key_up(int count, int key) {
    (void)count;
    int start = line_start(rl_point);
    if (start > 0) {
        rl_point = column_in(start - 1, rl_point - start);
        return 0;
    }
    search(rl_get_previous_history, rl_get_next_history, key);
    rl_point = line_end(0); // the next one goes further back, not through its lines
    return 0;
}

static int key_down(int count, int key) {
    (void)count;
    int end = line_end(rl_point);
    if (end == rl_end) search(rl_get_next_history, rl_get_previous_history, key);
    else rl_point = column_in(end + 1, rl_point - line_start(rl_point));
    return 0;
}

static int key_home(int count, int key) {
    (void)count, (void)key;
    rl_point = line_start(rl_point);
    return 0;
}

static int key_end(int count, int key) {
    (void)count, (void)key;
    rl_point = line_end(rl_point);
    return 0;
}

static int key_kill_line(int count, int key) {
    (void)count, (void)key;
    int end = line_end(rl_point);
    if (end == rl_point && end < rl_end) end++;
    rl_kill_text(rl_point, end);
    return 0;
}

static int key_kill_back(int count, int key) {
    (void)count, (void)key;
    int start = line_start(rl_point);
    if (start == rl_point && start > 0) start--;
    int point = rl_point;
    rl_point = start;
    rl_kill_text(start, point);
    return 0;
}

static int key_clear(int count, int key) {
    if (!is_rich) return rl_clear_screen(count, key);
    tg_draw_clear();
    redisplay();
    return 0;
}

// ---- TAB -----------------------------------------------------------------------------------------

static void list(const TgCompletion *found) {
    int columns, rows;
    size_of_terminal(&columns, &rows);
    tg_line_hide();
    tg_draw_list((const char *const *)found->items, (int)found->count, columns, rows);
    tg_line_show();
}

static void insert_common(const TgCompletion *found) {
    size_t common = tg_completion_common(found);
    rl_begin_undo_group();
    rl_delete_text((int)found->start, rl_point);
    rl_point = (int)found->start;
    char *text = strndup(found->items[0], common);
    if (text) rl_insert_text(text);
    free(text);
    bool is_there = found->count == 1 && strncmp(rl_line_buffer + rl_point, found->after, strlen(found->after)) == 0;
    if (found->count == 1 && !is_there) rl_insert_text(found->after);
    rl_end_undo_group();
}

static int key_tab(int count, int key) {
    static bool was_ambiguous;
    (void)count, (void)key;
    int start = line_start(rl_point);
    TgCompletion found = {0};
    bool may = rl_point > start && !is_blank(start, rl_point);
    if (may) help->complete(help->data, rl_line_buffer, (size_t)rl_point, &found);
    if (found.count) {
        bool is_second = was_ambiguous && rl_last_func == key_tab;
        bool is_longer = tg_completion_common(&found) > (size_t)rl_point - found.start;
        if (found.count == 1 || is_longer) insert_common(&found);
        else if (is_second) list(&found);
        else rl_ding();
        was_ambiguous = found.count > 1;
    } else if (!may || isspace((unsigned char)rl_line_buffer[rl_point - 1])) {
        insert_blanks(INDENT - (rl_point - start) % INDENT);
    } else {
        rl_ding();
    }
    tg_completion_free(&found);
    return 0;
}

// ---- keys ----------------------------------------------------------------------------------------

// Where a key does what readline has it do by default it does ours; the user's own choice stays.
static void take_keys(Keymap map) {
    static const struct {
        const char *keys;
        rl_command_func_t *from, *to;
    } table[] = {
        {"\r", rl_newline, key_enter},          {"\n", rl_newline, key_enter},
        {"\t", rl_complete, key_tab},           {"\f", rl_clear_screen, key_clear},
        {"}", rl_insert, key_close},            {"\x1b\r", rl_vi_editing_mode, key_newline},
        {"\x1b[A", rl_get_previous_history, key_up}, {"\x1bOA", rl_get_previous_history, key_up},
        {"\x1b[B", rl_get_next_history, key_down},   {"\x1bOB", rl_get_next_history, key_down},
        {"\x01", rl_beg_of_line, key_home},     {"\x1b[H", rl_beg_of_line, key_home},
        {"\x1bOH", rl_beg_of_line, key_home},   {"\x1b[1~", rl_beg_of_line, key_home},
        {"\x05", rl_end_of_line, key_end},      {"\x1b[F", rl_end_of_line, key_end},
        {"\x1bOF", rl_end_of_line, key_end},    {"\x1b[4~", rl_end_of_line, key_end},
        {"\x0b", rl_kill_line, key_kill_line},  {"\x15", rl_unix_line_discard, key_kill_back},
    };
    for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
        bool of_rich = table[i].to != key_tab && table[i].to != key_enter;
        int type = ISFUNC;
        if (of_rich && !is_rich) continue;
        if (rl_function_of_keyseq(table[i].keys, map, &type) == table[i].from && type == ISFUNC)
            rl_bind_keyseq_in_map(table[i].keys, table[i].to, map);
    }
}

static char *no_names(const char *text, int state) { // what readline completes by itself would be files
    (void)text;
    (void)state;
    return NULL;
}

// Text is UTF-8, whatever the locale says.
static void speak_utf8(void) {
    rl_variable_bind("convert-meta", "off");
    rl_variable_bind("input-meta", "on");
    rl_variable_bind("output-meta", "on");
}

static bool can_draw(void) {
    const char *term = getenv("TERM");
    return isatty(0) && isatty(1) && term && *term && strcmp(term, "dumb") != 0;
}

// ---- a line --------------------------------------------------------------------------------------

static void on_line(char *line) {
    rl_callback_handler_remove(); // no second prompt; the terminal is as the script expects it
    if (!line) { // readline ends the line itself where pastes are told from typing
        const char *pastes = rl_variable_value("enable-bracketed-paste");
        if (!is_rich || !pastes || strcmp(pastes, "on") != 0) putchar('\n');
        fflush(stdout);
        tg_draw_forget();
    }
    is_active = false;
    finished = line;
    is_over = true;
}

void tg_line_open(const char *history, const TgLineHelp *asked) {
    help = asked;
    is_rich = can_draw();
    // Signals are the scheduler's: readline is told what happened, it does not listen itself.
    rl_catch_signals = 0;
    rl_catch_sigwinch = 0;
    rl_readline_name = "tg";
    rl_completion_entry_function = no_names;
    history_comment_char = '#'; // with time stamps entries may have several lines
    history_write_timestamps = 1;
    history_multiline_entries = 1;
    using_history();
    stifle_history(HISTORY_LIMIT);
    history_file = history;
    if (!history) return;
    int fd = open(history, O_CREAT | O_WRONLY | O_CLOEXEC, 0600); // so that it can be appended to
    if (fd >= 0) close(fd);
    read_history(history);
}

// Only once the first line is read: initializing asks the terminal's description.
static void prepare(void) {
    if (is_prepared) return;
    is_prepared = true;
    rl_variable_bind("enable-bracketed-paste", "on"); // some systems have it off; the user's inputrc is read after this
    rl_initialize();
    if (is_rich) rl_redisplay_function = redisplay; // not before: readline would ask no terminal's description then
    speak_utf8();
    static const char *const maps[] = {"emacs-standard", "vi-insert", "vi-command"};
    for (int i = 0; i < 3; i++) take_keys(rl_get_keymap_by_name(maps[i]));
}

void tg_line_begin(const char *prompt) {
    prepare();
    is_over = is_hidden = false;
    is_active = true;
    begin_drawing();
    rl_callback_handler_install(prompt, on_line);
}

TgLineEvent tg_line_take(char **line) {
    rl_callback_read_char();
    if (!is_over) return LINE_NONE;
    *line = finished;
    finished = NULL;
    return *line ? LINE_READY : LINE_END;
}

bool tg_line_is_whole(void) { return is_rich; }

bool tg_line_cancel(void) {
    bool was_typed = rl_end > 0;
    if (is_rich) {
        rl_point = rl_end;
        redisplay();
    }
    fputs("^C", stdout); // before readline leaves the line by a carriage return
    if (is_rich) tg_draw_leave();
    else putchar('\n');
    fflush(stdout);
    is_hidden = true; // what follows would draw it once more
    rl_free_line_state();
    rl_callback_sigcleanup(); // also out of a search or a numeric argument
    rl_replace_line("", 0);
    rl_callback_handler_remove();
    is_active = false;
    return was_typed;
}

void tg_line_suspend(void) {
    if (!is_active) return;
    if (is_rich) tg_draw_leave();
    rl_deprep_terminal();
}

void tg_line_resume(void) {
    if (!is_active) return;
    rl_prep_terminal(1);
    begin_drawing();
    if (!is_rich) rl_on_new_line();
    (*rl_redisplay_function)();
}

void tg_line_resize(void) {
    if (!is_active) return;
    if (!is_rich) {
        rl_resize_terminal();
        return;
    }
    int columns, rows;
    size_of_terminal(&columns, &rows);
    rl_reset_screen_size();
    tg_draw_rewrapped(columns);
    redisplay();
}

// ---- history and the end -------------------------------------------------------------------------

void tg_line_remember(const char *statement) {
    HIST_ENTRY *last = history_length ? history_get(history_base + history_length - 1) : NULL;
    if (last && strcmp(last->line, statement) == 0) return;
    add_history(statement);
    if (history_file) append_history(1, history_file); // at once: another session, or a crash, loses nothing
}

void tg_line_close(void) {
    if (is_active) { // a signal, or a task that called exit(): what comes next begins on its own line
        if (is_rich) tg_draw_leave();
        else putchar('\n');
        fflush(stdout);
        is_hidden = true;
        rl_callback_handler_remove();
    }
    is_active = false;
    free(prefix);
    prefix = NULL;
    if (history_file) history_truncate_file(history_file, HISTORY_LIMIT);
    clear_history();
}
