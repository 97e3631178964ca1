// tests/test_traces.c
// Whole reports and pictures of tasks: each tests/golden/traces/NAME.tg prints, stdout and stderr together, what NAME.txt
// holds, also with collections at every boundary; so do those of tests/golden/doctor, with --doctor. TG_GOLDEN=write writes them anew:
// read the difference.
// `# flags: …` and `# locale: …` in the first lines of a script are for its run.
#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/support.h"
#include "tests/terminal.h"

#define TRACES "tests/golden/traces"
#define DOCTOR "tests/golden/doctor"

// The rest of the line behind `# name: `, or "".
static void read_directive(const char *text, const char *name, char *out, size_t size) {
    char start[40];
    snprintf(start, sizeof start, "\n# %s: ", name);
    const char *at = strstr(text, start);
    *out = '\0';
    if (at) snprintf(out, size, "%.*s", (int)strcspn(at + strlen(start), "\n"), at + strlen(start));
}

// Where in the library something stands is not the test's affair: prelude.tg:12:3 becomes prelude.tg:##:#.
static void mask_library(char *text) {
    static const char file[] = "prelude.tg:";
    for (char *at = text; (at = strstr(at, file)) != NULL;) {
        for (at += strlen(file); (*at >= '0' && *at <= '9') || *at == ':'; at++)
            if (*at != ':') *at = '#';
    }
}

static Bytes run_script(const char *folder, const char *name, const char *extra) {
    char path[300], flags[100], locale[100];
    snprintf(path, sizeof path, "%s/%s", folder, name);
    Bytes text = {0};
    cr_assert(bytes_read(&text, path), "%s can't be read", path);
    read_directive(text.data, "flags", flags, sizeof flags);
    read_directive(text.data, "locale", locale, sizeof locale);
    bytes_free(&text);
    setenv("LC_ALL", *locale ? locale : "C.UTF-8", 1);
    const char *arguments[7] = {"--virtual-time"};
    int count = 1;
    if (!strcmp(folder, DOCTOR)) arguments[count++] = "--doctor";
    if (*flags) arguments[count++] = flags;
    if (extra) arguments[count++] = extra;
    arguments[count] = name;
    Ended ended = run_tg(folder, arguments, NULL);
    cr_assert(!ended.timed_out, "%s takes too long", name);
    bytes_add(&ended.out, ended.err.data ? ended.err.data : "", ended.err.length);
    bytes_free(&ended.err);
    mask_library(ended.out.data);
    return ended.out;
}

static void check_script(const char *folder, const char *name, const char *extra) {
    char path[300];
    snprintf(path, sizeof path, "%s/%.*s.txt", folder, (int)strlen(name) - 3, name);
    Bytes got = run_script(folder, name, extra), wanted = {0};
    const char *mode = getenv("TG_GOLDEN");
    if (mode && !strcmp(mode, "write") && !extra) {
        FILE *file = fopen(path, "w");
        cr_assert(file && fwrite(got.data, 1, got.length, file) == got.length);
        fclose(file);
    }
    cr_assert(bytes_read(&wanted, path), "%s can't be read", path);
    bool is_same = got.length == wanted.length && !memcmp(got.data, wanted.data, got.length);
    cr_expect(is_same, "%s %s: wanted\n%s\ngot\n%s", name, extra ? extra : "", wanted.data, got.data);
    bytes_free(&got);
    bytes_free(&wanted);
}

static void check_all(const char *folder, const char *extra) {
    ScriptList list = {0};
    cr_assert(scripts_find(&list, folder) && list.count > 10);
    for (size_t i = 0; i < list.count; i++) check_script(folder, strrchr(list.paths[i], '/') + 1, extra);
    scripts_free(&list);
}

Test(traces, each_script_prints_its_text) { check_all(TRACES, NULL); }

Test(traces, the_same_with_collections_always_under_way) { check_all(TRACES, "--gc-stress=steps"); }

Test(traces, the_doctor_says_why_tasks_are_stuck) { check_all(DOCTOR, NULL); }

Test(traces, the_doctor_says_so_while_it_collects) { check_all(DOCTOR, "--gc-stress=steps"); }

// ---- Colours

typedef struct {
    const char *term, *no_color;
} Wish;

static void become(void *data) {
    const Wish *wish = data;
    setenv("TERM", wish->term, 1);
    setenv("NO_COLOR", wish->no_color, 1);
    become_tg(NULL, (const char *const[]){"tg", "-e", "raise ValueError('bad')", NULL});
}

static bool has_colours(Wish wish) {
    Terminal terminal = terminal_open(100, become, &wish);
    terminal_expect(&terminal, "bad");
    terminal_end(&terminal);
    return strstr(terminal.seen.data, "\033[1;31mValueError\033[0m: bad");
}

Test(traces, a_terminal_has_colours_where_they_are_wanted) {
    cr_expect(has_colours((Wish){"xterm", ""}));
    cr_expect(!has_colours((Wish){"dumb", ""}));
    cr_expect(!has_colours((Wish){"xterm", "1"}));
}
