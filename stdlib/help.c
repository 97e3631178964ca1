// stdlib/help.c
// help(x): finds the entry of a name or a value and sets its page.
// Layer: library.
#include "stdlib/help.h"

#include <strings.h>

#include "stdlib/lib.h"
#include "stdlib/pages.h"
#include "stdlib/registry.h"
#include "vm/code.h"

// ---- finding

typedef bool (*Matches)(const TgHelpEntry *entry, const void *wanted);

typedef struct {
    Matches matches;
    const void *wanted;
    TgHelpEntry found;
    size_t count;
    TgVM *vm;
    TgBuffer *out;
} Search;

static bool search_visit(void *data, const TgHelpEntry *entry) {
    Search *search = data;
    if (!search->matches(entry, search->wanted)) return true;
    if (!search->count++) search->found = *entry;
    return true;
}

// How many entries match; *found is the first of them.
static size_t search(TgVM *vm, Matches matches, const void *wanted, TgHelpEntry *found) {
    Search search = {.matches = matches, .wanted = wanted};
    tg_help_walk(vm, search_visit, &search);
    if (search.count) *found = search.found;
    return search.count;
}

static bool is_one_of(const TgHelpEntry *entry, const char *name) {
    TgHelpSpan names = tg_page_span(entry->name), word;
    if (entry->kind != TG_HELP_TOPIC) return !strcmp(entry->name, name);
    while (tg_help_word(&names, &word))
        if (tg_help_is(word, name)) return true;
    return false;
}

// "print", "List.push", "if".
static bool matches_name(const TgHelpEntry *entry, const void *wanted) {
    const char *name = wanted;
    size_t length = strlen(entry->room);
    if (!length) return is_one_of(entry, name);
    return !strncmp(name, entry->room, length) && name[length] == '.' &&
           !strcmp(name + length + 1, entry->name);
}

static bool matches_any_case(const TgHelpEntry *entry, const void *wanted) {
    return !*entry->room && !strcasecmp(entry->name, wanted);
}

// A method, field or member by its bare name.
static bool matches_bare(const TgHelpEntry *entry, const void *wanted) {
    return *entry->room && !strcmp(entry->name, wanted);
}

static bool matches_key(const TgHelpEntry *entry, const void *wanted) {
    return entry->key == wanted;
}

// ---- the page of an entry

// "List.push(value)", "KeyError(message = "")".
static void add_signature(TgBuffer *out, const TgHelpEntry *entry) {
    if (*entry->room) tg_buffer_format(out, "%s.", entry->room);
    size_t column = *entry->room ? strlen(entry->room) + 1 : 0;
    tg_page_wrap(out, tg_page_span(entry->signature), column, 2 * TG_PAGE_INDENT);
}

static const char *full_name(TgVM *vm, const TgHelpEntry *entry) {
    if (*entry->room) return tg_string_format(vm, "%s.%s", entry->room, entry->name)->data;
    return tg_string(vm, entry->name, strcspn(entry->name, " "))->data;
}

static void add_text(TgBuffer *out, const char *text) {
    tg_buffer_text(out, "\n  ");
    tg_page_wrap(out, tg_page_span(text), TG_PAGE_INDENT, TG_PAGE_INDENT);
}

// Its paragraphs are parted by a bare `#|`.
static void add_prose(TgBuffer *out, TgHelpSpan prose) {
    TgBuffer text = {0};
    for (TgHelpSpan line; tg_help_line(&prose, &line);) {
        if (line.length > 3) {
            if (text.length) tg_buffer_text(&text, " ");
            tg_buffer_add(&text, line.at + 3, line.length - 3);
        }
        if (line.length > 3 && prose.length) continue;
        tg_buffer_text(out, "\n  ");
        tg_page_wrap(out, (TgHelpSpan){text.data ? text.data : "", text.length}, TG_PAGE_INDENT,
                     TG_PAGE_INDENT);
        text.length = 0;
    }
    tg_buffer_free(&text);
}

// A line and what it prints: where it stands in examples.tg, or nearer, or below, whatever fits the
// page.
static void add_code_line(TgBuffer *out, TgHelpSpan code, TgHelpSpan printed) {
    static const char mark[] = "# prints:";
    size_t room = TG_PAGE_WIDTH - TG_PAGE_INDENT - strlen(mark), aligned = tg_page_columns(code);
    while (code.length && code.at[code.length - 1] == ' ') code.length--;
    size_t column = tg_page_columns(code), width = tg_page_columns(printed);
    tg_buffer_fill(out, " ", 1, TG_PAGE_INDENT);
    tg_buffer_add(out, code.at, code.length);
    if (column && column + 2 + width > room) {
        tg_buffer_text(out, "\n");
        aligned = TG_PAGE_INDENT + strspn(code.at, " ");
        column = 0;
    } else if (column && aligned + width > room) {
        aligned = column + 2;
    }
    tg_buffer_fill(out, " ", 1, aligned - column);
    tg_buffer_text(out, mark);
    tg_buffer_add(out, printed.at, printed.length);
    tg_buffer_text(out, "\n");
}

// What the tests read is left out, or said to people.
static void add_code(TgBuffer *out, TgHelpSpan code) {
    static const char mark[] = "# expect:", modes[] = "# modes:";
    if (code.length) tg_buffer_text(out, "\n");
    for (TgHelpSpan line; tg_help_line(&code, &line);) {
        const char *at = memmem(line.at, line.length, mark, strlen(mark));
        if (at) {
            const char *printed = at + strlen(mark);
            add_code_line(out, (TgHelpSpan){line.at, (size_t)(at - line.at)},
                          (TgHelpSpan){printed, line.length - (size_t)(printed - line.at)});
        } else if (strncmp(line.at, modes, strlen(modes)) != 0) {
            if (line.length) tg_buffer_fill(out, " ", 1, TG_PAGE_INDENT);
            tg_buffer_add(out, line.at, line.length);
            tg_buffer_text(out, "\n");
        }
    }
}

typedef struct {
    TgBuffer *out;
    const char *room;
    TgHelpKind first, last;
    const char *heading; // NULL once it stands
} Rows;

static bool rows_visit(void *data, const TgHelpEntry *entry) {
    Rows *rows = data;
    bool is_wanted = entry->kind >= rows->first && entry->kind <= rows->last;
    if (!is_wanted || strcmp(entry->room, rows->room) != 0) return true;
    if (rows->heading) tg_page_heading(rows->out, rows->heading);
    rows->heading = NULL;
    tg_page_row(rows->out, entry->signature, tg_page_span(entry->text));
    return true;
}

static void add_rows(TgVM *vm, TgBuffer *out, const char *room, TgHelpKind first, TgHelpKind last,
                     const char *heading) {
    Rows rows = {out, room, first, last, heading};
    tg_help_walk(vm, rows_visit, &rows);
}

static void add_class_head(TgBuffer *out, const TgHelpEntry *entry) {
    const TgClass *class_ = entry->key;
    tg_buffer_format(out, "class %s", entry->name);
    if (class_->super) tg_buffer_format(out, " < %s", class_->super->name->data);
    if (strcmp(entry->name, entry->signature) != 0)
        tg_buffer_format(out, "\n  %s", entry->signature);
    tg_buffer_text(out, "\n");
}

static void add_head(TgBuffer *out, const TgHelpEntry *entry) {
    if (entry->kind == TG_HELP_CLASS)
        add_class_head(out, entry);
    else if (entry->kind == TG_HELP_MODULE)
        tg_buffer_format(out, "module %s\n  import %s\n", entry->name, entry->name);
    else
        add_signature(out, entry);
}

static void add_members(TgVM *vm, TgBuffer *out, const TgHelpEntry *entry) {
    if (entry->kind == TG_HELP_MODULE) {
        add_rows(vm, out, entry->name, TG_HELP_CONSTANT, TG_HELP_CONSTANT, "Constants");
        add_rows(vm, out, entry->name, TG_HELP_MEMBER, TG_HELP_MEMBER, "Functions");
        add_rows(vm, out, entry->name, TG_HELP_CLASS, TG_HELP_CLASS, "Classes");
        return;
    }
    if (entry->kind != TG_HELP_CLASS) return;
    add_rows(vm, out, entry->name, TG_HELP_METHOD, TG_HELP_METHOD, "Methods");
    add_rows(vm, out, entry->name, TG_HELP_STATIC, TG_HELP_STATIC, "Called on the class itself");
    add_rows(vm, out, entry->name, TG_HELP_FIELD, TG_HELP_FIELD, "Fields");
    const TgClass *super = ((const TgClass *)entry->key)->super;
    if (super) tg_buffer_format(out, "\nWhat it inherits: help(%s)\n", super->name->data);
}

static void add_page(TgVM *vm, TgBuffer *out, const TgHelpEntry *entry) {
    TgHelpBlock block;
    bool has_block = tg_help_block_of(full_name(vm, entry), &block);
    add_head(out, entry);
    add_text(out, entry->text);
    if (has_block) add_prose(out, block.prose);
    if (has_block) add_code(out, block.code);
    add_members(vm, out, entry);
}

// ---- help()

typedef enum { LIST_FUNCTIONS, LIST_CLASSES, LIST_EXCEPTIONS, LIST_TOPICS } List;

static bool is_listed(const TgHelpEntry *entry, List list) {
    switch (entry->kind) {
    case TG_HELP_FUNCTION:
    case TG_HELP_VALUE: return list == LIST_FUNCTIONS;
    case TG_HELP_CLASS: {
        bool is_exception = ((const TgClass *)entry->key)->obj.flags & OBJ_EXCEPTION;
        return !*entry->room && list == (is_exception ? LIST_EXCEPTIONS : LIST_CLASSES);
    }
    case TG_HELP_TOPIC: return list == LIST_TOPICS;
    default: return false;
    }
}

typedef struct {
    List list;
    TgHelpSpan chapter; // empty: any
    TgBuffer line;
} Names;

static bool names_visit(void *data, const TgHelpEntry *entry) {
    Names *names = data;
    TgHelpBlock block;
    if (!is_listed(entry, names->list)) return true;
    if (names->chapter.length &&
        (!tg_help_block_of(entry->name, &block) || block.chapter.at != names->chapter.at))
        return true;
    if (names->line.length) tg_buffer_text(&names->line, " ");
    tg_buffer_text(&names->line, entry->name);
    return true;
}

static void add_names(TgVM *vm, TgBuffer *out, List list, TgHelpSpan chapter) {
    Names names = {.list = list, .chapter = chapter};
    size_t column = TG_PAGE_INDENT;
    tg_help_walk(vm, names_visit, &names);
    if (names.line.length) {
        tg_buffer_fill(out, " ", 1, TG_PAGE_INDENT);
        if (chapter.length) {
            column = TG_PAGE_COLUMN;
            tg_buffer_add(out, chapter.at, chapter.length);
            size_t used = chapter.length + TG_PAGE_INDENT;
            tg_buffer_fill(out, " ", 1, used < column ? column - used : 1);
        }
        tg_page_wrap(out, (TgHelpSpan){names.line.data, names.line.length}, column, column);
    }
    tg_buffer_free(&names.line);
}

// The chapters of the examples are the groups of the functions.
static void add_groups(TgVM *vm, TgBuffer *out) {
    TgHelpSpan last = {0};
    TgHelpBlock block;
    for (const char *at = NULL; tg_help_block(&at, &block);) {
        if (block.chapter.at != last.at) add_names(vm, out, LIST_FUNCTIONS, block.chapter);
        last = block.chapter;
    }
}

static bool modules_visit(void *data, const TgHelpEntry *entry) {
    if (entry->kind == TG_HELP_MODULE) tg_page_row(data, entry->name, tg_page_span(entry->text));
    return true;
}

static void add_beginning(TgVM *vm, TgBuffer *out) {
    tg_buffer_text(
        out,
        "help(x) shows what is known of x: a function, a method, a class, a module, any\n"
        "value; or of a name in quotes.\n\n"
        "  help(print)   help([].push)   help(List)   help(\"math.sqrt\")   help(\"nursery\")\n");
    tg_page_heading(out, "Built-in functions");
    add_groups(vm, out);
    tg_page_heading(out, "Classes");
    add_names(vm, out, LIST_CLASSES, (TgHelpSpan){0});
    tg_page_heading(out, "Exceptions");
    add_names(vm, out, LIST_EXCEPTIONS, (TgHelpSpan){0});
    tg_page_heading(out, "Modules");
    tg_help_walk(vm, modules_visit, out);
    tg_page_heading(out, "Words of the language and topics, in quotes");
    add_names(vm, out, LIST_TOPICS, (TgHelpSpan){0});
}

// ---- names

enum { CANDIDATES_MAX = 1024, LONGEST_SHOWN = 60 };

typedef struct {
    TgVM *vm;
    bool is_full; // "List.push", else "push"
    const char *names[CANDIDATES_MAX];
    uint32_t count;
} Candidates;

static bool candidates_visit(void *data, const TgHelpEntry *entry) {
    Candidates *all = data;
    TgHelpSpan names = tg_page_span(entry->name), word;
    if (all->is_full && all->count < CANDIDATES_MAX)
        all->names[all->count++] = full_name(all->vm, entry);
    while (!all->is_full && all->count < CANDIDATES_MAX && tg_help_word(&names, &word))
        all->names[all->count++] = tg_string(all->vm, word.at, word.length)->data;
    return true;
}

static void add_unknown(TgVM *vm, TgBuffer *out, const char *name) {
    Candidates all = {.vm = vm, .is_full = strchr(name, '.') != NULL};
    tg_help_walk(vm, candidates_visit, &all);
    const char *near = tg_nearest(name, all.names, all.count);
    if (strlen(name) > LONGEST_SHOWN) name = "a text as long as this";
    tg_buffer_format(out, "there is no help for '%s'", name);
    if (near) tg_buffer_format(out, "; did you mean '%s'?", near);
    tg_buffer_text(out, "\nhelp() lists what there is\n");
}

static bool bare_visit(void *data, const TgHelpEntry *entry) {
    Search *search = data;
    if (!matches_bare(entry, search->wanted)) return true;
    TgString *name = tg_string_format(search->vm, "%s.%s", entry->room, entry->signature);
    tg_page_row(search->out, name->data, tg_page_span(entry->text));
    return true;
}

// "cancel" is a method of tasks and of nurseries.
static void add_several(TgVM *vm, TgBuffer *out, const char *name) {
    Search search = {.wanted = name, .vm = vm, .out = out};
    tg_buffer_format(out, "there are several with the name '%s':\n\n", name);
    tg_help_walk(vm, bare_visit, &search);
}

bool tg_help_name(TgVM *vm, const char *name, TgBuffer *out) {
    TgHelpEntry entry;
    const char *bracket = strchr(name, '(');
    if (bracket && bracket > name) name = tg_string(vm, name, (size_t)(bracket - name))->data;
    size_t count = search(vm, matches_name, name, &entry);
    if (!count) count = search(vm, matches_any_case, name, &entry) > 0;
    if (!count) count = search(vm, matches_bare, name, &entry);
    if (count == 1)
        add_page(vm, out, &entry);
    else if (count)
        add_several(vm, out, name);
    else
        add_unknown(vm, out, name);
    return count > 0;
}

// ---- values

static bool add_known(TgVM *vm, TgBuffer *out, const void *key) {
    TgHelpEntry entry;
    if (!key || !search(vm, matches_key, key, &entry)) return false;
    add_page(vm, out, &entry);
    return true;
}

static void add_function(TgVM *vm, TgBuffer *out, const TgFunction *function) {
    const void *key = function->obj.kind == OBJ_NATIVE
                          ? (const void *)((const TgNative *)function)->def
                          : function->code;
    if (!add_known(vm, out, key)) tg_help_own_function(vm, function, out);
}

static void add_class(TgVM *vm, TgBuffer *out, const TgClass *class_) {
    TgHelpEntry maker;
    // What a function of the library gives is of a class without an entry: _Signals is signals().
    bool is_hidden = class_->code && class_->code->is_hidden;
    if (is_hidden && search(vm, matches_any_case, class_->name->data + 1, &maker))
        add_page(vm, out, &maker);
    else if (!add_known(vm, out, class_))
        tg_help_own_class(vm, class_, out);
}

static void add_module(TgVM *vm, TgBuffer *out, const TgModule *module) {
    TgHelpEntry entry;
    bool is_standard = tg_map_get_string(vm->modules, module->name) == tg_obj(module);
    if (is_standard && search(vm, matches_name, module->name->data, &entry))
        add_page(vm, out, &entry);
    else
        tg_help_own_module(vm, module, out);
}

void tg_help_value(TgVM *vm, TgValue value, TgBuffer *out) {
    if (tg_is_kind(value, OBJ_BOUND)) value = ((TgBound *)tg_as_obj(value))->function;
    if (tg_is_kind(value, OBJ_CLOSURE) || tg_is_kind(value, OBJ_NATIVE))
        add_function(vm, out, (TgFunction *)tg_as_obj(value));
    else if (tg_is_kind(value, OBJ_CLASS))
        add_class(vm, out, (TgClass *)tg_as_obj(value));
    else if (tg_is_kind(value, OBJ_MODULE))
        add_module(vm, out, (TgModule *)tg_as_obj(value));
    else
        add_class(vm, out, tg_class_of(vm, value));
}

// ---- the native

static TgResult help_help(TgCall *call) {
    TgVM *vm = call->vm;
    // The tg halves of the modules say themselves what is in them.
    for (const char *const *name = tg_stdlib_module_names(); *name; name++) {
        TgResult result = tg_call_import(call, *name, 1);
        if (result != TG_DONE) return result;
    }
    const TgList *things = (TgList *)tg_as_obj(call->args[0]);
    TgBuffer out = {0};
    if (!things->count) add_beginning(vm, &out);
    for (uint32_t i = 0; i < things->count; i++) {
        TgValue thing = things->items[i];
        if (i) tg_buffer_text(&out, "\n");
        if (tg_is_kind(thing, OBJ_STRING))
            tg_help_name(vm, ((TgString *)tg_as_obj(thing))->data, &out);
        else
            tg_help_value(vm, thing, &out);
    }
    bool failed = out.failed;
    if (!failed) tg_out_write(vm, out.data, out.length);
    tg_buffer_free(&out);
    return failed ? tg_raise_memory(call) : tg_out_done(call);
}

const TgNativeDef tg_lib_help[] = {
    {"help(*things)", help_help,
     "Writes what is known of each thing: a function, a class, a module, any value, or a name in "
     "quotes; without "
     "any, how to begin and what there is."},
    {0},
};
