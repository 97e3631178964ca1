// lang/cli/replay.c
// tg --record=FILE keeps what a run was told by the world outside (vm/world.h); tg replay FILE runs it again.
// Layer: command.
#include "lang/cli/replay.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "lang/cli/host.h"
#include "vm/sched.h"

enum { CANNOT_RUN = 2 };

static const char replay_help[] =
    "usage: tg replay [--until=N] RECORDING\n"
    "\n"
    "Runs a script again as it ran when tg --record=RECORDING recorded it: with the same output, the same times, the\n"
    "same Ctrl-C at the same place, and the same end. Nothing is read, written, asked or waited for.\n"
    "\n"
    "  --until=N         only to that place of the run, and shows the tasks there\n"
    "\n"
    "Exit status: that of the run; 2 the recording cannot be replayed; 3 the replay broke off: the recording is not\n"
    "whole, or the run went another way.\n";

// ---- Recording

bool tg_record_begin(const TgCommand *command, const char *file, const char *path, const char *text, size_t length, TgOptions *options) {
    char folder[PATH_MAX] = "";
    *options = command->vm;
    if (options->world || !command->record) return true;
    options->world = tg_world_record(command->record);
    if (!options->world) {
        fprintf(stderr, "tg: %s: %s\n", command->record, strerror(errno));
        return false;
    }
    tg_host_look(options);
    TgWorldScript script = {.version = command->version, .path = path, .name = file, .text = text, .length = length,
                            .folder = getcwd(folder, sizeof folder) ? folder : "", .args = command->args, .arg_count = command->arg_count, .doctor = command->doctor};
    tg_world_begin(options->world, &script, options);
    return true;
}

// ---- Replaying

static int refuse(const char *file, const char *why) {
    fprintf(stderr, "tg replay: %s: %s\n", file, why);
    return CANNOT_RUN;
}

static bool is_same_source(const char *path, uint64_t hash) {
    size_t length;
    char *text = tg_host_read(path, &length);
    bool is_same = text && tg_world_hash(text, length) == hash;
    if (!is_same)
        fprintf(stderr, "tg replay: %s %s: the recording is of the text as it was then\n", path, text ? "has changed since" : "is not there any more");
    free(text);
    return is_same;
}

// Only as far as that: the tasks are shown.
static void show_tasks(TgVM *vm) {
    TgBuffer text = {0};
    TgCode *code = NULL;
    tg_out_flush(vm, 1);
    uint32_t line = vm->current ? tg_task_place(vm->current, &code).line : 0;
    if (code && code->file) tg_buffer_format(&text, "tg replay: here, at %s:%u\n", code->file->data, line);
    tg_sched_tree(vm, &text);
    fwrite(text.data, 1, text.length, stderr);
    fflush(NULL);
    _exit(0);
}

void tg_replay_ready(TgVM *vm) {
    if (tg_world_replays(vm)) vm->stop = show_tasks;
}

static int run_script(const char *file, TgCommand *command, const TgWorldScript *script, TgRunText run) {
    size_t length = script->length;
    char *own = NULL;
    if (strcmp(script->version, command->version) != 0) {
        fprintf(stderr, "tg replay: %s: it was recorded by tg %s, this is tg %s\n", file, script->version, command->version);
        return CANNOT_RUN;
    }
    if (script->path && chdir(script->folder) != 0) {
        fprintf(stderr, "tg replay: %s: the folder that the script was run in cannot be gone to: %s: %s\n", file, script->folder, strerror(errno));
        return CANNOT_RUN;
    }
    if (script->path && !is_same_source(script->path, script->hash)) return CANNOT_RUN;
    if (!tg_world_each_source(command->vm.world, is_same_source)) return CANNOT_RUN;
    if (script->path && !(own = tg_host_read(script->path, &length))) return refuse(script->path, strerror(errno));
    command->args = script->args;
    command->arg_count = script->arg_count;
    command->doctor = script->doctor;
    command->action = DO_FILE;
    int status = run(command, script->name, script->path, own ? own : script->text, length);
    free(own);
    return status;
}

static bool read_place(const char *argument, uint64_t *place) {
    char *rest;
    if (strncmp(argument, "--until=", 8) != 0) return false;
    *place = strtoull(argument + 8, &rest, 10);
    return *place > 0 && !*rest;
}

int tg_replay(const TgCommand *given, int argc, char **argv, TgRunText run) {
    TgCommand command = *given;
    TgWorldScript script;
    const char *problem;
    uint64_t until = 0;
    int at = command.at;
    if (at < argc && !strcmp(argv[at], "--help")) return fputs(replay_help, stdout), 0;
    for (; at < argc && argv[at][0] == '-'; at++)
        if (!read_place(argv[at], &until)) return refuse(argv[at], "no such option; tg replay --help");
    if (at + 1 != argc) return fputs(replay_help, stderr), CANNOT_RUN;
    command.vm.world = tg_world_replay(argv[at], &script, &command.vm, &problem);
    if (!command.vm.world) return refuse(argv[at], problem);
    tg_world_stop_at(command.vm.world, until);
    int status = run_script(argv[at], &command, &script, run);
    tg_world_free(command.vm.world);
    return status;
}
