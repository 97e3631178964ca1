// tests/oom/fail.c
// Linked into a tg of its own (build/test/tg-oom), around all that allocates in it, its libraries' archives as well (ld --wrap): the
// TG_FAIL_AT-th allocation fails, or, with TG_FAIL_ON, every one from that on. TG_FAIL_TRACE shows where. The count goes to descriptor TG_FAIL_TELL at the end.
//
// Layer: tests; no part of any other binary.
#include <errno.h>
#include <execinfo.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

void *__real_malloc(size_t size);
void *__real_calloc(size_t count, size_t size);
void *__real_realloc(void *old, size_t size);
void *__real_aligned_alloc(size_t alignment, size_t size);
void *__real_mmap(void *at, size_t length, int protection, int flags, int fd, off_t offset);

static atomic_ulong count;
static unsigned long fail_at;
static bool goes_on, is_told;

static void tell(void) {
    const char *fd = getenv("TG_FAIL_TELL");
    if (fd) dprintf(atoi(fd), "%lu\n", atomic_load(&count));
}

static void __attribute__((constructor)) begin(void) {
    const char *at = getenv("TG_FAIL_AT");
    fail_at = at ? strtoul(at, NULL, 10) : 0;
    goes_on = getenv("TG_FAIL_ON") != NULL;
    is_told = atexit(tell) == 0;
}

// For addr2line -fe build/test/tg-oom.
static void show_where(void) {
    void *frames[24];
    backtrace_symbols_fd(frames, backtrace(frames, 24), 2);
}

static bool fails(void) {
    unsigned long now = atomic_fetch_add(&count, 1) + 1;
    if (!fail_at || (goes_on ? now < fail_at : now != fail_at)) return false;
    if (getenv("TG_FAIL_TRACE")) show_where();
    errno = ENOMEM;
    return true;
}

void *__wrap_malloc(size_t size) { return fails() ? NULL : __real_malloc(size); }
void *__wrap_calloc(size_t number, size_t size) { return fails() ? NULL : __real_calloc(number, size); }
void *__wrap_realloc(void *old, size_t size) { return fails() ? NULL : __real_realloc(old, size); }
void *__wrap_aligned_alloc(size_t alignment, size_t size) { return fails() ? NULL : __real_aligned_alloc(alignment, size); }

void *__wrap_mmap(void *at, size_t length, int protection, int flags, int fd, off_t offset) {
    return fails() ? MAP_FAILED : __real_mmap(at, length, protection, flags, fd, offset);
}

char *__wrap_strndup(const char *text, size_t most) {
    size_t length = strnlen(text, most);
    char *copy = __wrap_malloc(length + 1);
    if (copy) memcpy(copy, text, length);
    if (copy) copy[length] = '\0';
    return copy;
}
char *__wrap_strdup(const char *text) { return __wrap_strndup(text, strlen(text)); }
