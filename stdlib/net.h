// stdlib/net.h
// What the rooms of the module net share.
// Layer: library.
#ifndef TG_STDLIB_NET_H
#define TG_STDLIB_NET_H

#include "stdlib/address.h"
#include "stdlib/stream.h"

// Socket, a Stream over a connection (socket.c). `fd` is its own from now on and has to be non-blocking; `remote` is its name.
TgStream *tg_socket_new(TgVM *vm, int fd, TgString *remote);
TgClass *tg_socket_class(TgVM *vm);
// The argument as an open Socket. False: raised.
bool tg_arg_socket(TgCall *call, int index, const char *doing, TgStream **out);
// recv(2) and send(2) as a kind's moves (TLS uses them for what it has made secret).
TgStreamEnd tg_socket_receive(TgVM *vm, TgStream *stream, char *into, size_t room, size_t *moved);
TgStreamEnd tg_socket_send(TgVM *vm, TgStream *stream, const char *from, size_t length, size_t *moved);
// `remote` and `local`.
bool tg_socket_property(TgVM *vm, TgStream *stream, const TgString *name, TgValue *out);

// A non-blocking socket, or -1 with errno.
int tg_net_socket(TgVM *vm, int family, int type);
// The socket's own address. False: errno.
bool tg_net_name(TgVM *vm, int fd, TgAddress *address);

// Natives of rooms of their own.
TgResult tg_net_lookup(TgCall *call);       // lookup(host)
TgResult tg_net_dial(TgCall *call);         // _dial(addresses, host, port)
TgResult tg_net_connect_unix(TgCall *call); // connect_unix(path)
TgResult tg_net_listen(TgCall *call);       // _listen(address, port, backlog)
TgResult tg_net_listen_unix(TgCall *call);  // listen_unix(path, backlog = 511)
TgResult tg_net_udp(TgCall *call);          // _udp(address, port)
TgResult tg_net_send(TgCall *call);         // _send(udp, data, host, port)
TgResult tg_net_tls_context(TgCall *call);  // tls_context(cert, key, verify, ca)
TgResult tg_net_tls(TgCall *call);          // tls(socket, context, host)
TgClass *tg_listener_class(TgVM *vm);
TgClass *tg_udp_class(TgVM *vm);
TgClass *tg_tls_context_class(TgVM *vm);
// "TLSv1.3", or NULL of a stream that is not secured.
const char *tg_tls_version(TgVM *vm, const TgStream *stream);

#endif
