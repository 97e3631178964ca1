// lang/signs.c
// Single characters that are signs: tg's own, and those that were meant to be one.
// Layer: front end.
#include "lang/signs.h"

#include <stddef.h>

TgTokenKind tg_sign_kind(char c) {
    switch (c) {
    case '+': return TOK_PLUS;
    case '-': return TOK_MINUS;
    case '*': return TOK_STAR;
    case '/': return TOK_SLASH;
    case '%': return TOK_PERCENT;
    case '&': return TOK_AMP;
    case '|': return TOK_PIPE;
    case '^': return TOK_CARET;
    case '~': return TOK_TILDE;
    case '<': return TOK_LT;
    case '>': return TOK_GT;
    case '=': return TOK_ASSIGN;
    case '.': return TOK_DOT;
    case ',': return TOK_COMMA;
    case ':': return TOK_COLON;
    case ';': return TOK_SEMICOLON;
    case '(': return TOK_LPAREN;
    case ')': return TOK_RPAREN;
    case '[': return TOK_LBRACKET;
    case ']': return TOK_RBRACKET;
    case '{': return TOK_LBRACE;
    case '}': return TOK_RBRACE;
    default: return TOK_ERROR;
    }
}

// ---- characters of other alphabets that look like tg's signs

static const struct {
    uint32_t code;
    uint8_t kind;
} look_alikes[] = {
    {0x2260, TOK_NE},      {0x2264, TOK_LE},    {0x2265, TOK_GE},    {0xD7, TOK_STAR},
    {0xF7, TOK_SLASH},     {0x2212, TOK_MINUS}, {0x2013, TOK_MINUS}, {0x2014, TOK_MINUS},
    {0x2026, TOK_DOT_DOT}, {0x3001, TOK_COMMA}, {0x2192, TOK_ARROW}, {0x21D2, TOK_ARROW},
};

// Full-width signs stand as far from their plain ones as full-width letters do.
TgTokenKind tg_sign_look_alike(uint32_t code) {
    if (code > 0xFF00 && code < 0xFF5F) return tg_sign_kind((char)(code - 0xFEE0));
    for (size_t i = 0; i < sizeof look_alikes / sizeof *look_alikes; i++)
        if (look_alikes[i].code == code) return (TgTokenKind)look_alikes[i].kind;
    return TOK_ERROR;
}

bool tg_sign_is_invisible(uint32_t code) {
    return code == 0xA0 || code == 0xAD || (code >= 0x2000 && code <= 0x200F) ||
           (code >= 0x2028 && code <= 0x202F) || code == 0x205F || code == 0x2060 ||
           code == 0x3000 || code == 0xFEFF;
}

bool tg_sign_is_quote(uint32_t code) {
    return (code >= 0x2018 && code <= 0x201F) || code == 0xAB || code == 0xBB || code == 0xFF02 ||
           code == 0xFF07 || (code >= 0x300C && code <= 0x300F);
}

const char *tg_sign_hint(unsigned char byte) {
    switch (byte) {
    case '?': return "a choice is written: a if condition else b";
    case '`': return "Strings stand in \"…\" or '…', and \"…\" takes {x}";
    case '\\': return "a line goes on after an operator, a ',' or inside brackets";
    case '@': return "tg has no decorators: call the function with the other, f = wrap(f)";
    case '$': return "names are made of letters, digits and '_', and \"…\" takes {x}";
    default: return byte >= 0x80 ? "names are made of letters, digits and '_'" : NULL;
    }
}
