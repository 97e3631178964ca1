// lang/cli/trace_perfetto.c
#include "lang/cli/trace.h"
void tg_trace_perfetto(const TgPicture *picture, FILE *out) { (void)picture; (void)out; }
