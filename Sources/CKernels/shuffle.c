// Byte and bit shuffle: the entry points, and how bit shuffle is made of byte shuffles.
#include "shuffle.h"

#include <string.h>

#include "levels.h"
#include "shuffle_levels.h"

void ckernels_byte_shuffle(const void *source, void *destination, size_t count, size_t size, int level) {
  ckernels_shuffle_level(level)->split(source, count, size, destination, count);
}

void ckernels_byte_unshuffle(const void *source, void *destination, size_t count, size_t size, int level) {
  ckernels_shuffle_level(level)->join(source, count, destination, count, size);
}

// Elements are split into byte planes; 8 bytes of a plane, their bits transposed, are one byte for each of 8 bit
// planes: an element of 8 bytes to be split once more. Both steps go through a tile that stays in the L1 cache.
enum { TILE_BYTES = 8192 };

static size_t tile_elements(size_t size) { return TILE_BYTES / size & ~(size_t)7; }

void ckernels_bit_shuffle(const void *source, void *destination, size_t count, size_t size, int level) {
  const struct shuffle_level *kernels = ckernels_shuffle_level(level);
  const uint8_t *elements = source;
  uint8_t *planes = destination;
  const size_t whole = count & ~(size_t)7, stride = whole / 8, step = tile_elements(size);
  uint8_t tile[TILE_BYTES];
  for (size_t first = 0; first < whole; first += step) {
    const size_t here = whole - first < step ? whole - first : step;
    kernels->split(elements + first * size, here, size, tile, here);
    kernels->transpose_bits(tile, here * size);
    for (size_t byte = 0; byte < size; byte++)
      kernels->split(tile + byte * here, here / 8, 8, planes + byte * 8 * stride + first / 8, stride);
  }
  memcpy(planes + whole * size, elements + whole * size, (count - whole) * size);
}

void ckernels_bit_unshuffle(const void *source, void *destination, size_t count, size_t size, int level) {
  const struct shuffle_level *kernels = ckernels_shuffle_level(level);
  const uint8_t *planes = source;
  uint8_t *elements = destination;
  const size_t whole = count & ~(size_t)7, stride = whole / 8, step = tile_elements(size);
  uint8_t tile[TILE_BYTES];
  for (size_t first = 0; first < whole; first += step) {
    const size_t here = whole - first < step ? whole - first : step;
    for (size_t byte = 0; byte < size; byte++)
      kernels->join(planes + byte * 8 * stride + first / 8, stride, tile + byte * here, here / 8, 8);
    kernels->transpose_bits(tile, here * size);
    kernels->join(tile, here, elements + first * size, here, size);
  }
  memcpy(elements + whole * size, planes + whole * size, (count - whole) * size);
}
