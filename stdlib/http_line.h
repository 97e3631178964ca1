// stdlib/http_line.h
// Lines: libcurl's handles for one transfer at a time, with all that they wait by; and the pool in which the lines of an http.Client
// wait for their next transfer, their connections open.
// Layer: library.
#ifndef TG_STDLIB_HTTP_LINE_H
#define TG_STDLIB_HTTP_LINE_H

#include <stdbool.h>

#include "stdlib/curl.h"

// What the lines of one client share: cookies, names, TLS sessions; and those that are free. It lives until its client has closed
// it and the last line has been given back.
typedef struct TgHttpPool TgHttpPool;

typedef struct TgHttpLine {
    const TgCurl *curl;
    CURL *easy; // its options are the transfer's
    CURLM *multi;
    int epoll;       // ready when there is something to do
    int clock;       // in it
    bool has_asked;  // a server, or for its name
    bool is_over;    // the transfer, with `result` (CURLE_…)
    int result;
    // The line's own.
    bool is_due;
    TgHttpPool *pool; // or NULL
    char *place;      // "http://host:80", where it leads
    struct TgHttpLine *next;
} TgHttpLine;

// A line for a transfer to this URL: one of the pool (which may be NULL) that leads there already, or a new one. NULL: errno.
TgHttpLine *tg_http_line_take(const TgCurl *curl, TgHttpPool *pool, const char *url);
// Begins the transfer that its easy handle is set to. False: no memory.
bool tg_http_line_begin(TgHttpLine *line);
// Does one thing that can be done at once; false where there is none.
bool tg_http_line_turn(TgHttpLine *line);
// Makes its epoll ready where something is due: others get their turn in between.
void tg_http_line_pause(TgHttpLine *line);
// The transfer is over, or is broken off.
void tg_http_line_give(TgHttpLine *line);

// NULL: no memory.
TgHttpPool *tg_http_pool_new(const TgCurl *curl);
// A handle by which the pool's cookies are seen and changed.
CURL *tg_http_pool_cookies(TgHttpPool *pool);
// Closes the free lines; the others when they are given back.
void tg_http_pool_close(TgHttpPool *pool);

#endif
