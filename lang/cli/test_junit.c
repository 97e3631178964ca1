// lang/cli/test_junit.c
// The results of `tg test` as JUnit XML, for machines: a suite for each file.
// Layer: command, private to tg test.
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "lang/cli/test_impl.h"

// The length of an escape sequence for colours at `text`, or 0.
static size_t colour_length(const char *text) {
    if (text[0] != '\033' || text[1] != '[') return 0;
    size_t length = 2 + strspn(text + 2, "0123456789;");
    return text[length] == 'm' ? length + 1 : 0;
}

// XML 1.0 has no place for control characters, nor for bytes that are no UTF-8: a '?' stands for them.
static size_t write_character(FILE *out, const char *text, size_t left) {
    unsigned char c = (unsigned char)*text;
    size_t length = c < 0x80 ? 1 : c < 0xE0 ? 2 : c < 0xF0 ? 3 : 4;
    bool is_good = length <= left && tg_utf8_valid(text, length) && (c >= 0x20 || c == '\n' || c == '\t');
    bool is_none = length == 3 && c == 0xEF && (unsigned char)text[1] == 0xBF && (unsigned char)text[2] >= 0xBE; // U+FFFE, U+FFFF
    if (!is_good || is_none) return fputc('?', out), is_none && is_good ? 3 : 1;
    if (c == '<') fputs("&lt;", out);
    else if (c == '>') fputs("&gt;", out);
    else if (c == '&') fputs("&amp;", out);
    else if (c == '"') fputs("&quot;", out);
    else fwrite(text, 1, length, out);
    return length;
}

static void write_text(FILE *out, const char *text, size_t length) {
    for (size_t at = 0; at < length;) {
        size_t colour = colour_length(text + at);
        at += colour ? colour : write_character(out, text + at, length - at);
    }
}

static void write_attribute(FILE *out, const char *name, const char *text, size_t length) {
    fprintf(out, " %s=\"", name);
    for (size_t at = 0; at < length;) { // a newline in an attribute is read as a blank
        if (text[at] == '\n') fputs("&#10;", out), at++;
        else {
            size_t colour = colour_length(text + at);
            at += colour ? colour : write_character(out, text + at, length - at);
        }
    }
    fputc('"', out);
}

// Its first line is the message, what stands before its first ':' the type.
static void write_failure(FILE *out, const TestResult *result) {
    const char *report = result->report;
    size_t line = strcspn(report, "\n"), type = strcspn(report, ":\n");
    bool has_type = report[type] == ':' && !memchr(report, ' ', type);
    const char *tag = result->status == TEST_SKIPPED ? "skipped" : result->status == TEST_FAILED ? "failure" : "error";
    fprintf(out, "      <%s", tag);
    write_attribute(out, "message", report, line);
    if (has_type && result->status == TEST_FAILED) write_attribute(out, "type", report, type);
    fputs(">", out);
    write_text(out, report, strlen(report));
    fprintf(out, "</%s>\n", tag);
}

static void write_case(FILE *out, const TestResult *result) {
    fputs("    <testcase", out);
    write_attribute(out, "classname", result->file, strlen(result->file));
    write_attribute(out, "name", result->name, strlen(result->name));
    write_attribute(out, "file", result->file, strlen(result->file));
    fprintf(out, " line=\"%u\" time=\"%.6f\">\n", result->line, result->seconds);
    if (result->status != TEST_PASSED) write_failure(out, result);
    if (*result->output) {
        fputs("      <system-out>", out);
        write_text(out, result->output, strlen(result->output));
        fputs("</system-out>\n", out);
    }
    fputs("    </testcase>\n", out);
}

static void write_counts(FILE *out, const TestResult *results, uint32_t count, double seconds) {
    uint32_t of[TEST_STATUSES] = {0};
    for (uint32_t i = 0; i < count; i++) of[results[i].status]++;
    fprintf(out, " tests=\"%u\" failures=\"%u\" errors=\"%u\" skipped=\"%u\" time=\"%.6f\">\n", count, of[TEST_FAILED],
            of[TEST_STOPPED] + of[TEST_UNREADABLE], of[TEST_SKIPPED], seconds);
}

// The results of one file, which stand side by side; gives how many.
static uint32_t write_suite(FILE *out, const TestResult *results, uint32_t count) {
    uint32_t own = 0;
    double seconds = 0;
    while (own < count && results[own].file == results->file) seconds += results[own++].seconds;
    fputs("  <testsuite", out);
    write_attribute(out, "name", results->file, strlen(results->file));
    write_counts(out, results, own, seconds);
    for (uint32_t i = 0; i < own; i++) write_case(out, &results[i]);
    fputs("  </testsuite>\n", out);
    return own;
}

bool tg_test_write_junit(const TestSession *session) {
    const TestResults *results = &session->results;
    FILE *out = fopen(session->plan->junit, "w");
    if (out) {
        fputs("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites", out);
        write_counts(out, results->items, results->count, session->seconds);
        for (uint32_t at = 0; at < results->count;) at += write_suite(out, results->items + at, results->count - at);
        fputs("</testsuites>\n", out);
    }
    bool is_good = out && !ferror(out);
    if (out && fclose(out) != 0) is_good = false;
    if (!is_good) fprintf(stderr, "tg test: %s: %s\n", session->plan->junit, strerror(errno));
    return is_good;
}
