// tests/test_testcmd.c
// tg test from outside: what it says word for word (tests/golden/testcmd/), how it ends, Ctrl-C, its time limit, and
// that docs/testing.md tells the truth.
#include <criterion/criterion.h>
#include <dirent.h>
#include <regex.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/folder.h"
#include "tests/support.h"

TestSuite(testcmd, .init = make_folder, .fini = drop_folder, .timeout = 120);

static void write_to(const char *name, const char *text, size_t length) {
    char path[256];
    snprintf(path, sizeof path, "%s/%s", folder, name);
    FILE *file = fopen(path, "w");
    cr_assert(file && fwrite(text, 1, length, file) == length, "%s", path);
    fclose(file);
}

static void put(const char *name, const char *text) { write_to(name, text, strlen(text)); }

static void make_directory(const char *name) {
    char path[256];
    snprintf(path, sizeof path, "%s/%s", folder, name);
    cr_assert(mkdir(path, 0700) == 0);
}

#define TEST(...) run_tg(folder, (const char *const[]){"test", __VA_ARGS__, NULL}, NULL)

static void expect_text(const char *text, const char *part) {
    cr_expect(text && strstr(text, part), "no \"%s\" in:\n%s", part, text ? text : "");
}

static void expect_no_text(const char *text, const char *part) {
    cr_expect(!text || !strstr(text, part), "\"%s\" in:\n%s", part, text ? text : "");
}

// Ends with `status` and says all of the texts on stdout, NULL ends them.
static void check_run(Ended ended, int status, const char *const *texts) {
    cr_expect(ended.exit_status == status, "status %d (signal %d), not %d:\n%s%s", ended.exit_status, ended.signal, status,
              ended.out.data, ended.err.data);
    for (; *texts; texts++) expect_text(ended.out.data, *texts);
    ended_free(&ended);
}
#define EXPECT(ended, status, ...) check_run(ended, status, (const char *const[]){__VA_ARGS__, NULL})

// ---- goldens

// Times are of the day: "1.2 ms" becomes "- ms". Lines about slow tests are of the machine.
static void mask_times(Bytes *text) {
    Bytes masked = {0};
    regex_t time;
    regmatch_t match;
    cr_assert(regcomp(&time, "[0-9]+\\.[0-9]+ m?s", REG_EXTENDED) == 0);
    for (const char *at = text->data; at && *at;) {
        size_t line = strcspn(at, "\n") + 1;
        if (!strncmp(at, "slow: ", 6)) {
            at += line;
            continue;
        }
        char copy[1024];
        cr_assert(line < sizeof copy);
        snprintf(copy, sizeof copy, "%.*s", (int)line, at);
        const char *rest = copy;
        for (; regexec(&time, rest, 1, &match, 0) == 0; rest += match.rm_eo) {
            bytes_add(&masked, rest, (size_t)match.rm_so);
            bytes_add(&masked, "- ms", 4);
        }
        bytes_add(&masked, rest, strlen(rest));
        at += line;
    }
    regfree(&time);
    bytes_free(text);
    *text = masked;
}

static void check_golden(const char *name, const char *const *arguments) {
    char path[512];
    snprintf(path, sizeof path, "tests/golden/testcmd/%s.txt", name);
    Ended ended = run_tg("tests/golden/testcmd", arguments, NULL);
    mask_times(&ended.out);
    const char *mode = getenv("TG_GOLDEN");
    if (mode && !strcmp(mode, "write")) {
        FILE *file = fopen(path, "w");
        cr_assert(file && fwrite(ended.out.data, 1, ended.out.length, file) == ended.out.length);
        fclose(file);
    }
    Bytes expected = {0};
    cr_assert(bytes_read(&expected, path), "%s", path);
    cr_expect_str_eq(ended.out.data, expected.data, "%s says\n%s\nexpected\n%s", path, ended.out.data, expected.data);
    bytes_free(&expected);
    ended_free(&ended);
}

Test(testcmd, what_it_says) {
    check_golden("failures", (const char *const[]){"test", "failures.tg", NULL});
    check_golden("passes", (const char *const[]){"test", "passes.tg", NULL});
    check_golden("top_level", (const char *const[]){"test", "top_level.tg", NULL});
    check_golden("unreadable", (const char *const[]){"test", "unreadable.tg", NULL});
    check_golden("verbose", (const char *const[]){"test", "-v", "passes.tg", NULL});
    check_golden("list", (const char *const[]){"test", "--list", "failures.tg", "passes.tg", NULL});
}

// ---- files and names

Test(testcmd, finds_the_files_of_a_directory) {
    static const char one[] = "test \"one\" { }\n";
    make_directory("inner");
    make_directory(".hidden");
    put("a_test.tg", one);
    put("test_b.tg", one);
    put("inner/code.tg", one);
    put("inner/other.tg", "print(\"a program\")\n# test \"in a comment\"\n");
    put(".hidden/c_test.tg", one);
    put("notes.txt", one);
    EXPECT(TEST("--list"), 0, "a_test.tg:1: one\ninner/code.tg:1: one\ntest_b.tg:1: one\n");
    Ended ended = TEST(".");
    expect_no_text(ended.out.data, "other");
    expect_no_text(ended.out.data, "hidden");
    EXPECT(ended, 0, "3 passed in");
    EXPECT(TEST("inner", "inner/", "a_test.tg"), 0, "passed");
    Ended missing = TEST("nowhere");
    expect_text(missing.err.data, "nowhere: No such file");
    EXPECT(missing, 2, "");
}

Test(testcmd, runs_tests_by_name) {
    put("a.tg", "test \"Adds\" { }\ntest \"takes\" for n in [1, 2] { assert(n == 1) }\n");
    EXPECT(TEST("a.tg", "-k", "adds"), 0, "1 passed in");
    EXPECT(TEST("-k", "takes [1]", "a.tg"), 0, "1 passed in");
    EXPECT(TEST("-k", "takes [2]", "a.tg"), 1, "1 failed in");
    EXPECT(TEST("-k", "nothing", "a.tg"), 1, "no tests with 'nothing' in their name");
}

Test(testcmd, statuses) {
    put("none.tg", "let x = 1\n");
    put("bad.tg", "test \"x\" { let = }\n");
    put("good.tg", "test \"x\" { }\n");
    put("worse.tg", "test \"x\" { assert(false) }\ntest \"y\" { }\n");
    EXPECT(TEST("none.tg"), 1, "no tests in", "a test is a block at the top level");
    EXPECT(TEST("bad.tg", "good.tg"), 2, "error TG0101", "1 passed, 1 cannot be run in");
    EXPECT(TEST("worse.tg"), 1, "1 passed, 1 failed");
    EXPECT(TEST("worse.tg", "good.tg", "--fail-fast"), 1, "stopped at the first failure: 1 failed in");
    EXPECT(TEST("good.tg", "--junit", "/nowhere/x.xml"), 2, "1 passed");
    EXPECT(TEST("--help"), 0, "usage: tg test");
    Ended ended = TEST("--nonsense");
    expect_text(ended.err.data, "--nonsense: no such option");
    EXPECT(ended, 2, "");
    EXPECT(TEST("--timeout", "soon", "good.tg"), 2, "");
    EXPECT(TEST("--seed=0", "good.tg"), 2, "");
}

// ---- what a test gets

Test(testcmd, a_test_that_takes_too_long_is_interrupted) {
    put("slow.tg", "test \"loops\" { try { while true { } } finally { print(\"cleaned up\") } }\n"
                   "test \"waits\" real { sleep(1h) }\n"
                   "test \"after\" { }\n");
    EXPECT(TEST("slow.tg", "--timeout=200ms"), 1, "it took longer than 0.2 s (--timeout)", "Interrupted at slow.tg:1",
           "| cleaned up", "Interrupted at slow.tg:2", "1 passed, 2 failed");
}

Test(testcmd, cases_that_take_too_long_are_interrupted) {
    put("a.tg", "fn numbers() { let n = 0; while true { n += 1 } }\n"
                "test \"of numbers\" for n in numbers() { }\n"
                "test \"of squares\" for n in [x * x for x in 0..3] { }\n"
                "class Twice { fn iter() => [1, 2] }\n"
                "test \"of an iterator\" for n in Twice() { }\n");
    EXPECT(TEST("a.tg", "--timeout=200ms"), 1, "a.tg:2: of numbers", "it took longer than 0.2 s", "5 passed, 1 failed");
}

Test(testcmd, one_that_does_not_heed_is_ended) {
    put("deaf.tg", "test \"deaf\" { while true { try { while true { } } except Interrupt { } } }\ntest \"after\" { }\n");
    put("next_test.tg", "test \"next\" { }\n");
    EXPECT(TEST("deaf.tg", "next_test.tg", "--timeout=200ms"), 1, "did not end when it was interrupted",
           "the tests after it did not run", "1 passed, 1 failed");
}

Test(testcmd, real_time_for_all) {
    put("a.tg", "test \"a\" { let t = now(); sleep(20ms); assert(now() != t + 20ms) }\n");
    EXPECT(TEST("a.tg"), 1, "1 failed");
    EXPECT(TEST("a.tg", "--real-time"), 0, "1 passed");
}

Test(testcmd, options_of_tg_hold_for_the_tests) {
    put("a.tg", "test \"grows\" { let a = []; while true { a.push(\"x\" * 1000 + str(len(a))) } }\ntest \"after\" { }\n");
    Ended ended = run_tg(folder, (const char *const[]){"--max-memory=8M", "test", "a.tg", NULL}, NULL);
    EXPECT(ended, 1, "LimitReached", "1 passed, 1 failed");
}

Test(testcmd, children_and_files_left_are_told) {
    put("a.tg", "test \"input\" { assert(input() == nil) }\n"
                "let s = semaphore(2)\n"
                "test \"keeps one\" { s.acquire() }\n"
                "test \"keeps none\" { with s { } }\n");
    EXPECT(TEST("a.tg"), 1, "a semaphore is still held at the end (1 of 2 left)", "2 passed, 1 failed");
}

// Each is told of the test that left it, and of no other.
Test(testcmd, what_a_test_leaves_of_the_world_outside_is_told) {
    put("a.tg", "import fs\nimport io\nimport net\nimport process\nlet kept = []\n"
                "test \"listens\" { kept.push(net.listen(0)) }\n"
                "test \"connects\" { kept.push(net.connect(\"127.0.0.1\", kept[0].port)) }\n"
                "test \"opens\" { kept.push(io.open(\"/etc/passwd\")) }\n"
                "test \"begins\" real { kept.push(process.spawn(\"sleep\", [\"1\"])) }\n"
                "test \"drafts\" { kept.push(fs.temp_dir(prefix: \"tg-testcmd-\")); kept[-1].enter() }\n"
                "test \"watches\" { kept.push(fs.watch(\".\")) }\n"
                "test \"is clean\" { with fs.temp_dir() as dir { with io.open(fs.join(dir, \"a\"), \"w\") { } } }\n");
    EXPECT(TEST("a.tg"), 1, "listens\n  it left a socket open: 127.0.0.1:", "connects\n  it left a socket open: 127.0.0.1:", " to 127.0.0.1:",
           "opens\n  it left a file open: /etc/passwd\n", "begins\n  it left a process running: ", "drafts\n  it left something temporary: ",
           "watches\n  it left a watch of files open\n", "1 passed, 6 failed");
    cr_expect(system("ls ${TMPDIR:-/tmp} | grep -q tg-testcmd-") != 0, "it is still there");
}

Test(testcmd, much_output_is_cut) {
    put("a.tg", "test \"a\" { for _ in 0..20000 { print(\"0123456789\") }; assert(false) }\n");
    EXPECT(TEST("a.tg"), 1, "| 0123456789", "bytes more)");
}

// ---- the machine's page

Test(testcmd, junit_is_xml) {
    char command[512];
    put("a.tg", "test \"<a> & \\\"b\\\"\" { print(\"\\x1b[1m]]> \\x01 ä\"); assert(\"<\\n\" == \"&\") }\n"
                "import test\n"
                "test \"skips\" { test.skip(\"no \\\"net\\\"\") }\n"
                "test \"passes\" { }\n");
    put("bad.tg", "let = 1\n");
    EXPECT(TEST("a.tg", "bad.tg", "--junit=out.xml"), 2, "1 passed, 1 failed, 1 skipped, 1 cannot be run");
    if (system("command -v python3 > /dev/null") != 0) return;
    snprintf(command, sizeof command,
             "python3 -c \"import xml.etree.ElementTree as E; r = E.parse('%s/out.xml').getroot(); "
             "assert [r.get(k) for k in ('tests', 'failures', 'errors', 'skipped')] == ['4', '1', '1', '1'], r.attrib; "
             "c = r.find('testsuite/testcase'); assert c.get('name') == '<a> & \\\"b\\\"', c.attrib; "
             "assert c.find('failure').get('type') == 'AssertionError'\"",
             folder);
    cr_expect(system(command) == 0);
}

// ---- Ctrl-C

static void wait_for_text(const char *path, const char *text) {
    for (double until = seconds_now() + 20; seconds_now() < until; usleep(10000)) {
        Bytes seen = {0};
        bool is_there = bytes_read(&seen, path) && seen.data && strstr(seen.data, text);
        bytes_free(&seen);
        if (is_there) return;
    }
    cr_assert(false, "no \"%s\" in %s", text, path);
}

// Starts tg test in the folder and sends the signal `times` times once the second test of a.tg runs. What it died of.
static int stop_by(int signal, int times, Bytes *out) {
    char log[256];
    snprintf(log, sizeof log, "%s/log", folder);
    tested_binary(); // found before the fork
    pid_t child = fork();
    if (child == 0) {
        if (!freopen(log, "w", stdout)) _exit(99);
        become_tg(folder, (const char *const[]){"tg", "test", "-v", "a.tg", NULL});
    }
    wait_for_text(log, "ok      a.tg:1: first");
    usleep(100000);
    for (int i = 0; i < times; i++) {
        kill(child, signal);
        usleep(300000);
    }
    int status = 0;
    waitpid(child, &status, 0);
    cr_assert(bytes_read(out, log));
    return WIFSIGNALED(status) ? WTERMSIG(status) : -WEXITSTATUS(status);
}

Test(testcmd, a_ctrl_c_interrupts_the_test) {
    Bytes out = {0};
    put("a.tg", "test \"first\" { }\ntest \"waits\" real { try { sleep(1h) } finally { print(\"cleaned up\") } }\ntest \"never\" { }\n");
    cr_expect(stop_by(SIGINT, 1, &out) == SIGINT);
    expect_text(out.data, "Interrupted at a.tg:2");
    expect_text(out.data, "cleaned up");
    expect_text(out.data, "stopped: 1 passed, 1 stopped in");
    expect_no_text(out.data, "never");
    bytes_free(&out);
}

Test(testcmd, a_sigterm_cancels_it) {
    Bytes out = {0};
    put("a.tg", "test \"first\" { }\ntest \"waits\" real { try { sleep(1h) } finally { print(\"cleaned up\") } }\n");
    cr_expect(stop_by(SIGTERM, 1, &out) == SIGTERM);
    expect_text(out.data, "cleaned up");
    bytes_free(&out);
}

Test(testcmd, a_third_one_does_not_wait) {
    Bytes out = {0};
    put("a.tg", "test \"first\" { }\ntest \"deaf\" { while true { try { while true { } } except Interrupt { } } }\n");
    cr_expect(stop_by(SIGINT, 3, &out) == SIGINT);
    expect_text(out.data, "it was ended without its cleanup");
    bytes_free(&out);
}

// ---- the pages

static const char docs[] = "docs/testing.md", mark[] = "```tg test\n";

// Runs each block by itself; the first one's output is the page's.
Test(testcmd, the_manual_tells_the_truth) {
    Bytes page = {0};
    int count = 0;
    cr_assert(bytes_read(&page, docs));
    for (const char *at = page.data; (at = strstr(at, mark)); count++) {
        at += strlen(mark);
        const char *end = strstr(at, "```\n");
        write_to("stack_test.tg", at, (size_t)(end - at));
        Ended ended = TEST("stack_test.tg");
        cr_expect(ended.exit_status == (count == 0 ? 1 : 0), "block %d:\n%s", count, ended.out.data);
        if (count == 0) {
            Bytes shown = {0};
            const char *line = strstr(end, "    $ tg test stack_test.tg\n");
            cr_assert(line);
            for (line = strchr(line, '\n') + 1; !strncmp(line, "    ", 4) || *line == '\n'; line = strchr(line, '\n') + 1) {
                const char *text = *line == '\n' ? line : line + 4;
                bytes_add(&shown, text, strcspn(text, "\n") + 1);
            }
            shown.data[--shown.length] = '\0'; // the blank line behind it
            mask_times(&shown);
            mask_times(&ended.out);
            cr_expect_str_eq(ended.out.data, shown.data, "%s shows\n%s\nit is\n%s", docs, shown.data, ended.out.data);
            bytes_free(&shown);
        }
        ended_free(&ended);
    }
    cr_expect(count >= 4);
    bytes_free(&page);
}

Test(testcmd, our_examples_pass) {
    Ended ended = run_tg(NULL, (const char *const[]){"test", "examples", NULL}, NULL);
    EXPECT(ended, 0, "5 passed in");
}
