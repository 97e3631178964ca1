// vm/verify_impl.h
// What the two rooms of the verifier share: form (verify.c) and the flow of values (verify_flow.c).
// Layer: data, private to the verifier.
#ifndef TG_VM_VERIFY_IMPL_H
#define TG_VM_VERIFY_IMPL_H

#include "vm/code.h"

typedef struct {
    const TgCode *code;
    uint8_t *starts; // per word: an instruction begins here
    char *wrong;     // malloc'ed
} TgVerify;

// Notes what is wrong (the first thing stays). Always false.
bool tg_verify_fail(TgVerify *v, uint32_t pc, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
// Every register that is read was written on every way to there, and a Cell is never taken for its
// value. Asked only where the form is right.
bool tg_verify_flow(TgVerify *v);
// Names of the named arguments of a CALLX or SPAWNX.
uint32_t tg_verify_named(const TgCode *code, uint32_t constant);

#endif
