// stdlib/http_client.c
// The client of http: a transfer of libcurl's as a stream.
//
// Each transfer has a line of its own (http_line.h): the task waits for that. One that is left or closed gives it back at once. What
// comes faster than it is read is held off (a pause).
//
// Layer: library.
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "stdlib/http.h"
#include "stdlib/http_line.h"
#include "stdlib/ioerror.h"
#include "stdlib/lib.h"

enum { MOST_BUFFERED = 1 << 18, MOST_HEAD = 1 << 17, MOST_HEADERS = 1000, TURNS = 64 };

typedef struct {
    const TgCurl *curl;  // NULL when replaying
    TgHttpLine *line;    // the same
    struct curl_slist *headers;
    TgBuffer head, body; // body.data[taken …) is not yet read
    size_t taken;
    int lines;            // of the head
    char *what;           // `get "http://…"`
    uint64_t total, most; // bytes of the body: come, allowed
    int status;
    bool follows, moves; // redirects are followed; this answer is one
    bool has_asked;      // a server, or for its name
    bool is_ready, is_given, is_over, is_paused, is_too_large, has_long_head;
    int result;          // CURLE_…, once over
    int system_error;    // of a connection that failed, or 0
    char error[CURL_ERROR_SIZE]; // once over: what is wrong, if anything
    TgBuffer url;        // of the answer, once it is there
} Transfer;

static size_t buffered(const Transfer *t) { return t->body.length - t->taken; }

// ---- What libcurl calls

static bool is_redirect(int status) {
    return status == 301 || status == 302 || status == 303 || status == 307 || status == 308;
}

// One line of a head. There may be several heads: of 100 Continue, of each redirect.
static size_t on_header(char *line, size_t size, size_t count, void *data) {
    Transfer *t = data;
    size_t length = size * count;
    if (length > 5 && !memcmp(line, "HTTP/", 5)) {
        t->head.length = 0;
        t->lines = 0;
        t->status = 0;
        t->moves = false;
        const char *blank = memchr(line, ' ', length);
        for (const char *at = blank ? blank + 1 : line + length; at < line + length && *at >= '0' && *at <= '9'; at++)
            t->status = t->status * 10 + *at - '0';
    }
    if (length > 9 && !strncasecmp(line, "location:", 9)) t->moves = true;
    if (length <= 2 && t->status >= 200) t->is_ready = !(t->follows && t->moves && is_redirect(t->status));
    // See Other: by GET, whatever was asked; libcurl knows that of POST alone.
    if (t->follows && t->moves && t->status == 303) t->curl->curl_easy_setopt(t->line->easy, CURLOPT_CUSTOMREQUEST, NULL);
    t->has_long_head = t->head.length + length > MOST_HEAD || ++t->lines > MOST_HEADERS;
    if (t->has_long_head) return 0; // libcurl ends it
    tg_buffer_add(&t->head, line, length);
    return length;
}

static size_t on_body(char *bytes, size_t size, size_t count, void *data) {
    Transfer *t = data;
    size_t length = size * count;
    t->is_ready = true;
    if (buffered(t) >= MOST_BUFFERED) return t->is_paused = true, CURL_WRITEFUNC_PAUSE;
    t->total += length;
    if (t->total > t->most) return t->is_too_large = true, 0;
    if (t->taken == t->body.length) t->taken = t->body.length = 0;
    tg_buffer_add(&t->body, bytes, length);
    return t->body.failed ? 0 : length;
}

// ---- Going on

static void note_end(Transfer *t) {
    long error = 0;
    t->is_over = t->is_ready = true;
    t->result = t->line->result;
    if (!*t->error) snprintf(t->error, sizeof t->error, "%s", t->curl->curl_easy_strerror(t->result));
    if (t->result == CURLE_COULDNT_CONNECT) t->curl->curl_easy_getinfo(t->line->easy, CURLINFO_OS_ERRNO, &error);
    t->system_error = (int)error;
}

static void note_url(Transfer *t) {
    const char *url = NULL;
    if (!t->is_ready || t->is_given) return;
    t->curl->curl_easy_getinfo(t->line->easy, CURLINFO_EFFECTIVE_URL, &url);
    tg_buffer_free(&t->url);
    if (url) tg_buffer_add(&t->url, url, strlen(url));
}

// All that can be done at once, up to so many turns.
static void drive(Transfer *t) {
    if (t->is_paused && !buffered(t)) {
        t->is_paused = false;
        t->curl->curl_easy_pause(t->line->easy, CURLPAUSE_CONT); // gives what it held
    }
    for (int i = 0; i < TURNS && buffered(t) < MOST_BUFFERED && tg_http_line_turn(t->line); i++) {}
    t->has_asked = t->line->has_asked;
    if (t->line->is_over) note_end(t);
    tg_http_line_pause(t->line);
    note_url(t);
}

// drive, or what it was when it was recorded.
static void go_on(TgVM *vm, Transfer *t) {
    TgTape tape;
    if (tg_world_begins(vm, WORLD_TRANSFER, &tape)) drive(t);
    bool *const flags[] = {&t->moves, &t->has_asked, &t->is_ready, &t->is_over, &t->is_paused, &t->is_too_large, &t->has_long_head};
    for (size_t i = 0; i < sizeof flags / sizeof *flags; i++) tg_tape_flag(&tape, flags[i]);
    int64_t taken = (int64_t)t->taken;
    tg_tape_int(&tape, &taken);
    t->taken = (size_t)taken;
    tg_tape_small(&tape, &t->status);
    tg_tape_small(&tape, &t->result);
    tg_tape_small(&tape, &t->system_error);
    if (t->result != CURLE_OK) tg_tape_bytes(&tape, t->error, sizeof t->error);
    if (!t->is_given) tg_tape_buffer(&tape, &t->head), tg_tape_buffer(&tape, &t->url);
    tg_tape_buffer(&tape, &t->body);
    tg_world_ends(&tape);
}

// ---- Its end

static void transfer_close(TgVM *vm, TgStream *stream, bool is_dead) {
    Transfer *t = stream->own;
    (void)vm, (void)is_dead;
    if (t->line) tg_http_line_give(t->line);
    if (t->curl) t->curl->curl_slist_free_all(t->headers);
    tg_buffer_free(&t->url);
    tg_buffer_free(&t->head);
    tg_buffer_free(&t->body);
    free(t->what);
    free(t);
}

// Nobody has it yet: the one who asked does not want it any more.
static void transfer_left(TgVM *vm, TgStream *stream, TgTask *task) {
    (void)task;
    if (!((Transfer *)stream->own)->is_given) tg_stream_drop(vm, stream);
}

static const struct {
    int result;
    const char *code, *reason;
} reasons[] = {
    {CURLE_COULDNT_RESOLVE_HOST, "EAI_NONAME", "there is no such host"},
    {CURLE_COULDNT_RESOLVE_PROXY, "EAI_NONAME", "there is no such proxy"},
    {CURLE_COULDNT_CONNECT, "ECONNREFUSED", "could not connect to the server"},
    {CURLE_OPERATION_TIMEDOUT, "ETIMEDOUT", "the server does not answer"},
    {CURLE_GOT_NOTHING, "EOF", "the server closed the connection without an answer"},
    {CURLE_PARTIAL_FILE, "EOF", "the connection ended before the body did"},
    {CURLE_SEND_ERROR, "ECONNRESET", "the connection broke while sending"},
    {CURLE_RECV_ERROR, "ECONNRESET", "the connection broke while receiving"},
    {CURLE_TOO_MANY_REDIRECTS, "ELOOP", "too many redirects; redirects: allows more"},
    {CURLE_WEIRD_SERVER_REPLY, "EPROTO", "what the server answers is no HTTP"},
    {CURLE_UNSUPPORTED_PROTOCOL, "EPROTO", "what the server answers is no HTTP"}, // as 0.9 had none
    {CURLE_URL_MALFORMAT, "EPROTO", "it is redirected to what is no URL"},
    {CURLE_BAD_CONTENT_ENCODING, "EPROTO", "the body is not compressed as its header says"},
    {CURLE_SSL_CERTPROBLEM, "TLS", "the certificate of cert: and its key: cannot be used; both are PEM files"},
    {CURLE_SSL_CLIENTCERT, "TLS", "the server asks for a certificate, in the files of cert: and key:, or does not take the one there"},
    {CURLE_SSL_CACERT_BADFILE, "TLS", "the file of trusted certificates cannot be used"},
};

static void raise_tls(TgVM *vm, const Transfer *t) {
    bool is_trust = t->result == CURLE_PEER_FAILED_VERIFICATION;
    const char *code = is_trust ? "TLS_CERTIFICATE" : "TLS", *error = t->error;
    tg_io_error_own(vm, code, NULL, is_trust ? "cannot %s: the server's certificate cannot be trusted: %s (%s)" : "cannot %s: %s (%s)",
                    t->what, error, code);
}

static void raise_too_large(TgVM *vm, const Transfer *t) {
    tg_io_error_own(vm, "EFBIG", NULL, "cannot %s: the body is over %llu bytes (EFBIG); max_body: allows more, http.stream() reads it piece by piece",
                    t->what, (unsigned long long)t->most);
}

static void raise_other(TgVM *vm, const Transfer *t) {
    const char *code = "EPROTO", *reason = t->error;
    for (size_t i = 0; i < sizeof reasons / sizeof *reasons; i++)
        if (reasons[i].result == t->result) code = reasons[i].code, reason = reasons[i].reason;
    if (t->result == CURLE_UNSUPPORTED_PROTOCOL && t->status) reason = "it is redirected to what is no URL for http";
    if (t->system_error > 0 && strerrorname_np(t->system_error)) code = strerrorname_np(t->system_error);
    tg_io_error_own(vm, code, NULL, "cannot %s: %s (%s)", t->what, reason, code);
}

static void raise_result(TgVM *vm, const Transfer *t) {
    if (t->is_too_large) raise_too_large(vm, t);
    else if (t->has_long_head) tg_io_error_own(vm, "EPROTO", NULL, "cannot %s: the server sends over 1,000 headers, or 128 KiB of them (EPROTO)", t->what);
    else if (t->body.failed || t->result == CURLE_OUT_OF_MEMORY) tg_error_memory(vm);
    else if (t->result == CURLE_PEER_FAILED_VERIFICATION || t->result == CURLE_SSL_CONNECT_ERROR) raise_tls(vm, t);
    else raise_other(vm, t);
}

// ---- The body, as a stream

static TgStreamEnd transfer_read(TgVM *vm, TgStream *stream, char *into, size_t room, size_t *moved) {
    Transfer *t = stream->own;
    if (!buffered(t) && !t->is_over) {
        go_on(vm, t);
        if (t->is_over) tg_stream_wake(vm, stream, false); // the epoll tells nobody else any more
    }
    if (!buffered(t) && !t->is_over) return STREAM_WANTS_READ;
    if (!buffered(t) && t->result != CURLE_OK) return raise_result(vm, t), STREAM_RAISED;
    *moved = buffered(t) < room ? buffered(t) : room;
    if (*moved) memcpy(into, t->body.data + t->taken, *moved);
    t->taken += *moved;
    return STREAM_MOVED;
}

static const TgStreamKind transfer_kind = {
    .reading = "reading the answer to",
    .read = transfer_read,
    .close = transfer_close,
    .left = transfer_left,
};

// The class of bodies, a Stream: of answers, and of requests in the server.
TgClass *tg_http_body_class(TgVM *vm) {
    bool is_new;
    TgClass *class_ = tg_library_class(vm, "Body", tg_stream_class(vm), &is_new);
    if (is_new) tg_class_finish(vm, class_);
    return class_;
}

// ---- _open(method, url, headers, body, redirects, verify, ca, max_body, cert, key, client)

enum { METHOD, URL, HEADERS, BODY, REDIRECTS, VERIFY, CA, MAX_BODY, CERT, KEY, CLIENT, STREAM };

static bool add_header(TgVM *vm, Transfer *t, const char *between, const char *name, const char *value) {
    TgBuffer line = {0};
    tg_buffer_text(&line, name);
    tg_buffer_text(&line, between);
    tg_buffer_text(&line, value);
    tg_buffer_add(&line, "", 1);
    if (!t->curl) return tg_buffer_free(&line), true;
    struct curl_slist *list = line.failed ? NULL : t->curl->curl_slist_append(t->headers, line.data);
    tg_buffer_free(&line);
    if (!list) return tg_error_memory(vm), false;
    return t->headers = list, true;
}

static bool add_headers(TgCall *call, Transfer *t, const TgMap *headers) {
    uint32_t position = 0;
    bool has_type = false;
    for (TgMapEntry *entry; (entry = tg_map_next(headers, &position));) {
        if (!tg_http_check_header(call->vm, entry->key, entry->value)) return false;
        const TgString *name = (TgString *)tg_as_obj(entry->key), *value = (TgString *)tg_as_obj(entry->value);
        has_type = has_type || !strcasecmp(name->data, "content-type");
        // libcurl takes "Name:" for "leave it out", "Name;" for an empty one.
        if (!add_header(call->vm, t, value->length ? ": " : ";", name->data, value->data)) return false;
    }
    return has_type || add_header(call->vm, t, ":", "Content-Type", ""); // it would call every body a form
}

static bool body_of(TgCall *call, const char **data, size_t *length) {
    TgValue body = call->args[BODY];
    *data = NULL;
    *length = 0;
    if (tg_is_kind(body, OBJ_STRING)) *data = ((TgString *)tg_as_obj(body))->data, *length = ((TgString *)tg_as_obj(body))->length;
    else if (tg_is_kind(body, OBJ_BYTES)) *data = (const char *)tg_as_bytes(body)->data, *length = tg_as_bytes(body)->length;
    else if (!tg_is_nil(body)) {
        tg_error_raise(call->vm, TG_ERR_TypeError, "body: a String or Bytes are sent, not %s; json: sends a value", TG_SHOW(call->vm, body));
        return false;
    }
    return true;
}

static void set_method(const Transfer *t, const char *method, const char *body, size_t length) {
    const TgCurl *c = t->curl;
    bool is_post = !strcmp(method, "POST"), is_head = !strcmp(method, "HEAD");
    if (body || is_post) {
        c->curl_easy_setopt(t->line->easy, CURLOPT_POST, 1L);
        c->curl_easy_setopt(t->line->easy, CURLOPT_POSTFIELDSIZE_LARGE, (long long)length);
        c->curl_easy_setopt(t->line->easy, CURLOPT_COPYPOSTFIELDS, body ? body : "");
    }
    if (is_head) c->curl_easy_setopt(t->line->easy, CURLOPT_NOBODY, 1L);
    else if (!is_post && (body || strcmp(method, "GET") != 0)) c->curl_easy_setopt(t->line->easy, CURLOPT_CUSTOMREQUEST, method);
}

static void set_rules(Transfer *t, long redirects, bool verify, const char *ca) {
    const TgCurl *c = t->curl;
    t->follows = redirects > 0;
    c->curl_easy_setopt(t->line->easy, CURLOPT_FOLLOWLOCATION, (long)t->follows);
    c->curl_easy_setopt(t->line->easy, CURLOPT_MAXREDIRS, redirects);
    c->curl_easy_setopt(t->line->easy, CURLOPT_SSL_VERIFYPEER, (long)verify);
    c->curl_easy_setopt(t->line->easy, CURLOPT_SSL_VERIFYHOST, verify ? 2L : 0L);
    if (ca) c->curl_easy_setopt(t->line->easy, CURLOPT_CAINFO, ca);
    c->curl_easy_setopt(t->line->easy, CURLOPT_PROTOCOLS_STR, "http,https"); // no file:// by a redirect
    c->curl_easy_setopt(t->line->easy, CURLOPT_REDIR_PROTOCOLS_STR, "http,https");
    c->curl_easy_setopt(t->line->easy, CURLOPT_NOSIGNAL, 1L);
    c->curl_easy_setopt(t->line->easy, CURLOPT_QUICK_EXIT, 1L); // a look-up of a name that is out does not hold its end up
    c->curl_easy_setopt(t->line->easy, CURLOPT_SUPPRESS_CONNECT_HEADERS, 1L);
    c->curl_easy_setopt(t->line->easy, CURLOPT_USERAGENT, "tg");
    c->curl_easy_setopt(t->line->easy, CURLOPT_ACCEPT_ENCODING, ""); // all that it can
}

static void set_callbacks(Transfer *t) {
    const TgCurl *c = t->curl;
    c->curl_easy_setopt(t->line->easy, CURLOPT_ERRORBUFFER, t->error);
    c->curl_easy_setopt(t->line->easy, CURLOPT_HEADERFUNCTION, on_header);
    c->curl_easy_setopt(t->line->easy, CURLOPT_HEADERDATA, t);
    c->curl_easy_setopt(t->line->easy, CURLOPT_WRITEFUNCTION, on_body);
    c->curl_easy_setopt(t->line->easy, CURLOPT_WRITEDATA, t);
}

// `get "http://…"`, the method in lower case.
static char *say_what(const TgString *method, const TgString *url) {
    TgBuffer what = {0};
    for (uint32_t i = 0; i < method->length; i++) {
        char c = method->data[i];
        tg_buffer_add(&what, (char[1]){c >= 'A' && c <= 'Z' ? (char)(c + 'a' - 'A') : c}, 1);
    }
    tg_buffer_text(&what, " ");
    tg_text_quote(&what, url);
    tg_buffer_add(&what, "", 1);
    return what.data;
}

// Raises what is raised, and lets go of all at once.
static TgResult give_up(TgCall *call, TgStream *stream) {
    TgValue raised = call->vm->raised;
    tg_stream_drop(call->vm, stream);
    call->vm->raised = raised;
    return TG_RAISED;
}

// 0, or -1 and errno.
static int take_line(Transfer *t, TgHttpPool *pool, const char *url) {
    t->curl = tg_curl();
    t->line = tg_http_line_take(t->curl, pool, url);
    return t->line ? 0 : -1;
}

// A stream that has not begun. NULL: raised.
static TgStream *new_transfer(TgCall *call, const TgString *method, TgString *url) {
    TgHttpPool *pool = NULL;
    if (!tg_http_has_curl(call->vm) || (tg_lib_given(call, CLIENT) && !tg_http_client_pool(call, CLIENT, &pool))) return NULL;
    Transfer *t = calloc(1, sizeof *t);
    if (!t) return tg_error_memory(call->vm), NULL;
    t->what = say_what(method, url);
    bool good = t->what && TG_ASK(call->vm, TRANSFER, take_line(t, pool, url->data)) == 0;
    int error = t->what ? errno : ENOMEM;
    TgStream *stream = tg_stream_new(call->vm, tg_http_body_class(call->vm), &transfer_kind, t->line ? t->line->epoll : -1, url);
    stream->own = t;
    stream->has_lines = true;
    tg_expect_broken_pipes(); // TLS libraries write as they like
    if (good) return stream;
    if (error == ENOMEM) tg_error_memory(call->vm);
    else tg_io_error(call->vm, error, NULL, "cannot %s", t->what);
    give_up(call, stream);
    return NULL;
}

static bool begin(TgCall *call, TgStream *stream) {
    Transfer *t = stream->own;
    int64_t redirects, most;
    const char *body;
    size_t length;
    TgMap *headers;
    TgString *ca = NULL, *cert = NULL, *key = NULL;
    bool verify = true;
    if (!tg_arg_map(call, HEADERS, &headers) || !body_of(call, &body, &length) || !tg_arg_index(call, REDIRECTS, &redirects) ||
        !tg_lib_flag(call, VERIFY, "verify", &verify) || (tg_lib_given(call, CA) && !tg_arg_path(call, CA, &ca)) ||
        (tg_lib_given(call, CERT) && !tg_arg_path(call, CERT, &cert)) || (tg_lib_given(call, KEY) && !tg_arg_path(call, KEY, &key)) ||
        !tg_arg_index(call, MAX_BODY, &most) || !add_headers(call, t, headers))
        return false;
    t->most = most < 0 ? UINT64_MAX : (uint64_t)most;
    if (!t->curl) return true;
    set_callbacks(t);
    set_rules(t, redirects < 0 ? 0 : redirects > 1000 ? 1000 : (long)redirects, verify, ca ? ca->data : NULL);
    if (cert) t->curl->curl_easy_setopt(t->line->easy, CURLOPT_SSLCERT, cert->data);
    if (key) t->curl->curl_easy_setopt(t->line->easy, CURLOPT_SSLKEY, key->data);
    set_method(t, ((TgString *)tg_as_obj(call->args[METHOD]))->data, body, length);
    t->curl->curl_easy_setopt(t->line->easy, CURLOPT_URL, stream->name->data);
    t->curl->curl_easy_setopt(t->line->easy, CURLOPT_HTTPHEADER, t->headers);
    return tg_http_line_begin(t->line) || (tg_error_memory(call->vm), false);
}

static const char *skip_blanks(const char *at, const char *end) {
    while (at < end && (*at == ' ' || *at == '\t')) at++;
    return at;
}

static bool push_text(TgVM *vm, TgList *list, const char *text, size_t length) {
    TgString *string = tg_http_string(vm, text, length);
    return string && (tg_list_push(vm, list, tg_obj(string)) || (tg_error_memory(vm), false));
}

// A line of the head: into the Map, and as name and value into the List.
static bool add_line(TgVM *vm, const char *line, const char *end, TgMap *headers, TgList *pairs) {
    while (end > line && (end[-1] == '\r' || end[-1] == '\n' || end[-1] == ' ')) end--;
    const char *colon = memchr(line, ':', (size_t)(end - line));
    if (!colon || colon == line) return true;
    const char *value = skip_blanks(colon + 1, end);
    size_t name_length = (size_t)(colon - line), length = (size_t)(end - value);
    return tg_http_add_header(vm, headers, line, name_length, value, length) && push_text(vm, pairs, line, name_length) &&
           push_text(vm, pairs, value, length);
}

// [status, reason, headers, pairs, url, body]
static TgResult give_answer(TgCall *call, TgStream *stream) {
    TgVM *vm = call->vm;
    Transfer *t = stream->own;
    TgMap *headers = tg_map(vm);
    TgList *pairs = tg_list(vm, 0);
    const char *end = t->head.data + t->head.length, *reason = NULL;
    size_t reason_length = 0;
    for (const char *line = t->head.data, *next; line && line < end; line = next) {
        const char *newline = memchr(line, '\n', (size_t)(end - line));
        next = newline ? newline + 1 : end;
        if (line != t->head.data && !add_line(vm, line, next, headers, pairs)) return TG_RAISED;
        const char *blank = line == t->head.data ? memchr(line, ' ', (size_t)(next - line)) : NULL;
        if (blank) blank = memchr(blank + 1, ' ', (size_t)(next - blank - 1));
        if (blank) for (reason = blank + 1; reason + reason_length < next && reason[reason_length] >= ' ';) reason_length++;
    }
    TgString *reason_text = reason_length ? tg_http_string(vm, reason, reason_length) : tg_string_c(vm, tg_http_reason(t->status));
    TgString *url_text = t->url.data ? tg_http_string(vm, t->url.data, t->url.length) : stream->name;
    if (!reason_text || !url_text) return TG_RAISED;
    TgValue answer[] = {tg_int(t->status), tg_obj(reason_text), tg_obj(headers), tg_obj(pairs), tg_obj(url_text), tg_obj(stream)};
    t->is_given = true;
    return tg_return(call, tg_obj(tg_list_of(vm, answer, 6)));
}

static TgResult fail_to_begin(TgCall *call, TgStream *stream) {
    const Transfer *t = stream->own;
    if ((t->result == CURLE_URL_MALFORMAT || t->result == CURLE_UNSUPPORTED_PROTOCOL) && !t->has_asked)
        tg_error_raise(call->vm, TG_ERR_ValueError, "%s is no URL for http: \"https://host/path\" is one", tg_lib_show(call->vm, tg_obj(stream->name)));
    else raise_result(call->vm, t);
    return give_up(call, stream);
}

static TgResult http_open(TgCall *call) {
    TgString *method, *url;
    if (!tg_arg_string(call, METHOD, &method) || !tg_arg_string(call, URL, &url)) return TG_RAISED;
    if (call->step == 0) {
        if (strlen(url->data) != url->length || !method->length || strspn(method->data, "ABCDEFGHIJKLMNOPQRSTUVWXYZ-") != method->length)
            return tg_raise(call, TG_ERR_ValueError, "a method is a word as \"GET\" and a URL has no \\0 in it, not %s %s",
                            tg_lib_show(call->vm, tg_obj(method)), tg_lib_show(call->vm, tg_obj(url)));
        TgStream *stream = new_transfer(call, method, url);
        if (!stream) return TG_RAISED;
        if (!begin(call, stream)) return give_up(call, stream);
        call->args[STREAM] = tg_obj(stream);
    }
    TgStream *stream = tg_stream_of(call->args[STREAM]);
    Transfer *t = stream->own;
    go_on(call->vm, t);
    if (t->is_over && (t->result != CURLE_OK || !t->status)) return fail_to_begin(call, stream);
    if (t->is_ready) return give_answer(call, stream);
    TgWaitFor what = {"waiting for the answer to", stream, NULL};
    return tg_park_on_fd(call, &what, stream->fd, false, 1);
}

const TgNativeDef tg_lib_http_client[] = {
    {"_open(method, url, headers, body, redirects, verify, ca, max_body, cert, key, client)", http_open, "An answer, once its head is there."},
    {0},
};
