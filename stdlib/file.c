// stdlib/file.c
// Files on disk: jobs read and write them, at places that are said each time, so that a job that nobody waits for any more
// has not moved the file's position.
//
// One job at a time is out for a file; the next one waits its turn. Neither the stream's buffer nor what is to be written is touched
// by two threads: a job has memory of its own.
//
// Layer: library.
#include "stdlib/file.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "stdlib/ioerror.h"
#include "stdlib/lib.h"

enum { LEAST_READ = 1 << 15, MOST_AHEAD = 1 << 19, MOST_READ = 1 << 22, KEPT = 1 << 16 };

struct TgFile {
    TgLast last; // first: writes what is buffered when the run ends
    int fd;
    char *path; // for messages
    int users;  // the stream, and the job that is out
    bool appends;
    TgJob *job; // that is out, or NULL
    size_t read_size;  // of the next read: grows as long as one follows the other
    int64_t position;  // where the next job reads or writes
    size_t in_flight;  // bytes that a job writes
    char *out;         // not yet written
    size_t out_length, out_capacity;
    TgWaitQueue turn;
};

typedef struct {
    TgJob job;
    TgFile *file;
    TgStream *stream; // for `finish` only, which is called while its task waits
    bool writes;
    char *data;
    size_t length;
    size_t moved;
    int error;
} Transfer;

static void write_now(TgVM *vm, TgLast *last);

// 0 where it cannot be told.
static int64_t size_of(TgVM *vm, int fd) {
    struct stat info = {0};
    return TG_ASK_DATA(vm, STAT, fstat(fd, &info), &info.st_size, sizeof info.st_size) == 0 ? info.st_size : 0;
}

TgFile *tg_file_new(TgVM *vm, int fd, const char *path, bool appends) {
    TgFile *file = malloc(sizeof *file);
    char *own_path = strdup(path);
    if (!file || !own_path) return free(file), free(own_path), tg_error_memory(vm), NULL;
    *file = (TgFile){.fd = fd, .path = own_path, .users = 1, .appends = appends, .read_size = LEAST_READ};
    file->last.run = write_now;
    if (appends) file->position = size_of(vm, fd);
    return file;
}

// Not the heap's: a job may be over only after that is gone.
static void unuse(TgVM *vm, TgFile *file) {
    if (--file->users > 0) return;
    tg_world_close(vm, file->fd);
    free(file->path);
    free(file);
}

// ---- Jobs

// Whether it goes on: false at the end, or with *error.
static bool move(int fd, bool writes, bool appends, char *data, size_t length, int64_t position, size_t *moved, int *error) {
    ssize_t count;
    do {
        if (!writes) count = pread(fd, data, length, position);
        else if (appends) count = write(fd, data, length);
        else count = pwrite(fd, data, length, position);
    } while (count < 0 && errno == EINTR);
    *error = count < 0 ? errno : count == 0 && writes ? EIO : 0;
    if (count > 0) *moved += (size_t)count;
    return count > 0;
}

static void transfer_run(TgJob *job) {
    Transfer *t = (Transfer *)job;
    bool goes_on = true;
    while (goes_on && t->moved < t->length)
        goes_on = move(t->file->fd, t->writes, t->file->appends, t->data + t->moved, t->length - t->moved,
                       t->file->position + (int64_t)t->moved, &t->moved, &t->error);
}

static void transfer_tape(TgJob *job, TgTape *tape) {
    Transfer *t = (Transfer *)job;
    tg_tape_small(tape, &t->error);
    if (!t->writes) {
        tg_tape_block(tape, t->data, &t->moved, t->length);
        return;
    }
    int64_t moved = (int64_t)t->moved;
    tg_tape_int(tape, &moved);
    t->moved = (size_t)moved;
}

static bool transfer_finish(TgVM *vm, TgJob *job, TgValue *value) {
    Transfer *t = (Transfer *)job;
    TgStream *stream = t->stream;
    *value = TG_NIL;
    if (t->error && !(t->moved && !t->writes)) {
        tg_io_error(vm, t->error, stream->path ? stream->path->data : NULL, "cannot %s %s", t->writes ? "write to" : "read from",
                    tg_stream_label(vm, stream));
        return false;
    }
    if (t->writes) return true;
    if (!tg_stream_reserve(vm, stream, t->moved)) return false;
    if (t->moved) memcpy(stream->data + stream->length, t->data, t->moved);
    stream->length += t->moved;
    stream->is_ended = t->moved == 0;
    t->file->position += (int64_t)t->moved;
    return true;
}

static void transfer_drop(TgJob *job) {
    Transfer *t = (Transfer *)job;
    TgFile *file = t->file;
    file->job = NULL;
    if (t->writes) file->position += (int64_t)t->moved;
    file->in_flight = 0;
    if (!job->vm->is_ending) tg_wake_all(job->vm, &file->turn, TG_NIL);
    free(t->data);
    unuse(job->vm, file);
    free(t);
}

// `data` is the job's from now on.
static TgResult transfer(TgCall *call, TgStream *stream, bool writes, char *data, size_t length, int step) {
    Transfer *t = data ? calloc(1, sizeof *t) : NULL;
    if (!t) {
        free(data);
        return tg_raise_memory(call);
    }
    TgFile *file = stream->file;
    t->job.run = transfer_run;
    t->job.finish = transfer_finish;
    t->job.tape = transfer_tape;
    t->job.drop = transfer_drop;
    t->file = file;
    t->stream = stream;
    t->writes = writes;
    t->data = data;
    t->length = length;
    tg_job_what(&t->job, writes ? "writing" : "reading", stream->path ? stream->path->data : NULL);
    file->users++;
    file->job = &t->job;
    if (writes) file->in_flight = length;
    TgWaitFor what = {writes ? "writing to" : "reading from", stream, writes ? &stream->writers : &stream->readers};
    return tg_park_on_job(call, &what, &t->job, step);
}

// The one whose job is out may have given it up.
static TgResult wait_for_turn(TgCall *call, TgStream *stream, int step) {
    tg_job_await(stream->file->job);
    TgWaitFor what = {"waiting for its turn at", stream, &stream->file->turn};
    return tg_park_for(call, &what, step);
}

// ---- Reading and writing

TgResult tg_file_fill(TgCall *call, TgStream *stream, size_t want, int step) {
    TgFile *file = stream->file;
    if (file->job) return wait_for_turn(call, stream, step);
    if (file->out_length) return tg_file_flush(call, stream, step);
    if (file->read_size < MOST_AHEAD) file->read_size *= 2;
    size_t length = want < file->read_size ? file->read_size : want > MOST_READ ? MOST_READ : want;
    // A small file whole: no more room than it needs, and a byte to see its end.
    int64_t left = size_of(call->vm, file->fd) - file->position;
    if (left > 0 && left < (int64_t)length) length = (size_t)left + 1;
    return transfer(call, stream, false, malloc(length), length, step);
}

// What was read ahead is forgotten: the position is where the script is.
static void forget_ahead(TgVM *vm, TgStream *stream) {
    size_t ahead = tg_stream_buffered(stream);
    stream->file->position -= (int64_t)ahead;
    stream->file->read_size = LEAST_READ;
    stream->is_ended = false;
    if (ahead) tg_stream_take(vm, stream, ahead);
    stream->position -= ahead;
}

static bool keep(TgVM *vm, TgFile *file, const char *bytes, size_t length) {
    size_t needed = file->out_length + length;
    if (needed > file->out_capacity) {
        size_t capacity = file->out_capacity * 2 > needed ? file->out_capacity * 2 : needed;
        char *out = realloc(file->out, capacity < 4096 ? 4096 : capacity);
        if (!out) return false;
        file->out = out;
        file->out_capacity = capacity < 4096 ? 4096 : capacity;
    }
    if (length) memcpy(file->out + file->out_length, bytes, length);
    file->out_length = needed;
    tg_last_add(vm, &file->last);
    return true;
}

// args[state] says whether it is kept already.
TgResult tg_file_write(TgCall *call, TgStream *stream, const char *bytes, size_t length, int state, int step) {
    TgFile *file = stream->file;
    bool is_kept = call->args[state] == TG_TRUE;
    if (!is_kept && file->job && tg_stream_buffered(stream) == 0 && !file->in_flight) return wait_for_turn(call, stream, step);
    if (!is_kept) forget_ahead(call->vm, stream);
    if (!is_kept && (!tg_gc_can_take(call->vm, length) || !keep(call->vm, file, bytes, length))) return tg_raise_memory(call);
    call->args[state] = TG_TRUE;
    TgResult result = file->out_length >= KEPT ? tg_file_flush(call, stream, step) : TG_DONE;
    if (result == TG_DONE) call->args[state] = TG_NIL;
    return result;
}

TgResult tg_file_flush(TgCall *call, TgStream *stream, int step) {
    TgFile *file = stream->file;
    if (file->job) return wait_for_turn(call, stream, step);
    if (!file->out_length) return TG_DONE;
    char *out = file->out;
    size_t length = file->out_length;
    file->out = NULL;
    file->out_length = file->out_capacity = 0;
    tg_last_remove(call->vm, &file->last);
    return transfer(call, stream, true, out, length, step);
}

int tg_file_descriptor(const TgVM *vm, const TgStream *stream) {
    const TgFile *file = stream->file;
    if (!tg_world_replays(vm)) lseek(file->fd, file->position - (int64_t)tg_stream_buffered(stream), SEEK_SET);
    return file->fd;
}

// Blocking, behind what a job may still be writing. There is nobody left in whom an error could be raised.
static void write_now(TgVM *vm, TgLast *last) {
    TgFile *file = (TgFile *)last;
    int64_t position = file->position + (int64_t)file->in_flight;
    size_t moved = 0;
    int error = 0;
    while (!tg_world_replays(vm) && moved < file->out_length && move(file->fd, true, file->appends, file->out + moved, file->out_length - moved,
                                            position + (int64_t)moved, &moved, &error)) {}
    if (!file->in_flight) file->position += (int64_t)moved;
    if (error) fprintf(stderr, "tg: what was written to \"%s\" could not be saved: %s\n", file->path, tg_io_reason(error));
    free(file->out);
    file->out = NULL;
    file->out_length = file->out_capacity = 0;
    tg_last_remove(vm, last);
}

void tg_file_close(TgVM *vm, TgFile *file, bool is_dead) {
    write_now(vm, &file->last);
    if (!is_dead) {
        TgString *message = tg_string_c(vm, "the file was closed meanwhile");
        tg_wake_all_raise(vm, &file->turn, tg_obj(tg_error_new(vm, vm->errors[TG_ERR_Closed], message)));
    }
    file->turn = (TgWaitQueue){NULL, NULL};
    unuse(vm, file);
}

// read and write are not called: jobs do it. That they are there says what the mode allows.
static TgStreamEnd by_job(void) { return STREAM_RAISED; }
static TgStreamEnd file_read(TgVM *vm, TgStream *stream, char *into, size_t room, size_t *moved) {
    (void)vm, (void)stream, (void)into, (void)room, (void)moved;
    return by_job();
}
static TgStreamEnd file_write(TgVM *vm, TgStream *stream, const char *from, size_t length, size_t *moved) {
    (void)vm, (void)stream, (void)from, (void)length, (void)moved;
    return by_job();
}

const TgStreamKind tg_stream_file[3] = {
    {.reading = "reading from", .writing = "writing to", .read = file_read},
    {.reading = "reading from", .writing = "writing to", .write = file_write},
    {.reading = "reading from", .writing = "writing to", .read = file_read, .write = file_write},
};

// ---- Methods of files alone

static TgResult on_file(TgCall *call, const char *doing, TgStream **out) {
    if (!tg_arg_stream(call, 0, doing, out)) return TG_RAISED;
    if (!(*out)->file)
        return tg_io_raise(call, ESPIPE, (*out)->path ? (*out)->path->data : NULL, "cannot %s %s", doing, tg_stream_label(call->vm, tg_stream_of(call->args[0])));
    return tg_file_flush(call, *out, 1);
}

static bool base_of(TgCall *call, TgStream *stream, int64_t *out) {
    TgString *origin;
    *out = 0;
    if (!tg_lib_given(call, 2)) return true;
    if (!tg_arg_string(call, 2, &origin)) return false;
    if (!strcmp(origin->data, "start")) return true;
    if (!strcmp(origin->data, "current")) return *out = stream->file->position - (int64_t)tg_stream_buffered(stream), true;
    if (!strcmp(origin->data, "end")) return *out = size_of(call->vm, stream->file->fd), true;
    tg_error_raise(call->vm, TG_ERR_ValueError, "seek(): origin is \"start\", \"current\" or \"end\", not %s", tg_lib_show(call->vm, call->args[2]));
    return false;
}

static TgResult file_seek(TgCall *call) {
    TgStream *stream;
    int64_t offset, base;
    TgResult result = on_file(call, "seek in", &stream);
    if (result != TG_DONE) return result;
    if (!tg_arg_index(call, 1, &offset) || !base_of(call, stream, &base)) return TG_RAISED;
    if (__builtin_add_overflow(base, offset, &base) || base < 0)
        return tg_raise(call, TG_ERR_ValueError, "seek(): there is no place before the start of the file");
    forget_ahead(call->vm, stream);
    stream->file->position = base;
    stream->position = (uint64_t)base;
    return tg_return(call, tg_int_from(call->vm, base));
}

static TgResult file_tell(TgCall *call) {
    TgStream *stream;
    TgResult result = on_file(call, "tell the place in", &stream);
    if (result != TG_DONE) return result;
    return tg_return(call, tg_int_from(call->vm, stream->file->position - (int64_t)tg_stream_buffered(stream)));
}

static TgResult file_truncate(TgCall *call) {
    TgStream *stream;
    int64_t size;
    TgResult result = on_file(call, "truncate", &stream);
    if (result != TG_DONE) return result;
    size = stream->file->position - (int64_t)tg_stream_buffered(stream);
    if (tg_lib_given(call, 1) && !tg_arg_index(call, 1, &size)) return TG_RAISED;
    forget_ahead(call->vm, stream);
    if (TG_ASK(call->vm, TRUNCATE, ftruncate(stream->file->fd, size)) == 0) return tg_return(call, TG_NIL);
    return tg_io_raise(call, errno, stream->path ? stream->path->data : NULL, "cannot truncate %s", tg_stream_label(call->vm, tg_stream_of(call->args[0])));
}

const TgNativeDef tg_lib_file[] = {
    {"seek(offset, origin = \"start\")", file_seek, "Goes to that byte, counted from the \"start\", the \"current\" place or the \"end\"; gives the new place."},
    {"tell()", file_tell, "The place, in bytes from the start, where the next read or write begins."},
    {"truncate(size = nil)", file_truncate, "Cuts the file to so many bytes, or to the current place."},
    {0},
};
