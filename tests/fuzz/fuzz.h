// tests/fuzz/fuzz.h
// What a fuzzer feeds: each target takes any bytes, and falls over (abort) where tg did something that it never may.
//
// The driver is libFuzzer's (make fuzz), or a loop over files (the suite `fuzz`, AFL++).
// Layer: tests.
#ifndef TG_TESTS_FUZZ_FUZZ_H
#define TG_TESTS_FUZZ_FUZZ_H

#include <stddef.h>
#include <stdint.h>

#include "vm/string.h"

typedef struct {
    const char *name;
    void (*feed)(const uint8_t *data, size_t size);
    const char *what;
} FuzzTarget;

extern const FuzzTarget fuzz_targets[]; // ends with a NULL
const FuzzTarget *fuzz_target(const char *name); // NULL: there is none

// A program that always compiles, and prints the same in whatever order its tasks run; the bytes are the choices.
void fuzz_write_program(const uint8_t *choices, size_t count, TgBuffer *out);

#endif
