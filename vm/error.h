// vm/error.h
// Raising from C: an error is made, becomes the VM's pending one, and the caller returns failure up to the
// loop, which hands it to the unwinder.
// Layer: data.
#ifndef TG_VM_ERROR_H
#define TG_VM_ERROR_H

#include "vm/object.h"

// The built-in exception classes; vm->errors[] holds them. Rows: ERROR(NAME, parent).
#define TG_ERRORS(ERROR)                                                                           \
    ERROR(Exception, Exception)                                                                    \
    ERROR(Error, Exception)                                                                        \
    ERROR(Interrupt, Exception)                                                                    \
    ERROR(LimitReached, Exception)                                                                 \
    ERROR(TypeError, Error)                                                                        \
    ERROR(ValueError, Error)                                                                       \
    ERROR(NameError, Error)                                                                        \
    ERROR(AttributeError, Error)                                                                   \
    ERROR(IndexError, Error)                                                                       \
    ERROR(KeyError, Error)                                                                         \
    ERROR(ZeroDivisionError, Error)                                                                \
    ERROR(AssertionError, Error)                                                                   \
    ERROR(IOError, Error)                                                                          \
    ERROR(PermissionError, IOError)                                                                \
    ERROR(Timeout, Error)                                                                          \
    ERROR(Closed, Error)                                                                           \
    ERROR(Deadlock, Error)                                                                         \
    ERROR(TaskCancelled, Error)                                                                    \
    ERROR(StackOverflow, Error)                                                                    \
    ERROR(MemoryError, Error)                                                                      \
    ERROR(SyntaxError, Error)                                                                      \
    ERROR(ImportError, Error)                                                                      \
    ERROR(ErrorGroup, Error)

typedef enum {
#define ERROR(name, parent) TG_ERR_##name,
    TG_ERRORS(ERROR)
#undef ERROR
    TG_ERR_COUNT
} TgErrorId;

// Makes an exception and sets it as pending (vm->raised). printf; the message is UTF-8.
void tg_error_raise(TgVM *vm, TgErrorId id, const char *format, ...) __attribute__((format(printf, 3, 4)));
void tg_error_memory(TgVM *vm); // MemoryError or, over --max-memory, LimitReached
// Whether a script may have `what` ("the module fs") of the world outside. False: it is the sandbox's, PermissionError raised.
bool tg_sandbox_allows(TgVM *vm, const char *what);
// Makes one without raising it.
TgException *tg_error_new(TgVM *vm, TgClass *class_, TgString *message);
TgException *tg_error_group(TgVM *vm, TgString *message, TgList *errors);
static inline bool tg_is_exception(TgValue v) {
    return tg_is_kind(v, OBJ_INSTANCE) && (tg_as_obj(v)->flags & OBJ_EXCEPTION);
}
// Sets message, and cause to nil.
void tg_error_begin(TgVM *vm, TgException *exception, TgString *message);
// The message field of an exception, or "" where it has none that is a String.
TgString *tg_error_message(TgVM *vm, const TgException *exception);
// The LimitReached that `error` is, or has among its members; or NULL.
TgException *tg_limit_of(TgVM *vm, TgValue error);
// The members of an ErrorGroup, or NULL for any other exception.
TgList *tg_error_members(TgVM *vm, const TgException *exception);

// Whether C code may recurse further: false when most of the C stack is used (StackOverflow was raised then).
bool tg_stack_check(TgVM *vm);

#endif
