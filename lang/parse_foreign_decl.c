// lang/parse_foreign_decl.c
// Declarations in another language's dress: let, classes and their methods, imports.
//
// Called by the statement's own function at the place where the two differ; each reports and reads
// on (parse_foreign.c). Layer: front end, private to the parser.
#include "lang/parser_impl.h"

#include <string.h>

// `let mut x`
void tg_foreign_mut(TgParser *p) {
    if (p->kind != TOK_NAME || tg_parser_on_line(p, 1) != TOK_NAME ||
        !tg_parser_is_word(p, p->at, "mut"))
        return;
    tg_parser_foreign_word(p, NULL);
    tg_parser_advance(p);
}

// `let [a, b] = xs`, `let (a, b) = xs`, `let {a} = m`
void tg_foreign_pattern(TgParser *p) {
    if (p->kind != TOK_LBRACKET && p->kind != TOK_LBRACE && p->kind != TOK_LPAREN) return;
    bool is_list = p->kind != TOK_LBRACE;
    uint32_t last = p->at;
    while (p->tokens[last + 1].kind == TOK_NAME || p->tokens[last + 1].kind == TOK_COMMA) last++;
    const char *names = last > p->at ? tg_parser_source(p, p->at + 1, last, "a, b") : "a, b";
    if (!tg_parser_fails(p)) return;
    tg_diag_add_hint(
        p->diags, DIAG_EXPECTED, tg_parser_start(p), tg_parser_end(p),
        is_list ? tg_parser_format(p, "a List is taken apart without brackets: let %s = …", names)
                : "a Map is not taken apart; take each by itself: let a = m.a",
        "a name", tg_parser_found(p));
}

// The '=' of a let, also where it is written `==`.
bool tg_foreign_value_sign(TgParser *p) {
    if (p->kind == TOK_EQ && tg_parser_objects(p)) {
        tg_diag_add_hint(p->diags, DIAG_EXPECTED, tg_parser_start(p), tg_parser_end(p),
                         "'==' compares; a value is given with '='", "'='", "'=='");
        tg_parser_advance(p);
        return true;
    }
    return tg_parser_accept(p, TOK_ASSIGN);
}

// `greet(name) { … }` without its fn, `def greet(self, name): …`
TgNode *tg_foreign_method(TgParser *p) {
    TgNode *node;
    if (tg_parser_ahead(p, 1) != TOK_LPAREN) {
        node = tg_parser_ahead(p, 1) == TOK_NAME ? tg_parse_foreign(p) : NULL;
    } else {
        const char *name =
            tg_parser_is_word(p, p->at, "constructor") ? "init" : tg_parser_word(p, p->at);
        if (tg_parser_objects(p)) {
            tg_diag_add_hint(
                p->diags, DIAG_CLASS_BODY, tg_parser_start(p), tg_parser_end(p),
                tg_parser_format(p, "a method is declared with fn: fn %s%s { … }", name,
                                 tg_parser_source(p, p->at + 1,
                                                  tg_parser_after_brackets(p, p->at + 1) - 1,
                                                  "(…)")),
                tg_parser_found(p));
        }
        node = tg_parser_node(p, NODE_FN_DECL, p->at);
        node->c = tg_parser_name(p);
        node->fn = tg_parse_fn(p, node->c->name, node->first);
    }
    if (node && node->kind == NODE_FN_DECL) node->fn->is_method = true;
    return node;
}

// `class A(B)`, `class A extends B`
void tg_foreign_superclass(TgParser *p, TgNode *node) {
    uint32_t first = p->at;
    bool has_parens = p->kind == TOK_LPAREN;
    if (p->panic || !node->c) return;
    if (!has_parens && !(p->kind == TOK_NAME && tg_parser_is_word(p, p->at, "extends"))) return;
    uint32_t super = first + 1;
    bool is_named = p->tokens[super].kind == TOK_NAME;
    const char *hint =
        tg_parser_format(p, "write class %s < %s { … }", tg_parser_word(p, node->c->first),
                         is_named ? tg_parser_word(p, super) : "Superclass");
    bool is_root = is_named && tg_parser_is_word(p, super, "object");
    if (has_parens && (!is_named || is_root)) hint = "leave the parentheses out";
    tg_parser_foreign_form(
        p, first, first, has_parens ? "parentheses after the name of a class" : "'extends'", hint);
    while (p->kind != TOK_LBRACE && p->kind != TOK_COLON && p->kind != TOK_NEWLINE &&
           p->kind != TOK_END) {
        tg_parser_advance(p);
    }
    node->a = tg_parser_hole(p, first);
}

// `import a.b`
void tg_foreign_dots(TgParser *p, const TgNode *node) {
    if (p->kind != TOK_DOT || p->panic) return;
    uint32_t first = p->at;
    const char *member = tg_parser_ahead(p, 1) == TOK_NAME ? tg_parser_word(p, p->at + 1) : "name";
    const char *hint = tg_parser_format(
        p, "one member is taken by from %.*s import %s; a file by import \"a/b.tg\"",
        (int)node->a->name.length, node->a->name.at, member);
    while (tg_parser_accept(p, TOK_DOT) && p->kind == TOK_NAME) tg_parser_advance(p);
    tg_parser_foreign_form(p, first, p->at - 1, "dots in the name of a module", hint);
}

// `import {a, b} from "m"`, `import a from "m"`
TgNode *tg_foreign_import(TgParser *p, TgNode *node) {
    uint32_t first = p->at;
    while (p->kind != TOK_FROM && p->kind != TOK_NEWLINE && p->kind != TOK_SEMICOLON &&
           p->kind != TOK_END) {
        tg_parser_advance(p);
    }
    uint32_t last = p->at - 1;
    uint32_t from = p->tokens[first].kind == TOK_LBRACE ? first + 1 : first;
    uint32_t to = p->tokens[last].kind == TOK_RBRACE ? last - 1 : last;
    if (p->kind == TOK_FROM) tg_parser_advance(p);
    const char *module =
        p->kind == TOK_STRING || p->kind == TOK_NAME ? tg_parser_word(p, p->at) : "module";
    const char *names = tg_parser_source(p, from, to, "a, b");
    // A String names a file; "fs" is rather the module.
    size_t length = strlen(module);
    bool is_module = length > 2 && module[0] != module[1] && !strpbrk(module, "./\\ ");
    if (is_module && strchr("\"'", module[0]))
        module = tg_parser_format(p, "%.*s", (int)length - 2, module + 1);
    const char *hint =
        from == first
            ? tg_parser_format(p,
                               strcmp(module, names) ? "write import %s as %s" : "write import %s",
                               module, names)
            : tg_parser_format(p, "write from %s import %s", module, names);
    tg_parser_foreign_form(p, first, last, "import … from", hint);
    if (p->kind == TOK_STRING || p->kind == TOK_NAME) tg_parser_advance(p);
    return tg_parser_finish(p, node);
}
