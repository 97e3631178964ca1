// stdlib/curl.c
// Opens libcurl.
// Layer: library.
#include "stdlib/curl.h"

#include <dlfcn.h>
#include <pthread.h>
#include <stdbool.h>
#include <string.h>

static TgCurl table;
static const TgCurl *known;
static pthread_once_t once = PTHREAD_ONCE_INIT;

// ISO C knows no cast from a symbol to a function.
static void *find(void *library, const char *name, void *slot) {
    void *symbol = dlsym(library, name);
    memcpy(slot, &symbol, sizeof symbol);
    return symbol;
}

// One table for the process, as the library is one: two VMs share it. It stays open.
static void open_library(void) {
    void *library = dlopen("libcurl.so.4", RTLD_NOW | RTLD_LOCAL);
    if (!library) library = dlopen("libcurl-gnutls.so.4", RTLD_NOW | RTLD_LOCAL);
    if (!library) return;
    bool good = true;
#define FUNCTION(result, name, parameters) good = find(library, #name, &table.name) && good;
    TG_CURL_FUNCTIONS(FUNCTION)
#undef FUNCTION
    if (good && table.curl_global_init(CURL_GLOBAL_DEFAULT) == 0) known = &table;
}

const TgCurl *tg_curl(void) {
    pthread_once(&once, open_library);
    return known;
}
