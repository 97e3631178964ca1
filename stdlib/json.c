// stdlib/json.c
// The module json, its reading half: JSON text to values. The writing half is jsonwrite.c.
//
// Nothing recurses: the Lists and Maps that are open stand in an array, each already in its parent, so between two
// values an offset into the text and that array are the whole state. Every so many bytes they are put away where the
// collector finds them and the native goes by a boundary, so that Ctrl-C, a timeout and other tasks get in.
//
// Layer: library.
#include <string.h>

#include "stdlib/json.h"
#include "stdlib/hex.h"
#include "stdlib/place.h"

enum { STRETCH = 64 * 1024 }; // bytes read between two boundaries: well below a millisecond
enum { ARG_TEXT, STATE_OPEN, STATE_AT }; // args: the text, the open containers, the offset
enum { LONG_TEXT = 4096 };   // Strings from here on ask for their memory

typedef struct {
    TgCall *call;
    TgVM *vm;
    const char *begin, *at, *end;
    TgValue root;
    TgValue *open; // TG_JSON_DEPTH of them
    uint32_t depth;
    TgBuffer scratch; // the text of a String with escapes
} Reader;

// ---- errors

static bool fail_at(const Reader *reader, const char *at, const char *message) {
    char whole[256];
    snprintf(whole, sizeof whole, "json: %s", message);
    tg_place_raise(reader->call, reader->begin, (size_t)(reader->end - reader->begin), (size_t)(at - reader->begin), 0, whole);
    return false;
}

static bool no_memory(const Reader *reader) {
    tg_error_memory(reader->vm);
    return false;
}

static bool begins(const Reader *reader, const char *word) {
    size_t length = strlen(word);
    return (size_t)(reader->end - reader->at) >= length && memcmp(reader->at, word, length) == 0;
}

// What people write who think in another notation.
static const char *likely_cause(const Reader *reader) {
    static const char *const words[][2] = {
        {"'", "Strings stand in double quotes in JSON"},
        {"None", "write null"},
        {"nil", "write null"},
        {"undefined", "write null"},
        {"True", "write true"},
        {"False", "write false"},
        {"NaN", "JSON has no NaN; write null"},
        {"Infinity", "JSON has no Infinity"},
        {"-Infinity", "JSON has no Infinity"},
        {"//", "JSON has no comments"},
        {"/*", "JSON has no comments"},
        {"#", "JSON has no comments"},
        {"+", "a number begins with a digit or -"},
        {".", "a number begins with a digit or -"},
    };
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        if (begins(reader, words[i][0])) return words[i][1];
    return NULL;
}

static bool expected(const Reader *reader, const char *what) {
    char message[160];
    const char *cause = reader->at < reader->end ? likely_cause(reader) : "the text ends here";
    snprintf(message, sizeof message, "expected %s%s%s%s", what, cause ? " (" : "", cause ? cause : "", cause ? ")" : "");
    return fail_at(reader, reader->at, message);
}

// ---- Strings

static bool put_text(Reader *reader, const char *bytes, size_t length, TgValue *out) {
    if (length > LONG_TEXT && !tg_gc_can_take(reader->vm, length)) return no_memory(reader);
    *out = tg_obj(tg_string(reader->vm, bytes, length));
    return true;
}

// Four hex digits at `at`, or -1.
static int32_t hex_four(const Reader *reader, const char *at) {
    int32_t code = 0;
    if (reader->end - at < 4) return -1;
    for (int i = 0; i < 4; i++) {
        int digit = tg_hex_digit(at[i]);
        if (digit < 0) return -1;
        code = code << 4 | digit;
    }
    return code;
}

// Behind "\u". Characters beyond 16 bits come as two of these.
static bool read_unicode(Reader *reader) {
    const char *escape = reader->at - 2;
    int32_t code = hex_four(reader, reader->at);
    if (code < 0) return fail_at(reader, escape, "\\u needs four hex digits");
    reader->at += 4;
    if (code >= 0xD800 && code < 0xE000) {
        bool has_more = code < 0xDC00 && begins(reader, "\\u");
        int32_t low = has_more ? hex_four(reader, reader->at + 2) : -1;
        if (low < 0xDC00 || low >= 0xE000)
            return fail_at(reader, escape, "half of a surrogate pair, which is no character");
        code = 0x10000 + ((code - 0xD800) << 10) + (low - 0xDC00);
        reader->at += 6;
    }
    char bytes[4];
    tg_buffer_add(&reader->scratch, bytes, (size_t)tg_utf8_encode((uint32_t)code, bytes));
    return true;
}

static bool read_escape(Reader *reader) {
    static const char names[] = "\"\\/bfnrt", values[] = "\"\\/\b\f\n\r\t";
    reader->at++;
    char letter = reader->at < reader->end ? *reader->at : 0;
    if (letter == 'u') return reader->at++, read_unicode(reader);
    const char *name = letter ? strchr(names, letter) : NULL;
    if (!name) return fail_at(reader, reader->at - 1, "no escape of JSON; these are \\\" \\\\ \\/ \\b \\f \\n \\r \\t \\uXXXX");
    reader->at++;
    tg_buffer_add(&reader->scratch, values + (name - names), 1);
    return true;
}

static bool is_plain(char c) {
    return c != '"' && c != '\\' && (unsigned char)c >= ' ';
}

// Whether one of eight bytes is no plain one. (Those of other characters than ASCII may be taken for one: then each is looked at.)
static bool has_special(uint64_t word) {
    const uint64_t ones = 0x0101010101010101ull, highs = ones << 7;
    uint64_t quote = word ^ ones * '"', slash = word ^ ones * '\\';
    return (((quote - ones) & ~quote) | ((slash - ones) & ~slash) | ((word - ones * ' ') & ~word)) & highs;
}

static const char *skip_plain(const char *at, const char *end) {
    for (uint64_t word; end - at >= 8; at += 8) {
        memcpy(&word, at, sizeof word);
        if (has_special(word)) break;
    }
    while (at < end && is_plain(*at)) at++;
    return at;
}

// At the opening quote; afterwards behind the closing one.
static bool read_string(Reader *reader, TgValue *out) {
    const char *open = reader->at++, *run = reader->at;
    reader->scratch.length = 0;
    for (;;) {
        reader->at = skip_plain(reader->at, reader->end);
        if (reader->at == reader->end) return fail_at(reader, open, "this String has no end");
        if (*reader->at == '"') break;
        if (*reader->at != '\\')
            return fail_at(reader, reader->at, "a newline, tab or control character in a String is written \\n, \\t or \\uXXXX");
        tg_buffer_add(&reader->scratch, run, (size_t)(reader->at - run));
        if (!read_escape(reader)) return false;
        run = reader->at;
    }
    const char *end = reader->at++;
    if (run == open + 1) return put_text(reader, run, (size_t)(end - run), out);
    tg_buffer_add(&reader->scratch, run, (size_t)(end - run));
    if (reader->scratch.failed) return no_memory(reader);
    return put_text(reader, reader->scratch.data, reader->scratch.length, out);
}

// ---- numbers

static bool is_digit(const Reader *reader) {
    return reader->at < reader->end && *reader->at >= '0' && *reader->at <= '9';
}

// Digits; adds them to *number while they fit. False: there are none.
static bool skip_digits(Reader *reader, uint64_t *number, int *count) {
    const char *start = reader->at;
    for (; is_digit(reader); reader->at++, ++*count)
        if (*count < 18) *number = *number * 10 + (uint64_t)(*reader->at - '0');
    return reader->at > start;
}

// Whole digits times a power of ten that are both exact as doubles give the nearest double with one operation.
static bool quick_float(uint64_t digits, int count, int64_t exponent, double *out) {
    static const double powers[] = {1e0,  1e1,  1e2,  1e3,  1e4,  1e5,  1e6,  1e7,  1e8,  1e9,  1e10, 1e11,
                                    1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18, 1e19, 1e20, 1e21, 1e22};
    if (count > 15 || exponent < -22 || exponent > 22) return false;
    *out = exponent < 0 ? (double)digits / powers[-exponent] : (double)digits * powers[exponent];
    return true;
}

static bool read_exponent(Reader *reader, int64_t *exponent) {
    uint64_t digits = 0;
    int count = 0;
    reader->at++;
    bool is_negative = reader->at < reader->end && *reader->at == '-';
    reader->at += is_negative || (reader->at < reader->end && *reader->at == '+');
    if (!skip_digits(reader, &digits, &count)) return expected(reader, "the digits of an exponent");
    *exponent += is_negative ? -(int64_t)digits : (int64_t)digits;
    return true;
}

static bool put_float(Reader *reader, const char *start, double quick, bool is_quick, TgValue *out) {
    if (is_quick) return *out = tg_float(*start == '-' ? -quick : quick), true;
    *out = tg_float_parse(start, (size_t)(reader->at - start));
    if (tg_is_undef(*out)) return no_memory(reader);
    if (tg_as_float(*out) - tg_as_float(*out) == 0) return true;
    return fail_at(reader, start, "this number is too large for a Float");
}

static bool put_int(Reader *reader, const char *start, uint64_t digits, int count, TgValue *out) {
    if (count <= 14) return *out = tg_int(*start == '-' ? -(int64_t)digits : (int64_t)digits), true;
    *out = tg_int_parse(reader->vm, start, (size_t)(reader->at - start), 10);
    return !tg_is_undef(*out) || no_memory(reader);
}

static bool read_number(Reader *reader, TgValue *out) {
    const char *start = reader->at;
    uint64_t digits = 0;
    int count = 0;
    int64_t exponent = 0;
    reader->at += *start == '-';
    const char *first = reader->at;
    if (!skip_digits(reader, &digits, &count)) return reader->at = start, expected(reader, "a value");
    if (*first == '0' && count > 1) return fail_at(reader, first, "a number does not begin with 0");
    bool is_float = false;
    if (reader->at < reader->end && *reader->at == '.') {
        int whole = count;
        is_float = true;
        reader->at++;
        if (!skip_digits(reader, &digits, &count)) return expected(reader, "digits behind the point");
        exponent = whole - count;
    }
    if (reader->at < reader->end && (*reader->at | 32) == 'e') {
        is_float = true;
        if (!read_exponent(reader, &exponent)) return false;
    }
    if (!is_float) return put_int(reader, start, digits, count, out);
    double quick = 0;
    bool is_quick = quick_float(digits, count, exponent, &quick);
    return put_float(reader, start, quick, is_quick, out);
}

// ---- values

static void skip_blanks(Reader *reader) {
    const char *at = reader->at;
    while (at < reader->end && (*at == ' ' || *at == '\n' || *at == '\t' || *at == '\r')) at++;
    reader->at = at;
}

static bool take(Reader *reader, char sign) {
    if (reader->at == reader->end || *reader->at != sign) return false;
    reader->at++;
    return true;
}

static TgObj *innermost(const Reader *reader) {
    return reader->depth ? tg_as_obj(reader->open[reader->depth - 1]) : NULL;
}

// `key` is of use where the innermost is a Map.
static bool put(Reader *reader, TgValue key, TgValue value) {
    TgObj *into = innermost(reader);
    if (!into) return reader->root = value, true;
    bool is_done = into->kind == OBJ_LIST ? tg_list_push(reader->vm, (TgList *)into, value)
                                          : tg_map_set(reader->vm, (TgMap *)into, key, value);
    return is_done || no_memory(reader);
}

// At "[" or "{".
static bool open_container(Reader *reader, TgValue key) {
    if (reader->depth == TG_JSON_DEPTH) return fail_at(reader, reader->at, "nested more than 1,000 deep");
    bool is_list = *reader->at++ == '[';
    TgValue made = is_list ? tg_obj(tg_list(reader->vm, 0)) : tg_obj(tg_map(reader->vm));
    if (!put(reader, key, made)) return false;
    reader->open[reader->depth++] = made;
    return true;
}

static bool read_word(Reader *reader, TgValue key) {
    static const struct {
        const char *word;
        TgValue value;
    } words[] = {{"null", TG_NIL}, {"true", TG_TRUE}, {"false", TG_FALSE}};
    for (size_t i = 0; i < 3; i++) {
        if (!begins(reader, words[i].word)) continue;
        reader->at += strlen(words[i].word);
        return put(reader, key, words[i].value);
    }
    return expected(reader, "a value");
}

// A value, of Lists and Maps the beginning.
static bool read_value(Reader *reader, TgValue key, bool *is_opened) {
    TgValue value;
    skip_blanks(reader);
    *is_opened = false;
    if (reader->at == reader->end) return expected(reader, "a value");
    char c = *reader->at;
    if (c == '"') return read_string(reader, &value) && put(reader, key, value);
    if (c == '{' || c == '[') return *is_opened = true, open_container(reader, key);
    if (c == '-' || (c >= '0' && c <= '9')) return read_number(reader, &value) && put(reader, key, value);
    return read_word(reader, key);
}

// The next member of the innermost: a Map's key and colon, and the value.
static bool read_member(Reader *reader, bool *is_opened) {
    TgValue key = TG_NIL;
    if (innermost(reader)->kind == OBJ_MAP) {
        skip_blanks(reader);
        if (reader->at == reader->end || *reader->at != '"') return expected(reader, "a key in double quotes");
        if (!read_string(reader, &key)) return false;
        skip_blanks(reader);
        if (!take(reader, ':')) return expected(reader, "':' behind the key");
    }
    return read_value(reader, key, is_opened);
}

// What follows a value inside of a container, up to the end of the next value or of the container. `is_first`: nothing
// is in it yet. *is_opened: a container begins inside.
static bool read_next(Reader *reader, bool is_first, bool *is_opened) {
    bool is_map = innermost(reader)->kind == OBJ_MAP;
    *is_opened = false;
    skip_blanks(reader);
    if (take(reader, is_map ? '}' : ']')) return reader->depth--, true;
    if (is_first) return read_member(reader, is_opened);
    const char *comma = reader->at;
    if (!take(reader, ',')) return expected(reader, is_map ? "',' or '}'" : "',' or ']'");
    skip_blanks(reader);
    if (reader->at < reader->end && *reader->at == (is_map ? '}' : ']'))
        return fail_at(reader, comma, "the last member has no comma behind it in JSON");
    return read_member(reader, is_opened);
}

// ---- the native

// Behind a whole value, or at the beginning of a container.
static void put_away(Reader *reader, bool is_first) {
    TgList *open = tg_list_of(reader->vm, reader->open, reader->depth);
    tg_list_push(reader->vm, open, reader->root);
    tg_list_push(reader->vm, open, tg_bool(is_first));
    reader->call->args[STATE_OPEN] = tg_obj(open);
    reader->call->args[STATE_AT] = tg_int(reader->at - reader->begin);
}

static bool take_up(Reader *reader) {
    const TgList *open = (TgList *)tg_as_obj(reader->call->args[STATE_OPEN]);
    reader->depth = open->count - 2;
    if (reader->depth) memcpy(reader->open, open->items, reader->depth * sizeof *reader->open);
    reader->root = open->items[reader->depth];
    reader->at = reader->begin + tg_as_int(reader->call->args[STATE_AT]);
    return open->items[reader->depth + 1] == TG_TRUE;
}

static TgResult read_all(Reader *reader, bool is_opened) {
    const char *stop = reader->end - reader->at > STRETCH ? reader->at + STRETCH : reader->end;
    while (reader->depth) {
        if (!read_next(reader, is_opened, &is_opened)) return TG_RAISED;
        if (reader->at < stop || !reader->depth) continue;
        put_away(reader, is_opened);
        return tg_lib_breathe(reader->call, 1);
    }
    skip_blanks(reader);
    if (reader->at == reader->end) return tg_return(reader->call, reader->root);
    expected(reader, "the end of the text");
    return TG_RAISED;
}

// Bytes, as they come from files and sockets, are taken as UTF-8.
static bool read_bytes(TgCall *call, const TgBytes *bytes) {
    size_t good = tg_lib_utf8_good(bytes->data, bytes->length);
    if (good < bytes->length) {
        tg_error_raise(call->vm, TG_ERR_ValueError, "json: the Bytes are no UTF-8 text: byte %zu is wrong", good);
        return false;
    }
    if (!tg_lib_room(call, bytes->length)) return false;
    call->args[ARG_TEXT] = tg_obj(tg_string(call->vm, (const char *)bytes->data, bytes->length));
    return true;
}

static TgResult json_parse(TgCall *call) {
    TgString *text;
    if (tg_is_kind(call->args[ARG_TEXT], OBJ_BYTES) && !read_bytes(call, tg_as_bytes(call->args[ARG_TEXT]))) return TG_RAISED;
    if (!tg_arg_string(call, ARG_TEXT, &text)) return TG_RAISED;
    TgValue open[TG_JSON_DEPTH];
    Reader reader = {.call = call, .vm = call->vm, .open = open, .begin = text->data, .at = text->data};
    reader.end = text->data + text->length;
    bool is_opened;
    TgResult result = TG_RAISED;
    if (call->step) {
        result = read_all(&reader, take_up(&reader));
    } else {
        if (begins(&reader, "\xEF\xBB\xBF")) reader.at += 3; // a byte order mark
        if (read_value(&reader, TG_NIL, &is_opened)) result = read_all(&reader, is_opened);
    }
    tg_buffer_free(&reader.scratch);
    return result;
}

const TgNativeDef tg_lib_json_members[] = {
    {"parse(text)", json_parse, "The value that a JSON text, a String or Bytes, stands for; ValueError with the place where it is none."},
    {"stringify(value, indent = nil, sort_keys = false)", tg_json_stringify,
     "A value as JSON text; ValueError for what JSON has no form for, with its path."},
    {0},
};

void tg_lib_json(TgVM *vm, TgModule *module) {
    tg_register_members(vm, module, tg_lib_json_members);
}
