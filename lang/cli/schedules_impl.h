// lang/cli/schedules_impl.h
// What the files of tg check --schedules share.
// Layer: command.
#ifndef TG_LANG_CLI_SCHEDULES_IMPL_H
#define TG_LANG_CLI_SCHEDULES_IMPL_H

#include "vm/explore.h"
#include "vm/run.h"

typedef struct {
    uint64_t max_runs, boundaries, preemptions, at;
    double seconds;
    bool any_output, interrupts, brute, outcomes;
    const char *token; // the one schedule to run, or NULL
    const char *file;
    char **args;
    int arg_count;
} Plan;

typedef enum { FINDS_ERROR, FINDS_HELD, FINDS_ENDLESS, FINDS_OUTPUT, FINDS_PRESS } FindKind;

// How a run ended, as far as schedules are told apart by it.
typedef struct {
    TgExplored explored;
    TgRunEnd end;
    int status;
    bool asserted, deadlocked;
    char *key;    // of what came out: classes and lines; "" for nothing
    char *error;  // the same for people
    char *held;   // lines about locks, semaphores and exits; "" for none
    char *output;
} Result;

typedef struct {
    FindKind kind;
    char *key;
    char *what;        // for people, a line
    uint64_t schedules; // that showed it
    TgDeviations how;  // the simplest known
    uint64_t press;    // FINDS_PRESS: the boundary
    char *output;      // FINDS_OUTPUT
} Finding;

typedef struct {
    char *text; // the key of an outcome
    char *output;
    uint64_t schedules;
    TgDeviations how;
} Outcome;

typedef struct {
    const Plan *plan;
    TgVM *vm;
    TgCode *code;
    Result base;
    uint64_t runs, schedules, presses;
    double began;
    const char *stopped_by; // an option, or NULL
    uint32_t bound;         // of the pass that was the last
    bool complete;
    double progress;
    Finding *findings;
    uint32_t finding_count, finding_room;
    Outcome *outcomes;
    uint32_t outcome_count, outcome_room;
} Search;

// One run by the search's next schedule, or by `guide`. The result is the caller's (schedules_result_free).
Result schedules_run(Search *search, const TgDeviations *guide);
void schedules_result_free(Result *result);
// Takes the result into the account: what it shows is found.
void schedules_judge(Search *search, const Result *result);
void schedules_judge_press(Search *search, const Result *result, uint64_t press);
// Makes the schedule of each finding as simple as can be found.
void schedules_simplify(Search *search);
void schedules_free(Search *search);

// Tells all, on stdout; gives the exit status.
int schedules_report(Search *search);
// The token of a schedule, and back (false: it is none).
void schedules_token(const TgDeviations *how, TgBuffer *out);
bool schedules_read_token(const char *token, TgDeviations *how);
// Runs the one schedule of plan->token and tells it.
int schedules_replay(Search *search);

#endif
