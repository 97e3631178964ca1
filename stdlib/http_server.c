// stdlib/http_server.c
// The server's side of a connection of http: requests out of a socket, answers into it. What is done with them is http.tg's.
//
// A Connection reads one request after the other with http_parser. It stops behind each head, and behind each message, so that what a
// client sends ahead stays in the socket's buffer until it is its turn; the body between them is a stream, which takes from that
// buffer as it is read.
//
// Layer: library.
#include "stdlib/http_server.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "stdlib/ioerror.h"
#include "stdlib/lib.h"
#include "stdlib/net.h"

enum { MOST_SKIPPED = 1 << 16, MOST_HEAD = 1 << 20, ROOM = 1 << 14 };

// ---- What the parser calls

typedef enum { IN_TARGET, IN_NAME, IN_VALUE } Part;

// The head's texts one behind the other, a NUL behind each.
static void add_text(TgConnection *c, Part part, const char *at, size_t length) {
    if (c->part != (int)part) tg_buffer_add(&c->text, "", 1);
    c->part = part;
    tg_buffer_add(&c->text, at, length);
}

static int on_target(http_parser *parser, const char *at, size_t length) {
    return add_text(parser->data, IN_TARGET, at, length), 0;
}

static int on_value(http_parser *parser, const char *at, size_t length) {
    TgConnection *c = parser->data;
    if (c->phase == TG_IN_HEAD) add_text(c, IN_VALUE, at, length); // else that of a trailer, which nobody asks for
    return 0;
}

static int on_head(http_parser *parser) {
    TgConnection *c = parser->data;
    tg_buffer_add(&c->text, "", 1);
    c->phase = TG_IN_BODY;
    c->keeps = http_should_keep_alive(parser);
    parser->upgrade = 0; // there is no other protocol here: it is answered as if nobody had asked
    http_parser_pause(parser, 1);
    return 0;
}

static int on_body(http_parser *parser, const char *at, size_t length) {
    TgConnection *c = parser->data;
    c->body_size += length;
    memcpy(c->into + c->moved, at, length); // what is parsed at once is no longer than the room
    c->moved += length;
    return 0;
}

static int on_end(http_parser *parser) {
    ((TgConnection *)parser->data)->phase = TG_AT_END;
    http_parser_pause(parser, 1);
    return 0;
}

static int on_field(http_parser *parser, const char *at, size_t length) {
    TgConnection *c = parser->data;
    if (c->phase == TG_IN_HEAD) return add_text(c, IN_NAME, at, length), 0;
    return (c->trailer_size += length) > ROOM; // more than that is no trailer
}

static const http_parser_settings settings = {
    .on_url = on_target,
    .on_header_field = on_field,
    .on_header_value = on_value,
    .on_headers_complete = on_head,
    .on_body = on_body,
    .on_message_complete = on_end,
};

// Parses so many bytes of the socket's buffer. False: they are no HTTP.
static bool parse(TgVM *vm, TgConnection *c, size_t length) {
    TgStream *socket = c->socket;
    size_t used = http_parser_execute(&c->parser, &settings, socket->data + socket->taken, length);
    tg_stream_take(vm, socket, used);
    enum http_errno error = HTTP_PARSER_ERRNO(&c->parser);
    if (error == HPE_PAUSED) http_parser_pause(&c->parser, 0);
    if (c->phase == TG_IN_HEAD) c->head_size += used;
    return error == HPE_OK || error == HPE_PAUSED;
}

// ---- Connection

static void connection_release(TgVM *vm, TgResource *resource) {
    (void)vm;
    tg_buffer_free(&((TgConnection *)resource)->text);
}

static void connection_mark(TgVM *vm, TgResource *resource) {
    const TgConnection *c = (TgConnection *)resource;
    tg_gc_mark_obj(vm, c->socket);
    tg_gc_mark_obj(vm, c->body);
}

static bool connection_property(TgVM *vm, TgResource *resource, const TgString *name, TgValue *out) {
    const TgConnection *c = (TgConnection *)resource;
    (void)vm;
    if (!strcmp(name->data, "fault")) return *out = c->fault ? tg_int(c->fault) : TG_NIL, true;
    if (!strcmp(name->data, "lost")) return *out = tg_bool(c->is_lost), true;
    if (!strcmp(name->data, "answered")) return *out = tg_bool(c->is_answered), true;
    if (!strcmp(name->data, "patience")) return *out = c->patience, true;
    if (!strcmp(name->data, "socket")) return *out = tg_obj(c->socket), true;
    if (!strcmp(name->data, "begun")) return *out = tg_bool(c->head_size > 0), true;
    return false;
}

static const TgResourceType connection_type = {
    .size = sizeof(TgConnection),
    .release = connection_release,
    .mark = connection_mark,
    .property = connection_property,
};

bool tg_arg_connection(TgCall *call, int index, TgConnection **out) {
    *out = (TgConnection *)tg_resource_of(call->args[index], &connection_type);
    if (!*out) tg_error_raise(call->vm, TG_ERR_TypeError, "a connection is asked for, not %s", TG_SHOW(call->vm, call->args[index]));
    return *out != NULL;
}

// _connection(socket, max_header, max_body, patience)
static TgResult http_connection(TgCall *call) {
    bool is_new;
    TgStream *socket;
    int64_t most_head, most_body;
    if (!tg_arg_socket(call, 0, "serve", &socket) || !tg_arg_index(call, 1, &most_head) || !tg_arg_index(call, 2, &most_body)) return TG_RAISED;
    TgConnection *c = (TgConnection *)tg_resource_new(call->vm, &connection_type, tg_library_class(call->vm, "Connection", NULL, &is_new));
    c->socket = socket;
    c->patience = call->args[3]; // a number
    c->most_head = most_head < 0 ? 0 : most_head > MOST_HEAD ? MOST_HEAD : (size_t)most_head;
    c->most_body = most_body < 0 ? 0 : (uint64_t)most_body;
    http_parser_init(&c->parser, HTTP_REQUEST);
    c->parser.data = c;
    return tg_return(call, tg_obj(c));
}

// ---- A head

static void begin_message(TgConnection *c) {
    c->text.length = 0;
    c->part = IN_TARGET;
    c->phase = TG_IN_HEAD;
    c->head_size = c->trailer_size = c->skipped = c->moved = 0;
    c->body_size = 0;
    c->fault = 0;
    c->is_answered = c->is_chunked = c->expects = false;
    c->is_begun = true;
}

static bool has_body(const TgConnection *c) {
    return (c->parser.flags & F_CHUNKED) || (c->parser.content_length > 0 && c->parser.content_length != ULLONG_MAX);
}

// What has to be known of the headers before anybody reads them.
typedef struct {
    int hosts, encodings;
    bool is_odd;     // a blank in a name: others may take that for another header
    bool is_unknown; // an encoding besides chunked
} Known;

static Known look_at_headers(TgConnection *c, bool is_new) {
    Known known = {0};
    const char *at = c->text.data, *end = at + c->text.length;
    for (at += strlen(at) + 1; at < end;) {
        const char *name = at, *value = name + strlen(name) + 1;
        known.hosts += !strcasecmp(name, "host");
        if (strchr(name, ' ')) known.is_odd = true;
        if (!strcasecmp(name, "transfer-encoding")) known.encodings++, known.is_unknown |= strcasecmp(value, "chunked") != 0;
        if (is_new && !strcasecmp(name, "expect") && !strcasecmp(value, "100-continue")) c->expects = has_body(c);
        at = value + strlen(value) + 1;
    }
    return known;
}

// 0, or the status to answer. Where it is not sure what the body is, another server on the way may have taken it for something else.
static int verdict_of(TgConnection *c) {
    bool is_new = c->parser.http_major == 1 && c->parser.http_minor >= 1;
    Known known = look_at_headers(c, is_new);
    if (c->parser.http_major != 1) return 505;
    if (c->parser.method == HTTP_CONNECT) return 501;
    if (known.is_odd || known.hosts > 1 || (is_new && !known.hosts)) return 400;
    if (known.encodings > (is_new ? 1 : 0)) return 400;
    if (known.is_unknown) return 501;
    bool has_length = c->parser.content_length != ULLONG_MAX && !(c->parser.flags & F_CHUNKED);
    return has_length && c->parser.content_length > c->most_body ? 413 : 0;
}

static TgResult refuse(TgCall *call, TgConnection *c, int status) {
    c->fault = status;
    c->keeps = false;
    return tg_return(call, tg_int(status));
}

static TgResult give_request(TgCall *call, TgConnection *c) {
    TgVM *vm = call->vm;
    if (c->text.failed) return tg_raise_memory(call);
    if (!has_body(c) && !parse(vm, c, 1)) return refuse(call, c, 400); // the newline before which it paused
    int status = verdict_of(c);
    if (status) return refuse(call, c, status);
    TgBytes *text = tg_bytes(vm, c->text.data, c->text.length);
    return tg_return(call, tg_obj(tg_request_new(vm, c, text)));
}

// _head(connection): a Request; nil at the connection's end; an Int, the status with which what came is to be refused.
static TgResult http_head(TgCall *call) {
    TgConnection *c;
    if (!tg_arg_connection(call, 0, &c)) return TG_RAISED;
    if (!c->is_begun) begin_message(c);
    TgStream *socket = c->socket;
    while (c->phase == TG_IN_HEAD) {
        size_t most = c->most_head + 1 - c->head_size, length = tg_stream_buffered(socket);
        if (length) {
            if (!parse(call->vm, c, length < most ? length : most)) return refuse(call, c, 400);
            if (c->phase == TG_IN_HEAD && c->head_size > c->most_head) return refuse(call, c, 431);
            continue;
        }
        if (socket->is_ended) return tg_return(call, TG_NIL);
        TgResult result = tg_stream_fill(call, socket, ROOM, 1);
        if (result != TG_DONE) return result;
    }
    return give_request(call, c);
}

// ---- A body, as a stream

static TgStreamEnd pull(TgVM *vm, TgStream *socket) {
    size_t moved = 0;
    if (!tg_stream_reserve(vm, socket, ROOM)) return STREAM_RAISED;
    TgStreamEnd end = socket->kind->read(vm, socket, socket->data + socket->length, socket->capacity - socket->length, &moved);
    socket->length += moved;
    if (end == STREAM_MOVED) socket->is_ended = moved == 0;
    return end;
}

static TgStreamEnd body_fault(TgVM *vm, TgConnection *c, int status, const char *code, const char *why) {
    c->fault = status;
    c->keeps = false;
    tg_io_error_own(vm, code, NULL, "cannot read the body of the request: %s (%s)", why, code);
    return STREAM_RAISED;
}

static void say_go_on(TgVM *vm, TgConnection *c) {
    static const char line[] = "HTTP/1.1 100 Continue\r\n\r\n";
    size_t moved = 0;
    c->expects = false;
    // Nothing of an answer is on its way: there is room for so little. Where it is lost the client goes on by itself after a while.
    if (!c->is_answered) c->socket->kind->write(vm, c->socket, line, sizeof line - 1, &moved);
}

// None moved: its end.
static TgStreamEnd move_body(TgVM *vm, TgConnection *c, char *into, size_t room, size_t *moved) {
    TgStream *socket = c->socket;
    c->into = into;
    c->moved = 0;
    while (c->phase == TG_IN_BODY && !c->moved) {
        if (c->fault) return body_fault(vm, c, c->fault, "EPROTO", "it was not what it should be");
        if (c->expects) say_go_on(vm, c);
        if (socket->is_closed) return body_fault(vm, c, 400, "EOF", "the connection is closed");
        size_t length = tg_stream_buffered(socket);
        if (!length) {
            TgStreamEnd end = pull(vm, socket);
            if (end != STREAM_MOVED) return end;
            if (socket->is_ended) return c->is_lost = true, body_fault(vm, c, 400, "EOF", "the client has gone in the midst of it");
            continue;
        }
        if (!parse(vm, c, length < room ? length : room)) return body_fault(vm, c, 400, "EPROTO", "it is not in the pieces that HTTP has");
        if (c->body_size > c->most_body) return body_fault(vm, c, 413, "EFBIG", "it is larger than the server's max_body");
    }
    *moved = c->moved;
    return STREAM_MOVED;
}

static TgStreamEnd body_read(TgVM *vm, TgStream *stream, char *into, size_t room, size_t *moved) {
    TgConnection *c = stream->own;
    stream->fd = c->socket->fd; // to be waited for
    return move_body(vm, c, into, room, moved);
}

static void body_close(TgVM *vm, TgStream *stream, bool is_dead) { (void)vm, (void)stream, (void)is_dead; } // the socket stays

static void body_mark(TgVM *vm, TgStream *stream) { tg_gc_mark_obj(vm, stream->own); }

static const TgStreamKind body_kind = {.reading = "reading the body of", .read = body_read, .close = body_close, .mark = body_mark};

TgStream *tg_connection_body(TgVM *vm, TgConnection *c, TgString *name) {
    if (c->body) return c->body;
    c->body = tg_stream_new(vm, tg_http_body_class(vm), &body_kind, -1, name);
    tg_barrier(vm, c, tg_obj(c->body));
    c->body->own = c;
    c->body->has_lines = true;
    return c->body;
}

// _finish(connection): the message is done with. Whether another one may follow; little that nobody has read is skipped.
static TgResult http_finish(TgCall *call) {
    TgConnection *c;
    char skipped[4096];
    size_t moved = 0;
    if (!tg_arg_connection(call, 0, &c)) return TG_RAISED;
    if (c->body) tg_stream_drop(call->vm, c->body);
    c->body = NULL;
    while (c->keeps && !c->is_lost && !c->expects && !c->fault && c->phase == TG_IN_BODY) {
        bool has_length = !(c->parser.flags & F_CHUNKED);
        if (c->skipped > MOST_SKIPPED || (has_length && c->parser.content_length > MOST_SKIPPED)) break;
        TgStreamEnd end = move_body(call->vm, c, skipped, sizeof skipped, &moved);
        c->skipped += moved;
        if (end == STREAM_MOVED) continue;
        call->vm->raised = TG_UNDEF;
        if (end != STREAM_WANTS_READ && end != STREAM_WANTS_WRITE) break;
        TgWaitFor what = {"reading the rest of a request from", c->socket, &c->socket->readers};
        return tg_park_on_fd(call, &what, c->socket->fd, end == STREAM_WANTS_WRITE, 1);
    }
    bool goes_on = c->keeps && !c->is_lost && !c->fault && c->phase == TG_AT_END;
    c->is_begun = false;
    c->head_size = 0;
    return tg_return(call, tg_bool(goes_on));
}

// _blame(connection, status): the request is at fault. _lose(connection): nobody is there any more who reads.
static TgResult http_blame(TgCall *call) {
    TgConnection *c;
    int64_t status;
    if (!tg_arg_connection(call, 0, &c) || !tg_arg_index(call, 1, &status)) return TG_RAISED;
    c->fault = (int)status;
    c->keeps = false;
    return tg_return(call, TG_NIL);
}

static TgResult http_lose(TgCall *call) {
    TgConnection *c;
    if (!tg_arg_connection(call, 0, &c)) return TG_RAISED;
    c->is_lost = true;
    return tg_return(call, TG_NIL);
}

const TgNativeDef tg_lib_http_server[] = {
    {"_connection(socket, max_header, max_body, patience)", http_connection, "A Connection."},
    {"_head(connection)", http_head, "The next Request, nil at the end, or the status that refuses it."},
    {"_finish(connection)", http_finish, "Whether another request may follow."},
    {"_blame(connection, status)", http_blame, "The request is at fault."},
    {"_lose(connection)", http_lose, "The client is gone."},
    {0},
};
