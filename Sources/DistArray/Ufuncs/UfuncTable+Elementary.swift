// Rows of the elementary functions.
//
// Of real numbers they are SLEEF's deterministic vector functions, for the square root, moduli and some functions of
// float32 our own: an element's result depends on its value alone, not on its place or neighbours, and is the same on
// every processor with AVX2, but for the bits of NaN (older processors may differ within the bounds). float16 is
// computed in float32 and rounded once. Of complex numbers they are the C library's, element by element, with the
// branch cuts and special values of C99's Annex G.

extension UfuncTable {
  /// The distance in steps of SLEEF's bound of one unit, after rounding.
  private static let close = Ufunc.Accuracy(float16: 1, float32: 1, float64: 1)
  /// One step, too, but two where results are denormal.
  private static let closeButDenormal = Ufunc.Accuracy(float16: 1, float32: 2, float64: 2)
  /// In steps at the largest of result and operands: sums of opposite sign cancel.
  private static let sum = Ufunc.Accuracy(float16: 2, float32: 2, float64: 2)

  static let elementary: [Ufunc] = [
    row("sqrt", "the square root, correctly rounded for real numbers; NaN of negative ones"),
    row("cbrt", "the cube root", within: close),
    row("exp", "e ^ x", within: close),
    row("exp2", "2 ^ x", within: close),
    row("expm1", "e ^ x - 1, exact for small x", within: close),
    row("log", "the natural logarithm", within: close),
    row("log2", "the logarithm to base 2", within: close),
    row("log10", "the logarithm to base 10", within: close),
    row("log1p", "the natural logarithm of 1 + x, exact for small x", within: close),
    row("sin", "the sine of x radians", within: close),
    row("cos", "the cosine of x radians", within: close),
    row("tan", "the tangent of x radians", within: close),
    row("arcsin", alias: "asin", "the inverse sine, in -pi/2 ... pi/2", within: close),
    row("arccos", alias: "acos", "the inverse cosine, in 0 ... pi", within: close),
    row("arctan", alias: "atan", "the inverse tangent, in -pi/2 ... pi/2", within: close),
    row("arctan2", alias: "atan2", takes: 2, "the angle of the point (y, x), in -pi ... pi", within: closeButDenormal),
    row("angle", "the argument of a complex number, in radians", within: closeButDenormal),
    row("sinh", "the hyperbolic sine", within: close),
    row("cosh", "the hyperbolic cosine", within: close),
    row("tanh", "the hyperbolic tangent", within: close),
    row("arcsinh", alias: "asinh", "the inverse hyperbolic sine", within: close),
    row("arccosh", alias: "acosh", "the inverse hyperbolic cosine", within: close),
    row("arctanh", alias: "atanh", "the inverse hyperbolic tangent", within: close),
    row(
      "power", alias: "pow", takes: 2, "x ^ y; integers wrap, and negative integer exponents are refused", within: close
    ),
    row("float_power", takes: 2, "x ^ y in float64, or complex128", within: close),
    row("hypot", takes: 2, "the square root of x * x + y * y, without overflow on the way", within: close),
    row("logaddexp", takes: 2, "log(exp(x) + exp(y)) without overflow on the way", within: sum),
    row("logaddexp2", takes: 2, "log2(2 ^ x + 2 ^ y) without overflow on the way", within: sum),
  ]
}
