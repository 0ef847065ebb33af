// Rows of the ufuncs whose results are exact or correctly rounded.

extension UfuncTable {
  /// Only the modulus of complex numbers is rounded: as `hypot`.
  private static let modulus = Ufunc.Accuracy(float16: 0, float32: 1, float64: 1)

  static let arithmetic: [Ufunc] = [
    row("add", takes: 2, "x + y; integers wrap, of bools: x or y"),
    row(
      "subtract", takes: 2, "x - y; integers wrap",
      insteadForBool: "bitwise_xor or logical_xor, or convert to an integer type with astype"),
    row("multiply", takes: 2, "x * y; integers wrap, of bools: x and y"),
    row("divide", alias: "true_divide", takes: 2, "x / y, for integers in float64"),
    row("floor_divide", takes: 2, "the largest whole number not above x / y; of integers by zero 0"),
    row("remainder", alias: "mod", takes: 2, "x - y * floor_divide(x, y): y's sign; of integers by zero 0"),
    row("divmod", takes: 2, makes: 2, "floor_divide(x, y) and remainder(x, y)"),
    row("fmod", takes: 2, "what x / y, cut to a whole number, leaves: x's sign; of integers by zero 0"),
    row(
      "negative", "-x; integers wrap",
      insteadForBool: "invert or logical_not, or convert to an integer type with astype"),
    row("positive", "+x, the same", insteadForBool: "the array itself, or convert to an integer type with astype"),
    row("absolute", alias: "abs", "|x|; integers wrap, of complex numbers the modulus", within: modulus),
    row("fabs", "|x| of real numbers, in a floating-point type"),
    row("conjugate", alias: "conj", "x with its imaginary part negated"),
    row("square", "x * x; integers wrap"),
    row("reciprocal", "1 / x; of integers cut to a whole number, of 0 then 0"),
    row(
      "sign", "-1, 0 or 1; NaN of NaN, of complex numbers x / |x|",
      insteadForBool: "the array itself, or convert to an integer type with astype"),
    row("heaviside", takes: 2, "0 below zero, 1 above, y at zero"),
  ]

  static let integers: [Ufunc] = [
    row("bitwise_and", takes: 2, "the bits that x and y have; of bools: x and y"),
    row("bitwise_or", takes: 2, "the bits that x or y has; of bools: x or y"),
    row("bitwise_xor", takes: 2, "the bits that differ; of bools: x differs from y"),
    row("invert", alias: "bitwise_not", "all bits turned; of bools: not x"),
    row("left_shift", takes: 2, "x * 2 ^ y, wrapping; 0 for counts beyond the width or below zero"),
    row(
      "right_shift", takes: 2, "x / 2 ^ y rounded down; counts beyond the width or below zero leave only the sign"),
    row(
      "gcd", takes: 2, "the greatest common divisor of |x| and |y|; of 0 and y: |y|",
      insteadForBool: "logical_or, or convert to an integer type with astype"),
    row(
      "lcm", takes: 2, "the least common multiple of |x| and |y|, wrapping; 0 where one is 0",
      insteadForBool: "logical_and, or convert to an integer type with astype"),
  ]

  static let comparisons: [Ufunc] = [
    row("less", takes: 2, "x < y; complex numbers by real part, then imaginary part", matching: .comparison),
    row("less_equal", takes: 2, "x <= y; complex numbers by real part, then imaginary part", matching: .comparison),
    row("equal", takes: 2, "x == y", matching: .comparison),
    row("not_equal", takes: 2, "x != y", matching: .comparison),
    row("greater", takes: 2, "x > y; complex numbers by real part, then imaginary part", matching: .comparison),
    row("greater_equal", takes: 2, "x >= y; complex numbers by real part, then imaginary part", matching: .comparison),
    row("logical_and", takes: 2, "neither x nor y is zero", matching: .logical),
    row("logical_or", takes: 2, "x or y is not zero", matching: .logical),
    row("logical_xor", takes: 2, "one of x and y is zero", matching: .logical),
    row("logical_not", "x is zero"),
    row("isnan", "x is not a number"),
    row("isinf", "x is infinite"),
    row("isfinite", "x is neither infinite nor NaN"),
    row("signbit", "x has a minus sign, also -0"),
  ]

  static let choices: [Ufunc] = [
    row("maximum", takes: 2, "the larger of x and y, NaN if one is; x where they are equal"),
    row("minimum", takes: 2, "the smaller of x and y, NaN if one is; x where they are equal"),
    row("fmax", takes: 2, "the larger of x and y, the other if one is NaN; x where they are equal"),
    row("fmin", takes: 2, "the smaller of x and y, the other if one is NaN; x where they are equal"),
    row("clip", takes: 3, "x, but at least y and then at most z; NaN if one is", matching: .clip),
    row("where", takes: 3, "y where x is true, z elsewhere", matching: .condition),
  ]

  static let roundings: [Ufunc] = [
    row("rint", "the nearest whole number, the even one of two"),
    row("floor", "the largest whole number not above x"),
    row("ceil", "the smallest whole number not below x"),
    row("trunc", "x without its fraction"),
  ]

  static let parts: [Ufunc] = [
    row("copysign", takes: 2, "|x| with y's sign"),
    row("nextafter", takes: 2, "the number next to x towards y"),
    row("spacing", "the distance from x to the next number away from zero, of float16 to the next larger one"),
    row("ldexp", takes: 2, "x * 2 ^ y for integers y", matching: .exponent),
    row("frexp", makes: 2, "a significand in 1/2 ..< 1 with x's sign, and the exponent of 2 that goes with it"),
    row("modf", makes: 2, "the fraction of x and x without it, both with x's sign"),
    row("real", "the real part"),
    row("imag", "the imaginary part, 0 for real numbers"),
    row("deg2rad", alias: "radians", "x * pi / 180"),
    row("rad2deg", alias: "degrees", "x * 180 / pi"),
  ]
}
