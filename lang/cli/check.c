// lang/cli/check.c
// tg check. The script is compiled once; every run is a fork of that state under virtual time, with a press
// (or two, or a cancellation) ordered for certain boundaries. The child watches itself (vm/monitor.h) and
// sends a record; the parent judges it against the undisturbed run.
// Layer: command.
#include "lang/cli/check.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "lang/cli/doctor.h"
#include "lang/cli/host.h"
#include "lang/cli/schedules.h"
#include "vm/class.h"
#include "vm/monitor.h"
#include "vm/sched.h"

enum { NOTHING_FOUND = 0, FOUND = 1, CANNOT_RUN = 2, NOT_COMPLETE = 3 };
enum { SHOWN = 20, TEXT_MAX = 1 << 16 };

static const char check_help[] =
    "usage: tg check [options] file.tg [args...]\n"
    "\n"
    "Runs the script under virtual time once for each of its boundaries, with a Ctrl-C there, and says where\n"
    "a finally or exit did not run exactly once, a lock stayed held, an assert failed, an error came out that\n"
    "does not come without, or the run did not end.\n"
    "\n"
    "  --schedules       instead: every order of its tasks (tg check --schedules --help)\n"
    "  --interrupts      a Ctrl-C at each boundary (what it does if nothing is said)\n"
    "  --presses=2       and for each a second one at each boundary after it\n"
    "  --cancel          the main task is cancelled at each boundary, as by SIGTERM\n"
    "  --at=N[,M]        this run only\n"
    "  --max-runs=N      at most so many runs (100000); pairs of presses beyond it are drawn at random\n"
    "  --boundaries=N    of a script that does not end by itself: the first so many (2000)\n"
    "  --seed=N          of that drawing (1)\n"
    "  --seconds=N       of real time for one run (20)\n"
    "\n"
    "Exit status: 0 nothing found; 1 findings; 2 the script cannot be run; 3 a bound stopped it before it\n"
    "was complete, and it had found nothing.\n";

typedef struct {
    bool interrupts, cancel, pairs;
    uint64_t at[2];
    uint64_t max_runs, seed, seconds, boundaries;
    bool mutate;
    const char *file;
    char **args;
    int arg_count;
} Plan;

// What a run says of itself. `text` follows in the pipe.
typedef struct {
    int end; // TgRunEnd
    int status, signal;
    uint32_t findings, held;
    uint32_t line;        // where the press struck
    bool stopped;         // at --boundaries, before it had ended
    bool asserted;        // an AssertionError is in what came out
    uint64_t boundaries;
    char error[200];      // what came out, in short
    char why[1500];       // of a Deadlock, what the doctor says
    uint32_t text_length;
} Record;

typedef struct {
    Record record;
    char *text;     // findings
    int died_of;    // the child itself crashed
    bool timed_out;
} Run;

typedef struct {
    const Plan *plan;
    TgVM *vm;
    TgCode *code;
    Run base;
    uint64_t runs, findings;
} Check;

// ---- One run

static bool has_assertion(TgVM *vm, TgValue error) {
    if (!tg_is_exception(error)) return false;
    if (tg_class_is(tg_class_of(vm, error), vm->errors[TG_ERR_AssertionError])) return true;
    TgList *members = tg_error_members(vm, (TgException *)tg_as_obj(error));
    for (uint32_t i = 0; members && i < members->count; i++)
        if (has_assertion(vm, members->items[i])) return true;
    return false;
}

static void write_all(int fd, const void *data, size_t length) {
    for (const char *at = data; length > 0;) {
        ssize_t wrote = write(fd, at, length);
        if (wrote <= 0) return;
        at += wrote;
        length -= (size_t)wrote;
    }
}

// A program without an end is looked at for so long and no longer.
static void stop_child(TgVM *vm) {
    Record record = {.end = RUN_OK, .stopped = true, .boundaries = vm->sched->boundaries};
    record.line = vm->sched->struck_code ? vm->sched->struck_line : 0;
    write_all(*(int *)vm->stop_data, &record, sizeof record);
    _exit(0);
}

static _Noreturn void run_child(const Check *check, const uint64_t press[2], uint64_t cancel_at, int fd) {
    TgVM *vm = check->vm;
    if (!freopen("/dev/null", "r", stdin) || !freopen("/dev/null", "w", stdout) || !freopen("/dev/null", "w", stderr)) _exit(99);
    vm->options.press[0] = press[0];
    vm->options.press[1] = press[1];
    vm->options.cancel_at = cancel_at;
    vm->options.stop_at = check->plan->boundaries + press[0] + press[1] + cancel_at;
    vm->stop = stop_child;
    vm->stop_data = &fd;
    TgDoctor *doctor = tg_doctor_new(vm, NULL);
    TgOutcome outcome = tg_run(vm, check->code);
    Record record = {.end = outcome.end,
                     .status = outcome.status,
                     .signal = outcome.signal,
                     .boundaries = vm->sched->boundaries,
                     .line = vm->sched->struck_code ? vm->sched->struck_line : 0};
    TgBuffer text = {0};
    record.findings = tg_monitor_findings(vm, &text, &record.held);
    record.asserted = has_assertion(vm, outcome.error);
    if (tg_is_exception(outcome.error)) {
        TgException *error = (TgException *)tg_as_obj(outcome.error);
        snprintf(record.error, sizeof record.error, "%s: %s", error->instance.class_->name->data,
                 tg_error_message(vm, error)->data);
        bool is_deadlock = tg_class_is(error->instance.class_, vm->errors[TG_ERR_Deadlock]);
        if (is_deadlock && doctor) snprintf(record.why, sizeof record.why, "%s", tg_doctor_text(doctor));
    }
    record.text_length = (uint32_t)(text.length > TEXT_MAX ? TEXT_MAX : text.length);
    write_all(fd, &record, sizeof record);
    write_all(fd, text.data, record.text_length);
    _exit(0);
}

static size_t read_all(int fd, void *data, size_t length, double *seconds) {
    size_t got = 0;
    while (got < length) {
        struct pollfd poller = {.fd = fd, .events = POLLIN};
        int ready = poll(&poller, 1, 100);
        if (ready < 0 && errno != EINTR) break;
        if (ready == 0 && (*seconds -= 0.1) <= 0) break;
        if (ready <= 0) continue;
        ssize_t n = read(fd, (char *)data + got, length - got);
        if (n <= 0) break;
        got += (size_t)n;
    }
    return got;
}

static bool run_once(Check *check, uint64_t n, uint64_t m, uint64_t cancel_at, Run *run) {
    *run = (Run){0};
    int pipes[2];
    if (pipe(pipes) != 0) return false;
    fflush(NULL);
    pid_t child = fork();
    if (child < 0) return false;
    if (child == 0) {
        close(pipes[0]);
        run_child(check, (uint64_t[]){n, m}, cancel_at, pipes[1]);
    }
    close(pipes[1]);
    double seconds = (double)check->plan->seconds;
    size_t got = read_all(pipes[0], &run->record, sizeof run->record, &seconds);
    if (got == sizeof run->record) {
        run->text = calloc(1, run->record.text_length + 1);
        if (run->text) read_all(pipes[0], run->text, run->record.text_length, &seconds);
    } else if (seconds <= 0) {
        run->timed_out = true;
        kill(child, SIGKILL);
    }
    close(pipes[0]);
    int status = 0;
    while (waitpid(child, &status, 0) < 0 && errno == EINTR) {}
    if (got != sizeof run->record && !run->timed_out) run->died_of = WIFSIGNALED(status) ? WTERMSIG(status) : SIGABRT;
    check->runs++;
    return true;
}

// ---- Judging

// What the doctor says, below what was found.
static void say_why(const char *why) {
    for (const char *at = why; *at;) {
        size_t length = strcspn(at, "\n");
        printf("    %.*s\n", (int)length, at);
        at += length + (at[length] == '\n');
    }
}

static void report(Check *check, uint64_t n, uint64_t m, bool cancelled, const Run *run, const char *what) {
    if (++check->findings > SHOWN) return;
    const char *file = check->plan->file;
    printf("%s:%u: %s here (boundary %llu", file, run->record.line, cancelled ? "cancelled" : "interrupted",
           (unsigned long long)n);
    if (m) printf(", and again at %llu", (unsigned long long)m);
    printf("): %s", what);
    say_why(run->record.why);
    printf("    to see it: tg --virtual-time --%s=%llu", cancelled ? "cancel-at" : "press", (unsigned long long)n);
    if (m) printf(",%llu", (unsigned long long)m);
    printf(" %s\n", file);
}

static void report_lines(Check *check, uint64_t n, uint64_t m, bool cancelled, const Run *run) {
    char line[1024];
    for (const char *at = run->text; at && *at;) {
        size_t length = strcspn(at, "\n");
        snprintf(line, sizeof line, "%.*s\n", (int)length, at);
        report(check, n, m, cancelled, run, line);
        at += length + (at[length] == '\n');
    }
}

static void judge(Check *check, uint64_t n, uint64_t m, bool cancelled, const Run *run) {
    const Record *record = &run->record, *base = &check->base.record;
    char what[400];
    if (run->timed_out) {
        report(check, n, m, cancelled, run, "the run did not end\n");
        return;
    }
    if (run->died_of) {
        snprintf(what, sizeof what, "the interpreter itself died of signal %d\n", run->died_of);
        report(check, n, m, cancelled, run, what);
        return;
    }
    if (record->stopped) {
        if (!base->stopped) report(check, n, m, cancelled, run, "the run did not end\n");
        return;
    }
    if (record->findings > 0 || record->held > base->held) report_lines(check, n, m, cancelled, run);
    bool by_signal = record->end == RUN_SIGNAL && record->signal == (cancelled ? SIGTERM : SIGINT);
    // Where other programs run a run may have fewer boundaries than the one before.
    bool was_cancelled = cancelled && record->boundaries >= n;
    bool as_before = base->stopped ? record->end == RUN_OK : record->end == base->end && record->status == base->status && record->signal == base->signal;
    if (record->asserted && !base->asserted) {
        snprintf(what, sizeof what, "an assert failed: %s\n", record->error);
        report(check, n, m, cancelled, run, what);
    } else if (!by_signal && record->end != RUN_EXIT && (was_cancelled || (!as_before && record->end != RUN_OK))) {
        snprintf(what, sizeof what, "the exit status is wrong%s%s\n", record->error[0] ? ": it ended by " : "", record->error);
        report(check, n, m, cancelled, run, what);
    }
}

// ---- The plan

static bool try_one(Check *check, uint64_t n, uint64_t m, bool cancelled, uint64_t *boundaries) {
    Run run;
    if (!run_once(check, cancelled ? 0 : n, m, cancelled ? n : 0, &run)) return false;
    judge(check, n, m, cancelled, &run);
    if (boundaries) *boundaries = run.record.boundaries;
    free(run.text);
    return true;
}

static uint64_t next_random(uint64_t *state) {
    uint64_t z = *state += 0x9E3779B97F4A7C15ull;
    z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9ull;
    z = (z ^ (z >> 27)) * 0x94D049BB133111EBull;
    return z ^ (z >> 31);
}

// True: complete.
static bool try_all(Check *check, bool cancelled) {
    uint64_t total = check->base.record.boundaries;
    for (uint64_t n = 1; n <= total; n++) {
        if (check->runs > check->plan->max_runs) return false;
        if (!try_one(check, n, 0, cancelled, NULL)) return false;
    }
    return true;
}

static void try_pairs(Check *check) {
    const Plan *plan = check->plan;
    uint64_t total = check->base.record.boundaries, seed = plan->seed, pairs = 0;
    uint64_t *ends = calloc(total + 1, sizeof *ends);
    for (uint64_t n = 1; ends && n <= total; n++) {
        Run run;
        if (!run_once(check, n, 0, 0, &run)) break;
        ends[n] = run.record.boundaries > n ? run.record.boundaries : n;
        pairs += ends[n] - n;
        free(run.text);
    }
    uint64_t left = plan->max_runs > check->runs ? plan->max_runs - check->runs : 0;
    bool all = pairs <= left;
    if (!all)
        printf("tg check: %llu pairs of presses are more than --max-runs leaves; %llu are drawn with seed %llu\n",
               (unsigned long long)pairs, (unsigned long long)left, (unsigned long long)plan->seed);
    for (uint64_t n = 1; ends && n <= total; n++) {
        for (uint64_t m = n + 1; m <= ends[n]; m++) {
            if (!all && next_random(&seed) % pairs >= left) continue;
            if (!try_one(check, n, m, false, NULL)) break;
        }
    }
    free(ends);
}

static int finish(const Check *check, bool complete) {
    const Plan *plan = check->plan;
    if (check->findings > SHOWN) printf("… and %llu more findings\n", (unsigned long long)(check->findings - SHOWN));
    printf("tg check: %s: %llu boundaries, %llu runs, ", plan->file, (unsigned long long)check->base.record.boundaries,
           (unsigned long long)check->runs);
    if (check->findings)
        printf("%llu finding%s\n", (unsigned long long)check->findings, check->findings == 1 ? "" : "s");
    else
        printf("nothing found%s\n", complete                     ? ""
                                    : check->base.record.stopped ? "; the script does not end by itself (--boundaries)"
                                                                 : " so far: stopped by --max-runs");
    return check->findings ? FOUND : complete ? NOTHING_FOUND : NOT_COMPLETE;
}

static int run_plan(Check *check) {
    const Plan *plan = check->plan;
    if (!run_once(check, 0, 0, 0, &check->base)) return CANNOT_RUN;
    if (check->base.timed_out) {
        fprintf(stderr, "tg check: %s does not end in %llu s by itself\n", plan->file, (unsigned long long)plan->seconds);
        return NOT_COMPLETE;
    }
    if (check->base.record.why[0]) printf("tg check: %s ends in a Deadlock by itself\n", plan->file);
    say_why(check->base.record.why);
    if (check->base.died_of || check->base.record.findings) judge(check, 0, 0, false, &check->base);
    bool complete = !check->base.record.stopped;
    if (plan->at[0]) {
        try_one(check, plan->at[0], plan->at[1], plan->cancel, NULL);
    } else {
        if (plan->interrupts) complete = try_all(check, false) && complete;
        if (plan->cancel) complete = try_all(check, true) && complete;
        if (plan->pairs) try_pairs(check);
    }
    return finish(check, complete);
}

// ---- Options

static bool number(const char *argument, const char *name, uint64_t *out, char **rest) {
    size_t length = strlen(name);
    if (strncmp(argument, name, length) != 0 || argument[length] != '=') return false;
    *out = strtoull(argument + length + 1, rest, 10);
    return *out > 0;
}

static bool read_plan(Plan *plan, int argc, char **argv, int at) {
    for (; at < argc && argv[at][0] == '-'; at++) {
        char *rest = "";
        uint64_t presses = 0;
        if (!strcmp(argv[at], "--interrupts")) plan->interrupts = true;
        else if (!strcmp(argv[at], "--cancel")) plan->cancel = true;
#ifndef NDEBUG
        else if (!strcmp(argv[at], "--mutate")) plan->mutate = true;
#endif
        else if (number(argv[at], "--presses", &presses, &rest)) plan->pairs = presses == 2;
        else if (number(argv[at], "--at", &plan->at[0], &rest)) {
            if (*rest == ',') plan->at[1] = strtoull(rest + 1, &rest, 10);
        } else if (!number(argv[at], "--max-runs", &plan->max_runs, &rest) && !number(argv[at], "--boundaries", &plan->boundaries, &rest) && !number(argv[at], "--seed", &plan->seed, &rest) &&
                   !number(argv[at], "--seconds", &plan->seconds, &rest)) {
            fprintf(stderr, "tg check: %s: no such option\n%s", argv[at], check_help);
            return false;
        }
        if (*rest || presses > 2) {
            fprintf(stderr, "tg check: %s: needs a number\n", argv[at]);
            return false;
        }
    }
    if (at == argc) {
        fputs(check_help, stderr);
        return false;
    }
    if (!plan->cancel && !plan->pairs) plan->interrupts = true;
    plan->file = argv[at];
    plan->args = argv + at + 1;
    plan->arg_count = argc - at - 1;
    return true;
}

int tg_check(const TgCommand *command, int argc, char **argv) {
    if (tg_schedules_wanted(argc, argv, command->at)) return tg_schedules(command, argc, argv);
    Plan plan = {.max_runs = 100000, .boundaries = 2000, .seed = 1, .seconds = 20};
    if (command->at < argc && !strcmp(argv[command->at], "--help")) {
        fputs(check_help, stdout);
        return NOTHING_FOUND;
    }
    if (!read_plan(&plan, argc, argv, command->at)) return CANNOT_RUN;
    TgOptions options = command->vm;
    options.virtual_time = options.stepping = options.observed = true;
    options.late_boundary = plan.mutate;
    size_t length;
    char *text = tg_host_read(plan.file, &length), *error = NULL;
    if (!text) {
        fprintf(stderr, "tg check: %s: %s\n", plan.file, strerror(errno));
        return CANNOT_RUN;
    }
    TgVM *vm = tg_host_vm(&options, plan.args, plan.arg_count);
    if (!vm || !tg_monitor_new(vm, true)) return CANNOT_RUN;
    const char *slash = strrchr(plan.file, '/');
    TgModule *module = tg_host_module(vm, slash ? slash + 1 : plan.file, plan.file);
    TgScriptText script = {.file = plan.file, .text = text, .length = length};
    bool unfinished;
    TgCode *code = tg_host_compile(vm, module, &script, &error, &unfinished);
    int status = CANNOT_RUN;
    if (code) {
        vm->keep[0] = tg_obj(code);
        Check check = {.plan = &plan, .vm = vm, .code = code};
        status = run_plan(&check);
        free(check.base.text);
    } else if (error) {
        fputs(error, stderr);
    }
    free(error);
    free(text);
    tg_vm_free(vm);
    return status;
}
