// lang/compiler_impl.h
// What the rooms of the compiler share: the state of one compilation and of each function in it.
//
//   compiler.c        functions: prologue, signature, the module with what it hoists
//   compile_emit.c    words, labels, constants, places, registers, handler rows
//   compile_names.c   variables: where they live, reading, writing, declaring
//   compile_expr.c    expressions            compile_call.c    calls and spawn
//   compile_jump.c    conditions             compile_stmt.c    plain statements, imports
//   compile_class.c   classes                compile_blocks.c  loops, comprehensions, try, with,
//   scopes
//
// The one idea: registers are a stack. Whoever needs some remembers `next`, takes what he needs
// above it and puts `next` back; a local is a register that stays taken until its block ends.
// Layer: front end, private to the compiler.
#ifndef TG_LANG_COMPILER_IMPL_H
#define TG_LANG_COMPILER_IMPL_H

#include "lang/compiler.h"
#include "lang/diag.h"
#include "vm/class.h"
#include "vm/op.h"
#include "vm/string.h"

enum {
    ANY = -1,              // "wherever you like": a local's own register, or a new temporary
    NO_REGISTER = 255,     // in O fields
    REGISTER_LOCALS = 200, // later locals go to the function's List
    SPILLED = 256,         // TgBinding.reg from here on: SPILLED + position in that List
    MAX_SPILLED = 65000,
    MAX_TARGETS = 200, // of one destructuring
};

// A place in the code that jumps go to; until it is bound their words form a chain through `chain`.
typedef struct {
    int64_t pc;    // -1: not bound
    int64_t chain; // word that waits, -1: none
} TgLabel;
#define NEW_LABEL ((TgLabel){-1, -1})

typedef struct TgLoop {
    struct TgLoop *outer;
    TgLabel end, next; // break, continue
    int care;          // TgEmit.care around the loop
} TgLoop;

// What a block gives back at its end.
typedef struct TgMark {
    struct TgMark *outer;
    int next;
    uint32_t spill_next;
    uint32_t spill_word; // of a hidden List made in this block: the word with its size; 0: none
} TgMark;

typedef struct TgUnit TgUnit;
typedef struct TgEmit TgEmit;

// A function that is being emitted. Kept for the next one at the same depth (`inner`), so that the
// buffers grow once.
struct TgEmit {
    TgUnit *unit;
    TgEmit *outer, *inner;
    TgFn *fn;
    uint32_t *words;
    uint32_t count, capacity;
    int64_t last;  // pc of the last instruction, -1: none
    int64_t bound; // pc at which a label was bound last
    TgValue *constants;
    uint32_t constant_count, constant_capacity;
    uint32_t *index;     // hash table over constants, position + 1; used from 16 constants on
    uint32_t index_size; // power of two or 0
    TgHandler *handlers;
    uint32_t handler_count, handler_capacity;
    TgSpot *places;
    uint32_t place_count, place_capacity;
    uint32_t token, placed; // where the next instruction is; where the last one was
    int next, top;          // first free register; one more than the highest used
    int care;               // open regions that leaving has to be told to (all but TRY)
    int nursery;            // scope register of the innermost nursery, or NO_REGISTER
    int clause;             // try state of the innermost except clause, or NO_REGISTER
    TgLoop *loop;
    TgMark *mark;
    int spill; // register of the hidden List, or NO_REGISTER
    uint32_t spill_next, spill_most;
};

// A top-level name (TgBinding.index is its row).
typedef struct {
    TgValue cell;         // 0: not looked for yet
    const TgNode *class_; // a hoisted class that is not made yet
} TgGlobal;

struct TgUnit {
    const TgCompileJob *job;
    TgVM *vm;
    TgTree *tree;
    TgDiags *diags;
    bool failed;
    TgString *file;
    struct TgSourceText *source;
    TgEmit *pool;         // the outermost emit state
    TgGlobal *globals;    // of tree->globals
    const TgNode **stack; // of nodes, for walking down left spines
    uint32_t stack_count, stack_capacity;
    const char *c_stack; // where the C stack was
    size_t c_room;
};

// A value that is a constant (not yet in any register) or in a register.
typedef struct {
    bool is_constant;
    TgValue constant;
    int reg;
} TgOperand;

// compile_emit.c
void *tg_unit_more(void *items, uint32_t *capacity, uint32_t needed, size_t size);
// An array of items of `size` that has room for `needed` of them.
static inline void *tg_unit_grow(void *items, uint32_t *capacity, uint32_t needed, size_t size) {
    return needed <= *capacity ? items : tg_unit_more(items, capacity, needed, size);
}
void tg_unit_fail(TgUnit *unit, uint32_t token, const char *what, const char *most,
                  const char *hint);
bool tg_unit_deep(TgUnit *unit, const TgNode *node); // the C stack is nearly used: said so
uint32_t tg_unit_line(const TgUnit *unit, uint32_t token);
TgString *tg_unit_text(TgUnit *unit, TgText text);
void tg_emit_begin(TgEmit *f, TgFn *fn);
void tg_emit_free(TgEmit *f);
uint32_t tg_emit(TgEmit *f, TgOp op, int a, int b, int c); // its pc
uint32_t tg_emit_d(TgEmit *f, TgOp op, int a, uint32_t d);
uint32_t tg_emit_word(TgEmit *f, uint32_t word); // its position
void tg_emit_jump(TgEmit *f, TgOp op, int a, int b, int c, TgLabel *label);
// `op` with the constant in its D field, or its X form (`op_x`) where the index is too large.
void tg_emit_constant(TgEmit *f, TgOp op, TgOp op_x, int a, TgValue value);
void tg_emit_check(TgEmit *f, uint32_t token);
void tg_emit_load(TgEmit *f, TgValue value, int target); // a constant into a register
void tg_label_bind(TgEmit *f, TgLabel *label);
bool tg_emit_dead(const TgEmit *f); // control cannot come here
uint32_t tg_constant(TgEmit *f, TgValue value);
uint32_t tg_constant_text(TgEmit *f, TgText text);
int tg_take(TgEmit *f, int count);              // consecutive registers, the first of them
int tg_result(TgEmit *f, int target, int mark); // frees down to `mark`; `target`, or a new register
void tg_handler_add(TgEmit *f, TgHandlerKind kind, uint32_t start, uint32_t target,
                    int reg); // ends here
TgCode *tg_emit_finish(TgEmit *f);

// compile_names.c
bool tg_binding_in_cell(const TgBinding *binding);
int tg_binding_register(const TgEmit *f,
                        const TgBinding *binding); // plain local of f in a register, or ANY
TgBinding *tg_self_binding(const TgEmit *f);
TgGlobal *tg_global(TgUnit *unit, const TgBinding *binding);
void tg_mark_open(TgEmit *f, TgMark *mark);
void tg_mark_close(TgEmit *f);
int tg_name_load(TgEmit *f, TgBinding *binding, int target);
void tg_name_store(TgEmit *f, TgBinding *binding, int reg); // assignment
// Declares: where the value should be put (a register, maybe a temporary), and then that it is
// there.
int tg_name_begin(TgEmit *f, TgBinding *binding);
void tg_name_finish(TgEmit *f, TgBinding *binding, int reg);
bool tg_name_alias(TgEmit *f, TgBinding *binding,
                   int reg); // it is this (taken) register from now on; false: elsewhere
void tg_name_away(TgEmit *f, TgBinding *binding,
                  int reg); // it is in the hidden List, or where it has to be
void tg_spill_need(TgEmit *f);
void tg_name_unset(TgEmit *f,
                   TgBinding *binding); // a cell without a value, at the start of its block
void tg_spill_get(TgEmit *f, int target, uint32_t position);
void tg_spill_put(TgEmit *f, uint32_t position, int reg);
bool tg_binding_is_module(const TgBinding *binding);
void tg_binding_set_module(TgBinding *binding);

// compile_expr.c
int tg_expr(TgEmit *f, const TgNode *node, int target);
TgOperand tg_operand(TgEmit *f, const TgNode *node);
int tg_operand_register(TgEmit *f, TgOperand operand);
bool tg_operand_is_small(TgOperand operand); // an Int that fits into a field of an instruction
bool tg_writes_last(const TgNode *node); // its target may be a live variable
void tg_arithmetic(TgEmit *f, int op, TgOperand left, TgOperand right, int target);
void tg_list_items(TgEmit *f, const TgNodeList *items, uint32_t count, int target);
uint32_t tg_find_token(const TgEmit *f, uint32_t from, int kind);

// compile_call.c
int tg_call_expr(TgEmit *f, const TgNode *node, int target);
int tg_spawn_expr(TgEmit *f, const TgNode *node, int target);
int tg_fn_expr(TgEmit *f, TgFn *fn, int target);

// compile_jump.c
// Jumps to `label` where the truth of `node` is `sense`, else goes on.
void tg_jump(TgEmit *f, const TgNode *node, bool sense, TgLabel *label);
// Whether it compares by one instruction, and that with its operands evaluated.
bool tg_jump_compares(const TgNode *node);
void tg_jump_operands(TgEmit *f, const TgNode *node, TgOperand left, TgOperand right, bool sense, TgLabel *label);

// compile_assert.c
// Whether a call is an assert whose condition can be told about; and such a one, which leaves no value.
bool tg_is_assert(const TgNode *call);
void tg_assert(TgEmit *f, const TgNode *call);

// compile_stmt.c
void tg_statement(TgEmit *f, const TgNode *node);
void tg_statements(TgEmit *f, const TgNode *block); // in the scope that is open
void tg_block(TgEmit *f, const TgNode *node);       // with its own scope
// Declares the targets of a `for` or comprehension. Their values are in the (taken) registers from
// `base` on; or still in the List of register `item`, and are unpacked to there.
void tg_targets_declare(TgEmit *f, const TgNode *node, int base, int item);

// compile_class.c
void tg_class_statement(TgEmit *f, const TgNode *node);
void tg_class_make(TgEmit *f, const TgNode *node, int target); // without attributes

// compile_blocks.c
void tg_while(TgEmit *f, const TgNode *node);
void tg_for(TgEmit *f, const TgNode *node);
int tg_comprehension(TgEmit *f, const TgNode *node, int target);
void tg_try(TgEmit *f, const TgNode *node);
void tg_with(TgEmit *f, const TgNode *node);
void tg_scope(TgEmit *f, const TgNode *node);

// compile_select.c
void tg_select(TgEmit *f, const TgNode *node);

// compiler.c
TgCode *tg_compile_fn(TgEmit *outer, TgFn *fn);

#endif
