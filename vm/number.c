// vm/number.c
// The operators on numbers of every kind and on what else has them (Strings and Lists).
//
// The loop does small Ints and Floats itself; what comes here has failed its quick test, or
// overflowed. Ints are tried first, then Floats, then the other types; what is left is a TypeError
// that says what to write.
//
// Layer: data.
#include "vm/number.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "vm/bigint.h"
#include "vm/bytes.h"
#include "vm/error.h"
#include "vm/gc.h"
#include "vm/list.h"
#include "vm/text.h"
#include "vm/vm.h"

static TgValue raise_zero(TgVM *vm, TgValue a, TgValue b) {
    const char *left = TG_SHOW(vm, a),
               *right = TG_SHOW(vm, b); // "Int 10": the type does not matter
    const char *number = strchr(left, ' '), *zero = strchr(right, ' ');
    tg_error_raise(vm, TG_ERR_ZeroDivisionError, "division by zero: %s by %s",
                   number ? number + 1 : left, zero ? zero + 1 : right);
    return TG_UNDEF;
}

// Refusals

static const char *const phrases[] = {
    [NUM_ADD] = "can't add %s and %s",     [NUM_SUB] = "can't compute %s - %s",
    [NUM_MUL] = "can't multiply %s by %s", [NUM_DIV] = "can't divide %s by %s",
    [NUM_IDIV] = "can't compute %s // %s", [NUM_MOD] = "can't compute %s %% %s",
    [NUM_POW] = "can't compute %s ** %s",  [NUM_AND] = "can't compute %s & %s",
    [NUM_OR] = "can't compute %s | %s",    [NUM_XOR] = "can't compute %s ^ %s",
    [NUM_SHL] = "can't compute %s << %s",  [NUM_SHR] = "can't compute %s >> %s",
};

// What to write instead, or "".
static const char *hint(TgNumOp op, TgValue a, TgValue b) {
    bool a_string = tg_is_kind(a, OBJ_STRING), b_string = tg_is_kind(b, OBJ_STRING);
    bool a_list = tg_is_kind(a, OBJ_LIST), b_list = tg_is_kind(b, OBJ_LIST);
    bool any_bytes = tg_is_kind(a, OBJ_BYTES) || tg_is_kind(b, OBJ_BYTES);
    if (op == NUM_ADD && any_bytes && (a_string || b_string)) return "; text.encode() makes Bytes of a String, b.decode() the reverse";
    if (op == NUM_ADD && (a_string || b_string)) { return "; write \"…{x}\" to join them as text"; }
    if (op == NUM_ADD && (a_list || b_list)) return "; write xs + [x], or xs.push(x)";
    if (op == NUM_MOD && a_string) return "; values are put into a text by \"{x}\" or \"{x:.2f}\"";
    if (op == NUM_ADD && tg_is_kind(a, OBJ_MAP)) return "; m.copy().update(other) joins two Maps";
    if (op == NUM_MUL && (a_string || a_list)) return "; how often to repeat is an Int: int(x)";
    if (a_string || b_string) return "; int(x) or float(x) reads a number from a String";
    if (tg_is_bool(a) || tg_is_bool(b)) return "; a Bool is no number: write (1 if x else 0)";
    if (tg_is_nil(a) || tg_is_nil(b)) return "; for a default in the place of nil write (x ?? 0)";
    if (op >= NUM_AND && (tg_is_float(a) || tg_is_float(b))) {
        return "; bit operators take Ints: int(x)";
    }
    return "";
}

static TgValue refuse(TgVM *vm, TgNumOp op, TgValue a, TgValue b) {
    char what[2 * TG_SHOWN + 40], left[TG_SHOWN], right[TG_SHOWN];
    tg_shown(vm, a, left);
    tg_shown(vm, b, right);
    // The phrases are this file's own and take two names.
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
    snprintf(what, sizeof what, phrases[op], left, right);
#pragma GCC diagnostic pop
    tg_error_raise(vm, TG_ERR_TypeError, "%s%s", what, hint(op, a, b));
    return TG_UNDEF;
}

// Floats

static double floor_divide(double a, double b) {
    double rest = fmod(a, b);
    double quotient = (a - rest) / b; // whole but for rounding
    if (rest != 0 && (b < 0) != (rest < 0)) quotient -= 1.0;
    if (quotient == 0) return copysign(0.0, a / b);
    double whole = floor(quotient);
    return quotient - whole > 0.5 ? whole + 1.0 : whole;
}

static double modulo(double a, double b) {
    double rest = fmod(a, b);
    if (rest == 0) return copysign(0.0, b);
    return (b < 0) != (rest < 0) ? rest + b : rest;
}

static TgValue power(TgVM *vm, double a, double b) {
    if (a == 0 && b < 0) {
        tg_error_raise(vm, TG_ERR_ZeroDivisionError, "0 can't be raised to a negative power");
        return TG_UNDEF;
    }
    if (a < 0 && isfinite(a) && isfinite(b) && b != floor(b)) {
        tg_error_raise(vm, TG_ERR_ValueError,
                       "a negative number has no real power with a fraction; use abs(x)");
        return TG_UNDEF;
    }
    return tg_float(pow(a, b));
}

static TgValue on_floats(TgVM *vm, TgNumOp op, TgValue left, TgValue right) {
    double a, b;
    if (op >= NUM_AND) return refuse(vm, op, left, right);
    if (!tg_to_double(vm, left, &a) || !tg_to_double(vm, right, &b)) return TG_UNDEF;
    switch (op) {
    case NUM_ADD: return tg_float(a + b);
    case NUM_SUB: return tg_float(a - b);
    case NUM_MUL: return tg_float(a * b);
    case NUM_POW: return power(vm, a, b);
    default: break;
    }
    if (b == 0) return raise_zero(vm, left, right);
    if (op == NUM_DIV) return tg_float(a / b);
    return tg_float(op == NUM_IDIV ? floor_divide(a, b) : modulo(a, b));
}

// Ints

static TgValue shift(TgVM *vm, TgNumOp op, TgValue a, TgValue b) {
    if (tg_big_sign(b) < 0) {
        tg_error_raise(vm, TG_ERR_ValueError, "a shift can't be negative; write %s instead",
                       op == NUM_SHL ? ">>" : "<<");
        return TG_UNDEF;
    }
    return op == NUM_SHL ? tg_big_shift_left(vm, a, b) : tg_big_shift_right(vm, a, b);
}

static TgValue int_power(TgVM *vm, TgValue a, TgValue b) {
    if (tg_big_sign(b) < 0) return on_floats(vm, NUM_POW, a, b);
    return tg_big_power(vm, a, b);
}

static TgValue divide_ints(TgVM *vm, TgValue a, TgValue b) {
    double d;
    // 48 bits are exact as doubles, whose division rounds correctly.
    if (tg_both_int(a, b)) return tg_float((double)tg_as_int(a) / (double)tg_as_int(b));
    return tg_big_divide(vm, a, b, &d) ? tg_float(d) : TG_UNDEF;
}

static int64_t floor_quotient(int64_t a, int64_t b) {
    int64_t quotient = a / b;
    return a % b != 0 && (a < 0) != (b < 0) ? quotient - 1 : quotient;
}

// Both small: 48 bits leave room in 64 for all but products and powers.
static TgValue on_small(TgVM *vm, TgNumOp op, TgValue left, TgValue right) {
    int64_t a = tg_as_int(left), b = tg_as_int(right), product;
    switch (op) {
    case NUM_ADD: return tg_int_from(vm, a + b);
    case NUM_SUB: return tg_int_from(vm, a - b);
    case NUM_MUL:
        if (!__builtin_mul_overflow(a, b, &product)) return tg_int_from(vm, product);
        return tg_big_multiply(vm, left, right);
    case NUM_DIV: return divide_ints(vm, left, right);
    case NUM_IDIV: return tg_int_from(vm, floor_quotient(a, b));
    case NUM_MOD: return tg_int(a - floor_quotient(a, b) * b);
    case NUM_POW: return int_power(vm, left, right);
    case NUM_AND: return tg_int(a & b);
    case NUM_OR: return tg_int(a | b);
    case NUM_XOR: return tg_int(a ^ b);
    case NUM_SHL:
        if (b >= 0 && b < 16) return tg_int_from(vm, a * ((int64_t)1 << b));
        return shift(vm, op, left, right);
    case NUM_SHR:
        if (b >= 0 && b < 64) return tg_int(a >> b);
        return shift(vm, op, left, right);
    }
    return TG_UNDEF;
}

static TgValue on_ints(TgVM *vm, TgNumOp op, TgValue a, TgValue b) {
    bool divides = op == NUM_DIV || op == NUM_IDIV || op == NUM_MOD;
    if (divides && b == tg_int(0)) return raise_zero(vm, a, b);
    if (tg_both_int(a, b)) return on_small(vm, op, a, b);
    switch (op) {
    case NUM_ADD: return tg_big_add(vm, a, b);
    case NUM_SUB: return tg_big_subtract(vm, a, b);
    case NUM_MUL: return tg_big_multiply(vm, a, b);
    case NUM_DIV: return divide_ints(vm, a, b);
    case NUM_IDIV: return tg_big_floor_divide(vm, a, b);
    case NUM_MOD: return tg_big_modulo(vm, a, b);
    case NUM_POW: return int_power(vm, a, b);
    case NUM_AND:
    case NUM_OR:
    case NUM_XOR: return tg_big_bits(vm, op, a, b);
    case NUM_SHL:
    case NUM_SHR: return shift(vm, op, a, b);
    }
    return TG_UNDEF;
}

// Strings and Lists

static TgValue raise_memory(TgVM *vm) {
    tg_error_memory(vm);
    return TG_UNDEF;
}

static TgValue join_strings(TgVM *vm, const TgString *a, const TgString *b) {
    if (b->length == 0) return tg_obj(a);
    TgString *string = tg_string_join(vm, a, b);
    return string ? tg_obj(string) : raise_memory(vm);
}

static TgValue join_lists(TgVM *vm, const TgList *a, const TgList *b) {
    TgList *list = tg_list(vm, 0);
    uint64_t count = (uint64_t)a->count + b->count;
    if (count > UINT32_MAX || !tg_list_reserve(vm, list, (uint32_t)count) ||
        !tg_list_extend(vm, list, a->items, a->count) ||
        !tg_list_extend(vm, list, b->items, b->count)) {
        return raise_memory(vm);
    }
    return tg_obj(list);
}

enum { COPY_AT_ONCE = 1 << 20 }; // bytes

// Fills `whole` bytes with copies of the first `part`, doubling what is there. False: given up (vm.h).
static bool fill_with_copies(const TgVM *vm, char *to, size_t part, size_t whole) {
    size_t most = part < COPY_AT_ONCE ? COPY_AT_ONCE / part * part : part;
    for (size_t done = part; done < whole;) {
        if (tg_gives_up(vm)) return false;
        size_t step = done < most ? done : most;
        if (step > whole - done) step = whole - done;
        memcpy(to + done, to, step);
        done += step;
    }
    return true;
}

static TgValue repeat_string(TgVM *vm, const TgString *string, uint64_t times) {
    size_t whole;
    if (__builtin_mul_overflow((size_t)string->length, times, &whole)) whole = SIZE_MAX;
    TgString *result = tg_string_begin(vm, whole);
    if (!result) return raise_memory(vm);
    if (whole > 0) {
        memcpy(result->data, string->data, string->length);
        if (!fill_with_copies(vm, result->data, string->length, whole)) return TG_UNDEF;
    }
    return tg_obj(tg_string_finish(vm, result));
}

static TgValue repeat_list(TgVM *vm, const TgList *list, uint64_t times) {
    TgList *result = tg_list(vm, 0);
    uint64_t whole;
    if (__builtin_mul_overflow((uint64_t)list->count, times, &whole) || whole > UINT32_MAX) {
        whole = UINT32_MAX; // more than reserve gives
    }
    if (!tg_list_reserve(vm, result, (uint32_t)whole)) return raise_memory(vm);
    if (whole > 0) {
        memcpy(result->items, list->items, list->count * sizeof(TgValue));
        if (!fill_with_copies(vm, (char *)result->items, list->count * sizeof(TgValue), whole * sizeof(TgValue))) {
            tg_list_clear(vm, result);
            return TG_UNDEF;
        }
    }
    result->count = (uint32_t)whole;
    return tg_obj(result);
}

static TgValue bytes_or_raise(TgVM *vm, TgBytes *bytes) {
    if (!bytes) tg_error_memory(vm);
    return bytes ? tg_obj(bytes) : TG_UNDEF;
}

static bool is_repeatable(TgValue value) {
    return tg_is_kind(value, OBJ_STRING) || tg_is_kind(value, OBJ_LIST) || tg_is_kind(value, OBJ_BYTES);
}

static TgValue repeat(TgVM *vm, TgValue a, TgValue times) {
    uint64_t count = tg_big_sign(times) <= 0 ? 0
                     : tg_is_int(times)      ? (uint64_t)tg_as_int(times)
                                             : UINT64_MAX;
    if (tg_is_kind(a, OBJ_STRING)) {
        const TgString *string = (TgString *)tg_as_obj(a);
        return repeat_string(vm, string, string->length == 0 ? 0 : count);
    }
    if (tg_is_kind(a, OBJ_BYTES)) return bytes_or_raise(vm, tg_bytes_repeat(vm, tg_as_bytes(a), count));
    const TgList *list = (TgList *)tg_as_obj(a);
    return repeat_list(vm, list, list->count == 0 ? 0 : count);
}

static TgValue on_others(TgVM *vm, TgNumOp op, TgValue a, TgValue b) {
    bool a_string = tg_is_kind(a, OBJ_STRING), a_list = tg_is_kind(a, OBJ_LIST);
    if (op == NUM_ADD && a_string && tg_is_kind(b, OBJ_STRING)) {
        return join_strings(vm, (TgString *)tg_as_obj(a), (TgString *)tg_as_obj(b));
    }
    if (op == NUM_ADD && a_list && tg_is_kind(b, OBJ_LIST)) {
        return join_lists(vm, (TgList *)tg_as_obj(a), (TgList *)tg_as_obj(b));
    }
    if (op == NUM_ADD && tg_is_kind(a, OBJ_BYTES) && tg_is_kind(b, OBJ_BYTES))
        return bytes_or_raise(vm, tg_bytes_join(vm, tg_as_bytes(a), tg_as_bytes(b)));
    if (op == NUM_MUL && tg_is_any_int(b) && is_repeatable(a)) return repeat(vm, a, b);
    if (op == NUM_MUL && tg_is_any_int(a) && is_repeatable(b)) return repeat(vm, b, a);
    return refuse(vm, op, a, b);
}

TgValue tg_binary(TgVM *vm, TgNumOp op, TgValue a, TgValue b) {
    if (tg_is_number(a) && tg_is_number(b)) {
        bool any_float = tg_is_float(a) || tg_is_float(b);
        return any_float ? on_floats(vm, op, a, b) : on_ints(vm, op, a, b);
    }
    return on_others(vm, op, a, b);
}

TgValue tg_negate(TgVM *vm, TgValue a) {
    if (tg_is_float(a)) return tg_float(-tg_as_float(a));
    if (tg_is_any_int(a)) return on_ints(vm, NUM_SUB, tg_int(0), a);
    tg_error_raise(vm, TG_ERR_TypeError, "can't negate %s%s", TG_SHOW(vm, a), hint(NUM_SUB, a, a));
    return TG_UNDEF;
}

TgValue tg_bit_not(TgVM *vm, TgValue a) {
    if (tg_is_any_int(a)) return on_ints(vm, NUM_SUB, tg_int(-1), a);
    tg_error_raise(vm, TG_ERR_TypeError, "can't apply ~ to %s%s", TG_SHOW(vm, a),
                   hint(NUM_XOR, a, a));
    return TG_UNDEF;
}

// Conversion, order, hashes

bool tg_to_double(TgVM *vm, TgValue v, double *out) {
    if (tg_is_float(v)) {
        *out = tg_as_float(v);
    } else if (tg_is_int(v)) {
        *out = (double)tg_as_int(v);
    } else {
        *out = tg_big_double(v);
        if (isinf(*out)) {
            tg_error_raise(vm, TG_ERR_ValueError, "Int too large for a Float");
            return false;
        }
    }
    return true;
}

static int compare_doubles(double a, double b) {
    if (isnan(a) || isnan(b)) return 2;
    return (a > b) - (a < b);
}

int tg_number_compare(TgValue a, TgValue b) {
    if (tg_both_int(a, b)) {
        int64_t x = tg_as_int(a), y = tg_as_int(b);
        return (x > y) - (x < y);
    }
    bool a_big = tg_is_bigint(a), b_big = tg_is_bigint(b);
    if (!a_big && !b_big) { // small Ints are exact as doubles
        double x = tg_is_int(a) ? (double)tg_as_int(a) : tg_as_float(a);
        double y = tg_is_int(b) ? (double)tg_as_int(b) : tg_as_float(b);
        return compare_doubles(x, y);
    }
    if (tg_is_float(a))
        return isnan(tg_as_float(a)) ? 2 : -tg_big_compare_double(b, tg_as_float(a));
    if (tg_is_float(b)) return isnan(tg_as_float(b)) ? 2 : tg_big_compare_double(a, tg_as_float(b));
    return tg_big_compare(a, b);
}

static uint32_t mix(uint64_t bits) {
    return (uint32_t)((bits * 0x9E3779B97F4A7C15ull) >> 32);
}

// A whole number m * 2^e modulo 2^61 - 1, where multiplying by two is turning 61 bits round.
static uint64_t double_residue(double d) {
    const uint64_t prime = ((uint64_t)1 << 61) - 1;
    int exponent;
    uint64_t m = (uint64_t)ldexp(frexp(d, &exponent), 53);
    int turn = (exponent - 53) % 61;
    if (turn < 0) turn += 61;
    uint64_t turned = ((m << turn) & prime) | m >> (61 - turn);
    return turned == prime ? 0 : turned;
}

// Small Ints hash as the Map hashes their bits; what is equal to one must do the same.
uint32_t tg_number_hash(TgValue v) {
    if (tg_is_int(v)) return mix(v);
    if (tg_is_bigint(v)) return mix(tg_big_residue(v) ^ (tg_big_sign(v) < 0 ? ~0ull : 0));
    double d = tg_as_float(v);
    if (!isfinite(d) || d != floor(d)) return mix(v);
    if (d >= (double)TG_INT_MIN && d <= (double)TG_INT_MAX) return mix(tg_int((int64_t)d));
    return mix(double_residue(fabs(d)) ^ (d < 0 ? ~0ull : 0));
}

// Rounding

static TgValue refuse_round(TgVM *vm, const char *what) {
    tg_error_raise(vm, TG_ERR_ValueError, "can't round %s to an Int", what);
    return TG_UNDEF;
}

static TgValue round_to_int(TgVM *vm, double d) {
    if (isnan(d)) return refuse_round(vm, "nan");
    if (isinf(d)) return refuse_round(vm, "inf");
    double whole = round(d);                                     // halves away from zero …
    if (fabs(d - trunc(d)) == 0.5) whole = 2.0 * round(d / 2.0); // … and these to even
    return tg_int_from_float(vm, whole);
}

// To places after the point: through the decimal text, which is rounded from the exact value.
static TgValue round_places(TgVM *vm, double d, int64_t places) {
    char text[512];
    if (places > 330) return tg_float(d); // beyond the last digit that a Float can have
    int length = snprintf(text, sizeof text, "%.*f", (int)places, d);
    if (length < 0 || (size_t)length >= sizeof text) return tg_float(d);
    // The locale may have another point than ours.
    for (char *at = text; *at; at++) {
        if (*at != '-' && (*at < '0' || *at > '9')) *at = '.';
    }
    TgValue value = tg_float_parse(text, (size_t)length);
    if (isinf(tg_as_float(value))) {
        tg_error_raise(vm, TG_ERR_ValueError, "the rounded value is too large for a Float");
        return TG_UNDEF;
    }
    return value;
}

static TgValue round_float(TgVM *vm, double d, int64_t places) {
    if (!isfinite(d) || d == 0) return tg_float(d);
    if (places >= 0) return round_places(vm, d, places);
    if (places < -320) return tg_float(copysign(0.0, d));
    TgValue whole = tg_big_round(vm, tg_int_from_float(vm, d), (uint32_t)-places, d != trunc(d));
    double rounded;
    if (tg_is_undef(whole) || !tg_to_double(vm, whole, &rounded)) return TG_UNDEF;
    return tg_float(copysign(fabs(rounded), d));
}

TgValue tg_round(TgVM *vm, TgValue x, TgValue digits) {
    if (!tg_is_number(x)) {
        tg_error_raise(vm, TG_ERR_TypeError, "round takes a number, not %s%s", TG_SHOW(vm, x),
                       tg_is_kind(x, OBJ_STRING) ? "; float(x) reads one from a String" : "");
        return TG_UNDEF;
    }
    if (tg_is_nil(digits)) return tg_is_float(x) ? round_to_int(vm, tg_as_float(x)) : x;
    if (!tg_is_any_int(digits)) {
        tg_error_raise(vm, TG_ERR_TypeError, "round's digits are an Int, not %s",
                       TG_SHOW(vm, digits));
        return TG_UNDEF;
    }
    // More places than anything has are all the same.
    int64_t places = tg_is_int(digits) ? tg_as_int(digits) : tg_big_sign(digits) * TG_INT_MAX;
    if (tg_is_float(x)) return round_float(vm, tg_as_float(x), places);
    if (places >= 0) return x;
    return tg_big_round(vm, x, places < -(int64_t)UINT32_MAX ? UINT32_MAX : (uint32_t)-places,
                        false);
}
