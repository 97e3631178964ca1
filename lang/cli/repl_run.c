// lang/cli/repl_run.c
// A statement is compiled, run as the main task of a run of its own, and what it gave is shown.
// Layer: command.
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>

#include "lang/cli/pretty.h"
#include "lang/cli/repl_impl.h"
#include "lang/cli/style.h"
#include "vm/api.h"
#include "vm/code.h"

// What is kept for the session among the VM's values (0 is the module).
enum { KEEP_HELPER = 1, KEEP_ASKED = 2 };

// "{a: 1}" begins as a block does, and is none: a Map that somebody wants to see. In brackets it is read as one.
static char *as_map(const char *text) {
    static const char blanks[] = " \t\n";
    TgBuffer wrapped = {0};
    const char *inside = text + strspn(text, blanks);
    if (*inside++ != '{') return NULL;
    inside += strspn(inside, blanks);
    bool is_empty = *inside == '}' && inside[1 + strspn(inside + 1, blanks)] == '\0';
    if (!is_empty && tg_host_text_state(text, strlen(text)) != TEXT_WRONG) return NULL;
    tg_buffer_format(&wrapped, "(%s)", text);
    return wrapped.data;
}

TgTextState tg_repl_text_state(const char *text) {
    TgTextState state = tg_host_text_state(text, strlen(text));
    char *map = as_map(text);
    size_t length = map ? strlen(map) : 0;
    if (map && tg_host_text_state(map, length) == TEXT_WHOLE) state = TEXT_WHOLE;
    else if (map) state = tg_host_text_state(map, length - 1);
    free(map);
    return state;
}

static TgCode *compile_text(Repl *repl, const char *text, size_t length, bool may_go_on, bool *unfinished) {
    char *error;
    TgScriptText script = {.file = "<repl>",
                           .first_line = repl->lines + 1,
                           .text = text,
                           .length = length,
                           .is_session = true,
                           .has_nursery = true,
                           .color = tg_host_color(stderr)};
    TgCode *code = tg_host_compile(repl->vm, repl->module, &script, &error, unfinished);
    *unfinished = !code && *unfinished && may_go_on;
    if (!*unfinished) {
        for (const char *at = text; at; at = strchr(at + 1, '\n')) repl->lines++;
        if (!code) fputs(error ? error : "out of memory\n", stderr);
    }
    free(error);
    return code;
}

TgCode *tg_repl_compile(Repl *repl, const char *text, size_t length, bool may_go_on, bool *unfinished) {
    char *map = as_map(text);
    size_t map_length = map ? strlen(map) : 0;
    TgTextState as = map ? tg_host_text_state(map, map_length) : TEXT_WRONG;
    *unfinished = map && may_go_on && as == TEXT_WRONG && tg_host_text_state(map, map_length - 1) == TEXT_UNFINISHED;
    TgCode *code = NULL;
    if (!*unfinished)
        code = as == TEXT_WHOLE ? compile_text(repl, map, map_length, may_go_on, unfinished)
                                : compile_text(repl, text, length, may_go_on, unfinished);
    free(map);
    return code;
}

// What the run's end means for the session. True: it ended well.
static bool take_outcome(Repl *repl, const TgOutcome *outcome) {
    tg_out_flush(repl->vm, INFINITY);
    bool interrupted = outcome->end == RUN_SIGNAL && outcome->signal == TG_SIGINT;
    if (!tg_is_undef(outcome->error)) tg_report(repl->vm, outcome->error, stderr);
    else if (interrupted) fputs("Interrupted\n", stderr);
    if (outcome->end == RUN_EXIT) {
        repl->over = true;
        repl->status = outcome->status;
    } else if (outcome->end == RUN_SIGNAL && !interrupted) {
        repl->signal = outcome->signal;
    }
    return outcome->end == RUN_OK;
}

bool tg_repl_run(Repl *repl, TgCode *code, TgValue *value) {
    TgOutcome outcome = tg_run(repl->vm, code);
    bool is_good = take_outcome(repl, &outcome);
    tg_repl_note_modules(repl);
    if (value) *value = outcome.value;
    return is_good;
}

// ---- showing -------------------------------------------------------------------------------------

static int columns_of_terminal(void) {
    struct winsize size = {0};
    return ioctl(1, TIOCGWINSZ, &size) == 0 && size.ws_col > 3 ? size.ws_col : 80;
}

// C calls no code of the user's: a little function of tg asks the instances for their texts, in a task that Ctrl-C stops.
static const char helper_text[] = "fn _texts(values) => [str(value) for value in values]";

static TgValue helper(TgVM *vm) {
    if (tg_is_kind(vm->keep[KEEP_HELPER], OBJ_CLOSURE)) return vm->keep[KEEP_HELPER];
    TgModule *module = tg_module_new(vm, tg_string_c(vm, "repl"), NULL);
    TgScriptText text = {.file = "<repl>", .text = helper_text, .length = sizeof helper_text - 1};
    char *error;
    bool unfinished;
    TgCode *code = tg_host_compile(vm, module, &text, &error, &unfinished);
    free(error);
    vm->keep[KEEP_HELPER] = tg_obj(module); // its names live as long
    if (!code || tg_run(vm, code).end != RUN_OK) return TG_NIL;
    TgValue function = tg_module_get(module, tg_string_c(vm, "_texts"));
    ((TgClosure *)tg_as_obj(function))->fn.code->is_hidden = true; // traces begin at the user's own `str`
    return vm->keep[KEEP_HELPER] = function;
}

// The texts of the instances that were asked for, as a Map; TG_NIL where one could not tell.
static TgValue ask_for_texts(Repl *repl, TgList *asked) {
    TgVM *vm = repl->vm;
    vm->keep[KEEP_ASKED] = tg_obj(asked);
    TgValue function = helper(vm);
    if (!tg_is_kind(function, OBJ_CLOSURE)) return TG_NIL;
    TgOutcome outcome = tg_run_function(vm, function, &vm->keep[KEEP_ASKED], 1);
    if (!take_outcome(repl, &outcome) || !tg_is_kind(outcome.value, OBJ_LIST)) return TG_NIL;
    TgList *texts = (TgList *)tg_as_obj(outcome.value);
    TgMap *known = tg_map(vm);
    for (uint32_t i = 0; i < texts->count && i < asked->count; i++)
        tg_map_set(vm, known, asked->items[i], texts->items[i]);
    return tg_obj(known);
}

static void print_result(const TgBuffer *text, bool is_whole, bool color) {
    if (text->data) fwrite(text->data, 1, text->length, stdout);
    putchar('\n');
    if (!is_whole) printf("%s# shortened; print(_) shows all\n%s", color ? tg_style_begin(STYLE_FAINT) : "", color ? STYLE_END : "");
    fflush(stdout);
}

void tg_repl_show(Repl *repl, TgValue value) {
    TgVM *vm = repl->vm;
    if (tg_is_undef(value) || tg_is_nil(value)) return;
    tg_module_set(vm, repl->module, "_", value); // also what keeps it alive here
    TgList *asked = tg_list(vm, 0);
    TgPrettyHow how = {.columns = columns_of_terminal(), .known = TG_NIL, .asked = asked};
    TgBuffer text = {0};
    tg_pretty(vm, &text, value, &how);
    tg_buffer_free(&text);
    if (asked->count) how.known = ask_for_texts(repl, asked);
    if (repl->over || repl->signal) return;
    how.asked = NULL;
    how.color = tg_host_color(stdout);
    bool is_whole = tg_pretty(vm, &text, value, &how);
    print_result(&text, is_whole, how.color);
    tg_buffer_free(&text);
    vm->keep[KEEP_ASKED] = TG_NIL;
}
