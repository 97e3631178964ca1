// lang/cli/doctor_impl.h
// What the doctor's files share: doctor.c notes, doctor_find.c finds who is stuck, doctor_say.c says why. Layer: command.
#ifndef TG_LANG_CLI_DOCTOR_IMPL_H
#define TG_LANG_CLI_DOCTOR_IMPL_H

#include "lang/cli/doctor.h"
#include "lang/cli/reach.h"
#include "lang/cli/texts.h"

enum { USES = USE_NOTIFIED + 1 };

// What was done with an object.
typedef struct {
    uint32_t count;
    uint32_t place; // of the last one; a text, 0: in no code of the user's
    uint32_t by;    // who did it: a text, and
    uint32_t id;    // the task's number
} TgLastUse;

typedef struct {
    uint8_t kind; // TgKind
    uint32_t next;   // of the unused ones
    TgLastUse uses[USES];
} TgThing;

struct TgDoctor {
    TgObserver observer; // first: it is cast
    TgVM *vm;
    FILE *out;
    TgBuffer text;
    TgTexts texts;
    TgNumbers known; // address -> number in things
    TgThing *things; // from 1
    uint32_t thing_count, thing_capacity;
    uint32_t unused; // the first of those whose object is gone, 0: none
    TgNumbers said;  // tasks and their waits
    uint64_t seen;   // things that happened since it looked for who is stuck
    uint64_t patience; // it looks again after so many
};

// Tasks that wait, and which of them nothing will wake.
typedef struct {
    TgTask **items;
    bool *wakes;     // it may be woken
    uint32_t count, capacity;
    TgReach **reach; // of each, where it was asked for
    uint64_t looked; // objects, for that
} TgPatients;

// All tasks that live. `dead`: nothing can go on at all; else those that may be woken are found. False: there are too many to say.
bool tg_patients_find(TgVM *vm, bool dead, TgPatients *patients);
void tg_patients_free(TgPatients *patients);
// The first stuck task but `but` that has `object` within reach and does not wait for it too; NULL: none, or, where *is_unsure, it
// takes too long to find out.
TgTask *tg_patients_who(TgVM *vm, TgPatients *patients, const TgTask *but, const TgObj *object, bool *is_unsure);
// Whom a task waits for, where that is one other task: who holds the lock, the task of t.wait().
TgTask *tg_patient_waits_for(const TgTask *task);
// The object that case `i` of a select is about, or of any other wait the one (i is 0); NULL: none (any more).
TgObj *tg_patient_object(const TgTask *task, uint32_t i);

// Says why these will not go on: the stuck ones that it has not spoken of.
void tg_doctor_say(TgDoctor *doctor, TgPatients *patients, TgBuffer *out);

const TgThing *tg_doctor_thing(TgDoctor *doctor, const TgObj *object); // never NULL

#endif
