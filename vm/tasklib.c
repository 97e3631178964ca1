// vm/tasklib.c
// Natives of tasks, nurseries and time, and the properties of the runtime's own kinds.
// Layer: runtime, top.
#include "vm/tasklib.h"

#include <math.h>

#include "vm/channel.h"
#include "vm/field.h"
#include "vm/handover.h"
#include "vm/import.h"
#include "vm/life.h"
#include "vm/sync.h"
#include "vm/tasktree.h"
#include "vm/why.h"

// ---- Time

static TgResult task_sleep(TgCall *call) {
    double seconds;
    if (!tg_arg_seconds(call, 0, &seconds)) return TG_RAISED;
    return tg_park_until(call, tg_now(call->vm) + seconds);
}

static TgResult task_now(TgCall *call) { return tg_return(call, tg_float(tg_now(call->vm))); }

static TgResult task_checkpoint(TgCall *call) { return tg_park_yield(call); }

static TgValue quick_checkpoint(TgVM *vm, const TgValue *args, uint32_t argc) {
    (void)args;
    (void)argc;
    if (!vm->sched->passes) return TG_UNDEF;
    tg_sched_ready(vm, vm->current);
    return TG_WAITS;
}

// ---- Tasks

static TgResult task_current(TgCall *call) { return tg_return(call, tg_task_value(call->task)); }

static TgValue quick_wait(TgVM *vm, const TgValue *args, uint32_t argc) {
    (void)argc;
    TgTask *task = (TgTask *)tg_as_obj(args[0]);
    if (task->state == TASK_DONE) return task->result;
    if (task->state > TASK_DONE || task == vm->current) return TG_UNDEF;
    return tg_wait_in(vm, tg_task_waiters(vm, task), WAIT_TASK, task);
}

static TgResult task_wait(TgCall *call) {
    TgTask *task = (TgTask *)tg_as_obj(call->args[0]);
    TgValue given = quick_wait(call->vm, call->args, 1);
    if (!tg_is_undef(given)) return tg_quick_end(call, given);
    if (task->state == TASK_FAILED) return tg_raise_value(call, task->result);
    if (task->state == TASK_CANCELLED) return tg_raise_value(call, tg_why_error(call->vm, task));
    return tg_raise(call, TG_ERR_Deadlock, "%s#%u waits for itself", task->name->data, task->id);
}

static TgResult task_cancel(TgCall *call) {
    tg_why_cancel_task(call->vm, (TgTask *)tg_as_obj(call->args[0]), call->task);
    return tg_return(call, TG_NIL);
}

static TgResult task_started(TgCall *call) {
    TgTask *task = call->task;
    TgTask *starter = tg_task_starter(task);
    if (!starter)
        return tg_raise(call, TG_ERR_ValueError, "started() is for a task begun by n.start(), and once only");
    task->rare->starter = NULL;
    tg_sched_wake(call->vm, starter, tg_given(call, 0) ? call->args[0] : TG_NIL);
    return tg_return(call, TG_NIL);
}

// ---- Nurseries

static TgScope *nursery_of(TgCall *call) { return (TgScope *)tg_as_obj(call->args[0]); }

static TgTask *nursery_begin(TgCall *call) {
    TgScope *nursery = nursery_of(call);
    TgList *rest = (TgList *)tg_as_obj(call->args[2]);
    if (nursery->closed) {
        tg_error_raise(call->vm, TG_ERR_Closed, "the nursery is closed: its block is over");
        return NULL;
    }
    if (!tg_is_callable(call->args[1])) {
        tg_error_raise(call->vm, TG_ERR_TypeError, "a nursery spawns functions, not %s; write n.spawn(f, x), without calling f",
                       TG_SHOW(call->vm, call->args[1]));
        return NULL;
    }
    TgString *name = NULL;
    if (tg_given(call, 3) && !tg_is_nil(call->args[3]) && !tg_arg_string(call, 3, &name)) return NULL;
    TgTask *task = tg_life_begin(call->vm, nursery, call->task, call->args[1], rest->items, rest->count);
    if (task) task->seen = true;
    if (task && name) task->name = name;
    return task;
}

static TgResult nursery_spawn(TgCall *call) {
    TgTask *task = nursery_begin(call);
    return task ? tg_return(call, tg_obj(task)) : TG_RAISED;
}

static TgResult nursery_start(TgCall *call) {
    TgTask *task = nursery_begin(call);
    if (!task) return TG_RAISED;
    tg_task_rare(call->vm, task)->starter = call->task;
    return tg_park(call, WAIT_START, task, 0);
}

static TgResult nursery_cancel(TgCall *call) {
    tg_why_cancel_scope(call->vm, nursery_of(call), CAUSE_CANCEL, call->task);
    return tg_return(call, TG_NIL);
}

// ---- The end

static TgResult task_exit(TgCall *call) {
    TgSched *sched = call->vm->sched;
    int64_t code = 0;
    if (tg_given(call, 0) && !tg_arg_int(call, 0, &code)) return TG_RAISED;
    if (code < 0 || code > 255)
        return tg_raise(call, TG_ERR_ValueError, "exit(): a status is 0 to 255, not %lld", (long long)code);
    if (!sched->exit_called) sched->exit_status = (int)code;
    sched->exit_called = true;
    call->task->exiting = true;
    if (sched->root) tg_why_cancel_scope(call->vm, sched->root, CAUSE_EXIT, call->task);
    call->vm->raised = TG_NIL; // unwinds as a cancellation, through everything
    return TG_RAISED;
}

// ---- Import and with

static TgResult loading_exit(TgCall *call) {
    TgVM *vm = call->vm;
    TgValue module, ok;
    if (!tg_field_get(vm, call->args[0], tg_string_c(vm, "module"), &module)) return TG_RAISED;
    if (!tg_field_get(vm, call->args[0], tg_string_c(vm, "ok"), &ok)) return TG_RAISED;
    tg_import_done(vm, (TgModule *)tg_as_obj(module), tg_truthy(ok));
    return tg_return(call, TG_NIL);
}

bool tg_resource_check(TgVM *vm, TgValue resource) {
    if (!tg_is_undef(tg_find_method(vm, tg_class_of(vm, resource), vm->name_exit))) return true;
    tg_error_raise(vm, TG_ERR_TypeError, "%s can't be used in 'with': it has no method exit", TG_SHOW(vm, resource));
    return false;
}

// ---- Properties

static TgValue nursery_tasks(TgVM *vm, const TgScope *nursery) {
    TgList *list = tg_list(vm, nursery->child_count);
    for (TgTask *child = nursery->children; child; child = child->sibling_next) tg_list_push(vm, list, tg_task_value(child));
    return tg_obj(list);
}

bool tg_runtime_property(TgVM *vm, TgValue value, const TgString *name, TgValue *out) {
    const char *key = name->data;
    TgObj *obj = tg_as_obj(value);
    if (obj->kind == OBJ_TASK) {
        TgTask *task = (TgTask *)obj;
        if (strcmp(key, "id") == 0) return *out = tg_int(task->id), true;
        if (strcmp(key, "name") == 0) return *out = tg_obj(task->name), true;
        if (strcmp(key, "state") == 0) return *out = tg_obj(tg_string_c(vm, tg_task_state_name(task))), true;
    } else if (obj->kind == OBJ_SCOPE) {
        TgScope *scope = (TgScope *)obj;
        if (strcmp(key, "cancelled") == 0) return *out = tg_bool(scope->cause != CAUSE_NONE), true;
        if (strcmp(key, "tasks") == 0) return *out = nursery_tasks(vm, scope), true;
    } else if (obj->kind == OBJ_CHANNEL) {
        TgChannel *channel = (TgChannel *)obj;
        if (strcmp(key, "capacity") == 0) return *out = tg_int(channel->capacity), true;
        if (strcmp(key, "closed") == 0) return *out = tg_bool(channel->closed), true;
    } else if (obj->kind == OBJ_RESOURCE) {
        TgResource *resource = (TgResource *)obj;
        return resource->type->property && resource->type->property(vm, resource, name, out);
    } else {
        return tg_sync_property(value, key, out);
    }
    return false;
}

void tg_runtime_text(TgVM *vm, TgBuffer *out, TgValue value) {
    TgObj *obj = tg_as_obj(value);
    if (obj->kind == OBJ_TASK) {
        TgTask *task = (TgTask *)obj;
        tg_buffer_format(out, "%s#%u", task->name ? task->name->data : "", task->id);
    } else if (obj->kind == OBJ_SCOPE) {
        tg_buffer_text(out, "<nursery>");
    } else {
        const char *name = tg_type_name(vm, value);
        tg_buffer_format(out, "<%c%s>", name[0] | 0x20, name + 1);
    }
}

// ---- Registering

static const TgNativeDef builtins[] = {
    {"sleep(seconds)", task_sleep, "Waits so many seconds; other tasks run meanwhile."},
    {"now()", task_now, "Seconds, a Float, on a clock that never goes back; only differences mean something."},
    {"checkpoint()", task_checkpoint, "Lets the other tasks that are ready run first."},
    {"current()", task_current, "The running Task."},
    {"started(value = nil)", task_started,
     "Tells n.start() that this task has begun its work; start() gives the value."},
    {"exit(code = 0)", task_exit, "Ends the program with this status, once all cleanup is done; it does not return."},
    {0},
};

static const TgNativeDef loading_methods[] = {
    {"exit()", loading_exit, "A file's run is over."},
    {0},
};

static const TgNativeDef task_methods[] = {
    {"wait()", task_wait, "Waits until the task has ended; gives what it returned, or raises what it raised."},
    {"cancel()", task_cancel, "Cancels the task: it unwinds at its next boundary, with all its cleanup."},
    {0},
};

static const TgNativeDef nursery_methods[] = {
    {"spawn(function, *arguments, name: nil)", nursery_spawn,
     "Starts a child task that calls the function; gives the Task."},
    {"start(function, *arguments, name: nil)", nursery_start,
     "As spawn, but waits until the child calls started(value), and gives that value."},
    {"cancel()", nursery_cancel, "Cancels the body and every child."},
    {0},
};

void tg_tasklib_register(TgVM *vm) {
    tg_register_builtins(vm, builtins, false);
    tg_register_quick(vm, NULL, "checkpoint", quick_checkpoint);
    tg_tasktree_register(vm);
    tg_register_methods(vm, vm->classes[OBJ_TASK], task_methods);
    tg_register_quick(vm, vm->classes[OBJ_TASK], "wait", quick_wait);
    tg_register_methods(vm, vm->classes[OBJ_SCOPE], nursery_methods);
    vm->sched->loading_class = tg_class_new(vm, tg_string_c(vm, "_Loading"), NULL);
    tg_register_methods(vm, vm->sched->loading_class, loading_methods);
    tg_class_finish(vm, vm->sched->loading_class);
}
