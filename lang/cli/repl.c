// lang/cli/repl.c
// A session: one module whose names stay, statement after statement, and tasks that go on beside them, also
// while the user types. It survives every error and every Ctrl-C: at the prompt that clears what was typed, while
// a statement runs it interrupts this.
//
// The prompt waits in the VM's own scheduler, where the signal handler's wake ends the wait: no press
// falls between looking and waiting.
// Layer: command.
#include "lang/cli/repl.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "lang/cli/line_draw.h"
#include "lang/cli/paint.h"
#include "lang/cli/repl_impl.h"
#include "vm/api.h"
#include "vm/sched.h"
#include "vm/session.h"
#include "vm/unwind.h"

enum { NAMED = 3 }; // of many tasks so many are named

typedef enum { GOT_LINE, GOT_END, GOT_INTERRUPT, GOT_SIGNAL } Got;

// ---- history -------------------------------------------------------------------------------------

// $TG_HISTORY, else ~/.local/state/tg/history. NULL: none is kept.
static char *history_path(void) {
    const char *given = getenv("TG_HISTORY"), *home = getenv("HOME");
    if (given) return *given ? strdup(given) : NULL;
    if (!home || !*home) return NULL;
    TgBuffer path = {0};
    tg_buffer_text(&path, home);
    static const char *const parts[] = {"/.local", "/state", "/tg"};
    for (size_t i = 0; i < sizeof parts / sizeof *parts; i++) {
        tg_buffer_text(&path, parts[i]);
        mkdir(path.data, 0700); // most often it is there; if it fails nothing is kept
    }
    tg_buffer_text(&path, "/history");
    char *result = strdup(path.data);
    tg_buffer_free(&path);
    return result;
}

// ---- what the line editor asks -------------------------------------------------------------------

TgCompleteIn tg_repl_names(Repl *repl) { return (TgCompleteIn){repl->vm, repl->module, tg_repl_commands}; }

static bool is_command(const char *text) { return text[strspn(text, " \t")] == ':'; }

static bool is_unfinished(void *data, const char *text) {
    (void)data;
    return !is_command(text) && tg_repl_text_state(text) == TEXT_UNFINISHED;
}

static bool is_in_string(void *data, const char *text, size_t length) {
    (void)data;
    return tg_paint_in_string(text, length);
}

static void complete(void *data, const char *text, size_t cursor, TgCompletion *found) {
    TgCompleteIn in = tg_repl_names(data);
    tg_complete(&in, text, cursor, found);
}

static void paint(void *data, const char *text, size_t length, size_t cursor, unsigned char *styles) {
    (void)data;
    tg_paint(text, length, cursor, styles);
}

// ---- reading -------------------------------------------------------------------------------------

static void on_ready(void *data) { *(bool *)data = true; }

static void around_output(bool before) { before ? tg_line_hide() : tg_line_show(); }

// Tasks that ended alike, told in a line.
typedef struct {
    TgBuffer names; // of the first
    uint32_t count;
} Alike;

static void add_task(Alike *alike, const TgTask *task) {
    if (alike->count++ < NAMED)
        tg_buffer_format(&alike->names, "%s%s#%u", alike->names.length ? ", " : "", task->name->data, task->id);
}

// "a#1 was interrupted", or of many "1000 tasks were interrupted: a#1, a#2, a#3 ..."
static void say_how(Alike *alike, const char *one, const char *many) {
    const char *names = alike->names.data ? alike->names.data : "";
    if (alike->count == 1) fprintf(stderr, "%s %s\n", names, one);
    if (alike->count > 1) fprintf(stderr, "%u tasks %s: %s%s\n", alike->count, many, names, alike->count > NAMED ? " ..." : "");
    tg_buffer_free(&alike->names);
}

// Tasks of the session that have failed meanwhile; several errors as of one group, where equal ones are counted.
static void report_failed(Repl *repl) {
    TgVM *vm = repl->vm;
    if (!vm->sched->failed->count) return;
    Alike interrupted = {0}, failed = {0};
    TgList *errors = tg_list(vm, 0);
    for (TgTask *task; (task = tg_session_failed(vm)) != NULL;) {
        bool is_interrupt = tg_class_of(vm, task->result) == vm->errors[TG_ERR_Interrupt];
        add_task(is_interrupt ? &interrupted : &failed, task);
        if (!is_interrupt && !tg_list_push(vm, errors, task->result)) vm->raised = TG_UNDEF;
    }
    tg_line_hide();
    say_how(&failed, "failed:", "failed");
    if (errors->count) tg_report(vm, tg_group_of(vm, errors), stderr);
    say_how(&interrupted, "was interrupted", "were interrupted");
    tg_line_show();
}

// What signals ask for at the prompt. The bit first, then the counts: see host_signal.h.
static Got look_at_signals(Repl *repl) {
    if (repl->vm->sched->exit_called) return GOT_END; // by a task of the session
    atomic_fetch_and(&repl->vm->trap, ~(uint32_t)TRAP_SIGNAL);
    static const int ending[] = {TG_SIGTERM, TG_SIGHUP};
    for (int i = 0; i < 2; i++) {
        if (!tg_signals_take(&repl->signals, ending[i])) continue;
        repl->signal = ending[i];
        return GOT_SIGNAL;
    }
    if (tg_signals_take(&repl->signals, TG_SIGQUIT)) tg_repl_list_tasks(repl);
    return tg_signals_take(&repl->signals, TG_SIGINT) ? GOT_INTERRUPT : GOT_LINE;
}

// Ctrl-Z, fg, another size.
static void look_at_terminal(void) {
    unsigned came = tg_terminal_signals(false);
    if (came & TG_TERMINAL_STOP) {
        tg_line_suspend();
        tg_terminal_stop();
        tg_line_resume();
        tg_terminal_signals(false); // the going on is ours
    } else if (came & TG_TERMINAL_RESUMED) { // from a stop that cannot be caught
        tg_line_suspend();
        tg_line_resume();
    } else if (came & TG_TERMINAL_RESIZED) {
        tg_line_resize();
    }
}

static bool is_any_news(void *data) {
    Repl *repl = data;
    TgSched *sched = repl->vm->sched;
    bool pressed = tg_terminal_signals(true) != 0;
    for (int i = 0; i < TG_SIGNAL_LIMIT; i++) pressed |= atomic_load(&repl->signals.presses[i]) > 0;
    return repl->ready || pressed || sched->exit_called || sched->failed->count > 0;
}

typedef struct {
    const TgSched *sched;
    uint32_t left; // turns
} Round;

static bool is_round_over(void *data) {
    Round *round = data;
    return !round->sched->first || round->left-- == 0;
}

// Those that are to end now end together, so that they are told together.
static void run_round(Repl *repl) {
    Round round = {repl->vm->sched, tg_session_count(repl->vm)};
    tg_session_run(repl->vm, is_round_over, &round);
}

// Runs the session's tasks until stdin can be read (GOT_LINE) or a signal comes.
static Got wait_for_input(Repl *repl) {
    TgReactor *reactor = repl->vm->reactor;
    TgWatch *watch;
    repl->ready = false;
    if (!reactor->watch(reactor, 0, false, on_ready, &repl->ready, &watch)) return look_at_signals(repl);
    repl->vm->around_output = around_output;
    Got got;
    do {
        tg_session_run(repl->vm, is_any_news, repl);
        if (repl->vm->sched->failed->count) run_round(repl);
        report_failed(repl);
        look_at_terminal();
        got = look_at_signals(repl);
    } while (got == GOT_LINE && !repl->ready);
    repl->vm->around_output = NULL;
    if (!repl->ready) reactor->unwatch(reactor, watch);
    return got;
}

static Got edit_line(Repl *repl, char **line) {
    for (;;) {
        Got got = wait_for_input(repl);
        if (got == GOT_INTERRUPT) repl->had_text = tg_line_cancel();
        if (got != GOT_LINE) return got;
        switch (tg_line_take(line)) {
        case LINE_READY: return GOT_LINE;
        case LINE_END: return GOT_END;
        case LINE_NONE: break;
        }
    }
}

// Ctrl-Z is ours as long as the terminal is: a statement is stopped by it at once.
static Got read_line(Repl *repl, const char *prompt, char **line) {
    tg_terminal_signals_on(repl->vm->reactor);
    tg_line_begin(prompt);
    Got got = edit_line(repl, line);
    tg_terminal_signals_off();
    if (tg_terminal_signals(false) & TG_TERMINAL_STOP) tg_terminal_stop(); // one that came together with Enter
    return got;
}

// ---- what comes from the keyboard ----------------------------------------------------------------

static bool is_blank(const char *text) { return text[strspn(text, " \t\n")] == '\0'; }

// Runs what was typed, or asks for more: false. `is_last`: nothing more will come.
static bool run_typed(Repl *repl, bool is_last) {
    bool unfinished;
    TgValue value;
    TgCode *code = tg_repl_compile(repl, repl->typed.data, repl->typed.length, !is_last, &unfinished);
    if (unfinished) return false;
    tg_line_remember(repl->typed.data);
    if (code && tg_repl_run(repl, code, &value)) tg_repl_show(repl, value);
    fflush(stdout);
    return true;
}

// Two empty lines in a row: whoever is stuck in a statement wants to get out.
static bool is_stuck(const TgBuffer *typed) {
    bool ends_empty = typed->length >= 2 && strcmp(typed->data + typed->length - 2, "\n\n") == 0;
    return ends_empty && !tg_paint_in_string(typed->data, typed->length);
}

// What people type by itself, to get out or to begin; unless the session has something of that name. NULL: it is none.
static const char *advice_on(Repl *repl, const char *line) {
    static const char leaving[] = "Ctrl-D or :quit leaves";
    static const struct {
        const char *word, *advice;
    } known[] = {
        {"exit", leaving},
        {"quit", leaving},
        {"help", "help() tells how to begin, help(print) what print is; :help lists the commands of the REPL"},
        {"clear", "Ctrl-L clears the screen"},
    };
    for (size_t i = 0; i < sizeof known / sizeof *known; i++)
        if (strcmp(line, known[i].word) == 0)
            return tg_is_undef(tg_module_get(repl->module, tg_string_c(repl->vm, line))) ? known[i].advice : NULL;
    return NULL;
}

// "print?" and "?print", as in IPython; "a ??" is none of these.
static bool asks_what(Repl *repl, const char *line) {
    size_t length = strlen(line);
    bool is_before = *line == '?', is_behind = length > 1 && line[length - 1] == '?';
    if (is_before == is_behind) return false;
    char *name = strndup(line + is_before, length - 1);
    bool is_name = name && *name && !strpbrk(name, "? \t\n()\"'#");
    if (is_name) {
        tg_line_remember(line);
        tg_repl_doc(repl, name);
    }
    free(name);
    return is_name;
}

// What is no statement of the language, and stands by itself.
static bool take_word(Repl *repl, const char *line) {
    const char *advice = advice_on(repl, line);
    if (is_command(line)) {
        tg_line_remember(line);
        tg_repl_command(repl, strchr(line, ':') + 1);
    } else if (advice) {
        puts(advice);
    } else if (!asks_what(repl, line)) {
        return false;
    }
    fflush(stdout);
    return true;
}

static void take_line(Repl *repl, const char *line) {
    if (!repl->typed.length && is_blank(line)) return;
    if (!repl->typed.length && take_word(repl, line)) return;
    if (repl->typed.length) tg_buffer_text(&repl->typed, "\n");
    tg_buffer_text(&repl->typed, line);
    if (run_typed(repl, tg_line_is_whole() || is_stuck(&repl->typed))) tg_buffer_free(&repl->typed);
}

void tg_repl_interrupt(Repl *repl) {
    tg_session_interrupt(repl->vm);
    run_round(repl);
}

// Twice in a row with nothing typed: for the tasks of the session.
static void take_interrupt(Repl *repl) {
    bool is_empty = !repl->had_text && repl->typed.length == 0;
    bool is_second = is_empty && repl->pressed_empty;
    tg_buffer_free(&repl->typed);
    repl->pressed_empty = is_empty && !is_second;
    if (is_second && tg_session_count(repl->vm)) tg_repl_interrupt(repl);
}

static void take_end(Repl *repl) {
    if (repl->typed.length) {
        run_typed(repl, true);
        tg_buffer_free(&repl->typed);
    }
    uint32_t count = tg_session_count(repl->vm);
    if (count && !repl->asked_to_end && !repl->vm->sched->exit_called) {
        printf("%u task%s still running (:tasks shows): Ctrl-D again cancels and leaves\n", count, count == 1 ? " is" : "s are");
        fflush(stdout);
        repl->asked_to_end = true;
        return;
    }
    repl->over = true;
}

static void loop(Repl *repl) {
    while (!repl->over && !repl->signal) {
        char *line = NULL;
        report_failed(repl);
        Got got = read_line(repl, repl->typed.length ? ". " : "> ", &line);
        if (got != GOT_END) repl->asked_to_end = false;
        if (got != GOT_INTERRUPT) repl->pressed_empty = false;
        switch (got) {
        case GOT_LINE: take_line(repl, line); break;
        case GOT_INTERRUPT: take_interrupt(repl); break;
        case GOT_END: take_end(repl); break;
        case GOT_SIGNAL: break;
        }
        free(line);
    }
}

int tg_repl(const TgCommand *command, const char *version) {
    Repl repl = {.vm = tg_host_vm(&command->vm, command->args, command->arg_count)};
    if (!repl.vm) {
        fprintf(stderr, "tg: out of memory\n");
        return 2;
    }
    tg_draw_speak_utf8();
    tg_session_open(repl.vm);
    printf("%s. :help helps, Ctrl-D leaves.\n", version);
    repl.module = tg_host_module(repl.vm, "repl", NULL);
    repl.history = history_path();
    tg_host_signals_on(repl.vm, &repl.signals);
    TgLineHelp help = {&repl, is_unfinished, is_in_string, complete, tg_host_color(stdout) ? paint : NULL};
    tg_line_open(repl.history, &help);
    loop(&repl);
    tg_line_close();
    bool exits = repl.vm->sched->exit_called; // perhaps by a task at the prompt
    if (exits) repl.status = repl.vm->sched->exit_status;
    tg_session_close(repl.vm, repl.signal);
    repl.signal = repl.vm->sched->end_signal;
    report_failed(&repl);
    tg_host_signals_off(repl.vm, &repl.signals);
    tg_buffer_free(&repl.typed);
    tg_repl_forget_modules(&repl);
    free(repl.history);
    fflush(NULL);
    tg_vm_free(repl.vm);
    if (repl.signal) tg_die_of(repl.signal);
    return repl.status;
}
