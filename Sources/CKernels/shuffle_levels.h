// What one instruction set offers to the shuffles: byte shuffles between elements and strided planes, and the
// transposition of bits that turns byte planes into bit planes.
#ifndef DASTORE_CKERNELS_SHUFFLE_LEVELS_H
#define DASTORE_CKERNELS_SHUFFLE_LEVELS_H
#include <stddef.h>
#include <stdint.h>

struct shuffle_level {
  // Byte `b` of element `e` goes to planes[b * stride + e].
  void (*split)(const uint8_t *elements, size_t count, size_t size, uint8_t *planes, size_t stride);
  // The inverse of split.
  void (*join)(const uint8_t *planes, size_t stride, uint8_t *elements, size_t count, size_t size);
  // In place: every 8 bytes are 8 rows of 8 bits; bit c of byte r goes to bit r of byte c.
  void (*transpose_bits)(uint8_t *bytes, size_t count);
};

const struct shuffle_level *ckernels_shuffle_level(int level);

// Plain C, for any element size: the portable level and the ragged ends of all others.
void ckernels_split_portable(const uint8_t *elements, size_t count, size_t size, uint8_t *planes, size_t stride);
void ckernels_join_portable(const uint8_t *planes, size_t stride, uint8_t *elements, size_t count, size_t size);
#endif
