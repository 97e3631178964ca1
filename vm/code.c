// vm/code.c
// Code objects: making one, finding the place of an instruction, freeing what one owns.
// Layer: data.
#include "vm/code.h"

#include <stdlib.h>

#include "vm/gc.h"

TgCode *tg_code_new(TgVM *vm) {
    return tg_gc_alloc(vm, sizeof(TgCode), OBJ_CODE);
}

// ---- Places

void tg_text_drop(TgSourceText *source) {
    if (--source->references > 0) return;
    free(source->lines);
    free(source);
}

uint32_t tg_text_line(const TgSourceText *source, uint32_t offset) {
    uint32_t low = 0, high = source->line_count;
    while (high - low > 1) {
        uint32_t middle = low + (high - low) / 2;
        if (source->lines[middle] <= offset)
            low = middle;
        else
            high = middle;
    }
    return low;
}

uint32_t tg_text_column(const TgSourceText *source, uint32_t offset) {
    uint32_t at = source->lines[tg_text_line(source, offset)], column = 1;
    if (source->is_ascii) return offset - at + 1;
    // Continuation bytes of UTF-8 are part of the code point before them.
    for (; at < offset; at++) column += ((unsigned char)source->text[at] & 0xC0) != 0x80;
    return column;
}

// Rows are sorted by pc and each holds up to the next, so the place is that of the last row that
// does not lie behind `pc`. Asked for errors and traces only, but those of deep recursions ask
// thousands of times.
TgPlace tg_code_place(const TgCode *code, uint32_t pc) {
    uint32_t low = 0, high = code->place_count;
    while (low < high) {
        uint32_t middle = low + (high - low) / 2;
        if (code->places[middle].pc <= pc) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    // Code without rows (the VM's stubs) or before the first: where the function begins.
    if (low == 0 || !code->source) return (TgPlace){.pc = 0, .line = code->line, .column = 0};
    const TgSpot *spot = &code->places[low - 1];
    uint32_t first = code->source->first_line ? code->source->first_line : 1;
    return (TgPlace){spot->pc, first + tg_text_line(code->source, spot->offset), tg_text_column(code->source, spot->offset)};
}

const char *tg_code_function(const TgCode *code) {
    bool is_top_level = code->module && code->module->name == code->name;
    return code->name && !is_top_level ? code->name->data : "";
}

static void give_back(TgVM *vm, void *array, size_t count, size_t item) {
    if (array) tg_gc_realloc(vm, array, count * item, 0);
}

void tg_code_release(TgVM *vm, TgCode *code) {
    give_back(vm, code->words, code->word_count, sizeof *code->words);
    give_back(vm, code->constants, code->constant_count, sizeof *code->constants);
    give_back(vm, code->handlers, code->handler_count, sizeof *code->handlers);
    give_back(vm, code->places, code->place_count, sizeof *code->places);
    give_back(vm, code->captures, code->capture_count, sizeof *code->captures);
    size_t names = (size_t)code->params + code->has_rest;
    give_back(vm, code->param_names, names, sizeof *code->param_names);
    // The text is the compiler's malloc: codes of several files may share none, those of one share
    // it.
    if (code->source) tg_text_drop(code->source);
}

void tg_code_mark(TgVM *vm, TgCode *code) {
    for (uint32_t i = 0; i < code->constant_count; i++) tg_gc_mark(vm, code->constants[i]);
    if (code->param_names) {
        for (uint32_t i = 0; i < (uint32_t)code->params + code->has_rest; i++) {
            tg_gc_mark_obj(vm, code->param_names[i]);
        }
    }
    tg_gc_mark_obj(vm, code->name);
    tg_gc_mark_obj(vm, code->file);
    tg_gc_mark_obj(vm, code->signature);
    tg_gc_mark_obj(vm, code->module);
}
