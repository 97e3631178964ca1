// vm/gc.c
// The collector: incremental mark and sweep, in slices that the trap routine asks for.
//
// Small objects lie in 64 KB pages of one size each, pages in chunks of sixteen; larger objects are
// malloc'ed. A cycle marks (grey objects wait on a stack of pointers, no recursion), then sweeps
// page by page.
//
// New objects are always white. So the stores that fill them need no barrier, and what died young
// is freed by this cycle already; the price is that marking has to find what was made since it
// began: when the grey stack is empty, the roots and the tasks that ran are scanned once more, and
// only when what that brings up fits into the same slice is marking over (these slices grow, and
// FINISH_TRIES bounds this).
//
// There are two whites, which change places when marking ends: what still has the old one is dead,
// what is made while sweeping has the new one, and no sweep can take one for the other.
//
// Layer: data.
#include "vm/gc_impl.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>

#include "vm/string.h"
#include "vm/vm.h"

// Sizes

static const uint16_t class_sizes[CLASSES] = {16,  32,  48,  64,  80,  96,  112, 128, 160,
                                              192, 224, 256, 288, 320, 384, 448, 512};

// By sixteens of bytes.
static const uint8_t size_classes[LARGEST_SMALL / 16 + 1] = {0,  0,  1,  2,  3,  4,  5,  6,  7,  8,  8,
                                                             9,  9,  10, 10, 11, 11, 12, 12, 13, 13, 14,
                                                             14, 14, 14, 15, 15, 15, 15, 16, 16, 16, 16};

// Out of memory

static void set_trap(TgVM *vm, uint32_t bit) {
    atomic_fetch_or_explicit(&vm->trap, bit, memory_order_relaxed);
}

// For objects without which nothing goes on: gives the reserve away and lets the script know at its
// next boundary.
void *tg_gc_must_malloc(TgVM *vm, void *old, size_t size) {
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
    return vm->options.max_memory ? vm->options.max_memory + vm->gc->grace : SIZE_MAX;
}

void tg_gc_spare(TgVM *vm) {
    TgGC *gc = vm->gc;
    size_t limit = vm->options.max_memory;
    if (!limit) return;
    size_t over = tg_gc_in_use(gc) > limit ? tg_gc_in_use(gc) - limit : 0;
    gc->grace = over + limit / 16 < limit / 4 ? over + limit / 16 : limit / 4;
}

bool tg_gc_can_take(TgVM *vm, size_t bytes) {
    TgGC *gc = vm->gc;
    size_t limit = limit_of(vm);
    bool fits = tg_gc_in_use(gc) < limit && bytes <= limit - tg_gc_in_use(gc);
    if (!fits && tg_gc_in_use(gc) < limit && gc->lived < limit && bytes <= limit - gc->lived) {
        // What came since the last cycle may be garbage, which can only be known at a boundary: it is let
        // through once (`used` is above the limit then) and looked at there.
        set_trap(vm, TRAP_MEMORY | TRAP_GC);
        fits = true;
    }
    gc->refused_by_limit = !fits && limit != SIZE_MAX;
    if (gc->refused_by_limit) {
        set_trap(vm, TRAP_GC); // what goes on from here is not to be refused for what nobody holds any more
        return false;
    }
    if (bytes > (size_t)1 << 40) return false;
    if (bytes > 1 << 20) { // malloc is asked; without touching it this costs little
        void *probe = malloc(bytes);
        if (!probe) return false;
        free(probe);
    }
    return true;
}

bool tg_gc_over_limit(const TgVM *vm) {
    return vm->gc->refused_by_limit || tg_gc_in_use(vm->gc) > limit_of(vm);
}

bool tg_gc_is_short(const TgVM *vm) { return tg_gc_in_use(vm->gc) > limit_of(vm) || !vm->gc->reserve; }

// The debt that makes the next slice due, or the limit be looked at: one comparison serves both.
static void set_due(TgVM *vm) {
    TgGC *gc = vm->gc;
    size_t due = STEP_DEBT;
    if (gc->phase == GC_IDLE) due = gc->trigger > tg_gc_in_use(gc) ? gc->trigger - tg_gc_in_use(gc) : 0;
    size_t limit = limit_of(vm);
    size_t left = limit > tg_gc_in_use(gc) ? limit - tg_gc_in_use(gc) : 0;
    gc->rest += gc->debt;
    gc->debt = 0;
    gc->due = due < left ? due : left;
}

static void __attribute__((noinline, cold)) notice_debt(TgVM *vm) {
    TgGC *gc = vm->gc;
    if (tg_gc_in_use(gc) > limit_of(vm)) {
        gc->refused_by_limit = true;
        set_trap(vm, TRAP_MEMORY);
    }
    set_trap(vm, TRAP_GC);
    gc->due = gc->debt + STEP_DEBT; // said; not again for a while
}

static inline void count_bytes(TgVM *vm, size_t bytes) {
    TgGC *gc = vm->gc;
        gc->debt += bytes;
    if (__builtin_expect(gc->debt >= gc->due, 0)) notice_debt(vm);
}

// Where each of very many tasks runs shortly and allocates next to nothing, slices have to come all the same: else marking would
// end with all of their stacks at once.
void tg_gc_task_ran(TgVM *vm, TgObj *task, size_t size) {
    TgGC *gc = vm->gc;
    task->small = TG_TASK_RAN;
    if (gc->phase != GC_MARK) return;
    tg_gc_note_ran(vm, task);
    size_t debt = size / 2 < MOST_TASK_DEBT ? size / 2 : MOST_TASK_DEBT;
    gc->debt += debt;
    gc->rest -= debt; // it takes no memory
    if (gc->debt >= gc->due) notice_debt(vm);
}

// Pages

void tg_gc_free_page(TgGC *gc, Page *page) {
    page->next = gc->free_pages;
    gc->free_pages = page;
    gc->free_page_count++;
    page->chunk->free_pages++;
}

// Two megabytes that the system keeps in one of its large pages, if it has these; else NULL. A heap of a million tasks is touched
// in half the time then, and what is given back is really gone, which free() does not promise.
static char *map_huge(void) {
#ifdef MADV_HUGEPAGE
    const size_t size = (size_t)GC_PAGE_SIZE * PAGES_PER_HUGE;
    char *memory = mmap(NULL, 2 * size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (memory == MAP_FAILED) return NULL;
    size_t before = (size - (uintptr_t)memory % size) % size;
    if (before > 0) munmap(memory, before);
    munmap(memory + before + size, size - before);
    madvise(memory + before, size, MADV_HUGEPAGE);
    return memory + before;
#else
    return NULL;
#endif
}

static void free_chunk(Chunk *chunk) {
#ifdef MADV_HUGEPAGE
    if (chunk->is_mapped) munmap(chunk->memory, (size_t)GC_PAGE_SIZE * chunk->pages);
#endif
    if (!chunk->is_mapped) free(chunk->memory);
    free(chunk);
}

static void add_chunk(TgVM *vm) {
    TgGC *gc = vm->gc;
    Chunk *chunk = tg_gc_must_malloc(vm, NULL, sizeof *chunk);
    char *memory = gc->chunk_count >= HUGE_FROM ? map_huge() : NULL;
    bool is_mapped = memory != NULL;
    if (!memory) memory = aligned_alloc(GC_PAGE_SIZE, GC_PAGE_SIZE * PAGES_PER_CHUNK);
    if (!memory) { // give the reserve back and try again; the script learns of it
        free(gc->reserve);
        gc->reserve = NULL;
        set_trap(vm, TRAP_MEMORY);
        memory = aligned_alloc(GC_PAGE_SIZE, GC_PAGE_SIZE * PAGES_PER_CHUNK);
        if (!memory) {
            fputs("tg: no memory left\n", stderr);
            exit(1);
        }
    }
    *chunk = (Chunk){.next = gc->chunks, .memory = memory, .pages = is_mapped ? PAGES_PER_HUGE : PAGES_PER_CHUNK, .is_mapped = is_mapped};
    if (gc->chunks) gc->chunks->before = chunk;
    gc->chunks = chunk;
    gc->chunk_count++;
    for (uint32_t i = chunk->pages; i > 0; i--) {
        Page *page = (Page *)(void *)(memory + (size_t)(i - 1) * GC_PAGE_SIZE);
        page->chunk = chunk;
        tg_gc_free_page(gc, page);
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
    page->cells = (uint32_t)((GC_PAGE_SIZE - sizeof(Page)) / page->cell_size);
    page->carved = 0;
    page->class_ = (uint8_t)class_;
    page->next = gc->pages[class_];
    gc->pages[class_] = page;
    return page;
}

// Gives chunks back of which no page is in use, but keeps as many pages to spare as live now: before the next cycle the heap grows
// by that much, and should not ask the system for the same memory again and again.
void tg_gc_trim(TgVM *vm) {
    TgGC *gc = vm->gc;
    bool any = false;
    uint32_t spare = gc->free_page_count;
    uint32_t keep = PAGES_PER_CHUNK + (uint32_t)(gc->lived / GC_PAGE_SIZE);
    for (Chunk *chunk = gc->chunks; chunk; chunk = chunk->next) {
        if (chunk->free_pages != chunk->pages || spare < keep + chunk->pages) continue;
        chunk->free_pages = chunk->pages + 1; // to go
        spare -= chunk->pages;
        any = true;
    }
    if (!any) return;
    for (Page **at = &gc->free_pages; *at;) {
        if ((*at)->chunk->free_pages > (*at)->chunk->pages) {
            *at = (*at)->next;
            gc->free_page_count--;
        } else {
            at = &(*at)->next;
        }
    }
    for (Chunk *chunk = gc->chunks, *next; chunk; chunk = next) {
        next = chunk->next;
        if (chunk->free_pages <= chunk->pages) continue;
        if (chunk->before) chunk->before->next = next;
        if (!chunk->before) gc->chunks = next;
        if (next) next->before = chunk->before;
        gc->chunk_count--;
        free_chunk(chunk);
    }
}

// Allocation

// The free list is empty: sweep a page, carve on, or begin a page.
static void __attribute__((noinline)) refill(TgVM *vm, uint32_t class_) {
    TgGC *gc = vm->gc;
    while (!gc->free[class_] && gc->phase == GC_SWEEP && tg_gc_sweep_page(vm, class_)) {}
    if (gc->free[class_]) return;
    Page *page = gc->pages[class_];
    if (!page || page->carved == page->cells) page = new_page(vm, class_);
    uint32_t end = page->carved + CARVE;
    if (end > page->cells) end = page->cells;
    for (uint32_t i = end; i > page->carved; i--) {
        Cell *cell = tg_gc_cell(page, i - 1);
        cell->obj.kind = OBJ_FREE;
        cell->next = gc->free[class_];
        gc->free[class_] = cell;
    }
    page->carved = end;
}

static TgObj *alloc_large(TgVM *vm, size_t size) {
    TgGC *gc = vm->gc;
    Large *large = tg_gc_must_malloc(vm, NULL, sizeof *large + size);
    large->size = size;
    large->next = gc->large;
    // The sweep goes on behind what it has seen; a new first object is none of its business.
    if (gc->sweep_large == &gc->large) gc->sweep_large = &large->next;
    gc->large = large;
    return large->obj;
}

// Strings, BigInts, Bytes and Traces may be long, and their makers write all of them at once but for the head.
static inline size_t cleared(TgKind kind, size_t size) {
    return kind <= OBJ_TRACE && size > sizeof(TgString) ? sizeof(TgString) : size;
}

static void *alloc_slow(TgVM *vm, size_t size, TgKind kind) {
    TgObj *object;
    if (size <= LARGEST_SMALL) {
        uint32_t class_ = size_classes[(size + 15) / 16];
        refill(vm, class_);
        return tg_gc_alloc(vm, size, kind);
    }
    object = alloc_large(vm, size);
    count_bytes(vm, size);
    memset(object, 0, cleared(kind, size));
    object->kind = (uint8_t)kind;
    object->mark = vm->gc->white;
    return object;
}

// Clears the first `size` bytes of a cell, by sixteens: fewer instructions than to call memset for so few, and cells are multiples of
// that. Many (a task's) by sixty-fours, the last of which may lie over the one before: half of what sixteens take.
static inline void clear_cell(Cell *cell, size_t size) {
    typedef uint64_t Pair __attribute__((vector_size(16), may_alias));
    Pair *end = (Pair *)((char *)cell + ((size + 15) & ~(size_t)15));
    Pair *at = (Pair *)cell;
    if (size >= 128) {
        for (Pair *last = end - 4;; at += 4) {
            if (at > last) at = last;
            at[0] = at[1] = at[2] = at[3] = (Pair){0, 0};
            __asm__("" : "+r"(at));
            if (at == last) return;
        }
    }
    do {
        *at++ = (Pair){0, 0};
        __asm__("" : "+r"(at)); // or it becomes a call of memset again
    } while (at < end);
}

void *tg_gc_alloc(TgVM *vm, size_t size, TgKind kind) {
    TgGC *gc = vm->gc;
    if (__builtin_expect(size > LARGEST_SMALL, 0)) return alloc_slow(vm, size, kind);
    uint32_t class_ = size_classes[(size + 15) / 16];
    Cell *cell = gc->free[class_];
    if (__builtin_expect(!cell, 0)) return alloc_slow(vm, size, kind);
    gc->free[class_] = cell->next;
    clear_cell(cell, cleared(kind, size));
    cell->obj.kind = (uint8_t)kind;
    cell->obj.mark = gc->white;
    count_bytes(vm, class_sizes[class_]);
    return cell;
}

bool tg_gc_is_idle(const TgVM *vm) { return vm->gc->phase == GC_IDLE; }

// Collections see no trace of what came and went between two of them.
bool tg_gc_give_back(TgVM *vm, void *object, size_t size) {
    TgGC *gc = vm->gc;
    if (gc->phase != GC_IDLE || size > LARGEST_SMALL) {
        gc->left_over += size;
        return false;
    }
    uint32_t class_ = size_classes[(size + 15) / 16];
    size_t bytes = class_sizes[class_];
    Cell *cell = object;
    cell->obj.kind = OBJ_FREE;
    tg_gc_poison(cell, bytes);
    cell->next = gc->free[class_];
    gc->free[class_] = cell;
    if (gc->debt >= bytes) gc->debt -= bytes;
    else gc->rest -= bytes;
    return true;
}

void *tg_gc_realloc(TgVM *vm, void *old, size_t old_size, size_t new_size) {
    TgGC *gc = vm->gc;
    assert(old || old_size == 0);
    assert(tg_gc_in_use(gc) >= old_size);
    if (new_size == 0) {
        free(old);
        gc->rest -= old_size;
        return NULL;
    }
    void *memory = tg_gc_must_malloc(vm, old, new_size);
    if (new_size > old_size) {
        count_bytes(vm, new_size - old_size);
    } else {
        gc->rest -= old_size - new_size;
    }
    return memory;
}

size_t tg_gc_used(const TgVM *vm) {
    return tg_gc_in_use(vm->gc);
}

// Slices

// Most of what the cycle under way takes for alive has ended since it began.
static bool much_is_left_over(const TgGC *gc) {
    return tg_gc_in_use(gc) >= SHRINKS_FROM && gc->left_over > tg_gc_in_use(gc) / 2;
}

// Where nobody waits a cycle comes soon; it takes them along.
void tg_gc_free_later(TgVM *vm, void *memory) {
    TgGC *gc = vm->gc;
    *(void **)memory = gc->leftovers;
    gc->leftovers = memory;
    gc->shrinks = true;
    if (gc->phase == GC_IDLE) gc->trigger = 0;
    set_trap(vm, TRAP_GC);
}

static void free_leftovers(TgGC *gc) {
    for (void *next; gc->leftovers; gc->leftovers = next) {
        next = *(void **)gc->leftovers;
        free(gc->leftovers);
    }
}

// The first cycle begins at FIRST_TRIGGER, others at twice what lived; under a limit earlier, so
// that garbage is gone before the limit is said to be reached.
static void finish_cycle(TgVM *vm) {
    TgGC *gc = vm->gc;
    gc->phase = GC_IDLE;
    if (tg_gc_in_use(gc) <= vm->options.max_memory) gc->grace = 0;
    gc->sweep_large = NULL;
    gc->refused_by_limit = false;
    gc->lived = gc->peak = tg_gc_in_use(gc);
    gc->shrinks = much_is_left_over(gc); // the next one comes at once
    gc->left_over = 0;
    gc->trigger = tg_gc_in_use(gc) * 2 > FIRST_TRIGGER ? tg_gc_in_use(gc) * 2 : FIRST_TRIGGER;
    size_t limit = limit_of(vm);
    if (limit != SIZE_MAX && tg_gc_in_use(gc) < limit) {
        size_t halfway = tg_gc_in_use(gc) + (limit - tg_gc_in_use(gc)) / 2;
        if (halfway < gc->trigger) gc->trigger = halfway;
    }
    if (gc->shrinks) gc->trigger = 0;
    free_leftovers(gc);
    tg_gc_trim(vm);
    if (!gc->reserve) gc->reserve = malloc(RESERVE);
    tg_gc_stats_cycle(gc);
}

static void step(TgVM *vm, int64_t work) {
    TgGC *gc = vm->gc;
    tg_gc_stats_begin(gc);
    if (gc->phase == GC_IDLE) tg_gc_start_marking(vm);
    if (gc->phase == GC_MARK) {
        if (tg_gc_mark_some(vm, &work)) tg_gc_start_sweeping(vm);
    } else if (tg_gc_sweep_some(vm, &work)) {
        finish_cycle(vm);
    }
    tg_gc_stats_end(gc);
}

bool tg_gc_shrinks(TgVM *vm) {
    TgGC *gc = vm->gc;
    size_t used = tg_gc_in_use(gc);
    if (used > gc->peak) gc->peak = used;
    if (gc->phase == GC_IDLE && gc->peak >= SHRINKS_FROM && used < gc->peak / 4) {
        gc->trigger = 0;
        gc->shrinks = true;
        set_trap(vm, TRAP_GC);
    }
    if (gc->phase != GC_IDLE && much_is_left_over(gc)) gc->shrinks = true;
    return gc->shrinks;
}

void tg_gc_step(TgVM *vm) {
    TgGC *gc = vm->gc;
    if (gc->refused_by_limit || gc->asked) {
        tg_gc_full(vm);
        return;
    }
    atomic_fetch_and_explicit(&vm->trap, ~(uint32_t)TRAP_GC, memory_order_relaxed);
    // The trap may have been set for the limit's sake only.
    if (gc->phase != GC_IDLE || tg_gc_in_use(gc) >= gc->trigger) {
        int64_t work = STEP_WORK;
        if (gc->debt > STEP_DEBT) {
            work = gc->debt < MOST_WORK / 4 ? 4 * (int64_t)gc->debt : MOST_WORK;
        }
        if (gc->shrinks) work *= 2; // who is to give memory back has it free before the heap has grown again
        // Bursts (of large Strings, say) can outrun slices of bounded size: then catch up.
        if (!gc->shrinks && tg_gc_in_use(gc) / 2 > gc->trigger) work = INT64_MAX / 2;
        step(vm, work);
    }
    set_due(vm);
}

void tg_gc_full(TgVM *vm) {
    TgGC *gc = vm->gc;
    atomic_fetch_and_explicit(&vm->trap, ~(uint32_t)TRAP_GC, memory_order_relaxed);
    while (gc->phase != GC_IDLE) step(vm, INT64_MAX / 2);
    do { step(vm, INT64_MAX / 2); } while (gc->phase != GC_IDLE);
    gc->asked = false;
    set_due(vm);
}

void tg_gc_ask(TgVM *vm) {
    vm->gc->asked = true;
    set_trap(vm, TRAP_GC);
}

void tg_gc_nibble(TgVM *vm) {
    atomic_fetch_and_explicit(&vm->trap, ~(uint32_t)TRAP_GC, memory_order_relaxed);
    step(vm, (int64_t)NIBBLE << vm->gc->nibbles++ % 9); // of all sizes, so that short scripts see ends of cycles too
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
    vm->gc = gc;
    if (limit_of(vm) / 2 < gc->trigger) gc->trigger = limit_of(vm) / 2;
    set_due(vm);
    return true;
}

static void release_pages(TgVM *vm, Page *pages) {
    for (Page *page = pages; page; page = page->next) {
        for (uint32_t i = 0; i < page->carved; i++) {
            TgObj *object = &tg_gc_cell(page, i)->obj;
            if (object->kind != OBJ_FREE && tg_gc_owns_something(object)) tg_gc_release(vm, object);
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
    free_leftovers(gc);
    for (Large *large = gc->large, *next; large; large = next) {
        next = large->next;
        tg_gc_release(vm, large->obj);
        free(large);
    }
    for (Chunk *chunk = gc->chunks, *next; chunk; chunk = next) {
        next = chunk->next;
        free_chunk(chunk);
    }
    free(vm->shapes);
    vm->shapes = NULL;
    vm->shape_count = vm->shape_capacity = 0;
    free(gc->grey.items);
    free(gc->many.items);
    free(gc->ran.items);
    free(gc->reserve);
    free(gc->stats);
    free(gc);
    vm->gc = NULL;
}
