// What the files of this program share; `main.c` says what it is for.
#pragma once
#include <pthread.h>
#include <stddef.h>

struct MHD_Connection;

struct login {
    struct MHD_Connection *connection;
    struct login *next;
    void *easy;
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
extern struct inbox begun, done;
void leave(struct inbox *box, struct login *login);
struct login *take(struct inbox *box);

void fail(const char *what);

// The first RSA key of a key set is what tokens are checked with.
void read_key(const char *path);
int is_genuine(const char *answer);

// Takes what has begun and leaves what is done, for ever.
void *ask_provider(void *url);
// Answers callbacks, for ever.
void serve(int port);
