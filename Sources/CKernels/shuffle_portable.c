// Byte split and join in plain C, for any element size.
#include "shuffle_levels.h"

void ckernels_split_portable(const uint8_t *elements, size_t count, size_t size, uint8_t *planes, size_t stride) {
  for (size_t byte = 0; byte < size; byte++) {
    uint8_t *plane = planes + byte * stride;
    for (size_t element = 0; element < count; element++) plane[element] = elements[element * size + byte];
  }
}

void ckernels_join_portable(const uint8_t *planes, size_t stride, uint8_t *elements, size_t count, size_t size) {
  for (size_t byte = 0; byte < size; byte++) {
    const uint8_t *plane = planes + byte * stride;
    for (size_t element = 0; element < count; element++) elements[element * size + byte] = plane[element];
  }
}
