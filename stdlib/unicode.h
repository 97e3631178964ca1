// stdlib/unicode.h
// Properties and case of single characters, the same on every system.
// Layer: library, bottom.
#ifndef TG_STDLIB_UNICODE_H
#define TG_STDLIB_UNICODE_H

#include <stdbool.h>
#include <stdint.h>

bool tg_char_is_letter(uint32_t code);
bool tg_char_is_space(uint32_t code);
uint32_t tg_char_upper(uint32_t code); // itself where it has none
uint32_t tg_char_lower(uint32_t code);

#endif
