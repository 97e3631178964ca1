// stdlib/text.c
// str, repr, print and interpolation of values in which instances with their own `str` occur.
//
// C shows what it can; the instances are found first, each is asked for its text by a call, and
// then the whole is shown with these texts.
//
// Layer: library.
#include "stdlib/lib.h"

static TgResult show(TgCall *call, TgValue value, bool repr, TgValue known) {
    TgBuffer buffer = {0};
    if (!tg_text(call->vm, &buffer, value, repr, known)) {
        tg_buffer_free(&buffer);
        return TG_RAISED;
    }
    return tg_lib_return_text(call, &buffer);
}

static TgResult text_str(TgCall *call) {
    if (tg_is_kind(call->args[0], OBJ_STRING)) return tg_return(call, call->args[0]);
    TgResult result = tg_lib_known(call, call->args[0], 1, 1);
    return result == TG_DONE ? show(call, call->args[0], false, call->args[2]) : result;
}

static TgResult text_repr(TgCall *call) {
    TgResult result = tg_lib_known(call, call->args[0], 1, 1);
    return result == TG_DONE ? show(call, call->args[0], true, call->args[2]) : result;
}

static TgResult text_format(TgCall *call) {
    TgVM *vm = call->vm;
    TgString *spec;
    if (!tg_arg_string(call, 1, &spec)) return TG_RAISED;
    TgResult result = tg_lib_known(call, call->args[0], 2, 1);
    if (result != TG_DONE) return result;
    TgValue value = call->args[0];
    if (!tg_is_nil(call->args[3])) { // instances in it: what is formatted is the text
        if (show(call, value, false, call->args[3]) != TG_DONE) return TG_RAISED;
        value = call->result;
    }
    TgValue formatted = tg_format(vm, value, spec);
    return tg_is_undef(formatted) ? TG_RAISED : tg_return(call, formatted);
}

static bool print_values(TgVM *vm, TgBuffer *line, const TgList *values, const TgString *sep,
                         TgValue known) {
    for (uint32_t i = 0; i < values->count; i++) {
        if (i && sep) tg_buffer_add(line, sep->data, sep->length);
        if (i && !sep) tg_buffer_add(line, " ", 1);
        if (!tg_text(vm, line, values->items[i], false, known)) return false;
    }
    return true;
}

// One write for all of it, so that what other tasks print does not come in between.
static TgResult text_print(TgCall *call) {
    TgString *sep = NULL, *end = NULL;
    if (tg_given(call, 1) && !tg_arg_string(call, 1, &sep)) return TG_RAISED;
    if (tg_given(call, 2) && !tg_arg_string(call, 2, &end)) return TG_RAISED;
    TgList *values = (TgList *)tg_as_obj(call->args[0]);
    TgResult result = tg_lib_known(call, call->args[0], 3, 1);
    if (result != TG_DONE) return result;
    TgBuffer line = {0};
    bool is_shown = print_values(call->vm, &line, values, sep, call->args[4]);
    if (is_shown) {
        if (end)
            tg_buffer_add(&line, end->data, end->length);
        else
            tg_buffer_add(&line, "\n", 1);
        if (line.failed) tg_error_memory(call->vm);
        if (line.length) tg_out_write(call->vm, line.data, line.length);
        is_shown = !line.failed;
    }
    tg_buffer_free(&line);
    return is_shown ? tg_out_done(call) : TG_RAISED;
}

static TgResult text_assert(TgCall *call) {
    if (tg_truthy(call->args[0])) return tg_return(call, TG_NIL);
    if (!tg_lib_given(call, 1)) return tg_raise(call, TG_ERR_AssertionError, "assertion failed");
    TgResult result = tg_lib_known(call, call->args[1], 2, 1);
    if (result != TG_DONE) return result;
    if (show(call, call->args[1], false, call->args[3]) != TG_DONE) return TG_RAISED;
    // Not by tg_raise: the message may be long.
    TgString *message = (TgString *)tg_as_obj(call->result);
    TgClass *class_ = call->vm->errors[TG_ERR_AssertionError];
    return tg_raise_value(call, tg_obj(tg_error_new(call->vm, class_, message)));
}

// For the library's tg half and for interpolation.
const TgNativeDef tg_lib_hidden_text[] = {
    {"_str_of(value)", text_str, "str(value)."},
    {"_repr_of(value)", text_repr, "repr(value)."},
    {"_format_of(value, spec)", text_format, "The value formatted as \"{value:spec}\" does."},
    {0},
};

const TgNativeDef tg_lib_text[] = {
    {"print(*values, sep: \" \", end: \"\\n\")", text_print,
     "Writes the values to the output, `sep` between them and `end` after them."},
    {"str(value)", text_str, "The value as print shows it, a String."},
    {"repr(value)", text_repr, "The value as it would be written in a program: Strings in quotes, with escapes."},
    {"assert(cond, message = nil)", text_assert,
     "Raises AssertionError where `cond` is nil or false; without a message it shows the values in it."},
    {0},
};
