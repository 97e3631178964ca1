// vm/number.h
// Numbers: arithmetic beyond what the loop does inline, Ints of any size (GMP), text to number and back.
//
// Operations give TG_UNDEF where they have raised an error (the error is then vm's pending one, as with
// tg_error_raise). They take any two values and raise TypeError for what they cannot do.
// Layer: data.
#ifndef TG_VM_NUMBER_H
#define TG_VM_NUMBER_H

#include <stddef.h>

#include "vm/object.h"
#include "vm/string.h"

typedef enum {
    NUM_ADD, NUM_SUB, NUM_MUL, NUM_DIV, NUM_IDIV, NUM_MOD, NUM_POW,
    NUM_AND, NUM_OR, NUM_XOR, NUM_SHL, NUM_SHR
} TgNumOp;

// Every binary operator of the language, for all types that have it (also String + String, List * Int …).
TgValue tg_binary(TgVM *vm, TgNumOp op, TgValue a, TgValue b);
TgValue tg_negate(TgVM *vm, TgValue a);
TgValue tg_bit_not(TgVM *vm, TgValue a);

static inline bool tg_is_bigint(TgValue v) { return tg_is_kind(v, OBJ_BIGINT); }
static inline bool tg_is_any_int(TgValue v) { return tg_is_int(v) || tg_is_bigint(v); }
static inline bool tg_is_number(TgValue v) { return tg_is_float(v) || tg_is_any_int(v); }

TgValue tg_int_from(TgVM *vm, int64_t i); // of any 64-bit number
TgValue tg_int_from_float(TgVM *vm, double d); // truncated; d finite
// Whether an Int fits into 64 bits, and what it is then.
bool tg_int_to_int64(TgValue v, int64_t *out);
// A number as a double. False (ValueError raised) where an Int is too large.
bool tg_to_double(TgVM *vm, TgValue v, double *out);
// Digits in `base` (2 … 36; 0 reads the prefix 0x 0b 0o) with optional sign, underscores between digits, blanks around. TG_UNDEF where it
// is none; raises nothing.
TgValue tg_int_parse(TgVM *vm, const char *text, size_t length, int base);
TgValue tg_float_parse(const char *text, size_t length); // as Python's float(); TG_UNDEF where it is none
enum { TG_INT_DIGITS = 72 };
// The digits of a small Int, from the place given to the end of `text`.
char *tg_int_digits(char text[TG_INT_DIGITS], int64_t i, unsigned base);
void tg_int_text(TgBuffer *out, TgValue v, int base);    // digits, lower case, with sign
// As Python's repr: shortest that reads back the same.
void tg_float_text(TgBuffer *out, double d);

// Order of two numbers: -1, 0, 1, or 2 where one is nan. Exact also between Ints and Floats.
int tg_number_compare(TgValue a, TgValue b);
uint32_t tg_number_hash(TgValue v); // equal numbers have equal hashes

// math functions on Ints of any size. TG_UNDEF: raised.
TgValue tg_int_gcd(TgVM *vm, TgValue a, TgValue b);
TgValue tg_int_isqrt(TgVM *vm, TgValue a);
TgValue tg_int_factorial(TgVM *vm, TgValue a);
TgValue tg_round(TgVM *vm, TgValue x, TgValue digits); // round half to even; digits nil: an Int

#endif
