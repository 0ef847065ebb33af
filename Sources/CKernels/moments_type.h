// Kernels of one real element type T of BITS bits; included by moments_isa.h only.

typedef T NAME(vec) __attribute__((ext_vector_type(512 / BITS)));
typedef T NAME(vec_u) __attribute__((ext_vector_type(512 / BITS), aligned(1)));
#define VEC NAME(vec)
#define LOAD(p) (*(const NAME(vec_u) *)(p))
#define PER (512 / BITS)

#ifdef INTEGER
#define ISNAN(v) 0
#include "moments_integer.h"
#else
#define ISNAN(v) ((v) != (v))
#include "moments_float.h"
#endif

// First position of `value` in x[0..<n], which is known to hold it.
static int NAME(locate)(const T *x, int n, T value) {
  int i = 0;
  for (; i + 64 <= n; i += 64) {
    int found = 0;
    for (int k = 0; k < 64; k++) found |= x[i + k] == value;
    if (found) break;
  }
  while (i < n - 1 && x[i] != value) i++;
  return i;
}

static void NAME(moments)(const T *x, int64_t count, struct ckernels_moments *out) {
  struct tile stack[64];
  int depth = 0;
  T smallest = HIGHEST, largest = LOWEST;
  for (int64_t start = 0, number = 0; start < count; start += NAME(TILE), number++) {
    int n = count - start < NAME(TILE) ? (int)(count - start) : NAME(TILE);
    struct tile t = {.n = n};
    T lo, hi;
    int nans = NAME(tile)(x + start, n, &t, &lo, &hi, out);
    ISA(push_tile)(stack, &depth, number, &t);
#ifndef INTEGER
    if (out->nan_count != 0) {
      if (out->nan_count == nans) {  // the first tile with any
        int i = 0;
        while (i < n - 1 && !ISNAN(x[start + i])) i++;
        out->minimum_at = out->maximum_at = start + i;
      }
      continue;
    }
#endif
    (void)nans;
    if (lo < smallest || start == 0) {
      smallest = lo;
      out->minimum_at = start + NAME(locate)(x + start, n, lo);
    }
    if (hi > largest || start == 0) {
      largest = hi;
      out->maximum_at = start + NAME(locate)(x + start, n, hi);
    }
  }
  ISA(finish_tiles)(stack, depth, out);
}

#include "moments_columns.h"

#undef VEC
#undef LOAD
#undef PER
#undef ISNAN
#undef T
#undef NAME
#undef BITS
#undef LOWEST
#undef HIGHEST
#undef INTEGER
#undef SIGNED
