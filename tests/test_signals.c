// tests/test_signals.c
// Ctrl-C as a person types it: programs at a real terminal (a pty), in shell loops, with pipes that nobody
// reads. Each test waits for a line of the program before it presses.
#include <criterion/criterion.h>
#include <poll.h>
#include <pty.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "tests/support.h"

static const char CTRL_C[] = "\x03";

typedef struct {
    int fd;
    pid_t pid;
    Bytes seen;
    size_t used; // what expect has matched
} Terminal;

static double seconds_now(void) {
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return (double)time.tv_sec + (double)time.tv_nsec * 1e-9;
}

// ---- programs at a terminal ----------------------------------------------------------------------

static Terminal terminal_open(const char *shell, const char *code) {
    Terminal terminal = {0};
    struct winsize size = {.ws_row = 25, .ws_col = 200};
    bytes_add(&terminal.seen, "", 0);
    const char *tg = tested_binary();
    terminal.pid = forkpty(&terminal.fd, NULL, NULL, &size);
    cr_assert(terminal.pid >= 0);
    if (terminal.pid == 0) {
        setenv("TERM", "dumb", 1);
        setenv("TG", tg, 1);
        setenv("CODE", code, 1);
        if (!shell) become_tg(NULL, (const char *const[]){"tg", "-e", code, NULL});
        signal(SIGINT, SIG_DFL);
        signal(SIGQUIT, SIG_DFL);
        execlp("bash", "bash", "-c", shell, NULL);
        _exit(127);
    }
    return terminal;
}

static Terminal run_code(const char *code) { return terminal_open(NULL, code); }

static void type(Terminal *terminal, const char *keys) {
    cr_assert(write(terminal->fd, keys, strlen(keys)) == (ssize_t)strlen(keys));
}

static bool take_some(Terminal *terminal, double until) {
    struct pollfd slot = {terminal->fd, POLLIN, 0};
    double left = until - seconds_now();
    if (left <= 0 || poll(&slot, 1, (int)(left * 1000) + 1) <= 0) return false;
    char part[65536];
    ssize_t length = read(terminal->fd, part, sizeof part);
    if (length <= 0) return false;
    bytes_add(&terminal->seen, part, (size_t)length);
    return true;
}

// Waits until `text` is seen behind what was seen before.
static void expect(Terminal *terminal, const char *text) {
    double until = seconds_now() + test_timeout();
    for (;;) {
        char *found = strstr(terminal->seen.data + terminal->used, text);
        if (found) {
            terminal->used = (size_t)(found - terminal->seen.data) + strlen(text);
            return;
        }
        cr_assert(take_some(terminal, until), "no \"%s\" in what came behind [%zu]:\n%s", text,
                  terminal->used, terminal->seen.data);
    }
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

// Takes what still comes and waits for the end; `seen` stays. The status as waitpid says.
static int wait_for_end(Terminal *terminal) {
    double until = seconds_now() + test_timeout();
    int status = -1;
    while (take_some(terminal, until)) {}
    while (waitpid(terminal->pid, &status, WNOHANG) == 0) {
        if (seconds_now() > until) {
            kill(terminal->pid, SIGKILL);
            cr_assert_fail("it did not end:\n%s", terminal->seen.data);
        }
        usleep(1000);
    }
    cr_expect(!strstr(terminal->seen.data, "Sanitizer"), "%s", terminal->seen.data);
    return status;
}

static void close_terminal(Terminal *terminal) {
    close(terminal->fd);
    bytes_free(&terminal->seen);
}

static void ends_well(Terminal *terminal) {
    int status = wait_for_end(terminal);
    cr_expect(WIFEXITED(status) && WEXITSTATUS(status) == 0, "wait status %x:\n%s", status,
              terminal->seen.data);
    close_terminal(terminal);
}

static void dies_of_sigint(Terminal *terminal) {
    int status = wait_for_end(terminal);
    cr_expect(WIFSIGNALED(status) && WTERMSIG(status) == SIGINT, "wait status %x:\n%s", status,
              terminal->seen.data);
    close_terminal(terminal);
}

// ---- one press -----------------------------------------------------------------------------------

Test(signals, one_press_while_it_sleeps) {
    Terminal t = run_code("print('ready'); sleep(100)");
    expect(&t, "ready");
    type(&t, CTRL_C);
    expect(&t, "Interrupted");
    dies_of_sigint(&t);
}

Test(signals, one_press_while_it_computes) {
    Terminal t = run_code("print('ready'); let x = 0; while true { x += 1 }");
    expect(&t, "ready");
    type(&t, CTRL_C);
    expect(&t, "Interrupted");
    dies_of_sigint(&t);
}

Test(signals, one_press_while_it_computes_is_caught) {
    Terminal t = run_code("try { print('ready'); while true { } } except Interrupt { print('Stopped') }");
    expect(&t, "ready");
    type(&t, CTRL_C);
    expect(&t, "Stopped");
    ends_well(&t);
}

Test(signals, one_press_while_it_prints_a_lot) {
    Terminal t = run_code("try { while true { print('a line of the flood') } }\n"
                          "except Interrupt { print('Stopped') }");
    expect(&t, "flood");
    type(&t, CTRL_C);
    expect(&t, "Stopped");
    ends_well(&t);
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
    {"select", "select { case channel().receive() { } case event().wait() { } case sleep(100) { } }"},
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
             "try { nursery n { spawn { %s }; wait(n) } } %s",
             i == 12 ? "" : blocked[i].code, "sleep(100)", behind);
    return run_code(code);
}

Test(signals, one_press_on_each_kind_of_wait_is_caught) {
    for (size_t i = 0; i < sizeof blocked / sizeof *blocked; i++) {
        Terminal t = run_blocked(i, "except Interrupt as *all { print('Stopped {len(all)}') }");
        expect(&t, "ready");
        type(&t, CTRL_C);
        expect(&t, "Stopped");
        int status = wait_for_end(&t);
        cr_expect(WIFEXITED(status) && WEXITSTATUS(status) == 0, "%s: wait status %x:\n%s",
                  blocked[i].name, status, t.seen.data);
        close_terminal(&t);
    }
}

Test(signals, one_press_on_each_kind_of_wait_ends_the_program) {
    for (size_t i = 0; i < sizeof blocked / sizeof *blocked; i++) {
        Terminal t = run_blocked(i, "finally { print('cleaned up') }");
        expect(&t, "ready");
        type(&t, CTRL_C);
        expect(&t, "cleaned up");
        expect(&t, "Interrupted");
        int status = wait_for_end(&t);
        cr_expect(WIFSIGNALED(status) && WTERMSIG(status) == SIGINT, "%s: wait status %x:\n%s",
                  blocked[i].name, status, t.seen.data);
        close_terminal(&t);
    }
}

Test(signals, one_press_within_20_nurseries) {
    Terminal t = run_code("fn deep(level) {\n"
                          "    try {\n"
                          "        nursery {\n"
                          "            if level == 0 { print('ready'); sleep(100) }\n"
                          "            spawn deep(level - 1)\n"
                          "        }\n"
                          "    } finally { left += 1 }\n"
                          "}\n"
                          "let left = 0\n"
                          "try { deep(20) } except Interrupt as *all { print(\"Stopped {len(all)} {left}\") }");
    expect(&t, "ready");
    type(&t, CTRL_C);
    expect(&t, "Stopped 1 21");
    ends_well(&t);
}

Test(signals, one_press_with_100000_tasks) {
    Terminal t = run_code("let left = 0\n"
                          "fn nap() { try { sleep(1000) } finally { left += 1 } }\n"
                          "try {\n"
                          "    nursery {\n"
                          "        for _ in 0..100_000 { spawn nap() }\n"
                          "        sleep(1ms)\n"
                          "        print('ready')\n"
                          "    }\n"
                          "} except Interrupt as *all { print(\"Stopped {len(all)} {left}\") }");
    expect(&t, "ready");
    type(&t, CTRL_C);
    expect(&t, "Stopped 1 100000");
    ends_well(&t);
}

Test(signals, each_press_that_was_caught_is_over) {
    Terminal t = run_code("for i in 0..5 {\n"
                          "    try { print(\"ready {i}\"); sleep(100) } except Interrupt { print(\"caught {i}\") }\n"
                          "}");
    for (int i = 0; i < 5; i++) {
        char text[40];
        snprintf(text, sizeof text, "ready %d", i);
        expect(&t, text);
        type(&t, CTRL_C);
        snprintf(text, sizeof text, "caught %d", i);
        expect(&t, text);
    }
    ends_well(&t);
}

// ---- two presses and three -----------------------------------------------------------------------

Test(signals, two_presses_break_a_finally_that_hangs) {
    Terminal t = run_code("try { print('ready'); sleep(100) } finally { print('cleaning'); sleep(100) }");
    expect(&t, "ready");
    type(&t, CTRL_C);
    expect(&t, "cleaning");
    type(&t, CTRL_C);
    expect(&t, ":1"); // who was still in what
    expect(&t, "Interrupted");
    dies_of_sigint(&t);
}

Test(signals, two_presses_break_a_finally_that_computes) {
    Terminal t = run_code("try { print('ready'); sleep(100) } finally { print('cleaning'); while true { } }");
    expect(&t, "ready");
    type(&t, CTRL_C);
    expect(&t, "cleaning");
    type(&t, CTRL_C);
    expect(&t, "Interrupted");
    dies_of_sigint(&t);
}

Test(signals, two_presses_break_a_shield) {
    Terminal t = run_code("try { shield { print('ready'); sleep(300ms); print('held'); sleep(100) } }\n"
                          "except Interrupt { print('Stopped') }");
    expect(&t, "ready");
    type(&t, CTRL_C);
    expect(&t, "held");
    type(&t, CTRL_C);
    expect(&t, "Stopped");
    ends_well(&t);
}

Test(signals, three_presses_end_it_at_once) {
    Terminal t = run_code("fn work() {\n"
                          "    try { sleep(100) } finally {\n"
                          "        try { print('cleaning'); sleep(100) } finally { print('again'); sleep(100) }\n"
                          "    }\n"
                          "}\n"
                          "try { nursery n { n.spawn(work, name: 'janitor'); print('ready') } } finally { print('never') }");
    expect(&t, "ready");
    type(&t, CTRL_C);
    expect(&t, "cleaning");
    type(&t, CTRL_C);
    expect(&t, "again");
    size_t before = count_of(&t, "janitor");
    type(&t, CTRL_C);
    int status = wait_for_end(&t);
    cr_expect(WIFSIGNALED(status) && WTERMSIG(status) == SIGINT, "wait status %x", status);
    cr_expect(count_of(&t, "janitor") > before, "no task tree:\n%s", t.seen.data);
    cr_expect(count_of(&t, "never") == 0, "%s", t.seen.data);
    close_terminal(&t);
}

Test(signals, three_presses_end_one_that_computes_in_its_cleanup) {
    Terminal t = run_code("try { print('ready'); sleep(100) } finally {\n"
                          "    try { print('cleaning'); while true { } } finally { print('again'); while true { } }\n"
                          "}");
    expect(&t, "ready");
    type(&t, CTRL_C);
    expect(&t, "cleaning");
    type(&t, CTRL_C);
    expect(&t, "again");
    type(&t, CTRL_C);
    dies_of_sigint(&t);
}

// ---- cleanup that takes long ---------------------------------------------------------------------

Test(signals, long_cleanup_says_so_once) {
    Terminal t = run_code("fn work() { try { sleep(100) } finally { sleep(2500ms); print('cleaned up') } }\n"
                          "try { nursery n { n.spawn(work, name: 'janitor'); print('ready') } }\n"
                          "except Interrupt { print('Stopped') }");
    expect(&t, "ready");
    type(&t, CTRL_C);
    expect(&t, "Stopped");
    cr_expect(count_of(&t, "janitor") == 1, "who cleans up?\n%s", t.seen.data);
    cr_expect(count_of(&t, "Ctrl-C") == 1, "what abandons it?\n%s", t.seen.data);
    cr_expect(strstr(t.seen.data, "janitor") < strstr(t.seen.data, "cleaned up"), "too late:\n%s",
              t.seen.data);
    ends_well(&t);
}

Test(signals, short_cleanup_says_nothing) {
    Terminal t = run_code("try { print('ready'); sleep(100) } except Interrupt { }\n"
                          "finally { sleep(300ms); print('cleaned up') }");
    expect(&t, "ready");
    type(&t, CTRL_C);
    expect(&t, "cleaned up");
    cr_expect(count_of(&t, "Ctrl-C") == 0, "%s", t.seen.data);
    ends_well(&t);
}

// ---- shells --------------------------------------------------------------------------------------

Test(signals, ignored_sigint_stays_ignored) {
    Terminal t = terminal_open("trap '' INT; exec \"$TG\" -e \"$CODE\"",
                               "print('ready'); sleep(400ms); print('whole')");
    expect(&t, "ready");
    type(&t, CTRL_C);
    expect(&t, "whole");
    ends_well(&t);
}

Test(signals, shell_loop_stops) {
    Terminal t = terminal_open("for i in 1 2 3; do \"$TG\" -e \"$CODE\"; done; echo the loop is done",
                               "print('ready'); sleep(100)");
    expect(&t, "ready");
    type(&t, CTRL_C);
    int status = wait_for_end(&t);
    cr_expect(WIFSIGNALED(status) && WTERMSIG(status) == SIGINT, "wait status %x:\n%s", status,
              t.seen.data);
    cr_expect(count_of(&t, "ready") == 1 && count_of(&t, "the loop is done") == 0, "%s", t.seen.data);
    close_terminal(&t);
}

Test(signals, shell_loop_goes_on_where_it_was_caught) {
    Terminal t = terminal_open("for i in 1 2 3; do \"$TG\" -e \"$CODE\"; done; echo the loop is done",
                               "try { print('ready'); sleep(100) } except Interrupt { print('Stopped') }");
    for (int i = 0; i < 3; i++) {
        expect(&t, "ready");
        type(&t, CTRL_C);
        expect(&t, "Stopped");
    }
    expect(&t, "the loop is done");
    ends_well(&t);
}

Test(signals, shell_sees_130) {
    Terminal t = terminal_open("trap : INT; \"$TG\" -e \"$CODE\"; echo status $?",
                               "print('ready'); sleep(100)");
    expect(&t, "ready");
    type(&t, CTRL_C);
    expect(&t, "status 130");
    ends_well(&t);
}

Test(signals, stdout_closed) {
    Terminal t = terminal_open("echo begin; exec \"$TG\" -e \"$CODE\" >&-", "sleep(100)");
    expect(&t, "begin");
    // No output can say that it sleeps: what it left undone of a press is its own affair, it must die of it.
    char path[64], line[256];
    snprintf(path, sizeof path, "/proc/%d/status", (int)t.pid);
    for (bool catches = false; !catches; usleep(1000)) {
        FILE *file = fopen(path, "r");
        cr_assert(file, "it ended");
        bool is_tg = false;
        unsigned long long mask;
        while (fgets(line, sizeof line, file)) {
            if (strcmp(line, "Name:\ttg\n") == 0) is_tg = true;
            if (sscanf(line, "SigCgt: %llx", &mask) == 1) catches = is_tg && (mask >> (SIGINT - 1) & 1);
        }
        fclose(file);
    }
    type(&t, CTRL_C);
    expect(&t, "Interrupted");
    dies_of_sigint(&t);
}

// ---- pipes that nobody reads ---------------------------------------------------------------------

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

Test(signals, full_pipe_with_other_tasks_that_catch) {
    // The flood blocks; the others are interrupted all the same, and a handler may end the program.
    Piped piped = run_piped("nursery {\n"
                            "    spawn { try { sleep(100) } except Interrupt { sleep(10ms) } }\n"
                            "    while true { print('a line of the flood') }\n"
                            "}");
    wait_until_full(&piped);
    kill(piped.pid, SIGINT);
    char part[65536];
    while (read(piped.out, part, sizeof part) > 0) {}
    close(piped.out);
    int status = piped_status(&piped);
    cr_expect(WIFSIGNALED(status) && WTERMSIG(status) == SIGINT, "wait status %x", status);
}

// ---- a storm -------------------------------------------------------------------------------------

// Two tasks catch every Interrupt. They say "ack" from inside of the next `try`, when both are there, so that
// each press is a new one and none falls between two turns.
static const char storm[] =
    "let m = lock()\n"
    "let caught = [0, 0]\n"
    "let back = [0, 0]\n"
    "let acked = -1\n"
    "let entered = 0\n"
    "let left = 0\n"
    "let going = true\n"
    "fn serve(k) {\n"
    "    while going {\n"
    "        try {\n"
    "            back[k] = caught[k]\n"
    "            if back[0] == back[1] and back[0] > acked {\n"
    "                acked = back[0]\n"
    "                if acked == LAST { going = false }\n"
    "                print(\"ack {acked}\")\n"
    "            }\n"
    "            while going {\n"
    "                with m {\n"
    "                    entered += 1\n"
    "                    try { checkpoint() } finally { left += 1 }\n"
    "                }\n"
    "            }\n"
    "        } except Interrupt {\n"
    "            caught[k] += 1\n"
    "        }\n"
    "    }\n"
    "}\n"
    "nursery { back[1] = -1; spawn serve(1); serve(0) }\n"
    "print(\"end: {caught[0]} {caught[1]}, {m.locked}, {entered == left}, {entered > 0}\")\n";

Test(signals, storm_of_10000) {
    enum { LAST = 10000 };
    char code[sizeof storm + 20];
    const char *at = strstr(storm, "LAST");
    snprintf(code, sizeof code, "%.*s%d%s", (int)(at - storm), storm, LAST, at + 4);
    Terminal t = run_code(code);
    expect(&t, "ack 0\r\n");
    unsigned seed = 42;
    for (int i = 1; i <= LAST; i++) {
        struct timespec moment = {.tv_nsec = rand_r(&seed) % 500000};
        if (i % 2) nanosleep(&moment, NULL);
        cr_assert(kill(t.pid, SIGINT) == 0);
        char ack[32];
        snprintf(ack, sizeof ack, "ack %d\r\n", i);
        expect(&t, ack);
    }
    expect(&t, "end: 10000 10000, false, true, true");
    ends_well(&t);
}
