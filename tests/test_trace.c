// tests/test_trace.c
// tg trace: what it writes, word for word under virtual time (tests/golden/trace/, and the pictures of docs/; TG_GOLDEN=write writes them
// anew), that it is written however a run ends, and the page in a real browser, where there is one.
#include <criterion/criterion.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tests/folder.h"
#include "tests/support.h"
#include "tests/terminal.h"

#define FOLDER "tests/golden/trace"

TestSuite(trace, .init = make_folder, .fini = drop_folder);

static void write_file(const char *name, const char *text) {
    FILE *file = fopen(path_of(name), "w");
    cr_assert(file && fputs(text, file) >= 0);
    fclose(file);
}

static bool is_in(const char *name, const char *text) {
    Bytes bytes = {0};
    bool found = bytes_read(&bytes, path_of(name)) && bytes.data && strstr(bytes.data, text);
    bytes_free(&bytes);
    return found;
}

// ---- Word for word

static void expect_golden(const char *path, const Bytes *got) {
    const char *mode = getenv("TG_GOLDEN");
    if (mode && !strcmp(mode, "write")) {
        FILE *file = fopen(path, "w");
        cr_assert(file && fwrite(got->data, 1, got->length, file) == got->length);
        fclose(file);
    }
    Bytes wanted = {0};
    cr_assert(bytes_read(&wanted, path), "%s can't be read", path);
    bool is_same = got->length == wanted.length && !memcmp(got->data, wanted.data, got->length);
    cr_expect(is_same, "%s: wanted\n%.3000s\ngot\n%.3000s", path, wanted.data, got->data);
    bytes_free(&wanted);
}

static void check_format(const char *directory, const char *name, const char *flag, const char *format, const char *golden) {
    char script[100], option[40];
    snprintf(script, sizeof script, "%s.tg", name);
    snprintf(option, sizeof option, "--format=%s", format);
    const char *arguments[9] = {"trace", "--virtual-time", option, "-o", path_of("out"), script};
    if (flag) memmove(arguments + 2, arguments + 1, 5 * sizeof *arguments), arguments[1] = flag;
    Ended ended = run_tg(directory, arguments, NULL);
    Bytes got = {0};
    cr_assert(bytes_read(&got, path_of("out")) && got.length > 0, "%s: nothing written: %s", name, ended.err.data);
    expect_golden(golden, &got);
    bytes_free(&got);
    ended_free(&ended);
}

Test(trace, each_format_is_what_it_was) {
    static const struct {
        const char *name, *flag;
    } scripts[] = {{"messages", NULL}, {"failure", NULL}, {"ctrl_c", "--press=9"}};
    static const char *const formats[][2] = {{"text", "txt"}, {"svg", "svg"}, {"perfetto", "json"}};
    for (size_t i = 0; i < 3; i++)
        for (size_t k = 0; k < 3; k++) {
            char golden[200];
            snprintf(golden, sizeof golden, FOLDER "/%s.%s", scripts[i].name, formats[k][1]);
            check_format(FOLDER, scripts[i].name, scripts[i].flag, formats[k][0], golden);
        }
}

Test(trace, the_pictures_of_the_manual_are_what_it_draws) {
    static const char *const names[][3] = {{"race_of_messages", NULL, "examples"}, {"deadlock_of_two_locks", NULL, "examples"}, {"ctrl_c", "--press=9", FOLDER}};
    for (size_t i = 0; i < 3; i++) {
        char golden[200];
        snprintf(golden, sizeof golden, "docs/%s.svg", names[i][0]);
        check_format(names[i][2], names[i][0], names[i][1], "svg", golden);
    }
}

// ---- However it ends

typedef struct {
    const char *code;
    int status, signal;
    const char *says; // in the text that is written
} Ending;

Test(trace, it_is_written_however_the_run_ends) {
    static const Ending endings[] = {
        {"print(args); sleep(1)", 0, 0, "has slept"},
        {"nursery { spawn { exit(7) }; sleep(9) }", 7, 0, "by exit(7)"},
        {"fn f() { raise KeyError('k') }\nnursery { spawn f(); sleep(9) }", 1, 0, "fails with KeyError: k, raised at e.tg:1"},
        {"channel().receive()", 1, 0, "all tasks wait, and nothing can wake one"},
        {"let e = event()\nnursery { spawn { e.wait() }; checkpoint(); e.set() }", 0, 0, "need not wait any more, thanks to main#1"},
    };
    for (size_t i = 0; i < sizeof endings / sizeof *endings; i++) {
        write_file("e.tg", endings[i].code);
        Ended ended = run_tg(folder, (const char *const[]){"trace", "--virtual-time", "--format", "text", "e.tg", "a", "b", NULL}, NULL);
        cr_expect(ended.exit_status == endings[i].status, "%s: %d\n%s", endings[i].code, ended.exit_status, ended.err.data);
        cr_expect(is_in("e.txt", endings[i].says), "%s: no '%s'", endings[i].code, endings[i].says);
        if (i == 0) cr_expect_str_eq(ended.out.data, "[\"a\", \"b\"]\n");
        ended_free(&ended);
    }
}

static void become_trace(void *data) {
    cr_assert(chdir(folder) == 0);
    become_tg(NULL, (const char *const[]){"tg", "trace", "--format=text", data, NULL});
}

// What is typed `times` times; each but the first behind what the one before it made tg say.
static int press(const char *script, int times) {
    static const char *const signs[] = {"ready", "cleaning up", "interrupted again"};
    Terminal terminal = terminal_open(100, become_trace, (void *)(uintptr_t)script);
    for (int i = 0; i < times; i++) {
        terminal_expect(&terminal, signs[i]);
        terminal_type(&terminal, CTRL_C);
    }
    int status = terminal_end(&terminal);
    terminal_free(&terminal);
    return status;
}

Test(trace, a_ctrl_c_strikes_and_is_drawn) {
    write_file("c.tg", "nursery {\n  spawn { sleep(100) }\n  print('ready')\n  sleep(100)\n}\n");
    int status = press("c.tg", 1);
    cr_expect(WIFSIGNALED(status) && WTERMSIG(status) == SIGINT);
    cr_expect(is_in("c.txt", "Ctrl-C\n") && is_in("c.txt", "task#2           has an Interrupt raised in it at c.tg:2"));
}

Test(trace, a_third_ctrl_c_does_not_take_it_away) {
    write_file("d.tg", "try {\n  print('ready')\n  sleep(100)\n} finally {\n  try { sleep(100) } finally { sleep(100) }\n}\n");
    int status = press("d.tg", 3);
    cr_expect(WIFSIGNALED(status) && WTERMSIG(status) == SIGINT);
    cr_expect(is_in("d.txt", "Ctrl-C a third time"));
}

// ---- Options

static void expect_refused(const char *const *arguments, const char *text) {
    Ended ended = run_tg(folder, arguments, NULL);
    cr_expect(ended.exit_status == 2, "status %d", ended.exit_status);
    cr_expect(ended.err.data && strstr(ended.err.data, text), "no '%s' in\n%s", text, ended.err.data);
    ended_free(&ended);
}
#define REFUSED(text, ...) expect_refused((const char *const[]){"trace", __VA_ARGS__, NULL}, text)

Test(trace, options_that_make_no_sense) {
    REFUSED("knows html, svg, perfetto and text", "--format=gif", "a.tg");
    REFUSED("knows html, svg, perfetto and text", "--format");
    REFUSED("needs a number", "--limit=0", "a.tg");
    REFUSED("no such option", "--nonsense", "a.tg");
    REFUSED("needs the name of a file", "-o");
    REFUSED("usage: tg trace", "--virtual-time");
    REFUSED("nowhere.tg: No such file", "nowhere.tg");
}

Test(trace, where_it_cannot_be_written_it_says_so) {
    Ended ended = run_tg(folder, (const char *const[]){"trace", "-o", "no/such/folder.html", "-e", "print(1)", NULL}, NULL);
    cr_expect(ended.exit_status == 1);
    cr_expect_str_eq(ended.out.data, "1\n");
    cr_expect(strstr(ended.err.data, "no/such/folder.html could not be written: No such file"), "%s", ended.err.data);
    ended_free(&ended);
}

Test(trace, beyond_its_limit_it_counts) {
    write_file("l.tg", "nursery { for i in 0..1000 { spawn { sleep(i) } } }");
    Ended ended = run_tg(folder, (const char *const[]){"trace", "--virtual-time", "--limit=500", "--format=text", "l.tg", NULL}, NULL);
    cr_expect(ended.exit_status == 0);
    cr_expect(is_in("l.txt", "more things happened after that (--limit=500)"));
    ended_free(&ended);
    static const char *const formats[] = {"--format=html", "--format=svg", "--format=perfetto"};
    for (int i = 0; i < 3; i++) {
        ended = run_tg(folder, (const char *const[]){"trace", "--virtual-time", "--limit=500", formats[i], "-o", "l.out", "l.tg", NULL}, NULL);
        cr_expect(ended.exit_status == 0, "%s: %d %d", formats[i], ended.exit_status, ended.signal);
        ended_free(&ended);
    }
}

// ---- A hundred thousand tasks, and the page in a browser

#define CROWD "let done = channel(10)\n"                                                           \
              "fn one(i) { sleep(1 + i % 7); if i % 50 == 0 { done.send(i) } }\n"                  \
              "nursery all {\n  spawn { for i in 0..2000 { done.receive() } }\n  for i in 0..100000 { spawn one(i) }\n}\n"

Test(trace, a_hundred_thousand_tasks_are_folded, .timeout = 120) {
    write_file("crowd.tg", CROWD);
    Ended ended = run_tg(folder, (const char *const[]){"trace", "--virtual-time", "--format=svg", "crowd.tg", NULL}, NULL);
    cr_expect(ended.exit_status == 0, "%s", ended.err.data);
    ended_free(&ended);
    cr_expect(is_in("crowd.svg", "nursery all, 100001 tasks crowd.tg:3"));
    struct stat info;
    cr_expect(stat(path_of("crowd.svg"), &info) == 0 && info.st_size < 300000);
}

static const char *find_browser(void) {
    static const char *const names[] = {"chromium", "chromium-browser", "google-chrome"};
    char command[100];
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        snprintf(command, sizeof command, "command -v %s > /dev/null", names[i]);
        if (system(command) == 0) return names[i];
    }
    return NULL;
}

// The page as the browser has it once its script has run.
static Bytes open_page(const char *browser, const char *page) {
    char command[600];
    snprintf(command, sizeof command,
             "cd %s && timeout 90 %s --headless --no-sandbox --disable-gpu --user-data-dir=%s/profile --window-size=1400,900 "
             "--virtual-time-budget=5000 --dump-dom file://%s/%s > dom.html 2> dom.log",
             folder, browser, folder, folder, page);
    Bytes dom = {0};
    cr_assert(system(command) == 0 && bytes_read(&dom, path_of("dom.html")), "%s could not open %s", browser, page);
    return dom;
}

static void expect_lanes(const char *browser, const char *page, const char *const *texts) {
    Bytes dom = open_page(browser, page);
    char *end = strstr(dom.data, "<script"); // what stands there is shown, not data
    if (end) *end = '\0';
    cr_expect(strstr(dom.data, "data-ready=\"yes\""), "%s was not drawn", page);
    cr_expect(!strstr(dom.data, "data-error"), "%s: %.300s", page, dom.data);
    for (; *texts; texts++) cr_expect(strstr(dom.data, *texts), "%s: no '%s'", page, *texts);
    bytes_free(&dom);
}

static void draw(const char *name, const char *text, const char *flag) {
    write_file(name, text);
    Ended ended = run_tg(folder, (const char *const[]){"trace", "--virtual-time", flag, name, NULL}, NULL);
    cr_expect(ended.err.data && strstr(ended.err.data, "tg trace: "), "%s", ended.err.data);
    ended_free(&ended);
}

Test(trace, a_browser_shows_the_page, .timeout = 300) {
    const char *browser = find_browser();
    if (!browser) cr_skip_test("there is no chromium here to open the page with");
    draw("small.tg", "fn work(n) { sleep(n) }\nnursery n { spawn work(1); spawn work(2) }\n", "--slice=1000");
    expect_lanes(browser, "small.html", (const char *const[]){"main#1", "work#2", "work#3", "nursery n  small.tg:2", "3 tasks, ", NULL});
    draw("struck.tg", "try { nursery { spawn { sleep(9) }; sleep(9) } } except Interrupt { }\n", "--press=4");
    expect_lanes(browser, "struck.html", (const char *const[]){"task#2", "main#1", NULL});
    draw("crowd.tg", CROWD, "--slice=1000");
    expect_lanes(browser, "crowd.html", (const char *const[]){"nursery all  crowd.tg:3, 100,001 tasks", "data-lines=\"2\"", NULL});
}
