// lang/compile_expr.c
// Expressions: each puts its value into the register that it is told, or says in which it is.
//
// Numbers are operands without a register as long as possible, so that they fold or go into the
// instruction. What leans to the left (a + b + …) may be very long and is walked by hand,
// everything else recurses. Layer: front end, private to the compiler.
#include "lang/compiler_impl.h"

#include <math.h>

#include "vm/list.h"
#include "vm/number.h"

enum { LIST_CHUNK = 50, CONCAT_MOST = 200, SPARE_REGISTERS = 30 };

uint32_t tg_find_token(const TgEmit *f, uint32_t from, int kind) {
    const TgTokens *tokens = &f->unit->tree->tokens;
    for (uint32_t at = from; at < tokens->count; at++) {
        if (tokens->items[at].kind == kind) return at;
        if (tokens->items[at].kind != TOK_RPAREN) break; // parentheses leave no node
    }
    return from < tokens->count ? from : tokens->count - 1;
}

// ---- literals as operands

static TgOperand constant_operand(TgValue value) {
    return (TgOperand){.is_constant = true, .constant = value, .reg = ANY};
}

static TgValue int_literal(TgEmit *f, TgText text) {
    enum { SHORT = 14 }; // digits that surely fit
    int64_t value = 0;
    bool plain = text.length <= SHORT;
    for (uint32_t i = 0; plain && i < text.length; i++) {
        if (text.at[i] < '0' || text.at[i] > '9')
            plain = false;
        else
            value = value * 10 + (text.at[i] - '0');
    }
    if (plain) return tg_int(value);
    bool prefixed = text.length > 2 && text.at[0] == '0' && text.at[1] > '9';
    TgValue parsed = tg_int_parse(f->unit->vm, text.at, text.length, prefixed ? 0 : 10);
    return tg_is_undef(parsed) ? tg_int(0) : parsed;
}

// The negative of a number that fits; anything else is left to the instruction.
static bool fold_minus(TgOperand *operand) {
    if (!operand->is_constant) return false;
    if (tg_is_float(operand->constant)) {
        operand->constant = tg_float(-tg_as_float(operand->constant));
    } else if (tg_is_int(operand->constant) && tg_int_fits(-tg_as_int(operand->constant))) {
        operand->constant = tg_int(-tg_as_int(operand->constant));
    } else {
        return false;
    }
    return true;
}

static bool fold_ints(int op, int64_t a, int64_t b, TgValue *out) {
    int64_t result;
    switch (op) {
    case TOK_PLUS: result = a + b; break; // 48 bits each
    case TOK_MINUS: result = a - b; break;
    case TOK_STAR:
        if (__builtin_mul_overflow(a, b, &result)) return false;
        break;
    case TOK_SLASH:
        if (b == 0) return false;
        *out = tg_float((double)a / (double)b);
        return true;
    default: return false;
    }
    if (!tg_int_fits(result)) return false;
    *out = tg_int(result);
    return true;
}

static bool fold(int op, TgValue left, TgValue right, TgValue *out) {
    if (tg_both_int(left, right)) return fold_ints(op, tg_as_int(left), tg_as_int(right), out);
    if (!(tg_is_float(left) || tg_is_int(left)) || !(tg_is_float(right) || tg_is_int(right))) {
        return false;
    }
    double a = tg_is_int(left) ? (double)tg_as_int(left) : tg_as_float(left);
    double b = tg_is_int(right) ? (double)tg_as_int(right) : tg_as_float(right);
    switch (op) {
    case TOK_PLUS: *out = tg_float(a + b); return true;
    case TOK_MINUS: *out = tg_float(a - b); return true;
    case TOK_STAR: *out = tg_float(a * b); return true;
    case TOK_SLASH:
        if (b == 0) return false;
        *out = tg_float(a / b);
        return true;
    default: return false;
    }
}

int tg_operand_register(TgEmit *f, TgOperand operand) {
    if (!operand.is_constant) return operand.reg;
    int reg = tg_take(f, 1);
    tg_emit_load(f, operand.constant, reg);
    return reg;
}

// ---- operators

typedef struct {
    TgOp op, op_k; // registers; right side a constant (OP_COUNT: no such form)
    bool swap, negate;
} Operator;

static Operator operator_of(int op) {
    static const Operator table[TOK_COUNT] = {
        [TOK_PLUS] = {OP_ADD, OP_ADDK, false, false},
        [TOK_MINUS] = {OP_SUB, OP_SUBK, false, false},
        [TOK_STAR] = {OP_MUL, OP_MULK, false, false},
        [TOK_SLASH] = {OP_DIV, OP_DIVK, false, false},
        [TOK_SLASH_SLASH] = {OP_IDIV, OP_IDIVK, false, false},
        [TOK_PERCENT] = {OP_MOD, OP_MODK, false, false},
        [TOK_STAR_STAR] = {OP_POW, OP_COUNT, false, false},
        [TOK_AMP] = {OP_BAND, OP_COUNT, false, false},
        [TOK_PIPE] = {OP_BOR, OP_COUNT, false, false},
        [TOK_CARET] = {OP_BXOR, OP_COUNT, false, false},
        [TOK_SHL] = {OP_SHL, OP_COUNT, false, false},
        [TOK_SHR] = {OP_SHR, OP_COUNT, false, false},
        [TOK_EQ] = {OP_EQ, OP_COUNT, false, false},
        [TOK_NE] = {OP_EQ, OP_COUNT, false, true},
        [TOK_LT] = {OP_LT, OP_COUNT, false, false},
        [TOK_LE] = {OP_LE, OP_COUNT, false, false},
        [TOK_GT] = {OP_LT, OP_COUNT, true, false},
        [TOK_GE] = {OP_LE, OP_COUNT, true, false},
        [TOK_IN] = {OP_IN, OP_COUNT, false, false},
    };
    return table[op];
}

// x + n and x - n for small n. Not x - 0: that differs from x + 0 for -0.0.
static bool add_small(TgEmit *f, int op, int left, TgValue right, int target) {
    if (!tg_is_int(right) || (op != TOK_PLUS && op != TOK_MINUS)) return false;
    int64_t n = tg_as_int(right);
    if (op == TOK_MINUS) n = -n;
    if (n < INT8_MIN || n > INT8_MAX || (op == TOK_MINUS && n == 0)) return false;
    tg_emit(f, OP_ADDI, target, left, (int)n);
    return true;
}

// `left op right` into `target`, a register of which the operands' temporaries may be the same.
void tg_arithmetic(TgEmit *f, int op, TgOperand left, TgOperand right, int target) {
    Operator how = operator_of(op);
    if (!left.is_constant && right.is_constant && how.op_k != OP_COUNT) {
        if (add_small(f, op, left.reg, right.constant, target)) return;
        uint32_t constant = tg_constant(f, right.constant);
        if (constant < 256) {
            tg_emit(f, how.op_k, target, left.reg, (int)constant);
            return;
        }
    }
    int mark = f->next; // constants go above all that is in use
    if (mark <= target) f->next = target + 1;
    if (!left.is_constant && left.reg >= f->next) f->next = left.reg + 1;
    if (!right.is_constant && right.reg >= f->next) f->next = right.reg + 1;
    int a = tg_operand_register(f, left), b = tg_operand_register(f, right);
    f->next = mark;
    tg_emit(f, how.op, target, how.swap ? b : a, how.swap ? a : b);
    if (how.negate) tg_emit(f, OP_NOT, target, target, 0);
}

// One step up a left spine: `left` is done.
static TgOperand apply(TgEmit *f, const TgNode *node, TgOperand left, int target, int mark) {
    TgOperand right = tg_operand(f, node->b), folded = constant_operand(TG_NIL);
    if (left.is_constant && right.is_constant &&
        fold(node->op, left.constant, right.constant, &folded.constant)) {
        f->next = mark;
        return folded;
    }
    f->token = tg_find_token(f, node->a->last + 1, node->flags & FLAG_NOT ? TOK_NOT : node->op);
    int reg = tg_result(f, target, mark);
    tg_arithmetic(f, node->op, left, right, reg);
    if (node->flags & FLAG_NOT) tg_emit(f, OP_NOT, reg, reg, 0);
    return (TgOperand){.reg = reg};
}

static TgOperand binary(TgEmit *f, const TgNode *node, int target) {
    TgUnit *unit = f->unit;
    int mark = f->next;
    uint32_t base = unit->stack_count;
    for (; node->kind == NODE_BINARY; node = node->a) {
        unit->stack = tg_unit_grow(unit->stack, &unit->stack_capacity, unit->stack_count + 1,
                                   sizeof *unit->stack);
        unit->stack[unit->stack_count++] = node;
    }
    TgOperand left = tg_operand(f, node);
    while (unit->stack_count > base) {
        const TgNode *step = unit->stack[--unit->stack_count];
        left = apply(f, step, left, unit->stack_count == base ? target : ANY, mark);
    }
    return left;
}

static TgOperand unary(TgEmit *f, const TgNode *node, int target) {
    int mark = f->next;
    TgOperand operand = tg_operand(f, node->a);
    if (node->op == TOK_MINUS && fold_minus(&operand)) return operand;
    int from = tg_operand_register(f, operand);
    int reg = tg_result(f, target, mark);
    f->token = node->first;
    TgOp op = node->op == TOK_MINUS ? OP_NEG : node->op == TOK_TILDE ? OP_BNOT : OP_NOT;
    tg_emit(f, op, reg, from, 0);
    return (TgOperand){.reg = reg};
}

static TgOperand operand_to(TgEmit *f, const TgNode *node, int target) {
    switch (node->kind) {
    case NODE_NIL: return constant_operand(TG_NIL);
    case NODE_TRUE: return constant_operand(TG_TRUE);
    case NODE_FALSE: return constant_operand(TG_FALSE);
    case NODE_INT: return constant_operand(int_literal(f, node->name));
    case NODE_FLOAT: return constant_operand(tg_float(node->number));
    case NODE_STRING: return constant_operand(tg_obj(tg_unit_text(f->unit, node->name)));
    case NODE_BINARY: return binary(f, node, target);
    case NODE_UNARY: return unary(f, node, target);
    default: return (TgOperand){.reg = tg_expr(f, node, target)};
    }
}

TgOperand tg_operand(TgEmit *f, const TgNode *node) {
    if (tg_unit_deep(f->unit, node)) return constant_operand(TG_NIL);
    return operand_to(f, node, ANY);
}

bool tg_operand_is_small(TgOperand operand) {
    return operand.is_constant && tg_is_int(operand.constant) &&
           tg_as_int(operand.constant) >= INT8_MIN && tg_as_int(operand.constant) <= INT8_MAX;
}

// ---- and, or, ??, conditional, is

// The parts of `a or b or c`, one after the other into one register.
static int logical(TgEmit *f, const TgNode *node, int target) {
    TgUnit *unit = f->unit;
    uint32_t base = unit->stack_count;
    int op = node->op;
    for (; node->kind == NODE_LOGICAL && node->op == op; node = node->a) {
        unit->stack = tg_unit_grow(unit->stack, &unit->stack_capacity, unit->stack_count + 1,
                                   sizeof *unit->stack);
        unit->stack[unit->stack_count++] = node->b;
    }
    if (target == ANY) target = tg_take(f, 1);
    TgOp jump = op == TOK_AND ? OP_JF : op == TOK_OR ? OP_JT : OP_JNNIL;
    TgLabel end = NEW_LABEL;
    tg_expr(f, node, target);
    while (unit->stack_count > base) {
        const TgNode *part = unit->stack[--unit->stack_count];
        tg_emit_jump(f, jump, target, 0, 0, &end);
        tg_expr(f, part, target);
    }
    tg_label_bind(f, &end);
    return target;
}

static int conditional(TgEmit *f, const TgNode *node, int target) {
    if (target == ANY) target = tg_take(f, 1);
    TgLabel end = NEW_LABEL;
    for (; node->kind == NODE_CONDITIONAL; node = node->c) {
        TgLabel other = NEW_LABEL;
        tg_jump(f, node->a, false, &other);
        tg_expr(f, node->b, target);
        tg_emit_jump(f, OP_JMP, 0, 0, 0, &end);
        tg_label_bind(f, &other);
    }
    tg_expr(f, node, target);
    tg_label_bind(f, &end);
    return target;
}

static int is_expr(TgEmit *f, const TgNode *node, int target) {
    int mark = f->next;
    int value = tg_expr(f, node->a, ANY), class_ = tg_expr(f, node->b, ANY);
    target = tg_result(f, target, mark);
    f->token = tg_find_token(f, node->a->last + 1, TOK_IS);
    tg_emit(f, OP_IS, target, value, class_);
    if (node->flags & FLAG_NOT) tg_emit(f, OP_NOT, target, target, 0);
    return target;
}

// ---- Lists, Maps, Strings

// Fills the List of register `target` (made here) with the first `count` of `items`; spreads are
// taken apart.
void tg_list_items(TgEmit *f, const TgNodeList *items, uint32_t count, int target) {
    int mark = f->next, room = (TG_MAX_REGISTERS - mark) / 2;
    uint32_t chunk = room < LIST_CHUNK ? (uint32_t)(room > 1 ? room : 1) : LIST_CHUNK;
    uint32_t token = f->token, at = 0;
    while (at < count && at < chunk && items->items[at]->kind != NODE_SPREAD) {
        tg_expr(f, items->items[at++], tg_take(f, 1));
    }
    f->token = token;
    tg_emit(f, OP_LIST, target, at ? mark : target, (int)at);
    f->next = mark;
    for (; at < count && !f->unit->failed; at++) {
        const TgNode *item = items->items[at];
        bool is_spread = item->kind == NODE_SPREAD;
        int reg = tg_expr(f, is_spread ? item->a : item, ANY);
        f->token = item->first;
        tg_emit(f, is_spread ? OP_EXTEND : OP_APPEND, target, reg, 0);
        f->next = mark;
    }
}

static int list_expr(TgEmit *f, const TgNode *node, int target) {
    f->token = node->first;
    if (node->list.count <= LIST_CHUNK && tg_writes_last(node) &&
        f->next + (int)node->list.count + SPARE_REGISTERS < TG_MAX_REGISTERS) {
        int mark = f->next; // all at once: the result may take the place of the first item
        for (uint32_t i = 0; i < node->list.count; i++) {
            tg_expr(f, node->list.items[i], tg_take(f, 1));
        }
        target = tg_result(f, target, mark);
        f->token = node->first;
        tg_emit(f, OP_LIST, target, node->list.count ? mark : target, (int)node->list.count);
        return target;
    }
    // The List is there before its last item is: not in a variable that the caller took for safe.
    bool is_late = target != ANY && tg_writes_last(node);
    int mark = f->next, list = target == ANY || is_late ? tg_take(f, 1) : target;
    tg_list_items(f, &node->list, node->list.count, list);
    if (!is_late) return list;
    tg_emit(f, OP_MOVE, target, list, 0);
    f->next = mark;
    return target;
}

static int map_expr(TgEmit *f, const TgNode *node, int target) {
    if (target == ANY) target = tg_take(f, 1);
    int mark = f->next;
    f->token = node->first;
    tg_emit(f, OP_MAP, target, node->list.count < 255 ? (int)node->list.count : 255, 0);
    for (uint32_t i = 0; i < node->list.count && !f->unit->failed; i++) {
        const TgNode *pair = node->list.items[i];
        int key = tg_expr(f, pair->a, ANY), value = tg_expr(f, pair->b, ANY);
        f->token = pair->first;
        tg_emit(f, OP_MAPSET, target, key, value);
        f->next = mark;
    }
    return target;
}

static void interpolated_part(TgEmit *f, const TgNode *part, int reg) {
    if (part->kind == NODE_STRING) {
        tg_expr(f, part, reg);
        return;
    }
    int mark = f->next;
    int value = tg_expr(f, part->a, ANY);
    f->next = mark;
    f->token = part->a->first;
    if (part->name.length) {
        tg_emit(f, OP_FORMAT, reg, value, 0);
        tg_emit_word(f, tg_constant_text(f, part->name));
    } else {
        tg_emit(f, OP_STR, reg, value, 0);
    }
}

// Many parts are joined chunk by chunk: what is joined so far is the first part of the next.
static int interpolation(TgEmit *f, const TgNode *node, int target) {
    int mark = f->next, most = (TG_MAX_REGISTERS - mark) / 2;
    if (most > CONCAT_MOST) most = CONCAT_MOST;
    if (most < 2) most = 2;
    int count = 0;
    for (uint32_t i = 0; i < node->list.count && !f->unit->failed; i++) {
        if (count == most) {
            f->token = node->first;
            tg_emit(f, OP_CONCAT, mark, mark, count);
            count = 1;
            f->next = mark + 1;
        }
        interpolated_part(f, node->list.items[i], tg_take(f, 1));
        count++;
    }
    target = tg_result(f, target, mark);
    f->token = node->first;
    tg_emit(f, OP_CONCAT, target, count ? mark : target, count);
    return target;
}

// ---- parts of things

static int field_expr(TgEmit *f, const TgNode *node, int target) {
    int mark = f->next;
    bool is_super = node->a->kind == NODE_SUPER;
    int object = is_super ? tg_name_load(f, tg_self_binding(f), ANY) : tg_expr(f, node->a, ANY);
    target = tg_result(f, target, mark);
    f->token = node->last;
    tg_emit(f, is_super ? OP_GETSUPER : OP_GETFIELD, target, object, 0);
    tg_emit_word(f, tg_constant_text(f, node->name));
    if (!is_super) tg_emit_word(f, TG_NO_SHAPE);
    return target;
}

static int range_expr(TgEmit *f, const TgNode *node, int target) {
    int mark = f->next;
    int a = tg_expr(f, node->a, ANY), b = tg_expr(f, node->b, ANY);
    target = tg_result(f, target, mark);
    f->token = tg_find_token(f, node->a->last + 1, TOK_DOT_DOT);
    tg_emit(f, OP_RANGE, target, a, b);
    return target;
}

static int index_expr(TgEmit *f, const TgNode *node, int target) {
    int mark = f->next, a = tg_expr(f, node->a, ANY);
    TgOperand index = tg_operand(f, node->b);
    bool is_small = tg_operand_is_small(index);
    int b = is_small ? (int)tg_as_int(index.constant) : tg_operand_register(f, index);
    target = tg_result(f, target, mark);
    f->token = tg_find_token(f, node->a->last + 1, TOK_LBRACKET);
    tg_emit(f, is_small ? OP_GETINDEXI : OP_GETINDEX, target, a, b);
    return target;
}

static int slice_expr(TgEmit *f, const TgNode *node, int target) {
    int mark = f->next;
    const TgNode *parts[] = {node->a, node->b, node->c};
    for (int i = 0; i < 3; i++) {
        int reg = tg_take(f, 1);
        if (parts[i])
            tg_expr(f, parts[i], reg);
        else
            tg_emit_load(f, TG_NIL, reg);
    }
    target = tg_result(f, target, mark);
    f->token = tg_find_token(f, node->a->last + 1, TOK_LBRACKET);
    tg_emit(f, OP_SLICE, target, mark, 0);
    return target;
}

// ---- the rest

static int plain_expr(TgEmit *f, const TgNode *node, int target) {
    TgOperand operand = operand_to(f, node, target);
    if (!operand.is_constant) return operand.reg;
    if (target == ANY) target = tg_take(f, 1);
    f->token = node->first;
    tg_emit_load(f, operand.constant, target);
    return target;
}

int tg_expr(TgEmit *f, const TgNode *node, int target) {
    if (tg_unit_deep(f->unit, node)) return target != ANY ? target : tg_take(f, 1);
    switch (node->kind) {
    case NODE_NIL:
    case NODE_TRUE:
    case NODE_FALSE:
    case NODE_INT:
    case NODE_FLOAT:
    case NODE_STRING:
    case NODE_UNARY:
    case NODE_BINARY: return plain_expr(f, node, target);
    case NODE_NAME: f->token = node->first; return tg_name_load(f, node->binding, target);
    case NODE_SUPER: // alone it is an error of the parser
    case NODE_SELF: f->token = node->first; return tg_name_load(f, tg_self_binding(f), target);
    case NODE_INTERP: return interpolation(f, node, target);
    case NODE_LIST: return list_expr(f, node, target);
    case NODE_MAP: return map_expr(f, node, target);
    case NODE_COMPREHENSION: return tg_comprehension(f, node, target);
    case NODE_FN: f->token = node->first; return tg_fn_expr(f, node->fn, target);
    case NODE_LOGICAL: return logical(f, node, target);
    case NODE_IS: return is_expr(f, node, target);
    case NODE_CONDITIONAL: return conditional(f, node, target);
    case NODE_RANGE: return range_expr(f, node, target);
    case NODE_INDEX: return index_expr(f, node, target);
    case NODE_SLICE: return slice_expr(f, node, target);
    case NODE_FIELD: return field_expr(f, node, target);
    case NODE_CALL: return tg_call_expr(f, node, target);
    case NODE_SPAWN: return tg_spawn_expr(f, node, target);
    default: // a HOLE: there was an error, nothing of this is used
        f->unit->failed = true;
        return target != ANY ? target : tg_take(f, 1);
    }
}

// Whether the last instruction alone writes the result: then it may be a variable that the
// expression reads, and that keeps its value where the expression raises.
bool tg_writes_last(const TgNode *node) {
    switch (node->kind) {
    case NODE_MAP:
    case NODE_COMPREHENSION:
    case NODE_LOGICAL:
    case NODE_CONDITIONAL: return false;
    case NODE_LIST:
        if (node->list.count > LIST_CHUNK) return false;
        for (uint32_t i = 0; i < node->list.count; i++) {
            if (node->list.items[i]->kind == NODE_SPREAD) return false;
        }
        return true;
    default: return true;
    }
}
