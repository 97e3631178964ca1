// vm/gc.c
// The collector: incremental mark and sweep, in slices that the trap routine asks for.
//
// Small objects lie in 64 KB pages of one size each, pages in chunks of sixteen; larger objects are malloc'ed.
// A cycle marks (grey objects wait on a stack of pointers, no recursion), then sweeps page by page.
//
// New objects are always white. So the stores that fill them need no barrier, and what died young is
// freed by this cycle already; the price is that marking has to find what was made since it began: when the
// grey stack is empty, the roots and the tasks that ran are scanned once more, and only when what
// that brings up fits into the same slice is marking over (FINISH_TRIES bounds this).
//
// There are two whites, which change places when marking ends: what still has the old one is dead, what
// is made while sweeping has the new one, and no sweep can take one for the other.
//
// Layer: data.
#include "vm/gc.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>

#include "vm/class.h"
#include "vm/code.h"
#include "vm/string.h"
#include "vm/vm.h"

enum {
    PAGE_SIZE = 64 * 1024,
    PAGES_PER_CHUNK = 16,
    CLASSES = 16,
    LARGEST_SMALL = 512,
    CARVE = 64,                    // cells of a new page that are linked at a time
    FIRST_TRIGGER = 4 << 20,       // bytes in use before the first cycle
    STEP_DEBT = 64 << 10,          // bytes allocated between two slices
    STEP_WORK = 4 * STEP_DEBT,     // units of work in a slice, about 0.3 ms
    MOST_WORK = 4 * STEP_WORK,     // after a burst of allocation, about 1 ms
    OBJECT_WORK = 32,              // units for touching an object: it is rarely in the cache
    PAGE_WORK = 16 << 10,          // units for sweeping a page
    FINISH_TRIES = 8,              // scans of the roots before marking is ended whatever that takes
    RESERVE = 256 << 10,
};

typedef enum { GC_IDLE, GC_MARK, GC_SWEEP } Phase;

typedef struct Cell {
    TgObj obj; // kind OBJ_FREE
    struct Cell *next;
} Cell;

typedef struct Chunk Chunk;

typedef struct Page {
    Chunk *chunk;
    struct Page *next; // of its size, or of the free ones
    uint32_t cell_size;
    uint32_t cells;
    uint32_t carved; // cells that were ever in use; behind them nothing was touched
    uint8_t class_;
} Page;

struct Chunk {
    Chunk *next, *before;
    char *memory;
    uint32_t free_pages;
};

typedef struct Large { // before each large object
    struct Large *next;
    size_t size;
    TgObj obj[];
} Large;

struct TgGC {
    // Read and written by every allocation
    Cell *free[CLASSES];
    size_t used;      // bytes of objects and of what they own
    size_t debt, due; // bytes allocated since the last slice; what makes the next one due
    uint8_t white;    // colour of new objects
    uint8_t phase;

    Page *pages[CLASSES]; // swept (all of them while not sweeping); the first may be partly carved
    Page *unswept[CLASSES];
    Page *free_pages;
    Chunk *chunks;
    uint32_t free_page_count, chunk_count;
    uint32_t sweep_class; // sweeping: this and the higher ones may have unswept pages
    Large *large;
    Large **sweep_large; // the next large object to be swept

    TgObj **grey;
    size_t grey_count, grey_capacity;
    bool grey_lost; // the stack could not grow: some grey objects are not on it
    TgObj **tasks;  // met in this cycle
    size_t task_count, task_capacity;
    int finish_tries;

    size_t trigger; // bytes in use that begin a cycle
    void *reserve;
    bool refused_by_limit; // what the last tg_gc_can_take that said no meant
};

// Sizes

static const uint16_t class_sizes[CLASSES] = {16,  32,  48,  64,  80,  96,  112, 128,
                                              160, 192, 224, 256, 320, 384, 448, 512};

static uint32_t class_of_size(size_t size) {
    if (size <= 128) return (uint32_t)((size + 15) / 16 - 1);
    if (size <= 256) return (uint32_t)(8 + (size - 129) / 32);
    return (uint32_t)(12 + (size - 257) / 64);
}

// Out of memory

static void set_trap(TgVM *vm, uint32_t bit) {
    atomic_fetch_or_explicit(&vm->trap, bit, memory_order_relaxed);
}

// For objects without which nothing goes on: gives the reserve away and lets the script know at its next boundary.
static void *must_malloc(TgVM *vm, void *old, size_t size) {
    void *memory = realloc(old, size);
    if (memory) return memory;
    set_trap(vm, TRAP_MEMORY);
    vm->gc->refused_by_limit = false;
    free(vm->gc->reserve);
    vm->gc->reserve = NULL;
    memory = realloc(old, size);
    if (memory) return memory;
    fprintf(stderr, "tg: no memory left (%zu bytes were asked for)\n", size);
    exit(1);
}

static size_t limit_of(const TgVM *vm) {
    return vm->options.max_memory ? vm->options.max_memory : SIZE_MAX;
}

bool tg_gc_can_take(TgVM *vm, size_t bytes) {
    TgGC *gc = vm->gc;
    size_t limit = limit_of(vm);
    gc->refused_by_limit = limit != SIZE_MAX && (gc->used >= limit || bytes > limit - gc->used);
    if (gc->refused_by_limit) return false;
    if (bytes > (size_t)1 << 40) return false;
    if (bytes > 1 << 20) { // malloc is asked; without touching it this costs little
        void *probe = malloc(bytes);
        if (!probe) return false;
        free(probe);
    }
    return true;
}

bool tg_gc_over_limit(const TgVM *vm) {
    return vm->gc->refused_by_limit || vm->gc->used > limit_of(vm);
}

// The debt that makes the next slice due, or the limit be looked at: one comparison serves both.
static void set_due(TgVM *vm) {
    TgGC *gc = vm->gc;
    size_t due = STEP_DEBT;
    if (gc->phase == GC_IDLE) due = gc->trigger > gc->used ? gc->trigger - gc->used : 0;
    size_t limit = limit_of(vm);
    size_t left = limit > gc->used ? limit - gc->used : 0;
    gc->debt = 0;
    gc->due = due < left ? due : left;
}

static void __attribute__((noinline, cold)) notice_debt(TgVM *vm) {
    TgGC *gc = vm->gc;
    if (gc->used > limit_of(vm)) {
        gc->refused_by_limit = true;
        set_trap(vm, TRAP_MEMORY);
    }
    set_trap(vm, TRAP_GC);
    gc->due = gc->debt + STEP_DEBT; // said; not again for a while
}

static inline void count_bytes(TgVM *vm, size_t bytes) {
    TgGC *gc = vm->gc;
    gc->used += bytes;
    gc->debt += bytes;
    if (__builtin_expect(gc->debt >= gc->due, 0)) notice_debt(vm);
}

// Pages

static Cell *cell_at(Page *page, uint32_t index) {
    return (Cell *)((char *)page + PAGE_SIZE - (size_t)(page->cells - index) * page->cell_size);
}

static void link_free_page(TgGC *gc, Page *page) {
    page->next = gc->free_pages;
    gc->free_pages = page;
    gc->free_page_count++;
    page->chunk->free_pages++;
}

static void add_chunk(TgVM *vm) {
    TgGC *gc = vm->gc;
    Chunk *chunk = must_malloc(vm, NULL, sizeof *chunk);
    char *memory = aligned_alloc(PAGE_SIZE, PAGE_SIZE * PAGES_PER_CHUNK);
    if (!memory) { // give the reserve back and try again; the script learns of it
        free(gc->reserve);
        gc->reserve = NULL;
        set_trap(vm, TRAP_MEMORY);
        memory = aligned_alloc(PAGE_SIZE, PAGE_SIZE * PAGES_PER_CHUNK);
        if (!memory) {
            fputs("tg: no memory left\n", stderr);
            exit(1);
        }
    }
    *chunk = (Chunk){.next = gc->chunks, .memory = memory};
    if (gc->chunks) gc->chunks->before = chunk;
    gc->chunks = chunk;
    gc->chunk_count++;
    for (int i = PAGES_PER_CHUNK - 1; i >= 0; i--) {
        Page *page = (Page *)(void *)(memory + (size_t)i * PAGE_SIZE);
        page->chunk = chunk;
        link_free_page(gc, page);
    }
}

static Page *new_page(TgVM *vm, uint32_t class_) {
    TgGC *gc = vm->gc;
    if (!gc->free_pages) add_chunk(vm);
    Page *page = gc->free_pages;
    gc->free_pages = page->next;
    gc->free_page_count--;
    page->chunk->free_pages--;
    page->cell_size = class_sizes[class_];
    // Cells end at the page's end and are aligned to 16 there; what is over lies behind the head.
    page->cells = (uint32_t)((PAGE_SIZE - sizeof(Page)) / page->cell_size);
    page->carved = 0;
    page->class_ = (uint8_t)class_;
    page->next = gc->pages[class_];
    gc->pages[class_] = page;
    return page;
}

// Gives chunks back of which no page is in use, but keeps a quarter of all pages to spare: a program whose
// heap goes up and down should not ask the system for the same memory again and again.
static void trim_chunks(TgVM *vm) {
    TgGC *gc = vm->gc;
    bool any = false;
    uint32_t spare = gc->free_page_count;
    uint32_t keep = (1 + gc->chunk_count / 4) * PAGES_PER_CHUNK;
    for (Chunk *chunk = gc->chunks; chunk; chunk = chunk->next) {
        if (chunk->free_pages != PAGES_PER_CHUNK || spare < keep + PAGES_PER_CHUNK) continue;
        chunk->free_pages = PAGES_PER_CHUNK + 1; // to go
        spare -= PAGES_PER_CHUNK;
        any = true;
    }
    if (!any) return;
    for (Page **at = &gc->free_pages; *at;) {
        if ((*at)->chunk->free_pages > PAGES_PER_CHUNK) {
            *at = (*at)->next;
            gc->free_page_count--;
        } else {
            at = &(*at)->next;
        }
    }
    for (Chunk *chunk = gc->chunks, *next; chunk; chunk = next) {
        next = chunk->next;
        if (chunk->free_pages <= PAGES_PER_CHUNK) continue;
        if (chunk->before) chunk->before->next = next;
        if (!chunk->before) gc->chunks = next;
        if (next) next->before = chunk->before;
        gc->chunk_count--;
        free(chunk->memory);
        free(chunk);
    }
}

// Allocation

static bool sweep_page_of(TgVM *vm, uint32_t class_);

// The free list is empty: sweep a page, carve on, or begin a page.
static void __attribute__((noinline)) refill(TgVM *vm, uint32_t class_) {
    TgGC *gc = vm->gc;
    while (!gc->free[class_] && gc->phase == GC_SWEEP && sweep_page_of(vm, class_)) {}
    if (gc->free[class_]) return;
    Page *page = gc->pages[class_];
    if (!page || page->carved == page->cells) page = new_page(vm, class_);
    uint32_t end = page->carved + CARVE;
    if (end > page->cells) end = page->cells;
    for (uint32_t i = end; i > page->carved; i--) {
        Cell *cell = cell_at(page, i - 1);
        cell->obj.kind = OBJ_FREE;
        cell->next = gc->free[class_];
        gc->free[class_] = cell;
    }
    page->carved = end;
}

static TgObj *alloc_large(TgVM *vm, size_t size) {
    TgGC *gc = vm->gc;
    Large *large = must_malloc(vm, NULL, sizeof *large + size);
    large->size = size;
    large->next = gc->large;
    // The sweep goes on behind what it has seen; a new first object is none of its business.
    if (gc->sweep_large == &gc->large) gc->sweep_large = &large->next;
    gc->large = large;
    return large->obj;
}

void *tg_gc_alloc(TgVM *vm, size_t size, TgKind kind) {
    TgGC *gc = vm->gc;
    TgObj *object;
    if (__builtin_expect(size <= LARGEST_SMALL, 1)) {
        uint32_t class_ = class_of_size(size);
        if (__builtin_expect(!gc->free[class_], 0)) refill(vm, class_);
        Cell *cell = gc->free[class_];
        gc->free[class_] = cell->next;
        object = &cell->obj;
        count_bytes(vm, class_sizes[class_]);
    } else {
        object = alloc_large(vm, size);
        count_bytes(vm, size);
    }
    // The bytes of Strings and BigInts are written by their makers at once, and may be many.
    bool is_bytes = kind == OBJ_STRING || kind == OBJ_BIGINT;
    size_t clear = is_bytes && size > sizeof(TgString) ? sizeof(TgString) : size;
    memset(object, 0, clear);
    object->kind = (uint8_t)kind;
    object->mark = gc->white;
    return object;
}

void *tg_gc_realloc(TgVM *vm, void *old, size_t old_size, size_t new_size) {
    TgGC *gc = vm->gc;
    assert(old || old_size == 0);
    assert(gc->used >= old_size);
    if (new_size == 0) {
        free(old);
        gc->used -= old_size;
        return NULL;
    }
    void *memory = must_malloc(vm, old, new_size);
    if (new_size > old_size) {
        count_bytes(vm, new_size - old_size);
    } else {
        gc->used -= old_size - new_size;
    }
    return memory;
}

size_t tg_gc_used(const TgVM *vm) { return vm->gc->used; }

// Marking

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
    if (object->mark != gc->white) return;
    // What refers to nothing is done at once.
    if (object->kind <= OBJ_BIGINT || object->kind == OBJ_RANGE) {
        object->mark = TG_MARK_BLACK;
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
        owner->mark = gc->white; // sweeping: what the sweep would do, so that the next store is quick
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
        gc->tasks = must_malloc(vm, gc->tasks, capacity * sizeof(TgObj *));
        gc->task_capacity = capacity;
    }
    gc->tasks[gc->task_count++] = task;
    tg_task_mark(vm, (TgTask *)task);
    return 512;
}

// Greys what `object` refers to. Returns how much work it was, in bytes looked at. Large Lists and Maps
// are taken whole for now: one with a million members costs some milliseconds at once.
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
    case OBJ_RANGE:
    case OBJ_KINDS: break;
    }
    return 0;
}

static void find_lost_grey_in(TgGC *gc, Page *pages) {
    for (Page *page = pages; page; page = page->next) {
        for (uint32_t i = 0; i < page->carved; i++) {
            TgObj *object = &cell_at(page, i)->obj;
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
            object->mark = TG_MARK_BLACK; // before its members: what is stored into it from now on is seen
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

static void start_marking(TgVM *vm) {
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

// Sweeping

static void give_back(TgVM *vm, void *memory, size_t size) {
    if (memory) tg_gc_realloc(vm, memory, size, 0);
}

static void release_map(TgVM *vm, TgMap *map) {
    give_back(vm, map->entries, map->capacity * sizeof *map->entries);
    give_back(vm, map->index, map->index_size * sizeof *map->index);
}

static void release_list(TgVM *vm, TgList *list) {
    if (!list->items) return;
    give_back(vm, list->items - list->head, (list->head + list->capacity) * sizeof(TgValue));
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
static void release(TgVM *vm, TgObj *object) {
    switch ((TgKind)object->kind) {
    case OBJ_STRING:
        if (object->flags & OBJ_INTERNED) tg_interns_forget(vm, (TgString *)object);
        break;
    case OBJ_LIST: release_list(vm, (TgList *)object); break;
    case OBJ_MAP: release_map(vm, (TgMap *)object); break;
    case OBJ_CODE: tg_code_release(vm, (TgCode *)object); break;
    case OBJ_NATIVE: {
        TgNative *native = (TgNative *)object;
        give_back(vm, native->names, native->slots * sizeof *native->names);
        break;
    }
    case OBJ_CLASS: tg_shapes_release(vm, (TgClass *)object); break;
    case OBJ_INSTANCE: release_instance(vm, (TgInstance *)object); break;
    case OBJ_TRACE: tg_trace_release(vm, object); break;
    case OBJ_TASK: tg_task_release(vm, (TgTask *)object); break;
    case OBJ_SCOPE: tg_scope_release(vm, object); break;
    case OBJ_CHANNEL:
    case OBJ_LOCK:
    case OBJ_SEMAPHORE:
    case OBJ_EVENT:
    case OBJ_CONDITION:
    case OBJ_BARRIER: tg_sync_release(vm, object); break;
    case OBJ_FREE:
    case OBJ_BIGINT:
    case OBJ_RANGE:
    case OBJ_CELL:
    case OBJ_CLOSURE:
    case OBJ_BOUND:
    case OBJ_MODULE:
    case OBJ_KINDS: break;
    }
}

// Whether the object stays; whitens it for the next cycle then, else releases what it owns.
static bool sweep_object(TgVM *vm, TgObj *object) {
    TgGC *gc = vm->gc;
    if (object->mark == TG_MARK_FIXED || object->mark == gc->white) return true;
    assert(object->mark != TG_MARK_GREY);
    if (object->mark == TG_MARK_BLACK) {
        object->mark = gc->white;
        return true;
    }
    release(vm, object);
    return false;
}

// Frees the dead cells of a page; returns how many live ones there are. Its free cells go to the size's list.
static uint32_t sweep_cells(TgVM *vm, Page *page) {
    TgGC *gc = vm->gc;
    Cell *first = NULL, **last = &first;
    uint32_t live = 0;
    for (uint32_t i = 0; i < page->carved; i++) {
        Cell *cell = cell_at(page, i);
        if (cell->obj.kind != OBJ_FREE) {
            if (sweep_object(vm, &cell->obj)) {
                live++;
                continue;
            }
            gc->used -= page->cell_size;
            cell->obj.kind = OBJ_FREE;
        }
        *last = cell;
        last = &cell->next;
    }
    if (live == 0) return 0; // the whole page goes
    *last = gc->free[page->class_];
    gc->free[page->class_] = first;
    return live;
}

// Sweeps one page of that size; false where none is left to be swept.
static bool sweep_page_of(TgVM *vm, uint32_t class_) {
    TgGC *gc = vm->gc;
    Page *page = gc->unswept[class_];
    if (!page) return false;
    gc->unswept[class_] = page->next;
    if (sweep_cells(vm, page) == 0) {
        link_free_page(gc, page);
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

static void finish_marking(TgVM *vm) {
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
    gc->task_count = 0;
}

static void sweep_large(TgVM *vm, int64_t *work) {
    TgGC *gc = vm->gc;
    while (*gc->sweep_large && *work > 0) {
        Large *large = *gc->sweep_large;
        *work -= 4 * OBJECT_WORK;
        if (sweep_object(vm, large->obj)) {
            gc->sweep_large = &large->next;
            continue;
        }
        *gc->sweep_large = large->next;
        gc->used -= large->size;
        free(large);
    }
}

// The first cycle begins at FIRST_TRIGGER, others at twice what lived; under a limit earlier, so that garbage
// is gone before the limit is said to be reached.
static void finish_cycle(TgVM *vm) {
    TgGC *gc = vm->gc;
    gc->phase = GC_IDLE;
    gc->sweep_large = NULL;
    gc->trigger = gc->used * 2 > FIRST_TRIGGER ? gc->used * 2 : FIRST_TRIGGER;
    size_t limit = limit_of(vm);
    if (limit != SIZE_MAX && gc->used < limit) {
        size_t halfway = gc->used + (limit - gc->used) / 2;
        if (halfway < gc->trigger) gc->trigger = halfway;
    }
    trim_chunks(vm);
    if (!gc->reserve) gc->reserve = malloc(RESERVE);
}

static void sweep(TgVM *vm, int64_t *work) {
    TgGC *gc = vm->gc;
    while (gc->sweep_class < CLASSES) {
        if (*work <= 0) return;
        if (sweep_page_of(vm, gc->sweep_class)) {
            *work -= PAGE_WORK;
        } else {
            gc->sweep_class++;
        }
    }
    sweep_large(vm, work);
    if (!*gc->sweep_large) finish_cycle(vm);
}

// Slices

static void mark(TgVM *vm, int64_t *work) {
    TgGC *gc = vm->gc;
    if (!drain(vm, work)) return;
    // Nothing is grey. Look again at what has no barrier; where nothing comes up that is too much for
    // this slice, marking is complete, because nothing else has run since.
    mark_roots(vm);
    *work -= rescan_tasks(vm);
    int64_t all = INT64_MAX / 2;
    bool must_end = ++gc->finish_tries >= FINISH_TRIES;
    if (*work < STEP_WORK / 2) *work = STEP_WORK / 2;
    if (drain(vm, must_end ? &all : work)) finish_marking(vm);
}

static void step(TgVM *vm, int64_t work) {
    TgGC *gc = vm->gc;
    if (gc->phase == GC_IDLE) start_marking(vm);
    if (gc->phase == GC_MARK) {
        mark(vm, &work);
    } else {
        sweep(vm, &work);
    }
}

void tg_gc_step(TgVM *vm) {
    TgGC *gc = vm->gc;
    atomic_fetch_and_explicit(&vm->trap, ~(uint32_t)TRAP_GC, memory_order_relaxed);
    // The trap may have been set for the limit's sake only.
    if (gc->phase != GC_IDLE || gc->used >= gc->trigger) {
        int64_t work = STEP_WORK;
        if (gc->debt > STEP_DEBT) work = gc->debt < MOST_WORK / 4 ? 4 * (int64_t)gc->debt : MOST_WORK;
        // Bursts (large Strings, say) can outrun slices of bounded size: then catch up, whatever it takes.
        if (gc->used / 2 > gc->trigger) work = INT64_MAX / 2;
        step(vm, work);
    }
    set_due(vm);
}

void tg_gc_full(TgVM *vm) {
    TgGC *gc = vm->gc;
    atomic_fetch_and_explicit(&vm->trap, ~(uint32_t)TRAP_GC, memory_order_relaxed);
    while (gc->phase != GC_IDLE) step(vm, INT64_MAX / 2);
    do {
        step(vm, INT64_MAX / 2);
    } while (gc->phase != GC_IDLE);
    set_due(vm);
}

// Birth and death

bool tg_gc_init(TgVM *vm) {
    TgGC *gc = calloc(1, sizeof *gc);
    if (!gc) return false;
    gc->reserve = malloc(RESERVE);
    if (!gc->reserve) {
        free(gc);
        return false;
    }
    gc->white = TG_MARK_WHITE_A;
    gc->trigger = FIRST_TRIGGER;
    if (limit_of(vm) / 2 < gc->trigger) gc->trigger = limit_of(vm) / 2;
    vm->gc = gc;
    set_due(vm);
    return true;
}

static void release_pages(TgVM *vm, Page *pages) {
    for (Page *page = pages; page; page = page->next) {
        for (uint32_t i = 0; i < page->carved; i++) {
            TgObj *object = &cell_at(page, i)->obj;
            if (object->kind != OBJ_FREE) release(vm, object);
        }
    }
}

void tg_gc_free(TgVM *vm) {
    TgGC *gc = vm->gc;
    if (!gc) return;
    for (int i = 0; i < CLASSES; i++) {
        release_pages(vm, gc->pages[i]);
        release_pages(vm, gc->unswept[i]);
    }
    for (Large *large = gc->large, *next; large; large = next) {
        next = large->next;
        release(vm, large->obj);
        free(large);
    }
    for (Chunk *chunk = gc->chunks, *next; chunk; chunk = next) {
        next = chunk->next;
        free(chunk->memory);
        free(chunk);
    }
    free(vm->shapes);
    vm->shapes = NULL;
    vm->shape_count = vm->shape_capacity = 0;
    free(gc->grey);
    free(gc->tasks);
    free(gc->reserve);
    free(gc);
    vm->gc = NULL;
}
