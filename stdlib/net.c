// stdlib/net.c
// The module net: what its rooms have, in one table. The other half, what waits for several things, is net.tg.
// Layer: library.
#include "stdlib/net.h"

#include <stdlib.h>
#include <string.h>

#include "stdlib/lib.h"

// "127.0.0.1:80" and "[::1]:80" as [host, port].
static TgResult net_split(TgCall *call) {
    TgString *text;
    if (!tg_arg_string(call, 0, &text)) return TG_RAISED;
    const char *colon = strrchr(text->data, ':'), *host = text->data;
    size_t length = colon ? (size_t)(colon - host) : 0;
    char *end = NULL;
    long port = colon && colon[1] >= '0' && colon[1] <= '9' ? strtol(colon + 1, &end, 10) : -1;
    if (port < 0 || port > 65535 || *end || !length)
        return tg_raise(call, TG_ERR_ValueError, "%s is no address: \"host:port\" is one", tg_lib_show(call->vm, tg_obj(text)));
    if (*host == '[' && host[length - 1] == ']') host++, length -= 2;
    TgValue pair[2] = {tg_obj(tg_string(call->vm, host, length)), tg_int(port)};
    return tg_return(call, tg_obj(tg_list_of(call->vm, pair, 2)));
}

const TgNativeDef tg_lib_net_members[] = {
    {"lookup(host)", tg_net_lookup, "The addresses of a host, a List of Strings as \"127.0.0.1\" and \"::1\", the best one first."},
    {"connect_unix(path)", tg_net_connect_unix, "Connects to the Unix socket at that path; gives a Socket."},
    {"listen_unix(path, backlog = nil)", tg_net_listen_unix,
     "A Listener at that path, which is made now and removed when the Listener is closed."},
    {"tls_context(cert = nil, key = nil, verify = true, ca = nil)", tg_net_tls_context,
     "What tls() goes by: the files of a certificate and its key (PEM), which a server needs and a client may have; whether the other side's "
     "certificate is checked; and a file with those to trust: of a client in place of the system's, of a server for clients, which then "
     "need one."},
    {"tls(socket, context, host = nil)", tg_net_tls,
     "Secures a Socket from now on and gives it back: as a client of that host; without a host as the server, where the context has a certificate."},
    {"split_address(address)", net_split, "\"host:port\" as a List of the host and the port."},
    {0},
};

static const TgNativeDef hidden[] = {
    {"_dial(addresses, host, port)", tg_net_dial, "A Socket."},
    {"_listen(address, port, backlog)", tg_net_listen, "A Listener."},
    {"_udp(address, port)", tg_net_udp, "A Udp."},
    {"_send(udp, data, host, port)", tg_net_send, "send_to() to an address in numbers."},
    {0},
};

void tg_lib_net(TgVM *vm, TgModule *module) {
    tg_register_members(vm, module, tg_lib_net_members);
    tg_register_members(vm, module, hidden);
    tg_module_set(vm, module, "Socket", tg_obj(tg_socket_class(vm)));
    tg_module_set(vm, module, "Listener", tg_obj(tg_listener_class(vm)));
    tg_module_set(vm, module, "Udp", tg_obj(tg_udp_class(vm)));
    tg_module_set(vm, module, "TlsContext", tg_obj(tg_tls_context_class(vm)));
}
