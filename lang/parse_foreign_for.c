// lang/parse_foreign_for.c
// Loops in another language's dress: for (let i = 0; …), for i = 1, 10 do, for x of xs, foreach.
//
// Each is reported once and its block read on (parse_foreign.c). Layer: front end, private to the
// parser.
#include "lang/parser_impl.h"

#include <limits.h>
#include <stdlib.h>

static const char some_loops[] = "write for item in items { … }, or for i in 0..10 { … }";

// ---- for (let i = 0; i < n; i++) {

// `let i = 0; i < n; i++` as a Range, or NULL where it is more than that.
static const char *counting_loop(const TgParser *p, uint32_t open, uint32_t close) {
    uint32_t at = open + 1;
    while (p->tokens[at].kind == TOK_LET ||
           (p->tokens[at].kind == TOK_NAME && p->tokens[at + 1].kind == TOK_NAME))
        at++;
    if (p->tokens[at].kind != TOK_NAME || p->tokens[at + 1].kind != TOK_ASSIGN) return NULL;
    uint32_t first = at + 2, end = first;
    while (end < close && p->tokens[end].kind != TOK_SEMICOLON) end++;
    if (end + 3 >= close || end == first || p->tokens[end + 2].kind != TOK_LT) return NULL;
    uint32_t limit = end + 3, last = limit;
    while (last < close && p->tokens[last].kind != TOK_SEMICOLON) last++;
    if (last == close || last == limit) return NULL;
    return tg_parser_format(p, "write for %s in %s..%s { … }", tg_parser_word(p, at),
                            tg_parser_source(p, first, end - 1, "a"),
                            tg_parser_source(p, limit, last - 1, "b"));
}

// `(item of items)` as it is written in tg, or NULL.
static const char *item_loop(const TgParser *p, uint32_t first, uint32_t last) {
    while (first < last &&
           (p->tokens[first].kind == TOK_LET ||
            (p->tokens[first].kind == TOK_NAME && p->tokens[first + 1].kind == TOK_NAME &&
             !tg_parser_is_word(p, first + 1, "of"))))
        first++;
    for (uint32_t at = first + 1; at < last; at++) {
        bool is_of = p->tokens[at].kind == TOK_NAME && tg_parser_is_word(p, at, "of");
        if (p->tokens[at].kind != TOK_IN && !is_of) continue;
        return tg_parser_format(p, "write for %s in %s { … }",
                                tg_parser_source(p, first, at - 1, "item"),
                                tg_parser_source(p, at + 1, last, "items"));
    }
    return NULL;
}

// `for (…)`
static void in_parens(TgParser *p) {
    uint32_t open = p->at, after = tg_parser_after_brackets(p, open);
    bool has_steps = false;
    for (uint32_t i = open; i < after; i++) has_steps |= p->tokens[i].kind == TOK_SEMICOLON;
    const char *hint = has_steps ? counting_loop(p, open, after - 1) : NULL;
    if (!has_steps && after > open + 2) hint = item_loop(p, open + 1, after - 2);
    if (!hint) hint = some_loops;
    tg_parser_foreign_form(p, open, open, has_steps ? "for (…; …; …)" : "parentheses after for",
                           hint);
    tg_parser_skip_to(p, after);
}

// `i = 1, 10` of Lua as a Range that has its end, too.
static const char *lua_loop(const TgParser *p, uint32_t last) {
    uint32_t comma = p->at + 2;
    while (comma < last && p->tokens[comma].kind != TOK_COMMA) comma++;
    if (comma >= last) return some_loops;
    bool has_more = false;
    for (uint32_t at = comma + 1; at <= last; at++) has_more |= p->tokens[at].kind == TOK_COMMA;
    if (has_more) return "write for i in range(a, b, step) { … }, which is without b";
    const char *end = tg_parser_source(p, comma + 1, last, "b");
    char *rest;
    long number = strtol(end, &rest, 10);
    end = *rest || number == LONG_MAX ? tg_parser_format(p, "%s + 1", end)
                                      : tg_parser_format(p, "%ld", number + 1);
    return tg_parser_format(p, "write for %s in %s..%s { … }", tg_parser_word(p, p->at),
                            tg_parser_source(p, p->at + 2, comma - 1, "a"), end);
}

// `for i = 1, 10 do`, `for i := 0; i < n; i++ {`: the header ends before the block.
static void with_steps(TgParser *p) {
    uint32_t first = p->at, end = first;
    bool is_go = false;
    while (p->tokens[end].kind != TOK_END && (end == first || !p->tokens[end].line_start) &&
           p->tokens[end].kind != TOK_LBRACE && !tg_parser_is_word(p, end, "do")) {
        is_go |= p->tokens[end].kind == TOK_SEMICOLON;
        end++;
    }
    tg_diags_drop(p->diags, p->tokens[first].start, p->tokens[end].start); // what ':=' was told
    const char *hint = is_go ? counting_loop(p, first - 1, end) : lua_loop(p, end - 1);
    tg_parser_foreign_form(p, first, end - 1, is_go ? "for …; …; …" : "for … = …, …",
                           hint ? hint : some_loops);
    p->at = end;
    tg_parser_refresh(p);
}

bool tg_foreign_for(TgParser *p, TgNode *node) {
    if (p->panic) return false;
    bool is_endless = p->kind == TOK_LBRACE;
    bool has_steps = p->kind == TOK_NAME && tg_parser_on_line(p, 1) == TOK_ASSIGN;
    if (!is_endless && !has_steps && p->kind != TOK_LPAREN) return false;
    if (is_endless)
        tg_parser_foreign_form(p, node->first, node->first, "for without a condition",
                               "write while true { … }");
    else if (has_steps)
        with_steps(p);
    else
        in_parens(p);
    node->a = tg_parser_hole(p, p->at);
    node->b = tg_parse_block(p);
    tg_parser_finish(p, node);
    return true;
}

TgNode *tg_parse_foreign_foreach(TgParser *p) {
    TgNode *node = tg_parser_node(p, NODE_FOR, p->at);
    tg_parser_foreign_word(p, NULL);
    tg_parser_advance(p);
    uint32_t end = p->kind == TOK_LPAREN ? tg_parser_after_brackets(p, p->at) : p->at;
    tg_parser_skip_to(p, end);
    node->a = tg_parser_hole(p, node->first);
    while (p->kind != TOK_LBRACE && p->kind != TOK_NEWLINE && p->kind != TOK_END)
        tg_parser_advance(p);
    node->b = tg_parse_block(p);
    return tg_parser_finish(p, node);
}
