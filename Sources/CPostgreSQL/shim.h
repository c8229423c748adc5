#pragma once
#include <libpq-fe.h>
#include <poll.h>
#include <sys/eventfd.h>

static inline void cpostgresql_ignore(void *context, const char *message) { (void)context; (void)message; }

// libpq writes the server's notices to standard error, where only our log may write.
static inline void cpostgresql_silence(PGconn *connection) {
    PQsetNoticeProcessor(connection, cpostgresql_ignore, NULL);
}

// Macros, which Swift does not import.
static const int cpostgresql_code = PG_DIAG_SQLSTATE;
static const int cpostgresql_message = PG_DIAG_MESSAGE_PRIMARY;

static inline int cpostgresql_eventfd(void) { return eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK); }
