// Kernels of one real element type T of BITS bits; included by moments_isa.h only.

typedef T NAME(vec) __attribute__((ext_vector_type(512 / BITS)));
typedef T NAME(vec_u) __attribute__((ext_vector_type(512 / BITS), aligned(1)));
#define VEC NAME(vec)
#define LOAD(p) (*(const NAME(vec_u) *)(p))
#define PER (512 / BITS)
// How many elements of a comparison hold.
typedef _Bool NAME(truths) __attribute__((ext_vector_type(PER)));
#define COUNT(holds) \
  __builtin_popcountg(__builtin_bit_cast(unsigned _BitInt(PER), __builtin_convertvector(holds, NAME(truths))))

#ifdef INTEGER
#define ISNAN(v) 0
#include "moments_integer.h"
#else
#define ISNAN(v) ((v) != (v))
#include "moments_float.h"
#endif

// First position of `value` in x[0..<n], which is known to hold it.
static int64_t NAME(locate)(const T *x, int64_t n, T value) {
  int64_t i = 0;
  for (; i + 4 * PER <= n; i += 4 * PER) {
    VEC v = (VEC)value;
    if (__builtin_reduce_or((LOAD(x + i) == v) | (LOAD(x + i + PER) == v) | (LOAD(x + i + 2 * PER) == v) |
                            (LOAD(x + i + 3 * PER) == v)))
      break;
  }
  while (i < n - 1 && x[i] != value) i++;
  return i;
}

static void NAME(moments)(const T *x, int64_t count, int places, struct ckernels_moments *out) {
  struct tile stack[64];
  int depth = 0;
  T smallest = HIGHEST, largest = LOWEST;
  int64_t smallest_tile = 0, largest_tile = 0;
  for (int64_t start = 0, number = 0; start < count; start += NAME(TILE), number++) {
    int n = count - start < NAME(TILE) ? (int)(count - start) : NAME(TILE);
    struct tile t = {.n = n};
    T lo, hi;
    int nans = NAME(tile)(x + start, n, &t, &lo, &hi, out);
    ISA(push_tile)(stack, &depth, number, &t);
    if (nans != 0 && out->nan_count == nans) {  // the first tile with any
      int i = 0;
      while (i < n - 1 && !ISNAN(x[start + i])) i++;
      out->minimum_at = out->maximum_at = start + i;
    }
    if (lo < smallest) smallest = lo, smallest_tile = start;
    if (hi > largest) largest = hi, largest_tile = start;
  }
  ISA(finish_tiles)(stack, depth, out);
  if (out->nan_count != 0) return;
  // The first tile with an extreme is searched for it, once.
  if (places & LOWEST_OF)
    out->minimum_at = smallest_tile + NAME(locate)(x + smallest_tile, count - smallest_tile, smallest);
  if (places & HIGHEST_OF)
    out->maximum_at = largest_tile + NAME(locate)(x + largest_tile, count - largest_tile, largest);
}

#include "moments_strip.h"
#include "moments_columns.h"

#undef VEC
#undef LOAD
#undef PER
#undef COUNT
#undef ISNAN
#undef T
#undef NAME
#undef BITS
#undef LOWEST
#undef HIGHEST
#undef INTEGER
#undef SIGNED
