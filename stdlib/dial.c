// stdlib/dial.c
// Connecting. A host may have several addresses, of which some may not answer: they are tried one after the other, the next one as
// soon as one has failed or a quarter of a second has gone by, and the first that is there wins ("happy eyeballs").
//
// All attempts and the clock stand in one epoll, itself a descriptor: the task waits for that one thing. A wait that is left closes
// them all.
//
// Layer: library.
#include <errno.h>
#include <sys/epoll.h>
#include <sys/timerfd.h>
#include <unistd.h>

#include "stdlib/ioerror.h"
#include "stdlib/lib.h"
#include "stdlib/net.h"

enum { MOST_TRIES = 16, STAGGER = 250 * 1000 * 1000, CLOCK = MOST_TRIES };

typedef struct {
    TgResource head;
    TgString *target; // "host:port"
    int epoll, clock; // descriptors
    int tries[MOST_TRIES]; // descriptors; -1: over
    TgAddress addresses[MOST_TRIES];
    int count, next, pending;
    int winner; // number of the one that is connected, or -1
    int error;  // of the last that failed
} Dial;

static void close_fd(const TgVM *vm, int *fd) {
    if (*fd >= 0) tg_world_close(vm, *fd);
    *fd = -1;
}

static void dial_end(const TgVM *vm, Dial *dial) {
    for (int i = 0; i < dial->count; i++) close_fd(vm, &dial->tries[i]);
    close_fd(vm, &dial->clock);
    close_fd(vm, &dial->epoll);
}

static void dial_release(TgVM *vm, TgResource *resource) { dial_end(vm, (Dial *)resource); }

static void dial_left(TgVM *vm, TgResource *resource, TgTask *task) {
    (void)task;
    dial_end(vm, (Dial *)resource);
}

static void dial_mark(TgVM *vm, TgResource *resource) { tg_gc_mark_obj(vm, ((Dial *)resource)->target); }

static void dial_text(TgVM *vm, const TgResource *resource, TgBuffer *out) {
    (void)vm;
    tg_buffer_text(out, ((const Dial *)resource)->target->data);
}

static const TgResourceType dial_type = {
    .size = sizeof(Dial), .release = dial_release, .mark = dial_mark, .text = dial_text, .left = dial_left};

static bool dial_add(TgVM *vm, const Dial *dial, int fd, uint32_t events, int number) {
    struct epoll_event event = {.events = events, .data.u32 = (uint32_t)number};
    return TG_ASK(vm, CONNECT, epoll_ctl(dial->epoll, EPOLL_CTL_ADD, fd, &event)) == 0;
}

// One attempt. It is pending, has won, or has failed with dial->error.
static void dial_try(TgVM *vm, Dial *dial, int number) {
    TgAddress *address = &dial->addresses[number];
    int fd = dial->tries[number] = tg_net_socket(vm, address->storage.ss_family, SOCK_STREAM);
    if (fd >= 0 && TG_ASK(vm, CONNECT, connect(fd, tg_address_raw(address), address->length)) == 0) {
        dial->winner = number;
    } else if (fd >= 0 && errno == EINPROGRESS && dial_add(vm, dial, fd, EPOLLOUT, number)) {
        dial->pending++;
    } else {
        dial->error = errno;
        close_fd(vm, &dial->tries[number]);
    }
}

// The next attempts, until one is pending more than were before or all are used up.
static void dial_go_on(TgVM *vm, Dial *dial) {
    int before = dial->pending;
    while (dial->next < dial->count && dial->winner < 0 && dial->pending == before) dial_try(vm, dial, dial->next++);
    struct itimerspec soon = {.it_value = {0, dial->next < dial->count ? STAGGER : 0}};
    if (!tg_world_replays(vm)) timerfd_settime(dial->clock, 0, &soon, NULL);
}

static void dial_happened(TgVM *vm, Dial *dial, int number) {
    int error = 0;
    socklen_t size = sizeof error;
    if (number != CLOCK) {
        (void)TG_ASK_DATA(vm, CONNECT, getsockopt(dial->tries[number], SOL_SOCKET, SO_ERROR, &error, &size), &error, sizeof error);
        dial->pending--;
        if (!error) {
            dial->winner = number;
            return;
        }
        dial->error = error;
        close_fd(vm, &dial->tries[number]);
    }
    dial_go_on(vm, dial);
}

static Dial *dial_new(TgCall *call, const TgList *list, TgString *host, int port) {
    bool is_new;
    Dial *dial = (Dial *)tg_resource_new(call->vm, &dial_type, tg_library_class(call->vm, "Dial", NULL, &is_new));
    dial->epoll = dial->clock = dial->winner = -1;
    dial->target = tg_address_join(call->vm, host, port);
    for (uint32_t i = 0; i < list->count && dial->count < MOST_TRIES; i++) {
        const TgString *numeric = (TgString *)tg_as_obj(list->items[i]);
        dial->tries[dial->count] = -1;
        if (tg_address_parse(numeric->data, port, &dial->addresses[dial->count])) dial->count++;
    }
    return dial;
}

static bool dial_begin(TgVM *vm, Dial *dial) {
    dial->epoll = (int)TG_ASK(vm, CONNECT, epoll_create1(EPOLL_CLOEXEC));
    dial->clock = (int)TG_ASK(vm, CONNECT, timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK | TFD_CLOEXEC));
    if (dial->epoll < 0 || dial->clock < 0 || !dial_add(vm, dial, dial->clock, EPOLLIN, CLOCK)) return false;
    dial_go_on(vm, dial);
    return true;
}

static TgResult dial_failed(TgCall *call, Dial *dial) {
    dial_end(call->vm, dial);
    return tg_io_raise(call, dial->error, NULL, "cannot connect to %s", dial->target->data);
}

static TgResult dial_won(TgCall *call, Dial *dial) {
    int fd = dial->tries[dial->winner];
    TgString *remote = tg_address_text(call->vm, &dial->addresses[dial->winner]);
    dial->tries[dial->winner] = -1;
    dial_end(call->vm, dial);
    return tg_return(call, tg_obj(tg_socket_new(call->vm, fd, remote)));
}

TgResult tg_net_dial(TgCall *call) {
    TgList *list;
    TgString *host;
    int port;
    if (!tg_arg_list(call, 0, &list) || !tg_arg_string(call, 1, &host) || !tg_arg_port(call, 2, &port)) return TG_RAISED;
    if (call->step == 0) {
        Dial *dial = dial_new(call, list, host, port);
        call->args[3] = tg_obj(dial);
        if (!dial_begin(call->vm, dial)) return dial->error = errno, dial_failed(call, dial);
    }
    Dial *dial = (Dial *)tg_as_obj(call->args[3]);
    struct epoll_event event = {0};
    while (dial->winner < 0 && dial->pending && TG_ASK_DATA(call->vm, CONNECT, epoll_wait(dial->epoll, &event, 1, 0), &event, sizeof event) > 0)
        dial_happened(call->vm, dial, (int)event.data.u32);
    if (dial->winner >= 0) return dial_won(call, dial);
    if (!dial->pending) return dial_failed(call, dial);
    TgWaitFor what = {"connecting to", dial, NULL};
    return tg_park_on_fd(call, &what, dial->epoll, false, 1);
}

// ---- Unix sockets

// It connects at once, or its listener's queue is full: then it is tried again.
TgResult tg_net_connect_unix(TgCall *call) {
    TgString *path;
    TgAddress address;
    if (!tg_arg_socket_path(call, 0, &path, &address)) return TG_RAISED;
    int fd = tg_net_socket(call->vm, AF_UNIX, SOCK_STREAM);
    if (fd >= 0 && TG_ASK(call->vm, CONNECT, connect(fd, tg_address_raw(&address), address.length)) == 0)
        return tg_return(call, tg_obj(tg_socket_new(call->vm, fd, path)));
    int error = errno;
    close_fd(call->vm, &fd);
    if (error == EAGAIN) return tg_park_until_then(call, tg_now(call->vm) + 0.01, 1);
    return tg_io_raise(call, error, path->data, "cannot connect to %s", tg_lib_show(call->vm, tg_obj(path)));
}
