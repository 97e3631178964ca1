// lang/cli/dump.c
// Tokens and trees are shown also of a text with errors, with HOLEs where nothing could be made of it.
// Layer: command.
#include "lang/cli/dump.h"

#include <stdlib.h>

#include "lang/cli/options.h"
#include "lang/lang.h"
#include "vm/disasm.h"

static void to_stdout(void *data, const char *bytes, size_t length) {
    (void)data;
    fwrite(bytes, 1, length, stdout);
}

// LINE:COLUMN  KIND  'text', a line each; long texts and newlines cut.
static void dump_tokens(const TgTokens *tokens, const TgSource *source) {
    for (uint32_t i = 0; i < tokens->count; i++) {
        const TgToken *token = &tokens->items[i];
        int line, column;
        tg_source_place(source, token->start, &line, &column);
        printf("%d:%d\t%s\t", line, column, tg_token_name((TgTokenKind)token->kind));
        for (uint32_t at = token->start; at < token->end; at++) {
            char c = source->text[at];
            if (c == '\n') printf("\\n");
            else putchar(c);
        }
        putchar('\n');
    }
}

static bool dump_front(const TgScriptText *text, unsigned what) {
    TgSource source;
    if (!tg_source_init(&source, text->file, text->text, text->length)) return false;
    TgArena *arena = tg_arena_new();
    TgDiags diags;
    tg_diags_init(&diags, arena, &source);
    TgTree tree;
    tg_parse(&tree, arena, &source, &diags);
    if (what & DUMP_TOKENS) dump_tokens(&tree.tokens, &source);
    if (what & DUMP_AST) tg_ast_dump(&tree, tree.tree, to_stdout, NULL);
    tg_arena_free(arena);
    tg_source_free(&source);
    return true;
}

int tg_dump(TgVM *vm, TgModule *module, const TgScriptText *text, unsigned what) {
    if (what & (DUMP_TOKENS | DUMP_AST)) dump_front(text, what);
    char *error;
    bool unfinished;
    TgCode *code = tg_host_compile(vm, module, text, &error, &unfinished);
    if (code && (what & DUMP_BYTECODE)) tg_disasm(code, to_stdout, NULL);
    fflush(stdout);
    if (code) return 0;
    fputs(error ? error : "out of memory\n", stderr);
    free(error);
    return 2;
}
