// lang/cli/host.h
// The command's hands around a VM: how texts become code, where signals go, how a run ends.
// Layer: command. The only room where lang/, vm/ and stdlib/ meet.
#ifndef TG_LANG_CLI_HOST_H
#define TG_LANG_CLI_HOST_H

#include <stdio.h>

#include "vm/host_signal.h"
#include "vm/run.h"
#include "vm/vm.h"

// A text to compile.
typedef struct {
    const char *file; // as shown
    const char *text;
    size_t length;
    int first_line;   // number of its first line; 0 is 1
    bool is_session;  // a statement of the REPL, or of a module that goes on
    bool has_nursery; // … whose tasks may outlive it: spawn may stand anywhere
    TgList *tests;    // takes the file's tests (lang/compiler.h); NULL: they are left out
    bool color;       // of the diagnostics
} TgScriptText;

// Compiles into `module`. NULL: *error is the diagnostics as text (malloc'ed), *unfinished whether the text ended inside
// something. Does not collect.
TgCode *tg_host_compile(TgVM *vm, TgModule *module, const TgScriptText *text, char **error, bool *unfinished);

// Whether a text can be read as statements, ends inside something so that more of it is to come, or neither. Only reads it.
typedef enum { TEXT_WHOLE, TEXT_UNFINISHED, TEXT_WRONG } TgTextState;
TgTextState tg_host_text_state(const char *text, size_t length);

// Fills in what is asked of the terminal and the locale. Done by tg_host_vm, but not where the run is recorded or replayed.
void tg_host_look(TgOptions *options);
// A VM with the front end and the library, and `args` as the script sees them. NULL: no memory.
TgVM *tg_host_vm(const TgOptions *options, char **args, int arg_count);
// The module of a script, which lives as long as the VM. `path` is its file's, or NULL; imports are relative to its
// directory, or to the present one.
TgModule *tg_host_module(TgVM *vm, const char *name, const char *path);

// Imports all standard modules, so that help knows what their tg halves define. Not while anything runs.
void tg_host_load_modules(TgVM *vm);

// From now on signals of the process are the VM's; then no longer.
void tg_host_signals_on(TgVM *vm, TgSignals *signals);
void tg_host_signals_off(TgVM *vm, TgSignals *signals);

// Whether text for people on `file` may have colours.
bool tg_host_color(FILE *file);
// Columns of the terminal that stdout is, at most `most`; that many where it is none.
int tg_host_columns(int most);
// Whether the locale is a UTF-8 one.
bool tg_host_utf8(void);
// A whole file (fd 0 where `path` is NULL), malloc'ed and NUL terminated. NULL: errno says why.
char *tg_host_read(const char *path, size_t *length);

#endif
