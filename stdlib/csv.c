// stdlib/csv.c
// The module csv: tables as text, in the form of RFC 4180 and as spreadsheets write it.
//
// A whole text is read here, in stretches with a boundary between them; what comes line by line (rows) is put together in
// csv.tg, which asks here for one row at a time.
//
// Layer: library.
#include <string.h>

#include "stdlib/lib.h"
#include "stdlib/place.h"

enum { STRETCH = 64 * 1024 }; // bytes read between two boundaries

typedef struct {
    TgCall *call;
    TgVM *vm;
    const char *begin, *at, *end;
    char separator;
    uint64_t lines_before; // the text
    TgBuffer scratch; // the text of a field with doubled quotes
} Reader;

// ---- arguments

static bool read_separator(TgCall *call, int index, char *out) {
    TgString *text;
    *out = ',';
    if (!tg_lib_given(call, index)) return true;
    if (!tg_arg_string(call, index, &text)) return false;
    *out = text->data[0];
    bool is_good = text->length == 1 && *out > 0 && !strchr("\"\r\n", *out);
    if (!is_good)
        tg_error_raise(call->vm, TG_ERR_ValueError, "csv: sep is one character of ASCII and no quote or newline, not %s",
                       tg_lib_show(call->vm, call->args[index]));
    return is_good;
}

static bool begin_reader(TgCall *call, TgValue text, int separator, Reader *reader) {
    const TgString *string = (TgString *)tg_as_obj(text);
    *reader = (Reader){.call = call, .vm = call->vm, .begin = string->data, .at = string->data};
    reader->end = string->data + string->length;
    return read_separator(call, separator, &reader->separator);
}

// ---- fields and rows

static bool is_newline(char c) {
    return c == '\n' || c == '\r';
}

static bool is_field_end(const Reader *reader) {
    return reader->at == reader->end || *reader->at == reader->separator || is_newline(*reader->at);
}

static bool fail(const Reader *reader, const char *at, const char *message) {
    tg_place_raise(reader->call, reader->begin, (size_t)(reader->end - reader->begin), (size_t)(at - reader->begin),
                   reader->lines_before, message);
    return false;
}

static bool no_memory(const Reader *reader) {
    tg_error_memory(reader->vm);
    return false;
}

static bool put_field(const Reader *reader, TgList *row, const char *bytes, size_t length) {
    if (length > 4096 && !tg_gc_can_take(reader->vm, length)) return no_memory(reader);
    return tg_list_push(reader->vm, row, tg_obj(tg_string(reader->vm, bytes, length))) || no_memory(reader);
}

// At the opening quote.
static bool read_quoted(Reader *reader, TgList *row) {
    const char *open = reader->at++, *run = reader->at;
    reader->scratch.length = 0;
    for (;;) {
        const char *quote = memchr(reader->at, '"', (size_t)(reader->end - reader->at));
        if (!quote) return fail(reader, open, "csv: this quote is never closed");
        reader->at = quote + 1;
        if (reader->at == reader->end || *reader->at != '"') break;
        tg_buffer_add(&reader->scratch, run, (size_t)(reader->at - run)); // one of the two
        run = ++reader->at;
    }
    size_t length = (size_t)(reader->at - 1 - run);
    if (!is_field_end(reader)) return fail(reader, reader->at, "csv: text behind a closing quote (inside of quotes a quote is doubled)");
    if (run == open + 1) return put_field(reader, row, run, length);
    tg_buffer_add(&reader->scratch, run, length);
    if (reader->scratch.failed) return no_memory(reader);
    return put_field(reader, row, reader->scratch.data, reader->scratch.length);
}

static bool read_field(Reader *reader, TgList *row) {
    if (reader->at < reader->end && *reader->at == '"') return read_quoted(reader, row);
    const char *start = reader->at;
    while (!is_field_end(reader)) reader->at++;
    return put_field(reader, row, start, (size_t)(reader->at - start));
}

// One row and the newline behind it.
static bool read_row(Reader *reader, TgList *row) {
    for (;;) {
        if (!read_field(reader, row)) return false;
        if (reader->at == reader->end) return true;
        if (*reader->at != reader->separator) break;
        reader->at++;
    }
    if (*reader->at++ == '\r' && reader->at < reader->end && *reader->at == '\n') reader->at++;
    return true;
}

static void skip_empty_lines(Reader *reader) {
    while (reader->at < reader->end && is_newline(*reader->at)) reader->at++;
}

// ---- headers

static bool check_header(TgCall *call, const TgList *names) {
    TgMap *seen = tg_map(call->vm);
    for (uint32_t i = 0; i < names->count; i++) {
        TgValue name = names->items[i];
        bool is_text = tg_is_kind(name, OBJ_STRING);
        if (is_text && tg_is_undef(tg_map_get(seen, name)) && tg_map_set(call->vm, seen, name, TG_NIL)) continue;
        if (is_text)
            tg_error_raise(call->vm, TG_ERR_ValueError, "csv: a name stands twice in the header: %s", tg_lib_show(call->vm, name));
        else
            tg_error_raise(call->vm, TG_ERR_TypeError, "csv: a name in the header has to be a String, not %s", TG_SHOW(call->vm, name));
        return false;
    }
    return true;
}

static bool wrong_count(TgVM *vm, const TgList *names, const TgList *row, uint64_t line) {
    tg_error_raise(vm, TG_ERR_ValueError, "csv: the header has %u field%s, line %llu has %u", (unsigned)names->count,
                   names->count == 1 ? "" : "s", (unsigned long long)line, (unsigned)row->count);
    return false;
}

// The row, which has as many fields, as a Map.
static bool map_fields(TgVM *vm, const TgList *names, const TgList *row, TgValue *out) {
    TgMap *map = tg_map(vm);
    *out = tg_obj(map);
    for (uint32_t i = 0; i < row->count; i++)
        if (!tg_map_set(vm, map, names->items[i], row->items[i])) return tg_error_memory(vm), false;
    return true;
}

static bool name_fields(const Reader *reader, const TgList *names, const TgList *row, const char *start, TgValue *out) {
    uint64_t line, column;
    if (names->count == row->count) return map_fields(reader->vm, names, row, out);
    tg_place_of(reader->begin, (size_t)(start - reader->begin), &line, &column);
    return wrong_count(reader->vm, names, row, line);
}

// ---- a whole text

enum { ARG_TEXT, ARG_SEPARATOR, ARG_HEADER, STATE_ROWS, STATE_AT };

// `header`: the names, nil where there are none, true where the first row has them.
static bool read_rows(Reader *reader, TgValue *header, TgList *rows) {
    const char *stop = reader->end - reader->at > STRETCH ? reader->at + STRETCH : reader->end;
    for (skip_empty_lines(reader); reader->at < stop; skip_empty_lines(reader)) {
        const char *start = reader->at;
        const TgList *names = tg_is_kind(*header, OBJ_LIST) ? (TgList *)tg_as_obj(*header) : NULL;
        TgList *row = tg_list(reader->vm, names ? names->count : 0);
        TgValue value = tg_obj(row);
        if (!read_row(reader, row)) return false;
        if (*header == TG_TRUE) {
            *header = value;
            if (!check_header(reader->call, row)) return false;
            continue;
        }
        if (names && !name_fields(reader, names, row, start, &value)) return false;
        if (!tg_list_push(reader->vm, rows, value)) return no_memory(reader);
    }
    return true;
}

static bool take_header(TgCall *call, int index) {
    TgValue given = call->args[index];
    if (!tg_given(call, index) || given == TG_FALSE) return call->args[index] = TG_NIL, true;
    if (tg_is_nil(given) || given == TG_TRUE) return true;
    if (tg_is_kind(given, OBJ_LIST)) return check_header(call, (TgList *)tg_as_obj(given));
    tg_error_raise(call->vm, TG_ERR_TypeError, "csv: header is true (the first row), or a List of names, not %s", TG_SHOW(call->vm, given));
    return false;
}

static TgResult csv_parse(TgCall *call) {
    TgString *text;
    Reader reader;
    if (!tg_arg_string(call, ARG_TEXT, &text)) return TG_RAISED;
    if (!begin_reader(call, call->args[ARG_TEXT], ARG_SEPARATOR, &reader)) return TG_RAISED;
    if (call->step) {
        reader.at += tg_as_int(call->args[STATE_AT]);
    } else {
        if (!take_header(call, ARG_HEADER)) return TG_RAISED;
        call->args[STATE_ROWS] = tg_obj(tg_list(call->vm, 0));
        if (text->length >= 3 && !memcmp(text->data, "\xEF\xBB\xBF", 3)) reader.at += 3; // a byte order mark
    }
    bool is_good = read_rows(&reader, &call->args[ARG_HEADER], (TgList *)tg_as_obj(call->args[STATE_ROWS]));
    tg_buffer_free(&reader.scratch);
    if (!is_good) return TG_RAISED;
    if (reader.at == reader.end) return tg_return(call, call->args[STATE_ROWS]);
    call->args[STATE_AT] = tg_int(reader.at - reader.begin);
    return tg_lib_breathe(call, 1);
}

// ---- for the tg half

// Whether the row goes on behind the end of this line, which begins inside of quotes or not.
static TgResult csv_is_open(TgCall *call) {
    TgString *line;
    char separator;
    if (!tg_arg_string(call, 0, &line) || !read_separator(call, 1, &separator)) return TG_RAISED;
    // A quote begins a quoted field at the field's beginning only.
    bool is_open = call->args[2] == TG_TRUE, is_start = !is_open;
    for (uint32_t i = 0; i < line->length; i++) {
        char c = line->data[i];
        bool closes = c == '"' && is_open, opens = c == '"' && is_start;
        is_open = (is_open || opens) && !closes;
        // Behind a quote that closes, another one opens again: the two are one in the field.
        is_start = !is_open && (c == separator || (closes && i + 1 < line->length && line->data[i + 1] == '"'));
    }
    return tg_return(call, tg_bool(is_open));
}

// The fields of one row, or nil where the text is empty.
static TgResult csv_row(TgCall *call) {
    TgString *text;
    Reader reader;
    int64_t line;
    if (!tg_arg_string(call, 0, &text) || !begin_reader(call, call->args[0], 1, &reader) || !tg_arg_int(call, 2, &line)) return TG_RAISED;
    reader.lines_before = (uint64_t)line - 1;
    skip_empty_lines(&reader);
    if (reader.at == reader.end) return tg_return(call, TG_NIL);
    TgList *row = tg_list(call->vm, 0);
    bool is_good = read_row(&reader, row);
    tg_buffer_free(&reader.scratch);
    return is_good ? tg_return(call, tg_obj(row)) : TG_RAISED;
}

static TgResult csv_named(TgCall *call) {
    TgList *names, *row;
    int64_t line;
    TgValue value;
    if (!tg_arg_list(call, 0, &names) || !tg_arg_list(call, 1, &row) || !tg_arg_int(call, 2, &line)) return TG_RAISED;
    bool is_good = names->count == row->count ? map_fields(call->vm, names, row, &value)
                                              : wrong_count(call->vm, names, row, (uint64_t)line);
    return is_good ? tg_return(call, value) : TG_RAISED;
}

static TgResult csv_header(TgCall *call) {
    TgList *names;
    if (!tg_arg_list(call, 0, &names) || !check_header(call, names)) return TG_RAISED;
    return tg_return(call, TG_NIL);
}

static void add_field(TgBuffer *out, const TgString *text, char separator, bool is_alone) {
    const char special[] = {'"', '\r', '\n', separator, '\0'};
    bool is_plain = strcspn(text->data, special) >= text->length && !(is_alone && text->length == 0);
    if (is_plain) {
        tg_buffer_add(out, text->data, text->length);
        return;
    }
    tg_buffer_add(out, "\"", 1);
    for (uint32_t i = 0; i < text->length; i++) {
        if (text->data[i] == '"') tg_buffer_add(out, "\"", 1);
        tg_buffer_add(out, text->data + i, 1);
    }
    tg_buffer_add(out, "\"", 1);
}

// Strings as a line of text, with its newline.
static TgResult csv_line(TgCall *call) {
    TgList *row;
    char separator;
    TgBuffer out = {0};
    if (!tg_arg_list(call, 0, &row) || !read_separator(call, 1, &separator)) return TG_RAISED;
    for (uint32_t i = 0; i < row->count; i++) {
        if (i) tg_buffer_add(&out, &separator, 1);
        add_field(&out, (TgString *)tg_as_obj(row->items[i]), separator, row->count == 1);
    }
    tg_buffer_add(&out, "\n", 1);
    return tg_lib_return_text(call, &out);
}

const TgNativeDef tg_lib_csv_members[] = {
    {"parse(text, sep = \",\", header = false)", csv_parse,
     "The rows of a text, as Lists of Strings; with header: true (the names are the first row) or a List of names, as Maps."},
    {"_is_open(line, sep, open)", csv_is_open, "Whether the row goes on behind this line."},
    {"_row(text, sep, line)", csv_row, "The fields of one row; nil for an empty line."},
    {"_named(names, row, line)", csv_named, "The row as a Map."},
    {"_header(names)", csv_header, "Raises what is wrong with these names."},
    {"_line(row, sep)", csv_line, "These Strings as a line."},
    {0},
};

void tg_lib_csv(TgVM *vm, TgModule *module) {
    tg_register_members(vm, module, tg_lib_csv_members);
}
