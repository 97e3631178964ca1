// lang/compile_jump.c
// Conditions: jumps without values. `and`, `or` and `not` become jumps, comparisons one fused
// instruction.
//
// A comparison that does not hold is never turned around (nan): each has a form that jumps where it
// fails. Layer: front end, private to the compiler.
#include "lang/compiler_impl.h"

// The forms of `<` and its like: jump where it holds and where it does not; for two registers, with
// a small Int on the right, with one on the left; `swap`: the registers change sides.
typedef struct {
    TgOp holds, fails, holds_right, fails_right, holds_left, fails_left;
    bool swap;
} Order;

static const Order *order_of(int op) {
    static const Order less = {OP_JLT, OP_JNLT, OP_JLTI, OP_JNLTI, OP_JGTI, OP_JNGTI, false};
    static const Order less_equal = {OP_JLE, OP_JNLE, OP_JLEI, OP_JNLEI, OP_JGEI, OP_JNGEI, false};
    static const Order greater = {OP_JLT, OP_JNLT, OP_JGTI, OP_JNGTI, OP_JLTI, OP_JNLTI, true};
    static const Order greater_equal = {OP_JLE,  OP_JNLE,  OP_JGEI, OP_JNGEI,
                                        OP_JLEI, OP_JNLEI, true};
    switch (op) {
    case TOK_LT: return &less;
    case TOK_LE: return &less_equal;
    case TOK_GT: return &greater;
    case TOK_GE: return &greater_equal;
    default: return NULL;
    }
}

static void jump_order(TgEmit *f, const Order *order, TgOperand left, TgOperand right, bool sense,
                       TgLabel *label) {
    if (tg_operand_is_small(right) && !left.is_constant) {
        tg_emit_jump(f, sense ? order->holds_right : order->fails_right, left.reg,
                     (int)tg_as_int(right.constant), 0, label);
    } else if (tg_operand_is_small(left) && !right.is_constant) {
        tg_emit_jump(f, sense ? order->holds_left : order->fails_left, right.reg,
                     (int)tg_as_int(left.constant), 0, label);
    } else {
        int a = tg_operand_register(f, left), b = tg_operand_register(f, right);
        tg_emit_jump(f, sense ? order->holds : order->fails, order->swap ? b : a,
                     order->swap ? a : b, 0, label);
    }
}

// `==` where `equal`, else `!=`; jumps where that is `sense`. The answer of an `eq` that had to be
// called comes to a register of its own, for the instruction behind.
static void jump_equal(TgEmit *f, TgOperand left, TgOperand right, bool equal, TgLabel *label) {
    if (left.is_constant && !right.is_constant) { // a constant has no eq of its own
        TgOperand other = left;
        left = right;
        right = other;
    }
    int a = tg_operand_register(f, left);
    uint32_t constant = right.is_constant ? tg_constant(f, right.constant) : 256;
    bool fits = constant < 256;
    int b = fits ? (int)constant : tg_operand_register(f, right);
    int answer = tg_take(f, 1);
    TgOp op = fits ? (equal ? OP_JEQK : OP_JNEK) : (equal ? OP_JEQ : OP_JNE);
    tg_emit_jump(f, op, a, b, answer, label);
    tg_emit_jump(f, equal ? OP_JT : OP_JF, answer, 0, 0, label);
}

bool tg_jump_compares(const TgNode *node) {
    return node->kind == NODE_BINARY && (order_of(node->op) || node->op == TOK_EQ || node->op == TOK_NE);
}

void tg_jump_operands(TgEmit *f, const TgNode *node, TgOperand left, TgOperand right, bool sense, TgLabel *label) {
    const Order *order = order_of(node->op);
    f->token = tg_find_token(f, node->a->last + 1, node->op);
    if (order)
        jump_order(f, order, left, right, sense, label);
    else
        jump_equal(f, left, right, (node->op == TOK_EQ) == sense, label);
}

// Chains of one operator lean to the left and may be long: `a and b and c` is walked as a list.
static void jump_logical(TgEmit *f, const TgNode *node, bool sense, TgLabel *label) {
    TgUnit *unit = f->unit;
    uint32_t base = unit->stack_count;
    int op = node->op;
    const TgNode *at = node;
    for (; at->kind == NODE_LOGICAL && at->op == op; at = at->a) {
        unit->stack = tg_unit_grow(unit->stack, &unit->stack_capacity, unit->stack_count + 1,
                                   sizeof *unit->stack);
        unit->stack[unit->stack_count++] = at->b;
    }
    // The first that is false ends an `and`, the first that is true an `or`.
    bool ends = op == TOK_OR;
    TgLabel other = NEW_LABEL;
    TgLabel *out = ends == sense ? label : &other;
    tg_jump(f, at, ends, out);
    while (unit->stack_count > base + 1) {
        const TgNode *part = unit->stack[--unit->stack_count];
        tg_jump(f, part, ends, out);
    }
    const TgNode *last = unit->stack[--unit->stack_count];
    tg_jump(f, last, sense, label);
    if (out == &other) tg_label_bind(f, &other);
}

// 1, 0, or -1 where it is not known.
static int known_truth(const TgNode *node) {
    switch (node->kind) {
    case NODE_NIL:
    case NODE_FALSE: return 0;
    case NODE_TRUE:
    case NODE_INT:
    case NODE_FLOAT:
    case NODE_STRING: return 1;
    default: return -1;
    }
}

void tg_jump(TgEmit *f, const TgNode *node, bool sense, TgLabel *label) {
    if (tg_unit_deep(f->unit, node)) return;
    int mark = f->next;
    int truth = known_truth(node);
    if (truth >= 0) {
        if ((truth == 1) == sense) tg_emit_jump(f, OP_JMP, 0, 0, 0, label);
        return;
    }
    if (node->kind == NODE_UNARY && node->op == TOK_NOT) {
        tg_jump(f, node->a, !sense, label);
        return;
    }
    if (node->kind == NODE_LOGICAL && node->op != TOK_COALESCE) {
        jump_logical(f, node, sense, label);
        return;
    }
    if (node->kind == NODE_IS) {
        int a = tg_expr(f, node->a, ANY), b = tg_expr(f, node->b, ANY);
        f->token = tg_find_token(f, node->a->last + 1, TOK_IS);
        bool wanted = sense == !(node->flags & FLAG_NOT);
        tg_emit_jump(f, wanted ? OP_JIS : OP_JNIS, a, b, 0, label);
        f->next = mark;
        return;
    }
    if (tg_jump_compares(node)) {
        TgOperand left = tg_operand(f, node->a), right = tg_operand(f, node->b);
        tg_jump_operands(f, node, left, right, sense, label);
        f->next = mark;
        return;
    }
    int value = tg_expr(f, node, ANY);
    f->token = node->first;
    tg_emit_jump(f, sense ? OP_JT : OP_JF, value, 0, 0, label);
    f->next = mark;
}
