// stdlib/http.h
// What the rooms of the module http share.
// Layer: library.
#ifndef TG_STDLIB_HTTP_H
#define TG_STDLIB_HTTP_H

#include "stdlib/curl.h"
#include "stdlib/stream.h"

// Bytes of a message as a String: UTF-8 where they are, else as Latin-1. NULL where memory does not reach (raised).
TgString *tg_http_string(TgVM *vm, const char *bytes, size_t length);
// Adds a header: its name in lower case; one that is there already gets the value behind a comma, as HTTP says.
bool tg_http_add_header(TgVM *vm, TgMap *headers, const char *name, size_t name_length, const char *value, size_t value_length);
// "Not Found", or "" for a status without a name.
const char *tg_http_reason(int status);
// Text with %XX (and, in a query, +) as what it stands for.
TgString *tg_http_unescape(TgVM *vm, const char *text, size_t length, bool is_query);
// "a=1&b=2" as pairs, a List of Lists [name, value].
TgList *tg_http_pairs(TgVM *vm, const char *text, size_t length);
// Whether it may be a header's name, or its value: nothing in it that would end the line. False: ValueError raised.
bool tg_http_check_header(TgVM *vm, TgValue name, TgValue value);
// "Sun, 06 Nov 1994 08:49:37 GMT" of now. `room` has 32 bytes.
void tg_http_date(TgVM *vm, char *room);

// Whether there is libcurl. False: IOError raised, which says what is missing.
bool tg_http_has_curl(TgVM *vm);
struct TgHttpPool;
// What the open Client at args[index] shares among its requests (NULL when replaying). False: raised.
bool tg_http_client_pool(TgCall *call, int index, struct TgHttpPool **pool);

// Natives of rooms of their own.
extern const TgNativeDef tg_lib_http_text[], tg_lib_http_client[], tg_lib_http_server[];
TgClass *tg_http_body_class(TgVM *vm);
TgClass *tg_http_client_class(TgVM *vm);
TgClass *tg_http_request_class(TgVM *vm);

#endif
