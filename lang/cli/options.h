// lang/cli/options.h
// The command line as data: what to run, how, with which arguments.
// Layer: command.
#ifndef TG_LANG_CLI_OPTIONS_H
#define TG_LANG_CLI_OPTIONS_H

#include "vm/vm.h"

typedef enum { DO_FILE, DO_TEXT, DO_STDIN, DO_REPL, DO_HELP, DO_VERSION, DO_CHECK, DO_TEST, DO_EXPLAIN, DO_TRACE, DO_REPLAY } TgAction;
enum { DUMP_TOKENS = 1, DUMP_AST = 2, DUMP_BYTECODE = 4 };

typedef struct {
    TgAction action;
    const char *script; // DO_FILE: the path; DO_TEXT: the code
    char **args;        // of the script
    int arg_count;
    unsigned dump;      // DUMP_…; not 0: show instead of running
    TgOptions vm;
    bool doctor;        // --doctor
    struct TgTraceJob *trace; // of tg trace (trace.h), or NULL
    const char *record; // the file that the run is recorded in, or NULL
    const char *version; // of tg; main's
    int at;             // DO_CHECK, DO_TEST, DO_EXPLAIN, DO_TRACE, DO_REPLAY: argv from here on is the sub-command's
} TgCommand;

// Reads argv. False where it makes no sense: *problem is what is wrong (static text or an element of argv).
bool tg_command_parse(TgCommand *command, int argc, char **argv, const char **problem,
                      const char **culprit);
// One option of tg (what stands before the file): what is wrong with it, or NULL.
const char *tg_option_read(TgCommand *command, const char *argument);
// What to run, at argv[at], and its arguments: what is wrong with it, or NULL.
const char *tg_script_read(TgCommand *command, int argc, char **argv, int at);
// Why --sandbox cannot be had with the other options, or NULL.
const char *tg_option_clash(const TgCommand *command);
extern const char tg_usage[]; // the first line of the help
extern const char tg_help[];

#endif
