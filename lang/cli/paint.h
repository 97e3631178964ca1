// lang/cli/paint.h
// Which bytes of a text have which colour: keywords, Strings, numbers, comments, the pair of brackets at the cursor; and what is a String.
// Layer: command.
#ifndef TG_LANG_CLI_PAINT_H
#define TG_LANG_CLI_PAINT_H

#include <stdbool.h>
#include <stddef.h>

// Writes the TgStyle of each byte (`styles` is zeroed and has room for `length`). The bracket before `cursor` and its partner
// stand out; a cursor behind the text's end + 1: none does.
void tg_paint(const char *text, size_t length, size_t cursor, unsigned char *styles);
// Whether the text ends inside a String that goes over lines.
bool tg_paint_in_string(const char *text, size_t length);

#endif
