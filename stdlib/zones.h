// stdlib/zones.h
// Time zones by name, as the system's time zone data has them.
// Layer: library.
#ifndef TG_STDLIB_ZONES_H
#define TG_STDLIB_ZONES_H

#include <stddef.h>
#include <stdint.h>

#include "vm/value.h"

typedef struct {
    unsigned char *data; // the file (RFC 8536), NUL behind it
    size_t length;
    const unsigned char *times, *types, *kinds, *names; // its tables: when, which kind from then on, the kinds, their names
    uint32_t time_count, kind_count, name_count;
    const char *rule; // for what is later than the tables: "CET-1CEST,M3.5.0,M10.5.0/3", or ""
} TgZone;

enum { TG_ZONE_NAME = 16 };

// Reads a zone, as "Europe/Berlin". False: there is none of this name. Free it.
bool tg_zone_read(TgVM *vm, const char *name, TgZone *zone);
void tg_zone_free(TgZone *zone);
// Seconds east of UTC at that time, and what the zone's time is called then ("CEST").
int tg_zone_offset(const TgZone *zone, int64_t seconds, char name[TG_ZONE_NAME]);
// The time at which clocks there show `shown` (as if it were UTC); the first where they do twice, and where they never do, what
// they would show had they not been put forward.
int64_t tg_zone_time(const TgZone *zone, int64_t shown);

#endif
