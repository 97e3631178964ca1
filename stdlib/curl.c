// stdlib/curl.c
// Opens libcurl.
// Layer: library.
#include "stdlib/curl.h"

#include <pthread.h>
#include <stdbool.h>
#include <stddef.h>

#include "stdlib/dynamic.h"

static TgCurl table;
static const TgCurl *known;
static pthread_once_t once = PTHREAD_ONCE_INIT;

// One table for the process, as the library is one: two VMs share it. It stays open.
static void open_library(void) {
    static const char *const names[] = {"libcurl.so.4", "libcurl-gnutls.so.4", NULL};
    void *library = tg_dynamic_open(names);
    if (!library) return;
    bool good = true;
#define FUNCTION(result, name, parameters) good = tg_dynamic_find(library, #name, &table.name) && good;
    TG_CURL_FUNCTIONS(FUNCTION)
#undef FUNCTION
    if (good && table.curl_global_init(CURL_GLOBAL_DEFAULT) == 0) known = &table;
}

const TgCurl *tg_curl(void) {
    pthread_once(&once, open_library);
    return known;
}
