// stdlib/dynamic.c
// dlopen and dlsym.
// Layer: library.
#include "stdlib/dynamic.h"

#include <dlfcn.h>
#include <stddef.h>
#include <string.h>

void *tg_dynamic_open(const char *const *names) {
    void *library = NULL;
    for (; *names && !library; names++) library = dlopen(*names, RTLD_NOW | RTLD_LOCAL);
    return library;
}

// ISO C knows no cast from a symbol to a function.
bool tg_dynamic_find(void *library, const char *name, void *slot) {
    void *symbol = dlsym(library, name);
    memcpy(slot, &symbol, sizeof symbol);
    return symbol != NULL;
}
