// lang/cli/test.c
// tg test: its command line, the files in turn, the exit status.
// Layer: command.
#include "lang/cli/test.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "lang/cli/host.h"
#include "lang/cli/test_impl.h"

enum { ALL_PASSED = 0, NOT_ALL = 1, CANNOT_RUN = 2 };

static const char test_help[] =
    "usage: tg test [options] [file.tg or directory ...]\n"
    "\n"
    "Runs the tests of the files: their blocks test \"name\" { ... }. Of a directory (the present one where none is\n"
    "named) those files are taken that are named *_test.tg or test_*.tg or hold such a block.\n"
    "\n"
    "  -k TEXT           only tests with TEXT in their name\n"
    "  -v, --show        every test by name, and what it printed\n"
    "  --list            the tests there are; runs none\n"
    "  --fail-fast       stop at the first that fails\n"
    "  --timeout=60s     of real time for one test: 90s, 500ms, 2min\n"
    "  --real-time       all tests by the real clock (one: test \"name\" real { ... })\n"
    "  --seed=N          of the random numbers, the same for each test (1)\n"
    "  --junit=FILE      writes the results as JUnit XML too\n"
    "\n"
    "Exit status: 0 all passed; 1 some did not, or there are none; 2 a file or option cannot be read.\n";

// ---- the command line

static bool read_seconds(const char *text, double *out) {
    static const struct {
        const char *unit;
        double seconds;
    } units[] = {{"", 1}, {"s", 1}, {"ms", 1e-3}, {"min", 60}, {"h", 3600}};
    char *end;
    double number = strtod(text, &end);
    if (end == text || !(number > 0) || number > 1e6) return false;
    for (size_t i = 0; i < sizeof units / sizeof *units; i++) {
        if (strcmp(end, units[i].unit) != 0) continue;
        *out = number * units[i].seconds;
        return true;
    }
    return false;
}

static bool read_seed(const char *text, uint64_t *out) {
    char *end;
    errno = 0;
    *out = strtoull(text, &end, 10);
    return text[0] >= '0' && text[0] <= '9' && !*end && !errno && *out > 0;
}

// The value of `--name=value` or `--name value`; NULL where argv[*at] is another option. *value NULL: it has none.
static bool option(char **argv, int argc, int *at, const char *name, const char **value) {
    size_t length = strlen(name);
    if (strncmp(argv[*at], name, length) != 0) return false;
    *value = argv[*at][length] == '=' ? argv[*at] + length + 1 : NULL;
    if (argv[*at][length] && !*value) return false;
    if (!*value && *at + 1 < argc) *value = argv[++*at];
    return true;
}

// What is wrong with the option at argv[*at], or NULL.
static const char *read_option(TestPlan *plan, int argc, char **argv, int *at) {
    const char *value;
    if (!strcmp(argv[*at], "--help") || !strcmp(argv[*at], "-h")) plan->is_help = true;
    else if (!strcmp(argv[*at], "-v") || !strcmp(argv[*at], "--show")) plan->shows_all = true;
    else if (!strcmp(argv[*at], "--list")) plan->list = true;
    else if (!strcmp(argv[*at], "--fail-fast")) plan->fail_fast = true;
    else if (!strcmp(argv[*at], "--real-time")) plan->real_time = true;
    else if (option(argv, argc, at, "-k", &value)) {
        plan->filter = value;
        return value ? NULL : "needs a part of a test's name";
    } else if (option(argv, argc, at, "--junit", &value)) {
        plan->junit = value;
        return value ? NULL : "needs a file";
    } else if (option(argv, argc, at, "--timeout", &value)) {
        return value && read_seconds(value, &plan->timeout) ? NULL : "needs a time, as 60s";
    } else if (option(argv, argc, at, "--seed", &value)) {
        return value && read_seed(value, &plan->vm.seed) ? NULL : "needs a number from 1 on";
    } else {
        return "no such option";
    }
    return NULL;
}

// Options and paths may stand in any order.
static bool read_plan(TestPlan *plan, int argc, char **argv, int at) {
    bool are_paths = false;
    for (; at < argc; at++) {
        if (!are_paths && !strcmp(argv[at], "--")) {
            are_paths = true;
        } else if (are_paths || argv[at][0] != '-') {
            plan->paths[plan->path_count++] = argv[at];
        } else {
            const char *name = argv[at], *problem = read_option(plan, argc, argv, &at);
            if (!problem) continue;
            fprintf(stderr, "tg test: %s: %s\n%s", name, problem, test_help);
            return false;
        }
    }
    return true;
}

bool tg_test_wanted(const TestPlan *plan, const char *name) { return !plan->filter || strcasestr(name, plan->filter); }

// ---- the run

static int list_all(const TestPlan *plan, const TestFiles *files) {
    uint32_t count = 0;
    bool is_good = true;
    for (uint32_t i = 0; i < files->count; i++) is_good &= tg_test_list(plan, files->items[i], &count);
    if (!count && is_good) fprintf(stderr, "tg test: there are no tests%s\n", plan->filter ? " of that name" : "");
    return !is_good ? CANNOT_RUN : count ? ALL_PASSED : NOT_ALL;
}

static double seconds_now(void) {
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return (double)time.tv_sec + (double)time.tv_nsec * 1e-9;
}

static void results_free(TestResults *results) {
    for (uint32_t i = 0; i < results->count; i++) {
        free(results->items[i].name);
        free(results->items[i].report);
        free(results->items[i].output);
    }
    free(results->items);
}

static int run_all(const TestPlan *plan, const TestFiles *files) {
    TestSession session = {.plan = plan};
    double start = seconds_now();
    tg_test_watch_signals();
    for (uint32_t i = 0; i < files->count && !session.wants_no_more; i++) {
        uint32_t from = session.results.count;
        tg_test_run(&session, files->items[i]);
        tg_test_show_file(&session, files->items[i], from);
    }
    session.seconds = seconds_now() - start;
    tg_test_show_summary(&session);
    bool is_written = !plan->junit || tg_test_write_junit(&session);
    uint32_t bad = tg_test_count(&session, TEST_FAILED) + tg_test_count(&session, TEST_STOPPED);
    uint32_t unreadable = tg_test_count(&session, TEST_UNREADABLE);
    bool is_empty = !session.results.count;
    results_free(&session.results);
    if (session.stopped_by) {
        fflush(NULL);
        tg_die_of(session.stopped_by);
    }
    if (unreadable || !is_written) return CANNOT_RUN;
    return bad || is_empty ? NOT_ALL : ALL_PASSED;
}

int tg_test(const TgCommand *command, int argc, char **argv) {
    TestPlan plan = {.vm = command->vm, .timeout = 60, .color = tg_host_color(stdout), .is_terminal = isatty(1)};
    if (!plan.vm.seed) plan.vm.seed = 1;
    plan.paths = calloc((size_t)argc + 1, sizeof *plan.paths);
    TestFiles files = {0};
    int status = CANNOT_RUN;
    if (plan.paths && read_plan(&plan, argc, argv, command->at)) {
        if (plan.is_help) {
            fputs(test_help, stdout);
            status = ALL_PASSED;
        } else if (tg_test_find(&plan, &files)) {
            status = plan.list ? list_all(&plan, &files) : run_all(&plan, &files);
        }
    }
    for (uint32_t i = 0; i < files.count; i++) free(files.items[i]);
    free(files.items);
    free(plan.paths);
    return status;
}
