// stdlib/equal.c
// `==` where instances with `eq` are involved: C goes over the Lists and Maps and makes a plan of
// what has to be asked, the tg half (prelude.tg, _equal_all) asks.
//
// A plan is a flat List of triples:
//   x, y, nil      : x and y have to be equal by eq
//   key, value, [k1, v1, k2, v2 …] : one of the keys has to be equal to `key`, and its value to
//   `value`
//
// Layer: library.
#include "stdlib/lib.h"

typedef struct {
    TgCall *call;
    TgList *plan;
    bool failed; // an error was raised
} Planner;

static bool plan_equal(Planner *planner, TgValue a, TgValue b);

static bool fail(Planner *planner) {
    planner->failed = true;
    return false;
}

static bool add_triple(Planner *planner, TgValue x, TgValue y, TgValue choices) {
    TgValue triple[] = {x, y, choices};
    if (tg_list_extend(planner->call->vm, planner->plan, triple, 3)) return true;
    tg_error_memory(planner->call->vm);
    return fail(planner);
}

static bool plan_lists(Planner *planner, const TgList *a, const TgList *b) {
    if (a->count != b->count) return false;
    for (uint32_t i = 0; i < a->count; i++)
        if (!plan_equal(planner, a->items[i], b->items[i])) return false;
    return true;
}

// A key with its own hash: candidates are the entries of `map` with that hash.
static bool plan_hashed_key(Planner *planner, const TgMapEntry *entry, const TgMap *map) {
    TgVM *vm = planner->call->vm;
    TgList *choices = tg_list(vm, 2);
    TgMapProbe probe = {0};
    for (int64_t at; (at = tg_map_candidate(map, entry->hash, &probe)) >= 0;) {
        const TgMapEntry *other = &map->entries[at];
        if (other->key == entry->key) return plan_equal(planner, entry->value, other->value);
        TgValue pair[] = {other->key, other->value};
        if (tg_map_needs_hash(other->key) && !tg_list_extend(vm, choices, pair, 2)) {
            tg_error_memory(vm);
            return fail(planner);
        }
    }
    return choices->count && add_triple(planner, entry->key, entry->value, tg_obj(choices));
}

static bool plan_maps(Planner *planner, const TgMap *a, const TgMap *b) {
    if (a->count != b->count) return false;
    uint32_t position = 0;
    for (TgMapEntry *entry; (entry = tg_map_next(a, &position));) {
        if (tg_map_needs_hash(entry->key)) {
            if (!plan_hashed_key(planner, entry, b)) return false;
            continue;
        }
        TgValue other = tg_map_get(b, entry->key);
        if (tg_is_undef(other) || !plan_equal(planner, entry->value, other)) return false;
    }
    return true;
}

// False: certainly unequal (or failed). True: equal if all that is planned is.
static bool plan_equal(Planner *planner, TgValue a, TgValue b) {
    TgVM *vm = planner->call->vm;
    if (a == b && tg_is_obj(a) && !tg_lib_class(a)) return true;
    bool are_lists = tg_is_kind(a, OBJ_LIST) && tg_is_kind(b, OBJ_LIST);
    if (are_lists || (tg_is_kind(a, OBJ_MAP) && tg_is_kind(b, OBJ_MAP))) {
        if (!tg_stack_check(vm)) return fail(planner);
        if (are_lists) return plan_lists(planner, (TgList *)tg_as_obj(a), (TgList *)tg_as_obj(b));
        return plan_maps(planner, (TgMap *)tg_as_obj(a), (TgMap *)tg_as_obj(b));
    }
    switch (tg_equal(vm, a, b)) {
    case TG_EQUAL_NO: return false;
    case TG_EQUAL_YES: return true;
    case TG_EQUAL_CALLS: return add_triple(planner, a, b, TG_NIL);
    default: return fail(planner);
    }
}

// The instance's own eq, of whichever of the two has one; the truth of what it gives. TG_CALLED, or
// TG_DONE where neither has.
static TgResult ask(TgCall *call) {
    for (int i = 0; i < 2; i++) {
        TgClass *class_ = tg_lib_class(call->args[i]);
        if (!class_ || tg_is_undef(class_->eq)) continue;
        TgValue both[] = {call->args[i], call->args[1 - i]};
        return tg_call(call, class_->eq, both, 2, 1);
    }
    return TG_DONE;
}

static TgResult equal_ask(TgCall *call) {
    if (call->step) return tg_return(call, tg_bool(tg_truthy(call->value)));
    if (ask(call) == TG_CALLED) return TG_CALLED;
    return tg_return(call, tg_bool(call->args[0] == call->args[1]));
}

// Two instances are asked at once; for Lists and Maps there is a plan, which _equal_all carries
// out.
static TgResult equal_equal(TgCall *call) {
    if (call->step) return tg_return(call, tg_bool(tg_truthy(call->value)));
    if (ask(call) == TG_CALLED) return TG_CALLED;
    Planner planner = {call, tg_list(call->vm, 3), false};
    bool may_be = plan_equal(&planner, call->args[0], call->args[1]);
    if (planner.failed) return TG_RAISED;
    if (!may_be || !planner.plan->count) return tg_return(call, tg_bool(may_be));
    TgValue plan = tg_obj(planner.plan);
    return tg_call(call, call->vm->helpers[TG_HELPER_EQUAL_ALL], &plan, 1, 0);
}

static TgResult equal_has_iter(TgCall *call) {
    TgClass *class_ = tg_lib_class(call->args[0]);
    return tg_return(call, tg_bool(class_ && !tg_is_undef(class_->iter)));
}

static TgResult in_string(TgCall *call, const TgString *whole) {
    TgVM *vm = call->vm;
    if (!tg_is_kind(call->args[0], OBJ_STRING))
        return tg_raise(call, TG_ERR_TypeError,
                        "`in` looks for a String in a String, not for %s; use str(x) in text",
                        tg_type_name(vm, call->args[0]));
    const TgString *part = (TgString *)tg_as_obj(call->args[0]);
    return tg_return(call, tg_bool(tg_lib_find(whole, part, 0) >= 0));
}

static TgResult in_range(TgCall *call, const TgRange *range) {
    TgValue item = call->args[0];
    int64_t at;
    if (tg_is_float(item)) { // 2.0 is in 0..3, as 2 == 2.0
        double number = tg_as_float(item);
        if (!(number >= -0x1p63 && number < 0x1p63) || number != (double)(int64_t)number)
            return tg_return(call, TG_FALSE);
        item = tg_int_from(call->vm, (int64_t)number);
    }
    if (!tg_is_any_int(item) || !tg_int_to_int64(item, &at)) return tg_return(call, TG_FALSE);
    bool is_up = range->step > 0;
    bool is_inside =
        is_up ? at >= range->start && at < range->stop : at <= range->start && at > range->stop;
    uint64_t distance =
        is_up ? (uint64_t)at - (uint64_t)range->start : (uint64_t)range->start - (uint64_t)at;
    uint64_t step = is_up ? (uint64_t)range->step : -(uint64_t)range->step;
    return tg_return(call, tg_bool(is_inside && distance % step == 0));
}

// What `in` does without any call; else a TypeError.
static TgResult equal_in(TgCall *call) {
    TgValue container = call->args[1];
    if (tg_is_kind(container, OBJ_STRING)) return in_string(call, (TgString *)tg_as_obj(container));
    if (tg_is_kind(container, OBJ_RANGE)) return in_range(call, (TgRange *)tg_as_obj(container));
    return tg_raise(call, TG_ERR_TypeError,
                    "`in` needs a List, Map, Range, String or an instance with iter on its right, "
                    "not %s",
                    TG_SHOW(call->vm, container));
}

const TgNativeDef tg_lib_hidden_equal[] = {
    {"_equal_of(a, b)", equal_equal, "Whether a == b, where eq may have to be asked."},
    {"_ask_eq(a, b)", equal_ask, "The truth of a.eq(b), or of b.eq(a) where a has no eq."},
    {"_has_iter(x)", equal_has_iter, "Whether x is an instance with iter()."},
    {"_in_plain(item, container)", equal_in, "`in` for Strings and Ranges."},
    {0},
};
