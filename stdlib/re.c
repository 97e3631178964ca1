// stdlib/re.c
// The module re: patterns (PCRE2) and searches with them. What was found is rematch.c, what goes over a whole text rescan.c, what
// calls a function of the script's re.tg.
//
// Searches can take long, and PCRE2 can't be stopped from outside. So a callout is compiled in front of each pattern: it is
// called at every place in the text at which a match is tried, and ends the search there when a boundary is due, to be gone on
// with from the same place. What is tried from one place alone is bounded by PCRE2's own limits.
//
// Layer: library. The only file with <pcre2.h>.
#include "stdlib/re.h"

#define PCRE2_CODE_UNIT_WIDTH 8
#include <math.h>
#include <pcre2.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "stdlib/place.h"

enum {
    STRETCH = 32 * 1024, // bytes of text between two boundaries
    MATCHES = 256,       // and matches
    PLACES = 8,          // between two looks at the clock
    STEPS_MAX = 1000000, // of a match from one place: some ten milliseconds
    HEAP_KILOBYTES = 64 * 1024,
    PATTERN_MAX = 64 * 1024,
    OUR_CALLOUT = 255,
};

struct TgRegex {
    TgResource head;
    TgValue pattern, flags;
    uint32_t options;
    uint32_t groups;
    pcre2_code *code[TG_RE_MODES]; // compiled when they are first used
    pcre2_match_context *context;  // limits and callout
    pcre2_match_data *data;        // of the running call: the spans of its last match
};

// ---- patterns

static void release_regex(TgVM *vm, TgResource *resource) {
    TgRegex *regex = (TgRegex *)resource;
    (void)vm;
    for (int mode = 0; mode < TG_RE_MODES; mode++) pcre2_code_free(regex->code[mode]);
    pcre2_match_context_free(regex->context);
    pcre2_match_data_free(regex->data);
}

static void mark_regex(TgVM *vm, TgResource *resource) {
    tg_gc_mark(vm, ((TgRegex *)resource)->pattern);
    tg_gc_mark(vm, ((TgRegex *)resource)->flags);
}

static TgString *string_of(TgValue value) {
    return (TgString *)tg_as_obj(value);
}

static void show_regex(TgVM *vm, const TgResource *resource, TgBuffer *out) {
    const TgRegex *regex = (const TgRegex *)resource;
    (void)vm;
    tg_buffer_text(out, "re.compile(");
    tg_text_quote(out, string_of(regex->pattern));
    if (string_of(regex->flags)->length) tg_buffer_format(out, ", \"%s\"", string_of(regex->flags)->data);
    tg_buffer_text(out, ")");
}

// The table of names that PCRE2 keeps: rows of two bytes with the number, and the name.
typedef struct {
    const unsigned char *rows;
    uint32_t count, size;
} Names;

static Names names_of(const TgRegex *regex) {
    Names names = {0};
    const pcre2_code *code = regex->code[TG_RE_SEARCH];
    pcre2_pattern_info(code, PCRE2_INFO_NAMECOUNT, &names.count);
    pcre2_pattern_info(code, PCRE2_INFO_NAMEENTRYSIZE, &names.size);
    pcre2_pattern_info(code, PCRE2_INFO_NAMETABLE, (void *)&names.rows);
    return names;
}

static const char *name_at(const Names *names, uint32_t i, uint32_t *number) {
    const unsigned char *row = names->rows + (size_t)i * names->size;
    *number = (uint32_t)row[0] << 8 | row[1];
    return (const char *)row + 2;
}

int64_t tg_re_group_named(const TgRegex *regex, const char *name, size_t length) {
    Names names = names_of(regex);
    for (uint32_t i = 0; i < names.count; i++) {
        uint32_t number;
        const char *known = name_at(&names, i, &number);
        if (strlen(known) == length && memcmp(known, name, length) == 0) return number;
    }
    return -1;
}

TgValue tg_re_pattern(const TgRegex *regex) {
    return regex->pattern;
}

TgValue tg_re_names(TgVM *vm, const TgRegex *regex, TgValue (*value_of)(TgVM *vm, const void *of, uint32_t number), const void *of) {
    Names names = names_of(regex);
    TgMap *map = tg_map(vm);
    for (uint32_t wanted = 1; wanted <= regex->groups && names.count; wanted++) {
        for (uint32_t i = 0; i < names.count; i++) {
            uint32_t number;
            const char *name = name_at(&names, i, &number);
            if (number == wanted) tg_map_set(vm, map, tg_obj(tg_string_c(vm, name)), value_of(vm, of, number));
        }
    }
    return tg_obj(map);
}

static TgValue number_itself(TgVM *vm, const void *of, uint32_t number) {
    (void)vm, (void)of;
    return tg_int(number);
}

static bool regex_property(TgVM *vm, TgResource *resource, const TgString *name, TgValue *out) {
    const TgRegex *regex = (TgRegex *)resource;
    if (!strcmp(name->data, "pattern")) return *out = regex->pattern, true;
    if (!strcmp(name->data, "flags")) return *out = regex->flags, true;
    if (!strcmp(name->data, "groups")) return *out = tg_int(regex->groups), true;
    if (!strcmp(name->data, "names")) return *out = tg_re_names(vm, regex, number_itself, NULL), true;
    return false;
}

static const TgResourceType regex_type = {sizeof(TgRegex), release_regex, mark_regex, show_regex, regex_property, NULL};

// ---- compiling

static bool read_flags(TgCall *call, int index, uint32_t *options, TgValue *flags) {
    static const struct {
        char letter;
        uint32_t option;
    } known[] = {{'i', PCRE2_CASELESS}, {'m', PCRE2_MULTILINE}, {'s', PCRE2_DOTALL}, {'x', PCRE2_EXTENDED}};
    TgString *text = call->vm->name_empty;
    *options = PCRE2_UTF | PCRE2_UCP | PCRE2_NEVER_BACKSLASH_C;
    if (tg_lib_given(call, index) && !tg_arg_string(call, index, &text)) return false;
    *flags = tg_obj(text);
    for (uint32_t i = 0; i < text->length; i++) {
        size_t at = 0;
        while (at < 4 && known[at].letter != text->data[i]) at++;
        if (at < 4) {
            *options |= known[at].option;
            continue;
        }
        tg_error_raise(call->vm, TG_ERR_ValueError,
                       "re: the flags are i (any case), m (^ and $ at each line), s (. takes newlines) and x (blanks and comments), not %s",
                       tg_lib_show(call->vm, call->args[index]));
        return false;
    }
    return true;
}

static bool bad_pattern(TgCall *call, const TgString *pattern, int error, size_t at) {
    char reason[160] = "", message[192];
    pcre2_get_error_message(error, (PCRE2_UCHAR *)reason, sizeof reason);
    snprintf(message, sizeof message, "re: %s", reason);
    tg_place_raise(call, pattern->data, pattern->length, at < pattern->length ? at : pattern->length, 0, message);
    return false;
}

static pcre2_code *compile_text(const char *text, size_t length, uint32_t options, int *error, size_t *at) {
    pcre2_compile_context *context = pcre2_compile_context_create(NULL);
    if (context) pcre2_set_max_pattern_length(context, PATTERN_MAX + 16);
    pcre2_code *code = pcre2_compile((PCRE2_SPTR)text, length, options, error, at, context);
    pcre2_compile_context_free(context);
    return code;
}

// The pattern with the callout in front. NULL where it can't be put so ((?x) with a comment at the end, verbs at the start), or would
// mean something else (\G): then the limits alone have to do.
static pcre2_code *compile_watched(const TgString *pattern, uint32_t options) {
    static const char before[] = "(?C255)(?:", after[] = ")";
    TgBuffer text = {0};
    int error;
    size_t at;
    if (strstr(pattern->data, "\\G")) return NULL;
    tg_buffer_text(&text, before);
    tg_buffer_add(&text, pattern->data, pattern->length);
    if (options & PCRE2_EXTENDED) tg_buffer_text(&text, "\n");
    tg_buffer_text(&text, after);
    pcre2_code *code = text.failed ? NULL : compile_text(text.data, text.length, options, &error, &at);
    tg_buffer_free(&text);
    return code;
}

// The code for one of the ways to match. False: raised.
static bool compile_mode(TgCall *call, TgRegex *regex, TgReMode mode) {
    const TgString *pattern = string_of(regex->pattern);
    uint32_t options = regex->options;
    if (regex->code[mode]) return true;
    if (mode != TG_RE_SEARCH) options |= PCRE2_ANCHORED;
    if (mode == TG_RE_FULL) options |= PCRE2_ENDANCHORED;
    int error;
    size_t at;
    pcre2_code *code = compile_text(pattern->data, pattern->length, options, &error, &at);
    if (!code) return bad_pattern(call, pattern, error, at);
    pcre2_code *watched = mode == TG_RE_SEARCH ? compile_watched(pattern, options) : NULL;
    if (watched) {
        pcre2_code_free(code);
        code = watched;
    }
    pcre2_jit_compile(code, PCRE2_JIT_COMPLETE); // where it can't, the interpreter does
    regex->code[mode] = code;
    return true;
}

static const double LONG = 0.002; // seconds after which others have their turn in any case

static int on_place(pcre2_callout_block *block, void *data) {
    TgReScan *scan = data;
    if (block->callout_number != OUR_CALLOUT || block->start_match == scan->from) return 0; // some way is gone each time
    TgVM *vm = scan->call->vm;
    bool is_due = block->start_match - scan->started >= STRETCH || tg_is_wanted(vm) ||
                  (++scan->places % PLACES == 0 && tg_now(vm) > scan->deadline);
    if (!is_due) return 0;
    scan->from = block->start_match;
    return PCRE2_ERROR_CALLOUT;
}

static TgResult re_compile(TgCall *call) {
    TgString *pattern;
    uint32_t options;
    TgValue flags;
    if (!tg_arg_string(call, 0, &pattern) || !read_flags(call, 1, &options, &flags)) return TG_RAISED;
    bool is_new;
    TgClass *class_ = tg_library_class(call->vm, "Regex", NULL, &is_new);
    TgRegex *regex = (TgRegex *)tg_resource_new(call->vm, &regex_type, class_);
    regex->pattern = call->args[0];
    regex->flags = flags;
    regex->options = options;
    regex->context = pcre2_match_context_create(NULL);
    if (!regex->context) return tg_raise_memory(call);
    pcre2_set_match_limit(regex->context, STEPS_MAX);
    pcre2_set_heap_limit(regex->context, HEAP_KILOBYTES);
    if (!compile_mode(call, regex, TG_RE_SEARCH)) return TG_RAISED;
    pcre2_pattern_info(regex->code[TG_RE_SEARCH], PCRE2_INFO_CAPTURECOUNT, &regex->groups);
    return tg_return(call, tg_obj(regex));
}

// ---- searching

static bool take_regex(TgCall *call, TgRegex **out) {
    *out = (TgRegex *)tg_resource_of(call->args[0], &regex_type);
    if (*out) return true;
    tg_error_raise(call->vm, TG_ERR_TypeError, "this is a method of what re.compile() gives, not of %s",
                   TG_SHOW(call->vm, call->args[0]));
    return false;
}

bool tg_re_begin_with(TgCall *call, TgRegex *regex, TgReMode mode, TgReScan *scan) {
    if (!compile_mode(call, regex, mode)) return false;
    if (!regex->data) regex->data = pcre2_match_data_create(regex->groups + 1, NULL);
    if (!regex->data) return tg_raise_memory(call), false;
    scan->call = call;
    scan->regex = regex;
    scan->mode = mode;
    scan->groups = regex->groups;
    scan->deadline = call->vm->options.virtual_time ? INFINITY : tg_now(call->vm) + LONG; // virtual runs repeat
    return true;
}

bool tg_re_begin(TgCall *call, int index, TgReMode mode, TgReScan *scan) {
    TgRegex *regex;
    TgString *text;
    *scan = (TgReScan){0};
    if (!take_regex(call, &regex) || !tg_arg_string(call, index, &text)) return false;
    scan->text = text;
    return tg_re_begin_with(call, regex, mode, scan);
}

static int match_once(TgReScan *scan, uint32_t more) {
    const TgRegex *regex = scan->regex;
    uint32_t options = PCRE2_NO_UTF_CHECK | more | (scan->after_empty ? PCRE2_NOTEMPTY_ATSTART : 0);
    return pcre2_match(regex->code[scan->mode], (PCRE2_SPTR)scan->text->data, scan->text->length, scan->from, options, regex->data,
                       regex->context);
}

static TgReEnd failed(const TgReScan *scan, int error) {
    TgVM *vm = scan->call->vm;
    const char *shown = tg_lib_show(vm, scan->regex->pattern);
    char reason[160] = "";
    if (error == PCRE2_ERROR_NOMEMORY) {
        tg_error_memory(vm);
    } else if (error == PCRE2_ERROR_MATCHLIMIT || error == PCRE2_ERROR_DEPTHLIMIT || error == PCRE2_ERROR_HEAPLIMIT) {
        tg_error_raise(vm, TG_ERR_ValueError,
                       "re: the pattern %s needs %s on this text; repeats inside of repeats, as (a+)+, have too many ways to match: "
                       "write it with fewer",
                       shown, error == PCRE2_ERROR_MATCHLIMIT ? "more than 1,000,000 steps from one place" : "too much memory");
    } else {
        pcre2_get_error_message(error, (PCRE2_UCHAR *)reason, sizeof reason);
        tg_error_raise(vm, TG_ERR_ValueError, "re: the pattern %s failed: %s", shown, reason);
    }
    return TG_RE_RAISED;
}

TgReEnd tg_re_next(TgReScan *scan) {
    if (scan->from > scan->text->length) return TG_RE_NONE;
    if (scan->found == MATCHES || scan->from - scan->started >= STRETCH) return TG_RE_PAUSE;
    size_t from = scan->from;
    pcre2_set_callout(scan->regex->context, on_place, scan);
    int end = match_once(scan, 0);
    if (end == PCRE2_ERROR_JIT_STACKLIMIT) end = match_once(scan, PCRE2_NO_JIT);
    if (end == PCRE2_ERROR_NOMATCH) return TG_RE_NONE;
    if (end == PCRE2_ERROR_CALLOUT) {
        scan->after_empty = scan->after_empty && scan->from == from;
        return TG_RE_PAUSE;
    }
    if (end < 0) return failed(scan, end);
    scan->spans = pcre2_get_ovector_pointer(scan->regex->data);
    scan->found++;
    scan->from = scan->spans[1];
    scan->after_empty = scan->spans[0] == scan->spans[1];
    return TG_RE_FOUND;
}

// ---- one search

enum { ARG_TEXT = 1, ARG_START, STATE_FROM };

// args[STATE_FROM]: where a search that paused goes on.
static TgResult search_once(TgCall *call, TgReMode mode, bool has_start, bool wants_match) {
    TgReScan scan;
    int64_t start = 0;
    if (!tg_re_begin(call, ARG_TEXT, mode, &scan)) return TG_RAISED;
    if (has_start && tg_given(call, ARG_START) && !tg_arg_index(call, ARG_START, &start)) return TG_RAISED;
    if (start < 0 || start > scan.text->chars) {
        return tg_raise(call, TG_ERR_IndexError, "start must be from 0 to %u, the length of the text, not %lld",
                        (unsigned)scan.text->chars, (long long)start);
    }
    int state = has_start ? STATE_FROM : STATE_FROM - 1;
    size_t first = tg_string_offset(scan.text, (size_t)start);
    scan.started = scan.from = call->step ? (size_t)tg_as_int(call->args[state]) : first;
    switch (tg_re_next(&scan)) {
    case TG_RE_FOUND: return tg_return(call, wants_match ? tg_re_match(&scan, first, start) : TG_TRUE);
    case TG_RE_NONE: return tg_return(call, wants_match ? TG_NIL : TG_FALSE);
    case TG_RE_RAISED: return TG_RAISED;
    default: break;
    }
    call->args[state] = tg_int((int64_t)scan.from);
    return tg_lib_breathe(call, 1);
}

static TgResult regex_search(TgCall *call) {
    return search_once(call, TG_RE_SEARCH, true, true);
}

static TgResult regex_match(TgCall *call) {
    return search_once(call, TG_RE_MATCH, true, true);
}

static TgResult regex_full_match(TgCall *call) {
    return search_once(call, TG_RE_FULL, false, true);
}

static TgResult regex_test(TgCall *call) {
    return search_once(call, TG_RE_SEARCH, false, false);
}

// ---- the module

// What has a meaning in patterns; # and blanks have one under x.
static bool is_special(char c) {
    return c && strchr("\\^$.[]|()?*+{}-#&~ \t\n\r\v\f", c);
}

static TgResult re_escape(TgCall *call) {
    TgString *text;
    TgBuffer out = {0};
    if (!tg_arg_string(call, 0, &text)) return TG_RAISED;
    for (uint32_t i = 0; i < text->length; i++) {
        if (is_special(text->data[i])) tg_buffer_add(&out, "\\", 1);
        tg_buffer_add(&out, text->data + i, 1);
    }
    return tg_lib_return_text(call, &out);
}

const TgNativeDef tg_lib_regex_methods[] = {
    {"search(text, start = 0)", regex_search, "The first match at or behind `start`, or nil."},
    {"match(text, start = 0)", regex_match, "The match that begins at `start`, or nil."},
    {"full_match(text)", regex_full_match, "The match that is the whole text, or nil."},
    {"iter(text)", tg_re_iter, "For `for`: a function that gives one match after the other, then nil."},
    {"test(text)", regex_test, "Whether there is a match anywhere in the text."},
    {0},
};

const TgNativeDef tg_lib_re_members[] = {
    {"compile(pattern, flags = \"\")", re_compile, "A Regex, the pattern made ready to be used; ValueError where it is none."},
    {"escape(text)", re_escape, "A pattern that matches just this text."},
    {0},
};

TgClass *tg_re_class(TgVM *vm, const char *name, const TgNativeDef *methods, const TgNativeDef *more) {
    bool is_new;
    TgClass *class_ = tg_library_class(vm, name, NULL, &is_new);
    if (is_new) tg_register_methods(vm, class_, methods);
    if (is_new && more) tg_register_methods(vm, class_, more);
    return class_;
}

void tg_lib_re(TgVM *vm, TgModule *module) {
    TgClass *regex = tg_re_class(vm, "Regex", tg_lib_regex_methods, tg_lib_regex_scans);
    tg_module_set(vm, module, "Regex", tg_obj(regex));
    tg_module_set(vm, module, "Match", tg_obj(tg_re_class(vm, "Match", tg_lib_match_methods, NULL)));
    tg_register_members(vm, module, tg_lib_re_members);
}
