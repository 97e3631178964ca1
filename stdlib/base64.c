// stdlib/base64.c
// The module base64: Bytes as letters, and back (RFC 4648).
//
// The result is filled in stretches with a boundary between them; nobody else has it before it is whole.
//
// Layer: library.
#include <string.h>

#include "stdlib/lib.h"

enum { STRETCH = 96 * 1024 }; // bytes of the input between two boundaries; a multiple of 3 and 4

static const char common[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";

// ---- encode

enum { ARG_DATA, ARG_URL, STATE_OUT, STATE_AT };

static char letter(uint32_t bits, bool is_url) {
    bits &= 63;
    return bits < 62 ? common[bits] : bits == 62 ? (is_url ? '-' : '+') : (is_url ? '_' : '/');
}

// Up to three bytes to letters; gives how many.
static size_t encode_group(char *out, const uint8_t *data, size_t count, bool is_url) {
    uint32_t bits = (uint32_t)data[0] << 16 | (count > 1 ? (uint32_t)data[1] << 8 : 0) | (count > 2 ? data[2] : 0);
    for (size_t i = 0; i <= count; i++) out[i] = letter(bits >> (18 - 6 * i), is_url);
    if (is_url) return count + 1; // it needs no padding
    for (size_t i = count + 1; i < 4; i++) out[i] = '=';
    return 4;
}

static size_t encoded_length(size_t length, bool is_url) {
    return is_url ? (4 * length + 2) / 3 : (length + 2) / 3 * 4;
}

static TgResult base64_encode(TgCall *call) {
    const uint8_t *data;
    size_t length, at = call->step ? (size_t)tg_as_int(call->args[STATE_AT]) : 0;
    bool is_url = false;
    if (!tg_lib_data(call, ARG_DATA, "base64.encode(): data", &data, &length) || !tg_lib_flag(call, ARG_URL, "url", &is_url)) return TG_RAISED;
    if (!call->step) {
        TgString *room = tg_string_begin(call->vm, encoded_length(length, is_url));
        if (!room) return tg_raise_memory(call);
        call->args[STATE_OUT] = tg_obj(room);
    }
    TgString *out = (TgString *)tg_as_obj(call->args[STATE_OUT]);
    size_t stop = length - at > STRETCH ? at + STRETCH : length;
    char *to = out->data + at / 3 * 4;
    for (; at < stop; at += 3) to += encode_group(to, data + at, length - at < 3 ? length - at : 3, is_url);
    if (stop == length) return tg_return(call, tg_obj(tg_string_finish(call->vm, out)));
    call->args[STATE_AT] = tg_int((int64_t)stop);
    return tg_lib_breathe(call, 1);
}

// ---- decode

enum { ARG_TEXT, STATE_BYTES, STATE_PLACES }; // places: List of how far the text is read and the bytes are filled

// The six bits of a letter of either alphabet, or -1.
static int bits_of(unsigned char c) {
    if (c >= 'A' && c <= 'Z') return c - 'A';
    if (c >= 'a' && c <= 'z') return c - 'a' + 26;
    if (c >= '0' && c <= '9') return c - '0' + 52;
    return c == '+' || c == '-' ? 62 : c == '/' || c == '_' ? 63 : -1;
}

static bool is_blank(char c) {
    return c == ' ' || (c >= '\t' && c <= '\r');
}

typedef struct {
    TgCall *call;
    const TgString *text;
    size_t at;
    uint8_t *out;
    size_t used;
} Decoder;

static bool fail(const Decoder *decoder, const char *what) {
    tg_error_raise(decoder->call->vm, TG_ERR_ValueError, "base64.decode(): %s at character %zu", what,
                   decoder->at + 1); // all before it is ASCII
    return false;
}

// Behind the letters are only `=` and blanks.
static bool check_padding(Decoder *decoder, int letters) {
    int signs = 0;
    for (; decoder->at < decoder->text->length; decoder->at++) {
        char c = decoder->text->data[decoder->at];
        if (is_blank(c)) continue;
        if (c != '=') return fail(decoder, signs ? "there is something behind the `=`" : "no letter of base64");
        signs++;
    }
    if (letters == 1) return fail(decoder, "a letter is missing");
    if (signs && letters + signs != 4) return fail(decoder, "too few or too many `=`");
    return true;
}

// Four letters, or the last ones. *more: there may be others behind them.
static bool decode_group(Decoder *decoder, bool *more) {
    uint32_t bits = 0;
    int letters = 0;
    for (; letters < 4 && decoder->at < decoder->text->length; decoder->at++) {
        unsigned char c = (unsigned char)decoder->text->data[decoder->at];
        int six = bits_of(c);
        if (six < 0 && !is_blank((char)c)) break;
        if (six < 0) continue;
        bits = bits << 6 | (uint32_t)six;
        letters++;
    }
    *more = letters == 4;
    if (!*more && !check_padding(decoder, letters)) return false;
    bits <<= 6 * (4 - letters);
    for (int i = 0; i + 1 < letters; i++) decoder->out[decoder->used++] = (uint8_t)(bits >> (16 - 8 * i));
    return true;
}

static TgResult pause_decoder(const Decoder *decoder) {
    TgValue places[] = {tg_int((int64_t)decoder->at), tg_int((int64_t)decoder->used)};
    decoder->call->args[STATE_PLACES] = tg_obj(tg_list_of(decoder->call->vm, places, 2));
    return tg_lib_breathe(decoder->call, 1);
}

static TgResult base64_decode(TgCall *call) {
    TgString *text;
    if (!tg_arg_string(call, ARG_TEXT, &text)) return TG_RAISED;
    if (!call->step) {
        TgBytes *room = tg_bytes_begin(call->vm, (size_t)text->length / 4 * 3 + 3);
        if (!room) return tg_raise_memory(call);
        call->args[STATE_BYTES] = tg_obj(room);
    }
    TgBytes *bytes = tg_as_bytes(call->args[STATE_BYTES]);
    Decoder decoder = {.call = call, .text = text, .out = bytes->bytes};
    if (call->step) {
        const TgList *places = (TgList *)tg_as_obj(call->args[STATE_PLACES]);
        decoder.at = (size_t)tg_as_int(places->items[0]);
        decoder.used = (size_t)tg_as_int(places->items[1]);
    }
    size_t stop = decoder.at + STRETCH;
    for (bool more = true; more;) {
        if (decoder.at >= stop) return pause_decoder(&decoder);
        if (!decode_group(&decoder, &more)) return TG_RAISED;
    }
    return tg_return(call, tg_obj(tg_bytes_part(call->vm, bytes, 0, decoder.used)));
}

const TgNativeDef tg_lib_base64_members[] = {
    {"encode(data, url = false)", base64_encode,
     "A String or Bytes as letters; url: with - and _ instead of + and /, and without = at the end."},
    {"decode(text)", base64_decode, "The Bytes that these letters, of either form, stand for; blanks between them are nothing."},
    {0},
};

void tg_lib_base64(TgVM *vm, TgModule *module) {
    tg_register_members(vm, module, tg_lib_base64_members);
}
