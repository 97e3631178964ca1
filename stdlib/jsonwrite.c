// stdlib/jsonwrite.c
// The module json, its writing half: values to JSON text.
//
// As the reading half it does not recurse: a level for each List and Map that is being written. Between two members these
// and the pieces of text so far are the whole state; every so many members they are put away where the collector finds
// them and the native goes by a boundary.
//
// Layer: library.
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "stdlib/json.h"

enum { STRETCH = 4096 };   // members between two boundaries: well below a millisecond
enum { PIECE = 64 * 1024 }; // bytes, the same
enum { ARG_VALUE, ARG_INDENT, ARG_SORT, STATE_PIECES, STATE_LEVELS };
enum { INDENT_MAX = 32 };

typedef struct {
    TgValue container;
    TgValue keys;      // of a Map whose keys are sorted: a List of them; else nil
    uint32_t position; // of the next member
    uint32_t count;    // members when it was begun
} Level;

typedef struct {
    TgCall *call;
    TgVM *vm;
    TgBuffer out;
    Level *levels; // TG_JSON_DEPTH of them
    uint32_t depth;
    const char *indent; // NULL: all in one line
    size_t indent_length;
    bool sorts;
} Writer;

// ---- errors

static bool is_plain_name(const TgString *key) {
    bool is_plain = key->length > 0 && !(key->data[0] >= '0' && key->data[0] <= '9');
    for (uint32_t i = 0; i < key->length && is_plain; i++) {
        char c = key->data[i];
        is_plain = (c | 32) >= 'a' && (c | 32) <= 'z';
        is_plain |= (c >= '0' && c <= '9') || c == '_';
    }
    return is_plain;
}

static void add_step(TgBuffer *path, TgVM *vm, const Level *level) {
    if (tg_is_kind(level->container, OBJ_LIST)) {
        tg_buffer_format(path, "[%u]", (unsigned)level->position - 1);
        return;
    }
    const TgMap *map = (TgMap *)tg_as_obj(level->container);
    TgValue key = tg_is_nil(level->keys) ? map->entries[level->position - 1].key
                                         : ((TgList *)tg_as_obj(level->keys))->items[level->position - 1];
    const TgString *name = tg_is_kind(key, OBJ_STRING) ? (TgString *)tg_as_obj(key) : NULL;
    if (name && is_plain_name(name) && name->length < 64)
        tg_buffer_format(path, ".%s", name->data);
    else
        tg_buffer_format(path, "[%s]", tg_lib_show(vm, key));
}

// "$.a[3]": the member that is being written. Where it is deep, the beginning and the end of that.
static TgString *path_of(const Writer *writer, uint32_t depth) {
    enum { SHOWN = 8 };
    TgBuffer path = {0};
    tg_buffer_text(&path, "$");
    for (uint32_t i = 0; i < depth; i++) {
        if (depth > 2 * SHOWN && i == SHOWN) {
            tg_buffer_text(&path, "…");
            i = depth - SHOWN;
        }
        add_step(&path, writer->vm, &writer->levels[i]);
    }
    TgString *text = tg_string_format(writer->vm, "%s", path.data ? path.data : "$");
    tg_buffer_free(&path);
    return text;
}

static bool refuse(const Writer *writer, uint32_t depth, const char *what) {
    tg_error_raise(writer->vm, TG_ERR_ValueError, "json: %s: %s", path_of(writer, depth)->data, what);
    return false;
}

static bool refuse_value(const Writer *writer, TgValue value) {
    const char *hint = "JSON has nil, Bools, numbers, Strings, Lists and Maps only";
    if (tg_is_kind(value, OBJ_RANGE)) hint = "make it a List: [*range]";
    if (tg_lib_class(value)) hint = "give its fields as a Map: {name: x.name}";
    char what[256];
    snprintf(what, sizeof what, "%s can't be written as JSON; %s", TG_SHOW(writer->vm, value), hint);
    return refuse(writer, writer->depth, what);
}

// ---- Strings and numbers

static void add_escape(TgBuffer *out, unsigned char c) {
    static const char letters[] = "\"\"\\\\\bb\ff\nn\rr\tt";
    for (const char *at = letters; *at; at += 2) {
        if ((unsigned char)*at != c) continue;
        tg_buffer_add(out, (char[]){'\\', at[1]}, 2);
        return;
    }
    static const char hex[] = "0123456789abcdef";
    tg_buffer_add(out, (char[]){'\\', 'u', '0', '0', hex[c >> 4], hex[c & 15]}, 6);
}

static bool is_plain(unsigned char c) {
    return c >= ' ' && c != '"' && c != '\\';
}

static void add_string(TgBuffer *out, const TgString *text) {
    const char *at = text->data, *end = at + text->length;
    tg_buffer_add(out, "\"", 1);
    while (at < end) {
        const char *run = at;
        while (at < end && is_plain((unsigned char)*at)) at++;
        tg_buffer_add(out, run, (size_t)(at - run));
        if (at < end) add_escape(out, (unsigned char)*at++);
    }
    tg_buffer_add(out, "\"", 1);
}

static bool add_float(Writer *writer, double d) {
    if (!isfinite(d)) return refuse(writer, writer->depth, isnan(d) ? "JSON has no nan; use nil" : "JSON has no inf");
    tg_float_text(&writer->out, d);
    return true;
}

static void add_int(Writer *writer, TgValue value) {
    if (!tg_is_int(value)) {
        tg_int_text(&writer->out, value, 10);
        return;
    }
    char text[TG_INT_DIGITS];
    const char *digits = tg_int_digits(text, tg_as_int(value), 10);
    tg_buffer_add(&writer->out, digits, (size_t)(text + TG_INT_DIGITS - digits));
}

// ---- Lists and Maps

static int by_text(const void *a, const void *b) {
    return tg_string_compare(*(TgString *const *)a, *(TgString *const *)b);
}

// The keys in order. Nil: no memory, raised.
static TgValue sorted_keys(const Writer *writer, const TgMap *map) {
    TgList *keys = tg_list(writer->vm, 0);
    TgString **texts = malloc(map->count * sizeof *texts + 1);
    if (!texts || !tg_list_reserve(writer->vm, keys, map->count)) {
        free(texts);
        tg_error_memory(writer->vm);
        return TG_NIL;
    }
    uint32_t position = 0, count = 0;
    for (const TgMapEntry *entry; (entry = tg_map_next(map, &position));)
        texts[count++] = (TgString *)tg_as_obj(entry->key);
    qsort(texts, count, sizeof *texts, by_text);
    for (uint32_t i = 0; i < count; i++) tg_list_push(writer->vm, keys, tg_obj(texts[i]));
    free(texts);
    return tg_obj(keys);
}

static bool check_keys(Writer *writer, const TgMap *map) {
    uint32_t position = 0;
    for (const TgMapEntry *entry; (entry = tg_map_next(map, &position));) {
        if (tg_is_kind(entry->key, OBJ_STRING)) continue;
        char what[192];
        snprintf(what, sizeof what, "the key %s is no String, as the keys of JSON are; use str(key)",
                 TG_SHOW(writer->vm, entry->key));
        return refuse(writer, writer->depth, what);
    }
    return true;
}

static bool open_level(Writer *writer, TgValue container) {
    if (writer->depth == TG_JSON_DEPTH) return refuse(writer, writer->depth, "nested more than 1,000 deep");
    for (uint32_t i = 0; i < writer->depth; i++)
        if (writer->levels[i].container == container) return refuse(writer, writer->depth, "it holds itself");
    Level *level = &writer->levels[writer->depth];
    *level = (Level){container, TG_NIL, 0, 0};
    if (tg_is_kind(container, OBJ_LIST)) {
        level->count = ((TgList *)tg_as_obj(container))->count;
    } else {
        const TgMap *map = (TgMap *)tg_as_obj(container);
        level->count = map->count;
        if (!check_keys(writer, map)) return false;
        if (writer->sorts && map->count > 1) level->keys = sorted_keys(writer, map);
        if (writer->sorts && map->count > 1 && tg_is_nil(level->keys)) return false;
    }
    writer->depth++;
    tg_buffer_add(&writer->out, tg_is_kind(container, OBJ_LIST) ? "[" : "{", 1);
    return true;
}

static void add_newline(Writer *writer) {
    if (!writer->indent) return;
    tg_buffer_add(&writer->out, "\n", 1);
    tg_buffer_fill(&writer->out, writer->indent, writer->indent_length, writer->depth);
}

static bool write_value(Writer *writer, TgValue value) {
    if (tg_is_int(value) || tg_is_bigint(value)) return add_int(writer, value), true;
    if (tg_is_float(value)) return add_float(writer, tg_as_float(value));
    if (tg_is_nil(value)) return tg_buffer_add(&writer->out, "null", 4), true;
    if (tg_is_bool(value)) return tg_buffer_text(&writer->out, value == TG_TRUE ? "true" : "false"), true;
    if (tg_is_kind(value, OBJ_STRING)) return add_string(&writer->out, (TgString *)tg_as_obj(value)), true;
    if (tg_is_kind(value, OBJ_LIST) || tg_is_kind(value, OBJ_MAP)) return open_level(writer, value);
    return refuse_value(writer, value);
}

// The next member of a Map: its key is written; *value. False: there is none.
static bool next_of_map(Writer *writer, Level *level, TgValue *value) {
    const TgMap *map = (TgMap *)tg_as_obj(level->container);
    TgValue key;
    bool is_first = level->position == 0;
    if (tg_is_nil(level->keys)) {
        const TgMapEntry *entry = tg_map_next(map, &level->position);
        if (!entry) return false;
        key = entry->key;
        *value = entry->value;
    } else {
        const TgList *keys = (TgList *)tg_as_obj(level->keys);
        if (level->position == keys->count) return false;
        key = keys->items[level->position++];
        *value = tg_map_get(map, key);
        if (tg_is_undef(*value)) *value = TG_NIL; // removed meanwhile: noticed by the count
    }
    if (!is_first) tg_buffer_add(&writer->out, ",", 1);
    add_newline(writer);
    add_string(&writer->out, (TgString *)tg_as_obj(key));
    tg_buffer_add(&writer->out, ": ", writer->indent ? 2 : 1);
    return true;
}

static bool next_of_list(Writer *writer, Level *level, TgValue *value) {
    const TgList *list = (TgList *)tg_as_obj(level->container);
    if (level->position == list->count) return false;
    if (level->position) tg_buffer_add(&writer->out, ",", 1);
    add_newline(writer);
    *value = list->items[level->position++];
    return true;
}

static void close_level(Writer *writer, bool is_list) {
    const Level *level = &writer->levels[--writer->depth];
    if (level->count) add_newline(writer);
    tg_buffer_add(&writer->out, is_list ? "]" : "}", 1);
}

// One member more, or the end of the innermost.
static bool write_next(Writer *writer) {
    Level *level = &writer->levels[writer->depth - 1];
    bool is_list = tg_is_kind(level->container, OBJ_LIST);
    TgValue value;
    if (is_list ? next_of_list(writer, level, &value) : next_of_map(writer, level, &value)) return write_value(writer, value);
    close_level(writer, is_list);
    return true;
}

// ---- the native

// Other tasks run between two stretches.
static bool check_unchanged(const Writer *writer) {
    for (uint32_t i = 0; i < writer->depth; i++) {
        TgObj *object = tg_as_obj(writer->levels[i].container);
        uint32_t count = object->kind == OBJ_LIST ? ((TgList *)object)->count : ((TgMap *)object)->count;
        if (count == writer->levels[i].count) continue;
        tg_error_raise(writer->vm, TG_ERR_ValueError, "json: a %s was changed by another task while it was written",
                       object->kind == OBJ_LIST ? "List" : "Map");
        return false;
    }
    return true;
}

static TgResult put_away(Writer *writer) {
    TgVM *vm = writer->vm;
    TgValue *args = writer->call->args;
    if (tg_is_nil(args[STATE_PIECES])) args[STATE_PIECES] = tg_obj(tg_list(vm, 0));
    TgString *piece = tg_buffer_string(vm, &writer->out);
    if (!piece) return TG_RAISED;
    tg_list_push(vm, (TgList *)tg_as_obj(args[STATE_PIECES]), tg_obj(piece));
    TgList *levels = tg_list(vm, 0);
    for (uint32_t i = 0; i < writer->depth; i++) {
        const Level *level = &writer->levels[i];
        TgValue parts[] = {level->container, level->keys, tg_int(level->position), tg_int(level->count)};
        tg_list_extend(vm, levels, parts, 4);
    }
    args[STATE_LEVELS] = tg_obj(levels);
    return tg_lib_breathe(writer->call, 1);
}

static bool take_up(Writer *writer) {
    const TgList *levels = (TgList *)tg_as_obj(writer->call->args[STATE_LEVELS]);
    writer->depth = levels->count / 4;
    for (uint32_t i = 0; i < writer->depth; i++) {
        const TgValue *parts = levels->items + 4 * (size_t)i;
        writer->levels[i] = (Level){parts[0], parts[1], (uint32_t)tg_as_int(parts[2]), (uint32_t)tg_as_int(parts[3])};
    }
    return check_unchanged(writer);
}

// The pieces and what is in the buffer as one String.
static TgResult finish(Writer *writer) {
    TgValue pieces = writer->call->args[STATE_PIECES];
    if (tg_is_nil(pieces)) return tg_lib_return_text(writer->call, &writer->out);
    TgString *last = tg_buffer_string(writer->vm, &writer->out);
    if (!last) return TG_RAISED;
    tg_list_push(writer->vm, (TgList *)tg_as_obj(pieces), tg_obj(last));
    return tg_lib_join(writer->call, (TgList *)tg_as_obj(pieces), NULL);
}

static TgResult write_all(Writer *writer) {
    uint32_t members = 0;
    while (writer->depth) {
        if (!write_next(writer)) return TG_RAISED;
        if (++members == STRETCH || writer->out.length > PIECE) return put_away(writer);
    }
    return finish(writer);
}

static bool read_indent(Writer *writer) {
    static const char blanks[INDENT_MAX + 1] = "                                ";
    TgCall *call = writer->call;
    TgValue given = call->args[ARG_INDENT];
    if (!tg_lib_given(call, ARG_INDENT) || given == tg_int(0)) return true;
    if (tg_is_int(given) && tg_as_int(given) > 0 && tg_as_int(given) <= INDENT_MAX) {
        writer->indent = blanks;
        writer->indent_length = (size_t)tg_as_int(given);
        return true;
    }
    const TgString *text = tg_is_kind(given, OBJ_STRING) ? (TgString *)tg_as_obj(given) : NULL;
    if (text && text->length <= INDENT_MAX && strspn(text->data, " \t") == text->length) {
        writer->indent = text->length ? text->data : NULL;
        writer->indent_length = text->length;
        return true;
    }
    tg_error_raise(call->vm, tg_is_int(given) || text ? TG_ERR_ValueError : TG_ERR_TypeError,
                   "json.stringify(): indent is a number of blanks up to %d, or a String of blanks and tabs, not %s", INDENT_MAX,
                   TG_SHOW(call->vm, given));
    return false;
}

TgResult tg_json_stringify(TgCall *call) {
    Level levels[TG_JSON_DEPTH];
    Writer writer = {.call = call, .vm = call->vm, .levels = levels};
    if (!read_indent(&writer) || !tg_lib_flag(call, ARG_SORT, "sort_keys", &writer.sorts)) return TG_RAISED;
    bool is_good = call->step ? take_up(&writer) : write_value(&writer, call->args[ARG_VALUE]);
    TgResult result = is_good ? write_all(&writer) : TG_RAISED;
    tg_buffer_free(&writer.out);
    return result;
}
