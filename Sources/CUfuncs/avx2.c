// Loops for processors with AVX2, FMA and F16C.
#include "types.h"

#if defined(__x86_64__)
#pragma clang attribute push(__attribute__((target("avx2,fma,f16c"))), apply_to = function)
#define HAS_FMA
#define LEVEL avx2
#include "level.h"
#pragma clang attribute pop
#endif
