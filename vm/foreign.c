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
    {"net", "createServer create_server server bind", "net.serve(port, handler), or net.listen(port)"},
    {"net", "createConnection create_connection dial open_connection Dial", "net.connect(host, port)"},
    {"net", "getaddrinfo gethostbyname resolve", "net.lookup(host)"},
    {"Socket", "send sendall", "s.write(value)"},
    {"Socket", "recv receive", "s.read(n)"},
    {"Socket", "shutdown end", "s.close_write()"},
    {"Socket", "settimeout setTimeout", "timeout 5s { … } around what waits"},
    {"json", "loads decode", "json.parse(text)"},
    {"json", "dumps encode", "json.stringify(value)"},
    {"os", "getenv environ", "os.env[\"NAME\"], or os.env.get(\"NAME\")"},
    {"os", "putenv setenv set_env", "os.env[\"NAME\"] = value"},
    {"os", "getpid", "os.pid()"},
    {"os", "getppid", "os.ppid()"},
    {"os", "getcwd getwd", "os.cwd()"},
    {"os", "argv", "os.args, or args, which is built in"},
    {"os", "cpus", "os.cpu_count()"},
    {"os", "getlogin whoami", "os.user()"},
    {"os", "homedir", "os.home()"},
    {"os", "tmpdir tempdir", "os.temp_dir()"},
    {"os", "totalmem freemem", "os.memory()"},
    {"os", "path listdir mkdir makedirs remove unlink rename stat walk exists getsize", "fs.list(path) and others: import fs"},
    {"os", "system popen execv spawn kill", "process.run(command) and others: import process"},
    {"re", "findall matchAll match_all scan", "re.find_all(pattern, text)"},
    {"re", "finditer", "re.iter(pattern, text)"},
    {"re", "sub subn gsub", "re.replace(pattern, text, by)"},
    {"re", "fullmatch", "re.full_match(pattern, text)"},
    {"re", "find exec", "re.search(pattern, text)"},
    {"re", "IGNORECASE I MULTILINE M DOTALL S VERBOSE X", "re.compile(pattern, \"imsx\"), with those that are wanted"},
    {"Regex", "findall matchAll match_all scan", "r.find_all(text)"},
    {"Regex", "finditer", "r.iter(text)"},
    {"Regex", "sub subn gsub", "r.replace(text, by)"},
    {"Regex", "fullmatch", "r.full_match(text)"},
    {"Regex", "find exec", "r.search(text)"},
    {"Match", "groupdict", "m.names"},
    {"Match", "index", "m.start"},
    {"log", "warning", "log.warn(message)"},
    {"log", "critical fatal exception", "log.error(message)"},
    {"log", "getLogger basicConfig get_logger configure", "log.setup(level: \"debug\")"},
    {"base64", "b64encode urlsafe_b64encode btoa", "base64.encode(data)"},
    {"base64", "b64decode urlsafe_b64decode atob", "base64.decode(text)"},
    {"hash", "createHash hexdigest", "hash.sha256(data), or hash.new(algorithm)"},
    {"hash", "compare_digest timingSafeEqual", "hash.equal(a, b)"},
    {"Hasher", "hexdigest", "h.hex()"},
    {"uuid", "uuid4 randomUUID random", "uuid.v4()"},
    {"uuid", "uuid7", "uuid.v7()"},
    {"csv", "reader DictReader", "csv.rows(lines), or csv.parse(text)"},
    {"csv", "writer DictWriter write", "csv.stringify(rows)"},
    {"random", "randbytes", "random.bytes(n)"},
    {"random", "token_bytes token_hex urandom", "random.secret(n), .to_hex() for digits"},
    {"time", "strftime", "time.format(seconds, pattern)"},
    {"time", "strptime", "time.parse(text, pattern)"},
    {"time", "gmtime", "time.utc(seconds)"},
    {"time", "localtime", "time.local(seconds)"},
    {"time", "isoformat", "time.iso(seconds)"},
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
    {"socket asyncio socketserver tcp tls ssl dgram", "import net"},
    {"datetime calendar", "dates are in time: import time"},
    {"collections itertools functools", "Lists and Maps have methods for it, and enumerate, zip, sorted and reversed are built in"},
    {"string table", "Strings, Lists and Maps have methods: \"a b\".split()"},
    {"logging loguru winston", "import log"},
    {"hashlib hmac crypto", "import hash"},
    {"regex regexp pcre", "import re"},
    {"secrets", "random.secret(n) gives Bytes that nobody can guess"},
    {"zoneinfo pytz tzdata", "time takes zones by name: import time"},
    {"platform getpass", "import os for this machine and its user"},
    {"typing", "types are not declared"},
    {"contextlib", "with takes any value that has a method exit"},
    {"signal", "Ctrl-C is an exception, except Interrupt { … }, and signals(\"TERM\") is built in"},
    {"traceback", "an exception has e.trace"},
    {"unittest pytest", "a test is written test \"name\" { … } and run by tg test, assert(condition) is built in"},
    {"builtins", "they are there without an import"},
    {"pathlib path shutil glob tempfile", "fs has files, folders and paths: import fs"},
    {"file files", "io.open() opens a file, fs.read() reads one: import io, import fs"},
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
