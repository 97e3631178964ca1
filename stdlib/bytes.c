// stdlib/bytes.c
// Bytes(…) and its methods, and what makes Bytes of a String.
//
// A part to be looked for is Bytes as well: nothing is converted silently.
//
// Layer: library.
#include "stdlib/hex.h"
#include "stdlib/lib.h"

bool tg_arg_bytes(TgCall *call, int index, TgBytes **out) {
    if (tg_is_kind(call->args[index], OBJ_BYTES)) return *out = tg_as_bytes(call->args[index]), true;
    bool is_text = tg_is_kind(call->args[index], OBJ_STRING);
    tg_error_raise(call->vm, TG_ERR_TypeError, "Bytes are asked for, not %s%s", TG_SHOW(call->vm, call->args[index]),
                   is_text ? "; text.encode() gives its bytes" : "");
    return false;
}

static TgResult give(TgCall *call, TgBytes *bytes) {
    return bytes ? tg_return(call, tg_obj(bytes)) : tg_raise_memory(call);
}

TgResult tg_lib_return_bytes(TgCall *call, TgBuffer *buffer) {
    bool failed = buffer->failed;
    TgBytes *bytes = failed ? NULL : tg_bytes_begin(call->vm, buffer->length);
    if (bytes && buffer->length) memcpy(bytes->bytes, buffer->data, buffer->length);
    tg_buffer_free(buffer);
    return give(call, bytes);
}

// ---- making

static TgResult bytes_of_list(TgCall *call, const TgList *list) {
    TgBytes *bytes = tg_bytes_begin(call->vm, list->count);
    for (uint32_t i = 0; bytes && i < list->count; i++) {
        TgValue byte = list->items[i];
        if (!tg_is_int(byte) || tg_as_int(byte) < 0 || tg_as_int(byte) > 255)
            return tg_raise(call, TG_ERR_ValueError, "Bytes(items): item %u is %s, no Int from 0 to 255", (unsigned)i,
                            tg_lib_show(call->vm, byte));
        bytes->bytes[i] = (uint8_t)tg_as_int(byte);
    }
    return give(call, bytes);
}

// As repr shows them, where no encoding makes a difference.
static TgResult bytes_of_text(TgCall *call, const TgString *text) {
    if (!(text->obj.flags & OBJ_ASCII))
        return tg_raise(call, TG_ERR_ValueError,
                        "Bytes(text) takes ASCII only: beyond that the bytes depend on the encoding; write text.encode() "
                        "for UTF-8, or Bytes.from_hex(\"…\")");
    return tg_return(call, tg_obj(tg_bytes(call->vm, text->data, text->length)));
}

static TgResult bytes_init(TgCall *call) {
    TgValue items = tg_given(call, 0) ? call->args[0] : TG_NIL;
    if (tg_is_nil(items)) return tg_return(call, tg_obj(tg_bytes(call->vm, NULL, 0)));
    if (tg_is_kind(items, OBJ_BYTES)) return tg_return(call, items);
    if (tg_is_kind(items, OBJ_STRING)) return bytes_of_text(call, (TgString *)tg_as_obj(items));
    if (tg_is_any_int(items))
        return tg_raise(call, TG_ERR_TypeError, "Bytes(items) takes a List of Ints from 0 to 255; write Bytes([n]) for one byte, "
                                                "Bytes([0]) * n for n of them");
    TgResult result = tg_lib_items(call, 0, "Bytes(items): items", 1);
    return result == TG_DONE ? bytes_of_list(call, (TgList *)tg_as_obj(call->args[0])) : result;
}

static TgResult bytes_from_hex(TgCall *call) {
    TgString *text;
    if (!tg_arg_string(call, 0, &text)) return TG_RAISED;
    TgBuffer out = {0};
    for (uint32_t i = 0; i < text->length; i++) {
        if (strchr(" \t\n\r", text->data[i])) continue;
        int high = tg_hex_digit(text->data[i]), low = i + 1 < text->length ? tg_hex_digit(text->data[i + 1]) : -1;
        if (high < 0 || low < 0) {
            tg_buffer_free(&out);
            return tg_raise(call, TG_ERR_ValueError, "Bytes.from_hex(): at index %u stand no two hex digits", (unsigned)i);
        }
        char byte = (char)(high << 4 | low);
        tg_buffer_add(&out, &byte, 1);
        i++;
    }
    return tg_lib_return_bytes(call, &out);
}

// ---- encodings

typedef enum { UTF8, LATIN1, ASCII, UNKNOWN } Encoding;

static bool encoding_of(TgCall *call, int index, Encoding *out) {
    static const struct {
        const char *name;
        Encoding encoding;
    } names[] = {{"utf-8", UTF8},     {"utf8", UTF8},   {"UTF-8", UTF8},      {"latin1", LATIN1}, {"latin-1", LATIN1},
                 {"iso-8859-1", LATIN1}, {"ascii", ASCII}, {"ASCII", ASCII}, {"us-ascii", ASCII}};
    TgString *name;
    *out = UTF8;
    if (!tg_lib_given(call, index)) return true;
    if (!tg_arg_string(call, index, &name)) return false;
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (!strcmp(names[i].name, name->data)) return *out = names[i].encoding, true;
    tg_error_raise(call->vm, TG_ERR_ValueError, "there is no encoding %s here; \"utf-8\", \"latin1\" and \"ascii\" there are",
                   tg_lib_show(call->vm, call->args[index]));
    return false;
}

static TgResult string_encode(TgCall *call) {
    TgString *text;
    Encoding encoding;
    if (!tg_arg_string(call, 0, &text) || !encoding_of(call, 1, &encoding)) return TG_RAISED;
    if (encoding == UTF8 || (text->obj.flags & OBJ_ASCII)) {
        TgBytes *bytes = tg_bytes_begin(call->vm, text->length);
        if (bytes) memcpy(bytes->bytes, text->data, text->length);
        return give(call, bytes);
    }
    uint32_t most = encoding == ASCII ? 0x7F : 0xFF;
    TgBytes *bytes = tg_bytes_begin(call->vm, text->chars);
    if (!bytes) return tg_raise_memory(call);
    for (uint32_t i = 0, at = 0; i < text->chars; i++) {
        int length;
        uint32_t code = tg_utf8_decode(text->data + at, &length);
        if (code > most)
            return tg_raise(call, TG_ERR_ValueError, "encode(): %s has no \"%.*s\" (index %u)", most == 0x7F ? "ASCII" : "Latin-1",
                            length, text->data + at, (unsigned)i);
        bytes->bytes[i] = (uint8_t)code;
        at += (uint32_t)length;
    }
    return tg_return(call, tg_obj(bytes));
}

// How many bytes from `at` on are a whole character; 0: none is here.
static size_t character_at(const uint8_t *at, size_t left) {
    for (size_t length = 1; length <= 4 && length <= left; length++)
        if (tg_utf8_valid((const char *)at, length)) return length;
    return 0;
}

size_t tg_lib_utf8_good(const uint8_t *data, size_t length) {
    if (tg_utf8_valid((const char *)data, length)) return length;
    size_t good = 0, step = length;
    while ((step /= 2) > 16) // quickly to near the place
        if (tg_utf8_valid((const char *)data, good + step)) good += step;
    while (good < length) {
        size_t next = character_at(data + good, length - good);
        if (!next) break;
        good += next;
    }
    return good;
}

// Each byte that belongs to no character becomes U+FFFD.
static void add_replaced(TgBuffer *out, const uint8_t *data, size_t length) {
    for (size_t at = 0; at < length;) {
        size_t good = tg_lib_utf8_good(data + at, length - at);
        tg_buffer_add(out, (const char *)data + at, good);
        at += good;
        if (at < length) tg_buffer_text(out, "\xEF\xBF\xBD");
        at++;
    }
}

TgResult tg_lib_decode(TgCall *call, const uint8_t *data, size_t length, bool replaces) {
    size_t good = tg_lib_utf8_good(data, length);
    if (good == length) {
        TgString *text = tg_string_begin(call->vm, length);
        if (!text) return tg_raise_memory(call);
        memcpy(text->data, data, length);
        return tg_return(call, tg_obj(tg_string_finish(call->vm, text)));
    }
    if (!replaces)
        return tg_raise(call, TG_ERR_ValueError,
                        "decode(): the byte at offset %zu (0x%02x) is no UTF-8; decode(errors: \"replace\") puts \xEF\xBF\xBD in its place",
                        good, data[good]);
    TgBuffer out = {0};
    add_replaced(&out, data, length);
    return tg_lib_return_text(call, &out);
}

static TgResult decode_single(TgCall *call, const TgBytes *bytes, Encoding encoding, bool replaces) {
    TgBuffer out = {0};
    for (uint32_t i = 0; i < bytes->length; i++) {
        char text[4];
        uint32_t code = bytes->data[i];
        if (encoding == ASCII && code > 0x7F && !replaces) {
            tg_buffer_free(&out);
            return tg_raise(call, TG_ERR_ValueError, "decode(): the byte at offset %u (0x%02x) is no ASCII", (unsigned)i, code);
        }
        if (encoding == ASCII && code > 0x7F) code = 0xFFFD;
        tg_buffer_add(&out, text, (size_t)tg_utf8_encode(code, text));
    }
    return tg_lib_return_text(call, &out);
}

bool tg_lib_replaces(TgCall *call, int index, bool *out) {
    TgString *errors;
    *out = false;
    if (!tg_lib_given(call, index)) return true;
    if (!tg_arg_string(call, index, &errors)) return false;
    *out = !strcmp(errors->data, "replace");
    if (*out || !strcmp(errors->data, "strict")) return true;
    tg_error_raise(call->vm, TG_ERR_ValueError, "errors: is \"strict\" or \"replace\", not %s", tg_lib_show(call->vm, call->args[index]));
    return false;
}

static TgResult bytes_decode(TgCall *call) {
    Encoding encoding;
    bool replaces;
    TgBytes *self;
    if (!tg_arg_bytes(call, 0, &self) || !encoding_of(call, 1, &encoding) || !tg_lib_replaces(call, 2, &replaces)) return TG_RAISED;
    if (encoding == UTF8) return tg_lib_decode(call, self->data, self->length, replaces);
    return decode_single(call, self, encoding, replaces);
}

// ---- looking for parts

static TgResult bytes_find(TgCall *call) {
    TgBytes *self, *part;
    int64_t start = 0;
    if (!tg_arg_bytes(call, 0, &self) || !tg_arg_bytes(call, 1, &part)) return TG_RAISED;
    if (tg_given(call, 2) && !tg_arg_index(call, 2, &start)) return TG_RAISED;
    if (start < 0) start = start + self->length < 0 ? 0 : start + self->length;
    int64_t at = tg_bytes_find(self, part->data, part->length, (size_t)start);
    return tg_return(call, at < 0 ? TG_NIL : tg_int(at));
}

static TgResult bytes_contains(TgCall *call) {
    TgBytes *self, *part;
    if (!tg_arg_bytes(call, 0, &self) || !tg_arg_bytes(call, 1, &part)) return TG_RAISED;
    return tg_return(call, tg_bool(tg_bytes_find(self, part->data, part->length, 0) >= 0));
}

static TgResult bytes_starts_with(TgCall *call) {
    TgBytes *self, *start;
    if (!tg_arg_bytes(call, 0, &self) || !tg_arg_bytes(call, 1, &start)) return TG_RAISED;
    return tg_return(call, tg_bool(start->length <= self->length && !memcmp(self->data, start->data, start->length)));
}

static TgResult bytes_ends_with(TgCall *call) {
    TgBytes *self, *end;
    if (!tg_arg_bytes(call, 0, &self) || !tg_arg_bytes(call, 1, &end)) return TG_RAISED;
    bool does = end->length <= self->length && !memcmp(self->data + self->length - end->length, end->data, end->length);
    return tg_return(call, tg_bool(does));
}

// ---- taking apart and putting together

static TgResult bytes_split(TgCall *call) {
    TgBytes *self, *separator;
    if (!tg_arg_bytes(call, 0, &self) || !tg_arg_bytes(call, 1, &separator)) return TG_RAISED;
    if (!separator->length) return tg_raise(call, TG_ERR_ValueError, "split(): the separator has no bytes; b.to_list() gives them one by one");
    TgList *parts = tg_list(call->vm, 0);
    size_t from = 0;
    for (int64_t at; (at = tg_bytes_find(self, separator->data, separator->length, from)) >= 0; from = (size_t)at + separator->length)
        if (!tg_list_push(call->vm, parts, tg_obj(tg_bytes_part(call->vm, self, from, (size_t)at - from)))) return tg_raise_memory(call);
    tg_list_push(call->vm, parts, tg_obj(tg_bytes_part(call->vm, self, from, self->length - from)));
    return tg_return(call, tg_obj(parts));
}

static TgResult bytes_join(TgCall *call) {
    TgBytes *self;
    if (!tg_arg_bytes(call, 0, &self)) return TG_RAISED;
    TgResult result = tg_lib_items(call, 1, "join(list): list", 1);
    if (result != TG_DONE) return result;
    const TgList *list = (TgList *)tg_as_obj(call->args[1]);
    size_t length = list->count > 1 ? (size_t)self->length * (list->count - 1) : 0;
    for (uint32_t i = 0; i < list->count; i++) {
        if (!tg_is_kind(list->items[i], OBJ_BYTES))
            return tg_raise(call, TG_ERR_TypeError, "join(list): item %u is %s, not Bytes", (unsigned)i, TG_SHOW(call->vm, list->items[i]));
        length += tg_as_bytes(list->items[i])->length;
    }
    TgBytes *whole = tg_bytes_begin(call->vm, length);
    if (!whole) return tg_raise_memory(call);
    uint8_t *at = whole->bytes;
    for (uint32_t i = 0; i < list->count; i++) {
        const TgBytes *part = tg_as_bytes(list->items[i]);
        if (i) at = (uint8_t *)memcpy(at, self->data, self->length) + self->length;
        at = (uint8_t *)memcpy(at, part->data, part->length) + part->length;
    }
    return tg_return(call, tg_obj(whole));
}

static TgResult bytes_replace(TgCall *call) {
    TgBytes *self, *old, *new;
    if (!tg_arg_bytes(call, 0, &self) || !tg_arg_bytes(call, 1, &old) || !tg_arg_bytes(call, 2, &new)) return TG_RAISED;
    if (!old->length) return tg_raise(call, TG_ERR_ValueError, "replace(): what is to be replaced has no bytes");
    TgBuffer out = {0};
    size_t from = 0;
    for (int64_t at; (at = tg_bytes_find(self, old->data, old->length, from)) >= 0; from = (size_t)at + old->length) {
        tg_buffer_add(&out, (const char *)self->data + from, (size_t)at - from);
        tg_buffer_add(&out, (const char *)new->data, new->length);
    }
    tg_buffer_add(&out, (const char *)self->data + from, self->length - from);
    return tg_lib_return_bytes(call, &out);
}

static TgResult bytes_to_hex(TgCall *call) {
    TgBytes *self;
    TgString *separator = NULL;
    if (!tg_arg_bytes(call, 0, &self)) return TG_RAISED;
    if (tg_given(call, 1) && !tg_arg_string(call, 1, &separator)) return TG_RAISED;
    TgBuffer out = {0};
    for (uint32_t i = 0; i < self->length; i++) {
        if (i && separator) tg_buffer_add(&out, separator->data, separator->length);
        char pair[2];
        tg_hex_put(pair, self->data[i]);
        tg_buffer_add(&out, pair, sizeof pair);
    }
    return tg_lib_return_text(call, &out);
}

static TgResult bytes_to_list(TgCall *call) {
    TgBytes *self;
    if (!tg_arg_bytes(call, 0, &self)) return TG_RAISED;
    if (!tg_lib_room(call, (size_t)self->length * sizeof(TgValue))) return TG_RAISED;
    TgList *list = tg_list(call->vm, self->length);
    for (uint32_t i = 0; i < self->length; i++) tg_list_push(call->vm, list, tg_int(self->data[i]));
    return tg_return(call, tg_obj(list));
}

const TgNativeDef tg_lib_bytes[] = {
    {"decode(encoding = \"utf-8\", errors: \"strict\")", bytes_decode,
     "The text that these bytes are; also of \"latin1\" and \"ascii\". A ValueError says where they are none; errors: \"replace\" puts "
     "U+FFFD there."},
    {"find(part, start = 0)", bytes_find, "The index of the first such Bytes from `start` on, or nil."},
    {"contains(part)", bytes_contains, "Whether these Bytes stand somewhere in it."},
    {"starts_with(part)", bytes_starts_with, "Whether it begins with these Bytes."},
    {"ends_with(part)", bytes_ends_with, "Whether it ends with these Bytes."},
    {"split(separator)", bytes_split, "The List of the parts between the separators."},
    {"join(list)", bytes_join, "All Bytes of the List as one, with this one between them."},
    {"replace(a, b)", bytes_replace, "Bytes with b in the place of every a."},
    {"to_hex(separator = \"\")", bytes_to_hex, "Two hex digits for each byte, as a String."},
    {"to_list()", bytes_to_list, "The bytes as Ints from 0 to 255."},
    {0},
};

const TgNativeDef tg_lib_bytes_statics[] = {
    {"init(items = nil)", bytes_init, "Bytes of Ints from 0 to 255, or of an ASCII text; without any, empty."},
    {"from_hex(text)", bytes_from_hex, "The Bytes that these hex digits are; white space between them is left out."},
    {0},
};

const TgNativeDef tg_lib_string_bytes[] = {
    {"encode(encoding = \"utf-8\")", string_encode,
     "The Bytes of the text; also in \"latin1\" and \"ascii\", where a ValueError says which character there is not."},
    {0},
};
