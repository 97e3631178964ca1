// lang/resolver_impl.h
// What the two rooms of the resolver share: names and scopes (resolve_names.c), the walk over the
// tree and the checks of its structure (resolver.c). Nobody else includes it.
//
// Each name has one symbol, on which the declarations that are in scope right now hang, innermost
// first. So a look-up is one hash and mostly one step, and leaving a scope takes its own off again.
//
// Layer: front end, private to the resolver.
#ifndef TG_LANG_RESOLVER_IMPL_H
#define TG_LANG_RESOLVER_IMPL_H

#include "lang/resolver.h"

typedef struct TgSymbol TgSymbol;
typedef struct TgDecl TgDecl;
typedef struct TgScope TgScope;
typedef struct TgFrame TgFrame;

// A declaration of a block is known from the start of the block, so that a use before it can be
// told.
typedef enum {
    DECL_AHEAD, // further down in its block
    DECL_BEGUN, // its own initializer, or its body, is being looked at
    DECL_READY,
} TgDeclState;

struct TgDecl {
    TgBinding *binding;
    TgSymbol *symbol;
    TgScope *scope;
    TgDecl *shadowed;     // the declaration of the same name further out
    TgDecl *next;         // in the same scope
    const TgNode *source; // GLOBAL: the statement that declares it; NULL for several or the session
    TgDeclState state;
    bool is_declared; // the walk has come to it
};

struct TgSymbol {
    TgText name;
    uint32_t hash;
    TgDecl *decl; // innermost, or NULL
    bool is_builtin, is_reported;
    uint32_t builtin_index;
    TgBinding *builtin;
    const TgNode *member_of; // the class that was last seen to have a member of this name
    uint32_t member_token;
    const TgNode *field_of; // the class in which self.name was last seen to be set
};

struct TgScope {
    TgScope *outer;
    TgFrame *frame;
    TgDecl *decls;
    bool is_global;
};

// A function that is being walked: what its statements may do.
struct TgFrame {
    TgFrame *outer;
    TgFn *fn;
    const TgNode *class_node;            // methods: their class
    uint32_t loops, nurseries, handlers; // open around the current statement
    uint32_t finally_loops;              // those that were open where the finally began
    bool in_finally;
};

typedef struct {
    TgTree *tree;
    TgArena *arena;
    TgDiags *diags;
    const TgResolveNames *names;
    bool had_errors; // of syntax: what is undeclared may have been in a hole
    TgScope *scope;
    TgFrame *frame;
    TgSymbol **symbols; // open addressing, a power of two
    uint32_t symbol_count, symbol_room;
    uint32_t global_room;
    TgDecl **global_decls; // by index
    // Pairs (function, binding) that stand in a list of captures already.
    struct TgCapture {
        const TgFn *fn;
        const TgBinding *binding;
    } * captures;
    uint32_t capture_count, capture_room;
} TgResolver;

// ---- resolve_names.c

TgSymbol *tg_resolver_symbol(TgResolver *r, TgText name);
// Sets up built-ins, the session's names and the scope of globals.
void tg_resolver_start(TgResolver *r, TgScope *globals);

void tg_scope_enter(TgResolver *r, TgScope *scope);
void tg_scope_leave(TgResolver *r);
// Makes the names that these statements declare known, as being ahead.
void tg_scope_announce(TgResolver *r, TgNodeList statements);
// Comes to the declaration of a NAME: binds it and says where the block has it twice.
TgDecl *tg_scope_declare(TgResolver *r, TgNode *name, TgDeclState state);
// Both at once, for names that nothing can come before (for, except, with …).
void tg_scope_add(TgResolver *r, TgNode *name);
// The same for the binding of a parameter.
void tg_scope_add_param(TgResolver *r, TgBinding *binding);

// Binds the use of a NAME; notes captures and whether it is assigned.
// The class whose method this is in, or NULL.
const TgNode *tg_resolver_class(const TgResolver *r);
void tg_resolver_use(TgResolver *r, TgNode *name, bool is_assigned);
// Notes that the current function uses a local of a function around it.
void tg_resolver_capture(TgResolver *r, TgBinding *binding);

// Line of a token, or a text, as a string for messages.
const char *tg_resolver_line(TgResolver *r, uint32_t token);
const char *tg_resolver_string(TgResolver *r, TgText text);
// The place of a token, as two arguments.
#define TG_PLACE(r, token) (r)->tree->tokens.items[token].start, (r)->tree->tokens.items[token].end

// ---- resolve_hoist.c

// Finds the functions and classes that exist before the first statement, and circles of classes.
void tg_resolver_hoist(TgResolver *r);

#endif
