// Cuts rows x columns into tiles whose columns are neighbours; included by moments_isa.h only.

// Copies a strided tile of `rows` x `width` elements.
static void ISA(pack)(int size, const char *x, ptrdiff_t row_stride, ptrdiff_t column_stride, int rows, int width,
                      char *out) {
#define COPY(type)                                                                                         \
  for (int j = 0; j < width; j++)                                                                          \
    for (int r = 0; r < rows; r++)                                                                         \
      ((type *)out)[r * width + j] = *(const type *)(x + r * row_stride + j * column_stride)
  typedef struct { uint64_t a, b; } pair;
  switch (size) {
    case 1: COPY(uint8_t); break;
    case 2: COPY(uint16_t); break;
    case 4: COPY(uint32_t); break;
    case 8: COPY(uint64_t); break;
    default: COPY(pair); break;
  }
#undef COPY
}

// The same for columns whose elements are neighbours: 64 / size of them at a time by vectors, the rest singly.
static void ISA(turn)(int size, const char *x, ptrdiff_t pitch, int rows, int width, const char *end, char *out) {
  int runs = 64 / size, j = 0;
  for (; j + runs <= width && size <= 8; j += runs) {
    const char *from = x + j * pitch;
    switch (size) {
      case 1: ISA(turn_t1)(from, pitch, rows, end, (uint8_t *)out + j, width); break;
      case 2: ISA(turn_t2)(from, pitch, rows, end, (uint16_t *)out + j, width); break;
      case 4: ISA(turn_t4)(from, pitch, rows, end, (uint32_t *)out + j, width); break;
      default: ISA(turn_t8)(from, pitch, rows, end, (uint64_t *)out + j, width); break;
    }
  }
  for (; j < width; j++)
    for (int r = 0; r < rows; r++) memcpy(out + (r * width + j) * size, x + j * pitch + r * size, (size_t)size);
}

static void ISA(add_columns)(int type, const void *x, ptrdiff_t row_stride, ptrdiff_t column_stride, int64_t rows,
                             int64_t width, int64_t prior, int64_t first, int64_t step,
                             const struct ckernels_partials *state) {
  // A packed tile is 128 bytes wide, which is a strip or two.
  enum { PACKED = TILE_ROWS * 128 };
  int size = ISA(byte_count)(type);
  char packed[TILE_ROWS * 256] __attribute__((aligned(64)));
  float widened[TILE_ROWS * 64];
  size_t extreme = type == CKERNELS_F2 ? sizeof(float) : (size_t)size;
  if (rows >= TILE_ROWS && width * size < 128 && size < 16) {
    // Long columns that do not fill a strip: each becomes a contiguous run.
    int64_t longest = (int64_t)sizeof packed / size;
    for (int64_t column = 0; column < width; column++)
      for (int64_t row = 0; row < rows; row += longest) {
        int64_t h = rows - row < longest ? rows - row : longest;
        ISA(pack)(size, (const char *)x + row * row_stride + column * column_stride, row_stride, 0, (int)h, 1, packed);
        struct ckernels_partials at = ISA(advance)(extreme, state, column);
        ISA(add_run)(type, packed, h, prior + row, first + row * step, 1, &h, &step, &at);
      }
    return;
  }
  int neighbours = column_stride == size, turned = !neighbours && row_stride == size;
  int most = neighbours && type != CKERNELS_F2 ? TILE_COLUMNS : size == 16 ? 16 : PACKED / TILE_ROWS / size;
  const char *end = (const char *)x + (rows - 1) * row_stride + (width - 1) * column_stride + size;
  for (int64_t row = 0; row < rows; row += TILE_ROWS)
    for (int64_t column = 0; column < width; column += most) {
      int h = rows - row < TILE_ROWS ? (int)(rows - row) : TILE_ROWS;
      int w = width - column < most ? (int)(width - column) : most;
      const char *tile = (const char *)x + row * row_stride + column * column_stride;
      ptrdiff_t stride = w;
      if (turned) {
        ISA(turn)(size, tile, column_stride, h, w, end, packed);
        tile = packed;
      } else if (!neighbours) {
        ISA(pack)(size, tile, row_stride, column_stride, h, w, packed);
        tile = packed;
      } else {
        stride = row_stride / size;
      }
      struct ckernels_partials at = ISA(advance)(extreme, state, column);
#define ADD(name, element)                                                                                \
  ISA(PASTE(add_tile, name))((const element *)tile, stride, h, w, prior + row, first + row * step, step, &at); \
  break
      switch (type) {
        case CKERNELS_BOOL: ADD(b1, uint8_t);
        case CKERNELS_I1: ADD(i1, int8_t);
        case CKERNELS_I2: ADD(i2, int16_t);
        case CKERNELS_I4: ADD(i4, int32_t);
        case CKERNELS_I8: ADD(i8, int64_t);
        case CKERNELS_U1: ADD(u1, uint8_t);
        case CKERNELS_U2: ADD(u2, uint16_t);
        case CKERNELS_U4: ADD(u4, uint32_t);
        case CKERNELS_U8: ADD(u8, uint64_t);
        case CKERNELS_F2:
          for (int r = 0; r < h; r++) ISA(widen_half)((const uint16_t *)tile + r * stride, w, widened + r * w);
          tile = (const char *)widened;
          stride = w;
          ADD(f4, float);
        case CKERNELS_F4: ADD(f4, float);
        case CKERNELS_F8: ADD(f8, double);
        case CKERNELS_C8: ADD(c8, ISA(complex_c8));
        default: ADD(c16, ISA(complex_c16));
      }
#undef ADD
    }
}
