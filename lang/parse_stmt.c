// lang/parse_stmt.c
// The parser's statements, one function each.
// Layer: front end, private to the parser.
#include "lang/parser_impl.h"

// ---- let, assignment

static TgNode *parse_name_target(TgParser *p) {
    if (p->kind != TOK_STAR) return tg_parser_name_or_ignore(p);
    TgNode *node = tg_parser_node(p, NODE_REST, p->at);
    tg_parser_advance(p);
    node->a = tg_parser_name_or_ignore(p);
    return node->a ? tg_parser_finish(p, node) : NULL;
}

// Takes the targets that were pushed and checks them as a whole.
static void finish_targets(TgParser *p, TgNode *node, uint32_t mark) {
    uint32_t rests = 0;
    node->list = tg_parser_take(p, mark);
    for (uint32_t i = 0; i < node->list.count; i++) {
        const TgNode *target = node->list.items[i];
        if (target->kind != NODE_REST || rests++ != 1 || !tg_parser_objects(p)) continue;
        tg_diag_add(p->diags, DIAG_TWO_RESTS, p->tokens[target->first].start,
                    p->tokens[target->first].end);
    }
    if (node->list.count > 1 || rests) node->flags |= FLAG_UNPACK;
}

void tg_parse_targets(TgParser *p, TgNode *node) {
    uint32_t mark = p->scratch_count;
    do {
        TgNode *target = parse_name_target(p);
        if (!target) break;
        tg_parser_push(p, target);
    } while (tg_parser_accept(p, TOK_COMMA));
    finish_targets(p, node, mark);
}

TgNode *tg_parse_let(TgParser *p) {
    TgNode *node = tg_parser_node(p, NODE_LET, p->at);
    tg_parser_advance(p);
    tg_foreign_mut(p);
    tg_foreign_pattern(p);
    tg_parse_targets(p, node);
    tg_parse_foreign_type(p);
    if (!p->panic && tg_foreign_value_sign(p)) {
        node->a = tg_parse_value_list(p);
    } else if ((node->flags & FLAG_UNPACK) && tg_parser_objects(p)) {
        tg_diag_add(p->diags, DIAG_LET_VALUE, p->tokens[node->first].start,
                    p->tokens[node->first].end);
    }
    return tg_parser_finish(p, node);
}

static const char *kind_in_words(const TgNode *node) {
    switch (node->kind) {
    case NODE_CALL: return "the result of a call";
    case NODE_SLICE: return "a slice";
    case NODE_SELF: return "self";
    case NODE_FIELD: return "a method of super";
    case NODE_CONDITIONAL: return "a choice";
    case NODE_INT:
    case NODE_FLOAT:
    case NODE_STRING:
    case NODE_INTERP:
    case NODE_NIL:
    case NODE_TRUE:
    case NODE_FALSE: return "a literal";
    case NODE_LIST: return "a List in brackets";
    default: return "an expression";
    }
}

// An expression as a target; `_` is turned into IGNORE.
static TgNode *to_target(TgParser *p, TgNode *node, bool may_ignore) {
    if (node->kind == NODE_HOLE || p->panic) return node;
    bool is_ignored = node->kind == NODE_NAME && node->name.length == 1 && node->name.at[0] == '_';
    if (is_ignored && may_ignore) {
        node->kind = NODE_IGNORE;
        node->name = (TgText){0};
        return node;
    }
    bool is_super = node->kind == NODE_FIELD && node->a->kind == NODE_SUPER;
    if (node->kind == NODE_NAME || node->kind == NODE_INDEX) return node;
    if (node->kind == NODE_FIELD && !is_super) return node;
    if (tg_parser_objects(p)) {
        tg_diag_add(p->diags, DIAG_BAD_TARGET, p->tokens[node->first].start,
                    p->tokens[node->last].end, kind_in_words(node));
    }
    return tg_parser_hole(p, node->first);
}

static bool is_assignment(TgTokenKind kind) {
    return kind == TOK_ASSIGN || tg_token_inplace(kind) != TOK_ERROR;
}

// A target, or the expression that the statement turns out to be.
static TgNode *parse_target(TgParser *p) {
    if (p->kind != TOK_STAR) return tg_parse_expression(p);
    TgNode *node = tg_parser_node(p, NODE_REST, p->at);
    tg_parser_advance(p);
    node->a = to_target(p, tg_parse_expression(p), true);
    return tg_parser_finish(p, node);
}

// `x := 1`: the lexer can't know that it declares.
static void foreign_sign(TgParser *p, uint32_t first) {
    tg_diags_drop(p->diags, p->tokens[p->at].start, p->tokens[p->at].end);
    const char *names = tg_parser_source(p, first, p->at - 1, "x");
    tg_diag_add_hint(p->diags, DIAG_FOREIGN_OPERATOR, p->tokens[p->at].start, p->tokens[p->at].end,
                     tg_parser_format(p, "let %s = … declares, %s = … changes it", names, names),
                     ":=");
}

static TgNode *parse_assignment(TgParser *p, TgNode *target, uint32_t first) {
    TgNode *node = tg_parser_node(p, NODE_ASSIGN, first);
    uint32_t mark = p->scratch_count;
    tg_parser_push(p, target);
    while (!p->panic && tg_parser_accept(p, TOK_COMMA)) {
        TgNode *more = parse_target(p);
        tg_parser_push(p, more);
    }
    bool is_plain = p->kind == TOK_ASSIGN;
    for (uint32_t i = mark; i < p->scratch_count; i++) {
        if (p->scratch[i]->kind == NODE_REST) continue;
        p->scratch[i] = to_target(p, p->scratch[i], is_plain);
    }
    finish_targets(p, node, mark);
    node->op = p->kind;
    if (p->panic || !is_assignment((TgTokenKind)p->kind)) {
        tg_parser_expected(p, "'=' and a value");
        return tg_parser_finish(p, node);
    }
    if (is_plain && p->text[p->tokens[p->at].start] == ':') foreign_sign(p, first);
    if (!is_plain && (node->flags & FLAG_UNPACK) && tg_parser_objects(p)) {
        tg_diag_add(p->diags, DIAG_ONE_TARGET, tg_parser_start(p), tg_parser_end(p),
                    tg_token_text((TgTokenKind)p->kind));
    }
    tg_parser_advance(p);
    node->a = tg_parse_value_list(p);
    return tg_parser_finish(p, node);
}

static TgNode *parse_simple(TgParser *p) {
    uint32_t first = p->at;
    TgNode *value = parse_target(p);
    bool is_rest = value->kind == NODE_REST;
    if (!p->panic && (is_rest || p->kind == TOK_COMMA || is_assignment((TgTokenKind)p->kind))) {
        return parse_assignment(p, value, first);
    }
    if (value->kind == NODE_HOLE) return value;
    TgNode *node = tg_parser_node(p, NODE_EXPRESSION, first);
    node->a = value;
    return tg_parser_finish(p, node);
}

// ---- if, loops

static bool is_else_if(const TgParser *p) {
    static const char *const words[] = {"elif", "elsif", "elseif", NULL};
    return !p->panic && tg_parser_is_one_of(p, p->at, words) && tg_parser_has_header(p);
}

// A chain of else-ifs may be long: each link is hung under the one before in a loop.
static TgNode *parse_if(TgParser *p) {
    uint32_t first = p->at;
    TgNode *top = NULL, **link = &top;
    for (;;) {
        TgNode *node = tg_parser_node(p, NODE_IF, p->at);
        *link = node;
        link = &node->c;
        tg_parser_advance(p);
        node->a = tg_parse_header(p);
        node->b = tg_parse_block(p);
        tg_parser_finish(p, node);
        if (is_else_if(p)) {
            tg_parser_skip_newline(p);
            tg_parser_foreign_word(p, NULL);
            continue;
        }
        if (p->panic || !tg_parser_accept(p, TOK_ELSE)) break;
        if (p->kind == TOK_IF) continue;
        *link = tg_parse_block(p);
        break;
    }
    top->first = first;
    return tg_parser_finish(p, top);
}

static TgNode *parse_while(TgParser *p) {
    TgNode *node = tg_parser_node(p, NODE_WHILE, p->at);
    tg_parser_advance(p);
    node->a = tg_parse_header(p);
    node->b = tg_parse_block(p);
    return tg_parser_finish(p, node);
}

static TgNode *parse_for(TgParser *p) {
    TgNode *node = tg_parser_node(p, NODE_FOR, p->at);
    tg_parser_advance(p);
    if (tg_foreign_for(p, node)) return node;
    if (!p->panic) tg_parse_targets(p, node);
    if (p->kind == TOK_NAME && !p->panic && tg_parser_is_word(p, p->at, "of")) {
        tg_parser_foreign_form(p, p->at, p->at, "for … of", "write for x in xs { … }");
        p->kind = TOK_IN;
    }
    if (!p->panic && tg_parser_expect(p, TOK_IN))
        node->a = tg_parse_header(p);
    else
        node->a = tg_parser_hole(p, p->at);
    node->b = tg_parse_block(p);
    return tg_parser_finish(p, node);
}

// ---- leaving: return, raise, break, continue

static bool at_statement_end(const TgParser *p) {
    return p->kind == TOK_NEWLINE || p->kind == TOK_SEMICOLON || p->kind == TOK_RBRACE ||
           p->kind == TOK_END;
}

TgNode *tg_parse_word_statement(TgParser *p, TgNodeKind kind) {
    TgNode *node = tg_parser_node(p, kind, p->at);
    tg_parser_advance(p);
    return node;
}

static TgNode *parse_return(TgParser *p) {
    TgNode *node = tg_parse_word_statement(p, NODE_RETURN);
    if (!at_statement_end(p)) node->a = tg_parse_value_list(p);
    return tg_parser_finish(p, node);
}

TgNode *tg_parse_raise(TgParser *p) {
    TgNode *node = tg_parse_word_statement(p, NODE_RAISE);
    if (!at_statement_end(p)) node->a = tg_parse_expression(p);
    if (node->a && !p->panic && tg_parser_accept(p, TOK_FROM)) node->b = tg_parse_expression(p);
    return tg_parser_finish(p, node);
}

// ---- try, with

static void parse_except_types(TgParser *p, TgNode *node) {
    uint32_t mark = p->scratch_count;
    if (p->kind == TOK_LPAREN) {
        uint32_t open = p->at;
        TgParseMode outer = tg_parser_open(p, (TgParseMode){0});
        do {
            TgNode *type = tg_parse_expression(p);
            tg_parser_push(p, type);
            if (p->kind == TOK_NAME) break; // `(ValueError e)`
        } while (!p->panic && tg_parser_accept(p, TOK_COMMA) && p->kind != TOK_RPAREN);
        if (p->kind == TOK_NAME && tg_parser_fails(p))
            tg_diag_add_hint(p->diags, DIAG_EXPECTED, tg_parser_start(p), tg_parser_end(p),
                             "the name follows 'as': except ValueError as e", "')'",
                             tg_parser_found(p));
        tg_parser_close(p, TOK_RPAREN, open, outer);
    } else {
        TgNode *type = tg_parse_header(p);
        tg_parser_push(p, type);
    }
    node->list = tg_parser_take(p, mark);
    bool is_name = p->kind == TOK_COMMA && tg_parser_ahead(p, 1) == TOK_NAME &&
                   tg_parser_ahead(p, 2) != TOK_COMMA && tg_parser_text(p, p->at + 1).at[0] >= 'a';
    const char *hint = is_name                ? "the name follows 'as': except ValueError as e"
                       : p->kind == TOK_COMMA ? "several stand in parentheses: except (A, B)"
                       : p->kind == TOK_NAME  ? "the name follows 'as': except ValueError as e"
                                              : NULL;
    if (!hint || !tg_parser_fails(p)) return;
    tg_diag_add_hint(p->diags, DIAG_EXPECTED_BLOCK, tg_parser_start(p), tg_parser_end(p), hint,
                     tg_parser_found(p));
}

static TgNode *parse_except(TgParser *p) {
    TgNode *node = tg_parser_node(p, NODE_EXCEPT, p->at);
    tg_parser_advance(p);
    bool is_bare = p->kind == TOK_LBRACE || p->kind == TOK_COLON || p->kind == TOK_NEWLINE;
    if (!is_bare && p->kind != TOK_AS) parse_except_types(p, node);
    if (!p->panic && tg_parser_accept(p, TOK_AS)) {
        if (tg_parser_accept(p, TOK_STAR)) node->flags |= FLAG_STAR;
        node->c = tg_parser_optional_name(p);
    }
    node->b = tg_parse_block(p);
    return tg_parser_finish(p, node);
}

// `catch (e) {` is reported once and read as a clause, so that the try statement stays whole.
static bool is_catch(const TgParser *p) {
    TgToken token = p->tokens[p->at];
    if (token.kind != TOK_NAME || p->panic) return false;
    TgTokenKind next = tg_parser_ahead(p, 1);
    if (next != TOK_LPAREN && next != TOK_NAME && next != TOK_LBRACE) return false;
    return tg_parser_is_word(p, p->at, "catch") || tg_parser_is_word(p, p->at, "rescue");
}

static TgNode *parse_catch(TgParser *p) {
    TgNode *node = tg_parser_node(p, NODE_EXCEPT, p->at);
    tg_parser_skip_newline(p);
    tg_parser_foreign_word(p, NULL);
    while (p->kind != TOK_LBRACE && p->kind != TOK_NEWLINE && p->kind != TOK_END)
        tg_parser_advance(p);
    node->b = tg_parse_block(p);
    return tg_parser_finish(p, node);
}

static TgNode *parse_try(TgParser *p) {
    TgNode *node = tg_parse_word_statement(p, NODE_TRY);
    uint32_t mark = p->scratch_count;
    node->a = tg_parse_block(p);
    while (!p->panic) {
        TgNode *clause;
        if (p->kind == TOK_EXCEPT)
            clause = parse_except(p);
        else if (is_catch(p))
            clause = parse_catch(p);
        else
            break;
        tg_parser_push(p, clause);
    }
    node->list = tg_parser_take(p, mark);
    if (!p->panic && tg_parser_accept(p, TOK_FINALLY)) node->b = tg_parse_block(p);
    if (!node->list.count && !node->b) {
        tg_parser_may_go_on(p);
        bool is_end = p->kind == TOK_END;
        if (is_end ? tg_parser_fails(p) : tg_parser_objects(p)) {
            tg_diag_add(p->diags, DIAG_TRY_ALONE, p->tokens[node->first].start,
                        p->tokens[node->first].end);
        }
    }
    return tg_parser_finish(p, node);
}

static TgNode *parse_with(TgParser *p) {
    TgNode *node = tg_parse_word_statement(p, NODE_WITH);
    node->a = tg_parse_header(p);
    if (!p->panic && tg_parser_accept(p, TOK_AS)) node->c = tg_parser_optional_name(p);
    if (p->kind == TOK_COMMA && tg_parser_fails(p)) {
        tg_diag_add_hint(p->diags, DIAG_EXPECTED_BLOCK, tg_parser_start(p), tg_parser_end(p),
                         "one resource for each with: with a { with b { … } }", "','");
    }
    node->b = tg_parse_block(p);
    return tg_parser_finish(p, node);
}

// ---- nursery, timeout, shield, select

static TgNode *parse_nursery(TgParser *p) {
    TgNode *node = tg_parse_word_statement(p, NODE_NURSERY);
    if (p->kind == TOK_NAME) node->c = tg_parser_optional_name(p);
    node->b = tg_parse_block(p);
    return tg_parser_finish(p, node);
}

static TgNode *parse_timeout(TgParser *p) {
    TgNode *node = tg_parse_word_statement(p, NODE_TIMEOUT);
    node->a = tg_parse_header(p);
    node->b = tg_parse_block(p);
    if (!p->panic && tg_parser_accept(p, TOK_ELSE)) node->c = tg_parse_block(p);
    return tg_parser_finish(p, node);
}

static TgNode *parse_shield(TgParser *p) {
    TgNode *node = tg_parse_word_statement(p, NODE_SHIELD);
    if (p->kind != TOK_LBRACE && p->kind != TOK_NEWLINE) node->a = tg_parse_header(p);
    node->b = tg_parse_block(p);
    return tg_parser_finish(p, node);
}

static TgNode *parse_case(TgParser *p) {
    TgNode *node = tg_parse_word_statement(p, NODE_CASE);
    if (tg_parser_accept(p, TOK_LET)) {
        node->c = tg_parser_optional_name(p);
        tg_parser_expect(p, TOK_ASSIGN);
    }
    uint32_t token = p->at;
    node->a = p->panic ? tg_parser_hole(p, token) : tg_parse_header(p);
    if (node->a->kind != NODE_CALL && tg_parser_objects(p)) {
        tg_diag_add(p->diags, DIAG_CASE_CALL, p->tokens[token].start, p->tokens[p->at - 1].end);
    }
    node->b = tg_parse_block(p);
    return tg_parser_finish(p, node);
}

static TgNode *parse_select_member(TgParser *p, TgNode *whole) {
    if (p->kind == TOK_CASE) return parse_case(p);
    if (p->kind == TOK_ELSE && !whole->c) {
        tg_parser_advance(p);
        whole->c = tg_parse_block(p);
        return NULL;
    }
    if (tg_parser_fails(p)) {
        tg_diag_add_hint(p->diags, DIAG_CASE_BODY, tg_parser_start(p), tg_parser_end(p),
                         p->kind == TOK_ELSE ? "a select has one else" : NULL, tg_parser_found(p));
    }
    return NULL;
}

static TgNode *parse_select(TgParser *p) {
    TgNode *node = tg_parse_word_statement(p, NODE_SELECT);
    if (p->kind == TOK_NAME && tg_parser_is_word(p, p->at, "random")) {
        node->flags |= FLAG_RANDOM;
        tg_parser_advance(p);
    }
    tg_parse_members(p, node, parse_select_member);
    return tg_parser_finish(p, node);
}

// ---- dispatch

// A clause without its statement.
static TgNode *parse_stray(TgParser *p, const char *owner) {
    uint32_t first = p->at;
    if (tg_parser_fails(p)) {
        tg_diag_add(p->diags, DIAG_STRAY_CLAUSE, tg_parser_start(p), tg_parser_end(p),
                    tg_token_text((TgTokenKind)p->kind), owner);
    }
    p->at++; // so that recovery does not stop at it again
    return tg_parser_hole(p, first);
}

TgNode *tg_parse_statement(TgParser *p) {
    p->statement = p->at;
    if (tg_parser_at_test(p)) return tg_parse_test(p);
    TgNode *foreign = tg_parse_foreign(p);
    if (foreign) return foreign;
    switch (p->kind) {
    case TOK_LET: return tg_parse_let(p);
    case TOK_IF: return parse_if(p);
    case TOK_WHILE: return parse_while(p);
    case TOK_FOR: return parse_for(p);
    case TOK_BREAK: return tg_parse_word_statement(p, NODE_BREAK);
    case TOK_CONTINUE: return tg_parse_word_statement(p, NODE_CONTINUE);
    case TOK_RETURN: return parse_return(p);
    case TOK_RAISE: return tg_parse_raise(p);
    case TOK_TRY: return parse_try(p);
    case TOK_WITH: return parse_with(p);
    case TOK_NURSERY: return parse_nursery(p);
    case TOK_TIMEOUT: return parse_timeout(p);
    case TOK_SHIELD: return parse_shield(p);
    case TOK_SELECT: return parse_select(p);
    case TOK_CLASS: return tg_parse_class(p);
    case TOK_IMPORT: return tg_parse_import(p);
    case TOK_FROM: return tg_parse_from(p);
    case TOK_LBRACE: return tg_parse_block(p);
    case TOK_FN:
        return tg_parser_ahead(p, 1) == TOK_LPAREN ? parse_simple(p) : tg_parse_fn_declaration(p);
    case TOK_ELSE: return parse_stray(p, "an if, timeout or select");
    case TOK_EXCEPT:
    case TOK_FINALLY: return parse_stray(p, "a try");
    case TOK_CASE: return parse_stray(p, "a select");
    default: return parse_simple(p);
    }
}
