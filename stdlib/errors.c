// stdlib/errors.c
// How exceptions are made by a script: init of Exception, IOError and ErrorGroup.
//
// Layer: library.
#include "stdlib/lib.h"

// Sets message and cause. args[0] is the new exception, args[1] the message, if any.
static bool init_exception(TgCall *call) {
    TgVM *vm = call->vm;
    TgString *message = vm->name_empty;
    if (!tg_is_exception(call->args[0])) {
        tg_error_raise(vm, TG_ERR_TypeError, "init() of an exception needs one, not %s",
                       TG_SHOW(vm, call->args[0]));
        return false;
    }
    if (tg_given(call, 1) && !tg_arg_string(call, 1, &message)) return false;
    tg_error_begin(vm, (TgException *)tg_as_obj(call->args[0]), message);
    return true;
}

static TgResult exception_init(TgCall *call) {
    return init_exception(call) ? tg_return(call, TG_NIL) : TG_RAISED;
}

static TgResult ioerror_init(TgCall *call) {
    TgVM *vm = call->vm;
    if (!init_exception(call)) return TG_RAISED;
    TgString *code;
    if (tg_lib_given(call, 2) && !tg_arg_string(call, 2, &code)) return TG_RAISED;
    TgValue value = tg_lib_given(call, 2) ? call->args[2] : TG_NIL;
    tg_instance_set(vm, (TgInstance *)tg_as_obj(call->args[0]), vm->name_code, value);
    TgString *path;
    if (tg_lib_given(call, 3) && !tg_arg_string(call, 3, &path)) return TG_RAISED;
    value = tg_lib_given(call, 3) ? call->args[3] : TG_NIL;
    tg_instance_set(vm, (TgInstance *)tg_as_obj(call->args[0]), tg_string_c(vm, "path"), value);
    return tg_return(call, TG_NIL);
}

// ---- groups
// --------------------------------------------------------------------------------------

static bool is_interrupt(TgVM *vm, TgValue error) {
    return tg_class_is(((TgInstance *)tg_as_obj(error))->class_, vm->errors[TG_ERR_Interrupt]);
}

// Adds the exceptions, those of nested groups one by one; an object counts once, Interrupts come
// first.
static bool add_members(TgCall *call, const TgList *errors, TgList *members, TgMap *seen) {
    TgVM *vm = call->vm;
    if (!tg_stack_check(vm)) return false;
    for (uint32_t i = 0; i < errors->count; i++) {
        TgValue error = errors->items[i];
        if (!tg_is_exception(error)) {
            tg_error_raise(vm, TG_ERR_TypeError,
                           "ErrorGroup(): errors must hold exceptions only, item %u is %s",
                           (unsigned)i, tg_type_name(vm, error));
            return false;
        }
        TgList *nested = tg_error_members(vm, (TgException *)tg_as_obj(error));
        if (nested) {
            if (!add_members(call, nested, members, seen)) return false;
            continue;
        }
        if (!tg_is_undef(tg_map_get(seen, error))) continue;
        uint32_t at = members->count;
        if (is_interrupt(vm, error))
            for (at = 0; at < members->count && is_interrupt(vm, members->items[at]);) at++;
        if (!tg_list_insert(vm, members, at, error) || !tg_map_set(vm, seen, error, TG_NIL)) {
            tg_error_memory(vm);
            return false;
        }
    }
    return true;
}

static TgResult group_init(TgCall *call) {
    TgVM *vm = call->vm;
    TgList *errors;
    if (!init_exception(call) || !tg_arg_list(call, 2, &errors)) return TG_RAISED;
    TgList *members = tg_list(vm, errors->count);
    if (!add_members(call, errors, members, tg_map(vm))) return TG_RAISED;
    if (!members->count)
        return tg_raise(call, TG_ERR_ValueError,
                        "ErrorGroup(): errors must hold at least one exception");
    tg_instance_set(vm, (TgInstance *)tg_as_obj(call->args[0]), vm->name_errors, tg_obj(members));
    return tg_return(call, TG_NIL);
}

const TgNativeDef tg_lib_exception[] = {
    {"init(message = \"\")", exception_init, "Sets the message; an init of one's own class calls it, as super.init(message)."},
    {0},
};

const TgNativeDef tg_lib_ioerror[] = {
    {"init(message = \"\", code: nil, path: nil)", ioerror_init,
     "Sets the message, the code, the system's name of the reason, as \"ENOENT\", and the path that it is about."},
    {0},
};

const TgNativeDef tg_lib_group[] = {
    {"init(message, errors)", group_init,
     "Sets the message and the members; nested groups come flattened, an Interrupt first."},
    {0},
};
