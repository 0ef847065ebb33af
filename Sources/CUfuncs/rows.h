// Second reading of families.h: each line becomes a row of the table.

#undef UNARY
#undef UNARY_
#undef UNARY2
#undef UNARY2_
#undef BINARY
#undef BINARY_
#undef SCALAR_UNARY
#undef SCALAR_UNARY_
#undef SCALAR_TERNARY
#undef SCALAR_TERNARY_
#undef SCALAR_BINARY
#undef SCALAR_BINARY_
#undef TERNARY
#undef TERNARY_
#undef OWN_UNARY
#undef OWN_UNARY2
#undef OWN_BINARY
#undef OWN_BINARY2
#undef OWN_TERNARY
#undef DEFINING

#define UNARY(name, A, R, expression) OWN_UNARY(name, A, R)
#define OWN_UNARY(name, A, R) UNARY_(name, A, R)
#define UNARY_(name, A, R) {#name, 1, 1, {CUFUNCS_##A}, {CUFUNCS_##R}, name##_##A##_##R},
#define UNARY2(name, A, R, Q, first, second) OWN_UNARY2(name, A, R, Q)
#define OWN_UNARY2(name, A, R, Q) UNARY2_(name, A, R, Q)
#define UNARY2_(name, A, R, Q) {#name, 1, 2, {CUFUNCS_##A}, {CUFUNCS_##R, CUFUNCS_##Q}, name##_##A##_##R},
#define BINARY(name, A, B, R, expression) OWN_BINARY(name, A, B, R)
#define SCALAR_UNARY(name, A, R, expression) OWN_UNARY(name, A, R)
#define SCALAR_TERNARY(name, A, B, D, R, expression) OWN_TERNARY(name, A, B, D, R)
#define SCALAR_BINARY(name, A, B, R, expression) OWN_BINARY(name, A, B, R)
#define OWN_BINARY(name, A, B, R) BINARY_(name, A, B, R)
#define BINARY_(name, A, B, R) {#name, 2, 1, {CUFUNCS_##A, CUFUNCS_##B}, {CUFUNCS_##R}, name##_##A##_##B##_##R},
#define OWN_BINARY2(name, A, B, R, Q) \
  {#name, 2, 2, {CUFUNCS_##A, CUFUNCS_##B}, {CUFUNCS_##R, CUFUNCS_##Q}, name##_##A##_##B##_##R},
#define TERNARY(name, A, B, D, R, expression) OWN_TERNARY(name, A, B, D, R)
#define OWN_TERNARY(name, A, B, D, R) TERNARY_(name, A, B, D, R)
#define TERNARY_(name, A, B, D, R) \
  {#name, 3, 1, {CUFUNCS_##A, CUFUNCS_##B, CUFUNCS_##D}, {CUFUNCS_##R}, name##_##A##_##B##_##R},
