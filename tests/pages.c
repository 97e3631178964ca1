// tests/pages.c
// What stands for other text in the examples of `tg explain`: bytes that no editor writes, and
// repetitions. Layer: tests.
#include "tests/pages.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char OPEN[] = "⟨", CLOSE[] = "⟩", TIMES[] = " × ";

static void repeat(Bytes *out, long count, const char *unit, size_t length) {
    for (long i = 0; i < count; i++) {
        for (size_t k = 0; k < length; k++) {
            char number[24];
            int size = unit[k] == '#' ? snprintf(number, sizeof number, "%ld", i) : 0;
            bytes_add(out, size ? number : unit + k, size ? (size_t)size : 1);
        }
    }
}

void page_expand(TgPageText text, Bytes *out) {
    const char *at = text.at, *end = at + text.length;
    while (at < end) {
        const char *open = strstr(at, OPEN), *close = open ? strstr(open, CLOSE) : NULL;
        if (!close || close >= end) break;
        bytes_add(out, at, (size_t)(open - at));
        const char *inner = open + strlen(OPEN), *times = strstr(inner, TIMES);
        char *rest;
        if (times && times < close) {
            long count = strtol(inner, &rest, 10);
            repeat(out, count, times + strlen(TIMES), (size_t)(close - times) - strlen(TIMES));
        } else {
            char byte = (char)strtol(inner, &rest, 16);
            bytes_add(out, &byte, 1);
        }
        at = close + strlen(CLOSE);
    }
    bytes_add(out, at, (size_t)(end - at));
}
