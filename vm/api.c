// vm/api.c
// What natives are given: results, waits, arguments; and how they are registered.
// Layer: runtime.
#include "vm/api.h"

#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "vm/host_signal.h"
#include "vm/import.h"
#include "vm/sched.h"

// ---- Results

TgResult tg_raise(TgCall *call, TgErrorId id, const char *format, ...) {
    va_list args;
    va_start(args, format);
    char small[512];
    va_list again;
    va_copy(again, args);
    int length = vsnprintf(small, sizeof small, format, args);
    if (length < (int)sizeof small) {
        tg_error_raise(call->vm, id, "%s", small);
    } else {
        char *large = malloc((size_t)length + 1);
        if (large) vsnprintf(large, (size_t)length + 1, format, again);
        tg_error_raise(call->vm, id, "%s", large ? large : small);
        free(large);
    }
    va_end(again);
    va_end(args);
    return TG_RAISED;
}

TgResult tg_raise_value(TgCall *call, TgValue exception) {
    call->vm->raised = exception;
    return TG_RAISED;
}

TgResult tg_raise_memory(TgCall *call) {
    tg_error_memory(call->vm);
    return TG_RAISED;
}

TgResult tg_call(TgCall *call, TgValue function, const TgValue *arguments, int count, int next_step) {
    call->callee = function;
    for (int i = 0; i < count; i++) call->arguments[i] = arguments[i];
    call->count = count;
    call->next_step = next_step;
    return TG_CALLED;
}

TgResult tg_call_import(TgCall *call, const char *module, int next_step) {
    TgValue args[2];
    if (!tg_import_begin(call->vm, module, call->task, args)) return TG_DONE;
    return tg_call(call, call->vm->helpers[TG_HELPER_IMPORT], args, 2, next_step);
}

TgResult tg_park(TgCall *call, int wait_kind, void *object, int next_step) {
    call->next_step = next_step;
    tg_sched_park(call->vm, call->task, (TgWaitKind)wait_kind, object, 0);
    return TG_PARKED;
}

TgResult tg_park_until_then(TgCall *call, double time, int next_step) {
    if (!tg_sched_can_sleep(call->vm)) return TG_RAISED;
    tg_sched_sleep_until(call->vm, call->task, time);
    return tg_park(call, WAIT_SLEEP, NULL, next_step);
}

TgResult tg_park_until(TgCall *call, double time) { return tg_park_until_then(call, time, 0); }

void tg_expect_broken_pipes(void) { tg_broken_pipes_are_errors(); }

bool tg_is_interrupted(const TgVM *vm) { return vm->sched->presses > 0; }

void tg_outside_lives(TgVM *vm, int by) { vm->reactor->live(vm->reactor, by); }

bool tg_is_foreground(const TgVM *vm) { return vm->sched->root != NULL; }

TgResult tg_park_yield(TgCall *call) {
    // A wait that is over at once: behind all that are ready now. Its result, nil, has to be there already.
    call->next_step = 0;
    tg_sched_park(call->vm, call->task, WAIT_NONE, NULL, 0);
    call->task->yields = true;
    return TG_PARKED;
}

double tg_now(TgVM *vm) { return vm->reactor->now(vm->reactor); }
double tg_wall_time(TgVM *vm) { return vm->reactor->wall(vm->reactor); }

uint64_t tg_entropy(TgVM *vm) { return vm->reactor->entropy(vm->reactor); }

// ---- Arguments

static const char *parameter(const TgCall *call, int index) {
    TgNative *native = (TgNative *)tg_as_obj(call->args[-2]);
    TgString *name = native->names[index];
    return name ? name->data : "self";
}

// Without the `_` of one that stands behind a function of its module's tg half: the user has called that one.
static const char *function_name(const TgCall *call) {
    const char *name = ((TgNative *)tg_as_obj(call->args[-2]))->name->data;
    return name + (*name == '_');
}

static bool wrong_type(TgCall *call, int index, const char *wanted) {
    tg_error_raise(call->vm, TG_ERR_TypeError, "%s(): '%s' has to be %s, not %s", function_name(call),
                   parameter(call, index), wanted, TG_SHOW(call->vm, call->args[index]));
    return false;
}

bool tg_arg_int(TgCall *call, int index, int64_t *out) {
    TgValue value = call->args[index];
    if (!tg_is_any_int(value)) return wrong_type(call, index, "an Int");
    if (tg_int_to_int64(value, out)) return true;
    tg_error_raise(call->vm, TG_ERR_ValueError, "%s(): '%s' is too large", function_name(call), parameter(call, index));
    return false;
}

bool tg_arg_index(TgCall *call, int index, int64_t *out) {
    if (tg_is_float(call->args[index])) return wrong_type(call, index, "an Int (write int(x))");
    return tg_arg_int(call, index, out);
}

bool tg_arg_number(TgCall *call, int index, double *out) {
    if (!tg_is_number(call->args[index])) return wrong_type(call, index, "a number");
    return tg_to_double(call->vm, call->args[index], out);
}

bool tg_arg_seconds(TgCall *call, int index, double *out) {
    if (!tg_is_number(call->args[index])) return wrong_type(call, index, "a number of seconds");
    if (!tg_to_double(call->vm, call->args[index], out)) return false;
    if (*out != *out) {
        tg_error_raise(call->vm, TG_ERR_ValueError, "%s(): nan is no number of seconds", function_name(call));
        return false;
    }
    if (*out < 0) *out = 0;
    return true;
}

bool tg_arg_string(TgCall *call, int index, TgString **out) {
    if (!tg_is_kind(call->args[index], OBJ_STRING)) return wrong_type(call, index, "a String");
    *out = (TgString *)tg_as_obj(call->args[index]);
    return true;
}

bool tg_arg_list(TgCall *call, int index, TgList **out) {
    if (!tg_is_kind(call->args[index], OBJ_LIST)) return wrong_type(call, index, "a List");
    *out = (TgList *)tg_as_obj(call->args[index]);
    return true;
}

bool tg_arg_map(TgCall *call, int index, TgMap **out) {
    if (!tg_is_kind(call->args[index], OBJ_MAP)) return wrong_type(call, index, "a Map");
    *out = (TgMap *)tg_as_obj(call->args[index]);
    return true;
}

bool tg_is_callable(TgValue v) {
    if (!tg_is_obj(v)) return false;
    switch (tg_as_obj(v)->kind) {
    case OBJ_CLOSURE:
    case OBJ_NATIVE:
    case OBJ_BOUND:
    case OBJ_CLASS: return true;
    default: return false;
    }
}

bool tg_arg_callable(TgCall *call, int index) {
    return tg_is_callable(call->args[index]) || wrong_type(call, index, "a function");
}

// ---- Registering

// One parameter of a signature: its name's end, and where the next one begins.
static const char *skip_parameter(const char *at, bool *optional) {
    int depth = 0;
    bool in_string = false;
    *optional = false;
    for (; *at; at++) {
        if (in_string) {
            if (*at == '\\' && at[1])
                at++;
            else if (*at == '"')
                in_string = false;
            continue;
        }
        if (*at == '"') in_string = true;
        if (*at == '(' || *at == '[' || *at == '{') depth++;
        if ((*at == ')' || *at == ']' || *at == '}') && depth-- == 0) return at;
        if (*at == ',' && depth == 0) return at + 1;
        if ((*at == '=' || *at == ':') && depth == 0) *optional = true;
    }
    return at;
}

TgNative *tg_native_new(TgVM *vm, const TgNativeDef *def, bool is_method) {
    TgNative *native = (TgNative *)tg_gc_alloc(vm, sizeof *native, OBJ_NATIVE);
    const char *at = strchr(def->signature, '(');
    native->fn.code = vm->sched->native_code;
    native->def = def;
    native->name = tg_string(vm, def->signature, (size_t)(at - def->signature));
    native->is_method = is_method;
    TgString *names[32] = {NULL};
    uint32_t count = is_method ? 1 : 0;
    native->min = native->max = (uint8_t)count;
    for (at++; *at && *at != ')';) {
        while (*at == ' ') at++;
        bool is_rest = *at == '*';
        if (is_rest) at++;
        size_t length = strcspn(at, " ,=:)");
        names[count++] = tg_string(vm, at, length);
        bool optional;
        at = skip_parameter(at, &optional);
        if (is_rest) {
            native->has_rest = true;
            continue;
        }
        bool named_only = native->has_rest || at[-1] == '\0';
        if (named_only) continue;
        native->max++;
        if (!optional) native->min++;
    }
    native->slots = (uint8_t)count;
    native->names = tg_gc_realloc(vm, NULL, 0, (count ? count : 1) * sizeof(TgString *));
    memcpy(native->names, names, count * sizeof *names);
    return native;
}

void tg_register_builtin_value(TgVM *vm, const char *name, TgValue value, bool is_hidden) {
    if (vm->builtin_count == TG_BUILTINS_MAX) abort(); // a constant of the build is too small
    uint32_t at = vm->builtin_count++;
    // The names live as long as the VM: interned and marked with the values' names below.
    TgString *kept = tg_string_c(vm, name);
    tg_map_set(vm, vm->builtin_keep, tg_obj(kept), value);
    vm->builtins[at] = value;
    vm->library_names[at] = kept->data;
    vm->builtin_names[at] = is_hidden ? "" : kept->data;
}

void tg_register_builtins(TgVM *vm, const TgNativeDef *defs, bool is_hidden) {
    for (; defs->signature; defs++) {
        TgNative *native = tg_native_new(vm, defs, false);
        tg_register_builtin_value(vm, native->name->data, tg_obj(native), is_hidden);
    }
}

void tg_register_methods(TgVM *vm, TgClass *class_, const TgNativeDef *defs) {
    for (; defs->signature; defs++) {
        TgNative *native = tg_native_new(vm, defs, true);
        tg_class_method(vm, class_, native->name, tg_obj(native));
    }
}

void tg_register_quick(TgVM *vm, const TgClass *class_, const char *name, TgQuickFn quick) {
    if (vm->options.observed) return;
    const TgMap *room = class_ ? class_->methods : vm->builtin_keep;
    TgValue native = tg_map_get_string(room, tg_string_c(vm, name));
    ((TgNative *)tg_as_obj(native))->quick = quick;
}

void tg_register_members(TgVM *vm, TgModule *module, const TgNativeDef *defs) {
    for (; defs->signature; defs++) {
        TgNative *native = tg_native_new(vm, defs, false);
        tg_module_set(vm, module, native->name->data, tg_obj(native));
    }
}

void tg_module_set(TgVM *vm, TgModule *module, const char *name, TgValue value) {
    TgCell *cell = tg_module_cell(vm, module, tg_string_c(vm, name));
    cell->value = value;
    tg_barrier(vm, cell, value);
}
