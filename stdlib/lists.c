// stdlib/lists.c
// Methods of List that call nothing, and those that look for an equal value (and may have to ask
// `eq`). sort is in sort.c; map, filter and the like are tg (prelude.tg).
//
// What changes a List and has nothing else to give gives the List.
//
// Layer: library.
#include "stdlib/lib.h"

// An index as insert and remove_at take it: negative ones count from the end.
static bool index_argument(TgCall *call, int index, uint32_t count, int64_t *out) {
    if (tg_is_bigint(call->args[index])) { // far outside, whichever side
        bool is_negative = ((TgBigInt *)tg_as_obj(call->args[index]))->size < 0;
        *out = is_negative ? -1 : (int64_t)count + 1;
        return true;
    }
    if (!tg_arg_index(call, index, out)) return false;
    if (*out < 0) *out += count;
    return true;
}

static TgResult list_push(TgCall *call) {
    TgList *list;
    if (!tg_arg_list(call, 0, &list)) return TG_RAISED;
    if (!tg_list_push(call->vm, list, call->args[1])) return tg_raise_memory(call);
    return tg_return(call, call->args[0]);
}

static TgResult list_pop(TgCall *call) {
    TgList *list;
    if (!tg_arg_list(call, 0, &list)) return TG_RAISED;
    if (!list->count) return tg_raise(call, TG_ERR_IndexError, "pop() from an empty List: it has no last item; len(xs) tells");
    return tg_return(call, tg_list_remove_at(list, list->count - 1));
}

static TgResult list_pop_first(TgCall *call) {
    TgList *list;
    if (!tg_arg_list(call, 0, &list)) return TG_RAISED;
    if (!list->count) return tg_raise(call, TG_ERR_IndexError, "pop_first() from an empty List: it has no first item; len(xs) tells");
    return tg_return(call, tg_list_remove_at(list, 0));
}

static TgResult list_insert(TgCall *call) {
    TgList *list;
    int64_t at;
    if (!tg_arg_list(call, 0, &list)) return TG_RAISED;
    if (!index_argument(call, 1, list->count, &at)) return TG_RAISED;
    if (at < 0) at = 0; // cut to what is there, as a slice's bounds are
    if (at > list->count) at = list->count;
    if (!tg_list_insert(call->vm, list, (uint32_t)at, call->args[2])) return tg_raise_memory(call);
    return tg_return(call, call->args[0]);
}

static TgResult list_remove_at(TgCall *call) {
    TgList *list;
    int64_t at;
    if (!tg_arg_list(call, 0, &list)) return TG_RAISED;
    if (!index_argument(call, 1, list->count, &at)) return TG_RAISED;
    if (at < 0 || at >= list->count)
        return tg_raise(call, TG_ERR_IndexError,
                        "remove_at(i): index %s is outside of a List of %u items",
                        tg_lib_show(call->vm, call->args[1]), (unsigned)list->count);
    return tg_return(call, tg_list_remove_at(list, (uint32_t)at));
}

static TgResult list_clear(TgCall *call) {
    TgList *list;
    if (!tg_arg_list(call, 0, &list)) return TG_RAISED;
    tg_list_clear(call->vm, list);
    return tg_return(call, call->args[0]);
}

static TgResult list_extend(TgCall *call) {
    TgList *list;
    if (!tg_arg_list(call, 0, &list)) return TG_RAISED;
    TgResult result = tg_lib_items(call, 1, "extend(items): items", 1);
    if (result != TG_DONE) return result;
    const TgList *items = (TgList *)tg_as_obj(call->args[1]);
    if (!tg_list_extend(call->vm, list, items->items, items->count)) return tg_raise_memory(call);
    return tg_return(call, call->args[0]);
}

static TgResult list_copy(TgCall *call) {
    TgList *list;
    if (!tg_arg_list(call, 0, &list)) return TG_RAISED;
    if (!tg_lib_room(call, sizeof(TgValue) * (size_t)list->count)) return TG_RAISED;
    return tg_return(call, tg_obj(tg_list_of(call->vm, list->items, list->count)));
}

static TgResult list_first(TgCall *call) {
    TgList *list;
    if (!tg_arg_list(call, 0, &list)) return TG_RAISED;
    return tg_return(call, list->count ? list->items[0] : TG_NIL);
}

static TgResult list_last(TgCall *call) {
    TgList *list;
    if (!tg_arg_list(call, 0, &list)) return TG_RAISED;
    return tg_return(call, list->count ? list->items[list->count - 1] : TG_NIL);
}

static TgResult list_reverse(TgCall *call) {
    TgList *list;
    if (!tg_arg_list(call, 0, &list)) return TG_RAISED;
    for (uint32_t i = 0, j = list->count; i + 1 < j; i++) {
        TgValue value = list->items[i];
        tg_list_set(call->vm, list, i, list->items[--j]);
        tg_list_set(call->vm, list, j, value);
    }
    return tg_return(call, call->args[0]);
}

// ---- looking for an equal value
// ------------------------------------------------------------------

// The first item that equals args[1]: TG_DONE, and *at is its index, or -1 where there is none.
// As soon as something has to be asked it goes over a copy, args[3], as others may change the List
// meanwhile; args[2] is the index that is being asked.
static TgResult find_equal(TgCall *call, const TgList *list, int64_t *at) {
    TgVM *vm = call->vm;
    *at = call->step ? tg_as_int(call->args[2]) : -1;
    if (call->step && tg_truthy(call->value)) return TG_DONE;
    if (call->step) list = (TgList *)tg_as_obj(call->args[3]);
    for (int64_t i = *at + 1; i < list->count; i++) {
        TgValue both[] = {call->args[1], list->items[i]};
        TgEqual equal = tg_equal(vm, both[0], both[1]);
        if (equal == TG_EQUAL_NO) continue;
        if (equal == TG_EQUAL_RAISED) return TG_RAISED;
        *at = i;
        if (equal == TG_EQUAL_YES) return TG_DONE;
        call->args[2] = tg_int(i);
        if (!call->step) {
            if (!tg_lib_room(call, sizeof(TgValue) * (size_t)list->count)) return TG_RAISED;
            call->args[3] = tg_obj(tg_list_of(vm, list->items, list->count));
        }
        return tg_call(call, vm->helpers[TG_HELPER_EQUAL], both, 2, 1);
    }
    *at = -1;
    return TG_DONE;
}

static TgResult list_contains(TgCall *call) {
    TgList *list;
    int64_t at;
    if (!tg_arg_list(call, 0, &list)) return TG_RAISED;
    TgResult result = find_equal(call, list, &at);
    return result == TG_DONE ? tg_return(call, tg_bool(at >= 0)) : result;
}

static TgResult list_index(TgCall *call) {
    TgList *list;
    int64_t at;
    if (!tg_arg_list(call, 0, &list)) return TG_RAISED;
    TgResult result = find_equal(call, list, &at);
    if (result != TG_DONE) return result;
    if (at >= 0) return tg_return(call, tg_int(at));
    return tg_raise(call, TG_ERR_ValueError,
                    "index(value): %s is not in the List; contains(value) tells whether it is",
                    tg_lib_show(call->vm, call->args[1]));
}

// Where others moved the item while it was asked, it is looked for by identity.
static TgResult list_remove(TgCall *call) {
    TgList *list;
    int64_t at;
    if (!tg_arg_list(call, 0, &list)) return TG_RAISED;
    TgResult result = find_equal(call, list, &at);
    if (result != TG_DONE) return result;
    if (at >= 0 && call->step) {
        TgValue item = ((TgList *)tg_as_obj(call->args[3]))->items[at];
        if (at >= list->count || list->items[at] != item)
            for (at = 0; at < list->count && list->items[at] != item;) at++;
    }
    if (at < 0 || at >= list->count) return tg_return(call, TG_FALSE);
    tg_list_remove_at(list, (uint32_t)at);
    return tg_return(call, TG_TRUE);
}

// args[2] is where it goes on, args[3] how many it has found.
static TgResult list_count(TgCall *call) {
    TgList *list;
    if (!tg_arg_list(call, 0, &list)) return TG_RAISED;
    TgVM *vm = call->vm;
    int64_t i = 0, found = 0;
    if (call->step) {
        i = tg_as_int(call->args[2]);
        found = tg_as_int(call->args[3]) + tg_truthy(call->value);
    }
    for (; i < list->count; i++) {
        TgValue both[] = {call->args[1], list->items[i]};
        TgEqual equal = tg_equal(vm, both[0], both[1]);
        if (equal == TG_EQUAL_RAISED) return TG_RAISED;
        if (equal == TG_EQUAL_CALLS) {
            call->args[2] = tg_int(i + 1);
            call->args[3] = tg_int(found);
            return tg_call(call, vm->helpers[TG_HELPER_EQUAL], both, 2, 1);
        }
        found += equal == TG_EQUAL_YES;
    }
    return tg_return(call, tg_int(found));
}

// ---- join
// ----------------------------------------------------------------------------------------

// Between two looks for a signal: so many items, or a text so long.
enum { ASK_AFTER = 1024, LONG_TEXT = 64 * 1024 };

TgResult tg_lib_join(TgCall *call, const TgList *list, const TgString *separator) {
    uint64_t length = 0;
    for (uint32_t i = 0; i < list->count; i++) {
        if (!tg_is_kind(list->items[i], OBJ_STRING))
            return tg_raise(call, TG_ERR_TypeError,
                            "join(): item %u is %s, not a String; [str(x) for x in list] makes "
                            "Strings of them",
                            (unsigned)i, TG_SHOW(call->vm, list->items[i]));
        if (i % ASK_AFTER == 0 && tg_gives_up(call->vm)) return TG_RAISED;
        length += ((TgString *)tg_as_obj(list->items[i]))->length;
        if (i && separator) length += separator->length;
    }
    TgString *joined = length < UINT32_MAX ? tg_string_begin(call->vm, (size_t)length) : NULL;
    if (!joined) return tg_raise_memory(call);
    char *at = joined->data;
    for (uint32_t i = 0; i < list->count; i++) {
        const TgString *item = (TgString *)tg_as_obj(list->items[i]);
        if ((i % ASK_AFTER == 0 || item->length > LONG_TEXT) && tg_gives_up(call->vm)) return TG_RAISED;
        if (i && separator) {
            memcpy(at, separator->data, separator->length);
            at += separator->length;
        }
        memcpy(at, item->data, item->length);
        at += item->length;
    }
    return tg_return(call, tg_obj(tg_string_finish(call->vm, joined)));
}

static TgResult list_join(TgCall *call) {
    TgList *list;
    TgString *separator = NULL;
    if (!tg_arg_list(call, 0, &list)) return TG_RAISED;
    if (tg_given(call, 1) && !tg_arg_string(call, 1, &separator)) return TG_RAISED;
    return tg_lib_join(call, list, separator);
}

const TgNativeDef tg_lib_lists[] = {
    {"push(value)", list_push, "Adds a value at the end; gives the List."},
    {"pop()", list_pop, "Takes the last item out and gives it; IndexError where there is none."},
    {"pop_first()", list_pop_first,
     "Takes the first item out and gives it; IndexError where there is none. Quick however long the List is."},
    {"insert(i, value)", list_insert,
     "Puts a value before the item at index i, or at the start or end where i is outside; gives the List."},
    {"remove(value)", list_remove, "Takes the first item out that equals the value; gives whether there was one."},
    {"remove_at(i)", list_remove_at,
     "Takes the item at index i out and gives it; IndexError where there is none."},
    {"clear()", list_clear, "Takes all items out; gives the List."},
    {"extend(items)", list_extend,
     "Adds all items of a List, Map, String, Range and the like at the end; gives the List."},
    {"contains(value)", list_contains, "Whether an item equals the value; the same as `value in list`."},
    {"index(value)", list_index,
     "The index of the first item that equals the value; ValueError where there is none."},
    {"count(value)", list_count, "How many items equal the value."},
    {"reverse()", list_reverse, "Turns the List round in place; gives the List."},
    {"join(separator = \"\")", list_join,
     "One String of the items, which must be Strings, with the separator between them."},
    {"copy()", list_copy, "A new List with the same items."},
    {"first()", list_first, "The first item, or nil where there is none."},
    {"last()", list_last, "The last item, or nil where there is none."},
    {0},
};
