// stdlib/time.c
// The module time: the clock, and seconds since 1970 as dates and back.
//
// Dates are the proleptic Gregorian calendar's, computed here (days_from_civil and back), so that
// they hold for any year; only the local zone is asked of the system. A zone is "local", "utc",
// an offset like "+02:00" or a name like "Europe/Berlin" (zones.c). Texts are formatted and read by
// timeformat.c.
//
// Layer: library.
#include <math.h>
#include <stdio.h>
#include <time.h>

#include "stdlib/lib.h"
#include "stdlib/timeparts.h"
#include "stdlib/zones.h"

enum { DAY = 86400 };
// Years from -9999 to 9999: what patterns can show, and far from any overflow.
static const double EARLIEST = -377705116800.0, LATEST = 253402300800.0;

int64_t tg_days_from_civil(int64_t year, int month, int day) {
    year -= month <= 2;
    int64_t era = (year >= 0 ? year : year - 399) / 400;
    int64_t year_of_era = year - era * 400;
    int64_t day_of_year = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1;
    int64_t day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
    return era * 146097 + day_of_era - 719468;
}

static void civil_from_days(int64_t days, TgTimeParts *parts) {
    days += 719468;
    int64_t era = (days >= 0 ? days : days - 146096) / 146097;
    int64_t day_of_era = days - era * 146097;
    int64_t year_of_era =
        (day_of_era - day_of_era / 1460 + day_of_era / 36524 - day_of_era / 146096) / 365;
    int64_t day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    int month = (int)((5 * day_of_year + 2) / 153);
    parts->day = (int)(day_of_year - (153 * month + 2) / 5 + 1);
    parts->month = month < 10 ? month + 3 : month - 9;
    parts->year = year_of_era + era * 400 + (parts->month <= 2);
}

int tg_days_in_month(int64_t year, int month) {
    static const int days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    bool is_leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
    return days[month - 1] + (month == 2 && is_leap);
}

int64_t tg_time_from_parts(const TgTimeParts *parts) {
    int64_t days = tg_days_from_civil(parts->year, parts->month, parts->day);
    return days * DAY + parts->hour * 3600 + parts->minute * 60 + parts->second - parts->offset;
}

// All but zone, offset and fraction, which are there already.
static void fill_parts(TgTimeParts *parts, int64_t seconds) {
    seconds += parts->offset;
    int64_t days = seconds / DAY, rest = seconds % DAY;
    if (rest < 0) {
        rest += DAY;
        days--;
    }
    civil_from_days(days, parts);
    parts->hour = (int)(rest / 3600);
    parts->minute = (int)(rest / 60 % 60);
    parts->second = (int)(rest % 60);
    parts->weekday = (int)(((days + 3) % 7 + 7) % 7); // 1970 began on a Thursday
    parts->yearday = (int)(days - tg_days_from_civil(parts->year, 1, 1)) + 1;
}

static void look_up_local(int64_t seconds, TgTimeParts *parts) {
    time_t time = (time_t)seconds;
    struct tm tm;
    tzset();
    if (!localtime_r(&time, &tm)) return; // stays UTC
    parts->offset = (int)tm.tm_gmtoff;
    snprintf(parts->zone, sizeof parts->zone, "%s", tm.tm_zone ? tm.tm_zone : "");
}

static void local_zone(TgVM *vm, int64_t seconds, TgTimeParts *parts) {
    TgTape tape;
    if (tg_world_begins(vm, WORLD_ZONE, &tape)) look_up_local(seconds, parts);
    tg_tape_small(&tape, &parts->offset);
    tg_tape_bytes(&tape, parts->zone, sizeof parts->zone);
    tg_world_ends(&tape);
}

// ---- arguments
// -----------------------------------------------------------------------------------

// "+02:00", "-0530", "+02": seconds east of UTC.
static bool read_offset(const char *text, int *offset) {
    int hours = 0, minutes = 0, length = 0;
    if (text[0] != '+' && text[0] != '-') return false;
    const char *digits = text + 1;
    size_t count = strspn(digits, "0123456789");
    if (count == 4)
        sscanf(digits, "%2d%2d%n", &hours, &minutes, &length);
    else if (count == 2 && digits[2] == ':')
        sscanf(digits, "%2d:%2d%n", &hours, &minutes, &length);
    else if (count == 2)
        sscanf(digits, "%2d%n", &hours, &length);
    if (!length || digits[length] || hours > 23 || minutes > 59) return false;
    *offset = (hours * 3600 + minutes * 60) * (text[0] == '-' ? -1 : 1);
    return true;
}

typedef enum { ZONE_LOCAL, ZONE_FIXED, ZONE_NAMED } ZoneKind;

// The zone argument: kind, and for fixed ones offset and name; a named one is to be freed.
static bool zone_argument(TgCall *call, int index, ZoneKind *kind, TgTimeParts *parts, TgZone *named) {
    TgString *name;
    *kind = ZONE_LOCAL;
    *named = (TgZone){0};
    if (!tg_lib_given(call, index)) return true;
    if (!tg_arg_string(call, index, &name)) return false;
    if (!strcmp(name->data, "local")) return true;
    *kind = ZONE_FIXED;
    parts->offset = 0;
    snprintf(parts->zone, sizeof parts->zone, "UTC");
    if (!strcmp(name->data, "utc") || !strcmp(name->data, "UTC")) return true;
    if (read_offset(name->data, &parts->offset)) {
        snprintf(parts->zone, sizeof parts->zone, "%.15s", name->data);
        return true;
    }
    *kind = ZONE_NAMED;
    if (!tg_sandbox_allows(call->vm, "a time zone by its name")) return false;
    if (strlen(name->data) == name->length && tg_zone_read(call->vm, name->data, named)) return true;
    tg_error_raise(call->vm, TG_ERR_ValueError,
                   "zone must be \"local\", \"utc\", an offset like \"+02:00\" or a name like \"Europe/Berlin\" that the "
                   "system knows (package tzdata), not %s",
                   tg_lib_show(call->vm, call->args[index]));
    return false;
}

static void named_zone(const TgZone *named, int64_t seconds, TgTimeParts *parts) {
    char name[TG_ZONE_NAME];
    parts->offset = tg_zone_offset(named, seconds, name);
    snprintf(parts->zone, sizeof parts->zone, "%s", name);
}

// The seconds argument (nil: now), split into whole ones and the fraction.
static bool seconds_argument(TgCall *call, int index, int64_t *whole, double *fraction) {
    double seconds = tg_lib_given(call, index) ? 0 : tg_wall_time(call->vm);
    if (tg_lib_given(call, index) && !tg_arg_number(call, index, &seconds)) return false;
    if (!(seconds >= EARLIEST && seconds < LATEST)) {
        tg_error_raise(call->vm, TG_ERR_ValueError,
                       "seconds must lie between the years -9999 and 9999, not at %s",
                       tg_lib_show(call->vm, call->args[index]));
        return false;
    }
    *whole = (int64_t)floor(seconds);
    *fraction = seconds - floor(seconds);
    return true;
}

static bool parts_arguments(TgCall *call, int seconds_at, int zone_at, TgTimeParts *parts) {
    int64_t whole;
    ZoneKind kind = ZONE_LOCAL;
    TgZone named = {0};
    *parts = (TgTimeParts){.zone = "UTC"};
    if (!seconds_argument(call, seconds_at, &whole, &parts->fraction)) return false;
    if (zone_at < 0)
        kind = ZONE_FIXED;
    else if (!zone_argument(call, zone_at, &kind, parts, &named))
        return false;
    if (kind == ZONE_LOCAL) local_zone(call->vm, whole, parts);
    if (kind == ZONE_NAMED) named_zone(&named, whole, parts);
    tg_zone_free(&named);
    fill_parts(parts, whole);
    return true;
}

// ---- the natives
// ---------------------------------------------------------------------------------

static TgResult time_now(TgCall *call) {
    return tg_return(call, tg_float(tg_wall_time(call->vm)));
}

static TgValue parts_map(TgVM *vm, const TgTimeParts *parts) {
    TgMap *map = tg_map(vm);
    const struct {
        const char *name;
        int64_t value;
    } rows[] = {{"year", parts->year},       {"month", parts->month},    {"day", parts->day},
                {"hour", parts->hour},       {"minute", parts->minute},  {"second", parts->second},
                {"weekday", parts->weekday}, {"yearday", parts->yearday}};
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        tg_map_set(vm, map, tg_obj(tg_string_c(vm, rows[i].name)), tg_int(rows[i].value));
    tg_map_set(vm, map, tg_obj(tg_string_c(vm, "zone")), tg_obj(tg_string_c(vm, parts->zone)));
    tg_map_set(vm, map, tg_obj(tg_string_c(vm, "offset")), tg_int(parts->offset));
    return tg_obj(map);
}

static TgResult time_local(TgCall *call) {
    TgTimeParts parts;
    if (!parts_arguments(call, 0, 1, &parts)) return TG_RAISED;
    return tg_return(call, parts_map(call->vm, &parts));
}

static TgResult time_utc(TgCall *call) {
    TgTimeParts parts;
    if (!parts_arguments(call, 0, -1, &parts)) return TG_RAISED;
    return tg_return(call, parts_map(call->vm, &parts));
}

static TgResult time_format(TgCall *call) {
    TgString *pattern = NULL;
    TgTimeParts parts;
    if (tg_lib_given(call, 1) && !tg_arg_string(call, 1, &pattern)) return TG_RAISED;
    if (!parts_arguments(call, 0, 2, &parts)) return TG_RAISED;
    TgBuffer buffer = {0};
    char bad = 0;
    const char *text = pattern ? pattern->data : "%Y-%m-%d %H:%M:%S";
    if (tg_time_format(&buffer, text, pattern ? pattern->length : strlen(text), &parts, &bad))
        return tg_lib_return_text(call, &buffer);
    tg_buffer_free(&buffer);
    if (!bad)
        return tg_raise(call, TG_ERR_ValueError,
                        "time.format(): pattern ends in a lone %%; %%%% is a percent sign");
    return tg_raise(call, TG_ERR_ValueError,
                    "time.format(): pattern has %%%c, which means nothing; %%%% is a percent sign",
                    bad);
}

// Seconds of a date in the local zone: what the system's rules say of it.
static bool local_seconds(const TgTimeParts *parts, int64_t *out) {
    struct tm tm = {.tm_year = (int)parts->year - 1900,
                    .tm_mon = parts->month - 1,
                    .tm_mday = parts->day,
                    .tm_hour = parts->hour,
                    .tm_min = parts->minute,
                    .tm_sec = parts->second,
                    .tm_isdst = -1};
    tm.tm_wday = -1; // stays so where mktime fails: -1 is a time too
    time_t time = mktime(&tm);
    *out = (int64_t)time;
    return tm.tm_wday >= 0;
}

// Frees `named`.
static TgResult seconds_result(TgCall *call, const TgTimeParts *parts, ZoneKind kind, TgZone *named) {
    int64_t seconds = 0;
    bool is_good = true;
    if (kind == ZONE_LOCAL) is_good = TG_ASK_DATA(call->vm, ZONE, local_seconds(parts, &seconds), &seconds, sizeof seconds);
    else seconds = tg_time_from_parts(parts);
    if (kind == ZONE_NAMED) seconds = tg_zone_time(named, seconds); // as clocks show it there
    tg_zone_free(named);
    if (!is_good) return tg_raise(call, TG_ERR_ValueError, "this date has no seconds in the local zone");
    if (parts->fraction > 0) return tg_return(call, tg_float((double)seconds + parts->fraction));
    return tg_return(call, tg_int_from(call->vm, seconds));
}

// The forms of ISO 8601 that people and programs write, for a text without a pattern.
static bool parse_iso(const char *text, TgTimeParts *parts, bool *has_offset) {
    static const char *const times[] = {"%H:%M:%S", "%H:%M:%S.%f", "%H:%M:%S,%f", "%H:%M"};
    static const char *const zones[] = {"", "%z", " %z"};
    const TgTimeParts before = *parts;
    char shape[64];
    for (int i = 0; i < 4 * 3 * 2; i++) {
        snprintf(shape, sizeof shape, "%%Y-%%m-%%d%s%s%s", i % 2 ? "T" : " ", times[i / 2 % 4], zones[i / 8]);
        *parts = before;
        if (tg_time_parse(text, shape, parts, has_offset)) return true;
    }
    *parts = before;
    return tg_time_parse(text, "%Y-%m-%d", parts, has_offset);
}

static TgResult time_parse(TgCall *call) {
    TgString *text, *pattern = NULL;
    ZoneKind kind;
    TgZone named;
    TgTimeParts parts = {.year = 1970, .month = 1, .day = 1};
    if (!tg_arg_string(call, 0, &text)) return TG_RAISED;
    if (tg_lib_given(call, 1) && !tg_arg_string(call, 1, &pattern)) return TG_RAISED;
    if (!zone_argument(call, 2, &kind, &parts, &named)) return TG_RAISED;
    bool has_offset = false;
    bool is_good = pattern ? tg_time_parse(text->data, pattern->data, &parts, &has_offset) : parse_iso(text->data, &parts, &has_offset);
    if (is_good && strlen(text->data) == text->length) return seconds_result(call, &parts, has_offset ? ZONE_FIXED : kind, &named);
    tg_zone_free(&named);
    int days = tg_days_in_month(parts.year, parts.month);
    if (parts.day > days)
        return tg_raise(call, TG_ERR_ValueError, "time.parse(): %s is no date: month %d of %lld has %d days",
                        tg_lib_show(call->vm, call->args[0]), parts.month, (long long)parts.year, days);
    return tg_raise(call, TG_ERR_ValueError, "time.parse(): %s is no time of the form \"%s\"", tg_lib_show(call->vm, call->args[0]),
                    pattern ? pattern->data : "2026-10-05 12:30:00");
}

// "2026-10-05T12:30:00Z", with milliseconds where the time has a fraction.
static TgResult time_iso(TgCall *call) {
    TgTimeParts parts;
    TgBuffer out = {0};
    char bad;
    TgValue utc = tg_obj(tg_string_c(call->vm, "utc"));
    if (!tg_lib_given(call, 1)) call->args[1] = utc;
    if (!parts_arguments(call, 0, 1, &parts)) return TG_RAISED;
    tg_time_format(&out, "%Y-%m-%dT%H:%M:%S", 17, &parts, &bad);
    if (parts.fraction > 0) tg_buffer_format(&out, ".%03d", (int)(parts.fraction * 1e3));
    if (parts.offset) tg_time_format(&out, "%:z", 3, &parts, &bad);
    else tg_buffer_text(&out, "Z");
    return tg_lib_return_text(call, &out);
}

// An Int argument of from_parts that has to lie between two others.
static bool part_argument(TgCall *call, int index, const char *name, int64_t from, int64_t to,
                          int64_t standard, int64_t *out) {
    *out = standard;
    if (!tg_given(call, index)) return true;
    if (!tg_arg_int(call, index, out)) return false;
    if (*out >= from && *out <= to) return true;
    tg_error_raise(call->vm, TG_ERR_ValueError,
                   "time.from_parts(): %s must be from %lld to %lld, not %lld", name,
                   (long long)from, (long long)to, (long long)*out);
    return false;
}

static TgResult time_from_parts(TgCall *call) {
    TgTimeParts parts = {0};
    ZoneKind kind;
    TgZone named;
    int64_t year, month, day, hour, minute, second = 0;
    if (!part_argument(call, 0, "year", -9999, 9999, 1970, &year) ||
        !part_argument(call, 1, "month", 1, 12, 1, &month) ||
        !part_argument(call, 2, "day", 1, tg_days_in_month(year, (int)month), 1, &day) ||
        !part_argument(call, 3, "hour", 0, 23, 0, &hour) ||
        !part_argument(call, 4, "minute", 0, 59, 0, &minute))
        return TG_RAISED;
    if (tg_given(call, 5)) { // may have a fraction
        double number;
        if (!tg_arg_number(call, 5, &number)) return TG_RAISED;
        if (!(number >= 0 && number < 60))
            return tg_raise(call, TG_ERR_ValueError,
                            "time.from_parts(): second must be from 0 up to 60, not %s",
                            tg_lib_show(call->vm, call->args[5]));
        second = (int64_t)number;
        parts.fraction = number - (double)second;
    }
    parts.year = year;
    parts.month = (int)month;
    parts.day = (int)day;
    parts.hour = (int)hour;
    parts.minute = (int)minute;
    parts.second = (int)second;
    if (!zone_argument(call, 6, &kind, &parts, &named)) return TG_RAISED;
    return seconds_result(call, &parts, kind, &named);
}

const TgNativeDef tg_lib_time_members[] = {
    {"now()", time_now,
     "Seconds since 1970 began in UTC, a Float; the clock of the system, which may be set back."},
    {"local(seconds = nil, zone = \"local\")", time_local,
     "A Map of the year, month, day, hour, minute, second, weekday (Monday is 0), yearday, zone and "
     "offset of a time (nil: now), in the local or another zone."},
    {"utc(seconds = nil)", time_utc,
     "The same Map as local gives, in UTC."},
    {"format(seconds = nil, pattern = \"%Y-%m-%d %H:%M:%S\", zone = \"local\")", time_format,
     "A time (nil: now) as text."},
    {"parse(text, pattern = nil, zone = \"local\")", time_parse,
     "The time of a text that is written as the pattern says (nil: as ISO 8601 does), in seconds since 1970."},
    {"iso(seconds = nil, zone = \"utc\")", time_iso, "A time (nil: now) as ISO 8601 writes it."},
    {"from_parts(year, month = 1, day = 1, hour = 0, minute = 0, second = 0, zone = \"local\")", time_from_parts,
     "The time of a date, in seconds since 1970."},
    {0},
};

void tg_lib_time(TgVM *vm, TgModule *module) {
    tg_register_members(vm, module, tg_lib_time_members);
}
