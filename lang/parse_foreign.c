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

const char *const tg_parser_fn_words[] = {"def", "function", "func", "fun", "sub", "proc", NULL};
static const char *const let_words[] = {"var", "const", "local", "val", "auto", NULL};
static const char *const type_words[] = {"int",  "void", "float", "double", "string",
                                         "bool", "char", "long",  NULL};
static const char *const skipped_words[] = {
    "switch",  "match",     "struct", "enum", "interface", "impl",    "trait",
    "package", "namespace", "using",  "use",  "typedef",   "include", NULL};
static const char *const header_words[] = {"unless", "until", "foreach", NULL};
static const char *const prefix_words[] = {"async",  "export", "public", "private",
                                           "static", "final",  NULL};
static const char *const scope_words[] = {"global", "nonlocal", NULL};

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

uint32_t tg_parser_after_brackets(const TgParser *p, uint32_t open) {
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
        if (kind == TOK_LPAREN || kind == TOK_LBRACKET) at = tg_parser_after_brackets(p, at) - 1;
    }
    return false;
}

// `word x`, `word (x) {`: a call or an expression goes on otherwise.
bool tg_parser_has_header(const TgParser *p) {
    TgTokenKind next = tg_parser_on_line(p, 1);
    if (next == TOK_LPAREN) return opens_block(p, tg_parser_after_brackets(p, p->at + 1));
    bool is_not = next == TOK_NOT && tg_parser_on_line(p, 2) != TOK_IN;
    return is_not || tg_parser_starts_operand(next);
}

uint32_t tg_parser_last_of(const TgParser *p, uint32_t token) {
    for (uint32_t at = token, next;; at = next) {
        TgTokenKind kind = (TgTokenKind)p->tokens[at].kind;
        bool opens = kind == TOK_LPAREN || kind == TOK_LBRACKET || kind == TOK_LBRACE;
        next = opens ? tg_parser_after_brackets(p, at) : at + 1;
        TgTokenKind after = (TgTokenKind)p->tokens[next].kind;
        bool is_end = after == TOK_END || p->tokens[next].line_start;
        if (is_end || after == TOK_SEMICOLON || after == TOK_RBRACE) return next - 1;
    }
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

void tg_parser_foreign_word(TgParser *p, const char *hint) {
    if (!tg_parser_objects(p)) return;
    if (!hint) hint = tg_parser_habit(p, p->at);
    tg_diag_add_hint(p->diags, DIAG_FOREIGN_WORD, p->tokens[p->at].start, p->tokens[p->at].end,
                     hint, tg_parser_word(p, p->at));
    p->colon_said = true; // the ':' of the same header is part of the habit
}

void tg_parser_skip_to(TgParser *p, uint32_t token) {
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
    for (token += 2; token->kind != TOK_END && !token->line_start; token++)
        if (token->kind == TOK_NAME && token[1].kind == TOK_NAME && !token[1].line_start) return true;
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
    tg_parser_skip_to(p, last + 1);
    return true;
}

// ---- statements

// `M.` in front of the name of what Lua calls `function M.f()`, `function M:f()`.
static bool is_owner(const TgParser *p, uint32_t token) {
    const TgToken *at = &p->tokens[token];
    if (at->kind != TOK_NAME || (at[1].kind != TOK_DOT && at[1].kind != TOK_COLON)) return false;
    return at[2].kind == TOK_NAME;
}

// From the word that stands for `fn` on.
static TgNode *fn_after_word(TgParser *p) {
    TgNode *node = tg_parser_node(p, NODE_FN_DECL, p->at);
    tg_parser_advance(p);
    while (is_owner(p, p->at)) tg_parser_skip_to(p, p->at + 2);
    uint32_t token = p->at;
    node->c = tg_parser_name(p);
    node->fn = tg_parse_fn(p, node->c ? node->c->name : (TgText){"", 0}, token);
    return tg_parser_finish(p, node);
}

bool tg_parser_is_c_type(const TgParser *p) {
    TgTokenKind next = tg_parser_ahead(p, tg_parser_ahead(p, 1) == TOK_STAR ? 2 : 1);
    return p->kind == TOK_NAME && next == TOK_NAME && tg_parser_is_one_of(p, p->at, type_words);
}

// The name in one parameter: `a: Int` and `a int` have it in front, `int a` behind.
static uint32_t param_name(const TgParser *p, uint32_t first, uint32_t end) {
    uint32_t name = first;
    if (!tg_parser_is_one_of(p, first, type_words)) return name;
    while (name + 1 < end && p->tokens[name + 1].kind != TOK_ASSIGN) name++;
    return name;
}

static uint32_t end_of_param(const TgParser *p, uint32_t at, uint32_t last, bool *has_type) {
    while (at <= last && p->tokens[at].kind != TOK_COMMA) {
        TgTokenKind kind = (TgTokenKind)p->tokens[at].kind;
        TgTokenKind next = (TgTokenKind)p->tokens[at + 1].kind;
        *has_type |= kind == TOK_COLON || (kind == TOK_NAME && next == TOK_NAME);
        bool opens = kind == TOK_LPAREN || kind == TOK_LBRACKET || kind == TOK_LBRACE;
        at = opens ? tg_parser_after_brackets(p, at) : at + 1;
    }
    return at;
}

// The parameters between two tokens; of those with types the names only: "a, b".
static const char *params_source(const TgParser *p, uint32_t first, uint32_t last) {
    char names[160] = "";
    bool has_type = first == last && tg_parser_is_word(p, first, "void");
    for (uint32_t at = first, end; at <= last; at = end + 1) {
        end = end_of_param(p, at, last, &has_type);
        uint32_t name = param_name(p, at, end);
        size_t used = strlen(names);
        if (tg_parser_is_word(p, name, "void")) continue;
        snprintf(names + used, sizeof names - used, "%s%s", used ? ", " : "",
                 tg_parser_word(p, name));
    }
    return has_type ? tg_parser_format(p, "%s", names) : tg_parser_source(p, first, last, "…");
}

// "fn greet(name) { … }" out of what stands behind the word.
static const char *fn_hint(const TgParser *p, uint32_t name) {
    if (is_owner(p, name)) return "functions of a file are its fn, methods those in class M { … }";
    if (p->tokens[name].kind != TOK_NAME || p->tokens[name + 1].kind != TOK_LPAREN) return NULL;
    uint32_t end = tg_parser_after_brackets(p, name + 1) - 1, first = name + 2;
    bool is_method = p->tokens[first].kind == TOK_SELF; // which is right without it
    if (is_method) first += p->tokens[first + 1].kind == TOK_COMMA ? 2 : 1;
    return tg_parser_format(p, "%s declared with fn: fn %s(%s) { … }",
                            is_method ? "methods are" : "functions are", tg_parser_word(p, name),
                            first < end ? params_source(p, first, end - 1) : "");
}

static const char *let_hint(const TgParser *p, uint32_t name) {
    uint32_t last = tg_parser_last_of(p, name), value = name, signs = 0;
    for (uint32_t at = last; at > name; at--) {
        if (p->tokens[at].kind != TOK_ASSIGN) continue;
        value = at;
        signs++;
    }
    if (signs > 1) return tg_parser_each_let;
    bool has_type = value > name + 1 && p->tokens[name + 1].kind != TOK_COMMA;
    const char *names = has_type ? tg_parser_word(p, name)
                                 : tg_parser_source(p, name, signs ? value - 1 : last, "x");
    return tg_parser_format(p, "variables are declared with let: let %s%s%s", names,
                            signs ? " = " : "",
                            signs ? tg_parser_source(p, value + 1, last, "…") : "");
}

static TgNode *as_fn(TgParser *p) {
    bool is_init = tg_parser_is_word(p, p->at + 1, "__init__");
    tg_parser_foreign_word(p, is_init ? "the method that sets up an instance is fn init(x) { … }"
                                      : fn_hint(p, p->at + 1));
    return fn_after_word(p);
}

// `while …` under another name; `condition` NULL: for ever.
static TgNode *as_while(TgParser *p, bool has_condition, const char *hint) {
    TgNode *node = tg_parser_node(p, NODE_WHILE, p->at);
    tg_parser_foreign_word(p, hint);
    tg_parser_advance(p);
    node->a = has_condition ? tg_parse_header(p) : tg_parser_hole(p, p->at);
    node->b = tg_parse_block(p);
    return tg_parser_finish(p, node);
}

// `do { … } while (x)`
static TgNode *as_do(TgParser *p) {
    TgNode *node = as_while(p, false, "write while true { …; if x == 1 { break } }");
    if (p->kind == TOK_WHILE || (p->kind == TOK_NAME && tg_parser_is_word(p, p->at, "until"))) {
        tg_parser_advance(p);
        tg_parse_header(p);
    }
    return node;
}

// `until x` at the end of a `repeat`.
static bool has_block_on_line(const TgParser *p) {
    uint32_t last = tg_parser_last_of(p, p->at);
    TgTokenKind kind = (TgTokenKind)p->tokens[last].kind;
    return kind == TOK_RBRACE || kind == TOK_COLON || tg_parser_is_word(p, last, "do");
}

static TgNode *until_alone(TgParser *p) {
    uint32_t first = p->at, last = tg_parser_last_of(p, first);
    tg_parser_foreign_word(
        p, tg_parser_format(p, "write while true { …; if %s { break } }",
                            last > first ? tg_parser_source(p, first + 1, last, "x") : "x"));
    tg_parser_skip_to(p, last + 1);
    return tg_parser_hole(p, first);
}

// Up to the end of a construct that has no counterpart: its line, and the block that begins there.
static TgNode *skipped(TgParser *p, const char *hint) {
    uint32_t first = p->at, at = first;
    tg_parser_foreign_word(p, hint);
    uint32_t indent = tg_parser_indent(p, first);
    while (p->tokens[at].kind != TOK_END && (at == first || !p->tokens[at].line_start)) {
        at = p->tokens[at].kind == TOK_LBRACE ? tg_parser_after_brackets(p, at) : at + 1;
    }
    // A block without braces: the lines further to the right.
    bool has_braces = p->tokens[at - 1].kind == TOK_RBRACE;
    while (!has_braces && p->tokens[at].kind != TOK_END &&
           (!p->tokens[at].line_start || tg_parser_indent(p, at) > indent))
        at++;
    tg_diags_drop(p->diags, p->tokens[first].end, p->tokens[at].start); // signs in what is skipped
    tg_parser_skip_to(p, at);
    return tg_parser_hole(p, first);
}

// `local function f()`, `async def f()`, `export class A`: the second word says what it is.
static TgNode *after_prefix(TgParser *p) {
    uint32_t first = p->at;
    bool is_let = tg_parser_is_one_of(p, first, let_words),
         is_fn = tg_parser_is_one_of(p, first + 1, tg_parser_fn_words);
    tg_parser_foreign_word(p, is_let && !is_fn ? let_hint(p, first + 1)
                              : is_let         ? fn_hint(p, first + 2)
                                               : NULL);
    if (is_fn) {
        tg_parser_advance(p);
        return fn_after_word(p);
    }
    if (is_let) return tg_parse_let(p); // from the word on, as if it were `let`
    tg_parser_advance(p);
    if (p->kind == TOK_NAME && tg_parser_is_word(p, p->at, "default")) tg_parser_advance(p);
    return tg_parse_statement(p);
}

static bool is_declared_type(const TgParser *p) {
    uint32_t name = tg_parser_on_line(p, 1) == TOK_STAR ? 2 : 1;
    bool is_typed =
        tg_parser_on_line(p, name) == TOK_NAME && tg_parser_on_line(p, name + 1) == TOK_ASSIGN;
    return is_typed && tg_parser_is_one_of(p, p->at, type_words);
}

static TgNode *typed_let(TgParser *p) {
    bool is_pointer = tg_parser_on_line(p, 1) == TOK_STAR;
    tg_parser_foreign_form(p, p->at, p->at + is_pointer, "types in declarations",
                           let_hint(p, p->at + 1 + is_pointer));
    if (is_pointer) tg_parser_advance(p);
    return tg_parse_let(p);
}

// `int main() {`
static bool is_declared_fn(const TgParser *p) {
    if (tg_parser_on_line(p, 1) != TOK_NAME || tg_parser_on_line(p, 2) != TOK_LPAREN) return false;
    if (!tg_parser_is_one_of(p, p->at, type_words)) return false;
    uint32_t after = tg_parser_after_brackets(p, p->at + 2);
    return p->tokens[after].kind == TOK_LBRACE;
}

static TgNode *typed_fn(TgParser *p) {
    tg_parser_foreign_form(p, p->at, p->at, "types in declarations", fn_hint(p, p->at + 1));
    return fn_after_word(p);
}

static TgNode *foreign_name(TgParser *p) {
    TgTokenKind next = tg_parser_on_line(p, 1);
    bool is_plain = next == TOK_NAME;
    if (is_plain && tg_parser_is_one_of(p, p->at, tg_parser_fn_words)) return as_fn(p);
    if (is_plain && tg_parser_is_one_of(p, p->at, let_words)) return after_prefix(p);
    if (is_declared_type(p)) return typed_let(p);
    if (is_declared_fn(p)) return typed_fn(p);
    if (tg_parser_starts_operand(next) && tg_parser_is_word(p, p->at, "throw")) {
        tg_parser_foreign_word(p, NULL);
        return tg_parse_raise(p);
    }
    if (is_plain && tg_parser_is_one_of(p, p->at, prefix_words)) return after_prefix(p);
    bool is_declaration = next == TOK_FN || next == TOK_CLASS || next == TOK_LET ||
                          next == TOK_WITH || next == TOK_FOR;
    if (is_declaration && tg_parser_is_one_of(p, p->at, prefix_words)) return after_prefix(p);
    if (is_plain && tg_parser_is_one_of(p, p->at, scope_words)) return skipped(p, NULL);
    if (is_plain && tg_parser_is_word(p, p->at, "type"))
        return skipped(p, "types are not declared; a class is class Name { … }");
    bool has_block = next == TOK_LBRACE;
    if (has_block && tg_parser_is_word(p, p->at, "do")) return as_do(p);
    if (has_block && tg_parser_is_word(p, p->at, "loop")) return as_while(p, false, NULL);
    bool is_skipped = tg_parser_is_one_of(p, p->at, skipped_words);
    if ((!is_skipped && !tg_parser_is_one_of(p, p->at, header_words)) || !tg_parser_has_header(p))
        return NULL;
    if (is_skipped) return skipped(p, NULL);
    if (tg_parser_is_word(p, p->at, "foreach")) return tg_parse_foreign_foreach(p);
    if (tg_parser_is_word(p, p->at, "until") && !has_block_on_line(p)) return until_alone(p);
    return as_while(p, true, NULL);
}

// `++i` as a statement. `--i` is an expression, if one that changes nothing.
static bool is_step_before(const TgParser *p) {
    if (p->panic || p->kind != TOK_PLUS) return false;
    return tg_parser_is_twice(p, p->at, TOK_PLUS) && tg_parser_on_line(p, 2) == TOK_NAME &&
           tg_parser_ends_statement(tg_parser_on_line(p, 3));
}

static TgNode *step_before(TgParser *p) {
    uint32_t first = p->at;
    if (tg_parser_objects(p)) {
        tg_diag_add(p->diags, DIAG_FOREIGN_OPERATOR, p->tokens[first].start,
                    p->tokens[first + 1].end, "++",
                    tg_parser_format(p, "%s += 1", tg_parser_word(p, first + 2)));
    }
    tg_parser_skip_to(p, first + 3);
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
           !tg_parser_ends_statement((TgTokenKind)p->tokens[last + 1].kind) &&
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
