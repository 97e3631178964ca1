// stdlib/code.c
// The module code: texts run as code, one after the other, in a module of their own that remembers what they declared.
//
// Nothing in it is a cage: such a text may import what it likes. What it sees under which name is its maker's choice, so that `print` goes
// to whoever sent the text.
//
// Layer: library.
#include <stdlib.h>

#include "stdlib/lib.h"

typedef struct {
    TgResource head;
    TgModule *module;
} Session;

static void session_mark(TgVM *vm, TgResource *resource) { tg_gc_mark_obj(vm, ((Session *)resource)->module); }

static void session_text(TgVM *vm, const TgResource *resource, TgBuffer *out) {
    (void)vm;
    tg_buffer_format(out, "<Session %s>", ((const Session *)resource)->module->name->data);
}

static const TgResourceType session_type = {.size = sizeof(Session), .mark = session_mark, .text = session_text};

static TgClass *session_class(TgVM *vm) {
    bool is_new;
    TgClass *class_ = tg_library_class(vm, "Session", NULL, &is_new);
    if (is_new) tg_register_methods(vm, class_, tg_lib_code_session);
    if (is_new) tg_class_finish(vm, class_);
    return class_;
}

static bool set_names(TgCall *call, TgModule *module, const TgMap *names) {
    uint32_t position = 0;
    for (TgMapEntry *entry; (entry = tg_map_next(names, &position));) {
        if (!tg_is_kind(entry->key, OBJ_STRING)) {
            tg_error_raise(call->vm, TG_ERR_TypeError, "session(): names are Strings, not %s", tg_lib_show(call->vm, entry->key));
            return false;
        }
        tg_module_set(call->vm, module, ((TgString *)tg_as_obj(entry->key))->data, entry->value);
    }
    return true;
}

static TgResult code_session(TgCall *call) {
    TgVM *vm = call->vm;
    TgMap *names = NULL;
    TgString *name = tg_string_c(vm, "code");
    if (tg_lib_given(call, 0) && !tg_arg_map(call, 0, &names)) return TG_RAISED;
    if (tg_lib_given(call, 1) && !tg_arg_string(call, 1, &name)) return TG_RAISED;
    Session *session = (Session *)tg_resource_new(vm, &session_type, session_class(vm));
    session->module = tg_module_new(vm, name, NULL);
    if (names && !set_names(call, session->module, names)) return TG_RAISED;
    return tg_return(call, tg_obj(session));
}

static TgResult refuse(TgCall *call, char *report) {
    size_t end = report ? strlen(report) : 0;
    if (end && report[end - 1] == '\n') report[end - 1] = '\0'; // a message has none at its end
    tg_error_raise(call->vm, TG_ERR_SyntaxError, "%s", report ? report : "the text cannot be compiled");
    free(report);
    return TG_RAISED;
}

static TgResult session_run(TgCall *call) {
    TgVM *vm = call->vm;
    TgString *text;
    char *report = NULL;
    if (call->step == 1) return tg_return(call, tg_is_undef(call->value) ? TG_NIL : call->value);
    if (!tg_arg_string(call, 1, &text)) return TG_RAISED;
    const Session *session = (Session *)tg_resource_of(call->args[0], &session_type);
    if (!session) return tg_raise(call, TG_ERR_TypeError, "a Session is asked for, not %s", TG_SHOW(call->vm, call->args[0]));
    TgModule *module = session->module;
    if (!vm->options.hooks.compile_more)
        return tg_raise(call, TG_ERR_ValueError, "the program that tg is embedded in gives it no compiler for code (TgHooks.compile_more)");
    TgCode *code = vm->options.hooks.compile_more(vm, module, module->name->data, text->data, text->length, &report);
    return code ? tg_call(call, tg_obj(tg_closure_new(vm, code, 0)), NULL, 0, 1) : refuse(call, report);
}

const TgNativeDef tg_lib_code_members[] = {
    {"session(names = {}, name = \"code\")", code_session,
     "A Session: code that is run in it sees these names, which may be those of built-in functions; the name is for its reports."},
    {0},
};

const TgNativeDef tg_lib_code_session[] = {
    {"run(text)", session_run,
     "Runs a text and gives the value of the expression it ends with, else nil; what it declares is there for the next one. A text that is no "
     "tg is a SyntaxError, whose message shows where."},
    {0},
};

void tg_lib_code(TgVM *vm, TgModule *module) {
    tg_register_members(vm, module, tg_lib_code_members);
    tg_module_set(vm, module, "Session", tg_obj(session_class(vm)));
}
