// tests/test_compiler.c
// The compiler by what it emits (as the disassembler shows it), and the verifier by what it
// refuses.
#include <criterion/criterion.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lang/lang.h"
#include "vm/class.h"
#include "vm/disasm.h"
#include "vm/op.h"
#include "vm/string.h"
#include "vm/vm.h"

static TgVM *vm;

static const char *const builtin_names[] = {
    "print",      "len",     "sleep",    "lock",  "channel",   "range",
    "ValueError", "IOError", "KeyError", "Error", "Interrupt", "gather",
};
enum { BUILTINS = sizeof builtin_names / sizeof *builtin_names };
static TgValue builtins[BUILTINS];

static void begin(void) {
    TgOptions options = tg_vm_defaults();
    options.virtual_time = true;
    vm = tg_vm_new(&options);
    cr_assert_not_null(vm);
    for (int i = 0; i < BUILTINS; i++) {
        builtins[i] = tg_obj(tg_class_new(vm, tg_string_c(vm, builtin_names[i]), NULL));
    }
}

static void end(void) {
    tg_vm_free(vm);
}

TestSuite(compiler, .init = begin, .fini = end);

// The code of a text, or NULL and the diagnostics in *errors (to be freed).
static TgCode *compile_as(const char *text, bool is_session, char **errors) {
    TgSource source;
    TgDiags diags;
    TgTree tree = {0};
    TgArena *arena = tg_arena_new();
    cr_assert(tg_source_init(&source, "a.tg", text, strlen(text)));
    tg_diags_init(&diags, arena, &source);
    tg_parse(&tree, arena, &source, &diags);
    TgResolveNames names = {
        .builtins = builtin_names, .builtin_count = BUILTINS, .is_session = is_session};
    tg_resolve(&tree, &names, &diags);
    TgCompileJob job = {.vm = vm,
                        .module = tg_module_new(vm, tg_string_c(vm, "a"), NULL),
                        .file = "a.tg",
                        .builtins = builtins,
                        .is_session = is_session};
    TgCode *code = tg_compile(&job, &tree, &diags);
    *errors = diags.count ? tg_diags_text(&diags, false) : NULL;
    tg_arena_free(arena);
    tg_source_free(&source);
    return code;
}

static TgCode *compile(const char *text) {
    char *errors;
    TgCode *code = compile_as(text, false, &errors);
    cr_assert(code, "%s\n%s", text, errors);
    char *wrong = tg_verify(code);
    cr_assert(!wrong, "%s\n%s", text, wrong);
    return code;
}

static void collect(void *data, const char *bytes, size_t length) {
    tg_buffer_add(data, bytes, length);
}

// Runs of blanks become one, so that tests need not count them.
static char *disassembled(const TgCode *code) {
    TgBuffer buffer = {0};
    tg_disasm(code, collect, &buffer);
    char *text = malloc(buffer.length + 1);
    size_t count = 0;
    for (size_t i = 0; i < buffer.length; i++) {
        bool is_blank = buffer.data[i] == ' ' && count > 0 && text[count - 1] == ' ';
        if (!is_blank) text[count++] = buffer.data[i];
    }
    text[count] = '\0';
    tg_buffer_free(&buffer);
    return text;
}

// Each of the strings (up to NULL) stands in the listing of `text`, in this order; "!x": x stands
// nowhere.
static void shows(const char *text, ...) {
    char *listing = disassembled(compile(text));
    const char *at = listing, *wanted;
    va_list arguments;
    va_start(arguments, text);
    while ((wanted = va_arg(arguments, const char *))) {
        if (*wanted == '!') {
            cr_expect(!strstr(listing, wanted + 1), "%s\nhas %s:\n%s", text, wanted + 1, listing);
            continue;
        }
        const char *found = strstr(at, wanted);
        cr_expect(found, "%s\nhas no %s:\n%s", text, wanted, listing);
        if (!found) break;
        at = found + strlen(wanted);
    }
    va_end(arguments);
    free(listing);
}

static void refuses(const char *text, const char *message) {
    char *errors;
    TgCode *code = compile_as(text, false, &errors);
    cr_expect(!code);
    cr_expect(errors && strstr(errors, message), "%.200s", errors ? errors : "no message");
    free(errors);
}

// `head`, then `part` with %d counting, then `tail`.
static char *repeated(const char *head, const char *part, int count, const char *tail) {
    TgBuffer buffer = {0};
    tg_buffer_text(&buffer, head);
    for (int i = 0; i < count; i++) {
        char text[200];
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
        snprintf(text, sizeof text, part, i, i, i);
#pragma GCC diagnostic pop
        tg_buffer_text(&buffer, text);
    }
    tg_buffer_text(&buffer, tail);
    tg_buffer_add(&buffer, "", 1);
    return buffer.data;
}

// ---- values and variables

Test(compiler, results_go_where_they_are_wanted) {
    shows("fn f(a, b) { let c = a + b; c = c * b; return c }", "ADD r2 r0 r1", "MUL r2 r2 r1",
          "RET r2", "!MOVE", NULL);
    shows("fn f(n) { return f(n - 1) + f(n - 2) }", "ADDI r3 r0 -1", "CALL r1 1 r1",
          "ADDI r4 r0 -2", "CALL r2 1 r2", "ADD r1 r1 r2", "RET r1", NULL);
}

Test(compiler, numbers_fold_where_it_is_exact) {
    shows("fn f() => 2 * 3 + 4 - -1", "LOADI r0 11", NULL);
    shows("fn f() => 1 / 4", "LOADK r0 0.25", NULL);
    shows("fn f() => 1 / 0", "DIV", NULL);
    shows("fn f() => 140737488355327 + 1", "!LOADK r0 140737488355328", "ADD", NULL);
    shows("fn f(x) => x - 0", "SUBK r1 r0 0", NULL); // -0.0 + 0 is 0.0
    shows("fn f(x) => x - 128", "ADDI r1 r0 -128", NULL);
    shows("fn f(x) => x - 129", "SUBK r1 r0 129", NULL);
    shows("fn f(x) => 1.5 * x", "LOADK r2 1.5", "MUL r1 r2 r0", NULL);
}

Test(compiler, variables_that_are_shared_and_change_live_in_cells) {
    shows("fn f(x) => fn() => x", "!CELL", "GETUP r0 u0", "u0 = r0", NULL);
    shows("fn f(x) { x = 1; return fn() => x }", "NEWCELL r0", "SETCELL r0",
          "GETUPCELL r0 u0 \"x\"", NULL);
    shows("fn f() { let g = fn() => g(); return g }", "LOADUNDEF r0", "NEWCELL r0", "CLOSURE r1",
          "SETCELL r0 r1", "GETUPCELL", NULL);
    shows("fn f(x) => fn() => fn() { x = 1 }", "NEWCELL r0", "u0 = r0", "SETUPCELL r0 u0",
          "u0 = u0", NULL);
}

Test(compiler, a_loop_has_its_own_cell_each_turn) {
    shows("fn f(fs) { for i in 0..3 { fs.push(fn() { i += 1 }) } }", "FORPREP", "NEWCELL r3",
          "FORLOOP", NULL);
    shows("fn f(fs) { while fs { let i = 1; fs.push(fn() { i += 1 }) } }", "NEWCELL", "LOOP", NULL);
}

Test(compiler, swaps_need_no_list) {
    shows("fn f(a, b) { a, b = b, a + b }", "MOVE r2 r1", "ADD r1 r0 r1", "MOVE r0 r2", "!LIST",
          NULL);
    shows("fn f(a, b) { a.x, b[0] = b, a }", "!UNPACK", "SETFIELD r0 r2", "SETINDEX r1", NULL);
    shows("fn f(a) { let x, *y = a; return y }", "UNPACKREST r1 r0 2 1", "RET r2", NULL);
    shows("fn f(a) { let x, _, y = a; return y }", "UNPACK r1 r0 3", "RET r3", NULL);
}

Test(compiler, a_small_index_stands_in_the_instruction) {
    shows("fn f(x) => x[1] + x[-128]", "GETINDEXI r1 r0 1", "GETINDEXI r2 r0 -128", "!LOADI", NULL);
    shows("fn f(x) => x[128]", "LOADI", "!GETINDEXI", "GETINDEX", NULL);
}

Test(compiler, assignment_does_not_write_early) {
    shows("fn f(x, y) { x = x and y }", "MOVE r2 r0", "JF r2", "MOVE r2 r1", "MOVE r0 r2", NULL);
    shows("fn f(x, y) { x = [y, x] }", "LIST r0 r2 2", NULL);
    shows("fn f(x) { x = [a for a in x] }", "LIST r1 r1 0", "MOVE r0 r1", NULL);
    shows("fn f(x, i) { x.a += i; x[i] ?\?= 2 }", "GETFIELD r2 r0", "ADD r3 r2 r1", "SETFIELD r0 r3",
          "GETINDEX", "JNNIL", "SETINDEX", NULL);
}

Test(compiler, top_level_names_are_cells_of_the_module) {
    shows("let x = 1; fn f() { x += 1 }", "CLOSURE r0 f()", "DEFGLOBAL r0 f", "DEFGLOBAL r0 x",
          "GETGLOBAL r0 x", "SETGLOBAL r1 x", NULL);
    shows(
        "let b = B(); class B < A {}; class A { let k = 1; fn m() => super_() }; fn super_() => 1",
        "\"A\"", "METHODDEF r0 r1 \"m\"", "CLASSEND", "DEFGLOBAL r0 A", "GETGLOBAL r1 A",
        "CLASS r0 r1 \"B\"", "DEFGLOBAL r0 b", "ATTRDEF r0 r1 \"k\"", NULL);
}

// ---- conditions

Test(compiler, conditions_are_jumps) {
    shows("fn f(x) { if x < 3 { return 1 } }", "JNLTI r0 3", NULL);
    shows("fn f(x) { if 3 < x { return 1 } }", "JNGTI r0 3", NULL);
    shows("fn f(x) { if 3 >= x { return 1 } }", "JNLEI r0 3", NULL);
    shows("fn f(x, y) { if x > y { return 1 } }", "JNLT r1 r0", NULL);
    shows("fn f(x, y) { if not (x <= y) { return 1 } }", "JLE r0 r1", NULL);
    shows("fn f(x) { if x == nil { return 1 } }", "JNEK r0 nil r1 -> 0006", "JF r1 -> 0006", NULL);
    shows("fn f(x, y) { while x != y { x() } }", "JEQ r0 r1 r2", "JT r2", "LOOP -> 0000", NULL);
    shows("fn f(x) { if x == 300 or x == \"a\" { return 1 } }", "JEQK r0 300", "JNEK r0 \"a\"",
          NULL);
    shows("fn f(x, y) { if not (x and not y) { return 1 } }", "JF r0", "JF r1", "!NOT", NULL);
    shows("fn f(x) { while true { x() } }", "!JT", "!JF", NULL);
    shows("fn f(x, y) => x != y", "EQ r2 r0 r1", "NOT r2 r2", NULL);
    shows("fn f(x, y) { if x is y { return 1 } }", "JNIS r0 r1", "!IS r2", NULL);
    shows("fn f(x, y) { while x is not y { x() } }", "JIS r0 r1", NULL);
    shows("fn f(x, y) => x is y", "IS r2 r0 r1", NULL);
    shows("fn f(x, y) => x not in y", "IN r2 r0 r1", "NOT r2 r2", NULL);
}

// ---- calls and boundaries

Test(compiler, simple_calls_check_for_themselves) {
    shows("fn f(a, b) { a.m(b.x + 1, b[0], fn() => 1) }", "INVOKE", "!CHECK", NULL);
    shows("fn f(a, b) { a(b if a < b else 1) }", "CALL r", "!CHECK", NULL);
}

Test(compiler, others_are_checked_before_they_are_evaluated) {
    shows("fn f(jobs, ch) { jobs.push(ch.receive()) }", "CHECK", "INVOKE r", "INVOKENC", NULL);
    const char *const parts[] = {"a == 1",         "a in b",  "\"{a}\"",
                                 "[x for x in a]", "f(a, b)", "f.g()"};
    for (size_t i = 0; i < sizeof parts / sizeof *parts; i++) {
        char text[100];
        snprintf(text, sizeof text, "fn f(a, b) { a(%s) }", parts[i]);
        shows(text, "0000 1:14 CHECK", "CALLNC r2 1", NULL);
    }
    shows("fn f(a) { a.b().c().d() }", "CHECK", "INVOKE r1", "INVOKENC r1", "INVOKENC r1", NULL);
}

Test(compiler, full_calls) {
    shows("fn f(a) { a(1, *a, k: 2) }", "CHECK", "LIST", "EXTEND", "CALLX r1 1 r1 [\"k\"] 2", NULL);
    shows("fn f(a) { a.m(1, k: 2) }", "CHECK", "METHOD r1 \"m\"", "CALLX r1 2 r1 [\"k\"] 1", NULL);
    shows("class A < B { fn m(x) { super.m(x); super.m(*x); return super.m } }; class B {}",
          "SUPERCALL r2 1 r2 \"m\"", "SUPERMETHOD r2 \"m\"", "CALLX r2 2 r2 nil 3",
          "GETSUPER r2 r0 \"m\"", NULL);
    shows("import math; math.f(1); let x = 1; x.f(1)", "GETFIELD r0 r0 0 \"f\"", "CALL r0 1",
          "INVOKE r0 1", NULL);
}

Test(compiler, spawn_belongs_to_its_nursery) {
    shows("fn f(a) { nursery { spawn a(1); spawn a.m(2); spawn a(k: 1) } }", "NURSERY r1",
          "SPAWN r4 1 r4 257", "SPAWNM r4 1 r4 \"m\" 257", "SPAWNX r4 0 r4 [\"k\"] 0 257", "ENDSCOPE r1",
          "scope 0001..", NULL);
    shows("nursery { spawn { spawn print(1); nursery { spawn print(2) } } }", "SPAWN r3 0 r3 256",
          "SPAWN r0 1 r0 511", "SPAWN r3 1 r3 256", NULL);
    // Where somebody wants the Task there is no 256.
    shows("fn f(a) { nursery { let t = spawn a(1) } }", "SPAWN r5 1 r4 1", NULL);
}

// ---- functions

Test(compiler, parameters) {
    TgCode *module = compile("fn f(a, b = a + 1, *rest, must, may = \"x\") { return rest }");
    const TgCode *code = NULL;
    for (uint32_t i = 0; i < module->constant_count; i++) {
        if (tg_is_kind(module->constants[i], OBJ_CODE))
            code = (const TgCode *)tg_as_obj(module->constants[i]);
    }
    cr_assert(code);
    cr_expect(code->params == 4 && code->positional == 2 && code->required == 1 && code->has_rest);
    cr_expect(code->call_key == TG_CALL_SLOW);
    cr_expect_str_eq(code->signature->data, "f(a, b = a + 1, *rest, must, may: \"x\")");
    cr_expect_str_eq(code->param_names[3]->data, "may");
    cr_expect_str_eq(code->param_names[4]->data, "rest");
    shows("fn f(a, b = a + 1, *rest, must, may = 2) { return rest }", "JDEF r1", "ADDI r1 r0 1",
          "NEEDARG r2 \"must\"", "JDEF r3", "LOADI r3 2", "RET r4", NULL);
    shows("class A { fn init(x) { if x { return }; self.x = x } }", "RET r0", "SETFIELD r0 r1",
          "RET r0", NULL);
}

Test(compiler, the_value_of_a_session_statement) {
    char *errors, *listing;
    TgCode *code = compile_as("let x = 1; x + 1", true, &errors);
    cr_assert(code);
    listing = disassembled(code);
    cr_expect(strstr(listing, "ADDI r0 r0 1\n") && strstr(listing, "RET r0"), "%s", listing);
    free(listing);
    code = compile_as("let x = 1", true, &errors);
    cr_assert(code);
    listing = disassembled(code);
    cr_expect(strstr(listing, "LOADUNDEF r0"), "%s", listing);
    free(listing);
}

// ---- blocks that need care

Test(compiler, try_costs_nothing_to_enter) {
    shows("fn f(a) { try { a() } except ValueError as e { return e } except (IOError, KeyError) as "
          "*es { raise } }",
          "CALL r6 0 r6", "JMP", "MATCH r1 r6", "TAKEN r6 r2 0", "LEAVERET r6", "JNIL r1", "LIST",
          "MATCH", "TAKEN r6 r2 1", "RERAISE r1", "ENDTRY r1", "try 0000..0004", "clause", "clause",
          NULL);
    shows("fn f(a) { while a { try { break } except { continue } } }", "JMP", "LEAVE", NULL);
    shows("fn f(a) { try { return a } except { } }", "RET r0", "!LEAVERET", NULL);
}

Test(compiler, cleanups) {
    shows("fn f(a) { try { return a } finally { a() } }", "LEAVERET r0", "BEGINFINALLY r1", "CALL",
          "ENDFINALLY r1", "cleanup 0000..0001 -> 0002 r1", "finally 0002..", NULL);
    shows("fn f(a) { with a as b { b() } }", "MOVE r1 r0", "ENTER r1", "ENTERED r1", "MOVE r5 r2",
          "BEGINFINALLY r3", "EXIT r1", "ENDFINALLY r3", "enter 0001..0002", "cleanup 0003..",
          "finally", NULL);
    shows("fn f(a) { timeout 2s { a() } else { a(1) } }", "TIMEOUT r1 r4", "BEGINFINALLY r2",
          "ENDSCOPE r1 1 -> ", NULL);
    shows("fn f(a) { shield { a() }; shield 5 { } }", "SHIELD r1 -", "ENDSCOPE r1 0",
          "SHIELD r1 r4", NULL);
    shows("fn f(a) { nursery n { a(n) }; return n }", "NURSERY r2", "MOVE r1 r2", "RET r1", NULL);
}

// ---- limits

Test(compiler, sixty_five_thousand_locals) {
    char *text = repeated("fn f() {\n", "let v%d = %d\n", 65000, "return v0 + v64999 }");
    shows(text, "GETINDEX", NULL);
    free(text);
    text = repeated("fn f() {\n", "let v%d = %d\n", 65400, "}");
    refuses(text, "too many local variables");
    free(text);
    text =
        repeated("fn f(a) {\n", "let v%d = a\n", 300,
                 "v299 += 1; let g = fn() { v298 = 1; return v299 + v0 }; let x, *y = v297\n"
                 "for k, v in y { let z = k; a(fn() => z + v); z = 2 }; nursery n { spawn { n } }\n"
                 "with a as w { w(x) }; try { g() } except Error as e { e() }; return [q for q in "
                 "y if q] }");
    shows(text, "NEWCELL", "SETINDEX", NULL);
    free(text);
}

Test(compiler, many_constants_and_long_texts) {
    char *text = repeated("let x = [", "%d + 100000.5, \"s%d\",\n", 70000, "]; let y = x");
    shows(text, "LOADKX", "DEFGLOBALX", NULL);
    free(text);
    text = repeated("fn f(a) => a", " + a and a", 20000, "");
    compile(text);
    free(text);
    text = repeated("fn f(a) => a", ".b(%d)", 300, "");
    compile(text);
    free(text);
    text = repeated("fn f(a) { if a == 0 { a = 1 }", " else if a == %d { a = %d }", 5000, "}");
    compile(text);
    free(text);
    text = repeated("fn f(a) => \"", "{a} x%d ", 1000, "\"");
    shows(text, "CONCAT", "CONCAT", NULL);
    free(text);
    text = repeated("fn f(a) => a(", "a, ", 1000, "a)");
    shows(text, "APPEND", "CALLX", NULL);
    free(text);
}

Test(compiler, what_is_too_much_is_said) {
    char *text = repeated("fn f(a) => ", "a(", 200, "a");
    char *whole = repeated(text, ")", 200, "");
    refuses(whole, "too many registers for one expression");
    free(text);
    free(whole);
    refuses("fn f(a) { select { case a.b(1, 2) { } } }", "a case waits for a call");
}

// ---- everything, verified

static const char everything[] =
    "import math\nfrom math import pi, sqrt as root\nimport \"lib.tg\" as lib\n"
    "class A { let k = 1\n fn init(x, y = x) { self.x = x }\n fn str() => \"A({self.x:>8})\" }\n"
    "class B < A { fn init(*xs) { super.init(*xs); let f = fn() => super.str(); f() } }\n"
    "class C < lib.D { let a = 1; let b = [1] }\n"
    "fn local() { class L < A { let me = fn() => L\n fn m() => L }; fn g() => g; from lib import "
    "z; import lib as q\n"
    "  q.f(z); return [L, g] }\n"
    "fn all(a, b = 1, *rest, named = [a, b]) {\n"
    "  let x, *y, z = a; _, x = b, a; x.p, a[0], *z = b, a, 1\n"
    "  x += 1; x -= 1.5; x **= 2; x ?\?= nil; a.b //= 2; a[b] <<= 1; b = not a; b = -a; b = ~a\n"
    "  let s = 'raw' + \"{a} and {b:.2f}\" + \"\"\"long\n text\"\"\"\n"
    "  let m = {a: 1, \"b c\": 2, [a]: b, 3: {}}; let l = [*a, b, *rest]; let r = a..b; let sl = "
    "a[1..]\n"
    "  if a is A and b is not B or a in b and not (a not in b) { return } else if a ?? b { b() } "
    "else { a() }\n"
    "  let w = a if b else x if y else z\n"
    "  while a < b and a >= 2 or 3 <= b { if a { continue }; break }\n"
    "  for i in 0..10 { for j in i..a { if j { continue }; if i { break } } }\n"
    "  for k, v in m { fn() { k = v } }\n  for p, *q in m { p = q }\n  for _ in a { }\n"
    "  let c = [fn() => i + j for i, j in m if i == j]\n"
    "  try { raise ValueError(\"x\") from b } except ValueError { raise } except (IOError, "
    "KeyError) as *es { es() }\n"
    "  except Interrupt as e { return e } finally { for q in a { if q { break } } }\n"
    "  for t in a { try { with lock() as h { if t { continue }; break } } finally { nursery { a() "
    "} } }\n"
    "  nursery n { let t = spawn a(1, *b, k: 2); spawn b.c(); (spawn { return 1 }).wait(); "
    "n.cancel() }\n"
    "  timeout 250ms { shield { sleep(1) } } else { shield 5s { return n } }\n"
    "  return [fn(q, w = q) { q = w; return fn() => q }, fn(x) => x ** -2, math.pi, super_]\n}\n"
    "let super_ = 1 == 1.0\nprint(all(1, named: 3), *[1, 2], sep: \"\")\n{ let inner = fn() => "
    "inner; inner() }\n";

Test(compiler, every_construct) {
    shows(everything, "IMPORT r0 0 \"math\"", "MEMBER", "IMPORT r0 1 \"lib.tg\"", NULL);
}

// ---- the verifier

// The first instruction `op` of the code, or of those inside of it.
static uint32_t *find_op(TgCode *code, TgOp op, TgCode **owner) {
    for (uint32_t pc = 0; pc < code->word_count; pc += tg_op_length(TG_OP(code->words[pc]))) {
        if (TG_OP(code->words[pc]) != op) continue;
        *owner = code;
        return &code->words[pc];
    }
    for (uint32_t i = 0; i < code->constant_count; i++) {
        if (!tg_is_kind(code->constants[i], OBJ_CODE)) continue;
        uint32_t *found = find_op((TgCode *)tg_as_obj(code->constants[i]), op, owner);
        if (found) return found;
    }
    return NULL;
}

// With the first `op` of `text` having its bits `mask` (of word `at`) changed to `bits` the code is
// refused.
static void breaks(const char *text, TgOp op, uint32_t at, uint32_t mask, uint32_t bits,
                   const char *message) {
    TgCode *code = compile(text), *owner;
    uint32_t *word = find_op(code, op, &owner);
    cr_assert(word, "%s has no %s", text, tg_op_info[op].name);
    word[at] = (word[at] & ~mask) | bits;
    char *wrong = tg_verify(code);
    cr_expect(wrong && strstr(wrong, message), "%s: %s", text, wrong ? wrong : "accepted");
    free(wrong);
}

Test(compiler, verifier_refuses_what_is_out_of_bounds) {
    const char *text =
        "fn f(a, b) { while a < b { a = a + 1000 + b; a.m(a == 1) }; return fn() => a }";
    breaks(text, OP_ADD, 0, 0xFF00, 0xF000, "registers");
    breaks(text, OP_ADDK, 0, 0xFF000000, 0x70000000, "constant");
    breaks(text, OP_INVOKENC, 0, 0xFF0000, 0x300000, "registers");
    breaks(text, OP_INVOKENC, 1, ~0u, 99, "constant");
    breaks(text, OP_LOOP, 1, ~0u, 0, "LOOP forwards");
    breaks(text, OP_LOOP, 1, ~0u, (uint32_t)-1, "where no instruction is");
    breaks(text, OP_JNLT, 1, ~0u, 1000, "where no instruction is");
    breaks(text, OP_GETUPCELL, 0, 0xFF0000, 0x050000, "capture");
    breaks(text, OP_CLOSURE, 0, 0xFFFF0000, 0x10000, "no Code");
    breaks(text, OP_RET, 0, 0xFF, OP_MOVE, "runs out");
    breaks(text, OP_RET, 0, 0xFF, OP_COUNT, "no such instruction");
}

Test(compiler, verifier_follows_values) {
    breaks("fn f(a) { let b = a + 1; return b }", OP_ADDI, 0, 0xFF00, 0,
           "may not have been written");
    breaks("fn f(a, b) { a = 1; let g = fn() => a; return b + 1 }", OP_ADDI, 0, 0xFF0000, 0,
           "is a Cell");
    breaks("fn f(a) { let x = a(1); return x }", OP_CALL, 0, 0xFF000000, 0x02000000,
           "may not have been written");
}

Test(compiler, verifier_refuses_broken_pairs_and_tables) {
    breaks("fn f(a) { if a == 1 { a() } }", OP_JF, 1, ~0u, 0, "not followed by its JF");
    breaks("fn f(a) { for x in a { x() } }", OP_FORTEST, 0, 0xFF0000, 0x020000, "FORTEST");
    breaks("fn f(a) { try { return a } finally { a() } }", OP_LEAVERET, 0, 0xFF, OP_RET,
           "needs care");
    breaks("fn f(a) { nursery { a() } }", OP_ENDSCOPE, 0, 0xFF00, 0x0200, "ENDSCOPE");
    TgCode *code = compile("try { print(1) } except { }");
    cr_assert(code->handler_count == 2);
    TgHandler first = code->handlers[0];
    code->handlers[0].end = 1000;
    cr_expect(tg_verify(code));
    code->handlers[0] = first;
    code->handlers[0].target = code->handlers[0].start;
    cr_expect(tg_verify(code));
    code->handlers[0] = first;
    code->handlers[1].start =
        code->handlers[0].start + tg_op_length(TG_OP(code->words[code->handlers[0].start]));
    cr_expect(tg_verify(code)); // they cross
    code->places[0].pc = 1000;
    cr_expect(tg_verify(code));
}

// Whatever is done to the words, it answers.
Test(compiler, verifier_bears_anything) {
    TgCode *code = compile(everything);
    uint64_t seed = 88172645463325252ull;
    int refused = 0;
    for (int i = 0; i < 3000; i++) {
        seed ^= seed << 13, seed ^= seed >> 7, seed ^= seed << 17;
        TgCode *victim = code;
        uint32_t pick = (uint32_t)(seed >> 8) % code->constant_count;
        if (tg_is_kind(code->constants[pick], OBJ_CODE))
            victim = (TgCode *)tg_as_obj(code->constants[pick]);
        uint32_t *word = &victim->words[(seed >> 32) % victim->word_count], old = *word;
        *word = i % 2 ? old ^ 1u << (seed >> 20 & 31) : (uint32_t)(seed >> 16);
        char *wrong = tg_verify(code);
        refused += wrong != NULL;
        free(wrong);
        *word = old;
    }
    cr_expect(refused > 1500, "%d", refused);
}
