// vm/equal.c
// `==` and `<`: numbers by value, Strings, Lists, Maps and Ranges by content, all else by identity.
//
// Where an instance with its own `eq` is met C cannot decide (it never calls tg) and says so;
// members are looked at in order, so that the tg half, which begins anew, sees what it would have
// seen.
//
// Layer: data.
#include "vm/text.h"

#include "vm/bytes.h"
#include "vm/class.h"
#include "vm/error.h"
#include "vm/list.h"
#include "vm/map.h"
#include "vm/number.h"
#include "vm/vm.h"

static bool has_eq(TgValue value) {
    if (!tg_is_kind(value, OBJ_INSTANCE)) return false;
    return !tg_is_undef(((TgInstance *)tg_as_obj(value))->class_->eq);
}

static TgEqual yes_or_no(bool is_equal) {
    return is_equal ? TG_EQUAL_YES : TG_EQUAL_NO;
}

static TgEqual equal_lists(TgVM *vm, const TgList *a, const TgList *b) {
    if (a->count != b->count) return TG_EQUAL_NO;
    for (uint32_t i = 0; i < a->count; i++) {
        TgEqual equal = tg_equal(vm, a->items[i], b->items[i]);
        if (equal != TG_EQUAL_YES) return equal;
    }
    return TG_EQUAL_YES;
}

static TgEqual equal_maps(TgVM *vm, const TgMap *a, const TgMap *b) {
    if (a->count != b->count) return TG_EQUAL_NO;
    uint32_t position = 0;
    for (TgMapEntry *entry; (entry = tg_map_next(a, &position));) {
        if (tg_map_needs_hash(entry->key)) return TG_EQUAL_CALLS;
        TgValue other = tg_map_get(b, entry->key);
        if (tg_is_undef(other)) return TG_EQUAL_NO;
        TgEqual equal = tg_equal(vm, entry->value, other);
        if (equal != TG_EQUAL_YES) return equal;
    }
    return TG_EQUAL_YES;
}

// Equal where they have the same members.
static bool equal_ranges(const TgRange *a, const TgRange *b) {
    int64_t length = tg_range_length(a);
    if (length != tg_range_length(b)) return false;
    if (length == 0) return true;
    return a->start == b->start && (length == 1 || a->step == b->step);
}

static TgEqual equal_objects(TgVM *vm, TgObj *a, TgObj *b) {
    if (a->kind != b->kind) return TG_EQUAL_NO;
    switch (a->kind) {
    case OBJ_STRING: return yes_or_no(tg_string_equal((TgString *)a, (TgString *)b));
    case OBJ_BYTES: return yes_or_no(tg_bytes_equal((TgBytes *)a, (TgBytes *)b));
    case OBJ_RANGE: return yes_or_no(equal_ranges((TgRange *)a, (TgRange *)b));
    case OBJ_LIST:
        if (!tg_stack_check(vm)) return TG_EQUAL_RAISED;
        return equal_lists(vm, (TgList *)a, (TgList *)b);
    case OBJ_MAP:
        if (!tg_stack_check(vm)) return TG_EQUAL_RAISED;
        return equal_maps(vm, (TgMap *)a, (TgMap *)b);
    default: return TG_EQUAL_NO;
    }
}

TgEqual tg_equal(TgVM *vm, TgValue a, TgValue b) {
    if (tg_is_kind(a, OBJ_STRING) && tg_is_kind(b, OBJ_STRING))
        return yes_or_no(tg_string_equal((TgString *)tg_as_obj(a), (TgString *)tg_as_obj(b)));
    if (has_eq(a) || has_eq(b)) return TG_EQUAL_CALLS;
    if (tg_is_number(a) && tg_is_number(b)) return yes_or_no(tg_number_compare(a, b) == 0);
    if (a == b) return TG_EQUAL_YES;
    if (!tg_is_obj(a) || !tg_is_obj(b)) return TG_EQUAL_NO;
    return equal_objects(vm, tg_as_obj(a), tg_as_obj(b));
}

// Order

enum { RAISED = -2, NEEDS_CALLS = -3 }; // 2, for nan, comes from tg_number_compare

static int refuse_order(TgVM *vm, TgValue a, TgValue b) {
    char left[TG_SHOWN], right[TG_SHOWN];
    tg_shown(vm, a, left);
    tg_shown(vm, b, right);
    bool is_mixed =
        tg_is_number(a) ? tg_is_kind(b, OBJ_STRING) : tg_is_kind(a, OBJ_STRING) && tg_is_number(b);
    tg_error_raise(vm, TG_ERR_TypeError, "can't compare %s and %s; %s", left, right,
                   is_mixed ? "int(x) or float(x) reads a number from a String"
                   : tg_is_nil(a) || tg_is_nil(b)
                       ? "for a default in the place of nil write (x ?? 0)"
                   : tg_is_kind(a, OBJ_INSTANCE)
                       ? "compare what is in them, or sort by a key: function"
                       : "numbers, Strings, Bytes and Lists have an order, each among themselves");
    return RAISED;
}

// Where two Lists first differ; `*at` is the shorter one's length where they do not. A TgEqual that
// is not NO or YES is the answer itself.
static TgEqual first_difference(TgVM *vm, const TgList *a, const TgList *b, uint32_t *at) {
    uint32_t common = a->count < b->count ? a->count : b->count;
    for (*at = 0; *at < common; ++*at) {
        TgEqual equal = tg_equal(vm, a->items[*at], b->items[*at]);
        if (equal != TG_EQUAL_YES) return equal;
    }
    return TG_EQUAL_YES;
}

int tg_order(TgVM *vm, TgValue a, TgValue b) {
    // The first difference of two Lists may be two Lists again: a loop, not recursion.
    while (tg_is_kind(a, OBJ_LIST) && tg_is_kind(b, OBJ_LIST)) {
        const TgList *left = (TgList *)tg_as_obj(a), *right = (TgList *)tg_as_obj(b);
        if (left == right) return 0;
        uint32_t at;
        TgEqual equal = first_difference(vm, left, right, &at);
        if (equal == TG_EQUAL_CALLS) return NEEDS_CALLS;
        if (equal == TG_EQUAL_RAISED) return RAISED;
        if (equal == TG_EQUAL_YES) {
            return (left->count > right->count) - (left->count < right->count);
        }
        a = left->items[at];
        b = right->items[at];
    }
    if (tg_is_number(a) && tg_is_number(b)) return tg_number_compare(a, b);
    if (tg_is_kind(a, OBJ_STRING) && tg_is_kind(b, OBJ_STRING)) {
        return tg_string_compare((TgString *)tg_as_obj(a), (TgString *)tg_as_obj(b));
    }
    if (tg_is_kind(a, OBJ_BYTES) && tg_is_kind(b, OBJ_BYTES)) return tg_bytes_compare(tg_as_bytes(a), tg_as_bytes(b));
    return refuse_order(vm, a, b);
}
