// vm/outside.h
// Waiting for the world outside: for a descriptor, for work that another thread does, for whoever wakes.
//
// All three are one kind of wait: it ends by a wake, or is left by an interrupt or cancellation at once, whatever the world is
// doing; a job that is out then is abandoned, and what it brings is dropped when it comes.
//
// Layer: runtime.
#ifndef TG_VM_OUTSIDE_H
#define TG_VM_OUTSIDE_H

#include "vm/reactor.h"
#include "vm/resource.h"
#include "vm/wait.h"
#include "vm/world.h"

// What a task waits for: for those who end the wait and for people ("waiting, reading from <File "a.txt">").
typedef struct {
    const char *verb;   // of static duration: "reading from", "connecting to"
    const void *object; // a TgResource or TgString, or NULL; the wait keeps it alive
    TgWaitQueue *queue; // where the task stands meanwhile, or NULL
} TgWaitFor;

// Work for another thread, in a larger struct of the native's own (malloc'ed). Nothing in it may point to what lives on the heap: an
// abandoned one outlives the call.
typedef struct TgJob TgJob;
struct TgJob {
    TgWork work;               // work.what is set by the native (tg_job_what)
    void (*run)(TgJob *job);   // on another thread: does the work, touches nothing but the job
    // The task still waits: gives what its wait gives; false: vm->raised is raised in it. NULL: gives nil.
    bool (*finish)(TgVM *vm, TgJob *job, TgValue *value);
    // Puts on the tape what `run` found, or brings it from there instead of running (world.h). NULL: there is nothing to it.
    void (*tape)(TgJob *job, TgTape *tape);
    // Always and last, also of a job that never ran (it is all zero then but for what the native put in): closes what `finish` did not
    // take, frees the job.
    void (*drop)(TgJob *job);
    int fault;                 // it is not run, but has failed so (tests); 0: it is
    TgVM *vm;
    TgTask *task;              // NULL: nobody waits for it any more
};

// Somebody waits until the job is over, and gets nothing of it: the program does not stand still as long as it is out.
static inline void tg_job_await(TgJob *job) { job->work.is_awaited = true; }

// Something that is to be done when a run ends, however the process ends then: what a file has buffered is written. Part of a larger
// struct.
typedef struct TgLast {
    struct TgLast *next, *prev;
    void (*run)(TgVM *vm, struct TgLast *last); // must not block for long; may come several times
} TgLast;

void tg_last_add(TgVM *vm, TgLast *last);
void tg_last_remove(TgVM *vm, TgLast *last); // also one that was not added
// A run has ended: all of these, and abandoned jobs drop what they bring.
void tg_outside_settle(TgVM *vm);

// Appends what the task waits for, in words.
void tg_outside_text(const TgTask *task, TgBuffer *out);
// The wait has ended otherwise: forgets the watch, abandons the job.
void tg_outside_end(TgVM *vm, TgTask *task);

#endif
