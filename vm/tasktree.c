// vm/tasktree.c
// tasks(): a TaskTree, with `tasks` (a List of Maps, children in children) and `text`, the picture. Both are of the moment
// at which it was called.
// Layer: runtime, top.
#include "vm/tasktree.h"

#include "vm/api.h"
#include "vm/field.h"
#include "vm/sched.h"
#include "vm/tree.h"
#include "vm/why.h"

enum { MOST_DEEP = 1000 }; // tasks in each other: Maps deeper than that can't be printed either

static void put(TgVM *vm, TgMap *map, const char *key, TgValue value) {
    tg_map_set(vm, map, tg_obj(tg_string_c(vm, key)), value);
}

static TgValue text_of(TgVM *vm, TgBuffer *buffer) {
    TgValue text = buffer->length > 0 ? tg_obj(tg_string(vm, buffer->data, buffer->length)) : TG_NIL;
    tg_buffer_free(buffer);
    return text;
}

static void put_place(TgVM *vm, TgMap *map, const TgTask *task) {
    TgCode *code;
    uint32_t at = 0;
    bool has_place = tg_task_spot(task, &code, &at);
    put(vm, map, "file", has_place ? tg_obj(code->file) : TG_NIL);
    put(vm, map, "line", has_place ? tg_int(tg_code_place(code, at).line) : TG_NIL);
    put(vm, map, "function", has_place ? tg_obj(tg_string_c(vm, tg_code_function(code))) : TG_NIL);
}

static void put_wait(TgVM *vm, TgMap *map, const TgTask *task) {
    bool waits = task->state == TASK_BLOCKED;
    TgBuffer text = {0};
    if (waits) tg_tree_state(task, &text);
    put(vm, map, "waits", text_of(vm, &text));
    bool is_known = waits && !task->timer.at;
    put(vm, map, "since", is_known ? tg_float(tg_now(vm) - task->timer.when) : TG_NIL);
}

static void put_stops(TgVM *vm, TgMap *map, const TgTask *task) {
    double left;
    bool has_deadline = tg_tree_deadline(vm, task, &left);
    put(vm, map, "deadline", has_deadline ? tg_float(left) : TG_NIL);
    put(vm, map, "shielded", tg_bool(tg_tree_shielded(task)));
    TgBuffer why = {0};
    bool is_cancelled = tg_why_text(vm, task, &why);
    if (is_cancelled && why.length == 0) tg_buffer_text(&why, "from outside");
    put(vm, map, "cancelled", text_of(vm, &why));
}

static void add_children(TgVM *vm, TgList *list, const TgScope *scope, int depth);

static TgValue tree_of(TgVM *vm, TgTask *task, int depth) {
    TgMap *map = tg_map(vm);
    put(vm, map, "task", tg_task_value(task));
    put(vm, map, "name", tg_obj(tg_string_format(vm, "%s#%u", task->name->data, task->id)));
    put(vm, map, "state", tg_obj(tg_string_c(vm, tg_task_state_name(task))));
    put_wait(vm, map, task);
    put_place(vm, map, task);
    put_stops(vm, map, task);
    TgList *children = tg_list(vm, 0);
    for (const TgScope *scope = task->scope; scope && depth < MOST_DEEP; scope = scope->outer)
        add_children(vm, children, scope, depth + 1);
    put(vm, map, "children", tg_obj(children));
    return tg_obj(map);
}

static void add_children(TgVM *vm, TgList *list, const TgScope *scope, int depth) {
    for (TgTask *child = scope->children; child; child = child->sibling_next)
        tg_list_push(vm, list, tree_of(vm, child, depth));
}

static TgResult tasks(TgCall *call) {
    TgVM *vm = call->vm;
    TgSched *sched = vm->sched;
    TgList *list = tg_list(vm, 1);
    if (sched->root) add_children(vm, list, sched->root, 0);
    if (sched->session && sched->session != sched->root) add_children(vm, list, sched->session, 0);
    TgBuffer picture = {0};
    tg_tree_picture(vm, true, &picture); // a String is UTF-8, whatever the terminal is
    if (picture.length > 0) picture.length--; // print ends the last line
    TgInstance *tree = tg_instance_new(vm, sched->tree_class);
    TgString *text = tg_buffer_string(vm, &picture);
    if (!text) return TG_RAISED;
    tg_instance_set(vm, tree, tg_string_c(vm, "tasks"), tg_obj(list));
    tg_instance_set(vm, tree, tg_string_c(vm, "text"), tg_obj(text));
    return tg_return(call, tg_obj(tree));
}

static TgResult tree_str(TgCall *call) {
    TgValue text;
    return tg_field_get(call->vm, call->args[0], tg_string_c(call->vm, "text"), &text) ? tg_return(call, text) : TG_RAISED;
}

static TgResult tree_iter(TgCall *call) {
    TgValue list;
    return tg_field_get(call->vm, call->args[0], tg_string_c(call->vm, "tasks"), &list) ? tg_return(call, list) : TG_RAISED;
}

static const TgNativeDef builtins[] = {
    {"tasks()", tasks, "All live tasks: prints as a tree of nurseries; its `tasks` is a List of Maps."},
    {0},
};

static const TgNativeDef methods[] = {
    {"str()", tree_str, "The picture."},
    {"iter()", tree_iter, "Goes over `tasks`."},
    {0},
};

void tg_tasktree_register(TgVM *vm) {
    tg_register_builtins(vm, builtins, false);
    vm->sched->tree_class = tg_class_new(vm, tg_string_c(vm, "TaskTree"), NULL);
    tg_register_methods(vm, vm->sched->tree_class, methods);
    tg_class_finish(vm, vm->sched->tree_class);
}
