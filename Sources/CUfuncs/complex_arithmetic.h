// Arithmetic of complex numbers, by NumPy's formulas and in their order: products are not guarded against overflow of
// their parts, quotients are (R. L. Smith, "Algorithm 116: Complex division", CACM 1962). Included by complex_type.h
// only.

#ifdef DEFINING
#define PAIR(re, im) ((T){re, im})
static inline T PASTE2(product_, T)(T x, T y) { return PAIR(x.re * y.re - x.im * y.im, x.re * y.im + x.im * y.re); }
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
BINARY(multiply, T, T, T, PASTE2(product_, T)(x, y))
SCALAR_BINARY(divide, T, T, T, PASTE2(quotient_, T)(x, y))
UNARY(negative, T, T, PAIR(-x.re, -x.im))
UNARY(positive, T, T, x)
UNARY(conjugate, T, T, PAIR(x.re, -x.im))
UNARY(square, T, T, PASTE2(product_, T)(x, x))
SCALAR_UNARY(reciprocal, T, T, PASTE2(inverse_, T)(x))
SCALAR_UNARY(sign, T, T, PASTE2(direction_, T)(x))
UNARY(rint, T, T, PAIR(__builtin_elementwise_roundeven(x.re), __builtin_elementwise_roundeven(x.im)))
UNARY(real, T, P, x.re)
UNARY(imag, T, P, x.im)
