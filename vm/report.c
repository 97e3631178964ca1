// vm/report.c
// An exception that nobody took, for people: what, where, by which way, in which tasks, because of what.
//
// One exception is a head and its trace; causes follow one below the other; members of a group are branches of a
// tree, equal ones (of one class, raised at one place) folded. What a script can make large (groups in groups, chains
// of causes) is cut and counted, so that a report is a page or two and C is never deep in itself.
//
// Layer: runtime, top.
#include <string.h>

#include "vm/api.h"
#include "vm/excerpt.h"
#include "vm/outline.h"
#include "vm/run.h"
#include "vm/trace.h"
#include "vm/why.h"

enum {
    SHOWN_FRAMES = 12,  // of one task
    SHOWN_TASKS = 6,    // of the way out to main
    SHOWN_KINDS = 20,   // of a group's members
    SHOWN_CAUSES = 12,
    GROUPS_DEEP = 6,
    SHOWN_IN_ALL = 100, // exceptions
};

typedef struct {
    TgVM *vm;
    TgOutline outline;
    const TgException *shown[SHOWN_IN_ALL];
    uint32_t count; // of those
} Report;

typedef enum { PLAIN, LOUD, DIM } Style;

static void style(Report *report, Style which) {
    static const char *const codes[] = {"\033[0m", "\033[1;31m", "\033[2m"};
    if (report->vm->options.color) tg_buffer_text(report->outline.out, codes[which]);
}

// ---- Traces

static bool shows(const Report *report, const TgCode *code) { return report->vm->options.full_trace || !code->is_hidden; }

static void say_place(Report *report, const char *how, const TgCode *code, uint32_t at) {
    TgPlace place = tg_code_place(code, at);
    tg_buffer_format(report->outline.out, "%s ", how);
    tg_say_spot(report->outline.out, code, at);
    tg_buffer_format(report->outline.out, ":%u", place.column);
    const char *function = tg_code_function(code);
    if (*function) tg_buffer_format(report->outline.out, " in %s", function);
}

static void begin_line(Report *report) {
    tg_outline_line(&report->outline);
    style(report, DIM);
    tg_buffer_text(report->outline.out, "  ");
}

static void end_line(Report *report) {
    style(report, PLAIN);
    tg_buffer_text(report->outline.out, "\n");
}

static void show_source(Report *report, const TgCode *code, uint32_t at) {
    TgBuffer line = {0}, under = {0};
    TgPlace place = tg_code_place(code, at);
    if (tg_excerpt(code, place, tg_outline_dots(&report->outline), &line, &under)) {
        TgBuffer *out = report->outline.out;
        tg_outline_line(&report->outline);
        tg_buffer_format(out, "  %5u | %s\n", place.line, line.data);
        tg_outline_line(&report->outline);
        tg_buffer_format(out, "        | %s", under.data ? under.data : "");
        style(report, LOUD);
        tg_buffer_text(out, "^");
        end_line(report);
    }
    tg_buffer_free(&line);
    tg_buffer_free(&under);
}

static void show_left_out(Report *report, uint32_t frames) {
    begin_line(report);
    if (frames == TG_TRACE_UNCOUNTED)
        tg_buffer_format(report->outline.out, "%s more calls", tg_outline_dots(&report->outline));
    else
        tg_buffer_format(report->outline.out, "%s %u more call%s", tg_outline_dots(&report->outline), frames,
                         frames == 1 ? "" : "s");
    end_line(report);
}

static bool same_frame(const TgTraceFrame *a, const TgTraceFrame *b) { return a->code == b->code && a->at == b->at; }

// How a task's innermost frame that is shown is spoken of: where it is at, or what it has open.
static void say_first(Report *report, const TgCode *library, bool is_innermost, const TgTraceFrame *frame) {
    char how[100] = "at";
    if (!is_innermost && library)
        snprintf(how, sizeof how, "in the nursery of %.60s() at", library->name->data);
    else if (!is_innermost)
        snprintf(how, sizeof how, "in the nursery at");
    say_place(report, how, frame->code, frame->at);
}

// The frames of one task. The same call again and again (a recursion) is one line.
static void show_frames(Report *report, const TgTrace *trace, bool is_innermost) {
    uint32_t shown = 0, hidden = 0;
    const TgCode *library = NULL;
    for (uint32_t i = 0; i < trace->count; i++) {
        const TgTraceFrame *frame = &trace->frames[i];
        if (!shows(report, frame->code)) {
            library = frame->code;
            continue;
        }
        uint32_t times = 1;
        while (i + 1 < trace->count && same_frame(frame, &trace->frames[i + 1])) i++, times++;
        if (shown >= SHOWN_FRAMES && i + 2 < trace->count) {
            hidden += times;
            continue;
        }
        if (hidden) show_left_out(report, hidden);
        hidden = 0;
        begin_line(report);
        if (shown == 0)
            say_first(report, library, is_innermost, frame);
        else
            say_place(report, "called from", frame->code, frame->at);
        if (times > 1) tg_buffer_format(report->outline.out, ", %u times", times);
        end_line(report);
        if (shown == 0 && is_innermost) show_source(report, frame->code, frame->at);
        shown++;
    }
    if (hidden || trace->left_out)
        show_left_out(report, trace->left_out == TG_TRACE_UNCOUNTED ? TG_TRACE_UNCOUNTED : hidden + trace->left_out);
}

// "in task worker#2 and 9 others, spawned at a.tg:4:5 in go".
static void show_task(Report *report, const TgTrace *trace, uint32_t others) {
    TgBuffer *out = report->outline.out;
    begin_line(report);
    bool is_nameless = !strcmp(trace->task_name->data, "task");
    tg_buffer_text(out, is_nameless ? "in " : "in task ");
    tg_say_task(out, trace->task_name, trace->task_id);
    if (others) tg_buffer_format(out, " and %u other%s", others, others == 1 ? "" : "s");
    if (trace->spawn_code && shows(report, trace->spawn_code)) say_place(report, ", spawned at", trace->spawn_code, trace->spawn_pc);
    end_line(report);
}

static bool same_trace(const TgTrace *a, const TgTrace *b) {
    if (!a || !b) return a == b;
    if (a->count != b->count || a->spawn_code != b->spawn_code || a->spawn_pc != b->spawn_pc) return false;
    for (uint32_t i = 0; i < a->count; i++)
        if (!same_frame(&a->frames[i], &b->frames[i])) return false;
    return true;
}

static void show_more_tasks(Report *report, uint32_t count, const char *which) {
    if (count == 0) return;
    begin_line(report);
    tg_buffer_format(report->outline.out, "%s %s%u more task%s%s", tg_outline_dots(&report->outline),
                     *which ? "and " : "in ", count, count == 1 ? "" : "s", which);
    end_line(report);
}

// The way out to main: the first tasks of it and the last, and of tasks that spawn themselves one. `others`: how many
// more tasks raised the same at the same place.
static void show_trace(Report *report, const TgTrace *trace, uint32_t others) {
    uint32_t left_out = 0;
    for (uint32_t tasks = 0; trace; trace = trace->outer, tasks++) {
        if (tasks >= SHOWN_TASKS && trace->outer) {
            left_out++;
            continue;
        }
        show_more_tasks(report, left_out, "");
        show_frames(report, trace, tasks == 0);
        if (trace->spawn_code || trace->outer) show_task(report, trace, tasks == 0 ? others : 0);
        uint32_t same = 0;
        for (; trace->outer && same_trace(trace, trace->outer); trace = trace->outer) same++;
        show_more_tasks(report, same, " in the same way");
    }
}

// ---- One exception

// A line each; no message steers the terminal.
static void show_message(Report *report, const TgString *message) {
    const char *at = message->data, *end = at + message->length;
    for (const char *newline; (newline = memchr(at, '\n', (size_t)(end - at))); at = newline + 1) {
        tg_text_tame(report->outline.out, at, (size_t)(newline - at));
        tg_buffer_text(report->outline.out, "\n");
        tg_outline_line(&report->outline);
        tg_buffer_text(report->outline.out, "  ");
    }
    tg_text_tame(report->outline.out, at, (size_t)(end - at));
}

// What an assert with a message of its own knows besides.
static void show_detail(Report *report, const TgException *exception) {
    TgVM *vm = report->vm;
    if (!tg_class_is(exception->instance.class_, vm->errors[TG_ERR_AssertionError])) return;
    TgValue detail = tg_instance_get(vm, &exception->instance, vm->name_detail);
    if (!tg_is_kind(detail, OBJ_STRING)) return;
    tg_buffer_text(report->outline.out, "\n");
    tg_outline_line(&report->outline);
    tg_buffer_text(report->outline.out, "  ");
    show_message(report, (TgString *)tg_as_obj(detail));
}

// Exceptions of one class that were raised at one place.
typedef struct {
    TgException *first;
    uint32_t count;
    bool same_message; // all of them
} Kind;

static bool is_full(const Report *report) { return report->count == SHOWN_IN_ALL; }

// False: it has been shown before (a group is its handler's cause and its members are raised again, or a script has
// made a circle).
static bool is_new(Report *report, const TgException *exception) {
    for (uint32_t i = 0; i < report->count; i++)
        if (report->shown[i] == exception) return false;
    if (!is_full(report)) report->shown[report->count++] = exception;
    return true;
}

// The head and the trace. False: it was shown before, there is no more to say.
static bool show_one(Report *report, const Kind *kind) {
    TgException *exception = kind->first;
    TgBuffer *out = report->outline.out;
    const TgString *message = tg_error_message(report->vm, exception);
    style(report, LOUD);
    if (kind->count > 1 && kind->same_message)
        tg_buffer_format(out, "%u %s ", kind->count, tg_outline_times(&report->outline));
    tg_buffer_text(out, exception->instance.class_->name->data);
    style(report, PLAIN);
    if (message->length) tg_buffer_text(out, ": ");
    show_message(report, message);
    show_detail(report, exception);
    if (kind->count > 1 && !kind->same_message) tg_buffer_format(out, " (and %u more like it)", kind->count - 1);
    if (!is_new(report, exception)) {
        tg_buffer_text(out, " (see above)\n");
        return false;
    }
    tg_buffer_text(out, "\n");
    show_trace(report, exception->trace, kind->count - 1);
    return true;
}

// ---- Groups and causes

static TgException *cause_of(TgVM *vm, const TgException *exception) {
    TgValue cause = tg_instance_get(vm, &exception->instance, vm->name_cause);
    return tg_is_exception(cause) ? (TgException *)tg_as_obj(cause) : NULL;
}

static bool same_kind(TgVM *vm, const TgException *a, const TgException *b) {
    if (a->instance.class_ != b->instance.class_ || !same_trace(a->trace, b->trace)) return false;
    if (tg_error_members(vm, a) || tg_error_members(vm, b)) return false;
    const TgException *x = cause_of(vm, a), *y = cause_of(vm, b);
    if (!x || !y) return x == y;
    return x->instance.class_ == y->instance.class_ && same_trace(x->trace, y->trace);
}

static void fold(TgVM *vm, Kind *kind, const TgException *exception) {
    kind->count++;
    if (!tg_string_equal(tg_error_message(vm, kind->first), tg_error_message(vm, exception))) kind->same_message = false;
}

// `*left_out`: members of kinds beyond those.
static uint32_t find_kinds(TgVM *vm, const TgList *members, const TgClass *but, Kind *kinds, uint32_t *left_out) {
    uint32_t count = 0;
    for (uint32_t i = 0; i < members->count; i++) {
        if (!tg_is_exception(members->items[i])) continue;
        TgException *member = (TgException *)tg_as_obj(members->items[i]);
        if (but && tg_class_is(member->instance.class_, but)) continue;
        uint32_t at = 0;
        while (at < count && !same_kind(vm, kinds[at].first, member)) at++;
        if (at < count)
            fold(vm, &kinds[at], member);
        else if (count < SHOWN_KINDS)
            kinds[count++] = (Kind){member, 1, true};
        else
            ++*left_out;
    }
    return count;
}

static void show_chain(Report *report, const Kind *kind, int depth);

static void show_members(Report *report, const TgList *members, int depth) {
    Kind kinds[SHOWN_KINDS];
    uint32_t left_out = 0, count = 0;
    if (depth < GROUPS_DEEP)
        count = find_kinds(report->vm, members, NULL, kinds, &left_out);
    else
        left_out = members->count;
    for (uint32_t i = 0; i < count; i++) {
        if (is_full(report)) {
            left_out += kinds[i].count;
            continue;
        }
        size_t mark = tg_outline_branch(&report->outline, left_out == 0 && i + 1 == count);
        show_chain(report, &kinds[i], depth + 1);
        tg_outline_end(&report->outline, mark);
    }
    if (left_out == 0) return;
    size_t mark = tg_outline_branch(&report->outline, true);
    tg_buffer_format(report->outline.out, "%s and %u more\n", tg_outline_dots(&report->outline), left_out);
    tg_outline_end(&report->outline, mark);
}

// An exception with its members, and what caused it, and what caused that.
static void show_chain(Report *report, const Kind *kind, int depth) {
    Kind at = *kind;
    for (int count = 0; at.first; count++) {
        bool is_more = count == SHOWN_CAUSES || (count > 0 && is_full(report));
        if (count > 0) tg_outline_line(&report->outline);
        if (count > 0) tg_buffer_text(report->outline.out, is_more ? "caused by more\n" : "caused by ");
        if (is_more || !show_one(report, &at)) return;
        const TgList *members = tg_error_members(report->vm, at.first);
        if (members && members->count > 0) show_members(report, members, depth);
        at = (Kind){cause_of(report->vm, at.first), 1, true};
    }
}

// ---- Interrupts

static bool is_interrupt(TgVM *vm, TgValue error) {
    return tg_class_is(tg_class_of(vm, error), vm->errors[TG_ERR_Interrupt]);
}

static void show_spot(TgBuffer *out, const TgException *exception) {
    for (uint32_t i = 0; exception->trace && i < exception->trace->count; i++) {
        const TgTraceFrame *frame = &exception->trace->frames[i];
        if (frame->code->is_hidden) continue;
        tg_buffer_text(out, " at ");
        tg_say_spot(out, frame->code, frame->at);
        break;
    }
}

// Ctrl-C is no error of the program's: one line says where it struck.
static void show_interrupt(Report *report, const TgException *exception) {
    TgBuffer *out = report->outline.out;
    tg_buffer_text(out, "Interrupted");
    show_spot(out, exception);
    if (tg_struck_count(exception) > 1) tg_buffer_format(out, " (%u tasks)", tg_struck_count(exception));
    tg_buffer_text(out, "\n");
}

// Nor is the end of what the command line allows.
static void show_limit(Report *report, const TgException *exception) {
    TgBuffer *out = report->outline.out;
    tg_buffer_text(out, exception->instance.class_->name->data);
    show_spot(out, exception);
    tg_buffer_format(out, ": %s\n", tg_error_message(report->vm, exception)->data);
}

// What came together with one of these: the other members first, in full.
static void show_others(Report *report, const TgList *members, const TgClass *but) {
    Kind kinds[SHOWN_KINDS];
    uint32_t left_out = 0, count = members ? find_kinds(report->vm, members, but, kinds, &left_out) : 0;
    for (uint32_t i = 0; i < count; i++) show_chain(report, &kinds[i], 0);
    if (left_out) tg_buffer_format(report->outline.out, "%s and %u more\n", tg_outline_dots(&report->outline), left_out);
}

static TgException *interrupt_of(TgVM *vm, TgValue error, const TgList *members) {
    if (members && members->count > 0) error = members->items[0];
    return tg_is_exception(error) && is_interrupt(vm, error) ? (TgException *)tg_as_obj(error) : NULL;
}

void tg_report(TgVM *vm, TgValue error, FILE *file) {
    if (!tg_is_exception(error)) return;
    TgBuffer out = {0};
    Report report = {.vm = vm, .outline = {.out = &out, .utf8 = vm->options.utf8}};
    const TgList *members = tg_error_members(vm, (TgException *)tg_as_obj(error));
    const TgException *interrupt = interrupt_of(vm, error, members), *limit = tg_limit_of(vm, error);
    if (interrupt || limit) {
        show_others(&report, members, vm->errors[interrupt ? TG_ERR_Interrupt : TG_ERR_LimitReached]);
        if (interrupt) show_interrupt(&report, interrupt);
        else show_limit(&report, limit);
    } else {
        show_chain(&report, &(Kind){(TgException *)tg_as_obj(error), 1, true}, 0);
    }
    if (out.data) fwrite(out.data, 1, out.length, file);
    tg_buffer_free(&out);
    tg_buffer_free(&report.outline.prefix);
}
