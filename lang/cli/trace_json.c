// lang/cli/trace_json.c
// A timeline as data: columns of numbers into tables, small enough for a hundred thousand tasks. trace_script.js reads it.
// Layer: command.
#include <inttypes.h>

#include "lang/cli/trace.h"

void tg_json_text(const char *text, FILE *out) {
    fputc('"', out);
    for (; *text; text++) {
        unsigned char byte = (unsigned char)*text;
        if (byte == '"' || byte == '\\') fprintf(out, "\\%c", byte);
        else if (byte < 0x20 || byte == '<') fprintf(out, "\\u%04x", byte); // "</script>" in a String of the program's
        else fputc(byte, out);
    }
    fputc('"', out);
}

static void write_texts(const TgTimeline *timeline, FILE *out) {
    fputs("\"texts\":[\"\"", out);
    for (uint32_t i = 1; i <= timeline->texts.count; i++) {
        fputs(",\n", out);
        tg_json_text(tg_timeline_text(timeline, i), out);
    }
    fputs("],\n", out);
}

// file, line, function, source
static void write_places(const TgTimeline *timeline, FILE *out) {
    fputs("\"places\":[0,0,0,0", out);
    for (uint32_t i = 1; i <= timeline->place_count; i++) {
        const TgTimelinePlace *place = &timeline->places[i];
        fprintf(out, ",\n%u,%u,%u,%u", place->file, place->line, place->function, place->source);
    }
    fputs("],\n", out);
}

// Of each row the nanoseconds since the one before.
static void write_times(const TgTimeline *timeline, FILE *out) {
    fputs("\"times\":[0", out);
    int64_t before = 0;
    for (uint32_t i = 0; i < timeline->count; i++) {
        int64_t at = (int64_t)(timeline->rows[i].at * 1e9);
        if (i > 0) fprintf(out, ",%" PRId64, at - before);
        before = at;
    }
    fputs("],\n", out);
}

static int64_t row_or_none(uint32_t row) { return row == NO_ROW ? -1 : (int64_t)row; }

// name, block, from, to, state, text, place, where it was spawned, how many stretches; and of these state, length, text, place
static void write_tasks(const TgTimeline *timeline, FILE *out) {
    fputs("\"tasks\":[0,0,0,0,0,0,0,0,0", out);
    for (uint32_t id = 1; id <= timeline->lane_count; id++) {
        const TgLane *lane = &timeline->lanes[id];
        fprintf(out, ",\n%u,%u,%u,%" PRId64 ",%u,%u,%u,%u,%u", lane->name, lane->block, lane->from, row_or_none(lane->to), lane->state, lane->text,
                lane->place, lane->spawned, lane->count);
    }
    fputs("],\n\"stretches\":[", out);
    const char *comma = "";
    for (uint32_t id = 1; id <= timeline->lane_count; id++) {
        const TgLane *lane = &timeline->lanes[id];
        for (const TgStretch *at = timeline->stretches + lane->first, *end = at + lane->count; at < end; at++, comma = ",")
            fprintf(out, "%s%u,%u,%u,%u", comma, at->state, at->to - at->from, at->text, at->place);
    }
    fputs("],\n", out);
}

// kind, cause, owner, from, to, text, place
static void write_blocks(const TgTimeline *timeline, FILE *out) {
    fputs("\"blocks\":[0,0,0,0,0,0,0", out);
    for (uint32_t i = 1; i <= timeline->block_count; i++) {
        const TgLaneBlock *block = &timeline->blocks[i];
        fprintf(out, ",\n%u,%u,%u,%u,%" PRId64 ",%u,%u", block->kind, block->cause, block->owner, block->from, row_or_none(block->to), block->text,
                block->place);
    }
    fputs("],\n", out);
}

// kind, from task and row, to task and row, text; in the order of the rows that they end at
static void write_arrows(const TgTimeline *timeline, FILE *out) {
    fputs("\"arrows\":[", out);
    for (uint32_t i = 0; i < timeline->arrow_count; i++) {
        const TgArrow *arrow = &timeline->arrows[i];
        fprintf(out, "%s%u,%u,%u,%u,%u,%u", i ? ",\n" : "", (unsigned)arrow->kind, arrow->from, arrow->from_row, arrow->to, arrow->to_row, arrow->text);
    }
    fputs("],\n", out);
}

// Of one kind: row, task
static void write_rows(const TgTimeline *timeline, const char *name, TgSeenKind kind, FILE *out) {
    fprintf(out, "\"%s\":[", name);
    const char *comma = "";
    for (uint32_t i = 0; i < timeline->count; i++) {
        if (timeline->rows[i].kind != kind) continue;
        fprintf(out, "%s%u,%u", comma, i, timeline->rows[i].task);
        comma = ",";
    }
    fputs("],\n", out);
}

void tg_trace_json(const TgPicture *picture, FILE *out) {
    const TgTimeline *timeline = picture->timeline;
    fputs("{\"title\":", out);
    tg_json_text(picture->title, out);
    fprintf(out, ",\n\"bySteps\":%s,\"rows\":%u,\"dropped\":%" PRIu64 ",\n", picture->by_steps ? "true" : "false", timeline->last, timeline->dropped);
    write_texts(timeline, out);
    write_places(timeline, out);
    write_tasks(timeline, out);
    write_blocks(timeline, out);
    write_arrows(timeline, out);
    write_rows(timeline, "presses", SEEN_PRESS, out);
    write_rows(timeline, "strikes", SEEN_STRIKE, out);
    write_times(timeline, out);
    fputs("\"end\":0}\n", out);
}
