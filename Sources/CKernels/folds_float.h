// A block of one floating-point type, whose eight elements from a place on LOAD_EIGHT stores as doubles; included by
// folds_isa.h only.

static void NAME(fold_block)(const char *x, ptrdiff_t stride, int rows, int64_t first, int64_t step,
                             const struct ckernels_folds *wanted, struct ISA(block) *out) {
  if (wanted->present) {
    // Twice over the block, which is in the L1 cache: the sum with what it loses, then the distances from the mean.
    ISA(longs) present = 0;
    doubles sums = 0, rests = 0, distances = 0, squares = 0;
    for (int r = 0; r < rows; r++) {
      doubles v;
      LOAD_EIGHT(x + r * stride, &v);
      ISA(longs) is = v == v;
      present -= is;
      v = is ? v : 0;
      doubles total = sums + v, added = total - sums;
      rests += (sums - (total - added)) + (v - added);
      sums = total;
    }
    doubles n = __builtin_convertvector(present, doubles), means = sums / (present == 0 ? 1 : n);
    for (int r = 0; r < rows; r++) {
      doubles v;
      LOAD_EIGHT(x + r * stride, &v);
      doubles d = v == v ? v - means : 0;
      distances += d;
      squares += d * d;
    }
    for (int j = 0; j < 8; j++) {
      int finite = sums[j] - sums[j] == 0;
      double high = finite ? sums[j] + rests[j] : sums[j];
      out->present[j] = present[j];
      out->high[j] = high;
      out->low[j] = finite ? rests[j] - (high - sums[j]) : 0;
      out->spread[j] = !finite ? NAN : present[j] == 0 ? 0 : ISA(correct_spread)(n[j], squares[j], distances[j]);
    }
  }
  if (wanted->minimum || wanted->maximum) {
    doubles lowest = NAN, highest = NAN;
    ISA(longs) low_row = -1, high_row = -1;
    for (int64_t r = 0; r < rows; r++) {
      doubles v;
      LOAD_EIGHT(x + r * stride, &v);
      // The first number is better than none.
      ISA(longs) is = v == v, lower = (v < lowest) | (is & (lowest != lowest));
      ISA(longs) higher = (v > highest) | (is & (highest != highest));
      lowest = lower ? v : lowest;
      highest = higher ? v : highest;
      low_row = lower ? r : low_row;
      high_row = higher ? r : high_row;
    }
    for (int j = 0; j < 8; j++) {
      out->minimum[j] = lowest[j];
      out->maximum[j] = highest[j];
      out->minimum_at[j] = low_row[j] < 0 ? -1 : first + low_row[j] * step;
      out->maximum_at[j] = high_row[j] < 0 ? -1 : first + high_row[j] * step;
    }
  }
  if (wanted->fraction) {
    // Factors in [1, 2): the product of a block's rows is less than 2^TILE_ROWS.
    doubles product = 1;
    ISA(longs) exponent = 0;
    for (int r = 0; r < rows; r++) {
      doubles v;
      LOAD_EIGHT(x + r * stride, &v);
      ISA(normalise)(&v, &exponent);
      product *= v;
    }
    ISA(normalise)(&product, &exponent);
    for (int j = 0; j < 8; j++) {
      out->fraction[j] = product[j];
      out->exponent[j] = exponent[j];
    }
  }
}
#undef NAME
#undef LOAD_EIGHT
