// lang/compiler.c
// Functions: their registers, prologue, body and facts; and the module, which first makes what it
// hoists.
//
// One pass over the resolved tree, a function inside of another at the place where its closure is
// made. Layer: front end, top.
#include "lang/compiler_impl.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>

#include "vm/disasm.h"
#include "vm/gc.h"

enum { MAX_PARAMETERS = 240, DEFAULT_SHOWN = 40 };

// ---- signatures

// The text of a default, on one line, with an end to it.
static void add_default(TgUnit *unit, TgBuffer *out, const TgNode *value) {
    const TgTokens *tokens = &unit->tree->tokens;
    uint32_t first = value->first, last = value->last;
    if (value->flags & FLAG_PAREN) { // parentheses are no part of the node
        if (first > 0) first--;
        last++;
    }
    const char *text = tokens->source->text;
    uint32_t end = tokens->items[last].end, shown = 0;
    bool blank = false;
    for (uint32_t at = tokens->items[first].start; at < end; at++) {
        if (text[at] == ' ' || text[at] == '\n' || text[at] == '\t' || text[at] == '\r') {
            blank = true;
            continue;
        }
        if ((text[at] & 0xC0) != 0x80 && ++shown > DEFAULT_SHOWN) {
            tg_buffer_text(out, "…");
            return;
        }
        if (blank) tg_buffer_text(out, " ");
        blank = false;
        tg_buffer_add(out, &text[at], 1);
    }
}

static TgString *signature(TgUnit *unit, const TgFn *fn) {
    TgBuffer out = {0};
    if (fn->name.length)
        tg_buffer_add(&out, fn->name.at, fn->name.length);
    else
        tg_buffer_text(&out, "fn");
    tg_buffer_text(&out, "(");
    for (uint32_t i = 0; i < fn->param_count; i++) {
        const TgParam *param = &fn->params[i];
        if (i > 0) tg_buffer_text(&out, ", ");
        if (param->is_rest) tg_buffer_text(&out, "*");
        tg_buffer_add(&out, param->binding->name.at, param->binding->name.length);
        if (!param->fallback) continue;
        tg_buffer_text(&out, param->named_only ? ": " : " = ");
        add_default(unit, &out, param->fallback);
    }
    tg_buffer_text(&out, ")");
    TgString *string = tg_string(unit->vm, out.data, out.length);
    tg_buffer_free(&out);
    return string;
}

// ---- parameters

static const TgParam *rest_param(const TgFn *fn) {
    for (uint32_t i = 0; i < fn->param_count; i++) {
        if (fn->params[i].is_rest) return &fn->params[i];
    }
    return NULL;
}

// Gives the parameters their registers: self, then in order, the rest one last.
static void place_params(TgEmit *f) {
    TgFn *fn = f->fn;
    const TgParam *rest = rest_param(fn);
    uint32_t count = fn->param_count + (fn->self ? 1 : 0);
    if (count > MAX_PARAMETERS) {
        tg_unit_fail(f->unit, fn->token, "parameters", "240", "pass a List or a Map");
        return;
    }
    if (fn->self) fn->self->reg = tg_take(f, 1);
    for (uint32_t i = 0; i < fn->param_count; i++) {
        if (!fn->params[i].is_rest) fn->params[i].binding->reg = tg_take(f, 1);
    }
    if (rest) rest->binding->reg = tg_take(f, 1);
}

// Defaults in order (each may use the parameters before it), and cells for those that need one.
static void prologue(TgEmit *f) {
    const TgFn *fn = f->fn;
    for (uint32_t i = 0; i < fn->param_count; i++) {
        const TgParam *param = &fn->params[i];
        int reg = param->binding->reg;
        f->token = param->binding->token;
        if (param->fallback) {
            TgLabel given = NEW_LABEL;
            tg_emit_jump(f, OP_JDEF, reg, 0, 0, &given);
            tg_expr(f, param->fallback, reg);
            tg_label_bind(f, &given);
        } else if (param->named_only) {
            tg_emit(f, OP_NEEDARG, reg, 0, 0);
            tg_emit_word(f, tg_constant_text(f, param->binding->name));
        }
        if (tg_binding_in_cell(param->binding)) tg_emit(f, OP_NEWCELL, reg, 0, 0);
    }
}

static void describe_params(TgUnit *unit, TgCode *code, const TgFn *fn) {
    const TgParam *rest = rest_param(fn);
    uint32_t self = fn->self ? 1 : 0, at = self, needed = self, plain = self, all = self;
    code->has_rest = rest != NULL;
    code->is_method = fn->self != NULL;
    uint32_t names = self + fn->param_count;
    if (names) code->param_names = tg_gc_realloc(unit->vm, NULL, 0, names * sizeof(TgString *));
    if (self) code->param_names[0] = tg_string(unit->vm, "self", 4);
    for (uint32_t i = 0; i < fn->param_count; i++) {
        const TgParam *param = &fn->params[i];
        if (param->is_rest) continue;
        code->param_names[at++] = tg_unit_text(unit, param->binding->name);
        all++;
        if (param->named_only) continue;
        plain++;
        needed += param->fallback == NULL;
    }
    if (rest) code->param_names[at] = tg_unit_text(unit, rest->binding->name);
    code->params = (uint8_t)all;
    code->positional = (uint8_t)plain;
    code->required = (uint8_t)needed;
    bool is_plain = !rest && plain == all && needed == all;
    code->call_key = is_plain ? all : TG_CALL_SLOW;
    for (uint32_t i = 0; i < names; i++) tg_barrier(unit->vm, code, tg_obj(code->param_names[i]));
}

// ---- functions

static TgEmit *emit_below(TgUnit *unit, TgEmit *outer) {
    TgEmit **at = outer ? &outer->inner : &unit->pool;
    if (!*at) {
        *at = calloc(1, sizeof **at);
        if (!*at) {
            fputs("tg: no memory left to compile the program\n", stderr);
            exit(2);
        }
        (*at)->unit = unit;
        (*at)->outer = outer;
    }
    return *at;
}

static void describe(TgUnit *unit, TgCode *code, TgFn *fn, TgString *name, TgString *shown) {
    code->name = name;
    code->signature = shown;
    code->file = unit->file;
    code->module = unit->job->module;
    code->is_hidden = unit->job->is_hidden;
    code->source = unit->source;
    unit->source->references++;
    code->line = tg_unit_line(unit, fn->token);
    TgVM *vm = unit->vm;
    tg_barrier(vm, code, tg_obj(name));
    tg_barrier(vm, code, tg_obj(shown));
    tg_barrier(vm, code, tg_obj(unit->file));
    if (code->module) tg_barrier(vm, code, tg_obj(code->module));
    describe_params(unit, code, fn);
}

static void finish_body(TgEmit *f) {
    if (f->fn->is_arrow) {
        int value = tg_expr(f, f->fn->body, ANY);
        f->token = f->fn->body->first;
        tg_emit(f, OP_RET, f->fn->is_init ? 0 : value, 0, 0);
        return;
    }
    tg_statements(f, f->fn->body);
    if (tg_emit_dead(f)) return;
    f->token = f->fn->body->last;
    if (f->fn->is_init)
        tg_emit(f, OP_RET, 0, 0, 0);
    else
        tg_emit(f, OP_RETNIL, 0, 0, 0);
}

TgCode *tg_compile_fn(TgEmit *outer, TgFn *fn) {
    TgUnit *unit = outer->unit;
    TgEmit *f = emit_below(unit, outer);
    TgMark mark;
    tg_emit_begin(f, fn);
    tg_mark_open(f, &mark);
    place_params(f);
    prologue(f);
    finish_body(f);
    tg_mark_close(f);
    if (unit->failed) return NULL;
    TgCode *code = tg_emit_finish(f);
    describe(unit, code, fn, tg_unit_text(unit, fn->name), signature(unit, fn));
    return code;
}

// ---- the module

static const TgNode *super_of(TgUnit *unit, const TgNode *class_) {
    if (!class_->a || class_->a->kind != NODE_NAME || class_->a->binding->kind != BIND_GLOBAL)
        return NULL;
    return tg_global(unit, class_->a->binding)->class_;
}

static void make_hoisted(TgEmit *f, const TgNode *node, TgValue cell) {
    int mark = f->next, reg = tg_take(f, 1);
    if (node->kind == NODE_CLASS)
        tg_class_make(f, node, reg);
    else
        tg_fn_expr(f, node->fn, reg);
    tg_emit_constant(f, OP_DEFGLOBAL, OP_DEFGLOBALX, reg, cell);
    f->next = mark;
}

// A class, but first those that it is derived from; from the top of the chain down. Circles are the
// resolver's.
static void hoist_class(TgEmit *f, const TgNode *node) {
    TgUnit *unit = f->unit;
    uint32_t base = unit->stack_count;
    while (node && tg_global(unit, node->c->binding)->class_) {
        unit->stack = tg_unit_grow(unit->stack, &unit->stack_capacity, unit->stack_count + 1,
                                   sizeof *unit->stack);
        unit->stack[unit->stack_count++] = node;
        node = super_of(unit, node);
    }
    while (unit->stack_count > base) {
        const TgNode *class_ = unit->stack[--unit->stack_count];
        TgGlobal *global = tg_global(unit, class_->c->binding);
        global->class_ = NULL;
        make_hoisted(f, class_, global->cell);
    }
}

static bool is_hoisted(const TgNode *statement) {
    bool can_be = statement->kind == NODE_FN_DECL || statement->kind == NODE_CLASS;
    return can_be && statement->c->binding->hoisted;
}

static void hoist(TgEmit *f, const TgNodeList *list) {
    TgUnit *unit = f->unit;
    for (uint32_t i = 0; i < list->count; i++) {
        const TgNode *node = list->items[i];
        if (node->kind == NODE_IMPORT && node->c) tg_binding_set_module(node->c->binding);
        if (node->kind == NODE_CLASS && is_hoisted(node)) {
            tg_global(unit, node->c->binding)->class_ = node;
        }
    }
    for (uint32_t i = 0; i < list->count && !unit->failed; i++) {
        const TgNode *node = list->items[i];
        if (!is_hoisted(node)) continue;
        if (node->kind == NODE_CLASS)
            hoist_class(f, node);
        else
            make_hoisted(f, node, tg_global(unit, node->c->binding)->cell);
    }
}

static void module_statements(TgEmit *f, const TgNode *tree, bool is_session) {
    const TgNodeList *list = &tree->list;
    const TgNode *last = list->count ? list->items[list->count - 1] : NULL;
    bool has_value = is_session && last && last->kind == NODE_EXPRESSION;
    uint32_t count = list->count - (has_value ? 1 : 0);
    for (uint32_t i = 0; i < count && !f->unit->failed; i++) tg_statement(f, list->items[i]);
    int value = ANY;
    if (has_value) {
        value = tg_expr(f, last->a, ANY);
        f->token = last->first;
    } else if (is_session) {
        value = tg_take(f, 1);
        tg_emit(f, OP_LOADUNDEF, value, 0, 0);
    }
    if (value != ANY)
        tg_emit(f, OP_RET, value, 0, 0);
    else
        tg_emit(f, OP_RETNIL, 0, 0, 0);
}

static TgCode *compile_module(TgUnit *unit) {
    TgFn *fn = unit->tree->module;
    TgEmit *f = emit_below(unit, NULL);
    TgMark mark;
    tg_emit_begin(f, fn);
    tg_mark_open(f, &mark);
    hoist(f, &unit->tree->tree->list);
    module_statements(f, unit->tree->tree, unit->job->is_session);
    tg_mark_close(f);
    if (unit->failed) return NULL;
    TgCode *code = tg_emit_finish(f);
    TgModule *module = unit->job->module;
    TgString *name = module && module->name ? module->name : tg_string(unit->vm, "", 0);
    describe(unit, code, fn, name, tg_string(unit->vm, "", 0));
    return code;
}

// ---- the whole

static void start_unit(TgUnit *unit, const TgCompileJob *job, TgTree *tree, TgDiags *diags) {
    enum { LEAST_STACK = 256 * 1024, MOST_STACK = 64 * 1024 * 1024 };
    const TgSource *source = tree->tokens.source;
    struct rlimit limit;
    size_t stack = 8 * 1024 * 1024;
    if (getrlimit(RLIMIT_STACK, &limit) == 0 && limit.rlim_cur != RLIM_INFINITY)
        stack = limit.rlim_cur;
    if (stack > MOST_STACK) stack = MOST_STACK;
    *unit = (TgUnit){.job = job, .vm = job->vm, .tree = tree, .diags = diags};
    unit->c_room = stack / 2 > LEAST_STACK ? stack / 2 : LEAST_STACK;
    unit->file = tg_string_c(job->vm, job->file);
    unit->source = source->shared;
    unit->globals = calloc(tree->global_count + 1, sizeof *unit->globals);
    if (!unit->globals) {
        fputs("tg: no memory left to compile the program\n", stderr);
        exit(2);
    }
    unit->source->first_line = (uint32_t)source->first_line;
}

static void verify(const TgCode *code) {
#ifndef NDEBUG
    char *wrong = tg_verify(code);
    if (!wrong) return;
    fprintf(stderr, "tg: the compiler made bad code: %s\n", wrong);
    abort();
#else
    (void)code;
#endif
}

TgCode *tg_compile(const TgCompileJob *job, TgTree *tree, TgDiags *diags) {
    TgUnit unit;
    char here;
    if (diags->count > 0) return NULL; // there are holes in it
    start_unit(&unit, job, tree, diags);
    unit.c_stack = &here;
    TgCode *code = compile_module(&unit);
    if (code) verify(code);
    tg_emit_free(unit.pool);
    free(unit.globals);
    free(unit.stack);
    return code;
}
