// vm/block.h
// What happens at the ends of blocks that need care: scopes, finally, try. The rules of language.md
// sections 4 and 5 about what goes on after a block, in one place.
//
// `state` is the block's registers in the running frame; task->base and task->pc (the instruction) are saved.
// Layer: runtime.
#ifndef TG_VM_BLOCK_H
#define TG_VM_BLOCK_H

#include "vm/scope.h"

typedef enum {
    BLOCK_NEXT,  // go on behind the instruction
    BLOCK_ELSE,  // a timeout that ran out and has an else
    BLOCK_PARK,  // the task waits; the instruction runs again after that
    BLOCK_LEAVE, // go on leaving: kind, value
} TgBlockHow;

typedef struct {
    TgBlockHow how;
    TgLeaveKind kind;
    TgValue value;
} TgBlockEnd;

// ENDSCOPE. state[0] the scope, state[1] and state[2] the leaving.
TgBlockEnd tg_block_end_scope(TgVM *vm, TgTask *task, TgValue *state, bool has_else);
// ENDFINALLY. state[0] and state[1]: the leaving that the finally was entered with.
TgBlockEnd tg_block_end_finally(TgVM *vm, TgTask *task, TgValue *state);
// ENDTRY. state: a try's five registers.
TgBlockEnd tg_block_end_try(TgVM *vm, TgTask *task, TgValue *state);
// MATCH: takes what is of `classes` out of state[0] into state[1]. False: raised. *found: whether there was any.
bool tg_block_match(TgVM *vm, TgTask *task, TgValue *state, TgValue classes, bool *found);
// TIMEOUT and SHIELD: opens the scope with its deadline. False: raised (not a number of seconds).
bool tg_block_open_timed(TgVM *vm, TgTask *task, TgScopeKind kind, uint32_t reg, TgValue seconds);
#endif
