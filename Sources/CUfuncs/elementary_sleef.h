// SLEEF's vector functions with bounds of one unit in the last place, for this instruction set, and their application
// to arrays.
//
// Only its deterministic variants are used: the others choose an algorithm by all lanes of a vector, so that an
// element's result would depend on its neighbours. Those with FMA ("finz") give the same bits in AVX2 and AVX-512,
// those without ("cinz"), for older processors, may differ from them within the bound.

// Called through map_x86_64.S or after a cast to their true type.
typedef void vector_function(void);

#if defined(HAS_AVX512)
enum { LANES_f4 = 16, LANES_f8 = 8 };
#define SLEEF_f4(function, bound) Sleef_finz_##function##f16_##bound##avx512f
#define SLEEF_f8(function, bound) Sleef_finz_##function##d8_##bound##avx512f
#define MAP cufuncs_map_avx512
#define MAP2 cufuncs_map2_avx512
#elif defined(HAS_FMA)
enum { LANES_f4 = 8, LANES_f8 = 4 };
#define SLEEF_f4(function, bound) Sleef_finz_##function##f8_##bound##avx2
#define SLEEF_f8(function, bound) Sleef_finz_##function##d4_##bound##avx2
#define MAP cufuncs_map_avx2
#define MAP2 cufuncs_map2_avx2
#elif defined(__x86_64__)
enum { LANES_f4 = 4, LANES_f8 = 2 };
#define SLEEF_f4(function, bound) Sleef_cinz_##function##f4_##bound##sse2
#define SLEEF_f8(function, bound) Sleef_cinz_##function##d2_##bound##sse2
#else
enum { LANES_f4 = 4, LANES_f8 = 2 };
#define SLEEF_f4(function, bound) Sleef_finz_##function##f4_##bound##advsimd
#define SLEEF_f8(function, bound) Sleef_finz_##function##d2_##bound##advsimd
#endif

#ifdef MAP
void MAP(int64_t vectors, const void *a, void *r, vector_function *function);
void MAP2(int64_t vectors, const void *a, void *r, vector_function *function, const void *b);
#define map_vectors_f4 MAP
#define map_vectors_f8 MAP
#define map_vectors2_f4 MAP2
#define map_vectors2_f8 MAP2
#else
#define MAP_VECTORS(P)                                                                                          \
  typedef P vector_##P __attribute__((ext_vector_type(LANES_##P)));                                             \
  static void map_vectors_##P(int64_t vectors, const void *a, void *r, vector_function *function) {             \
    for (int64_t i = 0; i < vectors; i++) {                                                                     \
      vector_##P x;                                                                                             \
      memcpy(&x, (const vector_##P *)a + i, sizeof x);                                                          \
      x = ((vector_##P(*)(vector_##P))function)(x);                                                             \
      memcpy((vector_##P *)r + i, &x, sizeof x);                                                                \
    }                                                                                                           \
  }                                                                                                             \
  static void map_vectors2_##P(int64_t vectors, const void *a, void *r, vector_function *function, const void *b) { \
    for (int64_t i = 0; i < vectors; i++) {                                                                     \
      vector_##P x, y;                                                                                          \
      memcpy(&x, (const vector_##P *)a + i, sizeof x);                                                          \
      memcpy(&y, (const vector_##P *)b + i, sizeof y);                                                          \
      x = ((vector_##P(*)(vector_##P, vector_##P))function)(x, y);                                              \
      memcpy((vector_##P *)r + i, &x, sizeof x);                                                                \
    }                                                                                                           \
  }
MAP_VECTORS(f4)
MAP_VECTORS(f8)
#undef MAP_VECTORS
#endif

// Applies a vector function to `n` elements; the lanes beyond the last compute with ones.
#define MAPS(P)                                                                                                       \
  static void map_##P(int64_t n, const P *a, P *r, vector_function *function) {                                       \
    int64_t whole = n / LANES_##P * LANES_##P, rest = n - whole;                                                      \
    P x[LANES_##P];                                                                                                   \
    for (int64_t i = 0; i < LANES_##P; i++) x[i] = i < rest ? a[whole + i] : 1;                                       \
    map_vectors_##P(whole / LANES_##P, a, r, function);                                                               \
    if (rest == 0) return;                                                                                            \
    map_vectors_##P(1, x, x, function);                                                                               \
    memcpy(r + whole, x, (size_t)rest * sizeof *x);                                                                   \
  }                                                                                                                   \
  static void map2_##P(int64_t n, const P *a, const P *b, P *r, vector_function *function) {                          \
    int64_t whole = n / LANES_##P * LANES_##P, rest = n - whole;                                                      \
    P x[LANES_##P], y[LANES_##P];                                                                                     \
    for (int64_t i = 0; i < LANES_##P; i++) x[i] = i < rest ? a[whole + i] : 1, y[i] = i < rest ? b[whole + i] : 1;   \
    map_vectors2_##P(whole / LANES_##P, a, r, function, b);                                                           \
    if (rest == 0) return;                                                                                            \
    map_vectors2_##P(1, x, x, function, y);                                                                           \
    memcpy(r + whole, x, (size_t)rest * sizeof *x);                                                                   \
  }
MAPS(f4)
MAPS(f8)
#undef MAPS
