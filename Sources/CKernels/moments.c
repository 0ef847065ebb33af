// Statistics kernels: compiled once per instruction set from moments_isa.h, chosen at run time.
#include "moments.h"
#include "folds.h"
#include <float.h>
#include <math.h>
#include <string.h>
#if defined(__x86_64__)
#include <immintrin.h>
#endif

// Fusing a product with a sum would change bits between instruction sets.
#pragma STDC FP_CONTRACT OFF

// Sums run in this many lanes, whatever the width of the machine's registers.
#define LANES 32
// A shift is near the mean where its distance explains no more than this part of the sum of squares about it.
#define NEAR 0.8
// Columns and rows of a tile of the column kernels: its accumulators and data fit the L1 cache, and a row number fits
// the smallest element type.
#define TILE_COLUMNS 256
#define TILE_ROWS 128
// Space for tiles that are copied, in bytes.
#define PACKED_BYTES 32768
// Rows that stand so far apart, and so many, are taken a few at a time.
#define FAR_BYTES 2048
#define FAR_ROWS 16

#define PASTE_(a, b) a##_##b
#define PASTE(a, b) PASTE_(a, b)

// What is looked for.
enum { LOWEST_OF = 1, HIGHEST_OF = 2, PLACES = 4, ZEROS = 8, EVERYTHING = 15, NANS = 16 };

// A partial result of a tile of a run, before extremes.
struct tile {
  double n, high, low, imaginary_high, imaginary_low, spread;
};

typedef double doubles __attribute__((ext_vector_type(8)));
typedef double doubles_u __attribute__((ext_vector_type(8), aligned(1)));

#define ISA(name) PASTE(name, baseline)
#include "moments_isa.h"
#undef ISA

#if defined(__x86_64__)
#define HAS_F16C
#pragma clang attribute push(__attribute__((target("avx2,fma,f16c,popcnt"))), apply_to = function)
#define ISA(name) PASTE(name, avx2)
#include "moments_isa.h"
#undef ISA
#pragma clang attribute pop

#pragma clang attribute push( \
    __attribute__((target("avx2,fma,f16c,popcnt,avx512f,avx512bw,avx512dq,avx512vl"))), apply_to = function)
#define ISA(name) PASTE(name, avx512)
#include "moments_isa.h"
#undef ISA
#pragma clang attribute pop

int ckernels_best_level(void) {
  __builtin_cpu_init();
  if (!__builtin_cpu_supports("avx2") || !__builtin_cpu_supports("fma") || !__builtin_cpu_supports("f16c") ||
      !__builtin_cpu_supports("popcnt"))
    return 0;
  if (__builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") && __builtin_cpu_supports("avx512dq") &&
      __builtin_cpu_supports("avx512vl"))
    return 2;
  return 1;
}
#define CHOOSE(call)                 \
  switch (level) {                   \
    case 2: PASTE(call, avx512) ARGS; break; \
    case 1: PASTE(call, avx2) ARGS; break;   \
    default: PASTE(call, baseline) ARGS;     \
  }
#else
int ckernels_best_level(void) { return 0; }
#define CHOOSE(call) PASTE(call, baseline) ARGS;
#endif

void ckernels_moments_of(int level, int type, const void *x, int64_t count, struct ckernels_moments *out) {
#define ARGS (type, x, count, out)
  CHOOSE(moments_of)
#undef ARGS
}

void ckernels_add_columns(int level, int type, const void *x, ptrdiff_t row_stride, ptrdiff_t column_stride,
                          int64_t rows, int64_t width, int64_t prior, int64_t first, int64_t step,
                          const struct ckernels_partials *state) {
#define ARGS (type, x, row_stride, column_stride, rows, width, prior, first, step, state)
  CHOOSE(add_columns)
#undef ARGS
}

void ckernels_add_run(int level, int type, const void *x, int64_t count, int64_t prior, int64_t first, int axes,
                      const int64_t *extents, const int64_t *strides, const struct ckernels_partials *state) {
#define ARGS (type, x, count, prior, first, axes, extents, strides, state)
  CHOOSE(add_run)
#undef ARGS
}

void ckernels_merge(int level, int type, int64_t width, const struct ckernels_partials *state, int64_t prior,
                    const struct ckernels_partials *other, int64_t added) {
#define ARGS (type, width, state, prior, other, added)
  CHOOSE(merge)
#undef ARGS
}

void ckernels_fold_columns(int level, int type, const void *x, ptrdiff_t row_stride, ptrdiff_t column_stride,
                           int64_t rows, int64_t width, int64_t prior, int64_t first, int64_t step,
                           const struct ckernels_folds *state) {
#define ARGS (type, x, row_stride, column_stride, rows, width, prior, first, step, state)
  CHOOSE(fold_columns)
#undef ARGS
}

void ckernels_fold_run(int level, int type, const void *x, int64_t count, int64_t prior, int64_t first, int axes,
                       const int64_t *extents, const int64_t *strides, const struct ckernels_folds *state) {
#define ARGS (type, x, count, prior, first, axes, extents, strides, state)
  CHOOSE(fold_run)
#undef ARGS
}

void ckernels_join_folds(int level, int64_t width, const struct ckernels_folds *state,
                         const struct ckernels_folds *other) {
#define ARGS (width, state, other)
  CHOOSE(join_folds)
#undef ARGS
}
