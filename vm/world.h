// vm/world.h
// The world outside: everything that a program's text does not determine passes through here, so that it can be kept while a program
// runs (tg --record), given again later (tg replay), or made to fail (tests).
//
// A VM without a world (NULL, the usual case) asks the system itself: that costs a test of a pointer. One that records keeps what the
// system gave; one that replays is given that, in the same order, and touches nothing. Where a replay asks for something else than was
// recorded it has gone another way: it says so and ends. What cannot be seen by a script (closing, the collector's work) is not kept;
// when replaying it is not to be done (tg_world_replays).
//
// Things that come by themselves (signals, ticks) carry their place in the run: how many boundaries were passed, and switches of
// tasks. A replay stops at just that place.
//
// Layer: runtime, below the scheduler; natives see it by api.h.
#ifndef TG_VM_WORLD_H
#define TG_VM_WORLD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "vm/reactor.h"
#include "vm/string.h"
#include "vm/vm.h"

typedef struct TgWorld TgWorld;

typedef enum {
#define WORLD(name, text) WORLD_##name,
#include "vm/world.def"
#undef WORLD
    WORLD_COUNT
} TgWorldAsk;

// ---- For natives and the VM: one call of the system
//
// TG_ASK(vm, READ_OR_SO, call): what `call` gives (an integer; below 0: errno says why), or what it gave when it was recorded. With
// DATA it also fills `size` bytes at `data` where it succeeds, with BYTES as many as it gives, `room` at most.

#define TG_ASK_DATA(vm, what, call, data, size)                                                                    \
    (__builtin_expect(!(vm)->world, 1)      ? (long)(call)                                                         \
     : tg_world_asks((vm)->world, WORLD_##what) ? tg_world_keep((vm)->world, WORLD_##what, (long)(call), data, size, false) \
                                                : tg_world_give((vm)->world, WORLD_##what, data, size, false))
#define TG_ASK_BYTES(vm, what, call, data, room)                                                                   \
    (__builtin_expect(!(vm)->world, 1)      ? (long)(call)                                                         \
     : tg_world_asks((vm)->world, WORLD_##what) ? tg_world_keep((vm)->world, WORLD_##what, (long)(call), data, room, true) \
                                                : tg_world_give((vm)->world, WORLD_##what, data, room, true))
#define TG_ASK(vm, what, call) TG_ASK_DATA(vm, what, call, NULL, 0)

// Whether the call is to be made: not when replaying, nor where it is to fail.
bool tg_world_asks(TgWorld *world, TgWorldAsk what);
long tg_world_keep(TgWorld *world, TgWorldAsk what, long result, const void *data, size_t size, bool as_many);
long tg_world_give(TgWorld *world, TgWorldAsk what, void *data, size_t size, bool as_many);

// close(2): what is not seen by a script is not kept.
void tg_world_close(const TgVM *vm, int fd);

// Whether nothing outside is to be touched: what was recorded is run again.
#define tg_world_replays(vm) (__builtin_expect((vm)->world != NULL, 0) && tg_world_is_replay((vm)->world))
bool tg_world_is_replay(const TgWorld *world);

// For operations that are more than one call: `write` keeps what they gave on a tape, reading it gives it again. The operation itself is
// done by the caller, unless replaying:
//     TgTape tape; if (tg_world_begins(vm, WORLD_TLS, &tape)) { … do it … } tg_tape_…(&tape, …); tg_world_ends(vm, &tape);
typedef struct TgTape {
    TgWorld *world; // NULL: nothing is kept or given
    TgWorldAsk what;
    bool writes;
    int fault;      // nothing is there but the first number, which is this error (tg_world_job_error)
    TgBuffer out;
    const uint8_t *at, *end;
    bool is_told;   // the fault
} TgTape;
bool tg_world_begins(TgVM *vm, TgWorldAsk what, TgTape *tape);
void tg_world_ends(TgTape *tape);
// Each either puts down what stands there, or brings it there.
void tg_tape_int(TgTape *tape, int64_t *number);
void tg_tape_small(TgTape *tape, int *number);
void tg_tape_flag(TgTape *tape, bool *flag);
void tg_tape_bytes(TgTape *tape, void *data, size_t size);                     // just so many
void tg_tape_block(TgTape *tape, void *data, size_t *length, size_t room);     // as many as *length says, `room` at most
void tg_tape_buffer(TgTape *tape, TgBuffer *buffer);                           // all that a buffer holds

// ---- For the scheduler

// Replaying: boundaries from this place until the next thing that came by itself, or the end of the recording; UINT64_MAX: there is none.
uint64_t tg_world_distance(const TgVM *vm, uint64_t place);
// Replaying: whether just this came by itself at this place.
bool tg_world_came(const TgVM *vm, TgWorldAsk what, uint64_t place);
// Replaying, at a boundary: ends the run where the recording ends or it was told to.
void tg_world_boundary(TgVM *vm, uint64_t place);
// reactor->poll, and whether anything has come: an event, or the time of `first`. Where nothing has, nobody is to notice.
bool tg_world_poll(TgVM *vm, double first, TgWorldAsk what, uint64_t place);
// The time, for those whose looking is nothing to the script (when to write output out).
double tg_world_glance(TgVM *vm);
// SIGQUIT, SIGINT, SIGTERM, SIGHUP: how often each came since this was last asked.
enum { TG_WORLD_SIGNALS = 4 };
void tg_world_signals(TgVM *vm, TgWorldAsk what, uint64_t place, uint32_t counts[TG_WORLD_SIGNALS]);
// Whether a native that is long at work is to stop for one of these bits (tg_trap_holds).
bool tg_world_holds(const TgVM *vm, uint32_t bits);
// Whether the output is full, so that whoever prints has to wait: as it is, or was.
bool tg_world_is_full(TgVM *vm, uint64_t place, bool is_full);
// A source text that is read for an import: it is to be the one that was recorded.
void tg_world_source(TgVM *vm, const char *path, const char *text, size_t length);

// ---- For the command

// How a run is begun.
typedef struct {
    const char *version; // of tg
    const char *path;   // of the script; NULL: it has none
    const char *name;   // as messages show it
    const char *folder; // the working directory
    const char *text;
    size_t length;
    char **args;
    int arg_count;
    bool doctor;   // what nothing will wake is explained (--doctor)
    uint64_t hash; // of the text
} TgWorldScript;

// A world that records into a new file. NULL: errno.
TgWorld *tg_world_record(const char *path);
// How the run is begun, with the VM's options. Once, before a VM is made.
void tg_world_begin(TgWorld *world, const TgWorldScript *script, const TgOptions *options);
// One that replays. NULL: *problem (static text). *script is what tg_world_begin was told, in the world's memory; its text is NULL where
// it has a path; of *options all is filled but the hooks.
TgWorld *tg_world_replay(const char *path, TgWorldScript *script, TgOptions *options, const char **problem);
uint64_t tg_world_hash(const char *text, size_t length);
// Whether `is_same` holds for each file that was imported.
bool tg_world_each_source(TgWorld *world, bool (*is_same)(const char *path, uint64_t hash));
// A replay calls vm->stop at this place, and ends with TG_REPLAY_OFF if that returns.
void tg_world_stop_at(TgWorld *world, uint64_t place);
// The run is over with this status, or by -signal. Replaying: as what it was recorded; a signal may have come after the last line.
int tg_world_end(TgWorld *world, int status);
// Ends the file and lets go of all. After the VM.
void tg_world_free(TgWorld *world);

// A replay that cannot go on says why on stderr and ends the process with this status.
enum { TG_REPLAY_OFF = 3 };

// Whose world it is: the VM's, from its birth on.
void tg_world_join(TgWorld *world, TgVM *vm);
// A reactor through which all passes that `inner` gives. It frees `inner`.
TgReactor *tg_world_reactor(TgWorld *world, TgReactor *inner);

// For tests: a world that neither records nor replays, and the n-th (1: the next) ask of a kind fails with that errno; 0: it is made
// short (tg_world_piece).
TgWorld *tg_world_plain(void);
void tg_world_fail(TgWorld *world, TgWorldAsk what, uint32_t n, int error);
// Of a job (WORLD_DONE) that is about to be submitted: the error that it is to have found, or 0. Its `tape` begins with that.
int tg_world_job_error(const TgVM *vm);
// Whoever reads or writes asks for so many bytes of `length`: one, where error 0 was ordered of this ask; else all.
size_t tg_world_piece(const TgVM *vm, TgWorldAsk what, size_t length);

#endif
