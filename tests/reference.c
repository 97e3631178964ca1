// tests/reference.c
// Writes docs/reference.md to stdout: the template it is given, in which a line `{{CHAPTER}}`
// becomes what help knows of the things of that chapter of stdlib/examples.tg. Exit status 1 where
// the template and the chapters do not fit together. Layer: tests.
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lang/cli/host.h"
#include "stdlib/entries.h"

// Chapters that the prose of the template says in its own way, and in more words.
static const char own_words[] = "Words and topics";

typedef struct {
    TgHelpSpan name;
    TgHelpEntry found;
    bool is_found;
} Wanted;

static bool match(void *data, const TgHelpEntry *entry) {
    Wanted *wanted = data;
    char full[128];
    snprintf(full, sizeof full, "%s%s%s", entry->room, *entry->room ? "." : "", entry->name);
    wanted->is_found = tg_help_is(wanted->name, full);
    if (wanted->is_found) wanted->found = *entry;
    return !wanted->is_found;
}

// What is called on a class or module itself is shown so; methods and fields without their class.
// Whose chapter it is needs no name, but is a paragraph of its own.
static void write_entry(TgVM *vm, TgHelpSpan name, TgHelpSpan chapter, bool is_first, bool is_last) {
    Wanted wanted = {.name = name};
    tg_help_walk(vm, match, &wanted);
    if (!wanted.is_found) return; // tests/test_help.c complains
    const TgHelpEntry *entry = &wanted.found;
    bool is_long = entry->kind == TG_HELP_STATIC || entry->kind == TG_HELP_MEMBER ||
                   entry->kind == TG_HELP_CONSTANT || (entry->kind == TG_HELP_CLASS && *entry->room);
    bool is_of_module = tg_help_is(chapter, entry->room); // random.random
    if (tg_help_is(chapter, entry->name) && !is_of_module) {
        printf("%s%s\n%s", is_first ? "" : "\n", entry->text, is_last ? "" : "\n");
        return;
    }
    printf("- `%s%s%s`: %s\n", is_long ? entry->room : "", is_long ? "." : "", entry->signature,
           entry->text);
}

static void write_block(TgVM *vm, const TgHelpBlock *block) {
    TgHelpSpan names = block->names, prose = block->prose, part;
    putchar('\n');
    for (bool is_first = true; tg_help_word(&names, &part); is_first = false)
        write_entry(vm, part, block->chapter, is_first, names.length == 0);
    if (prose.length) putchar('\n');
    while (tg_help_line(&prose, &part)) {
        size_t mark = part.length > 3 ? 3 : part.length; // `#| `
        printf("%.*s\n", (int)(part.length - mark), part.at + mark);
    }
    printf("\n```tg\n%.*s\n```\n", (int)block->code.length, block->code.at);
}

static bool write_chapter(TgVM *vm, TgHelpSpan chapter) {
    TgHelpBlock block;
    bool found = false;
    for (const char *at = NULL; tg_help_block(&at, &block);) {
        if (block.chapter.length != chapter.length ||
            memcmp(block.chapter.at, chapter.at, chapter.length) != 0)
            continue;
        write_block(vm, &block);
        found = true;
    }
    if (!found)
        fprintf(stderr, "reference: there is no chapter %.*s\n", (int)chapter.length, chapter.at);
    return found;
}

static bool write_page(TgVM *vm, TgHelpSpan rest) {
    TgHelpSpan line;
    bool good = true;
    while (tg_help_line(&rest, &line)) {
        if (line.length > 4 && !memcmp(line.at, "{{", 2))
            good &= write_chapter(vm, (TgHelpSpan){line.at + 2, line.length - 4});
        else
            printf("%.*s\n", (int)line.length, line.at);
    }
    return good;
}

// Every chapter stands in the template.
static bool check_chapters(const char *template) {
    TgHelpBlock block;
    bool good = true;
    for (const char *at = NULL; tg_help_block(&at, &block);) {
        char mark[128];
        snprintf(mark, sizeof mark, "{{%.*s}}", (int)block.chapter.length, block.chapter.at);
        if (tg_help_is(block.chapter, own_words) || strstr(template, mark)) continue;
        fprintf(stderr, "reference: the template has no %s\n", mark);
        good = false;
    }
    return good;
}

int main(int argc, char **argv) {
    size_t length;
    char *template = argc == 2 ? tg_host_read(argv[1], &length) : NULL;
    if (!template) {
        fprintf(stderr, "usage: reference docs/reference.md.in > docs/reference.md\n");
        return 2;
    }
    TgOptions options = tg_vm_defaults();
    TgVM *vm = tg_host_vm(&options, NULL, 0);
    if (!vm) return 2;
    tg_host_load_modules(vm);
    bool good = check_chapters(template) && write_page(vm, (TgHelpSpan){template, length});
    tg_vm_free(vm);
    free(template);
    return good ? 0 : 1;
}
