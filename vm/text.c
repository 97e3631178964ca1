// vm/text.c
// Values as text: what print shows (str) and what Lists and Maps show of their members (repr).
//
// The recursion is guarded by tg_stack_check. Lists, Maps and exceptions that are being printed are
// marked in their header while they are, so that one that holds itself is noticed without
// searching; every way out takes the mark away again (nothing of the script runs in between).
//
// Layer: data.
#include "vm/text.h"

#include "vm/bytes.h"
#include "vm/class.h"
#include "vm/code.h"
#include "vm/error.h"
#include "vm/gc.h"
#include "vm/list.h"
#include "vm/map.h"
#include "vm/number.h"
#include "vm/resource.h"
#include "vm/vm.h"

enum {          // in obj.small
    OPEN = 128, // is being printed further out
    FOUND = 64, // tg_text_find has it already
};

// Bytes of text after which it is asked whether memory reaches for them: a List that holds another twice,
// and that one a third twice, … has a text without end.
enum { ASK_EVERY = 1 << 16 };

typedef struct {
    TgVM *vm;
    TgBuffer *out;
    const TgMap *known;
    size_t ask_at; // length at which memory is asked for
    size_t most;   // length of `out` at which what is left is left out
} Printer;

static bool print_value(Printer *printer, TgValue value, bool repr);

const char *tg_type_name(TgVM *vm, TgValue value) {
    return tg_class_of(vm, value)->name->data;
}

// Strings in quotes

// Seen by nobody, or they steer the terminal, or turn the line's direction.
static bool is_hidden(uint32_t code) {
    return (code < 0x20 && code != '\t') || (code >= 0x7F && code < 0xA0) || (code >= 0x2028 && code <= 0x202E) ||
           (code >= 0x2066 && code <= 0x2069) || code == 0xFEFF;
}

static void put_character(TgBuffer *out, uint32_t code, const char *bytes, int length) {
    if (!is_hidden(code))
        tg_buffer_add(out, bytes, (size_t)length);
    else
        tg_buffer_format(out, code < 0x80 ? "\\x%02x" : "\\u{%x}", code);
}

static void quote_one(TgBuffer *out, uint32_t code, const char *bytes, int length) {
    switch (code) {
    case '\n': tg_buffer_text(out, "\\n"); return;
    case '\t': tg_buffer_text(out, "\\t"); return;
    case '\r': tg_buffer_text(out, "\\r"); return;
    case '\0': tg_buffer_text(out, "\\0"); return;
    case '\\': tg_buffer_text(out, "\\\\"); return;
    case '"': tg_buffer_text(out, "\\\""); return;
    case '{': tg_buffer_text(out, "\\{"); return; // or it would interpolate when read again
    default: break;
    }
    put_character(out, code, bytes, length);
}

void tg_text_tame(TgBuffer *out, const char *text, size_t size) {
    for (size_t i = 0; i < size;) {
        int length;
        uint32_t code = tg_utf8_decode(text + i, &length);
        put_character(out, code, text + i, length);
        i += (size_t)length;
    }
}

static bool is_plain(char c) {
    return (c >= ' ' && c < 0x7F) && c != '"' && c != '\\' && c != '{';
}

static void quote(TgBuffer *out, const TgString *string, size_t most) {
    const char *at = string->data, *end = at + string->length;
    tg_buffer_add(out, "\"", 1);
    while (at < end && out->length < most) {
        const char *run = at;
        while (at < end && is_plain(*at) && (size_t)(at - run) < most) at++;
        tg_buffer_add(out, run, (size_t)(at - run));
        if (at == end) break;
        int length;
        uint32_t code = tg_utf8_decode(at, &length);
        quote_one(out, code, at, length);
        at += length;
    }
    tg_buffer_add(out, "\"", 1);
}

void tg_text_quote(TgBuffer *out, const TgString *string) { quote(out, string, SIZE_MAX); }

// Kinds

static bool goes_on(const Printer *printer) {
    return !printer->out->failed && printer->out->length < printer->most;
}

static bool print_list(Printer *printer, TgList *list) {
    TgBuffer *out = printer->out;
    if (list->obj.small & OPEN) {
        tg_buffer_text(out, "[...]");
        return true;
    }
    list->obj.small |= OPEN;
    bool is_good = true;
    tg_buffer_add(out, "[", 1);
    for (uint32_t i = 0; i < list->count && is_good && goes_on(printer); i++) {
        if (i > 0) tg_buffer_add(out, ", ", 2);
        is_good = print_value(printer, list->items[i], true);
    }
    tg_buffer_add(out, "]", 1);
    list->obj.small &= (uint8_t)~OPEN;
    return is_good;
}

static bool print_map(Printer *printer, TgMap *map) {
    TgBuffer *out = printer->out;
    if (map->obj.small & OPEN) {
        tg_buffer_text(out, "{...}");
        return true;
    }
    map->obj.small |= OPEN;
    bool is_good = true;
    uint32_t position = 0;
    tg_buffer_add(out, "{", 1);
    const char *between = "";
    for (TgMapEntry *entry; is_good && goes_on(printer) && (entry = tg_map_next(map, &position));) {
        tg_buffer_text(out, between);
        between = ", ";
        is_good = print_value(printer, entry->key, true);
        tg_buffer_add(out, ": ", 2);
        is_good = is_good && print_value(printer, entry->value, true);
    }
    tg_buffer_add(out, "}", 1);
    map->obj.small &= (uint8_t)~OPEN;
    return is_good;
}

static bool print_exception(Printer *printer, TgInstance *instance, bool repr) {
    TgBuffer *out = printer->out;
    TgValue message = tg_instance_get(printer->vm, instance, printer->vm->name_message);
    if (tg_is_undef(message)) message = tg_obj(printer->vm->name_empty);
    if (instance->obj.small & OPEN) { // its message holds it
        tg_buffer_format(out, "%s(...)", instance->class_->name->data);
        return true;
    }
    instance->obj.small |= OPEN;
    if (repr) tg_buffer_format(out, "%s(", instance->class_->name->data);
    bool is_good = print_value(printer, message, repr);
    if (repr) tg_buffer_text(out, ")");
    instance->obj.small &= (uint8_t)~OPEN;
    return is_good;
}

static bool print_instance(Printer *printer, TgInstance *instance, bool repr) {
    if (printer->known && !tg_is_undef(instance->class_->str)) {
        TgValue text = tg_map_get(printer->known, tg_obj(instance));
        if (tg_is_kind(text, OBJ_STRING)) {
            TgString *string = (TgString *)tg_as_obj(text);
            tg_buffer_add(printer->out, string->data, string->length);
            return true;
        }
    }
    if (instance->obj.flags & OBJ_EXCEPTION) return print_exception(printer, instance, repr);
    tg_buffer_format(printer->out, "<%s>", instance->class_->name->data);
    return true;
}

static void print_range(TgBuffer *out, const TgRange *range) {
    if (range->step == 1) {
        tg_buffer_format(out, "%lld..%lld", (long long)range->start, (long long)range->stop);
    } else {
        tg_buffer_format(out, "range(%lld, %lld, %lld)", (long long)range->start,
                         (long long)range->stop, (long long)range->step);
    }
}

static void print_function(TgBuffer *out, const TgString *name) {
    if (name && name->length > 0) {
        tg_buffer_format(out, "<fn %s>", name->data);
    } else {
        tg_buffer_text(out, "<fn>");
    }
}

static void print_callable(TgBuffer *out, TgValue value) {
    if (tg_is_kind(value, OBJ_BOUND)) value = ((TgBound *)tg_as_obj(value))->function;
    if (tg_is_kind(value, OBJ_CLOSURE)) {
        print_function(out, ((TgClosure *)tg_as_obj(value))->fn.code->name);
    } else if (tg_is_kind(value, OBJ_NATIVE)) {
        print_function(out, ((TgNative *)tg_as_obj(value))->name);
    } else {
        print_function(out, NULL);
    }
}

static bool print_object(Printer *printer, TgValue value, bool repr) {
    TgObj *object = tg_as_obj(value);
    TgBuffer *out = printer->out;
    switch ((TgKind)object->kind) {
    case OBJ_STRING:
        if (repr) {
            quote(out, (TgString *)object, printer->most);
        } else {
            tg_buffer_add(out, ((TgString *)object)->data, ((TgString *)object)->length);
        }
        return true;
    case OBJ_BIGINT: tg_int_text(out, value, 10); return true;
    case OBJ_BYTES: tg_bytes_text(out, (TgBytes *)object, printer->most); return true;
    case OBJ_LIST: return print_list(printer, (TgList *)object);
    case OBJ_MAP: return print_map(printer, (TgMap *)object);
    case OBJ_RANGE: print_range(out, (TgRange *)object); return true;
    case OBJ_CLOSURE:
    case OBJ_NATIVE:
    case OBJ_BOUND: print_callable(out, value); return true;
    case OBJ_CLASS:
        tg_buffer_format(out, "<class %s>", ((TgClass *)object)->name->data);
        return true;
    case OBJ_INSTANCE: return print_instance(printer, (TgInstance *)object, repr);
    case OBJ_MODULE:
        tg_buffer_format(out, "<module %s>", ((TgModule *)object)->name->data);
        return true;
    case OBJ_TASK:
    case OBJ_SCOPE:
    case OBJ_CHANNEL:
    case OBJ_LOCK:
    case OBJ_SEMAPHORE:
    case OBJ_EVENT:
    case OBJ_CONDITION:
    case OBJ_BARRIER: tg_runtime_text(printer->vm, out, value); return true;
    case OBJ_RESOURCE: tg_resource_text(printer->vm, (TgResource *)object, out); return true;
    case OBJ_FREE:
    case OBJ_ROOM:
    case OBJ_CODE:
    case OBJ_CELL:
    case OBJ_TRACE:
    case OBJ_KINDS: break; // no values of the language
    }
    tg_buffer_text(out, "<internal>");
    return true;
}

static bool has_room(Printer *printer) {
    if (printer->out->length < printer->ask_at) return true;
    printer->ask_at = printer->out->length + ASK_EVERY;
    if (tg_gc_can_take(printer->vm, printer->out->length)) return true;
    tg_error_memory(printer->vm);
    return false;
}

static bool print_value(Printer *printer, TgValue value, bool repr) {
    TgBuffer *out = printer->out;
    if (tg_is_int(value)) {
        tg_int_text(out, value, 10);
    } else if (tg_is_float(value)) {
        tg_float_text(out, tg_as_float(value));
    } else if (tg_is_obj(value)) {
        return tg_stack_check(printer->vm) && has_room(printer) && print_object(printer, value, repr);
    } else {
        tg_buffer_text(out, value == TG_TRUE ? "true" : value == TG_FALSE ? "false" : "nil");
    }
    return true;
}

bool tg_text(TgVM *vm, TgBuffer *out, TgValue value, bool repr, TgValue known) {
    const TgMap *map = tg_is_kind(known, OBJ_MAP) ? (TgMap *)tg_as_obj(known) : NULL;
    Printer printer = {vm, out, map, out->length + ASK_EVERY, SIZE_MAX};
    if (!print_value(&printer, value, repr)) return false;
    if (out->failed) tg_error_memory(vm);
    return !out->failed;
}

void tg_text_short(TgVM *vm, TgBuffer *out, TgValue value, size_t most) {
    Printer printer = {vm, out, NULL, SIZE_MAX, out->length + most + 1};
    size_t end = out->length + most;
    print_value(&printer, value, true); // so short it is neither too deep nor too large
    if (out->failed || out->length <= end) return;
    while (((unsigned char)out->data[end] & 0xC0) == 0x80) end--;
    out->length = end;
    tg_buffer_text(out, "…");
}

// Instances whose class has `str`: their text has to be made by the script's own function first.

static bool find_in(TgVM *vm, TgValue value, TgList *found);

static bool find_in_list(TgVM *vm, TgList *list, TgList *found) {
    bool is_good = true;
    for (uint32_t i = 0; i < list->count && is_good; i++) {
        is_good = find_in(vm, list->items[i], found);
    }
    return is_good;
}

static bool find_in_map(TgVM *vm, TgMap *map, TgList *found) {
    bool is_good = true;
    uint32_t position = 0;
    for (TgMapEntry *entry; is_good && (entry = tg_map_next(map, &position));) {
        is_good = find_in(vm, entry->key, found) && find_in(vm, entry->value, found);
    }
    return is_good;
}

static bool find_instance(TgVM *vm, TgInstance *instance, TgList *found) {
    if (!tg_is_undef(instance->class_->str)) {
        if (instance->obj.small & FOUND) return true;
        instance->obj.small |= FOUND;
        if (tg_list_push(vm, found, tg_obj(instance))) return true;
        instance->obj.small &= (uint8_t)~FOUND;
        tg_error_memory(vm);
        return false;
    }
    if (!(instance->obj.flags & OBJ_EXCEPTION)) return true;
    TgValue message = tg_instance_get(vm, instance, vm->name_message);
    return tg_is_undef(message) || find_in(vm, message, found);
}

// What is gone through for its members, once (else a List that holds another twice, that one a third twice,
// and so on would take for ever).
static bool is_passed(const TgObj *object) {
    if (object->kind == OBJ_LIST || object->kind == OBJ_MAP) return true;
    return object->kind == OBJ_INSTANCE && object->flags & OBJ_EXCEPTION &&
           tg_is_undef(((const TgInstance *)object)->class_->str);
}

static bool find_in(TgVM *vm, TgValue value, TgList *found) {
    if (!tg_is_obj(value)) return true;
    TgObj *object = tg_as_obj(value);
    bool has_members =
        object->kind == OBJ_LIST || object->kind == OBJ_MAP || object->kind == OBJ_INSTANCE;
    if (!has_members || (object->small & (OPEN | FOUND))) return true;
    if (!tg_stack_check(vm)) return false;
    if (is_passed(object)) object->small |= FOUND;
    object->small |= OPEN;
    bool is_good = object->kind == OBJ_LIST  ? find_in_list(vm, (TgList *)object, found)
                   : object->kind == OBJ_MAP ? find_in_map(vm, (TgMap *)object, found)
                                             : find_instance(vm, (TgInstance *)object, found);
    object->small &= (uint8_t)~OPEN;
    return is_good;
}

// Takes FOUND away again from all but the instances with `str`. It goes no deeper than find_in went.
static void forget_in(TgVM *vm, TgValue value) {
    TgObj *object = tg_is_obj(value) ? tg_as_obj(value) : NULL;
    if (!object || !is_passed(object) || !(object->small & FOUND)) return;
    object->small &= (uint8_t)~FOUND;
    if (object->kind == OBJ_LIST) {
        TgList *list = (TgList *)object;
        for (uint32_t i = 0; i < list->count; i++) forget_in(vm, list->items[i]);
    } else if (object->kind == OBJ_MAP) {
        uint32_t position = 0;
        for (TgMapEntry *entry; (entry = tg_map_next((TgMap *)object, &position));) {
            forget_in(vm, entry->key);
            forget_in(vm, entry->value);
        }
    } else {
        forget_in(vm, tg_instance_get(vm, (TgInstance *)object, vm->name_message));
    }
}

static void mark_found(const TgList *found, bool is_found) {
    for (uint32_t i = 0; i < found->count; i++) {
        TgObj *object = tg_as_obj(found->items[i]);
        object->small = (uint8_t)(is_found ? object->small | FOUND : object->small & ~FOUND);
    }
}

bool tg_text_find(TgVM *vm, TgValue value, TgList *found) {
    mark_found(found, true);
    bool is_good = find_in(vm, value, found);
    forget_in(vm, value);
    mark_found(found, false);
    return is_good;
}
