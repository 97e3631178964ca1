// vm/reactor_uv.c
// The real outside world, by libuv: one loop of its own, one timer for the earliest time, one async
// handle for wakes, one poll handle per watched descriptor, its pool of threads for work that blocks.
//
// Layer: runtime. The only file of vm/ with <uv.h>.
#include "vm/reactor.h"

#include <assert.h>
#include <fcntl.h>
#include <math.h>
#include <stdatomic.h>
#include <stdio.h>
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
    uv_timer_t timer;
    uv_async_t async;
    Polled *polled;
    TgWork *works;  // submitted and not done
    uint64_t start; // nanoseconds of uv_hrtime
    bool has_pool;  // some work was submitted before
    bool happened;  // since wait began: something it waits for
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

static void on_timer(uv_timer_t *timer) { ((UvReactor *)timer->data)->happened = true; }

static void on_async(uv_async_t *async) { ((UvReactor *)async->data)->happened = true; }

// A time as the timer counts it. libuv's clock is cut down to whole milliseconds; rounding the due
// time up, not the distance to it, never fires early and at most a millisecond late.
static uint64_t due_milliseconds(UvReactor *reactor, double until) {
    double due = ceil((double)reactor->start * 1e-6 + until * 1e3);
    uint64_t present = uv_now(&reactor->loop);
    if (due <= (double)present) return 0;
    if (due >= 9e15) return 1ull << 53;
    return (uint64_t)due - present;
}

static void reactor_poll(TgReactor *base) {
    UvReactor *reactor = (UvReactor *)base;
    uv_run(&reactor->loop, UV_RUN_NOWAIT);
}

static void reactor_wait(TgReactor *base, double until) {
    UvReactor *reactor = (UvReactor *)base;
    reactor->happened = false;
    if (until <= reactor_now(base) || atomic_load(&reactor->woken)) {
        reactor_poll(base);
    } else {
        uv_update_time(&reactor->loop);
        if (until < INFINITY) {
            uv_timer_start(&reactor->timer, on_timer, due_milliseconds(reactor, until), 0);
        }
        // Handles that are being closed make a turn of the loop return at once.
        while (!reactor->happened) uv_run(&reactor->loop, UV_RUN_ONCE);
        uv_timer_stop(&reactor->timer);
    }
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
    bool is_wanted = reactor->polled != NULL;
    for (TgWork *work = reactor->works; work && !is_wanted; work = work->next) is_wanted = work->is_wanted;
    return is_wanted;
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
    while (reactor->polled) {
        Polled *polled = reactor->polled;
        for (TgWatch *watch = polled->watches, *next; watch; watch = next) {
            next = watch->next;
            free(watch);
        }
        polled_remove(polled);
    }
    uv_close((uv_handle_t *)&reactor->timer, NULL);
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
    uv_timer_init(&reactor->loop, &reactor->timer);
    reactor->timer.data = reactor->async.data = reactor;
    reactor->start = uv_hrtime();
    return &reactor->base;
}
