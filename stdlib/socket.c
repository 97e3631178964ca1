// stdlib/socket.c
// Sockets as streams: TCP and Unix connections.
// Layer: library.
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <string.h>
#include <unistd.h>

#include "stdlib/ioerror.h"
#include "stdlib/lib.h"
#include "stdlib/net.h"

int tg_net_socket(TgVM *vm, int family, int type) {
    return (int)TG_ASK(vm, SOCKET, socket(family, type | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
}

bool tg_net_name(TgVM *vm, int fd, TgAddress *address) {
    *address = (TgAddress){.length = sizeof address->storage};
    return TG_ASK_DATA(vm, SOCKET_NAME, getsockname(fd, tg_address_raw(address), &address->length), address, sizeof *address) == 0;
}

static TgStreamEnd end_of(ssize_t count, TgStreamEnd wants, size_t *moved) {
    if (count >= 0) return *moved = (size_t)count, STREAM_MOVED;
    return errno == EAGAIN ? wants : STREAM_FAILED;
}

TgStreamEnd tg_socket_receive(TgVM *vm, TgStream *stream, char *into, size_t room, size_t *moved) {
    ssize_t got;
    do got = TG_ASK_BYTES(vm, RECEIVE, recv(stream->fd, into, tg_world_piece(vm, WORLD_RECEIVE, room), 0), into, room);
    while (got < 0 && errno == EINTR);
    return end_of(got, STREAM_WANTS_READ, moved);
}

TgStreamEnd tg_socket_send(TgVM *vm, TgStream *stream, const char *from, size_t length, size_t *moved) {
    ssize_t sent;
    do sent = TG_ASK(vm, SEND, send(stream->fd, from, tg_world_piece(vm, WORLD_SEND, length), MSG_NOSIGNAL));
    while (sent < 0 && errno == EINTR);
    return end_of(sent, STREAM_WANTS_WRITE, moved);
}

bool tg_socket_property(TgVM *vm, TgStream *stream, const TgString *name, TgValue *out) {
    if (!strcmp(name->data, "remote")) return *out = tg_obj(stream->name), true;
    const char *version = !strcmp(name->data, "tls") ? tg_tls_version(vm, stream) : NULL;
    if (!strcmp(name->data, "tls")) return *out = version ? tg_obj(tg_string_c(vm, version)) : TG_NIL, true;
    if (strcmp(name->data, "local") != 0) return false;
    TgAddress address;
    bool is_known = stream->fd >= 0 && tg_net_name(vm, stream->fd, &address);
    return *out = is_known ? tg_obj(tg_address_text(vm, &address)) : TG_NIL, true;
}

static const TgStreamKind plain = {
    .reading = "reading from",
    .writing = "writing to",
    .read = tg_socket_receive,
    .write = tg_socket_send,
    .property = tg_socket_property,
};

// What a script writes is on its way at once: a question in two pieces would else wait 40 ms for its answer.
static bool set_no_delay(TgVM *vm, int fd, int on) {
    // A Unix socket never delays.
    return TG_ASK(vm, SOCKET_OPTION, setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on)) == 0 || errno == EOPNOTSUPP;
}

TgStream *tg_socket_new(TgVM *vm, int fd, TgString *remote) {
    set_no_delay(vm, fd, true);
    TgStream *stream = tg_stream_new(vm, tg_socket_class(vm), &plain, fd, remote);
    stream->has_lines = true;
    return stream;
}

bool tg_arg_socket(TgCall *call, int index, const char *doing, TgStream **out) {
    if (!tg_arg_stream(call, index, doing, out)) return false;
    if ((*out)->kind->property == tg_socket_property) return true;
    tg_error_raise(call->vm, TG_ERR_TypeError, "a Socket is asked for, not %s", TG_SHOW(call->vm, call->args[index]));
    return false;
}

// ---- Methods

// A write that another task is at ends first.
static TgResult socket_close_write(TgCall *call) {
    TgStream *stream;
    if (!tg_arg_socket(call, 0, "end the writing to", &stream)) return TG_RAISED;
    TgResult result = tg_stream_write_all(call, stream, "", 0, 1, 1);
    if (result != TG_DONE) return result;
    TgStreamEnd end = stream->kind->finish ? stream->kind->finish(call->vm, stream) : STREAM_MOVED;
    if (end == STREAM_RAISED) return TG_RAISED;
    bool good = stream->kind->finish || TG_ASK(call->vm, SHUTDOWN, shutdown(stream->fd, SHUT_WR)) == 0;
    if (good || errno == ENOTCONN) return tg_return(call, TG_NIL); // gone already: its end has been seen
    return tg_io_raise(call, errno, NULL, "cannot end the writing to %s", tg_stream_label(call->vm, stream));
}

static TgResult socket_set_no_delay(TgCall *call) {
    TgStream *stream;
    bool on = true;
    if (!tg_arg_socket(call, 0, "set", &stream) || !tg_lib_flag(call, 1, "on", &on)) return TG_RAISED;
    if (set_no_delay(call->vm, stream->fd, on)) return tg_return(call, TG_NIL);
    return tg_io_raise(call, errno, NULL, "cannot set no_delay of %s", tg_stream_label(call->vm, stream));
}

const TgNativeDef tg_lib_socket[] = {
    {"close_write()", socket_close_write, "Tells the other side that no more comes: its reads end. One can go on reading."},
    {"set_no_delay(on = true)", socket_set_no_delay,
     "Whether small pieces are sent at once, as they are at first; false: the system may wait a moment for more."},
    {0},
};

TgClass *tg_socket_class(TgVM *vm) {
    bool is_new;
    TgClass *class_ = tg_library_class(vm, "Socket", tg_stream_class(vm), &is_new);
    if (is_new) tg_register_methods(vm, class_, tg_lib_socket);
    if (is_new) tg_class_finish(vm, class_);
    return class_;
}
