// vm/gc_impl.h
// What the collector's files share: its state, pages and cells. gc.c allocates and keeps the pace,
// gc_mark.c marks, gc_sweep.c frees. For these three files only. Layer: data.
#ifndef TG_VM_GC_IMPL_H
#define TG_VM_GC_IMPL_H

#include <string.h>

#include "vm/gc.h"
#include "vm/list.h"
#include "vm/map.h"

enum {
    GC_PAGE_SIZE = 64 * 1024,
    PAGES_PER_CHUNK = 16,
    PAGES_PER_HUGE = 32,       // 2 MB, in large heaps: the system gives these whole,
    HUGE_FROM = 16,            // from so many chunks on
    CLASSES = 17,
    LARGEST_SMALL = 512,
    CARVE = 64,                // cells of a new page that are linked at a time
    FIRST_TRIGGER = 4 << 20,   // bytes in use before the first cycle
    STEP_DEBT = 32 << 10,      // bytes allocated between two slices
    STEP_WORK = 4 * STEP_DEBT, // units of work in a slice, 0.1 ms, or 0.7 in a cold heap
    MOST_WORK = 4 * STEP_WORK, // after a burst of allocation, some four times that
    NIBBLE = 256,              // the least slice of --gc-stress=steps: a few objects
    OBJECT_WORK = 24,          // units for touching an object: it is rarely in the cache
    FOUND_WORK = 8,            // units for asking an object for its colour
    PAGE_WORK = 8 << 10,       // units for sweeping a page,
    RELEASE_WORK = 32,         // for each object in it that owned something,
    FREED_PER_WORK = 16,       // and for so many bytes freed: the system takes large blocks back page by page
    MOST_TASK_DEBT = 2048,     // what a task that runs counts as at most, while marking: it has to be scanned again
    FINISH_TRIES = 6,          // scans of the roots before marking is ended whatever that takes
    FINISH_PATIENCE = 256,     // slices that only scan tasks again and count as one such try
    SHRINKS_FROM = 16 << 20,   // bytes in use; below a quarter of such a peak a cycle gives memory back
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
    uint32_t free_pages, pages;
    bool is_mapped; // else aligned_alloc'ed
};

typedef struct Large { // before each large object
    struct Large *next;
    size_t size;
    TgObj obj[];
} Large;

typedef struct {
    TgObj **items;
    size_t count, capacity;
} GreyStack;

typedef struct TgGCStats TgGCStats;

struct TgGC {
    // Read and written by every allocation
    Cell *free[CLASSES];
    size_t debt, due; // bytes allocated since the last slice; what makes the next one due
    size_t rest;      // with `debt`: the bytes in use. Apart, so that an allocation counts in one place
    uint8_t white;    // colour of new objects
    uint8_t phase;

    Page *pages[CLASSES]; // swept (all of them while not sweeping); the first may be partly carved
    Page *unswept[CLASSES];
    Page *free_pages;
    Chunk *chunks;
    uint32_t free_page_count, chunk_count;
    uint32_t sweep_class; // sweeping: this and the higher ones may have unswept pages
    Large *large;
    size_t released;     // objects that were swept and owned something, so far
    Large **sweep_large; // the next large object to be swept

    GreyStack grey; // objects whose members are to be marked
    GreyStack many; // of those, Lists and Maps of many members: marked in stretches
    TgObj *part;    // the one of them that is partly marked, or NULL
    uint32_t part_left; // its members that are yet to be looked at: the first ones
    bool grey_lost; // the stack could not grow: some grey objects are not on it
    GreyStack ran;  // tasks that ran since they were scanned in this cycle
    uint32_t finish_tries, finish_slices;
    uint32_t nibbles; // slices of --gc-stress=steps so far

    size_t trigger; // bytes in use that begin a cycle
    bool shrinks;   // this cycle is to give memory back
    void *reserve;
    bool refused_by_limit; // what the last tg_gc_can_take that said no meant
    bool asked;            // tg_gc_ask: the next slice is a whole cycle
    size_t grace;          // bytes above the limit that handlers of LimitReached have
    size_t lived;          // bytes in use when the last cycle ended
    size_t peak;           // the most that were seen since then
    size_t left_over;      // bytes that could not be given back because a cycle ran

    void *leftovers;       // of tg_gc_free_later: each begins with a pointer to the next
    TgGCStats *stats; // of --gc-stats; or NULL
};

// With asserts a freed cell holds no pointer that could be followed: who still uses it falls over.
static inline void tg_gc_poison(Cell *cell, size_t size) {
#ifndef NDEBUG
    memset((char *)cell + sizeof *cell, 0xDB, size - sizeof *cell);
#else
    (void)cell;
    (void)size;
#endif
}

// Bytes of objects and of what they own.
static inline size_t tg_gc_in_use(const TgGC *gc) { return gc->rest + gc->debt; }

static inline Cell *tg_gc_cell(Page *page, uint32_t index) {
    return (Cell *)((char *)page + GC_PAGE_SIZE - (size_t)(page->cells - index) * page->cell_size);
}

// As realloc, but never fails: gives the reserve away first, then ends the process.
void *tg_gc_must_malloc(TgVM *vm, void *old, size_t size);
// A page without live cells goes back to the free ones; chunks of which no page is in use, to the
// system.
void tg_gc_free_page(TgGC *gc, Page *page);
void tg_gc_trim(TgVM *vm);

// Begins a cycle. Marking goes on with tg_gc_mark_some until that says that all is marked.
void tg_gc_start_marking(TgVM *vm);
// Marks for about `*work` units (takes off what it used). True when everything that lives is black.
bool tg_gc_mark_some(TgVM *vm, int64_t *work);

// `task` is to be scanned again before marking ends.
void tg_gc_note_ran(TgVM *vm, TgObj *task);

// Sweeping begins: everything has to be black or dead.
void tg_gc_start_sweeping(TgVM *vm);
// Sweeps one page of that size class; false where none is left to be swept.
bool tg_gc_sweep_page(TgVM *vm, uint32_t class_);
// Sweeps for about `*work` units. True when all is swept.
bool tg_gc_sweep_some(TgVM *vm, int64_t *work);
// Whether a dead object needs tg_gc_release. Most do not: asking is cheaper than calling.
static inline bool tg_gc_owns_something(const TgObj *object) {
    const uint32_t nothing = 1u << OBJ_BIGINT | 1u << OBJ_BYTES | 1u << OBJ_ROOM | 1u << OBJ_TRACE | 1u << OBJ_RANGE |
                             1u << OBJ_CELL | 1u << OBJ_CLOSURE | 1u << OBJ_BOUND | 1u << OBJ_MODULE;
    if (nothing >> object->kind & 1) return false;
    if (object->kind == OBJ_STRING) return object->flags & OBJ_INTERNED;
    if (object->kind == OBJ_LIST) return tg_list_owns_items((const TgList *)object);
    if (object->kind == OBJ_MAP) return tg_map_owns_entries((const TgMap *)object) || ((const TgMap *)object)->index_size > 0;
    if (object->kind != OBJ_INSTANCE) return true;
    const TgInstance *instance = (const TgInstance *)object;
    if (!(object->flags & OBJ_EXCEPTION)) return instance->slots != (const TgValue *)(instance + 1);
    const TgException *exception = (const TgException *)object;
    return exception->struck || instance->slots != (const TgValue *)(exception + 1);
}

// Frees what an object owns, not the object.
void tg_gc_release(TgVM *vm, TgObj *object);

// A pause begins, ends; a cycle has ended. Nothing happens without --gc-stats.
void tg_gc_stats_begin(TgGC *gc);
void tg_gc_stats_end(TgGC *gc);
void tg_gc_stats_cycle(TgGC *gc);

#endif
