// Many output elements at once: tiles of rows, and the joining of partials. Each column is computed by itself in row
// order, so the compiler may use vectors of any width. Included by moments_type.h and moments_complex.h only.

#ifdef COMPLEX
#define BEFORE(a, b) NAME(less)(a, b)
#define SAME(a, b) NAME(equal)(a, b)
#else
#define BEFORE(a, b) ((a) < (b))
#define SAME(a, b) ((a) == (b))
#endif

// Takes the better of two extremes; of two equals, or two NaNs, the one at the smaller position.
#define JOIN_EXTREME(name, better)                                                             \
  static void NAME(name)(int64_t width, T *a, int64_t *a_at, const T *b, const int64_t *b_at) { \
    for (int64_t j = 0; j < width; j++) {                                                      \
      T x = a[j], y = b[j];                                                                    \
      int take = ISNAN(x) ? 0 : better || ISNAN(y);                                            \
      if (b_at && a_at) {                                                                      \
        int tie = ISNAN(x) ? ISNAN(y) : SAME(x, y);                                            \
        take |= tie & (b_at[j] < a_at[j]);                                                     \
        a_at[j] = take ? b_at[j] : a_at[j];                                                    \
      }                                                                                        \
      a[j] = take ? y : x;                                                                     \
    }                                                                                          \
  }
JOIN_EXTREME(join_minimum, BEFORE(y, x))
JOIN_EXTREME(join_maximum, BEFORE(x, y))
#undef JOIN_EXTREME

static void NAME(merge)(int64_t width, const struct ckernels_partials *a, int64_t prior,
                        const struct ckernels_partials *b, int64_t added) {
  double na = (double)prior, nb = (double)added;
  if (a->spread) {
    for (int64_t j = 0; j < width; j++) {
      double between = ISA(between)(na, a->sum_high[j], a->sum_low[j], nb, b->sum_high[j], b->sum_low[j]);
#ifdef COMPLEX
      between += ISA(between)(na, a->imaginary_high[j], a->imaginary_low[j], nb, b->imaginary_high[j],
                              b->imaginary_low[j]);
#endif
      a->spread[j] = (a->spread[j] + b->spread[j]) + between;
    }
  }
  if (a->sum_high)
    for (int64_t j = 0; j < width; j++)
      ISA(add_pair)(&a->sum_high[j], &a->sum_low[j], b->sum_high[j], b->sum_low[j]);
#ifdef COMPLEX
  if (a->imaginary_high)
    for (int64_t j = 0; j < width; j++)
      ISA(add_pair)(&a->imaginary_high[j], &a->imaginary_low[j], b->imaginary_high[j], b->imaginary_low[j]);
#endif
  if (a->wrapped)
    for (int64_t j = 0; j < width; j++) a->wrapped[j] += b->wrapped[j];
  if (a->minimum) NAME(join_minimum)(width, a->minimum, a->minimum_at, b->minimum, b->minimum_at);
  if (a->maximum) NAME(join_maximum)(width, a->maximum, a->maximum_at, b->maximum, b->maximum_at);
  if (a->nan_count)
    for (int64_t j = 0; j < width; j++) a->nan_count[j] += b->nan_count[j];
  if (a->infinity_count)
    for (int64_t j = 0; j < width; j++) a->infinity_count[j] += b->infinity_count[j];
  if (a->zero_count)
    for (int64_t j = 0; j < width; j++) a->zero_count[j] += b->zero_count[j];
}

// Sums and spread of a tile, each array of `width` elements.
static void NAME(tile_sums)(const T *x, ptrdiff_t stride, int rows, int width, double *high, double *low,
                            double *imaginary_high, double *imaginary_low, double *spread, uint64_t *wrapped) {
#ifdef COMPLEX
  (void)wrapped;
  for (int j = 0; j < width; j++) high[j] = imaginary_high[j] = 0;
  for (int r = 0; r < rows; r++)
    for (int j = 0; j < width; j++) {
      high[j] += x[r * stride + j].re;
      imaginary_high[j] += x[r * stride + j].im;
    }
  for (int j = 0; j < width; j++) {
    double mre = high[j] / rows, mim = imaginary_high[j] / rows, r1 = 0, r2 = 0, q1 = 0, q2 = 0;
    for (int r = 0; r < rows; r++) {
      double d = x[r * stride + j].re - mre, e = x[r * stride + j].im - mim;
      r1 += d;
      r2 += e;
      q1 += d * d;
      q2 += e * e;
    }
    ISA(correct_sum)(rows, high[j], mre, r1, &high[j], &low[j]);
    ISA(correct_sum)(rows, imaginary_high[j], mim, r2, &imaginary_high[j], &imaginary_low[j]);
    spread[j] = ISA(correct_spread)(rows, q1, r1) + ISA(correct_spread)(rows, q2, r2);
  }
#elif defined(INTEGER) && BITS <= 16
  // Exact: 64 rows of 16-bit elements.
  (void)imaginary_high, (void)imaginary_low;
  int32_t sums[TILE_COLUMNS];
#if BITS == 8
  uint32_t squares[TILE_COLUMNS];
#else
  uint64_t squares[TILE_COLUMNS];
#endif
  for (int j = 0; j < width; j++) sums[j] = 0, squares[j] = 0;
  for (int r = 0; r < rows; r++)
    for (int j = 0; j < width; j++) {
      int32_t v = x[r * stride + j];
      sums[j] += v;
      squares[j] += (uint32_t)(v < 0 ? -v : v) * (uint32_t)(v < 0 ? -v : v);
    }
  for (int j = 0; j < width; j++) {
    int64_t s = sums[j];
    high[j] = (double)s;
    low[j] = 0;
    spread[j] = (double)((int64_t)squares[j] * rows - s * s) / rows;
    wrapped[j] = (uint64_t)s;
  }
#else
  (void)imaginary_high, (void)imaginary_low;
  double means[TILE_COLUMNS], distances[TILE_COLUMNS];
#ifdef INTEGER
  // Halves summed apart are exact, as integers and as doubles.
  uint64_t lower[TILE_COLUMNS];
  int64_t upper[TILE_COLUMNS];
  for (int j = 0; j < width; j++) lower[j] = 0, upper[j] = 0;
  for (int r = 0; r < rows; r++)
    for (int j = 0; j < width; j++) {
#ifdef SIGNED
      int64_t v = x[r * stride + j];
#else
      uint64_t v = x[r * stride + j];
#endif
      lower[j] += (uint64_t)v & UINT32_MAX;
      upper[j] += (int64_t)(v >> 32);
    }
  for (int j = 0; j < width; j++) {
    wrapped[j] = ((uint64_t)upper[j] << 32) + lower[j];
    high[j] = (double)upper[j] * 0x1p32;
    low[j] = 0;
    ISA(add_pair)(&high[j], &low[j], (double)lower[j], 0);
  }
#else
  (void)wrapped;
  for (int j = 0; j < width; j++) high[j] = 0;
  for (int r = 0; r < rows; r++)
    for (int j = 0; j < width; j++) high[j] += (double)x[r * stride + j];
#endif
  for (int j = 0; j < width; j++) means[j] = high[j] / rows, distances[j] = 0, spread[j] = 0;
  for (int r = 0; r < rows; r++)
    for (int j = 0; j < width; j++) {
      double d = (double)x[r * stride + j] - means[j];
      distances[j] += d;
      spread[j] += d * d;
    }
  for (int j = 0; j < width; j++) {
    spread[j] = ISA(correct_spread)(rows, spread[j], distances[j]);
#ifndef INTEGER
    double high_j, low_j;
    ISA(correct_sum)(rows, high[j], means[j], distances[j], &high_j, &low_j);
    high[j] = high_j;
    low[j] = low_j;
#endif
  }
#endif
}

#ifdef COMPLEX
#define INDEX int32_t
#elif BITS == 8
#define INDEX int8_t
#elif BITS == 16
#define INDEX int16_t
#elif BITS == 32
#define INDEX int32_t
#else
#define INDEX int64_t
#endif

// First best of every column; a NaN is better than anything but an earlier NaN.
#define TILE_EXTREME(name, better)                                                                               \
  static void NAME(name)(const T *x, ptrdiff_t stride, int rows, int width, T *best, int64_t *at, int64_t first, \
                         int64_t step) {                                                                         \
    INDEX row[TILE_COLUMNS];                                                                                     \
    for (int j = 0; j < width; j++) best[j] = x[j], row[j] = 0;                                                  \
    for (int r = 1; r < rows; r++)                                                                               \
      for (int j = 0; j < width; j++) {                                                                          \
        T v = x[r * stride + j], b = best[j];                                                                    \
        int take = (better) | (ISNAN(v) & !ISNAN(b));                                                            \
        best[j] = take ? v : b;                                                                                  \
        row[j] = take ? (INDEX)r : row[j];                                                                       \
      }                                                                                                          \
    if (at)                                                                                                      \
      for (int j = 0; j < width; j++) at[j] = first + step * row[j];                                                  \
  }
TILE_EXTREME(tile_minimum, BEFORE(v, b))
TILE_EXTREME(tile_maximum, BEFORE(b, v))
#undef TILE_EXTREME

// Counts elements that meet a condition, per column.
#define TILE_COUNT(name, condition)                                                                  \
  static void NAME(name)(const T *x, ptrdiff_t stride, int rows, int width, int64_t *counts) {       \
    INDEX small[TILE_COLUMNS];                                                                       \
    for (int j = 0; j < width; j++) small[j] = 0;                                                    \
    for (int r = 0; r < rows; r++)                                                                   \
      for (int j = 0; j < width; j++) {                                                              \
        T v = x[r * stride + j];                                                                     \
        small[j] += (condition);                                                                     \
      }                                                                                              \
    for (int j = 0; j < width; j++) counts[j] = small[j];                                            \
  }
#ifdef COMPLEX
TILE_COUNT(tile_zeros, v.re == 0 && v.im == 0)
TILE_COUNT(tile_infinities, __builtin_isinf(v.re) || __builtin_isinf(v.im))
TILE_COUNT(tile_nans, ISNAN(v))
#else
TILE_COUNT(tile_zeros, v == 0)
#ifndef INTEGER
TILE_COUNT(tile_infinities, (v == INFINITY) | (v == -INFINITY))
TILE_COUNT(tile_nans, ISNAN(v))
#endif
#endif
#undef TILE_COUNT

// Adds a tile of at most TILE_ROWS x TILE_COLUMNS; `stride` counts elements between rows.
static void NAME(add_tile)(const T *x, ptrdiff_t stride, int rows, int width, int64_t prior, int64_t first, int64_t step,
                           const struct ckernels_partials *state) {
  double high[TILE_COLUMNS], low[TILE_COLUMNS], spread[TILE_COLUMNS];
  double imaginary_high[TILE_COLUMNS], imaginary_low[TILE_COLUMNS];
  uint64_t wrapped[TILE_COLUMNS];
  int64_t minimum_at[TILE_COLUMNS], maximum_at[TILE_COLUMNS];
  int64_t nans[TILE_COLUMNS], infinities[TILE_COLUMNS], zeros[TILE_COLUMNS];
  T minimum[TILE_COLUMNS], maximum[TILE_COLUMNS];
  if (state->sum_high)
    NAME(tile_sums)(x, stride, rows, width, high, low, imaginary_high, imaginary_low, spread, wrapped);
  if (state->minimum)
    NAME(tile_minimum)(x, stride, rows, width, minimum, state->minimum_at ? minimum_at : NULL, first, step);
  if (state->maximum)
    NAME(tile_maximum)(x, stride, rows, width, maximum, state->maximum_at ? maximum_at : NULL, first, step);
  if (state->zero_count) NAME(tile_zeros)(x, stride, rows, width, zeros);
#ifdef INTEGER
  memset(nans, 0, sizeof nans);
  memset(infinities, 0, sizeof infinities);
#else
  if (state->nan_count) NAME(tile_nans)(x, stride, rows, width, nans);
  if (state->infinity_count) NAME(tile_infinities)(x, stride, rows, width, infinities);
#endif
  if (prior > 0) {
    struct ckernels_partials part = {high, low, imaginary_high, imaginary_low, spread, wrapped, minimum, maximum,
                                     minimum_at, maximum_at, nans, infinities, zeros};
    NAME(merge)(width, state, prior, &part, rows);
    return;
  }
#define STORE(field, from) \
  if (state->field) memcpy(state->field, from, (size_t)width * sizeof *from)
  STORE(sum_high, high);
  STORE(sum_low, low);
  STORE(imaginary_high, imaginary_high);
  STORE(imaginary_low, imaginary_low);
  STORE(spread, spread);
  STORE(wrapped, wrapped);
  STORE(minimum, minimum);
  STORE(maximum, maximum);
  STORE(minimum_at, minimum_at);
  STORE(maximum_at, maximum_at);
  STORE(nan_count, nans);
  STORE(infinity_count, infinities);
  STORE(zero_count, zeros);
#undef STORE
}

// Adds the moments of a run, whose extremes are given as values, to one partial.
static void NAME(add_moments)(const struct ckernels_moments *m, T minimum, T maximum, int64_t minimum_at,
                              int64_t maximum_at, int64_t prior, const struct ckernels_partials *state) {
  struct ckernels_moments copy = *m;
  struct ckernels_partials part = {&copy.sum_high, &copy.sum_low, &copy.imaginary_high, &copy.imaginary_low,
                                   &copy.spread, &copy.wrapped, &minimum, &maximum, &minimum_at, &maximum_at,
                                   &copy.nan_count, &copy.infinity_count, &copy.zero_count};
  if (prior > 0) {
    NAME(merge)(1, state, prior, &part, m->count);
    return;
  }
#define STORE(field) \
  if (state->field) *state->field = *part.field
  STORE(sum_high);
  STORE(sum_low);
  STORE(imaginary_high);
  STORE(imaginary_low);
  STORE(spread);
  STORE(wrapped);
  STORE(minimum_at);
  STORE(maximum_at);
  STORE(nan_count);
  STORE(infinity_count);
  STORE(zero_count);
#undef STORE
  if (state->minimum) *(T *)state->minimum = minimum;
  if (state->maximum) *(T *)state->maximum = maximum;
}
#undef INDEX
#undef BEFORE
#undef SAME
