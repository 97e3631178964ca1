// lang/cli/trace.h
// tg trace: runs a script as usual and writes a picture of what its tasks did.
// Layer: command.
#ifndef TG_LANG_CLI_TRACE_H
#define TG_LANG_CLI_TRACE_H

#include <stdio.h>

#include "lang/cli/options.h"
#include "lang/cli/timeline.h"

typedef struct TgTraceJob TgTraceJob;

// Reads what stands behind `tg trace` into the command: what to run, how, and command->trace, the job. False: *status is what to end
// with, and it has been said why.
bool tg_trace_parse(TgCommand *command, int argc, char **argv, int *status);
// Before and after the run.
void tg_trace_begin(TgTraceJob *job, TgVM *vm);
// Writes the picture; false where it could not be written (said on stderr).
bool tg_trace_end(TgTraceJob *job, TgVM *vm);
void tg_trace_free(TgTraceJob *job); // or NULL

// What a picture is made from.
typedef struct {
    const TgTimeline *timeline;
    const char *title; // of the script
    bool by_steps;     // the axis: each row a step, or the time
} TgPicture;

void tg_trace_text(const TgPicture *picture, FILE *out);
void tg_trace_svg(const TgPicture *picture, FILE *out);
void tg_trace_html(const TgPicture *picture, FILE *out);
void tg_trace_perfetto(const TgPicture *picture, FILE *out); // Chrome's trace-event JSON
// The same data as a JSON object, for the page.
void tg_trace_json(const TgPicture *picture, FILE *out);
// A JSON string with its quotes, safe inside of <script>.
void tg_json_text(const char *text, FILE *out);

#endif
