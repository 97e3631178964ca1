// stdlib/http.c
// The module http: what its rooms have, in one table, and the server's functions with options. Their other half is http.tg.
// Layer: library.
#include "stdlib/http.h"

#include <stdio.h>
#include <string.h>

#include "stdlib/http_server.h"
#include "stdlib/ioerror.h"
#include "stdlib/lib.h"

// ---- Those of the server: `timeout` is a keyword of the language, so that tg code cannot have it as a parameter's name.

static TgResult http_serve(TgCall *call) {
    enum { PORT, HANDLER, HOST, LIMIT, MAX_HEADER, MOST_BODY, PATIENCE, CERT, KEY, CLIENT_CA, ON_ERROR, COUNT };
    TgValue options[COUNT];
    double seconds;
    if (tg_lib_given(call, PATIENCE) && !tg_arg_seconds(call, PATIENCE, &seconds)) return TG_RAISED;
    for (int i = 0; i < COUNT; i++) options[i] = tg_given(call, i) ? call->args[i] : TG_NIL;
    TgValue list = tg_obj(tg_list_of(call->vm, options, COUNT));
    return tg_call(call, tg_library_kept(call->vm, "http.serve"), &list, 1, 0);
}

// The functions of http.tg that these go on in.
static TgResult http_keep(TgCall *call) {
    char name[32];
    snprintf(name, sizeof name, "http.%s", ((TgString *)tg_as_obj(call->args[0]))->data);
    tg_library_keep(call->vm, name, call->args[1]);
    return tg_return(call, TG_NIL);
}

const TgNativeDef tg_lib_http_serving[] = {
    {"serve(port, handler, host: \"127.0.0.1\", limit: 1000, max_header: 16_384, max_body: 10_485_760, timeout: 30s, cert: nil, key: nil, "
     "client_ca: nil, on_error: nil)",
     http_serve, "Answers requests at a port (or a net.Listener) with what handler(request) gives, until it is cancelled."},
    {0},
};

static const TgNativeDef hidden[] = {{"_keep(name, function)", http_keep, "For natives."}, {0}};

bool tg_http_has_curl(TgVM *vm) {
    bool is_there = TG_ASK(vm, TRANSFER, tg_curl() != NULL);
    if (!is_there) tg_io_error_own(vm, "ENOSYS", NULL, "the client of http needs libcurl, which is not installed here: its package is libcurl4 (ENOSYS)");
    return is_there;
}

void tg_lib_http(TgVM *vm, TgModule *module) {
    static const TgNativeDef *const tables[] = {tg_lib_http_asking, tg_lib_http_serving, tg_lib_http_members, tg_lib_http_text,   tg_lib_http_client,
                                                tg_lib_http_server, tg_lib_http_request, tg_lib_http_answer, hidden};
    for (size_t i = 0; i < sizeof tables / sizeof *tables; i++) tg_register_members(vm, module, tables[i]);
    tg_module_set(vm, module, "Request", tg_obj(tg_http_request_class(vm)));
    tg_module_set(vm, module, "Client", tg_obj(tg_http_client_class(vm)));
    tg_module_set(vm, module, "Body", tg_obj(tg_http_body_class(vm)));
    http_parser_set_max_header_size(1 << 20); // the library's own bound; max_header is below it
}
