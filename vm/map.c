// vm/map.c
// Maps: entries in the order in which they were added, and an index of their positions.
//
// Up to SMALL_MAP entries there is no index: comparing that many keys in a row is faster than
// hashing. The index is open addressing with linear probing over 32-bit positions. A removed entry
// stays as a tombstone (key TG_UNDEF) that the index still points to; both go when the entries are
// next rearranged.
//
// A Map whose keys are the Ints from some number on, in order (DENSE: what fills a table from 0 or 1 up makes), needs
// no index either: the key says the position. The first key that breaks the row gets it its index.
//
// Most keys are small Ints and interned Strings, which are equal only if their bits are; a Map
// notes when it has a Float or other key to which that does not apply, so that it need not look
// twice.
//
// Layer: data.
#include "vm/map.h"

#include <assert.h>

#include "vm/bytes.h"
#include "vm/class.h"
#include "vm/gc.h"
#include "vm/number.h"
#include "vm/string.h"
#include "vm/vm.h"

enum {
    SMALL_MAP = 8,
    INLINE_ENTRIES = 4, // a Map that is made for up to so many has them behind the struct,
    ROOM_OF_EMPTY = 2,  // one that is written as {} has room for these
    SMALL_BYTES = 64 * 1024, // what is taken without asking, see list.c
    HAS_FLOATS = 1,          // obj.small: some key was a Float, so an Int may equal it
    DENSE = 2,               // obj.small: the key at position i is `first` + i, or was removed
};
#define MAX_ENTRIES ((uint32_t)1 << 30)

TgMap *tg_map(TgVM *vm) {
    TgMap *map = tg_gc_alloc(vm, sizeof(TgMap), OBJ_MAP);
    map->obj.small = DENSE;
    return map;
}

TgMap *tg_map_for(TgVM *vm, uint32_t count) {
    if (count > INLINE_ENTRIES) return tg_map(vm);
    uint32_t room = count ? count : ROOM_OF_EMPTY;
    TgMap *map = tg_gc_alloc(vm, sizeof(TgMap) + room * sizeof(TgMapEntry), OBJ_MAP);
    map->obj.small = DENSE;
    map->entries = (TgMapEntry *)(map + 1);
    map->capacity = room;
    return map;
}

static void free_entries(TgVM *vm, TgMap *map) {
    if (tg_map_owns_entries(map)) tg_gc_realloc(vm, map->entries, map->capacity * sizeof *map->entries, 0);
}

void tg_map_release(TgVM *vm, TgMap *map) {
    free_entries(vm, map);
    tg_gc_realloc(vm, map->index, map->index_size * sizeof *map->index, 0);
}

// Keys

bool tg_map_can_key(TgValue key) {
    if (!tg_is_obj(key)) return !tg_is_undef(key);
    switch (tg_as_obj(key)->kind) {
    case OBJ_LIST:
    case OBJ_MAP:
    case OBJ_RANGE: return false; // equal by content, and the first two change
    default: return true;
    }
}

bool tg_map_needs_hash(TgValue key) {
    if (!tg_is_kind(key, OBJ_INSTANCE)) return false;
    return !tg_is_undef(((TgInstance *)tg_as_obj(key))->class_->hash);
}

// Fibonacci hashing: the high half of the product depends on every bit of the key.
static uint32_t hash_bits(uint64_t bits) {
    return (uint32_t)((bits * 0x9E3779B97F4A7C15ull) >> 32);
}

uint32_t tg_hash(TgValue key) {
    if (tg_is_obj(key)) {
        TgObj *object = tg_as_obj(key);
        if (object->kind == OBJ_STRING) return tg_string_hash((TgString *)object);
        if (object->kind == OBJ_BIGINT) return tg_number_hash(key);
        if (object->kind == OBJ_BYTES) return tg_bytes_hash((TgBytes *)object);
        return hash_bits(key);
    }
    if (tg_is_float(key)) return tg_number_hash(key);
    return hash_bits(key);
}

bool tg_map_same_key(TgValue a, TgValue b) {
    if (a == b) return true;
    if (tg_is_number(a)) return tg_is_number(b) && tg_number_compare(a, b) == 0;
    if (tg_is_kind(a, OBJ_STRING) && tg_is_kind(b, OBJ_STRING)) {
        return tg_string_equal((TgString *)tg_as_obj(a), (TgString *)tg_as_obj(b));
    }
    if (tg_is_kind(a, OBJ_BYTES) && tg_is_kind(b, OBJ_BYTES)) return tg_bytes_equal(tg_as_bytes(a), tg_as_bytes(b));
    return false;
}

// Whether a key that is not the same bits can't be equal to `key` in this Map.
static bool is_by_bits(const TgMap *map, TgValue key) {
    if (tg_is_int(key)) return !(map->obj.small & HAS_FLOATS);
    if (tg_is_float(key)) return false;
    if (!tg_is_obj(key)) return true;
    const TgObj *object = tg_as_obj(key);
    if (object->kind == OBJ_STRING) return object->flags & OBJ_INTERNED;
    return object->kind != OBJ_BIGINT && object->kind != OBJ_BYTES;
}

// Finding

static int64_t find_small(const TgMap *map, TgValue key) {
    for (uint32_t i = 0; i < map->used; i++) {
        if (map->entries[i].key == key) return i;
    }
    if (is_by_bits(map, key) || map->count == 0) return -1;
    uint32_t hash = tg_hash(key);
    for (uint32_t i = 0; i < map->used; i++) {
        const TgMapEntry *entry = &map->entries[i];
        if (entry->hash == hash && tg_map_same_key(entry->key, key)) return i;
    }
    return -1;
}

// A slot of the index is the position + 1 in as many low bits as the index has places, and the hash in the others, so
// that entries with another hash, which are elsewhere in memory, are hardly ever looked at. 0 is empty.
static inline uint32_t slot_of(uint32_t hash, uint32_t position, uint32_t mask) {
    return (hash & ~mask) | (position + 1);
}

static int64_t find_indexed(const TgMap *map, TgValue key, uint32_t hash) {
    uint32_t mask = map->index_size - 1;
    bool by_bits = is_by_bits(map, key);
    for (uint32_t at = hash & mask;; at = (at + 1) & mask) {
        uint32_t slot = map->index[at];
        if (slot == 0) return -1;
        if ((slot ^ hash) & ~mask) continue;
        uint32_t position = (slot & mask) - 1;
        const TgMapEntry *entry = &map->entries[position];
        if (entry->key == key) return position;
        if (!by_bits && entry->hash == hash && tg_map_same_key(entry->key, key)) return position;
    }
}

static int64_t find_dense(const TgMap *map, TgValue key) {
    if (tg_is_float(key)) { // 1.0 is 1
        double number = tg_as_float(key);
        if (!(number >= (double)TG_INT_MIN && number <= (double)TG_INT_MAX) || number != (double)(int64_t)number) return -1;
        key = tg_int((int64_t)number);
    }
    uint64_t position = (uint64_t)tg_as_int(key) - (uint64_t)map->first;
    return position < map->used && map->entries[position].key == key ? (int64_t)position : -1;
}

static int64_t find_hashed(const TgMap *map, TgValue key, uint32_t hash) {
    if (map->obj.small & DENSE) return find_dense(map, key);
    return map->index_size == 0 ? find_small(map, key) : find_indexed(map, key, hash);
}

static int64_t find(const TgMap *map, TgValue key) {
    if (map->obj.small & DENSE) return find_dense(map, key);
    return map->index_size == 0 ? find_small(map, key) : find_indexed(map, key, tg_hash(key));
}

TgValue tg_map_get(const TgMap *map, TgValue key) {
    int64_t position = find(map, key);
    return position < 0 ? TG_UNDEF : map->entries[position].value;
}

TgValue tg_map_get_string(const TgMap *map, const TgString *key) {
    return tg_map_get(map, tg_obj(key));
}

// Adding

static void index_entries(TgMap *map) {
    uint32_t mask = map->index_size - 1;
    memset(map->index, 0, map->index_size * sizeof *map->index);
    for (uint32_t i = 0; i < map->used; i++) {
        uint32_t hash = map->entries[i].hash, at = hash & mask;
        while (map->index[at] != 0) at = (at + 1) & mask;
        map->index[at] = slot_of(hash, i, mask);
    }
}

static void drop_removed(TgMap *map) {
    uint32_t to = 0;
    for (uint32_t i = 0; i < map->used; i++) {
        if (!tg_is_undef(map->entries[i].key)) map->entries[to++] = map->entries[i];
    }
    assert(to == map->count);
    map->used = to;
    if (!(map->obj.small & DENSE) || to == 0) return;
    // Where they went from the front, as from a queue, the rest is a row still.
    map->first = tg_as_int(map->entries[0].key);
    if (tg_as_int(map->entries[to - 1].key) - map->first >= to) map->obj.small &= (uint8_t)~DENSE;
}

// Twice as many places in the index as there can be entries, tombstones included: runs stay short
// and every search meets an empty place.
static uint32_t index_size_for(const TgMap *map, uint32_t capacity) {
    if (capacity <= SMALL_MAP || (map->obj.small & DENSE)) return 0;
    uint32_t size = 32;
    while (size < capacity * 2) size *= 2;
    return size;
}

static bool resize(TgVM *vm, TgMap *map, uint32_t capacity) {
    if (capacity > MAX_ENTRIES) {
        tg_gc_can_take(vm, SIZE_MAX); // notes whose refusal it is
        return false;
    }
    if (map->used != map->count) drop_removed(map);
    uint32_t index_size = index_size_for(map, capacity);
    size_t more =
        (capacity - map->capacity) * sizeof *map->entries + index_size * sizeof *map->index;
    if (more > SMALL_BYTES && !tg_gc_can_take(vm, more)) return false;
    bool owned = tg_map_owns_entries(map);
    TgMapEntry *entries = tg_gc_realloc(vm, owned ? map->entries : NULL, owned ? map->capacity * sizeof *entries : 0,
                                        capacity * sizeof *entries);
    if (!owned && map->used > 0) memcpy(entries, map->entries, map->used * sizeof *entries);
    map->entries = entries;
    map->capacity = capacity;
    if (index_size != map->index_size) {
        tg_gc_realloc(vm, map->index, map->index_size * sizeof *map->index, 0);
        map->index = tg_gc_realloc(vm, NULL, 0, index_size * sizeof *map->index);
        map->index_size = index_size;
    }
    if (index_size > 0) index_entries(map);
    return true;
}

static bool make_room(TgVM *vm, TgMap *map) {
    if (map->used < map->capacity) return true;
    // Where a quarter is tombstones there is room enough without them.
    if (map->count < map->capacity - map->capacity / 4) {
        drop_removed(map);
        if (index_size_for(map, map->capacity) != map->index_size) return resize(vm, map, map->capacity);
        if (map->index_size > 0) index_entries(map);
        return true;
    }
    return resize(vm, map, map->capacity < 4 ? 4 : map->capacity * 2);
}

// A key that does not go on with the row. False: no memory for the index (searches go without one then).
static bool end_dense(TgVM *vm, TgMap *map) {
    map->obj.small &= (uint8_t)~DENSE;
    return index_size_for(map, map->capacity) == map->index_size || resize(vm, map, map->capacity);
}

static bool goes_on_densely(const TgMap *map, TgValue key) {
    return tg_is_int(key) && (map->used == 0 || tg_as_int(key) == map->first + map->used);
}

bool tg_map_add_with(TgVM *vm, TgMap *map, uint32_t hash, TgValue key, TgValue value) {
    if ((map->obj.small & DENSE) && !goes_on_densely(map, key) && !end_dense(vm, map)) return false;
    if (!make_room(vm, map)) return false;
    if (tg_is_float(key)) map->obj.small |= HAS_FLOATS;
    if (map->used == 0) map->first = tg_as_int(key); // of use where it is an Int
    map->entries[map->used] = (TgMapEntry){key, value, hash};
    map->used++;
    map->count++;
    if (map->index_size > 0) {
        uint32_t mask = map->index_size - 1, at = hash & mask;
        while (map->index[at] != 0) at = (at + 1) & mask;
        map->index[at] = slot_of(hash, map->used - 1, mask);
    }
    tg_barrier(vm, map, key);
    tg_barrier(vm, map, value);
    return true;
}

void tg_map_set_at(TgVM *vm, TgMap *map, int64_t position, TgValue value) {
    map->entries[position].value = value;
    tg_barrier(vm, map, value);
}

bool tg_map_set(TgVM *vm, TgMap *map, TgValue key, TgValue value) {
    assert(tg_map_can_key(key));
    uint32_t hash = tg_hash(key);
    int64_t position = find_hashed(map, key, hash);
    if (position < 0) return tg_map_add_with(vm, map, hash, key, value);
    tg_map_set_at(vm, map, position, value);
    return true;
}

bool tg_map_copy_into(TgVM *vm, TgMap *to, const TgMap *from) {
    if (to == from) return true;
    bool is_new = to->count == 0; // no key can be there already
    if (is_new && from->count > to->capacity && !resize(vm, to, from->count)) return false;
    for (uint32_t i = 0; i < from->used; i++) {
        const TgMapEntry *entry = &from->entries[i];
        if (tg_is_undef(entry->key)) continue;
        int64_t position = -1;
        if (!is_new) position = find_hashed(to, entry->key, entry->hash);
        if (position >= 0) {
            tg_map_set_at(vm, to, position, entry->value);
        } else if (!tg_map_add_with(vm, to, entry->hash, entry->key, entry->value)) {
            return false;
        }
    }
    return true;
}

// Removing

TgValue tg_map_remove_at(TgVM *vm, TgMap *map, int64_t position) {
    TgMapEntry *entry = &map->entries[position];
    assert(!tg_is_undef(entry->key));
    TgValue value = entry->value;
    entry->key =
        TG_UNDEF; // its hash stays: the index is rebuilt with it, and it is never the same key
    entry->value = TG_NIL;
    map->count--;
    if (map->count == 0) { // all is tombstones: begin anew, a Map used as a queue never grows
        map->used = 0;
        map->obj.small &= (uint8_t)~HAS_FLOATS;
        if (map->index_size > 0) memset(map->index, 0, map->index_size * sizeof *map->index);
        else map->obj.small |= DENSE;
    }
    (void)vm;
    return value;
}

TgValue tg_map_remove(TgVM *vm, TgMap *map, TgValue key) {
    int64_t position = find(map, key);
    return position < 0 ? TG_UNDEF : tg_map_remove_at(vm, map, position);
}

void tg_map_clear(TgVM *vm, TgMap *map) {
    tg_map_release(vm, map);
    map->entries = NULL;
    map->index = NULL;
    map->count = map->used = map->capacity = map->index_size = 0;
    map->obj.small &= (uint8_t)~HAS_FLOATS;
    map->obj.small |= DENSE;
}

// By the caller's hash, and going over

static bool is_candidate(const TgMap *map, int64_t position, uint32_t hash) {
    const TgMapEntry *entry = &map->entries[position];
    return entry->hash == hash && !tg_is_undef(entry->key);
}

int64_t tg_map_candidate(const TgMap *map, uint32_t hash, TgMapProbe *probe) {
    if (map->index_size == 0) {
        while (probe->steps < map->used) {
            uint32_t position = probe->steps++;
            if (is_candidate(map, position, hash)) return position;
        }
        return -1;
    }
    uint32_t mask = map->index_size - 1;
    for (uint32_t slot; (slot = map->index[(hash + probe->steps) & mask]) != 0;) {
        int64_t position = (int64_t)(slot & mask) - 1;
        probe->steps++;
        if (is_candidate(map, position, hash)) return position;
    }
    return -1;
}

TgMapEntry *tg_map_next(const TgMap *map, uint32_t *position) {
    while (*position < map->used) {
        TgMapEntry *entry = &map->entries[(*position)++];
        if (!tg_is_undef(entry->key)) return entry;
    }
    return NULL;
}
