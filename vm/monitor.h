// vm/monitor.h
// What `tg check` watches while a program runs: that each finally and exit that was owed ran exactly once,
// that locks are free at the end. Only there when somebody checks (vm->monitor); else one test of a pointer.
//
// Nothing is executed to enter a try, so a region is seen when its task stands at a boundary inside of it; from
// then on it is owed, until its cleanup begins. One that is gone without that was skipped.
// Layer: runtime.
#ifndef TG_VM_MONITOR_H
#define TG_VM_MONITOR_H

#include "vm/string.h"
#include "vm/task.h"

typedef struct TgMonitor TgMonitor;

// Sets vm->monitor; freed with the VM. Channels are kept alive as long as it sees them.
TgMonitor *tg_monitor_new(TgVM *vm, bool sees_channels);
void tg_monitor_free(TgVM *vm);

// Called by the runtime where vm->monitor is set.
void tg_monitor_boundary(TgVM *vm, TgTask *task);  // the running task stands at a boundary
void tg_monitor_cleanup(TgVM *vm, TgTask *task, const TgValue *base, uint32_t target); // a cleanup begins
void tg_monitor_end(TgVM *vm, TgTask *task);       // a task is over
void tg_monitor_entered(TgVM *vm, TgTask *task, TgValue resource);
void tg_monitor_exited(TgVM *vm, TgTask *task, TgValue resource);
void tg_monitor_watch(TgVM *vm, TgObj *object);    // a lock, semaphore or channel was made
void tg_monitor_outlived(TgVM *vm, TgTask *task);  // the run is over and this task lives

// After the run: a line per finding is appended; how many. `held`: locks and semaphores not given back (also a line each).
uint32_t tg_monitor_findings(TgVM *vm, TgBuffer *out, uint32_t *held);
// The locks and semaphores that are not given back: how many, and where `out` is not NULL a line each.
uint32_t tg_monitor_held(TgVM *vm, TgBuffer *out);
void tg_monitor_mark(TgVM *vm);

#endif
