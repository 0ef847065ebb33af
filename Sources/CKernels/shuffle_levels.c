// The shuffles' inner loops, compiled for each instruction set, and the table that picks one.
#include "shuffle_levels.h"

#include <string.h>

#include "levels.h"
#include "shuffle_bits.h"

static void transpose_bits_portable(uint8_t *bytes, size_t count) { transpose_bits_inline(bytes, count); }

static const struct shuffle_level portable = {
    ckernels_split_portable, ckernels_join_portable, transpose_bits_portable};

#if defined(__x86_64__)
#include <immintrin.h>

// 16-byte vectors: every x86-64 has them.
#define LEVEL(name) name##_sse2
#define TARGET
#define LANES 1
#define vector __m128i
#define LOW(a, b) _mm_unpacklo_epi8(a, b)
#define HIGH(a, b) _mm_unpackhi_epi8(a, b)
#define EVEN(a, b) _mm_packus_epi16(_mm_and_si128(a, _mm_set1_epi16(255)), _mm_and_si128(b, _mm_set1_epi16(255)))
#define ODD(a, b) _mm_packus_epi16(_mm_srli_epi16(a, 8), _mm_srli_epi16(b, 8))
#include "shuffle_vector.h"
#undef LEVEL
#undef TARGET
#undef LANES
#undef vector
#undef LOW
#undef HIGH
#undef EVEN
#undef ODD

// 32-byte vectors, for two levels: with AVX-512 the compiler has twice the registers, which size 16 needs.
#define LANES 2
#define vector __m256i
#define LOW(a, b) _mm256_unpacklo_epi8(a, b)
#define HIGH(a, b) _mm256_unpackhi_epi8(a, b)
#define EVEN(a, b) \
  _mm256_packus_epi16(_mm256_and_si256(a, _mm256_set1_epi16(255)), _mm256_and_si256(b, _mm256_set1_epi16(255)))
#define ODD(a, b) _mm256_packus_epi16(_mm256_srli_epi16(a, 8), _mm256_srli_epi16(b, 8))
#define FIRST_LANES(a, b) _mm256_permute2x128_si256(a, b, 0x20)
#define SECOND_LANES(a, b) _mm256_permute2x128_si256(a, b, 0x31)

#define LEVEL(name) name##_avx2
#define TARGET __attribute__((target("avx2")))
#include "shuffle_vector.h"
TARGET static void transpose_bits_avx2(uint8_t *bytes, size_t count) { transpose_bits_inline(bytes, count); }
#undef LEVEL
#undef TARGET

#define LEVEL(name) name##_avx512
#define TARGET __attribute__((target("avx512f,avx512bw,avx512vl,gfni")))
#include "shuffle_vector.h"

// One instruction multiplies 8 x 8 bit matrices: each row of the unit matrix by the data gives a column of the data,
// upside down, because the instruction counts the matrix's rows from the last byte.
TARGET static void transpose_bits_avx512(uint8_t *bytes, size_t count) {
  const __m512i unit = _mm512_set1_epi64((long long)0x8040201008040201ULL);
  const __m512i mirror = _mm512_set1_epi64((long long)0x8040201008040201ULL);
  size_t offset = 0;
  for (; offset + 64 <= count; offset += 64) {
    __m512i columns = _mm512_gf2p8affine_epi64_epi8(unit, _mm512_loadu_si512(bytes + offset), 0);
    _mm512_storeu_si512(bytes + offset, _mm512_gf2p8affine_epi64_epi8(columns, mirror, 0));
  }
  transpose_bits_inline(bytes + offset, count - offset);
}

static void transpose_bits_sse2(uint8_t *bytes, size_t count) { transpose_bits_inline(bytes, count); }

static const struct shuffle_level sse2 = {split_sse2, join_sse2, transpose_bits_sse2};
static const struct shuffle_level avx2 = {split_avx2, join_avx2, transpose_bits_avx2};
static const struct shuffle_level avx512 = {split_avx512, join_avx512, transpose_bits_avx512};
#endif

const struct shuffle_level *ckernels_shuffle_level(int level) {
  switch (ckernels_level(level)) {
#if defined(__x86_64__)
    case CKERNELS_SSE2: return &sse2;
    case CKERNELS_AVX2: return &avx2;
    case CKERNELS_AVX512: return &avx512;
#endif
    default: return &portable;
  }
}
