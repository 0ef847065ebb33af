// Loops for processors with AVX-512 F, BW, DQ and VL.
#include "types.h"

#if defined(__x86_64__)
#pragma clang attribute push( \
    __attribute__((target("avx2,fma,f16c,avx512f,avx512bw,avx512dq,avx512vl"))), apply_to = function)
#define HAS_FMA
#define HAS_AVX512
#define LEVEL avx512
#include "level.h"
#pragma clang attribute pop
#endif
