// Extremes, their places and zeros of the columns of a strip, begun, carried on row by row, and ended; included by
// moments_strip.h only.

typedef __typeof__((NAME(strip)){} == (NAME(strip)){}) NAME(strip_rows);
#if BITS == 8
typedef uint8_t NAME(strip_tally) __attribute__((ext_vector_type(STRIP)));
#else
typedef NAME(strip_rows) NAME(strip_tally);
#endif

struct NAME(running_extremes) {
  NAME(strip) lowest, highest;
  NAME(strip_rows) low_row, high_row, row, nans;
  NAME(strip_tally) zeros;
};

static inline __attribute__((always_inline)) void NAME(begin_extremes)(const T *x, struct NAME(running_extremes) *e) {
  const ptrdiff_t stride = 0;
  *e = (struct NAME(running_extremes)){.lowest = ROW(0), .highest = ROW(0)};
}

// Adds the next `rows` rows, the first of which is at x.
static inline __attribute__((always_inline)) void NAME(add_extremes)(const T *x, ptrdiff_t stride, int rows, int look,
                                                                     struct NAME(running_extremes) *e) {
  struct NAME(running_extremes) s = *e;
  for (int r = 0; r < rows; r++, s.row += 1) {
    NAME(strip) v = ROW(r);
    if (look & NANS) s.nans |= ISNAN(v);
    if (look & LOWEST_OF) {
      if (look & PLACES) s.low_row = v < s.lowest ? s.row : s.low_row;
      s.lowest = v < s.lowest ? v : s.lowest;
    }
    if (look & HIGHEST_OF) {
      if (look & PLACES) s.high_row = v > s.highest ? s.row : s.high_row;
      s.highest = v > s.highest ? v : s.highest;
    }
    if (look & ZEROS) s.zeros -= (NAME(strip_tally))(v == 0);
  }
  if (look & NANS) e->nans = s.nans;
  if (look & LOWEST_OF) e->lowest = s.lowest;
  if (look & HIGHEST_OF) e->highest = s.highest;
  if (look & PLACES) e->low_row = s.low_row, e->high_row = s.high_row, e->row = s.row;
  if (look & ZEROS) e->zeros = s.zeros;
}

// First best of every column without a NaN; with NANS it returns whether there is one, and then all of this is
// meaningless.
static inline __attribute__((always_inline)) int NAME(end_extremes)(const struct NAME(running_extremes) *e,
                                                                    int64_t first, int64_t step, int look,
                                                                    const struct ckernels_partials *p) {
  if ((look & NANS) && __builtin_reduce_or(e->nans)) return 1;
  if ((look & LOWEST_OF) && p->minimum) *(NAME(strip_u) *)p->minimum = e->lowest;
  if ((look & HIGHEST_OF) && p->maximum) *(NAME(strip_u) *)p->maximum = e->highest;
  if ((look & PLACES) && p->minimum_at)
    *(NAME(strip_counts) *)p->minimum_at = first + step * AS(NAME(strip_counts), e->low_row);
  if ((look & PLACES) && p->maximum_at)
    *(NAME(strip_counts) *)p->maximum_at = first + step * AS(NAME(strip_counts), e->high_row);
  if ((look & ZEROS) && p->zero_count) *(NAME(strip_counts) *)p->zero_count = AS(NAME(strip_counts), e->zeros);
  return 0;
}

#ifndef INTEGER
// The same where a NaN is better than anything but an earlier NaN.
static void NAME(strip_extremes_or_nans)(const T *x, ptrdiff_t stride, int rows, int64_t first, int64_t step,
                                         const struct ckernels_partials *p) {
  NAME(strip) lowest = ROW(0), highest = lowest;
  NAME(strip_rows) low_row = 0, high_row = 0, row = 0;
  NAME(strip_tally) zeros = 0;
  for (int r = 0; r < rows; r++, row += 1) {
    NAME(strip) v = ROW(r);
    NAME(strip_rows) lower = (v < lowest) | (ISNAN(v) & ~ISNAN(lowest));
    NAME(strip_rows) higher = (v > highest) | (ISNAN(v) & ~ISNAN(highest));
    lowest = lower ? v : lowest;
    highest = higher ? v : highest;
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
#endif

