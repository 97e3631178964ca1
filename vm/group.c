// vm/group.c
// Exceptions that are on their way together: joined flat, split by class.
// Layer: runtime.
#include "vm/api.h"
#include "vm/trace.h"
#include "vm/unwind.h"

static bool is_of(TgVM *vm, TgValue exception, TgErrorId id) {
    return tg_class_is(tg_class_of(vm, exception), vm->errors[id]);
}

static TgList *members_of(TgVM *vm, TgValue exception) {
    return tg_error_members(vm, (TgException *)tg_as_obj(exception));
}

// An Interrupt that is merged into another hands over whom it struck.
static void merge_interrupts(TgVM *vm, TgException *into, const TgException *from) {
    for (uint32_t i = 0; i < from->struck_count; i++) {
        if (into->struck_count == into->struck_capacity) {
            uint32_t capacity = into->struck_capacity ? into->struck_capacity * 2 : 4;
            into->struck = tg_gc_realloc(vm, into->struck, into->struck_capacity * sizeof(TgStruck),
                                         capacity * sizeof(TgStruck));
            into->struck_capacity = capacity;
        }
        into->struck[into->struck_count++] = from->struck[i];
    }
}

// Appends `exception`, or its members, to `flat`: the same one once, Interrupts merged into one at the front.
static void add_flat(TgVM *vm, TgList *flat, TgValue exception) {
    TgList *members = members_of(vm, exception);
    if (members) {
        for (uint32_t i = 0; i < members->count; i++)
            if (tg_is_exception(members->items[i])) add_flat(vm, flat, members->items[i]);
        return;
    }
    for (uint32_t i = 0; i < flat->count; i++)
        if (flat->items[i] == exception) return;
    if (!is_of(vm, exception, TG_ERR_Interrupt)) {
        tg_list_push(vm, flat, exception);
        return;
    }
    if (flat->count > 0 && is_of(vm, flat->items[0], TG_ERR_Interrupt))
        merge_interrupts(vm, (TgException *)tg_as_obj(flat->items[0]), (TgException *)tg_as_obj(exception));
    else
        tg_list_insert(vm, flat, 0, exception);
}

static TgValue one_or_group(TgVM *vm, TgList *flat, TgString *message) {
    if (flat->count == 0) return TG_NIL;
    if (flat->count == 1) return flat->items[0];
    if (!message) message = tg_string_format(vm, "%u errors", flat->count);
    return tg_obj(tg_error_group(vm, message, flat));
}

TgValue tg_group_join(TgVM *vm, TgValue a, TgValue b) {
    if (tg_is_nil(a) || a == b) return b;
    if (tg_is_nil(b)) return a;
    TgList *flat = tg_list(vm, 2);
    add_flat(vm, flat, a);
    add_flat(vm, flat, b);
    return one_or_group(vm, flat, NULL);
}

TgValue tg_group_of(TgVM *vm, const TgList *errors) {
    if (errors->count == 1) return errors->items[0];
    TgList *flat = tg_list(vm, errors->count);
    for (uint32_t i = 0; i < errors->count; i++) add_flat(vm, flat, errors->items[i]);
    return one_or_group(vm, flat, NULL);
}

bool tg_group_has_interrupt(TgVM *vm, TgValue exception) {
    if (tg_is_kind(exception, OBJ_LIST)) { // what a clause took
        TgList *list = (TgList *)tg_as_obj(exception);
        for (uint32_t i = 0; i < list->count; i++)
            if (tg_group_has_interrupt(vm, list->items[i])) return true;
        return false;
    }
    if (!tg_is_exception(exception)) return false;
    if (is_of(vm, exception, TG_ERR_Interrupt)) return true;
    TgList *members = members_of(vm, exception);
    for (uint32_t i = 0; members && i < members->count; i++)
        if (tg_group_has_interrupt(vm, members->items[i])) return true;
    return false;
}

// ---- Splitting

static bool check_class(TgVM *vm, TgValue class_) {
    if (tg_is_kind(class_, OBJ_CLASS) && (tg_as_obj(class_)->flags & OBJ_EXCEPTION)) return true;
    tg_error_raise(vm, TG_ERR_TypeError, "except needs a class of exceptions, not %s", tg_type_name(vm, class_));
    return false;
}

static bool matches(TgVM *vm, TgValue exception, TgValue classes) {
    if (tg_is_kind(classes, OBJ_LIST)) {
        TgList *list = (TgList *)tg_as_obj(classes);
        for (uint32_t i = 0; i < list->count; i++)
            if (matches(vm, exception, list->items[i])) return true;
        return false;
    }
    return tg_class_is(tg_class_of(vm, exception), (TgClass *)tg_as_obj(classes));
}

static bool names_group(TgVM *vm, TgValue classes) {
    if (tg_is_kind(classes, OBJ_LIST)) {
        TgList *list = (TgList *)tg_as_obj(classes);
        for (uint32_t i = 0; i < list->count; i++)
            if (names_group(vm, list->items[i])) return true;
        return false;
    }
    return tg_class_is((TgClass *)tg_as_obj(classes), vm->errors[TG_ERR_ErrorGroup]);
}

bool tg_group_split(TgVM *vm, TgValue exception, TgValue classes, TgValue *taken, TgValue *rest) {
    *taken = TG_NIL;
    *rest = exception;
    if (tg_is_kind(classes, OBJ_LIST)) {
        TgList *list = (TgList *)tg_as_obj(classes);
        for (uint32_t i = 0; i < list->count; i++)
            if (!check_class(vm, list->items[i])) return false;
    } else if (!check_class(vm, classes)) {
        return false;
    }
    TgList *members = members_of(vm, exception);
    if (!members) {
        if (names_group(vm, classes) && !tg_is_kind(classes, OBJ_LIST)) return true; // a lone error is no group
        if (!matches(vm, exception, classes)) return true;
        *taken = tg_obj(tg_list_of(vm, &exception, 1));
        *rest = TG_NIL;
        return true;
    }
    bool whole = names_group(vm, classes);
    TgList *flat = tg_list(vm, members->count);
    add_flat(vm, flat, exception);
    TgList *mine = tg_list(vm, 0), *others = tg_list(vm, 0);
    for (uint32_t i = 0; i < flat->count; i++) {
        TgValue member = flat->items[i];
        bool takes = matches(vm, member, classes) || (whole && is_of(vm, member, TG_ERR_Error));
        tg_list_push(vm, takes ? mine : others, member);
    }
    if (mine->count == 0) return true;
    TgString *message = tg_error_message(vm, (TgException *)tg_as_obj(exception));
    if (others->count == 0) {
        // All of it: the group itself stays what it is where it is asked for as a group.
        *rest = TG_NIL;
    } else {
        *rest = one_or_group(vm, others, message);
    }
    if (whole) {
        TgValue group = others->count == 0 ? exception : tg_obj(tg_error_group(vm, message, mine));
        mine = tg_list_of(vm, &group, 1);
    }
    *taken = tg_obj(mine);
    return true;
}
