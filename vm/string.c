// vm/string.c
// Strings: making, interning, hashing, measuring.
//
// All strings of at most TG_INTERN_MAX bytes stand once in the VM's table, so that names and most
// keys compare by pointer. The table is weak: a string is taken out when the collector frees it.
// Bytes are counted eight at a time: nearly all text is ASCII and nearly all of it is only passed
// through.
//
// Layer: data.
#include "vm/string.h"

#include <assert.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "vm/error.h"
#include "vm/gc.h"
#include "vm/vm.h"

#define HIGH_BITS 0x8080808080808080ull

static uint64_t load_word(const char *at) {
    uint64_t word;
    memcpy(&word, at, sizeof word);
    return word;
}

// Not seeded: whoever wants collisions finds them anyhow, and runs should repeat to the last bit.
static uint32_t hash_bytes(const char *bytes, size_t length) {
    const uint64_t factor = 0x9E3779B97F4A7C15ull;
    uint64_t hash = length * factor;
    while (length >= 8) {
        hash = (hash ^ load_word(bytes)) * factor;
        hash ^= hash >> 32;
        bytes += 8;
        length -= 8;
    }
    uint64_t rest = 0;
    memcpy(&rest, bytes, length);
    hash = (hash ^ rest) * factor;
    hash ^= hash >> 29;
    hash *= factor;
    return (uint32_t)(hash >> 32);
}

static bool is_ascii(const char *bytes, size_t length) {
    uint64_t high = 0;
    for (; length >= 32; bytes += 32, length -= 32) {
        high = load_word(bytes) | load_word(bytes + 8) | load_word(bytes + 16) | load_word(bytes + 24);
        if (high & HIGH_BITS) return false;
    }
    for (; length >= 8; bytes += 8, length -= 8) high |= load_word(bytes);
    for (; length > 0; bytes++, length--) high |= (unsigned char)*bytes;
    return !(high & HIGH_BITS);
}

// Bytes that continue a character (10xxxxxx). The high bit set and the next one clear.
static size_t count_continuations(const char *bytes, size_t length) {
    size_t count = 0;
    while (length >= 8) {
        uint64_t word = load_word(bytes);
        if (word & HIGH_BITS) {
            uint64_t marks = word & ~(word << 1) & HIGH_BITS;
            count += (size_t)__builtin_popcountll(marks);
        }
        bytes += 8;
        length -= 8;
    }
    for (; length > 0; length--, bytes++) count += ((unsigned char)*bytes & 0xC0) == 0x80;
    return count;
}

static void measure(TgString *string) {
    string->chars = string->length;
    if (is_ascii(string->data, string->length)) string->obj.flags |= OBJ_ASCII;
    else string->chars -= (uint32_t)count_continuations(string->data, string->length);
}

// The table of interned strings

typedef struct {
    TgString *string; // NULL: free; GONE: was taken out
    uint32_t hash, length;
} Slot;

struct TgInterns {
    Slot *slots;
    uint32_t size;  // power of two
    uint32_t used;  // slots that are not free, GONE ones too
    uint32_t count; // strings
};

static char gone_mark;
#define GONE ((TgString *)(void *)&gone_mark)
enum { FIRST_INTERNS = 1024 };

bool tg_interns_init(TgVM *vm) {
    TgInterns *table = calloc(1, sizeof *table);
    if (!table) return false;
    table->slots = calloc(FIRST_INTERNS, sizeof *table->slots);
    if (!table->slots) {
        free(table);
        return false;
    }
    table->size = FIRST_INTERNS;
    vm->interns = table;
    return true;
}

void tg_interns_free(TgVM *vm) {
    if (!vm->interns) return;
    free(vm->interns->slots);
    free(vm->interns);
    vm->interns = NULL;
}

// Makes room, also by dropping GONE slots. Where the system has no memory the old table serves on,
// as long as one slot in it is free (searches must end).
static void rehash(TgInterns *table) {
    uint32_t size = FIRST_INTERNS;
    while (size < table->count * 2) size *= 2;
    Slot *slots = calloc(size, sizeof *slots);
    if (!slots) {
        if (table->used + 1 < table->size) return;
        fputs("tg: no memory left\n", stderr);
        exit(1);
    }
    for (uint32_t i = 0; i < table->size; i++) {
        Slot slot = table->slots[i];
        if (!slot.string || slot.string == GONE) continue;
        uint32_t at = slot.hash & (size - 1);
        while (slots[at].string) at = (at + 1) & (size - 1);
        slots[at] = slot;
    }
    free(table->slots);
    table->slots = slots;
    table->size = size;
    table->used = table->count;
}

static TgString *find_interned(const TgInterns *table, const char *bytes, size_t length,
                               uint32_t hash) {
    uint32_t mask = table->size - 1;
    for (uint32_t at = hash & mask;; at = (at + 1) & mask) {
        const Slot *slot = &table->slots[at];
        if (!slot->string) return NULL;
        if (slot->hash == hash && slot->length == length && slot->string != GONE &&
            memcmp(slot->string->data, bytes, length) == 0) {
            return slot->string;
        }
    }
}

static void add_interned(TgInterns *table, TgString *string) {
    if (table->used + table->used / 2 >= table->size) rehash(table);
    uint32_t mask = table->size - 1, at = string->hash & mask;
    while (table->slots[at].string) at = (at + 1) & mask; // GONE ones too: they are rare
    table->slots[at] = (Slot){string, string->hash, string->length};
    table->used++;
    table->count++;
}

void tg_interns_forget(TgVM *vm, const TgString *string) {
    TgInterns *table = vm->interns;
    if (!table) return; // the VM is ending
    uint32_t mask = table->size - 1, at = string->hash & mask;
    while (table->slots[at].string != string) {
        assert(table->slots[at].string);
        at = (at + 1) & mask;
    }
    table->count--;
    if (table->slots[(at + 1) & mask].string) {
        table->slots[at].string = GONE;
        return;
    }
    // The end of a run: it and the GONE ones before it are free again, so that runs do not grow for
    // ever.
    table->slots[at].string = NULL;
    table->used--;
    for (at = (at - 1) & mask; table->slots[at].string == GONE; at = (at - 1) & mask) {
        table->slots[at].string = NULL;
        table->used--;
    }
}

// Making

static TgString *new_string(TgVM *vm, size_t length) {
    TgString *string = tg_gc_alloc(vm, offsetof(TgString, bytes) + length + 1, OBJ_STRING);
    string->data = string->bytes;
    string->length = (uint32_t)length;
    string->data[length] = '\0'; // of Strings only the header comes zeroed
    return string;
}

static TgString *interned(TgVM *vm, const char *bytes, size_t length) {
    uint32_t hash = hash_bytes(bytes, length);
    TgString *string = find_interned(vm->interns, bytes, length, hash);
    if (string) {
        tg_gc_revive(vm, &string->obj);
        return string;
    }
    string = new_string(vm, length);
    memcpy(string->data, bytes, length);
    measure(string);
    string->hash = hash;
    string->obj.flags |= OBJ_INTERNED | OBJ_HASHED;
    add_interned(vm->interns, string);
    return string;
}

// Texts are taken apart into characters so often that these are kept.
static TgString *character(TgVM *vm, char ascii) {
    TgString **place = &vm->characters[ascii & 127];
    if (!*place) *place = interned(vm, &ascii, 1);
    return *place;
}

TgString *tg_string(TgVM *vm, const char *bytes, size_t length) {
    if (length == 1) return character(vm, *bytes);
    if (length <= TG_INTERN_MAX) return interned(vm, bytes, length);
    assert(length < UINT32_MAX);
    TgString *string = new_string(vm, length);
    memcpy(string->data, bytes, length);
    measure(string);
    return string;
}

TgString *tg_string_part(TgVM *vm, const TgString *whole, size_t offset, size_t length) {
    if (length == whole->length) return (TgString *)(uintptr_t)whole;
    if (length <= TG_INTERN_MAX || !(whole->obj.flags & OBJ_ASCII)) return tg_string(vm, whole->data + offset, length);
    TgString *string = new_string(vm, length);
    memcpy(string->data, whole->data + offset, length);
    string->chars = string->length;
    string->obj.flags |= OBJ_ASCII;
    return string;
}

TgString *tg_string_c(TgVM *vm, const char *text) {
    return tg_string(vm, text, strlen(text));
}

TgString *tg_string_format(TgVM *vm, const char *format, ...) {
    char small[256];
    va_list arguments, again;
    va_start(arguments, format);
    va_copy(again, arguments);
    int length = vsnprintf(small, sizeof small, format, arguments);
    va_end(arguments);
    TgString *string = vm->name_empty;
    if (length >= 0 && (size_t)length < sizeof small) {
        string = tg_string(vm, small, (size_t)length);
    } else if (length >= 0) {
        string = tg_string_begin(vm, (size_t)length);
        if (string) vsnprintf(string->data, (size_t)length + 1, format, again);
        string = string ? tg_string_finish(vm, string) : vm->name_empty;
    }
    va_end(again);
    return string;
}

TgString *tg_string_begin(TgVM *vm, size_t length) {
    if (length >= UINT32_MAX - 64) {
        tg_gc_can_take(vm, SIZE_MAX); // so that tg_error_memory knows whose refusal it is
        return NULL;
    }
    // Small ones are given in any case; the limit is noticed at the next boundary.
    if (length > 4096 && !tg_gc_can_take(vm, length)) return NULL;
    return new_string(vm, length);
}

TgString *tg_string_finish(TgVM *vm, TgString *string) {
    // A short one was room only: the interned String of these bytes takes its place.
    if (string->length <= TG_INTERN_MAX) return tg_string(vm, string->data, string->length);
    measure(string);
    return string;
}

// Joining
//
// Text that is built piece by piece must not be copied for each piece. A String that was joined and is joined
// again moves into a TgRoom with room behind it; from then on appending to it writes there, and both Strings
// begin at the same byte. Only who ends where the bytes in use end may do so; for others they are copied.

enum { LEAST_SHARED = 128 };

static TgRoom *room_behind(TgVM *vm, const TgString *a, size_t length) {
    if (a->obj.flags & OBJ_SHARED) {
        TgRoom *bytes = tg_string_room(a);
        if (bytes->used == a->length && bytes->capacity >= length) return bytes;
    }
    size_t capacity = length + length / 2;
    if (capacity >= UINT32_MAX - 64 || (capacity > 4096 && !tg_gc_can_take(vm, capacity))) return NULL;
    TgRoom *bytes = tg_gc_alloc(vm, sizeof *bytes + capacity + 1, OBJ_ROOM);
    bytes->capacity = (uint32_t)capacity;
    memcpy(bytes->bytes, a->data, a->length);
    return bytes;
}

static TgString *append_shared(TgVM *vm, const TgString *a, const TgString *b, size_t length) {
    TgRoom *bytes = room_behind(vm, a, length);
    if (!bytes) return NULL;
    memcpy(bytes->bytes + a->length, b->data, b->length);
    bytes->bytes[length] = '\0'; // who reads one of the shorter Strings up to a NUL stays inside as well
    bytes->used = (uint32_t)length;
    TgString *string = tg_gc_alloc(vm, sizeof *string, OBJ_STRING);
    string->data = bytes->bytes;
    string->length = (uint32_t)length;
    string->obj.flags = OBJ_SHARED;
    return string;
}

TgString *tg_string_join(TgVM *vm, const TgString *a, const TgString *b) {
    size_t length = (size_t)a->length + b->length;
    if (length <= TG_INTERN_MAX) {
        char small[TG_INTERN_MAX];
        memcpy(small, a->data, a->length);
        memcpy(small + a->length, b->data, b->length);
        return tg_string(vm, small, length);
    }
    TgString *string = NULL;
    if ((a->obj.flags & OBJ_JOINED) && a->length >= LEAST_SHARED && b->length <= a->length)
        string = append_shared(vm, a, b, length);
    if (!string) {
        string = tg_string_begin(vm, length);
        if (!string) return NULL;
        memcpy(string->data, a->data, a->length);
        memcpy(string->data + a->length, b->data, b->length);
    }
    string->chars = a->chars + b->chars;
    string->obj.flags |= OBJ_JOINED | (a->obj.flags & b->obj.flags & OBJ_ASCII);
    return string;
}

// Comparing and measuring

uint32_t tg_string_hash(TgString *string) {
    if (!(string->obj.flags & OBJ_HASHED)) {
        string->hash = hash_bytes(string->data, string->length);
        string->obj.flags |= OBJ_HASHED;
    }
    return string->hash;
}

bool tg_string_equal(const TgString *a, const TgString *b) {
    if (a == b) return true;
    if (((a->obj.flags | b->obj.flags) & OBJ_INTERNED) || a->length != b->length) return false;
    return memcmp(a->data, b->data, a->length) == 0;
}

// The order of UTF-8 bytes is that of code points: the encoding was made for it.
int tg_string_compare(const TgString *a, const TgString *b) {
    uint32_t common = a->length < b->length ? a->length : b->length;
    int order = memcmp(a->data, b->data, common);
    if (order != 0) return order < 0 ? -1 : 1;
    return (a->length > b->length) - (a->length < b->length);
}

static size_t skip_forward(const TgString *string, size_t index) {
    size_t at = 0;
    while (index >= 8 && at + 8 <= string->length) {
        size_t chars = 8 - count_continuations(string->data + at, 8);
        index -= chars;
        at += 8;
    }
    // `at` may stand inside of a character whose first byte is counted already.
    for (; at < string->length; at++) {
        if (((unsigned char)string->data[at] & 0xC0) == 0x80) continue;
        if (index == 0) return at;
        index--;
    }
    return string->length;
}

static size_t skip_backward(const TgString *string, size_t from_end) {
    size_t at = string->length;
    while (from_end > 0) {
        at--;
        if (((unsigned char)string->data[at] & 0xC0) != 0x80) from_end--;
    }
    return at;
}

size_t tg_string_offset(const TgString *string, size_t index) {
    if (string->obj.flags & OBJ_ASCII) return index;
    assert(index <= string->chars);
    if (index > string->chars / 2) return skip_backward(string, string->chars - index);
    return skip_forward(string, index);
}

// UTF-8

uint32_t tg_utf8_decode(const char *text, int *length) {
    const unsigned char *at = (const unsigned char *)text;
    if (at[0] < 0x80) {
        *length = 1;
        return at[0];
    }
    if (at[0] < 0xE0) {
        *length = 2;
        return (at[0] & 0x1Fu) << 6 | (at[1] & 0x3Fu);
    }
    if (at[0] < 0xF0) {
        *length = 3;
        return (at[0] & 0x0Fu) << 12 | (at[1] & 0x3Fu) << 6 | (at[2] & 0x3Fu);
    }
    *length = 4;
    return (at[0] & 0x07u) << 18 | (at[1] & 0x3Fu) << 12 | (at[2] & 0x3Fu) << 6 | (at[3] & 0x3Fu);
}

int tg_utf8_encode(uint32_t code, char *out) {
    if (code < 0x80) {
        out[0] = (char)code;
        return 1;
    }
    if (code < 0x800) {
        out[0] = (char)(0xC0 | code >> 6);
        out[1] = (char)(0x80 | (code & 0x3F));
        return 2;
    }
    if (code < 0x10000) {
        out[0] = (char)(0xE0 | code >> 12);
        out[1] = (char)(0x80 | (code >> 6 & 0x3F));
        out[2] = (char)(0x80 | (code & 0x3F));
        return 3;
    }
    out[0] = (char)(0xF0 | code >> 18);
    out[1] = (char)(0x80 | (code >> 12 & 0x3F));
    out[2] = (char)(0x80 | (code >> 6 & 0x3F));
    out[3] = (char)(0x80 | (code & 0x3F));
    return 4;
}

// Length of the character at `at`, 0 where it is none: overlong, a surrogate, above U+10FFFF, cut
// off.
static size_t character_length(const unsigned char *at, size_t left) {
    size_t length = at[0] < 0x80   ? 1
                    : at[0] < 0xC2 ? 0
                    : at[0] < 0xE0 ? 2
                    : at[0] < 0xF0 ? 3
                    : at[0] < 0xF5 ? 4
                                   : 0;
    if (length > left) return 0;
    for (size_t i = 1; i < length; i++) {
        if ((at[i] & 0xC0) != 0x80) return 0;
    }
    if (at[0] == 0xE0 && at[1] < 0xA0) return 0;
    if (at[0] == 0xED && at[1] >= 0xA0) return 0;
    if (at[0] == 0xF0 && at[1] < 0x90) return 0;
    if (at[0] == 0xF4 && at[1] >= 0x90) return 0;
    return length;
}

bool tg_utf8_valid(const char *bytes, size_t length) {
    while (length > 0) {
        if (length >= 8 && !(load_word(bytes) & HIGH_BITS)) {
            bytes += 8;
            length -= 8;
            continue;
        }
        size_t step = character_length((const unsigned char *)bytes, length);
        if (step == 0) return false;
        bytes += step;
        length -= step;
    }
    return true;
}
