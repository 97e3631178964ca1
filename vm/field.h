// vm/field.h
// Names after a dot: fields, methods, members, keys; indexing; and the loops' going over things.
//
// These are the loop's slow paths. They give false where they raised.
// Layer: runtime.
#ifndef TG_VM_FIELD_H
#define TG_VM_FIELD_H

#include "vm/call.h"
#include "vm/error.h"

// value.name. May make a bound method.
bool tg_field_get(TgVM *vm, TgValue value, TgString *name, TgValue *out);
bool tg_field_set(TgVM *vm, TgValue object, TgString *name, TgValue value);
// What receiver.name(…) calls: *callee, and whether it takes the receiver as its first argument.
bool tg_field_method(TgVM *vm, TgValue receiver, TgString *name, TgValue *callee, bool *takes_self);
// As tg_field_method, for an instruction that keeps what it found in three words at `cache`: the receiver's shape or
// kind, then the method, or the Cell of a module's member. tg_field_is_cached says whether that is what the next receiver gets.
bool tg_field_method_at(TgVM *vm, uint32_t *cache, TgValue receiver, TgString *name, TgValue *callee, bool *takes_self);
#define TG_CACHED_KIND (1u << 30) // shapes are fewer than that
static inline bool tg_field_is_cached(const TgObj *receiver, uint32_t cached) {
    return (receiver->shape ? receiver->shape : TG_CACHED_KIND + receiver->kind) == cached;
}
// As tg_field_set for the SETFIELD at `words`, which keeps slot and shape for the next time.
bool tg_field_set_at(TgVM *vm, uint32_t *words, TgValue object, TgString *name, TgValue value);
// A method of a class, inherited or not; TG_UNDEF where it has none. Cached.
TgValue tg_find_method(TgVM *vm, TgClass *class_, TgString *name);
// The method of the superclass of the class whose method `closure` is. False: raised.
bool tg_field_super(TgVM *vm, const TgClosure *closure, TgString *name, TgValue *callee);

// Whether a value can be used in `with`. False: raised.
bool tg_resource_check(TgVM *vm, TgValue resource);

// Raises that a module has no such member. False.
bool tg_field_no_member(TgVM *vm, TgErrorId id, const TgModule *module, const TgString *name);

// Indexing that needs no tg code. INDEX_CALLS: a key with its own hash; the tg half has to do it.
typedef enum { INDEX_DONE, INDEX_RAISED, INDEX_CALLS } TgIndexEnd;
TgIndexEnd tg_index_get(TgVM *vm, TgValue object, TgValue index, TgValue *out);
TgIndexEnd tg_index_set(TgVM *vm, TgValue object, TgValue index, TgValue value);
// Raises that a Map has no such key. False.
bool tg_index_no_key(TgVM *vm, TgMap *map, TgValue key);
bool tg_slice(TgVM *vm, TgValue object, TgValue from, TgValue to, TgValue *out);
// item in container: *out a Bool.
TgIndexEnd tg_contains(TgVM *vm, TgValue item, TgValue container, TgValue *out);

// Loops: state[0] what is gone over, state[1] position, state[2] size.
bool tg_iter_begin(TgVM *vm, TgValue *state);
typedef enum { ITER_ITEM, ITER_END, ITER_RAISED, ITER_CALL } TgIterEnd;
// The next turn: items in state[3] … for `names` (0: whole). CALL: a Function, RECEIVE: a channel (the loop does it).
TgIterEnd tg_iter_next(TgVM *vm, TgValue *state, uint32_t names);
// Takes `count` items of a List apart into out[0] …; `rest`: index of the target that takes the rest, or -1.
bool tg_unpack(TgVM *vm, TgValue value, TgValue *out, uint32_t count, int64_t rest);

// Properties of the runtime's own kinds (t.id, ch.closed …): false where there is none of this name.
bool tg_runtime_property(TgVM *vm, TgValue value, const TgString *name, TgValue *out);

#endif
