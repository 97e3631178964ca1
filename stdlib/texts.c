// stdlib/texts.c
// Methods of String that make new text: case, replace, repeat, pad, join, from_bytes.
//
// How long the result gets is known before it is made, so that a length that no memory holds is a
// MemoryError and nothing else.
//
// Layer: library.
#include <string.h>

#include "stdlib/lib.h"
#include "stdlib/unicode.h"

enum { ASK_AFTER = 4096 }; // places that are replaced between two looks for a signal

// A String of so many bytes to be filled, or NULL: MemoryError was raised.
static TgString *new_text(TgCall *call, uint64_t length) {
    TgString *text = length < UINT32_MAX ? tg_string_begin(call->vm, (size_t)length) : NULL;
    if (!text) tg_error_memory(call->vm);
    return text;
}

static TgResult finish(TgCall *call, TgString *text) {
    return tg_return(call, tg_obj(tg_string_finish(call->vm, text)));
}

// Of ASCII text: as many bytes; the 26 letters from `first` on change their case.
static TgResult shift_ascii(TgCall *call, const TgString *self, unsigned char first) {
    TgString *text = new_text(call, self->length);
    if (!text) return TG_RAISED;
    for (uint32_t i = 0; i < self->length; i++) {
        unsigned char byte = (unsigned char)self->data[i];
        text->data[i] = (char)((unsigned char)(byte - first) < 26 ? byte ^ 0x20 : byte);
    }
    return finish(call, text);
}

static TgResult map_chars(TgCall *call, uint32_t (*map)(uint32_t code), unsigned char first) {
    TgString *self;
    if (!tg_arg_string(call, 0, &self)) return TG_RAISED;
    if (self->obj.flags & OBJ_ASCII) return shift_ascii(call, self, first);
    char bytes[4];
    uint64_t length = 0;
    int step;
    for (size_t at = 0; at < self->length; at += (size_t)step)
        length += (uint64_t)tg_utf8_encode(map(tg_char_at(self->data + at, &step)), bytes);
    TgString *text = new_text(call, length);
    if (!text) return TG_RAISED;
    char *out = text->data;
    for (size_t at = 0; at < self->length; at += (size_t)step) {
        int count = tg_utf8_encode(map(tg_char_at(self->data + at, &step)), bytes);
        memcpy(out, bytes, (size_t)count);
        out += count;
    }
    return finish(call, text);
}

static TgResult string_upper(TgCall *call) {
    return map_chars(call, tg_char_upper, 'a');
}
static TgResult string_lower(TgCall *call) {
    return map_chars(call, tg_char_lower, 'A');
}

static TgResult string_replace(TgCall *call) {
    TgString *self, *a, *b;
    if (!tg_arg_string(call, 0, &self) || !tg_arg_string(call, 1, &a) ||
        !tg_arg_string(call, 2, &b))
        return TG_RAISED;
    if (!a->length)
        return tg_raise(call, TG_ERR_ValueError,
                        "replace(a, b): a must not be empty; b.join(s.chars()) puts b between all "
                        "characters");
    uint64_t count = 0;
    for (int64_t at = 0; (at = tg_lib_find(self, a, (size_t)at)) >= 0; at += a->length)
        if (count++ % ASK_AFTER == 0 && tg_gives_up(call->vm)) return TG_RAISED;
    if (!count) return tg_return(call, call->args[0]);
    TgString *text = new_text(call, self->length - count * a->length + count * b->length);
    if (!text) return TG_RAISED;
    char *out = text->data;
    size_t from = 0;
    for (int64_t at; (at = tg_lib_find(self, a, from)) >= 0; from = (size_t)at + a->length) {
        if (--count % ASK_AFTER == 0 && tg_gives_up(call->vm)) return TG_RAISED;
        memcpy(out, self->data + from, (size_t)at - from);
        out += (size_t)at - from;
        memcpy(out, b->data, b->length);
        out += b->length;
    }
    memcpy(out, self->data + from, self->length - from);
    return finish(call, text);
}

static TgResult string_repeat(TgCall *call) {
    TgString *self;
    int64_t n;
    if (!tg_arg_string(call, 0, &self)) return TG_RAISED;
    if (!tg_is_bigint(call->args[1]) && !tg_arg_int(call, 1, &n)) return TG_RAISED;
    TgValue text = tg_binary(call->vm, NUM_MUL, call->args[0], call->args[1]);
    return tg_is_undef(text) ? TG_RAISED : tg_return(call, text);
}

static TgResult pad(TgCall *call, bool is_left) {
    TgString *self, *fill = NULL;
    int64_t width;
    if (!tg_arg_string(call, 0, &self) || !tg_arg_int(call, 1, &width)) return TG_RAISED;
    if (tg_given(call, 2) && !tg_arg_string(call, 2, &fill)) return TG_RAISED;
    if (fill && fill->chars != 1)
        return tg_raise(call, TG_ERR_ValueError, "pad_%s(): fill must be one character, not %u",
                        is_left ? "left" : "right", (unsigned)fill->chars);
    if (width <= self->chars) return tg_return(call, call->args[0]);
    const char *bytes = fill ? fill->data : " ";
    size_t each = fill ? fill->length : 1;
    uint64_t count = (uint64_t)width - self->chars;
    if (count >= UINT32_MAX) return tg_raise_memory(call);
    TgString *text = new_text(call, count * each + self->length);
    if (!text) return TG_RAISED;
    char *out = text->data + (is_left ? 0 : self->length);
    for (uint64_t i = 0; i < count; i++) memcpy(out + i * each, bytes, each);
    memcpy(text->data + (is_left ? count * each : 0), self->data, self->length);
    return finish(call, text);
}

static TgResult string_pad_left(TgCall *call) {
    return pad(call, true);
}
static TgResult string_pad_right(TgCall *call) {
    return pad(call, false);
}

static TgResult string_join(TgCall *call) {
    TgString *self;
    if (!tg_arg_string(call, 0, &self)) return TG_RAISED;
    TgResult result = tg_lib_items(call, 1, "join(list): list", 1);
    if (result != TG_DONE) return result;
    return tg_lib_join(call, (TgList *)tg_as_obj(call->args[1]), self);
}

static TgResult string_from_bytes(TgCall *call) {
    TgResult result = tg_lib_items(call, 0, "String.from_bytes(list): list", 1);
    if (result != TG_DONE) return result;
    const TgList *list = (TgList *)tg_as_obj(call->args[0]);
    TgBuffer buffer = {0};
    for (uint32_t i = 0; i < list->count; i++) {
        TgValue byte = list->items[i];
        if (!tg_is_int(byte) || tg_as_int(byte) < 0 || tg_as_int(byte) > 255) {
            tg_buffer_free(&buffer);
            return tg_raise(call, TG_ERR_ValueError,
                            "String.from_bytes(list): item %u is %s, no Int from 0 to 255",
                            (unsigned)i, tg_lib_show(call->vm, byte));
        }
        char octet = (char)tg_as_int(byte);
        tg_buffer_add(&buffer, &octet, 1);
    }
    if (!buffer.length || tg_utf8_valid(buffer.data, buffer.length))
        return tg_lib_return_text(call, &buffer);
    size_t good = buffer.length; // the longest valid start, for the message
    while (good && !tg_utf8_valid(buffer.data, good)) good--;
    tg_buffer_free(&buffer);
    return tg_raise(call, TG_ERR_ValueError,
                    "String.from_bytes(list): the bytes are no UTF-8 text from index %zu on", good);
}

const TgNativeDef tg_lib_texts[] = {
    {"upper()", string_upper, "A String with the letters in upper case."},
    {"lower()", string_lower, "A String with the letters in lower case."},
    {"replace(a, b)", string_replace, "A String with b in the place of every a."},
    {"repeat(n)", string_repeat, "The String n times; \"\" where n is not above 0."},
    {"pad_left(width, fill = \" \")", string_pad_left,
     "A String filled up at its left to `width` characters."},
    {"pad_right(width, fill = \" \")", string_pad_right,
     "A String filled up at its right to `width` characters."},
    {"join(list)", string_join, "One String of the List's Strings, with this one between them."},
    {0},
};

const TgNativeDef tg_lib_string_statics[] = {
    {"from_bytes(list)", string_from_bytes, "The String whose UTF-8 text these bytes, Ints from 0 to 255, are."},
    {0},
};
