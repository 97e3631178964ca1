// lang/cli/schedules.h
// tg check --schedules: a script is run by every schedule that can matter.
// Layer: command.
#ifndef TG_LANG_CLI_SCHEDULES_H
#define TG_LANG_CLI_SCHEDULES_H

#include "lang/cli/options.h"

// Whether these arguments of `tg check` ask for it.
bool tg_schedules_wanted(int argc, char **argv, int at);
// The exit status: 0 nothing found, 1 findings, 2 it cannot be run, 3 stopped by a bound before it was complete.
int tg_schedules(const TgCommand *command, int argc, char **argv);

#endif
