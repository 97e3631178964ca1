// vm/host_signal.c
// sigaction and setitimer, and nothing else of a host's signals.
//
// Layer: runtime, bottom. The only file of vm/ with <signal.h>.
#include "vm/host_signal.h"

#include <assert.h>
#include <errno.h>
#include <signal.h>
#include <stddef.h>
#include <sys/time.h>
#include <unistd.h>

static_assert(TG_SIGHUP == SIGHUP && TG_SIGINT == SIGINT && TG_SIGQUIT == SIGQUIT, "numbers");
static_assert(TG_SIGTERM == SIGTERM, "numbers");
static_assert(ATOMIC_INT_LOCK_FREE == 2, "a signal handler needs atomics without locks");

static const int taken[] = {SIGINT, SIGTERM, SIGHUP, SIGQUIT};
enum { TAKEN_COUNT = sizeof taken / sizeof *taken, TICK_MICROSECONDS = 10000 };

// A handler gets nothing but the signal's number, and signals belong to the process: where they go is
// the one thing in vm/ that cannot hang on a TgVM.
static TgSignals *_Atomic installed;
static struct sigaction before[TAKEN_COUNT], before_tick; // what tg_signals_remove puts back

static void on_signal(int number) {
    int saved = errno;
    TgSignals *signals = atomic_load(&installed);
    if (signals) {
        atomic_fetch_add(&signals->presses[number], 1);
        atomic_fetch_or(signals->trap, signals->bit);
        signals->reactor->wake(signals->reactor);
    }
    errno = saved;
}

static void on_tick(int number) {
    (void)number;
    TgSignals *signals = atomic_load(&installed);
    if (signals) atomic_fetch_or(signals->trap, signals->tick_bit);
}

static bool pipes_are_errors;

void tg_broken_pipes_are_errors(void) {
    struct sigaction action;
    if (pipes_are_errors || sigaction(SIGPIPE, NULL, &action) != 0 || action.sa_handler != SIG_DFL) return;
    action.sa_handler = SIG_IGN;
    pipes_are_errors = sigaction(SIGPIPE, &action, NULL) == 0;
}

void tg_output_is_broken(void) {
    if (pipes_are_errors) tg_die_of(SIGPIPE);
}

static void tick_every(suseconds_t microseconds) {
    struct itimerval every = {{0, microseconds}, {0, microseconds}};
    setitimer(ITIMER_VIRTUAL, &every, NULL);
}

void tg_signals_install(TgSignals *signals, _Atomic uint32_t *trap, uint32_t bit, uint32_t tick_bit, TgReactor *reactor) {
    assert(!atomic_load(&installed));
    signals->trap = trap;
    signals->bit = bit;
    signals->tick_bit = tick_bit;
    signals->reactor = reactor;
    atomic_store(&installed, signals);
    // No SA_RESTART: what blocks in a system call is to come back and look.
    struct sigaction action = {.sa_handler = on_signal};
    sigemptyset(&action.sa_mask);
    for (int i = 0; i < TAKEN_COUNT; i++) {
        sigaction(taken[i], NULL, &before[i]);
        if (before[i].sa_handler != SIG_IGN) sigaction(taken[i], &action, NULL);
    }
    if (!tick_bit) return;
    struct sigaction tick = {.sa_handler = on_tick, .sa_flags = SA_RESTART};
    sigemptyset(&tick.sa_mask);
    sigaction(SIGVTALRM, &tick, &before_tick);
    tick_every(TICK_MICROSECONDS);
}

// A boundary, an answer: a run that is past several of these is not going to look at any more.
enum { LAST_ALARM = 12 };
static atomic_uint alarms;
static struct sigaction before_alarm;

static void on_alarm(int number) {
    (void)number;
    static const char last[] = "LimitReached: the limit of --max-time is long over, and an operation does not end; the process is ended\n";
    int saved = errno;
    TgSignals *signals = atomic_load(&installed);
    if (atomic_fetch_add(&alarms, 1) + 1 >= LAST_ALARM) {
        if (write(2, last, sizeof last - 1) < 0) {} // nothing is left to be done about it
        _exit(signals ? signals->last_status : 1);
    }
    if (signals) {
        atomic_fetch_or(signals->trap, signals->bit | signals->tick_bit);
        signals->reactor->wake(signals->reactor);
    }
    errno = saved;
}

static struct timeval timeval_of(double seconds) {
    return (struct timeval){(time_t)seconds, (suseconds_t)((seconds - (double)(time_t)seconds) * 1e6)};
}

void tg_signals_alarm(TgSignals *signals, double seconds, double then_every, int last_status) {
    enum { A_YEAR = 31536000 };
    signals->last_status = last_status;
    atomic_store(&alarms, 0);
    struct sigaction action = {.sa_handler = on_alarm};
    sigemptyset(&action.sa_mask);
    sigaction(SIGALRM, &action, &before_alarm);
    signals->has_alarm = true;
    if (seconds > A_YEAR) seconds = A_YEAR;
    struct itimerval timer = {timeval_of(then_every), timeval_of(seconds)};
    setitimer(ITIMER_REAL, &timer, NULL);
}

static void alarm_off(void) {
    struct sigaction ignore = {.sa_handler = SIG_IGN};
    struct itimerval never = {{0, 0}, {0, 0}};
    setitimer(ITIMER_REAL, &never, NULL);
    sigaction(SIGALRM, &ignore, NULL);
    sigaction(SIGALRM, &before_alarm, NULL);
}

void tg_signals_remove(TgSignals *signals) {
    assert(atomic_load(&installed) == signals);
    if (signals->has_alarm) alarm_off();
    if (signals->tick_bit) {
        // A tick may be on its way already, and what SIGVTALRM does by default is to end the process:
        // to ignore a signal takes it off those that wait.
        struct sigaction ignore = {.sa_handler = SIG_IGN};
        tick_every(0);
        sigaction(SIGVTALRM, &ignore, NULL);
        sigaction(SIGVTALRM, &before_tick, NULL);
    }
    for (int i = 0; i < TAKEN_COUNT; i++) {
        if (before[i].sa_handler != SIG_IGN) sigaction(taken[i], &before[i], NULL);
    }
    atomic_store(&installed, NULL);
}

uint32_t tg_signals_take(TgSignals *signals, int which) {
    assert(which > 0 && which < TG_SIGNAL_LIMIT);
    return atomic_exchange(&signals->presses[which], 0);
}

// ---- the terminal --------------------------------------------------------------------------------

static const int of_terminal[] = {SIGWINCH, SIGTSTP, SIGCONT};
static const unsigned notes[] = {TG_TERMINAL_RESIZED, TG_TERMINAL_STOP, TG_TERMINAL_RESUMED};
enum { OF_TERMINAL = sizeof of_terminal / sizeof *of_terminal };

static TgReactor *_Atomic terminal_reactor; // NULL: they are not on
static atomic_uint noted;
static struct sigaction before_terminal[OF_TERMINAL];

static void on_terminal(int number) {
    int saved = errno;
    TgReactor *reactor = atomic_load(&terminal_reactor);
    for (int i = 0; i < OF_TERMINAL; i++)
        if (of_terminal[i] == number) atomic_fetch_or(&noted, notes[i]);
    if (reactor) reactor->wake(reactor);
    errno = saved;
}

void tg_terminal_signals_on(TgReactor *reactor) {
    if (atomic_load(&terminal_reactor)) return;
    atomic_store(&noted, 0);
    atomic_store(&terminal_reactor, reactor);
    struct sigaction action = {.sa_handler = on_terminal, .sa_flags = SA_RESTART};
    sigemptyset(&action.sa_mask);
    for (int i = 0; i < OF_TERMINAL; i++) {
        sigaction(of_terminal[i], NULL, &before_terminal[i]);
        if (before_terminal[i].sa_handler != SIG_IGN) sigaction(of_terminal[i], &action, NULL);
    }
}

void tg_terminal_signals_off(void) {
    if (!atomic_load(&terminal_reactor)) return;
    for (int i = 0; i < OF_TERMINAL; i++) sigaction(of_terminal[i], &before_terminal[i], NULL);
    atomic_store(&terminal_reactor, NULL);
}

unsigned tg_terminal_signals(bool peek) {
    return peek ? atomic_load(&noted) : atomic_exchange(&noted, 0);
}

// ---- what the default does -----------------------------------------------------------------------

static void raise_default(int number, struct sigaction *had) {
    struct sigaction action = {.sa_handler = SIG_DFL};
    sigemptyset(&action.sa_mask);
    sigaction(number, &action, had);
    sigset_t only;
    sigemptyset(&only);
    sigaddset(&only, number);
    sigprocmask(SIG_UNBLOCK, &only, NULL);
    raise(number);
}

void tg_terminal_stop(void) {
    struct sigaction had;
    raise_default(SIGTSTP, &had);
    sigaction(SIGTSTP, &had, NULL);
}

void tg_die_of(int number) {
    raise_default(number, NULL);
    _exit(128 + number); // only where its default is not to end the process
}
