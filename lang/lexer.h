// lang/lexer.h
// Text to flat tokens. Total: every text gives tokens up to END, errors go to the diagnostics.
//
// A token is a kind and a stretch of the text; comments and blanks are what lies between two tokens.
// Newlines are no tokens: a token knows whether it is the first of its line, and the parser, which alone
// can tell a Map from a block, decides whether that ends a statement (language.md, section 1).
// A String without interpolation is one STRING token, one with it comes as
// STRING_BEGIN (STRING_TEXT | INTERP_BEGIN … [SPEC] INTERP_END)* STRING_END. What could not be read is an
// ERROR token; its diagnostic is made already.
//
// Layer: front end.
#ifndef TG_LANG_LEXER_H
#define TG_LANG_LEXER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lang/arena.h"
#include "lang/diag.h"
#include "lang/source.h"

typedef enum {
#define TOKEN(id, text) TOK_##id,
#include "lang/tokens.def"
#undef TOKEN
    TOK_COUNT
} TgTokenKind;

typedef struct {
    uint8_t kind;         // TgTokenKind
    bool line_start;      // first token of its line
    uint32_t start, end;  // bytes of the text
} TgToken;

typedef struct {
    TgToken *items; // ends with TOK_END
    uint32_t count;
    const TgSource *source;
} TgTokens;

// How a token kind is spoken of in messages: "'{'", "a name", "the end of the file".
const char *tg_token_name(TgTokenKind kind);
// Its row's text: "+", "while".
const char *tg_token_text(TgTokenKind kind);
bool tg_token_is_keyword(TgTokenKind kind);
// The kind of a word: its keyword, else TOK_NAME.
TgTokenKind tg_token_of_word(const char *word, size_t length);
// The operator in an in-place assignment (TOK_PLUS of TOK_PLUS_ASSIGN); TOK_ERROR for all other kinds.
TgTokenKind tg_token_inplace(TgTokenKind kind);

TgTokens tg_lex(TgArena *arena, const TgSource *source, TgDiags *diags);

#endif
