// lang/cli/schedules.c
// Passes with a growing number of preemptions, until one leaves nothing out: then all is tried.
// Layer: command.
#include "lang/cli/schedules.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "lang/cli/host.h"
#include "lang/cli/schedules_impl.h"
#include "vm/sched.h"

enum { NOTHING_FOUND = 0, CANNOT_RUN = 2, NOT_COMPLETE = 3, BOUNDS = 4, SIMPLIFIED_MAX = 20 };

static const char schedules_help[] =
    "usage: tg check --schedules [options] file.tg [args...]\n"
    "\n"
    "Runs the script under virtual time by every order of its tasks that can matter, and says which errors,\n"
    "failed asserts, deadlocks and different outputs some of them lead to: with the simplest schedule, told.\n"
    "\n"
    "  --preemptions=N   no more than N switches away from a task that could have gone on\n"
    "  --max-runs=N      at most so many runs (100000)\n"
    "  --seconds=N       at most so many seconds (60)\n"
    "  --boundaries=N    a run of more boundaries does not end (20000)\n"
    "  --any-output      outputs may differ; the order of prints is not explored\n"
    "  --interrupts      for each schedule also a Ctrl-C at each boundary\n"
    "  --schedule=TOKEN  this schedule only: its output, how it ended, and what happened\n"
    "  --at=N            with --schedule: with a Ctrl-C at that boundary\n"
    "\n"
    "Exit status: 0 nothing found; 1 findings; 2 the script cannot be run; 3 a bound stopped it before it\n"
    "was complete, and it had found nothing.\n";

bool tg_schedules_wanted(int argc, char **argv, int at) {
    for (; at < argc && argv[at][0] == '-'; at++)
        if (!strcmp(argv[at], "--schedules") || !strncmp(argv[at], "--schedule=", 11)) return true;
    return false;
}

// ---- The search

static double now(void) {
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return (double)time.tv_sec + (double)time.tv_nsec * 1e-9;
}

static bool may_go_on(Search *search) {
    if (search->stopped_by) return false;
    if (search->runs >= search->plan->max_runs) search->stopped_by = "--max-runs";
    else if (now() - search->began > search->plan->seconds) search->stopped_by = "--seconds";
    return !search->stopped_by;
}

// The same schedule with a Ctrl-C at each of its boundaries.
static void try_presses(Search *search, const TgDeviations *last) {
    TgDeviations how = {.count = last->count};
    how.items = malloc((how.count + 1) * sizeof *how.items);
    if (!how.items) return;
    if (how.count) memcpy(how.items, last->items, how.count * sizeof *how.items);
    uint64_t boundaries = search->vm->sched->boundaries;
    for (uint64_t at = 1; at <= boundaries && may_go_on(search); at++) {
        search->vm->options.press[0] = at;
        Result result = schedules_run(search, &how);
        search->presses++;
        schedules_judge_press(search, &result, at);
        schedules_result_free(&result);
    }
    search->vm->options.press[0] = 0;
    free(how.items);
}

// False: it cannot be gone on with.
static bool look_at(Search *search, Result *result) {
    if (result->explored == EXPLORED_DIVERGED) search->stopped_by = "what is not determined: the script does not do the same each time";
    if (result->explored == EXPLORED_TOO_MANY) search->stopped_by = "its size: more than 224 tasks, 60,000 steps or 512 MB";
    if (result->explored == EXPLORED || result->explored == EXPLORED_ENDLESS) {
        search->schedules++;
        schedules_judge(search, result);
    }
    return !search->stopped_by;
}

static void run_pass(Search *search, uint32_t bound) {
    TgDpor *dpor = tg_explorer_dpor(search->vm->explorer);
    if (!may_go_on(search)) return; // what is told is of the pass before
    tg_dpor_begin_pass(dpor, bound);
    search->bound = bound;
    search->schedules = 0;
    bool is_over = false;
    while (!is_over && may_go_on(search)) {
        Result result = schedules_run(search, NULL);
        bool goes_on = look_at(search, &result);
        is_over = !tg_dpor_next(dpor);
        if (goes_on && search->plan->interrupts && result.explored == EXPLORED)
            try_presses(search, tg_explore_deviations(search->vm->explorer));
        schedules_result_free(&result);
    }
    search->progress = is_over ? 1 : tg_dpor_progress(dpor);
    search->complete = is_over && !search->stopped_by && !tg_dpor_was_bounded(dpor);
}

static void search_all(Search *search) {
    static const uint32_t bounds[BOUNDS] = {0, 1, 2, UINT32_MAX};
    uint64_t most = search->plan->preemptions;
    for (int i = 0; i < BOUNDS && !search->complete && !search->stopped_by; i++) {
        if (search->plan->brute) i = BOUNDS - 1;
        uint32_t bound = i == BOUNDS - 1 && most < UINT32_MAX ? (uint32_t)most : bounds[i];
        if (bound > most) bound = (uint32_t)most;
        run_pass(search, bound);
        if (bound == most && !search->complete && !search->stopped_by) search->stopped_by = "--preemptions";
    }
}

// The script's thousand runs read nothing, and write nothing among what is told. Gives what was there.
static void set_aside(int kept[2]) {
    int nothing = open("/dev/null", O_RDWR | O_CLOEXEC);
    for (int i = 0; i < 2; i++) {
        kept[i] = fcntl(i * 2, F_DUPFD_CLOEXEC, 3); // stdin, stderr
        if (nothing >= 0) dup2(nothing, i * 2);
    }
    if (nothing >= 0) close(nothing);
}

static void put_back(const int kept[2]) {
    for (int i = 0; i < 2; i++) {
        if (kept[i] < 0) continue;
        dup2(kept[i], i * 2);
        close(kept[i]);
    }
}

static int explore(Search *search) {
    static const TgDeviations natural = {0};
    search->began = now();
    search->base = schedules_run(search, &natural);
    if (search->plan->token) return schedules_replay(search);
    search->runs = 0;
    if (search->base.explored == EXPLORED_ENDLESS) search->stopped_by = "--boundaries";
    search_all(search);
    if (search->finding_count <= SIMPLIFIED_MAX) schedules_simplify(search);
    return schedules_report(search);
}

// ---- Options

static bool number(const char *argument, const char *name, uint64_t *out) {
    size_t length = strlen(name);
    char *rest;
    if (strncmp(argument, name, length) != 0 || argument[length] != '=') return false;
    *out = strtoull(argument + length + 1, &rest, 10);
    return !*rest && argument[length + 1];
}

static bool read_option(Plan *plan, const char *argument) {
    uint64_t seconds;
    if (!strcmp(argument, "--schedules")) return true;
    if (!strcmp(argument, "--any-output")) return plan->any_output = true;
    if (!strcmp(argument, "--interrupts")) return plan->interrupts = true;
    if (!strcmp(argument, "--brute")) return plan->brute = true;       // for tests: without reduction,
    if (!strcmp(argument, "--outcomes")) return plan->outcomes = true; // and a line for each way to end
    if (!strncmp(argument, "--schedule=", 11)) return plan->token = argument + 11, true;
    if (number(argument, "--seconds", &seconds)) return plan->seconds = (double)seconds, true;
    return number(argument, "--preemptions", &plan->preemptions) || number(argument, "--max-runs", &plan->max_runs) ||
           number(argument, "--at", &plan->at) ||
           number(argument, "--boundaries", &plan->boundaries);
}

static bool check_token(const char *token) {
    TgDeviations how;
    bool is_one = schedules_read_token(token, &how);
    free(how.items);
    if (!is_one)
        fprintf(stderr, "tg check: --schedule=%s is no schedule: it is what tg check --schedules says, as b12:3,w4:1\n", token);
    return is_one;
}

static bool read_plan(Plan *plan, int argc, char **argv, int at) {
    for (; at < argc && argv[at][0] == '-'; at++) {
        if (read_option(plan, argv[at])) continue;
        fprintf(stderr, "tg check: %s: no such option with --schedules, or it needs a number\n%s", argv[at], schedules_help);
        return false;
    }
    if (at == argc) {
        fputs(schedules_help, stderr);
        return false;
    }
    if (plan->token && !check_token(plan->token)) return false;
    plan->file = argv[at];
    plan->args = argv + at + 1;
    plan->arg_count = argc - at - 1;
    return true;
}

static TgCode *compile(TgVM *vm, const Plan *plan, TgModule **module) {
    size_t length;
    char *text = tg_host_read(plan->file, &length), *error = NULL;
    if (!text) {
        fprintf(stderr, "tg check: %s: %s\n", plan->file, strerror(errno));
        return NULL;
    }
    const char *slash = strrchr(plan->file, '/');
    *module = tg_host_module(vm, slash ? slash + 1 : plan->file, plan->file);
    TgScriptText script = {.file = plan->file, .text = text, .length = length};
    bool unfinished;
    TgCode *code = tg_host_compile(vm, *module, &script, &error, &unfinished);
    if (!code && error) fputs(error, stderr);
    if (code) vm->keep[0] = tg_obj(code);
    free(error);
    free(text);
    return code;
}

int tg_schedules(const TgCommand *command, int argc, char **argv) {
    Plan plan = {.max_runs = 100000, .boundaries = 20000, .preemptions = UINT32_MAX, .seconds = 60};
    for (int i = command->at; i < argc && argv[i][0] == '-'; i++) {
        if (strcmp(argv[i], "--help") != 0) continue;
        fputs(schedules_help, stdout);
        return NOTHING_FOUND;
    }
    if (!read_plan(&plan, argc, argv, command->at)) return CANNOT_RUN;
    TgOptions options = command->vm;
    options.virtual_time = options.stepping = true;
    TgVM *vm = tg_host_vm(&options, plan.args, plan.arg_count);
    TgModule *module;
    TgCode *code = vm ? compile(vm, &plan, &module) : NULL;
    int status = CANNOT_RUN;
    if (code && tg_explorer_new(vm, module, !plan.any_output, plan.brute)) {
        Search search = {.plan = &plan, .vm = vm, .code = code};
        int kept[2];
        set_aside(kept);
        status = explore(&search);
        put_back(kept);
        schedules_free(&search);
    }
    tg_vm_free(vm);
    return status;
}
