// The least that a login can cost on these libraries: two questions by libcurl, one RS256 check by OpenSSL, one answer by
// libmicrohttpd. No request is read, no claim checked, no session sealed, nothing logged or cleansed: a measure for what
// the gateway takes for all of that, and for the machine's mood.
//
//   BareLogin PORT PROVIDER-URL KEY-SET-FILE   takes the first RSA key
//
// As in the gateway, one thread drives libmicrohttpd and one libcurl, with a loop of their own each.
#define _GNU_SOURCE
#include <curl/curl.h>
#include <microhttpd.h>
#include <openssl/core_names.h>
#include <openssl/evp.h>
#include <openssl/param_build.h>
#include <poll.h>
#include <pthread.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <time.h>
#include <unistd.h>

enum { at_once = 48 }; // questions to the provider, as in the gateway

struct login {
    struct MHD_Connection *connection;
    struct login *next;
    CURL *easy;
    int step, failed;
    char form[512], answer[8192];
    size_t length;
};

// What one thread leaves for the other, and the descriptor that wakes it.
struct inbox {
    pthread_mutex_t lock;
    struct login *first;
    int wakeup;
};

static struct inbox begun = {.lock = PTHREAD_MUTEX_INITIALIZER}, done = {.lock = PTHREAD_MUTEX_INITIALIZER};
static const char *provider;
static EVP_PKEY *key;
static CURLM *multi;
static struct curl_slist *plain, *authorized;
static int sockets;
static int64_t timer = -1;
static struct login *waiting, **last_waiting = &waiting;
static int running;

static void fail(const char *what)
{
    fprintf(stderr, "BareLogin: %s\n", what);
    exit(1);
}

static void leave(struct inbox *box, struct login *login)
{
    pthread_mutex_lock(&box->lock);
    int is_first = box->first == NULL;
    login->next = box->first;
    box->first = login;
    pthread_mutex_unlock(&box->lock);
    if (is_first && eventfd_write(box->wakeup, 1) != 0) fail("eventfd");
}

static struct login *take(struct inbox *box)
{
    pthread_mutex_lock(&box->lock);
    struct login *first = box->first;
    box->first = NULL;
    pthread_mutex_unlock(&box->lock);
    return first;
}

static size_t decode(const char *text, size_t count, unsigned char *bytes)
{
    static const char alphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    static unsigned char values[256];
    if (values['B'] == 0)
        for (int i = 0; i < 64; i++) values[(unsigned char)alphabet[i]] = (unsigned char)i;
    size_t size = 0;
    unsigned bits = 0, value = 0;
    for (size_t i = 0; i < count; i++) {
        value = value << 6 | values[(unsigned char)text[i]];
        if ((bits += 6) >= 8) bytes[size++] = (unsigned char)(value >> (bits -= 8));
    }
    return size;
}

static int is_genuine(const char *answer)
{
    static EVP_MD_CTX *context;
    const char *token = strstr(answer, "\"id_token\":\""), *end, *dot;
    if (token == NULL || (end = strchr(token += 12, '"')) == NULL || (dot = memrchr(token, '.', end - token)) == NULL)
        return 0;
    unsigned char signature[1024];
    if (end - dot > 1024) return 0;
    size_t size = decode(dot + 1, end - dot - 1, signature);
    if (context == NULL) context = EVP_MD_CTX_new();
    return EVP_DigestVerifyInit(context, NULL, EVP_sha256(), NULL, key) == 1
        && EVP_DigestVerify(context, signature, size, (const unsigned char *)token, dot - token) == 1;
}

// The thread that drives libcurl.

static int64_t now(void)
{
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return time.tv_sec * 1000 + time.tv_nsec / 1000000;
}

static size_t receive(char *bytes, size_t size, size_t count, void *context)
{
    struct login *login = context;
    if (login->length + size * count >= sizeof login->answer) return 0;
    memcpy(login->answer + login->length, bytes, size * count);
    login->answer[login->length += size * count] = 0;
    return size * count;
}

static void ask(struct login *login)
{
    static const char *paths[] = {"/v1/integrations/sso/token", "/v1/installations/icfg_Bare/member/0ada0ada0ada0ada0ada0ada"};
    char url[256];
    snprintf(url, sizeof url, "%s%s", provider, paths[login->step]);
    login->length = 0;
    if (login->easy == NULL && (login->easy = curl_easy_init()) == NULL) fail("curl_easy_init");
    curl_easy_setopt(login->easy, CURLOPT_URL, url);
    curl_easy_setopt(login->easy, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(login->easy, CURLOPT_TIMEOUT_MS, 8000L);
    curl_easy_setopt(login->easy, CURLOPT_WRITEFUNCTION, receive);
    curl_easy_setopt(login->easy, CURLOPT_WRITEDATA, login);
    curl_easy_setopt(login->easy, CURLOPT_PRIVATE, login);
    curl_easy_setopt(login->easy, CURLOPT_HTTPHEADER, login->step == 0 ? plain : authorized);
    if (login->step == 0) curl_easy_setopt(login->easy, CURLOPT_POSTFIELDS, login->form);
    running++;
    if (curl_multi_add_handle(multi, login->easy) != CURLM_OK) fail("curl_multi_add_handle");
}

static void enter(struct login *login)
{
    login->next = NULL;
    *last_waiting = login;
    last_waiting = &login->next;
}

static void collect(void)
{
    static CURL *idle[at_once];
    static int idle_count;
    int left;
    for (CURLMsg *message; (message = curl_multi_info_read(multi, &left)) != NULL;) {
        struct login *login;
        long status = 0;
        int failed = message->data.result != CURLE_OK;
        curl_easy_getinfo(message->easy_handle, CURLINFO_PRIVATE, &login);
        curl_easy_getinfo(login->easy, CURLINFO_RESPONSE_CODE, &status);
        curl_multi_remove_handle(multi, login->easy);
        curl_easy_reset(login->easy);
        running--;
        failed |= status != 200 || (login->step == 0 ? !is_genuine(login->answer) : strstr(login->answer, "\"role\":") == NULL);
        if (!failed && login->step++ == 0) {
            ask(login);
            continue;
        }
        login->failed = failed;
        idle[idle_count++] = login->easy;
        leave(&done, login);
    }
    while (waiting != NULL && running < at_once) {
        struct login *login = waiting;
        if ((waiting = login->next) == NULL) last_waiting = &waiting;
        login->easy = idle_count > 0 ? idle[--idle_count] : NULL;
        ask(login);
    }
}

static int watch(CURL *easy, curl_socket_t socket, int what, void *context, void *of_socket)
{
    (void)easy, (void)context, (void)of_socket;
    struct epoll_event event = {.events = EPOLLIN | (what & CURL_POLL_OUT ? EPOLLOUT : 0), .data.fd = socket};
    // A connection that is left is used again.
    if (what != CURL_POLL_REMOVE && epoll_ctl(sockets, EPOLL_CTL_MOD, socket, &event) != 0)
        epoll_ctl(sockets, EPOLL_CTL_ADD, socket, &event);
    return 0;
}

static int set_timer(CURLM *of, long milliseconds, void *context)
{
    (void)of, (void)context;
    timer = milliseconds < 0 ? -1 : now() + milliseconds;
    return 0;
}

static void *drive_libcurl(void *nothing)
{
    struct epoll_event events[256];
    eventfd_t calls;
    int left;
    for (;;) {
        for (struct login *login = take(&begun), *next; login != NULL; login = next) {
            next = login->next;
            enter(login);
        }
        collect();
        if (timer >= 0 && timer <= now()) {
            timer = -1;
            curl_multi_socket_action(multi, CURL_SOCKET_TIMEOUT, 0, &left);
            collect();
        }
        int64_t pause = timer < 0 ? -1 : timer - now();
        int count = epoll_wait(sockets, events, 256, pause < -1 ? 0 : (int)pause);
        for (int i = 0; i < count; i++) {
            if (events[i].data.fd == begun.wakeup) eventfd_read(begun.wakeup, &calls);
            else curl_multi_socket_action(multi, events[i].data.fd, CURL_CSELECT_IN, &left);
        }
    }
    return nothing;
}

// The thread that drives libmicrohttpd.

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

static void drive_libmicrohttpd(struct MHD_Daemon *daemon)
{
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

static EVP_PKEY *read_key(const char *path)
{
    char set[16384];
    FILE *file = fopen(path, "r");
    if (file == NULL) return NULL;
    set[fread(set, 1, sizeof set - 1, file)] = 0;
    fclose(file);
    const char *modulus = strstr(set, "\"n\":\"");
    unsigned char bytes[1024];
    EVP_PKEY *read = NULL;
    if (modulus == NULL || strcspn(modulus += 5, "\"") > 1024) return NULL;
    size_t size = decode(modulus, strcspn(modulus, "\""), bytes);
    OSSL_PARAM_BLD *builder = OSSL_PARAM_BLD_new();
    BIGNUM *n = BN_bin2bn(bytes, (int)size, NULL);
    OSSL_PARAM_BLD_push_BN(builder, OSSL_PKEY_PARAM_RSA_N, n);
    OSSL_PARAM_BLD_push_ulong(builder, OSSL_PKEY_PARAM_RSA_E, 65537);
    EVP_PKEY_CTX *context = EVP_PKEY_CTX_new_from_name(NULL, "RSA", NULL);
    if (EVP_PKEY_fromdata_init(context) != 1
        || EVP_PKEY_fromdata(context, &read, EVP_PKEY_PUBLIC_KEY, OSSL_PARAM_BLD_to_param(builder)) != 1)
        return NULL;
    return read;
}

int main(int count, char **arguments)
{
    if (count != 4) fail("PORT PROVIDER-URL KEY-SET-FILE");
    provider = arguments[2];
    if ((key = read_key(arguments[3])) == NULL) fail("no RSA key in the key set");
    curl_global_init(CURL_GLOBAL_DEFAULT);
    plain = curl_slist_append(curl_slist_append(NULL, "Content-Type: application/json"), "Accept: application/json");
    authorized = curl_slist_append(curl_slist_append(NULL, "Accept: application/json"), "Authorization: Bearer bare-installation-token");
    multi = curl_multi_init();
    curl_multi_setopt(multi, CURLMOPT_SOCKETFUNCTION, watch);
    curl_multi_setopt(multi, CURLMOPT_TIMERFUNCTION, set_timer);
    curl_multi_setopt(multi, CURLMOPT_MAXCONNECTS, (long)at_once);
    sockets = epoll_create1(EPOLL_CLOEXEC);
    begun.wakeup = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
    done.wakeup = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
    struct epoll_event event = {.events = EPOLLIN, .data.fd = begun.wakeup};
    if (epoll_ctl(sockets, EPOLL_CTL_ADD, begun.wakeup, &event) != 0) fail("epoll_ctl");
    struct MHD_Daemon *daemon = MHD_start_daemon(
        MHD_USE_EPOLL | MHD_ALLOW_SUSPEND_RESUME, (uint16_t)atoi(arguments[1]), NULL, NULL, handle, NULL,
        MHD_OPTION_CONNECTION_LIMIT, 8192u, MHD_OPTION_LISTEN_BACKLOG_SIZE, 4096u,
        MHD_OPTION_NOTIFY_COMPLETED, forget, NULL, MHD_OPTION_END);
    if (daemon == NULL) fail("libmicrohttpd does not start");
    pthread_t thread;
    if (pthread_create(&thread, NULL, drive_libcurl, NULL) != 0) fail("no thread");
    drive_libmicrohttpd(daemon);
}
