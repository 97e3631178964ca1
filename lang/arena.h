// lang/arena.h
// An arena: memory that is taken piece by piece and given back all at once.
// Layer: front end, bottom.
#ifndef TG_LANG_ARENA_H
#define TG_LANG_ARENA_H

#include <stddef.h>

typedef struct {
    char *at, *end;             // what is left of the newest chunk
    struct TgArenaChunk *chunk; // that chunk, and through it the older ones
    size_t next;                // size of the next one
} TgArena;

TgArena *tg_arena_new(void);
void tg_arena_free(TgArena *arena);

// `size` zeroed bytes, aligned to 8. Never NULL: ends the process where the system has no memory for a
// tree (sources are bounded by their size, so this is met only where nothing else would run either).
static inline void *tg_arena_alloc(TgArena *arena, size_t size);
// Grows an array made by this arena; `old` may be NULL. Copies when it cannot grow in place.
void *tg_arena_grow(TgArena *arena, void *old, size_t old_size, size_t new_size);
char *tg_arena_copy(TgArena *arena, const char *bytes, size_t length); // NUL is added

// The same from a new chunk.
void *tg_arena_more(TgArena *arena, size_t size);

static inline size_t tg_arena_aligned(size_t size) {
    return (size + 7) & ~(size_t)7;
}

static inline void *tg_arena_alloc(TgArena *arena, size_t size) {
    size = tg_arena_aligned(size);
    if ((size_t)(arena->end - arena->at) < size) return tg_arena_more(arena, size);
    void *memory = arena->at;
    arena->at += size;
    return memory;
}

#endif
