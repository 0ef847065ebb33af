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

static void ISA(add_tiles)(int type, const void *x, ptrdiff_t row_stride, ptrdiff_t column_stride, int64_t rows,
                           int64_t width, int64_t prior, int64_t first, int64_t step,
                           const struct ckernels_partials *state) {
  int size = ISA(byte_count)(type), height = rows < TILE_ROWS ? (int)rows : TILE_ROWS;
  char packed[PACKED_BYTES] __attribute__((aligned(64)));
  float widened[PACKED_BYTES / 4];
  size_t extreme = type == CKERNELS_F2 ? sizeof(float) : (size_t)size;
  int neighbours = column_stride == size, turned = !neighbours && row_stride == size;
  // What is packed or widened is a whole number of strips wide and fits the space for it.
  int most = neighbours && type != CKERNELS_F2 ? TILE_COLUMNS : PACKED_BYTES / height / (int)extreme;
  most = most > TILE_COLUMNS ? TILE_COLUMNS : most / (128 / size) * (128 / size);
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

// Few long columns, which do not fill a strip, side by side: `parts` rows count as one of as many columns, and the
// partials of a column's parts are joined pair by pair. Positions decide which of equal extremes is first.
static void ISA(add_narrow)(int type, const void *x, int64_t rows, int64_t width, int64_t parts, int64_t prior,
                            int64_t first, int64_t step, const struct ckernels_partials *state) {
  double high[TILE_COLUMNS], low[TILE_COLUMNS], spread[TILE_COLUMNS];
  double imaginary_high[TILE_COLUMNS], imaginary_low[TILE_COLUMNS];
  uint64_t wrapped[TILE_COLUMNS];
  char minimum[TILE_COLUMNS * 16] __attribute__((aligned(16))), maximum[TILE_COLUMNS * 16] __attribute__((aligned(16)));
  int64_t minimum_at[TILE_COLUMNS], maximum_at[TILE_COLUMNS];
  int64_t nans[TILE_COLUMNS], infinities[TILE_COLUMNS], zeros[TILE_COLUMNS];
  struct ckernels_partials part = {0};
#define TAKE(field, array) part.field = state->field ? array : NULL
  TAKE(sum_high, high);
  TAKE(sum_low, low);
  TAKE(imaginary_high, imaginary_high);
  TAKE(imaginary_low, imaginary_low);
  TAKE(spread, spread);
  TAKE(wrapped, wrapped);
  TAKE(minimum, minimum);
  TAKE(maximum, maximum);
  TAKE(nan_count, nans);
  TAKE(infinity_count, infinities);
  TAKE(zero_count, zeros);
#undef TAKE
  part.minimum_at = state->minimum ? minimum_at : NULL;
  part.maximum_at = state->maximum ? maximum_at : NULL;
  int size = ISA(byte_count)(type);
  size_t extreme = type == CKERNELS_F2 ? sizeof(float) : (size_t)size;
  int64_t height = rows / parts;
  ISA(add_tiles)(type, x, parts * width * size, size, height, parts * width, 0, first, parts * step, &part);
  int64_t *places[] = {part.minimum_at, part.maximum_at};
  for (int k = 0; k < 2; k++)
    if (places[k])
      for (int64_t j = width; j < parts * width; j++) places[k][j] += j / width * step;
  for (; parts > 1; parts /= 2, height *= 2) {
    struct ckernels_partials upper = ISA(advance)(extreme, &part, parts / 2 * width);
    ISA(merge)(type, parts / 2 * width, &part, height, &upper, height);
  }
  if (prior > 0)
    ISA(merge)(type, width, state, prior, &part, height);
  else
    ISA(store)(extreme, width, state, &part);
}

static void ISA(add_columns)(int type, const void *x, ptrdiff_t row_stride, ptrdiff_t column_stride, int64_t rows,
                             int64_t width, int64_t prior, int64_t first, int64_t step,
                             const struct ckernels_partials *state) {
  int size = ISA(byte_count)(type);
  int64_t done = 0, strip = type >= CKERNELS_C8 ? 16 : type == CKERNELS_F2 ? 32 : size < 4 ? 64 / size : 128 / size;
  if (width < strip && column_stride == size && row_stride == width * size) {
    // Parts of at least 16 rows.
    int64_t parts = 1;
    while (2 * parts * width <= TILE_COLUMNS && 32 * parts <= rows) parts *= 2;
    if (parts > 1) {
      done = rows / parts * parts;
      ISA(add_narrow)(type, x, done, width, parts, prior, first, step, state);
    }
  } else if (width < strip && rows >= TILE_ROWS && size < 16) {
    // Long columns that lie otherwise: each becomes a contiguous run.
    char packed[PACKED_BYTES] __attribute__((aligned(64)));
    size_t extreme = type == CKERNELS_F2 ? sizeof(float) : (size_t)size;
    int64_t longest = PACKED_BYTES / size;
    for (int64_t column = 0; column < width; column++)
      for (int64_t row = 0; row < rows; row += longest) {
        int64_t h = rows - row < longest ? rows - row : longest;
        const char *run = (const char *)x + row * row_stride + column * column_stride;
        if (row_stride != size) ISA(pack)(size, run, row_stride, 0, (int)h, 1, packed);
        struct ckernels_partials at = ISA(advance)(extreme, state, column);
        ISA(add_run)(type, row_stride == size ? run : packed, h, prior + row, first + row * step, 1, &h, &step, &at);
      }
    done = rows;
  }
  if (done < rows)
    ISA(add_tiles)(type, (const char *)x + done * row_stride, row_stride, column_stride, rows - done, width,
                   prior + done, first + done * step, step, state);
}
