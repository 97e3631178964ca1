// lang/cli/repl.c
// A session: one module whose names stay, statement after statement, and tasks that go on beside them, also
// while the user types. It survives every error and every Ctrl-C: at the prompt that clears what was typed, while
// a statement runs it interrupts this.
//
// The prompt waits in the VM's own scheduler, where the signal handler's wake ends the wait: no press
// falls between looking and waiting.
// Layer: command.
#include "lang/cli/repl.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "lang/cli/host.h"
#include "lang/cli/line.h"
#include "vm/api.h"
#include "vm/sched.h"
#include "vm/session.h"
#include "vm/string.h"

typedef struct {
    TgVM *vm;
    TgModule *module;
    TgSignals signals;
    TgBuffer typed;      // the statement so far
    char *history;       // path, or NULL
    int lines;           // of all statements so far: their numbers go on
    bool ready;          // stdin can be read
    bool had_text;       // the last Ctrl-C dropped some of a line
    bool pressed_empty;  // the last thing was a Ctrl-C at an empty prompt
    bool asked_to_end;   // the last thing was a Ctrl-D while tasks were running
    bool over;
    int status;
    int signal;          // to die of
} Repl;

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

// ---- reading -------------------------------------------------------------------------------------

static void on_ready(void *data) { *(bool *)data = true; }

static void around_output(bool before) { before ? tg_line_hide() : tg_line_show(); }

// Tasks of the session that have failed meanwhile.
static void report_failed(Repl *repl) {
    TgTask *task;
    while ((task = tg_session_failed(repl->vm)) != NULL) {
        tg_line_hide();
        bool is_interrupt = tg_class_of(repl->vm, task->result) == repl->vm->errors[TG_ERR_Interrupt];
        fprintf(stderr, "%s#%u %s\n", task->name->data, task->id, is_interrupt ? "was interrupted" : "failed:");
        if (!is_interrupt) tg_report(repl->vm, task->result, stderr);
        tg_line_show();
    }
}

static void show_tasks(Repl *repl) {
    TgBuffer text = {0};
    tg_sched_tree(repl->vm, &text);
    tg_line_hide();
    fwrite(text.data, 1, text.length, stdout);
    fflush(stdout);
    tg_line_show();
    tg_buffer_free(&text);
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
    if (tg_signals_take(&repl->signals, TG_SIGQUIT)) show_tasks(repl);
    return tg_signals_take(&repl->signals, TG_SIGINT) ? GOT_INTERRUPT : GOT_LINE;
}

static bool is_any_news(void *data) {
    Repl *repl = data;
    TgSched *sched = repl->vm->sched;
    bool pressed = false;
    for (int i = 0; i < TG_SIGNAL_LIMIT; i++) pressed |= atomic_load(&repl->signals.presses[i]) > 0;
    return repl->ready || pressed || sched->exit_called || sched->failed->count > 0;
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
        report_failed(repl);
        got = look_at_signals(repl);
    } while (got == GOT_LINE && !repl->ready);
    repl->vm->around_output = NULL;
    if (!repl->ready) reactor->unwatch(reactor, watch);
    return got;
}

static Got read_line(Repl *repl, const char *prompt, char **line) {
    tg_line_begin(prompt);
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

// ---- running -------------------------------------------------------------------------------------

static void show_value(Repl *repl, TgValue value) {
    if (tg_is_undef(value) || tg_is_nil(value)) return;
    char *text = tg_value_text(repl->vm, value);
    tg_out_flush(repl->vm, INFINITY);
    if (text) puts(text);
    free(text);
    tg_module_set(repl->vm, repl->module, "_", value);
}

static void run_code(Repl *repl, TgCode *code) {
    TgOutcome outcome = tg_run(repl->vm, code);
    tg_out_flush(repl->vm, INFINITY);
    bool interrupted = outcome.end == RUN_SIGNAL && outcome.signal == TG_SIGINT;
    if (!tg_is_undef(outcome.error)) tg_report(repl->vm, outcome.error, stderr);
    else if (interrupted) fputs("Interrupted\n", stderr);
    if (outcome.end == RUN_OK) show_value(repl, outcome.value);
    if (outcome.end == RUN_EXIT) {
        repl->over = true;
        repl->status = outcome.status;
    } else if (outcome.end == RUN_SIGNAL && !interrupted) {
        repl->signal = outcome.signal;
    }
    fflush(stdout);
}

// Runs what was typed, or asks for more: false. `is_last`: nothing more will come.
static bool run_typed(Repl *repl, bool is_last) {
    char *error;
    bool unfinished;
    TgScriptText text = {.file = "<repl>",
                         .first_line = repl->lines + 1,
                         .text = repl->typed.data,
                         .length = repl->typed.length,
                         .is_session = true,
                         .color = tg_host_color(stderr)};
    TgCode *code = tg_host_compile(repl->vm, repl->module, &text, &error, &unfinished);
    if (!code && unfinished && !is_last) {
        free(error);
        return false;
    }
    for (const char *at = repl->typed.data; at; at = strchr(at + 1, '\n')) repl->lines++;
    tg_line_remember(repl->typed.data);
    if (code) run_code(repl, code);
    else fputs(error ? error : "out of memory\n", stderr);
    free(error);
    return true;
}

// ---- commands ------------------------------------------------------------------------------------

static void interrupt_tasks(Repl *repl, const char *argument) {
    (void)argument;
    if (tg_session_count(repl->vm)) tg_session_interrupt(repl->vm);
    else puts("no task is running");
}

static void cancel_task(Repl *repl, const char *argument) {
    TgTask *task = tg_session_find(repl->vm, (uint32_t)strtoul(*argument == '#' ? argument + 1 : argument, NULL, 10));
    if (task) tg_task_cancel(repl->vm, task);
    else printf("no task has the number '%s'; :tasks shows them\n", argument);
}

static void list_tasks(Repl *repl, const char *argument) {
    (void)argument;
    if (tg_session_count(repl->vm)) show_tasks(repl);
    else puts("no task is running");
}

static void quit(Repl *repl, const char *argument) {
    (void)argument;
    repl->over = true;
}

static void show_help(Repl *repl, const char *argument);

typedef struct {
    const char *name, *argument, *help;
    void (*run)(Repl *repl, const char *argument);
} Command;

static const Command commands[] = {
    {"help", "", "this list", show_help},
    {"tasks", "", "the tasks that are running in the background", list_tasks},
    {"cancel", " ID", "cancel one of them", cancel_task},
    {"interrupt", "", "a Ctrl-C for all of them (so does Ctrl-C twice at an empty prompt)", interrupt_tasks},
    {"quit", "", "leave, as Ctrl-D does", quit},
};
enum { COMMAND_COUNT = sizeof commands / sizeof *commands };

static void show_help(Repl *repl, const char *argument) {
    (void)repl;
    (void)argument;
    puts("A line is run when its statement is complete; _ is the last result. `spawn f()` runs on in the background.");
    for (int i = 0; i < COMMAND_COUNT; i++)
        printf("  :%s%-*s %s\n", commands[i].name, (int)(14 - strlen(commands[i].name)), commands[i].argument, commands[i].help);
}

static void run_command(Repl *repl, const char *line) {
    size_t length = strcspn(line, " \t");
    const char *argument = line + length + strspn(line + length, " \t");
    tg_out_flush(repl->vm, 1);
    for (int i = 0; i < COMMAND_COUNT; i++) {
        if (strlen(commands[i].name) != length || memcmp(commands[i].name, line, length) != 0) continue;
        commands[i].run(repl, argument);
        fflush(stdout);
        return;
    }
    printf("there is no :%.*s; :help lists what there is\n", (int)length, line);
    fflush(stdout);
}

// ---- what comes from the keyboard ----------------------------------------------------------------

static bool is_blank(const char *text) { return text[strspn(text, " \t")] == '\0'; }

static void take_line(Repl *repl, const char *line) {
    if (!repl->typed.length && is_blank(line)) return;
    if (!repl->typed.length && *line == ':') {
        tg_line_remember(line);
        run_command(repl, line + 1);
        return;
    }
    if (repl->typed.length) tg_buffer_text(&repl->typed, "\n");
    tg_buffer_text(&repl->typed, line);
    if (run_typed(repl, false)) tg_buffer_free(&repl->typed);
}

// Twice in a row with nothing typed: for the tasks of the session.
static void take_interrupt(Repl *repl) {
    bool is_empty = !repl->had_text && repl->typed.length == 0;
    bool is_second = is_empty && repl->pressed_empty;
    tg_buffer_free(&repl->typed);
    repl->pressed_empty = is_empty && !is_second;
    if (is_second && tg_session_count(repl->vm)) tg_session_interrupt(repl->vm);
}

static void take_end(Repl *repl) {
    putchar('\n');
    fflush(stdout);
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
    tg_session_open(repl.vm);
    printf("%s. :help helps, Ctrl-D leaves.\n", version);
    repl.module = tg_host_module(repl.vm, "repl", NULL);
    repl.history = history_path();
    tg_host_signals_on(repl.vm, &repl.signals);
    tg_line_open(repl.history);
    loop(&repl);
    tg_line_close(repl.history);
    bool exits = repl.vm->sched->exit_called; // perhaps by a task at the prompt
    if (exits) repl.status = repl.vm->sched->exit_status;
    tg_session_close(repl.vm);
    report_failed(&repl);
    tg_host_signals_off(repl.vm, &repl.signals);
    tg_buffer_free(&repl.typed);
    free(repl.history);
    fflush(NULL);
    if (repl.signal) tg_die_of(repl.signal);
    tg_vm_free(repl.vm);
    return repl.status;
}
