// Statistics of runs and columns of elements in one pass over memory.
//
// Every instruction set gives the same bits: sums run in a fixed number of lanes that are added in a fixed order, and
// no multiplication is fused with an addition unless the code says so. Sums are kept as an unevaluated pair of
// doubles (high + low); spreads are sums of squared distances from the mean, joined by Chan's formula.
#ifndef DASTORE_MOMENTS_H
#define DASTORE_MOMENTS_H
#include <stddef.h>
#include <stdint.h>

// Element types, in the order of Swift's DType.allCases.
enum ckernels_type {
  CKERNELS_BOOL, CKERNELS_I1, CKERNELS_I2, CKERNELS_I4, CKERNELS_I8, CKERNELS_U1, CKERNELS_U2, CKERNELS_U4,
  CKERNELS_U8, CKERNELS_F2, CKERNELS_F4, CKERNELS_F8, CKERNELS_C8, CKERNELS_C16
};

// What one run of elements says. Positions count elements from the run's start, -1 in an empty run; where there is a
// NaN they are the first NaN's position. The extremes themselves are the elements at those positions.
struct ckernels_moments {
  int64_t count;
  uint64_t wrapped;  // integer sum modulo 2^64
  double sum_high, sum_low;
  double imaginary_high, imaginary_low;  // zero for real types
  double spread;                         // sum of |x - mean|^2
  int64_t nan_count, infinity_count, zero_count;
  int64_t minimum_at, maximum_at;
};

// The same for many output elements at once: one array per statistic, NULL where it is not wanted. Extremes are of the
// element type, but float32 for float16. `imaginary_*` only for complex, `wrapped` only for integers and bool, `spread`
// and `wrapped` only together with sums, positions only together with their extremes.
struct ckernels_partials {
  double *sum_high, *sum_low, *imaginary_high, *imaginary_low, *spread;
  uint64_t *wrapped;
  void *minimum, *maximum;
  int64_t *minimum_at, *maximum_at;
  int64_t *nan_count, *infinity_count, *zero_count;
};

// Best instruction set of this processor: 0 baseline, 1 AVX2, 2 AVX-512. Every `level` below must not exceed it.
int ckernels_best_level(void);

// Statistics of `count` contiguous elements. `x` is aligned for its type.
void ckernels_moments_of(int level, int type, const void *x, int64_t count, struct ckernels_moments *out);

// Adds `rows` x `width` elements to `width` partials that hold `prior` elements each (0: they are uninitialised).
// Element (r, c) stands at x + r*row_stride + c*column_stride (bytes) and has position first + r*step. `rows` > 0.
// Sums are taken in an order that `type`, `rows`, `width` and the strides decide, and nothing else: few columns that
// follow each other are summed in parts of every 2^k-th row, others from the first row to the last, 128 rows at a time.
// What else is wanted changes no figure.
void ckernels_add_columns(int level, int type, const void *x, ptrdiff_t row_stride, ptrdiff_t column_stride,
                          int64_t rows, int64_t width, int64_t prior, int64_t first, int64_t step,
                          const struct ckernels_partials *state);

// Adds a contiguous run of `count` > 0 elements to one partial that holds `prior` elements. The element at `i` of the
// run has position first + sum over axes of (its index along the axis) * strides[axis], where `i` counts a box of
// `extents` in row-major order.
void ckernels_add_run(int level, int type, const void *x, int64_t count, int64_t prior, int64_t first, int axes,
                      const int64_t *extents, const int64_t *strides, const struct ckernels_partials *state);

// Joins partials of `prior` elements with those of `added` (both > 0), `width` of each, into `state`.
void ckernels_merge(int level, int type, int64_t width, const struct ckernels_partials *state, int64_t prior,
                    const struct ckernels_partials *other, int64_t added);
#endif
