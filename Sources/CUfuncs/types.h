// Element types under their NumPy names, with the type that each is computed in.
#include "cufuncs.h"
#include <complex.h>
#include <math.h>
#include <stdint.h>
#include <string.h>
#if defined(__x86_64__)
#include <immintrin.h>
#endif

// Fusing a product with a sum would change bits between instruction sets.
#pragma STDC FP_CONTRACT OFF

typedef uint8_t b1;  // every byte but zero is true
typedef int8_t i1;
typedef int16_t i2;
typedef int32_t i4;
typedef int64_t i8;
typedef uint8_t u1;
typedef uint16_t u2;
typedef uint32_t u4;
typedef uint64_t u8;
typedef uint16_t f2;  // bits; see half.h
typedef float f4;
typedef double f8;
typedef struct {
  f4 re, im;
} c8;
typedef struct {
  f8 re, im;
} c16;

// The C library's complex numbers.
typedef float _Complex library_c8;
typedef double _Complex library_c16;

// The type in which an element is computed, and the way there and back.
#define COMPUTE_b1 int
#define COMPUTE_i1 i1
#define COMPUTE_i2 i2
#define COMPUTE_i4 i4
#define COMPUTE_i8 i8
#define COMPUTE_u1 u1
#define COMPUTE_u2 u2
#define COMPUTE_u4 u4
#define COMPUTE_u8 u8
#define COMPUTE_f2 f4
#define COMPUTE_f4 f4
#define COMPUTE_f8 f8
#define COMPUTE_c8 c8
#define COMPUTE_c16 c16

#define LOAD_b1(v) ((v) != 0)
#define LOAD_i1(v) (v)
#define LOAD_i2(v) (v)
#define LOAD_i4(v) (v)
#define LOAD_i8(v) (v)
#define LOAD_u1(v) (v)
#define LOAD_u2(v) (v)
#define LOAD_u4(v) (v)
#define LOAD_u8(v) (v)
#define LOAD_f2(v) widen(v)
#define LOAD_f4(v) (v)
#define LOAD_f8(v) (v)
#define LOAD_c8(v) (v)
#define LOAD_c16(v) (v)

#define STORE_b1(v) ((b1)(v))
#define STORE_i1(v) ((i1)(v))
#define STORE_i2(v) ((i2)(v))
#define STORE_i4(v) ((i4)(v))
#define STORE_i8(v) ((i8)(v))
#define STORE_u1(v) ((u1)(v))
#define STORE_u2(v) ((u2)(v))
#define STORE_u4(v) ((u4)(v))
#define STORE_u8(v) ((u8)(v))
#define STORE_f2(v) narrow(v)
#define STORE_f4(v) (v)
#define STORE_f8(v) (v)
#define STORE_c8(v) (v)
#define STORE_c16(v) (v)

// The arguments are macros themselves (T, ...), so each paste goes through a second name.
#define PASTE2_(a, b) a##b
#define PASTE2(a, b) PASTE2_(a, b)
#define COMPUTE(type) PASTE2(COMPUTE_, type)
