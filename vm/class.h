// vm/class.h
// Classes, instances and their hidden shapes.
// Layer: data.
#ifndef TG_VM_CLASS_H
#define TG_VM_CLASS_H

#include "vm/object.h"

// Makes the built-in classes, the error classes and the names of vm.h. After tg_gc_init and tg_interns_init.
void tg_classes_init(TgVM *vm);

TgClass *tg_class_new(TgVM *vm, TgString *name, TgClass *super); // super may be NULL
void tg_class_method(TgVM *vm, TgClass *class_, TgString *name, TgValue function);
void tg_class_finish(TgVM *vm, TgClass *class_); // looks up init, str, eq …
// The class of any value.
TgClass *tg_class_of(TgVM *vm, TgValue value);
static inline bool tg_class_is(const TgClass *class_, const TgClass *ancestor) {
    while (class_ && class_ != ancestor) class_ = class_->super;
    return class_ != NULL;
}
TgValue tg_class_find_method(const TgClass *class_, const TgString *name);    // inherited too; TG_UNDEF
TgValue tg_class_find_attribute(const TgClass *class_, const TgString *name); // inherited too; TG_UNDEF

TgInstance *tg_instance_new(TgVM *vm, TgClass *class_); // a TgException where the class is one
int tg_instance_slot(const TgVM *vm, const TgInstance *instance, const TgString *name); // -1: no such field
TgValue tg_instance_get(const TgVM *vm, const TgInstance *instance, const TgString *name); // TG_UNDEF
void tg_instance_set(TgVM *vm, TgInstance *instance, TgString *name, TgValue value);
TgShape *tg_shape(const TgVM *vm, uint32_t id);
// For gc.c: greys the names in a class's tree of shapes; frees the tree (their ids are never used again).
void tg_shapes_mark(TgVM *vm, TgClass *class_);
void tg_shapes_release(TgVM *vm, TgClass *class_);

// The cell of a module's top-level name; made (undefined) where there is none.
TgModule *tg_module_new(TgVM *vm, TgString *name, TgString *path);
TgCell *tg_module_cell(TgVM *vm, TgModule *module, TgString *name);
TgValue tg_module_get(const TgModule *module, const TgString *name); // TG_UNDEF

TgClosure *tg_closure_new(TgVM *vm, TgCode *code, uint32_t captures);
TgCell *tg_cell_new(TgVM *vm, TgValue value);
TgBound *tg_bound_new(TgVM *vm, TgValue self, TgValue function);

// The nearest of `count` names to `name` for "did you mean", or NULL. Pure.
const char *tg_nearest(const char *name, const char *const *names, uint32_t count);

#endif
