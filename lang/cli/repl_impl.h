// lang/cli/repl_impl.h
// The rooms of the REPL among themselves: repl.c (the loop), repl_run.c (a statement and its result), commands.c, reload.c.
// Layer: command.
#ifndef TG_LANG_CLI_REPL_IMPL_H
#define TG_LANG_CLI_REPL_IMPL_H

#include "lang/cli/complete.h"
#include "lang/cli/host.h"
#include "lang/cli/line.h"
#include "vm/string.h"

typedef struct {
    TgVM *vm;
    TgModule *module;
    TgSignals signals;
    TgBuffer typed;      // the statement so far
    char *history;       // path, or NULL
    int lines;           // of all statements so far: their numbers go on
    bool ready;          // stdin can be read
    bool had_text;       // the last Ctrl-C dropped some of a line
    bool pressed_empty;  // the last thing was a Ctrl-C at an empty prompt
    bool asked_to_end;   // the last thing was a Ctrl-D while tasks were running
    bool over;
    int status;
    int signal;          // to die of
    struct TgSeen *seen; // files of modules as they were imported (reload.c)
} Repl;

// repl.c: what TAB and :doc know of the session.
TgCompleteIn tg_repl_names(Repl *repl);

// repl_run.c
// As tg_host_text_state, for what is typed: there "{a: 1}" is a Map.
TgTextState tg_repl_text_state(const char *text);
// Compiles a statement of the session. NULL: unfinished (and `may_go_on`), or its errors were printed.
TgCode *tg_repl_compile(Repl *repl, const char *text, size_t length, bool may_go_on, bool *unfinished);
// Runs code as the statement of the session: until it is over, or interrupted. False: not; what it raised was reported, an
// exit() or a signal is noted. `value` may be NULL.
bool tg_repl_run(Repl *repl, TgCode *code, TgValue *value);
// Shows a result and keeps it as `_`; nil is neither shown nor kept.
void tg_repl_show(Repl *repl, TgValue value);

// reload.c
// Notes the files of modules that have been imported since it was last asked.
void tg_repl_note_modules(Repl *repl);
// Runs those files anew that have changed; or the module of that name.
void tg_repl_reload(Repl *repl, const char *name);
void tg_repl_forget_modules(Repl *repl);

// commands.c
void tg_repl_command(Repl *repl, const char *line); // without its ':'
extern const char *const tg_repl_commands[];        // their names, NULL at the end
void tg_repl_list_tasks(Repl *repl);

#endif
