// stdlib/unicode.h
// Properties and case of single characters, the same on every system.
// Layer: library, bottom.
#ifndef TG_STDLIB_UNICODE_H
#define TG_STDLIB_UNICODE_H

#include <stdbool.h>
#include <stdint.h>

#include "vm/string.h"

bool tg_char_is_letter(uint32_t code);
bool tg_char_is_space(uint32_t code);
uint32_t tg_char_upper(uint32_t code); // itself where it has none
uint32_t tg_char_lower(uint32_t code);

// tg_utf8_decode with a short way for ASCII.
static inline uint32_t tg_char_at(const char *at, int *length) {
    if ((unsigned char)*at >= 0x80) return tg_utf8_decode(at, length);
    *length = 1;
    return (unsigned char)*at;
}

#endif
