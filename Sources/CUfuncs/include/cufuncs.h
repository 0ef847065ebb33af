// Element-wise loops of NumPy's universal functions, compiled per instruction set and chosen at run time. Pure
// functions over memory: no allocation, no state.
#ifndef DASTORE_CUFUNCS_H
#define DASTORE_CUFUNCS_H
#include <stdint.h>

// Element types, in the order of Swift's DType.allCases.
enum cufuncs_type {
  CUFUNCS_b1, CUFUNCS_i1, CUFUNCS_i2, CUFUNCS_i4, CUFUNCS_i8, CUFUNCS_u1, CUFUNCS_u2, CUFUNCS_u4, CUFUNCS_u8,
  CUFUNCS_f2, CUFUNCS_f4, CUFUNCS_f8, CUFUNCS_c8, CUFUNCS_c16
};

// One function for one choice of element types.
struct cufuncs_loop {
  const char *name;
  uint8_t input_count, output_count;
  uint8_t inputs[3], outputs[2];  // enum cufuncs_type
  // Computes `count` elements. Inputs and outputs are contiguous and aligned for their types; an output is apart from
  // every input or, where their elements have equal sizes, exactly one of them. Returns -1, or the position of the
  // first element that has no result.
  int64_t (*run)(int64_t count, const void *const *inputs, void *const *outputs);
};

// All loops of an instruction set, those of one function in NumPy's order of types. `level`: 0 baseline, 1 AVX2 with
// FMA and F16C, 2 AVX-512 F, BW, DQ and VL; at most what ckernels_best_level() says.
const struct cufuncs_loop *cufuncs_loops(int level, int64_t *count);

// An operand: `count` elements, or a single one that stands for them all.
struct cufuncs_input {
  const void *elements;
  int is_single;
};

// Runs a loop; unused operands are zero.
int64_t cufuncs_run(const struct cufuncs_loop *loop, int64_t count, struct cufuncs_input a, struct cufuncs_input b,
                    struct cufuncs_input c, void *first, void *second);
#endif
