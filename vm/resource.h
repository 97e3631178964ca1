// vm/resource.h
// Resources: values of the language that stand for something outside of it (a file, a socket, a parser of a library's).
//
// A Resource is a C struct of its owner's that begins with a TgResource; its type says what the collector and the scheduler have to
// know of it, its class what scripts can do with it.
//
// Layer: data.
#ifndef TG_VM_RESOURCE_H
#define TG_VM_RESOURCE_H

#include <stddef.h>

#include "vm/object.h"
#include "vm/string.h"

typedef struct TgResourceType TgResourceType;

typedef struct TgResource {
    TgObj obj;
    TgClass *class_;
    const TgResourceType *type;
} TgResource;

struct TgResourceType {
    size_t size; // of the struct; all but its head is zero at first
    // Nobody refers to it any more, or the VM ends: gives back what it holds. Must not block, nor look at other objects (they may be
    // gone). NULL: it holds nothing.
    void (*release)(TgVM *vm, TgResource *resource);
    // Greys (tg_gc_mark) the values it holds; who stores one later calls tg_barrier. NULL: it holds none.
    void (*mark)(TgVM *vm, TgResource *resource);
    // Its text for people: `<File "a.txt">`. NULL: `<Name>` of its class.
    void (*text)(TgVM *vm, const TgResource *resource, TgBuffer *out);
    // A property (resource.name) that is no method; false: there is none of this name. NULL: it has none.
    bool (*property)(TgVM *vm, TgResource *resource, const TgString *name, TgValue *out);
    // A task that waited for it (tg_park_…) was interrupted or cancelled in that wait. NULL: that is nothing to it.
    void (*left)(TgVM *vm, TgResource *resource, TgTask *task);
};

TgResource *tg_resource_new(TgVM *vm, const TgResourceType *type, TgClass *class_);
// A value as a Resource of this type, or NULL where it is none.
TgResource *tg_resource_of(TgValue value, const TgResourceType *type);
// For gc.c and text.c.
void tg_resource_mark(TgVM *vm, TgResource *resource);
void tg_resource_release(TgVM *vm, TgResource *resource);
void tg_resource_text(TgVM *vm, const TgResource *resource, TgBuffer *out);

// What the library keeps in this VM by a name (TG_UNDEF: nothing).
TgValue tg_library_kept(TgVM *vm, const char *name);
void tg_library_keep(TgVM *vm, const char *name, TgValue value);
// The VM's class of that name of the library, made at the first call; every module that needs it gets the same one.
// *is_new: it is to be given its methods.
TgClass *tg_library_class(TgVM *vm, const char *name, TgClass *super, bool *is_new);

#endif
