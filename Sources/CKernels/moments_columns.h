// Many output elements at once: tiles of strips, and the joining of partials column by column, in vectors of any width.
// Included where an element type T has its NAME(add_strip) of STRIP columns.

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

// Adds a tile of at most TILE_ROWS x TILE_COLUMNS; `stride` counts elements between rows.
static void NAME(add_tile)(const T *x, ptrdiff_t stride, int rows, int width, int64_t prior, int64_t first,
                           int64_t step, const struct ckernels_partials *state) {
  enum { SPACE = TILE_COLUMNS > STRIP ? TILE_COLUMNS : STRIP };
  double high[SPACE], low[SPACE], spread[SPACE], imaginary_high[SPACE], imaginary_low[SPACE];
  uint64_t wrapped[SPACE];
  int64_t minimum_at[SPACE], maximum_at[SPACE], nans[SPACE], infinities[SPACE], zeros[SPACE];
  T minimum[SPACE], maximum[SPACE], padded[TILE_ROWS * STRIP];
  struct ckernels_partials part = *state;
  int in_place = prior == 0 && width >= STRIP;
  if (!in_place) {
#define TAKE(field, array) part.field = state->field ? array : NULL
    TAKE(sum_high, high);
    TAKE(sum_low, low);
    TAKE(imaginary_high, imaginary_high);
    TAKE(imaginary_low, imaginary_low);
    TAKE(spread, spread);
    TAKE(wrapped, wrapped);
    TAKE(minimum, minimum);
    TAKE(maximum, maximum);
    TAKE(minimum_at, minimum_at);
    TAKE(maximum_at, maximum_at);
    TAKE(nan_count, nans);
    TAKE(infinity_count, infinities);
    TAKE(zero_count, zeros);
#undef TAKE
  }
  if (width < STRIP) {
    // Columns beyond the last are the first again, and nobody looks at what becomes of them.
    for (int r = 0; r < rows; r++)
      for (int j = 0; j < STRIP; j++) padded[r * STRIP + j] = x[r * stride + (j < width ? j : 0)];
    NAME(add_strip)(padded, STRIP, rows, first, step, &part);
#ifdef FAR_STRIPS
  } else if (stride * (int64_t)sizeof(T) >= FAR_BYTES && rows >= FAR_ROWS) {
    NAME(add_far_strips)(x, stride, rows, width, first, step, &part);
#endif
  } else {
    for (int j = 0; j < width; j += STRIP) {
      // The last strip may overlap the one before, whose results it replaces.
      int start = j + STRIP > width ? width - STRIP : j;
      struct ckernels_partials at = ISA(advance)(sizeof(T), &part, start);
      NAME(add_strip)(x + start, stride, rows, first, step, &at);
    }
  }
  if (prior > 0) NAME(merge)(width, state, prior, &part, rows);
  if (in_place || prior > 0) return;
  ISA(store)(sizeof(T), width, state, &part);
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
  ISA(store)(sizeof(T), 1, state, &part);
}
#undef BEFORE
#undef SAME
#undef STRIP
#undef FAR_STRIPS
