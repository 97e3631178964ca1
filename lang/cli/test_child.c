// lang/cli/test_child.c
// The process of one file: compiles it, runs its top level once, then its tests in order, each as a run of its own.
//
// Each test gets a clock that begins at 0 and the same random numbers, whatever ran before it: alone it does what it
// does among others. What is looked at after it is what a run cannot see: locks that are still held, descriptors and
// child processes that are left. (Tasks can't be left: the run ends when all have ended.)
// Layer: command, private to tg test.
#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "lang/cli/host.h"
#include "lang/cli/test_impl.h"
#include "stdlib/address.h"
#include "stdlib/fs_tree.h"
#include "stdlib/lib.h"
#include "vm/monitor.h"
#include "vm/reactor.h"
#include "vm/sched.h"

enum { NAME_SHOWN = 60, KEEP_TESTS = 1, KEEP_CASES = 2 };

typedef struct {
    const TestPlan *plan;
    TgVM *vm;
    TgModule *module;
    TgReactor *real;
    int messages, answers;
    uint32_t held; // locks that were held before
} Child;

// ---- what it says

static void say(const Child *child, TestMessageKind kind, const char *const fields[], int count) {
    TgBuffer message = {0};
    char head = (char)kind;
    tg_buffer_add(&message, &head, 1);
    for (int i = 0; i < MESSAGE_FIELDS; i++) {
        const char *field = i < count ? fields[i] : "";
        uint32_t length = (uint32_t)strlen(field);
        tg_buffer_add(&message, (const char *)&length, sizeof length);
        tg_buffer_add(&message, field, length);
    }
    for (size_t done = 0; done < message.length;) {
        ssize_t wrote = write(child->messages, message.data + done, message.length - done);
        if (wrote <= 0 && errno != EINTR) _exit(0); // nobody listens any more
        if (wrote > 0) done += (size_t)wrote;
    }
    tg_buffer_free(&message);
}

static void say_begin(const Child *child, TestMessageKind kind, const char *name, int64_t line) {
    char number[24];
    snprintf(number, sizeof number, "%lld", (long long)line);
    say(child, kind, (const char *const[]){name, number}, 2);
    char answer = 's';
    while (read(child->answers, &answer, 1) < 0 && errno == EINTR) {}
    if (answer != 'g') _exit(0);
}

static void say_end(const Child *child, TestStatus status, double seconds, const char *report) {
    char number[24], time[32];
    fflush(NULL); // what was printed comes before
    snprintf(number, sizeof number, "%d", (int)status);
    snprintf(time, sizeof time, "%.9f", seconds);
    say(child, SAYS_END, (const char *const[]){number, time, report}, 3);
}

// ---- what is left behind

typedef struct {
    TgBuffer text;  // the names, each in quotes
    uint32_t count;
} Left;

static void leave(Left *left, const char *what, const char *name) {
    tg_buffer_text(&left->text, what);
    tg_text_tame(&left->text, name, strlen(name));
    tg_buffer_text(&left->text, "\n");
    left->count++;
}

enum { MOST_DESCRIPTORS = 4096, MOST_PROCESSES = 256 };
typedef struct {
    bool is_open[MOST_DESCRIPTORS];
    int processes[MOST_PROCESSES];
    int process_count;
} Before;

// "127.0.0.1:80 to 127.0.0.1:5000", as far as it has such.
static const char *socket_name(TgVM *vm, int fd, char *room, size_t size) {
    TgAddress own = {.length = sizeof own.storage}, other = own;
    bool has_own = getsockname(fd, tg_address_raw(&own), &own.length) == 0;
    bool has_other = getpeername(fd, tg_address_raw(&other), &other.length) == 0;
    snprintf(room, size, "%s%s%s", has_own ? tg_address_text(vm, &own)->data : "", has_other ? " to " : "",
             has_other ? tg_address_text(vm, &other)->data : "");
    return room;
}

static void leave_descriptor(TgVM *vm, int fd, Left *left) {
    char path[64], name[512];
    snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
    ssize_t length = readlink(path, name, sizeof name - 1);
    if (length <= 0) return;
    name[length] = '\0';
    // What the interpreter keeps for itself (its wakes and polls) is no file and no socket.
    bool is_file = name[0] == '/' && strncmp(name, "/dev/", 5) != 0 && strncmp(name, "/memfd:", 7) != 0;
    if (is_file) leave(left, "it left a file open: ", name);
    else if (!strncmp(name, "socket:", 7)) leave(left, "it left a socket open: ", socket_name(vm, fd, name, sizeof name));
    else if (!strcmp(name, "anon_inode:inotify")) leave(left, "it left a watch of files open", "");
}

// Those that are open: noted, or, where `left` is given, said where they are new.
static void each_descriptor(TgVM *vm, Before *before, Left *left) {
    DIR *entries = opendir("/proc/self/fd");
    for (struct dirent *entry; entries && (entry = readdir(entries));) {
        int fd = atoi(entry->d_name);
        if (entry->d_name[0] == '.' || fd >= MOST_DESCRIPTORS || fd == dirfd(entries)) continue;
        if (!left) before->is_open[fd] = true;
        else if (!before->is_open[fd]) leave_descriptor(vm, fd, left);
    }
    if (entries) closedir(entries);
}

static bool ran_before(const Before *before, int pid) {
    int i = 0;
    while (i < before->process_count && before->processes[i] != pid) i++;
    return i < before->process_count;
}

static void each_process(Before *before, Left *left) {
    char path[64], number[32];
    long self = syscall(SYS_gettid);
    snprintf(path, sizeof path, "/proc/self/task/%ld/children", self);
    FILE *list = fopen(path, "r");
    while (list && fscanf(list, "%31s", number) == 1) {
        if (left && !ran_before(before, atoi(number))) leave(left, "it left a process running: ", number);
        else if (!left && before->process_count < MOST_PROCESSES) before->processes[before->process_count++] = atoi(number);
    }
    if (list) fclose(list);
}

static void leave_draft(void *data, const char *path) { leave(data, "it left something temporary: ", path); }

static void look_behind(Child *child, Before *before, Left *left) {
    TgVM *vm = child->vm;
    for (int i = 0; i < 3; i++) vm->reactor->poll(vm->reactor); // what is closing gets its turns
    uint32_t held = tg_monitor_held(vm, NULL);
    if (held > child->held) left->count += tg_monitor_held(vm, &left->text);
    child->held = held;
    each_descriptor(vm, before, left);
    each_process(before, left);
    tg_fs_end_drafts(vm, leave_draft, left);
}

// ---- a run

static double real_now(const Child *child) { return child->real->now(child->real); }

// A clock that begins anew, or the real one.
static void set_clock(Child *child, bool real) {
    TgVM *vm = child->vm;
    if (vm->reactor != child->real) vm->reactor->free(vm->reactor);
    vm->reactor = real ? child->real : tg_reactor_virtual_new();
    if (!vm->reactor) vm->reactor = child->real; // no descriptors left for a clock: the real one will do
    vm->options.virtual_time = vm->reactor != child->real;
    vm->sched->next_flush = 0;
    vm->sched->next_id = 1; // tasks are called the same whatever ran before
}

static TgValue function_of(TgVM *vm, TgValue code) { return tg_obj(tg_closure_new(vm, (TgCode *)tg_as_obj(code), 0)); }

static TgOutcome run(Child *child, TgValue function, const TgValue *args, uint32_t count, bool real) {
    TgVM *vm = child->vm;
    TgSignals signals = {0};
    set_clock(child, real);
    tg_random_seed(vm, child->plan->vm.seed);
    tg_host_signals_on(vm, &signals);
    TgOutcome outcome = tg_run_function(vm, function, args, count);
    tg_host_signals_off(vm, &signals);
    tg_out_flush(vm, 1);
    return outcome;
}

static void report_error(TgVM *vm, TgValue error, TgBuffer *out) {
    char *text = NULL;
    size_t length = 0;
    FILE *file = tg_is_undef(error) ? NULL : open_memstream(&text, &length);
    if (!file) return;
    tg_report(vm, error, file);
    fclose(file);
    tg_buffer_add(out, text, length);
    free(text);
}

// Whether the error is what test.skip() raises; *why is then what it was given.
static bool is_skip(TgVM *vm, TgValue error, const char **why) {
    const TgClass *skipped = tg_lib_skipped(vm);
    if (!skipped || !tg_is_exception(error) || !tg_class_is(tg_class_of(vm, error), skipped)) return false;
    *why = tg_error_message(vm, (TgException *)tg_as_obj(error))->data;
    return true;
}

static TestStatus judge(TgVM *vm, const TgOutcome *outcome, TgBuffer *report) {
    const char *why;
    if (is_skip(vm, outcome->error, &why)) {
        tg_buffer_text(report, why);
        return TEST_SKIPPED;
    }
    report_error(vm, outcome->error, report);
    if (outcome->end == RUN_EXIT) tg_buffer_format(report, "it called exit(%d)\n", outcome->status);
    if (outcome->end == RUN_SIGNAL && !report->length) tg_buffer_text(report, "Interrupted\n");
    return outcome->end == RUN_OK ? TEST_PASSED : outcome->end == RUN_SIGNAL ? TEST_STOPPED : TEST_FAILED;
}

// Runs one test (or the top level) and says how it went.
static bool run_and_tell(Child *child, TgValue code, const TgValue *args, uint32_t count, bool real) {
    Before before = {.process_count = 0};
    TgBuffer report = {0};
    Left left = {0};
    child->held = tg_monitor_held(child->vm, NULL);
    each_descriptor(child->vm, &before, NULL);
    each_process(&before, NULL);
    double start = real_now(child);
    TgOutcome outcome = run(child, function_of(child->vm, code), args, count, real);
    double seconds = real_now(child) - start;
    TestStatus status = judge(child->vm, &outcome, &report);
    look_behind(child, &before, &left);
    if (left.count && left.text.data) tg_buffer_text(&report, left.text.data);
    if (left.count && status == TEST_PASSED) status = TEST_FAILED;
    say_end(child, status, seconds, report.data ? report.data : "");
    tg_buffer_free(&report);
    tg_buffer_free(&left.text);
    return status == TEST_PASSED;
}

// ---- tests and their cases

static void run_one(Child *child, const char *name, const TgList *test, const TgValue *args, uint32_t count) {
    if (!tg_test_wanted(child->plan, name)) return;
    say_begin(child, SAYS_BEGIN, name, tg_as_int(test->items[1]));
    run_and_tell(child, test->items[3], args, count, child->plan->real_time || test->items[2] == TG_TRUE);
}

// "adds [1, 2, 3]", or where the case is long or of several lines "adds [#2]".
static void run_case(Child *child, const TgList *test, TgValue value, uint32_t number) {
    char name[256];
    const char *base = ((TgString *)tg_as_obj(test->items[0]))->data;
    char *text = tg_value_text(child->vm, value);
    bool is_list = tg_is_kind(value, OBJ_LIST);
    bool is_short = text && strlen(text) <= NAME_SHOWN && !strchr(text, '\n');
    if (is_short) snprintf(name, sizeof name, is_list ? "%.180s %s" : "%.180s [%s]", base, text);
    else snprintf(name, sizeof name, "%.180s [#%u]", base, number);
    free(text);
    run_one(child, name, test, &value, 1);
}

// The List of a test's cases, or NULL: it was said why there is none.
static const TgList *find_cases(Child *child, const TgList *test) {
    TgVM *vm = child->vm;
    bool real = child->plan->real_time || test->items[2] == TG_TRUE;
    say_begin(child, SAYS_LOAD, ((TgString *)tg_as_obj(test->items[0]))->data, tg_as_int(test->items[1]));
    TgOutcome outcome = run(child, function_of(vm, test->items[4]), NULL, 0, real);
    vm->keep[KEEP_CASES] = outcome.end == RUN_OK ? outcome.value : TG_NIL;
    if (outcome.end == RUN_OK) outcome = run(child, vm->helpers[TG_HELPER_LIST], &vm->keep[KEEP_CASES], 1, real);
    vm->keep[KEEP_CASES] = outcome.end == RUN_OK ? outcome.value : TG_NIL;
    TgBuffer report = {0};
    TestStatus status = judge(vm, &outcome, &report);
    if (status != TEST_PASSED) tg_buffer_text(&report, "so the test has no cases\n");
    say_end(child, status, 0, report.data ? report.data : "");
    tg_buffer_free(&report);
    return status == TEST_PASSED ? (TgList *)tg_as_obj(vm->keep[KEEP_CASES]) : NULL;
}

static void run_tests(Child *child, const TgList *tests) {
    for (uint32_t i = 0; i < tests->count; i++) {
        const TgList *test = (TgList *)tg_as_obj(tests->items[i]);
        if (tg_is_nil(test->items[4])) {
            run_one(child, ((TgString *)tg_as_obj(test->items[0]))->data, test, NULL, 0);
            continue;
        }
        const TgList *cases = find_cases(child, test);
        for (uint32_t at = 0; cases && at < cases->count; at++) run_case(child, test, cases->items[at], at + 1);
    }
}

// ---- the file

// The file's Code, with its tests; NULL: it was said why there is none.
static TgCode *load(Child *child, const char *file, TgList **tests) {
    TgVM *vm = child->vm;
    size_t length;
    char *text = tg_host_read(file, &length), *error = NULL;
    if (!text) {
        TgBuffer why = {0};
        tg_buffer_format(&why, "%s\n", strerror(errno));
        say(child, SAYS_CANNOT, (const char *const[]){why.data}, 1);
        return NULL;
    }
    const char *slash = strrchr(file, '/');
    child->module = tg_host_module(vm, slash ? slash + 1 : file, file);
    *tests = tg_list(vm, 0);
    vm->keep[KEEP_TESTS] = tg_obj(*tests);
    TgScriptText script = {.file = file, .text = text, .length = length, .color = child->plan->color, .tests = *tests};
    bool unfinished;
    TgCode *code = tg_host_compile(vm, child->module, &script, &error, &unfinished);
    if (!code) say(child, SAYS_CANNOT, (const char *const[]){error ? error : "out of memory\n"}, 1);
    free(text);
    return code;
}

_Noreturn void tg_test_child(const TestPlan *plan, const char *file, int messages, int answers) {
    TgOptions options = plan->vm;
    options.virtual_time = false;
    Child child = {.plan = plan, .messages = messages, .answers = answers};
    TgVM *vm = child.vm = tg_host_vm(&options, NULL, 0);
    if (!vm || !tg_monitor_new(vm, false)) _exit(1);
    vm->options.color = plan->color;
    vm->options.is_terminal = false;
    child.real = vm->reactor;
    TgList *tests = NULL;
    TgCode *code = load(&child, file, &tests);
    if (code) {
        say_begin(&child, SAYS_LOAD, "", 1);
        vm->keep[3] = tg_obj(code);
        if (run_and_tell(&child, tg_obj(code), NULL, 0, plan->real_time)) {
            child.module->state = MODULE_READY;
            run_tests(&child, tests);
        }
    }
    fflush(NULL);
    _exit(0);
}
