// lang/diag.c
// Diagnostics: collected while a text is read, shown at the end in the order of the text.
//
// Showing is careful with what it shows: source lines are cut to a window around the caret, control
// characters and broken UTF-8 never reach the terminal.
// Layer: front end, bottom.
#include "lang/diag.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

typedef struct {
    const char *code, *message, *hint;
} Row;

static const Row rows[] = {
#define DIAG(id, code, message, hint) {code, message, hint},
#include "lang/diags.def"
#undef DIAG
};

const char *tg_diag_code(TgDiagKind kind) {
    return rows[kind].code;
}

void tg_diags_init(TgDiags *diags, TgArena *arena, const TgSource *source) {
    *diags = (TgDiags){.arena = arena, .source = source};
    diags->items = tg_arena_alloc(arena, TG_DIAG_LIMIT * sizeof *diags->items);
}

// Fills the %s of `format`. Any other % stands for itself: operators occur in messages. Takes the
// list by pointer, so that the hint goes on where the message ended.
static char *fill(TgArena *arena, const char *format, va_list *arguments) {
    size_t length = 0, room = strlen(format) + 64;
    char *text = tg_arena_alloc(arena, room);
    for (const char *at = format; *at; at++) {
        bool is_place = at[0] == '%' && at[1] == 's';
        const char *piece = is_place ? va_arg(*arguments, const char *) : at;
        size_t size = is_place ? strlen(piece) : 1;
        if (length + size + 1 > room) {
            text = tg_arena_grow(arena, text, room, room * 2 + size);
            room = room * 2 + size;
        }
        memcpy(text + length, piece, size);
        length += size;
        if (is_place) at++;
    }
    text[length] = '\0';
    return text;
}

// Room for a new one, or NULL where the place has one already or the limit is reached.
static TgDiag *new_item(TgDiags *diags, TgDiagKind kind, uint32_t start, uint32_t end) {
    uint32_t kept = diags->count < TG_DIAG_LIMIT ? diags->count : TG_DIAG_LIMIT;
    for (uint32_t i = 0; i < kept; i++) {
        if (diags->items[i].start == start) return NULL;
    }
    diags->count++;
    if (kept == TG_DIAG_LIMIT) return NULL;
    TgDiag *item = &diags->items[kept];
    *item = (TgDiag){.kind = kind, .start = start, .end = end > start ? end : start};
    return item;
}

void tg_diag_add(TgDiags *diags, TgDiagKind kind, uint32_t start, uint32_t end, ...) {
    TgDiag *item = new_item(diags, kind, start, end);
    if (!item) return;
    va_list arguments;
    va_start(arguments, end);
    item->message = fill(diags->arena, rows[kind].message, &arguments);
    if (rows[kind].hint) item->hint = fill(diags->arena, rows[kind].hint, &arguments);
    va_end(arguments);
}

void tg_diag_add_hint(TgDiags *diags, TgDiagKind kind, uint32_t start, uint32_t end,
                      const char *hint, ...) {
    TgDiag *item = new_item(diags, kind, start, end);
    if (!item) return;
    va_list arguments;
    va_start(arguments, hint);
    item->message = fill(diags->arena, rows[kind].message, &arguments);
    if (hint)
        item->hint = tg_arena_copy(diags->arena, hint, strlen(hint));
    else if (rows[kind].hint)
        item->hint = fill(diags->arena, rows[kind].hint, &arguments);
    va_end(arguments);
}

bool tg_diags_any_from(const TgDiags *diags, uint32_t start) {
    uint32_t kept = diags->count < TG_DIAG_LIMIT ? diags->count : TG_DIAG_LIMIT;
    for (uint32_t i = 0; i < kept; i++)
        if (diags->items[i].start >= start) return true;
    return false;
}

void tg_diags_drop(TgDiags *diags, uint32_t start, uint32_t end) {
    uint32_t kept = diags->count < TG_DIAG_LIMIT ? diags->count : TG_DIAG_LIMIT, left = 0;
    for (uint32_t i = 0; i < kept; i++) {
        bool is_dropped = diags->items[i].start >= start && diags->items[i].start < end;
        if (!is_dropped) diags->items[left++] = diags->items[i];
    }
    diags->count -= kept - left;
}

// Words of other languages. A reader of one of them will type it sooner or later.
static const struct {
    const char *word, *hint;
} habits[] = {
    {"def", "functions are declared with fn: fn name(x) { … }"},
    {"function", "functions are declared with fn: fn name(x) { … }"},
    {"func", "functions are declared with fn: fn name(x) { … }"},
    {"fun", "functions are declared with fn: fn name(x) { … }"},
    {"lambda", "an anonymous function is written fn(x) => x + 1"},
    {"elif", "write else if"},
    {"elsif", "write else if"},
    {"elseif", "write else if"},
    {"var", "variables are declared with let: let x = 1"},
    {"const", "variables are declared with let: let x = 1"},
    {"local", "variables are declared with let: let x = 1"},
    {"catch", "exceptions are taken with except: except ValueError as e { … }"},
    {"mut", "every variable can be changed: let x = 1"},
    {"val", "variables are declared with let: let x = 1"},
    {"auto", "variables are declared with let: let x = 1"},
    {"sub", "functions are declared with fn: fn name(x) { … }"},
    {"proc", "functions are declared with fn: fn name(x) { … }"},
    {"export", "every top-level name of a file can be imported: leave it out"},
    {"public", "every name is public: leave it out"},
    {"private", "every name is public: leave it out"},
    {"static", "an attribute of a class is let name = value in its body"},
    {"final", "leave it out"},
    {"struct", "write class Name { … }, or a Map: {x: 1, y: 2}"},
    {"enum", "write a class with attributes: class Color { let red = 1 }"},
    {"interface", "leave it out: what has the method can be used"},
    {"puts", "write print(x)"},
    {"nullptr", "write nil"},
    {"__name__", "a script runs from its first line on: leave the test out"},
    {"rescue", "exceptions are taken with except: except ValueError as e { … }"},
    {"throw", "exceptions are raised with raise: raise ValueError(\"…\")"},
    {"async", "leave it out: any function can run in a task, nursery { spawn f(x) }"},
    {"await", "leave it out: calls wait by themselves, and a task's value is t.wait()"},
    {"go", "a task is started in a nursery: nursery { spawn f(x) }"},
    {"yield", "let others run with checkpoint(); hand values on through a channel"},
    {"defer", "clean up with finally { … }, or with x as y { … }"},
    {"then", "a block stands in braces: if x { … }"},
    {"do", "a block stands in braces: while x { … }"},
    {"end", "a block ends with '}'"},
    {"begin", "a block stands in braces: { … }"},
    {"switch", "write if x == 1 { … } else if x == 2 { … } else { … }"},
    {"match", "write if x == 1 { … } else if x == 2 { … } else { … }"},
    {"foreach", "write for item in items { … }"},
    {"until", "write while not x { … }"},
    {"unless", "write if not x { … }"},
    {"loop", "write while true { … }"},
    {"pass", "an empty block is { }"},
    {"new", "an instance is made by calling its class: Account(1)"},
    {"del", "remove an item with m.remove(key) or xs.remove_at(i)"},
    {"delete", "remove an item with m.remove(key) or xs.remove_at(i)"},
    {"global", "an assignment changes the variable around; only let makes a new one"},
    {"nonlocal", "an assignment changes the variable around; only let makes a new one"},
    {"extends", "write class Name < Superclass { … }"},
    {"this", "the receiver of a method is self"},
    {"None", "write nil"},
    {"null", "write nil"},
    {"NULL", "write nil"},
    {"Null", "write nil"},
    {"undefined", "write nil"},
    {"True", "write true"},
    {"TRUE", "write true"},
    {"False", "write false"},
    {"FALSE", "write false"},
    {"typeof", "write type(x)"},
    {"instanceof", "write x is Type"},
    {"isinstance", "write x is Type"},
    {"tostring", "write str(x)"},
    {"tonumber", "write int(x) or float(x)"},
    {"parseInt", "write int(x)"},
    {"parseFloat", "write float(x)"},
    {"pairs", "write for key, value in m { … }"},
    {"ipairs", "write for i, x in enumerate(xs) { … }"},
    {"Math", "write import math, and math.floor(x)"},
    {"setTimeout", "write spawn { sleep(1s); f() } in a nursery"},
    {"require", "write import name, or import \"file.tg\""},
    {"list", "a List is written [a, b], and one of what a for goes over [x for x in xs]"},
    {"Array", "a List is written [a, b]"},
    {"dict", "a Map is written {name: value}"},
    {"Object", "a Map is written {name: value}"},
    {"set", "a Map does it: {a: true}"},
    {"tuple", "a List is written [a, b]"},
    {"append", "write xs.push(x)"},
    {"console", "write print(x)"},
    {"println", "write print(x)"},
    {"open", "write import io, then io.open(path)"},
    {"bytes", "write Bytes([1, 2]), or text.encode()"},
    {"echo", "write print(x)"},
    {"package", "leave it out: every file is a module"},
    {"namespace", "leave it out: every file is a module"},
    {"typedef", "leave it out: types are not declared"},
    {"use", "write import name, or import \"file.tg\""},
    {"using", "write import name, or import \"file.tg\""},
    {"include", "write import name, or import \"file.tg\""},
    {"impl", "methods stand in their class: class Name { fn f() { … } }"},
    {"trait", "leave it out: what has the method can be used"},
    {"describe", "a test is written test \"name\" { … } at the top level, and run by tg test"},
    {"it", "a test is written test \"name\" { … }; a function names its parameter: fn(x) => x + 1"},
    {"expect", "write assert(a == b)"},
};

const char *tg_diag_habit(const char *word, size_t length) {
    for (size_t i = 0; i < sizeof habits / sizeof *habits; i++) {
        if (strlen(habits[i].word) == length && memcmp(habits[i].word, word, length) == 0) {
            return habits[i].hint;
        }
    }
    return NULL;
}

// A string that grows.
typedef struct {
    char *text;
    size_t length, room;
} Buffer;

static void put(Buffer *buffer, const char *bytes, size_t length) {
    if (buffer->length + length + 1 > buffer->room) {
        size_t room = (buffer->length + length + 1) * 2;
        char *text = realloc(buffer->text, room);
        if (!text) return; // a message cut short is all that can be had then
        buffer->text = text;
        buffer->room = room;
    }
    if (length) memcpy(buffer->text + buffer->length, bytes, length);
    buffer->length += length;
    buffer->text[buffer->length] = '\0';
}

static void put_text(Buffer *buffer, const char *text) {
    put(buffer, text, strlen(text));
}

// Length of the well-formed UTF-8 sequence at `at`, 0 where there is none.
static size_t sequence_length(const unsigned char *at, size_t room) {
    size_t length = at[0] < 0x80 ? 1 : at[0] < 0xC2 ? 0 : at[0] < 0xE0 ? 2 : at[0] < 0xF0 ? 3 : 4;
    if (at[0] > 0xF4 || length > room) return 0;
    for (size_t i = 1; i < length; i++) {
        if ((at[i] & 0xC0) != 0x80) return 0;
    }
    return length;
}

// Columns that a character takes on a terminal: 2 for the East Asian wide blocks and emoji.
static size_t columns_of(const unsigned char *at, size_t length) {
    if (length < 3) return 1;
    uint32_t code = length == 3 ? (uint32_t)(at[0] & 15) << 12 | (at[1] & 63u) << 6 | (at[2] & 63u)
                                : (uint32_t)(at[0] & 7) << 18 | (at[1] & 63u) << 12 |
                                      (at[2] & 63u) << 6 | (at[3] & 63u);
    bool is_wide = (code >= 0x1100 && code <= 0x115F) || (code >= 0x2E80 && code <= 0xA4CF) ||
                   (code >= 0xAC00 && code <= 0xD7A3) || (code >= 0xF900 && code <= 0xFAFF) ||
                   (code >= 0xFE30 && code <= 0xFE6F) || (code >= 0xFF00 && code <= 0xFF60) ||
                   (code >= 0x1F300 && code <= 0x1FAFF) || (code >= 0x20000 && code <= 0x3FFFD);
    return is_wide ? 2 : 1;
}

// Appends a stretch of source as it may be shown; gives the columns that it takes. With `as_blanks`
// only the room that it takes is appended (tabs stay tabs, so carets line up under them).
static size_t put_source(Buffer *buffer, const char *text, size_t length, bool as_blanks) {
    size_t columns = 0;
    for (size_t i = 0; i < length;) {
        const unsigned char *at = (const unsigned char *)text + i;
        size_t size = sequence_length(at, length - i);
        bool is_control = *at == 0x7F || (*at == 0xC2 && size == 2 && at[1] < 0xA0);
        bool is_shown = size && (*at >= 0x20 || *at == '\t') && !is_control;
        size_t width = is_shown ? columns_of(at, size) : 1;
        if (*at == '\t')
            put(buffer, "\t", 1);
        else if (as_blanks)
            put(buffer, "  ", width);
        else if (is_shown)
            put(buffer, (const char *)at, size);
        else
            put_text(buffer, "\xEF\xBF\xBD");
        columns += width;
        i += size ? size : 1;
    }
    return columns;
}

enum { WINDOW_BEFORE = 60, WINDOW_AFTER = 40 };

static bool is_continuation(char byte) {
    return ((unsigned char)byte & 0xC0) == 0x80;
}

// The line and the caret under it.
static void put_excerpt(Buffer *buffer, const TgSource *source, const TgDiag *item, int line,
                        const char *mark, const char *plain) {
    uint32_t length, start, end, from = 0;
    const char *text = tg_source_line(source, line, &length);
    if (!text) return;
    start = item->start - (uint32_t)(text - source->text);
    end = item->end - (uint32_t)(text - source->text);
    if (start > length) start = length; // at the newline
    if (end > length) end = length;
    if (start > WINDOW_BEFORE + WINDOW_AFTER) from = start - WINDOW_BEFORE;
    while (from > 0 && is_continuation(text[from])) from--;
    uint32_t to = length - start > WINDOW_BEFORE + WINDOW_AFTER ? start + WINDOW_AFTER : length;
    while (to < length && is_continuation(text[to])) to++;
    if (end > to) end = to;
    char number[32];
    int digits = snprintf(number, sizeof number, "%5d | ", line);
    put_text(buffer, number);
    if (from) put_text(buffer, "…");
    put_source(buffer, text + from, to - from, false);
    put_text(buffer, to < length ? "…\n" : "\n");
    snprintf(number, sizeof number, "%*s| ", digits - 2, "");
    put_text(buffer, number);
    if (from) put_text(buffer, " ");
    put_source(buffer, text + from, start - from, true);
    Buffer under = {0};
    size_t wide = end > start ? put_source(&under, text + start, end - start, true) : 1;
    free(under.text);
    put_text(buffer, mark);
    put_text(buffer, "^");
    for (size_t i = 1; i < wide; i++) put_text(buffer, "~");
    put_text(buffer, plain);
    put_text(buffer, "\n");
}

static void put_item(Buffer *buffer, const TgSource *source, const TgDiag *item, bool color) {
    const char *red = color ? "\033[1;31m" : "", *bold = color ? "\033[1m" : "";
    const char *plain = color ? "\033[0m" : "";
    int line, column;
    char place[64];
    tg_source_place(source, item->start, &line, &column);
    snprintf(place, sizeof place, ":%d:%d: ", line, column);
    put_text(buffer, bold);
    put_text(buffer, source->name);
    put_text(buffer, place);
    put_text(buffer, red);
    put_text(buffer, "error ");
    put_text(buffer, rows[item->kind].code);
    put_text(buffer, plain);
    put_text(buffer, ": ");
    put_text(buffer, item->message);
    put_text(buffer, "\n");
    put_excerpt(buffer, source, item, line, red, plain);
    if (!item->hint) return;
    put_text(buffer, "  hint: ");
    put_text(buffer, item->hint);
    put_text(buffer, "\n");
}

char *tg_diags_text(const TgDiags *diags, bool color) {
    uint32_t kept = diags->count < TG_DIAG_LIMIT ? diags->count : TG_DIAG_LIMIT;
    const TgDiag *order[TG_DIAG_LIMIT];
    for (uint32_t i = 0; i < kept; i++) {
        uint32_t at = i;
        for (; at > 0 && order[at - 1]->start > diags->items[i].start; at--) {
            order[at] = order[at - 1];
        }
        order[at] = &diags->items[i];
    }
    Buffer buffer = {0};
    put(&buffer, "", 0);
    for (uint32_t i = 0; i < kept; i++) put_item(&buffer, diags->source, order[i], color);
    if (diags->count > kept) {
        char more[64];
        snprintf(more, sizeof more, "and %u more errors\n", diags->count - kept);
        put_text(&buffer, more);
    }
    return buffer.text;
}
