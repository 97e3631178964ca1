// stdlib/timeparts.h
// A time taken apart, and as text. Pure functions.
// Layer: library.
#ifndef TG_STDLIB_TIMEPARTS_H
#define TG_STDLIB_TIMEPARTS_H

#include "vm/string.h"

typedef struct {
    int64_t year;
    int month, day;           // from 1
    int hour, minute, second; // from 0
    int weekday;              // from 0: Monday
    int yearday;              // from 1
    int offset;               // seconds east of UTC
    double fraction;          // of a second
    char zone[32];            // its name
} TgTimeParts;

int64_t tg_days_from_civil(int64_t year, int month, int day); // since 1970; month and day from 1
int tg_days_in_month(int64_t year, int month);
int64_t tg_time_from_parts(const TgTimeParts *parts); // seconds since 1970; offset counts

// strftime without a locale. False: *bad is the letter that means nothing.
bool tg_time_format(TgBuffer *out, const char *pattern, size_t length, const TgTimeParts *parts,
                    char *bad);
// strptime without a locale; sets what the text gives. False: the text is not of that form, or no
// date.
bool tg_time_parse(const char *text, const char *pattern, TgTimeParts *parts, bool *has_offset);

#endif
