#pragma once
#include <arpa/inet.h>
#include <curl/curl.h>
#include <malloc.h>
#include <netinet/in.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
// For waiting on the multi interface's sockets.
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>

// libcurl's heap holds what we send and receive (request buffers, header lists, receive buffers). Only libcurl can reach
// those copies, so it gets an allocator that overwrites every block before it frees it.
// `malloc_usable_size` because C's free gets no length.

static inline void ccurl_cleansing_free(void *block) {
    if (block != NULL) explicit_bzero(block, malloc_usable_size(block));
    free(block);
}

// Not `realloc`: it may move the bytes and leave the old block as it was.
static inline void *ccurl_cleansing_realloc(void *block, size_t size) {
    if (block == NULL) return malloc(size);
    void *grown = malloc(size);
    if (grown == NULL) return NULL;
    size_t old = malloc_usable_size(block);
    memcpy(grown, block, old < size ? old : size);
    ccurl_cleansing_free(block);
    return grown;
}

static inline void *ccurl_malloc(size_t size) { return malloc(size); }
static inline void *ccurl_calloc(size_t count, size_t size) { return calloc(count, size); }
static inline char *ccurl_strdup(const char *text) { return strdup(text); }

// The addresses of functions that are interposed by sanitizers are best taken here, in C.
static inline CURLcode ccurl_global_init(void) {
    return curl_global_init_mem(CURL_GLOBAL_DEFAULT, ccurl_malloc, ccurl_cleansing_free, ccurl_cleansing_realloc,
                                ccurl_strdup, ccurl_calloc);
}

// An enumerator before libcurl 8.13, a macro since.
static const long ccurl_netrc_ignored = (long)CURL_NETRC_IGNORED;
// Macros with a cast, which Swift does not import.
static const long ccurl_basic_authentication = (long)CURLAUTH_BASIC;
static const long ccurl_separate_headers = (long)CURLHEADER_SEPARATE;

// Twins of the variadic `curl_easy_setopt`, one for each type of its last argument.

static inline CURLcode ccurl_set_long(CURL *easy, CURLoption option, long value) {
    return curl_easy_setopt(easy, option, value);
}

// libcurl copies the text, except for CURLOPT_POSTFIELDS: see ccurl_lend_body.
static inline CURLcode ccurl_set_text(CURL *easy, CURLoption option, const char *text) {
    return curl_easy_setopt(easy, option, text);
}

static inline CURLcode ccurl_set_pointer(CURL *easy, CURLoption option, void *value) {
    return curl_easy_setopt(easy, option, value);
}

// libcurl keeps the list's address: it must outlive the transfer.
static inline CURLcode ccurl_lend_headers(CURL *easy, struct curl_slist *list) {
    return curl_easy_setopt(easy, CURLOPT_HTTPHEADER, list);
}

// libcurl keeps the address, which must outlive the transfer. The size goes first: without it libcurl uses strlen.
static inline CURLcode ccurl_lend_body(CURL *easy, const void *bytes, curl_off_t count) {
    CURLcode code = curl_easy_setopt(easy, CURLOPT_POSTFIELDSIZE_LARGE, count);
    return code != CURLE_OK ? code : curl_easy_setopt(easy, CURLOPT_POSTFIELDS, bytes != NULL ? bytes : "");
}

// The pointer that was set as CURLOPT_PRIVATE, or NULL. (`curl_easy_getinfo` is variadic.)
static inline void *ccurl_private(CURL *easy) {
    void *value = NULL;
    curl_easy_getinfo(easy, CURLINFO_PRIVATE, &value);
    return value;
}

typedef size_t (*ccurl_bytes_callback)(char *bytes, size_t size, size_t count, void *context);

// CURLOPT_WRITEFUNCTION and CURLOPT_HEADERFUNCTION.
static inline CURLcode ccurl_set_bytes_callback(CURL *easy, CURLoption option, ccurl_bytes_callback callback) {
    return curl_easy_setopt(easy, option, callback);
}

static inline CURLcode ccurl_set_prereq_callback(CURL *easy, curl_prereq_callback callback) {
    return curl_easy_setopt(easy, CURLOPT_PREREQFUNCTION, callback);
}

static inline CURLcode ccurl_set_sockopt_callback(CURL *easy, curl_sockopt_callback callback) {
    return curl_easy_setopt(easy, CURLOPT_SOCKOPTFUNCTION, callback);
}

// Whether an address is this one, written as libcurl writes addresses in CURLOPT_PREREQFUNCTION.
static inline bool ccurl_is_address(const struct sockaddr_storage *address, const char *ip, int port) {
    const struct sockaddr_in *v4 = (const void *)address;
    const struct sockaddr_in6 *v6 = (const void *)address;
    bool is_v6 = address->ss_family == AF_INET6;
    if (!is_v6 && address->ss_family != AF_INET) return false;
    char text[INET6_ADDRSTRLEN];
    const void *bytes = is_v6 ? (const void *)&v6->sin6_addr : (const void *)&v4->sin_addr;
    if (inet_ntop(address->ss_family, bytes, text, sizeof text) == NULL) return false;
    return strcmp(text, ip) == 0 && ntohs(is_v6 ? v6->sin6_port : v4->sin_port) == port;
}

// Whether a socket connects these two addresses. False for a socket that was reset: it has no peer.
static inline bool ccurl_connects(curl_socket_t socket, const char *local_ip, int local_port, const char *remote_ip,
                                  int remote_port) {
    struct sockaddr_storage local, remote;
    socklen_t local_size = sizeof local, remote_size = sizeof remote;
    return getsockname(socket, (struct sockaddr *)&local, &local_size) == 0
           && getpeername(socket, (struct sockaddr *)&remote, &remote_size) == 0
           && ccurl_is_address(&local, local_ip, local_port) && ccurl_is_address(&remote, remote_ip, remote_port);
}

// Twins of the variadic `curl_multi_setopt`.

static inline CURLMcode ccurl_multi_set_long(CURLM *multi, CURLMoption option, long value) {
    return curl_multi_setopt(multi, option, value);
}

static inline CURLMcode ccurl_multi_set_socket_callback(CURLM *multi, curl_socket_callback callback, void *context) {
    CURLMcode code = curl_multi_setopt(multi, CURLMOPT_SOCKETFUNCTION, callback);
    return code != CURLM_OK ? code : curl_multi_setopt(multi, CURLMOPT_SOCKETDATA, context);
}

static inline CURLMcode ccurl_multi_set_timer_callback(CURLM *multi, curl_multi_timer_callback callback, void *context) {
    CURLMcode code = curl_multi_setopt(multi, CURLMOPT_TIMERFUNCTION, callback);
    return code != CURLM_OK ? code : curl_multi_setopt(multi, CURLMOPT_TIMERDATA, context);
}

// Macros that Swift imports as several types, or not at all.
static const curl_socket_t ccurl_socket_timeout = CURL_SOCKET_TIMEOUT;
static inline int ccurl_eventfd(void) { return eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK); }
static inline int ccurl_epoll(void) { return epoll_create1(EPOLL_CLOEXEC); }
