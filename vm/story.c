// vm/story.c
// A run told: who touched what was in a race, in which line, one after another.
// Layer: runtime.
#include <stdlib.h>
#include <string.h>

#include "vm/explore_impl.h"
#include "vm/map.h"
#include "vm/sched.h"
#include "vm/text.h"
#include "vm/trace.h"

enum { TOLD_MAX = 4000, LINES_MAX = 12 };

// ---- Names

// Of the variable of the script that is this Cell, or holds this object.
static const char *global_name(const TgModule *module, const TgObj *object) {
    uint32_t position = 0;
    if (!module || !module->members) return NULL;
    for (TgMapEntry *entry; (entry = tg_map_next(module->members, &position));) {
        if (!tg_is_kind(entry->value, OBJ_CELL)) continue;
        const TgCell *cell = (TgCell *)tg_as_obj(entry->value);
        if (&cell->obj == object || cell->value == tg_obj((void *)object)) return ((TgString *)tg_as_obj(entry->key))->data;
    }
    return NULL;
}

static const char *parameter_name(const TgFrame *frame, const TgObj *object) {
    for (uint32_t i = 0; i < frame->code->params; i++)
        if (frame->base[i] == tg_obj((void *)object)) return frame->code->param_names[i]->data;
    return NULL;
}

static void say_owner(TgVM *vm, const TgFrame *frame, TgValue owner, TgBuffer *out) {
    TgObj *object = tg_as_obj(owner);
    const char *name = global_name(frame->code->module, object);
    if (!name && frame->base && frame->code->param_names) name = parameter_name(frame, object);
    if (name) {
        tg_buffer_text(out, name);
        return;
    }
    const char *type = object->kind == OBJ_CELL ? "variable" : object->kind == OBJ_SCOPE ? "nursery" : tg_type_name(vm, owner);
    tg_buffer_format(out, "%s %s", strchr("AEIOU", type[0]) ? "an" : "a", type);
}

// The innermost frame of the user's own code; the running task's state may not be saved.
static bool find_frame(const TgTask *task, const TgExplorer *explorer, TgFrame *frame) {
    TgValue *base = task->stack + explorer->frame;
    *frame = (TgFrame){base, tg_frame_code(base), 0};
    bool is_here = explorer->pc >= frame->code->words && explorer->pc < frame->code->words + frame->code->word_count;
    frame->at = is_here ? tg_pc_index(frame->code, explorer->pc) : 0;
    do {
        if (tg_frame_function(frame->base)->obj.kind != OBJ_NATIVE && frame->code->file && !frame->code->is_hidden) return true;
    } while (tg_frame_outer(task, frame));
    if (!task->spawn_code) return false;
    *frame = (TgFrame){NULL, task->spawn_code, task->spawn_pc}; // it runs a native, and nothing else
    return true;
}

static char *text_of(TgVM *vm, const TgFrame *frame, const TgSaying *say) {
    TgBuffer text = {0};
    if (say->text) return strdup(say->text);
    tg_buffer_format(&text, "%s ", say->verb);
    bool is_key = say->name && !tg_is_undef(say->owner) && tg_is_kind(say->owner, OBJ_MAP) && strcmp(say->verb, "called") != 0;
    if (!tg_is_undef(say->owner)) say_owner(vm, frame, say->owner, &text);
    if (is_key) tg_buffer_format(&text, "[\"%s\"]", say->name->data);
    else if (say->name) tg_buffer_format(&text, "%s%s", tg_is_undef(say->owner) ? "" : ".", say->name->data);
    else if (tg_is_undef(say->owner)) tg_buffer_text(&text, "a variable");
    if (say->name && strcmp(say->verb, "called") == 0) tg_buffer_text(&text, "()");
    tg_buffer_add(&text, "", 1);
    return text.data;
}

// ---- Keeping

static void keep(TgVM *vm, uint32_t object, TgDporMode mode, const TgSaying *say) {
    TgExplorer *explorer = vm->explorer;
    const TgTask *task = vm->current;
    TgFrame frame = {0};
    if (explorer->told_count >= TOLD_MAX || !explorer->pc) return;
    if (task && !find_frame(task, explorer, &frame)) return;
    if (explorer->told_count == explorer->told_room) {
        explorer->told_room = explorer->told_room ? explorer->told_room * 2 : 64;
        explorer->told = realloc(explorer->told, explorer->told_room * sizeof *explorer->told);
        if (!explorer->told) abort();
    }
    TgTold *told = &explorer->told[explorer->told_count++];
    *told = (TgTold){.object = object, .mode = (uint8_t)mode, .step = tg_dpor_steps(explorer->dpor)};
    if (!task) {
        told->text = strdup(say->text ? say->text : "");
        return;
    }
    char who[128];
    snprintf(who, sizeof who, "%s#%u", task->name->data, task->id);
    told->who = strdup(who);
    told->task = task->id;
    told->file = strdup(frame.code->file->data);
    told->line = tg_code_place(frame.code, frame.at).line;
    told->text = text_of(vm, &frame, say);
}

void tg_explore_touch(TgVM *vm, uint32_t object, uint32_t part, TgDporMode mode, const TgSaying *say) {
    tg_dpor_touch(vm->explorer->dpor, object, part, mode);
    if (vm->explorer->telling && say && tg_dpor_in_step(vm->explorer->dpor)) keep(vm, object, mode, say);
}

// ---- Telling

static bool is_same(const TgTold *a, const TgTold *b) {
    return a->task == b->task && a->line == b->line && a->object == b->object && !strcmp(a->text, b->text);
}

// One that writes what another task wrote after this one last looked.
static bool is_over(const TgTold **list, uint32_t at) {
    if (list[at]->mode != TG_DPOR_WRITE || strncmp(list[at]->text, "wrote", 5) != 0) return false;
    for (uint32_t i = at; i-- > 0;) {
        if (list[i]->object != list[at]->object) continue;
        if (list[i]->task == list[at]->task) return false;
        if (list[i]->mode == TG_DPOR_WRITE) return true;
    }
    return false;
}

static void say_line(const TgTold **list, uint32_t at, bool is_first, TgBuffer *out) {
    const TgTold *told = list[at];
    tg_buffer_text(out, is_first ? "    " : ",\n    then ");
    if (!told->who) {
        tg_buffer_text(out, told->text);
        return;
    }
    tg_buffer_format(out, "%s %s%s (%s:%u)", told->who, told->text, is_over(list, at) ? " over that" : "", told->file, told->line);
}

void tg_explore_story(TgVM *vm, TgBuffer *out) {
    const TgExplorer *explorer = vm->explorer;
    const TgTold **list = calloc(explorer->told_count + 1, sizeof *list);
    uint32_t count = 0;
    for (uint32_t i = 0; list && i < explorer->told_count; i++) {
        const TgTold *told = &explorer->told[i];
        if (!tg_dpor_is_raced(explorer->dpor, told->object, told->step)) continue;
        if (count && is_same(list[count - 1], told)) continue;
        list[count++] = told;
    }
    uint32_t from = count > LINES_MAX ? count - LINES_MAX : 0;
    if (from) tg_buffer_format(out, "    (%u earlier steps)\n", from);
    for (uint32_t i = from; i < count; i++) say_line(list, i, i == from, out);
    if (count) tg_buffer_text(out, "\n");
    free(list);
}
