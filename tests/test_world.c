// tests/test_world.c
// The one place where the system is asked can make it fail, or do things piece by piece: scripts see errors, and nothing is lost.
#include <criterion/criterion.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "lang/cli/host.h"
#include "vm/world.h"
#include "vm/world_log.h"

static TgVM *vm;
static TgWorld *world;

static void begin(void) {
    TgOptions options = tg_vm_defaults();
    options.world = world = tg_world_plain();
    vm = tg_host_vm(&options, NULL, 0);
    cr_assert(vm && world);
}

static void end(void) {
    tg_vm_free(vm);
    tg_world_free(world);
}

TestSuite(world, .init = begin, .fini = end);

// The text's value as a String.
static void expect_value(const char *text, const char *value) {
    TgScriptText script = {.file = "<test>", .text = text, .length = strlen(text), .is_session = true};
    char *error;
    bool unfinished;
    TgCode *code = tg_host_compile(vm, tg_host_module(vm, "session", NULL), &script, &error, &unfinished);
    cr_assert(code, "%s: %s", text, error);
    TgOutcome outcome = tg_run(vm, code);
    if (!tg_is_undef(outcome.error)) tg_report(vm, outcome.error, stderr);
    cr_assert(outcome.end == RUN_OK, "%s", text);
    char *shown = tg_is_undef(outcome.value) ? strdup("") : tg_value_text(vm, outcome.value);
    cr_expect_str_eq(shown, value, "%s: %s, not %s", text, shown, value);
    free(shown);
}

Test(world, the_ordered_call_fails_and_no_other) {
    tg_world_fail(world, WORLD_SOCKET, 2, EMFILE);
    expect_value("import net\n"
                 "fn try_it() { try { net.listen(0).close(); return \"good\" } except IOError as e { return e.code } }\n"
                 "[try_it(), try_it(), try_it()]",
                 "[\"good\", \"EMFILE\", \"good\"]");
    tg_world_fail(world, WORLD_LISTEN, 2, EADDRINUSE); // bind, listen
    expect_value("import net; let code = \"\"; try { net.listen(0) } except IOError as e { code = e.code }; code", "\"EADDRINUSE\"");
}

Test(world, what_was_interrupted_is_asked_again) {
    tg_world_fail(world, WORLD_RECEIVE, 1, EINTR);
    tg_world_fail(world, WORLD_SEND, 1, EINTR);
    expect_value("import net\n"
                 "let got = nil\n"
                 "nursery n {\n"
                 "    let l = net.listen(0)\n"
                 "    spawn { for c in l { c.write(c.read_line()); c.close() } }\n"
                 "    with net.connect(\"127.0.0.1\", l.port) as s { s.write(\"some text\\n\"); got = s.read_line() }\n"
                 "    n.cancel()\n"
                 "}\n"
                 "got",
                 "\"some text\"");
}

Test(world, pieces_are_put_together) {
    for (uint32_t n = 1; n <= 4; n++) {
        tg_world_fail(world, WORLD_READ, n, 0);
        tg_world_fail(world, WORLD_WRITE, n, 0);
    }
    expect_value("import process; process.run(\"cat\", stdin: \"a longer text\").out", "\"a longer text\"");
}

Test(world, what_has_failed_is_what_the_script_sees) {
    tg_world_fail(world, WORLD_WRITE, 1, EPIPE);
    expect_value("import process\n"
                 "let code = nil\n"
                 "try { with process.spawn(\"cat\") as c { c.stdin.write(\"x\") } } except IOError as e { code = e.code }\n"
                 "code",
                 "\"EPIPE\"");
}

Test(world, the_ordered_job_fails_and_no_other) {
    expect_value("import fs; fs.write(\"/tmp/tg-world.txt\", \"some text\")", "nil");
    tg_world_fail(world, WORLD_DONE, 1, EACCES); // opening
    tg_world_fail(world, WORLD_DONE, 3, EIO);    // the reading, of the second try
    expect_value("import fs\n"
                 "fn code(f) { try { return f() } except IOError as e { return e.code } }\n"
                 "[code(fn() => fs.read(\"/tmp/tg-world.txt\")), code(fn() => fs.read(\"/tmp/tg-world.txt\")), code(fn() => fs.read(\"/tmp/tg-world.txt\"))]",
                 "[\"EACCES\", \"EIO\", \"some text\"]");
    tg_world_fail(world, WORLD_DONE, 2, ENOSPC); // opening, writing
    expect_value("import fs; let code = nil; try { fs.write(\"/tmp/tg-world.txt\", \"more\") } except IOError as e { code = e.code }; code", "\"ENOSPC\"");
    unlink("/tmp/tg-world.txt");
}

// ---- The file of a recording

static char path[] = "/tmp/tg-world-XXXXXX";

Test(world, a_recording_grows_and_is_read_back) {
    enum { COUNT = 3000 };
    char block[500];
    int fd = mkstemp(path);
    cr_assert(fd >= 0);
    close(fd);
    TgLog *log = tg_log_create(path);
    cr_assert(log);
    for (int i = 0; i < COUNT; i++) {
        memset(block, i, sizeof block);
        cr_assert(tg_log_put(log, (uint8_t)(i % 7), block, (size_t)(i % 500), (uint64_t)i));
    }
    tg_log_finish(log);
    tg_log_close(log);
    const char *problem;
    log = tg_log_open(path, &problem);
    cr_assert(log, "%s", problem);
    size_t offset = 0;
    TgLogEntry entry;
    for (int i = 0; i < COUNT; i++) {
        memset(block, i, sizeof block);
        cr_assert(tg_log_next(log, &offset, &entry));
        cr_assert(entry.kind == i % 7 && entry.length == (size_t)(i % 500) && !memcmp(entry.data, block, entry.length));
    }
    cr_expect(!tg_log_next(log, &offset, &entry) && tg_log_is_whole(log) && tg_log_place(log) == COUNT - 1);
    tg_log_close(log);
    unlink(path);
}
