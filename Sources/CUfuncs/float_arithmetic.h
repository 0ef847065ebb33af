// Correctly rounded arithmetic of floating-point numbers. Included by float_type.h only.

BINARY(add, T, T, T, x + y)
BINARY(subtract, T, T, T, x - y)
BINARY(multiply, T, T, T, x * y)
BINARY(divide, T, T, T, x / y)
UNARY(negative, T, T, -x)
UNARY(positive, T, T, x)
UNARY(absolute, T, T, __builtin_elementwise_abs(x))
UNARY(fabs, T, T, __builtin_elementwise_abs(x))
UNARY(conjugate, T, T, x)
UNARY(square, T, T, x * x)
UNARY(reciprocal, T, T, 1 / x)
UNARY(sqrt, T, T, __builtin_elementwise_sqrt(x))
// NaN stays, and -0 becomes 0.
UNARY(sign, T, T, x != x ? x : (C)((x > 0) - (x < 0)))
UNARY(rint, T, T, __builtin_elementwise_roundeven(x))
UNARY(floor, T, T, __builtin_elementwise_floor(x))
UNARY(ceil, T, T, __builtin_elementwise_ceil(x))
UNARY(trunc, T, T, __builtin_elementwise_trunc(x))
#ifdef SINGLE
UNARY(deg2rad, T, T, x * ((f4)M_PI / 180))
UNARY(rad2deg, T, T, x * (180 / (f4)M_PI))
#else
UNARY(deg2rad, T, T, x * (M_PI / 180))
UNARY(rad2deg, T, T, x * (180 / M_PI))
#endif
BINARY(copysign, T, T, T, __builtin_elementwise_copysign(x, y))
BINARY(heaviside, T, T, T, x != x ? x : x == 0 ? y : (C)(x > 0))
