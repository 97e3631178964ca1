// lang/parser.c
// The parser's frame: cursor, errors, recovery, nodes. The grammar is in parse_expr.c,
// parse_stmt.c.
//
// It is a recursive descent parser; what chains to the left (operators, calls, else if) is a loop,
// and all real nesting is counted, so that neither it nor the walkers of its tree run out of C
// stack. Layer: front end.
#include "lang/parser_impl.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>

// Levels of nesting that a tree may have. Resolver and compiler recurse over it with a few frames
// of some hundred bytes for each, which has to fit into a stack of 8 MB with a sanitizer's
// redzones.
enum { MAX_NEST = 3000 };
// The parser's own share of the stack.
enum { STACK_SHARE = 2 * 1024 * 1024 };

// ---- cursor

// After these a newline does not end a statement: binary operators, assignments, ',' and '=>'.
static bool wants_more(const TgParser *p, uint32_t token) {
    TgTokenKind kind = p->tokens[token].kind;
    if (kind >= TOK_PLUS && kind <= TOK_COALESCE_ASSIGN) return kind != TOK_TILDE;
    switch (kind) {
    case TOK_COMMA:
    case TOK_ARROW:
    case TOK_DOT_DOT:
    case TOK_AND:
    case TOK_OR:
    case TOK_IN:
    case TOK_IS: return true;
    case TOK_NOT: return token > 0 && p->tokens[token - 1].kind == TOK_IS;
    default: return false;
    }
}

static bool goes_on(TgTokenKind kind) {
    return kind == TOK_DOT || kind == TOK_ELSE || kind == TOK_EXCEPT || kind == TOK_FINALLY;
}

void tg_parser_refresh(TgParser *p) {
    const TgToken *token = &p->tokens[p->at];
    p->kind = token->kind;
    if (!p->mode.newlines || !token->line_start || p->at == 0) return;
    if (goes_on(token->kind) || wants_more(p, p->at - 1)) return;
    p->kind = TOK_NEWLINE;
}

bool tg_parser_accept(TgParser *p, TgTokenKind kind) {
    if (p->kind != kind) return false;
    tg_parser_advance(p);
    return true;
}

TgText tg_parser_text(const TgParser *p, uint32_t token) {
    const TgToken *t = &p->tokens[token];
    return (TgText){p->text + t->start, t->end - t->start};
}

bool tg_parser_is_word(const TgParser *p, uint32_t token, const char *word) {
    TgText text = tg_parser_text(p, token);
    return text.length == strlen(word) && memcmp(text.at, word, text.length) == 0;
}

bool tg_parser_starts_operand(TgTokenKind kind) {
    switch (kind) {
    case TOK_NAME:
    case TOK_INT:
    case TOK_FLOAT:
    case TOK_STRING:
    case TOK_STRING_BEGIN:
    case TOK_NIL:
    case TOK_TRUE:
    case TOK_FALSE:
    case TOK_SELF:
    case TOK_SUPER:
    case TOK_FN:
    case TOK_SPAWN: return true;
    default: return false;
    }
}

TgParseMode tg_parser_open(TgParser *p, TgParseMode mode) {
    TgParseMode outer = p->mode;
    p->mode = mode;
    tg_parser_advance(p);
    return outer;
}

// Columns in front of the line that holds `token`; lines without end have none.
uint32_t tg_parser_indent(const TgParser *p, uint32_t token) {
    enum { FAR = 400 };
    uint32_t end = p->tokens[token].start, start = end > FAR ? end - FAR : 0;
    const char *newline = memrchr(p->text + start, '\n', end - start);
    if (newline) start = (uint32_t)(newline - p->text) + 1;
    uint32_t indent = 0;
    while (p->text[start + indent] == ' ' || p->text[start + indent] == '\t') indent++;
    return indent;
}

// Which '{' lacks its '}' where that of `open` was never met: an inner one, if the brace that
// closed it stands further to the left than its own line does.
static uint32_t find_unclosed(const TgParser *p, uint32_t open) {
    enum { ROOM = MAX_NEST + 1 };
    uint32_t count = 0, *stack = tg_arena_alloc(p->arena, ROOM * sizeof *stack);
    for (uint32_t i = open; p->tokens[i].kind != TOK_END; i++) {
        if (p->tokens[i].kind == TOK_LBRACE) {
            if (count == ROOM) return open;
            stack[count++] = i;
        } else if (p->tokens[i].kind == TOK_RBRACE && count) {
            uint32_t own = stack[--count];
            bool is_left = tg_parser_indent(p, i) < tg_parser_indent(p, own);
            if (p->tokens[i].line_start && is_left) return own;
        }
    }
    return open;
}

// The first line behind `open` that is indented as if the block were over, as a hint.
static const char *where_it_ends(const TgParser *p, uint32_t open) {
    uint32_t own = tg_parser_indent(p, open);
    for (uint32_t i = open + 1; p->tokens[i].kind != TOK_END; i++) {
        if (!p->tokens[i].line_start || tg_parser_indent(p, i) > own) continue;
        return tg_parser_format(p, "by its indentation the '}' is missing before line %s",
                                tg_parser_line(p, i));
    }
    return NULL;
}

static bool is_text(TgTokenKind kind) {
    return kind == TOK_STRING || kind == TOK_STRING_BEGIN || kind == TOK_STRING_END;
}

const char *tg_parser_beside_hint(const TgParser *p) {
    TgTokenKind before = (TgTokenKind)p->tokens[p->at - 1].kind;
    if (is_text(before) && is_text((TgTokenKind)p->kind))
        return "Strings are joined by '+', or written as one: \"{a}{b}\"";
    if (before == TOK_NAME && is_text((TgTokenKind)p->kind))
        return tg_parser_format(p, "a call needs parentheses: %s(…)", tg_parser_word(p, p->at - 1));
    return "put a ',' between the two, or the closing bracket";
}

void tg_parser_close(TgParser *p, TgTokenKind kind, uint32_t open, TgParseMode outer) {
    p->mode = outer;
    if (!p->panic && p->tokens[p->at].kind == kind) {
        tg_parser_advance(p);
        return;
    }
    const char *opening = tg_parser_word(p, open);
    if (p->kind == TOK_END || p->tokens[p->at].kind == TOK_END) {
        tg_parser_skip_newline(p);
        bool is_consequence = kind == TOK_RBRACE && p->unclosed;
        if (tg_parser_fails(p) && !is_consequence) {
            if (kind == TOK_RBRACE) open = find_unclosed(p, open);
            const char *hint =
                kind == TOK_RBRACE ? where_it_ends(p, open) : tg_parser_length_hint(p, open + 1);
            tg_diag_add_hint(p->diags, DIAG_NOT_CLOSED, p->tokens[open].start, p->tokens[open].end,
                             hint, opening, tg_token_text(kind));
        }
    } else if (tg_parser_fails(p)) {
        tg_parser_skip_newline(p); // inside brackets the line's end is not what is wrong
        char expected[24];
        bool is_item = tg_parser_starts_operand((TgTokenKind)p->kind);
        snprintf(expected, sizeof expected, is_item ? "',' or %s" : "%s", tg_token_name(kind));
        p->unclosed = true;
        const char *hint =
            p->kind == TOK_ARROW ? tg_parser_arrow_hint : tg_parser_length_hint(p, p->at);
        if (!hint) hint = tg_parser_length_hint(p, open + 1);
        if (!hint && is_item && !p->tokens[p->at].line_start) hint = tg_parser_beside_hint(p);
        if (p->kind == TOK_FOR && !p->tokens[p->at].line_start)
            hint = "a comprehension makes a List and stands in brackets: [x for x in xs]";
        tg_diag_add_hint(p->diags, DIAG_EXPECTED_CLOSE, tg_parser_start(p), tg_parser_end(p), hint,
                         expected, tg_parser_found(p), opening, tg_parser_line(p, open));
    }
    tg_parser_refresh(p);
}

// ---- errors

const char tg_parser_each_let[] = "declare each by itself: let a = 1; let b = 2";
const char tg_parser_arrow_hint[] = "an anonymous function is written fn(x) => x + 1";

bool tg_parser_fails(TgParser *p) {
    if (p->panic || p->stopped) return false;
    p->panic = true;
    // The lexer's ERROR has been reported already.
    if (p->kind == TOK_ERROR) return false;
    // Complaints about the end after other errors are mostly their consequence.
    if (p->kind != TOK_END)
        p->diags->unfinished = false;
    else if (p->diags->count == 0)
        p->diags->unfinished = true;
    return true;
}

bool tg_parser_objects(TgParser *p) {
    if (p->panic || p->stopped) return false;
    p->diags->unfinished = false;
    return true;
}

void tg_parser_may_go_on(TgParser *p) {
    if (p->tokens[p->at].kind == TOK_END) tg_parser_skip_newline(p);
}

uint32_t tg_parser_start(const TgParser *p) {
    bool is_line_end = p->kind == TOK_NEWLINE || (p->kind == TOK_END && p->at > 0);
    return is_line_end ? p->tokens[p->at - 1].end : p->tokens[p->at].start;
}

uint32_t tg_parser_end(const TgParser *p) {
    bool is_line_end = p->kind == TOK_NEWLINE || p->kind == TOK_END;
    return is_line_end ? tg_parser_start(p) : p->tokens[p->at].end;
}

// A word that is long enough for anything but a joke is cut, at a whole character.
static const char *short_copy(const TgParser *p, TgText text, const char *quote) {
    enum { LONGEST = 40 };
    bool is_cut = text.length > LONGEST;
    if (is_cut) text.length = LONGEST;
    while (is_cut && text.length && ((unsigned char)text.at[text.length] & 0xC0) == 0x80) {
        text.length--;
    }
    char *copy = tg_arena_alloc(p->arena, text.length + 8);
    sprintf(copy, "%s%.*s%s%s", quote, (int)text.length, text.at, is_cut ? "…" : "", quote);
    return copy;
}

const char *tg_parser_word(const TgParser *p, uint32_t token) {
    return short_copy(p, tg_parser_text(p, token), "");
}

const char *tg_parser_line(const TgParser *p, uint32_t token) {
    int line, column;
    tg_source_place(p->tree->tokens.source, p->tokens[token].start, &line, &column);
    char *text = tg_arena_alloc(p->arena, 16);
    snprintf(text, 16, "%d", line);
    return text;
}

const char *tg_parser_found(const TgParser *p) {
    if (p->kind == TOK_NAME || p->kind == TOK_INT || p->kind == TOK_FLOAT) {
        return short_copy(p, tg_parser_text(p, p->at), "'");
    }
    return tg_token_name((TgTokenKind)p->kind);
}

const char *tg_parser_habit(const TgParser *p, uint32_t token) {
    TgText text = tg_parser_text(p, token);
    return p->tokens[token].kind == TOK_NAME ? tg_diag_habit(text.at, text.length) : NULL;
}

void tg_parser_expected(TgParser *p, const char *what) {
    if (!tg_parser_fails(p)) return;
    const char *hint = tg_parser_habit(p, p->at);
    if (!hint && p->at > 0) hint = tg_parser_habit(p, p->at - 1); // "def foo", "lambda x"
    tg_diag_add_hint(p->diags, DIAG_EXPECTED, tg_parser_start(p), tg_parser_end(p), hint, what,
                     tg_parser_found(p));
}

bool tg_parser_expect(TgParser *p, TgTokenKind kind) {
    if (p->panic) return false;
    if (tg_parser_accept(p, kind)) return true;
    tg_parser_expected(p, tg_token_name(kind));
    return false;
}

bool tg_parser_enter(TgParser *p) {
    if (p->stopped) return false;
    if (p->nest < MAX_NEST && (uintptr_t)__builtin_frame_address(0) > p->stack_end) {
        p->nest++;
        return true;
    }
    if (tg_parser_objects(p)) {
        tg_diag_add(p->diags, DIAG_TOO_DEEP, tg_parser_start(p), tg_parser_end(p));
    }
    p->stopped = p->panic = true;
    p->at = p->tree->tokens.count - 1;
    p->kind = TOK_END;
    return false;
}

// ---- nodes

TgNode *tg_parser_node(TgParser *p, TgNodeKind kind, uint32_t first) {
    TgNode *node = tg_arena_alloc(p->arena, sizeof *node);
    node->kind = kind;
    node->first = node->last = first;
    return node;
}

TgNode *tg_parser_finish(TgParser *p, TgNode *node) {
    if (p->at > node->first) node->last = p->at - 1;
    return node;
}

TgNode *tg_parser_hole(TgParser *p, uint32_t first) {
    return tg_parser_finish(p, tg_parser_node(p, NODE_HOLE, first));
}

void tg_parser_push(TgParser *p, TgNode *node) {
    if (p->scratch_count == p->scratch_room) {
        uint32_t room = p->scratch_room ? p->scratch_room * 2 : 64;
        p->scratch = tg_arena_grow(p->arena, p->scratch, p->scratch_room * sizeof *p->scratch,
                                   room * sizeof *p->scratch);
        p->scratch_room = room;
    }
    p->scratch[p->scratch_count++] = node;
}

TgNodeList tg_parser_take(TgParser *p, uint32_t mark) {
    TgNodeList list = {.count = p->scratch_count - mark};
    assert(p->scratch_count >= mark);
    if (list.count) {
        list.items = tg_arena_alloc(p->arena, list.count * sizeof *list.items);
        memcpy(list.items, p->scratch + mark, list.count * sizeof *list.items);
    }
    p->scratch_count = mark;
    return list;
}

static TgNode *name_node(TgParser *p) {
    TgNode *node = tg_parser_node(p, NODE_NAME, p->at);
    node->name = tg_parser_text(p, p->at);
    tg_parser_advance(p);
    return node;
}

static void name_expected(TgParser *p) {
    if (!tg_token_is_keyword((TgTokenKind)p->kind))
        tg_parser_expected(p, "a name");
    else if (tg_parser_fails(p)) {
        const char *hint = p->kind == TOK_SELF ? "self is there without being declared" : NULL;
        tg_diag_add_hint(p->diags, DIAG_KEYWORD_NAME, tg_parser_start(p), tg_parser_end(p), hint,
                         tg_token_text((TgTokenKind)p->kind));
    }
}

TgNode *tg_parser_name_or_ignore(TgParser *p) {
    if (p->kind != TOK_NAME || p->panic) {
        name_expected(p);
        return NULL;
    }
    bool is_ignored = tg_parser_is_word(p, p->at, "_");
    TgNode *node = name_node(p);
    if (is_ignored) {
        node->kind = NODE_IGNORE;
        node->name = (TgText){0};
    }
    return node;
}

TgNode *tg_parser_name(TgParser *p) {
    uint32_t token = p->at;
    TgNode *node = tg_parser_name_or_ignore(p);
    if (!node || node->kind == NODE_NAME) return node;
    if (tg_parser_objects(p)) {
        tg_diag_add(p->diags, DIAG_IGNORED_NAME, p->tokens[token].start, p->tokens[token].end);
    }
    node->kind = NODE_NAME;
    node->name = tg_parser_text(p, token);
    return node;
}

TgNode *tg_parser_optional_name(TgParser *p) {
    TgNode *node = tg_parser_name_or_ignore(p);
    return node && node->kind == NODE_NAME ? node : NULL;
}

// ---- the whole

// A stack of the system's size leaves the parser its share of it, a smaller one a quarter.
static uintptr_t stack_end(void) {
    struct rlimit limit;
    uintptr_t share = STACK_SHARE;
    if (getrlimit(RLIMIT_STACK, &limit) == 0 && limit.rlim_cur != RLIM_INFINITY &&
        limit.rlim_cur / 4 < share) {
        share = (uintptr_t)limit.rlim_cur / 4;
    }
    return (uintptr_t)__builtin_frame_address(0) - share;
}

void tg_parse(TgTree *tree, TgArena *arena, const TgSource *source, TgDiags *diags) {
    *tree = (TgTree){.arena = arena, .tokens = tg_lex(arena, source, diags)};
    TgParser p = {
        .tree = tree,
        .arena = arena,
        .diags = diags,
        .tokens = tree->tokens.items,
        .text = source->text,
        .mode = {.newlines = true},
        .stack_end = stack_end(),
        .brace_indent = -1,
    };
    tg_parser_refresh(&p);
    tree->tree = tg_parse_module(&p);
}
