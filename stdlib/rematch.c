// stdlib/rematch.c
// The module re: what was found (Match), and what gives one match after the other (iter).
//
// A Match keeps the text and the bytes at which it and its groups begin and end; texts and characters are made of these when
// they are asked for.
//
// Layer: library.
#include <string.h>

#include "stdlib/re.h"

enum { ARG_TEXT = 1, UNSET = -1 };

typedef struct {
    TgResource head;
    TgValue regex, string;
    TgList *spans;  // begin and end of the whole and of each group: bytes; UNSET where it took no part
    int64_t chars;  // characters before the match
} Match;

typedef struct { // what iter() gives: its method `next` is the Function
    TgResource head;
    TgValue regex, string;
    size_t from;
    bool after_empty;
    size_t byte;   // a place in the text,
    int64_t chars; // and the characters before it
} Matches;

static TgString *string_of(TgValue value) {
    return (TgString *)tg_as_obj(value);
}

// ---- what was found

static size_t count_chars(const TgString *text, size_t from, size_t to) {
    if (text->obj.flags & OBJ_ASCII) return to - from;
    size_t count = 0;
    for (size_t i = from; i < to; i++) count += ((unsigned char)text->data[i] & 0xC0) != 0x80;
    return count;
}

static int64_t span_at(const Match *match, uint32_t i) {
    return tg_as_int(match->spans->items[i]);
}

// The text of a group; nil where it took no part.
static TgValue group_text(TgVM *vm, const void *of, uint32_t number) {
    const Match *match = of;
    int64_t from = span_at(match, 2 * number), to = span_at(match, 2 * number + 1);
    if (from == UNSET) return TG_NIL;
    return tg_obj(tg_string_part(vm, string_of(match->string), (size_t)from, (size_t)(to - from)));
}

// Characters before a byte of the text; bytes near the match are cheap.
static int64_t chars_before(const Match *match, int64_t byte) {
    const TgString *text = string_of(match->string);
    int64_t first = span_at(match, 0);
    if (byte >= first) return match->chars + (int64_t)count_chars(text, (size_t)first, (size_t)byte);
    return match->chars - (int64_t)count_chars(text, (size_t)byte, (size_t)first);
}

static void mark_match(TgVM *vm, TgResource *resource) {
    const Match *match = (Match *)resource;
    tg_gc_mark(vm, match->regex);
    tg_gc_mark(vm, match->string);
    tg_gc_mark_obj(vm, match->spans);
}

static void show_match(TgVM *vm, const TgResource *resource, TgBuffer *out) {
    const Match *match = (const Match *)resource;
    tg_buffer_text(out, "<Match ");
    tg_text_quote(out, string_of(group_text(vm, match, 0)));
    tg_buffer_format(out, " at %lld>", (long long)match->chars);
}

static uint32_t group_count(const Match *match) {
    return match->spans->count / 2 - 1;
}

static TgValue list_of_groups(TgVM *vm, const Match *match) {
    TgList *list = tg_list(vm, group_count(match));
    for (uint32_t i = 1; i <= group_count(match); i++) tg_list_push(vm, list, group_text(vm, match, i));
    return tg_obj(list);
}

static bool match_property(TgVM *vm, TgResource *resource, const TgString *name, TgValue *out) {
    const Match *match = (Match *)resource;
    if (!strcmp(name->data, "text")) return *out = group_text(vm, match, 0), true;
    if (!strcmp(name->data, "start")) return *out = tg_int(match->chars), true;
    if (!strcmp(name->data, "end")) return *out = tg_int(chars_before(match, span_at(match, 1))), true;
    if (!strcmp(name->data, "groups")) return *out = list_of_groups(vm, match), true;
    if (!strcmp(name->data, "names"))
        return *out = tg_re_names(vm, (TgRegex *)tg_as_obj(match->regex), group_text, match), true;
    return false;
}

static const TgResourceType match_type = {sizeof(Match), NULL, mark_match, show_match, match_property, NULL};

TgValue tg_re_match(const TgReScan *scan, size_t byte, int64_t chars) {
    TgVM *vm = scan->call->vm;
    Match *match = (Match *)tg_resource_new(vm, &match_type, tg_re_class(vm, "Match", tg_lib_match_methods, NULL));
    match->regex = tg_obj(scan->regex);
    match->string = tg_obj(scan->text);
    match->spans = tg_list(vm, 2 * (scan->groups + 1));
    for (uint32_t i = 0; i < 2 * (scan->groups + 1); i++)
        tg_list_push(vm, match->spans, tg_int(scan->spans[i] == SIZE_MAX ? UNSET : (int64_t)scan->spans[i]));
    size_t first = scan->spans[0];
    match->chars = first >= byte ? chars + (int64_t)count_chars(scan->text, byte, first)
                                 : chars - (int64_t)count_chars(scan->text, first, byte); // behind a lookbehind's \K
    return tg_obj(match);
}

static bool take_match(TgCall *call, const Match **out) {
    *out = (const Match *)tg_resource_of(call->args[0], &match_type);
    if (*out) return true;
    tg_error_raise(call->vm, TG_ERR_TypeError, "this is a method of a Match, not of %s", TG_SHOW(call->vm, call->args[0]));
    return false;
}

// The group that args[1] names, by number or name; the whole where it is left out.
static bool take_group(TgCall *call, const Match *match, uint32_t *out) {
    TgValue wanted = tg_given(call, 1) ? call->args[1] : tg_int(0);
    uint32_t most = group_count(match);
    int64_t number = -1;
    if (tg_is_int(wanted)) {
        number = tg_as_int(wanted);
    } else if (tg_is_kind(wanted, OBJ_STRING)) {
        number = tg_re_group_named((TgRegex *)tg_as_obj(match->regex), string_of(wanted)->data, string_of(wanted)->length);
    } else {
        tg_error_raise(call->vm, TG_ERR_TypeError, "a group is named by its number or its name, not by %s", TG_SHOW(call->vm, wanted));
        return false;
    }
    *out = (uint32_t)number;
    if (number >= 0 && number <= most) return true;
    if (tg_is_int(wanted))
        tg_error_raise(call->vm, TG_ERR_IndexError, "there is no group %lld; the pattern has %u", (long long)number, (unsigned)most);
    else
        tg_error_raise(call->vm, TG_ERR_KeyError, "there is no group of the name %s in the pattern %s", tg_lib_show(call->vm, wanted),
                       tg_lib_show(call->vm, tg_re_pattern((TgRegex *)tg_as_obj(match->regex))));
    return false;
}

static TgResult match_group(TgCall *call) {
    const Match *match;
    uint32_t number;
    if (!take_match(call, &match) || !take_group(call, match, &number)) return TG_RAISED;
    return tg_return(call, group_text(call->vm, match, number));
}

static TgResult match_span(TgCall *call) {
    const Match *match;
    uint32_t number;
    if (!take_match(call, &match) || !take_group(call, match, &number)) return TG_RAISED;
    int64_t from = span_at(match, 2 * number), to = span_at(match, 2 * number + 1);
    if (from == UNSET) return tg_return(call, TG_NIL);
    TgValue both[] = {tg_int(chars_before(match, from)), tg_int(chars_before(match, to))};
    return tg_return(call, tg_obj(tg_list_of(call->vm, both, 2)));
}

// The text between the match before (nil: the text's beginning) and this one.
static TgResult match_gap(TgCall *call) {
    const Match *match, *before = (const Match *)tg_resource_of(call->args[1], &match_type);
    if (!take_match(call, &match)) return TG_RAISED;
    int64_t from = before ? span_at(before, 1) : 0, to = span_at(match, 0);
    if (to < from) to = from;
    return tg_return(call, tg_obj(tg_string_part(call->vm, string_of(match->string), (size_t)from, (size_t)(to - from))));
}

static TgResult match_rest(TgCall *call) {
    const Match *match;
    if (!take_match(call, &match)) return TG_RAISED;
    const TgString *text = string_of(match->string);
    size_t from = (size_t)span_at(match, 1);
    return tg_return(call, tg_obj(tg_string_part(call->vm, text, from, text->length - from)));
}

const TgNativeDef tg_lib_match_methods[] = {
    {"group(n = 0)", match_group, "The text of a group, by its number or name; 0 is the whole; nil where it took no part."},
    {"span(n = 0)", match_span, "Where a group begins and ends, as a List of two; nil where it took no part."},
    {"_gap(before)", match_gap, "The text between two matches."},
    {"_rest()", match_rest, "The text behind the match."},
    {0},
};

// ---- one match after the other

static void mark_matches(TgVM *vm, TgResource *resource) {
    tg_gc_mark(vm, ((Matches *)resource)->regex);
    tg_gc_mark(vm, ((Matches *)resource)->string);
}

static const TgResourceType matches_type = {sizeof(Matches), NULL, mark_matches, NULL, NULL, NULL};

static TgResult matches_next(TgCall *call) {
    Matches *matches = (Matches *)tg_resource_of(call->args[0], &matches_type);
    if (!matches) return tg_raise(call, TG_ERR_TypeError, "this is the function that iter() gave");
    TgReScan scan = {.text = string_of(matches->string), .from = matches->from, .after_empty = matches->after_empty};
    if (!tg_re_begin_with(call, (TgRegex *)tg_as_obj(matches->regex), TG_RE_SEARCH, &scan)) return TG_RAISED;
    scan.started = scan.from;
    TgReEnd end = tg_re_next(&scan);
    matches->from = end == TG_RE_NONE ? SIZE_MAX : scan.from;
    matches->after_empty = scan.after_empty;
    if (end == TG_RE_PAUSE) return tg_lib_breathe(call, 1);
    if (end != TG_RE_FOUND) return end == TG_RE_NONE ? tg_return(call, TG_NIL) : TG_RAISED;
    TgValue match = tg_re_match(&scan, matches->byte, matches->chars);
    matches->byte = scan.spans[0];
    matches->chars = ((Match *)tg_as_obj(match))->chars;
    return tg_return(call, match);
}

static const TgNativeDef matches_methods[] = {
    {"_next()", matches_next, "The next match, or nil."},
    {0},
};

TgResult tg_re_iter(TgCall *call) {
    TgReScan scan;
    if (!tg_re_begin(call, ARG_TEXT, TG_RE_SEARCH, &scan)) return TG_RAISED;
    TgClass *class_ = tg_re_class(call->vm, "Matches", matches_methods, NULL);
    Matches *matches = (Matches *)tg_resource_new(call->vm, &matches_type, class_);
    matches->regex = call->args[0];
    matches->string = call->args[ARG_TEXT];
    TgValue next = tg_class_find_method(class_, tg_string_c(call->vm, "_next"));
    return tg_return(call, tg_obj(tg_bound_new(call->vm, tg_obj(matches), next)));
}
