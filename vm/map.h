// vm/map.h
// Maps: insertion-ordered hash tables. The key's hash and equality are C's here: numbers by value (1 and
// 1.0 are one key), Strings by content, instances by identity. Instances whose class has `hash` and `eq` are
// found by the standard library's tg half, through the _with functions, which take the hash.
// Layer: data.
#ifndef TG_VM_MAP_H
#define TG_VM_MAP_H

#include "vm/object.h"

TgMap *tg_map(TgVM *vm);
TgMap *tg_map_for(TgVM *vm, uint32_t count); // that will get so many entries, as a literal says it; one of none may get some later
void tg_map_release(TgVM *vm, TgMap *map);   // for gc_sweep.c: frees what it owns
// Whether its entries are apart: those of a small one lie behind the struct.
static inline bool tg_map_owns_entries(const TgMap *map) {
    return map->capacity > 0 && map->entries != (const TgMapEntry *)(map + 1);
}
// Whether a value may be a key at all (nil, Bool, number, String, instance; a class or function or task counts as
// an instance, by identity).
bool tg_map_can_key(TgValue key);
// Whether the key is an instance whose class has its own hash: then only the _with functions find it.
bool tg_map_needs_hash(TgValue key);
uint32_t tg_hash(TgValue key);
bool tg_map_same_key(TgValue a, TgValue b);

TgValue tg_map_get(const TgMap *map, TgValue key); // TG_UNDEF where it has none
TgValue tg_map_get_string(const TgMap *map, const TgString *key);
// Sets; false where memory does not reach.
bool tg_map_set(TgVM *vm, TgMap *map, TgValue key, TgValue value);
TgValue tg_map_remove(TgVM *vm, TgMap *map, TgValue key); // the value, or TG_UNDEF
void tg_map_clear(TgVM *vm, TgMap *map);
bool tg_map_copy_into(TgVM *vm, TgMap *to, const TgMap *from); // keeps hashes

// By a hash that the caller knows. Candidates: the positions of entries with this hash, one after the other; -1 at the end. `probe`
// is where it stands, all zero at first; the Map must not change meanwhile.
typedef struct {
    uint32_t steps;
} TgMapProbe;
int64_t tg_map_candidate(const TgMap *map, uint32_t hash, TgMapProbe *probe);
bool tg_map_add_with(TgVM *vm, TgMap *map, uint32_t hash, TgValue key, TgValue value); // a new entry
void tg_map_set_at(TgVM *vm, TgMap *map, int64_t position, TgValue value);
TgValue tg_map_remove_at(TgVM *vm, TgMap *map, int64_t position);

// Going over: the first live entry at or after `position`, or NULL; `position` is moved behind it.
TgMapEntry *tg_map_next(const TgMap *map, uint32_t *position);

#endif
