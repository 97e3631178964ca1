// vm/shown.c
// A value as messages speak of it: its type and, where that is short, what it is.
// Layer: data.
#include <stdio.h>
#include <string.h>

#include "vm/class.h"
#include "vm/code.h"
#include "vm/list.h"
#include "vm/map.h"
#include "vm/text.h"
#include "vm/vm.h"

enum { LONGEST = 40 }; // bytes of a String or name that are shown

// The beginning of a String in quotes.
static void show_string(TgVM *vm, TgValue string, char *out) {
    TgBuffer text = {0};
    tg_text_short(vm, &text, string, LONGEST);
    bool is_cut = text.length > LONGEST;
    snprintf(out, TG_SHOWN, "String %.*s%s", (int)text.length, text.data ? text.data : "", is_cut ? "\"" : "");
    tg_buffer_free(&text);
}

static void show_count(const char *type, uint32_t count, char *out) {
    snprintf(out, TG_SHOWN, "%s of %u item%s", type, count, count == 1 ? "" : "s");
}

static const TgString *name_of_function(TgValue value) {
    if (tg_is_kind(value, OBJ_BOUND)) value = ((TgBound *)tg_as_obj(value))->function;
    if (tg_is_kind(value, OBJ_NATIVE)) return ((TgNative *)tg_as_obj(value))->name;
    return ((TgFunction *)tg_as_obj(value))->code->name;
}

static void show_named(const char *what, const TgString *name, char *out) {
    if (name->length && name->length <= LONGEST)
        snprintf(out, TG_SHOWN, "%s %s", what, name->data);
    else
        snprintf(out, TG_SHOWN, "a %s", what);
}

// Numbers are at most so long; a big Int is not written out.
static void show_number(TgVM *vm, TgValue value, char *out) {
    TgBuffer text = {0};
    if (tg_text(vm, &text, value, true, TG_NIL) && text.data)
        snprintf(out, TG_SHOWN, "%s %.*s", tg_type_name(vm, value), (int)text.length, text.data);
    tg_buffer_free(&text);
}

char *tg_shown(TgVM *vm, TgValue value, char *out) {
    snprintf(out, TG_SHOWN, "%.60s", tg_type_name(vm, value));
    if (tg_is_nil(value)) return strcpy(out, "nil");
    if (tg_is_bool(value)) return strcpy(out, value == TG_TRUE ? "true" : "false");
    if (!tg_is_obj(value)) return show_number(vm, value, out), out;
    TgObj *object = tg_as_obj(value);
    switch (object->kind) {
    case OBJ_STRING: show_string(vm, value, out); break;
    case OBJ_BYTES: snprintf(out, TG_SHOWN, "Bytes of length %u", ((TgBytes *)object)->length); break;
    case OBJ_LIST: show_count("List", ((TgList *)object)->count, out); break;
    case OBJ_MAP: show_count("Map", ((TgMap *)object)->count, out); break;
    case OBJ_CLASS: show_named("class", ((TgClass *)object)->name, out); break;
    case OBJ_MODULE: show_named("module", ((TgModule *)object)->name, out); break;
    case OBJ_CLOSURE:
    case OBJ_NATIVE:
    case OBJ_BOUND: show_named("function", name_of_function(value), out); break;
    case OBJ_TASK: strcpy(out, "Task (its value is t.wait())"); break;
    default: break;
    }
    return out;
}
