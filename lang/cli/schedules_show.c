// lang/cli/schedules_show.c
// Findings, told; tokens of schedules; one schedule run again.
// Layer: command.
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lang/cli/schedules_impl.h"
#include "vm/sched.h"

enum { SHOWN = 20, FOUND = 1, NOT_COMPLETE = 3, OUTPUT_SHOWN = 400 };

// ---- Tokens

void schedules_token(const TgDeviations *how, TgBuffer *out) {
    if (!how->count) tg_buffer_text(out, "plain");
    for (uint32_t i = 0; i < how->count; i++) {
        const TgDeviation *item = &how->items[i];
        bool is_timer = item->kind != 'p' && item->what >= EXPLORE_TIMER;
        tg_buffer_format(out, "%s%c%u%c%u", i ? "," : "", item->kind, item->at, is_timer ? 't' : ':',
                         is_timer ? item->what - EXPLORE_TIMER : item->what);
    }
}

bool schedules_read_token(const char *token, TgDeviations *how) {
    *how = (TgDeviations){0};
    if (!strcmp(token, "plain")) return true;
    how->items = calloc(strlen(token) + 1, sizeof *how->items);
    for (const char *at = token; how->items;) {
        TgDeviation *item = &how->items[how->count];
        char sign;
        int length = 0;
        if (sscanf(at, "%c%u%c%u%n", &item->kind, &item->at, &sign, &item->what, &length) < 4) return false;
        if (!strchr("bwp", item->kind) || !strchr(":t", sign)) return false;
        if (sign == 't') item->what += EXPLORE_TIMER;
        how->count++;
        at += length;
        if (!*at) return true;
        if (*at++ != ',') return false;
    }
    return false;
}

// ---- A story

static void show_story(Search *search, const TgDeviations *how, uint64_t press) {
    TgVM *vm = search->vm;
    vm->options.press[0] = press;
    tg_explore_tell(vm->explorer, true);
    Result result = schedules_run(search, how);
    tg_explore_tell(vm->explorer, false);
    vm->options.press[0] = 0;
    TgBuffer story = {0};
    tg_explore_story(vm, &story);
    if (story.length) printf("%.*s", (int)story.length, story.data);
    if (press) printf("    with a Ctrl-C at boundary %llu, line %u\n", (unsigned long long)press, vm->sched->struck_line);
    tg_buffer_free(&story);
    schedules_result_free(&result);
}

static void show_how(Search *search, const TgDeviations *how, uint64_t press) {
    TgBuffer token = {0};
    schedules_token(how, &token);
    printf("    to see it: tg check --schedule=%.*s ", (int)token.length, token.data);
    if (press) printf("--at=%llu ", (unsigned long long)press);
    printf("%s\n", search->plan->file);
    tg_buffer_free(&token);
}

static void show_output(const char *title, const char *output) {
    size_t length = strlen(output);
    printf("    %s:\n", title);
    for (const char *at = output, *end = output + (length > OUTPUT_SHOWN ? OUTPUT_SHOWN : length); at < end;) {
        size_t line = strcspn(at, "\n");
        printf("      | %.*s\n", (int)line, at);
        at += line + (at[line] == '\n');
    }
    if (length > OUTPUT_SHOWN) printf("      | …\n");
    if (!length) printf("      (nothing)\n");
}

// ---- Findings

static const char *times(uint64_t count) { return count == 1 ? "" : "s"; }

static const Outcome *first_without_error(const Search *search) {
    for (uint32_t i = 0; i < search->outcome_count; i++) {
        char end = search->outcomes[i].text[0];
        if (end != '0' + RUN_ERROR && end != '0' + RUN_LIMIT && end != 'e') return &search->outcomes[i];
    }
    return NULL;
}

static void show_outputs(Search *search, const Finding *finding) {
    const Outcome *first = first_without_error(search);
    uint32_t outputs = 0;
    for (uint32_t i = 0; i < search->outcome_count; i++) {
        char end = search->outcomes[i].text[0];
        outputs += end != '0' + RUN_ERROR && end != '0' + RUN_LIMIT && end != 'e';
    }
    const char *differs = search->plan->any_output ? "end with different statuses" : "print different things";
    printf("%s: different schedules %s: %u outputs\n", search->plan->file, differs, outputs);
    if (first) {
        show_output("one", first->output);
        show_how(search, &first->how, 0);
    }
    show_output("another", finding->output);
    show_story(search, &finding->how, 0);
    show_how(search, &finding->how, 0);
}

static void show_finding(Search *search, const Finding *finding) {
    if (finding->kind == FINDS_OUTPUT) {
        show_outputs(search, finding);
        return;
    }
    size_t length = strlen(finding->what);
    while (length && finding->what[length - 1] == '\n') length--;
    printf("%s: %.*s\n", search->plan->file, (int)length, finding->what);
    show_story(search, &finding->how, finding->press);
    show_how(search, &finding->how, finding->press);
}

static void show_end(const Search *search) {
    unsigned long long runs = search->runs, schedules = search->schedules;
    printf("tg check: %s: ", search->plan->file);
    if (search->base.explored == EXPLORED_ENDLESS) {
        printf("the script does not end by itself in %llu boundaries (--boundaries): only one that ends can be explored\n",
               (unsigned long long)search->plan->boundaries);
        return;
    }
    if (search->complete) {
        printf("complete: %llu different schedule%s", schedules, times(schedules));
    } else if (search->bound < UINT32_MAX) {
        printf("%llu schedule%s with at most %u preemption%s", schedules, times(schedules), search->bound, times(search->bound));
    } else {
        printf("%llu schedule%s", schedules, times(schedules));
    }
    double all = search->progress > 1e-12 ? (double)schedules / search->progress : 0;
    if (!search->complete && search->progress < 1 && all > 0) printf(all < 1e6 ? " of %.0f or more" : " of %.1g or more", all);
    printf(", %llu runs", runs);
    if (search->presses) printf(" (%llu of them with a Ctrl-C)", (unsigned long long)search->presses);
    if (search->finding_count) printf(", %u finding%s", search->finding_count, times(search->finding_count));
    else printf(", nothing found%s", search->complete ? "" : " so far");
    if (search->stopped_by) printf("; stopped by %s", search->stopped_by);
    printf("\n");
}

int schedules_report(Search *search) {
    uint64_t runs = search->runs;
    if (search->plan->outcomes) {
        for (uint32_t i = 0; i < search->outcome_count; i++) {
            printf("outcome: ");
            for (const char *at = search->outcomes[i].text; *at; at++) {
                if (*at == '\n' || *at == '\\') putchar('\\');
                putchar(*at == '\n' ? 'n' : *at);
            }
            printf("\n");
            show_how(search, &search->outcomes[i].how, 0);
        }
    }
    for (uint32_t i = 0; i < search->finding_count && i < SHOWN && !search->plan->outcomes; i++) show_finding(search, &search->findings[i]);
    search->runs = runs; // without those that told
    if (search->finding_count > SHOWN) printf("… and %u more findings\n", search->finding_count - SHOWN);
    show_end(search);
    return search->finding_count ? FOUND : search->complete ? 0 : NOT_COMPLETE;
}

int schedules_replay(Search *search) {
    TgDeviations how;
    (void)schedules_read_token(search->plan->token, &how); // was looked at
    search->vm->options.press[0] = search->plan->at;
    Result result = schedules_run(search, &how);
    fputs(result.output, stdout);
    if (tg_explore_deviations(search->vm->explorer)->count != how.count)
        printf("tg check: the script has changed, or this is another one: parts of that schedule do not fit\n");
    if (result.explored == EXPLORED_ENDLESS) printf("tg check: the run does not end (--boundaries)\n");
    else if (result.key[0]) printf("tg check: it ended by %s\n", result.error);
    else printf("%stg check: it ended well\n", result.held);
    show_story(search, &how, search->plan->at);
    bool is_found = result.key[0] || result.held[0] || result.explored == EXPLORED_ENDLESS;
    schedules_result_free(&result);
    free(how.items);
    return is_found ? FOUND : 0;
}
