// tests/test_resolver.c
// The resolver: what names mean, what is captured, and which programs are refused before they run.
// Layer: tests.
#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lang/parser.h"
#include "lang/resolver.h"

static const char *const builtins[] = {"print",      "len",   "range", "sleep",
                                       "ValueError", "Error", "Int"};

typedef struct {
    TgArena *arena;
    TgSource source;
    TgDiags diags;
    TgTree tree;
} Resolved;

static Resolved *resolve_with(const char *text, TgResolveNames names) {
    Resolved *resolved = calloc(1, sizeof *resolved);
    resolved->arena = tg_arena_new();
    cr_assert(tg_source_init(&resolved->source, "t.tg", text, strlen(text)));
    tg_diags_init(&resolved->diags, resolved->arena, &resolved->source);
    tg_parse(&resolved->tree, resolved->arena, &resolved->source, &resolved->diags);
    names.builtins = builtins;
    names.builtin_count = sizeof builtins / sizeof *builtins;
    tg_resolve(&resolved->tree, &names, &resolved->diags);
    return resolved;
}

static Resolved *resolve(const char *text) {
    return resolve_with(text, (TgResolveNames){0});
}

static void end(Resolved *resolved) {
    tg_source_free(&resolved->source);
    tg_arena_free(resolved->arena);
    free(resolved);
}

// `expected` is "TG0201@1:2 …", in order of place.
static void expect_errors(const char *text, const char *expected) {
    char found[1000] = "";
    size_t used = 0;
    Resolved *resolved = resolve(text);
    char *shown = tg_diags_text(&resolved->diags, false);
    for (const char *at = shown; (at = strstr(at, "t.tg:")); at++) {
        int line, column;
        char code[16];
        if (sscanf(at, "t.tg:%d:%d: error %15[^:]", &line, &column, code) != 3) continue;
        used += (size_t)snprintf(found + used, sizeof found - used, "%s%s@%d:%d", used ? " " : "",
                                 code, line, column);
    }
    cr_expect_str_eq(found, expected, "%s:\n  %s\nexpected\n  %s\n%s", text, found, expected,
                     shown);
    free(shown);
    end(resolved);
}

static void expect_hint(const char *text, const char *hint) {
    Resolved *resolved = resolve(text);
    char *shown = tg_diags_text(&resolved->diags, false);
    cr_expect(strstr(shown, hint), "%s\n%slacks %s", text, shown, hint);
    free(shown);
    end(resolved);
}

// ---- looking into a tree

static char dump[20000];
static size_t dump_length;

static void collect(void *data, const char *text, size_t length) {
    (void)data;
    cr_assert(dump_length + length < sizeof dump);
    memcpy(dump + dump_length, text, length);
    dump_length += length;
    dump[dump_length] = '\0';
}

// The dumped tree has a line that ends in `expected`.
static void expect_line(const char *text, const char *expected) {
    char line[200];
    Resolved *resolved = resolve(text);
    char *shown = tg_diags_text(&resolved->diags, false);
    cr_expect(resolved->diags.count == 0, "%s\n%s", text, shown);
    dump_length = 0;
    tg_ast_dump(&resolved->tree, resolved->tree.tree, collect, NULL);
    snprintf(line, sizeof line, "%s\n", expected);
    cr_expect(strstr(dump, line), "%s:\n%slacks a line %s", text, dump, expected);
    free(shown);
    end(resolved);
}

// ---- names

Test(resolver, kinds_of_names) {
    expect_line("let x = 1\nprint(x)", "name x [global 0]");
    expect_line("let x = 1\nprint(x)", "name print [builtin 0]");
    expect_line("fn f(x) { return x }", "name x [local]");
    expect_line("if true { let x = 1; print(x) }", "name x [local]");
    expect_line("let a = 1\nlet b = 2\nfn f() => b", "name b [global 1]");
}

Test(resolver, undeclared_names) {
    expect_errors("print(y)\nz = 1", "TG0201@1:7 TG0201@2:1");
    expect_errors("print(y)\nprint(y)", "TG0201@1:7"); // once a name
    expect_errors("fn f() { if true { let x = 1 }\nreturn x }", "TG0201@2:8");
    expect_errors("for i in range(3) { }\nprint(i)", "TG0201@2:7");
    expect_errors("let xs = [x for x in range(3)]\nprint(x)", "TG0201@2:7");
    expect_errors("_ = 1\nprint(_)", "TG0208@2:7");
}

Test(resolver, did_you_mean) {
    expect_hint("let count = 1\nprint(coutn)", "did you mean 'count'?");
    expect_hint("prnit(1)", "did you mean 'print'?");
    expect_hint("Print(1)", "did you mean 'print'?");
    expect_hint("fn f() { let value = 1; return valeu }", "did you mean 'value'?");
    expect_hint("let x = None", "write nil");
    expect_hint("zz = 1", "let zz = …");
}

Test(resolver, top_level_names_are_visible_everywhere) {
    expect_errors("fn f() => g() + x\nfn g() => 1\nlet x = 2\nprint(f())", "");
    expect_errors("print(x)\nlet x = 1", ""); // NameError when it runs
    expect_line("f()\nfn f() => 1", "name f [global 0 hoisted]");
}

Test(resolver, locals_are_visible_after_their_declaration) {
    expect_errors("fn f() { print(x)\nlet x = 1 }", "TG0202@1:16");
    expect_errors("let x = 0\nfn f() { print(x)\nlet x = 1 }", "TG0202@2:16");
    expect_errors("fn f() { if true { print(x) }\nlet x = 1 }", "TG0202@1:26");
    expect_errors("fn f() { fn a() => b()\nfn b() => 1\nreturn a }", "TG0201@1:20");
    expect_errors("fn f() { fn b() => 1\nfn a() => b()\nreturn a }", "");
    expect_errors("fn f(a, b = a) => b", "");
    expect_errors("fn f(a = b, b = 1) => a", "TG0201@1:10");
}

Test(resolver, an_initializer_reads_the_outer_name) {
    expect_errors("fn f(x) { if true { let x = x + 1; return x } }", "");
    expect_errors("fn f() { let x = x + 1 }", "TG0202@1:18");
    expect_errors("fn f() { let g = fn(n) => g(n - 1); return g }", "");
}

Test(resolver, declared_twice) {
    expect_errors("let x = 1\nlet x = 2", "TG0203@2:5");
    expect_errors("fn f() { }\nlet f = 1", "TG0203@2:5");
    expect_errors("let x = 1\nif true { let x = 2 }", "");
    expect_errors("fn f(x) { let x = 1 }", "TG0203@1:15");
    expect_errors("fn f(x) { if true { let x = 1 } }", "");
    expect_errors("fn f(a, a) { }\nfn g(_, _) { }", "TG0204@1:9");
    expect_errors("for i in range(2) { let i = 3 }", "");
    expect_errors("nursery n { }\nlet n = 1", "TG0203@2:5");
    expect_errors("from math import a, a", "TG0203@1:21");
    expect_hint("let x = 1\nlet x = 2", "first declared on line 1");
}

Test(resolver, builtins) {
    expect_errors("print = 1\nlen += 1", "TG0205@1:1 TG0205@2:1");
    expect_errors("let print = 1\nprint = 2", "");
    expect_errors("fn f(len) { len = 1 }", "");
    expect_errors("len, range = 1, 2", "TG0205@1:1 TG0205@1:6");
}

Test(resolver, names_of_statements_have_their_scope) {
    expect_errors("try { } except Error as e { print(e) }\nprint(e)", "TG0201@2:7");
    expect_errors("with len as x { print(x) }\nprint(x)", "TG0201@2:7");
    expect_errors("nursery n { print(n) }\nprint(n)", "");
    expect_errors("select { case let v = sleep(1) { print(v) } }\nprint(v)", "TG0201@2:7");
}

// ---- captures

Test(resolver, captures_go_through_every_function_between) {
    expect_line("fn f() { let x = 1; return fn() { return fn() => x } }",
                "name x [local captured]");
    expect_line("fn f(x) { return fn(a) { return fn(b) => x } }", "fn (a) captures x");
    expect_line("fn f(x) { return fn(a) { return fn(b) => x } }", "fn (b) captures x");
    expect_line("fn f(x, y) { return fn() => x + y + x }", "fn () captures x, y");
    expect_line("if true { let x = 1; fn f() => x }", "fn_decl f() captures x");
    expect_line("let x = 1\nfn f() { return fn() => x }", "fn ()"); // globals are not captured
}

Test(resolver, capture_flags) {
    expect_line("fn f() { let x = 1; x = 2; return fn() => x }",
                "name x [local captured assigned]");
    expect_line("fn f() { let g = fn(n) => g(n); return g }",
                "name g [local captured captured_unset]");
    expect_line("fn f() { fn g() => g(); return g }", "name g [local captured captured_unset]");
    expect_line("fn f() { class C { fn m() => C }; return C }",
                "name C [local captured captured_unset]");
    expect_line("fn f(x) { x += 1 }", "name x [local assigned]");
    expect_line("fn f() { nursery n { spawn { print(n) } } }", "fn block () captures n");
}

Test(resolver, self_is_captured) {
    expect_line("class A { fn f() { return fn() => self.x } }", "fn () uses_self captures self");
    expect_line("class A { fn f() { return fn() => self.x } }", "fn_decl f() method uses_self");
    expect_line("class A { fn f() { nursery { spawn { self.x = 1 } } } }",
                "fn block () uses_self captures self");
    expect_line("class A < Error { fn f() { return fn() => super.f() } }",
                "fn () uses_self captures self");
}

// ---- structure

Test(resolver, self_and_super_belong_into_methods) {
    expect_errors("self.x = 1\nfn f() => super.x", "TG0301@1:1 TG0301@2:11");
    expect_errors("class A { fn f() => super.f() }", "TG0302@1:21");
    expect_errors("class A { let x = self }", "TG0301@1:19");
    expect_errors("class A { fn init() { return 1 }\nfn f() { return 1 } }", "TG0309@1:23");
    expect_errors("class A { fn init() { return }\nfn f() { }\nfn f() { }\nlet f = 1 }",
                  "TG0206@3:4 TG0206@4:5");
}

Test(resolver, tests_stand_at_the_top_level) {
    expect_errors("if true { test \"a\" { } }\nfn f() { test \"b\" { } }", "TG0310@1:11 TG0310@2:10");
    expect_errors("test \"a\" for a in b { a = c; spawn f(); return }\nfn f() => 1", "TG0201@1:19 TG0201@1:27");
    expect_errors("test \"a\" { break }\ntest \"b\" { test \"c\" { } }", "TG0303@1:12 TG0310@2:12");
}

Test(resolver, break_and_continue) {
    expect_errors("break\ncontinue", "TG0303@1:1 TG0303@2:1");
    expect_errors("while true { fn f() { break } }", "TG0303@1:23");
    expect_errors("while true { nursery { with len { try { break } except { continue } } } }", "");
    expect_errors("nursery { while true { spawn { break } } }", "TG0304@1:32");
    expect_errors("nursery { spawn { break } }", "TG0303@1:19");
    expect_errors("while true { select { case sleep(1) { break } } }", "");
}

Test(resolver, nothing_leaves_a_finally) {
    expect_errors("fn f() { try { } finally { return } }", "TG0305@1:28");
    expect_errors("while true { try { } finally { break } }", "TG0305@1:32");
    expect_errors("fn f() { try { } finally { while true { break\ncontinue\nreturn } } }",
                  "TG0305@3:1");
    expect_errors("try { } finally { fn f() { return 1 }\nwhile true { break } }", "");
    expect_errors("while true { try { } finally { }\nbreak }", "");
    expect_errors("nursery { try { } finally { spawn { return } } }", "");
}

Test(resolver, raise_alone) {
    expect_errors("raise", "TG0307@1:1");
    expect_errors("try { } except { raise\nfn f() { raise } }", "TG0307@2:10");
    expect_errors("nursery { try { } except { spawn { raise } } }", "TG0304@1:36");
    expect_errors("try { } except { try { } finally { raise } }", "");
}

Test(resolver, spawn_needs_a_nursery) {
    expect_errors("spawn print(1)", "TG0308@1:1");
    expect_errors("nursery { fn f() { spawn print(1) } }", "TG0308@1:20");
    expect_errors("nursery { spawn { spawn print(1) } }", "");
    expect_errors("nursery { for i in range(3) { spawn print(i) } }", "");
    expect_errors("nursery n { }\nspawn print(1)", "TG0308@2:1");
    expect_hint("spawn print(1)", "n.spawn(f, x)");
}

Test(resolver, return_needs_a_function) {
    expect_errors("return 1", "TG0306@1:1");
    expect_errors("nursery { spawn { return 1 } }", "");
}

Test(resolver, classes) {
    expect_errors("class A < B { }\nclass B < C { }\nclass C < A { }", "TG0207@1:7");
    expect_errors("class A < A { }", "TG0207@1:7");
    expect_hint("class A < B { }\nclass B < A { }", "A < B < A");
    expect_line("class A < B { }\nclass B { }", "name A [global 0 hoisted]");
    expect_line("class A < ValueError { }", "name A [global 0 hoisted]");
    expect_line("import m\nclass A < m.B { }", "name A [global 1]");
    expect_line("let B = Error\nclass A < B { }", "name A [global 1]");
    expect_line("import m\nclass A < B { }\nclass B < m.C { }", "name A [global 1]");
}

// ---- sessions

Test(resolver, a_session_keeps_its_names) {
    static const char *const session[] = {"a", "f"};
    TgResolveNames names = {.session = session, .session_count = 2, .is_session = true};
    Resolved *resolved = resolve_with("let b = a\nlet a = 1\nlet b = 2\nfn f() => b", names);
    cr_expect_eq(resolved->diags.count, 0);
    cr_expect_eq(resolved->tree.global_count, 3);
    cr_expect_eq(resolved->tree.globals[0]->name.at[0], 'a');
    cr_expect_eq(resolved->tree.globals[2]->name.at[0], 'b');
    cr_expect_eq(resolved->tree.globals[2]->index, 2);
    end(resolved);
}

Test(resolver, syntax_errors_do_not_make_names_undeclared) {
    expect_errors("let x = 1 2\nlet = y\nprint(z)", "TG0106@1:11 TG0101@2:5");
}

Test(resolver, long_chains_are_fine) {
    enum { TERMS = 100000 };
    char *text = malloc(5 * TERMS + 100), *at = stpcpy(text, "let a = 1\nprint(a");
    for (int i = 0; i < TERMS; i++) at = stpcpy(at, " + a");
    strcpy(at, ")");
    expect_errors(text, "");
    free(text);
}
