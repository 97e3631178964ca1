// lang/cli/options.c
// Reads the command line. Options stand before the file; all behind it is the script's.
// Layer: command.
#include "lang/cli/options.h"

#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

const char tg_usage[] = "usage: tg [options] [file.tg | -e code | -] [args...]\n";
const char tg_help[] =
    "\n"
    "  tg file.tg args...   run a script\n"
    "  tg -e 'code' args... run this text\n"
    "  tg - args...         run what stdin holds\n"
    "  tg                   on a terminal: read, run and show, statement by statement\n"
    "\n"
    "  tg check file.tg     try Ctrl-C at every boundary of a script (tg check --help)\n"
    "  tg test              run the tests of the files here, or of those that are named (tg test --help)\n"
    "  tg trace file.tg     run a script and draw what its tasks did (tg trace --help)\n"
    "  tg replay FILE       run again what --record=FILE recorded (tg replay --help)\n"
    "  tg explain TG0106    what an error means, with examples; without a code: all of them\n"
    "\n"
    "A file that is named like a sub-command of tg is run as ./name.\n"
    "\n"
    "Options:\n"
    "  --help, -h           this text\n"
    "  --version            the version\n"
    "  --dump=WHAT          show instead of running: tokens, ast, bytecode (with commas: several)\n"
    "  --max-memory=SIZE    LimitReached above it: 64M, 2G; exit status 4\n"
    "  --max-steps=N        the same after so many boundaries (calls, turns of loops, waits)\n"
    "  --max-time=DURATION  the same after so long: 500ms, 10s, 2min\n"
    "  --max-tasks=N        the same where more are alive at once\n"
    "  --max-output=SIZE    the same where more goes to stdout and stderr\n"
    "  --sandbox            no files, processes, sockets, environment: PermissionError\n"
    "  --seed=N             of the random numbers and of the order in which tasks run, from 1 on\n"
    "  --record=FILE        keeps what the run is told from outside, for tg replay FILE\n"
    "  --virtual-time       a clock that jumps to the next deadline when all tasks wait\n"
    "  --press=N[,M]        Ctrl-C at the N-th boundary of the run (and again at the M-th)\n"
    "  --cancel-at=N        the main task is cancelled at the N-th boundary\n"
    "  --doctor             explains a deadlock, and tasks that nothing will wake\n"
    "  --full-trace         traces show the library's own frames too\n"
    "  --slice=N            boundaries that a task runs at a time\n"
    "  --gc-stress          a whole garbage collection at every boundary; =steps: a small part of one\n"
    "  --gc-stats           says at the end how often and how long garbage collection held the script up\n"
    "\n"
    "Exit status: 0; 1 an error that nobody took; 2 what could not be run; 4 a limit;\n"
    "n of exit(n); or the signal that it died of.\n";

// Sub-commands that are promised: as files they are ./name from the first day on.
static const char *const reserved[] = {"watch", "fmt", "lsp", "doc", "bench", NULL};

// Digits only, and nothing behind them but `*rest`.
static bool read_number(const char *text, uint64_t *out, const char **rest) {
    if (!isdigit((unsigned char)*text)) return false;
    char *end;
    errno = 0;
    *out = strtoull(text, &end, 10);
    *rest = end;
    return errno == 0;
}

static bool read_count(const char *text, uint64_t *out) {
    const char *rest;
    return read_number(text, out, &rest) && !*rest && *out >= 1 && *out <= INT64_MAX;
}

// 64M, 2G, 100K or bytes.
static bool read_size(const char *text, size_t *out) {
    static const char units[] = "KMG";
    uint64_t number;
    const char *rest;
    if (!read_number(text, &number, &rest) || !number) return false;
    unsigned shift = 0;
    const char *unit = *rest ? strchr(units, toupper((unsigned char)*rest)) : NULL;
    if (unit) {
        shift = 10 * (unsigned)(unit - units + 1);
        rest++;
        if (*rest == 'B') rest++;
    }
    if (*rest || number > SIZE_MAX >> shift) return false;
    *out = (size_t)number << shift;
    return true;
}

// 500ms, 10s, 2min, 1h; a number alone is seconds.
static bool read_duration(const char *text, double *out) {
    static const struct {
        const char *name;
        double seconds;
    } units[] = {{"", 1}, {"s", 1}, {"ms", 1e-3}, {"us", 1e-6}, {"min", 60}, {"h", 3600}};
    if (!isdigit((unsigned char)*text)) return false;
    char *end;
    double number = strtod(text, &end);
    for (size_t i = 0; i < sizeof units / sizeof *units; i++)
        if (!strcmp(end, units[i].name)) return *out = number * units[i].seconds, *out > 0 && *out < 1e12;
    return false;
}

static bool read_presses(const char *text, uint64_t press[2]) {
    const char *rest;
    if (!read_number(text, &press[0], &rest) || press[0] < 1) return false;
    if (!*rest) return true;
    return *rest == ',' && read_count(rest + 1, &press[1]);
}

static bool read_dump(const char *text, unsigned *out) {
    static const char *const names[] = {"tokens", "ast", "bytecode"};
    for (;;) {
        size_t length = strcspn(text, ",");
        unsigned found = 0;
        for (unsigned i = 0; i < 3; i++) {
            if (strlen(names[i]) == length && !memcmp(names[i], text, length)) found = 1u << i;
        }
        if (!found) return false;
        *out |= found;
        if (!text[length]) return true;
        text += length + 1;
    }
}

// The value of --name=value, or NULL where `argument` is another option.
static const char *value_of(const char *argument, const char *name) {
    size_t length = strlen(name);
    return !strncmp(argument, name, length) && argument[length] == '=' ? argument + length + 1 : NULL;
}

static const char *read_seed(TgCommand *command, const char *value) {
    if (!read_count(value, &command->vm.seed)) return "needs a number from 1 on";
    command->vm.shuffle = command->vm.seed;
    return NULL;
}

const char *tg_option_read(TgCommand *command, const char *argument) {
    const char *value;
    if ((value = value_of(argument, "--record"))) return *value ? command->record = value, NULL : "needs the name of a file";
    if (!strcmp(argument, "--help") || !strcmp(argument, "-h")) command->action = DO_HELP;
    else if (!strcmp(argument, "--version")) command->action = DO_VERSION;
    else if (!strcmp(argument, "--virtual-time")) command->vm.virtual_time = true;
    else if (!strcmp(argument, "--doctor")) command->doctor = command->vm.observed = true;
    else if (!strcmp(argument, "--full-trace")) command->vm.full_trace = true;
    else if (!strcmp(argument, "--gc-stress")) command->vm.gc_stress = 1;
    else if (!strcmp(argument, "--gc-stress=steps")) command->vm.gc_stress = 2;
    else if (!strcmp(argument, "--gc-stats")) command->vm.gc_stats = true;
    else if (!strcmp(argument, "--sandbox")) command->vm.sandbox = true;
    else if ((value = value_of(argument, "--slice"))) {
        if (!read_count(value, &command->vm.slice)) return "needs a number from 1 on";
    } else if ((value = value_of(argument, "--seed"))) {
        return read_seed(command, value);
    } else if ((value = value_of(argument, "--max-memory"))) {
        if (!read_size(value, &command->vm.max_memory)) return "needs a size, as 64M";
    } else if ((value = value_of(argument, "--max-steps"))) {
        if (!read_count(value, &command->vm.max_steps)) return "needs a number from 1 on";
    } else if ((value = value_of(argument, "--max-time"))) {
        if (!read_duration(value, &command->vm.max_time)) return "needs a time, as 500ms, 10s or 2min";
    } else if ((value = value_of(argument, "--max-tasks"))) {
        if (!read_count(value, &command->vm.max_tasks)) return "needs a number from 1 on";
    } else if ((value = value_of(argument, "--max-output"))) {
        size_t size;
        if (!read_size(value, &size)) return "needs a size, as 1M";
        command->vm.max_output = size;
    } else if ((value = value_of(argument, "--press"))) {
        if (!read_presses(value, command->vm.press)) return "needs the number of a boundary, or two: --press=12,30";
        command->vm.stepping = true;
    } else if ((value = value_of(argument, "--cancel-at"))) {
        if (!read_count(value, &command->vm.cancel_at)) return "needs the number of a boundary";
        command->vm.stepping = true;
    } else if ((value = value_of(argument, "--dump"))) {
        if (!read_dump(value, &command->dump)) return "knows tokens, ast and bytecode";
    } else {
        return "no such option";
    }
    return NULL;
}

// Of these the value may also be the next word.
static bool has_value_behind(const char *argument) { return !strcmp(argument, "--record") || !strcmp(argument, "--seed"); }

static const char *read_two(TgCommand *command, const char *name, const char *value) {
    if (!strcmp(name, "--record")) return command->record = value, NULL;
    return read_seed(command, value);
}

const char *tg_script_read(TgCommand *command, int argc, char **argv, int at) {
    if (at == argc) {
        command->action = isatty(0) && !command->dump ? DO_REPL : DO_STDIN;
        return NULL;
    }
    command->script = argv[at];
    if (!strcmp(argv[at], "-")) {
        command->action = DO_STDIN;
    } else if (!strcmp(argv[at], "-e")) {
        if (++at == argc) return "needs the code to run behind it";
        command->action = DO_TEXT;
        command->script = argv[at];
    } else if (!strcmp(argv[at], "check")) {
        command->action = DO_CHECK;
        command->at = at + 1;
    } else if (!strcmp(argv[at], "test")) {
        command->action = DO_TEST;
        command->at = at + 1;
    } else if (!strcmp(argv[at], "trace")) {
        command->action = DO_TRACE;
        command->at = at + 1;
    } else if (!strcmp(argv[at], "replay")) {
        command->action = DO_REPLAY;
        command->at = at + 1;
    } else if (!strcmp(argv[at], "explain")) {
        command->action = DO_EXPLAIN;
        command->at = at + 1;
    } else {
        command->action = DO_FILE;
        for (size_t i = 0; reserved[i]; i++) {
            if (strcmp(argv[at], reserved[i])) continue;
            return "no such sub-command yet; a file of this name is run with ./ before it";
        }
    }
    command->args = argv + at + 1;
    command->arg_count = argc - at - 1;
    return NULL;
}

const char *tg_option_clash(const TgCommand *command) {
    return command->vm.sandbox && command->record ? "does not go with --record, which writes a file" : NULL;
}

// What is wrong with an option where it stands, or NULL.
static const char *find_misfit(const TgCommand *command, bool is_run, const char **culprit) {
    *culprit = "--sandbox";
    if (command->vm.sandbox && !is_run) return "is for running a script; sub-commands and the REPL need files";
    const char *clash = tg_option_clash(command);
    if (clash) return clash;
    *culprit = "--record";
    return command->record && !is_run ? "is for running a script" : NULL;
}

bool tg_command_parse(TgCommand *command, int argc, char **argv, const char **problem,
                      const char **culprit) {
    *command = (TgCommand){.action = DO_FILE, .vm = tg_vm_defaults()};
    int at = 1;
    *problem = *culprit = NULL;
    while (at < argc && argv[at][0] == '-' && argv[at][1] && strcmp(argv[at], "-e")) {
        *culprit = argv[at++];
        if (!strcmp(*culprit, "--")) break;
        *problem = has_value_behind(*culprit) && at < argc ? read_two(command, *culprit, argv[at++]) : tg_option_read(command, *culprit);
        if (*problem) return false;
        if (command->action != DO_FILE) return true; // help and version stand for themselves
    }
    if (at < argc) *culprit = argv[at];
    *problem = tg_script_read(command, argc, argv, at);
    bool is_run = command->action == DO_FILE || command->action == DO_TEXT || command->action == DO_STDIN;
    if (!*problem) *problem = find_misfit(command, is_run, culprit);
    return !*problem;
}
