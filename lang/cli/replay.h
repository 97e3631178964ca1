// lang/cli/replay.h
// tg --record and tg replay.
// Layer: command.
#ifndef TG_LANG_CLI_REPLAY_H
#define TG_LANG_CLI_REPLAY_H

#include "lang/cli/options.h"
#include "vm/world.h"

// What `tg` and `tg replay` both do: runs a text; gives the exit status.
typedef int (*TgRunText)(const TgCommand *command, const char *file, const char *path, const char *text, size_t length);

// The options that the script is to be run with, which is recorded where that is asked for. False: it was said why not.
bool tg_record_begin(const TgCommand *command, const char *file, const char *path, const char *text, size_t length, TgOptions *options);

// The sub-command; its options stand at argv[command->at].
int tg_replay(const TgCommand *command, int argc, char **argv, TgRunText run);
// What is done with a VM that is about to replay.
void tg_replay_ready(TgVM *vm);

#endif
