// Moduli: of float32 in float64, of float64 scaled where squares would overflow or lose bits.

static inline f8 infinity_or(f8 x, f8 y, f8 size) {
  int infinite = __builtin_elementwise_abs(x) == INFINITY || __builtin_elementwise_abs(y) == INFINITY;
  return infinite ? INFINITY : size;
}
static void hypot_f4(int64_t n, const f4 *a, const f4 *b, f4 *r) {
  VECTORS for (int64_t i = 0; i < n; i++) {
    f8 x = a[i], y = b[i];
    r[i] = (f4)infinity_or(x, y, __builtin_elementwise_sqrt(x * x + y * y));
  }
}
static void hypot_f8(int64_t n, const f8 *a, const f8 *b, f8 *r) {
  VECTORS for (int64_t i = 0; i < n; i++) {
    f8 x = __builtin_elementwise_abs(a[i]), y = __builtin_elementwise_abs(b[i]), large = x > y ? x : y;
    f8 scale = large > 0x1p500 ? 0x1p-600 : large < 0x1p-400 ? 0x1p600 : 1;
    f8 back = large > 0x1p500 ? 0x1p600 : large < 0x1p-400 ? 0x1p-600 : 1;
    x *= scale;
    y *= scale;
    r[i] = infinity_or(a[i], b[i], __builtin_elementwise_sqrt(x * x + y * y) * back);
  }
}
