// lang/lang.h
// The front end as the rest sees it: text in, code or diagnostics out.
// Layer: front end, top. What vm/ gets of it is a hook (vm/vm.h).
#ifndef TG_LANG_LANG_H
#define TG_LANG_LANG_H

#include "lang/compiler.h"
#include "lang/parser.h"
#include "lang/resolver.h"

#endif
