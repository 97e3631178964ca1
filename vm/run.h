// vm/run.h
// Running a program from start to end, and telling how it ended.
// Layer: runtime, top.
#ifndef TG_VM_RUN_H
#define TG_VM_RUN_H

#include <stdio.h>

#include "vm/vm.h"

typedef enum { RUN_OK, RUN_ERROR, RUN_EXIT, RUN_SIGNAL, RUN_LIMIT } TgRunEnd;

typedef struct {
    TgRunEnd end;
    int status;    // EXIT: of exit(n)
    int signal;    // SIGNAL: to die of
    TgValue value; // OK: of the module function
    TgValue error; // an exception nobody took (also beside EXIT and SIGNAL), or TG_UNDEF
} TgOutcome;

// Runs a module's code as the main task until it and all its tasks are over. Flushes the output.
TgOutcome tg_run(TgVM *vm, TgCode *code);
// The same for a function value with arguments.
TgOutcome tg_run_function(TgVM *vm, TgValue function, const TgValue *args, uint32_t count);
// Runs a module of the library on a fresh VM; false where it failed.
bool tg_vm_run_module(TgVM *vm, TgModule *module, TgCode *code);
// Imports a standard module outside of any run, so that all of its members are there.
void tg_run_import(TgVM *vm, const char *name);
// Prints an exception with source lines, traces, causes, members.
void tg_report(TgVM *vm, TgValue error, FILE *out);
// repr of a value, calling user str methods by running a task; malloc'ed.
char *tg_value_text(TgVM *vm, TgValue value);

#endif
