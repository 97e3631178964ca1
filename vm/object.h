// vm/object.h
// What lives on the heap: the header that all objects share, and the layout of each kind.
//
// Layouts are open to all of vm/ (the loop, the collector and the kinds' own rooms need them); what can
// be done with a kind stands in its room (string.h, list.h, map.h, class.h, error.h …).
// Allocation is in gc.h: a new object is safe until the next boundary, nothing between two boundaries
// collects, so C code needs no rooting. Storing a reference into an object that is older than the
// store needs tg_barrier() (gc.h).
//
// Layer: data.
#ifndef TG_VM_OBJECT_H
#define TG_VM_OBJECT_H

#include "vm/value.h"

typedef enum {
    OBJ_FREE, // a cell of the collector's
    OBJ_STRING,
    OBJ_BIGINT,
    OBJ_BYTES,
    OBJ_ROOM, // the text of Strings that grew by appending; no value of the language
    OBJ_TRACE, // where an exception was raised; neither is this
    OBJ_LIST,
    OBJ_MAP,
    OBJ_RANGE,
    OBJ_CODE,
    OBJ_CELL,
    OBJ_CLOSURE,
    OBJ_NATIVE,
    OBJ_BOUND,
    OBJ_CLASS,
    OBJ_INSTANCE, // exceptions too (flag OBJ_EXCEPTION)
    OBJ_MODULE,
    OBJ_TASK,
    OBJ_SCOPE, // a nursery, timeout or shield
    OBJ_CHANNEL,
    OBJ_LOCK,
    OBJ_SEMAPHORE,
    OBJ_EVENT,
    OBJ_CONDITION,
    OBJ_BARRIER,
    OBJ_RESOURCE, // resource.h
    OBJ_KINDS
} TgKind;

enum { // TgObj.flags, by kind
    OBJ_INTERNED = 1,  // STRING: equal only if the same
    OBJ_ASCII = 2,     // STRING: a code point a byte
    OBJ_EXCEPTION = 4, // INSTANCE, CLASS: of Exception or below
    OBJ_HASHED = 8,    // STRING, BYTES: hash is valid
    OBJ_SHARED = 16,   // STRING: its text lies in a TgRoom, where that of a longer one may go on behind it
    OBJ_JOINED = 32,   // STRING: made by appending, so more may follow
};

struct TgObj {
    uint8_t kind;   // TgKind
    uint8_t mark;   // the collector's
    uint8_t flags;
    uint8_t small;  // the kind's own use
    uint32_t shape; // INSTANCE: its shape's id; MODULE: a number of its own among these; else 0
};

static inline bool tg_is_kind(TgValue v, TgKind kind) {
    TgObj *object;
    return tg_to_obj(v, &object) && object->kind == kind;
}

typedef struct TgString { // immutable UTF-8; a NUL follows, where it is SHARED (short ones never are) perhaps further on only
    TgObj obj;
    char *data;      // `bytes`, or the beginning of a TgRoom
    uint32_t length; // bytes
    uint32_t chars;  // code points
    uint32_t hash;
    char bytes[];    // from here on, not from sizeof: room for four lies in the struct
} TgString;

typedef struct TgRoom { // several Strings may begin in it, each a prefix of the next (string.c)
    TgObj obj;
    uint32_t capacity, used;
    char bytes[];
} TgRoom;

typedef struct TgBytes { // immutable
    TgObj obj;
    uint32_t length, hash;
    const uint8_t *data;    // `bytes`, or somewhere in those of `whole`
    struct TgBytes *whole;  // whose bytes it shares, or NULL
    uint8_t bytes[];
} TgBytes;

typedef struct TgBigInt { // an Int that does not fit in 48 bits, always normalised
    TgObj obj;
    int32_t size;     // limbs, negative for a negative number (as GMP's)
    uint64_t limbs[]; // least first
} TgBigInt;

typedef struct TgList {
    TgObj obj;
    uint32_t count;
    uint32_t capacity; // slots from `items` on
    TgValue *items;    // `head` slots into its allocation, so that pop_first is cheap
    uint32_t head;
} TgList;

typedef struct {
    TgValue key; // TG_UNDEF: was removed
    TgValue value;
    uint32_t hash;
} TgMapEntry;

typedef struct TgMap { // insertion ordered: dense entries and an index of positions
    TgObj obj;
    uint32_t count;    // live entries
    uint32_t used;     // entries in use, removed ones too
    uint32_t capacity; // of entries
    uint32_t index_size; // power of two, 0 while small
    TgMapEntry *entries;
    uint32_t *index;   // see map.c
    int64_t first;     // of a dense one (map.c): the key at position 0
} TgMap;

typedef struct TgRange {
    TgObj obj;
    int64_t start, stop, step; // step is not 0
} TgRange;

typedef struct TgCell { // a variable that outlives its frame or is shared between frames
    TgObj obj;
    TgValue value;
} TgCell;

typedef struct TgCode TgCode; // code.h
typedef struct TgClass TgClass;

// The prefix that a frame's callee slot relies on: closures and natives both have `code` here.
typedef struct TgFunction {
    TgObj obj;
    TgCode *code; // a native's: the stub that re-enters it
} TgFunction;

typedef struct TgClosure {
    TgFunction fn;
    TgClass *home; // the class whose method it is (for super), or NULL
    uint32_t count;
    TgValue captures[]; // values, or Cells where the variable changes
} TgClosure;

typedef struct TgNativeDef TgNativeDef; // api.h

typedef struct TgNative {
    TgFunction fn;
    const TgNativeDef *def;
    TgString *name;
    uint8_t min, max;   // positional parameters, the receiver of a method included
    uint8_t slots;      // parameters in all (rest and named-only ones too): what `args` holds
    bool has_rest;      // args[max] is a List of what is over
    bool is_method;     // args[0] is the receiver
    TgString **names;   // of the `slots` parameters; NULL in the place of the receiver
    TgValue (*quick)(TgVM *vm, const TgValue *args, uint32_t argc); // see api.h; or NULL
} TgNative;

typedef struct TgBound {
    TgObj obj;
    TgValue self;
    TgValue function; // closure or native
} TgBound;

// A hidden class: which field of an instance is in which slot. Shapes form a tree per class.
typedef struct TgShape {
    uint32_t id;
    uint32_t slot_count;
    struct TgClass *class_;
    struct TgShape *parent;
    TgString *name; // the field that this shape adds, in slot slot_count - 1
    struct TgShape *first_child, *next_sibling;
} TgShape;

struct TgClass {
    TgObj obj;
    uint8_t instance_kind;  // kind of the values it makes: OBJ_INSTANCE, or a built-in's
    bool is_builtin;        // a type of the table in language.md, section 2
    TgString *name;
    TgClass *super;
    TgMap *methods;         // own ones; never change once the class statement is over
    TgMap *attributes;      // own ones; may be assigned
    TgCode *code;           // whose `class` statement made it, at `line`; NULL: a built-in one
    uint32_t line;
    TgShape *root;          // shape of an instance without fields
    TgShape *born;          // of exceptions: with the fields that all have; NULL until one was made
    uint32_t slot_hint;     // fields that instances were seen to have
    // Looked up once when the class is made; TG_UNDEF where it has none (inherited ones count).
    TgValue init, str, eq, hash, iter, enter, exit;
};

typedef struct TgInstance {
    TgObj obj; // obj.shape says what the slots are
    TgClass *class_;
    uint32_t capacity;
    TgValue *slots; // behind the struct, or on its own once grown
} TgInstance;

typedef struct TgException { // an INSTANCE with flag OBJ_EXCEPTION; fields message, cause, code, errors are slots
    TgInstance instance;
    struct TgTrace *trace;        // NULL until raised
    struct TgStruckList *struck;  // Interrupt: whom it struck (trace.h); malloc'ed, or NULL
} TgException;

typedef enum { MODULE_NEW, MODULE_LOADING, MODULE_READY } TgModuleState;

typedef struct TgModule {
    TgObj obj;
    TgString *name;
    TgString *path;    // of its file, or NULL
    TgMap *members;    // name -> Cell (TG_UNDEF in it: not yet set)
    uint8_t state;     // TgModuleState
    TgTask *loader;    // LOADING: the task that runs it
    struct TgModule *imported_by; // LOADING: by which module, for showing a circle
} TgModule;

#endif
