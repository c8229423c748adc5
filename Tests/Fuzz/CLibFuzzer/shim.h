#pragma once
#include <stddef.h>
#include <stdint.h>

// libFuzzer's own entry point for programs that bring their own main (clang's compiler-rt). `one` is called with bytes
// that it must not keep.
int LLVMFuzzerRunDriver(int *_Nonnull argc, char *_Nullable *_Nonnull *_Nonnull argv,
                        int (*_Nonnull one)(const uint8_t *_Nullable data, size_t size));

// It wants both arguments by reference, which the Swift compiler (6.3.1) does not survive in a main function.
static inline int gateway_fuzz(int argc, char *_Nullable *_Nonnull argv,
                               int (*_Nonnull one)(const uint8_t *_Nullable data, size_t size)) {
    return LLVMFuzzerRunDriver(&argc, &argv, one);
}
