// lang/cli/main.c
// The tg command: reads its options, runs a script, a text or the REPL, and ends with its status or by its signal.
// Layer: command, top.
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "lang/cli/check.h"
#include "lang/cli/doctor.h"
#include "lang/cli/dump.h"
#include "lang/cli/explain.h"
#include "lang/cli/host.h"
#include "lang/cli/options.h"
#include "lang/cli/repl.h"
#include "lang/cli/replay.h"
#include "lang/cli/sandbox.h"
#include "lang/cli/test.h"
#include "lang/cli/trace.h"
#include "vm/gc.h"
#include "vm/outside.h"

enum { STATUS_ERROR = 1, STATUS_CANNOT_RUN = 2, STATUS_LIMIT = 4 };

static int cannot_read(const char *path, int why) {
    fprintf(stderr, "tg: %s: %s\n", path, strerror(why));
    if (why != ENOENT) return STATUS_CANNOT_RUN;
    char with_ending[4096];
    snprintf(with_ending, sizeof with_ending, "%s.tg", path);
    FILE *file = fopen(with_ending, "r");
    if (file) {
        fprintf(stderr, "there is a %s\n", with_ending);
        fclose(file);
    }
    return STATUS_CANNOT_RUN;
}

// What the VM holds of the world outside (child processes) does not outlive it, whatever it dies of.
static _Noreturn void die_of(TgVM *vm, int signal) {
    TgWorld *world = vm->world;
    tg_vm_leave(vm);
    tg_world_free(world);
    tg_die_of(signal);
}

// The signal that is what the process ends of, or 0. Nothing is lost, not even what came after the last line: first our handlers
// go, then what they have counted is looked at.
static int ending_signal(TgVM *vm, TgSignals *signals, const TgOutcome *outcome) {
    static const int ending[] = {TG_SIGINT, TG_SIGTERM, TG_SIGHUP};
    fflush(NULL);
    tg_host_signals_off(vm, signals);
    if (outcome->end == RUN_SIGNAL) return outcome->signal;
    for (size_t i = 0; i < sizeof ending / sizeof *ending; i++) {
        if (tg_signals_take(signals, ending[i])) return ending[i];
    }
    return 0;
}

static int status_of(const TgVM *vm, const TgOutcome *outcome) {
    if (vm->out_error && outcome->end == RUN_OK) {
        fprintf(stderr, "tg: the output could not be written: %s\n", strerror(vm->out_error));
        return STATUS_ERROR;
    }
    switch (outcome->end) {
    case RUN_EXIT: return outcome->status;
    case RUN_ERROR: return STATUS_ERROR;
    case RUN_LIMIT: return STATUS_LIMIT;
    default: return 0;
    }
}

// How to see it again.
static void offer_seed(const TgVM *vm, const TgOutcome *outcome) {
    if (!vm->options.shuffle || (outcome->end != RUN_ERROR && outcome->end != RUN_LIMIT)) return;
    fprintf(stderr, "tg: tasks ran in the order of --seed=%llu: with it they do so again\n", (unsigned long long)vm->options.shuffle);
}

// The run ends by a limit whose error the script took, and went on.
static void say_limit(const TgVM *vm) {
    char text[200];
    tg_limits_say(vm, text, sizeof text);
    if (*text) fprintf(stderr, "LimitReached: %s; the script went on, and was broken off\n", text);
}

// Not even cleanup that was broken off ends.
static void end_by_limit(TgVM *vm) {
    tg_out_try(vm);
    tg_outside_settle(vm);
    say_limit(vm);
    fflush(NULL);
    int status = tg_world_end(vm->world, STATUS_LIMIT);
    tg_vm_free(vm);
    _exit(status);
}

// Behind the time itself, so that the clock says so too when the alarm comes.
#define ALARM_LATE 0.002

static int run(TgVM *vm, TgCode *code, const TgCommand *command) {
    TgSignals signals = {0};
    tg_host_signals_on(vm, &signals);
    vm->limits.end = end_by_limit;
    bool is_timed = vm->options.max_time > 0 && !vm->options.virtual_time && !tg_world_replays(vm);
    if (is_timed) tg_signals_alarm(&signals, vm->options.max_time + ALARM_LATE, tg_limits_room(vm), STATUS_LIMIT);
    if (command->trace) tg_trace_begin(command->trace, vm);
    TgDoctor *doctor = command->doctor ? tg_doctor_new(vm, stderr) : NULL;
    TgOutcome outcome = tg_run(vm, code);
    // Whatever the end is: an error that nobody took is shown.
    if (!tg_is_undef(outcome.error)) tg_report(vm, outcome.error, stderr);
    if (outcome.end == RUN_LIMIT && !tg_limit_of(vm, outcome.error)) say_limit(vm);
    offer_seed(vm, &outcome);
    tg_gc_report(vm, stderr);
    tg_doctor_free(doctor);
    bool is_drawn = !command->trace || tg_trace_end(command->trace, vm);
    int signal = ending_signal(vm, &signals, &outcome);
    int status = tg_world_end(vm->world, signal ? -signal : status_of(vm, &outcome));
    if (status < 0) die_of(vm, -status);
    return is_drawn || outcome.end != RUN_OK ? status : STATUS_ERROR;
}

// From here on, where that is wanted, the world outside is shut out. False: it cannot be, and the script is not run.
static bool is_closed(const TgOptions *options) {
    const char *why;
    if (!options->sandbox) return true;
    tzset(); // what the local time is stands in a file
    if (tg_sandbox_close(&why)) return true;
    fprintf(stderr, "tg: --sandbox cannot be had here: %s\n", why);
    return false;
}

// Says where the first of the messages is explained.
static void offer_page(const char *error) {
    static const char mark[] = "error TG";
    const char *at = strstr(error, mark);
    if (at) fprintf(stderr, "(tg explain TG%.4s says more)\n", at + strlen(mark));
}

static int run_text(const TgCommand *command, const char *file, const char *path, const char *text,
                    size_t length) {
    TgOptions options;
    if (!tg_record_begin(command, file, path, text, length, &options)) return STATUS_CANNOT_RUN;
    TgVM *vm = tg_host_vm(&options, command->args, command->arg_count);
    if (!vm) {
        fprintf(stderr, "tg: out of memory\n");
        return STATUS_CANNOT_RUN;
    }
    tg_replay_ready(vm);
    const char *slash = path ? strrchr(path, '/') : NULL;
    TgModule *module = tg_host_module(vm, slash ? slash + 1 : path ? path : "main", path);
    TgScriptText script = {
        .file = file, .text = text, .length = length, .color = tg_host_color(stderr)};
    int status = STATUS_CANNOT_RUN;
    if (command->dump) {
        status = tg_dump(vm, module, &script, command->dump);
    } else {
        char *error;
        bool unfinished;
        TgCode *code = tg_host_compile(vm, module, &script, &error, &unfinished);
        if (!code) fputs(error ? error : "tg: out of memory\n", stderr), tg_world_end(vm->world, status);
        else status = is_closed(&command->vm) ? run(vm, code, command) : STATUS_CANNOT_RUN;
        if (error && isatty(2)) offer_page(error);
        free(error);
    }
    tg_vm_leave(vm);
    if (command->record) tg_world_free(options.world);
    return status;
}

static int run_file(const TgCommand *command) {
    const char *path = command->action == DO_FILE ? command->script : NULL;
    size_t length;
    char *text = tg_host_read(path, &length);
    if (!text) return cannot_read(path ? path : "stdin", errno);
    int status = run_text(command, path ? path : "<stdin>", path, text, length);
    free(text);
    return status;
}

// A standard descriptor that is closed would be given to whatever is opened first.
static void keep_standard_descriptors(void) {
    for (int fd = 0; fd < 3; fd++)
        if (fcntl(fd, F_GETFD) < 0 && errno == EBADF) (void)!open("/dev/null", O_RDONLY);
}

int main(int argc, char **argv) {
    keep_standard_descriptors();
    TgCommand command;
    const char *problem, *culprit;
    if (!tg_command_parse(&command, argc, argv, &problem, &culprit)) {
        fprintf(stderr, "tg: %s: %s\n%s", culprit, problem, tg_usage);
        return STATUS_CANNOT_RUN;
    }
    command.version = TG_VERSION;
    switch (command.action) {
    case DO_HELP: printf("%s%s", tg_usage, tg_help); return 0;
    case DO_VERSION: puts("tg " TG_VERSION); return 0;
    case DO_TEXT:
        return run_text(&command, "<-e>", NULL, command.script, strlen(command.script));
    case DO_CHECK: return tg_check(&command, argc, argv);
    case DO_TEST: return tg_test(&command, argc, argv);
    case DO_TRACE: {
        int status;
        if (tg_trace_parse(&command, argc, argv, &status)) {
            bool is_text = command.action == DO_TEXT;
            status = is_text ? run_text(&command, "<-e>", NULL, command.script, strlen(command.script)) : run_file(&command);
        }
        tg_trace_free(command.trace);
        return status;
    }
    case DO_REPLAY: return tg_replay(&command, argc, argv, run_text);
    case DO_EXPLAIN: return tg_explain(argc, argv, command.at);
    case DO_REPL: return tg_repl(&command, "tg " TG_VERSION);
    default: return run_file(&command);
    }
}
