// tests/wanted.c
// Reads the comments of a script that say what it expects.
//
// Layer: tests.
#include "tests/wanted.h"

#include <ctype.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>

static void slices_add(Slices *slices, Slice slice) {
    slices->items = realloc(slices->items, (slices->count + 1) * sizeof *slices->items);
    if (!slices->items) abort();
    slices->items[slices->count++] = slice;
}

static bool slice_is(Slice slice, const char *text) {
    return slice.length == strlen(text) && memcmp(slice.at, text, slice.length) == 0;
}

bool slice_equal(Slice a, Slice b) {
    return a.length == b.length && memcmp(a.at, b.at, a.length) == 0;
}

// Cuts the first line off `rest`; false at the end. A last line needs no newline.
bool next_line(Slice *rest, Slice *line) {
    if (!rest->length) return false;
    const char *newline = memchr(rest->at, '\n', rest->length);
    line->at = rest->at;
    line->length = newline ? (size_t)(newline - rest->at) : rest->length;
    size_t used = line->length + (newline ? 1 : 0);
    rest->at += used;
    rest->length -= used;
    return true;
}

static bool next_word(Slice *rest, Slice *word) {
    while (rest->length && isspace((unsigned char)*rest->at)) rest->at++, rest->length--;
    word->at = rest->at;
    while (rest->length && !isspace((unsigned char)*rest->at)) rest->at++, rest->length--;
    word->length = (size_t)(rest->at - word->at);
    return word->length > 0;
}

static void add_words(Slices *slices, Slice text) {
    for (Slice word; next_word(&text, &word);) slices_add(slices, word);
}

static int signal_number(Slice name) {
    static const struct {
        const char *name;
        int number;
    } known[] = {{"SIGINT", SIGINT},   {"SIGTERM", SIGTERM}, {"SIGHUP", SIGHUP},
                 {"SIGQUIT", SIGQUIT}, {"SIGKILL", SIGKILL}, {"SIGABRT", SIGABRT},
                 {"SIGPIPE", SIGPIPE}, {"SIGUSR1", SIGUSR1}};
    for (size_t i = 0; i < sizeof known / sizeof *known; i++) {
        if (slice_is(name, known[i].name)) return known[i].number;
    }
    return 0;
}

// SIGINT when "TEXT" | SIGINT after 100ms
static bool parse_send(Slice text, Send *send) {
    Slice name, how;
    *send = (Send){0};
    if (!next_word(&text, &name) || !next_word(&text, &how)) return false;
    send->signal = signal_number(name);
    if (!send->signal) return false;
    while (text.length && *text.at == ' ') text.at++, text.length--;
    while (text.length && text.at[text.length - 1] == ' ') text.length--;
    if (slice_is(how, "when")) {
        if (text.length < 2 || text.at[0] != '"' || text.at[text.length - 1] != '"') return false;
        send->line = (Slice){text.at + 1, text.length - 2};
        return true;
    }
    char number[32] = "", *unit;
    if (!slice_is(how, "after") || text.length >= sizeof number) return false;
    memcpy(number, text.at, text.length);
    send->delay = strtod(number, &unit);
    if (strcmp(unit, "ms") == 0) send->delay /= 1000;
    else if (strcmp(unit, "s") != 0) return false;
    return true;
}

static bool parse_modes(Slice text, unsigned *modes) {
    Slices names = {0};
    bool good = true;
    add_words(&names, text);
    for (size_t i = 0; i < names.count; i++) {
        if (slice_is(names.items[i], "plain")) *modes |= MODE_PLAIN;
        else if (slice_is(names.items[i], "slice")) *modes |= MODE_SLICE;
        else if (slice_is(names.items[i], "gc-stress")) *modes |= MODE_GC_STRESS;
        else if (slice_is(names.items[i], "once")) *modes |= MODE_ONCE;
        else good = false;
    }
    free(names.items);
    return good && *modes;
}

typedef enum { D_EXPECT, D_ERROR, D_EXIT, D_DIES, D_SEND, D_STDIN, D_ARGS, D_FLAGS, D_TIME, D_MODES } Word;

static const char *const words[] = {"expect:", "expect error:", "exit:", "dies:", "send:",
                                    "stdin:",  "args:",         "flags:", "time:", "modes:"};

// The first directive of a line: which one, and the text behind it. -1: none.
static int find_directive(Slice line, Slice *text) {
    for (size_t i = 0; i + 2 < line.length; i++) {
        if (line.at[i] != '#' || line.at[i + 1] != ' ') continue;
        Slice rest = {line.at + i + 2, line.length - i - 2};
        for (int word = 0; word < (int)(sizeof words / sizeof *words); word++) {
            size_t length = strlen(words[word]);
            if (rest.length < length || memcmp(rest.at, words[word], length) != 0) continue;
            *text = (Slice){rest.at + length, rest.length - length};
            if (text->length && *text->at == ' ') text->at++, text->length--;
            return word;
        }
    }
    return -1;
}

static void parse_directive(Wanted *wanted, int word, Slice text) {
    bool good = true;
    switch ((Word)word) {
    case D_EXPECT: slices_add(&wanted->out, text); break;
    case D_ERROR:
        slices_add(&wanted->err, text);
        good = text.length > 0;
        break;
    case D_EXIT:
        wanted->exit_status = atoi(text.at);
        good = text.length > 0 && isdigit((unsigned char)*text.at);
        break;
    case D_DIES: good = (wanted->dies = signal_number(text)) != 0; break;
    case D_SEND:
        good = wanted->send_count < 16 && parse_send(text, &wanted->sends[wanted->send_count++]);
        break;
    case D_STDIN:
        bytes_add(&wanted->input, text.at, text.length);
        bytes_add(&wanted->input, "\n", 1);
        break;
    case D_ARGS: add_words(&wanted->args, text); break;
    case D_FLAGS: add_words(&wanted->flags, text); break;
    case D_MODES: good = parse_modes(text, &wanted->modes); break;
    case D_TIME: good = wanted->real_time = slice_is(text, "real"); break;
    }
    if (word <= D_DIES) wanted->has_expectation = true;
    if (!good && !wanted->problem[0]) {
        snprintf(wanted->problem, sizeof wanted->problem, "bad directive: %s %.*s", words[word],
                 (int)text.length, text.at);
    }
}

void parse_wanted(Wanted *wanted, const Bytes *script) {
    Slice rest = {script->data, script->length}, line, text;
    while (next_line(&rest, &line)) {
        if (line.length && line.at[line.length - 1] == '\r') line.length--;
        int word = find_directive(line, &text);
        if (word >= 0) parse_directive(wanted, word, text);
    }
    if (!wanted->has_expectation) strcpy(wanted->problem, "it says nothing of what it expects");
}

void wanted_free(Wanted *wanted) {
    free(wanted->out.items);
    free(wanted->err.items);
    free(wanted->args.items);
    free(wanted->flags.items);
    bytes_free(&wanted->input);
}
