// Loops of the elementary functions for float16, float32 and float64. float16 is computed in float32.

#ifdef DEFINING
#include "elementary_sleef.h"
#include "elementary_arrays.h"

#define ELEMENTARY(name, function)                                                                                \
  static int64_t name##_f8_f8(int64_t n, const void *const *in, void *const *out) {                               \
    function##_f8(n, in[0], out[0]);                                                                   \
    return -1;                                                                                                    \
  }                                                                                                               \
  static int64_t name##_f4_f4(int64_t n, const void *const *in, void *const *out) {                               \
    function##_f4(n, in[0], out[0]);                                                                   \
    return -1;                                                                                                    \
  }                                                                                                               \
  static int64_t name##_f2_f2(int64_t n, const void *const *in, void *const *out) {                               \
    const f2 *a = in[0];                                                                                          \
    f2 *r = out[0];                                                                                               \
    f4 x[BLOCK];                                                                                                 \
    for (int64_t start = 0; start < n; start += BLOCK) {                                                         \
      int64_t length = n - start < BLOCK ? n - start : BLOCK;                                                   \
      VECTORS for (int64_t i = 0; i < length; i++) x[i] = widen(a[start + i]);                                    \
      function##_f4(length, x, x);                                                                     \
      VECTORS for (int64_t i = 0; i < length; i++) r[start + i] = narrow(x[i]);                                   \
    }                                                                                                             \
    return -1;                                                                                                    \
  }
#define ELEMENTARY2(name, function)                                                                               \
  static int64_t name##_f8_f8_f8(int64_t n, const void *const *in, void *const *out) {                            \
    function##_f8(n, in[0], in[1], out[0]);                                                           \
    return -1;                                                                                                    \
  }                                                                                                               \
  static int64_t name##_f4_f4_f4(int64_t n, const void *const *in, void *const *out) {                            \
    function##_f4(n, in[0], in[1], out[0]);                                                           \
    return -1;                                                                                                    \
  }                                                                                                               \
  static int64_t name##_f2_f2_f2(int64_t n, const void *const *in, void *const *out) {                            \
    const f2 *a = in[0], *b = in[1];                                                                              \
    f2 *r = out[0];                                                                                               \
    f4 x[BLOCK], y[BLOCK];                                                                                      \
    for (int64_t start = 0; start < n; start += BLOCK) {                                                         \
      int64_t length = n - start < BLOCK ? n - start : BLOCK;                                                   \
      VECTORS for (int64_t i = 0; i < length; i++) x[i] = widen(a[start + i]), y[i] = widen(b[start + i]);        \
      function##_f4(length, x, y, x);                                                                 \
      VECTORS for (int64_t i = 0; i < length; i++) r[start + i] = narrow(x[i]);                                   \
    }                                                                                                             \
    return -1;                                                                                                    \
  }
#include "elementary_functions.h"
#undef ELEMENTARY
#undef ELEMENTARY2
#endif

#define ELEMENTARY(name, function) OWN_UNARY(name, f2, f2) OWN_UNARY(name, f4, f4) OWN_UNARY(name, f8, f8)
#define ELEMENTARY2(name, function) \
  OWN_BINARY(name, f2, f2, f2)      \
  OWN_BINARY(name, f4, f4, f4)      \
  OWN_BINARY(name, f8, f8, f8)
#ifndef DEFINING
#include "elementary_functions.h"
#endif
#undef ELEMENTARY
#undef ELEMENTARY2
