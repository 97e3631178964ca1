// tests/test_data.c
// Values: Strings, Lists, Maps, numbers, their text, equality and order, at their borders.
#include <criterion/criterion.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "lang/source.h"
#include "vm/class.h"
#include "vm/code.h"
#include "vm/error.h"
#include "vm/gc.h"
#include "vm/list.h"
#include "vm/map.h"
#include "vm/number.h"
#include "vm/op.h"
#include "vm/string.h"
#include "vm/text.h"
#include "vm/vm.h"

static TgVM *vm;

static void begin(void) {
    TgOptions options = tg_vm_defaults();
    vm = tg_vm_new(&options);
    cr_assert_not_null(vm);
}

static void end(void) {
    tg_vm_free(vm);
}

TestSuite(data, .init = begin, .fini = end);

static TgValue text(const char *bytes) {
    return tg_obj(tg_string_c(vm, bytes));
}
static TgValue number(const char *digits) {
    TgValue value = tg_int_parse(vm, digits, strlen(digits), 10);
    return tg_is_undef(value) ? tg_float_parse(digits, strlen(digits)) : value;
}

static void is_text(TgValue value, const char *expected) {
    TgBuffer out = {0};
    cr_assert(tg_text(vm, &out, value, true, TG_NIL));
    cr_assert_str_eq(out.data, expected);
    tg_buffer_free(&out);
}

static void is_raised(TgValue value, TgErrorId id) {
    cr_assert(tg_is_undef(value));
    cr_assert(tg_is_exception(vm->raised));
    cr_assert_eq(tg_class_of(vm, vm->raised), vm->errors[id], "it is a %s",
                 tg_type_name(vm, vm->raised));
    vm->raised = TG_UNDEF;
}

// Strings

Test(data, short_strings_are_interned) {
    cr_assert_eq(tg_string_c(vm, "name"), tg_string_c(vm, "name"));
    const char *border = "0123456789012345678901234567890123456789";
    cr_assert_eq(tg_string_c(vm, border), tg_string_c(vm, border));
    TgString *a = tg_string_c(vm, "01234567890123456789012345678901234567890");
    TgString *b = tg_string_c(vm, "01234567890123456789012345678901234567890");
    cr_assert_neq(a, b);
    cr_assert(tg_string_equal(a, b));
    cr_assert_eq(tg_string_hash(a), tg_string_hash(b));
}

Test(data, strings_count_code_points) {
    TgString *string = tg_string_c(vm, "aé日😀z, and more of it: é日😀, so that it is long");
    size_t count = 0;
    for (uint32_t at = 0; at < string->length; count++) {
        int length;
        cr_assert_eq(tg_string_offset(string, count), at);
        tg_utf8_decode(string->data + at, &length);
        at += (uint32_t)length;
    }
    cr_assert_eq(count, string->chars);
    cr_assert_eq(tg_string_offset(string, count), string->length);
    cr_assert_not(string->obj.flags & OBJ_ASCII);
    cr_assert(tg_string_c(vm, "plain")->obj.flags & OBJ_ASCII);
}

Test(data, utf8_is_checked) {
    static const char *const bad[] = {
        "\x80",         "\xC0\x80",         "\xC1\xBF",         "\xE0\x80\x80",
        "\xED\xA0\x80", "\xF0\x80\x80\x80", "\xF4\x90\x80\x80", "\xE2\x82",
        "\xFF"};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        cr_assert_not(tg_utf8_valid(bad[i], strlen(bad[i])));
    }
    static const uint32_t codes[] = {0,      0x7F,   0x80,   0x7FF,   0x800,
                                     0xD7FF, 0xE000, 0xFFFF, 0x10000, 0x10FFFF};
    for (size_t i = 0; i < sizeof codes / sizeof *codes; i++) {
        char bytes[4];
        int length = tg_utf8_encode(codes[i], bytes), read;
        cr_assert(tg_utf8_valid(bytes, (size_t)length));
        cr_assert_eq(tg_utf8_decode(bytes, &read), codes[i]);
        cr_assert_eq(read, length);
    }
}

Test(data, strings_are_ordered_by_code_point) {
    cr_assert_lt(tg_string_compare(tg_string_c(vm, "a"), tg_string_c(vm, "b")), 0);
    cr_assert_lt(tg_string_compare(tg_string_c(vm, "a"), tg_string_c(vm, "aa")), 0);
    cr_assert_lt(tg_string_compare(tg_string_c(vm, "\uFFFD"), tg_string_c(vm, "😀")), 0);
    cr_assert_eq(tg_string_compare(tg_string_c(vm, "x"), tg_string_c(vm, "x")), 0);
}

Test(data, buffers_grow_and_fail_as_a_whole) {
    TgBuffer buffer = {0};
    for (int i = 0; i < 1000; i++) tg_buffer_format(&buffer, "%d,", i);
    cr_assert_eq(strncmp(buffer.data, "0,1,2,3,", 8), 0);
    cr_assert_eq(strlen(buffer.data), buffer.length);
    tg_buffer_fill(&buffer, "ab", 2, SIZE_MAX / 2);
    cr_assert(buffer.failed);
    tg_buffer_text(&buffer, "more");
    cr_assert_null(tg_buffer_string(vm, &buffer));
    is_raised(TG_UNDEF, TG_ERR_MemoryError);
}

// Lists and ranges

Test(data, lists_against_an_array) {
    enum { MOST = 300 };
    TgList *list = tg_list(vm, 0);
    int64_t model[MOST + 1];
    uint32_t count = 0;
    srand(1);
    for (int step = 0; step < 20000; step++) {
        uint32_t at = (uint32_t)rand() % (count + 1);
        if (rand() % 3 == 0) at = rand() % 2 ? 0 : count;
        if (count < MOST && rand() % 100 < (step / 2000 % 2 ? 65 : 40)) {
            memmove(model + at + 1, model + at, (count - at) * sizeof *model);
            model[at] = step;
            count++;
            if (!tg_list_insert(vm, list, at, tg_int(step))) cr_assert_fail("differs");
        } else if (at < count) {
            if (tg_list_remove_at(list, at) != tg_int(model[at])) cr_assert_fail("differs");
            count--;
            memmove(model + at, model + at + 1, (count - at) * sizeof *model);
        }
        if (list->count != count) cr_assert_fail("differs");
        for (uint32_t i = 0; i < count; i++) {
            if (list->items[i] != tg_int(model[i])) cr_assert_fail("differs");
        }
    }
}

Test(data, a_list_as_a_queue_stays_small) {
    TgList *list = tg_list(vm, 0);
    for (int i = 0; i < 100; i++) tg_list_push(vm, list, tg_int(i));
    for (int i = 100; i < 1000000; i++) {
        if (tg_list_remove_at(list, 0) != tg_int(i - 100)) cr_assert_fail("differs");
        tg_list_push(vm, list, tg_int(i));
    }
    cr_assert_leq(list->capacity + list->head, 256);
}

Test(data, a_list_may_extend_itself) {
    TgList *list = tg_list(vm, 0);
    tg_list_push(vm, list, tg_int(1));
    tg_list_push(vm, list, tg_int(2));
    for (int i = 0; i < 3; i++) tg_list_extend(vm, list, list->items, list->count);
    is_text(tg_obj(list), "[1, 2, 1, 2, 1, 2, 1, 2, 1, 2, 1, 2, 1, 2, 1, 2]");
}

Test(data, ranges_have_lengths) {
    cr_assert_eq(tg_range_length(tg_range(vm, 0, 10, 3)), 4);
    cr_assert_eq(tg_range_length(tg_range(vm, 5, 0, -2)), 3);
    cr_assert_eq(tg_range_length(tg_range(vm, 3, 0, 1)), 0);
    cr_assert_eq(tg_range_length(tg_range(vm, INT64_MIN, INT64_MAX, 1)), INT64_MAX);
    cr_assert_eq(tg_range_length(tg_range(vm, INT64_MAX, INT64_MIN, INT64_MIN)), 2);
}

// Maps

static TgValue some_key(int i) {
    char name[64];
    switch (i % 5) {
    case 0: return tg_int(i);
    case 1: return tg_float(i + 0.5);
    case 2: snprintf(name, sizeof name, "k%d", i); return text(name);
    case 3:
        snprintf(name, sizeof name, "a key that is too long to be interned, number %d", i);
        return text(name);
    default: return tg_int_from(vm, INT64_MAX - i);
    }
}

Test(data, maps_against_an_array) {
    enum { KEYS = 200 };
    TgMap *map = tg_map(vm);
    int64_t model[KEYS];
    uint32_t count = 0;
    memset(model, -1, sizeof model);
    srand(2);
    for (int step = 0; step < 100000; step++) {
        int i = rand() % KEYS;
        if (rand() % 100 < (step / 10000 % 2 ? 70 : 30)) {
            count += model[i] < 0;
            model[i] = step;
            if (!tg_map_set(vm, map, some_key(i), tg_int(step))) cr_assert_fail("differs");
        } else {
            TgValue had = tg_map_remove(vm, map, some_key(i));
            if (had != (model[i] < 0 ? TG_UNDEF : tg_int(model[i]))) cr_assert_fail("differs");
            count -= model[i] >= 0;
            model[i] = -1;
        }
        i = rand() % KEYS;
        if (tg_map_get(map, some_key(i)) != (model[i] < 0 ? TG_UNDEF : tg_int(model[i])))
            cr_assert_fail("differs");
        if (map->count != count) cr_assert_fail("differs");
    }
}

Test(data, maps_keep_the_order) {
    TgMap *map = tg_map(vm);
    for (int i = 0; i < 1000; i++) tg_map_set(vm, map, tg_int((i * 7919) % 1000), tg_int(i));
    for (int i = 0; i < 1000; i += 2) tg_map_remove(vm, map, tg_int((i * 7919) % 1000));
    uint32_t position = 0;
    int next = 1;
    for (TgMapEntry *entry; (entry = tg_map_next(map, &position)); next += 2) {
        if (entry->value != tg_int(next)) cr_assert_fail("differs");
    }
    cr_assert_eq(next, 1001);
}

Test(data, equal_numbers_are_one_key) {
    TgMap *map = tg_map(vm);
    tg_map_set(vm, map, tg_float(1.0), text("a"));
    tg_map_set(vm, map, tg_float(0x1p60), text("b"));
    for (int round = 0; round < 2; round++) {
        cr_assert_eq(tg_map_get(map, tg_int(1)), text("a"));
        cr_assert_eq(tg_map_get(map, tg_int_from(vm, (int64_t)1 << 60)), text("b"));
        cr_assert(tg_is_undef(tg_map_get(map, TG_TRUE)));
        for (int i = 10; i < 100; i++) tg_map_set(vm, map, tg_int(i), TG_NIL); // now with an index
    }
    cr_assert_eq(tg_hash(tg_float(-0.0)), tg_hash(tg_int(0)));
}

Test(data, candidates_of_a_hash) {
    TgMap *map = tg_map(vm);
    for (int i = 0; i < 100; i++)
        tg_map_add_with(vm, map, (uint32_t)i % 3, tg_obj(tg_list(vm, 0)), tg_int(i));
    tg_map_remove_at(vm, map, 3);
    int seen = 0;
    TgMapProbe probe = {0};
    for (int64_t at; (at = tg_map_candidate(map, 0, &probe)) >= 0;) {
        cr_assert_eq(at % 3, 0);
        seen++;
    }
    cr_assert_eq(seen, 33);
    cr_assert_eq(tg_map_candidate(map, 7, &(TgMapProbe){0}), -1);
}

// Numbers

Test(data, ints_go_over_the_border_and_back) {
    TgValue border = tg_int(TG_INT_MAX);
    TgValue above = tg_binary(vm, NUM_ADD, border, tg_int(1));
    cr_assert(tg_is_bigint(above));
    cr_assert_eq(tg_binary(vm, NUM_SUB, above, tg_int(1)), border);
    cr_assert_eq(tg_negate(vm, above), tg_int(TG_INT_MIN));
    is_text(tg_negate(vm, tg_int(TG_INT_MIN)), "140737488355328");
    is_text(tg_binary(vm, NUM_IDIV, tg_int(TG_INT_MIN), tg_int(-1)), "140737488355328");
    is_text(tg_binary(vm, NUM_MUL, tg_int(TG_INT_MIN), tg_int(TG_INT_MIN)),
            "19807040628566084398385987584");
    is_text(tg_int_from(vm, INT64_MIN), "-9223372036854775808");
    int64_t back;
    cr_assert(tg_int_to_int64(number("-9223372036854775808"), &back));
    cr_assert_eq(back, INT64_MIN);
    cr_assert_not(tg_int_to_int64(number("9223372036854775808"), &back));
}

Test(data, division_floors) {
    static const char *const rows[][4] = {
        {"7", "-2", "-4", "-1"},
        {"-7", "2", "-4", "1"},
        {"-5", "1000000000000000000000", "-1", "999999999999999999995"},
        {"-7.5", "2", "-4.0", "0.5"},
        {"7.5", "-2", "-4.0", "-0.5"},
        {"-100000000000000000000", "7", "-14285714285714285715", "5"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        TgValue a = number(rows[i][0]), b = number(rows[i][1]);
        is_text(tg_binary(vm, NUM_IDIV, a, b), rows[i][2]);
        is_text(tg_binary(vm, NUM_MOD, a, b), rows[i][3]);
    }
}

Test(data, what_numbers_cannot_do) {
    TgValue huge = tg_binary(vm, NUM_POW, tg_int(10), tg_int(400));
    is_raised(tg_binary(vm, NUM_DIV, tg_int(1), tg_int(0)), TG_ERR_ZeroDivisionError);
    is_raised(tg_binary(vm, NUM_MOD, tg_float(1), tg_float(0)), TG_ERR_ZeroDivisionError);
    is_raised(tg_binary(vm, NUM_POW, tg_int(0), tg_int(-1)), TG_ERR_ZeroDivisionError);
    is_raised(tg_binary(vm, NUM_SHL, tg_int(1), tg_int(-1)), TG_ERR_ValueError);
    is_raised(tg_binary(vm, NUM_POW, tg_int(-2), tg_float(0.5)), TG_ERR_ValueError);
    is_raised(tg_binary(vm, NUM_ADD, huge, tg_float(1)), TG_ERR_ValueError);
    is_raised(tg_binary(vm, NUM_DIV, huge, tg_int(3)), TG_ERR_ValueError);
    is_raised(tg_binary(vm, NUM_ADD, TG_TRUE, tg_int(1)), TG_ERR_TypeError);
    is_raised(tg_binary(vm, NUM_AND, tg_int(1), tg_float(1)), TG_ERR_TypeError);
    is_raised(tg_binary(vm, NUM_ADD, text("a"), tg_int(1)), TG_ERR_TypeError);
    is_text(tg_binary(vm, NUM_DIV, huge, huge), "1.0");
    is_text(tg_binary(vm, NUM_POW, tg_float(10), tg_int(400)), "inf");
    is_text(tg_binary(vm, NUM_POW, tg_int(2), tg_int(-1)), "0.5");
}

Test(data, what_has_no_end_is_refused_at_once, .timeout = 5) {
    TgValue trillion = number("1000000000000"), endless = number("100000000000000000000000");
    is_raised(tg_binary(vm, NUM_POW, tg_int(2), trillion), TG_ERR_MemoryError);
    is_raised(tg_binary(vm, NUM_POW, tg_int(-3), endless), TG_ERR_MemoryError);
    is_raised(tg_binary(vm, NUM_SHL, tg_int(1), endless), TG_ERR_MemoryError);
    is_raised(tg_int_factorial(vm, trillion), TG_ERR_MemoryError);
    is_raised(tg_int_factorial(vm, endless), TG_ERR_MemoryError);
    is_raised(tg_binary(vm, NUM_MUL, text("ab"), trillion), TG_ERR_MemoryError);
    TgList *list = tg_list(vm, 0);
    tg_list_push(vm, list, TG_NIL);
    is_raised(tg_binary(vm, NUM_MUL, tg_obj(list), endless), TG_ERR_MemoryError);
    is_text(tg_binary(vm, NUM_MUL, text(""), endless), "\"\"");
    is_text(tg_binary(vm, NUM_SHL, tg_int(0), endless), "0");
    is_text(tg_binary(vm, NUM_SHR, tg_int(-5), endless), "-1");
    is_text(tg_binary(vm, NUM_POW, tg_int(-1), endless), "1");
    is_raised(tg_format(vm, tg_int(1), tg_string_c(vm, ">99999999999")), TG_ERR_ValueError);
}

Test(data, ints_and_floats_compare_exactly) {
    cr_assert_eq(tg_number_compare(number("9007199254740993"), tg_float(0x1p53)), 1);
    cr_assert_eq(tg_number_compare(tg_float(0x1p53), number("9007199254740993")), -1);
    cr_assert_eq(tg_number_compare(number("9007199254740992"), tg_float(0x1p53)), 0);
    cr_assert_eq(tg_number_compare(number("9007199254740992"), tg_float(HUGE_VAL)), -1);
    cr_assert_eq(tg_number_compare(tg_float(NAN), tg_int(1)), 2);
}

Test(data, floats_read_and_print) {
    static const char *const same[] = {"0.1",
                                       "1.0",
                                       "-0.0",
                                       "1e+16",
                                       "1e-05",
                                       "0.0001",
                                       "123456789012345.6",
                                       "5e-324",
                                       "1.7976931348623157e+308",
                                       "5.684341886080802e-14",
                                       "9007199254740992.0",
                                       "2.2250738585072014e-308",
                                       "inf",
                                       "-inf",
                                       "nan"};
    for (size_t i = 0; i < sizeof same / sizeof *same; i++) {
        is_text(tg_float_parse(same[i], strlen(same[i])), same[i]);
    }
    static const char *const none[] = {"",    ".",    "1_",  "_1",   "1__0", "1e",
                                       "0x1", "1.5f", "--1", "infi", "1 2"};
    for (size_t i = 0; i < sizeof none / sizeof *none; i++) {
        cr_assert(tg_is_undef(tg_float_parse(none[i], strlen(none[i]))), "%s", none[i]);
    }
    is_text(tg_float_parse(" 1_0.5_0e0_1\n", 13), "105.0");
}

Test(data, ints_are_read) {
    cr_assert_eq(tg_int_parse(vm, " -1_000 ", 8, 10), tg_int(-1000));
    cr_assert_eq(tg_int_parse(vm, "0xff", 4, 0), tg_int(255));
    cr_assert_eq(tg_int_parse(vm, "0xff", 4, 16), tg_int(255));
    cr_assert_eq(tg_int_parse(vm, "zz", 2, 36), tg_int(1295));
    static const char *const none[] = {"",    "-",   "1__0", "_1", "1_",
                                       "12a", "1.5", "- 1",  "0x", "0x1"};
    for (size_t i = 0; i < sizeof none / sizeof *none; i++) {
        cr_assert(tg_is_undef(tg_int_parse(vm, none[i], strlen(none[i]), 10)), "%s", none[i]);
    }
}

// Text, format, equality, order

Test(data, values_as_text) {
    TgMap *map = tg_map(vm);
    tg_map_set(vm, map, text("a\"\n"), tg_obj(tg_range(vm, 0, 10, 2)));
    tg_map_set(vm, map, TG_NIL, tg_obj(tg_range(vm, 0, 10, 1)));
    tg_map_set(vm, map, TG_TRUE, tg_obj(map));
    is_text(tg_obj(map), "{\"a\\\"\\n\": range(0, 10, 2), nil: 0..10, true: {...}}");
    TgException *error = tg_error_new(vm, vm->errors[TG_ERR_ValueError], tg_string_c(vm, "bad"));
    is_text(tg_obj(error), "ValueError(\"bad\")");
    is_text(tg_obj(vm->int_class), "<class Int>");
}

Test(data, deep_nesting_raises) {
    TgValue value = TG_NIL, twin = TG_NIL;
    for (int i = 0; i < 1000000; i++) {
        value = tg_obj(tg_list_of(vm, &value, 1));
        twin = tg_obj(tg_list_of(vm, &twin, 1));
    }
    TgBuffer out = {0};
    cr_assert_not(tg_text(vm, &out, value, true, TG_NIL));
    tg_buffer_free(&out);
    is_raised(TG_UNDEF, TG_ERR_StackOverflow);
    cr_assert_eq(tg_equal(vm, value, twin), TG_EQUAL_RAISED);
    is_raised(TG_UNDEF, TG_ERR_StackOverflow);
    cr_assert_eq(tg_order(vm, value, twin), -2);
    is_raised(TG_UNDEF, TG_ERR_StackOverflow);
}

Test(data, formats) {
    static const char *const rows[][3] = {
        {"1234567", "012,", "0,001,234,567"},
        {"42", "*^8", "***42***"},
        {"-42", "+08", "-0000042"},
        {"1234567.0", ".3", "1.23e+06"},
        {"100.0", ".5", "100.0"},
        {"0.256", ".1%", "25.6%"},
        {"2.675", ".2f", "2.67"},
        {"255", "X", "FF"},
        {"inf", "010", "0000000inf"},
        {"0.00001", "012.3e", "0001.000e-05"},
        {"42", "日>4", "日日42"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        TgValue out = tg_format(vm, number(rows[i][0]), tg_string_c(vm, rows[i][1]));
        cr_assert_not(tg_is_undef(out));
        cr_assert_str_eq(((TgString *)tg_as_obj(out))->data, rows[i][2]);
    }
    is_raised(tg_format(vm, tg_float(1), tg_string_c(vm, "d")), TG_ERR_ValueError);
    is_raised(tg_format(vm, text("a"), tg_string_c(vm, "+")), TG_ERR_ValueError);
    is_text(tg_format(vm, text("héllo"), tg_string_c(vm, "_>6.2")), "\"____hé\"");
    is_text(tg_format(vm, TG_NIL, tg_string_c(vm, "5")), "\"nil  \"");
}

Test(data, order) {
    cr_assert_eq(tg_order(vm, tg_int(1), tg_float(1.5)), -1);
    cr_assert_eq(tg_order(vm, text("b"), text("a")), 1);
    TgValue items[] = {tg_int(1), tg_int(2)};
    TgValue shorter = tg_obj(tg_list_of(vm, items, 1)), longer = tg_obj(tg_list_of(vm, items, 2));
    cr_assert_eq(tg_order(vm, shorter, longer), -1);
    cr_assert_eq(tg_order(vm, tg_int(1), text("a")), -2);
    is_raised(TG_UNDEF, TG_ERR_TypeError);
    cr_assert_eq(tg_equal(vm, tg_obj(tg_range(vm, 0, 4, 3)), tg_obj(tg_range(vm, 0, 6, 3))),
                 TG_EQUAL_YES);
}

// Classes

Test(data, fields_and_shapes) {
    TgClass *class_ = tg_class_new(vm, tg_string_c(vm, "P"), NULL);
    TgString *x = tg_string_c(vm, "x"), *y = tg_string_c(vm, "y");
    TgInstance *a = tg_instance_new(vm, class_), *b = tg_instance_new(vm, class_);
    tg_instance_set(vm, a, x, tg_int(1));
    tg_instance_set(vm, a, y, tg_int(2));
    tg_instance_set(vm, b, y, tg_int(3));
    cr_assert_neq(a->obj.shape, b->obj.shape);
    TgInstance *c = tg_instance_new(vm, class_);
    tg_instance_set(vm, c, x, tg_int(4));
    tg_instance_set(vm, c, y, tg_int(5));
    cr_assert_eq(a->obj.shape, c->obj.shape);
    cr_assert_eq(tg_instance_get(vm, a, y), tg_int(2));
    cr_assert(tg_is_undef(tg_instance_get(vm, b, x)));
    for (int i = 0; i < 100; i++) tg_instance_set(vm, b, tg_string_format(vm, "f%d", i), tg_int(i));
    for (int i = 0; i < 100; i++) {
        cr_assert_eq(tg_instance_get(vm, b, tg_string_format(vm, "f%d", i)), tg_int(i));
    }
}

Test(data, errors_have_their_fields) {
    TgException *error = tg_error_new(vm, vm->errors[TG_ERR_IOError], tg_string_c(vm, "m"));
    cr_assert(tg_is_nil(tg_instance_get(vm, &error->instance, vm->name_cause)));
    cr_assert(tg_is_nil(tg_instance_get(vm, &error->instance, vm->name_code)));
    cr_assert_str_eq(tg_error_message(vm, error)->data, "m");
    cr_assert(tg_class_is(vm->errors[TG_ERR_KeyError], vm->errors[TG_ERR_Error]));
    cr_assert_not(tg_class_is(vm->errors[TG_ERR_Interrupt], vm->errors[TG_ERR_Error]));
}

Test(data, the_nearest_name) {
    static const char *const names[] = {"deposit", "owner", "balance", "x", ""};
    cr_assert_str_eq(tg_nearest("balnce", names, 5), "balance");
    cr_assert_str_eq(tg_nearest("Owner", names, 5), "owner");
    cr_assert_str_eq(tg_nearest("dpeosit", names, 5), "deposit");
    cr_assert_null(tg_nearest("withdraw", names, 5));
    cr_assert_null(tg_nearest("y", names, 5));
}

// Code

Test(data, places_of_instructions) {
    TgCode *code = tg_code_new(vm);
    TgSpot rows[] = {{0, 0}, {3, 7}, {10, 11}};
    TgSource source;
    cr_assert(tg_source_init(&source, "a", "ab\ncd\u00e9fg\n\nx", 12));
    code->source = source.shared;
    code->source->references++;
    tg_source_free(&source);
    code->places = tg_gc_realloc(vm, NULL, 0, sizeof rows);
    memcpy(code->places, rows, sizeof rows);
    code->place_count = 3;
    cr_assert_eq(tg_code_place(code, 0).line, 1);
    cr_assert_eq(tg_code_place(code, 9).line, 2);
    cr_assert_eq(tg_code_place(code, 9).column, 4); // in code points
    cr_assert_eq(tg_code_place(code, 99).line, 4);
    cr_assert_eq(tg_op_length(OP_MOVE), 1);
    cr_assert_eq(tg_op_length(OP_INVOKE), 5);
    cr_assert_eq(tg_op_info[OP_ADD].a, 'W');
}
