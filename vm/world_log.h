// vm/world_log.h
// A recording as a file: a head and entries, each a kind, a length and so many bytes.
//
// It is mapped, not written: an entry is in the file as soon as it is put, whatever the process dies of, and costs no call of the
// system. The head holds two marks that are set in turn, each saying how long the entries are and what they sum up to; the newest
// that is right holds. Of a recording that was ended properly both are the same, and no byte may be wrong.
//
// Layer: runtime, bottom.
#ifndef TG_VM_WORLD_LOG_H
#define TG_VM_WORLD_LOG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { TG_LOG_VERSION = 1 };

typedef struct TgLog TgLog;

typedef struct {
    uint8_t kind;
    const uint8_t *data; // until the log is closed
    size_t length;
} TgLogEntry;

// A new file, or one that is written anew. NULL: errno.
TgLog *tg_log_create(const char *path);
// Adds an entry; `place` is how far the run is. False from then on where the disk is full.
bool tg_log_put(TgLog *log, uint8_t kind, const void *data, size_t length, uint64_t place);
// The run is there now, and nothing has come.
void tg_log_reach(TgLog *log, uint64_t place);

// One to be read. NULL: *problem says why, for people (static text, or strerror's).
TgLog *tg_log_open(const char *path, const char **problem);
// The entry at *offset, which moves behind it; 0 is the first. False: there are no more.
bool tg_log_next(const TgLog *log, size_t *offset, TgLogEntry *entry);
// Whether it was ended; if not, how far the run was when it broke off.
bool tg_log_is_whole(const TgLog *log);
uint64_t tg_log_place(const TgLog *log);

// One being written is whole now.
void tg_log_finish(TgLog *log);
// Lets go of it. One being written that is not finished stays as one that broke off.
void tg_log_close(TgLog *log);

#endif
