// lang/resolver.h
// Names to bindings, and the structure of the program: undeclared names, declared twice, assignment to
// built-ins, break outside of a loop, spawn outside of a nursery, return out of a finally …
// After it a tree without errors can be compiled; fmt and the language server stop here.
// Layer: front end.
#ifndef TG_LANG_RESOLVER_H
#define TG_LANG_RESOLVER_H

#include "lang/ast.h"

typedef struct {
    const char *const *builtins; // names visible everywhere, shadowable in blocks; BIND_BUILTIN with index
    uint32_t builtin_count;
    // Top-level names that exist already (the REPL's session); may be declared anew. BIND_GLOBAL.
    const char *const *session;
    uint32_t session_count;
    bool is_session;
    bool has_nursery; // … that is a nursery itself: spawn may stand at its top
} TgResolveNames;

// Sets tree->module, tree->globals and every NAME's binding. Errors go to `diags`.
void tg_resolve(TgTree *tree, const TgResolveNames *names, TgDiags *diags);

#endif
