// tests/test_docs.c
// Every ```tg block of README.md and docs/ is a script that says what it expects, and is run.
#include <criterion/criterion.h>
#include <dirent.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tests/support.h"

static char directory[] = "/tmp/tg-docs-XXXXXX";

// README.md, line 12 → <directory>/README.md_12.tg
static void write_block(const char *page, int line, const char *at, size_t length) {
    const char *slash = strrchr(page, '/');
    char path[512];
    snprintf(path, sizeof path, "%s/%s_%d.tg", directory, slash ? slash + 1 : page, line);
    FILE *file = fopen(path, "w");
    cr_assert(file && fwrite(at, 1, length, file) == length);
    fclose(file);
}

static void write_blocks(const char *page) {
    Bytes text = {0};
    cr_assert(bytes_read(&text, page), "%s cannot be read", page);
    const char *block = NULL;
    int line = 0, block_line = 0;
    for (const char *at = text.data, *next; at && *at; at = next) {
        const char *newline = strchr(at, '\n');
        next = newline ? newline + 1 : NULL;
        line++;
        if (block && !strncmp(at, "```", 3)) {
            write_block(page, block_line, block, (size_t)(at - block));
            block = NULL;
        } else if (!block && !strncmp(at, "```tg\n", 6)) {
            block = next;
            block_line = line + 1;
        }
    }
    cr_assert(!block, "%s: a block without an end", page);
    bytes_free(&text);
}

static void write_pages(const char *folder) {
    DIR *entries = opendir(folder);
    if (!entries) return;
    for (struct dirent *entry; (entry = readdir(entries));) {
        char path[1024];
        snprintf(path, sizeof path, "%s/%s", folder, entry->d_name);
        struct stat info;
        if (entry->d_name[0] == '.' || stat(path, &info) != 0) continue;
        const char *dot = strrchr(entry->d_name, '.');
        if (S_ISDIR(info.st_mode)) write_pages(path);
        else if (dot && !strcmp(dot, ".md")) write_blocks(path);
    }
    closedir(entries);
}

Test(docs, every_block_does_what_it_says) {
    cr_assert(mkdtemp(directory));
    write_blocks("README.md");
    write_pages("docs");
    ScriptList list = {0};
    scripts_find(&list, directory);
    ScriptMode mode = {.jobs = 4, .out = stderr};
    size_t failed = scripts_run(&list, &mode), count = list.count;
    for (size_t i = 0; i < count; i++) unlink(list.paths[i]);
    scripts_free(&list);
    rmdir(directory);
    cr_assert(count > 0, "README.md has no block");
    cr_assert(failed == 0, "%zu of %zu blocks failed (above)", failed, count);
}
