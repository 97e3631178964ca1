// vm/import.h
// Modules: found, compiled, run once.
// Layer: runtime.
#ifndef TG_VM_IMPORT_H
#define TG_VM_IMPORT_H

#include "vm/call.h"

// The instruction IMPORT. CALL_DONE: *result is the module. CALL_FRAME: its file runs. CALL_PARKED: another task runs it: the
// instruction is to run again after that.
TgCallEnd tg_import(TgVM *vm, TgTask *task, TgString *name, bool is_path, uint32_t dest, const uint32_t *at,
                    const uint32_t *back, TgValue *result);
// A standard module whose tg half has not run: gives in args[0] and args[1] what TG_HELPER_IMPORT is to be called with, by
// `task` (NULL: by a run of its own). False: it is there already, or has no such half, or there is none.
bool tg_import_begin(TgVM *vm, const char *name, TgTask *task, TgValue *args);
// A file's run is over (the exit of the tg half's `with` calls it): ready to be used, or forgotten where it failed.
void tg_import_done(TgVM *vm, TgModule *module, bool ok);
// Whole content of a file (malloc'ed, NUL added). NULL: errno says why; a directory gives EISDIR.
char *tg_file_read(const char *path, size_t *length);

#endif
