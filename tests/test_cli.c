// tests/test_cli.c
// The command from outside: options, where a script comes from, what its end looks like to a shell.
#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tests/folder.h"
#include "tests/support.h"

#define RUN(...) run_tg(NULL, (const char *const[]){__VA_ARGS__, NULL}, NULL)
#define RUN_WITH(input, ...) run_tg(NULL, (const char *const[]){__VA_ARGS__, NULL}, input)

static const char *file_with(const char *name, const char *text) {
    static char path[256];
    snprintf(path, sizeof path, "%s/%s", folder, name);
    FILE *file = fopen(path, "w");
    cr_assert(file && fputs(text, file) >= 0);
    fclose(file);
    return path;
}

static void expect(Ended ended, int status, const char *out) {
    cr_expect(ended.exit_status == status, "status %d, not %d (signal %d)\nstderr: %s",
              ended.exit_status, status, ended.signal, ended.err.data);
    if (out) cr_expect_str_eq(ended.out.data, out);
    if (status == 0) cr_expect_str_eq(ended.err.data, "");
    ended_free(&ended);
}

// Fails with `status`, says all of `texts` on stderr and nothing on stdout.
#define expect_complaint(ended, status, ...)                                                       \
    complaint(ended, status, (const char *const[]){__VA_ARGS__, NULL})

static void complaint(Ended ended, int status, const char *const *texts) {
    cr_expect(ended.exit_status == status, "status %d, not %d\nstderr: %s", ended.exit_status,
              status, ended.err.data);
    cr_expect_str_eq(ended.out.data, "");
    for (; *texts; texts++) {
        cr_expect(strstr(ended.err.data, *texts), "stderr lacks \"%s\":\n%s", *texts,
                  ended.err.data);
    }
    ended_free(&ended);
}

TestSuite(cli, .init = make_folder, .fini = drop_folder);

Test(cli, version) {
    Ended ended = RUN("--version");
    cr_expect(!strncmp(ended.out.data, "tg ", 3) && strchr(ended.out.data, '\n'));
    expect(ended, 0, NULL);
}

Test(cli, help) {
    Ended ended = RUN("--help");
    cr_expect(!strncmp(ended.out.data, "usage: tg ", 10));
    cr_expect(strstr(ended.out.data, "--virtual-time") && strstr(ended.out.data, "--dump="));
    expect(ended, 0, NULL);
    expect(RUN("-h"), 0, NULL);
}

Test(cli, code_of_the_command_line) {
    expect(RUN("-e", "print(1 + 1)"), 0, "2\n");
    expect(RUN("-e", "print(args)", "a", "-b", "--c"), 0, "[\"a\", \"-b\", \"--c\"]\n");
    expect(RUN("-e", ""), 0, "");
    expect_complaint(RUN("-e"), 2, "-e");
}

Test(cli, script_of_stdin) {
    expect(RUN_WITH("print(1 + 1)\n", "-"), 0, "2\n");
    expect(RUN_WITH("print(args)", "-", "x", "y"), 0, "[\"x\", \"y\"]\n");
    expect(run_tg(NULL, (const char *const[]){NULL}, "print(3)"), 0, "3\n");
    expect_complaint(RUN_WITH("print(", "-"), 2, "<stdin>:1");
}

Test(cli, file_and_its_arguments) {
    const char *path = file_with("a.tg", "print(args, len(args))\n");
    expect(RUN(path, "one", "", "--slice=1", "-"), 0,
           "[\"one\", \"\", \"--slice=1\", \"-\"] 4\n");
    expect(RUN("--", path), 0, "[] 0\n");
}

Test(cli, statuses) {
    expect(RUN("-e", "exit(7)"), 7, "");
    expect(RUN("-e", "exit()"), 0, "");
    expect_complaint(RUN("-e", "raise ValueError(\"oh\")"), 1, "ValueError", "oh", "<-e>:1");
    expect_complaint(RUN("-e", "let = 1"), 2, "<-e>:1:5");
    expect_complaint(RUN("--max-memory=8M", "-e", "let a = []; while true { a.push(\"x\" * 1000) }"), 4,
                     "memory");
}

Test(cli, error_shows_file_line_and_source) {
    const char *path = file_with("wrong.tg", "let a = 1\nprint(\"out\")\nprint(a / 0)\n");
    Ended ended = RUN(path);
    cr_expect(strstr(ended.err.data, "wrong.tg:3") && strstr(ended.err.data, "print(a / 0)") &&
                  strstr(ended.err.data, "ZeroDivisionError"),
              "%s", ended.err.data);
    expect(ended, 1, "out\n");
}

Test(cli, several_errors_at_once_and_nothing_runs) {
    const char *path = file_with("errors.tg", "print(\"never\")\nlet = 2\nprint(\"x\" +)\nlet y = [1,\n");
    expect_complaint(RUN(path), 2, "errors.tg:2", "errors.tg:3");
    path = file_with("names.tg", "print(\"never\")\nprint(abc)\nfn f() { return lenn(1) }\n");
    expect_complaint(RUN(path), 2, "names.tg:2", "abc", "names.tg:3", "lenn");
}

Test(cli, what_cannot_be_read) {
    expect_complaint(RUN("/nowhere/at/all.tg"), 2, "/nowhere/at/all.tg", "No such file");
    expect_complaint(RUN(folder), 2, folder, "directory");
    file_with("there.tg", "");
    char path[256];
    snprintf(path, sizeof path, "%s/there", folder);
    expect_complaint(RUN(path), 2, "there.tg");
}

Test(cli, options_that_make_no_sense) {
    expect_complaint(RUN("--nonsense"), 2, "--nonsense", "usage: tg");
    expect_complaint(RUN("-x"), 2, "-x", "usage: tg");
    expect_complaint(RUN("--slice=0", "-e", ""), 2, "--slice=0");
    expect_complaint(RUN("--slice=many", "-e", ""), 2, "--slice");
    expect_complaint(RUN("--slice", "5", "-e", ""), 2, "--slice");
    expect_complaint(RUN("--max-memory=1T", "-e", ""), 2, "--max-memory");
    expect_complaint(RUN("--max-memory=99999999999G", "-e", ""), 2, "--max-memory");
    expect_complaint(RUN("--seed=-1", "-e", ""), 2, "--seed");
    expect_complaint(RUN("--dump=tokens,nothing", "-e", ""), 2, "--dump");
}

Test(cli, options_go_together) {
    expect(RUN("--slice=3", "--gc-stress", "--seed=5", "--max-memory=512M", "--virtual-time", "-e",
               "sleep(1h); print(now() >= 3600)"),
           0, "true\n");
}

Test(cli, gc_stats_come_on_stderr_at_the_end) {
    Ended ended = RUN("--gc-stats", "-e", "let x = nil; for i in 0..200000 { x = [i] }; print(x)");
    cr_expect_str_eq(ended.out.data, "[199999]\n");
    cr_expect(strncmp(ended.err.data, "gc: ", 4) == 0 && strstr(ended.err.data, " cycles in "), "%s", ended.err.data);
    cr_expect_not(strncmp(ended.err.data, "gc: 0 cycles", 12) == 0, "%s", ended.err.data);
}

Test(cli, seed_repeats_random_numbers) {
    static const char code[] = "import random; print(random.random(), random.int(1, 1000000))";
    Ended first = RUN("--seed=42", "-e", code), second = RUN("--seed=42", "-e", code);
    Ended other = RUN("--seed=43", "-e", code);
    cr_expect_str_eq(first.out.data, second.out.data);
    cr_expect_str_neq(first.out.data, other.out.data);
    expect(first, 0, NULL);
    expect(second, 0, NULL);
    expect(other, 0, NULL);
}

Test(cli, sub_commands_are_no_files) {
    file_with("watch", "print(\"a file\")");
    expect_complaint(run_tg(folder, (const char *const[]){"watch", NULL}, NULL), 2, "./");
    expect(run_tg(folder, (const char *const[]){"./watch", NULL}, NULL), 0, "a file\n");
}

Test(cli, imports_are_relative_to_the_script) {
    file_with("util.tg", "fn twice(x) => 2 * x\n");
    char path[256];
    strcpy(path, file_with("uses.tg", "import \"util.tg\" as u\nprint(u.twice(4))\n"));
    expect(RUN(path), 0, "8\n");
    expect(run_tg(folder, (const char *const[]){"-e", "from \"util.tg\" import twice; print(twice(1))", NULL},
                  NULL), 0, "2\n");
}

Test(cli, script_that_imports_itself_is_a_circle) {
    expect_complaint(RUN(file_with("me.tg", "import \"me.tg\"\n")), 1, "ImportError", "me.tg");
}

Test(cli, dump_of_tokens) {
    Ended ended = RUN("--dump=tokens", "-e", "let x = 12 + \"a\"");
    cr_expect(strstr(ended.out.data, "let") && strstr(ended.out.data, "1:9") &&
                  strstr(ended.out.data, "12"), "%s", ended.out.data);
    expect(ended, 0, NULL);
}

Test(cli, dump_of_the_tree) {
    Ended ended = RUN("--dump=ast", "-e", "fn f(a) { return a + 1 }\nprint(\"never\")");
    cr_expect(strstr(ended.out.data, "fn_decl") && strstr(ended.out.data, "return"), "%s",
              ended.out.data);
    cr_expect(!strstr(ended.out.data, "\nnever"));
    expect(ended, 0, NULL);
}

Test(cli, dump_of_the_code) {
    Ended ended = RUN("--dump=bytecode", "-e", "fn f(a) { return a + 1 }\nprint(f(1))");
    cr_expect(strstr(ended.out.data, "ADD") && strstr(ended.out.data, "CALL"), "%s", ended.out.data);
    expect(ended, 0, NULL);
}

Test(cli, dump_of_several_and_of_errors) {
    Ended ended = RUN("--dump=tokens,ast,bytecode", "-e", "print(1");
    cr_expect(strstr(ended.out.data, "print") && strstr(ended.err.data, "<-e>:1"));
    cr_expect(ended.exit_status == 2);
    ended_free(&ended);
}

Test(cli, args_that_are_no_utf8) {
    expect(RUN("-e", "print(args)", "a\xff" "b\xc3\xa9"), 0, "[\"a?b\xc3\xa9\"]\n");
}

Test(cli, no_colours_in_pipes) {
    Ended ended = RUN("-e", "let = 1");
    cr_expect(!strchr(ended.err.data, '\x1b'));
    ended_free(&ended);
}

// A shell starts background jobs with SIGINT ignored; so they stay.
Test(cli, ignored_signals_stay_ignored) {
    char command[1024];
    snprintf(command, sizeof command,
             "trap '' INT; '%s' -e 'print(\"ready\"); sleep(300ms); print(\"done\")' > %s/out & "
             "sleep 0.15; kill -INT $!; wait $!", tested_binary(), folder);
    cr_expect(system(command) == 0);
    Bytes out = {0};
    snprintf(command, sizeof command, "%s/out", folder);
    cr_expect(bytes_read(&out, command));
    cr_expect_str_eq(out.data, "ready\ndone\n");
    bytes_free(&out);
}

Test(cli, shell_sees_the_signal) {
    char command[1024];
    snprintf(command, sizeof command,
             "timeout --preserve-status -s INT 0.3 '%s' -e 'sleep(10)' 2> /dev/null; test $? = 130",
             tested_binary());
    cr_expect(system(command) == 0);
}
