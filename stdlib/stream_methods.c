// stdlib/stream_methods.c
// What scripts do with streams: read, read_line, read_exactly, write, flush, close.
//
// All reading goes the same way: look whether the buffer holds what is asked for; if not, fill it and look again, in this or a
// later step. So an interrupted read has taken nothing.
//
// Layer: library.
#include "stdlib/file.h"
#include "stdlib/ioerror.h"
#include "stdlib/lib.h"
#include "stdlib/stream.h"

enum { GO_ON = 1 }; // the one step

// Before anything was read there is no room yet.
static const char *front(const TgStream *stream) { return stream->data ? stream->data + stream->taken : NULL; }

static bool readable(TgCall *call, TgStream **out) {
    if (!tg_arg_stream(call, 0, "read from", out)) return false;
    if ((*out)->kind->read) return true;
    tg_error_raise(call->vm, TG_ERR_ValueError, "%s can only be written to", tg_stream_label(call->vm, tg_stream_of(call->args[0])));
    return false;
}

static bool writable(TgCall *call, TgStream **out) {
    if (!tg_arg_stream(call, 0, "write to", out)) return false;
    if ((*out)->kind->write) return true;
    tg_error_raise(call->vm, TG_ERR_ValueError, "%s can only be read", tg_stream_label(call->vm, tg_stream_of(call->args[0])));
    return false;
}

// ---- Taking from the buffer

static TgResult not_text(TgCall *call, TgStream *stream, size_t offset, uint8_t byte) {
    return tg_raise(call, TG_ERR_ValueError,
                    "%s: the byte at offset %llu (0x%02x) is no UTF-8 text; read it as Bytes, or open it with errors: \"replace\"",
                    tg_stream_label(call->vm, stream), (unsigned long long)(stream->position + offset), byte);
}

// `length` bytes of the buffer as a String or Bytes; `skip` more are taken as well.
static TgResult give(TgCall *call, TgStream *stream, size_t length, size_t skip, bool is_text) {
    TgResult result;
    const uint8_t *data = (const uint8_t *)front(stream);
    size_t good = !is_text || stream->replaces ? length : tg_lib_utf8_good(data, length);
    if (!is_text) {
        TgBytes *bytes = tg_bytes_begin(call->vm, length);
        if (bytes && length) memcpy(bytes->bytes, data, length);
        result = bytes ? tg_return(call, tg_obj(bytes)) : tg_raise_memory(call);
    } else if (length == 0) {
        result = tg_return(call, tg_obj(call->vm->name_empty));
    } else if (good < length) {
        result = not_text(call, stream, good, data[good]);
    } else {
        result = tg_lib_decode(call, data, length, stream->replaces);
    }
    tg_stream_take(call->vm, stream, length + skip);
    return result;
}

static TgResult give_end(TgCall *call, TgStream *stream) {
    if (stream->file) stream->is_ended = false; // it may grow
    return tg_return(call, TG_NIL);
}

// Bytes of the first `count` characters of the buffer, or of those that are whole; *found says how many.
static size_t whole_characters(const TgStream *stream, size_t count, size_t *found) {
    const char *at = front(stream), *end = stream->data + stream->length;
    for (*found = 0; *found < count && at < end; ++*found) {
        unsigned char first = (unsigned char)*at;
        long length = first < 0xC0 ? 1 : first < 0xE0 ? 2 : first < 0xF0 ? 3 : 4;
        if (end - at < length && !stream->is_ended) break;
        at = end - at < length ? end : at + length;
    }
    return (size_t)(at - front(stream));
}

// Of a text stream characters are counted, else bytes.
static size_t count_ready(const TgStream *stream, size_t count, size_t *found) {
    size_t buffered = tg_stream_buffered(stream);
    if (!buffered) return *found = 0;
    if (stream->is_text) return whole_characters(stream, count, found);
    return *found = buffered < count ? buffered : count;
}

static bool count_of(TgCall *call, int index, size_t *out) {
    int64_t count;
    if (!tg_arg_index(call, index, &count)) return false;
    *out = (size_t)count;
    if (count >= 0) return true;
    tg_error_raise(call->vm, TG_ERR_ValueError, "n is how much to read, not %lld", (long long)count);
    return false;
}

// ---- Reading

static TgResult read_all(TgCall *call, TgStream *stream) {
    while (!stream->is_ended) {
        TgResult result = tg_stream_fill(call, stream, 1 << 20, GO_ON);
        if (result != TG_DONE) return result;
    }
    if (stream->file) stream->is_ended = false;
    return give(call, stream, tg_stream_buffered(stream), 0, stream->is_text);
}

static TgResult stream_read(TgCall *call) {
    TgStream *stream;
    size_t count, found;
    if (!readable(call, &stream)) return TG_RAISED;
    if (!tg_lib_given(call, 1)) return read_all(call, stream);
    if (!count_of(call, 1, &count)) return TG_RAISED;
    if (count == 0) return give(call, stream, 0, 0, stream->is_text);
    for (;;) {
        size_t ready = count_ready(stream, count, &found);
        if (ready) return give(call, stream, ready, 0, stream->is_text);
        if (stream->is_ended) return give_end(call, stream);
        TgResult result = tg_stream_fill(call, stream, count, GO_ON);
        if (result != TG_DONE) return result;
    }
}

static TgResult stream_read_exactly(TgCall *call) {
    TgStream *stream;
    size_t count, found;
    if (!readable(call, &stream) || !count_of(call, 1, &count)) return TG_RAISED;
    for (;;) {
        size_t ready = count_ready(stream, count, &found);
        if (found == count) return give(call, stream, ready, 0, stream->is_text);
        if (stream->is_ended) {
            if (stream->file) stream->is_ended = false;
            tg_io_error_own(call->vm, "EOF", stream->path ? stream->path->data : NULL, "cannot read %zu from %s: it ended after %zu (EOF)",
                            count, tg_stream_label(call->vm, tg_stream_of(call->args[0])), found);
            return TG_RAISED;
        }
        TgResult result = tg_stream_fill(call, stream, count - found, GO_ON);
        if (result != TG_DONE) return result;
    }
}

// The line that the buffer begins with, if it is whole. *length without its end, *skip its end.
static bool find_line(TgStream *stream, bool is_text, size_t *length, size_t *skip) {
    size_t buffered = tg_stream_buffered(stream);
    const char *at = front(stream);
    const char *newline = buffered > stream->searched ? memchr(at + stream->searched, '\n', buffered - stream->searched) : NULL;
    stream->searched = newline ? stream->searched : buffered;
    if (!newline && !(stream->is_ended && buffered)) return false;
    *length = newline ? (size_t)(newline - at) : buffered;
    *skip = newline ? 1 : 0;
    if (is_text && *length && at[*length - 1] == '\r') --*length, ++*skip;
    return true;
}

static TgResult next_line(TgCall *call, TgStream *stream, size_t most, int step) {
    size_t length, skip;
    bool is_text = stream->is_text || stream->has_lines;
    for (;;) {
        bool found = find_line(stream, is_text, &length, &skip);
        if ((found && length > most) || (!found && tg_stream_buffered(stream) > most))
            return tg_raise(call, TG_ERR_ValueError, "%s: the line is longer than %zu bytes", tg_stream_label(call->vm, stream), most);
        if (found) return give(call, stream, length, skip, is_text);
        if (stream->is_ended) return give_end(call, stream);
        TgResult result = tg_stream_fill(call, stream, 1, step);
        if (result != TG_DONE) return result;
    }
}

TgResult tg_stream_next_line(TgCall *call, TgStream *stream, int step) { return next_line(call, stream, SIZE_MAX, step); }

static TgResult stream_read_line(TgCall *call) {
    TgStream *stream;
    size_t most = SIZE_MAX;
    if (!readable(call, &stream)) return TG_RAISED;
    if (tg_lib_given(call, 1) && !count_of(call, 1, &most)) return TG_RAISED;
    return next_line(call, stream, most, GO_ON);
}

// ---- Writing

static TgResult stream_write(TgCall *call) {
    TgStream *stream;
    if (!writable(call, &stream)) return TG_RAISED;
    const char *bytes;
    size_t length;
    if (tg_is_kind(call->args[1], OBJ_STRING)) {
        const TgString *text = (TgString *)tg_as_obj(call->args[1]);
        bytes = text->data, length = text->length;
    } else if (tg_is_kind(call->args[1], OBJ_BYTES)) {
        bytes = (const char *)tg_as_bytes(call->args[1])->data, length = tg_as_bytes(call->args[1])->length;
    } else {
        return tg_raise(call, TG_ERR_TypeError, "write(): a String or Bytes are written, not %s; \"{x}\" makes a text of it",
                        TG_SHOW(call->vm, call->args[1]));
    }
    TgResult result = tg_stream_write_all(call, stream, bytes, length, 2, GO_ON);
    return result == TG_DONE ? tg_return(call, TG_NIL) : result;
}

static TgResult stream_flush(TgCall *call) {
    TgStream *stream;
    if (!tg_arg_stream(call, 0, "flush", &stream)) return TG_RAISED;
    TgResult result = tg_stream_flush(call, stream, GO_ON);
    return result == TG_DONE ? tg_return(call, TG_NIL) : result;
}

static TgResult stream_close(TgCall *call) {
    TgStream *stream = tg_stream_of(call->args[0]);
    if (!stream) return tg_arg_stream(call, 0, "close", &stream), TG_RAISED;
    TgResult result = tg_stream_close(call, stream, GO_ON);
    return result == TG_DONE ? tg_return(call, TG_NIL) : result;
}

// for line in stream: the method read_line, bound, is what `for` calls until it gives nil.
static TgResult stream_iter(TgCall *call) {
    TgStream *stream;
    if (!readable(call, &stream)) return TG_RAISED;
    TgClass *class_ = tg_class_of(call->vm, call->args[0]);
    TgValue method = tg_class_find_method(class_, tg_string_c(call->vm, "read_line"));
    return tg_return(call, tg_obj(tg_bound_new(call->vm, call->args[0], method)));
}

const TgNativeDef tg_lib_stream[] = {
    {"read(n = nil)", stream_read,
     "All that is left; or at most n bytes (of a text: characters) as soon as some are there, nil at the end."},
    {"read_exactly(n)", stream_read_exactly, "n bytes (of a text: characters); an IOError with the code \"EOF\" where it ends before."},
    {"read_line(most = nil)", stream_read_line,
     "The next line without its end, or nil at the end; a ValueError where it is longer than `most` bytes."},
    {"lines()", stream_iter, "The lines that are left, to go over: for line in s.lines(), or just for line in s."},
    {"iter()", stream_iter, "What `for` goes over: the lines."},
    {"write(value)", stream_write, "Writes all of a String (as UTF-8) or of Bytes; waits while the other side does not take more."},
    {"flush()", stream_flush, "Waits until what was written is with the system."},
    {"close()", stream_close, "Flushes and closes; tasks that read or write it raise Closed. Again, it does nothing."},
    {"exit()", stream_close, "The end of a `with`: closes."},
    {0},
};

TgClass *tg_stream_class(TgVM *vm) {
    bool is_new;
    TgClass *class_ = tg_library_class(vm, "Stream", NULL, &is_new);
    if (!is_new) return class_;
    tg_register_methods(vm, class_, tg_lib_stream);
    tg_class_finish(vm, class_);
    return class_;
}
