// Chooses the kernel of an element type and brings memory into the form it wants; included by moments_isa.h only.

// float16 becomes float32, exactly.
static void ISA(widen_half)(const uint16_t *x, int n, float *out) {
  int i = 0;
#if defined(HAS_F16C)
  for (; i + 8 <= n; i += 8)
    _mm256_storeu_ps(out + i, _mm256_cvtph_ps(_mm_loadu_si128((const __m128i *)(x + i))));
#endif
  for (; i < n; i++) {
    uint32_t sign = (uint32_t)(x[i] & 0x8000) << 16, rest = x[i] & 0x7fff, bits;
    if (rest >= 0x7c00) {
      bits = 0x7f800000 | (rest & 0x3ff ? 0x400000 | rest << 13 : 0);
    } else {
      // A half's exponent is 112 smaller than a float's.
      float scaled = (float)(int)(rest < 0x400 ? rest : 0) * 0x1p-24f;
      if (rest < 0x400)
        memcpy(&bits, &scaled, 4);
      else
        bits = (rest << 13) + (112u << 23);
    }
    bits |= sign;
    memcpy(out + i, &bits, 4);
  }
}

// Every byte but zero means true.
static void ISA(moments_bool)(const uint8_t *x, int64_t count, int places, struct ckernels_moments *out) {
  int64_t truths = 0;
  typedef uint8_t bytes __attribute__((ext_vector_type(64)));
  typedef uint8_t bytes_u __attribute__((ext_vector_type(64), aligned(1)));
  typedef uint16_t pairs __attribute__((ext_vector_type(64)));
  for (int64_t i = 0; i < count;) {
    int64_t stop = count - i > 255 * 64 ? i + 255 * 64 : count;
    bytes ones = 0;
    for (; i + 64 <= stop; i += 64) ones -= (bytes)(*(const bytes_u *)(x + i) != 0);
    pairs wide = __builtin_convertvector(ones, pairs);
    for (int k = 0; k < 64; k++) truths += wide[k];
    for (; i < stop; i++) truths += x[i] != 0;
  }
  double n = (double)count, s = (double)truths;
  out->wrapped = (uint64_t)truths;
  out->sum_high = s;
  out->spread = (double)((__int128)truths * (count - truths)) / n;
  out->zero_count = count - truths;
  int64_t first_false = 0, first_true = 0;
  if ((places & LOWEST_OF) && truths != count && truths != 0) {
    const uint8_t *zero = memchr(x, 0, (size_t)count);
    first_false = zero ? zero - x : 0;
  }
  if ((places & HIGHEST_OF) && truths != count && truths != 0) {
    while (first_true < count - 1 && x[first_true] == 0) {
      uint64_t word = 0;
      if (first_true + 8 <= count) memcpy(&word, x + first_true, 8);
      first_true += first_true + 8 <= count && word == 0 ? 8 : 1;
    }
  }
  out->minimum_at = first_false;
  out->maximum_at = first_true;
}

// Widens tile by tile, then as for float32.
static void ISA(moments_half)(const uint16_t *x, int64_t count, struct ckernels_moments *out) {
  enum { TILE = 4096 };
  struct tile stack[64];
  int depth = 0;
  float values[TILE], smallest = INFINITY, largest = -INFINITY;
  for (int64_t start = 0, number = 0; start < count; start += TILE, number++) {
    int n = count - start < TILE ? (int)(count - start) : TILE;
    ISA(widen_half)(x + start, n, values);
    struct ckernels_moments part = {0};
    ISA(moments_f4)(values, n, LOWEST_OF | HIGHEST_OF, &part);
    struct tile t = {.n = n, .high = part.sum_high, .low = part.sum_low, .spread = part.spread};
    ISA(push_tile)(stack, &depth, number, &t);
    out->zero_count += part.zero_count;
    out->infinity_count += part.infinity_count;
    int had_nan = out->nan_count != 0;
    out->nan_count += part.nan_count;
    if (had_nan) continue;
    float lo = values[part.minimum_at], hi = values[part.maximum_at];
    if (start == 0 || part.nan_count != 0 || lo < smallest) smallest = lo, out->minimum_at = start + part.minimum_at;
    if (start == 0 || part.nan_count != 0 || hi > largest) largest = hi, out->maximum_at = start + part.maximum_at;
  }
  ISA(finish_tiles)(stack, depth, out);
}

// `places` says of which extremes the positions are wanted; of others they may be any.
static void ISA(moments_at)(int type, const void *x, int64_t count, int places, struct ckernels_moments *out) {
  int64_t place = count == 0 ? -1 : 0;
  *out = (struct ckernels_moments){.count = count, .minimum_at = place, .maximum_at = place};
  if (count == 0) return;
  switch (type) {
    case CKERNELS_BOOL: ISA(moments_bool)(x, count, places, out); break;
    case CKERNELS_I1: ISA(moments_i1)(x, count, places, out); break;
    case CKERNELS_I2: ISA(moments_i2)(x, count, places, out); break;
    case CKERNELS_I4: ISA(moments_i4)(x, count, places, out); break;
    case CKERNELS_I8: ISA(moments_i8)(x, count, places, out); break;
    case CKERNELS_U1: ISA(moments_u1)(x, count, places, out); break;
    case CKERNELS_U2: ISA(moments_u2)(x, count, places, out); break;
    case CKERNELS_U4: ISA(moments_u4)(x, count, places, out); break;
    case CKERNELS_U8: ISA(moments_u8)(x, count, places, out); break;
    case CKERNELS_F2: ISA(moments_half)(x, count, out); break;
    case CKERNELS_F4: ISA(moments_f4)(x, count, places, out); break;
    case CKERNELS_F8: ISA(moments_f8)(x, count, places, out); break;
    case CKERNELS_C8: ISA(moments_c8)(x, count, out); break;
    default: ISA(moments_c16)(x, count, out); break;
  }
}

static void ISA(moments_of)(int type, const void *x, int64_t count, struct ckernels_moments *out) {
  ISA(moments_at)(type, x, count, LOWEST_OF | HIGHEST_OF, out);
}

static int ISA(byte_count)(int type) {
  static const int8_t sizes[] = {1, 1, 2, 4, 8, 1, 2, 4, 8, 2, 4, 8, 8, 16};
  return sizes[type];
}

static void ISA(add_run)(int type, const void *x, int64_t count, int64_t prior, int64_t first, int axes,
                         const int64_t *extents, const int64_t *strides, const struct ckernels_partials *state) {
  struct ckernels_moments m;
  ISA(moments_at)(type, x, count, (state->minimum ? LOWEST_OF : 0) | (state->maximum ? HIGHEST_OF : 0), &m);
  int64_t low = m.minimum_at, high = m.maximum_at, low_at = first, high_at = first;
  for (int axis = axes - 1; axis >= 0; axis--) {
    low_at += low % extents[axis] * strides[axis];
    low /= extents[axis];
    high_at += high % extents[axis] * strides[axis];
    high /= extents[axis];
  }
#define ADD(name, type)                                                                                       \
  ISA(PASTE(add_moments, name))                                                                               \
  (&m, ((const type *)x)[m.minimum_at], ((const type *)x)[m.maximum_at], low_at, high_at, prior, state); \
  break
  switch (type) {
    case CKERNELS_BOOL: {
      uint8_t lowest = ((const uint8_t *)x)[m.minimum_at] != 0, highest = ((const uint8_t *)x)[m.maximum_at] != 0;
      ISA(add_moments_b1)(&m, lowest, highest, low_at, high_at, prior, state);
      break;
    }
    case CKERNELS_I1: ADD(i1, int8_t);
    case CKERNELS_I2: ADD(i2, int16_t);
    case CKERNELS_I4: ADD(i4, int32_t);
    case CKERNELS_I8: ADD(i8, int64_t);
    case CKERNELS_U1: ADD(u1, uint8_t);
    case CKERNELS_U2: ADD(u2, uint16_t);
    case CKERNELS_U4: ADD(u4, uint32_t);
    case CKERNELS_U8: ADD(u8, uint64_t);
    case CKERNELS_F2: {
      float extremes[2];
      ISA(widen_half)((const uint16_t *)x + m.minimum_at, 1, extremes);
      ISA(widen_half)((const uint16_t *)x + m.maximum_at, 1, extremes + 1);
      ISA(add_moments_f4)(&m, extremes[0], extremes[1], low_at, high_at, prior, state);
      break;
    }
    case CKERNELS_F4: ADD(f4, float);
    case CKERNELS_F8: ADD(f8, double);
    case CKERNELS_C8: ADD(c8, ISA(complex_c8));
    default: ADD(c16, ISA(complex_c16));
  }
#undef ADD
}

static void ISA(merge)(int type, int64_t width, const struct ckernels_partials *a, int64_t prior,
                       const struct ckernels_partials *b, int64_t added) {
  switch (type) {
    case CKERNELS_BOOL: ISA(merge_b1)(width, a, prior, b, added); break;
    case CKERNELS_U1: ISA(merge_u1)(width, a, prior, b, added); break;
    case CKERNELS_I1: ISA(merge_i1)(width, a, prior, b, added); break;
    case CKERNELS_I2: ISA(merge_i2)(width, a, prior, b, added); break;
    case CKERNELS_I4: ISA(merge_i4)(width, a, prior, b, added); break;
    case CKERNELS_I8: ISA(merge_i8)(width, a, prior, b, added); break;
    case CKERNELS_U2: ISA(merge_u2)(width, a, prior, b, added); break;
    case CKERNELS_U4: ISA(merge_u4)(width, a, prior, b, added); break;
    case CKERNELS_U8: ISA(merge_u8)(width, a, prior, b, added); break;
    case CKERNELS_F2:
    case CKERNELS_F4: ISA(merge_f4)(width, a, prior, b, added); break;
    case CKERNELS_F8: ISA(merge_f8)(width, a, prior, b, added); break;
    case CKERNELS_C8: ISA(merge_c8)(width, a, prior, b, added); break;
    default: ISA(merge_c16)(width, a, prior, b, added); break;
  }
}
