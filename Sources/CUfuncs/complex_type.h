// All loops of one complex type T with parts of type P; F(name) is the C library's function for parts of that type.
// Included by families.h only.
#include "complex_arithmetic.h"
#include "complex_loops.h"
#include "complex_functions.h"

#undef T
#undef P
#undef F
