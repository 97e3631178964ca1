// lang/cli/doctor.c
// Notes who did what with which object, and when to speak.
// Layer: command.
#include "lang/cli/doctor.h"

#include <stdlib.h>
#include <string.h>

#include "lang/cli/doctor_impl.h"
#include "vm/sched.h"
#include "vm/task.h"
#include "vm/trace.h"

// ---- Noting

static uint32_t text_of(TgDoctor *doctor, TgBuffer *buffer) {
    uint32_t number = buffer->length ? tg_texts_add(&doctor->texts, buffer->data, buffer->length) : 0;
    tg_buffer_free(buffer);
    return number;
}

static TgThing *thing_of(TgDoctor *doctor, const TgObj *object) {
    uint32_t *number = tg_numbers_at(&doctor->known, (uint64_t)(uintptr_t)object);
    if (!*number) {
        *number = doctor->unused ? doctor->unused : ++doctor->thing_count;
        doctor->things = tg_room_for_one(doctor->things, doctor->thing_count, &doctor->thing_capacity, sizeof *doctor->things);
        if (doctor->unused) doctor->unused = doctor->things[*number].next;
        doctor->things[*number] = (TgThing){.kind = object->kind};
    }
    return &doctor->things[*number];
}

const TgThing *tg_doctor_thing(TgDoctor *doctor, const TgObj *object) { return thing_of(doctor, object); }

static void note_use(TgDoctor *doctor, const TgSeen *seen) {
    if (seen->how == USE_MADE) *thing_of(doctor, seen->object) = (TgThing){.kind = seen->object->kind};
    TgLastUse *use = &thing_of(doctor, seen->object)->uses[seen->how];
    use->count++;
    if (!seen->task) return;
    TgCode *code;
    uint32_t at;
    TgBuffer place = {0}, name = {0};
    if (tg_task_spot(seen->task, &code, &at)) tg_say_spot(&place, code, at);
    tg_say_task(&name, seen->task->name, seen->task->id);
    use->place = text_of(doctor, &place);
    use->by = text_of(doctor, &name);
    use->id = seen->task->id;
}

// ---- Speaking

static void speak(TgDoctor *doctor, bool dead) {
    TgPatients patients = {0};
    TgBuffer text = {0};
    bool is_known = tg_patients_find(doctor->vm, dead, &patients);
    if (is_known) tg_doctor_say(doctor, &patients, &text);
    if (!is_known && dead) tg_buffer_text(&text, "doctor: there are too many tasks to find out why\n");
    tg_patients_free(&patients);
    if (text.length > 0) tg_buffer_add(&doctor->text, text.data, text.length);
    if (text.length > 0 && doctor->out) {
        tg_out_try(doctor->vm); // what was printed before stands before
        fwrite(text.data, 1, text.length, doctor->out);
    }
    tg_buffer_free(&text);
}

// To look costs as much as the heap is large, so it is done when as much has happened since.
static void look(TgDoctor *doctor) {
    enum { PATIENCE = 200, SHARE = 4 };
    if (doctor->seen < doctor->patience) return;
    doctor->seen = 0;
    speak(doctor, false);
    doctor->patience = PATIENCE + doctor->thing_count / SHARE;
}

static void see(TgObserver *observer, TgVM *vm, const TgSeen *seen) {
    TgDoctor *doctor = (TgDoctor *)observer;
    doctor->seen++;
    if (seen->kind == SEEN_USE) note_use(doctor, seen);
    else if (seen->kind == SEEN_DEADLOCK) speak(doctor, true);
    else if (seen->kind == SEEN_COLLECTED) doctor->patience = 0;
    else if (seen->kind == SEEN_IDLE && vm->sched->main) look(doctor);
}

static void forget(TgObserver *observer, const TgObj *object) {
    TgDoctor *doctor = (TgDoctor *)observer;
    uint32_t *number = tg_numbers_at(&doctor->known, (uint64_t)(uintptr_t)object);
    if (!*number) return;
    doctor->things[*number].next = doctor->unused;
    doctor->unused = *number;
    *number = 0;
}

TgDoctor *tg_doctor_new(TgVM *vm, FILE *out) {
    TgDoctor *doctor = calloc(1, sizeof *doctor);
    if (!doctor) return NULL;
    doctor->observer.see = see;
    doctor->observer.forget = forget;
    doctor->vm = vm;
    doctor->out = out;
    tg_observe(vm, &doctor->observer);
    return doctor;
}

const char *tg_doctor_text(const TgDoctor *doctor) { return doctor->text.data ? doctor->text.data : ""; }

void tg_doctor_free(TgDoctor *doctor) {
    if (!doctor) return;
    tg_observe_end(doctor->vm, &doctor->observer);
    tg_buffer_free(&doctor->text);
    tg_texts_free(&doctor->texts);
    tg_numbers_free(&doctor->known);
    tg_numbers_free(&doctor->said);
    free(doctor->things);
    free(doctor);
}
