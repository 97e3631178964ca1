// stdlib/spawn.c
// posix_spawn, waitid, kill, pidfd_open.
// Layer: library, bottom.
#include "stdlib/spawn.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

// ---- Begin

// A parent that ignores SIGCHLD has left us children whose end nobody can learn.
static void expect_ends(void) {
    struct sigaction action;
    if (sigaction(SIGCHLD, NULL, &action) != 0 || action.sa_handler != SIG_IGN) return;
    action.sa_handler = SIG_DFL;
    sigaction(SIGCHLD, &action, NULL);
}

// What we have a handler for is by default in a new program by itself; what we ignore is not.
static void set_attributes(posix_spawnattr_t *attributes, bool has_group) {
    sigset_t none, by_default;
    sigemptyset(&none);
    sigemptyset(&by_default);
    sigaddset(&by_default, SIGPIPE);
    posix_spawnattr_setsigmask(attributes, &none);
    posix_spawnattr_setsigdefault(attributes, &by_default);
    posix_spawnattr_setpgroup(attributes, 0);
    short flags = POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF;
    if (has_group) flags |= POSIX_SPAWN_SETPGROUP;
    posix_spawnattr_setflags(attributes, flags);
}

static int set_actions(posix_spawn_file_actions_t *actions, const TgSpawn *spawn) {
    int error = 0;
    for (int i = 0; i < 3 && !error; i++)
        if (spawn->fds[i] >= 0) error = posix_spawn_file_actions_adddup2(actions, spawn->fds[i], i);
    if (!error && spawn->joins_err) error = posix_spawn_file_actions_adddup2(actions, 1, 2);
    if (!error && spawn->folder) error = posix_spawn_file_actions_addchdir_np(actions, spawn->folder);
    return error;
}

int tg_spawn(const TgSpawn *spawn, int *pid, bool *in_folder) {
    posix_spawnattr_t attributes;
    posix_spawn_file_actions_t actions;
    *in_folder = false;
    expect_ends();
    int error = posix_spawnattr_init(&attributes);
    if (error) return error;
    error = posix_spawn_file_actions_init(&actions);
    if (!error) {
        set_attributes(&attributes, spawn->has_group);
        error = set_actions(&actions, spawn);
        if (!error) error = posix_spawnp(pid, spawn->program, &actions, &attributes, spawn->arguments, spawn->environment);
        posix_spawn_file_actions_destroy(&actions);
    }
    posix_spawnattr_destroy(&attributes);
    if (error && spawn->folder) *in_folder = access(spawn->folder, X_OK) != 0;
    return error;
}

int tg_spawn_watch(int pid) {
#ifdef SYS_pidfd_open
    return (int)syscall(SYS_pidfd_open, pid, 0); // closed on exec by itself
#else
    (void)pid;
    return -1;
#endif
}

// ---- End

bool tg_spawn_ended(int pid, bool keeps, TgSpawnEnd *end) {
    siginfo_t info = {0};
    int result;
    do result = waitid(P_PID, (id_t)pid, &info, WEXITED | WNOHANG | (keeps ? WNOWAIT : 0));
    while (result != 0 && errno == EINTR);
    *end = (TgSpawnEnd){0, 0};
    if (result != 0) return end->status = 255, true; // somebody else has asked before us
    if (info.si_pid == 0) return false;
    if (info.si_code == CLD_EXITED) end->status = info.si_status;
    else end->signal = info.si_status;
    return true;
}

bool tg_spawn_kill(int pid, bool group, int signal) {
    int target = group ? -pid : pid;
    if (kill(target, signal) != 0) return errno == EPERM; // there, and not ours to tell
    if (signal == SIGTERM || signal == SIGINT || signal == SIGHUP) kill(target, SIGCONT);
    return true;
}

// "PID (NAME) STATE PARENT GROUP …", where NAME may hold anything.
static bool runs_in_group(const char *pid, int group) {
    char path[300], text[512];
    snprintf(path, sizeof path, "/proc/%s/stat", pid);
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0) return false; // gone meanwhile
    ssize_t length = read(fd, text, sizeof text - 1);
    close(fd);
    text[length > 0 ? length : 0] = '\0';
    const char *rest = strrchr(text, ')');
    char state;
    int parent, found;
    return rest && sscanf(rest + 1, " %c %d %d", &state, &parent, &found) == 3 && found == group && state != 'Z' && state != 'X';
}

// The system counts those that have ended too, until their new parent asks for them; some let that wait.
bool tg_spawn_group_lives(int pid) {
    if (kill(-pid, 0) != 0) return errno == EPERM;
    DIR *processes = opendir("/proc");
    if (!processes) return true;
    bool found = false;
    for (struct dirent *entry; !found && (entry = readdir(processes));)
        found = entry->d_name[0] >= '1' && entry->d_name[0] <= '9' && runs_in_group(entry->d_name, pid);
    closedir(processes);
    return found;
}

void tg_spawn_discard(int pid, bool group) {
    enum { TURNS = 250 };
    TgSpawnEnd end;
    tg_spawn_kill(pid, group, SIGKILL);
    for (int turn = 0; turn < TURNS && !tg_spawn_ended(pid, false, &end); turn++) nanosleep(&(struct timespec){0, 200000}, NULL);
}

bool tg_spawn_is_foreground(void) {
    for (int fd = 0; fd < 3; fd++)
        if (isatty(fd)) return tcgetpgrp(fd) == getpgrp();
    return false;
}

// ---- Names

const char *tg_spawn_signal_name(int signal) { return sigabbrev_np(signal); }

int tg_spawn_signal(const char *name) {
    if (!strncmp(name, "SIG", 3)) name += 3;
    for (int signal = 1; signal < NSIG; signal++) {
        const char *known = sigabbrev_np(signal);
        if (known && !strcmp(known, name)) return signal;
    }
    return 0;
}
