// Remainders of floating-point numbers and the whole quotients that belong to them, as Python defines them. Included by
// float_type.h only.

#ifdef DEFINING
// Exact remainders of a block with the dividends' signs. A quotient cut to a whole number is right or one too large as
// long as it fits the significand, and the remainder it leaves is then exact; what does not fit goes to the C library.
static inline void PASTE2(remainders_, T)(int64_t n, const T *a, const T *b, C *r) {
  int hard = 0;
#if defined(SINGLE)
#define EASY(q) (__builtin_elementwise_abs(q) < 0x1p29)
  VECTORS for (int64_t i = 0; i < n; i++) {
    f8 x = PASTE2(LOAD_, T)(a[i]), y = PASTE2(LOAD_, T)(b[i]);
    f8 q = __builtin_elementwise_trunc(x / y);
    f8 rest = x - q * y;
#elif defined(HAS_FMA)
#define EASY(q) (__builtin_elementwise_abs(q) < 0x1p52)
  VECTORS for (int64_t i = 0; i < n; i++) {
    f8 x = a[i], y = b[i];
    f8 q = __builtin_elementwise_trunc(x / y);
    f8 rest = __builtin_elementwise_fma(-q, y, x);
#else
#define EASY(q) (q == 0)
  VECTORS for (int64_t i = 0; i < n; i++) {
    f8 x = a[i], y = b[i];
    f8 q = __builtin_elementwise_trunc(x / y);
    f8 rest = x;
#endif
    f8 turned = rest + __builtin_elementwise_copysign(y, x);
    rest = rest != 0 && (rest < 0) != (x < 0) ? turned : rest;
    rest = rest == 0 ? __builtin_elementwise_copysign(0.0, x) : rest;
    r[i] = (C)(__builtin_elementwise_abs(y) == INFINITY ? x : rest);
    hard |= !EASY(q);
  }
  if (!hard) return;
  for (int64_t i = 0; i < n; i++) {
    f8 x = PASTE2(LOAD_, T)(a[i]), y = PASTE2(LOAD_, T)(b[i]);
    f8 q = __builtin_elementwise_trunc(x / y);
    if (!EASY(q)) r[i] = (C)fmod(x, y);
  }
#undef EASY
}

#define OWN_DIVISION(name, T, result) OWN_DIVISION_(name, T, result)
#define OWN_DIVISION_(name, T, result)                                                             \
  static int64_t name##_##T##_##T##_##T(int64_t n, const void *const *in, void *const *out) {      \
    enum { BLOCK = 256 };                                                                          \
    const T *a = in[0], *b = in[1];                                                                \
    T *r = out[0];                                                                                 \
    for (int64_t start = 0; start < n; start += BLOCK) {                                           \
      int64_t length = n - start < BLOCK ? n - start : BLOCK;                                      \
      C rests[BLOCK];                                                                              \
      remainders_##T(length, a + start, b + start, rests);                                         \
      VECTORS for (int64_t i = 0; i < length; i++) {                                               \
        C x = LOAD_##T(a[start + i]), y = LOAD_##T(b[start + i]), rest = rests[i];                 \
        (void)x, (void)y;                                                                          \
        r[start + i] = STORE_##T(result);                                                          \
      }                                                                                            \
    }                                                                                              \
    return -1;                                                                                     \
  }

// The remainder with the divisor's sign.
static inline C PASTE2(modulo_, T)(C y, C rest) {
  C turned = (y < 0) != (rest < 0) ? rest + y : rest;
  return y == 0 ? rest : rest == 0 ? __builtin_elementwise_copysign((C)0, y) : turned;
}
// The whole number nearest to what is left after the remainder is taken away, where that was rounded.
static inline C PASTE2(floor_quotient_, T)(C x, C y, C rest) {
  C quotient = (x - rest) / y;
  quotient -= rest != 0 && (y < 0) != (rest < 0) ? 1 : 0;
  C whole = __builtin_elementwise_floor(quotient);
  whole += quotient - whole > (C)0.5 ? 1 : 0;
  whole = quotient == 0 ? __builtin_elementwise_copysign((C)0, x / y) : whole;
  return y == 0 ? x / y : whole;
}
OWN_DIVISION(fmod, T, rest)
OWN_DIVISION(remainder, T, PASTE2(modulo_, T)(y, rest))
OWN_DIVISION(floor_divide, T, PASTE2(floor_quotient_, T)(x, y, rest))
#undef OWN_DIVISION
#undef OWN_DIVISION_
#endif
OWN_BINARY(fmod, T, T, T)
OWN_BINARY(remainder, T, T, T)
OWN_BINARY(floor_divide, T, T, T)
