// lang/resolver.c
// The resolver's walk: every name gets its binding, every statement is asked whether it may stand
// there.
//
// One pass in the order of the text. What chains to the left in the tree, and else-ifs, are loops;
// the depth of the rest is bounded by the parser. Layer: front end.
#include "lang/resolver_impl.h"

#include <string.h>

static void resolve_expression(TgResolver *r, TgNode *node);
static void resolve_statement(TgResolver *r, TgNode *node);
static void resolve_fn(TgResolver *r, TgFn *fn, const TgNode *class_node);

static void resolve_all(TgResolver *r, TgNodeList list) {
    for (uint32_t i = 0; i < list.count; i++) resolve_expression(r, list.items[i]);
}

static void report(TgResolver *r, TgDiagKind kind, const TgNode *node, const char *word) {
    tg_diag_add(r->diags, kind, TG_PLACE(r, node->first), word);
}

// ---- self, super, spawn

// The method around, through inner functions and spawn blocks; marks all on the way as users of
// self.
static TgFrame *use_self(TgResolver *r, TgNode *node) {
    TgFrame *frame = r->frame;
    while (frame && !frame->fn->is_method) frame = frame->outer;
    if (!frame) return NULL;
    for (TgFrame *user = r->frame; user != frame->outer; user = user->outer) {
        user->fn->uses_self = true;
    }
    node->binding = frame->fn->self;
    tg_resolver_capture(r, frame->fn->self);
    return frame;
}

static void resolve_self(TgResolver *r, TgNode *node) {
    if (!use_self(r, node)) report(r, DIAG_SELF_OUTSIDE, node, "self");
}

static void resolve_super(TgResolver *r, TgNode *node) {
    TgFrame *frame = use_self(r, node);
    if (!frame) {
        report(r, DIAG_SELF_OUTSIDE, node, "super");
    } else if (frame->class_node && !frame->class_node->a) {
        const TgNode *name = frame->class_node->c;
        report(r, DIAG_SUPER_NONE, node, name ? tg_resolver_string(r, name->name) : "Name");
    }
}

// A spawn block has the nurseries of the function around; where there is none, its own spawn said
// so.
static void check_spawn(TgResolver *r, const TgNode *node) {
    const TgFrame *frame = r->frame;
    bool has_session = r->names->has_nursery && !frame->outer; // the session is its nursery
    if (!frame->nurseries && !frame->fn->is_spawn_block && !has_session) report(r, DIAG_SPAWN_OUTSIDE, node, NULL);
}

// ---- expressions

static void resolve_comprehension(TgResolver *r, TgNode *node) {
    if (node->a) resolve_expression(r, node->a);
    TgScope scope;
    tg_scope_enter(r, &scope);
    for (uint32_t i = 0; i < node->list.count; i++) tg_scope_add(r, node->list.items[i]);
    if (node->b) resolve_expression(r, node->b);
    resolve_expression(r, node->c);
    tg_scope_leave(r);
}

// Right sides are resolved by recursion, the way goes on to the left: a sum of any length is one
// call.
static void resolve_expression(TgResolver *r, TgNode *node) {
    while (node) {
        TgNode *next = node->a;
        switch ((TgNodeKind)node->kind) {
        case NODE_NAME: tg_resolver_use(r, node, false); return;
        case NODE_SELF: resolve_self(r, node); return;
        case NODE_SUPER: resolve_super(r, node); return;
        case NODE_COMPREHENSION: resolve_comprehension(r, node); return;
        case NODE_FN: resolve_fn(r, node->fn, NULL); return;
        case NODE_SPAWN: check_spawn(r, node); break;
        case NODE_LIST:
        case NODE_MAP:
        case NODE_INTERP:
        case NODE_CALL: resolve_all(r, node->list); break;
        case NODE_CONDITIONAL:
            resolve_expression(r, node->a);
            resolve_expression(r, node->b);
            next = node->c; // chains to the right
            break;
        case NODE_PAIR:
        case NODE_BINARY:
        case NODE_LOGICAL:
        case NODE_IS:
        case NODE_RANGE:
        case NODE_INDEX:
        case NODE_SLICE:
            if (node->b) resolve_expression(r, node->b);
            if (node->c) resolve_expression(r, node->c);
            break;
        default: break;
        }
        node = next;
    }
}

// ---- functions

static void resolve_statements(TgResolver *r, TgNodeList list) {
    for (uint32_t i = 0; i < list.count; i++) resolve_statement(r, list.items[i]);
}

static void resolve_block(TgResolver *r, TgNode *block) {
    if (!block) return;
    TgScope scope;
    tg_scope_enter(r, &scope);
    tg_scope_announce(r, block->list);
    resolve_statements(r, block->list);
    tg_scope_leave(r);
}

static void make_self(TgResolver *r, TgFn *fn) {
    fn->self = tg_arena_alloc(r->arena, sizeof *fn->self);
    *fn->self =
        (TgBinding){.name = {"self", 4}, .kind = BIND_LOCAL, .token = fn->token, .owner = fn};
}

// Parameters and the body's own names share one scope. A default sees the parameters before its
// own.
static void resolve_fn(TgResolver *r, TgFn *fn, const TgNode *class_node) {
    TgFrame frame = {.outer = r->frame, .fn = fn, .class_node = class_node};
    TgScope scope;
    fn->outer = r->frame ? r->frame->fn : NULL;
    r->frame = &frame;
    if (fn->is_method) make_self(r, fn);
    tg_scope_enter(r, &scope);
    for (uint32_t i = 0; i < fn->param_count; i++) {
        if (fn->params[i].fallback) resolve_expression(r, fn->params[i].fallback);
        tg_scope_add_param(r, fn->params[i].binding);
    }
    if (fn->is_arrow) {
        resolve_expression(r, fn->body);
    } else {
        tg_scope_announce(r, fn->body->list);
        resolve_statements(r, fn->body->list);
    }
    tg_scope_leave(r);
    r->frame = frame.outer;
}

// ---- let, assignment, declarations

static TgNode *name_of_target(TgNode *target) {
    if (target->kind == NODE_REST) target = target->a;
    return target && target->kind == NODE_NAME ? target : NULL;
}

static void resolve_let(TgResolver *r, TgNode *node) {
    for (uint32_t i = 0; i < node->list.count; i++) {
        TgNode *name = name_of_target(node->list.items[i]);
        if (name) tg_scope_declare(r, name, DECL_BEGUN);
    }
    resolve_expression(r, node->a);
    for (uint32_t i = 0; i < node->list.count; i++) {
        TgNode *name = name_of_target(node->list.items[i]);
        if (name) tg_resolver_symbol(r, name->name)->decl->state = DECL_READY;
    }
}

static void resolve_assign(TgResolver *r, TgNode *node) {
    resolve_expression(r, node->a);
    for (uint32_t i = 0; i < node->list.count; i++) {
        TgNode *target = node->list.items[i];
        if (target->kind == NODE_REST) target = target->a;
        if (target->kind == NODE_FIELD && target->a->kind == NODE_SELF)
            tg_resolver_symbol(r, target->name)->field_of = tg_resolver_class(r);
        if (target->kind == NODE_NAME)
            tg_resolver_use(r, target, true);
        else
            resolve_expression(r, target);
    }
}

static void resolve_fn_declaration(TgResolver *r, TgNode *node) {
    TgDecl *decl = node->c ? tg_scope_declare(r, node->c, DECL_BEGUN) : NULL;
    resolve_fn(r, node->fn, NULL);
    if (decl) decl->state = DECL_READY;
}

static void check_member(TgResolver *r, const TgNode *class_node, const TgNode *name) {
    TgSymbol *symbol = tg_resolver_symbol(r, name->name);
    if (symbol->member_of == class_node) {
        tg_diag_add(r->diags, DIAG_METHOD_TWICE, TG_PLACE(r, name->first),
                    tg_resolver_string(r, name->name), tg_resolver_line(r, symbol->member_token));
    }
    symbol->member_of = class_node;
    symbol->member_token = name->first;
}

static void resolve_class(TgResolver *r, TgNode *node) {
    TgDecl *decl = node->c ? tg_scope_declare(r, node->c, DECL_BEGUN) : NULL;
    resolve_expression(r, node->a);
    for (uint32_t i = 0; i < node->list.count; i++) {
        TgNode *member = node->list.items[i];
        if (member->kind == NODE_FN_DECL) {
            if (member->c) check_member(r, node, member->c);
            resolve_fn(r, member->fn, node);
        } else if (member->kind == NODE_LET) {
            TgNode *name = member->list.count ? name_of_target(member->list.items[0]) : NULL;
            if (name) check_member(r, node, name);
            resolve_expression(r, member->a);
        }
    }
    if (decl) decl->state = DECL_READY;
}

// ---- control

// A block that has a name of its own, in a scope around it.
static void resolve_named_block(TgResolver *r, TgNode *name, TgNode *block) {
    TgScope scope;
    tg_scope_enter(r, &scope);
    tg_scope_add(r, name);
    resolve_block(r, block);
    tg_scope_leave(r);
}

// Links of an else-if chain, one after the other.
static void resolve_if(TgResolver *r, TgNode *node) {
    for (; node->kind == NODE_IF; node = node->c) {
        resolve_expression(r, node->a);
        resolve_block(r, node->b);
        if (!node->c) return;
    }
    resolve_block(r, node);
}

static void resolve_while(TgResolver *r, TgNode *node) {
    resolve_expression(r, node->a);
    r->frame->loops++;
    resolve_block(r, node->b);
    r->frame->loops--;
}

static void resolve_for(TgResolver *r, TgNode *node) {
    resolve_expression(r, node->a);
    TgScope scope;
    tg_scope_enter(r, &scope);
    for (uint32_t i = 0; i < node->list.count; i++) tg_scope_add(r, node->list.items[i]);
    r->frame->loops++;
    resolve_block(r, node->b);
    r->frame->loops--;
    tg_scope_leave(r);
}

static void resolve_finally(TgResolver *r, TgNode *block) {
    TgFrame *frame = r->frame;
    bool outer = frame->in_finally;
    uint32_t outer_loops = frame->finally_loops;
    frame->in_finally = true;
    frame->finally_loops = frame->loops;
    resolve_block(r, block);
    frame->in_finally = outer;
    frame->finally_loops = outer_loops;
}

static void resolve_try(TgResolver *r, TgNode *node) {
    resolve_block(r, node->a);
    for (uint32_t i = 0; i < node->list.count; i++) {
        TgNode *clause = node->list.items[i];
        resolve_all(r, clause->list);
        r->frame->handlers++;
        resolve_named_block(r, clause->c, clause->b);
        r->frame->handlers--;
    }
    if (node->b) resolve_finally(r, node->b);
}

static void resolve_nursery(TgResolver *r, TgNode *node) {
    if (node->c) tg_scope_declare(r, node->c, DECL_READY);
    r->frame->nurseries++;
    resolve_block(r, node->b);
    r->frame->nurseries--;
}

static void resolve_select(TgResolver *r, TgNode *node) {
    for (uint32_t i = 0; i < node->list.count; i++) {
        TgNode *clause = node->list.items[i];
        resolve_expression(r, clause->a);
        resolve_named_block(r, clause->c, clause->b);
    }
    resolve_block(r, node->c);
}

// ---- leaving

// Whether a spawn block is all that keeps a statement from what it needs of the functions around.
static bool is_kept_by_spawn(const TgFrame *frame, bool wants_loop) {
    while (frame->fn->is_spawn_block && frame->outer) {
        frame = frame->outer;
        if (wants_loop ? frame->loops : frame->handlers) return true;
    }
    return false;
}

static void check_loop_exit(TgResolver *r, const TgNode *node, const char *word) {
    const TgFrame *frame = r->frame;
    if (frame->loops == 0) {
        bool is_kept = is_kept_by_spawn(frame, true);
        report(r, is_kept ? DIAG_LEAVES_SPAWN : DIAG_LOOP_OUTSIDE, node, word);
    } else if (frame->in_finally && frame->loops == frame->finally_loops) {
        report(r, DIAG_LEAVES_FINALLY, node, word);
    }
}

static void resolve_return(TgResolver *r, TgNode *node) {
    const TgFrame *frame = r->frame;
    if (!frame->outer && !r->had_errors) // else a brace may be what is wrong
        report(r, DIAG_RETURN_OUTSIDE, node, NULL);
    else if (frame->in_finally)
        report(r, DIAG_LEAVES_FINALLY, node, "return");
    else if (frame->fn->is_init && node->a)
        report(r, DIAG_INIT_RETURN, node, NULL);
    resolve_expression(r, node->a);
}

static void resolve_raise(TgResolver *r, TgNode *node) {
    resolve_expression(r, node->a);
    resolve_expression(r, node->b);
    if (node->a || r->frame->handlers) return;
    bool is_kept = is_kept_by_spawn(r->frame, false);
    report(r, is_kept ? DIAG_LEAVES_SPAWN : DIAG_RAISE_OUTSIDE, node, "raise");
}

// A test is a function of its file, and its cases are one: nothing of either happens where it stands.
static void resolve_test(TgResolver *r, TgNode *node) {
    if (!r->scope->is_global || r->names->is_session) report(r, DIAG_TEST_PLACE, node, NULL);
    if (node->b) resolve_fn(r, node->b->fn, NULL);
    resolve_fn(r, node->fn, NULL);
}

// ---- statements

static void resolve_statement(TgResolver *r, TgNode *node) {
    switch ((TgNodeKind)node->kind) {
    case NODE_BLOCK: resolve_block(r, node); break;
    case NODE_EXPRESSION: resolve_expression(r, node->a); break;
    case NODE_LET: resolve_let(r, node); break;
    case NODE_ASSIGN: resolve_assign(r, node); break;
    case NODE_IF: resolve_if(r, node); break;
    case NODE_WHILE: resolve_while(r, node); break;
    case NODE_FOR: resolve_for(r, node); break;
    case NODE_BREAK: check_loop_exit(r, node, "break"); break;
    case NODE_CONTINUE: check_loop_exit(r, node, "continue"); break;
    case NODE_RETURN: resolve_return(r, node); break;
    case NODE_RAISE: resolve_raise(r, node); break;
    case NODE_TRY: resolve_try(r, node); break;
    case NODE_WITH:
        resolve_expression(r, node->a);
        resolve_named_block(r, node->c, node->b);
        break;
    case NODE_NURSERY: resolve_nursery(r, node); break;
    case NODE_TIMEOUT:
        resolve_expression(r, node->a);
        resolve_block(r, node->b);
        resolve_block(r, node->c);
        break;
    case NODE_SHIELD:
        resolve_expression(r, node->a);
        resolve_block(r, node->b);
        break;
    case NODE_SELECT: resolve_select(r, node); break;
    case NODE_FN_DECL: resolve_fn_declaration(r, node); break;
    case NODE_CLASS: resolve_class(r, node); break;
    case NODE_IMPORT:
        if (node->c) tg_scope_declare(r, node->c, DECL_READY);
        break;
    case NODE_FROM:
        for (uint32_t i = 0; i < node->list.count; i++) {
            if (node->list.items[i]->c) tg_scope_declare(r, node->list.items[i]->c, DECL_READY);
        }
        break;
    case NODE_TEST: resolve_test(r, node); break;
    default: break; // HOLE
    }
}

void tg_resolve(TgTree *tree, const TgResolveNames *names, TgDiags *diags) {
    TgResolver r = {.tree = tree,
                    .arena = tree->arena,
                    .diags = diags,
                    .names = names,
                    .had_errors = diags->count > 0};
    tree->module = tg_arena_alloc(tree->arena, sizeof *tree->module);
    tree->module->name = (TgText){"", 0};
    tree->module->body = tree->tree;
    TgFrame module = {.fn = tree->module};
    TgScope globals;
    r.frame = &module;
    tg_resolver_start(&r, &globals);
    tg_scope_announce(&r, tree->tree->list);
    resolve_statements(&r, tree->tree->list);
    tg_resolver_hoist(&r);
    tg_scope_leave(&r);
}
