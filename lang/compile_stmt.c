// lang/compile_stmt.c
// Statements without blocks of their own kind: let, assignment, if, return, raise, import, and
// taking Lists apart.
//
// The right side comes first, then the targets from left to right. A local whose name is not
// visible yet may be computed in place; a variable that is assigned gets its value with the last
// instruction only. Layer: front end, private to the compiler.
#include "lang/compiler_impl.h"

#include <assert.h>

#include "vm/list.h"

// ---- targets

static TgBinding *target_binding(const TgNode *target) {
    if (target->kind == NODE_REST) target = target->a;
    return target->kind == NODE_NAME ? target->binding : NULL;
}

static void store_field(TgEmit *f, const TgNode *target, int object, int value) {
    f->token = target->last;
    tg_emit(f, OP_SETFIELD, object, value, 0);
    tg_emit_word(f, tg_constant_text(f, target->name));
    tg_emit_word(f, TG_NO_SHAPE);
    tg_emit_word(f, 0);
}

// Assigns register `value` to any target.
static void store(TgEmit *f, const TgNode *target, int value) {
    int mark = f->next;
    switch (target->kind) {
    case NODE_REST: store(f, target->a, value); break;
    case NODE_NAME:
        f->token = target->first;
        tg_name_store(f, target->binding, value);
        break;
    case NODE_FIELD: {
        int object = tg_expr(f, target->a, ANY);
        store_field(f, target, object, value);
        break;
    }
    case NODE_INDEX: {
        int object = tg_expr(f, target->a, ANY), index = tg_expr(f, target->b, ANY);
        f->token = tg_find_token(f, target->a->last + 1, TOK_LBRACKET);
        tg_emit(f, OP_SETINDEX, object, index, value);
        break;
    }
    default: break; // IGNORE
    }
    f->next = mark;
}

static bool too_many_targets(TgEmit *f, const TgNodeList *targets) {
    if (targets->count <= MAX_TARGETS) return false;
    tg_unit_fail(f->unit, targets->items[MAX_TARGETS]->first, "targets", "200",
                 "keep the List and index it");
    return true;
}

// Takes the List in `value` apart into as many registers from `base` on as there are targets.
static void unpack(TgEmit *f, const TgNodeList *targets, int base, int value, uint32_t token) {
    f->token = token;
    for (uint32_t i = 0; i < targets->count; i++) {
        if (targets->items[i]->kind != NODE_REST) continue;
        tg_emit(f, OP_UNPACKREST, base, value, (int)targets->count);
        tg_emit_word(f, i);
        return;
    }
    tg_emit(f, OP_UNPACK, base, value, (int)targets->count);
}

// Declares the targets with the values in the (taken) registers from `base` on. Whether some of
// those are the variables from now on.
static bool declare_at(TgEmit *f, const TgNodeList *targets, int base, bool in_registers) {
    bool kept = false;
    for (uint32_t i = 0; i < targets->count; i++) {
        TgBinding *binding = target_binding(targets->items[i]);
        if (!binding) continue;
        f->token = targets->items[i]->first;
        if (in_registers)
            kept |= tg_name_alias(f, binding, base + (int)i);
        else
            tg_name_away(f, binding, base + (int)i);
    }
    return kept;
}

void tg_targets_declare(TgEmit *f, const TgNode *node, int base, int item) {
    f->token = node->first;
    if (item != ANY) unpack(f, &node->list, base, item, node->first);
    declare_at(f, &node->list, base, true);
}

// ---- let

// Both sides are lists of the same length, without rest: item by item, no List is made.
static bool is_item_by_item(const TgNode *node) {
    const TgNode *value = node->a;
    if (value->kind != NODE_LIST || value->list.count != node->list.count) return false;
    for (uint32_t i = 0; i < node->list.count; i++) {
        if (node->list.items[i]->kind == NODE_REST) return false;
        if (value->list.items[i]->kind == NODE_SPREAD) return false;
    }
    return true;
}

// The values of a let or assignment with several targets, in registers from `base` (taken) on.
static void values_at(TgEmit *f, const TgNode *node, int base) {
    if (is_item_by_item(node)) {
        for (uint32_t i = 0; i < node->list.count; i++) {
            tg_expr(f, node->a->list.items[i], base + (int)i);
        }
        return;
    }
    int mark = f->next, value = tg_expr(f, node->a, ANY);
    unpack(f, &node->list, base, value, node->first);
    f->next = mark;
}

// The same in new registers; the first of them.
static int new_values(TgEmit *f, const TgNode *node) {
    if (too_many_targets(f, &node->list)) return 0;
    int base = tg_take(f, (int)node->list.count);
    values_at(f, node, base);
    return base;
}

static void let_unpack(TgEmit *f, const TgNode *node) {
    bool fits = f->next + (int)node->list.count <= REGISTER_LOCALS;
    if (!fits) tg_spill_need(f);
    int mark = f->next, base = new_values(f, node);
    if (!declare_at(f, &node->list, base, fits)) f->next = mark;
}

static void let(TgEmit *f, const TgNode *node) {
    if (node->flags & FLAG_UNPACK) {
        let_unpack(f, node);
        return;
    }
    TgBinding *binding = target_binding(node->list.items[0]);
    if (!binding) { // let _ = f()
        int mark = f->next;
        if (node->a) tg_expr(f, node->a, ANY);
        f->next = mark;
        return;
    }
    int reg = tg_name_begin(f, binding);
    if (node->a)
        tg_expr(f, node->a, reg);
    else
        tg_emit_load(f, TG_NIL, reg);
    f->token = node->list.items[0]->first;
    tg_name_finish(f, binding, reg);
}

// ---- assignment

// a, b = b, a + b with plain locals: the last value goes straight to its place, the others wait.
static bool assign_locals(TgEmit *f, const TgNode *node) {
    uint32_t count = node->list.count;
    if (!is_item_by_item(node) || !tg_writes_last(node->a->list.items[count - 1])) return false;
    if (count > 8) return false;
    for (uint32_t i = 0; i < count; i++) {
        const TgNode *target = node->list.items[i];
        if (target->kind != NODE_NAME || tg_binding_register(f, target->binding) == ANY)
            return false;
        for (uint32_t k = 0; k < i; k++) {
            if (node->list.items[k]->binding == target->binding) return false;
        }
    }
    int mark = f->next;
    for (uint32_t i = 0; i + 1 < count; i++) { tg_expr(f, node->a->list.items[i], tg_take(f, 1)); }
    tg_expr(f, node->a->list.items[count - 1], node->list.items[count - 1]->binding->reg);
    for (uint32_t i = 0; i + 1 < count; i++) store(f, node->list.items[i], mark + (int)i);
    f->next = mark;
    return true;
}

static void assign_unpack(TgEmit *f, const TgNode *node) {
    if (assign_locals(f, node)) return;
    int base = new_values(f, node);
    for (uint32_t i = 0; i < node->list.count; i++) {
        store(f, node->list.items[i], base + (int)i);
    }
}

static void assign_plain(TgEmit *f, const TgNode *node) {
    const TgNode *target = node->list.items[0];
    int local = target->kind == NODE_NAME ? tg_binding_register(f, target->binding) : ANY;
    if (local != ANY && tg_writes_last(node->a)) {
        tg_expr(f, node->a, local);
        return;
    }
    store(f, target, tg_expr(f, node->a, ANY));
}

// A target of `+=` and its like, whose parts are evaluated once.
typedef struct {
    const TgNode *node;
    int object, index; // registers of the parts
} Place;

static Place open_place(TgEmit *f, const TgNode *target) {
    Place place = {.node = target, .object = ANY, .index = ANY};
    if (target->kind != NODE_NAME) place.object = tg_expr(f, target->a, ANY);
    if (target->kind == NODE_INDEX) place.index = tg_expr(f, target->b, ANY);
    return place;
}

static int read_place(TgEmit *f, const Place *place) {
    if (place->node->kind == NODE_NAME) return tg_expr(f, place->node, ANY);
    int reg = tg_take(f, 1);
    if (place->node->kind == NODE_INDEX) {
        f->token = tg_find_token(f, place->node->a->last + 1, TOK_LBRACKET);
        tg_emit(f, OP_GETINDEX, reg, place->object, place->index);
        return reg;
    }
    f->token = place->node->last;
    tg_emit(f, OP_GETFIELD, reg, place->object, 0);
    tg_emit_word(f, tg_constant_text(f, place->node->name));
    tg_emit_word(f, TG_NO_SHAPE);
    return reg;
}

static void write_place(TgEmit *f, const Place *place, int value) {
    if (place->node->kind == NODE_INDEX) {
        f->token = tg_find_token(f, place->node->a->last + 1, TOK_LBRACKET);
        tg_emit(f, OP_SETINDEX, place->object, place->index, value);
    } else if (place->node->kind == NODE_FIELD) {
        store_field(f, place->node, place->object, value);
    } else {
        store(f, place->node, value);
    }
}

static void assign_inplace(TgEmit *f, const TgNode *node) {
    Place place = open_place(f, node->list.items[0]);
    int old = read_place(f, &place);
    if (node->op == TOK_COALESCE_ASSIGN) {
        TgLabel end = NEW_LABEL;
        f->token = node->first;
        tg_emit_jump(f, OP_JNNIL, old, 0, 0, &end);
        write_place(f, &place, tg_expr(f, node->a, ANY));
        tg_label_bind(f, &end);
        return;
    }
    int mark = f->next;
    TgOperand value = tg_operand(f, node->a);
    bool is_local =
        place.node->kind == NODE_NAME && tg_binding_register(f, place.node->binding) == old;
    f->next = mark;
    int result = is_local ? old : tg_take(f, 1);
    f->token = tg_find_token(f, node->list.items[0]->last + 1, node->op);
    tg_arithmetic(f, tg_token_inplace((TgTokenKind)node->op), (TgOperand){.reg = old}, value,
                  result);
    if (!is_local) write_place(f, &place, result);
}

static void assign(TgEmit *f, const TgNode *node) {
    int mark = f->next;
    if (node->flags & FLAG_UNPACK)
        assign_unpack(f, node);
    else if (node->op == TOK_ASSIGN)
        assign_plain(f, node);
    else
        assign_inplace(f, node);
    f->next = mark;
}

// ---- if, return, raise

static void if_chain(TgEmit *f, const TgNode *node) {
    TgLabel end = NEW_LABEL;
    for (; node && node->kind == NODE_IF && !f->unit->failed; node = node->c) {
        TgLabel other = NEW_LABEL;
        f->token = node->first;
        tg_jump(f, node->a, false, &other);
        tg_block(f, node->b);
        if (node->c && !tg_emit_dead(f)) tg_emit_jump(f, OP_JMP, 0, 0, 0, &end);
        tg_label_bind(f, &other);
    }
    if (node) tg_block(f, node);
    tg_label_bind(f, &end);
}

static void return_statement(TgEmit *f, const TgNode *node) {
    int mark = f->next, value = 0; // init gives its self, R[0]
    bool plain = f->care == 0;
    if (node->a) value = tg_expr(f, node->a, ANY); // init: not allowed
    f->token = node->first;
    if (f->fn->is_init)
        value = 0;
    else if (!node->a && plain) {
        tg_emit(f, OP_RETNIL, 0, 0, 0);
        return;
    } else if (!node->a) {
        value = tg_take(f, 1);
        tg_emit_load(f, TG_NIL, value);
    }
    tg_emit(f, plain ? OP_RET : OP_LEAVERET, value, 0, 0);
    f->next = mark;
}

static void raise_statement(TgEmit *f, const TgNode *node) {
    int mark = f->next;
    if (!node->a) {
        tg_emit(f, OP_RERAISE, f->clause, 0, 0);
        return;
    }
    int value = tg_expr(f, node->a, ANY);
    int cause = node->b ? tg_expr(f, node->b, ANY) : NO_REGISTER;
    f->token = node->first;
    tg_emit(f, OP_RAISE, value, cause, 0);
    f->next = mark;
}

static void leave_loop(TgEmit *f, const TgNode *node) {
    TgLoop *loop = f->loop;
    if (!loop) return; // an error of the resolver's
    TgLabel *label = node->kind == NODE_BREAK ? &loop->end : &loop->next;
    tg_emit_jump(f, f->care > loop->care ? OP_LEAVE : OP_JMP, 0, 0, 0, label);
}

// ---- import

static void import(TgEmit *f, const TgNode *node, int reg) {
    f->token = node->first;
    tg_emit(f, OP_IMPORT, reg, node->flags & FLAG_PATH ? 1 : 0, 0);
    tg_emit_word(f, tg_constant_text(f, node->a->name));
}

static void import_statement(TgEmit *f, const TgNode *node) {
    if (!node->c || node->c->kind != NODE_NAME) {
        import(f, node, tg_take(f, 1));
        f->next--;
        return;
    }
    tg_binding_set_module(node->c->binding);
    int reg = tg_name_begin(f, node->c->binding);
    import(f, node, reg);
    tg_name_finish(f, node->c->binding, reg);
}

// The module stays in a register below the names until the block ends, unless no name is a local.
static void from_statement(TgEmit *f, const TgNode *node) {
    int mark = f->next, module = tg_take(f, 1);
    bool kept = false;
    import(f, node, module);
    for (uint32_t i = 0; i < node->list.count && !f->unit->failed; i++) {
        const TgNode *imported = node->list.items[i];
        f->token = imported->first;
        TgBinding *binding = imported->c ? target_binding(imported->c) : NULL;
        int before = f->next, reg = binding ? tg_name_begin(f, binding) : tg_take(f, 1);
        f->token = imported->first;
        tg_emit(f, OP_MEMBER, reg, module, 0);
        tg_emit_word(f, tg_constant_text(f, imported->name));
        if (binding)
            tg_name_finish(f, binding, reg);
        else
            f->next = before;
        kept |= f->next > before;
    }
    if (!kept) f->next = mark;
}

// ---- statements and blocks

static void fn_declaration(TgEmit *f, const TgNode *node) {
    TgBinding *binding = node->c->binding;
    if (binding->kind == BIND_GLOBAL && binding->hoisted) return; // is there since the beginning
    int reg = tg_name_begin(f, binding);
    tg_fn_expr(f, node->fn, reg);
    tg_name_finish(f, binding, reg);
}

static void expression_statement(TgEmit *f, const TgNode *node) {
    int mark = f->next;
    if (tg_is_assert(node->a))
        tg_assert(f, node->a);
    else
        tg_expr(f, node->a, ANY);
    // A task that nobody can ask for is free as soon as it has ended.
    if (node->a->kind == NODE_SPAWN && f->count > 0) f->words[f->count - 1] |= TG_SPAWN_DROPPED;
    f->next = mark;
}

static TgValue code_of(TgEmit *f, TgFn *fn) {
    TgCode *code = f->unit->failed ? NULL : tg_compile_fn(f, fn);
    return code ? tg_obj(code) : TG_NIL;
}

// Where nobody asks for tests there is nothing of them in the program.
static void add_test(TgEmit *f, const TgNode *node) {
    TgUnit *unit = f->unit;
    TgVM *vm = unit->vm;
    if (!unit->job->tests) return;
    uint32_t line = tg_unit_line(unit, node->first);
    TgValue test[] = {tg_obj(tg_unit_text(unit, node->a->name)), tg_int(line), tg_bool(node->flags & FLAG_REAL),
                      code_of(f, node->fn), node->b ? code_of(f, node->b->fn) : TG_NIL};
    tg_list_push(vm, unit->job->tests, tg_obj(tg_list_of(vm, test, 5)));
}

void tg_statement(TgEmit *f, const TgNode *node) {
    if (tg_unit_deep(f->unit, node)) return;
    f->token = node->first;
    switch (node->kind) {
    case NODE_BLOCK: tg_block(f, node); break;
    case NODE_EXPRESSION: expression_statement(f, node); break;
    case NODE_LET: let(f, node); break;
    case NODE_ASSIGN: assign(f, node); break;
    case NODE_IF: if_chain(f, node); break;
    case NODE_WHILE: tg_while(f, node); break;
    case NODE_FOR: tg_for(f, node); break;
    case NODE_BREAK:
    case NODE_CONTINUE: leave_loop(f, node); break;
    case NODE_RETURN: return_statement(f, node); break;
    case NODE_RAISE: raise_statement(f, node); break;
    case NODE_TRY: tg_try(f, node); break;
    case NODE_WITH: tg_with(f, node); break;
    case NODE_NURSERY:
    case NODE_TIMEOUT:
    case NODE_SHIELD: tg_scope(f, node); break;
    case NODE_SELECT: tg_select(f, node); break;
    case NODE_FN_DECL: fn_declaration(f, node); break;
    case NODE_CLASS: tg_class_statement(f, node); break;
    case NODE_IMPORT: import_statement(f, node); break;
    case NODE_FROM: from_statement(f, node); break;
    case NODE_TEST: add_test(f, node); break;
    default: f->unit->failed = true; break; // a HOLE
    }
}

static void unset(TgEmit *f, const TgNode *name) {
    TgBinding *binding = name ? target_binding(name) : NULL;
    if (!binding || binding->kind != BIND_LOCAL || !binding->captured_unset) return;
    f->token = name->first;
    tg_name_unset(f, binding);
}

// What an inner function may see before it is declared gets its cell at the start of the block.
static void unset_names(TgEmit *f, const TgNode *statement) {
    switch (statement->kind) {
    case NODE_LET:
        for (uint32_t i = 0; i < statement->list.count; i++) unset(f, statement->list.items[i]);
        break;
    case NODE_FROM:
        for (uint32_t i = 0; i < statement->list.count; i++) unset(f, statement->list.items[i]->c);
        break;
    case NODE_FN_DECL:
    case NODE_CLASS:
    case NODE_IMPORT:
    case NODE_NURSERY: unset(f, statement->c); break;
    default: break;
    }
}

void tg_statements(TgEmit *f, const TgNode *block) {
    for (uint32_t i = 0; i < block->list.count; i++) unset_names(f, block->list.items[i]);
    for (uint32_t i = 0; i < block->list.count && !f->unit->failed; i++) {
        tg_statement(f, block->list.items[i]);
    }
}

void tg_block(TgEmit *f, const TgNode *node) {
    TgMark mark;
    tg_mark_open(f, &mark);
    tg_statements(f, node);
    tg_mark_close(f);
}
