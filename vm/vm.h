// vm/vm.h
// Birth and death of a VM, and what all of its rooms share. There are no globals: everything hangs on
// a TgVM, two of them live in one process without knowing of each other.
//
// Layer: the struct is data (every room reads its part of it); the functions are the top of vm/.
#ifndef TG_VM_VM_H
#define TG_VM_VM_H

#include <stdatomic.h>
#include <stddef.h>

#include "vm/error.h"
#include "vm/limits.h"
#include "vm/object.h"

typedef struct TgReactor TgReactor; // reactor.h
typedef struct TgScope TgScope;     // scope.h
typedef struct TgWorld TgWorld;     // world.h

// Bits of the trap word: why the loop has to look up at its next boundary.
enum {
    TRAP_SIGNAL = 1,  // a signal came (vm->signals says which); set by the signal handler
    TRAP_TASK = 2,    // the running task has to be interrupted or cancelled
    TRAP_GC = 4,      // a collection is due
    TRAP_MEMORY = 8,  // memory ran out or over its limit since the last boundary
    TRAP_POLL = 16,   // the clock is to be looked at: boundaries may be far apart
};

// What the front end and the standard library hand down (vm/ knows neither).
typedef struct {
    // Compiles a text to a module's Code. NULL: *error is the diagnostics as text (malloc'ed).
    TgCode *(*compile)(TgVM *vm, TgModule *module, const char *file, const char *text, size_t length, char **error);
    // The same for a text that goes on in a module: it sees the module's members, may declare them anew, and gives the value of the
    // expression that it ends with (else TG_UNDEF). NULL: the module `code` cannot run any.
    TgCode *(*compile_more)(TgVM *vm, TgModule *module, const char *file, const char *text, size_t length, char **error);
    // Natives of the standard module `name` put into a new module, or NULL where there is no such module. `names`: for "did you mean".
    TgModule *(*module)(TgVM *vm, const char *name);
    // The code of that module's tg half, to be run once, or NULL where it has none; and what is to be done once it has run.
    TgCode *(*module_half)(TgVM *vm, TgModule *module);
    void (*module_done)(TgVM *vm, TgModule *module);
    // The next 64 bits of the seeded generator (vm->random).
    uint64_t (*random)(TgVM *vm);
} TgHooks;

typedef struct {
    uint64_t slice;        // boundaries a task runs at a time
    size_t max_memory;     // bytes; 0 is no limit, as for the next four (limits.h)
    uint64_t max_steps;    // boundaries of a run
    uint64_t max_tasks;    // alive at once
    double max_time;       // seconds of a run
    uint64_t max_output;   // bytes to stdout and stderr
    bool sandbox;          // nothing of the world outside but stdin, stdout and stderr
    uint32_t max_stack;    // slots of a task's stack before StackOverflow
    bool virtual_time;
    uint8_t gc_stress;     // at every boundary: 1 a whole collection, 2 a small slice of one
    bool gc_stats;         // the collector keeps account of its pauses
    bool stepping;         // stops at every boundary, to count them
    uint64_t press[2];     // a press of Ctrl-C at these boundaries (1 is the first; 0: none); with stepping
    uint64_t stop_at;      // vm->stop is called at this one; with stepping
    uint64_t cancel_at;    // the main task is cancelled at this one, as by SIGTERM; with stepping
    bool late_boundary;    // a mutation for tests of the checks: a boundary after each call as well (debug builds)
    uint64_t seed;         // of random; 0: from the system
    uint64_t shuffle;      // which task runs next, and how long, is drawn with this seed; 0: first come, first served
    bool is_terminal;      // stderr is one: notices about slow cleanup
    bool color;            // reports on stderr may have colours
    bool utf8;             // reports may have signs beyond ASCII
    bool full_trace;       // traces show the library's own frames too
    bool observed;         // observers may be there (observe.h): natives have no quick halves
    TgHooks hooks;
    TgWorld *world;        // the run is recorded or replayed through it; NULL: neither
} TgOptions;

enum { TG_BUILTINS_MAX = 256 };

// Functions of the library's tg half that C calls; set by tg_stdlib_register once the prelude has run.
typedef enum {
    TG_HELPER_EQUAL,      // _equal(a, b): `==` where tg_equal said CALLS
    TG_HELPER_EQUAL_ALL,  // _equal_all(plan): its second half (stdlib/equal.c)
    TG_HELPER_IN,         // _in(item, container)
    TG_HELPER_MAP_GET,    // _map_get(map, key): map[key], KeyError
    TG_HELPER_MAP_SET,    // _map_set(map, key, value)
    TG_HELPER_MAP_HAS,    // _map_has(map, key)
    TG_HELPER_MAP_FIND,   // _map_find(map, key): the value, or nil
    TG_HELPER_MAP_REMOVE, // _map_remove(map, key): the value, KeyError
    TG_HELPER_STR,        // _str(value)
    TG_HELPER_REPR,       // _repr(value)
    TG_HELPER_FORMAT,     // _format(value, spec)
    TG_HELPER_LIST,       // _list(iterable): its items as a List
    TG_HELPER_SORT_BY,    // _sort_by(items, by, reverse): sorts that copy, and gives it or another List
    TG_HELPER_KEYS,       // _keys(items, key): what key(x) gives for each
    TG_HELPER_BREATHE,    // _breathe(): a boundary, and the others' turn
    TG_HELPER_IMPORT,     // _import(loading, run): runs a file's function; ready or forgotten after that
    TG_HELPERS
} TgHelper;

struct TgVM {
    // Read at every boundary.
    _Atomic uint32_t trap;
    int64_t budget;          // boundaries left of the slice (in the loop it lives in a local)
    TgTask *current;

    // Data
    struct TgGC *gc;
    struct TgInterns *interns;
    TgShape **shapes;        // by id; 0 is unused
    uint32_t shape_count, shape_capacity;
    TgClass *classes[OBJ_KINDS];  // of built-in types by kind (INSTANCE: NULL)
    TgClass *nil_class, *bool_class, *int_class, *float_class, *function_class;
    TgClass *errors[TG_ERR_COUNT];
    TgValue raised;          // the pending exception while C returns failure; TG_UNDEF: none
    TgString *name_init, *name_str, *name_eq, *name_hash, *name_iter, *name_enter, *name_exit, *name_message, *name_cause,
        *name_code, *name_errors, *name_empty, *name_detail;
    TgString *characters[128]; // the Strings of one ASCII character that were asked for
    void *stack_base;        // where the C stack was when the VM began to run
    size_t stack_room;       // bytes C may use below it

    // Library
    TgValue builtins[TG_BUILTINS_MAX];
    const char *builtin_names[TG_BUILTINS_MAX]; // "" for those that only the library sees
    const char *library_names[TG_BUILTINS_MAX]; // all of them
    uint32_t builtin_count;
    TgMap *builtin_keep;     // keeps the built-ins' names alive
    TgMap *library_keep;     // what its rooms share, by name (resource.h)
    TgMap *modules;          // "math", or a file's real path -> Module
    uint64_t random[4];      // state of the seeded generator
    TgValue helpers[TG_HELPERS];
    char *script_dir;        // imports of the main script are relative to this

    // Methods found lately, by class and name; forgotten at every collection.
    struct {
        TgClass *class_;
        TgString *name;
        TgValue method;
    } method_cache[512];
    // The same by what inline caches go by (field.h), for calls that meet several classes in turn.
    struct {
        uint32_t key;
        TgString *name;
        TgValue method;
    } shape_cache[512];

    // Tasks
    TgValue last_value, last_error; // of the last run: kept for its caller
    TgValue keep[4];         // for the command: what it holds between runs (0 is no value)
    struct TgSched *sched;   // sched.h
    TgReactor *reactor;
    TgWorld *world;          // options.world
    TgOptions options;
    TgLimits limits;

    // Output that print made and that is not yet written
    char *out;
    size_t out_length, out_capacity;
    bool out_is_terminal;
    void (*around_output)(bool before); // at a prompt: makes room above it, and shows it again; or NULL
    int out_error;           // errno of a write that failed; 0: none
    void (*stop)(TgVM *vm);    // of options.stop_at; does not return
    void *stop_data;
    struct TgExplorer *explorer; // of tg check --schedules (explore.h); or NULL
    struct TgMonitor *monitor; // of tg check (monitor.h); or NULL
    struct TgObserver *observer; // who looks on (observe.h), the first of them; or NULL
    bool is_watched;       // there is a monitor or an observer
    bool is_outside;       // what happens now is no task's doing
    struct TgLast *last_things; // of the end of a run (outside.h)
    bool is_ending;        // tg_vm_free: nobody is to be woken any more
    bool is_left;          // tg_vm_leave
    uint32_t resources;    // so many are alive
};

// A VM ready to run, or NULL where the system has no memory. The library is registered by the caller (stdlib/registry.h) before anything runs.
TgVM *tg_vm_new(const TgOptions *options);
void tg_vm_free(TgVM *vm);
// The same for a process that ends right after it: the system takes back memory faster than it could be gone over. (Not in debug builds,
// which look for leaks.)
void tg_vm_leave(TgVM *vm);
TgOptions tg_vm_defaults(void);

// Output: buffered; flushed when the program waits, at the end, ten times a second while busy, by line on a terminal.
void tg_out_write(TgVM *vm, const char *bytes, size_t length);
bool tg_out_try(TgVM *vm);   // writes what can be written without blocking; true: nothing is left
// Whether more is unread than is kept, or anything is, so that whoever prints waits. As it was, in a replay.
bool tg_out_is_full(TgVM *vm);
bool tg_out_is_left(TgVM *vm);
// Writes all; waits for whoever reads, `patience` seconds at most without any progress, and no longer than until a signal comes.
void tg_out_flush(TgVM *vm, double patience);

// Whether the trap word holds one of these bits just now; as it was, in a replay.
bool tg_world_holds(const TgVM *vm, uint32_t bits); // world.h
static inline bool tg_trap_holds(const TgVM *vm, uint32_t bits) {
    if (vm->world) return tg_world_holds(vm, bits);
    return atomic_load_explicit(&vm->trap, memory_order_relaxed) & bits;
}

// Whether a signal waits for its answer. What is long at work (a sort, a power, a join) asks every fraction of a millisecond; where
// it is so it gives up: undoes or drops what it has, and fails with nothing raised (TG_UNDEF, TG_RAISED). The signal is answered
// then, and where the task goes on all the same, what gave up begins anew. So a Ctrl-C is not kept waiting, and nothing in C keeps
// the state of work half done.
static inline bool tg_gives_up(const TgVM *vm) { return tg_trap_holds(vm, TRAP_SIGNAL); }

// Whether anything is to be looked after at the next boundary: what is long at work and can breathe does.
static inline bool tg_is_wanted(const TgVM *vm) { return tg_trap_holds(vm, UINT32_MAX); }

#endif
