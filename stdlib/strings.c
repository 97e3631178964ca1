// stdlib/strings.c
// Methods of String that look at text and take it apart; those that make new text are in texts.c.
//
// Users count in code points, C in bytes: positions are translated at the border (at no cost for
// ASCII).
//
// Layer: library.
#ifndef _GNU_SOURCE
#define _GNU_SOURCE // memmem
#endif
#include <string.h>

#include "stdlib/lib.h"
#include "stdlib/unicode.h"

int64_t tg_lib_find(const TgString *whole, const TgString *part, size_t from) {
    enum { MOST_MISSES = 16 };
    if (from > whole->length || part->length > whole->length - from) return -1;
    if (!part->length) return (int64_t)from;
    // Most places are found by their first byte. memmem is for texts that are full of it: it is begun once, for under the address
    // sanitizer it looks at all of the text each time.
    const char *at = whole->data + from, *last = whole->data + whole->length - part->length;
    for (int misses = 0; at && at <= last && misses < MOST_MISSES; misses++) {
        at = memchr(at, part->data[0], (size_t)(last - at) + 1);
        if (at && !memcmp(at, part->data, part->length)) return at - whole->data;
        if (at) at++;
    }
    if (!at || at > last) return -1;
    at = memmem(at, (size_t)(last - at) + part->length, part->data, part->length);
    return at ? at - whole->data : -1;
}

// Code points in the first `bytes` bytes.
static int64_t chars_before(const TgString *string, size_t bytes) {
    if (string->obj.flags & OBJ_ASCII) return (int64_t)bytes;
    int64_t count = 0;
    for (size_t i = 0; i < bytes; i++) count += ((unsigned char)string->data[i] & 0xC0) != 0x80;
    return count;
}

static TgValue part_of(TgCall *call, const TgString *string, size_t start, size_t end) {
    return tg_obj(tg_string_part(call->vm, string, start, end - start));
}

static bool two_strings(TgCall *call, TgString **self, TgString **other) {
    return tg_arg_string(call, 0, self) && tg_arg_string(call, 1, other);
}

static TgResult string_find(TgCall *call) {
    TgString *self, *part;
    int64_t start = 0;
    if (!two_strings(call, &self, &part)) return TG_RAISED;
    if (tg_given(call, 2) && !tg_arg_index(call, 2, &start)) return TG_RAISED;
    if (start < 0) start = start + self->chars < 0 ? 0 : start + self->chars;
    if (start > self->chars) return tg_return(call, TG_NIL);
    int64_t at = tg_lib_find(self, part, tg_string_offset(self, (size_t)start));
    return tg_return(call, at < 0 ? TG_NIL : tg_int(chars_before(self, (size_t)at)));
}

static TgResult string_contains(TgCall *call) {
    TgString *self, *part;
    if (!two_strings(call, &self, &part)) return TG_RAISED;
    return tg_return(call, tg_bool(tg_lib_find(self, part, 0) >= 0));
}

static TgResult string_count(TgCall *call) {
    TgString *self, *part;
    if (!two_strings(call, &self, &part)) return TG_RAISED;
    if (!part->length) return tg_return(call, tg_int((int64_t)self->chars + 1));
    int64_t count = 0;
    for (int64_t at = 0; (at = tg_lib_find(self, part, (size_t)at)) >= 0; at += part->length)
        count++;
    return tg_return(call, tg_int(count));
}

static TgResult string_starts_with(TgCall *call) {
    TgString *self, *start;
    if (!two_strings(call, &self, &start)) return TG_RAISED;
    bool does = start->length <= self->length && !memcmp(self->data, start->data, start->length);
    return tg_return(call, tg_bool(does));
}

static TgResult string_ends_with(TgCall *call) {
    TgString *self, *end;
    if (!two_strings(call, &self, &end)) return TG_RAISED;
    bool does = end->length <= self->length &&
                !memcmp(self->data + self->length - end->length, end->data, end->length);
    return tg_return(call, tg_bool(does));
}

// ---- properties
// ----------------------------------------------------------------------------------

static bool is_digit(uint32_t code) {
    return code - '0' < 10;
}

// Whether all characters are of the kind; false for "".
static TgResult test_chars(TgCall *call, bool (*is_kind)(uint32_t code)) {
    TgString *self;
    if (!tg_arg_string(call, 0, &self)) return TG_RAISED;
    int length;
    for (size_t at = 0; at < self->length; at += (size_t)length)
        if (!is_kind(tg_char_at(self->data + at, &length))) return tg_return(call, TG_FALSE);
    return tg_return(call, tg_bool(self->length > 0));
}

static TgResult string_is_digit(TgCall *call) {
    return test_chars(call, is_digit);
}
static TgResult string_is_alpha(TgCall *call) {
    return test_chars(call, tg_char_is_letter);
}
static TgResult string_is_space(TgCall *call) {
    return test_chars(call, tg_char_is_space);
}

static TgResult string_to_int(TgCall *call) {
    TgString *self;
    if (!tg_arg_string(call, 0, &self)) return TG_RAISED;
    TgValue value = tg_int_parse(call->vm, self->data, self->length, 10);
    return tg_return(call, tg_is_undef(value) ? TG_NIL : value);
}

static TgResult string_to_float(TgCall *call) {
    TgString *self;
    if (!tg_arg_string(call, 0, &self)) return TG_RAISED;
    TgValue value = tg_float_parse(self->data, self->length);
    return tg_return(call, tg_is_undef(value) ? TG_NIL : value);
}

// ---- white space at the ends
// ---------------------------------------------------------------------

static size_t space_at_start(const TgString *string) {
    int length;
    size_t at = 0;
    while (at < string->length && tg_char_is_space(tg_char_at(string->data + at, &length)))
        at += (size_t)length;
    return at;
}

// Where what is left begins to end in white space; not before `start`.
static size_t space_at_end(const TgString *string, size_t start) {
    size_t end = string->length;
    while (end > start) {
        size_t at = end - 1;
        while (at > start && ((unsigned char)string->data[at] & 0xC0) == 0x80) at--;
        int length;
        if (!tg_char_is_space(tg_char_at(string->data + at, &length))) break;
        end = at;
    }
    return end;
}

static TgResult trim(TgCall *call, bool at_start, bool at_end) {
    TgString *self;
    if (!tg_arg_string(call, 0, &self)) return TG_RAISED;
    size_t start = at_start ? space_at_start(self) : 0;
    size_t end = at_end ? space_at_end(self, start) : self->length;
    if (!start && end == self->length) return tg_return(call, call->args[0]);
    return tg_return(call, part_of(call, self, start, end));
}

static TgResult string_trim(TgCall *call) {
    return trim(call, true, true);
}
static TgResult string_trim_start(TgCall *call) {
    return trim(call, true, false);
}
static TgResult string_trim_end(TgCall *call) {
    return trim(call, false, true);
}

// ---- into parts
// ----------------------------------------------------------------------------------

enum { ASK_AFTER = 1024 }; // parts between two looks for a signal

static bool add_part(TgCall *call, TgList *parts, const TgString *self, size_t start, size_t end) {
    // Asked now and then only: a part costs some 40 bytes at least.
    if (parts->count % 1024 == 0 && !tg_lib_room(call, 40 * 1024)) return false;
    if (parts->count % ASK_AFTER == 0 && tg_gives_up(call->vm)) return false;
    if (tg_list_push(call->vm, parts, part_of(call, self, start, end))) return true;
    tg_error_memory(call->vm);
    return false;
}

static bool split_at_space(TgCall *call, const TgString *self, TgList *parts) {
    size_t start = 0, at = 0;
    while (at < self->length) {
        int length;
        bool is_space = tg_char_is_space(tg_char_at(self->data + at, &length));
        if (is_space && at > start && !add_part(call, parts, self, start, at)) return false;
        at += (size_t)length;
        if (is_space) start = at;
    }
    return start == at || add_part(call, parts, self, start, at);
}

static bool split_at(TgCall *call, const TgString *self, const TgString *sep, TgList *parts) {
    size_t start = 0;
    for (int64_t at; (at = tg_lib_find(self, sep, start)) >= 0; start = (size_t)at + sep->length)
        if (!add_part(call, parts, self, start, (size_t)at)) return false;
    return add_part(call, parts, self, start, self->length);
}

static bool split_chars(TgCall *call, const TgString *self, TgList *parts) {
    int length;
    for (size_t at = 0; at < self->length; at += (size_t)length) {
        tg_char_at(self->data + at, &length);
        if (!add_part(call, parts, self, at, at + (size_t)length)) return false;
    }
    return true;
}

static TgResult string_split(TgCall *call) {
    TgString *self, *sep;
    if (!tg_arg_string(call, 0, &self)) return TG_RAISED;
    TgList *parts = tg_list(call->vm, 0);
    bool is_done;
    if (!tg_lib_given(call, 1))
        is_done = split_at_space(call, self, parts);
    else if (!tg_arg_string(call, 1, &sep))
        return TG_RAISED;
    else if (!sep->length)
        is_done = split_chars(call, self, parts);
    else
        is_done = split_at(call, self, sep, parts);
    return is_done ? tg_return(call, tg_obj(parts)) : TG_RAISED;
}

static TgResult string_chars(TgCall *call) {
    TgString *self;
    if (!tg_arg_string(call, 0, &self)) return TG_RAISED;
    TgList *parts = tg_list(call->vm, 0);
    return split_chars(call, self, parts) ? tg_return(call, tg_obj(parts)) : TG_RAISED;
}

// Lines end in \n or \r\n, which are not part of them; after the last one there is no empty line.
static TgResult string_lines(TgCall *call) {
    TgString *self;
    if (!tg_arg_string(call, 0, &self)) return TG_RAISED;
    TgList *parts = tg_list(call->vm, 0);
    for (size_t start = 0; start < self->length;) {
        const char *newline = memchr(self->data + start, '\n', self->length - start);
        size_t end = newline ? (size_t)(newline - self->data) : self->length;
        size_t next = end + (newline != NULL);
        if (newline && end > start && self->data[end - 1] == '\r') end--;
        if (!add_part(call, parts, self, start, end)) return TG_RAISED;
        start = next;
    }
    return tg_return(call, tg_obj(parts));
}

static TgResult string_bytes(TgCall *call) {
    TgString *self;
    if (!tg_arg_string(call, 0, &self)) return TG_RAISED;
    if (!tg_lib_room(call, sizeof(TgValue) * (size_t)self->length)) return TG_RAISED;
    TgList *bytes = tg_list(call->vm, self->length);
    for (uint32_t i = 0; i < self->length; i++)
        tg_list_push(call->vm, bytes, tg_int((unsigned char)self->data[i]));
    return tg_return(call, tg_obj(bytes));
}

const TgNativeDef tg_lib_strings[] = {
    {"trim()", string_trim, "A String without the white space at both ends."},
    {"trim_start()", string_trim_start, "A String without the white space at the start."},
    {"trim_end()", string_trim_end, "A String without the white space at the end."},
    {"split(sep = nil)", string_split,
     "A List of the parts between the separators; nil: between white space, without empty parts; \"\": the characters."},
    {"lines()", string_lines, "A List of the lines, without what ends them (\\n or \\r\\n)."},
    {"find(s, start = 0)", string_find,
     "The index at which s occurs first, from `start` on, or nil where it does not."},
    {"count(s)", string_count, "How often s occurs, without overlaps."},
    {"contains(s)", string_contains, "Whether s occurs in it; the same as `s in text`."},
    {"starts_with(s)", string_starts_with, "Whether the String begins with s."},
    {"ends_with(s)", string_ends_with, "Whether the String ends with s."},
    {"chars()", string_chars, "A List of the characters, each a String."},
    {"bytes()", string_bytes, "A List of the bytes of its UTF-8 text, as Ints."},
    {"to_int()", string_to_int, "The Int that the text is, or nil; int(x) raises instead."},
    {"to_float()", string_to_float, "The Float that the text is, or nil; float(x) raises instead."},
    {"is_digit()", string_is_digit, "Whether all characters are digits from 0 to 9, and there is at least one."},
    {"is_alpha()", string_is_alpha, "Whether all characters are letters, and there is at least one."},
    {"is_space()", string_is_space, "Whether all characters are white space, and there is at least one."},
    {0},
};
