#pragma once
#include <microhttpd.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/eventfd.h>
#include <sys/resource.h>
#include <sys/socket.h>

/// The callbacks of a daemon, as one value: `MHD_start_daemon` is variadic, so Swift cannot call it.
struct gateway_daemon_callbacks {
    void *context;
    MHD_AcceptPolicyCallback admit;
    MHD_AccessHandlerCallback access_handler;
    void *(*request_line)(void *context, const char *target, struct MHD_Connection *connection);
    MHD_RequestCompletedCallback completed;
    MHD_NotifyConnectionCallback connection;
};

/// A daemon without a thread: it listens, accepts and uses epoll inside `MHD_run`, which our loop calls. Its connections
/// can be suspended. It owns `listener` from here on.
static inline struct MHD_Daemon *gateway_start_daemon(
    const struct gateway_daemon_callbacks *callbacks, int listener, unsigned connection_limit, unsigned idle_seconds,
    size_t connection_memory)
{
    return MHD_start_daemon(
        MHD_USE_EPOLL | MHD_ALLOW_SUSPEND_RESUME, 0,
        callbacks->admit, callbacks->context, callbacks->access_handler, callbacks->context,
        MHD_OPTION_LISTEN_SOCKET, listener,
        MHD_OPTION_CONNECTION_LIMIT, connection_limit,
        MHD_OPTION_CONNECTION_TIMEOUT, idle_seconds,
        MHD_OPTION_CONNECTION_MEMORY_LIMIT, connection_memory,
        MHD_OPTION_STRICT_FOR_CLIENT, 1,
        MHD_OPTION_URI_LOG_CALLBACK, callbacks->request_line, callbacks->context,
        MHD_OPTION_NOTIFY_COMPLETED, callbacks->completed, callbacks->context,
        MHD_OPTION_NOTIFY_CONNECTION, callbacks->connection, callbacks->context,
        MHD_OPTION_END);
}

/// The descriptor that becomes readable when the daemon has work. (`MHD_get_daemon_info` is variadic.)
static inline int gateway_epoll_descriptor(struct MHD_Daemon *daemon)
{
    const union MHD_DaemonInfo *info = MHD_get_daemon_info(daemon, MHD_DAEMON_INFO_EPOLL_FD);
    return info == NULL ? -1 : info->epoll_fd;
}

/// The pointer that `MHD_NotifyConnectionCallback` stored in the connection. (`MHD_get_connection_info` is variadic.)
static inline void *gateway_socket_context(struct MHD_Connection *connection)
{
    const union MHD_ConnectionInfo *info = MHD_get_connection_info(connection, MHD_CONNECTION_INFO_SOCKET_CONTEXT);
    return info == NULL ? NULL : info->socket_context;
}

/// A connection's socket. (`MHD_get_connection_info` is variadic.)
static inline int gateway_connection_descriptor(struct MHD_Connection *connection)
{
    const union MHD_ConnectionInfo *info = MHD_get_connection_info(connection, MHD_CONNECTION_INFO_CONNECTION_FD);
    return info == NULL ? -1 : info->connect_fd;
}

/// The client's address. (`MHD_get_connection_info` is variadic.)
static inline const struct sockaddr *gateway_client_address(struct MHD_Connection *connection)
{
    const union MHD_ConnectionInfo *info = MHD_get_connection_info(connection, MHD_CONNECTION_INFO_CLIENT_ADDRESS);
    return info == NULL ? NULL : info->client_addr;
}

/// Bytes of the request's line and headers as they came. (`MHD_get_connection_info` is variadic.)
static inline size_t gateway_head_size(struct MHD_Connection *connection)
{
    const union MHD_ConnectionInfo *info =
        MHD_get_connection_info(connection, MHD_CONNECTION_INFO_REQUEST_HEADER_SIZE);
    return info == NULL ? 0 : info->header_size;
}

/// The user who opened the other end of a Unix socket's connection; -1 for another socket. (The C library hides
/// `struct ucred`, which is the kernel's; unix(7).)
static inline int64_t gateway_peer_user(int descriptor)
{
    struct { pid_t pid; uid_t uid; gid_t gid; } peer;
    socklen_t size = sizeof peer;
    if (getsockopt(descriptor, SOL_SOCKET, SO_PEERCRED, &peer, &size) != 0 || size != sizeof peer) return -1;
    return peer.uid == (uid_t)-1 ? -1 : (int64_t)peer.uid;
}

/// A stream socket that never blocks and is not inherited. (The type's flags are an anonymous enum's, which Swift sees
/// in one module and not in another.)
static inline int gateway_stream_socket(int family)
{
    return socket(family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
}

/// Whether the peer has ended the stream and everything before that end was read. (The flags are an anonymous enum's.)
static inline bool gateway_has_ended(int descriptor)
{
    char byte;
    return recv(descriptor, &byte, 1, MSG_PEEK | MSG_DONTWAIT) == 0;
}

/// What `poll` reports when the peer has closed its sending side, even where nothing is read. Linux, and not in POSIX: the
/// number is the kernel's (`asm-generic/poll.h`).
static inline short gateway_poll_closed(void) { return 0x2000; }

/// How many descriptors this process may have open. (The resource's type is another one for C and for Swift.)
static inline uint64_t gateway_descriptor_limit(void)
{
    struct rlimit limit;
    return getrlimit(RLIMIT_NOFILE, &limit) == 0 ? limit.rlim_cur : 0;
}

/// Up to which number the process may raise that limit itself.
static inline uint64_t gateway_highest_descriptor_limit(void)
{
    struct rlimit limit;
    return getrlimit(RLIMIT_NOFILE, &limit) == 0 ? limit.rlim_max : 0;
}

static inline bool gateway_set_descriptor_limit(uint64_t count)
{
    struct rlimit limit;
    if (getrlimit(RLIMIT_NOFILE, &limit) != 0 || count > limit.rlim_max) return false;
    limit.rlim_cur = count;
    return setrlimit(RLIMIT_NOFILE, &limit) == 0;
}

/// Wakes a loop. (The flags are an anonymous enum's.)
static inline int gateway_eventfd(void)
{
    return eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
}
