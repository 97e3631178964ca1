// lang/compile_blocks.c
// Blocks that something is done around: loops, comprehensions, try, finally, with, nurseries,
// timeouts, shields.
//
// Entering a block that needs care costs nothing: its rows in the handler table say where a leaving
// goes. A row is added when its region ends, so inner rows come before outer ones. `care` counts
// the open regions that a return, break or continue has to go through in order. Layer: front end,
// private to the compiler.
#include "lang/compiler_impl.h"

#include "vm/vm.h"

// ---- loops

void tg_while(TgEmit *f, const TgNode *node) {
    TgLoop loop = {.outer = f->loop, .end = NEW_LABEL, .next = NEW_LABEL, .care = f->care};
    TgLabel top = NEW_LABEL;
    tg_label_bind(f, &top);
    tg_jump(f, node->a, false, &loop.end);
    f->loop = &loop;
    tg_block(f, node->b);
    f->loop = loop.outer;
    tg_label_bind(f, &loop.next);
    f->token = node->first;
    tg_emit_jump(f, OP_LOOP, 0, 0, 0, &top);
    tg_label_bind(f, &loop.end);
}

// A `for`, also that of a comprehension: its state from `state` on, what a turn gives from `items`
// on.
typedef struct {
    const TgNode *node;
    TgLoop loop;
    TgLabel body;
    int state;
    int names;       // B of FORNEXT
    bool is_counted; // over a..b: FORPREP and FORLOOP
} Over;

// Several names without a rest are filled by FORNEXT itself; else it gives the whole item.
static int names_of(const TgNode *node) {
    if (!(node->flags & FLAG_UNPACK)) return 1;
    for (uint32_t i = 0; i < node->list.count; i++) {
        if (node->list.items[i]->kind == NODE_REST) return 0;
    }
    return (int)node->list.count;
}

static void open_counted(TgEmit *f, Over *over) {
    const TgNode *node = over->node;
    over->state = tg_take(f, 3);
    tg_expr(f, node->a->a, over->state);
    tg_expr(f, node->a->b, over->state + 1);
    f->token = tg_find_token(f, node->a->a->last + 1, TOK_DOT_DOT);
    tg_emit_jump(f, OP_FORPREP, over->state, 0, 0, &over->loop.end);
    tg_label_bind(f, &over->body);
    tg_targets_declare(f, node, over->state + 2, ANY);
}

static void open_items(TgEmit *f, Over *over) {
    const TgNode *node = over->node;
    over->names = names_of(node);
    over->state = tg_take(f, 3 + (over->names ? over->names : 1));
    tg_expr(f, node->a, over->state);
    f->token = node->a->first;
    tg_emit(f, OP_ITERCALL, over->state, 0, 0);
    tg_emit(f, OP_ITER, over->state, 0, 0);
    tg_emit_jump(f, OP_JMP, 0, 0, 0, &over->loop.next);
    tg_label_bind(f, &over->body);
    int item = over->state + 3;
    if (over->names)
        tg_targets_declare(f, node, item, ANY);
    else
        tg_targets_declare(f, node, tg_take(f, (int)node->list.count), item);
}

static void open_loop(TgEmit *f, Over *over, const TgNode *node) {
    *over = (Over){.node = node,
                   .loop = {.outer = f->loop, .end = NEW_LABEL, .next = NEW_LABEL, .care = f->care},
                   .body = NEW_LABEL};
    over->is_counted = node->a->kind == NODE_RANGE && !(node->flags & FLAG_UNPACK);
    if (node->list.count > MAX_TARGETS) {
        tg_unit_fail(f->unit, node->first, "targets", "200", "keep the List and index it");
    }
    if (over->is_counted)
        open_counted(f, over);
    else
        open_items(f, over);
}

static void close_loop(TgEmit *f, Over *over) {
    tg_label_bind(f, &over->loop.next);
    f->token = over->node->first;
    if (over->is_counted) {
        tg_emit_jump(f, OP_FORLOOP, over->state, 0, 0, &over->body);
    } else {
        tg_emit_jump(f, OP_FORNEXT, over->state, over->names, 0, &over->body);
        tg_emit_jump(f, OP_FORTEST, over->state, over->names, 0, &over->body);
    }
    tg_label_bind(f, &over->loop.end);
}

void tg_for(TgEmit *f, const TgNode *node) {
    Over over;
    TgMark mark;
    tg_mark_open(f, &mark);
    open_loop(f, &over, node);
    f->loop = &over.loop;
    tg_block(f, node->b);
    f->loop = over.loop.outer;
    close_loop(f, &over);
    tg_mark_close(f);
}

int tg_comprehension(TgEmit *f, const TgNode *node, int target) {
    Over over;
    TgMark mark;
    if (target == ANY) target = tg_take(f, 1);
    f->token = node->first;
    tg_emit(f, OP_LIST, target, target, 0);
    tg_mark_open(f, &mark);
    open_loop(f, &over, node);
    if (node->b) tg_jump(f, node->b, false, &over.loop.next);
    int item = tg_expr(f, node->c, ANY);
    f->token = node->c->first;
    tg_emit(f, OP_APPEND, target, item, 0);
    close_loop(f, &over);
    tg_mark_close(f);
    return target;
}

// ---- try

// The classes of a clause: one, or several in a List; none stands for Error.
static int clause_classes(TgEmit *f, const TgNode *clause) {
    if (clause->list.count == 1) return tg_expr(f, clause->list.items[0], ANY);
    int reg = tg_take(f, 1);
    if (clause->list.count > 1) {
        tg_list_items(f, &clause->list, clause->list.count, reg);
    } else {
        tg_emit_load(f, tg_obj(f->unit->vm->errors[TG_ERR_Error]), reg);
    }
    return reg;
}

static void except_clause(TgEmit *f, const TgNode *clause, int state) {
    TgLabel next = NEW_LABEL;
    TgMark mark;
    uint32_t start = f->count;
    int outer = f->clause;
    f->care++;
    f->token = clause->first;
    tg_mark_open(f, &mark);
    int classes = clause_classes(f, clause);
    f->next = mark.next;
    f->token = clause->first;
    tg_emit_jump(f, OP_MATCH, state, classes, 0, &next);
    if (clause->c && clause->c->kind == NODE_NAME) {
        int reg = tg_name_begin(f, clause->c->binding);
        f->token = clause->c->first;
        tg_emit(f, OP_TAKEN, reg, state + 1, clause->flags & FLAG_STAR ? 1 : 0);
        tg_name_finish(f, clause->c->binding, reg);
    }
    f->clause = state;
    tg_block(f, clause->b);
    f->clause = outer;
    tg_mark_close(f);
    f->care--;
    tg_label_bind(f, &next);
    tg_handler_add(f, HANDLER_CLAUSE, start, f->count, state);
}

static void try_except(TgEmit *f, const TgNode *node) {
    TgLabel end = NEW_LABEL, done = NEW_LABEL;
    int state = tg_take(f, 5);
    uint32_t start = f->count;
    tg_block(f, node->a);
    f->token = node->first;
    tg_emit_jump(f, OP_JMP, 0, 0, 0, &end);
    tg_handler_add(f, HANDLER_TRY, start, f->count, state);
    for (uint32_t i = 0; i < node->list.count && !f->unit->failed; i++) {
        const TgNode *clause = node->list.items[i];
        f->token = clause->first;
        if (i > 0) tg_emit_jump(f, OP_JNIL, state, 0, 0, &done);
        except_clause(f, clause, state);
    }
    tg_label_bind(f, &done);
    f->token = node->first;
    tg_emit(f, OP_ENDTRY, state, 0, 0);
    tg_label_bind(f, &end);
}

// Ends the region of a cleanup that began at `start` and begins the cleanup itself: gives its
// start.
static uint32_t begin_cleanup(TgEmit *f, uint32_t start, int leaving) {
    f->care--;
    tg_handler_add(f, HANDLER_CLEANUP, start, f->count + tg_op_length(OP_BEGINFINALLY), leaving);
    tg_emit(f, OP_BEGINFINALLY, leaving, 0, 0);
    f->bound = f->count;
    return f->count;
}

static void end_cleanup(TgEmit *f, uint32_t start, int leaving) {
    tg_emit(f, OP_ENDFINALLY, leaving, 0, 0);
    tg_handler_add(f, HANDLER_FINALLY, start, start, leaving);
}

void tg_try(TgEmit *f, const TgNode *node) {
    int mark = f->next;
    if (!node->b) {
        try_except(f, node);
        f->next = mark;
        return;
    }
    int leaving = tg_take(f, 2);
    uint32_t start = f->count;
    f->care++;
    if (node->list.count)
        try_except(f, node);
    else
        tg_block(f, node->a);
    f->token = node->b->first;
    start = begin_cleanup(f, start, leaving);
    f->care++; // no statement leaves a finally; loops in it have to see that it is one
    tg_block(f, node->b);
    f->care--;
    f->token = node->b->last;
    end_cleanup(f, start, leaving);
    f->next = mark;
}

// ---- with

// R[w] resource, R[w + 1] what enter gave (and the name, if it is a plain local), R[w + 2], R[w +
// 3] the leaving.
void tg_with(TgEmit *f, const TgNode *node) {
    TgMark mark;
    tg_mark_open(f, &mark);
    int w = tg_take(f, 4);
    tg_expr(f, node->a, w);
    f->token = node->first;
    uint32_t start = tg_emit(f, OP_ENTER, w, 0, 0);
    tg_handler_add(f, HANDLER_ENTER, start, f->count, w);
    tg_emit(f, OP_ENTERED, w, 0, 0);
    start = f->count;
    f->care++;
    if (node->c && node->c->kind == NODE_NAME) {
        f->token = node->c->first;
        tg_name_alias(f, node->c->binding, w + 1);
    }
    tg_block(f, node->b);
    f->token = node->first;
    start = begin_cleanup(f, start, w + 2);
    tg_emit(f, OP_EXIT, w, 0, 0);
    end_cleanup(f, start, w + 2);
    tg_mark_close(f);
}

// ---- nursery, timeout, shield

// The scope in `state` gets its name, which belongs to the block around: `home` is the register
// kept for it, ANY where it lives elsewhere.
static void name_nursery(TgEmit *f, const TgNode *name, int state, int home) {
    f->token = name->first;
    int reg = home != ANY ? home : tg_take(f, 1);
    tg_emit(f, OP_MOVE, reg, state, 0);
    if (home != ANY) {
        tg_name_alias(f, name->binding, home);
    } else {
        tg_name_away(f, name->binding, reg);
        f->next = reg;
    }
}

// Where the variable of a nursery will be, decided before the registers of the scope are taken.
static int nursery_home(TgEmit *f, const TgNode *name) {
    const TgBinding *binding = name->binding;
    if (binding->kind != BIND_LOCAL || binding->captured_unset) return ANY;
    if (f->next < REGISTER_LOCALS) return tg_take(f, 1);
    tg_spill_need(f);
    return ANY;
}

static void open_scope(TgEmit *f, const TgNode *node, int state) {
    if (node->kind == NODE_NURSERY) {
        tg_emit(f, OP_NURSERY, state, 0, 0);
        return;
    }
    int mark = f->next;
    int seconds = node->a ? tg_expr(f, node->a, ANY) : NO_REGISTER;
    f->token = node->first;
    tg_emit(f, node->kind == NODE_TIMEOUT ? OP_TIMEOUT : OP_SHIELD, state, seconds, 0);
    f->next = mark;
}

void tg_scope(TgEmit *f, const TgNode *node) {
    bool is_nursery = node->kind == NODE_NURSERY;
    const TgNode *name = is_nursery && node->c && node->c->kind == NODE_NAME ? node->c : NULL;
    TgNode *other = node->kind == NODE_TIMEOUT ? node->c : NULL;
    TgLabel after = NEW_LABEL, run_out = NEW_LABEL;
    int home = name ? nursery_home(f, name) : ANY;
    int mark = f->next, state = tg_take(f, 3), outer = f->nursery;
    open_scope(f, node, state);
    uint32_t start = f->count;
    f->bound = start;
    f->care++;
    if (name) name_nursery(f, name, state, home);
    if (is_nursery) f->nursery = state;
    tg_block(f, node->b);
    f->nursery = outer;
    f->care--;
    f->token = node->first;
    tg_emit(f, OP_BEGINFINALLY, state + 1, 0, 0);
    uint32_t end = f->count;
    tg_emit_jump(f, OP_ENDSCOPE, state, other ? 1 : 0, 0, other ? &run_out : &after);
    tg_handler_add(f, HANDLER_SCOPE, start, end, state);
    f->next = mark;
    if (other) {
        tg_emit_jump(f, OP_JMP, 0, 0, 0, &after);
        tg_label_bind(f, &run_out);
        tg_block(f, other);
    }
    tg_label_bind(f, &after);
}
