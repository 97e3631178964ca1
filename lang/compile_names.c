// lang/compile_names.c
// Variables: where each lives, and how it is read, assigned and declared.
//
// A local is a register; in a Cell where an inner function shares it and it changes (or is not set
// when that function is made); in the function's hidden List where the registers are used up. A
// captured one is a capture of the closure, a top-level one a Cell of the module, a built-in one a
// constant.
//
// While a function is emitted TgBinding.reg of what it captures is the index of the capture, else
// it is the register in the owner's frame (tg_fn_expr changes it and puts it back). Layer: front
// end, private to the compiler.
#include "lang/compiler_impl.h"

bool tg_binding_in_cell(const TgBinding *binding) {
    return binding->captured && (binding->assigned || binding->captured_unset);
}

static bool is_own(const TgEmit *f, const TgBinding *binding) {
    return binding->kind == BIND_LOCAL && binding->owner == f->fn;
}

int tg_binding_register(const TgEmit *f, const TgBinding *binding) {
    if (!is_own(f, binding) || tg_binding_in_cell(binding)) return ANY;
    return binding->reg < SPILLED ? binding->reg : ANY;
}

TgBinding *tg_self_binding(const TgEmit *f) {
    const TgFn *fn = f->fn;
    while (fn && !fn->self) fn = fn->outer;
    return fn ? fn->self : NULL;
}

// A cell is looked for in the module once in a compilation, at the first use of its name.
TgGlobal *tg_global(TgUnit *unit, const TgBinding *binding) {
    TgGlobal *global = &unit->globals[binding->index];
    if (global->cell == 0) {
        TgString *name = tg_unit_text(unit, binding->name);
        global->cell = tg_obj(tg_module_cell(unit->vm, unit->job->module, name));
    }
    return global;
}

// Of names that `import` bound: a method call on one is a field and a call. In the field that only
// the compiler uses: index of a LOCAL, reg of a GLOBAL.
bool tg_binding_is_module(const TgBinding *binding) {
    if (binding->kind == BIND_LOCAL) return binding->index != 0;
    return binding->kind == BIND_GLOBAL && binding->reg != 0;
}

void tg_binding_set_module(TgBinding *binding) {
    if (binding->kind == BIND_LOCAL) binding->index = 1;
    if (binding->kind == BIND_GLOBAL) binding->reg = 1;
}

// ---- blocks and the hidden List

void tg_mark_open(TgEmit *f, TgMark *mark) {
    *mark = (TgMark){.outer = f->mark, .next = f->next, .spill_next = f->spill_next};
    f->mark = mark;
}

void tg_mark_close(TgEmit *f) {
    TgMark *mark = f->mark;
    if (mark->spill_word) {
        f->words[mark->spill_word] = tg_constant(f, tg_int(f->spill_most));
        f->spill = NO_REGISTER;
        f->spill_next = f->spill_most = 0;
    } else {
        f->spill_next = mark->spill_next;
    }
    f->next = mark->next;
    f->mark = mark->outer;
}

// [nil] * size; the size is known, and written, when the block ends.
static void make_spill_list(TgEmit *f) {
    int list = tg_take(f, 1), size = tg_take(f, 1);
    tg_emit(f, OP_LOADNIL, list, 0, 0);
    tg_emit(f, OP_LIST, list, list, 1);
    tg_emit(f, OP_LOADKX, size, 0, 0);
    f->mark->spill_word = tg_emit_word(f, 0);
    tg_emit(f, OP_MUL, list, list, size);
    f->next = size;
    f->spill = list;
    f->spill_next = f->spill_most = 0;
}

void tg_spill_get(TgEmit *f, int target, uint32_t position) {
    int mark = f->next, index = tg_take(f, 1);
    tg_emit_load(f, tg_int(position), index);
    tg_emit(f, OP_GETINDEX, target, f->spill, index);
    f->next = mark;
}

void tg_spill_put(TgEmit *f, uint32_t position, int reg) {
    int mark = f->next, index = tg_take(f, 1);
    tg_emit_load(f, tg_int(position), index);
    tg_emit(f, OP_SETINDEX, f->spill, index, reg);
    f->next = mark;
}

// ---- reading and assigning

static uint32_t name_constant(TgEmit *f, const TgBinding *binding) {
    return tg_constant_text(f, binding->name);
}

static int load_own(TgEmit *f, TgBinding *binding, int target) {
    bool is_spilled = binding->reg >= SPILLED, in_cell = tg_binding_in_cell(binding);
    if (!is_spilled && !in_cell) {
        if (target == ANY || target == binding->reg) return binding->reg;
        tg_emit(f, OP_MOVE, target, binding->reg, 0);
        return target;
    }
    if (target == ANY) target = tg_take(f, 1);
    int from = binding->reg;
    if (is_spilled) {
        from = in_cell ? tg_take(f, 1) : target;
        tg_spill_get(f, from, (uint32_t)binding->reg - SPILLED);
    }
    if (in_cell) {
        tg_emit(f, OP_GETCELL, target, from, 0);
        tg_emit_word(f, name_constant(f, binding));
        if (is_spilled) f->next = from;
    }
    return target;
}

int tg_name_load(TgEmit *f, TgBinding *binding, int target) {
    if (is_own(f, binding)) return load_own(f, binding, target);
    if (target == ANY) target = tg_take(f, 1);
    if (binding->kind == BIND_BUILTIN) {
        tg_emit_load(f, f->unit->job->builtins[binding->index], target);
    } else if (binding->kind == BIND_GLOBAL) {
        TgValue cell = tg_global(f->unit, binding)->cell;
        tg_emit_constant(f, OP_GETGLOBAL, OP_GETGLOBALX, target, cell);
    } else if (tg_binding_in_cell(binding)) {
        tg_emit(f, OP_GETUPCELL, target, binding->reg, 0);
        tg_emit_word(f, name_constant(f, binding));
    } else {
        tg_emit(f, OP_GETUP, target, binding->reg, 0);
    }
    return target;
}

static void store_own(TgEmit *f, TgBinding *binding, int reg) {
    bool in_cell = tg_binding_in_cell(binding);
    if (binding->reg < SPILLED) {
        if (in_cell)
            tg_emit(f, OP_SETCELL, binding->reg, reg, 0);
        else if (binding->reg != reg)
            tg_emit(f, OP_MOVE, binding->reg, reg, 0);
        return;
    }
    uint32_t position = (uint32_t)binding->reg - SPILLED;
    if (!in_cell) {
        tg_spill_put(f, position, reg);
        return;
    }
    int cell = tg_take(f, 1);
    tg_spill_get(f, cell, position);
    tg_emit(f, OP_SETCELL, cell, reg, 0);
    f->next = cell;
}

void tg_name_store(TgEmit *f, TgBinding *binding, int reg) {
    if (is_own(f, binding)) {
        store_own(f, binding, reg);
    } else if (binding->kind == BIND_GLOBAL) {
        TgValue cell = tg_global(f->unit, binding)->cell;
        tg_emit_constant(f, OP_SETGLOBAL, OP_SETGLOBALX, reg, cell);
    } else if (binding->kind == BIND_LOCAL) {
        tg_emit(f, OP_SETUPCELL, reg, binding->reg, 0);
        tg_emit_word(f, name_constant(f, binding));
    }
}

// ---- declaring

void tg_spill_need(TgEmit *f) {
    if (f->spill == NO_REGISTER) make_spill_list(f);
}

static void place_spilled(TgEmit *f, TgBinding *binding) {
    tg_spill_need(f);
    if (f->spill_next >= MAX_SPILLED) {
        tg_unit_fail(f->unit, binding->token, "local variables in one function", "65000",
                     "put some of them into a List, a Map or functions of their own");
        binding->reg = SPILLED;
        return;
    }
    binding->reg = SPILLED + (int32_t)f->spill_next++;
    if (f->spill_next > f->spill_most) f->spill_most = f->spill_next;
}

// Gives a local its place: a register, taken now, or a position in the hidden List.
static void place_local(TgEmit *f, TgBinding *binding) {
    if (f->next < REGISTER_LOCALS)
        binding->reg = tg_take(f, 1);
    else
        place_spilled(f, binding);
}

void tg_name_unset(TgEmit *f, TgBinding *binding) {
    place_local(f, binding);
    int reg = binding->reg < SPILLED ? binding->reg : tg_take(f, 1);
    tg_emit(f, OP_LOADUNDEF, reg, 0, 0);
    tg_emit(f, OP_NEWCELL, reg, 0, 0);
    if (binding->reg < SPILLED) return;
    tg_spill_put(f, (uint32_t)binding->reg - SPILLED, reg);
    f->next = reg;
}

int tg_name_begin(TgEmit *f, TgBinding *binding) {
    if (binding->kind != BIND_LOCAL || binding->captured_unset) return tg_take(f, 1);
    place_local(f, binding);
    return binding->reg < SPILLED ? binding->reg : tg_take(f, 1);
}

// What is not a register of its own: true where that was all.
static bool define_elsewhere(TgEmit *f, TgBinding *binding, int reg) {
    if (binding->kind != BIND_LOCAL) {
        TgValue cell = tg_global(f->unit, binding)->cell;
        tg_emit_constant(f, OP_DEFGLOBAL, OP_DEFGLOBALX, reg, cell);
        return true;
    }
    if (!binding->captured_unset) return false;
    store_own(f, binding, reg); // its cell is there since the block began
    return true;
}

void tg_name_finish(TgEmit *f, TgBinding *binding, int reg) {
    if (define_elsewhere(f, binding, reg)) {
        f->next = reg;
        return;
    }
    if (tg_binding_in_cell(binding)) tg_emit(f, OP_NEWCELL, reg, 0, 0);
    if (binding->reg < SPILLED) return;
    tg_spill_put(f, (uint32_t)binding->reg - SPILLED, reg);
    f->next = reg;
}

bool tg_name_alias(TgEmit *f, TgBinding *binding, int reg) {
    if (define_elsewhere(f, binding, reg)) return false;
    binding->reg = reg;
    if (tg_binding_in_cell(binding)) tg_emit(f, OP_NEWCELL, reg, 0, 0);
    return true;
}

void tg_name_away(TgEmit *f, TgBinding *binding, int reg) {
    if (define_elsewhere(f, binding, reg)) return;
    place_spilled(f, binding);
    if (tg_binding_in_cell(binding)) tg_emit(f, OP_NEWCELL, reg, 0, 0);
    tg_spill_put(f, (uint32_t)binding->reg - SPILLED, reg);
}
