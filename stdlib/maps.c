// stdlib/maps.c
// Methods of Map, for all keys: those that C can hash, and instances whose class has `hash` and
// `eq`.
//
// For the latter a lookup asks in steps: the key's hash(), then eq() of each candidate. Other tasks
// may change the Map between the questions, so nothing but the candidates that were asked already
// is kept: the lookup is over when each entry with that hash was asked, and what is then done to
// the Map is done at once, with no boundary between.
//
// Layer: library.
#include "stdlib/lib.h"

enum { STEP_HASHED = 1, STEP_COMPARED = 2 };

typedef struct {
    TgMap *map;
    uint32_t hash;
    int64_t position; // -1: not there
} Lookup;

static bool was_asked(const TgList *asked, TgValue key) {
    for (uint32_t i = 0; i < asked->count; i++)
        if (asked->items[i] == key) return true;
    return false;
}

static int64_t position_of(const TgMap *map, uint32_t hash, TgValue key) {
    TgMapProbe probe = {0};
    for (int64_t at; (at = tg_map_candidate(map, hash, &probe)) >= 0;)
        if (map->entries[at].key == key) return at;
    return -1;
}

// Asks the next candidate, or tells that none is left.
static TgResult ask_next(TgCall *call, int state, Lookup *lookup) {
    TgValue key = call->args[1];
    TgClass *class_ = tg_lib_class(key);
    TgList *asked = (TgList *)tg_as_obj(call->args[state + 1]);
    lookup->position = position_of(lookup->map, lookup->hash, key);
    if (lookup->position >= 0 || tg_is_undef(class_->eq)) return TG_DONE;
    TgMapProbe probe = {0};
    uint32_t passed = 0;
    for (int64_t at; (at = tg_map_candidate(lookup->map, lookup->hash, &probe)) >= 0;) {
        TgValue candidate = lookup->map->entries[at].key;
        if (!tg_map_needs_hash(candidate)) continue;
        // They come in the order in which they were asked, unless the Map was changed: where all have one hash that is what counts.
        bool is_next = passed < asked->count && asked->items[passed] == candidate;
        passed += is_next;
        if (is_next || was_asked(asked, candidate)) continue;
        if (!tg_list_push(call->vm, asked, candidate)) return tg_raise_memory(call);
        TgValue both[] = {key, candidate};
        return tg_call(call, class_->eq, both, 2, STEP_COMPARED);
    }
    return TG_DONE;
}

// Looks for the key args[1], which has its own hash, in the Map args[0]. TG_DONE: see lookup.
// args[state] (the hash) and args[state + 1] (whom it asked) are its own.
static TgResult find_hashed(TgCall *call, int state, Lookup *lookup) {
    lookup->position = -1;
    if (call->step == 0)
        return tg_call(call, tg_lib_class(call->args[1])->hash, &call->args[1], 1, STEP_HASHED);
    if (call->step == STEP_HASHED) {
        if (!tg_is_any_int(call->value))
            return tg_raise(call, TG_ERR_TypeError, "%s.hash() must return an Int, not %s",
                            tg_type_name(call->vm, call->args[1]),
                            tg_type_name(call->vm, call->value));
        call->args[state] = tg_int(tg_hash(call->value));
        call->args[state + 1] = tg_obj(tg_list(call->vm, 0));
    }
    lookup->hash = (uint32_t)tg_as_int(call->args[state]);
    if (call->step == STEP_COMPARED && tg_truthy(call->value)) {
        const TgList *asked = (TgList *)tg_as_obj(call->args[state + 1]);
        lookup->position = position_of(lookup->map, lookup->hash, asked->items[asked->count - 1]);
        if (lookup->position >= 0) return TG_DONE;
    }
    return ask_next(call, state, lookup);
}

// The receiver, and whether the key is one with its own hash.
static bool begin(TgCall *call, Lookup *lookup, bool *is_hashed) {
    if (!tg_arg_map(call, 0, &lookup->map)) return false;
    *is_hashed = tg_map_needs_hash(call->args[1]);
    return call->step || tg_lib_check_key(call, call->args[1]);
}

// The value of the key args[1], or TG_UNDEF.
static TgResult find_value(TgCall *call, int state, TgValue *value) {
    Lookup lookup;
    bool is_hashed;
    if (!begin(call, &lookup, &is_hashed)) return TG_RAISED;
    *value = TG_UNDEF;
    if (!is_hashed) {
        *value = tg_map_get(lookup.map, call->args[1]);
        return TG_DONE;
    }
    TgResult result = find_hashed(call, state, &lookup);
    if (result == TG_DONE && lookup.position >= 0)
        *value = lookup.map->entries[lookup.position].value;
    return result;
}

static TgResult no_such_key(TgCall *call, const char *advice) {
    return tg_raise(call, TG_ERR_KeyError, "no key %s; %s", tg_lib_show(call->vm, call->args[1]),
                    advice);
}

static TgResult map_get(TgCall *call) {
    TgValue value;
    TgResult result = find_value(call, 3, &value);
    if (result != TG_DONE) return result;
    if (tg_is_undef(value)) value = tg_given(call, 2) ? call->args[2] : TG_NIL;
    return tg_return(call, value);
}

static TgResult map_at(TgCall *call) {
    TgValue value;
    TgResult result = find_value(call, 2, &value);
    if (result != TG_DONE) return result;
    if (tg_is_undef(value)) return no_such_key(call, "m.get(key) gives nil instead");
    return tg_return(call, value);
}

static TgResult map_has(TgCall *call) {
    TgValue value;
    TgResult result = find_value(call, 2, &value);
    return result == TG_DONE ? tg_return(call, tg_bool(!tg_is_undef(value))) : result;
}

static TgResult map_set(TgCall *call) {
    Lookup lookup;
    bool is_hashed, is_set;
    if (!begin(call, &lookup, &is_hashed)) return TG_RAISED;
    TgValue key = call->args[1], value = call->args[2];
    if (!is_hashed) {
        is_set = tg_map_set(call->vm, lookup.map, key, value);
    } else {
        TgResult result = find_hashed(call, 3, &lookup);
        if (result != TG_DONE) return result;
        is_set = true;
        if (lookup.position >= 0)
            tg_map_set_at(call->vm, lookup.map, lookup.position, value);
        else
            is_set = tg_map_add_with(call->vm, lookup.map, lookup.hash, key, value);
    }
    return is_set ? tg_return(call, call->args[0]) : tg_raise_memory(call);
}

static TgResult map_remove(TgCall *call) {
    Lookup lookup;
    bool is_hashed;
    if (!begin(call, &lookup, &is_hashed)) return TG_RAISED;
    TgValue value = TG_UNDEF;
    if (!is_hashed) {
        value = tg_map_remove(call->vm, lookup.map, call->args[1]);
    } else {
        TgResult result = find_hashed(call, 3, &lookup);
        if (result != TG_DONE) return result;
        if (lookup.position >= 0) value = tg_map_remove_at(call->vm, lookup.map, lookup.position);
    }
    if (tg_is_undef(value)) value = call->args[2]; // the default, if there is one
    if (tg_is_undef(value)) return no_such_key(call, "m.remove(key, nil) gives nil instead");
    return tg_return(call, value);
}

// ---- whole Maps
// ----------------------------------------------------------------------------------

typedef enum { LIST_KEYS, LIST_VALUES, LIST_ITEMS } Listing;

static TgResult list_entries(TgCall *call, Listing listing) {
    TgMap *map;
    if (!tg_arg_map(call, 0, &map)) return TG_RAISED;
    size_t each = sizeof(TgValue) + (listing == LIST_ITEMS ? sizeof(TgList) + 16 : 0);
    if (!tg_lib_room(call, each * map->count)) return TG_RAISED;
    TgList *list = tg_list(call->vm, map->count);
    uint32_t position = 0;
    for (TgMapEntry *entry; (entry = tg_map_next(map, &position));) {
        TgValue item = listing == LIST_KEYS ? entry->key : entry->value;
        TgValue pair[] = {entry->key, entry->value};
        if (listing == LIST_ITEMS) item = tg_obj(tg_list_of(call->vm, pair, 2));
        if (!tg_list_push(call->vm, list, item)) return tg_raise_memory(call);
    }
    return tg_return(call, tg_obj(list));
}

static TgResult map_keys(TgCall *call) {
    return list_entries(call, LIST_KEYS);
}
static TgResult map_values(TgCall *call) {
    return list_entries(call, LIST_VALUES);
}
static TgResult map_items(TgCall *call) {
    return list_entries(call, LIST_ITEMS);
}

static TgResult map_clear(TgCall *call) {
    TgMap *map;
    if (!tg_arg_map(call, 0, &map)) return TG_RAISED;
    tg_map_clear(call->vm, map);
    return tg_return(call, call->args[0]);
}

static TgResult map_copy(TgCall *call) {
    TgMap *map;
    if (!tg_arg_map(call, 0, &map)) return TG_RAISED;
    if (!tg_lib_room(call, sizeof(TgMapEntry) * (size_t)map->count)) return TG_RAISED;
    TgMap *copy = tg_map(call->vm);
    if (!tg_map_copy_into(call->vm, copy, map)) return tg_raise_memory(call);
    return tg_return(call, tg_obj(copy));
}

static bool has_hashed_keys(const TgMap *map) {
    uint32_t position = 0;
    for (TgMapEntry *entry; (entry = tg_map_next(map, &position));)
        if (tg_map_needs_hash(entry->key)) return true;
    return false;
}

// Keys that have to be asked are set one by one: args[2] is what is to be set (key, value, …),
// args[3] how far it got.
static TgResult map_update(TgCall *call) {
    TgMap *map, *other;
    if (!tg_arg_map(call, 0, &map) || !tg_arg_map(call, 1, &other)) return TG_RAISED;
    if (call->step == 0) {
        if (map == other) return tg_return(call, call->args[0]);
        if (!has_hashed_keys(other)) {
            if (!tg_map_copy_into(call->vm, map, other)) return tg_raise_memory(call);
            return tg_return(call, call->args[0]);
        }
        TgList *pairs = tg_list(call->vm, 0);
        uint32_t position = 0;
        for (TgMapEntry *entry; (entry = tg_map_next(other, &position));) {
            TgValue pair[] = {entry->key, entry->value};
            if (!tg_list_extend(call->vm, pairs, pair, 2)) return tg_raise_memory(call);
        }
        call->args[2] = tg_obj(pairs);
        call->args[3] = tg_int(0);
    }
    const TgList *pairs = (TgList *)tg_as_obj(call->args[2]);
    int64_t at = tg_as_int(call->args[3]);
    if (at >= pairs->count) return tg_return(call, call->args[0]);
    call->args[3] = tg_int(at + 2);
    TgValue arguments[] = {call->args[0], pairs->items[at], pairs->items[at + 1]};
    return tg_call(call, call->vm->helpers[TG_HELPER_MAP_SET], arguments, 3, 1);
}

// hash(x): that of a key. Stands here because it asks as a lookup does.
static TgResult maps_hash(TgCall *call) {
    TgValue key = call->args[0];
    if (call->step) {
        if (tg_is_any_int(call->value)) return tg_return(call, call->value);
        return tg_raise(call, TG_ERR_TypeError, "%s.hash() must return an Int, not %s",
                        tg_type_name(call->vm, key), tg_type_name(call->vm, call->value));
    }
    if (!tg_lib_check_key(call, key)) return TG_RAISED;
    if (tg_map_needs_hash(key)) return tg_call(call, tg_lib_class(key)->hash, &key, 1, 1);
    return tg_return(call, tg_int(tg_hash(key)));
}

const TgNativeDef tg_lib_maps[] = {
    {"get(key, default = nil)", map_get,
     "The value of the key, or the default where it is not there."},
    {"set(key, value)", map_set, "Sets the key's value, as m[key] = value does; gives the Map."},
    {"remove(key, default = KeyError)", map_remove,
     "Takes the key out and gives its value; where it is not there the default, or a KeyError without one."},
    {"has(key)", map_has, "Whether the key is there, also with the value nil; the same as `key in map`."},
    {"keys()", map_keys, "A List of the keys, in the order in which they came."},
    {"values()", map_values, "A List of the values, in the order of their keys."},
    {"items()", map_items, "A List of [key, value] for each entry."},
    {"clear()", map_clear, "Takes all entries out; gives the Map."},
    {"copy()", map_copy, "A new Map with the same keys and values."},
    {"update(other)", map_update, "Sets all entries of another Map; gives this Map."},
    {0},
};

const TgNativeDef tg_lib_hash[] = {
    {"hash(value)", maps_hash, "An Int that is the same for equal values; Maps find their keys by it."},
    {0},
};

const TgNativeDef tg_lib_hidden_maps[] = {
    {"_key_at(map, key)", map_at, "map[key]."},
    {"_key_set(map, key, value)", map_set, "map[key] = value."},
    {"_key_in(map, key)", map_has, "key in map."},
    {"_key_get(map, key, default = nil)", map_get, "map.get(key)."},
    {"_key_remove(map, key, default = KeyError)", map_remove, "map.remove(key)."},
    {0},
};
