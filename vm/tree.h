// vm/tree.h
// The live tasks, for people: one line about a task, and the picture of all of them, nurseries as branches.
//
// Equal tasks (of one nursery, one name, at one place, in one wait) are folded, what is too broad or too deep is
// counted: a million tasks are a page of text. Nothing here is kept while tasks run: all is read off them.
//
// Layer: runtime.
#ifndef TG_VM_TREE_H
#define TG_VM_TREE_H

#include "vm/scope.h"
#include "vm/string.h"

// What kind of wait in words: "sleep", "channel.receive()" …; NULL for none.
const char *tg_wait_kind_name(uint8_t kind);
// Appends "worker#2 waiting in lock.acquire() at a.tg:4 in worker, for 2.3 s; held by main#1": what it does, and
// tg_tree_notes.
void tg_tree_doing(TgVM *vm, const TgTask *task, TgBuffer *out);
// The same and tg_tree_stops.
void tg_tree_describe(TgVM *vm, const TgTask *task, TgBuffer *out);
// Appends what it waits for alone, "waiting for worker#3"; its state where it is not blocked.
void tg_tree_state(const TgTask *task, TgBuffer *out);
// Appends what else there is to say about it, each part behind "; ": who holds the lock, deadlines, whether it is
// shielded or cleans up.
void tg_tree_notes(TgVM *vm, const TgTask *task, TgBuffer *out);
// The same of what is to stop it: cancelled (by what), interrupted.
void tg_tree_stops(TgVM *vm, const TgTask *task, TgBuffer *out);
// Seconds left of the innermost deadline around a task's own code; false: there is none.
bool tg_tree_deadline(TgVM *vm, const TgTask *task, double *left);
bool tg_tree_shielded(const TgTask *task);
// Where an open scope (not a root) was opened, in the user's own code; `*library`: the function of the library that did
// it from there, or NULL. NULL: no such place.
TgCode *tg_tree_scope_spot(const TgScope *scope, uint32_t *at, const TgCode **library);
// Appends "nursery n", "nursery of gather()", "timeout 2s", "shield": what kind of block an open scope is.
void tg_tree_scope_name(const TgScope *scope, TgBuffer *out);

// The picture, lines with their ends; `utf8`: lines and signs beyond ASCII. Gives the number of tasks.
uint32_t tg_tree_picture(TgVM *vm, bool utf8, TgBuffer *out);

#endif
