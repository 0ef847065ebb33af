// Integer powers, which wrap, and greatest common divisors. Included by integer_type.h only.

#ifdef DEFINING
// Squares and multiplies a block of elements at once, as often as its largest exponent needs.
#define OWN_POWER(T) OWN_POWER_(T)
#define OWN_POWER_(T)                                                                             \
  static int64_t power_##T##_##T##_##T(int64_t n, const void *const *in, void *const *out) {      \
    enum { BLOCK = 128 };                                                                         \
    const T *a = in[0], *b = in[1];                                                               \
    T *r = out[0];                                                                                \
    for (int64_t start = 0; start < n; start += BLOCK) {                                          \
      int64_t length = n - start < BLOCK ? n - start : BLOCK;                                     \
      U base[BLOCK], exponent[BLOCK], result[BLOCK];                                              \
      U bits = 0;                                                                                 \
      int negative = 0;                                                                           \
      VECTORS for (int64_t i = 0; i < length; i++) {                                              \
        base[i] = (U)a[start + i];                                                                \
        exponent[i] = (U)b[start + i];                                                            \
        result[i] = 1;                                                                            \
        bits |= exponent[i];                                                                      \
        negative |= ISNEGATIVE(b[start + i]);                                                     \
      }                                                                                           \
      if (negative)                                                                               \
        for (int64_t i = 0; i < length; i++)                                                      \
          if (ISNEGATIVE(b[start + i])) return start + i;                                         \
      for (; bits != 0; bits >>= 1) {                                                             \
        VECTORS for (int64_t i = 0; i < length; i++) {                                            \
          result[i] = exponent[i] & 1 ? (U)((WRAP)result[i] * base[i]) : result[i];               \
          base[i] = (U)((WRAP)base[i] * base[i]);                                                 \
          exponent[i] >>= 1;                                                                      \
        }                                                                                         \
      }                                                                                           \
      VECTORS for (int64_t i = 0; i < length; i++) r[start + i] = (T)result[i];                   \
    }                                                                                             \
    return -1;                                                                                    \
  }
#ifdef SIGNED
#define ISNEGATIVE(v) ((v) < 0)
#define MAGNITUDE(v) ((U)((v) < 0 ? 0 - (WRAP)(v) : (WRAP)(v)))
#else
#define ISNEGATIVE(v) 0
#define MAGNITUDE(v) (v)
#endif
OWN_POWER(T)
#undef OWN_POWER
#undef OWN_POWER_

// Stein's algorithm; gcd(0, n) is n.
static inline U PASTE2(gcd_of_, T)(T x, T y) {
  U a = MAGNITUDE(x), b = MAGNITUDE(y);
  if (a == 0 || b == 0) return a | b;
  int twos = __builtin_ctzll((u8)a | b);
  a >>= __builtin_ctzll(a);
  do {
    b >>= __builtin_ctzll(b);
    U smaller = a < b ? a : b;
    b = a < b ? b - a : a - b;
    a = smaller;
  } while (b != 0);
  return (U)((WRAP)a << twos);
}
static inline T PASTE2(lcm_of_, T)(T x, T y) {
  U divisor = PASTE2(gcd_of_, T)(x, y);
  return divisor == 0 ? 0 : (T)((WRAP)(MAGNITUDE(x) / divisor) * MAGNITUDE(y));
}
#undef ISNEGATIVE
#undef MAGNITUDE
#endif

OWN_BINARY(power, T, T, T)
SCALAR_BINARY(gcd, T, T, T, PASTE2(gcd_of_, T)(x, y))
SCALAR_BINARY(lcm, T, T, T, PASTE2(lcm_of_, T)(x, y))
