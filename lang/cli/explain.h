// lang/cli/explain.h
// tg explain: what an error's code or exception means, with an example that shows it and one that
// mends it.
//
// The pages are text (explain.md), built into the command.
// Layer: command.
#ifndef TG_LANG_CLI_EXPLAIN_H
#define TG_LANG_CLI_EXPLAIN_H

#include <stdbool.h>
#include <stddef.h>

// A stretch of the pages' text.
typedef struct {
    const char *at;
    size_t length;
} TgPageText;

typedef struct {
    TgPageText name;         // "TG0106" or "KeyError"
    TgPageText title, body;  // one line; some
    TgPageText wrong, right; // the examples
    TgPageText files;        // the page's further blocks, fences and all: files beside the examples
} TgPage;

// The first page, or the one behind `*page`; false where there is none. Zero-initialise `page` to
// begin.
bool tg_page_next(TgPage *page);
// The next file of a page: *files is what is left of page.files. False where there is none.
bool tg_page_file(TgPageText *files, TgPageText *name, TgPageText *text);
// The command: the pages that are asked for on stdout, or a list of all. The exit status.
int tg_explain(int argc, char **argv, int at);

#endif
