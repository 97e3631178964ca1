// lang/cli/texts.c
// Open addressing, half full at most.
// Layer: command.
#include "lang/cli/texts.h"

#include <stdlib.h>
#include <string.h>

static void *must(void *memory) {
    if (!memory) abort(); // a tool's own bookkeeping
    return memory;
}

void *tg_room_for_one(void *items, uint32_t count, uint32_t *capacity, size_t size) {
    if (count < *capacity) return items;
    *capacity = *capacity ? *capacity * 2 : 64;
    return must(realloc(items, *capacity * size));
}

static uint64_t mix(uint64_t key) {
    key ^= key >> 32;
    key *= 0x9E3779B97F4A7C15ull;
    return key ^ key >> 29;
}

static uint32_t slot_of(const TgNumbers *numbers, uint64_t key) {
    uint32_t slot = (uint32_t)mix(key) & (numbers->room - 1);
    while (numbers->keys[slot] && numbers->keys[slot] != key) slot = (slot + 1) & (numbers->room - 1);
    return slot;
}

static void grow(TgNumbers *numbers) {
    TgNumbers old = *numbers;
    numbers->room = old.room ? old.room * 2 : 64;
    numbers->keys = must(calloc(numbers->room, sizeof *numbers->keys));
    numbers->numbers = must(calloc(numbers->room, sizeof *numbers->numbers));
    for (uint32_t i = 0; i < old.room; i++) {
        if (!old.keys[i]) continue;
        uint32_t slot = slot_of(numbers, old.keys[i]);
        numbers->keys[slot] = old.keys[i];
        numbers->numbers[slot] = old.numbers[i];
    }
    tg_numbers_free(&old);
}

uint32_t *tg_numbers_at(TgNumbers *numbers, uint64_t key) {
    if (numbers->count * 2 >= numbers->room) grow(numbers);
    uint32_t slot = slot_of(numbers, key);
    if (!numbers->keys[slot]) {
        numbers->keys[slot] = key;
        numbers->count++;
    }
    return &numbers->numbers[slot];
}

void tg_numbers_free(TgNumbers *numbers) {
    free(numbers->keys);
    free(numbers->numbers);
}

static uint64_t hash(const char *text, size_t length) {
    uint64_t hash = 1469598103934665603ull;
    for (size_t i = 0; i < length; i++) hash = (hash ^ (unsigned char)text[i]) * 1099511628211ull;
    return hash;
}

static bool is_text(const char *known, const char *text, size_t length) {
    return !strncmp(known, text, length) && known[length] == '\0';
}

uint32_t tg_texts_add(TgTexts *texts, const char *text, size_t length) {
    if (length == 0) return 0;
    const char *end = memchr(text, '\0', length);
    if (end) length = (size_t)(end - text);
    uint64_t key = hash(text, length);
    for (;; key++) { // another text may have this hash
        if (key == 0) continue;
        uint32_t *number = tg_numbers_at(&texts->known, key);
        if (*number && is_text(texts->items[*number], text, length)) return *number;
        if (*number) continue;
        *number = ++texts->count;
        texts->items = tg_room_for_one(texts->items, texts->count, &texts->capacity, sizeof *texts->items);
        texts->items[texts->count] = must(strndup(text, length));
        return texts->count;
    }
}

const char *tg_texts_get(const TgTexts *texts, uint32_t number) { return number ? texts->items[number] : ""; }

void tg_texts_free(TgTexts *texts) {
    for (uint32_t i = 1; i <= texts->count; i++) free(texts->items[i]);
    free(texts->items);
    tg_numbers_free(&texts->known);
}
