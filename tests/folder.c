// tests/folder.c
// Layer: tests.
#include "tests/folder.h"

#include <criterion/criterion.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>

char folder[] = "/tmp/tg-test-XXXXXX"; // each test is a process of its own

void make_folder(void) { cr_assert(mkdtemp(folder)); }

void drop_folder(void) {
    char command[64];
    snprintf(command, sizeof command, "rm -rf %s", folder);
    cr_assert(system(command) == 0);
}

const char *path_of(const char *name) {
    static char path[PATH_MAX];
    snprintf(path, sizeof path, "%s/%s", folder, name);
    return path;
}
