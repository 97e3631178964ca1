// vm/string.h
// Strings: immutable UTF-8, short ones interned, so that names compare by pointer.
// Layer: data.
#ifndef TG_VM_STRING_H
#define TG_VM_STRING_H

#include <stddef.h>

#include "vm/object.h"

enum { TG_INTERN_MAX = 40 }; // bytes; strings up to this are interned, all of them

// A String of these bytes (copied), which must be valid UTF-8.
TgString *tg_string(TgVM *vm, const char *bytes, size_t length);
TgString *tg_string_c(TgVM *vm, const char *text); // NUL terminated
// printf into a String. %s takes UTF-8 text.
TgString *tg_string_format(TgVM *vm, const char *format, ...) __attribute__((format(printf, 2, 3)));
// A long String to be filled by the caller (data[0..length)) and then handed to tg_string_finish, which counts, interns and
// gives the String to use. Returns NULL where memory does not reach (raise MemoryError).
TgString *tg_string_begin(TgVM *vm, size_t length);
TgString *tg_string_finish(TgVM *vm, TgString *string);

// Bytes offset … offset + length of `whole`, which begin and end at characters.
TgString *tg_string_part(TgVM *vm, const TgString *whole, size_t offset, size_t length);
// a + b. NULL where memory does not reach (raise MemoryError).
TgString *tg_string_join(TgVM *vm, const TgString *a, const TgString *b);
static inline TgRoom *tg_string_room(const TgString *shared) {
    return (TgRoom *)(shared->data - offsetof(TgRoom, bytes));
}

uint32_t tg_string_hash(TgString *string);
bool tg_string_equal(const TgString *a, const TgString *b);
int tg_string_compare(const TgString *a, const TgString *b); // by code point

// Byte offset of code point `index` (0 … chars). O(1) for ASCII.
size_t tg_string_offset(const TgString *string, size_t index);
// The code point at a byte offset and its length in bytes.
uint32_t tg_utf8_decode(const char *at, int *length);
int tg_utf8_encode(uint32_t code, char *out); // bytes written, at most 4
bool tg_utf8_valid(const char *bytes, size_t length);

// Growable bytes outside of the heap; for building text. Zero-initialise; free with tg_buffer_free.
typedef struct {
    char *data;
    size_t length, capacity;
    bool failed; // memory did not reach: what it held is gone and what is added is dropped
} TgBuffer;
void tg_buffer_add(TgBuffer *buffer, const char *bytes, size_t length);
void tg_buffer_text(TgBuffer *buffer, const char *text);
void tg_buffer_format(TgBuffer *buffer, const char *format, ...) __attribute__((format(printf, 2, 3)));
void tg_buffer_fill(TgBuffer *buffer, const char *bytes, size_t length, size_t times); // that often
void tg_buffer_free(TgBuffer *buffer);
// A String of what the buffer holds; frees the buffer. NULL where memory does not reach (raised).
TgString *tg_buffer_string(TgVM *vm, TgBuffer *buffer);

typedef struct TgInterns TgInterns; // string.c; vm->interns
bool tg_interns_init(TgVM *vm);
void tg_interns_free(TgVM *vm);
// The table holds its strings weakly and is never walked as a whole: gc.c says which string it is about to free, and
// one that is asked for again before that is brought back (tg_gc_revive).
void tg_interns_forget(TgVM *vm, const TgString *string);

#endif
