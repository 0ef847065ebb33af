// Cube roots: of float32 in float64, of float64 corrected by what is left of the number.

// Within 2^-45, for numbers between 2^-700 and 2^700: two steps of Halley's iteration from a third of the exponent.
static inline f8 near_cbrt(f8 size) {
  // The upper half of the bits is divided by 3 by a product with 2^32 / 3.
  u8 third = (f8_bits(size) >> 32) * 0x55555556 >> 32;
  f8 y = bits_f8((third + 0x2a9f7893) << 32);
  for (int step = 0; step < 2; step++) {
    f8 cube = y * y * y;
    y = y * (cube + 2 * size) / (2 * cube + size);
  }
  return y;
}
static void cbrt_f4(int64_t n, const f4 *a, f4 *r) {
  VECTORS for (int64_t i = 0; i < n; i++) {
    f8 x = a[i], size = __builtin_elementwise_abs(x), y = near_cbrt(size);
    r[i] = (f4)__builtin_elementwise_copysign(size > 0 && size < INFINITY ? y : size, x);
  }
}
#ifdef HAS_FMA
static void cbrt_f8(int64_t n, const f8 *a, f8 *r) {
  VECTORS for (int64_t i = 0; i < n; i++) {
    f8 x = a[i], size = __builtin_elementwise_abs(x);
    int large = size > 0x1p600, small = size < 0x1p-600;
    f8 scaled = size * (large ? 0x1p-600 : small ? 0x1p600 : 1);
    f8 y = near_cbrt(scaled);
    // Newton's step with the cube as a sum of three numbers, of which nothing is lost.
    f8 square = y * y, square_rest = __builtin_elementwise_fma(y, y, -square);
    f8 cube = square * y, cube_rest = __builtin_elementwise_fma(square, y, -cube);
    y += ((scaled - cube) - cube_rest - square_rest * y) / (3 * square);
    y *= large ? 0x1p200 : small ? 0x1p-200 : 1;
    r[i] = __builtin_elementwise_copysign(size > 0 && size < INFINITY ? y : size, x);
  }
}
#else
vector_function SLEEF_f8(cbrt, u10);
static void cbrt_f8(int64_t n, const f8 *a, f8 *r) { map_f8(n, a, r, SLEEF_f8(cbrt, u10)); }
#endif
