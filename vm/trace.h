// vm/trace.h
// Where an exception was raised: the frames of its task, then where that task was spawned.
//
// Captured as pcs when it is first raised (cheap), turned into lines when somebody looks.
// Layer: runtime.
#ifndef TG_VM_TRACE_H
#define TG_VM_TRACE_H

#include "vm/task.h"

enum { TG_TRACE_MAX = 48 }; // innermost frames kept; the rest is counted

typedef struct {
    TgCode *code;
    uint32_t at; // pc
} TgTraceFrame;

typedef struct TgTrace {
    TgObj obj;
    uint32_t count;
    uint32_t left_out;     // frames further out that were not kept
    TgString *task_name;   // of the task it was raised in
    uint32_t task_id;
    TgCode *spawn_code;    // where that task was spawned; NULL for a main task
    uint32_t spawn_pc;
    TgTraceFrame frames[];
} TgTrace;

TgTrace *tg_trace_capture(TgVM *vm, const TgTask *task, TgFrame innermost);
// As a List of Maps {function, file, line, task}, innermost first.
TgValue tg_trace_list(TgVM *vm, const TgTrace *trace);

// Whom a Ctrl-C struck: an entry for `e.tasks`.
typedef struct TgStruck {
    TgString *name;
    uint32_t id;
    TgCode *code; // where it was; may be NULL
    uint32_t line;
    uint8_t wait_kind;
} TgStruck;

void tg_struck_add(TgVM *vm, TgException *interrupt, const TgTask *task);
// An Interrupt that is merged into another hands over whom it struck.
void tg_struck_merge(TgVM *vm, TgException *into, const TgException *from);
TgValue tg_struck_list(TgVM *vm, const TgException *interrupt); // List of Maps {task, file, line, waiting}

#endif
