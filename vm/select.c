// vm/select.c
// `select`. The compiler hands over its cases as a List of what was evaluated, three values each: the
// operation's name, its object, its argument. A look at each in order first; where none can go on the task stands in
// all their queues at once, and the one that wakes it takes it out of the others.
// Layer: runtime.
#include "vm/select.h"

#include <math.h>

#include "vm/api.h"
#include "vm/channel.h"
#include "vm/sched.h"
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

static bool read_case(TgVM *vm, const TgList *list, uint32_t index, Case *out) {
    const TgValue *parts = list->items + index * 3;
    const char *name = ((TgString *)tg_as_obj(parts[0]))->data;
    out->kind = kind_of(name, parts[1]);
    out->object = tg_is_obj(parts[1]) ? tg_as_obj(parts[1]) : NULL;
    out->value = parts[2];
    if (out->kind == CASE_SLEEP && !tg_is_number(out->value)) {
        tg_error_raise(vm, TG_ERR_TypeError, "sleep needs a number of seconds, not %s", TG_SHOW(vm, out->value));
        return false;
    }
    if (out->kind != CASE_WRONG) return true;
    tg_error_raise(vm, TG_ERR_TypeError,
                   "select can't wait for %s of %s; it can for receive and send of a Channel, sleep, wait of a Task or Event, and acquire of a Lock",
                   name, tg_type_name(vm, parts[1]));
    return false;
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

// The case to take now: the first that is ready, or one of the ready ones by the seeded generator; -1 for none.
static int64_t choose(TgCall *call, const TgList *list, uint32_t count, bool random) {
    int64_t chosen = -1;
    uint32_t ready = 0;
    for (uint32_t i = 0; i < count; i++) {
        Case c;
        read_case(call->vm, list, i, &c);
        if (!is_ready(call->task, &c)) continue;
        ready++;
        if (chosen < 0 || (random && call->vm->options.hooks.random(call->vm) % ready == 0)) chosen = i;
        if (!random) break;
    }
    return chosen;
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

static TgResult give(TgCall *call, uint32_t index, TgValue value) {
    TgValue pair[] = {tg_int(index), value};
    return tg_return(call, tg_obj(tg_list_of(call->vm, pair, 2)));
}

// In all queues at once, and one timer for the nearest sleep.
static TgResult wait_for_all(TgCall *call, TgList *list, uint32_t count) {
    TgVM *vm = call->vm;
    TgTask *task = call->task;
    double nearest = INFINITY;
    task->choices = tg_gc_realloc(vm, NULL, 0, count * sizeof(TgWait));
    task->choice_count = count;
    for (uint32_t i = 0; i < count; i++) {
        Case c;
        read_case(vm, list, i, &c); // was checked
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
    return tg_park(call, WAIT_SELECT, &list->obj, 1);
}

// args: the cases, whether there is an else, whether to pick at random. Gives [index, value], the else's index being -1.
static TgResult select_cases(TgCall *call) {
    if (call->step == 1) return give(call, call->task->won, call->value);
    TgVM *vm = call->vm;
    TgList *list = (TgList *)tg_as_obj(call->args[0]);
    uint32_t count = list->count / 3;
    for (uint32_t i = 0; i < count; i++) {
        Case c;
        if (!read_case(vm, list, i, &c)) return TG_RAISED;
    }
    int64_t chosen = choose(call, list, count, tg_truthy(call->args[2]));
    if (chosen >= 0) {
        Case c;
        TgValue value;
        read_case(vm, list, (uint32_t)chosen, &c);
        return do_now(vm, call->task, &c, &value) ? give(call, (uint32_t)chosen, value) : TG_RAISED;
    }
    if (tg_truthy(call->args[1])) {
        TgValue none[] = {tg_int(-1), TG_NIL};
        return tg_return(call, tg_obj(tg_list_of(vm, none, 2)));
    }
    return wait_for_all(call, list, count);
}

static const TgNativeDef hidden[] = {
    {"_select(cases, has_else, random)", select_cases, "Waits for the first case that can go on."},
    {0},
};

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

void tg_select_register(TgVM *vm) {
    tg_register_builtins(vm, hidden, true);
    vm->select_function = vm->builtins[vm->builtin_count - 1];
}
