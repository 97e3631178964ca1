// stdlib/math.c
// The module math. Ints stay exact where they can (floor, gcd, factorial …), at any size; what is
// no number of the function's domain is a ValueError, never a nan.
//
// Layer: library.
#include <math.h>

#include "stdlib/lib.h"

static const double PI = 3.14159265358979323846, E = 2.71828182845904523536;
static const double LN2 = 0.69314718055994530942, LOG10_2 = 0.30102999566398119521;

static TgResult outside(TgCall *call, const char *function, const char *domain) {
    return tg_raise(call, TG_ERR_ValueError, "math.%s(): x must be %s, not %s", function, domain,
                    tg_lib_show(call->vm, call->args[0]));
}

// The result of a function of Floats. What was finite has to stay so.
static TgResult result_of(TgCall *call, const char *function, double x, double result) {
    if (isnan(result) && !isnan(x)) return outside(call, function, "in its domain");
    if (isinf(result) && isfinite(x))
        return tg_raise(call, TG_ERR_ValueError,
                        "math.%s(): the result of %s is too large for a Float", function,
                        tg_lib_show(call->vm, call->args[0]));
    return tg_return(call, tg_float(result));
}

#define FUNCTION(name)                                                                             \
    static TgResult math_##name(TgCall *call) {                                                    \
        double x;                                                                                  \
        if (!tg_arg_number(call, 0, &x)) return TG_RAISED;                                         \
        return result_of(call, #name, x, name(x));                                                 \
    }
FUNCTION(sin)
FUNCTION(cos)
FUNCTION(tan)
FUNCTION(atan)
FUNCTION(exp)
#undef FUNCTION

// The C library's is not exact even for 27: one step of Newton's makes it so.
static TgResult math_cbrt(TgCall *call) {
    double x;
    if (!tg_arg_number(call, 0, &x)) return TG_RAISED;
    double root = cbrt(x);
    if (isfinite(root) && root != 0) root -= (root * root * root - x) / (3 * root * root);
    return tg_return(call, tg_float(root));
}

static TgResult math_sqrt(TgCall *call) {
    double x;
    if (!tg_arg_number(call, 0, &x)) return TG_RAISED;
    if (x < 0) return outside(call, "sqrt", "0 or above");
    return tg_return(call, tg_float(sqrt(x)));
}

static TgResult math_asin(TgCall *call) {
    double x;
    if (!tg_arg_number(call, 0, &x)) return TG_RAISED;
    if (x < -1 || x > 1) return outside(call, "asin", "from -1 to 1");
    return tg_return(call, tg_float(asin(x)));
}

static TgResult math_acos(TgCall *call) {
    double x;
    if (!tg_arg_number(call, 0, &x)) return TG_RAISED;
    if (x < -1 || x > 1) return outside(call, "acos", "from -1 to 1");
    return tg_return(call, tg_float(acos(x)));
}

static TgResult math_atan2(TgCall *call) {
    double y, x;
    if (!tg_arg_number(call, 0, &y) || !tg_arg_number(call, 1, &x)) return TG_RAISED;
    return tg_return(call, tg_float(atan2(y, x)));
}

static TgResult math_hypot(TgCall *call) {
    const TgList *values = (TgList *)tg_as_obj(call->args[0]);
    double total = 0;
    bool is_finite = true;
    for (uint32_t i = 0; i < values->count; i++) {
        double x;
        if (!tg_is_number(values->items[i]))
            return tg_raise(call, TG_ERR_TypeError,
                            "math.hypot(): value %u must be a number, not %s", (unsigned)i + 1,
                            TG_SHOW(call->vm, values->items[i]));
        if (!tg_to_double(call->vm, values->items[i], &x)) return TG_RAISED;
        is_finite = is_finite && isfinite(x);
        total = hypot(total, x);
    }
    if (isinf(total) && is_finite)
        return tg_raise(call, TG_ERR_ValueError,
                        "math.hypot(): the result is too large for a Float");
    return tg_return(call, tg_float(total));
}

// ---- logarithms
// ----------------------------------------------------------------------------------

// x as m * 2 ** *exponent with a finite m: works for Ints that no Float holds.
static double split_number(TgValue x, int64_t *exponent) {
    *exponent = 0;
    if (tg_is_int(x)) return (double)tg_as_int(x);
    if (tg_is_float(x)) return tg_as_float(x);
    const TgBigInt *big = (TgBigInt *)tg_as_obj(x);
    int64_t size = big->size < 0 ? -(int64_t)big->size : big->size;
    int64_t low = size > 3 ? size - 3 : 0; // three limbs hold more than a Float's digits
    double m = 0;
    for (int64_t i = size; i-- > low;) m = m * 0x1p64 + (double)big->limbs[i];
    *exponent = low * 64;
    return big->size < 0 ? -m : m;
}

typedef enum { LOG_E, LOG_2, LOG_10 } LogBase;

// False: TypeError or ValueError was raised.
static bool find_log(TgCall *call, int index, const char *function, LogBase base, double *out) {
    TgValue x = call->args[index];
    int64_t exponent;
    if (!tg_is_number(x)) {
        tg_error_raise(call->vm, TG_ERR_TypeError, "math.%s(): %s must be a number, not %s",
                       function, index ? "base" : "x", TG_SHOW(call->vm, x));
        return false;
    }
    double m = split_number(x, &exponent);
    if (m <= 0) {
        tg_error_raise(call->vm, TG_ERR_ValueError, "math.%s(): %s must be above 0, not %s",
                       function, index ? "base" : "x", tg_lib_show(call->vm, x));
        return false;
    }
    double e = (double)exponent;
    *out = base == LOG_2 ? log2(m) + e : base == LOG_10 ? log10(m) + e * LOG10_2 : log(m) + e * LN2;
    return true;
}

static TgResult math_log(TgCall *call) {
    double x, base;
    if (!find_log(call, 0, "log", LOG_E, &x)) return TG_RAISED;
    if (!tg_lib_given(call, 1)) return tg_return(call, tg_float(x));
    if (!find_log(call, 1, "log", LOG_E, &base)) return TG_RAISED;
    if (base == 0) return tg_raise(call, TG_ERR_ValueError, "math.log(): base must not be 1");
    return tg_return(call, tg_float(x / base));
}

static TgResult math_log2(TgCall *call) {
    double x;
    return find_log(call, 0, "log2", LOG_2, &x) ? tg_return(call, tg_float(x)) : TG_RAISED;
}

static TgResult math_log10(TgCall *call) {
    double x;
    return find_log(call, 0, "log10", LOG_10, &x) ? tg_return(call, tg_float(x)) : TG_RAISED;
}

// ---- to Ints
// -------------------------------------------------------------------------------------

static TgResult to_int(TgCall *call, const char *function, double (*round_it)(double x)) {
    TgValue x = call->args[0];
    if (tg_is_any_int(x)) return tg_return(call, x);
    double number;
    if (!tg_arg_number(call, 0, &number)) return TG_RAISED;
    if (!isfinite(number)) return outside(call, function, "finite");
    return tg_return(call, tg_int_from_float(call->vm, round_it(number)));
}

static TgResult math_floor(TgCall *call) {
    return to_int(call, "floor", floor);
}
static TgResult math_ceil(TgCall *call) {
    return to_int(call, "ceil", ceil);
}
static TgResult math_trunc(TgCall *call) {
    return to_int(call, "trunc", trunc);
}

// ---- of Ints
// -------------------------------------------------------------------------------------

static bool check_int(TgCall *call, const char *function, TgValue x) {
    if (tg_is_any_int(x)) return true;
    tg_error_raise(call->vm, TG_ERR_TypeError, "math.%s() needs Ints, not %s%s", function,
                   TG_SHOW(call->vm, x), tg_is_float(x) ? "; int(x) makes one of it" : "");
    return false;
}

static TgValue absolute(TgVM *vm, TgValue x) {
    bool is_negative = tg_is_int(x) ? tg_as_int(x) < 0 : ((TgBigInt *)tg_as_obj(x))->size < 0;
    return is_negative ? tg_negate(vm, x) : x;
}

static TgValue lcm(TgVM *vm, TgValue a, TgValue b) {
    if (a == tg_int(0) || b == tg_int(0)) return tg_int(0);
    TgValue divisor = tg_int_gcd(vm, a, b);
    if (tg_is_undef(divisor)) return TG_UNDEF;
    TgValue quotient = tg_binary(vm, NUM_IDIV, a, divisor);
    if (tg_is_undef(quotient)) return TG_UNDEF;
    TgValue product = tg_binary(vm, NUM_MUL, quotient, b);
    return tg_is_undef(product) ? TG_UNDEF : absolute(vm, product);
}

static TgResult fold(TgCall *call, const char *function, TgValue start,
                     TgValue (*join)(TgVM *vm, TgValue a, TgValue b)) {
    const TgList *values = (TgList *)tg_as_obj(call->args[0]);
    for (uint32_t i = 0; i < values->count; i++) {
        if (!check_int(call, function, values->items[i])) return TG_RAISED;
        start = join(call->vm, start, values->items[i]);
        if (tg_is_undef(start)) return TG_RAISED;
    }
    return tg_return(call, start);
}

static TgResult math_gcd(TgCall *call) {
    return fold(call, "gcd", tg_int(0), tg_int_gcd);
}
static TgResult math_lcm(TgCall *call) {
    return fold(call, "lcm", tg_int(1), lcm);
}

static TgResult math_factorial(TgCall *call) {
    if (!check_int(call, "factorial", call->args[0])) return TG_RAISED;
    TgValue result = tg_int_factorial(call->vm, call->args[0]);
    return tg_is_undef(result) ? TG_RAISED : tg_return(call, result);
}

static TgResult math_isqrt(TgCall *call) {
    if (!check_int(call, "isqrt", call->args[0])) return TG_RAISED;
    TgValue result = tg_int_isqrt(call->vm, call->args[0]);
    return tg_is_undef(result) ? TG_RAISED : tg_return(call, result);
}

static TgResult test_float(TgCall *call, bool is_nan) {
    double x = 0;
    if (!tg_is_any_int(call->args[0]) && !tg_arg_number(call, 0, &x)) return TG_RAISED;
    return tg_return(call, tg_bool(is_nan ? isnan(x) : isinf(x)));
}

static TgResult math_is_nan(TgCall *call) {
    return test_float(call, true);
}
static TgResult math_is_inf(TgCall *call) {
    return test_float(call, false);
}

const TgNativeDef tg_lib_math_members[] = {
    {"sqrt(x)", math_sqrt, "The square root, a Float; ValueError for a number below 0."},
    {"cbrt(x)", math_cbrt, "The cube root, a Float."},
    {"sin(x)", math_sin, "The sine of an angle in radians."},
    {"cos(x)", math_cos, "The cosine of an angle in radians."},
    {"tan(x)", math_tan, "The tangent of an angle in radians."},
    {"asin(x)", math_asin, "The angle in radians whose sine is x; ValueError where x is not from -1 to 1."},
    {"acos(x)", math_acos, "The angle in radians whose cosine is x; ValueError where x is not from -1 to 1."},
    {"atan(x)", math_atan, "The angle in radians whose tangent is x."},
    {"atan2(y, x)", math_atan2, "The angle of the point (x, y) in radians, from -pi to pi."},
    {"exp(x)", math_exp, "e to the power of x, a Float."},
    {"log(x, base = e)", math_log,
     "The logarithm, natural or to a base, of a number above 0; Ints may be of any size."},
    {"log2(x)", math_log2, "The logarithm to base 2 of a number above 0; Ints may be of any size."},
    {"log10(x)", math_log10, "The logarithm to base 10 of a number above 0; Ints may be of any size."},
    {"floor(x)", math_floor, "The greatest Int that is not above x."},
    {"ceil(x)", math_ceil, "The smallest Int that is not below x."},
    {"trunc(x)", math_trunc, "The Int that is left when the fraction is cut off."},
    {"hypot(*values)", math_hypot, "The square root of the sum of the squares: the length of a vector."},
    {"gcd(*values)", math_gcd, "The greatest common divisor of Ints."},
    {"lcm(*values)", math_lcm, "The least common multiple of Ints."},
    {"factorial(n)", math_factorial, "The product of all Ints from 1 to n, exactly; ValueError for a negative one."},
    {"isqrt(n)", math_isqrt, "The whole part of an Int's square root, exactly; ValueError for a negative one."},
    {"is_nan(x)", math_is_nan, "Whether x is nan, which is not equal even to itself."},
    {"is_inf(x)", math_is_inf, "Whether x is inf or -inf."},
    {0},
};

void tg_lib_math(TgVM *vm, TgModule *module) {
    tg_register_members(vm, module, tg_lib_math_members);
    tg_module_set(vm, module, "pi", tg_float(PI));
    tg_module_set(vm, module, "e", tg_float(E));
    tg_module_set(vm, module, "inf", tg_float(INFINITY));
    tg_module_set(vm, module, "nan", tg_float(NAN));
}
