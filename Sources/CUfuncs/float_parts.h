// Functions of the parts that floating-point numbers are made of. Included by float_type.h only.

#ifdef DEFINING
static inline NEXT PASTE2(bits_of_, T)(T value) {
  NEXT bits;
  memcpy(&bits, &value, sizeof bits);
  return bits;
}
static inline T PASTE2(from_bits_, T)(NEXT bits) {
  T value;
  memcpy(&value, &bits, sizeof value);
  return value;
}
// Numbers of one sign follow each other as the integers of their bits do.
static inline T PASTE2(next_of_, T)(T a, T b) {
  C x = PASTE2(LOAD_, T)(a), y = PASTE2(LOAD_, T)(b);
  NEXT bits = PASTE2(bits_of_, T)(a);
  NEXT sign = (NEXT)(PASTE2(bits_of_, T)(b) & ~(NEXT)MAGNITUDE_BITS);
  NEXT away = (x < y) == (bits >= 0) ? 1 : -1;
  NEXT next = x == 0 ? (NEXT)(sign | 1) : (NEXT)(bits + away);
  // Of equal numbers the C library gives the second, and NumPy's own function for float16 the first.
  NEXT same = x != x || (x == y && sizeof(T) == 2) ? bits : PASTE2(bits_of_, T)(b);
  return PASTE2(from_bits_, T)(x == y || x != x || y != y ? same : next);
}
// The distance to the next number away from zero, for float16 to the next larger one.
static inline T PASTE2(spacing_of_, T)(T a) {
  C x = PASTE2(LOAD_, T)(a);
  NEXT bits = PASTE2(bits_of_, T)(a);
#ifdef HALF
  NEXT next = x == 0 ? (NEXT)1 : (NEXT)(bits < 0 ? bits - 1 : bits + 1);
#else
  NEXT next = x == 0 ? (NEXT)1 : (NEXT)(bits + 1);
#endif
  C distance = PASTE2(LOAD_, T)(PASTE2(from_bits_, T)(next)) - x;
  return PASTE2(STORE_, T)(__builtin_elementwise_abs(x) < INFINITY ? distance : (C)NAN);
}
#define OWN_NEXTAFTER(T) OWN_NEXTAFTER_(T)
#define OWN_NEXTAFTER_(T)                                                                             \
  static int64_t nextafter_##T##_##T##_##T(int64_t n, const void *const *in, void *const *out) {      \
    const T *a = in[0], *b = in[1];                                                                   \
    T *r = out[0];                                                                                    \
    VECTORS for (int64_t i = 0; i < n; i++) r[i] = next_of_##T(a[i], b[i]);                           \
    return -1;                                                                                        \
  }                                                                                                   \
  static int64_t spacing_##T##_##T(int64_t n, const void *const *in, void *const *out) {              \
    const T *a = in[0];                                                                               \
    T *r = out[0];                                                                                    \
    VECTORS for (int64_t i = 0; i < n; i++) r[i] = spacing_of_##T(a[i]);                              \
    return -1;                                                                                        \
  }                                                                                                   \
  static int64_t signbit_##T##_b1(int64_t n, const void *const *in, void *const *out) {               \
    const T *a = in[0];                                                                               \
    b1 *r = out[0];                                                                                   \
    VECTORS for (int64_t i = 0; i < n; i++) r[i] = bits_of_##T(a[i]) < 0;                             \
    return -1;                                                                                        \
  }
OWN_NEXTAFTER(T)
#undef OWN_NEXTAFTER
#undef OWN_NEXTAFTER_
#endif
OWN_BINARY(nextafter, T, T, T)
OWN_UNARY(spacing, T, T)
OWN_UNARY(signbit, T, b1)

// The fraction has the number's sign, also that of an infinity, which has none.
UNARY2(modf, T, T, T,
       __builtin_elementwise_abs(x) == INFINITY ? __builtin_elementwise_copysign((C)0, x)
                                                : __builtin_elementwise_copysign(x - __builtin_elementwise_trunc(x), x),
       __builtin_elementwise_trunc(x))

#if defined(DEFINING) && defined(HAS_AVX512) && !defined(HALF)
#include "float_scale.h"
#endif
#if defined(DEFINING) && (!defined(HAS_AVX512) || defined(HALF))
// Significand in 1/2 ..< 1 and exponent; 0, infinities and NaN have exponent 0.
static inline C PASTE2(split_, T)(C x, i4 *exponent) {
  C magnitude = __builtin_elementwise_abs(x);
  int special = !(magnitude > 0 && magnitude < INFINITY);
#ifdef SINGLE
  int small = magnitude < 0x1p-126f;
  u4 bits = f4_bits(small ? x * 0x1p32f : x);
  *exponent = special ? 0 : (i4)(bits >> 23 & 0xff) - (small ? 126 + 32 : 126);
  return special ? x : bits_f4((bits & 0x807fffff) | 0x3f000000);
#else
  int small = magnitude < 0x1p-1022;
  u8 bits = f8_bits(small ? x * 0x1p64 : x);
  *exponent = special ? 0 : (i4)(bits >> 52 & 0x7ff) - (small ? 1022 + 64 : 1022);
  return special ? x : bits_f8((bits & 0x800fffffffffffff) | 0x3fe0000000000000);
#endif
}
#define OWN_PARTS(T) OWN_PARTS_(T)
#define OWN_PARTS_(T)                                                                          \
  static int64_t frexp_##T##_##T(int64_t n, const void *const *in, void *const *out) {         \
    const T *a = in[0];                                                                        \
    T *r = out[0];                                                                             \
    i4 *exponents = out[1];                                                                    \
    VECTORS for (int64_t i = 0; i < n; i++) {                                                  \
      i4 exponent;                                                                             \
      r[i] = STORE_##T(split_##T(LOAD_##T(a[i]), &exponent));                               \
      exponents[i] = exponent;                                                                 \
    }                                                                                          \
    return -1;                                                                                 \
  }
OWN_PARTS(T)
#undef OWN_PARTS
#undef OWN_PARTS_
#endif
OWN_UNARY2(frexp, T, T, i4)

#ifdef DEFINING
// x * 2^exponent, rounded once. Steps that would round are so large that nothing is left to round.
static inline f8 PASTE2(scaled_, T)(f8 x, i8 exponent) {
  i8 e = exponent < -3000 ? -3000 : exponent > 3000 ? 3000 : exponent;
#ifdef SINGLE
  // Every product is exact in float64.
  e = e < -400 ? -400 : e > 400 ? 400 : e;
#else
  for (int step = 0; step < 2; step++) {
    f8 factor = e > 1023 ? 0x1p1023 : e < -1022 ? 0x1p-969 : 1;
    e -= e > 1023 ? 1023 : e < -1022 ? -969 : 0;
    x *= factor;
  }
  e = e < -1022 ? -1022 : e > 1023 ? 1023 : e;
#endif
  return x * bits_f8((u8)(e + 1023) << 52);
}
#endif
#if defined(HAS_AVX512) && !defined(HALF)
OWN_BINARY(ldexp, T, i4, T)
#else
BINARY(ldexp, T, i4, T, (C)PASTE2(scaled_, T)(x, y))
#endif
#if defined(HAS_AVX512) && !defined(SINGLE)
OWN_BINARY(ldexp, T, i8, T)
#else
BINARY(ldexp, T, i8, T, (C)PASTE2(scaled_, T)(x, y))
#endif
