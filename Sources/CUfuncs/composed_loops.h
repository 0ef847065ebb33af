// Loops made of other loops. Included by families.h only, after those.

#ifdef DEFINING
#define DIVMOD_(T)                                                                                 \
  static int64_t divmod_##T##_##T##_##T(int64_t n, const void *const *in, void *const *out) {      \
    enum { BLOCK = 256 };                                                                          \
    T quotients[BLOCK], rests[BLOCK];                                                              \
    for (int64_t start = 0; start < n; start += BLOCK) {                                           \
      int64_t length = n - start < BLOCK ? n - start : BLOCK;                                      \
      const void *operands[2] = {(const T *)in[0] + start, (const T *)in[1] + start};              \
      void *whole = quotients, *rest = rests;                                                      \
      floor_divide_##T##_##T##_##T(length, operands, &whole);                                      \
      remainder_##T##_##T##_##T(length, operands, &rest);                                          \
      memcpy((T *)out[0] + start, quotients, (size_t)length * sizeof(T));                          \
      memcpy((T *)out[1] + start, rests, (size_t)length * sizeof(T));                              \
    }                                                                                              \
    return -1;                                                                                     \
  }
#define DIVMOD(T) DIVMOD_(T)
#define FLOAT_POWER(T)                                                                             \
  static int64_t float_power_##T##_##T##_##T(int64_t n, const void *const *in, void *const *out) { \
    return power_##T##_##T##_##T(n, in, out);                                                      \
  }
#else
#define DIVMOD(T) OWN_BINARY2(divmod, T, T, T, T)
#define FLOAT_POWER(T) OWN_BINARY(float_power, T, T, T)
#endif
DIVMOD(i1)
DIVMOD(u1)
DIVMOD(i2)
DIVMOD(u2)
DIVMOD(i4)
DIVMOD(u4)
DIVMOD(i8)
DIVMOD(u8)
DIVMOD(f2)
DIVMOD(f4)
DIVMOD(f8)
FLOAT_POWER(f8)
FLOAT_POWER(c16)
#undef DIVMOD
#undef FLOAT_POWER
