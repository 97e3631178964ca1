// tests/test_vms.c
// Two VMs in one process, turn by turn: nothing of one shows in the other.
#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

#include "lang/cli/host.h"

typedef struct {
    TgVM *vm;
    TgModule *module;
} Session;

static Session session_new(char *argument) {
    TgOptions options = tg_vm_defaults();
    options.virtual_time = true;
    Session session = {.vm = tg_host_vm(&options, &argument, 1)};
    cr_assert(session.vm);
    session.module = tg_host_module(session.vm, "session", NULL);
    return session;
}

// Runs one statement; its value as repr ("" where it has none).
static void expect_value(Session *session, const char *text, const char *value) {
    TgScriptText script = {
        .file = "<test>", .text = text, .length = strlen(text), .is_session = true};
    char *error;
    bool unfinished;
    TgCode *code = tg_host_compile(session->vm, session->module, &script, &error, &unfinished);
    cr_assert(code, "%s: %s", text, error);
    TgOutcome outcome = tg_run(session->vm, code);
    if (!tg_is_undef(outcome.error)) tg_report(session->vm, outcome.error, stderr);
    cr_assert(outcome.end == RUN_OK, "%s", text);
    char *shown = tg_is_undef(outcome.value) ? strdup("") : tg_value_text(session->vm, outcome.value);
    cr_expect_str_eq(shown, value, "%s: %s, not %s", text, shown, value);
    free(shown);
}

Test(vms, two_live_in_one_process) {
    Session a = session_new("a"), b = session_new("b");
    expect_value(&a, "let x = 1", "");
    expect_value(&b, "let x = \"b\"", "");
    expect_value(&a, "class P { fn str() => \"P of a\" }", "");
    expect_value(&b, "class P { fn str() => \"P of b\" }", "");
    expect_value(&a, "x += 1; P()", "P of a");
    expect_value(&b, "x * 2", "\"bb\"");
    expect_value(&b, "P()", "P of b");
    expect_value(&a, "[x, args]", "[2, [\"a\"]]");
    expect_value(&b, "args", "[\"b\"]");
    expect_value(&a, "sleep(1h); now() >= 3600", "true");
    expect_value(&b, "now() < 1", "true");
    tg_vm_free(a.vm);
    expect_value(&b, "let all = []; nursery { for i in 0..3 { spawn { sleep(i); all.push(i) } } }; all", "[0, 1, 2]");
    Session c = session_new("c");
    expect_value(&c, "args", "[\"c\"]");
    expect_value(&b, "x", "\"b\"");
    tg_vm_free(b.vm);
    tg_vm_free(c.vm);
}

Test(vms, many_come_and_go) {
    for (int i = 0; i < 20; i++) {
        Session session = session_new("x");
        expect_value(&session, "let n = 0; for i in 0..100 { n += i }; n", "4950");
        tg_vm_free(session.vm);
    }
}
