// lang/cli/texts.h
// Texts by number, each kept once; numbers by number; arrays that grow. For what writes down much that is the same.
// Layer: command.
#ifndef TG_LANG_CLI_TEXTS_H
#define TG_LANG_CLI_TEXTS_H

#include "vm/string.h"

// An array of `count` items of `size` bytes with room for one more.
void *tg_room_for_one(void *items, uint32_t count, uint32_t *capacity, size_t size);

// From a key that is not 0 to a number. Zero-initialise.
typedef struct {
    uint64_t *keys;
    uint32_t *numbers;
    uint32_t count, room; // a power of two
} TgNumbers;

// Where the number of this key stands (0 for a new one). Valid until the next call.
uint32_t *tg_numbers_at(TgNumbers *numbers, uint64_t key);
void tg_numbers_free(TgNumbers *numbers);

// Zero-initialise; text 0 is "".
typedef struct {
    char **items; // from 1
    uint32_t count, capacity;
    TgNumbers known;
} TgTexts;

uint32_t tg_texts_add(TgTexts *texts, const char *text, size_t length);
const char *tg_texts_get(const TgTexts *texts, uint32_t number);
void tg_texts_free(TgTexts *texts);

#endif
