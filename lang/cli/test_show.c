// lang/cli/test_show.c
// What the reader of `tg test` sees: a line for each file, all that is known of what failed, and the sum.
// Layer: command, private to tg test.
#include <stdio.h>
#include <string.h>

#include "lang/cli/test_impl.h"

enum { SLOWEST = 3, SLOW_FROM_MS = 100, FILE_WIDTH = 36 };

typedef enum { PLAIN, GOOD, BAD, FAINT } Paint;

static const char *paint(const TestPlan *plan, Paint which) {
    static const char *const codes[] = {"\033[0m", "\033[32m", "\033[1;31m", "\033[2m"};
    return plan->color ? codes[which] : "";
}

// The line of what runs now, which the next line takes the place of.
static void wipe(const TestPlan *plan) {
    if (plan->is_terminal && plan->color) fputs("\r\033[K", stdout);
}

void tg_test_show_now(const TestPlan *plan, const char *file, const char *name) {
    if (!plan->is_terminal || !plan->color) return;
    printf("\r\033[K%s%.60s %.60s%s", paint(plan, FAINT), file, name, paint(plan, PLAIN));
    fflush(stdout);
}

static void show_indented(const char *text) {
    while (*text) {
        size_t length = strcspn(text, "\n");
        printf("  %.*s\n", (int)length, text);
        text += length + (text[length] == '\n');
    }
}

// "a.tg:3: adds", or "a.tg: the file cannot be run".
static void show_name(const TestResult *result) {
    if (result->is_file) printf("%s: %s", result->file, result->name);
    else printf("%s:%u: %s", result->file, result->line, result->name);
}

static void show_seconds(double seconds) {
    if (seconds >= 1) printf("%.1f s", seconds);
    else printf("%.1f ms", seconds * 1e3);
}

// ---- with -v: each test

void tg_test_show_one(const TestPlan *plan, const TestResult *result) {
    static const char *const words[] = {"ok", "FAILED", "skipped", "stopped", "FAILED"};
    static const Paint paints[] = {GOOD, BAD, FAINT, BAD, BAD};
    if (!plan->shows_all) return;
    wipe(plan);
    printf("%s%-7s%s ", paint(plan, paints[result->status]), words[result->status], paint(plan, PLAIN));
    show_name(result);
    fputs(" (", stdout);
    show_seconds(result->seconds);
    puts(")");
    if (result->status == TEST_PASSED && *result->output) show_indented(result->output);
    fflush(stdout);
}

// ---- a file

typedef struct {
    uint32_t of[TEST_STATUSES];
    uint32_t all;
} Counts;

static Counts count_from(const TestSession *session, uint32_t from) {
    Counts counts = {{0}, 0};
    for (uint32_t i = from; i < session->results.count; i++) {
        counts.of[session->results.items[i].status]++;
        counts.all++;
    }
    return counts;
}

static void show_counts(const TestPlan *plan, const Counts *counts) {
    static const char *const words[] = {"passed", "failed", "skipped", "stopped", "cannot be run"};
    static const Paint paints[] = {GOOD, BAD, FAINT, BAD, BAD};
    bool is_first = true;
    for (int i = 0; i < TEST_STATUSES; i++) {
        if (!counts->of[i]) continue;
        printf("%s%s%u %s%s", is_first ? "" : ", ", paint(plan, paints[i]), counts->of[i], words[i], paint(plan, PLAIN));
        is_first = false;
    }
    if (is_first) fputs("no tests", stdout);
}

// In single quotes for a shell.
static void show_quoted(const char *text) {
    putchar('\'');
    for (; *text; text++) {
        if (*text == '\'') fputs("'\\''", stdout);
        else putchar(*text);
    }
    putchar('\'');
}

static void show_failure(const TestPlan *plan, const TestResult *result) {
    bool is_stopped = result->status == TEST_STOPPED;
    printf("\n%s%s%s ", paint(plan, BAD), is_stopped ? "stopped" : "FAILED", paint(plan, PLAIN));
    show_name(result);
    putchar('\n');
    show_indented(result->report);
    if (*result->output) {
        puts("  it printed:");
        for (const char *at = result->output; *at;) {
            size_t length = strcspn(at, "\n");
            printf("    | %.*s\n", (int)length, at);
            at += length + (at[length] == '\n');
        }
    }
    if (result->is_file || is_stopped) return;
    printf("%s  again: tg test %s -k ", paint(plan, FAINT), result->file);
    show_quoted(result->name);
    printf("%s\n", paint(plan, PLAIN));
}

void tg_test_show_file(const TestSession *session, const char *file, uint32_t from) {
    const TestPlan *plan = session->plan;
    Counts counts = count_from(session, from);
    wipe(plan);
    if (counts.all) {
        printf("%-*s ", FILE_WIDTH, file);
        show_counts(plan, &counts);
        putchar('\n');
    }
    bool was_bad = false;
    for (uint32_t i = from; i < session->results.count; i++) {
        const TestResult *result = &session->results.items[i];
        bool is_bad = result->status != TEST_PASSED && result->status != TEST_SKIPPED;
        if (is_bad) show_failure(plan, result);
        was_bad |= is_bad;
    }
    if (was_bad) putchar('\n');
    fflush(stdout);
}

// ---- the sum

uint32_t tg_test_count(const TestSession *session, TestStatus status) { return count_from(session, 0).of[status]; }

static const TestResult *slowest_below(const TestSession *session, double most) {
    const TestResult *found = NULL;
    for (uint32_t i = 0; i < session->results.count; i++) {
        const TestResult *result = &session->results.items[i];
        if (result->seconds < most && (!found || result->seconds > found->seconds)) found = result;
    }
    return found;
}

static void show_slowest(const TestSession *session) {
    double most = 1e9;
    for (int i = 0; i < SLOWEST; i++) {
        const TestResult *result = slowest_below(session, most);
        if (!result || result->seconds * 1e3 < SLOW_FROM_MS) return;
        fputs("slow: ", stdout);
        show_seconds(result->seconds);
        putchar(' ');
        show_name(result);
        putchar('\n');
        most = result->seconds;
    }
}

void tg_test_show_summary(const TestSession *session) {
    const TestPlan *plan = session->plan;
    Counts counts = count_from(session, 0);
    show_slowest(session);
    if (session->stopped_by) printf("%sstopped%s: ", paint(plan, BAD), paint(plan, PLAIN));
    else if (session->wants_no_more) fputs("stopped at the first failure: ", stdout);
    show_counts(plan, &counts);
    if (!counts.all && plan->filter) printf(" with '%s' in their name", plan->filter);
    fputs(" in ", stdout);
    show_seconds(session->seconds);
    putchar('\n');
    if (!counts.all && !plan->filter)
        puts("a test is a block at the top level of a file: test \"name\" { assert(1 + 1 == 2) }");
    fflush(stdout);
}
