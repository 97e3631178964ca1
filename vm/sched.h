// vm/sched.h
// The scheduler: which task runs next, what a waiting one waits for, and when nothing can go on.
//
// Ready tasks run first come, first served. Every wait ends in one of three ways, all here: tg_sched_wake
// with a value, tg_sched_wake_raise with an error, tg_sched_abort for an interrupt or cancellation. A task
// whose wait has ended keeps its result; what else was to happen to it happens at its next boundary.
//
// Layer: runtime.
#ifndef TG_VM_SCHED_H
#define TG_VM_SCHED_H

#include "vm/reactor.h"
#include "vm/scope.h"
#include "vm/string.h"
#include "vm/vm.h"

enum {
    POLL_EVERY = 10000, // boundaries between two looks at the outside world
    SWITCH_COST = 20,   // what a switch counts as, in boundaries
};

typedef struct TgSched {
    TgTask *first, *last;  // ready; `last` means nothing where there is none
    TgTask *spare;         // ended and forgotten: cells for the next ones (life.c). None while the collector works
    uint32_t spare_count;
    TgTimers timers;
    TgScope *root;         // of the run; its children are the main task (and nothing else). NULL: none runs
    TgScope *session;      // the root of tasks that outlive a run (session.h), or NULL
    TgList *failed;        // those of the session that failed and nobody has asked for
    TgTask *main;
    uint32_t next_id;
    uint32_t cancels;      // of scopes and tasks so far: which was first
    double clock;          // the time when the world was last looked at; what began to wait is as old as that
    TgWaitQueue importers; // tasks that wait for a module that another one runs
    struct TgInbox *inboxes; // of the signals() blocks that are open, newest first (inbox.c)
    uint64_t used;         // boundaries used up by slices that are over, and one for each: places of a run (tg_sched_place)
    uint64_t idle_from;    // `used` when the clock last moved (virtual time)
    uint64_t granted;      // to the running slice, from the start
    uint64_t withheld;     // of these, for the time being: a replay stops where something came
    uint64_t stopped_at;   // the place of the boundary that the task stands at (tg_sched_trap)
    struct TgChooser *chooser; // whose turn it is and for how long; NULL: first come, first served, options.slice each
    uint32_t presses;      // of Ctrl-C since the last one was settled
    uint32_t terms;        // SIGTERM and SIGHUP
    int end_signal;        // the process is to die of it
    bool exit_called;
    int exit_status;
    double press_time;     // of the first press, or of the session's end; for the notice
    bool closing;          // the session ends: its tasks are cleaning up
    bool noticed;
    bool striking;         // a press of Ctrl-C is being told (tg_scope_strike)
    TgException *press;    // the Interrupt of the press
    double next_flush;     // of output while busy
    uint64_t since_poll;   // boundaries used since the outside was last looked at
    bool passes;           // in this turn of the scheduler tasks may pass on to each other (tg_sched_pass)
    uint64_t poll_every;   // so many make the next look due
    int64_t slice_left;    // stepping: boundaries are granted one by one
    uint64_t boundaries;   // stepping: passed so far
    TgCode *struck_code;   // stepping: where the first ordered press or cancellation struck
    uint32_t struck_line;
    void *signals;         // TgSignals of the process, or NULL: the command's (host_signal.h)
    TgClass *loading_class; // of what _import has in its `with`: fields module, ok; its exit is tg_import_done
    TgClass *tree_class;   // of what tasks() gives (tasktree.h)
    TgString *task_name;   // of tasks whose function has none
    TgFunction *entry;     // the function of every task's bottom frame
    TgCode *native_code;   // the stub that natives are come back to by: RESUME 1, RESUME 2 …
} TgSched;

// How to choose between tasks that are ready. Without one nothing is asked; with one the quick ways from task to task are off.
typedef struct TgChooser {
    // The number (0 is who came first) of the one that is to run, of the first `count` that are ready, which are 2 to `most`.
    uint32_t (*next)(TgVM *vm, struct TgChooser *chooser, uint32_t count);
    // Boundaries that it may run, 1 to options.slice.
    uint64_t (*slice)(TgVM *vm, struct TgChooser *chooser);
    uint32_t most;
} TgChooser;
// One that draws both by a generator of its own (shuffle.c). Freed with the VM.
TgChooser *tg_shuffle_new(uint64_t seed);

bool tg_sched_init(TgVM *vm);
void tg_sched_free(TgVM *vm);

// To the end of the queue, as `state` says already.
static inline void tg_sched_append(TgSched *sched, TgTask *task) {
    task->next = NULL;
    if (sched->first) sched->last->next = task;
    else sched->first = task;
    sched->last = task;
}
static inline void tg_sched_ready(TgVM *vm, TgTask *task) {
    task->state = TASK_READY;
    tg_sched_append(vm->sched, task);
}
// Parks the running task: it goes on at `pc` (saved by the caller with base) with a value in stack slot `dest`.
static inline void tg_sched_park(TgVM *vm, TgTask *task, TgWaitKind kind, void *object, uint32_t dest) {
    task->state = TASK_BLOCKED;
    if (!task->timer.at) task->timer.when = vm->sched->clock;
    task->wait_kind = (uint8_t)kind;
    task->wait_object = object;
    task->dest = dest;
}
// To be asked before a task is parked with a timer: false, there is no memory for one more, and MemoryError is raised.
static inline bool tg_sched_can_sleep(TgVM *vm) {
    TgTimers *timers = &vm->sched->timers;
    if (timers->count < timers->capacity || tg_timers_reserve(timers)) return true;
    tg_error_memory(vm);
    return false;
}
void tg_sched_sleep_until(TgVM *vm, TgTask *task, double when); // a timer for a parked task
void tg_sched_wake(TgVM *vm, TgTask *task, TgValue value);
// Wakes the task of a place in a queue: a select learns which of its cases it was.
void tg_sched_wake_by(TgVM *vm, TgWait *wait, TgValue value);
void tg_sched_wake_raise(TgVM *vm, TgTask *task, TgValue exception);
// Its wait did not happen: it is to be interrupted or cancelled, as the verdict was.
void tg_sched_abort(TgVM *vm, TgTask *task, TgVerdict verdict);

// The running task has ended (it may be freed), has been parked, or has used its slice. True: the next one is current, to be
// loaded and run; this is the way from task to task while nothing else is due. False: back to the scheduler.
typedef enum { TURN_ENDED, TURN_PARKED, TURN_YIELDED } TgTurnEnd;
bool tg_sched_pass(TgVM *vm, TgTurnEnd end);
// One turn of the scheduler: runs the next task, or waits for what comes next.
void tg_sched_turn(TgVM *vm);
// What may concern the running task is asked about at its next boundary (once more).
static inline void tg_sched_look_again(TgVM *vm, const TgTask *task) {
    if (task->attention) atomic_fetch_or_explicit(&vm->trap, TRAP_TASK, memory_order_relaxed);
}
// The Interrupt that is pending for `task`, now on its way in it.
TgValue tg_sched_take_interrupt(TgVM *vm, TgTask *task);

// Runs tasks until the main one has ended (and with it all others).
void tg_sched_run(TgVM *vm);

// At a boundary where the trap word or the budget said so. `pc` is saved in the task. Gives what the loop has to do.
typedef enum { TRAP_GO_ON, TRAP_SWITCH, TRAP_UNWIND_INTERRUPT, TRAP_UNWIND_CANCEL, TRAP_RAISE } TgTrapAnswer;
TgTrapAnswer tg_sched_trap(TgVM *vm, TgTask *task);

// Looks at timers, the outside world and the output while tasks are busy. Cheap; called every few slices.
void tg_sched_poll(TgVM *vm);

// How far the run is: boundaries and switches of tasks so far, the same in each run of a recording. Inside of what the loop does by
// itself it may be that of the task's last call.
uint64_t tg_sched_place(const TgVM *vm);

// The picture of all live tasks (tree.h) with a heading ("3 tasks:"), as options.utf8 says: SIGQUIT, the third Ctrl-C, :tasks.
void tg_sched_tree(TgVM *vm, TgBuffer *out);

#endif
