// XXH3 with the library's own run-time choice of vector instructions where it has one.
#ifndef DASTORE_CXXHASH_SHIM_H
#define DASTORE_CXXHASH_SHIM_H
#include <xxhash.h>
#if defined(__x86_64__)
XXH_PUBLIC_API XXH64_hash_t XXH3_64bits_dispatch(const void *input, size_t len);
// The dispatching entry point is exported by the library but hidden behind macros in its header.
static inline uint64_t cxxhash_xxh3_64(const void *input, size_t len) { return XXH3_64bits_dispatch(input, len); }
#else
static inline uint64_t cxxhash_xxh3_64(const void *input, size_t len) { return XXH3_64bits(input, len); }
#endif
#endif
