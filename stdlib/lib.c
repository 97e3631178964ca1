// stdlib/lib.c
// What most natives need: iterables as Lists, texts that involve tg code, results from buffers.
// Layer: library.
#include "stdlib/lib.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { SHOWN_MAX = 80 }; // bytes of a value in an error message

bool tg_lib_room(TgCall *call, size_t bytes) {
    if (tg_gc_can_take(call->vm, bytes)) return true;
    tg_error_memory(call->vm);
    return false;
}

// Its size with the NUL, or -1.
static long size_of(const char *text, size_t room) { return text && strlen(text) < room ? (long)strlen(text) + 1 : -1; }

bool tg_lib_cwd(TgVM *vm, char *path, size_t room) {
    return TG_ASK_BYTES(vm, FOLDER, size_of(getcwd(path, room), room), path, room) > 0;
}

static long get_env(const char *name, char *value, size_t room) {
    const char *text = getenv(name);
    long size = size_of(text, room);
    if (size > 0) memcpy(value, text, (size_t)size);
    return size;
}

bool tg_lib_env(TgVM *vm, const char *name, char *value, size_t room) {
    return TG_ASK_BYTES(vm, ENVIRONMENT, get_env(name, value, room), value, room) > 1;
}

bool tg_lib_flag(TgCall *call, int index, const char *name, bool *out) {
    TgValue value = call->args[index];
    if (tg_is_bool(value)) *out = value == TG_TRUE;
    if (tg_is_undef(value) || tg_is_bool(value)) return true;
    tg_error_raise(call->vm, TG_ERR_TypeError, "%s must be true or false, not %s", name,
                   TG_SHOW(call->vm, value));
    return false;
}

bool tg_lib_data(TgCall *call, int index, const char *what, const uint8_t **data, size_t *length) {
    TgValue value = call->args[index];
    if (tg_is_kind(value, OBJ_STRING)) {
        const TgString *text = (TgString *)tg_as_obj(value);
        *data = (const uint8_t *)text->data;
        *length = text->length;
        return true;
    }
    if (tg_is_kind(value, OBJ_BYTES)) {
        *data = tg_as_bytes(value)->data;
        *length = tg_as_bytes(value)->length;
        return true;
    }
    tg_error_raise(call->vm, TG_ERR_TypeError, "%s is a String or Bytes, not %s", what, TG_SHOW(call->vm, value));
    return false;
}

const char *tg_lib_show(TgVM *vm, TgValue value) {
    TgBuffer buffer = {0};
    tg_text_short(vm, &buffer, value, SHOWN_MAX);
    TgString *shown = tg_string_format(vm, "%.*s", (int)buffer.length, buffer.data ? buffer.data : "");
    tg_buffer_free(&buffer);
    return shown->data; // lives until the next boundary, long enough for a message
}

TgResult tg_lib_return_text(TgCall *call, TgBuffer *buffer) {
    if (buffer->failed || buffer->length > UINT32_MAX - 1 || !tg_gc_can_take(call->vm, buffer->length)) {
        tg_buffer_free(buffer);
        return tg_raise_memory(call);
    }
    TgString *text = tg_string(call->vm, buffer->data ? buffer->data : "", buffer->length);
    tg_buffer_free(buffer);
    return tg_return(call, tg_obj(text));
}

TgResult tg_lib_breathe(TgCall *call, int step) {
    return tg_call(call, call->vm->helpers[TG_HELPER_BREATHE], NULL, 0, step);
}

// ---- iterables
// -----------------------------------------------------------------------------------

static TgList *map_keys(TgCall *call, const TgMap *map) {
    if (!tg_lib_room(call, sizeof(TgValue) * (size_t)map->count)) return NULL;
    TgList *list = tg_list(call->vm, map->count);
    uint32_t position = 0;
    for (TgMapEntry *entry; (entry = tg_map_next(map, &position));)
        tg_list_push(call->vm, list, entry->key);
    return list;
}

static TgList *string_characters(TgCall *call, const TgString *string) {
    if (!tg_lib_room(call, sizeof(TgValue) * (size_t)string->chars)) return NULL;
    TgList *list = tg_list(call->vm, string->chars);
    for (size_t at = 0; at < string->length;) {
        int length;
        tg_utf8_decode(string->data + at, &length);
        tg_list_push(call->vm, list,
                     tg_obj(tg_string(call->vm, string->data + at, (size_t)length)));
        at += (size_t)length;
    }
    return list;
}

static TgList *range_numbers(TgCall *call, const TgRange *range) {
    int64_t length = tg_range_length(range);
    if (length > UINT32_MAX || !tg_gc_can_take(call->vm, sizeof(TgValue) * (size_t)length)) {
        tg_error_memory(call->vm);
        return NULL;
    }
    TgList *list = tg_list(call->vm, (uint32_t)length);
    uint64_t number = (uint64_t)range->start; // unsigned: it may step over the end of 64 bits
    for (int64_t i = 0; i < length; i++, number += (uint64_t)range->step)
        tg_list_push(call->vm, list, tg_int_from(call->vm, (int64_t)number));
    return list;
}

static TgList *bytes_numbers(TgCall *call, const TgBytes *bytes) {
    if (!tg_lib_room(call, sizeof(TgValue) * (size_t)bytes->length)) return NULL;
    TgList *list = tg_list(call->vm, bytes->length);
    for (uint32_t i = 0; i < bytes->length; i++) tg_list_push(call->vm, list, tg_int(bytes->data[i]));
    return list;
}

static bool is_gone_over_by_tg(TgValue value) {
    if (!tg_is_obj(value)) return false;
    TgClass *class_ = tg_lib_class(value);
    if (class_) return !tg_is_undef(class_->iter);
    if (tg_is_kind(value, OBJ_RESOURCE)) return !tg_is_undef(((TgResource *)tg_as_obj(value))->class_->iter);
    switch (tg_as_obj(value)->kind) {
    case OBJ_CHANNEL:
    case OBJ_CLOSURE:
    case OBJ_NATIVE:
    case OBJ_BOUND: return true;
    default: return false;
    }
}

TgResult tg_lib_items_of(TgCall *call, TgValue value, const char *what, int step, TgList **out) {
    *out = NULL;
    if (tg_is_kind(value, OBJ_LIST))
        *out = (TgList *)tg_as_obj(value);
    else if (tg_is_kind(value, OBJ_MAP))
        *out = map_keys(call, (TgMap *)tg_as_obj(value));
    else if (tg_is_kind(value, OBJ_STRING))
        *out = string_characters(call, (TgString *)tg_as_obj(value));
    else if (tg_is_kind(value, OBJ_BYTES))
        *out = bytes_numbers(call, tg_as_bytes(value));
    else if (tg_is_kind(value, OBJ_RANGE))
        *out = range_numbers(call, (TgRange *)tg_as_obj(value));
    else if (is_gone_over_by_tg(value))
        return tg_call(call, call->vm->helpers[TG_HELPER_LIST], &value, 1, step);
    else
        return tg_raise(call, TG_ERR_TypeError,
                        "%s must be something that `for` can go over (a List, Map, String, Range, "
                        "Function, Channel or an instance with iter), not %s",
                        what, TG_SHOW(call->vm, value));
    return *out ? TG_DONE : TG_RAISED;
}

TgResult tg_lib_items(TgCall *call, int index, const char *what, int step) {
    if (call->step == step) {
        call->args[index] = call->value;
        return TG_DONE;
    }
    TgList *list;
    TgResult result = tg_lib_items_of(call, call->args[index], what, step, &list);
    if (result == TG_DONE) call->args[index] = tg_obj(list);
    return result;
}

// ---- texts
// ---------------------------------------------------------------------------------------

// args[state] is the List of instances still to be asked, args[state + 1] the Map of texts known.
TgResult tg_lib_known(TgCall *call, TgValue value, int state, int step) {
    TgVM *vm = call->vm;
    if (call->step != step) {
        TgList *found = tg_list(vm, 0);
        if (!tg_text_find(vm, value, found)) return TG_RAISED;
        call->args[state + 1] = TG_NIL;
        if (!found->count) return TG_DONE;
        call->args[state] = tg_obj(found);
        call->args[state + 1] = tg_obj(tg_map(vm));
    }
    TgList *found = (TgList *)tg_as_obj(call->args[state]);
    TgMap *known = (TgMap *)tg_as_obj(call->args[state + 1]);
    if (call->step == step) {
        TgValue asked = found->items[known->count];
        if (!tg_is_kind(call->value, OBJ_STRING))
            return tg_raise(call, TG_ERR_TypeError, "%s.str() must return a String, not %s",
                            tg_type_name(vm, asked), tg_type_name(vm, call->value));
        if (!tg_map_set(vm, known, asked, call->value)) return tg_raise_memory(call);
    }
    if (known->count == found->count) return TG_DONE;
    TgValue next = found->items[known->count];
    return tg_call(call, tg_lib_class(next)->str, &next, 1, step);
}

// A module that is tg code alone.
void tg_lib_no_half(TgVM *vm, TgModule *module) {
    (void)vm, (void)module;
}

// ---- keys
// ----------------------------------------------------------------------------------------

bool tg_lib_check_key(TgCall *call, TgValue key) {
    TgVM *vm = call->vm;
    TgClass *class_ = tg_lib_class(key);
    if (class_ && !tg_is_undef(class_->eq) && tg_is_undef(class_->hash)) {
        tg_error_raise(
            vm, TG_ERR_TypeError,
            "a %s can't be the key of a Map: its class has eq but no hash; add `fn hash()`, "
            "which gives the same Int for equal instances",
            tg_type_name(vm, key));
        return false;
    }
    if (tg_map_can_key(key)) return true;
    tg_error_raise(vm, TG_ERR_TypeError,
                   "%s can't be the key of a Map; use a String, a number or an instance",
                   TG_SHOW(vm, key));
    return false;
}
