// The transposition of 8 x 8 bits in a 64-bit word: three exchanges of off-diagonal blocks of 1, 2 and 4 bits.
// Inlined into each level, whose compiler vectorises the loop with the level's instructions.
#ifndef DASTORE_CKERNELS_SHUFFLE_BITS_H
#define DASTORE_CKERNELS_SHUFFLE_BITS_H
#include <stdint.h>
#include <string.h>

static inline __attribute__((always_inline)) void transpose_bits_inline(uint8_t *bytes, size_t count) {
  for (size_t offset = 0; offset < count; offset += 8) {
    uint64_t x, t;
    memcpy(&x, bytes + offset, 8);
    t = (x ^ (x >> 7)) & 0x00AA00AA00AA00AAULL;
    x ^= t ^ (t << 7);
    t = (x ^ (x >> 14)) & 0x0000CCCC0000CCCCULL;
    x ^= t ^ (t << 14);
    t = (x ^ (x >> 28)) & 0x00000000F0F0F0F0ULL;
    x ^= t ^ (t << 28);
    memcpy(bytes + offset, &x, 8);
  }
}
#endif
