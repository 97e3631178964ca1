// lang/cli/repl.h
// Read, run, show: tg on a terminal.
// Layer: command.
#ifndef TG_LANG_CLI_REPL_H
#define TG_LANG_CLI_REPL_H

#include "lang/cli/options.h"

// Until the end of input or exit(). The exit status; dies of SIGTERM and SIGHUP.
int tg_repl(const TgCommand *command, const char *version);

#endif
