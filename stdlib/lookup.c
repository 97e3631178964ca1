// stdlib/lookup.c
// Names to addresses: getaddrinfo blocks, so a job calls it. One that nobody waits for any more runs to its end unseen.
// Layer: library.
#include <netdb.h>
#include <stdlib.h>
#include <string.h>

#include "stdlib/address.h"
#include "stdlib/ioerror.h"
#include "stdlib/lib.h"
#include "stdlib/net.h"

typedef struct {
    TgJob job;
    char *host;
    int error;
    TgBuffer found; // TgAddresses
} Lookup;

static const struct addrinfo wanted = {.ai_flags = AI_ADDRCONFIG, .ai_socktype = SOCK_STREAM};

static void lookup_run(TgJob *job) {
    Lookup *l = (Lookup *)job;
    struct addrinfo *found = NULL;
    l->error = getaddrinfo(l->host, NULL, &wanted, &found);
    // A machine without a network has no address but its own: AI_ADDRCONFIG would find nothing at all.
    struct addrinfo any = {.ai_socktype = SOCK_STREAM};
    if (l->error == EAI_ADDRFAMILY || l->error == EAI_NONAME || l->error == EAI_NODATA) l->error = getaddrinfo(l->host, NULL, &any, &found);
    for (struct addrinfo *at = l->error ? NULL : found; at; at = at->ai_next) {
        TgAddress address = {.length = at->ai_addrlen};
        memcpy(&address.storage, at->ai_addr, at->ai_addrlen);
        tg_buffer_add(&l->found, (const char *)&address, sizeof address);
    }
    if (!l->error) freeaddrinfo(found);
}

static void lookup_tape(TgJob *job, TgTape *tape) {
    Lookup *l = (Lookup *)job;
    tg_tape_small(tape, &l->error);
    tg_tape_buffer(tape, &l->found);
}

static const struct {
    int error;
    const char *code, *reason;
} reasons[] = {
    {EAI_NONAME, "EAI_NONAME", "there is no such host"},
    {EAI_NODATA, "EAI_NODATA", "the host has no address"},
    {EAI_AGAIN, "EAI_AGAIN", "no name server answers just now"},
    {EAI_FAIL, "EAI_FAIL", "the name server failed"},
    {EAI_MEMORY, "EAI_MEMORY", "there is no memory"},
};

static void raise_lookup(TgVM *vm, const Lookup *l) {
    const char *code = "EAI_SYSTEM", *reason = gai_strerror(l->error);
    for (size_t i = 0; i < sizeof reasons / sizeof *reasons; i++)
        if (reasons[i].error == l->error) code = reasons[i].code, reason = reasons[i].reason;
    tg_io_error_own(vm, code, NULL, "cannot look up \"%s\": %s (%s)", l->host, reason, code);
}

static bool lookup_finish(TgVM *vm, TgJob *job, TgValue *value) {
    Lookup *l = (Lookup *)job;
    if (l->error) return raise_lookup(vm, l), false;
    TgList *list = tg_list(vm, 2);
    for (size_t at = 0; at + sizeof(TgAddress) <= l->found.length; at += sizeof(TgAddress)) {
        TgAddress address;
        memcpy(&address, l->found.data + at, sizeof address);
        tg_list_push(vm, list, tg_obj(tg_address_host(vm, &address)));
    }
    return *value = tg_obj(list), true;
}

static void lookup_drop(TgJob *job) {
    Lookup *l = (Lookup *)job;
    tg_buffer_free(&l->found);
    free(l->host);
    free(l);
}

static TgResult begin_lookup(TgCall *call, TgString *host) {
    Lookup *l = calloc(1, sizeof *l);
    if (!l || !(l->host = strdup(host->data))) {
        free(l);
        return tg_raise_memory(call);
    }
    l->job.run = lookup_run;
    l->job.finish = lookup_finish;
    l->job.tape = lookup_tape;
    l->job.drop = lookup_drop;
    tg_job_what(&l->job, "looking up", l->host);
    TgWaitFor what = {"looking up", host, NULL};
    return tg_park_on_job(call, &what, &l->job, 0);
}

TgResult tg_net_lookup(TgCall *call) {
    TgString *host;
    TgAddress address;
    if (!tg_arg_string(call, 0, &host)) return TG_RAISED;
    if (!host->length || strlen(host->data) != host->length)
        return tg_raise(call, TG_ERR_ValueError, "%s is no name of a host", tg_lib_show(call->vm, tg_obj(host)));
    if (!tg_address_parse(host->data, 0, &address)) return begin_lookup(call, host);
    TgValue own = tg_obj(tg_address_host(call->vm, &address));
    return tg_return(call, tg_obj(tg_list_of(call->vm, &own, 1)));
}
