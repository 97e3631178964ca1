// vm/gc_mark.c
// Marking: from the roots through everything they reach, by a stack of objects that were found. An object is white until it comes
// off the stack, black from then on. (Grey are those that the barrier put there, or for which it had no room.)
//
// The mutator runs between slices. What it stores into a black object is greyed by the barrier;
// what it keeps in roots and stacks is found by looking at those once more at the end.
//
// Lists, Maps and Channels of many members are marked a stretch at a time, from the last member to the first, one such object after the
// other (`part`; the others wait on a stack of their own). Such an object is black from the beginning, so what is stored into it
// is greyed by the barrier wherever that lands; `part_left` says how many of its first members have not been looked at. What
// moves members must not move one of these behind that place:
//   removing (of Lists; what is behind moves down), receiving, compacting a Map, clearing: members only move down. Nothing to do.
//   pushing, sending, storing, reverse, sort, shuffle: each place is written through the barrier. Nothing to do.
//   inserting into a List: what is behind moves up. tg_gc_moved_up() moves the place with it.
//   growing: `items` and `entries` are read anew at each stretch.
//
// Layer: data.
#include "vm/gc_impl.h"

#include <assert.h>
#include <stdlib.h>

#include "vm/class.h"
#include "vm/code.h"
#include "vm/resource.h"
#include "vm/string.h"
#include "vm/vm.h"

enum {
    STRETCH = 1024, // members of a List or Map that are marked at once
    AHEAD = 8,      // objects that are fetched before they are looked at
};

static bool __attribute__((noinline)) grow(GreyStack *stack) {
    size_t capacity = stack->capacity ? stack->capacity * 2 : 4096;
    TgObj **items = realloc(stack->items, capacity * sizeof(TgObj *));
    if (!items) return false;
    stack->items = items;
    stack->capacity = capacity;
    return true;
}

static inline bool push(GreyStack *stack, TgObj *object) {
    if (__builtin_expect(stack->count == stack->capacity, 0) && !grow(stack)) return false;
    stack->items[stack->count++] = object;
    return true;
}

// What is found is not looked at: that would often mean to wait for memory. It goes on the stack as it is, and drain() fetches it
// some steps before it asks for its colour.
static inline void push_found(TgGC *gc, TgObj *object) {
    assert(object->kind != OBJ_FREE); // somebody held it where marking did not look
    if (__builtin_expect(push(&gc->grey, object), 1)) return;
    // No memory: its colour says that it waits; find_lost_grey looks for it when the stack is empty.
    if (object->mark == gc->white) object->mark = TG_MARK_GREY;
    gc->grey_lost = true;
}

static inline void mark_value(TgGC *gc, TgValue value) {
    if (tg_is_obj(value)) push_found(gc, tg_as_obj(value));
}

void tg_gc_mark(TgVM *vm, TgValue value) { mark_value(vm->gc, value); }

// What many objects refer to (their class, their code) is in the cache and mostly black: no need to put it on the stack each time.
void tg_gc_mark_obj(TgVM *vm, const void *object) {
    TgObj *found = (TgObj *)(uintptr_t)object;
    if (found && found->mark == vm->gc->white) push_found(vm->gc, found);
}

void tg_barrier_slow(TgVM *vm, TgObj *owner, TgValue value) {
    TgGC *gc = vm->gc;
    if (gc->phase == GC_MARK) {
        if (!tg_is_obj(value) || tg_as_obj(value)->mark != gc->white) return;
        tg_as_obj(value)->mark = TG_MARK_GREY; // stored again, it is not put on the stack again
        push_found(gc, tg_as_obj(value));
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

size_t tg_gc_mark_values(TgVM *vm, const TgValue *values, size_t count) {
    TgGC *gc = vm->gc;
    for (size_t i = 0; i < count; i++) mark_value(gc, values[i]);
    return count * sizeof *values;
}

static size_t mark_class(TgVM *vm, TgClass *class_) {
    tg_gc_mark_obj(vm, class_->name);
    tg_gc_mark_obj(vm, class_->super);
    tg_gc_mark_obj(vm, class_->methods);
    tg_gc_mark_obj(vm, class_->attributes);
    tg_gc_mark_obj(vm, class_->code);
    tg_shapes_mark(vm, class_);
    tg_gc_mark_values(vm, &class_->init, 7);
    return sizeof *class_;
}

static size_t mark_instance(TgVM *vm, TgInstance *instance) {
    tg_gc_mark_obj(vm, instance->class_);
    size_t count = tg_shape(vm, instance->obj.shape)->slot_count;
    size_t work = tg_gc_mark_values(vm, instance->slots, count);
    if (instance->obj.flags & OBJ_EXCEPTION) {
        tg_gc_mark_obj(vm, ((TgException *)instance)->trace);
        tg_exception_mark(vm, (TgException *)instance);
    }
    return work;
}

static size_t mark_entries(TgVM *vm, const TgMapEntry *entries, size_t count) {
    for (size_t i = 0; i < count; i++) {
        mark_value(vm->gc, entries[i].key);
        mark_value(vm->gc, entries[i].value);
    }
    return count * sizeof *entries;
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

// Tasks: what runs writes to its stack without a barrier, so a task that was scanned and ran after that is scanned again. Which
// ones these are is noted when they run (`ran`), so that a million tasks that wait cost nothing at the end.
void tg_gc_note_ran(TgVM *vm, TgObj *task) {
    GreyStack *ran = &vm->gc->ran;
    if (push(ran, task)) return;
    size_t capacity = ran->capacity ? ran->capacity * 2 : 256;
    ran->items = tg_gc_must_malloc(vm, ran->items, capacity * sizeof(TgObj *));
    ran->capacity = capacity;
    ran->items[ran->count++] = task;
}

static size_t mark_task(TgVM *vm, TgObj *task) {
    size_t work = tg_task_mark(vm, (TgTask *)task);
    if (task->small & TG_TASK_RAN) tg_gc_note_ran(vm, task); // it runs now
    return work;
}

// Greys what `object` refers to. Returns how much work it was, in bytes looked at.
static size_t mark_members(TgVM *vm, TgObj *object) {
    switch ((TgKind)object->kind) {
    case OBJ_LIST: return tg_gc_mark_values(vm, ((TgList *)object)->items, ((TgList *)object)->count);
    case OBJ_MAP: return mark_entries(vm, ((TgMap *)object)->entries, ((TgMap *)object)->used);
    case OBJ_CODE:
        tg_code_mark(vm, (TgCode *)object);
        return ((TgCode *)object)->constant_count * sizeof(TgValue);
    case OBJ_CELL: return tg_gc_mark_values(vm, &((TgCell *)object)->value, 1);
    case OBJ_CLOSURE:
        tg_gc_mark_obj(vm, ((TgClosure *)object)->fn.code);
        tg_gc_mark_obj(vm, ((TgClosure *)object)->home);
        return tg_gc_mark_values(vm, ((TgClosure *)object)->captures, ((TgClosure *)object)->count);
    case OBJ_NATIVE: return mark_native(vm, (TgNative *)object);
    case OBJ_BOUND: return tg_gc_mark_values(vm, &((TgBound *)object)->self, 2);
    case OBJ_CLASS: return mark_class(vm, (TgClass *)object);
    case OBJ_INSTANCE: return mark_instance(vm, (TgInstance *)object);
    case OBJ_MODULE: return mark_module(vm, (TgModule *)object);
    case OBJ_TRACE: tg_trace_mark(vm, object); return 512;
    case OBJ_TASK: return mark_task(vm, object);
    case OBJ_SCOPE: tg_scope_mark(vm, object); return 256;
    case OBJ_CHANNEL: return tg_channel_mark(vm, object, 0, tg_channel_count(object));
    case OBJ_LOCK:
    case OBJ_SEMAPHORE:
    case OBJ_EVENT:
    case OBJ_CONDITION:
    case OBJ_BARRIER: tg_sync_mark(vm, object); return 256;
    case OBJ_BYTES: tg_gc_mark_obj(vm, ((TgBytes *)object)->whole); return sizeof(TgBytes);
    case OBJ_RESOURCE: tg_resource_mark(vm, (TgResource *)object); return ((TgResource *)object)->type->size;
    case OBJ_FREE:
    case OBJ_STRING:
    case OBJ_BIGINT:
    case OBJ_ROOM:
    case OBJ_RANGE:
    case OBJ_KINDS: break;
    }
    return 0;
}

static void find_lost_grey_in(TgGC *gc, Page *pages) {
    for (Page *page = pages; page; page = page->next) {
        for (uint32_t i = 0; i < page->carved; i++) {
            TgObj *object = &tg_gc_cell(page, i)->obj;
            if (object->kind != OBJ_FREE && object->mark == TG_MARK_GREY) push_found(gc, object);
        }
    }
}

// The grey stack could not grow once: look through the heap for grey objects.
static void find_lost_grey(TgGC *gc) {
    gc->grey_lost = false;
    for (int i = 0; i < CLASSES; i++) find_lost_grey_in(gc, gc->pages[i]);
    for (Large *large = gc->large; large; large = large->next) {
        if (large->obj->mark == TG_MARK_GREY) push_found(gc, large->obj);
    }
}

// ---- Lists, Maps and Channels of many members

static uint32_t members_of(const TgObj *object) {
    if (object->kind == OBJ_LIST) return ((TgList *)object)->count;
    if (object->kind == OBJ_MAP) return ((TgMap *)object)->used;
    return object->kind == OBJ_CHANNEL ? tg_channel_count(object) : 0;
}

// Marks the next stretch of `part`, or takes the next one that waits. False where there is none.
static bool mark_part(TgVM *vm, int64_t *work) {
    TgGC *gc = vm->gc;
    if (!gc->part) {
        if (gc->many.count == 0) return false;
        gc->part = gc->many.items[--gc->many.count];
        gc->part_left = UINT32_MAX;
    }
    TgObj *part = gc->part;
    uint32_t members = members_of(part); // some may have gone
    uint32_t end = gc->part_left < members ? gc->part_left : members;
    uint32_t begin = end > STRETCH ? end - STRETCH : 0;
    size_t done;
    if (part->kind == OBJ_LIST) done = tg_gc_mark_values(vm, ((TgList *)part)->items + begin, end - begin);
    else if (part->kind == OBJ_MAP) done = mark_entries(vm, ((TgMap *)part)->entries + begin, end - begin);
    else done = tg_channel_mark(vm, part, begin, end);
    *work -= (int64_t)done;
    gc->part_left = begin;
    if (begin == 0) gc->part = NULL;
    return true;
}

void tg_gc_moved_up(TgVM *vm, TgObj *object, uint32_t from, uint32_t count) {
    TgGC *gc = vm->gc;
    if (object == gc->part && from < gc->part_left && gc->part_left < UINT32_MAX - count) gc->part_left += count;
}

static void blacken(TgVM *vm, TgObj *object, int64_t *work) {
    *work -= OBJECT_WORK;
    // Black before its members: what is stored into it from now on is seen.
    object->mark = TG_MARK_BLACK;
    if (members_of(object) > STRETCH && push(&vm->gc->many, object)) return;
    if (object->flags & OBJ_SHARED && object->kind == OBJ_STRING) tg_string_room((TgString *)object)->obj.mark = TG_MARK_BLACK;
    *work -= (int64_t)mark_members(vm, object);
}

static TgObj *fetch(GreyStack *stack) {
    if (stack->count == 0) return NULL;
    TgObj *object = stack->items[--stack->count];
    __builtin_prefetch(object, 1);
    return object;
}

// Works on what is on the stack; some objects are between it and the work, while the memory they lie in is fetched. In a large
// heap this halves the time of marking.
static void drain_stack(TgVM *vm, int64_t *work) {
    TgGC *gc = vm->gc;
    TgObj *ahead[AHEAD] = {NULL};
    uint32_t at = 0, idle = 0;
    for (; idle < AHEAD && *work > 0; at = (at + 1) % AHEAD) {
        TgObj *object = ahead[at];
        ahead[at] = fetch(&gc->grey);
        idle = object || ahead[at] ? 0 : idle + 1;
        if (!object) continue;
        *work -= FOUND_WORK;
        if (object->mark == gc->white || object->mark == TG_MARK_GREY) blacken(vm, object, work);
    }
    for (int i = 0; i < AHEAD; i++) {
        if (ahead[i]) push_found(gc, ahead[i]);
    }
}

// Blackens what is grey until nothing is (true) or `*work` is used up.
static bool drain(TgVM *vm, int64_t *work) {
    TgGC *gc = vm->gc;
    for (;;) {
        drain_stack(vm, work);
        if (gc->grey.count > 0) return false;
        if (!gc->part && gc->many.count == 0 && !gc->grey_lost) return true;
        if (*work <= 0) return false;
        if (!mark_part(vm, work)) find_lost_grey(gc);
    }
}

static void mark_roots(TgVM *vm) {
    tg_gc_mark(vm, vm->raised);
    tg_gc_mark_obj(vm, vm->current);
    tg_vm_mark_roots(vm);
}

void tg_gc_start_marking(TgVM *vm) {
    TgGC *gc = vm->gc;
    assert(gc->phase == GC_IDLE && gc->grey.count == 0 && gc->many.count == 0 && !gc->part);
    gc->phase = GC_MARK;
    gc->ran.count = 0;
    gc->finish_tries = gc->finish_slices = 0;
    mark_roots(vm);
}

// Scans again what ran, until `*work` is used up (false). The running task stays noted.
static bool rescan_tasks(TgVM *vm, int64_t *work) {
    GreyStack *ran = &vm->gc->ran;
    TgObj *current = NULL;
    while (ran->count > 0 && *work > 0) {
        TgObj *task = ran->items[--ran->count];
        // One that is not black is still to come, or lives no more.
        if (task->mark != TG_MARK_BLACK || !(task->small & TG_TASK_RAN)) continue;
        if ((TgTask *)task == vm->current) current = task;
        else *work -= (int64_t)tg_task_mark(vm, (TgTask *)task);
    }
    bool all = ran->count == 0;
    if (current && all) *work -= (int64_t)tg_task_mark(vm, vm->current);
    if (current) tg_gc_note_ran(vm, current);
    return all;
}

// Nothing is grey. Looks again at what has no barrier; where what that brings up is done within this slice, marking is complete,
// because nothing else has run since. Where it is not, the next slice tries again, with more time: so it ends. That many tasks
// ran is no failed try: they pay for their scans (tg_gc_task_ran), so that the slices gain on them.
static bool finish(TgVM *vm, int64_t *work) {
    TgGC *gc = vm->gc;
    int64_t least = (int64_t)(STEP_WORK / 4) << gc->finish_tries;
    if (*work < least) *work = least;
    if (gc->finish_tries >= FINISH_TRIES) *work = INT64_MAX / 2;
    if (!rescan_tasks(vm, work)) {
        if (++gc->finish_slices % FINISH_PATIENCE == 0) gc->finish_tries++;
        return false;
    }
    gc->finish_tries++;
    mark_roots(vm);
    if (*work < least / 2) *work = least / 2; // a deep stack may have taken it all
    return drain(vm, work);
}

bool tg_gc_mark_some(TgVM *vm, int64_t *work) { return drain(vm, work) && finish(vm, work); }
