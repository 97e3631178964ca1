// tests/test_gc.c
// The collector: nothing that can be reached is ever freed, what can't be is, in slices and at
// once.
//
// vm->builtins serve as roots here: like a task's stack they are written without a barrier.
#include <criterion/criterion.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "vm/channel.h"
#include "vm/class.h"
#include "vm/gc_impl.h"
#include "vm/list.h"
#include "vm/map.h"
#include "vm/string.h"
#include "vm/vm.h"

static TgVM *vm;

static void begin(void) {
    TgOptions options = tg_vm_defaults();
    vm = tg_vm_new(&options);
    cr_assert_not_null(vm);
}

static void end(void) {
    tg_vm_free(vm);
}

// Each of Criterion's own asserts is a message to another process: too slow where there are
// millions.
#define HOLDS(condition)                                                                           \
    do {                                                                                           \
        if (!(condition)) cr_assert_fail("%s", #condition);                                        \
    } while (0)

TestSuite(gc, .init = begin, .fini = end);

static uint32_t new_root(TgValue value) {
    vm->builtins[vm->builtin_count] = value;
    vm->builtin_names[vm->builtin_count] = vm->library_names[vm->builtin_count] = "";
    return vm->builtin_count++;
}

static void boundary(void) {
    if (atomic_load(&vm->trap) & TRAP_GC) tg_gc_step(vm);
}

static uint64_t seed = 88172645463325252ull;
static uint32_t roll(uint32_t sides) {
    seed ^= seed << 13;
    seed ^= seed >> 7;
    seed ^= seed << 17;
    return (uint32_t)(seed >> 33) % sides;
}

Test(gc, frees_what_is_not_reached) {
    tg_gc_full(vm);
    size_t before = tg_gc_used(vm);
    for (int i = 0; i < 1000; i++) {
        TgList *list = tg_list(vm, 10);
        tg_list_push(vm, list,
                     tg_obj(tg_string_format(
                         vm, "text %d of some length, so long that it is not interned", i)));
        TgMap *map = tg_map(vm);
        for (int k = 0; k < 20; k++) tg_map_set(vm, map, tg_int(k), tg_obj(list));
    }
    cr_assert_gt(tg_gc_used(vm), before + 100000);
    tg_gc_full(vm);
    cr_assert_eq(tg_gc_used(vm), before, "%zu bytes stayed", tg_gc_used(vm) - before);
}

Test(gc, frees_circles) {
    tg_gc_full(vm);
    size_t before = tg_gc_used(vm);
    TgList *list = tg_list(vm, 1);
    tg_list_push(vm, list, tg_obj(list));
    tg_gc_full(vm);
    cr_assert_eq(tg_gc_used(vm), before);
}

Test(gc, keeps_what_is_reached) {
    TgList *list = tg_list(vm, 0);
    new_root(tg_obj(list));
    for (int i = 0; i < 1000; i++) {
        tg_list_push(vm, list, tg_obj(tg_string_format(vm, "number %d", i)));
    }
    tg_gc_full(vm);
    tg_gc_full(vm);
    for (int i = 0; i < 1000; i++) {
        char text[32];
        snprintf(text, sizeof text, "number %d", i);
        HOLDS(strcmp(((TgString *)tg_as_obj(list->items[i]))->data, text) == 0);
    }
}

Test(gc, interned_strings_are_weak) {
    tg_gc_full(vm);
    size_t before = tg_gc_used(vm);
    for (int i = 0; i < 50000; i++) tg_string_format(vm, "name %d", i);
    tg_gc_full(vm);
    cr_assert_eq(tg_gc_used(vm), before);
    TgString *again = tg_string_c(vm, "name 7");
    cr_assert_str_eq(again->data, "name 7");
    cr_assert_eq(again, tg_string_c(vm, "name 7"));
}

// A String that the cycle did not reach, asked for again before the sweep has come to it, lives on.
Test(gc, interned_strings_come_back_while_sweeping) {
    uint32_t root = new_root(TG_NIL);
    TgList *list = tg_list(vm, 0);
    vm->builtins[root] = tg_obj(list);
    for (int round = 0; round < 200; round++) {
        for (int i = 0; i < 3000; i++) {
            TgString *name = tg_string_format(vm, "name %d", (int)roll(5000));
            if (list->count < 500) {
                tg_list_push(vm, list, tg_obj(name));
            } else {
                tg_list_set(vm, list, roll(500), tg_obj(name));
            }
            if (i % 64 == 0) tg_gc_step(vm);
            boundary();
        }
        for (uint32_t i = 0; i < list->count; i++) {
            TgString *name = (TgString *)tg_as_obj(list->items[i]);
            HOLDS(name == tg_string(vm, name->data, name->length));
        }
    }
}

// A random graph that changes while it is collected, against a model of it.
enum { NODES = 400, LINKS = 4 };
typedef struct {
    TgValue value; // List, Map or instance; TG_UNDEF: none
    int id;
    int links[LINKS]; // nodes, -1: none
} Node;
static Node nodes[NODES];
static TgString *fields[LINKS + 1];

static TgValue make_node(TgClass *class_, int id) {
    char text[600];
    memset(text, 'x', sizeof text);
    size_t length = (size_t)snprintf(text, sizeof text, "%d", id);
    text[length] = 'x';
    TgValue name = tg_obj(tg_string(vm, text, roll(3) ? length : sizeof text));
    switch (roll(3)) {
    case 0: {
        TgList *list = tg_list(vm, 0);
        tg_list_push(vm, list, name);
        for (int i = 0; i < LINKS; i++) tg_list_push(vm, list, TG_NIL);
        return tg_obj(list);
    }
    case 1: {
        TgMap *map = tg_map(vm);
        tg_map_set(vm, map, tg_obj(fields[LINKS]), name);
        return tg_obj(map);
    }
    default: {
        TgInstance *instance = tg_instance_new(vm, class_);
        tg_instance_set(vm, instance, fields[LINKS], name);
        return tg_obj(instance);
    }
    }
}

static void set_link(Node *node, int link, int to) {
    TgValue value = to < 0 ? TG_NIL : nodes[to].value;
    node->links[link] = to;
    TgObj *object = tg_as_obj(node->value);
    if (object->kind == OBJ_LIST) {
        tg_list_set(vm, (TgList *)object, (uint32_t)link + 1, value);
    } else if (object->kind == OBJ_MAP) {
        tg_map_set(vm, (TgMap *)object, tg_obj(fields[link]), value);
    } else {
        tg_instance_set(vm, (TgInstance *)object, fields[link], value);
    }
}

static TgValue get(TgValue node, int link) {
    TgObj *object = tg_as_obj(node);
    TgValue value = TG_UNDEF;
    if (object->kind == OBJ_LIST) {
        value = ((TgList *)object)->items[(link + 1) % (LINKS + 1)];
    } else if (object->kind == OBJ_MAP) {
        value = tg_map_get((TgMap *)object, tg_obj(fields[link]));
    } else {
        value = tg_instance_get(vm, (TgInstance *)object, fields[link]);
    }
    return tg_is_undef(value) ? TG_NIL : value;
}

static bool seen[NODES];
static void check(int index) {
    Node *node = &nodes[index];
    if (seen[index]) return;
    seen[index] = true;
    TgValue name = get(node->value, LINKS);
    HOLDS(tg_is_kind(name, OBJ_STRING));
    HOLDS(atoi(((TgString *)tg_as_obj(name))->data) == node->id);
    for (int i = 0; i < LINKS; i++) {
        TgValue value = get(node->value, i);
        HOLDS(value == (node->links[i] < 0 ? TG_NIL : nodes[node->links[i]].value));
        if (node->links[i] >= 0) check(node->links[i]);
    }
}

// Nodes that no root reaches are taken out of the model: they may be gone.
static void forget_unreached(const int *roots, int count) {
    memset(seen, 0, sizeof seen);
    for (int i = 0; i < count; i++) {
        if (roots[i] >= 0) check(roots[i]);
    }
    for (int i = 0; i < NODES; i++) {
        if (!seen[i]) nodes[i].value = TG_UNDEF;
    }
}

static int some_node(void) {
    int index = (int)roll(NODES);
    return tg_is_undef(nodes[index].value) ? -1 : index;
}

Test(gc, a_changing_graph_survives, .timeout = 120) {
    enum { ROOTS = 12 };
    int roots[ROOTS];
    uint32_t slots[ROOTS];
    for (int i = 0; i < ROOTS; i++) {
        roots[i] = -1;
        slots[i] = new_root(TG_NIL);
    }
    TgClass *class_ = tg_class_new(vm, tg_string_c(vm, "Node"), NULL);
    tg_class_finish(vm, class_);
    new_root(tg_obj(class_));
    for (int i = 0; i <= LINKS; i++) {
        fields[i] = tg_string_format(vm, "field%d", i);
        new_root(tg_obj(fields[i]));
    }
    for (int i = 0; i < NODES; i++) nodes[i].value = TG_UNDEF;
    for (int step = 0; step < 300000; step++) {
        int index = (int)roll(NODES), root = (int)roll(ROOTS), other = some_node();
        if (tg_is_undef(nodes[index].value)) {
            nodes[index] = (Node){make_node(class_, step), step, {-1, -1, -1, -1}};
            roots[root] = index; // or nothing would reach it
            vm->builtins[slots[root]] = nodes[index].value;
        } else if (roll(8) == 0) {
            roots[root] = roll(2) ? -1 : other;
            vm->builtins[slots[root]] = roots[root] < 0 ? TG_NIL : nodes[other].value;
        } else {
            set_link(&nodes[index], (int)roll(LINKS), roll(4) ? other : -1);
        }
        if (step % 16 == 0) {
            forget_unreached(roots, ROOTS);
            if (roll(4) == 0) tg_list(vm, 4096);
            boundary();
        }
        if (roll(20000) == 0) {
            forget_unreached(roots, ROOTS);
            tg_gc_full(vm);
        }
    }
}

Test(gc, a_deep_chain_needs_no_c_stack) {
    uint32_t root = new_root(TG_NIL);
    for (int i = 0; i < 1000000; i++) {
        TgList *list = tg_list(vm, 1);
        tg_list_push(vm, list, vm->builtins[root]);
        vm->builtins[root] = tg_obj(list);
        boundary();
    }
    tg_gc_full(vm);
    TgValue at = vm->builtins[root];
    for (int i = 0; i < 1000000; i++) at = ((TgList *)tg_as_obj(at))->items[0];
    cr_assert(tg_is_nil(at));
}

Test(gc, garbage_does_not_pile_up) {
    for (int i = 0; i < 2000000; i++) {
        tg_list(vm, 4);
        boundary();
        HOLDS(tg_gc_used(vm) < 32u << 20);
    }
}

// Megabytes of this process that are in memory.
static long resident(void) {
    long all = 0, pages = 0;
    FILE *file = fopen("/proc/self/statm", "r");
    if (!file || fscanf(file, "%ld %ld", &all, &pages) != 2) pages = 0;
    if (file) fclose(file);
    return pages * sysconf(_SC_PAGESIZE) >> 20;
}

Test(gc, memory_of_what_was_given_back_goes_back) {
    enum { MANY = 400000, SIZE = 256 };
    TgObj **objects = malloc(MANY * sizeof *objects);
    size_t used = tg_gc_used(vm);
    long before = resident();
    // No boundary: nothing is collected in between.
    for (int i = 0; i < MANY; i++) objects[i] = tg_gc_alloc(vm, SIZE, OBJ_BYTES);
    for (int i = 0; i < MANY; i++) memset(objects[i] + 1, 1, SIZE - sizeof(TgObj));
    cr_assert_not(tg_gc_shrinks(vm));
    long full = resident();
    for (int i = 0; i < MANY; i++) HOLDS(tg_gc_give_back(vm, objects[i], SIZE));
    cr_assert_eq(tg_gc_used(vm), used);
    cr_assert(tg_gc_shrinks(vm));
    while (tg_gc_shrinks(vm)) tg_gc_step(vm);
    cr_assert_gt(full - before, 90);
#ifndef __SANITIZE_ADDRESS__ // which keeps for a while what is given back, to see who still uses it
    cr_assert_lt(resident() - before, 10, "%ld MB stayed", resident() - before);
#endif
    free(objects);
}

// What a cycle has already taken for alive when it ends is not waited for until the heap has doubled.
Test(gc, memory_of_what_ended_during_a_cycle_goes_back) {
    enum { MANY = 400000, SIZE = 256 };
    TgObj **objects = malloc(MANY * sizeof *objects);
    size_t used = tg_gc_used(vm);
    TgList *list = tg_list(vm, MANY);
    uint32_t root = new_root(tg_obj(list));
    for (int i = 0; i < MANY; i++) {
        objects[i] = tg_gc_alloc(vm, SIZE, OBJ_BYTES);
        tg_list_push(vm, list, tg_obj(objects[i]));
    }
    tg_gc_full(vm);
    do { tg_gc_nibble(vm); } while (vm->gc->phase != GC_SWEEP);
    vm->builtins[root] = TG_NIL;
    cr_assert_not(tg_gc_shrinks(vm));
    for (int i = 0; i < MANY; i++) HOLDS(!tg_gc_give_back(vm, objects[i], SIZE));
    cr_assert(tg_gc_shrinks(vm));
    while (tg_gc_shrinks(vm)) tg_gc_step(vm);
    cr_assert_lt(tg_gc_used(vm), used + (1 << 20));
    free(objects);
}

Test(gc, the_limit_sets_the_trap) {
    vm->options.max_memory = tg_gc_used(vm) + (2 << 20);
    tg_gc_full(vm); // takes note of it
    cr_assert(tg_gc_can_take(vm, 1 << 20));
    cr_assert_not(tg_gc_can_take(vm, 3 << 20));
    cr_assert(tg_gc_over_limit(vm));
    cr_assert(tg_gc_can_take(vm, 1000));
    cr_assert_not(tg_gc_over_limit(vm));
    for (int i = 0; i < 10000 && !(atomic_load(&vm->trap) & TRAP_MEMORY); i++) tg_list(vm, 64);
    cr_assert(atomic_load(&vm->trap) & TRAP_MEMORY);
    cr_assert_lt(tg_gc_used(vm), vm->options.max_memory + 100000);
    tg_gc_full(vm);
    cr_assert_not(tg_gc_over_limit(vm));
}

Test(gc, what_cannot_be_taken_is_refused) {
    cr_assert_not(tg_gc_can_take(vm, SIZE_MAX));
    cr_assert_not(tg_gc_can_take(vm, (size_t)1 << 41));
    cr_assert_not(tg_gc_over_limit(vm));
}

Test(gc, classes_and_their_shapes_are_freed) {
    tg_gc_full(vm);
    size_t before = tg_gc_used(vm);
    for (int i = 0; i < 100; i++) {
        TgClass *class_ = tg_class_new(vm, tg_string_c(vm, "Passing"), NULL);
        TgInstance *instance = tg_instance_new(vm, class_);
        for (int k = 0; k < 10; k++) {
            tg_instance_set(vm, instance, tg_string_format(vm, "f%d", k), tg_int(k));
        }
    }
    tg_gc_full(vm);
    cr_assert_eq(tg_gc_used(vm), before);
}

// Lists, Maps and Channels so long that they are marked in stretches: whatever happens to them between two of these, what they
// hold stays. Each member is a List that holds its number; the model has the numbers.
enum { MANY = 6000, CHANGES = 400000 };
static int64_t model[2 * MANY];
static uint32_t model_count;
static int64_t next_number;

static TgValue make_member(void) {
    TgValue number = tg_int(++next_number);
    return tg_obj(tg_list_of(vm, &number, 1));
}

static void check_member(TgValue value, int64_t number) {
    HOLDS(tg_is_kind(value, OBJ_LIST)); // a freed one is of another kind
    HOLDS(((TgList *)tg_as_obj(value))->items[0] == tg_int(number));
}

// A slice of any size; now and then a whole collection.
static void collect_a_little(void) {
    if (roll(40000) == 0) tg_gc_full(vm);
    else tg_gc_nibble(vm);
}

static void model_remove(uint32_t at) {
    model_count--;
    memmove(model + at, model + at + 1, (model_count - at) * sizeof *model);
}

static void model_insert(uint32_t at, int64_t number) {
    memmove(model + at + 1, model + at, (model_count - at) * sizeof *model);
    model[at] = number;
    model_count++;
}

static void swap_items(TgList *list, uint32_t i, uint32_t j) {
    TgValue item = list->items[i];
    tg_list_set(vm, list, i, list->items[j]);
    tg_list_set(vm, list, j, item);
    int64_t number = model[i];
    model[i] = model[j];
    model[j] = number;
}

static void change_list(TgList *list) {
    uint32_t at = roll(list->count), to = roll(list->count);
    switch (roll(9)) {
    case 0: // the first ones, as a queue
    case 1:
        if (roll(2)) at = 0;
        tg_list_remove_at(list, at);
        model_remove(at);
        break;
    case 2: {
        TgValue item = make_member();
        tg_list_insert(vm, list, at, item);
        model_insert(at, next_number);
        break;
    }
    case 3:
        tg_list_push(vm, list, make_member());
        model_insert(model_count, next_number);
        break;
    case 4:
        tg_list_set(vm, list, at, make_member());
        model[at] = next_number;
        break;
    case 5: swap_items(list, at, to); break;
    case 6: { // taken out and put in elsewhere: between the two only C holds it
        TgValue item = tg_list_remove_at(list, at);
        int64_t number = model[at];
        model_remove(at);
        to = roll(list->count);
        tg_list_insert(vm, list, to, item);
        model_insert(to, number);
        break;
    }
    case 7:
        if (roll(2000)) break;
        for (uint32_t i = 0, j = list->count - 1; i < j; i++, j--) swap_items(list, i, j);
        break;
    default: // its own first items once more
        if (roll(200) || list->count > MANY + MANY / 2) break;
        memcpy(model + model_count, model, 100 * sizeof *model);
        model_count += 100;
        tg_list_extend(vm, list, list->items, 100);
    }
    while (list->count > 2 * MANY - 200) {
        tg_list_remove_at(list, list->count - 1);
        model_count--;
    }
    while (list->count < MANY / 2) {
        tg_list_push(vm, list, make_member());
        model_insert(model_count, next_number);
    }
}

Test(gc, a_long_list_that_changes_is_marked_in_stretches, .timeout = 240) {
    TgList *list = tg_list(vm, 0);
    new_root(tg_obj(list));
    for (int i = 0; i < MANY; i++) {
        tg_list_push(vm, list, make_member());
        model[model_count++] = next_number;
    }
    for (int change = 0; change < CHANGES; change++) {
        change_list(list);
        if (change % 4 == 0) collect_a_little();
        if (change % 1000 != 0) continue;
        HOLDS(list->count == model_count);
        for (uint32_t i = 0; i < model_count; i++) check_member(list->items[i], model[i]);
    }
}

Test(gc, a_large_map_that_changes_is_marked_in_stretches, .timeout = 240) {
    TgMap *map = tg_map(vm);
    new_root(tg_obj(map));
    for (int change = 0; change < CHANGES; change++) {
        int key = (int)roll(2 * MANY);
        TgValue name = key % 2 ? tg_int(key) : tg_obj(tg_string_format(vm, "key %d", key)); // some keys are its only holders
        if (roll(3) == 0) {
            tg_map_remove(vm, map, name);
            model[key] = 0;
        } else {
            tg_map_set(vm, map, name, make_member());
            model[key] = next_number;
        }
        if (roll(100000) == 0) {
            tg_map_clear(vm, map);
            memset(model, 0, sizeof model);
        }
        if (change % 4 == 0) collect_a_little();
        if (change % 2000 != 0) continue;
        for (int i = 0; i < 2 * MANY; i++) {
            name = i % 2 ? tg_int(i) : tg_obj(tg_string_format(vm, "key %d", i));
            TgValue value = tg_map_get(map, name);
            HOLDS(tg_is_undef(value) == (model[i] == 0));
            if (model[i]) check_member(value, model[i]);
        }
    }
}

Test(gc, a_long_channel_is_marked_in_stretches, .timeout = 240) {
    TgChannel *channel = tg_channel_new(vm, 2 * MANY);
    new_root(tg_obj(channel));
    int64_t oldest = 1;
    for (int change = 0; change < CHANGES; change++) {
        if (channel->count < MANY || (channel->count < 2 * MANY && roll(2))) HOLDS(tg_channel_give(vm, channel, make_member()));
        else check_member(tg_channel_take(vm, channel), oldest++);
        if (change % 4 == 0) collect_a_little();
    }
    while (channel->count) check_member(tg_channel_take(vm, channel), oldest++);
    cr_assert_eq(oldest, next_number + 1);
}

Test(gc, pauses_are_counted_where_asked) {
    cr_assert(tg_gc_stats_on(vm));
    for (int i = 0; i < 3; i++) tg_gc_full(vm);
    char *text;
    size_t length;
    FILE *out = open_memstream(&text, &length);
    tg_gc_report(vm, out);
    fclose(out);
    cr_assert(strncmp(text, "gc: 3 cycles in ", 16) == 0, "%s", text);
    cr_assert_not_null(strstr(text, "MB in use at most"));
    free(text);
}
