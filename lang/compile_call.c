// lang/compile_call.c
// Calls, spawn, and the making of closures.
//
// A call is a boundary before its callee and arguments are evaluated. Where evaluating them cannot
// call or wait nobody can tell whether the check was before or after, and the call instruction
// makes it itself; else a CHECK goes before and the call is one without. Layer: front end, private
// to the compiler.
#include "lang/compiler_impl.h"

#include <stdlib.h>

#include "vm/gc.h"
#include "vm/list.h"

enum { MANY_ARGUMENTS = 60 };

// ---- what cannot call, wait or loop

static bool is_simple(const TgNode *node);

static bool all_simple(const TgNodeList *list) {
    for (uint32_t i = 0; i < list->count; i++) {
        if (!is_simple(list->items[i])) return false;
    }
    return true;
}

static bool simple_map(const TgNode *node) {
    for (uint32_t i = 0; i < node->list.count; i++) {
        const TgNode *pair = node->list.items[i];
        if (pair->a->kind != NODE_STRING && pair->a->kind != NODE_INT) return false; // its hash
        if (!is_simple(pair->b)) return false;
    }
    return true;
}

// Right sides first, and down the left ones in a loop: they may be long.
static bool is_simple(const TgNode *node) {
    for (;; node = node->a) {
        switch (node->kind) {
        case NODE_NIL:
        case NODE_TRUE:
        case NODE_FALSE:
        case NODE_INT:
        case NODE_FLOAT:
        case NODE_STRING:
        case NODE_NAME:
        case NODE_SELF:
        case NODE_SUPER:
        case NODE_FN: return true;
        case NODE_LIST: return all_simple(&node->list);
        case NODE_MAP: return simple_map(node);
        case NODE_SPREAD:
        case NODE_NAMED:
        case NODE_UNARY:
        case NODE_FIELD: break;
        case NODE_BINARY:
            if (node->op == TOK_EQ || node->op == TOK_NE || node->op == TOK_IN) return false;
            if (!is_simple(node->b)) return false;
            break;
        case NODE_LOGICAL:
        case NODE_IS:
        case NODE_RANGE:
        case NODE_INDEX:
            if (!is_simple(node->b)) return false;
            break;
        case NODE_SLICE:
        case NODE_CONDITIONAL:
            if (node->b && !is_simple(node->b)) return false;
            if (node->c && !is_simple(node->c)) return false;
            break;
        default: return false;
        }
    }
}

// ---- the window

typedef enum { CALLEE_VALUE, CALLEE_METHOD, CALLEE_SUPER } CalleeKind;

typedef struct {
    CalleeKind kind;
    bool is_full; // goes through CALLX or SPAWNX
    bool has_spread;
    bool is_simple;
    uint32_t positional, named;
    int base;
    int count;      // B of the instruction
    uint32_t names; // constants of CALLX …
    uint32_t method;
} Window;

static CalleeKind callee_kind(const TgNode *callee) {
    if (callee->kind != NODE_FIELD) return CALLEE_VALUE;
    if (callee->a->kind == NODE_SUPER) return CALLEE_SUPER;
    bool is_module = callee->a->kind == NODE_NAME && tg_binding_is_module(callee->a->binding);
    return is_module ? CALLEE_VALUE : CALLEE_METHOD;
}

static Window look_at(const TgEmit *f, const TgNode *call, bool is_spawn) {
    Window window = {.kind = callee_kind(call->a)};
    for (uint32_t i = 0; i < call->list.count; i++) {
        TgNodeKind kind = (TgNodeKind)call->list.items[i]->kind;
        if (kind == NODE_NAMED)
            window.named++;
        else
            window.positional++;
        if (kind == NODE_SPREAD) window.has_spread = true;
    }
    uint32_t room = (uint32_t)(TG_MAX_REGISTERS - f->next) / 2;
    if (window.positional > MANY_ARGUMENTS || window.positional > room) window.has_spread = true;
    window.is_full = window.has_spread || window.named > 0;
    if (window.kind == CALLEE_SUPER && is_spawn) window.is_full = true;
    window.is_simple = !is_spawn && !window.is_full && window.kind != CALLEE_SUPER &&
                       is_simple(call->a) && all_simple(&call->list);
    return window;
}

// What only its last instruction writes can be put into a register that is not taken yet: so the
// calls of a chain a.b().c() … share one window, whatever its length.
static void fill_first(TgEmit *f, const TgNode *node, int count, int at) {
    if (tg_writes_last(node)) {
        tg_expr(f, node, f->next + at);
        tg_take(f, count);
    } else {
        int base = tg_take(f, count);
        tg_expr(f, node, base + at);
    }
}

static void fill_callee(TgEmit *f, const TgNode *callee, Window *window) {
    window->base = f->next;
    if (window->kind == CALLEE_VALUE) {
        fill_first(f, callee, 2, 0);
        return;
    }
    window->method = tg_constant_text(f, callee->name);
    if (window->kind == CALLEE_SUPER) {
        f->token = callee->first;
        window->base = tg_take(f, 3);
        tg_name_load(f, tg_self_binding(f), window->base + 2);
    } else {
        fill_first(f, callee->a, 3, 2);
    }
    if (!window->is_full) return;
    f->token = callee->last;
    tg_emit(f, window->kind == CALLEE_SUPER ? OP_SUPERMETHOD : OP_METHOD, window->base, 0, 0);
    tg_emit_word(f, window->method);
}

static void fill_named(TgEmit *f, const TgNode *call, Window *window) {
    TgUnit *unit = f->unit;
    if (window->named == 0) {
        window->names = tg_constant(f, TG_NIL);
        return;
    }
    TgList *names = tg_list(unit->vm, window->named);
    for (uint32_t i = window->positional; i < call->list.count && !unit->failed; i++) {
        const TgNode *named = call->list.items[i];
        tg_list_push(unit->vm, names, tg_obj(tg_unit_text(unit, named->name)));
        tg_expr(f, named->a, tg_take(f, 1));
    }
    window->names = tg_constant(f, tg_obj(names));
}

// Evaluates callee and arguments into the registers from `base` on.
static Window fill_window(TgEmit *f, const TgNode *call, bool is_spawn) {
    Window window = look_at(f, call, is_spawn);
    if (!window.is_simple) tg_emit_check(f, call->a->last);
    fill_callee(f, call->a, &window);
    if (window.has_spread) {
        f->token = call->a->last;
        tg_list_items(f, &call->list, window.positional, tg_take(f, 1));
        window.count = 1;
    } else {
        for (uint32_t i = 0; i < window.positional && !f->unit->failed; i++) {
            tg_expr(f, call->list.items[i], tg_take(f, 1));
        }
        window.count = (int)window.positional;
    }
    if (window.is_full) {
        if (window.kind != CALLEE_VALUE) window.count++; // the receiver is a positional one there
        fill_named(f, call, &window);
    }
    tg_take(f, 1); // a bound method moves the arguments up by one
    f->token = call->a->last;
    return window;
}

static uint32_t full_flags(const Window *window) {
    return (window->kind != CALLEE_VALUE ? 1u : 0u) | (window->has_spread ? 2u : 0u);
}

int tg_call_expr(TgEmit *f, const TgNode *node, int target) {
    int mark = f->next;
    if (tg_is_assert(node)) {
        tg_assert(f, node);
        target = tg_result(f, target, mark);
        tg_emit_load(f, TG_NIL, target);
        return target;
    }
    Window window = fill_window(f, node, false);
    target = tg_result(f, target, mark);
    if (window.is_full) {
        tg_emit(f, OP_CALLX, window.base, window.count, target);
        tg_emit_word(f, window.names);
        tg_emit_word(f, full_flags(&window));
    } else if (window.kind == CALLEE_VALUE) {
        tg_emit(f, window.is_simple ? OP_CALL : OP_CALLNC, window.base, window.count, target);
    } else if (window.kind == CALLEE_SUPER) {
        tg_emit(f, OP_SUPERCALL, window.base, window.count, target);
        tg_emit_word(f, window.method);
    } else {
        tg_emit(f, window.is_simple ? OP_INVOKE : OP_INVOKENC, window.base, window.count, target);
        tg_emit_word(f, window.method);
        for (int i = 0; i < 3; i++) tg_emit_word(f, 0);
    }
    return target;
}

static int spawn_block(TgEmit *f, const TgNode *node, int target) {
    int mark = f->next;
    tg_emit_check(f, node->first);
    int base = tg_take(f, 3); // callee, link, and one over
    tg_fn_expr(f, node->a->fn, base);
    target = tg_result(f, target, mark);
    f->token = node->first;
    tg_emit(f, OP_SPAWN, base, 0, target);
    tg_emit_word(f, (uint32_t)f->nursery);
    return target;
}

int tg_spawn_expr(TgEmit *f, const TgNode *node, int target) {
    if (node->a->kind == NODE_FN) return spawn_block(f, node, target);
    int mark = f->next;
    Window window = fill_window(f, node->a, true);
    target = tg_result(f, target, mark);
    if (window.is_full) {
        tg_emit(f, OP_SPAWNX, window.base, window.count, target);
        tg_emit_word(f, window.names);
        tg_emit_word(f, full_flags(&window));
    } else if (window.kind == CALLEE_VALUE) {
        tg_emit(f, OP_SPAWN, window.base, window.count, target);
    } else {
        tg_emit(f, OP_SPAWNM, window.base, window.count, target);
        tg_emit_word(f, window.method);
    }
    tg_emit_word(f, (uint32_t)f->nursery);
    return target;
}

// ---- closures

// Where the closure finds what it captures, seen from the function that makes it. What is in the
// hidden List is put into a register for that moment.
static TgCapture find_capture(TgEmit *f, const TgBinding *binding) {
    if (binding->owner != f->fn) return (TgCapture){.index = (uint16_t)binding->reg};
    int reg = binding->reg;
    if (reg >= SPILLED) {
        uint32_t position = (uint32_t)reg - SPILLED;
        reg = tg_take(f, 1);
        tg_spill_get(f, reg, position);
    }
    return (TgCapture){.index = (uint16_t)reg, .from_frame = true};
}

int tg_fn_expr(TgEmit *f, TgFn *fn, int target) {
    TgUnit *unit = f->unit;
    uint32_t token = fn->token, count = fn->capture_count;
    if (count > 256) {
        tg_unit_fail(unit, token, "variables of outer functions in one function", "256",
                     "put some of them into a List or a Map");
    }
    if (unit->failed) return target != ANY ? target : tg_take(f, 1);
    int mark = f->next;
    f->token = token;
    int32_t *registers = count ? tg_gc_realloc(unit->vm, NULL, 0, count * sizeof *registers) : NULL;
    TgCapture *captures = count ? tg_gc_realloc(unit->vm, NULL, 0, count * sizeof *captures) : NULL;
    for (uint32_t i = 0; i < count; i++) captures[i] = find_capture(f, fn->captures[i]);
    for (uint32_t i = 0; i < count; i++) {
        registers[i] = fn->captures[i]->reg;
        fn->captures[i]->reg = (int32_t)i;
    }
    TgCode *code = tg_compile_fn(f, fn);
    for (uint32_t i = 0; i < count; i++) fn->captures[i]->reg = registers[i];
    tg_gc_realloc(unit->vm, registers, count * sizeof *registers, 0);
    target = tg_result(f, target, mark);
    if (!code) {
        tg_gc_realloc(unit->vm, captures, count * sizeof *captures, 0);
        return target;
    }
    code->captures = captures;
    code->capture_count = count;
    f->token = token;
    tg_emit_constant(f, OP_CLOSURE, OP_CLOSUREX, target, tg_obj(code));
    return target;
}
