// vm/call.c
// Binding arguments, running natives, making instances.
// Layer: runtime.
#include "vm/call.h"

#include <assert.h>
#include <stdio.h>
#include <string.h>

#include "vm/api.h"
#include "vm/foreign.h"
#include "vm/op.h"
#include "vm/sched.h"

enum {
    NATIVE_STEPS = 32, // steps a native can name
    NATIVE_EXTRA = 2,  // slots of its own behind its parameters
    ROOM = 14,         // slots above a callee's window and registers: the VM's own, and a call of six arguments
    CALLEE_ROOM = 320,
};

// ---- Signatures and messages

static const char *signature_of(TgVM *vm, TgValue callee) {
    (void)vm;
    if (tg_is_kind(callee, OBJ_CLOSURE)) {
        TgCode *code = ((TgFunction *)tg_as_obj(callee))->code;
        return code->signature ? code->signature->data : code->name->data;
    }
    if (tg_is_kind(callee, OBJ_NATIVE)) return ((TgNative *)tg_as_obj(callee))->def->signature;
    return "it";
}

// What was called, for messages: a class where its init is meant.
static void shown_callee(TgVM *vm, TgValue callee, char *out, size_t room) {
    const char *signature = signature_of(vm, callee);
    const TgClosure *closure = tg_is_kind(callee, OBJ_CLOSURE) ? (TgClosure *)tg_as_obj(callee) : NULL;
    bool is_init = closure && closure->home && strncmp(signature, "init(", 5) == 0;
    snprintf(out, room, "%s%s", is_init ? closure->home->name->data : "", is_init ? signature + 4 : signature);
}

// ---- Arguments

// The layout of a callee's parameters, the same for tg functions and natives.
typedef struct {
    TgValue callee;
    uint32_t required, positional, params;
    bool has_rest;
    uint32_t self;      // 1 where the first parameter is a receiver
    TgString **names;
    uint32_t rest_slot;
} Layout;

static Layout layout_of(TgValue callee) {
    TgObj *object = tg_as_obj(callee);
    if (object->kind == OBJ_NATIVE) {
        TgNative *native = (TgNative *)object;
        // A native's rest List stands at its place among the parameters.
        return (Layout){callee, native->min, native->max, native->slots - native->has_rest, native->has_rest,
                        native->is_method, native->names, native->max};
    }
    TgCode *code = ((TgFunction *)object)->code;
    return (Layout){callee, code->required, code->positional, code->params, code->has_rest, code->is_method,
                    code->param_names, code->params};
}

static void too_many(TgVM *vm, const Layout *layout, uint32_t argc) {
    char callee[CALLEE_ROOM];
    uint32_t given = argc - layout->self, most = layout->positional - layout->self;
    uint32_t least = layout->required > layout->self ? layout->required - layout->self : 0;
    shown_callee(vm, layout->callee, callee, sizeof callee);
    tg_error_raise(vm, TG_ERR_TypeError, "%s was called with %u argument%s; it takes %s%u", callee, given,
                   given == 1 ? "" : "s", least < most ? "at most " : "", most);
}

static bool is_nameable(const Layout *layout, uint32_t at) {
    return at >= layout->self && layout->names[at] && !(layout->has_rest && at == layout->rest_slot);
}

static void no_parameter(TgVM *vm, const Layout *layout, const TgString *name) {
    char callee[CALLEE_ROOM];
    const char *names[256] = {0};
    uint32_t count = 0, slots = layout->params + (layout->has_rest ? 1 : 0);
    for (uint32_t i = 0; i < slots && count < 256; i++)
        if (is_nameable(layout, i)) names[count++] = layout->names[i]->data;
    const char *near = tg_nearest(name->data, names, count);
    shown_callee(vm, layout->callee, callee, sizeof callee);
    tg_error_raise(vm, TG_ERR_TypeError, "%s has no parameter '%s'%s%s%s", callee, name->data,
                   near ? "; did you mean '" : "", near ? near : "", near ? "'?" : "");
}

// Brings the values at args (argc positional, then the named ones) into the layout. `room` slots are there.
static bool bind_arguments(TgVM *vm, const Layout *layout, TgValue *args, uint32_t argc, TgList *names) {
    uint32_t named = names ? names->count : 0;
    TgValue named_values[256];
    if (named > 255) {
        tg_error_raise(vm, TG_ERR_TypeError, "%s: more than 255 named arguments", signature_of(vm, layout->callee));
        return false;
    }
    for (uint32_t i = 0; i < named; i++) named_values[i] = args[argc + i];
    TgValue rest = TG_UNDEF;
    if (argc > layout->positional) {
        if (!layout->has_rest) return too_many(vm, layout, argc), false;
        rest = tg_obj(tg_list_of(vm, args + layout->positional, argc - layout->positional));
        argc = layout->positional;
    } else if (layout->has_rest) {
        rest = tg_obj(tg_list(vm, 0));
    }
    uint32_t slots = layout->params + (layout->has_rest ? 1 : 0);
    for (uint32_t i = argc; i < slots; i++) args[i] = TG_UNDEF;
    if (layout->has_rest) args[layout->rest_slot] = rest;
    for (uint32_t n = 0; n < named; n++) {
        TgString *name = (TgString *)tg_as_obj(names->items[n]);
        uint32_t at = 0;
        while (at < slots && !(is_nameable(layout, at) && tg_string_equal(layout->names[at], name))) at++;
        if (at == slots) {
            no_parameter(vm, layout, name);
            return false;
        }
        if (!tg_is_undef(args[at])) {
            tg_error_raise(vm, TG_ERR_TypeError, "%s: '%s' was given twice, by its place and by its name", signature_of(vm, layout->callee),
                           name->data);
            return false;
        }
        args[at] = named_values[n];
    }
    for (uint32_t i = 0; i < layout->required; i++) {
        if (!tg_is_undef(args[i])) continue;
        char shown[CALLEE_ROOM];
        shown_callee(vm, layout->callee, shown, sizeof shown);
        const char *hint = tg_is_kind(layout->callee, OBJ_NATIVE) ? tg_foreign_missing(shown) : NULL;
        tg_error_raise(vm, TG_ERR_TypeError, "%s needs '%s', which was not given%s%s", shown,
                       layout->names && layout->names[i] ? layout->names[i]->data : "?", hint ? "; " : "", hint ? hint : "");
        return false;
    }
    return true;
}

// ---- What can be called

// Opens a window's callee until it is a function: bound methods and classes put their receiver first.
typedef enum { OPENED_FUNCTION, OPENED_RESULT, OPENED_RAISED } Opened;

static void insert_first(TgValue *window, uint32_t count, TgValue value) {
    memmove(window + 3, window + 2, count * sizeof *window);
    window[2] = value;
}

// How values of a built-in type are made.
static const char *maker_of(const char *type) {
    static const char *const makers[][2] = {
        {"Int", "use int(x)"},           {"Float", "use float(x)"},         {"String", "use str(x)"},
        {"Bool", "use bool(x)"},         {"List", "write [a, b] or [x for x in xs]"},
        {"Map", "write {name: value}"},  {"Range", "write a..b or range(a, b, step)"},
        {"Function", "write fn(x) => …"}, {"Task", "use spawn in a nursery"}, {"Nursery", "write nursery n { … }"},
        {"Channel", "use channel()"},    {"Lock", "use lock()"},            {"Semaphore", "use semaphore(n)"},
        {"Event", "use event()"},        {"Condition", "use condition(lock)"}, {"Barrier", "use barrier(n)"},
        {"Regex", "use re.compile(pattern)"}, {"Match", "a Regex gives it"},    {"Hasher", "use hash.new(algorithm)"},
    };
    for (size_t i = 0; i < sizeof makers / sizeof *makers; i++)
        if (strcmp(makers[i][0], type) == 0) return makers[i][1];
    return "it comes from a function of its module";
}

static Opened open_class(TgVM *vm, TgValue *window, uint32_t *argc, uint32_t named, TgValue *made) {
    TgClass *class_ = (TgClass *)tg_as_obj(window[0]);
    // A built-in type that is called so has a static init, which gives the value.
    TgValue maker = class_->is_builtin ? tg_map_get_string(class_->attributes, vm->name_init) : TG_UNDEF;
    if (!tg_is_undef(maker)) {
        window[0] = maker;
        return OPENED_FUNCTION;
    }
    if (class_->is_builtin && !(class_->obj.flags & OBJ_EXCEPTION)) {
        tg_error_raise(vm, TG_ERR_TypeError, "%s is a type and makes no values; %s", class_->name->data,
                       maker_of(class_->name->data));
        return OPENED_RAISED;
    }
    *made = tg_obj(tg_instance_new(vm, class_));
    if (tg_is_undef(class_->init)) {
        if (*argc + named == 0) return OPENED_RESULT;
        tg_error_raise(vm, TG_ERR_TypeError, "%s() takes no arguments: class %s has no init; give it fn init(…) { … }", class_->name->data,
                       class_->name->data);
        return OPENED_RAISED;
    }
    insert_first(window, *argc + named, *made);
    ++*argc;
    window[0] = class_->init;
    return OPENED_FUNCTION;
}

static Opened open_callee(TgVM *vm, TgValue *window, uint32_t *argc, uint32_t named, TgValue *made) {
    *made = TG_UNDEF;
    for (;;) {
        TgObj *object = tg_is_obj(window[0]) ? tg_as_obj(window[0]) : NULL;
        TgKind kind = object ? (TgKind)object->kind : OBJ_FREE;
        if (kind == OBJ_CLOSURE || kind == OBJ_NATIVE) return OPENED_FUNCTION;
        if (kind == OBJ_BOUND) {
            TgBound *bound = (TgBound *)object;
            insert_first(window, *argc + named, bound->self);
            ++*argc;
            window[0] = bound->function;
            continue;
        }
        if (kind == OBJ_CLASS) return open_class(vm, window, argc, named, made);
        tg_error_raise(vm, TG_ERR_TypeError, "%s is no function, so it can't be called%s", TG_SHOW(vm, window[0]),
                       tg_is_nil(window[0]) ? "; is the name right, and has it a value by now?" : "; without ( ) it is the value");
        return OPENED_RAISED;
    }
}

// On the way of every call of a native: one function in the end.
#define QUICK static inline __attribute__((always_inline))

// ---- Natives

static TgCallEnd finish_native(TgVM *vm, TgTask *task, TgCallSite *site, TgCall *call, TgResult end, bool *again);

// Runs the native at the site's window, its arguments in their places. *again: it asks for the call that `site` is now.
QUICK TgCallEnd run_native(TgVM *vm, TgTask *task, TgCallSite *site, TgValue *result, bool *again) {
    TgValue *window = task->base + site->window;
    TgNative *native = (TgNative *)tg_as_obj(window[0]);
    TgCall call; // what only a call of the native's uses stays unset
    call.vm = vm;
    call.task = task;
    call.args = window + 2;
    call.step = call.next_step = 0;
    call.value = call.result = TG_NIL;
    call.args[native->slots] = call.args[native->slots + 1] = TG_NIL;
    task->pc = site->back - 1; // inside of the call, for who asks for the place
    TgResult end = native->def->fn(&call);
    if (__builtin_expect(end == TG_DONE, 1)) {
        *result = call.result;
        return CALL_DONE;
    }
    return finish_native(vm, task, site, &call, end, again);
}

// A native's frame stays while it waits or calls and wants to come back.
static TgValue *keep_native_frame(TgTask *task, const TgCallSite *site) {
    TgValue *args = task->base + site->window + 2;
    args[-1] = tg_link(site->back, site->window, site->dest);
    task->base = args;
    return args;
}

bool tg_call_gave_up(TgVM *vm) {
    if (!tg_is_undef(vm->raised)) return false;
    if (tg_gives_up(vm)) return true;
    assert(!"failed, but raised nothing");
    tg_error_memory(vm); // what is forgotten most easily
    return false;
}

// Where a native that gave up its work at `step` goes on.
static const uint32_t *again_at(const TgVM *vm, int step) { return vm->sched->native_code->words + NATIVE_STEPS + step; }

static TgCallEnd finish_native(TgVM *vm, TgTask *task, TgCallSite *site, TgCall *call, TgResult end, bool *again) {
    if (end == TG_RAISED) {
        if (!tg_call_gave_up(vm)) return CALL_RAISED;
        const TgNative *native = (const TgNative *)tg_as_obj(task->base[site->window]);
        keep_native_frame(task, site)[native->slots + NATIVE_EXTRA] = TG_NIL;
        task->pc = again_at(vm, 0);
        return CALL_FRAME;
    }
    TgNative *native = (TgNative *)tg_as_obj(task->base[site->window]);
    uint32_t above = native->slots + NATIVE_EXTRA;
    const uint32_t *step = vm->sched->native_code->words + call->next_step;
    if (end == TG_PARKED) {
        if (call->next_step > 0) {
            keep_native_frame(task, site);
            task->pc = step;
            task->dest = (uint32_t)(task->base - task->stack) + above;
        } else {
            task->pc = site->back;
            task->dest = (uint32_t)(task->base - task->stack) + site->dest;
        }
        return CALL_PARKED;
    }
    // TG_CALLED: set up the window of that call and go round again.
    uint32_t top = site->window + 4 + above + (uint32_t)call->count + 2;
    if (!tg_task_grow(vm, task, task->base + top)) return CALL_RAISED;
    if (call->next_step > 0) {
        keep_native_frame(task, site);
        site->window = site->dest = above;
        site->back = step;
    }
    TgValue *window = task->base + site->window;
    window[0] = call->callee;
    for (int i = 0; i < call->count; i++) window[2 + i] = call->arguments[i];
    site->argc = (uint32_t)call->count;
    site->flags = 0;
    site->names = TG_NIL;
    *again = true;
    return CALL_FRAME;
}

TgCallEnd tg_call_resume(TgVM *vm, TgTask *task, uint32_t step) {
    TgNative *native = (TgNative *)tg_frame_function(task->base);
    TgValue link = task->base[-1];
    TgCall call = {.vm = vm, .task = task, .args = task->base, .step = (int)step, .result = TG_NIL};
    call.value = task->base[native->slots + NATIVE_EXTRA];
    TgResult end = native->def->fn(&call);
    // Seen from the caller's frame again: a native that goes on keeps its frame, one that ends gives it back.
    if (end == TG_RAISED) {
        if (!tg_call_gave_up(vm)) return CALL_RAISED;
        task->pc = again_at(vm, call.step);
        return CALL_FRAME;
    }
    TgCallSite site = {.window = tg_link_window(link), .dest = tg_link_dest(link), .back = tg_link_pc(link), .names = TG_NIL};
    task->base -= site.window + 2;
    task->pc = site.back - 1;
    if (end == TG_DONE) {
        task->base[site.dest] = call.result;
        task->pc = site.back;
        return CALL_DONE;
    }
    bool again = false;
    TgCallEnd how = finish_native(vm, task, &site, &call, end, &again);
    if (!again) return how;
    TgValue result;
    how = tg_call_make(vm, task, &site, &result);
    if (how == CALL_DONE) {
        task->base[site.dest] = result;
        task->pc = site.back;
    }
    return how;
}

// ---- The call

static bool spread_last(TgVM *vm, TgTask *task, TgCallSite *site, uint32_t named) {
    TgValue *window = task->base + site->window;
    TgValue last = window[2 + site->argc - 1];
    TgList *list = (TgList *)tg_as_obj(last); // the compiler made it
    uint32_t more = list->count;
    if (!tg_task_grow(vm, task, window + 2 + site->argc + more + named + 8)) return false;
    window = task->base + site->window;
    TgValue *at = window + 2 + site->argc - 1;
    memmove(at + more, at + 1, named * sizeof *at);
    if (more) memcpy(at, list->items, more * sizeof *at); // an empty List has no items at all
    site->argc += more - 1;
    return true;
}

static TgCallEnd push_frame(TgVM *vm, TgTask *task, const TgCallSite *site) {
    TgCode *code = ((TgFunction *)tg_as_obj(task->base[site->window]))->code;
    TgValue *base = task->base + site->window + 2;
    if (base + code->registers + 8 > task->limit) {
        if (!tg_task_grow(vm, task, base + code->registers + 8)) return CALL_RAISED;
        base = task->base + site->window + 2;
    }
    base[-1] = tg_link(site->back, site->window, site->dest);
    task->base = base;
    task->pc = code->words;
    return CALL_FRAME;
}

// Whether the call that a native asked for comes back to it.
static bool comes_back(const TgVM *vm, const TgCallSite *site) {
    const uint32_t *stub = vm->sched->native_code->words;
    return site->back >= stub && site->back < stub + NATIVE_STEPS;
}

// A call that is done at once: its result is the loop's, or, where a native asked for it, that native's, which goes on.
static TgCallEnd settle(TgTask *task, const TgCallSite *site, const TgValue *result, bool nested) {
    if (!nested) return CALL_DONE;
    task->base[site->dest] = *result;
    task->pc = site->back;
    return CALL_FRAME;
}

// Any callee, any arguments. `nested`: on behalf of a native that was called here and wants to come back.
static TgCallEnd call_any(TgVM *vm, TgTask *task, TgCallSite site, bool nested, TgValue *result) {
    for (;;) {
        TgList *names = tg_is_nil(site.names) ? NULL : (TgList *)tg_as_obj(site.names);
        uint32_t named = names ? names->count : 0;
        TgValue *window = task->base + site.window;
        if ((site.flags & CALL_HAS_SELF) && tg_is_undef(window[2])) {
            memmove(window + 2, window + 3, (site.argc + named) * sizeof *window);
            site.argc--;
        }
        if ((site.flags & CALL_SPREADS) && !spread_last(vm, task, &site, named)) return CALL_RAISED;
        // Room for a receiver, for parameters that were not given, and for a native's own slots.
        if (!tg_task_grow(vm, task, task->base + site.window + 2 + site.argc + named + 16)) return CALL_RAISED;
        window = task->base + site.window;
        TgValue made;
        Opened opened = open_callee(vm, window, &site.argc, named, &made);
        if (opened == OPENED_RAISED) return CALL_RAISED;
        if (opened == OPENED_RESULT) {
            *result = made;
            return settle(task, &site, result, nested);
        }
        Layout layout = layout_of(window[0]);
        if (!tg_task_grow(vm, task, task->base + site.window + layout.params + 24)) return CALL_RAISED;
        window = task->base + site.window;
        if (!bind_arguments(vm, &layout, window + 2, site.argc, names)) return CALL_RAISED;
        if (tg_as_obj(window[0])->kind == OBJ_CLOSURE) return push_frame(vm, task, &site);
        bool again = false;
        TgCallEnd end = run_native(vm, task, &site, result, &again);
        if (again) {
            nested |= comes_back(vm, &site);
            continue;
        }
        if (end != CALL_DONE) return end;
        // A native init gives nothing of interest: the call's result is the instance.
        if (!tg_is_undef(made)) *result = made;
        return settle(task, &site, result, nested);
    }
}

// The common case: positional arguments only, as many as the callee takes, and the stack has the room. A tg function:
QUICK bool fits_plain(const TgTask *task, const TgCallSite *site, const TgCode *code, uint32_t argc) {
    return code->call_key == argc && task->base + site->window + code->registers + ROOM <= task->limit;
}

QUICK TgCallEnd push_plain(TgTask *task, const TgCallSite *site, const TgCode *code) {
    task->base += site->window + 2;
    task->base[-1] = tg_link(site->back, site->window, site->dest);
    task->pc = code->words;
    return CALL_FRAME;
}

// The call that a native asked for.
static __attribute__((noinline)) TgCallEnd call_again(TgVM *vm, TgTask *task, const TgCallSite *site, TgValue *result) {
    TgValue callee = task->base[site->window];
    if (tg_is_kind(callee, OBJ_CLOSURE)) {
        const TgCode *code = ((const TgFunction *)tg_as_obj(callee))->code;
        if (fits_plain(task, site, code, site->argc)) return push_plain(task, site, code);
    }
    return call_any(vm, task, *site, comes_back(vm, site), result);
}

// A native:
QUICK bool takes_plain(const TgNative *native, uint32_t argc, const TgTask *task, const TgCallSite *site) {
    return !native->has_rest && argc >= native->min && argc <= native->max &&
           task->base + site->window + 2 + native->slots + NATIVE_EXTRA <= task->limit;
}

QUICK TgCallEnd call_plain_native(TgVM *vm, TgTask *task, const TgCallSite *site, TgValue *result) {
    TgValue *args = task->base + site->window + 2;
    const TgNative *native = (const TgNative *)tg_as_obj(args[-2]);
    for (uint32_t i = site->argc; i < native->slots; i++) args[i] = TG_UNDEF;
    bool again = false;
    TgCallSite own = *site;
    TgCallEnd end = run_native(vm, task, &own, result, &again);
    return again ? call_again(vm, task, &own, result) : end;
}

// A class whose init is tg code and takes just these, or an exception whose init is native.
static bool is_plain_class(const TgTask *task, const TgCallSite *site) {
    TgValue init = ((const TgClass *)tg_as_obj(task->base[site->window]))->init;
    if (tg_is_kind(init, OBJ_NATIVE))
        return takes_plain((const TgNative *)tg_as_obj(init), site->argc + 1, task, site);
    if (!tg_is_kind(init, OBJ_CLOSURE)) return false;
    return fits_plain(task, site, ((const TgFunction *)tg_as_obj(init))->code, site->argc + 1);
}

static TgCallEnd call_plain_class(TgVM *vm, TgTask *task, const TgCallSite *site, TgValue *result) {
    TgValue *window = task->base + site->window;
    TgClass *class_ = (TgClass *)tg_as_obj(window[0]);
    TgValue made = tg_obj(tg_instance_new(vm, class_));
    insert_first(window, site->argc, made);
    window[0] = class_->init;
    if (tg_is_kind(window[0], OBJ_NATIVE)) {
        TgCallSite inner = *site;
        inner.argc++;
        TgCallEnd end = call_plain_native(vm, task, &inner, result);
        if (end == CALL_DONE) *result = made; // a native init neither waits nor calls
        return end;
    }
    return push_plain(task, site, ((TgFunction *)tg_as_obj(window[0]))->code);
}

TgValue tg_call_quick_class(TgVM *vm, TgClass *class_, const TgValue *args, uint32_t argc) {
    if (argc != 1 || !tg_is_kind(class_->init, OBJ_NATIVE)) return TG_UNDEF;
    const TgNative *init = (const TgNative *)tg_as_obj(class_->init);
    if (!init->quick || init->max < 2) return TG_UNDEF;
    TgValue made = tg_obj(tg_instance_new(vm, class_));
    TgValue both[] = {made, args[0]};
    return tg_is_undef(init->quick(vm, both, 2)) ? TG_UNDEF : made;
}

TgCallEnd tg_call_make(TgVM *vm, TgTask *task, const TgCallSite *site, TgValue *result) {
    TgValue callee = task->base[site->window];
    if (tg_is_obj(callee) && site->flags == 0 && tg_is_nil(site->names)) {
        TgKind kind = (TgKind)tg_as_obj(callee)->kind;
        if (kind == OBJ_NATIVE && takes_plain((const TgNative *)tg_as_obj(callee), site->argc, task, site))
            return call_plain_native(vm, task, site, result);
        const TgCode *code = ((const TgFunction *)tg_as_obj(callee))->code;
        if (kind == OBJ_CLOSURE && fits_plain(task, site, code, site->argc)) return push_plain(task, site, code);
        if (kind == OBJ_CLASS && is_plain_class(task, site)) return call_plain_class(vm, task, site, result);
    }
    return call_any(vm, task, *site, false, result);
}

TgCallEnd tg_call_above(TgVM *vm, TgTask *task, TgValue callee, const TgValue *args, uint32_t argc, uint32_t dest,
                        const uint32_t *back, TgValue *result) {
    uint32_t window = tg_frame_code(task->base)->registers;
    if (!tg_task_grow(vm, task, task->base + window + 2 + argc + 8)) return CALL_RAISED;
    task->base[window] = callee;
    for (uint32_t i = 0; i < argc; i++) task->base[window + 2 + i] = args[i];
    TgCallSite site = {.window = window, .argc = argc, .dest = dest, .back = back, .names = TG_NIL};
    return tg_call_make(vm, task, &site, result);
}

// ---- Stubs

static TgCode *stub(TgVM *vm, uint32_t count) {
    TgCode *code = tg_code_new(vm);
    code->words = tg_gc_realloc(vm, NULL, 0, count * sizeof(uint32_t));
    code->word_count = count;
    code->registers = 4;
    code->name = vm->name_empty;
    return code;
}

void tg_call_init(TgVM *vm) {
    TgSched *sched = vm->sched;
    sched->native_code = stub(vm, 2 * NATIVE_STEPS);
    for (uint32_t i = 0; i < NATIVE_STEPS; i++) {
        sched->native_code->words[i] = tg_abc(OP_RESUME, i, 0, 0);
        sched->native_code->words[NATIVE_STEPS + i] = tg_abc(OP_AGAIN, i, 0, 0);
    }
    TgCode *entry = stub(vm, 2);
    entry->words[0] = tg_abc(OP_TASKENTRY, 0, 0, 0);
    entry->words[1] = tg_abc(OP_TASKEND, 0, 0, 0);
    sched->task_name = tg_string_c(vm, "task");
    sched->entry = &tg_closure_new(vm, entry, 0)->fn;
}
