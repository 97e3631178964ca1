// lang/cli/trace_text.c
// A timeline as lines, for a terminal and for comparing: when, who, what.
// Layer: command.
#include <string.h>

#include "lang/cli/trace.h"

enum { WHO = 16 }; // columns

// "0.25", or nothing where the time has not changed.
static void write_time(double at, double before, FILE *out) {
    char text[40];
    if (at == before) {
        fprintf(out, "%10s  ", "");
        return;
    }
    snprintf(text, sizeof text, "%.6f", at);
    char *end = text + strlen(text);
    while (end[-1] == '0') end--;
    if (end[-1] == '.') end--;
    *end = '\0';
    fprintf(out, "%9ss  ", text);
}

void tg_trace_text(const TgPicture *picture, FILE *out) {
    const TgTimeline *timeline = picture->timeline;
    double before = -1;
    for (uint32_t i = 0; i < timeline->count; i++) {
        const TgRow *row = &timeline->rows[i];
        bool is_frame = (row->kind == SEEN_OPEN || row->kind == SEEN_CLOSE) && row->task == 0;
        if (is_frame) continue; // the root: nobody's block
        TgBuffer who = {0}, what = {0};
        if (row->task) tg_timeline_task(timeline, row->task, &who);
        tg_timeline_say(timeline, row, &what);
        write_time(row->at, before, out);
        before = row->at;
        fprintf(out, "%-*s %s\n", WHO, who.data ? who.data : "", what.data ? what.data : "");
        tg_buffer_free(&who);
        tg_buffer_free(&what);
    }
    if (timeline->dropped > 0)
        fprintf(out, "… and %llu more things happened after that (--limit=%u)\n", (unsigned long long)timeline->dropped, timeline->limit);
}
