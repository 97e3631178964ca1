// lang/lex_string.c
// Strings: their extent, their interpolations, and what is read where one never ends.
// Layer: front end, private to the lexer.
#include "lang/lexer_impl.h"

#include <stdio.h>
#include <string.h>

enum { SOON = 400 }; // bytes

static void push_string(TgLexer *lx, TgOpenString open) {
    if (lx->open_count == lx->open_room) {
        uint32_t room = lx->open_room ? lx->open_room * 2 : 16;
        lx->open =
            tg_arena_grow(lx->arena, lx->open, lx->open_room * sizeof open, room * sizeof open);
        lx->open_room = room;
    }
    lx->open[lx->open_count++] = open;
}

// Gives up the String (and those around it): its tokens go, reading resumes after the line it began
// on.
static void give_up_string(TgLexer *lx, uint32_t token, bool line_start) {
    uint32_t start = lx->count > token ? lx->tokens[token].start : lx->at;
    uint32_t end = start;
    while (end < lx->length && lx->text[end] != '\n') end++;
    lx->count = token;
    lx->open_count = 0;
    lx->retries++;
    lx->line_start = line_start;
    tg_lex_add(lx, TOK_ERROR, start, end);
}

// The same for a """ String, which has lost all the rest: its lines must not be read as a program.
static void give_up_text(TgLexer *lx, TgToken first) {
    while (lx->count && lx->tokens[lx->count - 1].start >= first.start) lx->count--;
    lx->open_count = 0;
    lx->diags->unfinished = lx->diags->count == 1;
    lx->line_start = first.line_start;
    tg_lex_add(lx, TOK_ERROR, first.start, lx->length);
}

// No closing quote: says so at the opening one. Inside an interpolation the quote may well be the
// outer String's own, and what is missing is the brace.
void tg_lex_not_closed(TgLexer *lx, uint32_t start, uint32_t quotes, bool line_start) {
    if (lx->open_count) {
        TgOpenString outer = lx->open[0], inner = lx->open[lx->open_count - 1];
        tg_diag_add(lx->diags, DIAG_INTERP_OPEN, inner.brace, inner.brace + 1);
        if (outer.quotes == 3)
            give_up_text(lx, lx->tokens[outer.token]);
        else
            give_up_string(lx, outer.token, lx->tokens[outer.token].line_start);
        return;
    }
    if (quotes == 3) {
        tg_diag_add(lx->diags, DIAG_TRIPLE_OPEN, start, start + 3);
        give_up_text(lx, (TgToken){.start = start, .line_start = line_start});
        return;
    }
    char quote[2] = {lx->text[start], 0};
    // A second one soon after the first is rather the end that the first was to have.
    bool is_end = lx->unclosed == quote[0] && start - lx->unclosed_at < SOON;
    if (!is_end) tg_diag_add(lx->diags, DIAG_STRING_OPEN, start, start + 1, quote);
    lx->unclosed = is_end ? 0 : quote[0];
    lx->unclosed_at = start;
    lx->at = start;
    give_up_string(lx, lx->count, line_start);
}

static bool closes(const TgLexer *lx, uint32_t at, uint32_t quotes) {
    if (lx->text[at] != '"') return false;
    return quotes == 1 || (lx->text[at + 1] == '"' && lx->text[at + 2] == '"');
}

// Runs over plain text from `at` to the closing quotes, a '{', or where the String cannot go on.
static uint32_t skip_text(const TgLexer *lx, uint32_t at, uint32_t quotes) {
    for (; at < lx->length; at++) {
        char c = lx->text[at];
        if (c == '{' || closes(lx, at, quotes) || (c == '\n' && quotes == 1)) break;
        if (c != '\\') continue;
        if (lx->text[at + 1] == 'u' && lx->text[at + 2] == '{') at++;
        if (lx->text[at + 1] != '\n' && at + 1 < lx->length) at++;
    }
    return at;
}

// What follows in a String that has an interpolation: text, then the next '{' or the end.
static void lex_string_rest(TgLexer *lx, TgOpenString open) {
    uint32_t start = lx->at, end = skip_text(lx, start, open.quotes);
    if (end > start) tg_lex_add(lx, TOK_STRING_TEXT, start, end);
    if (end < lx->length && lx->text[end] == '{') {
        tg_lex_add(lx, TOK_INTERP_BEGIN, end, end + 1);
        open.brace = end;
        open.depth = 0;
        push_string(lx, open);
    } else if (closes(lx, end, open.quotes)) {
        tg_lex_add(lx, TOK_STRING_END, end, end + open.quotes);
    } else {
        TgToken first = lx->tokens[open.token];
        if (!lx->open_count) {
            lx->count = open.token;
            lx->at = end;
        }
        tg_lex_not_closed(lx, first.start, open.quotes, first.line_start);
    }
}

void tg_lex_string(TgLexer *lx) {
    uint32_t start = lx->at;
    uint32_t quotes = lx->text[start + 1] == '"' && lx->text[start + 2] == '"' ? 3 : 1;
    uint32_t end = skip_text(lx, start + quotes, quotes);
    if (end < lx->length && lx->text[end] == '{') {
        TgOpenString open = {.token = lx->count, .quotes = (uint8_t)quotes};
        tg_lex_add(lx, TOK_STRING_BEGIN, start, start + quotes);
        lex_string_rest(lx, open);
    } else if (closes(lx, end, quotes)) {
        tg_lex_add(lx, TOK_STRING, start, end + quotes);
    } else {
        lx->at = end;
        tg_lex_not_closed(lx, start, quotes, lx->line_start);
    }
}

// 'it's': a letter right behind the String, and a further quote. Nothing in tg looks like that.
static bool lex_apostrophe(TgLexer *lx, uint32_t start, uint32_t quote) {
    enum { LONGEST = 60 };
    uint32_t end = quote + 1;
    if (!tg_lex_is(lx->text[end], WORD_FIRST)) return false;
    uint32_t word = end;
    while (tg_lex_is(lx->text[word], WORD_REST)) word++;
    if (tg_token_of_word(lx->text + end, word - end) != TOK_NAME) return false;
    while (end < lx->length && lx->text[end] != '\'' && lx->text[end] != '\n') end++;
    if (lx->text[end] != '\'') return false;
    char shown[LONGEST + 8];
    uint32_t length = end - start - 1;
    snprintf(shown, sizeof shown, "%.*s", length > LONGEST ? 1 : (int)length,
             length > LONGEST ? "…" : lx->text + start + 1);
    tg_diag_add(lx->diags, DIAG_APOSTROPHE, quote, quote + 1, length > LONGEST ? "…" : shown);
    tg_lex_add(lx, TOK_STRING, start, end + 1);
    return true;
}

void tg_lex_raw_string(TgLexer *lx) {
    uint32_t start = lx->at, end = start + 1;
    while (end < lx->length && lx->text[end] != '\'' && lx->text[end] != '\n') end++;
    if (lx->text[end] == '\'' && lex_apostrophe(lx, start, end)) return;
    if (lx->text[end] == '\'')
        tg_lex_add(lx, TOK_STRING, start, end + 1);
    else
        tg_lex_not_closed(lx, start, 1, lx->line_start);
}

// The format after ':'; it holds no braces and no newline.
void tg_lex_spec(TgLexer *lx) {
    uint32_t start = lx->at + 1, end = start;
    while (end < lx->length && !strchr("{}\n\"", lx->text[end])) end++;
    tg_lex_add(lx, TOK_SPEC, start, end);
}

void tg_lex_close(TgLexer *lx) {
    TgOpenString open = lx->open[--lx->open_count];
    tg_lex_add(lx, TOK_INTERP_END, lx->at, lx->at + 1);
    lex_string_rest(lx, open);
}
