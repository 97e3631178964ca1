// lang/cli/complete.c
// The tokens before the cursor say what kind of word it is; the session says which words there are.
// Layer: command.
#include "lang/cli/complete.h"

#include <ctype.h>
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "lang/lexer.h"
#include "stdlib/registry.h"
#include "vm/api.h"
#include "vm/code.h"
#include "vm/field.h"
#include "vm/run.h"
#include "vm/sched.h"

typedef struct {
    const TgCompleteIn *in;
    TgCompletion *found;
    const char *text;      // up to the cursor, NUL terminated
    size_t cursor;
    const char *word;      // what the candidates begin with
    size_t length;
} Search;

// ---- candidates ----------------------------------------------------------------------------------

static void add_all(TgCompletion *found, const char *text, size_t length) {
    if (found->count == found->capacity) {
        size_t capacity = found->capacity ? found->capacity * 2 : 32;
        char **items = realloc(found->items, capacity * sizeof *items);
        if (!items) return;
        found->items = items;
        found->capacity = capacity;
    }
    char *copy = strndup(text, length);
    if (copy) found->items[found->count++] = copy;
}

// Names that begin with `_` are for those who ask for them.
static void add(const Search *search, const char *name) {
    if (strncmp(name, search->word, search->length) != 0) return;
    if (*name == '_' && search->length == 0) return;
    add_all(search->found, name, strlen(name));
}

static void add_keys(const Search *search, const TgMap *map) {
    uint32_t position = 0;
    for (TgMapEntry *entry; map && (entry = tg_map_next(map, &position));)
        if (tg_is_kind(entry->key, OBJ_STRING)) add(search, ((TgString *)tg_as_obj(entry->key))->data);
}

static int by_text(const void *a, const void *b) { return strcmp(*(char *const *)a, *(char *const *)b); }

static void sort_once(TgCompletion *found) {
    if (!found->count) return;
    qsort(found->items, found->count, sizeof *found->items, by_text);
    size_t kept = 1;
    for (size_t i = 1; i < found->count; i++) {
        if (strcmp(found->items[i], found->items[kept - 1]) == 0) free(found->items[i]);
        else found->items[kept++] = found->items[i];
    }
    found->count = kept;
}

void tg_completion_free(TgCompletion *found) {
    for (size_t i = 0; i < found->count; i++) free(found->items[i]);
    free(found->items);
    *found = (TgCompletion){0};
}

size_t tg_completion_common(const TgCompletion *found) {
    if (!found->count) return 0;
    // They are sorted: what the first and the last share all share.
    const char *first = found->items[0], *last = found->items[found->count - 1];
    size_t length = 0;
    while (first[length] && first[length] == last[length]) length++;
    while (length && ((unsigned char)first[length] & 0xC0) == 0x80) length--; // no half characters
    return length;
}

// ---- values, without running anything ------------------------------------------------------------

static TgValue find_name(const TgCompleteIn *in, const char *name, size_t length) {
    if (!tg_utf8_valid(name, length)) return TG_UNDEF;
    TgString *string = tg_string(in->vm, name, length);
    TgValue value = tg_module_get(in->module, string);
    if (!tg_is_undef(value)) return value;
    for (uint32_t i = 0; i < in->vm->builtin_count; i++)
        if (strcmp(in->vm->builtin_names[i], string->data) == 0) return in->vm->builtins[i];
    return TG_UNDEF;
}

static TgValue of_class(const TgClass *class_, const TgString *name) {
    TgValue value = tg_class_find_attribute(class_, name);
    return tg_is_undef(value) ? tg_class_find_method(class_, name) : value;
}

static TgValue member(TgVM *vm, TgValue value, const char *text, size_t length) {
    if (!tg_utf8_valid(text, length)) return TG_UNDEF;
    TgString *name = tg_string(vm, text, length);
    TgObj *object = tg_is_obj(value) ? tg_as_obj(value) : NULL;
    TgKind kind = object ? (TgKind)object->kind : OBJ_FREE;
    TgValue result = TG_UNDEF;
    if (kind == OBJ_MODULE) return tg_module_get((TgModule *)object, name);
    if (kind == OBJ_CLASS) return of_class((TgClass *)object, name);
    if (kind == OBJ_INSTANCE) result = tg_instance_get(vm, (TgInstance *)object, name);
    if (kind >= OBJ_TASK && kind < OBJ_KINDS && tg_runtime_property(vm, value, name, &result)) return result;
    if (tg_is_undef(result)) result = of_class(tg_class_of(vm, value), name);
    if (tg_is_undef(result) && kind == OBJ_MAP) result = tg_map_get_string((TgMap *)object, name);
    return result;
}

TgValue tg_complete_value(const TgCompleteIn *in, const char *path, size_t length) {
    const char *end = path + length, *dot = memchr(path, '.', length);
    TgValue value = find_name(in, path, (size_t)((dot ? dot : end) - path));
    while (dot && !tg_is_undef(value)) {
        const char *name = dot + 1;
        dot = memchr(name, '.', (size_t)(end - name));
        value = member(in->vm, value, name, (size_t)((dot ? dot : end) - name));
    }
    return value;
}

static void add_class_members(const Search *search, const TgClass *class_) {
    for (; class_; class_ = class_->super) {
        add_keys(search, class_->methods);
        add_keys(search, class_->attributes);
    }
}

static bool is_name(const char *text) {
    if (!isalpha((unsigned char)*text) && *text != '_' && (unsigned char)*text < 0x80) return false;
    for (; *text; text++)
        if (!isalnum((unsigned char)*text) && *text != '_' && (unsigned char)*text < 0x80) return false;
    return true;
}

static void add_properties(const Search *search, TgValue value) {
    static const char *const names[] = {"id",     "name",   "state", "cancelled", "tasks", "capacity",
                                        "closed", "locked", "holder", "value",    "is_set"};
    TgVM *vm = search->in->vm;
    TgValue ignored;
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (tg_runtime_property(vm, value, tg_string_c(vm, names[i]), &ignored)) add(search, names[i]);
}

static void add_members(const Search *search, TgValue value) {
    TgVM *vm = search->in->vm;
    TgObj *object = tg_is_obj(value) ? tg_as_obj(value) : NULL;
    TgKind kind = object ? (TgKind)object->kind : OBJ_FREE;
    if (kind == OBJ_MODULE) add_keys(search, ((TgModule *)object)->members);
    if (kind == OBJ_CLASS) add_class_members(search, (TgClass *)object);
    if (kind == OBJ_MODULE || kind == OBJ_CLASS) return;
    if (kind == OBJ_INSTANCE)
        for (TgShape *shape = tg_shape(vm, object->shape); shape && shape->name; shape = shape->parent)
            add(search, shape->name->data);
    if (tg_is_exception(value)) add(search, "trace");
    if (kind >= OBJ_TASK && kind < OBJ_KINDS) add_properties(search, value);
    uint32_t position = 0;
    for (TgMapEntry *entry; kind == OBJ_MAP && (entry = tg_map_next((TgMap *)object, &position));) {
        const char *key = tg_is_kind(entry->key, OBJ_STRING) ? ((TgString *)tg_as_obj(entry->key))->data : "";
        if (is_name(key)) add(search, key);
    }
    add_class_members(search, tg_class_of(vm, value));
}

// ---- files, modules, names -----------------------------------------------------------------------

// Folders and .tg files; `typed` is the path so far. Candidates are what comes behind its last slash.
static void add_files(Search *search, size_t typed, const char *after) {
    const char *path = search->text + typed, *slash = strrchr(path, '/');
    search->word = slash ? slash + 1 : path;
    search->length = strlen(search->word);
    search->found->start = (size_t)(search->word - search->text);
    char *folder = slash ? strndup(path, (size_t)(slash - path) + 1) : strdup(".");
    DIR *entries = folder ? opendir(folder) : NULL;
    for (struct dirent *entry; entries && (entry = readdir(entries));) {
        size_t length = strlen(entry->d_name);
        if (entry->d_name[0] == '.' && *search->word != '.') continue;
        TgBuffer full = {0};
        struct stat info;
        tg_buffer_format(&full, "%s/%s", folder, entry->d_name);
        bool is_there = full.data && stat(full.data, &info) == 0, is_folder = is_there && S_ISDIR(info.st_mode);
        tg_buffer_free(&full);
        tg_buffer_format(&full, "%s%s", entry->d_name, is_folder ? "/" : "");
        bool is_script = is_there && length > 3 && strcmp(entry->d_name + length - 3, ".tg") == 0;
        if (full.data && (is_folder || is_script)) add(search, full.data);
        tg_buffer_free(&full);
    }
    if (entries) closedir(entries);
    free(folder);
    TgCompletion *found = search->found;
    bool is_folder = found->count == 1 && strchr(found->items[0], '/');
    found->after = is_folder ? "" : after;
}

static void add_modules(const Search *search) {
    for (const char *const *name = tg_stdlib_module_names(); *name; name++) add(search, *name);
}

static void add_names(const Search *search) {
    for (int kind = TOK_AND; kind <= TOK_WITH; kind++) add(search, tg_token_text((TgTokenKind)kind));
    for (uint32_t i = 0; i < search->in->vm->builtin_count; i++)
        if (*search->in->vm->builtin_names[i]) add(search, search->in->vm->builtin_names[i]);
    add_keys(search, search->in->module->members);
}

// ---- what the tokens say -------------------------------------------------------------------------

typedef struct {
    const TgToken *items;
    uint32_t count;   // before the word
    const char *text; // that their places are in
} Before;

static TgTokenKind kind_at(const Before *before, int64_t at) {
    return at >= 0 && at < before->count ? (TgTokenKind)before->items[at].kind : TOK_END;
}

static bool is_word(TgTokenKind kind) { return kind == TOK_NAME || (kind >= TOK_AND && kind <= TOK_WITH); }

// The value of `name.name` that ends with token `last`; TG_UNDEF where something else stands there.
static TgValue path_value(const Search *search, const Before *before, int64_t last) {
    if (!is_word(kind_at(before, last))) return TG_UNDEF;
    int64_t first = last;
    while (kind_at(before, first - 1) == TOK_DOT && is_word(kind_at(before, first - 2))) first -= 2;
    if (kind_at(before, first) != TOK_NAME || kind_at(before, first - 1) == TOK_DOT) return TG_UNDEF;
    TgBuffer path = {0}; // without the blanks in between
    for (int64_t i = first; i <= last; i++)
        tg_buffer_add(&path, before->text + before->items[i].start, before->items[i].end - before->items[i].start);
    TgValue value = path.data ? tg_complete_value(search->in, path.data, path.length) : TG_UNDEF;
    tg_buffer_free(&path);
    return value;
}

static bool is_closing(TgTokenKind kind) { return kind == TOK_RPAREN || kind == TOK_RBRACKET || kind == TOK_RBRACE; }

// Where the bracket that token `at` closes is opened; where it closes none, the innermost one that is open there. -1: nowhere.
static int64_t opening(const Before *before, int64_t at) {
    int depth = is_closing(kind_at(before, at)) ? 0 : 1;
    for (; at >= 0; at--) {
        TgTokenKind kind = kind_at(before, at);
        if (is_closing(kind)) depth++;
        if (kind != TOK_LPAREN && kind != TOK_LBRACKET && kind != TOK_LBRACE) continue;
        if (--depth == 0) return at;
    }
    return -1;
}

static void complete_member(const Search *search, const Before *before) {
    int64_t last = (int64_t)before->count - 2; // before the dot
    TgTokenKind kind = kind_at(before, last);
    TgVM *vm = search->in->vm;
    if (kind == TOK_STRING || kind == TOK_STRING_END) {
        add_class_members(search, vm->classes[OBJ_STRING]);
    } else if (kind == TOK_RBRACKET) {
        TgTokenKind prior = kind_at(before, opening(before, last) - 1);
        bool is_index = prior == TOK_NAME || prior == TOK_RPAREN || prior == TOK_RBRACKET || prior == TOK_STRING;
        if (!is_index) add_class_members(search, vm->classes[OBJ_LIST]);
    } else {
        TgValue value = path_value(search, before, last);
        if (!tg_is_undef(value)) add_members(search, value);
    }
}

// "add(a, b = 2, *rest, sep: 1)": a, b, sep
static void add_parameters(const Search *search, const char *signature) {
    const char *at = strchr(signature, '(');
    int depth = 0;
    bool is_begin = false, is_in_string = false;
    for (; at && *at; at++) {
        if (*at == '"') is_in_string = !is_in_string;
        if (is_in_string) continue;
        if (strchr("([{", *at)) depth++;
        if (strchr(")]}", *at)) depth--;
        if (depth == 1 && (*at == '(' || *at == ',')) {
            is_begin = true;
            continue;
        }
        if (!is_begin || *at == ' ') continue;
        is_begin = false;
        size_t length = 0;
        while (isalnum((unsigned char)at[length]) || at[length] == '_' || (unsigned char)at[length] >= 0x80) length++;
        char name[128];
        if (length == 0 || length > sizeof name - 2) continue;
        snprintf(name, sizeof name, "%.*s:", (int)length, at);
        add(search, name);
        at += length - 1;
    }
}

static const char *signature_of(TgValue callee) {
    if (tg_is_kind(callee, OBJ_CLASS)) callee = ((TgClass *)tg_as_obj(callee))->init;
    if (tg_is_kind(callee, OBJ_BOUND)) callee = ((TgBound *)tg_as_obj(callee))->function;
    if (tg_is_kind(callee, OBJ_NATIVE)) return ((TgNative *)tg_as_obj(callee))->def->signature;
    if (!tg_is_kind(callee, OBJ_CLOSURE)) return NULL;
    TgString *signature = ((TgClosure *)tg_as_obj(callee))->fn.code->signature;
    return signature ? signature->data : NULL;
}

// In f(na| and f(1, na| the names of f's parameters.
static void complete_argument(const Search *search, const Before *before) {
    int64_t last = (int64_t)before->count - 1;
    if (kind_at(before, last) != TOK_LPAREN && kind_at(before, last) != TOK_COMMA) return;
    int64_t open = kind_at(before, last) == TOK_LPAREN ? last : opening(before, last);
    if (kind_at(before, open) != TOK_LPAREN) return;
    TgValue callee = path_value(search, before, open - 1);
    const char *signature = tg_is_undef(callee) ? NULL : signature_of(callee);
    if (signature) add_parameters(search, signature);
}

// from math import sq|: the module, or TG_UNDEF.
static TgValue imported_from(const Search *search, const Before *before) {
    int64_t at = (int64_t)before->count - 1;
    while (kind_at(before, at) == TOK_COMMA && is_word(kind_at(before, at - 1))) at -= 2;
    if (kind_at(before, at) != TOK_IMPORT || kind_at(before, at - 2) != TOK_FROM) return TG_UNDEF;
    const TgToken *name = &before->items[at - 1];
    TgString *string = tg_string(search->in->vm, before->text + name->start, name->end - name->start);
    if (name->kind != TOK_NAME) return TG_UNDEF;
    tg_run_import(search->in->vm, string->data); // its tg half says what is in it
    TgValue known = tg_map_get_string(search->in->vm->modules, string);
    TgModule *module = tg_is_undef(known) ? tg_stdlib_module(search->in->vm, string->data) : (TgModule *)tg_as_obj(known);
    return module ? tg_obj(module) : TG_UNDEF;
}

// Names in the text itself: parameters and variables of a block that has not run.
static void add_from_text(const Search *search, const Before *before) {
    for (uint32_t i = 0; i < before->count; i++) {
        const TgToken *token = &before->items[i];
        if (token->kind != TOK_NAME || token->end - token->start < search->length) continue;
        if (memcmp(before->text + token->start, search->word, search->length) != 0) continue;
        add_all(search->found, before->text + token->start, token->end - token->start);
    }
}

static void complete_word(const Search *search, const Before *before) {
    TgTokenKind last = kind_at(before, (int64_t)before->count - 1);
    TgValue module = imported_from(search, before);
    if (last == TOK_DOT) {
        complete_member(search, before);
    } else if (!tg_is_undef(module)) {
        add_keys(search, ((TgModule *)tg_as_obj(module))->members);
    } else if (last == TOK_IMPORT || last == TOK_FROM) {
        add_modules(search);
    } else if (search->length > 0 && last != TOK_LET && last != TOK_FN && last != TOK_CLASS && last != TOK_AS) {
        add_names(search);
        add_from_text(search, before);
        complete_argument(search, before);
    }
}

static void complete_code(Search *search, size_t from);

// In a String that is not closed: a file's name behind `import` and `from`, an expression behind `{`.
static void complete_in_string(Search *search, const Before *before, size_t start) {
    TgTokenKind prior = kind_at(before, (int64_t)before->count - 1);
    if (prior == TOK_IMPORT || prior == TOK_FROM) {
        add_files(search, start + 1, search->text[start] == '"' ? "\"" : "'");
        return;
    }
    const char *brace = search->text[start] == '"' ? strrchr(search->text + start, '{') : NULL;
    if (brace && brace[-1] != '\\' && !strchr(brace, '}')) complete_code(search, (size_t)(brace - search->text) + 1);
}

static void complete_tokens(Search *search, size_t from, const TgTokens *tokens) {
    Before before = {tokens->items, tokens->count - 1, search->text + from}; // without END
    const TgToken *last = before.count ? &before.items[before.count - 1] : NULL;
    size_t end = last ? from + last->end : from, start = last ? from + last->start : from;
    bool is_string = last && last->kind == TOK_ERROR && strchr("\"'", search->text[start]);
    if (is_string && end == search->cursor) {
        before.count--;
        complete_in_string(search, &before, start);
        return;
    }
    if (memchr(search->text + end, '#', search->cursor - end)) return; // a comment
    if (last && end == search->cursor) {
        if (is_word((TgTokenKind)last->kind)) {
            before.count--;
            search->word = search->text + start;
            search->length = end - start;
        } else if (last->kind != TOK_DOT) {
            return; // behind a number, a bracket …: no word has begun
        }
    }
    search->found->start = (size_t)(search->word - search->text);
    complete_word(search, &before);
}

static void complete_code(Search *search, size_t from) {
    TgSource source;
    if (!tg_source_init(&source, "", search->text + from, search->cursor - from)) return;
    TgArena *arena = tg_arena_new();
    TgDiags diags;
    tg_diags_init(&diags, arena, &source);
    TgTokens tokens = tg_lex(arena, &source, &diags);
    complete_tokens(search, from, &tokens);
    tg_arena_free(arena);
    tg_source_free(&source);
}

// ---- commands ------------------------------------------------------------------------------------

static void add_task(TgVM *vm, TgTask *task, void *data) {
    (void)vm;
    char name[128];
    snprintf(name, sizeof name, "%s#%u", task->name->data, task->id);
    add(data, name);
}

static void add_loaded_modules(const Search *search) {
    uint32_t position = 0;
    for (TgMapEntry *entry; (entry = tg_map_next(search->in->vm->modules, &position));) {
        const TgModule *module = (TgModule *)tg_as_obj(entry->value);
        if (module->path && module != search->in->module) add(search, module->name->data);
    }
}

static void complete_command(Search *search, size_t start) {
    const char *name = search->text + start, *const *commands = search->in->commands;
    size_t length = strcspn(name, " \t");
    search->found->start = start;
    if (name[length] == '\0') {
        search->word = name;
        search->length = length;
        for (; *commands; commands++) add(search, *commands);
        search->found->after = " ";
        return;
    }
    const char *argument = name + length + strspn(name + length, " \t");
    size_t at = (size_t)(argument - search->text);
    while (*commands && strncmp(*commands, name, length) != 0) commands++;
    const char *command = *commands ? *commands : "";
    search->word = argument;
    search->length = strlen(argument);
    search->found->start = at;
    if (strcmp(command, "load") == 0) add_files(search, at, "");
    else if (strcmp(command, "cancel") == 0) tg_scope_each(search->in->vm, search->in->vm->sched->session, add_task, search);
    else if (strcmp(command, "reload") == 0) add_loaded_modules(search);
    else complete_code(search, at);
    if ((strcmp(command, "doc") == 0 || strcmp(command, "help") == 0) && !strchr(argument, '.')) add_modules(search);
}

void tg_complete(const TgCompleteIn *in, const char *text, size_t cursor, TgCompletion *found) {
    char *before = strndup(text, cursor);
    if (!before) return;
    *found = (TgCompletion){.after = "", .start = cursor};
    Search search = {.in = in, .found = found, .text = before, .cursor = cursor, .word = before + cursor};
    size_t blanks = strspn(before, " \t");
    if (before[blanks] == ':') complete_command(&search, blanks + 1);
    else complete_code(&search, 0);
    sort_once(found);
    if (found->count == 1 && found->items[0][strlen(found->items[0]) - 1] == ':') found->after = " ";
    free(before);
}
