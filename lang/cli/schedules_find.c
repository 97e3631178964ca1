// lang/cli/schedules_find.c
// What a run showed: how it ended, what of that is a finding, and the simplest schedule that shows it.
// Layer: command.
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lang/cli/schedules_impl.h"
#include "vm/class.h"
#include "vm/error.h"
#include "vm/monitor.h"
#include "vm/sched.h"
#include "vm/trace.h"

enum { OUTCOMES_MAX = 5000, FINDINGS_MAX = 100, TRIES_MAX = 400 };

// ---- A result

static char *text_of(TgBuffer *buffer) {
    tg_buffer_add(buffer, "", 1);
    return buffer->data;
}

// Where an exception was raised, in the user's own code.
static bool find_place(const TgException *error, const TgCode **code, uint32_t *at) {
    for (uint32_t i = 0; error->trace && i < error->trace->count; i++) {
        const TgTraceFrame *frame = &error->trace->frames[i];
        if (!frame->code->file || frame->code->is_hidden) continue;
        *code = frame->code;
        *at = frame->at;
        return true;
    }
    return false;
}

static void describe(TgVM *vm, TgValue value, Result *result, TgBuffer *key, TgBuffer *text) {
    if (!tg_is_exception(value)) return;
    TgException *error = (TgException *)tg_as_obj(value);
    TgList *members = tg_error_members(vm, error);
    for (uint32_t i = 0; members && i < members->count; i++) describe(vm, members->items[i], result, key, text);
    if (members) return;
    const TgClass *class_ = error->instance.class_;
    result->asserted |= tg_class_is(class_, vm->errors[TG_ERR_AssertionError]);
    result->deadlocked |= tg_class_is(class_, vm->errors[TG_ERR_Deadlock]);
    const TgString *message = tg_error_message(vm, error);
    if (text->length) tg_buffer_text(text, "; and ");
    tg_buffer_text(text, class_->name->data);
    if (message->length) tg_buffer_format(text, ": %s", message->data);
    const TgCode *code;
    uint32_t at, line = 0;
    if (!result->deadlocked && find_place(error, &code, &at)) {
        line = tg_code_place(code, at).line;
        tg_buffer_format(text, " (%s:%u)", code->file->data, line);
    }
    tg_buffer_format(key, "%s:%u ", class_->name->data, line);
}

Result schedules_run(Search *search, const TgDeviations *guide) {
    TgVM *vm = search->vm;
    TgOutcome outcome;
    Result result = {.explored = tg_explore_run(vm, search->code, guide, search->plan->boundaries, &outcome)};
    TgBuffer key = {0}, text = {0}, held = {0}, output = {0};
    search->runs++;
    if (result.explored == EXPLORED) {
        result.end = outcome.end;
        result.status = outcome.status;
        describe(vm, outcome.error, &result, &key, &text);
        uint32_t count;
        tg_monitor_findings(vm, &held, &count);
        tg_buffer_add(&output, vm->out ? vm->out : "", vm->out_length);
    }
    result.key = text_of(&key);
    result.error = text_of(&text);
    result.held = text_of(&held);
    result.output = text_of(&output);
    return result;
}

void schedules_result_free(Result *result) {
    free(result->key);
    free(result->error);
    free(result->held);
    free(result->output);
}

// ---- Findings

static void copy_deviations(TgDeviations *into, const TgDeviations *from) {
    free(into->items);
    *into = (TgDeviations){.count = from->count, .room = from->count};
    into->items = malloc((from->count + 1) * sizeof *into->items);
    if (!into->items) abort(); // a tool's own bookkeeping
    if (from->count) memcpy(into->items, from->items, from->count * sizeof *into->items);
}

static Finding *find(Search *search, FindKind kind, const char *key, const char *what) {
    for (uint32_t i = 0; i < search->finding_count; i++) {
        Finding *known = &search->findings[i];
        if (known->kind != kind || strcmp(known->key, key) != 0) continue;
        known->schedules++;
        return known;
    }
    if (search->finding_count == FINDINGS_MAX) return NULL;
    if (search->finding_count == search->finding_room) {
        search->finding_room = search->finding_room ? search->finding_room * 2 : 8;
        search->findings = realloc(search->findings, search->finding_room * sizeof(Finding));
        if (!search->findings) abort();
    }
    Finding *found = &search->findings[search->finding_count++];
    *found = (Finding){.kind = kind, .key = strdup(key), .what = strdup(what), .schedules = 1};
    copy_deviations(&found->how, tg_explore_deviations(search->vm->explorer));
    return found;
}

static Outcome *note_outcome(Search *search, const char *text, const char *output) {
    for (uint32_t i = 0; i < search->outcome_count; i++) {
        if (strcmp(search->outcomes[i].text, text) != 0) continue;
        search->outcomes[i].schedules++;
        return NULL;
    }
    if (search->outcome_count == OUTCOMES_MAX) return NULL;
    if (search->outcome_count == search->outcome_room) {
        search->outcome_room = search->outcome_room ? search->outcome_room * 2 : 8;
        search->outcomes = realloc(search->outcomes, search->outcome_room * sizeof(Outcome));
        if (!search->outcomes) abort();
    }
    Outcome *made = &search->outcomes[search->outcome_count++];
    *made = (Outcome){.text = strdup(text), .output = strdup(output), .schedules = 1};
    copy_deviations(&made->how, tg_explore_deviations(search->vm->explorer));
    return made;
}

static bool is_error(const Result *result) { return result->end == RUN_ERROR || result->end == RUN_LIMIT; }

static void judge_error(Search *search, const Result *result) {
    TgBuffer what = {0};
    const char *kind = result->deadlocked ? "deadlock" : result->asserted ? "an assert failed" : "an error came out";
    tg_buffer_format(&what, "%s: %s", kind, result->error);
    find(search, FINDS_ERROR, result->key, text_of(&what));
    tg_buffer_free(&what);
}

void schedules_judge(Search *search, const Result *result) {
    if (result->explored == EXPLORED_ENDLESS) {
        find(search, FINDS_ENDLESS, "", "the run does not end (--boundaries)");
        note_outcome(search, "endless", "");
        return;
    }
    if (is_error(result)) judge_error(search, result);
    else if (result->held[0]) find(search, FINDS_HELD, result->held, result->held);
    TgBuffer text = {0};
    const char *output = search->plan->any_output && !search->plan->outcomes ? "" : result->output;
    tg_buffer_format(&text, "%d %d %s| %s", (int)result->end, result->status, result->key, output);
    Outcome *made = note_outcome(search, text_of(&text), result->output);
    tg_buffer_free(&text);
    if (!made || is_error(result)) return;
    // The first that ended without an error is what the others are compared with.
    for (uint32_t i = 0; i + 1 < search->outcome_count; i++) {
        const char *other = search->outcomes[i].text;
        if (other[0] == '0' + RUN_ERROR || other[0] == '0' + RUN_LIMIT || other[0] == 'e') continue;
        Finding *found = find(search, FINDS_OUTPUT, "", "");
        if (found && !found->output) found->output = strdup(result->output);
        return;
    }
}

void schedules_judge_press(Search *search, const Result *result, uint64_t press) {
    TgBuffer what = {0};
    bool is_by_signal = result->end == RUN_SIGNAL || result->end == RUN_OK || result->end == RUN_EXIT;
    if (result->explored == EXPLORED_ENDLESS) tg_buffer_text(&what, "interrupted, the run does not end");
    else if (result->explored != EXPLORED) return;
    else if (result->held[0] && strcmp(result->held, search->base.held) != 0)
        tg_buffer_format(&what, "interrupted: %.*s", (int)strcspn(result->held, "\n"), result->held);
    else if (result->asserted) tg_buffer_format(&what, "interrupted, an assert failed: %s", result->error);
    else if (!is_by_signal) tg_buffer_format(&what, "interrupted, an error came out: %s", result->error);
    if (!what.length) return;
    Finding *found = find(search, FINDS_PRESS, text_of(&what), what.data);
    if (found && !found->press) found->press = press;
    tg_buffer_free(&what);
}

// ---- Simpler

static bool shows(const Finding *finding, const Result *result) {
    switch (finding->kind) {
    case FINDS_ERROR: return result->explored == EXPLORED && is_error(result) && !strcmp(result->key, finding->key);
    case FINDS_HELD: return result->explored == EXPLORED && !is_error(result) && !strcmp(result->held, finding->key);
    case FINDS_ENDLESS: return result->explored == EXPLORED_ENDLESS;
    case FINDS_OUTPUT: return result->explored == EXPLORED && !is_error(result) && !strcmp(result->output, finding->output);
    default: return false;
    }
}

static bool try_without(Search *search, Finding *finding, uint32_t left_out) {
    TgDeviations fewer = {0};
    copy_deviations(&fewer, &finding->how);
    memmove(fewer.items + left_out, fewer.items + left_out + 1, (fewer.count - left_out - 1) * sizeof *fewer.items);
    fewer.count--;
    Result result = schedules_run(search, &fewer);
    // What it really did: those that no longer applied are gone too.
    const TgDeviations *did = tg_explore_deviations(search->vm->explorer);
    bool is_simpler = shows(finding, &result) && did->count < finding->how.count;
    if (is_simpler) copy_deviations(&finding->how, did);
    if (is_simpler && finding->kind == FINDS_ERROR) {
        free(finding->what);
        TgBuffer what = {0};
        const char *kind = result.deadlocked ? "deadlock" : result.asserted ? "an assert failed" : "an error came out";
        tg_buffer_format(&what, "%s: %s", kind, result.error);
        finding->what = text_of(&what);
    }
    schedules_result_free(&result);
    free(fewer.items);
    return is_simpler;
}

void schedules_simplify(Search *search) {
    for (uint32_t i = 0; i < search->finding_count; i++) {
        Finding *finding = &search->findings[i];
        uint32_t tries = 0;
        for (uint32_t k = finding->how.count; finding->kind != FINDS_PRESS && k-- > 0 && tries++ < TRIES_MAX;) {
            if (k >= finding->how.count || !try_without(search, finding, k)) continue;
            k = finding->how.count; // from the end again
        }
    }
}

void schedules_free(Search *search) {
    for (uint32_t i = 0; i < search->finding_count; i++) {
        Finding *finding = &search->findings[i];
        free(finding->key);
        free(finding->what);
        free(finding->output);
        free(finding->how.items);
    }
    for (uint32_t i = 0; i < search->outcome_count; i++) {
        free(search->outcomes[i].text);
        free(search->outcomes[i].output);
        free(search->outcomes[i].how.items);
    }
    free(search->findings);
    free(search->outcomes);
    schedules_result_free(&search->base);
}
