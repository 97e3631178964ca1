// vm/import.c
// Modules: a standard one comes from the library's hook, a file is run once, at its first import.
// Layer: runtime.
#include "vm/import.h"

#include <dirent.h>
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "vm/api.h"
#include "vm/explore.h"
#include "vm/foreign.h"
#include "vm/field.h"
#include "vm/sched.h"
#include "vm/world.h"

char *tg_file_read(const char *path, size_t *length) {
    struct stat info;
    if (stat(path, &info) != 0) return NULL;
    if (S_ISDIR(info.st_mode)) return errno = EISDIR, NULL;
    FILE *file = fopen(path, "rb");
    if (!file) return NULL;
    size_t capacity = 4096, used = 0;
    char *text = malloc(capacity);
    while (text) {
        used += fread(text + used, 1, capacity - used - 1, file);
        if (used + 1 < capacity) break;
        char *more = realloc(text, capacity *= 2);
        if (!more) free(text);
        text = more;
    }
    if (text && ferror(file)) {
        free(text);
        text = NULL;
    }
    fclose(file);
    if (text) text[used] = 0;
    *length = used;
    return text;
}

// ---- Standard modules

static void no_module(TgVM *vm, const char *name) {
    static const char *const names[] = {"math", "random", "time", "json", "re",   "io",
                                        "fs",   "net",    "process", "os", "http", "test"};
    const char *instead = tg_foreign_module(name), *near = tg_nearest(name, names, sizeof names / sizeof *names);
    if (instead)
        tg_error_raise(vm, TG_ERR_ImportError, "there is no standard module '%s'; %s", name, instead);
    else if (near && vm->options.hooks.module && vm->options.hooks.module(vm, near))
        tg_error_raise(vm, TG_ERR_ImportError, "there is no standard module '%s'; did you mean '%s'?", name, near);
    else
        tg_error_raise(vm, TG_ERR_ImportError,
                       "there is no standard module '%s'; a file is imported by its path: import \"%s.tg\"", name, name);
}

// ---- Files

// Directory of a path, with its last slash ("" for none).
static int directory_length(const char *path) {
    const char *slash = strrchr(path, '/');
    return slash ? (int)(slash - path + 1) : 0;
}

static bool import_error(TgVM *vm, const char *shown, const char *why) {
    tg_error_raise(vm, TG_ERR_ImportError, "can't import \"%s\": %s", shown, why);
    return false;
}

// There is no such file; the one that is most like it stands in the same folder.
static bool no_file(TgVM *vm, const char *path, const char *shown) {
    enum { MOST = 256 };
    char folder[PATH_MAX], why[NAME_MAX + 64];
    char *names[MOST];
    uint32_t count = 0;
    snprintf(folder, sizeof folder, "%.*s", directory_length(path), path);
    DIR *entries = opendir(*folder ? folder : ".");
    for (struct dirent *entry; entries && count < MOST && (entry = readdir(entries));)
        if (entry->d_name[0] != '.' && (names[count] = strdup(entry->d_name))) count++;
    if (entries) closedir(entries);
    const char *near = tg_nearest(path + directory_length(path), (const char *const *)names, count);
    snprintf(why, sizeof why, entries ? "there is no such file%s%s%s" : "there is no such folder", near ? "; did you mean \"" : "",
             near ? near : "", near ? "\"?" : "");
    while (count) free(names[--count]);
    return import_error(vm, shown, why);
}

// The real path of what a module imports, and how it is shown. Paths are relative to the importing file.
static bool find_file(TgVM *vm, const TgCode *importer, TgString *path, char *real, char *shown, size_t room) {
    TgModule *module = importer->module;
    char joined[PATH_MAX];
    if (path->data[0] == '/') {
        snprintf(joined, sizeof joined, "%s", path->data);
        snprintf(shown, room, "%s", path->data);
    } else {
        const char *base = module && module->path ? module->path->data : "";
        int base_length = directory_length(base);
        if (!base_length && vm->script_dir)
            snprintf(joined, sizeof joined, "%s/%s", vm->script_dir, path->data);
        else
            snprintf(joined, sizeof joined, "%.*s%s", base_length, base, path->data);
        const char *file = importer->file ? importer->file->data : "";
        snprintf(shown, room, "%.*s%s", directory_length(file), file, path->data);
    }
    if (realpath(joined, real)) return true;
    return errno == ENOENT ? no_file(vm, joined, shown) : import_error(vm, shown, strerror(errno));
}

static bool raise_circle(TgVM *vm, TgModule *module, const TgModule *importer) {
    TgBuffer chain = {0};
    const TgModule *path[64];
    int count = 0;
    for (const TgModule *at = importer; at && count < 64; at = at->imported_by) {
        path[count++] = at;
        if (at == module) break;
    }
    for (int i = count - 1; i >= 0; i--) tg_buffer_format(&chain, "%s -> ", path[i]->name->data);
    tg_error_raise(vm, TG_ERR_ImportError, "the imports go in a circle: %.*s%s", (int)chain.length,
                   chain.data ? chain.data : "", module->name->data);
    tg_buffer_free(&chain);
    return false;
}

// Whether waiting for `module` would be waiting for oneself, perhaps through other tasks.
static bool is_circle(const TgModule *module, const TgTask *task) {
    for (int i = 0; i < 1000; i++) {
        const TgTask *loader = module->loader;
        if (!loader) return true; // the main script itself
        // A task that the file itself spawned waits for it by its nursery.
        for (const TgTask *at = task; at; at = at->nursery ? at->nursery->owner : NULL)
            if (at == loader) return true;
        if (!loader || loader->state != TASK_BLOCKED || loader->wait_kind != WAIT_IMPORT) return false;
        module = (const TgModule *)loader->wait_object;
    }
    return true;
}

static TgCode *compile_file(TgVM *vm, TgModule *module, const char *shown, const char *real) {
    size_t length;
    char *text = tg_file_read(real, &length);
    if (!text) {
        import_error(vm, shown, errno == EISDIR ? "it is a directory" : strerror(errno));
        return NULL;
    }
    tg_world_source(vm, real, text, length);
    char *error = NULL;
    TgCode *code = vm->options.hooks.compile(vm, module, shown, text, length, &error);
    free(text);
    size_t end = error ? strlen(error) : 0;
    if (end && error[end - 1] == '\n') error[end - 1] = '\0'; // a message has none at its end
    if (!code) tg_error_raise(vm, TG_ERR_SyntaxError, "%s", error ? error : shown);
    free(error);
    return code;
}

// What the tg half's _import takes: who is told when it is over, and the code to be run.
static void make_loading(TgVM *vm, TgModule *module, TgCode *code, TgTask *task, TgValue *args) {
    module->state = MODULE_LOADING;
    module->loader = task;
    if (task) task->seen = true; // the module may be looked at when it has ended
    tg_map_set(vm, vm->modules, tg_obj(module->path ? module->path : module->name), tg_obj(module));
    TgInstance *loading = tg_instance_new(vm, vm->sched->loading_class);
    tg_instance_set(vm, loading, tg_string_c(vm, "module"), tg_obj(module));
    tg_instance_set(vm, loading, tg_string_c(vm, "ok"), TG_FALSE);
    args[0] = tg_obj(loading);
    args[1] = tg_obj(tg_closure_new(vm, code, 0));
}

// One that is known: it is ready, or another task runs it and this one waits.
static TgCallEnd import_known(TgVM *vm, TgTask *task, TgModule *module, const uint32_t *at, TgValue *result) {
    if (module->state == MODULE_READY) return *result = tg_obj(module), CALL_DONE;
    if (is_circle(module, task)) return raise_circle(vm, module, tg_frame_code(task->base)->module), CALL_RAISED;
    task->pc = at;
    tg_sched_park(vm, task, WAIT_IMPORT, module, 0);
    tg_wait_push(&vm->sched->importers, &task->wait);
    return CALL_PARKED;
}

// Those that are about the world outside. What the others have of it asks for itself (io.open, the zones of time).
static bool is_shut_out(TgVM *vm, const char *name) {
    static const char *const outside[] = {"fs", "http", "net", "os", "process"};
    char what[32];
    for (size_t i = 0; i < sizeof outside / sizeof *outside; i++) {
        if (strcmp(name, outside[i])) continue;
        snprintf(what, sizeof what, "the module %s", name);
        return !tg_sandbox_allows(vm, what);
    }
    return false;
}

// A new standard module. *code is its tg half, or NULL: it is ready.
static TgModule *new_standard(TgVM *vm, TgString *name, TgCode **code) {
    if (is_shut_out(vm, name->data)) return NULL;
    TgModule *module = vm->options.hooks.module ? vm->options.hooks.module(vm, name->data) : NULL;
    if (!module) return no_module(vm, name->data), NULL;
    *code = vm->options.hooks.module_half(vm, module);
    module->state = MODULE_READY;
    if (!*code) tg_map_set(vm, vm->modules, tg_obj(name), tg_obj(module));
    return module;
}

static TgCallEnd import_standard(TgVM *vm, TgTask *task, TgString *name, uint32_t dest, const uint32_t *at,
                                 const uint32_t *back, TgValue *result) {
    TgValue known = tg_map_get_string(vm->modules, name), args[2];
    if (!tg_is_undef(known)) return import_known(vm, task, (TgModule *)tg_as_obj(known), at, result);
    TgCode *code;
    TgModule *module = new_standard(vm, name, &code);
    if (!module) return CALL_RAISED;
    if (!code) return *result = tg_obj(module), CALL_DONE;
    module->imported_by = tg_frame_code(task->base)->module;
    make_loading(vm, module, code, task, args);
    return tg_call_above(vm, task, vm->helpers[TG_HELPER_IMPORT], args, 2, dest, back, result);
}

bool tg_import_begin(TgVM *vm, const char *name, TgTask *task, TgValue *args) {
    TgString *key = tg_string_c(vm, name);
    TgCode *code = NULL;
    if (!vm->options.hooks.module || !tg_is_undef(tg_map_get_string(vm->modules, key))) return false;
    TgModule *module = new_standard(vm, key, &code);
    if (!module) vm->raised = TG_UNDEF; // who asks for its members hears that there are none
    if (module && code) make_loading(vm, module, code, task, args);
    return module && code;
}

static TgCallEnd import_file(TgVM *vm, TgTask *task, TgString *path, uint32_t dest, const uint32_t *at,
                             const uint32_t *back, TgValue *result) {
    char real[PATH_MAX], shown[PATH_MAX];
    TgCode *importer = tg_frame_code(task->base);
    if (!tg_sandbox_allows(vm, "the import of a file")) return CALL_RAISED;
    if (!find_file(vm, importer, path, real, shown, sizeof shown)) return CALL_RAISED;
    TgString *key = tg_string_c(vm, real);
    TgValue known = tg_map_get_string(vm->modules, key), args[2];
    if (!tg_is_undef(known)) return import_known(vm, task, (TgModule *)tg_as_obj(known), at, result);
    const char *last = strrchr(shown, '/');
    TgModule *module = NULL;
    TgCode *code = vm->explorer ? tg_explore_imported(vm, key, &module) : NULL;
    if (!code) {
        module = tg_module_new(vm, tg_string_c(vm, last ? last + 1 : shown), key);
        code = compile_file(vm, module, shown, real);
    }
    if (!code) return CALL_RAISED;
    if (vm->explorer) tg_explore_keep_import(vm, module, code);
    module->imported_by = importer->module;
    make_loading(vm, module, code, task, args);
    return tg_call_above(vm, task, vm->helpers[TG_HELPER_IMPORT], args, 2, dest, back, result);
}

void tg_import_done(TgVM *vm, TgModule *module, bool ok) {
    module->loader = NULL;
    module->state = ok ? MODULE_READY : MODULE_NEW;
    // One that failed is run anew at its next import.
    if (!ok) tg_map_remove(vm, vm->modules, tg_obj(module->path ? module->path : module->name));
    if (ok && !module->path) vm->options.hooks.module_done(vm, module);
    while (vm->sched->importers.first) tg_sched_wake(vm, vm->sched->importers.first->task, TG_NIL);
}

TgCallEnd tg_import(TgVM *vm, TgTask *task, TgString *name, bool is_path, uint32_t dest, const uint32_t *at,
                    const uint32_t *back, TgValue *result) {
    if (!is_path) return import_standard(vm, task, name, dest, at, back, result);
    return import_file(vm, task, name, dest, at, back, result);
}
