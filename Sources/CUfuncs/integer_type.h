// All loops of one integer type T, whose unsigned counterpart is U; WRAP is an unsigned type of at least 32 bits in
// which its arithmetic wraps; QUOTIENT is the floating-point type that divides it. Included by families.h only.
#include "integer_arithmetic.h"
#include "integer_division.h"
#include "integer_loops.h"
#include "integer_power.h"

#undef T
#undef U
#undef WRAP
#undef SIGNED
#undef WIDE
#undef QUOTIENT
#undef QUOTIENT_INTEGER
#undef BITS
