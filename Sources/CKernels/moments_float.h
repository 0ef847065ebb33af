// One tile of float32 or float64; included by moments_type.h only.

enum { NAME(TILE) = 16384 / sizeof(T) };
typedef T NAME(eight) __attribute__((ext_vector_type(8)));
typedef T NAME(eight_u) __attribute__((ext_vector_type(8), aligned(1)));
// Eight elements as doubles.
#define EIGHT(p) __builtin_convertvector(*(const NAME(eight_u) *)(p), doubles)
#define VECTORS (LANES / PER)

// Fills `t`, the extremes and the counts of one tile while it is in the L1 cache; returns the number of NaNs, with any
// of which the extremes are meaningless.
static int NAME(tile)(const T *x, int n, struct tile *t, T *smallest, T *largest, struct ckernels_moments *out) {
  int whole = n / LANES * LANES;
  double lanes[LANES];
  T lows[LANES], highs[LANES];
  int64_t zeros = 0;
  {
    doubles s[4] = {0, 0, 0, 0};
    VEC lo[VECTORS], hi[VECTORS];
    __typeof__(lo[0] == lo[0]) z[VECTORS];
    for (int k = 0; k < VECTORS; k++) lo[k] = (VEC)HIGHEST, hi[k] = (VEC)LOWEST, z[k] = 0;
    for (int i = 0; i < whole; i += LANES) {
#pragma clang loop unroll(full)
      for (int k = 0; k < 4; k++) s[k] += EIGHT(x + i + 8 * k);
#pragma clang loop unroll(full)
      for (int k = 0; k < VECTORS; k++) {
        VEC v = LOAD(x + i + PER * k);
        lo[k] = v < lo[k] ? v : lo[k];
        hi[k] = v > hi[k] ? v : hi[k];
        z[k] -= v == 0;
      }
    }
    memcpy(lanes, s, sizeof lanes);
    memcpy(lows, lo, sizeof lows);
    memcpy(highs, hi, sizeof highs);
    for (int k = 0; k < VECTORS; k++)
      for (int j = 0; j < PER; j++) zeros += z[k][j];
  }
  for (int i = whole; i < n; i++) {
    int k = i - whole;
    lanes[k] += x[i];
    lows[k] = x[i] < lows[k] ? x[i] : lows[k];
    highs[k] = x[i] > highs[k] ? x[i] : highs[k];
    zeros += x[i] == 0;
  }
  for (int w = LANES / 2; w >= 1; w /= 2)
    for (int k = 0; k < w; k++) {
      lows[k] = lows[k + w] < lows[k] ? lows[k + w] : lows[k];
      highs[k] = highs[k + w] > highs[k] ? highs[k + w] : highs[k];
    }
  *smallest = lows[0];
  *largest = highs[0];
  out->zero_count += zeros;
  double s = ISA(fold)(lanes, 1, 0);
  double m = s / n;
  if (!(s - s == 0)) {
    // Only such a tile can hold NaNs or infinities: a sum never recovers from them.
    int nans = 0, infinities = 0;
    for (int i = 0; i < n; i++) {
      nans += x[i] != x[i];
      infinities += x[i] == INFINITY || x[i] == -INFINITY;
    }
    out->nan_count += nans;
    out->infinity_count += infinities;
    t->high = s;
    t->spread = NAN;
    return nans;
  }
  double squares[LANES];
  {
    doubles r[4] = {0, 0, 0, 0}, q[4] = {0, 0, 0, 0};
    for (int i = 0; i < whole; i += LANES)
#pragma clang loop unroll(full)
      for (int k = 0; k < 4; k++) {
        doubles d = EIGHT(x + i + 8 * k) - m;
        r[k] += d;
        q[k] += d * d;
      }
    memcpy(lanes, r, sizeof lanes);
    memcpy(squares, q, sizeof squares);
  }
  for (int i = whole; i < n; i++) {
    double d = x[i] - m;
    lanes[i - whole] += d;
    squares[i - whole] += d * d;
  }
  double distances = ISA(fold)(lanes, 1, 0);
  ISA(correct_sum)(n, s, m, distances, &t->high, &t->low);
  t->spread = ISA(correct_spread)(n, ISA(fold)(squares, 1, 0), distances);
  return 0;
}
#undef EIGHT
#undef VECTORS
