// Split and join with vectors, for element sizes 2, 4, 8 and 16. Included once per instruction set, after
//   LEVEL(name)    the name with the level's suffix
//   TARGET         the attribute that allows the instructions
//   vector         the vector type, LANES lanes of 16 bytes
//   LOW, HIGH      interleave the lower or upper 8 bytes of each lane of two vectors
//   EVEN, ODD      in each lane, the even or odd bytes of the first vector, then of the second
//
// Take the 16 * size bytes of 16 elements as an address space. Joining planes turns the address (byte, element) into
// (element, byte): a rotation of the address bits, and interleaving the first half with the second rotates by one bit.
// So log2(size) interleaves join, and as many separations into even and odd bytes split. The lanes of wider vectors
// do the same for the next 16 elements.

TARGET static inline __attribute__((always_inline)) void LEVEL(join_n)(
    const uint8_t *planes, size_t stride, uint8_t *elements, size_t count, const int size, const int stages) {
  size_t element = 0;
  for (; element + 16 * LANES <= count; element += 16 * LANES) {
    vector now[16], next[16];
    for (int byte = 0; byte < size; byte++) memcpy(&now[byte], planes + byte * stride + element, sizeof(vector));
    for (int stage = 0; stage < stages; stage++) {
      for (int pair = 0; pair < size / 2; pair++) {
        next[2 * pair] = LOW(now[pair], now[pair + size / 2]);
        next[2 * pair + 1] = HIGH(now[pair], now[pair + size / 2]);
      }
      for (int index = 0; index < size; index++) now[index] = next[index];
    }
    uint8_t *out = elements + element * size;
#if LANES == 1
    for (int index = 0; index < size; index++) memcpy(out + 16 * index, &now[index], 16);
#else
    for (int index = 0; index < size; index += 2) {
      vector first = FIRST_LANES(now[index], now[index + 1]), second = SECOND_LANES(now[index], now[index + 1]);
      memcpy(out + 16 * index, &first, 32);
      memcpy(out + 16 * size + 16 * index, &second, 32);
    }
#endif
  }
  if (element < count)
    ckernels_join_portable(planes + element, stride, elements + element * size, count - element, size);
}

TARGET static inline __attribute__((always_inline)) void LEVEL(split_n)(
    const uint8_t *elements, size_t count, const int size, const int stages, uint8_t *planes, size_t stride) {
  size_t element = 0;
  for (; element + 16 * LANES <= count; element += 16 * LANES) {
    vector now[16], next[16];
    const uint8_t *in = elements + element * size;
#if LANES == 1
    for (int index = 0; index < size; index++) memcpy(&now[index], in + 16 * index, 16);
#else
    for (int index = 0; index < size; index += 2) {
      vector first, second;
      memcpy(&first, in + 16 * index, 32);
      memcpy(&second, in + 16 * size + 16 * index, 32);
      now[index] = FIRST_LANES(first, second);
      now[index + 1] = SECOND_LANES(first, second);
    }
#endif
    for (int stage = 0; stage < stages; stage++) {
      for (int pair = 0; pair < size / 2; pair++) {
        next[pair] = EVEN(now[2 * pair], now[2 * pair + 1]);
        next[pair + size / 2] = ODD(now[2 * pair], now[2 * pair + 1]);
      }
      for (int index = 0; index < size; index++) now[index] = next[index];
    }
    for (int byte = 0; byte < size; byte++) memcpy(planes + byte * stride + element, &now[byte], sizeof(vector));
  }
  if (element < count)
    ckernels_split_portable(elements + element * size, count - element, size, planes + element, stride);
}

TARGET static void LEVEL(join)(
    const uint8_t *planes, size_t stride, uint8_t *elements, size_t count, size_t size) {
  switch (size) {
    case 1: memcpy(elements, planes, count); break;
    case 2: LEVEL(join_n)(planes, stride, elements, count, 2, 1); break;
    case 4: LEVEL(join_n)(planes, stride, elements, count, 4, 2); break;
    case 8: LEVEL(join_n)(planes, stride, elements, count, 8, 3); break;
    case 16: LEVEL(join_n)(planes, stride, elements, count, 16, 4); break;
    default: ckernels_join_portable(planes, stride, elements, count, size);
  }
}

TARGET static void LEVEL(split)(
    const uint8_t *elements, size_t count, size_t size, uint8_t *planes, size_t stride) {
  switch (size) {
    case 1: memcpy(planes, elements, count); break;
    case 2: LEVEL(split_n)(elements, count, 2, 1, planes, stride); break;
    case 4: LEVEL(split_n)(elements, count, 4, 2, planes, stride); break;
    case 8: LEVEL(split_n)(elements, count, 8, 3, planes, stride); break;
    case 16: LEVEL(split_n)(elements, count, 16, 4, planes, stride); break;
    default: ckernels_split_portable(elements, count, size, planes, stride);
  }
}
