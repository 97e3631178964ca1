// stdlib/tls.c
// TLS over a Socket: the same stream, whose kind is another from then on.
//
// OpenSSL works in memory: it takes what came from the net out of one buffer and leaves what is to go there in another; the
// socket is read and written here, as a plain one's. So nothing in it waits, and a write that is interrupted breaks nothing.
//
// Layer: library.
#include <arpa/inet.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "stdlib/ioerror.h"
#include "stdlib/lib.h"
#include "stdlib/net.h"
#include "stdlib/openssl.h"

enum { PIECE = 1 << 14 }; // TLS's own largest

// ---- Contexts: certificates and whom to trust

typedef struct {
    TgResource head;
    SSL_CTX *context;
    bool has_cert, has_ca, verifies;
    bool knows_usual; // whom the system trusts has been read
} Context;

static void context_release(TgVM *vm, TgResource *resource) {
    Context *context = (Context *)resource;
    (void)vm;
    if (context->context) tg_openssl()->SSL_CTX_free(context->context);
    context->context = NULL;
}

static const TgResourceType context_type = {.size = sizeof(Context), .release = context_release};

TgClass *tg_tls_context_class(TgVM *vm) {
    bool is_new;
    TgClass *class_ = tg_library_class(vm, "TlsContext", NULL, &is_new);
    if (is_new) tg_class_finish(vm, class_);
    return class_;
}

static const char *openssl_reason(const TgOpenssl *o) {
    const char *reason = o->ERR_reason_error_string(o->ERR_get_error());
    o->ERR_clear_error();
    if (reason && !strcmp(reason, "wrong version number")) return "the other side does not speak TLS";
    return reason ? reason : "OpenSSL says no more";
}

// An argument that is the path of a file, if it is given. False: raised.
static bool file_of(TgCall *call, int index, const char *what, const char **out) {
    TgString *path;
    *out = NULL;
    if (!tg_lib_given(call, index)) return true;
    if (!tg_arg_path(call, index, &path)) return false;
    *out = path->data;
    if (TG_ASK(call->vm, STAT, access(path->data, R_OK)) == 0) return true;
    tg_io_error(call->vm, errno, path->data, "cannot read the %s in %s", what, tg_lib_show(call->vm, tg_obj(path)));
    return false;
}

static bool refuse_file(TgVM *vm, const TgOpenssl *o, const char *what, const char *path) {
    tg_io_error_own(vm, "TLS", path, "cannot use the %s in \"%s\": %s (TLS); a PEM file is asked for", what, path, openssl_reason(o));
    return false;
}

typedef struct {
    const char *cert, *key, *ca;
    bool verifies;
} Wanted;

static bool fill_context(TgVM *vm, const TgOpenssl *o, SSL_CTX *context, const Wanted *w) {
    o->SSL_CTX_ctrl(context, SSL_CTRL_SET_MIN_PROTO_VERSION, TLS1_2_VERSION, NULL);
    o->SSL_CTX_set_session_id_context(context, (const unsigned char *)"tg", 2); // clients whose certificates are checked may come again
    if (w->cert && o->SSL_CTX_use_certificate_chain_file(context, w->cert) != 1) return refuse_file(vm, o, "certificate", w->cert);
    if (w->cert && o->SSL_CTX_use_PrivateKey_file(context, w->key, SSL_FILETYPE_PEM) != 1) return refuse_file(vm, o, "key", w->key);
    if (w->ca && o->SSL_CTX_load_verify_locations(context, w->ca, NULL) != 1) return refuse_file(vm, o, "certificates", w->ca);
    return true;
}

// A client checks the server; a server its clients where it was told whom to trust, and then takes nobody without a certificate.
static void set_verify(const TgOpenssl *o, Context *context, SSL *ssl, bool is_server) {
    bool checks = context->verifies && (!is_server || context->has_ca);
    if (checks && !context->has_ca && !context->knows_usual) {
        o->SSL_CTX_set_default_verify_paths(context->context);
        context->knows_usual = true;
    }
    o->SSL_set_verify(ssl, !checks ? SSL_VERIFY_NONE : SSL_VERIFY_PEER | (is_server ? SSL_VERIFY_FAIL_IF_NO_PEER_CERT : 0), NULL);
}

static bool need_openssl(TgCall *call) {
    bool is_there = TG_ASK(call->vm, TLS, tg_openssl() != NULL);
    if (!is_there) tg_io_error_own(call->vm, "ENOSYS", NULL, "TLS needs OpenSSL 3, which is not installed here: its package is libssl3 (ENOSYS)");
    return is_there;
}

// False: raised.
static bool make_context(TgVM *vm, Context *context, const Wanted *w) {
    const TgOpenssl *o = tg_openssl();
    o->ERR_clear_error();
    context->context = o->SSL_CTX_new(o->TLS_method());
    if (!context->context) return tg_error_memory(vm), false;
    return fill_context(vm, o, context->context, w);
}

// tls_context(cert, key, verify, ca). The one that most clients use, which reads all the system's certificates, is kept.
TgResult tg_net_tls_context(TgCall *call) {
    TgVM *vm = call->vm;
    Wanted w = {.verifies = true};
    if (!need_openssl(call) || !file_of(call, 0, "certificate", &w.cert) || !file_of(call, 1, "key", &w.key) ||
        !tg_lib_flag(call, 2, "verify", &w.verifies) || !file_of(call, 3, "certificates", &w.ca))
        return TG_RAISED;
    if (!w.cert != !w.key) return tg_raise(call, TG_ERR_ValueError, "a certificate and its key go together: cert: and key:");
    bool is_usual = !w.cert && !w.ca && w.verifies;
    TgValue known = is_usual ? tg_library_kept(vm, "tls context") : TG_UNDEF;
    if (!tg_is_undef(known)) return tg_return(call, known);
    Context *context = (Context *)tg_resource_new(vm, &context_type, tg_tls_context_class(vm));
    context->has_cert = w.cert != NULL;
    context->has_ca = w.ca != NULL;
    context->verifies = w.verifies;
    TgTape tape;
    bool good = !tg_world_begins(vm, WORLD_TLS, &tape) || make_context(vm, context, &w);
    tg_tape_flag(&tape, &good);
    if (!good) tg_io_error_tape(vm, &tape);
    tg_world_ends(&tape);
    if (!good) return TG_RAISED;
    if (is_usual) tg_library_keep(vm, "tls context", tg_obj(context));
    return tg_return(call, tg_obj(context));
}

// ---- The stream

typedef struct {
    SSL *ssl;
    BIO *in, *out;   // the ssl's
    size_t accepted; // of what is being written: with OpenSSL, not yet with the system
    bool is_opening; // in the handshake: nobody else has the stream, it is closed where that is left
    bool is_cut;     // the other side has gone without a word
    bool is_over;    // said goodbye
    char version[16];
} Tls;

static Tls *tls_of(const TgStream *stream) { return stream->own; }

// Sends what lies in the buffer.
static TgStreamEnd push(TgVM *vm, TgStream *stream) {
    const TgOpenssl *o = tg_openssl();
    char *data, taken[PIECE];
    long length;
    while ((length = o->BIO_ctrl(tls_of(stream)->out, BIO_CTRL_INFO, 0, &data)) > 0) {
        size_t moved = 0;
        TgStreamEnd end = tg_socket_send(vm, stream, data, length < PIECE ? (size_t)length : PIECE, &moved);
        if (end != STREAM_MOVED) return end;
        o->BIO_read(tls_of(stream)->out, taken, (int)moved);
    }
    return STREAM_MOVED;
}

static TgStreamEnd pull(TgVM *vm, TgStream *stream) {
    const TgOpenssl *o = tg_openssl();
    char data[PIECE];
    size_t moved = 0;
    TgStreamEnd end = tg_socket_receive(vm, stream, data, sizeof data, &moved);
    if (end != STREAM_MOVED) return end;
    if (moved) o->BIO_write(tls_of(stream)->in, data, (int)moved);
    else tls_of(stream)->is_cut = true, o->BIO_ctrl(tls_of(stream)->in, BIO_C_SET_BUF_MEM_EOF_RETURN, 0, NULL);
    return STREAM_MOVED;
}

static TgStreamEnd raise_tls(TgVM *vm, const TgStream *stream, const char *doing) {
    const TgOpenssl *o = tg_openssl();
    if (tls_of(stream)->is_cut && tls_of(stream)->is_opening)
        tg_io_error_own(vm, "TLS_EOF", NULL, "cannot %s %s: the other side went away in the midst of the handshake (TLS_EOF)", doing,
                        tg_stream_label(vm, stream));
    else if (tls_of(stream)->is_cut)
        tg_io_error_own(vm, "TLS_EOF", NULL, "cannot %s %s: it ended without TLS's goodbye, something may be missing (TLS_EOF)", doing,
                        tg_stream_label(vm, stream));
    else tg_io_error_own(vm, "TLS", NULL, "cannot %s %s: %s (TLS)", doing, tg_stream_label(vm, stream), openssl_reason(o));
    o->ERR_clear_error();
    return STREAM_RAISED;
}

// OpenSSL could not go on. STREAM_MOVED: now it can.
static TgStreamEnd help_on(TgVM *vm, TgStream *stream, const char *doing) {
    int error = tg_openssl()->SSL_get_error(tls_of(stream)->ssl, 0);
    if (error != SSL_ERROR_WANT_READ) return push(vm, stream), raise_tls(vm, stream, doing); // the alert says why
    TgStreamEnd end = push(vm, stream);
    return end == STREAM_MOVED ? pull(vm, stream) : end;
}

static TgStreamEnd read_secret(TgVM *vm, TgStream *stream, char *into, size_t room, size_t *moved) {
    const TgOpenssl *o = tg_openssl();
    for (;;) {
        o->ERR_clear_error();
        if (o->SSL_read_ex(tls_of(stream)->ssl, into, room, moved)) return STREAM_MOVED;
        *moved = 0;
        if (o->SSL_get_error(tls_of(stream)->ssl, 0) == SSL_ERROR_ZERO_RETURN) return STREAM_MOVED;
        TgStreamEnd end = help_on(vm, stream, "read from");
        if (end != STREAM_MOVED) return end;
    }
}

static TgStreamEnd write_secret(TgVM *vm, TgStream *stream, const char *from, size_t length, size_t *moved) {
    const TgOpenssl *o = tg_openssl();
    Tls *tls = tls_of(stream);
    TgStreamEnd end = push(vm, stream);
    while (end == STREAM_MOVED && !tls->accepted) {
        o->ERR_clear_error();
        if (tls->is_over) return errno = EPIPE, STREAM_FAILED;
        bool good = o->SSL_write_ex(tls->ssl, from, length < PIECE ? length : PIECE, &tls->accepted);
        end = good ? push(vm, stream) : help_on(vm, stream, "write to");
    }
    if (end != STREAM_MOVED) return end;
    *moved = tls->accepted;
    tls->accepted = 0;
    return STREAM_MOVED;
}

static TgStreamEnd tls_read(TgVM *vm, TgStream *stream, char *into, size_t room, size_t *moved) {
    TgTape tape;
    TgStreamEnd end = tg_world_begins(vm, WORLD_TLS, &tape) ? read_secret(vm, stream, into, room, moved) : STREAM_MOVED;
    return tg_stream_tape(vm, &tape, end, into, room, moved);
}

static TgStreamEnd tls_write(TgVM *vm, TgStream *stream, const char *from, size_t length, size_t *moved) {
    TgTape tape;
    TgStreamEnd end = tg_world_begins(vm, WORLD_TLS, &tape) ? write_secret(vm, stream, from, length, moved) : STREAM_MOVED;
    return tg_stream_tape(vm, &tape, end, NULL, length, moved);
}

// Says goodbye, if there is room for it: whoever does not read is not waited for.
static TgStreamEnd tls_finish(TgVM *vm, TgStream *stream) {
    Tls *tls = tls_of(stream);
    if (tls->is_opening || tls->is_over) return STREAM_MOVED;
    tls->is_over = true;
    TgTape tape;
    if (tg_world_begins(vm, WORLD_TLS, &tape)) {
        tg_openssl()->ERR_clear_error();
        tg_openssl()->SSL_shutdown(tls->ssl);
        push(vm, stream);
    }
    tg_world_ends(&tape);
    return STREAM_MOVED;
}

static void tls_close(TgVM *vm, TgStream *stream, bool is_dead) {
    (void)is_dead;
    if (tls_of(stream)->ssl) tg_openssl()->SSL_free(tls_of(stream)->ssl); // and its buffers
    tg_gc_realloc(vm, stream->own, sizeof(Tls), 0);
    stream->own = NULL;
    tg_world_close(vm, stream->fd);
}

static void tls_left(TgVM *vm, TgStream *stream, TgTask *task) {
    if (stream->writer == task) tls_of(stream)->accepted = 0;
    if (tls_of(stream)->is_opening) tg_stream_drop(vm, stream);
}

static const TgStreamKind secret = {
    .reading = "reading from",
    .writing = "writing to",
    .read = tls_read,
    .write = tls_write,
    .finish = tls_finish,
    .close = tls_close,
    .property = tg_socket_property,
    .left = tls_left,
};

static long version_of(Tls *tls) {
    return snprintf(tls->version, sizeof tls->version, "%s", tg_openssl()->SSL_get_version(tls->ssl)) + 1;
}

const char *tg_tls_version(TgVM *vm, const TgStream *stream) {
    if (stream->kind != &secret || !stream->own) return NULL;
    Tls *tls = tls_of(stream);
    return TG_ASK_BYTES(vm, TLS, version_of(tls), tls->version, sizeof tls->version) > 0 ? tls->version : NULL;
}

// ---- The handshake

// Whom the certificate has to be of. An address is none that a server could choose its certificate by.
static bool set_host(const TgOpenssl *o, SSL *ssl, char *host) {
    unsigned char number[16];
    if (inet_pton(AF_INET, host, number) == 1 || inet_pton(AF_INET6, host, number) == 1)
        return o->X509_VERIFY_PARAM_set1_ip_asc(o->SSL_get0_param(ssl), host) == 1;
    return o->SSL_set1_host(ssl, host) == 1 && o->SSL_ctrl(ssl, SSL_CTRL_SET_TLSEXT_HOSTNAME, 0, host) == 1;
}

// False: no memory.
static bool make_ssl(Context *context, bool is_server, Tls *tls) {
    const TgOpenssl *o = tg_openssl();
    *tls = (Tls){.ssl = o->SSL_new(context->context), .in = o->BIO_new(o->BIO_s_mem()), .out = o->BIO_new(o->BIO_s_mem())};
    if (!tls->ssl || !tls->in || !tls->out) {
        o->BIO_free(tls->in), o->BIO_free(tls->out), o->SSL_free(tls->ssl);
        return false;
    }
    o->SSL_set_bio(tls->ssl, tls->in, tls->out);
    set_verify(o, context, tls->ssl, is_server);
    if (is_server) o->SSL_set_accept_state(tls->ssl);
    else o->SSL_set_connect_state(tls->ssl);
    return true;
}

static TgResult begin(TgCall *call, TgStream *stream, Context *context, TgString *host) {
    Tls tls = {0};
    if (!tg_world_replays(call->vm) && !make_ssl(context, context->has_cert && !host, &tls)) return tg_raise_memory(call);
    tls.is_opening = true;
    stream->own = tg_gc_realloc(call->vm, NULL, 0, sizeof tls);
    *(Tls *)stream->own = tls;
    stream->kind = &secret;
    if (!host || TG_ASK(call->vm, TLS, set_host(tg_openssl(), tls.ssl, host->data))) return TG_DONE;
    tg_stream_drop(call->vm, stream);
    return tg_raise(call, TG_ERR_ValueError, "%s is no name of a host", tg_lib_show(call->vm, tg_obj(host)));
}

static const char *certificate_reason(const TgOpenssl *o, long verdict) {
    switch (verdict) {
    case X509_V_ERR_CERT_NOT_YET_VALID: return "it is not valid yet";
    case X509_V_ERR_CERT_HAS_EXPIRED: return "it has expired";
    case X509_V_ERR_HOSTNAME_MISMATCH:
    case X509_V_ERR_IP_ADDRESS_MISMATCH: return "it is another host's";
    case X509_V_ERR_DEPTH_ZERO_SELF_SIGNED_CERT: return "it is signed by itself, and not one of those trusted here";
    case X509_V_ERR_SELF_SIGNED_CERT_IN_CHAIN:
    case X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT_LOCALLY:
    case X509_V_ERR_UNABLE_TO_VERIFY_LEAF_SIGNATURE: return "it is signed by nobody known here";
    default: return o->X509_verify_cert_error_string(verdict);
    }
}

// help_on has raised something already: of a certificate there is more to say.
static void say_more(TgVM *vm, const TgStream *stream, const TgString *host) {
    const TgOpenssl *o = tg_openssl();
    long verdict = o->SSL_get_verify_result(tls_of(stream)->ssl);
    const char *who = host ? host->data : stream->name->data;
    if (verdict != 0)
        tg_io_error_own(vm, "TLS_CERTIFICATE", NULL, "cannot trust the certificate of %s: %s (TLS_CERTIFICATE)", who,
                        certificate_reason(o, verdict));
}

// As far as it goes at once. STREAM_MOVED: it is done; STREAM_RAISED: it was refused.
static TgStreamEnd shake(TgVM *vm, TgStream *stream, const TgString *host) {
    const TgOpenssl *o = tg_openssl();
    TgStreamEnd end;
    bool is_done;
    do {
        o->ERR_clear_error();
        is_done = o->SSL_do_handshake(tls_of(stream)->ssl) == 1;
        end = is_done ? push(vm, stream) : help_on(vm, stream, "secure");
    } while (!is_done && end == STREAM_MOVED);
    if (end == STREAM_MOVED || end == STREAM_WANTS_READ || end == STREAM_WANTS_WRITE) return end;
    if (end == STREAM_FAILED) tg_io_error(vm, errno, NULL, "cannot secure %s", tg_stream_label(vm, stream));
    say_more(vm, stream, host);
    return STREAM_RAISED;
}

static TgResult shake_hands(TgCall *call, TgStream *stream, const TgString *host) {
    TgVM *vm = call->vm;
    TgTape tape;
    size_t none = 0;
    TgStreamEnd end = tg_world_begins(vm, WORLD_TLS, &tape) ? shake(vm, stream, host) : STREAM_MOVED;
    end = tg_stream_tape(vm, &tape, end, NULL, 0, &none);
    TgWaitFor what = {"shaking hands with", stream, &stream->readers};
    if (end == STREAM_MOVED) {
        tls_of(stream)->is_opening = false;
        return tg_return(call, tg_obj(stream));
    }
    if (end != STREAM_RAISED) return tg_park_on_fd(call, &what, stream->fd, end == STREAM_WANTS_WRITE, 1);
    TgValue raised = vm->raised;
    tg_stream_drop(vm, stream);
    vm->raised = raised;
    return TG_RAISED;
}

// tls(socket, context, host)
TgResult tg_net_tls(TgCall *call) {
    TgStream *stream;
    TgString *host = NULL;
    if (!tg_arg_socket(call, 0, "secure", &stream) || (tg_lib_given(call, 2) && !tg_arg_string(call, 2, &host))) return TG_RAISED;
    Context *context = (Context *)tg_resource_of(call->args[1], &context_type);
    if (!context) return tg_raise(call, TG_ERR_TypeError, "tls(): net.tls_context() gives the context, %s is none", TG_SHOW(call->vm, call->args[1]));
    if (call->step == 0) {
        if (stream->kind == &secret) return tg_raise(call, TG_ERR_ValueError, "%s is secured already", tg_stream_label(call->vm, stream));
        if (tg_stream_buffered(stream) || stream->readers.first || stream->writer)
            return tg_raise(call, TG_ERR_ValueError, "tls(): something of %s was read ahead, or is being read or written", tg_stream_label(call->vm, stream));
        TgResult result = begin(call, stream, context, host);
        if (result != TG_DONE) return result;
    }
    return shake_hands(call, stream, host);
}
