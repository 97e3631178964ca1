// lang/lexer.c
// Text to flat tokens, in one pass and without recursion.
//
// The only state beside the position is a stack of the Strings that are open: "{" in a String goes
// on with ordinary tokens until the brace that closes it, so each level counts its own brackets. A
// String that never ends must not swallow the file: the tokens are taken back to its opening quote
// and reading goes on at the next line (lex_string.c). Layer: front end.
#include "lang/lexer_impl.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lang/signs.h"

static const char *const texts[] = {
#define TOKEN(id, text) text,
#include "lang/tokens.def"
#undef TOKEN
};

static const uint8_t lengths[] = {
#define TOKEN(id, text) sizeof text - 1,
#include "lang/tokens.def"
#undef TOKEN
};

static const char *const quoted_texts[] = {
#define TOKEN(id, text) "'" text "'",
#include "lang/tokens.def"
#undef TOKEN
};

const char *tg_token_name(TgTokenKind kind) {
    return kind >= TOK_NEWLINE ? texts[kind] : quoted_texts[kind];
}

const char *tg_token_text(TgTokenKind kind) {
    return texts[kind];
}

bool tg_token_is_keyword(TgTokenKind kind) {
    return kind <= TOK_WITH;
}

TgTokenKind tg_token_inplace(TgTokenKind kind) {
    if (kind < TOK_PLUS_ASSIGN || kind > TOK_COALESCE_ASSIGN) return TOK_ERROR;
    return (TgTokenKind)(TOK_PLUS + (kind - TOK_PLUS_ASSIGN));
}

// ---- characters

// clang-format off
#define W (WORD_FIRST | WORD_REST)
#define D (WORD_REST | DIGIT)
#define B BLANK
#define F LONG_FIRST
#define L (LONG_FIRST | LONG_REST)
const uint8_t tg_lex_classes[256] = {
    0, 0, 0, 0, 0, 0, 0, 0, 0, B, 0, 0, 0, B, 0, 0,
    0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
    B, F, 0, 0, 0, F, L, 0, 0, 0, L, F, 0, F, L, L,
    D, D, D, D, D, D, D, D, D, D, F, 0, L, L, L, L,
    0, W, W, W, W, W, W, W, W, W, W, W, W, W, W, W,
    W, W, W, W, W, W, W, W, W, W, W, 0, 0, 0, F, W,
    0, W, W, W, W, W, W, W, W, W, W, W, W, W, W, W,
    W, W, W, W, W, W, W, W, W, W, W, 0, L, 0, F, 0,
};
#undef W
#undef D
#undef B
#undef F
#undef L
// clang-format on

// Decodes one UTF-8 sequence of at least two bytes; 0 where it is malformed. `text` ends with a
// NUL, so a cut sequence is seen as malformed before its end is passed.
static uint32_t decode(const char *text, uint32_t *size) {
    const unsigned char *at = (const unsigned char *)text;
    *size = at[0] < 0xE0 ? 2 : at[0] < 0xF0 ? 3 : 4;
    if (at[0] < 0xC2 || at[0] > 0xF4) return 0;
    uint32_t code = at[0] & (0x7Fu >> *size);
    for (uint32_t i = 1; i < *size; i++) {
        if ((at[i] & 0xC0) != 0x80) return 0;
        code = code << 6 | (at[i] & 0x3F);
    }
    bool is_long = (*size == 3 && code < 0x800) || (*size == 4 && code < 0x10000);
    return is_long || code > 0x10FFFF || (code >= 0xD800 && code < 0xE000) ? 0 : code;
}

// Whether a code point above ASCII can be part of a name: all but the blocks of spaces, signs and
// punctuation that people meet. Finer tables would need updates with every Unicode.
static bool is_letter(uint32_t code) {
    if (code < 0xC0) return code == 0xAA || code == 0xB5 || code == 0xBA;
    if (code == 0xD7 || code == 0xF7) return false;
    if (code >= 0x2000 && code <= 0x206F) return false; // general punctuation
    if (code >= 0x20A0 && code <= 0x20CF) return false; // currency
    if (code >= 0x2190 && code <= 0x2BFF) return false; // arrows, operators, boxes, symbols
    if (code >= 0x3000 && code <= 0x3003) return false;
    if (code >= 0x3008 && code <= 0x3020) return false; // brackets
    if (code >= 0xE000 && code <= 0xF8FF) return false; // private use
    if (code >= 0xFE00 && code <= 0xFE6F) return false; // selectors, small forms
    if (code >= 0xFF00 && code <= 0xFF0F) return false; // full-width signs
    if (code >= 0xFF1A && code <= 0xFF20) return false;
    if (code >= 0xFF3B && code <= 0xFF40) return false;
    if (code >= 0xFF5B && code <= 0xFF65) return false;
    if (code == 0xFEFF) return false; // a byte order mark
    if (code >= 0xFFF0 && code <= 0xFFFF) return false;
    return !(code >= 0x1F000 && code <= 0x1FAFF); // emoji
}

static bool is_high(char c) {
    return (unsigned char)c & 0x80;
}

// Size of the letter at `at`, 0 where there is none.
static uint32_t letter_size(const TgLexer *lx, uint32_t at) {
    if (tg_lex_is(lx->text[at], WORD_REST)) return 1;
    uint32_t size;
    if (!is_high(lx->text[at])) return 0;
    uint32_t code = decode(lx->text + at, &size);
    return code && is_letter(code) ? size : 0;
}

// Reports what is no UTF-8, and NULs, wherever they stand: also in comments and Strings. Runs of
// bad bytes (a binary file) count once.
static void check_bytes(TgLexer *lx) {
    uint32_t at = 0, last_bad = UINT32_MAX - 1;
    while (at < lx->length) {
        uint64_t word = 0;
        if (lx->length - at >= 8) {
            memcpy(&word, lx->text + at, 8);
            // Eight bytes at once: none above 0x7F, none zero.
            uint64_t high = 0x8080808080808080u, low = 0x0101010101010101u;
            if (!((word | (word - low)) & high)) {
                at += 8;
                continue;
            }
        }
        unsigned char byte = (unsigned char)lx->text[at];
        uint32_t size = 1;
        bool is_bad = byte == 0 || (byte >= 0x80 && !decode(lx->text + at, &size));
        if (!is_bad) {
            at += size;
            continue;
        }
        char shown[8];
        snprintf(shown, sizeof shown, "0x%02X", byte);
        TgDiagKind kind = byte ? DIAG_BAD_BYTE : DIAG_NUL_BYTE;
        if (last_bad + 1 != at) tg_diag_add(lx->diags, kind, at, at + 1, shown);
        last_bad = at++;
    }
}

// ---- tokens

void tg_lex_grow(TgLexer *lx) {
    uint32_t room = lx->room * 2;
    lx->tokens = tg_arena_grow(lx->arena, lx->tokens, lx->room * sizeof *lx->tokens,
                               room * sizeof *lx->tokens);
    lx->room = room;
}

// Keywords by first letter: the rows of tokens.def are in alphabetical order.
TgTokenKind tg_token_of_word(const char *word, size_t length) {
    static const uint8_t from[26] = {
        ['a' - 'a'] = TOK_AND,   ['b' - 'a'] = TOK_BREAK,  ['c' - 'a'] = TOK_CASE,
        ['e' - 'a'] = TOK_ELSE,  ['f' - 'a'] = TOK_FALSE,  ['i' - 'a'] = TOK_IF,
        ['l' - 'a'] = TOK_LET,   ['n' - 'a'] = TOK_NIL,    ['o' - 'a'] = TOK_OR,
        ['r' - 'a'] = TOK_RAISE, ['s' - 'a'] = TOK_SELECT, ['t' - 'a'] = TOK_TIMEOUT,
        ['w' - 'a'] = TOK_WHILE,
    };
    if (length < 2 || length > 8 || word[0] < 'a' || word[0] > 'z') return TOK_NAME;
    for (int kind = from[word[0] - 'a']; kind <= TOK_WITH && texts[kind][0] == word[0]; kind++) {
        if (texts[kind][1] != word[1] || lengths[kind] != length) continue;
        if (memcmp(texts[kind], word, length) == 0) return kind;
    }
    return TOK_NAME;
}

static void lex_word(TgLexer *lx) {
    uint32_t start = lx->at, end = start, size;
    while (tg_lex_is(lx->text[end], WORD_REST)) end++;
    while (is_high(lx->text[end]) && (size = letter_size(lx, end))) {
        end += size;
        while (tg_lex_is(lx->text[end], WORD_REST)) end++;
    }
    tg_lex_add(lx, tg_token_of_word(lx->text + start, end - start), start, end);
}

static uint32_t skip_digits(const TgLexer *lx, uint32_t at) {
    while (tg_lex_is(lx->text[at], DIGIT) || lx->text[at] == '_') at++;
    return at;
}

// Finds the extent only, with whatever letters follow; the parser judges it (parse_literal.c).
static void lex_number(TgLexer *lx) {
    const char *text = lx->text;
    uint32_t start = lx->at, end = start, size;
    TgTokenKind kind = TOK_INT;
    bool has_prefix = text[start] == '0' && text[start + 1] && strchr("xXbBoO", text[start + 1]);
    if (!has_prefix) {
        end = skip_digits(lx, end);
        if (text[end] == '.' && tg_lex_is(text[end + 1], DIGIT)) {
            kind = TOK_FLOAT;
            end = skip_digits(lx, end + 1);
        }
        uint32_t sign =
            text[end] && strchr("eE", text[end]) && text[end + 1] && strchr("+-", text[end + 1]);
        if (strchr("eE", text[end]) && text[end] && tg_lex_is(text[end + 1 + sign], DIGIT)) {
            kind = TOK_FLOAT;
            end = skip_digits(lx, end + 1 + sign);
        }
    }
    while ((size = letter_size(lx, end))) end += size;
    tg_lex_add(lx, kind, start, end);
}

// ---- signs

typedef struct {
    char text[4];
    uint8_t kind;
    const char *instead; // where it is an operator of other languages
} Sign;

// Longest first among those that begin alike.
static const Sign signs[] = {
    {"===", TOK_EQ, "=="},
    {"!==", TOK_NE, "!="},
    {"**=", TOK_STAR_STAR_ASSIGN, NULL},
    {"//=", TOK_SLASH_SLASH_ASSIGN, NULL},
    {"<<=", TOK_SHL_ASSIGN, NULL},
    {">>=", TOK_SHR_ASSIGN, NULL},
    {"?\?=", TOK_COALESCE_ASSIGN, NULL},
    {"...", TOK_STAR, "*"},
    {"~=", TOK_NE, "!="},
    {"&&", TOK_AND, "and"},
    {"||", TOK_OR, "or"},
    {"<>", TOK_NE, "!="},
    {":=", TOK_ASSIGN, "="},
    {"->", TOK_ARROW, "=>"},
    {"?.", TOK_DOT, "."},
    {"==", TOK_EQ, NULL},
    {"=>", TOK_ARROW, NULL},
    {"!=", TOK_NE, NULL},
    {"<=", TOK_LE, NULL},
    {">=", TOK_GE, NULL},
    {"<<", TOK_SHL, NULL},
    {">>", TOK_SHR, NULL},
    {"**", TOK_STAR_STAR, NULL},
    {"//", TOK_SLASH_SLASH, NULL},
    {"??", TOK_COALESCE, NULL},
    {"+=", TOK_PLUS_ASSIGN, NULL},
    {"-=", TOK_MINUS_ASSIGN, NULL},
    {"*=", TOK_STAR_ASSIGN, NULL},
    {"/=", TOK_SLASH_ASSIGN, NULL},
    {"%=", TOK_PERCENT_ASSIGN, NULL},
    {"&=", TOK_AMP_ASSIGN, NULL},
    {"|=", TOK_PIPE_ASSIGN, NULL},
    {"^=", TOK_CARET_ASSIGN, NULL},
    {"..", TOK_DOT_DOT, NULL},
    {"!", TOK_NOT, "not"},
};

// Counts the brackets of the interpolation that is open, so that its own '}' and ':' are known.
static void count_bracket(TgLexer *lx, TgTokenKind kind) {
    if (!lx->open_count) return;
    TgOpenString *open = &lx->open[lx->open_count - 1];
    if (kind == TOK_LPAREN || kind == TOK_LBRACKET || kind == TOK_LBRACE) open->depth++;
    bool is_close = kind == TOK_RPAREN || kind == TOK_RBRACKET || kind == TOK_RBRACE;
    if (is_close && open->depth) open->depth--;
}

// ---- what tg has no sign for

// From a smart quote to the last one of its line: what is between was meant as text.
static void smart_quotes(TgLexer *lx, uint32_t start) {
    uint32_t end = start, last = start, size;
    while (end < lx->length && lx->text[end] != '\n') {
        uint32_t code = is_high(lx->text[end]) ? decode(lx->text + end, &size) : 0;
        if (!code) size = 1;
        end += size;
        if ((code && tg_sign_is_quote(code)) || (end > start + 4 && lx->text[end - 1] == '"'))
            last = end;
        if (last > start + 4) break;
    }
    decode(lx->text + start, &size);
    char shown[16];
    snprintf(shown, sizeof shown, "'%.*s'", (int)size, lx->text + start);
    tg_diag_add_hint(lx->diags, DIAG_BAD_CHAR, start, start + size,
                     "put a String into plain quotes: \"…\" or '…'", shown);
    tg_lex_add(lx, TOK_ERROR, start, last);
}

static void bad_character(TgLexer *lx) {
    uint32_t start = lx->at, size = 1, code = 0;
    unsigned char byte = (unsigned char)lx->text[start];
    if (byte >= 0x80 && !(code = decode(lx->text + start, &size))) size = 1;
    TgTokenKind kind = tg_sign_look_alike(code);
    char shown[16];
    if (byte < 0x20 || byte == 0x7F)
        snprintf(shown, sizeof shown, "0x%02X", byte);
    else
        snprintf(shown, sizeof shown, "'%.*s'", (int)size, lx->text + start);
    if (code && tg_sign_is_invisible(code)) {
        snprintf(shown, sizeof shown, "U+%04X", code);
        tg_diag_add(lx->diags, DIAG_INVISIBLE, start, start + size, shown);
        lx->at += size; // and it is a blank
    } else if (code && tg_sign_is_quote(code)) {
        smart_quotes(lx, start);
    } else if (kind != TOK_ERROR) {
        char hint[24];
        snprintf(hint, sizeof hint, "write %s", tg_token_text(kind));
        tg_diag_add_hint(lx->diags, DIAG_BAD_CHAR, start, start + size, hint, shown);
        count_bracket(lx, kind);
        tg_lex_add(lx, kind, start, start + size);
    } else {
        bool is_reported = byte == 0 || (byte >= 0x80 && !code);
        const char *end = byte == '`' ? strpbrk(lx->text + start + 1, "`\n") : NULL;
        if (end && *end == '`') size = (uint32_t)(end - lx->text) + 1 - start; // a whole `template`
        uint32_t shown_end = byte == '`' ? start + 1 : start + size;
        if (!is_reported)
            tg_diag_add_hint(lx->diags, DIAG_BAD_CHAR, start, shown_end, tg_sign_hint(byte), shown);
        tg_lex_add(lx, TOK_ERROR, start, start + size);
    }
}

// `/* … */`: a '/' before a '*' is never tg.
static bool lex_block_comment(TgLexer *lx) {
    uint32_t start = lx->at;
    if (strncmp(lx->text + start, "/*", 2) != 0) return false;
    const char *end = strstr(lx->text + start + 2, "*/");
    tg_diag_add(lx->diags, DIAG_FOREIGN_COMMENT, start, start + 2, "/*");
    lx->at = end ? (uint32_t)(end - lx->text) + 2 : lx->length;
    return true;
}

// `a...b` is meant as a range, `...xs` as a spread.
static bool is_long_range(const TgLexer *lx) {
    if (strncmp(lx->text + lx->at, "...", 3) != 0 || lx->count == 0) return false;
    TgToken before = lx->tokens[lx->count - 1];
    return before.end == lx->at && (before.kind == TOK_INT || before.kind == TOK_NAME ||
                                    before.kind == TOK_RPAREN || before.kind == TOK_RBRACKET);
}

static bool lex_long_sign(TgLexer *lx) {
    const char *text = lx->text + lx->at;
    if (is_long_range(lx)) {
        tg_diag_add(lx->diags, DIAG_FOREIGN_OPERATOR, lx->at, lx->at + 3, "...", "..");
        tg_lex_add(lx, TOK_DOT_DOT, lx->at, lx->at + 3);
        return true;
    }
    for (size_t i = 0; i < sizeof signs / sizeof *signs; i++) {
        if (signs[i].text[0] != text[0] || (signs[i].text[1] && signs[i].text[1] != text[1])) continue;
        size_t length = strlen(signs[i].text);
        if (strncmp(signs[i].text, text, length) != 0) continue;
        uint32_t start = lx->at, end = start + (uint32_t)length;
        if (signs[i].instead) {
            tg_diag_add(lx->diags, DIAG_FOREIGN_OPERATOR, start, end, signs[i].text,
                        signs[i].instead);
        }
        tg_lex_add(lx, signs[i].kind, start, end);
        return true;
    }
    return false;
}

static void lex_sign(TgLexer *lx) {
    char c = lx->text[lx->at];
    bool is_outer = lx->open_count && lx->open[lx->open_count - 1].depth == 0;
    if (is_outer && c == '}') {
        tg_lex_close(lx);
        return;
    }
    if (is_outer && c == ':') {
        tg_lex_spec(lx);
        return;
    }
    if (c == '/' && lex_block_comment(lx)) return;
    // "!" is in the table of long ones, too.
    bool may_be_long = tg_lex_is(c, LONG_FIRST) && tg_lex_is(lx->text[lx->at + 1], LONG_REST);
    if ((may_be_long || c == '!') && lex_long_sign(lx)) return;
    TgTokenKind kind = tg_sign_kind(c);
    if (kind == TOK_ERROR) {
        bad_character(lx);
        return;
    }
    count_bracket(lx, kind);
    tg_lex_add(lx, kind, lx->at, lx->at + 1);
}

// ---- the whole

static void skip_blanks(TgLexer *lx) {
    const char *text = lx->text;
    uint32_t at = lx->at;
    for (;; at++) {
        while (tg_lex_is(text[at], BLANK)) at++;
        if (text[at] == '#') {
            const char *end = memchr(text + at, '\n', lx->length - at);
            at = end ? (uint32_t)(end - text) : lx->length;
        }
        if (text[at] != '\n') break;
        lx->line_start = true;
    }
    lx->at = at;
}

// Each retry may have read the whole rest of the text, so there is a last one: after it an
// interpolation ends with its line.
enum { MAX_RETRIES = 16 };

// An interpolation cannot be left open at the end of the text, nor (once too many Strings were
// given up) at the end of its line.
static bool interpolation_breaks(const TgLexer *lx) {
    if (!lx->open_count) return false;
    if (lx->at >= lx->length) return true;
    return lx->line_start && lx->retries >= MAX_RETRIES;
}

static void lex_token(TgLexer *lx) {
    char c = lx->text[lx->at];
    if (tg_lex_is(c, WORD_FIRST))
        lex_word(lx);
    else if (tg_lex_is(c, DIGIT))
        lex_number(lx);
    else if (c == '"')
        tg_lex_string(lx);
    else if (c == '\'')
        tg_lex_raw_string(lx);
    else if (is_high(c) && letter_size(lx, lx->at))
        lex_word(lx);
    else
        lex_sign(lx);
}

TgTokens tg_lex(TgArena *arena, const TgSource *source, TgDiags *diags) {
    TgLexer lx = {.arena = arena,
                .source = source,
                .diags = diags,
                .text = source->text,
                .length = source->length,
                .line_start = true};
    lx.room = source->length / 4 + 16;
    lx.tokens = tg_arena_alloc(arena, lx.room * sizeof *lx.tokens);
    check_bytes(&lx);
    for (;;) {
        skip_blanks(&lx);
        if (interpolation_breaks(&lx)) {
            tg_lex_not_closed(&lx, lx.at, 1, false);
            continue;
        }
        if (lx.at >= lx.length) break;
        lex_token(&lx);
    }
    lx.line_start = true; // whatever stands there, the end ends a statement as a newline does
    tg_lex_add(&lx, TOK_END, lx.length, lx.length);
    return (TgTokens){.items = lx.tokens, .count = lx.count, .source = source};
}
