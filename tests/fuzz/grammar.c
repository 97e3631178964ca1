// tests/fuzz/grammar.c
// Bytes to a program: each byte decides between the ways in which a text can go on, so whatever a fuzzer turns in them is
// again a program that compiles. Where the bytes are at their end the shortest way is taken.
//
// Tasks share nothing that is assigned to: they take what they need from variables that are constant from then on, and give
// a value that is waited for. So the output does not depend on the order in which they run.
// Layer: tests.
#include <string.h>

#include "tests/fuzz/fuzz.h"

enum { MOST_NAMES = 24, DEEPEST = 7, LONGEST = 6000 };

typedef struct {
    const uint8_t *at, *end;
    TgBuffer *out;
    int indent, depth;
    int names;          // variables v0 … in sight
    bool fixed[MOST_NAMES]; // not to be assigned to: a loop's, or seen by a task
    int functions;      // f0 … of one parameter at least
    int classes;        // C0 …
    int others;         // Lists of tasks, channels: so many were named
    bool in_loop, in_function, in_task, in_handler;
} Writer;

static unsigned pick(Writer *w, unsigned sides) {
    if (w->at == w->end) return 0;
    return *w->at++ % sides;
}

static bool tired(const Writer *w) { return w->at == w->end || w->depth >= DEEPEST || w->out->length > LONGEST; }

#define SAY(...) tg_buffer_format(w->out, __VA_ARGS__)

static void line(Writer *w) { SAY("\n%*s", w->indent * 2, ""); }

static void expression(Writer *w);
static void block(Writer *w);
static void statement(Writer *w);

// ---- Expressions

static void number(Writer *w) {
    static const char *const numbers[] = {"0", "1", "2", "-1", "7", "10", "0.5", "-2.25", "140737488355327", "-140737488355328",
                                          "1e300", "9007199254740993", "99999999999999999999", "3", "100", "1e-9"};
    SAY("%s", numbers[pick(w, sizeof numbers / sizeof *numbers)]);
}

static void text(Writer *w) {
    static const char *const texts[] = {"\"\"", "\"a\"", "\"äß\"", "\"hello, world\"", "'raw{}'", "\"x\" * 3", "\"\\n\"", "\"a,b,,c\""};
    SAY("%s", texts[pick(w, sizeof texts / sizeof *texts)]);
}

static void variable(Writer *w) {
    if (w->names == 0) number(w);
    else SAY("v%u", pick(w, (unsigned)w->names));
}

static void list(Writer *w) {
    SAY("[");
    for (unsigned i = pick(w, 4); i > 0; i--) {
        if (pick(w, 8) == 7) SAY("*[1, 2]");
        else expression(w);
        if (i > 1) SAY(", ");
    }
    SAY("]");
}

static void map(Writer *w) {
    SAY("{a: ");
    expression(w);
    for (unsigned i = pick(w, 3); i > 0; i--) {
        SAY(", ");
        switch (pick(w, 3)) {
        case 0: SAY("\"k%u\": ", pick(w, 3)); break;
        case 1: SAY("%u: ", pick(w, 5)); break;
        default: SAY("[str("), variable(w), SAY(")]: ");
        }
        expression(w);
    }
    SAY("}");
}

static void binary(Writer *w) {
    static const char *const ops[] = {"+", "-", "*", "/", "//", "%", "==", "!=", "<", "<=", ">", ">=", "and", "or", "??", "&", "|", "^",
                                      "in", "not in", "is", "is not", "..", "<<", ">>", "**"};
    SAY("(");
    expression(w);
    unsigned op = pick(w, sizeof ops / sizeof *ops);
    SAY(" %s ", ops[op]);
    if (op == 20 || op == 21) {
        static const char *const types[] = {"Int", "String", "List", "Float", "Error"};
        SAY("%s", types[pick(w, 5)]);
    } else if (op >= 23) {
        SAY("%u", pick(w, 70)); // no larger Ints than memory is for
    } else {
        expression(w);
    }
    SAY(")");
}

static void call(Writer *w) {
    static const char *const builtins[] = {"str", "repr", "len", "sorted", "type", "abs", "sum", "min", "max", "int", "float", "hash", "round", "reversed", "enumerate"};
    if (w->functions > 0 && pick(w, 2)) SAY("f%u(", pick(w, (unsigned)w->functions));
    else SAY("%s(", builtins[pick(w, 14)]);
    expression(w);
    if (pick(w, 6) == 5) SAY(", "), expression(w);
    SAY(")");
}

static void method(Writer *w) {
    static const char *const calls[] = {"upper()", "split(\",\")", "replace(\"a\", \"b\")", "keys()", "copy()", "get(\"a\", 0)", "find(\"l\")",
                                        "trim()", "items()", "index(1)", "starts_with(\"a\")", "count(\"a\")", "lines()", "values()"};
    static const char *const changes[] = {"sort()", "push(1)", "pop()", "reverse()", "insert(0, 1)", "remove(1)", "clear()"};
    expression(w);
    if (!w->in_task && pick(w, 3) == 2) SAY(".%s", changes[pick(w, sizeof changes / sizeof *changes)]);
    else SAY(".%s", calls[pick(w, sizeof calls / sizeof *calls)]);
}

static void composite(Writer *w) {
    switch (pick(w, 15)) {
    case 0: binary(w); return;
    case 1: call(w); return;
    case 2: list(w); return;
    case 3: map(w); return;
    case 4: SAY("(not "), expression(w), SAY(")"); return;
    case 5: SAY("-("), expression(w), SAY(")"); return;
    case 6: SAY("("), expression(w), SAY(" if "), expression(w), SAY(" else "), expression(w), SAY(")"); return;
    case 7: SAY("\"<{"), variable(w), SAY("}>\""); return;
    case 8: SAY("["), variable(w), SAY(" for w in "), variable(w), SAY(" if w != "), number(w), SAY("]"); return;
    case 9: expression(w), SAY("[%d]", (int)pick(w, 5) - 2); return;
    case 10: expression(w), SAY("[%u..%d]", pick(w, 3), (int)pick(w, 6) - 2); return;
    case 11: method(w); return;
    case 12: SAY("(fn(x) => "), variable(w), SAY(")("), expression(w), SAY(")"); return;
    case 13:
        if (w->classes == 0) number(w);
        else SAY("C%u(", pick(w, (unsigned)w->classes)), expression(w), SAY(").m(1)");
        return;
    default: expression(w), SAY(".a");
    }
}

static void expression(Writer *w) {
    if (tired(w)) {
        variable(w);
        return;
    }
    w->depth++;
    switch (pick(w, 6)) {
    case 0: number(w); break;
    case 1: text(w); break;
    case 2:
    case 3: variable(w); break;
    default: composite(w);
    }
    w->depth--;
}

// ---- Statements

// What is declared in it is out of sight behind it.
static void block(Writer *w) {
    int names = w->names, functions = w->functions, classes = w->classes;
    SAY(" {");
    w->indent++;
    w->depth++;
    unsigned count = tired(w) ? 0 : pick(w, 4);
    for (unsigned i = 0; i < count; i++) statement(w);
    w->depth--;
    w->indent--;
    line(w);
    SAY("}");
    w->names = names, w->functions = functions, w->classes = classes;
}

static void declare(Writer *w, bool fixed) {
    w->fixed[w->names++] = fixed;
}

static void let(Writer *w) {
    if (w->names == MOST_NAMES) return;
    SAY("let v%d = ", w->names);
    expression(w);
    declare(w, false);
}

static void assign(Writer *w) {
    static const char *const ops[] = {"=", "+=", "-=", "*=", "??="};
    int name = w->names ? (int)pick(w, (unsigned)w->names) : 0;
    if (w->names == 0 || w->fixed[name]) {
        let(w);
        return;
    }
    SAY("v%d %s ", name, ops[pick(w, 5)]);
    expression(w);
}

static void print(Writer *w) {
    if (w->in_task) return;
    SAY("print(");
    expression(w);
    SAY(")");
}

static void loop(Writer *w) {
    bool in_loop = w->in_loop;
    w->in_loop = true;
    int names = w->names;
    if (w->names < MOST_NAMES) {
        SAY("for v%d in ", w->names);
        if (pick(w, 3)) SAY("0..%u", pick(w, 6));
        else expression(w);
        declare(w, true);
    } else {
        SAY("for _ in 0..%u", pick(w, 4));
    }
    block(w);
    w->names = names;
    w->in_loop = in_loop;
}

static void attempt(Writer *w) {
    static const char *const classes[] = {"", " TypeError", " (ValueError, KeyError)", " Error", " Exception"};
    bool in_handler = w->in_handler;
    SAY("try");
    block(w);
    SAY(" except%s as e", classes[pick(w, 5)]);
    w->in_handler = true;
    block(w);
    w->in_handler = in_handler;
    if (pick(w, 2)) {
        bool in_loop = w->in_loop, in_function = w->in_function;
        w->in_loop = w->in_function = false;
        SAY(" finally"), block(w);
        w->in_loop = in_loop, w->in_function = in_function;
    }
}

static void function(Writer *w) {
    bool in_loop = w->in_loop, in_function = w->in_function, in_handler = w->in_handler;
    int names = w->names, number_of = w->functions;
    if (w->names >= MOST_NAMES - 2) return;
    SAY("fn f%d(v%d, v%d = ", w->functions, w->names, w->names + 1);
    number(w);
    SAY(")");
    declare(w, false);
    declare(w, false);
    w->in_loop = w->in_handler = false, w->in_function = true;
    w->functions = 0; // nothing calls itself
    block(w);
    w->functions = number_of + 1;
    w->names = names;
    w->in_loop = in_loop, w->in_function = in_function, w->in_handler = in_handler;
}

static void class_(Writer *w) {
    SAY("class C%d {", w->classes);
    w->indent++;
    line(w);
    SAY("fn init(a) { self.a = a }");
    line(w);
    SAY("fn m(n) => %s", pick(w, 2) ? "[self.a, n]" : "n");
    if (pick(w, 2)) line(w), SAY("fn str() => \"C%d\"", w->classes);
    if (pick(w, 2)) line(w), SAY("fn eq(other) => self.a == other.a");
    w->indent--;
    line(w);
    SAY("}");
    w->classes++;
}

// What a task of the program sees from here on is constant.
static void fix_all(Writer *w) {
    for (int i = 0; i < w->names; i++) w->fixed[i] = true;
}

static void task_body(Writer *w) {
    bool in_loop = w->in_loop, in_function = w->in_function, in_task = w->in_task, in_handler = w->in_handler;
    int functions = w->functions, classes = w->classes;
    w->functions = 0; // they may change what others see
    w->in_loop = w->in_function = w->in_handler = false;
    w->in_task = true;
    SAY("spawn {");
    w->indent++;
    line(w);
    SAY("checkpoint()");
    int names = w->names;
    unsigned count = pick(w, 3);
    line(w);
    SAY("try {");
    w->indent++;
    if (pick(w, 2)) line(w), SAY("sleep(%ums)", pick(w, 4));
    for (unsigned i = 0; i < count; i++) statement(w);
    line(w);
    SAY("return repr("), expression(w), SAY(")");
    w->indent--;
    line(w);
    SAY("} except Error as e { return repr(e) }");
    w->indent--;
    line(w);
    SAY("}");
    w->names = names, w->functions = functions, w->classes = classes;
    w->in_loop = in_loop, w->in_function = in_function, w->in_task = in_task, w->in_handler = in_handler;
}

static void nursery(Writer *w) {
    int id = w->others++;
    bool was[MOST_NAMES];
    memcpy(was, w->fixed, sizeof was);
    SAY("let t%d = []", id);
    line(w);
    SAY("nursery {");
    w->indent++;
    fix_all(w);
    for (unsigned i = pick(w, 3) + 1; i > 0; i--) {
        line(w);
        SAY("t%d.push(", id);
        task_body(w);
        SAY(")");
    }
    w->indent--;
    line(w);
    SAY("}");
    memcpy(w->fixed, was, sizeof was);
    line(w);
    if (!w->in_task) SAY("for t in t%d { print(t.wait()) }", id);
    else SAY("for t in t%d { t.wait() }", id);
}

static void channel(Writer *w) {
    int id = w->others++;
    unsigned room = pick(w, 3), count = pick(w, 5);
    SAY("let c%d = channel(%u)", id, room);
    line(w);
    SAY("nursery { spawn { for i in 0..%u { c%d.send(i) }; c%d.close() }; ", count, id, id);
    SAY("for i in c%d { ", id);
    if (!w->in_task) SAY("print(i); ");
    SAY("checkpoint() } }");
}

static void bounded(Writer *w) {
    bool in_loop = w->in_loop, in_function = w->in_function;
    w->in_loop = w->in_function = false;
    switch (pick(w, 4)) {
    case 0: SAY("timeout %ums", pick(w, 3) + 1); block(w); SAY(" else {}"); break;
    case 1: SAY("shield"); block(w); break;
    case 2: SAY("with lock()"); block(w); break;
    default: SAY("timeout 1ms { sleep(%ums) } else", pick(w, 3) * 2); block(w);
    }
    w->in_loop = in_loop, w->in_function = in_function;
}

static void statement(Writer *w) {
    if (tired(w)) return;
    line(w);
    switch (pick(w, 18)) {
    case 0:
    case 1:
    case 2: let(w); return;
    case 3:
    case 4: assign(w); return;
    case 5:
    case 6: print(w); return;
    case 7:
        SAY("if "), expression(w), block(w);
        if (pick(w, 2)) SAY(" else"), block(w);
        return;
    case 8: loop(w); return;
    case 9: attempt(w); return;
    case 10: function(w); return;
    case 11: if (w->depth == 1) class_(w); return;
    case 12: if (!w->in_function) nursery(w); return;
    case 13: channel(w); return;
    case 14: bounded(w); return;
    case 15: if (w->in_loop) SAY("if "), expression(w), SAY(" { %s }", pick(w, 2) ? "break" : "continue"); return;
    case 16: if (w->in_function) SAY("if "), variable(w), SAY(" { return "), expression(w), SAY(" }"); return;
    default:
        if (w->in_handler && pick(w, 2)) SAY("raise");
        else SAY("if "), expression(w), SAY(" == 1 { raise ValueError(str("), variable(w), SAY(")) }");
    }
}

void fuzz_write_program(const uint8_t *choices, size_t count, TgBuffer *out) {
    Writer writer = {.at = choices, .end = choices + count, .out = out, .depth = 1}, *w = &writer;
    SAY("let v0 = 1");
    declare(w, false);
    while (!tired(w)) statement(w);
    SAY("\n");
}
