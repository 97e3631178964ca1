// vm/float_text.c
// Floats to text and back: the shortest digits that read back the same, as Python's repr and
// float().
//
// The C library does the hard part, but its decimal point is the locale's. So nothing here ever
// gives it one: digits go to strtod as a whole number with an exponent, and come from printf as
// digits only.
//
// Layer: data.
#include <assert.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "vm/number.h"

static const double powers[] = {1e0,  1e1,  1e2,  1e3,  1e4,  1e5,  1e6,  1e7,
                                1e8,  1e9,  1e10, 1e11, 1e12, 1e13, 1e14, 1e15,
                                1e16, 1e17, 1e18, 1e19, 1e20, 1e21, 1e22}; // all exact

// digits times 10 ** exponent
typedef struct {
    char digits[24]; // without zeros at the end; "0" for zero
    int count;
    int point; // the value is 0.DIGITS times 10 ** point
} Decimal;

static double read_back(const char *digits, int exponent) {
    char text[64];
    snprintf(text, sizeof text, "%se%d", digits, exponent);
    return strtod(text, NULL);
}

static void strip_zeros(Decimal *decimal) {
    while (decimal->count > 1 && decimal->digits[decimal->count - 1] == '0') decimal->count--;
    decimal->digits[decimal->count] = '\0';
}

// Most Floats that people write have few places: where d * 10 ** k is whole and small, and divides
// back to d, its digits are it. With at most 15 digits no other number as short reads as the same
// double.
static bool try_few_places(double d, Decimal *out) {
    if (d >= 1e15 || d < 1e-5) return false;
    for (int k = 0; k <= 15; k++) {
        double scaled = d * powers[k];
        if (scaled >= 1e15) return false;
        uint64_t whole = (uint64_t)scaled;
        if ((double)whole != scaled || (double)whole / powers[k] != d) continue;
        out->count = snprintf(out->digits, sizeof out->digits, "%llu", (unsigned long long)whole);
        out->point = out->count - k;
        strip_zeros(out);
        return true;
    }
    return false;
}

// The `count` digits nearest to d.
static void take_digits(double d, int count, Decimal *out) {
    char text[48];
    snprintf(text, sizeof text, "%.*e", count - 1, d);
    const char *at = text;
    out->count = 0;
    for (; *at != 'e'; at++) {
        if (*at >= '0' && *at <= '9') out->digits[out->count++] = *at;
    }
    out->digits[out->count] = '\0';
    out->point = atoi(at + 1) + 1;
}

static bool reads_back(const Decimal *decimal, double d) {
    return read_back(decimal->digits, decimal->point - decimal->count) == d;
}

// Adds one to the last digit. False where that would need one more.
static bool step_up(Decimal *decimal) {
    int i = decimal->count - 1;
    while (i >= 0 && decimal->digits[i] == '9') decimal->digits[i--] = '0';
    if (i < 0) return false;
    decimal->digits[i]++;
    return true;
}

__extension__ typedef unsigned __int128 Wide;

// A number from 1e-4 up to 1e15: d is whole / 2 ** shift, and 10 ** (point - 1) <= d < 10 ** point.
typedef struct {
    uint64_t whole;
    int shift, point;
} Usual;

static bool is_usual(double d, Usual *out) {
    if (d < 1e-4 || d >= 1e15) return false;
    int exponent;
    double fraction = frexp(d, &exponent);
    if (fraction == 0.5) return false; // see below
    out->whole = (uint64_t)(fraction * 0x1p53);
    out->shift = 53 - exponent;
    out->point = d >= 1 ? 1 : d >= 0.1 ? 0 : d >= 0.01 ? -1 : d >= 0.001 ? -2 : -3;
    while (out->point > 0 && d >= powers[out->point]) out->point++;
    return true;
}

// The `count` digits nearest to it, exactly (halves to even). 53 bits times 10 ** 20 are 120 bits.
static uint64_t usual_digits(const Usual *usual, int count) {
    int places = count - usual->point;
    Wide scaled = (Wide)usual->whole;
    for (int left = places; left > 0; left -= 18) scaled *= (uint64_t)powers[left < 18 ? left : 18];
    Wide unit = (Wide)1 << usual->shift, rest = scaled & (unit - 1);
    uint64_t digits = (uint64_t)(scaled >> usual->shift);
    return digits + (rest > unit / 2 || (rest == unit / 2 && digits % 2));
}

static void put_digits(uint64_t digits, int places, Decimal *out) {
    char text[24], *at = text + sizeof text;
    uint64_t left = digits;
    do *--at = (char)('0' + left % 10);
    while (left /= 10);
    out->count = (int)(text + sizeof text - at);
    memcpy(out->digits, at, (size_t)out->count);
    out->digits[out->count] = '\0';
    out->point = out->count - places;
    strip_zeros(out);
}

// Without the C library, which is slow at this, for numbers of a usual size.
static bool try_usual(double d, Decimal *out) {
    Usual usual;
    if (!is_usual(d, &usual)) return false;
    for (int count = 15; count <= 17; count++) {
        int places = count - usual.point;
        uint64_t digits = usual_digits(&usual, count);
        put_digits(digits, places, out);
        // Where both are exact as doubles their quotient is what a reader of these digits gets; 17 are always enough.
        bool is_exact = digits <= 1ull << 53 && places <= 22;
        bool fits = count == 17 || (is_exact ? (double)digits / powers[places] : read_back(out->digits, out->point - out->count)) == d;
        if (fits) return true;
    }
    return false;
}

static void shortest(double d, Decimal *out) {
    if (try_few_places(d, out) || try_usual(d, out)) return;
    // 15 digits always fit where a number has so few, 17 are always enough.
    int exponent;
    // At a power of two the next double below is nearer than the one above: digits that are a
    // little too large may read back where the nearest ones, being below, do not.
    bool is_uneven = frexp(d, &exponent) == 0.5;
    for (int count = d < 1e-290 ? 1 : 15; count < 17; count++) {
        take_digits(d, count, out);
        if (reads_back(out, d)) {
            strip_zeros(out);
            return;
        }
        if (is_uneven && step_up(out) && reads_back(out, d)) {
            strip_zeros(out);
            return;
        }
    }
    take_digits(d, 17, out);
    strip_zeros(out);
}

void tg_float_text(TgBuffer *out, double d) {
    if (isnan(d)) {
        tg_buffer_text(out, "nan");
        return;
    }
    if (signbit(d)) tg_buffer_text(out, "-");
    d = fabs(d);
    if (isinf(d) || d == 0) {
        tg_buffer_text(out, d == 0 ? "0.0" : "inf");
        return;
    }
    Decimal decimal;
    shortest(d, &decimal);
    const char *digits = decimal.digits;
    int count = decimal.count, point = decimal.point;
    if (point <= -4 || point > 16) {
        tg_buffer_add(out, digits, 1);
        if (count > 1) tg_buffer_text(out, ".");
        tg_buffer_add(out, digits + 1, (size_t)count - 1);
        int exponent = point - 1;
        tg_buffer_format(out, "e%c%02d", exponent < 0 ? '-' : '+', abs(exponent));
    } else if (point <= 0) {
        tg_buffer_text(out, "0.");
        tg_buffer_fill(out, "0", 1, (size_t)-point);
        tg_buffer_add(out, digits, (size_t)count);
    } else if (point >= count) {
        tg_buffer_add(out, digits, (size_t)count);
        tg_buffer_fill(out, "0", 1, (size_t)(point - count));
        tg_buffer_text(out, ".0");
    } else {
        tg_buffer_add(out, digits, (size_t)point);
        tg_buffer_text(out, ".");
        tg_buffer_add(out, digits + point, (size_t)(count - point));
    }
}

// Reading

typedef struct {
    const char *at, *end;
    char *digits; // significant ones, without the zeros in front
    size_t count;
    int64_t exponent; // of the last digit
    bool any;
} Reader;

// A run of digits with single underscores between them. False: an underscore stands wrong.
static bool read_run(Reader *reader, bool is_fraction) {
    bool after_digit = false;
    for (; reader->at < reader->end; reader->at++) {
        char c = *reader->at;
        if (c == '_') {
            bool before_digit =
                reader->at + 1 < reader->end && reader->at[1] >= '0' && reader->at[1] <= '9';
            if (!after_digit || !before_digit) return false;
            after_digit = false;
            continue;
        }
        if (c < '0' || c > '9') break;
        after_digit = reader->any = true;
        if (reader->count > 0 || c != '0') reader->digits[reader->count++] = c;
        if (is_fraction) reader->exponent--;
    }
    return true;
}

static bool read_exponent(Reader *reader) {
    if (reader->at == reader->end || (*reader->at | 0x20) != 'e') return true;
    reader->at++;
    bool is_negative = reader->at < reader->end && *reader->at == '-';
    if (reader->at < reader->end && (*reader->at == '-' || *reader->at == '+')) reader->at++;
    int64_t exponent = 0;
    bool any = false;
    for (; reader->at < reader->end; reader->at++) {
        char c = *reader->at;
        bool is_joint = c == '_' && any && reader->at[-1] != '_' && reader->at + 1 < reader->end;
        if (is_joint) continue;
        if (c < '0' || c > '9') return false;
        any = true;
        if (exponent < INT64_MAX / 100) exponent = exponent * 10 + (c - '0');
    }
    reader->exponent += is_negative ? -exponent : exponent;
    return any;
}

static double value_of(Reader *reader) {
    if (reader->count == 0) return 0.0;
    while (reader->count > 1 && reader->digits[reader->count - 1] == '0') {
        reader->count--;
        reader->exponent++;
    }
    int64_t exponent = reader->exponent;
    if (reader->count <= 15 && exponent >= -22 && exponent <= 22) { // both exact: one rounding
        double whole = 0;
        for (size_t i = 0; i < reader->count; i++) whole = whole * 10 + (reader->digits[i] - '0');
        return exponent < 0 ? whole / powers[-exponent] : whole * powers[exponent];
    }
    // Whatever lies beyond is infinite or zero; strtod's own exponents are ints.
    int64_t size = exponent + (int64_t)reader->count;
    if (size > 400) return HUGE_VAL;
    if (size < -400) return 0.0;
    snprintf(reader->digits + reader->count, 32, "e%lld", (long long)exponent);
    return strtod(reader->digits, NULL);
}

static bool is_word(const char *at, const char *end, const char *word) {
    for (; *word; word++, at++) {
        if (at == end || (*at | 0x20) != *word) return false;
    }
    return at == end;
}

static bool is_blank(char c) {
    return c == ' ' || (c >= '\t' && c <= '\r');
}

TgValue tg_float_parse(const char *text, size_t length) {
    const char *at = text, *end = text + length;
    while (at < end && is_blank(*at)) at++;
    while (end > at && is_blank(end[-1])) end--;
    bool is_negative = at < end && *at == '-';
    if (at < end && (*at == '-' || *at == '+')) at++;
    if (is_word(at, end, "nan")) return tg_float(NAN);
    if (is_word(at, end, "inf") || is_word(at, end, "infinity")) {
        return tg_float(is_negative ? -HUGE_VAL : HUGE_VAL);
    }
    char small[128];
    size_t room = (size_t)(end - at) + 32; // and the exponent
    Reader reader = {at, end, room > sizeof small ? malloc(room) : small, 0, 0, false};
    if (!reader.digits) return TG_UNDEF;
    bool is_good = read_run(&reader, false);
    if (is_good && reader.at < end && *reader.at == '.') {
        reader.at++;
        is_good = read_run(&reader, true);
    }
    is_good = is_good && reader.any && read_exponent(&reader) && reader.at == end;
    double d = is_good ? value_of(&reader) : 0.0;
    if (reader.digits != small) free(reader.digits);
    return is_good ? tg_float(is_negative ? -d : d) : TG_UNDEF;
}
