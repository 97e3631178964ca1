// lang/cli/test_impl.h
// What the rooms of `tg test` share. Nobody else includes it.
//
//   test.c        the command line, the files in turn, the exit status
//   test_find.c   which files there are
//   test_run.c    one file: a child process, its time limit, Ctrl-C
//   test_child.c  that process: the file's top level, then test after test
//   test_show.c   what the reader sees       test_junit.c   what a machine reads
//
// A file has a process of its own, so that whatever a test does (exits, never ends, crashes the interpreter) is its own
// affair. The child says what it does through a pipe and asks before each test whether to go on.
// Layer: command, private to tg test.
#ifndef TG_LANG_CLI_TEST_IMPL_H
#define TG_LANG_CLI_TEST_IMPL_H

#include <stdbool.h>
#include <stdint.h>

#include "lang/cli/options.h"
#include "vm/string.h"

typedef struct {
    TgOptions vm;
    const char *filter;       // -k: part of the name; or NULL
    const char *junit;        // a path, or NULL
    bool real_time, fail_fast, list, shows_all, is_help;
    double timeout;           // seconds of real time for one test
    bool color, is_terminal;  // of stdout
    const char **paths;       // as given
    int path_count;
} TestPlan;

typedef enum { TEST_PASSED, TEST_FAILED, TEST_SKIPPED, TEST_STOPPED, TEST_UNREADABLE, TEST_STATUSES } TestStatus;

typedef struct {
    const char *file;  // borrowed
    char *name;        // with its case
    uint32_t line;
    TestStatus status;
    double seconds;    // of real time
    char *report;      // why it failed, or was skipped; "" where there is nothing to say
    char *output;      // what it printed
    bool is_file;      // no test, but the file: its top level failed, or it cannot be run
} TestResult;

typedef struct {
    TestResult *items;
    uint32_t count, capacity;
} TestResults;

typedef struct {
    const TestPlan *plan;
    TestResults results;
    int stopped_by;         // the signal that did
    bool wants_no_more;     // after that, or after a failure with --fail-fast
    double seconds;
} TestSession;

// ---- test_find.c

typedef struct {
    char **items;
    uint32_t count, capacity;
} TestFiles;

// The files of the plan, in order. False: a path cannot be read (said on stderr).
bool tg_test_find(const TestPlan *plan, TestFiles *files);
// Prints the tests of a file without running anything of it. False: it cannot be read or parsed (said on stderr).
bool tg_test_list(const TestPlan *plan, const char *file, uint32_t *count);

// ---- test_child.c, with the messages that it sends

// Fields of a message: as many as the kind has, each a length and bytes.
enum { MESSAGE_FIELDS = 4 };
typedef enum {
    SAYS_CANNOT = 'c', // the file: why
    SAYS_LOAD = 'l',   // the top level begins, or what makes a test's cases: name ("": the file), line
    SAYS_BEGIN = 'b',  // a test: name, line. Both wait for a byte: 'g' go on, 's' stop
    SAYS_END = 'e',    // what began last: status, seconds, report
} TestMessageKind;

_Noreturn void tg_test_child(const TestPlan *plan, const char *file, int messages, int answers);
// Whether a test of this name is wanted.
bool tg_test_wanted(const TestPlan *plan, const char *name);

// ---- test_run.c

// Runs the tests of a file; adds their results to the session.
void tg_test_run(TestSession *session, const char *file);
// From now on Ctrl-C, SIGTERM and SIGHUP are noted, for tg_test_run.
void tg_test_watch_signals(void);

// ---- test_show.c

void tg_test_show_now(const TestPlan *plan, const char *file, const char *name); // on a terminal: what runs
void tg_test_show_one(const TestPlan *plan, const TestResult *result);           // with -v: as it ends
void tg_test_show_file(const TestSession *session, const char *file, uint32_t from); // its results from `from` on
void tg_test_show_summary(const TestSession *session);
uint32_t tg_test_count(const TestSession *session, TestStatus status);

// ---- test_junit.c

// False: it cannot be written (said on stderr).
bool tg_test_write_junit(const TestSession *session);

#endif
