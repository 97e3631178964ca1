// vm/session.h
// Tasks that outlive the statement that spawned them: those of a REPL, where statements come one after another.
//
// A session is a root scope beside that of the statement's run. Its tasks go on while a statement runs and, by
// tg_session_run, while none does. One of them that fails cancels nobody: it is kept until it is asked for.
// Layer: runtime, top.
#ifndef TG_VM_SESSION_H
#define TG_VM_SESSION_H

#include "vm/vm.h"

// From now on `spawn` outside of any nursery puts its task into the session.
void tg_session_open(TgVM *vm);
// No statement runs: runs the session's tasks, and waits with the reactor, until `over(data)`, which is asked
// after each task and each wait. Signals only end waits here: what they mean is the caller's affair.
void tg_session_run(TgVM *vm, bool (*over)(void *data), void *data);
// How many of its tasks live (without those that they spawned themselves).
uint32_t tg_session_count(const TgVM *vm);
// A task of it that has failed since this was last asked, oldest first, or NULL.
TgTask *tg_session_failed(TgVM *vm);
// Ctrl-C for all of its tasks, with the three steps that it has in a program.
void tg_session_interrupt(TgVM *vm);
// The task of that number in the session, or NULL.
TgTask *tg_session_find(TgVM *vm, uint32_t id);
// Cancels all and runs them until they are through with their cleanup. Signals now mean what they mean in a program, where
// the SIGTERM or SIGHUP because of which it ends (0: none) was the first of its kind. One that came meanwhile is the scheduler's
// `end_signal`.
void tg_session_close(TgVM *vm, int signal);

#endif
