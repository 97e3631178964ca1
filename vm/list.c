// vm/list.c
// Lists and ranges.
//
// `items` points `head` slots into the allocation: taking from the front only moves it. The room in
// front is used again when a push finds none behind and it is at least as much as what there is to
// move, so a List used as a queue costs O(1) an item and stays as large as the queue is. The items of a List that
// was made small lie behind the struct, so that it is one allocation.
//
// Layer: data.
#include "vm/list.h"

#include <assert.h>

#include "vm/gc.h"

enum {
    INLINE_ITEMS = 8, // a List made for up to so many has them behind the struct
    FIRST_CAPACITY = 8,
    // What is given without asking: the limit is noticed at the next boundary all the same.
    SMALL_BYTES = 64 * 1024,
};
#define MAX_CAPACITY ((uint32_t)1 << 31)

static TgValue *base_of(const TgList *list) {
    return list->items ? list->items - list->head : NULL;
}

TgList *tg_list(TgVM *vm, uint32_t capacity) {
    if (capacity > INLINE_ITEMS) {
        TgList *list = tg_gc_alloc(vm, sizeof *list, OBJ_LIST);
        list->items = tg_gc_realloc(vm, NULL, 0, capacity * sizeof(TgValue));
        list->capacity = capacity;
        return list;
    }
    capacity = (capacity + 1) & ~1u; // cells are multiples of 16 bytes
    TgList *list = tg_gc_alloc(vm, sizeof *list + capacity * sizeof(TgValue), OBJ_LIST);
    if (capacity) list->items = (TgValue *)(list + 1);
    list->capacity = capacity;
    return list;
}

TgList *tg_list_of(TgVM *vm, const TgValue *values, uint32_t count) {
    TgList *list = tg_list(vm, count);
    if (count > 0) memcpy(list->items, values, count * sizeof *values);
    list->count = count;
    return list;
}

static void move_to_front(TgList *list) {
    if (list->head == 0) return;
    TgValue *base = base_of(list);
    memmove(base, list->items, list->count * sizeof *base);
    list->items = base;
    list->capacity += list->head;
    list->head = 0;
}

bool tg_list_reserve(TgVM *vm, TgList *list, uint32_t capacity) {
    if (capacity <= list->capacity) return true;
    if (capacity > MAX_CAPACITY) {
        tg_gc_can_take(vm, SIZE_MAX); // notes whose refusal it is
        return false;
    }
    uint32_t whole = list->capacity + list->head;
    if (capacity <= whole && list->head >= list->count) {
        move_to_front(list);
        return true;
    }
    uint32_t size = whole < FIRST_CAPACITY ? FIRST_CAPACITY : whole;
    while (size < capacity) size += size < 1 << 20 ? size : size / 2;
    if (size > MAX_CAPACITY) size = MAX_CAPACITY;
    size_t more = (size_t)(size - whole) * sizeof(TgValue);
    if (more > SMALL_BYTES && !tg_gc_can_take(vm, more)) return false;
    move_to_front(list);
    bool owned = tg_list_owns_items(list);
    TgValue *items = tg_gc_realloc(vm, owned ? list->items : NULL, owned ? whole * sizeof(TgValue) : 0,
                                   size * sizeof(TgValue));
    if (!owned && list->count > 0) memcpy(items, list->items, list->count * sizeof(TgValue));
    list->items = items;
    list->capacity = size;
    return true;
}

bool tg_list_push(TgVM *vm, TgList *list, TgValue value) {
    if (list->count == list->capacity && !tg_list_reserve(vm, list, list->count + 1)) return false;
    list->items[list->count++] = value;
    tg_barrier(vm, list, value);
    return true;
}

bool tg_list_insert(TgVM *vm, TgList *list, uint32_t at, TgValue value) {
    assert(at <= list->count);
    if (at < list->count / 2 && list->head > 0) { // the front part moves into the room before it
        memmove(list->items - 1, list->items, at * sizeof(TgValue));
        list->items--;
        list->head--;
        list->capacity++;
    } else {
        if (list->count == list->capacity && !tg_list_reserve(vm, list, list->count + 1)) {
            return false;
        }
        TgValue *place = list->items + at;
        memmove(place + 1, place, (list->count - at) * sizeof(TgValue));
    }
    list->items[at] = value;
    list->count++;
    tg_gc_moved_up(vm, &list->obj, at, 1);
    tg_barrier(vm, list, value);
    return true;
}

bool tg_list_extend(TgVM *vm, TgList *list, const TgValue *values, uint32_t count) {
    if (count == 0) return true;
    if (count > MAX_CAPACITY - list->count) {
        tg_gc_can_take(vm, SIZE_MAX);
        return false;
    }
    // The List's own items move when it grows.
    bool is_own = list->items && values >= list->items && values < list->items + list->count;
    size_t offset = is_own ? (size_t)(values - list->items) : 0;
    if (!tg_list_reserve(vm, list, list->count + count)) return false;
    if (is_own) values = list->items + offset;
    memcpy(list->items + list->count, values, count * sizeof *values);
    list->count += count;
    if (list->obj.mark == TG_MARK_BLACK) {
        for (uint32_t i = 0; i < count; i++) tg_barrier_slow(vm, &list->obj, values[i]);
    }
    return true;
}

TgValue tg_list_remove_at(TgList *list, uint32_t at) {
    assert(at < list->count);
    TgValue value = list->items[at];
    list->count--;
    if (at < list->count / 2 || at == 0) { // the shorter part moves
        memmove(list->items + 1, list->items, at * sizeof(TgValue));
        list->items++;
        list->head++;
        list->capacity--;
    } else {
        TgValue *place = list->items + at;
        memmove(place, place + 1, (list->count - at) * sizeof(TgValue));
    }
    if (list->count == 0) move_to_front(list);
    return value;
}

void tg_list_set(TgVM *vm, TgList *list, uint32_t at, TgValue value) {
    assert(at < list->count);
    list->items[at] = value;
    tg_barrier(vm, list, value);
}

void tg_list_release(TgVM *vm, TgList *list) {
    if (tg_list_owns_items(list)) tg_gc_realloc(vm, base_of(list), (list->head + list->capacity) * sizeof(TgValue), 0);
}

void tg_list_clear(TgVM *vm, TgList *list) {
    tg_list_release(vm, list);
    list->items = NULL;
    list->count = list->capacity = list->head = 0;
}

TgRange *tg_range(TgVM *vm, int64_t start, int64_t stop, int64_t step) {
    assert(step != 0);
    TgRange *range = tg_gc_alloc(vm, sizeof *range, OBJ_RANGE);
    range->start = start;
    range->stop = stop;
    range->step = step;
    return range;
}

// Distances are taken without sign: from the smallest to the largest Int they do not fit into 64
// bits with one. A length beyond the largest is given as that.
int64_t tg_range_length(const TgRange *range) {
    uint64_t start = (uint64_t)range->start, stop = (uint64_t)range->stop;
    uint64_t distance, step;
    if (range->step > 0) {
        if (range->start >= range->stop) return 0;
        distance = stop - start;
        step = (uint64_t)range->step;
    } else {
        if (range->start <= range->stop) return 0;
        distance = start - stop;
        step = 0 - (uint64_t)range->step;
    }
    uint64_t length = (distance - 1) / step + 1;
    return length > INT64_MAX ? INT64_MAX : (int64_t)length;
}
