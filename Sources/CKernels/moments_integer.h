// One tile of integers; included by moments_type.h only. Sums of integers are exact, so lanes are free to differ.

enum { NAME(TILE) = 16384 / sizeof(T) };

static int NAME(tile)(const T *x, int n, struct tile *t, T *smallest, T *largest, struct ckernels_moments *out) {
  int whole = n / PER * PER;
  T lo = HIGHEST, hi = LOWEST;
  int64_t zeros = 0;
  {
    VEC l = (VEC)HIGHEST, h = (VEC)LOWEST;
    int i = 0;
    while (i < whole) {
      // A count of zeros must fit the element type: at most 127 steps.
      int stop = whole - i > 127 * PER ? i + 127 * PER : whole;
      __typeof__(l == l) z = 0;
      for (; i < stop; i += PER) {
        VEC v = LOAD(x + i);
        l = v < l ? v : l;
        h = v > h ? v : h;
        z -= v == 0;
      }
      for (int k = 0; k < PER; k++) zeros += z[k];
    }
    for (int k = 0; k < PER; k++) {
      lo = l[k] < lo ? l[k] : lo;
      hi = h[k] > hi ? h[k] : hi;
    }
  }
  for (int i = whole; i < n; i++) {
    lo = x[i] < lo ? x[i] : lo;
    hi = x[i] > hi ? x[i] : hi;
    zeros += x[i] == 0;
  }
  *smallest = lo;
  *largest = hi;
  out->zero_count += zeros;
#if BITS < 64
  __int128 sum = 0;
  unsigned __int128 squares = 0;
#if BITS == 8
  int64_t s = 0;
  uint64_t q = 0;
  int i = 0;
  while (i < n) {
    // 32-bit sums of 16384 squares of at most 2^16.
    int stop = n - i > 16384 ? i + 16384 : n;
    int32_t part = 0;
    uint32_t part_squares = 0;
    for (; i < stop; i++) {
      int32_t v = x[i];
      part += v;
      part_squares += (uint32_t)(v * v);
    }
    s += part;
    q += part_squares;
  }
  sum = s;
  squares = q;
#elif BITS == 16
  int64_t s = 0;
  uint64_t q = 0;
  for (int i = 0; i < n; i++) {
    int64_t v = x[i];
    s += v;
    q += (uint32_t)(x[i] < 0 ? -v : v) * (uint32_t)(x[i] < 0 ? -v : v);
  }
  sum = s;
  squares = q;
#else
  // A square takes up to 64 bits: its halves are summed apart.
  int64_t s = 0;
  uint64_t low = 0, high = 0;
  for (int i = 0; i < n; i++) {
#ifdef SIGNED
    int64_t v = x[i];
    uint64_t q = (uint64_t)(v * v);
#else
    uint64_t v = x[i];
    uint64_t q = v * v;
#endif
    s += (int64_t)v;
    low += q & UINT32_MAX;
    high += q >> 32;
  }
  sum = s;
  squares = ((unsigned __int128)high << 32) + low;
#endif
  out->wrapped += (uint64_t)sum;
  t->high = (double)sum;
  t->low = 0;
  // n * squares - sum^2 is exact: 2^14 * 2^78 at most.
  t->spread = (double)((__int128)(squares * (unsigned)n) - sum * sum) / n;
#else
  // 64-bit elements: halves summed apart give the exact sum; distances from the mean are doubles.
  uint64_t low = 0;
  int64_t high = 0;
  for (int i = 0; i < n; i++) {
    low += (uint64_t)x[i] & UINT32_MAX;
#ifdef SIGNED
    high += x[i] >> 32;
#else
    high += (int64_t)(x[i] >> 32);
#endif
  }
  __int128 sum = (__int128)high * ((__int128)1 << 32) + low;
  out->wrapped += (uint64_t)sum;
  double s = (double)sum;
  t->high = s;
  t->low = (double)(sum - (__int128)s);
  double m = s / n;
  doubles r[4] = {0, 0, 0, 0}, q[4] = {0, 0, 0, 0};
  double lanes[LANES], square_lanes[LANES];
  int even = n / LANES * LANES;
  for (int i = 0; i < even; i += LANES)
#pragma clang loop unroll(full)
    for (int k = 0; k < 4; k++) {
      // Both halves become doubles by their bit patterns, exactly; their sum rounds as a conversion does.
      typedef uint64_t words __attribute__((ext_vector_type(8)));
      typedef uint64_t words_u __attribute__((ext_vector_type(8), aligned(1)));
      words v = *(const words_u *)(x + i + 8 * k);
      words low_bits = (v & UINT32_MAX) | 0x4330000000000000u;  // 2^52 + low half
#ifdef SIGNED
      words high_bits = (v >> 32) ^ 0x4530000080000000u;  // 2^84 + 2^63 + high half * 2^32
      doubles d = ((doubles)high_bits - 0x1.00000801p84) + (doubles)low_bits;
#else
      words high_bits = (v >> 32) ^ 0x4530000000000000u;  // 2^84 + high half * 2^32
      doubles d = ((doubles)high_bits - 0x1.00000001p84) + (doubles)low_bits;
#endif
      d -= m;
      r[k] += d;
      q[k] += d * d;
    }
  memcpy(lanes, r, sizeof lanes);
  memcpy(square_lanes, q, sizeof square_lanes);
  for (int i = even; i < n; i++) {
    double d = (double)x[i] - m;
    lanes[i - even] += d;
    square_lanes[i - even] += d * d;
  }
  t->spread = ISA(correct_spread)(n, ISA(fold)(square_lanes, 1, 0), ISA(fold)(lanes, 1, 0));
#endif
  return 0;
}
