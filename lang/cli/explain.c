// lang/cli/explain.c
// tg explain: looks up pages in a text that is built in.
// Layer: command.
#include "lang/cli/explain.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lang/cli/host.h"
#include "vm/api.h"

#include "build/explain.inc"

enum { STATUS_FAILED = 1, STATUS_UNKNOWN = 2, LONGEST_NAME = 32 };

// ---- reading pages

// From `at` to the next occurrence of `mark`, or to `end`.
static TgPageText up_to(const char *at, const char *end, const char *mark) {
    const char *found = strstr(at, mark);
    return (TgPageText){at, (size_t)((found && found < end ? found : end) - at)};
}

// The block "```tg KIND\n…```" of a page's text; empty where there is none.
static TgPageText block_of(TgPageText text, const char *fence) {
    const char *end = text.at + text.length, *at = strstr(text.at, fence);
    if (!at || at >= end) return (TgPageText){end, 0};
    return up_to(at + strlen(fence), end, "```");
}

static TgPageText trimmed(TgPageText text) {
    while (text.length && text.at[0] == '\n') text.at++, text.length--;
    while (text.length && isspace((unsigned char)text.at[text.length - 1])) text.length--;
    return text;
}

bool tg_page_next(TgPage *page) {
    const char *from = page->name.at ? page->name.at : explain_text;
    const char *at = strstr(from, "\n## ");
    if (!at) return false;
    at += 4;
    const char *end = at + up_to(at, explain_text + strlen(explain_text), "\n## ").length;
    page->name = up_to(at, end, ": ");
    page->title = up_to(at + page->name.length + 2, end, "\n");
    const char *body = page->title.at + page->title.length;
    page->body = trimmed(up_to(body, end, "```"));
    TgPageText rest = {body, (size_t)(end - body)};
    page->wrong = block_of(rest, "```tg wrong\n");
    page->right = block_of(rest, "```tg right\n");
    const char *after = page->right.at + page->right.length;
    if (after + 3 < end) after += 3;
    page->files = (TgPageText){after, (size_t)(end - after)};
    return true;
}

bool tg_page_file(TgPageText *files, TgPageText *name, TgPageText *text) {
    static const char fence[] = "```tg ";
    const char *end = files->at + files->length, *at = strstr(files->at, fence);
    if (!at || at >= end) return false;
    *name = up_to(at + strlen(fence), end, "\n");
    *text = up_to(name->at + name->length + 1, end, "```");
    const char *after = text->at + text->length + 3;
    *files = (TgPageText){after, (size_t)(after < end ? end - after : 0)};
    return true;
}

// ---- looking up

// What was asked for as the pages write it: tg0106 and 106 are TG0106.
static void full_name(const char *asked, char *name, size_t size) {
    const char *digits = asked;
    if (tolower((unsigned char)digits[0]) == 't' && tolower((unsigned char)digits[1]) == 'g')
        digits += 2;
    bool is_code = *digits && strspn(digits, "0123456789") == strlen(digits) && strlen(digits) <= 4;
    if (is_code)
        snprintf(name, size, "TG%04d", (int)strtol(digits, NULL, 10));
    else
        snprintf(name, size, "%s", asked);
}

static bool find_page(const char *name, TgPage *page) {
    *page = (TgPage){0};
    while (tg_page_next(page)) {
        bool is_it = page->name.length == strlen(name);
        for (size_t i = 0; is_it && name[i]; i++) {
            is_it = tolower((unsigned char)name[i]) == tolower((unsigned char)page->name.at[i]);
        }
        if (is_it) return true;
    }
    return false;
}

static void nearest_page(const char *name, char *near) {
    enum { MOST = 256 };
    static char names[MOST][LONGEST_NAME];
    const char *list[MOST];
    uint32_t count = 0;
    TgPage page = {0};
    while (count < MOST && tg_page_next(&page)) {
        snprintf(names[count], LONGEST_NAME, "%.*s", (int)page.name.length, page.name.at);
        list[count] = names[count];
        count++;
    }
    const char *found = tg_nearest(name, list, count);
    snprintf(near, LONGEST_NAME, "%s", found ? found : "");
}

// ---- showing

static void show_code(TgPageText code, bool color) {
    for (const char *at = code.at, *end = at + code.length; at < end;) {
        size_t length = up_to(at, end, "\n").length;
        printf("    %s%.*s%s\n", color ? "\033[36m" : "", (int)length, at, color ? "\033[0m" : "");
        at += length + 1;
    }
}

// Columns that `length` bytes of the pages' text take.
static int columns_of(const char *text, size_t length) {
    int columns = 0;
    for (size_t i = 0; i < length; i++) columns += ((unsigned char)text[i] & 0xC0) != 0x80;
    return columns;
}

// Paragraphs, with their lines broken anew between words.
static void show_prose(TgPageText prose, int width) {
    int column = 0;
    for (const char *at = prose.at, *end = at + prose.length; at < end;) {
        size_t blanks = strspn(at, " \n"), length = strcspn(at + blanks, " \n");
        const char *newline = memchr(at, '\n', blanks);
        bool is_paragraph = newline && memchr(newline + 1, '\n', blanks - (size_t)(newline + 1 - at));
        if (at + blanks + length > end) length = (size_t)(end - at) - blanks;
        int columns = columns_of(at + blanks, length);
        if (is_paragraph)
            fputs("\n\n", stdout), column = 0;
        else if (column > 0 && column + 1 + columns > width)
            putchar('\n'), column = 0;
        if (column > 0) putchar(' ');
        printf("%.*s", (int)length, at + blanks);
        column += columns + (column > 0);
        at += blanks + length;
    }
    putchar('\n');
}

static void show_page(const TgPage *page, bool color) {
    const char *bold = color ? "\033[1m" : "", *plain = color ? "\033[0m" : "";
    printf("%s%.*s: %.*s%s\n\n", bold, (int)page->name.length, page->name.at,
           (int)page->title.length, page->title.at, plain);
    show_prose(page->body, tg_host_columns(80));
    puts("\nThis shows it:\n");
    show_code(page->wrong, color);
    puts("\nThis is how it goes:\n");
    show_code(page->right, color);
    TgPageText files = page->files, name, text;
    while (tg_page_file(&files, &name, &text)) {
        printf("\nwith %.*s:\n\n", (int)name.length, name.at);
        show_code(text, color);
    }
}

// What could not be written is no success.
static int end_of_output(void) {
    if (fflush(stdout) == 0 && !ferror(stdout)) return 0;
    perror("tg explain");
    return STATUS_FAILED;
}

static int show_list(void) {
    puts("usage: tg explain CODE, with a code or an exception of this list:\n");
    TgPage page = {0};
    while (tg_page_next(&page)) {
        printf("  %-18.*s%.*s\n", (int)page.name.length, page.name.at, (int)page.title.length,
               page.title.at);
    }
    return end_of_output();
}

int tg_explain(int argc, char **argv, int at) {
    if (at >= argc || !strcmp(argv[at], "--help") || !strcmp(argv[at], "-h")) return show_list();
    bool color = tg_host_color(stdout);
    for (int i = at; i < argc; i++) {
        char name[LONGEST_NAME], near[LONGEST_NAME];
        TgPage page;
        full_name(argv[i], name, sizeof name);
        if (!find_page(name, &page)) {
            nearest_page(name, near);
            fprintf(stderr, "tg explain: there is no page '%s'%s%s%s\n", argv[i],
                    *near ? "; did you mean " : "", near, *near ? "?" : "");
            fputs("`tg explain` lists all\n", stderr);
            return STATUS_UNKNOWN;
        }
        if (i > at) putchar('\n');
        show_page(&page, color);
    }
    return end_of_output();
}
