// stdlib/openssl.h
// OpenSSL 3, opened at its first use: a script without TLS does not pay for it, and tg is built and runs where it is not installed.
//
// Its few functions that are used stand in a table; types and numbers are those of OpenSSL's own headers (its ABI keeps
// them for all of version 3), which need not be there.
//
// Layer: library. openssl.c is the only file that opens it.
#ifndef TG_STDLIB_OPENSSL_H
#define TG_STDLIB_OPENSSL_H

#include <stddef.h>

typedef struct ssl_ctx_st SSL_CTX;
typedef struct ssl_st SSL;
typedef struct ssl_method_st SSL_METHOD;
typedef struct bio_st BIO;
typedef struct bio_method_st BIO_METHOD;
typedef struct X509_VERIFY_PARAM_st X509_VERIFY_PARAM;

enum {
    SSL_VERIFY_NONE = 0,
    SSL_VERIFY_PEER = 1,
    SSL_VERIFY_FAIL_IF_NO_PEER_CERT = 2,
    SSL_ERROR_WANT_READ = 2,
    SSL_ERROR_ZERO_RETURN = 6,
    SSL_FILETYPE_PEM = 1,
    SSL_CTRL_SET_TLSEXT_HOSTNAME = 55,
    SSL_CTRL_SET_MIN_PROTO_VERSION = 123,
    TLS1_2_VERSION = 0x0303,
    BIO_CTRL_INFO = 3,
    BIO_C_SET_BUF_MEM_EOF_RETURN = 130,
    X509_V_ERR_CERT_NOT_YET_VALID = 9,
    X509_V_ERR_CERT_HAS_EXPIRED = 10,
    X509_V_ERR_DEPTH_ZERO_SELF_SIGNED_CERT = 18,
    X509_V_ERR_SELF_SIGNED_CERT_IN_CHAIN = 19,
    X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT_LOCALLY = 20,
    X509_V_ERR_UNABLE_TO_VERIFY_LEAF_SIGNATURE = 21,
    X509_V_ERR_HOSTNAME_MISMATCH = 62,
    X509_V_ERR_IP_ADDRESS_MISMATCH = 64,
};

// FUNCTION(result, name, parameters)
#define TG_OPENSSL_FUNCTIONS(FUNCTION)                                                               \
    FUNCTION(const SSL_METHOD *, TLS_method, (void))                                                 \
    FUNCTION(SSL_CTX *, SSL_CTX_new, (const SSL_METHOD *))                                           \
    FUNCTION(void, SSL_CTX_free, (SSL_CTX *))                                                        \
    FUNCTION(long, SSL_CTX_ctrl, (SSL_CTX *, int, long, void *))                                     \
    FUNCTION(int, SSL_CTX_set_session_id_context, (SSL_CTX *, const unsigned char *, unsigned))      \
    FUNCTION(void, SSL_set_verify, (SSL *, int, int (*)(int, void *)))                               \
    FUNCTION(int, SSL_CTX_set_default_verify_paths, (SSL_CTX *))                                     \
    FUNCTION(int, SSL_CTX_load_verify_locations, (SSL_CTX *, const char *, const char *))            \
    FUNCTION(int, SSL_CTX_use_certificate_chain_file, (SSL_CTX *, const char *))                     \
    FUNCTION(int, SSL_CTX_use_PrivateKey_file, (SSL_CTX *, const char *, int))                       \
    FUNCTION(SSL *, SSL_new, (SSL_CTX *))                                                            \
    FUNCTION(void, SSL_free, (SSL *))                                                                \
    FUNCTION(void, SSL_set_bio, (SSL *, BIO *, BIO *))                                               \
    FUNCTION(void, SSL_set_connect_state, (SSL *))                                                   \
    FUNCTION(void, SSL_set_accept_state, (SSL *))                                                    \
    FUNCTION(int, SSL_do_handshake, (SSL *))                                                         \
    FUNCTION(int, SSL_read_ex, (SSL *, void *, size_t, size_t *))                                    \
    FUNCTION(int, SSL_write_ex, (SSL *, const void *, size_t, size_t *))                             \
    FUNCTION(int, SSL_shutdown, (SSL *))                                                             \
    FUNCTION(int, SSL_get_error, (const SSL *, int))                                                 \
    FUNCTION(long, SSL_get_verify_result, (const SSL *))                                             \
    FUNCTION(const char *, SSL_get_version, (const SSL *))                                           \
    FUNCTION(int, SSL_set1_host, (SSL *, const char *))                                              \
    FUNCTION(X509_VERIFY_PARAM *, SSL_get0_param, (SSL *))                                           \
    FUNCTION(long, SSL_ctrl, (SSL *, int, long, void *))                                             \
    FUNCTION(int, X509_VERIFY_PARAM_set1_ip_asc, (X509_VERIFY_PARAM *, const char *))                \
    FUNCTION(const char *, X509_verify_cert_error_string, (long))                                    \
    FUNCTION(const BIO_METHOD *, BIO_s_mem, (void))                                                  \
    FUNCTION(BIO *, BIO_new, (const BIO_METHOD *))                                                   \
    FUNCTION(int, BIO_free, (BIO *))                                                                 \
    FUNCTION(int, BIO_read, (BIO *, void *, int))                                                    \
    FUNCTION(int, BIO_write, (BIO *, const void *, int))                                             \
    FUNCTION(long, BIO_ctrl, (BIO *, int, long, void *))                                             \
    FUNCTION(unsigned long, ERR_get_error, (void))                                                   \
    FUNCTION(void, ERR_clear_error, (void))                                                          \
    FUNCTION(const char *, ERR_reason_error_string, (unsigned long))

typedef struct {
#define FUNCTION(result, name, parameters) result(*name) parameters;
    TG_OPENSSL_FUNCTIONS(FUNCTION)
#undef FUNCTION
} TgOpenssl;

// The table, the same each time; NULL where OpenSSL is not installed, or lacks one of them.
const TgOpenssl *tg_openssl(void);

#endif
