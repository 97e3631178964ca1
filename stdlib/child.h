// stdlib/child.h
// A child process as a value: what process.c and child.c share.
// Layer: library.
#ifndef TG_STDLIB_CHILD_H
#define TG_STDLIB_CHILD_H

#include "stdlib/stream.h"

typedef struct {
    TgResource head;
    TgString *program;
    TgStream *streams[3]; // our ends of its pipes, or NULL
    TgWaitQueue waiting;  // for its end
    double grace;
    int pid;
    int pidfd;            // readable once it has ended; -1: none
    int status;           // once it has ended; -n: signal n
    bool has_group, has_ended;
    bool is_reaped;       // the system has forgotten it, its group may live
    bool is_finished;     // nothing of it or its group is ours any more
    bool is_counted;      // among what lives outside
} TgChild;

extern const TgResourceType tg_child_type;
TgClass *tg_child_class(TgVM *vm);

// The native `_start(options)`: begins a program.
TgResult tg_child_start(TgCall *call);

#endif
