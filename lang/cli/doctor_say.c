// lang/cli/doctor_say.c
// Why tasks are stuck, in words: circles first, then what nobody is left to do, each with where the missing piece belongs.
// Layer: command.
#include <string.h>

#include "lang/cli/doctor_impl.h"
#include "vm/channel.h"
#include "vm/list.h"
#include "vm/sched.h"
#include "vm/sync.h"
#include "vm/trace.h"
#include "vm/tree.h"

enum { MOST_SAID = 8 };

typedef struct {
    TgDoctor *doctor;
    TgPatients *patients;
    TgBuffer *out;
    uint32_t said, left_out;
    const TgObj *objects[MOST_SAID]; // that were spoken of
    uint32_t object_count;
} Talk;

// ---- Words

static void say_name(const Talk *talk, const TgTask *task) { tg_say_task(talk->out, task->name, task->id); }

static void say_text(const Talk *talk, uint32_t text) { tg_buffer_text(talk->out, tg_texts_get(&talk->doctor->texts, text)); }

static void say_place(const Talk *talk, const TgTask *task, const char *before) {
    TgCode *code;
    uint32_t at;
    if (!tg_task_spot(task, &code, &at)) return;
    tg_buffer_text(talk->out, before);
    tg_say_spot(talk->out, code, at);
}

// "the channel made at a.tg:3"
static void say_thing(const Talk *talk, const TgObj *object) {
    static const char *const names[OBJ_KINDS] = {
        [OBJ_CHANNEL] = "channel", [OBJ_LOCK] = "lock", [OBJ_SEMAPHORE] = "semaphore",
        [OBJ_EVENT] = "event", [OBJ_CONDITION] = "condition", [OBJ_BARRIER] = "barrier"};
    const TgThing *thing = tg_doctor_thing(talk->doctor, object);
    tg_buffer_format(talk->out, "the %s", names[object->kind] ? names[object->kind] : "object");
    if (!thing->uses[USE_MADE].place) return;
    tg_buffer_text(talk->out, " made at ");
    say_text(talk, thing->uses[USE_MADE].place);
}

static bool has_ended(const Talk *talk, uint32_t id) {
    for (uint32_t i = 0; i < talk->patients->count; i++)
        if (talk->patients->items[i]->id == id) return false;
    return true;
}

// "at a.tg:6 by producer#2, which has ended"
static void say_use(const Talk *talk, const TgLastUse *use) {
    if (use->place) tg_buffer_text(talk->out, "at ");
    say_text(talk, use->place);
    if (!use->by) return;
    tg_buffer_text(talk->out, " by ");
    say_text(talk, use->by);
    if (has_ended(talk, use->id)) tg_buffer_text(talk->out, ", which has ended");
}

// "worker#2 waits in channel.receive() at a.tg:4"
static void say_wait(const Talk *talk, const TgTask *task) {
    TgBuffer state = {0};
    tg_tree_state(task, &state);
    say_name(talk, task);
    tg_buffer_text(talk->out, " ");
    bool waits = state.data && !strncmp(state.data, "waiting", 7);
    if (waits) tg_buffer_format(talk->out, "waits%s", state.data + 7);
    else tg_buffer_format(talk->out, "is %s", state.data ? state.data : "stuck");
    tg_buffer_free(&state);
    say_place(talk, task, " at ");
}

static void end_line(const Talk *talk) { tg_buffer_text(talk->out, ".\n"); }
static void advise(const Talk *talk, const char *advice) { tg_buffer_format(talk->out, "  -> %s\n", advice); }

// Whether `task` runs in `nursery`, however deep.
static bool is_inside(const TgTask *task, const TgScope *nursery) {
    for (; task && task->nursery; task = task->nursery->owner)
        if (task->nursery == nursery) return true;
    return false;
}

// "No other task that is left has it." or who has it and why that one does not help.
static void say_who(const Talk *talk, const TgTask *task, const TgObj *object) {
    bool is_unsure;
    const TgTask *who = tg_patients_who(talk->doctor->vm, talk->patients, task, object, &is_unsure);
    if (is_unsure) return;
    if (!who) {
        tg_buffer_text(talk->out, "  No other task that is left can get hold of it.\n");
        return;
    }
    tg_buffer_text(talk->out, "  Of those that are left ");
    say_name(talk, who);
    tg_buffer_text(talk->out, " could, but it ");
    bool is_around = who->wait_kind == WAIT_NURSERY && is_inside(task, (const TgScope *)who->wait_object);
    if (is_around) {
        tg_buffer_text(talk->out, "waits for its nursery to end");
        say_place(talk, who, " at ");
        tg_buffer_text(talk->out, ", and ");
        say_name(talk, task);
        tg_buffer_text(talk->out, " is in that");
    } else {
        TgBuffer state = {0};
        tg_tree_state(who, &state);
        tg_buffer_format(talk->out, "is %s itself", state.data ? state.data : "stuck");
        tg_buffer_free(&state);
        say_place(talk, who, " at ");
    }
    end_line(talk);
}

// ---- One object

static void say_receive(const Talk *talk, const TgTask *task, const TgChannel *channel) {
    const TgThing *thing = tg_doctor_thing(talk->doctor, &channel->obj);
    const TgLastUse *sent = &thing->uses[USE_SENT];
    tg_buffer_text(talk->out, "  Nobody sends to ");
    say_thing(talk, &channel->obj);
    tg_buffer_text(talk->out, sent->count ? " any more: it was last sent to " : ", and nobody ever did");
    if (sent->count) say_use(talk, sent);
    end_line(talk);
    say_who(talk, task, &channel->obj);
    TgBuffer advice = {0};
    if (task->wait_kind == WAIT_NEXT) {
        tg_buffer_text(&advice, "the loop ends when the channel is closed: call close() ");
        if (sent->place) tg_buffer_format(&advice, "after the last send, %s", tg_texts_get(&talk->doctor->texts, sent->place));
        else tg_buffer_text(&advice, "when nothing more is to be sent");
    } else if (sent->count) {
        tg_buffer_format(&advice, "%u message%s sent: receive no more than that, or use `for v in ch` and close() the channel after the last send",
                         sent->count, sent->count == 1 ? " was" : "s were");
    } else {
        tg_buffer_text(&advice, "send from another task, which is spawned before this one waits");
    }
    advise(talk, advice.data);
    tg_buffer_free(&advice);
}

static void say_send(const Talk *talk, const TgTask *task, const TgChannel *channel) {
    const TgLastUse *received = &tg_doctor_thing(talk->doctor, &channel->obj)->uses[USE_RECEIVED];
    tg_buffer_text(talk->out, "  Nobody receives from ");
    say_thing(talk, &channel->obj);
    tg_buffer_text(talk->out, received->count ? " any more" : ", and nobody ever did");
    if (channel->capacity > 0) tg_buffer_format(talk->out, "; it is full with %u", channel->capacity);
    if (received->count) tg_buffer_text(talk->out, "; the last was received ");
    if (received->count) say_use(talk, received);
    end_line(talk);
    say_who(talk, task, &channel->obj);
    if (received->count) advise(talk, "let the receiver go on until the channel is closed: for v in ch { … }");
    else if (channel->capacity == 0) advise(talk, "a send waits for a receiver: spawn one before, or give the channel room, channel(1)");
    else advise(talk, "spawn a receiver before, or give the channel more room");
}

static void say_lock(const Talk *talk, const TgTask *task, const TgLock *lock) {
    (void)task;
    const TgLastUse *taken = &tg_doctor_thing(talk->doctor, &lock->obj)->uses[USE_TAKEN];
    tg_buffer_text(talk->out, "  ");
    if (lock->holder) say_name(talk, lock->holder);
    tg_buffer_text(talk->out, " took ");
    say_thing(talk, &lock->obj);
    if (taken->place) tg_buffer_text(talk->out, " at ");
    say_text(talk, taken->place);
    bool is_over = lock->holder && lock->holder->state >= TASK_DONE;
    tg_buffer_text(talk->out, is_over ? ", and ended without giving it back" : ", and has it still");
    end_line(talk);
    if (is_over) advise(talk, "take it by `with m { … }`, which gives it back however the block is left");
    else if (lock->holder && lock->holder->state == TASK_BLOCKED) advise(talk, "give a lock back before a wait that may be long");
}

static void say_semaphore(const Talk *talk, const TgTask *task, const TgSemaphore *semaphore) {
    const TgThing *thing = tg_doctor_thing(talk->doctor, &semaphore->obj);
    const TgLastUse *taken = &thing->uses[USE_TAKEN], *given = &thing->uses[USE_GIVEN];
    tg_buffer_text(talk->out, "  Nobody gives back a place of ");
    say_thing(talk, &semaphore->obj);
    if (taken->count > 0) tg_buffer_format(talk->out, ": %u taken, %u given back; the last was taken ", taken->count, given->count);
    if (taken->count > 0) say_use(talk, taken);
    end_line(talk);
    say_who(talk, task, &semaphore->obj);
    if (taken->count > given->count) advise(talk, "take it by `with s { … }`, which gives it back however the block is left");
    else advise(talk, "call release() where what is waited for has happened");
}

static void say_event(const Talk *talk, const TgTask *task, const TgEvent *event) {
    tg_buffer_text(talk->out, "  Nobody has set ");
    say_thing(talk, &event->obj);
    end_line(talk);
    say_who(talk, task, &event->obj);
    advise(talk, "call set() where what it stands for has happened, on every way there: in a `finally`, say");
}

static void say_condition(const Talk *talk, const TgTask *task, const TgCondition *condition) {
    const TgLastUse *notified = &tg_doctor_thing(talk->doctor, &condition->obj)->uses[USE_NOTIFIED];
    tg_buffer_text(talk->out, "  Nobody notifies ");
    say_thing(talk, &condition->obj);
    if (notified->count > 0) tg_buffer_text(talk->out, " any more: the last time was ");
    if (notified->count > 0) say_use(talk, notified);
    end_line(talk);
    say_who(talk, task, &condition->obj);
    if (notified->count > 0)
        advise(talk, "a notify wakes only those who wait by then: ask first, in a loop: while not ready { c.wait() }");
    else
        advise(talk, "call notify() or notify_all() after what is waited for was changed, holding the lock");
}

static void say_barrier(const Talk *talk, const TgTask *task, const TgBarrier *barrier) {
    uint32_t waiting = 0;
    for (const TgWait *wait = barrier->waiters.first; wait; wait = wait->next) waiting++;
    tg_buffer_text(talk->out, "  ");
    size_t start = talk->out->length;
    say_thing(talk, &barrier->obj);
    talk->out->data[start] = 'T';
    tg_buffer_format(talk->out, " is for %u tasks, and %u wait%s there", barrier->parties, waiting, waiting == 1 ? "s" : "");
    end_line(talk);
    say_who(talk, task, &barrier->obj);
    advise(talk, "make it for as many tasks as come there; one that ended early comes no more");
}

static bool was_said(Talk *talk, const TgObj *object) {
    for (uint32_t i = 0; i < talk->object_count; i++)
        if (talk->objects[i] == object) return true;
    if (talk->object_count < MOST_SAID) talk->objects[talk->object_count++] = object;
    return false;
}

static void say_object(Talk *talk, const TgTask *task, const TgObj *object, bool sends) {
    switch ((TgKind)object->kind) {
    case OBJ_CHANNEL:
        if (sends) say_send(talk, task, (const TgChannel *)object);
        else say_receive(talk, task, (const TgChannel *)object);
        break;
    case OBJ_LOCK: say_lock(talk, task, (const TgLock *)object); break;
    case OBJ_SEMAPHORE: say_semaphore(talk, task, (const TgSemaphore *)object); break;
    case OBJ_EVENT: say_event(talk, task, (const TgEvent *)object); break;
    case OBJ_CONDITION: say_condition(talk, task, (const TgCondition *)object); break;
    case OBJ_BARRIER: say_barrier(talk, task, (const TgBarrier *)object); break;
    default: break;
    }
}

// ---- One task

static uint32_t count_others(const Talk *talk, const TgTask *task, const TgObj *object) {
    uint32_t count = 0;
    for (uint32_t i = 0; i < talk->patients->count; i++) {
        const TgTask *other = talk->patients->items[i];
        count += other != task && !talk->patients->wakes[i] && other->wait_kind == task->wait_kind && other->wait_object == object;
    }
    return count;
}

static void say_select(Talk *talk, const TgTask *task) {
    const TgList *list = (const TgList *)task->wait_object;
    for (uint32_t i = 0; i < list->count / 3; i++) {
        TgObj *object;
        if (!tg_to_obj(list->items[i * 3 + 1], &object) || was_said(talk, object)) continue;
        say_object(talk, task, object, !strcmp(((const TgString *)tg_as_obj(list->items[i * 3]))->data, "send"));
    }
}

static void say_task(Talk *talk, const TgTask *task) {
    bool follows = task->wait_kind == WAIT_NURSERY || task->wait_kind == WAIT_TASK || task->wait_kind == WAIT_START;
    if (follows) return; // for others, who are spoken of
    bool selects = task->wait_kind == WAIT_SELECT;
    if (!selects && was_said(talk, task->wait_object)) return;
    if (++talk->said > MOST_SAID) {
        talk->left_out++;
        return;
    }
    tg_buffer_text(talk->out, "- ");
    say_wait(talk, task);
    uint32_t others = selects ? 0 : count_others(talk, task, task->wait_object);
    if (others > 0) tg_buffer_format(talk->out, ", and so do%s %u other%s", others == 1 ? "es" : "", others, others == 1 ? "" : "s");
    end_line(talk);
    if (selects) say_select(talk, task);
    else say_object(talk, task, task->wait_object, task->wait_kind == WAIT_SEND);
}

// ---- Circles

enum { LONGEST = 100 };

// From `task` along whom each waits for, back to it, or to one that waits for the end of a nursery that it is in. How many there are; 0:
// no circle.
static uint32_t find_circle(TgTask *task, TgTask **path) {
    uint32_t count = 0;
    for (TgTask *at = task; at && count < LONGEST; at = tg_patient_waits_for(at)) {
        if (count > 0 && at == task) return count;
        path[count++] = at;
        if (count == 1 || at->state != TASK_BLOCKED || at->wait_kind != WAIT_NURSERY) continue;
        return is_inside(task, (const TgScope *)at->wait_object) ? count : 0;
    }
    return 0;
}

static void say_held(const Talk *talk, const TgTask *by, const TgTask *waiter) {
    if (waiter->wait_kind != WAIT_LOCK || ((const TgLock *)waiter->wait_object)->holder != by) return;
    tg_buffer_text(talk->out, "holds ");
    say_thing(talk, waiter->wait_object);
    uint32_t place = tg_doctor_thing(talk->doctor, waiter->wait_object)->uses[USE_TAKEN].place;
    if (place) tg_buffer_text(talk->out, " (taken at ");
    say_text(talk, place);
    tg_buffer_text(talk->out, place ? ") and " : " and ");
}

static void say_circle(Talk *talk, TgTask **path, uint32_t count) {
    bool locks = true, nursery = false;
    tg_buffer_text(talk->out, "- These wait for each other in a circle:\n");
    for (uint32_t i = 0; i < count; i++) {
        const TgTask *task = path[i];
        locks &= task->wait_kind == WAIT_LOCK;
        nursery |= task->wait_kind == WAIT_NURSERY;
        tg_buffer_text(talk->out, "    ");
        say_name(talk, task);
        tg_buffer_text(talk->out, " ");
        say_held(talk, task, path[(i + count - 1) % count]);
        tg_buffer_text(talk->out, "waits for ");
        if (task->wait_kind == WAIT_LOCK) say_thing(talk, task->wait_object);
        else if (task->wait_kind == WAIT_NURSERY) tg_buffer_text(talk->out, "its nursery to end");
        else say_name(talk, (const TgTask *)task->wait_object);
        say_place(talk, task, ", at ");
        tg_buffer_text(talk->out, "\n");
        if (task->wait_kind == WAIT_LOCK) was_said(talk, task->wait_object);
    }
    if (locks) advise(talk, "take these locks in the same order everywhere");
    else if (nursery) advise(talk, "what a nursery's tasks need is to be given back before the nursery's end is waited for");
    else advise(talk, "of tasks that wait for each other one has to go on by itself");
    talk->said++;
}

static void say_circles(Talk *talk) {
    TgTask *path[LONGEST];
    for (uint32_t i = 0; i < talk->patients->count && talk->said < MOST_SAID; i++) {
        TgTask *task = talk->patients->items[i];
        if (talk->patients->wakes[i]) continue;
        uint32_t count = find_circle(task, path);
        bool is_known = false; // it is told from its first member
        for (uint32_t k = 1; k < count; k++) is_known |= path[k]->id < task->id && path[k]->wait_kind != WAIT_NURSERY;
        bool is_spoken_of = task->wait_kind == WAIT_LOCK && talk->object_count > 0 && count > 0 && talk->objects[0] == task->wait_object;
        if (count > 0 && !is_known && !is_spoken_of) say_circle(talk, path, count);
    }
}

// ---- All

// Of those who are stuck how many it has not spoken of; from now on it has.
static uint32_t note_said(TgDoctor *doctor, const TgPatients *patients, uint32_t *stuck) {
    uint32_t fresh = 0;
    for (uint32_t i = 0; i < patients->count; i++) {
        if (patients->wakes[i]) continue;
        // It may be stuck again in another wait, where it has caught the Deadlock.
        const TgTask *task = patients->items[i];
        uint64_t wait = (uint64_t)(uintptr_t)task->wait_object * 31 + (uint64_t)(uintptr_t)task->pc;
        uint32_t *is_said = tg_numbers_at(&doctor->said, (wait << 16 ^ task->id) | 1ull << 63);
        fresh += !*is_said;
        *is_said = 1;
        ++*stuck;
    }
    return fresh;
}

void tg_doctor_say(TgDoctor *doctor, TgPatients *patients, TgBuffer *out) {
    uint32_t stuck = 0;
    if (note_said(doctor, patients, &stuck) == 0) return;
    Talk talk = {.doctor = doctor, .patients = patients, .out = out};
    if (stuck == patients->count)
        tg_buffer_text(out, "doctor: nothing can go on any more\n");
    else
        tg_buffer_format(out, "doctor: %u task%s stuck: nothing but a cancellation ends the wait\n", stuck, stuck == 1 ? " is" : "s are");
    say_circles(&talk);
    for (uint32_t i = 0; i < patients->count; i++)
        if (!patients->wakes[i]) say_task(&talk, patients->items[i]);
    if (talk.left_out > 0) tg_buffer_format(out, "- and %u more\n", talk.left_out);
}
