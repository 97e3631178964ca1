// lang/cli/doctor.h
// The doctor: says why tasks will never go on, who could have woken them, and what is missing where.
//
// It looks on (vm/observe.h) and notes of each channel, lock and their like where it was made and who used it last. It speaks when
// there is a deadlock, and when tasks are stuck: what they wait for is within reach of stuck tasks only, so that nothing but
// their cancellation ends the wait.
//
// Layer: command.
#ifndef TG_LANG_CLI_DOCTOR_H
#define TG_LANG_CLI_DOCTOR_H

#include <stdio.h>

#include "vm/observe.h"
#include "vm/string.h"

typedef struct TgDoctor TgDoctor;

// Begins to look on in `vm` (made with options.observed). What it finds is written to `out` at once; NULL: kept for tg_doctor_text.
TgDoctor *tg_doctor_new(TgVM *vm, FILE *out);
// All that it has said so far, lines with their ends; "" for nothing.
const char *tg_doctor_text(const TgDoctor *doctor);
void tg_doctor_free(TgDoctor *doctor);

#endif
