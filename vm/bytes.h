// vm/bytes.h
// Bytes: immutable sequences of bytes. A large slice shares the bytes of what it was cut from.
// Layer: data.
#ifndef TG_VM_BYTES_H
#define TG_VM_BYTES_H

#include <stddef.h>

#include "vm/object.h"
#include "vm/string.h"

TgBytes *tg_bytes(TgVM *vm, const void *data, size_t length); // copied
// Room for so many, to be filled by the caller at once (data[0..length)). NULL where memory does not reach (raise MemoryError).
TgBytes *tg_bytes_begin(TgVM *vm, size_t length);
// Bytes offset … offset + length of `whole`.
TgBytes *tg_bytes_part(TgVM *vm, TgBytes *whole, size_t offset, size_t length);
// a + b; a, `times` times. NULL where memory does not reach.
TgBytes *tg_bytes_join(TgVM *vm, const TgBytes *a, const TgBytes *b);
TgBytes *tg_bytes_repeat(TgVM *vm, const TgBytes *a, uint64_t times);

uint32_t tg_bytes_hash(TgBytes *bytes);
bool tg_bytes_equal(const TgBytes *a, const TgBytes *b);
int tg_bytes_compare(const TgBytes *a, const TgBytes *b); // -1, 0, 1; a prefix first
// Offset of `part` from `from` on, or -1.
int64_t tg_bytes_find(const TgBytes *whole, const void *part, size_t length, size_t from);
// Appends what repr shows, at most about `most` bytes of it: Bytes("GET /\x00\xff").
void tg_bytes_text(TgBuffer *out, const TgBytes *bytes, size_t most);
static inline TgBytes *tg_as_bytes(TgValue value) { return (TgBytes *)tg_as_obj(value); }

#endif
