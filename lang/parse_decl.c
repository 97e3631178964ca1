// lang/parse_decl.c
// The parser's declarations: fn, class, import.
// Layer: front end, private to the parser.
#include "lang/parser_impl.h"

#include <string.h>

// ---- fn, class

TgNode *tg_parse_fn_declaration(TgParser *p) {
    TgNode *node = tg_parse_word_statement(p, NODE_FN_DECL);
    uint32_t token = p->at;
    node->c = tg_parser_name(p);
    TgText name = node->c ? node->c->name : (TgText){"", 0};
    node->fn = tg_parse_fn(p, name, token);
    return tg_parser_finish(p, node);
}

static TgNode *parse_attribute(TgParser *p) {
    TgNode *node = tg_parse_let(p);
    bool is_named = node->list.count == 1 && node->list.items[0]->kind == NODE_NAME;
    if ((!is_named || !node->a) && tg_parser_objects(p)) {
        tg_diag_add_hint(p->diags, DIAG_EXPECTED, p->tokens[node->first].start,
                         p->tokens[node->last].end, "an attribute of a class is let name = value",
                         "a name and its value", "no value");
    }
    return node;
}

static TgNode *parse_class_member(TgParser *p, TgNode *whole) {
    (void)whole;
    if (p->kind == TOK_LET) return parse_attribute(p);
    if (p->kind == TOK_FN) {
        TgNode *node = tg_parse_fn_declaration(p);
        node->fn->is_method = true;
        TgText name = node->fn->name;
        node->fn->is_init = name.length == 4 && memcmp(name.at, "init", 4) == 0;
        return node;
    }
    TgNode *method = p->kind == TOK_NAME ? tg_foreign_method(p) : NULL;
    if (method) return method;
    if (tg_parser_fails(p)) {
        tg_diag_add_hint(p->diags, DIAG_CLASS_BODY, tg_parser_start(p), tg_parser_end(p),
                         tg_parser_habit(p, p->at), tg_parser_found(p));
    }
    return NULL;
}

TgNode *tg_parse_class(TgParser *p) {
    TgNode *node = tg_parse_word_statement(p, NODE_CLASS);
    node->c = tg_parser_name(p);
    tg_foreign_superclass(p, node);
    if (!p->panic && tg_parser_accept(p, TOK_LT)) node->a = tg_parse_header(p);
    tg_parse_members(p, node, parse_class_member);
    return tg_parser_finish(p, node);
}

// ---- import

static bool is_name(TgText text) {
    if (!text.length || (text.at[0] >= '0' && text.at[0] <= '9')) return false;
    for (uint32_t i = 0; i < text.length; i++) {
        unsigned char c = (unsigned char)text.at[i];
        bool is_letter = (c | 0x20) >= 'a' && (c | 0x20) <= 'z';
        if (!is_letter && c != '_' && c < 0x80 && (c < '0' || c > '9')) return false;
    }
    return tg_token_of_word(text.at, text.length) == TOK_NAME;
}

// The stem of a path: "lib/util.tg" is util.
static TgText stem_of(TgText path) {
    for (uint32_t i = path.length; i-- > 0;) {
        if (path.at[i] != '/') continue;
        path = (TgText){path.at + i + 1, path.length - i - 1};
        break;
    }
    for (uint32_t i = path.length; i-- > 1;) {
        if (path.at[i] == '.') return (TgText){path.at, i};
    }
    return path;
}

// The module of an import, a name or a String that holds a path: a STRING, empty where neither is there.
static void parse_module_name(TgParser *p, TgNode *node) {
    if (p->kind == TOK_STRING) {
        node->flags |= FLAG_PATH;
        node->a = tg_parse_literal(p);
        return;
    }
    node->a = tg_parser_node(p, NODE_STRING, p->at);
    node->a->name = (TgText){"", 0};
    TgNode *name = p->kind == TOK_STRING_BEGIN ? NULL : tg_parser_name(p);
    if (name)
        node->a->name = name->name;
    else
        tg_parser_expected(p, "the name of a module or a plain String");
}

TgNode *tg_parse_import(TgParser *p) {
    TgNode *node = tg_parse_word_statement(p, NODE_IMPORT);
    uint32_t token = p->at;
    if (p->kind == TOK_LBRACE || (p->kind == TOK_NAME && tg_parser_on_line(p, 1) == TOK_FROM))
        return tg_foreign_import(p, node);
    parse_module_name(p, node);
    tg_foreign_dots(p, node);
    if (!p->panic && tg_parser_accept(p, TOK_AS)) {
        node->c = tg_parser_name(p);
        return tg_parser_finish(p, node);
    }
    if (p->panic) return tg_parser_finish(p, node);
    node->c = tg_parser_node(p, NODE_NAME, token);
    node->c->name = node->flags & FLAG_PATH ? stem_of(node->a->name) : node->a->name;
    if (!is_name(node->c->name) && tg_parser_objects(p)) {
        tg_diag_add(p->diags, DIAG_MODULE_NAME, p->tokens[token].start, p->tokens[token].end,
                    tg_arena_copy(p->arena, node->c->name.at, node->c->name.length));
    }
    return tg_parser_finish(p, node);
}

static TgNode *parse_imported(TgParser *p) {
    TgNode *node = tg_parser_node(p, NODE_IMPORTED, p->at);
    node->c = tg_parser_name(p);
    if (!node->c) return node;
    node->name = node->c->name;
    if (tg_parser_accept(p, TOK_AS)) node->c = tg_parser_name(p);
    return tg_parser_finish(p, node);
}

TgNode *tg_parse_from(TgParser *p) {
    TgNode *node = tg_parse_word_statement(p, NODE_FROM);
    uint32_t mark = p->scratch_count;
    parse_module_name(p, node);
    if (p->panic || !tg_parser_expect(p, TOK_IMPORT)) return tg_parser_finish(p, node);
    if (p->kind == TOK_STAR) {
        tg_parser_foreign_form(
            p, p->at, p->at, "import *",
            tg_parser_format(p, "name what you want, or write import %.*s and %.*s.name",
                             (int)node->a->name.length, node->a->name.at,
                             (int)node->a->name.length, node->a->name.at));
        tg_parser_advance(p);
        if (p->tokens[p->at].line_start) p->kind = TOK_NEWLINE;
        return tg_parser_finish(p, node);
    }
    do {
        TgNode *imported = parse_imported(p);
        if (imported->c) tg_parser_push(p, imported);
    } while (!p->panic && tg_parser_accept(p, TOK_COMMA));
    node->list = tg_parser_take(p, mark);
    return tg_parser_finish(p, node);
}
