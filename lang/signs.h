// lang/signs.h
// Single characters: which token they are, and what to make of those that are none.
// Layer: front end.
#ifndef TG_LANG_SIGNS_H
#define TG_LANG_SIGNS_H

#include <stdbool.h>
#include <stdint.h>

#include "lang/lexer.h"

// The token of a sign of one character; TOK_ERROR where it is none.
TgTokenKind tg_sign_kind(char c);
// The token of a code point that looks like a sign or means the same: full-width ones, U+2260; else
// TOK_ERROR.
TgTokenKind tg_sign_look_alike(uint32_t code);
// A space that is no blank of tg, or nothing to be seen at all.
bool tg_sign_is_invisible(uint32_t code);
bool tg_sign_is_quote(uint32_t code); // a quote of typography
// What to do about a byte that begins no token; NULL where that is anybody's guess.
const char *tg_sign_hint(unsigned char byte);

#endif
