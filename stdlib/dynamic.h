// stdlib/dynamic.h
// Libraries of others that are opened when a script first needs them, so that the start costs nothing and what they
// offer may be missing.
// Layer: library.
#ifndef TG_STDLIB_DYNAMIC_H
#define TG_STDLIB_DYNAMIC_H

#include <stdbool.h>

// The first of these names (the last is NULL) that the system has, or NULL. Stays open for the life of the process.
void *tg_dynamic_open(const char *const *names);
// Puts the library's function of that name into *slot, a pointer to such a function. False: it has none.
bool tg_dynamic_find(void *library, const char *name, void *slot);

#endif
