// lang/cli/trace_svg.c
// A timeline as an SVG, to print or to put into a page. Each state has a colour, a height and a pattern of its own, so that it is told
// apart without colours too.
// Layer: command.
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "lang/cli/trace.h"
#include "lang/cli/trace_tiers.h"
#include "vm/scope.h"

enum {
    GUTTER = 190, // where the names stand
    TOP = 34,
    TIER = 26,
    MOST_TIERS = 300,
    MOST_ARROWS = 3000,
    LABELLED = 60, // messages say what they are where there are no more arrows
    BUCKETS = 240, // of a folded nursery
};

typedef struct {
    const TgPicture *picture;
    const TgTimeline *timeline;
    FILE *out;
    TgTiers tiers;
    double width; // of the part with the lanes
    double end;   // seconds
} Drawing;

static const char style[] =
    "<style>text{font:11px system-ui,sans-serif;fill:#222}.s{font-size:9px;fill:#555}.b{fill:#0072b2}.r{fill:url(#ready)}"
    ".w{fill:#9a9a9a}.box{fill:#0072b2;fill-opacity:.05;stroke:#7a93a3;stroke-dasharray:none}.box.c{stroke:#a3487c;stroke-dasharray:4 2}"
    ".t{stroke:#ddd}.k{stroke:#555;fill:none}.m{stroke:#00724f;fill:none}.wk{stroke:#777;stroke-dasharray:1 2;fill:none}"
    ".f{stroke:#c2410c;fill:none;stroke-width:1.6}.c{stroke:#a3487c;stroke-dasharray:4 2;fill:none}"
    ".x{stroke:#c2410c;stroke-width:2;fill:none}.o{stroke:#a3487c;stroke-width:2;fill:#fff}.p{stroke:#b00020;stroke-width:1.6}"
    ".d{fill:#b00020}</style>\n"
    "<defs><pattern id=\"ready\" width=\"5\" height=\"5\" patternUnits=\"userSpaceOnUse\"><rect width=\"5\" height=\"5\" fill=\"#f3c969\"/>"
    "<path d=\"M0 5 5 0\" stroke=\"#8a5a00\"/></pattern>\n"
    "<marker id=\"tip\" viewBox=\"0 0 6 6\" refX=\"5.5\" refY=\"3\" markerWidth=\"6\" markerHeight=\"6\" orient=\"auto\">"
    "<path d=\"M0 0 6 3 0 6z\" fill=\"context-stroke\"/></marker></defs>\n";

// ---- Pieces

static void write_text(const char *text, FILE *out) {
    for (; *text; text++) {
        if (*text == '<') fputs("&lt;", out);
        else if (*text == '&') fputs("&amp;", out);
        else if (*text == '"') fputs("&quot;", out);
        else fputc(*text, out);
    }
}

static void write_buffer(TgBuffer *buffer, FILE *out) {
    write_text(buffer->data ? buffer->data : "", out);
    tg_buffer_free(buffer);
}

// Cut to what fits into `width`; nothing where that is not worth reading.
static void write_label(double x, double y, double width, const char *text, FILE *out) {
    size_t length = strlen(text), most = width > 0 ? (size_t)(width / 4.6) : 0;
    if (length == 0 || (length > most && most < 8)) return;
    fprintf(out, "<text class=\"s\" x=\"%.1f\" y=\"%.1f\">", x, y);
    if (length <= most) {
        write_text(text, out);
    } else {
        size_t cut = most - 1;
        while (cut > 0 && ((unsigned char)text[cut] & 0xC0) == 0x80) cut--;
        char *part = strndup(text, cut);
        write_text(part ? part : "", out);
        fputs("…", out);
        free(part);
    }
    fputs("</text>\n", out);
}

static double x_of(const Drawing *drawing, uint32_t row) {
    const TgTimeline *timeline = drawing->timeline;
    if (row > timeline->last) row = timeline->last;
    if (drawing->picture->by_steps) return GUTTER + drawing->width * row / (timeline->last ? timeline->last : 1);
    double at = row < timeline->count ? timeline->rows[row].at : drawing->end;
    return GUTTER + drawing->width * (drawing->end > 0 ? at / drawing->end : 0);
}

static double y_of(uint32_t tier) { return TOP + tier * TIER; }
static double middle_of(const Drawing *drawing, uint32_t task) { return y_of(drawing->tiers.of_lane[task]) + TIER / 2 + 2; }

static void say_seconds(double at, char text[40]) {
    snprintf(text, 40, "%.6g", at);
    strcat(text, "s");
}

// ---- The axis

static void draw_tick(const Drawing *drawing, double x, double at) {
    char text[44];
    say_seconds(at, text);
    fprintf(drawing->out, "<path class=\"t\" d=\"M%.1f %dV%.1f\"/><text class=\"s\" x=\"%.1f\" y=\"%d\">%s</text>\n", x, TOP - 6,
            y_of(drawing->tiers.count), x + 2, TOP - 8, text);
}

// 1, 2 or 5 of a power of ten, so that some ten of them fill the width.
static void draw_times(const Drawing *drawing) {
    if (drawing->end <= 0) return;
    double unit = pow(10, floor(log10(drawing->end / 10))), step = unit;
    static const int steps[] = {1, 2, 5, 10};
    for (int i = 0; i < 4 && step < drawing->end / 10; i++) step = unit * steps[i];
    for (int i = 0; i * step <= drawing->end; i++) draw_tick(drawing, GUTTER + drawing->width * i * step / drawing->end, i * step);
}

static void draw_axis(const Drawing *drawing) {
    const TgTimeline *timeline = drawing->timeline;
    double before = -1, free_from = 0;
    if (!drawing->picture->by_steps) {
        draw_times(drawing);
        return;
    }
    // Where time has passed between two steps.
    for (uint32_t i = 0; i < timeline->count; i++) {
        double x = x_of(drawing, i);
        if (timeline->rows[i].at == before || x < free_from) continue;
        draw_tick(drawing, x, timeline->rows[i].at);
        before = timeline->rows[i].at;
        free_from = x + 44;
    }
}

// ---- Lanes

static void title_of(const Drawing *drawing, const TgStretch *stretch) {
    static const char *const states[] = {"ready", "running", ""};
    const TgTimeline *timeline = drawing->timeline;
    TgBuffer text = {0};
    tg_buffer_text(&text, states[stretch->state]);
    if (stretch->state == STRETCH_BLOCK) tg_buffer_text(&text, tg_timeline_text(timeline, stretch->text));
    if (stretch->place) tg_buffer_text(&text, " at ");
    tg_timeline_place(timeline, stretch->place, &text);
    if (stretch->place) tg_buffer_format(&text, "\n%s", tg_timeline_text(timeline, timeline->places[stretch->place].source));
    fputs("<title>", drawing->out);
    write_buffer(&text, drawing->out);
    fputs("</title>", drawing->out);
}

// "waiting in lock.acquire()" needs no "waiting in" where a thin line says that it waits.
static const char *short_wait(const char *text) {
    static const char *const heads[] = {"waiting in ", "waiting for "};
    for (int i = 0; i < 2; i++)
        if (!strncmp(text, heads[i], strlen(heads[i]))) return text + strlen(heads[i]);
    return text;
}

static void draw_stretch(const Drawing *drawing, const TgStretch *stretch, double y) {
    static const char *const classes[] = {"r", "b", "w"};
    static const double heights[] = {7, 14, 2.4};
    double x = x_of(drawing, stretch->from), width = x_of(drawing, stretch->to) - x, height = heights[stretch->state];
    if (width < 0.8 && stretch->state != STRETCH_RUN) return;
    if (width < 0.8) width = 0.8;
    fprintf(drawing->out, "<rect class=\"%s\" x=\"%.1f\" y=\"%.1f\" width=\"%.1f\" height=\"%.1f\">", classes[stretch->state], x,
            y + TIER / 2 + 2 - height / 2, width, height);
    title_of(drawing, stretch);
    fputs("</rect>\n", drawing->out);
    if (stretch->state == STRETCH_BLOCK)
        write_label(x + 3, y + TIER / 2 - 1, width - 4, short_wait(tg_timeline_text(drawing->timeline, stretch->text)), drawing->out);
}

// How it ended: a bar, a cross, an empty circle.
static void draw_end(const Drawing *drawing, const TgLane *lane, double y) {
    if (lane->to == NO_ROW) return;
    double x = x_of(drawing, lane->to), middle = y + TIER / 2 + 2;
    const char *text = tg_timeline_text(drawing->timeline, lane->text);
    if (lane->state == TASK_FAILED)
        fprintf(drawing->out, "<path class=\"x\" d=\"M%.1f %.1fl8 8m0 -8l-8 8\">", x - 4, middle - 4);
    else if (lane->state == TASK_CANCELLED)
        fprintf(drawing->out, "<circle class=\"o\" cx=\"%.1f\" cy=\"%.1f\" r=\"4\">", x, middle);
    else
        fprintf(drawing->out, "<path class=\"k\" d=\"M%.1f %.1fv14\">", x, middle - 7);
    fprintf(drawing->out, "<title>%s ", lane->state == TASK_FAILED ? "failed with" : lane->state == TASK_CANCELLED ? "cancelled" : "done");
    write_text(text, drawing->out);
    fprintf(drawing->out, "</title></%s>\n", lane->state == TASK_CANCELLED ? "circle" : "path");
    write_label(x + 8, middle + 3, GUTTER + drawing->width - x - 8, lane->state == TASK_FAILED ? text : "", drawing->out);
}

// Timeouts and shields, and nurseries without children: a bracket over the lane.
static void draw_brackets(const Drawing *drawing, const TgLane *lane, double y) {
    for (uint32_t i = lane->blocks; i; i = drawing->timeline->blocks[i].next) {
        const TgLaneBlock *block = &drawing->timeline->blocks[i];
        if (block->first_child) continue;
        double x = x_of(drawing, block->from), end = x_of(drawing, block->to);
        fprintf(drawing->out, "<path class=\"%s\" d=\"M%.1f %.1fv-4H%.1fv4\"/>\n", block->cause ? "c" : "k", x, y + 8, end);
        write_label(x + 2, y + 2, end - x + 40, tg_timeline_text(drawing->timeline, block->text), drawing->out);
    }
}

static void draw_lane(const Drawing *drawing, const TgTier *tier, double y) {
    const TgLane *lane = &drawing->timeline->lanes[tier->of];
    TgBuffer name = {0};
    tg_timeline_task(drawing->timeline, tier->of, &name);
    fprintf(drawing->out, "<text x=\"%u\" y=\"%.1f\">", 6 + tier->depth * 8, y + TIER / 2 + 6);
    write_buffer(&name, drawing->out);
    fputs("</text>\n", drawing->out);
    for (uint32_t i = 0; i < lane->count; i++) draw_stretch(drawing, &drawing->timeline->stretches[lane->first + i], y);
    draw_brackets(drawing, lane, y);
    draw_end(drawing, lane, y);
}

// ---- Nurseries

static int bucket_of(const Drawing *drawing, uint32_t row) {
    return (int)ceil((x_of(drawing, row) - GUTTER) / drawing->width * (BUCKETS - 1));
}

typedef struct {
    int count[3][BUCKETS + 1]; // by state
    int most;
} Sums;

// How many tasks of a folded nursery are ready and wait at so many places of the width, and where any of them ran.
static Sums sums_of(const Drawing *drawing, uint32_t block) {
    const TgTimeline *timeline = drawing->timeline;
    Sums sums = {.most = 1};
    for (uint32_t task = timeline->blocks[block].first_child; task; task = tg_lane_next(timeline, task, block)) {
        const TgLane *lane = &timeline->lanes[task];
        for (const TgStretch *at = timeline->stretches + lane->first, *end = at + lane->count; at < end; at++) {
            int from = bucket_of(drawing, at->from), to = bucket_of(drawing, at->to);
            if (at->state == STRETCH_RUN && to == from) to++; // however short, it is to be seen
            sums.count[at->state][from]++;
            sums.count[at->state][to]--;
        }
    }
    for (int i = 0; i < BUCKETS; i++) {
        for (int state = 0; state < 3 && i > 0; state++) sums.count[state][i] += sums.count[state][i - 1];
        int all = sums.count[STRETCH_READY][i] + sums.count[STRETCH_BLOCK][i];
        if (all > sums.most) sums.most = all;
    }
    return sums;
}

static void draw_part(const Drawing *drawing, const char *class_, int bucket, double y, double height) {
    double step = drawing->width / (BUCKETS - 1);
    if (height <= 0) return;
    fprintf(drawing->out, "<rect class=\"%s\" x=\"%.1f\" y=\"%.1f\" width=\"%.1f\" height=\"%.1f\"/>\n", class_, GUTTER + bucket * step, y, step, height);
}

static void draw_folded(const Drawing *drawing, uint32_t block, double y) {
    Sums sums = sums_of(drawing, block);
    double room = TIER - 10, bottom = y + TIER - 6;
    for (int i = 0; i < BUCKETS - 1; i++) {
        double ready = room * sums.count[STRETCH_READY][i] / sums.most, waiting = room * sums.count[STRETCH_BLOCK][i] / sums.most;
        draw_part(drawing, "b", i, bottom, sums.count[STRETCH_RUN][i] > 0 ? 4 : 0);
        draw_part(drawing, "r", i, bottom - ready, ready);
        draw_part(drawing, "w", i, bottom - ready - waiting, waiting);
    }
}

static uint32_t count_inside(const TgTimeline *timeline, uint32_t block) {
    uint32_t count = 0;
    for (uint32_t task = timeline->blocks[block].first_child; task; task = tg_lane_next(timeline, task, block)) count++;
    return count;
}

static void draw_block(const Drawing *drawing, const TgTier *tier, double y) {
    const TgTimeline *timeline = drawing->timeline;
    const TgLaneBlock *block = &timeline->blocks[tier->of];
    TgBuffer name = {0};
    double x = x_of(drawing, block->from), width = x_of(drawing, block->to) - x;
    fprintf(drawing->out, "<rect class=\"box%s\" x=\"%.1f\" y=\"%.1f\" width=\"%.1f\" height=\"%.1f\" rx=\"4\"/>\n", block->cause ? " c" : "", x, y + 2,
            width, y_of(tier->end) - y - 3);
    tg_buffer_text(&name, tg_timeline_text(timeline, block->text));
    if (tier->is_folded) tg_buffer_format(&name, ", %u tasks", count_inside(timeline, tier->of));
    tg_buffer_text(&name, block->place ? " " : "");
    tg_timeline_place(timeline, block->place, &name);
    write_label(6 + tier->depth * 8, y + TIER / 2 + 5, GUTTER - 10 - tier->depth * 8, name.data, drawing->out);
    tg_buffer_free(&name);
    if (tier->is_folded) draw_folded(drawing, tier->of, y);
}

// ---- Arrows, Ctrl-C

static void draw_arrows(const Drawing *drawing) {
    static const char *const classes[] = {"m", "wk", "f", "c"};
    const TgTimeline *timeline = drawing->timeline;
    if (timeline->arrow_count > MOST_ARROWS) return;
    for (uint32_t i = 0; i < timeline->arrow_count; i++) {
        const TgArrow *arrow = &timeline->arrows[i];
        double from = middle_of(drawing, arrow->from), to = middle_of(drawing, arrow->to);
        if (from == to) continue;
        fprintf(drawing->out, "<path class=\"%s\" marker-end=\"url(#tip)\" d=\"M%.1f %.1fL%.1f %.1f\"><title>", classes[arrow->kind],
                x_of(drawing, arrow->from_row), from, x_of(drawing, arrow->to_row), to);
        write_text(tg_timeline_text(timeline, arrow->text), drawing->out);
        fputs("</title></path>\n", drawing->out);
        if (arrow->kind == ARROW_MESSAGE && timeline->arrow_count <= LABELLED)
            write_label((x_of(drawing, arrow->from_row) + x_of(drawing, arrow->to_row)) / 2 + 4, (from + to) / 2 + 3, 60, tg_timeline_text(timeline, arrow->text), drawing->out);
    }
}

static void draw_presses(const Drawing *drawing) {
    for (uint32_t i = 0; i < drawing->timeline->count; i++) {
        const TgRow *row = &drawing->timeline->rows[i];
        double x = x_of(drawing, i);
        if (row->kind == SEEN_PRESS)
            fprintf(drawing->out, "<path class=\"p\" d=\"M%.1f %dV%.1f\"/><text class=\"s\" x=\"%.1f\" y=\"10\">Ctrl-C</text>\n", x, 12,
                    y_of(drawing->tiers.count), x - 12);
        else if (row->kind == SEEN_STRIKE)
            fprintf(drawing->out, "<path class=\"d\" d=\"M%.1f %.1fl4 5-4 5-4-5z\"><title>Interrupt</title></path>\n", x, middle_of(drawing, row->task) - 5);
    }
}

// ---- The whole

static void draw_legend(const Drawing *drawing, double y) {
    fprintf(drawing->out,
            "<g transform=\"translate(%d %.1f)\"><rect class=\"b\" y=\"-10\" width=\"18\" height=\"12\"/><text x=\"22\">runs</text>"
            "<rect class=\"r\" x=\"58\" y=\"-7\" width=\"18\" height=\"7\"/><text x=\"80\">is ready</text>"
            "<rect class=\"w\" x=\"134\" y=\"-5\" width=\"18\" height=\"2.4\"/><text x=\"156\">waits</text>"
            "<path class=\"m\" marker-end=\"url(#tip)\" d=\"M196 -4h18\"/><text x=\"218\">message</text>"
            "<path class=\"wk\" marker-end=\"url(#tip)\" d=\"M272 -4h18\"/><text x=\"294\">wakes</text>"
            "<path class=\"f\" marker-end=\"url(#tip)\" d=\"M336 -4h18\"/><text x=\"358\">fails</text>"
            "<path class=\"c\" marker-end=\"url(#tip)\" d=\"M392 -4h18\"/><text x=\"414\">cancels</text></g>\n",
            GUTTER, y);
}

static void draw_all(const Drawing *drawing) {
    for (uint32_t i = 0; i < drawing->tiers.count; i++)
        if (drawing->tiers.items[i].is_block) draw_block(drawing, &drawing->tiers.items[i], y_of(i));
    for (uint32_t i = 0; i < drawing->tiers.count; i++)
        if (!drawing->tiers.items[i].is_block) draw_lane(drawing, &drawing->tiers.items[i], y_of(i));
    draw_arrows(drawing);
    draw_presses(drawing);
}

void tg_trace_svg(const TgPicture *picture, FILE *out) {
    const TgTimeline *timeline = picture->timeline;
    Drawing drawing = {.picture = picture, .timeline = timeline, .out = out};
    drawing.tiers = tg_tiers_of(timeline, MOST_TIERS);
    drawing.end = timeline->count ? timeline->rows[timeline->count - 1].at : 0;
    drawing.width = picture->by_steps ? timeline->last * 13.0 : 900;
    if (drawing.width < 420) drawing.width = 420;
    if (drawing.width > 1400) drawing.width = 1400;
    double width = GUTTER + drawing.width + 30, height = y_of(drawing.tiers.count) + 34;
    fprintf(out, "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 %.0f %.0f\" width=\"%.0f\" role=\"img\">\n<title>", width, height, width);
    write_text(picture->title, out);
    fprintf(out, "</title>\n%s<rect width=\"100%%\" height=\"100%%\" fill=\"#fff\"/>\n", style);
    draw_axis(&drawing);
    draw_all(&drawing);
    draw_legend(&drawing, height - 12);
    if (timeline->dropped > 0)
        fprintf(out, "<text class=\"s\" x=\"6\" y=\"%.1f\">and %llu more (--limit)</text>\n", height - 12, (unsigned long long)timeline->dropped);
    fputs("</svg>\n", out);
    tg_tiers_free(&drawing.tiers);
}
