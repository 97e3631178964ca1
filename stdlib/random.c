// stdlib/random.c
// The module random: xoshiro256** on the VM's own state, seeded by splitmix64, so that a seed gives
// the same numbers on every system. Not for secrets.
//
// Layer: library.
#include <math.h>

#include "stdlib/lib.h"

enum { RANDOM_BYTES_MAX = 1000000 }; // at a time: a millisecond or so, but for secrets

static uint64_t rotate(uint64_t x, int by) {
    return x << by | x >> (64 - by);
}

void tg_random_seed(TgVM *vm, uint64_t seed) {
    for (int i = 0; i < 4; i++) {
        uint64_t z = (seed += 0x9E3779B97F4A7C15ull);
        z = (z ^ z >> 30) * 0xBF58476D1CE4E5B9ull;
        z = (z ^ z >> 27) * 0x94D049BB133111EBull;
        vm->random[i] = z ^ z >> 31;
    }
}

uint64_t tg_random_next(TgVM *vm) {
    uint64_t *s = vm->random;
    uint64_t result = rotate(s[1] * 5, 7) * 9, t = s[1] << 17;
    s[2] ^= s[0];
    s[3] ^= s[1];
    s[1] ^= s[2];
    s[0] ^= s[3];
    s[2] ^= t;
    s[3] = rotate(s[3], 45);
    return result;
}

// Numbers from the incomplete last round of `limit` are thrown away, so that all are equally
// likely.
uint64_t tg_random_below(TgVM *vm, uint64_t limit) {
    uint64_t least = -limit % limit, number;
    do number = tg_random_next(vm);
    while (number < least);
    return number % limit;
}

static double next_float(TgVM *vm) {
    return (double)(tg_random_next(vm) >> 11) * 0x1p-53;
}

// The clocks are the reactor's, so that a run whose time is virtual repeats here too.
static uint64_t seed_of_now(TgVM *vm) {
    double times[] = {tg_wall_time(vm), tg_now(vm)};
    uint64_t bits[2];
    memcpy(bits, times, sizeof bits);
    return tg_random_next(vm) ^ bits[0] ^ rotate(bits[1], 32);
}

static TgResult random_seed(TgCall *call) {
    TgVM *vm = call->vm;
    uint64_t seed = 0;
    if (!tg_lib_given(call, 0)) {
        seed = seed_of_now(vm);
    } else if (tg_is_int(call->args[0])) {
        seed = (uint64_t)tg_as_int(call->args[0]);
    } else if (tg_is_bigint(call->args[0])) {
        const TgBigInt *big = (TgBigInt *)tg_as_obj(call->args[0]);
        int32_t size = big->size < 0 ? -big->size : big->size;
        for (int32_t i = 0; i < size; i++)
            seed = rotate(seed, 29) * 0xD1342543DE82EF95ull ^ big->limbs[i];
    } else {
        return tg_raise(call, TG_ERR_TypeError, "random.seed(): n must be an Int, not %s",
                        TG_SHOW(vm, call->args[0]));
    }
    tg_random_seed(vm, seed);
    return tg_return(call, TG_NIL);
}

static TgResult random_random(TgCall *call) {
    return tg_return(call, tg_float(next_float(call->vm)));
}

// An Int of so many random bits.
static TgValue random_bits(TgVM *vm, int64_t bits) {
    TgValue number = tg_int(0);
    for (; bits > 0 && !tg_is_undef(number); bits -= 47) {
        int64_t taken = bits < 47 ? bits : 47;
        TgValue part = tg_int((int64_t)(tg_random_next(vm) >> (64 - taken)));
        number = tg_binary(vm, NUM_SHL, number, tg_int(taken));
        if (!tg_is_undef(number)) number = tg_binary(vm, NUM_OR, number, part);
    }
    return number;
}

// From 0 to `span`, a big Int: numbers of as many bits until one is not above it.
static TgValue random_big(TgVM *vm, TgValue span) {
    const TgBigInt *big = (TgBigInt *)tg_as_obj(span);
    int64_t bits = (int64_t)big->size * 64 - __builtin_clzll(big->limbs[big->size - 1]);
    for (;;) {
        TgValue number = random_bits(vm, bits);
        if (tg_is_undef(number) || tg_number_compare(number, span) <= 0) return number;
    }
}

static TgResult random_int(TgCall *call) {
    TgVM *vm = call->vm;
    TgValue a = call->args[0], b = call->args[1];
    for (int i = 0; i < 2; i++)
        if (!tg_is_any_int(call->args[i]))
            return tg_raise(call, TG_ERR_TypeError, "random.int(): %s must be an Int, not %s",
                            i ? "b" : "a", TG_SHOW(vm, call->args[i]));
    if (tg_number_compare(a, b) > 0)
        return tg_raise(call, TG_ERR_ValueError,
                        "random.int(): a must not be above b: %s is above %s", tg_lib_show(vm, a),
                        tg_lib_show(vm, b));
    TgValue span = tg_binary(vm, NUM_SUB, b, a);
    if (tg_is_undef(span)) return TG_RAISED;
    TgValue number = tg_is_int(span)
                         ? tg_int((int64_t)tg_random_below(vm, (uint64_t)tg_as_int(span) + 1))
                         : random_big(vm, span);
    if (!tg_is_undef(number)) number = tg_binary(vm, NUM_ADD, a, number);
    return tg_is_undef(number) ? TG_RAISED : tg_return(call, number);
}

static TgResult random_uniform(TgCall *call) {
    double a, b;
    if (!tg_arg_number(call, 0, &a) || !tg_arg_number(call, 1, &b)) return TG_RAISED;
    return tg_return(call, tg_float(a + (b - a) * next_float(call->vm)));
}

// The polar method; its second number is not kept, so that the state is all that decides.
static TgResult random_normal(TgCall *call) {
    double mean = 0, sd = 1, u, v, s;
    if (tg_given(call, 0) && !tg_arg_number(call, 0, &mean)) return TG_RAISED;
    if (tg_given(call, 1) && !tg_arg_number(call, 1, &sd)) return TG_RAISED;
    if (sd < 0)
        return tg_raise(call, TG_ERR_ValueError,
                        "random.normal(): sd must not be negative, it is %s",
                        tg_lib_show(call->vm, call->args[1]));
    do {
        u = 2 * next_float(call->vm) - 1;
        v = 2 * next_float(call->vm) - 1;
        s = u * u + v * v;
    } while (s >= 1 || s == 0);
    return tg_return(call, tg_float(mean + sd * u * sqrt(-2 * log(s) / s)));
}

// ---- of Lists
// ------------------------------------------------------------------------------------

static TgResult random_choice(TgCall *call) {
    TgVM *vm = call->vm;
    if (tg_is_kind(call->args[0], OBJ_RANGE)) {
        const TgRange *range = (TgRange *)tg_as_obj(call->args[0]);
        int64_t length = tg_range_length(range);
        if (!length) return tg_raise(call, TG_ERR_IndexError, "random.choice(): list is empty");
        uint64_t at = tg_random_below(vm, (uint64_t)length);
        uint64_t number = (uint64_t)range->start + at * (uint64_t)range->step;
        return tg_return(call, tg_int_from(vm, (int64_t)number));
    }
    TgResult result = tg_lib_items(call, 0, "random.choice(list): list", 1);
    if (result != TG_DONE) return result;
    const TgList *list = (TgList *)tg_as_obj(call->args[0]);
    if (!list->count) return tg_raise(call, TG_ERR_IndexError, "random.choice(): list is empty");
    return tg_return(call, list->items[tg_random_below(vm, list->count)]);
}

// The first `count` items are then drawn from all.
static void shuffle_first(TgVM *vm, TgList *list, uint32_t count) {
    for (uint32_t i = 0; i < count; i++) {
        uint32_t j = i + (uint32_t)tg_random_below(vm, list->count - i);
        TgValue value = list->items[i];
        tg_list_set(vm, list, i, list->items[j]);
        tg_list_set(vm, list, j, value);
    }
}

static TgResult random_shuffle(TgCall *call) {
    TgList *list;
    if (!tg_arg_list(call, 0, &list)) return TG_RAISED;
    shuffle_first(call->vm, list, list->count);
    return tg_return(call, call->args[0]);
}

static TgResult random_sample(TgCall *call) {
    TgVM *vm = call->vm;
    TgResult result = tg_lib_items(call, 0, "random.sample(list, n): list", 1);
    if (result != TG_DONE) return result;
    const TgList *list = (TgList *)tg_as_obj(call->args[0]);
    int64_t n;
    if (!tg_arg_int(call, 1, &n)) return TG_RAISED;
    if (n < 0 || n > list->count)
        return tg_raise(call, TG_ERR_ValueError,
                        "random.sample(): n must be from 0 to %u, not %lld", (unsigned)list->count,
                        (long long)n);
    if (!tg_lib_room(call, 2 * sizeof(TgValue) * (size_t)list->count)) return TG_RAISED;
    TgList *copy = tg_list_of(vm, list->items, list->count);
    shuffle_first(vm, copy, (uint32_t)n);
    return tg_return(call, tg_obj(tg_list_of(vm, copy->items, (uint32_t)n)));
}

// ---- Bytes

static bool byte_count(TgCall *call, int64_t standard, int64_t *out) {
    *out = standard;
    if (tg_given(call, 0) && !tg_arg_index(call, 0, out)) return false;
    if (*out >= 0 && *out <= RANDOM_BYTES_MAX) return true;
    tg_error_raise(call->vm, TG_ERR_ValueError, "random: n is from 0 to %d bytes, not %lld", RANDOM_BYTES_MAX, (long long)*out);
    return false;
}

static TgResult return_bytes(TgCall *call, int64_t count, uint64_t (*next)(TgVM *vm)) {
    TgBytes *bytes = tg_bytes_begin(call->vm, (size_t)count);
    if (!bytes) return tg_raise_memory(call);
    for (int64_t at = 0; at < count; at += 8) {
        uint64_t bits = next(call->vm);
        memcpy(bytes->bytes + at, &bits, count - at < 8 ? (size_t)(count - at) : 8);
    }
    return tg_return(call, tg_obj(bytes));
}

static TgResult random_bytes(TgCall *call) {
    int64_t count;
    return byte_count(call, 0, &count) ? return_bytes(call, count, tg_random_next) : TG_RAISED;
}

static TgResult random_secret(TgCall *call) {
    int64_t count;
    return byte_count(call, 32, &count) ? return_bytes(call, count, tg_entropy) : TG_RAISED;
}

const TgNativeDef tg_lib_random_members[] = {
    {"seed(n = nil)", random_seed,
     "Starts the numbers anew: the same Int gives the same ones; nil: others each time."},
    {"random()", random_random, "A Float from 0 up to, not including, 1."},
    {"int(a, b)", random_int, "An Int from a to b, both included."},
    {"uniform(a, b)", random_uniform, "A Float between a and b, each as likely as the others."},
    {"choice(list)", random_choice, "One of the items; IndexError where there is none."},
    {"shuffle(list)", random_shuffle,
     "Puts the items of a List in a random order, in place; gives the List."},
    {"sample(list, n)", random_sample,
     "A List of n items from different places, in a random order; ValueError where there are not so many."},
    {"normal(mean = 0, sd = 1)", random_normal,
     "A Float that is distributed normally, with this mean and standard deviation."},
    {"bytes(n)", random_bytes, "Bytes, n of them, that a seed repeats."},
    {"secret(n = 32)", random_secret,
     "Bytes that nobody can guess, from the system, for keys and tokens; no seed repeats them."},
    {0},
};

void tg_lib_random(TgVM *vm, TgModule *module) {
    tg_register_members(vm, module, tg_lib_random_members);
}
