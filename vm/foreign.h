// vm/foreign.h
// Names of other languages' libraries, and what tg has in their place; for messages.
// Layer: data.
#ifndef TG_VM_FOREIGN_H
#define TG_VM_FOREIGN_H

// What to write for value.name where value is of this type (or the module of this name): "len(x)";
// NULL where nothing is known.
const char *tg_foreign_member(const char *type, const char *name);
// What was meant by a call with too few arguments, by the signature of a native; NULL where nothing is known.
const char *tg_foreign_missing(const char *signature);
// As tg_foreign_member for `import name`.
const char *tg_foreign_module(const char *name);

#endif
