// stdlib/json.h
// What the two halves of the module json share.
// Layer: library.
#ifndef TG_STDLIB_JSON_H
#define TG_STDLIB_JSON_H

#include "stdlib/lib.h"

enum { TG_JSON_DEPTH = 1000 }; // Lists and Maps inside of each other, in texts and in values

// stringify(value, indent = nil, sort_keys = false), see json.c.
TgResult tg_json_stringify(TgCall *call);

#endif
