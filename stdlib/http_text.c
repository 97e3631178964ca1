// stdlib/http_text.c
// What HTTP writes as text: headers, addresses with %XX in them, names of statuses, dates.
// Layer: library.
#include <http_parser.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "stdlib/http.h"
#include "stdlib/hex.h"
#include "stdlib/lib.h"

TgString *tg_http_string(TgVM *vm, const char *bytes, size_t length) {
    if (tg_utf8_valid(bytes, length)) return tg_string(vm, bytes, length);
    TgBuffer text = {0};
    for (size_t i = 0; i < length; i++) {
        char room[4];
        tg_buffer_add(&text, room, (size_t)tg_utf8_encode((unsigned char)bytes[i], room));
    }
    return tg_buffer_string(vm, &text);
}

// ---- Headers

static char lower(char c) { return c >= 'A' && c <= 'Z' ? (char)(c + 'a' - 'A') : c; }

static TgString *lower_name(TgVM *vm, const char *name, size_t length) {
    char small[TG_INTERN_MAX];
    TgBuffer large = {0};
    if (length <= sizeof small) {
        for (size_t i = 0; i < length; i++) small[i] = lower(name[i]);
        return tg_http_string(vm, small, length);
    }
    tg_buffer_add(&large, name, length);
    for (size_t i = 0; i < large.length; i++) large.data[i] = lower(large.data[i]);
    TgString *text = large.failed ? NULL : tg_http_string(vm, large.data, large.length);
    tg_buffer_free(&large);
    return text;
}

bool tg_http_add_header(TgVM *vm, TgMap *headers, const char *name, size_t name_length, const char *value, size_t value_length) {
    TgString *key = lower_name(vm, name, name_length), *text = tg_http_string(vm, value, value_length);
    if (!key || !text) return tg_error_memory(vm), false;
    TgValue known = tg_map_get_string(headers, key);
    if (!tg_is_undef(known)) {
        const char *between = strcmp(key->data, "cookie") != 0 ? ", " : "; ";
        text = tg_string_format(vm, "%s%s%s", ((TgString *)tg_as_obj(known))->data, between, text->data);
    }
    return tg_map_set(vm, headers, tg_obj(key), tg_obj(text)) || (tg_error_memory(vm), false);
}

// RFC 9110's token.
static bool is_name(const TgString *text) {
    static const char others[] = "!#$%&'*+-.^_`|~";
    for (uint32_t i = 0; i < text->length; i++) {
        char c = lower(text->data[i]);
        bool is_good = (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || (c && strchr(others, c));
        if (!is_good) return false;
    }
    return text->length > 0;
}

static bool is_value(const TgString *text) {
    for (uint32_t i = 0; i < text->length; i++) {
        unsigned char c = (unsigned char)text->data[i];
        if ((c < ' ' && c != '\t') || c == 0x7F) return false;
    }
    return true;
}

bool tg_http_check_header(TgVM *vm, TgValue name, TgValue value) {
    if (!tg_is_kind(name, OBJ_STRING) || !is_name((TgString *)tg_as_obj(name))) {
        tg_error_raise(vm, tg_is_kind(name, OBJ_STRING) ? TG_ERR_ValueError : TG_ERR_TypeError,
                       "headers: the name of one is a String of letters, digits and -, not %s", TG_SHOW(vm, name));
        return false;
    }
    const char *shown = ((TgString *)tg_as_obj(name))->data;
    if (!tg_is_kind(value, OBJ_STRING)) {
        tg_error_raise(vm, TG_ERR_TypeError, "headers: the value of \"%s\" is a String, not %s; \"{x}\" makes one", shown, TG_SHOW(vm, value));
        return false;
    }
    if (is_value((TgString *)tg_as_obj(value))) return true;
    tg_error_raise(vm, TG_ERR_ValueError, "headers: the value of \"%s\" holds a newline or another control character: %s", shown, TG_SHOW(vm, value));
    return false;
}

const char *tg_http_reason(int status) {
    switch (status) {
#define XX(number, name, text) case number: return #text;
        HTTP_STATUS_MAP(XX)
#undef XX
    default: return "";
    }
}

void tg_http_date(TgVM *vm, char *room) {
    // The locale's names of days must not come in: strftime is not used.
    static const char days[] = "SunMonTueWedThuFriSat", months[] = "JanFebMarAprMayJunJulAugSepOctNovDec";
    time_t now = (time_t)tg_wall_time(vm);
    struct tm t;
    gmtime_r(&now, &t);
    snprintf(room, 32, "%.3s, %02d %.3s %d %02d:%02d:%02d GMT", days + 3 * t.tm_wday, t.tm_mday, months + 3 * t.tm_mon, t.tm_year % 8100 + 1900,
             t.tm_hour, t.tm_min, t.tm_sec);
}

// ---- %XX

TgString *tg_http_unescape(TgVM *vm, const char *text, size_t length, bool is_query) {
    TgBuffer out = {0};
    if (!memchr(text, '%', length) && !(is_query && memchr(text, '+', length))) return tg_http_string(vm, text, length);
    for (size_t i = 0; i < length; i++) {
        char c = text[i];
        int high = c == '%' && i + 2 < length ? tg_hex_digit(text[i + 1]) : -1, low = high >= 0 ? tg_hex_digit(text[i + 2]) : -1;
        if (low >= 0) c = (char)(high * 16 + low), i += 2;
        else if (c == '+' && is_query) c = ' ';
        tg_buffer_add(&out, &c, 1);
    }
    TgString *string = out.failed ? NULL : tg_http_string(vm, out.data, out.length);
    tg_buffer_free(&out);
    return string ? string : (tg_error_memory(vm), NULL);
}

TgList *tg_http_pairs(TgVM *vm, const char *text, size_t length) {
    TgList *pairs = tg_list(vm, 0);
    const char *end = text + length;
    for (const char *at = text, *next; at < end; at = next + 1) {
        next = memchr(at, '&', (size_t)(end - at));
        if (!next) next = end;
        if (next == at) continue;
        const char *sign = memchr(at, '=', (size_t)(next - at));
        TgString *name = tg_http_unescape(vm, at, (size_t)((sign ? sign : next) - at), true);
        TgString *value = sign ? tg_http_unescape(vm, sign + 1, (size_t)(next - sign - 1), true) : vm->name_empty;
        if (!name || !value) return NULL;
        TgValue pair[] = {tg_obj(name), tg_obj(value)};
        if (!tg_list_push(vm, pairs, tg_obj(tg_list_of(vm, pair, 2)))) return tg_error_memory(vm), NULL;
    }
    return pairs;
}

// ---- Natives

static TgResult http_escape(TgCall *call) {
    static const char hex[] = "0123456789ABCDEF", kept[] = "-._~";
    TgString *text, *safe = NULL;
    if (!tg_arg_string(call, 0, &text) || (tg_lib_given(call, 1) && !tg_arg_string(call, 1, &safe))) return TG_RAISED;
    TgBuffer out = {0};
    for (uint32_t i = 0; i < text->length; i++) {
        char c = text->data[i], small = lower(c);
        bool stays = (small >= 'a' && small <= 'z') || (c >= '0' && c <= '9') || (c && strchr(kept, c)) || (c && safe && strchr(safe->data, c));
        char escaped[] = {'%', hex[(unsigned char)c >> 4], hex[c & 15]};
        tg_buffer_add(&out, stays ? &c : escaped, stays ? 1 : 3);
    }
    return tg_lib_return_text(call, &out);
}

static TgResult http_unescape(TgCall *call) {
    TgString *text;
    if (!tg_arg_string(call, 0, &text)) return TG_RAISED;
    TgString *plain = tg_http_unescape(call->vm, text->data, text->length, false);
    return plain ? tg_return(call, tg_obj(plain)) : TG_RAISED;
}

static TgResult http_parse_query(TgCall *call) {
    TgString *text;
    if (!tg_arg_string(call, 0, &text)) return TG_RAISED;
    TgList *pairs = tg_http_pairs(call->vm, text->data, text->length);
    return pairs ? tg_return(call, tg_obj(pairs)) : TG_RAISED;
}

static TgResult http_reason(TgCall *call) {
    int64_t status;
    if (!tg_arg_index(call, 0, &status)) return TG_RAISED;
    return tg_return(call, tg_obj(tg_string_c(call->vm, status < 1000 && status > 0 ? tg_http_reason((int)status) : "")));
}

const TgNativeDef tg_lib_http_text[] = {
    {"_reason(status)", http_reason, "\"Not Found\"."},
    {0},
};

const TgNativeDef tg_lib_http_members[] = {
    {"escape(text, safe = \"\")", http_escape, "A text with %XX in place of all but letters, digits, `-._~` and the characters of `safe`, for URLs."},
    {"unescape(text)", http_unescape, "A text with what its %XX stand for; bytes that are no UTF-8 are taken as Latin-1."},
    {"parse_query(text)", http_parse_query, "\"a=1&b=2\" as a List of Lists [name, value], in order, repeated names too."},
    {0},
};
