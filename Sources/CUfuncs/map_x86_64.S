// Calls of vector functions whose arguments fill AVX registers. The compiler passes such arguments in memory unless the
// whole build is for that instruction set, which leaves the calls themselves to these loops:
//
//   r[i] = function(a[i])         void cufuncs_map_<set>(int64_t vectors, const void *a, void *r, function)
//   r[i] = function(a[i], b[i])   void cufuncs_map2_<set>(int64_t vectors, const void *a, void *r, function, const void *b)
//
// `vectors` counts registers full of elements, at any address; r may be a or b.

#if defined(__x86_64__) && defined(__linux__)

.macro save register
  pushq \register
  .cfi_adjust_cfa_offset 8
  .cfi_rel_offset \register, 0
.endm

.macro restore register
  popq \register
  .cfi_adjust_cfa_offset -8
  .cfi_restore \register
.endm

.macro map name, width, first, second, inputs
  .globl \name
  .hidden \name
  .type \name, @function
  .p2align 4
\name:
  .cfi_startproc
  // Five registers and the return address: the stack stays a multiple of 16.
  save %rbx
  save %rbp
  save %r12
  save %r13
  save %r14
  movq %rdi, %rbx
  movq %rsi, %r12
  movq %rdx, %r13
  movq %rcx, %r14
  movq %r8, %rbp
  testq %rbx, %rbx
  jle 2f
1:
  vmovups (%r12), \first
  addq $\width, %r12
.if \inputs == 2
  vmovups (%rbp), \second
  addq $\width, %rbp
.endif
  callq *%r14
  vmovups \first, (%r13)
  addq $\width, %r13
  decq %rbx
  jnz 1b
2:
  vzeroupper
  restore %r14
  restore %r13
  restore %r12
  restore %rbp
  restore %rbx
  retq
  .cfi_endproc
  .size \name, . - \name
.endm

.text
map cufuncs_map_avx2, 32, %ymm0, %ymm1, 1
map cufuncs_map2_avx2, 32, %ymm0, %ymm1, 2
map cufuncs_map_avx512, 64, %zmm0, %zmm1, 1
map cufuncs_map2_avx512, 64, %zmm0, %zmm1, 2

#endif

#if defined(__linux__)
.section .note.GNU-stack, "", %progbits
#endif
