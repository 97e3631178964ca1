// vm/loop_quick.h
// The quick halves of arithmetic and comparisons, for loop.c alone: what Ints, Floats and short
// Strings need is done in the handler, all else goes on to a slow half (`binary` and `equal_calls`
// in the loop, or a function).
//
// The macros stand in handlers and use what these have: R, K, pc, ins, NEXT, TAKE, DISPATCH.
// Operands are locals `x` and `y`; only what goes on to a slow half stores them where that looks
// (b, c), so that they stay in registers.
// Layer: runtime, top.
#ifndef TG_VM_LOOP_QUICK_H
#define TG_VM_LOOP_QUICK_H

#include "vm/class.h"
#include "vm/object.h"
#include "vm/vm.h"

#define LIKELY(x) __builtin_expect(!!(x), 1)
#define UNLIKELY(x) __builtin_expect(!!(x), 0)

// Equality where a look decides it: with nil, and of short Strings. 1 yes, 0 no, -1 ask tg_equal.
static inline int quick_equal(TgValue x, TgValue y) {
    if (!tg_is_obj(x)) return tg_is_nil(y) ? tg_is_nil(x) : -1;
    const TgObj *object = tg_as_obj(x);
    if (tg_is_nil(y)) {
        if (object->kind != OBJ_INSTANCE) return 0;
        return tg_is_undef(((const TgInstance *)object)->class_->eq) ? 0 : -1;
    }
    if (object->kind != OBJ_STRING || !tg_is_kind(y, OBJ_STRING)) return -1;
    if (x == y) return 1;
    return object->flags & tg_as_obj(y)->flags & OBJ_INTERNED ? 0 : -1;
}

// The class of a value, of an instance without a call.
static inline const TgClass *quick_class(TgVM *vm, TgValue v) {
    return tg_is_kind(v, OBJ_INSTANCE) ? ((const TgInstance *)tg_as_obj(v))->class_ : tg_class_of(vm, v);
}

static inline bool small_double(TgValue v, double *out) {
    if (tg_is_float(v)) return *out = tg_as_float(v), true;
    if (tg_is_int(v)) return *out = (double)tg_as_int(v), true;
    return false;
}

// Float arithmetic, mixed with small Ints too.
#define FLOAT_OP(OPERATOR)                                                                         \
    if (tg_is_float(x) && tg_is_float(y)) {                                                        \
        R[TG_A(ins)] = tg_float_result(tg_as_float(x) OPERATOR tg_as_float(y));                    \
        NEXT(1);                                                                                   \
    }                                                                                              \
    if (tg_is_float(x) && tg_is_int(y)) {                                                          \
        R[TG_A(ins)] = tg_float_result(tg_as_float(x) OPERATOR(double) tg_as_int(y));              \
        NEXT(1);                                                                                   \
    }                                                                                              \
    if (tg_is_int(x) && tg_is_float(y)) {                                                          \
        R[TG_A(ins)] = tg_float_result((double)tg_as_int(x) OPERATOR tg_as_float(y));              \
        NEXT(1);                                                                                   \
    }

// Small Ints carry 48 bits: shifted to the top of a word their overflow is the machine's.
#define INT_OP(BUILTIN)                                                                            \
    if (LIKELY(tg_both_int(x, y))) {                                                               \
        int64_t sum;                                                                               \
        if (LIKELY(!BUILTIN((int64_t)(x << 16), (int64_t)(y << 16), &sum))) {                      \
            R[TG_A(ins)] = tg_int_from_top((uint64_t)sum);                                         \
            NEXT(1);                                                                               \
        }                                                                                          \
    }

#define ADD_INT INT_OP(__builtin_add_overflow)
#define SUB_INT INT_OP(__builtin_sub_overflow)
#define MUL_INT                                                                                    \
    if (LIKELY(tg_both_int(x, y))) {                                                               \
        int64_t product;                                                                           \
        if (LIKELY(!__builtin_mul_overflow(tg_as_int(x), (int64_t)(y << 16), &product))) {         \
            R[TG_A(ins)] = tg_int_from_top((uint64_t)product);                                     \
            NEXT(1);                                                                               \
        }                                                                                          \
    }
#define ADD_OP ADD_INT FLOAT_OP(+)
#define SUB_OP SUB_INT FLOAT_OP(-)
#define MUL_OP MUL_INT FLOAT_OP(*)
#define DIV_OP                                                                                     \
    double left, right;                                                                            \
    if (small_double(x, &left) && small_double(y, &right) && right != 0) {                         \
        R[TG_A(ins)] = tg_float_result(left / right);                                              \
        NEXT(1);                                                                                   \
    }
// Division of 32 bits takes a half to a third of the time that one of 64 does.
#define BOTH_SHORT(x, y) (!(((x) | (y)) & 0xFFFF00000000ull) && (uint32_t)(y) != 0)
#define IDIV_OP                                                                                    \
    if (LIKELY(tg_both_int(x, y))) {                                                               \
        if (LIKELY(BOTH_SHORT(x, y))) {                                                            \
            R[TG_A(ins)] = TG_TAG_INT | (uint32_t)x / (uint32_t)y;                                 \
            NEXT(1);                                                                               \
        }                                                                                          \
        if (tg_as_int(y) > 0) {                                                                    \
            int64_t quotient = tg_as_int(x) / tg_as_int(y);                                        \
            R[TG_A(ins)] = tg_int(quotient - (tg_as_int(x) % tg_as_int(y) < 0));                   \
            NEXT(1);                                                                               \
        }                                                                                          \
    }
#define MOD_OP                                                                                     \
    if (LIKELY(tg_both_int(x, y))) {                                                               \
        if (LIKELY(BOTH_SHORT(x, y))) {                                                            \
            R[TG_A(ins)] = TG_TAG_INT | (uint32_t)x % (uint32_t)y;                                 \
            NEXT(1);                                                                               \
        }                                                                                          \
        if (tg_as_int(y) > 0) {                                                                    \
            int64_t rest = tg_as_int(x) % tg_as_int(y);                                            \
            R[TG_A(ins)] = tg_int(rest < 0 ? rest + tg_as_int(y) : rest);                          \
            NEXT(1);                                                                               \
        }                                                                                          \
    }
// Between registers: where two Floats came the instruction becomes the one that looks for these
// first (an eighth of the instructions of nbody), and back where others come.
#define REWRITE(OPCODE) (*(uint32_t *)pc = ((uint32_t)ins & ~0xFFu) | (OPCODE))
// What is no Float is a NaN to the machine, and so is what is made of it: one look at the result says that both
// operands were Floats (a third of these instructions, over a look at each operand).
#define ON_FLOATS(NAME, OPERATOR)                                                                  \
    {                                                                                              \
        TgValue x = R[TG_B(ins)], y = R[TG_C(ins)];                                                \
        double result = tg_as_float(x) OPERATOR tg_as_float(y);                                    \
        if (LIKELY(result == result)) {                                                            \
            R[TG_A(ins)] = tg_float_result(result);                                                \
            NEXT(1);                                                                               \
        }                                                                                          \
        if (tg_is_float(x) && tg_is_float(y)) {                                                    \
            R[TG_A(ins)] = tg_float_result(result);                                                \
            NEXT(1);                                                                               \
        }                                                                                          \
        REWRITE(OP_##NAME);                                                                        \
        DISPATCH();                                                                                \
    }
#define ARITHMETIC(NAME, RIGHT)                                                                    \
    {                                                                                              \
        TgValue x = R[TG_B(ins)], y = (RIGHT);                                                     \
        NAME##_OP b = x, c = y;                                                                    \
        num = NUM_##NAME;                                                                          \
        goto binary;                                                                               \
    }
#define ARITHMETIC_R(NAME, OPERATOR)                                                               \
    {                                                                                              \
        TgValue x = R[TG_B(ins)], y = R[TG_C(ins)];                                                \
        NAME##_INT if (tg_is_float(x) && tg_is_float(y)) {                                         \
            REWRITE(OP_##NAME##F);                                                                 \
            DISPATCH();                                                                            \
        }                                                                                          \
        FLOAT_OP(OPERATOR)                                                                         \
        b = x, c = y;                                                                              \
        num = NUM_##NAME;                                                                          \
        goto binary;                                                                               \
    }
// On the bits of two small Ints.
#define BITS(NUMBER, RESULT)                                                                       \
    {                                                                                              \
        TgValue x = R[TG_B(ins)], y = R[TG_C(ins)];                                                \
        if (LIKELY(tg_both_int(x, y))) {                                                           \
            R[TG_A(ins)] = (RESULT);                                                               \
            NEXT(1);                                                                               \
        }                                                                                          \
        b = x, c = y;                                                                              \
        num = NUMBER;                                                                              \
        goto binary;                                                                               \
    }

// A comparison of two values: quick for Ints and Floats, else by order_slow.
#define COMPARE_JUMP(LEFT, RIGHT, OPERATOR, HOLDS, WANTED)                                         \
    {                                                                                              \
        TgValue x = (LEFT), y = (RIGHT);                                                           \
        if (LIKELY(tg_both_int(x, y))) {                                                           \
            if (((int64_t)(x << 16) OPERATOR(int64_t)(y << 16)) == (WANTED)) TAKE(2);              \
            NEXT(2);                                                                               \
        }                                                                                          \
        if (tg_is_float(x) && tg_is_float(y)) {                                                    \
            if ((tg_as_float(x) OPERATOR tg_as_float(y)) == (WANTED)) TAKE(2);                     \
            NEXT(2);                                                                               \
        }                                                                                          \
        int order = tg_op_order(vm, x, y);                                                         \
        RAISE_IF(order == -2);                                                                     \
        if ((HOLDS) == (WANTED)) TAKE(2);                                                          \
        NEXT(2);                                                                                   \
    }

// The instruction that follows (JT or JF, two words) decides where eq had to be called.
#define EQUAL_JUMP(LEFT, RIGHT, WANTED)                                                            \
    {                                                                                              \
        TgValue x = (LEFT), y = (RIGHT);                                                           \
        if (tg_both_int(x, y)) {                                                                   \
            if ((x == y) == (WANTED)) TAKE(2);                                                     \
            NEXT(4);                                                                               \
        }                                                                                          \
        int quick = quick_equal(x, y);                                                             \
        if (LIKELY(quick >= 0)) {                                                                  \
            if (quick == (WANTED)) TAKE(2);                                                        \
            NEXT(4);                                                                               \
        }                                                                                          \
        TgEqual equal = tg_equal(vm, x, y);                                                        \
        RAISE_IF(equal == TG_EQUAL_RAISED);                                                        \
        b = x, c = y;                                                                              \
        if (UNLIKELY(equal == TG_EQUAL_CALLS)) goto equal_calls;                                   \
        if ((equal == TG_EQUAL_YES) == (WANTED)) TAKE(2);                                          \
        NEXT(4);                                                                                   \
    }

#endif
