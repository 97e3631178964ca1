// tests/test_schedules.c
// tg check --schedules: every bug of the corpus is found and every mended twin is clean; the reduced search ends in the same ways as
// the one that leaves nothing out; a token runs its schedule again; bounds and options say what they did.
#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "tests/support.h"

static Ended check(const char *directory, const char *file, const char *const *options) {
    const char *arguments[16] = {"check", "--schedules"};
    int count = 2;
    while (options && *options) arguments[count++] = *options++;
    arguments[count++] = file;
    arguments[count] = NULL;
    return run_tg(directory, arguments, NULL);
}

static bool says(const Ended *ended, const char *text) { return ended->out.data && strstr(ended->out.data, text); }

// ---- The corpus

// What stands behind "# finds: ", or NULL.
static char *promise_of(const char *path) {
    Bytes text = {0};
    cr_assert(bytes_read(&text, path));
    static const char mark[] = "# finds: ";
    const char *at = strstr(text.data, mark);
    char *promise = at ? strndup(at + strlen(mark), strcspn(at + strlen(mark), "\n")) : NULL;
    bytes_free(&text);
    return promise;
}

// The token of the last finding shown.
static char *token_of(const Ended *ended) {
    static const char mark[] = "--schedule=";
    const char *at = NULL;
    for (const char *next = ended->out.data; next && (next = strstr(next, mark)); next += strlen(mark)) at = next + strlen(mark);
    return at ? strndup(at, strcspn(at, " \n")) : NULL;
}

static void expect_again(const char *path, const char *token, const char *promise) {
    char option[1024];
    snprintf(option, sizeof option, "--schedule=%s", token);
    const char *arguments[] = {"check", option, path, NULL};
    Ended ended = run_tg(NULL, arguments, NULL);
    cr_expect(!says(&ended, "do not fit"), "%s %s:\n%s", path, token, ended.out.data);
    const char *cause = strstr(promise, ": "); // "an error came out: Closed"
    if (cause) cr_expect(says(&ended, cause + 2), "%s %s: no '%s' in\n%s", path, token, cause + 2, ended.out.data);
    else if (!strcmp(promise, "deadlock")) cr_expect(says(&ended, "ended by Deadlock"), "%s %s:\n%s", path, token, ended.out.data);
    else if (!strcmp(promise, "an assert failed")) cr_expect(says(&ended, "ended by AssertionError"), "%s:\n%s", path, ended.out.data);
    ended_free(&ended);
}

static void try_one(const char *path) {
    char *promise = promise_of(path);
    Ended ended = check(NULL, path, NULL);
    cr_expect(says(&ended, ": complete: "), "%s:\n%s%s", path, ended.out.data, ended.err.data);
    if (strstr(path, ".fixed.tg")) {
        cr_expect(ended.exit_status == 0 && says(&ended, "nothing found"), "%s:\n%s", path, ended.out.data);
    } else {
        cr_assert(promise, "%s does not say what it finds", path);
        cr_expect(ended.exit_status == 1 && says(&ended, promise), "%s: no '%s' in\n%s", path, promise, ended.out.data);
        char *token = token_of(&ended);
        cr_expect(token, "%s:\n%s", path, ended.out.data);
        if (token) expect_again(path, token, promise);
        free(token);
    }
    ended_free(&ended);
    free(promise);
}

Test(schedules, each_bug_is_found_and_each_mended_twin_is_clean, .timeout = 300) {
    ScriptList list = {0};
    size_t bugs = 0, mended = 0;
    cr_assert(scripts_find(&list, "tests/schedules"));
    for (size_t i = 0; i < list.count; i++) {
        if (strstr(list.paths[i], "/small/")) continue;
        *(strstr(list.paths[i], ".fixed.tg") ? &mended : &bugs) += 1;
        try_one(list.paths[i]);
    }
    cr_expect(bugs >= 15 && bugs == mended, "%zu bugs, %zu mended", bugs, mended);
    scripts_free(&list);
}

// ---- Against brute force

static int by_text(const void *a, const void *b) { return strcmp(*(char *const *)a, *(char *const *)b); }

// The sorted "outcome:" lines.
typedef struct {
    char *lines[1000];
    size_t count;
} Outcomes;

static void read_outcomes(Outcomes *outcomes, const Ended *ended) {
    outcomes->count = 0;
    for (const char *at = ended->out.data; at && *at;) {
        size_t length = strcspn(at, "\n");
        if (!strncmp(at, "outcome:", 8) && outcomes->count < 1000) outcomes->lines[outcomes->count++] = strndup(at, length);
        at += length + (at[length] == '\n');
    }
    qsort(outcomes->lines, outcomes->count, sizeof(char *), by_text);
}

static void free_outcomes(Outcomes *outcomes) {
    while (outcomes->count) free(outcomes->lines[--outcomes->count]);
}

static bool has(const Outcomes *outcomes, char *line) {
    return bsearch(&line, outcomes->lines, outcomes->count, sizeof(char *), by_text) != NULL;
}

#ifdef __SANITIZE_ADDRESS__
#define MOST_BRUTE "--max-runs=300"
#else
#define MOST_BRUTE "--max-runs=4000"
#endif

// Whether the brute search came to its end.
static bool compare(const char *path) {
    static const char *const reduced[] = {"--outcomes", NULL}, *const brute[] = {"--outcomes", "--brute", MOST_BRUTE, NULL};
    Outcomes few, all;
    Ended a = check(NULL, path, reduced), b = check(NULL, path, brute);
    read_outcomes(&few, &a);
    read_outcomes(&all, &b);
    bool is_whole = says(&b, ": complete: ");
    cr_expect(says(&a, ": complete: ") && few.count > 0, "%s:\n%s%s", path, a.out.data, a.err.data);
    cr_expect(!is_whole || few.count == all.count, "%s: %zu ways to end, by brute force %zu\n%s%s", path, few.count, all.count, a.out.data,
              b.out.data);
    for (size_t i = 0; i < all.count; i++) cr_expect(has(&few, all.lines[i]), "%s: only by brute force: %s", path, all.lines[i]);
    free_outcomes(&few);
    free_outcomes(&all);
    ended_free(&a);
    ended_free(&b);
    return is_whole;
}

Test(schedules, ends_in_the_same_ways_as_brute_force, .timeout = 600) {
    ScriptList list = {0};
    size_t whole = 0;
    cr_assert(scripts_find(&list, "tests/schedules"));
    for (size_t i = 0; i < list.count; i++) whole += compare(list.paths[i]);
#ifndef __SANITIZE_ADDRESS__
    cr_expect(whole >= 40, "%zu of %zu", whole, list.count);
#endif
    scripts_free(&list);
}

// ---- Bounds and options

static void expect(const char *directory, const char *file, const char *const *options, int status, const char *text) {
    Ended ended = check(directory, file, options);
    cr_expect(ended.exit_status == status && (says(&ended, text) || (ended.err.data && strstr(ended.err.data, text))),
              "%s: status %d, wanted %d with '%s'\n%s%s", file, ended.exit_status, status, text, ended.out.data, ended.err.data);
    ended_free(&ended);
}
#define OPTIONS(...) (const char *const[]){__VA_ARGS__, NULL}

Test(schedules, a_bound_that_stopped_it_is_named, .timeout = 60) {
    const char *directory = "tests/schedules";
    expect(directory, "lost_update.tg", OPTIONS("--preemptions=0"), 3, "with at most 0 preemptions, 1 runs, nothing found so far; stopped by --preemptions");
    expect(directory, "lost_update.tg", OPTIONS("--preemptions=1"), 1, "1 finding");
    expect(directory, "condition_without_loop.fixed.tg", OPTIONS("--max-runs=5"), 3, "stopped by --max-runs");
    expect("examples", "busy_loop.tg", NULL, 3, "the script does not end by itself");
}

Test(schedules, options_that_are_wrong_are_said, .timeout = 60) {
    const char *directory = "tests/schedules";
    expect(directory, "lost_update.tg", OPTIONS("--maxruns=5"), 2, "--maxruns=5: no such option");
    expect(directory, "lost_update.tg", OPTIONS("--max-runs=x"), 2, "--max-runs=x");
    expect(directory, "lost_update.tg", OPTIONS("--schedule=b5"), 2, "--schedule=b5 is no schedule");
    expect(directory, "lost_update.tg", OPTIONS("--schedule=b5:3,w90:7"), 1, "do not fit");
    expect(directory, "no_such.tg", NULL, 2, "No such file");
}

Test(schedules, outputs_may_differ_where_that_is_said, .timeout = 60) {
    expect("tests/schedules", "output_order.tg", NULL, 1, "different schedules print different things: 2 outputs");
    expect("tests/schedules", "output_order.tg", OPTIONS("--any-output"), 0, "nothing found");
}

// ---- With other things

static void write_file(const char *directory, const char *name, const char *text) {
    char path[512];
    snprintf(path, sizeof path, "%s/%s", directory, name);
    FILE *file = fopen(path, "w");
    cr_assert(file && fputs(text, file) >= 0);
    fclose(file);
}

static void expect_of_text(const char *text, const char *const *options, int status, const char *finding) {
    char directory[] = "/tmp/tg-schedules-XXXXXX", path[512];
    cr_assert(mkdtemp(directory));
    write_file(directory, "a.tg", text);
    write_file(directory, "counter.tg", "let count = 0\nfn one() => 1\nfn bump() { let old = count; let more = one(); count = old + more }\n");
    expect(directory, "a.tg", options, status, finding);
    snprintf(path, sizeof path, "%s/a.tg", directory);
    unlink(path);
    snprintf(path, sizeof path, "%s/counter.tg", directory);
    unlink(path);
    rmdir(directory);
}

Test(schedules, a_lock_held_by_hand_is_lost_by_a_ctrl_c, .timeout = 60) {
    static const char text[] = "let m = lock()\nfn note() {}\nfn work() { m.acquire(); note(); m.release() }\n"
                               "nursery { spawn work(); spawn work() }\n";
    expect_of_text(text, NULL, 0, "nothing found");
    expect_of_text(text, OPTIONS("--interrupts"), 1, "interrupted: a lock is still held");
    expect_of_text(text, OPTIONS("--schedule=plain", "--at=7"), 1, "with a Ctrl-C at boundary 7");
}

Test(schedules, variables_of_imported_files_count, .timeout = 60) {
    static const char text[] = "import \"counter.tg\"\nnursery { spawn counter.bump(); spawn counter.bump() }\nassert(counter.count == 2)\n";
    expect_of_text(text, NULL, 1, "wrote count over that (counter.tg:3)");
}

Test(schedules, more_tasks_than_it_can_keep_account_of_stop_it, .timeout = 60) {
    expect_of_text("let n = 0\nnursery { for i in 0..300 { spawn { n = n + 1; checkpoint() } } }\nprint(n)\n", NULL, 3, "stopped by its size");
    expect_of_text("let n = 0\nfor i in 0..300 { nursery { spawn { n = n + 1; checkpoint() } } }\nprint(n)\n", NULL, 3, "stopped by its size");
}

Test(schedules, a_run_without_an_end_among_others_is_found, .timeout = 60) {
    static const char text[] = "let on = true\nlet x = 0\nfn off() { if x == 0 { on = false } }\nfn set() { x = 1 }\n"
                               "nursery { spawn off(); spawn set(); spawn { while on { checkpoint() } } }\n";
    expect_of_text(text, OPTIONS("--boundaries=300"), 1, "the run does not end");
}

// ---- The page

// The blocks of tg code that begin with their file's name become files; each indented "$ tg …" is run, and what stands below it is
// what it says.
static void write_pages_files(const char *text, const char *directory) {
    for (const char *at = text; (at = strstr(at, "```tg\n# "));) {
        at += 8;
        char name[64];
        snprintf(name, sizeof name, "%.*s", (int)strcspn(at, "\n"), at);
        const char *begin = at - 2, *end = strstr(begin, "\n```");
        cr_assert(end);
        char *block = strndup(begin, (size_t)(end + 1 - begin));
        write_file(directory, name, block);
        free(block);
    }
}

static void run_line(const char *directory, char *line, const char *wanted) {
    const char *arguments[16];
    int count = 0;
    for (char *word = strtok(line, " "); word && count < 15; word = strtok(NULL, " ")) arguments[count++] = word;
    arguments[count] = NULL;
    Ended ended = run_tg(directory, arguments, NULL);
    cr_expect_str_eq(ended.out.data ? ended.out.data : "", wanted);
    ended_free(&ended);
}

Test(schedules, the_page_says_what_is_so, .timeout = 60) {
    char directory[] = "/tmp/tg-schedules-XXXXXX", command[64];
    cr_assert(mkdtemp(directory));
    Bytes page = {0};
    cr_assert(bytes_read(&page, "docs/schedules.md"));
    write_pages_files(page.data, directory);
    int runs = 0;
    static const char mark[] = "\n    $ tg ";
    for (const char *at = page.data; (at = strstr(at, mark)); runs++) {
        at += strlen(mark);
        size_t length = strcspn(at, "\n");
        char *line = strndup(at, length);
        Bytes wanted = {0};
        for (at += length + 1; !strncmp(at, "    ", 4); at += length + 1) bytes_add(&wanted, at + 4, (length = strcspn(at, "\n")) - 3);
        at--;
        run_line(directory, line, wanted.data);
        bytes_free(&wanted);
        free(line);
    }
    cr_expect(runs >= 3, "%d", runs);
    bytes_free(&page);
    snprintf(command, sizeof command, "rm -r %s", directory);
    cr_assert(system(command) == 0);
}
