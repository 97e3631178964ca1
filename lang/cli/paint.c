// lang/cli/paint.c
// The lexer reads every text, finished or not; its tokens are coloured, and what lies between two of them is a comment.
// Layer: command.
#include "lang/cli/paint.h"

#include <string.h>

#include "lang/cli/style.h"
#include "lang/lexer.h"

static TgStyle style_of(const TgToken *token, const TgSource *source) {
    TgTokenKind kind = (TgTokenKind)token->kind;
    if (kind == TOK_NIL || kind == TOK_TRUE || kind == TOK_FALSE) return STYLE_CONSTANT;
    if (kind >= TOK_AND && kind <= TOK_WITH) return STYLE_KEYWORD;
    switch (kind) {
    case TOK_INT:
    case TOK_FLOAT: return STYLE_NUMBER;
    case TOK_STRING:
    case TOK_STRING_BEGIN:
    case TOK_STRING_TEXT:
    case TOK_STRING_END: return STYLE_STRING;
    case TOK_SPEC: return STYLE_FAINT;
    case TOK_ERROR: return strchr("\"'", source->text[token->start]) ? STYLE_STRING : STYLE_PLAIN; // one not yet closed
    default: return STYLE_PLAIN;
    }
}

static bool is_opening(int kind) {
    return kind == TOK_LPAREN || kind == TOK_LBRACKET || kind == TOK_LBRACE || kind == TOK_INTERP_BEGIN;
}
static bool is_closing(int kind) {
    return kind == TOK_RPAREN || kind == TOK_RBRACKET || kind == TOK_RBRACE || kind == TOK_INTERP_END;
}

static int64_t partner(const TgTokens *tokens, int64_t at) {
    int depth = 0, step = is_opening(tokens->items[at].kind) ? 1 : -1;
    for (; at >= 0 && at < tokens->count; at += step) {
        if (is_opening(tokens->items[at].kind)) depth++;
        if (is_closing(tokens->items[at].kind)) depth--;
        if (depth == 0) return at;
    }
    return -1;
}

static void paint_pair(const TgTokens *tokens, size_t cursor, unsigned char *styles) {
    for (int64_t i = 0; i < tokens->count; i++) {
        const TgToken *token = &tokens->items[i];
        if (token->end != cursor || (!is_opening(token->kind) && !is_closing(token->kind))) continue;
        int64_t other = partner(tokens, i);
        if (other < 0) return;
        styles[token->start] = STYLE_PAIR;
        styles[tokens->items[other].start] = STYLE_PAIR;
        return;
    }
}

static void paint_tokens(const TgTokens *tokens, const TgSource *source, unsigned char *styles) {
    uint32_t end = 0;
    for (uint32_t i = 0; i < tokens->count; i++) {
        const TgToken *token = &tokens->items[i];
        for (uint32_t at = end; at < token->start; at++)
            if (source->text[at] != ' ' && source->text[at] != '\n') styles[at] = STYLE_FAINT;
        // A name after a dot is none of the keywords.
        bool is_member = i > 0 && tokens->items[i - 1].kind == TOK_DOT;
        if (token->end > token->start)
            memset(styles + token->start, is_member ? STYLE_PLAIN : style_of(token, source), token->end - token->start);
        end = token->end;
    }
}

// Calls `use` with the text's tokens.
static void with_tokens(const char *text, size_t length, void (*use)(const TgTokens *tokens, const TgSource *source, void *data),
                        void *data) {
    TgSource source;
    if (!tg_source_init(&source, "", text, length)) return;
    TgArena *arena = tg_arena_new();
    TgDiags diags;
    tg_diags_init(&diags, arena, &source);
    TgTokens tokens = tg_lex(arena, &source, &diags);
    if (source.length == length) use(&tokens, &source, data); // else a byte order mark was taken away: places are others
    tg_arena_free(arena);
    tg_source_free(&source);
}

typedef struct {
    size_t cursor;
    unsigned char *styles;
} Job;

static void paint_all(const TgTokens *tokens, const TgSource *source, void *data) {
    Job *job = data;
    paint_tokens(tokens, source, job->styles);
    paint_pair(tokens, job->cursor, job->styles);
}

void tg_paint(const char *text, size_t length, size_t cursor, unsigned char *styles) {
    Job job = {cursor, styles};
    if (text[0] == ':') memset(styles, STYLE_KEYWORD, strcspn(text, " \t")); // a command
    else with_tokens(text, length, paint_all, &job);
}

static void look_at_end(const TgTokens *tokens, const TgSource *source, void *data) {
    if (tokens->count < 2) return;
    const TgToken *last = &tokens->items[tokens->count - 2];
    *(bool *)data = last->kind == TOK_ERROR && last->end == source->length && strncmp(source->text + last->start, "\"\"\"", 3) == 0;
}

bool tg_paint_in_string(const char *text, size_t length) {
    bool is_inside = false;
    with_tokens(text, length, look_at_end, &is_inside);
    return is_inside;
}
