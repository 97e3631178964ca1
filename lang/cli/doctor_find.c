// lang/cli/doctor_find.c
// Who is stuck: those whom nothing wakes that a task which goes on can get hold of.
// Layer: command.
#include <stdlib.h>

#include "lang/cli/doctor_impl.h"
#include "vm/channel.h"
#include "vm/list.h"
#include "vm/sched.h"
#include "vm/sync.h"

enum { MOST_PATIENTS = 2000 };

// ---- What is waited for

TgObj *tg_patient_object(const TgTask *task, uint32_t i) {
    if (task->wait_kind != WAIT_SELECT) return i == 0 ? task->wait_object : NULL;
    const TgList *list = (const TgList *)task->wait_object;
    for (; i * 3 + 1 < list->count; i++)
        if (tg_is_obj(list->items[i * 3 + 1])) return tg_as_obj(list->items[i * 3 + 1]);
    return NULL;
}

TgTask *tg_patient_waits_for(const TgTask *task) {
    if (task->state != TASK_BLOCKED) return NULL;
    if (task->wait_kind == WAIT_LOCK) return ((const TgLock *)task->wait_object)->holder;
    if (task->wait_kind == WAIT_TASK || task->wait_kind == WAIT_START) return (TgTask *)task->wait_object;
    return NULL;
}

static bool waits_for(const TgTask *task, const TgObj *object) {
    if (task->wait_kind != WAIT_SELECT) return task->wait_object == object;
    const TgList *list = (const TgList *)task->wait_object;
    for (uint32_t i = 0; i < list->count / 3; i++)
        if (list->items[i * 3 + 1] == tg_obj(object)) return true;
    return false;
}

// ---- Who may go on

static bool has_deadline(const TgTask *task) {
    for (const TgTask *at = task; at; at = at->nursery ? at->nursery->owner : NULL)
        for (const TgScope *scope = at->scope; scope; scope = scope->outer)
            if (scope->timer.at) return true;
    return false;
}

// By time, the world outside, or a cancellation that is on its way.
static bool wakes_by_itself(const TgTask *task) {
    if (task->state != TASK_BLOCKED || task->timer.at || task->attention || has_deadline(task)) return true;
    return task->wait_kind == WAIT_SLEEP || task->wait_kind >= WAIT_IMPORT || task->wait_kind == WAIT_NONE;
}

static bool any_wakes(const TgPatients *patients, const TgScope *nursery) {
    for (uint32_t i = 0; i < patients->count; i++)
        if (patients->wakes[i] && patients->items[i]->nursery == nursery) return true;
    return false;
}

static bool is_waker(const TgPatients *patients, const TgTask *task) {
    for (uint32_t i = 0; i < patients->count; i++)
        if (patients->items[i] == task) return patients->wakes[i];
    return false;
}

// Whether one of those that go on can end this wait.
static bool is_woken(const TgPatients *patients, TgReach *reach, const TgTask *task) {
    if (task->wait_kind == WAIT_NURSERY) return any_wakes(patients, (const TgScope *)task->wait_object);
    const TgTask *other = tg_patient_waits_for(task);
    if (other) return is_waker(patients, other);
    for (uint32_t i = 0;; i++) {
        const TgObj *object = tg_patient_object(task, i);
        if (!object) return false;
        if (object->kind == OBJ_TASK ? is_waker(patients, (const TgTask *)object) : tg_reach_has(reach, object)) return true;
        if (task->wait_kind != WAIT_SELECT) return false;
    }
}

static void find_wakers(TgVM *vm, TgPatients *patients) {
    TgReach reach = {0};
    for (uint32_t i = 0; i < patients->count; i++)
        if ((patients->wakes[i] = wakes_by_itself(patients->items[i]))) tg_reach_add(&reach, vm, patients->items[i]);
    for (bool more = true; more;) {
        more = false;
        for (uint32_t i = patients->count; i-- > 0;) { // who waits for others stands before them, as a rule
            if (patients->wakes[i] || !is_woken(patients, &reach, patients->items[i])) continue;
            patients->wakes[i] = more = true;
            tg_reach_add(&reach, vm, patients->items[i]);
        }
    }
    tg_reach_free(&reach);
}

static void add_patient(TgVM *vm, TgTask *task, void *data) {
    (void)vm;
    TgPatients *patients = data;
    if (patients->count > MOST_PATIENTS) return;
    patients->items = tg_room_for_one(patients->items, patients->count, &patients->capacity, sizeof *patients->items);
    patients->items[patients->count++] = task;
}

bool tg_patients_find(TgVM *vm, bool dead, TgPatients *patients) {
    if (vm->sched->root) tg_scope_each(vm, vm->sched->root, add_patient, patients);
    if (patients->count > MOST_PATIENTS) return false;
    patients->wakes = calloc(patients->count + 1, sizeof *patients->wakes);
    patients->reach = calloc(patients->count + 1, sizeof(TgReach *));
    if (!patients->wakes || !patients->reach) abort(); // a tool's own bookkeeping
    // Signals that are taken as messages come from outside.
    if (!dead && !vm->sched->inboxes) find_wakers(vm, patients);
    return dead || !vm->sched->inboxes;
}

void tg_patients_free(TgPatients *patients) {
    for (uint32_t i = 0; patients->reach && i < patients->count; i++) {
        if (patients->reach[i]) tg_reach_free(patients->reach[i]);
        free(patients->reach[i]);
    }
    free(patients->reach);
    free(patients->items);
    free(patients->wakes);
}

// ---- Who else has it

// NULL: it would take too long.
static TgReach *reach_of(TgVM *vm, TgPatients *patients, uint32_t i) {
    enum { MOST_LOOKED = 5000000 };
    if (patients->reach[i]) return patients->reach[i];
    if (patients->looked > MOST_LOOKED) return NULL;
    TgReach *reach = patients->reach[i] = calloc(1, sizeof(TgReach));
    if (!reach) abort(); // a tool's own bookkeeping
    tg_reach_add(reach, vm, patients->items[i]);
    patients->looked += reach->looked;
    return reach;
}

TgTask *tg_patients_who(TgVM *vm, TgPatients *patients, const TgTask *but, const TgObj *object, bool *is_unsure) {
    *is_unsure = false;
    for (uint32_t i = 0; i < patients->count; i++) {
        TgTask *task = patients->items[i];
        if (task == but || patients->wakes[i] || waits_for(task, object)) continue;
        TgReach *reach = reach_of(vm, patients, i);
        *is_unsure = !reach || reach->gave_up;
        if (*is_unsure) return NULL;
        if (tg_reach_has(reach, object)) return task;
    }
    return NULL;
}
