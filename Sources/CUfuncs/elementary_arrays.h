// Each elementary function of an array, in place or not: SLEEF's, mended where its results overflow and the function
// does not. An element is mended by its own value only, whatever its neighbours are.

enum { BLOCK = 256 };
#include "elementary_cbrt.h"
#include "elementary_hypot.h"
#include "elementary_single.h"

#define PLAIN_(function, bound, P)                                       \
  vector_function SLEEF_##P(function, bound);                            \
  static inline void function##_##P(int64_t n, const P *a, P *r) { map_##P(n, a, r, SLEEF_##P(function, bound)); }
#define PLAIN(function) PLAIN_(function, u10, f4) PLAIN_(function, u10, f8)
// Four vectors at a time hide how long each step of a polynomial takes.
#define FOUR_VECTORS _Pragma("clang loop vectorize(assume_safety) interleave_count(4)")
#define SINGLE_(function)                                                               \
  static inline void function##_f4(int64_t n, const f4 *a, f4 *r) {                      \
    FOUR_VECTORS for (int64_t i = 0; i < n; i++) r[i] = (f4)single_##function(a[i]);     \
  }
#define WITH_SINGLE(function) SINGLE_(function) PLAIN_(function, u10, f8)
PLAIN(sin)
PLAIN(cos)
PLAIN(tan)
PLAIN(asin)
PLAIN(acos)
PLAIN(atan)
WITH_SINGLE(tanh)
PLAIN(atanh)
PLAIN(exp)
PLAIN(exp2)
WITH_SINGLE(expm1)
PLAIN(log)
PLAIN(log2)
PLAIN(log10)
#undef PLAIN
#undef WITH_SINGLE

#define ATAN2(P)                                                                                                    \
  vector_function SLEEF_##P(atan2, u10);                                                                            \
  static inline void atan2_##P(int64_t n, const P *a, const P *b, P *r) { map2_##P(n, a, b, r, SLEEF_##P(atan2, u10)); }
ATAN2(f4)
ATAN2(f8)
#undef ATAN2

// A function of blocks that applies `repair` to blocks with sizes above `limit` and takes its results for those.
#define MENDED(function, P, limit, repair)                                                     \
  vector_function SLEEF_##P(function, u10);                                                    \
  static void function##_##P(int64_t n, const P *a, P *r) {                                    \
    for (int64_t start = 0; start < n; start += BLOCK) {                                       \
      int64_t length = n - start < BLOCK ? n - start : BLOCK;                                  \
      P y[BLOCK], size[BLOCK], mended[BLOCK];                                                  \
      int large = 0;                                                                           \
      map_##P(length, a + start, y, SLEEF_##P(function, u10));                                 \
      VECTORS for (int64_t i = 0; i < length; i++) {                                           \
        size[i] = __builtin_elementwise_abs(a[start + i]);                                     \
        large |= size[i] > (P)limit;                                                           \
      }                                                                                        \
      if (large) {                                                                             \
        repair##_##P(length, size, mended);                                                    \
        VECTORS for (int64_t i = 0; i < length; i++) {                                         \
          P signed_mended = __builtin_elementwise_copysign(mended[i], y[i]);                   \
          y[i] = size[i] > (P)limit && y[i] == y[i] ? signed_mended : y[i];                    \
        }                                                                                      \
      }                                                                                        \
      memcpy(r + start, y, (size_t)length * sizeof *y);                                        \
    }                                                                                          \
  }

// exp(x) / 2 where exp(x) itself overflows: 2 ln 2 is taken off in a part that is exact and a rest.
#define HALF_EXP(P, LN2_HIGH, LN2_LOW)                                                         \
  static void half_exp_##P(int64_t n, const P *a, P *r) {                                      \
    VECTORS for (int64_t i = 0; i < n; i++) r[i] = a[i] - (P)(2 * LN2_HIGH);                   \
    exp_##P(n, r, r);                                                                          \
    VECTORS for (int64_t i = 0; i < n; i++) {                                                  \
      P less = (r[i] - r[i] * (P)(2 * LN2_LOW)) * 2;                                           \
      r[i] = r[i] == INFINITY ? r[i] : less;                                                   \
    }                                                                                          \
  }
HALF_EXP(f8, 0x1.62e42fefap-1, 0x1.cf79abc9e3b39p-40)
#undef HALF_EXP

// ln(2 x) for large x.
#define LOG_TWICE(P)                                                                           \
  static void log_twice_##P(int64_t n, const P *a, P *r) {                                     \
    P halves[BLOCK];                                                                           \
    log_##P(n, a, halves);                                                                     \
    VECTORS for (int64_t i = 0; i < n; i++) r[i] = a[i] * 2;                                   \
    log_##P(n, r, r);                                                                          \
    VECTORS for (int64_t i = 0; i < n; i++) r[i] = r[i] == INFINITY ? halves[i] + (P)M_LN2 : r[i]; \
  }
LOG_TWICE(f8)
#undef LOG_TWICE

SINGLE_(sinh)
MENDED(sinh, f8, 709, half_exp)
SINGLE_(cosh)
MENDED(cosh, f8, 709, half_exp)
SINGLE_(asinh)
MENDED(asinh, f8, 0x1p500, log_twice)
SINGLE_(acosh)
MENDED(acosh, f8, 0x1p500, log_twice)
MENDED(log1p, f4, 0x1p60, log)
MENDED(log1p, f8, 0x1p500, log)
#undef MENDED
#undef SINGLE_
#undef PLAIN_

// Powers near the largest number come from the C library.
#define POWER(P)                                                                               \
  vector_function SLEEF_##P(pow, u10);                                                         \
  static void pow_##P(int64_t n, const P *a, const P *b, P *r) {                               \
    for (int64_t start = 0; start < n; start += BLOCK) {                                       \
      int64_t length = n - start < BLOCK ? n - start : BLOCK;                                  \
      P z[BLOCK];                                                                              \
      int infinite = 0;                                                                        \
      map2_##P(length, a + start, b + start, z, SLEEF_##P(pow, u10));                          \
      VECTORS for (int64_t i = 0; i < length; i++) infinite |= __builtin_elementwise_abs(z[i]) == INFINITY; \
      if (infinite)                                                                            \
        for (int64_t i = 0; i < length; i++)                                                   \
          if (__builtin_elementwise_abs(z[i]) == INFINITY) z[i] = (P)pow(a[start + i], b[start + i]); \
      memcpy(r + start, z, (size_t)length * sizeof *z);                                        \
    }                                                                                          \
  }
POWER(f8)
#undef POWER
static void pow_f4(int64_t n, const f4 *a, const f4 *b, f4 *r) {
  FOUR_VECTORS for (int64_t i = 0; i < n; i++) r[i] = (f4)single_pow(a[i], b[i]);
}

// The larger, plus the logarithm of 1 plus the ratio of the smaller to it.
#define LOGADDEXP(function, exponential, P, equal, unit)                                       \
  static void function##_##P(int64_t n, const P *a, const P *b, P *r) {                        \
    for (int64_t start = 0; start < n; start += BLOCK) {                                       \
      int64_t length = n - start < BLOCK ? n - start : BLOCK;                                  \
      P rest[BLOCK];                                                                           \
      VECTORS for (int64_t i = 0; i < length; i++)                                             \
        rest[i] = -__builtin_elementwise_abs(a[start + i] - b[start + i]);                     \
      exponential##_##P(length, rest, rest);                                                   \
      log1p_##P(length, rest, rest);                                                           \
      VECTORS for (int64_t i = 0; i < length; i++) {                                           \
        P x = a[start + i], y = b[start + i];                                                  \
        P sum = (x > y ? x : y) + rest[i] * (P)unit;                                           \
        sum = x == y ? x + (P)equal : sum;                                                     \
        r[start + i] = x != x || y != y ? x + y : sum;                                         \
      }                                                                                        \
    }                                                                                          \
  }
LOGADDEXP(logaddexp, exp, f4, M_LN2, 1)
LOGADDEXP(logaddexp, exp, f8, M_LN2, 1)
LOGADDEXP(logaddexp2, exp2, f4, 1, M_LOG2E)
LOGADDEXP(logaddexp2, exp2, f8, 1, M_LOG2E)
#undef LOGADDEXP
