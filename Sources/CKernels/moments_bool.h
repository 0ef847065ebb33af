// A strip of columns of truth values, where every byte but zero means true; included by moments_isa.h only.

#define T uint8_t
#define NAME(n) ISA(PASTE(n, b1))
#define BITS 8
#define INTEGER
#define ISNAN(v) 0
#define STRIP 64

static void NAME(add_strip)(const T *x, ptrdiff_t stride, int rows, int64_t first, int64_t step,
                            const struct ckernels_partials *p) {
  typedef uint8_t bytes __attribute__((ext_vector_type(STRIP)));
  typedef uint8_t bytes_u __attribute__((ext_vector_type(STRIP), aligned(1)));
  bytes truths = 0, true_row = 0, false_row = 0, row = (bytes)(uint8_t)(rows - 1);
  for (int r = rows - 1; r >= 0; r--, row -= 1) {
    bytes v = *(const bytes_u *)(x + r * stride);
    truths -= (bytes)(v != 0);
    true_row = v != 0 ? row : true_row;
    false_row = v != 0 ? false_row : row;
  }
  typedef int32_t integers __attribute__((ext_vector_type(STRIP)));
  typedef int64_t counts __attribute__((ext_vector_type(STRIP), aligned(1)));
  typedef double reals __attribute__((ext_vector_type(STRIP), aligned(1)));
  integers sum = __builtin_convertvector(truths, integers);
  counts wide = __builtin_convertvector(sum, counts);
  if (p->sum_high) {
    *(reals *)p->sum_high = __builtin_convertvector(sum, reals);
    *(reals *)p->sum_low = 0;
  }
  if (p->wrapped) *(counts *)p->wrapped = wide;
  if (p->spread) *(reals *)p->spread = __builtin_convertvector(sum * (rows - sum), reals) * (1.0 / rows);
  if (p->minimum_at) *(counts *)p->minimum_at = first + step * __builtin_convertvector(false_row, counts);
  if (p->maximum_at) *(counts *)p->maximum_at = first + step * __builtin_convertvector(true_row, counts);
  if (p->zero_count) *(counts *)p->zero_count = rows - wide;
  if (p->minimum) *(bytes_u *)p->minimum = truths == (bytes)(uint8_t)rows ? (bytes)1 : (bytes)0;
  if (p->maximum) *(bytes_u *)p->maximum = truths != 0 ? (bytes)1 : (bytes)0;
}

#include "moments_columns.h"
#undef T
#undef NAME
#undef BITS
#undef INTEGER
#undef ISNAN
