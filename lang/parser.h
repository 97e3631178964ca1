// lang/parser.h
// Tokens to tree, with recovery: it never prints, never stops at the first error, and leaves a HOLE
// where nothing could be made of the text. Nesting is bounded by the C stack, asked by its address.
// Layer: front end.
#ifndef TG_LANG_PARSER_H
#define TG_LANG_PARSER_H

#include "lang/ast.h"

// Lexes and parses `source` into `tree` (whose arena it sets to `arena`). Errors go to `diags`.
void tg_parse(TgTree *tree, TgArena *arena, const TgSource *source, TgDiags *diags);

#endif
