// stdlib/http_request.c
// Request: what a handler is called with. Its parts are made of the head when somebody asks for them.
// Layer: library.
#include <string.h>

#include "stdlib/http_server.h"
#include "stdlib/lib.h"

typedef struct {
    TgResource head;
    TgConnection *connection;
    TgBytes *text; // target NUL name NUL value NUL …
    const char *method;
    int minor;     // of its version of HTTP, 1.x
    // Made when they are first asked for; NULL until then.
    TgString *path;
    TgMap *headers, *query, *params;
    TgBytes *content;
} Request;

static void request_mark(TgVM *vm, TgResource *resource) {
    const Request *r = (Request *)resource;
    tg_gc_mark_obj(vm, r->connection);
    tg_gc_mark_obj(vm, r->text);
    tg_gc_mark_obj(vm, r->path);
    tg_gc_mark_obj(vm, r->headers);
    tg_gc_mark_obj(vm, r->query);
    tg_gc_mark_obj(vm, r->params);
    tg_gc_mark_obj(vm, r->content);
}

// ---- The target: "/a%20b?x=1", also as a whole URL

typedef struct {
    const char *path, *query; // query: NULL where there is none
    size_t path_length, query_length;
} Target;

static Target target_of(const Request *r) {
    const char *at = (const char *)r->text->data;
    if (at[0] != '/' && strstr(at, "://")) {
        const char *host = strstr(at, "://") + 3;
        at = host + strcspn(host, "/?#");
    }
    Target target = {.path = at, .path_length = strcspn(at, "?#")};
    if (at[target.path_length] == '?') {
        target.query = at + target.path_length + 1;
        target.query_length = strcspn(target.query, "#");
    }
    if (!target.path_length) target.path = "/", target.path_length = 1;
    return target;
}

static TgString *path_of(TgVM *vm, const Request *r) {
    Target target = target_of(r);
    return tg_http_unescape(vm, target.path, target.path_length, false);
}

static TgMap *query_of(TgVM *vm, const Request *r) {
    Target target = target_of(r);
    TgMap *query = tg_map(vm);
    TgList *pairs = target.query ? tg_http_pairs(vm, target.query, target.query_length) : NULL;
    for (uint32_t i = 0; pairs && i < pairs->count; i++) {
        const TgList *pair = (TgList *)tg_as_obj(pairs->items[i]);
        tg_map_set(vm, query, pair->items[0], pair->items[1]);
    }
    return query;
}

static TgMap *headers_of(TgVM *vm, const Request *r) {
    TgMap *headers = tg_map(vm);
    const char *at = (const char *)r->text->data, *end = at + r->text->length;
    for (at += strlen(at) + 1; at < end;) {
        const char *name = at, *value = name + strlen(name) + 1;
        size_t length = strlen(value);
        if (!tg_http_add_header(vm, headers, name, strlen(name), value, length)) return headers;
        at = value + length + 1;
    }
    return headers;
}

// ---- Properties

typedef TgMap *(*MapMaker)(TgVM *vm, const Request *r);

static TgMap *no_params(TgVM *vm, const Request *r) { return (void)r, tg_map(vm); }

static bool give_map(TgVM *vm, Request *r, TgMap **slot, MapMaker make, TgValue *out) {
    if (!*slot) *slot = make(vm, r);
    tg_barrier(vm, r, tg_obj(*slot));
    return *out = tg_obj(*slot), true;
}

static TgString *name_of(TgVM *vm, Request *r) {
    if (!r->path) r->path = path_of(vm, r);
    if (!r->path) r->path = vm->name_empty; // no memory: raised at the next boundary
    tg_barrier(vm, r, tg_obj(r->path));
    return r->path;
}

static TgStream *body_of(TgVM *vm, Request *r) {
    TgString *name = tg_string_format(vm, "%s %s", r->method, name_of(vm, r)->data);
    return tg_connection_body(vm, r->connection, name);
}

static bool request_property(TgVM *vm, TgResource *resource, const TgString *name, TgValue *out) {
    Request *r = (Request *)resource;
    if (!strcmp(name->data, "method")) return *out = tg_obj(tg_string_c(vm, r->method)), true;
    if (!strcmp(name->data, "path")) return *out = tg_obj(name_of(vm, r)), true;
    if (!strcmp(name->data, "headers")) return give_map(vm, r, &r->headers, headers_of, out);
    if (!strcmp(name->data, "query")) return give_map(vm, r, &r->query, query_of, out);
    if (!strcmp(name->data, "params")) return give_map(vm, r, &r->params, no_params, out);
    if (!strcmp(name->data, "body")) return *out = tg_obj(body_of(vm, r)), true;
    if (!strcmp(name->data, "remote")) return *out = tg_obj(r->connection->socket->name), true;
    if (!strcmp(name->data, "version")) return *out = tg_obj(tg_string_format(vm, "1.%d", r->minor)), true;
    const char *target = (const char *)r->text->data;
    if (strcmp(name->data, "target") != 0) return false;
    TgString *text = tg_http_string(vm, target, strlen(target));
    return *out = tg_obj(text ? text : vm->name_empty), true;
}

static void request_text(TgVM *vm, const TgResource *resource, TgBuffer *out) {
    const Request *r = (const Request *)resource;
    (void)vm;
    tg_buffer_format(out, "<Request %s ", r->method);
    const char *target = (const char *)r->text->data;
    tg_text_tame(out, target, tg_utf8_valid(target, strlen(target)) ? strlen(target) : 0);
    tg_buffer_text(out, ">");
}

static const TgResourceType request_type = {
    .size = sizeof(Request), .mark = request_mark, .text = request_text, .property = request_property};

TgClass *tg_http_request_class(TgVM *vm) {
    bool is_new;
    TgClass *class_ = tg_library_class(vm, "Request", NULL, &is_new);
    if (is_new) tg_class_finish(vm, class_);
    return class_;
}

TgResource *tg_request_new(TgVM *vm, TgConnection *connection, TgBytes *text) {
    Request *r = (Request *)tg_resource_new(vm, &request_type, tg_http_request_class(vm));
    r->connection = connection;
    r->text = text;
    r->method = http_method_str((enum http_method)connection->parser.method);
    r->minor = connection->parser.http_minor;
    return &r->head;
}

// ---- Natives

static bool arg_request(TgCall *call, Request **out) {
    *out = (Request *)tg_resource_of(call->args[0], &request_type);
    if (!*out) tg_error_raise(call->vm, TG_ERR_TypeError, "a Request is asked for, not %s", TG_SHOW(call->vm, call->args[0]));
    return *out != NULL;
}

// The path's parts between the slashes, each unescaped by itself: "%2F" in one is no slash.
static TgResult http_segments(TgCall *call) {
    Request *r;
    if (!arg_request(call, &r)) return TG_RAISED;
    Target target = target_of(r);
    TgList *parts = tg_list(call->vm, 4);
    const char *at = target.path, *end = at + target.path_length;
    for (at += *at == '/'; at <= end;) {
        const char *slash = memchr(at, '/', (size_t)(end - at));
        if (!slash) slash = end;
        TgString *part = tg_http_unescape(call->vm, at, (size_t)(slash - at), false);
        if (!part || !tg_list_push(call->vm, parts, tg_obj(part))) return tg_raise_memory(call);
        at = slash + 1;
    }
    return tg_return(call, tg_obj(parts));
}

static TgResult http_set_params(TgCall *call) {
    Request *r;
    TgMap *params;
    if (!arg_request(call, &r) || !tg_arg_map(call, 1, &params)) return TG_RAISED;
    r->params = params;
    tg_barrier(call->vm, r, tg_obj(params));
    return tg_return(call, TG_NIL);
}

static TgResult http_content(TgCall *call) {
    Request *r;
    TgBytes *content;
    if (!arg_request(call, &r)) return TG_RAISED;
    if (!tg_lib_given(call, 1)) return tg_return(call, r->content ? tg_obj(r->content) : TG_NIL);
    if (!tg_arg_bytes(call, 1, &content)) return TG_RAISED;
    r->content = content;
    tg_barrier(call->vm, r, tg_obj(content));
    return tg_return(call, tg_obj(content));
}

static TgResult http_connection_of(TgCall *call) {
    Request *r;
    return arg_request(call, &r) ? tg_return(call, tg_obj(r->connection)) : TG_RAISED;
}

const TgNativeDef tg_lib_http_request[] = {
    {"_segments(request)", http_segments, "The path's parts."},
    {"_set_params(request, params)", http_set_params, "Sets what the route has found."},
    {"_content(request, value = nil)", http_content, "The whole body, where it is known; sets it."},
    {"_connection_of(request)", http_connection_of, "Its Connection."},
    {0},
};
