// vm/code.h
// Code: a function's instructions and all that goes with them. Made by the compiler, run by the loop.
//
// Handlers are tables over ranges of program counters (nothing is executed to enter a try). For a
// program counter the table is read from its first row on: inner rows come before outer ones.
// Layer: data.
#ifndef TG_VM_CODE_H
#define TG_VM_CODE_H

#include "vm/object.h"

typedef enum {
    // Takes raised exceptions: they go to R[reg] (a try state, R[reg+1..4] = nil), pc = target.
    HANDLER_TRY,
    // The body of an except clause (from its MATCH on): takes every leaving into the try state at reg, pc = target
    // (the next clause, or ENDTRY). While in it: if R[reg+1] holds an Interrupt, nurseries that fail do not stop the task.
    HANDLER_CLAUSE,
    // The block of a finally or with: every leaving goes to R[reg] (kind), R[reg+1] (value), pc = target.
    HANDLER_CLEANUP,
    // The finally itself, or the call of exit, up to and with ENDFINALLY: shielded. What is raised in it joins R[reg], R[reg+1].
    HANDLER_FINALLY,
    // From the first instruction of ENTER to its end: only waits are boundaries.
    HANDLER_ENTER,
    // The block of a nursery, timeout or shield (R[reg]): every leaving goes to R[reg+1], R[reg+2], pc = target, an ENDSCOPE.
    // The row covers the ENDSCOPE as well: while that runs the scope is still around the task.
    HANDLER_SCOPE,
} TgHandlerKind;

typedef struct {
    uint32_t start, end; // pcs from start up to, not including, end
    uint32_t target;
    uint8_t kind;
    uint8_t reg;
} TgHandler;

typedef struct {
    uint32_t pc;     // from this instruction on
    uint32_t line;
    uint32_t column;
} TgPlace;

// The same as code keeps it: what the line and column of that byte of the text are is worked out when somebody asks.
typedef struct {
    uint32_t pc;
    uint32_t offset;
} TgSpot;

// How a closure gets a capture.
typedef struct {
    uint16_t index;
    bool from_frame; // register of the frame that makes it; else capture of its closure
} TgCapture;

struct TgCode {
    TgObj obj;
    // Read by every call: arity, kind and flags in one comparison with the number of arguments.
    uint32_t call_key;    // number of arguments if exactly this many positional ones suffice, else TG_CALL_SLOW
    uint16_t registers;   // at most 250; a frame has 2 slots below
    uint8_t params;       // all but the rest one; self is one
    uint8_t required;
    uint8_t positional;   // params before *rest
    bool has_rest;        // R[params] is the List of what is over
    bool is_method;       // R[0] is self (not shown in signatures)
    bool is_hidden;       // of the standard library: traces fold it
    uint8_t task_slots;   // stack that tasks which run it were seen to need (task.c)
    uint32_t *words;
    uint32_t word_count;
    TgValue *constants;
    uint32_t constant_count;
    TgHandler *handlers;
    uint32_t handler_count;
    TgSpot *places;
    uint32_t place_count;
    TgCapture *captures;
    uint32_t capture_count;
    TgString *name;       // of the function; "" without one; of a module: its name
    TgString *file;       // as shown: "a.tg"
    TgString **param_names; // params, then the rest one
    TgString *signature;  // "add(a, b = 2)"
    TgModule *module;
    uint32_t line;        // where it begins
    struct TgSourceText *source; // the file's text, shared, for showing lines (owned by the module's code; may be NULL)
};

#define TG_CALL_SLOW 0xFFFFFFFFu
enum { TG_MAX_REGISTERS = 250 };

// What goes on when a block is left (R[…] kind, as small Ints).
typedef enum {
    LEAVE_NONE,    // goes on after the block
    LEAVE_RAISE,   // value: the exception
    LEAVE_RETURN,  // value: what is returned
    LEAVE_JUMP,    // value: the pc, an Int (break, continue)
    LEAVE_CANCEL,  // unwinding to a cancelled scope, or out of the task
} TgLeaveKind;

// A file's text, counted by reference: by the codes made of it, and by the front end while it reads.
typedef struct TgSourceText {
    uint32_t references;
    uint32_t length;
    uint32_t first_line; // number of its first line (the compiler's); 0 is 1
    uint32_t line_count;
    uint32_t *lines;     // offset of each line's first byte
    bool is_ascii;       // all of it: columns are bytes
    char text[];
} TgSourceText;

// One holder less; frees it with the last one.
void tg_text_drop(TgSourceText *source);
// The line, from 0, that holds the byte at `offset` (or the last one).
uint32_t tg_text_line(const TgSourceText *source, uint32_t offset);
// The column of that byte in its line, in code points, from 1.
uint32_t tg_text_column(const TgSourceText *source, uint32_t offset);

// A new Code, all zero but for the header (the compiler fills it; arrays are taken with tg_gc_realloc).
TgCode *tg_code_new(TgVM *vm);
// Line and column of the instruction at `pc`.
TgPlace tg_code_place(const TgCode *code, uint32_t pc);
// The function's name for people: "" without one, and for the top level of a file.
const char *tg_code_function(const TgCode *code);
// For gc.c: greys what it refers to; frees its arrays (and the text, malloc'ed, with the last code that shares it).
void tg_code_mark(TgVM *vm, TgCode *code);
void tg_code_release(TgVM *vm, TgCode *code);

#endif
