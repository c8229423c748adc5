// The minimum cost of a login with these libraries: two requests by libcurl, one RS256 check by OpenSSL, one answer by
// libmicrohttpd. It parses no request, checks no claim, seals no session, and logs or overwrites nothing. The difference to
// the gateway is the cost of that work; the figure itself shows the machine's speed.
//
//   BareLogin PORT PROVIDER-URL KEY-SET-FILE   takes the first RSA key
//
// As in the gateway, one thread runs libmicrohttpd's loop and one libcurl's.
#include "bare-login.h"
#include <stdio.h>
#include <stdlib.h>
#include <sys/eventfd.h>

struct inbox begun = {.lock = PTHREAD_MUTEX_INITIALIZER}, done = {.lock = PTHREAD_MUTEX_INITIALIZER};

void fail(const char *what)
{
    fprintf(stderr, "BareLogin: %s\n", what);
    exit(1);
}

void leave(struct inbox *box, struct login *login)
{
    pthread_mutex_lock(&box->lock);
    int is_first = box->first == NULL;
    login->next = box->first;
    box->first = login;
    pthread_mutex_unlock(&box->lock);
    if (is_first && eventfd_write(box->wakeup, 1) != 0) fail("eventfd");
}

struct login *take(struct inbox *box)
{
    pthread_mutex_lock(&box->lock);
    struct login *first = box->first;
    box->first = NULL;
    pthread_mutex_unlock(&box->lock);
    return first;
}

int main(int count, char **arguments)
{
    if (count != 4) fail("PORT PROVIDER-URL KEY-SET-FILE");
    read_key(arguments[3]);
    begun.wakeup = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
    done.wakeup = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
    pthread_t thread;
    if (pthread_create(&thread, NULL, ask_provider, arguments[2]) != 0) fail("no thread");
    serve(atoi(arguments[1]));
}
