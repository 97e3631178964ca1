// tests/test_limits.c
// What a run may use, and what it is shut out from: each limit is named in one line and status 4, however the script resists.
#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

#include "tests/support.h"

static void expect_end(const char *const *arguments, int status, const char *out, const char *err) {
    Ended ended = run_tg(NULL, arguments, NULL);
    const char *said = ended.err.data ? ended.err.data : "", *printed = ended.out.data ? ended.out.data : "";
    cr_expect(!ended.timed_out && ended.exit_status == status, "status %d, not %d: %s", ended.exit_status, status, said);
    cr_expect(!out || !strcmp(printed, out), "printed %s", printed);
    cr_expect(err ? strstr(said, err) != NULL : !*said, "said %s", said);
    const char *newline = strchr(said, '\n');
    cr_expect(status != 4 || (newline && !newline[1]), "not one line: %s", said);
    ended_free(&ended);
}
#define END(status, out, err, ...) expect_end((const char *const[]){__VA_ARGS__, NULL}, status, out, err)

static void run_all(const char *const *roots, size_t count, const char *const *flags) {
    ScriptList list = {0};
    for (size_t i = 0; i < count; i++) scripts_find(&list, roots[i]);
    ScriptMode mode = {.flags = flags, .jobs = 2, .out = stderr};
    size_t failed = scripts_run(&list, &mode), all = list.count;
    scripts_free(&list);
    cr_assert(all > 0, "no scripts found");
    cr_assert(failed == 0, "%zu of %zu scripts failed (above)", failed, all);
}

Test(limits, hostile_scripts_end_within_them) {
    setenv("TG_TEST_TIMEOUT", "120", 0); // time to be killed only
    run_all((const char *const[]){"tests/hostile"}, 1, NULL);
}

Test(limits, steps_are_exact) {
    END(0, "1000\n", NULL, "--max-steps=1000", "-e", "let n = 0; try { while true { n += 1 } } except LimitReached { print(n) }");
    END(0, "3000\n", NULL, "--max-steps=3000", "--slice=7", "-e", "let n = 0; try { while true { n += 1 } } except LimitReached { print(n) }");
    END(0, "done\n", NULL, "--max-steps=1000", "-e", "for i in 0..900 { }; print(\"done\")");
    END(4, "", "LimitReached at <-e>:1: the limit of --max-steps (1000 boundaries) is reached", "--max-steps=1000", "-e", "while true { }");
    END(4, "", "--max-steps (100000 ", "--max-steps=100000", "-e", "nursery { for i in 0..10 { spawn { while true { checkpoint() } } } }");
}

Test(limits, cleanup_runs_and_handlers_may_take_it) {
    END(4, "cleaned\n", "--max-steps", "--max-steps=1000", "-e", "try { while true { } } finally { print(\"cleaned\") }");
    END(4, "", "--max-steps", "--max-steps=1000", "-e", "try { while true { } } except { print(\"no Error\") }");
    END(0, "taken\n", NULL, "--max-steps=1000", "-e", "try { while true { } } except LimitReached { print(\"taken\") }");
    END(4, "cleaned\n", "went on", "--max-steps=1000", "-e",
        "try { while true { try { while true { } } except Exception { } } } finally { print(\"cleaned\") }");
}

Test(limits, time_is_that_of_the_run) {
    END(4, "3600.0\n", "--max-time (3600 s)", "--virtual-time", "--max-time=1h", "-e", "try { sleep(10h) } finally { print(now()) }");
    END(4, "", "--max-time", "--virtual-time", "--max-time=1h", "-e", "while true { }");
    END(4, "", "--max-time (0.1 s)", "--max-time=100ms", "-e", "sleep(100)");
    END(4, "", "--max-time (0.1 s)", "--max-time=100ms", "-e", "while true { }");
    END(4, "", "--max-time (0.1 s)", "--max-time=100ms", "-e", "nursery { spawn sleep(100); spawn { while true { } } }");
    END(0, "1\n", NULL, "--max-time=1min", "-e", "sleep(10ms); print(1)");
}

Test(limits, tasks_are_counted_while_they_live) {
    END(4, "", "--max-tasks (10 alive at once)", "--max-tasks=10", "-e", "nursery { for i in 0..10 { spawn sleep(1) } }");
    END(0, "ok\n", NULL, "--max-tasks=10", "-e", "for i in 0..100 { nursery { for i in 0..9 { spawn checkpoint() } } }; print(\"ok\")");
    END(0, "ok\n", NULL, "--max-tasks=2", "-e",
        "for i in 0..100 { nursery n { let t = spawn sleep(1h); checkpoint(); t.cancel() } }; print(\"ok\")");
}

Test(limits, output_stops_where_it_is_used_up) {
    END(4, "1234\n1234\n", "--max-output (12 bytes)", "--max-output=12", "-e", "while true { print(1234) }");
    END(0, "1234\n", NULL, "--max-output=5", "-e", "print(1234)");
}

Test(limits, options_that_make_no_sense) {
    static const char *const wrong[] = {"--max-steps=0", "--max-time=soon", "--max-time=0", "--max-time=-1s", "--max-tasks=x", "--max-output=1T"};
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        END(2, "", wrong[i], wrong[i], "-e", "");
    }
    END(2, "", "--sandbox", "--sandbox", "check", "x.tg");
}

Test(sandbox, what_it_forbids_says_so) {
    static const char *const texts[] = {"import fs",       "import net",          "import http", "import os",
                                        "import process",  "import \"x.tg\"",     "import io; io.open(\"/etc/passwd\")",
                                        "import time; time.local(0, \"Europe/Berlin\")"};
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) END(1, "", "--sandbox gives", "--sandbox", "-e", texts[i]);
    END(0, "EPERM nil\n", NULL, "--sandbox", "-e", "try { import fs } except PermissionError as e { print(e.code, e.path) }");
}

// Each script that has nothing to do with files, other programs and the net does as it does without.
Test(sandbox, all_else_works_in_it) {
    static const char *const roots[] = {
        "tests/conformance/assert",  "tests/conformance/barrier", "tests/conformance/bytes",      "tests/conformance/cancel",
        "tests/conformance/channel", "tests/conformance/classes", "tests/conformance/code",       "tests/conformance/csv",
        "tests/conformance/digests", "tests/conformance/each",    "tests/conformance/errors",     "tests/conformance/event",
        "tests/conformance/every",   "tests/conformance/gather",  "tests/conformance/interrupt",  "tests/conformance/json",
        "tests/conformance/lists",   "tests/conformance/log",     "tests/conformance/math",       "tests/conformance/meeting",
        "tests/conformance/nursery", "tests/conformance/random",  "tests/conformance/re",         "tests/conformance/scheduling",
        "tests/conformance/select",  "tests/conformance/shield",  "tests/conformance/signals",    "tests/conformance/statements",
        "tests/conformance/strings", "tests/conformance/tasks",   "tests/conformance/timeout",    "tests/conformance/values",
        "tests/conformance/with",
    };
    run_all(roots, sizeof roots / sizeof *roots, (const char *const[]){"--sandbox", NULL});
}
