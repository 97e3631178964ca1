// vm/foreign.c
// What users of Python, JavaScript, Lua and others look for, by the name that it has there.
// Layer: data.
#include "vm/foreign.h"

#include <stdbool.h>
#include <stddef.h>
#include <string.h>

// `name` may hold several, with blanks between.
static const struct {
    const char *type, *names, *instead;
} members[] = {
    {"List", "append add push_back", "xs.push(x)"},
    {"List", "length size count_of", "len(xs)"},
    {"List", "shift popleft", "xs.pop_first()"},
    {"List", "unshift prepend appendleft", "xs.insert(0, x)"},
    {"List", "indexOf index_of findIndex", "xs.index(x)"},
    {"List", "includes has", "xs.contains(x), or x in xs"},
    {"List", "forEach for_each each", "for x in xs { … }"},
    {"List", "slice sub subList", "xs[a..b]"},
    {"List", "splice remove_range", "xs[..a] + xs[b..]"},
    {"List", "concat addAll", "xs + ys, or xs.extend(ys)"},
    {"List", "removeAt delete", "xs.remove_at(i)"},
    {"List", "fold foldl inject", "xs.reduce(f, start)"},
    {"List", "flatMap", "xs.flat_map(f)"},
    {"List", "flat flatten", "xs.flat_map(fn(x) => x)"},
    {"List", "some any", "any([f(x) for x in xs])"},
    {"List", "every all", "all([f(x) for x in xs])"},
    {"List", "isEmpty is_empty empty", "len(xs) == 0"},
    {"List", "at get", "xs[i]"},
    {"List", "clone", "xs.copy()"},
    {"List", "sorted toSorted", "sorted(xs)"},
    {"List", "keys entries", "enumerate(xs)"},
    {"List", "sum", "sum(xs)"},
    {"List", "max", "max(xs)"},
    {"List", "min", "min(xs)"},
    {"String", "length size", "len(s)"},
    {"String", "toUpperCase uppercase to_upper toUpper upcase", "s.upper()"},
    {"String", "toLowerCase lowercase to_lower toLower downcase", "s.lower()"},
    {"String", "substring substr slice sub", "s[a..b]"},
    {"String", "charAt char_at at", "s[i]"},
    {"String", "charCodeAt codePointAt byte", "ord(s[i])"},
    {"String", "indexOf index index_of", "s.find(t), nil where it is not there"},
    {"String", "includes has", "s.contains(t), or t in s"},
    {"String", "startsWith startswith hasPrefix", "s.starts_with(t)"},
    {"String", "endsWith endswith hasSuffix", "s.ends_with(t)"},
    {"String", "strip", "s.trim()"},
    {"String", "lstrip trimStart trimLeft", "s.trim_start()"},
    {"String", "rstrip trimEnd trimRight", "s.trim_end()"},
    {"String", "format", "\"…{x}\""},
    {"String", "replaceAll gsub", "s.replace(a, b)"},
    {"String", "splitlines", "s.lines()"},
    {"String", "padStart rjust ljust padEnd center zfill", "s.pad_left(n), s.pad_right(n), or \"{s:>10}\""},
    {"String", "concat", "s + t, or \"{s}{t}\""},
    {"String", "isdigit isdecimal isnumeric", "s.is_digit()"},
    {"String", "isalpha", "s.is_alpha()"},
    {"String", "isspace", "s.is_space()"},
    {"String", "toInt to_i parseInt", "s.to_int()"},
    {"String", "reverse reversed", "\"\".join(reversed(s.chars()))"},
    {"Bytes", "length size", "len(b)"},
    {"Bytes", "hex hexlify toHex", "b.to_hex()"},
    {"Bytes", "startswith startsWith", "b.starts_with(part)"},
    {"Bytes", "endswith endsWith", "b.ends_with(part)"},
    {"Bytes", "index indexOf", "b.find(part)"},
    {"Bytes", "toString", "b.decode()"},
    {"Bytes", "fromhex", "Bytes.from_hex(text)"},
    {"String", "push append", "s + t; a String itself never changes"},
    {"String", "capitalize title", "s[..1].upper() + s[1..]"},
    {"Map", "length size", "len(m)"},
    {"Map", "hasOwnProperty containsKey has_key contains contains_key includes", "m.has(key), or key in m"},
    {"Map", "entries iteritems pairs", "m.items()"},
    {"Map", "delete del pop removeKey", "m.remove(key)"},
    {"Map", "put add setdefault", "m[key] = value"},
    {"Map", "getOrDefault get_or", "m.get(key, default)"},
    {"Map", "merge assign", "m.update(other)"},
    {"Map", "forEach each for_each", "for key, value in m { … }"},
    {"Map", "isEmpty is_empty empty", "len(m) == 0"},
    {"Map", "clone", "m.copy()"},
    {"Int", "toString to_s to_string", "str(n)"},
    {"Float", "toString to_s to_string", "str(x)"},
    {"Float", "toFixed", "\"{x:.2f}\""},
    {"Int", "toFixed", "\"{n:.2f}\""},
    {"Int", "times", "for i in 0..n { … }"},
    {"Float", "floor ceil", "math.floor(x), math.ceil(x)"},
    {"Float", "round", "round(x)"},
    {"Int", "abs", "abs(n)"},
    {"Float", "abs", "abs(x)"},
    {"Bool", "toString to_s", "str(x)"},
    {"Function", "call apply", "f(x), or f(*list)"},
    {"Task", "result join get await value", "t.wait()"},
    {"Task", "done is_done isDone finished", "t.state == \"done\""},
    {"Task", "kill stop abort interrupt", "t.cancel()"},
    {"Nursery", "wait join", "nothing: its block waits at its end"},
    {"Nursery", "start_soon create_task add go submit", "n.spawn(f, x)"},
    {"Channel", "put push write", "c.send(x)"},
    {"Channel", "get recv pop read take", "c.receive()"},
    {"Channel", "get_nowait try_recv", "c.try_receive()"},
    {"Lock", "lock enter", "m.acquire(), or with m { … }"},
    {"Lock", "unlock exit", "m.release(), or with m { … }"},
    {"Event", "is_set isSet", "e.is_set, without ( )"},
    {"Condition", "signal", "c.notify()"},
    {"Condition", "broadcast notifyAll", "c.notify_all()"},
    {"Range", "length size", "len(r)"},
    {"Exception", "msg text what args getMessage error", "e.message"},
    {"Exception", "stack stackTrace traceback backtrace", "e.trace"},
    {"Exception", "errno", "e.code, of an IOError"},
    {"math", "pow", "x ** y"},
    {"math", "abs fabs", "abs(x)"},
    {"math", "max", "max(a, b)"},
    {"math", "min", "min(a, b)"},
    {"math", "round", "round(x)"},
    {"math", "random", "import random, and random.random()"},
    {"math", "fmod", "x % y"},
    {"random", "randint randrange", "random.int(a, b)"},
    {"random", "choices", "random.choice(list), or random.sample(list, n)"},
    {"random", "gauss", "random.normal(mean, sd)"},
    {"time", "sleep", "sleep(seconds), which is built in"},
    {"time", "monotonic perf_counter", "now(), which is built in"},
    {"time", "time", "time.now()"},
};

static const struct {
    const char *names, *instead;
} modules[] = {
    {"sys", "the arguments are in args, exit(status) ends the program, and both are built in"},
    {"asyncio trio threading multiprocessing concurrent coroutine", "tasks are part of the language: nursery { spawn f(x) }"},
    {"queue", "channel() is built in"},
    {"datetime calendar", "dates are in time: import time"},
    {"collections itertools functools", "Lists and Maps have methods for it, and enumerate, zip, sorted and reversed are built in"},
    {"string table", "Strings, Lists and Maps have methods: \"a b\".split()"},
    {"typing", "types are not declared"},
    {"contextlib", "with takes any value that has a method exit"},
    {"signal", "Ctrl-C is an exception, except Interrupt { … }, and signals(\"TERM\") is built in"},
    {"traceback", "an exception has e.trace"},
    {"unittest pytest", "a test is written test \"name\" { … } and run by tg test, assert(condition) is built in"},
    {"builtins", "they are there without an import"},
    {"copy", "Lists and Maps have x.copy()"},
    {"operator", "write fn(a, b) => a + b"},
};

// Whether `name` is one of the words.
static bool is_among(const char *words, const char *name) {
    size_t length = strlen(name);
    for (const char *at = words; length && (at = strstr(at, name)); at++) {
        bool begins = at == words || at[-1] == ' ';
        if (begins && (at[length] == ' ' || at[length] == '\0')) return true;
    }
    return false;
}

const char *tg_foreign_member(const char *type, const char *name) {
    for (size_t i = 0; i < sizeof members / sizeof *members; i++) {
        if (strcmp(members[i].type, type) == 0 && is_among(members[i].names, name)) return members[i].instead;
    }
    return NULL;
}

const char *tg_foreign_missing(const char *signature) {
    bool is_range = strncmp(signature, "range(", 6) == 0;
    return is_range ? "the numbers below n are 0..n" : NULL;
}

const char *tg_foreign_module(const char *name) {
    for (size_t i = 0; i < sizeof modules / sizeof *modules; i++) {
        if (is_among(modules[i].names, name)) return modules[i].instead;
    }
    return NULL;
}
