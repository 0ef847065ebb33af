// Products of matrices of integers and truth values: plain loops that compilers vectorise, once per instruction set.
#include "matmul.h"

#include "levels.h"

#define ISA(name) name##_plain
#include "matmul_loops.h"
#undef ISA

#if defined(__x86_64__)
#pragma clang attribute push(__attribute__((target("avx2"))), apply_to = function)
#define ISA(name) name##_avx2
#include "matmul_loops.h"
#undef ISA
#pragma clang attribute pop

#pragma clang attribute push(__attribute__((target("avx2,avx512f,avx512bw,avx512vl"))), apply_to = function)
#define ISA(name) name##_avx512
#include "matmul_loops.h"
#undef ISA
#pragma clang attribute pop
#endif

static void matmul(const struct ckernels_matmul *product, size_t element_size, int level) {
#if defined(__x86_64__)
  switch (ckernels_level(level)) {
    case CKERNELS_AVX512: matmul_avx512(product, element_size); return;
    case CKERNELS_AVX2: matmul_avx2(product, element_size); return;
    default: break;
  }
#else
  (void)level;
#endif
  matmul_plain(product, element_size);
}

void ckernels_matmul_integers(struct ckernels_matmul product, size_t element_size, int level) {
  if (element_size > 0) matmul(&product, element_size, level);
}

void ckernels_matmul_truths(struct ckernels_matmul product, int level) { matmul(&product, 0, level); }
