// Elementary functions of complex numbers: the C library's, with the branch cuts and special values of C99's Annex G,
// and what NumPy makes of them. Included by complex_type.h only.

#ifdef DEFINING
static inline PASTE2(library_, T) PASTE2(to_library_, T)(T x) {
  PASTE2(library_, T) z;
  memcpy(&z, &x, sizeof z);
  return z;
}
static inline T PASTE2(from_library_, T)(PASTE2(library_, T) z) {
  T x;
  memcpy(&x, &z, sizeof x);
  return x;
}
#define APPLIED(function, x) PASTE2(from_library_, T)(F(function)(PASTE2(to_library_, T)(x)))

static inline T PASTE2(scaled_log_, T)(T x, P unit) {
  T log = APPLIED(clog, x);
  return PAIR(log.re * unit, log.im * unit);
}
static inline T PASTE2(log1p_of_, T)(T x) {
  P size = F(hypot)(x.re + 1, x.im);
  return PAIR(F(log)(size), F(atan2)(x.im, x.re + 1));
}
static inline T PASTE2(expm1_of_, T)(T x) {
  P half = F(sin)(x.im / 2);
  return PAIR(F(expm1)(x.re) * F(cos)(x.im) - 2 * half * half, F(exp)(x.re) * F(sin)(x.im));
}
// Small whole exponents multiply, which is exact where the products are.
static T PASTE2(power_of_, T)(T x, T y) {
  if (y.re == 0 && y.im == 0) return PAIR(1, 0);
  if (x.re == 0 && x.im == 0) return y.re > 0 ? PAIR(0, 0) : PAIR(NAN, NAN);
  if (y.im == 0 && y.re > -100 && y.re < 100 && y.re == __builtin_elementwise_trunc(y.re)) {
    int exponent = (int)y.re;
    if (exponent == 1) return x;
    if (exponent == 2) return PASTE2(product_, T)(x, x);
    if (exponent == 3) return PASTE2(product_, T)(x, PASTE2(product_, T)(x, x));
    unsigned bits = (unsigned)(exponent < 0 ? -exponent : exponent);
    T result = PAIR(1, 0), base = x;
    while (1) {
      if (bits & 1) result = PASTE2(product_, T)(result, base);
      bits >>= 1;
      if (bits == 0) break;
      base = PASTE2(product_, T)(base, base);
    }
    return exponent < 0 ? PASTE2(quotient_, T)(PAIR(1, 0), result) : result;
  }
  return PASTE2(from_library_, T)(F(cpow)(PASTE2(to_library_, T)(x), PASTE2(to_library_, T)(y)));
}

// Real functions of both parts, in blocks that lay the parts apart.
#define OF_PARTS(name, T, P, function) OF_PARTS_(name, T, P, function)
#define OF_PARTS_(name, T, P, function)                                                              \
  static int64_t name##_##T##_##P(int64_t n, const void *const *in, void *const *out) {              \
    const T *a = in[0];                                                                              \
    P *r = out[0];                                                                                   \
    P re[BLOCK], im[BLOCK];                                                                          \
    for (int64_t start = 0; start < n; start += BLOCK) {                                             \
      int64_t length = n - start < BLOCK ? n - start : BLOCK;                                        \
      for (int64_t i = 0; i < length; i++) re[i] = a[start + i].re, im[i] = a[start + i].im;         \
      function##_##P(length, im, re, r + start);                                                     \
    }                                                                                                \
    return -1;                                                                                       \
  }
OF_PARTS(absolute, T, P, hypot)
OF_PARTS(angle, T, P, atan2)
#undef OF_PARTS
#undef OF_PARTS_
#endif

OWN_UNARY(absolute, T, P)
OWN_UNARY(angle, T, P)
SCALAR_UNARY(sqrt, T, T, APPLIED(csqrt, x))
SCALAR_UNARY(exp, T, T, APPLIED(cexp, x))
SCALAR_UNARY(exp2, T, T, APPLIED(cexp, PAIR(x.re * (P)M_LN2, x.im * (P)M_LN2)))
SCALAR_UNARY(expm1, T, T, PASTE2(expm1_of_, T)(x))
SCALAR_UNARY(log, T, T, APPLIED(clog, x))
SCALAR_UNARY(log2, T, T, PASTE2(scaled_log_, T)(x, (P)M_LOG2E))
SCALAR_UNARY(log10, T, T, PASTE2(scaled_log_, T)(x, (P)M_LOG10E))
SCALAR_UNARY(log1p, T, T, PASTE2(log1p_of_, T)(x))
SCALAR_UNARY(sin, T, T, APPLIED(csin, x))
SCALAR_UNARY(cos, T, T, APPLIED(ccos, x))
SCALAR_UNARY(tan, T, T, APPLIED(ctan, x))
SCALAR_UNARY(arcsin, T, T, APPLIED(casin, x))
SCALAR_UNARY(arccos, T, T, APPLIED(cacos, x))
SCALAR_UNARY(arctan, T, T, APPLIED(catan, x))
SCALAR_UNARY(sinh, T, T, APPLIED(csinh, x))
SCALAR_UNARY(cosh, T, T, APPLIED(ccosh, x))
SCALAR_UNARY(tanh, T, T, APPLIED(ctanh, x))
SCALAR_UNARY(arcsinh, T, T, APPLIED(casinh, x))
SCALAR_UNARY(arccosh, T, T, APPLIED(cacosh, x))
SCALAR_UNARY(arctanh, T, T, APPLIED(catanh, x))
SCALAR_BINARY(power, T, T, T, PASTE2(power_of_, T)(x, y))

#undef PAIR
#undef APPLIED
