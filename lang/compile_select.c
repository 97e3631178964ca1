// lang/compile_select.c
// select: what its cases are about is evaluated in order into registers (a List, where there are many), SELECT waits for
// the first that can go on and gives its number and value, and the case's block is gone to.
// Layer: front end, private to the compiler.
#include "lang/compiler_impl.h"
#include "vm/vm.h"

enum {
    MAX_CASES = 120,       // compared as an 8-bit number
    CASES_IN_REGISTERS = 16,
    SPARE_REGISTERS = 30,  // for what the last of them is computed with
};

// A value of a case: into the next register, or appended to the List in the register `list`.
static void put(TgEmit *f, int list, const TgNode *node) {
    if (list < 0) {
        tg_expr(f, node, tg_take(f, 1));
        return;
    }
    int mark = f->next;
    int reg = tg_expr(f, node, ANY);
    tg_emit(f, OP_APPEND, list, reg, 0);
    f->next = mark;
}

static void put_value(TgEmit *f, int list, TgValue value) {
    int mark = f->next;
    int reg = tg_take(f, 1);
    tg_emit_load(f, value, reg);
    if (list < 0) return;
    tg_emit(f, OP_APPEND, list, reg, 0);
    f->next = mark;
}

static bool is_sleep(const TgNode *call) {
    const TgNode *callee = call->a;
    return callee->kind == NODE_NAME && callee->name.length == 5 && memcmp(callee->name.at, "sleep", 5) == 0 &&
           callee->binding && callee->binding->kind == BIND_BUILTIN;
}

// Three values: the operation's name, its object, its argument.
static void case_values(TgEmit *f, const TgNode *clause, int list) {
    const TgNode *call = clause->a;
    f->token = clause->first;
    bool sleeps = is_sleep(call);
    if ((!sleeps && call->a->kind != NODE_FIELD) || call->list.count > 1 ||
        (call->list.count == 1 && (call->list.items[0]->kind == NODE_SPREAD || call->list.items[0]->kind == NODE_NAMED))) {
        const TgToken *token = &f->unit->tree->tokens.items[clause->a->first];
        tg_diag_add(f->unit->diags, DIAG_CASE_CALL, token->start, token->end);
        f->unit->failed = true;
        return;
    }
    if (sleeps) {
        put_value(f, list, tg_obj(tg_string_c(f->unit->vm, "sleep")));
        put_value(f, list, TG_NIL);
    } else {
        put_value(f, list, tg_obj(tg_unit_text(f->unit, call->a->name)));
        put(f, list, call->a->a);
    }
    if (call->list.count == 1)
        put(f, list, call->list.items[0]);
    else
        put_value(f, list, TG_NIL);
}

static void case_block(TgEmit *f, const TgNode *clause, int value) {
    TgMark mark;
    tg_mark_open(f, &mark);
    if (clause->c && clause->c->kind == NODE_NAME) {
        f->token = clause->c->first;
        int reg = tg_take(f, 1);
        tg_emit(f, OP_MOVE, reg, value, 0);
        tg_name_alias(f, clause->c->binding, reg);
    }
    tg_block(f, clause->b);
    tg_mark_close(f);
}

void tg_select(TgEmit *f, const TgNode *node) {
    uint32_t count = node->list.count;
    if (count > MAX_CASES) tg_unit_fail(f->unit, node->first, "cases in a select", "120", "split it");
    int mark = f->next;
    tg_emit_check(f, node->first);
    int window = tg_take(f, 2);
    bool in_registers = count <= CASES_IN_REGISTERS && f->next + (int)count * 3 + SPARE_REGISTERS < TG_MAX_REGISTERS;
    int list = in_registers ? -1 : tg_take(f, 1);
    if (list >= 0) tg_emit(f, OP_LIST, list, list, 0);
    for (uint32_t i = 0; i < count; i++) case_values(f, node->list.items[i], list);
    f->token = node->first;
    uint32_t flags = (node->c ? 1u : 0) | (node->flags & FLAG_RANDOM ? 2u : 0);
    tg_emit(f, OP_SELECT, window, list < 0 ? (int)count : 0, (int)flags);
    tg_emit(f, OP_SELECTED, window, 0, 0);
    f->next = window + 2;
    TgLabel end = NEW_LABEL;
    if (node->c) {
        TgLabel cases = NEW_LABEL;
        tg_emit_jump(f, OP_JGEI, window, 0, 0, &cases);
        tg_block(f, node->c);
        tg_emit_jump(f, OP_JMP, 0, 0, 0, &end);
        tg_label_bind(f, &cases);
    }
    for (uint32_t i = 0; i < count; i++) {
        TgLabel other = NEW_LABEL;
        tg_emit_jump(f, OP_JGTI, window, (int)i, 0, &other);
        case_block(f, node->list.items[i], window + 1);
        tg_emit_jump(f, OP_JMP, 0, 0, 0, &end);
        tg_label_bind(f, &other);
    }
    tg_label_bind(f, &end);
    f->next = mark;
}
