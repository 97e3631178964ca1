// stdlib/os.c
// The module os: what the system says of this process, its user and the machine. All of it is there at once; nothing here
// waits.
//
// os.env is a plain Map, made when the module is first imported: the process's own environment never changes, so that the
// threads below libuv may read it at any time. Children get the Map as it is then (module process).
//
// Layer: library.
#include <errno.h>
#include <pwd.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/sysinfo.h>
#include <sys/utsname.h>
#include <unistd.h>

#include "stdlib/ioerror.h"
#include "stdlib/lib.h"

enum { PATH_ROOM = 4096, NAME_ROOM = 256 };

// Names of the system may hold any bytes; those that are no UTF-8 become U+FFFD.
static TgString *system_text(TgVM *vm, const char *bytes, size_t length) {
    if (tg_utf8_valid(bytes, length)) return tg_string(vm, bytes, length);
    TgBuffer clean = {0};
    for (size_t at = 0, step; at < length; at += step) {
        for (step = 1; step < 4 && at + step < length && !tg_utf8_valid(bytes + at, step);) step++;
        bool is_good = tg_utf8_valid(bytes + at, step);
        if (!is_good) step = 1;
        tg_buffer_add(&clean, is_good ? bytes + at : "\xEF\xBF\xBD", is_good ? step : 3);
    }
    TgString *text = tg_string(vm, clean.data ? clean.data : "", clean.length);
    tg_buffer_free(&clean);
    return text;
}

static TgResult return_text(TgCall *call, const char *text) {
    return tg_return(call, tg_obj(system_text(call->vm, text, strlen(text))));
}

// ---- this process

static TgResult os_pid(TgCall *call) {
    return tg_return(call, tg_int(TG_ASK(call->vm, PROCESS, getpid())));
}

static TgResult os_ppid(TgCall *call) {
    return tg_return(call, tg_int(TG_ASK(call->vm, PROCESS, getppid())));
}

static TgResult os_cwd(TgCall *call) {
    char path[PATH_ROOM];
    if (!tg_lib_cwd(call->vm, path, sizeof path)) return tg_io_raise(call, errno, NULL, "cannot tell the working directory");
    return return_text(call, path);
}

static TgResult os_chdir(TgCall *call) {
    TgString *path;
    if (!tg_arg_string(call, 0, &path)) return TG_RAISED;
    if (strlen(path->data) != path->length)
        return tg_raise(call, TG_ERR_ValueError, "os.chdir(): the path %s has a NUL in it", tg_lib_show(call->vm, call->args[0]));
    if (TG_ASK(call->vm, FOLDER, chdir(path->data)) == 0) return tg_return(call, TG_NIL);
    return tg_io_raise(call, errno, path->data, "cannot change to the directory %s", tg_lib_show(call->vm, call->args[0]));
}

// Pages in use, the second number of /proc/self/statm.
static int64_t resident_bytes(void) {
    long long all, resident = 0;
    FILE *file = fopen("/proc/self/statm", "r");
    if (!file) return 0;
    if (fscanf(file, "%lld %lld", &all, &resident) != 2) resident = 0;
    fclose(file);
    return resident * sysconf(_SC_PAGESIZE);
}

// What can be had without swapping, or what is free where the system does not say.
static int64_t available_bytes(int64_t free_bytes) {
    char line[128];
    long long kilobytes = -1;
    FILE *file = fopen("/proc/meminfo", "r");
    while (file && kilobytes < 0 && fgets(line, sizeof line, file))
        if (sscanf(line, "MemAvailable: %lld", &kilobytes) != 1) kilobytes = -1;
    if (file) fclose(file);
    return kilobytes < 0 ? free_bytes : kilobytes * 1024;
}

static TgResult os_memory(TgCall *call) {
    struct sysinfo info;
    TgVM *vm = call->vm;
    if (TG_ASK_DATA(vm, MACHINE, sysinfo(&info), &info, sizeof info) != 0) return tg_io_raise(call, errno, NULL, "cannot tell the memory");
    int64_t unit = info.mem_unit ? info.mem_unit : 1;
    long used = TG_ASK(vm, MEMORY, resident_bytes()), available = TG_ASK(vm, MEMORY, available_bytes((int64_t)info.freeram * unit));
    TgMap *map = tg_map(vm);
    tg_map_set(vm, map, tg_obj(tg_string_c(vm, "used")), tg_int(used));
    tg_map_set(vm, map, tg_obj(tg_string_c(vm, "available")), tg_int(available));
    tg_map_set(vm, map, tg_obj(tg_string_c(vm, "total")), tg_int((int64_t)info.totalram * unit));
    return tg_return(call, tg_obj(map));
}

enum { COLLECT_ASKS, COLLECT_DONE };

static TgResult os_collect(TgCall *call) {
    if (call->step == COLLECT_DONE) return tg_return(call, tg_int(TG_ASK(call->vm, MEMORY, tg_gc_used(call->vm))));
    tg_gc_ask(call->vm);
    return tg_lib_breathe(call, COLLECT_DONE);
}

// ---- the machine

static TgResult os_hostname(TgCall *call) {
    char name[NAME_ROOM] = "";
    if (TG_ASK_DATA(call->vm, MACHINE, gethostname(name, sizeof name - 1), name, sizeof name) != 0) return tg_io_raise(call, errno, NULL, "cannot tell the host's name");
    return return_text(call, name);
}

static TgResult os_platform(TgCall *call) {
    struct utsname names;
    if (TG_ASK_DATA(call->vm, MACHINE, uname(&names), &names, sizeof names) != 0) return tg_io_raise(call, errno, NULL, "cannot tell the system's name");
    for (char *at = names.sysname; *at; at++)
        if (*at >= 'A' && *at <= 'Z') *at = (char)(*at + 32);
    return return_text(call, names.sysname);
}

// Those that this process may use, not all that the machine has.
static long count_processors(void) {
    cpu_set_t set;
    return sched_getaffinity(0, sizeof set, &set) == 0 ? CPU_COUNT(&set) : sysconf(_SC_NPROCESSORS_ONLN);
}

static TgResult os_cpu_count(TgCall *call) {
    long count = TG_ASK(call->vm, MACHINE, count_processors());
    return tg_return(call, tg_int(count > 0 ? count : 1));
}

static TgResult os_uptime(TgCall *call) {
    struct sysinfo info;
    if (TG_ASK_DATA(call->vm, MACHINE, sysinfo(&info), &info, sizeof info) != 0) return tg_io_raise(call, errno, NULL, "cannot tell the uptime");
    return tg_return(call, tg_int(info.uptime));
}

// ---- the user

// What her record among the system's users says: her name or her home. Its size with the NUL, or -1.
static long user_record(bool is_name, char *text, size_t size) {
    char room[PATH_ROOM];
    struct passwd record, *found = NULL;
    if (getpwuid_r(geteuid(), &record, room, sizeof room, &found) != 0 || !found) return -1;
    return snprintf(text, size, "%s", is_name ? found->pw_name : found->pw_dir) + 1;
}

static TgResult os_user(TgCall *call) {
    char name[PATH_ROOM];
    bool is_known = TG_ASK_BYTES(call->vm, MACHINE, user_record(true, name, sizeof name), name, sizeof name) > 0;
    if (is_known || tg_lib_env(call->vm, "USER", name, sizeof name)) return return_text(call, name);
    return tg_raise(call, TG_ERR_IOError, "this user, number %u, has no name", (unsigned)TG_ASK(call->vm, MACHINE, geteuid()));
}

static TgResult os_home(TgCall *call) {
    char home[PATH_ROOM];
    if (tg_lib_env(call->vm, "HOME", home, sizeof home)) return return_text(call, home);
    bool is_known = TG_ASK_BYTES(call->vm, MACHINE, user_record(false, home, sizeof home), home, sizeof home) > 0;
    return return_text(call, is_known ? home : "/");
}

static TgResult os_temp_dir(TgCall *call) {
    char path[PATH_ROOM];
    return return_text(call, tg_lib_env(call->vm, "TMPDIR", path, sizeof path) ? path : "/tmp");
}

// ---- the module

// Its variables, one after the other with a NUL behind each.
static void tape_environment(TgVM *vm, TgBuffer *texts) {
    TgTape tape;
    if (tg_world_begins(vm, WORLD_ENVIRONMENT, &tape))
        for (char **at = environ; at && *at; at++) tg_buffer_add(texts, *at, strlen(*at) + 1);
    tg_tape_buffer(&tape, texts);
    tg_world_ends(&tape);
}

static TgMap *environment(TgVM *vm) {
    TgMap *map = tg_map(vm);
    TgBuffer texts = {0};
    tape_environment(vm, &texts);
    for (const char *at = texts.data; at && at < texts.data + texts.length; at += strlen(at) + 1) {
        const char *sign = strchr(at, '=');
        if (!sign) continue;
        TgString *name = system_text(vm, at, (size_t)(sign - at));
        tg_map_set(vm, map, tg_obj(name), tg_obj(system_text(vm, sign + 1, strlen(sign + 1))));
    }
    tg_buffer_free(&texts);
    return map;
}

const TgNativeDef tg_lib_os_members[] = {
    {"pid()", os_pid, "The number of this process."},
    {"ppid()", os_ppid, "The number of the process that started this one."},
    {"cwd()", os_cwd, "The working directory, in which relative paths begin."},
    {"chdir(path)", os_chdir, "Makes a directory the working directory, of all tasks."},
    {"hostname()", os_hostname, "The name of this machine."},
    {"platform()", os_platform, "The name of the operating system, in lower case: \"linux\"."},
    {"cpu_count()", os_cpu_count, "How many processors this process may use."},
    {"memory()", os_memory,
     "A Map of bytes: used by this process, available to new ones, and total of the machine."},
    {"collect()", os_collect,
     "Runs a whole garbage collection now and gives the bytes that values hold after it. It is never needed; it shows what a script keeps."},
    {"uptime()", os_uptime, "Seconds since the machine was started."},
    {"user()", os_user, "The name of the user whose rights this process has."},
    {"home()", os_home, "The user's home directory: $HOME, or what the system's list of users says."},
    {"temp_dir()", os_temp_dir, "The directory for temporary files: $TMPDIR, or /tmp."},
    {0},
};

void tg_lib_os(TgVM *vm, TgModule *module) {
    TgValue args = tg_map_get_string(vm->builtin_keep, tg_string_c(vm, "args"));
    tg_register_members(vm, module, tg_lib_os_members);
    tg_module_set(vm, module, "args", tg_is_undef(args) ? tg_obj(tg_list(vm, 0)) : args);
    tg_module_set(vm, module, "env", tg_obj(environment(vm)));
    tg_module_set(vm, module, "exit", tg_map_get_string(vm->builtin_keep, tg_string_c(vm, "exit")));
}
