// vm/api.h
// What a native may do: the only header of vm/ (besides the data headers it includes) that stdlib/ uses.
//
// A native is a C function and a row of a table. C never calls tg and never blocks: a native that has its
// result gives DONE, one that fails RAISED, one that has to wait parks its task, and one that needs a tg
// function asks for the call and is entered again with what it gave, at the step that it named.
// Nothing collects while a native runs, so values may be held in C variables; but not across steps: what must
// live on is kept in args (which stay as the native left them).
//
// Layer: runtime.
#ifndef TG_VM_API_H
#define TG_VM_API_H

#include "vm/bytes.h"
#include "vm/class.h"
#include "vm/error.h"
#include "vm/gc.h"
#include "vm/list.h"
#include "vm/map.h"
#include "vm/number.h"
#include "vm/object.h"
#include "vm/outside.h"
#include "vm/resource.h"
#include "vm/string.h"
#include "vm/text.h"
#include "vm/vm.h"
#include "vm/world.h"

// A native that is long at work asks tg_gives_up() (vm.h) now and then, and gives RAISED, with nothing raised, where that says so: it is
// entered again, at the step that it was in, should its task go on. What is in its args by then must do to begin anew.
typedef enum { TG_DONE, TG_RAISED, TG_PARKED, TG_CALLED } TgResult;

typedef struct {
    TgVM *vm;
    TgTask *task;
    // One per parameter of the signature, the receiver of a method first; one that was not given is TG_UNDEF. `*rest` is one List. Two
    // more slots behind them are nil at first and the native's own (state between steps). Valid until the native returns.
    TgValue *args;
    int step;        // 0 at first
    TgValue value;   // step > 0: what the call gave, or what the wait gave
    TgValue result;  // set by tg_return
    int next_step;   // set by tg_call …
    // The call that tg_call asks for.
    TgValue callee;
    TgValue arguments[6];
    int count;
} TgCall;

typedef TgResult (*TgNativeFn)(TgCall *call);

// A row. The signature is what users see and what gives the parameters their names and order:
// "replace(a, b)", "print(*values, sep: \" \", end: \"\\n\")", "int(x, base = 10)": a default makes a parameter optional (the
// native sees TG_UNDEF and supplies it), what follows *rest or stands as `name:` is given by name only (and is optional).
struct TgNativeDef {
    const char *signature;
    TgNativeFn fn;
    const char *help; // one sentence
};

// Results
static inline TgResult tg_return(TgCall *call, TgValue value) {
    call->result = value;
    return TG_DONE;
}
TgResult tg_raise(TgCall *call, TgErrorId id, const char *format, ...) __attribute__((format(printf, 3, 4)));
TgResult tg_raise_value(TgCall *call, TgValue exception); // as it is
TgResult tg_raise_memory(TgCall *call);
// Calls `function` (any callable) with `count` (at most 6) arguments, then comes back with call->step = next_step and its result in
// call->value. next_step 0: does not come back, the result is the native's. What it raises goes on through the native.
TgResult tg_call(TgCall *call, TgValue function, const TgValue *arguments, int count, int next_step);
// Imports a standard module whose tg half has not yet run. TG_DONE: there is nothing to do, go on; else as tg_call.
TgResult tg_call_import(TgCall *call, const char *module, int next_step);
// Parks the task in a wait that somebody will end (sched.h); the value it is woken with is the native's result (next_step 0) or
// comes back as call->value.
TgResult tg_park(TgCall *call, int wait_kind, void *object, int next_step);
// Parks the task until it is woken (tg_wake…, with what the wait gives), until the descriptor can be read or written, or until the
// job is over; outside.h says what these are. The descriptor stays the caller's and is not to be closed while somebody waits for it
// (tg_wake_all_raise ends the waits of its queue); the job is the wait's from now on, also where this raises.
TgResult tg_park_for(TgCall *call, const TgWaitFor *what, int next_step);
TgResult tg_park_on_fd(TgCall *call, const TgWaitFor *what, int fd, bool write, int next_step);
TgResult tg_park_on_job(TgCall *call, const TgWaitFor *what, TgJob *job, int next_step);
// What a job does, for reports: `verb "object"`, or the verb alone (NULL).
void tg_job_what(TgJob *job, const char *verb, const char *object);
// End the waits of tasks that are parked by one of these.
void tg_wake(TgVM *vm, TgTask *task, TgValue value);
bool tg_wake_first(TgVM *vm, TgWaitQueue *queue, TgValue value); // false: nobody waits
void tg_wake_all(TgVM *vm, TgWaitQueue *queue, TgValue value);
void tg_wake_all_raise(TgVM *vm, TgWaitQueue *queue, TgValue exception);
// Parks the task until that time (seconds on the VM's clock), then the native's result is nil.
TgResult tg_park_until(TgCall *call, double time);
TgResult tg_park_until_then(TgCall *call, double time, int next_step); // comes back with nil
// Lets others run; result nil.
TgResult tg_park_yield(TgCall *call);
// The end of a native that has printed (tg_out_write): its result is nil, but it waits where more is unread than is kept.
TgResult tg_out_done(TgCall *call);
// Writing to what nobody reads any more is an error from now on (EPIPE), not the end of the process.
void tg_expect_broken_pipes(void);
// Whether a Ctrl-C has come whose consequences are not all over.
bool tg_is_interrupted(const TgVM *vm);
// `by` more (or fewer) processes of ours live: they keep to the real time, so virtual time does not jump.
void tg_outside_lives(TgVM *vm, int by);
// Whether a program runs, rather than tasks of a session behind its prompt.
bool tg_is_foreground(const TgVM *vm);
double tg_now(TgVM *vm); // seconds, monotonic
double tg_wall_time(TgVM *vm); // seconds since 1970
uint64_t tg_entropy(TgVM *vm); // for seeds

// Arguments: what is asked for, or false with a TypeError or ValueError raised that names the parameter.
bool tg_arg_int(TgCall *call, int index, int64_t *out);       // any Int within 64 bits
bool tg_arg_index(TgCall *call, int index, int64_t *out);     // the same; Floats are refused with a hint
bool tg_arg_number(TgCall *call, int index, double *out);     // Int or Float
bool tg_arg_seconds(TgCall *call, int index, double *out);    // a number, not nan; negative is 0
bool tg_arg_string(TgCall *call, int index, TgString **out);
bool tg_arg_list(TgCall *call, int index, TgList **out);
bool tg_arg_map(TgCall *call, int index, TgMap **out);
bool tg_arg_callable(TgCall *call, int index);
static inline bool tg_given(const TgCall *call, int index) { return !tg_is_undef(call->args[index]); }
bool tg_is_callable(TgValue v);

// A native's quick half: what it gives for arguments that ask for nothing out of the ordinary, or TG_UNDEF, having done
// nothing: then the native itself is run. It neither raises nor calls nor waits (but see handover.h, for those in vm/); `args` are
// the positional ones alone.
typedef TgValue (*TgQuickFn)(TgVM *vm, const TgValue *args, uint32_t argc);

// Registering. A table ends with a row of zeros.
TgNative *tg_native_new(TgVM *vm, const TgNativeDef *def, bool is_method);
void tg_register_builtins(TgVM *vm, const TgNativeDef *defs, bool is_hidden); // hidden: the library's tg half sees them, users do not
void tg_register_builtin_value(TgVM *vm, const char *name, TgValue value, bool is_hidden);
void tg_register_methods(TgVM *vm, TgClass *class_, const TgNativeDef *defs);
// Gives a native that is registered its quick half: a method of `class_`, or, where that is NULL, a built-in function.
void tg_register_quick(TgVM *vm, const TgClass *class_, const char *name, TgQuickFn quick);
void tg_register_members(TgVM *vm, TgModule *module, const TgNativeDef *defs);
void tg_module_set(TgVM *vm, TgModule *module, const char *name, TgValue value);

#endif
