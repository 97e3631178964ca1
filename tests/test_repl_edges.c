// tests/test_repl_edges.c
// The REPL where it is used hard: other locales and terminals, the edge of a row, cleanup that takes its time, a
// thousand tasks, what people type out of habit.
#include <criterion/criterion.h>
#include <signal.h>
#include <string.h>
#include <unistd.h>

#include "tests/session.h"

TestSuite(repl_edges, .init = make_folder, .fini = drop_folder);

// ---- terminals -----------------------------------------------------------------------------------

#ifndef TG_NO_READLINE

Test(repl_edges, a_locale_without_utf8_has_whole_characters_too) {
    Seat s = sit_down_with(10, 60, "LC_ALL=C");
    seat_type(&s, "\"\xe6\xbc\xa2\xc3\xa9\"" LEFT LEFT "!");
    seat_expect_end(&s, "\n> \"\xe6\xbc\xa2!_\""); // the cursor is on the second letter
    seat_type(&s, ENTER);
    seat_expect_part(&s, "\n\"\xe6\xbc\xa2!\xc3\xa9\"\n>");
    seat_type(&s, "\"\xc3\xa9" LEFT LEFT); // each line anew
    seat_expect_end(&s, "\n> _\xc3\xa9");
    seat_type(&s, CTRL_C);
    stand_up(&s);
}

Test(repl_edges, a_row_of_uncertain_width_is_ended) {
    Seat s = sit_down(10, 20);
    seat_type(&s, "\"abcdefghijklmnopqrstuvwxyz");
    seat_expect_end(&s, "\n> \"abcdefghijklmnopq\nrstuvwxyz_");
    cr_expect(s.screen.joined[s.screen.row - 1]); // the terminal wraps it
    seat_type(&s, CTRL_C "\"abcdefghijk\xf0\x9f\x87\xa9\xf0\x9f\x87\xaalmnopqrstuvw"); // a flag: one or two columns
    seat_expect_part(&s, "tuvw");
    seat_expect_end(&s, "w_");
    cr_expect(!s.screen.joined[s.screen.row - 1]);
    seat_type(&s, CTRL_C);
    stand_up(&s);
}

Test(repl_edges, ctrl_c_behind_a_full_row_is_seen) {
    Seat s = sit_down(10, 40);
    seat_type(&s, "let word = \"abcdefghijklmnopqrstuvwxy");
    seat_expect_end(&s, "\n> let word = \"abcdefghijklmnopqrstuvwxy_"); // one column is left
    seat_type(&s, "z");
    seat_expect_end(&s, "uvwxyz\n_");
    seat_type(&s, CTRL_C);
    seat_expect_end(&s, "uvwxyz\n^C\n> _");
    stand_up(&s);
}

#endif

Test(repl_edges, a_terminal_without_a_name_has_no_colors) {
    Terminal t = begin_with("TERM=");
    try_line(&t, "[40 + 2]", "\n[42]\r");
    leave(&t);
}

// ---- cleanup that takes its time -----------------------------------------------------------------

static Terminal begin_with_slow_cleanup(void) {
    Terminal terminal = begin();
    try_line(&terminal, "fn slow() { try { print(\"begun\"); sleep(999) } finally { print(\"cleaning\"); sleep(500) } }", NULL);
    terminal_type(&terminal, "let t = spawn slow()\r");
    terminal_expect(&terminal, "begun\r"); // one that is cancelled before never begins
    terminal_expect(&terminal, PROMPT);
    return terminal;
}

Test(repl_edges, a_second_sigterm_breaks_through_cleanup) {
    Terminal t = begin_with_slow_cleanup();
    kill(t.pid, SIGTERM);
    terminal_expect(&t, "cleaning");
    kill(t.pid, SIGTERM);
    expect_death(&t, SIGTERM);
}

Test(repl_edges, leaving_says_what_it_waits_for) {
    Terminal t = begin_with_slow_cleanup();
    ask_to_leave(&t);
    terminal_type(&t, CTRL_D);
    terminal_expect(&t, "cleaning");
    terminal_expect(&t, "these are still cleaning up (Ctrl-C twice abandons it)");
    terminal_expect(&t, "slow#");
    terminal_type(&t, CTRL_C);
    terminal_expect(&t, "^C");
    usleep(100000); // two at once would be one
    terminal_type(&t, CTRL_C);
    terminal_expect(&t, "interrupted again");
    expect_exit(&t, 0);
}

Test(repl_edges, a_signal_while_it_ends_is_what_it_dies_of) {
    Terminal t = begin_with_slow_cleanup();
    ask_to_leave(&t);
    terminal_type(&t, CTRL_D);
    terminal_expect(&t, "cleaning");
    kill(t.pid, SIGTERM);
    usleep(100000);
    kill(t.pid, SIGTERM);
    expect_death(&t, SIGTERM);
}

Test(repl_edges, a_task_that_is_struck_twice_is_one_task) {
    Terminal t = begin();
    terminal_type(&t, "try { print(\"now\"); sleep(999) } finally { print(\"still\"); sleep(999) }\r");
    terminal_expect(&t, "\nnow");
    terminal_type(&t, CTRL_C);
    terminal_expect(&t, "still\r\n");
    terminal_type(&t, CTRL_C);
    terminal_expect(&t, "Interrupted at <repl>:1\r");
    terminal_expect(&t, PROMPT);
    leave(&t);
}

// ---- many tasks, none ----------------------------------------------------------------------------

Test(repl_edges, many_interrupted_tasks_are_told_in_a_line) {
    Terminal t = begin();
    try_line(&t, "fn wait() { sleep(999) }", NULL);
    try_line(&t, "for i in 0..500 { spawn wait() }", NULL);
    terminal_type(&t, CTRL_C);
    terminal_expect(&t, PROMPT);
    terminal_type(&t, CTRL_C);
    terminal_expect(&t, "\n500 tasks were interrupted: wait#");
    terminal_expect(&t, " ...\r");
    terminal_expect(&t, PROMPT);
    try_line(&t, "let a = spawn wait(); let b = spawn { while true { } }", NULL);
    try_line(&t, ":interrupt", "\n2 tasks were interrupted: ");
    leave(&t);
}

Test(repl_edges, errors_that_many_tasks_share_are_told_once) {
    Terminal t = begin();
    try_line(&t, "fn bad(x) { if x < 4 { 1 / 0 } else { [][x] } }", NULL);
    terminal_type(&t, "for i in 0..6 { spawn bad(i) }\r");
    terminal_expect(&t, "6 tasks failed: bad#3, bad#4, bad#5 ...\r");
    terminal_expect(&t, " ZeroDivisionError: division");
    terminal_expect(&t, "in task bad#3 and 3 others");
    terminal_expect(&t, "IndexError");
    terminal_expect(&t, PROMPT);
    try_line(&t, "40 + 2", "\n42\r");
    terminal_type(&t, "let t = spawn { nursery { spawn { raise ErrorGroup(\"two\", [ValueError(\"a\"), KeyError(\"b\")]) } } }\r");
    terminal_expect(&t, "failed:");
    terminal_expect(&t, "ValueError: a");
    terminal_expect(&t, "KeyError: b");
    leave(&t);
}

Test(repl_edges, the_picture_of_no_tasks) {
    Terminal t = begin();
    kill(t.pid, SIGQUIT);
    terminal_expect(&t, "no task is running");
    leave(&t);
}

// ---- habits --------------------------------------------------------------------------------------

Test(repl_edges, words_that_people_type_by_themselves) {
    Terminal t = begin();
    try_line(&t, "help", ":help lists the commands");
    try_line(&t, "clear", "Ctrl-L clears");
    try_line(&t, "print?", "print(*values");
    try_line(&t, "?List.push", "List.push(");
    try_line(&t, "nothinglikeit?", "there is no help for 'nothinglikeit'");
    try_line(&t, "let clear = 3", NULL);
    try_line(&t, "clear", "\n3\r"); // it is theirs now
    type_part(&t, "nil ??"); // goes on
    try_line(&t, "4", "\n4\r");
    leave(&t);
}

Test(repl_edges, commands_forgive) {
    write_file("two words.tg", "let both = 2\n");
    TRY_LINES(
        {":load \"two words.tg\"", NULL},
        {":load 'two words.tg'", NULL},
        {"both", "\n2\r"},
        {":", ":load FILE"},
        {": tasks", "no task is running"},
        {":help :time", ":time EXPR      how long"},
        {":doc :ti", ":time EXPR      how long"},
        {":doc :foo", "there is no :foo"},
        {":doc \"print\"", "print(*values"});
}

#ifndef TG_NO_READLINE // the terminal itself gives no longer lines than 4095 bytes
Test(repl_edges, a_command_may_be_long) {
    char line[6000] = ":type [";
    for (int i = 0; i < 1000; i++) strcat(line, "1.5, ");
    strcat(line, "2]\r");
    Terminal t = begin();
    terminal_type(&t, line);
    terminal_expect(&t, "\nList\r");
    terminal_expect(&t, PROMPT);
    leave(&t);
}
#endif

Test(repl_edges, a_declaration_that_failed_leaves_no_value) {
    TRY_LINES(
        {"let x = 1 / 0", "ZeroDivisionError"},
        {"x", "'x' has no value: what declares it has failed"},
        {"let x = 6", NULL},
        {"let x = 1 / 0", "ZeroDivisionError"},
        {"x", "\n6\r"});
}

Test(repl_edges, reload_tells_of_a_file_that_is_gone) {
    write_file("part.tg", "let a = 1\n");
    Terminal t = begin();
    try_line(&t, "import \"part.tg\" as part", NULL);
    try_line(&t, ":reload", "no imported file has changed");
    remove_file("part.tg");
    try_line(&t, ":reload", "part.tg: No such file");
    leave(&t);
}
