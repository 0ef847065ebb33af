// Elementary functions of float32, computed in float64 with errors far below float32's rounding, so that nearly all
// results are correctly rounded. Plain expressions that the compiler makes vectors of; used where they are faster than
// SLEEF's.

#ifdef HAS_FMA
#define MULTIPLY_ADD(a, b, c) __builtin_elementwise_fma(a, b, c)
#else
#define MULTIPLY_ADD(a, b, c) ((a) * (b) + (c))
#endif
// c[0] + c[1] x + ... for `count` coefficients.
#define POLYNOMIAL(x, c) polynomial(x, c, sizeof c / sizeof *c)
static inline __attribute__((always_inline)) f8 polynomial(f8 x, const f8 *c, size_t count) {
  f8 sum = c[count - 1];
  for (size_t i = count - 1; i > 0; i--) sum = MULTIPLY_ADD(sum, x, c[i - 1]);
  return sum;
}

// e^x - 1 for |x| < 700, by its power series for what is left after a power of 2.
static inline f8 wide_expm1(f8 x) {
  static const f8 c[] = {1, 1.0 / 2, 1.0 / 6, 1.0 / 24, 1.0 / 120, 1.0 / 720, 1.0 / 5040, 1.0 / 40320, 1.0 / 362880};
  f8 n = __builtin_elementwise_roundeven(x * M_LOG2E);
  f8 r = MULTIPLY_ADD(n, -0x1.62e42fefa39efp-1, x);
  f8 scale = bits_f8((u8)((i8)(i4)n + 1023) << 52);
  return MULTIPLY_ADD(scale, r * POLYNOMIAL(r, c), scale - 1);
}
// The natural logarithm of a normal number x > 0, by the power series for significands about 1.
static inline f8 wide_log(f8 x) {
  static const f8 c[] = {2, 2.0 / 3, 2.0 / 5, 2.0 / 7, 2.0 / 9, 2.0 / 11, 2.0 / 13, 2.0 / 15};
  u8 bits = f8_bits(x);
  // Significands from the square root of 1/2 to that of 2; the rest is a power of 2.
  i4 power = (i4)((i8)(bits - 0x3fe6a09e667f3bcd) >> 32) >> 20;
  f8 m = bits_f8(bits - ((u8)(i8)power << 52));
  f8 s = (m - 1) / (m + 1);
  return MULTIPLY_ADD((f8)power, M_LN2, s * POLYNOMIAL(s * s, c));
}
// ln(1 + x) for x > -1; near 0 by its power series.
static inline f8 wide_log1p(f8 x) {
  f8 near = x * MULTIPLY_ADD(x, MULTIPLY_ADD(x, 1.0 / 3, -0.5), 1.0);
  f8 far = wide_log(1 + x);
  return __builtin_elementwise_abs(x) < 0x1p-12 ? near : far;
}
static inline f8 wide_clamp(f8 x, f8 limit) { return x > limit ? limit : x < -limit ? -limit : x; }

static inline f8 single_expm1(f8 x) {
  return __builtin_elementwise_copysign(wide_expm1(wide_clamp(x, 100)), x);
}
static inline f8 single_sinh(f8 x) {
  f8 e = wide_expm1(wide_clamp(__builtin_elementwise_abs(x), 100));
  return __builtin_elementwise_copysign(0.5 * (e + e / (e + 1)), x);
}
static inline f8 single_cosh(f8 x) {
  f8 e = wide_expm1(wide_clamp(__builtin_elementwise_abs(x), 100)) + 1;
  return 0.5 * (e + 1 / e);
}
static inline f8 single_tanh(f8 x) {
  f8 e = wide_expm1(wide_clamp(2 * __builtin_elementwise_abs(x), 50));
  return __builtin_elementwise_copysign(e / (e + 2), x);
}
static inline f8 single_asinh(f8 x) {
  f8 size = __builtin_elementwise_abs(x), square = size * size;
  f8 y = wide_log1p(size + square / (1 + __builtin_elementwise_sqrt(1 + square)));
  return __builtin_elementwise_copysign(size < INFINITY ? y : size, x);
}
static inline f8 single_acosh(f8 x) {
  f8 t = x - 1;
  f8 y = wide_log1p(t + __builtin_elementwise_sqrt(t * (t + 2)));
  return x >= 1 ? x < INFINITY ? y : x : NAN;
}
// e^x for |x| < 700.
static inline f8 wide_exp(f8 x) {
  static const f8 c[] = {1, 1.0 / 2, 1.0 / 6, 1.0 / 24, 1.0 / 120, 1.0 / 720, 1.0 / 5040, 1.0 / 40320, 1.0 / 362880};
  f8 n = __builtin_elementwise_roundeven(x * M_LOG2E);
  f8 r = MULTIPLY_ADD(n, -0x1.62e42fefa39efp-1, x);
  f8 scale = bits_f8((u8)((i8)(i4)n + 1023) << 52);
  return MULTIPLY_ADD(scale, r * POLYNOMIAL(r, c), scale);
}
// x^y by the logarithm of |x|, which is good to far more bits than y times it needs.
static inline f8 single_pow(f8 x, f8 y) {
  f8 size = __builtin_elementwise_abs(x), log = wide_log(size);
  log = size == 0 ? -INFINITY : size < INFINITY ? log : size;
  // Whatever the other is: x^0 and 1^y are 1; and an infinite y leaves -1 without a size.
  int one = (y == 0) | (x == 1) | ((size == 1) & (y == y));
  f8 power = wide_exp(wide_clamp(one ? 0 : y * log, 200));
  f8 half = y * 0.5;
  int whole = __builtin_elementwise_trunc(y) == y, odd = whole & (__builtin_elementwise_trunc(half) != half);
  power = odd ? __builtin_elementwise_copysign(power, x) : power;
  int none = (x < 0) & (size < INFINITY) & !whole & (y == y);
  return none ? NAN : power;
}
