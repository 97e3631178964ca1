// stdlib/ioerror.c
// Errors of the system as IOErrors.
// Layer: library.
#include "stdlib/ioerror.h"

#include <ctype.h>
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

static const char *own_reason(int error) {
    switch (error) {
    case ENOENT: return "no such file";
    case EEXIST: return "it exists already";
    case EISDIR: return "it is a folder";
    case ENOTDIR: return "a part of the path is no folder";
    case ENOTEMPTY: return "the folder is not empty";
    case EMFILE: return "this process has too many files open";
    case ENFILE: return "the system has too many files open";
    case ELOOP: return "too many symbolic links in the path";
    case EPIPE: return "the other end is closed";
    case ENXIO: return "nobody is at the other end";
    default: return NULL;
    }
}

// What is not found may be written in a way that only shells know, or be the picture of a name.
static const char *advice_of(const char *path) {
    if (path[0] == '~') return "; ~ is a word of the shell: fs.join(os.home(), ...) says it";
    if (strpbrk(path, "*?")) return "; fs.glob(pattern) gives the paths that fit a pattern";
    if (strstr(path, "\xEF\xBF\xBD")) return "; a name that is no UTF-8 text is shown with \xEF\xBF\xBD in it, and not found by that";
    return "";
}

const char *tg_io_reason(int error) {
    const char *own = own_reason(error), *text = own ? own : strerrordesc_np(error);
    return text ? text : "the system says no more";
}

static void raise_with(TgVM *vm, const char *code, const char *path, TgBuffer *text) {
    TgString *message = tg_string(vm, text->data ? text->data : "", text->length);
    tg_buffer_free(text);
    bool is_refused = !strcmp(code, "EACCES") || !strcmp(code, "EPERM");
    TgException *error = tg_error_new(vm, vm->errors[is_refused ? TG_ERR_PermissionError : TG_ERR_IOError], message);
    tg_instance_set(vm, &error->instance, vm->name_code, tg_obj(tg_string_c(vm, code)));
    // A path may be no UTF-8: names on disk are bytes.
    bool is_text = path && tg_utf8_valid(path, strlen(path));
    tg_instance_set(vm, &error->instance, tg_string_c(vm, "path"), is_text ? tg_obj(tg_string_c(vm, path)) : TG_NIL);
    vm->raised = tg_obj(error);
}

static void add_format(TgBuffer *text, const char *format, va_list arguments) {
    char line[4096];
    int length = vsnprintf(line, sizeof line, format, arguments);
    if (length < 0) length = 0;
    if ((size_t)length >= sizeof line) length = sizeof line - 1;
    for (int cut = 0; cut < 3 && length && !tg_utf8_valid(line, (size_t)length); cut++) length--; // in the midst of a character
    tg_text_tame(text, line, tg_utf8_valid(line, (size_t)length) ? (size_t)length : 0);
    if (!text->length) tg_buffer_text(text, "a name that is no UTF-8 text");
}

void tg_io_error(TgVM *vm, int error, const char *path, const char *format, ...) {
    TgBuffer text = {0};
    va_list arguments;
    va_start(arguments, format);
    add_format(&text, format, arguments);
    va_end(arguments);
    const char *name = strerrorname_np(error), *reason = tg_io_reason(error);
    bool is_lower = own_reason(error) != NULL || (isupper((unsigned char)reason[0]) && isupper((unsigned char)reason[1]));
    tg_buffer_format(&text, ": %c%s (%s)", is_lower ? reason[0] : tolower((unsigned char)reason[0]), reason + 1, name ? name : "?");
    if (error == ENOENT && path) tg_buffer_text(&text, advice_of(path));
    raise_with(vm, name ? name : "?", path, &text);
}

void tg_io_error_own(TgVM *vm, const char *code, const char *path, const char *format, ...) {
    TgBuffer text = {0};
    va_list arguments;
    va_start(arguments, format);
    add_format(&text, format, arguments);
    va_end(arguments);
    raise_with(vm, code, path, &text);
}

// "" stands for nil.
static TgString *text_of(TgVM *vm, const TgException *error, TgString *name) {
    TgValue value = error ? tg_instance_get(vm, &error->instance, name) : TG_UNDEF;
    return tg_is_kind(value, OBJ_STRING) ? (TgString *)tg_as_obj(value) : vm->name_empty;
}

void tg_io_error_tape(TgVM *vm, TgTape *tape) {
    TgBuffer parts[3] = {{0}, {0}, {0}};
    TgString *const names[3] = {vm->name_message, vm->name_code, tg_string_c(vm, "path")};
    const TgException *error = tg_is_exception(vm->raised) ? (TgException *)tg_as_obj(vm->raised) : NULL;
    for (int i = 0; i < 3; i++) {
        const TgString *text = text_of(vm, error, names[i]);
        if (tape->writes) tg_buffer_add(&parts[i], text->data, text->length);
        tg_tape_buffer(tape, &parts[i]);
        if (i) tg_buffer_add(&parts[i], "", 1);
    }
    if (tape->world && !tape->writes) raise_with(vm, parts[1].data, parts[2].length > 1 ? parts[2].data : NULL, &parts[0]);
    for (int i = 0; i < 3; i++) tg_buffer_free(&parts[i]);
}
