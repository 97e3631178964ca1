// stdlib/udp.c
// Udp: a socket for datagrams, each of which is whole or does not come at all.
// Layer: library.
#include <errno.h>
#include <unistd.h>

#include "stdlib/ioerror.h"
#include "stdlib/lib.h"
#include "stdlib/net.h"

enum { MOST = 65535 };

typedef struct {
    TgResource head;
    int fd; // -1: closed
    int port;
    TgString *address;
    TgWaitQueue waiting;
} Udp;

static void udp_release(TgVM *vm, TgResource *resource) {
    Udp *udp = (Udp *)resource;
    if (udp->fd >= 0) tg_world_close(vm, udp->fd);
    udp->fd = -1;
}

static void udp_mark(TgVM *vm, TgResource *resource) { tg_gc_mark_obj(vm, ((Udp *)resource)->address); }

static void udp_text(TgVM *vm, const TgResource *resource, TgBuffer *out) {
    (void)vm;
    tg_buffer_format(out, "<Udp %s>", ((const Udp *)resource)->address->data);
}

static bool udp_property(TgVM *vm, TgResource *resource, const TgString *name, TgValue *out) {
    const Udp *udp = (Udp *)resource;
    (void)vm;
    if (!strcmp(name->data, "port")) return *out = tg_int(udp->port), true;
    if (!strcmp(name->data, "address")) return *out = tg_obj(udp->address), true;
    if (!strcmp(name->data, "closed")) return *out = tg_bool(udp->fd < 0), true;
    return false;
}

static const TgResourceType udp_type = {
    .size = sizeof(Udp), .release = udp_release, .mark = udp_mark, .text = udp_text, .property = udp_property};

TgResult tg_net_udp(TgCall *call) {
    TgVM *vm = call->vm;
    int port, on = 1;
    TgAddress address;
    if (!tg_arg_port(call, 1, &port) || !tg_arg_numeric(call, 0, port, &address)) return TG_RAISED;
    Udp *udp = (Udp *)tg_resource_new(vm, &udp_type, tg_udp_class(vm));
    udp->address = tg_address_text(vm, &address);
    udp->fd = tg_net_socket(vm, address.storage.ss_family, SOCK_DGRAM);
    if (udp->fd < 0 || TG_ASK(vm, LISTEN, bind(udp->fd, tg_address_raw(&address), address.length)) != 0)
        return tg_io_raise(call, errno, NULL, "cannot open a socket for datagrams at %s", udp->address->data);
    (void)TG_ASK(vm, SOCKET_OPTION, setsockopt(udp->fd, SOL_SOCKET, SO_BROADCAST, &on, sizeof on));
    tg_net_name(vm, udp->fd, &address);
    udp->address = tg_address_text(vm, &address);
    udp->port = tg_address_port(&address);
    return tg_return(call, tg_obj(udp));
}

// ---- Methods

static Udp *self_of(TgCall *call) {
    Udp *udp = (Udp *)tg_resource_of(call->args[0], &udp_type);
    if (!udp) tg_error_raise(call->vm, TG_ERR_TypeError, "a Udp is asked for, not %s", TG_SHOW(call->vm, call->args[0]));
    return udp;
}

static Udp *open_self(TgCall *call) {
    Udp *udp = self_of(call);
    if (!udp || udp->fd >= 0) return udp;
    tg_error_raise(call->vm, TG_ERR_Closed, "%s is closed", tg_lib_show(call->vm, call->args[0]));
    return NULL;
}

// What was sent before and found nobody comes back as an error of the next call: no matter of this one.
static bool is_old_news(int error) { return error == ECONNREFUSED || error == EINTR; }

TgResult tg_net_send(TgCall *call) {
    Udp *udp = open_self(call);
    int port;
    TgAddress target;
    const char *data;
    size_t length;
    if (!udp || !tg_arg_port(call, 3, &port) || !tg_arg_numeric(call, 2, port, &target)) return TG_RAISED;
    if (tg_is_kind(call->args[1], OBJ_STRING)) {
        data = ((TgString *)tg_as_obj(call->args[1]))->data, length = ((TgString *)tg_as_obj(call->args[1]))->length;
    } else {
        TgBytes *bytes;
        if (!tg_arg_bytes(call, 1, &bytes)) return TG_RAISED;
        data = (const char *)bytes->data, length = bytes->length;
    }
    ssize_t sent;
    do sent = TG_ASK(call->vm, SEND, sendto(udp->fd, data, length, MSG_NOSIGNAL, tg_address_raw(&target), target.length));
    while (sent < 0 && is_old_news(errno));
    if (sent >= 0) return tg_return(call, TG_NIL);
    if (errno != EAGAIN) return tg_io_raise(call, errno, NULL, "cannot send to %s", tg_address_text(call->vm, &target)->data);
    TgWaitFor what = {"sending from", udp, &udp->waiting};
    return tg_park_on_fd(call, &what, udp->fd, true, 1);
}

static TgResult udp_receive(TgCall *call) {
    Udp *udp = open_self(call);
    char data[MOST];
    TgAddress source = {.length = sizeof source.storage};
    if (!udp) return TG_RAISED;
    ssize_t got;
    do got = TG_ASK_BYTES(call->vm, RECEIVE, recvfrom(udp->fd, data, sizeof data, 0, tg_address_raw(&source), &source.length), data, sizeof data);
    while (got < 0 && is_old_news(errno));
    if (got >= 0) (void)TG_ASK_DATA(call->vm, RECEIVE, 0, &source, sizeof source);
    if (got >= 0) {
        TgBytes *bytes = tg_bytes_begin(call->vm, (size_t)got);
        if (!bytes) return tg_raise_memory(call);
        memcpy(bytes->bytes, data, (size_t)got);
        TgValue pair[2] = {tg_obj(bytes), tg_obj(tg_address_text(call->vm, &source))};
        return tg_return(call, tg_obj(tg_list_of(call->vm, pair, 2)));
    }
    if (errno != EAGAIN) return tg_io_raise(call, errno, NULL, "cannot receive at %s", udp->address->data);
    TgWaitFor what = {"receiving at", udp, &udp->waiting};
    return tg_park_on_fd(call, &what, udp->fd, false, 1);
}

static TgResult udp_close(TgCall *call) {
    Udp *udp = self_of(call);
    if (!udp) return TG_RAISED;
    tg_wake_all(call->vm, &udp->waiting, TG_NIL); // they look again
    udp_release(call->vm, &udp->head);
    return tg_return(call, TG_NIL);
}

const TgNativeDef tg_lib_udp[] = {
    {"receive_from()", udp_receive, "Waits for a datagram: a List of its Bytes and of the address, \"host:port\", it came from."},
    {"close()", udp_close, "Ends it; tasks that wait for a datagram raise Closed."},
    {"exit()", udp_close, "The end of a `with`: closes."},
    {0},
};

TgClass *tg_udp_class(TgVM *vm) {
    bool is_new;
    TgClass *class_ = tg_library_class(vm, "Udp", NULL, &is_new);
    if (is_new) tg_register_methods(vm, class_, tg_lib_udp);
    if (is_new) tg_class_finish(vm, class_);
    return class_;
}
