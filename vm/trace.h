// vm/trace.h
// Where an exception was raised: the frames of its task, then where that task was spawned, then the same of the
// task whose nursery that was, up to main.
//
// Captured as pcs when it is first raised (cheap), turned into lines when somebody looks. What is further out
// than the task is added when the exception leaves it: its nursery is still open then, and all of a nursery's
// children share one Trace of where it was opened.
// Layer: runtime.
#ifndef TG_VM_TRACE_H
#define TG_VM_TRACE_H

#include "vm/scope.h"
#include "vm/string.h"
#include "vm/task.h"

enum { TG_TRACE_MAX = 48 }; // innermost frames kept; the rest is counted

typedef struct {
    TgCode *code;
    uint32_t at; // pc
} TgTraceFrame;

typedef struct TgTrace {
    TgObj obj;
    uint32_t count;
    union {
        uint32_t left_out; // frames further out that were not kept
        uint32_t order;    // of a cancellation (tg_trace_here): vm->sched->cancels at that time
    };
    TgString *task_name;   // of the task it was raised in
    uint32_t task_id;
    uint32_t spawn_pc;
    TgCode *spawn_code;    // where that task was spawned; NULL for a main task
    struct TgTrace *outer; // where the task's nursery was opened; NULL: not known, or a main task's
    TgTraceFrame frames[];
} TgTrace;

enum { TG_TRACE_UNCOUNTED = INT32_MAX }; // left_out: some, nobody counted them

// Of these frames of the task, innermost first.
TgTrace *tg_trace_new(TgVM *vm, const TgTask *task, const TgTraceFrame *frames, uint32_t count, uint32_t left_out_or_order);
// The running task's innermost frame of the user's own code alone: who did something, and where.
TgTrace *tg_trace_here(TgVM *vm, const TgTask *task);
// Where an open scope was opened, and so on outwards; made once a scope. NULL for a root.
TgTrace *tg_trace_opened(TgVM *vm, TgScope *scope);
// `exception` leaves `task`, whose nursery is still open: its trace goes on there, if it was raised in that task.
void tg_trace_leaves(TgVM *vm, const TgTask *task, TgValue exception);
// As a List of Maps {function, file, line, task}, innermost first.
TgValue tg_trace_list(TgVM *vm, const TgTrace *trace);

// Whom a Ctrl-C struck: an entry for `e.tasks`.
typedef struct TgStruck {
    TgString *name;
    uint32_t id;
    TgCode *code; // where it was; may be NULL
    uint32_t at;  // pc: the line is looked for when somebody asks (a Ctrl-C strikes a million as it does one)
    uint8_t wait_kind;
} TgStruck;

typedef struct TgStruckList {
    uint32_t count, capacity;
    TgStruck items[];
} TgStruckList;

static inline uint32_t tg_struck_count(const TgException *exception) {
    return exception->struck ? exception->struck->count : 0;
}

void tg_struck_add(TgVM *vm, TgException *interrupt, const TgTask *task);
// An Interrupt that is merged into another hands over whom it struck.
void tg_struck_merge(TgVM *vm, TgException *into, const TgException *from);
TgValue tg_struck_list(TgVM *vm, const TgException *interrupt); // List of Maps {task, file, line, waiting}

// How all messages speak of a task, "worker" (a name that a script made long is cut) and "worker#2", and of a place, "a.tg:4".
void tg_say_name(TgBuffer *out, const TgString *name);
void tg_say_task(TgBuffer *out, const TgString *name, uint32_t id);
void tg_say_spot(TgBuffer *out, const TgCode *code, uint32_t at);

#endif
