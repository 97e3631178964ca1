// tests/test_replay.c
// tg --record and tg replay from outside: what was recorded runs again to the same output and end, wherever it was interrupted or
// killed, in another build, without touching anything; what cannot be replayed is refused. And --seed.
#include <criterion/criterion.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/folder.h"
#include "tests/support.h"

#define RUN(...) run_tg(folder, (const char *const[]){__VA_ARGS__, NULL}, NULL)

TestSuite(replay, .init = make_folder, .fini = drop_folder);

static void write_bytes(const char *name, const char *bytes, size_t length) {
    FILE *file = fopen(path_of(name), "w");
    cr_assert(file && fwrite(bytes, 1, length, file) == length);
    fclose(file);
}

static void write_text(const char *name, const char *text) { write_bytes(name, text, strlen(text)); }

static void expect_same(const Ended *was, const Ended *is, const char *what) {
    cr_expect(was->exit_status == is->exit_status && was->signal == is->signal, "%s: status %d signal %d, it was %d %d\n%s", what, is->exit_status,
              is->signal, was->exit_status, was->signal, is->err.data);
    cr_expect_str_eq(is->out.data, was->out.data, "%s", what);
    cr_expect_str_eq(is->err.data, was->err.data, "%s", what);
}

// Says `text` on stderr and ends with `status`.
static void expect_refusal(Ended ended, int status, const char *text) {
    cr_expect(ended.exit_status == status && strstr(ended.err.data, text), "status %d signal %d, wanted \"%s\":\n%s", ended.exit_status, ended.signal,
              text, ended.err.data);
    ended_free(&ended);
}

// ---- Every script

// One of `count` parts of all scripts: Criterion runs the parts side by side.
static void replay_part(size_t part, size_t count) {
    static const char *const roots[] = {"tests/conformance", "tests/regression", "examples"};
    ScriptList all = {0}, list = {0};
    for (size_t i = 0; i < sizeof roots / sizeof *roots; i++) scripts_find(&all, roots[i]);
#ifdef __SANITIZE_ADDRESS__ // twenty times as slow: some of them
    count *= 10;
#endif
    for (size_t i = part; i < all.count; i += count) scripts_find(&list, all.paths[i]);
    ScriptMode mode = {.jobs = 4, .out = stderr, .replays = true};
    size_t failed = scripts_run(&list, &mode);
    cr_assert(list.count > 0, "no scripts found");
    cr_assert(failed == 0, "%zu of %zu scripts failed (above)", failed, list.count);
    scripts_free(&list);
    scripts_free(&all);
}

Test(replay, every_script_first_half) { replay_part(0, 2); }
Test(replay, every_script_second_half) { replay_part(1, 2); }

// ---- Ctrl-C, kill -9

// Where it was struck is seen in what it prints: the numbers differ with each boundary.
static const char busy[] = "let counts = [0, 0, 0]\n"
                           "fn work(i) {\n"
                           "    try { while true { counts[i] += 1; if counts[i] % 997 == 0 { checkpoint() } } }\n"
                           "    finally { print(\"task {i} at {counts[i]}\") }\n"
                           "}\n"
                           "print(\"begins\")\n"
                           "try { timeout 20ms { nursery { for i in 0..3 { spawn work(i) } } } else { print(\"late\", counts) } }\n"
                           "except Interrupt { print(\"early\", counts); exit(0) }\n"
                           "let big = 7 ** 400000\n" // in the midst of a long multiplication
                           "try { while true { big = big * 3 ** 1000; counts[0] += 1; if counts[0] % 10 == 0 { print(counts[0]) } } }\n"
                           "except Interrupt { print(\"struck\", counts[0]) } finally { sleep(1ms) }\n";

static Ended run_and_send(const char *script, int signal, useconds_t after) {
    int out[2], err[2];
    char text[1 << 16];
    cr_assert(pipe(out) == 0 && pipe(err) == 0);
    tested_binary();
    pid_t child = fork();
    if (child == 0) {
        dup2(out[1], 1);
        dup2(err[1], 2);
        close(out[0]);
        close(err[0]);
        become_tg(folder, (const char *const[]){"tg", "--record=run.rec", script, NULL});
    }
    close(out[1]);
    close(err[1]);
    Ended ended = {.exit_status = -1};
    bytes_add(&ended.out, "", 0);
    bytes_add(&ended.err, "", 0);
    ssize_t length = read(out[0], text, 7); // it has begun
    if (length > 0) bytes_add(&ended.out, text, (size_t)length);
    usleep(after);
    kill(child, signal);
    alarm(20); // one that goes on for ever fails the test
    while ((length = read(out[0], text, sizeof text)) > 0) bytes_add(&ended.out, text, (size_t)length);
    while ((length = read(err[0], text, sizeof text)) > 0) bytes_add(&ended.err, text, (size_t)length);
    close(out[0]);
    close(err[0]);
    alarm(0);
    int status;
    waitpid(child, &status, 0);
    if (WIFSIGNALED(status)) ended.signal = WTERMSIG(status);
    else ended.exit_status = WEXITSTATUS(status);
    return ended;
}

Test(replay, ctrl_c_strikes_at_the_same_boundary) {
    write_text("busy.tg", busy);
    for (int i = 0; i < 8; i++) {
        char what[32];
        snprintf(what, sizeof what, "after %d ms", 3 + i * 7);
        Ended was = run_and_send("busy.tg", i < 6 ? SIGINT : SIGTERM, (useconds_t)(3 + i * 7) * 1000);
        Ended is = RUN("replay", "run.rec");
        expect_same(&was, &is, what);
        ended_free(&was);
        ended_free(&is);
    }
}

Test(replay, what_was_killed_is_replayed_as_far_as_it_came) {
    write_text("busy.tg", busy);
    for (int i = 0; i < 4; i++) {
        Ended was = run_and_send("busy.tg", SIGKILL, (useconds_t)(5 + i * 20) * 1000);
        cr_assert(was.signal == SIGKILL);
        Ended is = RUN("replay", "run.rec");
        cr_expect(is.exit_status == 3 && strstr(is.err.data, "the recording ends here (busy.tg:"), "status %d\n%s", is.exit_status, is.err.data);
        cr_expect(!strncmp(is.out.data, was.out.data, was.out.length), "%s\nthen: %s", was.out.data, is.out.data);
        ended_free(&was);
        ended_free(&is);
    }
}

// ---- Nothing is touched, any build does

static const char doing_much[] = "import fs\nimport net\nimport os\nimport process\nimport random\nimport time\n"
                                 "fs.write(\"made\", \"text {random.random()}\\n\")\n"
                                 "print(fs.read(\"made\"), os.pid(), time.now(), args)\n"
                                 "print(input(), process.run(\"sh\", [\"-c\", \"echo $$; touch touched; exit 3\"]))\n"
                                 "nursery n {\n"
                                 "    let l = net.listen(0)\n"
                                 "    spawn { for c in l { c.write(\"to {c.read_line()}\\n\"); c.close() } }\n"
                                 "    with net.connect(\"127.0.0.1\", l.port) as s { s.write(\"you\\n\"); print(s.read_line(), s.local) }\n"
                                 "    n.cancel()\n"
                                 "}\n"
                                 "try { fs.read(\"missing\") } except IOError as e { print(e.message) }\n"
                                 "exit(len(fs.list(\".\")))\n";

static void expect_untouched(void) {
    cr_expect(access(path_of("made"), F_OK) != 0);
    cr_expect(access(path_of("touched"), F_OK) != 0);
}

Test(replay, nothing_is_touched) {
    write_text("much.tg", doing_much);
    const char *const argv[] = {"--record=much.rec", "much.tg", "a", "b c", NULL};
    Ended was = run_tg(folder, argv, "a line\n");
    cr_assert(was.exit_status == 4, "%d: %s", was.exit_status, was.err.data);
    cr_assert(unlink(path_of("made")) == 0 && unlink(path_of("touched")) == 0);
    for (int i = 0; i < 3; i++) {
        Ended is = RUN("replay", "much.rec");
        expect_same(&was, &is, "again");
        expect_untouched();
        ended_free(&is);
    }
    ended_free(&was);
}

// The other flavours that are built here, if any: the release's recordings are run by the tests' build, and the other way round.
Test(replay, another_build_replays_it) {
    static const char *const flavours[] = {"release", "test", "debug", "asan"};
    char other[PATH_MAX];
    snprintf(other, sizeof other, "%s", tested_binary());
    char *last = strrchr(other, '/'), *name = last ? memrchr(other, '/', (size_t)(last - other)) : NULL;
    write_text("busy.tg", busy);
    Ended was = run_and_send("busy.tg", SIGINT, 60000);
    for (size_t i = 0; name && i < sizeof flavours / sizeof *flavours; i++) {
        char command[2 * PATH_MAX];
        snprintf(name, sizeof other - (size_t)(name - other), "/%s/tg", flavours[i]);
        if (access(other, X_OK) != 0) continue;
        snprintf(command, sizeof command, "cd %s && %s replay run.rec > other.out 2>&1", folder, other);
        (void)!system(command);
        Bytes out = {0};
        cr_assert(bytes_read(&out, path_of("other.out")));
        bool is_older = strstr(out.data, "it was recorded by") || strstr(out.data, "no such sub-command"); // built from other sources
        cr_expect(is_older || !strcmp(out.data, was.out.data), "%s:\n%s\nit was:\n%s", other, out.data, was.out.data);
        bytes_free(&out);
    }
    ended_free(&was);
}

// ---- What cannot be replayed

Test(replay, a_changed_script_is_refused) {
    write_text("_lib.tg", "fn f() => 1\n");
    write_text("main.tg", "import \"_lib.tg\" as lib\nprint(lib.f())\n");
    Ended was = RUN("--record", "main.rec", "main.tg");
    cr_assert_str_eq(was.out.data, "1\n", "%s", was.err.data);
    ended_free(&was);
    write_text("_lib.tg", "fn f() => 2\n");
    expect_refusal(RUN("replay", "main.rec"), 2, "_lib.tg has changed since");
    write_text("_lib.tg", "fn f() => 1\n");
    was = RUN("replay", "main.rec");
    cr_expect_str_eq(was.out.data, "1\n");
    ended_free(&was);
    write_text("main.tg", "import \"_lib.tg\" as lib\nprint(lib.f() )\n");
    expect_refusal(RUN("replay", "main.rec"), 2, "main.tg has changed since");
    unlink(path_of("main.tg"));
    expect_refusal(RUN("replay", "main.rec"), 2, "main.tg is not there any more");
}

Test(replay, a_damaged_recording_is_refused) {
    Bytes whole = {0};
    write_text("some.tg", "import time\nfor i in 0..20 { print(time.now() > 0); sleep(1ms) }\n");
    Ended was = RUN("--record=some.rec", "some.tg");
    cr_assert(was.exit_status == 0);
    cr_assert(bytes_read(&whole, path_of("some.rec")));
    for (size_t at = 0; at < whole.length; at += at < 80 ? 7 : whole.length / 40) {
        whole.data[at] ^= 0x20;
        write_bytes("bad.rec", whole.data, whole.length);
        whole.data[at] ^= 0x20;
        Ended ended = RUN("replay", "bad.rec");
        cr_expect(ended.exit_status == 2 && ended.err.length, "byte %zu: status %d signal %d: %s", at, ended.exit_status, ended.signal, ended.err.data);
        ended_free(&ended);
    }
    for (size_t length = 0; length < whole.length; length += whole.length / 8) {
        write_bytes("bad.rec", whole.data, length);
        Ended ended = RUN("replay", "bad.rec");
        cr_expect(ended.exit_status == 2, "%zu bytes: status %d signal %d", length, ended.exit_status, ended.signal);
        ended_free(&ended);
    }
    ended_free(&was);
    bytes_free(&whole);
}

Test(replay, what_is_no_recording_is_refused) {
    write_text("text", "this is no recording, but it is long enough to be one if it were one ..................\n");
    expect_refusal(RUN("replay", "text"), 2, "no recording of tg --record");
    expect_refusal(RUN("replay", "missing"), 2, "No such file");
    expect_refusal(RUN("replay", "/tmp"), 2, "no recording of tg --record");
    expect_refusal(RUN("replay"), 2, "usage: tg replay");
    expect_refusal(RUN("replay", "--until=x", "text"), 2, "no such option");
    expect_refusal(RUN("--record=/missing/x.rec", "-e", "1"), 2, "/missing/x.rec: No such file");
    expect_refusal(RUN("--record=x.rec", "check", "x.tg"), 2, "--record: is for running a script");
}

Test(replay, a_text_needs_no_file) {
    Ended was = RUN("--record=text.rec", "-e", "import random; print(random.random())"), is = RUN("replay", "text.rec");
    expect_same(&was, &is, "-e");
    ended_free(&was);
    ended_free(&is);
    was = run_tg(folder, (const char *const[]){"--record=text.rec", "-", NULL}, "print(now()); raise KeyError(\"k\")\n");
    is = RUN("replay", "text.rec");
    cr_expect(was.exit_status == 1);
    expect_same(&was, &is, "-");
    ended_free(&was);
    ended_free(&is);
}

Test(replay, a_part_of_it_shows_the_tasks_there) {
    write_text("busy.tg", busy);
    Ended was = run_and_send("busy.tg", SIGINT, 60000), is = RUN("replay", "--until=5000", "run.rec");
    cr_expect(is.exit_status == 0 && strstr(is.err.data, "here, at busy.tg:3") && strstr(is.err.data, "work#"), "status %d\n%s", is.exit_status,
              is.err.data);
    ended_free(&was);
    ended_free(&is);
}

// ---- Seeds

static const char racing[] = "let seen = []\n"
                             "nursery { for i in 0..6 { spawn { for j in 0..40 { seen.push(i) } } } }\n"
                             "print(seen)\n";

Test(replay, a_seed_orders_tasks_and_does_so_again) {
    write_text("racing.tg", racing);
    Ended plain = RUN("racing.tg"), again = RUN("racing.tg"), first = RUN("--seed=3", "racing.tg"), second = RUN("--seed", "3", "racing.tg"),
          other = RUN("--seed=4", "racing.tg");
    cr_expect_str_eq(plain.out.data, again.out.data);
    cr_expect_str_eq(first.out.data, second.out.data);
    cr_expect_str_neq(first.out.data, plain.out.data);
    cr_expect_str_neq(first.out.data, other.out.data);
    cr_expect(first.out.length == plain.out.length && first.exit_status == 0);
    Ended *const all[] = {&plain, &again, &first, &second, &other};
    for (int i = 0; i < 5; i++) ended_free(all[i]);
}

// It finds a lost update that first come, first served never shows, and says how to see it again.
Test(replay, a_run_that_fails_says_its_seed) {
    write_text("lost.tg", "let n = 0\n"
                          "fn add() { for i in 0..10 { let was = n; if true { str(i) }; n = was + 1 } }\n"
                          "nursery { spawn add(); spawn add() }\n"
                          "assert(n == 20)\n");
    Ended plain = RUN("lost.tg");
    cr_expect(plain.exit_status == 0 && !plain.err.length, "%s", plain.err.data);
    ended_free(&plain);
    int found = 0;
    for (int seed = 1; seed <= 20; seed++) {
        char option[32], hint[64];
        snprintf(option, sizeof option, "--seed=%d", seed);
        snprintf(hint, sizeof hint, "order of --seed=%d", seed);
        Ended ended = RUN(option, "lost.tg");
        bool has_failed = ended.exit_status == 1;
        found += has_failed;
        cr_expect(has_failed == (strstr(ended.err.data, hint) != NULL), "%s", ended.err.data);
        ended_free(&ended);
    }
    cr_expect(found > 0);
}

// ---- With what else tg can

static void expect_limit(const char *option, const char *name) {
    Ended was = RUN(option, "--record=run.rec", "limit.tg");
    cr_expect(was.exit_status == 4 && strstr(was.out.data, name), "%s: status %d: %s%s", option, was.exit_status, was.out.data, was.err.data);
    Ended is = RUN("replay", "run.rec");
    expect_same(&was, &is, option);
    ended_free(&was);
    ended_free(&is);
}

Test(replay, a_limit_is_reached_at_the_same_place) {
    write_text("limit.tg", "let n = 0\n"
                           "fn more() { n += 1; if n % 100 == 0 { checkpoint() } }\n"
                           "fn work() { while true { more() } }\n"
                           "try { nursery { for _ in 0..3 { spawn work() } } }\n"
                           "except LimitReached as e { print(n, e.message) }\n"
                           "finally { print(\"at {n}\") }\n"
                           "while true { more() }\n");
    expect_limit("--max-steps=30000", "--max-steps");
    expect_limit("--max-steps=1", "--max-steps");
    expect_limit("--max-time=30ms", "--max-time");
    write_text("limit.tg", "let n = 0\n"
                           "nursery { while true { try { spawn sleep(5ms); n += 1 } except LimitReached as e { print(n, e.message); checkpoint() } } }\n");
    expect_limit("--max-tasks=4", "--max-tasks");
}

Test(replay, the_doctor_says_the_same) {
    write_text("deadlock.tg", "let c = channel()\nc.receive()\n");
    Ended was = RUN("--doctor", "--record=run.rec", "deadlock.tg");
    cr_expect(strstr(was.err.data, "doctor"), "%s", was.err.data);
    Ended is = RUN("replay", "run.rec");
    expect_same(&was, &is, "with --doctor");
    ended_free(&was);
    ended_free(&is);
}

Test(replay, a_run_that_was_drawn_is_replayed) {
    write_text("drawn.tg", "nursery { for i in 0..3 { spawn { sleep(1ms); print(i) } } }\n");
    Ended was = RUN("trace", "--format=text", "-o", "drawn.txt", "--record=run.rec", "drawn.tg");
    cr_expect(was.exit_status == 0, "%s", was.err.data);
    Ended is = RUN("replay", "run.rec");
    cr_expect(is.exit_status == 0, "%s", is.err.data);
    cr_expect_str_eq(is.out.data, "0\n1\n2\n");
    ended_free(&was);
    ended_free(&is);
}

Test(replay, a_sandbox_is_not_recorded) {
    write_text("a.tg", "print(1)\n");
    expect_refusal(RUN("--sandbox", "--record=run.rec", "a.tg"), 2, "does not go with --record");
    expect_refusal(RUN("trace", "--sandbox", "--record=run.rec", "a.tg"), 2, "does not go with --record");
}

// ---- Virtual time

Test(replay, a_year_of_sleeping_takes_no_time) {
    const char code[] = "nursery {\n"
                        "    spawn { for day in 0..365 { sleep(24h) }; print(\"a year\", now()) }\n"
                        "    spawn { sleep(8760h - 1ms); print(\"just before\") }\n"
                        "    spawn { timeout 1000h { sleep(2000h) } else { print(\"timeout\", now()) } }\n"
                        "    spawn { sleep(8760h + 1ms); print(\"just after\") }\n"
                        "}\n";
    double start = seconds_now();
    Ended ended = RUN("--virtual-time", "-e", code);
    cr_expect_str_eq(ended.out.data, "timeout 3600000.0\njust before\na year 31536000.0\njust after\n", "%s%s", ended.out.data, ended.err.data);
    cr_expect(seconds_now() - start < 5);
    ended_free(&ended);
}
