// Integer division; by zero it gives 0, and the smallest number divided by -1 wraps. Quotients and remainders round
// towards minus infinity, fmod's towards zero. Included by integer_type.h only.

#ifdef DEFINING
// Processors divide floating-point numbers in vectors, integers not. A fraction lies farther from the next whole number
// than the division's rounding error when both integers have no more bits than the significand: cutting it is exact.
static inline QUOTIENT_INTEGER PASTE2(vector_quotient_, T)(T x, T y) {
  QUOTIENT q = (QUOTIENT)x / (QUOTIENT)(y == 0 ? 1 : y);
#if defined(SIGNED) && !defined(WIDE)
  q = q == 0x1p31f ? -0x1p31f : q;
#endif
  return y == 0 ? 0 : (QUOTIENT_INTEGER)q;
}
#endif

#define REMAINDER(q) (y == 0 ? (T)0 : (T)((WRAP)x - (WRAP)(q) * (WRAP)y))
#ifdef SIGNED
// Whether a remainder's sign is not the divisor's.
#define CROSSES(r) (((r) != 0) & (((r) ^ y) < 0))
#else
#define CROSSES(r) 0
#endif
#define FLOOR(q) ((WRAP)(q) - (WRAP)CROSSES(REMAINDER(q)))
#define MODULO(q) (REMAINDER(q) + (CROSSES(REMAINDER(q)) ? y : 0))

#ifndef WIDE
#define Q PASTE2(vector_quotient_, T)(x, y)
BINARY(floor_divide, T, T, T, FLOOR(Q))
BINARY(remainder, T, T, T, MODULO(Q))
BINARY(fmod, T, T, T, REMAINDER(Q))
#elif defined(HAS_AVX512)
#ifdef DEFINING
// 64-bit integers by float64. Each quotient is made a little too small, so that the rest stays above zero: the first
// leaves less than y + 2^15, the second less than 2 y.
static inline T PASTE2(wide_quotient_, T)(T x, T y) {
#ifdef SIGNED
  U a = (U)(x < 0 ? 0 - (U)x : (U)x), b = (U)(y < 0 ? 0 - (U)y : (U)y);
#else
  U a = x, b = y;
#endif
  b = b == 0 ? 1 : b;
  f8 inverse = (1 - 0x1p-50) / (f8)b;
  U first = (U)((f8)a * inverse), rest = a - first * b;
  U second = (U)((f8)rest * inverse);
  rest -= second * b;
  U q = first + second + (rest >= b);
#ifdef SIGNED
  q = (x ^ y) < 0 ? 0 - q : q;
#endif
  return y == 0 ? 0 : (T)q;
}
#endif
#define Q PASTE2(wide_quotient_, T)(x, y)
BINARY(floor_divide, T, T, T, FLOOR(Q))
BINARY(remainder, T, T, T, MODULO(Q))
BINARY(fmod, T, T, T, REMAINDER(Q))
#else
#ifdef DEFINING
static inline T PASTE2(scalar_quotient_, T)(T x, T y) {
  if (y == 0) return 0;
#ifdef SIGNED
  if (y == -1) return (T)(0 - (U)x);
#endif
  return x / y;
}

// 64-bit integers are divided as float64 where a whole block of them allows it, which does not change the result.
enum { PASTE2(DIVISION_BLOCK_, T) = 256 };
static inline int PASTE2(fit_, T)(int64_t n, const T *a, const T *b) {
  U high = 0;
#ifdef SIGNED
  VECTORS for (int64_t i = 0; i < n; i++) high |= (U)(a[i] ^ (a[i] >> 63)) | (U)(b[i] ^ (b[i] >> 63));
#else
  VECTORS for (int64_t i = 0; i < n; i++) high |= a[i] | b[i];
#endif
  return high >> 52 == 0;
}
#define OWN_DIVISION(name, T, result) OWN_DIVISION_(name, T, result)
#define OWN_DIVISION_(name, T, result)                                                             \
  static int64_t name##_##T##_##T##_##T(int64_t n, const void *const *in, void *const *out) {      \
    const T *a = in[0], *b = in[1];                                                                \
    T *r = out[0];                                                                                 \
    for (int64_t start = 0; start < n; start += DIVISION_BLOCK_##T) {                              \
      int64_t end = n - start < DIVISION_BLOCK_##T ? n : start + DIVISION_BLOCK_##T;               \
      if (fit_##T(end - start, a + start, b + start)) {                                            \
        VECTORS for (int64_t i = start; i < end; i++) {                                            \
          T x = a[i], y = b[i], q = vector_quotient_##T(x, y);                                     \
          r[i] = (T)(result);                                                                      \
        }                                                                                          \
      } else {                                                                                     \
        for (int64_t i = start; i < end; i++) {                                                    \
          T x = a[i], y = b[i], q = scalar_quotient_##T(x, y);                                     \
          r[i] = (T)(result);                                                                      \
        }                                                                                          \
      }                                                                                            \
    }                                                                                              \
    return -1;                                                                                     \
  }
OWN_DIVISION(floor_divide, T, FLOOR(q))
OWN_DIVISION(remainder, T, MODULO(q))
OWN_DIVISION(fmod, T, REMAINDER(q))
#undef OWN_DIVISION
#undef OWN_DIVISION_
#endif
OWN_BINARY(floor_divide, T, T, T)
OWN_BINARY(remainder, T, T, T)
OWN_BINARY(fmod, T, T, T)
#endif

BINARY(divide, T, T, f8, (f8)x / (f8)y)
#ifdef SIGNED
UNARY(reciprocal, T, T, x == 1 || x == -1 ? x : 0)
#else
UNARY(reciprocal, T, T, x == 1)
#endif

#undef Q
#undef REMAINDER
#undef CROSSES
#undef FLOOR
#undef MODULO
