// stdlib/stream.c
// The buffer of a stream, its turns and waits, its birth and end. What scripts call is in stream_read.c and
// stream_methods below.
// Layer: library.
#include "stdlib/stream.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <unistd.h>

#include "stdlib/file.h"
#include "stdlib/ioerror.h"
#include "stdlib/lib.h"

enum { LEAST_ROOM = 4096, MOST_ROOM = 1 << 16 };

// ---- Birth and end

const char *tg_stream_label(TgVM *vm, const TgStream *stream) {
    return stream->path ? stream->name->data : tg_lib_show(vm, tg_obj((TgStream *)(uintptr_t)stream));
}

static void stream_mark(TgVM *vm, TgResource *resource) {
    TgStream *stream = (TgStream *)resource;
    tg_gc_mark_obj(vm, stream->name);
    tg_gc_mark_obj(vm, stream->path);
    if (stream->kind->mark && !stream->is_closed) stream->kind->mark(vm, stream);
}

static void free_buffer(TgVM *vm, TgStream *stream) {
    tg_gc_realloc(vm, stream->data, stream->capacity, 0);
    stream->data = NULL;
    stream->taken = stream->length = stream->capacity = stream->searched = 0;
}

static void end_stream(TgVM *vm, TgStream *stream, bool is_dead) {
    stream->is_closed = true;
    if (stream->data) free_buffer(vm, stream);
    if (stream->file) tg_file_close(vm, stream->file, is_dead);
    else if (stream->kind->close) stream->kind->close(vm, stream, is_dead);
    else if (stream->fd >= 0) tg_world_close(vm, stream->fd);
    stream->file = NULL;
    stream->fd = -1;
}

static void stream_release(TgVM *vm, TgResource *resource) {
    TgStream *stream = (TgStream *)resource;
    if (!stream->is_closed) end_stream(vm, stream, true);
}

static void stream_text(TgVM *vm, const TgResource *resource, TgBuffer *out) {
    const TgStream *stream = (const TgStream *)resource;
    (void)vm;
    tg_buffer_format(out, "<%s%s%s>", resource->class_->name->data, stream->name ? " " : "", stream->name ? stream->name->data : "");
}

static bool stream_property(TgVM *vm, TgResource *resource, const TgString *name, TgValue *out) {
    TgStream *stream = (TgStream *)resource;
    if (!strcmp(name->data, "closed")) return *out = tg_bool(stream->is_closed), true;
    if (!strcmp(name->data, "path")) return *out = stream->path ? tg_obj(stream->path) : TG_NIL, true;
    return stream->kind->property && stream->kind->property(vm, stream, name, out);
}

// The writer has gone in the midst of it: the next one's turn.
static void pass_turn(TgVM *vm, TgStream *stream) {
    stream->writer = stream->turn.first ? stream->turn.first->task : NULL;
    tg_wake_first(vm, &stream->turn, TG_NIL);
}

static void stream_left(TgVM *vm, TgResource *resource, TgTask *task) {
    TgStream *stream = (TgStream *)resource;
    if (stream->kind->left && !stream->is_closed) stream->kind->left(vm, stream, task);
    if (stream->writer == task) pass_turn(vm, stream);
}

static const TgResourceType stream_type = {
    .size = sizeof(TgStream),
    .release = stream_release,
    .mark = stream_mark,
    .text = stream_text,
    .property = stream_property,
    .left = stream_left,
};

TgStream *tg_stream_new(TgVM *vm, TgClass *class_, const TgStreamKind *kind, int fd, TgString *name) {
    TgStream *stream = (TgStream *)tg_resource_new(vm, &stream_type, class_);
    if (kind->write && fd > 2) tg_expect_broken_pipes();
    stream->kind = kind;
    stream->fd = fd;
    stream->name = name;
    return stream;
}

TgStream *tg_stream_of(TgValue value) { return (TgStream *)tg_resource_of(value, &stream_type); }

bool tg_arg_stream(TgCall *call, int index, const char *doing, TgStream **out) {
    *out = tg_stream_of(call->args[index]);
    if (!*out) {
        tg_error_raise(call->vm, TG_ERR_TypeError, "a stream is asked for, not %s", TG_SHOW(call->vm, call->args[index]));
        return false;
    }
    if (!(*out)->is_closed) return true;
    tg_error_raise(call->vm, TG_ERR_Closed, "cannot %s %s: it is closed", doing, tg_stream_label(call->vm, *out));
    return false;
}

void tg_stream_drop(TgVM *vm, TgStream *stream) {
    if (stream->is_closed) return;
    TgString *message = tg_string_format(vm, "%s was closed meanwhile", tg_stream_label(vm, stream));
    TgValue error = tg_obj(tg_error_new(vm, vm->errors[TG_ERR_Closed], message));
    stream->writer = NULL;
    tg_wake_all_raise(vm, &stream->readers, error); // before its descriptor is closed: they watch it
    tg_wake_all_raise(vm, &stream->writers, error);
    tg_wake_all_raise(vm, &stream->turn, error);
    end_stream(vm, stream, false);
}

static TgResult wait_for(TgCall *call, TgStream *stream, TgStreamEnd end, bool write, int step);

TgResult tg_stream_flush(TgCall *call, TgStream *stream, int step) {
    if (stream->file) return tg_file_flush(call, stream, step);
    TgStreamEnd end = stream->kind->flush ? stream->kind->flush(call->vm, stream) : STREAM_MOVED;
    return end == STREAM_MOVED ? TG_DONE : wait_for(call, stream, end, true, step);
}

TgResult tg_stream_close(TgCall *call, TgStream *stream, int step) {
    if (stream->is_closed) return TG_DONE;
    TgResult result = tg_stream_flush(call, stream, step);
    if (result == TG_PARKED) return result;
    TgStreamEnd end = result == TG_DONE && stream->kind->finish ? stream->kind->finish(call->vm, stream) : STREAM_MOVED;
    if (end == STREAM_WANTS_READ || end == STREAM_WANTS_WRITE) {
        TgWaitFor what = {"closing", stream, &stream->writers};
        return tg_park_on_fd(call, &what, stream->fd, end == STREAM_WANTS_WRITE, step);
    }
    TgValue raised = call->vm->raised;
    tg_stream_drop(call->vm, stream);
    call->vm->raised = raised;
    return result;
}

void tg_stream_wake(TgVM *vm, TgStream *stream, bool write) {
    tg_wake_all(vm, write ? &stream->writers : &stream->readers, TG_NIL);
}

// ---- The buffer

bool tg_stream_reserve(TgVM *vm, TgStream *stream, size_t room) {
    if (stream->taken > 0) {
        memmove(stream->data, stream->data + stream->taken, tg_stream_buffered(stream));
        stream->length -= stream->taken;
        stream->taken = 0;
    }
    if (stream->capacity - stream->length >= room) return true;
    size_t capacity = stream->length + room;
    if (capacity < stream->capacity * 2) capacity = stream->capacity * 2;
    if (!tg_gc_can_take(vm, capacity - stream->capacity)) return tg_error_memory(vm), false;
    stream->data = tg_gc_realloc(vm, stream->data, stream->capacity, capacity);
    stream->capacity = capacity;
    return true;
}

void tg_stream_take(TgVM *vm, TgStream *stream, size_t count) {
    stream->taken += count;
    stream->position += count;
    stream->searched = 0;
    if (stream->taken == stream->length) {
        if (stream->capacity > MOST_ROOM * 2) free_buffer(vm, stream);
        stream->taken = stream->length = 0;
    }
    if (stream->kind->taken) stream->kind->taken(vm, stream);
}

static TgResult fail(TgCall *call, TgStream *stream, const char *verb) {
    return tg_io_raise(call, errno, stream->path ? stream->path->data : NULL, "cannot %s %s", verb, tg_stream_label(call->vm, stream));
}

// The end of a move that did not move anything.
static TgResult wait_for(TgCall *call, TgStream *stream, TgStreamEnd end, bool write, int step) {
    TgWaitFor what = {write ? stream->kind->writing : stream->kind->reading, stream, write ? &stream->writers : &stream->readers};
    switch (end) {
    case STREAM_WANTS_READ: return tg_park_on_fd(call, &what, stream->fd, false, step);
    case STREAM_WANTS_WRITE: return tg_park_on_fd(call, &what, stream->fd, true, step);
    case STREAM_WANTS_WAKE: return tg_park_for(call, &what, step);
    case STREAM_RAISED: return TG_RAISED;
    default: return fail(call, stream, write ? "write to" : "read from");
    }
}

TgResult tg_stream_fill(TgCall *call, TgStream *stream, size_t want, int step) {
    if (stream->file) return tg_file_fill(call, stream, want, step);
    // What waits idly has no buffer: of a server's connections most do.
    if (!tg_stream_reserve(call->vm, stream, stream->was_full ? MOST_ROOM : LEAST_ROOM)) return TG_RAISED;
    size_t moved = 0, room = stream->capacity - stream->length;
    TgStreamEnd end = stream->kind->read(call->vm, stream, stream->data + stream->length, room, &moved);
    stream->length += moved;
    stream->was_full = moved == room;
    if (end == STREAM_MOVED) {
        stream->is_ended = moved == 0;
        return TG_DONE;
    }
    if (tg_stream_buffered(stream) == 0) free_buffer(call->vm, stream);
    return wait_for(call, stream, end, false, step);
}

// ---- Writing

// args[state] is nil, or how much is written.
TgResult tg_stream_write_all(TgCall *call, TgStream *stream, const char *bytes, size_t length, int state, int step) {
    if (stream->file) return tg_file_write(call, stream, bytes, length, state, step);
    if (stream->writer && stream->writer != call->task) {
        TgWaitFor what = {"waiting to write to", stream, &stream->turn};
        return tg_park_for(call, &what, step);
    }
    stream->writer = call->task;
    size_t done = tg_is_int(call->args[state]) ? (size_t)tg_as_int(call->args[state]) : 0;
    while (done < length) {
        size_t moved = 0;
        TgStreamEnd end = stream->kind->write(call->vm, stream, bytes + done, length - done, &moved);
        done += moved;
        if (end == STREAM_MOVED) continue;
        call->args[state] = tg_int((int64_t)done);
        TgResult result = wait_for(call, stream, end, true, step);
        if (result == TG_PARKED) return result;
        pass_turn(call->vm, stream);
        return result;
    }
    call->args[state] = TG_NIL;
    pass_turn(call->vm, stream);
    return TG_DONE;
}

TgStreamEnd tg_stream_tape(TgVM *vm, TgTape *tape, TgStreamEnd end, char *into, size_t room, size_t *moved) {
    int how = (int)end, error = errno;
    int64_t count = (int64_t)*moved;
    tg_tape_small(tape, &how);
    if (how == STREAM_MOVED && into) tg_tape_block(tape, into, moved, room);
    else if (how == STREAM_MOVED) tg_tape_int(tape, &count), *moved = (size_t)count;
    if (how == STREAM_FAILED) tg_tape_small(tape, &error);
    if (how == STREAM_RAISED) tg_io_error_tape(vm, tape);
    tg_world_ends(tape);
    errno = error;
    return (TgStreamEnd)how;
}

// ---- Descriptors

static TgStreamEnd end_of(ssize_t got, bool write, size_t *moved) {
    if (got >= 0) return *moved = (size_t)got, STREAM_MOVED;
    if (errno == EAGAIN) return write ? STREAM_WANTS_WRITE : STREAM_WANTS_READ;
    return STREAM_FAILED;
}

// The other side of a terminal has gone: its end.
static ssize_t read_fd(int fd, char *into, size_t room) {
    ssize_t got = read(fd, into, room);
    return got < 0 && errno == EIO && isatty(fd) ? 0 : got;
}

static TgStreamEnd fd_read(TgVM *vm, TgStream *stream, char *into, size_t room, size_t *moved) {
    ssize_t got;
    do got = TG_ASK_BYTES(vm, READ, read_fd(stream->fd, into, tg_world_piece(vm, WORLD_READ, room)), into, room);
    while (got < 0 && errno == EINTR);
    return end_of(got, false, moved);
}

static TgStreamEnd fd_write(TgVM *vm, TgStream *stream, const char *from, size_t length, size_t *moved) {
    ssize_t wrote;
    do wrote = TG_ASK(vm, WRITE, write(stream->fd, from, tg_world_piece(vm, WORLD_WRITE, length)));
    while (wrote < 0 && errno == EINTR);
    return end_of(wrote, true, moved);
}

const TgStreamKind tg_stream_fd = {.reading = "reading from", .writing = "writing to", .read = fd_read, .write = fd_write};
