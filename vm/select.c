// vm/select.c
// `select`. Three values make a case: the operation's name, its object, its argument. A look at each in order first; where none can go on the task stands in
// all their queues at once, and the one that wakes it takes it out of the others.
// Layer: runtime.
#include "vm/select.h"

#include <math.h>

#include "vm/channel.h"
#include "vm/explore.h"
#include "vm/handover.h"
#include "vm/sync.h"
#include "vm/why.h"

typedef enum { CASE_RECEIVE, CASE_SEND, CASE_SLEEP, CASE_TASK, CASE_EVENT, CASE_LOCK, CASE_WRONG } CaseKind;

typedef struct {
    CaseKind kind;
    TgObj *object;
    TgValue value;
} Case;

static CaseKind kind_of(const char *name, TgValue object) {
    if (tg_is_nil(object) && strcmp(name, "sleep") == 0) return CASE_SLEEP;
    if (!tg_is_obj(object)) return CASE_WRONG;
    TgKind kind = (TgKind)tg_as_obj(object)->kind;
    if (kind == OBJ_CHANNEL && strcmp(name, "receive") == 0) return CASE_RECEIVE;
    if (kind == OBJ_CHANNEL && strcmp(name, "send") == 0) return CASE_SEND;
    if (kind == OBJ_TASK && strcmp(name, "wait") == 0) return CASE_TASK;
    if (kind == OBJ_EVENT && strcmp(name, "wait") == 0) return CASE_EVENT;
    if (kind == OBJ_LOCK && strcmp(name, "acquire") == 0) return CASE_LOCK;
    return CASE_WRONG;
}

// What the case with these three values is about. CASE_WRONG: raised.
static Case read_case(TgVM *vm, const TgValue *parts) {
    const char *name = ((TgString *)tg_as_obj(parts[0]))->data;
    Case c = {kind_of(name, parts[1]), tg_is_obj(parts[1]) ? tg_as_obj(parts[1]) : NULL, parts[2]};
    if (c.kind == CASE_WRONG) {
        tg_error_raise(vm, TG_ERR_TypeError,
                       "select can't wait for %s of %s; it can for receive and send of a Channel, sleep, wait of a Task or Event, and acquire of a Lock",
                       name, tg_type_name(vm, parts[1]));
    } else if (c.kind == CASE_SLEEP && !tg_is_number(c.value)) {
        tg_error_raise(vm, TG_ERR_TypeError, "sleep needs a number of seconds, not %s", TG_SHOW(vm, c.value));
        c.kind = CASE_WRONG;
    }
    return c;
}

// Whether the operation can go on now (an error counts: it raises).
static bool is_ready(TgTask *self, const Case *c) {
    switch (c->kind) {
    case CASE_RECEIVE: {
        TgChannel *channel = (TgChannel *)c->object;
        return channel->closed || channel->count > 0 || channel->senders.first;
    }
    case CASE_SEND: {
        TgChannel *channel = (TgChannel *)c->object;
        return channel->closed || channel->count < channel->capacity || channel->receivers.first;
    }
    case CASE_TASK: return ((TgTask *)c->object)->state >= TASK_DONE;
    case CASE_EVENT: return ((TgEvent *)c->object)->is_set;
    case CASE_LOCK: return !((TgLock *)c->object)->holder || ((TgLock *)c->object)->holder == self;
    case CASE_SLEEP: return tg_number_compare(c->value, tg_int(0)) <= 0; // its time is up already
    default: return false;
    }
}

static bool do_now(TgVM *vm, TgTask *self, const Case *c, TgValue *result) {
    *result = TG_NIL;
    switch (c->kind) {
    case CASE_RECEIVE:
        *result = tg_channel_take(vm, (TgChannel *)c->object);
        if (!tg_is_undef(*result)) return true;
        break;
    case CASE_SEND:
        if (!((TgChannel *)c->object)->closed) return tg_channel_give(vm, (TgChannel *)c->object, c->value);
        break;
    case CASE_TASK: {
        const TgTask *task = (TgTask *)c->object;
        *result = task->result;
        if (task->state == TASK_DONE) return true;
        if (task->state == TASK_FAILED)
            vm->raised = task->result;
        else
            vm->raised = tg_why_error(vm, task);
        return false;
    }
    case CASE_LOCK:
        if (tg_lock_take(vm, (TgLock *)c->object, self)) return true;
        tg_error_raise(vm, TG_ERR_Deadlock, "%s#%u waits for a lock that it holds itself: locks are not reentrant",
                       self->name->data, self->id);
        return false;
    default: return true;
    }
    tg_error_raise(vm, TG_ERR_Closed, "the channel is closed");
    return false;
}

// Who explores tries each of those that are ready.
static int choose_explored(TgVM *vm, const TgValue *values, uint32_t count, Case *chosen) {
    uint32_t ready = 0;
    for (uint32_t i = 0; i < count; i++) {
        Case c = read_case(vm, values + i * 3);
        if (is_ready(vm->current, &c)) ready++;
    }
    uint32_t pick = ready > 1 ? tg_explore_pick(vm, ready) : 0;
    for (uint32_t i = 0; i < count && ready; i++) {
        *chosen = read_case(vm, values + i * 3);
        if (is_ready(vm->current, chosen) && pick-- == 0) return (int)i;
    }
    return -1;
}

// The case to take now: the first that is ready, or one of the ready ones by the seeded generator; -1 for none. All of them are
// looked at for what is wrong (*wrong: raised).
static int choose(TgVM *vm, const TgValue *values, uint32_t count, bool random, Case *chosen, bool *wrong) {
    int number = -1;
    uint32_t ready = 0;
    for (uint32_t i = 0; i < count; i++) {
        Case c = read_case(vm, values + i * 3);
        if (c.kind == CASE_WRONG) return *wrong = true, -1;
        if ((number >= 0 && !random) || !is_ready(vm->current, &c)) continue;
        ready++;
        if (number >= 0 && vm->options.hooks.random(vm) % ready != 0) continue;
        number = (int)i;
        *chosen = c;
    }
    if (ready > 1 && random && vm->explorer) number = choose_explored(vm, values, count, chosen);
    return number;
}

static TgWaitQueue *queue_of(TgVM *vm, const Case *c) {
    switch (c->kind) {
    case CASE_RECEIVE: return &((TgChannel *)c->object)->receivers;
    case CASE_SEND: return &((TgChannel *)c->object)->senders;
    case CASE_TASK: return tg_task_waiters(vm, (TgTask *)c->object);
    case CASE_EVENT: return &((TgEvent *)c->object)->waiters;
    case CASE_LOCK: return &((TgLock *)c->object)->waiters;
    default: return NULL;
    }
}

// In all queues at once, and one timer for the nearest sleep.
static void wait_for_all(TgVM *vm, TgList *list) {
    TgTask *task = vm->current;
    uint32_t count = list->count / 3;
    double nearest = INFINITY;
    task->choices = tg_gc_realloc(vm, NULL, 0, count * sizeof(TgWait));
    task->choice_count = count;
    for (uint32_t i = 0; i < count; i++) {
        Case c = read_case(vm, list->items + i * 3); // was looked at
        TgWait *wait = &task->choices[i];
        *wait = (TgWait){.task = task, .value = c.kind == CASE_SEND ? c.value : TG_NIL};
        tg_barrier(vm, task, wait->value);
        double seconds;
        if (c.kind != CASE_SLEEP) {
            tg_wait_push(queue_of(vm, &c), wait);
        } else if (tg_to_double(vm, c.value, &seconds) && seconds < nearest) {
            nearest = seconds;
            task->won = i; // unless a queue wins before
        }
    }
    if (nearest < INFINITY) tg_sched_sleep_until(vm, task, tg_now(vm) + nearest);
    tg_sched_park(vm, task, WAIT_SELECT, list, 0);
}

TgValue tg_select_case(TgVM *vm, const TgValue *values, uint32_t count, uint32_t flags, int *number) {
    TgList *list = count == 0 ? (TgList *)tg_as_obj(values[0]) : NULL;
    if (list) {
        values = list->items;
        count = list->count / 3;
    }
    Case c = {CASE_WRONG, NULL, TG_NIL};
    TgValue value;
    bool wrong = false;
    *number = choose(vm, values, count, flags & TG_SELECT_RANDOM, &c, &wrong);
    if (wrong) return TG_UNDEF;
    if (*number >= 0) return do_now(vm, vm->current, &c, &value) ? value : TG_UNDEF;
    if (flags & TG_SELECT_ELSE) return TG_NIL;
    if (!tg_sched_can_sleep(vm)) return TG_UNDEF;
    wait_for_all(vm, list ? list : tg_list_of(vm, values, count * 3));
    return TG_WAITS;
}

// ---- For people

enum { CASES_SHOWN = 6 };

static bool same_case(const TgList *list, uint32_t a, uint32_t b) {
    bool is_same_object = list->items[a * 3 + 1] == list->items[b * 3 + 1];
    return is_same_object && list->items[a * 3] == list->items[b * 3];
}

void tg_select_text(const TgTask *task, TgBuffer *out) {
    const TgList *list = (const TgList *)task->wait_object;
    uint32_t shown[CASES_SHOWN], count = 0, i = 0;
    for (; i < list->count / 3 && count < CASES_SHOWN; i++) {
        bool is_known = false;
        for (uint32_t k = 0; k < count; k++) is_known |= same_case(list, shown[k], i);
        if (!is_known) shown[count++] = i;
    }
    bool has_more = i < list->count / 3;
    for (uint32_t k = 0; k < count; k++) {
        tg_buffer_text(out, k == 0 ? "" : k + 1 == count && !has_more ? " or " : ", ");
        tg_buffer_format(out, "%s()", ((const TgString *)tg_as_obj(list->items[shown[k] * 3]))->data);
    }
    if (has_more) tg_buffer_text(out, " or more");
}
