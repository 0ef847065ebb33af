// Turns runs of elements of BITS bits, one per output element, into columns; included by moments_isa.h only.

typedef T NAME(turned) __attribute__((ext_vector_type(512 / BITS)));
typedef T NAME(turned_u) __attribute__((ext_vector_type(512 / BITS), aligned(1)));
// Runs that are turned together, and elements of each in 16 bytes.
#define RUNS (512 / BITS)
#define PIECE (128 / BITS)
// Indices that interleave halves of pieces of two vectors.
#define PAIR1(o) (o), (o) + RUNS
#define PAIR2(o) PAIR1(o), PAIR1((o) + 1)
#define PAIR4(o) PAIR2(o), PAIR2((o) + 2)
#define PAIR8(o) PAIR4(o), PAIR4((o) + 4)
#define HALVES(o) PAIRS(o), PAIRS((o) + PIECE), PAIRS((o) + 2 * PIECE), PAIRS((o) + 3 * PIECE)

// Writes element r of run j to out[r * stride + j], for RUNS runs of `length` elements that start `pitch` bytes apart.
// Where runs are short, up to 16 bytes from a run's start are read; nothing at or behind `end` is.
static __attribute__((noinline)) void NAME(turn)(const char *x, ptrdiff_t pitch, int length, const char *end, T *out,
                                                 ptrdiff_t stride) {
  if (length < PIECE && end - (x + (RUNS - 1) * pitch) < 16) {
    for (int r = 0; r < length; r++)
      for (int j = 0; j < RUNS; j++) out[r * stride + j] = *(const T *)(x + j * pitch + r * (int)sizeof(T));
    return;
  }
  for (int r = 0; r < length; r += PIECE) {
    // The last piece may overlap the one before.
    int start = r + PIECE > length && length > PIECE ? length - PIECE : r;
    const char *from = x + start * (int)sizeof(T);
    NAME(turned) v[PIECE], w[PIECE];
#pragma clang loop unroll(full)
    for (int i = 0; i < PIECE; i++)
#pragma clang loop unroll(full)
      for (int k = 0; k < 4; k++) memcpy((char *)&v[i] + 16 * k, from + (k * PIECE + i) * pitch, 16);
#pragma clang loop unroll(full)
    for (int parts = 1; parts < PIECE; parts *= 2) {
#pragma clang loop unroll(full)
      for (int i = 0; i < PIECE / 2; i++) {
        w[2 * i] = __builtin_shufflevector(v[i], v[i + PIECE / 2], HALVES(0));
        w[2 * i + 1] = __builtin_shufflevector(v[i], v[i + PIECE / 2], HALVES(PIECE / 2));
      }
#pragma clang loop unroll(full)
      for (int i = 0; i < PIECE; i++) v[i] = w[i];
    }
#pragma clang loop unroll(full)
    for (int i = 0; i < PIECE; i++)
      if (start + i < length) *(NAME(turned_u) *)(out + (start + i) * stride) = v[i];
  }
}
#undef RUNS
#undef PIECE
#undef PAIR1
#undef PAIR2
#undef PAIR4
#undef PAIR8
#undef HALVES
#undef PAIRS
#undef T
#undef NAME
#undef BITS
