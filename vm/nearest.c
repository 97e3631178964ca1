// vm/nearest.c
// "Did you mean …": the name that a misspelled one was probably meant to be.
// Layer: data.
#include <ctype.h>
#include <stdint.h>
#include <string.h>

#include "vm/class.h"

enum { LONGEST = 64 }; // bytes; nobody misspells longer names in a way that this would find

static unsigned smallest(unsigned a, unsigned b, unsigned c) {
    unsigned least = a < b ? a : b;
    return least < c ? least : c;
}

// Half steps between two names: 2 for a letter too many, too few, another or two exchanged, 1 for
// the wrong case. At most `limit` is told apart.
static unsigned distance(const char *a, const char *b, unsigned limit) {
    size_t m = strlen(a), n = strlen(b);
    if (m > LONGEST || n > LONGEST) return limit + 1;
    if ((m > n ? m - n : n - m) * 2 > limit) return limit + 1;
    unsigned rows[3][LONGEST + 1];
    for (size_t j = 0; j <= n; j++) rows[0][j] = (unsigned)j * 2;
    for (size_t i = 1; i <= m; i++) {
        unsigned *row = rows[i % 3], *above = rows[(i - 1) % 3], *second = rows[(i + 1) % 3];
        row[0] = (unsigned)i * 2;
        for (size_t j = 1; j <= n; j++) {
            char x = a[i - 1], y = b[j - 1];
            unsigned cost = x == y ? 0 : 2;
            if (cost && tolower((unsigned char)x) == tolower((unsigned char)y)) cost = 1;
            row[j] = smallest(above[j] + 2, row[j - 1] + 2, above[j - 1] + cost);
            if (i > 1 && j > 1 && x == b[j - 2] && y == a[i - 2] && second[j - 2] + 2 < row[j]) {
                row[j] = second[j - 2] + 2;
            }
        }
    }
    return rows[m % 3][n];
}

const char *tg_nearest(const char *name, const char *const *names, uint32_t count) {
    // One mistake in short names, a third of a long one: beyond that a suggestion is noise.
    size_t length = strlen(name);
    unsigned limit = length <= 3 ? 2 : 2 * (unsigned)(length > 9 ? 3 : (length + 2) / 3);
    const char *best = NULL;
    for (uint32_t i = 0; i < count; i++) {
        if (!names[i] || !*names[i]) continue;
        unsigned steps = distance(name, names[i], limit);
        // A name of one letter with one mistake has nothing in common with it.
        if (steps > limit || steps >= 2 * length || steps == 0) continue;
        best = names[i];
        limit = steps - 1;
    }
    return best;
}
