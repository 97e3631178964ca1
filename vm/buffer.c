// vm/buffer.c
// Growable bytes outside of the heap, in which text is put together.
//
// A buffer never fails halfway. What is small has to be had, as the VM's own objects have to be (nobody could be told: that
// takes a text too); without it the process ends. What is larger is a script's doing: where memory does not reach the buffer
// drops what it holds and says so at the end (`failed`), so that those who write into it need no checks in between.
//
// Layer: data.
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "vm/error.h"
#include "vm/string.h"

enum { SMALL = 4096 };

// Room for `more` bytes and a NUL behind them.
static bool make_room(TgBuffer *buffer, size_t more) {
    if (buffer->failed) return false;
    if (more < buffer->capacity - buffer->length) return true;
    size_t capacity = buffer->capacity ? buffer->capacity : 64;
    // No String can be longer than 32 bits say, so nothing that is longer is worth building.
    bool fits = more < UINT32_MAX && buffer->length + more < UINT32_MAX;
    while (fits && capacity <= buffer->length + more) capacity *= 2;
    char *data = fits ? realloc(buffer->data, capacity) : NULL;
    if (!data && fits && capacity <= SMALL) {
        fputs("tg: no memory left\n", stderr);
        exit(1);
    }
    if (!data) {
        free(buffer->data);
        *buffer = (TgBuffer){.failed = true};
        return false;
    }
    buffer->data = data;
    buffer->capacity = capacity;
    return true;
}

void tg_buffer_add(TgBuffer *buffer, const char *bytes, size_t length) {
    if (!make_room(buffer, length)) return;
    if (length > 0) memcpy(buffer->data + buffer->length, bytes, length);
    buffer->length += length;
    buffer->data[buffer->length] = '\0';
}

void tg_buffer_text(TgBuffer *buffer, const char *text) {
    tg_buffer_add(buffer, text, strlen(text));
}

void tg_buffer_fill(TgBuffer *buffer, const char *bytes, size_t length, size_t times) {
    if (length == 0 || times == 0) return;
    if (times > UINT32_MAX || !make_room(buffer, length * times)) {
        make_room(buffer, SIZE_MAX); // too much is a failure too
        return;
    }
    char *at = buffer->data + buffer->length;
    buffer->length += length * times;
    if (length == 1) {
        memset(at, *bytes, times);
    } else {
        for (; times > 0; times--, at += length) memcpy(at, bytes, length);
    }
    buffer->data[buffer->length] = '\0';
}

void tg_buffer_format(TgBuffer *buffer, const char *format, ...) {
    va_list arguments, again;
    va_start(arguments, format);
    va_copy(again, arguments);
    if (make_room(buffer, 64)) {
        size_t room = buffer->capacity - buffer->length;
        int length = vsnprintf(buffer->data + buffer->length, room, format, arguments);
        if (length >= 0 && (size_t)length >= room && make_room(buffer, (size_t)length)) {
            room = buffer->capacity - buffer->length;
            length = vsnprintf(buffer->data + buffer->length, room, format, again);
        }
        if (length >= 0 && !buffer->failed) buffer->length += (size_t)length;
    }
    va_end(again);
    va_end(arguments);
}

void tg_buffer_free(TgBuffer *buffer) {
    free(buffer->data);
    *buffer = (TgBuffer){0};
}

TgString *tg_buffer_string(TgVM *vm, TgBuffer *buffer) {
    TgString *string = buffer->failed ? NULL : tg_string_begin(vm, buffer->length);
    if (string) {
        if (buffer->length > 0) memcpy(string->data, buffer->data, buffer->length);
        string = tg_string_finish(vm, string);
    } else {
        tg_error_memory(vm);
    }
    tg_buffer_free(buffer);
    return string;
}
