// vm/timers.h
// Times that something waits for: one heap, ordered by time and, at the same time, by who came first.
//
// A timer lies inside of its owner (a task that sleeps, a scope with a deadline); the heap knows where it
// is, so that taking one out is cheap. Each place has four below it and holds the time beside the pointer: with a
// million sleepers every look at a timer itself is a cache miss. What fires is the scheduler's business.
//
// Layer: runtime, bottom.
#ifndef TG_VM_TIMERS_H
#define TG_VM_TIMERS_H

#include <stdbool.h>
#include <stdint.h>

typedef enum { TIMER_TASK, TIMER_SCOPE } TgTimerKind;

typedef struct {
    double when;       // on the VM's clock; meaningful while armed
    uint32_t order;    // ties: first armed, first fired
    uint32_t at : 31;  // position in the heap + 1; 0: not armed
    uint32_t kind : 1; // TgTimerKind: what it is part of
} TgTimer;

typedef struct {
    double when;
    TgTimer *timer;
} TgTimerPlace;

typedef struct {
    TgTimerPlace *items;
    uint32_t count, capacity;
    uint32_t next_order;
} TgTimers;

bool tg_timers_reserve(TgTimers *timers); // room for one more; false: no memory
bool tg_timers_add(TgTimers *timers, TgTimer *timer, double when); // false: no memory
void tg_timers_remove(TgTimers *timers, TgTimer *timer);          // nothing where it is not armed
TgTimer *tg_timers_first(const TgTimers *timers);                 // or NULL
void tg_timers_free(TgTimers *timers);

#endif
