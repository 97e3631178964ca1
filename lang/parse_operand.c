// lang/parse_operand.c
// The parser's operands: what stands in brackets, functions, spawn, single words.
//
// Parentheses leave no node behind, only FLAG_PAREN on what stood in them.
// Layer: front end, private to the parser.
#include "lang/parser_impl.h"

#include <stdio.h>

static const TgParseMode IN_BRACKETS = {.newlines = false, .header = false};

// ---- what can be wrong where an operand should be

static const char *operand_hint(const TgParser *p) {
    const char *hint = tg_parser_length_hint(p, p->at);
    if (hint) return hint;
    TgTokenKind before = p->at > 0 ? (TgTokenKind)p->tokens[p->at - 1].kind : TOK_NEWLINE;
    switch (p->kind) {
    case TOK_NOT: return "put it in parentheses: (not x)";
    case TOK_SLASH_SLASH: return "comments begin with '#'";
    case TOK_SLASH:
        return tg_parser_ahead(p, 1) == TOK_STAR || tg_parser_ahead(p, 1) == TOK_STAR_STAR
                   ? "comments begin with '#'"
                   : NULL;
    case TOK_PLUS: return "there is no unary '+'";
    case TOK_DOT:
        return tg_parser_ahead(p, 1) == TOK_INT ? "a Float begins with a digit: 0.5" : NULL;
    case TOK_STAR: return "'*' spreads a List only in [ ] and in the arguments of a call";
    case TOK_LBRACE: return "the block begins here; a Map needs parentheses: ({a: 1})";
    case TOK_IF: return "a choice is written: a if condition else b";
    case TOK_ASSIGN:
        return before == TOK_DOT_DOT ? "a Range is without its last number: 0..11 ends with 10"
                                     : NULL;
    case TOK_LT:
        return tg_parser_ahead(p, 1) == TOK_MINUS ? "a value is received with channel.receive()"
                                                  : NULL;
    case TOK_LET:
        if (before == TOK_IF) return "'let' is a statement: put it on the line before";
    // fall through
    case TOK_RETURN:
    case TOK_WHILE:
    case TOK_FOR:
    case TOK_IMPORT:
    case TOK_CLASS:
    case TOK_RBRACE:
        if (!p->tokens[p->at].line_start || p->at == 0) return NULL;
        return tg_parser_format(p, "something is missing after the '%s' on line %s",
                                tg_parser_word(p, p->at - 1), tg_parser_line(p, p->at - 1));
    case TOK_NEWLINE: return "the line goes on after an operator, a ',' or inside brackets";
    default: return NULL;
    }
}

static TgNode *expected_operand(TgParser *p) {
    uint32_t first = p->at;
    const char *hint = operand_hint(p);
    if (!hint)
        tg_parser_expected(p, "an expression");
    else if (tg_parser_fails(p)) {
        tg_diag_add_hint(p->diags, DIAG_EXPECTED, tg_parser_start(p), tg_parser_end(p), hint,
                         "an expression", tg_parser_found(p));
    }
    return tg_parser_hole(p, first);
}

// ---- brackets: ( ), [ ], { }

static TgNode *parse_parens(TgParser *p) {
    uint32_t open = p->at;
    TgNode *arrow = NULL;
    TgTokenKind next = tg_parser_ahead(p, 1);
    bool is_like_params = next == TOK_NAME || next == TOK_RPAREN;
    if (is_like_params && (arrow = tg_parse_foreign_arrow(p))) return arrow;
    TgParseMode outer = tg_parser_open(p, IN_BRACKETS);
    TgNode *node = tg_parse_expression(p);
    if (p->kind == TOK_COMMA && tg_parser_fails(p)) {
        tg_diag_add(p->diags, DIAG_BARE_TUPLE, tg_parser_start(p), tg_parser_end(p));
    }
    tg_parser_close(p, TOK_RPAREN, open, outer);
    node->flags |= FLAG_PAREN;
    return node;
}

TgNode *tg_parse_spread(TgParser *p) {
    TgNode *node = tg_parser_node(p, NODE_SPREAD, p->at);
    tg_parser_advance(p);
    node->a = tg_parse_expression(p);
    return tg_parser_finish(p, node);
}

// `[element for targets in iterable if filter]`, from `for` on.
static TgNode *parse_comprehension(TgParser *p, TgNode *element, uint32_t open) {
    TgNode *node = tg_parser_node(p, NODE_COMPREHENSION, open);
    node->c = element;
    if (element->kind == NODE_SPREAD && tg_parser_objects(p)) {
        tg_diag_add_hint(p->diags, DIAG_EXPECTED, p->tokens[element->first].start,
                         p->tokens[element->first].end, NULL, "an expression", "'*'");
    }
    tg_parser_advance(p);
    tg_parse_targets(p, node);
    if (tg_parser_expect(p, TOK_IN)) node->a = tg_parse_plain(p);
    if (!p->panic && tg_parser_accept(p, TOK_IF)) node->b = tg_parse_plain(p);
    return node;
}

static TgNode *parse_list(TgParser *p) {
    uint32_t open = p->at, mark = p->scratch_count;
    TgParseMode outer = tg_parser_open(p, IN_BRACKETS);
    TgNode *node = NULL;
    while (p->kind != TOK_RBRACKET && !p->panic) {
        TgNode *item = p->kind == TOK_STAR ? tg_parse_spread(p) : tg_parse_expression(p);
        bool is_first = p->scratch_count == mark;
        if (is_first && p->kind == TOK_FOR && !p->panic) {
            node = parse_comprehension(p, item, open);
            break;
        }
        tg_parser_push(p, item);
        if (!tg_parser_accept(p, TOK_COMMA)) break;
    }
    if (!node) {
        node = tg_parser_node(p, NODE_LIST, open);
        node->list = tg_parser_take(p, mark);
    }
    tg_parser_close(p, TOK_RBRACKET, open, outer);
    return tg_parser_finish(p, node);
}

bool tg_parser_is_key(TgTokenKind kind) {
    return kind == TOK_NAME || tg_token_is_keyword(kind);
}

static bool is_literal(TgTokenKind kind) {
    return kind == TOK_INT || kind == TOK_FLOAT || kind == TOK_STRING || kind == TOK_STRING_BEGIN;
}

// A bare word is a String, `[expr]` any value.
static TgNode *parse_key(TgParser *p) {
    uint32_t open = p->at;
    if (tg_parser_is_key((TgTokenKind)p->kind)) {
        TgNode *node = tg_parser_node(p, NODE_STRING, p->at);
        node->name = tg_parser_text(p, p->at);
        tg_parser_advance(p);
        return node;
    }
    if (is_literal((TgTokenKind)p->kind)) return tg_parse_literal(p);
    TgTokenKind next = tg_parser_ahead(p, 1);
    if (p->kind == TOK_MINUS && (next == TOK_INT || next == TOK_FLOAT)) return tg_parse_plain(p);
    if (p->kind == TOK_LBRACKET) {
        TgParseMode outer = tg_parser_open(p, IN_BRACKETS);
        TgNode *node = tg_parse_expression(p);
        tg_parser_close(p, TOK_RBRACKET, open, outer);
        return node;
    }
    if (tg_parser_fails(p)) {
        tg_diag_add_hint(p->diags, DIAG_EXPECTED, tg_parser_start(p), tg_parser_end(p),
                         "a key is a name, a String or a number; others stand in brackets: [key]",
                         "a key of the Map", tg_parser_found(p));
    }
    return tg_parser_hole(p, open);
}

static TgNode *parse_pair(TgParser *p) {
    TgNode *node = tg_parser_node(p, NODE_PAIR, p->at);
    node->a = parse_key(p);
    bool is_bare = node->a->kind == NODE_STRING && tg_parser_is_key(p->tokens[node->first].kind);
    bool is_end = p->kind == TOK_COMMA || p->kind == TOK_RBRACE;
    if (is_bare && is_end && tg_parser_fails(p)) {
        char hint[160];
        const char *word = tg_parser_word(p, node->first);
        bool in_text = node->first > 1 && p->tokens[node->first - 2].kind == TOK_INTERP_BEGIN;
        if (in_text)
            snprintf(hint, sizeof hint, "write \\{ for a plain brace in a String");
        else
            snprintf(hint, sizeof hint, "write {%s: %s}", word, word);
        tg_diag_add_hint(p->diags, DIAG_EXPECTED, tg_parser_start(p), tg_parser_end(p), hint, "':'",
                         tg_parser_found(p));
    }
    if (!is_bare && is_end && tg_parser_fails(p)) {
        tg_diag_add_hint(p->diags, DIAG_EXPECTED, tg_parser_start(p), tg_parser_end(p),
                         "a Map is written {name: 1}, a List [1, 2]", "':'", tg_parser_found(p));
    }
    if (tg_parser_expect(p, TOK_COLON))
        node->b = tg_parse_expression(p);
    else
        node->b = tg_parser_hole(p, p->at);
    return tg_parser_finish(p, node);
}

static TgNode *parse_map(TgParser *p) {
    uint32_t open = p->at, mark = p->scratch_count;
    TgParseMode outer = tg_parser_open(p, IN_BRACKETS);
    TgNode *node = tg_parser_node(p, NODE_MAP, open);
    while (p->kind != TOK_RBRACE && !p->panic) {
        tg_parser_push(p, parse_pair(p));
        if (!tg_parser_accept(p, TOK_COMMA)) break;
    }
    node->list = tg_parser_take(p, mark);
    tg_parser_close(p, TOK_RBRACE, open, outer);
    return tg_parser_finish(p, node);
}

// In front of a block an operand that begins with '{' is rather a forgotten expression.
static bool is_map_here(const TgParser *p) {
    if (!p->mode.header) return true;
    TgTokenKind next = tg_parser_ahead(p, 1);
    if (next == TOK_LBRACKET || next == TOK_STRING_BEGIN) return true;
    if (next == TOK_RBRACE) return tg_parser_ahead(p, 2) == TOK_LBRACE;
    return (tg_parser_is_key(next) || is_literal(next)) && tg_parser_ahead(p, 2) == TOK_COLON;
}

// ---- fn, spawn, super

// A parameter; `rest_seen` and `default_seen` are about those before it.
static TgParam parse_param(TgParser *p, bool rest_seen, bool default_seen) {
    TgParam param = {.named_only = rest_seen};
    uint32_t start = p->tokens[p->at].start, end = p->tokens[p->at].end;
    if (p->kind == TOK_STAR) {
        tg_parser_advance(p);
        if (rest_seen && tg_parser_objects(p)) {
            tg_diag_add(p->diags, DIAG_TWO_REST_PARAMS, start, end);
        }
        param.is_rest = true;
        param.named_only = false;
    }
    if (tg_parser_is_c_type(p)) tg_parse_foreign_type(p);
    uint32_t token = p->at;
    if (p->kind == TOK_SELF && tg_parser_objects(p)) {
        if (!p->self_said) tg_diag_add(p->diags, DIAG_SELF_PARAM, start, end);
        p->self_said = true;
        tg_parser_advance(p);
        param.binding = tg_arena_alloc(p->arena, sizeof *param.binding);
        param.binding->name = (TgText){"_", 1};
        return param;
    }
    TgNode *name = tg_parser_name_or_ignore(p);
    if (!name) return param;
    tg_parse_foreign_type(p);
    param.binding = tg_arena_alloc(p->arena, sizeof *param.binding);
    param.binding->name = tg_parser_text(p, token);
    param.binding->token = token;
    if (!param.is_rest && tg_parser_accept(p, TOK_ASSIGN)) {
        param.fallback = tg_parse_expression(p);
    } else if (default_seen && !rest_seen && !param.is_rest && tg_parser_objects(p)) {
        tg_diag_add(p->diags, DIAG_PARAM_ORDER, p->tokens[token].start, p->tokens[token].end,
                    tg_parser_word(p, token));
    }
    return param;
}

enum { MAX_PARAMS = 255 };

static void parse_params(TgParser *p, TgFn *fn) {
    uint32_t open = p->at, room = 0;
    bool rest_seen = false, default_seen = false;
    TgParseMode outer = tg_parser_open(p, IN_BRACKETS);
    while (p->kind != TOK_RPAREN && !p->panic) {
        uint32_t start = p->tokens[p->at].start, end = p->tokens[p->at].end;
        TgParam param = parse_param(p, rest_seen, default_seen);
        if (!param.binding) break;
        if (fn->param_count == MAX_PARAMS && tg_parser_fails(p)) {
            tg_diag_add(p->diags, DIAG_TOO_MANY_PARAMS, start, end);
        }
        if (fn->param_count == room) {
            uint32_t more = room ? room * 2 : 4;
            fn->params =
                tg_arena_grow(p->arena, fn->params, room * sizeof param, more * sizeof param);
            room = more;
        }
        fn->params[fn->param_count++] = param;
        rest_seen |= param.is_rest;
        default_seen |= param.fallback != NULL;
        if (!tg_parser_accept(p, TOK_COMMA)) break;
    }
    tg_parser_close(p, TOK_RPAREN, open, outer);
}

// `=> { return x }`: a Map has a key and a ':' there.
static bool is_block_after_arrow(const TgParser *p) {
    if (tg_parser_ahead(p, 1) != TOK_LBRACE) return false;
    TgTokenKind first = tg_parser_ahead(p, 2), second = tg_parser_ahead(p, 3);
    bool is_pair = second == TOK_COLON || second == TOK_COMMA || second == TOK_RBRACE;
    return tg_parser_is_key(first) && !is_pair;
}

TgFn *tg_parse_fn(TgParser *p, TgText name, uint32_t token) {
    TgFn *fn = tg_arena_alloc(p->arena, sizeof *fn);
    fn->name = name;
    fn->token = token;
    if (p->kind == TOK_LPAREN && !p->panic)
        parse_params(p, fn);
    else
        tg_parser_expected(p, "'(' and the parameters");
    if (p->kind == TOK_ARROW || p->kind == TOK_NAME) tg_parse_foreign_type(p);
    if (p->kind == TOK_ARROW && !p->panic) {
        bool has_block = is_block_after_arrow(p);
        if (has_block)
            tg_parser_foreign_form(p, p->at, p->at, "'=>' in front of a block",
                                   "leave it out, or write one expression behind it");
        fn->is_arrow = !has_block;
        tg_parser_advance(p);
        fn->body = has_block ? tg_parse_block(p) : tg_parse_expression(p);
    } else {
        fn->body = tg_parse_block(p);
    }
    return fn;
}

static TgNode *parse_fn_expression(TgParser *p) {
    TgNode *node = tg_parser_node(p, NODE_FN, p->at);
    uint32_t token = p->at;
    tg_parser_advance(p);
    if (p->kind == TOK_NAME) {
        bool is_param = tg_parser_ahead(p, 1) == TOK_ARROW;
        if (tg_parser_objects(p)) {
            tg_diag_add_hint(
                p->diags, DIAG_EXPECTED, tg_parser_start(p), tg_parser_end(p),
                is_param ? tg_parser_format(p, "parameters stand in parentheses: fn(%s) => …",
                                            tg_parser_word(p, p->at))
                         : "a function in an expression has no name; declare it on a line before",
                "'('", tg_parser_found(p));
        }
        if (is_param) {
            tg_parser_skip_to(p, p->at + 2);
            tg_parse_expression(p);
            return tg_parser_hole(p, token);
        }
        tg_parser_advance(p);
    }
    node->fn = tg_parse_fn(p, (TgText){"", 0}, token);
    return tg_parser_finish(p, node);
}

static TgNode *parse_spawn_block(TgParser *p, uint32_t spawn) {
    TgNode *node = tg_parser_node(p, NODE_FN, p->at);
    node->flags = FLAG_BLOCK;
    node->fn = tg_arena_alloc(p->arena, sizeof *node->fn);
    node->fn->name = (TgText){"", 0};
    node->fn->token = spawn;
    node->fn->is_spawn_block = true;
    node->fn->body = tg_parse_block(p);
    if ((p->kind == TOK_DOT || p->kind == TOK_LPAREN) && tg_parser_fails(p)) {
        tg_diag_add(p->diags, DIAG_SPAWN_CHAIN, tg_parser_start(p), tg_parser_end(p));
    }
    return tg_parser_finish(p, node);
}

static TgNode *parse_spawn(TgParser *p) {
    uint32_t first = p->at;
    TgNode *node = tg_parser_node(p, NODE_SPAWN, first);
    if (!tg_parser_enter(p)) return tg_parser_hole(p, first);
    tg_parser_advance(p);
    if (p->kind == TOK_LBRACE) {
        node->a = parse_spawn_block(p, first);
    } else {
        uint32_t operand = p->at;
        node->a = tg_parse_postfix(p);
        if (node->a->kind != NODE_CALL && tg_parser_objects(p)) {
            tg_diag_add(p->diags, DIAG_SPAWN_CALL, p->tokens[operand].start,
                        p->tokens[p->at - 1].end);
        }
    }
    tg_parser_leave(p);
    return tg_parser_finish(p, node);
}

static TgNode *parse_super(TgParser *p) {
    TgNode *node = tg_parser_node(p, NODE_SUPER, p->at);
    tg_parser_advance(p);
    if (p->kind != TOK_DOT && tg_parser_fails(p)) {
        tg_diag_add(p->diags, DIAG_SUPER_ALONE, p->tokens[node->first].start,
                    p->tokens[node->first].end);
    }
    return node;
}

// ---- operands

static TgNode *parse_word(TgParser *p, TgNodeKind kind) {
    TgNode *node = tg_parser_node(p, kind, p->at);
    if (kind == NODE_NAME) node->name = tg_parser_text(p, p->at);
    tg_parser_advance(p);
    return node;
}

TgNode *tg_parse_operand(TgParser *p) {
    if (p->panic) return tg_parser_hole(p, p->at);
    switch (p->kind) {
    case TOK_NAME: {
        TgNode *foreign = tg_parse_foreign_operand(p);
        return foreign ? foreign : parse_word(p, NODE_NAME);
    }
    case TOK_INT:
    case TOK_FLOAT:
    case TOK_STRING:
    case TOK_STRING_BEGIN: return tg_parse_literal(p);
    case TOK_NIL: return parse_word(p, NODE_NIL);
    case TOK_TRUE: return parse_word(p, NODE_TRUE);
    case TOK_FALSE: return parse_word(p, NODE_FALSE);
    case TOK_SELF: return parse_word(p, NODE_SELF);
    case TOK_SUPER: return parse_super(p);
    case TOK_LPAREN: return parse_parens(p);
    case TOK_LBRACKET: return parse_list(p);
    case TOK_LBRACE: return is_map_here(p) ? parse_map(p) : expected_operand(p);
    case TOK_FN: return parse_fn_expression(p);
    case TOK_SPAWN: return parse_spawn(p);
    default: return expected_operand(p);
    }
}
