// vm/op.c
// The table of instructions, straight from opcodes.def.
// Layer: data, bottom.
#include "vm/op.h"

// The rows name their fields by single letters; # makes them characters. A macro named as a field
// letter would break this, so there are none.
#define LETTER(field) (#field)[0]

const TgOpInfo tg_op_info[OP_COUNT] = {
#define OP(name, a, b, c, words, text) {#name, LETTER(a), LETTER(b), LETTER(c), words, text},
#include "vm/opcodes.def"
#undef OP
};

// The further words' letters are one a word, so their number is the length of that text. The loop
// knows its own lengths; this is for those who walk over code (verifier, disassembler, tests).
uint32_t tg_op_length(TgOp op) {
    uint32_t length = 1;
    for (const char *word = tg_op_info[op].words; *word; word++) length++;
    return length;
}
