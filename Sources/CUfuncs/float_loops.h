// Comparisons, choices and predicates of floating-point numbers. Included by float_type.h only.

BINARY(less, T, T, b1, x < y)
BINARY(less_equal, T, T, b1, x <= y)
BINARY(equal, T, T, b1, x == y)
BINARY(not_equal, T, T, b1, x != y)
BINARY(greater, T, T, b1, x > y)
BINARY(greater_equal, T, T, b1, x >= y)
BINARY(logical_and, T, T, b1, (x != 0) & (y != 0))
BINARY(logical_or, T, T, b1, (x != 0) | (y != 0))
BINARY(logical_xor, T, T, b1, (x != 0) ^ (y != 0))
UNARY(logical_not, T, b1, x == 0)
// A NaN wins, the first of two; equal numbers, which 0 and -0 are, give the first.
BINARY(maximum, T, T, T, x >= y || x != x ? x : y)
BINARY(minimum, T, T, T, x <= y || x != x ? x : y)
// A NaN loses.
BINARY(fmax, T, T, T, x >= y || y != y ? x : y)
BINARY(fmin, T, T, T, x <= y || y != y ? x : y)
UNARY(isnan, T, b1, x != x)
UNARY(isinf, T, b1, __builtin_elementwise_abs(x) == INFINITY)
UNARY(isfinite, T, b1, __builtin_elementwise_abs(x) < INFINITY)
UNARY(real, T, T, x)
UNARY(imag, T, T, 0)

#define AT_LEAST(x, y) (x >= y || x != x ? x : y)
#define AT_MOST(x, y) (x <= y || x != x ? x : y)
// Any NaN wins, and where bounds are crossed the upper one.
TERNARY(clip, T, T, T, T, AT_MOST(AT_LEAST(x, y), z))
#undef AT_LEAST
#undef AT_MOST
// 0 of positive numbers and pi of negative ones, to which -0 belongs.
UNARY(angle, T, T, x != x ? x : __builtin_elementwise_copysign((C)1, x) < 0 ? (C)M_PI : 0)
