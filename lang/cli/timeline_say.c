// lang/cli/timeline_say.c
// Rows as sentences.
// Layer: command.
#include "lang/cli/timeline.h"
#include "vm/scope.h"

void tg_timeline_place(const TgTimeline *timeline, uint32_t place, TgBuffer *out) {
    if (!place) return;
    const TgTimelinePlace *at = &timeline->places[place];
    tg_buffer_format(out, "%s:%u", tg_timeline_text(timeline, at->file), at->line);
}

void tg_timeline_task(const TgTimeline *timeline, uint32_t task, TgBuffer *out) {
    const char *name = task <= timeline->lane_count ? tg_timeline_text(timeline, timeline->lanes[task].name) : "";
    tg_buffer_format(out, "%s#%u", *name ? name : "task", task);
}

static void say_end(const TgTimeline *timeline, const TgRow *row, TgBuffer *out) {
    static const char *const ways[] = {[TASK_DONE] = "is done", [TASK_FAILED] = "fails with ", [TASK_CANCELLED] = "ends cancelled "};
    tg_buffer_text(out, ways[row->how]);
    tg_buffer_text(out, tg_timeline_text(timeline, row->text));
}

static void say_wake(const TgTimeline *timeline, const TgRow *row, TgBuffer *out) {
    if (row->ended == WOKEN_INTERRUPT) tg_buffer_text(out, "is struck by the Ctrl-C");
    else if (row->ended == WOKEN_CANCEL) tg_buffer_text(out, "is told that it is cancelled");
    else if (row->how == WAIT_SLEEP && !row->by) tg_buffer_text(out, "has slept");
    else tg_buffer_text(out, "need not wait any more");
    if (row->ended == WOKEN_ERROR) tg_buffer_format(out, ", but gets %s", tg_timeline_text(timeline, row->text));
    if (!row->by || row->by == row->task || row->ended > WOKEN_ERROR) return;
    tg_buffer_text(out, ", thanks to ");
    tg_timeline_task(timeline, row->by, out);
}

static void say_use(const TgTimeline *timeline, const TgRow *row, TgBuffer *out) {
    static const char *const verbs[] = {
        [USE_MADE] = "makes",    [USE_SENT] = "sends",    [USE_RECEIVED] = "receives", [USE_CLOSED] = "closes",
        [USE_TAKEN] = "takes",   [USE_GIVEN] = "gives back", [USE_SET] = "sets",         [USE_NOTIFIED] = "notifies"};
    bool is_message = row->how == USE_SENT || row->how == USE_RECEIVED;
    tg_buffer_format(out, "%s %s", verbs[row->how], tg_timeline_text(timeline, row->text));
    if (is_message) tg_buffer_text(out, row->how == USE_SENT ? " on Channel" : " from Channel");
    tg_buffer_format(out, " %u", row->thing);
}

static void say_cancel(const TgTimeline *timeline, const TgRow *row, TgBuffer *out) {
    const char *why = tg_timeline_text(timeline, row->text);
    if (row->thing && timeline->blocks[row->thing].kind == SCOPE_ROOT) {
        tg_buffer_format(out, "the run ends early, %s", why);
        return;
    }
    tg_buffer_text(out, "is cancelled ");
    if (row->thing) {
        out->length--;
        tg_buffer_format(out, ": its %s", tg_timeline_text(timeline, timeline->blocks[row->thing].text));
        tg_buffer_text(out, timeline->blocks[row->thing].place ? " at " : "");
        tg_timeline_place(timeline, timeline->blocks[row->thing].place, out);
        tg_buffer_text(out, " ends early, ");
    }
    tg_buffer_text(out, why);
    if (!row->by || row->by == row->task) return;
    tg_buffer_text(out, " in ");
    tg_timeline_task(timeline, row->by, out);
}

static void say_fail(const TgTimeline *timeline, const TgRow *row, TgBuffer *out) {
    tg_buffer_format(out, "has %s in its %s", tg_timeline_text(timeline, row->text), tg_timeline_text(timeline, timeline->blocks[row->thing].text));
    if (!row->by || row->by == row->task) return;
    tg_buffer_text(out, ", out of ");
    tg_timeline_task(timeline, row->by, out);
}

void tg_timeline_say(const TgTimeline *timeline, const TgRow *row, TgBuffer *out) {
    const char *text = tg_timeline_text(timeline, row->text);
    bool is_new = row->kind == SEEN_SPAWN && row->by;
    switch ((TgSeenKind)row->kind) {
    case SEEN_SPAWN:
        tg_buffer_text(out, "is spawned");
        if (is_new) tg_buffer_text(out, " by ");
        if (is_new) tg_timeline_task(timeline, row->by, out);
        break;
    case SEEN_RUN: tg_buffer_text(out, "runs"); break;
    case SEEN_YIELD: tg_buffer_text(out, "lets others run"); break;
    case SEEN_BLOCK: tg_buffer_text(out, text); break;
    case SEEN_WAKE: say_wake(timeline, row, out); break;
    case SEEN_END: say_end(timeline, row, out); break;
    case SEEN_OPEN: tg_buffer_format(out, "opens %s", text); break;
    case SEEN_CLOSE: tg_buffer_format(out, "leaves %s", row->thing ? tg_timeline_text(timeline, timeline->blocks[row->thing].text) : ""); break;
    case SEEN_USE: say_use(timeline, row, out); break;
    case SEEN_FAIL: say_fail(timeline, row, out); break;
    case SEEN_CANCEL: say_cancel(timeline, row, out); break;
    case SEEN_PRESS: tg_buffer_text(out, row->how == 1 ? "Ctrl-C" : row->how == 2 ? "Ctrl-C again" : "Ctrl-C a third time"); break;
    case SEEN_STRIKE: tg_buffer_text(out, "has an Interrupt raised in it"); break;
    case SEEN_DEADLOCK: tg_buffer_text(out, "all tasks wait, and nothing can wake one"); break;
    case SEEN_COLLECTED:
    case SEEN_IDLE: break;
    }
    if (!row->place) return;
    tg_buffer_text(out, row->kind == SEEN_END || row->kind == SEEN_FAIL || row->kind == SEEN_WAKE ? ", raised at " : " at ");
    tg_timeline_place(timeline, row->place, out);
}
