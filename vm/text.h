// vm/text.h
// Values as text, compared and formatted, as far as C can without calling tg code.
//
// Where an instance with its own `str` or `eq` is met these functions do not call it (C never calls tg):
// they say so, and the caller goes through the standard library's tg half.
// Layer: data.
#ifndef TG_VM_TEXT_H
#define TG_VM_TEXT_H

#include "vm/object.h"
#include "vm/string.h"

// Appends str(value) (repr: repr(value)) to `out`. `known` is a Map from instance to String for those whose class has
// `str` (TG_NIL: none known); one not in it prints as <Name>. Self-containing Lists and Maps print as [...] and {...}.
// False where it is nested too deep (StackOverflow is raised).
bool tg_text(TgVM *vm, TgBuffer *out, TgValue value, bool repr, TgValue known);
// repr(value) for messages: cut to `most` bytes, and what is behind that is not even looked at. Never raises.
void tg_text_short(TgVM *vm, TgBuffer *out, TgValue value, size_t most);
// Appends a text of others (a message, a name) so that it can't steer a terminal: control characters but tabs, newlines
// too, and what turns the line's direction become escapes.
void tg_text_tame(TgBuffer *out, const char *text, size_t size);
// Appends to `found` every instance in `value` (itself too), in order and once each, whose class has `str`. False: raised.
bool tg_text_find(TgVM *vm, TgValue value, TgList *found);
// A String in quotes with escapes, as repr shows it.
void tg_text_quote(TgBuffer *out, const TgString *string);

// Appends the text of what the runtime owns (TASK, SCOPE, CHANNEL and the sync kinds): "<task name#3>". Handed in by the runtime.
void tg_runtime_text(TgVM *vm, TgBuffer *out, TgValue value);

// Formats a value (not an instance with `str`: give its text) by a spec of language.md, section 1. TG_UNDEF: raised.
TgValue tg_format(TgVM *vm, TgValue value, const TgString *spec);

typedef enum { TG_EQUAL_NO, TG_EQUAL_YES, TG_EQUAL_CALLS, TG_EQUAL_RAISED } TgEqual;
// `==`. CALLS: an instance with eq is involved, ask the tg half. RAISED: nested too deep.
TgEqual tg_equal(TgVM *vm, TgValue a, TgValue b);
// `<` and its like: -1, 0, 1; 2 for unordered (nan); -2 where a TypeError was raised; -3 where two Lists hold instances with eq whose
// equality decides (the caller raises TypeError: instances have no order).
int tg_order(TgVM *vm, TgValue a, TgValue b);
// Name of a value's class, for messages: "Int", "Account".
const char *tg_type_name(TgVM *vm, TgValue value);

// The value itself for messages, where it is short: `Int 3`, `String "abc"`, `List of 2 items`, `nil`, `class A`. Writes it
// to `out`, which has room for TG_SHOWN bytes, and gives that.
enum { TG_SHOWN = 128 };
char *tg_shown(TgVM *vm, TgValue value, char *out);
// The same in a room of its own that lasts as long as the block.
#define TG_SHOW(vm, value) tg_shown(vm, value, (char[TG_SHOWN]){0})

#endif
