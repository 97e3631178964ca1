// stdlib/spawn.h
// Processes as the system has them: begin one, learn how it ended, send it a signal.
//
// Nothing here blocks for longer than the system needs to begin a program, and nothing knows of tasks or values.
//
// Layer: library, bottom. spawn.c is the only file of stdlib/ with <signal.h>.
#ifndef TG_STDLIB_SPAWN_H
#define TG_STDLIB_SPAWN_H

#include <stdbool.h>

typedef struct {
    const char *program;      // looked up in our PATH where it has no '/'
    char *const *arguments;   // its own name first, NULL at the end
    char *const *environment; // NULL at the end
    const char *folder;       // NULL: ours
    int fds[3];               // what it has as 0, 1, 2; each above 2, or -1: what we have there
    bool joins_err;           // its 2 is its 1
    bool has_group;           // it leads a process group of its own
} TgSpawn;

// How a process ended: its exit status, or the signal (else 0).
typedef struct {
    int status, signal;
} TgSpawnEnd;

// Begins it. Its signals are as if a shell had begun it: none blocked, what tg takes or ignores for itself as by default, what was
// ignored when tg started still ignored. Gives 0, or errno; for ENOENT and ENOTDIR *in_folder says that `folder` is what is not there.
int tg_spawn(const TgSpawn *spawn, int *pid, bool *in_folder);
// A descriptor that can be read once the process has ended, or -1: this system has none.
int tg_spawn_watch(int pid);
// Whether it has ended, and how. It is forgotten by the system then (its number may be given to another one), unless `keeps`.
bool tg_spawn_ended(int pid, bool keeps, TgSpawnEnd *end);
// Sends it, or all of its group, a signal; false: there is nobody. One that is stopped goes on to see it. 0 asks only.
bool tg_spawn_kill(int pid, bool group, int signal);
// Whether anybody of the group of one that has ended and is forgotten still runs.
bool tg_spawn_group_lives(int pid);
// Kills and forgets one that nobody refers to any more; waits for its end, but a moment at most.
void tg_spawn_discard(int pid, bool group);
// Whether the terminal sends our process group, and so children without one of their own, its Ctrl-C.
bool tg_spawn_is_foreground(void);

// "TERM" for 15, NULL where it has no name; 15 for "TERM" and "SIGTERM", 0 for what is none.
const char *tg_spawn_signal_name(int signal);
int tg_spawn_signal(const char *name);

#endif
