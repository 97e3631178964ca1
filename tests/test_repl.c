// tests/test_repl.c
// The REPL at a real terminal (a pty): what is typed, what is seen, what Ctrl-C does.
#include <criterion/criterion.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/terminal.h"

static char history[] = "/tmp/tg-history-XXXXXX";

static void become_repl(void *data) {
    (void)data;
    setenv("TG_HISTORY", history, 1);
    setenv("INPUTRC", "/dev/null", 1);
    become_tg(NULL, (const char *const[]){"tg", NULL});
}

static const char PROMPT[] = "\n> ";

// Types a line at the prompt, waits for its echo, a piece of output and the next prompt.
static void try_line(Terminal *terminal, const char *line, const char *output) {
    terminal_type(terminal, line);
    terminal_type(terminal, "\r");
    terminal_expect(terminal, line);
    if (output) terminal_expect(terminal, output);
    terminal_expect(terminal, PROMPT);
}

// How it ended, as waitpid says.
static int end(Terminal *terminal) {
    int status = terminal_end(terminal);
    terminal_free(terminal);
    return status;
}

static void leave(Terminal *terminal) {
    terminal_type(terminal, CTRL_D);
    int status = end(terminal);
    cr_expect(WIFEXITED(status) && WEXITSTATUS(status) == 0, "wait status %x", status);
}

static Terminal begin(void) {
    Terminal terminal = terminal_open(100, become_repl, NULL);
    terminal_expect(&terminal, "Ctrl-D leaves.");
    terminal_expect(&terminal, "> ");
    return terminal;
}

static void make_history(void) { close(mkstemp(history)); }
static void drop_history(void) { unlink(history); }

TestSuite(repl, .init = make_history, .fini = drop_history);

Test(repl, shows_values_of_expressions) {
    Terminal t = begin();
    try_line(&t, "1 + 1", "2");
    try_line(&t, "\"a\" + 'b'", "\"ab\"");
    try_line(&t, "let x = 20", NULL);
    try_line(&t, "x * 2 + 2", "42");
    try_line(&t, "nil", NULL);
    try_line(&t, "[x, {a: 1}]", "[20, {\"a\": 1}]");
    try_line(&t, "print(\"printed\")", "printed");
    leave(&t);
}

Test(repl, statements_of_several_lines) {
    Terminal t = begin();
    terminal_type(&t, "fn add(a, b) {\r");
    terminal_expect(&t, "\n. ");
    terminal_type(&t, "return a + b\r");
    terminal_expect(&t, "\n. ");
    terminal_type(&t, "}\r");
    terminal_expect(&t, PROMPT);
    try_line(&t, "add(40, 2)", "42");
    terminal_type(&t, "[1,\r");
    terminal_expect(&t, "\n. ");
    try_line(&t, "2]", "[1, 2]");
    leave(&t);
}

Test(repl, two_empty_lines_lead_out_of_a_statement) {
    Terminal t = begin();
    terminal_type(&t, "let text = \"\"\"\r");
    terminal_expect(&t, "\n. ");
    terminal_type(&t, "\r"); // in a String they mean themselves
    terminal_expect(&t, "\n. ");
    terminal_type(&t, "\r");
    terminal_expect(&t, "\n. ");
    terminal_type(&t, "\"\"\"\r");
    terminal_expect(&t, PROMPT);
    try_line(&t, "text", "\"\\n\\n\"");
    terminal_type(&t, "[1,\r");
    terminal_expect(&t, "\n. ");
    terminal_type(&t, "\r");
    terminal_expect(&t, "\n. ");
    terminal_type(&t, "\r");
    terminal_expect(&t, "error TG");
    terminal_expect(&t, PROMPT);
    try_line(&t, "40 + 2", "42");
    leave(&t);
}

Test(repl, errors_do_not_end_it) {
    Terminal t = begin();
    try_line(&t, "1 / 0", "ZeroDivisionError");
    try_line(&t, "let = 3", "<repl>:2:5");
    try_line(&t, "unknown", "unknown");
    try_line(&t, "raise ValueError(\"mine\")", "mine");
    try_line(&t, "6 * 7", "42");
    leave(&t);
}

Test(repl, names_may_be_declared_anew) {
    Terminal t = begin();
    try_line(&t, "let a = 1", NULL);
    try_line(&t, "let a = \"two\"", NULL);
    try_line(&t, "a", "\"two\"");
    try_line(&t, "fn f() => a", NULL);
    try_line(&t, "a = 3", NULL);
    try_line(&t, "f()", "3");
    leave(&t);
}

Test(repl, ctrl_c_clears_what_was_typed) {
    Terminal t = begin();
    terminal_type(&t, "print(\"never\"");
    terminal_expect(&t, "never");
    terminal_type(&t, CTRL_C);
    terminal_expect(&t, PROMPT);
    try_line(&t, "40 + 2", "42");
    terminal_type(&t, "fn f() {\r");
    terminal_expect(&t, "\n. ");
    terminal_type(&t, CTRL_C);
    terminal_expect(&t, PROMPT);
    try_line(&t, "41 + 2", "43");
    terminal_type(&t, CTRL_C); // at an empty prompt
    terminal_expect(&t, PROMPT);
    terminal_type(&t, CTRL_C);
    terminal_expect(&t, PROMPT);
    leave(&t);
}

Test(repl, ctrl_c_interrupts_a_sleep) {
    Terminal t = begin();
    terminal_type(&t, "print(\"now\"); sleep(100)\r");
    terminal_expect(&t, "\nnow");
    terminal_type(&t, CTRL_C);
    terminal_expect(&t, "Interrupted");
    terminal_expect(&t, PROMPT);
    try_line(&t, "1 + 1", "2");
    leave(&t);
}

Test(repl, ctrl_c_interrupts_a_busy_loop) {
    Terminal t = begin();
    terminal_type(&t, "print(\"now\"); while true {}\r");
    terminal_expect(&t, "\nnow");
    usleep(50000);
    terminal_type(&t, CTRL_C);
    terminal_expect(&t, "Interrupted");
    terminal_expect(&t, PROMPT);
    leave(&t);
}

Test(repl, ctrl_c_may_be_caught) {
    Terminal t = begin();
    terminal_type(&t, "try { print(\"now\"); sleep(100) } except Interrupt { print(\"caught it\") }\r");
    terminal_expect(&t, "\nnow");
    terminal_type(&t, CTRL_C);
    terminal_expect(&t, "caught it");
    terminal_expect(&t, PROMPT);
    try_line(&t, "2 + 2", "4");
    leave(&t);
}

Test(repl, exit_has_its_code) {
    Terminal t = begin();
    terminal_type(&t, "exit(3)\r");
    int status = end(&t);
    cr_expect(WIFEXITED(status) && WEXITSTATUS(status) == 3, "wait status %x", status);
}

Test(repl, dies_of_sigterm) {
    Terminal t = begin();
    kill(t.pid, SIGTERM);
    int status = end(&t);
    cr_expect(WIFSIGNALED(status) && WTERMSIG(status) == SIGTERM, "wait status %x", status);
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
    terminal_type(&t, "[7,\r");
    terminal_expect(&t, "\n. ");
    try_line(&t, "8]", "[7, 8]");
    leave(&t);
    t = begin();
    static const char UP[] = "\x1b[A";
    terminal_type(&t, UP);
    terminal_expect(&t, "8]");
    terminal_type(&t, "\r");
    terminal_expect(&t, "\n[7, 8]");
    terminal_expect(&t, PROMPT);
    terminal_type(&t, UP);
    terminal_type(&t, UP);
    terminal_expect(&t, "100 + 23");
    terminal_type(&t, "\r");
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
    terminal_type(&terminal, CTRL_D);
    terminal_expect(&terminal, "1 task is still running");
    terminal_expect(&terminal, PROMPT);
    terminal_expect(&terminal, "tick\r\n");
    terminal_type(&terminal, CTRL_D);
    terminal_expect(&terminal, "cleaned up");
    int status = end(&terminal);
    cr_expect(WIFEXITED(status) && WEXITSTATUS(status) == 0, "wait status %x", status);
}

Test(repl, cleanup_that_waits_for_nothing_does_not_keep_it) {
    Terminal terminal = begin();
    try_line(&terminal, "fn stuck() { try { sleep(999) } finally { channel().receive() } }", NULL);
    try_line(&terminal, "let t = spawn stuck()", NULL);
    terminal_type(&terminal, CTRL_D);
    terminal_expect(&terminal, "still running");
    terminal_expect(&terminal, PROMPT);
    terminal_type(&terminal, CTRL_D);
    terminal_expect(&terminal, "broken off");
    terminal_expect(&terminal, "stuck#");
    int status = end(&terminal);
    cr_expect(WIFEXITED(status) && WEXITSTATUS(status) == 0, "wait status %x", status);
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
    int status = end(&terminal);
    cr_expect(WIFEXITED(status) && WEXITSTATUS(status) == 7, "wait status %x", status);
}

Test(repl, sigterm_cleans_up_the_background) {
    Terminal terminal = begin_ticking();
    kill(terminal.pid, SIGTERM);
    terminal_expect(&terminal, "cleaned up");
    int status = end(&terminal);
    cr_expect(WIFSIGNALED(status) && WTERMSIG(status) == SIGTERM, "wait status %x", status);
}

Test(repl, the_keyboard_is_not_for_background_tasks) {
    Terminal terminal = begin();
    try_line(&terminal, "let r = spawn { sleep(0.05); input() }", NULL);
    terminal_expect(&terminal, "the prompt reads the terminal");
    try_line(&terminal, "1 + 1", "2");
    leave(&terminal);
}

Test(repl, a_busy_background_task_leaves_the_keyboard_alive) {
    Terminal terminal = begin();
    try_line(&terminal, "let busy = spawn { while true { } }", NULL);
    try_line(&terminal, "6 * 7", "42");
    try_line(&terminal, "busy.cancel()", NULL);
    try_line(&terminal, "busy.state", "cancelled");
    leave(&terminal);
}
