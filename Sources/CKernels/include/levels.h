// Instruction sets that kernels are written for, and the choice among them at run time.
#ifndef DASTORE_CKERNELS_LEVELS_H
#define DASTORE_CKERNELS_LEVELS_H

// Every kernel gives the same bytes on every level; a higher level is only faster.
enum {
  CKERNELS_PORTABLE = 0,  // plain C
  CKERNELS_SSE2 = 1,      // 16-byte vectors, part of every x86-64
  CKERNELS_AVX2 = 2,      // 32-byte vectors
  CKERNELS_AVX512 = 3,    // AVX-512 F, BW, VL and GFNI: Ice Lake, Zen 4 and later
  CKERNELS_BEST = 255     // whatever this processor has
};

// The highest level that this processor has and that is not above `wanted`.
int ckernels_level(int wanted);
#endif
