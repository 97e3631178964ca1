// tests/test_explain.c
// Each page of `tg explain` tells the truth: its first example gives exactly its error, the second
// none.
#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "lang/diag.h"
#include "tests/pages.h"
#include "tests/terminal.h"
#include "vm/error.h"

static char folder[] = "/tmp/tg-explain-XXXXXX";

static void make_folder(void) {
    cr_assert(mkdtemp(folder));
}

static void remove_folder(void) {
    char command[64];
    snprintf(command, sizeof command, "rm -rf %s", folder);
    cr_assert(system(command) == 0);
}

TestSuite(explain, .init = make_folder, .fini = remove_folder, .timeout = 300);

static void write_file(const char *name, TgPageText text) {
    char path[256];
    Bytes bytes = {0};
    page_expand(text, &bytes);
    snprintf(path, sizeof path, "%s/%s", folder, name);
    FILE *file = fopen(path, "w");
    cr_assert(file && fwrite(bytes.data, 1, bytes.length, file) == bytes.length);
    fclose(file);
    bytes_free(&bytes);
}

static void write_files(const TgPage *page) {
    TgPageText files = page->files, name, text;
    while (tg_page_file(&files, &name, &text)) {
        char file[64];
        snprintf(file, sizeof file, "%.*s", (int)name.length, name.at);
        write_file(file, text);
    }
}

// Runs an example; "# run with --option" on its first line is heeded.
static Ended run_example(TgPageText text) {
    static const char mark[] = "# run with ";
    char option[64];
    const char *arguments[] = {"example.tg", NULL, NULL};
    write_file("example.tg", text);
    if (!strncmp(text.at, mark, strlen(mark))) {
        const char *at = text.at + strlen(mark);
        snprintf(option, sizeof option, "%.*s", (int)strcspn(at, "\n"), at);
        arguments[0] = option;
        arguments[1] = "example.tg";
    }
    return run_tg(folder, arguments, NULL);
}

// "TG0106" stands in "error TG0106: " of every message; a class begins the report.
static bool shows(const char *err, const char *name) {
    char mark[96];
    if (strncmp(name, "TG", 2) != 0) {
        if (!strcmp(name, "Interrupt")) return !strncmp(err, "Interrupted", 11);
        size_t length = strlen(name);
        return !strncmp(err, name, length) && !(err[length] >= 'a' && err[length] <= 'z');
    }
    snprintf(mark, sizeof mark, ": error %s: ", name);
    size_t all = 0, own = 0;
    for (const char *at = err; (at = strstr(at, ": error TG")); at++) all++;
    for (const char *at = err; (at = strstr(at, mark)); at++) own++;
    return own > 0 && own == all;
}

static void check_page(const TgPage *page) {
    char name[64];
    snprintf(name, sizeof name, "%.*s", (int)page->name.length, page->name.at);
    cr_expect(page->title.length && page->body.length, "%s: no title or no text", name);
    cr_expect(page->wrong.length && page->right.length, "%s: an example is missing", name);
    write_files(page);
    Ended wrong = run_example(page->wrong);
    cr_expect(wrong.err.length && shows(wrong.err.data, name), "%s: the first example says\n%s",
              name, wrong.err.data);
    cr_expect(wrong.exit_status != 0, "%s: the first example passes", name);
    ended_free(&wrong);
    Ended right = run_example(page->right);
    cr_expect(right.exit_status == 0 && right.err.length == 0, "%s: the second example fails:\n%s",
              name, right.err.data);
    ended_free(&right);
}

Test(explain, examples_do_what_their_page_says) {
    size_t count = 0;
    for (TgPage page = {0}; tg_page_next(&page); count++) check_page(&page);
    cr_assert(count > 80, "%zu pages", count);
}

static size_t pages_of(const char *name) {
    size_t count = 0;
    for (TgPage page = {0}; tg_page_next(&page);) {
        count += page.name.length == strlen(name) && !memcmp(page.name.at, name, page.name.length);
    }
    return count;
}

Test(explain, every_code_and_exception_has_one_page) {
    static const char *const classes[] = {
#define ERROR(name, parent) #name,
        TG_ERRORS(ERROR)
#undef ERROR
    };
    for (int kind = 0; kind < DIAG_COUNT; kind++) {
        const char *code = tg_diag_code((TgDiagKind)kind);
        cr_expect(pages_of(code) == 1, "%s has %zu pages", code, pages_of(code));
    }
    for (size_t i = 0; i < sizeof classes / sizeof *classes; i++) {
        cr_expect(pages_of(classes[i]) == 1, "%s has %zu pages", classes[i], pages_of(classes[i]));
    }
    size_t count = 0;
    for (TgPage page = {0}; tg_page_next(&page);) count++;
    cr_expect_eq(count, DIAG_COUNT + sizeof classes / sizeof *classes, "a page is about nothing");
}

Test(explain, documents_list_every_code) {
    Bytes text = {0};
    cr_assert(bytes_read(&text, "docs/errors.md"));
    size_t rows = 0;
    for (const char *at = text.data; (at = strstr(at, "\n| `TG")); at++) rows++;
    cr_expect_eq(rows, DIAG_COUNT);
    for (TgPage page = {0}; tg_page_next(&page);) {
        char row[256];
        if (strncmp(page.name.at, "TG", 2) != 0) continue;
        snprintf(row, sizeof row, "\n| `%.*s` | %.*s |\n", (int)page.name.length, page.name.at,
                 (int)page.title.length, page.title.at);
        cr_expect(strstr(text.data, row), "docs/errors.md lacks the row%s", row);
    }
    bytes_free(&text);
}

static void expect_page(const char *asked, const char *title) {
    Ended ended = run_tg(NULL, (const char *const[]){"explain", asked, NULL}, NULL);
    cr_expect(ended.exit_status == 0 && !strncmp(ended.out.data, title, strlen(title)), "%s:\n%s%s",
              asked, ended.out.data, ended.err.data ? ended.err.data : "");
    ended_free(&ended);
}

Test(explain, is_asked_in_many_ways) {
    expect_page("TG0106", "TG0106: ");
    expect_page("tg0106", "TG0106: ");
    expect_page("106", "TG0106: ");
    expect_page("0106", "TG0106: ");
    expect_page("KeyError", "KeyError: ");
    expect_page("keyerror", "KeyError: ");
}

Test(explain, what_is_unknown_names_the_nearest) {
    Ended ended = run_tg(NULL, (const char *const[]){"explain", "KeyEror", NULL}, NULL);
    cr_expect(ended.exit_status == 2 && strstr(ended.err.data, "did you mean KeyError?"), "%s",
              ended.err.data);
    ended_free(&ended);
}

Test(explain, without_a_code_lists_all) {
    Ended ended = run_tg(NULL, (const char *const[]){"explain", NULL}, NULL);
    cr_expect_eq(ended.exit_status, 0);
    for (TgPage page = {0}; tg_page_next(&page);) {
        char line[64];
        snprintf(line, sizeof line, "\n  %.*s ", (int)page.name.length, page.name.at);
        cr_expect(strstr(ended.out.data, line), "%s is not in the list", line);
    }
    ended_free(&ended);
}

Test(explain, breaks_its_lines_between_words) {
    for (TgPage page = {0}; tg_page_next(&page);) {
        char name[32];
        snprintf(name, sizeof name, "%.*s", (int)page.name.length, page.name.at);
        Ended ended = run_tg(NULL, (const char *const[]){"explain", name, NULL}, NULL);
        char *prose = strstr(ended.out.data, "\n\n") + 2,
             *end = strstr(prose, "\n\nThis shows it:");
        cr_assert(end, "%s", ended.out.data);
        for (char *at = prose; at < end; at += strcspn(at, "\n") + 1)
            cr_expect(strcspn(at, "\n") <= 90, "%s has a long line: %.100s", name, at); // bytes
        size_t words = 0, wanted = 0;
        for (char *at = prose; at < end; at++) words += *at != ' ' && *at != '\n';
        for (size_t i = 0; i < page.body.length; i++)
            wanted += page.body.at[i] != ' ' && page.body.at[i] != '\n';
        cr_expect_eq(words, wanted, "%s: %zu bytes of %zu", name, words, wanted);
        ended_free(&ended);
    }
}

static void become_unheard(void *data) {
    (void)data;
    freopen("/dev/full", "w", stdout);
    become_tg(NULL, (const char *const[]){"tg", "explain", "TG0106", NULL});
}

Test(explain, what_cannot_be_written_is_no_success) {
    Terminal terminal = terminal_open(200, become_unheard, NULL);
    terminal_expect(&terminal, "No space left");
    int status = terminal_end(&terminal);
    cr_expect(WIFEXITED(status) && WEXITSTATUS(status) == 1);
    terminal_free(&terminal);
}

static void become_wrong(void *data) {
    (void)data;
    become_tg(NULL, (const char *const[]){"tg", "-e", "let = 1", NULL});
}

// In a pipe the line would be noise.
Test(explain, is_offered_on_a_terminal_only) {
    Terminal terminal = terminal_open(200, become_wrong, NULL);
    terminal_expect(&terminal, "(tg explain TG0101 says more)");
    terminal_end(&terminal);
    terminal_free(&terminal);
    Ended ended = run_tg(NULL, (const char *const[]){"-e", "let = 1", NULL}, NULL);
    cr_expect(ended.exit_status == 2 && !strstr(ended.err.data, "says more"), "%s", ended.err.data);
    ended_free(&ended);
}
