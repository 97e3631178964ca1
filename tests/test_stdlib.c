// tests/test_stdlib.c
// The library's tables: every row has a help sentence, a signature that can be read, and a name of
// its own. What the functions do is tested by tests/conformance. Layer: tests.
#include <criterion/criterion.h>
#include <ctype.h>
#include <stdio.h>
#include <string.h>

#include "stdlib/registry.h"
#include "tests/support.h"
#include "vm/api.h"

typedef struct {
    char names[512][64];
    size_t count;
} Names;

static size_t length_of_name(const char *signature) {
    return strcspn(signature, "(");
}

static void check_help(void *data, const char *room, const TgNativeDef *def) {
    (void)data;
    size_t length = def->help ? strlen(def->help) : 0;
    cr_expect(length > 8, "%s %s: no help", room, def->signature);
    cr_expect(length && def->help[length - 1] == '.', "%s %s: its help is no sentence", room,
              def->signature);
}

// One parameter: `name`, `*name`, `name = default` or `name: default`.
static void check_parameter(const TgNativeDef *def, const char *at, size_t length) {
    size_t i = length && *at == '*';
    cr_expect(i < length && (isalpha((unsigned char)at[i]) || at[i] == '_'), "%s: a parameter",
              def->signature);
    while (i < length && (isalnum((unsigned char)at[i]) || at[i] == '_')) i++;
    cr_expect(i == length || at[i] == ':' || !strncmp(at + i, " = ", 3), "%s: after a parameter",
              def->signature);
}

static void check_signature(void *data, const char *room, const TgNativeDef *def) {
    (void)data;
    (void)room;
    size_t length = strlen(def->signature), name = length_of_name(def->signature);
    cr_assert(name > 0 && name < length, "%s: no name", def->signature);
    for (size_t i = 0; i < name; i++)
        cr_expect(isalnum((unsigned char)def->signature[i]) || def->signature[i] == '_');
    cr_assert(def->signature[length - 1] == ')', "%s: no end", def->signature);
    bool is_quoted = false;
    size_t start = name + 1;
    for (size_t i = start; i < length; i++) {
        char c = def->signature[i];
        if (c == '"') is_quoted = !is_quoted;
        if (is_quoted || (c != ',' && i != length - 1)) continue;
        if (i > start) check_parameter(def, def->signature + start, i - start);
        start = i + 2; // ", "
    }
    cr_expect(!is_quoted, "%s: a String without end", def->signature);
}

static void check_name(void *data, const char *room, const TgNativeDef *def) {
    Names *names = data;
    char name[64];
    snprintf(name, sizeof name, "%s.%.*s", room, (int)length_of_name(def->signature),
             def->signature);
    bool may_repeat = strstr(name, ".init") != NULL;
    for (size_t i = 0; i < names->count && !may_repeat; i++)
        cr_expect(strcmp(names->names[i], name) != 0, "%s stands twice", name);
    cr_assert(names->count < 512);
    strcpy(names->names[names->count++], name);
}

Test(stdlib, every_row_has_a_help_sentence) {
    tg_stdlib_rows(check_help, NULL);
}

Test(stdlib, every_signature_can_be_read) {
    tg_stdlib_rows(check_signature, NULL);
}

Test(stdlib, every_name_stands_once) {
    static Names names;
    tg_stdlib_rows(check_name, &names);
    cr_expect(names.count > 100);
}

Test(stdlib, the_modules_are_listed) {
    const char *const *names = tg_stdlib_module_names();
    cr_expect(strcmp(names[0], "math") == 0 && strcmp(names[1], "random") == 0);
}

// What users of other languages are told to write (vm/foreign.c) is there: each MODULE.name( of the table is looked up.
Test(stdlib, what_is_said_in_place_of_names_from_elsewhere_is_there) {
    Bytes table = {0};
    TgBuffer script = {0};
    cr_assert(bytes_read(&table, "vm/foreign.c"));
    int count = 0;
    for (const char *const *module = tg_stdlib_module_names(); *module; module++) {
        char start[32];
        int length = snprintf(start, sizeof start, "%s.", *module);
        tg_buffer_format(&script, "import %s\n", *module);
        for (const char *at = table.data; (at = strstr(at, start)); at++) {
            size_t name = strspn(at + length, "abcdefghijklmnopqrstuvwxyz_0123456789");
            bool is_whole = at > table.data && !isalnum((unsigned char)at[-1]) && at[-1] != '.' && at[-1] != '_';
            if (!is_whole || !name || at[(size_t)length + name] != '(') continue;
            tg_buffer_format(&script, "%.*s\n", length + (int)name, at);
            count++;
        }
    }
    tg_buffer_add(&script, "", 1);
    Ended ended = run_tg(NULL, (const char *const[]){"-e", script.data, NULL}, NULL);
    cr_expect(count > 80, "only %d names were found", count);
    cr_expect(ended.exit_status == 0, "%s", ended.err.data);
    ended_free(&ended);
    tg_buffer_free(&script);
    bytes_free(&table);
}
