// Comparisons, which go by the real part and then by the imaginary part, choices and predicates of complex numbers.
// Included by complex_type.h only.

#define ISNAN(x) (((x).re != (x).re) | ((x).im != (x).im))
// A NaN in the imaginary part makes real parts incomparable, too.
#define REAL_BEFORE(x, y) ((x).re < (y).re && (x).im == (x).im && (y).im == (y).im)
#define BEFORE(x, y) (REAL_BEFORE(x, y) || ((x).re == (y).re && (x).im < (y).im))
#define NOTAFTER(x, y) (REAL_BEFORE(x, y) || ((x).re == (y).re && (x).im <= (y).im))
#define ISTRUE(x) (((x).re != 0) | ((x).im != 0))

BINARY(less, T, T, b1, BEFORE(x, y))
BINARY(less_equal, T, T, b1, NOTAFTER(x, y))
BINARY(equal, T, T, b1, (x.re == y.re) & (x.im == y.im))
BINARY(not_equal, T, T, b1, (x.re != y.re) | (x.im != y.im))
BINARY(greater, T, T, b1, BEFORE(y, x))
BINARY(greater_equal, T, T, b1, NOTAFTER(y, x))
BINARY(logical_and, T, T, b1, ISTRUE(x) & ISTRUE(y))
BINARY(logical_or, T, T, b1, ISTRUE(x) | ISTRUE(y))
BINARY(logical_xor, T, T, b1, ISTRUE(x) ^ ISTRUE(y))
UNARY(logical_not, T, b1, !ISTRUE(x))
UNARY(isnan, T, b1, ISNAN(x))
UNARY(isinf, T, b1, (__builtin_elementwise_abs(x.re) == INFINITY) | (__builtin_elementwise_abs(x.im) == INFINITY))
UNARY(isfinite, T, b1, (__builtin_elementwise_abs(x.re) < INFINITY) & (__builtin_elementwise_abs(x.im) < INFINITY))

#define LARGER(x, y) (ISNAN(x) || NOTAFTER(y, x) ? (x) : (y))
#define SMALLER(x, y) (ISNAN(x) || NOTAFTER(x, y) ? (x) : (y))
SCALAR_BINARY(maximum, T, T, T, LARGER(x, y))
SCALAR_BINARY(minimum, T, T, T, SMALLER(x, y))
SCALAR_BINARY(fmax, T, T, T, ISNAN(y) || NOTAFTER(y, x) ? x : y)
SCALAR_BINARY(fmin, T, T, T, ISNAN(y) || NOTAFTER(x, y) ? x : y)
SCALAR_TERNARY(where, b1, T, T, T, x ? y : z)
// As in NumPy, a NaN in a bound's imaginary part does not make the bound incomparable.
#define ABOVE(x, y) ((x).re > (y).re || ((x).re == (y).re && (x).im > (y).im))
#ifdef DEFINING
static inline T PASTE2(clip_, T)(T x, T low, T high) {
  T raised = ISNAN(x) || ABOVE(x, low) ? x : low;
  return ISNAN(raised) || ABOVE(high, raised) ? raised : high;
}
#endif
SCALAR_TERNARY(clip, T, T, T, T, PASTE2(clip_, T)(x, y, z))

#undef ISNAN
#undef REAL_BEFORE
#undef BEFORE
#undef NOTAFTER
#undef ISTRUE
#undef LARGER
#undef SMALLER
#undef ABOVE
