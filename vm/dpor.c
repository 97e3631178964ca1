// vm/dpor.c
// Nodes (choices, kept from run to run), steps with vector clocks (made anew in each run), and races between them.
// Layer: runtime, bottom.
#include "vm/dpor.h"

#include <stdlib.h>
#include <string.h>

#include "vm/dpor_clock.h"
#include "vm/dpor_table.h"

enum { PROCESSES = TG_DPOR_PROCESSES, STEPS_MAX = 60000 };

typedef TgDporSet Set;
typedef TgDporClock Clock;

typedef struct {
    uint32_t object, part, site;
    uint8_t mode;
} Access;

// A process that need not be tried here: from a state before, with what its step touched; till something else touches that.
typedef struct {
    uint8_t process;
    bool is_wild;   // its step made a pick: anything wakes it
    uint32_t known; // things that had a number when it was tried: later ones are the same only perhaps
    uint32_t count;
    Access *list;
} Sleeper;

typedef struct {
    uint8_t chosen;
    int16_t running;
    uint32_t preemptions; // before this choice
    uint32_t known;
    Set enabled, wanted, done, asleep;
    Sleeper *slept;    // lists are others'
    Sleeper *explored; // lists are its own
    uint32_t slept_count, explored_count, explored_room;
} Node;

typedef struct {
    uint8_t process;
    bool picked;
    uint16_t number; // of its process, from 1
    uint32_t from, to; // its accesses
    Clock clock;
    Clock past;        // how many steps of each process were made so far, this one included
} Step;

typedef struct {
    uint32_t step, before; // the entry before it of the same thing and mode + 1
    uint32_t part;
    uint8_t mode;
} Entry;

typedef struct {
    uint32_t last[TG_DPOR_MODES]; // by mode: entry + 1,
    uint32_t count[TG_DPOR_MODES]; // and how many
    uint32_t site;
    uint32_t first, last_raced; // steps in races about it: from, to + 1; 0: none
} Object;

typedef struct {
    uint32_t step, count, now;
} Pick;

struct TgDpor {
    bool brute, bounded, restart, in_step, visible;
    TgDporStop stop;
    uint32_t bound;
    uint32_t width; // no process has a higher number so far; in blocks
    // From run to run
    Node *nodes;
    uint32_t node_count, node_room;
    uint32_t forced; // so many choices are given,
    uint32_t fresh;  // and from that step on races are news
    Pick *picks;
    uint32_t pick_count, pick_room, picks_taken;
    TgDporTable sites;
    uint8_t *hot; // by site: was in a race
    uint32_t hot_room;
    // This run
    TgDporTable names;
    Object *objects;
    uint32_t object_room;
    Step *steps;
    uint32_t step_count, step_room;
    Access *accesses;
    uint32_t access_count, access_room;
    Entry *entries;
    uint32_t entry_count, entry_room;
    uint32_t *races;
    uint32_t race_count, race_room;
    Clock last[PROCESSES], pending[PROCESSES]; // of each one's last step; what its next one comes after
    Clock all, fence;
};

static void *grow(void *items, uint32_t count, uint32_t *room, size_t size) {
    if (count < *room) return items;
    *room = *room ? *room * 2 : 64;
    items = realloc(items, *room * size);
    if (!items) abort(); // a tool's own bookkeeping
    return items;
}
#define PUSH(dpor, items, count, room) ((dpor)->items = grow((dpor)->items, (dpor)->count, &(dpor)->room, sizeof *(dpor)->items))

// Most programs have few processes, and nine tenths of the work would be with zeros.
static void make_wide(TgDpor *dpor, uint32_t process) {
    if (process < dpor->width) return;
    uint32_t width = (process / TG_DPOR_BLOCK + 1) * TG_DPOR_BLOCK;
    for (uint32_t i = 0; i < dpor->step_count; i++) {
        tg_dpor_clock_widen(dpor->width, width, &dpor->steps[i].clock);
        tg_dpor_clock_widen(dpor->width, width, &dpor->steps[i].past);
    }
    // The step in progress too, and all those of processes: they were zero when the search began.
    if (dpor->in_step) tg_dpor_clock_widen(dpor->width, width, &dpor->steps[dpor->step_count].clock);
    dpor->width = width;
}

// ---- Birth and death

TgDpor *tg_dpor_new(bool brute) {
    TgDpor *dpor = calloc(1, sizeof *dpor);
    if (dpor) dpor->brute = brute;
    return dpor;
}

static void drop_node(TgDpor *dpor) {
    Node *node = &dpor->nodes[--dpor->node_count];
    for (uint32_t i = 0; i < node->explored_count; i++) free(node->explored[i].list);
    free(node->explored);
    free(node->slept);
}

void tg_dpor_begin_pass(TgDpor *dpor, uint32_t preemptions) {
    while (dpor->node_count) drop_node(dpor);
    dpor->bound = preemptions;
    dpor->bounded = dpor->restart = false;
    dpor->forced = dpor->fresh = dpor->pick_count = 0;
}

void tg_dpor_free(TgDpor *dpor) {
    if (!dpor) return;
    tg_dpor_begin_pass(dpor, 0);
    tg_dpor_table_free(&dpor->sites);
    tg_dpor_table_free(&dpor->names);
    free(dpor->nodes);
    free(dpor->picks);
    free(dpor->hot);
    free(dpor->objects);
    free(dpor->steps);
    free(dpor->accesses);
    free(dpor->entries);
    free(dpor->races);
    free(dpor);
}

void tg_dpor_begin_run(TgDpor *dpor) {
    tg_dpor_table_clear(&dpor->names);
    dpor->step_count = dpor->access_count = dpor->entry_count = dpor->picks_taken = 0;
    dpor->stop = TG_DPOR_GOES_ON;
    dpor->in_step = false;
    for (uint32_t i = 0; i < dpor->width; i++) {
        tg_dpor_clock_clear(dpor->width, &dpor->last[i]);
        tg_dpor_clock_clear(dpor->width, &dpor->pending[i]);
    }
    tg_dpor_clock_clear(dpor->width, &dpor->all);
    tg_dpor_clock_clear(dpor->width, &dpor->fence);
}

TgDporStop tg_dpor_stop(const TgDpor *dpor) { return dpor->stop; }
bool tg_dpor_was_bounded(const TgDpor *dpor) { return dpor->bounded; }
bool tg_dpor_in_step(const TgDpor *dpor) { return dpor->in_step; }
uint32_t tg_dpor_steps(const TgDpor *dpor) { return dpor->step_count; }

// ---- Things

uint32_t tg_dpor_object(TgDpor *dpor, uint64_t key, uint64_t site) {
    uint32_t found, number;
    if (!tg_dpor_table_add(&dpor->names, key, &found)) return found;
    if (tg_dpor_table_add(&dpor->sites, site, &number)) {
        dpor->hot = grow(dpor->hot, number, &dpor->hot_room, sizeof *dpor->hot);
        dpor->hot[number] = false;
    }
    dpor->objects = grow(dpor->objects, found, &dpor->object_room, sizeof *dpor->objects);
    dpor->objects[found] = (Object){.site = number};
    return found;
}

bool tg_dpor_is_raced(const TgDpor *dpor, uint32_t object, uint32_t step) {
    return step >= dpor->objects[object].first && step < dpor->objects[object].last_raced;
}

static bool conflict(uint8_t a, uint8_t b) {
    if (a == b) return a >= TG_DPOR_GIVE;
    return !((a == TG_DPOR_GIVE && b == TG_DPOR_TAKE) || (a == TG_DPOR_TAKE && b == TG_DPOR_GIVE));
}
static bool overlap(uint32_t a, uint32_t b) { return a == b || !a || !b; }

// The newest entry of those that are left, or 0.
static inline uint32_t newest(const uint32_t left[TG_DPOR_MODES]) {
    uint32_t found = 0;
    for (int i = 0; i < TG_DPOR_MODES; i++) found = left[i] > found ? left[i] : found;
    return found;
}

static void race(TgDpor *dpor, Object *object, uint32_t with) {
    PUSH(dpor, races, race_count, race_room);
    dpor->races[dpor->race_count++] = with;
    if (!object->last_raced || with < object->first) object->first = with;
    object->last_raced = dpor->step_count + 1;
    if (!dpor->hot[object->site]) dpor->hot[object->site] = dpor->restart = true;
}

// The step in progress comes after all that it conflicts with; what was not in order already is a race.
static void look_back(TgDpor *dpor, Object *object, uint32_t part, uint8_t mode) {
    Step *step = &dpor->steps[dpor->step_count];
    uint32_t left[TG_DPOR_MODES];
    for (uint8_t i = 0; i < TG_DPOR_MODES; i++) left[i] = conflict(mode, i) ? object->last[i] : 0;
    for (uint32_t at; (at = newest(left));) {
        const Entry *entry = &dpor->entries[at - 1];
        const Step *other = &dpor->steps[entry->step];
        left[entry->mode] = entry->before;
        if (!overlap(part, entry->part)) continue;
        if (other != step && step->clock.of[other->process] < other->number) {
            race(dpor, object, entry->step);
            tg_dpor_clock_join(dpor->width, &step->clock, &other->clock);
        }
        // All that is older and conflicts comes before this one.
        if (entry->mode == TG_DPOR_WRITE && (!entry->part || entry->part == part)) break;
    }
}

static bool touched_already(const TgDpor *dpor, const Object *object, uint32_t part, uint8_t mode) {
    for (uint32_t at = object->last[mode]; at && dpor->entries[at - 1].step == dpor->step_count; at = dpor->entries[at - 1].before)
        if (dpor->entries[at - 1].part == part) return true;
    return false;
}

void tg_dpor_touch(TgDpor *dpor, uint32_t number, uint32_t part, TgDporMode mode) {
    if (!dpor->in_step) return;
    Step *step = &dpor->steps[dpor->step_count];
    Object *object = &dpor->objects[number];
    bool is_counted = mode == TG_DPOR_GIVE || mode == TG_DPOR_TAKE;
    if (!is_counted && touched_already(dpor, object, part, (uint8_t)mode)) return;
    look_back(dpor, object, part, (uint8_t)mode);
    PUSH(dpor, entries, entry_count, entry_room);
    dpor->entries[dpor->entry_count] = (Entry){dpor->step_count, object->last[mode], part, (uint8_t)mode};
    object->last[mode] = ++dpor->entry_count;
    object->count[mode]++;
    PUSH(dpor, accesses, access_count, access_room);
    dpor->accesses[dpor->access_count++] = (Access){number, part, object->site, (uint8_t)mode};
    step->to = dpor->access_count;
    if (dpor->brute || dpor->hot[object->site]) dpor->visible = true;
}

bool tg_dpor_is_visible(const TgDpor *dpor) { return dpor->visible; }

uint32_t tg_dpor_count(const TgDpor *dpor, uint32_t object, TgDporMode mode) { return dpor->objects[object].count[mode]; }

void tg_dpor_join_nth(TgDpor *dpor, uint32_t number, TgDporMode mode, uint32_t nth) {
    uint32_t count = dpor->objects[number].count[mode], at = dpor->objects[number].last[mode];
    if (!dpor->in_step || nth < 1 || nth > count) return;
    while (count-- > nth) at = dpor->entries[at - 1].before;
    uint32_t step = dpor->entries[at - 1].step;
    if (step != dpor->step_count) tg_dpor_clock_join(dpor->width, &dpor->steps[dpor->step_count].clock, &dpor->steps[step].clock);
}

void tg_dpor_join(TgDpor *dpor, uint32_t number, TgDporMode mode) {
    if (!dpor->in_step) return;
    for (uint32_t at = dpor->objects[number].last[mode]; at; at = dpor->entries[at - 1].before)
        if (dpor->entries[at - 1].step != dpor->step_count)
            tg_dpor_clock_join(dpor->width, &dpor->steps[dpor->step_count].clock, &dpor->steps[dpor->entries[at - 1].step].clock);
}

// ---- Steps

void tg_dpor_begin_step(TgDpor *dpor, uint32_t process) {
    make_wide(dpor, process);
    PUSH(dpor, steps, step_count, step_room);
    Step *step = &dpor->steps[dpor->step_count];
    step->process = (uint8_t)process;
    step->picked = false;
    step->from = step->to = dpor->access_count;
    tg_dpor_clock_copy(dpor->width, &step->clock, &dpor->last[process]);
    tg_dpor_clock_join(dpor->width, &step->clock, &dpor->pending[process]);
    tg_dpor_clock_join(dpor->width, &step->clock, &dpor->fence);
    step->number = ++step->clock.of[process];
    dpor->in_step = true;
    dpor->visible = false;
    dpor->race_count = 0;
}

void tg_dpor_wake(TgDpor *dpor, uint32_t process) {
    make_wide(dpor, process);
    uint32_t last = dpor->step_count - !dpor->in_step;
    if (dpor->in_step || dpor->step_count) tg_dpor_clock_join(dpor->width, &dpor->pending[process], &dpor->steps[last].clock);
}

void tg_dpor_fence(TgDpor *dpor) { tg_dpor_clock_copy(dpor->width, &dpor->fence, &dpor->all); }

static bool is_before(const Step *a, const Step *b) { return b->clock.of[a->process] >= a->number; }

// Whether all that comes before `step` was there when `race` had been made.
static bool is_initial(const TgDpor *dpor, const Step *race, const Step *step) {
    for (uint32_t i = 0; i < dpor->width; i++)
        if (step->clock.of[i] > race->past.of[i] + (i == step->process)) return false;
    return true;
}

// Step `end` and the earlier step `race` are to be tried the other way round, from where `race` was chosen.
static void want_reversed(TgDpor *dpor, uint32_t race, uint32_t end) {
    Node *node = &dpor->nodes[race];
    int found = -1;
    Set seen = {{0}};
    for (uint32_t k = race + 1; k <= end; k++) {
        const Step *step = &dpor->steps[k];
        if ((k < end && is_before(&dpor->steps[race], step)) || tg_dpor_has(&seen, step->process)) continue;
        tg_dpor_add(&seen, step->process);
        if (!is_initial(dpor, &dpor->steps[race], step)) continue;
        if (tg_dpor_has(&node->wanted, step->process)) return;
        if (tg_dpor_has(&node->enabled, step->process)) found = step->process;
    }
    if (found >= 0) {
        tg_dpor_add(&node->wanted, (uint32_t)found);
        return;
    }
    for (size_t i = 0; i < PROCESSES / 64; i++) node->wanted.bits[i] |= node->enabled.bits[i]; // to be sure
}

void tg_dpor_end_step(TgDpor *dpor) {
    if (!dpor->in_step) return;
    Step *step = &dpor->steps[dpor->step_count];
    dpor->in_step = false;
    tg_dpor_clock_copy(dpor->width, &dpor->last[step->process], &step->clock);
    tg_dpor_clock_clear(dpor->width, &dpor->pending[step->process]);
    dpor->all.of[step->process] = step->number;
    tg_dpor_clock_copy(dpor->width, &step->past, &dpor->all);
    bool is_news = !dpor->brute && dpor->step_count >= dpor->fresh && dpor->step_count < dpor->node_count;
    for (uint32_t i = 0; is_news && i < dpor->race_count; i++) want_reversed(dpor, dpor->races[i], dpor->step_count);
    dpor->step_count++;
}

// ---- Choices

static bool is_independent(const TgDpor *dpor, const Sleeper *sleeper, const Step *step) {
    if (sleeper->is_wild || step->process == sleeper->process) return false;
    for (uint32_t i = step->from; i < step->to; i++) {
        const Access *a = &dpor->accesses[i];
        for (uint32_t k = 0; k < sleeper->count; k++) {
            const Access *b = &sleeper->list[k];
            if (!conflict(a->mode, b->mode)) continue;
            bool is_new = a->object >= sleeper->known, was_new = b->object >= sleeper->known;
            if (is_new && was_new && dpor->hot[a->site] && dpor->hot[b->site]) return false; // perhaps the same
            if (is_new || was_new) continue;
            if (a->object == b->object && overlap(a->part, b->part)) return false;
        }
    }
    return true;
}

static void inherit(TgDpor *dpor, Node *node, const Sleeper *list, uint32_t count, const Step *step) {
    for (uint32_t i = 0; i < count; i++) {
        if (!is_independent(dpor, &list[i], step)) continue;
        node->slept[node->slept_count++] = list[i];
        tg_dpor_add(&node->asleep, list[i].process);
    }
}

static Node *new_node(TgDpor *dpor, const Set *enabled, int running) {
    PUSH(dpor, nodes, node_count, node_room);
    Node *node = &dpor->nodes[dpor->node_count++];
    *node = (Node){.enabled = *enabled, .running = (int16_t)running, .known = dpor->names.count};
    if (dpor->node_count == 1) return node;
    const Node *parent = node - 1;
    bool was_preempted = parent->running >= 0 && parent->running != parent->chosen;
    node->preemptions = parent->preemptions + was_preempted;
    uint32_t most = parent->slept_count + parent->explored_count;
    if (!most || dpor->brute) return node;
    node->slept = malloc(most * sizeof *node->slept);
    if (!node->slept) abort();
    const Step *step = &dpor->steps[dpor->node_count - 2];
    inherit(dpor, node, parent->slept, parent->slept_count, step);
    inherit(dpor, node, parent->explored, parent->explored_count, step);
    return node;
}

static bool is_within(TgDpor *dpor, const Node *node, uint32_t process) {
    if (node->running < 0 || node->running == (int)process || node->preemptions < dpor->bound) return true;
    dpor->bounded = true;
    return false;
}

// Who could go on before the last step and cannot now (a timeout whose block is over) has to be tried before it: it has no step
// later on that would ask for that.
static void want_disabled(TgDpor *dpor, const TgDporSet *enabled) {
    if (dpor->step_count <= dpor->fresh || dpor->step_count > dpor->node_count) return;
    Node *node = &dpor->nodes[dpor->step_count - 1];
    for (uint32_t i = 0; i < PROCESSES / 64; i++) node->wanted.bits[i] |= node->enabled.bits[i] & ~enabled->bits[i]; // chosen is wanted
}

static int stop(TgDpor *dpor, TgDporStop why) {
    dpor->stop = why;
    return -1;
}

int tg_dpor_choose(TgDpor *dpor, const TgDporSet *enabled, int running, const TgDporSet *afresh, const uint8_t *order, uint32_t count) {
    uint32_t depth = dpor->step_count;
    want_disabled(dpor, enabled);
    if (depth < dpor->forced) {
        const Node *node = &dpor->nodes[depth];
        return tg_dpor_has(enabled, node->chosen) ? node->chosen : stop(dpor, TG_DPOR_DIVERGED);
    }
    if (depth >= STEPS_MAX) return stop(dpor, TG_DPOR_TOO_MANY);
    Node *node = new_node(dpor, enabled, running);
    if (dpor->brute) node->wanted = *enabled;
    for (size_t i = 0; i < PROCESSES / 64; i++) node->asleep.bits[i] &= ~afresh->bits[i];
    for (uint32_t i = 0; i < count; i++) {
        if (tg_dpor_has(&node->asleep, order[i]) || !is_within(dpor, node, order[i])) continue;
        node->chosen = order[i];
        tg_dpor_add(&node->wanted, order[i]);
        return order[i];
    }
    drop_node(dpor);
    return stop(dpor, TG_DPOR_REDUNDANT);
}

uint32_t tg_dpor_pick(TgDpor *dpor, uint32_t count) {
    if (dpor->in_step) dpor->steps[dpor->step_count].picked = true;
    if (dpor->picks_taken < dpor->pick_count) return dpor->picks[dpor->picks_taken++].now;
    PUSH(dpor, picks, pick_count, pick_room);
    dpor->picks[dpor->pick_count++] = (Pick){dpor->step_count, count, 0};
    dpor->picks_taken++;
    return 0;
}

// ---- The next run

static bool next_pick(TgDpor *dpor, uint32_t top) {
    while (dpor->pick_count && dpor->picks[dpor->pick_count - 1].step >= top) {
        Pick *pick = &dpor->picks[dpor->pick_count - 1];
        if (++pick->now < pick->count) return true;
        dpor->pick_count--;
    }
    return false;
}

// The choice at the last node has been explored: it need not be tried again further on, until something touches what it did.
static void close_choice(TgDpor *dpor, Node *node) {
    tg_dpor_add(&node->done, node->chosen);
    uint32_t at = (uint32_t)(node - dpor->nodes);
    if (at >= dpor->step_count) return; // the run ended before
    const Step *step = &dpor->steps[at];
    node->explored = grow(node->explored, node->explored_count, &node->explored_room, sizeof *node->explored);
    Sleeper *sleeper = &node->explored[node->explored_count++];
    *sleeper = (Sleeper){node->chosen, step->picked, node->known, step->to - step->from, NULL};
    if (!sleeper->count) return;
    sleeper->list = malloc(sleeper->count * sizeof(Access));
    if (!sleeper->list) abort();
    memcpy(sleeper->list, dpor->accesses + step->from, sleeper->count * sizeof(Access));
}

static bool next_choice(TgDpor *dpor, Node *node) {
    for (uint32_t word = 0; word < PROCESSES / 64; word++) {
        uint64_t left = node->wanted.bits[word] & ~node->done.bits[word] & ~node->asleep.bits[word];
        for (; left; left &= left - 1) {
            uint32_t process = word * 64 + (uint32_t)__builtin_ctzll(left);
            if (!is_within(dpor, node, process)) continue;
            node->chosen = (uint8_t)process;
            return true;
        }
    }
    return false;
}

bool tg_dpor_next(TgDpor *dpor) {
    if (dpor->restart && !dpor->brute) {
        tg_dpor_begin_pass(dpor, dpor->bound);
        return true;
    }
    while (dpor->node_count) {
        uint32_t top = dpor->node_count - 1;
        dpor->forced = top + 1;
        dpor->fresh = top;
        if (next_pick(dpor, top)) return true;
        close_choice(dpor, &dpor->nodes[top]);
        if (next_choice(dpor, &dpor->nodes[top])) return true;
        drop_node(dpor);
    }
    return false;
}

double tg_dpor_progress(const TgDpor *dpor) {
    double part = 1, done = 0;
    for (uint32_t i = 0; i < dpor->node_count && part > 1e-18; i++) {
        const Node *node = &dpor->nodes[i];
        int wanted = 0, past = 0;
        for (size_t k = 0; k < PROCESSES / 64; k++) {
            wanted += __builtin_popcountll(node->wanted.bits[k] & ~node->asleep.bits[k]);
            past += __builtin_popcountll(node->done.bits[k]);
        }
        if (wanted <= 1) continue;
        done += part * past / wanted;
        part /= wanted;
    }
    return done;
}
