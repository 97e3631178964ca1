// vm/bigint.c
// Ints of any size, on GMP.
//
// An operand is read where it lies (mpz_roinit_n); a result is made in a temporary and copied into
// an object of its exact size, or into the value where it fits in 48 bits.
//
// GMP ends the process when it finds no memory, which no script may bring about. So before an
// operation whose result may be large its size is estimated, and MemoryError raised where it, with
// the room that GMP works in, can't be had. No number has more than MOST_BITS.
//
// Layer: data.
#include "vm/bigint.h"

#include <assert.h>
#include <gmp.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "vm/error.h"
#include "vm/gc.h"
#include "vm/vm.h"

#define MOST_BITS ((uint64_t)1 << 33)
// Results up to this are made without asking.
enum { SMALL_BITS = 8 * 64 * 1024, LIMB_BITS = 64 };

_Static_assert(sizeof(mp_limb_t) == sizeof(uint64_t) && GMP_NAIL_BITS == 0, "limbs are 64 bits");

static void *had(void *memory) {
    if (memory) return memory;
    fputs("tg: no memory left for a large Int\n", stderr);
    exit(1);
}

static void *big_alloc(size_t size) { return had(malloc(size)); }
static void *big_realloc(void *old, size_t before, size_t size) { return (void)before, had(realloc(old, size)); }
static void big_free(void *memory, size_t size) {
    (void)size;
    free(memory);
}

void tg_big_end_without_memory(void) { mp_set_memory_functions(big_alloc, big_realloc, big_free); }

// Reading

typedef struct {
    mpz_t z; // read only
    mp_limb_t limb;
} View;

// Makes `view` show the Int `v`; both must stay where they are.
static mpz_srcptr look(View *view, TgValue v) {
    if (tg_is_int(v)) {
        int64_t i = tg_as_int(v);
        view->limb = (mp_limb_t)(i < 0 ? -i : i);
        return mpz_roinit_n(view->z, &view->limb, i < 0 ? -1 : i > 0);
    }
    const TgBigInt *big = (const TgBigInt *)tg_as_obj(v);
    return mpz_roinit_n(view->z, (const mp_limb_t *)big->limbs, big->size);
}

static uint64_t bits_of(TgValue v) {
    View view;
    mpz_srcptr z = look(&view, v);
    return mpz_sgn(z) == 0 ? 0 : mpz_sizeinbase(z, 2);
}

// Making

static TgValue give(TgVM *vm, mpz_srcptr z) {
    int size = z->_mp_size;
    if (size == 0) return tg_int(0);
    size_t limbs = (size_t)abs(size);
    const mp_limb_t *from = mpz_limbs_read(z);
    if (limbs == 1 && from[0] <= (uint64_t)TG_INT_MAX + (size < 0)) {
        return tg_int(size < 0 ? -(int64_t)from[0] : (int64_t)from[0]);
    }
    TgBigInt *big = tg_gc_alloc(vm, sizeof *big + limbs * sizeof *big->limbs, OBJ_BIGINT);
    big->size = size;
    memcpy(big->limbs, from, limbs * sizeof *big->limbs);
    return tg_obj(big);
}

static TgValue give_and_clear(TgVM *vm, mpz_ptr z) {
    TgValue value = give(vm, z);
    mpz_clear(z);
    return value;
}

// Whether a result of so many bits may be made. The temporary, the object and what GMP needs
// besides for its fast multiplication come to less than six times the result.
static bool can_make(TgVM *vm, uint64_t bits) {
    if (bits <= SMALL_BITS) return true;
    size_t bytes = bits > MOST_BITS ? SIZE_MAX : bits / 8 * 6;
    if (tg_gc_can_take(vm, bytes)) return true;
    tg_error_memory(vm);
    return false;
}

TgValue tg_int_from(TgVM *vm, int64_t i) {
    if (tg_int_fits(i)) return tg_int(i);
    TgBigInt *big = tg_gc_alloc(vm, sizeof *big + sizeof *big->limbs, OBJ_BIGINT);
    big->size = i < 0 ? -1 : 1;
    big->limbs[0] = i < 0 ? 0 - (uint64_t)i : (uint64_t)i;
    return tg_obj(big);
}

TgValue tg_int_from_float(TgVM *vm, double d) {
    assert(isfinite(d));
    if (d > -0x1p63 && d < 0x1p63) return tg_int_from(vm, (int64_t)d);
    mpz_t z;
    mpz_init_set_d(z, d);
    return give_and_clear(vm, z);
}

bool tg_int_to_int64(TgValue v, int64_t *out) {
    if (tg_is_int(v)) {
        *out = tg_as_int(v);
        return true;
    }
    const TgBigInt *big = (const TgBigInt *)tg_as_obj(v);
    if (big->size == 1 && big->limbs[0] <= INT64_MAX) {
        *out = (int64_t)big->limbs[0];
        return true;
    }
    if (big->size == -1 && big->limbs[0] <= (uint64_t)INT64_MAX + 1) {
        *out = (int64_t)(0 - big->limbs[0]);
        return true;
    }
    return false;
}

int tg_big_sign(TgValue a) {
    if (tg_is_int(a)) return (tg_as_int(a) > 0) - (tg_as_int(a) < 0);
    return ((const TgBigInt *)tg_as_obj(a))->size < 0 ? -1 : 1;
}

// Arithmetic

TgValue tg_big_add(TgVM *vm, TgValue a, TgValue b) {
    View x, y;
    mpz_t z;
    mpz_init(z);
    mpz_add(z, look(&x, a), look(&y, b));
    return give_and_clear(vm, z);
}

TgValue tg_big_subtract(TgVM *vm, TgValue a, TgValue b) {
    View x, y;
    mpz_t z;
    mpz_init(z);
    mpz_sub(z, look(&x, a), look(&y, b));
    return give_and_clear(vm, z);
}

TgValue tg_big_multiply(TgVM *vm, TgValue a, TgValue b) {
    if (!can_make(vm, bits_of(a) + bits_of(b))) return TG_UNDEF;
    View x, y;
    mpz_t z;
    mpz_init(z);
    mpz_mul(z, look(&x, a), look(&y, b));
    return give_and_clear(vm, z);
}

// A quotient is smaller than what is divided, but working it out takes room like a product.
TgValue tg_big_floor_divide(TgVM *vm, TgValue a, TgValue b) {
    if (!can_make(vm, bits_of(a))) return TG_UNDEF;
    View x, y;
    mpz_t z;
    mpz_init(z);
    mpz_fdiv_q(z, look(&x, a), look(&y, b));
    return give_and_clear(vm, z);
}

TgValue tg_big_modulo(TgVM *vm, TgValue a, TgValue b) {
    if (!can_make(vm, bits_of(a))) return TG_UNDEF;
    View x, y;
    mpz_t z;
    mpz_init(z);
    mpz_fdiv_r(z, look(&x, a), look(&y, b));
    return give_and_clear(vm, z);
}

TgValue tg_big_bits(TgVM *vm, TgNumOp op, TgValue a, TgValue b) {
    View x, y;
    mpz_t z;
    mpz_init(z);
    mpz_srcptr left = look(&x, a), right = look(&y, b);
    if (op == NUM_AND) {
        mpz_and(z, left, right);
    } else if (op == NUM_OR) {
        mpz_ior(z, left, right);
    } else {
        mpz_xor(z, left, right);
    }
    return give_and_clear(vm, z);
}

TgValue tg_big_shift_left(TgVM *vm, TgValue a, TgValue b) {
    if (a == tg_int(0)) return a;
    uint64_t places = tg_is_int(b) ? (uint64_t)tg_as_int(b) : MOST_BITS + 1;
    if (!can_make(vm, places > MOST_BITS ? places : bits_of(a) + places)) return TG_UNDEF;
    View x;
    mpz_t z;
    mpz_init(z);
    mpz_mul_2exp(z, look(&x, a), places);
    return give_and_clear(vm, z);
}

TgValue tg_big_shift_right(TgVM *vm, TgValue a, TgValue b) {
    uint64_t places = tg_is_int(b) ? (uint64_t)tg_as_int(b) : UINT64_MAX;
    if (places >= bits_of(a)) return tg_int(tg_big_sign(a) < 0 ? -1 : 0);
    View x;
    mpz_t z;
    mpz_init(z);
    mpz_fdiv_q_2exp(z, look(&x, a), places);
    return give_and_clear(vm, z);
}

// What `a` ** n has at least, in bits: a little less than n times the logarithm of a.
static double power_bits(mpz_srcptr a, double n) {
    long exponent;
    double mantissa = fabs(mpz_get_d_2exp(&exponent, a));
    return n * ((double)exponent + log2(mantissa));
}

enum { POWER_AT_ONCE = 1 << 20 }; // bits: half a millisecond's work

// z = base ** n, a square at a time where it gets large. False: given up (vm.h), between two squares: a single
// multiplication takes as long as it takes.
static bool raise_to(const TgVM *vm, mpz_t z, mpz_srcptr base, uint64_t n, double bits) {
    unsigned squares = 0;
    for (; bits > POWER_AT_ONCE && n >> squares > 1; bits /= 2) squares++;
    mpz_pow_ui(z, base, (unsigned long)(n >> squares));
    while (squares-- > 0) {
        if (tg_gives_up(vm)) return false;
        mpz_mul(z, z, z);
        if (n >> squares & 1) mpz_mul(z, z, base);
    }
    return true;
}

TgValue tg_big_power(TgVM *vm, TgValue a, TgValue b) {
    // 0, 1 and -1 to whatever power, also to one that has no end.
    if (b == tg_int(0) || a == tg_int(1)) return tg_int(1);
    if (a == tg_int(0)) return a;
    bool is_odd = tg_is_int(b) ? tg_as_int(b) & 1 : ((TgBigInt *)tg_as_obj(b))->limbs[0] & 1;
    if (a == tg_int(-1)) return tg_int(is_odd ? -1 : 1);
    uint64_t n = tg_is_int(b) ? (uint64_t)tg_as_int(b) : UINT64_MAX;
    View x;
    mpz_srcptr base = look(&x, a);
    double bits = power_bits(base, (double)n);
    if (!can_make(vm, bits > (double)MOST_BITS ? UINT64_MAX : (uint64_t)bits + 64)) return TG_UNDEF;
    mpz_t z;
    mpz_init(z);
    if (raise_to(vm, z, base, n, bits)) return give_and_clear(vm, z);
    mpz_clear(z);
    return TG_UNDEF;
}

// Comparing and hashing

int tg_big_compare(TgValue a, TgValue b) {
    View x, y;
    int order = mpz_cmp(look(&x, a), look(&y, b));
    return (order > 0) - (order < 0);
}

int tg_big_compare_double(TgValue a, double b) {
    View x;
    if (isinf(b)) return b > 0 ? -1 : 1;
    int order = mpz_cmp_d(look(&x, a), b);
    return (order > 0) - (order < 0);
}

uint64_t tg_big_residue(TgValue a) {
    View x;
    return mpz_tdiv_ui(look(&x, a), ((uint64_t)1 << 61) - 1);
}

// To Floats

// The top 64 bits of |z|, the lowest of them set too where anything behind them is: rounding that
// to a double is rounding z. `*exponent`: what to scale it by.
static uint64_t top_bits(mpz_srcptr z, int64_t *exponent) {
    size_t limbs = mpz_size(z), bits = mpz_sizeinbase(z, 2);
    const mp_limb_t *limb = mpz_limbs_read(z);
    if (bits <= 64) {
        *exponent = 0;
        return limb[0];
    }
    size_t down = bits - 64;
    unsigned shift = down % LIMB_BITS;
    uint64_t top = limb[limbs - 1];
    if (shift > 0) top = top << (LIMB_BITS - shift) | limb[limbs - 2] >> shift;
    bool is_more = mpz_scan1(z, 0) < down;
    *exponent = (int64_t)down;
    return top | is_more;
}

double tg_big_double(TgValue a) {
    View x;
    mpz_srcptr z = look(&x, a);
    if (mpz_sgn(z) == 0) return 0.0;
    int64_t exponent;
    uint64_t top = top_bits(z, &exponent);
    double d = exponent > 2000 ? HUGE_VAL : ldexp((double)top, (int)exponent);
    return mpz_sgn(z) < 0 ? -d : d;
}

static bool refuse_float(TgVM *vm) {
    tg_error_raise(vm, TG_ERR_ValueError,
                   "Int too large for a Float; use // for an exact quotient");
    return false;
}

// The quotient to at least 66 bits, rest noted in the lowest, then rounded once. Below the normal
// range of doubles ldexp would round a second time, so there the quotient is taken to just the bits
// that remain.
bool tg_big_divide(TgVM *vm, TgValue a, TgValue b, double *out) {
    View x, y;
    mpz_srcptr top = look(&x, a), bottom = look(&y, b);
    *out = mpz_sgn(bottom) < 0 ? -0.0 : 0.0;
    if (mpz_sgn(top) == 0) return true;
    int64_t size = (int64_t)mpz_sizeinbase(top, 2) - (int64_t)mpz_sizeinbase(bottom, 2);
    bool is_negative = (mpz_sgn(top) < 0) != (mpz_sgn(bottom) < 0);
    if (size > 1025) return refuse_float(vm);
    if (size < -1080) {
        *out = is_negative ? -0.0 : 0.0;
        return true;
    }
    if (!can_make(vm, bits_of(a) + bits_of(b) + 2048)) return false;
    // The quotient has `size` or size + 1 bits; of those at most two below 2^-1074 matter.
    int64_t down = (size > -1021 ? size : -1021) - 55;
    mpz_t q, r, scaled;
    mpz_inits(q, r, scaled, NULL);
    if (down >= 0) {
        mpz_mul_2exp(scaled, bottom, (mp_bitcnt_t)down);
        mpz_tdiv_qr(q, r, top, scaled);
    } else {
        mpz_mul_2exp(scaled, top, (mp_bitcnt_t)-down);
        mpz_tdiv_qr(q, r, scaled, bottom);
    }
    uint64_t bits = mpz_getlimbn(q, 0), rest = mpz_sgn(r) != 0; // at most 57 bits
    mpz_clears(q, r, scaled, NULL);
    int length = bits ? 64 - __builtin_clzll(bits) : 0;
    // How many bits go: down to 53, or to multiples of 2^-1074.
    int64_t drop = length - 53;
    if (drop < -1074 - down) drop = -1074 - down;
    if (drop > 0) {
        uint64_t half = (uint64_t)1 << (drop - 1), low = bits & (2 * half - 1);
        bits >>= drop;
        if (low > half || (low == half && (rest || (bits & 1)))) bits++;
        down += drop;
    }
    double d = ldexp((double)bits, (int)down);
    if (isinf(d)) return refuse_float(vm);
    *out = is_negative ? -d : d;
    return true;
}

// Text

static int digit_of(char c) {
    if (c >= '0' && c <= '9') return c - '0';
    if (c >= 'a' && c <= 'z') return c - 'a' + 10;
    if (c >= 'A' && c <= 'Z') return c - 'A' + 10;
    return 99;
}

static bool is_blank(char c) {
    return c == ' ' || (c >= '\t' && c <= '\r');
}

// Skips 0x, 0b, 0o where it is there and fits `base`; base 0 becomes what it says, else 10.
static const char *skip_prefix(const char *at, const char *end, int *base) {
    int said = 0;
    if (end - at > 2 && at[0] == '0') {
        char letter = at[1] | 0x20;
        said = letter == 'x' ? 16 : letter == 'o' ? 8 : letter == 'b' ? 2 : 0;
    }
    if (said != 0 && (*base == 0 || *base == said)) {
        *base = said;
        at += 2;
        if (at + 1 < end && *at == '_') at++;
    }
    if (*base == 0) *base = 10;
    return at;
}

// Checks digits and drops underscores; the digits, NUL terminated, go to `to`. Returns how many, 0:
// none are.
static size_t clean_digits(const char *at, const char *end, int base, char *to) {
    size_t count = 0;
    for (bool after_digit = false; at < end; at++) {
        if (*at == '_' && after_digit && at + 1 < end) {
            after_digit = false;
            continue;
        }
        if (digit_of(*at) >= base) return 0;
        to[count++] = *at;
        after_digit = true;
    }
    to[count] = '\0';
    return count;
}

static TgValue parse_big(TgVM *vm, const char *digits, size_t count, int base, bool is_negative) {
    // A digit is at most 5.2 bits, and GMP works on the text's size. This raises nothing by
    // contract.
    if (count > SMALL_BITS / 6) {
        if (count > MOST_BITS / 6 || !tg_gc_can_take(vm, count * 6)) return TG_UNDEF;
    }
    mpz_t z;
    mpz_init(z);
    mpz_set_str(z, digits, base);
    if (is_negative) mpz_neg(z, z);
    return give_and_clear(vm, z);
}

TgValue tg_int_parse(TgVM *vm, const char *text, size_t length, int base) {
    const char *at = text, *end = text + length;
    while (at < end && is_blank(*at)) at++;
    while (end > at && is_blank(end[-1])) end--;
    bool is_negative = at < end && *at == '-';
    if (at < end && (*at == '-' || *at == '+')) at++;
    at = skip_prefix(at, end, &base);
    char small[64], *digits = small;
    size_t room = (size_t)(end - at) + 1;
    if (room > sizeof small) digits = malloc(room);
    if (!digits) return TG_UNDEF;
    size_t count = clean_digits(at, end, base, digits);
    TgValue value = TG_UNDEF;
    if (count > 0 && count <= 12) { // fits for every base: 36 ** 12 is below 2 ** 63
        int64_t i = 0;
        for (size_t k = 0; k < count; k++) i = i * base + digit_of(digits[k]);
        value = tg_int_from(vm, is_negative ? -i : i);
    } else if (count > 0) {
        value = parse_big(vm, digits, count, base, is_negative);
    }
    if (digits != small) free(digits);
    return value;
}

char *tg_int_digits(char text[TG_INT_DIGITS], int64_t i, unsigned base) {
    char *at = text + TG_INT_DIGITS;
    uint64_t rest = i < 0 ? 0 - (uint64_t)i : (uint64_t)i;
    if (base == 10) { // dividing by a constant is several times as fast
        do *--at = (char)('0' + rest % 10);
        while ((rest /= 10) > 0);
    } else {
        do *--at = "0123456789abcdefghijklmnopqrstuvwxyz"[rest % base];
        while ((rest /= base) > 0);
    }
    if (i < 0) *--at = '-';
    return at;
}

void tg_int_text(TgBuffer *out, TgValue v, int base) {
    if (tg_is_int(v)) {
        char text[TG_INT_DIGITS], *at = tg_int_digits(text, tg_as_int(v), (unsigned)base);
        tg_buffer_add(out, at, (size_t)(text + sizeof text - at));
        return;
    }
    View x;
    mpz_srcptr z = look(&x, v);
    size_t room = mpz_sizeinbase(z, base) + 2;
    char small[512], *text = room <= sizeof small ? small : malloc(room);
    if (!text) {
        tg_buffer_fill(out, "", 1, SIZE_MAX); // too much: the buffer says so to who asks it
        return;
    }
    mpz_get_str(text, base, z);
    tg_buffer_text(out, text);
    if (text != small) free(text);
}

// Functions of module math

TgValue tg_int_gcd(TgVM *vm, TgValue a, TgValue b) {
    View x, y;
    if (!can_make(vm, bits_of(a) + bits_of(b))) return TG_UNDEF;
    mpz_t z;
    mpz_init(z);
    mpz_gcd(z, look(&x, a), look(&y, b));
    return give_and_clear(vm, z);
}

TgValue tg_int_isqrt(TgVM *vm, TgValue a) {
    if (tg_big_sign(a) < 0) {
        tg_error_raise(vm, TG_ERR_ValueError, "isqrt needs an Int of at least 0");
        return TG_UNDEF;
    }
    if (!can_make(vm, bits_of(a))) return TG_UNDEF;
    View x;
    mpz_t z;
    mpz_init(z);
    mpz_sqrt(z, look(&x, a));
    return give_and_clear(vm, z);
}

TgValue tg_int_factorial(TgVM *vm, TgValue a) {
    if (tg_big_sign(a) < 0) {
        tg_error_raise(vm, TG_ERR_ValueError, "factorial needs an Int of at least 0");
        return TG_UNDEF;
    }
    double n = tg_is_int(a) ? (double)tg_as_int(a) : HUGE_VAL;
    double bits = n < 2 ? 1 : n * log2(n); // more than it has
    if (!can_make(vm, bits > (double)MOST_BITS ? UINT64_MAX : (uint64_t)bits + 64)) return TG_UNDEF;
    mpz_t z;
    mpz_init(z);
    mpz_fac_ui(z, (unsigned long)tg_as_int(a));
    return give_and_clear(vm, z);
}

// Twice the rest against the unit says which multiple is nearer.
TgValue tg_big_round(TgVM *vm, TgValue a, uint32_t places, bool is_more) {
    // 10 ** places is so far above `a` that even half of it is: not worked out.
    if (places > 5 && (uint64_t)places * 3 > bits_of(a) + 8) return tg_int(0);
    View x;
    mpz_srcptr z = look(&x, a);
    if (!can_make(vm, (uint64_t)places * 4 + bits_of(a))) return TG_UNDEF;
    mpz_t unit, q, r;
    mpz_inits(unit, q, r, NULL);
    mpz_ui_pow_ui(unit, 10, places);
    mpz_tdiv_qr(q, r, z, unit);
    mpz_mul_2exp(r, r, 1);
    int order = mpz_cmpabs(r, unit);
    if (order > 0 || (order == 0 && (is_more || mpz_odd_p(q)))) {
        if (tg_big_sign(a) < 0) {
            mpz_sub_ui(q, q, 1);
        } else {
            mpz_add_ui(q, q, 1);
        }
    }
    mpz_mul(q, q, unit);
    mpz_clears(unit, r, NULL);
    return give_and_clear(vm, q);
}
