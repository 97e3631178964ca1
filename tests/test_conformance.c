// tests/test_conformance.c
// Every script of tests/conformance, tests/regression and examples, as it is and under stress. One test
// per mode runs them all, a few at a time: a Criterion test per script would cost more than the scripts.
#include <criterion/criterion.h>

#include "tests/support.h"

static void run_everywhere(const char *const *flags) {
    static const char *const roots[] = {"tests/conformance", "tests/regression", "examples"};
    ScriptList list = {0};
    for (size_t i = 0; i < sizeof roots / sizeof *roots; i++) scripts_find(&list, roots[i]);
    ScriptMode mode = {.flags = flags, .jobs = 4, .out = stderr};
    size_t failed = scripts_run(&list, &mode), count = list.count;
    scripts_free(&list);
    cr_assert(count > 0, "no scripts found");
    cr_assert(failed == 0, "%zu of %zu scripts failed (above)", failed, count);
}

Test(conformance, plain) { run_everywhere(NULL); }

Test(conformance, one_boundary_a_slice) {
    run_everywhere((const char *const[]){"--slice=1", NULL});
}

Test(conformance, collection_at_every_boundary) {
    run_everywhere((const char *const[]){"--gc-stress", NULL});
}

// Small slices of a collection: what a missing barrier would lose is lost here.
Test(conformance, collection_always_under_way) {
    run_everywhere((const char *const[]){"--gc-stress=steps", NULL});
}
