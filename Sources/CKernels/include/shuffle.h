// Byte and bit shuffle of arrays of fixed-size elements; the layouts are specified in Formats/codecs.md.
#ifndef DASTORE_CKERNELS_SHUFFLE_H
#define DASTORE_CKERNELS_SHUFFLE_H
#include <stddef.h>

// All four move `count` elements of `size` bytes (count * size bytes) from `source` to `destination`, which must not
// overlap. Any address, any count. `level`: see levels.h; a level that the processor lacks is lowered to one it has.

// Byte 0 of every element, then byte 1 of every element, and so on. Any size from 1.
void ckernels_byte_shuffle(const void *source, void *destination, size_t count, size_t size, int level);
void ckernels_byte_unshuffle(const void *source, void *destination, size_t count, size_t size, int level);

// Bit 0 of every element, then bit 1, and so on; the last count % 8 elements follow as they are. Sizes 1 to 1024.
void ckernels_bit_shuffle(const void *source, void *destination, size_t count, size_t size, int level);
void ckernels_bit_unshuffle(const void *source, void *destination, size_t count, size_t size, int level);
#endif
