// vm/field.c
// Names after a dot.
// Layer: runtime.
#include "vm/field.h"

#include <stdio.h>

#include "vm/api.h"
#include "vm/foreign.h"
#include "vm/op.h"
#include "vm/trace.h"

TgValue tg_find_method(TgVM *vm, TgClass *class_, TgString *name) {
    uintptr_t mix = ((uintptr_t)class_ >> 4) * 31 + ((uintptr_t)name >> 4);
    size_t at = mix & 511;
    if (vm->method_cache[at].class_ == class_ && vm->method_cache[at].name == name)
        return vm->method_cache[at].method;
    TgValue method = tg_class_find_method(class_, name);
    // Only interned names can be compared by pointer the next time.
    if (!tg_is_undef(method) && (name->obj.flags & OBJ_INTERNED)) {
        vm->method_cache[at].class_ = class_;
        vm->method_cache[at].name = name;
        vm->method_cache[at].method = method;
    }
    return method;
}

// ---- Not found

enum { MAX_CANDIDATES = 256, HINT_ROOM = 160 };

static uint32_t add_keys(const TgMap *map, const char **names, uint32_t count) {
    uint32_t position = 0;
    TgMapEntry *entry;
    while (map && count < MAX_CANDIDATES && (entry = tg_map_next(map, &position)))
        if (tg_is_kind(entry->key, OBJ_STRING)) names[count++] = ((TgString *)tg_as_obj(entry->key))->data;
    return count;
}

// "; write xs.push(x)" or "; did you mean 'push'?", or nothing.
static void member_hint(const char *instead, const char *name, const char *const *names, uint32_t count, char *out) {
    const char *near = tg_nearest(name, names, count);
    *out = 0;
    if (instead)
        snprintf(out, HINT_ROOM, "; write %s", instead);
    else if (near)
        snprintf(out, HINT_ROOM, "; did you mean '%s'?", near);
}

// What to write in place of a name from elsewhere, of its class or of one above it.
static const char *foreign_of(TgValue value, const TgClass *class_, const char *name) {
    if (tg_is_kind(value, OBJ_CLASS)) return tg_foreign_member("Class", name);
    if (tg_is_exception(value)) return tg_foreign_member("Exception", name);
    const char *instead = NULL;
    for (; class_ && !instead; class_ = class_->super) instead = tg_foreign_member(class_->name->data, name);
    return instead;
}

static bool no_attribute(TgVM *vm, TgValue value, TgString *name) {
    const char *names[MAX_CANDIDATES] = {0};
    uint32_t count = 0;
    if (tg_is_kind(value, OBJ_INSTANCE)) {
        TgShape *shape = tg_shape(vm, tg_as_obj(value)->shape);
        for (; shape && shape->name && count < MAX_CANDIDATES; shape = shape->parent) names[count++] = shape->name->data;
    }
    bool is_class = tg_is_kind(value, OBJ_CLASS);
    TgClass *class_ = is_class ? (TgClass *)tg_as_obj(value) : tg_class_of(vm, value);
    for (TgClass *at = class_; at; at = at->super) {
        count = add_keys(at->methods, names, count);
        count = add_keys(at->attributes, names, count);
    }
    char hint[HINT_ROOM];
    const char *type = class_->name->data;
    member_hint(foreign_of(value, class_, name->data), name->data, names, count, hint);
    if (tg_is_nil(value))
        tg_error_raise(vm, TG_ERR_AttributeError, "nil has no '%s': nothing is here where a value was expected", name->data);
    else
        tg_error_raise(vm, TG_ERR_AttributeError, "%s%s has no '%s'%s", is_class ? "class " : "", type, name->data, hint);
    return false;
}

bool tg_field_no_member(TgVM *vm, TgErrorId id, const TgModule *module, const TgString *name) {
    const char *names[MAX_CANDIDATES] = {0};
    uint32_t count = add_keys(module->members, names, 0);
    char hint[HINT_ROOM];
    member_hint(tg_foreign_member(module->name->data, name->data), name->data, names, count, hint);
    tg_error_raise(vm, id, "module %s has no '%s'%s", module->name->data, name->data, hint);
    return false;
}

// ---- Reading

static bool get_of_module(TgVM *vm, TgModule *module, TgString *name, TgValue *out) {
    TgValue cell = tg_map_get_string(module->members, name);
    if (tg_is_undef(cell)) return tg_field_no_member(vm, TG_ERR_AttributeError, module, name);
    *out = ((TgCell *)tg_as_obj(cell))->value;
    if (!tg_is_undef(*out)) return true;
    tg_error_raise(vm, TG_ERR_NameError, "'%s' of module %s is used before its 'let' has run", name->data,
                   module->name->data);
    return false;
}

static bool get_of_class(TgVM *vm, TgClass *class_, TgString *name, TgValue *out) {
    *out = tg_class_find_attribute(class_, name);
    if (tg_is_undef(*out)) *out = tg_find_method(vm, class_, name);
    return !tg_is_undef(*out) || no_attribute(vm, tg_obj(class_), name);
}

static bool get_of_exception(TgVM *vm, TgException *exception, TgString *name, TgValue *out) {
    if (strcmp(name->data, "trace") == 0) {
        *out = tg_trace_list(vm, exception->trace);
        return true;
    }
    if (strcmp(name->data, "tasks") == 0 &&
        tg_class_is(exception->instance.class_, vm->errors[TG_ERR_Interrupt])) {
        *out = tg_struck_list(vm, exception);
        return true;
    }
    return false;
}

bool tg_field_get(TgVM *vm, TgValue value, TgString *name, TgValue *out) {
    TgClass *class_ = tg_class_of(vm, value);
    TgObj *object = tg_is_obj(value) ? tg_as_obj(value) : NULL;
    TgKind kind = object ? (TgKind)object->kind : OBJ_FREE;
    if (kind == OBJ_MODULE) return get_of_module(vm, (TgModule *)object, name, out);
    if (kind == OBJ_CLASS) return get_of_class(vm, (TgClass *)object, name, out);
    if (kind == OBJ_INSTANCE) {
        TgInstance *instance = (TgInstance *)object;
        *out = tg_instance_get(vm, instance, name);
        if (!tg_is_undef(*out)) return true;
        if ((object->flags & OBJ_EXCEPTION) && get_of_exception(vm, (TgException *)object, name, out)) return true;
    } else if (kind >= OBJ_TASK && tg_runtime_property(vm, value, name, out)) {
        return true;
    }
    TgValue method = tg_find_method(vm, class_, name);
    if (!tg_is_undef(method)) {
        *out = tg_obj(tg_bound_new(vm, value, method));
        return true;
    }
    if (kind == OBJ_INSTANCE) {
        *out = tg_class_find_attribute(class_, name);
        return !tg_is_undef(*out) || no_attribute(vm, value, name);
    }
    if (kind == OBJ_MAP) {
        *out = tg_map_get_string((TgMap *)object, name);
        return !tg_is_undef(*out) || tg_index_no_key(vm, (TgMap *)object, tg_obj(name));
    }
    return no_attribute(vm, value, name);
}

bool tg_field_set(TgVM *vm, TgValue target, TgString *name, TgValue value) {
    if (tg_is_kind(target, OBJ_INSTANCE)) {
        tg_instance_set(vm, (TgInstance *)tg_as_obj(target), name, value);
        return true;
    }
    if (tg_is_kind(target, OBJ_MAP)) {
        if (tg_map_set(vm, (TgMap *)tg_as_obj(target), tg_obj(name), value)) return true;
        tg_error_memory(vm);
        return false;
    }
    if (tg_is_kind(target, OBJ_CLASS)) {
        TgClass *class_ = (TgClass *)tg_as_obj(target);
        bool is_method = !tg_is_undef(tg_class_find_method(class_, name));
        if (!class_->is_builtin && !is_method) return tg_map_set(vm, class_->attributes, tg_obj(name), value);
        tg_error_raise(vm, TG_ERR_AttributeError, "'%s' of class %s can't be changed%s", name->data, class_->name->data,
                       is_method ? ": it is a method" : "");
        return false;
    }
    if (tg_is_kind(target, OBJ_MODULE)) {
        tg_error_raise(vm, TG_ERR_AttributeError,
                       "the names of module %s can't be set from outside; give it a function that sets '%s'",
                       ((TgModule *)tg_as_obj(target))->name->data, name->data);
        return false;
    }
    tg_error_raise(vm, TG_ERR_AttributeError, "%s has no fields that can be set ('%s'); instances and Maps do", TG_SHOW(vm, target), name->data);
    return false;
}

bool tg_field_set_at(TgVM *vm, uint32_t *words, TgValue target, TgString *name, TgValue value) {
    if (!tg_is_kind(target, OBJ_INSTANCE)) return tg_field_set(vm, target, name, value);
    TgInstance *instance = (TgInstance *)tg_as_obj(target);
    uint32_t before = instance->obj.shape;
    tg_instance_set(vm, instance, name, value);
    uint32_t after = instance->obj.shape, slot = (uint32_t)tg_instance_slot(vm, instance, name);
    if (slot > 255) return true;
    words[0] = tg_abc(OP_SETFIELD, TG_A(words[0]), TG_B(words[0]), slot);
    words[2] = before;
    words[3] = after != before ? after : 0;
    return true;
}

// ---- Methods

bool tg_field_method(TgVM *vm, TgValue receiver, TgString *name, TgValue *callee, bool *takes_self) {
    TgObj *object = tg_is_obj(receiver) ? tg_as_obj(receiver) : NULL;
    TgKind kind = object ? (TgKind)object->kind : OBJ_FREE;
    *takes_self = false;
    if (kind == OBJ_INSTANCE) {
        TgValue field = tg_instance_get(vm, (TgInstance *)object, name);
        if (!tg_is_undef(field)) {
            *callee = field;
            return true;
        }
    }
    if (kind != OBJ_MODULE && kind != OBJ_CLASS) {
        TgValue method = tg_find_method(vm, tg_class_of(vm, receiver), name);
        if (!tg_is_undef(method)) {
            *callee = method;
            *takes_self = true;
            return true;
        }
    }
    return tg_field_get(vm, receiver, name, callee);
}

bool tg_field_method_at(TgVM *vm, uint32_t *cache, TgValue receiver, TgString *name, TgValue *callee, bool *takes_self) {
    TgObj *object = tg_is_obj(receiver) ? tg_as_obj(receiver) : NULL;
    uint32_t key = !object ? 0 : object->shape ? object->shape : TG_CACHED_KIND + object->kind;
    size_t at = (key * 31 + ((uintptr_t)name >> 4)) & 511;
    if (object && vm->shape_cache[at].key == key && vm->shape_cache[at].name == name) {
        *callee = vm->shape_cache[at].method;
        *takes_self = true;
    } else if (!tg_field_method(vm, receiver, name, callee, takes_self)) {
        return false;
    }
    // Methods never change and live as long as their class, a module keeps its Cells, ids of shapes are never used
    // again: what is kept stays true.
    TgValue kept = *callee;
    if (object && object->kind == OBJ_MODULE) kept = tg_map_get_string(((TgModule *)object)->members, name);
    else if (!object || !*takes_self) return true;
    else if (name->obj.flags & OBJ_INTERNED) {
        vm->shape_cache[at].key = key;
        vm->shape_cache[at].name = name;
        vm->shape_cache[at].method = *callee;
    }
    cache[0] = key;
    memcpy(cache + 1, &kept, sizeof kept);
    return true;
}

bool tg_field_super(TgVM *vm, const TgClosure *closure, TgString *name, TgValue *callee) {
    TgClass *super = closure->home ? closure->home->super : NULL;
    if (super) {
        *callee = tg_find_method(vm, super, name);
        if (!tg_is_undef(*callee)) return true;
    }
    const char *names[MAX_CANDIDATES] = {0};
    uint32_t count = 0;
    for (TgClass *at = super; at; at = at->super) count = add_keys(at->methods, names, count);
    const char *near = tg_nearest(name->data, names, count);
    if (name == vm->name_init) {
        tg_error_raise(vm, TG_ERR_AttributeError, "the superclass %s has no init, so there is nothing to call; leave it out",
                       super ? super->name->data : "");
        return false;
    }
    tg_error_raise(vm, TG_ERR_AttributeError, "the superclass %s has no method '%s'%s%s%s", super ? super->name->data : "",
                   name->data, near ? "; did you mean '" : "", near ? near : "", near ? "'?" : "");
    return false;
}
