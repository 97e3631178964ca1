// vm/bigint.h
// Ints of any size, for number.c and float_text.c; everybody else uses number.h.
//
// All functions take Ints, small or big, and give normalised ones (small where they fit). TG_UNDEF
// and false: an error was raised. Layer: data.
#ifndef TG_VM_BIGINT_H
#define TG_VM_BIGINT_H

#include "vm/number.h"

// Where GMP finds no memory, although it was asked for before (see bigint.c), the process ends with a message and status 1 from now on,
// not by abort(). For all of the process: the command calls it, a VM does not.
void tg_big_end_without_memory(void);
TgValue tg_big_add(TgVM *vm, TgValue a, TgValue b);
TgValue tg_big_subtract(TgVM *vm, TgValue a, TgValue b);
TgValue tg_big_multiply(TgVM *vm, TgValue a, TgValue b);
TgValue tg_big_floor_divide(TgVM *vm, TgValue a, TgValue b);     // b is not 0
TgValue tg_big_modulo(TgVM *vm, TgValue a, TgValue b);           // b is not 0
TgValue tg_big_power(TgVM *vm, TgValue a, TgValue b);            // b >= 0
TgValue tg_big_bits(TgVM *vm, TgNumOp op, TgValue a, TgValue b); // AND, OR, XOR
TgValue tg_big_shift_left(TgVM *vm, TgValue a, TgValue b);       // b >= 0
TgValue tg_big_shift_right(TgVM *vm, TgValue a, TgValue b);      // b >= 0
// The quotient as a double, correctly rounded; b is not 0. False (ValueError) where it is too
// large.
bool tg_big_divide(TgVM *vm, TgValue a, TgValue b, double *out);
// Rounded to the nearest; infinite where it is too large.
double tg_big_double(TgValue a);
int tg_big_sign(TgValue a);
int tg_big_compare(TgValue a, TgValue b);
int tg_big_compare_double(TgValue a, double b); // b is not nan
// The value modulo 2^61 - 1, as of its absolute value.
uint64_t tg_big_residue(TgValue a);
// `a` rounded to a multiple of 10 ** places, halves to even; `is_more`: a is a little further from
// 0 than it says (for the integer part of a Float).
TgValue tg_big_round(TgVM *vm, TgValue a, uint32_t places, bool is_more);

#endif
