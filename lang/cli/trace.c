// lang/cli/trace.c
// The command around a picture: its options, and that it is written however the run ends.
// Layer: command.
#include "lang/cli/trace.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

static const char trace_help[] =
    "usage: tg trace [options] file.tg [args...]\n"
    "\n"
    "Runs the script as usual and writes a picture of what its tasks did: who ran, who waited for what, whose\n"
    "messages went where, what failed and what that cancelled.\n"
    "\n"
    "  --format=html     one page that any browser opens, also without a net (what it does if nothing is said)\n"
    "  --format=svg      the same to print\n"
    "  --format=perfetto for https://ui.perfetto.dev and chrome://tracing\n"
    "  --format=text     a line for each thing that happened\n"
    "  -o FILE           where to; - is stdout (file.html, file.svg, file.json, file.txt)\n"
    "  --axis=steps      across the picture: each thing that happened is a step, or --axis=time (steps, where\n"
    "                    there are no more than 2000)\n"
    "  --limit=N         things that are kept (2000000); what happens after that is counted only\n"
    "\n"
    "And the options of tg: --virtual-time makes a run that waits instant, and its picture always the same.\n";

typedef enum { FORMAT_HTML, FORMAT_SVG, FORMAT_PERFETTO, FORMAT_TEXT } Format;
static const char *const format_names[] = {"html", "svg", "perfetto", "text"};
static const char *const endings[] = {".html", ".svg", ".json", ".txt"};
enum { AXIS_BY_ITSELF, AXIS_STEPS, AXIS_TIME, MOST_STEPS = 2000, LIMIT = 2000000 };

struct TgTraceJob {
    TgObserver last_words; // of a run that is ended by a third Ctrl-C
    Format format;
    int axis;
    uint32_t limit;
    const char *out;
    char *own_out; // `out`, where it was made here
    const char *title;
    bool is_virtual; // its time
    TgRecorder *recorder;
};

// ---- Options

static bool complain(const char *culprit, const char *problem) {
    fprintf(stderr, "tg trace: %s: %s\n%s", culprit, problem, trace_help);
    return false;
}

static bool read_format(TgTraceJob *job, const char *name) {
    for (int i = 0; name && i <= FORMAT_TEXT; i++) {
        if (strcmp(name, format_names[i]) != 0) continue;
        job->format = (Format)i;
        return true;
    }
    return complain("--format", "knows html, svg, perfetto and text");
}

static bool read_limit(TgTraceJob *job, const char *text) {
    char *end;
    unsigned long number = strtoul(text, &end, 10);
    if (*end || number < 1 || number > UINT32_MAX / 2) return complain("--limit", "needs a number from 1 on");
    job->limit = (uint32_t)number;
    return true;
}

// One option, and the argument behind it where it takes one (*at moves on).
static bool read_option(TgTraceJob *job, TgCommand *command, char **argv, int *at) {
    const char *argument = argv[*at];
    if (!strncmp(argument, "--format=", 9)) return read_format(job, argument + 9);
    if (!strcmp(argument, "--format")) return read_format(job, argv[++*at]);
    if (!strncmp(argument, "--limit=", 8)) return read_limit(job, argument + 8);
    if (!strcmp(argument, "--axis=steps")) return job->axis = AXIS_STEPS, true;
    if (!strcmp(argument, "--axis=time")) return job->axis = AXIS_TIME, true;
    if (!strcmp(argument, "-o")) {
        job->out = argv[++*at];
        return job->out || complain("-o", "needs the name of a file behind it");
    }
    const char *problem = tg_option_read(command, argument);
    return !problem || complain(argument, problem);
}

// a/b.tg -> a/b.html
static char *name_of_out(const TgTraceJob *job, const TgCommand *command) {
    const char *script = command->action == DO_FILE ? command->script : "trace.tg";
    size_t length = strlen(script);
    if (length > 3 && !strcmp(script + length - 3, ".tg")) length -= 3;
    char *name = NULL;
    return asprintf(&name, "%.*s%s", (int)length, script, endings[job->format]) < 0 ? NULL : name;
}

static bool read_all(TgTraceJob *job, TgCommand *command, int argc, char **argv) {
    int at = command->at;
    for (; at < argc && argv[at][0] == '-' && argv[at][1] && strcmp(argv[at], "-e") != 0; at++)
        if (!read_option(job, command, argv, &at)) return false;
    if (at >= argc) {
        fputs(trace_help, stderr);
        return false;
    }
    const char *problem = tg_script_read(command, argc, argv, at);
    if (problem) return complain(argv[at], problem);
    if ((problem = tg_option_clash(command))) return complain("--sandbox", problem);
    if (!job->out) job->out = job->own_out = name_of_out(job, command);
    job->title = command->action == DO_FILE ? command->script : command->action == DO_TEXT ? "-e" : "stdin";
    return job->out != NULL;
}

bool tg_trace_parse(TgCommand *command, int argc, char **argv, int *status) {
    *status = 2;
    if (command->at < argc && !strcmp(argv[command->at], "--help")) {
        fputs(trace_help, stdout);
        *status = 0;
        return false;
    }
    TgTraceJob *job = calloc(1, sizeof *job);
    if (!job) return false;
    job->limit = LIMIT;
    command->trace = job;
    command->vm.observed = true;
    return read_all(job, command, argc, argv);
}

// ---- The run

static bool prefers_steps(const TgTraceJob *job, const TgTimeline *timeline) {
    return job->format == FORMAT_PERFETTO ? job->is_virtual : timeline->count <= MOST_STEPS;
}

static bool write_picture(TgTraceJob *job) {
    static void (*const writers[])(const TgPicture *, FILE *) = {tg_trace_html, tg_trace_svg, tg_trace_perfetto, tg_trace_text};
    const TgTimeline *timeline = tg_recorder_finish(job->recorder);
    bool is_stdout = !strcmp(job->out, "-");
    FILE *file = is_stdout ? stdout : fopen(job->out, "w");
    if (file) {
        bool by_steps = job->axis == AXIS_BY_ITSELF ? prefers_steps(job, timeline) : job->axis == AXIS_STEPS;
        writers[job->format](&(TgPicture){timeline, job->title, by_steps}, file);
        bool is_good = !ferror(file) && fflush(file) == 0;
        if (!is_stdout) is_good = fclose(file) == 0 && is_good;
        if (is_good && !is_stdout) fprintf(stderr, "tg trace: %s\n", job->out);
        if (is_good) return true;
    }
    fprintf(stderr, "tg trace: %s could not be written: %s\n", job->out, strerror(errno));
    return false;
}

static void see(TgObserver *observer, TgVM *vm, const TgSeen *seen) {
    (void)vm;
    if (seen->kind == SEEN_PRESS && seen->how == 3) write_picture((TgTraceJob *)observer);
}

void tg_trace_begin(TgTraceJob *job, TgVM *vm) {
    job->is_virtual = vm->options.virtual_time;
    job->recorder = tg_recorder_new(vm, job->limit);
    if (!job->recorder) abort(); // as whoever has no memory for a few hundred bytes
    job->last_words.see = see;
    tg_observe(vm, &job->last_words);
}

bool tg_trace_end(TgTraceJob *job, TgVM *vm) {
    tg_observe_end(vm, &job->last_words);
    bool is_good = write_picture(job);
    tg_recorder_free(job->recorder);
    return is_good;
}

void tg_trace_free(TgTraceJob *job) {
    if (job) free(job->own_out);
    free(job);
}
