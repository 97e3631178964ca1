// tests/support.h
// What the suites share: child processes with pipes, and the runner of scripts that say in their own
// comments what they expect (tests/conformance/FORMAT.md).
//
// Layer: tests. Knows the built command only, none of its parts.
#ifndef TG_TESTS_SUPPORT_H
#define TG_TESTS_SUPPORT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

// Bytes that grow. Zero-initialise; NUL terminated once something was added.
typedef struct {
    char *data;
    size_t length, capacity;
} Bytes;

void bytes_add(Bytes *bytes, const char *data, size_t length);
void bytes_free(Bytes *bytes);
// A whole file, or false.
bool bytes_read(Bytes *bytes, const char *path);

// The tg under test: $TG_BINARY, else the tg beside the running program. Absolute.
const char *tested_binary(void);

// How often `tg check` runs a script at most: under the sanitizers, where a run takes ten times as long, its first boundaries alone.
#ifdef __SANITIZE_ADDRESS__
#define MOST_RUNS(count) "--max-runs=10"
#else
#define MOST_RUNS(count) "--max-runs=" #count
#endif
// Seconds a script may take: $TG_TEST_TIMEOUT, else 10.
double test_timeout(void);
double seconds_now(void); // on a clock that never goes back

// In a forked child: clean signals and sanitizer options, then becomes the tg under test. Does not return.
_Noreturn void become_tg(const char *directory, const char *const *argv);

// A finished child. Exactly one of exit_status (>= 0) and signal (> 0) says how it ended.
typedef struct {
    int exit_status, signal;
    bool timed_out;
    Bytes out, err;
} Ended;

// Runs the tg under test with these arguments (NULL terminated) in `directory` (NULL: here) with `input`
// (NULL: none) on stdin.
Ended run_tg(const char *directory, const char *const *arguments, const char *input);
void ended_free(Ended *ended);

// Scripts
typedef struct {
    const char *const *flags; // options of tg before the file, NULL terminated; NULL: none
    int jobs;                 // how many at a time
    bool verbose;             // a line per script to `out`
    bool replays;             // each is recorded, and then has to be replayed to the same output and end
    FILE *out;                // failures
} ScriptMode;

typedef struct {
    char **paths;
    size_t count;
} ScriptList;

// Adds `path`, or all *.tg below it but those named _*, in order. False where it is not there.
bool scripts_find(ScriptList *list, const char *path);
void scripts_free(ScriptList *list);
// Runs them all, reports those that failed; how many did.
size_t scripts_run(const ScriptList *list, const ScriptMode *mode);
// Runs all below `path`, as they are, a boundary a slice, and with a collection always under way. How many scripts there are, where
// all of them held; else 0.
size_t scripts_run_stressed(const char *path);

#endif
