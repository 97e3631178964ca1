// stdlib/ioerror.h
// The IOErrors of the system: `cannot open "x.txt" for reading: no such file (ENOENT)`.
// Layer: library.
#ifndef TG_STDLIB_IOERROR_H
#define TG_STDLIB_IOERROR_H

#include "vm/api.h"

// Makes an IOError and sets it as pending: the message is the text (what could not be done, to what), the reason and the system's
// name of it, `code` that name, `path` the path where there is one (or NULL). For a job's `finish`, which then gives false.
void tg_io_error(TgVM *vm, int error, const char *path, const char *format, ...) __attribute__((format(printf, 4, 5)));
// The same as a native's end.
#define tg_io_raise(call, ...) (tg_io_error((call)->vm, __VA_ARGS__), TG_RAISED)
// One whose reason no system has a name for: `code` as given, the message whole.
void tg_io_error_own(TgVM *vm, const char *code, const char *path, const char *format, ...)
    __attribute__((format(printf, 4, 5)));
// What is pending (an IOError) is kept on the tape, or becomes pending again.
void tg_io_error_tape(TgVM *vm, TgTape *tape);
// "no such file", "permission denied": without the name.
const char *tg_io_reason(int error);

#endif
