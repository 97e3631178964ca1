// lang/cli/host.c
// Text to code through the front end, and a VM that has all it needs.
// Layer: command.
#include "lang/cli/host.h"

#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "lang/lang.h"
#include "stdlib/lib.h"
#include "stdlib/registry.h"
#include "vm/api.h"
#include "vm/bigint.h"
#include "vm/run.h"
#include "vm/sched.h"
#include "vm/world.h"

// ---- text to code --------------------------------------------------------------------------------

// The names that a session has already. Borrowed from the module; the array is the arena's.
static void session_names(TgArena *arena, const TgModule *module, TgResolveNames *names) {
    const char **list = tg_arena_alloc(arena, (module->members->count + 1) * sizeof *list);
    uint32_t position = 0;
    for (TgMapEntry *entry; (entry = tg_map_next(module->members, &position));) {
        list[names->session_count++] = ((TgString *)tg_as_obj(entry->key))->data;
    }
    names->session = list;
}

static TgCode *compile_source(TgVM *vm, TgModule *module, const TgScriptText *text, TgArena *arena,
                              const TgSource *source, TgDiags *diags) {
    bool is_library = tg_stdlib_is_file(text->file);
    TgTree tree;
    tg_parse(&tree, arena, source, diags);
    TgResolveNames names = {
        .builtins = is_library ? vm->library_names : vm->builtin_names,
        .builtin_count = vm->builtin_count,
    };
    names.is_session = text->is_session;
    names.has_nursery = text->has_nursery;
    // A half of a standard module sees the natives that are in it.
    if (text->is_session || is_library) session_names(arena, module, &names);
    // A text that has errors is resolved all the same: several are reported at once.
    tg_resolve(&tree, &names, diags);
    if (diags->count) return NULL;
    TgCompileJob job = {
        .vm = vm,
        .module = module,
        .file = text->file,
        .builtins = vm->builtins,
        .is_hidden = is_library,
        .is_session = text->is_session,
        .tests = text->tests,
    };
    return tg_compile(&job, &tree, diags);
}

TgCode *tg_host_compile(TgVM *vm, TgModule *module, const TgScriptText *text, char **error,
                        bool *unfinished) {
    TgSource source;
    *error = NULL;
    *unfinished = false;
    if (!tg_source_init(&source, text->file, text->text, text->length)) {
        *error = strdup("the text is too large, or there is no memory for it\n");
        return NULL;
    }
    if (text->first_line) source.first_line = text->first_line;
    TgArena *arena = tg_arena_new();
    TgDiags diags;
    tg_diags_init(&diags, arena, &source);
    TgCode *code = compile_source(vm, module, text, arena, &source, &diags);
    if (!code) {
        *error = tg_diags_text(&diags, text->color);
        *unfinished = diags.unfinished;
    }
    tg_arena_free(arena);
    tg_source_free(&source);
    return code;
}

TgTextState tg_host_text_state(const char *text, size_t length) {
    TgSource source;
    if (!tg_source_init(&source, "", text, length)) return TEXT_WRONG;
    TgArena *arena = tg_arena_new();
    TgDiags diags;
    TgTree tree;
    tg_diags_init(&diags, arena, &source);
    tg_parse(&tree, arena, &source, &diags);
    TgTextState state = !diags.count ? TEXT_WHOLE : diags.unfinished ? TEXT_UNFINISHED : TEXT_WRONG;
    tg_arena_free(arena);
    tg_source_free(&source);
    return state;
}

// The hook: what imports and the library's tg half are compiled with.
static TgCode *compile_hook(TgVM *vm, TgModule *module, const char *file, const char *text,
                            size_t length, char **error) {
    TgScriptText script = {.file = file, .text = text, .length = length};
    bool unfinished;
    return tg_host_compile(vm, module, &script, error, &unfinished);
}

// The hook of texts that go on in a module.
static TgCode *compile_more_hook(TgVM *vm, TgModule *module, const char *file, const char *text, size_t length, char **error) {
    TgScriptText script = {.file = file, .text = text, .length = length, .is_session = true};
    bool unfinished;
    return tg_host_compile(vm, module, &script, error, &unfinished);
}

// ---- a VM ----------------------------------------------------------------------------------------

static void register_args(TgVM *vm, char **args, int count) {
    TgList *list = tg_list(vm, (uint32_t)count);
    for (int i = 0; i < count; i++) {
        size_t length = strlen(args[i]);
        // Arguments are bytes, Strings are UTF-8: what is none shows as '?'.
        TgBuffer clean = {0};
        for (size_t at = 0; at < length;) {
            size_t step = 1;
            while (step < 4 && at + step <= length && !tg_utf8_valid(args[i] + at, step)) step++;
            bool good = at + step <= length && tg_utf8_valid(args[i] + at, step);
            tg_buffer_add(&clean, good ? args[i] + at : "?", good ? step : 1);
            at += good ? step : 1;
        }
        tg_list_push(vm, list, tg_obj(tg_string(vm, clean.data ? clean.data : "", clean.length)));
        tg_buffer_free(&clean);
    }
    tg_register_builtin_value(vm, "args", tg_obj(list), false);
}

void tg_host_look(TgOptions *options) {
    options->is_terminal = isatty(2);
    options->color = tg_host_color(stderr);
    options->utf8 = tg_host_utf8();
}

TgVM *tg_host_vm(const TgOptions *options, char **args, int arg_count) {
    TgOptions with_hooks = *options;
    with_hooks.hooks = (TgHooks){compile_hook, compile_more_hook, tg_stdlib_module, tg_stdlib_half, tg_stdlib_half_done, tg_random_next};
    if (!options->world) tg_host_look(&with_hooks);
    tg_big_end_without_memory();
    TgVM *vm = tg_vm_new(&with_hooks);
    if (!vm) return NULL;
    tg_random_seed(vm, options->seed ? options->seed : vm->reactor->entropy(vm->reactor));
    register_args(vm, args, arg_count);
    if (tg_stdlib_register(vm)) return vm;
    tg_vm_free(vm);
    return NULL;
}

TgModule *tg_host_module(TgVM *vm, const char *name, const char *path) {
    char real[PATH_MAX];
    TgString *where = NULL;
    if (path && realpath(path, real)) where = tg_string_c(vm, real);
    TgModule *module = tg_module_new(vm, tg_string_c(vm, name), where);
    module->state = MODULE_LOADING;
    vm->keep[0] = tg_obj(module);
    // Among the modules too: a script that imports itself is a circle.
    if (where) tg_map_set(vm, vm->modules, tg_obj(where), tg_obj(module));
    const char *slash = path ? strrchr(path, '/') : NULL;
    free(vm->script_dir);
    vm->script_dir = slash ? strndup(path, slash == path ? 1 : (size_t)(slash - path)) : strdup(".");
    return module;
}

void tg_host_load_modules(TgVM *vm) {
    for (const char *const *name = tg_stdlib_module_names(); *name; name++) tg_run_import(vm, *name);
}

void tg_host_signals_on(TgVM *vm, TgSignals *signals) {
    vm->sched->signals = signals;
    if (tg_world_replays(vm)) return; // those that come now are for who replays
    tg_signals_install(signals, &vm->trap, TRAP_SIGNAL, vm->options.virtual_time ? 0 : TRAP_POLL, vm->reactor);
}

void tg_host_signals_off(TgVM *vm, TgSignals *signals) {
    if (!tg_world_replays(vm)) tg_signals_remove(signals);
    vm->sched->signals = NULL;
}

// ---- small things --------------------------------------------------------------------------------

bool tg_host_color(FILE *file) {
    const char *none = getenv("NO_COLOR"), *term = getenv("TERM");
    return isatty(fileno(file)) && !(none && *none) && term && *term && strcmp(term, "dumb") != 0;
}

int tg_host_columns(int most) {
    struct winsize size = {0};
    bool is_known = ioctl(fileno(stdout), TIOCGWINSZ, &size) == 0 && size.ws_col > 0;
    return is_known && size.ws_col < most ? size.ws_col : most;
}

// Read off the environment as setlocale would, which would change how all of the process reads and sorts.
bool tg_host_utf8(void) {
    static const char *const names[] = {"LC_ALL", "LC_CTYPE", "LANG"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        const char *value = getenv(names[i]);
        if (value && *value) return strcasestr(value, "utf-8") || strcasestr(value, "utf8");
    }
    return false;
}

static char *read_all(FILE *file, size_t *length) {
    size_t capacity = 1 << 16, got;
    char *text = malloc(capacity + 1);
    *length = 0;
    while (text && (got = fread(text + *length, 1, capacity - *length, file)) > 0) {
        *length += got;
        if (*length < capacity) continue;
        char *more = realloc(text, 2 * capacity + 1);
        if (!more) free(text);
        text = more;
        capacity *= 2;
    }
    if (text && !ferror(file)) {
        text[*length] = '\0';
        return text;
    }
    int why = errno ? errno : EIO;
    free(text);
    errno = why;
    return NULL;
}

char *tg_host_read(const char *path, size_t *length) {
    errno = 0;
    FILE *file = path ? fopen(path, "rb") : stdin;
    if (!file) return NULL;
    char *text = read_all(file, length);
    if (path) {
        int why = errno;
        fclose(file);
        errno = why;
    }
    return text;
}
