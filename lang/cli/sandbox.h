// lang/cli/sandbox.h
// The outer wall of --sandbox: from here on the system itself refuses this process what a script must not have.
//
// The inner wall is in vm/ and stdlib/ (tg_sandbox_allows): it raises PermissionError before the system is asked. This one holds
// where that has a hole. Linux only (seccomp-bpf); elsewhere the inner wall is all there is, and tg_sandbox_close says so.
//
// Layer: command.
#ifndef TG_CLI_SANDBOX_H
#define TG_CLI_SANDBOX_H

#include <stdbool.h>

// To be called once all that is needed is loaded and open. For good, and for all threads. False: it cannot be had, *why says why.
bool tg_sandbox_close(const char **why);

#endif
