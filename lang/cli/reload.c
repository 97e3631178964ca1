// lang/cli/reload.c
// :reload: files that were imported and have changed are run anew in the module that they have, so that whoever imported
// it sees the new code.
// Layer: command.
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "lang/cli/repl_impl.h"
#include "vm/api.h"

// A module's file as it was when it ran.
typedef struct TgSeen {
    struct TgSeen *next;
    char *path;
    struct timespec time;
    off_t size;
} Seen;

static Seen *find_seen(const Repl *repl, const char *path) {
    Seen *seen = repl->seen;
    while (seen && strcmp(seen->path, path) != 0) seen = seen->next;
    return seen;
}

static void note(Seen *seen) {
    struct stat info;
    if (stat(seen->path, &info) != 0) return;
    seen->time = info.st_mtim;
    seen->size = info.st_size;
}

static bool has_changed(const Seen *seen) {
    struct stat info;
    if (stat(seen->path, &info) != 0) return false;
    return info.st_size != seen->size || info.st_mtim.tv_sec != seen->time.tv_sec || info.st_mtim.tv_nsec != seen->time.tv_nsec;
}

void tg_repl_note_modules(Repl *repl) {
    uint32_t position = 0;
    for (TgMapEntry *entry; (entry = tg_map_next(repl->vm->modules, &position));) {
        const TgModule *module = (TgModule *)tg_as_obj(entry->value);
        if (!module->path || find_seen(repl, module->path->data)) continue;
        Seen *seen = calloc(1, sizeof *seen);
        if (!seen || !(seen->path = strdup(module->path->data))) {
            free(seen);
            return;
        }
        note(seen);
        seen->next = repl->seen; // the newest first: what a module imports comes before it
        repl->seen = seen;
    }
}

void tg_repl_forget_modules(Repl *repl) {
    for (Seen *seen = repl->seen, *next; seen; seen = next) {
        next = seen->next;
        free(seen->path);
        free(seen);
    }
    repl->seen = NULL;
}

static TgModule *module_of(const Repl *repl, const Seen *seen) {
    TgValue module = tg_map_get_string(repl->vm->modules, tg_string_c(repl->vm, seen->path));
    return tg_is_undef(module) ? NULL : (TgModule *)tg_as_obj(module);
}

// Runs the file in its module again. Names that it no longer declares stay as they were, as after an error.
static bool run_anew(Repl *repl, Seen *seen, TgModule *module) {
    size_t length;
    char *text = tg_host_read(seen->path, &length), *error;
    if (!text) {
        fprintf(stderr, "can't read %s: %s\n", seen->path, strerror(errno));
        return false;
    }
    note(seen); // also where it does not run: it is tried again once it has changed again
    TgScriptText script = {.file = module->name->data, .text = text, .length = length, .color = tg_host_color(stderr)};
    bool unfinished;
    TgCode *code = tg_host_compile(repl->vm, module, &script, &error, &unfinished);
    free(text);
    if (!code) fputs(error ? error : "out of memory\n", stderr);
    free(error);
    return code && tg_repl_run(repl, code, NULL);
}

// "util", "util.tg" or the whole path.
static bool is_called(const TgModule *module, const char *name) {
    size_t length = strlen(name);
    const char *own = module->name->data;
    bool is_stem = strncmp(own, name, length) == 0 && (own[length] == '\0' || strcmp(own + length, ".tg") == 0);
    return is_stem || strcmp(module->path->data, name) == 0;
}

// The session's name for a module may be another than the module's own.
static TgModule *bound_to(Repl *repl, const char *name) {
    TgValue value = tg_module_get(repl->module, tg_string_c(repl->vm, name));
    return tg_is_kind(value, OBJ_MODULE) ? (TgModule *)tg_as_obj(value) : NULL;
}

void tg_repl_reload(Repl *repl, const char *name) {
    TgModule *bound = *name ? bound_to(repl, name) : NULL;
    int done = 0, failed = 0;
    tg_repl_note_modules(repl);
    for (Seen *seen = repl->seen; seen && !repl->over && !repl->signal && !failed; seen = seen->next) {
        TgModule *module = module_of(repl, seen);
        if (!module || module->state != MODULE_READY) continue;
        if (*name ? module != bound && !is_called(module, name) : !has_changed(seen)) continue;
        if (!run_anew(repl, seen, module)) {
            failed++;
            continue;
        }
        printf("reloaded %s\n", module->name->data);
        done++;
    }
    if (done || failed) return;
    if (!*name) puts("no imported file has changed");
    else if (bound && !bound->path) printf("%s is a standard module: it does not change\n", name);
    else printf("no file was imported as '%s'\n", name);
}
