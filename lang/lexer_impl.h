// lang/lexer_impl.h
// What the lexer's files share. For lexer.c and lex_string.c only.
// Layer: front end, private to the lexer.
#ifndef TG_LANG_LEXER_IMPL_H
#define TG_LANG_LEXER_IMPL_H

#include "lang/lexer.h"

// A String whose interpolation is being read.
typedef struct {
    uint32_t token; // its STRING_BEGIN
    uint32_t brace; // offset of the '{' that is open
    uint32_t depth; // brackets open since
    uint8_t quotes; // 1 or 3
} TgOpenString;

typedef struct {
    TgArena *arena;
    const TgSource *source;
    TgDiags *diags;
    const char *text;
    uint32_t at, length;
    TgToken *tokens;
    uint32_t count, room;
    bool line_start;
    TgOpenString *open;
    uint32_t open_count, open_room;
    uint32_t retries; // Strings given up so far
    char unclosed;    // the quote of the last String that was not closed, or 0
    uint32_t unclosed_at;
} TgLexer;

// Classes of bytes. Only a LONG_FIRST that is followed by a LONG_REST can be a sign of several characters.
enum { WORD_FIRST = 1, WORD_REST = 2, DIGIT = 4, BLANK = 8, LONG_FIRST = 16, LONG_REST = 32 };
extern const uint8_t tg_lex_classes[256];

static inline bool tg_lex_is(char c, int wanted) { return tg_lex_classes[(unsigned char)c] & wanted; }

void tg_lex_grow(TgLexer *lx); // room for more tokens

// Adds a token; reading goes on behind it.
static inline void tg_lex_add(TgLexer *lx, TgTokenKind kind, uint32_t start, uint32_t end) {
    if (lx->count == lx->room) tg_lex_grow(lx);
    lx->tokens[lx->count++] = (TgToken){(uint8_t)kind, lx->line_start, start, end};
    lx->line_start = false;
    lx->at = end;
}

// lex_string.c: each from the sign at lx->at on.
void tg_lex_string(TgLexer *lx);
void tg_lex_raw_string(TgLexer *lx);
void tg_lex_spec(TgLexer *lx);  // of an interpolation, from the ':' on
void tg_lex_close(TgLexer *lx); // an interpolation's '}', and the text behind it
// A String from `start` on has no end.
void tg_lex_not_closed(TgLexer *lx, uint32_t start, uint32_t quotes, bool line_start);

#endif
