// lang/arena.c
// The arena: a list of chunks, each handed out from its front.
//
// Chunks come zeroed and untouched from the system, so nothing here clears memory and what is not
// used of one is not taken. What is too big for a chunk gets one of its own.
// Layer: front end, bottom.
#include "lang/arena.h"

#include <assert.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

typedef struct TgArenaChunk Chunk;
struct TgArenaChunk {
    Chunk *before;
    size_t size; // all of it, this head included
};

// The sizes double, so a small text stays small.
enum { FIRST_CHUNK = 64 * 1024, BIG_CHUNK = 4 * 1024 * 1024, LARGEST_CHUNK = 32 * 1024 * 1024 };

static void no_memory(void) {
    fputs("tg: no memory left for the program's tree\n", stderr);
    exit(2);
}

TgArena *tg_arena_new(void) {
    TgArena *arena = calloc(1, sizeof *arena);
    if (!arena) no_memory();
    arena->next = FIRST_CHUNK;
    return arena;
}

void tg_arena_free(TgArena *arena) {
    if (!arena) return;
    for (Chunk *chunk = arena->chunk, *before; chunk; chunk = before) {
        before = chunk->before;
        munmap(chunk, chunk->size);
    }
    free(arena);
}

// The tree of a huge text is hundreds of megabytes; met page by page, the system's share of the
// time is many times ours. Only advice: what is not touched is not taken.
static void want_huge_pages(Chunk *chunk) {
#ifdef MADV_HUGEPAGE
    if (chunk->size >= BIG_CHUNK) madvise(chunk, chunk->size, MADV_HUGEPAGE);
#else
    (void)chunk;
#endif
}

void *tg_arena_more(TgArena *arena, size_t size) {
    enum { PAGE = 4096 };
    size_t room = (sizeof(Chunk) + size + PAGE - 1) & ~(size_t)(PAGE - 1);
    if (room < arena->next) room = arena->next;
    Chunk *chunk = mmap(NULL, room, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (chunk == MAP_FAILED) no_memory();
    *chunk = (Chunk){.before = arena->chunk, .size = room};
    want_huge_pages(chunk);
    arena->chunk = chunk;
    arena->at = (char *)(chunk + 1) + size;
    arena->end = (char *)chunk + room;
    if (arena->next < LARGEST_CHUNK) arena->next *= 2;
    return chunk + 1;
}

void *tg_arena_grow(TgArena *arena, void *old, size_t old_size, size_t new_size) {
    assert(new_size >= old_size);
    if (!old) return tg_arena_alloc(arena, new_size);
    size_t more = tg_arena_aligned(new_size) - tg_arena_aligned(old_size);
    bool is_last = (char *)old + tg_arena_aligned(old_size) == arena->at;
    if (is_last && (size_t)(arena->end - arena->at) >= more) {
        arena->at += more;
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
