// tests/test_repl_screen.c
// The REPL as it looks: what is on the screen of an ANSI terminal, row by row (tests/screen.h).
#include <criterion/criterion.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "tests/session.h"

#ifndef TG_NO_READLINE

TestSuite(repl_screen, .init = make_folder, .fini = drop_folder);

// ---- typing --------------------------------------------------------------------------------------

Test(repl_screen, a_statement_of_several_lines_is_one_text) {
    Seat s = sit_down(24, 60);
    seat_type(&s, "fn add(a, b) {" ENTER);
    seat_expect(&s, BANNER, "> fn add(a, b) {\n.     _");
    seat_type(&s, "return a - b" ENTER);
    seat_expect(&s, BANNER, "> fn add(a, b) {\n.     return a - b\n.     _");
    seat_type(&s, "}");
    seat_expect(&s, BANNER, "> fn add(a, b) {\n.     return a - b\n. }_");
    seat_type(&s, UP);
    seat_expect(&s, BANNER, "> fn add(a, b) {\n.  _  return a - b\n. }");
    seat_type(&s, "\x05\x7f\x7f\x7f+ b"); // to the line's end; the wrong operator goes
    seat_expect(&s, BANNER, "> fn add(a, b) {\n.     return a + b_\n. }");
    seat_type(&s, ENTER "add(40, 2)" ENTER);
    seat_expect(&s, BANNER, "> fn add(a, b) {\n.     return a + b\n. }\n> add(40, 2)\n42\n> _");
    stand_up(&s);
}

Test(repl_screen, blanks_in_a_string_are_the_users) {
    Seat s = sit_down(24, 60);
    seat_type(&s, "let x = \"\"\"" ENTER);
    seat_expect_end(&s, ". _");
    seat_type(&s, "  two in" ENTER);
    seat_expect_end(&s, "\n.   two in\n. _");
    seat_type(&s, "\"\"\"" ENTER "x" ENTER);
    seat_expect_part(&s, "\n\"  two in\\n\"\n>");
    stand_up(&s);
}

Test(repl_screen, two_empty_lines_lead_out_of_a_statement) {
    Seat s = sit_down(24, 60);
    seat_type(&s, "let xs = [1," ENTER);
    seat_expect_end(&s, "\n. _");
    seat_type(&s, ENTER);
    seat_expect_end(&s, "\n.\n. _");
    seat_type(&s, ENTER);
    seat_expect_part(&s, "error TG");
    seat_expect_end(&s, "\n> _");
    seat_type(&s, "6 * 7" ENTER);
    seat_expect_part(&s, "42\n>");
    stand_up(&s);
}

Test(repl_screen, a_line_that_wraps_is_edited_in_place) {
    Seat s = sit_down(24, 20);
    seat_type(&s, "let word = \"abcdefghij");
    seat_expect(&s, 2, "> let word = \"abcdef\nghij_");
    seat_type(&s, "\x01");
    seat_expect(&s, 2, "> _et word = \"abcdef\nghij");
    seat_type(&s, "\x05klmnopqrstuvwx");
    seat_expect(&s, 2, "> let word = \"abcdef\nghijklmnopqrstuvwx_");
    seat_type(&s, "yz");
    seat_expect(&s, 2, "> let word = \"abcdef\nghijklmnopqrstuvwxyz\n_");
    seat_type(&s, "\"" ENTER);
    seat_expect(&s, 2, "> let word = \"abcdef\nghijklmnopqrstuvwxyz\n\"\n> _");
    stand_up(&s);
}

Test(repl_screen, a_text_higher_than_the_screen_shows_the_part_around_the_cursor) {
    Seat s = sit_down(5, 60);
    seat_type(&s, PASTE("[1,\n2,\n3,\n4,\n5,\n6,\n7]"));
    seat_expect(&s, 0, ". 3,\n. 4,\n. 5,\n. 6,\n. 7]_");
    seat_type(&s, UP UP UP UP UP);
    seat_expect(&s, 0, ". 2,_\n. 3,\n. 4,\n. 5,\n. 6,");
    seat_type(&s, "0,");
    seat_expect(&s, 0, ". 2,0,_\n. 3,\n. 4,\n. 5,\n. 6,");
    seat_type(&s, DOWN DOWN DOWN DOWN DOWN "\x7f, 8]" ENTER);
    seat_expect_end(&s, ". 6,\n. 7, 8]\n[1, 2, 0, 3, 4, 5, 6, 7, 8]\n> _");
    stand_up(&s);
}

Test(repl_screen, wide_and_combined_characters) {
    Seat s = sit_down(24, 20);
    seat_type(&s, "\"\xe6\xbc\xa2\xe5\xad\x97 e\xcc\x81\"");
    seat_expect(&s, 2, "> \"\xe6\xbc\xa2\xe5\xad\x97 e\xcc\x81\"_");
    seat_type(&s, LEFT LEFT "!");
    seat_expect(&s, 2, "> \"\xe6\xbc\xa2\xe5\xad\x97 !_\""); // the cursor is on the letter and its accent
    seat_type(&s, ENTER);
    seat_expect_part(&s, "\n\"\xe6\xbc\xa2\xe5\xad\x97 !e\xcc\x81\"\n>");
    stand_up(&s);
}

Test(repl_screen, a_paste_is_one_text_and_waits_for_enter) {
    Seat s = sit_down(24, 60);
    seat_expect_paste(&s); // the terminal is asked to tell
    seat_type(&s, PASTE("fn f(x) {\n\treturn x * 2\n}\nlet y = f(4)\ny + 1"));
    seat_expect(&s, BANNER, "> fn f(x) {\n.   return x * 2\n. }\n. let y = f(4)\n. y + 1_");
    seat_type(&s, ENTER);
    seat_expect(&s, BANNER, "> fn f(x) {\n.   return x * 2\n. }\n. let y = f(4)\n. y + 1\n9\n> _");
    seat_type(&s, UP); // as a whole again
    seat_expect_part(&s, "\n9\n> fn f(x) {\n.   return x * 2\n. }\n. let y = f(4)\n. y + 1");
    seat_type(&s, CTRL_C);
    seat_expect_part(&s, "^C\n>");
    stand_up(&s);
}

Test(repl_screen, history_keeps_statements_whole) {
    Seat s = sit_down(24, 60);
    seat_type(&s, "let first = 1" ENTER "[7," ENTER);
    seat_expect(&s, BANNER, "> let first = 1\n> [7,\n. _");
    seat_type(&s, "8]" ENTER);
    seat_expect_part(&s, "[7, 8]\n>");
    stand_up(&s);
    s = sit_down(24, 60);
    seat_type(&s, UP);
    seat_expect(&s, BANNER, "> [7,_\n. 8]");
    seat_type(&s, UP);
    seat_expect(&s, BANNER, "> let first = 1_");
    seat_type(&s, DOWN);
    seat_expect_part(&s, "> [7,\n. 8]");
    seat_type(&s, ENTER);
    seat_expect(&s, BANNER, "> [7,\n. 8]\n[7, 8]\n> _");
    stand_up(&s);
}

Test(repl_screen, the_arrow_goes_through_what_begins_so) {
    Seat s = sit_down(24, 60);
    seat_type(&s, "let one = 1" ENTER "let two = 2" ENTER "one + two" ENTER "let" UP);
    seat_expect_end(&s, "\n3\n> let two = 2_");
    seat_type(&s, UP);
    seat_expect_end(&s, "\n3\n> let one = 1_");
    seat_type(&s, UP); // there is no other
    seat_type(&s, DOWN);
    seat_expect_end(&s, "\n3\n> let two = 2_");
    seat_type(&s, DOWN);
    seat_expect_end(&s, "\n3\n> let_");
    seat_type(&s, CTRL_C UP);
    seat_expect_end(&s, "> one + two_");
    seat_type(&s, CTRL_C);
    stand_up(&s);
}

Test(repl_screen, history_is_kept_also_by_a_session_that_is_killed) {
    Seat s = sit_down(24, 60);
    seat_type(&s, "100 + 23" ENTER);
    seat_expect_part(&s, "\n123\n>");
    kill(s.terminal.pid, SIGKILL);
    seat_end(&s);
    seat_free(&s);
    s = sit_down(24, 60);
    seat_type(&s, UP);
    seat_expect(&s, BANNER, "> 100 + 23_");
    seat_type(&s, CTRL_C);
    seat_expect(&s, BANNER, "> 100 + 23^C\n> _");
    stand_up(&s);
}

Test(repl_screen, colors_where_the_terminal_has_them) {
    Seat s = sit_down(24, 60);
    seat_type(&s, "if nil { \"a\" } else { f(12) } # so");
    seat_expect(&s, BANNER, "> if nil { \"a\" } else { f(12) } # so_");
    char *colors = screen_colors(&s.screen, BANNER);
    cr_expect_str_eq(colors, "mmbb mmm   ggg   bbbb     cc    d dd");
    free(colors);
    seat_type(&s, CTRL_C "[1, \"a\", nil]" ENTER);
    seat_expect_part(&s, "[1, \"a\", nil]\n>");
    colors = screen_colors(&s.screen, BANNER + 2);
    cr_expect_str_eq(colors, " c  ggg  mmm");
    free(colors);
    stand_up(&s);
}

Test(repl_screen, no_colors_where_they_are_not_wanted) {
    Seat s = sit_down_with(24, 60, "NO_COLOR=1");
    seat_type(&s, "if true { [1, \"a\", nil] }" ENTER "[1, \"a\", nil]" ENTER "1 / 0" ENTER);
    seat_expect_part(&s, "ZeroDivisionError");
    for (int row = 0; row < 10; row++) {
        char *colors = screen_colors(&s.screen, row);
        cr_expect_str_eq(colors, "");
        free(colors);
    }
    cr_expect(!strstr(s.terminal.seen.data, "\x1b[0") && !strstr(s.terminal.seen.data, "\x1b[2m"));
    stand_up(&s);
}

// ---- tasks and the terminal ----------------------------------------------------------------------

Test(repl_screen, output_of_a_task_appears_above_the_line) {
    Seat s = sit_down(24, 40);
    // In one piece: what comes while a statement runs is shown by the terminal itself.
    seat_type(&s, "let go = channel()" ENTER "fn say() { for x in go { print(x) } }" ENTER "let t = spawn say()" ENTER);
    seat_expect_part(&s, "spawn say()\n>");
    seat_type(&s, "let u = spawn { sleep(0.3); go.send(\"behind\") }" ENTER "fn half(x) {" ENTER);
    seat_expect_part(&s, "\n> fn half(x) {\n."); // both at once: it would look like a paste
    seat_type(&s, "x / 2 + 1000000000000000000000000000000000");
    static const char before[] = "> let go = channel()\n"
                                 "> fn say() { for x in go { print(x) } }\n"
                                 "> let t = spawn say()\n"
                                 "> let u = spawn { sleep(0.3); go.send(\"b\nehind\") }\n"
                                 "behind\n"
                                 "> fn half(x) {\n.     x / 2 + 10000000000000000000000000\n00000000_";
    seat_expect(&s, BANNER, before);
    seat_type(&s, CTRL_C);
    seat_expect_part(&s, "^C\n>");
    seat_type(&s, "go.close()" ENTER);
    seat_expect_part(&s, "go.close()\n>");
    stand_up(&s);
}

Test(repl_screen, a_slow_terminal_gets_whole_lines) {
    enum { LINES = 3000 };
    Seat s = sit_down(24, 60);
    seat_type(&s, "let t = spawn { for i in 0..3000 { print(\"line {i} ends here\") } }" ENTER);
    usleep(300000); // nobody reads: what is written does not fit
    seat_expect_end(&s, "line 2999 ends here\n> _");
    for (int i = 0; i < LINES; i++) {
        char line[64];
        snprintf(line, sizeof line, "line %d ends here\r\n", i);
        cr_assert(strstr(s.terminal.seen.data, line), "\"%s\" is torn", line);
    }
    stand_up(&s);
}

Test(repl_screen, output_without_a_newline_keeps_its_line) {
    Seat s = sit_down(24, 60);
    seat_type(&s, "print(\"abc\", end: \"\")" ENTER);
    seat_expect(&s, BANNER, "> print(\"abc\", end: \"\")\nabc\xe2\x8f\x8e\n> _");
    stand_up(&s);
}

Test(repl_screen, another_width_wraps_the_line_anew) {
    Seat s = sit_down(24, 40);
    seat_type(&s, "let word = \"abcdefghijklmnopqrstuvwxyz0123456789");
    seat_expect(&s, BANNER, "> let word = \"abcdefghijklmnopqrstuvwxyz\n0123456789_");
    seat_resize(&s, 24, 50);
    seat_expect(&s, BANNER, "> let word = \"abcdefghijklmnopqrstuvwxyz0123456789\n_");
    seat_type(&s, "!");
    seat_expect(&s, BANNER, "> let word = \"abcdefghijklmnopqrstuvwxyz0123456789\n!_");
    seat_resize(&s, 24, 30);
    seat_expect(&s, BANNER + 1, "> let word = \"abcdefghijklmnop\nqrstuvwxyz0123456789!_"); // the banner wraps
    seat_type(&s, "\"" ENTER "word" ENTER);
    seat_expect_part(&s, "> word\n\"abcdefghijklmnopqrstuvwxyz012\n3456789!\"\n>");
    stand_up(&s);
}

// A shell with job control, as a user has it.
static void become_shell(void *data) {
    (void)data;
    setenv("PS1", "$ ", 1);
    setenv("INPUTRC", "/dev/null", 1);
    setenv("TG_HISTORY", "", 1);
    setenv("TG", tested_binary(), 1);
    execlp("bash", "bash", "--norc", "--noprofile", "-i", (char *)NULL);
    _exit(127);
}

Test(repl_screen, ctrl_z_stops_it_and_fg_brings_the_line_back) {
    Seat s = seat_open(24, 60, become_shell, NULL);
    seat_expect(&s, 0, "$ _");
    seat_type(&s, "$TG" ENTER);
    seat_expect_part(&s, "leaves.\n>");
    seat_type(&s, "fn f() {" ENTER);
    seat_expect_part(&s, "\n.");
    seat_type(&s, "40 + ");
    seat_expect_part(&s, ".     40 +");
    seat_type(&s, CTRL_Z);
    seat_expect_part(&s, "Stopped");
    seat_type(&s, "echo at the \"shell\"" ENTER);
    seat_expect_part(&s, "at the shell\n$");
    seat_type(&s, "fg" ENTER);
    seat_expect_part(&s, "\n> fn f() {\n.     40 +");
    seat_type(&s, "2" ENTER "}" ENTER "f()" ENTER);
    seat_expect_part(&s, "> fn f() {\n.     40 + 2\n. }\n> f()");
    seat_type(&s, "print(\"sleeps\"); sleep(0.5); print(\"slept\")" ENTER); // a statement is stopped, too
    seat_expect_part(&s, "\nsleeps");
    seat_type(&s, CTRL_Z);
    seat_expect_part(&s, "$TG\n$"); // the line of the second "Stopped"
    seat_type(&s, "fg" ENTER);
    seat_expect_part(&s, "\nslept\n>");
    seat_type(&s, CTRL_D);
    seat_expect_part(&s, ">\n$");
    seat_type(&s, "exit" ENTER);
    seat_end(&s);
    seat_free(&s);
}

// How the terminal is left: the shell's own line editor would hide what is wrong.
static void expect_sane(Seat *s) {
    seat_type(s, "stty -a | grep -c ' icanon.* echo '" ENTER);
    seat_expect_part(s, "echo '\n1\n$");
    seat_type(s, "exit" ENTER);
    seat_end(s);
    seat_free(s);
}

Test(repl_screen, sigterm_leaves_the_terminal_as_it_was) {
    Seat s = seat_open(24, 60, become_shell, NULL);
    seat_type(&s, "sh -c '(sleep 0.5; kill -TERM $$) & exec $TG'" ENTER);
    seat_expect_end(&s, "leaves.\n> _");
    seat_type(&s, "half a line");
    seat_expect_part(&s, "> half a line");
    seat_expect_end(&s, "> half a line\nTerminated\n$ _");
    expect_sane(&s);
}

Test(repl_screen, a_task_that_exits_leaves_the_terminal_as_it_was) {
    Seat s = seat_open(24, 60, become_shell, NULL);
    seat_type(&s, "$TG" ENTER);
    seat_expect_end(&s, "leaves.\n> _");
    seat_type(&s, "let t = spawn { sleep(0.3); exit(3) }" ENTER "half");
    seat_expect_end(&s, "\n> half\n$ _");
    expect_sane(&s);
}

// ---- Ctrl-C --------------------------------------------------------------------------------------

Test(repl_screen, ctrl_c_everywhere) {
    Seat s = sit_down(24, 60);
    seat_type(&s, "fn f() {" ENTER);
    seat_expect_part(&s, "\n.");
    seat_type(&s, "1");
    seat_expect_part(&s, ".     1");
    seat_type(&s, CTRL_C); // both lines go
    seat_expect(&s, BANNER, "> fn f() {\n.     1^C\n> _");
    seat_type(&s, "40 + 2" ENTER);
    seat_expect_part(&s, "\n42\n>");
    seat_type(&s, CTRL_R "40");
    seat_expect_part(&s, "(reverse-i-search)`40': 40 + 2");
    seat_type(&s, CTRL_C);
    seat_expect_part(&s, "40 + 2^C\n>");
    seat_type(&s, "1 + 1" ENTER); // no search any more
    seat_expect_part(&s, "> 1 + 1\n2\n>");
    seat_type(&s, "s" TAB TAB);
    seat_expect_part(&s, "semaphore");
    seat_type(&s, CTRL_C);
    seat_expect_part(&s, "> s^C\n>");
    seat_type(&s, "print(\"now\"); while true { }" ENTER);
    seat_expect_part(&s, "\nnow");
    seat_type(&s, CTRL_C);
    seat_expect_part(&s, "^CInterrupted at <repl>:3\n>");
    stand_up(&s);
}

Test(repl_screen, ctrl_c_stops_a_str_of_the_users) {
    Seat s = sit_down(24, 60);
    seat_type(&s, "class Slow { fn str() { print(\"asked\"); sleep(100); return \"x\" } }" ENTER "Slow()" ENTER);
    seat_expect_part(&s, "Slow()\nasked");
    seat_type(&s, CTRL_C);
    seat_expect_part(&s, "Interrupted");
    seat_type(&s, "1 + 1" ENTER);
    seat_expect_part(&s, "\n2\n>");
    stand_up(&s);
}

Test(repl_screen, ctrl_c_stops_a_file_that_is_loaded) {
    write_file("slow.tg", "let before = 1\nprint(\"in the file\")\nsleep(100)\nlet after = 2\n");
    Seat s = sit_down(24, 60);
    seat_type(&s, ":load slow.tg" ENTER);
    seat_expect_part(&s, "\nin the file");
    seat_type(&s, CTRL_C);
    seat_expect_part(&s, "Interrupted at slow.tg:3\n>");
    seat_type(&s, "before" ENTER);
    seat_expect_end(&s, "\n1\n> _");
    stand_up(&s);
}

// ---- TAB -----------------------------------------------------------------------------------------

// An empty screen with the prompt.
static void clear(Seat *s) {
    seat_type(s, CTRL_L);
    seat_expect(s, 0, "> _");
}

// What TAB makes of a line, as the screen shows it; then the line is dropped.
static void try_tab(Seat *s, const char *typed, const char *shown) {
    clear(s);
    seat_type(s, typed);
    seat_expect(s, 0, shown);
    seat_type(s, CTRL_C);
    seat_expect_part(s, "^C\n>");
}

Test(repl_screen, tab_completes_what_may_stand_there) {
    write_file("library.tg", "let x = 1\n");
    Seat s = sit_down(24, 60);
    seat_type(&s, "import math" ENTER "let account = {owner: \"Ada\", \"two words\": 2, deep: {inside: 1}}" ENTER
                  "class Point { fn init(x, y = 0) { self.x = x; self.yards = y }; fn length() => 1 }" ENTER
                  "let point = Point(1)" ENTER "fn greet(name, loud = false) => name" ENTER);
    seat_expect_part(&s, "=> name\n>");
    try_tab(&s, "acc" TAB, "> account_");
    try_tab(&s, "contin" TAB, "> continue_");
    try_tab(&s, "account.ow" TAB, "> account.owner_");
    try_tab(&s, "account.deep.ins" TAB, "> account.deep.inside_");
    try_tab(&s, "point.ya" TAB, "> point.yards_");
    try_tab(&s, "point.le" TAB, "> point.length_");
    try_tab(&s, "math.sq" TAB, "> math.sqrt_");
    try_tab(&s, "\"abc\".upp" TAB, "> \"abc\".upper_");
    try_tab(&s, "[1].pop_" TAB, "> [1].pop_first_");
    try_tab(&s, "greet(lo" TAB, "> greet(lo_"); // lock, loud:
    try_tab(&s, "greet(\"a\", lou" TAB, "> greet(\"a\", loud: _");
    try_tab(&s, "import ma" TAB, "> import math_");
    try_tab(&s, "from math import sq" TAB, "> from math import sqrt_");
    try_tab(&s, "import \"lib" TAB, "> import \"library.tg\"_");
    try_tab(&s, "\"{acc" TAB, "> \"{account_");
    try_tab(&s, "fn half(number) => num" TAB, "> fn half(number) => number_");
    try_tab(&s, ":can" TAB, "> :cancel _");
    try_tab(&s, ":load lib" TAB, "> :load library.tg_");
    try_tab(&s, ":doc gre" TAB, "> :doc greet_");
    try_tab(&s, TAB "x", ">     x_"); // at the beginning it only indents
    try_tab(&s, "nothinglikethis" TAB "!", "> nothinglikethis!_");
    stand_up(&s);
}

Test(repl_screen, tab_twice_lists) {
    Seat s = sit_down(24, 60);
    seat_type(&s, "let alpha_one = 1; let alpha_two = 2" ENTER);
    seat_expect_part(&s, "alpha_two = 2\n>");
    seat_type(&s, CTRL_L "al");
    seat_expect(&s, 0, "> al_");
    seat_type(&s, TAB);
    seat_type(&s, "p" TAB);
    seat_expect(&s, 0, "> alpha__");
    seat_type(&s, TAB);
    seat_expect(&s, 0, "alpha_one  alpha_two\n> alpha__");
    seat_type(&s, "t" TAB);
    seat_expect(&s, 0, "alpha_one  alpha_two\n> alpha_two_");
    seat_type(&s, ENTER);
    seat_expect_part(&s, "\n2\n>");
    stand_up(&s);
}

// ---- results -------------------------------------------------------------------------------------

// A line typed on an empty screen, and all that the screen shows below it.
static void shows(Seat *s, const char *line, const char *shown) {
    char expected[4096];
    clear(s);
    seat_type(s, line);
    seat_type(s, ENTER);
    snprintf(expected, sizeof expected, "> %s\n%s%s> _", line, shown, *shown ? "\n" : "");
    seat_expect(s, 0, expected);
}

Test(repl_screen, results_are_as_wide_as_the_terminal) {
    Seat s = sit_down(30, 40);
    shows(&s, "[i * 1000 for i in 0..12]", "[\n    0, 1000, 2000, 3000, 4000, 5000,\n    6000, 7000, 8000, 9000, 10000,\n    11000\n]");
    shows(&s, "{name: [1, 2], words: [\"a\" * 12] * 3}",
          "{\n    \"name\": [1, 2],\n    \"words\": [\n        \"aaaaaaaaaaaa\", \"aaaaaaaaaaaa\",\n        \"aaaaaaaaaaaa\"\n    ]\n}");
    seat_resize(&s, 30, 70);
    shows(&s, "[i * 1000 for i in 0..12]",
          "[\n    0, 1000, 2000, 3000, 4000, 5000, 6000, 7000, 8000, 9000, 10000,\n    11000\n]");
    shows(&s, "{name: [1, 2], words: [\"a\" * 12] * 3}",
          "{\n    \"name\": [1, 2],\n    \"words\": [\"aaaaaaaaaaaa\", \"aaaaaaaaaaaa\", \"aaaaaaaaaaaa\"]\n}");
    stand_up(&s);
}

Test(repl_screen, results_of_each_kind) {
    Seat s = sit_down(30, 100);
    shows(&s, "class Account { fn init(owner, sum = 0) { self.owner = owner; self.sum = sum } }", "");
    shows(&s, "class Named { fn init(n) { self.n = n }; fn str() => \"Named {self.n}\" }", "");
    shows(&s, "fn add(a, b = 2) => a + b", "");
    shows(&s, "Account(\"Ada\", 3)", "Account(owner: \"Ada\", sum: 3)");
    shows(&s, "[Named(1), {\"k\": Named(2)}]", "[Named 1, {\"k\": Named 2}]");
    shows(&s, "[add, fn(x) => x, len, Account, List, 0..3, 2.5, true]",
          "[\n    <fn add(a, b = 2)>,\n    <fn(x)>,\n    <fn len(x)>,\n    <class Account(owner, sum = 0)>,\n    <class List>,\n"
          "    0..3,\n    2.5,\n    true\n]");
    shows(&s, "ValueError(\"no\")", "ValueError(\"no\")");
    shows(&s, "ErrorGroup(\"two\", [ValueError(\"a\"), KeyError(\"b\")])", "ErrorGroup(\"two\", [ValueError(\"a\"), KeyError(\"b\")])");
    shows(&s, "class E < Error { fn init(n) { super.init(\"m\"); self.n = n } }", "");
    shows(&s, "E([1])", "E(\"m\", n: [1])");
    shows(&s, "{}", "{}");
    shows(&s, "{ print(1) }", "1"); // a block is a block
    shows(&s, "let loop = [1]; loop.push(loop)", "[1, [...]]");
    shows(&s, "nil", "");
    shows(&s, "\"a{'b'}\\n\"", "\"ab\\n\"");
    seat_type(&s, "let t = spawn { sleep(100) }" ENTER "t" ENTER);
    seat_expect_part(&s, ": sleeping>");
    seat_type(&s, "t.cancel()" ENTER);
    seat_expect_part(&s, "t.cancel()\n>");
    stand_up(&s);
}

Test(repl_screen, endless_results_are_shortened) {
    Seat s = sit_down(40, 80);
    seat_type(&s, "[i for i in 0..100000]" ENTER);
    seat_expect_part(&s, "\n    ... 99,900 more ...\n");
    seat_expect_part(&s, "99999\n]\n# shortened; print(_) shows all\n>");
    seat_type(&s, "len(_)" ENTER);
    seat_expect_part(&s, "\n100000\n>");
    seat_type(&s, CTRL_L "\"x\" * 100000" ENTER);
    seat_expect_part(&s, "\" ... 98,000 more characters ...\n# shortened");
    seat_type(&s, CTRL_L "let deep = [1]; for i in 0..50 { deep = [deep] }" ENTER "deep" ENTER);
    seat_expect_part(&s, "\n[[[[[[[[[... 1 more ...]]]]]]]]]\n# shortened");
    stand_up(&s);
}

Test(repl_screen, a_str_that_fails_is_told) {
    Seat s = sit_down(24, 60);
    seat_type(&s, "class Bad { fn str() => 1 / 0 }" ENTER "Bad()" ENTER);
    seat_expect_part(&s, "ZeroDivisionError");
    seat_expect_part(&s, "^\nBad()\n>"); // the place is the last of the trace
    stand_up(&s);
}

// ---- commands ------------------------------------------------------------------------------------

Test(repl_screen, commands) {
    Seat s = sit_down(40, 90);
    shows(&s, ":type 1 + 1.5", "Float");
    shows(&s, ":type ValueError(\"\")", "ValueError < Error < Exception");
    shows(&s, ":ty nil", "Nil");
    shows(&s, ":t", ":t may be :type, :time, :tasks");
    shows(&s, ":taks", "there is no :taks; did you mean :tasks? :help lists what there is");
    shows(&s, ":type", ":type EXPR: the class of what EXPR gives");
    shows(&s, "exit", "Ctrl-D or :quit leaves");
    shows(&s, ":cancel x", "'x' is no task's number; :tasks shows them: :cancel 3 cancels worker#3");
    shows(&s, ":cancel 999", "no task has the number 999; :tasks shows them");
    seat_type(&s, ":time 6 * 7" ENTER);
    seat_expect_part(&s, "\n42\n");
    seat_expect_part(&s, "(the processor: ");
    seat_type(&s, CTRL_L ":help" ENTER);
    seat_expect_part(&s, ":load FILE");
    static const char *const forms[] = {"task#%d", "#%d", "%d"};
    for (int i = 0; i < 3; i++) {
        char number[32], line[64];
        clear(&s);
        seat_type(&s, "let t = spawn { try { sleep(100) } finally { print(\"gone\") } }" ENTER "print(\"id\", t.id)" ENTER);
        seat_expect_part(&s, "\nid ");
        seat_expect_part(&s, "\n>");
        char *text = screen_text(&s.screen), *id = strstr(text, "\nid ");
        snprintf(number, sizeof number, forms[i], atoi(id + 4));
        free(text);
        snprintf(line, sizeof line, ":cancel %s" ENTER, number);
        seat_type(&s, line);
        seat_expect_part(&s, "\ngone\n>");
    }
    stand_up(&s);
}

Test(repl_screen, load_and_reload) {
    write_file("part.tg", "fn part() => \"old part\"\n");
    write_file("more.tg", "import \"part.tg\" as part\nlet loaded = part.part()\nfn twice(x) => x * 2\n");
    write_file("broken.tg", "let a = 1\nlet = 3\n");
    Seat s = sit_down(40, 80);
    shows(&s, ":load more.tg", "");
    shows(&s, "[loaded, twice(4)]", "[\"old part\", 8]");
    seat_type(&s, CTRL_L ":load broken.tg" ENTER);
    seat_expect_part(&s, "broken.tg:2:5");
    shows(&s, ":load nothing.tg", "can't read nothing.tg: No such file or directory");
    shows(&s, ":reload", "no imported file has changed");
    write_file("part.tg", "fn part() => \"the new part\"\n");
    shows(&s, ":reload", "reloaded part.tg");
    shows(&s, "part.part()", "\"the new part\"");
    write_file("part.tg", "fn part() => 1 / 0\nraise ValueError(\"at the top\")\n");
    seat_type(&s, CTRL_L ":reload part" ENTER);
    seat_expect_part(&s, "ValueError: at the top");
    shows(&s, ":reload math", "no file was imported as 'math'");
    stand_up(&s);
}

Test(repl_screen, what_is_declared_again_replaces_what_was) {
    Seat s = sit_down(40, 80);
    shows(&s, "fn f() => g(); fn g() => 1", "");
    shows(&s, "fn g() => 2", "");
    shows(&s, "f()", "2");
    shows(&s, "class A { fn m() => \"old\" }; let a = A()", "");
    shows(&s, "class A { fn m() => \"new\" }", "");
    shows(&s, "[a.m(), A().m()]", "[\"old\", \"new\"]"); // an instance keeps its class
    seat_type(&s, CTRL_L "let kept = 5; 1 / 0" ENTER);
    seat_expect_part(&s, "ZeroDivisionError");
    shows(&s, "kept", "5");
    stand_up(&s);
}

// ---- the manual ----------------------------------------------------------------------------------

// docs/repl.md holds a session as it looks on the screen: what stands behind a prompt is typed, and at each prompt the screen has
// to be what the page shows up to there.
static void replay(Seat *s, const char *session) {
    for (const char *line = session, *next; line && *line; line = next) {
        const char *newline = strchr(line, '\n');
        next = newline ? newline + 1 : NULL;
        bool is_first = line[0] == '>' && line[1] == ' ', is_more = line[0] == '.' && line[1] == ' ';
        if (!newline || (!is_first && !is_more)) continue;
        size_t blanks = is_more ? strspn(line + 1, " ") : 1; // the editor's own
        size_t indent = is_more && line[1 + blanks] == '}' ? blanks + 4 : blanks;
        char expected[16384], typed[512];
        snprintf(expected, sizeof expected, "%.*s%c%*s_", (int)(line - session), session, *line, (int)indent, "");
        seat_expect(s, BANNER, expected);
        snprintf(typed, sizeof typed, "%.*s" ENTER, (int)(newline - line - 1 - (long)blanks), line + 1 + blanks);
        seat_type(s, typed);
    }
}

Test(repl_screen, the_session_in_the_manual) {
    Bytes page = {0};
    write_file("shop.tg", "fn price(n) => n * 3\n");
    cr_assert(bytes_read(&page, "docs/repl.md"));
    char *begin = strstr(page.data, "```text\n"), *end = begin ? strstr(begin, "\n```\n") : NULL;
    cr_assert(end, "docs/repl.md shows no session");
    end[1] = '\0';
    Seat s = sit_down(200, 80);
    replay(&s, begin + strlen("```text\n"));
    char expected[16384];
    snprintf(expected, sizeof expected, "%s> _", begin + strlen("```text\n"));
    seat_expect(&s, BANNER, expected);
    stand_up(&s);
    bytes_free(&page);
}

#endif
