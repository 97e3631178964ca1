// vm/disasm.c
// Code as text, for --dump=bytecode and the tests. All that it knows of an instruction stands in
// opcodes.def.
//
//   0007  3:9    CALL      r4 2 r1
//   0010         GETFIELD  r1 r0 0 "name"
//
// Registers are r0, constants are shown by their value, jumps as -> and a pc; line and column where
// they change. Layer: data.
#include "vm/disasm.h"

#include <stdio.h>
#include <string.h>

#include "vm/map.h"
#include "vm/number.h"
#include "vm/op.h"
#include "vm/string.h"

enum { LONGEST_STRING = 40 };

static const char *handler_name(uint8_t kind) {
    static const char *const names[] = {"try", "clause", "cleanup", "finally", "enter", "scope"};
    return kind < sizeof names / sizeof *names ? names[kind] : "?";
}

// ---- constants

static void add_string(TgBuffer *out, const TgString *string) {
    tg_buffer_text(out, "\"");
    for (uint32_t i = 0; i < string->length; i++) {
        unsigned char c = (unsigned char)string->data[i];
        if (i >= LONGEST_STRING && (c & 0xC0) != 0x80) {
            tg_buffer_text(out, "…");
            break;
        }
        if (c == '\n')
            tg_buffer_text(out, "\\n");
        else if (c == '"' || c == '\\')
            tg_buffer_format(out, "\\%c", c);
        else if (c < ' ')
            tg_buffer_format(out, "\\x%02x", c);
        else
            tg_buffer_add(out, (const char *)&c, 1);
    }
    tg_buffer_text(out, "\"");
}

// A Cell is a top-level variable of the module: its name.
static void add_cell(TgBuffer *out, const TgCode *code, TgValue cell) {
    uint32_t position = 0;
    const TgMap *members = code->module ? code->module->members : NULL;
    for (TgMapEntry *entry; members && (entry = tg_map_next(members, &position));) {
        if (entry->value == cell && tg_is_kind(entry->key, OBJ_STRING)) {
            tg_buffer_text(out, ((TgString *)tg_as_obj(entry->key))->data);
            return;
        }
    }
    tg_buffer_text(out, "<cell>");
}

static const char *text_of(const TgString *string) {
    return string ? string->data : "";
}

static void add_list(TgBuffer *out, const TgList *list) {
    tg_buffer_text(out, "[");
    for (uint32_t i = 0; i < list->count; i++) {
        if (i > 0) tg_buffer_text(out, ", ");
        TgValue item = list->items[i];
        if (tg_is_kind(item, OBJ_STRING))
            add_string(out, (TgString *)tg_as_obj(item));
        else
            tg_buffer_text(out, "?");
    }
    tg_buffer_text(out, "]");
}

static void add_object(TgBuffer *out, const TgCode *code, TgValue value) {
    const TgObj *object = tg_as_obj(value);
    switch (object->kind) {
    case OBJ_STRING: add_string(out, (const TgString *)object); break;
    case OBJ_BIGINT: tg_int_text(out, value, 10); break;
    case OBJ_CELL: add_cell(out, code, value); break;
    case OBJ_LIST: add_list(out, (const TgList *)object); break;
    case OBJ_CODE: tg_buffer_text(out, text_of(((const TgCode *)object)->signature)); break;
    case OBJ_CLASS:
        tg_buffer_format(out, "<class %s>", text_of(((const TgClass *)object)->name));
        break;
    case OBJ_NATIVE:
        tg_buffer_format(out, "<fn %s>", text_of(((const TgNative *)object)->name));
        break;
    default: tg_buffer_format(out, "<object of kind %d>", object->kind); break;
    }
}

static void add_constant(TgBuffer *out, const TgCode *code, uint32_t index) {
    if (index >= code->constant_count) {
        tg_buffer_format(out, " k%u?", index);
        return;
    }
    TgValue value = code->constants[index];
    tg_buffer_text(out, " ");
    if (tg_is_nil(value))
        tg_buffer_text(out, "nil");
    else if (tg_is_undef(value))
        tg_buffer_text(out, "undefined");
    else if (tg_is_bool(value))
        tg_buffer_text(out, value == TG_TRUE ? "true" : "false");
    else if (tg_is_int(value))
        tg_buffer_format(out, "%lld", (long long)tg_as_int(value));
    else if (tg_is_float(value))
        tg_float_text(out, tg_as_float(value));
    else if (tg_is_obj(value))
        add_object(out, code, value);
    else
        tg_buffer_text(out, "?");
}

// ---- instructions

static void add_field(TgBuffer *out, const TgCode *code, char letter, uint32_t value) {
    switch (letter) {
    case 'W':
    case 'R':
    case 'M':
    case 'S': tg_buffer_format(out, " r%u", value); break;
    case 'O':
        if (value == 255)
            tg_buffer_text(out, " -");
        else
            tg_buffer_format(out, " r%u", value);
        break;
    case 'N': tg_buffer_format(out, " %u", value); break;
    case 'I': tg_buffer_format(out, " %d", (int8_t)value); break;
    case 'U': tg_buffer_format(out, " u%u", value); break;
    case 'K':
    case 'd': add_constant(out, code, value); break;
    case 'i': tg_buffer_format(out, " %d", (int16_t)value); break;
    default: break; // X
    }
}

static void add_word(TgBuffer *out, const TgCode *code, char letter, uint32_t word, uint32_t end) {
    switch (letter) {
    case 'j': tg_buffer_format(out, " -> %04u", end + word); break;
    case 'p': tg_buffer_format(out, " -> %04u", word); break;
    case 'k': add_constant(out, code, word); break;
    case 'n': tg_buffer_format(out, " %u", word); break;
    default: break; // caches are of no interest
    }
}

// Appends the instruction at `pc`, gives its length; 0 where it is none.
static uint32_t add_instruction(TgBuffer *out, const TgCode *code, uint32_t pc) {
    uint32_t word = code->words[pc];
    uint32_t length = TG_OP(word) < OP_COUNT ? tg_op_length(TG_OP(word)) : 0;
    if (length == 0 || pc + length > code->word_count) {
        tg_buffer_format(out, "??? %08x\n", word);
        return 0;
    }
    const TgOpInfo *info = &tg_op_info[TG_OP(word)];
    tg_buffer_format(out, "%-12s", info->name);
    add_field(out, code, info->a, TG_A(word));
    bool is_wide = info->b == 'd' || info->b == 'i';
    add_field(out, code, info->b, is_wide ? TG_D(word) : TG_B(word));
    if (!is_wide) add_field(out, code, info->c, TG_C(word));
    for (uint32_t i = 1; i < length; i++) {
        add_word(out, code, info->words[i - 1], code->words[pc + i], pc + length);
    }
    tg_buffer_text(out, "\n");
    return length;
}

static void add_words(TgBuffer *out, const TgCode *code) {
    uint32_t row = 0, length;
    for (uint32_t pc = 0; pc < code->word_count; pc += length) {
        char place[24] = "";
        while (row < code->place_count && code->places[row].pc <= pc) {
            TgPlace at = tg_code_place(code, code->places[row++].pc);
            snprintf(place, sizeof place, "%u:%u", at.line, at.column);
        }
        tg_buffer_format(out, "  %04u  %-7s ", pc, place);
        length = add_instruction(out, code, pc);
        if (length == 0) break;
    }
}

static void add_tables(TgBuffer *out, const TgCode *code) {
    for (uint32_t i = 0; i < code->handler_count; i++) {
        const TgHandler *row = &code->handlers[i];
        tg_buffer_format(out, "  %-8s %04u..%04u -> %04u r%u\n", handler_name(row->kind),
                         row->start, row->end, row->target, row->reg);
    }
    for (uint32_t i = 0; i < code->capture_count; i++) {
        const TgCapture *capture = &code->captures[i];
        tg_buffer_format(out, "  u%u = %c%u\n", i, capture->from_frame ? 'r' : 'u', capture->index);
    }
}

static void add_head(TgBuffer *out, const TgCode *code) {
    const char *signature = text_of(code->signature);
    if (*signature)
        tg_buffer_text(out, signature);
    else
        tg_buffer_format(out, "module %s", text_of(code->name));
    tg_buffer_format(out, "  %s:%u, %u registers", text_of(code->file), code->line,
                     code->registers);
    if (code->is_method) tg_buffer_text(out, ", method");
    if (code->params) {
        tg_buffer_format(out, ", %u parameters (%u positional, %u required)", code->params,
                         code->positional, code->required);
    }
    if (code->call_key == TG_CALL_SLOW) tg_buffer_text(out, ", slow call");
    tg_buffer_text(out, "\n");
}

void tg_disasm(const TgCode *code, void (*out)(void *, const char *, size_t), void *data) {
    TgBuffer buffer = {0};
    add_head(&buffer, code);
    add_words(&buffer, code);
    add_tables(&buffer, code);
    tg_buffer_text(&buffer, "\n");
    out(data, buffer.data, buffer.length);
    tg_buffer_free(&buffer);
    for (uint32_t i = 0; i < code->constant_count; i++) {
        if (!tg_is_kind(code->constants[i], OBJ_CODE)) continue;
        tg_disasm((const TgCode *)tg_as_obj(code->constants[i]), out, data);
    }
}
