// stdlib/hex.h
// Hex digits: of bytes as text, and back.
// Layer: library.
#ifndef TG_STDLIB_HEX_H
#define TG_STDLIB_HEX_H

#include <stdint.h>

// What the digit is worth, or -1 where it is none.
static inline int tg_hex_digit(char c) {
    if (c >= '0' && c <= '9') return c - '0';
    char lower = (char)(c | 0x20);
    return lower >= 'a' && lower <= 'f' ? lower - 'a' + 10 : -1;
}

// Writes two digits at `at`; gives the place behind them.
static inline char *tg_hex_put(char *at, uint8_t byte) {
    static const char digits[] = "0123456789abcdef";
    *at++ = digits[byte >> 4];
    *at++ = digits[byte & 15];
    return at;
}

#endif
