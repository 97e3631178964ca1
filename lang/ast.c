// lang/ast.c
// Names of node kinds, and the tree as text (--dump=ast).
//
// One line a node: its role in the node above, its kind, what it holds. The walk keeps a stack of
// its own: a long sum is a tree as deep as it is long. Layer: front end.
#include "lang/ast.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char *const names[] = {
#define NODE(id, name, holds, parts) name,
#include "lang/nodes.def"
#undef NODE
};

static const uint8_t held[] = {
#define NODE(id, name, holds, parts) HOLDS_##holds,
#include "lang/nodes.def"
#undef NODE
};

TgNodeHolds tg_node_holds(TgNodeKind kind) {
    return (TgNodeHolds)held[kind];
}

const char *tg_node_name(TgNodeKind kind) {
    return names[kind];
}

typedef struct {
    const TgNode *node;
    uint32_t depth;
    const char *role;
} Item;

typedef struct {
    void (*out)(void *, const char *, size_t);
    void *data;
    Item *items; // still to be printed, the next one last
    size_t count, room;
} Dump;

static void put(Dump *dump, const char *text) {
    dump->out(dump->data, text, strlen(text));
}

__attribute__((format(printf, 2, 3))) static void putf(Dump *dump, const char *format, ...) {
    char text[128];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    put(dump, text);
}

static void put_name(Dump *dump, TgText text) {
    dump->out(dump->data, text.at, text.length);
}

// A text in quotes, without anything that a terminal would obey.
static void put_quoted(Dump *dump, TgText text) {
    put(dump, "\"");
    for (uint32_t i = 0; i < text.length; i++) {
        char c = text.at[i];
        if (c == '\n')
            put(dump, "\\n");
        else if (c == '"' || c == '\\')
            putf(dump, "\\%c", c);
        else if ((unsigned char)c < 0x20 || c == 0x7F)
            putf(dump, "\\x%02x", (unsigned)c);
        else
            dump->out(dump->data, &c, 1);
    }
    put(dump, "\"");
}

static void push(Dump *dump, const TgNode *node, uint32_t depth, const char *role) {
    if (!node) return;
    if (dump->count == dump->room) {
        size_t room = dump->room ? dump->room * 2 : 64;
        Item *items = realloc(dump->items, room * sizeof *items);
        if (!items) return;
        dump->items = items;
        dump->room = room;
    }
    dump->items[dump->count++] = (Item){node, depth, role};
}

static void put_binding(Dump *dump, const TgBinding *binding) {
    static const char *const kinds[] = {"local", "global", "builtin"};
    if (!binding) return;
    putf(dump, " [%s", kinds[binding->kind]);
    if (binding->kind != BIND_LOCAL) putf(dump, " %u", binding->index);
    if (binding->captured) put(dump, " captured");
    if (binding->captured_unset) put(dump, " captured_unset");
    if (binding->assigned) put(dump, " assigned");
    if (binding->hoisted) put(dump, " hoisted");
    put(dump, "]");
}

static void put_fn(Dump *dump, const TgFn *fn) {
    static const char *const marks[] = {"", "*", "named "};
    put(dump, " ");
    if (fn->name.length) put_name(dump, fn->name);
    put(dump, "(");
    for (uint32_t i = 0; i < fn->param_count; i++) {
        const TgParam *param = &fn->params[i];
        put(dump, i ? ", " : "");
        put(dump, marks[param->is_rest ? 1 : param->named_only ? 2 : 0]);
        put_name(dump, param->binding->name);
        if (param->fallback) put(dump, " =");
    }
    put(dump, ")");
    if (fn->is_method) put(dump, " method");
    if (fn->uses_self) put(dump, " uses_self");
    for (uint32_t i = 0; i < fn->capture_count; i++) {
        put(dump, i ? ", " : " captures ");
        put_name(dump, fn->captures[i]->name);
    }
}

static void put_flags(Dump *dump, uint8_t flags) {
    static const struct {
        uint8_t flag;
        const char *name;
    } all[] = {{FLAG_NOT, " not"},   {FLAG_UNPACK, " unpack"}, {FLAG_STAR, " star"},
               {FLAG_PATH, " path"}, {FLAG_RANDOM, " random"}, {FLAG_BLOCK, " block"},
               {FLAG_REAL, " real"}};
    for (size_t i = 0; i < sizeof all / sizeof *all; i++) {
        if (flags & all[i].flag) put(dump, all[i].name);
    }
}

static bool has_fn(const TgNode *node) {
    return node->kind == NODE_FN || node->kind == NODE_FN_DECL || node->kind == NODE_TEST;
}

static void put_held(Dump *dump, const TgNode *node) {
    TgNodeHolds holds = tg_node_holds((TgNodeKind)node->kind);
    bool is_text = node->kind == NODE_STRING || node->kind == NODE_FORMAT;
    if (holds == HOLDS_NUMBER)
        putf(dump, " %.17g", node->number);
    else if (holds == HOLDS_NAME && node->name.at && is_text)
        put(dump, " "), put_quoted(dump, node->name);
    else if (holds == HOLDS_NAME && node->name.length)
        put(dump, " "), put_name(dump, node->name);
}

static void put_node(Dump *dump, Item item) {
    enum { DEEPEST = 100 }; // beyond, the depth stands as a number
    const TgNode *node = item.node;
    uint32_t indent = item.depth < DEEPEST ? item.depth : DEEPEST;
    putf(dump, "%*s", (int)indent * 2, "");
    if (item.depth > DEEPEST) putf(dump, "(%u) ", item.depth);
    put(dump, item.role);
    put(dump, names[node->kind]);
    put_held(dump, node);
    if (node->kind == NODE_UNARY || node->kind == NODE_BINARY || node->kind == NODE_LOGICAL ||
        node->kind == NODE_ASSIGN) {
        putf(dump, " %s", tg_token_text((TgTokenKind)node->op));
    }
    put_flags(dump, node->flags);
    if (has_fn(node) && node->fn)
        put_fn(dump, node->fn);
    else if (!has_fn(node))
        put_binding(dump, node->binding);
    put(dump, "\n");
}

// Pushes what is under a node, last part first.
static void push_parts(Dump *dump, const TgNode *node, uint32_t depth) {
    if (has_fn(node) && node->fn) {
        push(dump, node->fn->body, depth, node->fn->is_arrow ? "=> " : "body: ");
        for (uint32_t i = node->fn->param_count; i-- > 0;) {
            push(dump, node->fn->params[i].fallback, depth, "default: ");
        }
    }
    push(dump, node->c, depth, "c: ");
    push(dump, node->b, depth, "b: ");
    push(dump, node->a, depth, "a: ");
    if (tg_node_holds((TgNodeKind)node->kind) != HOLDS_LIST) return;
    for (uint32_t i = node->list.count; i-- > 0;) push(dump, node->list.items[i], depth, "- ");
}

void tg_ast_dump(const TgTree *tree, const TgNode *node, void (*out)(void *, const char *, size_t),
                 void *data) {
    (void)tree;
    Dump dump = {.out = out, .data = data};
    push(&dump, node, 0, "");
    while (dump.count) {
        Item item = dump.items[--dump.count];
        put_node(&dump, item);
        push_parts(&dump, item.node, item.depth + 1);
    }
    free(dump.items);
}
