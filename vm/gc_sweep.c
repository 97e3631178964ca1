// vm/gc_sweep.c
// Sweeping: what marking did not reach is freed, page by page, when a slice or an allocation asks
// for it. Layer: data.
#include "vm/gc_impl.h"

#include <assert.h>
#include <stdlib.h>

#include "vm/code.h"
#include "vm/class.h"
#include "vm/list.h"
#include "vm/map.h"
#include "vm/resource.h"
#include "vm/string.h"
#include "vm/vm.h"

static void give_back(TgVM *vm, void *memory, size_t size) {
    if (memory) tg_gc_realloc(vm, memory, size, 0);
}

static void release_instance(TgVM *vm, TgInstance *instance) {
    bool is_exception = instance->obj.flags & OBJ_EXCEPTION;
    char *behind = (char *)instance + (is_exception ? sizeof(TgException) : sizeof(TgInstance));
    if ((char *)instance->slots != behind) {
        give_back(vm, instance->slots, instance->capacity * sizeof(TgValue));
    }
    if (is_exception) tg_exception_release(vm, (TgException *)instance);
}

// Frees what a dead object owns. Other objects may be gone already.
void tg_gc_release(TgVM *vm, TgObj *object) {
    switch ((TgKind)object->kind) {
    case OBJ_STRING:
        if (object->flags & OBJ_INTERNED) tg_interns_forget(vm, (TgString *)object);
        break;
    case OBJ_LIST: tg_list_release(vm, (TgList *)object); break;
    case OBJ_MAP: tg_map_release(vm, (TgMap *)object); break;
    case OBJ_CODE: tg_code_release(vm, (TgCode *)object); break;
    case OBJ_NATIVE: {
        TgNative *native = (TgNative *)object;
        give_back(vm, native->names, native->slots * sizeof *native->names);
        break;
    }
    case OBJ_CLASS: tg_shapes_release(vm, (TgClass *)object); break;
    case OBJ_INSTANCE: release_instance(vm, (TgInstance *)object); break;
    case OBJ_TASK: tg_task_release(vm, (TgTask *)object); break;
    case OBJ_SCOPE: tg_scope_release(vm, object); break;
    case OBJ_CHANNEL:
    case OBJ_LOCK:
    case OBJ_SEMAPHORE:
    case OBJ_EVENT:
    case OBJ_CONDITION:
    case OBJ_BARRIER: tg_sync_release(vm, object); break;
    case OBJ_RESOURCE: tg_resource_release(vm, (TgResource *)object); break;
    case OBJ_FREE:
    case OBJ_BIGINT:
    case OBJ_BYTES:
    case OBJ_TRACE:
    case OBJ_ROOM:
    case OBJ_RANGE:
    case OBJ_CELL:
    case OBJ_CLOSURE:
    case OBJ_BOUND:
    case OBJ_MODULE:
    case OBJ_KINDS: break;
    }
}

// Whether the object stays; whitens it for the next cycle then, else releases what it owns.
static inline bool sweep_object(TgVM *vm, TgObj *object) {
    TgGC *gc = vm->gc;
    if (object->mark == TG_MARK_FIXED || object->mark == gc->white) return true;
    assert(object->mark != TG_MARK_GREY);
    if (object->mark == TG_MARK_BLACK) {
        object->mark = gc->white;
        return true;
    }
    if (tg_gc_owns_something(object)) {
        gc->released++;
        tg_gc_release(vm, object);
    }
    return false;
}

// Frees the dead cells of a page; returns how many live ones there are. Its free cells go to the
// size's list.
static uint32_t sweep_cells(TgVM *vm, Page *page) {
    TgGC *gc = vm->gc;
    Cell *first = NULL, **last = &first;
    uint32_t live = 0, freed = 0, size = page->cell_size;
    char *end = (char *)tg_gc_cell(page, 0) + (size_t)page->carved * size;
    for (char *at = (char *)tg_gc_cell(page, 0); at < end; at += size) {
        Cell *cell = (Cell *)(void *)at;
        if (cell->obj.kind != OBJ_FREE) {
            if (sweep_object(vm, &cell->obj)) {
                live++;
                continue;
            }
            freed++;
            cell->obj.kind = OBJ_FREE;
            tg_gc_poison(cell, size);
        }
        *last = cell;
        last = &cell->next;
    }
    gc->rest -= (size_t)freed * size;
    if (live == 0) return 0; // the whole page goes
    *last = gc->free[page->class_];
    gc->free[page->class_] = first;
    return live;
}

// Sweeps one page of that size; false where none is left to be swept.
bool tg_gc_sweep_page(TgVM *vm, uint32_t class_) {
    TgGC *gc = vm->gc;
    Page *page = gc->unswept[class_];
    if (!page) return false;
    gc->unswept[class_] = page->next;
    if (sweep_cells(vm, page) == 0) {
        tg_gc_free_page(gc, page);
        return true;
    }
    // Only the first page of a size may be partly carved: a full one goes behind it.
    Page *head = gc->pages[class_];
    if (head && page->carved == page->cells) {
        page->next = head->next;
        head->next = page;
    } else {
        page->next = head;
        gc->pages[class_] = page;
    }
    return true;
}

static void sweep_large(TgVM *vm, int64_t *work) {
    TgGC *gc = vm->gc;
    while (*gc->sweep_large && *work > 0) {
        Large *large = *gc->sweep_large;
        *work -= 4 * OBJECT_WORK;
        size_t before = gc->rest;
        if (sweep_object(vm, large->obj)) {
            gc->sweep_large = &large->next;
            continue;
        }
        *gc->sweep_large = large->next;
        gc->rest -= large->size;
        free(large);
        *work -= (int64_t)((before - gc->rest) / FREED_PER_WORK);
    }
}

bool tg_gc_sweep_some(TgVM *vm, int64_t *work) {
    TgGC *gc = vm->gc;
    while (gc->sweep_class < CLASSES) {
        if (*work <= 0) return false;
        size_t before = gc->rest, released = gc->released;
        if (tg_gc_sweep_page(vm, gc->sweep_class)) {
            *work -= PAGE_WORK + (int64_t)((gc->released - released) * RELEASE_WORK + (before - gc->rest) / FREED_PER_WORK);
        } else {
            gc->sweep_class++;
        }
    }
    sweep_large(vm, work);
    return !*gc->sweep_large;
}

void tg_gc_start_sweeping(TgVM *vm) {
    TgGC *gc = vm->gc;
    gc->phase = GC_SWEEP;
    gc->white = gc->white == TG_MARK_WHITE_A ? TG_MARK_WHITE_B : TG_MARK_WHITE_A;
    // Free lists hold cells of pages that are not swept yet: each page brings its own again.
    for (int i = 0; i < CLASSES; i++) {
        gc->free[i] = NULL;
        gc->unswept[i] = gc->pages[i];
        gc->pages[i] = NULL;
    }
    gc->sweep_class = 0;
    gc->sweep_large = &gc->large;
    gc->ran.count = 0;
}
