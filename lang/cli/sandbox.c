// lang/cli/sandbox.c
// A filter of system calls: what is not in the tables is refused with EPERM, so that whoever asks all the same gets an error and
// no crash.
//
// What is allowed is what the VM, libuv's loop and the C library need to compute, to wait, and to read and write the descriptors
// that are open already. No path can be opened, no socket, process or thread made, no signal sent but to oneself, no memory
// made executable (PCRE2 does without its compiler then).
//
// Layer: command.
#include "lang/cli/sandbox.h"

#if defined(__SANITIZE_ADDRESS__)

// What looks for leaks at the end starts a thread that holds up the others: under the sanitizers there is the inner wall alone.
bool tg_sandbox_close(const char **why) {
    *why = "";
    return true;
}

#elif defined(__linux__) && (defined(__x86_64__) || defined(__aarch64__))

#include <errno.h>
#include <fcntl.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <stddef.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <termios.h>
#include <unistd.h>

#ifdef __x86_64__
#define THIS_ARCH AUDIT_ARCH_X86_64
#else
#define THIS_ARCH AUDIT_ARCH_AARCH64
#endif

static const int allowed[] = {
    SYS_read, SYS_write, SYS_readv, SYS_writev, SYS_close, SYS_lseek, SYS_fstat, // descriptors that are open
    SYS_ppoll, SYS_epoll_pwait, SYS_epoll_ctl,                                   // to wait
    SYS_nanosleep, SYS_clock_nanosleep, SYS_restart_syscall, SYS_sched_yield, SYS_futex,
    SYS_brk, SYS_munmap, SYS_mremap, SYS_madvise,                                // memory
    SYS_clock_gettime, SYS_gettimeofday, SYS_getpid, SYS_gettid, SYS_getrusage, SYS_sched_getaffinity, SYS_getrandom,
    SYS_rt_sigaction, SYS_rt_sigprocmask, SYS_rt_sigreturn, SYS_sigaltstack, SYS_setitimer, // signals of our own
    SYS_exit, SYS_exit_group,
#ifdef __x86_64__
    SYS_poll, SYS_epoll_wait, SYS_time,
#endif
};

// Allowed where the argument, of its bits in `mask`, has those of `value`.
typedef struct {
    int call, argument;
    unsigned mask, value;
} Rule;

static const Rule rules[] = {
    {SYS_mmap, 2, PROT_EXEC, 0},
    {SYS_mprotect, 2, PROT_EXEC, 0},
    {SYS_ioctl, 1, ~0u, TCGETS},
    {SYS_ioctl, 1, ~0u, TIOCGWINSZ},
    {SYS_ioctl, 1, ~0u, FIONBIO}, // libuv, of what it is to watch
    {SYS_fcntl, 1, ~0u, F_GETFL},
    {SYS_fcntl, 1, ~0u, F_SETFL},
    {SYS_fcntl, 1, ~0u, F_GETFD},
    {SYS_newfstatat, 3, ~0u, AT_EMPTY_PATH}, // the C library's fstat
};

enum {
    COUNT = sizeof allowed / sizeof *allowed,
    RULES = sizeof rules / sizeof *rules,
    ROOM = 8 + 2 * COUNT + 6 * (RULES + 1),
};

typedef struct {
    struct sock_filter steps[ROOM];
    unsigned short count;
} Filter;

static void add(Filter *filter, unsigned short code, unsigned value, unsigned char yes, unsigned char no) {
    filter->steps[filter->count++] = (struct sock_filter){code, yes, no, value};
}

static void load(Filter *filter, size_t offset) { add(filter, BPF_LD | BPF_W | BPF_ABS, (unsigned)offset, 0, 0); }
static void give(Filter *filter, unsigned what) { add(filter, BPF_RET | BPF_K, what, 0, 0); }

// The call's number is loaded, before and after.
static void add_rule(Filter *filter, const Rule *rule) {
    add(filter, BPF_JMP | BPF_JEQ | BPF_K, (unsigned)rule->call, 0, 5);
    load(filter, offsetof(struct seccomp_data, args) + 8 * (size_t)rule->argument); // little endian: the lower half
    add(filter, BPF_ALU | BPF_AND | BPF_K, rule->mask, 0, 0);
    add(filter, BPF_JMP | BPF_JEQ | BPF_K, rule->value, 0, 1);
    give(filter, SECCOMP_RET_ALLOW);
    load(filter, offsetof(struct seccomp_data, nr));
}

static void make_filter(Filter *filter) {
    load(filter, offsetof(struct seccomp_data, arch));
    add(filter, BPF_JMP | BPF_JEQ | BPF_K, THIS_ARCH, 1, 0);
    give(filter, SECCOMP_RET_KILL_PROCESS); // calls of another kind have other numbers
    load(filter, offsetof(struct seccomp_data, nr));
    for (size_t i = 0; i < COUNT; i++) {
        add(filter, BPF_JMP | BPF_JEQ | BPF_K, (unsigned)allowed[i], 0, 1);
        give(filter, SECCOMP_RET_ALLOW);
    }
    for (size_t i = 0; i < RULES; i++) add_rule(filter, &rules[i]);
    add_rule(filter, &(Rule){SYS_tgkill, 0, ~0u, (unsigned)getpid()}); // raise(): to die of a signal
    give(filter, SECCOMP_RET_ERRNO | EPERM);
}

bool tg_sandbox_close(const char **why) {
    Filter filter = {.count = 0};
    make_filter(&filter);
    struct sock_fprog program = {filter.count, filter.steps};
    bool is_closed = prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0 &&
                     syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, SECCOMP_FILTER_FLAG_TSYNC, &program) == 0;
    *why = is_closed ? NULL : strerror(errno);
    return is_closed;
}

#else

bool tg_sandbox_close(const char **why) {
    *why = "it needs Linux on x86-64 or arm64";
    return false;
}

#endif
