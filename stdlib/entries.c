// stdlib/entries.c
// Goes over all that help knows, and over the blocks of examples.tg.
// Layer: library.
#include "stdlib/entries.h"

#include "build/examples.inc"
#include "stdlib/lib.h"
#include "stdlib/registry.h"
#include "vm/code.h"

// ---- the entries

typedef struct {
    TgVM *vm;
    TgHelpVisit visit;
    void *data;
    bool is_over;
} Walk;

static void visit(Walk *walk, const TgHelpEntry *entry) {
    if (!walk->is_over) walk->is_over = !walk->visit(walk->data, entry);
}

static const char *row_text(const char *room, const char *name) {
    for (const TgHelpRow *row = tg_help_rows; row->name; row++)
        if (!strcmp(row->room, room) && !strcmp(row->name, name)) return row->text;
    return "";
}

static bool is_mark(char c) {
    return c == '#' || c == ' ' || c == '\t';
}

// The comment above a function or class of the library's tg half as one text.
static const char *comment_text(TgVM *vm, const TgSourceText *source, uint32_t at) {
    TgHelpSpan rest = tg_help_comment(source, at), line;
    TgBuffer out = {0};
    while (tg_help_line(&rest, &line)) {
        while (line.length && is_mark(*line.at)) line.at++, line.length--;
        if (out.length) tg_buffer_text(&out, " ");
        tg_buffer_add(&out, line.at, line.length);
    }
    TgString *text = tg_string(vm, out.data ? out.data : "", out.length);
    tg_buffer_free(&out);
    return text->data;
}

// A native or a function of the tg half; false for any other value.
static bool visit_function(Walk *walk, TgHelpKind kind, const char *room, const char *name,
                           TgValue value) {
    TgHelpEntry entry = {.kind = kind, .room = room, .name = name};
    if (tg_is_kind(value, OBJ_NATIVE)) {
        const TgNativeDef *def = ((TgNative *)tg_as_obj(value))->def;
        entry.signature = def->signature;
        entry.text = def->help;
        entry.key = def;
    } else if (tg_is_kind(value, OBJ_CLOSURE)) {
        const TgCode *code = ((TgFunction *)tg_as_obj(value))->code;
        entry.signature = code->signature ? code->signature->data : name;
        entry.text = comment_text(walk->vm, code->source, code->line);
        entry.key = code;
    } else {
        return false;
    }
    visit(walk, &entry);
    return true;
}

static void visit_functions(Walk *walk, TgHelpKind kind, const char *room, const TgMap *map) {
    uint32_t position = 0;
    for (TgMapEntry *entry; !walk->is_over && (entry = tg_map_next(map, &position));) {
        const char *name = ((TgString *)tg_as_obj(entry->key))->data;
        // How a class of a tg half is called, its own entry says.
        bool is_init = !strcmp(name, "init") && (tg_is_kind(entry->value, OBJ_CLOSURE) || kind == TG_HELP_STATIC);
        bool is_shown = name[0] != '_' && !is_init;
        if (is_shown) visit_function(walk, kind, room, name, entry->value);
    }
}

// "init(message)" is "KeyError(message)".
static const char *class_signature(TgVM *vm, const TgClass *class_) {
    TgValue init = tg_map_get_string(class_->attributes, vm->name_init); // static: of a built-in type
    if (tg_is_undef(init)) init = tg_class_find_method(class_, vm->name_init);
    const char *signature = NULL;
    if (tg_is_kind(init, OBJ_NATIVE)) signature = ((TgNative *)tg_as_obj(init))->def->signature;
    TgString *of_code = tg_is_kind(init, OBJ_CLOSURE) ? ((TgFunction *)tg_as_obj(init))->code->signature : NULL;
    if (of_code) signature = of_code->data;
    if (!signature) return class_->name->data;
    return tg_string_format(vm, "%s%s", class_->name->data, signature + strlen("init"))->data;
}

// `room` is "" or a module's name. The text of a class of a tg half is the comment above it.
static void visit_class(Walk *walk, const char *room, const TgClass *class_) {
    const char *name = class_->name->data, *text = row_text(room, name);
    if (!*text && class_->code) text = comment_text(walk->vm, class_->code->source, class_->line);
    TgHelpEntry entry = {TG_HELP_CLASS, room, name, class_signature(walk->vm, class_), text, class_};
    visit(walk, &entry);
    visit_functions(walk, TG_HELP_METHOD, name, class_->methods);
    visit_functions(walk, TG_HELP_STATIC, name, class_->attributes);
    for (const TgHelpRow *row = tg_help_rows; row->name; row++) {
        if (strcmp(row->room, name) != 0) continue;
        TgHelpEntry field = {TG_HELP_FIELD, name, row->name, row->name, row->text, NULL};
        visit(walk, &field);
    }
}

static void visit_builtins(Walk *walk) {
    const TgVM *vm = walk->vm;
    for (uint32_t i = 0; i < vm->builtin_count && !walk->is_over; i++) {
        const char *name = vm->builtin_names[i];
        TgValue value = vm->builtins[i];
        TgHelpEntry other = {TG_HELP_VALUE, "", name, name, row_text("", name), NULL};
        if (!*name)
            continue;
        else if (tg_is_kind(value, OBJ_CLASS))
            visit_class(walk, "", (TgClass *)tg_as_obj(value));
        else if (!visit_function(walk, TG_HELP_FUNCTION, "", name, value))
            visit(walk, &other);
    }
}

static void visit_members(Walk *walk, const char *name) {
    TgValue known = tg_map_get_string(walk->vm->modules, tg_string_c(walk->vm, name));
    const TgModule *module =
        tg_is_undef(known) ? tg_stdlib_module(walk->vm, name) : (TgModule *)tg_as_obj(known);
    uint32_t position = 0;
    for (TgMapEntry *at; !walk->is_over && (at = tg_map_next(module->members, &position));) {
        const char *member = ((TgString *)tg_as_obj(at->key))->data;
        TgValue value = ((TgCell *)tg_as_obj(at->value))->value;
        if (member[0] == '_') continue; // its tg half has not run
        if (visit_function(walk, TG_HELP_MEMBER, name, member, value)) continue;
        if (tg_is_kind(value, OBJ_CLASS)) {
            visit_class(walk, name, (TgClass *)tg_as_obj(value));
            continue;
        }
        TgHelpEntry entry = {TG_HELP_CONSTANT, name, member, member, row_text(name, member), NULL};
        visit(walk, &entry);
    }
}

static void visit_modules(Walk *walk) {
    static const TgHelpRow modules[] = {
#define MODULE(name, fill, help, half) {"", #name, help},
#include "stdlib/modules.def"
#undef MODULE
    };
    for (size_t i = 0; i < sizeof modules / sizeof *modules && !walk->is_over; i++) {
        const char *name = modules[i].name;
        TgHelpEntry entry = {TG_HELP_MODULE, "", name, name, modules[i].text, NULL};
        visit(walk, &entry);
        visit_members(walk, name);
    }
}

void tg_help_walk(TgVM *vm, TgHelpVisit visitor, void *data) {
    Walk walk = {.vm = vm, .visit = visitor, .data = data};
    visit_builtins(&walk);
    visit_modules(&walk);
    for (const TgHelpTopic *topic = tg_help_topics; topic->names; topic++) {
        TgHelpEntry entry = {TG_HELP_TOPIC, "", topic->names, topic->form, topic->text, NULL};
        visit(&walk, &entry);
    }
}

// ---- the examples

bool tg_help_line(TgHelpSpan *rest, TgHelpSpan *line) {
    if (!rest->length) return false;
    const char *newline = memchr(rest->at, '\n', rest->length);
    line->at = rest->at;
    line->length = newline ? (size_t)(newline - rest->at) : rest->length;
    size_t used = line->length + (newline != NULL);
    rest->at += used;
    rest->length -= used;
    return true;
}

bool tg_help_word(TgHelpSpan *rest, TgHelpSpan *word) {
    while (rest->length && *rest->at == ' ') rest->at++, rest->length--;
    word->at = rest->at;
    while (rest->length && *rest->at != ' ') rest->at++, rest->length--;
    word->length = (size_t)(rest->at - word->at);
    return word->length > 0;
}

static bool begins(TgHelpSpan line, const char *mark) {
    return line.length >= 2 && line.at[0] == mark[0] && line.at[1] == mark[1];
}

static TgHelpSpan after_mark(TgHelpSpan line) {
    size_t skip = line.length > 2 ? 3 : 2;
    return (TgHelpSpan){line.at + skip, line.length - skip};
}

// Adds the line, which stands right behind the span, to it. Blank lines count once something
// follows.
static void extend(TgHelpSpan *span, TgHelpSpan line) {
    if (!line.length) return;
    if (!span->length) span->at = line.at;
    span->length = (size_t)(line.at + line.length - span->at);
}

bool tg_help_block(const char **at, TgHelpBlock *block) {
    if (!*at) *block = (TgHelpBlock){0};
    const char *start = *at ? *at : examples_text;
    TgHelpSpan rest = {start, strlen(start)}, line;
    block->names = block->prose = block->code = (TgHelpSpan){0};
    while (tg_help_line(&rest, &line)) {
        bool is_head = begins(line, "#:"), is_chapter = begins(line, "#=");
        if ((is_head || is_chapter) && block->names.length) break;
        *at = rest.at;
        if (is_chapter)
            block->chapter = after_mark(line);
        else if (is_head)
            block->names = after_mark(line);
        else if (block->names.length)
            extend(begins(line, "#|") ? &block->prose : &block->code, line);
    }
    return block->names.length > 0;
}

bool tg_help_block_of(const char *name, TgHelpBlock *block) {
    for (const char *at = NULL; tg_help_block(&at, block);) {
        TgHelpSpan names = block->names, word;
        while (tg_help_word(&names, &word))
            if (tg_help_is(word, name)) return true;
    }
    return false;
}

// ---- comments

// The line before `at`, which is where a line begins. False: it is the first one.
static bool line_before(const char *text, const char *at, TgHelpSpan *line) {
    if (at == text) return false;
    const char *end = at - 1;
    const char *begin = end;
    while (begin > text && begin[-1] != '\n') begin--;
    *line = (TgHelpSpan){begin, (size_t)(end - begin)};
    return true;
}

TgHelpSpan tg_help_comment(const TgSourceText *source, uint32_t line) {
    TgHelpSpan comment = {0}, above;
    if (!source) return comment;
    const char *at = source->text;
    for (uint32_t number = source->first_line ? source->first_line : 1; number < line; number++) {
        at = strchr(at, '\n');
        if (!at++) return comment;
    }
    const char *end = at;
    while (line_before(source->text, at, &above)) {
        size_t blanks = strspn(above.at, " \t");
        if (above.at[blanks] != '#' || above.at[blanks + 1] == '!') break;
        at = above.at;
    }
    if (at < end) comment = (TgHelpSpan){at, (size_t)(end - at) - 1};
    return comment;
}
