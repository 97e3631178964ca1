// stdlib/stream.h
// Streams: whatever is read and written piece by piece. One implementation for files, pipes, sockets, TLS.
//
// A stream buffers what it reads (and, of a file, what it writes) and knows how scripts read it: text or Bytes, lines, so many
// bytes, all. Where the bytes come from and go to is its kind's: a small table of functions that never block. They move what can
// be moved at once, or say what to wait for; the stream parks the task, and asks again when that has come.
//
// What waits can be interrupted or cancelled at any time: nothing that was read is lost (it stays in the buffer), what was written
// may have gone out in part. Closing raises Closed in the tasks that read or write at that moment. One that is forgotten is closed by
// the collector.
//
// Layer: library.
#ifndef TG_STDLIB_STREAM_H
#define TG_STDLIB_STREAM_H

#include "vm/api.h"

typedef struct TgStream TgStream;

typedef enum {
    STREAM_MOVED,       // *moved bytes; none when reading: the end
    STREAM_WANTS_READ,  // nothing just now: ask again when s->fd can be read
    STREAM_WANTS_WRITE, // … can be written
    STREAM_WANTS_WAKE,  // … when tg_stream_wake says so
    STREAM_FAILED,      // errno
    STREAM_RAISED,      // vm->raised is set
} TgStreamEnd;

typedef struct {
    const char *reading, *writing; // what a task does that waits: "reading from"
    // NULL: it cannot be read, or written.
    TgStreamEnd (*read)(TgVM *vm, TgStream *stream, char *into, size_t room, size_t *moved);
    TgStreamEnd (*write)(TgVM *vm, TgStream *stream, const char *from, size_t length, size_t *moved);
    // Some of what was read has been taken. NULL: that is nothing to it.
    void (*taken)(TgVM *vm, TgStream *stream);
    // Before close(): what is still to be sent (TLS says goodbye). As write; NULL: nothing is.
    TgStreamEnd (*finish)(TgVM *vm, TgStream *stream);
    // What was written and lies with the kind: as write. NULL: nothing does.
    TgStreamEnd (*flush)(TgVM *vm, TgStream *stream);
    // Gives back what it holds: the descriptor, `own`. At once. Called once, also by the collector: then `is_dead` (other objects may be
    // gone, nobody waits). NULL: closes fd.
    void (*close)(TgVM *vm, TgStream *stream, bool is_dead);
    void (*mark)(TgVM *vm, TgStream *stream); // values that `own` refers to; or NULL
    // A property of this kind alone; false: there is none of this name. Also of one that is closed. NULL: it has none.
    bool (*property)(TgVM *vm, TgStream *stream, const TgString *name, TgValue *out);
    // A task that waited for it was interrupted or cancelled. NULL: that is nothing to it.
    void (*left)(TgVM *vm, TgStream *stream, TgTask *task);
} TgStreamKind;

struct TgStream {
    TgResource head;
    const TgStreamKind *kind;
    TgString *name;    // for people: "\"a.txt\"", "127.0.0.1:80"
    TgString *path;    // of a file, or NULL
    int fd;            // -1: none
    void *own;         // the kind's
    struct TgFile *file; // what is read and written by jobs (file.c), or NULL
    bool is_text;      // what is read are Strings, else Bytes
    bool has_lines;    // … and so are its lines at least
    bool replaces;     // bytes that are no UTF-8 become U+FFFD, else ValueError
    bool is_closed, is_ended;
    bool was_full;     // the last read took all the room there was: more is given to the next
    // What was read and not yet taken is data[taken … length).
    char *data;
    size_t taken, length, capacity;
    size_t searched;   // from `taken` on: so many have no newline
    size_t wanted;     // of a pipe in memory: so much may lie in the buffer
    uint64_t position; // of data[taken] in all that was read
    TgTask *writer;    // who is at writing: one after the other
    TgWaitQueue readers, writers, turn;
};

// A stream of `class_` (tg_stream_class or one below it) over `fd`, which is its own from now on: pipes, sockets. The descriptor has to be
// non-blocking. Binary; set is_text, has_lines as wanted. `name` may be NULL.
TgStream *tg_stream_new(TgVM *vm, TgClass *class_, const TgStreamKind *kind, int fd, TgString *name);
// How a kind's move ended that is kept as a whole, and what it read (`into` NULL: nothing): on the tape, or from there; the tape's end.
TgStreamEnd tg_stream_tape(TgVM *vm, TgTape *tape, TgStreamEnd end, char *into, size_t room, size_t *moved);
// read(2) and write(2) on s->fd; SIGPIPE is no matter.
extern const TgStreamKind tg_stream_fd;
// The class io.Stream.
TgClass *tg_stream_class(TgVM *vm);
// A value as a stream, or NULL.
TgStream *tg_stream_of(TgValue value);
// The argument as an open stream. False: TypeError or Closed raised; `doing` is for its message ("read from").
bool tg_arg_stream(TgCall *call, int index, const char *doing, TgStream **out);

// Natives' ends that go on in steps: each gives TG_DONE, or what the native is to return at once; it is then entered again at `step`
// and calls the same again (with the same arguments), which goes on where it was.
//
// Reads some more into the buffer, about `want` bytes if they can be had at once: there is more, or is_ended.
TgResult tg_stream_fill(TgCall *call, TgStream *stream, size_t want, int step);
// Writes all. args[state] is its own meanwhile (one of the native's two slots).
TgResult tg_stream_write_all(TgCall *call, TgStream *stream, const char *bytes, size_t length, int state, int step);
// The next line, or nil, is the native's result.
TgResult tg_stream_next_line(TgCall *call, TgStream *stream, int step);
// Waits until what was written is with the system.
TgResult tg_stream_flush(TgCall *call, TgStream *stream, int step);
// Flushes and closes. Idempotent.
TgResult tg_stream_close(TgCall *call, TgStream *stream, int step);

static inline size_t tg_stream_buffered(const TgStream *stream) { return stream->length - stream->taken; }
// The stream for messages: "a.txt" in quotes, or <Stream stdin>. Lives until the next boundary.
const char *tg_stream_label(TgVM *vm, const TgStream *stream);
// Takes so many bytes off the buffer.
void tg_stream_take(TgVM *vm, TgStream *stream, size_t count);
// Makes room for `room` more bytes behind data[length]. False: MemoryError or LimitReached raised.
bool tg_stream_reserve(TgVM *vm, TgStream *stream, size_t room);
// The tasks that want to read (or write) are to ask again.
void tg_stream_wake(TgVM *vm, TgStream *stream, bool write);
// Closes at once: what is not yet sent is lost, waiting tasks raise Closed.
void tg_stream_drop(TgVM *vm, TgStream *stream);

// Of standard input, made at first use.
TgStream *tg_stream_stdin(TgVM *vm);

#endif
