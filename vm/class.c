// vm/class.c
// Classes, instances and the hidden shapes that say which of an instance's fields is in which slot.
//
// Every class has a tree of shapes of its own: setting a field that an instance does not have moves
// it to a child of its shape. Two instances whose fields were set in the same order share a shape,
// so the loop's caches need to compare one number only. Ids are never used again: a stale cache
// can't match by chance.
//
// Layer: data.
#include "vm/class.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>

#include "vm/error.h"
#include "vm/gc.h"
#include "vm/map.h"
#include "vm/resource.h"
#include "vm/string.h"
#include "vm/vm.h"

// Shapes

static void must_grow_shapes(TgVM *vm) {
    uint32_t capacity = vm->shape_capacity ? vm->shape_capacity * 2 : 256;
    TgShape **shapes = realloc(vm->shapes, capacity * sizeof(TgShape *));
    if (!shapes) {
        fputs("tg: no memory left\n", stderr);
        exit(1);
    }
    vm->shapes = shapes;
    vm->shape_capacity = capacity;
    if (vm->shape_count == 0) vm->shapes[vm->shape_count++] = NULL; // id 0 is none
}

static TgShape *new_shape(TgVM *vm, TgClass *class_, TgShape *parent, TgString *name) {
    if (vm->shape_count + 1 >= vm->shape_capacity) must_grow_shapes(vm);
    TgShape *shape = tg_gc_realloc(vm, NULL, 0, sizeof *shape);
    *shape = (TgShape){.id = vm->shape_count, .class_ = class_, .parent = parent, .name = name};
    vm->shapes[vm->shape_count++] = shape;
    if (parent) {
        shape->slot_count = parent->slot_count + 1;
        shape->next_sibling = parent->first_child;
        parent->first_child = shape;
        tg_barrier(vm, class_, tg_obj(name));
    }
    return shape;
}

static TgShape *child_shape(TgVM *vm, TgShape *shape, TgString *name) {
    for (TgShape *child = shape->first_child; child; child = child->next_sibling) {
        if (tg_string_equal(child->name, name)) return child;
    }
    return new_shape(vm, shape->class_, shape, name);
}

TgShape *tg_shape(const TgVM *vm, uint32_t id) {
    assert(id < vm->shape_count);
    return vm->shapes[id];
}

// The next shape of the tree, parents before children, without recursion: the depth is the
// script's.
static TgShape *next_of_tree(TgShape *shape) {
    if (shape->first_child) return shape->first_child;
    while (shape && !shape->next_sibling) shape = shape->parent;
    return shape ? shape->next_sibling : NULL;
}

void tg_shapes_mark(TgVM *vm, TgClass *class_) {
    for (TgShape *shape = class_->root; shape; shape = next_of_tree(shape)) {
        tg_gc_mark_obj(vm, shape->name);
    }
}

void tg_shapes_release(TgVM *vm, TgClass *class_) {
    TgShape *shape = class_->root;
    while (shape) { // leaves first
        if (shape->first_child) {
            shape = shape->first_child;
            continue;
        }
        TgShape *parent = shape->parent;
        if (parent) parent->first_child = shape->next_sibling;
        vm->shapes[shape->id] = NULL;
        tg_gc_realloc(vm, shape, sizeof *shape, 0);
        shape = parent;
    }
    class_->root = NULL;
}

// Classes

TgClass *tg_class_new(TgVM *vm, TgString *name, TgClass *super) {
    TgClass *class_ = tg_gc_alloc(vm, sizeof *class_, OBJ_CLASS);
    class_->name = name;
    class_->super = super;
    class_->instance_kind = super ? super->instance_kind : OBJ_INSTANCE;
    if (super) class_->obj.flags |= super->obj.flags & OBJ_EXCEPTION;
    class_->methods = tg_map(vm);
    class_->attributes = tg_map(vm);
    class_->code = NULL;
    class_->line = 0;
    class_->root = new_shape(vm, class_, NULL, NULL);
    class_->slot_hint = super ? super->slot_hint : 0;
    class_->init = class_->str = class_->eq = class_->hash = TG_UNDEF;
    class_->iter = class_->enter = class_->exit = TG_UNDEF;
    return class_;
}

void tg_class_method(TgVM *vm, TgClass *class_, TgString *name, TgValue function) {
    tg_map_set(vm, class_->methods, tg_obj(name), function);
}

static void cache_method(TgVM *vm, TgClass *class_, TgValue *place, const TgString *name) {
    *place = tg_class_find_method(class_, name);
    if (!tg_is_undef(*place)) tg_barrier(vm, class_, *place);
}

void tg_class_finish(TgVM *vm, TgClass *class_) {
    cache_method(vm, class_, &class_->init, vm->name_init);
    cache_method(vm, class_, &class_->str, vm->name_str);
    cache_method(vm, class_, &class_->eq, vm->name_eq);
    cache_method(vm, class_, &class_->hash, vm->name_hash);
    cache_method(vm, class_, &class_->iter, vm->name_iter);
    cache_method(vm, class_, &class_->enter, vm->name_enter);
    cache_method(vm, class_, &class_->exit, vm->name_exit);
}

TgClass *tg_class_of(TgVM *vm, TgValue value) {
    if (tg_is_int(value)) return vm->int_class;
    if (tg_is_float(value)) return vm->float_class;
    if (tg_is_obj(value)) {
        const TgObj *object = tg_as_obj(value);
        if (object->kind == OBJ_INSTANCE) return ((const TgInstance *)object)->class_;
        if (object->kind == OBJ_RESOURCE) return ((const TgResource *)object)->class_;
        TgClass *class_ = vm->classes[object->kind];
        assert(class_ && "no value of the language");
        return class_;
    }
    return tg_is_bool(value) ? vm->bool_class : vm->nil_class;
}

TgValue tg_class_find_method(const TgClass *class_, const TgString *name) {
    for (; class_; class_ = class_->super) {
        TgValue found = tg_map_get_string(class_->methods, name);
        if (!tg_is_undef(found)) return found;
    }
    return TG_UNDEF;
}

TgValue tg_class_find_attribute(const TgClass *class_, const TgString *name) {
    for (; class_; class_ = class_->super) {
        TgValue found = tg_map_get_string(class_->attributes, name);
        if (!tg_is_undef(found)) return found;
    }
    return TG_UNDEF;
}

// Instances

// Every exception has these fields, also where its class's own init does not call that above it.
static void init_exception(TgVM *vm, TgInstance *exception) {
    TgClass *class_ = exception->class_;
    exception->obj.flags |= OBJ_EXCEPTION;
    if (class_->born) {
        exception->obj.shape = class_->born->id;
        exception->slots[0] = tg_obj(vm->name_empty);
        for (uint32_t i = 1; i < class_->born->slot_count; i++) exception->slots[i] = TG_NIL;
        return;
    }
    tg_instance_set(vm, exception, vm->name_message, tg_obj(vm->name_empty));
    tg_instance_set(vm, exception, vm->name_cause, TG_NIL);
    if (tg_class_is(class_, vm->errors[TG_ERR_IOError])) {
        tg_instance_set(vm, exception, vm->name_code, TG_NIL);
        tg_instance_set(vm, exception, tg_string_c(vm, "path"), TG_NIL);
    }
    class_->born = tg_shape(vm, exception->obj.shape);
    assert(class_->slot_hint >= class_->born->slot_count);
}

TgInstance *tg_instance_new(TgVM *vm, TgClass *class_) {
    bool is_exception = class_->obj.flags & OBJ_EXCEPTION;
    size_t head = is_exception ? sizeof(TgException) : sizeof(TgInstance);
    uint32_t capacity = class_->slot_hint;
    TgInstance *instance = tg_gc_alloc(vm, head + capacity * sizeof(TgValue), OBJ_INSTANCE);
    instance->obj.shape = class_->root->id;
    instance->class_ = class_;
    instance->capacity = capacity;
    instance->slots = (TgValue *)((char *)instance + head);
    if (is_exception) init_exception(vm, instance);
    return instance;
}

// Shapes are short chains, and the loop caches what comes out.
int tg_instance_slot(const TgVM *vm, const TgInstance *instance, const TgString *name) {
    for (const TgShape *shape = vm->shapes[instance->obj.shape]; shape->parent;
         shape = shape->parent) {
        if (tg_string_equal(shape->name, name)) return (int)shape->slot_count - 1;
    }
    return -1;
}

TgValue tg_instance_get(const TgVM *vm, const TgInstance *instance, const TgString *name) {
    int slot = tg_instance_slot(vm, instance, name);
    return slot < 0 ? TG_UNDEF : instance->slots[slot];
}

static TgValue *inline_slots(TgInstance *instance) {
    bool is_exception = instance->obj.flags & OBJ_EXCEPTION;
    return (TgValue *)((char *)instance +
                       (is_exception ? sizeof(TgException) : sizeof(TgInstance)));
}

static void grow_instance(TgVM *vm, TgInstance *instance) {
    // The next instances of the class get the room at once.
    uint32_t old = instance->capacity, capacity = old < 4 ? 4 : old * 2;
    size_t old_size = old * sizeof(TgValue), size = capacity * sizeof(TgValue);
    if (instance->slots == inline_slots(instance)) {
        TgValue *slots = tg_gc_realloc(vm, NULL, 0, size);
        if (old > 0) memcpy(slots, instance->slots, old_size);
        instance->slots = slots;
    } else {
        instance->slots = tg_gc_realloc(vm, instance->slots, old_size, size);
    }
    instance->capacity = capacity;
}

enum { MOST_INLINE_SLOTS = 32 }; // beyond that a class's instances may differ too much

void tg_instance_set(TgVM *vm, TgInstance *instance, TgString *name, TgValue value) {
    int slot = tg_instance_slot(vm, instance, name);
    if (slot < 0) {
        TgShape *shape = child_shape(vm, vm->shapes[instance->obj.shape], name);
        slot = (int)shape->slot_count - 1;
        if ((uint32_t)slot >= instance->capacity) grow_instance(vm, instance);
        TgClass *class_ = instance->class_;
        if (shape->slot_count > class_->slot_hint && shape->slot_count <= MOST_INLINE_SLOTS) {
            class_->slot_hint = shape->slot_count;
        }
        instance->obj.shape = shape->id;
    }
    instance->slots[slot] = value;
    tg_barrier(vm, instance, value);
}

// Modules, closures, cells

TgModule *tg_module_new(TgVM *vm, TgString *name, TgString *path) {
    TgModule *module = tg_gc_alloc(vm, sizeof *module, OBJ_MODULE);
    // A shape of its own, for caches: it has no fields.
    if (vm->shape_count + 1 >= vm->shape_capacity) must_grow_shapes(vm);
    module->obj.shape = vm->shape_count;
    vm->shapes[vm->shape_count++] = NULL;
    module->name = name;
    module->path = path;
    module->members = tg_map(vm);
    return module;
}

TgCell *tg_module_cell(TgVM *vm, TgModule *module, TgString *name) {
    TgValue found = tg_map_get_string(module->members, name);
    if (!tg_is_undef(found)) return (TgCell *)tg_as_obj(found);
    TgCell *cell = tg_cell_new(vm, TG_UNDEF);
    tg_map_set(vm, module->members, tg_obj(name), tg_obj(cell));
    return cell;
}

TgValue tg_module_get(const TgModule *module, const TgString *name) {
    TgValue found = tg_map_get_string(module->members, name);
    return tg_is_undef(found) ? TG_UNDEF : ((TgCell *)tg_as_obj(found))->value;
}

TgClosure *tg_closure_new(TgVM *vm, TgCode *code, uint32_t captures) {
    size_t size = sizeof(TgClosure) + captures * sizeof(TgValue);
    TgClosure *closure = tg_gc_alloc(vm, size, OBJ_CLOSURE);
    closure->fn.code = code;
    closure->count = captures;
    return closure;
}

TgCell *tg_cell_new(TgVM *vm, TgValue value) {
    TgCell *cell = tg_gc_alloc(vm, sizeof *cell, OBJ_CELL);
    cell->value = value;
    return cell;
}

TgBound *tg_bound_new(TgVM *vm, TgValue self, TgValue function) {
    TgBound *bound = tg_gc_alloc(vm, sizeof *bound, OBJ_BOUND);
    bound->self = self;
    bound->function = function;
    return bound;
}
