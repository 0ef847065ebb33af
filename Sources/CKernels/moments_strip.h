// A strip: as many columns of a real type as registers hold, from the first row of a tile to the last, each in row
// order. Strips are as wide on every instruction set. Included by moments_type.h only.

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

#include "moments_strip_sums.h"
#include "moments_strip_extremes.h"

#define LOOK_AT                                                                                                  \
  ((p->minimum ? LOWEST_OF : 0) | (p->maximum ? HIGHEST_OF : 0) | (p->zero_count ? ZEROS : 0) |                 \
   (p->minimum_at || p->maximum_at ? PLACES : 0))
#ifdef INTEGER
#define CHECK 0
#else
#define CHECK NANS
#endif
// Calls DO with what is looked for, as a constant.
#define LOOK(look)                                                  \
  switch (look) {                                                   \
    case 0: break;                                                  \
    case LOWEST_OF: DO(CHECK | LOWEST_OF) break;                    \
    case HIGHEST_OF: DO(CHECK | HIGHEST_OF) break;                  \
    case LOWEST_OF | PLACES: DO(CHECK | LOWEST_OF | PLACES) break;  \
    case HIGHEST_OF | PLACES: DO(CHECK | HIGHEST_OF | PLACES) break; \
    case ZEROS: DO(ZEROS) break;                                    \
    default: DO(CHECK | EVERYTHING) break;                          \
  }

#ifndef INTEGER
// Numbers of NaNs and infinities of a strip, which is `clean` without any.
static inline void NAME(strip_specials)(const T *x, ptrdiff_t stride, int rows, int clean,
                                        const struct ckernels_partials *p) {
  if (p->nan_count) *(NAME(strip_counts) *)p->nan_count = 0;
  if (p->infinity_count) *(NAME(strip_counts) *)p->infinity_count = 0;
  if (clean || (!p->nan_count && !p->infinity_count)) return;
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

// Everything that is wanted of a strip of a tile.
static void NAME(add_strip)(const T *x, ptrdiff_t stride, int rows, int64_t first, int64_t step,
                            const struct ckernels_partials *p) {
  int clean = 0, look = LOOK_AT;
  if (p->sum_high) {
    struct NAME(running_sums) s;
    NAME(begin_sums)(x, stride, rows, &s);
    NAME(add_sums)(x, stride, rows, &s);
    clean = NAME(end_sums)(x, stride, rows, &s, p);
  }
#ifdef INTEGER
  (void)clean;
#else
  NAME(strip_specials)(x, stride, rows, clean, p);
#endif
  if (look == 0) return;
  struct NAME(running_extremes) e;
  NAME(begin_extremes)(x, &e);
#ifndef INTEGER
  if (clean) {
    NAME(add_extremes)(x, stride, rows, EVERYTHING, &e);
    NAME(end_extremes)(&e, first, step, EVERYTHING, p);
    return;
  }
#endif
  int dirty = 0;
#define DO(what)                                       \
  NAME(add_extremes)(x, stride, rows, what, &e);       \
  dirty = NAME(end_extremes)(&e, first, step, what, p);
  LOOK(look)
#undef DO
#ifdef INTEGER
  (void)dirty;
#else
  if (dirty) NAME(strip_extremes_or_nans)(x, stride, rows, first, step, p);
#endif
}

#define FAR_STRIPS
// The same of several strips whose rows stand far apart, `width` columns in all: a few rows of all strips at a time,
// because caches find little room for one strip of many such rows.
static void NAME(add_far_strips)(const T *x, ptrdiff_t stride, int rows, int width, int64_t first, int64_t step,
                                 const struct ckernels_partials *state) {
  enum { MOST = TILE_COLUMNS / STRIP, ROWS = 8 };
  const struct ckernels_partials *p = state;
  struct NAME(running_sums) sums[MOST];
  struct NAME(running_extremes) extremes[MOST];
  int look = LOOK_AT, strips = (width + STRIP - 1) / STRIP;
#define START(i) ((i) * STRIP + STRIP > width ? width - STRIP : (i) * STRIP)
  for (int i = 0; i < strips; i++) {
    if (p->sum_high) NAME(begin_sums)(x + START(i), stride, rows, &sums[i]);
    NAME(begin_extremes)(x + START(i), &extremes[i]);
  }
  for (int row = 0; row < rows; row += ROWS) {
    const T *from = x + row * stride;
    int count = rows - row < ROWS ? rows - row : ROWS;
    if (p->sum_high)
      for (int i = 0; i < strips; i++) NAME(add_sums)(from + START(i), stride, count, &sums[i]);
#define DO(what) \
  for (int i = 0; i < strips; i++) NAME(add_extremes)(from + START(i), stride, count, what, &extremes[i]);
    LOOK(look)
#undef DO
  }
  for (int i = 0; i < strips; i++) {
    struct ckernels_partials at = ISA(advance)(sizeof(T), state, START(i));
    int dirty = 0;
    p = &at;
#ifdef INTEGER
    if (p->sum_high) NAME(end_sums)(x + START(i), stride, rows, &sums[i], p);
#else
    int clean = p->sum_high ? NAME(end_sums)(x + START(i), stride, rows, &sums[i], p) : 0;
    NAME(strip_specials)(x + START(i), stride, rows, clean, p);
#endif
#define DO(what) dirty = NAME(end_extremes)(&extremes[i], first, step, what, p);
    LOOK(look)
#undef DO
#ifdef INTEGER
    (void)dirty;
#else
    if (dirty) NAME(strip_extremes_or_nans)(x + START(i), stride, rows, first, step, p);
#endif
  }
#undef START
}
#undef LOOK
#undef LOOK_AT
#undef CHECK
#undef DOUBLES
#undef ROW
#undef AS
