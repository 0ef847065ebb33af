// Which instruction sets this processor has.
#include "levels.h"

static int best_level(void) {
#if defined(__x86_64__)
  // Also asks whether the operating system saves the wide registers.
  if (__builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") && __builtin_cpu_supports("avx512vl")
      && __builtin_cpu_supports("gfni"))
    return CKERNELS_AVX512;
  if (__builtin_cpu_supports("avx2")) return CKERNELS_AVX2;
  return CKERNELS_SSE2;
#else
  return CKERNELS_PORTABLE;
#endif
}

int ckernels_level(int wanted) {
  int best = best_level();
  return wanted < best ? (wanted < CKERNELS_PORTABLE ? CKERNELS_PORTABLE : wanted) : best;
}
