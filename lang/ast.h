// lang/ast.h
// The tree: what the parser builds, the resolver annotates and the compiler reads.
//
// Nodes live in an arena and are never freed one by one. All kinds share one layout (nodes.def says
// which parts a kind uses), so that walking, dumping and formatting need no table of offsets.
// Tokens are flat and kept: a node knows its first and last token, a comment is the text between two.
//
// Layer: front end. Knows only arena.h and the token table.
#ifndef TG_LANG_AST_H
#define TG_LANG_AST_H

#include <stdbool.h>
#include <stdint.h>

#include "lang/arena.h"
#include "lang/lexer.h"

typedef enum {
#define NODE(id, name, holds, parts) NODE_##id,
#include "lang/nodes.def"
#undef NODE
    NODE_COUNT
} TgNodeKind;

enum {
    FLAG_NOT = 1,
    FLAG_UNPACK = 2,
    FLAG_STAR = 4,
    FLAG_PATH = 8,
    FLAG_RANDOM = 16,
    FLAG_BLOCK = 32, // an FN that is the block of a spawn; a PARAM after *rest
    FLAG_PAREN = 64, // stood in parentheses
    FLAG_REAL = 128, // a TEST whose clock is the real one
};

typedef struct TgNode TgNode;
typedef struct TgFn TgFn;
typedef struct TgBinding TgBinding;

typedef struct {
    const char *at; // not NUL terminated; lives as long as the arena and the source
    uint32_t length;
} TgText;

typedef struct {
    TgNode **items;
    uint32_t count;
} TgNodeList;

// Half of all that the compiler touches are nodes: 64 bytes, and no kind needs more.
struct TgNode {
    uint8_t kind; // TgNodeKind
    uint8_t flags;
    uint16_t op; // TgTokenKind of an operator
    uint32_t first, last; // tokens, both included
    TgNode *a, *b, *c;
    union { // which one: tg_node_holds
        TgNodeList list;
        TgText name;
        double number;
    };
    union {
        TgBinding *binding; // NAME: what it means; SELF and SUPER: the receiver (resolver)
        TgFn *fn;           // FN, FN_DECL, TEST
    };
};

// A variable. One per declaration; every NAME that means it points here.
typedef enum { BIND_LOCAL, BIND_GLOBAL, BIND_BUILTIN } TgBindKind;

struct TgBinding {
    TgText name;
    TgBindKind kind;
    uint32_t token;         // where it was declared (BUILTIN: none)
    TgFn *owner;            // LOCAL: the function whose frame holds it
    bool captured;          // an inner function uses it
    bool assigned;          // assigned after its declaration
    bool captured_unset;    // captured before its declaration had finished: needs a cell
    bool hoisted;           // GLOBAL function or class that exists before the first statement
    uint32_t index;         // BUILTIN: which; else the compiler's
    int32_t reg;            // the compiler's
};

// A parameter: fn(a, b = 2, *rest, named = 3).
typedef struct {
    TgBinding *binding;
    TgNode *fallback; // default expression or NULL
    bool is_rest, named_only;
} TgParam;

// A function: the module itself, fn, a method, the block of a spawn.
struct TgFn {
    TgText name;       // "" without one; "init" …
    TgFn *outer;       // the function around; NULL for the module
    TgParam *params;
    uint32_t param_count;
    TgNode *body;      // BLOCK, or an expression where `is_arrow`
    bool is_arrow, is_method, is_init, is_spawn_block;
    bool uses_self;    // SELF or SUPER in it or in an inner function (resolver)
    uint32_t token;    // of its name or `fn`
    TgBinding *self;   // methods: the receiver, a LOCAL (resolver); inner functions use it by capture
    TgBinding **captures; // bindings of outer functions it uses, directly or for inner ones (resolver)
    uint32_t capture_count;
};

// A parsed text. `tree` is a BLOCK; it may hold HOLEs where `diags` has errors.
typedef struct {
    TgArena *arena;
    TgTokens tokens;
    TgNode *tree;
    TgFn *module;           // the whole text as a function (resolver)
    TgBinding **globals;    // top-level names in order (resolver)
    uint32_t global_count;
} TgTree;

typedef enum { HOLDS_NOTHING, HOLDS_NAME, HOLDS_NUMBER, HOLDS_LIST } TgNodeHolds;

const char *tg_node_name(TgNodeKind kind);
TgNodeHolds tg_node_holds(TgNodeKind kind);

// Prints `node` as an indented tree to `out` (--dump=ast). Iterative where trees may be deep.
void tg_ast_dump(const TgTree *tree, const TgNode *node, void (*out)(void *, const char *, size_t), void *data);

#endif
