// stdlib/http_server.h
// A connection of the server of http, and what is read from it.
// Layer: library.
#ifndef TG_STDLIB_HTTP_SERVER_H
#define TG_STDLIB_HTTP_SERVER_H

#include <http_parser.h>

#include "stdlib/http.h"

typedef enum { TG_IN_HEAD, TG_IN_BODY, TG_AT_END } TgHttpPhase;

typedef struct {
    TgResource head;
    TgStream *socket;
    TgValue patience;     // seconds that the client may take for the next thing
    http_parser parser;
    TgHttpPhase phase;    // where reading stands in the message
    TgBuffer text;        // of the head: target NUL name NUL value NUL …
    int part;             // which of these the last piece was of
    size_t head_size, trailer_size, skipped, most_head;
    uint64_t body_size, most_body;
    char *into;           // where the body's next bytes go to
    size_t moved;         // so many are there
    TgStream *body;       // once somebody has asked for it
    uint64_t left;        // of an answer with a length: bytes still to be sent
    int fault;            // the status to answer where the request itself is wrong, or 0
    bool is_begun;        // a message is being read
    bool keeps;           // another message may follow
    bool expects;         // the client waits for 100 Continue
    bool is_answered;     // the head of the answer is (partly) sent
    bool is_chunked;      // the answer's body goes out in chunks
    bool is_lost;         // nobody reads it any more
} TgConnection;

bool tg_arg_connection(TgCall *call, int index, TgConnection **out);
// The body of the message, as a stream; the same each time.
TgStream *tg_connection_body(TgVM *vm, TgConnection *connection, TgString *name);
// http_request.c: a Request with this head.
TgResource *tg_request_new(TgVM *vm, TgConnection *connection, TgBytes *text);

extern const TgNativeDef tg_lib_http_answer[], tg_lib_http_request[];

#endif
