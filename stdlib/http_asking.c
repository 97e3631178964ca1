// stdlib/http_asking.c
// The functions of http that ask, and http.Client, whose methods are the same but keep connections and cookies from one request to
// the next. They check their options and hand them on to http.tg as one List: `timeout` is a keyword of the language, so that tg code
// cannot have it as a parameter's name.
//
// Layer: library.
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "stdlib/http.h"
#include "stdlib/http_line.h"
#include "stdlib/ioerror.h"
#include "stdlib/lib.h"

// In this order http.tg gets the options. SHARED: the headers of all requests of the client CLIENT.
typedef enum { METHOD, URL, PARAMS, HEADERS, BODY, JSON, FORM, SECONDS, REDIRECTS, VERIFY, CA, MAX_BODY, CERT, KEY, CLIENT, SHARED, OPTIONS } Option;

typedef struct {
    TgResource head;
    bool is_open;
    TgHttpPool *pool; // NULL: closed, or replaying
    TgValue options[OPTIONS];
} Client;

// ---- Handing on

static bool take_options(TgCall *call, int at, const uint8_t *order, TgValue *options) {
    for (; *order != OPTIONS; order++, at++) {
        double seconds;
        if (*order == SECONDS && tg_lib_given(call, at) && !tg_arg_seconds(call, at, &seconds)) return false;
        if (tg_given(call, at)) options[*order] = call->args[at];
    }
    return true;
}

// `order` says which option each parameter from `at` on is, OPTIONS at its end. method: where it is no parameter.
static TgResult hand_on(TgCall *call, const char *function, const char *method, int at, const uint8_t *order, TgValue *options) {
    if (method) options[METHOD] = tg_obj(tg_string_c(call->vm, method));
    if (!take_options(call, at, order, options)) return TG_RAISED;
    TgValue list = tg_obj(tg_list_of(call->vm, options, OPTIONS));
    return tg_call(call, tg_library_kept(call->vm, function), &list, 1, 0);
}

static TgResult ask(TgCall *call, const char *function, const char *method, const uint8_t *order) {
    TgValue options[OPTIONS];
    for (int i = 0; i < OPTIONS; i++) options[i] = TG_NIL;
    return hand_on(call, function, method, 0, order, options);
}

#define RULES SECONDS, REDIRECTS, VERIFY, CA, MAX_BODY, CERT, KEY, OPTIONS
static const uint8_t plain[] = {URL, PARAMS, HEADERS, RULES};
static const uint8_t sending[] = {URL, BODY, JSON, FORM, PARAMS, HEADERS, RULES};
static const uint8_t any[] = {METHOD, URL, BODY, JSON, FORM, PARAMS, HEADERS, RULES};
static const uint8_t streaming[] = {URL, METHOD, BODY, JSON, FORM, PARAMS, HEADERS, SECONDS, REDIRECTS, VERIFY, CA, CERT, KEY, OPTIONS};
static const uint8_t rules[] = {HEADERS, RULES};

static TgResult http_get(TgCall *call) { return ask(call, "http.request", "GET", plain); }
static TgResult http_head_of(TgCall *call) { return ask(call, "http.request", "HEAD", plain); }
static TgResult http_delete(TgCall *call) { return ask(call, "http.request", "DELETE", sending); }
static TgResult http_post(TgCall *call) { return ask(call, "http.request", "POST", sending); }
static TgResult http_put(TgCall *call) { return ask(call, "http.request", "PUT", sending); }
static TgResult http_patch(TgCall *call) { return ask(call, "http.request", "PATCH", sending); }
static TgResult http_request(TgCall *call) { return ask(call, "http.request", NULL, any); }
static TgResult http_stream(TgCall *call) { return ask(call, "http.stream", NULL, streaming); }

// ---- Clients

static void close_client(Client *client) {
    if (client->pool) tg_http_pool_close(client->pool);
    client->pool = NULL;
    client->is_open = false;
}

static void client_release(TgVM *vm, TgResource *resource) { (void)vm, close_client((Client *)resource); }

static void client_mark(TgVM *vm, TgResource *resource) {
    for (int i = 0; i < OPTIONS; i++) tg_gc_mark(vm, ((Client *)resource)->options[i]);
}

static bool client_property(TgVM *vm, TgResource *resource, const TgString *name, TgValue *out) {
    (void)vm;
    if (strcmp(name->data, "closed") != 0) return false;
    return *out = tg_bool(!((Client *)resource)->is_open), true;
}

static const TgResourceType client_type = {
    .size = sizeof(Client), .release = client_release, .mark = client_mark, .property = client_property};

// False: raised.
static bool open_client(TgCall *call, int index, Client **out) {
    *out = (Client *)tg_resource_of(call->args[index], &client_type);
    if (!*out) tg_error_raise(call->vm, TG_ERR_TypeError, "an http.Client is asked for, not %s", TG_SHOW(call->vm, call->args[index]));
    else if (!(*out)->is_open) tg_error_raise(call->vm, TG_ERR_Closed, "the client of http is closed");
    return *out && (*out)->is_open;
}

bool tg_http_client_pool(TgCall *call, int index, TgHttpPool **pool) {
    Client *client;
    if (!open_client(call, index, &client)) return false;
    return *pool = client->pool, true;
}

static TgResult ask_by(TgCall *call, const char *function, const char *method, const uint8_t *order) {
    Client *client;
    TgValue options[OPTIONS];
    if (!open_client(call, 0, &client)) return TG_RAISED;
    memcpy(options, client->options, sizeof options);
    options[CLIENT] = call->args[0];
    return hand_on(call, function, method, 1, order, options);
}

static TgResult client_get(TgCall *call) { return ask_by(call, "http.request", "GET", plain); }
static TgResult client_head_of(TgCall *call) { return ask_by(call, "http.request", "HEAD", plain); }
static TgResult client_delete(TgCall *call) { return ask_by(call, "http.request", "DELETE", sending); }
static TgResult client_post(TgCall *call) { return ask_by(call, "http.request", "POST", sending); }
static TgResult client_put(TgCall *call) { return ask_by(call, "http.request", "PUT", sending); }
static TgResult client_patch(TgCall *call) { return ask_by(call, "http.request", "PATCH", sending); }
static TgResult client_request(TgCall *call) { return ask_by(call, "http.request", NULL, any); }
static TgResult client_stream(TgCall *call) { return ask_by(call, "http.stream", NULL, streaming); }

static TgResult client_close(TgCall *call) {
    Client *client = (Client *)tg_resource_of(call->args[0], &client_type);
    if (!client) return open_client(call, 0, &client), TG_RAISED;
    close_client(client);
    return tg_return(call, TG_NIL);
}

// ---- Cookies: libcurl gives them as lines of seven fields with tabs between them

enum { DOMAIN, TAIL, PATH, SECURE, EXPIRES, NAME, CONTENT, FIELDS };

static bool set_text(TgVM *vm, TgMap *map, const char *key, const char *text, size_t length) {
    TgString *value = tg_http_string(vm, text, length);
    return value && tg_map_set(vm, map, tg_obj(tg_string_c(vm, key)), tg_obj(value));
}

static TgMap *cookie_of(TgVM *vm, const char *line) {
    const char *at[FIELDS];
    size_t length[FIELDS];
    for (int i = 0; i < FIELDS; i++) {
        at[i] = line;
        length[i] = i < CONTENT ? strcspn(line, "\t") : strlen(line);
        line += length[i] + (line[length[i]] == '\t');
    }
    static const char http_only[] = "#HttpOnly_";
    if (!strncmp(at[DOMAIN], http_only, strlen(http_only))) at[DOMAIN] += strlen(http_only), length[DOMAIN] -= strlen(http_only);
    long long expires = strtoll(at[EXPIRES], NULL, 10);
    TgMap *map = tg_map(vm);
    bool good = set_text(vm, map, "name", at[NAME], length[NAME]) && set_text(vm, map, "value", at[CONTENT], length[CONTENT]) &&
                set_text(vm, map, "domain", at[DOMAIN], length[DOMAIN]) && set_text(vm, map, "path", at[PATH], length[PATH]) &&
                tg_map_set(vm, map, tg_obj(tg_string_c(vm, "secure")), tg_bool(*at[SECURE] == 'T')) &&
                tg_map_set(vm, map, tg_obj(tg_string_c(vm, "expires")), expires ? tg_int_from(vm, expires) : TG_NIL);
    return good ? map : NULL;
}

// Each line with a NUL behind it.
static void read_cookies(TgHttpPool *pool, TgBuffer *text) {
    struct curl_slist *lines = NULL;
    tg_curl()->curl_easy_getinfo(tg_http_pool_cookies(pool), CURLINFO_COOKIELIST, &lines);
    for (const struct curl_slist *line = lines; line; line = line->next) tg_buffer_add(text, line->data, strlen(line->data) + 1);
    tg_curl()->curl_slist_free_all(lines);
}

static TgResult client_cookies(TgCall *call) {
    TgHttpPool *pool;
    if (!tg_http_client_pool(call, 0, &pool)) return TG_RAISED;
    TgTape tape;
    TgBuffer text = {0};
    if (tg_world_begins(call->vm, WORLD_TRANSFER, &tape)) read_cookies(pool, &text);
    tg_tape_buffer(&tape, &text);
    tg_world_ends(&tape);
    TgList *list = tg_list(call->vm, 0);
    bool good = !text.failed;
    for (const char *line = text.data; good && line < text.data + text.length; line += strlen(line) + 1) {
        TgMap *cookie = cookie_of(call->vm, line);
        good = cookie && tg_list_push(call->vm, list, tg_obj(cookie));
    }
    tg_buffer_free(&text);
    return good ? tg_return(call, tg_obj(list)) : tg_raise_memory(call);
}

static TgResult client_clear_cookies(TgCall *call) {
    TgHttpPool *pool;
    if (!tg_http_client_pool(call, 0, &pool)) return TG_RAISED;
    if (pool) tg_curl()->curl_easy_setopt(tg_http_pool_cookies(pool), CURLOPT_COOKIELIST, "ALL");
    return tg_return(call, TG_NIL);
}

// ---- Tables

#define RULES_TEXT "timeout: nil, redirects: 10, verify: true, ca: nil, max_body: 104_857_600, cert: nil, key: nil)"
#define ASKING "params: nil, headers: nil, " RULES_TEXT
#define SENDING "body = nil, json: nil, form: nil, " ASKING
#define STREAMING "stream(url, method = \"GET\", body: nil, json: nil, form: nil, params: nil, headers: nil, timeout: nil, redirects: 10, " \
                  "verify: true, ca: nil, cert: nil, key: nil)"

const TgNativeDef tg_lib_http_methods[] = {
    {"get(url, " ASKING, client_get, "As http.get()."},
    {"head(url, " ASKING, client_head_of, "As http.head()."},
    {"post(url, " SENDING, client_post, "As http.post()."},
    {"put(url, " SENDING, client_put, "As http.put()."},
    {"patch(url, " SENDING, client_patch, "As http.patch()."},
    {"delete(url, " SENDING, client_delete, "As http.delete()."},
    {"request(method, url, " SENDING, client_request, "As http.request()."},
    {STREAMING, client_stream, "As http.stream()."},
    {"cookies()", client_cookies, "The cookies it holds, a List of Maps: name, value, domain, path, secure, expires (seconds since 1970; nil: with the client)."},
    {"clear_cookies()", client_clear_cookies, "Forgets all cookies."},
    {"close()", client_close, "Closes its connections; requests that are under way go on."},
    {"exit()", client_close, "The end of a `with`: closes."},
    {0},
};

TgClass *tg_http_client_class(TgVM *vm) {
    bool is_new;
    TgClass *class_ = tg_library_class(vm, "Client", NULL, &is_new);
    if (is_new) tg_register_methods(vm, class_, tg_lib_http_methods);
    if (is_new) tg_class_finish(vm, class_);
    return class_;
}

static int open_pool(Client *client) {
    client->pool = tg_http_pool_new(tg_curl());
    return client->pool ? 0 : (errno = ENOMEM, -1);
}

// client(headers: nil, …)
static TgResult http_client(TgCall *call) {
    if (!tg_http_has_curl(call->vm)) return TG_RAISED;
    Client *client = (Client *)tg_resource_new(call->vm, &client_type, tg_http_client_class(call->vm));
    for (int i = 0; i < OPTIONS; i++) client->options[i] = TG_NIL;
    if (!take_options(call, 0, rules, client->options)) return TG_RAISED;
    client->options[SHARED] = client->options[HEADERS];
    client->options[HEADERS] = TG_NIL;
    client->is_open = TG_ASK(call->vm, TRANSFER, open_pool(client)) == 0;
    return client->is_open ? tg_return(call, tg_obj(client)) : tg_raise_memory(call);
}

const TgNativeDef tg_lib_http_asking[] = {
    {"get(url, " ASKING, http_get, "Asks a server for what is at a URL and gives its Response."},
    {"head(url, " ASKING, http_head_of, "As get(), but for the headers alone."},
    {"post(url, " SENDING, http_post, "Sends a body (a String or Bytes), a value as JSON or a Map as a form to a URL; gives the Response."},
    {"put(url, " SENDING, http_put, "As post(), to put it there."},
    {"patch(url, " SENDING, http_patch, "As post(), to change what is there."},
    {"delete(url, " SENDING, http_delete, "Asks a server to take away what is at a URL; gives the Response."},
    {"request(method, url, " SENDING, http_request, "As post(), with any method."},
    {STREAMING, http_stream, "For a `with`: a Response whose body is a stream, to be read piece by piece; the block's end closes it."},
    {"client(headers: nil, " RULES_TEXT, http_client,
     "For a `with`: a Client, which keeps its connections and cookies from one request to the next; its options are those of each."},
    {0},
};
