// vm/loop.c
// The loop: one handler per row of opcodes.def, threaded by computed gotos.
//
// pc stands on the running instruction until its handler is through, so that an error or a trap finds its
// place without more ado; NEXT(n) steps over n words. A taken jump hides pc from the optimiser behind an empty
// asm: with a conditional move in its place every later instruction would wait for the comparison
// (measured: 1.7 to 1.9 times slower). Handlers are short; what is rare is called out.
//
// Boundaries (BOUNDARY) stand exactly where opcodes.def says "checks".
// Layer: runtime, top.
// Labels as values are GNU C; this is the one place that needs them.
#pragma GCC diagnostic ignored "-Wpedantic"
#include "vm/loop.h"

#include <math.h>

#include "vm/api.h"
#include "vm/block.h"
#include "vm/call.h"
#include "vm/channel_quick.h"
#include "vm/explore.h"
#include "vm/field.h"
#include "vm/import.h"
#include "vm/life.h"
#include "vm/loop_quick.h"
#include "vm/monitor.h"
#include "vm/op.h"
#include "vm/ops.h"
#include "vm/select.h"
#include "vm/sched.h"
#include "vm/tasklib.h"
#include "vm/unwind.h"

enum { ROOM_OF_EMPTY = 4 }; // of a List that is written as []: most get a few items soon

#ifndef TG_LOOP_OBSERVED
bool tg_loop_unwind(TgVM *vm, TgTask *task, uint32_t at, TgLeaveKind kind, TgValue value) {
    if (!tg_unwind(vm, task, at, &kind, &value)) {
        tg_life_end(vm, task, kind, value);
        return false;
    }
    tg_sched_look_again(vm, task);
    return true;
}
#else
// One that checks is shown once its boundary is passed: nothing of it has happened before.
static inline bool checks_first(const uint32_t *pc) {
    switch (TG_OP(*pc)) {
    case OP_LOOP: case OP_CHECK: case OP_CALL: case OP_INVOKE: case OP_INVOKEQ: case OP_FORNEXT: case OP_FORLOOP: case OP_TASKENTRY:
    case OP_AGAIN: return true;
    case OP_SEND: case OP_RECEIVE: return pc[2] != 0;
    default: return false;
    }
}
#endif

// Whether so many positional arguments may go to the native's quick half.
static inline bool is_quick(const TgNative *native, uint32_t argc) {
    return native->quick && argc >= native->min && argc <= native->max;
}

// Of the runtime's own resources (a lock, most of all): what `with` calls, where that is a native with a quick half. Else NULL.
static inline const TgClass *runtime_class(const TgVM *vm, TgValue resource) {
    TgObj *object;
    bool is_one = tg_to_obj(resource, &object) && object->kind >= OBJ_CHANNEL && object->kind <= OBJ_BARRIER;
    return is_one ? vm->classes[object->kind] : NULL;
}
static inline TgQuickFn quick_of(TgValue method) {
    return tg_is_kind(method, OBJ_NATIVE) ? ((const TgNative *)tg_as_obj(method))->quick : NULL;
}

// Where the task goes on, and that its register `dest` gets nil if nobody gives it anything.
static inline void save_wait(TgVM *vm, TgValue *R, const uint32_t *pc) {
    TgTask *task = vm->current;
    R[task->dest] = TG_NIL;
    task->base = R;
    task->pc = pc;
    task->dest += (uint32_t)(R - task->stack);
}

#ifdef TG_LOOP_OBSERVED
#define SHOW() tg_explore_look(vm, R, pc)
#define SHOW_NEXT() (checks_first(pc) ? (void)0 : SHOW())
void tg_loop_observed(TgVM *vm) {
#else
#define SHOW() ((void)0)
#define SHOW_NEXT() ((void)0)
void tg_loop(TgVM *vm) {
#endif
// No variable: the register that it would take is better used for K.
#define task (vm->current)
    static const void *const labels[OP_COUNT] = {
#define OP(name, a, b, c, words, text) &&op_##name,
#include "vm/opcodes.def"
#undef OP
    };
    TgValue *R;          // the frame's registers
    const uint32_t *pc;
    const TgValue *K;    // constants
    uint64_t ins; // 64 bits wide, so that its fields index without being widened
    int64_t budget = vm->budget;
    TgValue b, c, value;
    TgNumOp num;
    TgCallSite site;
    TgCallEnd called;
    TgTurnEnd turn;

#define LOAD()                                                                                     \
    do {                                                                                           \
        R = task->base;                                                                            \
        pc = task->pc;                                                                             \
        K = tg_frame_code(R)->constants;                                                           \
    } while (0)
#define SAVE()                                                                                     \
    do {                                                                                           \
        task->base = R;                                                                            \
        task->pc = pc;                                                                             \
    } while (0)
#define DISPATCH()                                                                                 \
    do {                                                                                           \
        SHOW_NEXT();                                                                               \
        ins = *pc;                                                                                 \
        goto *labels[ins & 0xFF];                                                                  \
    } while (0)
#define NEXT(n)                                                                                    \
    do {                                                                                           \
        pc += (n);                                                                                 \
        DISPATCH();                                                                                \
    } while (0)
// Jumps are counted from the end of the instruction, whose last word they are.
#define TAKE(n)                                                                                    \
    do {                                                                                           \
        pc += (n) + (int32_t)pc[(n)-1];                                                            \
        __asm__ volatile("" : "+r"(pc));                                                           \
        DISPATCH();                                                                                \
    } while (0)
#define BOUNDARY()                                                                                 \
    do {                                                                                           \
        if (UNLIKELY(--budget < 0)) goto trap;                                                     \
        if (UNLIKELY(atomic_load_explicit(&vm->trap, memory_order_relaxed))) goto trap;            \
        SHOW();                                                                                    \
    } while (0)
// The running task waits as an instruction of n words said, or stands behind the others: what it is woken with goes to the register.
#define WAIT(REGISTER, n)                                                                          \
    do {                                                                                           \
        task->dest = (REGISTER);                                                                   \
        pc += (n);                                                                                 \
        goto waits;                                                                                \
    } while (0)
// The mutation late_boundary is about what comes behind calls of natives: then all of them go the long way.
#ifdef NDEBUG
#define IS_AS_WRITTEN true
#else
#define IS_AS_WRITTEN (!vm->options.late_boundary)
#endif
#define RAISE_IF(condition)                                                                        \
    do {                                                                                           \
        if (UNLIKELY(condition)) goto raised;                                                      \
    } while (0)

    LOAD();
    DISPATCH();

    // ---- Moves
op_MOVE:
    R[TG_A(ins)] = R[TG_B(ins)];
    NEXT(1);
op_LOADNIL:
    for (uint32_t i = 0; i <= TG_B(ins); i++) R[TG_A(ins) + i] = TG_NIL;
    NEXT(1);
op_LOADBOOL:
    R[TG_A(ins)] = TG_FALSE + TG_B(ins); // 0 or 1
    NEXT(1);
op_LOADUNDEF:
    R[TG_A(ins)] = TG_UNDEF;
    NEXT(1);
op_LOADI:
    R[TG_A(ins)] = tg_int(TG_SD(ins));
    NEXT(1);
op_LOADK:
    R[TG_A(ins)] = K[TG_D(ins)];
    NEXT(1);
op_LOADKX:
    R[TG_A(ins)] = K[pc[1]];
    NEXT(2);

    // ---- Variables
op_GETGLOBAL: {
    TgValue held = ((TgCell *)tg_as_obj(K[TG_D(ins)]))->value;
    if (UNLIKELY(tg_is_undef(held))) {
        tg_op_raise_unset(vm, tg_frame_code(R), TG_D(ins), true);
        goto raised;
    }
    R[TG_A(ins)] = held;
    NEXT(1);
}
op_GETGLOBALX: {
    TgValue held = ((TgCell *)tg_as_obj(K[pc[1]]))->value;
    if (UNLIKELY(tg_is_undef(held))) {
        tg_op_raise_unset(vm, tg_frame_code(R), pc[1], true);
        goto raised;
    }
    R[TG_A(ins)] = held;
    NEXT(2);
}
#define STORE_CELL(CELL, VALUE)                                                                    \
    do {                                                                                           \
        TgCell *cell_ = (CELL);                                                                    \
        cell_->value = (VALUE);                                                                    \
        tg_barrier(vm, cell_, cell_->value);                                                       \
    } while (0)
op_SETGLOBAL:
    if (UNLIKELY(tg_is_undef(((TgCell *)tg_as_obj(K[TG_D(ins)]))->value))) {
        tg_op_raise_unset(vm, tg_frame_code(R), TG_D(ins), true);
        goto raised;
    }
    STORE_CELL((TgCell *)tg_as_obj(K[TG_D(ins)]), R[TG_A(ins)]);
    NEXT(1);
op_SETGLOBALX:
    if (UNLIKELY(tg_is_undef(((TgCell *)tg_as_obj(K[pc[1]]))->value))) {
        tg_op_raise_unset(vm, tg_frame_code(R), pc[1], true);
        goto raised;
    }
    STORE_CELL((TgCell *)tg_as_obj(K[pc[1]]), R[TG_A(ins)]);
    NEXT(2);
op_DEFGLOBAL:
    STORE_CELL((TgCell *)tg_as_obj(K[TG_D(ins)]), R[TG_A(ins)]);
    NEXT(1);
op_DEFGLOBALX:
    STORE_CELL((TgCell *)tg_as_obj(K[pc[1]]), R[TG_A(ins)]);
    NEXT(2);
op_GETUP:
    R[TG_A(ins)] = ((TgClosure *)tg_frame_function(R))->captures[TG_B(ins)];
    NEXT(1);
op_GETUPCELL:
    value = ((TgCell *)tg_as_obj(((TgClosure *)tg_frame_function(R))->captures[TG_B(ins)]))->value;
    if (UNLIKELY(tg_is_undef(value))) {
        tg_op_raise_unset(vm, tg_frame_code(R), pc[1], false);
        goto raised;
    }
    R[TG_A(ins)] = value;
    NEXT(2);
op_SETUPCELL: {
    TgCell *cell = (TgCell *)tg_as_obj(((TgClosure *)tg_frame_function(R))->captures[TG_B(ins)]);
    if (UNLIKELY(tg_is_undef(cell->value))) {
        tg_op_raise_unset(vm, tg_frame_code(R), pc[1], false);
        goto raised;
    }
    STORE_CELL(cell, R[TG_A(ins)]);
    NEXT(2);
}
op_NEWCELL:
    R[TG_A(ins)] = tg_obj(tg_cell_new(vm, R[TG_A(ins)]));
    NEXT(1);
op_GETCELL:
    value = ((TgCell *)tg_as_obj(R[TG_B(ins)]))->value;
    if (UNLIKELY(tg_is_undef(value))) {
        tg_op_raise_unset(vm, tg_frame_code(R), pc[1], false);
        goto raised;
    }
    R[TG_A(ins)] = value;
    NEXT(2);
op_SETCELL:
    STORE_CELL((TgCell *)tg_as_obj(R[TG_A(ins)]), R[TG_B(ins)]);
    NEXT(1);
op_CLOSURE:
    tg_op_closure(vm, R, (TgCode *)tg_as_obj(K[TG_D(ins)]), &R[TG_A(ins)]);
    NEXT(1);
op_CLOSUREX:
    tg_op_closure(vm, R, (TgCode *)tg_as_obj(K[pc[1]]), &R[TG_A(ins)]);
    NEXT(2);

    // ---- Arithmetic
op_ADD:
    ARITHMETIC_R(ADD, +)
op_ADDF:
    ON_FLOATS(ADD, +)
op_SUB:
    ARITHMETIC_R(SUB, -)
op_SUBF:
    ON_FLOATS(SUB, -)
op_MUL:
    ARITHMETIC_R(MUL, *)
op_MULF:
    ON_FLOATS(MUL, *)
op_DIV:
    ARITHMETIC(DIV, R[TG_C(ins)])
op_IDIV:
    ARITHMETIC(IDIV, R[TG_C(ins)])
op_MOD:
    ARITHMETIC(MOD, R[TG_C(ins)])
op_POW:
    num = NUM_POW;
    goto binary_registers;
op_BAND:
    BITS(NUM_AND, x & y)
op_BOR:
    BITS(NUM_OR, x | y)
op_BXOR:
    BITS(NUM_XOR, TG_TAG_INT | (x ^ y))
op_SHL:
    b = R[TG_B(ins)], c = R[TG_C(ins)];
    if (tg_both_int(b, c) && c <= tg_int(40)) { // a negative Int's tagged bits are larger
        int64_t x = tg_as_int(b), n = tg_as_int(c);
        int64_t shifted = (int64_t)((uint64_t)x << n);
        if (shifted >> n == x && tg_int_fits(shifted)) {
            R[TG_A(ins)] = tg_int(shifted);
            NEXT(1);
        }
    }
    num = NUM_SHL;
    goto binary;
op_SHR:
    b = R[TG_B(ins)], c = R[TG_C(ins)];
    if (tg_both_int(b, c) && c <= tg_int(63)) {
        R[TG_A(ins)] = tg_int(tg_as_int(b) >> tg_as_int(c));
        NEXT(1);
    }
    num = NUM_SHR;
    goto binary;
op_ADDI: {
    TgValue x = R[TG_B(ins)];
    if (LIKELY(tg_is_int(x))) {
        int64_t sum;
        if (LIKELY(!__builtin_add_overflow((int64_t)(x << 16), (int64_t)TG_SC(ins) * 65536, &sum))) {
            R[TG_A(ins)] = tg_int_from_top((uint64_t)sum);
            NEXT(1);
        }
    }
    if (tg_is_float(x)) {
        R[TG_A(ins)] = tg_float_result(tg_as_float(x) + TG_SC(ins));
        NEXT(1);
    }
    // What was written as x - n is refused as that.
    b = x;
    num = TG_SC(ins) < 0 ? NUM_SUB : NUM_ADD;
    c = tg_int(TG_SC(ins) < 0 ? -TG_SC(ins) : TG_SC(ins));
    goto binary;
}
op_ADDK:
    ARITHMETIC(ADD, K[TG_C(ins)])
op_SUBK:
    ARITHMETIC(SUB, K[TG_C(ins)])
op_MULK:
    ARITHMETIC(MUL, K[TG_C(ins)])
op_DIVK:
    ARITHMETIC(DIV, K[TG_C(ins)])
op_IDIVK:
    ARITHMETIC(IDIV, K[TG_C(ins)])
op_MODK:
    ARITHMETIC(MOD, K[TG_C(ins)])
binary_registers:
    b = R[TG_B(ins)], c = R[TG_C(ins)];
binary:
    value = tg_binary(vm, num, b, c);
    RAISE_IF(tg_is_undef(value));
    R[TG_A(ins)] = value;
    NEXT(1);
op_NEG:
    value = tg_negate(vm, R[TG_B(ins)]);
    RAISE_IF(tg_is_undef(value));
    R[TG_A(ins)] = value;
    NEXT(1);
op_BNOT:
    value = tg_bit_not(vm, R[TG_B(ins)]);
    RAISE_IF(tg_is_undef(value));
    R[TG_A(ins)] = value;
    NEXT(1);
op_NOT:
    R[TG_A(ins)] = tg_bool(!tg_truthy(R[TG_B(ins)]));
    NEXT(1);

    // ---- Comparisons
op_EQ: {
    b = R[TG_B(ins)], c = R[TG_C(ins)];
    if (tg_both_int(b, c)) {
        R[TG_A(ins)] = tg_bool(b == c);
        NEXT(1);
    }
    TgEqual equal = tg_equal(vm, b, c);
    RAISE_IF(equal == TG_EQUAL_RAISED);
    if (UNLIKELY(equal == TG_EQUAL_CALLS)) {
        TgValue both[] = {b, c};
        SAVE();
        called = tg_call_above(vm, task, vm->helpers[TG_HELPER_EQUAL], both, 2, TG_A(ins), pc + 1, &value);
        goto after_call_above;
    }
    R[TG_A(ins)] = tg_bool(equal == TG_EQUAL_YES);
    NEXT(1);
}
op_LT: {
    b = R[TG_B(ins)], c = R[TG_C(ins)];
    if (tg_both_int(b, c)) {
        R[TG_A(ins)] = tg_bool((int64_t)(b << 16) < (int64_t)(c << 16));
        NEXT(1);
    }
    int order = tg_op_order(vm, b, c);
    RAISE_IF(order == -2);
    R[TG_A(ins)] = tg_bool(order == -1);
    NEXT(1);
}
op_LE: {
    b = R[TG_B(ins)], c = R[TG_C(ins)];
    if (tg_both_int(b, c)) {
        R[TG_A(ins)] = tg_bool((int64_t)(b << 16) <= (int64_t)(c << 16));
        NEXT(1);
    }
    int order = tg_op_order(vm, b, c);
    RAISE_IF(order == -2);
    R[TG_A(ins)] = tg_bool(order == -1 || order == 0);
    NEXT(1);
}
op_IN: {
    b = R[TG_B(ins)], c = R[TG_C(ins)];
    TgIndexEnd end = tg_contains(vm, b, c, &value);
    RAISE_IF(end == INDEX_RAISED);
    if (UNLIKELY(end == INDEX_CALLS)) {
        TgValue both[] = {b, c};
        SAVE();
        called = tg_call_above(vm, task, vm->helpers[TG_HELPER_IN], both, 2, TG_A(ins), pc + 1, &value);
        goto after_call_above;
    }
    R[TG_A(ins)] = value;
    NEXT(1);
}
op_IS:
    c = R[TG_C(ins)];
    if (UNLIKELY(!tg_is_kind(c, OBJ_CLASS))) goto is_no_class;
    R[TG_A(ins)] = tg_bool(tg_class_is(quick_class(vm, R[TG_B(ins)]), (TgClass *)tg_as_obj(c)));
    NEXT(1);
is_no_class:
    tg_op_is_refused(vm, c);
    goto raised;

    // ---- Jumps
op_JMP:
    TAKE(2);
op_LOOP:
    BOUNDARY();
    TAKE(2);
op_JT:
    if (tg_truthy(R[TG_A(ins)])) TAKE(2);
    NEXT(2);
op_JF:
    if (!tg_truthy(R[TG_A(ins)])) TAKE(2);
    NEXT(2);
op_JNIL:
    if (tg_is_nil(R[TG_A(ins)])) TAKE(2);
    NEXT(2);
op_JNNIL:
    if (!tg_is_nil(R[TG_A(ins)])) TAKE(2);
    NEXT(2);
op_JDEF:
    if (!tg_is_undef(R[TG_A(ins)])) TAKE(2);
    NEXT(2);
#define IMMEDIATE tg_int(TG_SB(ins))
op_NEEDARG:
    if (UNLIKELY(tg_is_undef(R[TG_A(ins)]))) {
        tg_error_raise(vm, TG_ERR_TypeError, "%s needs '%s:', which was not given", tg_frame_code(R)->signature->data,
                       ((TgString *)tg_as_obj(K[pc[1]]))->data);
        goto raised;
    }
    NEXT(2);
op_JLT:
    COMPARE_JUMP(R[TG_A(ins)], R[TG_B(ins)], <, order == -1, true)
op_JNLT:
    COMPARE_JUMP(R[TG_A(ins)], R[TG_B(ins)], <, order == -1, false)
op_JLE:
    COMPARE_JUMP(R[TG_A(ins)], R[TG_B(ins)], <=, (order == -1 || order == 0), true)
op_JNLE:
    COMPARE_JUMP(R[TG_A(ins)], R[TG_B(ins)], <=, (order == -1 || order == 0), false)
op_JLTI:
    COMPARE_JUMP(R[TG_A(ins)], IMMEDIATE, <, order == -1, true)
op_JNLTI:
    COMPARE_JUMP(R[TG_A(ins)], IMMEDIATE, <, order == -1, false)
op_JLEI:
    COMPARE_JUMP(R[TG_A(ins)], IMMEDIATE, <=, (order == -1 || order == 0), true)
op_JNLEI:
    COMPARE_JUMP(R[TG_A(ins)], IMMEDIATE, <=, (order == -1 || order == 0), false)
op_JGTI:
    COMPARE_JUMP(R[TG_A(ins)], IMMEDIATE, >, order == 1, true)
op_JNGTI:
    COMPARE_JUMP(R[TG_A(ins)], IMMEDIATE, >, order == 1, false)
op_JGEI:
    COMPARE_JUMP(R[TG_A(ins)], IMMEDIATE, >=, (order == 1 || order == 0), true)
op_JNGEI:
    COMPARE_JUMP(R[TG_A(ins)], IMMEDIATE, >=, (order == 1 || order == 0), false)
op_JIS:
    c = R[TG_B(ins)];
    if (UNLIKELY(!tg_is_kind(c, OBJ_CLASS))) goto is_no_class;
    if (tg_class_is(quick_class(vm, R[TG_A(ins)]), (TgClass *)tg_as_obj(c))) TAKE(2);
    NEXT(2);
op_JNIS:
    c = R[TG_B(ins)];
    if (UNLIKELY(!tg_is_kind(c, OBJ_CLASS))) goto is_no_class;
    if (!tg_class_is(quick_class(vm, R[TG_A(ins)]), (TgClass *)tg_as_obj(c))) TAKE(2);
    NEXT(2);
op_JEQ:
    EQUAL_JUMP(R[TG_A(ins)], R[TG_B(ins)], true)
op_JNE:
    EQUAL_JUMP(R[TG_A(ins)], R[TG_B(ins)], false)
op_JEQK:
    EQUAL_JUMP(R[TG_A(ins)], K[TG_B(ins)], true)
op_JNEK:
    EQUAL_JUMP(R[TG_A(ins)], K[TG_B(ins)], false)
equal_calls: {
    TgValue both[] = {b, c};
    SAVE();
    called = tg_call_above(vm, task, vm->helpers[TG_HELPER_EQUAL], both, 2, TG_C(ins), pc + 2, &value);
    goto after_call_above;
}

    // ---- Data
op_LIST:
    R[TG_A(ins)] = tg_obj(TG_C(ins) ? tg_list_of(vm, &R[TG_B(ins)], TG_C(ins)) : tg_list(vm, ROOM_OF_EMPTY));
    NEXT(1);
op_APPEND:
    if (UNLIKELY(!tg_list_push(vm, (TgList *)tg_as_obj(R[TG_A(ins)]), R[TG_B(ins)]))) {
        tg_error_memory(vm);
        goto raised;
    }
    NEXT(1);
op_EXTEND:
    RAISE_IF(!tg_op_extend(vm, (TgList *)tg_as_obj(R[TG_A(ins)]), R[TG_B(ins)]));
    NEXT(1);
op_MAP:
    R[TG_A(ins)] = tg_obj(tg_map_for(vm, TG_B(ins)));
    NEXT(1);
op_RANGE:
    RAISE_IF(!tg_op_range(vm, R[TG_B(ins)], R[TG_C(ins)], &R[TG_A(ins)]));
    NEXT(1);
op_SLICE:
    RAISE_IF(!tg_slice(vm, R[TG_B(ins)], R[TG_B(ins) + 1], R[TG_B(ins) + 2], &R[TG_A(ins)]));
    NEXT(1);
op_GETINDEX: {
    TgValue x = R[TG_B(ins)], y = R[TG_C(ins)];
    if (LIKELY(tg_is_int(y)) && LIKELY(tg_is_kind(x, OBJ_LIST))) {
        TgList *list = (TgList *)tg_as_obj(x);
        int64_t at = tg_as_int(y);
        if (LIKELY((uint64_t)at < list->count)) {
            R[TG_A(ins)] = list->items[at];
            NEXT(1);
        }
    }
    if (tg_is_int(y) && tg_is_kind(x, OBJ_STRING) && (tg_as_obj(x)->flags & OBJ_ASCII)) {
        const TgString *string = (const TgString *)tg_as_obj(x);
        int64_t at = tg_as_int(y);
        if ((uint64_t)at < string->length) {
            TgString *character = vm->characters[(unsigned char)string->data[at]];
            if (LIKELY(character)) {
                R[TG_A(ins)] = tg_obj(character);
                NEXT(1);
            }
        }
    }
    if (tg_is_kind(x, OBJ_MAP) && (tg_is_int(y) || tg_is_kind(y, OBJ_STRING))) {
        TgValue found = tg_map_get((TgMap *)tg_as_obj(x), y);
        if (LIKELY(!tg_is_undef(found))) {
            R[TG_A(ins)] = found;
            NEXT(1);
        }
    }
    b = x, c = y;
    goto get_index;
}
op_GETINDEXI: {
    TgValue x = R[TG_B(ins)];
    if (LIKELY(tg_is_kind(x, OBJ_LIST))) {
        TgList *list = (TgList *)tg_as_obj(x);
        int64_t at = TG_SC(ins);
        if (LIKELY((uint64_t)at < list->count)) {
            R[TG_A(ins)] = list->items[at];
            NEXT(1);
        }
    }
    b = x, c = tg_int(TG_SC(ins));
    goto get_index;
}
get_index: {
    TgIndexEnd end = tg_index_get(vm, b, c, &value);
    RAISE_IF(end == INDEX_RAISED);
    if (UNLIKELY(end == INDEX_CALLS)) {
        TgValue both[] = {b, c};
        SAVE();
        called = tg_call_above(vm, task, vm->helpers[TG_HELPER_MAP_GET], both, 2, TG_A(ins), pc + 1, &value);
        goto after_call_above;
    }
    R[TG_A(ins)] = value;
    NEXT(1);
}
op_SETINDEX: {
    TgValue target = R[TG_A(ins)], index = R[TG_B(ins)];
    if (LIKELY(tg_is_int(index)) && LIKELY(tg_is_kind(target, OBJ_LIST))) {
        TgList *list = (TgList *)tg_as_obj(target);
        int64_t at = tg_as_int(index);
        if (LIKELY((uint64_t)at < list->count)) {
            TgValue item = R[TG_C(ins)];
            list->items[at] = item;
            tg_barrier(vm, list, item);
            NEXT(1);
        }
    }
    if (tg_is_kind(target, OBJ_MAP) && (tg_is_int(index) || tg_is_kind(index, OBJ_STRING)) &&
        LIKELY(tg_map_set(vm, (TgMap *)tg_as_obj(target), index, R[TG_C(ins)])))
        NEXT(1);
    TgIndexEnd end = tg_index_set(vm, target, index, R[TG_C(ins)]);
    RAISE_IF(end == INDEX_RAISED);
    if (UNLIKELY(end == INDEX_CALLS)) goto map_set_calls;
    NEXT(1);
}
op_MAPSET: {
    TgIndexEnd end = tg_index_set(vm, R[TG_A(ins)], R[TG_B(ins)], R[TG_C(ins)]);
    RAISE_IF(end == INDEX_RAISED);
    if (UNLIKELY(end == INDEX_CALLS)) goto map_set_calls;
    NEXT(1);
}
map_set_calls: {
    TgValue three[] = {R[TG_A(ins)], R[TG_B(ins)], R[TG_C(ins)]};
    SAVE();
    // Its result is nobody's: it goes above the registers.
    called = tg_call_above(vm, task, vm->helpers[TG_HELPER_MAP_SET], three, 3, tg_frame_code(R)->registers, pc + 1,
                           &value);
    goto after_call_above;
}
op_GETFIELD: {
    TgValue owner = R[TG_B(ins)];
    TgObj *object;
    if (LIKELY(tg_to_obj(owner, &object)) && LIKELY(object->shape == pc[2])) {
        R[TG_A(ins)] = ((TgInstance *)object)->slots[TG_C(ins)];
        NEXT(3);
    }
    b = owner;
    TgString *name = (TgString *)tg_as_obj(K[pc[1]]);
    if (tg_is_kind(b, OBJ_INSTANCE)) {
        TgInstance *instance = (TgInstance *)tg_as_obj(b);
        int slot = tg_instance_slot(vm, instance, name);
        if (slot >= 0) {
            if (slot < 256) {
                uint32_t *words = (uint32_t *)pc;
                words[0] = tg_abc(OP_GETFIELD, TG_A(ins), TG_B(ins), (uint32_t)slot);
                words[2] = instance->obj.shape;
            }
            R[TG_A(ins)] = instance->slots[slot];
            NEXT(3);
        }
    }
    RAISE_IF(!tg_field_get(vm, b, name, &value));
    R[TG_A(ins)] = value;
    NEXT(3);
}
op_SETFIELD: {
    TgValue owner = R[TG_A(ins)], field = R[TG_B(ins)];
    TgObj *object;
    if (LIKELY(tg_to_obj(owner, &object)) && LIKELY(object->shape == pc[2])) {
        TgInstance *instance = (TgInstance *)object;
        if (!pc[3] || TG_C(ins) < instance->capacity) {
            if (pc[3]) instance->obj.shape = pc[3]; // a new field
            instance->slots[TG_C(ins)] = field;
            tg_barrier(vm, instance, field);
            NEXT(4);
        }
    }
    RAISE_IF(!tg_field_set_at(vm, (uint32_t *)pc, owner, (TgString *)tg_as_obj(K[pc[1]]), field));
    NEXT(4);
}
op_GETSUPER:
    RAISE_IF(!tg_field_super(vm, (TgClosure *)tg_frame_function(R), (TgString *)tg_as_obj(K[pc[1]]), &value));
    R[TG_A(ins)] = tg_obj(tg_bound_new(vm, R[TG_B(ins)], value));
    NEXT(2);
op_UNPACK:
    RAISE_IF(!tg_unpack(vm, R[TG_B(ins)], &R[TG_A(ins)], TG_C(ins), -1));
    NEXT(1);
op_UNPACKREST:
    RAISE_IF(!tg_unpack(vm, R[TG_B(ins)], &R[TG_A(ins)], TG_C(ins), pc[1]));
    NEXT(2);
op_STR: {
    b = R[TG_B(ins)];
    if (!tg_is_obj(b) || tg_is_kind(b, OBJ_STRING)) {
        R[TG_A(ins)] = b;
        NEXT(1);
    }
    TgIndexEnd end = tg_op_text(vm, b, &value);
    RAISE_IF(end == INDEX_RAISED);
    if (end == INDEX_CALLS) {
        SAVE();
        called = tg_call_above(vm, task, vm->helpers[TG_HELPER_STR], &b, 1, TG_A(ins), pc + 1, &value);
        goto after_call_above;
    }
    R[TG_A(ins)] = value;
    NEXT(1);
}
op_FORMAT: {
    b = R[TG_B(ins)], c = K[pc[1]];
    if (tg_is_obj(b) && !tg_is_kind(b, OBJ_STRING) && !tg_is_kind(b, OBJ_BIGINT)) {
        TgList *found = tg_list(vm, 0);
        RAISE_IF(!tg_text_find(vm, b, found));
        if (found->count > 0) {
            TgValue both[] = {b, c};
            SAVE();
            called = tg_call_above(vm, task, vm->helpers[TG_HELPER_FORMAT], both, 2, TG_A(ins), pc + 2, &value);
            goto after_call_above;
        }
    }
    value = tg_format(vm, b, (TgString *)tg_as_obj(c));
    RAISE_IF(tg_is_undef(value));
    R[TG_A(ins)] = value;
    NEXT(2);
}
op_CONCAT:
    RAISE_IF(!tg_op_concat(vm, &R[TG_B(ins)], TG_C(ins), &R[TG_A(ins)]));
    NEXT(1);

    // ---- Calls
op_CHECK:
    BOUNDARY();
    NEXT(1);
op_CALL:
    BOUNDARY();
op_CALLNC: {
    TgValue *window = R + TG_A(ins);
    if (LIKELY(tg_is_kind(window[0], OBJ_CLOSURE))) {
        TgCode *code = ((TgFunction *)tg_as_obj(window[0]))->code;
        if (LIKELY(code->call_key == TG_B(ins)) && LIKELY(window + code->registers + 10 <= task->limit)) {
            window[1] = tg_link(pc + 1, TG_A(ins), TG_C(ins));
            R = window + 2;
            pc = code->words;
            K = code->constants;
            DISPATCH();
        }
    }
    site = (TgCallSite){.window = TG_A(ins), .argc = TG_B(ins), .dest = TG_C(ins), .back = pc + 1, .names = TG_NIL};
    goto call_plain;
}
op_INVOKE:
    BOUNDARY();
op_INVOKENC:
invoke: {
    TgValue *window = R + TG_A(ins);
    TgValue receiver = window[2], method = TG_UNDEF;
    bool takes_self = true;
    // An instance's own field goes first; its shape tells that it has none of this name.
    TgObj *object;
    if (LIKELY(tg_to_obj(receiver, &object)) && LIKELY(tg_field_is_cached(object, pc[2]))) {
        memcpy(&method, pc + 3, sizeof method);
        if (LIKELY(tg_is_kind(method, OBJ_CLOSURE))) {
            TgCode *code = ((TgFunction *)tg_as_obj(method))->code;
            if (LIKELY(code->call_key == TG_B(ins) + 1) && LIKELY(window + code->registers + 10 <= task->limit)) {
                window[0] = method;
                window[1] = tg_link(pc + 5, TG_A(ins), TG_C(ins));
                R = window + 2;
                pc = code->words;
                K = code->constants;
                DISPATCH();
            }
        } else if (tg_is_kind(method, OBJ_NATIVE)) {
            const TgNative *native = (const TgNative *)tg_as_obj(method);
            if (IS_AS_WRITTEN && pc[2] > TG_CACHED_KIND && is_quick(native, TG_B(ins) + 1)) {
                bool checks = TG_OP(ins) == OP_INVOKE;
                if (native->quick == tg_quick_send || native->quick == tg_quick_receive) {
                    REWRITE(native->quick == tg_quick_send ? OP_SEND : OP_RECEIVE);
                    ((uint32_t *)pc)[2] = checks;
                } else {
                    REWRITE(checks ? OP_INVOKEQ : OP_INVOKEQNC);
                    goto invoke_quick;
                }
            }
        } else if (tg_is_kind(method, OBJ_CELL)) { // a module's member
            method = ((TgCell *)tg_as_obj(method))->value;
            takes_self = false;
        }
    }
    if (UNLIKELY(tg_is_undef(method)))
        RAISE_IF(!tg_field_method_at(vm, (uint32_t *)pc + 2, receiver, (TgString *)tg_as_obj(K[pc[1]]), &method, &takes_self));
    window[0] = method;
    site = (TgCallSite){.window = TG_A(ins), .argc = TG_B(ins) + takes_self, .dest = TG_C(ins), .back = pc + 5, .names = TG_NIL};
    if (!takes_self) memmove(window + 2, window + 3, site.argc * sizeof *window);
    goto call_plain;
}
op_INVOKEQ:
    BOUNDARY();
op_INVOKEQNC:
invoke_quick: {
    TgValue method;
    TgObj *object;
    if (UNLIKELY(!tg_to_obj(R[TG_A(ins) + 2], &object)) || UNLIKELY(object->kind + TG_CACHED_KIND != pc[2])) {
        REWRITE(TG_OP(ins) == OP_INVOKEQ ? OP_INVOKE : OP_INVOKENC);
        ins = *pc;
        goto invoke;
    }
    memcpy(&method, pc + 3, sizeof method);
    TgValue given = ((const TgNative *)tg_as_obj(method))->quick(vm, &R[TG_A(ins) + 2], TG_B(ins) + 1);
    if (LIKELY(tg_quick_gave(given))) {
        R[TG_C(ins)] = given;
        NEXT(5);
    }
    if (LIKELY(given == TG_WAITS)) WAIT(TG_C(ins), 5);
    memcpy(&R[TG_A(ins)], pc + 3, sizeof method);
    site = (TgCallSite){.window = TG_A(ins), .argc = TG_B(ins) + 1, .dest = TG_C(ins), .back = pc + 5, .names = TG_NIL};
    goto call;
}
op_SEND:
    if (pc[2]) BOUNDARY();
    if (LIKELY(tg_is_kind(R[TG_A(ins) + 2], OBJ_CHANNEL))) {
        TgValue given = tg_channel_send(vm, (TgChannel *)tg_as_obj(R[TG_A(ins) + 2]), R[TG_A(ins) + 3]);
        if (LIKELY(given == TG_NIL)) {
            R[TG_C(ins)] = TG_NIL;
            NEXT(5);
        }
        if (LIKELY(given == TG_WAITS)) WAIT(TG_C(ins), 5);
    }
    goto not_quick;
op_RECEIVE:
    if (pc[2]) BOUNDARY();
    if (LIKELY(tg_is_kind(R[TG_A(ins) + 2], OBJ_CHANNEL))) {
        TgValue given = tg_channel_receive(vm, (TgChannel *)tg_as_obj(R[TG_A(ins) + 2]), WAIT_RECEIVE);
        if (LIKELY(tg_quick_gave(given))) {
            R[TG_C(ins)] = given;
            NEXT(5);
        }
        if (LIKELY(given == TG_WAITS)) WAIT(TG_C(ins), 5);
    }
not_quick: {
    uint32_t *words = (uint32_t *)pc;
    REWRITE(words[2] ? OP_INVOKE : OP_INVOKENC);
    words[2] = 0;
    ins = *pc;
    goto invoke;
}
op_SELECT: {
    int number;
    SAVE();
    value = tg_select_case(vm, &R[TG_A(ins) + 2], TG_B(ins), TG_C(ins), &number);
    if (value == TG_WAITS) WAIT(TG_A(ins) + 1, 1);
    RAISE_IF(tg_is_undef(value));
    R[TG_A(ins)] = tg_int(number);
    R[TG_A(ins) + 1] = value;
    NEXT(2);
}
op_SELECTED:
    R[TG_A(ins)] = tg_int(task->won);
    NEXT(1);
op_METHOD: {
    bool takes_self;
    TgValue *window = R + TG_A(ins);
    RAISE_IF(!tg_field_method(vm, window[2], (TgString *)tg_as_obj(K[pc[1]]), &value, &takes_self));
    window[0] = value;
    if (!takes_self) window[2] = TG_UNDEF;
    NEXT(2);
}
op_CALLX:
    site = (TgCallSite){.window = TG_A(ins), .argc = TG_B(ins), .dest = TG_C(ins), .back = pc + 3, .flags = pc[2], .names = K[pc[1]]};
    goto call;
op_SUPERCALL:
    RAISE_IF(!tg_field_super(vm, (TgClosure *)tg_frame_function(R), (TgString *)tg_as_obj(K[pc[1]]), &value));
    R[TG_A(ins)] = value;
    site = (TgCallSite){.window = TG_A(ins), .argc = TG_B(ins) + 1, .dest = TG_C(ins), .back = pc + 2, .names = TG_NIL};
    goto call;
op_SUPERMETHOD:
    RAISE_IF(!tg_field_super(vm, (TgClosure *)tg_frame_function(R), (TgString *)tg_as_obj(K[pc[1]]), &value));
    R[TG_A(ins)] = value;
    NEXT(2);
call_plain: { // positional arguments only: a quick half of a native may be all
    TgValue *window = R + site.window, given = TG_UNDEF;
    TgObj *callee;
    if (tg_to_obj(window[0], &callee) && IS_AS_WRITTEN) {
        if (callee->kind == OBJ_NATIVE && is_quick((TgNative *)callee, site.argc)) {
            given = ((TgNative *)callee)->quick(vm, window + 2, site.argc);
        } else if (callee->kind == OBJ_CLASS && callee->flags & OBJ_EXCEPTION) {
            given = tg_call_quick_class(vm, (TgClass *)callee, window + 2, site.argc);
        }
    }
    if (LIKELY(tg_quick_gave(given))) {
        R[site.dest] = given;
        pc = site.back;
        DISPATCH();
    }
    if (given == TG_WAITS) {
        task->dest = site.dest;
        pc = site.back;
        goto waits;
    }
}
call:
    SAVE();
    vm->budget = budget;
    called = tg_call_make(vm, task, &site, &value);
    if (LIKELY(called == CALL_DONE)) {
        R = task->base;
        R[site.dest] = value;
        pc = site.back;
#ifndef NDEBUG
        if (UNLIKELY(vm->options.late_boundary) && --budget < 0) goto late_trap;
#endif
        DISPATCH();
    }
    goto after_call;
after_call_above: // a call that an instruction makes by itself; its register is in `ins`
    if (called == CALL_DONE) {
        // The helper was a native, or ended at once: only tg functions are helpers, but be whole.
        R = task->base;
        R[TG_A(ins)] = value;
        pc += tg_op_length(TG_OP(ins));
        DISPATCH();
    }
after_call:
    if (called == CALL_FRAME) {
        LOAD();
        DISPATCH();
    }
    if (called == CALL_PARKED) goto parked;
    R = task->base; // frames below the failing native's are as they were
    if (tg_frame_function(R)->obj.kind != OBJ_NATIVE) {
        TgCode *code = tg_frame_code(R);
        if (pc < code->words || pc >= code->words + code->word_count) pc = task->pc;
    } else {
        pc = task->pc;
    }
    goto raised;

op_RET: {
    TgValue returned = R[TG_A(ins)], link = R[-1];
    R -= tg_link_window(link) + 2;
    R[tg_link_dest(link)] = returned;
    pc = tg_link_pc(link);
    K = tg_frame_code(R)->constants;
    DISPATCH();
}
op_RETNIL: {
    TgValue link = R[-1];
    R -= tg_link_window(link) + 2;
    R[tg_link_dest(link)] = TG_NIL;
    pc = tg_link_pc(link);
    K = tg_frame_code(R)->constants;
    DISPATCH();
}

    // ---- Going over things
op_ITERCALL: {
    b = R[TG_A(ins)];
    if (!tg_is_kind(b, OBJ_INSTANCE) && !tg_is_kind(b, OBJ_RESOURCE)) NEXT(1);
    TgClass *class_ = tg_class_of(vm, b);
    if (tg_is_undef(class_->iter)) NEXT(1);
    SAVE();
    called = tg_call_above(vm, task, class_->iter, &b, 1, TG_A(ins), pc + 1, &value);
    goto after_call_above;
}
op_ITER:
    RAISE_IF(!tg_iter_begin(vm, &R[TG_A(ins)]));
    NEXT(1);
op_FORNEXT: {
    BOUNDARY();
    TgValue *state = R + TG_A(ins);
    if (LIKELY(tg_is_kind(state[0], OBJ_LIST)) && LIKELY(TG_B(ins) == 1)) {
        TgList *list = (TgList *)tg_as_obj(state[0]);
        uint64_t at = (uint64_t)tg_as_int(state[1]);
        if (LIKELY(list->count == (uint64_t)tg_as_int(state[2]))) {
            if (at < list->count) {
                state[3] = list->items[at];
                state[1] = tg_int((int64_t)at + 1);
                TAKE(2);
            }
            NEXT(4);
        }
    }
    if (tg_is_kind(state[0], OBJ_RANGE) && TG_B(ins) == 1 && tg_is_int(state[2])) {
        TgValue number = state[1];
        int64_t left = tg_as_int(state[2]);
        if (left <= 0) NEXT(4);
        uint64_t step = (uint64_t)((const TgRange *)tg_as_obj(state[0]))->step;
        state[3] = number;
        state[1] = tg_int_from_top((number << 16) + (step << 16));
        state[2] = tg_int(left - 1);
        TAKE(2);
    }
    if (tg_is_kind(state[0], OBJ_CHANNEL)) {
        if (UNLIKELY(vm->observer)) SAVE();
        state[3] = tg_channel_next(vm, (TgChannel *)tg_as_obj(state[0]));
        if (state[3] == TG_WAITS) WAIT(TG_A(ins) + 3, 2);
        NEXT(2);
    }
    switch (tg_iter_next(vm, state, TG_B(ins))) {
    case ITER_ITEM: TAKE(2);
    case ITER_END: NEXT(4);
    case ITER_RAISED: goto raised;
    case ITER_CALL:
        SAVE();
        vm->budget = budget;
        called = tg_call_above(vm, task, state[0], NULL, 0, TG_A(ins) + 3, pc + 2, &value);
        if (called != CALL_DONE) goto after_call;
        R = task->base;
        R[TG_A(ins) + 3] = value;
        NEXT(2);
    }
    NEXT(2);
}
op_FORTEST: {
    TgValue *state = R + TG_A(ins);
    value = state[3];
    // A channel that is closed and empty gives undefined, a function ends by nil.
    if (tg_is_undef(value) || (tg_is_nil(value) && !tg_is_kind(state[0], OBJ_CHANNEL))) NEXT(2);
    RAISE_IF(TG_B(ins) > 1 && !tg_unpack(vm, value, &state[3], TG_B(ins), -1));
    TAKE(2);
}
op_FORPREP: {
    TgValue *state = R + TG_A(ins);
    if (UNLIKELY(!tg_is_any_int(state[0]) || !tg_is_any_int(state[1]))) {
        (void)tg_op_range(vm, state[0], state[1], &value); // says what is wrong
        goto raised;
    }
    int order = tg_number_compare(state[0], state[1]);
    if (order >= 0) TAKE(2);
    state[2] = state[0];
    NEXT(2);
}
op_FORLOOP: {
    BOUNDARY();
    TgValue *state = R + TG_A(ins);
    if (LIKELY(tg_both_int(state[0], state[1]))) {
        // In the upper bits of a word: one more is below the end, or the end itself.
        int64_t next = (int64_t)(state[0] << 16) + 65536;
        if (LIKELY(next < (int64_t)(state[1] << 16))) {
            state[0] = state[2] = tg_int_from_top((uint64_t)next);
            TAKE(2);
        }
        NEXT(2);
    }
    state[0] = tg_binary(vm, NUM_ADD, state[0], tg_int(1));
    if (tg_number_compare(state[0], state[1]) < 0) {
        state[2] = state[0];
        TAKE(2);
    }
    NEXT(2);
}

    // ---- Classes and modules
op_CLASS:
    RAISE_IF(!tg_op_class(vm, tg_frame_code(R), pc, TG_B(ins) == 255 ? TG_UNDEF : R[TG_B(ins)], &R[TG_A(ins)]));
    NEXT(2);
op_METHODDEF: {
    TgClass *class_ = (TgClass *)tg_as_obj(R[TG_A(ins)]);
    TgClosure *closure = (TgClosure *)tg_as_obj(R[TG_B(ins)]);
    closure->home = class_;
    tg_barrier(vm, closure, R[TG_A(ins)]);
    tg_class_method(vm, class_, (TgString *)tg_as_obj(K[pc[1]]), R[TG_B(ins)]);
    NEXT(2);
}
op_ATTRDEF: {
    TgClass *class_ = (TgClass *)tg_as_obj(R[TG_A(ins)]);
    tg_map_set(vm, class_->attributes, K[pc[1]], R[TG_B(ins)]);
    NEXT(2);
}
op_CLASSEND:
    tg_class_finish(vm, (TgClass *)tg_as_obj(R[TG_A(ins)]));
    NEXT(1);
op_IMPORT:
    SAVE();
    vm->budget = budget;
    called = tg_import(vm, task, (TgString *)tg_as_obj(K[pc[1]]), TG_B(ins), TG_A(ins), pc, pc + 2, &value);
    if (called != CALL_DONE) goto after_call;
    R = task->base;
    R[TG_A(ins)] = value;
    NEXT(2);
op_MEMBER: {
    TgModule *module = (TgModule *)tg_as_obj(R[TG_B(ins)]);
    TgString *name = (TgString *)tg_as_obj(K[pc[1]]);
    value = tg_module_get(module, name);
    if (UNLIKELY(tg_is_undef(value))) {
        tg_field_no_member(vm, TG_ERR_ImportError, module, name);
        goto raised;
    }
    R[TG_A(ins)] = value;
    NEXT(2);
}

    // ---- Exceptions
op_RAISE: {
    bool is_class = false;
    value = R[TG_A(ins)];
    RAISE_IF(UNLIKELY(!tg_is_exception(value)) && !tg_op_check_raise(vm, value, &is_class));
    if (is_class) { // makes the instance, then runs again
        SAVE();
        vm->budget = budget;
        called = tg_call_above(vm, task, value, NULL, 0, TG_A(ins), pc, &value);
        if (called != CALL_DONE) goto after_call;
        R = task->base;
        R[TG_A(ins)] = value;
    }
    if (TG_B(ins) != 255) {
        c = R[TG_B(ins)];
        RAISE_IF(!tg_is_nil(c) && !tg_op_check_raise(vm, c, &is_class));
        tg_instance_set(vm, (TgInstance *)tg_as_obj(value), vm->name_cause, c);
    }
    vm->raised = value;
    goto raised;
}
op_RERAISE:
    value = R[TG_A(ins) + 1];
    vm->raised = tg_is_kind(value, OBJ_LIST) ? tg_group_of(vm, (TgList *)tg_as_obj(value)) : value;
    goto raised;
op_MATCH: {
    bool found;
    RAISE_IF(!tg_block_match(vm, task, &R[TG_A(ins)], R[TG_B(ins)], &found));
    if (!found) TAKE(2);
    NEXT(2);
}
op_TAKEN: {
    b = R[TG_B(ins)];
    TgList *taken = tg_is_kind(b, OBJ_LIST) ? (TgList *)tg_as_obj(b) : NULL;
    if (TG_C(ins)) value = tg_obj(taken ? tg_list_of(vm, taken->items, taken->count) : tg_list_of(vm, &b, 1));
    else value = taken ? taken->items[0] : b;
    R[TG_A(ins)] = value;
    NEXT(1);
}
op_ENDTRY: {
    SAVE();
    TgBlockEnd end = tg_block_end_try(vm, task, &R[TG_A(ins)]);
    if (end.how == BLOCK_NEXT) NEXT(1);
    value = end.value;
    b = end.kind;
    goto leave;
}

    // ---- Blocks that need care
op_LEAVE:
    SAVE();
    b = LEAVE_JUMP;
    value = tg_int(pc[1]);
    goto leave;
op_LEAVERET:
    SAVE();
    b = LEAVE_RETURN;
    value = R[TG_A(ins)];
    goto leave;
op_BEGINFINALLY:
    R[TG_A(ins)] = tg_int(LEAVE_NONE);
    R[TG_A(ins) + 1] = TG_NIL;
    if (UNLIKELY(vm->monitor)) tg_monitor_cleanup(vm, task, R, tg_pc_index(tg_frame_code(R), pc + 1));
    NEXT(1);
op_ENDFINALLY: {
    if (LIKELY(R[TG_A(ins)] == tg_int(LEAVE_NONE)) && LIKELY(!task->attention)) NEXT(1);
    SAVE();
    TgBlockEnd end = tg_block_end_finally(vm, task, &R[TG_A(ins)]);
    if (end.how == BLOCK_NEXT) NEXT(1);
    // Outside of its own row from here on: it is over.
    R[TG_A(ins)] = tg_int(LEAVE_NONE);
    value = end.value;
    b = end.kind;
    goto leave;
}
op_ENTER: {
    task->entering++; // ENTERED takes it back, or the unwinder
    const TgClass *class_ = runtime_class(vm, R[TG_A(ins)]);
    TgQuickFn quick = class_ ? quick_of(class_->enter) : NULL;
    if (quick) {
        value = quick(vm, &R[TG_A(ins)], 1);
        if (LIKELY(tg_quick_gave(value))) {
            R[TG_A(ins) + 1] = value;
            NEXT(1);
        }
        if (value == TG_WAITS) WAIT(TG_A(ins) + 1, 1);
    }
    SAVE();
    vm->budget = budget;
    b = R[TG_A(ins)];
    RAISE_IF(!tg_resource_check(vm, b));
    value = tg_find_method(vm, tg_class_of(vm, b), vm->name_enter);
    R[TG_A(ins) + 1] = TG_NIL;
    if (tg_is_undef(value)) NEXT(1);
    called = tg_call_above(vm, task, value, &b, 1, TG_A(ins) + 1, pc + 1, &value);
    if (called != CALL_DONE) goto after_call;
    R = task->base;
    R[TG_A(ins) + 1] = value;
    NEXT(1);
}
op_ENTERED:
    task->entering--;
    if (tg_is_nil(R[TG_A(ins) + 1])) R[TG_A(ins) + 1] = R[TG_A(ins)];
    if (UNLIKELY(vm->monitor)) {
        SAVE();
        tg_monitor_entered(vm, task, R[TG_A(ins)]);
    }
    // What was held off while it entered is due at the next boundary.
    tg_sched_look_again(vm, task);
    NEXT(1);
op_EXIT: {
    b = R[TG_A(ins)];
    SAVE();
    if (UNLIKELY(vm->monitor)) tg_monitor_exited(vm, task, b);
    const TgClass *class_ = runtime_class(vm, b);
    TgQuickFn quick = class_ ? quick_of(class_->exit) : NULL;
    if (quick && tg_quick_gave(quick(vm, &b, 1))) NEXT(1); // one that releases never waits
    value = tg_find_method(vm, tg_class_of(vm, b), vm->name_exit); // ENTER has seen that there is one
    vm->budget = budget;
    called = tg_call_above(vm, task, value, &b, 1, tg_frame_code(R)->registers, pc + 1, &value);
    if (called != CALL_DONE) goto after_call;
    R = task->base;
    NEXT(1);
}
op_NURSERY:
    task->base = R;
    task->pc = pc + 1;
    R[TG_A(ins)] = tg_obj(tg_scope_open(vm, task, SCOPE_NURSERY, TG_A(ins)));
    NEXT(1);
op_TIMEOUT:
    task->base = R;
    task->pc = pc + 1;
    RAISE_IF(!tg_block_open_timed(vm, task, SCOPE_TIMEOUT, TG_A(ins), R[TG_B(ins)]));
    NEXT(1);
op_SHIELD:
    task->base = R;
    task->pc = pc + 1;
    RAISE_IF(!tg_block_open_timed(vm, task, SCOPE_SHIELD, TG_A(ins), TG_B(ins) == 255 ? TG_UNDEF : R[TG_B(ins)]));
    NEXT(1);
op_ENDSCOPE: {
    SAVE();
    TgBlockEnd end = tg_block_end_scope(vm, task, &R[TG_A(ins)], TG_B(ins));
    if (end.how == BLOCK_NEXT) NEXT(2);
    if (end.how == BLOCK_PARK) goto parked;
    if (end.how == BLOCK_ELSE) {
        pc = tg_frame_code(R)->words + pc[1];
        DISPATCH();
    }
    value = end.value;
    b = end.kind;
    goto leave;
}
op_SPAWN:
    site = (TgCallSite){.window = TG_A(ins), .argc = TG_B(ins), .dest = TG_C(ins), .back = pc + 2, .names = TG_NIL};
    c = pc[1];
    goto spawn;
op_SPAWNM: {
    bool takes_self;
    TgValue *window = R + TG_A(ins);
    RAISE_IF(!tg_field_method(vm, window[2], (TgString *)tg_as_obj(K[pc[1]]), &value, &takes_self));
    window[0] = value;
    site = (TgCallSite){.window = TG_A(ins), .argc = TG_B(ins) + 1, .dest = TG_C(ins), .back = pc + 3, .names = TG_NIL};
    if (!takes_self) {
        site.argc--;
        memmove(window + 2, window + 3, site.argc * sizeof *window);
    }
    c = pc[2];
    goto spawn;
}
op_SPAWNX:
    site = (TgCallSite){.window = TG_A(ins), .argc = TG_B(ins), .dest = TG_C(ins), .back = pc + 4, .flags = pc[2], .names = K[pc[1]]};
    c = pc[3];
spawn: {
    SAVE();
    uint32_t reg = c & 0xFF;
    TgScope *nursery = reg == 255 ? task->nursery : (TgScope *)tg_as_obj(R[reg]);
    if (UNLIKELY(nursery->kind == SCOPE_ROOT) && vm->sched->session) nursery = vm->sched->session;
    if (UNLIKELY(nursery->closed) || UNLIKELY(nursery->kind == SCOPE_ROOT && nursery != vm->sched->session)) {
        tg_error_raise(vm, TG_ERR_Closed, "the nursery of this spawn is closed");
        goto raised;
    }
    TgTask *child = tg_life_spawn(vm, task, nursery, &site);
    RAISE_IF(!child);
    if (UNLIKELY(vm->observer)) tg_life_see_spawn(vm, child);
    if (!(c & TG_SPAWN_DROPPED)) R[site.dest] = tg_task_value(child);
    pc = site.back;
    DISPATCH();
}

    // ---- Stubs
op_TASKENTRY: {
    BOUNDARY();
    uint32_t argc = task->argc;
    task->began = true;
    if (LIKELY(!task->rare) && LIKELY(tg_is_kind(R[0], OBJ_CLOSURE))) {
        TgCode *code = ((TgFunction *)tg_as_obj(R[0]))->code;
        if (LIKELY(code->call_key == argc)) { // a task is born with the room for it
            R[1] = tg_link(pc + 1, 0, 0);
            R += 2;
            pc = code->words;
            K = code->constants;
            DISPATCH();
        }
    }
    site = tg_life_entry(task, argc);
    site.back = pc + 1;
    goto call;
}
op_TASKEND:
    SAVE();
    vm->budget = budget;
    tg_life_end(vm, task, LEAVE_NONE, R[0]);
    turn = TURN_ENDED;
pass: // on to the next task
    if (!tg_sched_pass(vm, turn)) return;
    budget = vm->budget;
    LOAD();
    DISPATCH();
op_AGAIN:
    BOUNDARY();
op_RESUME:
    SAVE();
    vm->budget = budget;
    called = tg_call_resume(vm, task, TG_A(ins));
    if (called == CALL_DONE) {
        LOAD();
        DISPATCH();
    }
    goto after_call;

    // ---- Leaving the straight way
waits: // A quick half gave TG_WAITS
    save_wait(vm, R, pc);
parked:
    if (LIKELY(tg_sched_pass_quick(vm, budget))) {
        budget = (int64_t)vm->options.slice;
        LOAD();
        DISPATCH();
    }
    vm->budget = budget;
    turn = TURN_PARKED;
    goto pass;
trap: {
    SAVE();
    vm->budget = budget;
    TgTrapAnswer answer = tg_sched_trap(vm, task);
    budget = vm->budget;
    switch (answer) {
    case TRAP_GO_ON:
        LOAD();
        DISPATCH();
    case TRAP_SWITCH: turn = TURN_YIELDED; goto pass;
    case TRAP_UNWIND_INTERRUPT:
        b = LEAVE_RAISE;
        value = tg_sched_take_interrupt(vm, task);
        goto leave;
    case TRAP_UNWIND_CANCEL:
        task->pierced = false;
        b = LEAVE_CANCEL;
        value = TG_NIL;
        goto leave;
    case TRAP_RAISE: goto raised;
    }
}
#ifndef NDEBUG
late_trap: { // the mutation: the call is done, but what it gave is not yet used when the task is stopped
    SAVE();
    vm->budget = budget;
    TgTrapAnswer answer = tg_sched_trap(vm, task);
    budget = vm->budget > 0 ? vm->budget : 1;
    if (answer == TRAP_UNWIND_INTERRUPT || answer == TRAP_UNWIND_CANCEL) {
        pc = task->pc = task->pc - 1;
        b = answer == TRAP_UNWIND_INTERRUPT ? LEAVE_RAISE : LEAVE_CANCEL;
        value = answer == TRAP_UNWIND_INTERRUPT ? tg_sched_take_interrupt(vm, task) : TG_NIL;
        goto leave;
    }
    LOAD();
    DISPATCH();
}
#endif
raised:
    if (UNLIKELY(tg_is_undef(vm->raised)) && tg_call_gave_up(vm)) { // for a signal: the instruction runs again
        --budget;
        goto trap;
    }
    SAVE();
    value = vm->raised;
    vm->raised = TG_UNDEF;
    b = tg_is_nil(value) ? LEAVE_CANCEL : LEAVE_RAISE; // nil: exit() unwinds its caller
leave: // b is the kind, value the value; base and pc are saved
    vm->budget = budget;
    if (!tg_loop_unwind(vm, task, tg_pc_index(tg_frame_code(task->base), task->pc), (TgLeaveKind)b, value)) {
        turn = TURN_ENDED;
        goto pass;
    }
    LOAD();
    DISPATCH();
}
#undef task
