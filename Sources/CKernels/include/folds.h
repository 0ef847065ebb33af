// Products, and moments and extremes that leave NaN out: partial results whose number of elements differs from column
// to column.
//
// As in moments.h every instruction set gives the same bits. Real elements are folded as doubles.
#ifndef DASTORE_FOLDS_H
#define DASTORE_FOLDS_H
#include <stddef.h>
#include <stdint.h>

// One array per figure, NULL where it is not wanted. Those before `fraction` only for real floating-point types, and
// of elements that are not NaN: the sum is the pair high + low, extremes without any are NaN at position -1.
struct ckernels_folds {
  int64_t *present;
  double *sum_high, *sum_low, *spread;  // together with `present`
  double *minimum, *maximum;
  int64_t *minimum_at, *maximum_at;  // together with their extremes
  // The product is fraction * 2^exponent, so that it neither overflows nor underflows before the end. A fraction that
  // is neither zero, infinite nor NaN is at least 1 and less than 2; of complex elements its larger part.
  double *fraction, *imaginary_fraction;
  int64_t *exponent;
  uint64_t *wrapped_product;  // of integers, modulo 2^64; of bool 0 or 1
};

// Adds `rows` x `width` elements as ckernels_add_columns does.
void ckernels_fold_columns(int level, int type, const void *x, ptrdiff_t row_stride, ptrdiff_t column_stride,
                           int64_t rows, int64_t width, int64_t prior, int64_t first, int64_t step,
                           const struct ckernels_folds *state);

// Adds a contiguous run of `count` > 0 elements to one fold as ckernels_add_run does.
void ckernels_fold_run(int level, int type, const void *x, int64_t count, int64_t prior, int64_t first, int axes,
                       const int64_t *extents, const int64_t *strides, const struct ckernels_folds *state);

// Joins `width` folds with those of elements at later positions.
void ckernels_join_folds(int level, int64_t width, const struct ckernels_folds *state,
                         const struct ckernels_folds *other);
#endif
