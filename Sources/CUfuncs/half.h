// float16 elements: computed in float32 and rounded once, to nearest even.

static inline f4 bits_f4(u4 bits) {
  f4 value;
  memcpy(&value, &bits, sizeof value);
  return value;
}
static inline u4 f4_bits(f4 value) {
  u4 bits;
  memcpy(&bits, &value, sizeof bits);
  return bits;
}
static inline f8 bits_f8(u8 bits) {
  f8 value;
  memcpy(&value, &bits, sizeof value);
  return value;
}
static inline u8 f8_bits(f8 value) {
  u8 bits;
  memcpy(&bits, &value, sizeof bits);
  return bits;
}

#ifdef HAS_FMA
static inline f4 widen(f2 half) {
  _Float16 value;
  memcpy(&value, &half, sizeof value);
  return (f4)value;
}
static inline f2 narrow(f4 value) {
  _Float16 rounded = (_Float16)value;
  f2 half;
  memcpy(&half, &rounded, sizeof half);
  return half;
}
#else
static inline f4 widen(f2 half) {
  u4 magnitude = half & 0x7fffu, sign = (u4)(half & 0x8000u) << 16;
  // The exponent is rebiased by a product, which also makes denormals normal.
  u4 finite = f4_bits(bits_f4(magnitude << 13) * 0x1p112f);
  u4 special = 0x7f800000u | magnitude << 13 | (magnitude > 0x7c00u ? 0x400000u : 0);
  return bits_f4(sign | (magnitude >= 0x7c00u ? special : finite));
}
static inline f2 narrow(f4 value) {
  u4 bits = f4_bits(value), magnitude = bits & 0x7fffffffu;
  // Below the smallest normal: adding 1/2 leaves the rounded result in the last bits.
  u4 denormal = f4_bits(bits_f4(magnitude) + 0.5f) - 0x3f000000u;
  u4 normal = (magnitude - 0x38000000u + 0xfffu + (magnitude >> 13 & 1)) >> 13;
  u4 result = magnitude < 0x38800000u ? denormal : normal;
  result = magnitude >= 0x47800000u ? 0x7c00u : result;
  result = magnitude > 0x7f800000u ? (0x7e00u | (magnitude >> 13 & 0x1ffu)) : result;
  return (f2)(result | (bits >> 16 & 0x8000u));
}
#endif

// A double as the float whose last bit tells that something was cut off: rounding that to fewer bits rounds only once.
static inline f4 round_to_odd(f8 value) {
  f4 nearest = (f4)value;
  f8 back = nearest;
  u4 bits = f4_bits(nearest);
  int inexact = (back != value) & (value == value);
  u4 towards = __builtin_fabs(back) > __builtin_fabs(value) ? bits - 1 : bits + 1;
  return bits_f4(inexact & ~bits & 1 ? towards : bits);
}
