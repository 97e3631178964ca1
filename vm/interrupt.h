// vm/interrupt.h
// What signals mean: Ctrl-C and its three steps, SIGTERM and SIGHUP, SIGQUIT.
//
// The handler (host_signal.c) only counts; here the counts become interrupts and cancellations of tasks, at
// a boundary or while all wait. A Ctrl-C is settled when no task has it to come and none unwinds because of it.
// Layer: runtime.
#ifndef TG_VM_INTERRUPT_H
#define TG_VM_INTERRUPT_H

#include "vm/vm.h"

// Takes the signals that came; at a boundary, or while all wait. Does not return where a third one ends the process.
void tg_interrupt_take(TgVM *vm, bool at_boundary);
// One press of Ctrl-C, as SIGINT makes it.
void tg_interrupt_press(TgVM *vm);
// SIGTERM or SIGHUP has come: the main task is cancelled; the second pierces, the third ends the process.
void tg_interrupt_terminate(TgVM *vm, int signal);
// All that still runs is cancelled inside its shields and cleanup too.
void tg_interrupt_pierce(TgVM *vm);
// The same, and each is named on stderr.
void tg_interrupt_break_off(TgVM *vm);
// Whether a press is still to strike or on its way somewhere.
bool tg_interrupt_unsettled(TgVM *vm);
// Whether tg_interrupt_notice() may still have something to say, a second after `press_time`.
bool tg_interrupt_watches(const TgVM *vm);
// Says once on a terminal who is cleaning up for more than a second.
void tg_interrupt_notice(TgVM *vm);

#endif
