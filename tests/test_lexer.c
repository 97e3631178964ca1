// tests/test_lexer.c
// The lexer: what becomes of a text, token by token, and where it complains.
// Layer: tests.
#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lang/lexer.h"

typedef struct {
    TgArena *arena;
    TgSource source;
    TgDiags diags;
    TgTokens tokens;
} Lexed;

static Lexed lex_bytes(const char *text, size_t length) {
    Lexed lexed = {.arena = tg_arena_new()};
    cr_assert(tg_source_init(&lexed.source, "t.tg", text, length));
    return lexed;
}

// Diagnostics point into the struct, so it is finished where it lives.
static void run(Lexed *lexed) {
    tg_diags_init(&lexed->diags, lexed->arena, &lexed->source);
    lexed->tokens = tg_lex(lexed->arena, &lexed->source, &lexed->diags);
}

static void end(Lexed *lexed) {
    tg_source_free(&lexed->source);
    tg_arena_free(lexed->arena);
}

// The tokens as text: signs and words as they are, the others by a letter and their text, "/" in
// front of the first of a line.
static void describe(const Lexed *lexed, char *out, size_t room) {
    static const struct {
        TgTokenKind kind;
        const char *mark;
    } marks[] = {{TOK_NAME, "n:"},         {TOK_INT, "i:"},          {TOK_FLOAT, "f:"},
                 {TOK_STRING, "s:"},       {TOK_STRING_BEGIN, "b:"}, {TOK_STRING_TEXT, "t:"},
                 {TOK_INTERP_BEGIN, "<:"}, {TOK_SPEC, "spec:"},      {TOK_INTERP_END, ">:"},
                 {TOK_STRING_END, "e:"},   {TOK_ERROR, "error:"}};
    size_t used = 0;
    out[0] = '\0';
    for (uint32_t i = 0; i + 1 < lexed->tokens.count; i++) {
        TgToken token = lexed->tokens.items[i];
        const char *mark = "";
        for (size_t k = 0; k < sizeof marks / sizeof *marks; k++) {
            if (marks[k].kind == token.kind) mark = marks[k].mark;
        }
        used += (size_t)snprintf(out + used, room - used, "%s%s%s%.*s", i ? " " : "",
                                 token.line_start && i ? "/" : "", mark,
                                 (int)(token.end - token.start), lexed->source.text + token.start);
        cr_assert(used < room);
    }
    cr_assert(lexed->tokens.items[lexed->tokens.count - 1].kind == TOK_END);
}

static void expect_tokens(const char *text, const char *expected) {
    char found[2000];
    Lexed lexed = lex_bytes(text, strlen(text));
    run(&lexed);
    describe(&lexed, found, sizeof found);
    cr_expect_str_eq(found, expected, "%s:\n  %s\nexpected\n  %s", text, found, expected);
    cr_expect(lexed.diags.count == 0, "%s has %u errors", text, lexed.diags.count);
    end(&lexed);
}

// `expected` is "TG0001@1:2 …".
static void expect_errors(const char *text, size_t length, const char *expected) {
    char found[1000] = "";
    Lexed lexed = lex_bytes(text, length);
    run(&lexed);
    for (uint32_t i = 0, used = 0; i < lexed.diags.count && i < TG_DIAG_LIMIT; i++) {
        int line, column;
        tg_source_place(&lexed.source, lexed.diags.items[i].start, &line, &column);
        used += (uint32_t)snprintf(found + used, sizeof found - used, "%s%s@%d:%d", i ? " " : "",
                                   tg_diag_code(lexed.diags.items[i].kind), line, column);
    }
    cr_expect_str_eq(found, expected, "%s:\n  %s\nexpected\n  %s", text, found, expected);
    end(&lexed);
}

Test(lexer, words) {
    expect_tokens("let x = nil", "let n:x = nil");
    expect_tokens("lets classes iff i_f _ _1 in inn",
                  "n:lets n:classes n:iff n:i_f n:_ n:_1 in n:inn");
    expect_tokens("größe 名前 ªb", "n:größe n:名前 n:ªb");
}

Test(lexer, every_keyword_is_known) {
    for (int kind = TOK_AND; kind <= TOK_WITH; kind++) {
        const char *text = tg_token_text((TgTokenKind)kind);
        cr_expect_eq(tg_token_of_word(text, strlen(text)), (TgTokenKind)kind, "%s", text);
        cr_expect(tg_token_is_keyword((TgTokenKind)kind));
    }
    cr_expect_eq(tg_token_of_word("els", 3), TOK_NAME);
    cr_expect_eq(tg_token_of_word("elsef", 5), TOK_NAME);
}

Test(lexer, every_sign_is_known) {
    for (int kind = TOK_PLUS; kind < TOK_NEWLINE; kind++) {
        const char *text = tg_token_text((TgTokenKind)kind);
        Lexed lexed = lex_bytes(text, strlen(text));
        run(&lexed);
        cr_expect_eq(lexed.tokens.items[0].kind, kind, "%s", text);
        cr_expect_eq(lexed.tokens.count, 2, "%s", text);
        end(&lexed);
    }
}

Test(lexer, in_place_operators) {
    cr_expect_eq(tg_token_inplace(TOK_PLUS_ASSIGN), TOK_PLUS);
    cr_expect_eq(tg_token_inplace(TOK_STAR_STAR_ASSIGN), TOK_STAR_STAR);
    cr_expect_eq(tg_token_inplace(TOK_SHR_ASSIGN), TOK_SHR);
    cr_expect_eq(tg_token_inplace(TOK_COALESCE_ASSIGN), TOK_COALESCE);
    cr_expect_eq(tg_token_inplace(TOK_ASSIGN), TOK_ERROR);
}

Test(lexer, numbers) {
    expect_tokens("1..10 1.5 1.foo x.0", "i:1 .. i:10 f:1.5 i:1 . n:foo n:x . i:0");
    expect_tokens("2e-9 2e9s 0x1e+5 250ms", "f:2e-9 f:2e9s i:0x1e + i:5 i:250ms");
    expect_tokens("12abc 1__0 0b12", "i:12abc i:1__0 i:0b12"); // the parser judges them
}

Test(lexer, lines_and_comments) {
    expect_tokens("a # b\n# c\n  d; e\r\nf", "n:a /n:d ; n:e /n:f");
    expect_tokens("#!/usr/bin/env tg\nx", "n:x");
    expect_tokens("\xEF\xBB\xBFx", "n:x");
    expect_tokens("", "");
}

Test(lexer, strings) {
    expect_tokens("\"a\\\"b\" 'c{d' \"\"", "s:\"a\\\"b\" s:'c{d' s:\"\"");
    expect_tokens("\"\"\"a\n\"b\" \"\"\" c", "s:\"\"\"a\n\"b\" \"\"\" n:c");
    expect_tokens("\"\\{x} \\u{41} }\"", "s:\"\\{x} \\u{41} }\"");
}

Test(lexer, interpolation) {
    expect_tokens("\"a{b}c\"", "b:\" t:a <:{ n:b >:} t:c e:\"");
    expect_tokens("\"{b:>8}\"", "b:\" <:{ n:b spec:>8 >:} e:\"");
    expect_tokens("\"{ {k: 1}[\"k\"] :x}\"", "b:\" <:{ { n:k : i:1 } [ s:\"k\" ] spec:x >:} e:\"");
    expect_tokens("\"{f(a: 1)}{\"{x}\"}\"",
                  "b:\" <:{ n:f ( n:a : i:1 ) >:} <:{ b:\" <:{ n:x >:} e:\" >:} e:\"");
}

Test(lexer, bad_bytes_are_placed) {
    expect_errors("a\xFF\xFE b \xC3", 7, "TG0001@1:2 TG0001@1:7");
    expect_errors("# \xE2\x82", 4, "TG0001@1:3");
    expect_errors("a\0b", 3, "TG0002@1:2");
    expect_errors("\"\xED\xA0\x80\"", 5, "TG0001@1:2"); // a surrogate
}

Test(lexer, foreign_signs) {
    expect_errors("a && !b || c === d", 18, "TG0004@1:3 TG0004@1:6 TG0004@1:9 TG0004@1:14");
    // What stands in a pair of backticks is one template.
    expect_errors("a ? `b` \\", 9, "TG0003@1:3 TG0003@1:5 TG0003@1:9");
}

Test(lexer, signs_of_other_keyboards) {
    expect_errors("a ≠ b（c）", strlen("a ≠ b（c）"), "TG0003@1:3 TG0003@1:6 TG0003@1:8");
    expect_errors("a\u00a0b", 4, "TG0015@1:2");
    expect_errors("“a b” c", strlen("“a b” c"), "TG0003@1:1");
    expect_errors("/* it's */ a", 12, "TG0133@1:1");
    expect_errors("'it's' b", 8, "TG0014@1:4");
}

Test(lexer, open_strings_cost_one_line) {
    expect_errors("\"abc\n'x\n\"ok\"", 12, "TG0005@1:1 TG0005@2:1");
    expect_errors("\"a{b\"\nc", 7, "TG0007@1:3");
    expect_errors("\"\"\"a\n\"b", 7, "TG0006@1:1");
}

Test(lexer, an_open_long_string_is_unfinished) {
    Lexed lexed = lex_bytes("let s = \"\"\"a\n", 13);
    run(&lexed);
    cr_expect(lexed.diags.unfinished);
    end(&lexed);
    lexed = lex_bytes("let s = \"a\n", 11);
    run(&lexed);
    cr_expect_not(lexed.diags.unfinished);
    end(&lexed);
}

Test(lexer, many_open_strings_are_read_in_linear_time) {
    enum { LINES = 200000 };
    char *text = malloc(3 * LINES + 1);
    for (int i = 0; i < LINES; i++) memcpy(text + 3 * i, "\"{\n", 3);
    Lexed lexed = lex_bytes(text, 3 * LINES);
    run(&lexed);
    cr_expect_gt(lexed.diags.count, TG_DIAG_LIMIT);
    end(&lexed);
    free(text);
}

Test(source, places_count_code_points) {
    TgSource source;
    int line, column;
    uint32_t length;
    cr_assert(tg_source_init(&source, "t.tg", "\xEF\xBB\xBFä=1\r\nb", 9));
    tg_source_place(&source, 2, &line, &column);
    cr_expect_eq(line, 1);
    cr_expect_eq(column, 2);
    tg_source_place(&source, 6, &line, &column);
    cr_expect_eq(line, 2);
    cr_expect_eq(column, 1);
    const char *text = tg_source_line(&source, 1, &length);
    cr_expect_eq(length, 4);
    cr_expect_eq(memcmp(text, "ä=1", 4), 0);
    cr_expect_null(tg_source_line(&source, 3, &length));
    tg_source_free(&source);
}

static char *text_of(const char *text, TgDiagKind kind, uint32_t start, uint32_t stop) {
    TgArena *arena = tg_arena_new();
    TgSource source;
    TgDiags diags;
    cr_assert(tg_source_init(&source, "t.tg", text, strlen(text)));
    tg_diags_init(&diags, arena, &source);
    tg_diag_add(&diags, kind, start, stop, "X", "Y");
    tg_diag_add(&diags, kind, start, stop, "second at the same place", "dropped");
    char *shown = tg_diags_text(&diags, false);
    tg_source_free(&source);
    tg_arena_free(arena);
    return shown;
}

Test(diag, shows_line_caret_and_hint) {
    char *shown = text_of("a\n\tbb cc", DIAG_FOREIGN_OPERATOR, 3, 5);
    cr_expect_str_eq(shown, "t.tg:2:2: error TG0004: 'X' is no operator of tg\n"
                            "    2 | \tbb cc\n"
                            "      | \t^~\n"
                            "  hint: write 'Y'\n");
    free(shown);
}

Test(diag, never_shows_control_characters) {
    char *shown = text_of("a\033[2Jb", DIAG_BAD_CHAR, 1, 2);
    cr_expect_null(strchr(shown, '\033'));
    free(shown);
}

Test(diag, cuts_long_lines) {
    char *text = malloc(100001);
    memset(text, 'x', 100000);
    text[100000] = '\0';
    char *shown = text_of(text, DIAG_BAD_CHAR, 50000, 50001);
    cr_expect_lt(strlen(shown), 500);
    free(shown);
    free(text);
}
