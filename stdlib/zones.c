// stdlib/zones.c
// Time zones by name: the files of tzdata (RFC 8536), read by hand, since the C library knows but one zone at a time.
//
// A file has tables of the changes up to some year and a rule, in the form of the variable TZ, for all that is later.
//
// Layer: library.
#include "stdlib/zones.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "stdlib/timeparts.h"
#include "vm/api.h"

enum { DAY = 86400, HEADER = 44, KIND_SIZE = 6, FILE_MAX = 256 * 1024 };

// ---- the file

static bool is_name(const char *name) {
    size_t length = strlen(name);
    if (length == 0 || length > 64 || name[0] == '/' || strstr(name, "..")) return false;
    for (size_t i = 0; i < length; i++)
        if (!isalnum((unsigned char)name[i]) && !strchr("_+-/", name[i])) return false;
    return true;
}

// So many bytes were read.
static size_t read_file(const char *name, unsigned char *data) {
    char path[128];
    snprintf(path, sizeof path, "/usr/share/zoneinfo/%s", name);
    FILE *file = fopen(path, "rb");
    size_t length = file ? fread(data, 1, FILE_MAX, file) : 0;
    if (file) fclose(file);
    return length;
}

static bool take_file(TgVM *vm, const char *name, TgZone *zone) {
    TgTape tape;
    zone->data = calloc(1, FILE_MAX + 1);
    if (!zone->data) return false;
    if (tg_world_begins(vm, WORLD_ZONE, &tape)) zone->length = read_file(name, zone->data);
    tg_tape_block(&tape, zone->data, &zone->length, FILE_MAX);
    tg_world_ends(&tape);
    return zone->length > 2 * HEADER;
}

static int64_t big_endian(const unsigned char *at, int bytes) {
    uint64_t value = at[0] & 0x80 ? UINT64_MAX : 0;
    for (int i = 0; i < bytes; i++) value = value << 8 | at[i];
    return (int64_t)value;
}

// The six counts of a header: of marks for UTC and for standard time, leap seconds, changes, kinds, letters of names.
static bool read_header(const TgZone *zone, size_t at, uint32_t counts[6]) {
    if (zone->length < at + HEADER || memcmp(zone->data + at, "TZif", 4) != 0) return false;
    for (int i = 0; i < 6; i++) {
        int64_t count = big_endian(zone->data + at + 20 + 4 * i, 4);
        if (count < 0 || count > FILE_MAX) return false;
        counts[i] = (uint32_t)count;
    }
    return true;
}

static size_t body_size(const uint32_t counts[6], size_t time_size) {
    return counts[3] * (time_size + 1) + counts[4] * (size_t)KIND_SIZE + counts[5] + counts[2] * (time_size + 4) + counts[1] + counts[0];
}

// The tables of the second part, which has times of 64 bits, and the rule behind it.
static bool find_tables(TgZone *zone) {
    uint32_t counts[6];
    if (!read_header(zone, 0, counts) || zone->data[4] < '2') return false;
    size_t at = HEADER + body_size(counts, 4);
    if (!read_header(zone, at, counts)) return false;
    at += HEADER;
    size_t size = body_size(counts, 8);
    if (!counts[4] || !counts[5] || zone->length < at + size) return false;
    zone->time_count = counts[3];
    zone->kind_count = counts[4];
    zone->name_count = counts[5];
    zone->times = zone->data + at;
    zone->types = zone->times + 8 * (size_t)counts[3];
    zone->kinds = zone->types + counts[3];
    zone->names = zone->kinds + KIND_SIZE * (size_t)counts[4];
    char *rule = (char *)zone->data + at + size;
    char *end = *rule == '\n' ? strchr(rule + 1, '\n') : NULL;
    if (end) *end = '\0';
    zone->rule = end ? rule + 1 : "";
    return true;
}

bool tg_zone_read(TgVM *vm, const char *name, TgZone *zone) {
    *zone = (TgZone){0};
    if (is_name(name) && take_file(vm, name, zone) && find_tables(zone)) return true;
    tg_zone_free(zone);
    return false;
}

void tg_zone_free(TgZone *zone) {
    free(zone->data);
    zone->data = NULL;
}

static int64_t change_at(const TgZone *zone, uint32_t i) {
    return big_endian(zone->times + 8 * (size_t)i, 8);
}

static int offset_of_kind(const TgZone *zone, uint32_t kind, char name[TG_ZONE_NAME]) {
    if (kind >= zone->kind_count) kind = 0;
    const unsigned char *row = zone->kinds + KIND_SIZE * (size_t)kind;
    size_t from = row[5] < zone->name_count ? row[5] : zone->name_count - 1;
    size_t room = zone->name_count - from < TG_ZONE_NAME ? zone->name_count - from : TG_ZONE_NAME - 1;
    snprintf(name, TG_ZONE_NAME, "%.*s", (int)room, (const char *)zone->names + from);
    return (int)big_endian(row, 4);
}

// ---- the rule

typedef struct {
    char form; // M: the week-th weekday of a month; J: a day of the year without 29 February; D: with it, from 0
    int month, week, weekday, day;
    int seconds; // after midnight
} Change;

typedef struct {
    char standard[TG_ZONE_NAME], summer[TG_ZONE_NAME];
    int standard_offset, summer_offset;
    bool has_summer;
    Change begin, end; // of summer time
} Rule;

static bool read_number(const char **at, int most, int *out) {
    int digits = 0;
    for (*out = 0; isdigit((unsigned char)**at) && digits < 4; ++*at, digits++) *out = *out * 10 + (**at - '0');
    return digits > 0 && *out <= most;
}

// "CET" or "<+03>".
static bool read_word(const char **at, char out[TG_ZONE_NAME]) {
    bool is_quoted = **at == '<';
    size_t length = 0;
    *at += is_quoted;
    while (length < TG_ZONE_NAME - 1 && (is_quoted ? **at && **at != '>' : isalpha((unsigned char)**at))) out[length++] = *(*at)++;
    out[length] = '\0';
    if (is_quoted && *(*at)++ != '>') return false;
    return length > 0;
}

// "-1", "3:30": hours, minutes, seconds.
static bool read_clock(const char **at, int *out) {
    int hours, minutes = 0, seconds = 0, sign = **at == '-' ? -1 : 1;
    if (**at == '-' || **at == '+') ++*at;
    if (!read_number(at, 167, &hours)) return false;
    if (**at == ':' && (++*at, !read_number(at, 59, &minutes))) return false;
    if (**at == ':' && (++*at, !read_number(at, 59, &seconds))) return false;
    *out = sign * (hours * 3600 + minutes * 60 + seconds);
    return true;
}

static bool read_change(const char **at, Change *change) {
    *change = (Change){.form = 'D', .seconds = 2 * 3600};
    if (*(*at)++ != ',') return false;
    if (**at == 'M' || **at == 'J') change->form = *(*at)++;
    if (change->form == 'M') {
        if (!read_number(at, 12, &change->month) || *(*at)++ != '.' || !read_number(at, 5, &change->week) || *(*at)++ != '.' ||
            !read_number(at, 6, &change->weekday) || change->month < 1 || change->week < 1)
            return false;
    } else if (!read_number(at, 365, &change->day)) {
        return false;
    }
    return **at != '/' || (++*at, read_clock(at, &change->seconds));
}

// Offsets count westwards there, and summer time is an hour more where nothing is said.
static bool read_rule(const char *at, Rule *rule) {
    *rule = (Rule){0};
    if (!read_word(&at, rule->standard) || !read_clock(&at, &rule->standard_offset)) return false;
    rule->standard_offset = -rule->standard_offset;
    if (!*at) return true;
    rule->has_summer = true;
    rule->summer_offset = -rule->standard_offset - 3600;
    if (!read_word(&at, rule->summer) || (*at != ',' && !read_clock(&at, &rule->summer_offset))) return false;
    rule->summer_offset = -rule->summer_offset;
    return read_change(&at, &rule->begin) && read_change(&at, &rule->end) && !*at;
}

// Seconds, as clocks show them, at which the change comes in that year.
static int64_t change_in(const Change *change, int64_t year) {
    int64_t day = tg_days_from_civil(year, 1, 1);
    bool is_leap = tg_days_in_month(year, 2) == 29;
    if (change->form == 'M') {
        int64_t first = tg_days_from_civil(year, change->month, 1);
        int64_t weekday = ((first + 4) % 7 + 7) % 7; // 1970 began on a Thursday; 0 is Sunday
        int64_t in_month = (change->weekday - weekday + 7) % 7 + 7 * (change->week - 1);
        while (in_month >= tg_days_in_month(year, change->month)) in_month -= 7; // the fifth is the last
        day = first + in_month;
    } else if (change->form == 'J') {
        day += change->day - 1 + (is_leap && change->day >= 60);
    } else {
        day += change->day;
    }
    return day * DAY + change->seconds;
}

// The year of a time, near enough: it is asked for at New Year by nobody's rule.
static int64_t year_of(int64_t seconds) {
    int64_t days = seconds / DAY - (seconds % DAY < 0);
    int64_t year = 1970 + days / 366;
    while (tg_days_from_civil(year + 1, 1, 1) <= days) year++;
    while (tg_days_from_civil(year, 1, 1) > days) year--;
    return year;
}

static int offset_by_rule(const Rule *rule, int64_t seconds, char name[TG_ZONE_NAME]) {
    bool is_summer = false;
    if (rule->has_summer) {
        int64_t year = year_of(seconds + rule->standard_offset);
        int64_t begin = change_in(&rule->begin, year) - rule->standard_offset;
        int64_t end = change_in(&rule->end, year) - rule->summer_offset;
        is_summer = begin < end ? seconds >= begin && seconds < end : seconds >= begin || seconds < end;
    }
    memcpy(name, is_summer ? rule->summer : rule->standard, TG_ZONE_NAME);
    return is_summer ? rule->summer_offset : rule->standard_offset;
}

// ---- questions

int tg_zone_offset(const TgZone *zone, int64_t seconds, char name[TG_ZONE_NAME]) {
    uint32_t low = 0, high = zone->time_count; // the changes before `low` are at or before that time
    Rule rule;
    while (low < high) {
        uint32_t middle = low + (high - low) / 2;
        if (change_at(zone, middle) <= seconds) low = middle + 1;
        else high = middle;
    }
    if (low == zone->time_count && read_rule(zone->rule, &rule)) return offset_by_rule(&rule, seconds, name);
    return offset_of_kind(zone, low ? zone->types[low - 1] : 0, name);
}

int64_t tg_zone_time(const TgZone *zone, int64_t shown) {
    char name[TG_ZONE_NAME];
    int before = tg_zone_offset(zone, shown - DAY, name), after = tg_zone_offset(zone, shown + DAY, name);
    if (tg_zone_offset(zone, shown - before, name) == before) return shown - before;
    if (tg_zone_offset(zone, shown - after, name) == after) return shown - after;
    return shown - before;
}
