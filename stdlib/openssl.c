// stdlib/openssl.c
// Opens OpenSSL.
// Layer: library.
#include "stdlib/openssl.h"

#include <pthread.h>
#include <stdbool.h>
#include <stddef.h>

#include "stdlib/dynamic.h"

static TgOpenssl table;
static const TgOpenssl *known;
static pthread_once_t once = PTHREAD_ONCE_INIT;

// One table for the process, as the library is one: two VMs share it. It stays open.
static void open_library(void) {
    static const char *const names[] = {"libssl.so.3", NULL};
    void *library = tg_dynamic_open(names);
    if (!library) return;
    bool good = true;
#define FUNCTION(result, name, parameters) good = tg_dynamic_find(library, #name, &table.name) && good;
    TG_OPENSSL_FUNCTIONS(FUNCTION)
#undef FUNCTION
    if (good) known = &table;
}

const TgOpenssl *tg_openssl(void) {
    pthread_once(&once, open_library);
    return known;
}
