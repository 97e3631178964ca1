// vm/excerpt.h
// A line of source with the place in it that is meant, cut to a window around that where it is long.
// Layer: runtime.
#ifndef TG_VM_EXCERPT_H
#define TG_VM_EXCERPT_H

#include "vm/code.h"
#include "vm/string.h"

// Appends the line to `line` and blanks up to the place to `under`, for a caret to follow. Tabs become blanks, what
// can't be shown a "?". `dots` stands where the line is cut, one column wide ("…") or three ("..."). False: the text is
// not known, or there is nothing in the line.
bool tg_excerpt(const TgCode *code, TgPlace place, const char *dots, TgBuffer *line, TgBuffer *under);

// The name behind `word` at a place of the source, as in `nursery n {`: its length, 0 where there is none.
size_t tg_excerpt_name(const TgCode *code, TgPlace place, const char *word, const char **name);

#endif
