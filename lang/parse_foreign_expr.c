// lang/parse_foreign_expr.c
// Expressions in another language's dress: functions without their fn, x++, f"…", types of names.
//
// Each is reported once and read as what it is meant to be (parse_foreign.c). Layer: front end,
// private to the parser.
#include "lang/parser_impl.h"

#include <stdio.h>
#include <string.h>

// ---- x: Int, -> Int

// `) int {` of Go.
static bool is_result_beside(const TgParser *p) {
    bool is_behind = p->kind == TOK_NAME && p->at > 0 && p->tokens[p->at - 1].kind == TOK_RPAREN;
    return is_behind && !p->panic && tg_parser_on_line(p, 1) == TOK_LBRACE;
}

static void types_in_declarations(TgParser *p, uint32_t first, uint32_t last) {
    bool colon_said = p->colon_said;
    if (!p->types_said)
        tg_parser_foreign_form(p, first, last, "types in declarations",
                               "leave them out; x is Int asks for one");
    p->types_said = true;
    p->colon_said = colon_said;
}

// `a int`, `int a`: of two names in a declaration one is a type.
static bool is_type_beside(const TgParser *p) {
    if (p->panic || p->kind != TOK_NAME || p->at == 0) return false;
    if (p->tokens[p->at - 1].kind != TOK_NAME || p->tokens[p->at].line_start) return false;
    TgTokenKind next = tg_parser_ahead(p, 1);
    return next == TOK_ASSIGN || next == TOK_COMMA || next == TOK_RPAREN;
}

void tg_parse_foreign_type(TgParser *p) {
    bool is_result = p->kind == TOK_ARROW && p->text[p->tokens[p->at].start] == '-';
    if (is_type_beside(p) || is_result_beside(p) || tg_parser_is_c_type(p)) {
        types_in_declarations(p, p->at, p->at);
        tg_parser_advance(p);
        tg_parser_accept(p, TOK_STAR); // `char *s`
        return;
    }
    if ((p->kind != TOK_COLON && !is_result) || p->panic || tg_parser_on_line(p, 1) != TOK_NAME)
        return;
    TgTokenKind after = tg_parser_on_line(p, 2);
    if (is_result && after != TOK_LBRACE && after != TOK_COLON && after != TOK_LBRACKET &&
        after != TOK_DOT)
        return;
    if (is_result && p->tokens[p->at].kind == TOK_ARROW)
        tg_diags_drop(p->diags, tg_parser_start(p), tg_parser_end(p));
    types_in_declarations(p, p->at, p->at + 1);
    tg_parser_advance(p);
    tg_parse_postfix(p);
}

// ---- x++, ++x

bool tg_parser_is_twice(const TgParser *p, uint32_t token, TgTokenKind kind) {
    const TgToken *sign = &p->tokens[token];
    return sign->kind == kind && sign[1].kind == kind && sign->end == sign[1].start &&
           !sign[1].line_start;
}

bool tg_parser_ends_statement(TgTokenKind kind) {
    return kind == TOK_NEWLINE || kind == TOK_SEMICOLON || kind == TOK_RBRACE || kind == TOK_RPAREN;
}

void tg_parse_step(TgParser *p, uint32_t first) {
    for (TgTokenKind kind = TOK_PLUS; kind <= TOK_MINUS; kind++) {
        if (p->panic || p->kind != kind || !tg_parser_is_twice(p, p->at, kind)) continue;
        uint32_t after = p->at + 2;
        // In an expression `a --` may go on in the next line; a statement ends there.
        bool is_end = p->tokens[after].line_start || p->tokens[after].kind == TOK_END;
        if (is_end && kind == TOK_MINUS && first != p->statement) continue;
        if (!is_end && !tg_parser_ends_statement((TgTokenKind)p->tokens[after].kind)) continue;
        const char *sign = kind == TOK_PLUS ? "+" : "-";
        const char *name = tg_parser_source(p, first, p->at - 1, "x");
        if (!tg_parser_objects(p)) return;
        tg_diag_add(p->diags, DIAG_FOREIGN_OPERATOR, p->tokens[p->at].start,
                    p->tokens[p->at + 1].end, kind == TOK_PLUS ? "++" : "--",
                    tg_parser_format(p, "%s %s= 1", name, sign));
        tg_parser_skip_to(p, after);
    }
}

// ---- operands

static const char *const string_prefixes[] = {"f",  "F",  "r",  "R",  "b", "u",
                                              "rb", "br", "fr", "rf", NULL};

static TgNode *prefixed_string(TgParser *p) {
    const TgToken *token = &p->tokens[p->at];
    bool is_text = token[1].kind == TOK_STRING || token[1].kind == TOK_STRING_BEGIN;
    if (!is_text || token[1].start != token->end || !tg_parser_is_one_of(p, p->at, string_prefixes))
        return NULL;
    bool is_raw = p->text[token->start] == 'r';
    tg_parser_foreign_form(
        p, p->at, p->at, tg_parser_format(p, "'%s' before a String", tg_parser_word(p, p->at)),
        is_raw ? "a raw String is written '…'" : "leave it out: every \"…\" takes {x}");
    tg_parser_advance(p);
    return tg_parse_literal(p);
}

// `lambda x, y: x + y`
static TgNode *as_arrow(TgParser *p) {
    uint32_t first = p->at, colon = first + 1;
    while (p->tokens[colon].kind == TOK_NAME || p->tokens[colon].kind == TOK_COMMA) colon++;
    bool has_body = p->tokens[colon].kind == TOK_COLON;
    const char *params = colon > first + 1 ? tg_parser_source(p, first + 1, colon - 1, "x") : "";
    tg_parser_foreign_word(
        p, tg_parser_format(p, "an anonymous function is written fn(%s) => …", params));
    tg_parser_skip_to(p, has_body ? colon + 1 : colon);
    if (has_body) tg_parse_expression(p);
    return tg_parser_hole(p, first);
}

static bool is_anonymous(const TgParser *p) {
    // In a header the '{' is the block's: `if def(x) {` calls what is named so.
    if (p->mode.header || tg_parser_on_line(p, 1) != TOK_LPAREN) return false;
    if (!tg_parser_is_one_of(p, p->at, tg_parser_fn_words)) return false;
    uint32_t after = tg_parser_after_brackets(p, p->at + 1);
    return p->tokens[after].kind == TOK_LBRACE && !p->tokens[after].line_start;
}

static TgNode *anonymous(TgParser *p) {
    TgNode *node = tg_parser_node(p, NODE_FN, p->at);
    tg_parser_foreign_word(p, "an anonymous function is written fn(x) { … } or fn(x) => x + 1");
    tg_parser_advance(p);
    node->fn = tg_parse_fn(p, (TgText){"", 0}, node->first);
    return tg_parser_finish(p, node);
}

// `x => x + 1`, `(a, b) => a + b`
TgNode *tg_parse_foreign_arrow(TgParser *p) {
    bool has_parens = p->kind == TOK_LPAREN;
    uint32_t first = p->at, arrow = has_parens ? tg_parser_after_brackets(p, first) : first + 1;
    if (p->tokens[arrow].kind != TOK_ARROW) return NULL;
    uint32_t from = first + has_parens, to = arrow - 1 - has_parens;
    const char *params = from <= to ? tg_parser_source(p, from, to, "x") : "";
    tg_parser_foreign_form(
        p, arrow, arrow, "functions without fn",
        tg_parser_format(p, "an anonymous function is written fn(%s) => …", params));
    tg_diags_drop(p->diags, p->tokens[first].start, p->tokens[arrow].start);
    tg_parser_skip_to(p, arrow + 1);
    if (p->kind == TOK_LBRACE)
        tg_parse_block(p);
    else
        tg_parse_expression(p);
    return tg_parser_hole(p, first);
}

TgNode *tg_parse_foreign_operand(TgParser *p) {
    static const char *const words[] = {"await", "new",   "yield",  "typeof", "go",
                                        "defer", "del",   "delete", "echo",   "println",
                                        "async", "throw", NULL};
    TgNode *text = prefixed_string(p);
    if (text) return text;
    if (is_anonymous(p)) return anonymous(p);
    TgTokenKind next = tg_parser_on_line(p, 1);
    if (next == TOK_ARROW && p->text[p->tokens[p->at + 1].start] == '=')
        return tg_parse_foreign_arrow(p);
    bool is_lambda =
        (next == TOK_NAME || next == TOK_COLON) && tg_parser_is_word(p, p->at, "lambda");
    if (is_lambda) return as_arrow(p);
    if (!tg_parser_starts_operand(next) || !tg_parser_is_one_of(p, p->at, words)) return NULL;
    tg_parser_foreign_word(
        p,
        tg_parser_is_word(p, p->at, "new") && next == TOK_NAME
            ? tg_parser_format(p, "leave it out: an instance is made by calling its class, %s(…)",
                               tg_parser_word(p, p->at + 1))
            : NULL);
    tg_parser_advance(p);
    return tg_parse_postfix(p);
}

const char *tg_parser_length_hint(const TgParser *p, uint32_t token) {
    if (token == 0) return NULL;
    const char *at = p->text + p->tokens[token - 1].end;
    at += strspn(at, " \t");
    bool is_letter = at[0] == '#' && ((at[1] | 0x20) >= 'a' && (at[1] | 0x20) <= 'z');
    if (!is_letter) return NULL;
    int length =
        (int)strspn(at + 1, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ_0123456789");
    return tg_parser_format(p, "'#' begins a comment; a length is len(%.*s)",
                            length > 40 ? 40 : length, at + 1);
}

// ---- behind an operand: p->x, println!(…)

bool tg_parse_foreign_postfix(TgParser *p) {
    const TgToken *token = &p->tokens[p->at];
    if (p->panic || p->at == 0 || token[-1].kind != TOK_NAME || token[-1].end != token->start ||
        token[1].start != token->end)
        return false;
    bool is_pointer = p->kind == TOK_ARROW && token[1].kind == TOK_NAME;
    bool is_macro = p->kind == TOK_NOT && p->text[token->start] == '!' &&
                    (token[1].kind == TOK_LPAREN || token[1].kind == TOK_LBRACKET);
    if (!is_pointer && !is_macro) return false;
    const char *hint = is_pointer                      ? "a member is taken with '.': x.y"
                       : token[1].kind == TOK_LBRACKET ? "a List is written [1, 2]"
                                                       : "leave it out: a call is f(x)";
    tg_diags_drop(p->diags, token->start, token->end); // what the sign alone was told
    tg_diag_add_hint(p->diags, DIAG_FOREIGN_OPERATOR, token->start, token->end, hint,
                     is_macro ? "!" : "->");
    if (is_macro) tg_parser_advance(p);
    if (p->kind == TOK_LBRACKET) tg_parse_operand(p); // `vec![…]`
    return is_pointer;
}
