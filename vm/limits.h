// vm/limits.h
// What a run may use: boundaries, time, memory, tasks, output (--max-steps and its like).
//
// The first time that a limit is reached LimitReached is raised, in the task that runs, or in the main task where all wait. A script
// may take it, but not for ever: there is some room more, then the main task is cancelled, then its shields and cleanup too, then the
// host ends the process. Steps and time go on being used while cleanup runs, so these are rooms of steps and time; memory, tasks
// and output are walls, and the room is so many times of running against them.
//
// Layer: runtime; the struct is data.
#ifndef TG_VM_LIMITS_H
#define TG_VM_LIMITS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "vm/value.h"

typedef enum { LIMIT_STEPS, LIMIT_TIME, LIMIT_MEMORY, LIMIT_TASKS, LIMIT_OUTPUT, TG_LIMITS } TgLimit;

typedef struct {
    uint64_t next_steps;         // of sched->used: the next answer is due then. Without a limit it never comes
    double next_time;            // on the reactor's clock
    uint32_t refused[TG_LIMITS]; // how often a wall was run against
    uint8_t answers[TG_LIMITS];  // raised, cancelled, pierced, ended
    bool is_due;                 // to be looked at at the next boundary
    bool is_ending;              // the main task was cancelled for `which`
    TgLimit which;
    uint64_t tasks;              // alive, where they are limited
    uint64_t output_left;
    bool is_output_refused;      // since the last look: something was not written
    // The last answer: cleanup does not end either. Does not return. NULL: it goes on being broken off.
    void (*end)(TgVM *vm);
} TgLimits;

// A run begins: all of it is unused.
void tg_limits_begin(TgVM *vm);
// At a boundary, or while all wait: answers what is due. True: vm->raised is to be raised in the running task.
bool tg_limits_look(TgVM *vm);
// Seconds of room between two answers of --max-time.
double tg_limits_room(const TgVM *vm);
// The clock is past next_time: tg_limits_look() is due.
void tg_limits_note_time(TgVM *vm);

// A wall stands in the way: vm->raised is LimitReached.
void tg_limits_refuse(TgVM *vm, TgLimit limit);
// One task more is wanted, one has ended; to be called where options.max_tasks is set. False: raised.
bool tg_limits_add_task(TgVM *vm);
void tg_limits_drop_task(TgVM *vm);
// So many bytes go to stdout or stderr. False: they must not; whoever wrote asks tg_limits_output_end() when it is done.
bool tg_limits_take_output(TgVM *vm, size_t length);
// False: what was to be written was refused, and LimitReached is raised.
bool tg_limits_output_end(TgVM *vm);

// The limit that ended the run, in a sentence for people, where its error was taken; "" where none did. Into `text`.
void tg_limits_say(const TgVM *vm, char *text, size_t room);

#endif
