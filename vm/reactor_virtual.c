// vm/reactor_virtual.c
// A clock that jumps: when the whole program waits, it is at once the time it waits for. Descriptors are
// real (poll(2)), they are looked at before the clock jumps. Work is run when it is submitted, and done at the next look
// at the world: a run is the same each time.
//
// Layer: runtime.
#include "vm/reactor.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <math.h>
#include <poll.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

struct TgWatch {
    TgWatch *next;
    void (*ready)(void *data);
    void *data;
    int fd;
    short event; // POLLIN or POLLOUT
    bool is_due; // poll said so, not yet called
};

typedef struct {
    TgReactor base; // first: a TgReactor is cast to it
    double time;
    int lives;        // outside, by the real time
    double real_time; // when `time` was last moved for them
    uint64_t seed;
    TgWork *works; // have run, in this order
    TgWatch *watches;
    struct pollfd *slots; // as many as watches and one more
    size_t slot_count;
    int wake_pipe[2];
    atomic_bool woken;
} VirtualReactor;

// 2000-01-01T00:00:00Z
static const double EPOCH = 946684800.0;

static double reactor_now(TgReactor *base) { return ((VirtualReactor *)base)->time; }

static double reactor_wall(TgReactor *base) { return EPOCH + reactor_now(base); }

static void mark_due(VirtualReactor *reactor) {
    struct pollfd *slot = reactor->slots + 1;
    for (TgWatch *watch = reactor->watches; watch; watch = watch->next, slot++) {
        watch->is_due = slot->revents != 0;
    }
}

// One at a time from the start: a `ready` may change the list.
static bool call_due(VirtualReactor *reactor) {
    bool called = false;
    for (;;) {
        TgWatch **link = &reactor->watches;
        while (*link && !(*link)->is_due) link = &(*link)->next;
        TgWatch *watch = *link;
        if (!watch) return called;
        *link = watch->next;
        reactor->slot_count--;
        void (*ready)(void *) = watch->ready;
        void *data = watch->data;
        free(watch);
        ready(data);
        called = true;
    }
}

// Polls the watched descriptors and the wake pipe; whether a watched one was ready.
static bool look(VirtualReactor *reactor, int timeout) {
    struct pollfd *slot = reactor->slots;
    *slot++ = (struct pollfd){reactor->wake_pipe[0], POLLIN, 0};
    for (TgWatch *watch = reactor->watches; watch; watch = watch->next) {
        *slot++ = (struct pollfd){watch->fd, watch->event, 0};
    }
    if (poll(reactor->slots, (nfds_t)(slot - reactor->slots), timeout) <= 0) return false;
    if (reactor->slots[0].revents) {
        char bytes[64];
        while (read(reactor->wake_pipe[0], bytes, sizeof bytes) > 0) {}
    }
    mark_due(reactor);
    return call_due(reactor);
}

// Those that are there now: a `done` may lead to more. False: there were none.
static bool end_works(VirtualReactor *reactor) {
    TgWork *works = reactor->works;
    reactor->works = NULL;
    for (TgWork *work = works, *next; work; work = next) {
        next = work->next;
        work->done(work, work->is_wanted);
    }
    return works != NULL;
}

static double real_now(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + (double)now.tv_nsec * 1e-9;
}

// As much time as has really passed.
static void follow_real_time(VirtualReactor *reactor) {
    if (!reactor->lives) return;
    double now = real_now();
    reactor->time += now - reactor->real_time;
    reactor->real_time = now;
}

static void reactor_live(TgReactor *base, int by) {
    VirtualReactor *reactor = (VirtualReactor *)base;
    follow_real_time(reactor);
    reactor->real_time = real_now();
    reactor->lives += by;
}

static int milliseconds_until(const VirtualReactor *reactor, double until) {
    double left = ceil((until - reactor->time) * 1e3);
    return left >= INT_MAX ? -1 : left > 0 ? (int)left : 0;
}

static void reactor_poll(TgReactor *base) {
    VirtualReactor *reactor = (VirtualReactor *)base;
    follow_real_time(reactor);
    end_works(reactor);
    if (reactor->watches) look(reactor, 0);
}

static void reactor_wait(TgReactor *base, double until) {
    VirtualReactor *reactor = (VirtualReactor *)base;
    if (atomic_exchange(&reactor->woken, false)) {
        reactor_poll(base);
        return;
    }
    if (end_works(reactor)) {
        reactor_poll(base);
        return;
    }
    if (reactor->lives) {
        follow_real_time(reactor);
        look(reactor, milliseconds_until(reactor, until));
        follow_real_time(reactor);
        atomic_store(&reactor->woken, false);
        return;
    }
    if (reactor->watches && look(reactor, until == INFINITY ? -1 : 0)) return;
    if (until > reactor->time && until < INFINITY) reactor->time = until;
    atomic_store(&reactor->woken, false);
}

static void reactor_wake(TgReactor *base) {
    VirtualReactor *reactor = (VirtualReactor *)base;
    int saved = errno;
    atomic_store(&reactor->woken, true);
    ssize_t written = write(reactor->wake_pipe[1], "", 1); // a full pipe wakes as well
    (void)written;
    errno = saved;
}

// Files and the like are always ready: poll(2) would say so, but the caller is told as libuv would.
static bool can_block(int fd) {
    struct stat info;
    if (fstat(fd, &info) != 0 || S_ISREG(info.st_mode) || S_ISDIR(info.st_mode)) return false;
    return !S_ISCHR(info.st_mode) || isatty(fd);
}

static bool reactor_watch(TgReactor *base, int fd, bool write, void (*ready)(void *), void *data,
                          TgWatch **out) {
    VirtualReactor *reactor = (VirtualReactor *)base;
    if (!can_block(fd)) return false;
    size_t count = reactor->slot_count + 1;
    struct pollfd *slots = realloc(reactor->slots, (count + 1) * sizeof *slots);
    if (!slots) return false;
    reactor->slots = slots;
    TgWatch *watch = malloc(sizeof *watch);
    if (!watch) return false;
    *watch = (TgWatch){NULL, ready, data, fd, write ? POLLOUT : POLLIN, false};
    TgWatch **link = &reactor->watches;
    while (*link) link = &(*link)->next;
    *link = watch;
    reactor->slot_count = count;
    *out = watch;
    return true;
}

static void reactor_unwatch(TgReactor *base, TgWatch *watch) {
    VirtualReactor *reactor = (VirtualReactor *)base;
    TgWatch **link = &reactor->watches;
    while (*link != watch) link = &(*link)->next;
    *link = watch->next;
    reactor->slot_count--;
    free(watch);
}

static bool reactor_submit(TgReactor *base, TgWork *work) {
    TgWork **link = &((VirtualReactor *)base)->works;
    while (*link) link = &(*link)->next;
    *link = work;
    work->next = NULL;
    work->is_wanted = true;
    work->run(work);
    return true;
}

static void reactor_abandon(TgReactor *base, TgWork *work) {
    (void)base;
    work->is_wanted = false;
}

static void reactor_settle(TgReactor *base) { end_works((VirtualReactor *)base); }

static bool reactor_each_holder(TgReactor *base, void (*say)(void *, const TgWork *), void *data) {
    (void)base, (void)say, (void)data;
    return false;
}

static bool reactor_has_external(TgReactor *base) {
    VirtualReactor *reactor = (VirtualReactor *)base;
    return reactor->watches || reactor->works;
}

// splitmix64: every run sees the same seeds.
static uint64_t reactor_entropy(TgReactor *base) {
    uint64_t bits = ((VirtualReactor *)base)->seed += 0x9E3779B97F4A7C15u;
    bits = (bits ^ (bits >> 30)) * 0xBF58476D1CE4E5B9u;
    bits = (bits ^ (bits >> 27)) * 0x94D049BB133111EBu;
    return bits ^ (bits >> 31);
}

static void reactor_free(TgReactor *base) {
    VirtualReactor *reactor = (VirtualReactor *)base;
    for (TgWork *work = reactor->works; work; work = work->next) work->is_wanted = false;
    end_works(reactor);
    while (reactor->watches) reactor_unwatch(base, reactor->watches);
    close(reactor->wake_pipe[0]);
    close(reactor->wake_pipe[1]);
    free(reactor->slots);
    free(reactor);
}

void tg_reactor_virtual_rewind(TgReactor *base) {
    VirtualReactor *reactor = (VirtualReactor *)base;
    reactor->time = 0;
    reactor->seed = 0;
}

static bool open_wake_pipe(int ends[2]) {
    if (pipe(ends) != 0) return false;
    for (int i = 0; i < 2; i++) {
        fcntl(ends[i], F_SETFD, FD_CLOEXEC);
        fcntl(ends[i], F_SETFL, O_NONBLOCK);
    }
    return true;
}

TgReactor *tg_reactor_virtual_new(void) {
    VirtualReactor *reactor = calloc(1, sizeof *reactor);
    if (!reactor) return NULL;
    reactor->base = (TgReactor){.now = reactor_now,
                                .wall = reactor_wall,
                                .wait = reactor_wait,
                                .poll = reactor_poll,
                                .wake = reactor_wake,
                                .watch = reactor_watch,
                                .unwatch = reactor_unwatch,
                                .submit = reactor_submit,
                                .abandon = reactor_abandon,
                                .settle = reactor_settle,
                                .each_holder = reactor_each_holder,
                                .has_external = reactor_has_external,
                                .live = reactor_live,
                                .entropy = reactor_entropy,
                                .free = reactor_free};
    reactor->slots = malloc(sizeof *reactor->slots);
    if (!reactor->slots || !open_wake_pipe(reactor->wake_pipe)) {
        free(reactor->slots);
        free(reactor);
        return NULL;
    }
    return &reactor->base;
}
