// Integer arithmetic that wraps around, and bits. Included by integer_type.h only.

#define BITS ((T)(8 * sizeof(T)))

BINARY(add, T, T, T, (WRAP)x + (WRAP)y)
BINARY(subtract, T, T, T, (WRAP)x - (WRAP)y)
BINARY(multiply, T, T, T, (WRAP)x * (WRAP)y)
UNARY(negative, T, T, 0 - (WRAP)x)
UNARY(positive, T, T, x)
UNARY(square, T, T, (WRAP)x * (WRAP)x)
UNARY(conjugate, T, T, x)
#ifdef SIGNED
UNARY(absolute, T, T, x < 0 ? 0 - (WRAP)x : (WRAP)x)
UNARY(sign, T, T, (x > 0) - (x < 0))
#else
UNARY(absolute, T, T, x)
UNARY(sign, T, T, x > 0)
#endif

BINARY(bitwise_and, T, T, T, x & y)
BINARY(bitwise_or, T, T, T, x | y)
BINARY(bitwise_xor, T, T, T, x ^ y)
UNARY(invert, T, T, ~x)
// A negative count is a huge one; huge counts leave zeros, or the sign's bits.
BINARY(left_shift, T, T, T, (U)y < BITS ? (WRAP)x << ((U)y & (BITS - 1)) : 0)
#ifdef SIGNED
BINARY(right_shift, T, T, T, x >> ((U)y < BITS ? y : BITS - 1))
#else
BINARY(right_shift, T, T, T, y < BITS ? x >> (y & (BITS - 1)) : 0)
#endif
