// tests/test_process.c
// Other programs under adversity: Ctrl-C at a terminal, which the program gets as well; a fault at every boundary, with counts of
// descriptors and children; a system without pidfds; and an example that reads a large file in little memory.
#include <criterion/criterion.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <signal.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/terminal.h"

// ---- Ctrl-C at a terminal

static void become(void *data) { become_tg(NULL, (const char *const[]){"tg", "-e", data, NULL}); }

static Terminal open_code(const char *code) { return terminal_open(200, become, (void *)(uintptr_t)code); }

static void press_at(Terminal *terminal, const char *text) {
    terminal_expect(terminal, text);
    terminal_type(terminal, CTRL_C);
}

static void ends_well(Terminal *terminal) {
    int status = terminal_end(terminal);
    cr_expect(status == 0, "wait status %x:\n%s", (unsigned)status, terminal->seen.data);
}

// The program is in our process group, the terminal tells it too: it is waited for, and not told again.
Test(process, ctrl_c_is_the_childs_too) {
    Terminal t = open_code("import process\n"
                           "let sh = \"trap 'sleep 0.1; echo the child cleaned up; exit 0' INT; trap 'echo told twice' TERM;"
                           " echo ready; while :; do sleep 0.02; done\"\n"
                           "try { process.run('sh', ['-c', sh], stdout: 'inherit', stderr: 'inherit', grace: 20) }\n"
                           "except Interrupt { print('then the script') }");
    press_at(&t, "ready");
    terminal_expect(&t, "the child cleaned up");
    terminal_expect(&t, "then the script");
    ends_well(&t);
    cr_expect(!strstr(t.seen.data, "told twice"), "%s", t.seen.data);
}

// In a group of its own it hears nothing of the terminal, and is told by us.
Test(process, a_group_is_told_by_us) {
    Terminal t = open_code("import process\n"
                           "let sh = \"trap 'echo INT came' INT; trap 'echo TERM came; exit 0' TERM; echo ready; while :; do sleep 0.02; done\"\n"
                           "try { process.run('sh', ['-c', sh], stdout: 'inherit', stderr: 'inherit', group: true, grace: 20) }\n"
                           "except Interrupt { print('then the script') }");
    press_at(&t, "ready");
    terminal_expect(&t, "TERM came");
    terminal_expect(&t, "then the script");
    ends_well(&t);
    cr_expect(!strstr(t.seen.data, "INT came"), "%s", t.seen.data);
}

static void expect_gone(const Terminal *terminal) {
    const char *at = strstr(terminal->seen.data, "pid ");
    cr_assert(at);
    pid_t pid = (pid_t)atoi(at + 4);
    cr_expect(pid > 0 && kill(pid, 0) < 0 && errno == ESRCH, "%d is still there", (int)pid);
}

#define DEAF "\"trap '' INT TERM; echo pid $$ ready; while :; do sleep 0.02; done\""

Test(process, a_deaf_child_is_killed) {
    Terminal t = open_code("import process\n"
                           "try { process.run('sh', ['-c', " DEAF "], stdout: 'inherit', grace: 50ms) }\n"
                           "except Interrupt { print('then the script') }");
    press_at(&t, "ready");
    terminal_expect(&t, "then the script");
    ends_well(&t);
    expect_gone(&t);
}

Test(process, a_second_press_does_not_wait_for_the_grace) {
    Terminal t = open_code("import process\n"
                           "try { process.run('sh', ['-c', " DEAF "], stdout: 'inherit', grace: 1h) }\n"
                           "except Interrupt { print('then the script') }");
    press_at(&t, "ready");
    press_at(&t, "Ctrl-C again abandons it");
    terminal_expect(&t, "then the script");
    ends_well(&t);
    expect_gone(&t);
}

Test(process, an_uncaught_press_ends_both) {
    Terminal t = open_code("import process\nprocess.run('sh', ['-c', 'echo pid $$ ready; exec sleep 100'], stdout: 'inherit')");
    press_at(&t, "ready");
    int status = terminal_end(&t);
    cr_expect(WIFSIGNALED(status) && WTERMSIG(status) == SIGINT, "wait status %x:\n%s", (unsigned)status, t.seen.data);
    expect_gone(&t);
}

// ---- A fault at every boundary

static Ended check_text(const char *text, const char *most_runs) {
    char path[] = "/tmp/tg-process-XXXXXX.tg";
    int fd = mkstemps(path, 3);
    cr_assert(fd >= 0 && write(fd, text, strlen(text)) == (ssize_t)strlen(text));
    close(fd);
    Ended ended = run_tg(NULL, (const char *const[]){"check", "--interrupts", "--cancel", "--boundaries=400", most_runs, path, NULL}, NULL);
    unlink(path);
    return ended;
}

#define COUNTED(body)                                                                                                    \
    "import process\nimport fs\n"                                                                                        \
    "fn counts() {\n"                                                                                                    \
    "    let me = fs.readlink(\"/proc/self\")\n"                                                                         \
    "    return [len(fs.list(\"/proc/self/fd\")), fs.read(\"/proc/{me}/task/{me}/children\")]\n"                         \
    "}\n"                                                                                                                \
    "let before = counts()\n"                                                                                            \
    "try {\n" body "\n} finally { assert(counts() == before, \"{counts()} is not {before}\") }\n"

Test(process, nothing_is_left_wherever_it_is_stopped, .timeout = 300) {
    static const char *const scripts[] = {
        COUNTED("process.run(\"true\")"),
        COUNTED("process.run(\"cat\", stdin: \"x\" * 70_000)"),
        COUNTED("process.run(\"sleep\", [\"100\"], timeout: 1ms, grace: 0)"),
        COUNTED("process.pipeline([[\"echo\", \"x\"], [\"cat\"]])"),
        COUNTED("process.shell(\"sleep 100 & true\")"),
        COUNTED("with process.spawn(\"cat\") as c { c.stdin.write(\"a\\n\"); c.stdout.read_line() }"),
        COUNTED("race([fn() => process.run(\"sleep\", [\"100\"]), fn() => process.run(\"true\")])"),
    };
    setenv("TG_TEST_TIMEOUT", "100", 1); // hundreds of runs each
    for (size_t i = 0; i < sizeof scripts / sizeof *scripts; i++) {
        Ended ended = check_text(scripts[i], MOST_RUNS(100000));
        bool is_timeout = i == 2; // which ends by it
        static const char *const never[] = {"an assert failed", "did not", "had no exit", "still held", "interpreter itself"};
        cr_expect(!ended.timed_out && strstr(ended.out.data, " runs, "), "%s\n%s%s", scripts[i], ended.out.data, ended.err.data);
        for (size_t n = 0; n < sizeof never / sizeof *never; n++)
            cr_expect(!strstr(ended.out.data, never[n]), "%s\n%s", scripts[i], ended.out.data);
        cr_expect(is_timeout || strstr(ended.out.data, "nothing found"), "%s\n%s", scripts[i], ended.out.data);
        ended_free(&ended);
    }
}

Test(process, a_leak_would_be_found) {
    Ended ended = check_text(COUNTED("let c = process.spawn(\"cat\"); checkpoint(); c.stop()"), "--max-runs=100000");
    cr_expect(strstr(ended.out.data, "an assert failed"), "%s%s", ended.out.data, ended.err.data);
    ended_free(&ended);
}

// ---- A system without pidfds

static void refuse_pidfds(void) {
    struct sock_filter rules[] = {
        BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_pidfd_open, 0, 1),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | ENOSYS),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
    };
    struct sock_fprog program = {sizeof rules / sizeof *rules, rules};
    if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0 || prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program) != 0)
        cr_skip_test("no seccomp here");
}

Test(process, does_without_pidfds) {
    refuse_pidfds();
    ScriptList list = {0};
    ScriptMode mode = {.jobs = 2, .out = stderr};
    cr_assert(scripts_find(&list, "tests/conformance/process"));
    cr_expect(scripts_run(&list, &mode) == 0, "above");
    scripts_free(&list);
}

// ---- A large file in little memory

static const char *const statuses[] = {"200", "200", "200", "404", "200", "500", "200"};

static size_t write_log(const char *path, size_t bytes) {
    FILE *file = fopen(path, "w");
    cr_assert(file);
    size_t lines = 0;
    for (size_t written = 0; written < bytes; lines++) {
        int length = fprintf(file, "10.0.%zu.%zu - - [29/Nov/2026:12:00:00 +0000] \"GET /item/%zu HTTP/1.1\" %s %zu\n", lines / 256 % 256,
                             lines % 256, lines * 7919 % 50021, statuses[lines % 7], lines % 5000);
        written += (size_t)length;
    }
    fclose(file);
    return lines;
}

// 20 MB; BIG=1: 1 GB. What tg needs at most does not depend on it.
Test(process, the_log_analyser_needs_little_memory, .timeout = 900) {
    enum { MOST_KILOBYTES = 48 << 10 };
    bool is_big = getenv("BIG") != NULL, is_checked = strstr(tested_binary(), "asan") != NULL;
    char path[] = "/tmp/tg-log-XXXXXX", out[] = "/tmp/tg-out-XXXXXX", text[4096] = "", wanted[64];
    close(mkstemp(path));
    int fd = mkstemp(out), status;
    size_t lines = write_log(path, is_big ? 1u << 30 : 20u << 20);
    struct rusage usage;
    pid_t pid = fork();
    cr_assert(pid >= 0);
    if (pid == 0) {
        dup2(fd, 1);
        become_tg(NULL, (const char *const[]){"tg", "examples/log_analyser.tg", path, NULL});
    }
    cr_assert(wait4(pid, &status, 0, &usage) == pid);
    cr_assert(pread(fd, text, sizeof text - 1, 0) > 0);
    unlink(path);
    unlink(out);
    cr_expect(status == 0, "wait status %x: %s", (unsigned)status, text);
    size_t millions = lines / 1000000, rest = lines % 1000000;
    if (millions) snprintf(wanted, sizeof wanted, "%zu,%03zu,%03zu lines", millions, rest / 1000, rest % 1000);
    else snprintf(wanted, sizeof wanted, "%zu,%03zu lines", rest / 1000, rest % 1000);
    cr_expect(strstr(text, wanted) == text, "not %s: %s", wanted, text);
    fprintf(stderr, "the log analyser: %zu lines in %ld KiB at most, %ld s\n", lines, usage.ru_maxrss, (long)usage.ru_utime.tv_sec);
    cr_expect(is_checked || usage.ru_maxrss < MOST_KILOBYTES, "%ld KiB", usage.ru_maxrss);
}
