// vm/explore_touch.c
// What an instruction touches, read off its operands before it runs: variables, fields, members of Lists and Maps, channels,
// locks and their like, tasks. Where a native gets values it reads all of them; what it does to its receiver its name says.
//
// Too much is only slow (more schedules are told apart than differ); too little would miss some. An object gets its number when
// it is first stored where others can find it, so that it has the same one whoever touches it first.
// Layer: runtime.
#include <string.h>

#include "vm/channel.h"
#include "vm/class.h"
#include "vm/explore_impl.h"
#include "vm/list.h"
#include "vm/map.h"
#include "vm/op.h"
#include "vm/sched.h"
#include "vm/sync.h"

enum { DEPTH_MAX = 6, PART_SIZE = 1 };
#define READS TG_DPOR_READ
#define WRITES TG_DPOR_WRITE

typedef struct {
    TgVM *vm;
    const TgValue *R;
    const TgValue *K;
    const uint32_t *pc;
    uint32_t ins;
} Look;

// ---- Numbers

static bool is_thing(const TgObj *object) {
    switch (object->kind) {
    case OBJ_LIST: case OBJ_MAP: case OBJ_CELL: case OBJ_CLASS: case OBJ_INSTANCE: case OBJ_TASK: case OBJ_SCOPE: case OBJ_CHANNEL:
    case OBJ_LOCK: case OBJ_SEMAPHORE: case OBJ_EVENT: case OBJ_CONDITION: case OBJ_BARRIER: case OBJ_RESOURCE: return true;
    default: return false;
    }
}

uint32_t tg_explore_task(TgExplorer *explorer, const TgTask *task) {
    uintptr_t site = task->spawn_code ? (uintptr_t)(task->spawn_code->words + task->spawn_pc) | 1 : 1;
    return tg_dpor_object(explorer->dpor, (uint64_t)task->id << 1 | 1 | UINT64_C(1) << 60, site);
}

uint32_t tg_explore_object(TgExplorer *explorer, const void *object) {
    if (((const TgObj *)object)->kind == OBJ_TASK) return tg_explore_task(explorer, object);
    return tg_dpor_object(explorer->dpor, (uintptr_t)object, (uintptr_t)explorer->pc);
}

// It is stored where others may find it.
static void show(const Look *look, TgValue value) {
    TgObj *object;
    if (!tg_to_obj(value, &object)) return;
    if (is_thing(object)) tg_explore_object(look->vm->explorer, object);
    if (object->kind == OBJ_BOUND) show(look, ((TgBound *)object)->self);
    if (object->kind != OBJ_CLOSURE) return;
    const TgClosure *closure = (TgClosure *)object;
    for (uint32_t i = 0; i < closure->count; i++) {
        TgObj *captured;
        if (tg_to_obj(closure->captures[i], &captured) && is_thing(captured)) tg_explore_object(look->vm->explorer, captured);
    }
}

static uint32_t part_of_int(int64_t index) { return (uint32_t)((uint64_t)index * 2654435761u) | 2; }

static uint32_t part_of(TgValue key) {
    TgObj *object;
    if (tg_is_int(key)) return part_of_int(tg_as_int(key));
    if (!tg_to_obj(key, &object)) return (uint32_t)(key * 2654435761u >> 7) | 2;
    if (object->kind != OBJ_STRING) return 0;
    const TgString *string = (TgString *)object;
    uint32_t hash = 2166136261u;
    for (uint32_t i = 0; i < string->length; i++) hash = (hash ^ (uint8_t)string->data[i]) * 16777619u;
    return hash | 2;
}

// ---- Touching

static void touch(const Look *look, const void *object, uint32_t part, TgDporMode mode, const char *verb, const TgString *name) {
    TgExplorer *explorer = look->vm->explorer;
    TgSaying say = {.verb = verb, .name = name, .owner = TG_UNDEF};
    if (((const TgObj *)object)->kind != OBJ_CELL) say.owner = tg_obj((void *)object);
    tg_explore_touch(look->vm, tg_explore_object(explorer, object), part, mode, &say);
}

static void touch_value(const Look *look, TgValue value, uint32_t part, TgDporMode mode, const char *verb) {
    TgObj *object;
    if (tg_to_obj(value, &object) && is_thing(object)) touch(look, object, part, mode, verb, NULL);
}

// All that is in it: printed, compared, turned into text.
static void read_deep(const Look *look, TgValue value, int depth) {
    TgObj *object;
    if (!tg_to_obj(value, &object) || !is_thing(object)) return;
    if (object->kind == OBJ_TASK || object->kind == OBJ_SCOPE || object->kind == OBJ_CLASS) return;
    touch(look, object, 0, READS, "read", NULL);
    if (depth == 0) return;
    if (object->kind == OBJ_LIST) {
        const TgList *list = (TgList *)object;
        for (uint32_t i = 0; i < list->count; i++) read_deep(look, list->items[i], depth - 1);
    } else if (object->kind == OBJ_MAP) {
        uint32_t position = 0;
        for (TgMapEntry *entry; (entry = tg_map_next((TgMap *)object, &position));) read_deep(look, entry->value, depth - 1);
    }
}

static void cell(const Look *look, TgValue value, TgDporMode mode, const TgString *name) {
    touch(look, tg_as_obj(value), 0, mode, mode == WRITES ? "wrote" : "read", name);
}

// A variable of the script's top level has a Cell that is the same in every run.
static void global(const Look *look, TgValue value, TgDporMode mode) {
    TgExplorer *explorer = look->vm->explorer;
    TgSaying say = {.verb = mode == WRITES ? "wrote" : "read", .owner = value};
    tg_explore_touch(look->vm, tg_dpor_object(explorer->dpor, (uintptr_t)tg_as_obj(value), (uintptr_t)tg_as_obj(value)), 0, mode, &say);
}

static const TgString *constant_name(const Look *look, uint32_t k) {
    return tg_is_kind(look->K[k], OBJ_STRING) ? (TgString *)tg_as_obj(look->K[k]) : NULL;
}

static void member(const Look *look, TgValue target, TgValue key, TgDporMode mode) {
    TgObj *object;
    if (!tg_to_obj(target, &object)) return;
    const char *verb = mode == WRITES ? "wrote to" : "read";
    if (object->kind == OBJ_LIST) {
        bool is_plain = tg_is_int(key) && tg_as_int(key) >= 0;
        touch(look, object, is_plain ? part_of(key) : 0, mode, verb, NULL);
    } else if (object->kind == OBJ_MAP) {
        touch(look, object, part_of(key), mode, verb, tg_is_kind(key, OBJ_STRING) ? (TgString *)tg_as_obj(key) : NULL);
        // A new key has a place in the order of the keys.
        bool is_key = tg_is_int(key) || tg_is_kind(key, OBJ_STRING);
        if (mode == WRITES && (!is_key || tg_is_undef(tg_map_get((TgMap *)object, key))))
            touch(look, object, PART_SIZE, WRITES, verb, NULL);
    }
}

static void module_member(const Look *look, const TgModule *module, const TgString *name, TgDporMode mode) {
    TgValue held = tg_map_get_string(module->members, name);
    if (tg_is_kind(held, OBJ_CELL) && module->path) global(look, held, mode);
}

// One that is no field of its own may be an attribute of its class.
static void instance_field(const Look *look, const TgInstance *instance, const TgString *name, TgDporMode mode, const char *verb) {
    uint32_t part = part_of(tg_obj((void *)name));
    touch(look, instance, part, mode, verb, name);
    if (mode == WRITES || tg_instance_slot(look->vm, instance, name) >= 0) return;
    for (const TgClass *class_ = instance->class_; class_; class_ = class_->super) touch(look, class_, part, READS, verb, name);
}

static void field(const Look *look, TgValue owner, const TgString *name, TgDporMode mode) {
    TgObj *object;
    if (!tg_to_obj(owner, &object) || !name) return;
    switch (object->kind) {
    case OBJ_INSTANCE: instance_field(look, (TgInstance *)object, name, mode, mode == WRITES ? "wrote" : "read"); break;
    case OBJ_CLASS:
        touch(look, object, part_of(tg_obj((void *)name)), mode, mode == WRITES ? "wrote" : "read", name);
        break;
    case OBJ_MAP: member(look, owner, tg_obj((void *)name), mode); break;
    case OBJ_MODULE: module_member(look, (TgModule *)object, name, mode); break;
    case OBJ_TASK: touch(look, object, PART_END, READS, "read", name); break;
    default:
        if (is_thing(object) && object->kind != OBJ_LIST) touch(look, object, 0, READS, "read", name);
    }
}

// ---- Calls

static bool is_one_of(const char *name, const char *words) {
    size_t length = strlen(name);
    for (const char *at = words; (at = strstr(at, name)); at++)
        if ((at == words || at[-1] == ' ') && (at[length] == ' ' || !at[length])) return true;
    return false;
}

static void map_method(const Look *look, TgObj *map, const TgString *name, const TgValue *args, uint32_t argc) {
    const char *word = name->data;
    if (argc && is_one_of(word, "get has")) touch(look, map, part_of(args[0]), READS, "called", name);
    else if (is_one_of(word, "keys values items copy get has")) touch(look, map, 0, READS, "called", name);
    else if (argc && is_one_of(word, "set")) member(look, tg_obj(map), args[0], WRITES);
    else touch(look, map, 0, WRITES, "called", name);
    if (argc && is_one_of(word, "update")) read_deep(look, args[0], 1);
}

static void use_random(const Look *look) {
    static const TgSaying says = {.text = "drew a random number", .owner = TG_UNDEF};
    tg_explore_touch(look->vm, tg_dpor_object(look->vm->explorer->dpor, THING_RANDOM, THING_RANDOM), 0, WRITES, &says);
}

static void module_call(const Look *look, const TgModule *module, const TgString *name, const TgValue *args, uint32_t argc) {
    static const TgSaying says = {.text = "used the world outside", .owner = TG_UNDEF};
    TgDpor *dpor = look->vm->explorer->dpor;
    if (module->path) module_member(look, module, name, READS);
    else if (is_one_of(module->name->data, "random")) use_random(look);
    else if (is_one_of(module->name->data, "io fs net process os http"))
        tg_explore_touch(look->vm, tg_dpor_object(dpor, THING_WORLD, THING_WORLD), 0, WRITES, &says);
    for (uint32_t i = 0; i < argc && !module->path; i++) read_deep(look, args[i], DEPTH_MAX);
}

static void take_lock(const Look *look, const TgObj *lock, const char *verb, const TgString *name) {
    TgDpor *dpor = look->vm->explorer->dpor;
    uint32_t number = tg_explore_object(look->vm->explorer, lock);
    touch(look, lock, 0, TG_DPOR_TAKE, verb, name);
    tg_dpor_join_nth(dpor, number, TG_DPOR_GIVE, tg_dpor_count(dpor, number, TG_DPOR_GIVE)); // which comes after those before
}

// The n-th receive comes after the n-th send, a send after the receive that made room for it. That holds till somebody does
// anything else with the channel.
static void use_channel(const Look *look, const TgChannel *channel, bool sends, const char *verb, const TgString *name) {
    TgDpor *dpor = look->vm->explorer->dpor;
    uint32_t number = tg_explore_object(look->vm->explorer, channel);
    TgDporMode mode = sends ? TG_DPOR_GIVE : TG_DPOR_TAKE;
    if (tg_dpor_count(dpor, number, WRITES)) mode = WRITES;
    touch(look, channel, 0, mode, verb, name);
    uint32_t count = tg_dpor_count(dpor, number, mode);
    if (mode == TG_DPOR_TAKE) tg_dpor_join_nth(dpor, number, TG_DPOR_GIVE, count);
    if (mode == TG_DPOR_GIVE && count > channel->capacity) tg_dpor_join_nth(dpor, number, TG_DPOR_TAKE, count - channel->capacity);
}

static void sync_method(const Look *look, const TgObj *object, const TgString *name) {
    bool is_lock = object->kind == OBJ_LOCK, is_channel = object->kind == OBJ_CHANNEL;
    if (is_lock && is_one_of(name->data, "acquire enter")) take_lock(look, object, "called", name);
    else if (is_lock && is_one_of(name->data, "release exit")) touch(look, object, 0, TG_DPOR_GIVE, "called", name);
    else if (is_channel && is_one_of(name->data, "send receive"))
        use_channel(look, (const TgChannel *)object, name->data[0] == 's', "called", name);
    else touch(look, object, 0, WRITES, "called", name);
}

static void method(const Look *look, TgValue receiver, const TgString *name, const TgValue *args, uint32_t argc) {
    TgObj *object;
    if (!tg_to_obj(receiver, &object)) return;
    switch (object->kind) {
    case OBJ_LIST: {
        static const char reading[] = "contains find index count join copy first last map filter reduce flat_map";
        touch(look, object, 0, is_one_of(name->data, reading) ? READS : WRITES, "called", name);
        if (argc && is_one_of(name->data, "extend")) read_deep(look, args[0], 0);
        break;
    }
    case OBJ_MAP: map_method(look, object, name, args, argc); break;
    case OBJ_EVENT: touch(look, object, 0, is_one_of(name->data, "wait") ? READS : WRITES, "called", name); break;
    case OBJ_CHANNEL: case OBJ_LOCK: case OBJ_SEMAPHORE: case OBJ_CONDITION: case OBJ_BARRIER: case OBJ_RESOURCE:
        sync_method(look, object, name);
        break;
    case OBJ_TASK: touch(look, object, PART_END, READS, "called", name); break;
    case OBJ_MODULE: module_call(look, (TgModule *)object, name, args, argc); break;
    case OBJ_INSTANCE: touch(look, object, part_of(tg_obj((void *)name)), READS, "called", name); break; // it may be a field
    default: break;
    }
    for (uint32_t i = 0; i < argc; i++) show(look, args[i]);
}

// The steps of condition.wait().
static void condition(const Look *look, const TgCondition *condition, const char *step) {
    if (!strcmp(step, "_condition_park")) {
        touch(look, condition, 0, WRITES, "waited for", NULL);
        touch(look, condition->lock, 0, TG_DPOR_GIVE, "gave back", NULL);
    } else if (!strcmp(step, "_condition_again")) {
        take_lock(look, &condition->lock->obj, "took again", NULL);
    }
}

// from random import int
static bool is_of_random(const TgVM *vm, const TgNative *callee) {
    if (!is_one_of(callee->name->data, "seed random int uniform choice shuffle sample normal")) return false;
    for (uint32_t i = 0; i < vm->builtin_count; i++)
        if (vm->builtins[i] == tg_obj((void *)callee)) return false;
    return true;
}

static void native(const Look *look, const TgNative *callee, const TgValue *args, uint32_t argc) {
    if (callee->is_method && argc) {
        method(look, args[0], callee->name, args + 1, argc - 1);
        return;
    }
    if (is_of_random(look->vm, callee)) use_random(look);
    bool is_inner = callee->name->data[0] == '_';
    for (uint32_t i = 0; i < argc; i++) {
        if (is_inner && tg_is_kind(args[i], OBJ_CONDITION)) condition(look, (TgCondition *)tg_as_obj(args[i]), callee->name->data);
        else read_deep(look, args[i], DEPTH_MAX);
    }
}

static void call(const Look *look, TgValue callee, const TgValue *args, uint32_t argc) {
    TgObj *object;
    if (!tg_to_obj(callee, &object)) return;
    if (object->kind == OBJ_NATIVE) {
        native(look, (TgNative *)object, args, argc);
    } else if (object->kind == OBJ_BOUND) {
        const TgBound *bound = (TgBound *)object;
        if (tg_is_kind(bound->function, OBJ_NATIVE)) method(look, bound->self, ((TgNative *)tg_as_obj(bound->function))->name, args, argc);
    } else if (object->kind == OBJ_CLASS) {
        for (uint32_t i = 0; i < argc; i++) show(look, args[i]);
    }
}

// ---- Blocks

static void select_case(const Look *look, const TgValue *parts) {
    TgObj *object;
    if (!tg_to_obj(parts[1], &object)) return;
    show(look, parts[2]);
    if (object->kind == OBJ_TASK) touch(look, object, PART_END, READS, "looked at", NULL);
    else if (is_thing(object)) touch(look, object, 0, object->kind == OBJ_EVENT ? READS : WRITES, "looked at", NULL);
}

static void select_(const Look *look) {
    const TgValue *values = &look->R[TG_A(look->ins) + 2];
    uint32_t count = TG_B(look->ins);
    if (count == 0 && tg_is_kind(values[0], OBJ_LIST)) {
        count = ((TgList *)tg_as_obj(values[0]))->count / 3;
        values = ((TgList *)tg_as_obj(values[0]))->items;
    }
    for (uint32_t i = 0; i < count; i++) select_case(look, values + 3 * i);
}

static void resource(const Look *look, bool enters) {
    TgObj *object;
    const char *verb = enters ? "took" : "gave back";
    if (!tg_to_obj(look->R[TG_A(look->ins)], &object)) return;
    if (object->kind == OBJ_LOCK && enters) take_lock(look, object, verb, NULL);
    else if (object->kind == OBJ_LOCK) touch(look, object, 0, TG_DPOR_GIVE, verb, NULL);
    else if (object->kind >= OBJ_CHANNEL && object->kind <= OBJ_BARRIER) touch(look, object, 0, WRITES, verb, NULL);
}

static void end_scope(const Look *look) {
    const TgScope *scope = (TgScope *)tg_as_obj(look->R[TG_A(look->ins)]);
    TgValue kind = (&look->R[TG_A(look->ins)])[1];
    // What leaves the body by an exception stops the children that are left: whether there are any is a race.
    bool stops = scope->kind == SCOPE_NURSERY && !scope->ending && (kind == tg_int(LEAVE_RAISE) || kind == tg_int(LEAVE_CANCEL));
    if (stops) touch(look, scope, 0, WRITES, "left", NULL);
    if (scope->kind == SCOPE_NURSERY && scope->child_count == 0)
        tg_dpor_join(look->vm->explorer->dpor, tg_explore_object(look->vm->explorer, scope), TG_DPOR_ADD);
    if (scope->kind != SCOPE_NURSERY) touch(look, scope, 0, READS, "ended", NULL);
}

static void native_goes_on(const Look *look) {
    const TgFunction *function = tg_frame_function(look->R);
    if (function->obj.kind != OBJ_NATIVE) return;
    for (uint32_t i = 0; i < ((const TgNative *)function)->slots; i++) read_deep(look, look->R[i], 1);
}

static void iterated(const Look *look) {
    TgObj *object;
    if (!tg_to_obj(look->R[TG_A(look->ins)], &object)) return;
    if (object->kind == OBJ_CHANNEL && TG_OP(look->ins) == OP_FORNEXT) use_channel(look, (TgChannel *)object, false, "received from", NULL);
    else if (object->kind == OBJ_LIST || object->kind == OBJ_MAP) touch(look, object, 0, READS, "went over", NULL);
}

// ---- Instructions

#define A look->R[TG_A(look->ins)]
#define B look->R[TG_B(look->ins)]
#define C look->R[TG_C(look->ins)]

static void variables(const Look *look) {
    const TgValue *captures = ((TgClosure *)tg_frame_function(look->R))->captures;
    const uint32_t *pc = look->pc;
    switch (TG_OP(look->ins)) {
    case OP_GETGLOBAL: global(look, look->K[TG_D(look->ins)], READS); break;
    case OP_GETGLOBALX: global(look, look->K[pc[1]], READS); break;
    case OP_SETGLOBAL: case OP_DEFGLOBAL: show(look, A), global(look, look->K[TG_D(look->ins)], WRITES); break;
    case OP_SETGLOBALX: case OP_DEFGLOBALX: show(look, A), global(look, look->K[pc[1]], WRITES); break;
    case OP_GETUPCELL: cell(look, captures[TG_B(look->ins)], READS, constant_name(look, pc[1])); break;
    case OP_SETUPCELL: show(look, A), cell(look, captures[TG_B(look->ins)], WRITES, constant_name(look, pc[1])); break;
    case OP_GETCELL: cell(look, B, READS, constant_name(look, pc[1])); break;
    case OP_SETCELL: show(look, B), cell(look, A, WRITES, NULL); break;
    case OP_NEWCELL: show(look, A); break;
    default: break;
    }
}

static void calls(const Look *look) {
    const TgValue *window = &A;
    uint32_t argc = TG_B(look->ins);
    switch (TG_OP(look->ins)) {
    case OP_CALL: case OP_CALLNC: case OP_CALLX: call(look, window[0], window + 2, argc); break;
    case OP_INVOKE: case OP_INVOKENC: case OP_INVOKEQ: case OP_INVOKEQNC: case OP_SEND: case OP_RECEIVE:
        method(look, window[2], constant_name(look, look->pc[1]), window + 3, argc);
        break;
    case OP_TASKENTRY: call(look, look->R[0], look->R + 2, look->vm->current->argc); break; // spawn ch.send(1)
    case OP_SPAWNM: show(look, window[2]), argc++; // fall through
    case OP_SPAWN: case OP_SPAWNX:
        show(look, window[0]);
        for (uint32_t i = 0; i < argc; i++) show(look, window[2 + i]);
        break;
    default: break;
    }
}

static void data(const Look *look) {
    switch (TG_OP(look->ins)) {
    case OP_EQ: case OP_LT: case OP_LE: read_deep(look, B, DEPTH_MAX), read_deep(look, C, DEPTH_MAX); break;
    case OP_JEQ: case OP_JNE: read_deep(look, A, DEPTH_MAX), read_deep(look, B, DEPTH_MAX); break;
    case OP_IN: touch_value(look, C, 0, READS, "looked into"); break;
    case OP_LIST: for (uint32_t i = 0; i < TG_C(look->ins); i++) show(look, (&B)[i]); break;
    case OP_APPEND: touch_value(look, A, 0, WRITES, "wrote to"), show(look, B); break;
    case OP_EXTEND: touch_value(look, A, 0, WRITES, "wrote to"), touch_value(look, B, 0, READS, "read"); break;
    case OP_MAPSET: case OP_SETINDEX: member(look, A, B, WRITES), show(look, C); break;
    case OP_SLICE: case OP_UNPACK: case OP_UNPACKREST: touch_value(look, B, 0, READS, "read"); break;
    case OP_GETINDEX: member(look, B, C, READS); break;
    case OP_GETINDEXI: member(look, B, tg_int(TG_SC(look->ins)), READS); break;
    case OP_GETFIELD: field(look, B, constant_name(look, look->pc[1]), READS); break;
    case OP_SETFIELD: field(look, A, constant_name(look, look->pc[1]), WRITES), show(look, B); break;
    case OP_STR: case OP_FORMAT: read_deep(look, B, DEPTH_MAX); break;
    case OP_ITER: case OP_FORNEXT: iterated(look); break;
    default: break;
    }
}

static void blocks(const Look *look) {
    switch (TG_OP(look->ins)) {
    case OP_SELECT: select_(look); break;
    case OP_ENTER: resource(look, true); break;
    case OP_EXIT: resource(look, false); break;
    case OP_ENDSCOPE: end_scope(look); break;
    case OP_RESUME: case OP_AGAIN: native_goes_on(look); break;
    default: break;
    }
}

typedef void (*Room)(const Look *look);

static Room room_of(uint32_t op) {
    if (op >= OP_GETGLOBAL && op <= OP_SETCELL) return variables;
    if (op >= OP_CHECK && op <= OP_SUPERMETHOD) return calls;
    switch (op) {
    case OP_SPAWN: case OP_SPAWNM: case OP_SPAWNX: case OP_TASKENTRY: return calls;
    case OP_SELECT: case OP_ENTER: case OP_EXIT: case OP_ENDSCOPE: case OP_RESUME: case OP_AGAIN: return blocks;
    default: return data;
    }
}

void tg_explore_look(TgVM *vm, const TgValue *R, const uint32_t *pc) {
    uint32_t op = TG_OP(*pc);
    // What computes with its own registers alone is most of a program.
    if (op < OP_GETGLOBAL || (op >= OP_ADD && op <= OP_NOT) || op == OP_RET || op == OP_RETNIL) return;
    Look look = {vm, R, NULL, pc, *pc};
    look.K = tg_frame_code(R)->constants;
    vm->explorer->frame = (uint32_t)(R - vm->current->stack);
    vm->explorer->pc = pc;
    room_of(op)(&look);
}
