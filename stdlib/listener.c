// stdlib/listener.c
// Listener: a socket at which connections arrive.
// Layer: library.
#include <errno.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "stdlib/ioerror.h"
#include "stdlib/lib.h"
#include "stdlib/net.h"

typedef struct {
    TgResource head;
    int fd; // -1: closed
    int port;
    TgString *address;
    char *path; // of a Unix socket: removed with the Listener; or NULL
    dev_t device; // what was made there
    ino_t inode;
    TgWaitQueue waiting;
} Listener;

// Whoever has put another socket there meanwhile keeps it.
static bool is_own_path(const Listener *listener) {
    struct stat info;
    return stat(listener->path, &info) == 0 && info.st_dev == listener->device && info.st_ino == listener->inode;
}

static void listener_end(const TgVM *vm, Listener *listener) {
    if (listener->fd < 0) return;
    if (listener->path && !tg_world_replays(vm) && is_own_path(listener)) unlink(listener->path);
    free(listener->path);
    listener->path = NULL;
    tg_world_close(vm, listener->fd);
    listener->fd = -1;
}

static void listener_release(TgVM *vm, TgResource *resource) {
    listener_end(vm, (Listener *)resource);
}

static void listener_mark(TgVM *vm, TgResource *resource) { tg_gc_mark_obj(vm, ((Listener *)resource)->address); }

static void listener_text(TgVM *vm, const TgResource *resource, TgBuffer *out) {
    (void)vm;
    tg_buffer_format(out, "<Listener %s>", ((const Listener *)resource)->address->data);
}

static bool listener_property(TgVM *vm, TgResource *resource, const TgString *name, TgValue *out) {
    const Listener *listener = (Listener *)resource;
    (void)vm;
    if (!strcmp(name->data, "port")) return *out = listener->port ? tg_int(listener->port) : TG_NIL, true;
    if (!strcmp(name->data, "address")) return *out = tg_obj(listener->address), true;
    if (!strcmp(name->data, "closed")) return *out = tg_bool(listener->fd < 0), true;
    return false;
}

static const TgResourceType listener_type = {
    .size = sizeof(Listener),
    .release = listener_release,
    .mark = listener_mark,
    .text = listener_text,
    .property = listener_property,
};

// ---- Making one

static TgResult cannot_listen(TgCall *call, int fd, const char *path, const char *text) {
    int error = errno;
    if (fd >= 0) tg_world_close(call->vm, fd);
    return tg_io_raise(call, error, path, "cannot listen on %s", text);
}

static TgResult make_listener(TgCall *call, int fd, const char *path) {
    TgVM *vm = call->vm;
    TgAddress own;
    tg_net_name(vm, fd, &own);
    Listener *listener = (Listener *)tg_resource_new(vm, &listener_type, tg_listener_class(vm));
    listener->fd = fd;
    listener->port = tg_address_port(&own);
    listener->address = tg_address_text(vm, &own);
    struct stat info;
    if (!path || TG_ASK_DATA(vm, STAT, stat(path, &info), &info, sizeof info) != 0) return tg_return(call, tg_obj(listener));
    listener->path = strdup(path);
    listener->device = info.st_dev;
    listener->inode = info.st_ino;
    return tg_return(call, tg_obj(listener));
}

static bool backlog_of(TgCall *call, int index, int *out) {
    int64_t backlog = SOMAXCONN;
    if (tg_lib_given(call, index) && !tg_arg_index(call, index, &backlog)) return false;
    *out = backlog < 1 ? 1 : backlog > 65535 ? 65535 : (int)backlog;
    return true;
}

static bool bind_and_listen(TgVM *vm, int fd, TgAddress *address, int backlog) {
    return TG_ASK(vm, LISTEN, bind(fd, tg_address_raw(address), address->length)) == 0 && TG_ASK(vm, LISTEN, listen(fd, backlog)) == 0;
}

TgResult tg_net_listen(TgCall *call) {
    int port, backlog, on = 1;
    TgAddress address;
    if (!tg_arg_port(call, 1, &port) || !tg_arg_numeric(call, 0, port, &address) || !backlog_of(call, 2, &backlog)) return TG_RAISED;
    int fd = tg_net_socket(call->vm, address.storage.ss_family, SOCK_STREAM);
    bool good = fd >= 0 && TG_ASK(call->vm, SOCKET_OPTION, setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on)) == 0 &&
                bind_and_listen(call->vm, fd, &address, backlog);
    return good ? make_listener(call, fd, NULL) : cannot_listen(call, fd, NULL, tg_address_text(call->vm, &address)->data);
}

// A socket is at the path, and nobody listens.
static bool is_stale(TgVM *vm, const char *path, TgAddress *address) {
    struct stat info = {0};
    long found = TG_ASK_DATA(vm, STAT, lstat(path, &info), &info.st_mode, sizeof info.st_mode);
    if (found != 0 || !S_ISSOCK(info.st_mode)) return false;
    int fd = tg_net_socket(vm, AF_UNIX, SOCK_STREAM);
    if (fd < 0) return false;
    bool is_refused = TG_ASK(vm, CONNECT, connect(fd, tg_address_raw(address), address->length)) != 0 && errno == ECONNREFUSED;
    tg_world_close(vm, fd);
    return is_refused;
}

TgResult tg_net_listen_unix(TgCall *call) {
    TgString *path;
    TgAddress address;
    int backlog;
    if (!tg_arg_socket_path(call, 0, &path, &address) || !backlog_of(call, 1, &backlog)) return TG_RAISED;
    const char *shown = tg_lib_show(call->vm, tg_obj(path));
    int fd = tg_net_socket(call->vm, AF_UNIX, SOCK_STREAM);
    bool good = fd >= 0 && bind_and_listen(call->vm, fd, &address, backlog);
    if (good) return make_listener(call, fd, path->data);
    int error = errno;
    if (error != EADDRINUSE || !is_stale(call->vm, path->data, &address)) return errno = error, cannot_listen(call, fd, path->data, shown);
    tg_world_close(call->vm, fd);
    tg_io_error_own(call->vm, "EADDRINUSE", path->data,
                    "cannot listen on %s: a socket that nobody listens at any more is there (EADDRINUSE); fs.remove(path) takes it away", shown);
    return TG_RAISED;
}

// ---- Methods

static bool self_of(TgCall *call, Listener **out) {
    *out = (Listener *)tg_resource_of(call->args[0], &listener_type);
    if (*out) return true;
    tg_error_raise(call->vm, TG_ERR_TypeError, "a Listener is asked for, not %s", TG_SHOW(call->vm, call->args[0]));
    return false;
}

// What one connection has come to is nothing to the listener.
static bool is_its_own_fault(int error) {
    switch (error) {
    case EINTR: case ECONNABORTED: case EPROTO: case ENETDOWN: case ENOPROTOOPT: case EHOSTDOWN: case ENONET:
    case EHOSTUNREACH: case ENETUNREACH: case EPERM: return true;
    default: return false;
    }
}

static TgResult accept_next(TgCall *call, Listener *listener) {
    TgAddress remote;
    int fd;
    do {
        remote = (TgAddress){.length = sizeof remote.storage};
        fd = (int)TG_ASK_DATA(call->vm, ACCEPT, accept4(listener->fd, tg_address_raw(&remote), &remote.length, SOCK_NONBLOCK | SOCK_CLOEXEC),
                              &remote, sizeof remote);
    } while (fd < 0 && is_its_own_fault(errno));
    if (fd >= 0) return tg_return(call, tg_obj(tg_socket_new(call->vm, fd, tg_address_text(call->vm, &remote))));
    if (errno != EAGAIN) return tg_io_raise(call, errno, NULL, "cannot accept at %s", listener->address->data);
    TgWaitFor what = {"accepting at", listener, &listener->waiting};
    return tg_park_on_fd(call, &what, listener->fd, false, 1);
}

static TgResult listener_accept(TgCall *call) {
    Listener *listener;
    if (!self_of(call, &listener)) return TG_RAISED;
    if (listener->fd >= 0) return accept_next(call, listener);
    return tg_raise(call, TG_ERR_Closed, call->step ? "%s was closed meanwhile" : "cannot accept at %s: it is closed", tg_lib_show(call->vm, call->args[0]));
}

static TgResult listener_next(TgCall *call) {
    Listener *listener;
    if (!self_of(call, &listener)) return TG_RAISED;
    return listener->fd >= 0 ? accept_next(call, listener) : tg_return(call, TG_NIL);
}

static TgResult listener_iter(TgCall *call) {
    Listener *listener;
    if (!self_of(call, &listener)) return TG_RAISED;
    TgValue method = tg_class_find_method(tg_class_of(call->vm, call->args[0]), tg_string_c(call->vm, "next"));
    return tg_return(call, tg_obj(tg_bound_new(call->vm, call->args[0], method)));
}

// Those that wait look again, and see that it is closed.
static TgResult listener_close(TgCall *call) {
    Listener *listener;
    if (!self_of(call, &listener)) return TG_RAISED;
    tg_wake_all(call->vm, &listener->waiting, TG_NIL);
    listener_end(call->vm, listener);
    return tg_return(call, TG_NIL);
}

const TgNativeDef tg_lib_listener[] = {
    {"accept()", listener_accept, "Waits for the next connection and gives its Socket; raises Closed where the listener is closed meanwhile."},
    {"next()", listener_next, "As accept(), but gives nil once the listener is closed."},
    {"iter()", listener_iter, "What `for` goes over: one connection after the other, until the listener is closed."},
    {"close()", listener_close, "Ends it; the path of a Unix socket is removed. Connections that were accepted go on."},
    {"exit()", listener_close, "The end of a `with`: closes."},
    {0},
};

TgClass *tg_listener_class(TgVM *vm) {
    bool is_new;
    TgClass *class_ = tg_library_class(vm, "Listener", NULL, &is_new);
    if (is_new) tg_register_methods(vm, class_, tg_lib_listener);
    if (is_new) tg_class_finish(vm, class_);
    return class_;
}
