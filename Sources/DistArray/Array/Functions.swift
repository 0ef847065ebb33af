// NumPy's functions of elements as Swift functions of arrays. What each computes: the table of ufuncs.

/// NumPy's `absolute`.
public func abs(_ x: DistArray) -> DistArray { x.applying("absolute") }
/// NumPy's `negative`.
public func negative(_ x: DistArray) -> DistArray { x.applying("negative") }
/// NumPy's `reciprocal`.
public func reciprocal(_ x: DistArray) -> DistArray { x.applying("reciprocal") }
/// NumPy's `sqrt`.
public func sqrt(_ x: DistArray) -> DistArray { x.applying("sqrt") }
/// NumPy's `cbrt`.
public func cbrt(_ x: DistArray) -> DistArray { x.applying("cbrt") }
/// NumPy's `square`.
public func square(_ x: DistArray) -> DistArray { x.applying("square") }
/// NumPy's `exp`.
public func exp(_ x: DistArray) -> DistArray { x.applying("exp") }
/// NumPy's `exp2`.
public func exp2(_ x: DistArray) -> DistArray { x.applying("exp2") }
/// NumPy's `expm1`.
public func expm1(_ x: DistArray) -> DistArray { x.applying("expm1") }
/// NumPy's `log`.
public func log(_ x: DistArray) -> DistArray { x.applying("log") }
/// NumPy's `log2`.
public func log2(_ x: DistArray) -> DistArray { x.applying("log2") }
/// NumPy's `log10`.
public func log10(_ x: DistArray) -> DistArray { x.applying("log10") }
/// NumPy's `log1p`.
public func log1p(_ x: DistArray) -> DistArray { x.applying("log1p") }
/// NumPy's `sin`.
public func sin(_ x: DistArray) -> DistArray { x.applying("sin") }
/// NumPy's `cos`.
public func cos(_ x: DistArray) -> DistArray { x.applying("cos") }
/// NumPy's `tan`.
public func tan(_ x: DistArray) -> DistArray { x.applying("tan") }
/// NumPy's `arcsin`.
public func arcsin(_ x: DistArray) -> DistArray { x.applying("arcsin") }
/// NumPy's `arccos`.
public func arccos(_ x: DistArray) -> DistArray { x.applying("arccos") }
/// NumPy's `arctan`.
public func arctan(_ x: DistArray) -> DistArray { x.applying("arctan") }
/// NumPy's `sinh`.
public func sinh(_ x: DistArray) -> DistArray { x.applying("sinh") }
/// NumPy's `cosh`.
public func cosh(_ x: DistArray) -> DistArray { x.applying("cosh") }
/// NumPy's `tanh`.
public func tanh(_ x: DistArray) -> DistArray { x.applying("tanh") }
/// NumPy's `arcsinh`.
public func arcsinh(_ x: DistArray) -> DistArray { x.applying("arcsinh") }
/// NumPy's `arccosh`.
public func arccosh(_ x: DistArray) -> DistArray { x.applying("arccosh") }
/// NumPy's `arctanh`.
public func arctanh(_ x: DistArray) -> DistArray { x.applying("arctanh") }
/// NumPy's `deg2rad`.
public func deg2rad(_ x: DistArray) -> DistArray { x.applying("deg2rad") }
/// NumPy's `rad2deg`.
public func rad2deg(_ x: DistArray) -> DistArray { x.applying("rad2deg") }
/// NumPy's `rint`.
public func rint(_ x: DistArray) -> DistArray { x.applying("rint") }
/// NumPy's `floor`.
public func floor(_ x: DistArray) -> DistArray { x.applying("floor") }
/// NumPy's `ceil`.
public func ceil(_ x: DistArray) -> DistArray { x.applying("ceil") }
/// NumPy's `trunc`.
public func trunc(_ x: DistArray) -> DistArray { x.applying("trunc") }
/// NumPy's `sign`.
public func sign(_ x: DistArray) -> DistArray { x.applying("sign") }
/// NumPy's `conjugate`.
public func conjugate(_ x: DistArray) -> DistArray { x.applying("conjugate") }
/// NumPy's `real`.
public func real(_ x: DistArray) -> DistArray { x.applying("real") }
/// NumPy's `imag`.
public func imag(_ x: DistArray) -> DistArray { x.applying("imag") }
/// NumPy's `angle`.
public func angle(_ x: DistArray) -> DistArray { x.applying("angle") }
/// NumPy's `isnan`.
public func isnan(_ x: DistArray) -> DistArray { x.applying("isnan") }
/// NumPy's `isinf`.
public func isinf(_ x: DistArray) -> DistArray { x.applying("isinf") }
/// NumPy's `isfinite`.
public func isfinite(_ x: DistArray) -> DistArray { x.applying("isfinite") }
/// NumPy's `signbit`.
public func signbit(_ x: DistArray) -> DistArray { x.applying("signbit") }
/// NumPy's `invert`.
public func invert(_ x: DistArray) -> DistArray { x.applying("invert") }

/// NumPy's `power`.
public func power(_ x: DistArray, _ y: some ArrayOperand) -> DistArray { x.applying("power", y) }
/// NumPy's `power`.
public func power(_ x: Int, _ y: DistArray) -> DistArray { y.applying("power", after: x) }
/// NumPy's `power`.
public func power(_ x: Double, _ y: DistArray) -> DistArray { y.applying("power", after: x) }
/// NumPy's `float_power`.
public func floatPower(_ x: DistArray, _ y: some ArrayOperand) -> DistArray { x.applying("float_power", y) }
/// NumPy's `float_power`.
public func floatPower(_ x: Int, _ y: DistArray) -> DistArray { y.applying("float_power", after: x) }
/// NumPy's `float_power`.
public func floatPower(_ x: Double, _ y: DistArray) -> DistArray { y.applying("float_power", after: x) }
/// NumPy's `hypot`.
public func hypot(_ x: DistArray, _ y: some ArrayOperand) -> DistArray { x.applying("hypot", y) }
/// NumPy's `hypot`.
public func hypot(_ x: Int, _ y: DistArray) -> DistArray { y.applying("hypot", after: x) }
/// NumPy's `hypot`.
public func hypot(_ x: Double, _ y: DistArray) -> DistArray { y.applying("hypot", after: x) }
/// NumPy's `arctan2`.
public func arctan2(_ x: DistArray, _ y: some ArrayOperand) -> DistArray { x.applying("arctan2", y) }
/// NumPy's `arctan2`.
public func arctan2(_ x: Int, _ y: DistArray) -> DistArray { y.applying("arctan2", after: x) }
/// NumPy's `arctan2`.
public func arctan2(_ x: Double, _ y: DistArray) -> DistArray { y.applying("arctan2", after: x) }
/// NumPy's `floor_divide`.
public func floorDivide(_ x: DistArray, _ y: some ArrayOperand) -> DistArray { x.applying("floor_divide", y) }
/// NumPy's `floor_divide`.
public func floorDivide(_ x: Int, _ y: DistArray) -> DistArray { y.applying("floor_divide", after: x) }
/// NumPy's `floor_divide`.
public func floorDivide(_ x: Double, _ y: DistArray) -> DistArray { y.applying("floor_divide", after: x) }
/// NumPy's `fmod`.
public func fmod(_ x: DistArray, _ y: some ArrayOperand) -> DistArray { x.applying("fmod", y) }
/// NumPy's `fmod`.
public func fmod(_ x: Int, _ y: DistArray) -> DistArray { y.applying("fmod", after: x) }
/// NumPy's `fmod`.
public func fmod(_ x: Double, _ y: DistArray) -> DistArray { y.applying("fmod", after: x) }
/// NumPy's `copysign`.
public func copysign(_ x: DistArray, _ y: some ArrayOperand) -> DistArray { x.applying("copysign", y) }
/// NumPy's `copysign`.
public func copysign(_ x: Int, _ y: DistArray) -> DistArray { y.applying("copysign", after: x) }
/// NumPy's `copysign`.
public func copysign(_ x: Double, _ y: DistArray) -> DistArray { y.applying("copysign", after: x) }
/// NumPy's `nextafter`.
public func nextafter(_ x: DistArray, _ y: some ArrayOperand) -> DistArray { x.applying("nextafter", y) }
/// NumPy's `nextafter`.
public func nextafter(_ x: Int, _ y: DistArray) -> DistArray { y.applying("nextafter", after: x) }
/// NumPy's `nextafter`.
public func nextafter(_ x: Double, _ y: DistArray) -> DistArray { y.applying("nextafter", after: x) }
/// NumPy's `logaddexp`.
public func logaddexp(_ x: DistArray, _ y: some ArrayOperand) -> DistArray { x.applying("logaddexp", y) }
/// NumPy's `logaddexp`.
public func logaddexp(_ x: Int, _ y: DistArray) -> DistArray { y.applying("logaddexp", after: x) }
/// NumPy's `logaddexp`.
public func logaddexp(_ x: Double, _ y: DistArray) -> DistArray { y.applying("logaddexp", after: x) }
/// NumPy's `logaddexp2`.
public func logaddexp2(_ x: DistArray, _ y: some ArrayOperand) -> DistArray { x.applying("logaddexp2", y) }
/// NumPy's `logaddexp2`.
public func logaddexp2(_ x: Int, _ y: DistArray) -> DistArray { y.applying("logaddexp2", after: x) }
/// NumPy's `logaddexp2`.
public func logaddexp2(_ x: Double, _ y: DistArray) -> DistArray { y.applying("logaddexp2", after: x) }
/// NumPy's `maximum`.
public func maximum(_ x: DistArray, _ y: some ArrayOperand) -> DistArray { x.applying("maximum", y) }
/// NumPy's `maximum`.
public func maximum(_ x: Int, _ y: DistArray) -> DistArray { y.applying("maximum", after: x) }
/// NumPy's `maximum`.
public func maximum(_ x: Double, _ y: DistArray) -> DistArray { y.applying("maximum", after: x) }
/// NumPy's `minimum`.
public func minimum(_ x: DistArray, _ y: some ArrayOperand) -> DistArray { x.applying("minimum", y) }
/// NumPy's `minimum`.
public func minimum(_ x: Int, _ y: DistArray) -> DistArray { y.applying("minimum", after: x) }
/// NumPy's `minimum`.
public func minimum(_ x: Double, _ y: DistArray) -> DistArray { y.applying("minimum", after: x) }
/// NumPy's `fmax`.
public func fmax(_ x: DistArray, _ y: some ArrayOperand) -> DistArray { x.applying("fmax", y) }
/// NumPy's `fmax`.
public func fmax(_ x: Int, _ y: DistArray) -> DistArray { y.applying("fmax", after: x) }
/// NumPy's `fmax`.
public func fmax(_ x: Double, _ y: DistArray) -> DistArray { y.applying("fmax", after: x) }
/// NumPy's `fmin`.
public func fmin(_ x: DistArray, _ y: some ArrayOperand) -> DistArray { x.applying("fmin", y) }
/// NumPy's `fmin`.
public func fmin(_ x: Int, _ y: DistArray) -> DistArray { y.applying("fmin", after: x) }
/// NumPy's `fmin`.
public func fmin(_ x: Double, _ y: DistArray) -> DistArray { y.applying("fmin", after: x) }
/// NumPy's `gcd`.
public func gcd(_ x: DistArray, _ y: some ArrayOperand) -> DistArray { x.applying("gcd", y) }
/// NumPy's `gcd`.
public func gcd(_ x: Int, _ y: DistArray) -> DistArray { y.applying("gcd", after: x) }
/// NumPy's `gcd`.
public func gcd(_ x: Double, _ y: DistArray) -> DistArray { y.applying("gcd", after: x) }
/// NumPy's `lcm`.
public func lcm(_ x: DistArray, _ y: some ArrayOperand) -> DistArray { x.applying("lcm", y) }
/// NumPy's `lcm`.
public func lcm(_ x: Int, _ y: DistArray) -> DistArray { y.applying("lcm", after: x) }
/// NumPy's `lcm`.
public func lcm(_ x: Double, _ y: DistArray) -> DistArray { y.applying("lcm", after: x) }
/// NumPy's `heaviside`.
public func heaviside(_ x: DistArray, _ y: some ArrayOperand) -> DistArray { x.applying("heaviside", y) }
/// NumPy's `heaviside`.
public func heaviside(_ x: Int, _ y: DistArray) -> DistArray { y.applying("heaviside", after: x) }
/// NumPy's `heaviside`.
public func heaviside(_ x: Double, _ y: DistArray) -> DistArray { y.applying("heaviside", after: x) }
/// NumPy's `ldexp`.
public func ldexp(_ x: DistArray, _ y: some ArrayOperand) -> DistArray { x.applying("ldexp", y) }
/// NumPy's `ldexp`.
public func ldexp(_ x: Int, _ y: DistArray) -> DistArray { y.applying("ldexp", after: x) }
/// NumPy's `ldexp`.
public func ldexp(_ x: Double, _ y: DistArray) -> DistArray { y.applying("ldexp", after: x) }
/// NumPy's `logical_and`.
public func logicalAnd(_ x: DistArray, _ y: some ArrayOperand) -> DistArray { x.applying("logical_and", y) }
/// NumPy's `logical_and`.
public func logicalAnd(_ x: Int, _ y: DistArray) -> DistArray { y.applying("logical_and", after: x) }
/// NumPy's `logical_and`.
public func logicalAnd(_ x: Double, _ y: DistArray) -> DistArray { y.applying("logical_and", after: x) }
/// NumPy's `logical_or`.
public func logicalOr(_ x: DistArray, _ y: some ArrayOperand) -> DistArray { x.applying("logical_or", y) }
/// NumPy's `logical_or`.
public func logicalOr(_ x: Int, _ y: DistArray) -> DistArray { y.applying("logical_or", after: x) }
/// NumPy's `logical_or`.
public func logicalOr(_ x: Double, _ y: DistArray) -> DistArray { y.applying("logical_or", after: x) }
/// NumPy's `logical_xor`.
public func logicalXor(_ x: DistArray, _ y: some ArrayOperand) -> DistArray { x.applying("logical_xor", y) }
/// NumPy's `logical_xor`.
public func logicalXor(_ x: Int, _ y: DistArray) -> DistArray { y.applying("logical_xor", after: x) }
/// NumPy's `logical_xor`.
public func logicalXor(_ x: Double, _ y: DistArray) -> DistArray { y.applying("logical_xor", after: x) }

/// `x` where the condition is true (not zero), `y` elsewhere. NumPy's `where`.
public func choose(_ condition: DistArray, _ x: some ArrayOperand, _ y: some ArrayOperand) -> DistArray {
  condition.applying("where", x, y)
}

/// `x`, but at least `lowest` and at most `highest`. NumPy's `clip`.
public func clip(_ x: DistArray, _ lowest: some ArrayOperand, _ highest: some ArrayOperand) -> DistArray {
  x.applying("clip", lowest, highest)
}

/// |x| of real numbers in a floating-point type. NumPy's `fabs`.
public func fabs(_ x: DistArray) -> DistArray { x.applying("fabs") }

/// The distance of each number to the next. NumPy's `spacing`.
public func spacing(_ x: DistArray) -> DistArray { x.applying("spacing") }

/// Quotients rounded down and the remainders that belong to them. NumPy's `divmod`.
public func divmod(_ x: DistArray, _ y: some ArrayOperand) -> (quotient: DistArray, remainder: DistArray) {
  let results = DistArray.apply("divmod", [x, y], in: x.context)
  return (results[0], results[1])
}

/// Fractions and whole parts. NumPy's `modf`.
public func modf(_ x: DistArray) -> (fraction: DistArray, whole: DistArray) {
  let results = DistArray.apply("modf", [x], in: x.context)
  return (results[0], results[1])
}

/// Mantissas in ±[0.5, 1) and exponents of two. NumPy's `frexp`.
public func frexp(_ x: DistArray) -> (mantissa: DistArray, exponent: DistArray) {
  let results = DistArray.apply("frexp", [x], in: x.context)
  return (results[0], results[1])
}
