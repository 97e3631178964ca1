// vm/world_impl.h
// What the files of the world share.
// Layer: runtime.
#ifndef TG_VM_WORLD_IMPL_H
#define TG_VM_WORLD_IMPL_H

#include "vm/world.h"
#include "vm/world_log.h"

// Something that came by itself, at a place of its own.
typedef struct {
    uint64_t place;
    size_t offset; // of its entry
} TgStrike;

enum { TG_WORLD_FAULTS = 8 };
typedef struct {
    TgWorldAsk what;
    uint32_t left; // asks until it fails; 0: it is over
    int error;
} TgFault;

struct TgWorld {
    TgVM *vm;
    TgReactor *inner;   // the real one, or the clock that jumps; NULL when replaying
    TgLog *log;
    bool records, replays;
    uint32_t inside;    // recording: of an operation that is kept as a whole
    bool is_over;       // the run has ended: nothing is kept or given any more
    uint64_t asks;      // of long work, whether to stop
    // Replaying
    TgLogEntry head;    // the next entry; kind WORLD_COUNT: there is none
    size_t offset;      // behind it
    size_t head_offset;
    TgStrike *strikes, *all_strikes; // those to come; all
    size_t strike_count;
    double time;        // as last told
    uint64_t stop_at;
    bool is_shown;      // somebody looks at it: the clock stands still
    bool is_behind;     // where the recording broke off
    char **args;        // of the script
    // Recording: what has come while busy is only an entry once something has
    TgWorldAsk poll;    // to be put before the first thing that comes; WORLD_COUNT: it is there already
    uint64_t poll_place;
    bool has_come;
    int error;          // of the file; 0: it is good
    bool has_said;      // that it broke off
    TgFault faults[TG_WORLD_FAULTS];
    const TgFault *fault; // of the ask that is next answered
};

// Recording: adds an entry.
void tg_world_put(TgWorld *world, TgWorldAsk what, const void *data, size_t length);
// Replaying: whether the next entry is of that kind.
bool tg_world_is_next(const TgWorld *world, TgWorldAsk what);
// Takes the next entry, which is to be of that kind. Ends the process where it is another one.
TgLogEntry tg_world_take(TgWorld *world, TgWorldAsk what);
// The same, of a kind that may be missing.
bool tg_world_take_if(TgWorld *world, TgWorldAsk what, TgLogEntry *entry);
// Recording: something has come.
void tg_world_come(TgWorld *world);
// Goes on to the next entry.
void tg_world_step(TgWorld *world);
// The run has gone another way than it did: `done` is what it wants.
_Noreturn void tg_world_astray(TgWorld *world, const char *done);
// The recording is over, the run is not.
_Noreturn void tg_world_broken_off(TgWorld *world);
const char *tg_world_text(TgWorldAsk what);

// Reading an entry's bytes; false: it is too short.
bool tg_entry_number(TgLogEntry *entry, uint64_t *number);
bool tg_entry_bytes(TgLogEntry *entry, void *data, size_t size);

#endif
