// stdlib/builtins.c
// Built-in functions of values and sequences: len, type, range, enumerate, zip …
//
// print, str and assert are in text.c, hash in maps.c, sorted in sort.c, those of numbers in
// numbers.c; what waits or concerns tasks is vm/'s.
//
// Layer: library.
#include "stdlib/lib.h"

static TgResult builtin_len(TgCall *call) {
    TgValue x = call->args[0];
    int64_t length = -1;
    switch (tg_is_obj(x) ? tg_as_obj(x)->kind : OBJ_FREE) {
    case OBJ_LIST: length = ((TgList *)tg_as_obj(x))->count; break;
    case OBJ_MAP: length = ((TgMap *)tg_as_obj(x))->count; break;
    case OBJ_STRING: length = ((TgString *)tg_as_obj(x))->chars; break;
    case OBJ_BYTES: length = tg_as_bytes(x)->length; break;
    case OBJ_RANGE: length = tg_range_length((TgRange *)tg_as_obj(x)); break;
    case OBJ_CHANNEL: length = tg_channel_length(x); break;
    default:
        return tg_raise(call, TG_ERR_TypeError,
                        "len(): x must be a List, Map, String, Bytes, Range or Channel, not %s%s",
                        TG_SHOW(call->vm, x),
                        tg_is_number(x) ? "; len(str(x)) counts its digits" : "");
    }
    return tg_return(call, tg_int_from(call->vm, length));
}

static TgResult builtin_type(TgCall *call) {
    return tg_return(call, tg_obj(tg_class_of(call->vm, call->args[0])));
}

// Strings and big Ints are immutable: whether equal ones are one object is nobody's business.
static TgResult builtin_same(TgCall *call) {
    TgValue a = call->args[0], b = call->args[1];
    bool is_same = a == b;
    if (tg_is_kind(a, OBJ_STRING) && tg_is_kind(b, OBJ_STRING))
        is_same = tg_string_equal((TgString *)tg_as_obj(a), (TgString *)tg_as_obj(b));
    else if (tg_is_bigint(a) && tg_is_bigint(b))
        is_same = tg_number_compare(a, b) == 0;
    return tg_return(call, tg_bool(is_same));
}

static TgResult builtin_ord(TgCall *call) {
    TgString *text;
    if (!tg_arg_string(call, 0, &text)) return TG_RAISED;
    if (text->chars != 1)
        return tg_raise(call, TG_ERR_ValueError,
                        "ord(): char must be one character, not %u; use [ord(c) for c in text]",
                        (unsigned)text->chars);
    int length;
    return tg_return(call, tg_int(tg_utf8_decode(text->data, &length)));
}

static TgResult builtin_chr(TgCall *call) {
    int64_t code;
    if (!tg_arg_int(call, 0, &code)) return TG_RAISED;
    if (code < 0 || code > 0x10FFFF || (code >= 0xD800 && code < 0xE000))
        return tg_raise(
            call, TG_ERR_ValueError,
            "chr(): %lld is no code point; those are 0 to 0xd7ff and 0xe000 to 0x10ffff",
            (long long)code);
    char bytes[4];
    int length = tg_utf8_encode((uint32_t)code, bytes);
    return tg_return(call, tg_obj(tg_string(call->vm, bytes, (size_t)length)));
}

static TgResult builtin_range(TgCall *call) {
    int64_t start, stop, step = 1;
    if (!tg_arg_int(call, 0, &start) || !tg_arg_int(call, 1, &stop)) return TG_RAISED;
    if (tg_given(call, 2) && !tg_arg_int(call, 2, &step)) return TG_RAISED;
    if (!step) return tg_raise(call, TG_ERR_ValueError, "range(): step must not be 0");
    return tg_return(call, tg_obj(tg_range(call->vm, start, stop, step)));
}

// ---- sequences
// -----------------------------------------------------------------------------------

static TgResult test_items(TgCall *call, const char *what, bool sought) {
    TgResult result = tg_lib_items(call, 0, what, 1);
    if (result != TG_DONE) return result;
    const TgList *list = (TgList *)tg_as_obj(call->args[0]);
    for (uint32_t i = 0; i < list->count; i++)
        if (tg_truthy(list->items[i]) == sought) return tg_return(call, tg_bool(sought));
    return tg_return(call, tg_bool(!sought));
}

static TgResult builtin_any(TgCall *call) {
    return test_items(call, "any(items): items", true);
}
static TgResult builtin_all(TgCall *call) {
    return test_items(call, "all(items): items", false);
}

static TgResult builtin_reversed(TgCall *call) {
    TgResult result = tg_lib_items(call, 0, "reversed(items): items", 1);
    if (result != TG_DONE) return result;
    const TgList *list = (TgList *)tg_as_obj(call->args[0]);
    if (!tg_lib_room(call, sizeof(TgValue) * (size_t)list->count)) return TG_RAISED;
    TgList *turned = tg_list(call->vm, list->count);
    for (uint32_t i = list->count; i-- > 0;) tg_list_push(call->vm, turned, list->items[i]);
    return tg_return(call, tg_obj(turned));
}

// A List of Lists takes so many bytes.
static bool room_for_rows(TgCall *call, size_t rows, size_t columns) {
    return tg_lib_room(call, rows * (sizeof(TgValue) + sizeof(TgList) + columns * sizeof(TgValue)));
}

static TgResult builtin_enumerate(TgCall *call) {
    TgResult result = tg_lib_items(call, 0, "enumerate(items): items", 1);
    if (result != TG_DONE) return result;
    const TgList *list = (TgList *)tg_as_obj(call->args[0]);
    int64_t start = 0;
    if (tg_given(call, 1) && !tg_arg_int(call, 1, &start)) return TG_RAISED;
    if (!tg_int_fits(start))
        return tg_raise(call, TG_ERR_ValueError, "enumerate(): start is too large");
    if (!room_for_rows(call, list->count, 2)) return TG_RAISED;
    TgList *rows = tg_list(call->vm, list->count);
    for (uint32_t i = 0; i < list->count; i++) {
        TgValue row[] = {tg_int_from(call->vm, start + i), list->items[i]};
        tg_list_push(call->vm, rows, tg_obj(tg_list_of(call->vm, row, 2)));
    }
    return tg_return(call, tg_obj(rows));
}

static TgResult zip_lists(TgCall *call, const TgList *lists) {
    uint32_t count = lists->count ? UINT32_MAX : 0;
    for (uint32_t i = 0; i < lists->count; i++) {
        uint32_t length = ((TgList *)tg_as_obj(lists->items[i]))->count;
        if (length < count) count = length;
    }
    if (!room_for_rows(call, count, lists->count)) return TG_RAISED;
    TgList *rows = tg_list(call->vm, count);
    for (uint32_t i = 0; i < count; i++) {
        TgList *row = tg_list(call->vm, lists->count);
        for (uint32_t j = 0; j < lists->count; j++)
            tg_list_push(call->vm, row, ((TgList *)tg_as_obj(lists->items[j]))->items[i]);
        tg_list_push(call->vm, rows, tg_obj(row));
    }
    return tg_return(call, tg_obj(rows));
}

// args[1] counts how many of the arguments are Lists already.
static TgResult builtin_zip(TgCall *call) {
    TgList *lists = (TgList *)tg_as_obj(call->args[0]);
    int64_t at = call->step ? tg_as_int(call->args[1]) : 0;
    if (call->step) tg_list_set(call->vm, lists, (uint32_t)at++, call->value);
    for (; at < lists->count; at++) {
        TgList *list;
        call->args[1] = tg_int(at);
        TgResult result = tg_lib_items_of(call, lists->items[at], "zip(): each argument", 1, &list);
        if (result != TG_DONE) return result;
        tg_list_set(call->vm, lists, (uint32_t)at, tg_obj(list));
    }
    return zip_lists(call, lists);
}

// For the tg half: methods that take a function say at once what they got instead.
static TgResult builtin_need_function(TgCall *call) {
    if (tg_is_callable(call->args[0])) return tg_return(call, TG_NIL);
    TgString *what;
    if (!tg_arg_string(call, 1, &what)) return TG_RAISED;
    return tg_raise(call, TG_ERR_TypeError, "%s: f must be a function, not %s", what->data,
                    TG_SHOW(call->vm, call->args[0]));
}

const TgNativeDef tg_lib_hidden[] = {
    {"_need_function(f, what)", builtin_need_function, "TypeError where f cannot be called."},
    {0},
};

const TgNativeDef tg_lib_builtins[] = {
    {"len(x)", builtin_len, "How many items a List, Map, String, Range or Channel holds, an Int."},
    {"type(x)", builtin_type, "The class of a value; `x is Int` asks for one."},
    {"same(a, b)", builtin_same, "Whether both are one and the same object, not only equal."},
    {"ord(char)", builtin_ord, "The code point of a character, an Int; ValueError for a String of another length."},
    {"chr(code)", builtin_chr, "The character of a code point, a String."},
    {"range(a, b, step = 1)", builtin_range, "The Range of Ints from a up to, not including, b, by step."},
    {"any(items)", builtin_any, "Whether at least one of the items is true."},
    {"all(items)", builtin_all, "Whether all of the items are true; also where there are none."},
    {"reversed(items)", builtin_reversed, "A new List of the items, the last first."},
    {"enumerate(items, start = 0)", builtin_enumerate, "A List of [index, item] for each item."},
    {"zip(*lists)", builtin_zip,
     "A List of Lists: the first items of all, the second ones, as far as the shortest goes."},
    {0},
};
