// A strip of columns of complex numbers; included by moments_complex.h only.

#define STRIP 16

static void NAME(strip_sums)(const T *x, ptrdiff_t stride, int rows, const struct ckernels_partials *p) {
  double re[STRIP] = {0}, im[STRIP] = {0}, r1[STRIP] = {0}, r2[STRIP] = {0}, q1[STRIP] = {0}, q2[STRIP] = {0};
  for (int r = 0; r < rows; r++)
    for (int j = 0; j < STRIP; j++) {
      re[j] += x[r * stride + j].re;
      im[j] += x[r * stride + j].im;
    }
  for (int r = 0; r < rows; r++)
    for (int j = 0; j < STRIP; j++) {
      double d = x[r * stride + j].re - re[j] / rows, e = x[r * stride + j].im - im[j] / rows;
      r1[j] += d;
      r2[j] += e;
      q1[j] += d * d;
      q2[j] += e * e;
    }
  for (int j = 0; j < STRIP; j++) {
    ISA(correct_sum)(rows, re[j], re[j] / rows, r1[j], &p->sum_high[j], &p->sum_low[j]);
    ISA(correct_sum)(rows, im[j], im[j] / rows, r2[j], &p->imaginary_high[j], &p->imaginary_low[j]);
    if (p->spread)
      p->spread[j] = ISA(correct_spread)(rows, q1[j], r1[j]) + ISA(correct_spread)(rows, q2[j], r2[j]);
  }
}

// First best of every column; a NaN is better than anything but an earlier NaN.
#define STRIP_EXTREME(name, better)                                                                             \
  static void NAME(name)(const T *x, ptrdiff_t stride, int rows, T *best, int64_t *at, int64_t first,           \
                         int64_t step) {                                                                        \
    int row[STRIP] = {0};                                                                                       \
    for (int j = 0; j < STRIP; j++) best[j] = x[j];                                                             \
    for (int r = 1; r < rows; r++)                                                                              \
      for (int j = 0; j < STRIP; j++) {                                                                         \
        T v = x[r * stride + j], b = best[j];                                                                   \
        int take = ISNAN(b) ? 0 : (better) | ISNAN(v);                                                          \
        best[j] = take ? v : b;                                                                                 \
        row[j] = take ? r : row[j];                                                                             \
      }                                                                                                         \
    if (at)                                                                                                     \
      for (int j = 0; j < STRIP; j++) at[j] = first + step * row[j];                                            \
  }
STRIP_EXTREME(strip_minimum, NAME(less)(v, b))
STRIP_EXTREME(strip_maximum, NAME(less)(b, v))
#undef STRIP_EXTREME

static void NAME(add_strip)(const T *x, ptrdiff_t stride, int rows, int64_t first, int64_t step,
                            const struct ckernels_partials *p) {
  if (p->sum_high) NAME(strip_sums)(x, stride, rows, p);
  if (p->minimum) NAME(strip_minimum)(x, stride, rows, p->minimum, p->minimum_at, first, step);
  if (p->maximum) NAME(strip_maximum)(x, stride, rows, p->maximum, p->maximum_at, first, step);
  if (!p->nan_count && !p->infinity_count && !p->zero_count) return;
  int nans[STRIP] = {0}, infinities[STRIP] = {0}, zeros[STRIP] = {0};
  for (int r = 0; r < rows; r++)
    for (int j = 0; j < STRIP; j++) {
      T v = x[r * stride + j];
      nans[j] += ISNAN(v);
      infinities[j] += __builtin_isinf(v.re) || __builtin_isinf(v.im);
      zeros[j] += v.re == 0 && v.im == 0;
    }
  for (int j = 0; j < STRIP; j++) {
    if (p->nan_count) p->nan_count[j] = nans[j];
    if (p->infinity_count) p->infinity_count[j] = infinities[j];
    if (p->zero_count) p->zero_count[j] = zeros[j];
  }
}
