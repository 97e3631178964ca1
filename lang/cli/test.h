// lang/cli/test.h
// tg test: runs the tests of files and says how they went (docs/testing.md).
// Layer: command.
#ifndef TG_LANG_CLI_TEST_H
#define TG_LANG_CLI_TEST_H

#include "lang/cli/options.h"

// argv from command->at on are the sub-command's. The exit status; does not return where a signal stopped it.
int tg_test(const TgCommand *command, int argc, char **argv);

#endif
