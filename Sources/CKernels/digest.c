// The polynomial sums of the content digest: blocks of words times a table of powers, without reductions inside a
// block, then one reduction and one multiplication modulo 2^61 - 1 per block and base.
#include "digest.h"

#include <pthread.h>
#include <string.h>

#include "levels.h"

enum { BLOCK = 512 };
static const uint64_t prime = ((uint64_t)1 << 61) - 1;

// Powers 0 ..< BLOCK of both bases, whole for 64 x 64 bit multiplication and cut into limbs for 32 x 32 bit vectors.
// Limbs of 21 bits times words of 32 leave room to add a block's products in 64 bits; words of up to 16 bits allow
// limbs of 31.
static struct {
  uint64_t whole[2][BLOCK];
  uint32_t limb21[2][3][BLOCK];
  uint32_t limb31[2][2][BLOCK];
  uint64_t block[2];  // power BLOCK
} powers;
static pthread_once_t powers_once = PTHREAD_ONCE_INIT;

static inline uint64_t reduce(unsigned __int128 value) {
  const uint64_t low = (uint64_t)value & prime;
  const uint64_t middle = (uint64_t)(value >> 61) & prime;
  const uint64_t high = (uint64_t)(value >> 122);
  uint64_t sum = low + middle + high;
  sum = (sum & prime) + (sum >> 61);
  return sum >= prime ? sum - prime : sum;
}

static inline uint64_t multiply(uint64_t a, uint64_t b) { return reduce((unsigned __int128)a * b); }

static void fill_powers(void) {
  const uint64_t bases[2] = {ckernels_digest_base_0, ckernels_digest_base_1};
  for (int base = 0; base < 2; base++) {
    uint64_t power = 1;
    for (int index = 0; index < BLOCK; index++) {
      powers.whole[base][index] = power;
      powers.limb21[base][0][index] = power & 0x1fffff;
      powers.limb21[base][1][index] = power >> 21 & 0x1fffff;
      powers.limb21[base][2][index] = (uint32_t)(power >> 42);
      powers.limb31[base][0][index] = power & 0x7fffffff;
      powers.limb31[base][1][index] = (uint32_t)(power >> 31);
      power = multiply(power, bases[base]);
    }
    powers.block[base] = power;
  }
}

static inline uint64_t load_word(const uint8_t *bytes, int word_byte_count) {
  if (word_byte_count == 1) return *bytes;
  if (word_byte_count == 2) {
    uint16_t word;
    memcpy(&word, bytes, 2);
    return word;
  }
  uint32_t word;
  memcpy(&word, bytes, 4);
  return word;
}

// The sums of up to BLOCK words, the first with weight 1. A product has at most 93 bits: 512 of them fit in 128.
static inline __attribute__((always_inline)) void block_inline(
    uint64_t sums[2], const uint8_t *bytes, size_t first, size_t count, const int word_byte_count) {
  unsigned __int128 sum0 = 0, sum1 = 0;
  for (size_t index = first; index < count; index++) {
    const uint64_t word = load_word(bytes + index * word_byte_count, word_byte_count);
    sum0 += (unsigned __int128)word * powers.whole[0][index];
    sum1 += (unsigned __int128)word * powers.whole[1][index];
  }
  sums[0] = reduce(sum0);
  sums[1] = reduce(sum1);
}

static void block_portable(uint64_t sums[2], const uint8_t *bytes, size_t first, size_t count, int word_byte_count) {
  switch (word_byte_count) {
    case 1: block_inline(sums, bytes, first, count, 1); break;
    case 2: block_inline(sums, bytes, first, count, 2); break;
    default: block_inline(sums, bytes, first, count, 4);
  }
}

#if defined(__x86_64__)
#include <immintrin.h>
#define AVX2 __attribute__((target("avx2")))
#define AVX2_INLINE AVX2 static inline __attribute__((always_inline))

AVX2_INLINE uint64_t add_lanes(__m256i a) {
  const __m128i pair = _mm_add_epi64(_mm256_castsi256_si128(a), _mm256_extracti128_si256(a, 1));
  return (uint64_t)_mm_cvtsi128_si64(_mm_add_epi64(pair, _mm_unpackhi_epi64(pair, pair)));
}

// The odd 32-bit lanes in the place of the even ones: a 32-bit multiplication reads even lanes only.
AVX2_INLINE __m256i odd_lanes(__m256i a) { return _mm256_shuffle_epi32(a, 0xf5); }

AVX2_INLINE __m256i load_eight(const uint8_t *bytes, const int word_byte_count) {
  if (word_byte_count == 1) return _mm256_cvtepu8_epi32(_mm_loadl_epi64((const __m128i *)bytes));
  if (word_byte_count == 2) return _mm256_cvtepu16_epi32(_mm_loadu_si128((const __m128i *)bytes));
  return _mm256_loadu_si256((const __m256i *)bytes);
}

AVX2_INLINE void block_avx2_inline(uint64_t sums[2], const uint8_t *bytes, size_t count, const int word_byte_count) {
  const int limbs = word_byte_count == 4 ? 3 : 2, limb_bits = word_byte_count == 4 ? 21 : 31;
  __m256i sum[2][3];
  for (int base = 0; base < 2; base++)
    for (int limb = 0; limb < limbs; limb++) sum[base][limb] = _mm256_setzero_si256();
  const size_t whole = count & ~(size_t)7;
  for (size_t index = 0; index < whole; index += 8) {
    const __m256i even = load_eight(bytes + index * word_byte_count, word_byte_count), odd = odd_lanes(even);
    for (int base = 0; base < 2; base++) {
      for (int limb = 0; limb < limbs; limb++) {
        const uint32_t *table = limbs == 3 ? powers.limb21[base][limb] : powers.limb31[base][limb];
        const __m256i power = _mm256_loadu_si256((const __m256i *)(table + index));
        const __m256i products =
            _mm256_add_epi64(_mm256_mul_epu32(even, power), _mm256_mul_epu32(odd, odd_lanes(power)));
        sum[base][limb] = _mm256_add_epi64(sum[base][limb], products);
      }
    }
  }
  uint64_t rest[2] = {0, 0};
  if (whole < count) block_inline(rest, bytes, whole, count, word_byte_count);
  for (int base = 0; base < 2; base++) {
    unsigned __int128 total = rest[base];
    for (int limb = 0; limb < limbs; limb++)
      total += (unsigned __int128)add_lanes(sum[base][limb]) << (limb * limb_bits);
    sums[base] = reduce(total);
  }
}

AVX2 static void block_avx2(uint64_t sums[2], const uint8_t *bytes, size_t count, int word_byte_count) {
  switch (word_byte_count) {
    case 1: block_avx2_inline(sums, bytes, count, 1); break;
    case 2: block_avx2_inline(sums, bytes, count, 2); break;
    default: block_avx2_inline(sums, bytes, count, 4);
  }
}
#endif

static void block_sums(uint64_t sums[2], const uint8_t *bytes, size_t count, int word_byte_count, int level) {
#if defined(__x86_64__)
  // Below 24 words, adding up the lanes costs more than they save.
  if (level >= CKERNELS_AVX2 && count >= 24) {
    block_avx2(sums, bytes, count, word_byte_count);
    return;
  }
#endif
  block_portable(sums, bytes, 0, count, word_byte_count);
}

static struct ckernels_digest_pair multiply_pair(struct ckernels_digest_pair a, struct ckernels_digest_pair b) {
  return (struct ckernels_digest_pair){multiply(a.base_0, b.base_0), multiply(a.base_1, b.base_1)};
}

void ckernels_digest_add(
    struct ckernels_digest_pair *sums, struct ckernels_digest_pair weight, struct ckernels_digest_pair step,
    const void *words, size_t row_count, size_t row_word_count, int word_byte_count, int level) {
  pthread_once(&powers_once, fill_powers);
  const struct ckernels_digest_pair block_step = {powers.block[0], powers.block[1]};
  const int used = ckernels_level(level);
  const uint8_t *bytes = words;
  for (size_t row = 0; row < row_count; row++) {
    struct ckernels_digest_pair block_weight = weight;
    size_t left = row_word_count;
    while (left > 0) {
      const size_t here = left < BLOCK ? left : BLOCK;
      uint64_t block[2];
      block_sums(block, bytes, here, word_byte_count, used);
      sums->base_0 = reduce((unsigned __int128)block[0] * block_weight.base_0 + sums->base_0);
      sums->base_1 = reduce((unsigned __int128)block[1] * block_weight.base_1 + sums->base_1);
      bytes += here * (size_t)word_byte_count;
      left -= here;
      if (left > 0) block_weight = multiply_pair(block_weight, block_step);
    }
    weight = multiply_pair(weight, step);
  }
}
