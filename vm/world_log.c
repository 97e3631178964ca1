// vm/world_log.c
// The file of a recording, mapped into memory.
// Layer: runtime, bottom.
#include "vm/world_log.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

enum { FIRST_ROOM = 1 << 18, MOST_GROWTH = 1 << 24 };

static const char MAGIC[8] = "tgrecord";
static const uint32_t RUNNING = 0x6e757254, WHOLE = 0x656e6f44;

typedef struct {
    uint64_t length, sum, place;
} Mark;

typedef struct {
    char magic[8];
    uint32_t version;
    uint32_t state; // RUNNING, WHOLE
    Mark marks[2];
} Head;

struct TgLog {
    int fd; // -1: it is read
    uint8_t *map;
    size_t room;   // bytes that are mapped
    size_t length; // of the entries
    uint64_t sum, place;
    bool is_whole, is_full;
};

// Every byte counts: a step is one to one in each of its operands.
static uint64_t add_word(uint64_t sum, uint64_t word) {
    sum = (sum ^ word) * 0x9E3779B97F4A7C15u;
    return sum ^ sum >> 32;
}

// The last word is filled up with zeros. Behind an entry that is just being written there are some (`is_last`).
static inline uint64_t add_to_sum(uint64_t sum, const uint8_t *data, size_t length, bool is_last) {
    size_t at = 0;
    for (uint64_t word; at < length && (is_last || length - at >= 8); at += 8) {
        memcpy(&word, data + at, 8);
        sum = add_word(sum, word);
    }
    if (at < length) {
        uint64_t word = 0;
        memcpy(&word, data + at, length - at);
        sum = add_word(sum, word);
    }
    return sum ^ length;
}

// ---- Writing

static bool grow(TgLog *log, size_t needed) {
    size_t room = log->room;
    while (room < needed) room += room < MOST_GROWTH ? room : MOST_GROWTH;
    // Room that is not there would be found out by a signal in the midst of writing.
    int error = posix_fallocate(log->fd, 0, (off_t)room);
    if (error) return errno = error, false;
    uint8_t *map = mremap(log->map, log->room, room, MREMAP_MAYMOVE);
    if (map == MAP_FAILED) return false;
    log->map = map;
    log->room = room;
    return true;
}

TgLog *tg_log_create(const char *path) {
    TgLog *log = calloc(1, sizeof *log);
    if (!log) return NULL;
    log->fd = open(path, O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
    int error = log->fd < 0 ? errno : posix_fallocate(log->fd, 0, FIRST_ROOM);
    log->map = error ? MAP_FAILED : mmap(NULL, FIRST_ROOM, PROT_READ | PROT_WRITE, MAP_SHARED, log->fd, 0);
    if (log->map == MAP_FAILED) {
        error = error ? error : errno;
        if (log->fd >= 0) close(log->fd);
        free(log);
        return errno = error, NULL;
    }
    log->room = FIRST_ROOM;
    Head *head = (Head *)log->map;
    *head = (Head){.version = TG_LOG_VERSION, .state = RUNNING};
    memcpy(head->magic, MAGIC, sizeof MAGIC);
    return log;
}

// The older mark becomes the newer one. Its length goes last: half a mark is none.
static void set_mark(TgLog *log) {
    Head *head = (Head *)log->map;
    Mark *mark = &head->marks[head->marks[0].length > head->marks[1].length];
    *mark = (Mark){0, log->sum, log->place};
    __atomic_store_n(&mark->length, log->length, __ATOMIC_RELEASE);
}

bool tg_log_put(TgLog *log, uint8_t kind, const void *data, size_t length, uint64_t place) {
    if (log->is_full) return false;
    size_t at = sizeof(Head) + log->length;
    if (at + length + 16 > log->room && !grow(log, at + length + 16)) return log->is_full = true, false;
    uint8_t *start = log->map + at, *to = start;
    *to++ = kind;
    for (size_t left = length; left >= 0x80; left >>= 7) *to++ = (uint8_t)(left | 0x80);
    size_t top = length;
    while (top >= 0x80) top >>= 7;
    *to++ = (uint8_t)top;
    if (length) memcpy(to, data, length);
    size_t size = (size_t)(to - start) + length;
    log->sum = add_to_sum(log->sum, start, size, true);
    log->length += size;
    log->place = place;
    set_mark(log);
    return true;
}

void tg_log_reach(TgLog *log, uint64_t place) {
    Head *head = (Head *)log->map;
    log->place = place;
    head->marks[head->marks[1].length > head->marks[0].length].place = place;
}

void tg_log_finish(TgLog *log) {
    Head *head = (Head *)log->map;
    if (log->is_full) return;
    head->marks[0] = head->marks[1] = (Mark){log->length, log->sum, log->place};
    head->state = WHOLE;
}

static void close_written(TgLog *log) {
    munmap(log->map, log->room);
    (void)!ftruncate(log->fd, (off_t)(sizeof(Head) + log->length));
    close(log->fd);
}

void tg_log_close(TgLog *log) {
    if (!log) return;
    if (log->fd >= 0) close_written(log);
    else munmap(log->map, log->room);
    free(log);
}

// ---- Reading

// The size of what stands before the entry's bytes, and how many these are; 0: it does not fit into what there is.
static size_t read_entry_head(const uint8_t *at, size_t left, size_t *length) {
    size_t size = 1, shift = 0;
    *length = 0;
    for (bool more = left > 0; more; shift += 7) {
        if (size >= left || shift > 56) return 0;
        *length |= (size_t)(at[size] & 0x7F) << shift;
        more = at[size++] & 0x80;
    }
    return left && *length <= left - size ? size : 0;
}

bool tg_log_next(const TgLog *log, size_t *offset, TgLogEntry *entry) {
    const uint8_t *at = log->map + sizeof(Head) + *offset;
    size_t length, size = read_entry_head(at, log->length - *offset, &length);
    if (!size) return false;
    *entry = (TgLogEntry){at[0], at + size, length};
    *offset += size + length;
    return true;
}

// The sum of the entries up to the mark is the mark's.
static bool is_right(TgLog *log, const Mark *mark) {
    uint64_t sum = 0;
    size_t offset = 0, before = 0;
    TgLogEntry entry;
    if (mark->length > log->room - sizeof(Head)) return false;
    log->length = mark->length;
    while (tg_log_next(log, &offset, &entry)) {
        sum = add_to_sum(sum, log->map + sizeof(Head) + before, offset - before, false);
        before = offset;
    }
    log->sum = sum;
    log->place = mark->place;
    return offset == mark->length && sum == mark->sum;
}

static const char *check(TgLog *log) {
    static const char damaged[] = "it is damaged: some of its bytes are not what was recorded";
    const Head *head = (const Head *)log->map;
    if (memcmp(head->magic, MAGIC, sizeof MAGIC) != 0) return "it is no recording of tg --record";
    if (head->version != TG_LOG_VERSION) return "it was recorded by another version of tg, whose recordings this one cannot read";
    bool newer = head->marks[1].length > head->marks[0].length;
    log->is_whole = head->state == WHOLE;
    if (log->is_whole && memcmp(&head->marks[0], &head->marks[1], sizeof(Mark)) != 0) return damaged;
    if (log->is_whole && log->room < sizeof(Head) + head->marks[0].length) return damaged;
    if (!log->is_whole && head->state != RUNNING) return damaged;
    if (is_right(log, &head->marks[newer])) return NULL;
    return !log->is_whole && is_right(log, &head->marks[!newer]) ? NULL : damaged;
}

static const char *map_file(TgLog *log, int fd) {
    struct stat info;
    if (fstat(fd, &info) != 0) return strerror(errno);
    if (!S_ISREG(info.st_mode) || info.st_size < (off_t)sizeof(Head)) return "it is no recording of tg --record";
    log->room = (size_t)info.st_size;
    log->map = mmap(NULL, log->room, PROT_READ, MAP_PRIVATE, fd, 0);
    if (log->map == MAP_FAILED) return log->map = NULL, strerror(errno);
    return check(log);
}

TgLog *tg_log_open(const char *path, const char **problem) {
    TgLog *log = calloc(1, sizeof *log);
    int fd = log ? open(path, O_RDONLY | O_CLOEXEC) : -1;
    *problem = fd < 0 ? strerror(errno) : map_file(log, fd);
    if (fd >= 0) close(fd);
    if (!*problem) {
        log->fd = -1;
        return log;
    }
    if (log && log->map) munmap(log->map, log->room);
    free(log);
    return NULL;
}

bool tg_log_is_whole(const TgLog *log) { return log->is_whole; }
uint64_t tg_log_place(const TgLog *log) { return log->place; }
