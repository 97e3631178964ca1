// vm/reactor_uv.c
// The real outside world, by libuv: one loop of its own, one async handle for wakes, one poll handle per watched descriptor.
// Waiting until a time is not libuv's: it counts in milliseconds.
//
// Layer: runtime. The only file of vm/ with <uv.h>.
#include "vm/reactor.h"

#include <assert.h>
#include <fcntl.h>
#include <limits.h>
#include <math.h>
#include <poll.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>
#include <uv.h>

// libuv allows one poll handle per descriptor, two tasks may want to wait for one (a reader and a
// writer of a socket): watches of one descriptor share its handle.
typedef struct Polled {
    uv_poll_t handle; // first: a close callback frees the Polled by it
    struct Polled *next;
    TgWatch *watches;
    struct UvReactor *reactor;
    int fd;
} Polled;

struct TgWatch {
    TgWatch *next;
    Polled *polled;
    void (*ready)(void *data);
    void *data;
    int event; // UV_READABLE or UV_WRITABLE
};

typedef struct UvReactor {
    TgReactor base; // first: a TgReactor is cast to it
    uv_loop_t loop;
    uv_async_t async;
    Polled *polled;
    uint64_t start; // nanoseconds of uv_hrtime
    bool happened;  // since wait began: something it waits for
    bool changed;   // since the loop's last turn: what is watched, or what is being closed
    atomic_bool woken;
} UvReactor;

static double reactor_now(TgReactor *base) {
    UvReactor *reactor = (UvReactor *)base;
    return (double)(uv_hrtime() - reactor->start) * 1e-9;
}

static double reactor_wall(TgReactor *base) {
    (void)base;
    struct timespec time;
    clock_gettime(CLOCK_REALTIME, &time);
    return (double)time.tv_sec + (double)time.tv_nsec * 1e-9;
}

static void on_async(uv_async_t *async) { ((UvReactor *)async->data)->happened = true; }

static void turn(UvReactor *reactor) {
    reactor->changed = false;
    uv_run(&reactor->loop, UV_RUN_NOWAIT);
}

// Tasks that are busy look here some ten thousand times a second: no call of the system where nothing can be there.
static void reactor_poll(TgReactor *base) {
    UvReactor *reactor = (UvReactor *)base;
    if (reactor->changed || base->has_external(base)) turn(reactor);
}

// Waits for `seconds` at most (INFINITY: for ever) until libuv has something to do: whether it has. libuv itself waits for whole
// milliseconds only.
static bool wait_exactly(UvReactor *reactor, double seconds) {
    struct pollfd events = {.fd = uv_backend_fd(&reactor->loop), .events = POLLIN};
    if (seconds > 1e9) seconds = 1e9; // whoever waits longer is asked again in thirty years
#ifdef __APPLE__
    return poll(&events, 1, seconds > 2e6 ? INT_MAX : (int)ceil(seconds * 1e3)) != 0;
#else
    struct timespec time = {.tv_sec = (time_t)seconds};
    time.tv_nsec = (long)((seconds - (double)time.tv_sec) * 1e9);
    return ppoll(&events, 1, &time, NULL) != 0;
#endif
}

static void reactor_wait(TgReactor *base, double until) {
    UvReactor *reactor = (UvReactor *)base;
    reactor->happened = false;
    // New watches are told to the system in a turn of the loop; it also ends what is being closed.
    if (reactor->changed || atomic_load(&reactor->woken)) turn(reactor);
    double left = until - reactor_now(base);
    if (!reactor->happened && !atomic_load(&reactor->woken) && left > 0 && wait_exactly(reactor, left)) turn(reactor);
    atomic_store(&reactor->woken, false);
}

static void reactor_wake(TgReactor *base) {
    UvReactor *reactor = (UvReactor *)base;
    atomic_store(&reactor->woken, true);
    uv_async_send(&reactor->async);
}

static void on_closed(uv_handle_t *handle) { free(handle); }

static void polled_remove(Polled *polled) {
    Polled **link = &polled->reactor->polled;
    while (*link != polled) link = &(*link)->next;
    *link = polled->next;
    uv_poll_stop(&polled->handle);
    uv_close((uv_handle_t *)&polled->handle, on_closed);
}

static void on_ready(uv_poll_t *handle, int status, int events);

// Asks for what its watches want, or drops it where there are none left.
static void polled_update(Polled *polled) {
    polled->reactor->changed = true;
    int events = 0;
    for (TgWatch *watch = polled->watches; watch; watch = watch->next) events |= watch->event;
    if (!events) polled_remove(polled);
    else uv_poll_start(&polled->handle, events | UV_DISCONNECT, on_ready);
}

// Unlinks first and calls afterwards: a `ready` may watch or unwatch the same descriptor.
static void on_ready(uv_poll_t *handle, int status, int events) {
    Polled *polled = (Polled *)handle;
    polled->reactor->happened = true;
    bool all = status < 0 || (events & UV_DISCONNECT);
    for (;;) {
        TgWatch **link = &polled->watches;
        while (*link && !(all || ((*link)->event & events))) link = &(*link)->next;
        TgWatch *watch = *link;
        if (!watch) break;
        *link = watch->next;
        void (*ready)(void *) = watch->ready;
        void *data = watch->data;
        free(watch);
        bool is_last = !polled->watches;
        if (is_last) polled_update(polled);
        ready(data);
        if (is_last) return;
    }
    polled_update(polled);
}

// uv_poll_init makes the descriptor non-blocking; a terminal's flags are shared with whoever else has
// it open (our stdout, the shell), and waiting does not need it.
static bool poll_init_keeping_flags(UvReactor *reactor, Polled *polled, int fd) {
    int flags = fcntl(fd, F_GETFL);
    if (flags < 0 || uv_poll_init(&reactor->loop, &polled->handle, fd) != 0) return false;
    fcntl(fd, F_SETFL, flags);
    return true;
}

static Polled *polled_of(UvReactor *reactor, int fd) {
    for (Polled *polled = reactor->polled; polled; polled = polled->next) {
        if (polled->fd == fd) return polled;
    }
    Polled *polled = calloc(1, sizeof *polled);
    if (!polled) return NULL;
    if (!poll_init_keeping_flags(reactor, polled, fd)) {
        free(polled);
        return NULL;
    }
    polled->fd = fd;
    polled->reactor = reactor;
    polled->next = reactor->polled;
    reactor->polled = polled;
    return polled;
}

static bool reactor_watch(TgReactor *base, int fd, bool write, void (*ready)(void *), void *data,
                          TgWatch **out) {
    UvReactor *reactor = (UvReactor *)base;
    TgWatch *watch = malloc(sizeof *watch);
    Polled *polled = watch ? polled_of(reactor, fd) : NULL;
    if (!polled) {
        free(watch);
        return false;
    }
    *watch = (TgWatch){NULL, polled, ready, data, write ? UV_WRITABLE : UV_READABLE};
    TgWatch **link = &polled->watches; // at the end: first come, first served
    while (*link) link = &(*link)->next;
    *link = watch;
    polled_update(polled);
    *out = watch;
    return true;
}

static void reactor_unwatch(TgReactor *base, TgWatch *watch) {
    (void)base;
    Polled *polled = watch->polled;
    TgWatch **link = &polled->watches;
    while (*link != watch) link = &(*link)->next;
    *link = watch->next;
    free(watch);
    polled_update(polled);
}

static bool reactor_has_external(TgReactor *base) { return ((UvReactor *)base)->polled != NULL; }

static uint64_t reactor_entropy(TgReactor *base) {
    uint64_t bits = 0;
    if (uv_random(NULL, NULL, &bits, sizeof bits, 0, NULL) == 0) return bits;
    double wall = reactor_wall(base); // a system without random numbers: something that differs
    return uv_hrtime() ^ ((uint64_t)wall << 32) ^ (uint64_t)getpid();
}

static void reactor_free(TgReactor *base) {
    UvReactor *reactor = (UvReactor *)base;
    while (reactor->polled) {
        Polled *polled = reactor->polled;
        for (TgWatch *watch = polled->watches, *next; watch; watch = next) {
            next = watch->next;
            free(watch);
        }
        polled_remove(polled);
    }
    uv_close((uv_handle_t *)&reactor->async, NULL);
    uv_run(&reactor->loop, UV_RUN_DEFAULT); // until every handle is closed
    int status = uv_loop_close(&reactor->loop);
    assert(status == 0);
    (void)status;
    free(reactor);
}

TgReactor *tg_reactor_uv_new(void) {
    UvReactor *reactor = calloc(1, sizeof *reactor);
    if (!reactor) return NULL;
    reactor->base = (TgReactor){reactor_now,   reactor_wall,    reactor_wait,
                                reactor_poll,  reactor_wake,    reactor_watch,
                                reactor_unwatch, reactor_has_external, reactor_entropy,
                                reactor_free};
    if (uv_loop_init(&reactor->loop) != 0) {
        free(reactor);
        return NULL;
    }
    if (uv_async_init(&reactor->loop, &reactor->async, on_async) != 0) {
        uv_loop_close(&reactor->loop);
        free(reactor);
        return NULL;
    }
    reactor->async.data = reactor;
    reactor->start = uv_hrtime();
    return &reactor->base;
}
