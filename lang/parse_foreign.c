// lang/parse_foreign.c
// What users of Python, JavaScript, Lua and C type by habit, read as what it is meant to be.
//
// A foreign form is named once, at its own place, and then parsed on as its tg counterpart: so it
// costs one message, and what stands in it is still looked at. Only texts that can be no tg
// come here: `def` is an ordinary name wherever a name can stand.
// Layer: front end, private to the parser.
#include "lang/parser_impl.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

// ---- looking ahead

// The token `count` further on, if it is on the same line; else NEWLINE.
TgTokenKind tg_parser_on_line(const TgParser *p, uint32_t count) {
    for (uint32_t i = 1; i <= count; i++) {
        const TgToken *token = &p->tokens[p->at + i];
        if (token->kind == TOK_END || token->line_start) return TOK_NEWLINE;
    }
    return (TgTokenKind)p->tokens[p->at + count].kind;
}

bool tg_parser_is_one_of(const TgParser *p, uint32_t token, const char *const *words) {
    if (p->tokens[token].kind != TOK_NAME) return false;
    char first = p->text[p->tokens[token].start];
    for (; *words; words++) {
        if (**words == first && tg_parser_is_word(p, token, *words)) return true;
    }
    return false;
}

// The token after the bracket that closes the one at `open`; the END token at the latest.
static uint32_t after_brackets(const TgParser *p, uint32_t open) {
    int depth = 0;
    for (uint32_t i = open;; i++) {
        TgTokenKind kind = (TgTokenKind)p->tokens[i].kind;
        if (kind == TOK_END) return i;
        depth += kind == TOK_LPAREN || kind == TOK_LBRACKET || kind == TOK_LBRACE;
        depth -= kind == TOK_RPAREN || kind == TOK_RBRACKET || kind == TOK_RBRACE;
        if (depth <= 0) return i + 1;
    }
}

// Whether a header ends on the line of `token`, where an operand has just ended: in a plain
// statement no '{', ':' or name can follow one.
static bool opens_block(const TgParser *p, uint32_t token) {
    for (uint32_t at = token; p->tokens[at].kind != TOK_END && !p->tokens[at].line_start; at++) {
        TgTokenKind kind = (TgTokenKind)p->tokens[at].kind, before = p->tokens[at - 1].kind;
        bool is_after_operand = before == TOK_RPAREN || before == TOK_NAME || before == TOK_INT;
        if (kind == TOK_LBRACE || kind == TOK_NAME) return is_after_operand;
        if (kind == TOK_COLON) return true;
        if (kind == TOK_LPAREN || kind == TOK_LBRACKET) at = after_brackets(p, at) - 1;
    }
    return false;
}

// `word x`, `word (x) {`: a call or an expression goes on otherwise.
bool tg_parser_has_header(const TgParser *p) {
    TgTokenKind next = tg_parser_on_line(p, 1);
    if (next == TOK_LPAREN) return opens_block(p, after_brackets(p, p->at + 1));
    bool is_not = next == TOK_NOT && tg_parser_on_line(p, 2) != TOK_IN;
    return is_not || tg_parser_starts_operand(next);
}

// ---- saying it

const char *tg_parser_format(const TgParser *p, const char *format, ...) {
    char text[320];
    va_list arguments;
    va_start(arguments, format);
    int length = vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    bool is_cut = length >= (int)sizeof text;
    return tg_arena_copy(p->arena, text, is_cut ? sizeof text - 1 : (size_t)length);
}

const char *tg_parser_source(const TgParser *p, uint32_t first, uint32_t last, const char *other) {
    enum { LONGEST = 60 };
    uint32_t start = p->tokens[first].start, end = p->tokens[last].end;
    if (end <= start || end - start > LONGEST || memchr(p->text + start, '\n', end - start)) {
        return other;
    }
    return tg_arena_copy(p->arena, p->text + start, end - start);
}

void tg_parser_foreign_form(TgParser *p, uint32_t first, uint32_t last, const char *what,
                            const char *hint) {
    if (!tg_parser_objects(p)) return;
    tg_diag_add_hint(p->diags, DIAG_FOREIGN_FORM, p->tokens[first].start, p->tokens[last].end, hint,
                     what);
    p->colon_said = true;
}

static void foreign_word(TgParser *p, const char *hint) {
    if (!tg_parser_objects(p)) return;
    if (!hint) hint = tg_parser_habit(p, p->at);
    tg_diag_add_hint(p->diags, DIAG_FOREIGN_WORD, p->tokens[p->at].start, p->tokens[p->at].end,
                     hint, tg_parser_word(p, p->at));
    p->colon_said = true; // the ':' of the same header is part of the habit
}

// A newline ends the statement there, whatever sign stands before it.
static void skip_to(TgParser *p, uint32_t token) {
    p->at = token;
    tg_parser_refresh(p);
    if (p->mode.newlines && p->tokens[token].line_start && p->kind != TOK_ELSE)
        p->kind = TOK_NEWLINE;
}

// ---- comments

// At a statement's start no `//` or `--` can be tg: the rest of the line is a comment.
static bool is_comment(const TgParser *p) {
    if (p->panic) return false;
    if (p->kind == TOK_SLASH_SLASH) return true;
    const TgToken *token = &p->tokens[p->at];
    if (p->kind != TOK_MINUS || tg_parser_on_line(p, 1) != TOK_MINUS ||
        token[1].start != token->end)
        return false;
    // `-- x is A` may be meant; two names side by side are prose.
    TgTokenKind word = tg_parser_on_line(p, 2), next = word;
    for (uint32_t i = 3; word != TOK_NEWLINE; i++, word = next) {
        next = tg_parser_on_line(p, i);
        if (word == TOK_NAME && next == TOK_NAME) return true;
    }
    return false;
}

static bool skip_comment(TgParser *p) {
    if (!is_comment(p)) return false;
    uint32_t first = p->at, last = first;
    while (p->tokens[last + 1].kind != TOK_END && !p->tokens[last + 1].line_start) last++;
    uint32_t start = p->tokens[first].start;
    const char *sign = p->kind == TOK_MINUS ? "--" : "//";
    const char *newline = strchr(p->text + start, '\n');
    uint32_t end = newline ? (uint32_t)(newline - p->text) : p->tokens[last].end;
    tg_diags_drop(p->diags, start, end); // what the lexer thought of an apostrophe in it
    if (!p->comment_said && tg_parser_objects(p)) {
        tg_diag_add(p->diags, DIAG_FOREIGN_COMMENT, start, start + 2, sign);
    }
    p->comment_said = true;
    skip_to(p, last + 1);
    return true;
}

// ---- statements

// From the word that stands for `fn` on.
static TgNode *fn_after_word(TgParser *p) {
    TgNode *node = tg_parser_node(p, NODE_FN_DECL, p->at);
    tg_parser_advance(p);
    uint32_t token = p->at;
    node->c = tg_parser_name(p);
    node->fn = tg_parse_fn(p, node->c ? node->c->name : (TgText){"", 0}, token);
    return tg_parser_finish(p, node);
}

// "fn greet(name) { … }" out of what stands behind the word.
static const char *fn_hint(const TgParser *p, uint32_t name) {
    if (p->tokens[name].kind != TOK_NAME || p->tokens[name + 1].kind != TOK_LPAREN) return NULL;
    uint32_t end = after_brackets(p, name + 1) - 1, first = name + 2;
    if (p->tokens[first].kind == TOK_SELF) { // what is right without it
        first += p->tokens[first + 1].kind == TOK_COMMA ? 2 : 1;
        const char *params = first < end ? tg_parser_source(p, first, end - 1, "x") : "";
        return tg_parser_format(p, "methods are declared with fn: fn %s(%s) { … }",
                                tg_parser_word(p, name), params);
    }
    return tg_parser_format(p, "functions are declared with fn: fn %s { … }",
                            tg_parser_source(p, name, end, "name(x)"));
}

static const char *let_hint(const TgParser *p, uint32_t name) {
    uint32_t last = name;
    while (p->tokens[last + 1].kind != TOK_END && !p->tokens[last + 1].line_start &&
           p->tokens[last + 1].kind != TOK_SEMICOLON && p->tokens[last + 1].kind != TOK_RBRACE)
        last++;
    return tg_parser_format(p, "variables are declared with let: let %s",
                            tg_parser_source(p, name, last, "x = 1"));
}

static TgNode *as_fn(TgParser *p) {
    bool is_init = tg_parser_is_word(p, p->at + 1, "__init__");
    foreign_word(p, is_init ? "the method that sets up an instance is fn init(x) { … }"
                            : fn_hint(p, p->at + 1));
    return fn_after_word(p);
}

// `while …` under another name; `condition` NULL: for ever.
static TgNode *as_while(TgParser *p, bool has_condition) {
    TgNode *node = tg_parser_node(p, NODE_WHILE, p->at);
    foreign_word(p, NULL);
    tg_parser_advance(p);
    node->a = has_condition ? tg_parse_header(p) : tg_parser_hole(p, p->at);
    node->b = tg_parse_block(p);
    return tg_parser_finish(p, node);
}

// `do { … } while (x)`
static TgNode *as_do(TgParser *p) {
    TgNode *node = as_while(p, false);
    if (p->kind == TOK_WHILE || (p->kind == TOK_NAME && tg_parser_is_word(p, p->at, "until"))) {
        tg_parser_advance(p);
        tg_parse_header(p);
    }
    return node;
}

static TgNode *as_for(TgParser *p) {
    TgNode *node = tg_parser_node(p, NODE_FOR, p->at);
    foreign_word(p, NULL);
    tg_parser_advance(p);
    uint32_t end = p->kind == TOK_LPAREN ? after_brackets(p, p->at) : p->at;
    skip_to(p, end);
    node->a = tg_parser_hole(p, node->first);
    while (p->kind != TOK_LBRACE && p->kind != TOK_NEWLINE && p->kind != TOK_END)
        tg_parser_advance(p);
    node->b = tg_parse_block(p);
    return tg_parser_finish(p, node);
}

// Up to the end of a construct that has no counterpart: its line, and the block that begins there.
static TgNode *skipped(TgParser *p) {
    uint32_t first = p->at, at = first;
    foreign_word(p, NULL);
    uint32_t indent = tg_parser_indent(p, first);
    while (p->tokens[at].kind != TOK_END && (at == first || !p->tokens[at].line_start)) {
        at = p->tokens[at].kind == TOK_LBRACE ? after_brackets(p, at) : at + 1;
    }
    // A block without braces: the lines further to the right.
    bool has_braces = p->tokens[at - 1].kind == TOK_RBRACE;
    while (!has_braces && p->tokens[at].kind != TOK_END &&
           (!p->tokens[at].line_start || tg_parser_indent(p, at) > indent))
        at++;
    skip_to(p, at);
    return tg_parser_hole(p, first);
}

static const char *const fn_words[] = {"def", "function", "func", "fun", "sub", "proc", NULL};
static const char *const let_words[] = {"var", "const", "local", "val", "auto", NULL};
static const char *const type_words[] = {"int",  "void", "float", "double", "string",
                                         "bool", "char", "long",  NULL};
static const char *const skipped_words[] = {"switch", "match", "struct", "enum", "interface", NULL};
static const char *const header_words[] = {"unless", "until", "foreach", NULL};
static const char *const prefix_words[] = {"async",  "export", "public", "private",
                                           "static", "final",  NULL};
static const char *const scope_words[] = {"global", "nonlocal", NULL};

// `local function f()`, `async def f()`, `export class A`: the second word says what it is.
static TgNode *after_prefix(TgParser *p) {
    uint32_t first = p->at;
    bool is_let = tg_parser_is_one_of(p, first, let_words),
         is_fn = tg_parser_is_one_of(p, first + 1, fn_words);
    foreign_word(p, is_let && !is_fn ? let_hint(p, first + 1)
                    : is_let         ? fn_hint(p, first + 2)
                                     : NULL);
    if (is_fn) {
        tg_parser_advance(p);
        return fn_after_word(p);
    }
    if (is_let) return tg_parse_let(p); // from the word on, as if it were `let`
    tg_parser_advance(p);
    return tg_parse_statement(p);
}

static bool is_declared_type(const TgParser *p) {
    bool is_typed = tg_parser_on_line(p, 1) == TOK_NAME && tg_parser_on_line(p, 2) == TOK_ASSIGN;
    return is_typed && tg_parser_is_one_of(p, p->at, type_words);
}

static TgNode *typed_let(TgParser *p) {
    tg_parser_foreign_form(p, p->at, p->at, "types in declarations", let_hint(p, p->at + 1));
    return tg_parse_let(p);
}

// `int main() {`
static bool is_declared_fn(const TgParser *p) {
    if (tg_parser_on_line(p, 1) != TOK_NAME || tg_parser_on_line(p, 2) != TOK_LPAREN) return false;
    if (!tg_parser_is_one_of(p, p->at, type_words)) return false;
    uint32_t after = after_brackets(p, p->at + 2);
    return p->tokens[after].kind == TOK_LBRACE;
}

static TgNode *typed_fn(TgParser *p) {
    tg_parser_foreign_form(p, p->at, p->at, "types in declarations", fn_hint(p, p->at + 1));
    return fn_after_word(p);
}

static TgNode *foreign_name(TgParser *p) {
    TgTokenKind next = tg_parser_on_line(p, 1);
    bool is_plain = next == TOK_NAME;
    if (is_plain && tg_parser_is_one_of(p, p->at, fn_words)) return as_fn(p);
    if (is_plain && tg_parser_is_one_of(p, p->at, let_words)) return after_prefix(p);
    if (is_declared_type(p)) return typed_let(p);
    if (is_declared_fn(p)) return typed_fn(p);
    if (tg_parser_starts_operand(next) && tg_parser_is_word(p, p->at, "throw")) {
        foreign_word(p, NULL);
        return tg_parse_raise(p);
    }
    if (is_plain && tg_parser_is_one_of(p, p->at, prefix_words)) return after_prefix(p);
    bool is_declaration = next == TOK_FN || next == TOK_CLASS || next == TOK_LET ||
                          next == TOK_WITH || next == TOK_FOR;
    if (is_declaration && tg_parser_is_one_of(p, p->at, prefix_words)) return after_prefix(p);
    if (is_plain && tg_parser_is_one_of(p, p->at, scope_words)) return skipped(p);
    bool has_block = next == TOK_LBRACE;
    if (has_block && tg_parser_is_word(p, p->at, "do")) return as_do(p);
    if (has_block && tg_parser_is_word(p, p->at, "loop")) return as_while(p, false);
    bool is_skipped = tg_parser_is_one_of(p, p->at, skipped_words);
    if ((!is_skipped && !tg_parser_is_one_of(p, p->at, header_words)) || !tg_parser_has_header(p))
        return NULL;
    if (is_skipped) return skipped(p);
    return tg_parser_is_word(p, p->at, "foreach") ? as_for(p) : as_while(p, true);
}

// ---- x: Int, -> Int

void tg_parse_foreign_type(TgParser *p) {
    bool is_result = p->kind == TOK_ARROW && p->text[p->tokens[p->at].start] == '-';
    if ((p->kind != TOK_COLON && !is_result) || p->panic || tg_parser_on_line(p, 1) != TOK_NAME)
        return;
    TgTokenKind after = tg_parser_on_line(p, 2);
    if (is_result && after != TOK_LBRACE && after != TOK_COLON && after != TOK_LBRACKET &&
        after != TOK_DOT)
        return;
    if (is_result) tg_diags_drop(p->diags, tg_parser_start(p), tg_parser_end(p));
    uint32_t colon_said = p->colon_said;
    if (!p->types_said)
        tg_parser_foreign_form(p, p->at, p->at + 1, "types in declarations",
                               "leave them out; x is Int asks for one");
    p->types_said = true;
    p->colon_said = colon_said;
    tg_parser_advance(p);
    tg_parse_postfix(p);
}

// ---- x++, ++x

static bool is_twice(const TgParser *p, uint32_t token, TgTokenKind kind) {
    const TgToken *sign = &p->tokens[token];
    return sign->kind == kind && sign[1].kind == kind && sign->end == sign[1].start &&
           !sign[1].line_start;
}

static bool ends_statement(TgTokenKind kind) {
    return kind == TOK_NEWLINE || kind == TOK_SEMICOLON || kind == TOK_RBRACE || kind == TOK_RPAREN;
}

void tg_parse_step(TgParser *p, uint32_t first) {
    for (TgTokenKind kind = TOK_PLUS; kind <= TOK_MINUS; kind++) {
        if (p->panic || p->kind != kind || !is_twice(p, p->at, kind)) continue;
        uint32_t after = p->at + 2;
        // In an expression `a --` may go on in the next line; a statement ends there.
        bool is_end = p->tokens[after].line_start || p->tokens[after].kind == TOK_END;
        if (is_end && kind == TOK_MINUS && first != p->statement) continue;
        if (!is_end && !ends_statement((TgTokenKind)p->tokens[after].kind)) continue;
        const char *sign = kind == TOK_PLUS ? "+" : "-";
        const char *name = tg_parser_source(p, first, p->at - 1, "x");
        if (!tg_parser_objects(p)) return;
        tg_diag_add(p->diags, DIAG_FOREIGN_OPERATOR, p->tokens[p->at].start,
                    p->tokens[p->at + 1].end, kind == TOK_PLUS ? "++" : "--",
                    tg_parser_format(p, "%s %s= 1", name, sign));
        skip_to(p, after);
    }
}

// `++i` as a statement. `--i` is an expression, if one that changes nothing.
static bool is_step_before(const TgParser *p) {
    if (p->panic || p->kind != TOK_PLUS) return false;
    return is_twice(p, p->at, TOK_PLUS) && tg_parser_on_line(p, 2) == TOK_NAME &&
           ends_statement(tg_parser_on_line(p, 3));
}

static TgNode *step_before(TgParser *p) {
    uint32_t first = p->at;
    if (tg_parser_objects(p)) {
        tg_diag_add(p->diags, DIAG_FOREIGN_OPERATOR, p->tokens[first].start,
                    p->tokens[first + 1].end, "++",
                    tg_parser_format(p, "%s += 1", tg_parser_word(p, first + 2)));
    }
    skip_to(p, first + 3);
    return tg_parser_hole(p, first);
}

// `print "x"`, `echo x`
static TgNode *bare_call(TgParser *p) {
    static const char *const callees[] = {"print", "puts", "assert",  "exit",
                                          "sleep", "len",  "require", NULL};
    TgTokenKind next = tg_parser_on_line(p, 1);
    bool is_text = next == TOK_STRING || next == TOK_STRING_BEGIN;
    bool is_value = tg_parser_starts_operand(next) && next != TOK_FN && next != TOK_SPAWN;
    if (p->kind != TOK_NAME || p->panic) return NULL;
    if (!is_value || (!is_text && !tg_parser_is_one_of(p, p->at, callees))) return NULL;
    const TgToken *text = &p->tokens[p->at + 1];
    if (is_text && text->start == p->tokens[p->at].end) return NULL; // f"…"
    uint32_t first = p->at, last = first;
    if (tg_parser_habit(p, first)) return NULL; // echo "x": the word itself is foreign
    while (p->tokens[last + 1].kind != TOK_END &&
           !ends_statement((TgTokenKind)p->tokens[last + 1].kind) &&
           !p->tokens[last + 1].line_start)
        last++;
    const char *call = tg_parser_format(p, "%s(%s)", tg_parser_word(p, first),
                                        tg_parser_source(p, first + 1, last, "…"));
    if (tg_parser_objects(p)) {
        tg_diag_add(p->diags, DIAG_CALL_PARENS, p->tokens[first].start, p->tokens[last].end, call);
    }
    tg_parser_advance(p);
    tg_parse_value_list(p);
    return tg_parser_hole(p, first);
}

TgNode *tg_parse_foreign(TgParser *p) {
    if (skip_comment(p)) return tg_parser_hole(p, p->at);
    if (is_step_before(p)) return step_before(p);
    if (p->kind != TOK_NAME || p->panic) return NULL;
    TgNode *node = foreign_name(p);
    return node ? node : bare_call(p);
}

void tg_parser_foreign_word(TgParser *p) {
    foreign_word(p, NULL);
}

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

void tg_parse_foreign_for(TgParser *p) {
    uint32_t open = p->at, after = after_brackets(p, open);
    bool has_steps = false, has_in = false;
    for (uint32_t i = open; i < after; i++) {
        has_steps |= p->tokens[i].kind == TOK_SEMICOLON;
        has_in |= p->tokens[i].kind == TOK_IN;
    }
    const char *hint = has_steps ? counting_loop(p, open, after - 1) : NULL;
    if (!hint && has_in && p->tokens[after - 1].kind == TOK_RPAREN && after > open + 2) {
        uint32_t from = open + 1;
        while (p->tokens[from].kind == TOK_LET ||
               (p->tokens[from].kind == TOK_NAME && p->tokens[from + 1].kind == TOK_NAME))
            from++;
        hint = tg_parser_format(p, "write for %s { … }",
                                tg_parser_source(p, from, after - 2, "item in items"));
    }
    if (!hint) hint = "write for item in items { … }, or for i in 0..10 { … }";
    tg_parser_foreign_form(p, open, open, has_steps ? "for (…; …; …)" : "parentheses after for",
                           hint);
    skip_to(p, after);
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
    foreign_word(p, tg_parser_format(p, "an anonymous function is written fn(%s) => …", params));
    skip_to(p, has_body ? colon + 1 : colon);
    if (has_body) tg_parse_expression(p);
    return tg_parser_hole(p, first);
}

static bool is_anonymous(const TgParser *p) {
    // In a header the '{' is the block's: `if def(x) {` calls what is named so.
    if (p->mode.header || tg_parser_on_line(p, 1) != TOK_LPAREN) return false;
    if (!tg_parser_is_one_of(p, p->at, fn_words)) return false;
    uint32_t after = after_brackets(p, p->at + 1);
    return p->tokens[after].kind == TOK_LBRACE && !p->tokens[after].line_start;
}

static TgNode *anonymous(TgParser *p) {
    TgNode *node = tg_parser_node(p, NODE_FN, p->at);
    foreign_word(p, "an anonymous function is written fn(x) { … } or fn(x) => x + 1");
    tg_parser_advance(p);
    node->fn = tg_parse_fn(p, (TgText){"", 0}, node->first);
    return tg_parser_finish(p, node);
}

TgNode *tg_parse_foreign_operand(TgParser *p) {
    static const char *const words[] = {"await", "new",   "yield",  "typeof", "go",
                                        "defer", "del",   "delete", "echo",   "println",
                                        "async", "throw", NULL};
    TgNode *text = prefixed_string(p);
    if (text) return text;
    if (is_anonymous(p)) return anonymous(p);
    TgTokenKind next = tg_parser_on_line(p, 1);
    bool is_lambda =
        (next == TOK_NAME || next == TOK_COLON) && tg_parser_is_word(p, p->at, "lambda");
    if (is_lambda) return as_arrow(p);
    if (!tg_parser_starts_operand(next) || !tg_parser_is_one_of(p, p->at, words)) return NULL;
    foreign_word(p, tg_parser_is_word(p, p->at, "new") && next == TOK_NAME
                        ? tg_parser_format(
                              p, "leave it out: an instance is made by calling its class, %s(…)",
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
