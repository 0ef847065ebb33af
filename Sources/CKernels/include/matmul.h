// Products of small matrices of integers and of truth values, added to what is there.
#ifndef DASTORE_CKERNELS_MATMUL_H
#define DASTORE_CKERNELS_MATMUL_H
#include <stddef.h>
#include <stdint.h>

// One product: c (m by n) += a (m by k) times b (k by n). Rows are dense; from one row to the next it is `a_row`,
// `b_row` and `c_row` elements.
struct ckernels_matmul {
  const void *a, *b;
  void *c;
  size_t m, n, k;
  size_t a_row, b_row, c_row;
};

// Integers of 1, 2, 4 or 8 bytes, signed or not: sums and products wrap. Other sizes do nothing.
// `level`: see levels.h; every level gives the same bytes.
void ckernels_matmul_integers(struct ckernels_matmul product, size_t element_size, int level);

// Bytes of which any but zero is true: an element of c becomes 1 where some a and b are true together.
void ckernels_matmul_truths(struct ckernels_matmul product, int level);
#endif
