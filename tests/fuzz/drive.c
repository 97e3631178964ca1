// tests/fuzz/drive.c
// Hands what libFuzzer makes up to the target that FUZZ_TARGET names. With FUZZ_PRINT=1 the target `program` prints the program
// that stands for an input, and does no more.
// Layer: tests.
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/fuzz/fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    static const FuzzTarget *target;
    if (!target) {
        const char *name = getenv("FUZZ_TARGET");
        target = fuzz_target(name ? name : "");
        if (!target) {
            fputs("FUZZ_TARGET is one of\n", stderr);
            for (target = fuzz_targets; target->name; target++) fprintf(stderr, "  %-8s %s\n", target->name, target->what);
            exit(2);
        }
    }
    if (getenv("FUZZ_PRINT")) {
        TgBuffer text = {0};
        fuzz_write_program(data, size, &text);
        fwrite(text.data, 1, text.length, stderr);
        tg_buffer_free(&text);
        return 0;
    }
    target->feed(data, size);
    return 0;
}
