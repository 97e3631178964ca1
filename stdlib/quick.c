// stdlib/quick.c
// Quick halves of the natives that programs call most, in their inner loops: what is asked nearly always, without
// the native's whole apparatus (a call of `has` takes half the instructions). All else is left to the native.
// Layer: library.
#include <math.h>

#include "stdlib/lib.h"

static TgValue quick_len(TgVM *vm, const TgValue *args, uint32_t argc) {
    (void)vm;
    (void)argc;
    TgObj *object;
    if (!tg_to_obj(args[0], &object)) return TG_UNDEF;
    if (object->kind == OBJ_LIST) return tg_int(((TgList *)object)->count);
    if (object->kind == OBJ_STRING) return tg_int(((TgString *)object)->chars);
    return object->kind == OBJ_MAP ? tg_int(((TgMap *)object)->count) : TG_UNDEF;
}

static TgValue quick_ord(TgVM *vm, const TgValue *args, uint32_t argc) {
    (void)vm;
    (void)argc;
    if (!tg_is_kind(args[0], OBJ_STRING)) return TG_UNDEF;
    const TgString *string = (TgString *)tg_as_obj(args[0]);
    if (string->length != 1) return TG_UNDEF;
    return tg_int((unsigned char)string->data[0]);
}

static TgValue quick_chr(TgVM *vm, const TgValue *args, uint32_t argc) {
    (void)argc;
    if (!tg_is_int(args[0]) || (uint64_t)tg_as_int(args[0]) > 127) return TG_UNDEF;
    char byte = (char)tg_as_int(args[0]);
    return tg_obj(tg_string(vm, &byte, 1));
}

// The receivers of methods are of the class that the method was found in.

static TgValue quick_push(TgVM *vm, const TgValue *args, uint32_t argc) {
    (void)argc;
    if (!tg_is_kind(args[0], OBJ_LIST)) return TG_UNDEF;
    return tg_list_push(vm, (TgList *)tg_as_obj(args[0]), args[1]) ? args[0] : TG_UNDEF;
}

static TgValue quick_pop(TgVM *vm, const TgValue *args, uint32_t argc) {
    (void)vm;
    (void)argc;
    if (!tg_is_kind(args[0], OBJ_LIST)) return TG_UNDEF;
    TgList *list = (TgList *)tg_as_obj(args[0]);
    return list->count ? tg_list_remove_at(list, list->count - 1) : TG_UNDEF;
}

// Keys that need no look at their class: small Ints and Strings.
static bool is_plain_key(TgValue key) { return tg_is_int(key) || tg_is_kind(key, OBJ_STRING); }

static TgValue quick_get(TgVM *vm, const TgValue *args, uint32_t argc) {
    (void)vm;
    if (!tg_is_kind(args[0], OBJ_MAP) || !is_plain_key(args[1])) return TG_UNDEF;
    TgValue value = tg_map_get((TgMap *)tg_as_obj(args[0]), args[1]);
    if (!tg_is_undef(value)) return value;
    return argc > 2 ? args[2] : TG_NIL;
}

static TgValue quick_has(TgVM *vm, const TgValue *args, uint32_t argc) {
    (void)vm;
    (void)argc;
    if (!tg_is_kind(args[0], OBJ_MAP) || !is_plain_key(args[1])) return TG_UNDEF;
    return tg_bool(!tg_is_undef(tg_map_get((TgMap *)tg_as_obj(args[0]), args[1])));
}

static TgValue quick_sqrt(TgVM *vm, const TgValue *args, uint32_t argc) {
    (void)vm;
    (void)argc;
    if (!tg_is_float(args[0]) || !(tg_as_float(args[0]) >= 0)) return TG_UNDEF;
    return tg_float(sqrt(tg_as_float(args[0])));
}

// init of an exception: with a message, or none.
static TgValue quick_exception(TgVM *vm, const TgValue *args, uint32_t argc) {
    if (!tg_is_exception(args[0]) || (argc > 1 && !tg_is_kind(args[1], OBJ_STRING))) return TG_UNDEF;
    tg_error_begin(vm, (TgException *)tg_as_obj(args[0]), argc > 1 ? (TgString *)tg_as_obj(args[1]) : vm->name_empty);
    return TG_NIL;
}

const TgQuickRow tg_lib_quick[] = {
    {"", "len", quick_len},       {"", "ord", quick_ord},       {"", "chr", quick_chr},
    {"List", "push", quick_push}, {"List", "pop", quick_pop},   {"Map", "get", quick_get},
    {"Map", "has", quick_has},    {"math", "sqrt", quick_sqrt}, {"Exception", "init", quick_exception},
    {NULL, NULL, NULL},
};
