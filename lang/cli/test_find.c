// lang/cli/test_find.c
// Which files have tests. A file that is named is taken as it is; of a directory those are taken that are named
// like tests (*_test.tg, test_*.tg) or hold a test block.
// Layer: command, private to tg test.
#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "lang/cli/host.h"
#include "lang/cli/test_impl.h"
#include "lang/lang.h"

// ---- the tests of a text

typedef struct {
    TgArena *arena;
    TgSource source;
    TgDiags diags;
    TgTree tree;
} Parsed;

static bool parse(Parsed *parsed, const char *file, const char *text, size_t length) {
    if (!tg_source_init(&parsed->source, file, text, length)) return false;
    parsed->arena = tg_arena_new();
    tg_diags_init(&parsed->diags, parsed->arena, &parsed->source);
    tg_parse(&parsed->tree, parsed->arena, &parsed->source, &parsed->diags);
    return true;
}

static void parsed_free(Parsed *parsed) {
    tg_arena_free(parsed->arena);
    tg_source_free(&parsed->source);
}

// The next test of the file's top level from `*at` on, or NULL.
static const TgNode *next_test(const Parsed *parsed, uint32_t *at) {
    const TgNodeList *list = &parsed->tree.tree->list;
    while (*at < list->count) {
        const TgNode *node = list->items[(*at)++];
        if (node->kind == NODE_TEST) return node;
    }
    return NULL;
}

static bool holds_tests(const char *path) {
    size_t length;
    char *text = tg_host_read(path, &length);
    Parsed parsed;
    bool found = false;
    if (text && memmem(text, length, "test ", 5) && parse(&parsed, path, text, length)) {
        found = next_test(&parsed, &(uint32_t){0}) != NULL;
        parsed_free(&parsed);
    }
    free(text);
    return found;
}

static bool list_tests(const TestPlan *plan, const Parsed *parsed, const char *file, uint32_t *count) {
    uint32_t at = 0;
    for (const TgNode *test; (test = next_test(parsed, &at));) {
        char name[256];
        int line, column;
        snprintf(name, sizeof name, "%.*s", (int)test->a->name.length, test->a->name.at ? test->a->name.at : "");
        if (!tg_test_wanted(plan, name)) continue;
        tg_source_place(&parsed->source, parsed->tree.tokens.items[test->first].start, &line, &column);
        printf("%s:%d: %s%s\n", file, line, name, test->b ? " [several cases]" : "");
        ++*count;
    }
    return parsed->diags.count == 0;
}

bool tg_test_list(const TestPlan *plan, const char *file, uint32_t *count) {
    size_t length;
    char *text = tg_host_read(file, &length);
    Parsed parsed;
    bool is_good = text && parse(&parsed, file, text, length);
    if (!is_good) {
        fprintf(stderr, "tg test: %s: %s\n", file, text ? "the text is too large" : strerror(errno));
    } else {
        is_good = list_tests(plan, &parsed, file, count);
        char *errors = is_good ? NULL : tg_diags_text(&parsed.diags, tg_host_color(stderr));
        if (errors) fputs(errors, stderr);
        free(errors);
        parsed_free(&parsed);
    }
    free(text);
    return is_good;
}

// ---- directories

static void add_file(TestFiles *files, char *path) {
    for (uint32_t i = 0; i < files->count; i++) {
        if (strcmp(files->items[i], path) != 0) continue;
        free(path);
        return;
    }
    if (files->count == files->capacity) {
        files->capacity = files->capacity ? files->capacity * 2 : 16;
        files->items = realloc(files->items, files->capacity * sizeof *files->items);
        if (!files->items) abort(); // a handful of paths: there is nothing to be done without memory
    }
    files->items[files->count++] = path;
}

static bool is_named_test(const char *name) {
    size_t length = strlen(name);
    return !strncmp(name, "test_", 5) || (length > 8 && !strcmp(name + length - 8, "_test.tg"));
}

static int is_shown(const struct dirent *entry) { return entry->d_name[0] != '.'; }

// Links to directories are not followed: they may lead in a circle.
static bool walk(TestFiles *files, const char *folder) {
    struct dirent **entries;
    int count = scandir(folder, &entries, is_shown, alphasort);
    if (count < 0) return false;
    for (int i = 0; i < count; i++) {
        const char *name = entries[i]->d_name, *dot = strrchr(name, '.');
        char *path = NULL;
        struct stat info;
        bool is_here = !strcmp(folder, ".");
        if (asprintf(&path, "%s%s%s", is_here ? "" : folder, is_here || folder[strlen(folder) - 1] == '/' ? "" : "/", name) < 0) abort();
        if (lstat(path, &info) == 0 && S_ISDIR(info.st_mode)) walk(files, path);
        bool is_wanted = dot && !strcmp(dot, ".tg") && stat(path, &info) == 0 && S_ISREG(info.st_mode) &&
                         (is_named_test(name) || holds_tests(path));
        if (is_wanted) add_file(files, path);
        else free(path);
        free(entries[i]);
    }
    free(entries);
    return true;
}

bool tg_test_find(const TestPlan *plan, TestFiles *files) {
    static const char *const here[] = {"."};
    const char *const *paths = plan->path_count ? plan->paths : here;
    int count = plan->path_count ? plan->path_count : 1;
    for (int i = 0; i < count; i++) {
        struct stat info;
        bool is_there = stat(paths[i], &info) == 0;
        if (is_there && S_ISDIR(info.st_mode)) is_there = walk(files, paths[i]);
        else if (is_there) add_file(files, strdup(paths[i]));
        if (is_there) continue;
        fprintf(stderr, "tg test: %s: %s\n", paths[i], strerror(errno));
        return false;
    }
    return true;
}
