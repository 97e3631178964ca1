// stdlib/place.h
// Where in a text of others something is wrong: for the messages of what reads JSON, CSV and patterns.
// Layer: library.
#ifndef TG_STDLIB_PLACE_H
#define TG_STDLIB_PLACE_H

#include "stdlib/lib.h"

// Line and column (characters, both from 1) of a byte of UTF-8 text.
void tg_place_of(const char *text, size_t at, uint64_t *line, uint64_t *column);
// Appends the line of the text in which the byte `at` stands, cut where it is long, and a caret below it, each on a line
// of its own that begins with four blanks; begins with a newline.
void tg_place_show(TgBuffer *out, const char *text, size_t length, size_t at);
// Both: raises a ValueError "MESSAGE at line L, column C:" with the line and the caret. The text begins behind so many lines.
TgResult tg_place_raise(TgCall *call, const char *text, size_t length, size_t at, uint64_t lines_before, const char *message);

#endif
