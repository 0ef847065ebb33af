// One tile of float32 or float64; included by moments_type.h only.
//
// One pass sums d = x - c and d * d about a shift c near the mean. With D and Q those sums, u = 2^-53, and lanes of at
// most TILE / LANES elements that are folded in five steps, both are off by less than g = (TILE / LANES + 8) u times
// sum |d| and Q; so the sum of the tile is as good as one about the mean, and the spread Q - D * D / n is off by less
// than 3 g Q. A tile whose D * D / n exceeds NEAR * Q is looked at again about its mean. That bounds the spread's
// relative error by 3 g / (1 - NEAR), 2^-41 for float32 and 2^-42 for float64; rounding errors of either sign leave
// some 10^-15.

enum { NAME(TILE) = 32768 / sizeof(T) };
typedef T NAME(eight) __attribute__((ext_vector_type(8)));
typedef T NAME(eight_u) __attribute__((ext_vector_type(8), aligned(1)));
// Eight elements as doubles.
#define EIGHT(p) __builtin_convertvector(*(const NAME(eight_u) *)(p), doubles)
#define VECTORS (LANES / PER)

// What a pass over a tile leaves in its lanes.
struct NAME(lanes) {
  double distances[LANES], squares[LANES];
  T lows[LANES], highs[LANES];
  int64_t zeros;
};

// A shift for a tile: the middle one of three elements, or 0 where that will do. It only has to be near the mean.
static inline double NAME(shift)(const T *x, int n) {
  double a = x[n / 6], b = x[n / 2], c = x[n - 1 - n / 6];
  double low = a < b ? a : b, high = a < b ? b : a;
  double middle = c < low ? low : c > high ? high : c;
#if BITS == 32
  low = c < low ? c : low;
  high = c > high ? c : high;
  if (2 * low <= high && low <= 2 * high) return 0;
#endif
  return middle;
}

static inline __attribute__((always_inline)) void NAME(pass)(const T *x, int n, double shift, int shifted,
                                                             struct NAME(lanes) *out) {
  int whole = n / LANES * LANES;
  doubles s[4] = {0, 0, 0, 0}, q[4] = {0, 0, 0, 0};
  VEC lo[VECTORS], hi[VECTORS];
  int64_t zeros = 0;
#if BITS == 64
  __typeof__(lo[0] == lo[0]) z[VECTORS] = {0};
#endif
  for (int k = 0; k < VECTORS; k++) lo[k] = (VEC)HIGHEST, hi[k] = (VEC)LOWEST;
  for (int i = 0; i < whole; i += LANES) {
#pragma clang loop unroll(full)
    for (int k = 0; k < 4; k++) {
      doubles d = EIGHT(x + i + 8 * k);
      if (shifted) {
        d -= shift;
        s[k] += d;
        q[k] += d * d;
      } else {
        // A float32's square is exact as a double, so that fusing its sum changes no bit.
#pragma clang fp contract(fast)
        s[k] += d;
        q[k] += d * d;
      }
    }
#pragma clang loop unroll(full)
    for (int k = 0; k < VECTORS; k++) {
      VEC v = LOAD(x + i + PER * k);
      lo[k] = v < lo[k] ? v : lo[k];
      hi[k] = v > hi[k] ? v : hi[k];
#if BITS == 64
      z[k] -= v == 0;  // faster than counting bits where vectors hold few elements
#else
      zeros += COUNT(v == 0);
#endif
    }
  }
  memcpy(out->distances, s, sizeof s);
  memcpy(out->squares, q, sizeof q);
  memcpy(out->lows, lo, sizeof lo);
  memcpy(out->highs, hi, sizeof hi);
#if BITS == 64
  for (int k = 0; k < VECTORS; k++)
    for (int j = 0; j < PER; j++) zeros += z[k][j];
#endif
  for (int i = whole; i < n; i++) {
    int k = i - whole;
    double d = x[i] - shift;
    out->distances[k] += d;
    out->squares[k] += d * d;
    out->lows[k] = x[i] < out->lows[k] ? x[i] : out->lows[k];
    out->highs[k] = x[i] > out->highs[k] ? x[i] : out->highs[k];
    zeros += x[i] == 0;
  }
  out->zeros = zeros;
}

// Sum of a tile, with whatever infinity or NaN is in it.
static double NAME(plain_sum)(const T *x, int n) {
  int whole = n / LANES * LANES;
  double lanes[LANES];
  doubles s[4] = {0, 0, 0, 0};
  for (int i = 0; i < whole; i += LANES)
#pragma clang loop unroll(full)
    for (int k = 0; k < 4; k++) s[k] += EIGHT(x + i + 8 * k);
  memcpy(lanes, s, sizeof lanes);
  for (int i = whole; i < n; i++) lanes[i - whole] += x[i];
  return ISA(fold)(lanes, 1, 0);
}

// Sum and spread about the mean of a tile whose sum is nearly `s`.
static void NAME(about_mean)(const T *x, int n, double s, struct tile *t) {
  int whole = n / LANES * LANES;
  double m = s / n, lanes[LANES], squares[LANES];
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
  for (int i = whole; i < n; i++) {
    double d = x[i] - m;
    lanes[i - whole] += d;
    squares[i - whole] += d * d;
  }
  double distances = ISA(fold)(lanes, 1, 0);
  ISA(correct_sum)(n, s, m, distances, &t->high, &t->low);
  t->spread = ISA(correct_spread)(n, ISA(fold)(squares, 1, 0), distances);
}

// Fills `t`, the extremes and the counts of one tile; returns the number of NaNs, with any of which the extremes are
// meaningless.
static int NAME(tile)(const T *x, int n, struct tile *t, T *smallest, T *largest, struct ckernels_moments *out) {
  struct NAME(lanes) l;
  double shift = NAME(shift)(x, n);
#if BITS == 32
  if (shift == 0)
    NAME(pass)(x, n, 0, 0, &l);
  else
#endif
    NAME(pass)(x, n, shift, 1, &l);
  for (int w = LANES / 2; w >= 1; w /= 2)
    for (int k = 0; k < w; k++) {
      l.lows[k] = l.lows[k + w] < l.lows[k] ? l.lows[k + w] : l.lows[k];
      l.highs[k] = l.highs[k + w] > l.highs[k] ? l.highs[k + w] : l.highs[k];
    }
  *smallest = l.lows[0];
  *largest = l.highs[0];
  out->zero_count += l.zeros;
  double distances = ISA(fold)(l.distances, 1, 0), squares = ISA(fold)(l.squares, 1, 0);
  t->high = n * shift;
  t->low = __builtin_fma(n, shift, -t->high);
  ISA(add_pair)(&t->high, &t->low, distances, 0);
  int finite = t->high - t->high == 0;
  if (finite && squares - squares == 0 && distances * distances / n <= NEAR * squares) {
    t->spread = ISA(correct_spread)(n, squares, distances);
    return 0;
  }
  double s = finite ? t->high : NAME(plain_sum)(x, n);
  if (s - s == 0) {
    NAME(about_mean)(x, n, s, t);
    return 0;
  }
  // Only such a tile can hold NaNs or infinities: a sum never recovers from them.
  int nans = 0, infinities = 0;
  for (int i = 0; i < n; i++) {
    nans += x[i] != x[i];
    infinities += x[i] == INFINITY || x[i] == -INFINITY;
  }
  out->nan_count += nans;
  out->infinity_count += infinities;
  *t = (struct tile){.n = n, .high = s, .spread = NAN};
  return nans;
}
#undef EIGHT
#undef VECTORS
