#pragma once
#include <microhttpd.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

/// What our daemons have in common, as one value: `MHD_start_daemon` is variadic, which Swift does not see.
struct gateway_daemon_callbacks {
    void *context;
    MHD_AccessHandlerCallback access_handler;
    void *(*request_line)(void *context, const char *target, struct MHD_Connection *connection);
    MHD_RequestCompletedCallback completed;
    MHD_NotifyConnectionCallback connection;
};

/// A daemon without a thread and without a listener of its own: epoll inside, driven by `MHD_run` from our loop, which
/// also brings the connections; they can be suspended.
static inline struct MHD_Daemon *gateway_start_daemon(
    const struct gateway_daemon_callbacks *callbacks, unsigned connection_limit, unsigned idle_seconds,
    size_t connection_memory)
{
    return MHD_start_daemon(
        MHD_USE_EPOLL | MHD_USE_NO_LISTEN_SOCKET | MHD_ALLOW_SUSPEND_RESUME, 0,
        NULL, NULL, callbacks->access_handler, callbacks->context,
        MHD_OPTION_CONNECTION_LIMIT, connection_limit,
        MHD_OPTION_CONNECTION_TIMEOUT, idle_seconds,
        MHD_OPTION_CONNECTION_MEMORY_LIMIT, connection_memory,
        MHD_OPTION_STRICT_FOR_CLIENT, 1,
        MHD_OPTION_URI_LOG_CALLBACK, callbacks->request_line, callbacks->context,
        MHD_OPTION_NOTIFY_COMPLETED, callbacks->completed, callbacks->context,
        MHD_OPTION_NOTIFY_CONNECTION, callbacks->connection, callbacks->context,
        MHD_OPTION_END);
}

/// The descriptor that becomes readable when the daemon has something to do. (`MHD_get_daemon_info` is variadic.)
static inline int gateway_epoll_descriptor(struct MHD_Daemon *daemon)
{
    const union MHD_DaemonInfo *info = MHD_get_daemon_info(daemon, MHD_DAEMON_INFO_EPOLL_FD);
    return info == NULL ? -1 : info->epoll_fd;
}

/// What `MHD_NotifyConnectionCallback` left in the connection. (`MHD_get_connection_info` is variadic.)
static inline void *gateway_socket_context(struct MHD_Connection *connection)
{
    const union MHD_ConnectionInfo *info = MHD_get_connection_info(connection, MHD_CONNECTION_INFO_SOCKET_CONTEXT);
    return info == NULL ? NULL : info->socket_context;
}

/// Bytes of the request's line and headers as they came. (`MHD_get_connection_info` is variadic.)
static inline size_t gateway_head_size(struct MHD_Connection *connection)
{
    const union MHD_ConnectionInfo *info =
        MHD_get_connection_info(connection, MHD_CONNECTION_INFO_REQUEST_HEADER_SIZE);
    return info == NULL ? 0 : info->header_size;
}

/// A stream socket that never blocks and is not inherited. (The type's flags are an anonymous enum's, which Swift sees
/// in one module and not in another.)
static inline int gateway_stream_socket(int family)
{
    return socket(family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
}

/// The next connection of a listener, which never blocks and is not inherited. (`accept4` is declared for `_GNU_SOURCE`
/// alone, which gives the system's types other members than Swift's module of them has.)
static inline int gateway_accept(int listener, struct sockaddr_storage *address, socklen_t *size)
{
    *size = sizeof *address;
    return (int)syscall(SYS_accept4, listener, address, size, SOCK_NONBLOCK | SOCK_CLOEXEC);
}

/// Something that watches sockets until they can be read from. (`epoll_event` holds a union.)
static inline int gateway_epoll(void) { return epoll_create1(EPOLL_CLOEXEC); }

static inline bool gateway_epoll_watch(int epoll, int socket)
{
    struct epoll_event event = {.events = EPOLLIN, .data.fd = socket};
    return epoll_ctl(epoll, EPOLL_CTL_ADD, socket, &event) == 0;
}

static inline void gateway_epoll_forget(int epoll, int socket) { epoll_ctl(epoll, EPOLL_CTL_DEL, socket, NULL); }

/// Those of the watched sockets, 64 at most, that can be read from now. Returns how many.
static inline int gateway_epoll_readable(int epoll, int sockets[static 64])
{
    struct epoll_event events[64];
    int count = epoll_wait(epoll, events, 64, 0);
    for (int i = 0; i < count; i++) sockets[i] = events[i].data.fd;
    return count;
}

/// Something to wake a loop with. (The flags are an anonymous enum's.)
static inline int gateway_eventfd(void)
{
    return eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
}
