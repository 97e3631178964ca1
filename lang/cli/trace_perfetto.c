// lang/cli/trace_perfetto.c
// A timeline as Chrome's trace-event JSON, which the Perfetto UI opens: a thread per task, messages and their like as flows.
// Layer: command.
#include <inttypes.h>

#include "lang/cli/trace.h"
#include "vm/scope.h"

typedef struct {
    const TgTimeline *timeline;
    FILE *out;
    bool by_steps; // a step is drawn as a microsecond: virtual time stands still while tasks run
    bool has_one;
} Writer;

static double micros(const Writer *writer, uint32_t row) {
    const TgTimeline *timeline = writer->timeline;
    if (timeline->count == 0) return 0;
    if (row > timeline->last) row = timeline->last;
    if (writer->by_steps) return row;
    return timeline->rows[row < timeline->count ? row : timeline->count - 1].at * 1e6;
}

// "{"ph":…,"pid":1,"tid":…,"ts":…", to be gone on with and closed.
static void begin(Writer *writer, char phase, uint32_t task, uint32_t row) {
    fprintf(writer->out, "%s{\"ph\":\"%c\",\"pid\":1,\"tid\":%u,\"ts\":%.3f", writer->has_one ? ",\n" : "", phase, task, micros(writer, row));
    writer->has_one = true;
}

static void name(Writer *writer, const char *name) {
    fputs(",\"name\":", writer->out);
    tg_json_text(name, writer->out);
}

static void end(Writer *writer) { fputc('}', writer->out); }

static void write_place(Writer *writer, uint32_t place) {
    if (!place) return;
    TgBuffer text = {0};
    tg_timeline_place(writer->timeline, place, &text);
    fputs(",\"args\":{\"at\":", writer->out);
    tg_json_text(text.data, writer->out);
    fputs(",\"source\":", writer->out);
    tg_json_text(tg_timeline_text(writer->timeline, writer->timeline->places[place].source), writer->out);
    fputc('}', writer->out);
    tg_buffer_free(&text);
}

static void write_names(Writer *writer) {
    for (uint32_t id = 1; id <= writer->timeline->lane_count; id++) {
        TgBuffer text = {0};
        tg_timeline_task(writer->timeline, id, &text);
        begin(writer, 'M', id, 0);
        fputs(",\"name\":\"thread_name\",\"args\":{\"name\":", writer->out);
        tg_json_text(text.data, writer->out);
        fputs("}}", writer->out);
        tg_buffer_free(&text);
    }
}

static void write_slice(Writer *writer, uint32_t task, uint32_t from, uint32_t to, const char *what, uint32_t place) {
    begin(writer, 'X', task, from);
    fprintf(writer->out, ",\"dur\":%.3f", micros(writer, to) - micros(writer, from));
    name(writer, what);
    write_place(writer, place);
    end(writer);
}

static void write_lanes(Writer *writer) {
    const TgTimeline *timeline = writer->timeline;
    for (uint32_t id = 1; id <= timeline->lane_count; id++) {
        const TgLane *lane = &timeline->lanes[id];
        for (uint32_t i = 0; i < lane->count; i++) {
            const TgStretch *stretch = &timeline->stretches[lane->first + i];
            const char *what = stretch->state == STRETCH_RUN ? "runs" : stretch->state == STRETCH_READY ? "ready" : tg_timeline_text(timeline, stretch->text);
            write_slice(writer, id, stretch->from, stretch->to, what, stretch->place);
        }
    }
}

// Blocks lie over the stretches of their owner, so they are asynchronous ones.
static void write_blocks(Writer *writer) {
    const TgTimeline *timeline = writer->timeline;
    for (uint32_t i = 1; i <= timeline->block_count; i++) {
        const TgLaneBlock *block = &timeline->blocks[i];
        if (!block->owner) continue;
        for (int last = 0; last < 2; last++) {
            begin(writer, last ? 'e' : 'b', block->owner, last ? block->to : block->from);
            fprintf(writer->out, ",\"cat\":\"block\",\"id\":%u", i);
            name(writer, tg_timeline_text(timeline, block->text));
            if (!last) write_place(writer, block->place);
            end(writer);
        }
    }
}

static void write_arrows(Writer *writer) {
    static const char *const kinds[] = {"message", "wakes", "fails", "cancels"};
    const TgTimeline *timeline = writer->timeline;
    for (uint32_t i = 0; i < timeline->arrow_count; i++) {
        const TgArrow *arrow = &timeline->arrows[i];
        for (int last = 0; last < 2; last++) {
            begin(writer, last ? 'f' : 's', last ? arrow->to : arrow->from, last ? arrow->to_row : arrow->from_row);
            fprintf(writer->out, ",\"cat\":\"%s\",\"id\":%u%s", kinds[arrow->kind], i + 1, last ? ",\"bp\":\"e\"" : "");
            name(writer, *tg_timeline_text(timeline, arrow->text) ? tg_timeline_text(timeline, arrow->text) : kinds[arrow->kind]);
            end(writer);
        }
    }
}

static void write_instants(Writer *writer) {
    const TgTimeline *timeline = writer->timeline;
    for (uint32_t i = 0; i < timeline->count; i++) {
        const TgRow *row = &timeline->rows[i];
        bool is_end = row->kind == SEEN_END && row->how != TASK_DONE;
        if (row->kind != SEEN_PRESS && row->kind != SEEN_STRIKE && !is_end) continue;
        TgBuffer text = {0};
        tg_timeline_say(timeline, row, &text);
        begin(writer, 'i', row->task, i);
        fprintf(writer->out, ",\"s\":\"%s\"", row->kind == SEEN_PRESS ? "g" : "t");
        name(writer, text.data);
        end(writer);
        tg_buffer_free(&text);
    }
}

void tg_trace_perfetto(const TgPicture *picture, FILE *out) {
    Writer writer = {picture->timeline, out, picture->by_steps, false};
    fputs("{\"displayTimeUnit\":\"ns\",\"traceEvents\":[\n", out);
    begin(&writer, 'M', 0, 0);
    fputs(",\"name\":\"process_name\",\"args\":{\"name\":", out);
    tg_json_text(picture->title, out);
    fputs("}}", out);
    write_names(&writer);
    write_lanes(&writer);
    write_blocks(&writer);
    write_arrows(&writer);
    write_instants(&writer);
    fputs("\n]}\n", out);
}
