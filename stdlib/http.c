// stdlib/http.c
// The module http: what its rooms have, in one table, and the functions with options. Their other half is http.tg.
// Layer: library.
#include "stdlib/http.h"

#include <stdio.h>
#include <string.h>

#include "stdlib/http_server.h"
#include "stdlib/lib.h"

// ---- The functions with options: `timeout` is a keyword of the language, so that tg code cannot have it as a parameter's name.

// In this order http.tg gets those of the client …
typedef enum { METHOD, URL, PARAMS, HEADERS, BODY, JSON, FORM, SECONDS, REDIRECTS, VERIFY, CA, MAX_BODY, OPTIONS } Option;

static bool check_seconds(TgCall *call, int index) {
    double seconds;
    return !tg_lib_given(call, index) || tg_arg_seconds(call, index, &seconds);
}

static TgResult hand_on(TgCall *call, const char *function, const TgValue *options, uint32_t count) {
    TgValue list = tg_obj(tg_list_of(call->vm, options, count));
    return tg_call(call, tg_library_kept(call->vm, function), &list, 1, 0);
}

// `order` says which option each parameter is, OPTIONS at its end. method: where it is no parameter.
static TgResult ask(TgCall *call, const char *function, const char *method, const uint8_t *order) {
    TgValue options[OPTIONS];
    for (int i = 0; i < OPTIONS; i++) options[i] = TG_NIL;
    if (method) options[METHOD] = tg_obj(tg_string_c(call->vm, method));
    for (int i = 0; order[i] != OPTIONS; i++) {
        if (order[i] == SECONDS && !check_seconds(call, i)) return TG_RAISED;
        if (tg_given(call, i)) options[order[i]] = call->args[i];
    }
    return hand_on(call, function, options, OPTIONS);
}

static const uint8_t plain[] = {URL, PARAMS, HEADERS, SECONDS, REDIRECTS, VERIFY, CA, MAX_BODY, OPTIONS};
static const uint8_t sending[] = {URL, BODY, JSON, FORM, PARAMS, HEADERS, SECONDS, REDIRECTS, VERIFY, CA, MAX_BODY, OPTIONS};
static const uint8_t any[] = {METHOD, URL, BODY, JSON, FORM, PARAMS, HEADERS, SECONDS, REDIRECTS, VERIFY, CA, MAX_BODY, OPTIONS};
static const uint8_t streaming[] = {URL, METHOD, BODY, JSON, FORM, PARAMS, HEADERS, SECONDS, REDIRECTS, VERIFY, CA, OPTIONS};

static TgResult http_get(TgCall *call) { return ask(call, "http.request", "GET", plain); }
static TgResult http_head_of(TgCall *call) { return ask(call, "http.request", "HEAD", plain); }
static TgResult http_delete(TgCall *call) { return ask(call, "http.request", "DELETE", sending); }
static TgResult http_post(TgCall *call) { return ask(call, "http.request", "POST", sending); }
static TgResult http_put(TgCall *call) { return ask(call, "http.request", "PUT", sending); }
static TgResult http_patch(TgCall *call) { return ask(call, "http.request", "PATCH", sending); }
static TgResult http_request(TgCall *call) { return ask(call, "http.request", NULL, any); }
static TgResult http_stream(TgCall *call) { return ask(call, "http.stream", NULL, streaming); }

// … and those of the server.
static TgResult http_serve(TgCall *call) {
    enum { PORT, HANDLER, HOST, LIMIT, MAX_HEADER, MOST_BODY, PATIENCE, CERT, KEY, ON_ERROR, COUNT };
    TgValue options[COUNT];
    if (!check_seconds(call, PATIENCE)) return TG_RAISED;
    for (int i = 0; i < COUNT; i++) options[i] = tg_given(call, i) ? call->args[i] : TG_NIL;
    return hand_on(call, "http.serve", options, COUNT);
}

// The functions of http.tg that these go on in.
static TgResult http_keep(TgCall *call) {
    char name[32];
    snprintf(name, sizeof name, "http.%s", ((TgString *)tg_as_obj(call->args[0]))->data);
    tg_library_keep(call->vm, name, call->args[1]);
    return tg_return(call, TG_NIL);
}

#define ASKING "params: nil, headers: nil, timeout: nil, redirects: 10, verify: true, ca: nil, max_body: 104_857_600)"
#define SENDING "body = nil, json: nil, form: nil, " ASKING

const TgNativeDef tg_lib_http_asking[] = {
    {"get(url, " ASKING, http_get, "Asks a server for what is at a URL and gives its Response."},
    {"head(url, " ASKING, http_head_of, "As get(), but for the headers alone."},
    {"post(url, " SENDING, http_post, "Sends a body (a String or Bytes), a value as JSON or a Map as a form to a URL; gives the Response."},
    {"put(url, " SENDING, http_put, "As post(), to put it there."},
    {"patch(url, " SENDING, http_patch, "As post(), to change what is there."},
    {"delete(url, " SENDING, http_delete, "Asks a server to take away what is at a URL; gives the Response."},
    {"request(method, url, " SENDING, http_request, "As post(), with any method."},
    {"stream(url, method = \"GET\", body: nil, json: nil, form: nil, params: nil, headers: nil, timeout: nil, redirects: 10, verify: true, ca: nil)",
     http_stream, "For a `with`: a Response whose body is a stream, to be read piece by piece; the block's end closes it."},
    {"serve(port, handler, host: \"127.0.0.1\", limit: 1000, max_header: 16_384, max_body: 10_485_760, timeout: 30s, cert: nil, key: nil, "
     "on_error: nil)",
     http_serve, "Answers requests at a port (or a net.Listener) with what handler(request) gives, until it is cancelled."},
    {0},
};

static const TgNativeDef hidden[] = {{"_keep(name, function)", http_keep, "For natives."}, {0}};

void tg_lib_http(TgVM *vm, TgModule *module) {
    static const TgNativeDef *const tables[] = {tg_lib_http_asking, tg_lib_http_members, tg_lib_http_text,   tg_lib_http_client,
                                                tg_lib_http_server, tg_lib_http_request, tg_lib_http_answer, hidden};
    for (size_t i = 0; i < sizeof tables / sizeof *tables; i++) tg_register_members(vm, module, tables[i]);
    tg_module_set(vm, module, "Request", tg_obj(tg_http_request_class(vm)));
    tg_module_set(vm, module, "Body", tg_obj(tg_http_body_class(vm)));
    http_parser_set_max_header_size(1 << 20); // the library's own bound; max_header is below it
}
