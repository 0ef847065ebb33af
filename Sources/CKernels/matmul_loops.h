// The loops of matmul.c for one instruction set; included there with ISA(name) naming the set.

// Rows of c pass by while one row of b after the other is added to them, in runs that stay in the first cache.
#define INTEGERS(bits)                                                                            \
  static void ISA(integers##bits)(const struct ckernels_matmul *p) {                              \
    enum { run = 4096 / (bits / 8) };                                                             \
    for (size_t first = 0; first < p->n; first += run) {                                          \
      size_t count = p->n - first < run ? p->n - first : run;                                     \
      for (size_t row = 0; row < p->m; ++row) {                                                   \
        uint##bits##_t *restrict c = (uint##bits##_t *)p->c + row * p->c_row + first;             \
        const uint##bits##_t *a = (const uint##bits##_t *)p->a + row * p->a_row;                  \
        for (size_t inner = 0; inner < p->k; ++inner) {                                           \
          const uint##bits##_t *b = (const uint##bits##_t *)p->b + inner * p->b_row + first;      \
          uint64_t factor = a[inner];                                                             \
          for (size_t i = 0; i < count; ++i) c[i] = (uint##bits##_t)(c[i] + factor * b[i]);       \
        }                                                                                         \
      }                                                                                           \
    }                                                                                             \
  }

INTEGERS(8)
INTEGERS(16)
INTEGERS(32)
INTEGERS(64)

static void ISA(truths)(const struct ckernels_matmul *p) {
  for (size_t row = 0; row < p->m; ++row) {
    uint8_t *restrict c = (uint8_t *)p->c + row * p->c_row;
    const uint8_t *a = (const uint8_t *)p->a + row * p->a_row;
    for (size_t inner = 0; inner < p->k; ++inner) {
      if (a[inner] == 0) continue;
      const uint8_t *b = (const uint8_t *)p->b + inner * p->b_row;
      for (size_t i = 0; i < p->n; ++i) c[i] |= b[i] != 0;
    }
  }
}

static void ISA(matmul)(const struct ckernels_matmul *p, size_t element_size) {
  switch (element_size) {
    case 0: ISA(truths)(p); break;
    case 1: ISA(integers8)(p); break;
    case 2: ISA(integers16)(p); break;
    case 4: ISA(integers32)(p); break;
    case 8: ISA(integers64)(p); break;
    default: break;
  }
}

#undef INTEGERS
