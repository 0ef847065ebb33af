// Arithmetic of complex numbers, by NumPy's formulas and in their order: products are not guarded against overflow of
// their parts, quotients are (R. L. Smith, "Algorithm 116: Complex division", CACM 1962). Included by complex_type.h
// only.

#ifdef DEFINING
#define PAIR(re, im) ((T){re, im})
static inline T PASTE2(product_, T)(T x, T y) { return PAIR(x.re * y.re - x.im * y.im, x.re * y.im + x.im * y.re); }
// The same for 64 bytes at a time; a negated product added is that product subtracted.
typedef P PASTE2(parts_, T) __attribute__((ext_vector_type(64 / sizeof(P))));
static inline __attribute__((always_inline)) void PASTE2(products_, T)(const T *a, const T *b, T *r) {
  PASTE2(parts_, T) x, y;
  memcpy(&x, a, sizeof x);
  memcpy(&y, b, sizeof y);
  PASTE2(parts_, T) direct = __builtin_shufflevector(x, x, EVEN_PARTS) * y;
  PASTE2(parts_, T) crossed = __builtin_shufflevector(x, x, ODD_PARTS) * __builtin_shufflevector(y, y, TURNED_PARTS);
  x = direct + __builtin_shufflevector(-crossed, crossed, ALTERNATING_PARTS);
  memcpy(r, &x, sizeof x);
}
#define OWN_PRODUCT(T) OWN_PRODUCT_(T)
#define OWN_PRODUCT_(T)                                                                          \
  static inline void multiply_##T(int64_t n, const T *a, const T *b, T *r) {                     \
    const int64_t step = 64 / sizeof(T);                                                         \
    int64_t i = 0;                                                                               \
    for (; i + step <= n; i += step) products_##T(a + i, b + i, r + i);                          \
    /* The last ones the same way, so that even the sign of a NaN does not depend on the place. */ \
    T x[64 / sizeof(T)] = {0}, y[64 / sizeof(T)] = {0};                                          \
    memcpy(x, a + i, (size_t)(n - i) * sizeof(T));                                               \
    memcpy(y, b + i, (size_t)(n - i) * sizeof(T));                                               \
    products_##T(x, y, x);                                                                       \
    memcpy(r + i, x, (size_t)(n - i) * sizeof(T));                                               \
  }                                                                                              \
  static int64_t multiply_##T##_##T##_##T(int64_t n, const void *const *in, void *const *out) {  \
    multiply_##T(n, in[0], in[1], out[0]);                                                       \
    return -1;                                                                                   \
  }                                                                                              \
  static int64_t square_##T##_##T(int64_t n, const void *const *in, void *const *out) {          \
    multiply_##T(n, in[0], in[0], out[0]);                                                       \
    return -1;                                                                                   \
  }
OWN_PRODUCT(T)
#undef OWN_PRODUCT
#undef OWN_PRODUCT_
static inline T PASTE2(quotient_, T)(T x, T y) {
  P re = __builtin_elementwise_abs(y.re), im = __builtin_elementwise_abs(y.im);
  if (re >= im) {
    if (re == 0 && im == 0) return PAIR(x.re / re, x.im / re);
    P ratio = y.im / y.re, scale = 1 / (y.re + y.im * ratio);
    return PAIR((x.re + x.im * ratio) * scale, (x.im - x.re * ratio) * scale);
  }
  P ratio = y.re / y.im, scale = 1 / (y.im + y.re * ratio);
  return PAIR((x.re * ratio + x.im) * scale, (x.im * ratio - x.re) * scale);
}
static inline T PASTE2(inverse_, T)(T x) {
  if (__builtin_elementwise_abs(x.im) <= __builtin_elementwise_abs(x.re)) {
    P ratio = x.im / x.re, size = x.re + x.im * ratio;
    return PAIR(1 / size, -ratio / size);
  }
  P ratio = x.re / x.im, size = x.re * ratio + x.im;
  return PAIR(ratio / size, -1 / size);
}
// x / |x|; an infinite part outweighs a finite one.
static inline T PASTE2(direction_, T)(T x) {
  P size = F(hypot)(x.re, x.im);
  if (size != size) return PAIR(NAN, NAN);
  if (size == 0) return PAIR(0, 0);
  if (size < INFINITY) return PAIR(x.re / size, x.im / size);
  int re = __builtin_elementwise_abs(x.re) == INFINITY, im = __builtin_elementwise_abs(x.im) == INFINITY;
  if (re && im) return PAIR(NAN, NAN);
  return PAIR(re ? __builtin_elementwise_copysign((P)1, x.re) : 0, im ? __builtin_elementwise_copysign((P)1, x.im) : 0);
}
#endif

BINARY(add, T, T, T, PAIR(x.re + y.re, x.im + y.im))
BINARY(subtract, T, T, T, PAIR(x.re - y.re, x.im - y.im))
OWN_BINARY(multiply, T, T, T)
SCALAR_BINARY(divide, T, T, T, PASTE2(quotient_, T)(x, y))
UNARY(negative, T, T, PAIR(-x.re, -x.im))
UNARY(positive, T, T, x)
UNARY(conjugate, T, T, PAIR(x.re, -x.im))
OWN_UNARY(square, T, T)
SCALAR_UNARY(reciprocal, T, T, PASTE2(inverse_, T)(x))
SCALAR_UNARY(sign, T, T, PASTE2(direction_, T)(x))
UNARY(rint, T, T, PAIR(__builtin_elementwise_roundeven(x.re), __builtin_elementwise_roundeven(x.im)))
UNARY(real, T, P, x.re)
UNARY(imag, T, P, x.im)
