// Kernels of one complex element type with parts of type P; included by moments_isa.h only. Lanes alternate between
// real and imaginary parts. Extremes are ordered by real part, then imaginary part, and a NaN in any part comes first.

typedef struct { P re, im; } NAME(complex);
enum { NAME(TILE) = 16384 / sizeof(NAME(complex)) };
typedef P NAME(eight) __attribute__((ext_vector_type(8)));
typedef P NAME(eight_u) __attribute__((ext_vector_type(8), aligned(1)));

static inline int NAME(is_nan)(NAME(complex) a) { return a.re != a.re || a.im != a.im; }
static inline int NAME(less)(NAME(complex) a, NAME(complex) b) {
  return a.re < b.re || (a.re == b.re && a.im < b.im);
}
static inline int NAME(equal)(NAME(complex) a, NAME(complex) b) { return a.re == b.re && a.im == b.im; }

// Sums, spread and counts of a tile, and the extremes of its real parts; returns its NaNs.
static int NAME(tile)(const NAME(complex) *x, int n, struct tile *t, P *smallest, P *largest,
                      struct ckernels_moments *out) {
  const P *parts = &x->re;
  int whole = 2 * n / LANES * LANES;
  double lanes[LANES];
  P lows[8], highs[8];
  int64_t zeros = 0;
  {
    doubles s[4] = {0, 0, 0, 0};
    NAME(eight) lo[4], hi[4];
    __typeof__(lo[0] == lo[0]) z[4];
    for (int k = 0; k < 4; k++) lo[k] = (NAME(eight))INFINITY, hi[k] = -lo[k], z[k] = 0;
    for (int i = 0; i < whole; i += LANES)
#pragma clang loop unroll(full)
      for (int k = 0; k < 4; k++) {
        NAME(eight) v = *(const NAME(eight_u) *)(parts + i + 8 * k);
        s[k] += __builtin_convertvector(v, doubles);
        lo[k] = v < lo[k] ? v : lo[k];
        hi[k] = v > hi[k] ? v : hi[k];
        __typeof__(v == v) zero = v == 0;
        z[k] -= zero & __builtin_shufflevector(zero, zero, 1, 0, 3, 2, 5, 4, 7, 6);
      }
    memcpy(lanes, s, sizeof lanes);
    for (int k = 1; k < 4; k++) {
      lo[0] = lo[k] < lo[0] ? lo[k] : lo[0];
      hi[0] = hi[k] > hi[0] ? hi[k] : hi[0];
    }
    memcpy(lows, lo, sizeof lows);
    memcpy(highs, hi, sizeof highs);
    for (int k = 0; k < 4; k++)
      for (int j = 0; j < 8; j += 2) zeros += z[k][j];
  }
  for (int i = whole; i < 2 * n; i++) lanes[i - whole] += parts[i];
  P lo = INFINITY, hi = -INFINITY;
  for (int k = 0; k < 8; k += 2) {
    lo = lows[k] < lo ? lows[k] : lo;
    hi = highs[k] > hi ? highs[k] : hi;
  }
  for (int i = whole / 2; i < n; i++) {
    lo = x[i].re < lo ? x[i].re : lo;
    hi = x[i].re > hi ? x[i].re : hi;
    zeros += x[i].re == 0 && x[i].im == 0;
  }
  *smallest = lo;
  *largest = hi;
  out->zero_count += zeros;
  double re = ISA(fold)(lanes, 2, 0), im = lanes[1];
  t->high = re;
  t->imaginary_high = im;
  if (!(re - re == 0) || !(im - im == 0)) {
    int nans = 0, infinities = 0;
    for (int i = 0; i < n; i++) {
      nans += NAME(is_nan)(x[i]);
      infinities += __builtin_isinf(x[i].re) || __builtin_isinf(x[i].im);
    }
    out->nan_count += nans;
    out->infinity_count += infinities;
    t->spread = NAN;
    return nans;
  }
  double mre = re / n, mim = im / n;
  double squares[LANES];
  {
    doubles m = {mre, mim, mre, mim, mre, mim, mre, mim};
    doubles r[4] = {0, 0, 0, 0}, q[4] = {0, 0, 0, 0};
    for (int i = 0; i < whole; i += LANES)
#pragma clang loop unroll(full)
      for (int k = 0; k < 4; k++) {
        doubles d = __builtin_convertvector(*(const NAME(eight_u) *)(parts + i + 8 * k), doubles) - m;
        r[k] += d;
        q[k] += d * d;
      }
    memcpy(lanes, r, sizeof lanes);
    memcpy(squares, q, sizeof squares);
  }
  for (int i = whole; i < 2 * n; i++) {
    double d = parts[i] - (i & 1 ? mim : mre);
    lanes[i - whole] += d;
    squares[i - whole] += d * d;
  }
  double r = ISA(fold)(lanes, 2, 0), j = lanes[1];
  ISA(correct_sum)(n, re, mre, r, &t->high, &t->low);
  ISA(correct_sum)(n, im, mim, j, &t->imaginary_high, &t->imaginary_low);
  double q = ISA(fold)(squares, 2, 0);
  t->spread = ISA(correct_spread)(n, q, r) + ISA(correct_spread)(n, squares[1], j);
  return 0;
}

static void NAME(moments)(const NAME(complex) *x, int64_t count, struct ckernels_moments *out) {
  struct tile stack[64];
  int depth = 0;
  if (count > 0) out->minimum_at = out->maximum_at = 0;
  for (int64_t start = 0, number = 0; start < count; start += NAME(TILE), number++) {
    int n = count - start < NAME(TILE) ? (int)(count - start) : NAME(TILE);
    struct tile t = {.n = n};
    P lo, hi;
    int nans = NAME(tile)(x + start, n, &t, &lo, &hi, out);
    ISA(push_tile)(stack, &depth, number, &t);
    if (out->nan_count != 0) {
      if (out->nan_count == nans) {  // the first tile with any
        int i = 0;
        while (i < n - 1 && !NAME(is_nan)(x[start + i])) i++;
        out->minimum_at = out->maximum_at = start + i;
      }
      continue;
    }
    // Only a tile whose real parts reach the best so far can hold a better element.
    if (lo <= x[out->minimum_at].re)
      for (int i = 0; i < n; i++)
        if (NAME(less)(x[start + i], x[out->minimum_at])) out->minimum_at = start + i;
    if (hi >= x[out->maximum_at].re)
      for (int i = 0; i < n; i++)
        if (NAME(less)(x[out->maximum_at], x[start + i])) out->maximum_at = start + i;
  }
  ISA(finish_tiles)(stack, depth, out);
}

#define T NAME(complex)
#define COMPLEX
#define ISNAN(v) NAME(is_nan)(v)
#include "moments_complex_strip.h"
#include "moments_columns.h"
#undef COMPLEX
#undef ISNAN
#undef T
#undef P
#undef NAME
#undef BITS
