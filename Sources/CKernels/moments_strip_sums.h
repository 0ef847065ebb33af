// Sums and spreads of the columns of a strip, begun, carried on row by row, and ended; included by moments_strip.h
// only.
//
// Sums of wide types are taken about a shift as in moments_float.h, with lanes of TILE_ROWS elements: a spread's
// relative error is below 2^-42.

#define SUMS_BEGIN                                                                                               \
  static inline __attribute__((always_inline)) void NAME(begin_sums)(const T *x, ptrdiff_t stride, int rows,     \
                                                                     struct NAME(running_sums) *s)
// Adds the next `rows` rows, the first of which is at x.
#define SUMS_ROWS                                                                                                \
  static inline __attribute__((always_inline)) void NAME(add_sums)(const T *x, ptrdiff_t stride, int rows,       \
                                                                   struct NAME(running_sums) *s)
#define SUMS_END                                                                                                 \
  static inline __attribute__((always_inline)) int NAME(end_sums)(const T *x, ptrdiff_t stride, int rows,        \
                                                                  const struct NAME(running_sums) *s,            \
                                                                  const struct ckernels_partials *p)

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

struct NAME(running_sums) {
  NAME(strip_sums) sums;
  NAME(strip_squares) squares;
};
SUMS_BEGIN { *s = (struct NAME(running_sums)){0}; }
SUMS_ROWS {
  NAME(strip_sums) sums = s->sums;
  NAME(strip_squares) squares = s->squares;
  for (int r = 0; r < rows; r++) {
    NAME(strip_sums) v = AS(NAME(strip_sums), ROW(r));
    sums += v;
    squares += AS(NAME(strip_squares), (NAME(strip_products))v * (NAME(strip_products))v);
  }
  s->sums = sums;
  s->squares = squares;
}
SUMS_END {
  // Exact as doubles, too.
  DOUBLES sum = AS(DOUBLES, AS(NAME(strip_integers), s->sums)), q = AS(DOUBLES, s->squares);
  *(NAME(strip_doubles_u) *)p->sum_high = sum;
  *(NAME(strip_doubles_u) *)p->sum_low = 0;
  if (p->wrapped) *(NAME(strip_counts) *)p->wrapped = AS(NAME(strip_counts), s->sums);
  if (p->spread) *(NAME(strip_doubles_u) *)p->spread = (q * rows - sum * sum) * (1.0 / rows);
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
struct NAME(running_sums) {
  uint64_t __attribute__((ext_vector_type(STRIP))) lower;
  NAME(strip) upper;
};
SUMS_BEGIN { *s = (struct NAME(running_sums)){0}; }
SUMS_ROWS {
  struct NAME(running_sums) sums = *s;
  for (int r = 0; r < rows; r++) {
    sums.lower += (__typeof__(sums.lower))ROW(r) & UINT32_MAX;
    sums.upper += ROW(r) >> 32;
  }
  *s = sums;
}
SUMS_END {
  DOUBLES sums;
  for (int j = 0; j < STRIP; j++) {
    double high = (double)(int64_t)s->upper[j] * 0x1p32, low = 0;
    ISA(add_pair)(&high, &low, (double)s->lower[j], 0);
    p->sum_high[j] = sums[j] = high;
    p->sum_low[j] = low;
    if (p->wrapped) p->wrapped[j] = ((uint64_t)s->upper[j] << 32) + s->lower[j];
  }
  NAME(strip_truths) all = -1;
  if (p->spread) NAME(strip_about_means)(x, stride, rows, &sums, &all, p);
  return 1;
}
#else
struct NAME(running_sums) {
  DOUBLES shift, distances, squares;
  int shifted;
};
SUMS_BEGIN {
  DOUBLES a = AS(DOUBLES, ROW(rows / 6)), b = AS(DOUBLES, ROW(rows / 2)), c = AS(DOUBLES, ROW(rows - 1 - rows / 6));
  DOUBLES low = a < b ? a : b, high = a < b ? b : a;
  s->shift = c < low ? low : c > high ? high : c;
  s->distances = s->squares = 0;
  s->shifted = 1;
#if !defined(INTEGER) && BITS == 32
  // As in moments_float.h, where zero will do for all columns of the strip; a few elements are seldom about zero.
  double least = __builtin_reduce_min(c < low ? c : low), most = __builtin_reduce_max(c > high ? c : high);
  s->shifted = rows < 32 || !(2 * least <= most && least <= 2 * most);
  if (!s->shifted) s->shift = 0;
#endif
}
SUMS_ROWS {
  DOUBLES shift = s->shift, distances = s->distances, squares = s->squares;
#if !defined(INTEGER) && BITS == 32
  if (!s->shifted) {
    for (int r = 0; r < rows; r++) {
#pragma clang fp contract(fast)
      DOUBLES d = AS(DOUBLES, ROW(r));
      distances += d;
      squares += d * d;
    }
    rows = 0;
  }
#endif
  for (int r = 0; r < rows; r++) {
    DOUBLES d = AS(DOUBLES, ROW(r)) - shift;
    distances += d;
    squares += d * d;
  }
  s->distances = distances;
  s->squares = squares;
}
// Returns whether all elements are finite.
SUMS_END {
  DOUBLES shift = s->shift, distances = s->distances, squares = s->squares;
  double inverse = 1.0 / rows;
  DOUBLES sum = shift * rows, excess = distances * distances * inverse, spread = squares - excess;
  NAME(strip_truths) good = (squares - squares == 0) & (excess <= NEAR * squares);
#ifdef INTEGER
  // All of this is exact.
  sum += distances;
  DOUBLES rest = 0;
  if (p->wrapped) *(NAME(strip_counts) *)p->wrapped = AS(NAME(strip_counts), sum);
#else
  // As ISA(add_pair) does it.
  DOUBLES rest = 0;
#if BITS == 64
  rest = __builtin_elementwise_fma(shift, (DOUBLES)(double)rows, -sum);
#endif
  DOUBLES total = sum + distances, added = total - sum;
  rest += (sum - (total - added)) + (distances - added);
  sum = total + rest;
  NAME(strip_truths) finite = total - total == 0;
  rest = finite ? rest - (sum - total) : 0;
  sum = finite ? sum : total;
  good &= sum - sum == 0;
#endif
  *(NAME(strip_doubles_u) *)p->sum_high = sum;
  *(NAME(strip_doubles_u) *)p->sum_low = rest;
  if (p->spread) *(NAME(strip_doubles_u) *)p->spread = spread < 0 ? 0 : spread;
  if (__builtin_reduce_and(good)) return 1;
  NAME(strip_truths) bad = ~good;
#ifdef INTEGER
  if (p->spread) NAME(strip_about_means)(x, stride, rows, &sum, &bad, p);
  return 1;
#else
  finite = sum - sum == 0;
  if (!__builtin_reduce_and(finite)) {
    DOUBLES plain = 0;
    for (int r = 0; r < rows; r++) plain += AS(DOUBLES, ROW(r));
    sum = finite ? sum : plain;
  }
  NAME(strip_about_means)(x, stride, rows, &sum, &bad, p);
  return __builtin_reduce_and(sum - sum == 0) != 0;
#endif
}
#endif
#endif

#undef SUMS_BEGIN
#undef SUMS_ROWS
#undef SUMS_END
