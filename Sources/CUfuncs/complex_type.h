// All loops of one complex type T with parts of type P; F(name) is the C library's function for parts of that type;
// the lists number the parts of 64 bytes of elements. Included by families.h only.
#include "complex_arithmetic.h"
#include "complex_loops.h"
#include "complex_functions.h"

#undef T
#undef P
#undef F
#undef EVEN_PARTS
#undef ODD_PARTS
#undef TURNED_PARTS
#undef ALTERNATING_PARTS
