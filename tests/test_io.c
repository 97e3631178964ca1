// tests/test_io.c
// What scripts cannot try alone: FIFOs, a real Ctrl-C in the midst of reads and writes, who reads the output going away.
#include <criterion/criterion.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/support.h"

static char room[] = "/tmp/tg-io-XXXXXX";

static void enter_room(void) {
    cr_assert(mkdtemp(room) && tested_binary() && chdir(room) == 0);
    cr_assert(mkfifo("fifo", 0600) == 0);
}

static void leave_room(void) {
    unlink("fifo");
    unlink("a");
    cr_assert(chdir("/") == 0 && rmdir(room) == 0, "something is left in %s", room);
}

TestSuite(io, .init = enter_room, .fini = leave_room, .timeout = 60);

static void says(const char *text, const char *out, int exit_status) {
    const char *const arguments[] = {"-e", text, NULL};
    Ended ended = run_tg(NULL, arguments, NULL);
    cr_assert(ended.exit_status == exit_status, "%d: %s", ended.exit_status, ended.err.data ? ended.err.data : "");
    cr_assert_str_eq(ended.out.data ? ended.out.data : "", out);
    ended_free(&ended);
}

// More of them than there are threads in the pool: none holds one.
Test(io, fifo_stops_its_own_task_only) {
    says("import fs\nimport io\nnursery n {\n"
         "for _ in 0..40 { spawn { with io.open(\"fifo\") as f { f.read() } } }\n"
         "sleep(50ms)\nprint(len(n.tasks), fs.exists(\"fifo\"))\nn.cancel() }",
         "40 true\n", 0);
}

Test(io, fifo_opened_to_write_waits_for_a_reader) {
    says("import io\nnursery {\n"
         "spawn { with io.open(\"fifo\", \"w\") as f { f.write(\"one\\n\"); sleep(30ms); f.write(\"two\\n\") } }\n"
         "sleep(50ms)\nwith io.open(\"fifo\") as f { for line in f { print(line) } } }\n"
         "timeout 50ms { io.open(\"fifo\", \"w\") } else { print(\"nobody\") }",
         "one\ntwo\nnobody\n", 0);
}

Test(io, writing_to_who_has_gone_is_an_error) {
    says("import io\nlet r = io.open(\"fifo\", \"r+\")\nlet w = io.open(\"fifo\", \"w\")\nr.close()\n"
         "try { w.write(\"x\") } except IOError as e { print(e.message) }",
         "cannot write to \"fifo\": the other end is closed (EPIPE)\n", 0);
}

// Starts tg with its output in a pipe; *out is to be read from.
static pid_t start(const char *text, int *out) {
    int ends[2];
    const char *const arguments[] = {"tg", "-e", text, NULL};
    cr_assert(pipe(ends) == 0);
    pid_t child = fork();
    if (child == 0) {
        dup2(ends[1], 1);
        close(ends[0]);
        close(ends[1]);
        become_tg(NULL, arguments);
    }
    close(ends[1]);
    *out = ends[0];
    return child;
}

Test(io, output_that_nobody_reads_ends_it_by_the_signal) {
    int out, status;
    char byte;
    pid_t child = start("import io\nlet f = io.open(\"fifo\", \"r+\")\nf.write(\"x\")\nwhile true { print(\"line\") }", &out);
    cr_assert(read(out, &byte, 1) == 1);
    close(out);
    cr_assert(waitpid(child, &status, 0) == child);
    cr_assert(WIFSIGNALED(status) && WTERMSIG(status) == SIGPIPE, "status %x", (unsigned)status);
}

Test(io, ctrl_c_closes_all_and_keeps_what_was_written) {
    int out, status;
    char text[64] = "";
    pid_t child = start("import fs\nimport io\nlet before = len(fs.list(\"/proc/self/fd\"))\n"
                        "let kept = io.open(\"a\", \"w\")\nkept.write(\"kept\")\ntry {\nnursery {\n"
                        "for _ in 0..10 { spawn { with io.open(\"fifo\") as f { f.read() } } }\n"
                        "for _ in 0..10 { spawn { while true { fs.list(\"/usr/bin\") } } }\n"
                        "sleep(50ms)\nprint(\"now\")\nio.stdout.flush() } } except Interrupt {\nsleep(20ms)\n"
                        "print(len(fs.list(\"/proc/self/fd\")) - before)\nraise }",
                        &out);
    cr_assert(read(out, text, 4) == 4 && !strcmp(text, "now\n"));
    kill(child, SIGINT);
    size_t length = 0;
    for (ssize_t got; (got = read(out, text + length, sizeof text - 1 - length)) > 0; length += (size_t)got) {}
    text[length] = '\0';
    cr_assert(waitpid(child, &status, 0) == child);
    cr_assert(WIFSIGNALED(status) && WTERMSIG(status) == SIGINT);
    // Those of the reactor and of `kept` may have come; none of the twenty tasks'.
    cr_assert(atoi(text) <= 5, "%s descriptors more", text);
    Bytes kept = {0};
    cr_assert(bytes_read(&kept, "a") && !strcmp(kept.data, "kept"));
    bytes_free(&kept);
}
