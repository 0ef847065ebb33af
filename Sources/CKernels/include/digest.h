// The polynomial sums of the content digest; defined in Formats/digest.md.
#ifndef DASTORE_CKERNELS_DIGEST_H
#define DASTORE_CKERNELS_DIGEST_H
#include <stddef.h>
#include <stdint.h>

// The two bases: primitive roots of the prime 2^61 - 1.
static const uint64_t ckernels_digest_base_0 = 0x0487ed5110b4612c;
static const uint64_t ckernels_digest_base_1 = 0x16fc2a2c515da557;

// One number modulo 2^61 - 1 for each base.
struct ckernels_digest_pair {
  uint64_t base_0, base_1;
};

// Adds `row_count` rows of `row_word_count` words, one after the other in memory, to `sums`. The first word of the
// first row has the weight `weight` (a power of each base), that of each further row `step` times its predecessor's:
//   sums[j] += weight[j] * step[j] ^ row * (word 0 + word 1 * base j + word 2 * base j ^ 2 + ...)   modulo 2^61 - 1
// A word has 1, 2 or 4 little-endian bytes, at any address. Sums, weight and step are below 2^61 - 1; so are the
// sums afterwards. `level`: see levels.h; a level that the processor lacks is lowered to one it has.
void ckernels_digest_add(
    struct ckernels_digest_pair *sums, struct ckernels_digest_pair weight, struct ckernels_digest_pair step,
    const void *words, size_t row_count, size_t row_word_count, int word_byte_count, int level);
#endif
