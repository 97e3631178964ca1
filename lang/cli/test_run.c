// lang/cli/test_run.c
// One file of tests, seen from outside: starts its process, collects what it says and prints, gives each test its
// time, and hands a Ctrl-C on. The child is a process group of its own, so that a Ctrl-C at the terminal comes to it
// once, from here, and that children of its own can be ended with it.
// Layer: command, private to tg test.
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "lang/cli/test_impl.h"

enum { OUTPUT_KEPT = 32 * 1024, GRACE_SECONDS = 2 };

typedef struct {
    TestSession *session;
    const char *file;
    pid_t child;
    int messages, answers, output;
    TgBuffer inbox;        // of messages, the last one in part
    TgBuffer printed;      // by the test that runs
    size_t left_out;       // bytes of it that were not kept
    char *name;            // of that test; NULL: none runs. "" is the top level
    bool is_quiet;         // it prepares tests: only its failure counts
    uint32_t line;
    double deadline, start; // of that test
    int presses;           // that its time limit has cost it
    int stops;             // that came from outside
    bool is_silent;        // its messages have ended
} File;

// ---- signals

static const int watched[] = {SIGINT, SIGTERM, SIGHUP};
enum { WATCHED = sizeof watched / sizeof *watched };
static volatile sig_atomic_t pressed; // signals have no other place for what they say
static sigset_t while_waiting;        // the signal mask of the waits

static void on_press(int number) { pressed = number; }

// Blocked but while it waits, so that none falls between looking and waiting.
void tg_test_watch_signals(void) {
    sigset_t ours;
    sigemptyset(&ours);
    for (int i = 0; i < WATCHED; i++) {
        struct sigaction action = {.sa_handler = on_press}, before;
        sigaction(watched[i], NULL, &before);
        if (before.sa_handler == SIG_IGN) continue;
        sigaction(watched[i], &action, NULL);
        sigaddset(&ours, watched[i]);
    }
    sigprocmask(SIG_BLOCK, &ours, &while_waiting);
}

static void reset_signals(void) {
    for (int i = 0; i < WATCHED; i++) {
        struct sigaction before;
        sigaction(watched[i], NULL, &before);
        if (before.sa_handler == on_press) signal(watched[i], SIG_DFL);
    }
    sigprocmask(SIG_SETMASK, &while_waiting, NULL);
}

static void hand_on(File *file) {
    if (!pressed) return;
    file->session->stopped_by = pressed;
    file->session->wants_no_more = true;
    // A test may take every Ctrl-C for itself; the third is not asked about.
    bool is_last = ++file->stops >= 3;
    kill(file->child, is_last ? SIGKILL : pressed);
    pressed = 0;
}

// ---- the process

static double seconds_now(void) {
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return (double)time.tv_sec + (double)time.tv_nsec * 1e-9;
}

static _Noreturn void be_child(const TestPlan *plan, const char *file, const int ends[3]) {
    setpgid(0, 0);
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    reset_signals();
    int null = open("/dev/null", O_RDONLY);
    dup2(null, 0);
    dup2(ends[2], 1);
    dup2(ends[2], 2);
    close(null);
    close(ends[2]);
    tg_test_child(plan, file, ends[0], ends[1]);
}

static bool start(File *file) {
    int pipes[3][2]; // messages, answers, output
    for (int i = 0; i < 3; i++)
        if (pipe2(pipes[i], O_CLOEXEC) != 0) return false;
    fflush(NULL);
    file->child = fork();
    if (file->child < 0) return false;
    if (file->child == 0) {
        close(pipes[0][0]);
        close(pipes[1][1]);
        close(pipes[2][0]);
        be_child(file->session->plan, file->file, (int[]){pipes[0][1], pipes[1][0], pipes[2][1]});
    }
    setpgid(file->child, file->child);
    close(pipes[0][1]);
    close(pipes[1][0]);
    close(pipes[2][1]);
    file->messages = pipes[0][0];
    file->answers = pipes[1][1];
    file->output = pipes[2][0];
    fcntl(file->output, F_SETFL, O_NONBLOCK);
    return true;
}

// The last words of a file that did not come to its end by itself, or NULL. Ends what is left of it.
static void finish(File *file, TgBuffer *why) {
    int status = 0;
    siginfo_t info;
    close(file->answers);
    while (waitid(P_PID, (id_t)file->child, &info, WEXITED | WNOWAIT) < 0 && errno == EINTR) {}
    kill(-file->child, SIGKILL); // the group's number is not given away before the child is waited for
    while (waitpid(file->child, &status, 0) < 0 && errno == EINTR) {}
    close(file->messages);
    close(file->output);
    if (WIFSIGNALED(status)) tg_buffer_format(why, "the process died of signal %d (%s)\n", WTERMSIG(status), strsignal(WTERMSIG(status)));
    else if (WEXITSTATUS(status)) tg_buffer_format(why, "the process ended with status %d\n", WEXITSTATUS(status));
}

// ---- results

static void keep_output(File *file, const char *bytes, size_t length) {
    size_t room = file->printed.length < OUTPUT_KEPT ? OUTPUT_KEPT - file->printed.length : 0;
    size_t kept = length < room ? length : room;
    tg_buffer_add(&file->printed, bytes, kept);
    file->left_out += length - kept;
}

static void read_output(File *file) {
    char bytes[4096];
    for (ssize_t got; (got = read(file->output, bytes, sizeof bytes)) > 0;) keep_output(file, bytes, (size_t)got);
}

static char *take_text(TgBuffer *buffer) {
    char *text = strdup(buffer->data ? buffer->data : "");
    tg_buffer_free(buffer);
    *buffer = (TgBuffer){0};
    return text;
}

static void add_result(File *file, TestStatus status, double seconds, TgBuffer *report) {
    TestSession *session = file->session;
    TestResults *results = &session->results;
    if (results->count == results->capacity) {
        results->capacity = results->capacity ? results->capacity * 2 : 64;
        results->items = realloc(results->items, results->capacity * sizeof *results->items);
        if (!results->items) abort(); // nothing could be told any more
    }
    if (file->left_out) tg_buffer_format(&file->printed, "\n(and %zu bytes more)\n", file->left_out);
    bool is_file = !file->name || !*file->name;
    char *name = is_file ? strdup(status == TEST_UNREADABLE ? "the file cannot be run" : "the file's top level") : strdup(file->name);
    results->items[results->count++] = (TestResult){
        file->file, name, file->line, status, seconds, take_text(report), take_text(&file->printed), is_file};
    file->left_out = 0;
    if (!is_file || status != TEST_PASSED) tg_test_show_one(session->plan, &results->items[results->count - 1]);
    bool is_bad = status == TEST_FAILED || status == TEST_UNREADABLE;
    if (is_bad && session->plan->fail_fast) session->wants_no_more = true;
}

// A test ended without saying so: it took too long and did not heed, or the process died.
static void end_unsaid(File *file, const TgBuffer *why) {
    TestSession *session = file->session;
    TgBuffer report = {0};
    if (file->presses) tg_buffer_format(&report, "it took longer than %g s and did not end when it was interrupted\n", session->plan->timeout);
    else if (session->stopped_by) tg_buffer_text(&report, "it was ended without its cleanup\n");
    else tg_buffer_text(&report, why->data ? why->data : "the process ended in the middle of it\n");
    TestStatus status = session->stopped_by ? TEST_STOPPED : TEST_FAILED;
    if (!session->stopped_by && file->name && *file->name) tg_buffer_text(&report, "the tests after it did not run\n");
    add_result(file, status, seconds_now() - file->start, &report);
}

// ---- messages

static void begin(File *file, bool is_quiet, const char *const fields[]) {
    TestSession *session = file->session;
    free(file->name);
    file->name = strdup(fields[0]);
    file->is_quiet = is_quiet;
    file->line = (uint32_t)strtoul(fields[1], NULL, 10);
    file->start = seconds_now();
    file->deadline = file->start + session->plan->timeout;
    file->presses = 0;
    char answer = session->wants_no_more ? 's' : 'g';
    if (answer == 's') {
        free(file->name);
        file->name = NULL;
    } else {
        tg_test_show_now(session->plan, file->file, file->name);
    }
    (void)!write(file->answers, &answer, 1);
}

static void end(File *file, const char *const fields[]) {
    TestStatus status = (TestStatus)atoi(fields[0]);
    TgBuffer report = {0};
    read_output(file);
    if (file->presses && status != TEST_PASSED) {
        tg_buffer_format(&report, "it took longer than %g s (--timeout)\n", file->session->plan->timeout);
        status = TEST_FAILED;
    }
    tg_buffer_text(&report, fields[2]);
    if (file->is_quiet && status == TEST_PASSED) {
        tg_buffer_free(&report);
        tg_buffer_free(&file->printed);
        file->printed = (TgBuffer){0};
        file->left_out = 0;
    } else {
        add_result(file, status, strtod(fields[1], NULL), &report);
    }
    free(file->name);
    file->name = NULL;
}

static void hear(File *file, char kind, const char *const fields[]) {
    if (kind == SAYS_END) {
        end(file, fields);
    } else if (kind == SAYS_CANNOT) {
        TgBuffer why = {0};
        tg_buffer_text(&why, fields[0]);
        add_result(file, TEST_UNREADABLE, 0, &why);
    } else {
        begin(file, kind == SAYS_LOAD, fields);
    }
}

// Takes the first message off the inbox; false where it is not all there.
static bool take_message(File *file) {
    const TgBuffer *inbox = &file->inbox;
    char *fields[MESSAGE_FIELDS] = {NULL};
    size_t at = 1;
    bool is_whole = inbox->length > 0;
    for (int i = 0; i < MESSAGE_FIELDS && is_whole; i++) {
        uint32_t length;
        is_whole = inbox->length >= at + sizeof length;
        if (!is_whole) break;
        memcpy(&length, inbox->data + at, sizeof length);
        is_whole = inbox->length >= at + sizeof length + length;
        if (is_whole) fields[i] = strndup(inbox->data + at + sizeof length, length);
        at += sizeof length + length;
    }
    if (is_whole) {
        char kind = inbox->data[0];
        memmove(file->inbox.data, inbox->data + at, inbox->length - at);
        file->inbox.length -= at;
        hear(file, kind, (const char *const *)fields);
    }
    for (int i = 0; i < MESSAGE_FIELDS; i++) free(fields[i]);
    return is_whole;
}

static void read_messages(File *file) {
    char bytes[4096];
    ssize_t got = read(file->messages, bytes, sizeof bytes);
    if (got < 0 && errno == EINTR) return;
    if (got <= 0) {
        file->is_silent = true;
        return;
    }
    tg_buffer_add(&file->inbox, bytes, (size_t)got);
    while (take_message(file)) {}
}

// ---- waiting

// A test whose time is up is interrupted as by a Ctrl-C, so that its cleanup runs and its trace shows where it was;
// then once more, which cleanup heeds too; then its process is ended.
static void press_late_one(File *file) {
    if (!file->name || seconds_now() < file->deadline) return;
    kill(file->child, file->presses < 2 ? SIGINT : SIGKILL);
    file->presses++;
    file->deadline = seconds_now() + GRACE_SECONDS;
}

static void wait_once(File *file) {
    struct pollfd ends[] = {{file->messages, POLLIN, 0}, {file->output, POLLIN, 0}};
    double left = file->name ? file->deadline - seconds_now() : 3600;
    if (left < 0) left = 0;
    struct timespec time = {(time_t)left, (long)((left - (double)(time_t)left) * 1e9)};
    int ready = ppoll(ends, 2, &time, &while_waiting);
    hand_on(file);
    if (ready > 0 && ends[1].revents) read_output(file);
    if (ready > 0 && ends[0].revents) read_messages(file);
    press_late_one(file);
}

void tg_test_run(TestSession *session, const char *path) {
    File file = {.session = session, .file = path};
    TgBuffer why = {0};
    if (!start(&file)) {
        tg_buffer_format(&why, "no process can be started for it: %s\n", strerror(errno));
        add_result(&file, TEST_UNREADABLE, 0, &why);
        return;
    }
    while (!file.is_silent) wait_once(&file);
    read_output(&file);
    finish(&file, &why);
    if (file.name || why.data) end_unsaid(&file, &why);
    free(file.name);
    tg_buffer_free(&why);
    tg_buffer_free(&file.inbox);
    tg_buffer_free(&file.printed);
}
