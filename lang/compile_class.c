// lang/compile_class.c
// Classes. The class and its methods come first, all at once; attributes are evaluated where the
// statement stands, when its name is there already. A hoisted class is made at the start of the
// module. Layer: front end, private to the compiler.
#include "lang/compiler_impl.h"

void tg_class_make(TgEmit *f, const TgNode *node, int target) {
    int mark = f->next;
    int super = node->a ? tg_expr(f, node->a, ANY) : NO_REGISTER;
    f->token = node->c->first;
    tg_emit(f, OP_CLASS, target, super, 0);
    tg_emit_word(f, tg_constant_text(f, node->c->name));
    f->next = mark;
    for (uint32_t i = 0; i < node->list.count && !f->unit->failed; i++) {
        const TgNode *member = node->list.items[i];
        if (member->kind != NODE_FN_DECL) continue;
        int method = tg_fn_expr(f, member->fn, ANY);
        tg_emit(f, OP_METHODDEF, target, method, 0);
        tg_emit_word(f, tg_constant_text(f, member->fn->name));
        f->next = mark;
    }
    f->token = node->c->first;
    tg_emit(f, OP_CLASSEND, target, 0, 0);
}

static void attribute(TgEmit *f, const TgNode *let, int class_) {
    const TgNode *name = let->list.items[0];
    TgOperand nothing = {.is_constant = true, .constant = TG_NIL};
    int mark = f->next;
    int value = let->a ? tg_expr(f, let->a, ANY) : tg_operand_register(f, nothing);
    f->token = name->first;
    tg_emit(f, OP_ATTRDEF, class_, value, 0);
    tg_emit_word(f, tg_constant_text(f, name->name));
    f->next = mark;
}

void tg_class_statement(TgEmit *f, const TgNode *node) {
    TgBinding *binding = node->c->binding;
    bool is_there = binding->kind == BIND_GLOBAL && binding->hoisted;
    if (!is_there) {
        int reg = tg_name_begin(f, binding);
        tg_class_make(f, node, reg);
        tg_name_finish(f, binding, reg);
    }
    int mark = f->next, class_ = ANY;
    for (uint32_t i = 0; i < node->list.count && !f->unit->failed; i++) {
        const TgNode *member = node->list.items[i];
        if (member->kind != NODE_LET) continue;
        f->token = node->first;
        if (class_ == ANY) class_ = tg_name_load(f, binding, ANY);
        attribute(f, member, class_);
    }
    f->next = mark;
}
