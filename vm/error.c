// vm/error.c
// Errors: making and raising them from C, the built-in classes, the guard of the C stack.
// Layer: data.
#include "vm/error.h"

#include <assert.h>
#include <stdarg.h>
#include <stdio.h>

#include "vm/class.h"
#include "vm/gc.h"
#include "vm/limits.h"
#include "vm/list.h"
#include "vm/string.h"
#include "vm/vm.h"

// A long name in a message must not cut a character in two: bytes at the end that begin one are
// dropped.
static size_t whole_characters(const char *text, size_t length) {
    size_t start = length;
    while (start > 0 && ((unsigned char)text[start - 1] & 0xC0) == 0x80) start--;
    if (start == 0) return length;
    return tg_utf8_valid(text + start - 1, length - (start - 1)) ? length : start - 1;
}

void tg_error_raise(TgVM *vm, TgErrorId id, const char *format, ...) {
    char text[2048];
    va_list arguments;
    va_start(arguments, format);
    int length = vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    size_t used = length < 0 ? 0 : (size_t)length;
    if (used >= sizeof text) used = whole_characters(text, sizeof text - 1);
    TgString *message = tg_string(vm, text, used);
    vm->raised = tg_obj(tg_error_new(vm, vm->errors[id], message));
}

void tg_error_memory(TgVM *vm) {
    if (tg_gc_over_limit(vm)) {
        tg_limits_refuse(vm, LIMIT_MEMORY);
    } else {
        tg_error_raise(vm, TG_ERR_MemoryError, "there is no memory for a result of this size");
    }
}

bool tg_sandbox_allows(TgVM *vm, const char *what) {
    if (!vm->options.sandbox) return true;
    tg_error_raise(vm, TG_ERR_PermissionError, "%s: --sandbox gives a script nothing of the world outside", what);
    TgInstance *error = (TgInstance *)tg_as_obj(vm->raised);
    tg_instance_set(vm, error, vm->name_code, tg_obj(tg_string_c(vm, "EPERM")));
    tg_instance_set(vm, error, tg_string_c(vm, "path"), TG_NIL);
    return false;
}

TgException *tg_error_new(TgVM *vm, TgClass *class_, TgString *message) {
    assert(class_->obj.flags & OBJ_EXCEPTION);
    TgException *exception = (TgException *)tg_instance_new(vm, class_);
    tg_error_begin(vm, exception, message);
    return exception;
}

// All exceptions have these two as their first fields (class.c).
void tg_error_begin(TgVM *vm, TgException *exception, TgString *message) {
    exception->instance.slots[0] = tg_obj(message);
    exception->instance.slots[1] = TG_NIL;
    tg_barrier(vm, exception, tg_obj(message));
}

TgException *tg_error_group(TgVM *vm, TgString *message, TgList *errors) {
    TgException *group = tg_error_new(vm, vm->errors[TG_ERR_ErrorGroup], message);
    tg_instance_set(vm, &group->instance, vm->name_errors, tg_obj(errors));
    return group;
}

TgString *tg_error_message(TgVM *vm, const TgException *exception) {
    TgValue message = tg_instance_get(vm, &exception->instance, vm->name_message);
    if (tg_is_kind(message, OBJ_STRING)) return (TgString *)tg_as_obj(message);
    return vm->name_empty;
}

TgList *tg_error_members(TgVM *vm, const TgException *exception) {
    if (!tg_class_is(exception->instance.class_, vm->errors[TG_ERR_ErrorGroup])) return NULL;
    TgValue errors = tg_instance_get(vm, &exception->instance, vm->name_errors);
    return tg_is_kind(errors, OBJ_LIST) ? (TgList *)tg_as_obj(errors) : NULL;
}

TgException *tg_limit_of(TgVM *vm, TgValue error) {
    if (!tg_is_exception(error)) return NULL;
    TgException *exception = (TgException *)tg_as_obj(error);
    if (tg_class_is(exception->instance.class_, vm->errors[TG_ERR_LimitReached])) return exception;
    const TgList *members = tg_error_members(vm, exception); // flat
    for (uint32_t i = 0; members && i < members->count; i++) {
        TgClass *class_ = tg_is_exception(members->items[i]) ? ((TgException *)tg_as_obj(members->items[i]))->instance.class_ : NULL;
        if (class_ && tg_class_is(class_, vm->errors[TG_ERR_LimitReached])) return (TgException *)tg_as_obj(members->items[i]);
    }
    return NULL;
}

// A quarter of the room stays for making the error and for what runs without asking (GMP, printf).
bool tg_stack_check(TgVM *vm) {
    if (!vm->stack_base) return true;
    ptrdiff_t used = (char *)vm->stack_base - (char *)__builtin_frame_address(0);
    if (used < 0) used = -used;
    if ((size_t)used < vm->stack_room - vm->stack_room / 4) return true;
    tg_error_raise(vm, TG_ERR_StackOverflow, "this is nested too deep; flatten the data");
    return false;
}

// The built-in classes

static TgClass *make_class(TgVM *vm, const char *name, TgClass *super, TgKind kind) {
    TgClass *class_ = tg_class_new(vm, tg_string_c(vm, name), super);
    class_->instance_kind = (uint8_t)kind;
    return class_;
}

// A type of the language's table. `kind` OBJ_FREE: its values are no objects.
static TgClass *make_type(TgVM *vm, const char *name, TgKind kind) {
    TgClass *class_ = make_class(vm, name, NULL, kind);
    class_->is_builtin = true;
    if (kind != OBJ_FREE) vm->classes[kind] = class_;
    return class_;
}

static void make_types(TgVM *vm) {
    vm->nil_class = make_type(vm, "Nil", OBJ_FREE);
    vm->bool_class = make_type(vm, "Bool", OBJ_FREE);
    vm->float_class = make_type(vm, "Float", OBJ_FREE);
    vm->int_class = make_type(vm, "Int", OBJ_BIGINT);
    make_type(vm, "String", OBJ_STRING);
    make_type(vm, "Bytes", OBJ_BYTES);
    make_type(vm, "List", OBJ_LIST);
    make_type(vm, "Map", OBJ_MAP);
    make_type(vm, "Range", OBJ_RANGE);
    vm->function_class = make_type(vm, "Function", OBJ_CLOSURE);
    vm->classes[OBJ_NATIVE] = vm->classes[OBJ_BOUND] = vm->function_class;
    make_type(vm, "Class", OBJ_CLASS);
    make_type(vm, "Module", OBJ_MODULE);
    make_type(vm, "Task", OBJ_TASK);
    make_type(vm, "Nursery", OBJ_SCOPE);
    make_type(vm, "Channel", OBJ_CHANNEL);
    make_type(vm, "Lock", OBJ_LOCK);
    make_type(vm, "Semaphore", OBJ_SEMAPHORE);
    make_type(vm, "Event", OBJ_EVENT);
    make_type(vm, "Condition", OBJ_CONDITION);
    make_type(vm, "Barrier", OBJ_BARRIER);
}

static void make_names(TgVM *vm) {
    vm->name_init = tg_string_c(vm, "init");
    vm->name_str = tg_string_c(vm, "str");
    vm->name_eq = tg_string_c(vm, "eq");
    vm->name_hash = tg_string_c(vm, "hash");
    vm->name_iter = tg_string_c(vm, "iter");
    vm->name_enter = tg_string_c(vm, "enter");
    vm->name_exit = tg_string_c(vm, "exit");
    vm->name_message = tg_string_c(vm, "message");
    vm->name_cause = tg_string_c(vm, "cause");
    vm->name_code = tg_string_c(vm, "code");
    vm->name_errors = tg_string_c(vm, "errors");
    vm->name_detail = tg_string_c(vm, "detail");
    vm->name_empty = tg_string_c(vm, "");
}

void tg_classes_init(TgVM *vm) {
    vm->raised = TG_UNDEF;
    make_names(vm);
    make_types(vm);
    // Rows come parents first; the first row is its own parent: the root.
#define ERROR(name, parent)                                                                        \
    vm->errors[TG_ERR_##name] = make_class(vm, #name, vm->errors[TG_ERR_##parent], OBJ_INSTANCE);  \
    vm->errors[TG_ERR_##name]->obj.flags |= OBJ_EXCEPTION;                                         \
    vm->errors[TG_ERR_##name]->slot_hint = 2;
    TG_ERRORS(ERROR)
#undef ERROR
    // message, cause, code and path, or errors
    vm->errors[TG_ERR_IOError]->slot_hint = vm->errors[TG_ERR_PermissionError]->slot_hint = 4;
    vm->errors[TG_ERR_ErrorGroup]->slot_hint = 3;
}
