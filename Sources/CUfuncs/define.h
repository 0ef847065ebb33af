// First reading of families.h: each line becomes a loop. `x`, `y` and `z` are the inputs' elements.

// Outputs may be inputs, element for element, which only the promise below lets the compiler use vectors for.
// The promise counts as a wish, which not every instruction set can fulfil.
#pragma clang diagnostic ignored "-Wpass-failed"
#define VECTORS _Pragma("clang loop vectorize(assume_safety)")

#define UNARY(name, A, R, expression) UNARY_(name, A, R, expression)
#define UNARY_(name, A, R, expression)                                                             \
  static int64_t name##_##A##_##R(int64_t n, const void *const *in, void *const *out) {            \
    const A *a = in[0];                                                                            \
    R *r = out[0];                                                                                 \
    VECTORS for (int64_t i = 0; i < n; i++) {                                                      \
      COMPUTE_##A x = LOAD_##A(a[i]);                                                              \
      (void)x;                                                                                     \
      r[i] = STORE_##R(expression);                                                                \
    }                                                                                              \
    return -1;                                                                                     \
  }

#define UNARY2(name, A, R, Q, first, second) UNARY2_(name, A, R, Q, first, second)
#define UNARY2_(name, A, R, Q, first, second)                                                      \
  static int64_t name##_##A##_##R(int64_t n, const void *const *in, void *const *out) {            \
    const A *a = in[0];                                                                            \
    R *r = out[0];                                                                                 \
    Q *q = out[1];                                                                                 \
    VECTORS for (int64_t i = 0; i < n; i++) {                                                      \
      COMPUTE_##A x = LOAD_##A(a[i]);                                                              \
      COMPUTE_##R one = first;                                                                     \
      COMPUTE_##Q two = second;                                                                    \
      r[i] = STORE_##R(one);                                                                       \
      q[i] = STORE_##Q(two);                                                                       \
    }                                                                                              \
    return -1;                                                                                     \
  }

#define BINARY(name, A, B, R, expression) BINARY_(name, A, B, R, expression)
#define BINARY_(name, A, B, R, expression)                                                         \
  static int64_t name##_##A##_##B##_##R(int64_t n, const void *const *in, void *const *out) {      \
    const A *a = in[0];                                                                            \
    const B *b = in[1];                                                                            \
    R *r = out[0];                                                                                 \
    VECTORS for (int64_t i = 0; i < n; i++) {                                                      \
      COMPUTE_##A x = LOAD_##A(a[i]);                                                              \
      COMPUTE_##B y = LOAD_##B(b[i]);                                                              \
      r[i] = STORE_##R(expression);                                                                \
    }                                                                                              \
    return -1;                                                                                     \
  }

#define TERNARY(name, A, B, D, R, expression) TERNARY_(name, A, B, D, R, expression)
#define TERNARY_(name, A, B, D, R, expression)                                                     \
  static int64_t name##_##A##_##B##_##R(int64_t n, const void *const *in, void *const *out) {      \
    const A *a = in[0];                                                                            \
    const B *b = in[1];                                                                            \
    const D *d = in[2];                                                                            \
    R *r = out[0];                                                                                 \
    VECTORS for (int64_t i = 0; i < n; i++) {                                                      \
      COMPUTE_##A x = LOAD_##A(a[i]);                                                              \
      COMPUTE_##B y = LOAD_##B(b[i]);                                                              \
      COMPUTE_##D z = LOAD_##D(d[i]);                                                              \
      r[i] = STORE_##R(expression);                                                                \
    }                                                                                              \
    return -1;                                                                                     \
  }

// For expressions that no vector instructions compute.
#define SCALAR_UNARY(name, A, R, expression) SCALAR_UNARY_(name, A, R, expression)
#define SCALAR_UNARY_(name, A, R, expression)                                                      \
  static int64_t name##_##A##_##R(int64_t n, const void *const *in, void *const *out) {            \
    const A *a = in[0];                                                                            \
    R *r = out[0];                                                                                 \
    for (int64_t i = 0; i < n; i++) {                                                              \
      COMPUTE_##A x = LOAD_##A(a[i]);                                                              \
      r[i] = STORE_##R(expression);                                                                \
    }                                                                                              \
    return -1;                                                                                     \
  }

#define SCALAR_TERNARY(name, A, B, D, R, expression) SCALAR_TERNARY_(name, A, B, D, R, expression)
#define SCALAR_TERNARY_(name, A, B, D, R, expression)                                              \
  static int64_t name##_##A##_##B##_##R(int64_t n, const void *const *in, void *const *out) {      \
    const A *a = in[0];                                                                            \
    const B *b = in[1];                                                                            \
    const D *d = in[2];                                                                            \
    R *r = out[0];                                                                                 \
    for (int64_t i = 0; i < n; i++) {                                                              \
      COMPUTE_##A x = LOAD_##A(a[i]);                                                              \
      COMPUTE_##B y = LOAD_##B(b[i]);                                                              \
      COMPUTE_##D z = LOAD_##D(d[i]);                                                              \
      r[i] = STORE_##R(expression);                                                                \
    }                                                                                              \
    return -1;                                                                                     \
  }

#define SCALAR_BINARY(name, A, B, R, expression) SCALAR_BINARY_(name, A, B, R, expression)
#define SCALAR_BINARY_(name, A, B, R, expression)                                                  \
  static int64_t name##_##A##_##B##_##R(int64_t n, const void *const *in, void *const *out) {      \
    const A *a = in[0];                                                                            \
    const B *b = in[1];                                                                            \
    R *r = out[0];                                                                                 \
    for (int64_t i = 0; i < n; i++) {                                                              \
      COMPUTE_##A x = LOAD_##A(a[i]);                                                              \
      COMPUTE_##B y = LOAD_##B(b[i]);                                                              \
      r[i] = STORE_##R(expression);                                                                \
    }                                                                                              \
    return -1;                                                                                     \
  }

// Loops that are written out; only their rows are made from these.
#define OWN_UNARY(name, A, R)
#define OWN_UNARY2(name, A, R, Q)
#define OWN_BINARY(name, A, B, R)
#define OWN_BINARY2(name, A, B, R, Q)
#define OWN_TERNARY(name, A, B, D, R)
#define DEFINING
