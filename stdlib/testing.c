// stdlib/testing.c
// The module `test`: what tests ask that an assert cannot say. (The blocks themselves are the language's, and
// `tg test` runs them.)
//
// Layer: library.
#include "stdlib/lib.h"

#include <math.h>

// A number as messages show it.
static const char *number_text(TgVM *vm, double number) {
    TgBuffer text = {0};
    tg_text(vm, &text, tg_float(number), true, TG_NIL);
    TgString *string = tg_buffer_string(vm, &text);
    return string ? string->data : "";
}

static TgResult testing_near(TgCall *call) {
    TgVM *vm = call->vm;
    double a, b, within = 1e-9;
    if (!tg_arg_number(call, 0, &a) || !tg_arg_number(call, 1, &b)) return TG_RAISED;
    if (tg_given(call, 2) && !tg_arg_number(call, 2, &within)) return TG_RAISED;
    if (!(within >= 0)) return tg_raise(call, TG_ERR_ValueError, "test.near(): 'within' must be 0 or more");
    if (a == b || fabs(a - b) <= within) return tg_return(call, TG_NIL);
    return tg_raise(call, TG_ERR_AssertionError, "test.near(%s, %s): they are %s apart, more than %s", number_text(vm, a),
                    number_text(vm, b), number_text(vm, fabs(a - b)), number_text(vm, within));
}

// For raises() in test.tg: what it says where nothing was raised.
static TgResult raised_nothing(TgCall *call) {
    TgVM *vm = call->vm;
    TgBuffer kind = {0};
    tg_text_short(vm, &kind, call->args[0], 60);
    const char *name = tg_is_kind(call->args[0], OBJ_CLASS) ? ((TgClass *)tg_as_obj(call->args[0]))->name->data : kind.data;
    TgResult result = tg_raise(call, TG_ERR_AssertionError, "test.raises(%s, …): nothing was raised; it gave %s", name,
                               TG_SHOW(vm, call->args[1]));
    tg_buffer_free(&kind);
    return result;
}

TgClass *tg_lib_skipped(TgVM *vm) {
    TgValue module = tg_map_get_string(vm->modules, tg_string_c(vm, "test"));
    if (!tg_is_kind(module, OBJ_MODULE)) return NULL;
    TgValue class_ = tg_module_get((TgModule *)tg_as_obj(module), tg_string_c(vm, "Skipped"));
    return tg_is_kind(class_, OBJ_CLASS) ? (TgClass *)tg_as_obj(class_) : NULL;
}

static TgResult testing_skip(TgCall *call) {
    TgVM *vm = call->vm;
    TgString *why = vm->name_empty;
    if (tg_lib_given(call, 0) && !tg_arg_string(call, 0, &why)) return TG_RAISED;
    TgClass *class_ = tg_lib_skipped(vm);
    if (!class_) return tg_raise(call, TG_ERR_NameError, "test.skip(): the module test is not imported");
    return tg_raise_value(call, tg_obj(tg_error_new(vm, class_, why)));
}

const TgNativeDef tg_lib_testing_members[] = {
    {"near(a, b, within = 1e-9)", testing_near,
     "Raises AssertionError where two numbers are further apart than `within`."},
    {"skip(why = \"\")", testing_skip, "Ends the test that runs; `tg test` counts it as skipped and says why."},
    {"_raised_nothing(kind, value)", raised_nothing, "Raises AssertionError: what test.raises() says."},
    {0},
};

void tg_lib_testing(TgVM *vm, TgModule *module) {
    tg_register_members(vm, module, tg_lib_testing_members);
    TgClass *skipped = tg_class_new(vm, tg_string_c(vm, "Skipped"), vm->errors[TG_ERR_Exception]);
    tg_class_finish(vm, skipped);
    tg_module_set(vm, module, "Skipped", tg_obj(skipped));
}
