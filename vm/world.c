// vm/world.c
// Asking the world: keeping what it gives, giving what was kept, or failing as it was told to.
// Layer: runtime.
#include "vm/world.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "vm/sched.h"
#include "vm/world_impl.h"

static const char *const texts[] = {
#define WORLD(name, text) text,
#include "vm/world.def"
#undef WORLD
    "nothing more",
};

const char *tg_world_text(TgWorldAsk what) { return texts[what <= WORLD_COUNT ? what : WORLD_COUNT]; }

bool tg_world_is_replay(const TgWorld *world) { return world->replays; }

// ---- Recording

static bool keeps(const TgWorld *world) { return world->records && !world->is_over && !world->inside; }

void tg_world_put(TgWorld *world, TgWorldAsk what, const void *data, size_t length) {
    if (!keeps(world)) return;
    uint64_t place = world->vm && world->vm->sched ? tg_sched_place(world->vm) : 0;
    if (tg_log_put(world->log, (uint8_t)what, data, length, place)) return;
    if (!world->has_said) fprintf(stderr, "tg: the recording breaks off here: %s\n", strerror(errno));
    world->has_said = world->is_over = true;
}

// ---- Replaying

void tg_world_step(TgWorld *world) {
    world->head_offset = world->offset;
    if (!tg_log_next(world->log, &world->offset, &world->head)) world->head = (TgLogEntry){.kind = WORLD_COUNT};
}

bool tg_world_is_next(const TgWorld *world, TgWorldAsk what) { return world->head.kind == what; }

// All that the script has printed so far, then `lines`; the process ends.
static _Noreturn void end_replay(TgWorld *world, const char *lines) {
    if (world->vm) tg_out_flush(world->vm, INFINITY);
    fflush(NULL);
    fputs(lines, stderr);
    _exit(TG_REPLAY_OFF);
}

// "a.tg:12: ", where a task runs.
static void say_where(const TgWorld *world, TgBuffer *out) {
    TgCode *code = NULL;
    TgTask *task = world->vm ? world->vm->current : NULL;
    uint32_t line = task ? tg_task_place(task, &code).line : 0;
    if (code && code->file) tg_buffer_format(out, " (%s:%u)", code->file->data, line);
}

void tg_world_broken_off(TgWorld *world) {
    TgBuffer out = {0};
    tg_buffer_text(&out, "tg replay: the recording ends here");
    say_where(world, &out);
    tg_buffer_text(&out, ": the run was not finished when it broke off\n");
    tg_buffer_add(&out, "", 1);
    end_replay(world, out.data ? out.data : "");
}

void tg_world_astray(TgWorld *world, const char *done) {
    if (world->head.kind == WORLD_COUNT && !tg_log_is_whole(world->log)) tg_world_broken_off(world);
    TgBuffer out = {0};
    uint64_t place = world->vm && world->vm->sched ? tg_sched_place(world->vm) : 0;
    tg_buffer_format(&out, "tg replay: the run goes another way than it did, at place %llu", (unsigned long long)place);
    say_where(world, &out);
    tg_buffer_format(&out, "\n  recorded: %s\n  now:      %s\n", tg_world_text(world->head.kind), done);
    tg_buffer_add(&out, "", 1);
    end_replay(world, out.data ? out.data : "");
}

TgLogEntry tg_world_take(TgWorld *world, TgWorldAsk what) {
    if (!tg_world_is_next(world, what)) tg_world_astray(world, tg_world_text(what));
    TgLogEntry entry = world->head;
    tg_world_step(world);
    return entry;
}

bool tg_world_take_if(TgWorld *world, TgWorldAsk what, TgLogEntry *entry) {
    if (!tg_world_is_next(world, what)) return false;
    *entry = tg_world_take(world, what);
    return true;
}

// ---- Numbers and bytes

bool tg_entry_bytes(TgLogEntry *entry, void *data, size_t size) {
    if (entry->length < size) return false;
    if (size) memcpy(data, entry->data, size);
    entry->data += size;
    entry->length -= size;
    return true;
}

bool tg_entry_number(TgLogEntry *entry, uint64_t *number) {
    *number = 0;
    for (unsigned shift = 0; shift < 64; shift += 7) {
        uint8_t byte;
        if (!tg_entry_bytes(entry, &byte, 1)) return false;
        *number |= (uint64_t)(byte & 0x7F) << shift;
        if (!(byte & 0x80)) return true;
    }
    return false;
}

static size_t number_bytes(uint64_t number, uint8_t bytes[10]) {
    size_t size = 0;
    for (; number >= 0x80; number >>= 7) bytes[size++] = (uint8_t)(number | 0x80);
    bytes[size++] = (uint8_t)number;
    return size;
}

// Small ones of either sign are short.
static uint64_t folded(int64_t number) { return (uint64_t)number << 1 ^ (uint64_t)(number >> 63); }
static int64_t unfolded(uint64_t number) { return (int64_t)(number >> 1) ^ -(int64_t)(number & 1); }

// ---- One call

static TgFault *due_fault(TgWorld *world, TgWorldAsk what) {
    TgFault *due = NULL;
    for (int i = 0; i < TG_WORLD_FAULTS; i++) {
        TgFault *fault = &world->faults[i];
        if (fault->left && fault->what == what && --fault->left == 0) due = fault;
    }
    return due && due->error ? due : NULL;
}

size_t tg_world_piece(const TgVM *vm, TgWorldAsk what, size_t length) {
    for (int i = 0; vm->world && i < TG_WORLD_FAULTS; i++) {
        const TgFault *fault = &vm->world->faults[i];
        if (fault->left == 1 && fault->what == what && !fault->error && length > 1) return 1;
    }
    return length;
}

bool tg_world_asks(TgWorld *world, TgWorldAsk what) {
    world->fault = due_fault(world, what);
    return !world->replays && !world->fault;
}

long tg_world_keep(TgWorld *world, TgWorldAsk what, long result, const void *data, size_t size, bool as_many) {
    int error = errno;
    if (keeps(world)) {
        uint8_t bytes[20];
        size_t length = number_bytes(folded(result), bytes);
        if (result < 0) length += number_bytes((uint64_t)error, bytes + length);
        size_t more = result >= 0 && data ? as_many ? (size_t)result : size : 0;
        TgBuffer out = {0};
        if (more) {
            tg_buffer_add(&out, (const char *)bytes, length);
            tg_buffer_add(&out, data, more);
        }
        tg_world_put(world, what, more ? out.data : (const char *)bytes, more ? out.length : length);
        tg_buffer_free(&out);
    }
    errno = error;
    return result;
}

void tg_world_close(const TgVM *vm, int fd) {
    if (!tg_world_replays(vm)) close(fd);
}

static long fail(TgWorld *world, TgWorldAsk what) {
    errno = world->fault->error;
    world->fault = NULL;
    return tg_world_keep(world, what, -1, NULL, 0, false);
}

long tg_world_give(TgWorld *world, TgWorldAsk what, void *data, size_t size, bool as_many) {
    if (world->fault) return fail(world, what);
    if (world->is_over) return errno = EBADF, -1;
    TgLogEntry entry = tg_world_take(world, what);
    uint64_t number, error = 0;
    bool good = tg_entry_number(&entry, &number);
    long result = (long)unfolded(number);
    if (good && result < 0) good = tg_entry_number(&entry, &error);
    if (good && result >= 0 && data) {
        size_t length = as_many ? (size_t)result : size;
        good = length <= size && tg_entry_bytes(&entry, data, length);
    }
    if (!good) tg_world_astray(world, "something of another size");
    if (result < 0) errno = (int)error;
    return result;
}

// ---- Several

bool tg_world_begins(TgVM *vm, TgWorldAsk what, TgTape *tape) {
    TgWorld *world = vm->world && (vm->world->records || vm->world->replays) && !vm->world->is_over ? vm->world : NULL;
    *tape = (TgTape){.world = world, .what = what};
    if (!world) return !tg_world_replays(vm);
    tape->writes = world->records;
    if (world->records) return world->inside++, true;
    TgLogEntry entry = tg_world_take(world, what);
    tape->at = entry.data;
    tape->end = entry.data + entry.length;
    return false;
}

void tg_world_ends(TgTape *tape) {
    if (tape->world && tape->writes && tape->world->inside) tape->world->inside--;
    if (tape->world && tape->writes) tg_world_put(tape->world, tape->what, tape->out.data, tape->out.length);
    tg_buffer_free(&tape->out);
}

void tg_tape_bytes(TgTape *tape, void *data, size_t size) {
    if (!tape->world || tape->fault) return;
    if (tape->writes) {
        tg_buffer_add(&tape->out, data, size);
        return;
    }
    if (size > (size_t)(tape->end - tape->at)) tg_world_astray(tape->world, "something of another size");
    if (size) memcpy(data, tape->at, size);
    tape->at += size;
}

// Of a failure the first number is all there is.
static void tape_fault(TgTape *tape, int64_t *number) {
    if (!tape->is_told) *number = tape->fault;
    tape->is_told = true;
}

void tg_tape_int(TgTape *tape, int64_t *number) {
    if (!tape->world) return;
    if (tape->fault) {
        tape_fault(tape, number);
        return;
    }
    uint8_t bytes[10];
    if (tape->writes) {
        tg_buffer_add(&tape->out, (const char *)bytes, number_bytes(folded(*number), bytes));
        return;
    }
    TgLogEntry entry = {.data = tape->at, .length = (size_t)(tape->end - tape->at)};
    uint64_t found;
    if (!tg_entry_number(&entry, &found)) tg_world_astray(tape->world, "something of another size");
    tape->at = entry.data;
    *number = unfolded(found);
}

void tg_tape_small(TgTape *tape, int *number) {
    int64_t wide = *number;
    tg_tape_int(tape, &wide);
    *number = (int)wide;
}

// What is to be brought there may be no bool yet.
void tg_tape_flag(TgTape *tape, bool *flag) {
    if (!tape->world || (tape->fault && tape->is_told)) return;
    int64_t wide = tape->writes ? *flag : 0;
    tg_tape_int(tape, &wide);
    *flag = wide != 0;
}

void tg_tape_block(TgTape *tape, void *data, size_t *length, size_t room) {
    int64_t wide = (int64_t)*length;
    if (!tape->world || tape->fault) return;
    tg_tape_int(tape, &wide);
    if (wide < 0 || (size_t)wide > room) tg_world_astray(tape->world, "something of another size");
    *length = (size_t)wide;
    tg_tape_bytes(tape, data, *length);
}

void tg_tape_buffer(TgTape *tape, TgBuffer *buffer) {
    int64_t length = (int64_t)buffer->length;
    if (!tape->world || tape->fault) return;
    tg_tape_int(tape, &length);
    if (tape->writes) {
        tg_buffer_add(&tape->out, buffer->data, buffer->length);
        return;
    }
    if (length < 0 || length > tape->end - tape->at) tg_world_astray(tape->world, "something of another size");
    tg_buffer_free(buffer);
    tg_buffer_add(buffer, (const char *)tape->at, (size_t)length);
    tape->at += length;
}

// ---- Tests

TgWorld *tg_world_plain(void) {
    TgWorld *world = calloc(1, sizeof *world);
    if (world) world->poll = WORLD_COUNT;
    return world;
}

int tg_world_job_error(const TgVM *vm) {
    const TgFault *fault = vm->world ? due_fault(vm->world, WORLD_DONE) : NULL;
    return fault ? fault->error : 0;
}

void tg_world_fail(TgWorld *world, TgWorldAsk what, uint32_t n, int error) {
    for (int i = 0; i < TG_WORLD_FAULTS; i++) {
        if (world->faults[i].left) continue;
        world->faults[i] = (TgFault){what, n, error};
        return;
    }
}
