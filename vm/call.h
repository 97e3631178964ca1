// vm/call.h
// Calls beyond the quick path: arguments are brought into the callee's layout, natives are run, classes
// make instances. Nothing here runs tg code: a tg function gets its frame, the loop goes on in it.
//
// Layer: runtime.
#ifndef TG_VM_CALL_H
#define TG_VM_CALL_H

#include "vm/task.h"

typedef enum {
    CALL_FRAME,  // task->base and task->pc are the callee's
    CALL_DONE,   // *result
    CALL_PARKED, // the task waits; task->base and task->pc are where it goes on
    CALL_RAISED, // vm->raised
} TgCallEnd;

enum { CALL_HAS_SELF = 1, CALL_SPREADS = 2 }; // as CALLX's n

// A call as the loop sees it.
typedef struct {
    uint32_t window;          // R[window] callee, R[window+2] … arguments, in the frame task->base
    uint32_t argc;            // positional ones
    uint32_t dest;            // register that takes the result
    const uint32_t *back;     // where the caller goes on
    uint32_t flags;           // CALL_HAS_SELF, CALL_SPREADS
    TgValue names;            // List of the names of the arguments behind the positional ones, or nil
} TgCallSite;

// Makes the call. task->base must be the caller's frame; it may move with the stack.
TgCallEnd tg_call_make(TgVM *vm, TgTask *task, const TgCallSite *site, TgValue *result);
// After a failure: whether it is no error but work given up for a signal (vm.h).
bool tg_call_gave_up(TgVM *vm);
// What calling a class gives where its init is a native with a quick half (api.h) that takes this one argument; TG_UNDEF elsewhere.
TgValue tg_call_quick_class(TgVM *vm, TgClass *class_, const TgValue *args, uint32_t argc);
// Goes on in the native of the frame task->base at `step`. CALL_DONE: it is left: task->base and task->pc are the caller's, and its
// register has the result.
TgCallEnd tg_call_resume(TgVM *vm, TgTask *task, uint32_t step);
// Puts callee and arguments into a window above the running frame's registers and makes the call (user-defined eq, hash, str …).
TgCallEnd tg_call_above(TgVM *vm, TgTask *task, TgValue callee, const TgValue *args, uint32_t argc, uint32_t dest,
                        const uint32_t *back, TgValue *result);

// Makes the stub by which natives are come back to, and the bottom frame of tasks.
void tg_call_init(TgVM *vm);

#endif
