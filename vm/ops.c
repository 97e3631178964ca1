// vm/ops.c
// The slow paths of instructions: what is rare, long, or makes objects, out of the loop's way. None of them
// calls tg code.
// Layer: runtime.
#include "vm/ops.h"

#include <string.h>

#include "vm/api.h"
#include "vm/sched.h"

void tg_op_raise_unset(TgVM *vm, const TgCode *code, uint32_t constant, bool is_cell) {
    const char *name = "a variable";
    TgValue k = code->constants[constant];
    if (!is_cell && tg_is_kind(k, OBJ_STRING)) {
        name = ((TgString *)tg_as_obj(k))->data;
    } else if (is_cell && code->module) {
        uint32_t position = 0;
        TgMapEntry *entry;
        while ((entry = tg_map_next(code->module->members, &position)))
            if (entry->value == k) name = ((TgString *)tg_as_obj(entry->key))->data;
    }
    const char *advice = vm->sched->session ? "has no value: what declares it has failed, or did not run; declare it again"
                                            : "is used before its 'let' has run; move that up, or this call down";
    tg_error_raise(vm, TG_ERR_NameError, "'%s' %s", name, advice);
}

// Order of two values; -1 0 1, 2 for unordered, -2 where it raised.
int tg_op_order(TgVM *vm, TgValue a, TgValue b) {
    if (tg_is_number(a) && tg_is_number(b)) return tg_number_compare(a, b);
    int order = tg_order(vm, a, b);
    if (order != -3) return order;
    tg_error_raise(vm, TG_ERR_TypeError, "instances have no order; compare what is in them");
    return -2;
}

// Text of an operand of CONCAT, STR or FORMAT. INDEX_CALLS: an instance with str is in it.
TgIndexEnd tg_op_text(TgVM *vm, TgValue value, TgValue *out) {
    TgBuffer text = {0};
    if (tg_is_obj(value) && !tg_is_kind(value, OBJ_BIGINT)) {
        TgList *found = tg_list(vm, 0);
        if (!tg_text_find(vm, value, found)) return INDEX_RAISED;
        if (found->count > 0) return INDEX_CALLS;
    }
    bool ok = tg_text(vm, &text, value, false, TG_NIL);
    if (ok) *out = tg_obj(tg_string(vm, text.data ? text.data : "", text.length));
    tg_buffer_free(&text);
    return ok ? INDEX_DONE : INDEX_RAISED;
}

// The parts one behind the other in `out`; how long that is, or SIZE_MAX where it is too long or a part is neither
// String nor small Int.
static size_t concat_small(const TgValue *parts, uint32_t count, char *out, size_t room) {
    size_t length = 0;
    for (uint32_t i = 0; i < count; i++) {
        char text[TG_INT_DIGITS];
        const char *from = text;
        size_t size = 0;
        if (tg_is_int(parts[i])) {
            from = tg_int_digits(text, tg_as_int(parts[i]), 10);
            size = (size_t)(text + sizeof text - from);
        } else if (tg_is_kind(parts[i], OBJ_STRING)) {
            from = ((TgString *)tg_as_obj(parts[i]))->data;
            size = ((TgString *)tg_as_obj(parts[i]))->length;
        } else {
            return SIZE_MAX;
        }
        if (size > room - length) return SIZE_MAX;
        memcpy(out + length, from, size);
        length += size;
    }
    return length;
}

static bool concat_large(TgVM *vm, const TgValue *parts, uint32_t count, TgBuffer *text) {
    for (uint32_t i = 0; i < count; i++) {
        if (!tg_is_kind(parts[i], OBJ_STRING)) {
            if (!tg_text(vm, text, parts[i], false, TG_NIL)) return false;
            continue;
        }
        TgString *part = (TgString *)tg_as_obj(parts[i]);
        if (text->length + part->length > 1u << 20 && !tg_gc_can_take(vm, text->length + part->length)) {
            tg_error_memory(vm);
            return false;
        }
        tg_buffer_add(text, part->data, part->length);
    }
    if (text->length <= UINT32_MAX / 2) return true;
    tg_error_memory(vm);
    return false;
}

bool tg_op_concat(TgVM *vm, const TgValue *parts, uint32_t count, TgValue *out) {
    char small[512];
    size_t length = concat_small(parts, count, small, sizeof small);
    if (length != SIZE_MAX) {
        *out = tg_obj(tg_string(vm, small, length));
        return true;
    }
    TgBuffer text = {0};
    bool ok = concat_large(vm, parts, count, &text);
    if (ok) *out = tg_obj(tg_string(vm, text.data ? text.data : "", text.length));
    tg_buffer_free(&text);
    return ok;
}

void tg_op_closure(TgVM *vm, const TgValue *base, TgCode *code, TgValue *out) {
    TgClosure *self = (TgClosure *)tg_frame_function(base);
    TgClosure *closure = tg_closure_new(vm, code, code->capture_count);
    for (uint32_t i = 0; i < code->capture_count; i++) {
        TgCapture from = code->captures[i];
        closure->captures[i] = from.from_frame ? base[from.index] : self->captures[from.index];
    }
    closure->home = self->fn.obj.kind == OBJ_CLOSURE ? self->home : NULL;
    *out = tg_obj(closure);
}

bool tg_op_class(TgVM *vm, TgCode *code, const uint32_t *at, TgValue super, TgValue *out) {
    TgString *name = (TgString *)tg_as_obj(code->constants[at[1]]);
    TgClass *above = NULL;
    if (!tg_is_undef(super)) {
        above = tg_is_kind(super, OBJ_CLASS) ? (TgClass *)tg_as_obj(super) : NULL;
        if (!above) {
            tg_error_raise(vm, TG_ERR_TypeError, "the superclass of %s is no class but %s", name->data,
                           TG_SHOW(vm, super));
            return false;
        }
        if (above->is_builtin && !(above->obj.flags & OBJ_EXCEPTION)) {
            tg_error_raise(vm, TG_ERR_TypeError, "class %s can't be below the built-in type %s", name->data,
                           above->name->data);
            return false;
        }
    }
    TgClass *class_ = tg_class_new(vm, name, above);
    class_->code = code;
    class_->line = tg_code_place(code, (uint32_t)(at - code->words)).line;
    *out = tg_obj(class_);
    return true;
}

bool tg_op_range(TgVM *vm, TgValue from, TgValue to, TgValue *out) {
    int64_t start, stop;
    if (!tg_is_any_int(from) || !tg_is_any_int(to)) {
        TgValue wrong = tg_is_any_int(from) ? to : from;
        tg_error_raise(vm, TG_ERR_TypeError, "the bounds of a Range are Ints, not %s%s", TG_SHOW(vm, wrong),
                       tg_is_kind(wrong, OBJ_STRING) ? "; Strings are joined with +, or \"{a}{b}\""
                       : tg_is_float(wrong)          ? "; int(x) makes one"
                                                     : "");
        return false;
    }
    if (!tg_int_to_int64(from, &start) || !tg_int_to_int64(to, &stop)) {
        tg_error_raise(vm, TG_ERR_ValueError, "the bounds of a Range have to fit into 64 bits");
        return false;
    }
    *out = tg_obj(tg_range(vm, start, stop, 1));
    return true;
}

bool tg_op_extend(TgVM *vm, TgList *list, TgValue more) {
    if (tg_is_kind(more, OBJ_LIST)) {
        TgList *from = (TgList *)tg_as_obj(more);
        if (tg_list_extend(vm, list, from->items, from->count)) return true;
        tg_error_memory(vm);
        return false;
    }
    if (tg_is_kind(more, OBJ_RANGE)) {
        TgRange *range = (TgRange *)tg_as_obj(more);
        int64_t length = tg_range_length(range);
        size_t bytes = length > UINT32_MAX ? SIZE_MAX : (size_t)length * sizeof(TgValue);
        if (!tg_gc_can_take(vm, bytes)) return tg_error_memory(vm), false;
        for (int64_t i = 0; i < length; i++)
            if (!tg_list_push(vm, list, tg_int_from(vm, tg_range_at(range, i)))) return tg_error_memory(vm), false;
        return true;
    }
    tg_error_raise(vm, TG_ERR_TypeError, "only a List or Range can be spread with '*', not %s", TG_SHOW(vm, more));
    return false;
}

// What `raise` raises: an instance, or a class that makes one without arguments (true: *made is to be called).
bool tg_op_check_raise(TgVM *vm, TgValue value, bool *is_class) {
    *is_class = tg_is_kind(value, OBJ_CLASS) && (tg_as_obj(value)->flags & OBJ_EXCEPTION);
    if (*is_class || tg_is_exception(value)) return true;
    char what[TG_SHOWN];
    tg_shown(vm, value, what);
    const char *text = tg_is_kind(value, OBJ_STRING) ? what + strlen("String ") : "\"…\"";
    tg_error_raise(vm, TG_ERR_TypeError, "only exceptions can be raised, not %s; write raise ValueError(%s)", what, text);
    return false;
}

void tg_op_is_refused(TgVM *vm, TgValue class_) {
    tg_error_raise(vm, TG_ERR_TypeError, "'is' asks for a class on its right, not %s%s", TG_SHOW(vm, class_),
                   tg_is_nil(class_)                 ? "; write x == nil"
                   : tg_is_kind(class_, OBJ_STRING) ? "; write the class itself: x is Int"
                                                    : "; values are compared with ==");
}
