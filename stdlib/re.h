// stdlib/re.h
// Patterns and searches, for the two rooms of the module re.
// Layer: library.
#ifndef TG_STDLIB_RE_H
#define TG_STDLIB_RE_H

#include "stdlib/lib.h"

typedef enum { TG_RE_SEARCH, TG_RE_MATCH, TG_RE_FULL, TG_RE_MODES } TgReMode; // where a match has to begin and end

typedef struct TgRegex TgRegex; // a Resource (re.c)

// A search through a text, from match to match.
typedef struct {
    TgCall *call;
    TgRegex *regex;
    const TgString *text;
    size_t from;         // byte at which the next search begins
    bool after_empty;    // the last match was empty and ended there: it is not to be found again
    const size_t *spans; // of the last match: begin and end of the whole and of each group, bytes; SIZE_MAX: not in it
    uint32_t groups;     // without the whole
    TgReMode mode;
    size_t started;      // `from` when the native was entered: what lies behind is the stretch that it has done
    uint32_t found;      // matches since then
    uint32_t places;     // at which a match was tried since then
    double deadline;     // on the clock: how long that may take
} TgReScan;

typedef enum {
    TG_RE_FOUND,
    TG_RE_NONE,
    TG_RE_RAISED,
    TG_RE_PAUSE, // a boundary is due: put the scan's state away, tg_lib_breathe, come back
} TgReEnd;

// The class of that name with these methods; it is made at the first call.
TgClass *tg_re_class(TgVM *vm, const char *name, const TgNativeDef *methods, const TgNativeDef *more);
// Begins a search in scan->text (the caller sets it and `from`). False: raised.
bool tg_re_begin_with(TgCall *call, TgRegex *regex, TgReMode mode, TgReScan *scan);
// The receiver of a method, a Regex (args[0]), and the String args[index]. False: raised.
bool tg_re_begin(TgCall *call, int index, TgReMode mode, TgReScan *scan);
// The next match. Matches do not overlap; an empty one may follow right behind another.
TgReEnd tg_re_next(TgReScan *scan);

// What the scan has found, as a Match; the byte `byte` of the text has `chars` characters before it.
TgValue tg_re_match(const TgReScan *scan, size_t byte, int64_t chars);

TgResult tg_re_iter(TgCall *call); // iter(text), a method of Regex

TgValue tg_re_pattern(const TgRegex *regex); // a String
// The number of the group of that name, or -1.
int64_t tg_re_group_named(const TgRegex *regex, const char *name, size_t length);
// A Map from each name to what value_of says of its group's number, in the order of the numbers.
TgValue tg_re_names(TgVM *vm, const TgRegex *regex, TgValue (*value_of)(TgVM *vm, const void *of, uint32_t number), const void *of);

#endif
