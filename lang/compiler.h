// lang/compiler.h
// The resolved tree to code. Emits only: what can be wrong with a program was said before, but for limits
// (too many registers …), which are diagnostics too.
//
// Registers: parameters, then locals in order of declaration, temporaries above; results go straight to
// where they are wanted. Functions with more locals than registers keep the later ones in a List of their own.
//
// Layer: front end, top. Uses vm/'s data headers only.
#ifndef TG_LANG_COMPILER_H
#define TG_LANG_COMPILER_H

#include "lang/ast.h"
#include "vm/code.h"

typedef struct {
    TgVM *vm;
    TgModule *module;       // whose members the top-level names are (cells made by tg_module_cell, module.h)
    const char *file;       // as shown in traces
    const TgValue *builtins; // values by BIND_BUILTIN index
    bool is_hidden;         // of the standard library
    TgList *tests;          // takes the tests of the file, each a List of name, line, whether its clock is the real one, Code, and
                            // the Code that gives its cases or nil. NULL: they are left out
    bool is_session;        // REPL: the module function returns the value of a last expression statement, or TG_UNDEF
} TgCompileJob;

// The module's Code: a function without parameters that runs the file. NULL where a diagnostic was added.
// Does not collect. In debug builds the result was verified.
TgCode *tg_compile(const TgCompileJob *job, TgTree *tree, TgDiags *diags);

#endif
