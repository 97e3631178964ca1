// tests/fuzz/fuzz.c
// The targets: what is asked of tg with the bytes, and what counts as a defect.
// Layer: tests.
#include "tests/fuzz/fuzz.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "lang/cli/complete.h"
#include "lang/cli/host.h"
#include "lang/cli/paint.h"
#include "stdlib/lib.h"
#include "stdlib/registry.h"
#include "vm/disasm.h"
#include "vm/sched.h"

static _Noreturn void defect(const char *format, ...) __attribute__((format(printf, 1, 2)));
static _Noreturn void defect(const char *format, ...) {
    va_list arguments;
    va_start(arguments, format);
    fputs("fuzz: ", stderr);
    vfprintf(stderr, format, arguments);
    fputc('\n', stderr);
    va_end(arguments);
    abort();
}

// ---- A VM for programs that nobody knows: no modules of the world outside, limits on everything

static TgModule *inner_module(TgVM *vm, const char *name) {
    static const char *const inner[] = {"math", "random", "json", "csv", "re", "base64", "hash", "time", "test", "uuid"};
    for (size_t i = 0; i < sizeof inner / sizeof *inner; i++)
        if (!strcmp(name, inner[i])) return tg_stdlib_module(vm, name);
    return NULL;
}

// Ways to run the same program.
typedef enum { PLAIN, IN_TURNS, IN_STEPS, WAYS } Way;
static const char *const way_names[] = {"plainly", "with a slice of 1", "under --gc-stress=steps"};

static TgVM *guest_new(Way way) {
    TgOptions options = tg_vm_defaults();
    options.virtual_time = true;
    options.seed = 1;
    options.max_memory = 64u << 20;
    options.max_steps = 20000;
    options.max_tasks = 2000;
    options.max_output = 1u << 20;
    options.max_stack = 20000;
    if (way == IN_TURNS) options.slice = 1;
    if (way == IN_STEPS) options.gc_stress = 2;
    TgVM *vm = tg_host_vm(&options, NULL, 0);
    if (!vm) defect("no VM");
    vm->options.hooks.module = inner_module;
    return vm;
}

// To make a VM takes longer than most programs run: it is used for some of them. All ways see the same programs, so that they keep in step.
static TgVM *guest(Way way) {
    enum { USES = 50 };
    static struct {
        TgVM *vm;
        unsigned uses;
    } guests[WAYS];
    if (guests[way].vm && ++guests[way].uses % USES == 0) {
        tg_vm_free(guests[way].vm);
        guests[way].vm = NULL;
    }
    if (!guests[way].vm) guests[way].vm = guest_new(way);
    return guests[way].vm;
}

// NULL where the text is no program; the diagnostics have been made then.
static TgCode *compiled(TgVM *vm, const char *file, const char *text, size_t length, bool is_session) {
    TgScriptText script = {.file = file, .text = text, .length = length, .is_session = is_session, .has_nursery = is_session};
    char *error;
    bool unfinished;
    TgCode *code = tg_host_compile(vm, tg_host_module(vm, "fuzz", NULL), &script, &error, &unfinished);
    if (!code && !error) defect("neither code nor a message");
    free(error);
    return code;
}

// Where the process's output goes while a program runs, so that it can be read. Made once.
static int out_file(void) {
    static int file;
    if (!file) {
        file = memfd_create("out", 0);
        if (file < 0 || dup2(file, 1) < 0) defect("no file for the output");
    }
    return file;
}

typedef struct {
    TgRunEnd end;
    char *text; // malloc'ed
    size_t length;
} Ran;

static Ran run_in(Way way, const char *text, size_t length) {
    int file = out_file();
    if (ftruncate(file, 0) != 0 || lseek(file, 0, SEEK_SET) < 0) defect("the output's file");
    TgVM *vm = guest(way);
    TgCode *code = compiled(vm, "<fuzz>", text, length, false);
    Ran ran = {.end = RUN_EXIT};
    if (code) {
        TgOutcome outcome = tg_run(vm, code);
        ran.end = outcome.end;
        if (!tg_is_undef(outcome.error)) {
            FILE *report = fopen("/dev/null", "w");
            tg_report(vm, outcome.error, report);
            fclose(report);
        }
    }
    ran.length = (size_t)lseek(file, 0, SEEK_END);
    ran.text = malloc(ran.length + 1);
    if (pread(file, ran.text, ran.length, 0) != (ssize_t)ran.length) defect("the output's file");
    ran.text[ran.length] = '\0';
    return ran;
}

// ---- The targets

// One VM for all that only compiles; collected now and then, as nothing runs in it.
static TgVM *compiler_vm(void) {
    static TgVM *vm;
    static unsigned uses;
    if (!vm) vm = guest_new(PLAIN);
    if (++uses % 256 == 0) tg_gc_full(vm);
    return vm;
}

// In builds with asserts the verifier looks at whatever is compiled.
static void feed_compile(const uint8_t *data, size_t size) {
    compiled(compiler_vm(), "<fuzz>", (const char *)data, size, size % 2);
}

static void feed_line(const uint8_t *data, size_t size) {
    TgVM *vm = compiler_vm();
    static TgModule *module;
    if (!module) module = tg_host_module(vm, "session", NULL);
    char *text = strndup((const char *)data, size);
    size_t length = strlen(text), cursor = size ? data[size - 1] % (length + 1) : 0;
    tg_host_text_state(text, length);
    unsigned char *styles = calloc(length + 1, 1);
    tg_paint(text, length, cursor, styles);
    tg_paint_in_string(text, length);
    free(styles);
    static const char *const commands[] = {"help", "quit", NULL};
    TgCompletion found = {0};
    tg_complete(&(TgCompleteIn){.vm = vm, .module = module, .commands = commands}, text, cursor, &found);
    if (found.count && found.start > cursor) defect("a completion begins behind the cursor");
    tg_completion_free(&found);
    free(text);
}

// Words of code are turned into others: the verifier says no, or the code is in form. It never falls over.
static void feed_verify(const uint8_t *data, size_t size) {
    static const char sample[] =
        "class P { fn init(a, *rest, b = 2) { self.a = a }; fn str() => \"{self.a}\" }\n"
        "fn f(x, y = 1, *z, k = 3) { let t = 0; for a, b in {c: 1} { t += b; if t > 3 { break } }; return [x, y, *z, t] }\n"
        "fn g() { try { with lock() as l { raise ValueError(\"x\") from KeyError(\"y\") } } except (ValueError, KeyError) as e { return e } finally { print(1) } }\n"
        "let c = channel(1)\n"
        "nursery n { spawn f(1, *[2], k: 4); spawn { c.send(P(1)) }; select { case let v = c.receive() { print(\"{v:>4}\") } else { nil } } }\n"
        "timeout 1s { shield { sleep(0.1) } } else { print(c is Channel, 1 in [1, 2], 5 if c else 3 ?? 4) }\n"
        "let x = [i * 2 for i in 0..3 if i != 1]; x[0..1]; x[0] += 1; let h, *r = x; while r.pop() > 5 and x { continue }\n";
    TgVM *vm = compiler_vm();
    TgCode *code = compiled(vm, "<sample>", sample, sizeof sample - 1, false);
    if (!code) defect("the sample does not compile");
    // The code that is changed: the module's, or one of the functions among its constants.
    size_t at = 0;
    while (at < size && data[at] & 1) {
        size_t skip = data[at++] >> 1;
        TgCode *inner = NULL;
        for (uint32_t i = 0; i < code->constant_count && !inner; i++) {
            TgValue constant = code->constants[(i + skip) % code->constant_count];
            if (tg_is_kind(constant, OBJ_CODE)) inner = (TgCode *)tg_as_obj(constant);
        }
        if (!inner) break;
        code = inner;
    }
    for (; at + 4 <= size && code->word_count; at += 4) {
        uint32_t word = (uint32_t)(data[at] << 8 | data[at + 1]) % code->word_count;
        unsigned shift = data[at + 2] % 4 * 8;
        ((uint32_t *)code->words)[word] = (code->words[word] & ~(0xFFu << shift)) | (uint32_t)data[at + 3] << shift;
    }
    free(tg_verify(code));
}

static void feed_run(const uint8_t *data, size_t size) {
    free(run_in(PLAIN, (const char *)data, size).text);
}

static void same(const Ran *a, const Ran *b, Way way, const char *text) {
    if (a->end == RUN_LIMIT || b->end == RUN_LIMIT) return;
    if (a->end == b->end && a->length == b->length && !memcmp(a->text, b->text, a->length)) return;
    defect("%s it ends with %d, not %d, and prints\n%s--- not\n%s--- program\n%s", way_names[way], b->end, a->end, b->text, a->text, text);
}

// A program that is made of the bytes: it compiles, and in every way to run it it prints the same.
static void feed_program(const uint8_t *data, size_t size) {
    TgBuffer text = {0};
    fuzz_write_program(data, size, &text);
    TgVM *vm = compiler_vm();
    if (!compiled(vm, "<program>", text.data, text.length, false)) {
        TgScriptText script = {.file = "<program>", .text = text.data, .length = text.length};
        char *error;
        bool unfinished;
        tg_host_compile(vm, tg_host_module(vm, "fuzz", NULL), &script, &error, &unfinished);
        defect("%s%s", error, text.data);
    }
    Ran plain = run_in(PLAIN, text.data, text.length);
    for (Way way = PLAIN + 1; way < WAYS; way++) {
        Ran ran = run_in(way, text.data, text.length);
        same(&plain, &ran, way, text.data);
        free(ran.text);
    }
    free(plain.text);
    tg_buffer_free(&text);
}

// ---- Readers of the library (readers.tg)

static TgVM *reader_vm(TgModule **module) {
    static TgVM *vm;
    static TgModule *readers;
    if (!vm) {
        TgOptions options = tg_vm_defaults();
        options.seed = 1;
        options.max_memory = 256u << 20;
        vm = tg_host_vm(&options, NULL, 0);
        size_t length;
        char *text = tg_host_read(FUZZ_FOLDER "/readers.tg", &length);
        if (!vm || !text) defect("cannot read readers.tg");
        readers = tg_host_module(vm, "readers", NULL);
        TgScriptText script = {.file = "readers.tg", .text = text, .length = length};
        char *error;
        bool unfinished;
        TgCode *code = tg_host_compile(vm, readers, &script, &error, &unfinished);
        if (!code) defect("%s", error);
        vm->keep[0] = tg_obj(readers);
        if (tg_run(vm, code).end != RUN_OK) defect("readers.tg does not run");
        free(text);
    }
    *module = readers;
    return vm;
}

static void feed_reader(const char *name, const uint8_t *data, size_t size) {
    TgModule *module;
    TgVM *vm = reader_vm(&module);
    TgValue reader = tg_map_get_string(module->members, tg_string_c(vm, name));
    if (tg_is_kind(reader, OBJ_CELL)) reader = ((TgCell *)tg_as_obj(reader))->value;
    TgValue argument = tg_obj(tg_bytes(vm, data, size));
    TgOutcome outcome = tg_run_function(vm, reader, &argument, 1);
    if (outcome.end == RUN_OK) return;
    if (!tg_is_undef(outcome.error)) tg_report(vm, outcome.error, stderr);
    defect("%s: end %d", name, outcome.end);
}

#define READER(NAME)                                                                               \
    static void feed_##NAME(const uint8_t *data, size_t size) { feed_reader("read_" #NAME, data, size); }
READER(json)
READER(csv)
READER(re)
READER(bytes)
READER(http)

const FuzzTarget fuzz_targets[] = {
    {"compile", feed_compile, "a text is read, resolved, compiled and verified, or told why not"},
    {"line", feed_line, "what is typed at the prompt is painted and completed"},
    {"verify", feed_verify, "changed code is looked at by the verifier"},
    {"run", feed_run, "a text is run as a program within limits"},
    {"program", feed_program, "a program made of the bytes prints the same in every way to run it"},
    {"json", feed_json, "json.parse; what it gives comes back from json.stringify"},
    {"csv", feed_csv, "csv.parse; what it gives comes back from csv.stringify"},
    {"re", feed_re, "a pattern, a newline, a text"},
    {"bytes", feed_bytes, "Bytes, base64, numbers and dates"},
    {"http", feed_http, "what a client sends to http.serve"},
    {0},
};

const FuzzTarget *fuzz_target(const char *name) {
    for (const FuzzTarget *target = fuzz_targets; target->name; target++)
        if (!strcmp(target->name, name)) return target;
    return NULL;
}
