// vm/value.h
// A value in eight bytes: a NaN box.
//
// Floats are stored as they are; everything else lies in the space of negative quiet NaNs that no
// operation of the processor makes: small Ints (48 bits, inline), nil, false, true, pointers to objects.
// The tags are chosen so that "both are Ints" and "is it an object, and where" are one operation each.
//
// Layer: data, bottom. Knows nothing of objects.
#ifndef TG_VM_VALUE_H
#define TG_VM_VALUE_H

#include <stdbool.h>
#include <stdint.h>
#include <string.h>

typedef uint64_t TgValue;
typedef struct TgVM TgVM;
typedef struct TgObj TgObj;
typedef struct TgTask TgTask;

#define TG_TAG_INT (0xFFFFull << 48)
#define TG_TAG_OBJ (0xFFFCull << 48)
#define TG_TAG_REST (0xFFFAull << 48)
#define TG_NIL (TG_TAG_REST | 0)
#define TG_FALSE (TG_TAG_REST | 1)
#define TG_TRUE (TG_TAG_REST | 2)
// No value of the language: a variable before its `let`, an argument that was not given, the end of a loop.
#define TG_UNDEF (TG_TAG_REST | 3)

#define TG_INT_MAX ((int64_t)0x7FFFFFFFFFFF)
#define TG_INT_MIN (-TG_INT_MAX - 1)

static inline bool tg_is_int(TgValue v) { return v >= TG_TAG_INT; } // a small one; see tg_is_bigint
static inline bool tg_both_int(TgValue a, TgValue b) { return (a & b) >= TG_TAG_INT; }
static inline bool tg_is_float(TgValue v) { return v < (0xFFF9ull << 48); }
static inline bool tg_is_obj(TgValue v) { return (v >> 48) == (TG_TAG_OBJ >> 48); }
static inline bool tg_is_nil(TgValue v) { return v == TG_NIL; }
static inline bool tg_is_bool(TgValue v) { return v == TG_FALSE || v == TG_TRUE; }
static inline bool tg_is_undef(TgValue v) { return v == TG_UNDEF; }
// Only nil and false are false.
static inline bool tg_truthy(TgValue v) { return v - TG_NIL > 1; }

static inline bool tg_int_fits(int64_t i) { return i >= TG_INT_MIN && i <= TG_INT_MAX; }
static inline TgValue tg_int(int64_t i) { // i must fit
    return TG_TAG_INT | ((uint64_t)i & 0xFFFFFFFFFFFFull);
}
static inline int64_t tg_as_int(TgValue v) { return (int64_t)(v << 16) >> 16; }
static inline TgValue tg_float(double d) {
    TgValue v;
    if (d != d) return 0x7FF8ull << 48; // one NaN only: others would look like tags
    memcpy(&v, &d, sizeof v);
    return v;
}
// What arithmetic gave from two Floats: its NaN is one of theirs or the processor's own, and all of these are Floats.
static inline TgValue tg_float_result(double d) {
    TgValue v;
    memcpy(&v, &d, sizeof v);
    return v;
}
// A small Int that stands in the upper 48 bits of a word whose lower 16 are zero.
static inline TgValue tg_int_from_top(uint64_t top) {
    top |= TG_TAG_INT >> 48; // the tag goes in below and is turned to its place: no constant has to be loaded
    return top >> 16 | top << 48;
}
static inline double tg_as_float(TgValue v) {
    double d;
    memcpy(&d, &v, sizeof d);
    return d;
}
static inline TgValue tg_bool(bool b) { return b ? TG_TRUE : TG_FALSE; }
static inline TgValue tg_obj(const void *o) { return TG_TAG_OBJ | (uint64_t)(uintptr_t)o; }
// Test and address in one operation: whether `v` is an object; *at is it, then (else nothing of use).
static inline bool tg_to_obj(TgValue v, TgObj **at) {
    uint64_t bits = v ^ TG_TAG_OBJ;
    *at = (TgObj *)(uintptr_t)bits;
    return bits >> 48 == 0;
}
static inline TgObj *tg_as_obj(TgValue v) { return (TgObj *)(uintptr_t)(v ^ TG_TAG_OBJ); }

#endif
