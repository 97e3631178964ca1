// vm/bytes.c
// Bytes: making, comparing, showing.
// Layer: data.
#include "vm/bytes.h"

#include <string.h>

#include "vm/gc.h"
#include "vm/vm.h"

// A slice of at least so many refers to the whole, which then lives as long: less is copied.
enum { LEAST_SHARED = 4096 };

TgBytes *tg_bytes_begin(TgVM *vm, size_t length) {
    if (length >= UINT32_MAX - 64) {
        tg_gc_can_take(vm, SIZE_MAX); // so that tg_error_memory knows whose refusal it is
        return NULL;
    }
    if (length > 4096 && !tg_gc_can_take(vm, length)) return NULL;
    TgBytes *bytes = tg_gc_alloc(vm, sizeof *bytes + length, OBJ_BYTES);
    bytes->length = (uint32_t)length;
    bytes->data = bytes->bytes;
    return bytes;
}

TgBytes *tg_bytes(TgVM *vm, const void *data, size_t length) {
    TgBytes *bytes = tg_gc_alloc(vm, sizeof *bytes + length, OBJ_BYTES);
    bytes->length = (uint32_t)length;
    bytes->data = bytes->bytes;
    if (length) memcpy(bytes->bytes, data, length);
    return bytes;
}

TgBytes *tg_bytes_part(TgVM *vm, TgBytes *whole, size_t offset, size_t length) {
    if (length == whole->length) return whole;
    if (length < LEAST_SHARED) return tg_bytes(vm, whole->data + offset, length);
    TgBytes *part = tg_gc_alloc(vm, sizeof *part, OBJ_BYTES);
    part->length = (uint32_t)length;
    part->data = whole->data + offset;
    part->whole = whole->whole ? whole->whole : whole;
    return part;
}

TgBytes *tg_bytes_join(TgVM *vm, const TgBytes *a, const TgBytes *b) {
    TgBytes *bytes = tg_bytes_begin(vm, (size_t)a->length + b->length);
    if (!bytes) return NULL;
    memcpy(bytes->bytes, a->data, a->length);
    memcpy(bytes->bytes + a->length, b->data, b->length);
    return bytes;
}

TgBytes *tg_bytes_repeat(TgVM *vm, const TgBytes *a, uint64_t times) {
    if (a->length == 0) times = 0;
    TgBytes *bytes = tg_bytes_begin(vm, times > UINT32_MAX ? SIZE_MAX / 2 : (size_t)times * a->length);
    for (uint64_t i = 0; bytes && i < times; i++) memcpy(bytes->bytes + i * a->length, a->data, a->length);
    return bytes;
}

// FNV-1a by four lanes would be quicker; keys are short.
uint32_t tg_bytes_hash(TgBytes *bytes) {
    if (bytes->obj.flags & OBJ_HASHED) return bytes->hash;
    uint32_t hash = 2166136261u;
    for (uint32_t i = 0; i < bytes->length; i++) hash = (hash ^ bytes->data[i]) * 16777619u;
    bytes->hash = hash;
    bytes->obj.flags |= OBJ_HASHED;
    return hash;
}

bool tg_bytes_equal(const TgBytes *a, const TgBytes *b) {
    return a->length == b->length && memcmp(a->data, b->data, a->length) == 0;
}

int tg_bytes_compare(const TgBytes *a, const TgBytes *b) {
    uint32_t common = a->length < b->length ? a->length : b->length;
    int order = memcmp(a->data, b->data, common);
    if (order) return order < 0 ? -1 : 1;
    return (a->length > b->length) - (a->length < b->length);
}

int64_t tg_bytes_find(const TgBytes *whole, const void *part, size_t length, size_t from) {
    if (from > whole->length || length > whole->length - from) return -1;
    const uint8_t *at = memmem(whole->data + from, whole->length - from, part, length);
    return at ? at - whole->data : -1;
}

static void add_byte(TgBuffer *out, uint8_t byte) {
    const char *escape = byte == '\n' ? "\\n" : byte == '\r' ? "\\r" : byte == '\t' ? "\\t" : NULL;
    bool is_quoted = byte == '"' || byte == '\\' || byte == '{';
    if (escape) tg_buffer_text(out, escape);
    else if (is_quoted) tg_buffer_format(out, "\\%c", byte);
    else if (byte >= ' ' && byte < 0x7F) tg_buffer_add(out, (const char *)&byte, 1);
    else tg_buffer_format(out, "\\x%02x", byte);
}

void tg_bytes_text(TgBuffer *out, const TgBytes *bytes, size_t most) {
    tg_buffer_text(out, "Bytes(\"");
    for (uint32_t i = 0; i < bytes->length && out->length < most; i++) add_byte(out, bytes->data[i]);
    tg_buffer_text(out, "\")");
}
