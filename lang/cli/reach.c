// lang/cli/reach.c
// Goes through the heap as the collector does, but from one task, and not into other tasks: to know a task is not to be in its place.
// Layer: command.
#include "lang/cli/reach.h"

#include <stdlib.h>

#include "vm/channel.h"
#include "vm/class.h"
#include "vm/code.h"
#include "vm/sync.h"
#include "vm/vm.h"

enum { MOST_OBJECTS = 3000000 };

static void meet_object(TgReach *reach, const void *object) {
    if (!object) return;
    uint32_t *is_met = tg_numbers_at(&reach->met, (uint64_t)(uintptr_t)object);
    if (*is_met) return;
    *is_met = 1;
    reach->open = tg_room_for_one(reach->open, reach->open_count, &reach->open_capacity, sizeof *reach->open);
    reach->open[reach->open_count++] = (TgObj *)(uintptr_t)object;
}

static void meet(TgReach *reach, TgValue value) {
    if (tg_is_obj(value)) meet_object(reach, tg_as_obj(value));
}

static void meet_all(TgReach *reach, const TgValue *values, size_t count) {
    for (size_t i = 0; i < count; i++) meet(reach, values[i]);
}

static void look_into_map(TgReach *reach, const TgMap *map) {
    for (uint32_t i = 0; i < map->used; i++) {
        if (tg_is_undef(map->entries[i].key)) continue;
        meet(reach, map->entries[i].key);
        meet(reach, map->entries[i].value);
    }
}

static void look_into_class(TgReach *reach, const TgClass *class_) {
    meet_object(reach, class_->super);
    meet_object(reach, class_->methods);
    meet_object(reach, class_->attributes);
}

static void look_into_function(TgReach *reach, const TgClosure *closure) {
    const TgCode *code = closure->fn.code;
    meet_all(reach, closure->captures, closure->count);
    // The names it uses are Cells among these, and so are the functions inside of it.
    meet_all(reach, code->constants, code->constant_count);
    meet_object(reach, closure->home);
}

static void look_into_channel(TgReach *reach, const TgChannel *channel) {
    for (uint32_t i = 0; i < channel->count; i++) meet(reach, channel->items[(channel->head + i) & (channel->room - 1)]);
}

static void look_into(TgReach *reach, TgVM *vm, TgObj *object) {
    switch ((TgKind)object->kind) {
    case OBJ_LIST: meet_all(reach, ((TgList *)object)->items, ((TgList *)object)->count); break;
    case OBJ_MAP: look_into_map(reach, (TgMap *)object); break;
    case OBJ_CELL: meet(reach, ((TgCell *)object)->value); break;
    case OBJ_CODE: meet_all(reach, ((TgCode *)object)->constants, ((TgCode *)object)->constant_count); break;
    case OBJ_CLOSURE: look_into_function(reach, (TgClosure *)object); break;
    case OBJ_BOUND:
        meet(reach, ((TgBound *)object)->self);
        meet(reach, ((TgBound *)object)->function);
        break;
    case OBJ_CLASS: look_into_class(reach, (TgClass *)object); break;
    case OBJ_INSTANCE:
        meet_object(reach, ((TgInstance *)object)->class_);
        meet_all(reach, ((TgInstance *)object)->slots, tg_shape(vm, object->shape)->slot_count);
        break;
    case OBJ_MODULE: meet_object(reach, ((TgModule *)object)->members); break;
    case OBJ_CHANNEL: look_into_channel(reach, (TgChannel *)object); break;
    case OBJ_CONDITION: meet_object(reach, ((TgCondition *)object)->lock); break;
    case OBJ_TASK:
        if (((TgTask *)object)->state == TASK_DONE) meet(reach, ((TgTask *)object)->result);
        break;
    default: break;
    }
}

void tg_reach_add(TgReach *reach, TgVM *vm, const TgTask *task) {
    if (task->state >= TASK_DONE || !task->stack) return;
    const TgValue *top = tg_task_top(task);
    if (top > task->limit) top = task->limit;
    meet_all(reach, task->stack, (size_t)(top - task->stack));
    while (reach->open_count > 0 && !reach->gave_up) {
        look_into(reach, vm, reach->open[--reach->open_count]);
        reach->gave_up = ++reach->looked > MOST_OBJECTS;
    }
}

bool tg_reach_has(TgReach *reach, const void *object) {
    return reach->gave_up || *tg_numbers_at(&reach->met, (uint64_t)(uintptr_t)object);
}

void tg_reach_free(TgReach *reach) {
    tg_numbers_free(&reach->met);
    free(reach->open);
}
