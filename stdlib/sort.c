// stdlib/sort.c
// List.sort and sorted: stable merge sort, in C where no tg code is called; by a function in tg (_sort_by).
//
// What is sorted is a copy, so that a List is unchanged where `key`, `by` or a comparison raises or
// is interrupted. `reverse` keeps the order of equal items, as in Python: it turns the comparison
// round, not the result.
//
// Layer: library.
#include <stdlib.h>

#include "stdlib/lib.h"

enum {
    RUN = 12,         // items of the runs that insertion sorts first
    ASK_AFTER = 4096, // items that are compared or copied between two looks for a signal,
    ASK_ORDER = 64,   // or, where a comparison may be long
};

// One loop is compiled for each way to compare.
#define SPECIALISED static inline __attribute__((always_inline))

// Most keys have a rank that decides by itself (small Ints and Floats) or nearly always (Strings:
// their first eight bytes), so that what is compared lies in the array that is sorted.
typedef struct {
    uint64_t rank;
    TgValue key, item;
} Entry;

typedef enum { BY_RANK, BY_STRING, BY_ORDER } Mode;

typedef struct {
    TgVM *vm;
    bool is_reverse;
    bool failed; // an error was raised, or the work given up (vm.h)
} Sorter;

static uint64_t rank_of_number(TgValue key) {
    double number = tg_is_int(key) ? (double)tg_as_int(key) : tg_as_float(key); // 48 bits: exact
    uint64_t bits;
    number += 0.0; // -0.0 is 0.0
    memcpy(&bits, &number, sizeof bits);
    return bits >> 63 ? ~bits : bits | 1ull << 63;
}

static uint64_t rank_of_string(const TgString *key) {
    uint64_t rank = 0;
    for (uint32_t i = 0; i < 8; i++)
        rank = rank << 8 | (i < key->length ? (unsigned char)key->data[i] : 0);
    return rank;
}

static bool gives_up(Sorter *sorter) {
    return sorter->failed |= tg_gives_up(sorter->vm);
}

// Fills the array that is sorted; gives how its keys are compared.
static Mode take_entries(Sorter *sorter, Entry *entries, const TgValue *keys, const TgValue *items, size_t count) {
    bool numbers = true, strings = true;
    for (size_t i = 0; i < count; i++) {
        if (i % ASK_AFTER == 0 && gives_up(sorter)) break;
        TgValue key = keys[i];
        bool is_nan = tg_is_float(key) && tg_as_float(key) != tg_as_float(key);
        numbers = numbers && (tg_is_int(key) || tg_is_float(key)) && !is_nan;
        strings = strings && tg_is_kind(key, OBJ_STRING);
        entries[i] = (Entry){0, key, items[i]};
    }
    return numbers ? BY_RANK : strings ? BY_STRING : BY_ORDER;
}

static void set_ranks(Sorter *sorter, Mode mode, Entry *entries, size_t count) {
    uint64_t flip = sorter->is_reverse ? UINT64_MAX : 0;
    for (size_t i = 0; i < count && mode != BY_ORDER; i++) {
        if (i % ASK_AFTER == 0 && gives_up(sorter)) return;
        TgValue key = entries[i].key;
        uint64_t rank =
            mode == BY_RANK ? rank_of_number(key) : rank_of_string((TgString *)tg_as_obj(key));
        entries[i].rank = rank ^ flip;
    }
}

static bool order_decides(Sorter *sorter, TgValue right, TgValue left) {
    if (sorter->failed) return false;
    int order =
        sorter->is_reverse ? tg_order(sorter->vm, left, right) : tg_order(sorter->vm, right, left);
    if (order == -3)
        tg_error_raise(sorter->vm, TG_ERR_TypeError,
                       "instances have no order; give sort a key: or a by: function");
    if (order < -1) sorter->failed = true;
    return order == -1;
}

static size_t least(size_t a, size_t b) {
    return a < b ? a : b;
}

// Whether `right`, which stands behind `left`, has to come before it.
SPECIALISED bool goes_before(Sorter *sorter, Mode mode, const Entry *right, const Entry *left) {
    if (mode == BY_ORDER) return order_decides(sorter, right->key, left->key);
    if (mode == BY_RANK || right->rank != left->rank) return right->rank < left->rank;
    int order =
        tg_string_compare((TgString *)tg_as_obj(right->key), (TgString *)tg_as_obj(left->key));
    return sorter->is_reverse ? order > 0 : order < 0;
}

SPECIALISED void sort_run(Sorter *sorter, Mode mode, Entry *entries, size_t count) {
    for (size_t i = 1; i < count; i++) {
        Entry entry = entries[i];
        size_t j = i;
        for (; j > 0 && goes_before(sorter, mode, &entry, &entries[j - 1]); j--)
            entries[j] = entries[j - 1];
        entries[j] = entry;
    }
}

SPECIALISED void merge(Sorter *sorter, Mode mode, const Entry *from, Entry *to, size_t middle,
                       size_t end) {
    const Entry *left = from, *right = from + middle, *left_end = right, *right_end = from + end;
    if (middle >= end || !goes_before(sorter, mode, right, right - 1)) {
        memcpy(to, from, end * sizeof *to); // in order already
        return;
    }
    size_t most = mode == BY_ORDER ? ASK_ORDER : ASK_AFTER;
    while (left < left_end && right < right_end) {
        if (gives_up(sorter)) return;
        // So many are taken before one side can be at its end.
        size_t many = least(least((size_t)(left_end - left), (size_t)(right_end - right)), most);
        for (size_t i = 0; i < many; i++) {
            bool takes_right = goes_before(sorter, mode, right, left);
            *to++ = *(takes_right ? right : left);
            right += takes_right;
            left += !takes_right;
        }
    }
    memcpy(to, left, (size_t)(left_end - left) * sizeof *to);
    memcpy(to + (left_end - left), right, (size_t)(right_end - right) * sizeof *to);
}

// `room` is as long as `entries`. Gives the one of the two that holds the result.
SPECIALISED Entry *sort_by_mode(Sorter *sorter, Mode mode, Entry *entries, Entry *room,
                                size_t count) {
    size_t in_order = 1;
    while (in_order < count &&
           !goes_before(sorter, mode, &entries[in_order], &entries[in_order - 1]))
        in_order++;
    if (in_order >= count) return entries;
    for (size_t at = 0; at < count && !gives_up(sorter); at += RUN)
        sort_run(sorter, mode, entries + at, least(RUN, count - at));
    for (size_t width = RUN; width < count && !sorter->failed; width *= 2) {
        for (size_t at = 0; at < count && !sorter->failed; at += 2 * width) {
            size_t end = least(2 * width, count - at);
            merge(sorter, mode, entries + at, room + at, least(width, end), end);
        }
        Entry *swapped = entries;
        entries = room;
        room = swapped;
    }
    return entries;
}

static Entry *sort_entries(Sorter *sorter, Mode mode, Entry *entries, Entry *room, size_t count) {
    set_ranks(sorter, mode, entries, count);
    switch (mode) {
    case BY_RANK: return sort_by_mode(sorter, BY_RANK, entries, room, count);
    case BY_STRING: return sort_by_mode(sorter, BY_STRING, entries, room, count);
    default: return sort_by_mode(sorter, BY_ORDER, entries, room, count);
    }
}

// Sorts `items` by `keys` (the same List where there are none). False: raised or given up, items unchanged.
static bool sort_lists(TgCall *call, TgList *items, const TgList *keys, bool is_reverse) {
    size_t count = items->count;
    if (!tg_lib_room(call, 2 * count * sizeof(Entry))) return false;
    Entry *entries = malloc((2 * count + 1) * sizeof *entries);
    if (!entries) {
        tg_error_memory(call->vm);
        return false;
    }
    Sorter sorter = {call->vm, is_reverse, false};
    Mode mode = take_entries(&sorter, entries, keys->items, items->items, count);
    const Entry *sorted = sort_entries(&sorter, mode, entries, entries + count, count);
    for (size_t i = 0; i < count && !sorter.failed; i++)
        tg_list_set(call->vm, items, (uint32_t)i, sorted[i].item);
    if (sorter.failed && tg_gives_up(call->vm)) tg_gc_free_later(call->vm, entries);
    else free(entries);
    return !sorter.failed;
}

// ---- what the tg half needs (prelude.tg: _sort_by)

static TgResult check_order(TgCall *call) {
    if (tg_is_number(call->args[0])) return tg_return(call, TG_NIL);
    return tg_raise(call, TG_ERR_TypeError, "by(a, b) must give an Int below, at or above 0, not %s",
                    TG_SHOW(call->vm, call->args[0]));
}

// Both Lists are the sort's own and of one length.
static TgResult copy_items(TgCall *call) {
    const TgList *from = (TgList *)tg_as_obj(call->args[0]);
    TgList *to = (TgList *)tg_as_obj(call->args[3]);
    int64_t end = tg_as_int(call->args[2]), at = tg_as_int(call->args[4]);
    for (int64_t i = tg_as_int(call->args[1]); i < end; i++) tg_list_set(call->vm, to, (uint32_t)at++, from->items[i]);
    return tg_return(call, TG_NIL);
}

const TgNativeDef tg_lib_hidden_sort[] = {
    {"_check_order(order)", check_order, "TypeError where that is no number."},
    {"_copy_items(from, start, end, to, at)", copy_items, "Copies the items from start up to end."},
    {0},
};

// ---- the natives
// ---------------------------------------------------------------------------------

enum { STEP_ITEMS = 1, STEP_KEYS, STEP_SORTED };
enum { ARG_KEY = 1, ARG_BY, ARG_REVERSE, STATE }; // args[STATE]: the copy that is sorted

static bool check_arguments(TgCall *call) {
    bool has_key = tg_lib_given(call, ARG_KEY), has_by = tg_lib_given(call, ARG_BY);
    if (has_key && !tg_arg_callable(call, ARG_KEY)) return false;
    if (has_by && !tg_arg_callable(call, ARG_BY)) return false;
    if (!has_key || !has_by) return true;
    tg_error_raise(call->vm, TG_ERR_TypeError, "sort by either key: or by:, not by both");
    return false;
}

// Sorts a copy of the List args[0], which is then args[STATE]. What calls tg code comes back here by steps.
static TgResult sort_copy(TgCall *call) {
    bool is_reverse;
    if (call->step == STEP_SORTED) {
        call->args[STATE] = call->value;
        return TG_DONE;
    }
    if (!tg_lib_flag(call, ARG_REVERSE, "reverse", &is_reverse)) return TG_RAISED;
    if (call->step <= STEP_ITEMS) {
        if (!check_arguments(call)) return TG_RAISED;
        const TgList *list = (TgList *)tg_as_obj(call->args[0]);
        if (!tg_lib_room(call, 2 * sizeof(TgValue) * (size_t)list->count)) return TG_RAISED;
        call->args[STATE] = tg_obj(tg_list_of(call->vm, list->items, list->count));
    }
    TgVM *vm = call->vm;
    if (tg_lib_given(call, ARG_BY)) {
        TgValue all[] = {call->args[STATE], call->args[ARG_BY], tg_bool(is_reverse)};
        return tg_call(call, vm->helpers[TG_HELPER_SORT_BY], all, 3, STEP_SORTED);
    }
    TgList *items = (TgList *)tg_as_obj(call->args[STATE]);
    const TgList *keys = items;
    if (tg_lib_given(call, ARG_KEY)) {
        TgValue both[] = {call->args[STATE], call->args[ARG_KEY]};
        if (call->step != STEP_KEYS) return tg_call(call, vm->helpers[TG_HELPER_KEYS], both, 2, STEP_KEYS);
        keys = (TgList *)tg_as_obj(call->value);
    }
    return sort_lists(call, items, keys, is_reverse) ? TG_DONE : TG_RAISED;
}

static TgResult list_sort(TgCall *call) {
    TgList *list;
    if (!tg_arg_list(call, 0, &list)) return TG_RAISED;
    TgResult result = sort_copy(call);
    if (result != TG_DONE) return result;
    const TgList *sorted = (TgList *)tg_as_obj(call->args[STATE]);
    if (list->count != sorted->count)
        return tg_raise(call, TG_ERR_ValueError,
                        "the List had %u items when its sort began and has %u now; sort a copy, or "
                        "change it after",
                        (unsigned)sorted->count, (unsigned)list->count);
    for (uint32_t i = 0; i < list->count; i++) tg_list_set(call->vm, list, i, sorted->items[i]);
    return tg_return(call, call->args[0]);
}

static TgResult sort_sorted(TgCall *call) {
    if (call->step <= STEP_ITEMS) {
        TgResult result = tg_lib_items(call, 0, "sorted(items): items", STEP_ITEMS);
        if (result != TG_DONE) return result;
    }
    TgResult result = sort_copy(call);
    return result == TG_DONE ? tg_return(call, call->args[STATE]) : result;
}

const TgNativeDef tg_lib_list_sort[] = {
    {"sort(key:, by:, reverse: false)", list_sort,
     "Sorts in place, by what key(x) gives, or by by(a, b), an Int below, at or above 0; gives the List."},
    {0},
};

const TgNativeDef tg_lib_sorted[] = {
    {"sorted(items, key:, by:, reverse: false)", sort_sorted,
     "A new List of the items, sorted as List.sort does."},
    {0},
};
