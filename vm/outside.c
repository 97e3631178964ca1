// vm/outside.c
// Parks for what comes from outside, and what comes of them.
// Layer: runtime.
#include "vm/outside.h"

#include <stdio.h>

#include "vm/api.h"
#include "vm/sched.h"

static void begin_wait(TgCall *call, const TgWaitFor *what, int next_step) {
    TgTask *task = call->task;
    tg_park(call, WAIT_OUTSIDE, (void *)(uintptr_t)what->object, next_step);
    TgTaskRare *rare = tg_task_rare(call->vm, task);
    rare->vm = call->vm;
    rare->verb = what->verb;
    rare->watch = NULL;
    rare->job = NULL;
    if (what->queue) tg_wait_push(what->queue, &task->wait);
}

TgResult tg_park_for(TgCall *call, const TgWaitFor *what, int next_step) {
    begin_wait(call, what, next_step);
    return TG_PARKED;
}

static void fd_ready(void *data) {
    TgTask *task = data;
    task->rare->watch = NULL; // the reactor has forgotten it
    tg_sched_wake(task->rare->vm, task, TG_NIL);
}

TgResult tg_park_on_fd(TgCall *call, const TgWaitFor *what, int fd, bool write, int next_step) {
    TgReactor *reactor = call->vm->reactor;
    begin_wait(call, what, next_step);
    // What cannot be watched never blocks: the task is ready again behind the others.
    if (!reactor->watch(reactor, fd, write, fd_ready, call->task, &call->task->rare->watch)) call->task->yields = true;
    return TG_PARKED;
}

static void job_run(TgWork *work) {
    TgJob *job = (TgJob *)work;
    TgTape failure = {.world = job->vm->world, .fault = job->fault};
    if (job->fault) job->tape(job, &failure);
    else job->run(job);
}

static void job_tape(TgWork *work, TgTape *tape) {
    TgJob *job = (TgJob *)work;
    if (job->tape) job->tape(job, tape);
}

static void job_done(TgWork *work, bool is_wanted) {
    TgJob *job = (TgJob *)work;
    TgVM *vm = job->vm;
    TgTask *task = is_wanted ? job->task : NULL;
    if (task) {
        TgValue value = TG_NIL;
        bool good = !job->finish || job->finish(vm, job, &value);
        TgValue raised = vm->raised;
        vm->raised = TG_UNDEF;
        task->rare->job = NULL; // it is over, not to be abandoned
        if (good) tg_sched_wake(vm, task, value);
        else tg_sched_wake_raise(vm, task, raised);
    }
    job->drop(job);
}

TgResult tg_park_on_job(TgCall *call, const TgWaitFor *what, TgJob *job, int next_step) {
    job->work.run = job_run;
    job->work.done = job_done;
    job->work.tape = job_tape;
    job->vm = call->vm;
    job->fault = job->tape ? tg_world_job_error(call->vm) : 0;
    job->task = call->task;
    begin_wait(call, what, next_step);
    call->task->rare->job = job;
    if (call->vm->reactor->submit(call->vm->reactor, &job->work)) return TG_PARKED;
    call->task->rare->job = NULL;
    tg_wait_remove(&call->task->wait);
    call->task->wait_kind = WAIT_NONE;
    call->task->state = TASK_RUNNING;
    job->drop(job);
    return tg_raise_memory(call);
}

void tg_job_what(TgJob *job, const char *verb, const char *object) {
    snprintf(job->work.what, sizeof job->work.what, "%s%s%.60s%s", verb, object ? " \"" : "", object ? object : "",
             object ? "\"" : "");
}

void tg_outside_end(TgVM *vm, TgTask *task) {
    TgTaskRare *rare = task->rare;
    if (rare->watch) vm->reactor->unwatch(vm->reactor, rare->watch);
    rare->watch = NULL;
    if (task->wait_kind != WAIT_OUTSIDE || !rare->job) return;
    rare->job->task = NULL;
    vm->reactor->abandon(vm->reactor, &rare->job->work);
    rare->job = NULL;
}

// ---- The end of a run

void tg_last_add(TgVM *vm, TgLast *last) {
    if (last->prev || vm->last_things == last) return;
    last->next = vm->last_things;
    if (last->next) last->next->prev = last;
    vm->last_things = last;
}

void tg_last_remove(TgVM *vm, TgLast *last) {
    if (!last->prev && vm->last_things != last) return;
    if (last->prev) last->prev->next = last->next;
    else vm->last_things = last->next;
    if (last->next) last->next->prev = last->prev;
    last->next = last->prev = NULL;
}

void tg_outside_settle(TgVM *vm) {
    vm->reactor->settle(vm->reactor);
    for (TgLast *last = vm->last_things, *next; last; last = next) {
        next = last->next;
        last->run(vm, last);
    }
}

// ---- Waking

void tg_wake(TgVM *vm, TgTask *task, TgValue value) { tg_sched_wake(vm, task, value); }

bool tg_wake_first(TgVM *vm, TgWaitQueue *queue, TgValue value) {
    if (!queue->first) return false;
    tg_sched_wake(vm, queue->first->task, value);
    return true;
}

void tg_wake_all(TgVM *vm, TgWaitQueue *queue, TgValue value) {
    while (tg_wake_first(vm, queue, value)) {}
}

void tg_wake_all_raise(TgVM *vm, TgWaitQueue *queue, TgValue exception) {
    while (queue->first) tg_sched_wake_raise(vm, queue->first->task, exception);
}

// ---- In words

static void say_object(TgVM *vm, const TgObj *object, TgBuffer *out) {
    if (!object) return;
    tg_buffer_text(out, " ");
    tg_text_short(vm, out, tg_obj(object), 60);
}

typedef struct {
    TgBuffer *out;
    uint32_t count;
} Holders;

static void say_holder(void *data, const TgWork *work) {
    Holders *holders = data;
    if (holders->count++ >= 4) return;
    tg_buffer_format(holders->out, "%s%s", holders->count > 1 ? ", " : "", work->what);
}

void tg_outside_text(const TgTask *task, TgBuffer *out) {
    TgReactor *reactor = task->rare->vm->reactor;
    tg_buffer_text(out, task->rare->verb);
    say_object(task->rare->vm, task->wait_object, out);
    TgBuffer names = {0};
    Holders holders = {&names, 0};
    if (task->rare->job && reactor->each_holder(reactor, say_holder, &holders))
        tg_buffer_format(out, " (all %u threads are busy: %.*s%s)", holders.count, (int)names.length, names.data,
                         holders.count > 4 ? " …" : "");
    tg_buffer_free(&names);
}
