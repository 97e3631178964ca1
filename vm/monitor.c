// vm/monitor.c
// Regions that are owed a cleanup, resources that are owed an exit, locks that have to be free.
// Layer: runtime.
#include "vm/monitor.h"

#include <stdlib.h>

#include "vm/api.h"
#include "vm/op.h"
#include "vm/channel.h"
#include "vm/sync.h"

// A finally or with whose block a task has been seen in.
typedef struct {
    TgTask *task;
    TgCode *code;
    uint32_t frame;  // slot of R[0]
    uint32_t target; // pc of its cleanup
    bool seen;       // at the boundary that is looked at now
} Owed;

typedef struct {
    TgTask *task;
    TgValue resource;
    TgCode *code;
    uint32_t line;
} Entered;

typedef struct {
    TgObj *object;
    int64_t value; // of a semaphore when it was made
} Watched;

struct TgMonitor {
    Owed *owed;
    uint32_t owed_count, owed_capacity;
    Entered *entered;
    uint32_t entered_count, entered_capacity;
    Watched *watched;
    uint32_t watched_count, watched_capacity;
    TgBuffer findings;
    uint32_t finding_count;
    bool sees_channels;
};

static void *grow(void *items, uint32_t count, uint32_t *capacity, size_t size) {
    if (count < *capacity) return items;
    *capacity = *capacity ? *capacity * 2 : 16;
    items = realloc(items, *capacity * size);
    if (!items) abort(); // a tool's own bookkeeping
    return items;
}

TgMonitor *tg_monitor_new(TgVM *vm, bool sees_channels) {
    vm->monitor = calloc(1, sizeof *vm->monitor);
    if (vm->monitor) vm->monitor->sees_channels = sees_channels;
    vm->is_watched = vm->observer || vm->monitor;
    return vm->monitor;
}

void tg_monitor_free(TgVM *vm) {
    TgMonitor *monitor = vm->monitor;
    if (!monitor) return;
    free(monitor->owed);
    free(monitor->entered);
    free(monitor->watched);
    tg_buffer_free(&monitor->findings);
    free(monitor);
    vm->monitor = NULL;
    vm->is_watched = vm->observer != NULL;
}

static void find(TgMonitor *monitor, const TgCode *code, uint32_t line, const TgTask *task, const char *what) {
    monitor->finding_count++;
    tg_buffer_format(&monitor->findings, "%s:%u: %s (task %s#%u)\n", code && code->file ? code->file->data : "?", line, what,
                     task->name->data, task->id);
}

// ---- Regions

static void owe(TgMonitor *monitor, TgTask *task, TgCode *code, uint32_t frame, uint32_t target) {
    for (uint32_t i = 0; i < monitor->owed_count; i++) {
        Owed *owed = &monitor->owed[i];
        if (owed->task != task || owed->code != code || owed->frame != frame || owed->target != target) continue;
        owed->seen = true;
        return;
    }
    monitor->owed = grow(monitor->owed, monitor->owed_count, &monitor->owed_capacity, sizeof(Owed));
    monitor->owed[monitor->owed_count++] = (Owed){task, code, frame, target, true};
}

static void look_at_frame(TgMonitor *monitor, TgTask *task, const TgFrame *frame) {
    if (frame->code->is_hidden) return;
    for (uint32_t i = 0; i < frame->code->handler_count; i++) {
        const TgHandler *row = &frame->code->handlers[i];
        if (row->kind != HANDLER_CLEANUP || frame->at < row->start || frame->at >= row->end) continue;
        owe(monitor, task, frame->code, (uint32_t)(frame->base - task->stack), row->target);
    }
}

static void drop_owed(TgMonitor *monitor, TgTask *task, bool only_unseen) {
    uint32_t kept = 0;
    for (uint32_t i = 0; i < monitor->owed_count; i++) {
        Owed owed = monitor->owed[i];
        if (owed.task == task && !(only_unseen && owed.seen)) {
            find(monitor, owed.code, tg_code_place(owed.code, owed.target).line, task,
                 "a finally or exit did not run");
            continue;
        }
        owed.seen = false;
        monitor->owed[kept++] = owed;
    }
    monitor->owed_count = kept;
}

// By the table of instructions.
static bool is_boundary(const uint32_t *at) {
    TgOp op = TG_OP(*at);
    if (op == OP_SEND || op == OP_RECEIVE) return at[2] != 0;
    return strstr(tg_op_info[op].text, "checks") != NULL;
}

void tg_monitor_boundary(TgVM *vm, TgTask *task) {
    TgMonitor *monitor = vm->monitor;
    TgFrame frame = tg_task_frame(task);
    // Between the end of an operation and the use of what it gave there is no boundary.
    if (!is_boundary(frame.code->words + frame.at))
        find(monitor, frame.code, tg_code_place(frame.code, frame.at).line, task,
             "stopped where there is no boundary: what an operation gave (a message, say) is lost");
    do look_at_frame(monitor, task, &frame);
    while (tg_frame_outer(task, &frame));
    drop_owed(monitor, task, true);
}

void tg_monitor_cleanup(TgVM *vm, TgTask *task, const TgValue *base, uint32_t target) {
    TgMonitor *monitor = vm->monitor;
    TgCode *code = tg_frame_code(base);
    uint32_t frame = (uint32_t)(base - task->stack);
    for (uint32_t i = 0; i < monitor->owed_count; i++) {
        Owed *owed = &monitor->owed[i];
        if (owed->task != task || owed->code != code || owed->frame != frame || owed->target != target) continue;
        *owed = monitor->owed[--monitor->owed_count];
        return;
    }
}

void tg_monitor_end(TgVM *vm, TgTask *task) { drop_owed(vm->monitor, task, false); }

// ---- Resources

void tg_monitor_entered(TgVM *vm, TgTask *task, TgValue resource) {
    TgMonitor *monitor = vm->monitor;
    TgCode *code;
    TgPlace place = tg_task_place(task, &code);
    monitor->entered = grow(monitor->entered, monitor->entered_count, &monitor->entered_capacity, sizeof(Entered));
    monitor->entered[monitor->entered_count++] = (Entered){task, resource, code, place.line};
}

void tg_monitor_exited(TgVM *vm, TgTask *task, TgValue resource) {
    TgMonitor *monitor = vm->monitor;
    for (uint32_t i = monitor->entered_count; i-- > 0;) {
        if (monitor->entered[i].task != task || monitor->entered[i].resource != resource) continue;
        monitor->entered[i] = monitor->entered[--monitor->entered_count];
        return;
    }
    TgCode *code;
    TgPlace place = tg_task_place(task, &code);
    find(monitor, code, place.line, task, "exit ran for a resource that was not entered, or twice");
}

void tg_monitor_outlived(TgVM *vm, TgTask *task) {
    find(vm->monitor, NULL, 0, task, "a task outlived its nursery");
}

void tg_monitor_watch(TgVM *vm, TgObj *object) {
    TgMonitor *monitor = vm->monitor;
    if (object->kind == OBJ_CHANNEL && !monitor->sees_channels) return;
    int64_t value = object->kind == OBJ_SEMAPHORE ? ((TgSemaphore *)object)->value : 0;
    monitor->watched = grow(monitor->watched, monitor->watched_count, &monitor->watched_capacity, sizeof(Watched));
    monitor->watched[monitor->watched_count++] = (Watched){object, value};
}

// ---- The end

// What was sent was received once, or is still there.
static void look_at_channel(TgMonitor *monitor, const TgChannel *channel) {
    if (channel->sent == channel->received + channel->count) return;
    monitor->finding_count++;
    tg_buffer_format(&monitor->findings, "a channel %s: %llu sent, %llu received, %u still there\n",
                     channel->sent > channel->received + channel->count ? "lost a value" : "gave a value twice",
                     (unsigned long long)channel->sent, (unsigned long long)channel->received, channel->count);
}

uint32_t tg_monitor_held(TgVM *vm, TgBuffer *out) {
    const TgMonitor *monitor = vm->monitor;
    uint32_t held = 0;
    for (uint32_t i = 0; i < monitor->watched_count; i++) {
        TgObj *object = monitor->watched[i].object;
        if (object->kind == OBJ_LOCK && ((TgLock *)object)->holder) {
            const TgTask *holder = ((TgLock *)object)->holder;
            if (out) tg_buffer_format(out, "a lock is still held at the end, by %s#%u\n", holder->name->data, holder->id);
            held++;
        } else if (object->kind == OBJ_SEMAPHORE && ((TgSemaphore *)object)->value < monitor->watched[i].value) {
            if (out)
                tg_buffer_format(out, "a semaphore is still held at the end (%lld of %lld left)\n",
                                 (long long)((TgSemaphore *)object)->value, (long long)monitor->watched[i].value);
            held++;
        }
    }
    return held;
}

uint32_t tg_monitor_findings(TgVM *vm, TgBuffer *out, uint32_t *held) {
    TgMonitor *monitor = vm->monitor;
    for (uint32_t i = 0; i < monitor->entered_count; i++) {
        const Entered *entered = &monitor->entered[i];
        find(monitor, entered->code, entered->line, entered->task, "a resource that was entered here had no exit");
    }
    monitor->entered_count = 0;
    for (uint32_t i = 0; i < monitor->watched_count; i++) {
        if (monitor->watched[i].object->kind == OBJ_CHANNEL) look_at_channel(monitor, (TgChannel *)monitor->watched[i].object);
    }
    if (monitor->findings.length) tg_buffer_add(out, monitor->findings.data, monitor->findings.length);
    *held = tg_monitor_held(vm, out);
    return monitor->finding_count;
}

void tg_monitor_mark(TgVM *vm) {
    TgMonitor *monitor = vm->monitor;
    if (!monitor) return;
    for (uint32_t i = 0; i < monitor->owed_count; i++) {
        tg_gc_mark_obj(vm, monitor->owed[i].task);
        tg_gc_mark_obj(vm, monitor->owed[i].code);
    }
    for (uint32_t i = 0; i < monitor->entered_count; i++) {
        tg_gc_mark_obj(vm, monitor->entered[i].task);
        tg_gc_mark(vm, monitor->entered[i].resource);
        tg_gc_mark_obj(vm, monitor->entered[i].code);
    }
    for (uint32_t i = 0; i < monitor->watched_count; i++) tg_gc_mark_obj(vm, monitor->watched[i].object);
}
