// lang/cli/options.h
// The command line as data: what to run, how, with which arguments.
// Layer: command.
#ifndef TG_LANG_CLI_OPTIONS_H
#define TG_LANG_CLI_OPTIONS_H

#include "vm/vm.h"

typedef enum { DO_FILE, DO_TEXT, DO_STDIN, DO_REPL, DO_HELP, DO_VERSION, DO_CHECK, DO_TEST, DO_EXPLAIN, DO_REPLAY } TgAction;
enum { DUMP_TOKENS = 1, DUMP_AST = 2, DUMP_BYTECODE = 4 };

typedef struct {
    TgAction action;
    const char *script; // DO_FILE: the path; DO_TEXT: the code
    char **args;        // of the script
    int arg_count;
    unsigned dump;      // DUMP_…; not 0: show instead of running
    TgOptions vm;
    const char *record; // the file that the run is recorded in, or NULL
    const char *version; // of tg; main's
    int at;             // DO_CHECK, DO_TEST, DO_EXPLAIN, DO_REPLAY: argv from here on is the sub-command's
} TgCommand;

// Reads argv. False where it makes no sense: *problem is what is wrong (static text or an element of argv).
bool tg_command_parse(TgCommand *command, int argc, char **argv, const char **problem,
                      const char **culprit);
extern const char tg_usage[]; // the first line of the help
extern const char tg_help[];

#endif
