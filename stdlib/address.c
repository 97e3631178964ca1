// stdlib/address.c
// Addresses to text and back.
// Layer: library.
#include "stdlib/address.h"

#include <arpa/inet.h>
#include <netdb.h>
#include <netinet/in.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <sys/un.h>

#include "stdlib/lib.h"

bool tg_address_parse(const char *host, int port, TgAddress *out) {
    struct addrinfo hints = {.ai_flags = AI_NUMERICHOST, .ai_socktype = SOCK_STREAM}, *found;
    if (getaddrinfo(host, NULL, &hints, &found) != 0) return false;
    *out = (TgAddress){.length = found->ai_addrlen};
    memcpy(&out->storage, found->ai_addr, found->ai_addrlen);
    freeaddrinfo(found);
    // Both families have their port in the same place.
    ((struct sockaddr_in *)&out->storage)->sin_port = htons((uint16_t)port);
    return true;
}

bool tg_address_path(const char *path, TgAddress *out) {
    *out = (TgAddress){0};
    struct sockaddr_un *unix_ = (struct sockaddr_un *)&out->storage;
    if (strlen(path) >= sizeof unix_->sun_path) return false;
    unix_->sun_family = AF_UNIX;
    strcpy(unix_->sun_path, path);
    out->length = sizeof *unix_;
    return true;
}

TgString *tg_address_host(TgVM *vm, const TgAddress *address) {
    char host[NI_MAXHOST];
    int end = getnameinfo((const struct sockaddr *)&address->storage, address->length, host, sizeof host, NULL, 0, NI_NUMERICHOST);
    return tg_string_c(vm, end == 0 ? host : "?");
}

int tg_address_port(const TgAddress *address) {
    int family = address->storage.ss_family;
    return family == AF_INET || family == AF_INET6 ? ntohs(((const struct sockaddr_in *)&address->storage)->sin_port) : 0;
}

TgString *tg_address_join(TgVM *vm, const TgString *host, int port) {
    return tg_string_format(vm, strchr(host->data, ':') ? "[%s]:%d" : "%s:%d", host->data, port);
}

TgString *tg_address_text(TgVM *vm, const TgAddress *address) {
    if (address->storage.ss_family != AF_UNIX) return tg_address_join(vm, tg_address_host(vm, address), tg_address_port(address));
    const struct sockaddr_un *unix_ = (const struct sockaddr_un *)&address->storage;
    bool has_name = address->length > offsetof(struct sockaddr_un, sun_path) && unix_->sun_path[0];
    bool is_text = has_name && tg_utf8_valid(unix_->sun_path, strlen(unix_->sun_path));
    return tg_string_c(vm, is_text ? unix_->sun_path : "");
}

// ---- Arguments

bool tg_arg_port(TgCall *call, int index, int *out) {
    int64_t port;
    if (!tg_arg_index(call, index, &port)) return false;
    *out = (int)port;
    if (port >= 0 && port <= 65535) return true;
    tg_error_raise(call->vm, TG_ERR_ValueError, "a port is 0 to 65535, not %lld", (long long)port);
    return false;
}

bool tg_arg_numeric(TgCall *call, int index, int port, TgAddress *out) {
    TgString *host;
    if (!tg_arg_string(call, index, &host)) return false;
    if (tg_address_parse(host->data, port, out)) return true;
    tg_error_raise(call->vm, TG_ERR_ValueError, "%s is no address in numbers, as \"127.0.0.1\"", tg_lib_show(call->vm, tg_obj(host)));
    return false;
}

bool tg_arg_socket_path(TgCall *call, int index, TgString **path, TgAddress *out) {
    if (!tg_arg_path(call, index, path)) return false;
    if (tg_address_path((*path)->data, out)) return true;
    tg_error_raise(call->vm, TG_ERR_ValueError, "the path of a socket has at most 107 bytes, not %u: %s", (*path)->length,
                   tg_lib_show(call->vm, tg_obj(*path)));
    return false;
}
