// lang/parser_impl.h
// What the rooms of the parser share: the cursor, errors and recovery (parser.c), expressions
// (parse_expr.c, parse_operand.c, parse_literal.c), statements (parse_block.c, parse_stmt.c).
// Nobody else includes it.
//
// The cursor shows the kind of the current token, or TOK_NEWLINE where a statement ends before it:
// so the rule of language.md section 1 is in one place (tg_parser_refresh) and the grammar reads
// plainly. After an error the parser is in panic: nothing is reported, everything returns what it
// has, and the statement loop skips to a place from which it can go on.
//
// Layer: front end, private to the parser.
#ifndef TG_LANG_PARSER_IMPL_H
#define TG_LANG_PARSER_IMPL_H

#include "lang/parser.h"

// What the brackets around say about newlines and braces.
typedef struct {
    bool newlines; // a newline ends the statement
    bool header;   // in front of a block: a '{' is taken for a Map only where it looks like one
} TgParseMode;

typedef struct {
    TgTree *tree;
    TgArena *arena;
    TgDiags *diags;
    const TgToken *tokens;
    const char *text; // of the source
    uint32_t at;      // the current token
    uint8_t kind;     // its kind, or TOK_NEWLINE
    TgParseMode mode;
    bool panic;      // an error was reported and not recovered from yet
    bool unclosed;   // a missing bracket was reported: what the end lacks is its consequence
    bool colon_said; // blocks without braces were mentioned: the next ones go unsaid
    bool comment_said, types_said, self_said; // and so do comments, types, self
    uint32_t statement;                       // the token at which the innermost statement begins
    bool is_bare;                             // in a block without braces, which ends
    uint32_t bare_indent;                     // before a line that is indented no deeper than this
    int64_t brace_indent; // of the line that opened the block around; -1: none did
    bool stopped;         // nested too deeply: the rest is not read
    uint32_t nest;
    uintptr_t stack_end; // the C stack may be used down to here
    TgNode **scratch;    // nodes on their way into a list, as a stack
    uint32_t scratch_count, scratch_room;
} TgParser;

// ---- cursor (parser.c)

void tg_parser_refresh(TgParser *p);
static inline void tg_parser_advance(TgParser *p) {
    if (p->tokens[p->at].kind != TOK_END) p->at++;
    // Most tokens are in the middle of a line: there is nothing to decide.
    if (p->tokens[p->at].line_start)
        tg_parser_refresh(p);
    else
        p->kind = p->tokens[p->at].kind;
}
bool tg_parser_accept(TgParser *p, TgTokenKind kind);
// The newline before the current token is meant to be there: shows the token itself.
static inline void tg_parser_skip_newline(TgParser *p) {
    p->kind = p->tokens[p->at].kind;
}
static inline TgTokenKind tg_parser_ahead(const TgParser *p, uint32_t count) {
    for (uint32_t i = 0; i < count; i++) {
        if (p->tokens[p->at + i].kind == TOK_END) return TOK_END;
    }
    return (TgTokenKind)p->tokens[p->at + count].kind;
}
// The token `count` further on if it is on the same line, else NEWLINE.
TgTokenKind tg_parser_on_line(const TgParser *p, uint32_t count);
TgText tg_parser_text(const TgParser *p, uint32_t token);
bool tg_parser_is_word(const TgParser *p, uint32_t token, const char *word);
bool tg_parser_starts_operand(TgTokenKind kind);
bool tg_parser_is_key(TgTokenKind kind); // names, and keywords where they count as names

// Steps over an opening bracket into `mode`, gives the one to come back to.
TgParseMode tg_parser_open(TgParser *p, TgParseMode mode);
// Expects `kind`, which closes the bracket of token `open`, and comes back to `outer`.
void tg_parser_close(TgParser *p, TgTokenKind kind, uint32_t open, TgParseMode outer);

// ---- errors

// Notes an error from which the statement cannot go on. True where it is to be reported: not while
// another is being recovered from.
bool tg_parser_fails(TgParser *p);
// The same for an error that does not keep the parser from going on.
bool tg_parser_objects(TgParser *p);
// Where the caret goes: the current token, or the end of the one before a newline.
uint32_t tg_parser_start(const TgParser *p);
uint32_t tg_parser_end(const TgParser *p);
// The current token in words: "'foo'", "the end of the line".
const char *tg_parser_found(const TgParser *p);
// "expected WHAT, found …"; with the hint for a habit of another language where one is to be seen.
void tg_parser_expected(TgParser *p, const char *what);
bool tg_parser_expect(TgParser *p, TgTokenKind kind);
// The hint for a token that is a word of another language, or NULL.
const char *tg_parser_habit(const TgParser *p, uint32_t token);
extern const char tg_parser_arrow_hint[];      // for a '=>' without its fn
extern const char tg_parser_each_let[];        // for `let a = 1, b = 2`
extern const char *const tg_parser_fn_words[]; // that mean `fn`, the last is NULL
// Whether two tokens of this kind stand side by side, and whether it ends a statement.
bool tg_parser_is_twice(const TgParser *p, uint32_t token, TgTokenKind kind);
bool tg_parser_ends_statement(TgTokenKind kind);
// A token's text, or its line's number, as a string for a message.
const char *tg_parser_word(const TgParser *p, uint32_t token);
const char *tg_parser_line(const TgParser *p, uint32_t token);
// Where the text ends here, the next line could still make it right: the end is then no newline,
// and what is missing is "unfinished" for a REPL.
void tg_parser_may_go_on(TgParser *p);

// What two operands side by side in brackets may have been meant to be.
const char *tg_parser_beside_hint(const TgParser *p);

// Columns of blanks in front of the line that holds a token.
uint32_t tg_parser_indent(const TgParser *p, uint32_t token);

// printf into the arena, cut to a line's length.
const char *tg_parser_format(const TgParser *p, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
// Whether what follows the word here on its line is a header: `word x`, `word (x) {`.
bool tg_parser_has_header(const TgParser *p);
// The token after the bracket that closes the one at `open`; the END token at the latest.
uint32_t tg_parser_after_brackets(const TgParser *p, uint32_t open);
// The last token of the statement that `token` is in: a newline, ';' or '}' ends it.
uint32_t tg_parser_last_of(const TgParser *p, uint32_t token);
// Goes to a token; a newline ends the statement there, whatever sign stands before it.
void tg_parser_skip_to(TgParser *p, uint32_t token);
// The text from one token to another if it is short and on one line, else `other`.
const char *tg_parser_source(const TgParser *p, uint32_t first, uint32_t last, const char *other);

// Counts a level of nesting; false (reported once) where there are too many.
bool tg_parser_enter(TgParser *p);
static inline void tg_parser_leave(TgParser *p) {
    p->nest--;
}

// ---- nodes

TgNode *tg_parser_node(TgParser *p, TgNodeKind kind, uint32_t first);
TgNode *tg_parser_finish(TgParser *p, TgNode *node); // its last token is the one just passed
TgNode *tg_parser_hole(TgParser *p, uint32_t first);
void tg_parser_push(TgParser *p, TgNode *node);
TgNodeList tg_parser_take(TgParser *p, uint32_t mark); // what was pushed since
// A NAME node of the current token, which has to be a name; NULL (reported) where it is none.
TgNode *tg_parser_name(TgParser *p);
// A name, or `_` (IGNORE); NULL (reported) otherwise.
TgNode *tg_parser_name_or_ignore(TgParser *p);
// The same for a place that holds at most a name: `_` gives NULL, too.
TgNode *tg_parser_optional_name(TgParser *p);

// ---- grammar

TgNode *tg_parse_expression(TgParser *p);
TgNode *tg_parse_header(TgParser *p);     // an expression in front of a block
TgNode *tg_parse_plain(TgParser *p);      // one without a bare conditional
TgNode *tg_parse_value_list(TgParser *p); // `a, b` is a LIST
TgNode *tg_parse_operand(TgParser *p);    // without what may follow it
TgNode *tg_parse_postfix(TgParser *p);    // an operand with its calls, indices and fields
TgNode *tg_parse_spread(TgParser *p);     // from its '*' on
TgNode *tg_parse_literal(TgParser *p);    // a number or String
TgFn *tg_parse_fn(TgParser *p, TgText name, uint32_t token); // from the '(' on
TgNode *tg_parse_let(TgParser *p);                           // from the word before the targets on
TgNode *tg_parse_raise(TgParser *p);                         // from the word before the value on
TgNode *tg_parse_module(TgParser *p);                        // all of the text
TgNode *tg_parse_block(TgParser *p);
// `{ member … }` of a class or select into the list of `whole`, each on a line or after a ';', with
// the recovery of a block. A member that stands elsewhere in `whole`, or is none, is NULL.
typedef TgNode *(*TgParseMember)(TgParser *p, TgNode *whole);
void tg_parse_members(TgParser *p, TgNode *whole, TgParseMember parse_member);
TgNode *tg_parse_statement(TgParser *p);
TgNode *tg_parse_word_statement(TgParser *p, TgNodeKind kind); // begins the node of a statement that a keyword begins
// From their keyword on.
TgNode *tg_parse_fn_declaration(TgParser *p);
TgNode *tg_parse_class(TgParser *p);
TgNode *tg_parse_import(TgParser *p);
TgNode *tg_parse_from(TgParser *p);
// Statements up to where a block without braces ends, into the list of `node`.
void tg_parse_bare_statements(TgParser *p, TgNode *node);
// A list of targets of let and for: NAME, IGNORE, REST; sets FLAG_UNPACK where there are several.
void tg_parse_targets(TgParser *p, TgNode *node);

// ---- habits of other languages (parse_foreign.c): each is reported, and read as what it is meant
// to be

// "tg has no WHAT" about the tokens from first to last.
void tg_parser_foreign_form(TgParser *p, uint32_t first, uint32_t last, const char *what,
                            const char *hint);
// "'def' is no word of tg" about the current token; `hint` NULL: the word's own.
void tg_parser_foreign_word(TgParser *p, const char *hint);
TgNode *tg_parse_foreign(TgParser *p);         // a statement, or NULL where this is none
TgNode *tg_parse_foreign_operand(TgParser *p); // an operand that begins with a name, or NULL
void tg_parse_foreign_type(TgParser *p);       // `: Int` or `-> Int`, if there is one
// `p->x`: true, it is read as a '.'; `f!(x)`: steps over the sign.
bool tg_parse_foreign_postfix(TgParser *p);
// The current token is a type that stands in front of a name, as in C.
bool tg_parser_is_c_type(const TgParser *p);
// An operand in front of '=>' without its fn, or NULL.
TgNode *tg_parse_foreign_arrow(TgParser *p);
// Loops (parse_foreign_for.c).
bool tg_foreign_for(TgParser *p, TgNode *node);  // what follows `for`; false where that is tg
TgNode *tg_parse_foreign_foreach(TgParser *p);   // from the word on
void tg_parse_step(TgParser *p, uint32_t first); // `++` or `--` behind the operand from `first` on
// Parts of declarations (parse_foreign_decl.c); the first four do nothing where the text is tg.
void tg_foreign_mut(TgParser *p);                      // `let mut x`
void tg_foreign_pattern(TgParser *p);                  // `let [a, b] = xs`
void tg_foreign_superclass(TgParser *p, TgNode *node); // `class A(B)`
void tg_foreign_dots(TgParser *p, const TgNode *node); // `import a.b`
bool tg_foreign_value_sign(TgParser *p);               // accepts '=', and a `==` in its place
TgNode *tg_foreign_method(TgParser *p); // `greet() { … }` in a class; NULL where it is none
TgNode *tg_foreign_import(TgParser *p, TgNode *node); // `import {a} from "m"`, from its '{' on
// Where `#xs` stands in front of a token: that it is a comment; else NULL.
const char *tg_parser_length_hint(const TgParser *p, uint32_t token);
const char *tg_parser_braces_hint(const TgParser *p); // "a block stands in braces: if x { … }"
// Whether a token is one of these words (the last is NULL).
bool tg_parser_is_one_of(const TgParser *p, uint32_t token, const char *const *words);

// ---- tests (parse_test.c)

bool tg_parser_at_test(const TgParser *p); // `test "…` stands here
TgNode *tg_parse_test(TgParser *p);

// ---- blocks without braces (parse_bare.c)

// Whether one begins here; the cursor is then on its ':' or `then`, if it has
// one.
bool tg_parser_reach_bare(TgParser *p);
TgNode *tg_parse_bare_block(TgParser *p);
bool tg_parser_at_bare_end(const TgParser *p); // of the block without braces around

#endif
