// vm/input.c
// input(): lines of standard input. Blocks its own task only, and can be cancelled.
// Layer: runtime, top. The only reader of descriptor 0.
#include "vm/input.h"

#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <unistd.h>

#include "vm/api.h"
#include "vm/sched.h"

typedef struct TgInput {
    char *data;
    size_t length, capacity, taken;
    bool ended;
} TgInput;

// A line that is there: without its newline. False: more has to be read first.
static bool take_line(TgVM *vm, TgInput *input, TgValue *out) {
    char *start = input->data + input->taken;
    size_t left = input->length - input->taken;
    char *newline = left ? memchr(start, '\n', left) : NULL;
    if (!newline && !input->ended) return false;
    if (!newline && left == 0) return *out = TG_NIL, true;
    size_t length = newline ? (size_t)(newline - start) : left;
    input->taken += length + (newline ? 1 : 0);
    if (length > 0 && start[length - 1] == '\r') length--;
    if (!tg_utf8_valid(start, length)) return *out = TG_UNDEF, true;
    *out = tg_obj(tg_string(vm, start, length));
    return true;
}

static bool can_read(void) {
    struct pollfd fd = {.fd = 0, .events = POLLIN};
    return poll(&fd, 1, 0) != 0;
}

static void read_more(TgInput *input) {
    if (input->taken > 0) {
        memmove(input->data, input->data + input->taken, input->length - input->taken);
        input->length -= input->taken;
        input->taken = 0;
    }
    if (input->capacity - input->length < 4096) {
        size_t capacity = input->capacity ? input->capacity * 2 : 8192;
        char *data = realloc(input->data, capacity);
        if (!data) {
            input->ended = true;
            return;
        }
        input->data = data;
        input->capacity = capacity;
    }
    ssize_t got = read(0, input->data + input->length, input->capacity - input->length);
    if (got > 0)
        input->length += (size_t)got;
    else if (got == 0 || (errno != EINTR && errno != EAGAIN))
        input->ended = true;
}

static void ready(void *data) {
    TgTask *task = data;
    task->watch = NULL; // the reactor has forgotten it
    tg_sched_wake(task->vm, task, TG_NIL);
}

static TgResult task_input(TgCall *call) {
    TgVM *vm = call->vm;
    if (!vm->sched->root)
        return tg_raise(call, TG_ERR_IOError, "input() in a background task: the prompt reads the terminal now");
    if (!vm->input) {
        vm->input = calloc(1, sizeof(TgInput));
        if (!vm->input) return tg_raise_memory(call);
    }
    TgInput *input = vm->input;
    if (call->step == 0 && tg_given(call, 0)) {
        TgString *prompt;
        if (!tg_arg_string(call, 0, &prompt)) return TG_RAISED;
        tg_out_write(vm, prompt->data, prompt->length);
        tg_out_try(vm);
    }
    TgValue line;
    while (!take_line(vm, input, &line)) {
        if (!can_read()) {
            call->task->vm = vm;
            if (vm->reactor->watch(vm->reactor, 0, false, ready, call->task, &call->task->watch))
                return tg_park(call, WAIT_INPUT, NULL, 1);
        }
        read_more(input);
    }
    if (tg_is_undef(line)) return tg_raise(call, TG_ERR_ValueError, "input(): the line is not valid UTF-8");
    return tg_return(call, line);
}

static const TgNativeDef builtins[] = {
    {"input(prompt = \"\")", task_input, "The next line of standard input as a String, or nil at its end."},
    {0},
};

void tg_input_register(TgVM *vm) { tg_register_builtins(vm, builtins, false); }

void tg_input_free(TgVM *vm) {
    if (vm->input) free(vm->input->data);
    free(vm->input);
    vm->input = NULL;
}
