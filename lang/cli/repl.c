// lang/cli/repl.c
// A session: one module whose names stay, statement after statement. It survives every error and
// every Ctrl-C: at the prompt that clears what was typed, while a statement runs it interrupts this.
//
// The prompt waits in the VM's own reactor, where the signal handler's wake ends the wait: no press
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
#include "vm/string.h"

typedef struct {
    TgVM *vm;
    TgModule *module;
    TgSignals signals;
    TgBuffer typed;      // the statement so far
    char *history;       // path, or NULL
    int lines;           // of all statements so far: their numbers go on
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

// What signals ask for at the prompt. The bit first, then the counts: see host_signal.h.
static Got look_at_signals(Repl *repl) {
    atomic_fetch_and(&repl->vm->trap, ~(uint32_t)TRAP_SIGNAL);
    static const int ending[] = {TG_SIGTERM, TG_SIGHUP};
    for (int i = 0; i < 2; i++) {
        if (!tg_signals_take(&repl->signals, ending[i])) continue;
        repl->signal = ending[i];
        return GOT_SIGNAL;
    }
    tg_signals_take(&repl->signals, TG_SIGQUIT); // no task lives at the prompt
    return tg_signals_take(&repl->signals, TG_SIGINT) ? GOT_INTERRUPT : GOT_LINE;
}

// Waits for stdin or a signal. GOT_LINE: stdin can be read.
static Got wait_for_input(Repl *repl) {
    TgReactor *reactor = repl->vm->reactor;
    TgWatch *watch;
    bool ready = false;
    if (!reactor->watch(reactor, 0, false, on_ready, &ready, &watch)) return look_at_signals(repl);
    for (;;) {
        Got got = look_at_signals(repl);
        if (got != GOT_LINE) {
            if (!ready) reactor->unwatch(reactor, watch);
            return got;
        }
        if (ready) return GOT_LINE;
        reactor->wait(reactor, INFINITY);
    }
}

static Got read_line(Repl *repl, const char *prompt, char **line) {
    tg_line_begin(prompt);
    for (;;) {
        Got got = wait_for_input(repl);
        if (got == GOT_INTERRUPT) tg_line_cancel();
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

static bool is_blank(const char *text) { return text[strspn(text, " \t")] == '\0'; }

static void take_line(Repl *repl, const char *line) {
    if (!repl->typed.length && is_blank(line)) return;
    if (repl->typed.length) tg_buffer_text(&repl->typed, "\n");
    tg_buffer_text(&repl->typed, line);
    if (run_typed(repl, false)) tg_buffer_free(&repl->typed);
}

static void take_end(Repl *repl) {
    putchar('\n');
    fflush(stdout);
    if (repl->typed.length) run_typed(repl, true);
    repl->over = true;
}

static void loop(Repl *repl) {
    while (!repl->over && !repl->signal) {
        char *line = NULL;
        switch (read_line(repl, repl->typed.length ? ". " : "> ", &line)) {
        case GOT_LINE: take_line(repl, line); break;
        case GOT_INTERRUPT: tg_buffer_free(&repl->typed); break;
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
    printf("%s. Ctrl-D leaves.\n", version);
    repl.module = tg_host_module(repl.vm, "repl", NULL);
    repl.history = history_path();
    tg_host_signals_on(repl.vm, &repl.signals);
    tg_line_open(repl.history);
    loop(&repl);
    tg_line_close(repl.history);
    tg_host_signals_off(repl.vm, &repl.signals);
    tg_buffer_free(&repl.typed);
    free(repl.history);
    fflush(NULL);
    if (repl.signal) tg_die_of(repl.signal);
    tg_vm_free(repl.vm);
    return repl.status;
}
