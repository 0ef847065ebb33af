// Significands, exponents and products with powers of two, where AVX-512 has instructions for them. Included by
// float_parts.h only, for float32 and float64.

#define SCALE(T, B, lanes, mask, register, load, load_exponents, scale, store)                    \
  static int64_t ldexp_##T##_##B##_##T(int64_t n, const void *const *in, void *const *out) {      \
    const T *a = in[0];                                                                           \
    const B *b = in[1];                                                                           \
    T *r = out[0];                                                                                \
    for (int64_t i = 0; i < n; i += lanes) {                                                      \
      mask some = n - i < lanes ? (mask)((1u << (n - i)) - 1) : (mask)-1;                         \
      register x = load(some, a + i);                                                             \
      /* An exponent that is rounded here is far beyond what leaves a number. */                  \
      store(r + i, some, scale(x, load_exponents(some, b + i)));                                  \
    }                                                                                             \
    return -1;                                                                                    \
  }
#ifdef SINGLE
#define EXPONENTS(some, p) _mm512_cvtepi32_ps(_mm512_maskz_loadu_epi32(some, p))
SCALE(f4, i4, 16, __mmask16, __m512, _mm512_maskz_loadu_ps, EXPONENTS, _mm512_scalef_ps, _mm512_mask_storeu_ps)
#undef EXPONENTS
#else
#define EXPONENTS(some, p) _mm512_cvtepi32_pd(_mm256_maskz_loadu_epi32(some, p))
SCALE(f8, i4, 8, __mmask8, __m512d, _mm512_maskz_loadu_pd, EXPONENTS, _mm512_scalef_pd, _mm512_mask_storeu_pd)
#undef EXPONENTS
#define EXPONENTS(some, p) _mm512_cvtepi64_pd(_mm512_maskz_loadu_epi64(some, p))
SCALE(f8, i8, 8, __mmask8, __m512d, _mm512_maskz_loadu_pd, EXPONENTS, _mm512_scalef_pd, _mm512_mask_storeu_pd)
#undef EXPONENTS
#endif
#undef SCALE

// 0, infinities and NaN stay, with exponent 0.
#define SPECIAL 0x9f
#ifdef SINGLE
static int64_t frexp_f4_f4(int64_t n, const void *const *in, void *const *out) {
  const f4 *a = in[0];
  f4 *r = out[0];
  i4 *exponents = out[1];
  for (int64_t i = 0; i < n; i += 16) {
    __mmask16 some = n - i < 16 ? (__mmask16)((1u << (n - i)) - 1) : (__mmask16)-1;
    __m512 x = _mm512_maskz_loadu_ps(some, a + i);
    __mmask16 usual = (__mmask16)~_mm512_fpclass_ps_mask(x, SPECIAL);
    __m512 significand = _mm512_mask_getmant_ps(x, usual, x, _MM_MANT_NORM_p5_1, _MM_MANT_SIGN_src);
    __m512i exponent = _mm512_maskz_cvtps_epi32(usual, _mm512_add_ps(_mm512_getexp_ps(x), _mm512_set1_ps(1)));
    _mm512_mask_storeu_ps(r + i, some, significand);
    _mm512_mask_storeu_epi32(exponents + i, some, exponent);
  }
  return -1;
}
#else
static int64_t frexp_f8_f8(int64_t n, const void *const *in, void *const *out) {
  const f8 *a = in[0];
  f8 *r = out[0];
  i4 *exponents = out[1];
  for (int64_t i = 0; i < n; i += 8) {
    __mmask8 some = n - i < 8 ? (__mmask8)((1u << (n - i)) - 1) : (__mmask8)-1;
    __m512d x = _mm512_maskz_loadu_pd(some, a + i);
    __mmask8 usual = (__mmask8)~_mm512_fpclass_pd_mask(x, SPECIAL);
    __m512d significand = _mm512_mask_getmant_pd(x, usual, x, _MM_MANT_NORM_p5_1, _MM_MANT_SIGN_src);
    __m256i exponent = _mm512_maskz_cvtpd_epi32(usual, _mm512_add_pd(_mm512_getexp_pd(x), _mm512_set1_pd(1)));
    _mm512_mask_storeu_pd(r + i, some, significand);
    _mm256_mask_storeu_epi32(exponents + i, some, exponent);
  }
  return -1;
}
#endif
#undef SPECIAL
