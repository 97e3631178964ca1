// lang/parse_literal.c
// Numbers and Strings: from their text to their value.
//
// Numbers are judged by exact decimal arithmetic on their digits, so that 1500ms is 1.5 and 1h is
// the Int 3600, never a rounded product. Strings are decoded piece by piece, after all pieces of a
// """ String are known: only then is the indentation common to its lines.
// Layer: front end, private to the parser.
#include "lang/parser_impl.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

// ---- numbers

// A decimal: digits times ten to the power of exponent.
typedef struct {
    char *digits;
    size_t count;
    int64_t exponent;
} Decimal;

static bool is_digit(char c) {
    return c >= '0' && c <= '9';
}

static TgNode *bad_number(TgParser *p, const char *hint) {
    uint32_t token = p->at;
    if (tg_parser_objects(p)) {
        tg_diag_add_hint(p->diags, DIAG_BAD_NUMBER, p->tokens[token].start, p->tokens[token].end,
                         hint, tg_parser_word(p, token));
    }
    tg_parser_advance(p);
    return tg_parser_hole(p, token);
}

static int digit_value(char c) {
    if (is_digit(c)) return c - '0';
    char lower = (char)(c | 0x20);
    return lower >= 'a' && lower <= 'f' ? lower - 'a' + 10 : 99;
}

// Every '_' stands between two digits.
static bool underscores_fit(TgText text, uint32_t from, int base) {
    for (uint32_t i = from; i < text.length; i++) {
        if (text.at[i] != '_') continue;
        if (i == from || i + 1 == text.length) return false;
        if (digit_value(text.at[i - 1]) >= base || digit_value(text.at[i + 1]) >= base)
            return false;
    }
    return true;
}

static TgText without_underscores(TgParser *p, TgText text) {
    if (!memchr(text.at, '_', text.length)) return text;
    char *copy = tg_arena_alloc(p->arena, text.length + 1);
    uint32_t length = 0;
    for (uint32_t i = 0; i < text.length; i++) {
        if (text.at[i] != '_') copy[length++] = text.at[i];
    }
    return (TgText){copy, length};
}

static TgNode *int_node(TgParser *p, TgText digits) {
    TgNode *node = tg_parser_node(p, NODE_INT, p->at);
    node->name = digits;
    tg_parser_advance(p);
    return node;
}

// 0x…, 0o…, 0b…
static TgNode *parse_prefixed(TgParser *p, TgText text) {
    char prefix = (char)(text.at[1] | 0x20);
    int base = prefix == 'x' ? 16 : prefix == 'o' ? 8 : 2;
    const char *hint = base == 16  ? "hex digits are 0 to 9 and a to f: 0xff"
                       : base == 8 ? "octal digits are 0 to 7: 0o17"
                                   : "binary digits are 0 and 1: 0b101";
    if (text.length == 2) return bad_number(p, hint);
    for (uint32_t i = 2; i < text.length; i++) {
        if (text.at[i] != '_' && digit_value(text.at[i]) >= base) return bad_number(p, hint);
    }
    if (!underscores_fit(text, 2, base)) return bad_number(p, "a '_' stands between two digits");
    TgText digits = without_underscores(p, text);
    if (digits.at[1] != prefix) {
        digits.at = tg_arena_copy(p->arena, digits.at, digits.length);
        ((char *)digits.at)[1] = prefix;
    }
    return int_node(p, digits);
}

// A unit of time: what a number is multiplied by, and a power of ten. False for any other suffix.
static bool unit_of(TgText suffix, int *factor, int *exponent) {
    static const struct {
        const char *name;
        int factor, exponent;
    } units[] = {{"ns", 1, -9}, {"us", 1, -6},  {"ms", 1, -3},
                 {"s", 1, 0},   {"min", 60, 0}, {"h", 3600, 0}};
    for (size_t i = 0; i < sizeof units / sizeof *units; i++) {
        if (strlen(units[i].name) != suffix.length) continue;
        if (memcmp(units[i].name, suffix.at, suffix.length) != 0) continue;
        *factor = units[i].factor;
        *exponent = units[i].exponent;
        return true;
    }
    return false;
}

// Multiplies in place; `digits` has room for four more in front.
static void multiply(Decimal *decimal, int factor) {
    int carry = 0;
    for (size_t i = decimal->count; i-- > 0;) {
        int value = (decimal->digits[i] - '0') * factor + carry;
        decimal->digits[i] = (char)('0' + value % 10);
        carry = value / 10;
    }
    for (; carry; carry /= 10) {
        *--decimal->digits = (char)('0' + carry % 10);
        decimal->count++;
    }
}

// Without zeros at either end.
static void normalize(Decimal *decimal) {
    while (decimal->count && decimal->digits[decimal->count - 1] == '0') {
        decimal->count--;
        decimal->exponent++;
    }
    while (decimal->count && decimal->digits[0] == '0') {
        decimal->digits++;
        decimal->count--;
    }
    if (!decimal->count) decimal->exponent = 0;
}

// Reads `digits[.digits][e[sign]digits]` and gives how many bytes that were. An exponent beyond all
// reason is cut; its number is too large, or zero, all the same.
static uint32_t read_decimal(TgParser *p, TgText text, Decimal *decimal) {
    enum { LARGEST = 100000000 };
    char *digits = tg_arena_alloc(p->arena, text.length + 8);
    *decimal = (Decimal){.digits = digits + 4};
    bool in_fraction = false;
    uint32_t i = 0;
    for (; i < text.length; i++) {
        if (is_digit(text.at[i])) {
            decimal->digits[decimal->count++] = text.at[i];
            decimal->exponent -= in_fraction;
        } else if (text.at[i] == '.') {
            in_fraction = true;
        } else if (text.at[i] != '_') {
            break;
        }
    }
    if (p->kind != TOK_FLOAT || i == text.length || (text.at[i] | 0x20) != 'e') return i;
    uint32_t sign = text.at[i + 1] == '-' || text.at[i + 1] == '+';
    if (i + 1 + sign >= text.length || !is_digit(text.at[i + 1 + sign])) return i;
    bool is_negative = text.at[i + 1] == '-';
    int64_t exponent = 0;
    for (i += 1 + sign; i < text.length && (is_digit(text.at[i]) || text.at[i] == '_'); i++) {
        if (text.at[i] != '_' && exponent < LARGEST) exponent = exponent * 10 + text.at[i] - '0';
    }
    decimal->exponent += is_negative ? -exponent : exponent;
    return i;
}

// The Float nearest to the decimal. Written without a point, so that no locale has a say in it.
static double to_double(TgParser *p, const Decimal *decimal) {
    char *text = tg_arena_alloc(p->arena, decimal->count + 32);
    memcpy(text, decimal->digits, decimal->count);
    size_t length = decimal->count;
    if (!length) text[length++] = '0';
    text[length++] = 'e';
    int64_t exponent = decimal->exponent;
    if (exponent < 0) text[length++] = '-';
    uint64_t rest = (uint64_t)(exponent < 0 ? -exponent : exponent);
    char reversed[24];
    size_t count = 0;
    do reversed[count++] = (char)('0' + rest % 10);
    while (rest /= 10);
    while (count) text[length++] = reversed[--count];
    text[length] = '\0';
    return strtod(text, NULL);
}

static TgNode *float_node(TgParser *p, const Decimal *decimal) {
    TgNode *node = tg_parser_node(p, NODE_FLOAT, p->at);
    node->number = to_double(p, decimal);
    if (isinf(node->number) && tg_parser_objects(p)) {
        tg_diag_add(p->diags, DIAG_FLOAT_RANGE, p->tokens[p->at].start, p->tokens[p->at].end,
                    tg_parser_word(p, p->at));
    }
    tg_parser_advance(p);
    return node;
}

// A number with a unit: seconds, an Int where they are whole.
static TgNode *parse_duration(TgParser *p, Decimal *decimal, int factor, int exponent) {
    enum { MOST_ZEROS = 400 }; // an exponent that large makes no Float, and should make no Int
    multiply(decimal, factor);
    decimal->exponent += exponent;
    normalize(decimal);
    if (decimal->exponent < 0 || decimal->exponent > MOST_ZEROS) return float_node(p, decimal);
    size_t length = decimal->count + (size_t)decimal->exponent;
    char *digits = tg_arena_alloc(p->arena, length + 2);
    memset(digits, '0', length + 1);
    memcpy(digits, decimal->digits, decimal->count);
    return int_node(p, (TgText){digits, (uint32_t)(decimal->count ? length : 1)});
}

static TgNode *parse_number(TgParser *p) {
    TgText text = tg_parser_text(p, p->at);
    if (text.length > 1 && text.at[0] == '0' && strchr("xXoObB", text.at[1])) {
        return parse_prefixed(p, text);
    }
    bool is_plain = p->kind == TOK_INT;
    for (uint32_t i = 0; i < text.length && is_plain; i++) is_plain = is_digit(text.at[i]);
    if (is_plain && (text.at[0] != '0' || text.length == 1)) return int_node(p, text);

    Decimal decimal;
    uint32_t used = read_decimal(p, text, &decimal);
    TgText number = {text.at, used}, suffix = {text.at + used, text.length - used};
    if (!underscores_fit(number, 0, 10)) return bad_number(p, "a '_' stands between two digits");
    bool is_padded = text.at[0] == '0' && used > 1 && p->kind == TOK_INT;
    if (is_padded && decimal.count != strspn(decimal.digits, "0")) {
        return bad_number(p, "an Int does not begin with 0; octal is written 0o17");
    }
    int factor, exponent;
    if (suffix.length == 0) {
        if (p->kind == TOK_INT) return int_node(p, without_underscores(p, text));
        normalize(&decimal);
        return float_node(p, &decimal);
    }
    if (!unit_of(suffix, &factor, &exponent)) {
        return bad_number(p, "units of time are ns us ms s min h; a name begins with no digit");
    }
    return parse_duration(p, &decimal, factor, exponent);
}

// ---- Strings

// Text that is being decoded.
typedef struct {
    TgParser *p;
    char *bytes;
    uint32_t length;
} Output;

static void put_code_point(Output *out, uint32_t code) {
    char *at = out->bytes + out->length;
    if (code < 0x80) {
        *at = (char)code;
        out->length += 1;
    } else if (code < 0x800) {
        at[0] = (char)(0xC0 | code >> 6);
        at[1] = (char)(0x80 | (code & 63));
        out->length += 2;
    } else if (code < 0x10000) {
        at[0] = (char)(0xE0 | code >> 12);
        at[1] = (char)(0x80 | (code >> 6 & 63));
        at[2] = (char)(0x80 | (code & 63));
        out->length += 3;
    } else {
        at[0] = (char)(0xF0 | code >> 18);
        at[1] = (char)(0x80 | (code >> 12 & 63));
        at[2] = (char)(0x80 | (code >> 6 & 63));
        at[3] = (char)(0x80 | (code & 63));
        out->length += 4;
    }
}

static void bad_escape(TgParser *p, TgDiagKind kind, uint32_t start, uint32_t end) {
    // A whole character, also where it has several bytes.
    while (((unsigned char)p->text[end] & 0xC0) == 0x80) end++;
    if (tg_parser_objects(p)) {
        tg_diag_add(p->diags, kind, start, end,
                    tg_arena_copy(p->arena, p->text + start, end - start));
    }
}

// `\u{H…}` at `at`; gives where it ends.
static uint32_t decode_braced(Output *out, uint32_t at, uint32_t end) {
    const char *text = out->p->text;
    uint32_t start = at, digits = 0, code = 0;
    for (at += 3; at < end && digit_value(text[at]) < 16; at++, digits++) {
        if (digits < 7) code = code * 16 + (uint32_t)digit_value(text[at]);
    }
    bool is_closed = at < end && text[at] == '}';
    bool is_code = code <= 0x10FFFF && !(code >= 0xD800 && code < 0xE000);
    if (!is_closed || digits < 1 || digits > 6 || !is_code) {
        bad_escape(out->p, DIAG_BAD_CODE_POINT, start, at + is_closed);
    } else {
        put_code_point(out, code);
    }
    return at + is_closed;
}

// The escape at `at`; gives where it ends.
static uint32_t decode_escape(Output *out, uint32_t at, uint32_t end) {
    static const char names[] = "ntr0\\\"{}", values[] = "\n\t\r\0\\\"{}";
    const char *text = out->p->text;
    char c = at + 1 < end ? text[at + 1] : ' ';
    const char *found = memchr(names, c, sizeof names - 1);
    if (found) {
        out->bytes[out->length++] = values[found - names];
        return at + 2;
    }
    if (c == 'u' && at + 2 < end && text[at + 2] == '{') return decode_braced(out, at, end);
    bool is_hex = c == 'x' && at + 3 < end && digit_value(text[at + 2]) < 16 &&
                  digit_value(text[at + 3]) < 16;
    if (is_hex) {
        put_code_point(out, (uint32_t)(digit_value(text[at + 2]) * 16 + digit_value(text[at + 3])));
        return at + 4;
    }
    uint32_t stop = at + 2 <= end ? at + 2 : end;
    bad_escape(out->p, DIAG_BAD_ESCAPE, at, stop);
    return stop;
}

static bool is_newline(const char *text, uint32_t at, uint32_t end) {
    return at < end &&
           (text[at] == '\n' || (text[at] == '\r' && at + 1 < end && text[at + 1] == '\n'));
}

static uint32_t skip_indent(const char *text, uint32_t at, uint32_t end, TgText indent) {
    uint32_t i = 0;
    while (i < indent.length && at + i < end && text[at + i] == indent.at[i]) i++;
    return at + i;
}

// Decodes a stretch of a String; `indent` is taken off the front of each line that begins in it.
static TgText decode(TgParser *p, uint32_t at, uint32_t end, TgText indent) {
    const char *text = p->text;
    // Nothing grows when it is decoded: \xHH, the shortest that gives two bytes, has four.
    if (!memchr(text + at, '\\', end - at) && !memchr(text + at, '\n', end - at)) {
        return (TgText){text + at, end - at};
    }
    Output out = {.p = p, .bytes = tg_arena_alloc(p->arena, end - at + 1)};
    while (at < end) {
        if (text[at] == '\\') {
            at = decode_escape(&out, at, end);
        } else if (is_newline(text, at, end)) {
            at += text[at] == '\r' ? 2 : 1;
            out.bytes[out.length++] = '\n';
            at = skip_indent(text, at, end, indent);
        } else {
            out.bytes[out.length++] = text[at++];
        }
    }
    return (TgText){out.bytes, out.length};
}

// The indentation common to the lines of a """ String, of which this looks at one stretch. Blank
// lines do not count, the one that ends in the closing quotes or in an interpolation does.
static void find_indent(const TgParser *p, uint32_t at, uint32_t end, TgText *indent,
                        bool *is_known) {
    while (at < end) {
        const char *newline = memchr(p->text + at, '\n', end - at);
        if (!newline) return;
        at = (uint32_t)(newline - p->text) + 1;
        uint32_t start = at;
        while (at < end && (p->text[at] == ' ' || p->text[at] == '\t')) at++;
        if (is_newline(p->text, at, end)) continue;
        TgText here = {p->text + start, at - start};
        if (!*is_known) *indent = here;
        *is_known = true;
        uint32_t same = 0;
        while (same < indent->length && same < here.length && indent->at[same] == here.at[same])
            same++;
        indent->length = same;
    }
}

// The start of the text behind opening """: a newline right there is dropped. It is kept in the
// stretch for find_indent, so this gives how much to drop from the decoded front.
static TgText without_newline(TgText text, bool had_newline) {
    if (!had_newline || !text.length) return text;
    return (TgText){text.at + 1, text.length - 1};
}

static TgNode *parse_plain_string(TgParser *p) {
    TgToken token = p->tokens[p->at];
    TgNode *node = tg_parser_node(p, NODE_STRING, p->at);
    const char *text = p->text + token.start;
    bool is_long = token.end - token.start >= 6 && memcmp(text, "\"\"\"", 3) == 0;
    uint32_t quotes = is_long ? 3 : 1;
    uint32_t start = token.start + quotes, end = token.end - quotes;
    TgText indent = {"", 0};
    bool is_known = false;
    if (is_long) find_indent(p, start, end, &indent, &is_known);
    if (*text == '\'')
        node->name = (TgText){p->text + start, end - start};
    else
        node->name = decode(p, start, end, indent);
    node->name = without_newline(node->name, is_long && is_newline(p->text, start, end));
    tg_parser_advance(p);
    return node;
}

// `[[fill]align][sign][0][width][,][.precision][type]`
static bool is_spec(TgText spec) {
    enum { MOST_DIGITS = 6 };
    const char *at = spec.at, *end = spec.at + spec.length;
    uint32_t fill = 0;
    if (at < end) fill = 1;
    while (at + fill < end && ((unsigned char)at[fill] & 0xC0) == 0x80) fill++;
    if (fill && at + fill < end && strchr("<>^", at[fill]))
        at += fill + 1;
    else if (at < end && strchr("<>^", *at))
        at++;
    if (at < end && strchr("+- ", *at)) at++;
    const char *digits = at;
    while (at < end && is_digit(*at)) at++;
    if (at - digits > MOST_DIGITS) return false;
    if (at < end && *at == ',') at++;
    if (at < end && *at == '.') {
        digits = ++at;
        while (at < end && is_digit(*at)) at++;
        if (at == digits || at - digits > MOST_DIGITS) return false;
    }
    if (at < end && strchr("dxXboefg%s", *at)) at++;
    return at == end;
}

static void parse_spec(TgParser *p, TgNode *format) {
    format->name = tg_parser_text(p, p->at);
    TgToken token = p->tokens[p->at];
    if (!is_spec(format->name) && tg_parser_objects(p)) {
        tg_diag_add(p->diags, DIAG_BAD_SPEC, token.start, token.end, tg_parser_word(p, p->at));
    }
    tg_parser_advance(p);
}

// `{expr:spec}` in a String.
static TgNode *parse_format(TgParser *p) {
    TgNode *node = tg_parser_node(p, NODE_FORMAT, p->at);
    uint32_t open = p->at;
    node->name = (TgText){"", 0};
    TgParseMode outer = tg_parser_open(p, (TgParseMode){0});
    if ((p->kind == TOK_INTERP_END || p->kind == TOK_SPEC) && tg_parser_objects(p)) {
        tg_diag_add(p->diags, DIAG_EMPTY_INTERP, p->tokens[open].start, p->tokens[p->at].end);
        node->a = tg_parser_hole(p, p->at);
    } else {
        node->a = tg_parse_expression(p);
    }
    if (p->kind == TOK_SPEC && !p->panic) parse_spec(p, node);
    // The texts between are the String's: a newline in front of them ends nothing.
    if (!p->panic && p->kind != TOK_INTERP_END) tg_parser_expected(p, "'}' after the expression");
    if (!p->panic) tg_parser_advance(p);
    p->mode = outer;
    return tg_parser_finish(p, node);
}

static void decode_parts(TgParser *p, TgNode *node, bool is_long) {
    TgText indent = {"", 0};
    bool is_known = false;
    for (uint32_t i = 0; i < node->list.count && is_long; i++) {
        TgToken token = p->tokens[node->list.items[i]->first];
        if (token.kind == TOK_STRING_TEXT)
            find_indent(p, token.start, token.end, &indent, &is_known);
    }
    for (uint32_t i = 0; i < node->list.count; i++) {
        TgNode *part = node->list.items[i];
        TgToken token = p->tokens[part->first];
        if (token.kind != TOK_STRING_TEXT) continue;
        bool is_dropped = i == 0 && is_long && is_newline(p->text, token.start, token.end);
        part->name = without_newline(decode(p, token.start, token.end, indent), is_dropped);
    }
}

static TgNode *parse_interpolated(TgParser *p) {
    uint32_t mark = p->scratch_count;
    TgToken token = p->tokens[p->at];
    TgNode *node = tg_parser_node(p, NODE_INTERP, p->at);
    if (!tg_parser_enter(p)) return tg_parser_hole(p, p->at);
    TgParseMode outer = tg_parser_open(p, (TgParseMode){0});
    while (!p->panic && p->kind != TOK_STRING_END) {
        if (p->kind == TOK_INTERP_BEGIN) {
            tg_parser_push(p, parse_format(p));
        } else if (p->kind == TOK_STRING_TEXT) {
            tg_parser_push(p, tg_parser_node(p, NODE_STRING, p->at));
            tg_parser_advance(p);
        } else {
            tg_parser_expected(p, "the end of the String");
        }
    }
    node->list = tg_parser_take(p, mark);
    decode_parts(p, node, token.end - token.start == 3);
    p->mode = outer;
    if (!p->panic)
        tg_parser_advance(p);
    else
        tg_parser_refresh(p);
    tg_parser_leave(p);
    return tg_parser_finish(p, node);
}

TgNode *tg_parse_literal(TgParser *p) {
    if (p->kind == TOK_STRING) return parse_plain_string(p);
    if (p->kind == TOK_STRING_BEGIN) return parse_interpolated(p);
    return parse_number(p);
}
