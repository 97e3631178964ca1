// stdlib/rescan.c
// The module re: what goes over a whole text, from match to match: find_all, split, replace by a text.
//
// Each has a state that is a few numbers and what was found so far; when a boundary is due it is put away into the native's own
// two arguments, and taken up again behind it.
//
// Layer: library.
#include <string.h>

#include "stdlib/place.h"
#include "stdlib/re.h"

enum { ARG_TEXT = 1 };

typedef struct {
    TgReScan scan;
    TgList *out;
    size_t tail;   // byte up to which the text is dealt with
    int64_t count; // matches so far
    int64_t limit; // of these
    int state;     // args from here on are its own
} Walk;

static bool begin_walk(TgCall *call, int state, Walk *walk) {
    *walk = (Walk){.state = state, .limit = INT64_MAX};
    if (!tg_re_begin(call, ARG_TEXT, TG_RE_SEARCH, &walk->scan)) return false;
    if (!call->step) return walk->out = tg_list(call->vm, 0), true;
    const TgList *kept = (TgList *)tg_as_obj(call->args[state + 1]);
    walk->out = (TgList *)tg_as_obj(call->args[state]);
    walk->scan.from = walk->scan.started = (size_t)tg_as_int(kept->items[0]);
    walk->scan.after_empty = kept->items[1] == TG_TRUE;
    walk->tail = (size_t)tg_as_int(kept->items[2]);
    walk->count = tg_as_int(kept->items[3]);
    return true;
}

static TgResult pause_walk(Walk *walk) {
    TgCall *call = walk->scan.call;
    TgValue kept[] = {tg_int((int64_t)walk->scan.from), tg_bool(walk->scan.after_empty), tg_int((int64_t)walk->tail),
                      tg_int(walk->count)};
    call->args[walk->state] = tg_obj(walk->out);
    call->args[walk->state + 1] = tg_obj(tg_list_of(call->vm, kept, 4));
    return tg_lib_breathe(call, 1);
}

// The limit that args[index] gives. False: raised.
static bool read_limit(TgCall *call, int index, Walk *walk) {
    if (!tg_lib_given(call, index)) return true;
    if (!tg_arg_index(call, index, &walk->limit)) return false;
    if (walk->limit >= 0) return true;
    tg_error_raise(call->vm, TG_ERR_ValueError, "re: the number of matches can't be negative, it is %lld", (long long)walk->limit);
    return false;
}

static bool push(Walk *walk, TgList *list, TgValue value) {
    if (tg_list_push(walk->scan.call->vm, list, value)) return true;
    tg_error_memory(walk->scan.call->vm);
    return false;
}

static TgValue part(const Walk *walk, size_t from, size_t to) {
    if (to < from) to = from; // a match may begin before the end of the last one (\K in a lookbehind)
    return tg_obj(tg_string_part(walk->scan.call->vm, walk->scan.text, from, to - from));
}

static TgValue group(const Walk *walk, uint32_t number) {
    size_t from = walk->scan.spans[2 * number], to = walk->scan.spans[2 * number + 1];
    return from == SIZE_MAX ? TG_NIL : part(walk, from, to);
}

// ---- find_all

// The text of the match; where the pattern has a group, that of the group; where it has several, a List of theirs.
static TgValue found_value(const Walk *walk) {
    uint32_t groups = walk->scan.groups;
    if (groups < 2) return group(walk, groups);
    TgList *all = tg_list(walk->scan.call->vm, groups);
    for (uint32_t i = 1; i <= groups; i++) tg_list_push(walk->scan.call->vm, all, group(walk, i));
    return tg_obj(all);
}

static TgResult regex_find_all(TgCall *call) {
    Walk walk;
    if (!begin_walk(call, 2, &walk)) return TG_RAISED;
    for (;;) {
        switch (tg_re_next(&walk.scan)) {
        case TG_RE_NONE: return tg_return(call, tg_obj(walk.out));
        case TG_RE_RAISED: return TG_RAISED;
        case TG_RE_PAUSE: return pause_walk(&walk);
        case TG_RE_FOUND: break;
        }
        if (!push(&walk, walk.out, found_value(&walk))) return TG_RAISED;
    }
}

// ---- split

static bool push_split(Walk *walk) {
    if (!push(walk, walk->out, part(walk, walk->tail, walk->scan.spans[0]))) return false;
    for (uint32_t i = 1; i <= walk->scan.groups; i++)
        if (!push(walk, walk->out, group(walk, i))) return false;
    walk->tail = walk->scan.spans[1];
    walk->count++;
    return true;
}

static TgResult regex_split(TgCall *call) {
    Walk walk;
    if (!begin_walk(call, 3, &walk) || !read_limit(call, 2, &walk)) return TG_RAISED;
    while (walk.count < walk.limit) {
        TgReEnd end = tg_re_next(&walk.scan);
        if (end == TG_RE_PAUSE) return pause_walk(&walk);
        if (end == TG_RE_RAISED) return TG_RAISED;
        if (end == TG_RE_NONE) break;
        if (!push_split(&walk)) return TG_RAISED;
    }
    if (!push(&walk, walk.out, part(&walk, walk.tail, walk.scan.text->length))) return TG_RAISED;
    return tg_return(call, tg_obj(walk.out));
}

// ---- replace by a text

// What stands at a `$` of the text: $0 … $12, ${2}, ${name}, $$.
typedef struct {
    int64_t group;    // or -1: the sign itself
    const char *next; // behind it
} Reference;

static bool is_digit(char c) {
    return c >= '0' && c <= '9';
}

static int64_t number_of(const char *digits, size_t length) {
    int64_t number = 0;
    for (size_t i = 0; i < length; i++) number = number < 100000 ? number * 10 + (digits[i] - '0') : number;
    return number;
}

// `at` is behind the `$`. False: there is no such group (*name, *length say which).
static bool read_reference(const TgRegex *regex, uint32_t groups, const char *at, const char *end, Reference *out,
                           const char **name, size_t *length) {
    *out = (Reference){-1, at};
    if (at < end && *at == '$') return out->next++, true;
    bool is_braced = at < end && *at == '{';
    const char *from = at + is_braced, *to = from;
    while (to < end && (is_braced ? *to != '}' : is_digit(*to))) to++;
    *name = from;
    *length = (size_t)(to - from);
    if (is_braced ? to == end : to == from) return !is_braced; // a lone $
    bool is_number = *length > 0;
    for (const char *c = from; c < to; c++) is_number = is_number && is_digit(*c);
    out->group = is_number ? number_of(from, *length) : tg_re_group_named(regex, from, *length);
    out->next = to + is_braced;
    return out->group >= 0 && out->group <= groups;
}

static bool no_group(TgCall *call, const TgReScan *scan, const TgString *by, const char *at, const char *name, size_t length) {
    char message[256];
    snprintf(message, sizeof message, "re: the pattern has no group '%.*s' (it has %u, and $$ is a dollar sign)",
             (int)(length < 64 ? length : 64), name, (unsigned)scan->groups);
    tg_place_raise(call, by->data, by->length, (size_t)(at - by->data), 0, message);
    return false;
}

// Before anything is replaced: whether all that it refers to is there.
static bool check_text(TgCall *call, const TgReScan *scan, const TgString *by) {
    const char *end = by->data + by->length, *name = "";
    size_t length = 0;
    for (const char *at = by->data; at < end;) {
        bool is_pythons = *at == '\\' && at + 1 < end && (is_digit(at[1]) || (at[1] == 'g' && at + 2 < end && at[2] == '<'));
        if (is_pythons) {
            tg_place_raise(call, by->data, by->length, (size_t)(at - by->data), 0, "re: groups are written $1 or ${name}");
            return false;
        }
        Reference reference = {-1, at + 1};
        if (*at == '$' && !read_reference(scan->regex, scan->groups, at + 1, end, &reference, &name, &length))
            return no_group(call, scan, by, at, name, length);
        at = reference.next;
    }
    return true;
}

static void add_replacement(TgBuffer *out, const TgReScan *scan, const TgString *by) {
    const char *end = by->data + by->length, *name;
    size_t length;
    for (const char *at = by->data; at < end;) {
        const char *sign = memchr(at, '$', (size_t)(end - at));
        tg_buffer_add(out, at, (size_t)((sign ? sign : end) - at));
        if (!sign) break;
        Reference reference;
        read_reference(scan->regex, scan->groups, sign + 1, end, &reference, &name, &length);
        at = reference.next;
        if (reference.group < 0) {
            tg_buffer_add(out, "$", 1);
            continue;
        }
        size_t from = scan->spans[2 * reference.group], to = scan->spans[2 * reference.group + 1];
        if (from != SIZE_MAX) tg_buffer_add(out, scan->text->data + from, to - from);
    }
}

// What the buffer holds becomes one more piece.
static bool push_piece(Walk *walk, TgBuffer *buffer) {
    TgString *piece = tg_buffer_string(walk->scan.call->vm, buffer);
    return piece && push(walk, walk->out, tg_obj(piece));
}

static TgResult finish_replace(Walk *walk, TgBuffer *buffer) {
    const TgString *text = walk->scan.text;
    tg_buffer_add(buffer, text->data + walk->tail, text->length - walk->tail);
    if (!walk->out->count) return tg_lib_return_text(walk->scan.call, buffer);
    if (!push_piece(walk, buffer)) return TG_RAISED;
    return tg_lib_join(walk->scan.call, walk->out, NULL);
}

static TgResult regex_replace(TgCall *call) {
    Walk walk;
    TgString *by;
    TgBuffer buffer = {0};
    if (!begin_walk(call, 4, &walk) || !tg_arg_string(call, 2, &by) || !read_limit(call, 3, &walk)) return TG_RAISED;
    if (!call->step && !check_text(call, &walk.scan, by)) return TG_RAISED;
    TgReEnd end = TG_RE_NONE;
    while (walk.count < walk.limit && (end = tg_re_next(&walk.scan)) == TG_RE_FOUND) {
        size_t from = walk.scan.spans[0] > walk.tail ? walk.scan.spans[0] : walk.tail;
        tg_buffer_add(&buffer, walk.scan.text->data + walk.tail, from - walk.tail);
        add_replacement(&buffer, &walk.scan, by);
        walk.tail = walk.scan.spans[1];
        walk.count++;
    }
    TgResult result = TG_RAISED;
    if (end == TG_RE_PAUSE) result = push_piece(&walk, &buffer) ? pause_walk(&walk) : TG_RAISED;
    else if (end != TG_RE_RAISED) result = finish_replace(&walk, &buffer);
    tg_buffer_free(&buffer);
    return result;
}

const TgNativeDef tg_lib_regex_scans[] = {
    {"find_all(text)", regex_find_all,
     "A List of the texts of all matches; of the group where the pattern has one, of Lists where it has several."},
    {"split(text, limit = nil)", regex_split, "The parts of the text between the matches, with the groups, if any, between them."},
    {"_replace(text, by, count)", regex_replace, "The text with each match replaced by a String, in which $1 is a group."},
    {0},
};
