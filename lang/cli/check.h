// lang/cli/check.h
// tg check: a script is run once for each of its boundaries, and interrupted (or cancelled) there.
// Layer: command.
#ifndef TG_LANG_CLI_CHECK_H
#define TG_LANG_CLI_CHECK_H

#include "lang/cli/options.h"

// The exit status: 0 nothing found, 1 findings, 2 it cannot be run, 3 stopped by a bound before it was complete.
int tg_check(const TgCommand *command, int argc, char **argv);

#endif
