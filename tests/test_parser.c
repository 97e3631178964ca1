// tests/test_parser.c
// The parser: trees as short formulas, errors as codes and places, and texts made to break it.
// Layer: tests.
#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lang/parser.h"

typedef struct {
    TgArena *arena;
    TgSource source;
    TgDiags diags;
    TgTree tree;
} Parsed;

static Parsed *parse_bytes(const char *text, size_t length) {
    Parsed *parsed = calloc(1, sizeof *parsed);
    parsed->arena = tg_arena_new();
    cr_assert(tg_source_init(&parsed->source, "t.tg", text, length));
    tg_diags_init(&parsed->diags, parsed->arena, &parsed->source);
    tg_parse(&parsed->tree, parsed->arena, &parsed->source, &parsed->diags);
    return parsed;
}

static Parsed *parse(const char *text) {
    return parse_bytes(text, strlen(text));
}

static void end(Parsed *parsed) {
    tg_source_free(&parsed->source);
    tg_arena_free(parsed->arena);
    free(parsed);
}

// ---- trees as formulas

static char formula[4000];
static size_t formula_length;

static void put(const char *text, size_t length) {
    cr_assert(formula_length + length < sizeof formula);
    memcpy(formula + formula_length, text, length);
    formula_length += length;
    formula[formula_length] = '\0';
}

static void write_node(const TgNode *node);

static void write_part(const TgNode *node) {
    if (!node) return;
    put(" ", 1);
    write_node(node);
}

static void write_fn(const TgFn *fn) {
    for (uint32_t i = 0; i < fn->param_count; i++) {
        const TgParam *param = &fn->params[i];
        put(param->is_rest      ? " *"
            : param->named_only ? " :"
                                : " ",
            param->is_rest || param->named_only ? 2 : 1);
        put(param->binding->name.at, param->binding->name.length);
        if (param->fallback) put("=", 1), write_node(param->fallback);
    }
    put(" {", 2);
    write_node(fn->body);
    put("}", 1);
}

// (kind name-or-operator list a b c), names and numbers bare, Strings in quotes.
static void write_node(const TgNode *node) {
    char number[40];
    switch (node->kind) {
    case NODE_NAME:
    case NODE_INT: put(node->name.at, node->name.length); return;
    case NODE_FLOAT:
        put(number, (size_t)snprintf(number, sizeof number, "%.17g", node->number));
        return;
    case NODE_STRING:
        put("'", 1);
        put(node->name.at, node->name.length);
        put("'", 1);
        return;
    case NODE_EXPRESSION: write_node(node->a); return;
    default: break;
    }
    const char *kind = tg_node_name((TgNodeKind)node->kind);
    bool has_op = node->kind == NODE_BINARY || node->kind == NODE_UNARY ||
                  node->kind == NODE_LOGICAL || node->kind == NODE_ASSIGN;
    if (has_op) kind = tg_token_text((TgTokenKind)node->op);
    put("(", 1);
    if (node->flags & FLAG_NOT) put("not-", 4);
    put(kind, strlen(kind));
    if (node->flags & FLAG_UNPACK) put("!", 1);
    if (node->flags & FLAG_STAR) put("*", 1);
    TgNodeHolds holds = tg_node_holds((TgNodeKind)node->kind);
    if (holds == HOLDS_NAME && node->name.length) put(" .", 2), put(node->name.at, node->name.length);
    for (uint32_t i = 0; holds == HOLDS_LIST && i < node->list.count; i++) write_part(node->list.items[i]);
    write_part(node->a);
    write_part(node->b);
    write_part(node->c);
    if (node->kind == NODE_FN || node->kind == NODE_FN_DECL || node->kind == NODE_TEST) write_fn(node->fn);
    put(")", 1);
}

// The statements of the text, separated by "; ".
static void expect_tree(const char *text, const char *expected) {
    Parsed *parsed = parse(text);
    char *errors = tg_diags_text(&parsed->diags, false);
    cr_expect(parsed->diags.count == 0, "%s\n%s", text, errors);
    formula_length = 0;
    formula[0] = '\0';
    for (uint32_t i = 0; i < parsed->tree.tree->list.count; i++) {
        if (i) put("; ", 2);
        write_node(parsed->tree.tree->list.items[i]);
    }
    cr_expect_str_eq(formula, expected, "%s:\n  %s\nexpected\n  %s", text, formula, expected);
    free(errors);
    end(parsed);
}

// `expected` is "TG0101@1:2 …", in order of place.
static void expect_errors(const char *text, const char *expected) {
    char found[1000] = "";
    Parsed *parsed = parse(text);
    char *shown = tg_diags_text(&parsed->diags, false);
    size_t used = 0;
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
    end(parsed);
}

static void expect_hint(const char *text, const char *hint) {
    Parsed *parsed = parse(text);
    char *shown = tg_diags_text(&parsed->diags, false);
    cr_expect(parsed->diags.count == 1, "%s: %u errors\n%s", text, parsed->diags.count, shown);
    cr_expect(strstr(shown, hint), "%s\n%slacks %s", text, shown, hint);
    free(shown);
    end(parsed);
}

static void expect_unfinished(const char *text, bool expected) {
    Parsed *parsed = parse(text);
    cr_expect_eq(parsed->diags.unfinished, expected, "%s", text);
    end(parsed);
}

// ---- expressions

Test(parser, precedence) {
    expect_tree("a ?? b or c and not d == e .. f | g ^ h & i << j + k * -l ** m",
                "(?? a (or b (and c (not (== d (range e (| f (^ g (& h (<< i (+ j (* k (- (** l m))"
                "))))))))))))");
    expect_tree("a - b - c; a ** b ** c; -2 ** 2; 2 ** -1",
                "(- (- a b) c); (** a (** b c)); (- (** 2 2)); (** 2 (- 1))");
    expect_tree("a if b else c if d else e", "(conditional b a (conditional d c e))");
    expect_tree("not a in b; a not in b; a is not b; not a is b",
                "(not (in a b)); (not-in a b); (not-is a b); (not (is a b))");
    expect_tree("(a + b) * c", "(* (+ a b) c)");
}

Test(parser, postfix) {
    expect_tree("f(1, b: 3)(*xs)[0].if",
                "(field .if (index (call (spread xs) (call 1 (named .b 3) f)) 0))");
    expect_tree("x[a..b]; x[a..]; x[..b]; x[..]; x[(a..b)]",
                "(slice x a b); (slice x a); (slice x b); (slice x); (index x (range a b))");
    expect_tree("1..10; 1.5.foo", "(range 1 10); (field .foo 1.5)");
}

Test(parser, collections) {
    expect_tree(
        "[1, *a, ]; [x * x for x in xs if x > 1]; [k for k, v in m]",
        "(list 1 (spread a)); (comprehension x xs (> x 1) (* x x)); (comprehension! k v m k)");
    expect_tree(
        "f({name: 1, \"a b\": 2, 3: 4, [k]: 5, if: 6})",
        "(call (map (pair 'name' 1) (pair 'a b' 2) (pair 3 4) (pair k 5) (pair 'if' 6)) f)");
}

Test(parser, numbers_as_keys) {
    expect_tree("x = {-1: 2, -2.5: 3}", "(= x (map (pair (- 1) 2) (pair (- 2.5) 3)))");
}

Test(parser, functions) {
    expect_tree("fn(x) => x if x else 0", "(fn x {(conditional x x 0)})");
    expect_tree("fn f(a, b = 2, *rest, c, d = 1) { return a, b }",
                "(fn_decl f a b=2 *rest :c :d=1 {(block (return (list a b)))})");
    expect_tree("f(fn() {\n let x = 1\n return x\n}, 2)",
                "(call (fn {(block (let x 1) (return x))}) 2 f)");
}

Test(parser, spawn_takes_the_chain) {
    expect_tree("spawn f(x).g(y)", "(spawn (call y (field .g (call x f))))");
    expect_tree("(spawn f(x)).wait()", "(call (field .wait (spawn (call x f))))");
    expect_tree("let t = spawn { f() }", "(let t (spawn (fn {(block (call f))})))");
    expect_errors("spawn x\nspawn { f() }.wait()", "TG0113@1:7 TG0114@2:14");
}

// ---- literals

Test(parser, numbers) {
    expect_tree("1_000; 0XfF; 0b1_0; 0o17; 0; 00", "1000; 0xfF; 0b10; 0o17; 0; 00");
    expect_tree("1.5; 2e-9; 1e16; 1_0.2_5",
                "1.5; 2.0000000000000001e-09; 10000000000000000; 10.25");
    expect_tree("2s; 1h; 1500ms; 1000ms; 250ms; 1.5min; 0s; 5us; 3ns; 0.5h; 1e3ms",
                "2; 3600; 1.5; 1; 0.25; 90; 0; 5.0000000000000004e-06; 3e-09; 1800; 1");
    expect_errors(
        "12abc; 1__0; 1_; 0x; 0b12; 0o8; 007; 1e400; 0x1s",
        "TG0008@1:1 TG0008@1:8 TG0008@1:14 TG0008@1:18 TG0008@1:22 TG0008@1:28 TG0008@1:33 "
        "TG0009@1:38 TG0008@1:45");
}

Test(parser, big_integers_are_kept_as_text) {
    char text[2001];
    memset(text, '7', 2000);
    text[2000] = '\0';
    expect_tree(text, text);
}

Test(parser, strings) {
    expect_tree("\"a\\n\\t\\\"\\{\\}\\\\ \\x41\\u{e9}\\u{1F600} }\"", "'a\n\t\"{}\\ Aé😀 }'");
    expect_tree("'a\\n{x}'", "'a\\n{x}'");
    expect_tree("\"a{x}b{y:>8.2f}\"", "(interp 'a' (format x) 'b' (format .>8.2f y))");
    expect_tree("\"{\"in {x}\"}\"", "(interp (format (interp 'in ' (format x))))");
    expect_tree("\"{a if b else c}{ {k: 1}[\"k\"]:d}{xs[a..b]}\"",
                "(interp (format (conditional b a c)) (format .d (index (map (pair 'k' 1)) 'k')) "
                "(format (slice xs a b)))");
    expect_errors("\"\\q \\xZ1 \\u{110000} \\u{}\"",
                  "TG0010@1:2 TG0010@1:5 TG0011@1:10 TG0011@1:21");
}

Test(parser, long_strings_lose_their_indentation) {
    expect_tree("\"\"\"\n    a\n      b\n\n    c\n    \"\"\"", "'a\n  b\n\nc\n'");
    expect_tree("\"\"\"\n    a\n  \"\"\"", "'  a\n'");
    expect_tree("\"\"\"\n    a\"\"\"", "'a'");
    expect_tree("\"\"\"  a\n  b\"\"\"", "'  a\nb'");
    expect_tree("\"\"\"\r\n  a\r\n  b\r\n  \"\"\"", "'a\nb\n'");
    expect_tree("\"\"\"\n  {x}\n    y\n  \"\"\"", "(interp '' (format x) '\n  y\n')");
    expect_tree("\"\"\"\n  \\n{x}\"\"\"", "(interp '\n' (format x))");
}

Test(parser, format_specs) {
    const char *good[] = {">8", "*^10", "+d", "08.3f", ",",  ",.2f",
                          "x",  "%",    ".3", "é<5",   " d", ":<4"};
    const char *bad[] = {"q", "8>>", ".", "d8", "<<<<", "1234567"};
    char text[64];
    for (size_t i = 0; i < sizeof good / sizeof *good; i++) {
        snprintf(text, sizeof text, "\"{x:%s}\"", good[i]);
        expect_errors(text, "");
    }
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        snprintf(text, sizeof text, "\"{x:%s}\"", bad[i]);
        expect_errors(text, "TG0012@1:5");
    }
}

// ---- newlines

Test(parser, where_a_newline_ends_a_statement) {
    expect_tree("a\n-b", "a; (- b)");
    expect_tree("a -\nb", "(- a b)");
    expect_tree("f\n(x)", "f; x");
    expect_tree("f(a\n, b\n)", "(call a b f)");
    expect_tree("x\n  .f() # why\n  # more\n  .g()", "(call (field .g (call (field .f x))))");
    expect_tree("x = \n 1", "(= x 1)");
    expect_tree("f(fn() {\n a\n -b\n})", "(call (fn {(block a (- b))}) f)");
    expect_tree("if a { b }\nelse { c }", "(if a (block b) (block c))");
    expect_tree("try { a }\nexcept { b }\n\nfinally { c }",
                "(try (except (block b)) (block a) (block c))");
    expect_tree("return\nx", "(return); x");
    expect_tree("if a { b } c", "(if a (block b)); c");
    expect_tree("x = {a: 1} y", "(= x (map (pair 'a' 1))); y");
    expect_tree("\"{f(\n1)}\"", "(interp (format (call 1 f)))");
}

// ---- statements

Test(parser, assignments) {
    expect_tree("let a, b = pair; let first, *rest = items; let _, c = d",
                "(let! a b pair); (let! first (rest rest) items); (let! (ignore) c d)");
    expect_tree("a, b = b, a; p.x, xs[0] = 1, 2; a, *b.c = d; x **= 2; x ?\?= 3",
                "(=! a b (list b a)); (=! (field .x p) (index xs 0) (list 1 2)); "
                "(=! a (rest (field .c b)) d); (**= x 2); (?\?= x 3)");
    expect_errors("f() = 1\n1 = x\na, b += 1\nlet a, b\n*a, *b = c\nx[1..2] = y\nself = 1",
                  "TG0110@1:1 TG0110@2:1 TG0112@3:6 TG0127@4:1 TG0111@5:5 TG0110@6:1 TG0110@7:1");
}

Test(parser, control) {
    expect_tree("for k, _ in m { break; continue }",
                "(for! k (ignore) m (block (break) (continue)))");
    expect_tree("if a { } else if b { } else { c }", "(if a (block) (if b (block) (block c)))");
    expect_tree("for k in {a: 1} { }", "(for k (map (pair 'a' 1)) (block))");
    expect_tree("raise A(\"m\") from e; raise", "(raise (call 'm' A) e); (raise)");
    expect_tree("try { } except (A, B) as *es { } except C as e { } except { }",
                "(try (except* A B (block) es) (except C (block) e) (except (block)) (block))");
    expect_tree("with f() as x { }\nwith y { }", "(with (call f) (block) x); (with y (block))");
}

Test(parser, scopes_of_tasks) {
    expect_tree(
        "nursery { }\nnursery n { }\ntimeout 2s { } else { }\nshield { }\nshield 5s { }",
        "(nursery (block)); (nursery (block) n); (timeout 2 (block) (block)); (shield (block)); "
        "(shield 5 (block))");
    expect_tree("select random { case let v = a.receive() { b } case sleep(1) { }\n else { c } }",
                "(select (case (call (field .receive a)) (block b) v) (case (call 1 sleep) "
                "(block)) (block c))");
    expect_errors("select { case x { }\n foo\n case sleep(1) { } }", "TG0124@1:15 TG0123@2:2");
}

Test(parser, classes_and_imports) {
    expect_tree("class A < m.B { let k = 1\n fn init(x) { self.x = x }\n fn str() => \"A\" }",
                "(class (let k 1) (fn_decl init x {(block (= (field .x (self)) x))}) "
                "(fn_decl str {'A'}) (field .B m) A)");
    expect_tree("import math; import \"lib/util.tg\"; import \"x-y\" as z; from m import a, b as c",
                "(import 'math' math); (import 'lib/util.tg' util); (import 'x-y' z); "
                "(from (imported .a a) (imported .b c) 'm')");
    expect_errors("import \"x-y.tg\"\nclass A { x = 1; let y; fn f() { } }",
                  "TG0125@1:8 TG0122@2:11 TG0101@2:18");
}

// ---- errors

Test(parser, goes_on_after_errors) {
    expect_errors("let = 1\nlet x = )\nfoo(1 2)\nlet ok = 1\nif { }\nfor in x { }\nprint(1",
                  "TG0101@1:5 TG0101@2:9 TG0102@3:7 TG0101@5:4 TG0115@6:5 TG0103@7:6");
    expect_errors("fn f( { let = 1 }\nlet = 2", "TG0101@1:7 TG0101@1:13 TG0101@2:5");
    expect_errors("foo(a,\nlet x = 1\nlet y = ]", "TG0101@2:1 TG0101@3:9");
    expect_errors("x = [1, 2\nprint(x)\nlet = 3", "TG0102@2:1 TG0101@3:5");
    expect_errors("}\na\n}", "TG0104@1:1");
    expect_errors("fn f() {\n    let a = {\n        b: 1\n    g(a)\n}\nh()", "TG0102@4:5");
}

Test(parser, a_missing_brace_is_reported_where_it_opened) {
    expect_errors("fn f() {\n    if a {\n        b()\n    }\n", "TG0103@1:8");
    expect_errors("fn f() {\n    if a {\n        b()\n}\n", "TG0103@2:10");
}

Test(parser, habits_of_other_languages) {
    expect_hint("def f(x) { }", "declared with fn");
    expect_hint("function f(x) { }", "declared with fn");
    expect_hint("if a { } elif b { }", "else if");
    expect_hint("var x = 1", "declared with let");
    expect_hint("if x = 1 { }", "compare with '=='");
    expect_hint("a && b", "write 'and'");
    expect_hint("x++", "x += 1");
    expect_hint("x--\n", "x -= 1");
    expect_hint("if x == 1:\n    y", "stands in braces");
    expect_hint("print \"x\"", "print(\"x\")");
    expect_hint("try { } catch (e) { }", "except");
    expect_hint("throw x", "raise");
    expect_hint("await f()", "wait by themselves");
    expect_hint("let f = lambda x: x", "fn(x) => ");
    expect_hint("switch (x) { }", "else if");
    expect_hint("let m = {a}", "{a: a}");
    expect_hint("xs.map((x) => x)", "fn(x) => …");
    expect_hint("let f = x => x", "fn(x) => …");
    expect_hint("let p = (1, 2)", "[a, b]");
    expect_hint("fn f()\n{\n}", "same line");
    expect_hint("// no", "'#'");
    expect_hint("a < b < c", "a < b and b < c");
    expect_hint("for (i in x) { }", "for i in x");
    expect_hint("class A(B) { }", "class A < B");
    expect_hint("let x = if a { 1 } else { 2 }", "a if condition else b");
}

Test(parser, calls_are_checked) {
    expect_errors("f(a: 1, 2)\nf(a: 1, a: 2)", "TG0117@1:9 TG0118@2:9");
    expect_errors("fn f(a, b = 1, c) { }\nfn g(*a, *b) { }\nfn h(*a, b) { }",
                  "TG0119@1:16 TG0120@2:10");
    expect_errors("super\nsuper()", "TG0116@1:1 TG0116@2:1");
}

Test(parser, unfinished_texts) {
    const char *unfinished[] = {"if x {",     "f(",        "let x =",
                                "a +",        "[1,",       "\"\"\"abc",
                                "try { }",    "fn f(a,",   "nursery {\n spawn f()\n",
                                "x = {a: 1,", "class A {", "a if b",
                                "let a, "};
    const char *others[] = {"if x {\n) (", "let x = \"abc",  "x", "", "if x", "f(1 2", "let",
                            "}",           "let = 1\nif x {"};
    for (size_t i = 0; i < sizeof unfinished / sizeof *unfinished; i++)
        expect_unfinished(unfinished[i], true);
    for (size_t i = 0; i < sizeof others / sizeof *others; i++) expect_unfinished(others[i], false);
}

// ---- tests

Test(parser, a_test_is_a_function_with_a_nursery) {
    expect_tree("test \"a\" { b() }", "(test 'a' {(block (nursery (block (call b))))})");
    expect_tree("test 'a' real for x in xs { }", "(test 'a' (fn {xs}) x {(block (nursery (block)))})");
    expect_tree("test \"a\" for x, *y in xs { }",
                "(test 'a' (fn {xs}) case {(block (let! x (rest y) case) (nursery (block)))})");
    expect_tree("test \"a\" for _ in 0..2 { }",
                "(test 'a' (fn {(range 0 2)}) case {(block (nursery (block)))})");
}

Test(parser, test_is_a_name_elsewhere) {
    expect_tree("test(\"a\"); test = 1; test.a; let test = test",
                "(call 'a' test); (= test 1); (field .a test); (let test test)");
    expect_tree("import test; a(test, {test: 1}); test\n\"a\"",
                "(import 'test' test); (call test (map (pair 'test' 1)) a); test; 'a'");
}

Test(parser, a_test_needs_a_name_and_a_block) {
    expect_errors("test \"a{b}\" { }", "TG0101@1:6");
    expect_errors("test \"a\"", "TG0105@1:9");
    expect_errors("test \"a\" for x { }\nlet y = 1", "TG0101@1:16");
    expect_errors("test \"a\" fast { }\nlet = 1", "TG0105@1:10 TG0101@2:5");
}

// ---- texts made to break it

static char *repeat(const char *before, const char *unit, size_t times, const char *after) {
    size_t size = strlen(unit);
    char *text = malloc(strlen(before) + size * times + strlen(after) + 1);
    char *at = stpcpy(text, before);
    for (size_t i = 0; i < times; i++, at += size) memcpy(at, unit, size);
    strcpy(at, after);
    return text;
}

static void expect_repeated(const char *before, const char *unit, const char *after,
                            const char *expected) {
    char *text = repeat(before, unit, 100000, after);
    Parsed *parsed = parse(text);
    const char *code = parsed->diags.count ? tg_diag_code(parsed->diags.items[0].kind) : "";
    cr_expect_str_eq(code, expected, "100,000 times %s: %s", unit, code);
    cr_expect_leq(parsed->diags.count, 1, "%s", unit);
    end(parsed);
    free(text);
}

Test(parser, long_chains_are_fine) {
    expect_repeated("a", " + a", "", "");
    expect_repeated("a", ".b(1)[2]", "", "");
    expect_repeated("if a { }", " else if b { c() }", "", "");
    expect_repeated("", "a = 1;", "", "");
    expect_repeated("[", "1, ", "]", "");
}

Test(parser, deep_nesting_is_refused_once) {
    const char *units[] = {"(",        "[",  "{\n",   "-",   "not ",         "fn() {",
                           "fn() => ", "f(", "2 ** ", "\"{", "a if b else ", "if a { "};
    for (size_t i = 0; i < sizeof units / sizeof *units; i++) {
        expect_repeated("", units[i], "", units[i][0] == '"' ? "TG0007" : "TG0401");
    }
}

Test(parser, nothing_crashes_it) {
    static const char text[] =
        "fn f(a, b = 2, *c) { try { nursery n { let t = spawn g(a)[1..2].h(\"x{a:>3}y\") } }\n"
        "except (A, B) as *es { raise } finally { if a { x.y = {k: [1, 2]} } else if b { z() } } "
        "}\n"
        "class K < L { let q = 1.5ms; fn init(x) => super.init(x) }\nselect { case let v = "
        "c.receive() { } else { } }\n"
        "let s = \"\"\"\n  a {b}\n  \"\"\"; a, *b = c, d; from \"m\" import x as y\n"
        "test \"t\" real for x, *y in z { assert(x == y) }\n";
    static const char bits[] = "(){}[]\"'\n:,.=x1\\#\xFF";
    for (size_t cut = 0; cut <= sizeof text - 1; cut++) end(parse_bytes(text, cut));
    for (size_t at = 0; at < sizeof text - 1; at++) {
        for (size_t bit = 0; bit < sizeof bits - 1; bit++) {
            char changed[sizeof text];
            memcpy(changed, text, sizeof text);
            changed[at] = bits[bit];
            end(parse_bytes(changed, sizeof text - 1));
        }
    }
}

static void ignore(void *data, const char *text, size_t length) {
    (void)text;
    *(size_t *)data += length;
}

Test(parser, dump_of_a_deep_tree) {
    char *text = repeat("a", " + a", 20000, "");
    Parsed *parsed = parse(text);
    size_t length = 0;
    tg_ast_dump(&parsed->tree, parsed->tree.tree, ignore, &length);
    cr_expect_gt(length, 20000);
    end(parsed);
    free(text);
}
