// The thread that drives libmicrohttpd.
#include "bare-login.h"
#include <microhttpd.h>
#include <poll.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>

static enum MHD_Result answer(struct MHD_Connection *connection, const struct login *login)
{
    char cookie[440];
    memset(cookie, 'x', sizeof cookie);
    memcpy(cookie, "sso_session=", 12);
    strcpy(cookie + 380, "; Path=/; Max-Age=28800; HttpOnly; SameSite=Lax");
    struct MHD_Response *response = MHD_create_response_from_buffer(0, "", MHD_RESPMEM_PERSISTENT);
    MHD_add_response_header(response, "Cache-Control", "no-store");
    MHD_add_response_header(response, "Referrer-Policy", "no-referrer");
    MHD_add_response_header(response, "X-Content-Type-Options", "nosniff");
    MHD_add_response_header(response, "Location", "/billing");
    MHD_add_response_header(response, "Set-Cookie", cookie);
    enum MHD_Result result = MHD_queue_response(connection, login->failed ? 502 : 303, response);
    MHD_destroy_response(response);
    return result;
}

static enum MHD_Result handle(
    void *context, struct MHD_Connection *connection, const char *target, const char *method, const char *version,
    const char *body, size_t *body_size, void **request)
{
    (void)context, (void)target, (void)method, (void)version, (void)body, (void)body_size;
    struct login *login = *request;
    if (login == NULL) {
        *request = calloc(1, sizeof *login);
        return *request != NULL ? MHD_YES : MHD_NO;
    }
    if (login->connection != NULL) return answer(connection, login);
    const char *code = MHD_lookup_connection_value(connection, MHD_GET_ARGUMENT_KIND, "code");
    login->connection = connection;
    snprintf(login->form, sizeof login->form,
             "{\"grant_type\":\"authorization_code\",\"client_id\":\"bare\",\"client_secret\":\"bare\",\"code\":\"%s\"}",
             code != NULL ? code : "");
    MHD_suspend_connection(connection);
    leave(&begun, login);
    return MHD_YES;
}

static void forget(void *context, struct MHD_Connection *connection, void **request, enum MHD_RequestTerminationCode why)
{
    (void)context, (void)connection, (void)why;
    free(*request);
    *request = NULL;
}

void serve(int port)
{
    struct MHD_Daemon *daemon = MHD_start_daemon(
        MHD_USE_EPOLL | MHD_ALLOW_SUSPEND_RESUME, (uint16_t)port, NULL, NULL, handle, NULL,
        MHD_OPTION_CONNECTION_LIMIT, 8192u, MHD_OPTION_LISTEN_BACKLOG_SIZE, 4096u,
        MHD_OPTION_NOTIFY_COMPLETED, forget, NULL, MHD_OPTION_END);
    if (daemon == NULL) fail("libmicrohttpd does not start");
    const union MHD_DaemonInfo *info = MHD_get_daemon_info(daemon, MHD_DAEMON_INFO_EPOLL_FD);
    struct pollfd watched[] = {{.fd = info->epoll_fd, .events = POLLIN}, {.fd = done.wakeup, .events = POLLIN}};
    MHD_UNSIGNED_LONG_LONG pause;
    eventfd_t calls;
    for (;;) {
        poll(watched, 2, MHD_get_timeout(daemon, &pause) == MHD_YES && pause < 250 ? (int)pause : 250);
        if (watched[1].revents != 0) eventfd_read(done.wakeup, &calls);
        for (struct login *login = take(&done), *next; login != NULL; login = next) {
            next = login->next;
            MHD_resume_connection(login->connection);
        }
        MHD_run(daemon);
    }
}
