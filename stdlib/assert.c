// stdlib/assert.c
// What an assert says that does not hold: its condition, the values in it, and of two that should be equal the
// first place where they differ. The compiler calls this (lang/compile_assert.c); the built-in assert() for
// conditions that it cannot see into is in text.c.
//
// Layer: library.
#include "stdlib/lib.h"

enum { LONGEST = 200, LONGEST_PART = 60, BEFORE = 20, DEEPEST = 20, TEXT_WORTH = 20 };

// ---- the first difference

static void say_part(TgVM *vm, TgBuffer *out, TgValue value) { tg_text_short(vm, out, value, LONGEST_PART); }

static bool differs(TgVM *vm, TgValue a, TgValue b) {
    TgEqual answer = tg_equal(vm, a, b);
    if (answer == TG_EQUAL_RAISED) vm->raised = TG_UNDEF; // too deep: nothing is said of it
    return answer == TG_EQUAL_NO;
}

static size_t step_back(const TgString *text, size_t at, size_t bytes) {
    size_t from = at > bytes ? at - bytes : 0;
    while (from > 0 && ((unsigned char)text->data[from] & 0xC0) == 0x80) from--;
    return from;
}

// The text around a place, in quotes.
static void say_around(TgVM *vm, TgBuffer *out, const TgString *text, size_t at) {
    size_t from = step_back(text, at, BEFORE);
    const char *newline = memchr(text->data + at, '\n', text->length - at);
    size_t end = newline ? (size_t)(newline - text->data) : text->length;
    for (size_t i = from; i < at; i++)
        if (text->data[i] == '\n') from = i + 1;
    if (from > 0 && text->data[from - 1] != '\n') tg_buffer_text(out, "…");
    say_part(vm, out, tg_obj(tg_string_part(vm, text, from, end - from)));
}

// Where two different Strings part: the character, and in texts of several lines the line.
static void say_strings(TgVM *vm, TgBuffer *out, const TgString *a, const TgString *b) {
    size_t at = 0, shorter = a->length < b->length ? a->length : b->length;
    while (at < shorter && a->data[at] == b->data[at]) at++;
    while (at > 0 && at < a->length && ((unsigned char)a->data[at] & 0xC0) == 0x80) at--;
    size_t line = 1, character = 0;
    for (size_t i = 0; i < at; i++) {
        if (a->data[i] == '\n') line++, character = 0;
        else character += ((unsigned char)a->data[i] & 0xC0) != 0x80;
    }
    if (line > 1 || memchr(a->data, '\n', a->length)) tg_buffer_format(out, "line %zu, ", line);
    tg_buffer_format(out, "character %zu: ", character);
    say_around(vm, out, a, at);
    tg_buffer_text(out, " and ");
    say_around(vm, out, b, at);
}

static void say_only(TgVM *vm, TgBuffer *out, const char *side, TgBuffer *path, TgValue value) {
    tg_buffer_format(out, "  only %s has %s: ", side, path->data);
    say_part(vm, out, value);
}

static void add_key(TgVM *vm, TgBuffer *path, TgValue key) {
    tg_buffer_text(path, "[");
    say_part(vm, path, key);
    tg_buffer_text(path, "]");
}

typedef struct {
    TgValue a, b; // TG_UNDEF: this side has none
    bool is_found;
} Difference;

static Difference in_lists(TgVM *vm, const TgList *a, const TgList *b, TgBuffer *path) {
    uint32_t shorter = a->count < b->count ? a->count : b->count, at = 0;
    while (at < shorter && !differs(vm, a->items[at], b->items[at])) at++;
    if (at == a->count && at == b->count) return (Difference){0};
    add_key(vm, path, tg_int(at));
    return (Difference){at < a->count ? a->items[at] : TG_UNDEF, at < b->count ? b->items[at] : TG_UNDEF, true};
}

static Difference in_maps(TgVM *vm, const TgMap *a, const TgMap *b, TgBuffer *path) {
    const TgMap *sides[] = {a, b};
    for (int side = 0; side < 2; side++) {
        uint32_t position = 0;
        for (TgMapEntry *entry; (entry = tg_map_next(sides[side], &position));) {
            if (tg_map_needs_hash(entry->key)) continue;
            TgValue other = tg_map_get(sides[1 - side], entry->key);
            if (!tg_is_undef(other) && !differs(vm, entry->value, other)) continue;
            add_key(vm, path, entry->key);
            return side ? (Difference){other, entry->value, true} : (Difference){entry->value, other, true};
        }
    }
    return (Difference){0};
}

// One step into two values that differ; not found: there is no way in.
static Difference step_into(TgVM *vm, TgValue a, TgValue b, TgBuffer *path) {
    if (tg_is_kind(a, OBJ_LIST) && tg_is_kind(b, OBJ_LIST))
        return in_lists(vm, (TgList *)tg_as_obj(a), (TgList *)tg_as_obj(b), path);
    if (tg_is_kind(a, OBJ_MAP) && tg_is_kind(b, OBJ_MAP))
        return in_maps(vm, (TgMap *)tg_as_obj(a), (TgMap *)tg_as_obj(b), path);
    return (Difference){0};
}

static void say_difference(TgVM *vm, TgBuffer *out, TgValue a, TgValue b) {
    TgBuffer path = {0};
    Difference at = {a, b, true};
    for (int depth = 0; depth < DEEPEST && !tg_is_undef(at.a) && !tg_is_undef(at.b); depth++) {
        Difference inner = step_into(vm, at.a, at.b, &path);
        if (!inner.is_found) break;
        at = inner;
    }
    bool is_text = tg_is_kind(at.a, OBJ_STRING) && tg_is_kind(at.b, OBJ_STRING);
    const TgString *left = is_text ? (TgString *)tg_as_obj(at.a) : NULL, *right = is_text ? (TgString *)tg_as_obj(at.b) : NULL;
    bool is_long = is_text && left->length > TEXT_WORTH && right->length > TEXT_WORTH;
    const char *where = path.data ? path.data : "";
    if (path.data || is_long) tg_buffer_text(out, "\n");
    if (tg_is_undef(at.a) || tg_is_undef(at.b)) {
        say_only(vm, out, tg_is_undef(at.a) ? "right" : "left", &path, tg_is_undef(at.a) ? at.b : at.a);
    } else if (is_long) {
        tg_buffer_format(out, "  they differ at %s%s", where, path.data ? ", " : "");
        say_strings(vm, out, left, right);
    } else if (path.data) {
        tg_buffer_format(out, "  they differ at %s: ", where);
        say_part(vm, out, at.a);
        tg_buffer_text(out, " and ");
        say_part(vm, out, at.b);
    }
    tg_buffer_free(&path);
}

// ---- the message

// One line: what str() makes of instances is in `known`.
static bool say_value(TgVM *vm, TgBuffer *out, TgValue value, TgValue known) {
    TgBuffer text = {0};
    if (tg_is_nil(known)) {
        tg_text_short(vm, out, value, LONGEST);
        return true;
    }
    bool is_good = tg_text(vm, &text, value, true, known);
    size_t end = text.length < LONGEST ? text.length : LONGEST;
    while (end > 0 && end < text.length && ((unsigned char)text.data[end] & 0xC0) == 0x80) end--;
    if (is_good) tg_buffer_add(out, text.data ? text.data : "", end);
    if (is_good && end < text.length) tg_buffer_text(out, "…");
    tg_buffer_free(&text);
    return is_good;
}

// Labels and values in turn, the values below each other.
static bool say_values(TgVM *vm, TgBuffer *out, const TgList *values, TgValue known) {
    int width = 0;
    for (uint32_t i = 0; i < values->count; i += 2) {
        int length = (int)((TgString *)tg_as_obj(values->items[i]))->length;
        if (length > width) width = length;
    }
    for (uint32_t i = 0; i + 1 < values->count; i += 2) {
        const TgString *label = (TgString *)tg_as_obj(values->items[i]);
        tg_buffer_format(out, "\n  %s: %*s", label->data, width - (int)label->length, "");
        if (!say_value(vm, out, values->items[i + 1], known)) return false;
    }
    return true;
}

// args: the head, whether the values should have been equal, labels and values, the message or nil.
static TgResult assert_failed(TgCall *call) {
    TgVM *vm = call->vm;
    TgResult result = tg_lib_known(call, call->args[2], 4, 1);
    if (result != TG_DONE) return result;
    const TgList *values = (TgList *)tg_as_obj(call->args[2]);
    const TgString *head = (TgString *)tg_as_obj(call->args[0]);
    TgBuffer text = {0};
    tg_buffer_add(&text, head->data, head->length);
    if (!say_values(vm, &text, values, call->args[5])) {
        tg_buffer_free(&text);
        return TG_RAISED;
    }
    if (tg_truthy(call->args[1])) say_difference(vm, &text, values->items[1], values->items[3]);
    TgString *said = tg_buffer_string(vm, &text);
    if (!said) return TG_RAISED;
    bool has_message = !tg_is_nil(call->args[3]);
    TgString *message = has_message ? (TgString *)tg_as_obj(call->args[3]) : said;
    TgException *error = tg_error_new(vm, vm->errors[TG_ERR_AssertionError], message);
    if (has_message) tg_instance_set(vm, &error->instance, vm->name_detail, tg_obj(said));
    return tg_raise_value(call, tg_obj(error));
}

const TgNativeDef tg_lib_hidden_assert[] = {
    {"_assert_failed(head, is_equal, values, message)", assert_failed, "Raises AssertionError: what an assert says."},
    {0},
};
