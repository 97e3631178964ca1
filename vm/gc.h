// vm/gc.h
// The collector: incremental, tri-colour, non-moving. It runs only at boundaries (tg_gc_step from the
// trap routine), so C code between two boundaries may hold references as it likes.
//
// Small objects come from pages of one size class each with a free list; larger ones from malloc. What
// an object owns besides (items, entries) is counted by tg_gc_realloc so that the pace and --max-memory
// know of it. Task stacks have no barrier: they are scanned again before a cycle ends where they ran.
//
// Layer: data.
#ifndef TG_VM_GC_H
#define TG_VM_GC_H

#include <stddef.h>
#include <stdio.h>

#include "vm/object.h"

// A new object of `size` bytes: header set, the rest zero. Never NULL, never collects: where memory
// is out or over the limit it is given all the same from what is left (the reserve), and MemoryError or
// LimitReached is raised at the next boundary; a request that cannot be met at all ends the process
// with a message. Requests whose size a script chooses are asked for with tg_gc_can_take() first.
void *tg_gc_alloc(TgVM *vm, size_t size, TgKind kind);

// An object of that size, to which no reference is left anywhere and which owns nothing, is free again at once: the next of its
// size gets its cell, from the cache. False: nothing was done, the collector will find it (it may hold it itself now).
bool tg_gc_is_idle(const TgVM *vm);
bool tg_gc_give_back(TgVM *vm, void *object, size_t size);

// Whether `bytes` more may be taken (system and limit). The caller raises MemoryError (error.h,
// tg_error_memory) where not. For lists, strings and the like before they grow by a script's wish.
bool tg_gc_can_take(TgVM *vm, size_t bytes);

// malloc, realloc, free (new_size 0) of what an object owns, counted. Never NULL for new_size > 0.
void *tg_gc_realloc(TgVM *vm, void *old, size_t old_size, size_t new_size);

// After `value` was stored into `owner`: keeps the collector's invariant (a marked object never
// refers to an unmarked one unseen). Cheap when no cycle runs.
void tg_barrier_slow(TgVM *vm, TgObj *owner, TgValue value);
#define tg_barrier(vm, owner, value)                                                               \
    do {                                                                                           \
        if (__builtin_expect(((TgObj *)(owner))->mark == TG_MARK_BLACK, 0))                        \
            tg_barrier_slow(vm, (TgObj *)(owner), value);                                          \
    } while (0)

// Before or after the members of a List from number `from` on went `count` places up without tg_barrier (the collector may be in
// the midst of them).
void tg_gc_moved_up(TgVM *vm, TgObj *object, uint32_t from, uint32_t count);

enum { TG_MARK_WHITE_A, TG_MARK_WHITE_B, TG_MARK_GREY, TG_MARK_BLACK, TG_MARK_FIXED };

typedef struct TgGC TgGC; // gc.c

bool tg_gc_init(TgVM *vm); // sets vm->gc
void tg_gc_free(TgVM *vm); // frees every object

// To be called now and then. Most of the heap was given back cell by cell: a cycle finds its empty pages and returns them. True:
// it is due, or under way, for that reason.
bool tg_gc_shrinks(TgVM *vm);

// One slice of work, to be called at a boundary when vm->gc_due is set. Bounded: about a millisecond.
void tg_gc_step(TgVM *vm);
// A whole cycle at once, from start to end (at a boundary; --gc-stress, tests).
void tg_gc_full(TgVM *vm);
// The next boundary runs a whole cycle. For natives, which may not be in the midst of one.
void tg_gc_ask(TgVM *vm);
// The smallest slice of work, as if collections never ended (--gc-stress=steps): what a missing barrier
// would lose is lost here.
void tg_gc_nibble(TgVM *vm);

// For the kinds' own mark functions (called by gc.c): greys the value or object; NULL is fine.
void tg_gc_mark(TgVM *vm, TgValue value);
void tg_gc_mark_obj(TgVM *vm, const void *object);
size_t tg_gc_mark_values(TgVM *vm, const TgValue *values, size_t count); // the work it was, in bytes

// free(), but not now: to give tens of megabytes back to the system takes milliseconds, and a signal waits for its answer.
void tg_gc_free_later(TgVM *vm, void *memory);

// Handed in by vm.c / task.c / scope.c, called by gc.c:
void tg_vm_mark_roots(TgVM *vm);                 // at the start of a cycle and again at its end
// A task's fields and its stack up to the top; clears what lies above. Gives the work, in bytes.
size_t tg_task_mark(TgVM *vm, TgTask *task);
void tg_scope_mark(TgVM *vm, TgObj *scope);
void tg_sync_mark(TgVM *vm, TgObj *object);      // LOCK SEMAPHORE EVENT CONDITION BARRIER
uint32_t tg_channel_count(const TgObj *channel);
size_t tg_channel_mark(TgVM *vm, TgObj *channel, uint32_t begin, uint32_t end); // these values, oldest first; the work
void tg_trace_mark(TgVM *vm, TgObj *trace);
void tg_exception_mark(TgVM *vm, struct TgException *exception); // beyond what an instance has
// Frees what these own (not the object itself). Called while sweeping: other objects may be gone.
void tg_task_release(TgVM *vm, TgTask *task);
void tg_scope_release(TgVM *vm, TgObj *scope);
void tg_sync_release(TgVM *vm, TgObj *object);
void tg_exception_release(TgVM *vm, struct TgException *exception);

size_t tg_gc_used(const TgVM *vm); // bytes in use

// --gc-stats: from now on the time that each pause takes is kept (false: no memory for that); what there is to say of it, in two lines.
bool tg_gc_stats_on(TgVM *vm);
void tg_gc_report(const TgVM *vm, FILE *out);

// Whether it is --max-memory, not the system, that stands in the way: bytes in use are over it, or it refused the last
// tg_gc_can_take().
bool tg_gc_over_limit(const TgVM *vm);
// After a whole collection: whether memory is still short (over the limit, or the system gives no reserve). For TRAP_MEMORY.
bool tg_gc_is_short(const TgVM *vm);
// LimitReached is being raised: its handlers get some room above the limit (a quarter of it at most), until use is below it again.
void tg_gc_spare(TgVM *vm);

// TASK, obj.small: the task ran (or something was stored into it without a barrier) since it was last scanned.
// tg_task_ran() (task.h) sets it; tg_task_mark clears it where the task does not run at this moment. A task without it is not scanned
// again at a cycle's end.
enum { TG_TASK_RAN = 1 };
void tg_gc_task_ran(TgVM *vm, TgObj *task, size_t size); // for tg_task_ran (task.h); `size` with its stack

// For string.c: an object found through a weak reference is in use again.
void tg_gc_revive(TgVM *vm, TgObj *object);

#endif
