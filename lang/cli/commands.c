// lang/cli/commands.c
// The lines that begin with ':': a table, one function each.
// Layer: command.
#include <ctype.h>
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "lang/cli/repl_impl.h"
#include "stdlib/help.h"
#include "vm/api.h"
#include "vm/sched.h"
#include "vm/session.h"

typedef struct {
    const char *name, *argument, *help;
    void (*run)(Repl *repl, const char *argument);
    bool needs_argument;
} Command;

// ---- tasks ---------------------------------------------------------------------------------------

void tg_repl_list_tasks(Repl *repl) {
    TgBuffer text = {0};
    tg_sched_tree(repl->vm, &text);
    tg_line_hide();
    if (text.data) fwrite(text.data, 1, text.length, stdout);
    fflush(stdout);
    tg_line_show();
    tg_buffer_free(&text);
}

static void list_tasks(Repl *repl, const char *argument) {
    (void)argument;
    if (tg_session_count(repl->vm)) tg_repl_list_tasks(repl);
    else puts("no task is running");
}

static void interrupt_tasks(Repl *repl, const char *argument) {
    (void)argument;
    if (tg_session_count(repl->vm)) tg_session_interrupt(repl->vm);
    else puts("no task is running");
}

// "worker#3", "#3" or "3"
static void cancel_task(Repl *repl, const char *argument) {
    const char *hash = strrchr(argument, '#'), *digits = hash ? hash + 1 : argument;
    char *end;
    unsigned long id = strtoul(digits, &end, 10);
    bool is_number = isdigit((unsigned char)*digits) && *end == '\0' && id <= UINT32_MAX;
    TgTask *task = is_number ? tg_session_find(repl->vm, (uint32_t)id) : NULL;
    if (task) tg_task_cancel(repl->vm, task);
    else if (is_number) printf("no task has the number %s; :tasks shows them\n", digits);
    else printf("'%s' is no task's number; :tasks shows them: :cancel 3 cancels worker#3\n", argument);
}

// ---- expressions ---------------------------------------------------------------------------------

static bool evaluate(Repl *repl, const char *text, TgValue *value) {
    bool unfinished;
    TgCode *code = tg_repl_compile(repl, text, strlen(text), false, &unfinished);
    return code && tg_repl_run(repl, code, value);
}

static void show_type(Repl *repl, const char *text) {
    TgValue value;
    if (!evaluate(repl, text, &value)) return;
    if (tg_is_undef(value)) value = TG_NIL;
    TgClass *class_ = tg_class_of(repl->vm, value);
    printf("%s", class_->name->data);
    for (TgClass *super = class_->super; super; super = super->super) printf(" < %s", super->name->data);
    putchar('\n');
}

static double seconds_of(clockid_t clock) {
    struct timespec time;
    clock_gettime(clock, &time);
    return (double)time.tv_sec + (double)time.tv_nsec * 1e-9;
}

static void print_seconds(double seconds) {
    if (seconds < 1e-3) printf("%.0f us", seconds * 1e6);
    else if (seconds < 1) printf("%.3g ms", seconds * 1e3);
    else printf("%.3f s", seconds);
}

static void time_expression(Repl *repl, const char *text) {
    bool unfinished;
    TgCode *code = tg_repl_compile(repl, text, strlen(text), false, &unfinished);
    if (!code) return;
    TgValue value;
    double wall = seconds_of(CLOCK_MONOTONIC), cpu = seconds_of(CLOCK_PROCESS_CPUTIME_ID);
    bool is_good = tg_repl_run(repl, code, &value);
    wall = seconds_of(CLOCK_MONOTONIC) - wall;
    cpu = seconds_of(CLOCK_PROCESS_CPUTIME_ID) - cpu;
    if (is_good) tg_repl_show(repl, value);
    print_seconds(wall);
    printf(" (the processor: ");
    print_seconds(cpu);
    puts(")");
}

// ---- files ---------------------------------------------------------------------------------------

static TgCode *compile_file(Repl *repl, const char *path) {
    size_t length;
    char *text = tg_host_read(path, &length), *error;
    if (!text) {
        fprintf(stderr, "can't read %s: %s\n", path, strerror(errno));
        return NULL;
    }
    TgScriptText script = {.file = path, .text = text, .length = length, .is_session = true, .color = tg_host_color(stderr)};
    bool unfinished;
    TgCode *code = tg_host_compile(repl->vm, repl->module, &script, &error, &unfinished);
    if (!code) fputs(error ? error : "out of memory\n", stderr);
    free(error);
    free(text);
    return code;
}

// In the session's own module. What it imports is relative to it while it runs.
static void load_file(Repl *repl, const char *argument) {
    char real[PATH_MAX];
    TgCode *code = compile_file(repl, argument);
    if (!code) return;
    if (realpath(argument, real)) {
        repl->module->path = tg_string_c(repl->vm, real);
        tg_barrier(repl->vm, repl->module, tg_obj(repl->module->path));
    }
    tg_repl_run(repl, code, NULL);
    repl->module->path = NULL;
}

// ---- help ----------------------------------------------------------------------------------------

static void show_doc(Repl *repl, const char *name) {
    TgBuffer text = {0}, of_value = {0};
    bool is_known = tg_help_name(repl->vm, name, &text);
    TgCompleteIn in = tg_repl_names(repl);
    TgValue value = is_known ? TG_UNDEF : tg_complete_value(&in, name, strlen(name));
    if (!tg_is_undef(value)) tg_help_value(repl->vm, value, &of_value);
    const TgBuffer *shown = of_value.length ? &of_value : &text;
    if (shown->data) fwrite(shown->data, 1, shown->length, stdout);
    if (shown->length && shown->data[shown->length - 1] != '\n') putchar('\n');
    tg_buffer_free(&text);
    tg_buffer_free(&of_value);
}

static void quit(Repl *repl, const char *argument) {
    (void)argument;
    repl->over = true;
}

static void show_help(Repl *repl, const char *argument);

static const Command commands[] = {
    {"help", " [NAME]", "this list; or what NAME is", show_help, false},
    {"doc", " NAME", "what NAME is: print, List.push, math.sqrt, your own functions", show_doc, true},
    {"type", " EXPR", "the class of what EXPR gives", show_type, true},
    {"time", " EXPR", "how long EXPR takes", time_expression, true},
    {"load", " FILE", "run FILE here: its names are yours afterwards", load_file, true},
    {"reload", " [NAME]", "run imported files anew that have changed; or that one", tg_repl_reload, false},
    {"tasks", "", "the tasks that are running in the background", list_tasks, false},
    {"cancel", " ID", "cancel one of them", cancel_task, true},
    {"interrupt", "", "a Ctrl-C for all of them; as Ctrl-C twice at an empty prompt", interrupt_tasks, false},
    {"quit", "", "leave, as Ctrl-D does", quit, false},
};
enum { COMMAND_COUNT = sizeof commands / sizeof *commands };

const char *const tg_repl_commands[] = {"help", "doc",    "type",      "time", "load", "reload",
                                        "tasks", "cancel", "interrupt", "quit", NULL};
_Static_assert(sizeof tg_repl_commands / sizeof *tg_repl_commands == COMMAND_COUNT + 1, "a name for each command");

static const char first_steps[] = "Type an expression, see its value: 6 * 7. _ is the last one.\n"
                                  "Enter runs a statement once it is whole. TAB completes names.\n"
                                  "`spawn f()` runs on in the background while you type. Ctrl-C stops what runs.\n\n";

static void show_help(Repl *repl, const char *argument) {
    if (*argument) {
        show_doc(repl, argument);
        return;
    }
    fputs(first_steps, stdout);
    for (int i = 0; i < COMMAND_COUNT; i++)
        printf("  :%s%-*s %s\n", commands[i].name, (int)(14 - strlen(commands[i].name)), commands[i].argument, commands[i].help);
    puts("\nThey may be shortened as long as it is clear which one is meant.");
}

// ---- finding one ---------------------------------------------------------------------------------

// The command of that name, or the only one that begins so. NULL: said which there are.
static const Command *find_command(const char *name, size_t length) {
    const Command *found = NULL;
    TgBuffer several = {0};
    for (int i = 0; i < COMMAND_COUNT; i++) {
        if (strncmp(commands[i].name, name, length) != 0) continue;
        if (commands[i].name[length] == '\0') {
            tg_buffer_free(&several);
            return &commands[i];
        }
        tg_buffer_format(&several, "%s:%s", found ? ", " : "", commands[i].name);
        found = found ? &commands[COMMAND_COUNT] : &commands[i];
    }
    if (found == &commands[COMMAND_COUNT] && length) printf(":%.*s may be %s\n", (int)length, name, several.data);
    tg_buffer_free(&several);
    return length ? found : NULL;
}

void tg_repl_command(Repl *repl, const char *line) {
    char name[64], argument[4096];
    size_t length = strcspn(line, " \t\n");
    snprintf(name, sizeof name, "%.*s", (int)length, line);
    snprintf(argument, sizeof argument, "%s", line + length + strspn(line + length, " \t\n"));
    for (size_t end = strlen(argument); end && isspace((unsigned char)argument[end - 1]);) argument[--end] = '\0';
    tg_out_flush(repl->vm, 1);
    const Command *command = find_command(name, strlen(name));
    if (!command) {
        const char *near = tg_nearest(name, tg_repl_commands, COMMAND_COUNT);
        printf("there is no :%s; %s%s%s:help lists what there is\n", name, near ? "did you mean :" : "", near ? near : "", near ? "? " : "");
    } else if (command < commands + COMMAND_COUNT && command->needs_argument && !*argument) {
        printf(":%s%s: %s\n", command->name, command->argument, command->help);
    } else if (command < commands + COMMAND_COUNT) {
        command->run(repl, argument);
    }
    fflush(stdout);
}
