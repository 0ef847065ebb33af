// Everything that is compiled per instruction set; included by moments.c only, with ISA(name) naming the set.

// Adds the pair (bh, bl) to (ah, al). An infinite or NaN sum has no low part.
static inline __attribute__((always_inline)) void ISA(add_pair)(double *ah, double *al, double bh, double bl) {
  double s = *ah + bh;
  double b = s - *ah;
  double low = (*al + bl) + ((*ah - (s - b)) + (bh - b));
  double high = s + low;
  int finite = s - s == 0;
  *ah = finite ? high : s;
  *al = finite ? low - (high - s) : 0;
}

// Mean of n elements whose sum is the pair (h, l), as a pair.
static inline __attribute__((always_inline)) void ISA(mean_pair)(double n, double h, double l, double *mh, double *ml) {
  double m = h / n;
  *mh = m;
  *ml = (__builtin_fma(-m, n, h) + l) / n;
}

// Squared distance of two means, each a pair, times the weight that joins two spreads.
static inline __attribute__((always_inline)) double ISA(between)(double na, double ah, double al, double nb, double bh,
                                                                 double bl) {
  double mah, mal, mbh, mbl;
  ISA(mean_pair)(na, ah, al, &mah, &mal);
  ISA(mean_pair)(nb, bh, bl, &mbh, &mbl);
  double d = (mbh - mah) + (mbl - mal);
  return d * d * (na * (nb / (na + nb)));
}

static void ISA(join_tiles)(struct tile *a, const struct tile *b) {
  double between = ISA(between)(a->n, a->high, a->low, b->n, b->high, b->low);
  if (a->imaginary_high != 0 || b->imaginary_high != 0)
    between += ISA(between)(a->n, a->imaginary_high, a->imaginary_low, b->n, b->imaginary_high, b->imaginary_low);
  a->spread = (a->spread + b->spread) + between;
  ISA(add_pair)(&a->high, &a->low, b->high, b->low);
  ISA(add_pair)(&a->imaginary_high, &a->imaginary_low, b->imaginary_high, b->imaginary_low);
  a->n += b->n;
}

// Puts tile number `number` on a stack where equal-sized neighbours join at once: pairwise summation.
static void ISA(push_tile)(struct tile *stack, int *depth, int64_t number, const struct tile *t) {
  stack[(*depth)++] = *t;
  for (; number & 1; number >>= 1) {
    ISA(join_tiles)(&stack[*depth - 2], &stack[*depth - 1]);
    --*depth;
  }
}

static void ISA(finish_tiles)(struct tile *stack, int depth, struct ckernels_moments *out) {
  for (; depth > 1; --depth) ISA(join_tiles)(&stack[depth - 2], &stack[depth - 1]);
  if (depth == 0) return;
  out->sum_high = stack->high;
  out->sum_low = stack->low;
  out->imaginary_high = stack->imaginary_high;
  out->imaginary_low = stack->imaginary_low;
  out->spread = stack->spread;
}

// Sum in the lanes' fixed order; `keep` lanes stay apart (2 for complex).
static inline double ISA(fold)(double *lanes, int keep, int which) {
  for (int w = LANES / 2; w >= keep; w /= 2)
    for (int k = 0; k < w; k++) lanes[k] += lanes[k + w];
  return lanes[which];
}

// Sum of n elements as a pair: the first estimate `s`, the mean `m` made from it, and the sum of distances from it.
static inline void ISA(correct_sum)(double n, double s, double m, double distances, double *high, double *low) {
  *high = s;
  *low = 0;
  if (s - s == 0 && distances - distances == 0) {
    double l = __builtin_fma(n, m, -s) + distances;
    double h = s + l;
    if (h - h == 0) {
      *high = h;
      *low = l - (h - s);
    }
  }
}

// A spread from squared distances about an inexact mean; never below zero, NaN stays.
static inline double ISA(correct_spread)(double n, double squares, double distances) {
  double excess = distances * distances / n;
  double spread = excess - excess == 0 ? squares - excess : squares;
  return spread < 0 ? 0 : spread;
}

// The state `at` elements further on; `extreme` is the size of its extremes in bytes.
static struct ckernels_partials ISA(advance)(size_t extreme, const struct ckernels_partials *s, int64_t at) {
  struct ckernels_partials p = *s;
#define FORWARD(field) \
  if (p.field) p.field += at
  FORWARD(sum_high);
  FORWARD(sum_low);
  FORWARD(imaginary_high);
  FORWARD(imaginary_low);
  FORWARD(spread);
  FORWARD(wrapped);
  FORWARD(minimum_at);
  FORWARD(maximum_at);
  FORWARD(nan_count);
  FORWARD(infinity_count);
  FORWARD(zero_count);
#undef FORWARD
  if (p.minimum) p.minimum = (char *)p.minimum + at * (int64_t)extreme;
  if (p.maximum) p.maximum = (char *)p.maximum + at * (int64_t)extreme;
  return p;
}

// Copies what `state` wants of `width` partials, whose extremes take `extreme` bytes.
static void ISA(store)(size_t extreme, int64_t width, const struct ckernels_partials *state,
                       const struct ckernels_partials *part) {
#define STORE(field, size) \
  if (state->field) memcpy(state->field, part->field, (size_t)width * size)
  STORE(sum_high, 8);
  STORE(sum_low, 8);
  STORE(imaginary_high, 8);
  STORE(imaginary_low, 8);
  STORE(spread, 8);
  STORE(wrapped, 8);
  STORE(minimum, extreme);
  STORE(maximum, extreme);
  STORE(minimum_at, 8);
  STORE(maximum_at, 8);
  STORE(nan_count, 8);
  STORE(infinity_count, 8);
  STORE(zero_count, 8);
#undef STORE
}

#define T int8_t
#define NAME(n) ISA(PASTE(n, i1))
#define BITS 8
#define INTEGER
#define LOWEST INT8_MIN
#define HIGHEST INT8_MAX
#include "moments_type.h"

#define T uint8_t
#define NAME(n) ISA(PASTE(n, u1))
#define BITS 8
#define INTEGER
#define LOWEST 0
#define HIGHEST UINT8_MAX
#include "moments_type.h"

#define T int16_t
#define NAME(n) ISA(PASTE(n, i2))
#define BITS 16
#define INTEGER
#define LOWEST INT16_MIN
#define HIGHEST INT16_MAX
#include "moments_type.h"

#define T uint16_t
#define NAME(n) ISA(PASTE(n, u2))
#define BITS 16
#define INTEGER
#define LOWEST 0
#define HIGHEST UINT16_MAX
#include "moments_type.h"

#define T int32_t
#define NAME(n) ISA(PASTE(n, i4))
#define BITS 32
#define INTEGER
#define SIGNED
#define LOWEST INT32_MIN
#define HIGHEST INT32_MAX
#include "moments_type.h"

#define T uint32_t
#define NAME(n) ISA(PASTE(n, u4))
#define BITS 32
#define INTEGER
#define LOWEST 0
#define HIGHEST UINT32_MAX
#include "moments_type.h"

#define T int64_t
#define NAME(n) ISA(PASTE(n, i8))
#define BITS 64
#define INTEGER
#define SIGNED
#define LOWEST INT64_MIN
#define HIGHEST INT64_MAX
#include "moments_type.h"

#define T uint64_t
#define NAME(n) ISA(PASTE(n, u8))
#define BITS 64
#define INTEGER
#define LOWEST 0
#define HIGHEST UINT64_MAX
#include "moments_type.h"

#define T float
#define NAME(n) ISA(PASTE(n, f4))
#define BITS 32
#define LOWEST -INFINITY
#define HIGHEST INFINITY
#include "moments_type.h"

#define T double
#define NAME(n) ISA(PASTE(n, f8))
#define BITS 64
#define LOWEST -INFINITY
#define HIGHEST INFINITY
#include "moments_type.h"

#define P float
#define NAME(n) ISA(PASTE(n, c8))
#define BITS 32
#include "moments_complex.h"

#define P double
#define NAME(n) ISA(PASTE(n, c16))
#define BITS 64
#include "moments_complex.h"

#define T uint8_t
#define NAME(n) ISA(PASTE(n, t1))
#define BITS 8
#define PAIRS PAIR8
#include "moments_transpose.h"

#define T uint16_t
#define NAME(n) ISA(PASTE(n, t2))
#define BITS 16
#define PAIRS PAIR4
#include "moments_transpose.h"

#define T uint32_t
#define NAME(n) ISA(PASTE(n, t4))
#define BITS 32
#define PAIRS PAIR2
#include "moments_transpose.h"

#define T uint64_t
#define NAME(n) ISA(PASTE(n, t8))
#define BITS 64
#define PAIRS PAIR1
#include "moments_transpose.h"

#include "moments_bool.h"
#include "moments_drive.h"
#include "moments_cut.h"
#include "folds_isa.h"
