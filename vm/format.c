// vm/format.c
// Format specs: [[fill]align][sign][0][width][,][.precision][type], with Python's meaning.
//
// A number becomes four parts: sign, whole digits (grouped and filled with zeros here), and what
// follows them; then all is padded to the width. Text of any other value is cut and padded.
//
// Layer: data.
#include <assert.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "vm/error.h"
#include "vm/gc.h"
#include "vm/number.h"
#include "vm/text.h"
#include "vm/vm.h"

typedef struct {
    const char *fill; // one character of the spec, or " " or "0"
    int fill_length;
    char align; // < > ^, '=' for zeros between sign and digits, 0 for the type's own
    char sign;  // + - or space; 0: none was given
    bool group;
    int64_t width;     // in characters
    int64_t precision; // -1: none was given
    char type;         // 0: none was given
} Spec;

enum { MOST_WIDTH = 1 << 30 };

// Reading the spec

static const char *read_number(const char *at, int64_t *out) {
    *out = 0;
    for (; *at >= '0' && *at <= '9'; at++) {
        if (*out <= MOST_WIDTH) *out = *out * 10 + (*at - '0');
    }
    return at;
}

static bool is_align(char c) {
    return c == '<' || c == '>' || c == '^';
}

static const char *read_align(const char *at, Spec *spec) {
    if (*at == '\0') return at;
    int length;
    tg_utf8_decode(at, &length);
    if (is_align(at[length])) {
        spec->fill = at;
        spec->fill_length = length;
        spec->align = at[length];
        return at + length + 1;
    }
    if (is_align(*at)) spec->align = *at++;
    return at;
}

static bool refuse_spec(TgVM *vm, const TgString *text, const char *why) {
    tg_error_raise(vm, TG_ERR_ValueError, "bad format spec \"%s\": %s", text->data, why);
    return false;
}

// `is_number`: of the value, for which a 0 means zeros behind the sign.
static bool read_spec(TgVM *vm, const TgString *text, bool is_number, Spec *spec) {
    *spec = (Spec){.fill = " ", .fill_length = 1, .precision = -1};
    const char *at = read_align(text->data, spec);
    bool has_fill = at - text->data > 1;
    if (*at == '+' || *at == '-' || *at == ' ') spec->sign = *at++;
    if (*at == '0' && !has_fill) {
        spec->fill = "0";
        if (!spec->align && is_number) spec->align = '=';
        at++;
    }
    at = read_number(at, &spec->width);
    if (*at == ',') {
        spec->group = true;
        at++;
    }
    if (*at == '.') {
        const char *digits = at + 1;
        at = read_number(digits, &spec->precision);
        if (at == digits) return refuse_spec(vm, text, "a precision is missing after the point");
    }
    if (*at && strchr("dxXboefg%s", *at)) spec->type = *at++;
    if (at != text->data + text->length) {
        return refuse_spec(vm, text,
                           "it is [[fill]align][sign][0][width][,][.precision][type], align one of "
                           "< > ^, type one of d x X b o e f g % s");
    }
    if (spec->width > MOST_WIDTH || spec->precision > MOST_WIDTH) {
        return refuse_spec(vm, text, "the width or precision is too large");
    }
    return true;
}

// Padding

static void add_padding(TgBuffer *out, const Spec *spec, int64_t count) {
    if (count > 0) tg_buffer_fill(out, spec->fill, (size_t)spec->fill_length, (size_t)count);
}

// Appends `bytes`, which are `chars` characters, padded to the width.
static void add_padded(TgBuffer *out, const Spec *spec, char align, const char *bytes,
                       size_t length, size_t chars) {
    int64_t room = spec->width - (int64_t)chars;
    if (room < 0) room = 0;
    int64_t left = align == '>' ? room : align == '^' ? room / 2 : 0;
    add_padding(out, spec, left);
    tg_buffer_add(out, bytes, length);
    add_padding(out, spec, room - left);
}

// Numbers

typedef struct {
    bool is_negative;
    const char *digits; // before the point; none for inf and nan
    size_t count;
    const char *rest; // from the point or exponent on
    size_t rest_length;
} Parts;

// Whole digits in groups of three, with zeros in front so that they fill `least` characters. They
// may come to one more: a comma is never the first.
static void add_groups(TgBuffer *out, const char *digits, size_t count, int64_t least) {
    // From the right, as the groups lie; then turned round.
    size_t start = out->length;
    int64_t left = (int64_t)count;
    for (;;) {
        int64_t most = left > least ? left : least;
        int64_t size = most < 1 ? 1 : most < 3 ? most : 3;
        for (int64_t i = 0; i < size; i++) {
            char digit = left > 0 ? digits[--left] : '0';
            tg_buffer_add(out, &digit, 1);
        }
        least -= size;
        if ((left <= 0 && least <= 0) || out->failed) break;
        tg_buffer_add(out, ",", 1);
        least--;
    }
    if (out->failed) return;
    for (size_t i = start, j = out->length - 1; i < j; i++, j--) {
        char swapped = out->data[i];
        out->data[i] = out->data[j];
        out->data[j] = swapped;
    }
}

static void add_number(TgBuffer *out, const Spec *spec, const Parts *parts) {
    TgBuffer body = {0};
    const char *sign = parts->is_negative  ? "-"
                       : spec->sign == '+' ? "+"
                       : spec->sign == ' ' ? " "
                                           : "";
    tg_buffer_text(&body, sign);
    int64_t least = spec->width - (int64_t)(strlen(sign) + parts->rest_length);
    bool zeros = spec->align == '=';
    if (spec->group && parts->count > 0) {
        add_groups(&body, parts->digits, parts->count, zeros ? least : 0);
    } else {
        int64_t missing = zeros ? least - (int64_t)parts->count : 0;
        if (missing > 0) tg_buffer_fill(&body, "0", 1, (size_t)missing);
        tg_buffer_add(&body, parts->digits, parts->count);
    }
    tg_buffer_add(&body, parts->rest, parts->rest_length);
    if (body.failed) {
        tg_buffer_fill(out, "", 1, SIZE_MAX); // fails too
    } else {
        char align = zeros || !spec->align ? '>' : spec->align;
        add_padded(out, spec, align, body.data, body.length, body.length);
    }
    tg_buffer_free(&body);
}

// Splits [-]digits[rest].
static Parts split(const char *text, size_t length) {
    Parts parts = {.is_negative = length > 0 && *text == '-'};
    const char *end = text + length;
    if (parts.is_negative) text++;
    parts.digits = text;
    while (text < end && ((*text >= '0' && *text <= '9'))) text++;
    parts.count = (size_t)(text - parts.digits);
    parts.rest = text;
    parts.rest_length = (size_t)(end - text);
    return parts;
}

static bool format_int(TgVM *vm, TgBuffer *out, const TgString *text, const Spec *spec, TgValue v) {
    bool is_decimal = spec->type == 0 || spec->type == 'd';
    if (spec->precision >= 0)
        return refuse_spec(vm, text, "an Int has no precision; add the type f");
    if (spec->group && !is_decimal) return refuse_spec(vm, text, "a comma goes with decimals only");
    TgBuffer digits = {0};
    char type = spec->type;
    tg_int_text(&digits, v, is_decimal ? 10 : type == 'b' ? 2 : type == 'o' ? 8 : 16);
    if (digits.failed) {
        tg_error_memory(vm);
        return false;
    }
    Parts parts = split(digits.data, digits.length);
    if (type == 'x' || type == 'X') { // split took letters for what follows the digits
        parts.count += parts.rest_length;
        parts.rest_length = 0;
    }
    for (size_t i = 0; type == 'X' && i < digits.length; i++) {
        if (digits.data[i] >= 'a') digits.data[i] -= 'a' - 'A';
    }
    add_number(out, spec, &parts);
    tg_buffer_free(&digits);
    return true;
}

// A double has no more than 1074 places after the point and 767 digits that count: what is asked
// for beyond is zeros, which need no printf.
enum { MOST_PLACES = 1100 };

static void print_double(TgBuffer *out, char type, int64_t precision, double d) {
    char text[2048];
    int places = precision < MOST_PLACES ? (int)precision : MOST_PLACES;
    int length = type == 'e'   ? snprintf(text, sizeof text, "%.*e", places, d)
                 : type == 'f' ? snprintf(text, sizeof text, "%.*f", places, d)
                               : snprintf(text, sizeof text, "%.*g", places, d);
    assert(length > 0 && (size_t)length < sizeof text);
    // The point is the locale's (one byte or more): the only thing there that is none of these.
    size_t to = 0, exponent = 0;
    for (int i = 0; i < length; i++) {
        char c = text[i];
        bool is_known = (c >= '0' && c <= '9') || c == '-' || c == '+' || c == 'e';
        if (c == 'e') exponent = to;
        if (is_known) {
            text[to++] = c;
        } else if (to > 0 && text[to - 1] != '.') {
            text[to++] = '.';
        }
    }
    if (exponent == 0) exponent = to;
    tg_buffer_add(out, text, exponent);
    if (type != 'g' && precision > places) {
        tg_buffer_fill(out, "0", 1, (size_t)(precision - places));
    }
    tg_buffer_add(out, text + exponent, to - exponent);
}

// A precision without a type: as g, but a whole number keeps ".0", and the exponent comes one digit
// earlier.
static void print_rounded(TgBuffer *out, int64_t precision, double d) {
    if (precision == 0) precision = 1;
    TgBuffer digits = {0};
    print_double(&digits, 'e', precision < MOST_PLACES ? precision - 1 : MOST_PLACES - 1, d);
    int exponent = digits.failed ? 0 : atoi(strchr(digits.data, 'e') + 1);
    tg_buffer_free(&digits);
    size_t start = out->length;
    if (exponent < -4 || exponent + 1 > precision - 1) {
        // printf's g would not take the exponent where there are just as many digits as the
        // precision.
        print_double(&digits, 'e', precision < MOST_PLACES ? precision - 1 : MOST_PLACES - 1, d);
        if (digits.failed) return;
        char *e = strchr(digits.data, 'e'), *end = e;
        bool has_point = memchr(digits.data, '.', (size_t)(e - digits.data)) != NULL;
        while (has_point && end[-1] == '0') end--;
        if (has_point && end[-1] == '.') end--;
        tg_buffer_add(out, digits.data, (size_t)(end - digits.data));
        tg_buffer_text(out, e);
        tg_buffer_free(&digits);
        return;
    }
    print_double(out, 'g', precision, d);
    if (!out->failed && !memchr(out->data + start, '.', out->length - start)) {
        tg_buffer_text(out, ".0");
    }
}

static bool format_float(TgVM *vm, TgBuffer *out, const TgString *text, const Spec *spec,
                         double d) {
    if (spec->type && !strchr("efg%", spec->type)) {
        return refuse_spec(vm, text,
                           "this type takes an Int; int(x) cuts, round(x) rounds, f keeps places");
    }
    TgBuffer digits = {0};
    if (spec->type == '%') d *= 100;
    if (isnan(d) || isinf(d)) {
        tg_buffer_text(&digits, isnan(d) ? "nan" : d < 0 ? "-inf" : "inf");
    } else if (spec->type == 0 && spec->precision < 0) {
        tg_float_text(&digits, d);
    } else if (spec->type == 0) {
        print_rounded(&digits, spec->precision, d);
    } else {
        int64_t precision = spec->precision < 0 ? 6 : spec->precision;
        print_double(&digits, spec->type == '%' ? 'f' : spec->type, precision, d);
    }
    if (spec->type == '%') tg_buffer_text(&digits, "%");
    if (digits.failed) {
        tg_error_memory(vm);
        return false;
    }
    Parts parts = split(digits.data, digits.length);
    add_number(out, spec, &parts);
    tg_buffer_free(&digits);
    return true;
}

// Text

static bool format_text(TgVM *vm, TgBuffer *out, const TgString *text, const Spec *spec,
                        const char *type, const TgString *string) {
    if (spec->type && spec->type != 's') {
        tg_error_raise(vm, TG_ERR_ValueError,
                       "bad format spec \"%s\": the type %c takes a number, not %s", text->data,
                       spec->type, type);
        return false;
    }
    if (spec->sign) return refuse_spec(vm, text, "a sign goes with numbers only");
    if (spec->group) return refuse_spec(vm, text, "a comma goes with numbers only");
    size_t chars = string->chars, length = string->length;
    if (spec->precision >= 0 && (size_t)spec->precision < chars) {
        chars = (size_t)spec->precision;
        length = tg_string_offset(string, chars);
    }
    add_padded(out, spec, spec->align ? spec->align : '<', string->data, length, chars);
    return true;
}

static TgString *text_of(TgVM *vm, TgValue value) {
    if (tg_is_kind(value, OBJ_STRING)) return (TgString *)tg_as_obj(value);
    TgBuffer text = {0};
    if (tg_text(vm, &text, value, false, TG_NIL)) return tg_buffer_string(vm, &text);
    tg_buffer_free(&text);
    return NULL;
}

static bool format_any(TgVM *vm, TgBuffer *out, const TgString *text, const Spec *spec, TgValue v) {
    bool as_float = spec->type && strchr("efg%", spec->type);
    if (tg_is_any_int(v) && spec->type == 's')
        return refuse_spec(vm, text, "the type s takes text, not Int");
    if (tg_is_any_int(v) && !as_float) return format_int(vm, out, text, spec, v);
    if (tg_is_number(v)) {
        double d;
        return tg_to_double(vm, v, &d) && format_float(vm, out, text, spec, d);
    }
    TgString *string = text_of(vm, v);
    return string && format_text(vm, out, text, spec, tg_type_name(vm, v), string);
}

TgValue tg_format(TgVM *vm, TgValue value, const TgString *text) {
    Spec spec;
    if (!read_spec(vm, text, tg_is_number(value), &spec)) return TG_UNDEF;
    // What is asked for by the script's numbers alone.
    size_t wish = (size_t)spec.width * (size_t)spec.fill_length +
                  (spec.precision > 0 ? (size_t)spec.precision : 0);
    if (wish > 64 * 1024 && !tg_gc_can_take(vm, wish * 3)) {
        tg_error_memory(vm);
        return TG_UNDEF;
    }
    TgBuffer out = {0};
    if (!format_any(vm, &out, text, &spec, value)) {
        tg_buffer_free(&out);
        return TG_UNDEF;
    }
    TgString *string = tg_buffer_string(vm, &out);
    return string ? tg_obj(string) : TG_UNDEF;
}
