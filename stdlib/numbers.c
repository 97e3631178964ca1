// stdlib/numbers.c
// Built-in functions of numbers: int, float, bool, abs, round, and sum, min and max of many.
//
// Layer: library.
#include <math.h>
#include <stdio.h>

#include "stdlib/lib.h"

// Whether a text that is to be read in `base` begins with that base's own prefix (int("0xff", 16)).
static bool has_prefix(const TgString *text, int64_t base) {
    size_t at = 0;
    while (at < text->length && (text->data[at] == ' ' || (unsigned char)(text->data[at] - 9) < 5))
        at++;
    if (at < text->length && (text->data[at] == '+' || text->data[at] == '-')) at++;
    if (at + 1 >= text->length || text->data[at] != '0') return false;
    char letter = (char)(text->data[at + 1] | 32);
    return (base == 16 && letter == 'x') || (base == 8 && letter == 'o') ||
           (base == 2 && letter == 'b');
}

static TgResult int_of_string(TgCall *call, const TgString *text) {
    int64_t base = 10;
    if (tg_given(call, 1) && !tg_arg_int(call, 1, &base)) return TG_RAISED;
    if (base != 0 && (base < 2 || base > 36))
        return tg_raise(call, TG_ERR_ValueError, "int(): base must be 0 or from 2 to 36, not %lld",
                        (long long)base);
    TgValue value =
        tg_int_parse(call->vm, text->data, text->length, has_prefix(text, base) ? 0 : (int)base);
    if (!tg_is_undef(value)) return tg_return(call, value);
    return tg_raise(call, TG_ERR_ValueError,
                    "int(): %s is not a whole number in base %d; x.to_int() gives nil instead",
                    tg_lib_show(call->vm, call->args[0]), (int)base);
}

static TgResult numbers_int(TgCall *call) {
    TgValue x = call->args[0];
    if (tg_is_kind(x, OBJ_STRING)) return int_of_string(call, (TgString *)tg_as_obj(x));
    if (tg_given(call, 1))
        return tg_raise(call, TG_ERR_TypeError,
                        "int(): a base goes with a String only, not with %s",
                        TG_SHOW(call->vm, x));
    if (tg_is_any_int(x)) return tg_return(call, x);
    if (!tg_is_float(x))
        return tg_raise(call, TG_ERR_TypeError, "int(): x must be a number or a String, not %s%s",
                        TG_SHOW(call->vm, x), tg_is_bool(x) ? "; write `1 if x else 0`" : "");
    if (!isfinite(tg_as_float(x)))
        return tg_raise(call, TG_ERR_ValueError, "int(): %s has no whole number",
                        tg_lib_show(call->vm, x));
    return tg_return(call, tg_int_from_float(call->vm, tg_as_float(x)));
}

static TgResult numbers_float(TgCall *call) {
    TgValue x = call->args[0];
    double number;
    if (tg_is_float(x)) return tg_return(call, x);
    if (tg_is_any_int(x))
        return tg_to_double(call->vm, x, &number) ? tg_return(call, tg_float(number)) : TG_RAISED;
    if (!tg_is_kind(x, OBJ_STRING))
        return tg_raise(call, TG_ERR_TypeError, "float(): x must be a number or a String, not %s",
                        TG_SHOW(call->vm, x));
    const TgString *text = (TgString *)tg_as_obj(x);
    TgValue value = tg_float_parse(text->data, text->length);
    if (!tg_is_undef(value)) return tg_return(call, value);
    return tg_raise(call, TG_ERR_ValueError,
                    "float(): %s is not a number; x.to_float() gives nil instead",
                    tg_lib_show(call->vm, x));
}

static TgResult numbers_bool(TgCall *call) {
    return tg_return(call, tg_bool(tg_truthy(call->args[0])));
}

static TgResult numbers_abs(TgCall *call) {
    TgValue x = call->args[0];
    if (tg_is_float(x)) return tg_return(call, tg_float(fabs(tg_as_float(x))));
    if (!tg_is_any_int(x))
        return tg_raise(call, TG_ERR_TypeError, "abs(): x must be a number, not %s",
                        TG_SHOW(call->vm, x));
    bool is_negative = tg_is_int(x) ? tg_as_int(x) < 0 : ((TgBigInt *)tg_as_obj(x))->size < 0;
    if (is_negative) x = tg_negate(call->vm, x);
    return tg_is_undef(x) ? TG_RAISED : tg_return(call, x);
}

static TgResult numbers_round(TgCall *call) {
    if (!tg_is_number(call->args[0]))
        return tg_raise(call, TG_ERR_TypeError, "round(): x must be a number, not %s",
                        TG_SHOW(call->vm, call->args[0]));
    TgValue digits = tg_given(call, 1) ? call->args[1] : TG_NIL;
    TgValue rounded = tg_round(call->vm, call->args[0], digits);
    return tg_is_undef(rounded) ? TG_RAISED : tg_return(call, rounded);
}

// ---- of many
// -------------------------------------------------------------------------------------

// Of a Range without going over it: n * first + step * (n * (n - 1) / 2).
static TgResult sum_range(TgCall *call, const TgRange *range) {
    TgVM *vm = call->vm;
    TgValue n = tg_int_from(vm, tg_range_length(range));
    TgValue total = tg_binary(vm, NUM_MUL, n, tg_binary(vm, NUM_SUB, n, tg_int(1)));
    total = tg_binary(vm, NUM_IDIV, total, tg_int(2));
    total = tg_binary(vm, NUM_MUL, total, tg_int_from(vm, range->step));
    TgValue first = tg_binary(vm, NUM_MUL, n, tg_int_from(vm, range->start));
    total = tg_binary(vm, NUM_ADD, total, first);
    if (tg_given(call, 1)) total = tg_binary(vm, NUM_ADD, call->args[1], total);
    return tg_is_undef(total) ? TG_RAISED : tg_return(call, total);
}

// Adds the small Ints from *at on to an Int, as long as the sum fits into 64 bits.
static TgValue add_ints(TgVM *vm, const TgList *list, uint32_t *at, TgValue total) {
    int64_t sum, more;
    if (!tg_is_any_int(total) || !tg_int_to_int64(total, &sum)) return total;
    while (*at < list->count && tg_is_int(list->items[*at]) &&
           !__builtin_add_overflow(sum, tg_as_int(list->items[*at]), &more)) {
        sum = more;
        ++*at;
    }
    return tg_int_from(vm, sum);
}

static TgResult numbers_sum(TgCall *call) {
    if (tg_is_kind(call->args[0], OBJ_RANGE))
        return sum_range(call, (TgRange *)tg_as_obj(call->args[0]));
    TgResult result = tg_lib_items(call, 0, "sum(items): items", 1);
    if (result != TG_DONE) return result;
    const TgList *list = (TgList *)tg_as_obj(call->args[0]);
    TgValue total = tg_given(call, 1) ? call->args[1] : tg_int(0);
    for (uint32_t i = 0; i < list->count;) {
        total = add_ints(call->vm, list, &i, total);
        if (i == list->count) break;
        total = tg_binary(call->vm, NUM_ADD, total, list->items[i++]);
        if (tg_is_undef(total)) return TG_RAISED;
    }
    return tg_return(call, total);
}

enum { STEP_ITEMS = 1, STEP_KEY };

// The first and the last number of a Range: one is the smallest, one the greatest.
static TgList *range_ends(TgVM *vm, const TgRange *range) {
    int64_t length = tg_range_length(range);
    TgList *ends = tg_list(vm, 2);
    uint64_t last = (uint64_t)range->start + (uint64_t)(length - 1) * (uint64_t)range->step;
    if (length) tg_list_push(vm, ends, tg_int_from(vm, range->start));
    if (length) tg_list_push(vm, ends, tg_int_from(vm, (int64_t)last));
    return ends;
}

// What is chosen from: the one iterable, or the values themselves.
static TgResult choice_items(TgCall *call, const char *name) {
    if (call->step == STEP_ITEMS) {
        call->args[0] = call->value;
        return TG_DONE;
    }
    const TgList *values = (TgList *)tg_as_obj(call->args[0]);
    if (!values->count)
        return tg_raise(call, TG_ERR_TypeError, "%s() needs values, or one List of them", name);
    if (values->count > 1) return TG_DONE;
    if (!tg_lib_given(call, 1) && tg_is_kind(values->items[0], OBJ_RANGE)) {
        call->args[0] = tg_obj(range_ends(call->vm, (TgRange *)tg_as_obj(values->items[0])));
        return TG_DONE;
    }
    char what[64];
    TgList *list;
    snprintf(what, sizeof what, "%s() of one argument: it", name);
    TgResult result = tg_lib_items_of(call, values->items[0], what, STEP_ITEMS, &list);
    if (result == TG_DONE) call->args[0] = tg_obj(list);
    return result;
}

// Whether a comes before b (sign -1: is smaller, 1: is greater). False too where it raised; see
// failed.
static bool is_better(TgCall *call, TgValue a, TgValue b, int sign, bool *failed) {
    int order = tg_order(call->vm, a, b);
    if (order == -3)
        tg_error_raise(call->vm, TG_ERR_TypeError, "instances have no order; give a key: function");
    *failed = order < -1;
    return order == sign;
}

static TgResult choose(TgCall *call, int sign) {
    const TgList *list = (TgList *)tg_as_obj(call->args[0]);
    TgValue best = list->items[0];
    for (uint32_t i = 1; i < list->count; i++) {
        bool failed;
        if (is_better(call, list->items[i], best, sign, &failed))
            best = list->items[i];
        else if (failed)
            return TG_RAISED;
    }
    return tg_return(call, best);
}

// args[2] is [best item, its key, item whose key is being asked], args[3] the index of the next.
static TgResult choose_by_key(TgCall *call, int sign) {
    const TgList *list = (TgList *)tg_as_obj(call->args[0]);
    if (call->step != STEP_KEY) {
        TgValue nothing[] = {TG_NIL, TG_NIL, TG_NIL};
        call->args[2] = tg_obj(tg_list_of(call->vm, nothing, 3));
        call->args[3] = tg_int(0);
    }
    TgList *state = (TgList *)tg_as_obj(call->args[2]);
    int64_t next = tg_as_int(call->args[3]);
    if (call->step == STEP_KEY) {
        bool failed = false;
        bool is_best = next == 1 || is_better(call, call->value, state->items[1], sign, &failed);
        if (failed) return TG_RAISED;
        if (is_best) tg_list_set(call->vm, state, 0, state->items[2]);
        if (is_best) tg_list_set(call->vm, state, 1, call->value);
    }
    if (next >= list->count) return tg_return(call, state->items[0]);
    tg_list_set(call->vm, state, 2, list->items[next]);
    call->args[3] = tg_int(next + 1);
    return tg_call(call, call->args[1], &list->items[next], 1, STEP_KEY);
}

static TgResult choose_best(TgCall *call, const char *name, int sign) {
    bool has_key = tg_lib_given(call, 1);
    if (call->step != STEP_KEY) {
        if (has_key && !tg_arg_callable(call, 1)) return TG_RAISED;
        TgResult result = choice_items(call, name);
        if (result != TG_DONE) return result;
        if (!((TgList *)tg_as_obj(call->args[0]))->count)
            return tg_raise(call, TG_ERR_ValueError, "%s() of nothing: the items are empty", name);
    }
    return has_key ? choose_by_key(call, sign) : choose(call, sign);
}

static TgResult numbers_min(TgCall *call) {
    return choose_best(call, "min", -1);
}
static TgResult numbers_max(TgCall *call) {
    return choose_best(call, "max", 1);
}

const TgNativeDef tg_lib_numbers[] = {
    {"int(x, base = 10)", numbers_int,
     "The Int of a number, without its fraction, or of a String of digits in that base."},
    {"float(x)", numbers_float, "The Float of a number, or of a String that is written like one."},
    {"bool(x)", numbers_bool, "false for nil and false, true for everything else."},
    {"abs(x)", numbers_abs, "The number without its sign."},
    {"round(x, digits = nil)", numbers_round,
     "The nearest Int, or the number rounded to so many digits; halves go to the even neighbour."},
    {"sum(items, start = 0)", numbers_sum, "All items added to `start`, one after the other."},
    {"min(*values, key:)", numbers_min,
     "The smallest of the values, or of the items of one List; with a key, by what key(x) gives."},
    {"max(*values, key:)", numbers_max,
     "The greatest of the values, or of the items of one List; with a key, by what key(x) gives."},
    {0},
};
