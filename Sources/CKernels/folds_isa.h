// Products, and moments and extremes without NaN, compiled per instruction set; included by moments_isa.h only.
//
// Everything goes through blocks of at most TILE_ROWS rows of eight columns. A run is such a block, too: its element i
// is row i / 8 of column i % 8, and the columns are joined in the end.

typedef int64_t ISA(longs) __attribute__((ext_vector_type(8)));

// Figures of the eight columns of a block.
struct ISA(block) {
  double high[8], low[8], spread[8], minimum[8], maximum[8], fraction[8], imaginary_fraction[8];
  int64_t present[8], minimum_at[8], maximum_at[8], exponent[8];
  uint64_t wrapped_product[8];
};

// A block's figures as a fold, those only that `wanted` has.
static struct ckernels_folds ISA(folds_of)(struct ISA(block) *b, const struct ckernels_folds *wanted) {
  struct ckernels_folds f = {0};
#define TAKE(field, array) \
  if (wanted->field) f.field = b->array
  TAKE(present, present);
  TAKE(sum_high, high);
  TAKE(sum_low, low);
  TAKE(spread, spread);
  TAKE(minimum, minimum);
  TAKE(maximum, maximum);
  TAKE(minimum_at, minimum_at);
  TAKE(maximum_at, maximum_at);
  TAKE(fraction, fraction);
  TAKE(imaginary_fraction, imaginary_fraction);
  TAKE(exponent, exponent);
  TAKE(wrapped_product, wrapped_product);
#undef TAKE
  return f;
}

static struct ckernels_folds ISA(advance_folds)(const struct ckernels_folds *s, int64_t at) {
  struct ckernels_folds f = *s;
#define FORWARD(field) \
  if (f.field) f.field += at
  FORWARD(present);
  FORWARD(sum_high);
  FORWARD(sum_low);
  FORWARD(spread);
  FORWARD(minimum);
  FORWARD(maximum);
  FORWARD(minimum_at);
  FORWARD(maximum_at);
  FORWARD(fraction);
  FORWARD(imaginary_fraction);
  FORWARD(exponent);
  FORWARD(wrapped_product);
#undef FORWARD
  return f;
}

// Folds of no elements.
static void ISA(empty_folds)(int64_t width, const struct ckernels_folds *s) {
#define FILL(field, value) \
  if (s->field)            \
    for (int64_t j = 0; j < width; j++) s->field[j] = value
  FILL(present, 0);
  FILL(sum_high, 0);
  FILL(sum_low, 0);
  FILL(spread, 0);
  FILL(minimum, NAN);
  FILL(maximum, NAN);
  FILL(minimum_at, -1);
  FILL(maximum_at, -1);
  FILL(fraction, 1);
  FILL(imaginary_fraction, 0);
  FILL(exponent, 0);
  FILL(wrapped_product, 1);
#undef FILL
}

// Brings numbers into [1, 2) and adds to their exponents what that takes; zeros, infinities and NaNs stay.
static inline __attribute__((always_inline)) void ISA(normalise)(doubles *v, ISA(longs) *exponent) {
  doubles scaled = *v * 0x1p54;  // a subnormal number's exponent can be seen so
  ISA(longs) bits = (ISA(longs))*v, small = ((bits >> 52) & 0x7ff) == 0;
  bits = small ? (ISA(longs))scaled : bits;
  ISA(longs) field = (bits >> 52) & 0x7ff, special = (*v == 0) | (field == 0x7ff);
  ISA(longs) one = (bits & ~(0x7ffLL << 52)) | 0x3ffLL << 52;
  *v = special ? *v : (doubles)one;
  *exponent += special ? (ISA(longs))0 : field - 1023 + (small & -54);
}

// The same for a complex number: its larger part comes to lie in [1, 2).
static void ISA(normalise_complex)(double *re, double *im, int64_t *exponent) {
  double a = fabs(*re), b = fabs(*im), larger = a > b ? a : b;
  if (!(a - a == 0) || !(b - b == 0) || larger == 0) return;
  int power;
  frexp(larger, &power);
  *re = ldexp(*re, 1 - power);
  *im = ldexp(*im, 1 - power);
  *exponent += power - 1;
}

static void ISA(join_folds)(int64_t width, const struct ckernels_folds *a, const struct ckernels_folds *b) {
  if (a->present)
    for (int64_t j = 0; j < width; j++) {
      double na = (double)a->present[j], nb = (double)b->present[j];
      if (nb == 0) continue;
      double between = na == 0 ? 0 : ISA(between)(na, a->sum_high[j], a->sum_low[j], nb, b->sum_high[j], b->sum_low[j]);
      a->spread[j] = (a->spread[j] + b->spread[j]) + between;
      ISA(add_pair)(&a->sum_high[j], &a->sum_low[j], b->sum_high[j], b->sum_low[j]);
      a->present[j] += b->present[j];
    }
#define EXTREME(value, place, better)                                               \
  if (a->value)                                                                     \
    for (int64_t j = 0; j < width; j++) {                                           \
      double x = a->value[j], y = b->value[j];                                      \
      int tie = x == y && b->place[j] < a->place[j];                                \
      if (y == y && (x != x || y better x || tie)) a->value[j] = y, a->place[j] = b->place[j]; \
    }
  EXTREME(minimum, minimum_at, <)
  EXTREME(maximum, maximum_at, >)
#undef EXTREME
  if (a->imaginary_fraction) {
    for (int64_t j = 0; j < width; j++) {
      double re = a->fraction[j], im = a->imaginary_fraction[j], x = b->fraction[j], y = b->imaginary_fraction[j];
      a->fraction[j] = re * x - im * y;
      a->imaginary_fraction[j] = re * y + im * x;
      a->exponent[j] += b->exponent[j];
      ISA(normalise_complex)(&a->fraction[j], &a->imaginary_fraction[j], &a->exponent[j]);
    }
  } else if (a->fraction) {
    for (int64_t j = 0; j < width; j++) {
      doubles product = a->fraction[j] * b->fraction[j];
      ISA(longs) exponent = 0;
      ISA(normalise)(&product, &exponent);
      a->fraction[j] = product[0];
      a->exponent[j] += b->exponent[j] + exponent[0];
    }
  }
  if (a->wrapped_product)
    for (int64_t j = 0; j < width; j++) a->wrapped_product[j] *= b->wrapped_product[j];
}

#define NAME(n) ISA(PASTE(n, f2))
#define LOAD_EIGHT ISA(load_half)
static inline __attribute__((always_inline)) void ISA(load_half)(const char *p, doubles *out) {
  typedef float floats __attribute__((ext_vector_type(8)));
  floats values;
  ISA(widen_half)((const uint16_t *)p, 8, (float *)&values);
  *out = __builtin_convertvector(values, doubles);
}
#include "folds_float.h"

#define NAME(n) ISA(PASTE(n, f4))
#define LOAD_EIGHT ISA(load_single)
static inline __attribute__((always_inline)) void ISA(load_single)(const char *p, doubles *out) {
  typedef float floats_u __attribute__((ext_vector_type(8), aligned(1)));
  *out = __builtin_convertvector(*(const floats_u *)p, doubles);
}
#include "folds_float.h"

#define NAME(n) ISA(PASTE(n, f8))
#define LOAD_EIGHT ISA(load_double)
static inline __attribute__((always_inline)) void ISA(load_double)(const char *p, doubles *out) {
  *out = *(const doubles_u *)p;
}
#include "folds_float.h"

static void ISA(fold_complex_block)(int type, const char *x, ptrdiff_t stride, int rows, struct ISA(block) *out) {
  for (int j = 0; j < 8; j++) {
    double re = 1, im = 0;
    int64_t exponent = 0;
    for (int r = 0; r < rows; r++) {
      const char *p = x + r * stride + j * (type == CKERNELS_C8 ? 8 : 16);
      double a = type == CKERNELS_C8 ? ((const float *)p)[0] : ((const double *)p)[0];
      double b = type == CKERNELS_C8 ? ((const float *)p)[1] : ((const double *)p)[1];
      ISA(normalise_complex)(&a, &b, &exponent);
      double product = re * a - im * b;
      im = re * b + im * a;
      re = product;
      ISA(normalise_complex)(&re, &im, &exponent);
    }
    out->fraction[j] = re;
    out->imaginary_fraction[j] = im;
    out->exponent[j] = exponent;
  }
}

static void ISA(fold_integer_block)(int type, const char *x, ptrdiff_t stride, int rows, struct ISA(block) *out) {
#define MULTIPLY(element, factor)                       \
  for (int r = 0; r < rows; r++) {                      \
    const element *v = (const element *)(x + r * stride); \
    for (int j = 0; j < 8; j++) out->wrapped_product[j] *= (uint64_t)(factor); \
  }                                                     \
  break
  for (int j = 0; j < 8; j++) out->wrapped_product[j] = 1;
  switch (type) {
    case CKERNELS_BOOL: MULTIPLY(uint8_t, v[j] != 0);
    case CKERNELS_I1: MULTIPLY(int8_t, v[j]);
    case CKERNELS_I2: MULTIPLY(int16_t, v[j]);
    case CKERNELS_I4: MULTIPLY(int32_t, v[j]);
    case CKERNELS_I8: MULTIPLY(int64_t, v[j]);
    case CKERNELS_U1: MULTIPLY(uint8_t, v[j]);
    case CKERNELS_U2: MULTIPLY(uint16_t, v[j]);
    case CKERNELS_U4: MULTIPLY(uint32_t, v[j]);
    default: MULTIPLY(uint64_t, v[j]);
  }
#undef MULTIPLY
}

// One block; row r of it has position first + r*step.
static void ISA(fold_block)(int type, const char *x, ptrdiff_t stride, int rows, int64_t first, int64_t step,
                            const struct ckernels_folds *wanted, struct ISA(block) *out) {
  switch (type) {
    case CKERNELS_F2: ISA(fold_block_f2)(x, stride, rows, first, step, wanted, out); break;
    case CKERNELS_F4: ISA(fold_block_f4)(x, stride, rows, first, step, wanted, out); break;
    case CKERNELS_F8: ISA(fold_block_f8)(x, stride, rows, first, step, wanted, out); break;
    case CKERNELS_C8:
    case CKERNELS_C16: ISA(fold_complex_block)(type, x, stride, rows, out); break;
    default: ISA(fold_integer_block)(type, x, stride, rows, out); break;
  }
}

static void ISA(fold_columns)(int type, const void *x, ptrdiff_t row_stride, ptrdiff_t column_stride, int64_t rows,
                              int64_t width, int64_t prior, int64_t first, int64_t step,
                              const struct ckernels_folds *state) {
  int size = ISA(byte_count)(type);
  char packed[TILE_ROWS * 8 * 16] __attribute__((aligned(64)));
  if (prior == 0) ISA(empty_folds)(width, state);
  for (int64_t row = 0; row < rows; row += TILE_ROWS)
    for (int64_t column = 0; column < width; column += 8) {
      int h = rows - row < TILE_ROWS ? (int)(rows - row) : TILE_ROWS;
      int w = width - column < 8 ? (int)(width - column) : 8;
      const char *tile = (const char *)x + row * row_stride + column * column_stride;
      ptrdiff_t stride = row_stride;
      if (w < 8 || column_stride != size) {
        // Columns beyond the last are the first again, and nobody looks at what becomes of them.
        for (int r = 0; r < h; r++)
          for (int j = 0; j < 8; j++)
            memcpy(packed + (r * 8 + j) * size, tile + r * row_stride + (j < w ? j : 0) * column_stride, (size_t)size);
        tile = packed;
        stride = 8 * size;
      }
      struct ISA(block) block;
      ISA(fold_block)(type, tile, stride, h, first + row * step, step, state, &block);
      struct ckernels_folds part = ISA(folds_of)(&block, state), at = ISA(advance_folds)(state, column);
      ISA(join_folds)(w, &at, &part);
    }
}

static void ISA(fold_run)(int type, const void *x, int64_t count, int64_t prior, int64_t first, int axes,
                          const int64_t *extents, const int64_t *strides, const struct ckernels_folds *state) {
  int size = ISA(byte_count)(type);
  int64_t whole = count / 8 * 8;
  struct ISA(block) columns, rest;
  struct ckernels_folds run = ISA(folds_of)(&columns, state), last = ISA(folds_of)(&rest, state);
  // Places in the run first: they become positions in the end.
  ISA(empty_folds)(8, &run);
  if (whole > 0) ISA(fold_columns)(type, x, 8 * size, size, whole / 8, 8, 0, 0, 8, &run);
  for (int j = 0; j < 8; j++) {
    if (run.minimum_at && run.minimum_at[j] >= 0) run.minimum_at[j] += j;
    if (run.maximum_at && run.maximum_at[j] >= 0) run.maximum_at[j] += j;
  }
  for (int j = 1; j < 8; j++) {
    struct ckernels_folds next = ISA(advance_folds)(&run, j);
    ISA(join_folds)(1, &run, &next);
  }
  if (whole < count) {
    ISA(fold_columns)(type, (const char *)x + whole * size, size, size, count - whole, 1, 0, whole, 1, &last);
    ISA(join_folds)(1, &run, &last);
  }
  int64_t *places[] = {run.minimum_at, run.maximum_at};
  for (int k = 0; k < 2; k++) {
    if (!places[k] || *places[k] < 0) continue;
    int64_t place = *places[k], position = first;
    for (int axis = axes - 1; axis >= 0; axis--) {
      position += place % extents[axis] * strides[axis];
      place /= extents[axis];
    }
    *places[k] = position;
  }
  if (prior == 0) ISA(empty_folds)(1, state);
  ISA(join_folds)(1, state, &run);
}
