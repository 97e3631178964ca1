// stdlib/http_line.c
// libcurl's handles and what they wait for.
//
// libcurl says which of its descriptors it waits for, and how long at most: they and a clock stand in one epoll, itself a descriptor, so
// that a task waits for that one thing and libcurl is asked to go on when it is ready. Each line has its own connections; one whose
// transfer came to a good end may lead to the same server again.
//
// Layer: library.
#include "stdlib/http_line.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/timerfd.h>
#include <unistd.h>

enum { MOST_FREE = 16 }; // lines in a pool

struct TgHttpPool {
    const TgCurl *curl;
    CURLSH *share;
    CURL *cookies;
    TgHttpLine *free; // the last one that was given back first
    int out;          // lines that are in use
    bool is_closed;
};

// ---- What libcurl calls

static int on_socket(CURL *easy, int fd, int what, void *data, void *own) {
    TgHttpLine *line = data;
    (void)easy, (void)own;
    line->has_asked = true;
    if (what == CURL_POLL_REMOVE) return epoll_ctl(line->epoll, EPOLL_CTL_DEL, fd, NULL), 0;
    struct epoll_event event = {.data.fd = fd};
    event.events = (what & CURL_POLL_IN ? EPOLLIN : 0) | (what & CURL_POLL_OUT ? EPOLLOUT : 0);
    if (epoll_ctl(line->epoll, EPOLL_CTL_ADD, fd, &event) != 0 && errno == EEXIST) epoll_ctl(line->epoll, EPOLL_CTL_MOD, fd, &event);
    return 0;
}

static void set_clock(TgHttpLine *line, long milliseconds, long nanoseconds) {
    struct itimerspec when = {.it_value = {milliseconds / 1000, milliseconds % 1000 * 1000000 + nanoseconds}};
    timerfd_settime(line->clock, 0, &when, NULL);
}

static int on_timer(CURLM *multi, long milliseconds, void *data) {
    TgHttpLine *line = data;
    (void)multi;
    line->is_due = milliseconds == 0;
    set_clock(line, milliseconds > 0 ? milliseconds : 0, 0); // 0: stops it
    return 0;
}

// ---- Going on

static void look_for_end(TgHttpLine *line) {
    int left;
    for (CURLMsg *message; (message = line->curl->curl_multi_info_read(line->multi, &left));) {
        if (message->msg != CURLMSG_DONE) continue;
        line->is_over = true;
        line->result = message->data.result;
    }
}

static void act(TgHttpLine *line, int fd, uint32_t events) {
    int running, mask = 0;
    if (events & EPOLLIN) mask |= CURL_CSELECT_IN;
    if (events & EPOLLOUT) mask |= CURL_CSELECT_OUT;
    if (events & (EPOLLERR | EPOLLHUP)) mask |= CURL_CSELECT_ERR;
    line->curl->curl_multi_socket_action(line->multi, fd, mask, &running);
    look_for_end(line);
}

bool tg_http_line_turn(TgHttpLine *line) {
    struct epoll_event event;
    if (line->is_over) return false;
    if (line->is_due) {
        line->is_due = false;
        act(line, CURL_SOCKET_TIMEOUT, 0);
    } else if (epoll_wait(line->epoll, &event, 1, 0) <= 0) {
        return false;
    } else if (event.data.fd == line->clock) {
        set_clock(line, 0, 0);
        act(line, CURL_SOCKET_TIMEOUT, 0);
    } else {
        act(line, event.data.fd, event.events);
    }
    return true;
}

void tg_http_line_pause(TgHttpLine *line) {
    if (line->is_due) set_clock(line, 0, 1);
}

// ---- Birth and end

static void line_free(TgHttpLine *line) {
    if (line->easy) line->curl->curl_easy_cleanup(line->easy);
    if (line->multi) line->curl->curl_multi_cleanup(line->multi); // while the epoll is there: it takes its descriptors out of it
    if (line->clock >= 0) close(line->clock);
    if (line->epoll >= 0) close(line->epoll);
    free(line->place);
    free(line);
}

static void set_callbacks(TgHttpLine *line) {
    const TgCurl *c = line->curl;
    c->curl_multi_setopt(line->multi, CURLMOPT_SOCKETFUNCTION, on_socket);
    c->curl_multi_setopt(line->multi, CURLMOPT_SOCKETDATA, line);
    c->curl_multi_setopt(line->multi, CURLMOPT_TIMERFUNCTION, on_timer);
    c->curl_multi_setopt(line->multi, CURLMOPT_TIMERDATA, line);
}

// "http://host:80" of a URL.
static char *place_of(const char *url) {
    const char *host = strstr(url, "://");
    host = host ? host + 3 : url;
    return strndup(url, (size_t)(host - url) + strcspn(host, "/?#"));
}

static TgHttpLine *line_new(const TgCurl *curl, const char *url) {
    TgHttpLine *line = calloc(1, sizeof *line);
    if (!line) return NULL;
    line->curl = curl;
    line->epoll = epoll_create1(EPOLL_CLOEXEC);
    line->clock = timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK | TFD_CLOEXEC);
    struct epoll_event event = {.events = EPOLLIN, .data.fd = line->clock};
    int error = line->epoll >= 0 && line->clock >= 0 && epoll_ctl(line->epoll, EPOLL_CTL_ADD, line->clock, &event) == 0 ? 0 : errno;
    if (!error) {
        line->easy = curl->curl_easy_init();
        line->multi = curl->curl_multi_init();
        line->place = place_of(url);
        if (!line->easy || !line->multi || !line->place) error = ENOMEM;
    }
    if (!error) return set_callbacks(line), line;
    line_free(line);
    errno = error;
    return NULL;
}

static TgHttpLine *free_line_to(TgHttpPool *pool, const char *url) {
    for (TgHttpLine **link = &pool->free; *link; link = &(*link)->next) {
        TgHttpLine *line = *link;
        size_t length = strlen(line->place);
        if (strncmp(line->place, url, length) != 0 || (url[length] && !strchr("/?#", url[length]))) continue;
        *link = line->next;
        return line;
    }
    return NULL;
}

TgHttpLine *tg_http_line_take(const TgCurl *curl, TgHttpPool *pool, const char *url) {
    TgHttpLine *line = pool ? free_line_to(pool, url) : NULL;
    if (!line) line = line_new(curl, url);
    if (!line) return NULL;
    line->has_asked = line->is_over = line->is_due = false;
    line->next = NULL;
    curl->curl_easy_setopt(line->easy, CURLOPT_COOKIEFILE, ""); // on: those that a redirect sets are sent where it leads
    if (!pool) return line;
    curl->curl_easy_setopt(line->easy, CURLOPT_SHARE, pool->share);
    line->pool = pool;
    pool->out++;
    return line;
}

bool tg_http_line_begin(TgHttpLine *line) {
    line->is_due = true;
    return line->curl->curl_multi_add_handle(line->multi, line->easy) == 0;
}

// ---- The pool

TgHttpPool *tg_http_pool_new(const TgCurl *curl) {
    TgHttpPool *pool = calloc(1, sizeof *pool);
    if (!pool) return NULL;
    pool->curl = curl;
    pool->share = curl->curl_share_init();
    pool->cookies = curl->curl_easy_init();
    if (!pool->share || !pool->cookies) return tg_http_pool_close(pool), NULL;
    static const int shared[] = {CURL_LOCK_DATA_COOKIE, CURL_LOCK_DATA_DNS, CURL_LOCK_DATA_SSL_SESSION};
    for (size_t i = 0; i < sizeof shared / sizeof *shared; i++) curl->curl_share_setopt(pool->share, CURLSHOPT_SHARE, shared[i]);
    curl->curl_easy_setopt(pool->cookies, CURLOPT_COOKIEFILE, "");
    curl->curl_easy_setopt(pool->cookies, CURLOPT_SHARE, pool->share);
    return pool;
}

CURL *tg_http_pool_cookies(TgHttpPool *pool) { return pool->cookies; }

static void close_free(TgHttpPool *pool, int but) {
    TgHttpLine **link = &pool->free;
    while (*link && but-- > 0) link = &(*link)->next;
    for (TgHttpLine *line = *link, *next; line; line = next) {
        next = line->next;
        line_free(line);
    }
    *link = NULL;
}

static void end_pool(TgHttpPool *pool) {
    if (!pool->is_closed || pool->out > 0) return;
    if (pool->cookies) pool->curl->curl_easy_cleanup(pool->cookies);
    if (pool->share) pool->curl->curl_share_cleanup(pool->share); // after all who share
    free(pool);
}

void tg_http_pool_close(TgHttpPool *pool) {
    pool->is_closed = true;
    close_free(pool, 0);
    end_pool(pool);
}

void tg_http_line_give(TgHttpLine *line) {
    TgHttpPool *pool = line->pool;
    line->curl->curl_multi_remove_handle(line->multi, line->easy);
    bool is_kept = pool && !pool->is_closed && line->is_over && line->result == CURLE_OK;
    if (is_kept) {
        line->curl->curl_easy_setopt(line->easy, CURLOPT_COOKIEFILE, (char *)NULL); // libcurl 7.88's reset loses what it allots
        line->curl->curl_easy_reset(line->easy);
        line->next = pool->free;
        pool->free = line;
        close_free(pool, MOST_FREE);
    } else {
        line_free(line);
    }
    if (!pool) return;
    pool->out--;
    end_pool(pool);
}
