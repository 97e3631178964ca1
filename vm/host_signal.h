// vm/host_signal.h
// Signals of the process, as counts of presses that the scheduler takes when it looks.
//
// The handler does three things and no more: it counts, sets a bit in the trap word, wakes the
// reactor. What a signal means is the scheduler's affair. A tick of the processor's time sets another
// bit, so that what is due by the clock is looked at also where boundaries are far apart (a List of
// millions is searched between two of them). Only the command installs this; a VM never does by itself.
//
// Layer: runtime, bottom. host_signal.c is the only file of vm/ with <signal.h>.
#ifndef TG_VM_HOST_SIGNAL_H
#define TG_VM_HOST_SIGNAL_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include "vm/reactor.h"

// The signals' numbers, for files that do not see <signal.h>.
enum { TG_SIGHUP = 1, TG_SIGINT = 2, TG_SIGQUIT = 3, TG_SIGTERM = 15, TG_SIGNAL_LIMIT = 16 };

typedef struct {
    _Atomic uint32_t presses[TG_SIGNAL_LIMIT]; // by number: since they were last taken
    _Atomic uint32_t *trap;
    uint32_t bit, tick_bit;
    bool has_alarm;
    int last_status;
    TgReactor *reactor;
} TgSignals;

// Takes SIGINT, SIGTERM, SIGHUP and SIGQUIT from now on, but for those that are ignored: they stay so. Each sets `bit`.
// `tick_bit` is set a hundred times in a second of processor time (SIGVTALRM); 0: never.
// `signals` and the others must live until tg_signals_remove. One at a time in a process.
void tg_signals_install(TgSignals *signals, _Atomic uint32_t *trap, uint32_t bit, uint32_t tick_bit, TgReactor *reactor);
// For a limit of time: after `seconds` of real time and then `then_every` so often both bits are set and the reactor is woken, so
// that what is long at work gives up and what waits looks up. Where a dozen of these bring nothing the process ends with `last_status`.
void tg_signals_alarm(TgSignals *signals, double seconds, double then_every, int last_status);
// Gives the signals back to whoever had them. Presses not yet taken stay in `signals`.
void tg_signals_remove(TgSignals *signals);

// How often signal `which` (TG_SIGINT …) came since this was last asked. Clear the trap bit first, then
// take: a press in between is then taken now or sets the bit again.
uint32_t tg_signals_take(TgSignals *signals, int which);

// What the terminal has to tell whoever draws on it.
enum { TG_TERMINAL_RESIZED = 1, TG_TERMINAL_STOP = 2, TG_TERMINAL_RESUMED = 4 };
// From now on a new size, Ctrl-Z and the going on after a stop are noted, and wake the reactor; Ctrl-Z does not stop the
// process by itself (it would leave the terminal as the line editor has it). Where it was ignored it stays so.
void tg_terminal_signals_on(TgReactor *reactor);
// As it was before: Ctrl-Z stops at once. Without effect where they are not on.
void tg_terminal_signals_off(void);
// TG_TERMINAL_… that came since they were last taken; `peek` leaves them.
unsigned tg_terminal_signals(bool peek);
// Stops the process as Ctrl-Z does; comes back when it is to go on.
void tg_terminal_stop(void);

// From now on writing to a pipe or socket whose other end is closed is an error (EPIPE), as the library's streams want it, and
// no longer the process's end by SIGPIPE.
void tg_broken_pipes_are_errors(void);
// Nobody reads standard output any more: ends the process by SIGPIPE, where only the above has kept that from happening.
void tg_output_is_broken(void);

// Ends the process by this signal, so that the parent sees it. Flush everything before.
_Noreturn void tg_die_of(int signal);

#endif
