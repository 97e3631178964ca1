// vm/gc_mark.c
// Marking: from the roots through everything they reach, by a stack of grey objects.
//
// The mutator runs between slices. What it stores into a black object is greyed by the barrier;
// what it keeps in roots and stacks is found by looking at those once more at the end.
//
// Layer: data.
#include "vm/gc_impl.h"

#include <assert.h>
#include <stdlib.h>

#include "vm/class.h"
#include "vm/code.h"
#include "vm/string.h"
#include "vm/vm.h"

static void push_grey(TgGC *gc, TgObj *object) {
    if (gc->grey_count == gc->grey_capacity) {
        size_t capacity = gc->grey_capacity ? gc->grey_capacity * 2 : 4096;
        TgObj **grey = realloc(gc->grey, capacity * sizeof(TgObj *));
        if (!grey) { // its colour says it; find_lost_grey looks for it when the stack is empty
            gc->grey_lost = true;
            return;
        }
        gc->grey = grey;
        gc->grey_capacity = capacity;
    }
    gc->grey[gc->grey_count++] = object;
}

static inline void mark_object(TgVM *vm, TgObj *object) {
    TgGC *gc = vm->gc;
    assert(object->kind != OBJ_FREE); // somebody held it where marking did not look
    if (object->mark != gc->white) return;
    // What refers to nothing is done at once.
    if (object->kind <= OBJ_BYTES || object->kind == OBJ_RANGE) {
        object->mark = TG_MARK_BLACK;
        if (object->flags & OBJ_SHARED) tg_string_bytes((TgString *)object)->obj.mark = TG_MARK_BLACK;
        return;
    }
    object->mark = TG_MARK_GREY;
    push_grey(gc, object);
}

void tg_gc_mark(TgVM *vm, TgValue value) {
    if (tg_is_obj(value)) mark_object(vm, tg_as_obj(value));
}

void tg_gc_mark_obj(TgVM *vm, const void *object) {
    if (object) mark_object(vm, (TgObj *)(uintptr_t)object);
}

void tg_barrier_slow(TgVM *vm, TgObj *owner, TgValue value) {
    TgGC *gc = vm->gc;
    if (gc->phase == GC_MARK) {
        tg_gc_mark(vm, value);
    } else {
        owner->mark =
            gc->white; // sweeping: what the sweep would do, so that the next store is quick
    }
}

void tg_gc_revive(TgVM *vm, TgObj *object) {
    TgGC *gc = vm->gc;
    // Sweeping: an old white one is dead but not yet freed. While marking white is right: whoever
    // asked for it holds it on a stack that is scanned again, or stores it through the barrier.
    if (gc->phase == GC_SWEEP && object->mark <= TG_MARK_WHITE_B) object->mark = gc->white;
}

static size_t mark_values(TgVM *vm, const TgValue *values, size_t count) {
    for (size_t i = 0; i < count; i++) tg_gc_mark(vm, values[i]);
    return count * sizeof *values;
}

static size_t mark_class(TgVM *vm, TgClass *class_) {
    tg_gc_mark_obj(vm, class_->name);
    tg_gc_mark_obj(vm, class_->super);
    tg_gc_mark_obj(vm, class_->methods);
    tg_gc_mark_obj(vm, class_->attributes);
    tg_gc_mark_obj(vm, class_->code);
    tg_shapes_mark(vm, class_);
    mark_values(vm, &class_->init, 7);
    return sizeof *class_;
}

static size_t mark_instance(TgVM *vm, TgInstance *instance) {
    tg_gc_mark_obj(vm, instance->class_);
    size_t count = tg_shape(vm, instance->obj.shape)->slot_count;
    size_t work = mark_values(vm, instance->slots, count);
    if (instance->obj.flags & OBJ_EXCEPTION) {
        tg_gc_mark_obj(vm, ((TgException *)instance)->trace);
        tg_exception_mark(vm, (TgException *)instance);
    }
    return work;
}

static size_t mark_map(TgVM *vm, TgMap *map) {
    for (uint32_t i = 0; i < map->used; i++) {
        tg_gc_mark(vm, map->entries[i].key);
        tg_gc_mark(vm, map->entries[i].value);
    }
    return map->used * sizeof *map->entries;
}

static size_t mark_native(TgVM *vm, TgNative *native) {
    tg_gc_mark_obj(vm, native->fn.code);
    tg_gc_mark_obj(vm, native->name);
    for (uint32_t i = 0; native->names && i < native->slots; i++) {
        tg_gc_mark_obj(vm, native->names[i]);
    }
    return sizeof *native;
}

static size_t mark_module(TgVM *vm, TgModule *module) {
    tg_gc_mark_obj(vm, module->name);
    tg_gc_mark_obj(vm, module->path);
    tg_gc_mark_obj(vm, module->members);
    tg_gc_mark_obj(vm, module->loader);
    tg_gc_mark_obj(vm, module->imported_by);
    return sizeof *module;
}

// Tasks are remembered: what runs writes to its stack without a barrier, so it is scanned again.
static size_t mark_task(TgVM *vm, TgObj *task) {
    TgGC *gc = vm->gc;
    if (gc->task_count == gc->task_capacity) {
        size_t capacity = gc->task_capacity ? gc->task_capacity * 2 : 256;
        gc->tasks = tg_gc_must_malloc(vm, gc->tasks, capacity * sizeof(TgObj *));
        gc->task_capacity = capacity;
    }
    gc->tasks[gc->task_count++] = task;
    tg_task_mark(vm, (TgTask *)task);
    return 512;
}

// Greys what `object` refers to. Returns how much work it was, in bytes looked at. Large Lists and
// Maps are taken whole for now: one with a million members costs some milliseconds at once.
static size_t mark_members(TgVM *vm, TgObj *object) {
    switch ((TgKind)object->kind) {
    case OBJ_LIST: return mark_values(vm, ((TgList *)object)->items, ((TgList *)object)->count);
    case OBJ_MAP: return mark_map(vm, (TgMap *)object);
    case OBJ_CODE:
        tg_code_mark(vm, (TgCode *)object);
        return ((TgCode *)object)->constant_count * sizeof(TgValue);
    case OBJ_CELL: return mark_values(vm, &((TgCell *)object)->value, 1);
    case OBJ_CLOSURE:
        tg_gc_mark_obj(vm, ((TgClosure *)object)->fn.code);
        tg_gc_mark_obj(vm, ((TgClosure *)object)->home);
        return mark_values(vm, ((TgClosure *)object)->captures, ((TgClosure *)object)->count);
    case OBJ_NATIVE: return mark_native(vm, (TgNative *)object);
    case OBJ_BOUND: return mark_values(vm, &((TgBound *)object)->self, 2);
    case OBJ_CLASS: return mark_class(vm, (TgClass *)object);
    case OBJ_INSTANCE: return mark_instance(vm, (TgInstance *)object);
    case OBJ_MODULE: return mark_module(vm, (TgModule *)object);
    case OBJ_TRACE: tg_trace_mark(vm, object); return 512;
    case OBJ_TASK: return mark_task(vm, object);
    case OBJ_SCOPE: tg_scope_mark(vm, object); return 256;
    case OBJ_CHANNEL:
    case OBJ_LOCK:
    case OBJ_SEMAPHORE:
    case OBJ_EVENT:
    case OBJ_CONDITION:
    case OBJ_BARRIER: tg_sync_mark(vm, object); return 256;
    case OBJ_FREE:
    case OBJ_STRING:
    case OBJ_BIGINT:
    case OBJ_BYTES:
    case OBJ_RANGE:
    case OBJ_KINDS: break;
    }
    return 0;
}

static void find_lost_grey_in(TgGC *gc, Page *pages) {
    for (Page *page = pages; page; page = page->next) {
        for (uint32_t i = 0; i < page->carved; i++) {
            TgObj *object = &tg_gc_cell(page, i)->obj;
            if (object->kind != OBJ_FREE && object->mark == TG_MARK_GREY) push_grey(gc, object);
        }
    }
}

// The grey stack could not grow once: look through the heap for grey objects.
static void find_lost_grey(TgGC *gc) {
    gc->grey_lost = false;
    for (int i = 0; i < CLASSES; i++) find_lost_grey_in(gc, gc->pages[i]);
    for (Large *large = gc->large; large; large = large->next) {
        if (large->obj->mark == TG_MARK_GREY) push_grey(gc, large->obj);
    }
}

// Blackens grey objects until there are none (true) or `*work` is used up.
static bool drain(TgVM *vm, int64_t *work) {
    TgGC *gc = vm->gc;
    for (;;) {
        while (gc->grey_count > 0) {
            if (*work <= 0) return false;
            TgObj *object = gc->grey[--gc->grey_count];
            if (object->mark == TG_MARK_BLACK) continue; // twice on the stack
            object->mark =
                TG_MARK_BLACK; // before its members: what is stored into it from now on is seen
            *work -= OBJECT_WORK + (int64_t)mark_members(vm, object);
        }
        if (!gc->grey_lost) return true;
        find_lost_grey(gc);
    }
}

static void mark_roots(TgVM *vm) {
    tg_gc_mark(vm, vm->raised);
    tg_gc_mark_obj(vm, vm->current);
    tg_vm_mark_roots(vm);
}

void tg_gc_start_marking(TgVM *vm) {
    TgGC *gc = vm->gc;
    assert(gc->phase == GC_IDLE && gc->grey_count == 0);
    gc->phase = GC_MARK;
    gc->task_count = 0;
    gc->finish_tries = 0;
    mark_roots(vm);
}

static int64_t rescan_tasks(TgVM *vm) {
    TgGC *gc = vm->gc;
    int64_t work = 0;
    for (size_t i = 0; i < gc->task_count; i++) {
        TgObj *task = gc->tasks[i];
        if (!(task->small & TG_TASK_RAN) && (TgTask *)task != vm->current) continue;
        tg_task_mark(vm, (TgTask *)task);
        work += 512;
    }
    return work;
}

bool tg_gc_mark_some(TgVM *vm, int64_t *work) {
    TgGC *gc = vm->gc;
    if (!drain(vm, work)) return false;
    // Nothing is grey. Look again at what has no barrier; where nothing comes up that is too much
    // for this slice, marking is complete, because nothing else has run since.
    mark_roots(vm);
    *work -= rescan_tasks(vm);
    int64_t all = INT64_MAX / 2;
    bool must_end = ++gc->finish_tries >= FINISH_TRIES;
    if (*work < STEP_WORK / 2) *work = STEP_WORK / 2;
    return drain(vm, must_end ? &all : work);
}
