// vm/group.c
// Exceptions that are on their way together: joined flat, split by class.
// Layer: runtime.
#include "vm/api.h"
#include "vm/trace.h"
#include "vm/unwind.h"

enum { MET = 32 }; // in obj.small of an exception, while groups are flattened

static bool is_of(TgVM *vm, TgValue exception, TgErrorId id) {
    return tg_class_is(tg_class_of(vm, exception), vm->errors[id]);
}

// NULL for what is no group; one that a script has emptied is an error like others.
static TgList *members_of(TgVM *vm, TgValue exception) {
    TgList *members = tg_error_members(vm, (TgException *)tg_as_obj(exception));
    return members && members->count > 0 ? members : NULL;
}

// Interrupts are merged into one at the front.
static void add_member(TgVM *vm, TgList *flat, TgValue exception) {
    if (!is_of(vm, exception, TG_ERR_Interrupt))
        tg_list_push(vm, flat, exception);
    else if (flat->count > 0 && is_of(vm, flat->items[0], TG_ERR_Interrupt))
        tg_struck_merge(vm, (TgException *)tg_as_obj(flat->items[0]), (TgException *)tg_as_obj(exception));
    else
        tg_list_insert(vm, flat, 0, exception);
}

// Notes in its header that the exception has been met; false: it was already.
static bool meet(TgVM *vm, TgList *met, TgValue exception) {
    TgObj *object = tg_as_obj(exception);
    if (object->small & MET || !tg_list_push(vm, met, exception)) return false;
    object->small |= MET;
    return true;
}

// The exceptions in `items`, groups replaced by their members, each object once. Without recursion, and of a
// group no more than once: a script may change `errors`, so that groups lie deep in each other or in themselves.
static TgList *flatten(TgVM *vm, const TgValue *items, uint32_t count) {
    TgList *flat = tg_list(vm, count), *met = tg_list(vm, count);
    TgList *open = tg_list(vm, 2); // a List and the next place in it; the innermost last
    tg_list_push(vm, open, tg_obj(tg_list_of(vm, items, count)));
    tg_list_push(vm, open, tg_int(0));
    while (open->count >= 2) {
        TgList *list = (TgList *)tg_as_obj(open->items[open->count - 2]);
        uint32_t at = (uint32_t)tg_as_int(open->items[open->count - 1]);
        if (at == list->count) {
            open->count -= 2;
            continue;
        }
        open->items[open->count - 1] = tg_int(at + 1);
        TgValue exception = list->items[at];
        if (!tg_is_exception(exception) || !meet(vm, met, exception)) continue;
        TgList *members = members_of(vm, exception);
        if (!members)
            add_member(vm, flat, exception);
        else if (tg_list_push(vm, open, tg_obj(members)) && !tg_list_push(vm, open, tg_int(0)))
            open->count--;
    }
    for (uint32_t i = 0; i < met->count; i++) tg_as_obj(met->items[i])->small &= (uint8_t)~MET;
    return flat;
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
    TgValue both[] = {a, b};
    TgList *flat = flatten(vm, both, 2);
    // Groups that a script has emptied: as they are.
    return flat->count > 0 ? one_or_group(vm, flat, NULL) : a;
}

TgValue tg_group_of(TgVM *vm, const TgList *errors) {
    if (errors->count == 1) return errors->items[0];
    TgList *flat = flatten(vm, errors->items, errors->count);
    return flat->count > 0 ? one_or_group(vm, flat, NULL) : errors->items[0];
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
    bool is_nested = false;
    for (uint32_t i = 0; members && i < members->count; i++) {
        TgValue member = members->items[i];
        if (!tg_is_exception(member)) continue;
        if (is_of(vm, member, TG_ERR_Interrupt)) return true;
        is_nested |= members_of(vm, member) != NULL;
    }
    if (!is_nested) return false;
    TgList *flat = flatten(vm, &exception, 1); // an Interrupt is its first
    return flat->count > 0 && is_of(vm, flat->items[0], TG_ERR_Interrupt);
}

// ---- Splitting

static bool check_class(TgVM *vm, TgValue class_) {
    if (tg_is_kind(class_, OBJ_CLASS) && (tg_as_obj(class_)->flags & OBJ_EXCEPTION)) return true;
    tg_error_raise(vm, TG_ERR_TypeError, "except needs a class of exceptions, not %s", TG_SHOW(vm, class_));
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
    TgList *flat = members_of(vm, exception) ? flatten(vm, &exception, 1) : NULL;
    if (!flat || flat->count == 0) {
        if (names_group(vm, classes) && !tg_is_kind(classes, OBJ_LIST)) return true; // a lone error is no group
        if (!matches(vm, exception, classes)) return true;
        *taken = exception;
        *rest = TG_NIL;
        return true;
    }
    bool whole = names_group(vm, classes);
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
