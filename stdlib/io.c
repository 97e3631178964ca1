// stdlib/io.c
// The module io: opening files, the standard streams, pipes in memory; and input().
// Layer: library.
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "stdlib/file.h"
#include "stdlib/ioerror.h"
#include "stdlib/lib.h"
#include "stdlib/stream.h"

static TgClass *file_class(TgVM *vm) {
    bool is_new;
    TgClass *class_ = tg_library_class(vm, "File", tg_stream_class(vm), &is_new);
    if (is_new) tg_register_methods(vm, class_, tg_lib_file);
    if (is_new) tg_class_finish(vm, class_);
    return class_;
}

// ---- A FIFO, a terminal, a device: opened by their path, waited for by their descriptor

// A FIFO has an end only once somebody has written: until then `own` is NULL.
static char was_waited_for;

static bool is_fifo(int fd) {
    struct stat info;
    return fstat(fd, &info) == 0 && S_ISFIFO(info.st_mode);
}

static TgStreamEnd device_read(TgVM *vm, TgStream *stream, char *into, size_t room, size_t *moved) {
    TgStreamEnd end = tg_stream_fd.read(vm, stream, into, room, moved);
    bool is_end = end == STREAM_MOVED && *moved == 0;
    if (is_end && !stream->own && TG_ASK(vm, STAT, is_fifo(stream->fd))) end = STREAM_WANTS_READ;
    stream->own = &was_waited_for;
    return end;
}

static TgStreamEnd device_write(TgVM *vm, TgStream *stream, const char *from, size_t length, size_t *moved) {
    return tg_stream_fd.write(vm, stream, from, length, moved);
}

static const TgStreamKind devices[3] = {
    {.reading = "reading from", .writing = "writing to", .read = device_read},
    {.reading = "reading from", .writing = "writing to", .write = device_write},
    {.reading = "reading from", .writing = "writing to", .read = device_read, .write = device_write},
};

// ---- open

typedef struct {
    int flags;
    bool reads, writes, appends, is_text, replaces;
} Mode;

typedef struct {
    TgJob job;
    char *path;
    TgString *name; // for `finish` only
    Mode mode;
    int fd, error;
    bool is_regular;
} Opening;

static bool mode_of(TgCall *call, int index, Mode *mode) {
    const char *text = "r";
    TgString *given;
    if (tg_lib_given(call, index)) {
        if (!tg_arg_string(call, index, &given)) return false;
        text = given->data;
    }
    bool plus = strchr(text, '+') != NULL;
    *mode = (Mode){.is_text = !strchr(text, 'b')};
    bool is_good = *text && strchr("rwax", *text) && strspn(text + 1, "+bt") == strlen(text + 1);
    mode->reads = *text == 'r' || plus;
    mode->writes = *text != 'r' || plus;
    mode->appends = *text == 'a';
    mode->flags = mode->reads && mode->writes ? O_RDWR : mode->writes ? O_WRONLY : O_RDONLY;
    if (*text == 'w') mode->flags |= O_CREAT | O_TRUNC;
    if (*text == 'a') mode->flags |= O_CREAT | O_APPEND;
    if (*text == 'x') mode->flags |= O_CREAT | O_EXCL;
    if (is_good) return true;
    tg_error_raise(call->vm, TG_ERR_ValueError,
                   "open(): the mode %s is none; \"r\" reads, \"w\" writes anew, \"a\" appends, \"x\" makes a new file, \"r+\" does both; with "
                   "\"b\" for Bytes",
                   tg_lib_show(call->vm, call->args[index]));
    return false;
}

static void open_run(TgJob *job) {
    Opening *o = (Opening *)job;
    struct stat info;
    do o->fd = open(o->path, o->mode.flags | O_NONBLOCK | O_CLOEXEC | O_NOCTTY, 0666);
    while (o->fd < 0 && errno == EINTR);
    o->error = o->fd < 0 ? errno : 0;
    if (o->fd >= 0 && fstat(o->fd, &info) == 0) {
        o->is_regular = S_ISREG(info.st_mode) || S_ISBLK(info.st_mode);
        if (S_ISDIR(info.st_mode)) o->error = EISDIR;
    }
}

static void open_tape(TgJob *job, TgTape *tape) {
    Opening *o = (Opening *)job;
    tg_tape_small(tape, &o->error);
    tg_tape_small(tape, &o->fd);
    tg_tape_flag(tape, &o->is_regular);
}

static void open_drop(TgJob *job) {
    Opening *o = (Opening *)job;
    if (o->fd >= 0) tg_world_close(job->vm, o->fd);
    free(o->path);
    free(o);
}

// NULL: raised.
static TgStream *stream_of(TgVM *vm, Opening *o) {
    TgFile *file = o->is_regular ? tg_file_new(vm, o->fd, o->path, o->mode.appends) : NULL;
    if (o->is_regular && !file) return NULL;
    TgBuffer name = {0};
    tg_text_quote(&name, o->name);
    int which = o->mode.reads && o->mode.writes ? 2 : o->mode.writes ? 1 : 0;
    const TgStreamKind *kind = o->is_regular ? &tg_stream_file[which] : &devices[which];
    TgStream *stream = tg_stream_new(vm, file_class(vm), kind, o->fd, tg_string(vm, name.data, name.length));
    tg_buffer_free(&name);
    stream->path = o->name;
    stream->is_text = stream->has_lines = o->mode.is_text;
    stream->replaces = o->mode.replaces;
    stream->file = file;
    if (file) stream->fd = -1;
    o->fd = -1;
    return stream;
}

// A FIFO without a reader cannot be opened for writing yet: false tells the native to try again.
static bool open_finish(TgVM *vm, TgJob *job, TgValue *value) {
    Opening *o = (Opening *)job;
    bool must_wait = o->error == ENXIO;
    *value = TG_FALSE;
    if (must_wait) return true;
    if (!o->error) {
        TgStream *stream = stream_of(vm, o);
        if (stream) *value = tg_obj(stream);
        return stream != NULL;
    }
    const char *purpose = o->mode.reads && o->mode.writes ? "reading and writing" : o->mode.writes ? "writing" : "reading";
    tg_io_error(vm, o->error, o->path, "cannot open %s for %s", tg_lib_show(vm, tg_obj(o->name)), purpose);
    return false;
}

bool tg_arg_path(TgCall *call, int index, TgString **out) {
    if (!tg_arg_string(call, index, out)) return false;
    if (strlen((*out)->data) == (*out)->length && (*out)->length) return true;
    tg_error_raise(call->vm, TG_ERR_ValueError, (*out)->length ? "a path holds no \\0: %s" : "a path is empty: %s",
                   tg_lib_show(call->vm, call->args[index]));
    return false;
}

static TgResult io_open(TgCall *call) {
    Mode mode;
    TgString *path;
    if (call->step == 1 && call->value != TG_FALSE) return tg_return(call, call->value);
    if (!tg_arg_path(call, 0, &path) || !mode_of(call, 1, &mode) || !tg_lib_replaces(call, 2, &mode.replaces)) return TG_RAISED;
    if (!tg_sandbox_allows(call->vm, "io.open()")) return TG_RAISED;
    if (call->step == 1) return tg_park_until_then(call, tg_now(call->vm) + 0.02, 3);
    Opening *o = calloc(1, sizeof *o);
    if (!o || !(o->path = strdup(path->data))) {
        free(o);
        return tg_raise_memory(call);
    }
    o->job.run = open_run;
    o->job.finish = open_finish;
    o->job.tape = open_tape;
    o->job.drop = open_drop;
    o->fd = -1;
    o->name = path;
    o->mode = mode;
    tg_job_what(&o->job, "opening", o->path);
    TgWaitFor what = {"opening", path, NULL};
    return tg_park_on_job(call, &what, &o->job, 1);
}

// ---- The standard streams

static bool can_move(int fd, short events) {
    struct pollfd asked = {.fd = fd, .events = events};
    return poll(&asked, 1, 0) != 0;
}

// Their descriptors are shared with other processes, so they stay as they are: asked first, then used.
static TgStreamEnd standard_read(TgVM *vm, TgStream *stream, char *into, size_t room, size_t *moved) {
    if (!TG_ASK(vm, READY_NOW, can_move(stream->fd, POLLIN))) return STREAM_WANTS_READ;
    return tg_stream_fd.read(vm, stream, into, room, moved);
}

// What is told people is told them by a replay too.
static void write_again(int fd, const char *from, size_t length) {
    for (ssize_t wrote; length && ((wrote = write(fd, from, length)) > 0 || errno == EINTR || errno == EAGAIN);)
        if (wrote > 0) from += wrote, length -= (size_t)wrote;
}

// A pipe that is ready takes so many at once.
static TgStreamEnd standard_write(TgVM *vm, TgStream *stream, const char *from, size_t length, size_t *moved) {
    tg_out_try(vm); // what was printed before comes before it
    if (!TG_ASK(vm, READY_NOW, can_move(stream->fd, POLLOUT))) return STREAM_WANTS_WRITE;
    size_t most = length < PIPE_BUF ? length : PIPE_BUF;
    if (!tg_limits_take_output(vm, most)) return tg_limits_output_end(vm), STREAM_RAISED;
    TgStreamEnd end = tg_stream_fd.write(vm, stream, from, most, moved);
    if (end == STREAM_MOVED && tg_world_replays(vm)) write_again(stream->fd, from, *moved);
    return end;
}

// stdout is what print writes to, in its order.
static TgStreamEnd out_write(TgVM *vm, TgStream *stream, const char *from, size_t length, size_t *moved) {
    enum { KEPT = 1 << 16 };
    (void)stream;
    if (tg_out_is_full(vm)) return STREAM_WANTS_WRITE;
    *moved = length < KEPT ? length : KEPT;
    tg_out_write(vm, from, *moved);
    return tg_limits_output_end(vm) ? STREAM_MOVED : STREAM_RAISED;
}

static TgStreamEnd out_flush(TgVM *vm, TgStream *stream) {
    (void)stream;
    return tg_out_is_left(vm) ? STREAM_WANTS_WRITE : STREAM_MOVED;
}

static void leave_open(TgVM *vm, TgStream *stream, bool is_dead) { (void)vm, (void)stream, (void)is_dead; }

static const TgStreamKind standard_in = {.reading = "waiting for input from", .writing = "", .read = standard_read, .close = leave_open};
static const TgStreamKind standard_out = {
    .reading = "", .writing = "writing to", .write = out_write, .flush = out_flush, .close = leave_open};
static const TgStreamKind standard_err = {.reading = "", .writing = "writing to", .write = standard_write, .close = leave_open};

static TgStream *standard(TgVM *vm, const TgStreamKind *kind, int fd, const char *name) {
    TgStream *known = tg_stream_of(tg_library_kept(vm, name));
    if (known) return known;
    TgStream *stream = tg_stream_new(vm, tg_stream_class(vm), kind, fd, tg_string_c(vm, name));
    stream->is_text = stream->has_lines = true;
    tg_library_keep(vm, name, tg_obj(stream));
    return stream;
}

TgStream *tg_stream_stdin(TgVM *vm) { return standard(vm, &standard_in, 0, "stdin"); }

// ---- input()

static TgResult io_input(TgCall *call) {
    TgString *prompt;
    if (!tg_is_foreground(call->vm))
        return tg_raise(call, TG_ERR_IOError, "input() in a background task: the prompt reads the terminal now");
    if (call->step == 0 && tg_given(call, 0)) {
        if (!tg_arg_string(call, 0, &prompt)) return TG_RAISED;
        tg_out_write(call->vm, prompt->data, prompt->length);
        tg_out_try(call->vm);
    }
    TgStream *stream = tg_stream_stdin(call->vm);
    if (stream->is_closed) return tg_raise(call, TG_ERR_Closed, "input(): standard input is closed");
    return tg_stream_next_line(call, stream, 1);
}

const TgNativeDef tg_lib_input[] = {
    {"input(prompt = \"\")", io_input, "The next line of standard input as a String, or nil at its end."},
    {0},
};

// ---- Pipes in memory
//
// The buffer of the reading end is the pipe. Each end refers to the other one by `own`, also once that is closed.

enum { PIPE_KEPT = 1 << 16 };

static TgStream *other_end(const TgStream *stream) { return stream->own; }

static TgStreamEnd pipe_read(TgVM *vm, TgStream *stream, char *into, size_t room, size_t *moved) {
    (void)into, (void)room, (void)moved; // what there is lies in the buffer already
    if (other_end(stream)->is_closed) return STREAM_MOVED;
    stream->wanted = tg_stream_buffered(stream) + PIPE_KEPT; // that is not enough for who reads
    tg_stream_wake(vm, other_end(stream), true);
    return STREAM_WANTS_WAKE;
}

static void pipe_taken(TgVM *vm, TgStream *stream) {
    stream->wanted = PIPE_KEPT;
    tg_stream_wake(vm, other_end(stream), true);
}

static TgStreamEnd pipe_write(TgVM *vm, TgStream *stream, const char *from, size_t length, size_t *moved) {
    TgStream *reader = other_end(stream);
    if (reader->is_closed) return errno = EPIPE, STREAM_FAILED;
    size_t kept = tg_stream_buffered(reader);
    if (kept >= reader->wanted) return STREAM_WANTS_WAKE;
    *moved = length < reader->wanted - kept ? length : reader->wanted - kept;
    if (!tg_stream_reserve(vm, reader, *moved)) return *moved = 0, STREAM_RAISED;
    memcpy(reader->data + reader->length, from, *moved);
    reader->length += *moved;
    tg_stream_wake(vm, reader, false);
    return STREAM_MOVED;
}

static void pipe_close(TgVM *vm, TgStream *stream, bool is_dead) {
    if (is_dead) return;
    tg_stream_wake(vm, other_end(stream), true);
    tg_stream_wake(vm, other_end(stream), false);
}

static void pipe_mark(TgVM *vm, TgStream *stream) { tg_gc_mark_obj(vm, stream->own); }

static const TgStreamKind pipe_ends[2] = {
    {.reading = "reading from", .writing = "", .read = pipe_read, .taken = pipe_taken, .close = pipe_close, .mark = pipe_mark},
    {.reading = "", .writing = "writing to", .write = pipe_write, .close = pipe_close, .mark = pipe_mark},
};

static TgResult io_pipe(TgCall *call) {
    TgVM *vm = call->vm;
    TgStream *ends[2];
    for (int i = 0; i < 2; i++) {
        ends[i] = tg_stream_new(vm, tg_stream_class(vm), &pipe_ends[i], -1, tg_string_c(vm, i ? "pipe, to write" : "pipe, to read"));
        ends[i]->has_lines = true;
    }
    ends[0]->wanted = PIPE_KEPT;
    ends[0]->own = ends[1];
    ends[1]->own = ends[0];
    return tg_return(call, tg_obj(tg_list_of(vm, (TgValue[]){tg_obj(ends[0]), tg_obj(ends[1])}, 2)));
}

// ---- The module

const TgNativeDef tg_lib_io_members[] = {
    {"open(path, mode = \"r\", errors: \"strict\")", io_open,
     "Opens a file as a stream: \"r\" to read, \"w\" to write it anew, \"a\" to append, \"x\" to make a new one, with \"+\" for both, with "
     "\"b\" for Bytes."},
    {"pipe()", io_pipe,
     "Two streams in memory, a List: what is written to the second is read from the first; the writer waits while 64 KiB are unread."},
    {0},
};

void tg_lib_io(TgVM *vm, TgModule *module) {
    tg_register_members(vm, module, tg_lib_io_members);
    tg_module_set(vm, module, "Stream", tg_obj(tg_stream_class(vm)));
    tg_module_set(vm, module, "File", tg_obj(file_class(vm)));
    tg_module_set(vm, module, "stdin", tg_obj(tg_stream_stdin(vm)));
    tg_module_set(vm, module, "stdout", tg_obj(standard(vm, &standard_out, 1, "stdout")));
    tg_module_set(vm, module, "stderr", tg_obj(standard(vm, &standard_err, 2, "stderr")));
}
