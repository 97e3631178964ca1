// tests/test_golden.c
// What users read, word for word: each script of tests/golden/ with all that it gives on stderr
// beside it.
//
// `make golden` writes the expectations anew. Of an uncaught exception only the message is
// compared, not its trace.
#include <criterion/criterion.h>
#include <dirent.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "lang/diag.h"
#include "tests/pages.h"

static const char *const folders[] = {"tests/golden", "tests/golden/habits",
                                      "tests/golden/runtime"};
enum { FOLDERS = sizeof folders / sizeof *folders };

static bool is_writing(void) {
    const char *mode = getenv("TG_GOLDEN");
    return mode && !strcmp(mode, "write");
}

static void write_bytes(const char *path, const Bytes *bytes) {
    FILE *file = fopen(path, "w");
    cr_assert(file && fwrite(bytes->data, 1, bytes->length, file) == bytes->length, "%s", path);
    fclose(file);
}

// The scripts of a code are those of its page.
static void write_page_scripts(void) {
    for (TgPage page = {0}; tg_page_next(&page);) {
        char path[128];
        if (strncmp(page.name.at, "TG", 2) != 0) continue;
        snprintf(path, sizeof path, "%s/%.*s.tg", folders[0], (int)page.name.length, page.name.at);
        Bytes bytes = {0};
        page_expand(page.wrong, &bytes);
        write_bytes(path, &bytes);
        bytes_free(&bytes);
    }
}

static void cut_trace(Bytes *err) {
    for (char *at = err->data, *next; at && *at; at = next) {
        next = strchr(at, '\n');
        next = next ? next + 1 : at + strlen(at);
        if (strncmp(at, "  at ", 5) != 0) continue;
        *at = '\0';
        err->length = (size_t)(at - err->data);
        return;
    }
}

// How deep the nesting may be depends on the frames of the build: the place is left out there.
static void cut_place(Bytes *err, const char *name) {
    const char *message = strstr(err->data, ": error ");
    if (strcmp(name, "TG0401.tg") != 0 || !message) return;
    err->length -= (size_t)(message - err->data);
    memmove(err->data, message, err->length + 1);
}

// `path` is tests/golden/…/name.tg; whether what it says is what is expected.
static bool check(const char *folder, const char *name) {
    char expected_path[512];
    snprintf(expected_path, sizeof expected_path, "%s/%.*s.txt", folder, (int)(strlen(name) - 3),
             name);
    Ended ended = run_tg(folder, (const char *const[]){name, NULL}, NULL);
    if (!ended.err.data) bytes_add(&ended.err, "", 0);
    cut_trace(&ended.err);
    cut_place(&ended.err, name);
    if (is_writing()) write_bytes(expected_path, &ended.err);
    Bytes expected = {0};
    bool is_there = bytes_read(&expected, expected_path);
    const char *wanted = expected.data ? expected.data : "",
               *said = ended.err.data ? ended.err.data : "";
    bool is_same = is_there && ended.err.length > 0 && !strcmp(wanted, said);
    cr_expect(is_same, "%s/%s says\n%s\nexpected\n%s", folder, name, said,
              is_there ? wanted : "(no such file)\n");
    bytes_free(&expected);
    ended_free(&ended);
    return is_same;
}

static size_t check_folder(const char *folder) {
    size_t count = 0;
    DIR *entries = opendir(folder);
    cr_assert(entries, "%s", folder);
    for (struct dirent *entry; (entry = readdir(entries));) {
        const char *dot = strrchr(entry->d_name, '.');
        if (!dot || strcmp(dot, ".tg") != 0 || entry->d_name[0] == '_') continue;
        check(folder, entry->d_name);
        count++;
    }
    closedir(entries);
    return count;
}

Test(golden, messages_are_what_they_were, .timeout = 300) {
    if (is_writing()) write_page_scripts();
    for (size_t i = 0; i < FOLDERS; i++)
        cr_expect(check_folder(folders[i]) > 0, "%s is empty", folders[i]);
}

Test(golden, every_code_has_one) {
    if (is_writing()) return; // the other test is at it
    for (int kind = 0; kind < DIAG_COUNT; kind++) {
        char path[128], mark[64];
        const char *code = tg_diag_code((TgDiagKind)kind);
        snprintf(path, sizeof path, "%s/%s.txt", folders[0], code);
        snprintf(mark, sizeof mark, ": error %s: ", code);
        Bytes text = {0};
        bool is_there = bytes_read(&text, path);
        cr_expect(is_there && text.data && strstr(text.data, mark), "%s does not show %s", path,
                  code);
        bytes_free(&text);
    }
}

static bool holds_several(const char *name) {
    static const char *const names[] = {
        "arrow_params.txt", "c_functions.txt",  "export_default.txt",
        "go_channels.txt",  "go_functions.txt", "let_twice.txt",
        "lua_methods.txt",  "python_class.txt", "rust_impl.txt",
    };
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (!strcmp(name, names[i])) return true;
    return false;
}

// A habit costs one message, and a runtime error is no crash: no golden holds what only a bug says.
Test(golden, habits_do_not_cascade, .timeout = 300) {
    enum { MOST = 2 };
    if (is_writing()) return;
    DIR *entries = opendir(folders[1]);
    cr_assert(entries);
    for (struct dirent *entry; (entry = readdir(entries));) {
        const char *dot = strrchr(entry->d_name, '.');
        if (!dot || strcmp(dot, ".txt") != 0 || holds_several(entry->d_name)) continue;
        char path[512];
        snprintf(path, sizeof path, "%s/%s", folders[1], entry->d_name);
        Bytes text = {0};
        cr_assert(bytes_read(&text, path));
        size_t count = 0;
        for (const char *at = text.data; at && (at = strstr(at, ": error TG")); at++) count++;
        cr_expect(count <= MOST, "%s: %zu messages", path, count);
        bytes_free(&text);
    }
    closedir(entries);
}
