// tests/test_repl.c
// The REPL at a real terminal (a pty): what is typed, what is seen, what Ctrl-C does.
#include <criterion/criterion.h>
#include <signal.h>
#include <unistd.h>

#include "tests/session.h"

TestSuite(repl, .init = make_folder, .fini = drop_folder);

Test(repl, shows_values_of_expressions) {
    TRY_LINES(
        {"1 + 1", "2"},
        {"\"a\" + 'b'", "\"ab\""},
        {"let x = 20", NULL},
        {"x * 2 + 2", "42"},
        {"nil", NULL},
        {"[x, {a: 1}]", "[20, {\"a\": 1}]"},
        {"print(\"printed\")", "printed"});
}

Test(repl, statements_of_several_lines) {
    Terminal t = begin();
    type_part(&t, "fn add(a, b) {");
    type_part(&t, "return a + b");
    terminal_type(&t, "}\r");
    terminal_expect(&t, PROMPT);
    try_line(&t, "add(40, 2)", "42");
    type_part(&t, "[1,");
    try_line(&t, "2]", "[1, 2]");
    leave(&t);
}

Test(repl, two_empty_lines_lead_out_of_a_statement) {
    Terminal t = begin();
    type_part(&t, "let text = \"\"\"");
    type_part(&t, ""); // in a String they mean themselves
    type_part(&t, "");
    terminal_type(&t, "\"\"\"\r");
    terminal_expect(&t, PROMPT);
    try_line(&t, "text", "\"\\n\\n\"");
    type_part(&t, "[1,");
    type_part(&t, "");
    terminal_type(&t, ENTER);
    terminal_expect(&t, "error TG");
    terminal_expect(&t, PROMPT);
    try_line(&t, "40 + 2", "42");
    leave(&t);
}

Test(repl, errors_do_not_end_it) {
    TRY_LINES(
        {"1 / 0", "ZeroDivisionError"},
        {"let = 3", "<repl>:2:5"},
        {"unknown", "unknown"},
        {"raise ValueError(\"mine\")", "mine"},
        {"6 * 7", "42"});
}

Test(repl, names_may_be_declared_anew) {
    TRY_LINES(
        {"let a = 1", NULL},
        {"let a = \"two\"", NULL},
        {"a", "\"two\""},
        {"fn f() => a", NULL},
        {"a = 3", NULL},
        {"f()", "3"});
}

Test(repl, ctrl_c_clears_what_was_typed) {
    Terminal t = begin();
    terminal_type(&t, "print(\"never\"");
    terminal_expect(&t, "never");
    terminal_type(&t, CTRL_C);
    terminal_expect(&t, PROMPT);
    try_line(&t, "40 + 2", "42");
    type_part(&t, "fn f() {");
    terminal_type(&t, CTRL_C);
    terminal_expect(&t, PROMPT);
    try_line(&t, "41 + 2", "43");
    terminal_type(&t, CTRL_C); // at an empty prompt
    terminal_expect(&t, PROMPT);
    terminal_type(&t, CTRL_C);
    terminal_expect(&t, PROMPT);
    leave(&t);
}

// Ctrl-C while a statement runs, which prints "now" first; then the session goes on.
static void interrupt(const char *statement, const char *told) {
    Terminal t = begin();
    terminal_type(&t, statement);
    terminal_type(&t, ENTER);
    terminal_expect(&t, "\nnow");
    usleep(50000); // it is at what comes behind the print
    terminal_type(&t, CTRL_C);
    terminal_expect(&t, told);
    terminal_expect(&t, PROMPT);
    try_line(&t, "2 + 2", "4");
    leave(&t);
}

Test(repl, ctrl_c_interrupts_a_sleep) { interrupt("print(\"now\"); sleep(100)", "Interrupted"); }

Test(repl, ctrl_c_interrupts_a_busy_loop) { interrupt("print(\"now\"); while true {}", "Interrupted"); }

Test(repl, ctrl_c_may_be_caught) {
    interrupt("try { print(\"now\"); sleep(100) } except Interrupt { print(\"caught it\") }", "caught it");
}

Test(repl, exit_has_its_code) {
    Terminal t = begin();
    terminal_type(&t, "exit(3)\r");
    expect_exit(&t, 3);
}

Test(repl, dies_of_sigterm) {
    Terminal t = begin();
    kill(t.pid, SIGTERM);
    expect_death(&t, SIGTERM);
}

Test(repl, input_reads_the_terminal) {
    Terminal t = begin();
    terminal_type(&t, "let name = input(\"who? \")\r");
    terminal_expect(&t, "who? ");
    usleep(20000);
    terminal_type(&t, "Ada\n");
    terminal_expect(&t, PROMPT);
    try_line(&t, "name", "\"Ada\"");
    leave(&t);
}

#ifndef TG_NO_READLINE
Test(repl, history_outlives_the_session) {
    Terminal t = begin();
    try_line(&t, "100 + 23", "123");
    type_part(&t, "[7,");
    try_line(&t, "8]", "[7, 8]");
    leave(&t);
    t = begin();
    terminal_type(&t, UP);
    terminal_expect(&t, "8]");
    terminal_type(&t, ENTER);
    terminal_expect(&t, "\n[7, 8]");
    terminal_expect(&t, PROMPT);
    terminal_type(&t, UP);
    terminal_type(&t, UP);
    terminal_expect(&t, "100 + 23");
    terminal_type(&t, ENTER);
    terminal_expect(&t, "\n123");
    terminal_expect(&t, PROMPT); // a Ctrl-D before it would not be the prompt's
    leave(&t);
}
#endif

// ---- tasks in the background ---------------------------------------------------------------------

static Terminal begin_ticking(void) {
    Terminal terminal = begin();
    try_line(&terminal, "fn tick() { print(\"tick\"); sleep(0.05) }", NULL);
    try_line(&terminal, "fn ticker() { try { while true { tick() } } finally { print(\"cleaned up\") } }", NULL);
    try_line(&terminal, "let t = spawn ticker()", NULL);
    terminal_expect(&terminal, "tick\r\n");
    return terminal;
}

Test(repl, a_task_goes_on_while_the_user_types) {
    Terminal terminal = begin_ticking();
    terminal_type(&terminal, "6 *");
    terminal_expect(&terminal, "6 *");
    terminal_expect(&terminal, "tick\r\n"); // above the line, which comes back
#ifndef TG_NO_READLINE
    terminal_expect(&terminal, "> 6 *");
#endif
    terminal_type(&terminal, " 7\r");
    terminal_expect(&terminal, "42");
    try_line(&terminal, "_ + 1", "43");
    try_line(&terminal, "t.cancel()", "cleaned up");
    leave(&terminal);
}

Test(repl, ctrl_c_leaves_the_background_alone_but_twice_interrupts_it) {
    Terminal terminal = begin_ticking();
    terminal_type(&terminal, "while true { }\r");
    terminal_expect(&terminal, "while true { }");
    terminal_expect(&terminal, "tick\r\n");
    terminal_type(&terminal, CTRL_C);
    terminal_expect(&terminal, "Interrupted");
    terminal_expect(&terminal, "tick\r\n");
    terminal_type(&terminal, CTRL_C);
    terminal_expect(&terminal, "^C");
    terminal_expect(&terminal, "tick\r\n");
    terminal_type(&terminal, CTRL_C);
    terminal_expect(&terminal, "cleaned up");
    terminal_expect(&terminal, "was interrupted");
    terminal_expect(&terminal, PROMPT); // a Ctrl-D before it would not be the prompt's
    leave(&terminal);
}

Test(repl, ctrl_d_asks_where_tasks_are_running) {
    Terminal terminal = begin_ticking();
    ask_to_leave(&terminal);
    terminal_expect(&terminal, "tick\r\n");
    terminal_type(&terminal, CTRL_D);
    terminal_expect(&terminal, "cleaned up");
    expect_exit(&terminal, 0);
}

Test(repl, cleanup_that_waits_for_nothing_does_not_keep_it) {
    Terminal terminal = begin();
    try_line(&terminal, "fn stuck() { try { sleep(999) } finally { channel().receive() } }", NULL);
    try_line(&terminal, "let t = spawn stuck()", NULL);
    ask_to_leave(&terminal);
    terminal_type(&terminal, CTRL_D);
    terminal_expect(&terminal, "broken off");
    terminal_expect(&terminal, "stuck#");
    expect_exit(&terminal, 0);
}

Test(repl, a_failed_background_task_is_told_and_the_others_go_on) {
    Terminal terminal = begin_ticking();
    try_line(&terminal, "let f = spawn { sleep(0.1); raise ValueError(\"boom\") }", NULL);
    terminal_expect(&terminal, "failed:");
    terminal_expect(&terminal, "ValueError: boom");
    terminal_expect(&terminal, "tick\r\n");
    try_line(&terminal, ":tasks", "ticker#");
    try_line(&terminal, ":interrupt", "was interrupted");
    try_line(&terminal, ":tasks", "no task is running");
    try_line(&terminal, ":nothing", "there is no :nothing");
    try_line(&terminal, ":help", ":cancel ID");
    leave(&terminal);
}

Test(repl, a_background_task_may_end_the_session) {
    Terminal terminal = begin_ticking();
    terminal_type(&terminal, "let e = spawn { sleep(0.05); exit(7) }\r");
    terminal_expect(&terminal, "cleaned up");
    expect_exit(&terminal, 7);
}

Test(repl, sigterm_cleans_up_the_background) {
    Terminal terminal = begin_ticking();
    kill(terminal.pid, SIGTERM);
    terminal_expect(&terminal, "cleaned up");
    expect_death(&terminal, SIGTERM);
}

Test(repl, the_keyboard_is_not_for_background_tasks) {
    Terminal terminal = begin();
    try_line(&terminal, "let r = spawn { sleep(0.05); input() }", NULL);
    terminal_expect(&terminal, "the prompt reads the terminal");
    try_line(&terminal, "1 + 1", "2");
    leave(&terminal);
}

Test(repl, a_busy_background_task_leaves_the_keyboard_alive) {
    TRY_LINES(
        {"let busy = spawn { while true { } }", NULL},
        {"6 * 7", "42"},
        {"busy.cancel()", NULL},
        {"busy.state", "cancelled"});
}
