// stdlib/timeformat.c
// Times as text and back by patterns, as strftime and strptime do them, but the same in every
// locale. Layer: library.
#include <string.h>

#include "stdlib/timeparts.h"

static const char *const months[] = {"January",   "February", "March",    "April",
                                     "May",       "June",     "July",     "August",
                                     "September", "October",  "November", "December"};
static const char *const weekdays[] = {"Monday", "Tuesday",  "Wednesday", "Thursday",
                                       "Friday", "Saturday", "Sunday"};

// What a letter stands for that is a pattern itself.
static const char *expansion(char letter) {
    switch (letter) {
    case 'F': return "%Y-%m-%d";
    case 'T': return "%H:%M:%S";
    case 'R': return "%H:%M";
    case 'D': return "%m/%d/%y";
    case 'c': return "%a %b %e %H:%M:%S %Y";
    case 'x': return "%Y-%m-%d";
    case 'X': return "%H:%M:%S";
    default: return NULL;
    }
}

// ---- to text
// -------------------------------------------------------------------------------------

// ISO 8601: a week belongs to the year that has its Thursday.
static void iso_week(const TgTimeParts *parts, int64_t *year, int *week) {
    int64_t day = tg_days_from_civil(parts->year, parts->month, parts->day);
    int64_t thursday = day - parts->weekday + 3;
    *year = parts->year;
    if (thursday < tg_days_from_civil(*year, 1, 1))
        --*year;
    else if (thursday >= tg_days_from_civil(*year + 1, 1, 1))
        ++*year;
    *week = (int)((thursday - tg_days_from_civil(*year, 1, 1)) / 7) + 1;
}

static void format_offset(TgBuffer *out, int offset, const char *between) {
    int size = offset < 0 ? -offset : offset;
    tg_buffer_format(out, "%c%02d%s%02d", offset < 0 ? '-' : '+', size / 3600, between,
                     size / 60 % 60);
}

static void format_week(TgBuffer *out, char letter, const TgTimeParts *parts) {
    int64_t year;
    int week;
    iso_week(parts, &year, &week);
    int from_sunday = (parts->weekday + 1) % 7;
    switch (letter) {
    case 'G': tg_buffer_format(out, "%lld", (long long)year); break;
    case 'V': tg_buffer_format(out, "%02d", week); break;
    case 'u': tg_buffer_format(out, "%d", parts->weekday + 1); break;
    case 'w': tg_buffer_format(out, "%d", from_sunday); break;
    case 'U': tg_buffer_format(out, "%02d", (parts->yearday + 6 - from_sunday) / 7); break;
    default: tg_buffer_format(out, "%02d", (parts->yearday + 6 - parts->weekday) / 7); break; // W
    }
}

// False: no such letter.
static bool format_letter(TgBuffer *out, char letter, const TgTimeParts *parts) {
    int hour12 = (parts->hour + 11) % 12 + 1;
    switch (letter) {
    case 'Y': tg_buffer_format(out, "%04lld", (long long)parts->year); return true;
    case 'y': tg_buffer_format(out, "%02d", (int)((parts->year % 100 + 100) % 100)); return true;
    case 'm': tg_buffer_format(out, "%02d", parts->month); return true;
    case 'd': tg_buffer_format(out, "%02d", parts->day); return true;
    case 'e': tg_buffer_format(out, "%2d", parts->day); return true;
    case 'j': tg_buffer_format(out, "%03d", parts->yearday); return true;
    case 'H': tg_buffer_format(out, "%02d", parts->hour); return true;
    case 'I': tg_buffer_format(out, "%02d", hour12); return true;
    case 'M': tg_buffer_format(out, "%02d", parts->minute); return true;
    case 'S': tg_buffer_format(out, "%02d", parts->second); return true;
    case 'f': tg_buffer_format(out, "%06d", (int)(parts->fraction * 1e6)); return true;
    case 'p': tg_buffer_text(out, parts->hour < 12 ? "AM" : "PM"); return true;
    case 'B': tg_buffer_text(out, months[parts->month - 1]); return true;
    case 'b': tg_buffer_add(out, months[parts->month - 1], 3); return true;
    case 'A': tg_buffer_text(out, weekdays[parts->weekday]); return true;
    case 'a': tg_buffer_add(out, weekdays[parts->weekday], 3); return true;
    case 'z': format_offset(out, parts->offset, ""); return true;
    case 'Z': tg_buffer_text(out, parts->zone); return true;
    case 's': tg_buffer_format(out, "%lld", (long long)tg_time_from_parts(parts)); return true;
    case 'n': tg_buffer_text(out, "\n"); return true;
    case 't': tg_buffer_text(out, "\t"); return true;
    case '%': tg_buffer_text(out, "%"); return true;
    default: break;
    }
    if (!letter || !strchr("GVuwUW", letter)) return false;
    format_week(out, letter, parts);
    return true;
}

bool tg_time_format(TgBuffer *out, const char *pattern, size_t length, const TgTimeParts *parts,
                    char *bad) {
    for (size_t i = 0; i < length; i++) {
        if (pattern[i] != '%') {
            tg_buffer_add(out, pattern + i, 1);
            continue;
        }
        char letter = ++i < length ? pattern[i] : 0;
        const char *longer = expansion(letter);
        if (letter == ':' && i + 1 < length && pattern[i + 1] == 'z') {
            format_offset(out, parts->offset, ":");
            i++;
        } else if (longer) {
            tg_time_format(out, longer, strlen(longer), parts, bad);
        } else if (!format_letter(out, letter, parts)) {
            *bad = (unsigned char)letter < 0x80 ? letter : '?';
            return false;
        }
    }
    return true;
}

// ---- from text
// -----------------------------------------------------------------------------------

typedef struct {
    const char *at;
    TgTimeParts *parts;
    int hour12; // -1: none
    bool is_pm;
    int yearday; // 0: none
    bool has_offset;
} Reader;

static bool is_blank(char c) {
    return c == ' ' || (c >= '\t' && c <= '\r');
}
static bool is_digit(char c) {
    return c >= '0' && c <= '9';
}

// Up to `width` digits, at least one.
static bool read_number(Reader *reader, int width, int64_t from, int64_t to, int64_t *out) {
    int64_t number = 0;
    int count = 0;
    for (; count < width && is_digit(*reader->at); count++)
        number = number * 10 + *reader->at++ - '0';
    *out = number;
    return count > 0 && number >= from && number <= to;
}

static bool read_int(Reader *reader, int width, int from, int to, int *out) {
    int64_t number;
    if (!read_number(reader, width, from, to, &number)) return false;
    *out = (int)number;
    return true;
}

static char lower(char c) {
    return c >= 'A' && c <= 'Z' ? (char)(c + 32) : c;
}

static bool starts_with(const char *text, const char *name, size_t length) {
    for (size_t i = 0; i < length; i++)
        if (lower(text[i]) != lower(name[i])) return false;
    return true;
}

// One of the names, in full or its first three letters, in any case.
static bool read_name(Reader *reader, const char *const *names, int count, int *out) {
    for (int i = 0; i < count; i++) {
        size_t length = strlen(names[i]);
        if (!starts_with(reader->at, names[i], length)) length = 3;
        if (!starts_with(reader->at, names[i], length)) continue;
        reader->at += length;
        *out = i;
        return true;
    }
    return false;
}

static bool read_fraction(Reader *reader) {
    double scale = 0.1;
    if (!is_digit(*reader->at)) return false;
    reader->parts->fraction = 0;
    for (; is_digit(*reader->at); reader->at++, scale /= 10)
        reader->parts->fraction += (*reader->at - '0') * scale;
    return true;
}

// Z, +02, +0200 or +02:00.
static bool read_offset(Reader *reader) {
    int hours, minutes = 0;
    reader->has_offset = true;
    reader->parts->offset = 0;
    if (lower(*reader->at) == 'z') return reader->at++, true;
    if (*reader->at != '+' && *reader->at != '-') return false;
    int sign = *reader->at++ == '-' ? -1 : 1;
    if (!read_int(reader, 2, 0, 23, &hours)) return false;
    if (*reader->at == ':') reader->at++;
    if (is_digit(*reader->at) && !read_int(reader, 2, 0, 59, &minutes)) return false;
    reader->parts->offset = sign * (hours * 3600 + minutes * 60);
    return true;
}

static bool read_letter(Reader *reader, char letter) {
    TgTimeParts *parts = reader->parts;
    int value;
    bool is_negative;
    switch (letter) {
    case 'Y':
        is_negative = *reader->at == '-';
        reader->at += is_negative;
        if (!read_number(reader, 4, 0, 9999, &parts->year)) return false;
        if (is_negative) parts->year = -parts->year;
        return true;
    case 'y': // as POSIX: 69 is 1969
        if (!read_int(reader, 2, 0, 99, &value)) return false;
        parts->year = value + (value < 69 ? 2000 : 1900);
        return true;
    case 'm': return read_int(reader, 2, 1, 12, &parts->month);
    case 'd':
    case 'e':
        while (*reader->at == ' ') reader->at++;
        return read_int(reader, 2, 1, 31, &parts->day);
    case 'j': return read_int(reader, 3, 1, 366, &reader->yearday);
    case 'H': return read_int(reader, 2, 0, 23, &parts->hour);
    case 'I': return read_int(reader, 2, 1, 12, &reader->hour12);
    case 'M': return read_int(reader, 2, 0, 59, &parts->minute);
    case 'S': return read_int(reader, 2, 0, 60, &parts->second);
    case 'f': return read_fraction(reader);
    case 'p':
        reader->is_pm = lower(*reader->at) == 'p';
        if (!starts_with(reader->at, reader->is_pm ? "pm" : "am", 2)) return false;
        reader->at += 2;
        return true;
    case 'B':
    case 'b':
        if (!read_name(reader, months, 12, &value)) return false;
        parts->month = value + 1;
        return true;
    case 'A':
    case 'a': return read_name(reader, weekdays, 7, &value);
    case 'z': return read_offset(reader);
    case 'Z': // names of other zones are not unique
        if (!starts_with(reader->at, "utc", 3) && !starts_with(reader->at, "gmt", 3)) return false;
        reader->at += 3;
        parts->offset = 0;
        return reader->has_offset = true;
    case '%': return *reader->at == '%' && reader->at++;
    default: return false;
    }
}

static bool read_pattern(Reader *reader, const char *pattern) {
    for (; *pattern; pattern++) {
        if (is_blank(*pattern)) {
            while (is_blank(*reader->at)) reader->at++;
            continue;
        }
        if (*pattern != '%') {
            if (*reader->at++ != *pattern) return false;
            continue;
        }
        pattern++;
        if (pattern[0] == ':' && pattern[1] == 'z') pattern++;
        const char *longer = *pattern ? expansion(*pattern) : NULL;
        if (longer ? !read_pattern(reader, longer) : !read_letter(reader, *pattern)) return false;
    }
    return true;
}

static void civil_of_yearday(TgTimeParts *parts, int yearday) {
    parts->month = 1;
    while (yearday > tg_days_in_month(parts->year, parts->month))
        yearday -= tg_days_in_month(parts->year, parts->month++);
    parts->day = yearday;
}

bool tg_time_parse(const char *text, const char *pattern, TgTimeParts *parts, bool *has_offset) {
    Reader reader = {.at = text, .parts = parts, .hour12 = -1};
    if (!read_pattern(&reader, pattern) || *reader.at) return false;
    if (reader.hour12 >= 0) parts->hour = reader.hour12 % 12 + (reader.is_pm ? 12 : 0);
    if (reader.yearday == 366 && tg_days_in_month(parts->year, 2) == 28) return false;
    if (reader.yearday) civil_of_yearday(parts, reader.yearday);
    *has_offset = reader.has_offset;
    return parts->day <= tg_days_in_month(parts->year, parts->month);
}
