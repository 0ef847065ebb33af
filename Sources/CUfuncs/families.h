// Every loop there is: one family of functions per header, included for each element type that has it, in NumPy's order
// of types. Read twice by level.h: for the loops (define.h) and for the table of them (rows.h).
#include "bool_loops.h"

#define T i1
#define U u1
#define WRAP u4
#define SIGNED
#define QUOTIENT f4
#define QUOTIENT_INTEGER i4
#include "integer_type.h"

#define T u1
#define U u1
#define WRAP u4
#define QUOTIENT f4
#define QUOTIENT_INTEGER i4
#include "integer_type.h"

#define T i2
#define U u2
#define WRAP u4
#define SIGNED
#define QUOTIENT f4
#define QUOTIENT_INTEGER i4
#include "integer_type.h"

#define T u2
#define U u2
#define WRAP u4
#define QUOTIENT f4
#define QUOTIENT_INTEGER i4
#include "integer_type.h"

#define T i4
#define U u4
#define WRAP u4
#define SIGNED
#define QUOTIENT f8
#define QUOTIENT_INTEGER i4
#include "integer_type.h"

#define T u4
#define U u4
#define WRAP u4
#define QUOTIENT f8
#define QUOTIENT_INTEGER u4
#include "integer_type.h"

#define T i8
#define U u8
#define WRAP u8
#define SIGNED
#define WIDE
#define QUOTIENT f8
#define QUOTIENT_INTEGER i8
#include "integer_type.h"

#define T u8
#define U u8
#define WRAP u8
#define WIDE
#define QUOTIENT f8
#define QUOTIENT_INTEGER i8
#include "integer_type.h"

#include "mixed_loops.h"

#define T f2
#define C f4
#define NEXT i2
#define MAGNITUDE_BITS 0x7fff
#define HALF
#define SINGLE
#include "float_type.h"

#define T f4
#define C f4
#define NEXT i4
#define MAGNITUDE_BITS 0x7fffffff
#define SINGLE
#include "float_type.h"

#define T f8
#define C f8
#define NEXT i8
#define MAGNITUDE_BITS 0x7fffffffffffffff
#include "float_type.h"

#include "elementary_loops.h"
#include "where_loops.h"

#define T c8
#define P f4
#define F(name) name##f
#define EVEN_PARTS 0, 0, 2, 2, 4, 4, 6, 6, 8, 8, 10, 10, 12, 12, 14, 14
#define ODD_PARTS 1, 1, 3, 3, 5, 5, 7, 7, 9, 9, 11, 11, 13, 13, 15, 15
#define TURNED_PARTS 1, 0, 3, 2, 5, 4, 7, 6, 9, 8, 11, 10, 13, 12, 15, 14
#define ALTERNATING_PARTS 0, 17, 2, 19, 4, 21, 6, 23, 8, 25, 10, 27, 12, 29, 14, 31
#include "complex_type.h"

#define T c16
#define P f8
#define F(name) name
#define EVEN_PARTS 0, 0, 2, 2, 4, 4, 6, 6
#define ODD_PARTS 1, 1, 3, 3, 5, 5, 7, 7
#define TURNED_PARTS 1, 0, 3, 2, 5, 4, 7, 6
#define ALTERNATING_PARTS 0, 9, 2, 11, 4, 13, 6, 15
#include "complex_type.h"

#include "composed_loops.h"
#include "casts.h"
