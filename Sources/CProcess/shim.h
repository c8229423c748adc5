#pragma once
#include <sys/prctl.h>
#include <sys/resource.h>

/// No core dump, and no other process of the same user looks into this one's memory. (`prctl` is variadic.)
static inline int process_forbid_dumps(void)
{
    const struct rlimit none = {0, 0};
    return setrlimit(RLIMIT_CORE, &none) | prctl(PR_SET_DUMPABLE, 0, 0, 0, 0);
}
