// tests/test_signals.c
// Ctrl-C as a person types it: programs at a real terminal (a pty), in shell loops, with pipes that
// nobody reads. Each test waits for a line of the program before it presses.
#include <criterion/criterion.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "tests/terminal.h"

// ---- programs at a terminal ---------------------------------------------------------------------

typedef struct {
    const char *shell; // NULL: tg itself, with the code
    const char *code;
} Program;

static void become(void *data) {
    const Program *program = data;
    setenv("TG", tested_binary(), 1);
    setenv("CODE", program->code, 1);
    if (!program->shell) become_tg(NULL, (const char *const[]){"tg", "-e", program->code, NULL});
    signal(SIGINT, SIG_DFL);
    signal(SIGQUIT, SIG_DFL);
    execlp("bash", "bash", "-c", program->shell, NULL);
}

static Terminal open_program(const char *shell, const char *code) {
    Program program = {shell, code};
    return terminal_open(200, become, &program);
}

static void press_at(Terminal *terminal, const char *text) {
    terminal_expect(terminal, text);
    terminal_type(terminal, CTRL_C);
}

static size_t count_of(const Terminal *terminal, const char *text) {
    size_t count = 0;
    const char *at = terminal->seen.data;
    while ((at = strstr(at, text))) {
        at += strlen(text);
        count++;
    }
    return count;
}

// `signal`: of which it dies; 0: it exits with 0. Each test is a process of its own: nothing is
// freed.
static void ends_by(Terminal *terminal, int signal, const char *what) {
    int status = terminal_end(terminal);
    bool good = signal ? WIFSIGNALED(status) && WTERMSIG(status) == signal : status == 0;
    cr_expect(good, "%s: wait status %x:\n%s", what, (unsigned)status, terminal->seen.data);
}

// Presses once behind each of the texts, but for the last, which must come then.
#define CHECK_PRESSES(code, signal, ...)                                                           \
    check_presses(code, signal, (const char *const[]){__VA_ARGS__, NULL})

static void check_presses(const char *code, int signal, const char *const *texts) {
    Terminal t = open_program(NULL, code);
    for (; texts[1]; texts++) press_at(&t, *texts);
    terminal_expect(&t, *texts);
    ends_by(&t, signal, code);
}

// ---- one press
// -----------------------------------------------------------------------------------

Test(signals, one_press_while_it_computes) {
    CHECK_PRESSES("print('ready'); while true { }", SIGINT, "ready", "Interrupted");
    CHECK_PRESSES("try { print('ready'); while true { } } except Interrupt { print('Stopped') }", 0,
                  "ready", "Stopped");
}

// A single operation in C that would take minutes: comparing two of these items takes a millisecond.
Test(signals, one_press_while_it_sorts) {
    CHECK_PRESSES("let a = [0] * 200000\nlet b = a.copy()\nlet xs = [[b if i % 2 == 0 else a, -i] for i in 0..20000]\n"
                  "try { print('ready'); xs.sort() } except Interrupt { print('Stopped', xs[0][1], xs[-1][1]) }",
                  0, "ready", "Stopped 0 -19999");
}

// What gave way to a Ctrl-C that a shield holds off begins anew, and is whole.
Test(signals, a_press_in_a_shield_does_no_harm_to_what_gives_way_to_it) {
    CHECK_PRESSES("let xs = [(i * 7919) % 300007 for i in 0..300000]\nlet parts = [str(x) for x in xs]\nlet text = 'ab' * 300000\n"
                  "fn work() => [sorted(xs)[1], xs.sort(reverse: true)[0], len(parts.join(',')), len(text.replace('a', 'xyz')), "
                  "len(text.split('b')), len(str(3 ** 300000)), len('abc' * 3000000), sorted(parts, key: len)[0]]\n"
                  "let before = work()\nlet same_all = true\n"
                  "try { shield { print('ready'); for _ in 0..5 { if work() != before { same_all = false } } } }\n"
                  "except Interrupt { print('held off', same_all) }",
                  0, "ready", "held off true");
}

Test(signals, one_press_while_it_prints_a_lot) {
    CHECK_PRESSES("while true { print('a line of the flood') }", SIGINT, "flood", "Interrupted");
    CHECK_PRESSES("try { while true { print('a line of the flood') } }\n"
                  "except Interrupt { print('Stopped') }",
                  0, "flood", "Stopped");
}

// Each blocks its task; another says "ready" once it does.
static const struct {
    const char *name, *code;
} blocked[] = {
    {"sleep", "sleep(100)"},
    {"send", "channel().send(1)"},
    {"receive", "channel().receive()"},
    {"for", "for v in channel() { }"},
    {"lock", "let m = lock(); spawn { with m { sleep(100) } }; sleep(10ms); m.acquire()"},
    {"with", "let m = lock(); spawn { with m { sleep(100) } }; sleep(10ms); with m { }"},
    {"semaphore", "semaphore(0).acquire()"},
    {"event", "event().wait()"},
    {"condition", "let m = lock(); with m { condition(m).wait() }"},
    {"barrier", "barrier(2).wait()"},
    {"select",
     "select { case channel().receive() { } case event().wait() { } case sleep(100) { } }"},
    {"task wait", "let t = spawn sleep(100); t.wait()"},
    {"nursery end", ""},
    {"inner nursery end", "nursery { spawn sleep(100); spawn sleep(100) }"},
    {"start", "n.start(fn() { sleep(100) })"},
    {"input", "input()"},
    {"gather", "gather([fn() => sleep(100), fn() => channel().receive()])"},
    {"timeout", "timeout 90s { sleep(100) }"},
};

static Terminal run_blocked(size_t i, const char *behind) {
    char code[1000];
    snprintf(code, sizeof code,
             "fn wait(n) { nursery { spawn { sleep(50ms); print('ready'); sleep(100) }; %s } }\n"
             "try { nursery n { spawn sleep(100); wait(n) } } %s",
             blocked[i].code, behind);
    return open_program(NULL, code);
}

Test(signals, one_press_on_each_kind_of_wait_is_caught) {
    for (size_t i = 0; i < sizeof blocked / sizeof *blocked; i++) {
        Terminal t = run_blocked(i, "except Interrupt as *all { print(\"Stopped {len(all)}\") }");
        press_at(&t, "ready");
        terminal_expect(&t, "Stopped 1");
        ends_by(&t, 0, blocked[i].name);
    }
}

Test(signals, one_press_on_each_kind_of_wait_ends_the_program) {
    for (size_t i = 0; i < sizeof blocked / sizeof *blocked; i++) {
        Terminal t = run_blocked(i, "finally { print('cleaned up') }");
        press_at(&t, "ready");
        terminal_expect(&t, "cleaned up");
        terminal_expect(&t, "Interrupted");
        ends_by(&t, SIGINT, blocked[i].name);
    }
}

Test(signals, one_press_within_20_nurseries) {
    CHECK_PRESSES(
        "fn deep(level) {\n"
        "    try {\n"
        "        nursery {\n"
        "            if level == 0 { print('ready'); sleep(100) }\n"
        "            spawn deep(level - 1)\n"
        "        }\n"
        "    } finally { left += 1 }\n"
        "}\n"
        "let left = 0\n"
        "try { deep(20) } except Interrupt as *all { print(\"Stopped {len(all)} {left}\") }",
        0, "ready", "Stopped 1 21");
}

Test(signals, one_press_with_100000_tasks) {
    CHECK_PRESSES("let left = 0\n"
                  "fn nap() { try { sleep(1000) } finally { left += 1 } }\n"
                  "try {\n"
                  "    nursery {\n"
                  "        for _ in 0..100_000 { spawn nap() }\n"
                  "        sleep(1ms)\n"
                  "        print('ready')\n"
                  "    }\n"
                  "} except Interrupt as *all { print(\"Stopped {len(all)} {left}\") }",
                  0, "ready", "Stopped 1 100000");
}

Test(signals, each_press_that_was_caught_is_over) {
    CHECK_PRESSES("for i in 0..5 {\n"
                  "    try { print(\"ready {i}\"); sleep(100) } except Interrupt { }\n"
                  "}; print('whole')",
                  0, "ready 0", "ready 1", "ready 2", "ready 3", "ready 4", "whole");
}

// ---- two presses and three ----------------------------------------------------------------------

Test(signals, two_presses_break_a_finally_that_hangs) {
    CHECK_PRESSES("try { print('ready'); sleep(100) } finally { print('cleaning'); sleep(100) }",
                  SIGINT, "ready", "cleaning", "Interrupted");
}

Test(signals, two_presses_break_a_finally_that_computes) {
    CHECK_PRESSES(
        "try { print('ready'); sleep(100) } finally { print('cleaning'); while true { } }", SIGINT,
        "ready", "cleaning", "Interrupted");
}

Test(signals, two_presses_break_a_shield) {
    CHECK_PRESSES("try { shield { print('ready'); sleep(300ms); print('held'); sleep(100) } }\n"
                  "except Interrupt { print('Stopped') }",
                  0, "ready", "held", "Stopped");
}

Test(signals, three_presses_end_it_at_once) {
    Terminal t = open_program(
        NULL,
        "fn work() {\n"
        "    try { print('ready'); sleep(100) } finally {\n"
        "        try { print('cleaning'); sleep(100) } finally { nursery { spawn print('asleep'); sleep(100) } }\n"
        "    }\n"
        "}\n"
        "try { nursery n { n.spawn(work, name: 'janitor') } } finally { print('never') }");
    press_at(&t, "ready");
    press_at(&t, "cleaning");
    terminal_expect(&t, "asleep"); // said by a task that runs once the other one sleeps
    size_t before = count_of(&t, "janitor");
    terminal_type(&t, CTRL_C);
    ends_by(&t, SIGINT, "");
    cr_expect(count_of(&t, "janitor") > before, "no task tree:\n%s", t.seen.data);
    // The picture that SIGQUIT and tasks() give.
    cr_expect(count_of(&t, "2 tasks:") == 1, "%s", t.seen.data);
    cr_expect(count_of(&t, "main#1 waiting for its nursery to end at <-e>:6") == 2, "%s", t.seen.data);
    cr_expect(count_of(&t, "nursery n at <-e>:6, 1 task") == 1, "%s", t.seen.data);
    cr_expect(count_of(&t, "janitor#2 sleeping at <-e>:3 in work, ") >= 1, "%s", t.seen.data);
    cr_expect(count_of(&t, "cleaning up at <-e>:3") >= 1, "%s", t.seen.data);
    cr_expect(count_of(&t, "never") == 0, "%s", t.seen.data);
}

Test(signals, three_presses_end_one_that_computes_in_its_cleanup) {
    CHECK_PRESSES(
        "try { print('ready'); sleep(100) } finally {\n"
        "    try { print('cleaning'); while true { } } finally { print('again'); while true { } }\n"
        "}",
        SIGINT, "ready", "cleaning", "again", "main");
}

// ---- cleanup that takes long --------------------------------------------------------------------

Test(signals, long_cleanup_says_so_once) {
    Terminal t = open_program(
        NULL, "fn work() { try { print('ready'); sleep(100) } finally { sleep(2500ms); "
              "print('cleaned up') } }\n"
              "try { nursery n { n.spawn(work, name: 'janitor') } }\n"
              "except Interrupt { print('Stopped') }");
    press_at(&t, "ready");
    terminal_expect(&t, "Stopped");
    cr_expect(count_of(&t, "janitor") == 1, "who cleans up?\n%s", t.seen.data);
    cr_expect(count_of(&t, "Ctrl-C") == 1, "what abandons it?\n%s", t.seen.data);
    cr_expect(strstr(t.seen.data, "janitor") < strstr(t.seen.data, "cleaned up"), "too late:\n%s",
              t.seen.data);
    ends_by(&t, 0, "");
}

Test(signals, short_cleanup_says_nothing) {
    Terminal t = open_program(NULL, "try { print('ready'); sleep(100) } except Interrupt { }\n"
                                     "finally { sleep(300ms); print('cleaned up') }");
    press_at(&t, "ready");
    terminal_expect(&t, "cleaned up");
    cr_expect(count_of(&t, "Ctrl-C") == 0, "%s", t.seen.data);
    ends_by(&t, 0, "");
}

// ---- shells -------------------------------------------------------------------------------------

Test(signals, ignored_sigint_stays_ignored) {
    Terminal t = open_program("trap '' INT; exec \"$TG\" -e \"$CODE\"",
                               "print('ready'); sleep(400ms); print('whole')");
    press_at(&t, "ready");
    terminal_expect(&t, "whole");
    ends_by(&t, 0, "");
}

static const char loop[] = "for i in 1 2 3; do \"$TG\" -e \"$CODE\"; done; echo that was the loop";

Test(signals, shell_loop_stops) {
    Terminal t = open_program(loop, "print('ready'); sleep(100)");
    press_at(&t, "ready");
    ends_by(&t, SIGINT, "");
    cr_expect(count_of(&t, "ready") == 1 && count_of(&t, "that was the loop") == 0, "%s",
              t.seen.data);
}

Test(signals, shell_loop_goes_on_where_it_was_caught) {
    Terminal t = open_program(
        loop, "try { print('ready'); sleep(100) } except Interrupt { print('Stopped') }");
    for (int i = 0; i < 3; i++) {
        press_at(&t, "ready");
        terminal_expect(&t, "Stopped");
    }
    terminal_expect(&t, "that was the loop");
    ends_by(&t, 0, "");
}

Test(signals, shell_sees_130) {
    Terminal t = open_program("trap : INT; \"$TG\" -e \"$CODE\"; echo status $?",
                               "print('ready'); sleep(100)");
    press_at(&t, "ready");
    terminal_expect(&t, "status 130");
    ends_by(&t, 0, "");
}

// Whether this is tg and it takes SIGINT itself.
static bool catches_sigint(pid_t pid) {
    char path[64], line[256];
    snprintf(path, sizeof path, "/proc/%d/status", (int)pid);
    FILE *file = fopen(path, "r");
    cr_assert(file, "it ended");
    bool is_tg = false;
    unsigned long long mask = 0;
    while (fgets(line, sizeof line, file)) {
        is_tg |= strcmp(line, "Name:\ttg\n") == 0;
        sscanf(line, "SigCgt: %llx", &mask);
    }
    fclose(file);
    return is_tg && (mask >> (SIGINT - 1) & 1);
}

// No output can say that it is there, and it must not matter how far it is.
Test(signals, stdout_closed) {
    Terminal t = open_program("exec \"$TG\" -e \"$CODE\" >&-", "sleep(100)");
    for (double until = seconds_now() + test_timeout(); !catches_sigint(t.pid); usleep(1000)) {
        cr_assert(seconds_now() < until);
    }
    terminal_type(&t, CTRL_C);
    terminal_expect(&t, "Interrupted");
    ends_by(&t, SIGINT, "");
}

// ---- pipes that nobody reads --------------------------------------------------------------------

typedef struct {
    pid_t pid;
    int out;
} Piped;

static Piped run_piped(const char *code) {
    int ends[2];
    tested_binary();
    cr_assert(pipe(ends) == 0);
    Piped piped = {.pid = fork(), .out = ends[0]};
    cr_assert(piped.pid >= 0);
    if (piped.pid == 0) {
        dup2(ends[1], 1);
        close(ends[0]);
        close(ends[1]);
        become_tg(NULL, (const char *const[]){"tg", "-e", code, NULL});
    }
    close(ends[1]);
    return piped;
}

// Until what is in the pipe grows no longer.
static void wait_until_full(const Piped *piped) {
    double until = seconds_now() + test_timeout();
    int before = -1, now = 0, same = 0;
    while (same < 20) {
        cr_assert(seconds_now() < until, "the pipe does not fill: %d bytes", now);
        usleep(5000);
        cr_assert(ioctl(piped->out, FIONREAD, &now) == 0);
        same = now > 60000 && now == before ? same + 1 : 0;
        before = now;
    }
}

static int piped_status(const Piped *piped) {
    double until = seconds_now() + test_timeout();
    int status = -1;
    while (waitpid(piped->pid, &status, WNOHANG) == 0) {
        if (seconds_now() > until) {
            kill(piped->pid, SIGKILL);
            cr_assert_fail("it did not end");
        }
        usleep(1000);
    }
    return status;
}

static const char flood[] = "while true { print('a line of the flood') }";

Test(signals, full_pipe_and_a_reader_that_comes_back) {
    Piped piped = run_piped(flood);
    wait_until_full(&piped);
    kill(piped.pid, SIGINT);
    char part[65536];
    while (read(piped.out, part, sizeof part) > 0) {}
    close(piped.out);
    int status = piped_status(&piped);
    cr_expect(WIFSIGNALED(status) && WTERMSIG(status) == SIGINT, "wait status %x", status);
}

Test(signals, full_pipe_that_nobody_reads) {
    Piped piped = run_piped(flood);
    wait_until_full(&piped);
    for (int i = 0; i < 3; i++) {
        kill(piped.pid, SIGINT);
        usleep(300000);
    }
    int status = piped_status(&piped);
    cr_expect(WIFSIGNALED(status) && WTERMSIG(status) == SIGINT, "wait status %x", status);
    close(piped.out);
}

// ---- a storm ------------------------------------------------------------------------------------

// Two tasks catch every Interrupt. They say "ack" from inside of the next `try`, when both are
// there, so that each press is a new one and none falls between two turns.
static const char storm[] =
    "let m = lock(); let caught = [0, 0]; let back = [0, -1]; let acked = -1; let inbox\n"
    "let entered = 0; let left = 0; let going = true\n"
    "fn serve(k) {\n"
    "    while going {\n"
    "        try {\n"
    "            back[k] = caught[k]\n"
    "            if back[0] == back[1] and back[0] > acked {\n"
    "                acked = back[0]\n"
    "                print(\"ack {acked}\")\n"
    "            }\n"
    "            while going {\n"
    "                if k == 0 and inbox.try_receive() { going = false }\n"
    "                with m { entered += 1; try { checkpoint() } finally { left += 1 } }\n"
    "            }\n"
    "        } except Interrupt { caught[k] += 1 }\n"
    "    }\n"
    "}\n"
    "with signals(\"HUP\") as hangups {\n"
    "    inbox = hangups\n"
    "    nursery { spawn serve(1); serve(0) }\n"
    "}\n"
    "print(\"end: {caught[0]} {caught[1]}, {m.locked}, {entered == left}, {entered > 0}\")\n";

// Ends early on a machine that is busy with other things.
Test(signals, storm_of_10000) {
    Terminal t = open_program(NULL, storm);
    terminal_expect(&t, "ack 0\r\n");
    unsigned seed = 42;
    int sent = 0;
    char text[80];
    for (double until = seconds_now() + 15; sent < 10000 && seconds_now() < until;) {
        struct timespec moment = {.tv_nsec = rand_r(&seed) % 500000};
        if (sent % 2) nanosleep(&moment, NULL);
        cr_assert(kill(t.pid, SIGINT) == 0);
        snprintf(text, sizeof text, "ack %d\r\n", ++sent);
        terminal_expect(&t, text);
    }
    cr_assert(kill(t.pid, SIGHUP) == 0);
    snprintf(text, sizeof text, "end: %d %d, false, true, true", sent, sent);
    terminal_expect(&t, text);
    ends_by(&t, 0, "");
}
