// lang/cli/trace_html.c
// A timeline as a page that is whole in itself: its text is trace_page.html, what it does trace_script.js.
// Layer: command.
#include <string.h>

#include "build/trace_page.inc"
#include "build/trace_script.inc"
#include "lang/cli/trace.h"

// The page up to `mark`; what follows it.
static const char *write_until(const char *page, const char *mark, FILE *out) {
    const char *end = strstr(page, mark);
    if (!end) return page + strlen(page);
    fwrite(page, 1, (size_t)(end - page), out);
    return end + strlen(mark);
}

void tg_trace_html(const TgPicture *picture, FILE *out) {
    const char *page = write_until(trace_page_text, "@data@", out);
    tg_trace_json(picture, out);
    page = write_until(page, "@script@", out);
    fputs(trace_script_text, out);
    fputs(page, out);
}
