// A strip: as many columns of a real type as registers hold, from the first row of a tile to the last, each in row
// order. Strips are as wide on every instruction set. Included by moments_type.h only.
//
// Sums of wide types are taken about a shift as in moments_float.h, with lanes of TILE_ROWS elements: a spread's
// relative error is below 2^-42.

#if BITS < 32
#define STRIP (512 / BITS)
#else
#define STRIP (1024 / BITS)
#endif
typedef T NAME(strip) __attribute__((ext_vector_type(STRIP)));
typedef T NAME(strip_u) __attribute__((ext_vector_type(STRIP), aligned(1)));
typedef int64_t NAME(strip_counts) __attribute__((ext_vector_type(STRIP), aligned(1)));
typedef double NAME(strip_doubles) __attribute__((ext_vector_type(STRIP)));
typedef double NAME(strip_doubles_u) __attribute__((ext_vector_type(STRIP), aligned(1)));
#define DOUBLES NAME(strip_doubles)
#define ROW(r) (*(const NAME(strip_u) *)(x + (r) * stride))
#define AS(vector, values) __builtin_convertvector(values, vector)

#if BITS <= 16
// Sums of TILE_ROWS elements fit twice their bits, sums of squares the next size.
typedef int32_t NAME(strip_integers) __attribute__((ext_vector_type(STRIP)));
#if BITS == 8
typedef int16_t NAME(strip_sums) __attribute__((ext_vector_type(STRIP)));
typedef uint16_t NAME(strip_products) __attribute__((ext_vector_type(STRIP)));
typedef uint32_t NAME(strip_squares) __attribute__((ext_vector_type(STRIP)));
#else
typedef int32_t NAME(strip_sums) __attribute__((ext_vector_type(STRIP)));
typedef uint32_t NAME(strip_products) __attribute__((ext_vector_type(STRIP)));
typedef uint64_t NAME(strip_squares) __attribute__((ext_vector_type(STRIP)));
#endif

static int NAME(strip_sums_of)(const T *x, ptrdiff_t stride, int rows, const struct ckernels_partials *p) {
  NAME(strip_sums) sums = 0;
  NAME(strip_squares) squares = 0;
  for (int r = 0; r < rows; r++) {
    NAME(strip_sums) v = AS(NAME(strip_sums), ROW(r));
    sums += v;
    squares += AS(NAME(strip_squares), (NAME(strip_products))v * (NAME(strip_products))v);
  }
  // Exact as doubles, too.
  DOUBLES s = AS(DOUBLES, AS(NAME(strip_integers), sums)), q = AS(DOUBLES, squares);
  *(NAME(strip_doubles_u) *)p->sum_high = s;
  *(NAME(strip_doubles_u) *)p->sum_low = 0;
  if (p->wrapped) *(NAME(strip_counts) *)p->wrapped = AS(NAME(strip_counts), sums);
  if (p->spread) *(NAME(strip_doubles_u) *)p->spread = (q * rows - s * s) * (1.0 / rows);
  return 1;
}
#else

typedef int64_t NAME(strip_truths) __attribute__((ext_vector_type(STRIP)));

// Spreads about the means of columns whose sums are nearly `s`, where `wanted`; of floats also the sums.
static void NAME(strip_about_means)(const T *x, ptrdiff_t stride, int rows, const DOUBLES *sums,
                                    const NAME(strip_truths) *wanted, const struct ckernels_partials *p) {
  DOUBLES s = *sums, m = s / rows, distances = 0, squares = 0;
  for (int r = 0; r < rows; r++) {
    DOUBLES d = AS(DOUBLES, ROW(r)) - m;
    distances += d;
    squares += d * d;
  }
  for (int j = 0; j < STRIP; j++) {
    if (!(*wanted)[j]) continue;
    if (p->spread) p->spread[j] = ISA(correct_spread)(rows, squares[j], distances[j]);
#ifndef INTEGER
    ISA(correct_sum)(rows, s[j], m[j], distances[j], &p->sum_high[j], &p->sum_low[j]);
#endif
  }
}

#if defined(INTEGER) && BITS == 64
// Halves summed apart are exact, as integers and as doubles.
static int NAME(strip_sums_of)(const T *x, ptrdiff_t stride, int rows, const struct ckernels_partials *p) {
  typedef uint64_t words __attribute__((ext_vector_type(STRIP)));
  words lower = 0;
  NAME(strip) upper = 0;
  for (int r = 0; r < rows; r++) {
    lower += (words)ROW(r) & UINT32_MAX;
    upper += ROW(r) >> 32;
  }
  DOUBLES s;
  for (int j = 0; j < STRIP; j++) {
    double high = (double)(int64_t)upper[j] * 0x1p32, low = 0;
    ISA(add_pair)(&high, &low, (double)lower[j], 0);
    p->sum_high[j] = s[j] = high;
    p->sum_low[j] = low;
    if (p->wrapped) p->wrapped[j] = ((uint64_t)upper[j] << 32) + lower[j];
  }
  NAME(strip_truths) all = -1;
  if (p->spread) NAME(strip_about_means)(x, stride, rows, &s, &all, p);
  return 1;
}
#else
// Returns whether all elements are finite.
static int NAME(strip_sums_of)(const T *x, ptrdiff_t stride, int rows, const struct ckernels_partials *p) {
  DOUBLES a = AS(DOUBLES, ROW(rows / 6)), b = AS(DOUBLES, ROW(rows / 2)), c = AS(DOUBLES, ROW(rows - 1 - rows / 6));
  DOUBLES low = a < b ? a : b, high = a < b ? b : a;
  DOUBLES shift = c < low ? low : c > high ? high : c;
  DOUBLES distances = 0, squares = 0;
#if !defined(INTEGER) && BITS == 32
  // As in moments_float.h, where zero will do for all columns of the strip; a few elements are seldom about zero.
  double least = __builtin_reduce_min(c < low ? c : low), most = __builtin_reduce_max(c > high ? c : high);
  int shifted = rows < 32 || !(2 * least <= most && least <= 2 * most);
  if (!shifted) {
    shift = 0;
    for (int r = 0; r < rows; r++) {
#pragma clang fp contract(fast)
      DOUBLES d = AS(DOUBLES, ROW(r));
      distances += d;
      squares += d * d;
    }
  }
#else
  enum { shifted = 1 };
#endif
  if (shifted)
    for (int r = 0; r < rows; r++) {
      DOUBLES d = AS(DOUBLES, ROW(r)) - shift;
      distances += d;
      squares += d * d;
    }
  double inverse = 1.0 / rows;
  DOUBLES s = shift * rows, excess = distances * distances * inverse, spread = squares - excess;
  NAME(strip_truths) good = (squares - squares == 0) & (excess <= NEAR * squares);
#ifdef INTEGER
  // All of this is exact.
  s += distances;
  DOUBLES rest = 0;
  if (p->wrapped) *(NAME(strip_counts) *)p->wrapped = AS(NAME(strip_counts), s);
#else
  // As ISA(add_pair) does it.
  DOUBLES rest = 0;
#if BITS == 64
  rest = __builtin_elementwise_fma(shift, (DOUBLES)(double)rows, -s);
#endif
  DOUBLES total = s + distances, added = total - s;
  rest += (s - (total - added)) + (distances - added);
  s = total + rest;
  NAME(strip_truths) finite = total - total == 0;
  rest = finite ? rest - (s - total) : 0;
  s = finite ? s : total;
  good &= s - s == 0;
#endif
  *(NAME(strip_doubles_u) *)p->sum_high = s;
  *(NAME(strip_doubles_u) *)p->sum_low = rest;
  if (p->spread) *(NAME(strip_doubles_u) *)p->spread = spread < 0 ? 0 : spread;
  if (__builtin_reduce_and(good)) return 1;
  NAME(strip_truths) bad = ~good;
#ifdef INTEGER
  if (p->spread) NAME(strip_about_means)(x, stride, rows, &s, &bad, p);
  return 1;
#else
  finite = s - s == 0;
  if (!__builtin_reduce_and(finite)) {
    DOUBLES plain = 0;
    for (int r = 0; r < rows; r++) plain += AS(DOUBLES, ROW(r));
    s = finite ? s : plain;
  }
  NAME(strip_about_means)(x, stride, rows, &s, &bad, p);
  return __builtin_reduce_and(s - s == 0) != 0;
#endif
}
#endif
#endif

typedef __typeof__((NAME(strip)){} == (NAME(strip)){}) NAME(strip_rows);
#if BITS == 8
typedef uint8_t NAME(strip_tally) __attribute__((ext_vector_type(STRIP)));
#else
typedef NAME(strip_rows) NAME(strip_tally);
#endif

// First best of every column, where a NaN is better than anything but an earlier NaN, and zeros.
static inline __attribute__((always_inline)) void NAME(strip_extremes)(const T *x, ptrdiff_t stride, int rows,
                                                                       int64_t first, int64_t step, int clean,
                                                                       const struct ckernels_partials *p) {
  NAME(strip) lowest = ROW(0), highest = lowest;
  NAME(strip_rows) low_row = 0, high_row = 0, row = 0;
  NAME(strip_tally) zeros = 0;
  for (int r = 0; r < rows; r++, row += 1) {
    NAME(strip) v = ROW(r);
    NAME(strip_rows) lower = v < lowest, higher = v > highest;
    if (clean) {
      lowest = v < lowest ? v : lowest;
      highest = v > highest ? v : highest;
    } else {
      lower |= ISNAN(v) & ~ISNAN(lowest);
      higher |= ISNAN(v) & ~ISNAN(highest);
      lowest = lower ? v : lowest;
      highest = higher ? v : highest;
    }
    low_row = lower ? row : low_row;
    high_row = higher ? row : high_row;
    zeros -= (NAME(strip_tally))(v == 0);
  }
  if (p->minimum) *(NAME(strip_u) *)p->minimum = lowest;
  if (p->maximum) *(NAME(strip_u) *)p->maximum = highest;
  if (p->minimum_at) *(NAME(strip_counts) *)p->minimum_at = first + step * AS(NAME(strip_counts), low_row);
  if (p->maximum_at) *(NAME(strip_counts) *)p->maximum_at = first + step * AS(NAME(strip_counts), high_row);
  if (p->zero_count) *(NAME(strip_counts) *)p->zero_count = AS(NAME(strip_counts), zeros);
}

// Everything that is wanted of a strip of a tile.
static void NAME(add_strip)(const T *x, ptrdiff_t stride, int rows, int64_t first, int64_t step,
                            const struct ckernels_partials *p) {
  int clean = p->sum_high ? NAME(strip_sums_of)(x, stride, rows, p) : 0;
#ifdef INTEGER
  clean = 1;
#else
  if (p->nan_count) *(NAME(strip_counts) *)p->nan_count = 0;
  if (p->infinity_count) *(NAME(strip_counts) *)p->infinity_count = 0;
  if (!clean && (p->nan_count || p->infinity_count)) {
    NAME(strip_tally) nans = 0, infinities = 0;
    for (int r = 0; r < rows; r++) {
      NAME(strip) v = ROW(r);
      nans -= ISNAN(v);
      infinities -= (v == INFINITY) | (v == -INFINITY);
    }
    if (p->nan_count) *(NAME(strip_counts) *)p->nan_count = AS(NAME(strip_counts), nans);
    if (p->infinity_count) *(NAME(strip_counts) *)p->infinity_count = AS(NAME(strip_counts), infinities);
  }
#endif
  if (!p->minimum && !p->maximum && !p->zero_count) return;
  if (clean)
    NAME(strip_extremes)(x, stride, rows, first, step, 1, p);
  else
    NAME(strip_extremes)(x, stride, rows, first, step, 0, p);
}
#undef DOUBLES
#undef ROW
#undef AS
