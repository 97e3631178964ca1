// tests/support.c
// Children with pipes, several at a time in one poll loop; scripts among them, held against what they expect (wanted.h).
//
// Layer: tests.
#include "tests/support.h"

#include <assert.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "tests/wanted.h"

// ---- bytes, time, paths --------------------------------------------------------------------------

void bytes_add(Bytes *bytes, const char *data, size_t length) {
    if (bytes->length + length + 1 > bytes->capacity) {
        bytes->capacity = (bytes->length + length + 1) * 2;
        bytes->data = realloc(bytes->data, bytes->capacity);
        if (!bytes->data) abort();
    }
    if (length) memcpy(bytes->data + bytes->length, data, length);
    bytes->length += length;
    bytes->data[bytes->length] = '\0';
}

void bytes_free(Bytes *bytes) {
    free(bytes->data);
    *bytes = (Bytes){0};
}

bool bytes_read(Bytes *bytes, const char *path) {
    FILE *file = fopen(path, "rb");
    if (!file) return false;
    char part[65536];
    size_t length;
    bytes_add(bytes, "", 0);
    while ((length = fread(part, 1, sizeof part, file)) > 0) bytes_add(bytes, part, length);
    fclose(file);
    return true;
}

double seconds_now(void) {
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return (double)time.tv_sec + (double)time.tv_nsec * 1e-9;
}

const char *tested_binary(void) {
    static char path[PATH_MAX];
    if (path[0]) return path;
    const char *given = getenv("TG_BINARY");
    char beside[PATH_MAX] = "";
    if (!given) {
        ssize_t length = readlink("/proc/self/exe", beside, sizeof beside - 8);
        char *slash = length > 0 ? memrchr(beside, '/', (size_t)length) : NULL;
        strcpy(slash ? slash + 1 : beside, "tg");
        given = beside;
    }
    if (!realpath(given, path)) {
        fprintf(stderr, "%s: no tg to test (set TG_BINARY)\n", given);
        exit(2);
    }
    return path;
}

double test_timeout(void) {
    const char *given = getenv("TG_TEST_TIMEOUT");
    return given ? atof(given) : 10;
}

// ---- a child -------------------------------------------------------------------------------------

typedef struct {
    pid_t pid;
    int in, out, err; // our ends; -1 once closed
    const char *input;
    size_t input_length;
    double start, deadline, exited; // exited: 0 until it has
    Ended ended;
} Child;

static const int reset_signals[] = {SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGPIPE, SIGCHLD};

// In the child: a clean slate whatever make, nohup or a CI did to us.
void become_tg(const char *directory, const char *const *argv) {
    for (size_t i = 0; i < sizeof reset_signals / sizeof *reset_signals; i++) {
        signal(reset_signals[i], SIG_DFL);
    }
    sigset_t none;
    sigemptyset(&none);
    sigprocmask(SIG_SETMASK, &none, NULL);
    setpgid(0, 0); // so that a timeout takes its children too
    setenv("ASAN_OPTIONS", "detect_leaks=1:exitcode=99:allocator_may_return_null=1", 1);
    setenv("UBSAN_OPTIONS", "print_stacktrace=1:exitcode=99", 1);
    if (directory && chdir(directory) != 0) _exit(127);
    execv(tested_binary(), (char *const *)argv);
    _exit(127);
}

static void make_pipe(int ends[2]) {
    if (pipe2(ends, O_CLOEXEC) != 0) {
        perror("pipe");
        exit(2);
    }
}

static void child_start(Child *child, const char *directory, const char *const *arguments) {
    int in[2], out[2], err[2];
    tested_binary(); // found before the fork
    make_pipe(in);
    make_pipe(out);
    make_pipe(err);
    fflush(NULL);
    child->pid = fork();
    if (child->pid == 0) {
        dup2(in[0], 0);
        dup2(out[1], 1);
        dup2(err[1], 2);
        become_tg(directory, arguments);
    }
    close(in[0]);
    close(out[1]);
    close(err[1]);
    child->in = in[1];
    child->out = out[0];
    child->err = err[0];
    fcntl(child->in, F_SETFL, O_NONBLOCK);
    signal(SIGPIPE, SIG_IGN);
    child->start = seconds_now();
    child->deadline = child->start + test_timeout();
    child->exited = 0;
    child->ended = (Ended){.exit_status = -1};
    bytes_add(&child->ended.out, "", 0);
    bytes_add(&child->ended.err, "", 0);
}

static void close_end(int *fd) {
    if (*fd >= 0) close(*fd);
    *fd = -1;
}

static void take_output(int *fd, Bytes *bytes) {
    char part[65536];
    ssize_t length = read(*fd, part, sizeof part);
    if (length > 0) bytes_add(bytes, part, (size_t)length);
    else if (length == 0 || errno != EINTR) close_end(fd);
}

static void give_input(Child *child) {
    if (child->input_length) {
        ssize_t written = write(child->in, child->input, child->input_length);
        if (written > 0) {
            child->input += written;
            child->input_length -= (size_t)written;
        } else if (errno != EAGAIN && errno != EINTR) {
            child->input_length = 0; // it does not read it
        }
    }
    if (!child->input_length) close_end(&child->in);
}

static void note_exit(Child *child) {
    int status;
    if (child->exited || waitpid(child->pid, &status, WNOHANG) <= 0) return;
    child->exited = seconds_now();
    if (WIFSIGNALED(status)) child->ended.signal = WTERMSIG(status);
    else child->ended.exit_status = WEXITSTATUS(status);
}

static int fill_slots(const Child *child, struct pollfd slots[3]) {
    slots[0] = (struct pollfd){child->in, POLLOUT, 0}; // a negative fd is left out by poll
    slots[1] = (struct pollfd){child->out, POLLIN, 0};
    slots[2] = (struct pollfd){child->err, POLLIN, 0};
    return 3;
}

static void use_slots(Child *child, const struct pollfd slots[3]) {
    if (child->in >= 0 && slots[0].revents) give_input(child);
    if (child->out >= 0 && slots[1].revents) take_output(&child->out, &child->ended.out);
    if (child->err >= 0 && slots[2].revents) take_output(&child->err, &child->ended.err);
}

// Whether it is over: it has ended and its pipes are empty. A process that it left behind may hold them
// open; we do not wait long for that.
static bool child_over(Child *child) {
    double now = seconds_now();
    if (!child->exited && now > child->deadline) {
        child->ended.timed_out = true;
        kill(-child->pid, SIGKILL);
        kill(child->pid, SIGKILL);
        child->deadline = now + 5;
    }
    note_exit(child);
    if (!child->exited) return false;
    if ((child->out >= 0 || child->err >= 0) && now < child->exited + 0.5) return false;
    close_end(&child->in);
    close_end(&child->out);
    close_end(&child->err);
    return true;
}

// How long poll may sleep for this child: its end is no event of a descriptor.
static int child_patience(const Child *child) {
    return child->out < 0 && child->err < 0 ? 1 : 20;
}

Ended run_tg(const char *directory, const char *const *arguments, const char *input) {
    const char *argv[64] = {"tg"};
    size_t count = 1;
    while (*arguments && count < 63) argv[count++] = *arguments++;
    Child child = {.input = input, .input_length = input ? strlen(input) : 0};
    child_start(&child, directory, argv);
    give_input(&child);
    while (!child_over(&child)) {
        struct pollfd slots[3];
        fill_slots(&child, slots);
        if (poll(slots, 3, child_patience(&child)) > 0) use_slots(&child, slots);
    }
    return child.ended;
}

void ended_free(Ended *ended) {
    bytes_free(&ended->out);
    bytes_free(&ended->err);
}

// ---- what came of it -----------------------------------------------------------------------------

typedef struct {
    Child child;
    const char *path;
    Bytes script;
    Wanted wanted;
    size_t sent;        // signals sent so far
    size_t scanned;     // bytes of stdout that "when" has looked at
    double last_signal; // or the start
    char recording[64]; // its path; "": there is none
} Running;

static void print_text(FILE *out, const char *title, const Bytes *bytes) {
    if (!bytes->length) return;
    fprintf(out, "    %s:\n", title);
    Slice rest = {bytes->data, bytes->length}, line;
    for (int count = 0; next_line(&rest, &line); count++) {
        if (count == 40) {
            fprintf(out, "      … %zu more bytes\n", rest.length + line.length);
            break;
        }
        fprintf(out, "      | ");
        fwrite(line.at, 1, line.length, out);
        fputc('\n', out);
    }
}

static bool check_end(const Running *running, FILE *out) {
    const Ended *ended = &running->child.ended;
    const Wanted *wanted = &running->wanted;
    if (ended->timed_out) {
        fprintf(out, "    timed out after %.0f s and was killed\n",
                seconds_now() - running->child.start);
        return false;
    }
    if (wanted->dies ? ended->signal == wanted->dies
                     : !ended->signal && ended->exit_status == wanted->exit_status) {
        return true;
    }
    if (wanted->dies) fprintf(out, "    expected to die of %s", strsignal(wanted->dies));
    else fprintf(out, "    expected exit status %d", wanted->exit_status);
    if (ended->signal) fprintf(out, ", died of %s\n", strsignal(ended->signal));
    else fprintf(out, ", exit status was %d\n", ended->exit_status);
    return false;
}

static bool check_out(const Running *running, FILE *out) {
    Slice rest = {running->child.ended.out.data, running->child.ended.out.length}, line;
    const Slices *wanted = &running->wanted.out;
    for (size_t i = 0; i < wanted->count; i++) {
        Slice want = wanted->items[i];
        bool has = next_line(&rest, &line);
        if (has && slice_equal(line, want)) continue;
        fprintf(out, "    line %zu of stdout: expected: %.*s\n", i + 1, (int)want.length, want.at);
        if (has) fprintf(out, "    %*s came: %.*s\n", 24, "", (int)line.length, line.at);
        else fprintf(out, "    but stdout ended\n");
        return false;
    }
    if (!next_line(&rest, &line)) return true;
    fprintf(out, "    line %zu of stdout was not expected: %.*s\n", wanted->count + 1,
            (int)line.length, line.at);
    return false;
}

// Each is looked for behind the one before, on the same line or a later one.
static bool check_err(const Running *running, FILE *out) {
    const Bytes *err = &running->child.ended.err;
    const Slices *wanted = &running->wanted.err;
    const char *at = err->data, *end = err->data + err->length;
    for (size_t i = 0; i < wanted->count; i++) {
        Slice want = wanted->items[i];
        const char *found = memmem(at, (size_t)(end - at), want.at, want.length);
        if (!found) {
            fprintf(out, "    stderr lacks%s: %.*s\n", i ? " (behind the one before)" : "",
                    (int)want.length, want.at);
            return false;
        }
        at = found + want.length;
    }
    if (!wanted->count && err->length) return fprintf(out, "    stderr was not expected\n"), false;
    const char *newline = memchr(err->data, '\n', err->length);
    bool is_line = newline && newline + 1 == end;
    // The end by a limit is one line.
    if (running->wanted.exit_status == 4 && wanted->count && !is_line) return fprintf(out, "    stderr is not one line\n"), false;
    return true;
}

static bool check_sanitizers(const Running *running, FILE *out) {
    static const char *const signs[] = {"ERROR: AddressSanitizer", "ERROR: LeakSanitizer",
                                        ": runtime error: ", "Assertion `"};
    const Bytes *err = &running->child.ended.err;
    for (size_t i = 0; i < sizeof signs / sizeof *signs; i++) {
        if (!memmem(err->data, err->length, signs[i], strlen(signs[i]))) continue;
        fprintf(out, "    stderr has \"%s\"\n", signs[i]);
        return false;
    }
    return true;
}

static bool check_sends(const Running *running, FILE *out) {
    if (running->sent == running->wanted.send_count) return true;
    fprintf(out, "    %zu of %zu signals were sent before it ended\n", running->sent,
            running->wanted.send_count);
    return false;
}

// All checks are made, so that a failure shows all that is wrong.
static bool check(const Running *running, FILE *out) {
    bool good = check_end(running, out);
    good &= check_sanitizers(running, out);
    good &= check_sends(running, out);
    good &= check_out(running, out);
    good &= check_err(running, out);
    return good;
}

// ---- running scripts -----------------------------------------------------------------------------

static unsigned mode_bits(const ScriptMode *mode) {
    unsigned bits = 0;
    for (size_t i = 0; mode->flags && mode->flags[i]; i++) {
        if (strncmp(mode->flags[i], "--slice=", 8) == 0) bits |= MODE_SLICE;
        if (strncmp(mode->flags[i], "--gc-stress", 11) == 0) bits |= MODE_GC_STRESS;
    }
    return bits ? bits : MODE_PLAIN;
}

enum { ARGV_MAX = 64 };

// The slices of flags and args become C strings in `texts`.
static const char *keep(Bytes texts[], size_t *count, Slice slice) {
    Bytes *text = &texts[(*count)++];
    bytes_add(text, slice.at, slice.length);
    return text->data;
}

static void script_start(Running *running, const ScriptMode *mode, Slice directory,
                         const char *name) {
    Bytes texts[ARGV_MAX] = {{0}};
    const char *argv[ARGV_MAX + 1] = {"tg"};
    size_t text_count = 0, count = 1;
    const Wanted *wanted = &running->wanted;
    if (!wanted->real_time && !wanted->send_count) argv[count++] = "--virtual-time";
    for (size_t i = 0; mode->flags && mode->flags[i] && count < 20; i++) {
        argv[count++] = mode->flags[i];
    }
    for (size_t i = 0; i < wanted->flags.count && count < 30; i++) {
        argv[count++] = keep(texts, &text_count, wanted->flags.items[i]);
    }
    char record[sizeof running->recording + 16];
    snprintf(record, sizeof record, "--record=%s", running->recording);
    if (mode->replays) argv[count++] = record;
    argv[count++] = name;
    for (size_t i = 0; i < wanted->args.count && count < ARGV_MAX; i++) {
        argv[count++] = keep(texts, &text_count, wanted->args.items[i]);
    }
    const char *where = directory.length ? keep(texts, &text_count, directory) : NULL;
    running->child.input = wanted->input.data;
    running->child.input_length = wanted->input.length;
    child_start(&running->child, where, argv);
    // Under stress all is slower.
    if (mode->flags && mode->flags[0]) running->child.deadline += 2 * test_timeout();
    give_input(&running->child);
    running->last_signal = running->child.start;
    for (size_t i = 0; i < text_count; i++) bytes_free(&texts[i]);
}

// False where the script is not run: `problem` says why, or is empty where it is not for this mode.
static bool running_begin(Running *running, const char *path, const ScriptMode *mode) {
    *running = (Running){.path = path};
    if (!bytes_read(&running->script, path)) {
        strcpy(running->wanted.problem, "it cannot be read");
        return false;
    }
    parse_wanted(&running->wanted, &running->script);
    if (running->wanted.problem[0]) return false;
    if (mode->replays && (running->wanted.modes & MODE_ONCE)) return false;
    if (running->wanted.modes && (mode_bits(mode) & ~running->wanted.modes)) return false;
    const char *slash = strrchr(path, '/');
    Slice directory = {path, slash ? (size_t)(slash - path) : 0};
    static unsigned number;
    if (mode->replays) snprintf(running->recording, sizeof running->recording, "/tmp/tg-%d-%u.rec", (int)getpid(), number++);
    script_start(running, mode, directory, slash ? slash + 1 : path);
    return true;
}

// Whether stdout has the line that a send waits for; lines are used up.
static bool has_line(Running *running, Slice line) {
    const Bytes *out = &running->child.ended.out;
    for (;;) {
        const char *at = out->data + running->scanned;
        const char *newline = memchr(at, '\n', out->length - running->scanned);
        if (!newline) return false;
        Slice found = {at, (size_t)(newline - at)};
        running->scanned += found.length + 1;
        if (slice_equal(found, line)) return true;
    }
}

// Sends what is due; milliseconds until the next by time, or a long time.
static int send_due(Running *running) {
    while (running->sent < running->wanted.send_count && !running->child.exited) {
        const Send *send = &running->wanted.sends[running->sent];
        double now = seconds_now(), due = running->last_signal + send->delay;
        if (send->line.at ? !has_line(running, send->line) : now < due) {
            return send->line.at ? 1000 : (int)((due - now) * 1000) + 1;
        }
        kill(running->child.pid, send->signal);
        running->last_signal = now;
        running->sent++;
    }
    return 1000;
}

static bool same_bytes(const char *title, const Bytes *was, const Bytes *is, FILE *out) {
    size_t at = 0;
    while (at < was->length && at < is->length && was->data[at] == is->data[at]) at++;
    if (at == was->length && at == is->length) return true;
    fprintf(out, "    replayed, %s differs at byte %zu\n", title, at);
    print_text(out, "it was", was);
    print_text(out, "it is", is);
    return false;
}

// Whether the recording gives the same again, in a process that has no input and another folder.
static bool check_replay(const Running *running, FILE *out) {
    const char *const argv[] = {"replay", running->recording, NULL};
    const Ended *was = &running->child.ended;
    if (!running->recording[0] || was->signal == SIGKILL) return true;
    Ended is = run_tg("/", argv, NULL);
    bool good = was->exit_status == is.exit_status && was->signal == is.signal && !is.timed_out;
    if (!good) fprintf(out, "    replayed, it ended by status %d, signal %d; it was %d, %d\n", is.exit_status, is.signal, was->exit_status, was->signal);
    good &= same_bytes("stdout", &was->out, &is.out, out);
    good &= same_bytes("stderr", &was->err, &is.err, out);
    ended_free(&is);
    return good;
}

static void running_end(Running *running) {
    if (running->recording[0]) unlink(running->recording);
    ended_free(&running->child.ended);
    wanted_free(&running->wanted);
    bytes_free(&running->script);
}

// Reports; whether it was as expected, the first time or (`again`) as a replay.
static bool running_judge(Running *running, const ScriptMode *mode, bool again) {
    char *text = NULL;
    size_t size;
    FILE *out = open_memstream(&text, &size);
    bool good = !running->wanted.problem[0];
    if (!good) fprintf(out, "    %s\n", running->wanted.problem);
    else good = again ? check_replay(running, out) : check(running, out);
    if (!good) {
        print_text(out, "stdout", &running->child.ended.out);
        print_text(out, "stderr", &running->child.ended.err);
    }
    fclose(out);
    bool is_said = !good || (mode->verbose && !again);
    if (is_said) fprintf(mode->out, "%s %s", good ? "ok  " : "FAIL", running->path);
    if (!good) {
        for (size_t i = 0; mode->flags && mode->flags[i]; i++) {
            fprintf(mode->out, " %s", mode->flags[i]);
        }
    }
    if (is_said) fprintf(mode->out, "\n%s", text);
    free(text);
    return good;
}

// One turn for all that run: wait a little, take their output, send what is due.
static void turn(Running *pool, size_t count) {
    struct pollfd slots[count * 3];
    int patience = 1000;
    for (size_t i = 0; i < count; i++) {
        fill_slots(&pool[i].child, &slots[i * 3]);
        int due = send_due(&pool[i]), own = child_patience(&pool[i].child);
        if (due < patience) patience = due;
        if (own < patience) patience = own;
    }
    if (poll(slots, count * 3, patience) <= 0) return;
    for (size_t i = 0; i < count; i++) use_slots(&pool[i].child, &slots[i * 3]);
}

// One after the other: while others still run, whose signals have their time, nobody is to be kept waiting.
static size_t replay_all(Running *recorded, size_t count, const ScriptMode *mode) {
    size_t failed = 0;
    for (size_t i = 0; i < count; i++) {
        failed += !running_judge(&recorded[i], mode, true);
        running_end(&recorded[i]);
    }
    free(recorded);
    return failed;
}

size_t scripts_run(const ScriptList *list, const ScriptMode *mode) {
    size_t jobs = mode->jobs > 0 ? (size_t)mode->jobs : 4, running = 0, next = 0, failed = 0, recorded_count = 0;
    Running *pool = calloc(jobs, sizeof *pool), *recorded = calloc(list->count + 1, sizeof *recorded);
    if (!pool || !recorded) abort();
    while (next < list->count || running) {
        while (running < jobs && next < list->count) {
            if (running_begin(&pool[running], list->paths[next++], mode)) {
                running++;
                continue;
            }
            if (pool[running].wanted.problem[0]) failed += !running_judge(&pool[running], mode, false);
            running_end(&pool[running]);
        }
        if (running) turn(pool, running);
        for (size_t i = running; i-- > 0;) {
            if (!child_over(&pool[i].child)) continue;
            bool good = running_judge(&pool[i], mode, false);
            failed += !good;
            if (good && mode->replays) recorded[recorded_count++] = pool[i];
            else running_end(&pool[i]);
            pool[i] = pool[--running];
        }
    }
    free(pool);
    return failed + replay_all(recorded, recorded_count, mode);
}

// ---- finding scripts -----------------------------------------------------------------------------

static void list_add(ScriptList *list, const char *path) {
    list->paths = realloc(list->paths, (list->count + 1) * sizeof *list->paths);
    char *copy = strdup(path);
    if (!list->paths || !copy) abort();
    list->paths[list->count++] = copy;
}

static int is_visible(const struct dirent *entry) {
    return entry->d_name[0] != '.' && entry->d_name[0] != '_';
}

bool scripts_find(ScriptList *list, const char *path) {
    struct stat info;
    if (stat(path, &info) != 0) return false;
    if (!S_ISDIR(info.st_mode)) {
        list_add(list, path);
        return true;
    }
    struct dirent **entries;
    int count = scandir(path, &entries, is_visible, alphasort);
    if (count < 0) return false;
    for (int i = 0; i < count; i++) {
        char inner[PATH_MAX];
        snprintf(inner, sizeof inner, "%s/%s", path, entries[i]->d_name);
        const char *dot = strrchr(entries[i]->d_name, '.');
        bool is_script = dot && strcmp(dot, ".tg") == 0;
        if (stat(inner, &info) == 0 && (is_script || S_ISDIR(info.st_mode))) {
            scripts_find(list, inner);
        }
        free(entries[i]);
    }
    free(entries);
    return true;
}

void scripts_free(ScriptList *list) {
    for (size_t i = 0; i < list->count; i++) free(list->paths[i]);
    free(list->paths);
    *list = (ScriptList){0};
}

size_t scripts_run_stressed(const char *path) {
    static const char *const flags[][2] = {{NULL}, {"--slice=1"}, {"--gc-stress=steps"}};
    ScriptList list = {0};
    size_t failed = scripts_find(&list, path) ? 0 : 1, count = list.count;
    for (size_t i = 0; i < sizeof flags / sizeof *flags; i++) {
        ScriptMode mode = {.flags = flags[i], .jobs = 1, .out = stderr};
        failed += scripts_run(&list, &mode);
    }
    scripts_free(&list);
    return failed ? 0 : count;
}
