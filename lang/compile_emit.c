// lang/compile_emit.c
// What the compiler writes with: words, labels, constants, places, registers, handler rows.
//
// Everything of one function grows in buffers of its TgEmit and is copied to exact sizes at the
// end. A jump to a label that is not bound yet stands in a chain through its own word. Layer: front
// end, private to the compiler.
#include "lang/compiler_impl.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "vm/gc.h"
#include "vm/vm.h"

enum { LINEAR_CONSTANTS = 16 };

void *tg_unit_more(void *items, uint32_t *capacity, uint32_t needed, size_t size) {
    uint32_t larger = *capacity ? *capacity * 2 : 16;
    while (larger < needed) larger *= 2;
    items = realloc(items, larger * size);
    if (!items) {
        fputs("tg: no memory left to compile the program\n", stderr);
        exit(2);
    }
    *capacity = larger;
    return items;
}

// ---- what is too much

void tg_unit_fail(TgUnit *unit, uint32_t token, const char *what, const char *most,
                  const char *hint) {
    if (unit->failed) return; // what follows may come from it
    unit->failed = true;
    const TgToken *at = &unit->tree->tokens.items[token];
    tg_diag_add_hint(unit->diags, DIAG_LIMIT, at->start, at->end, hint, what, most);
}

bool tg_unit_deep(TgUnit *unit, const TgNode *node) {
    if (unit->failed) return true;
    const char *at = __builtin_frame_address(0);
    size_t used = at < unit->c_stack ? (size_t)(unit->c_stack - at) : (size_t)(at - unit->c_stack);
    if (used < unit->c_room) return false;
    unit->failed = true;
    const TgToken *token = &unit->tree->tokens.items[node->first];
    tg_diag_add(unit->diags, DIAG_TOO_DEEP, token->start, token->end);
    return true;
}

// ---- places

static uint32_t offset_of(const TgUnit *unit, uint32_t token) { return unit->tree->tokens.items[token].start; }

uint32_t tg_unit_line(const TgUnit *unit, uint32_t token) {
    const TgSource *source = unit->tree->tokens.source;
    return (uint32_t)source->first_line + tg_text_line(source->shared, offset_of(unit, token));
}

static void note_place(TgEmit *f) {
    if (f->place_count > 0 && f->placed == f->token) return;
    f->placed = f->token;
    TgSpot place = {f->count, offset_of(f->unit, f->token)};
    f->places = tg_unit_grow(f->places, &f->place_capacity, f->place_count + 1, sizeof *f->places);
    f->places[f->place_count++] = place;
}

TgString *tg_unit_text(TgUnit *unit, TgText text) {
    return tg_string(unit->vm, text.at, text.length);
}

// ---- words

uint32_t tg_emit_word(TgEmit *f, uint32_t word) {
    f->words = tg_unit_grow(f->words, &f->capacity, f->count + 1, sizeof *f->words);
    f->words[f->count] = word;
    return f->count++;
}

uint32_t tg_emit(TgEmit *f, TgOp op, int a, int b, int c) {
    note_place(f);
    f->last = f->count;
    return tg_emit_word(f, tg_abc(op, (uint32_t)a & 0xFF, (uint32_t)b, (uint32_t)c));
}

uint32_t tg_emit_d(TgEmit *f, TgOp op, int a, uint32_t d) {
    note_place(f);
    f->last = f->count;
    return tg_emit_word(f, tg_ad(op, (uint32_t)a & 0xFF, d));
}

void tg_emit_constant(TgEmit *f, TgOp op, TgOp op_x, int a, TgValue value) {
    uint32_t index = tg_constant(f, value);
    if (index <= 0xFFFF) {
        tg_emit_d(f, op, a, index);
    } else {
        tg_emit(f, op_x, a, 0, 0);
        tg_emit_word(f, index);
    }
}

bool tg_emit_dead(const TgEmit *f) {
    if (f->last < 0 || f->bound == f->count) return false;
    switch (TG_OP(f->words[f->last])) {
    case OP_RET:
    case OP_RETNIL:
    case OP_JMP:
    case OP_LEAVE:
    case OP_LEAVERET:
    case OP_RAISE:
    case OP_RERAISE: return true;
    default: return false;
    }
}

// Two checks with nothing between them are one, at the place of the call that comes first.
void tg_emit_check(TgEmit *f, uint32_t token) {
    f->token = token;
    if (f->last < 0 || f->bound == f->count || TG_OP(f->words[f->last]) != OP_CHECK) {
        tg_emit(f, OP_CHECK, 0, 0, 0);
        return;
    }
    TgSpot *place = &f->places[f->place_count - 1];
    if (place->pc != f->last) return; // the place of what went before was its own
    f->placed = token;
    place->offset = offset_of(f->unit, token);
}

void tg_emit_load(TgEmit *f, TgValue value, int target) {
    if (tg_is_nil(value)) {
        tg_emit(f, OP_LOADNIL, target, 0, 0);
    } else if (tg_is_bool(value)) {
        tg_emit(f, OP_LOADBOOL, target, value == TG_TRUE, 0);
    } else if (tg_is_undef(value)) {
        tg_emit(f, OP_LOADUNDEF, target, 0, 0);
    } else if (tg_is_int(value) && tg_as_int(value) >= INT16_MIN && tg_as_int(value) <= INT16_MAX) {
        tg_emit_d(f, OP_LOADI, target, (uint32_t)tg_as_int(value));
    } else {
        tg_emit_constant(f, OP_LOADK, OP_LOADKX, target, value);
    }
}

// ---- labels

// The instruction whose last word is at `at`: LEAVE and ENDSCOPE hold a pc, all others a distance.
static void set_target(TgEmit *f, uint32_t at, uint32_t pc) {
    TgOp op = TG_OP(f->words[at - 1]);
    bool is_absolute = op == OP_LEAVE || op == OP_ENDSCOPE;
    f->words[at] = is_absolute ? pc : pc - (at + 1);
}

void tg_emit_jump(TgEmit *f, TgOp op, int a, int b, int c, TgLabel *label) {
    tg_emit(f, op, a, b, c);
    uint32_t at = tg_emit_word(f, 0);
    if (label->pc >= 0) {
        set_target(f, at, (uint32_t)label->pc);
    } else {
        f->words[at] = (uint32_t)label->chain; // -1 comes back as such
        label->chain = at;
    }
}

void tg_label_bind(TgEmit *f, TgLabel *label) {
    assert(label->pc < 0);
    while (label->chain >= 0) {
        uint32_t at = (uint32_t)label->chain;
        label->chain = (int32_t)f->words[at];
        set_target(f, at, f->count);
    }
    label->pc = f->count;
    f->bound = f->count;
}

// ---- constants

static uint32_t slot_of(const TgEmit *f, TgValue value) {
    uint64_t hash = (value ^ value >> 29) * 0x9E3779B97F4A7C15ull;
    return (uint32_t)(hash >> 32) & (f->index_size - 1);
}

static void index_constant(TgEmit *f, uint32_t position) {
    uint32_t slot = slot_of(f, f->constants[position]);
    while (f->index[slot]) slot = (slot + 1) & (f->index_size - 1);
    f->index[slot] = position + 1;
}

static void grow_index(TgEmit *f) {
    f->index_size = f->index_size ? f->index_size * 2 : 4 * LINEAR_CONSTANTS;
    free(f->index);
    f->index = calloc(f->index_size, sizeof *f->index);
    if (!f->index) {
        fputs("tg: no memory left to compile the program\n", stderr);
        exit(2);
    }
    for (uint32_t i = 0; i < f->constant_count; i++) index_constant(f, i);
}

static int64_t find_constant(const TgEmit *f, TgValue value) {
    if (f->index_size == 0) {
        for (uint32_t i = 0; i < f->constant_count; i++) {
            if (f->constants[i] == value) return i;
        }
        return -1;
    }
    uint32_t slot = slot_of(f, value);
    for (; f->index[slot]; slot = (slot + 1) & (f->index_size - 1)) {
        if (f->constants[f->index[slot] - 1] == value) return f->index[slot] - 1;
    }
    return -1;
}

uint32_t tg_constant(TgEmit *f, TgValue value) {
    int64_t known = find_constant(f, value);
    if (known >= 0) return (uint32_t)known;
    f->constants = tg_unit_grow(f->constants, &f->constant_capacity, f->constant_count + 1,
                                sizeof *f->constants);
    uint32_t position = f->constant_count++;
    f->constants[position] = value;
    if (f->index_size && f->constant_count * 2 <= f->index_size) {
        index_constant(f, position);
    } else if (f->constant_count > LINEAR_CONSTANTS) {
        grow_index(f);
    }
    return position;
}

uint32_t tg_constant_text(TgEmit *f, TgText text) {
    return tg_constant(f, tg_obj(tg_unit_text(f->unit, text)));
}

// ---- registers

int tg_take(TgEmit *f, int count) {
    int first = f->next;
    if (first + count > TG_MAX_REGISTERS) {
        tg_unit_fail(f->unit, f->token, "registers for one expression", "250",
                     "split it: put parts of it into variables or functions");
        return first + count <= NO_REGISTER ? first : 0;
    }
    f->next = first + count;
    if (f->next > f->top) f->top = f->next;
    return first;
}

int tg_result(TgEmit *f, int target, int mark) {
    f->next = mark;
    return target != ANY ? target : tg_take(f, 1);
}

void tg_handler_add(TgEmit *f, TgHandlerKind kind, uint32_t start, uint32_t target, int reg) {
    f->bound = f->count; // what follows is outside: nothing is merged over the border
    if (start == f->count) return;
    f->handlers =
        tg_unit_grow(f->handlers, &f->handler_capacity, f->handler_count + 1, sizeof *f->handlers);
    f->handlers[f->handler_count++] = (TgHandler){.start = start,
                                                  .end = f->count,
                                                  .target = target,
                                                  .kind = (uint8_t)kind,
                                                  .reg = (uint8_t)reg};
}

// ---- begin and end of a function

void tg_emit_begin(TgEmit *f, TgFn *fn) {
    f->fn = fn;
    f->count = f->constant_count = f->handler_count = f->place_count = 0;
    free(f->index); // made anew once there are constants enough
    f->index = NULL;
    f->index_size = 0;
    f->last = f->bound = -1;
    f->token = fn->token;
    f->next = f->top = f->care = 0;
    f->nursery = f->clause = f->spill = NO_REGISTER;
    f->loop = NULL;
    f->mark = NULL;
    f->spill_next = f->spill_most = 0;
}

void tg_emit_free(TgEmit *f) {
    while (f) {
        TgEmit *inner = f->inner;
        free(f->words);
        free(f->constants);
        free(f->index);
        free(f->handlers);
        free(f->places);
        free(f);
        f = inner;
    }
}

static void *exact_copy(TgVM *vm, const void *items, uint32_t count, size_t size) {
    if (count == 0) return NULL;
    void *copy = tg_gc_realloc(vm, NULL, 0, count * size);
    memcpy(copy, items, count * size);
    return copy;
}

TgCode *tg_emit_finish(TgEmit *f) {
    TgVM *vm = f->unit->vm;
    TgCode *code = tg_code_new(vm);
    code->words = exact_copy(vm, f->words, f->count, sizeof *f->words);
    code->word_count = f->count;
    code->constants = exact_copy(vm, f->constants, f->constant_count, sizeof *f->constants);
    code->constant_count = f->constant_count;
    code->handlers = exact_copy(vm, f->handlers, f->handler_count, sizeof *f->handlers);
    code->handler_count = f->handler_count;
    code->places = exact_copy(vm, f->places, f->place_count, sizeof *f->places);
    code->place_count = f->place_count;
    code->registers = (uint16_t)f->top;
    for (uint32_t i = 0; i < code->constant_count; i++) tg_barrier(vm, code, code->constants[i]);
    return code;
}
