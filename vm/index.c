// vm/index.c
// Square brackets, `in`, and going over things.
// Layer: runtime.
#include <stdio.h>
#include <stdlib.h>

#include "vm/api.h"
#include "vm/bytes.h"
#include "vm/foreign.h"
#include "vm/field.h"

// ---- Index

// The position that `index` means in `length` items, or -1 where it was refused (raised).
static int64_t position_of(TgVM *vm, TgValue index, int64_t length, const char *what) {
    if (!tg_is_int(index)) {
        if (tg_is_bigint(index))
            tg_error_raise(vm, TG_ERR_IndexError, "the index is far outside of this %s of %lld", what, (long long)length);
        else
            tg_error_raise(vm, TG_ERR_TypeError, "a %s is indexed by an Int, not %s", what, TG_SHOW(vm, index));
        return -1;
    }
    int64_t at = tg_as_int(index);
    if (at < 0) at += length;
    if (at >= 0 && at < length) return at;
    long long given = (long long)tg_as_int(index), count = (long long)length;
    if (count == 0)
        tg_error_raise(vm, TG_ERR_IndexError, "index %lld is outside of this %s: it is empty", given, what);
    else
        tg_error_raise(vm, TG_ERR_IndexError, "index %lld is outside of this %s of %lld; the first is 0, the last %lld or -1", given,
                       what, count, count - 1);
    return -1;
}

static bool check_key(TgVM *vm, TgValue key) {
    if (tg_is_kind(key, OBJ_INSTANCE)) {
        TgClass *class_ = ((TgInstance *)tg_as_obj(key))->class_;
        if (tg_is_undef(class_->eq) || !tg_is_undef(class_->hash)) return true;
        tg_error_raise(vm, TG_ERR_TypeError,
                       "%s has eq but no hash, so it can't be the key of a Map; add a method hash that is the same for what is equal",
                       class_->name->data);
        return false;
    }
    if (tg_map_can_key(key)) return true;
    tg_error_raise(vm, TG_ERR_TypeError, "%s can't be the key of a Map; use a String, a number or an instance",
                   TG_SHOW(vm, key));
    return false;
}

// Whether the key is there as a value of the other type: 1 for "1", "1" for 1.
static bool has_other_type(TgVM *vm, TgMap *map, TgValue key) {
    if (tg_is_int(key)) return !tg_is_undef(tg_map_get_string(map, tg_string_format(vm, "%lld", (long long)tg_as_int(key))));
    if (!tg_is_kind(key, OBJ_STRING)) return false;
    char *end;
    const char *text = ((TgString *)tg_as_obj(key))->data;
    long long number = strtoll(text, &end, 10);
    bool is_int = *text && !*end && number > INT32_MIN && number < INT32_MAX;
    return is_int && !tg_is_undef(tg_map_get(map, tg_int(number)));
}

// What may have been meant by a key that is not there, or nothing.
static void key_hint(TgVM *vm, TgMap *map, TgValue key, char *out, size_t room) {
    enum { MAX_CANDIDATES = 256 };
    const char *names[MAX_CANDIDATES];
    uint32_t count = 0, position = 0;
    *out = 0;
    if (has_other_type(vm, map, key)) {
        snprintf(out, room, "; there is one as %s", tg_is_int(key) ? "a String" : "an Int");
        return;
    }
    if (!tg_is_kind(key, OBJ_STRING)) return;
    const char *name = ((TgString *)tg_as_obj(key))->data, *instead = tg_foreign_member("Map", name);
    for (TgMapEntry *entry; count < MAX_CANDIDATES && (entry = tg_map_next(map, &position));)
        if (tg_is_kind(entry->key, OBJ_STRING)) names[count++] = ((TgString *)tg_as_obj(entry->key))->data;
    const char *near = tg_nearest(name, names, count);
    if (near)
        snprintf(out, room, "; did you mean \"%s\"?", near);
    else if (instead)
        snprintf(out, room, "; as a method of Maps write %s", instead);
}

bool tg_index_no_key(TgVM *vm, TgMap *map, TgValue key) {
    char hint[200];
    key_hint(vm, map, key, hint, sizeof hint);
    TgBuffer text = {0};
    tg_text_short(vm, &text, key, 200);
    tg_error_raise(vm, TG_ERR_KeyError, "no key %.*s%s", (int)text.length, text.data ? text.data : "",
                   *hint ? hint : "; m.get(key) gives nil instead");
    tg_buffer_free(&text);
    return false;
}

static TgIndexEnd get_of_map(TgVM *vm, TgMap *map, TgValue key, TgValue *out) {
    if (tg_is_kind(key, OBJ_INSTANCE)) {
        if (!check_key(vm, key)) return INDEX_RAISED;
        if (tg_map_needs_hash(key)) return INDEX_CALLS;
    }
    *out = tg_map_get(map, key);
    if (!tg_is_undef(*out)) return INDEX_DONE;
    if (!check_key(vm, key)) return INDEX_RAISED;
    tg_index_no_key(vm, map, key);
    return INDEX_RAISED;
}

static TgValue character_at(TgVM *vm, const TgString *string, int64_t at) {
    size_t offset = tg_string_offset(string, (size_t)at);
    int length = 1;
    if (!(string->obj.flags & OBJ_ASCII)) tg_utf8_decode(string->data + offset, &length);
    return tg_obj(tg_string(vm, string->data + offset, (size_t)length));
}

static const char *index_hint(TgVM *vm, TgValue object) {
    if (tg_is_nil(object)) return ": nothing is here where a List or Map was expected";
    if (tg_is_obj(object) && tg_class_of(vm, object) == vm->function_class) return "; a call is written f(x)";
    const char *instead = tg_foreign_member(tg_class_of(vm, object)->name->data, "[]");
    if (instead) return tg_string_format(vm, "; write %s", instead)->data;
    return "; Lists, Maps, Strings and Ranges can";
}

TgIndexEnd tg_index_get(TgVM *vm, TgValue object, TgValue index, TgValue *out) {
    int64_t at;
    TgObj *obj = tg_is_obj(object) ? tg_as_obj(object) : NULL;
    switch (obj ? obj->kind : OBJ_FREE) {
    case OBJ_LIST:
        if ((at = position_of(vm, index, ((TgList *)obj)->count, "List")) < 0) return INDEX_RAISED;
        *out = ((TgList *)obj)->items[at];
        return INDEX_DONE;
    case OBJ_MAP: return get_of_map(vm, (TgMap *)obj, index, out);
    case OBJ_STRING:
        if ((at = position_of(vm, index, ((TgString *)obj)->chars, "String")) < 0) return INDEX_RAISED;
        *out = character_at(vm, (TgString *)obj, at);
        return INDEX_DONE;
    case OBJ_BYTES:
        if ((at = position_of(vm, index, ((TgBytes *)obj)->length, "Bytes")) < 0) return INDEX_RAISED;
        *out = tg_int(((TgBytes *)obj)->data[at]);
        return INDEX_DONE;
    case OBJ_RANGE: {
        TgRange *range = (TgRange *)obj;
        if ((at = position_of(vm, index, tg_range_length(range), "Range")) < 0) return INDEX_RAISED;
        *out = tg_int_from(vm, tg_range_at(range, at));
        return INDEX_DONE;
    }
    default: break;
    }
    tg_error_raise(vm, TG_ERR_TypeError, "%s can't be indexed with [ ]%s", TG_SHOW(vm, object), index_hint(vm, object));
    return INDEX_RAISED;
}

TgIndexEnd tg_index_set(TgVM *vm, TgValue object, TgValue index, TgValue value) {
    TgObj *obj = tg_is_obj(object) ? tg_as_obj(object) : NULL;
    if (obj && obj->kind == OBJ_LIST) {
        int64_t at = position_of(vm, index, ((TgList *)obj)->count, "List");
        if (at < 0) return INDEX_RAISED;
        tg_list_set(vm, (TgList *)obj, (uint32_t)at, value);
        return INDEX_DONE;
    }
    if (obj && obj->kind == OBJ_MAP) {
        if (!check_key(vm, index)) return INDEX_RAISED;
        if (tg_map_needs_hash(index)) return INDEX_CALLS;
        if (tg_map_set(vm, (TgMap *)obj, index, value)) return INDEX_DONE;
        tg_error_memory(vm);
        return INDEX_RAISED;
    }
    if (obj && obj->kind == OBJ_BYTES)
        tg_error_raise(vm, TG_ERR_TypeError, "Bytes can't be changed; make new ones, e.g. of a List: Bytes(b.to_list())");
    else if (obj && obj->kind == OBJ_STRING)
        tg_error_raise(vm, TG_ERR_TypeError, "a String can't be changed; make a new one, e.g. with replace or slices");
    else
        tg_error_raise(vm, TG_ERR_TypeError, "the items of %s can't be set with [ ]; those of Lists and Maps can", TG_SHOW(vm, object));
    return INDEX_RAISED;
}

// ---- Slices

static bool bound_of(TgVM *vm, TgValue bound, int64_t length, int64_t fallback, int64_t *out) {
    if (tg_is_nil(bound)) {
        *out = fallback;
        return true;
    }
    if (!tg_is_any_int(bound)) {
        tg_error_raise(vm, TG_ERR_TypeError, "the bounds of a slice are Ints, not %s", TG_SHOW(vm, bound));
        return false;
    }
    int64_t at;
    if (!tg_int_to_int64(bound, &at)) at = tg_number_compare(bound, tg_int(0)) < 0 ? INT64_MIN / 2 : INT64_MAX / 2;
    if (at < 0) at += length;
    *out = at < 0 ? 0 : at > length ? length : at;
    return true;
}

bool tg_slice(TgVM *vm, TgValue object, TgValue from, TgValue to, TgValue *out) {
    bool is_list = tg_is_kind(object, OBJ_LIST), is_bytes = tg_is_kind(object, OBJ_BYTES);
    if (!is_list && !is_bytes && !tg_is_kind(object, OBJ_STRING)) {
        tg_error_raise(vm, TG_ERR_TypeError, "%s can't be sliced; Lists, Strings and Bytes can", TG_SHOW(vm, object));
        return false;
    }
    TgList *list = (TgList *)tg_as_obj(object);
    TgString *string = (TgString *)tg_as_obj(object);
    int64_t length = is_list ? list->count : is_bytes ? tg_as_bytes(object)->length : string->chars, start, end;
    if (!bound_of(vm, from, length, 0, &start) || !bound_of(vm, to, length, length, &end)) return false;
    if (end < start) end = start;
    if (is_list) {
        if (!tg_gc_can_take(vm, (size_t)(end - start) * sizeof(TgValue))) return tg_error_memory(vm), false;
        *out = tg_obj(tg_list_of(vm, list->items + start, (uint32_t)(end - start)));
        return true;
    }
    if (is_bytes) {
        *out = tg_obj(tg_bytes_part(vm, tg_as_bytes(object), (size_t)start, (size_t)(end - start)));
        return true;
    }
    size_t first = tg_string_offset(string, (size_t)start), last = tg_string_offset(string, (size_t)end);
    *out = tg_obj(tg_string_part(vm, string, first, last - first));
    return true;
}

// ---- in

static bool lies_on_step(int64_t at, const TgRange *range) {
    // Unsigned distances: two 64-bit bounds may be further apart than a signed one holds.
    uint64_t distance = range->step > 0 ? (uint64_t)at - (uint64_t)range->start : (uint64_t)range->start - (uint64_t)at;
    uint64_t step = range->step > 0 ? (uint64_t)range->step : -(uint64_t)range->step;
    return distance % step == 0;
}

static TgIndexEnd in_bytes(TgVM *vm, TgValue item, const TgBytes *bytes, TgValue *out) {
    if (tg_is_kind(item, OBJ_BYTES)) {
        *out = tg_bool(tg_bytes_find(bytes, tg_as_bytes(item)->data, tg_as_bytes(item)->length, 0) >= 0);
        return INDEX_DONE;
    }
    if (tg_is_any_int(item)) {
        bool is_byte = tg_is_int(item) && tg_as_int(item) >= 0 && tg_as_int(item) <= 255;
        uint8_t byte = is_byte ? (uint8_t)tg_as_int(item) : 0;
        *out = tg_bool(is_byte && tg_bytes_find(bytes, &byte, 1, 0) >= 0);
        return INDEX_DONE;
    }
    tg_error_raise(vm, TG_ERR_TypeError, "'in' Bytes asks for Bytes or an Int, not %s", TG_SHOW(vm, item));
    return INDEX_RAISED;
}

TgIndexEnd tg_contains(TgVM *vm, TgValue item, TgValue container, TgValue *out) {
    TgObj *obj = tg_is_obj(container) ? tg_as_obj(container) : NULL;
    switch (obj ? obj->kind : OBJ_FREE) {
    case OBJ_LIST: {
        TgList *list = (TgList *)obj;
        for (uint32_t i = 0; i < list->count; i++) {
            TgEqual equal = tg_equal(vm, list->items[i], item);
            if (equal == TG_EQUAL_RAISED) return INDEX_RAISED;
            if (equal == TG_EQUAL_CALLS) return INDEX_CALLS;
            if (equal == TG_EQUAL_YES) return *out = TG_TRUE, INDEX_DONE;
        }
        *out = TG_FALSE;
        return INDEX_DONE;
    }
    case OBJ_MAP:
        if (!check_key(vm, item)) return INDEX_RAISED;
        if (tg_map_needs_hash(item)) return INDEX_CALLS;
        *out = tg_bool(!tg_is_undef(tg_map_get((TgMap *)obj, item)));
        return INDEX_DONE;
    case OBJ_RANGE: {
        TgRange *range = (TgRange *)obj;
        int64_t at;
        if (tg_is_float(item)) {
            double d = tg_as_float(item);
            if (!(d >= -9e15 && d <= 9e15) || d != (double)(int64_t)d) return *out = TG_FALSE, INDEX_DONE;
            item = tg_int_from(vm, (int64_t)d);
        }
        if (!tg_is_any_int(item) || !tg_int_to_int64(item, &at)) return *out = TG_FALSE, INDEX_DONE;
        bool inside = range->step > 0 ? at >= range->start && at < range->stop : at <= range->start && at > range->stop;
        *out = tg_bool(inside && lies_on_step(at, range));
        return INDEX_DONE;
    }
    case OBJ_BYTES: return in_bytes(vm, item, (TgBytes *)obj, out);
    case OBJ_STRING:
        if (tg_is_kind(item, OBJ_STRING)) {
            TgString *whole = (TgString *)obj, *part = (TgString *)tg_as_obj(item);
            *out = tg_bool(memmem(whole->data, whole->length, part->data, part->length) != NULL);
            return INDEX_DONE;
        }
        tg_error_raise(vm, TG_ERR_TypeError, "'in' a String asks for a String, not %s", TG_SHOW(vm, item));
        return INDEX_RAISED;
    case OBJ_INSTANCE:
        if (!tg_is_undef(((TgInstance *)obj)->class_->iter)) return INDEX_CALLS;
        break;
    default: break;
    }
    tg_error_raise(vm, TG_ERR_TypeError, "'in' needs a List, Map, Range or String on its right, not %s",
                   TG_SHOW(vm, container));
    return INDEX_RAISED;
}

// ---- Going over things

static int64_t size_of(const TgObj *obj) {
    if (obj->kind == OBJ_LIST) return ((const TgList *)obj)->count;
    if (obj->kind == OBJ_MAP) return ((const TgMap *)obj)->count;
    return 0;
}

// Where all of its numbers are small Ints: the next number and how many turns are left, which is what the loop's quick
// half goes by. Else the position and nil.
static void begin_range(const TgRange *range, TgValue *state) {
    int64_t length = tg_range_length(range);
    bool is_small = tg_int_fits(range->start) && tg_int_fits(range->stop) && tg_int_fits(length);
    state[1] = is_small ? tg_int(range->start) : tg_int(0);
    state[2] = is_small ? tg_int(length) : TG_NIL;
}

bool tg_iter_begin(TgVM *vm, TgValue *state) {
    TgObj *obj = tg_is_obj(state[0]) ? tg_as_obj(state[0]) : NULL;
    switch (obj ? obj->kind : OBJ_FREE) {
    case OBJ_LIST:
    case OBJ_MAP:
    case OBJ_STRING:
    case OBJ_BYTES:
    case OBJ_RANGE:
    case OBJ_CHANNEL:
    case OBJ_CLOSURE:
    case OBJ_NATIVE:
    case OBJ_BOUND:
        state[1] = tg_int(0);
        state[2] = tg_int(size_of(obj));
        if (obj->kind == OBJ_RANGE) begin_range((const TgRange *)obj, state);
        return true;
    default: break;
    }
    const char *hint = tg_is_any_int(state[0])                ? "; for the numbers up to it write 0..n"
                       : tg_is_nil(state[0])                  ? "; for nothing in the place of nil write (xs ?? [])"
                       : tg_is_kind(state[0], OBJ_INSTANCE) ? "; give its class a method iter"
                                                            : "; Lists, Maps, Strings, Ranges and Channels can";
    tg_error_raise(vm, TG_ERR_TypeError, "%s can't be gone over with 'for'%s", TG_SHOW(vm, state[0]), hint);
    return false;
}

static TgIterEnd changed(TgVM *vm, const char *what) {
    tg_error_raise(vm, TG_ERR_ValueError, "the size of the %s changed while a 'for' goes over it; go over a copy: x.copy()", what);
    return ITER_RAISED;
}

static TgIterEnd give(TgVM *vm, TgValue *state, uint32_t names, TgValue item) {
    state[3] = item;
    if (names > 1 && !tg_unpack(vm, item, state + 3, names, -1)) return ITER_RAISED;
    return ITER_ITEM;
}

static TgIterEnd next_of_map(TgVM *vm, TgValue *state, uint32_t names) {
    TgMap *map = (TgMap *)tg_as_obj(state[0]);
    if (map->count != tg_as_int(state[2])) return changed(vm, "Map");
    uint32_t position = (uint32_t)tg_as_int(state[1]);
    TgMapEntry *entry = tg_map_next(map, &position);
    if (!entry) return ITER_END;
    state[1] = tg_int(position);
    if (names == 1) return state[3] = entry->key, ITER_ITEM;
    if (names == 2) {
        TgValue key = entry->key, value = entry->value;
        state[3] = key;
        state[4] = value;
        return ITER_ITEM;
    }
    TgValue pair[] = {entry->key, entry->value};
    return give(vm, state, names, tg_obj(tg_list_of(vm, pair, 2)));
}

TgIterEnd tg_iter_next(TgVM *vm, TgValue *state, uint32_t names) {
    TgObj *obj = tg_as_obj(state[0]);
    int64_t at = tg_as_int(state[1]);
    switch (obj->kind) {
    case OBJ_LIST: {
        TgList *list = (TgList *)obj;
        if (list->count != tg_as_int(state[2])) return changed(vm, "List");
        if (at >= list->count) return ITER_END;
        state[1] = tg_int(at + 1);
        return give(vm, state, names, list->items[at]);
    }
    case OBJ_MAP: return next_of_map(vm, state, names);
    case OBJ_RANGE: {
        TgRange *range = (TgRange *)obj;
        TgValue number = state[1];
        if (tg_is_int(state[2])) {
            int64_t left = tg_as_int(state[2]);
            if (left <= 0) return ITER_END;
            state[1] = tg_int((int64_t)((uint64_t)at + (uint64_t)range->step)); // behind the last one it may be anything
            state[2] = tg_int(left - 1);
        } else {
            if (at >= tg_range_length(range)) return ITER_END;
            state[1] = tg_int(at + 1);
            number = tg_int_from(vm, tg_range_at(range, at));
        }
        return give(vm, state, names, number);
    }
    case OBJ_STRING: { // position in bytes
        TgString *string = (TgString *)obj;
        if (at >= string->length) return ITER_END;
        int length = 1;
        tg_utf8_decode(string->data + at, &length);
        state[1] = tg_int(at + length);
        return give(vm, state, names, tg_obj(tg_string(vm, string->data + at, (size_t)length)));
    }
    case OBJ_BYTES: {
        TgBytes *bytes = (TgBytes *)obj;
        if (at >= bytes->length) return ITER_END;
        state[1] = tg_int(at + 1);
        return give(vm, state, names, tg_int(bytes->data[at]));
    }
    default: return ITER_CALL;
    }
}

bool tg_unpack(TgVM *vm, TgValue value, TgValue *out, uint32_t count, int64_t rest) {
    if (!tg_is_kind(value, OBJ_LIST)) {
        tg_error_raise(vm, TG_ERR_TypeError, "only a List can be taken apart into %u names, not %s", count,
                       TG_SHOW(vm, value));
        return false;
    }
    TgList *list = (TgList *)tg_as_obj(value);
    uint32_t fixed = rest < 0 ? count : count - 1;
    if (rest < 0 ? list->count != count : list->count < fixed) {
        tg_error_raise(vm, TG_ERR_ValueError, "a List of %u item%s can't be taken apart into %s%u name%s%s", list->count,
                       list->count == 1 ? "" : "s", rest < 0 ? "" : "at least ", fixed, fixed == 1 ? "" : "s",
                       rest < 0 && list->count > fixed ? "; a last *rest takes what is left" : "");
        return false;
    }
    const TgValue *items = list->items;
    if (rest < 0) {
        for (uint32_t i = 0; i < count; i++) out[i] = items[i];
        return true;
    }
    uint32_t more = list->count - fixed;
    TgValue tail = tg_obj(tg_list_of(vm, items + rest, more));
    for (uint32_t i = 0; i < (uint32_t)rest; i++) out[i] = items[i];
    for (uint32_t i = (uint32_t)rest + 1; i < count; i++) out[i] = items[i - 1 + more];
    out[rest] = tail;
    return true;
}
