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

// Files are quoted behind import, names in help("let").
static char *without_quotes(const char *argument) {
    size_t length = strlen(argument);
    bool is_quoted = length >= 2 && strchr("\"'", argument[0]) && argument[length - 1] == argument[0];
    return is_quoted ? strndup(argument + 1, length - 2) : strdup(argument);
}

// ---- tasks ---------------------------------------------------------------------------------------

void tg_repl_list_tasks(Repl *repl) {
    TgBuffer text = {0};
    if (tg_session_count(repl->vm)) tg_sched_tree(repl->vm, &text);
    else tg_buffer_text(&text, "no task is running\n");
    tg_line_hide();
    if (text.data) fwrite(text.data, 1, text.length, stdout);
    fflush(stdout);
    tg_line_show();
    tg_buffer_free(&text);
}

static void list_tasks(Repl *repl, const char *argument) {
    (void)argument;
    tg_repl_list_tasks(repl);
}

static void interrupt_tasks(Repl *repl, const char *argument) {
    (void)argument;
    if (tg_session_count(repl->vm)) tg_repl_interrupt(repl);
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
    TgScriptText script = {.file = path, .text = text, .length = length, .is_session = true, .has_nursery = true, .color = tg_host_color(stderr)};
    bool unfinished;
    TgCode *code = tg_host_compile(repl->vm, repl->module, &script, &error, &unfinished);
    if (!code) fputs(error ? error : "out of memory\n", stderr);
    free(error);
    free(text);
    return code;
}

// In the session's own module. What it imports is relative to it while it runs.
static void load_file(Repl *repl, const char *argument) {
    char real[PATH_MAX], *path = without_quotes(argument);
    TgCode *code = path ? compile_file(repl, path) : NULL;
    if (code && realpath(path, real)) {
        repl->module->path = tg_string_c(repl->vm, real);
        tg_barrier(repl->vm, repl->module, tg_obj(repl->module->path));
    }
    if (code) tg_repl_run(repl, code, NULL);
    repl->module->path = NULL;
    free(path);
}

// ---- help and leaving ----------------------------------------------------------------------------------------

void tg_repl_doc(Repl *repl, const char *name) {
    TgBuffer text = {0}, of_value = {0};
    tg_host_load_modules(repl->vm);
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

static void doc(Repl *repl, const char *argument);
static void show_help(Repl *repl, const char *argument);

static const Command commands[] = {
    {"help", " [NAME]", "this list; or what NAME is", show_help, false},
    {"doc", " NAME", "what NAME is: print, List.push, math.sqrt, your own functions", doc, true},
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

// ---- finding one ---------------------------------------------------------------------------------

static void say_unknown(const char *name) {
    const char *near = tg_nearest(name, tg_repl_commands, COMMAND_COUNT);
    printf("there is no :%s; %s%s%s:help lists what there is\n", name, near ? "did you mean :" : "", near ? near : "", near ? "? " : "");
}

// The command of that name, or the only one that begins so. NULL: it was said which there are.
static const Command *find_command(const char *name) {
    const Command *found = NULL;
    TgBuffer several = {0};
    int count = 0;
    for (int i = 0; i < COMMAND_COUNT; i++) {
        if (strncmp(commands[i].name, name, strlen(name)) != 0) continue;
        bool is_whole = strlen(name) == strlen(commands[i].name);
        tg_buffer_format(&several, "%s:%s", count ? ", " : "", commands[i].name);
        found = &commands[i];
        count = is_whole ? 1 : count + 1;
        if (is_whole) break;
    }
    if (count == 0) say_unknown(name);
    if (count > 1) printf(":%s may be %s\n", name, several.data);
    tg_buffer_free(&several);
    return count == 1 ? found : NULL;
}

// ---- help ----------------------------------------------------------------------------------------

static void show_command(const Command *command) {
    printf("  :%s%-*s %s\n", command->name, (int)(14 - strlen(command->name)), command->argument, command->help);
}

static void doc(Repl *repl, const char *argument) {
    char *name = without_quotes(argument);
    const Command *command = name && *name == ':' ? find_command(name + 1) : NULL;
    if (command) show_command(command);
    else if (name && *name != ':') tg_repl_doc(repl, name);
    free(name);
}

static void show_help(Repl *repl, const char *argument) {
    if (*argument) {
        doc(repl, argument);
        return;
    }
    fputs(first_steps, stdout);
    for (int i = 0; i < COMMAND_COUNT; i++) show_command(&commands[i]);
    puts("\nThey may be shortened as long as it is clear which one is meant.");
}

// ---- the line ------------------------------------------------------------------------------------

// Cuts the next word off, and the blanks around it.
static char *cut_word(char **text) {
    static const char blanks[] = " \t\n";
    char *word = *text + strspn(*text, blanks);
    *text = word + strcspn(word, blanks);
    if (**text) *(*text)++ = '\0';
    *text += strspn(*text, blanks);
    return word;
}

void tg_repl_command(Repl *repl, const char *line) {
    char *copy = strdup(line), *argument = copy;
    if (!copy) return;
    for (size_t end = strlen(copy); end && isspace((unsigned char)copy[end - 1]);) copy[--end] = '\0';
    const char *name = cut_word(&argument);
    tg_out_flush(repl->vm, 1);
    const Command *command = find_command(*name ? name : "help");
    if (command && command->needs_argument && !*argument)
        printf(":%s%s: %s\n", command->name, command->argument, command->help);
    else if (command)
        command->run(repl, argument);
    fflush(stdout);
    free(copy);
}
