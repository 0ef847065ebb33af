// All loops of one floating-point type T, computed in C; NEXT is the integer type of its size, MAGNITUDE_BITS all its
// bits but the sign, SINGLE tells that C is float32, HALF that T is float16. Included by families.h only.
#include "float_arithmetic.h"
#include "float_division.h"
#include "float_loops.h"
#include "float_parts.h"

#undef T
#undef C
#undef NEXT
#undef MAGNITUDE_BITS
#undef SINGLE
#undef HALF
