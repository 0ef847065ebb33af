// Conversions of all types to all others, as NumPy's astype does them: integers wrap, floats round to nearest, complex
// numbers lose their imaginary parts, everything but zero is true.
//
// What C leaves undefined, and NumPy to the processor, is fixed here as NumPy mostly has it on x86-64, and is the same
// for every instruction set. A float is cut to a whole number and then, where that has no place in the type:
//   int64    -2^63; so for infinities and NaN, here and below
//   uint64   negative numbers wrap; what fits no 64 bits is 2^63
//   int32    -2^31
//   uint32   wraps as from int64, so that what fits no 64 bits is 0
//   int16, uint16, int8, uint8: wrap as from int32, so that what fits no 32 bits is 0

#ifdef DEFINING
#define CUT_i4(x) ((x) >= -0x1p31f && (x) < 0x1p31f ? (i4)(x) : INT32_MIN)
#define CUT_i8(x) ((x) >= -0x1p63f && (x) < 0x1p63f ? (i8)(x) : INT64_MIN)
#define CUT_u8(x) ((x) >= 0x1p63f && (x) < 0x1p64f ? (u8)(x) : (u8)CUT_i8(x))
#define CUT_u4(x) ((u4)CUT_i8(x))
#define CUT_i2(x) ((i2)CUT_i4(x))
#define CUT_u2(x) ((u2)CUT_i4(x))
#define CUT_i1(x) ((i1)CUT_i4(x))
#define CUT_u1(x) ((u1)CUT_i4(x))
#endif

#define CAST(A, R, expression) UNARY(astype, A, R, expression)
#define TO_COMPLEX(A, re)  \
  CAST(A, c8, ((c8){(f4)(re), 0})) \
  CAST(A, c16, ((c16){(f8)(re), 0}))

#define FROM_INTEGER(A)                                                                            \
  CAST(A, b1, x != 0)                                                                              \
  CAST(A, i1, x) CAST(A, i2, x) CAST(A, i4, x) CAST(A, i8, x)                                      \
  CAST(A, u1, x) CAST(A, u2, x) CAST(A, u4, x) CAST(A, u8, x)                                      \
  CAST(A, f2, (f4)x) CAST(A, f4, (f4)x) CAST(A, f8, (f8)x)                                         \
  TO_COMPLEX(A, x)
#define CUT(A, R, part) CAST(A, R, CUT_##R(part))
#define FROM_FLOAT_TO_INTEGERS(A, part)                                                            \
  CUT(A, i1, part) CUT(A, i2, part) CUT(A, i4, part) CUT(A, i8, part)                              \
  CUT(A, u1, part) CUT(A, u2, part) CUT(A, u4, part) CUT(A, u8, part)

FROM_INTEGER(b1)
FROM_INTEGER(i1)
FROM_INTEGER(u1)
FROM_INTEGER(i2)
FROM_INTEGER(u2)
FROM_INTEGER(i4)
FROM_INTEGER(u4)
FROM_INTEGER(i8)
FROM_INTEGER(u8)

CAST(f2, b1, x != 0)
FROM_FLOAT_TO_INTEGERS(f2, x)
CAST(f2, f2, x)
CAST(f2, f4, x)
CAST(f2, f8, x)
TO_COMPLEX(f2, x)

CAST(f4, b1, x != 0)
FROM_FLOAT_TO_INTEGERS(f4, x)
CAST(f4, f2, x)
CAST(f4, f4, x)
CAST(f4, f8, x)
TO_COMPLEX(f4, x)

CAST(f8, b1, x != 0)
FROM_FLOAT_TO_INTEGERS(f8, x)
CAST(f8, f2, round_to_odd(x))
CAST(f8, f4, (f4)x)
CAST(f8, f8, x)
TO_COMPLEX(f8, x)

CAST(c8, b1, (x.re != 0) | (x.im != 0))
FROM_FLOAT_TO_INTEGERS(c8, x.re)
CAST(c8, f2, x.re)
CAST(c8, f4, x.re)
CAST(c8, f8, x.re)
CAST(c8, c8, x)
CAST(c8, c16, ((c16){x.re, x.im}))

CAST(c16, b1, (x.re != 0) | (x.im != 0))
FROM_FLOAT_TO_INTEGERS(c16, x.re)
CAST(c16, f2, round_to_odd(x.re))
CAST(c16, f4, (f4)x.re)
CAST(c16, f8, x.re)
CAST(c16, c8, ((c8){(f4)x.re, (f4)x.im}))
CAST(c16, c16, x)

#undef CAST
#undef TO_COMPLEX
#undef FROM_INTEGER
#undef CUT
#undef FROM_FLOAT_TO_INTEGERS
