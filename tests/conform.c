// tests/conform.c
// The runner of scripts for the shell: conform [-v] [-jN] [--replay] [--flag of tg]... [path...]
// Exit status 1 where a script failed.
//
// Layer: tests.
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/support.h"

static const char *const everywhere[] = {"tests/conformance", "tests/regression", "examples", NULL};

int main(int argc, char **argv) {
    const char **flags = calloc((size_t)argc + 1, sizeof *flags);
    if (!flags) return 2;
    ScriptList list = {0};
    ScriptMode mode = {.flags = flags, .jobs = 4, .out = stdout};
    size_t flag_count = 0;
    bool found = true, given = false;
    for (int i = 1; i < argc; i++) {
        if (strcmp(argv[i], "-v") == 0) mode.verbose = true;
        else if (strcmp(argv[i], "--replay") == 0) mode.replays = true;
        else if (strncmp(argv[i], "-j", 2) == 0) mode.jobs = atoi(argv[i] + 2);
        else if (argv[i][0] == '-') flags[flag_count++] = argv[i];
        else {
            given = true;
            if (!scripts_find(&list, argv[i])) {
                fprintf(stderr, "%s: not there\n", argv[i]);
                found = false;
            }
        }
    }
    for (size_t i = 0; !given && everywhere[i]; i++) scripts_find(&list, everywhere[i]);
    size_t failed = scripts_run(&list, &mode), count = list.count;
    printf("%zu scripts, %zu failed\n", count, failed);
    scripts_free(&list);
    free(flags);
    return failed || !count || !found ? 1 : 0;
}
