// stdlib/log.c
// The module log, its C half: a line to stderr, behind what print has written so far.
// Layer: library.
#include <errno.h>
#include <poll.h>
#include <unistd.h>

#include "stdlib/lib.h"

// What cannot be written within a second (a pipe that nobody reads) is dropped: a log must not stop a program.
static void write_all(const char *text, size_t length) {
    struct pollfd fd = {.fd = STDERR_FILENO, .events = POLLOUT};
    while (length > 0) {
        ssize_t written = write(STDERR_FILENO, text, length);
        if (written >= 0) {
            text += written;
            length -= (size_t)written;
        } else if (errno == EAGAIN ? poll(&fd, 1, 1000) <= 0 : errno != EINTR) {
            return;
        }
    }
}

static TgResult log_write(TgCall *call) {
    TgString *line;
    TgVM *vm = call->vm;
    if (!tg_arg_string(call, 0, &line)) return TG_RAISED;
    tg_out_try(vm);
    if (vm->around_output) vm->around_output(true);
    write_all(line->data, line->length);
    if (vm->around_output) vm->around_output(false);
    return tg_return(call, TG_NIL);
}

const TgNativeDef tg_lib_log_members[] = {
    {"_write(line)", log_write, "Writes a line to stderr."},
    {0},
};

void tg_lib_log(TgVM *vm, TgModule *module) {
    tg_register_members(vm, module, tg_lib_log_members);
}
