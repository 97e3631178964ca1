// vm/op.h
// Instructions: their numbers, their fields, their formats. All from opcodes.def.
// Layer: data, bottom.
#ifndef TG_VM_OP_H
#define TG_VM_OP_H

#include <stdint.h>

typedef enum {
#define OP(name, a, b, c, words, text) OP_##name,
#include "vm/opcodes.def"
#undef OP
    OP_COUNT
} TgOp;

typedef struct {
    const char *name;
    char a, b, c;      // field letters of opcodes.def
    const char *words;
    const char *text;
} TgOpInfo;

extern const TgOpInfo tg_op_info[OP_COUNT];

#define TG_NO_SHAPE 0xFFFFFFFFu // in the cache of a GETFIELD or SETFIELD that has met none yet
#define TG_SPAWN_DROPPED 256u // in the last word of a SPAWN: its Task is not wanted
#define TG_OP(word) ((TgOp)((word)&0xFF))
#define TG_A(word) (((word) >> 8) & 0xFF)
#define TG_B(word) (((word) >> 16) & 0xFF)
#define TG_C(word) ((word) >> 24)
#define TG_D(word) ((word) >> 16)
#define TG_SB(word) ((int8_t)((word) >> 16))
#define TG_SC(word) ((int8_t)((word) >> 24))
#define TG_SD(word) ((int16_t)((word) >> 16))

static inline uint32_t tg_abc(TgOp op, uint32_t a, uint32_t b, uint32_t c) {
    return (uint32_t)op | a << 8 | (b & 0xFF) << 16 | (c & 0xFF) << 24;
}
static inline uint32_t tg_ad(TgOp op, uint32_t a, uint32_t d) {
    return (uint32_t)op | a << 8 | (d & 0xFFFF) << 16;
}

// Words of the instruction `op`, the first included.
uint32_t tg_op_length(TgOp op);

#endif
