// stdlib/http_answer.c
// Answers of the server: the head, and a body of a known length or in chunks.
// Layer: library.
#include <string.h>

#include "stdlib/http_server.h"
#include "stdlib/lib.h"

// ---- Writing

// Sends the Bytes in args[slot]; the slot behind it is the write's own.
static TgResult push(TgCall *call, TgConnection *c, int slot, TgValue result) {
    const TgBytes *bytes = tg_as_bytes(call->args[slot]);
    if (c->socket->is_closed) return c->is_lost = true, tg_raise(call, TG_ERR_Closed, "the connection is closed");
    TgResult end = tg_stream_write_all(call, c->socket, (const char *)bytes->data, bytes->length, slot + 1, 1);
    if (end == TG_RAISED) c->is_lost = true;
    return end == TG_DONE ? tg_return(call, result) : end;
}

// What the buffer holds, to be sent; frees it.
static bool keep(TgCall *call, int slot, TgBuffer *out) {
    TgBytes *bytes = out->failed ? NULL : tg_bytes_begin(call->vm, out->length);
    if (bytes) memcpy(bytes->bytes, out->data, out->length);
    tg_buffer_free(out);
    if (!bytes) return tg_error_memory(call->vm), false;
    call->args[slot] = tg_obj(bytes);
    return true;
}

static bool data_of(TgCall *call, TgValue value, const char **data, size_t *length) {
    if (tg_is_kind(value, OBJ_STRING)) {
        *data = ((TgString *)tg_as_obj(value))->data, *length = ((TgString *)tg_as_obj(value))->length;
        return true;
    }
    if (tg_is_kind(value, OBJ_BYTES)) {
        *data = (const char *)tg_as_bytes(value)->data, *length = tg_as_bytes(value)->length;
        return true;
    }
    tg_error_raise(call->vm, TG_ERR_TypeError, "a String or Bytes are sent, not %s; \"{x}\" makes a text of it", TG_SHOW(call->vm, value));
    return false;
}

// ---- The head

// Headers that are the connection's own business.
static bool is_ours(TgConnection *c, const TgString *name, const TgValue value) {
    static const char *const ours[] = {"content-length", "transfer-encoding", "keep-alive", "upgrade"};
    if (!strcasecmp(name->data, "connection")) {
        bool is_close = tg_is_kind(value, OBJ_STRING) && !strcasecmp(((TgString *)tg_as_obj(value))->data, "close");
        c->keeps = c->keeps && !is_close;
        return true;
    }
    for (size_t i = 0; i < sizeof ours / sizeof *ours; i++)
        if (!strcasecmp(name->data, ours[i])) return true;
    return false;
}

static bool add_line(TgVM *vm, TgBuffer *out, TgValue name, TgValue value) {
    if (tg_is_int(value)) value = tg_obj(tg_string_format(vm, "%lld", (long long)tg_as_int(value)));
    if (!tg_http_check_header(vm, name, value)) return false;
    tg_buffer_format(out, "%s: %s\r\n", ((TgString *)tg_as_obj(name))->data, ((TgString *)tg_as_obj(value))->data);
    return true;
}

// Those of the script. A List is several of one name. *known: what of ours is among them.
static bool add_headers(TgVM *vm, TgConnection *c, TgBuffer *out, const TgMap *headers, bool *has_type, bool *has_date) {
    uint32_t position = 0;
    for (TgMapEntry *entry; (entry = tg_map_next(headers, &position));) {
        bool is_text = tg_is_kind(entry->key, OBJ_STRING);
        const TgString *name = is_text ? (TgString *)tg_as_obj(entry->key) : vm->name_empty;
        if (is_ours(c, name, entry->value)) continue;
        if (!strcasecmp(name->data, "content-type")) *has_type = true;
        if (!strcasecmp(name->data, "date")) *has_date = true;
        const TgList *several = tg_is_kind(entry->value, OBJ_LIST) ? (TgList *)tg_as_obj(entry->value) : NULL;
        for (uint32_t i = 0; several && i < several->count; i++)
            if (!add_line(vm, out, entry->key, several->items[i])) return false;
        if (!several && !add_line(vm, out, entry->key, entry->value)) return false;
    }
    return true;
}

enum { CONNECTION, STATUS, HEADERS, TYPE, BODY, SENT }; // the parameters of _send and _begin

static bool has_no_body(int status) { return status == 204 || status == 304 || status < 200; }

// The head of an answer whose body has so many bytes; -1: chunks, or up to the connection's end.
static bool add_head(TgCall *call, TgConnection *c, TgBuffer *out, int64_t length) {
    TgVM *vm = call->vm;
    int64_t status;
    TgMap *headers = NULL;
    TgString *type = NULL;
    if (!tg_arg_index(call, STATUS, &status) || (tg_lib_given(call, HEADERS) && !tg_arg_map(call, HEADERS, &headers)) ||
        (tg_lib_given(call, TYPE) && !tg_arg_string(call, TYPE, &type)))
        return false;
    if (status < 200 || status > 999) {
        tg_error_raise(vm, TG_ERR_ValueError, "status: an answer's is from 200 to 999, not %lld", (long long)status);
        return false;
    }
    bool has_type = false, has_date = false, is_old = c->parser.http_minor == 0 && c->parser.http_major == 1;
    tg_buffer_format(out, "HTTP/1.1 %d %s\r\n", (int)status, tg_http_reason((int)status));
    if (headers && !add_headers(vm, c, out, headers, &has_type, &has_date)) return false;
    if (type && !has_type && !add_line(vm, out, tg_obj(tg_string_c(vm, "content-type")), tg_obj(type))) return false;
    char date[32];
    tg_http_date(vm, date);
    if (!has_date) tg_buffer_format(out, "date: %s\r\n", date);
    c->is_chunked = length < 0 && !is_old && !has_no_body((int)status);
    if (length < 0 && is_old) c->keeps = false;
    if (length >= 0 && !has_no_body((int)status)) tg_buffer_format(out, "content-length: %lld\r\n", (long long)length);
    if (c->is_chunked) tg_buffer_text(out, "transfer-encoding: chunked\r\n");
    if (c->expects) c->keeps = false; // whether it sends the body all the same, nobody knows
    if (!c->keeps) tg_buffer_text(out, "connection: close\r\n");
    else if (is_old) tg_buffer_text(out, "connection: keep-alive\r\n");
    tg_buffer_text(out, "\r\n");
    return true;
}

// A second answer would be taken for that to the next request.
static bool may_answer(TgCall *call, TgConnection *c) {
    if (!c->is_answered) return c->is_answered = true;
    tg_error_raise(call->vm, TG_ERR_ValueError, "the request is answered already");
    return false;
}

// _send(connection, status, headers, type, body): all at once.
static TgResult http_send(TgCall *call) {
    TgConnection *c;
    if (!tg_arg_connection(call, CONNECTION, &c)) return TG_RAISED;
    if (call->step) return push(call, c, SENT, TG_NIL);
    const char *data = "";
    size_t length = 0;
    TgBuffer out = {0};
    if (tg_lib_given(call, BODY) && !data_of(call, call->args[BODY], &data, &length)) return TG_RAISED;
    if (!add_head(call, c, &out, (int64_t)length)) return tg_buffer_free(&out), TG_RAISED;
    bool is_bare = c->parser.method == HTTP_HEAD || has_no_body((int)tg_as_int(call->args[STATUS]));
    if (!is_bare) tg_buffer_add(&out, data, length);
    if (!keep(call, SENT, &out) || !may_answer(call, c)) return TG_RAISED;
    return push(call, c, SENT, TG_NIL);
}

// _begin(connection, status, headers, type, length): the head; whether the body is to be sent too.
static TgResult http_begin(TgCall *call) {
    TgConnection *c;
    int64_t length = -1, status;
    if (!tg_arg_connection(call, CONNECTION, &c) || !tg_arg_index(call, STATUS, &status)) return TG_RAISED;
    bool is_bare = c->parser.method == HTTP_HEAD || has_no_body((int)status);
    if (call->step) return push(call, c, SENT, tg_bool(!is_bare));
    TgBuffer out = {0};
    if (tg_lib_given(call, BODY) && !tg_arg_index(call, BODY, &length)) return TG_RAISED;
    if (!add_head(call, c, &out, length)) return tg_buffer_free(&out), TG_RAISED;
    c->left = length < 0 ? UINT64_MAX : is_bare ? 0 : (uint64_t)length;
    if (!keep(call, SENT, &out) || !may_answer(call, c)) return TG_RAISED;
    return push(call, c, SENT, tg_bool(!is_bare));
}

// _part(connection, value): a piece of the body.
static TgResult http_part(TgCall *call) {
    TgConnection *c;
    const char *data;
    size_t length;
    if (!tg_arg_connection(call, 0, &c)) return TG_RAISED;
    if (call->step) return push(call, c, 2, TG_NIL);
    if (!data_of(call, call->args[1], &data, &length)) return TG_RAISED;
    if (length > c->left)
        return tg_raise(call, TG_ERR_ValueError, "the answer's content-length leaves room for %llu bytes, and %zu are written",
                        (unsigned long long)c->left, length);
    if (!length) return tg_return(call, TG_NIL); // an empty chunk would be the end
    if (c->left != UINT64_MAX) c->left -= length;
    TgBuffer out = {0};
    if (c->is_chunked) tg_buffer_format(&out, "%zx\r\n", length);
    tg_buffer_add(&out, data, length);
    if (c->is_chunked) tg_buffer_text(&out, "\r\n");
    return keep(call, 2, &out) ? push(call, c, 2, TG_NIL) : TG_RAISED;
}

// _end(connection): the body is whole. One that is shorter than was said ends the connection: nobody takes it for whole then.
static TgResult http_end(TgCall *call) {
    TgConnection *c;
    if (!tg_arg_connection(call, 0, &c)) return TG_RAISED;
    if (call->step) return push(call, c, 1, TG_NIL);
    if (c->left != UINT64_MAX && c->left > 0) {
        c->keeps = false;
        return tg_raise(call, TG_ERR_ValueError, "the answer's content-length says %llu bytes more than were written", (unsigned long long)c->left);
    }
    if (!c->is_chunked) return tg_return(call, TG_NIL);
    TgBuffer out = {0};
    tg_buffer_text(&out, "0\r\n\r\n");
    return keep(call, 1, &out) ? push(call, c, 1, TG_NIL) : TG_RAISED;
}

const TgNativeDef tg_lib_http_answer[] = {
    {"_send(connection, status, headers, type, body)", http_send, "Sends an answer."},
    {"_begin(connection, status, headers, type, length)", http_begin, "Sends its head; whether a body is to follow."},
    {"_part(connection, value)", http_part, "Sends a piece of its body."},
    {"_end(connection)", http_end, "Ends its body."},
    {0},
};
