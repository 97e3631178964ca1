// vm/reactor.h
// The outside world as the scheduler sees it: what time it is, wait until then, wake up, tell when a
// descriptor is ready. All that a program's text does not determine comes through here, so that a
// reactor with a clock of its own (virtual time, recording, replay) makes runs repeatable.
//
// Two of them: libuv (reactor_uv.c) and virtual (reactor_virtual.c).
// Layer: runtime, bottom. Knows nothing of tasks, libuv or signals.
#ifndef TG_VM_REACTOR_H
#define TG_VM_REACTOR_H

#include <stdbool.h>
#include <stdint.h>

typedef struct TgReactor TgReactor;
typedef struct TgWatch TgWatch; // a descriptor somebody waits for; the reactor's

// Work that blocks, for a thread of a pool. It lies in a larger struct of its owner's.
typedef struct TgWork TgWork;
struct TgTape;        // world.h
struct WorldReactor;  // world_reactor.c
struct TgWork {
    void (*run)(TgWork *work); // on another thread: touches what belongs to the work, and nothing else
    // Once, from wait or poll, on the reactor's own thread: it has run, or is not wanted any more and never will. The work is
    // its owner's again, who may free it here. Not wanted: abandoned, or the reactor is being freed.
    void (*done)(TgWork *work, bool is_wanted);
    // Keeps on the tape what `run` found, or brings it from there (world.h); NULL: there is nothing to it.
    void (*tape)(TgWork *work, struct TgTape *tape);
    char what[96];             // for people: "opening \"x.txt\""
    TgWork *next;              // the rest is the reactor's
    bool is_wanted;
    bool is_awaited;           // its owner's: though it is not wanted, somebody goes on when it is over
    void *request;
    TgWork *next_kept;         // of a reactor that records or replays
    struct WorldReactor *keeper;
    void (*done_kept)(TgWork *work, bool is_wanted);
    uint64_t number;
};

struct TgReactor {
    // Seconds since the reactor was made, monotonic.
    double (*now)(TgReactor *reactor);
    // Seconds since 1970.
    double (*wall)(TgReactor *reactor);
    // Blocks until that time (INFINITY: for ever), a wake, a signal or a watched descriptor, whose
    // `ready` is called from here. May return early; a wake since the last wait makes it return at once, also
    // one that came before it or during a poll, so nothing is lost between looking and waiting.
    void (*wait)(TgReactor *reactor, double until);
    // Takes what is there (calls `ready`s) without blocking. Does not take a wake from the next wait.
    void (*poll)(TgReactor *reactor);
    // Makes wait return. Async-signal-safe, from any thread.
    void (*wake)(TgReactor *reactor);
    // Calls ready(data) once, from wait or poll, when `fd` can be read (or written; also when it failed or was hung
    // up), and then forgets the watch: `*out` is no longer valid inside `ready`. Several may watch one fd. The
    // descriptor's flags stay as they are. False where the fd cannot be polled (a regular file, /dev/null): it
    // never blocks, go on at once.
    bool (*watch)(TgReactor *reactor, int fd, bool write, void (*ready)(void *data), void *data, TgWatch **out);
    // Forgets a watch that has not become ready. Must come before its fd is closed.
    void (*unwatch)(TgReactor *reactor, TgWatch *watch);
    // Runs work->run on another thread and calls work->done when it has. False: there is no memory or thread for it.
    // What may block for ever (a terminal, a FIFO, a socket) is to be watched, not submitted: threads are few.
    bool (*submit)(TgReactor *reactor, TgWork *work);
    // Nobody waits for it any more. It may run all the same; its `done` comes when it is over.
    void (*abandon)(TgReactor *reactor, TgWork *work);
    // The end is near: work that nobody wants any more gets a moment (a tenth of a second at most) to be done.
    void (*settle)(TgReactor *reactor);
    // Calls `say` for each work that holds a thread, where none is free; false where some are.
    bool (*each_holder)(TgReactor *reactor, void (*say)(void *data, const TgWork *work), void *data);
    // Whether anything but time and signals can wake it: some descriptor is watched, some work wanted or awaited.
    bool (*has_external)(TgReactor *reactor);
    // `by` more (or fewer) that live outside and keep to the real time, as child processes do: while there are any, a clock that
    // jumps does not, but goes on as the real one. Comes before they begin: they may get descriptors that were watched.
    void (*live)(TgReactor *reactor, int by);
    // 64 bits for seeds: the system's, under virtual time a fixed sequence.
    uint64_t (*entropy)(TgReactor *reactor);
    void (*free)(TgReactor *reactor);
};

// NULL where the system has no memory or descriptors left.
TgReactor *tg_reactor_uv_new(void);
// Time begins at 0 (2000-01-01T00:00:00Z on the wall) and jumps to `until` when wait is called and no watched
// descriptor is ready. An infinite wait blocks only if something is watched.
TgReactor *tg_reactor_virtual_new(void);
// Back to time 0, and to the first seed, for a new run.
void tg_reactor_virtual_rewind(TgReactor *reactor);

#endif
