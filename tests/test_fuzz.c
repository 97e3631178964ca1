// tests/test_fuzz.c
// What fuzzing begins with, and what it found, goes through every target; some programs made of bytes too (tests/fuzz/fuzz.h).
// Layer: tests.
#include <criterion/criterion.h>
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>

#include "tests/fuzz/fuzz.h"

enum { LONGEST_INPUT = 1 << 16 };

static void feed_file(const FuzzTarget *target, const char *path) {
    static uint8_t data[LONGEST_INPUT];
    FILE *file = fopen(path, "rb");
    cr_assert(file, "%s", path);
    size_t size = fread(data, 1, sizeof data, file);
    fclose(file);
    target->feed(data, size);
}

// So many files were there.
static int feed_folder(const FuzzTarget *target, const char *folder) {
    int count = 0;
    DIR *directory = opendir(folder);
    if (!directory) return 0;
    for (struct dirent *entry; (entry = readdir(directory));) {
        char path[600];
        if (entry->d_name[0] == '.') continue;
        snprintf(path, sizeof path, "%s/%s", folder, entry->d_name);
        feed_file(target, path);
        count++;
    }
    closedir(directory);
    return count;
}

Test(fuzz, seeds_go_through_their_targets) {
    int count = 0;
    for (const FuzzTarget *target = fuzz_targets; target->name; target++) {
        char folder[200];
        snprintf(folder, sizeof folder, "tests/fuzz/seeds/%s", target->name);
        count += feed_folder(target, folder);
    }
    cr_assert_geq(count, 10);
}

Test(fuzz, scripts_go_through_the_readers_of_tg) {
    static const char *const readers[] = {"compile", "line"};
    for (size_t i = 0; i < sizeof readers / sizeof *readers; i++)
        cr_assert_geq(feed_folder(fuzz_target(readers[i]), "tests/conformance/statements"), 5);
}

// A program that prints something else in another way to run it ends the process of this test.
Test(fuzz, programs_made_of_bytes_print_the_same_in_every_way) {
    uint64_t state = 1;
    for (int i = 0; i < 30; i++) {
        uint8_t choices[600];
        for (size_t at = 0; at < sizeof choices; at++) {
            state = state * 6364136223846793005u + 1442695040888963407u;
            choices[at] = (uint8_t)(state >> 56);
        }
        fuzz_target("program")->feed(choices, sizeof choices);
    }
}

Test(fuzz, a_program_of_no_bytes_is_one_too) {
    TgBuffer text = {0};
    fuzz_write_program(NULL, 0, &text);
    cr_assert_str_eq(text.data, "let v0 = 1\n");
    tg_buffer_free(&text);
}
