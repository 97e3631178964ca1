// lang/arena.c
// The arena: a list of chunks, each handed out from its front.
//
// Chunks come zeroed from calloc (big ones straight from the system, untouched), so nothing here
// clears memory. What is too big for a chunk gets one of its own.
// Layer: front end, bottom.
#include "lang/arena.h"

#include <assert.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

typedef struct Chunk Chunk;
struct Chunk {
    Chunk *before;
    size_t used, size;
    _Alignas(8) char bytes[];
};

struct TgArena {
    Chunk *chunk; // the one that is handed out from
    size_t next;  // size of the next chunk; doubles, so a small text stays small
};

enum { FIRST_CHUNK = 16 * 1024, BIG_CHUNK = 4 * 1024 * 1024, LARGEST_CHUNK = 32 * 1024 * 1024 };

static void *must_calloc(size_t size) {
    void *memory = calloc(1, size);
    if (!memory) {
        fputs("tg: no memory left for the program's tree\n", stderr);
        exit(2);
    }
    return memory;
}

TgArena *tg_arena_new(void) {
    TgArena *arena = must_calloc(sizeof *arena);
    arena->next = FIRST_CHUNK;
    return arena;
}

void tg_arena_free(TgArena *arena) {
    if (!arena) return;
    for (Chunk *chunk = arena->chunk, *before; chunk; chunk = before) {
        before = chunk->before;
        free(chunk);
    }
    free(arena);
}

// The tree of a huge text is hundreds of megabytes; met page by page, the system's share of the
// time is many times ours. Only advice: what is not touched is not taken.
static void want_huge_pages(Chunk *chunk) {
#ifdef MADV_HUGEPAGE
    enum { PAGE = 4096 };
    uintptr_t start = ((uintptr_t)chunk->bytes + PAGE - 1) & ~(uintptr_t)(PAGE - 1);
    uintptr_t end = ((uintptr_t)chunk->bytes + chunk->size) & ~(uintptr_t)(PAGE - 1);
    if (chunk->size >= BIG_CHUNK) madvise((void *)start, end - start, MADV_HUGEPAGE);
#else
    (void)chunk;
#endif
}

static void add_chunk(TgArena *arena, size_t size) {
    size_t room = arena->next > size ? arena->next : size;
    Chunk *chunk = must_calloc(sizeof *chunk + room);
    chunk->size = room;
    want_huge_pages(chunk);
    chunk->before = arena->chunk;
    arena->chunk = chunk;
    if (arena->next < LARGEST_CHUNK) arena->next *= 2;
}

static size_t aligned(size_t size) {
    return (size + 7) & ~(size_t)7;
}

void *tg_arena_alloc(TgArena *arena, size_t size) {
    size = aligned(size);
    if (!arena->chunk || arena->chunk->size - arena->chunk->used < size) add_chunk(arena, size);
    void *memory = arena->chunk->bytes + arena->chunk->used;
    arena->chunk->used += size;
    return memory;
}

void *tg_arena_grow(TgArena *arena, void *old, size_t old_size, size_t new_size) {
    assert(new_size >= old_size);
    if (!old) return tg_arena_alloc(arena, new_size);
    Chunk *chunk = arena->chunk;
    size_t old_room = aligned(old_size), new_room = aligned(new_size);
    bool is_last = (char *)old + old_room == chunk->bytes + chunk->used;
    if (is_last && chunk->size - chunk->used >= new_room - old_room) {
        chunk->used += new_room - old_room;
        return old;
    }
    void *memory = tg_arena_alloc(arena, new_size);
    memcpy(memory, old, old_size);
    return memory;
}

char *tg_arena_copy(TgArena *arena, const char *bytes, size_t length) {
    char *copy = tg_arena_alloc(arena, length + 1);
    if (length) memcpy(copy, bytes, length);
    return copy;
}
