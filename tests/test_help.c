// tests/test_help.c
// What help knows: each thing that a script can name has a text and an example, each example is of
// something and does what it says in every mode, and a page is given for values of every kind.
// Layer: tests.
#include <criterion/criterion.h>
#include <ctype.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "lang/cli/host.h"
#include "stdlib/entries.h"
#include "stdlib/help.h"
#include "tests/support.h"

static TgVM *new_vm(void) {
    TgOptions options = tg_vm_defaults();
    TgVM *vm = tg_host_vm(&options, NULL, 0);
    cr_assert(vm);
    tg_host_load_modules(vm);
    return vm;
}

// "List.push"; of a topic each of its names.
typedef struct {
    char names[1024][64];
    size_t count;
} Names;

static void add_name(Names *names, const char *room, TgHelpSpan name) {
    cr_assert(names->count < 1024);
    snprintf(names->names[names->count++], 64, "%s%s%.*s", room, *room ? "." : "", (int)name.length,
             name.at);
}

static bool collect(void *data, const TgHelpEntry *entry) {
    TgHelpSpan rest = {entry->name, strlen(entry->name)}, word;
    while (tg_help_word(&rest, &word)) add_name(data, entry->room, word);
    return true;
}

static bool has_name(const Names *names, TgHelpSpan name) {
    for (size_t i = 0; i < names->count; i++)
        if (tg_help_is(name, names->names[i])) return true;
    return false;
}

static bool check_text(void *data, const TgHelpEntry *entry) {
    (void)data;
    size_t length = entry->text ? strlen(entry->text) : 0;
    cr_expect(length > 8, "%s %s: it has no text", entry->room, entry->name);
    cr_expect(length && entry->text[length - 1] == '.', "%s %s: its text is no sentence",
              entry->room, entry->name);
    cr_expect(entry->signature && *entry->signature, "%s %s: it has no signature", entry->room,
              entry->name);
    return true;
}

Test(help, every_entry_has_a_text) {
    TgVM *vm = new_vm();
    tg_help_walk(vm, check_text, NULL);
    tg_vm_free(vm);
}

Test(help, every_entry_has_an_example) {
    static Names names;
    TgVM *vm = new_vm();
    tg_help_walk(vm, collect, &names);
    cr_expect(names.count > 250, "only %zu entries", names.count);
    for (size_t i = 0; i < names.count; i++) {
        TgHelpBlock block;
        bool has = tg_help_block_of(names.names[i], &block);
        cr_expect(has && block.code.length > 0, "%s: it has no example", names.names[i]);
        if (has)
            cr_expect(memmem(block.code.at, block.code.length, "# expect", 8),
                      "%s: nothing is expected", names.names[i]);
    }
    tg_vm_free(vm);
}

Test(help, every_example_is_of_something_and_once) {
    static Names names, seen;
    TgVM *vm = new_vm();
    tg_help_walk(vm, collect, &names);
    TgHelpBlock block;
    for (const char *at = NULL; tg_help_block(&at, &block);) {
        TgHelpSpan rest = block.names, word;
        cr_expect(block.chapter.length > 0, "%.*s: in no chapter", (int)block.names.length,
                  block.names.at);
        while (tg_help_word(&rest, &word)) {
            cr_expect(has_name(&names, word), "%.*s: there is nothing of this name",
                      (int)word.length, word.at);
            cr_expect(!has_name(&seen, word), "%.*s: has two examples", (int)word.length, word.at);
            add_name(&seen, "", word);
        }
    }
    tg_vm_free(vm);
}

// The words that the lexer knows, each of them can be asked for.
Test(help, every_keyword_is_known) {
    static const char keywords[] =
        "and as break case class continue else except false finally fn for from if import in is "
        "let nil not "
        "nursery or raise return select self shield spawn super timeout true try while with";
    static Names names;
    TgVM *vm = new_vm();
    tg_help_walk(vm, collect, &names);
    TgHelpSpan rest = {keywords, strlen(keywords)}, word;
    while (tg_help_word(&rest, &word))
        cr_expect(has_name(&names, word), "%.*s is not known", (int)word.length, word.at);
    tg_vm_free(vm);
}

// ---- the examples, run

static char directory[] = "/tmp/tg-help-XXXXXX";

static void write_example(const TgHelpBlock *block) {
    TgHelpSpan rest = block->names, word;
    tg_help_word(&rest, &word);
    char path[512];
    snprintf(path, sizeof path, "%s/%.*s.tg", directory, (int)word.length, word.at);
    FILE *file = fopen(path, "w");
    cr_assert(file && fwrite(block->code.at, 1, block->code.length, file) == block->code.length);
    fputc('\n', file);
    fclose(file);
}

static void run_examples(const char *const *flags) {
    cr_assert(mkdtemp(directory));
    TgHelpBlock block;
    for (const char *at = NULL; tg_help_block(&at, &block);) write_example(&block);
    ScriptList list = {0};
    scripts_find(&list, directory);
    ScriptMode mode = {.flags = flags, .jobs = 4, .out = stderr};
    size_t failed = scripts_run(&list, &mode), count = list.count;
    for (size_t i = 0; i < count; i++) unlink(list.paths[i]);
    scripts_free(&list);
    rmdir(directory);
    cr_assert(count > 100, "only %zu examples", count);
    cr_assert(failed == 0, "%zu of %zu examples failed (above)", failed, count);
}

Test(help, every_example_does_what_it_says) {
    run_examples(NULL);
}

Test(help, every_example_does_so_one_boundary_a_slice) {
    run_examples((const char *const[]){"--slice=1", NULL});
}

Test(help, every_example_does_so_with_a_collection_at_every_boundary) {
    run_examples((const char *const[]){"--gc-stress", NULL});
}

// ---- the page that is made of it

Test(help, the_reference_is_up_to_date) {
    char command[1024];
    const char *binary = tested_binary();
    const char *slash = strrchr(binary, '/');
    snprintf(command, sizeof command,
             "%.*s/reference docs/reference.md.in | cmp - docs/reference.md",
             slash ? (int)(slash - binary) : 1, slash ? binary : ".");
    cr_assert(system(command) == 0, "docs/reference.md is not up to date: make reference");
}

// ---- pages of values

// The first line of what `help(…)` writes at the end of a script.
static void expect_page(const char *script, const char *first) {
    const char *arguments[] = {"--virtual-time", "-e", script, NULL};
    Ended ended = run_tg(NULL, arguments, NULL);
    size_t length = ended.out.data ? strcspn(ended.out.data, "\n") : 0;
    cr_expect(ended.exit_status == 0, "%s: exit status %d\n%s", script, ended.exit_status,
              ended.err.data);
    cr_expect(length == strlen(first) && !strncmp(ended.out.data, first, length), "%s: %.*s",
              script, (int)length, ended.out.data ? ended.out.data : "");
    ended_free(&ended);
}

Test(help, values_of_every_kind_have_a_page) {
    static const char *const pages[][2] = {
        {"help(nil)", "class Nil"},
        {"help(true)", "class Bool"},
        {"help(1)", "class Int"},
        {"help(2 ** 99)", "class Int"},
        {"help(1.5)", "class Float"},
        {"help(\"String\")", "class String"},
        {"let xs = [1]; xs.push(xs); help(xs)", "class List"},
        {"let m = {}; m.m = m; help(m)", "class Map"},
        {"help(0..3)", "class Range"},
        {"help(print)", "print(*values, sep: \" \", end: \"\\n\")"},
        {"help(gather)", "gather(functions)"},
        {"help([].push)", "List.push(value)"},
        {"help([].map)", "List.map(f)"},
        {"help(String.from_bytes)", "String.from_bytes(list)"},
        {"help(fn(x) => x)", "fn(x)"},
        {"help(Int)", "class Int"},
        {"help(KeyError)", "class KeyError < Error"},
        {"help(KeyError(\"x\"))", "class KeyError < Error"},
        {"help(KeyError.init)", "Exception.init(message = \"\")"},
        {"help(current())", "class Task"},
        {"let t\nnursery { t = spawn sleep(1h); t.cancel() }\nhelp(t, t.wait)", "class Task"},
        {"nursery n { }\nhelp(n, n.spawn)", "class Nursery"},
        {"nursery n { n.cancel(); try { sleep(1) } finally { help(n) } }", "class Nursery"},
        {"let c = channel(); c.close(); help(c)", "class Channel"},
        {"help(lock())", "class Lock"},
        {"help(semaphore(1))", "class Semaphore"},
        {"help(event())", "class Event"},
        {"help(condition(lock()))", "class Condition"},
        {"help(barrier(1))", "class Barrier"},
        {"help(signals(\"INT\"))", "signals(*names)"},
        {"import time\nhelp(time)", "module time"},
        {"import time\nhelp(time.now)", "time.now()"},
        {"help(args)", "class List"},
        {"help(\"args\")", "args"},
        {"help(\"random\")", "module random"},
        {"help(\"math.pi\")", "math.pi"},
        {"help(\"Task.state\")", "Task.state"},
        {"help(\"nursery\")", "nursery n { … }"},
        {"help(\"finally\")", "try { … } except Type as e { … } finally { … }"},
        {"help(\"ctrl-c\")", "except Interrupt { … }"},
        {"help()",
         "help(x) shows what is known of x: a function, a method, a class, a module, any"},
        {"[help(x) for x in [1]]", "class Int"},
        {"nursery { spawn help(1) }", "class Int"},
    };
    for (size_t i = 0; i < sizeof pages / sizeof *pages; i++) expect_page(pages[i][0], pages[i][1]);
}

static void expect_width(const TgBuffer *page) {
    TgHelpSpan rest = {page->data, page->length}, line;
    while (tg_help_line(&rest, &line)) {
        size_t columns = 0;
        for (size_t i = 0; i < line.length; i++)
            columns += ((unsigned char)line.at[i] & 0xC0) != 0x80;
        cr_expect(columns <= 80, "wider than a page: %.*s", (int)line.length, line.at);
    }
}

static bool check_width(void *data, const TgHelpEntry *entry) {
    TgVM *vm = data;
    TgBuffer page = {0};
    TgHelpSpan names = {entry->name, strlen(entry->name)}, word;
    while (tg_help_word(&names, &word)) {
        char name[128];
        snprintf(name, sizeof name, "%s%s%.*s", entry->room, *entry->room ? "." : "",
                 (int)word.length, word.at);
        cr_expect(tg_help_name(vm, name, &page), "%s is not found", name);
    }
    expect_width(&page);
    tg_buffer_free(&page);
    return true;
}

Test(help, every_name_gives_a_page_that_fits) {
    TgVM *vm = new_vm();
    tg_help_walk(vm, check_width, vm);
    tg_vm_free(vm);
}

Test(help, the_beginning_fits_and_lists_all) {
    const char *arguments[] = {"-e", "help()", NULL};
    Ended ended = run_tg(NULL, arguments, NULL);
    expect_width(&(TgBuffer){.data = ended.out.data, .length = ended.out.length});
    static Names names;
    TgVM *vm = new_vm();
    tg_help_walk(vm, collect, &names);
    for (size_t i = 0; i < names.count; i++)
        if (!strchr(names.names[i], '.'))
            cr_expect(strstr(ended.out.data, names.names[i]), "%s is not listed", names.names[i]);
    tg_vm_free(vm);
    ended_free(&ended);
}
