// stdlib/curl.h
// libcurl, opened at its first use: a script without the client of http does not pay for it, and tg is built and runs where it is not
// installed.
//
// Its few functions that are used stand in a table; types and numbers are those of libcurl's own headers (its ABI has kept them
// since 2006), which need not be there.
//
// Layer: library. curl.c is the only file that opens it.
#ifndef TG_STDLIB_CURL_H
#define TG_STDLIB_CURL_H

#include <stddef.h>

typedef struct Curl_easy CURL;
typedef struct Curl_multi CURLM;
typedef struct Curl_share CURLSH;

struct curl_slist {
    char *data;
    struct curl_slist *next;
};

typedef struct {
    int msg; // CURLMSG_DONE
    CURL *easy_handle;
    union {
        void *whatever;
        int result; // CURLE_…
    } data;
} CURLMsg;

enum {
    CURLOPT_NOBODY = 44,
    CURLOPT_POST = 47,
    CURLOPT_FOLLOWLOCATION = 52,
    CURLOPT_SSL_VERIFYPEER = 64,
    CURLOPT_MAXREDIRS = 68,
    CURLOPT_SSL_VERIFYHOST = 81,
    CURLOPT_NOSIGNAL = 99,
    CURLOPT_SUPPRESS_CONNECT_HEADERS = 265,
    CURLOPT_QUICK_EXIT = 322,
    CURLOPT_WRITEDATA = 10001,
    CURLOPT_URL = 10002,
    CURLOPT_ERRORBUFFER = 10010,
    CURLOPT_USERAGENT = 10018,
    CURLOPT_HTTPHEADER = 10023,
    CURLOPT_HEADERDATA = 10029,
    CURLOPT_SSLCERT = 10025,
    CURLOPT_COOKIEFILE = 10031,
    CURLOPT_CUSTOMREQUEST = 10036,
    CURLOPT_CAINFO = 10065,
    CURLOPT_SSLKEY = 10087,
    CURLOPT_SHARE = 10100,
    CURLOPT_ACCEPT_ENCODING = 10102,
    CURLOPT_COOKIELIST = 10135,
    CURLOPT_COPYPOSTFIELDS = 10165,
    CURLOPT_PROTOCOLS_STR = 10318,
    CURLOPT_REDIR_PROTOCOLS_STR = 10319,
    CURLOPT_WRITEFUNCTION = 20011,
    CURLOPT_HEADERFUNCTION = 20079,
    CURLOPT_POSTFIELDSIZE_LARGE = 30120,

    CURLMOPT_SOCKETFUNCTION = 20001,
    CURLMOPT_SOCKETDATA = 10002,
    CURLMOPT_TIMERFUNCTION = 20004,
    CURLMOPT_TIMERDATA = 10005,

    CURLSHOPT_SHARE = 1,
    CURL_LOCK_DATA_COOKIE = 2,
    CURL_LOCK_DATA_DNS = 3,
    CURL_LOCK_DATA_SSL_SESSION = 4,

    CURLINFO_COOKIELIST = 0x40001C,
    CURLINFO_EFFECTIVE_URL = 0x100001,
    CURLINFO_RESPONSE_CODE = 0x200002,
    CURLINFO_OS_ERRNO = 0x200019,

    CURLE_OK = 0,
    CURLE_UNSUPPORTED_PROTOCOL = 1,
    CURLE_URL_MALFORMAT = 3,
    CURLE_COULDNT_RESOLVE_PROXY = 5,
    CURLE_COULDNT_RESOLVE_HOST = 6,
    CURLE_COULDNT_CONNECT = 7,
    CURLE_WEIRD_SERVER_REPLY = 8,
    CURLE_HTTP2 = 16,
    CURLE_PARTIAL_FILE = 18,
    CURLE_OUT_OF_MEMORY = 27,
    CURLE_OPERATION_TIMEDOUT = 28,
    CURLE_SSL_CONNECT_ERROR = 35,
    CURLE_SSL_CERTPROBLEM = 58,
    CURLE_TOO_MANY_REDIRECTS = 47,
    CURLE_GOT_NOTHING = 52,
    CURLE_SEND_ERROR = 55,
    CURLE_RECV_ERROR = 56,
    CURLE_PEER_FAILED_VERIFICATION = 60,
    CURLE_BAD_CONTENT_ENCODING = 61,
    CURLE_SSL_CACERT_BADFILE = 77,
    CURLE_HTTP2_STREAM = 92,
    CURLE_SSL_CLIENTCERT = 98,

    CURL_POLL_IN = 1,
    CURL_POLL_OUT = 2,
    CURL_POLL_REMOVE = 4,
    CURL_SOCKET_TIMEOUT = -1,
    CURL_CSELECT_IN = 1,
    CURL_CSELECT_OUT = 2,
    CURL_CSELECT_ERR = 4,
    CURL_WRITEFUNC_PAUSE = 0x10000001,
    CURLPAUSE_CONT = 0,
    CURLMSG_DONE = 1,
    CURL_GLOBAL_DEFAULT = 3,
    CURL_ERROR_SIZE = 256,
};

// FUNCTION(result, name, parameters)
#define TG_CURL_FUNCTIONS(FUNCTION)                                                  \
    FUNCTION(int, curl_global_init, (long))                                          \
    FUNCTION(CURL *, curl_easy_init, (void))                                         \
    FUNCTION(void, curl_easy_cleanup, (CURL *))                                      \
    FUNCTION(int, curl_easy_setopt, (CURL *, int, ...))                              \
    FUNCTION(int, curl_easy_getinfo, (CURL *, int, ...))                             \
    FUNCTION(int, curl_easy_pause, (CURL *, int))                                    \
    FUNCTION(void, curl_easy_reset, (CURL *))                                        \
    FUNCTION(const char *, curl_easy_strerror, (int))                                \
    FUNCTION(CURLM *, curl_multi_init, (void))                                       \
    FUNCTION(int, curl_multi_cleanup, (CURLM *))                                     \
    FUNCTION(int, curl_multi_setopt, (CURLM *, int, ...))                            \
    FUNCTION(int, curl_multi_add_handle, (CURLM *, CURL *))                          \
    FUNCTION(int, curl_multi_remove_handle, (CURLM *, CURL *))                       \
    FUNCTION(int, curl_multi_socket_action, (CURLM *, int, int, int *))              \
    FUNCTION(CURLMsg *, curl_multi_info_read, (CURLM *, int *))                      \
    FUNCTION(CURLSH *, curl_share_init, (void))                                      \
    FUNCTION(int, curl_share_setopt, (CURLSH *, int, ...))                           \
    FUNCTION(int, curl_share_cleanup, (CURLSH *))                                    \
    FUNCTION(struct curl_slist *, curl_slist_append, (struct curl_slist *, const char *)) \
    FUNCTION(void, curl_slist_free_all, (struct curl_slist *))

typedef struct {
#define FUNCTION(result, name, parameters) result(*name) parameters;
    TG_CURL_FUNCTIONS(FUNCTION)
#undef FUNCTION
} TgCurl;

// The table, the same each time; NULL where libcurl is not installed, or lacks one of them.
const TgCurl *tg_curl(void);

#endif
