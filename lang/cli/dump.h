// lang/cli/dump.h
// --dump: what the front end makes of a text, step by step.
// Layer: command.
#ifndef TG_LANG_CLI_DUMP_H
#define TG_LANG_CLI_DUMP_H

#include "lang/cli/host.h"

// Shows `what` (DUMP_…) of the text on stdout, diagnostics on stderr. The exit status.
int tg_dump(TgVM *vm, TgModule *module, const TgScriptText *text, unsigned what);

#endif
