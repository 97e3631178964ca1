// stdlib/process.c
// The module process, its C half: the Child, how it is begun and how its end is waited for, and the functions scripts call with all
// their options (process.tg says what these do; it is handed their options, checked, as one List).
//
// A Child is a resource. Its end is learnt by whoever asks first: from then on its number is no longer looked at, it may be another
// process's. One that leads a group keeps its number until it is finished with, for the group has that name.
//
// Layer: library.
#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

#include "stdlib/child.h"
#include "stdlib/ioerror.h"
#include "stdlib/lib.h"
#include "stdlib/spawn.h"

// ---- The Child as a value

static void forget(TgVM *vm, TgChild *child) {
    if (child->pidfd >= 0) tg_world_close(vm, child->pidfd);
    child->pidfd = -1;
    if (child->is_counted) tg_outside_lives(vm, -1);
    child->is_counted = false;
}

// Whether it has ended; learns it where that is new.
static bool has_ended(TgVM *vm, TgChild *child) {
    TgSpawnEnd end = {0};
    if (child->has_ended) return true;
    if (!TG_ASK_DATA(vm, CHILD, tg_spawn_ended(child->pid, child->has_group, &end), &end, sizeof end)) return false;
    child->has_ended = true;
    child->is_reaped = !child->has_group;
    child->status = end.signal ? -end.signal : end.status;
    tg_wake_all(vm, &child->waiting, TG_NIL); // before its descriptor is closed: they watch it
    if (!child->has_group) forget(vm, child);
    return true;
}

static void child_mark(TgVM *vm, TgResource *resource) {
    TgChild *child = (TgChild *)resource;
    tg_gc_mark_obj(vm, child->program);
    for (int i = 0; i < 3; i++) tg_gc_mark_obj(vm, child->streams[i]);
}

static void child_release(TgVM *vm, TgResource *resource) {
    TgChild *child = (TgChild *)resource;
    bool is_there = child->has_group ? !child->is_finished : !child->has_ended;
    if (child->pid && is_there && !tg_world_replays(vm)) tg_spawn_discard(child->pid, child->has_group);
    forget(vm, child);
}

static void child_text(TgVM *vm, const TgResource *resource, TgBuffer *out) {
    const TgChild *child = (const TgChild *)resource;
    (void)vm;
    tg_buffer_text(out, "<Child ");
    tg_text_quote(out, child->program);
    tg_buffer_format(out, " %d>", child->pid);
}

static TgValue stream_value(const TgChild *child, int which) {
    return child->streams[which] ? tg_obj(child->streams[which]) : TG_NIL;
}

static TgValue signal_value(TgVM *vm, const TgChild *child) {
    if (child->status >= 0) return TG_NIL;
    const char *name = tg_spawn_signal_name(-child->status);
    return tg_obj(name ? tg_string_c(vm, name) : tg_string_format(vm, "%d", -child->status));
}

static bool child_property(TgVM *vm, TgResource *resource, const TgString *name, TgValue *out) {
    TgChild *child = (TgChild *)resource;
    const char *text = name->data;
    if (!strcmp(text, "pid")) *out = tg_int(child->pid);
    else if (!strcmp(text, "program")) *out = tg_obj(child->program);
    else if (!strcmp(text, "stdin")) *out = stream_value(child, 0);
    else if (!strcmp(text, "stdout")) *out = stream_value(child, 1);
    else if (!strcmp(text, "stderr")) *out = stream_value(child, 2);
    else if (!strcmp(text, "status")) *out = has_ended(vm, child) ? tg_int(child->status) : TG_NIL;
    else if (!strcmp(text, "signal")) *out = has_ended(vm, child) ? signal_value(vm, child) : TG_NIL;
    else if (!strcmp(text, "grace")) *out = tg_float(child->grace);
    else return false;
    return true;
}

const TgResourceType tg_child_type = {
    .size = sizeof(TgChild),
    .release = child_release,
    .mark = child_mark,
    .text = child_text,
    .property = child_property,
};

// ---- What scripts do with it

static TgChild *self_of(TgCall *call) { return (TgChild *)tg_as_obj(call->args[0]); }

// TG_DONE: it has ended. Else what the native returns; it is entered again at `step`.
static TgResult await_end(TgCall *call, TgChild *child, int step) {
    enum { PAUSE_MILLISECONDS = 10 };
    if (has_ended(call->vm, child)) return TG_DONE;
    TgWaitFor what = {"waiting for the end of", child, &child->waiting};
    if (child->pidfd >= 0) return tg_park_on_fd(call, &what, child->pidfd, false, step);
    return tg_park_until_then(call, tg_now(call->vm) + PAUSE_MILLISECONDS * 1e-3, step); // a system without pidfds
}

static TgResult child_wait(TgCall *call) {
    TgResult result = await_end(call, self_of(call), 1);
    return result == TG_DONE ? tg_return(call, tg_int(self_of(call)->status)) : result;
}

static bool signal_argument(TgCall *call, int index, int *signal) {
    TgValue value = call->args[index];
    *signal = tg_spawn_signal("TERM");
    if (!tg_given(call, index)) return true;
    if (tg_is_int(value) && tg_as_int(value) > 0 && tg_as_int(value) <= 64) return *signal = (int)tg_as_int(value), true;
    *signal = tg_is_kind(value, OBJ_STRING) ? tg_spawn_signal(((TgString *)tg_as_obj(value))->data) : 0;
    if (*signal) return true;
    tg_error_raise(call->vm, TG_ERR_ValueError, "kill(): there is no signal %s; \"TERM\", \"KILL\", \"HUP\" are some",
                   tg_lib_show(call->vm, value));
    return false;
}

static bool tell(TgVM *vm, int pid, bool group, int signal) { return TG_ASK(vm, KILL, tg_spawn_kill(pid, group, signal)) != 0; }

static TgResult child_kill(TgCall *call) {
    TgChild *child = self_of(call);
    int signal;
    if (!signal_argument(call, 1, &signal)) return TG_RAISED;
    bool is_there = child->has_group ? !child->is_finished : !has_ended(call->vm, child);
    return tg_return(call, tg_bool(is_there && tell(call->vm, child->pid, child->has_group, signal)));
}

static void reap(const TgVM *vm, TgChild *child) {
    TgSpawnEnd end;
    if (!child->is_reaped && !tg_world_replays(vm)) tg_spawn_ended(child->pid, false, &end);
    child->is_reaped = true;
}

// The last of it: nothing of it runs when this is over, its number is the system's again, its streams are closed.
static TgResult child_finish(TgCall *call) {
    enum { KILL = 9 };
    TgChild *child = self_of(call);
    if (!child->is_finished && (child->has_group || !has_ended(call->vm, child))) tell(call->vm, child->pid, child->has_group, KILL);
    TgResult result = await_end(call, child, 1);
    if (result != TG_DONE) return result;
    if (child->has_group && !child->is_finished) {
        tell(call->vm, child->pid, true, KILL); // who was born meanwhile
        reap(call->vm, child);
        forget(call->vm, child);
    }
    child->is_finished = true;
    for (int i = 0; i < 3; i++)
        if (child->streams[i]) tg_stream_drop(call->vm, child->streams[i]);
    return tg_return(call, TG_NIL);
}

// Whether others of its group are there, once it has ended itself. Is asked when it is to be finished with, soon.
static TgResult child_has_others(TgCall *call) {
    TgChild *child = self_of(call);
    if (!child->has_group || child->is_finished || !has_ended(call->vm, child)) return tg_return(call, TG_FALSE);
    reap(call->vm, child); // it would count as one of them
    return tg_return(call, tg_bool(TG_ASK(call->vm, CHILD, tg_spawn_group_lives(child->pid)) != 0));
}

// Whether the terminal has told it to end, as it has us.
static TgResult child_was_told(TgCall *call) {
    TgChild *child = self_of(call);
    return tg_return(call, tg_bool(!child->has_group && tg_is_interrupted(call->vm) && TG_ASK(call->vm, CHILD, tg_spawn_is_foreground())));
}

static const TgNativeDef methods[] = {
    {"wait()", child_wait, "Waits for its end and gives its status: 0 is success, -n that signal n ended it."},
    {"kill(signal = \"TERM\")", child_kill, "Sends it a signal (all of its group, where it has one); false where it has ended already."},
    {0},
};

TgClass *tg_child_class(TgVM *vm) {
    bool is_new;
    TgClass *class_ = tg_library_class(vm, "Child", NULL, &is_new);
    if (is_new) tg_register_methods(vm, class_, methods);
    if (is_new) tg_class_finish(vm, class_);
    return class_;
}

// ---- The functions and their options

// In this order process.tg gets them.
typedef enum { CMD, ARGS, STDIN, STDOUT, STDERR, SECONDS, ENV, CWD, CHECK, BINARY, GROUP, GRACE, OPTIONS } Option;

static bool wrong(TgCall *call, const char *function, const char *name, const char *wanted, TgValue value) {
    tg_error_raise(call->vm, TG_ERR_TypeError, "%s(): '%s' has to be %s, not %s", function, name, wanted, TG_SHOW(call->vm, value));
    return false;
}

static bool all_strings(const TgList *list) {
    for (uint32_t i = 0; i < list->count; i++)
        if (!tg_is_kind(list->items[i], OBJ_STRING)) return false;
    return true;
}

static bool check_args(TgCall *call, const char *function, TgValue value) {
    bool is_list = tg_is_kind(value, OBJ_LIST);
    if (is_list && all_strings((TgList *)tg_as_obj(value))) return true;
    if (is_list) return wrong(call, function, "args", "a List of Strings; \"{x}\" makes one of a number", value);
    return wrong(call, function, "args", "a List, as [\"-l\", path]", value);
}

static bool check_env(TgCall *call, const char *function, TgValue value) {
    uint32_t position = 0;
    bool is_good = tg_is_kind(value, OBJ_MAP);
    for (TgMapEntry *at; is_good && (at = tg_map_next((TgMap *)tg_as_obj(value), &position));)
        is_good = tg_is_kind(at->key, OBJ_STRING) && (tg_is_nil(at->value) || tg_is_kind(at->value, OBJ_STRING));
    return is_good || wrong(call, function, "env", "a Map of Strings (nil takes a variable away)", value);
}

static bool check_seconds(TgCall *call, const char *function, const char *name, TgValue value) {
    bool is_number = (tg_is_int(value) && tg_as_int(value) >= 0) || (tg_is_float(value) && tg_as_float(value) >= 0);
    return is_number || wrong(call, function, name, "seconds, 0 or more", value);
}

// `stdin:` of run and pipeline: also what is to be written to it.
static bool check_end(TgCall *call, const char *function, Option option, bool is_text, TgValue value) {
    static const char *const names[] = {[STDIN] = "stdin", [STDOUT] = "stdout", [STDERR] = "stderr"};
    if (tg_stream_of(value) || (is_text && tg_is_kind(value, OBJ_BYTES))) return true;
    if (tg_is_kind(value, OBJ_STRING)) {
        const char *text = ((TgString *)tg_as_obj(value))->data;
        bool is_word = !strcmp(text, "pipe") || !strcmp(text, "inherit") || !strcmp(text, "null");
        if (is_text || is_word || (option == STDERR && !strcmp(text, "stdout"))) return true;
    }
    const char *wanted = is_text            ? "what it shall read (a String or Bytes) or a stream"
                         : option == STDERR ? "\"pipe\", \"inherit\", \"null\", \"stdout\" or a stream"
                                            : "\"pipe\", \"inherit\", \"null\" or a stream";
    return wrong(call, function, names[option], wanted, value);
}

static bool check_cmd(TgCall *call, const char *function, TgValue value) {
    if (tg_is_kind(value, OBJ_STRING)) return true;
    bool is_list = tg_is_kind(value, OBJ_LIST);
    return wrong(call, function, "cmd", is_list ? "the program alone, a String; the List of its arguments is the next one" : "a String", value);
}

static bool check_option(TgCall *call, const char *function, Option option, bool reads_text, TgValue value) {
    static const char *const flags[] = {[CHECK] = "check", [BINARY] = "binary", [GROUP] = "group"};
    switch (option) {
    case CMD: return check_cmd(call, function, value);
    case ARGS: return check_args(call, function, value);
    case STDIN: return check_end(call, function, option, reads_text, value);
    case STDOUT:
    case STDERR: return check_end(call, function, option, false, value);
    case SECONDS: return check_seconds(call, function, "timeout", value);
    case GRACE: return check_seconds(call, function, "grace", value);
    case ENV: return check_env(call, function, value);
    case CWD: return tg_is_kind(value, OBJ_STRING) || wrong(call, function, "cwd", "a String", value);
    default: return tg_is_bool(value) || wrong(call, function, flags[option], "true or false", value);
    }
}

// Goes on in process.tg's function of that name. `order` says which option each parameter is, OPTIONS at its end.
static TgResult go_on(TgCall *call, const char *function, const uint8_t *order) {
    TgVM *vm = call->vm;
    TgValue options[OPTIONS];
    for (int i = 0; i < OPTIONS; i++) options[i] = TG_NIL;
    for (int i = 0; order[i] != OPTIONS; i++) {
        if (!tg_lib_given(call, i) && order[i] != CMD) continue;
        bool reads_text = strcmp(function, "spawn") != 0;
        bool is_list = order[i] == CMD && !strcmp(function, "pipeline"); // of commands: process.tg looks at each
        if (!is_list && !check_option(call, function, (Option)order[i], reads_text, call->args[i])) return TG_RAISED;
        options[order[i]] = call->args[i];
    }
    char name[32];
    snprintf(name, sizeof name, "process.%s", function);
    TgValue list = tg_obj(tg_list_of(vm, options, OPTIONS));
    return tg_call(call, tg_library_kept(vm, name), &list, 1, 0);
}

static TgResult process_run(TgCall *call) {
    static const uint8_t order[] = {CMD, ARGS, STDIN, STDOUT, STDERR, SECONDS, ENV, CWD, CHECK, BINARY, GROUP, GRACE, OPTIONS};
    return go_on(call, "run", order);
}

static TgResult process_shell(TgCall *call) {
    static const uint8_t order[] = {CMD, STDIN, STDOUT, STDERR, SECONDS, ENV, CWD, CHECK, BINARY, GROUP, GRACE, OPTIONS};
    return go_on(call, "shell", order);
}

static TgResult process_spawn(TgCall *call) {
    static const uint8_t order[] = {CMD, ARGS, STDIN, STDOUT, STDERR, ENV, CWD, BINARY, GROUP, GRACE, OPTIONS};
    return go_on(call, "spawn", order);
}

static TgResult process_pipeline(TgCall *call) {
    static const uint8_t order[] = {CMD, STDIN, SECONDS, ENV, CWD, CHECK, BINARY, GRACE, OPTIONS};
    return go_on(call, "pipeline", order);
}

// The functions of process.tg that the ones above go on in.
static TgResult process_keep(TgCall *call) {
    char name[32];
    snprintf(name, sizeof name, "process.%s", ((TgString *)tg_as_obj(call->args[0]))->data);
    tg_library_keep(call->vm, name, call->args[1]);
    return tg_return(call, TG_NIL);
}

const TgNativeDef tg_lib_process_members[] = {
    {"run(cmd, args = [], stdin: nil, stdout: \"pipe\", stderr: \"pipe\", timeout: nil, env: nil, cwd: nil, check: false, binary: "
     "false, group: false, grace: 2)",
     process_run, "Runs a program to its end and gives a Result: its status, and what it wrote."},
    {"shell(command, stdin: nil, stdout: \"pipe\", stderr: \"pipe\", timeout: nil, env: nil, cwd: nil, check: false, binary: false, "
     "group: true, grace: 2)",
     process_shell, "Runs a line of the shell to its end, as run(); all that it began is ended with it."},
    {"spawn(cmd, args = [], stdin: \"pipe\", stdout: \"pipe\", stderr: \"inherit\", env: nil, cwd: nil, binary: false, group: false, "
     "grace: 2)",
     process_spawn, "Begins a program and gives a Child, for a `with`: whatever ends the block ends the program."},
    {"pipeline(commands, stdin: nil, timeout: nil, env: nil, cwd: nil, check: false, binary: false, grace: 2)", process_pipeline,
     "Runs several programs, each reading what the one before it writes; a Result of the last, with the statuses of all."},
    {0},
};

static const TgNativeDef hidden[] = {
    {"_start(options)", tg_child_start, "A Child."},
    {"_finish(child)", child_finish, "Ends what is left of it."},
    {"_has_others(child)", child_has_others, "Whether its group lives on."},
    {"_was_told(child)", child_was_told, "Whether the terminal's Ctrl-C was also for it."},
    {"_keep(name, function)", process_keep, "For natives."},
    {0},
};

void tg_lib_process(TgVM *vm, TgModule *module) {
    tg_register_members(vm, module, tg_lib_process_members);
    tg_register_members(vm, module, hidden);
    tg_module_set(vm, module, "Child", tg_obj(tg_child_class(vm)));
}
