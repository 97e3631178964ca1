// vm/resource.c
// Making resources, and what the collector does with them.
// Layer: data.
#include "vm/resource.h"

#include "vm/class.h"
#include "vm/gc.h"
#include "vm/map.h"
#include "vm/vm.h"

TgResource *tg_resource_new(TgVM *vm, const TgResourceType *type, TgClass *class_) {
    TgResource *resource = tg_gc_alloc(vm, type->size, OBJ_RESOURCE);
    resource->obj.shape = class_->root->id; // for caches of methods: it has no fields
    resource->class_ = class_;
    resource->type = type;
    vm->resources++;
    return resource;
}

TgResource *tg_resource_of(TgValue value, const TgResourceType *type) {
    if (!tg_is_kind(value, OBJ_RESOURCE)) return NULL;
    TgResource *resource = (TgResource *)tg_as_obj(value);
    return resource->type == type ? resource : NULL;
}

void tg_resource_mark(TgVM *vm, TgResource *resource) {
    tg_gc_mark_obj(vm, resource->class_);
    if (resource->type->mark) resource->type->mark(vm, resource);
}

void tg_resource_release(TgVM *vm, TgResource *resource) {
    vm->resources--;
    if (resource->type->release) resource->type->release(vm, resource);
}

void tg_resource_text(TgVM *vm, const TgResource *resource, TgBuffer *out) {
    if (resource->type->text) resource->type->text(vm, resource, out);
    else tg_buffer_format(out, "<%s>", resource->class_->name->data);
}

TgValue tg_library_kept(TgVM *vm, const char *name) { return tg_map_get_string(vm->library_keep, tg_string_c(vm, name)); }

void tg_library_keep(TgVM *vm, const char *name, TgValue value) {
    tg_map_set(vm, vm->library_keep, tg_obj(tg_string_c(vm, name)), value);
}

TgClass *tg_library_class(TgVM *vm, const char *name, TgClass *super, bool *is_new) {
    TgString *key = tg_string_c(vm, name);
    TgValue known = tg_library_kept(vm, name);
    *is_new = tg_is_undef(known);
    if (!*is_new) return (TgClass *)tg_as_obj(known);
    TgClass *class_ = tg_class_new(vm, key, super);
    class_->instance_kind = OBJ_RESOURCE;
    class_->is_builtin = true;
    tg_library_keep(vm, name, tg_obj(class_));
    return class_;
}
