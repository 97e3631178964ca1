// vm/task.h
// Tasks: frames and registers as data.
//
// A task's frames lie one above the other in its own growable stack; a frame is its registers and two slots
// below them: base[-2] the function that runs, base[-1] the link (where to go on in the caller, how far
// below its registers begin, which of them takes the result). Nothing points into a stack but task->base, so
// that it can move when it grows. The C stack is never involved.
//
// Layer: runtime.
#ifndef TG_VM_TASK_H
#define TG_VM_TASK_H

#include "vm/code.h"
#include "vm/object.h"
#include "vm/timers.h"
#include "vm/wait.h"

typedef struct TgScope TgScope; // scope.h

typedef enum { TASK_READY, TASK_RUNNING, TASK_BLOCKED, TASK_DONE, TASK_FAILED, TASK_CANCELLED } TgTaskState;

// What a blocked task waits for; `object` of the wait says which one.
typedef enum {
    WAIT_NONE,
    WAIT_SLEEP,
    WAIT_TASK,    // t.wait()
    WAIT_NURSERY, // at the end of one
    WAIT_START,   // n.start(): until the child calls started()
    WAIT_SEND,
    WAIT_RECEIVE,
    WAIT_NEXT,    // as RECEIVE, in a `for`: ends where the channel is closed
    WAIT_LOCK,
    WAIT_SEMAPHORE,
    WAIT_EVENT,
    WAIT_CONDITION,
    WAIT_BARRIER,
    WAIT_SELECT,
    WAIT_IMPORT,  // another task runs that module
    WAIT_OUTPUT,  // print: until somebody reads
    WAIT_OUTSIDE, // outside.h
} TgWaitKind;

// What few tasks have: malloc'ed when the first of it comes (tg_task_rare).
typedef struct {
    TgWaitQueue waiters;  // tasks in t.wait()
    TgTask *starter;      // in n.start(): who waits for started()
    uint32_t call_flags;  // of the call that begins it: see TASKENTRY
    TgValue call_names;
    struct TgTrace *cancelled_by; // who called t.cancel(), and where (it began, or never will)
    // WAIT_OUTPUT, WAIT_OUTSIDE
    struct TgWatch *watch; // the descriptor it waits for
    TgVM *vm;              // for the callback
    struct TgJob *job;     // OUTSIDE: what a thread does for it, or NULL
    const char *verb;      // OUTSIDE: what it does, for people
} TgTaskRare;

// 192 bytes, and the first registers behind them in the same cell. Each byte costs half a nanosecond where a million tasks live.
enum { TG_TASK_WINDOW = 4 }; // slots of a new stack below what its function's registers will be: the bottom frame's two, callee, link

struct TgTask {
    TgObj obj;
    // Hot: what a switch reads and writes.
    TgValue *base;       // R[0] of the running frame
    const uint32_t *pc;  // READY after a boundary: the instruction to run; BLOCKED or woken: the one to go on at
    TgValue *limit;      // behind the last slot
    TgValue *stack;      // first slot; `inline_slots` at first
    uint8_t state;       // TgTaskState
    uint8_t wait_kind;   // TgWaitKind
    uint8_t interrupt;   // a Ctrl-C to come: 0 none, 1 yes, 2 also in shields and cleanup
    bool attention;      // an interrupt or cancellation may concern it: ask the verdict at boundaries
    uint8_t aborted;     // TgVerdict: its wait was ended by that, which is due when it resumes
    bool raise_pending;  // resumes by raising `result` (a wait that ended in an error)
    bool yields;         // checkpoint(): ready again at once, behind the others
    bool began : 1;      // past its first boundary
    bool cancelled : 1;  // t.cancel()
    bool seen : 1;       // its Task may be in use as a value, or by a lock: the collector frees it. Else it is free once it has ended
    bool pierced : 1;    // a second SIGTERM: the next cancellation goes through shields and cleanup
    bool exiting : 1;    // called exit(): unwinds through everything
    bool struck : 1;     // an Interrupt of Ctrl-C is on its way in it
    bool counted : 1;    // stepping: the boundary it stands at has been counted
    uint8_t cell;        // sixteens of bytes of its own cell; 0: it is no small one
    uint16_t entering;   // `enter`s it is in: it is not switched there but where it waits
    uint32_t spawn_pc;   // where it was spawned, in spawn_code
    uint32_t id;
    union {
        uint32_t dest;   // slot of the stack that takes what a wait gives
        uint32_t argc;   // before it began: slots with arguments of the call that begins it
    };
    union {
        TgTask *next;    // READY: in the queue of ready tasks
        TgWait wait;     // BLOCKED: in a queue of waiters
        struct {         // WAIT_SELECT. `won` is still there when it goes on
            TgWait *choices;     // malloc'ed
            uint32_t choice_count;
            uint32_t won;        // index of the case that ended it
        };
    };
    TgObj *wait_object;
    TgTimer timer;       // while it waits without one, timer.when is since when
    // The tree
    TgScope *nursery;    // whose child it is (the root scope for a main task)
    TgTask *sibling_next, *sibling_prev;
    TgScope *scope;      // innermost open scope of its own
    TgValue result;      // value or exception; before its end, the error that its wait ended in
    TgTaskRare *rare;    // or NULL
    // For people
    TgString *name;
    TgCode *spawn_code;
    TgValue inline_slots[];
};

// A task that is next (or NULL) comes into the cache meanwhile: where there are a million of them that is half the time.
static inline void tg_task_fetch(const TgTask *task) {
    for (uintptr_t at = 0; at < 256; at += 64) __builtin_prefetch((const void *)((uintptr_t)task + at));
}

// Links: pc in 48 bits, result register, offset of the callee's window.
static inline TgValue tg_link(const uint32_t *pc, uint32_t window, uint32_t dest) {
    return (uint64_t)(uintptr_t)pc | (uint64_t)dest << 48 | (uint64_t)window << 56;
}
static inline const uint32_t *tg_link_pc(TgValue link) {
    return (const uint32_t *)(uintptr_t)(link & 0xFFFFFFFFFFFFull);
}
static inline uint32_t tg_link_dest(TgValue link) { return (link >> 48) & 0xFF; }
static inline uint32_t tg_link_window(TgValue link) { return (uint32_t)(link >> 56); }

// A wait after which its instruction runs again (it stays at its own pc), rather than going on behind it.
static inline bool tg_wait_reruns(uint8_t kind) { return kind == WAIT_NURSERY || kind == WAIT_IMPORT; }

static inline TgFunction *tg_frame_function(const TgValue *base) {
    return (TgFunction *)tg_as_obj(base[-2]);
}
static inline TgCode *tg_frame_code(const TgValue *base) { return tg_frame_function(base)->code; }
static inline bool tg_frame_is_bottom(const TgTask *task, const TgValue *base) {
    return base == task->stack + 2;
}
static inline uint32_t tg_pc_index(const TgCode *code, const uint32_t *pc) {
    return (uint32_t)(pc - code->words);
}

// A frame as one goes outwards over a task's frames.
typedef struct {
    TgValue *base;
    TgCode *code;
    uint32_t at; // pc of the instruction in it that runs or has called
} TgFrame;

// The innermost frame of a task that does not run at this moment (or has saved its state).
TgFrame tg_task_frame(const TgTask *task);
static inline bool tg_frame_outer(const TgTask *task, TgFrame *frame) { // false at the bottom
    if (tg_frame_is_bottom(task, frame->base)) return false;
    TgValue link = frame->base[-1];
    frame->base -= tg_link_window(link) + 2;
    frame->code = tg_frame_code(frame->base);
    frame->at = tg_pc_index(frame->code, tg_link_pc(link)) - 1;
    return true;
}

// The task has ended and is out of its nursery (life.c): its stack goes, and where it is unseen the task itself.
void tg_task_over(TgVM *vm, TgTask *task);
// The Task as a value of the language; from now on only the collector knows when nobody can use it any more. Also for C that
// keeps a task beyond its end.
static inline TgValue tg_task_value(TgTask *task) {
    task->seen = true;
    return tg_obj(task);
}
TgTaskRare *tg_task_rare(TgVM *vm, TgTask *task); // never NULL
static inline TgTask *tg_task_starter(const TgTask *task) { return task->rare ? task->rare->starter : NULL; }
static inline TgWaitQueue *tg_task_waiters(TgVM *vm, TgTask *task) { return &tg_task_rare(vm, task)->waiters; }
// Makes room for `slots` more above base + used … i.e. up to base + slots. False: StackOverflow or MemoryError was raised.
bool tg_task_grow(TgVM *vm, TgTask *task, TgValue *up_to);
// The task runs, or its stack is written to: notes it for the collector.
void tg_task_ran(TgVM *vm, TgTask *task);
// The place where it is now, for people: the innermost frame of the user's own code, or where it was spawned if it has
// not begun, or runs no code of the user's. False: there is none.
bool tg_task_spot(const TgTask *task, TgCode **code, uint32_t *at);
// The same as a line; *code is NULL where there is none.
TgPlace tg_task_place(const TgTask *task, TgCode **code);
const char *tg_task_state_name(const TgTask *task);

void tg_wait_end(TgVM *vm, TgTask *task); // out of all queues; a select's places are given back

#endif
