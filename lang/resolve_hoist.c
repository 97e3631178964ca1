// lang/resolve_hoist.c
// Which top-level functions and classes exist before the first statement, and circles of classes.
//
// A class can be made early if its superclass can: if it has none, or a built-in one, or one of the
// same file of which the same is true. The compiler makes a superclass before the classes derived
// from it. Layer: front end, private to the resolver.
#include "lang/resolver_impl.h"

#include <stdlib.h>
#include <string.h>

typedef enum { UNKNOWN, ON_PATH, EARLY, IN_ORDER } Verdict;

// The class statement that alone declares a global; NULL for anything else.
static const TgNode *class_of(const TgResolver *r, const TgBinding *binding) {
    if (binding->kind != BIND_GLOBAL) return NULL;
    const TgNode *source = r->global_decls[binding->index]->source;
    return source && source->kind == NODE_CLASS ? source : NULL;
}

static void report_circle(TgResolver *r, const TgNode *start) {
    size_t length = 0, room = 0;
    const TgNode *node = start;
    do {
        room += node->c->name.length + 3;
        node = class_of(r, node->a->binding);
    } while (node != start);
    char *text = tg_arena_alloc(r->arena, room + start->c->name.length + 1);
    do {
        memcpy(text + length, node->c->name.at, node->c->name.length);
        length += node->c->name.length;
        memcpy(text + length, " < ", 3);
        length += 3;
        node = class_of(r, node->a->binding);
    } while (node != start);
    memcpy(text + length, start->c->name.at, start->c->name.length);
    tg_diag_add(r->diags, DIAG_CLASS_CIRCLE, TG_PLACE(r, start->c->first),
                tg_resolver_string(r, start->c->name), text);
}

// What can be said of a class without looking at its superclass's own case; UNKNOWN: that decides.
static Verdict own_verdict(const TgResolver *r, const TgNode *node) {
    const TgNode *super = node->a;
    if (!super) return EARLY;
    if (super->kind != NODE_NAME || !super->binding) return IN_ORDER;
    if (super->binding->kind == BIND_BUILTIN) return EARLY;
    return class_of(r, super->binding) ? UNKNOWN : IN_ORDER;
}

// Goes up from a class until one is known, then gives its verdict to all on the way.
static void judge(TgResolver *r, const TgNode *node, uint8_t *verdicts) {
    const TgNode *start = node;
    Verdict verdict = UNKNOWN;
    while (verdict == UNKNOWN) {
        uint8_t *known = &verdicts[node->c->binding->index];
        if (*known == ON_PATH) {
            report_circle(r, node);
            verdict = IN_ORDER;
        } else if (*known != UNKNOWN) {
            verdict = (Verdict)*known;
        } else {
            *known = ON_PATH;
            verdict = own_verdict(r, node);
            if (verdict == UNKNOWN) node = class_of(r, node->a->binding);
        }
    }
    for (node = start; node && verdicts[node->c->binding->index] == ON_PATH;) {
        verdicts[node->c->binding->index] = (uint8_t)verdict;
        node->c->binding->hoisted = verdict == EARLY;
        node = own_verdict(r, node) == UNKNOWN ? class_of(r, node->a->binding) : NULL;
    }
}

void tg_resolver_hoist(TgResolver *r) {
    uint8_t *verdicts = tg_arena_alloc(r->arena, r->tree->global_count + 1);
    for (uint32_t i = 0; i < r->tree->global_count; i++) {
        const TgNode *source = r->global_decls[i]->source;
        if (!source || !source->c) continue;
        if (source->kind == NODE_FN_DECL) r->tree->globals[i]->hoisted = true;
        if (source->kind == NODE_CLASS) judge(r, source, verdicts);
    }
}
