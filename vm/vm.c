// vm/vm.c
// Birth and death of a VM, its roots, and the output of print.
// Layer: runtime, top.
#include "vm/vm.h"

#include <errno.h>
#include <limits.h>
#include <math.h>
#include <poll.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <unistd.h>

#include "vm/api.h"
#include "vm/call.h"
#include "vm/channel.h"
#include "vm/explore.h"
#include "vm/host_signal.h"
#include "vm/inbox.h"
#include "vm/monitor.h"
#include "vm/reactor.h"
#include "vm/sched.h"
#include "vm/sync.h"
#include "vm/tasklib.h"
#include "vm/world.h"

enum { SLICE = 2000, MAX_STACK = 1000000, OUT_KEPT = 1 << 16, OUT_FIRST = 8192 };

TgOptions tg_vm_defaults(void) {
    return (TgOptions){.slice = SLICE, .max_stack = MAX_STACK};
}

// Of the C stack the VM may use what is left above a reserve for signal handlers and libraries.
static size_t c_stack_room(void) {
    struct rlimit limit;
    size_t room = 8u << 20;
    if (getrlimit(RLIMIT_STACK, &limit) == 0 && limit.rlim_cur != RLIM_INFINITY) room = (size_t)limit.rlim_cur;
    if (room > 64u << 20) room = 64u << 20;
    return room / 2;
}

static TgReactor *new_reactor(TgVM *vm) {
    if (vm->world) tg_world_join(vm->world, vm);
    if (tg_world_replays(vm)) return tg_world_reactor(vm->world, NULL);
    TgReactor *reactor = vm->options.virtual_time ? tg_reactor_virtual_new() : tg_reactor_uv_new();
    return reactor && vm->world ? tg_world_reactor(vm->world, reactor) : reactor;
}

TgVM *tg_vm_new(const TgOptions *options) {
    TgVM *vm = calloc(1, sizeof *vm);
    if (!vm) return NULL;
    vm->options = *options;
    if (vm->options.slice == 0) vm->options.slice = SLICE;
    if (vm->options.max_stack == 0) vm->options.max_stack = MAX_STACK;
    vm->raised = vm->last_value = vm->last_error = TG_UNDEF;
    vm->stack_base = __builtin_frame_address(0);
    vm->stack_room = c_stack_room();
    vm->out_is_terminal = isatty(1);
    vm->out_capacity = OUT_FIRST;
    vm->out = malloc(OUT_FIRST);
    vm->world = options->world;
    vm->reactor = new_reactor(vm);
    if (!vm->out || !vm->reactor || !tg_gc_init(vm) || !tg_interns_init(vm) || !tg_sched_init(vm)) {
        tg_vm_free(vm);
        return NULL;
    }
    if (options->gc_stats) tg_gc_stats_on(vm);
    tg_limits_begin(vm);
    tg_classes_init(vm);
    tg_call_init(vm);
    vm->modules = tg_map(vm);
    vm->library_keep = tg_map(vm);
    vm->builtin_keep = tg_map(vm);
    for (int i = 0; i < TG_HELPERS; i++) vm->helpers[i] = TG_NIL;
    tg_tasklib_register(vm);
    tg_channel_register(vm);
    tg_sync_register(vm);
    tg_inbox_register(vm);
    return vm;
}

void tg_vm_free(TgVM *vm) {
    if (!vm) return;
    vm->is_ending = true;
    tg_inbox_free(vm);
    tg_explorer_free(vm);
    tg_monitor_free(vm);
    if (vm->gc && !(vm->is_left && vm->resources == 0)) tg_gc_free(vm);
    tg_interns_free(vm);
    tg_sched_free(vm);
    if (vm->reactor) vm->reactor->free(vm->reactor);
    free(vm->shapes);
    free(vm->out);
    free(vm->script_dir);
    free(vm);
}

void tg_vm_leave(TgVM *vm) {
#ifdef NDEBUG
    vm->is_left = true;
#endif
    tg_vm_free(vm);
}

// ---- Roots

static void mark_sched(TgVM *vm) {
    TgSched *sched = vm->sched;
    tg_gc_mark_obj(vm, sched->root);
    tg_gc_mark_obj(vm, sched->session);
    tg_gc_mark_obj(vm, sched->failed);
    tg_gc_mark_obj(vm, sched->main);
    tg_gc_mark_obj(vm, sched->press);
    tg_gc_mark_obj(vm, sched->struck_code);
    tg_gc_mark_obj(vm, sched->entry);
    tg_gc_mark_obj(vm, sched->task_name);
    tg_gc_mark_obj(vm, sched->native_code);
    if (sched->loading_class) tg_gc_mark(vm, tg_obj(sched->loading_class));
    if (sched->tree_class) tg_gc_mark(vm, tg_obj(sched->tree_class));
    tg_inbox_mark(vm);
    tg_monitor_mark(vm);
    sched->spare = NULL; // these are garbage like others now
    sched->spare_count = 0;
    // Tasks that are ready are not looked at: each is a child of some nursery, and that may be a great many.
}

void tg_vm_mark_roots(TgVM *vm) {
    memset(vm->method_cache, 0, sizeof vm->method_cache); // what these name may die
    memset(vm->shape_cache, 0, sizeof vm->shape_cache);
    for (int i = 0; i < OBJ_KINDS; i++) tg_gc_mark_obj(vm, vm->classes[i]);
    tg_gc_mark_obj(vm, vm->nil_class);
    tg_gc_mark_obj(vm, vm->bool_class);
    tg_gc_mark_obj(vm, vm->int_class);
    tg_gc_mark_obj(vm, vm->float_class);
    tg_gc_mark_obj(vm, vm->function_class);
    for (int i = 0; i < TG_ERR_COUNT; i++) tg_gc_mark_obj(vm, vm->errors[i]);
    tg_gc_mark(vm, vm->raised);
    tg_gc_mark(vm, vm->last_value);
    tg_gc_mark(vm, vm->last_error);
    TgString *const names[] = {vm->name_init, vm->name_str,  vm->name_eq,      vm->name_hash,  vm->name_iter, vm->name_enter,
                               vm->name_exit, vm->name_message, vm->name_cause, vm->name_code, vm->name_errors, vm->name_empty, vm->name_detail};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) tg_gc_mark_obj(vm, names[i]);
    for (int i = 0; i < 128; i++) tg_gc_mark_obj(vm, vm->characters[i]);
    for (uint32_t i = 0; i < vm->builtin_count; i++) tg_gc_mark(vm, vm->builtins[i]);
    tg_gc_mark_obj(vm, vm->builtin_keep);
    tg_gc_mark_obj(vm, vm->modules);
    tg_gc_mark_obj(vm, vm->library_keep);
    for (int i = 0; i < TG_HELPERS; i++) tg_gc_mark(vm, vm->helpers[i]);
    for (int i = 0; i < 4; i++) tg_gc_mark(vm, vm->keep[i]);
    if (vm->sched) mark_sched(vm);
}

// ---- Output

// Writes what goes without blocking: at most so much at a time as a pipe that is ready takes whole. True: all of it.
bool tg_out_try(TgVM *vm) {
    if (vm->explorer) return true; // who explores looks at it
    size_t done = 0, end = vm->out_length;
    // Beside a line that is being typed there is room for whole lines only.
    if (vm->around_output && end < OUT_KEPT)
        while (end > 0 && vm->out[end - 1] != '\n') end--;
    bool around = vm->around_output && end > 0;
    if (around) vm->around_output(true);
    while (done < end) {
        struct pollfd fd = {.fd = 1, .events = POLLOUT};
        if (poll(&fd, 1, 0) == 0) break;
        size_t left = end - done;
        ssize_t wrote = write(1, vm->out + done, left < PIPE_BUF ? left : PIPE_BUF);
        if (wrote > 0)
            done += (size_t)wrote;
        else if (errno == EAGAIN)
            break;
        else if (errno != EINTR) {
            if (errno == EPIPE) tg_output_is_broken();
            vm->out_error = errno;
            done = end; // it can't be had any more
        }
    }
    if (around) vm->around_output(false);
    bool all = done == end;
    if (done) memmove(vm->out, vm->out + done, vm->out_length - done); // there may be no buffer yet
    vm->out_length -= done;
    return all;
}

// Whether a signal that ends programs waits to be looked at.
static bool end_is_asked(const TgVM *vm) {
    static const int ending[] = {TG_SIGINT, TG_SIGTERM, TG_SIGHUP};
    TgSignals *signals = vm->sched ? vm->sched->signals : NULL;
    for (int i = 0; signals && i < 3; i++)
        if (atomic_load_explicit(&signals->presses[ending[i]], memory_order_relaxed)) return true;
    return false;
}

void tg_out_flush(TgVM *vm, double patience) {
    enum { TURN = 50 }; // milliseconds
    while (!tg_out_try(vm) && patience > 0 && !end_is_asked(vm)) {
        struct pollfd fd = {.fd = 1, .events = POLLOUT};
        if (poll(&fd, 1, TURN) == 0) patience -= TURN / 1000.0;
    }
}

static void out_ready(void *data) {
    TgTask *task = data;
    task->rare->watch = NULL; // the reactor has forgotten it
    tg_sched_wake(task->rare->vm, task, TG_NIL);
}

bool tg_out_is_full(TgVM *vm) {
    bool is_full = vm->out_length >= OUT_KEPT && !tg_out_try(vm) && vm->out_length >= OUT_KEPT;
    return vm->world ? tg_world_is_full(vm, tg_sched_place(vm), is_full) : is_full;
}

bool tg_out_is_left(TgVM *vm) {
    bool is_left = !tg_out_try(vm);
    return vm->world ? tg_world_is_full(vm, tg_sched_place(vm), is_left) : is_left;
}

// What was printed is more than is kept: the task waits until somebody reads.
TgResult tg_out_done(TgCall *call) {
    TgVM *vm = call->vm;
    if (!tg_limits_output_end(vm)) return TG_RAISED;
    if (!tg_out_is_full(vm)) return tg_return(call, TG_NIL);
    TgTaskRare *rare = tg_task_rare(vm, call->task);
    rare->vm = vm;
    if (!vm->reactor->watch(vm->reactor, 1, true, out_ready, call->task, &rare->watch)) {
        tg_out_flush(vm, INFINITY);
        return tg_return(call, TG_NIL);
    }
    return tg_park(call, WAIT_OUTPUT, NULL, 0);
}

static bool out_has_room(TgVM *vm, size_t more) {
    if (vm->out_length + more <= vm->out_capacity) return true;
    size_t capacity = vm->out_capacity * 2;
    while (capacity < vm->out_length + more) capacity *= 2;
    char *out = realloc(vm->out, capacity);
    if (!out) return false;
    vm->out = out;
    vm->out_capacity = capacity;
    return true;
}

// Without memory for more it goes through what there is, and whoever reads is waited for.
static void write_in_pieces(TgVM *vm, const char *bytes, size_t length) {
    while (length > 0) {
        tg_out_flush(vm, INFINITY);
        size_t room = vm->out_capacity - vm->out_length;
        if (room > length) room = length;
        if (room == 0) return; // the end was asked for meanwhile
        memcpy(vm->out + vm->out_length, bytes, room);
        vm->out_length += room;
        bytes += room;
        length -= room;
    }
}

void tg_out_write(TgVM *vm, const char *bytes, size_t length) {
    if (vm->explorer) tg_explore_printed(vm);
    if (!tg_limits_take_output(vm, length)) return;
    if (!out_has_room(vm, length)) {
        write_in_pieces(vm, bytes, length);
        return;
    }
    memcpy(vm->out + vm->out_length, bytes, length);
    vm->out_length += length;
    if (vm->out_length >= OUT_KEPT || (vm->out_is_terminal && memchr(bytes, '\n', length))) tg_out_try(vm);
}
