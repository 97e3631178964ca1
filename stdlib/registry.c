// stdlib/registry.c
// All tables of the library in one place, and the prelude: how the tg half becomes methods,
// built-ins and helpers.
//
// A top-level function of prelude.tg named List__map is the method `map` of List (its first
// parameter is the receiver); one that begins with `_` is the library's own, and C finds some of
// these by name (vm->helpers); every other one is a built-in.
//
// Layer: library, top.
#include "stdlib/registry.h"

#include <stdio.h>
#include <stdlib.h>

#include "build/csv.inc"
#include "build/fs.inc"
#include "build/http.inc"
#include "build/io.inc"
#include "build/log.inc"
#include "build/net.inc"
#include "build/prelude.inc"
#include "build/process.inc"
#include "build/re.inc"
#include "build/test.inc"
#include "stdlib/lib.h"
#include "vm/code.h"

bool tg_vm_run_module(TgVM *vm, TgModule *module,
                      TgCode *code); // vm/run.h, which is above the library

typedef struct {
    const char *room; // a class's name, or "" for built-ins, or "_" for hidden ones
    const TgNativeDef *defs;
} Table;

static const Table tables[] = {
    {"", tg_lib_text},
    {"", tg_lib_builtins},
    {"", tg_lib_numbers},
    {"", tg_lib_sorted},
    {"", tg_lib_hash},
    {"", tg_lib_help},
    {"", tg_lib_input},
    {"_", tg_lib_hidden},
    {"_", tg_lib_hidden_text},
    {"_", tg_lib_hidden_assert},
    {"_", tg_lib_hidden_equal},
    {"_", tg_lib_hidden_maps},
    {"_", tg_lib_hidden_sort},
    {"String", tg_lib_strings},
    {"String", tg_lib_texts},
    {"String", tg_lib_string_bytes},
    {"Bytes", tg_lib_bytes},
    {"List", tg_lib_lists},
    {"List", tg_lib_list_sort},
    {"Map", tg_lib_maps},
    {"Exception", tg_lib_exception},
    {"IOError", tg_lib_ioerror},
    {"ErrorGroup", tg_lib_group},
};

static const char *const helper_names[TG_HELPERS] = {
    [TG_HELPER_EQUAL] = "_equal",
    [TG_HELPER_EQUAL_ALL] = "_equal_all",
    [TG_HELPER_IN] = "_in",
    [TG_HELPER_MAP_GET] = "_map_get",
    [TG_HELPER_MAP_SET] = "_map_set",
    [TG_HELPER_MAP_HAS] = "_map_has",
    [TG_HELPER_MAP_FIND] = "_map_find",
    [TG_HELPER_MAP_REMOVE] = "_map_remove",
    [TG_HELPER_STR] = "_str",
    [TG_HELPER_REPR] = "_repr",
    [TG_HELPER_FORMAT] = "_format",
    [TG_HELPER_LIST] = "_list",
    [TG_HELPER_SORT_BY] = "_sort_by",
    [TG_HELPER_KEYS] = "_keys",
    [TG_HELPER_BREATHE] = "_breathe",
    [TG_HELPER_IMPORT] = "_import",
};

static _Noreturn void cannot_compile(const char *error) {
    if (error) fprintf(stderr, "tg: the library's own code is wrong\n%s", error);
    else fputs("tg: no memory left for the library's code\n", stderr);
    exit(2);
}

// ---- classes
// -------------------------------------------------------------------------------------

enum { CLASSES_MAX = OBJ_KINDS + TG_ERR_COUNT + 8 };

// All built-in classes that have a name for scripts, each once.
static size_t list_classes(TgVM *vm, TgClass **classes) {
    TgClass *more[] = {vm->nil_class, vm->bool_class, vm->int_class, vm->float_class,
                       vm->function_class};
    size_t count = 0;
    for (size_t i = 0; i < sizeof more / sizeof *more; i++) classes[count++] = more[i];
    for (int kind = 0; kind < OBJ_KINDS; kind++) {
        TgClass *class_ = vm->classes[kind];
        bool is_new = class_ && class_->is_builtin && kind != OBJ_MODULE;
        for (size_t i = 0; i < count && is_new; i++) is_new = classes[i] != class_;
        if (is_new) classes[count++] = class_;
    }
    for (int id = 0; id < TG_ERR_COUNT; id++) classes[count++] = vm->errors[id];
    return count;
}

static TgClass *find_class(TgVM *vm, const char *name, size_t length) {
    TgClass *classes[CLASSES_MAX];
    size_t count = list_classes(vm, classes);
    for (size_t i = 0; i < count; i++)
        if (classes[i]->name->length == length && !memcmp(classes[i]->name->data, name, length))
            return classes[i];
    return NULL;
}

static void register_classes(TgVM *vm) {
    TgClass *classes[CLASSES_MAX];
    size_t count = list_classes(vm, classes);
    for (size_t i = 0; i < count; i++)
        tg_register_builtin_value(vm, classes[i]->name->data, tg_obj(classes[i]), false);
}

static void register_statics(TgVM *vm, TgClass *class_, const TgNativeDef *defs) {
    for (; defs->signature; defs++) {
        TgNative *native = tg_native_new(vm, defs, false);
        tg_map_set(vm, class_->attributes, tg_obj(native->name), tg_obj(native));
    }
}

// What belongs to `room` and holds natives by name: gives them their quick halves.
static void set_quick(TgVM *vm, const char *room, TgValue (*find)(TgVM *vm, const void *in, TgString *name), const void *in) {
    for (const TgQuickRow *row = tg_lib_quick; row->name; row++) {
        if (strcmp(row->room, room) != 0) continue;
        TgValue native = find(vm, in, tg_string_c(vm, row->name));
        if (tg_is_kind(native, OBJ_NATIVE)) ((TgNative *)tg_as_obj(native))->quick = row->quick;
    }
}

static TgValue find_builtin(TgVM *vm, const void *in, TgString *name) {
    (void)in;
    return tg_map_get_string(vm->builtin_keep, name);
}
static TgValue find_method(TgVM *vm, const void *in, TgString *name) {
    (void)vm;
    return tg_class_find_method(in, name);
}
static TgValue find_member(TgVM *vm, const void *in, TgString *name) {
    (void)vm;
    return tg_module_get(in, name);
}

static void register_tables(TgVM *vm) {
    for (size_t i = 0; i < sizeof tables / sizeof *tables; i++) {
        const char *room = tables[i].room;
        if (!*room || *room == '_')
            tg_register_builtins(vm, tables[i].defs, *room == '_');
        else
            tg_register_methods(vm, find_class(vm, room, strlen(room)), tables[i].defs);
    }
    register_statics(vm, find_class(vm, "String", 6), tg_lib_string_statics);
    register_statics(vm, find_class(vm, "Bytes", 5), tg_lib_bytes_statics);
    set_quick(vm, "", find_builtin, NULL);
    set_quick(vm, "List", find_method, find_class(vm, "List", 4));
    set_quick(vm, "Map", find_method, find_class(vm, "Map", 3));
    set_quick(vm, "Exception", find_method, find_class(vm, "Exception", 9));
    for (int id = 0; id < TG_ERR_COUNT; id++)
        tg_class_finish(vm, vm->errors[id]); // init is inherited
}

// ---- the prelude
// ---------------------------------------------------------------------------------

// "List__map(list, f)" is "map(f)" to users.
static void make_method(TgVM *vm, TgCode *code, size_t prefix) {
    code->is_method = true;
    code->name = tg_string(vm, code->name->data + prefix, code->name->length - prefix);
    tg_barrier(vm, code, tg_obj(code->name));
    if (!code->signature) return;
    const char *parameters = strchr(code->signature->data, '(');
    const char *rest = parameters ? strpbrk(parameters, ",)") : NULL;
    if (!rest) return;
    rest += *rest == ',';
    while (*rest == ' ') rest++;
    code->signature = tg_string_format(vm, "%s(%s", code->name->data, rest);
    tg_barrier(vm, code, tg_obj(code->signature));
}

static bool install_method(TgVM *vm, TgClass *class_, const TgString *name, const char *bar, TgValue function) {
    if (!class_) {
        fprintf(stderr, "tg: the library's own code: %s is a method of no class\n", name->data);
        return false;
    }
    TgCode *code = ((TgFunction *)tg_as_obj(function))->code;
    make_method(vm, code, (size_t)(bar - name->data) + 2);
    ((TgClosure *)tg_as_obj(function))->home = class_;
    tg_barrier(vm, tg_as_obj(function), tg_obj(class_));
    tg_class_method(vm, class_, code->name, function);
    return true;
}

static bool install_functions(TgVM *vm, const TgModule *module) {
    uint32_t position = 0;
    for (TgMapEntry *entry; (entry = tg_map_next(module->members, &position));) {
        const TgString *name = (TgString *)tg_as_obj(entry->key);
        TgValue value = ((TgCell *)tg_as_obj(entry->value))->value;
        const char *bar = strstr(name->data, "__");
        if (!tg_is_kind(value, OBJ_CLOSURE) || name->data[0] == '_') continue;
        if (!bar)
            tg_register_builtin_value(vm, name->data, value, false);
        else if (!install_method(vm, find_class(vm, name->data, (size_t)(bar - name->data)), name, bar, value))
            return false;
    }
    for (int i = 0; i < TG_HELPERS; i++) {
        vm->helpers[i] = tg_module_get(module, tg_string_c(vm, helper_names[i]));
        if (!tg_is_undef(vm->helpers[i])) continue;
        fprintf(stderr, "tg: prelude.tg: there is no %s\n", helper_names[i]);
        return false;
    }
    return true;
}

static const char prelude_file[] = "prelude.tg";

static bool run_prelude(TgVM *vm) {
    TgModule *module = tg_module_new(vm, tg_string_c(vm, "prelude"), NULL);
    char *error = NULL;
    TgCode *code = vm->options.hooks.compile(vm, module, prelude_file, prelude_text,
                                             sizeof prelude_text - 1, &error);
    if (!code) cannot_compile(error);
    if (!tg_vm_run_module(vm, module, code)) {
        fprintf(stderr, "tg: the library's own code failed\n");
        return false;
    }
    return install_functions(vm, module);
}

bool tg_stdlib_register(TgVM *vm) {
    for (int i = 0; i < TG_HELPERS; i++) vm->helpers[i] = TG_NIL;
    register_classes(vm);
    register_tables(vm);
    return run_prelude(vm);
}

// ---- modules
// -------------------------------------------------------------------------------------

typedef struct {
    const char *name;
    void (*fill)(TgVM *vm, TgModule *module);
    const char *half; // NULL: none
    const char *file; // of the half, for traces
} Module;

static const Module modules[] = {
#define MODULE(name, fill, help, half) {#name, fill, half, #name ".tg"},
#include "stdlib/modules.def"
#undef MODULE
};
enum { MODULES = sizeof modules / sizeof *modules };

bool tg_stdlib_is_file(const char *file) {
    bool is_half = file == prelude_file;
    for (size_t i = 0; i < MODULES && !is_half; i++) is_half = file == modules[i].file;
    return is_half;
}

static const Module *find_module(const char *name) {
    for (size_t i = 0; i < MODULES; i++)
        if (!strcmp(modules[i].name, name)) return &modules[i];
    return NULL;
}

TgModule *tg_stdlib_module(TgVM *vm, const char *name) {
    const Module *row = find_module(name);
    if (!row) return NULL;
    TgModule *module = tg_module_new(vm, tg_string_c(vm, name), NULL);
    row->fill(vm, module);
    set_quick(vm, name, find_member, module);
    module->state = MODULE_READY;
    return module;
}

TgCode *tg_stdlib_half(TgVM *vm, TgModule *module) {
    const Module *row = find_module(module->name->data);
    if (!row || !row->half) return NULL;
    char *error = NULL;
    TgCode *code = vm->options.hooks.compile(vm, module, row->file, row->half, strlen(row->half), &error);
    if (code) return code;
    cannot_compile(error);
}

static TgClass *class_of_module(TgVM *vm, const TgModule *module, const char *name, size_t length) {
    TgValue value = tg_module_get(module, tg_string(vm, name, length));
    return tg_is_kind(value, OBJ_CLASS) ? (TgClass *)tg_as_obj(value) : NULL;
}

// Names with `__` become methods, those that begin with `_` are hidden: code that uses them has their Cells.
void tg_stdlib_half_done(TgVM *vm, TgModule *module) {
    TgMap *members = tg_map(vm);
    uint32_t position = 0;
    for (TgMapEntry *entry; (entry = tg_map_next(module->members, &position));) {
        const TgString *name = (TgString *)tg_as_obj(entry->key);
        TgValue value = ((TgCell *)tg_as_obj(entry->value))->value;
        const char *bar = strstr(name->data, "__");
        if (name->data[0] == '_' || tg_is_kind(value, OBJ_MODULE)) continue;
        if (!bar)
            tg_map_set(vm, members, entry->key, entry->value);
        else if (!install_method(vm, class_of_module(vm, module, name->data, (size_t)(bar - name->data)), name, bar, value))
            exit(2);
    }
    module->members = members;
    tg_barrier(vm, module, tg_obj(members));
    position = 0; // the methods are all there now
    for (TgMapEntry *entry; (entry = tg_map_next(members, &position));) {
        TgValue value = ((TgCell *)tg_as_obj(entry->value))->value;
        if (tg_is_kind(value, OBJ_CLASS)) tg_class_finish(vm, (TgClass *)tg_as_obj(value));
    }
}

const char *const *tg_stdlib_module_names(void) {
    static const char *const names[] = {
#define MODULE(name, fill, help, half) #name,
#include "stdlib/modules.def"
#undef MODULE
        NULL};
    return names;
}

void tg_stdlib_rows(void (*row)(void *data, const char *room, const TgNativeDef *def), void *data) {
    static const Table more[] = {{"String", tg_lib_string_statics},
                                 {"Bytes", tg_lib_bytes_statics},
                                 {"math", tg_lib_math_members},
                                 {"random", tg_lib_random_members},
                                 {"time", tg_lib_time_members},
                                 {"io", tg_lib_io_members},
                                 {"test", tg_lib_testing_members},
                                 {"fs", tg_lib_fs_members},
                                 {"process", tg_lib_process_members},
                                 {"Watch", tg_lib_watch},
                                 {"Stream", tg_lib_stream},
                                 {"File", tg_lib_file},
                                 {"code", tg_lib_code_members},
                                 {"Session", tg_lib_code_session},
                                 {"net", tg_lib_net_members},
                                 {"Socket", tg_lib_socket},
                                 {"Listener", tg_lib_listener},
                                 {"Udp", tg_lib_udp},
                                 {"http", tg_lib_http_asking},
                                 {"http", tg_lib_http_serving},
                                 {"Client", tg_lib_http_methods},
                                 {"http", tg_lib_http_members},
                                 {"json", tg_lib_json_members},
                                 {"os", tg_lib_os_members},
                                 {"re", tg_lib_re_members},
                                 {"csv", tg_lib_csv_members},
                                 {"hash", tg_lib_hash_members},
                                 {"Hasher", tg_lib_hasher_methods},
                                 {"base64", tg_lib_base64_members},
                                 {"uuid", tg_lib_uuid_members},
                                 {"Regex", tg_lib_regex_methods},
                                 {"Regex", tg_lib_regex_scans},
                                 {"Match", tg_lib_match_methods}};
    for (size_t i = 0; i < sizeof tables / sizeof *tables; i++)
        for (const TgNativeDef *def = tables[i].defs; def->signature; def++)
            row(data, tables[i].room, def);
    for (size_t i = 0; i < sizeof more / sizeof *more; i++)
        for (const TgNativeDef *def = more[i].defs; def->signature; def++)
            row(data, more[i].room, def);
}
