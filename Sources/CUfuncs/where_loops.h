// Choosing between floating-point numbers by a condition; float16 by its bits.

#ifdef DEFINING
static int64_t where_b1_f2_f2(int64_t n, const void *const *in, void *const *out) { return where_b1_u2_u2(n, in, out); }
#endif
OWN_TERNARY(where, b1, f2, f2, f2)
TERNARY(where, b1, f4, f4, f4, x ? y : z)
TERNARY(where, b1, f8, f8, f8, x ? y : z)
