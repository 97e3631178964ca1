// lang/parse_block.c
// The parser's blocks, where statements end, and how it goes on after an error.
//
// A statement in error is skipped up to where the next one begins: a line at the same bracket
// depth, a
// ';' or the '}' of its block. Blocks inside have their own loop, so one error costs one statement.
// Layer: front end, private to the parser.
#include "lang/parser_impl.h"
#include "vm/class.h"

#include <stdio.h>
#include <string.h>

static const TgParseMode IN_BLOCK = {.newlines = true, .header = false};

// ---- recovery

static bool starts_statement(TgTokenKind kind) {
    switch (kind) {
    case TOK_BREAK:
    case TOK_CLASS:
    case TOK_CONTINUE:
    case TOK_IMPORT:
    case TOK_LET:
    case TOK_NURSERY:
    case TOK_RAISE:
    case TOK_RETURN:
    case TOK_SELECT:
    case TOK_SHIELD:
    case TOK_TIMEOUT:
    case TOK_TRY:
    case TOK_WHILE:
    case TOK_WITH: return true;
    default: return false;
    }
}

static bool is_closer(TgTokenKind kind) {
    return kind == TOK_RPAREN || kind == TOK_RBRACKET || kind == TOK_RBRACE;
}

// Open brackets since the start of a statement.
typedef struct {
    int braces, others;
} Depth;

static void count_brackets(Depth *depth, TgTokenKind kind) {
    switch (kind) {
    case TOK_LBRACE: depth->braces++; break;
    case TOK_RBRACE: depth->braces--; break;
    case TOK_LPAREN:
    case TOK_LBRACKET:
    case TOK_STRING_BEGIN:
    case TOK_INTERP_BEGIN: depth->others++; break;
    case TOK_RPAREN:
    case TOK_RBRACKET:
    case TOK_STRING_END:
    case TOK_INTERP_END: depth->others--; break;
    default: break;
    }
}

// Whether the statement that began at `start` can be taken to end before token `i`. With brackets
// left open a line that is indented no deeper, or that no expression can hold, is a new statement.
static bool ends_before(const TgParser *p, uint32_t i, uint32_t start, Depth depth) {
    TgTokenKind kind = (TgTokenKind)p->tokens[i].kind;
    if (kind == TOK_END) return true;
    if (depth.braces > 0) return false;
    if (kind == TOK_RBRACE) return true;
    if (kind == TOK_SEMICOLON) return depth.others <= 0;
    if (!p->tokens[i].line_start || i == start || kind == TOK_DOT) return false;
    if (kind == TOK_ELSE || kind == TOK_EXCEPT || kind == TOK_FINALLY) return false;
    if (depth.others <= 0 || starts_statement(kind)) return true;
    return !is_closer(kind) && tg_parser_indent(p, i) <= tg_parser_indent(p, start);
}

static void synchronize(TgParser *p, uint32_t start) {
    // Every block around comes here when the text has ended: nothing to look for any more.
    if (p->tokens[p->at].kind == TOK_END) {
        tg_parser_skip_newline(p);
        return;
    }
    Depth depth = {0, 0};
    uint32_t i = start;
    for (; i < p->at; i++) count_brackets(&depth, (TgTokenKind)p->tokens[i].kind);
    // What was passed already may hold the brace that ends a block inside; it is no reason to stop.
    if (depth.braces < 0) depth.braces = 0;
    while (!ends_before(p, i, start, depth)) {
        count_brackets(&depth, (TgTokenKind)p->tokens[i].kind);
        i++;
    }
    p->at = i;
    p->mode = IN_BLOCK;
    tg_parser_skip_newline(p);
    // At the end of the text all that could still be said would be a consequence.
    p->panic = p->kind == TOK_END;
}

// A block is expected but an error came first: finds its '{' on this line, so that what is in the
// block is read as what it is.
static bool find_block(TgParser *p) {
    if (p->stopped) return false;
    for (uint32_t i = p->at;; i++) {
        TgTokenKind kind = (TgTokenKind)p->tokens[i].kind;
        bool is_line_end = i > p->at && p->tokens[i].line_start;
        if (is_line_end || kind == TOK_END || kind == TOK_RBRACE || kind == TOK_SEMICOLON)
            return false;
        if (kind != TOK_LBRACE) continue;
        p->at = i;
        p->panic = false;
        tg_parser_skip_newline(p);
        return true;
    }
}

// ---- blocks

// Of a name with an operand behind it: a keyword that was mistyped, or a call.
static const char *call_hint(const TgParser *p, uint32_t name, uint32_t start) {
    static const char *const keywords[] = {"return", "raise", "import", "spawn", "while",  "class",
                                           "from",   "with",  "let",    "for",   "timeout"};
    const char *word = tg_parser_word(p, name);
    const char *near = tg_nearest(word, keywords, sizeof keywords / sizeof *keywords);
    if (near && name == start) return tg_parser_format(p, "did you mean '%s'?", near);
    return tg_parser_format(p, "a call needs parentheses: %s(…)", word);
}

static const char *colon_hint(const TgParser *p, uint32_t start) {
    TgTokenKind next = tg_parser_ahead(p, 1);
    bool is_name = p->at == start + 1 && p->tokens[start].kind == TOK_NAME;
    if (next == TOK_COLON) return "a member is taken with '.': a.b";
    if (p->at == start + 1 && start > 0 && p->tokens[start - 1].kind == TOK_LBRACE)
        return "'{' at the start of a statement is a block; a Map stands in parentheses: ({a: 1})";
    if (is_name && next == TOK_NAME)
        return tg_parser_format(p, "types are not declared: let %s = …", tg_parser_word(p, start));
    return tg_parser_habit(p, start);
}

// Why a statement that began at `start` does not end where it should; NULL where there is no
// telling.
static const char *statement_hint(const TgParser *p, uint32_t start) {
    uint32_t before = p->at - 1;
    TgTokenKind kind = (TgTokenKind)p->tokens[before].kind;
    bool is_let = p->tokens[start].kind == TOK_LET || tg_parser_habit(p, start);
    if (p->kind == TOK_ASSIGN && is_let) return tg_parser_each_let;
    if (p->kind == TOK_COLON) return colon_hint(p, start);
    const char *habit = tg_parser_habit(p, start);
    if (!habit) habit = tg_parser_habit(p, before);
    if (!habit) habit = tg_parser_habit(p, p->at);
    if (habit) return habit;
    if (p->kind == TOK_ARROW) return tg_parser_arrow_hint;
    if (p->kind == TOK_COMMA && p->tokens[start].kind == TOK_RAISE)
        return "the message stands in parentheses: raise ValueError(\"…\")";
    if (p->kind == TOK_ASSIGN)
        return "an assignment is a statement: write each on a line of its own";
    if (p->kind == TOK_COMMA && p->tokens[start].kind == TOK_IMPORT)
        return "one module for each import";
    bool is_operand = tg_parser_starts_operand((TgTokenKind)p->kind);
    if (before > 0 && p->tokens[before - 1].kind == TOK_SLASH_SLASH)
        return "comments begin with '#'";
    if (kind == TOK_NAME && is_operand) return call_hint(p, before, start);
    bool is_text = kind == TOK_STRING || kind == TOK_STRING_END;
    if (is_text && is_operand) return "Strings are joined by '+', or written as one: \"{a}{b}\"";
    return NULL;
}

static void end_statement(TgParser *p, uint32_t start) {
    if (p->panic || tg_parser_at_bare_end(p)) return;
    switch (p->kind) {
    case TOK_NEWLINE:
    case TOK_SEMICOLON:
    case TOK_RBRACE:
    case TOK_END: return;
    case TOK_ELSE:
    case TOK_EXCEPT:
    case TOK_FINALLY:
        // The next statement says what is wrong with it.
        if (p->tokens[p->at].line_start) return;
        break;
    default: break;
    }
    if (p->tokens[p->at - 1].kind == TOK_RBRACE) return;
    if (!tg_parser_fails(p)) return;
    tg_diag_add_hint(p->diags, DIAG_STATEMENT_END, tg_parser_start(p), tg_parser_end(p),
                     statement_hint(p, start), tg_parser_found(p));
}

// A '}' too many: the one to blame is rather an earlier one that stands further to the right than
// the line whose '{' it closes.
static void stray_brace(TgParser *p) {
    uint32_t count = 0, *open = tg_arena_alloc(p->arena, (p->at + 1) * sizeof *open);
    uint32_t blamed = p->at;
    const char *hint = NULL;
    for (uint32_t i = 0; i < p->at && !hint; i++) {
        if (p->tokens[i].kind == TOK_LBRACE) open[count++] = i;
        if (p->tokens[i].kind != TOK_RBRACE || !count--) continue;
        if (!p->tokens[i].line_start || tg_parser_indent(p, i) <= tg_parser_indent(p, open[count]))
            continue;
        blamed = i;
        hint = tg_parser_format(p,
                                "it closes the '{' on line %s, which its indentation does not fit: "
                                "it may be one too many",
                                tg_parser_line(p, open[count]));
    }
    tg_diag_add_hint(p->diags, DIAG_STRAY_CLOSE, p->tokens[blamed].start, p->tokens[blamed].end,
                     hint, "}");
}

// Statements up to the '}' of their block, or in a module the end of the text.
static void parse_statements(TgParser *p, bool is_module) {
    for (;;) {
        tg_parser_skip_newline(p);
        if (p->kind == TOK_END || tg_parser_at_bare_end(p)) return;
        if (p->kind == TOK_SEMICOLON) {
            tg_parser_advance(p);
            continue;
        }
        if (p->kind == TOK_RBRACE) {
            if (!is_module) return;
            // After another error it is most likely that error's own block which ends here.
            if (p->diags->count == 0 && tg_parser_objects(p)) stray_brace(p);
            tg_parser_advance(p);
            continue;
        }
        uint32_t start = p->at;
        TgNode *statement = tg_parse_statement(p);
        tg_parser_push(p, statement);
        end_statement(p, start);
        if (p->panic) synchronize(p, start);
    }
}

void tg_parse_bare_statements(TgParser *p, TgNode *node) {
    uint32_t mark = p->scratch_count;
    parse_statements(p, false);
    node->list = tg_parser_take(p, mark);
}

TgNode *tg_parse_module(TgParser *p) {
    TgNode *node = tg_parser_node(p, NODE_BLOCK, 0);
    parse_statements(p, true);
    node->list = tg_parser_take(p, 0);
    return tg_parser_finish(p, node);
}

// A block without braces, unless a '{' is to be found on the line.
static bool is_bare_block(TgParser *p) {
    if (p->kind == TOK_LBRACE && !p->panic) return false;
    for (uint32_t i = p->at; p->tokens[i].kind != TOK_END; i++) {
        if (i > p->at && p->tokens[i].line_start) break;
        if (p->tokens[i].kind == TOK_LBRACE &&
            (i == p->at || p->tokens[i - 1].kind == TOK_RPAREN || p->panic))
            return false;
    }
    return tg_parser_reach_bare(p);
}

static void expected_block(TgParser *p) {
    if (!tg_parser_fails(p)) return;
    const char *hint = p->kind == TOK_NEWLINE || p->at == 0 ? NULL : tg_parser_braces_hint(p);
    if (p->kind == TOK_NAME && tg_parser_habit(p, p->at)) hint = tg_parser_habit(p, p->at);
    tg_diag_add_hint(p->diags, DIAG_EXPECTED_BLOCK, tg_parser_start(p), tg_parser_end(p), hint,
                     tg_parser_found(p));
}

// Gets to the '{' of a block; false where there is none.
static bool reach_block(TgParser *p) {
    if (p->kind == TOK_LBRACE && !p->panic) return true;
    bool is_below = p->kind == TOK_NEWLINE && p->tokens[p->at].kind == TOK_LBRACE;
    expected_block(p);
    return p->panic && (is_below || !p->stopped) && find_block(p);
}

// Steps over the '{' of a block; `leave_braces` takes back what this gave.
typedef struct {
    TgParseMode mode;
    int64_t brace_indent;
    bool is_bare;
} Outside;

static Outside enter_braces(TgParser *p) {
    Outside outside = {p->mode, p->brace_indent, p->is_bare};
    p->brace_indent = tg_parser_indent(p, p->at);
    p->is_bare = false;
    tg_parser_open(p, IN_BLOCK);
    return outside;
}

static void leave_braces(TgParser *p, uint32_t open, Outside outside) {
    p->brace_indent = outside.brace_indent;
    p->is_bare = outside.is_bare;
    tg_parser_close(p, TOK_RBRACE, open, outside.mode);
}

TgNode *tg_parse_block(TgParser *p) {
    TgNode *node = tg_parser_node(p, NODE_BLOCK, p->at);
    if (is_bare_block(p)) return tg_parse_bare_block(p);
    if (!reach_block(p) || !tg_parser_enter(p)) return node;
    uint32_t open = p->at, mark = p->scratch_count;
    node->first = open;
    Outside outside = enter_braces(p);
    parse_statements(p, false);
    node->list = tg_parser_take(p, mark);
    leave_braces(p, open, outside);
    tg_parser_leave(p);
    return tg_parser_finish(p, node);
}

// The members of a class without braces: methods keep what they are.
static void parse_bare_members(TgParser *p, TgNode *whole) {
    TgNode *block = tg_parse_bare_block(p);
    for (uint32_t i = 0; i < block->list.count; i++) {
        TgNode *member = block->list.items[i];
        if (member->kind == NODE_FN_DECL && member->fn) member->fn->is_method = true;
    }
    if (whole->kind == NODE_CLASS) whole->list = block->list;
}

void tg_parse_members(TgParser *p, TgNode *whole, TgParseMember parse_member) {
    if (is_bare_block(p)) {
        parse_bare_members(p, whole);
        return;
    }
    if (!reach_block(p) || !tg_parser_enter(p)) return;
    uint32_t open = p->at, mark = p->scratch_count;
    Outside outside = enter_braces(p);
    for (;;) {
        tg_parser_skip_newline(p);
        if (p->kind == TOK_SEMICOLON) {
            tg_parser_advance(p);
            continue;
        }
        if (p->kind == TOK_RBRACE || p->kind == TOK_END) break;
        uint32_t start = p->at;
        TgNode *member = parse_member(p, whole);
        if (member) tg_parser_push(p, member);
        end_statement(p, start);
        if (p->panic) synchronize(p, start);
        // An else or except in front of a line is no place to stop at, but neither to stay at.
        if (p->at == start) tg_parser_advance(p);
    }
    whole->list = tg_parser_take(p, mark);
    leave_braces(p, open, outside);
    tg_parser_leave(p);
}
