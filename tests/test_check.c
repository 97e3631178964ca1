// tests/test_check.c
// tg check over all examples and the scripts about exceptions, tasks and interrupts: a Ctrl-C and a cancellation at every
// boundary, no finally skipped, no exit lost, no crash. And that it can fail: programs with a hole, and a VM with a
// boundary in the wrong place, have to be reported.
#include <criterion/criterion.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tests/support.h"

static Ended check(const char *path, const char *const *options) {
    const char *arguments[16] = {"check"};
    int count = 1;
    while (*options) arguments[count++] = *options++;
    const char *slash = strrchr(path, '/');
    char directory[4096];
    snprintf(directory, sizeof directory, "%.*s", (int)(slash - path), path);
    arguments[count++] = slash + 1;
    arguments[count] = NULL;
    return run_tg(directory, arguments, NULL);
}

static bool says(const Ended *ended, const char *text) { return ended->out.data && strstr(ended->out.data, text); }

// What no script may show, whatever it is about. Those that acquire by hand to show something may keep a lock.
static bool is_sound(const char *path, const Ended *ended) {
    static const char *const never[] = {"did not run", "had no exit", "not entered, or twice", "interpreter itself",
                                        "did not end", "an assert failed"};
    for (size_t i = 0; i < sizeof never / sizeof *never; i++)
        if (says(ended, never[i])) return false;
    if (!says(ended, "still held")) return true;
    Bytes text = {0};
    bool by_hand = bytes_read(&text, path) && strstr(text.data, "acquire()");
    bytes_free(&text);
    return by_hand;
}

Test(check, nothing_is_lost_at_any_boundary, .timeout = 600) {
    static const char *const areas[] = {"exceptions", "with",      "nursery", "tasks",   "cancel",    "timeout", "shield",
                                        "channel",    "select",    "lock",    "semaphore", "event",   "condition", "barrier",
                                        "gather",     "race",      "each",    "retry",   "every",     "interrupt", "scheduling", "signals",
                                        "receivers",  "imports",   "bytes"};
    static const char *const options[] = {"--interrupts", "--cancel", "--boundaries=150", MOST_RUNS(400), NULL};
    ScriptList list = {0};
    char root[256];
    for (size_t i = 0; i < sizeof areas / sizeof *areas; i++) {
        snprintf(root, sizeof root, "tests/conformance/%s", areas[i]);
        cr_assert(scripts_find(&list, root), "%s", root);
    }
    size_t failed = 0;
    for (size_t i = 0; i < list.count; i++) {
        Ended ended = check(list.paths[i], options);
        if (!is_sound(list.paths[i], &ended)) {
            fprintf(stderr, "FAIL %s\n%s", list.paths[i], ended.out.data);
            failed++;
        }
        ended_free(&ended);
    }
    cr_expect(failed == 0, "%zu of %zu scripts (above)", failed, list.count);
    scripts_free(&list);
}

// Each run to its end, so that what lives for a `with` has to be gone.
Test(check, files_and_folders_are_left_by_nobody, .timeout = 600) {
    static const char *const options[] = {"--interrupts", "--cancel", "--boundaries=5000", MOST_RUNS(150), NULL};
    char room[] = "/tmp/tg-check-XXXXXX";
    cr_assert(mkdtemp(room));
    setenv("TMPDIR", room, 1);
    setenv("TG_TEST_TIMEOUT", "120", 1); // one that is killed leaves what it has made
    ScriptList list = {0};
    cr_assert(scripts_find(&list, "tests/conformance/io") && scripts_find(&list, "tests/conformance/fs") &&
              scripts_find(&list, "tests/conformance/net") && scripts_find(&list, "tests/conformance/code"));
    for (size_t i = 0; i < list.count; i++) {
        Ended ended = check(list.paths[i], options);
        cr_expect(says(&ended, "nothing found"), "%s:\n%s", list.paths[i], ended.out.data);
        ended_free(&ended);
        cr_assert(rmdir(room) == 0, "%s left something in %s", list.paths[i], room);
        cr_assert(mkdir(room, 0700) == 0);
    }
    scripts_free(&list);
    rmdir(room);
}

Test(check, the_examples_are_clean, .timeout = 600) {
    setenv("TG_TEST_TIMEOUT", "120", 1); // hundreds of runs each, some of other programs too
    static const char *const options[] = {"--interrupts", "--cancel", "--boundaries=500", MOST_RUNS(100000), NULL};
    ScriptList list = {0};
    cr_assert(scripts_find(&list, "examples"));
    for (size_t i = 0; i < list.count; i++) {
        Ended ended = check(list.paths[i], options);
        cr_expect(ended.exit_status == 0 || ended.exit_status == 3, "%s:\n%s", list.paths[i], ended.out.data);
        cr_expect(says(&ended, "nothing found"), "%s:\n%s", list.paths[i], ended.out.data);
        ended_free(&ended);
    }
    scripts_free(&list);
}

// ---- It can fail

static Ended check_text(const char *text, const char *const *options) {
    char path[] = "/tmp/tg-check-XXXXXX.tg";
    int fd = mkstemps(path, 3);
    cr_assert(fd >= 0 && write(fd, text, strlen(text)) == (ssize_t)strlen(text));
    close(fd);
    Ended ended = check(path, options);
    unlink(path);
    return ended;
}

static void expect_found(const char *text, const char *const *options, const char *finding) {
    Ended ended = check_text(text, options);
    cr_expect(ended.exit_status == 1, "status %d for\n%s\n%s", ended.exit_status, text, ended.out.data);
    cr_expect(says(&ended, finding), "no '%s' for\n%s\n%s", finding, text, ended.out.data);
    ended_free(&ended);
}

static void expect_clean(const char *text, const char *const *options) {
    Ended ended = check_text(text, options);
    cr_expect(ended.exit_status == 0, "status %d for\n%s\n%s%s", ended.exit_status, text, ended.out.data, ended.err.data);
    ended_free(&ended);
}

static const char *const plain[] = {"--interrupts", "--cancel", NULL};

#define GUARDED                                                                                    \
    "let m = lock()\n"                                                                             \
    "fn work() {\n"                                                                                \
    "    m.acquire()\n"                                                                            \
    "    try { checkpoint() } finally { m.release() }\n"                                           \
    "}\n"                                                                                          \
    "nursery { spawn work(); spawn work() }\n"

Test(check, a_missing_finally_is_found) {
    expect_clean(GUARDED, plain);
    expect_found("let m = lock()\n"
                 "fn work() { m.acquire(); checkpoint(); m.release() }\n"
                 "nursery { spawn work(); spawn work() }\n",
                 plain, "a lock is still held at the end");
}

Test(check, a_missing_with_is_found) {
    expect_clean("let s = semaphore(2)\nfn work() { with s { checkpoint() } }\nnursery { spawn work(); spawn work() }\n", plain);
    expect_found("let s = semaphore(2)\nfn work() { s.acquire(); checkpoint(); s.release() }\nnursery { spawn work() }\n", plain,
                 "a semaphore is still held at the end");
}

Test(check, a_missing_shield_is_found) {
    const char *shielded = "let begun = 0\nlet done = 0\n"
                           "fn pair() { shield { begun += 1; checkpoint(); done += 1 } }\n"
                           "try { nursery { spawn pair(); spawn pair() } } finally { assert(begun == done, \"half done\") }\n";
    expect_clean(shielded, plain);
    expect_found("let begun = 0\nlet done = 0\n"
                 "fn pair() { begun += 1; checkpoint(); done += 1 }\n"
                 "try { nursery { spawn pair(); spawn pair() } } finally { assert(begun == done, \"half done\") }\n",
                 plain, "an assert failed");
}

Test(check, a_boundary_just_after_a_call_is_found) {
    static const char *const mutated[] = {"--mutate", "--interrupts", NULL};
    expect_found(GUARDED, mutated, "a lock is still held at the end");
    expect_found("let s = semaphore(1)\nfn work() { s.acquire()\n try { checkpoint() } finally { s.release() } }\nnursery { spawn work() }\n",
                 mutated, "a semaphore is still held at the end");
    expect_found("let ch = channel(1)\nlet got = []\nch.send(1)\nlet v = ch.receive()\ngot.push(v)\n", mutated,
                 "what an operation gave (a message, say) is lost");
}

Test(check, a_second_press_breaks_cleanup_by_hand) {
    static const char *const twice[] = {"--presses=2", NULL};
    expect_found(GUARDED, twice, "a lock is still held at the end");
    expect_clean("let m = lock()\nfn work() { with m { checkpoint() } }\nnursery { spawn work(); spawn work() }\n", twice);
}

Test(check, a_deadlock_is_explained) {
    expect_found("let done = event()\n"
                 "nursery {\n"
                 "    spawn { try { sleep(1) } except Interrupt { return nil }; done.set() }\n"
                 "    try { done.wait() } except Interrupt { done.wait() }\n"
                 "}\n",
                 plain, "Nobody has set the event made at");
    Ended ended = check_text("let m = lock()\nwith m { nursery { spawn { with m { } } } }\n", plain);
    cr_expect(says(&ended, "ends in a Deadlock by itself") && says(&ended, "These wait for each other in a circle:"), "%s", ended.out.data);
    ended_free(&ended);
}

Test(check, statuses) {
    Ended ended = check_text("let x = \n", plain);
    cr_expect(ended.exit_status == 2, "%d", ended.exit_status);
    ended_free(&ended);
    ended = check_text("while true { }\n", (const char *const[]){"--boundaries=50", NULL});
    cr_expect(ended.exit_status == 3, "%d: %s", ended.exit_status, ended.out.data);
    ended_free(&ended);
}

// However two presses fall, an import is whole or begins anew: nobody waits for one that is gone.
Test(check, presses_leave_no_import_half_done) {
    const char *script = "tests/conformance/imports/interrupted_one_runs_anew.tg";
    for (int first = 1; first <= 12; first++) {
        for (int second = first + 1; second <= first + 10; second++) {
            char press[32];
            snprintf(press, sizeof press, "--press=%d,%d", first, second);
            Ended ended = run_tg(NULL, (const char *const[]){"--virtual-time", press, script, NULL}, NULL);
            cr_expect(ended.signal == SIGINT || (ended.exit_status == 0 && says(&ended, "1\n")), "%s: %d\n%s", press,
                      ended.exit_status, ended.err.data);
            ended_free(&ended);
        }
    }
}
