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

#include <assert.h>

#include "vm/code.h"
#include "vm/object.h"
#include "vm/timers.h"

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
    WAIT_INPUT,
    WAIT_OUTPUT,  // print: until somebody reads
} TgWaitKind;

// A task's place in a queue of waiters. One lies in the task; a `select` has an array of them, one for each
// case that queues, and the first to be woken takes the others out.
typedef struct TgWait {
    struct TgWait *next, *prev;
    struct TgWaitQueue *queue; // NULL: in none
    TgTask *task;
    TgValue value;             // what it wants to send
    uint32_t index;            // of the select's case
} TgWait;

typedef struct TgWaitQueue {
    TgWait *first, *last;
} TgWaitQueue;

struct TgTask {
    TgObj obj;
    // Hot: what a switch reads and writes.
    TgTask *next;        // in the queue of ready tasks
    TgValue *base;       // R[0] of the running frame
    const uint32_t *pc;  // READY after a boundary: the instruction to run; BLOCKED or woken: the one to go on at
    TgValue *stack;      // first slot; `inline_slots` at first
    TgValue *limit;      // behind the last slot
    uint8_t state;       // TgTaskState
    uint8_t wait_kind;   // TgWaitKind
    uint8_t interrupt;   // a Ctrl-C to come: 0 none, 1 yes, 2 also in shields and cleanup
    bool attention;      // an interrupt or cancellation may concern it: ask the verdict at boundaries
    bool aborted;        // its wait was ended by an interrupt or cancellation: the verdict is due when it resumes
    bool raise_pending;  // resumes by raising `result` (a wait that ended in an error)
    bool cancelled;      // t.cancel()
    bool pierced;        // a second SIGTERM: the next cancellation goes through shields and cleanup
    bool exiting;        // called exit(): unwinds through everything
    bool struck;         // an Interrupt of Ctrl-C is on its way in it
    bool began;          // past its first boundary
    bool counted;        // stepping: the boundary it stands at has been counted
    bool yields;         // checkpoint(): ready again at once, behind the others
    uint32_t id;
    uint32_t dest;       // slot of the stack that takes what a wait gives
    uint32_t argc;       // of the call that begins it
    uint32_t entering;   // `enter`s it is in: it is not switched there but where it waits
    TgWait wait;
    TgObj *wait_object;
    union {
        struct { // WAIT_SELECT
            TgWait *choices;     // malloc'ed
            uint32_t choice_count;
            uint32_t won;        // index of the case that ended it
        };
        struct { // WAIT_INPUT, WAIT_OUTPUT
            struct TgWatch *watch; // the descriptor it waits for
            TgVM *vm;              // for the callback
        };
    };
    TgTimer timer;       // while it waits without one, timer.when is since when
    // The tree
    TgScope *nursery;    // whose child it is (the root scope for a main task)
    TgTask *sibling_next, *sibling_prev;
    TgScope *scope;      // innermost open scope of its own
    // Its end
    TgValue result;      // value or exception; before its end, the error that its wait ended in
    TgWaitQueue waiters; // tasks in t.wait()
    TgTask *starter;     // in n.start(): who waits for started()
    // For people
    TgString *name;
    TgCode *spawn_code;  // where it was spawned
    uint32_t spawn_pc;
    uint32_t call_flags; // of the call that begins it: see TASKENTRY
    TgValue call_names;  // of that call; once it is cancelled by t.cancel(): a Trace of who did that (it began, or never will)
    TgValue inline_slots[];
};

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

// A task that will call what stands in its first window: stack[2] callee, stack[4] … arguments (`argc` slots, for the caller to
// fill). READY but in no queue, in no nursery. NULL where memory does not reach (MemoryError raised).
TgTask *tg_task_new(TgVM *vm, uint32_t argc, uint32_t registers);
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

// Queues of waiters: first come, first served.
static inline void tg_wait_push(TgWaitQueue *queue, TgWait *wait) {
    assert(!wait->queue);
    wait->queue = queue;
    wait->next = NULL;
    wait->prev = queue->last;
    if (queue->last)
        queue->last->next = wait;
    else
        queue->first = wait;
    queue->last = wait;
}
void tg_wait_remove(TgWait *wait); // from whatever queue it is in, if any
void tg_wait_end(TgVM *vm, TgTask *task); // out of all queues; a select's places are given back

#endif
