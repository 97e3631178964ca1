// lang/parse_expr.c
// The parser's expressions: operators by precedence, calls, indexing and fields.
// What chains to the left (a + b + …, a.b().c …) is built in loops.
// Layer: front end, private to the parser.
#include "lang/parser_impl.h"

#include <string.h>

// Loosest first. `not` is no infix operator, its level lies between `and` and the comparisons.
enum {
    PREC_COALESCE = 1,
    PREC_OR,
    PREC_AND,
    PREC_NOT,
    PREC_COMPARE,
    PREC_RANGE,
    PREC_PIPE,
    PREC_CARET,
    PREC_AMP,
    PREC_SHIFT,
    PREC_SUM,
    PREC_PRODUCT,
};

static const uint8_t precedences[TOK_COUNT] = {
    [TOK_COALESCE] = PREC_COALESCE,   [TOK_OR] = PREC_OR,           [TOK_AND] = PREC_AND,
    [TOK_EQ] = PREC_COMPARE,          [TOK_NE] = PREC_COMPARE,      [TOK_LT] = PREC_COMPARE,
    [TOK_LE] = PREC_COMPARE,          [TOK_GT] = PREC_COMPARE,      [TOK_GE] = PREC_COMPARE,
    [TOK_IN] = PREC_COMPARE,          [TOK_IS] = PREC_COMPARE,      [TOK_DOT_DOT] = PREC_RANGE,
    [TOK_PIPE] = PREC_PIPE,           [TOK_CARET] = PREC_CARET,     [TOK_AMP] = PREC_AMP,
    [TOK_SHL] = PREC_SHIFT,           [TOK_SHR] = PREC_SHIFT,       [TOK_PLUS] = PREC_SUM,
    [TOK_MINUS] = PREC_SUM,           [TOK_STAR] = PREC_PRODUCT,    [TOK_SLASH] = PREC_PRODUCT,
    [TOK_SLASH_SLASH] = PREC_PRODUCT, [TOK_PERCENT] = PREC_PRODUCT,
};

static const TgParseMode IN_BRACKETS = {.newlines = false, .header = false};

static TgNode *parse_binary(TgParser *p, int least);
static TgNode *parse_unary(TgParser *p);

// ---- call, index, .name

// Named arguments are few; what is wrong with more of them the call itself says when it runs.
static void check_named(TgParser *p, const TgNode *argument, uint32_t mark) {
    enum { CHECKED = 255 };
    uint32_t from = p->scratch_count - mark > CHECKED ? p->scratch_count - CHECKED : mark;
    for (uint32_t i = from; i < p->scratch_count; i++) {
        const TgNode *other = p->scratch[i];
        if (other->kind != NODE_NAMED || other->name.length != argument->name.length) continue;
        if (memcmp(other->name.at, argument->name.at, argument->name.length) != 0) continue;
        if (tg_parser_objects(p)) {
            tg_diag_add(p->diags, DIAG_NAMED_TWICE, p->tokens[argument->first].start,
                        p->tokens[argument->first].end, tg_parser_word(p, argument->first));
        }
    }
}

// `timeout` is a keyword, and what functions of the library that wait call their limit.
static bool is_named_argument(const TgParser *p) {
    return (p->kind == TOK_NAME || p->kind == TOK_TIMEOUT) && tg_parser_ahead(p, 1) == TOK_COLON;
}

static TgNode *parse_argument(TgParser *p, uint32_t mark) {
    bool is_foreign = p->kind == TOK_NAME && tg_parser_ahead(p, 1) == TOK_ASSIGN;
    if (is_foreign) {
        tg_parser_foreign_form(p, p->at + 1, p->at + 1, "'=' in the arguments of a call",
                               tg_parser_format(p, "an argument is named with ':', as in %s: %s",
                                                tg_parser_word(p, p->at),
                                                tg_parser_source(p, p->at + 2, p->at + 2, "x")));
    }
    if (is_foreign || is_named_argument(p)) {
        TgNode *node = tg_parser_node(p, NODE_NAMED, p->at);
        node->name = tg_parser_text(p, p->at);
        tg_parser_advance(p);
        tg_parser_advance(p);
        node->a = tg_parse_expression(p);
        check_named(p, node, mark);
        return tg_parser_finish(p, node);
    }
    uint32_t token = p->at;
    bool is_keyword = tg_token_is_keyword((TgTokenKind)p->kind);
    if (is_keyword && tg_parser_ahead(p, 1) == TOK_COLON && tg_parser_fails(p)) {
        tg_diag_add(p->diags, DIAG_KEYWORD_NAME, tg_parser_start(p), tg_parser_end(p),
                    tg_token_text((TgTokenKind)p->kind));
    }
    TgNode *node = p->kind == TOK_STAR ? tg_parse_spread(p) : tg_parse_expression(p);
    bool after_named =
        p->scratch_count > mark && p->scratch[p->scratch_count - 1]->kind == NODE_NAMED;
    if (after_named && tg_parser_objects(p)) {
        tg_diag_add(p->diags, DIAG_NAMED_ORDER, p->tokens[token].start, p->tokens[token].end);
    }
    return node;
}

static TgNode *parse_call(TgParser *p, TgNode *callee, uint32_t first) {
    uint32_t open = p->at, mark = p->scratch_count;
    TgNode *node = tg_parser_node(p, NODE_CALL, first);
    TgParseMode outer = tg_parser_open(p, IN_BRACKETS);
    node->a = callee;
    while (p->kind != TOK_RPAREN && !p->panic) {
        TgNode *argument = parse_argument(p, mark);
        tg_parser_push(p, argument);
        if (!tg_parser_accept(p, TOK_COMMA)) break;
    }
    node->list = tg_parser_take(p, mark);
    tg_parser_close(p, TOK_RPAREN, open, outer);
    return tg_parser_finish(p, node);
}

// The `..` of a slice, also where it is written ':'.
static bool accept_slice(TgParser *p, uint32_t open) {
    if (p->kind == TOK_COLON && !p->panic) {
        uint32_t at = p->at, end = at;
        while (end < at + 4 && p->tokens[end].kind != TOK_RBRACKET &&
               p->tokens[end].kind != TOK_END)
            end++;
        const char *from = at > open + 1 ? tg_parser_source(p, open + 1, at - 1, "a") : "";
        const char *to = end > at + 1 ? tg_parser_source(p, at + 1, end - 1, "b") : "";
        tg_parser_foreign_form(p, at, at, "':' in a slice",
                               tg_parser_format(p, "write [%s..%s]", from, to));
        tg_parser_advance(p);
        return true;
    }
    return tg_parser_accept(p, TOK_DOT_DOT);
}

// `x[i]` and the slices: a range right in the brackets is one, also with an end left out.
static TgNode *parse_index(TgParser *p, TgNode *object, uint32_t first) {
    uint32_t open = p->at;
    TgNode *node = tg_parser_node(p, NODE_INDEX, first);
    TgParseMode outer = tg_parser_open(p, IN_BRACKETS);
    node->a = object;
    if (accept_slice(p, open)) {
        node->kind = NODE_SLICE;
        if (p->kind != TOK_RBRACKET) node->c = tg_parse_expression(p);
    } else {
        node->b = tg_parse_expression(p);
        bool is_range = node->b->kind == NODE_RANGE && !(node->b->flags & FLAG_PAREN);
        if (!p->panic && p->kind == TOK_COLON && accept_slice(p, open)) {
            node->kind = NODE_SLICE;
            if (p->kind != TOK_RBRACKET) node->c = tg_parse_expression(p);
        } else if (!p->panic && tg_parser_accept(p, TOK_DOT_DOT)) {
            node->kind = NODE_SLICE;
        } else if (is_range) {
            node->kind = NODE_SLICE;
            node->c = node->b->b;
            node->b = node->b->a;
        }
    }
    tg_parser_close(p, TOK_RBRACKET, open, outer);
    return tg_parser_finish(p, node);
}

static TgNode *parse_field(TgParser *p, TgNode *object, uint32_t first) {
    TgNode *node = tg_parser_node(p, NODE_FIELD, first);
    node->a = object;
    tg_parser_advance(p);
    if (tg_parser_is_key((TgTokenKind)p->kind)) {
        node->name = tg_parser_text(p, p->at);
        tg_parser_advance(p);
    } else {
        node->name = (TgText){"", 0};
        tg_parser_expected(p, "a name after '.'");
    }
    return tg_parser_finish(p, node);
}

TgNode *tg_parse_postfix(TgParser *p) {
    uint32_t first = p->at;
    TgNode *node = tg_parse_operand(p);
    // A spawn takes its chain itself, and an arrow function all that follows.
    if (node->kind == NODE_SPAWN && !(node->flags & FLAG_PAREN)) return node;
    if (p->kind == TOK_NOT) tg_parse_foreign_postfix(p);
    while (!p->panic) {
        if (p->kind == TOK_LPAREN)
            node = parse_call(p, node, first);
        else if (p->kind == TOK_DOT || (p->kind == TOK_ARROW && tg_parse_foreign_postfix(p)))
            node = parse_field(p, node, first);
        else if (p->kind == TOK_LBRACKET)
            node = parse_index(p, node, first);
        else
            break;
    }
    if (p->kind == TOK_PLUS || p->kind == TOK_MINUS) tg_parse_step(p, first);
    return node;
}

// ---- operators

static TgNode *make_binary(TgParser *p, TgNodeKind kind, TgTokenKind op, TgNode *a, TgNode *b,
                           uint32_t first) {
    TgNode *node = tg_parser_node(p, kind, first);
    node->op = op;
    node->a = a;
    node->b = b;
    return tg_parser_finish(p, node);
}

// `-x`, `~x`, `x ** y`. The power binds tighter than a sign before it, looser than one in its right
// side.
static TgNode *parse_unary(TgParser *p) {
    uint32_t first = p->at;
    if (p->kind != TOK_MINUS && p->kind != TOK_TILDE) {
        TgNode *base = tg_parse_postfix(p);
        if (p->kind != TOK_STAR_STAR || p->panic) return base;
        if (!tg_parser_enter(p)) return base;
        tg_parser_advance(p);
        TgNode *power = make_binary(p, NODE_BINARY, TOK_STAR_STAR, base, parse_unary(p), first);
        tg_parser_leave(p);
        return power;
    }
    if (!tg_parser_enter(p)) return tg_parser_hole(p, first);
    TgNode *node = tg_parser_node(p, NODE_UNARY, first);
    node->op = p->kind;
    tg_parser_advance(p);
    node->a = parse_unary(p);
    tg_parser_leave(p);
    return tg_parser_finish(p, node);
}

static TgNode *parse_not(TgParser *p) {
    TgNode *node = tg_parser_node(p, NODE_UNARY, p->at);
    node->op = TOK_NOT;
    tg_parser_advance(p);
    node->a = parse_binary(p, PREC_NOT);
    return tg_parser_finish(p, node);
}

static bool is_comparison(const TgNode *node) {
    if (node->flags & FLAG_PAREN) return false;
    return node->kind == NODE_IS ||
           (node->kind == NODE_BINARY && precedences[node->op] == PREC_COMPARE);
}

static const char *comparison_text(const TgNode *node) {
    bool is_not = node->flags & FLAG_NOT;
    if (node->kind == NODE_IS) return is_not ? "is not" : "is";
    return is_not ? "not in" : tg_token_text((TgTokenKind)node->op);
}

// `node` has a comparison as its left side. `op` is the token of its operator.
static void check_chain(TgParser *p, const TgNode *node, uint32_t op) {
    const TgNode *left = node->a;
    if (!is_comparison(node) || !is_comparison(left) || is_comparison(left->a)) return;
    if (!tg_parser_objects(p)) return;
    // Parentheses are no part of a node: their range would be wrong here, so it is taken from
    // around.
    const char *middle = tg_parser_source(p, left->b->first, op - 1, "b");
    if (left->b->flags & FLAG_PAREN) middle = "b";
    tg_diag_add(p->diags, DIAG_CHAINED, p->tokens[op].start, p->tokens[op].end,
                tg_parser_source(p, left->first, left->a->last, "a"), comparison_text(left), middle,
                middle, comparison_text(node),
                tg_parser_source(p, node->b->first, node->last, "c"));
}

// The infix operator at the cursor, if it binds at least as tightly as `least`; 0 for none. An open
// slice (`x[1..]`) ends before its `..`.
static int infix_precedence(const TgParser *p, int least) {
    int precedence = precedences[p->kind];
    if (p->kind == TOK_NOT && tg_parser_ahead(p, 1) == TOK_IN) precedence = PREC_COMPARE;
    if (p->kind == TOK_DOT_DOT && tg_parser_ahead(p, 1) == TOK_RBRACKET) return 0;
    return precedence >= least ? precedence : 0;
}

static TgNodeKind infix_node(TgTokenKind op) {
    switch (op) {
    case TOK_AND:
    case TOK_OR:
    case TOK_COALESCE: return NODE_LOGICAL;
    case TOK_IS: return NODE_IS;
    case TOK_DOT_DOT: return NODE_RANGE;
    default: return NODE_BINARY;
    }
}

static TgNode *parse_infix(TgParser *p, TgNode *left, int precedence, uint32_t first) {
    uint32_t token = p->at;
    bool is_not = tg_parser_accept(p, TOK_NOT); // `not in`
    TgTokenKind op = (TgTokenKind)p->kind;
    tg_parser_advance(p);
    if (op == TOK_IS) is_not = tg_parser_accept(p, TOK_NOT);
    TgNode *right = parse_binary(p, precedence + 1);
    TgNode *node = make_binary(p, infix_node(op), op, left, right, first);
    if (is_not) node->flags |= FLAG_NOT;
    if (precedence == PREC_COMPARE) check_chain(p, node, token);
    bool is_range_chain =
        node->kind == NODE_RANGE && left->kind == NODE_RANGE && !(left->flags & FLAG_PAREN);
    if (is_range_chain && tg_parser_objects(p)) {
        tg_diag_add(p->diags, DIAG_CHAINED_RANGE, p->tokens[token].start, p->tokens[token].end);
    }
    return node;
}

static TgNode *parse_binary(TgParser *p, int least) {
    uint32_t first = p->at;
    if (!tg_parser_enter(p)) return tg_parser_hole(p, first);
    TgNode *left = p->kind == TOK_NOT && least <= PREC_NOT ? parse_not(p) : parse_unary(p);
    int precedence;
    while (!p->panic && (precedence = infix_precedence(p, least))) {
        left = parse_infix(p, left, precedence, first);
    }
    tg_parser_leave(p);
    return left;
}

TgNode *tg_parse_plain(TgParser *p) {
    return parse_binary(p, PREC_COALESCE);
}

// `a if c else b`. The words are operators here: a newline after them is none.
TgNode *tg_parse_expression(TgParser *p) {
    uint32_t first = p->at;
    TgNode *value = tg_parse_plain(p);
    if (p->kind != TOK_IF || p->panic) return value;
    if (!tg_parser_enter(p)) return value;
    TgNode *node = tg_parser_node(p, NODE_CONDITIONAL, first);
    tg_parser_advance(p);
    tg_parser_skip_newline(p);
    node->b = value;
    node->a = tg_parse_plain(p);
    if (p->kind != TOK_ELSE) tg_parser_may_go_on(p);
    if (tg_parser_expect(p, TOK_ELSE)) {
        tg_parser_skip_newline(p);
        node->c = tg_parse_expression(p);
    } else {
        node->c = tg_parser_hole(p, p->at);
    }
    tg_parser_leave(p);
    return tg_parser_finish(p, node);
}

TgNode *tg_parse_header(TgParser *p) {
    TgParseMode outer = p->mode;
    p->mode.header = true;
    TgNode *node = tg_parse_expression(p);
    if (p->kind == TOK_ASSIGN && tg_parser_objects(p)) {
        tg_diag_add(p->diags, DIAG_ASSIGN_CONDITION, tg_parser_start(p), tg_parser_end(p));
        tg_parser_advance(p);
        tg_parse_expression(p);
    }
    p->mode = outer;
    return node;
}

static TgNode *parse_list_item(TgParser *p) {
    return p->kind == TOK_STAR ? tg_parse_spread(p) : tg_parse_expression(p);
}

TgNode *tg_parse_value_list(TgParser *p) {
    uint32_t first = p->at, mark = p->scratch_count;
    TgNode *value = parse_list_item(p);
    if (p->kind != TOK_COMMA || p->panic) {
        if (value->kind == NODE_SPREAD && tg_parser_objects(p)) {
            tg_diag_add_hint(p->diags, DIAG_EXPECTED, p->tokens[first].start, p->tokens[first].end,
                             "a List of its items is written [*xs]", "an expression", "'*'");
        }
        return value;
    }
    TgNode *node = tg_parser_node(p, NODE_LIST, first);
    tg_parser_push(p, value);
    while (!p->panic && tg_parser_accept(p, TOK_COMMA)) {
        TgNode *item = parse_list_item(p);
        tg_parser_push(p, item);
    }
    node->list = tg_parser_take(p, mark);
    return tg_parser_finish(p, node);
}
