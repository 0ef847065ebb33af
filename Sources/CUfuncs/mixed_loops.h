// Comparisons of int64 with uint64, which no common type holds exactly.

#define LESS(s, u) ((s) < 0 || (u8)(s) < (u))
#define SAME(s, u) ((s) >= 0 && (u8)(s) == (u))
BINARY(less, i8, u8, b1, LESS(x, y))
BINARY(less_equal, i8, u8, b1, LESS(x, y) | SAME(x, y))
BINARY(equal, i8, u8, b1, SAME(x, y))
BINARY(not_equal, i8, u8, b1, !SAME(x, y))
BINARY(greater, i8, u8, b1, !(LESS(x, y) | SAME(x, y)))
BINARY(greater_equal, i8, u8, b1, !LESS(x, y))
BINARY(less, u8, i8, b1, !(LESS(y, x) | SAME(y, x)))
BINARY(less_equal, u8, i8, b1, !LESS(y, x))
BINARY(equal, u8, i8, b1, SAME(y, x))
BINARY(not_equal, u8, i8, b1, !SAME(y, x))
BINARY(greater, u8, i8, b1, LESS(y, x))
BINARY(greater_equal, u8, i8, b1, LESS(y, x) | SAME(y, x))
#undef LESS
#undef SAME
