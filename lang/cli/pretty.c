// lang/cli/pretty.c
// A value is first tried on one line; where that is too long its members come on lines of their own, each tried
// on one line in turn. Short plain members share lines. How much is shown depends on the depth, never on the width.
// Layer: command.
#include "lang/cli/pretty.h"

#include <ctype.h>
#include <string.h>

#include "lang/cli/line_draw.h"
#include "lang/cli/style.h"
#include "vm/api.h"
#include "vm/code.h"
#include "vm/tree.h"

enum {
    INDENT = 4,
    DEPTH = 8,             // deeper ones are not opened
    LONG_TOP = 2000,       // bytes of a String by itself
    LONG_INNER = 200,      // of one inside of something
    LONG_NUMBER = 400,     // digits
    NODES = 5000,          // in all
};

typedef struct {
    TgVM *vm;
    TgBuffer *out;
    const TgPrettyHow *how;
    int column;
    bool is_flat, is_over;  // on one line; it does not fit
    bool is_cut;
    int nodes, depth;
    TgObj *open[DEPTH + 1]; // what is being shown further out
} Printer;

static void show(Printer *p, TgValue value, int indent, int behind);

// ---- text ----------------------------------------------------------------------------------------

static int columns_of(const char *text, size_t length) {
    int columns = 0, step;
    for (const char *end = text + length; text < end; text += step) columns += tg_char_columns(tg_utf8_decode(text, &step));
    return columns;
}

static void put(Printer *p, const char *text, size_t length, TgStyle style) {
    if (p->is_over) return;
    bool colored = p->how->color && style != STYLE_PLAIN && length > 0;
    if (colored) tg_buffer_text(p->out, tg_style_begin(style));
    tg_buffer_add(p->out, text, length);
    if (colored) tg_buffer_text(p->out, STYLE_END);
    p->column += columns_of(text, length);
    if (p->is_flat && p->column > p->how->columns) p->is_over = true;
}

static void put_text(Printer *p, const char *text, TgStyle style) { put(p, text, strlen(text), style); }

static void put_buffer(Printer *p, TgBuffer *text, TgStyle style) {
    if (text->data) put(p, text->data, text->length, style);
    tg_buffer_free(text);
}

static void put_line(Printer *p, int indent) {
    tg_buffer_text(p->out, "\n");
    tg_buffer_fill(p->out, " ", 1, (size_t)indent);
    p->column = indent;
}

// 12345 as "12,345"
static void put_cut(Printer *p, uint64_t count, const char *what) {
    TgBuffer digits = {0}, text = {0};
    tg_buffer_format(&digits, "%llu", (unsigned long long)count);
    tg_buffer_text(&text, "... ");
    for (size_t i = 0; i < digits.length; i++) {
        if (i && (digits.length - i) % 3 == 0) tg_buffer_text(&text, ",");
        tg_buffer_add(&text, digits.data + i, 1);
    }
    tg_buffer_format(&text, " more%s ...", what);
    tg_buffer_free(&digits);
    put_buffer(p, &text, STYLE_FAINT);
    p->is_cut = true;
}

// ---- plain values --------------------------------------------------------------------------------

static void show_string(Printer *p, TgString *string) {
    size_t limit = p->depth ? LONG_INNER : LONG_TOP;
    TgBuffer text = {0};
    if (string->length <= limit + limit / 2) {
        tg_text_quote(&text, string);
        put_buffer(p, &text, STYLE_STRING);
        return;
    }
    size_t length = limit;
    while (length && ((unsigned char)string->data[length] & 0xC0) == 0x80) length--;
    TgString *head = tg_string(p->vm, string->data, length);
    tg_text_quote(&text, head);
    put_buffer(p, &text, STYLE_STRING);
    put_text(p, " ", STYLE_PLAIN);
    put_cut(p, string->chars - head->chars, " characters");
}

static void show_number(Printer *p, TgValue value) {
    TgBuffer text = {0};
    if (tg_is_float(value)) tg_float_text(&text, tg_as_float(value));
    else tg_int_text(&text, value, 10);
    if (text.length <= LONG_NUMBER + LONG_NUMBER / 2) {
        put_buffer(p, &text, STYLE_NUMBER);
        return;
    }
    if (text.data) put(p, text.data, LONG_NUMBER / 2, STYLE_NUMBER);
    put_text(p, " ", STYLE_PLAIN);
    put_cut(p, text.length - LONG_NUMBER, " digits");
    put_text(p, " ", STYLE_PLAIN);
    if (text.data) put(p, text.data + text.length - LONG_NUMBER / 2, LONG_NUMBER / 2, STYLE_NUMBER);
    tg_buffer_free(&text);
}

static void show_signature(Printer *p, TgValue function) {
    if (tg_is_kind(function, OBJ_BOUND)) function = ((TgBound *)tg_as_obj(function))->function;
    const char *signature = NULL;
    if (tg_is_kind(function, OBJ_NATIVE)) signature = ((TgNative *)tg_as_obj(function))->def->signature;
    if (tg_is_kind(function, OBJ_CLOSURE)) {
        TgString *text = ((TgClosure *)tg_as_obj(function))->fn.code->signature;
        signature = text ? text->data : NULL;
    }
    TgBuffer text = {0};
    bool has_name = signature && *signature != '(' && strncmp(signature, "fn(", 3) != 0;
    tg_buffer_format(&text, "<fn%s%s>", has_name ? " " : "", signature ? signature + (strncmp(signature, "fn(", 3) ? 0 : 2) : "");
    put_buffer(p, &text, STYLE_KIND);
}

// With what init takes.
static void show_class(Printer *p, const TgClass *class_) {
    TgBuffer text = {0};
    tg_buffer_format(&text, "<class %s", class_->name->data);
    bool is_own = tg_is_kind(class_->init, OBJ_CLOSURE);
    TgString *signature = is_own ? ((TgClosure *)tg_as_obj(class_->init))->fn.code->signature : NULL;
    const char *parameters = signature ? strchr(signature->data, '(') : NULL;
    if (parameters) tg_buffer_text(&text, parameters);
    tg_buffer_text(&text, ">");
    put_buffer(p, &text, STYLE_KIND);
}

static void show_task(Printer *p, const TgTask *task) {
    TgBuffer text = {0};
    tg_buffer_format(&text, "<task %s#%u: ", task->name ? task->name->data : "", task->id);
    tg_tree_state(task, &text);
    tg_buffer_text(&text, ">");
    put_buffer(p, &text, STYLE_KIND);
}

static void show_other(Printer *p, TgValue value) {
    TgBuffer text = {0};
    if (!tg_text(p->vm, &text, value, true, TG_NIL)) p->vm->raised = TG_UNDEF;
    put_buffer(p, &text, STYLE_KIND);
}

// ---- members -------------------------------------------------------------------------------------

// What has members: a List, a Map or an instance, as a row of entries.
typedef struct {
    const char *begin, *end;
    TgValue object;
    uint32_t count;  // of entries
} Whole;

static bool is_plain(TgValue value) {
    return !tg_is_obj(value) || tg_as_obj(value)->kind == OBJ_BIGINT ||
           (tg_as_obj(value)->kind == OBJ_STRING && ((TgString *)tg_as_obj(value))->length <= 40);
}

static bool are_plain(const TgList *list) {
    for (uint32_t i = 0; i < list->count && i < 100; i++)
        if (!is_plain(list->items[i])) return false;
    return true;
}

// How many entries are shown of something at this depth: all, or the first and some of the last.
static uint32_t limit_at(int depth) { return depth <= 1 ? 100 : depth == 2 ? 30 : 10; }

static void show_key(Printer *p, TgValue key) {
    show(p, key, 0, 0);
    put_text(p, ": ", STYLE_PLAIN);
}

// The shape that has the field in slot `at`.
static const TgShape *shape_at(const TgVM *vm, const TgInstance *instance, uint32_t at) {
    const TgShape *shape = tg_shape(vm, instance->obj.shape);
    while (shape && shape->slot_count > at + 1) shape = shape->parent;
    return shape;
}

// Entry `at` (of a Map: at or behind *position, which moves).
static void show_entry(Printer *p, TgObj *object, uint32_t at, uint32_t *position, int indent, int behind) {
    if (object->kind == OBJ_LIST) {
        show(p, ((TgList *)object)->items[at], indent, behind);
    } else if (object->kind == OBJ_MAP) {
        TgMapEntry *entry = tg_map_next((TgMap *)object, position);
        show_key(p, entry->key);
        show(p, entry->value, indent, behind);
    } else {
        const TgInstance *instance = (TgInstance *)object;
        const TgShape *shape = shape_at(p->vm, instance, at);
        put_text(p, shape->name->data, STYLE_PLAIN);
        put_text(p, ": ", STYLE_PLAIN);
        show(p, instance->slots[at], indent, behind);
    }
}

static void skip_entries(TgObj *object, uint32_t count, uint32_t *position) {
    if (object->kind != OBJ_MAP) return;
    for (uint32_t i = 0; i < count; i++) tg_map_next((TgMap *)object, position);
}

static void show_flat(Printer *p, const Whole *whole, int indent, int behind, uint32_t head, uint32_t tail) {
    TgObj *object = tg_as_obj(whole->object);
    uint32_t position = 0, cut = whole->count - head - tail;
    put_text(p, whole->begin, STYLE_PLAIN);
    for (uint32_t i = 0; i < whole->count && !p->is_over; i++) {
        if (i) put_text(p, ", ", STYLE_PLAIN);
        if (i == head && cut) {
            put_cut(p, cut, "");
            skip_entries(object, cut, &position);
            i += cut - 1;
            continue;
        }
        show_entry(p, object, i, &position, indent, behind);
    }
    put_text(p, whole->end, STYLE_PLAIN);
}

// Whether the next short member has room behind what stands in this line.
static bool fits_behind(Printer *p, TgObj *object, uint32_t at) {
    TgBuffer text = {0};
    if (!tg_text(p->vm, &text, ((TgList *)object)->items[at], true, TG_NIL)) p->vm->raised = TG_UNDEF;
    int columns = text.data ? columns_of(text.data, text.length) : 0;
    tg_buffer_free(&text);
    return p->column + 1 + columns + 1 <= p->how->columns;
}

static void show_broken(Printer *p, const Whole *whole, int indent, uint32_t head, uint32_t tail) {
    TgObj *object = tg_as_obj(whole->object);
    uint32_t position = 0, cut = whole->count - head - tail;
    bool fills = object->kind == OBJ_LIST && are_plain((TgList *)object), is_line_begin = true;
    int inner = indent + INDENT;
    put_text(p, whole->begin, STYLE_PLAIN);
    for (uint32_t i = 0; i < whole->count; i++) {
        bool is_cut = i == head && cut;
        if (fills && !is_line_begin && !is_cut && fits_behind(p, object, i)) put_text(p, " ", STYLE_PLAIN);
        else put_line(p, inner);
        is_line_begin = is_cut;
        if (is_cut) {
            put_cut(p, cut, "");
            skip_entries(object, cut, &position);
            i += cut - 1;
            continue;
        }
        show_entry(p, object, i, &position, inner, 1);
        if (i + 1 < whole->count) put_text(p, ",", STYLE_PLAIN);
    }
    put_line(p, indent);
    put_text(p, whole->end, STYLE_PLAIN);
}

// `behind`: columns that the line needs behind it.
static void show_members(Printer *p, const Whole *whole, int indent, int behind) {
    TgObj *object = tg_as_obj(whole->object);
    for (int i = 0; i < p->depth; i++) {
        if (p->open[i] != object) continue;
        put_text(p, whole->begin, STYLE_PLAIN); // it holds itself
        put_text(p, "...", STYLE_FAINT);
        put_text(p, whole->end, STYLE_PLAIN);
        return;
    }
    if (whole->count && (p->depth >= DEPTH || p->nodes > NODES)) {
        put_text(p, whole->begin, STYLE_PLAIN);
        put_cut(p, whole->count, "");
        put_text(p, whole->end, STYLE_PLAIN);
        return;
    }
    p->open[p->depth++] = object;
    uint32_t limit = limit_at(p->depth), head = whole->count, tail = 0;
    if (whole->count > limit) {
        tail = limit / 5;
        head = limit - tail;
    }
    if (p->is_flat) {
        show_flat(p, whole, indent, behind, head, tail);
    } else {
        Printer before = *p;
        size_t length = p->out->length;
        p->is_flat = true;
        show_flat(p, whole, indent, behind, head, tail);
        if (p->is_over || p->column + behind > p->how->columns) {
            bool is_cut = p->is_cut;
            *p = before;
            p->is_cut = is_cut;
            p->out->length = length;
            show_broken(p, whole, indent, head, tail);
        }
        p->is_flat = p->is_over = false;
    }
    p->depth--;
}

// ---- instances -----------------------------------------------------------------------------------

static void ask(Printer *p, TgValue instance) {
    TgList *asked = p->how->asked;
    if (!asked) return;
    for (uint32_t i = 0; i < asked->count; i++)
        if (asked->items[i] == instance) return;
    if (!tg_list_push(p->vm, asked, instance)) p->vm->raised = TG_UNDEF;
}

// What follows the message: the members of a group, the fields that the class has added.
static void show_more_fields(Printer *p, TgInstance *exception, int indent, int behind) {
    TgVM *vm = p->vm;
    uint32_t count = tg_shape(vm, exception->obj.shape) ? tg_shape(vm, exception->obj.shape)->slot_count : 0;
    for (uint32_t i = 0; i < count; i++) {
        const TgString *name = shape_at(vm, exception, i)->name;
        TgValue value = exception->slots[i];
        if (name == vm->name_message || name == vm->name_cause || tg_is_undef(value) || tg_is_nil(value)) continue;
        put_text(p, ", ", STYLE_PLAIN);
        if (name != vm->name_errors) {
            put_text(p, name->data, STYLE_PLAIN);
            put_text(p, ": ", STYLE_PLAIN);
        }
        show(p, value, indent, behind + 1);
    }
}

// ValueError("message")
static void show_exception(Printer *p, TgInstance *instance, int indent, int behind) {
    TgValue message = tg_instance_get(p->vm, instance, p->vm->name_message);
    bool is_open = p->depth >= DEPTH;
    for (int i = 0; i < p->depth; i++) is_open |= p->open[i] == &instance->obj;
    put_text(p, instance->class_->name->data, STYLE_KIND);
    put_text(p, "(", STYLE_PLAIN);
    if (is_open) {
        put_text(p, "...", STYLE_FAINT);
    } else {
        p->open[p->depth++] = &instance->obj;
        if (tg_is_kind(message, OBJ_STRING)) show_string(p, (TgString *)tg_as_obj(message));
        else if (!tg_is_undef(message)) show_other(p, message);
        show_more_fields(p, instance, indent, behind);
        p->depth--;
    }
    put_text(p, ")", STYLE_PLAIN);
}

static void show_instance(Printer *p, TgInstance *instance, int indent, int behind) {
    TgValue value = tg_obj(instance);
    if (!tg_is_undef(instance->class_->str)) {
        TgValue known = TG_UNDEF;
        if (tg_is_kind(p->how->known, OBJ_MAP)) known = tg_map_get((TgMap *)tg_as_obj(p->how->known), value);
        if (tg_is_kind(known, OBJ_STRING)) {
            TgString *text = (TgString *)tg_as_obj(known);
            put(p, text->data, text->length, STYLE_PLAIN);
            return;
        }
        ask(p, value);
    }
    if (instance->obj.flags & OBJ_EXCEPTION) {
        show_exception(p, instance, indent, behind);
        return;
    }
    const TgShape *shape = tg_shape(p->vm, instance->obj.shape);
    put_text(p, instance->class_->name->data, STYLE_KIND);
    Whole whole = {"(", ")", value, shape ? shape->slot_count : 0};
    show_members(p, &whole, indent, behind);
}

static void show_object(Printer *p, TgValue value, int indent, int behind) {
    TgObj *object = tg_as_obj(value);
    switch ((TgKind)object->kind) {
    case OBJ_STRING: show_string(p, (TgString *)object); return;
    case OBJ_BIGINT: show_number(p, value); return;
    case OBJ_LIST: show_members(p, &(Whole){"[", "]", value, ((TgList *)object)->count}, indent, behind); return;
    case OBJ_MAP: show_members(p, &(Whole){"{", "}", value, ((TgMap *)object)->count}, indent, behind); return;
    case OBJ_INSTANCE: show_instance(p, (TgInstance *)object, indent, behind); return;
    case OBJ_CLOSURE:
    case OBJ_NATIVE:
    case OBJ_BOUND: show_signature(p, value); return;
    case OBJ_CLASS: show_class(p, (TgClass *)object); return;
    case OBJ_TASK: show_task(p, (TgTask *)object); return;
    default: show_other(p, value);
    }
}

static void show(Printer *p, TgValue value, int indent, int behind) {
    if (p->is_over) return;
    p->nodes++;
    if (tg_is_int(value) || tg_is_float(value)) show_number(p, value);
    else if (tg_is_obj(value)) show_object(p, value, indent, behind);
    else put_text(p, value == TG_TRUE ? "true" : value == TG_FALSE ? "false" : "nil", STYLE_CONSTANT);
}

bool tg_pretty(TgVM *vm, TgBuffer *out, TgValue value, const TgPrettyHow *how) {
    Printer p = {.vm = vm, .out = out, .how = how};
    show(&p, value, 0, 0);
    return !p.is_cut;
}
