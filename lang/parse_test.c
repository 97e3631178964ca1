// lang/parse_test.c
// `test "name" { … }`: what `tg test` runs. `test` is a word only here: at the start of a statement with a String
// behind it; everywhere else it is a name like any other.
//
// The block becomes a function whose body is a nursery, so that it may spawn and return. With
// `for a, b in cases` the function takes one case, which is taken apart as a `for` does; the cases are a function of
// their own, so that nothing of a test happens before somebody asks for it.
// Layer: front end, private to the parser.
#include "lang/parser_impl.h"

// The parameter that holds a whole case: a keyword, so no variable of the script has this name.
static const TgText CASE_NAME = {"case", 4};

bool tg_parser_at_test(const TgParser *p) {
    if (p->kind != TOK_NAME || !tg_parser_is_word(p, p->at, "test")) return false;
    TgTokenKind next = tg_parser_on_line(p, 1);
    return next == TOK_STRING || next == TOK_STRING_BEGIN;
}

static TgNode *parse_test_name(TgParser *p) {
    if (p->kind == TOK_STRING) return tg_parse_literal(p);
    if (tg_parser_fails(p))
        tg_diag_add_hint(p->diags, DIAG_EXPECTED, tg_parser_start(p), tg_parser_end(p),
                         "a test's name holds no {…}: the values of its cases are shown behind it", "a plain String",
                         "one with an expression in it");
    return tg_parser_hole(p, p->at);
}

static TgFn *new_fn(TgParser *p, TgText name, uint32_t token) {
    TgFn *fn = tg_arena_alloc(p->arena, sizeof *fn);
    fn->name = name;
    fn->token = token;
    return fn;
}

static void add_param(TgParser *p, TgFn *fn, TgText name, uint32_t token) {
    fn->params = tg_arena_alloc(p->arena, sizeof *fn->params);
    fn->params->binding = tg_arena_alloc(p->arena, sizeof *fn->params->binding);
    *fn->params->binding = (TgBinding){.name = name, .kind = BIND_LOCAL, .token = token};
    fn->param_count = 1;
}

// `for a, b in cases`: the parameter, and what takes it apart (NULL where it is a name by itself).
static TgNode *parse_cases(TgParser *p, TgNode *test) {
    TgNode *apart = tg_parser_node(p, NODE_LET, p->at + 1);
    tg_parser_advance(p);
    tg_parse_targets(p, apart);
    tg_parser_finish(p, apart);
    TgNode *first = apart->list.count ? apart->list.items[0] : NULL;
    bool is_plain = !(apart->flags & FLAG_UNPACK);
    bool is_named = is_plain && first && first->kind == NODE_NAME;
    add_param(p, test->fn, is_named ? first->name : CASE_NAME, apart->first);
    TgNode *cases = test->b = tg_parser_node(p, NODE_FN, p->at + 1);
    cases->fn = new_fn(p, (TgText){"", 0}, p->at);
    cases->fn->is_arrow = true;
    if (!p->panic && tg_parser_expect(p, TOK_IN)) cases->fn->body = tg_parse_header(p);
    else cases->fn->body = tg_parser_hole(p, p->at);
    tg_parser_finish(p, cases);
    if (is_plain) return NULL;
    apart->a = tg_parser_node(p, NODE_NAME, apart->first);
    apart->a->name = CASE_NAME;
    return apart;
}

TgNode *tg_parse_test(TgParser *p) {
    TgNode *test = tg_parser_node(p, NODE_TEST, p->at);
    tg_parser_advance(p);
    test->a = parse_test_name(p);
    // In traces a test is called as it is written.
    uint32_t start = p->tokens[test->first].start, end = p->tokens[test->a->last].end;
    test->fn = new_fn(p, (TgText){p->text + start, end - start}, test->first);
    if (p->kind == TOK_NAME && !p->panic && tg_parser_is_word(p, p->at, "real")) {
        test->flags |= FLAG_REAL;
        tg_parser_advance(p);
    }
    TgNode *apart = p->kind == TOK_FOR && !p->panic ? parse_cases(p, test) : NULL;
    uint32_t mark = p->scratch_count;
    TgNode *body = tg_parser_node(p, NODE_BLOCK, p->at);
    if (apart) tg_parser_push(p, apart);
    TgNode *nursery = tg_parser_node(p, NODE_NURSERY, p->at);
    nursery->b = tg_parse_block(p);
    tg_parser_push(p, tg_parser_finish(p, nursery));
    body->list = tg_parser_take(p, mark);
    test->fn->body = tg_parser_finish(p, body);
    return tg_parser_finish(p, test);
}
