// vm/reactor_uv.c
// The real outside world, by libuv: one loop of its own, one async handle for wakes, one poll handle per watched descriptor, its
// pool of threads for work that blocks. Waiting until a time is not libuv's: it counts in milliseconds.
//
// Layer: runtime. The only file of vm/ with <uv.h>.
#include "vm/reactor.h"

#include <assert.h>
#include <fcntl.h>
#include <limits.h>
#include <math.h>
#include <poll.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>
#include <uv.h>

// libuv allows one poll handle per descriptor, two tasks may want to wait for one (a reader and a
// writer of a socket): watches of one descriptor share its handle. It is kept when nobody waits: a server waits
// for the same sockets over and over. Whether the number is still the same file's is asked each time.
//
// A socket's handle is not stopped until the program waits: by then most are waited for again, and the system has nothing to be told.
// (Only a socket's: other numbers may be of a new file that has the same inode, and the system would not know of that.)
typedef struct Polled {
    uv_poll_t handle; // first: a close callback frees the Polled by it
    TgWatch *watches;
    struct UvReactor *reactor;
    struct Polled *next_idle; // in reactor->idle, where is_idle
    int fd;
    int events;      // that the handle asks for, 0: it is stopped
    bool is_idle;    // nobody waits, and it may have to be stopped
    bool is_socket;
    dev_t device; // of the file that the descriptor was of
    ino_t inode;
} Polled;

struct TgWatch {
    TgWatch *next;
    Polled *polled;
    void (*ready)(void *data);
    void *data;
    int event; // UV_READABLE or UV_WRITABLE
};

// libuv's own struct for a work, and whether a thread has begun with it.
typedef struct {
    uv_work_t request; // first: callbacks get it
    struct UvReactor *reactor;
    TgWork *work;
    atomic_bool begun;
} Request;

typedef struct UvReactor {
    TgReactor base; // first: a TgReactor is cast to it
    uv_loop_t loop;
    uv_async_t async;
    Polled **polled; // by descriptor
    int polled_room;
    int watched;     // of these have watches
    Polled *idle;    // have none, and were not stopped yet
    TgWork *works;  // submitted and not done
    uint64_t start; // nanoseconds of uv_hrtime
    bool has_pool;  // some work was submitted before
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

static void stop_idle(UvReactor *reactor);

static void reactor_wait(TgReactor *base, double until) {
    UvReactor *reactor = (UvReactor *)base;
    reactor->happened = false;
    stop_idle(reactor);
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

static void on_ready(uv_poll_t *handle, int status, int events);

static void polled_ask(Polled *polled, int events) {
    if (polled->events == events) return;
    if (!events) uv_poll_stop(&polled->handle);
    else uv_poll_start(&polled->handle, events | UV_DISCONNECT, on_ready);
    polled->events = events;
    if (events) polled->reactor->changed = true; // to stop is done at once
}

static int wanted_events(const Polled *polled) {
    int events = 0;
    for (const TgWatch *watch = polled->watches; watch; watch = watch->next) events |= watch->event;
    return events;
}

static void stop_idle(UvReactor *reactor) {
    for (Polled *polled; (polled = reactor->idle);) {
        reactor->idle = polled->next_idle;
        polled->is_idle = false;
        if (!polled->watches) polled_ask(polled, 0);
    }
}

static void polled_remove(Polled *polled) {
    stop_idle(polled->reactor); // it may be among them
    polled_ask(polled, 0);
    polled->reactor->polled[polled->fd] = NULL;
    polled->reactor->changed = true;
    uv_close((uv_handle_t *)&polled->handle, on_closed);
}

// Asks for what its watches want, or is to stop where there are none left. was_watched: there were some.
static void polled_update(Polled *polled, bool was_watched) {
    int events = wanted_events(polled);
    polled->reactor->watched += (events != 0) - was_watched;
    if (events || !polled->is_socket) {
        polled_ask(polled, events);
    } else if (!polled->is_idle) {
        polled->is_idle = true;
        polled->next_idle = polled->reactor->idle;
        polled->reactor->idle = polled;
    }
}

// Unlinks first and calls afterwards: a `ready` may watch or unwatch the same descriptor.
static void on_ready(uv_poll_t *handle, int status, int events) {
    Polled *polled = (Polled *)handle;
    polled->reactor->happened = true;
    bool all = status < 0 || (events & UV_DISCONNECT);
    if (status < 0) polled->events = 0; // libuv has stopped it
    if (!polled->watches) polled_ask(polled, 0);
    while (polled->watches) {
        TgWatch **link = &polled->watches;
        while (*link && !(all || ((*link)->event & events))) link = &(*link)->next;
        TgWatch *watch = *link;
        if (!watch) break;
        *link = watch->next;
        void (*ready)(void *) = watch->ready;
        void *data = watch->data;
        free(watch);
        bool is_last = !polled->watches;
        polled_update(polled, true);
        ready(data);
        if (is_last) return; // it may be gone
    }
}

// uv_poll_init makes the descriptor non-blocking; a terminal's flags are shared with whoever else has
// it open (our stdout, the shell), and waiting does not need it.
static bool poll_init_keeping_flags(UvReactor *reactor, Polled *polled, int fd) {
    int flags = fcntl(fd, F_GETFL);
    if (flags < 0 || uv_poll_init(&reactor->loop, &polled->handle, fd) != 0) return false;
    if (!(flags & O_NONBLOCK)) fcntl(fd, F_SETFL, flags);
    return true;
}

static bool polled_room(UvReactor *reactor, int fd) {
    if (fd < reactor->polled_room) return true;
    int room = fd < 32 ? 64 : fd * 2;
    Polled **polled = realloc(reactor->polled, (size_t)room * sizeof(Polled *));
    if (!polled) return false;
    for (int i = reactor->polled_room; i < room; i++) polled[i] = NULL;
    reactor->polled = polled;
    reactor->polled_room = room;
    return true;
}

static Polled *polled_new(UvReactor *reactor, int fd, const struct stat *info) {
    Polled *polled = calloc(1, sizeof *polled);
    if (!polled) return NULL;
    if (!poll_init_keeping_flags(reactor, polled, fd)) {
        free(polled);
        return NULL;
    }
    polled->fd = fd;
    polled->device = info->st_dev;
    polled->inode = info->st_ino;
    polled->is_socket = S_ISSOCK(info->st_mode);
    polled->reactor = reactor;
    return reactor->polled[fd] = polled;
}

static Polled *polled_of(UvReactor *reactor, int fd) {
    struct stat info;
    if (fd < 0 || fstat(fd, &info) != 0 || !polled_room(reactor, fd)) return NULL;
    Polled *polled = reactor->polled[fd];
    if (polled && (polled->watches || (polled->device == info.st_dev && polled->inode == info.st_ino))) return polled;
    if (polled) polled_remove(polled);
    return polled_new(reactor, fd, &info);
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
    bool was_watched = polled->watches != NULL;
    TgWatch **link = &polled->watches; // at the end: first come, first served
    while (*link) link = &(*link)->next;
    *link = watch;
    polled_update(polled, was_watched);
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
    polled_update(polled, true);
}

// ---- Work
//
// libuv makes its threads at the first work of the process and keeps them. So many that some can hang (a network
// file system that does not answer) while the others go on.

#define POOL_SIZE "16"
enum { POOL_THREADS = 16 };

static void work_run(uv_work_t *request) {
    Request *own = (Request *)request;
    atomic_store(&own->begun, true);
    own->work->run(own->work);
}

static void work_unlink(UvReactor *reactor, TgWork *work) {
    TgWork **link = &reactor->works;
    while (*link != work) link = &(*link)->next;
    *link = work->next;
}

static void on_work_done(uv_work_t *request, int status) {
    Request *own = (Request *)request;
    TgWork *work = own->work;
    own->reactor->happened = true;
    work_unlink(own->reactor, work);
    free(own);
    work->done(work, work->is_wanted && status == 0);
}

// Signals are for the thread that runs the VM, and the number of threads is no matter of our children's.
static int queue_first(UvReactor *reactor, Request *own) {
    sigset_t all, before;
    bool is_ours = !getenv("UV_THREADPOOL_SIZE");
    if (is_ours) setenv("UV_THREADPOOL_SIZE", POOL_SIZE, 1);
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    int status = uv_queue_work(&reactor->loop, &own->request, work_run, on_work_done);
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    if (is_ours) unsetenv("UV_THREADPOOL_SIZE");
    return status;
}

static bool reactor_submit(TgReactor *base, TgWork *work) {
    UvReactor *reactor = (UvReactor *)base;
    Request *own = calloc(1, sizeof *own);
    if (!own) return false;
    own->reactor = reactor;
    own->work = work;
    int status = reactor->has_pool ? uv_queue_work(&reactor->loop, &own->request, work_run, on_work_done)
                                   : queue_first(reactor, own);
    if (status != 0) {
        free(own);
        return false;
    }
    reactor->has_pool = true;
    work->is_wanted = true;
    work->request = own;
    work->next = reactor->works;
    reactor->works = work;
    return true;
}

static void reactor_abandon(TgReactor *base, TgWork *work) {
    (void)base;
    work->is_wanted = false;
    uv_cancel((uv_req_t *)work->request); // where no thread has it yet
}

static bool holds_thread(const TgWork *work) { return atomic_load(&((Request *)work->request)->begun); }

static bool reactor_each_holder(TgReactor *base, void (*say)(void *, const TgWork *), void *data) {
    UvReactor *reactor = (UvReactor *)base;
    int count = 0;
    for (TgWork *work = reactor->works; work; work = work->next) count += holds_thread(work);
    if (count < POOL_THREADS) return false;
    for (TgWork *work = reactor->works; work; work = work->next)
        if (holds_thread(work)) say(data, work);
    return true;
}

// libuv waits for its threads when the process ends, and one of them hangs.
static void leave_threads(int status, void *data) {
    (void)data;
    fflush(NULL);
    _exit(status);
}

static bool has_unwanted(const UvReactor *reactor) {
    const TgWork *work = reactor->works;
    while (work && work->is_wanted) work = work->next;
    return work != NULL;
}

static void reactor_settle(TgReactor *base) {
    enum { TURNS = 1000 }; // of a tenth of a millisecond
    UvReactor *reactor = (UvReactor *)base;
    for (int turn = 0; has_unwanted(reactor) && turn < TURNS; turn++) {
        uv_run(&reactor->loop, UV_RUN_NOWAIT);
        if (has_unwanted(reactor)) nanosleep(&(struct timespec){0, 100000}, NULL);
    }
}

// False: some of it hangs.
static bool end_works(UvReactor *reactor) {
    for (TgWork *work = reactor->works; work; work = work->next) reactor_abandon(&reactor->base, work);
    reactor_settle(&reactor->base);
    if (reactor->works) on_exit(leave_threads, NULL);
    return !reactor->works;
}

static bool reactor_has_external(TgReactor *base) {
    UvReactor *reactor = (UvReactor *)base;
    bool has_any = reactor->watched > 0;
    for (TgWork *work = reactor->works; work && !has_any; work = work->next) has_any = work->is_wanted || work->is_awaited;
    return has_any;
}

// A program is about to begin: a socket that it gets would stay asked for when it is closed here, and nobody could stop that.
static void reactor_live(TgReactor *base, int by) {
    if (by > 0) stop_idle((UvReactor *)base);
}

static uint64_t reactor_entropy(TgReactor *base) {
    uint64_t bits = 0;
    if (uv_random(NULL, NULL, &bits, sizeof bits, 0, NULL) == 0) return bits;
    double wall = reactor_wall(base); // a system without random numbers: something that differs
    return uv_hrtime() ^ ((uint64_t)wall << 32) ^ (uint64_t)getpid();
}

static void reactor_free(TgReactor *base) {
    UvReactor *reactor = (UvReactor *)base;
    if (!end_works(reactor)) return; // its thread will tell the loop: that has to be there
    for (int fd = 0; fd < reactor->polled_room; fd++) {
        Polled *polled = reactor->polled[fd];
        if (!polled) continue;
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
    free(reactor->polled);
    free(reactor);
}

TgReactor *tg_reactor_uv_new(void) {
    UvReactor *reactor = calloc(1, sizeof *reactor);
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
    reactor->changed = true; // the loop's first turn tells the system of the wakes
    reactor->start = uv_hrtime();
    return &reactor->base;
}
