// tests/test_reactor.c
// Both reactors against one contract, and the signals' counters.
#include <criterion/criterion.h>
#include <criterion/parameterized.h>
#include <fcntl.h>
#include <math.h>
#include <pthread.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <unistd.h>

#include "vm/host_signal.h"
#include "vm/reactor.h"

typedef TgReactor *(*Maker)(void);

static const Maker makers[] = {tg_reactor_uv_new, tg_reactor_virtual_new};
// Criterion starts each test in a process of its own at other addresses: parameters hold no pointers.
static int indices[] = {0, 1};

static void count_up(void *data) { ++*(int *)data; }

// Every promise is tried with both.
#define BOTH(name)                                                                                 \
    static void name##_with(TgReactor *r);                                                         \
    ParameterizedTestParameters(reactor, name) {                                                   \
        return cr_make_param_array(int, indices, 2);                                               \
    }                                                                                              \
    ParameterizedTest(int *index, reactor, name) {                                                 \
        TgReactor *r = makers[*index]();                                                           \
        cr_assert(r);                                                                              \
        name##_with(r);                                                                            \
        r->free(r);                                                                                \
    }                                                                                              \
    static void name##_with(TgReactor *r)

BOTH(wait_ends_when_it_is_time) {
    double start = r->now(r);
    cr_assert(start < 1);
    for (int i = 1; i <= 3; i++) {
        double until = start + i * 0.003;
        while (r->now(r) < until) r->wait(r, until);
        cr_assert(r->now(r) < until + 0.5);
    }
    double now = r->now(r);
    r->wait(r, now - 1); // a time that is over
    cr_assert(r->now(r) - now < 0.1);
}

BOTH(wake_before_wait_is_not_lost) {
    double start = r->now(r);
    r->wake(r);
    r->poll(r);
    r->wait(r, start + 1000);
    cr_assert(r->now(r) < start + 100);
    double until = r->now(r) + 0.005; // it counts once
    while (r->now(r) < until) r->wait(r, until);
}

BOTH(watched_pipe_is_ready_once) {
    int ends[2], calls = 0;
    cr_assert(pipe(ends) == 0);
    TgWatch *watch;
    cr_assert(!r->has_external(r));
    cr_assert(r->watch(r, ends[0], false, count_up, &calls, &watch));
    cr_assert(r->has_external(r));
    r->poll(r);
    cr_assert(calls == 0);
    cr_assert(write(ends[1], "xy", 2) == 2);
    double start = r->now(r);
    while (calls == 0) r->wait(r, INFINITY);
    cr_assert(r->now(r) - start < 100);
    cr_assert(!r->has_external(r));
    r->poll(r);
    cr_assert(calls == 1);
    // Again, while it is readable already; and its end of file counts as ready.
    cr_assert(r->watch(r, ends[0], false, count_up, &calls, &watch));
    while (calls == 1) r->poll(r);
    char bytes[8];
    cr_assert(read(ends[0], bytes, sizeof bytes) == 2);
    close(ends[1]);
    cr_assert(r->watch(r, ends[0], false, count_up, &calls, &watch));
    while (calls == 2) r->wait(r, INFINITY);
    close(ends[0]);
}

BOTH(reader_and_writer_share_a_descriptor) {
    int ends[2], reads = 0, more_reads = 0, writes = 0;
    cr_assert(socketpair(AF_UNIX, SOCK_STREAM, 0, ends) == 0);
    TgWatch *reader, *second, *writer;
    cr_assert(r->watch(r, ends[0], false, count_up, &reads, &reader));
    cr_assert(r->watch(r, ends[0], false, count_up, &more_reads, &second));
    cr_assert(r->watch(r, ends[0], true, count_up, &writes, &writer));
    while (!writes) r->wait(r, INFINITY);
    cr_assert(reads == 0);
    r->unwatch(r, second);
    cr_assert(write(ends[1], "x", 1) == 1);
    while (!reads) r->wait(r, INFINITY);
    cr_assert(more_reads == 0);
    cr_assert(!r->has_external(r));
    close(ends[0]);
    close(ends[1]);
}

// Nobody waits for it any more, and something is to be read there: the waits are as long as they would be.
static void expect_quiet(TgReactor *r) {
    int waits = 0;
    for (double until = r->now(r) + 0.05; r->now(r) < until; waits++) r->wait(r, until);
    cr_expect(waits < 20, "%d waits", waits);
}

BOTH(a_socket_that_nobody_waits_for_wakes_nobody) {
    int ends[2], calls = 0;
    TgWatch *watch;
    cr_assert(socketpair(AF_UNIX, SOCK_STREAM, 0, ends) == 0);
    cr_assert(write(ends[1], "x", 1) == 1);
    for (int i = 1; i <= 3; i++) {
        cr_assert(r->watch(r, ends[0], false, count_up, &calls, &watch));
        while (calls < i) r->wait(r, INFINITY);
    }
    for (int i = 0; i < 100; i++) r->poll(r);
    expect_quiet(r);
    // Of a number that is another socket's now, and of the same one after it was quiet.
    close(ends[0]);
    close(ends[1]);
    cr_assert(socketpair(AF_UNIX, SOCK_STREAM, 0, ends) == 0);
    for (int i = 4; i <= 5; i++) {
        cr_assert(r->watch(r, ends[0], false, count_up, &calls, &watch));
        expect_quiet(r);
        cr_assert(calls == i - 1 && write(ends[1], "x", 1) == 1);
        while (calls < i) r->wait(r, INFINITY);
        char byte;
        cr_assert(read(ends[0], &byte, 1) == 1);
    }
    close(ends[0]);
    close(ends[1]);
}

BOTH(a_socket_that_a_program_got_wakes_nobody) {
    int ends[2], calls = 0;
    TgWatch *watch;
    cr_assert(socketpair(AF_UNIX, SOCK_STREAM, 0, ends) == 0);
    cr_assert(r->watch(r, ends[0], false, count_up, &calls, &watch));
    cr_assert(write(ends[1], "x", 1) == 1);
    while (!calls) r->wait(r, INFINITY);
    r->live(r, 1);
    int theirs = dup(ends[0]); // as a child has it
    close(ends[0]);
    expect_quiet(r);
    r->live(r, -1);
    close(theirs);
    close(ends[1]);
}

BOTH(unwatched_and_closed_descriptor_number_can_be_watched_again) {
    for (int i = 0; i < 3; i++) {
        int ends[2], calls = 0;
        cr_assert(pipe(ends) == 0);
        TgWatch *watch;
        cr_assert(r->watch(r, ends[0], false, count_up, &calls, &watch));
        if (i != 1) r->poll(r);
        r->unwatch(r, watch);
        cr_assert(write(ends[1], "x", 1) == 1);
        r->poll(r);
        cr_assert(calls == 0);
        cr_assert(r->watch(r, ends[0], false, count_up, &calls, &watch));
        while (!calls) r->poll(r);
        close(ends[0]);
        close(ends[1]);
    }
}

typedef struct {
    TgReactor *reactor;
    int fd, calls;
} Again;

static void watch_again(void *data) {
    Again *again = data;
    TgWatch *watch;
    if (++again->calls < 5) {
        again->reactor->watch(again->reactor, again->fd, false, watch_again, again, &watch);
    }
}

BOTH(ready_may_watch_again) {
    int ends[2];
    cr_assert(pipe(ends) == 0);
    Again again = {r, ends[0], 0};
    TgWatch *watch;
    cr_assert(r->watch(r, ends[0], false, watch_again, &again, &watch));
    cr_assert(write(ends[1], "x", 1) == 1);
    while (again.calls < 5) r->wait(r, INFINITY);
    cr_assert(!r->has_external(r));
    close(ends[0]);
    close(ends[1]);
}

BOTH(files_and_dev_null_cannot_be_watched) {
    TgWatch *watch;
    int calls = 0;
    static const char *const paths[] = {"/dev/null", "Makefile", "."};
    for (int i = 0; i < 3; i++) {
        int fd = open(paths[i], O_RDONLY);
        cr_assert(fd >= 0);
        cr_assert(!r->watch(r, fd, false, count_up, &calls, &watch), "%s", paths[i]);
        close(fd);
    }
    cr_assert(!r->has_external(r));
}

BOTH(watching_leaves_the_flags_of_a_descriptor) {
    int ends[2], calls = 0;
    cr_assert(pipe(ends) == 0);
    int before = fcntl(ends[0], F_GETFL);
    TgWatch *watch;
    cr_assert(r->watch(r, ends[0], false, count_up, &calls, &watch));
    r->poll(r);
    cr_assert(fcntl(ends[0], F_GETFL) == before);
    r->unwatch(r, watch);
    cr_assert(fcntl(ends[0], F_GETFL) == before);
    close(ends[0]);
    close(ends[1]);
}

BOTH(may_be_freed_with_watches) {
    int ends[2], calls = 0;
    cr_assert(pipe(ends) == 0);
    TgWatch *watch;
    cr_assert(r->watch(r, ends[0], false, count_up, &calls, &watch));
    cr_assert(r->watch(r, ends[0], false, count_up, &calls, &watch));
}

BOTH(entropy_differs_each_time) { cr_assert(r->entropy(r) != r->entropy(r)); }

static void *wake_later(void *data) {
    TgReactor *r = data;
    usleep(20000);
    r->wake(r);
    return NULL;
}

Test(reactor_uv, wake_ends_an_infinite_wait) {
    TgReactor *r = tg_reactor_uv_new();
    pthread_t thread;
    pthread_create(&thread, NULL, wake_later, r);
    r->wait(r, INFINITY);
    pthread_join(thread, NULL);
    r->free(r);
}

// The machine may be busy: one of many has to be right.
Test(reactor_uv, waits_are_not_rounded_to_milliseconds) {
    TgReactor *r = tg_reactor_uv_new();
    double least = 1;
    for (int i = 0; i < 50; i++) {
        double until = r->now(r) + 0.0003;
        while (r->now(r) < until) r->wait(r, until);
        double late = r->now(r) - until;
        if (late < least) least = late;
    }
    cr_assert_lt(least, 0.0003, "%.0f us late at best", least * 1e6);
    r->free(r);
}

Test(reactor_virtual, time_is_exact_and_repeatable) {
    TgReactor *r = tg_reactor_virtual_new(), *other = tg_reactor_virtual_new();
    cr_assert(r->now(r) == 0);
    r->wait(r, 3600.5);
    cr_assert(r->now(r) == 3600.5);
    cr_assert(r->wall(r) == 946684800.0 + 3600.5);
    r->wait(r, INFINITY); // nothing can wake it
    cr_assert(r->now(r) == 3600.5);
    cr_assert(r->entropy(r) == other->entropy(other));
    r->free(r);
    other->free(other);
}

Test(reactor_virtual, ready_descriptor_comes_before_the_jump) {
    TgReactor *r = tg_reactor_virtual_new();
    int ends[2], calls = 0;
    cr_assert(pipe(ends) == 0 && write(ends[1], "x", 1) == 1);
    TgWatch *watch;
    cr_assert(r->watch(r, ends[0], false, count_up, &calls, &watch));
    r->wait(r, 10);
    cr_assert(calls == 1 && r->now(r) == 0);
    r->wait(r, 10);
    cr_assert(r->now(r) == 10);
    r->free(r);
}

Test(signals, presses_are_counted_and_set_the_bit) {
    TgReactor *r = tg_reactor_uv_new();
    TgSignals signals = {0};
    _Atomic uint32_t trap = 2;
    tg_signals_install(&signals, &trap, 1, 2, r);
    raise(SIGINT);
    raise(SIGINT);
    raise(SIGTERM);
    cr_assert(trap == 3);
    double start = r->now(r);
    r->wait(r, start + 1000);
    cr_assert(r->now(r) < start + 100);
    cr_assert(tg_signals_take(&signals, TG_SIGINT) == 2);
    cr_assert(tg_signals_take(&signals, TG_SIGINT) == 0);
    cr_assert(tg_signals_take(&signals, TG_SIGTERM) == 1);
    tg_signals_remove(&signals);
    r->free(r);
}

Test(signals, ignored_one_stays_ignored) {
    TgReactor *r = tg_reactor_uv_new();
    TgSignals signals = {0};
    _Atomic uint32_t trap = 0;
    signal(SIGHUP, SIG_IGN);
    tg_signals_install(&signals, &trap, 1, 2, r);
    raise(SIGHUP);
    cr_assert(trap == 0 && tg_signals_take(&signals, TG_SIGHUP) == 0);
    tg_signals_remove(&signals);
    r->free(r);
}

Test(signals, busy_time_ticks) {
    TgReactor *r = tg_reactor_uv_new();
    TgSignals signals = {0};
    _Atomic uint32_t trap = 0;
    tg_signals_install(&signals, &trap, 1, 2, r);
    while (trap == 0) {} // a timeout says that it never does
    cr_assert(trap == 2);
    tg_signals_remove(&signals);
    struct itimerval left;
    getitimer(ITIMER_VIRTUAL, &left);
    cr_assert(left.it_value.tv_usec == 0 && left.it_interval.tv_usec == 0);
    r->free(r);
}

// The tick is on its way when the handlers go, and comes to nobody: by default it ends the process.
Test(signals, a_tick_that_waits_is_lost_when_they_are_removed) {
    sigset_t tick;
    sigemptyset(&tick);
    sigaddset(&tick, SIGVTALRM);
    sigprocmask(SIG_BLOCK, &tick, NULL);
    TgReactor *r = tg_reactor_uv_new();
    TgSignals signals = {0};
    _Atomic uint32_t trap = 0;
    tg_signals_install(&signals, &trap, 1, 2, r);
    raise(SIGVTALRM);
    tg_signals_remove(&signals);
    sigprocmask(SIG_UNBLOCK, &tick, NULL);
    struct sigaction now;
    sigaction(SIGVTALRM, NULL, &now);
    cr_expect(now.sa_handler == SIG_DFL);
    r->free(r);
}

Test(signals, die_of_is_seen_by_the_parent) {
    pid_t pid = fork();
    if (pid == 0) {
        signal(SIGINT, SIG_IGN);
        tg_die_of(TG_SIGINT);
    }
    int status;
    waitpid(pid, &status, 0);
    cr_assert(WIFSIGNALED(status) && WTERMSIG(status) == SIGINT);
}

BOTH(descriptor_that_is_another_file_now_is_asked_anew) {
    int ends[2], calls = 0;
    TgWatch *watch;
    for (int i = 0; i < 3; i++) { // the same numbers each time
        cr_assert(pipe(ends) == 0 && write(ends[1], "x", 1) == 1);
        cr_assert(r->watch(r, ends[0], false, count_up, &calls, &watch));
        while (calls == i) r->wait(r, r->now(r) + 10);
        cr_assert(!r->has_external(r));
        close(ends[0]);
        close(ends[1]);
    }
    int fd = open("/dev/null", O_RDONLY);
    cr_assert(fd == ends[0]);
    cr_assert(!r->watch(r, fd, false, count_up, &calls, &watch));
    close(fd);
}

BOTH(error_of_a_descriptor_wakes_and_is_over) {
    int ends[2], calls = 0;
    TgWatch *watch;
    cr_assert(pipe(ends) == 0);
    fcntl(ends[1], F_SETFL, O_NONBLOCK);
    char bytes[4096] = {0};
    while (write(ends[1], bytes, sizeof bytes) > 0) {}
    cr_assert(r->watch(r, ends[1], true, count_up, &calls, &watch));
    cr_assert(r->has_external(r));
    close(ends[0]); // nobody will read it: POLLERR
    while (!calls) r->wait(r, r->now(r) + 10);
    cr_assert(calls == 1 && !r->has_external(r));
    close(ends[1]);
}

// ---- Work

typedef struct {
    TgWork work; // first
    int gate;    // read from by `run`, where it is not -1
    pthread_t thread;
    sigset_t blocked;
    int wanted, unwanted; // how often it was done
} Trial;

static void trial_run(TgWork *work) {
    Trial *trial = (Trial *)work;
    char byte;
    trial->thread = pthread_self();
    pthread_sigmask(SIG_SETMASK, NULL, &trial->blocked);
    if (trial->gate >= 0) (void)!read(trial->gate, &byte, 1);
}

static void trial_done(TgWork *work, bool is_wanted) {
    Trial *trial = (Trial *)work;
    ++*(is_wanted ? &trial->wanted : &trial->unwanted);
}

static Trial trial_of(int gate) {
    return (Trial){.work = {.run = trial_run, .done = trial_done, .what = "trying"}, .gate = gate};
}

BOTH(work_is_run_and_done) {
    Trial trial = trial_of(-1);
    cr_assert(r->submit(r, &trial.work));
    cr_assert(r->has_external(r) && !trial.wanted); // not before the next look
    double start = r->now(r);
    while (!trial.wanted) r->wait(r, start + 1000);
    cr_assert(r->now(r) < start + 100, "the clock did not jump while it was out");
    cr_assert(trial.wanted == 1 && !trial.unwanted && !r->has_external(r));
}

BOTH(abandoned_work_is_done_unwanted) {
    Trial trial = trial_of(-1);
    cr_assert(r->submit(r, &trial.work));
    r->abandon(r, &trial.work);
    r->settle(r);
    cr_assert(!trial.wanted && trial.unwanted == 1);
}

BOTH(work_that_is_out_at_the_end_is_unwanted) {
    static Trial trial; // seen after the reactor is gone
    trial = trial_of(-1);
    cr_assert(r->submit(r, &trial.work));
    cr_assert(!trial.wanted);
}

Test(reactor_uv, threads_of_the_pool_get_no_signals) {
    TgReactor *r = tg_reactor_uv_new();
    Trial trial = trial_of(-1);
    cr_assert(r->submit(r, &trial.work));
    while (!trial.wanted) r->wait(r, INFINITY);
    cr_assert(!pthread_equal(trial.thread, pthread_self()));
    cr_assert(sigismember(&trial.blocked, SIGINT) && sigismember(&trial.blocked, SIGVTALRM));
    cr_assert(!getenv("UV_THREADPOOL_SIZE"), "children would inherit it");
    r->free(r);
}

static void count_holder(void *data, const TgWork *work) {
    cr_assert_str_eq(work->what, "trying");
    ++*(int *)data;
}

Test(reactor_uv, it_says_what_holds_all_threads) {
    enum { THREADS = 16 };
    TgReactor *r = tg_reactor_uv_new();
    int gate[2], holders = 0;
    cr_assert(pipe(gate) == 0);
    Trial stuck[THREADS], late = trial_of(-1);
    for (int i = 0; i < THREADS; i++) {
        cr_assert(!r->each_holder(r, count_holder, &holders), "some are free");
        stuck[i] = trial_of(gate[0]);
        cr_assert(r->submit(r, &stuck[i].work));
    }
    cr_assert(r->submit(r, &late.work));
    for (int i = 0; i < 1000 && !r->each_holder(r, count_holder, &holders); i++) r->wait(r, r->now(r) + 0.01);
    cr_assert(holders == THREADS && !late.wanted);
    r->abandon(r, &late.work); // no thread has it: it never runs
    while (!late.unwanted) r->wait(r, INFINITY);
    cr_assert(!late.thread);
    cr_assert(write(gate[1], "0123456789abcdef", THREADS) == THREADS);
    for (int i = 0; i < THREADS; i++)
        while (!stuck[i].wanted) r->wait(r, INFINITY);
    r->free(r);
}

Test(reactor_uv, work_that_hangs_does_not_keep_the_process) {
    pid_t child = fork();
    if (child == 0) {
        static Trial trial;
        int gate[2];
        TgReactor *r = tg_reactor_uv_new();
        if (!r || pipe(gate) != 0) _exit(1);
        trial = trial_of(gate[0]);
        r->submit(r, &trial.work);
        r->free(r);
        exit(7);
    }
    int status = 0;
    for (int i = 0; i < 500 && waitpid(child, &status, WNOHANG) == 0; i++) usleep(10000);
    cr_assert(WIFEXITED(status) && WEXITSTATUS(status) == 7, "status %d", status);
}
