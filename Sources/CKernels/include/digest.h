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

// Adds `count` words, the first of which has the weight `weight` (a power of each base), to `sums`:
//   sums[j] += weight[j] * (word 0 + word 1 * base j + word 2 * base j ^ 2 + ...)   modulo 2^61 - 1
// A word has 1, 2 or 4 little-endian bytes, at any address. Sums and weights are below 2^61 - 1, before and after.
// `level`: see levels.h; a level that the processor lacks is lowered to one it has.
void ckernels_digest_add(
    struct ckernels_digest_pair *sums, struct ckernels_digest_pair weight, const void *words, size_t count,
    int word_byte_count, int level);
#endif
