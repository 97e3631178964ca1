// stdlib/uuid.c
// The module uuid: names that nobody else has, as Strings (RFC 9562).
//
// Their random bits are the system's, not those that random.seed repeats; under virtual time they are the reactor's and repeat.
//
// Layer: library.
#include <math.h>
#include <string.h>
#include <strings.h>

#include "stdlib/hex.h"
#include "stdlib/lib.h"

enum { SIZE = 16, TEXT_SIZE = 36 };

static TgResult return_uuid(TgCall *call, uint8_t bytes[SIZE], int version) {
    char text[TEXT_SIZE], *at = text;
    if (version) {
        bytes[6] = (uint8_t)(version << 4 | (bytes[6] & 15));
        bytes[8] = (uint8_t)(0x80 | (bytes[8] & 63));
    }
    for (int i = 0; i < SIZE; i++) {
        if (i == 4 || i == 6 || i == 8 || i == 10) *at++ = '-';
        at = tg_hex_put(at, bytes[i]);
    }
    return tg_return(call, tg_obj(tg_string(call->vm, text, TEXT_SIZE)));
}

static void fill_random(TgVM *vm, uint8_t bytes[SIZE]) {
    uint64_t bits[2] = {tg_entropy(vm), tg_entropy(vm)};
    memcpy(bytes, bits, SIZE);
}

static TgResult uuid_v4(TgCall *call) {
    uint8_t bytes[SIZE];
    fill_random(call->vm, bytes);
    return return_uuid(call, bytes, 4);
}

// 48 bits of milliseconds since 1970 in front, so that later ones come later in order.
static TgResult uuid_v7(TgCall *call) {
    uint8_t bytes[SIZE];
    fill_random(call->vm, bytes);
    uint64_t time = (uint64_t)fmax(0, tg_wall_time(call->vm) * 1000);
    for (int i = 0; i < 6; i++) bytes[i] = (uint8_t)(time >> (40 - 8 * i));
    return return_uuid(call, bytes, 7);
}

// 32 digits, with or without hyphens between pairs, in braces or behind "urn:uuid:".
static bool read_uuid(const TgString *text, uint8_t bytes[SIZE]) {
    const char *at = text->data, *end = at + text->length;
    bool is_braced = at < end && *at == '{';
    if (text->length > 9 && !strncasecmp(at, "urn:uuid:", 9)) at += 9;
    if (is_braced && end[-1] != '}') return false;
    at += is_braced;
    end -= is_braced;
    for (int i = 0; i < SIZE; i++) {
        if (i && at < end && *at == '-') at++;
        if (end - at < 2 || tg_hex_digit(at[0]) < 0 || tg_hex_digit(at[1]) < 0) return false;
        bytes[i] = (uint8_t)(tg_hex_digit(at[0]) << 4 | tg_hex_digit(at[1]));
        at += 2;
    }
    return at == end;
}

static TgResult uuid_parse(TgCall *call) {
    TgString *text;
    uint8_t bytes[SIZE];
    if (!tg_arg_string(call, 0, &text)) return TG_RAISED;
    if (read_uuid(text, bytes)) return return_uuid(call, bytes, 0);
    return tg_raise(call, TG_ERR_ValueError, "uuid.parse(): %s is no UUID; one is 32 hex digits, as 8-4-4-4-12",
                    tg_lib_show(call->vm, call->args[0]));
}

static TgResult uuid_is_valid(TgCall *call) {
    uint8_t bytes[SIZE];
    bool is_text = tg_is_kind(call->args[0], OBJ_STRING);
    return tg_return(call, tg_bool(is_text && read_uuid((TgString *)tg_as_obj(call->args[0]), bytes)));
}

const TgNativeDef tg_lib_uuid_members[] = {
    {"v4()", uuid_v4, "A new random UUID, a String."},
    {"v7()", uuid_v7, "A new UUID that begins with the time, so that later ones come later in order."},
    {"parse(text)", uuid_parse, "A UUID in its usual form, lower case with hyphens; ValueError for what is none."},
    {"is_valid(text)", uuid_is_valid, "Whether a value is a String that uuid.parse takes."},
    {0},
};

void tg_lib_uuid(TgVM *vm, TgModule *module) {
    tg_register_members(vm, module, tg_lib_uuid_members);
}
