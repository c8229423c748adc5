#pragma once
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

/// No core dump, and no other process of the same user looks into this one's memory. (`prctl` is variadic.)
static inline int process_forbid_dumps(void)
{
    const struct rlimit none = {0, 0};
    return setrlimit(RLIMIT_CORE, &none) | prctl(PR_SET_DUMPABLE, 0, 0, 0, 0);
}

/// Sends a state to the service manager (sd_notify(3)), if `NOTIFY_SOCKET` names one. 0, or -1.
static inline int process_notify(const char *state)
{
    const char *path = getenv("NOTIFY_SOCKET");
    if (path == NULL) return 0;
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    const size_t length = strlen(path);
    if ((path[0] != '/' && path[0] != '@') || length >= sizeof(address.sun_path)) return -1;
    memcpy(address.sun_path, path, length);
    // An abstract socket: its name begins with a NUL.
    if (path[0] == '@') address.sun_path[0] = 0;
    const int descriptor = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    if (descriptor < 0) return -1;
    const socklen_t size = (socklen_t)(offsetof(struct sockaddr_un, sun_path) + length);
    const ssize_t sent = sendto(descriptor, state, strlen(state), MSG_NOSIGNAL | MSG_DONTWAIT, (struct sockaddr *)&address, size);
    close(descriptor);
    return sent == (ssize_t)strlen(state) ? 0 : -1;
}
