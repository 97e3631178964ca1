// stdlib/help_own.c
// Help for what a script has made itself: signatures, places, and the comments above.
// Layer: library.
#include "stdlib/lib.h"
#include "stdlib/pages.h"
#include "vm/code.h"

static bool is_blank(char c) {
    return c == ' ' || c == '\t' || c == '\r';
}

// A line of a comment without its `# `.
static TgHelpSpan uncomment(TgHelpSpan line) {
    while (line.length && is_blank(*line.at)) line.at++, line.length--;
    while (line.length && *line.at == '#') line.at++, line.length--;
    if (line.length && *line.at == ' ') line.at++, line.length--;
    while (line.length && is_blank(line.at[line.length - 1])) line.length--;
    return line;
}

// As it was written, line by line: it may be a list or a piece of code.
static void add_comment(TgBuffer *out, TgHelpSpan comment) {
    TgHelpSpan line;
    if (comment.length) tg_buffer_text(out, "\n");
    while (tg_help_line(&comment, &line)) {
        line = uncomment(line);
        if (line.length) tg_buffer_fill(out, " ", 1, TG_PAGE_INDENT);
        tg_buffer_add(out, line.at, line.length);
        tg_buffer_text(out, "\n");
    }
}

static void add_place(TgBuffer *out, const TgCode *code, uint32_t line) {
    if (!code || !code->file) return;
    tg_buffer_fill(out, " ", 1, TG_PAGE_INDENT);
    if (code->is_hidden)
        tg_buffer_text(out, "of the library\n");
    else
        tg_buffer_format(out, "%s:%u\n", code->file->data, line);
}

static const char *signature_of(const TgFunction *function) {
    const TgCode *code = function->code;
    if (function->obj.kind == OBJ_NATIVE) return ((const TgNative *)function)->def->signature;
    return code->signature ? code->signature->data : "fn()";
}

void tg_help_own_function(TgVM *vm, const TgFunction *function, TgBuffer *out) {
    (void)vm;
    const TgCode *code = function->code;
    const TgClass *home =
        function->obj.kind == OBJ_CLOSURE ? ((const TgClosure *)function)->home : NULL;
    // A function without a name has the signature fn(…).
    const char *prefix = !code->name || !code->name->length ? "" : "fn ";
    if (home && code->is_method)
        tg_buffer_format(out, "%s.%s\n", home->name->data, signature_of(function));
    else
        tg_buffer_format(out, "%s%s\n", prefix, signature_of(function));
    add_place(out, code, code->line);
    add_comment(out, tg_help_comment(code->source, code->line));
}

// What stands beside a function in a list: the first sentence above it.
static void add_function(TgBuffer *out, const TgFunction *function) {
    TgHelpSpan comment = {0};
    if (function->obj.kind == OBJ_CLOSURE)
        comment = tg_help_comment(function->code->source, function->code->line);
    TgBuffer text = {0};
    for (TgHelpSpan line; tg_help_line(&comment, &line);) {
        line = uncomment(line);
        if (text.length) tg_buffer_text(&text, " ");
        tg_buffer_add(&text, line.at, line.length);
    }
    TgHelpSpan span = {text.data ? text.data : "", text.length};
    tg_page_row(out, signature_of(function), span);
    tg_buffer_free(&text);
}

static void add_methods(TgBuffer *out, const TgClass *class_) {
    uint32_t position = 0;
    if (class_->methods->count) tg_page_heading(out, "Methods");
    for (TgMapEntry *entry; (entry = tg_map_next(class_->methods, &position));)
        if (tg_is_kind(entry->value, OBJ_CLOSURE) || tg_is_kind(entry->value, OBJ_NATIVE))
            add_function(out, (TgFunction *)tg_as_obj(entry->value));
}

static void add_attributes(TgVM *vm, TgBuffer *out, const TgClass *class_) {
    uint32_t position = 0;
    if (class_->attributes->count) tg_page_heading(out, "Attributes of the class");
    for (TgMapEntry *entry; (entry = tg_map_next(class_->attributes, &position));) {
        const char *name = ((TgString *)tg_as_obj(entry->key))->data;
        tg_page_row(out, name, tg_page_span(tg_type_name(vm, entry->value)));
    }
}

void tg_help_own_class(TgVM *vm, const TgClass *class_, TgBuffer *out) {
    tg_buffer_format(out, "class %s", class_->name->data);
    if (class_->super) tg_buffer_format(out, " < %s", class_->super->name->data);
    tg_buffer_text(out, "\n");
    add_place(out, class_->code, class_->line);
    if (class_->code) add_comment(out, tg_help_comment(class_->code->source, class_->line));
    add_methods(out, class_);
    add_attributes(vm, out, class_);
    if (class_->super)
        tg_buffer_format(out, "\nWhat it inherits: help(%s)\n", class_->super->name->data);
}

// ---- modules

static void add_member(TgVM *vm, TgBuffer *out, const char *name, TgValue value) {
    if (tg_is_undef(value)) {
        tg_page_row(out, name, tg_page_span("not yet set"));
    } else if (tg_is_kind(value, OBJ_CLOSURE)) {
        const TgString *known_as = ((TgFunction *)tg_as_obj(value))->code->name;
        if (known_as && !strcmp(known_as->data, name))
            add_function(out, (TgFunction *)tg_as_obj(value));
        else // let name = fn(x) => …
            tg_page_row(out, name, tg_page_span(signature_of((TgFunction *)tg_as_obj(value))));
    } else if (tg_is_kind(value, OBJ_CLASS)) {
        tg_page_row(out, name, tg_page_span("a class"));
    } else {
        tg_page_row(out, name, tg_page_span(tg_type_name(vm, value)));
    }
}

// Some code of the module's file, or NULL where it has no functions and classes.
static const TgCode *code_of(const TgModule *module) {
    uint32_t position = 0;
    for (TgMapEntry *entry; (entry = tg_map_next(module->members, &position));) {
        TgValue value = ((TgCell *)tg_as_obj(entry->value))->value;
        const TgCode *code = NULL;
        if (tg_is_kind(value, OBJ_CLOSURE)) code = ((TgFunction *)tg_as_obj(value))->code;
        if (tg_is_kind(value, OBJ_CLASS)) code = ((TgClass *)tg_as_obj(value))->code;
        if (code && code->module == module) return code;
    }
    return NULL;
}

// The comment at the top of a file, where an empty line parts it from what follows.
static TgHelpSpan top_comment(const TgSourceText *source) {
    TgHelpSpan rest = {source->text, source->length}, line, comment = {0};
    while (tg_help_line(&rest, &line)) {
        if (!line.length) return comment;
        if (*line.at != '#') return (TgHelpSpan){0};
        if (line.length > 1 && line.at[1] == '!') continue;
        if (!comment.at) comment.at = line.at;
        comment.length = (size_t)(line.at + line.length - comment.at);
    }
    return comment;
}

void tg_help_own_module(TgVM *vm, const TgModule *module, TgBuffer *out) {
    const TgCode *code = code_of(module);
    tg_buffer_format(out, "module %s\n", module->name->data);
    if (code)
        tg_buffer_format(out, "  %s\n", code->file->data);
    else if (module->path)
        tg_buffer_format(out, "  %s\n", module->path->data);
    if (code && code->source) add_comment(out, top_comment(code->source));
    if (module->members->count) tg_page_heading(out, "Members");
    uint32_t position = 0;
    for (TgMapEntry *entry; (entry = tg_map_next(module->members, &position));) {
        const char *name = ((TgString *)tg_as_obj(entry->key))->data;
        add_member(vm, out, name, ((TgCell *)tg_as_obj(entry->value))->value);
    }
}
