// stdlib/address.h
// Addresses of the net: numbers and paths, never names (lookup.c makes numbers of those).
// Layer: library.
#ifndef TG_STDLIB_ADDRESS_H
#define TG_STDLIB_ADDRESS_H

#include <sys/socket.h>

#include "vm/api.h"

typedef struct {
    struct sockaddr_storage storage;
    socklen_t length;
} TgAddress;

static inline struct sockaddr *tg_address_raw(TgAddress *address) { return (struct sockaddr *)&address->storage; }

// "127.0.0.1", "::1", "fe80::1%eth0" and a port. False: it is no numeric address.
bool tg_address_parse(const char *host, int port, TgAddress *out);
// A path of the file system. False: it is too long.
bool tg_address_path(const char *path, TgAddress *out);
// "127.0.0.1:80", "[::1]:80", "/run/x.sock"; "" of a Unix socket without a name.
TgString *tg_address_text(TgVM *vm, const TgAddress *address);
// The host alone, as tg_address_parse takes it.
TgString *tg_address_host(TgVM *vm, const TgAddress *address);
int tg_address_port(const TgAddress *address); // 0: it has none
// "host:port" for messages, with brackets where the host has colons.
TgString *tg_address_join(TgVM *vm, const TgString *host, int port);

// Arguments; false: raised.
bool tg_arg_port(TgCall *call, int index, int *out);                    // 0 to 65535
bool tg_arg_numeric(TgCall *call, int index, int port, TgAddress *out); // a String that tg_address_parse takes
bool tg_arg_socket_path(TgCall *call, int index, TgString **path, TgAddress *out);

#endif
