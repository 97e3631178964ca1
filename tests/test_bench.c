// tests/test_bench.c
// The programs of the benchmark work: each at its smallest size prints what its `expected` holds.
// Layer: tests.
#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>

#include "tests/support.h"

// One row of sizes.txt: the program's name, and its sizes to be timed, counted and tested.
static void check_program(const char *name, const char *size) {
    char script[256], page[256];
    snprintf(script, sizeof script, "tests/bench/%s/%s.tg", name, name);
    snprintf(page, sizeof page, "tests/bench/%s/expected", name);
    Bytes expected = {0};
    cr_assert(bytes_read(&expected, page), "%s cannot be read", page);
    Ended ended = run_tg(NULL, (const char *[]){script, size, NULL}, NULL);
    const char *out = ended.out.data ? ended.out.data : "",
               *err = ended.err.data ? ended.err.data : "";
    cr_expect(ended.exit_status == 0, "%s %s: status %d: %s", script, size, ended.exit_status, err);
    cr_expect(strcmp(out, expected.data) == 0, "%s %s printed: %s", script, size, out);
    ended_free(&ended);
    bytes_free(&expected);
}

Test(bench, every_program_prints_what_it_should) {
    FILE *sizes = fopen("tests/bench/sizes.txt", "r");
    cr_assert(sizes, "tests/bench/sizes.txt cannot be read");
    char line[256], name[64], tiny[32];
    int count = 0;
    while (fgets(line, sizeof line, sizes)) {
        if (line[0] == '#' || sscanf(line, "%63s %*s %*s %31s", name, tiny) != 2) continue;
        check_program(name, tiny);
        count++;
    }
    fclose(sizes);
    cr_assert(count >= 20, "sizes.txt has %d programs", count);
}

// A work of tasks/tasks.tg, run as the bench runs it; the outputs come one behind the other.
static void add_work(Bytes *out, const char *const *arguments, const char *input) {
    Ended ended = run_tg(NULL, arguments, input);
    cr_expect(ended.exit_status == 0, "%s %s: status %d: %s", arguments[1], arguments[2], ended.exit_status,
              ended.err.data ? ended.err.data : "");
    if (ended.out.data) bytes_add(out, ended.out.data, ended.out.length);
    ended_free(&ended);
}

Test(bench, every_work_of_tasks_prints_what_it_should) {
    Bytes out = {0}, expected = {0};
    FILE *sizes = fopen("tests/bench/tasks/sizes.txt", "r");
    cr_assert(sizes, "tests/bench/tasks/sizes.txt cannot be read");
    char line[256], name[64], tiny[32];
    while (fgets(line, sizeof line, sizes)) {
        if (line[0] == '#' || sscanf(line, "%63s %*s %*s %*s %31s", name, tiny) != 2) continue;
        add_work(&out, (const char *[]){"tests/bench/tasks/tasks.tg", name, tiny, NULL}, NULL);
    }
    fclose(sizes);
    add_work(&out, (const char *[]){"tests/bench/tasks/tasks.tg", "cancel", "20", NULL}, NULL);
    add_work(&out, (const char *[]){"tests/bench/tasks/tasks.tg", "live", "20", "2", NULL}, NULL);
    add_work(&out, (const char *[]){"tests/bench/tasks/tasks.tg", "memory", "20", NULL}, "\n\n");
    cr_assert(bytes_read(&expected, "tests/bench/tasks/expected"), "tests/bench/tasks/expected cannot be read");
    cr_expect(out.data && strcmp(out.data, expected.data) == 0, "they printed:\n%s", out.data ? out.data : "");
    bytes_free(&out);
    bytes_free(&expected);
}
