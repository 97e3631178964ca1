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

#include "lang/cli/host.h"
#include "tests/support.h"
#include "vm/api.h"
#include "vm/run.h"

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

// ---- Jobs that hang

static int gate[2];
static int dropped;

static void hang_run(TgJob *job) {
    char byte;
    (void)job;
    (void)!read(gate[0], &byte, 1);
}

static void hang_drop(TgJob *job) {
    dropped++;
    free(job);
}

static TgResult hang(TgCall *call) {
    TgJob *job = calloc(1, sizeof *job);
    cr_assert(job);
    job->run = hang_run;
    job->drop = hang_drop;
    tg_job_what(job, "hanging at", "a place");
    TgWaitFor what = {"hanging in", NULL, NULL};
    return tg_park_on_job(call, &what, job, 0);
}

static TgResult let_go(TgCall *call) {
    (void)!write(gate[1], "0123456789abcdef0123456789abcdef", 32);
    return tg_return(call, TG_NIL);
}

static const TgNativeDef natives[] = {
    {"hang()", hang, "Takes a thread until let_go()."}, {"let_go()", let_go, "Ends all hang()s."}, {0}};

static char *value_of(const char *text) {
    TgOptions options = tg_vm_defaults();
    TgVM *vm = tg_host_vm(&options, NULL, 0);
    char *error, *shown;
    tg_register_builtins(vm, natives, false);
    TgScriptText script = {.file = "t.tg", .text = text, .length = strlen(text), .is_session = true};
    TgCode *code = tg_host_compile(vm, tg_host_module(vm, "main", NULL), &script, &error, &(bool){0});
    cr_assert(code, "%s", error);
    TgOutcome outcome = tg_run(vm, code);
    cr_assert(outcome.end == RUN_OK);
    shown = tg_value_text(vm, outcome.value);
    tg_vm_free(vm);
    return shown;
}

Test(io, the_tree_says_what_holds_all_threads) {
    cr_assert(pipe(gate) == 0);
    char *text = value_of("let said\nnursery n { for _ in 0..17 { spawn hang() }\nsleep(50ms)\nsaid = str(tasks())\nlet_go() }\nsaid");
    cr_assert(strstr(text, "hanging in (all 16 threads are busy: hanging at \\\"a place\\\", hanging at"), "%s", text);
    cr_assert(dropped == 17);
    free(text);
}

// Those who waited go on at once; what their jobs bring is dropped when it comes.
Test(io, abandoned_jobs_stop_nobody) {
    cr_assert(pipe(gate) == 0);
    char *text = value_of("nursery n { for _ in 0..5 { spawn hang() }\nsleep(10ms)\nn.cancel() }\n"
                          "timeout 10ms { hang() } else {}\nlet_go()\n1");
    cr_assert_str_eq(text, "1");
    cr_assert(dropped == 6);
    free(text);
}

// The first Ctrl-C leaves the `with`, the second breaks its cleanup off, wherever that is: the end of the program removes what is left.
Test(io, temporary_things_go_although_a_second_ctrl_c_breaks_their_with, .timeout = 120) {
    static const char text[] = "import fs\n"
                               "with fs.temp_dir(prefix: \"./d-\") as dir {\n"
                               "with fs.temp_file(prefix: \"./f-\") as file { fs.mkdir(\"{dir}/a/b\", parents: true)\n"
                               "fs.write(\"{dir}/a/c\", \"x\", atomic: true) } }";
    for (int first = 1; first < 45; first += 2) {
        for (int apart = 1; apart < 8; apart += 3) {
            char press[32];
            snprintf(press, sizeof press, "--press=%d,%d", first, first + apart);
            Ended ended = run_tg(NULL, (const char *const[]){"--virtual-time", press, "-e", text, NULL}, NULL);
            cr_assert(ended.exit_status == 0 || ended.signal == SIGINT, "%s: %s", press, ended.err.data);
            ended_free(&ended);
            unlink("fifo");
            cr_assert(chdir("/") == 0 && rmdir(room) == 0, "%s left something in %s", press, room);
            cr_assert(mkdir(room, 0700) == 0 && chdir(room) == 0);
        }
    }
}

// Nobody closed it: that it could not be saved is said all the same.
Test(io, what_cannot_be_saved_at_the_end_is_said) {
    char command[512];
    snprintf(command, sizeof command,
             "trap '' XFSZ; ulimit -f 0; '%s' -e 'import io; io.open(\"a\", \"w\").write(\"text\")' 2>&1 | grep -q 'tg: what was written to \"a\" could "
             "not be saved: '",
             tested_binary());
    cr_expect(system(command) == 0);
}
